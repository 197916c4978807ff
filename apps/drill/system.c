/* system.c - see system.h. A sysctl whose machinery tern has not is taken with the value that means
 * "as tern does it" and no other. */
#define _GNU_SOURCE
#include "apps/drill/system.h"

#include "tern/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SYSTEM_LINEAR_SYNS = 4, /* tcp_syn_linear_timeouts: retries beside tcp_syn_retries */
    SYSTEM_ORPHAN_RETRIES = 8,
    SYSTEM_WINDOW_MAX = 1 << 30, /* RFC 7323 2.3 */
};

typedef enum system_kind {
    SYSTEM_KEY,           /* a key of the profiles */
    SYSTEM_FLAG,          /* likewise: yes for anything but 0 */
    SYSTEM_SECONDS,       /* likewise, given in seconds */
    SYSTEM_SYNS,          /* likewise: retries, without SYSTEM_LINEAR_SYNS */
    SYSTEM_ORPHANS,       /* likewise: retries, 0 for SYSTEM_ORPHAN_RETRIES */
    SYSTEM_UNSENT,        /* likewise: 4294967295 for none */
    SYSTEM_INVERSE,       /* likewise: no for anything but 0 */
    SYSTEM_WORD,          /* likewise: the number is a place in `words`; an empty one: it stays */
    SYSTEM_SCALE,         /* likewise: octets, no more than a window can say */
    SYSTEM_OR_NONE,       /* likewise: 0, or for anything else what the profile freebsd has */
    SYSTEM_THREE,         /* least, default, most: the default is the key's */
    SYSTEM_FAST_OPEN,     /* bits of Linux's tcp_fastopen */
    SYSTEM_CLIENT,        /* the one of these bits that is about clients */
    SYSTEM_FAST_OPEN_KEY, /* a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4, or two of these with a comma */
    SYSTEM_SERVERS,       /* to write it makes the stack forget servers */
    SYSTEM_NOTHING,       /* means nothing to tern, whatever it is */
    SYSTEM_ONLY,          /* `key` is the only value that tern has */
} system_kind;

typedef struct system_entry {
    const char *name;
    system_kind kind;
    const char *key; /* or several, with commas between: all of them get the value */
    const char *words;
    const char *when; /* NULL, or what the key must be ("=off"), or must not be ("!off") */
} system_entry;

static const system_entry linux_sysctls[] = {
    {"tcp_timestamps", SYSTEM_FLAG, "timestamps", NULL, NULL},
    {"tcp_sack", SYSTEM_FLAG, "sack", NULL, NULL},
    {"tcp_window_scaling", SYSTEM_FLAG, "window_scale", NULL, NULL},
    {"tcp_rmem", SYSTEM_THREE, "recv_buffer_bytes", NULL, NULL},
    {"tcp_wmem", SYSTEM_THREE, "send_buffer_bytes", NULL, NULL},
    {"tcp_syn_retries", SYSTEM_SYNS, "syn_schedule.retries_max", NULL, NULL},
    {"tcp_synack_retries", SYSTEM_KEY, "syn_ack_schedule.retries_max", NULL, NULL},
    {"tcp_retries2", SYSTEM_KEY, "data_schedule.retries_max", NULL, NULL},
    {"tcp_orphan_retries", SYSTEM_ORPHANS, "orphan_schedule.retries_max", NULL, NULL},
    {"tcp_keepalive_time", SYSTEM_SECONDS, "keep_idle_ms", NULL, NULL},
    {"tcp_keepalive_intvl", SYSTEM_SECONDS, "keep_interval_ms", NULL, NULL},
    {"tcp_keepalive_probes", SYSTEM_KEY, "keep_count", NULL, NULL},
    {"tcp_fin_timeout", SYSTEM_SECONDS, "fin_wait_2_ms", NULL, NULL},
    {"tcp_rfc1337", SYSTEM_FLAG, "time_wait_ignores_rst", NULL, NULL},
    {"tcp_slow_start_after_idle", SYSTEM_FLAG, "slow_start_after_idle", NULL, NULL},
    {"tcp_fastopen", SYSTEM_FAST_OPEN, NULL, NULL, NULL},
    {"tcp_fastopen_key", SYSTEM_FAST_OPEN_KEY, NULL, NULL, NULL},
    {"tcp_fastopen_cookies", SYSTEM_SERVERS, NULL, NULL, NULL},
    {"tcp_fastopen_blackhole_timeout_sec", SYSTEM_NOTHING, NULL, NULL, NULL},
    {"tcp_dsack", SYSTEM_FLAG, "dsack", NULL, NULL},
    {"tcp_fack", SYSTEM_ONLY, "0", NULL, NULL},
    {"tcp_frto", SYSTEM_NOTHING, NULL, NULL, NULL},
    {"tcp_reordering", SYSTEM_ONLY, "3", NULL, NULL},
    {"tcp_recovery", SYSTEM_NOTHING, NULL, NULL, NULL},
    {"tcp_early_retrans", SYSTEM_NOTHING, NULL, NULL, NULL},
    {"tcp_congestion_control", SYSTEM_NOTHING, NULL, NULL, NULL},
    {"tcp_ecn", SYSTEM_NOTHING, NULL, NULL, NULL},
    {"tcp_syncookies", SYSTEM_WORD, "syn_cookies", "never,pressure,always", NULL},
    {"tcp_min_tso_segs", SYSTEM_NOTHING, NULL, NULL, NULL},
    {"tcp_tso_win_divisor", SYSTEM_NOTHING, NULL, NULL, NULL},
    {"tcp_pacing_ss_ratio", SYSTEM_NOTHING, NULL, NULL, NULL},
    {"tcp_pacing_ca_ratio", SYSTEM_NOTHING, NULL, NULL, NULL},
    {"tcp_notsent_lowat", SYSTEM_UNSENT, "unsent_low_bytes", NULL, NULL},
};

