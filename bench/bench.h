/* bench.h - what the benchmark programs share: the budget of a run, the clock, a row's result.
 *
 * A program runs one row once and prints one JSON line of numbers; `tern bench` runs the programs
 * in turns and takes the medians. A row that finds work undone ends the program by bench_fail():
 * no number is printed for work that was not seen to be done. */
#ifndef TERN_BENCH_BENCH_H
#define TERN_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How much of a row is timed: exactly `operations` when that is not 0 (and no warm-up, so that
 * a test can count), else as many as fit into `ns`, after a warm-up of a quarter of it. */
typedef struct bench_budget {
    uint64_t operations;
    uint64_t ns;
} bench_budget;

/* ns is processor time: a machine whose cores others use too takes the program off them at times,
 * which is no cost of the row. Wall time only ends a run. */
typedef struct bench_timing {
    uint64_t operations;
    uint64_t ns, wall_ns;
} bench_timing;

enum { BENCH_VALUES_MAX = 16 };

typedef struct bench_result {
    uint32_t count;
    const char *names[BENCH_VALUES_MAX];
    double values[BENCH_VALUES_MAX];
} bench_result;

typedef struct bench_row {
    const char *name;
    void (*run)(const struct bench_row *row, const bench_budget *budget, bench_result *result);
    uint32_t connections; /* open beside the ones that live and die, or to choose from */
    uint32_t kind;        /* a script_kind, where the row has one */
    const char *text;     /* what one operation is; behind a tab, "on request": takes long, and
                           * `tern bench` runs it only when it is named */
} bench_row;

/* Does so many operations. */
typedef void bench_step(void *context, uint64_t operations);

uint64_t bench_now_ns(void);

/* One line on stderr, and the end of the program with status 1. */
_Noreturn void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Cleared memory at a cache line's start, every page of it touched. bench_main() gives it back
 * when the row is done; the program ends when there is none. */
void *bench_allocate(size_t bytes);

/* Adds a number to the line; name must live as long as the result. */
void bench_add(bench_result *result, const char *name, double value);

/* Runs step before anything is timed, unless the budget is a count. */
void bench_warm_up(const bench_budget *budget, bench_step *step, void *context, uint64_t batch);

/* Runs step in batches until the budget is used up. */
bench_timing bench_measure(const bench_budget *budget, bench_step *step, void *context,
                           uint64_t batch);

/* main() of a benchmark program. Takes --list, --row NAME, --ms N or --count N. */
int bench_main(int argc, char **argv, const char *stack, const bench_row *rows);

#endif
