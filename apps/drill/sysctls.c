/* sysctls.c - see sysctls.h.
 *
 * Each is looked up in a table; what is not there makes the verdict "unsupported". One whose
 * machinery tern has not is accepted with the value that means "as tern does it" and no other. */
#define _GNU_SOURCE
#include "apps/drill/sysctls.h"
#include "apps/tern/i18n.h"

#include "tern/profile.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

typedef enum sysctl_kind {
    SYSCTL_KEY,           /* a key of the profiles */
    SYSCTL_SECONDS,       /* likewise, given in seconds */
    SYSCTL_THREE,         /* least, default, most: the default is the key's */
    SYSCTL_FAST_OPEN,     /* bits of Linux's tcp_fastopen */
    SYSCTL_FAST_OPEN_KEY, /* a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4, or two of these with a comma */
    SYSCTL_FORGET,        /* to write it makes the stack forget servers */
    SYSCTL_NOTHING,       /* means nothing to tern, whatever it is */
    SYSCTL_ONLY,          /* `key` is the only value that tern has */
} sysctl_kind;

typedef struct sysctl_entry {
    const char *name; /* behind net.ipv4. or net.inet.tcp. */
    sysctl_kind kind;
    const char *key;
} sysctl_entry;

static const sysctl_entry sysctls[] = {
    {"tcp_timestamps", SYSCTL_KEY, "timestamps"},
    {"tcp_sack", SYSCTL_KEY, "sack"},
    {"tcp_window_scaling", SYSCTL_KEY, "window_scale"},
    {"tcp_rmem", SYSCTL_THREE, "recv_buffer_bytes"},
    {"tcp_wmem", SYSCTL_THREE, "send_buffer_bytes"},
    {"tcp_syn_retries", SYSCTL_KEY, "syn_schedule.retries_max"},
    {"tcp_synack_retries", SYSCTL_KEY, "syn_ack_schedule.retries_max"},
    {"tcp_retries2", SYSCTL_KEY, "data_schedule.retries_max"},
    {"tcp_orphan_retries", SYSCTL_KEY, "orphan_schedule.retries_max"},
    {"tcp_keepalive_time", SYSCTL_SECONDS, "keep_idle_ms"},
    {"tcp_keepalive_intvl", SYSCTL_SECONDS, "keep_interval_ms"},
    {"tcp_keepalive_probes", SYSCTL_KEY, "keep_count"},
    {"tcp_fin_timeout", SYSCTL_SECONDS, "fin_wait_2_ms"},
    {"tcp_rfc1337", SYSCTL_KEY, "time_wait_ignores_rst"},
    {"tcp_fastopen", SYSCTL_FAST_OPEN, NULL},
    {"tcp_fastopen_key", SYSCTL_FAST_OPEN_KEY, NULL},
    {"tcp_fastopen_cookies", SYSCTL_FORGET, NULL},
    {"tcp_fastopen_blackhole_timeout_sec", SYSCTL_NOTHING, NULL},
    {"tcp_dsack", SYSCTL_NOTHING, NULL},
    {"tcp_fack", SYSCTL_ONLY, "0"},
    {"tcp_frto", SYSCTL_NOTHING, NULL},
    {"tcp_reordering", SYSCTL_ONLY, "3"},
    {"tcp_recovery", SYSCTL_NOTHING, NULL},
    {"tcp_early_retrans", SYSCTL_NOTHING, NULL},
    {"tcp_congestion_control", SYSCTL_NOTHING, NULL},
    {"tcp_slow_start_after_idle", SYSCTL_KEY, "slow_start_after_idle"},
    {"tcp_ecn", SYSCTL_ONLY, "0"},
    {"tcp_syncookies", SYSCTL_NOTHING, NULL},
    {"tcp_min_tso_segs", SYSCTL_NOTHING, NULL},
    {"tcp_tso_win_divisor", SYSCTL_NOTHING, NULL},
    {"tcp_pacing_ss_ratio", SYSCTL_NOTHING, NULL},
    {"tcp_pacing_ca_ratio", SYSCTL_NOTHING, NULL},
    {"tcp_notsent_lowat", SYSCTL_ONLY, "4294967295"},
    {"rexmit_initial", SYSCTL_KEY, "syn_schedule.first_ms"},
    {"recvspace", SYSCTL_KEY, "recv_buffer_bytes"},
    {"sendspace", SYSCTL_KEY, "send_buffer_bytes"},
    {"rfc1323", SYSCTL_KEY, "timestamps"},
    {"sack.enable", SYSCTL_KEY, "sack"},
    {"ecn.enable", SYSCTL_ONLY, "0"},
    {"delacktime", SYSCTL_KEY, "delayed_ack_ms"},
    {"keepidle", SYSCTL_KEY, "keep_idle_ms"},
    {"keepintvl", SYSCTL_KEY, "keep_interval_ms"},
    {"keepcnt", SYSCTL_KEY, "keep_count"},
    {"hostcache.purgenow", SYSCTL_FORGET, NULL},
};

