/* commands.c - a script's shell commands, which never reach a shell.
 *
 * A text is split into commands and words as a shell would split it without variables or files;
 * each command is looked up by its program's name. What is not there makes the verdict
 * "unsupported". Where its output goes means nothing; of a pipe only the forms that the suites use
 * are known. */
#define _GNU_SOURCE
#include "apps/drill/sysctls.h"
#include "apps/tern/i18n.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COMMANDS_TEXT_BYTES = 4096, COMMANDS_WORDS_MAX = 64 };

/* One command: its words, and what ended it. */
typedef struct command {
    char text[COMMANDS_TEXT_BYTES];
    char *words[COMMANDS_WORDS_MAX];
    size_t count;
    char end[3]; /* "|", "||", "&&", ";" or a newline; empty: the end of the text */
} command;

static bool commands_is_end(const char *at)
{
    return *at == '\n' || *at == ';' || *at == '|' || (at[0] == '&' && at[1] == '&');
}

static const char *commands_take_end(const char *at, command *c)
{
    size_t bytes = (at[0] == '|' || at[0] == '&') && at[1] == at[0] ? 2 : 1;

    memcpy(c->end, at, bytes);
    c->end[bytes] = '\0';
    return at + bytes;
}

/* "2>&1", "> /dev/null": without them. */
static void commands_drop_redirections(command *c)
{
    size_t kept = 0;

    for (size_t i = 0; i < c->count; i++) {
        const char *word = c->words[i];
        size_t before = strspn(word, "0123456789&");
        if (word[before] != '>')
            c->words[kept++] = c->words[i];
        else if (word[strspn(word, "0123456789&>")] == '\0' && strchr(word + before, '&') == NULL)
            i++; /* the file is the next word */
    }
    c->count = kept;
}

/* A '#' at the beginning of a word: up to the end of the line. */
static const char *commands_skip_comment(const char *at)
{
    while (*at != '\0' && *at != '\n')
        at++;
    return at;
}

/* The next command of a text. Quotes hold a word together. Returns what is behind it. */
static const char *commands_split(const char *text, command *c)
{
    size_t at = 0;
    char quote = '\0';
    bool in_word = false;

    c->count = 0;
    c->end[0] = '\0';
    while (*text != '\0' && at + 1 < sizeof c->text) {
        if (quote == '\0' && !in_word && *text == '#')
            text = commands_skip_comment(text);
        if (quote == '\0' && commands_is_end(text)) {
            text = commands_take_end(text, c);
            break;
        }
        char l = *text != '\0' ? *text++ : '\n';
        if (l == '"' || l == '\'') {
            quote = quote == l ? '\0' : quote == '\0' ? l : quote;
            continue;
        }
        if (l == '\\' && *text == '\n') {
            text++;
            l = ' ';
        }
        if (quote == '\0' && isspace((unsigned char)l)) {
            if (in_word)
                c->text[at++] = '\0';
            in_word = false;
            continue;
        }
        if (!in_word && c->count < COMMANDS_WORDS_MAX)
            c->words[c->count++] = &c->text[at];
        in_word = true;
        c->text[at++] = l;
    }
    c->text[at] = '\0';
    commands_drop_redirections(c);
    return text;
}

static bool commands_unsupported(runner *r, pkt_place place, const char *which)
{
    return sysctls_unsupported(r, place, N_("the command"), which);
}

/* ---- Programs ------------------------------------------------------------------------------ */

/* "net.ipv4.tcp_sack=0", or "/proc/sys/net/ipv4/tcp_sack=0". */
static bool commands_assignment(runner *r, pkt_place place, char *word)
{
    char *value = strchr(word, '=');

    if (word[0] == '-')
        return true;
    if (value == NULL)
        return sysctls_unsupported(r, place, N_("the sysctl"), word);
    *value++ = '\0';
    if (strncmp(word, "/proc/sys/", 10) == 0)
        word += 10;
    for (char *c = word; *c != '\0'; c++)
        if (*c == '/')
            *c = '.';
    return sysctls_set(r, place, word, value);
}

static bool commands_sysctl(runner *r, pkt_place place, command *c)
{
    for (size_t i = 1; i < c->count; i++)
        if (!commands_assignment(r, place, c->words[i]))
            return false;
    return true;
}

/* The suite's defaults.sh, by the values that it sets. */
static bool commands_defaults(runner *r, pkt_place place, command *c)
{
    static const char *const values[][2] = {
        {"tcp_rmem", "4096 540000 15728640"},
        {"tcp_wmem", "4096 262144 4194304"},
        {"tcp_timestamps", "1"},
        {"tcp_syn_retries", "5"},
        {"tcp_synack_retries", "5"},
        {"tcp_sack", "1"},
        {"tcp_slow_start_after_idle", "0"},
        {"tcp_fastopen", "0x70403"},
        {"tcp_fastopen_key", "a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4"},
    };

    (void)c;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        if (!sysctls_set(r, place, values[i][0], values[i][1]))
            return false;
    return true;
}

/* Each run has a stack of its own; its link is as fast as asked. */
static bool commands_nothing(runner *r, pkt_place place, command *c)
{
    (void)r;
    (void)place;
    (void)c;
    return true;
}

static bool commands_has_word(const command *c, const char *word)
{
    for (size_t i = 1; i < c->count; i++)
        if (strcmp(c->words[i], word) == 0)
            return true;
    return false;
}

/* No queue stands in front of the stack: none that drops, and none that has room for all it
 * sends but does not pace either. */
