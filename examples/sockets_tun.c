/* sockets_tun.c - a server and a client with blocking sockets, over tern and a TUN device.
 *
 *     sockets_tun serve DEVICE ADDRESS PORT BYTES COUNT    answers COUNT requests, each with BYTES
 *     sockets_tun get DEVICE ADDRESS HOST PORT PATH        writes what comes to the standard output
 *
 * The device is there and configured (ip tuntap add mode tun); ADDRESS is the stack's own. All that
 * the socket layer wants of a program is below the line: the time, and to let time pass. */
#define _GNU_SOURCE
#include "tern/sockets.h"
#include "tern/tern.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum { MTU_BYTES = 1500, BUFFER_BYTES = 65536 };

typedef struct host {
    tern_stack *stack;
    tern_sockets *table;
    int device;
    bool failed;
} host;

/* ---- What blocks, and does not know over what ---------------------------------------------- */

static int write_all(host *h, int fd, const char *octets, size_t bytes)
{
    while (bytes > 0) {
        ssize_t n = tern_sockets_write(h->table, fd, octets, bytes);
        if (n < 0)
            return (int)n;
        octets += n;
        bytes -= (size_t)n;
    }
    return 0;
}

/* One request, of which the first line is enough. */
static int answer(host *h, int fd, size_t bytes)
{
    char text[BUFFER_BYTES];
    ssize_t n = tern_sockets_read(h->table, fd, text, sizeof text);
    int head = snprintf(text, sizeof text, "HTTP/1.0 200 OK\r\nContent-Length: %zu\r\n\r\n", bytes);
    int error = n > 0 ? write_all(h, fd, text, (size_t)head) : (int)n;

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('a' + i % 26);
    while (error == 0 && bytes > 0) {
        size_t part = bytes < sizeof text ? bytes : sizeof text;
        error = write_all(h, fd, text, part);
        bytes -= part;
    }
    return error;
}

static int serve(host *h, const struct sockaddr_in *own, size_t bytes, long count)
{
    int listener = tern_sockets_socket(h->table, AF_INET, SOCK_STREAM, 0);
    int error = tern_sockets_bind(h->table, listener, (const struct sockaddr *)own, sizeof *own);

    if (error == 0)
        error = tern_sockets_listen(h->table, listener, 16);
    if (error == 0)
        (void)fprintf(stderr, "serving\n");
    for (long i = 0; i < count && error == 0; i++) {
        int fd = tern_sockets_accept(h->table, listener, NULL, NULL);
        if (fd < 0)
            return fd;
        error = answer(h, fd, bytes);
        (void)tern_sockets_shutdown(h->table, fd, SHUT_WR);
        char rest[64];
        while (error == 0 && tern_sockets_read(h->table, fd, rest, sizeof rest) > 0)
            ;
        (void)tern_sockets_close(h->table, fd);
    }
    return error;
}

static int get(host *h, const struct sockaddr_in *server, const char *path)
{
    char text[BUFFER_BYTES];
    int fd = tern_sockets_socket(h->table, AF_INET, SOCK_STREAM, 0);
    int error = tern_sockets_connect(h->table, fd, (const struct sockaddr *)server, sizeof *server);
    ssize_t n;

    if (error != 0)
        return error;
    (void)snprintf(text, sizeof text, "GET %s HTTP/1.0\r\n\r\n", path);
    error = write_all(h, fd, text, strlen(text));
    while (error == 0 && (n = tern_sockets_read(h->table, fd, text, sizeof text)) != 0) {
        if (n < 0 || fwrite(text, 1, (size_t)n, stdout) != (size_t)n)
            error = n < 0 ? (int)n : -EIO;
    }
    (void)tern_sockets_close(h->table, fd);
    return error;
}

/* ---- What makes it real: a clock, a device, and the loop between them and the stack ---------- */

static tern_time host_now(void *context)
{
    struct timespec now;

    (void)context;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (tern_time)now.tv_sec * 1000000 + (tern_time)now.tv_nsec / 1000;
}