/* Behind net.inet.tcp., unless it says more. */
static const system_entry freebsd_sysctls[] = {
    {"rfc1323", SYSTEM_WORD, "timestamps", "no,yes,no,yes", NULL},
    {"rfc1323", SYSTEM_WORD, "window_scale", "no,yes,yes,no", NULL},
    {"sack.enable", SYSTEM_FLAG, "sack", NULL, NULL},
    {"ecn.maxretries", SYSTEM_NOTHING, NULL, NULL, NULL},
    {"recvspace", SYSTEM_KEY, "recv_buffer_bytes", NULL, NULL},
    {"sendspace", SYSTEM_KEY, "send_buffer_bytes", NULL, NULL},
    {"kern.ipc.maxsockbuf", SYSTEM_SCALE, "wscale_buffer_bytes", NULL, NULL},
    {"insecure_rst", SYSTEM_FLAG, "insecure_rst", NULL, NULL},
    {"insecure_syn", SYSTEM_FLAG, "insecure_syn", NULL, NULL},
    {"drop_synfin", SYSTEM_INVERSE, "syn_fin_accepted", NULL, NULL},
    {"drop_synfin", SYSTEM_FLAG, "syn_fin_dropped", NULL, NULL},
    {"blackhole", SYSTEM_WORD, "blackhole", "off,syn,all", NULL},
    {"icmp_may_rst", SYSTEM_OR_NONE, "icmp_aborts", NULL, NULL},
    {"rexmit_initial", SYSTEM_KEY,
     "syn_schedule.waits_ms,syn_schedule.first_ms,syn_ack_schedule.waits_ms,"
     "syn_ack_schedule.first_ms,data_schedule.first_ms,orphan_schedule.first_ms,"
     "persist_schedule.first_ms",
     NULL, NULL},
    {"rexmit_min", SYSTEM_KEY,
     "syn_schedule.min_ms,syn_ack_schedule.min_ms,data_schedule.min_ms,orphan_schedule.min_ms",
     NULL, NULL},
    {"rexmit_slop", SYSTEM_KEY,
     "syn_schedule.slop_ms,syn_ack_schedule.slop_ms,data_schedule.slop_ms,"
     "orphan_schedule.slop_ms,persist_schedule.slop_ms",
     NULL, NULL},
    {"rexmit_drop_options", SYSTEM_WORD, "syn_plain_from", "0,3", NULL},
    {"syncache.rexmtlimit", SYSTEM_KEY, "syn_ack_schedule.retries_max", NULL, NULL},
    {"delacktime", SYSTEM_KEY, "delayed_ack_ms", NULL, NULL},
    {"keepinit", SYSTEM_KEY, "syn_schedule.give_up_ms", NULL, NULL},
    {"keepidle", SYSTEM_KEY, "keep_idle_ms", NULL, NULL},
    {"keepintvl", SYSTEM_KEY, "keep_interval_ms", NULL, NULL},
    {"keepcnt", SYSTEM_KEY, "keep_count", NULL, NULL},
    {"persmin", SYSTEM_KEY, "persist_schedule.min_ms", NULL, NULL},
    {"persmax", SYSTEM_KEY, "persist_schedule.max_ms", NULL, NULL},
    {"finwait2_timeout", SYSTEM_KEY, "fin_wait_2_ms", NULL, NULL},
    {"abc_l_var", SYSTEM_KEY, "slow_start_segments", NULL, NULL},
    {"initcwnd_segments", SYSTEM_KEY, "initial_window_segments", NULL, NULL},
    {"syncookies", SYSTEM_WORD, "syn_cookies", "never,pressure", "!always"},
    {"syncookies_only", SYSTEM_WORD, "syn_cookies", ",always", NULL},
    {"syncookies_only", SYSTEM_WORD, "syn_cookies", "pressure,", "=always"},
    {"tolerate_missing_ts", SYSTEM_FLAG, "timestamp_may_miss", NULL, NULL},
    {"path_mtu_discovery", SYSTEM_WORD, "path_mtu_discovery", "off,", NULL},
    {"path_mtu_discovery", SYSTEM_WORD, "path_mtu_discovery", ",icmp", "=off"},
    {"pmtud_blackhole_detection", SYSTEM_WORD, "path_mtu_discovery", "icmp,probing", "!off"},
    {"mssdflt", SYSTEM_ONLY, "536", NULL, NULL},
    {"v6mssdflt", SYSTEM_ONLY, "1220", NULL, NULL},
    {"fastopen.client_enable", SYSTEM_CLIENT, NULL, NULL, NULL},
    {"hostcache.purgenow", SYSTEM_SERVERS, NULL, NULL, NULL},
    {"udp_tunneling_port", SYSTEM_ONLY, "0", NULL, NULL},
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

enum { SYSTEM_KEY_BYTES = 64, SYSTEM_KEYS_MAX = 8, SYSTEM_WORDS_MAX = 4 };

/* The word at this place of those between commas; false: there is none. */
static bool system_word(const char *words, unsigned long place, char word[SYSTEM_KEY_BYTES])
{
    for (; place > 0; place--) {
        words = strchr(words, ',');
        if (words == NULL)
            return false;
        words++;
    }
    size_t bytes = strcspn(words, ",");
    if (bytes >= SYSTEM_KEY_BYTES)
        return false;
    memcpy(word, words, bytes);
    word[bytes] = '\0';
    return true;
}

/* Each of the keys gets the value; when one does not take it, none. */
static system_outcome system_key(tern_config *config, const char *keys, const char *value,
                                 const char **why)
{
    tern_config changed = *config;
    char key[SYSTEM_KEY_BYTES];

    for (unsigned long i = 0; i < SYSTEM_KEYS_MAX && system_word(keys, i, key); i++)
        if (tern_profile_key_set(&changed, key, value, why) != TERN_OK)
            return SYSTEM_REFUSED;
    *config = changed;
    return SYSTEM_SET;
}

static system_outcome system_number(tern_config *config, const char *keys, unsigned long number,
                                    const char **why)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%lu", number);
    return system_key(config, keys, text, why);
}

