/* commands.c - a script's shell commands, which never reach a shell.
 *
 * Each is looked up by its program's name. What is not there makes the verdict "unsupported". Where
 * its output goes means nothing, but for what tells of the system (tells.h). */
#define _GNU_SOURCE
#include "apps/drill/shell.h"
#include "apps/drill/sysctls.h"
#include "apps/drill/tells.h"
#include "apps/tern/i18n.h"

#include <string.h>

enum { COMMANDS_PIPE_MAX = 6 };

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

static bool commands_sysctl(runner *r, pkt_place place, shell_command *c)
{
    for (size_t i = 1; i < c->count; i++)
        if (!commands_assignment(r, place, c->words[i]))
            return false;
    return true;
}

/* The suite's defaults.sh, by the values that it sets. */
static bool commands_defaults(runner *r, pkt_place place, shell_command *c)
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
static bool commands_nothing(runner *r, pkt_place place, shell_command *c)
{
    (void)r;
    (void)place;
    (void)c;
    return true;
}

static bool commands_has_word(const shell_command *c, const char *word)
{
    for (size_t i = 1; i < c->count; i++)
        if (strcmp(c->words[i], word) == 0)
            return true;
    return false;
}

/* No queue stands in front of the stack: none that drops, and none that has room for all it
 * sends but does not pace either. */
static bool commands_tc(runner *r, pkt_place place, shell_command *c)
{
    if (commands_has_word(c, "limit"))
        return commands_unsupported(r, place, "tc qdisc ... limit");
    return true;
}

/* ethtool -K tun0 gso off tso off: one packet is one segment, which the system has cut itself. */
static bool commands_ethtool(runner *r, pkt_place place, shell_command *c)
{
    if (!commands_has_word(c, "-K") || !commands_has_word(c, "off") || commands_has_word(c, "on"))
        return commands_unsupported(r, place, "ethtool");
    r->system.segments_alone = r->system.segments_cut = true;
    return true;
}

static bool commands_ip(runner *r, pkt_place place, shell_command *c)
{
    if (c->count < 3 || strcmp(c->words[1], "tcp_metrics") != 0 ||
        strcmp(c->words[2], "flush") != 0)
        return commands_unsupported(r, place, c->count > 1 ? c->words[1] : "ip");
    system_forget_servers(&r->subject);
    return true;
}

/* tcpdrop -s STATE: the connections in this state are aborted. Of one without a descriptor there is
 * no handle. */
static bool commands_tcpdrop(runner *r, pkt_place place, shell_command *c)
{
    tern_status status;

    if (c->count != 3 || strcmp(c->words[1], "-s") != 0 || r->subject.stack == NULL)
        return commands_unsupported(r, place, "tcpdrop");
    for (unsigned i = 0; i < RUNNER_DESCRIPTORS; i++) {
        if (!tells_descriptor(r, i, &status) || strcmp(tells_state(&status), c->words[2]) != 0)
            continue;
        tern_handle handle = tern_sockets_handle(r->subject.table, r->live[i]);
        (void)tern_abort(r->subject.stack, r->subject.now_us, handle);
    }
    for (uint64_t cursor = 0; tern_status_next(r->subject.stack, &cursor, &status);)
        if (strcmp(tells_state(&status), c->words[2]) == 0)
            return commands_unsupported(r, place, "tcpdrop");
    return true;
}

/* setkey -F: forgets keys of RFC 2385, which tern has not. */
static bool commands_setkey(runner *r, pkt_place place, shell_command *c)
{
    return (c->count == 2 && strcmp(c->words[1], "-F") == 0) ||
           commands_unsupported(r, place, "setkey");
}

typedef struct command_entry {
    const char *name;
    bool (*function)(runner *r, pkt_place place, shell_command *c);
} command_entry;

static const command_entry programs[] = {
    {"defaults.sh", commands_defaults},  {"sysctl", commands_sysctl},
    {"set_sysctls.py", commands_sysctl}, {"sleep", commands_nothing},
    {"true", commands_nothing},          {"tc", commands_tc},
    {"ethtool", commands_ethtool},       {"ip", commands_ip},
    {"tcpdrop", commands_tcpdrop},       {"setkey", commands_setkey},
};

static bool commands_one(runner *r, pkt_place place, shell_command *c)
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

/* ---- The text ------------------------------------------------------------------------------ */

/* Up to COMMANDS_PIPE_MAX commands, each of which reads what the one before it tells. */
static const char *commands_take_pipe(const char *text, shell_command *pipe, size_t *count)
{
    *count = 0;
    do {
        text = shell_split(text, &pipe[*count]);
        ++*count;
    } while (strcmp(pipe[*count - 1].end, "|") == 0 && *count < COMMANDS_PIPE_MAX);
    return text;
}

bool commands_run(runner *r, pkt_place place, const char *text)
{
    static shell_command pipe[COMMANDS_PIPE_MAX], other[COMMANDS_PIPE_MAX];
    size_t count, others;

    while (*text != '\0' && !r->over) {
        text = commands_take_pipe(text, pipe, &count);
        bool whole = strcmp(pipe[count - 1].end, "|") != 0;
        if (strcmp(pipe[count - 1].end, "||") == 0) /* for when it fails, and nothing does */
            text = commands_take_pipe(text, other, &others);
        if (pipe[0].count == 0)
            continue;
        bool good = !whole                   ? commands_unsupported(r, place, "|")
                    : tells_is_one(&pipe[0]) ? tells_run(r, place, pipe, count)
                    : count > 1              ? commands_unsupported(r, place, "|")
                                             : commands_one(r, place, &pipe[0]);
        if (!good)
            return false;
    }
    return !r->over;
}