/* Events to the sockets, packets to the device. true: something was told. */
static bool host_settle(host *h)
{
    char packet[MTU_BYTES];
    bool told = false;
    tern_event event;
    size_t bytes;

    do {
        while (tern_next_event(h->stack, &event)) {
            tern_sockets_event(h->table, &event);
            told = true;
        }
        bytes = tern_output(h->stack, host_now(h), packet, sizeof packet);
        if (bytes > 0 && write(h->device, packet, bytes) < 0 && errno != EAGAIN && errno != EIO)
            h->failed = true;
    } while (bytes > 0);
    return told;
}

/* tern_sockets_host.wait: until something was told, or until_us. */
static bool host_wait(void *context, tern_time until_us)
{
    host *h = context;
    char packet[MTU_BYTES];

    while (!host_settle(h) && !h->failed) {
        tern_time now_us = host_now(h), deadline_us = tern_deadline(h->stack);
        if (now_us >= until_us)
            break;
        deadline_us = deadline_us < until_us ? deadline_us : until_us;
        tern_time left_us = deadline_us > now_us ? deadline_us - now_us : 0;
        struct timespec left = {(time_t)(left_us / 1000000), (long)(left_us % 1000000) * 1000};
        struct pollfd device = {.fd = h->device, .events = POLLIN};
        if (ppoll(&device, 1, deadline_us == TERN_NEVER ? NULL : &left, NULL) < 0)
            return false; /* a signal: EINTR */
        ssize_t n = read(h->device, packet, sizeof packet);
        if (n > 0)
            (void)tern_input(h->stack, host_now(h), packet, (size_t)n);
    }
    return !h->failed;
}

static bool host_device(host *h, const char *name)
{
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};

    (void)snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    h->device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    return h->device >= 0 && ioctl(h->device, TUNSETIFF, &request) == 0;
}

static bool host_stack(host *h, tern_config *config, const char *address)
{
    tern_config_init(config);
    config->mtu_bytes = MTU_BYTES;
    if (!tern_address_parse(address, &config->addresses[config->address_count++]) ||
        getrandom(config->key, sizeof config->key, 0) != sizeof config->key)
        return false;
    size_t bytes = tern_size(config, NULL);
    void *arena = malloc(bytes);
    h->stack = arena != NULL ? tern_init(arena, bytes, config) : NULL;
    h->table = h->stack == NULL
                   ? NULL
                   : tern_sockets_new(&(tern_sockets_config){.stack = h->stack,
                                                             .stack_config = config,
                                                             .host = {h, host_now, host_wait},
                                                             .first_descriptor = 3,
                                                             .descriptors_max = 64});
    return h->table != NULL;
}

/* What is under way, the last FIN and its ACK, may take a moment. */
static void host_end(host *h)
{
    tern_time end_us = host_now(h) + 500000;

    while (!h->failed && host_now(h) < end_us && host_wait(h, end_us))
        ;
    tern_sockets_free(h->table);
    free(h->stack);
    (void)close(h->device);
}

int main(int argc, char **argv)
{
    host h = {.device = -1};
    tern_config config;
    bool server = argc == 7 && strcmp(argv[1], "serve") == 0;
    struct sockaddr_in to = {.sin_family = AF_INET};

    if (argc != 7 || (!server && strcmp(argv[1], "get") != 0) ||
        inet_pton(AF_INET, argv[server ? 3 : 4], &to.sin_addr) != 1) {
        (void)fprintf(stderr, "usage: sockets_tun serve DEVICE ADDRESS PORT BYTES COUNT\n"
                              "       sockets_tun get DEVICE ADDRESS HOST PORT PATH\n");
        return 2;
    }
    to.sin_port = htons((uint16_t)strtoul(argv[server ? 4 : 5], NULL, 10));
    if (!host_device(&h, argv[2]) || !host_stack(&h, &config, argv[3])) {
        perror(argv[2]);
        return 1;
    }
    int error = server ? serve(&h, &to, strtoul(argv[5], NULL, 10), strtol(argv[6], NULL, 10))
                       : get(&h, &to, argv[6]);
    host_end(&h);
    if (error != 0)
        (void)fprintf(stderr, "sockets_tun: %s\n", strerror(-error));
    return error == 0 ? 0 : 1;
}
