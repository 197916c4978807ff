/* play_kernel_options.c - what a scenario sets, in the kernel's words. */
#define _GNU_SOURCE
#include "apps/tern/play_kernel_options.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { KERNEL_HEADERS_IPV4 = 40, KERNEL_HEADERS_IPV6 = 60 };

typedef enum kernel_form { KERNEL_AS_IT_IS, KERNEL_SECONDS, KERNEL_NOT } kernel_form;

/* A socket option; of a configuration's key, or of tern's option. */
typedef struct kernel_word {
    const char *key;
    tern_option option;
    int level, name;
    kernel_form form;
} kernel_word;

static const kernel_word kernel_words[] = {
    {NULL, TERN_OPTION_NODELAY, IPPROTO_TCP, TCP_NODELAY, KERNEL_AS_IT_IS},
    {"send_buffer_bytes", TERN_OPTION_SEND_BUFFER, SOL_SOCKET, SO_SNDBUF, KERNEL_AS_IT_IS},
    {"recv_buffer_bytes", TERN_OPTION_RECV_BUFFER, SOL_SOCKET, SO_RCVBUF, KERNEL_AS_IT_IS},
    {NULL, TERN_OPTION_USER_TIMEOUT_MS, IPPROTO_TCP, TCP_USER_TIMEOUT, KERNEL_AS_IT_IS},
    {NULL, TERN_OPTION_DELAYED_ACK, IPPROTO_TCP, TCP_QUICKACK, KERNEL_NOT},
    {"keepalive", TERN_OPTION_KEEPALIVE, SOL_SOCKET, SO_KEEPALIVE, KERNEL_AS_IT_IS},
    {"keep_idle_ms", TERN_OPTION_KEEP_IDLE_MS, IPPROTO_TCP, TCP_KEEPIDLE, KERNEL_SECONDS},
    {"keep_interval_ms", TERN_OPTION_KEEP_INTERVAL_MS, IPPROTO_TCP, TCP_KEEPINTVL, KERNEL_SECONDS},
    {"keep_count", TERN_OPTION_KEEP_COUNT, IPPROTO_TCP, TCP_KEEPCNT, KERNEL_AS_IT_IS},
};

enum { KERNEL_WORDS = sizeof kernel_words / sizeof kernel_words[0] };

static bool kernel_say(int fd, const kernel_word *word, uint32_t value)
{
    int number = (int)value;

    if (word->form == KERNEL_SECONDS)
        number = (int)((value + 999) / 1000);
    if (word->form == KERNEL_NOT)
        number = value == 0;
    return setsockopt(fd, word->level, word->name, &number, sizeof number) == 0;
}

bool kernel_option_set(int fd, const setting_option *option)
{
    for (size_t i = 0; i < KERNEL_WORDS; i++)
        if (kernel_words[i].option == setting_option_number(option))
            return kernel_say(fd, &kernel_words[i], option->value);
    errno = ENOTSUP;
    return false;
}

/* "yes" and "no" as well as numbers. */
static uint32_t kernel_value(const setting_value *setting)
{
    if (strcmp(setting->value, "yes") == 0)
        return 1;
    return (uint32_t)strtoul(setting->value, NULL, 10);
}

static void kernel_setting(int fd, const setting_value *setting, bool ipv6)
{
    static const kernel_word mss = {NULL, 0, IPPROTO_TCP, TCP_MAXSEG, KERNEL_AS_IT_IS};
    uint32_t value = kernel_value(setting);
    uint32_t headers = ipv6 ? KERNEL_HEADERS_IPV6 : KERNEL_HEADERS_IPV4;

    if (strcmp(setting->key, "mtu") == 0 && value > headers)
        (void)kernel_say(fd, &mss, value - headers);
    for (size_t i = 0; i < KERNEL_WORDS; i++)
        if (kernel_words[i].key != NULL && strcmp(kernel_words[i].key, setting->key) == 0)
            (void)kernel_say(fd, &kernel_words[i], value);
}

void kernel_settings_socket(int fd, const scenario *s, scenario_side side, bool ipv6)
{
    for (uint32_t i = 0; i < s->set_count; i++)
        if (s->sets[i].side == side)
            kernel_setting(fd, &s->sets[i].value, ipv6);
}

static void kernel_switch(const char *path, const char *value)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    if (write(fd, value, strlen(value)) < 0)
        errno = 0; /* the picture shows what the kernel offers */
    (void)close(fd);
}

void kernel_settings_key(const uint8_t key[TERN_KEY_BYTES])
{
    char text[4 * (8 + 1)];
    uint32_t words[4];

    memcpy(words, key, sizeof words);
    (void)snprintf(text, sizeof text, "%08" PRIx32 "-%08" PRIx32 "-%08" PRIx32 "-%08" PRIx32,
                   words[0], words[1], words[2], words[3]);
    kernel_switch("/proc/sys/net/ipv4/tcp_fastopen_key", text);
}

void kernel_settings_network(const scenario *s, scenario_side side)
{
    static const struct {
        const char *key, *path;
    } switches[] = {
        {"timestamps", "/proc/sys/net/ipv4/tcp_timestamps"},
        {"sack", "/proc/sys/net/ipv4/tcp_sack"},
        {"window_scale", "/proc/sys/net/ipv4/tcp_window_scaling"},
    };

    kernel_switch("/proc/sys/net/ipv4/tcp_fastopen", "3");    /* as a client, and as a server */
    kernel_switch("/proc/sys/net/ipv4/tcp_mtu_probing", "1"); /* when ICMP does not come */
    for (uint32_t i = 0; i < s->set_count; i++)
        for (size_t j = 0; j < sizeof switches / sizeof switches[0]; j++)
            if (s->sets[i].side == side && strcmp(s->sets[i].value.key, switches[j].key) == 0)
                kernel_switch(switches[j].path, kernel_value(&s->sets[i].value) != 0 ? "1" : "0");
}
