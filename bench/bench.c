/* bench.c - main() of a benchmark program: one row, run once, printed as one JSON line. */
#define _GNU_SOURCE
#include "bench/bench.h"
#include "bench/machine.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t bench_clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t bench_now_ns(void)
{
    return bench_clock_ns(CLOCK_MONOTONIC);
}

void bench_fail(const char *format, ...)
{
    va_list arguments;
    fputs("bench: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(EXIT_FAILURE);
}

typedef struct bench_block {
    struct bench_block *next;
} bench_block;

enum { CACHE_LINE_BYTES = 64 };

static bench_block *bench_blocks;

void *bench_allocate(size_t bytes)
{
    size_t rounded = (bytes + 2 * CACHE_LINE_BYTES - 1) / CACHE_LINE_BYTES * CACHE_LINE_BYTES;
    bench_block *block = aligned_alloc(CACHE_LINE_BYTES, rounded);
    if (block == NULL)
        bench_fail("no memory for %zu octets", bytes);
    memset(block, 0, rounded);
    block->next = bench_blocks;
    bench_blocks = block;
    return (uint8_t *)block + CACHE_LINE_BYTES;
}

static void bench_free_all(void)
{
    while (bench_blocks != NULL) {
        bench_block *next = bench_blocks->next;
        free(bench_blocks);
        bench_blocks = next;
    }
}

void bench_add(bench_result *result, const char *name, double value)
{
    if (result->count == BENCH_VALUES_MAX)
        bench_fail("a row has more than %d values", BENCH_VALUES_MAX);
    result->names[result->count] = name;
    result->values[result->count] = value;
    result->count++;
}

bench_timing bench_measure(const bench_budget *budget, bench_step *step, void *context,
                           uint64_t batch)
{
    bench_timing timing = {0, 0, 0};
    uint64_t begin = bench_now_ns();
    uint64_t processor = bench_clock_ns(CLOCK_PROCESS_CPUTIME_ID);

    do {
        uint64_t operations = batch;
        if (budget->operations > 0 && budget->operations - timing.operations < batch)
            operations = budget->operations - timing.operations;
        step(context, operations);
        timing.operations += operations;
        timing.wall_ns = bench_now_ns() - begin;
    } while (budget->operations > 0 ? timing.operations < budget->operations
                                    : timing.wall_ns < budget->ns);
    timing.ns = bench_clock_ns(CLOCK_PROCESS_CPUTIME_ID) - processor;
    return timing;
}

void bench_warm_up(const bench_budget *budget, bench_step *step, void *context, uint64_t batch)
{
    bench_budget quarter = {0, budget->ns / 4};
    if (budget->operations == 0)
        bench_measure(&quarter, step, context, batch);
}

static int bench_usage(const char *program)
{
    fprintf(stderr, "usage: %s --list | --row NAME [--ms N | --count N]\n", program);
    return 2;
}

static int bench_list(const bench_row *rows)
{
    for (const bench_row *row = rows; row->name != NULL; row++)
        printf("%s\t%s\n", row->name, row->text);
    return EXIT_SUCCESS;
}

static bool bench_number(const char *text, uint64_t *number)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    *number = value;
    return errno == 0 && text[0] >= '0' && text[0] <= '9' && *end == '\0' && value > 0;
}

static int bench_run_row(const bench_row *row, const char *stack, const bench_budget *budget)
{
    bench_result result = {0};
    bench_budget tenth = {budget->operations, budget->ns / 10};

    row->run(row, budget, &result);
    machine_limits(&tenth, &result);
    printf("{\"row\":\"%s\",\"stack\":\"%s\"", row->name, stack);
    for (uint32_t i = 0; i < result.count; i++)
        printf(",\"%s\":%.9g", result.names[i], result.values[i]);
    printf("}\n");
    bench_free_all();
    return EXIT_SUCCESS;
}

int bench_main(int argc, char **argv, const char *stack, const bench_row *rows)
{
    bench_budget budget = {0, 200000000};
    const char *name = NULL;
    uint64_t number = 0;

    if (argc == 2 && strcmp(argv[1], "--list") == 0)
        return bench_list(rows);
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc)
            return bench_usage(argv[0]);
        if (strcmp(argv[i], "--row") == 0)
            name = argv[i + 1];
        else if (strcmp(argv[i], "--ms") == 0 && bench_number(argv[i + 1], &number))
            budget = (bench_budget){0, number * 1000000};
        else if (strcmp(argv[i], "--count") == 0 && bench_number(argv[i + 1], &number))
            budget = (bench_budget){number, 0};
        else
            return bench_usage(argv[0]);
    }
    if (name == NULL)
        return bench_usage(argv[0]);
    for (const bench_row *row = rows; row->name != NULL; row++)
        if (strcmp(row->name, name) == 0)
            return bench_run_row(row, stack, &budget);
    fprintf(stderr, "%s: no row \"%s\"; --list shows them\n", argv[0], name);
    return 2;
}
