/* coverage.c - see coverage.h: counting, and the file. */
#define _GNU_SOURCE
#include "apps/tern/coverage.h"

#include "apps/tern/message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COVERAGE_MAGIC "tern-coverage 1"

enum { COVERAGE_LINE_BYTES = 160 };

/* The control bits of tern_trace.flags (RFC 9293 3.1). */
enum { FLAG_FIN = 1, FLAG_SYN = 2, FLAG_RST = 4, FLAG_ACK = 16, FLAG_URG = 32 };

const char *coverage_segment_name(coverage_segment segment)
{
    static const char *const names[COVERAGE_SEGMENTS] = {
        [COVERAGE_RST] = "RST", [COVERAGE_SYN_ACK] = "SYN,ACK", [COVERAGE_SYN] = "SYN",
        [COVERAGE_FIN] = "FIN", [COVERAGE_URG] = "URG",         [COVERAGE_DATA] = "data",
        [COVERAGE_ACK] = "ACK", [COVERAGE_NO_ACK] = "no ACK",
    };
    return names[segment];
}

/* ---- Counting ------------------------------------------------------------------------------ */

static coverage_segment coverage_segment_of(unsigned flags, uint32_t text_bytes)
{
    if ((flags & FLAG_RST) != 0)
        return COVERAGE_RST;
    if ((flags & FLAG_SYN) != 0)
        return (flags & FLAG_ACK) != 0 ? COVERAGE_SYN_ACK : COVERAGE_SYN;
    if ((flags & FLAG_FIN) != 0)
        return COVERAGE_FIN;
    if ((flags & FLAG_URG) != 0)
        return COVERAGE_URG;
    if (text_bytes > 0)
        return COVERAGE_DATA;
    return (flags & FLAG_ACK) != 0 ? COVERAGE_ACK : COVERAGE_NO_ACK;
}

/* COVERAGE_EDGES: there is none. */
static size_t coverage_edge_of(tern_state from, tern_state to, tern_cause cause)
{
    const tern_edge_info *edge;

    for (size_t i = 0; (edge = tern_edge_get(i)) != NULL; i++)
        if (edge->from == from && edge->to == to && edge->cause == cause)
            return i;
    return COVERAGE_EDGES;
}

void coverage_note(coverage *c, const tern_trace *trace)
{
    switch (trace->kind) {
    case TERN_TRACE_STATE: {
        size_t edge = coverage_edge_of(trace->from, trace->to, trace->cause);
        if (edge < COVERAGE_EDGES)
            c->edges[edge]++;
        break;
    }
    case TERN_TRACE_RULE:
        c->rules[trace->rule]++;
        break;
    case TERN_TRACE_SEGMENT:
        c->segments[trace->from][coverage_segment_of(trace->flags, trace->text_bytes)]++;
        break;
    }
}

void coverage_add(coverage *sum, const coverage *more)
{
    sum->runs += more->runs;
    for (unsigned state = 0; state < TERN_STATES; state++)
        for (unsigned segment = 0; segment < COVERAGE_SEGMENTS; segment++)
            sum->segments[state][segment] += more->segments[state][segment];
    for (unsigned edge = 0; edge < COVERAGE_EDGES; edge++)
        sum->edges[edge] += more->edges[edge];
    for (unsigned rule = 0; rule < TERN_RULES; rule++)
        sum->rules[rule] += more->rules[rule];
}

/* ---- Writing ------------------------------------------------------------------------------- */

static int coverage_unwritable(const char *verb, const char *path)
{
    return message_fail(EXIT_FAILED, verb, _("cannot write %s: %s"), path, strerror(errno));
}

bool coverage_file_open(coverage_file *f, const char *verb, const char *path)
{
    *f = (coverage_file){.path = path, .fd = -1};
    if (path == NULL)
        return true;
    f->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (f->fd < 0)
        (void)coverage_unwritable(verb, path);
    return f->fd >= 0;
}

static void coverage_print(const coverage *c, FILE *out)
{
    const tern_edge_info *edge;

    (void)fprintf(out, COVERAGE_MAGIC "\nruns %llu\n", (unsigned long long)c->runs);
    for (unsigned state = 0; state < TERN_STATES; state++)
        for (unsigned segment = 0; segment < COVERAGE_SEGMENTS; segment++)
            if (c->segments[state][segment] > 0)
                (void)fprintf(out, "segment %llu %s %s\n",
                              (unsigned long long)c->segments[state][segment],
                              tern_state_name((tern_state)state),
                              coverage_segment_name((coverage_segment)segment));
    for (unsigned i = 0; i < COVERAGE_EDGES; i++)
        if (c->edges[i] > 0 && (edge = tern_edge_get(i)) != NULL)
            (void)fprintf(out, "edge %llu %s %s %s\n", (unsigned long long)c->edges[i],
                          tern_state_name(edge->from), tern_state_name(edge->to),
                          tern_cause_name(edge->cause));
    for (unsigned rule = 1; rule < TERN_RULES; rule++)
        if (c->rules[rule] > 0)
            (void)fprintf(out, "rule %llu %s\n", (unsigned long long)c->rules[rule],
                          tern_rule_get((tern_rule)rule)->name);
}