bool sysctls_unsupported(runner *r, pkt_place place, const char *what, const char *which)
{
    runner_verdict(r, DRILL_UNSUPPORTED, place, "%s: %s", _(what), which);
    return false;
}

static bool sysctls_key(runner *r, pkt_place place, const char *key, const char *value)
{
    const char *why = NULL;

    if (tern_profile_key_set(&r->options.config, key, value, &why) == TERN_OK)
        return true;
    runner_verdict(r, DRILL_UNSUPPORTED, place, "%s: %s, not %s", key, why, value);
    return false;
}

/* "4096 540000 15728640": the second; of the receive buffer the third gives the window scale. */
static bool sysctls_middle(runner *r, pkt_place place, const char *key, const char *value)
{
    unsigned long numbers[3] = {0, 0, 0};
    char middle[24];

    if (sscanf(value, "%lu%*[ \t]%lu%*[ \t]%lu", &numbers[0], &numbers[1], &numbers[2]) != 3)
        return sysctls_unsupported(r, place, N_("three numbers were expected"), value);
    (void)snprintf(middle, sizeof middle, "%lu", numbers[2]);
    if (strcmp(key, "recv_buffer_bytes") == 0 &&
        !sysctls_key(r, place, "wscale_buffer_bytes", middle))
        return false;
    (void)snprintf(middle, sizeof middle, "%lu", numbers[1]);
    return sysctls_key(r, place, key, middle);
}

/* A flag's 0, 1, 2 .. as yes or no. */
static const char *sysctls_flag(const char *key, const char *value)
{
    static const char *const flags[] = {"timestamps", "sack", "window_scale",
                                        "time_wait_ignores_rst", "slow_start_after_idle"};

    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (strcmp(key, flags[i]) == 0)
            return strcmp(value, "0") == 0 ? "no" : "yes";
    return value;
}

/* ---- Fast Open ----------------------------------------------------------------------------- */

/* Bits of Linux that tern's sockets have not: clients and servers without a cookie. Those above
 * have no meaning in Linux any more. */
#define SYSCTLS_NO_COOKIE UINT32_C(0x204)

static bool sysctls_fast_open(runner *r, pkt_place place, const char *value)
{
    char *end;
    unsigned long bits = strtoul(value, &end, 0);

    if (end == value || *end != '\0' || (bits & SYSCTLS_NO_COOKIE) != 0)
        return sysctls_unsupported(r, place, "tcp_fastopen", value);
    r->system.fast_open = (uint32_t)bits;
    return true;
}

/* Four words, each little-endian in the key. */
static bool sysctls_read_key(const char *text, uint8_t key[TERN_KEY_BYTES], const char **end)
{
    unsigned words[4];
    int used = 0;

    if (sscanf(text, "%8x-%8x-%8x-%8x%n", &words[0], &words[1], &words[2], &words[3], &used) != 4)
        return false;
    for (unsigned i = 0; i < TERN_KEY_BYTES; i++)
        key[i] = (uint8_t)(words[i / 4] >> 8 * (i % 4));
    *end = text + used;
    return true;
}

