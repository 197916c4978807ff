/* settings.c - what a script asks of the system around it: its options, and its shell commands,
 * which never reach a shell.
 *
 * A command is split into words as a shell would split it without quotes, variables or files; each
 * is looked up by its program's name, each sysctl in a table. What is not there makes the verdict
 * "unsupported". A sysctl whose machinery tern has not is accepted with the value that means "as
 * tern does it" and no other. */
#define _GNU_SOURCE
#include "apps/drill/runner.h"
#include "apps/tern/i18n.h"

#include "tern/profile.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SETTINGS_COMMAND_BYTES = 4096, SETTINGS_WORD_BYTES = 256, SETTINGS_WORDS_MAX = 64 };

typedef enum sysctl_kind {
    SYSCTL_KEY,     /* a key of the profiles */
    SYSCTL_SECONDS, /* likewise, given in seconds */
    SYSCTL_THREE,   /* least, default, most: the default is the key's */
    SYSCTL_NOTHING, /* means nothing to tern, whatever it is */
    SYSCTL_ONLY,    /* `key` is the only value that tern has */
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
    {"tcp_dsack", SYSCTL_NOTHING, NULL},
    {"tcp_fack", SYSCTL_ONLY, "0"},
    {"tcp_frto", SYSCTL_NOTHING, NULL},
    {"tcp_reordering", SYSCTL_ONLY, "3"},
    {"tcp_recovery", SYSCTL_NOTHING, NULL},
    {"tcp_early_retrans", SYSCTL_NOTHING, NULL},
    {"tcp_congestion_control", SYSCTL_NOTHING, NULL},
    {"tcp_slow_start_after_idle", SYSCTL_NOTHING, NULL},
    {"tcp_ecn", SYSCTL_ONLY, "0"},
    {"tcp_syncookies", SYSCTL_NOTHING, NULL},
    {"tcp_min_tso_segs", SYSCTL_NOTHING, NULL},
    {"tcp_tso_win_divisor", SYSCTL_NOTHING, NULL},
    {"tcp_pacing_ss_ratio", SYSCTL_NOTHING, NULL},
    {"tcp_pacing_ca_ratio", SYSCTL_NOTHING, NULL},
    {"tcp_fastopen_blackhole_timeout_sec", SYSCTL_NOTHING, NULL},
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
    {"hostcache.purgenow", SYSCTL_NOTHING, NULL},
};

static bool settings_unsupported(runner *r, pkt_place place, const char *what, const char *which)
{
    runner_verdict(r, DRILL_UNSUPPORTED, place, "%s: %s", _(what), which);
    return false;
}

static bool settings_key(runner *r, pkt_place place, const char *key, const char *value)
{
    const char *why = NULL;

    if (tern_profile_key_set(&r->options.config, key, value, &why) == TERN_OK)
        return true;
    runner_verdict(r, DRILL_UNSUPPORTED, place, "%s: %s, not %s", key, why, value);
    return false;
}

/* "4096 540000 15728640": the second; of the receive buffer the third gives the window scale. */
static bool settings_middle(runner *r, pkt_place place, const char *key, const char *value)
{
    unsigned long numbers[3] = {0, 0, 0};
    char middle[24];

    if (sscanf(value, "%lu%*[ \t]%lu%*[ \t]%lu", &numbers[0], &numbers[1], &numbers[2]) != 3)
        return settings_unsupported(r, place, N_("three numbers were expected"), value);
    (void)snprintf(middle, sizeof middle, "%lu", numbers[2]);
    if (strcmp(key, "recv_buffer_bytes") == 0 &&
        !settings_key(r, place, "wscale_buffer_bytes", middle))
        return false;
    (void)snprintf(middle, sizeof middle, "%lu", numbers[1]);
    return settings_key(r, place, key, middle);
}

/* A flag's 0, 1, 2 .. as yes or no. */
static const char *settings_flag(const char *key, const char *value)
{
    static const char *const flags[] = {"timestamps", "sack", "window_scale",
                                        "time_wait_ignores_rst"};

    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (strcmp(key, flags[i]) == 0)
            return strcmp(value, "0") == 0 ? "no" : "yes";
    return value;
}