static bool commands_tc(runner *r, pkt_place place, command *c)
{
    if (commands_has_word(c, "limit"))
        return commands_unsupported(r, place, "tc qdisc ... limit");
    return true;
}

/* ethtool -K tun0 gso off tso off: one packet is one segment, which the system has cut itself. */
static bool commands_ethtool(runner *r, pkt_place place, command *c)
{
    if (!commands_has_word(c, "-K") || !commands_has_word(c, "off") || commands_has_word(c, "on"))
        return commands_unsupported(r, place, "ethtool");
    r->system.segments_alone = r->system.segments_cut = true;
    return true;
}

static bool commands_ip(runner *r, pkt_place place, command *c)
{
    if (c->count < 3 || strcmp(c->words[1], "tcp_metrics") != 0 ||
        strcmp(c->words[2], "flush") != 0)
        return commands_unsupported(r, place, c->count > 1 ? c->words[1] : "ip");
    system_forget_servers(&r->subject);
    return true;
}

typedef struct command_entry {
    const char *name;
    bool (*function)(runner *r, pkt_place place, command *c);
} command_entry;

static const command_entry programs[] = {
    {"defaults.sh", commands_defaults},  {"sysctl", commands_sysctl},
    {"set_sysctls.py", commands_sysctl}, {"sleep", commands_nothing},
    {"true", commands_nothing},          {"tc", commands_tc},
    {"ethtool", commands_ethtool},       {"ip", commands_ip},
};

static bool commands_one(runner *r, pkt_place place, command *c)
{
    const char *program = strrchr(c->words[0], '/');

    program = program != NULL ? program + 1 : c->words[0];
    if (strncmp(program, "sysctl_restore_", 15) == 0)
        return true;
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++)
        if (strcmp(programs[i].name, program) == 0)
            return programs[i].function(r, place, c);
    return commands_unsupported(r, place, program);
}

/* ---- Pipes: what is looked for in what the system tells ------------------------------------- */

/* The counters of Linux that scripts look for, by the rule that counts the same. */
static const struct {
    const char *name;
    tern_rule rule;
} counters[] = {
    {"TcpExtOutOfWindowIcmps", TERN_RULE_ICMP_SEQUENCE_REFUSED},
};

/* nstat tells what has changed since it was asked last. */
static uint64_t commands_nstat_since(runner *r, tern_rule rule)
{
    return tern_counter(r->subject.stack, rule) - r->system.counters[rule];
}

static void commands_nstat_begin(runner *r)
{
    for (unsigned i = 1; i < TERN_RULES; i++)
        r->system.counters[i] = tern_counter(r->subject.stack, (tern_rule)i);
}

/* nstat, or nstat | grep NAME. */
static bool commands_nstat(runner *r, pkt_place place, const command *grep)
{
    if (r->subject.stack == NULL)
        return commands_unsupported(r, place, "nstat");
    for (size_t i = 0; grep != NULL && i < sizeof counters / sizeof counters[0]; i++) {
        if (grep->count != 2 || strcmp(grep->words[1], counters[i].name) != 0)
            continue;
        if (commands_nstat_since(r, counters[i].rule) == 0)
            runner_verdict(r, DRILL_FAIL, place, N_("nstat does not count any %s"),
                           counters[i].name);
        commands_nstat_begin(r);
        return !r->over;
    }
    if (grep != NULL)
        return commands_unsupported(r, place, grep->count > 1 ? grep->words[1] : "grep");
    commands_nstat_begin(r);
    return true;
}

/* grep " 0A " /proc/net/tcp ... | grep ":1F90": does anybody listen on this port? */
static bool commands_listens(runner *r, pkt_place place, const command *grep)
{
    tern_status status;
    uint64_t cursor = 0;
    unsigned port;

    if (r->subject.stack == NULL || grep == NULL || grep->count != 2 ||
        sscanf(grep->words[1], ":%4x", &port) != 1)
        return commands_unsupported(r, place, "grep ... /proc/net/tcp");
    while (tern_status_next(r->subject.stack, &cursor, &status))
        if (status.state == TERN_LISTEN && status.local.port == port)
            return true;
    runner_verdict(r, DRILL_FAIL, place, N_("nobody listens on port %u"), port);
    return false;
}

/* Is it one of those that tell, whose output a grep may look at? */
static bool commands_tells(const command *c)
{
    return strcmp(c->words[0], "nstat") == 0 ||
           (c->count > 2 && strcmp(c->words[0], "grep") == 0 && strcmp(c->words[1], " 0A ") == 0);
}

static bool commands_tell(runner *r, pkt_place place, const command *c, const command *grep)
{
    if (grep != NULL && (grep->count == 0 || strcmp(grep->words[0], "grep") != 0))
        return commands_unsupported(r, place, grep->count > 0 ? grep->words[0] : "|");
    return strcmp(c->words[0], "nstat") == 0 ? commands_nstat(r, place, grep)
                                             : commands_listens(r, place, grep);
}

bool commands_run(runner *r, pkt_place place, const char *text)
{
    static command c, behind;

    while (*text != '\0' && !r->over) {
        text = commands_split(text, &c);
        bool piped = strcmp(c.end, "|") == 0, otherwise = strcmp(c.end, "||") == 0;
        if (piped || otherwise) /* what is behind || is for when this fails, and nothing does */
            text = commands_split(text, &behind);
        if (c.count == 0)
            continue;
        bool good = commands_tells(&c) ? commands_tell(r, place, &c, piped ? &behind : NULL)
                    : piped            ? commands_unsupported(r, place, "|")
                                       : commands_one(r, place, &c);
        if (!good)
            return false;
    }
    return !r->over;
}