static bool sysctls_fast_open_key(runner *r, pkt_place place, const char *value)
{
    const char *end = value;

    r->system.fast_key_bytes = 0;
    for (unsigned i = 0; i < 2; i++) {
        if (!sysctls_read_key(end, r->system.fast_keys + i * TERN_KEY_BYTES, &end))
            break;
        r->system.fast_key_bytes += TERN_KEY_BYTES;
        if (*end != ',')
            break;
        end++;
    }
    r->system.fast_key_new = true;
    if (r->system.fast_key_bytes > 0 && *end == '\0')
        return true;
    return sysctls_unsupported(r, place, "tcp_fastopen_key", value);
}

void sysctls_forget_servers(runner *r)
{
    tern_fast_open_entry entry;
    uint64_t cursor = 0;

    while (r->subject.stack != NULL &&
           tern_fast_open_cache_next(r->subject.stack, &cursor, &entry)) {
        entry = (tern_fast_open_entry){.local = entry.local, .remote = entry.remote};
        (void)tern_fast_open_cache_put(r->subject.stack, r->subject.now_us, &entry);
    }
}

/* By a socket of its own, since keys are numbered by the sockets. */
static bool sysctls_give_key(runner *r)
{
    sockets *table = r->subject.table;
    sockets_option option = {IPPROTO_TCP, TCP_FASTOPEN_KEY, r->system.fast_keys,
                             r->system.fast_key_bytes};
    int fd = sockets_socket(table, AF_INET, SOCK_STREAM, 0);
    int error = sockets_setsockopt(table, fd, &option);

    (void)sockets_close(table, fd);
    return fd >= 0 && error == 0;
}

/* ---- One of them --------------------------------------------------------------------------- */

static bool sysctls_entry(runner *r, pkt_place place, const sysctl_entry *e, const char *value)
{
    char text[24];

    switch (e->kind) {
    case SYSCTL_NOTHING:
        return true;
    case SYSCTL_ONLY:
        return strcmp(value, e->key) == 0 || sysctls_unsupported(r, place, e->name, value);
    case SYSCTL_THREE:
        return sysctls_middle(r, place, e->key, value);
    case SYSCTL_FAST_OPEN:
        return sysctls_fast_open(r, place, value);
    case SYSCTL_FAST_OPEN_KEY:
        return sysctls_fast_open_key(r, place, value);
    case SYSCTL_FORGET:
        sysctls_forget_servers(r);
        return true;
    case SYSCTL_SECONDS:
        (void)snprintf(text, sizeof text, "%ld", strtol(value, NULL, 10) * 1000);
        return sysctls_key(r, place, e->key, text);
    case SYSCTL_KEY:
        break;
    }
    return sysctls_key(r, place, e->key, sysctls_flag(e->key, value));
}

bool sysctls_set(runner *r, pkt_place place, const char *name, const char *value)
{
    static const char *const prefixes[] = {"net.ipv4.", "net.inet.tcp.", "net.ipv6."};

    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            name += strlen(prefixes[i]);
    for (size_t i = 0; i < sizeof sysctls / sizeof sysctls[0]; i++)
        if (strcmp(sysctls[i].name, name) == 0)
            return sysctls_entry(r, place, &sysctls[i], value);
    return sysctls_unsupported(r, place, N_("the sysctl"), name);
}

bool sysctls_take_effect(runner *r, pkt_place place)
{
    if (r->subject.stack == NULL) /* it will be made of them */
        return true;
    sockets_set_fast_open(r->subject.table, r->system.fast_open);
    if (r->system.fast_key_new && !sysctls_give_key(r))
        return sysctls_unsupported(r, place, "tcp_fastopen_key", "?");
    r->system.fast_key_new = false;
    if (memcmp(&r->subject.config, &r->options.config, sizeof r->subject.config) == 0)
        return true;
    r->subject.config = r->options.config;
    if (tern_profile_change(r->subject.stack, r->subject.now_us, &r->subject.config) == TERN_OK)
        return true;
    return sysctls_unsupported(r, place, N_("a setting that changes on the way"), "sysctl");
}
