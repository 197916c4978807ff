/* coverage_test.c - what runs have reached: counted, added to a file, read again, shown. */
#define _GNU_SOURCE
#include "apps/tern/coverage_show.h"
#include "apps/tern/message.h"
#include "tests/test.h"

#include <stdlib.h>
#include <unistd.h>

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32 };

static void note_segment(coverage *c, tern_state state, uint16_t flags, uint32_t text_bytes)
{
    coverage_note(c, &(tern_trace){.kind = TERN_TRACE_SEGMENT,
                                   .from = state,
                                   .flags = flags,
                                   .text_bytes = text_bytes});
}

static coverage some_coverage(void)
{
    coverage c = {.runs = 1};

    note_segment(&c, TERN_LISTEN, SYN, 0);
    note_segment(&c, TERN_ESTABLISHED, ACK | PSH, 100);
    note_segment(&c, TERN_ESTABLISHED, ACK | PSH, 100);
    coverage_note(&c, &(tern_trace){.kind = TERN_TRACE_STATE,
                                    .from = TERN_LISTEN,
                                    .to = TERN_SYN_RECEIVED,
                                    .cause = TERN_CAUSE_RCV_SYN});
    coverage_note(&c, &(tern_trace){.kind = TERN_TRACE_RULE, .rule = TERN_RULE_RST_CHALLENGED});
    return c;
}

/* The path of a new file, empty or with a text. */
static const char *file_with(const char *text)
{
    static char path[] = "/tmp/tern-coverage-XXXXXX";

    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    CHECK_EQ(write(fd, text, strlen(text)), strlen(text));
    CHECK_EQ(close(fd), 0);
    return path;
}

static int read_of(const char *text)
{
    coverage sum = {.runs = 0};
    const char *path = file_with(text);
    int status = coverage_read(&sum, "rules", path);

    CHECK_EQ(unlink(path), 0);
    return status;
}

TEST(coverage_counts_a_segment_under_one_name)
{
    static const struct {
        uint16_t flags;
        uint32_t text_bytes;
        coverage_segment segment;
    } cases[] = {
        {RST | ACK, 0, COVERAGE_RST},
        {SYN | ACK, 0, COVERAGE_SYN_ACK},
        {SYN, 100, COVERAGE_SYN},
        {FIN | ACK | PSH, 100, COVERAGE_FIN},
        {URG | ACK, 1, COVERAGE_URG},
        {ACK, 1, COVERAGE_DATA},
        {ACK | PSH, 0, COVERAGE_ACK},
        {PSH, 0, COVERAGE_NO_ACK},
        {RST | SYN | FIN | ACK, 0, COVERAGE_RST},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        coverage c = {.runs = 0}, want = {.runs = 0};
        note_segment(&c, TERN_CLOSING, cases[i].flags, cases[i].text_bytes);
        want.segments[TERN_CLOSING][cases[i].segment] = 1;
        CHECK_MEM(&c, &want, sizeof c);
    }
}

TEST(coverage_counts_edges_in_the_order_of_the_table)
{
    const tern_edge_info *edge;
    coverage c = {.runs = 0};
    size_t i = 0;

    for (; (edge = tern_edge_get(i)) != NULL; i++)
        coverage_note(&c, &(tern_trace){.kind = TERN_TRACE_STATE,
                                        .from = edge->from,
                                        .to = edge->to,
                                        .cause = edge->cause});
    CHECK_EQ(i, COVERAGE_EDGES);
    for (i = 0; i < COVERAGE_EDGES; i++)
        CHECK_EQ(c.edges[i], 1);
}

TEST(coverage_of_many_runs_adds_up_in_a_file)
{
    coverage c = some_coverage(), sum = {.runs = 0}, want = {.runs = 0};
    const char *path = file_with("");

    for (int run = 0; run < 3; run++) {
        coverage_file file;
        CHECK(coverage_file_open(&file, "play", path));
        CHECK_EQ(coverage_file_add(&file, "play", &c), EXIT_DONE);
        coverage_add(&want, &c);
    }
    CHECK_EQ(coverage_read(&sum, "rules", path), EXIT_DONE);
    CHECK_MEM(&sum, &want, sizeof sum);
    CHECK_EQ(sum.runs, 3);
    CHECK_EQ(sum.segments[TERN_ESTABLISHED][COVERAGE_DATA], 6);
    CHECK_EQ(unlink(path), 0);
}

TEST(coverage_keeps_everything_that_can_be_reached)
{
    coverage c = {.runs = 7}, sum = {.runs = 0};
    const char *path = file_with("");
    coverage_file file;

    for (unsigned state = 0; state < TERN_STATES; state++)
        for (unsigned segment = 0; segment < COVERAGE_SEGMENTS; segment++)
            c.segments[state][segment] = UINT64_MAX - state * COVERAGE_SEGMENTS - segment;
    for (unsigned edge = 0; edge < COVERAGE_EDGES; edge++)
        c.edges[edge] = edge + 1;
    for (unsigned rule = 1; rule < TERN_RULES; rule++)
        c.rules[rule] = rule;
    CHECK(coverage_file_open(&file, "drill", path));
    CHECK_EQ(coverage_file_add(&file, "drill", &c), EXIT_DONE);
    CHECK_EQ(coverage_read(&sum, "rules", path), EXIT_DONE);
    CHECK_MEM(&sum, &c, sizeof sum);
    CHECK_EQ(unlink(path), 0);
}