static bool settings_sysctl(runner *r, pkt_place place, const char *name, const char *value)
{
    static const char *const prefixes[] = {"net.ipv4.", "net.inet.tcp.", "net.ipv6."};
    char text[24];

    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            name += strlen(prefixes[i]);
    for (size_t i = 0; i < sizeof sysctls / sizeof sysctls[0]; i++) {
        const sysctl_entry *e = &sysctls[i];
        if (strcmp(e->name, name) != 0)
            continue;
        switch (e->kind) {
        case SYSCTL_NOTHING:
            return true;
        case SYSCTL_ONLY:
            return strcmp(value, e->key) == 0 || settings_unsupported(r, place, name, value);
        case SYSCTL_THREE:
            return settings_middle(r, place, e->key, value);
        case SYSCTL_SECONDS:
            (void)snprintf(text, sizeof text, "%ld", strtol(value, NULL, 10) * 1000);
            return settings_key(r, place, e->key, text);
        case SYSCTL_KEY:
            return settings_key(r, place, e->key, settings_flag(e->key, value));
        }
    }
    return settings_unsupported(r, place, N_("the sysctl"), name);
}

/* ---- Commands ------------------------------------------------------------------------------ */

/* Words of one command: up to a newline, ";" or "&&". Quotes hold a word together. */
typedef struct settings_words {
    char text[SETTINGS_COMMAND_BYTES];
    char *words[SETTINGS_WORDS_MAX];
    size_t count;
} settings_words;

static const char *settings_split(const char *command, settings_words *w)
{
    size_t at = 0;
    char quote = '\0';
    bool in_word = false;

    w->count = 0;
    while (*command != '\0' && at + 1 < sizeof w->text) {
        char c = *command++;
        if (quote == '\0' && (c == '\n' || c == ';' || (c == '&' && *command == '&'))) {
            command += c == '&';
            break;
        }
        if (c == '"' || c == '\'') {
            quote = quote == c ? '\0' : quote == '\0' ? c : quote;
            continue;
        }
        if (c == '\\' && *command == '\n') {
            command++;
            c = ' ';
        }
        if (quote == '\0' && isspace((unsigned char)c)) {
            if (in_word)
                w->text[at++] = '\0';
            in_word = false;
            continue;
        }
        if (!in_word && w->count < SETTINGS_WORDS_MAX)
            w->words[w->count++] = &w->text[at];
        in_word = true;
        w->text[at++] = c;
    }
    w->text[at] = '\0';
    return command;
}

/* "net.ipv4.tcp_sack=0", or "/proc/sys/net/ipv4/tcp_sack=0". */
static bool settings_assignment(runner *r, pkt_place place, char *word)
{
    char *value = strchr(word, '=');

    if (word[0] == '-')
        return true;
    if (value == NULL)
        return settings_unsupported(r, place, N_("the sysctl"), word);
    *value++ = '\0';
    if (strncmp(word, "/proc/sys/", 10) == 0)
        word += 10;
    for (char *c = word; *c != '\0'; c++)
        if (*c == '/')
            *c = '.';
    return settings_sysctl(r, place, word, value);
}

/* The suite's defaults.sh, by the values that it sets. */
static bool settings_defaults(runner *r, pkt_place place)
{
    static const char *const values[][2] = {
        {"tcp_rmem", "4096 540000 15728640"},
        {"tcp_wmem", "4096 262144 4194304"},
        {"tcp_timestamps", "1"},
        {"tcp_syn_retries", "5"},
        {"tcp_synack_retries", "5"},
        {"tcp_sack", "1"},
    };

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        if (!settings_sysctl(r, place, values[i][0], values[i][1]))
            return false;
    return true;
}

static bool settings_run(runner *r, pkt_place place, settings_words *w)
{
    const char *program = strrchr(w->words[0], '/');

    program = program != NULL ? program + 1 : w->words[0];
    if (strcmp(program, "defaults.sh") == 0)
        return settings_defaults(r, place);
    if (strcmp(program, "sysctl") == 0 || strcmp(program, "set_sysctls.py") == 0) {
        for (size_t i = 1; i < w->count && strcmp(w->words[i], ">") != 0; i++)
            if (!settings_assignment(r, place, w->words[i]))
                return false;
        return true;
    }
    if (strncmp(program, "sysctl_restore_", 15) == 0 || strcmp(program, "sleep") == 0 ||
        strcmp(program, "true") == 0 || strcmp(program, "tc") == 0)
        return true; /* each run has a stack of its own, and no queue in front of it */
    return settings_unsupported(r, place, N_("the command"), program);
}

static bool settings_shell(runner *r, pkt_place place, const char *command)
{
    static settings_words w;

    while (*command != '\0' && !r->over) {
        command = settings_split(command, &w);
        if (w.count > 0 && !settings_run(r, place, &w))
            return false;
    }
    return !r->over;
}

