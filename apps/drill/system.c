/* system.c - see system.h. A sysctl whose machinery tern has not is taken with the value that means
 * "as tern does it" and no other. */
#define _GNU_SOURCE
#include "apps/drill/system.h"

#include "tern/profile.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SYSTEM_LINEAR_SYNS = 4, /* tcp_syn_linear_timeouts: retries beside tcp_syn_retries */
    SYSTEM_ORPHAN_RETRIES = 8,
};

typedef enum system_kind {
    SYSTEM_KEY,           /* a key of the profiles */
    SYSTEM_FLAG,          /* likewise: yes for anything but 0 */
    SYSTEM_SECONDS,       /* likewise, given in seconds */
    SYSTEM_SYNS,          /* likewise: retries, without SYSTEM_LINEAR_SYNS */
    SYSTEM_ORPHANS,       /* likewise: retries, 0 for SYSTEM_ORPHAN_RETRIES */
    SYSTEM_UNSENT,        /* likewise: 4294967295 for none */
    SYSTEM_THREE,         /* least, default, most: the default is the key's */
    SYSTEM_FAST_OPEN,     /* bits of Linux's tcp_fastopen */
    SYSTEM_FAST_OPEN_KEY, /* a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4, or two of these with a comma */
    SYSTEM_SERVERS,       /* to write it makes the stack forget servers */
    SYSTEM_NOTHING,       /* means nothing to tern, whatever it is */
    SYSTEM_ONLY,          /* `key` is the only value that tern has */
} system_kind;

typedef struct system_entry {
    const char *name;
    system_kind kind;
    const char *key;
} system_entry;

static const system_entry linux_sysctls[] = {
    {"tcp_timestamps", SYSTEM_FLAG, "timestamps"},
    {"tcp_sack", SYSTEM_FLAG, "sack"},
    {"tcp_window_scaling", SYSTEM_FLAG, "window_scale"},
    {"tcp_rmem", SYSTEM_THREE, "recv_buffer_bytes"},
    {"tcp_wmem", SYSTEM_THREE, "send_buffer_bytes"},
    {"tcp_syn_retries", SYSTEM_SYNS, "syn_schedule.retries_max"},
    {"tcp_synack_retries", SYSTEM_KEY, "syn_ack_schedule.retries_max"},
    {"tcp_retries2", SYSTEM_KEY, "data_schedule.retries_max"},
    {"tcp_orphan_retries", SYSTEM_ORPHANS, "orphan_schedule.retries_max"},
    {"tcp_keepalive_time", SYSTEM_SECONDS, "keep_idle_ms"},
    {"tcp_keepalive_intvl", SYSTEM_SECONDS, "keep_interval_ms"},
    {"tcp_keepalive_probes", SYSTEM_KEY, "keep_count"},
    {"tcp_fin_timeout", SYSTEM_SECONDS, "fin_wait_2_ms"},
    {"tcp_rfc1337", SYSTEM_FLAG, "time_wait_ignores_rst"},
    {"tcp_slow_start_after_idle", SYSTEM_FLAG, "slow_start_after_idle"},
    {"tcp_fastopen", SYSTEM_FAST_OPEN, NULL},
    {"tcp_fastopen_key", SYSTEM_FAST_OPEN_KEY, NULL},
    {"tcp_fastopen_cookies", SYSTEM_SERVERS, NULL},
    {"tcp_fastopen_blackhole_timeout_sec", SYSTEM_NOTHING, NULL},
    {"tcp_dsack", SYSTEM_NOTHING, NULL},
    {"tcp_fack", SYSTEM_ONLY, "0"},
    {"tcp_frto", SYSTEM_NOTHING, NULL},
    {"tcp_reordering", SYSTEM_ONLY, "3"},
    {"tcp_recovery", SYSTEM_NOTHING, NULL},
    {"tcp_early_retrans", SYSTEM_NOTHING, NULL},
    {"tcp_congestion_control", SYSTEM_NOTHING, NULL},
    {"tcp_ecn", SYSTEM_ONLY, "0"},
    {"tcp_syncookies", SYSTEM_NOTHING, NULL},
    {"tcp_min_tso_segs", SYSTEM_NOTHING, NULL},
    {"tcp_tso_win_divisor", SYSTEM_NOTHING, NULL},
    {"tcp_pacing_ss_ratio", SYSTEM_NOTHING, NULL},
    {"tcp_pacing_ca_ratio", SYSTEM_NOTHING, NULL},
    {"tcp_notsent_lowat", SYSTEM_UNSENT, "unsent_low_bytes"},
};

