/* drill_one.h - one script, read, run in virtual time, and what came of it. */
#ifndef TERN_APPS_DRILL_ONE_H
#define TERN_APPS_DRILL_ONE_H

#include "apps/drill/run.h"
#include "apps/tern/behaviour.h"
#include "apps/tern/coverage.h"

/* How all scripts of one command are run. */
typedef struct drill_how {
    const pkt_define *defines;
    size_t define_count;
    tern_config config;
    const behaviour *behaviour; /* what of it the command line says */
    const pkt_option *flags;    /* drill_options.flags */
    bool leftovers;             /* drill_options.leftovers */
    subject_arena *arena;       /* drill_options.arena: of a worker, which is a process */
    bool ascii, colour;         /* of the picture */
    unsigned columns;
} drill_how;

/* What is run: a file, under one kind of address. */
typedef struct drill_work {
    char *path;
    drill_family family;
    bool alone; /* the same file is run under no other */
} drill_work;

typedef enum drill_end {
    DRILL_END_PASS,
    DRILL_END_FAIL,
    DRILL_END_UNSUPPORTED,
    DRILL_END_ERROR,   /* no memory, no end, or the runner died */
    DRILL_END_NO_TEXT, /* the file cannot be read */
    DRILL_END_NO_SCRIPT,
    DRILL_END_TWICE, /* the script names its addresses: it was run already */
    DRILL_ENDS,
} drill_end;

typedef struct drill_result {
    drill_end end;
    pkt_place place; /* line 0: none */
    tern_rule rule;
    tern_time at_us;
    coverage reached;
    char text[DRILL_TEXT_BYTES];
    char *line;    /* of the script, at the place; may be NULL; both are the result's own */
    char *picture; /* the ladder of the last packets; NULL: there is none */
} drill_result;

/* Runs it. Whatever the file is, this returns. */
void drill_one(const drill_work *work, const drill_how *how, drill_result *result);

void drill_result_clear(drill_result *result);

/* "pass", "fail" ...: in English, as machines read it. */
const char *drill_end_name(drill_end end);

/* What is wrong with a text that is no script, in the reader's language. */
void drill_parse_text(const pkt_error *error, char *text, size_t cap_bytes);

#endif