bool settings_command(runner *r, const pkt_event *event)
{
    tern_config before = r->options.config;

    if (!settings_shell(r, event->text_place, event->text))
        return false;
    /* The stack was made of the configuration; it takes no other on its way. */
    if (memcmp(&before, &r->options.config, sizeof before) != 0)
        return settings_unsupported(r, event->text_place, N_("a setting that changes on the way"),
                                    "sysctl");
    return true;
}

/* ---- Options ------------------------------------------------------------------------------- */

static bool settings_address(runner *r, const pkt_option *o, tern_endpoint *to)
{
    if (o->value != NULL && tern_address_parse(o->value, &to->address))
        return true;
    return settings_unsupported(r, o->place, "--", o->name);
}

static bool settings_number(runner *r, const pkt_option *o, long *number)
{
    char *end;

    *number = o->value != NULL ? strtol(o->value, &end, 10) : 0;
    if (o->value != NULL && *end == '\0' && end != o->value && *number >= 0)
        return true;
    runner_verdict(r, DRILL_UNSUPPORTED, o->place, N_("--%s: a number was expected"), o->name);
    return false;
}

static bool settings_ip_version(runner *r, const pkt_option *o)
{
    if (o->value != NULL && strcmp(o->value, "ipv4") == 0)
        r->options.family = DRILL_IPV4;
    else if (o->value != NULL && strcmp(o->value, "ipv6") == 0)
        r->options.family = DRILL_IPV6;
    else if (o->value != NULL && strcmp(o->value, "ipv4-mapped-ipv6") == 0)
        r->options.family = DRILL_MAPPED;
    else
        return settings_unsupported(r, o->place, N_("the option --ip_version"),
                                    o->value != NULL ? o->value : "");
    return true;
}

static bool settings_option(runner *r, const pkt_option *o)
{
    static const char *const nothing[] = {
        "non_fatal", "verbose", "strict_segments",   "gateway_ip",        "netmask_ip", "speed",
        "debug",     "dry_run", "tcp_ts_ecr_scaled", "tcp_ts_tick_usecs", "define"};
    long number;

    for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++)
        if (strcmp(o->name, nothing[i]) == 0)
            return true;
    if (strcmp(o->name, "ip_version") == 0)
        return settings_ip_version(r, o);
    if (strcmp(o->name, "local_ip") == 0)
        return settings_address(r, o, &r->local);
    if (strcmp(o->name, "remote_ip") == 0)
        return settings_address(r, o, &r->remote);
    if (strcmp(o->name, "tolerance_usecs") == 0 && settings_number(r, o, &number))
        r->tolerance_us = number;
    else if (strcmp(o->name, "tolerance_percent") == 0 && settings_number(r, o, &number))
        r->tolerance_percent = (double)number;
    else if (strcmp(o->name, "bind_port") == 0 && settings_number(r, o, &number))
        r->local.port = (uint16_t)number;
    else if (strcmp(o->name, "connect_port") == 0 && settings_number(r, o, &number))
        r->remote.port = (uint16_t)number;
    else if (strcmp(o->name, "mtu") == 0 && settings_number(r, o, &number))
        r->options.config.mtu_bytes = (uint32_t)number;
    else if (!r->over)
        return settings_unsupported(r, o->place, N_("the option --"), o->name);
    return !r->over;
}

/* The addresses that were not given, of the family in use. */
static void settings_addresses(runner *r)
{
    static const tern_address none;
    bool ipv6 = r->options.family == DRILL_IPV6;
    tern_config *c = &r->options.config;

    if (memcmp(&r->local.address, &none, sizeof none) == 0 ||
        tern_address_is_ipv4(&r->local.address) == ipv6)
        (void)tern_address_parse(ipv6 ? "fd3d:fa7b:d17d::1" : "192.168.0.1", &r->local.address);
    if (memcmp(&r->remote.address, &none, sizeof none) == 0 ||
        tern_address_is_ipv4(&r->remote.address) == ipv6)
        (void)tern_address_parse(ipv6 ? "2001:db8::1" : "192.0.2.1", &r->remote.address);
    c->addresses[0] = r->local.address;
    c->address_count = 1;
}

bool settings_of_script(runner *r)
{
    r->local.port = r->remote.port = 8080;
    for (const pkt_option *o = r->script->options; o != NULL; o = o->next)
        if (!settings_option(r, o))
            return false;
    if (r->script->init.text != NULL &&
        !settings_shell(r, r->script->init.place, r->script->init.text))
        return false;
    settings_addresses(r);
    return true;
}