static const system_entry freebsd_sysctls[] = {
    {"rexmit_initial", SYSTEM_KEY, "syn_schedule.first_ms"},
    {"recvspace", SYSTEM_KEY, "recv_buffer_bytes"},
    {"sendspace", SYSTEM_KEY, "send_buffer_bytes"},
    {"rfc1323", SYSTEM_FLAG, "timestamps"},
    {"sack.enable", SYSTEM_FLAG, "sack"},
    {"ecn.enable", SYSTEM_ONLY, "0"},
    {"delacktime", SYSTEM_KEY, "delayed_ack_ms"},
    {"keepidle", SYSTEM_KEY, "keep_idle_ms"},
    {"keepintvl", SYSTEM_KEY, "keep_interval_ms"},
    {"keepcnt", SYSTEM_KEY, "keep_count"},
    {"hostcache.purgenow", SYSTEM_SERVERS, NULL},
};

enum {
    SYSTEM_LINUX = sizeof linux_sysctls / sizeof linux_sysctls[0],
    SYSTEM_FREEBSD = sizeof freebsd_sysctls / sizeof freebsd_sysctls[0],
};

const char *system_linux_sysctl(size_t index)
{
    for (size_t i = 0; i < SYSTEM_LINUX; i++)
        if (linux_sysctls[i].kind != SYSTEM_NOTHING && linux_sysctls[i].kind != SYSTEM_SERVERS &&
            index-- == 0)
            return linux_sysctls[i].name;
    return NULL;
}

/* ---- Keys ---------------------------------------------------------------------------------- */

static system_outcome system_key(tern_config *config, const char *key, const char *value,
                                 const char **why)
{
    return tern_profile_key_set(config, key, value, why) == TERN_OK ? SYSTEM_SET : SYSTEM_REFUSED;
}

static system_outcome system_number(tern_config *config, const char *key, unsigned long number,
                                    const char **why)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%lu", number);
    return system_key(config, key, text, why);
}

/* "4096 540000 15728640": the second; of the receive buffer the third gives the window scale, of a
 * send buffer in units what it grows to, and both count twice there. */
static system_outcome system_three(tern_config *config, const char *key, const char *value,
                                   const char **why)
{
    unsigned long numbers[3] = {0, 0, 0};

    *why = "three numbers";
    if (sscanf(value, "%lu%*[ \t]%lu%*[ \t]%lu", &numbers[0], &numbers[1], &numbers[2]) != 3)
        return SYSTEM_REFUSED;
    if (strcmp(key, "recv_buffer_bytes") == 0 &&
        system_number(config, "wscale_buffer_bytes", numbers[2], why) != SYSTEM_SET)
        return SYSTEM_REFUSED;
    if (strcmp(key, "send_buffer_bytes") == 0 && config->send_units) {
        numbers[1] /= 2;
        if (system_number(config, "send_buffer_max_bytes", numbers[2] / 2, why) != SYSTEM_SET)
            return SYSTEM_REFUSED;
    }
    return system_number(config, key, numbers[1], why);
}

/* One number, made the key's by its kind. */
static system_outcome system_one(tern_config *config, const system_entry *e, const char *value,
                                 const char **why)
{
    char *end;
    unsigned long number = strtoul(value, &end, 10);

    *why = "a number";
    if (end == value || *end != '\0')
        return SYSTEM_REFUSED;
    if (e->kind == SYSTEM_FLAG)
        return system_key(config, e->key, number == 0 ? "no" : "yes", why);
    if (e->kind == SYSTEM_SECONDS)
        number *= 1000;
    else if (e->kind == SYSTEM_SYNS)
        number += SYSTEM_LINEAR_SYNS;
    else if (e->kind == SYSTEM_ORPHANS && number == 0)
        number = SYSTEM_ORPHAN_RETRIES;
    else if (e->kind == SYSTEM_UNSENT && number == UINT32_MAX)
        number = 0;
    return system_number(config, e->key, number, why);
}

/* ---- Fast Open ----------------------------------------------------------------------------- */

