/* coverage.h - what stacks have reached: segments by the state they came in, changes of state,
 * decisions.
 *
 * A run adds its own to a file (--coverage FILE); `tern rules --coverage FILE...` shows the sum,
 * and so what no run has reached. The file is text: "tern-coverage 1" begins what one run has
 * added, then a line for each thing reached, with how often:
 *
 *     runs 1
 *     segment 12 ESTABLISHED data
 *     edge 1 LISTEN SYN-RECEIVED rcv SYN
 *     rule 3 RST_CHALLENGED */
#ifndef TERN_APPS_COVERAGE_H
#define TERN_APPS_COVERAGE_H

#include "tern/status.h"
#include "tern/trace.h"

#include <stdio.h>

/* A segment is the first of these that it can be. */
typedef enum coverage_segment {
    COVERAGE_RST,
    COVERAGE_SYN_ACK,
    COVERAGE_SYN,
    COVERAGE_FIN,
    COVERAGE_URG,
    COVERAGE_DATA,
    COVERAGE_ACK,
    COVERAGE_NO_ACK, /* none of all that */
    COVERAGE_SEGMENTS,
} coverage_segment;

enum {
#define EDGE(from, to, cause, action, source) COVERAGE_##from##_##to##_##cause,
#include "tern/edges.def"
    COVERAGE_EDGES
};

typedef struct coverage {
    uint64_t runs;
    uint64_t segments[TERN_STATES][COVERAGE_SEGMENTS];
    uint64_t edges[COVERAGE_EDGES]; /* in the order of tern_edge_get() */
    uint64_t rules[TERN_RULES];
} coverage;

/* "SYN,ACK", "data": also the word in the file. */
const char *coverage_segment_name(coverage_segment segment);

/* Counts what a trace hook was told. */
void coverage_note(coverage *c, const tern_trace *trace);

void coverage_add(coverage *sum, const coverage *more);

/* A file that a command adds to. */
typedef struct coverage_file {
    const char *path; /* NULL: none, and nothing happens */
    int fd;
} coverage_file;

/* Before the run, so that a mistake shows at once. false: the message is printed. */
bool coverage_file_open(coverage_file *f, const char *verb, const char *path);

/* Adds all of c in one piece: several programs may add to one file. EXIT_DONE, or EXIT_FAILED, and
 * the message is printed. */
int coverage_file_add(coverage_file *f, const char *verb, const coverage *c);

/* Adds what is in a file to *sum. EXIT_DONE, or EXIT_FAILED, and the message is printed. */
int coverage_read(coverage *sum, const char *verb, const char *path);

#endif
