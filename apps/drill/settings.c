/* settings.c - what a script's options ask of the system around it, and its addresses. */
#define _GNU_SOURCE
#include "apps/drill/so_flags.h"
#include "apps/drill/sysctls.h"
#include "apps/tern/i18n.h"
#include "tern/profile.h"

#include <stdlib.h>
#include <string.h>

enum { SETTINGS_KEY_BYTES = 64 };

static bool settings_address(runner *r, const pkt_option *o, tern_endpoint *to)
{
    if (o->value != NULL && tern_address_parse(o->value, &to->address))
        return true;
    return sysctls_unsupported(r, o->place, "--", o->name);
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
        return sysctls_unsupported(r, o->place, N_("the option --ip_version"),
                                   o->value != NULL ? o->value : "");
    return true;
}

/* What the command line sets of single keys stays so whatever a script's profile is. They were
 * found right when the command line was read. */
static void settings_again(runner *r)
{
    for (unsigned i = 0; i < r->options.sets; i++) {
        char key[SETTINGS_KEY_BYTES];
        const char *set = r->options.set[i], *why;
        size_t bytes = strcspn(set, "=");
        if (bytes < sizeof key && set[bytes] == '=') {
            memcpy(key, set, bytes);
            key[bytes] = '\0';
            (void)tern_profile_key_set(&r->options.config, key, set + bytes + 1, &why);
        }
    }
}

/* What the script tells the plugin, which is another runner of the same stack. */
static bool settings_so_flags(runner *r, const pkt_option *o)
{
    char error[SO_FLAGS_ERROR_BYTES];
    so_flags f = {.config = r->options.config,
                  .profile_fixed = r->options.profile_given,
                  .offload = !r->system.segments_alone};

    if (o->value == NULL || !so_flags_take(&f, o->value, error)) {
        runner_verdict(r, DRILL_UNSUPPORTED, o->place, "%s",
                       o->value != NULL ? error : N_("--so_flags: NAME=VALUE was expected"));
        return false;
    }
    r->options.config = f.config;
    r->system.segments_alone = !f.offload;
    settings_again(r);
    return true;
}

/* Options that ask for a whole protocol. */
static const char *settings_foreign(const pkt_option *o)
{
    if (strcmp(o->name, "udp_encapsulation") == 0)
        return "TCP over UDP";
    return strcmp(o->name, "tcp_md5_secret") == 0 ? "RFC 2385" : NULL;
}

static bool settings_option(runner *r, const pkt_option *o)
{
    static const char *const nothing[] = {
        "non_fatal", "verbose", "gateway_ip",        "netmask_ip",        "speed",
        "debug",     "dry_run", "tcp_ts_ecr_scaled", "tcp_ts_tick_usecs", "define"};
    long number;

    for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++)
        if (strcmp(o->name, nothing[i]) == 0)
            return true;
    if (settings_foreign(o) != NULL) {
        runner_verdict(r, DRILL_UNSUPPORTED, o->place, N_("%s: tern has none"),
                       settings_foreign(o));
        return false;
    }
    if (strcmp(o->name, "ip_version") == 0)
        return settings_ip_version(r, o);
    if (strcmp(o->name, "strict_segments") == 0) {
        r->system.segments_alone = true;
        return true;
    }
    if (strcmp(o->name, "so_flags") == 0)
        return settings_so_flags(r, o);
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
    else if (strcmp(o->name, "mss") == 0 && settings_number(r, o, &number))
        r->system.inbound_mss_bytes = (uint32_t)number;
    else if (!r->over)
        return sysctls_unsupported(r, o->place, N_("the option --"), o->name);
    return !r->over;
}

bool drill_option_check(const pkt_option *option, drill_verdict *verdict)
{
    runner *scratch = calloc(1, sizeof *scratch);
    bool right = scratch == NULL; /* then drill_play() will say it */

    if (scratch != NULL) {
        scratch->verdict = verdict;
        right = settings_option(scratch, option);
    }
    free(scratch);
    return right;
}

static pkt_place settings_place(const runner *r, const char *name)
{
    pkt_place place = {1, 1};

    for (const pkt_option *o = r->script->options; o != NULL; o = o->next)
        if (strcmp(o->name, name) == 0)
            place = o->place;
    return place;
}

/* One that was not given becomes `usual`; one that was is of the family in use. */
static bool settings_family(runner *r, const char *name, tern_endpoint *of, const char *usual)
{
    static const tern_address none;
    bool ipv6 = r->options.family == DRILL_IPV6;

    if (memcmp(&of->address, &none, sizeof none) == 0)
        return tern_address_parse(usual, &of->address);
    if (tern_address_is_ipv4(&of->address) != ipv6)
        return true;
    runner_verdict(r, DRILL_UNSUPPORTED, settings_place(r, name),
                   ipv6 ? N_("--%s: not an IPv6 address") : N_("--%s: not an IPv4 address"), name);
    return false;
}

static bool settings_addresses(runner *r)
{
    bool ipv6 = r->options.family == DRILL_IPV6;
    tern_config *c = &r->options.config;

    for (unsigned i = 0; i < c->address_count; i++) /* of --so_flags */
        if (tern_address_is_ipv4(&c->addresses[i]) != ipv6)
            r->local.address = c->addresses[i];
    if (!settings_family(r, "local_ip", &r->local, ipv6 ? "fd3d:fa7b:d17d::1" : "192.168.0.1") ||
        !settings_family(r, "remote_ip", &r->remote, ipv6 ? "2001:db8::1" : "192.0.2.1"))
        return false;
    c->addresses[0] = r->local.address;
    c->address_count = 1;
    return true;
}

static bool settings_options(runner *r, const pkt_option *first)
{
    for (const pkt_option *o = first; o != NULL; o = o->next)
        if (!settings_option(r, o))
            return false;
    return true;
}

bool settings_of_script(runner *r)
{
    r->local.port = r->remote.port = 8080;
    r->system.fast_open.bits = TERN_SOCKETS_FAST_OPEN_CLIENT; /* as Linux begins */
    if (!settings_options(r, r->script->options) ||
        !settings_options(r, r->options.flags)) /* these come over them */
        return false;
    if (r->script->init.text != NULL &&
        !commands_run(r, r->script->init.place, r->script->init.text))
        return false;
    return settings_addresses(r);
}