/* Two bits are the configuration's: clients and servers without a cookie. Those above 0x400 have no
 * meaning in Linux any more. */
static system_outcome system_bits(tern_config *config, system_fast_open *f, const char *value,
                                  const char **why)
{
    char *end;
    unsigned long bits = strtoul(value, &end, 0);

    *why = "bits, such as 0x403";
    if (end == value || *end != '\0')
        return SYSTEM_REFUSED;
    f->bits = (uint32_t)bits;
    config->fast_open_cookieless = ((bits & 0x4) != 0 ? 1 : 0) | ((bits & 0x200) != 0 ? 2 : 0);
    return SYSTEM_SET;
}

/* Four words, each little-endian in the key. */
static bool system_read_key(const char *text, uint8_t key[TERN_KEY_BYTES], const char **end)
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

static system_outcome system_keys(system_fast_open *f, const char *value, const char **why)
{
    const char *end = value;

    *why = "one key or two, as a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4";
    f->key_bytes = 0;
    for (unsigned i = 0; i < 2; i++) {
        if (!system_read_key(end, f->keys + i * TERN_KEY_BYTES, &end))
            break;
        f->key_bytes += TERN_KEY_BYTES;
        if (*end != ',')
            break;
        end++;
    }
    f->keys_new = f->key_bytes > 0;
    return f->keys_new && *end == '\0' ? SYSTEM_SET : SYSTEM_REFUSED;
}

void system_forget_servers(subject *s)
{
    tern_fast_open_entry entry;
    uint64_t cursor = 0;

    while (s->stack != NULL && tern_fast_open_cache_next(s->stack, &cursor, &entry)) {
        entry = (tern_fast_open_entry){.local = entry.local, .remote = entry.remote};
        (void)tern_fast_open_cache_put(s->stack, s->now_us, &entry);
    }
}

/* Keys by a socket of its own, since the sockets number them. */
bool system_fast_open_begin(subject *s, system_fast_open *f)
{
    sockets_option option = {IPPROTO_TCP, TCP_FASTOPEN_KEY, f->keys, f->key_bytes};

    sockets_set_fast_open(s->table, f->bits);
    if (!f->keys_new)
        return true;
    int fd = sockets_socket(s->table, AF_INET, SOCK_STREAM, 0);
    f->keys_new = fd < 0 || sockets_setsockopt(s->table, fd, &option) != 0;
    (void)sockets_close(s->table, fd);
    return !f->keys_new;
}

/* ---- One of them --------------------------------------------------------------------------- */

static const system_entry *system_find(const char *name)
{
    static const char *const prefixes[] = {"net.ipv4.", "net.inet.tcp.", "net.ipv6."};

    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            name += strlen(prefixes[i]);
    for (size_t i = 0; i < SYSTEM_LINUX; i++)
        if (strcmp(linux_sysctls[i].name, name) == 0)
            return &linux_sysctls[i];
    for (size_t i = 0; i < SYSTEM_FREEBSD; i++)
        if (strcmp(freebsd_sysctls[i].name, name) == 0)
            return &freebsd_sysctls[i];
    return NULL;
}

system_outcome system_sysctl(tern_config *config, system_fast_open *fast_open, const char *name,
                             const char *value, const char **why)
{
    const system_entry *e = system_find(name);

    if (e == NULL)
        return SYSTEM_UNKNOWN;
    switch (e->kind) {
    case SYSTEM_NOTHING:
        return SYSTEM_SET;
    case SYSTEM_SERVERS:
        return SYSTEM_FORGET;
    case SYSTEM_ONLY:
        *why = e->key;
        return strcmp(value, e->key) == 0 ? SYSTEM_SET : SYSTEM_REFUSED;
    case SYSTEM_THREE:
        return system_three(config, e->key, value, why);
    case SYSTEM_FAST_OPEN:
        return system_bits(config, fast_open, value, why);
    case SYSTEM_FAST_OPEN_KEY:
        return system_keys(fast_open, value, why);
    case SYSTEM_KEY:
    case SYSTEM_FLAG:
    case SYSTEM_SECONDS:
    case SYSTEM_SYNS:
    case SYSTEM_ORPHANS:
    case SYSTEM_UNSENT:
        break;
    }
    return system_one(config, e, value, why);
}