int coverage_file_add(coverage_file *f, const char *verb, const coverage *c)
{
    char *text = NULL;
    size_t bytes = 0;
    int status = EXIT_DONE;

    if (f->fd < 0)
        return EXIT_DONE;
    FILE *out = open_memstream(&text, &bytes);
    if (out != NULL) {
        coverage_print(c, out);
        if (fclose(out) != 0)
            bytes = 0;
    }
    if (bytes == 0)
        status = message_fail(EXIT_FAILED, verb, _("not enough memory"));
    else if (write(f->fd, text, bytes) != (ssize_t)bytes)
        status = coverage_unwritable(verb, f->path);
    if (close(f->fd) != 0 && status == EXIT_DONE)
        status = coverage_unwritable(verb, f->path);
    f->fd = -1;
    free(text);
    return status;
}

/* ---- Reading ------------------------------------------------------------------------------- */

/* TERN_STATES: there is none. */
static tern_state coverage_state_named(const char *name)
{
    unsigned state = 0;

    while (state < TERN_STATES && strcmp(tern_state_name((tern_state)state), name) != 0)
        state++;
    return (tern_state)state;
}

/* The place of what a line counts; NULL: this tern has no such thing. */
static uint64_t *coverage_segment_named(coverage *c, char *words)
{
    char *segment = strchr(words, ' ');

    if (segment == NULL)
        return NULL;
    *segment++ = '\0';
    tern_state state = coverage_state_named(words);
    for (unsigned i = 0; i < COVERAGE_SEGMENTS && state < TERN_STATES; i++)
        if (strcmp(coverage_segment_name((coverage_segment)i), segment) == 0)
            return &c->segments[state][i];
    return NULL;
}

static uint64_t *coverage_edge_named(coverage *c, char *words)
{
    char *from = strsep(&words, " "), *to = strsep(&words, " ");
    const tern_edge_info *edge;

    for (size_t i = 0; words != NULL && i < COVERAGE_EDGES && (edge = tern_edge_get(i)) != NULL;
         i++)
        if (strcmp(tern_state_name(edge->from), from) == 0 &&
            strcmp(tern_state_name(edge->to), to) == 0 &&
            strcmp(tern_cause_name(edge->cause), words) == 0)
            return &c->edges[i];
    return NULL;
}

static uint64_t *coverage_rule_named(coverage *c, const char *name)
{
    for (unsigned rule = 1; rule < TERN_RULES; rule++)
        if (strcmp(tern_rule_get((tern_rule)rule)->name, name) == 0)
            return &c->rules[rule];
    return NULL;
}

/* "KIND COUNT WORDS", taken apart. NULL: it is no such line. */
static uint64_t *coverage_line(coverage *c, char *line, uint64_t *count)
{
    char *kind = strsep(&line, " "), *number = strsep(&line, " "), *end = NULL;

    if (number == NULL || number[0] < '0' || number[0] > '9')
        return NULL;
    errno = 0;
    *count = strtoull(number, &end, 10);
    if (*end != '\0' || errno != 0)
        return NULL;
    if (strcmp(kind, "runs") == 0 && line == NULL)
        return &c->runs;
    if (line == NULL)
        return NULL;
    if (strcmp(kind, "segment") == 0)
        return coverage_segment_named(c, line);
    if (strcmp(kind, "edge") == 0)
        return coverage_edge_named(c, line);
    return strcmp(kind, "rule") == 0 ? coverage_rule_named(c, line) : NULL;
}

/* Adds all lines. 0, or the number of the line that is wrong; *line is then what is in it. */
static unsigned coverage_lines(coverage *sum, FILE *in, char line[COVERAGE_LINE_BYTES])
{
    char words[COVERAGE_LINE_BYTES];
    unsigned number = 0;

    while (fgets(line, COVERAGE_LINE_BYTES, in) != NULL) {
        uint64_t count = 0;
        bool magic;
        line[strcspn(line, "\n")] = '\0';
        magic = strcmp(line, COVERAGE_MAGIC) == 0;
        if (++number == 1 && !magic)
            return 1;
        if (magic)
            continue;
        (void)memcpy(words, line, sizeof words);
        uint64_t *sum_of = coverage_line(sum, words, &count);
        if (sum_of == NULL)
            return number;
        *sum_of += count;
    }
    return 0;
}

int coverage_read(coverage *sum, const char *verb, const char *path)
{
    char line[COVERAGE_LINE_BYTES] = "";
    FILE *in = fopen(path, "re");
    unsigned wrong = in != NULL ? coverage_lines(sum, in, line) : 0;
    int status = EXIT_DONE;

    if (in == NULL || ferror(in) != 0)
        status = message_fail(EXIT_FAILED, verb, _("cannot read %s: %s"), path, strerror(errno));
    else if (wrong == 1)
        status = message_fail(EXIT_FAILED, verb, _("%s is not a file that --coverage has written"),
                              path);
    else if (wrong > 1)
        status = message_fail(EXIT_FAILED, verb,
                              _("%s, line %u: this tern knows no '%s': was the file written by "
                                "another version?"),
                              path, wrong, line);
    if (in != NULL)
        (void)fclose(in);
    return status;
}