static bool system_applies(const tern_config *config, const system_entry *e)
{
    char now[TERN_PROFILE_VALUE_BYTES];

    return e->when == NULL || tern_profile_key_get(config, e->key, now) != TERN_OK ||
           (strcmp(now, e->when + 1) == 0) == (e->when[0] == '=');
}

/* A number that stands for a word. */
static system_outcome system_place(tern_config *config, const system_entry *e, unsigned long place,
                                   const char **why)
{
    static const char *const places[SYSTEM_WORDS_MAX] = {"0", "0 or 1", "0 .. 2", "0 .. 3"};
    char word[SYSTEM_KEY_BYTES];
    size_t last = 0;

    for (const char *at = e->words; *at != '\0'; at++)
        last += *at == ',';
    *why = places[last];
    if (place >= SYSTEM_WORDS_MAX || !system_word(e->words, place, word))
        return SYSTEM_REFUSED;
    return word[0] != '\0' && system_applies(config, e) ? system_key(config, e->key, word, why)
                                                        : SYSTEM_SET;
}

/* As the profile freebsd has it, or 0: none. */
static system_outcome system_or_none(tern_config *config, const char *key, bool some,
                                     const char **why)
{
    tern_config profile = *config;
    char value[TERN_PROFILE_VALUE_BYTES] = "0";

    (void)tern_config_profile(&profile, TERN_PROFILE_FREEBSD);
    if (some)
        (void)tern_profile_key_get(&profile, key, value);
    return system_key(config, key, value, why);
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

/* A number, as the key has it. */
static unsigned long system_scaled(system_kind kind, unsigned long number)
{
    if (kind == SYSTEM_SECONDS)
        return number * 1000;
    if (kind == SYSTEM_SYNS)
        return number + SYSTEM_LINEAR_SYNS;
    if (kind == SYSTEM_ORPHANS && number == 0)
        return SYSTEM_ORPHAN_RETRIES;
    if (kind == SYSTEM_UNSENT && number == UINT32_MAX)
        return 0;
    if (kind == SYSTEM_SCALE && number > SYSTEM_WINDOW_MAX)
        return SYSTEM_WINDOW_MAX;
    return number;
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
    if (e->kind == SYSTEM_FLAG || e->kind == SYSTEM_INVERSE)
        return system_key(config, e->key, (number != 0) == (e->kind == SYSTEM_FLAG) ? "yes" : "no",
                          why);
    if (e->kind == SYSTEM_WORD)
        return system_place(config, e, number, why);
    if (e->kind == SYSTEM_OR_NONE)
        return system_or_none(config, e->key, number != 0, why);
    return system_number(config, e->key, system_scaled(e->kind, number), why);
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

static system_outcome system_client(system_fast_open *f, const char *value, const char **why)
{
    uint32_t others = f->bits & ~(uint32_t)TERN_SOCKETS_FAST_OPEN_CLIENT;

    *why = "0 or 1";
    if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0)
        return SYSTEM_REFUSED;
    f->bits = value[0] == '1' ? others | TERN_SOCKETS_FAST_OPEN_CLIENT : others;
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

bool system_fast_open_begin(subject *s, system_fast_open *f)
{
    tern_sockets_set_fast_open(s->table, f->bits);
    if (!f->keys_new)
        return true;
    f->keys_new = !tern_sockets_set_fast_open_keys(s->table, f->keys, f->key_bytes);
    return !f->keys_new;
}

/* ---- One of them --------------------------------------------------------------------------- */

const char *system_bare(const char *name)
{
    static const char *const prefixes[] = {"net.ipv4.", "net.inet.tcp.", "net.ipv6."};

    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return name + strlen(prefixes[i]);
    return name;
}

static const system_entry *system_at(size_t index)
{
    if (index < SYSTEM_LINUX)
        return &linux_sysctls[index];
    return index - SYSTEM_LINUX < SYSTEM_FREEBSD ? &freebsd_sysctls[index - SYSTEM_LINUX] : NULL;
}

static system_outcome system_entry_set(tern_config *config, system_fast_open *fast_open,
                                       const system_entry *e, const char *value, const char **why)
{
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
    case SYSTEM_CLIENT:
        return system_client(fast_open, value, why);
    case SYSTEM_FAST_OPEN_KEY:
        return system_keys(fast_open, value, why);
    case SYSTEM_KEY:
    case SYSTEM_FLAG:
    case SYSTEM_SECONDS:
    case SYSTEM_SYNS:
    case SYSTEM_ORPHANS:
    case SYSTEM_UNSENT:
    case SYSTEM_INVERSE:
    case SYSTEM_WORD:
    case SYSTEM_SCALE:
    case SYSTEM_OR_NONE:
        break;
    }
    return system_one(config, e, value, why);
}

system_outcome system_sysctl(tern_config *config, system_fast_open *fast_open, const char *name,
                             const char *value, const char **why)
{
    const system_entry *e;
    system_outcome outcome = SYSTEM_UNKNOWN;

    for (size_t i = 0; (e = system_at(i)) != NULL && outcome != SYSTEM_REFUSED; i++)
        if (strcmp(e->name, system_bare(name)) == 0)
            outcome = system_entry_set(config, fast_open, e, value, why);
    return outcome;
}
