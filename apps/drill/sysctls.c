/* sysctls.c - see sysctls.h. A sysctl whose machinery tern has not is taken with the value that
 * means "as tern does it" and no other. */
#include "apps/drill/sysctls.h"

#include "tern/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SYSCTLS_LINEAR_SYNS = 4, /* tcp_syn_linear_timeouts: retries beside tcp_syn_retries */
    SYSCTLS_ORPHAN_RETRIES = 8
};

typedef enum sysctls_kind {
    SYSCTLS_KEY,     /* a key of the profiles */
    SYSCTLS_FLAG,    /* likewise: yes for anything but 0 */
    SYSCTLS_SECONDS, /* likewise, given in seconds */
    SYSCTLS_SYNS,    /* likewise: retries, but for those of SYSCTLS_LINEAR_SYNS */
    SYSCTLS_ORPHANS, /* likewise: retries, 0 for SYSCTLS_ORPHAN_RETRIES */
    SYSCTLS_THREE,   /* least, default, most: the default is the key's */
    SYSCTLS_NOTHING, /* means nothing to tern, whatever it is */
    SYSCTLS_ONLY,    /* `key` is the only value that tern has */
} sysctls_kind;

typedef struct sysctls_entry {
    const char *name;
    sysctls_kind kind;
    const char *key;
} sysctls_entry;

static const sysctls_entry sysctls_linux[] = {
    {"tcp_timestamps", SYSCTLS_FLAG, "timestamps"},
    {"tcp_sack", SYSCTLS_FLAG, "sack"},
    {"tcp_window_scaling", SYSCTLS_FLAG, "window_scale"},
    {"tcp_rmem", SYSCTLS_THREE, "recv_buffer_bytes"},
    {"tcp_wmem", SYSCTLS_THREE, "send_buffer_bytes"},
    {"tcp_syn_retries", SYSCTLS_SYNS, "syn_schedule.retries_max"},
    {"tcp_synack_retries", SYSCTLS_KEY, "syn_ack_schedule.retries_max"},
    {"tcp_retries2", SYSCTLS_KEY, "data_schedule.retries_max"},
    {"tcp_orphan_retries", SYSCTLS_ORPHANS, "orphan_schedule.retries_max"},
    {"tcp_keepalive_time", SYSCTLS_SECONDS, "keep_idle_ms"},
    {"tcp_keepalive_intvl", SYSCTLS_SECONDS, "keep_interval_ms"},
    {"tcp_keepalive_probes", SYSCTLS_KEY, "keep_count"},
    {"tcp_fin_timeout", SYSCTLS_SECONDS, "fin_wait_2_ms"},
    {"tcp_rfc1337", SYSCTLS_FLAG, "time_wait_ignores_rst"},
    {"tcp_dsack", SYSCTLS_NOTHING, NULL},
    {"tcp_fack", SYSCTLS_ONLY, "0"},
    {"tcp_frto", SYSCTLS_NOTHING, NULL},
    {"tcp_reordering", SYSCTLS_ONLY, "3"},
    {"tcp_recovery", SYSCTLS_NOTHING, NULL},
    {"tcp_early_retrans", SYSCTLS_NOTHING, NULL},
    {"tcp_congestion_control", SYSCTLS_NOTHING, NULL},
    {"tcp_slow_start_after_idle", SYSCTLS_NOTHING, NULL},
    {"tcp_ecn", SYSCTLS_ONLY, "0"},
    {"tcp_syncookies", SYSCTLS_NOTHING, NULL},
    {"tcp_min_tso_segs", SYSCTLS_NOTHING, NULL},
    {"tcp_tso_win_divisor", SYSCTLS_NOTHING, NULL},
    {"tcp_pacing_ss_ratio", SYSCTLS_NOTHING, NULL},
    {"tcp_pacing_ca_ratio", SYSCTLS_NOTHING, NULL},
    {"tcp_fastopen_blackhole_timeout_sec", SYSCTLS_NOTHING, NULL},
    {"tcp_notsent_lowat", SYSCTLS_ONLY, "4294967295"},
};