TEST(coverage_of_no_file_is_nothing)
{
    coverage c = some_coverage();
    coverage_file file;

    CHECK(coverage_file_open(&file, "play", NULL));
    CHECK_EQ(coverage_file_add(&file, "play", &c), EXIT_DONE);
    CHECK(!coverage_file_open(&file, "play", "/nowhere/at/all"));
}

TEST(coverage_that_is_none_is_refused)
{
    CHECK_EQ(read_of(""), EXIT_DONE); /* a run that never ended */
    CHECK_EQ(read_of("tern-coverage 1\n"), EXIT_DONE);
    CHECK_EQ(read_of("tern-coverage 1\nruns 2\ntern-coverage 1\nruns 1\n"), EXIT_DONE);
    CHECK_EQ(read_of("# notes\n"), EXIT_FAILED);
    CHECK_EQ(read_of("tern-coverage 2\nruns 2\n"), EXIT_FAILED);
    CHECK_EQ(read_of("tern-coverage 1\n\n"), EXIT_FAILED);
    CHECK_EQ(read_of("tern-coverage 1\nruns\n"), EXIT_FAILED);
    CHECK_EQ(read_of("tern-coverage 1\nruns -1\n"), EXIT_FAILED);
    CHECK_EQ(read_of("tern-coverage 1\nruns 18446744073709551616\n"), EXIT_FAILED);
    CHECK_EQ(read_of("tern-coverage 1\nruns 1 2\n"), EXIT_FAILED);
    CHECK_EQ(read_of("tern-coverage 1\nsegment 1 ESTABLISHED\n"), EXIT_FAILED);
    CHECK_EQ(read_of("tern-coverage 1\nsegment 1 OPEN data\n"), EXIT_FAILED);
    CHECK_EQ(read_of("tern-coverage 1\nsegment 1 ESTABLISHED XMAS\n"), EXIT_FAILED);
    CHECK_EQ(read_of("tern-coverage 1\nedge 1 LISTEN\n"), EXIT_FAILED);
    CHECK_EQ(read_of("tern-coverage 1\nedge 1 LISTEN ESTABLISHED rcv SYN\n"), EXIT_FAILED);
    CHECK_EQ(read_of("tern-coverage 1\nrule 1 NO_SUCH_RULE\n"), EXIT_FAILED);
    CHECK_EQ(read_of("tern-coverage 1\nfate 1 RST_CHALLENGED\n"), EXIT_FAILED);
}

/* What one of the functions prints; the caller's to free. */
static char *shown(const coverage *c, char what)
{
    static const draw_style style = {.width = 80, .ascii = true};
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);

    CHECK(out != NULL);
    if (what == 't')
        coverage_show(c, out, &style);
    else if (what == 'j')
        coverage_json(c, out);
    else
        coverage_svg(c, out);
    CHECK_EQ(fclose(out), 0);
    return text;
}

TEST(coverage_shows_what_was_reached_and_what_not)
{
    coverage c = some_coverage();
    char *text = shown(&c, 't');

    CHECK(strstr(text, "2 of 88 pairs") != NULL);
    CHECK(strstr(text, "ESTABLISHED           .        .        .        .        .        2") !=
          NULL);
    CHECK(strstr(text, "           1  LISTEN       -> SYN-RECEIVED  rcv SYN") != NULL);
    CHECK(strstr(text, "       never  LISTEN       -> CLOSED") != NULL);
    CHECK(strstr(text, "           1  RST_CHALLENGED  [RFC 5961 3.2") != NULL);
    CHECK(strstr(text, "       never  PORT_ZERO") != NULL);
    free(text);
}

TEST(coverage_as_json_has_a_line_for_everything)
{
    coverage c = some_coverage();
    char *text = shown(&c, 'j');
    size_t lines = 0;

    for (const char *at = text; *at != '\0'; at++)
        lines += *at == '\n' ? 1 : 0;
    CHECK_EQ(lines, 1 + TERN_STATES * COVERAGE_SEGMENTS + COVERAGE_EDGES + TERN_RULES - 1);
    CHECK(strncmp(text, "{\"runs\":1}\n", 11) == 0);
    CHECK(strstr(text, "{\"state\":\"ESTABLISHED\",\"segment\":\"data\",\"count\":2}") != NULL);
    free(text);
}

TEST(coverage_as_svg_has_a_cell_for_every_pair)
{
    coverage c = some_coverage();
    char *text = shown(&c, 's');
    size_t dashed = 0;

    for (const char *at = text; (at = strstr(at, "class=\"thin dash\"")) != NULL; at++)
        dashed++;
    CHECK_EQ(dashed, TERN_STATES * COVERAGE_SEGMENTS - 2);
    CHECK(strstr(text, "</svg>") != NULL);
    free(text);
}
