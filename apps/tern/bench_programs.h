/* bench_programs.h - the benchmark programs: where they are, what they say.
 *
 * tern-bench-tern and tern-bench-lwip lie beside the tern program, or in ../libexec/tern once
 * installed. One run of one measures one row once and prints one flat JSON object of numbers. */
#ifndef TERN_APPS_BENCH_PROGRAMS_H
#define TERN_APPS_BENCH_PROGRAMS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BENCH_ROWS_MAX = 32,
    BENCH_NAME_BYTES = 32,
    BENCH_TEXT_BYTES = 80,
    BENCH_ROUNDS_MAX = 25,
    BENCH_KEYS_MAX = 16,
};

typedef struct bench_row {
    char name[BENCH_NAME_BYTES];
    char text[BENCH_TEXT_BYTES];
    bool on_request; /* only when it is named */
} bench_row;

typedef struct bench_program {
    char path[PATH_MAX];
    char stack[BENCH_NAME_BYTES]; /* "lwip 2.1.3": known after the first run */
    bool found;
    size_t row_count;
    bench_row rows[BENCH_ROWS_MAX];
} bench_program;

/* One number of a row, by its name, in all rounds. */
typedef struct bench_series {
    char name[BENCH_NAME_BYTES];
    double values[BENCH_ROUNDS_MAX];
    uint32_t count;
} bench_series;

typedef struct bench_samples {
    bench_series series[BENCH_KEYS_MAX];
    size_t series_count;
} bench_samples;

/* Looks for the program and asks it for its rows. program->found tells whether it is there;
 * false: it is there and does not work. */
bool bench_program_find(bench_program *program, const char *name);

/* NULL when the program does not have the row. */
const bench_row *bench_program_row(const bench_program *program, const char *name);

/* Runs a row once, for so many milliseconds, and adds its numbers to the samples. false: the
 * program failed (and said why on stderr). */
bool bench_program_run(bench_program *program, const char *row, uint32_t time_ms,
                       bench_samples *samples);

/* NULL when there is no such number. */
const bench_series *bench_series_of(const bench_samples *samples, const char *name);

/* The median of count values, at least one and at most BENCH_ROUNDS_MAX. */
double bench_median_of(const double *values, uint32_t count);

/* The median over the rounds; 0 and false when there is no such number. */
bool bench_median(const bench_samples *samples, const char *name, double *median);

/* (largest - smallest) / median; 0 when there is no such number. */
double bench_spread(const bench_samples *samples, const char *name);

#endif