static const sysctls_entry sysctls_freebsd[] = {
    {"rexmit_initial", SYSCTLS_KEY, "syn_schedule.first_ms"},
    {"recvspace", SYSCTLS_KEY, "recv_buffer_bytes"},
    {"sendspace", SYSCTLS_KEY, "send_buffer_bytes"},
    {"rfc1323", SYSCTLS_FLAG, "timestamps"},
    {"sack.enable", SYSCTLS_FLAG, "sack"},
    {"ecn.enable", SYSCTLS_ONLY, "0"},
    {"delacktime", SYSCTLS_KEY, "delayed_ack_ms"},
    {"keepidle", SYSCTLS_KEY, "keep_idle_ms"},
    {"keepintvl", SYSCTLS_KEY, "keep_interval_ms"},
    {"keepcnt", SYSCTLS_KEY, "keep_count"},
    {"hostcache.purgenow", SYSCTLS_NOTHING, NULL},
};

enum {
    SYSCTLS_LINUX = sizeof sysctls_linux / sizeof sysctls_linux[0],
    SYSCTLS_FREEBSD = sizeof sysctls_freebsd / sizeof sysctls_freebsd[0],
};

const char *sysctls_linux_name(size_t index)
{
    for (size_t i = 0; i < SYSCTLS_LINUX; i++)
        if (sysctls_linux[i].kind != SYSCTLS_NOTHING && index-- == 0)
            return sysctls_linux[i].name;
    return NULL;
}

static sysctls_outcome sysctls_key(tern_config *config, const char *key, const char *value,
                                   const char **why)
{
    return tern_profile_key_set(config, key, value, why) == TERN_OK ? SYSCTLS_SET : SYSCTLS_REFUSED;
}

static sysctls_outcome sysctls_number(tern_config *config, const char *key, unsigned long number,
                                      const char **why)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%lu", number);
    return sysctls_key(config, key, text, why);
}

/* "4096 540000 15728640": the second; of the receive buffer the third gives the window scale. */
static sysctls_outcome sysctls_three(tern_config *config, const char *key, const char *value,
                                     const char **why)
{
    unsigned long numbers[3] = {0, 0, 0};

    *why = "three numbers";
    if (sscanf(value, "%lu%*[ \t]%lu%*[ \t]%lu", &numbers[0], &numbers[1], &numbers[2]) != 3)
        return SYSCTLS_REFUSED;
    if (strcmp(key, "recv_buffer_bytes") == 0 &&
        sysctls_number(config, "wscale_buffer_bytes", numbers[2], why) != SYSCTLS_SET)
        return SYSCTLS_REFUSED;
    return sysctls_number(config, key, numbers[1], why);
}

static sysctls_outcome sysctls_apply(tern_config *config, const sysctls_entry *e, const char *value,
                                     const char **why)
{
    char *end;
    unsigned long number = strtoul(value, &end, 10);

    *why = "a number";
    switch (e->kind) {
    case SYSCTLS_NOTHING:
        return SYSCTLS_SET;
    case SYSCTLS_ONLY:
        *why = e->key;
        return strcmp(value, e->key) == 0 ? SYSCTLS_SET : SYSCTLS_REFUSED;
    case SYSCTLS_THREE:
        return sysctls_three(config, e->key, value, why);
    case SYSCTLS_KEY:
        return sysctls_key(config, e->key, value, why);
    case SYSCTLS_FLAG:
        value = number == 0 ? "no" : "yes";
        return end[0] != '\0' ? SYSCTLS_REFUSED : sysctls_key(config, e->key, value, why);
    case SYSCTLS_SECONDS:
        number *= 1000;
        break;
    case SYSCTLS_SYNS:
        number += SYSCTLS_LINEAR_SYNS;
        break;
    case SYSCTLS_ORPHANS:
        number = number == 0 ? SYSCTLS_ORPHAN_RETRIES : number;
        break;
    }
    return end[0] != '\0' || end == value ? SYSCTLS_REFUSED
                                          : sysctls_number(config, e->key, number, why);
}

static const sysctls_entry *sysctls_find(const sysctls_entry *entries, size_t count,
                                         const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(entries[i].name, name) == 0)
            return &entries[i];
    return NULL;
}

sysctls_outcome sysctls_set(tern_config *config, const char *name, const char *value,
                            const char **why)
{
    static const char *const prefixes[] = {"net.ipv4.", "net.inet.tcp.", "net.ipv6."};

    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            name += strlen(prefixes[i]);
    const sysctls_entry *e = sysctls_find(sysctls_linux, SYSCTLS_LINUX, name);
    if (e == NULL)
        e = sysctls_find(sysctls_freebsd, SYSCTLS_FREEBSD, name);
    return e != NULL ? sysctls_apply(config, e, value, why) : SYSCTLS_UNKNOWN;
}
