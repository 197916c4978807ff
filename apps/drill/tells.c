/* tells.c - see tells.h. What is told is lines of text, and a grep keeps those that have a word in
 * them, so that a script may combine them as it likes. */
#define _GNU_SOURCE
#include "apps/drill/tells.h"
#include "apps/drill/sysctls.h"
#include "apps/tern/i18n.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TELLS_BYTES = 1 << 17 };

typedef struct tells_text {
    char octets[TELLS_BYTES]; /* lines, each with its newline; a NUL behind them */
    size_t bytes;
    bool full;
} tells_text;

static void tells_line(tells_text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void tells_line(tells_text *t, const char *format, ...)
{
    va_list arguments;
    size_t room = sizeof t->octets - t->bytes;

    va_start(arguments, format);
    int bytes = vsnprintf(t->octets + t->bytes, room, format, arguments);
    va_end(arguments);
    if (bytes > 0 && (size_t)bytes < room)
        t->bytes += (size_t)bytes;
    else
        t->full = true;
    t->octets[t->bytes] = '\0';
}

static bool tells_unsupported(runner *r, pkt_place place, const char *which)
{
    return sysctls_unsupported(r, place, N_("the command"), which);
}

/* ---- FreeBSD's sockstat -------------------------------------------------------------------- */

const char *tells_state(const tern_status *status)
{
    static const char *const names[TERN_STATES] = {
        [TERN_CLOSED] = "CLOSED",           [TERN_LISTEN] = "LISTEN",
        [TERN_SYN_SENT] = "SYN_SENT",       [TERN_SYN_RECEIVED] = "SYN_RCVD",
        [TERN_ESTABLISHED] = "ESTABLISHED", [TERN_FIN_WAIT_1] = "FIN_WAIT_1",
        [TERN_FIN_WAIT_2] = "FIN_WAIT_2",   [TERN_CLOSE_WAIT] = "CLOSE_WAIT",
        [TERN_CLOSING] = "CLOSING",         [TERN_LAST_ACK] = "LAST_ACK",
        [TERN_TIME_WAIT] = "TIME_WAIT",
    };

    return names[status->state];
}

bool tells_descriptor(const runner *r, unsigned index, tern_status *status)
{
    if (r->live[index] < 0 || !tern_sockets_is_open(r->subject.table, r->live[index]))
        return false;
    tern_handle handle = tern_sockets_handle(r->subject.table, r->live[index]);
    if (tern_status_get(r->subject.stack, handle, status) != TERN_OK)
        *status = (tern_status){.state = TERN_CLOSED};
    return true;
}

/* What of sockstat's options is known. */
typedef struct tells_sockstat {
    bool ipv4, ipv6; /* neither: both */
    unsigned port;   /* 0: any */
} tells_sockstat;

static bool tells_sockstat_options(const shell_command *c, tells_sockstat *o)
{
    *o = (tells_sockstat){0};
    for (size_t i = 1; i < c->count; i++) {
        const char *word = c->words[i], *value = i + 1 < c->count ? c->words[i + 1] : "";
        if (strcmp(word, "-4") == 0) {
            o->ipv4 = true;
        } else if (strcmp(word, "-6") == 0) {
            o->ipv6 = true;
        } else if (strcmp(word, "-P") == 0 && strcmp(value, "tcp") == 0) {
            i++;
        } else if (strcmp(word, "-p") == 0 && sscanf(value, "%5u", &o->port) == 1) {
            i++;
        } else if (strcmp(word, "-s") != 0) {
            return false;
        }
    }
    return true;
}

static bool tells_same(const tern_status *a, const tern_status *b)
{
    return memcmp(&a->local.address, &b->local.address, sizeof a->local.address) == 0 &&
           memcmp(&a->remote.address, &b->remote.address, sizeof a->remote.address) == 0 &&
           a->local.port == b->local.port && a->remote.port == b->remote.port &&
           a->state == b->state;
}

/* Who has it open comes first: packetdrill, or nobody. */
static void tells_socket(const runner *r, const tells_sockstat *o, const tern_status *s,
                         tells_text *t)
{
    char local[TERN_ADDRESS_TEXT_BYTES], remote[TERN_ADDRESS_TEXT_BYTES];
    bool owned = false, anywhere = s->state == TERN_CLOSED || s->state == TERN_LISTEN;
    bool ipv4 = anywhere ? r->options.family != DRILL_IPV6
                         : tern_address_is_ipv4(&s->local.address);
    tern_status other;

    if ((o->ipv4 || o->ipv6) && !(ipv4 ? o->ipv4 : o->ipv6))
        return;
    if (o->port != 0 && s->local.port != o->port && s->remote.port != o->port)
        return;
    for (unsigned i = 0; i < RUNNER_DESCRIPTORS && !owned; i++)
        owned = tells_descriptor(r, i, &other) && tells_same(&other, s);
    tells_line(t, "%s tcp%u %s:%u %s:%u %s\n", owned ? "root packetdrill" : "? ?", ipv4 ? 4U : 6U,
               tern_address_text(&s->local.address, local), s->local.port,
               tern_address_text(&s->remote.address, remote), s->remote.port, tells_state(s));
}

/* What the stack has, and the descriptors behind which it has nothing any more. */
static bool tells_sockets(runner *r, pkt_place place, const shell_command *c, tells_text *t)
{
    tells_sockstat options;
    tern_status status;

    if (r->subject.stack == NULL || !tells_sockstat_options(c, &options))
        return tells_unsupported(r, place, "sockstat");
    for (uint64_t cursor = 0; tern_status_next(r->subject.stack, &cursor, &status);)
        if (status.state != TERN_CLOSED)
            tells_socket(r, &options, &status, t);
    for (unsigned i = 0; i < RUNNER_DESCRIPTORS; i++)
        if (tells_descriptor(r, i, &status) && status.state == TERN_CLOSED)
            tells_socket(r, &options, &status, t);
    return true;
}

/* ---- Linux's nstat and /proc/net/tcp ------------------------------------------------------- */

/* The counters of Linux that scripts look for, by the rule that counts the same. */
static const struct {
    const char *name;
    tern_rule rule;
} counters[] = {
    {"TcpExtOutOfWindowIcmps", TERN_RULE_ICMP_SEQUENCE_REFUSED},
};

enum { TELLS_COUNTERS = sizeof counters / sizeof counters[0] };

/* nstat tells what has changed since it was asked last. One that has no counterpart here must not
 * look as if it had not changed. */
static bool tells_counters(runner *r, pkt_place place, const shell_command *grep, tells_text *t)
{
    bool known = grep == NULL;

    if (r->subject.stack == NULL)
        return tells_unsupported(r, place, "nstat");
    for (size_t i = 0; i < TELLS_COUNTERS; i++) {
        uint64_t since = tern_counter(r->subject.stack, counters[i].rule) -
                         r->system.counters[counters[i].rule];
        known = known || strcmp(grep->words[grep->count - 1], counters[i].name) == 0;
        if (since > 0)
            tells_line(t, "%s %llu\n", counters[i].name, (unsigned long long)since);
    }
    if (!known)
        return tells_unsupported(r, place, grep->words[grep->count - 1]);
    for (unsigned i = 1; i < TERN_RULES; i++)
        r->system.counters[i] = tern_counter(r->subject.stack, (tern_rule)i);
    return true;
}

/* grep " 0A " /proc/net/tcp ...: who listens. */
static bool tells_listeners(runner *r, pkt_place place, tells_text *t)
{
    tern_status status;

    if (r->subject.stack == NULL)
        return tells_unsupported(r, place, "grep ... /proc/net/tcp");
    for (uint64_t cursor = 0; tern_status_next(r->subject.stack, &cursor, &status);)
        if (status.state == TERN_LISTEN)
            tells_line(t, "00000000:%04X 00000000:0000 0A \n", status.local.port);
    return true;
}

/* ---- grep ---------------------------------------------------------------------------------- */

/* Keeps the lines with the word; counts: only how many they are. Returns how many. */
static unsigned tells_keep(tells_text *t, const char *word, bool counts)
{
    size_t kept = 0;
    unsigned count = 0;

    for (char *line = t->octets; *line != '\0';) {
        char *end = strchr(line, '\n');
        size_t bytes = (size_t)(end - line) + 1;
        *end = '\0';
        bool has = strstr(line, word) != NULL;
        *end = '\n';
        if (has) {
            memmove(t->octets + kept, line, bytes);
            kept += bytes;
            count++;
        }
        line += bytes;
    }
    t->bytes = counts ? 0 : kept;
    t->octets[t->bytes] = '\0';
    if (counts)
        tells_line(t, "%u\n", count);
    return count;
}

/* grep [-c|-q] WORD. false: the verdict is given. *found: how many lines it keeps. */
static bool tells_grep(runner *r, pkt_place place, const shell_command *grep, tells_text *t,
                       unsigned *found)
{
    bool option = grep->count == 3 &&
                  (strcmp(grep->words[1], "-c") == 0 || strcmp(grep->words[1], "-q") == 0);
    const char *word = grep->count > 1 ? grep->words[grep->count - 1] : "";

    if (grep->count == 0 || strcmp(grep->words[0], "grep") != 0)
        return tells_unsupported(r, place, grep->count > 0 ? grep->words[0] : "|");
    if ((grep->count != 2 && !option) || word[strcspn(word, "\\^$.[]*")] != '\0')
        return tells_unsupported(r, place, "grep");
    *found = tells_keep(t, word, option && grep->words[1][1] == 'c');
    return true;
}

/* ---- Pipes --------------------------------------------------------------------------------- */

bool tells_is_one(const shell_command *c)
{
    if (c->count == 0)
        return false;
    return strcmp(c->words[0], "nstat") == 0 || strcmp(c->words[0], "sockstat") == 0 ||
           (c->count > 2 && strcmp(c->words[0], "grep") == 0 && strcmp(c->words[1], " 0A ") == 0);
}

bool tells_run(runner *r, pkt_place place, const shell_command *pipe, size_t count)
{
    static tells_text text;
    const shell_command *grep = count > 1 && pipe[1].count > 1 ? &pipe[1] : NULL;
    const char *program = pipe[0].words[0];
    unsigned found = 1;

    text.bytes = 0;
    text.full = false;
    text.octets[0] = '\0';
    bool told = strcmp(program, "sockstat") == 0 ? tells_sockets(r, place, &pipe[0], &text)
                : strcmp(program, "nstat") == 0  ? tells_counters(r, place, grep, &text)
                                                 : tells_listeners(r, place, &text);
    if (!told)
        return false;
    if (text.full)
        return tells_unsupported(r, place, program);
    for (size_t i = 1; i < count; i++)
        if (!tells_grep(r, place, &pipe[i], &text, &found))
            return false;
    if (found == 0)
        runner_verdict(r, DRILL_FAIL, place, N_("%s | grep %s: finds nothing"), program,
                       pipe[count - 1].words[pipe[count - 1].count - 1]);
    return found > 0;
}
