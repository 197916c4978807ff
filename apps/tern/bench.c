/* bench.c - `tern bench`: runs tern and lwIP in turns, row by row, and prints the medians.
 *
 * The third column is lwIP's latest source, tuned, as it was measured once on another machine: its
 * figures are constants of this file, scaled by what both machines were measured to do, this one
 * by the same program in the same round. A time that is bookkeeping is scaled by a SipHash, the
 * share that is copying by memcpy. How many times faster tern is, is the median of what each round
 * says for itself: what slows a whole round down does not change it. */
#define _GNU_SOURCE
#include "apps/tern/bench_programs.h"
#include "apps/tern/message.h"
#include "apps/tern/options.h"
#include "apps/tern/verbs.h"

#include <stdlib.h>
#include <string.h>

enum {
    OPTION_ROUNDS = OPTION_OWN,
    OPTION_ROW,
    OPTION_JSON,
    OPTION_QUICK,
    ROUNDS = 5,
    ROUND_MS = 200,
    QUICK_ROUNDS = 3,
    QUICK_ROUND_MS = 20,
};

/* Of the machine of the tuned figures. */
#define TUNED_SIPHASH_NS 6.6
#define TUNED_MEMCPY_NS  (1460.0 / 155.0)

typedef struct bench_tuned {
    const char *row;
    double ns;
    double copy_ns; /* the share of ns that is copying */
} bench_tuned;

static const bench_tuned tuned[] = {
    {"lifecycle-server", 1e9 / 3.42e6, 0},
    {"lifecycle-server-request", 1e9 / 2.37e6, 0},
    {"lifecycle-server-closes", 1e9 / 2.89e6, 0},
    {"lifecycle-both", 1e9 / 2.15e6, 0},
    {"lifecycle-both-request", 1e9 / 1.36e6, 0},
    {"idle-1000", 1e9 / 590e3, 0},
    {"idle-10000", 1e9 / 62e3, 0},
    {"idle-100000", 1e9 / 5.0e3, 0},
    {"bulk", 1460 * 8 / 65.8, 35},
    {"reply-100", 187, 0},
    {"reply-10000", 36e3, 0},
};

typedef struct bench {
    const char *only; /* NULL: all rows */
    uint32_t rounds, round_ms;
    bool json;
    bench_program tern, lwip;
} bench;

/* What a row comes to, beside tern's own numbers. 0: there is no such number. */
typedef struct bench_result {
    double lwip_ns, tuned_ns;
    double times_lwip, times_tuned; /* how many times faster tern is */
} bench_result;

/* ---- Numbers ------------------------------------------------------------------------------- */

static const bench_tuned *bench_tuned_of(const char *row)
{
    for (size_t i = 0; i < sizeof tuned / sizeof tuned[0]; i++)
        if (strcmp(tuned[i].row, row) == 0)
            return &tuned[i];
    return NULL;
}

/* What tuned lwIP would have taken in each round of tern's row. */
static void bench_compare_tuned(const bench_tuned *docs, const bench_samples *tern,
                                bench_result *result)
{
    const bench_series *ns = bench_series_of(tern, "ns");
    const bench_series *siphash = bench_series_of(tern, "siphash_ns");
    const bench_series *memcpy_ns = bench_series_of(tern, "memcpy_ns");
    double scaled[BENCH_ROUNDS_MAX], times[BENCH_ROUNDS_MAX];

    if (docs == NULL || ns == NULL || siphash == NULL || memcpy_ns == NULL)
        return;
    for (uint32_t i = 0; i < ns->count; i++) {
        scaled[i] = (docs->ns - docs->copy_ns) * siphash->values[i] / TUNED_SIPHASH_NS +
                    docs->copy_ns * memcpy_ns->values[i] / TUNED_MEMCPY_NS;
        times[i] = scaled[i] / ns->values[i];
    }
    result->tuned_ns = bench_median_of(scaled, ns->count);
    result->times_tuned = bench_median_of(times, ns->count);
}

static bench_result bench_compare(const char *row, const bench_samples *tern,
                                  const bench_samples *lwip)
{
    bench_result result = {0};
    const bench_series *ns = bench_series_of(tern, "ns");
    const bench_series *lwip_ns = bench_series_of(lwip, "ns");
    double times[BENCH_ROUNDS_MAX];

    bench_compare_tuned(bench_tuned_of(row), tern, &result);
    if (ns == NULL || lwip_ns == NULL)
        return result;
    for (uint32_t i = 0; i < ns->count; i++)
        times[i] = lwip_ns->values[i] / ns->values[i];
    result.lwip_ns = bench_median_of(lwip_ns->values, ns->count);
    result.times_lwip = bench_median_of(times, ns->count);
    return result;
}

/* "4.75 M/s", or Gbit/s for bulk. */
static const char *bench_rate(const bench_samples *samples, char text[BENCH_NAME_BYTES])
{
    double ns, gbits;

    (void)bench_median(samples, "ns", &ns);
    if (bench_median(samples, "gbits", &gbits))
        (void)snprintf(text, BENCH_NAME_BYTES, "%.1f Gbit/s", gbits);
    else if (ns < 1000)
        (void)snprintf(text, BENCH_NAME_BYTES, "%.2f M/s", 1e3 / ns);
    else if (ns < 100000)
        (void)snprintf(text, BENCH_NAME_BYTES, "%.0f k/s", 1e6 / ns);
    else
        (void)snprintf(text, BENCH_NAME_BYTES, "%.1f k/s", 1e6 / ns);
    return text;
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static void bench_json_numbers(const bench *b, const char *row, const char *stack,
                               const bench_samples *samples)
{
    double median;

    (void)printf("{\"row\":\"%s\",\"stack\":\"%s\",\"rounds\":%u", row, stack, b->rounds);
    for (size_t i = 0; i < samples->series_count; i++) {
        (void)bench_median(samples, samples->series[i].name, &median);
        (void)printf(",\"%s\":%.6g", samples->series[i].name, median);
    }
    if (bench_median(samples, "ns", &median))
        (void)printf(",\"per_second\":%.6g,\"spread\":%.3g", 1e9 / median,
                     bench_spread(samples, "ns"));
}

static void bench_json_row(const bench *b, const char *row, const bench_samples *tern,
                           const bench_samples *lwip)
{
    bench_result result = bench_compare(row, tern, lwip);

    bench_json_numbers(b, row, b->tern.stack, tern);
    if (result.times_lwip > 0)
        (void)printf(",\"times_lwip\":%.4g", result.times_lwip);
    if (result.times_tuned > 0)
        (void)printf(",\"times_tuned\":%.4g", result.times_tuned);
    (void)printf("}\n");
    if (lwip->series_count > 0) {
        bench_json_numbers(b, row, b->lwip.stack, lwip);
        (void)printf("}\n");
    }
    if (result.tuned_ns > 0)
        (void)printf("{\"row\":\"%s\",\"stack\":\"tuned lwIP, from docs, scaled\",\"ns\":%.6g,"
                     "\"per_second\":%.6g}\n",
                     row, result.tuned_ns, 1e9 / result.tuned_ns);
}

/* ---- Tables -------------------------------------------------------------------------------- */

static void bench_table_head(const bench *b)
{
    (void)printf(
        _("ns: the median of %u rounds for one operation; +-: (largest - smallest) / "
          "median;\nx: how many times faster tern is than lwIP in the same round, and than "
          "tuned lwIP, from docs, scaled\n\n"),
        b->rounds);
    (void)printf("%-25s %9s %12s %5s | %9s %12s %5s %6s | %9s %6s\n", "", "tern ns", "", "+-",
                 "lwIP ns", "", "+-", "x", "tuned ns", "x");
}

static void bench_table_row(const char *row, const bench_samples *tern, const bench_samples *lwip)
{
    char rate[BENCH_NAME_BYTES];
    bench_result result = bench_compare(row, tern, lwip);
    double ns;

    (void)bench_median(tern, "ns", &ns);
    (void)printf("%-25s %9.1f %12s %4.0f%% | ", row, ns, bench_rate(tern, rate),
                 100 * bench_spread(tern, "ns"));
    if (result.lwip_ns > 0)
        (void)printf("%9.1f %12s %4.0f%% %6.2f | ", result.lwip_ns, bench_rate(lwip, rate),
                     100 * bench_spread(lwip, "ns"), result.times_lwip);
    else
        (void)printf("%9s %12s %5s %6s | ", "-", "-", "-", "-");
    if (result.tuned_ns > 0)
        (void)printf("%9.1f %6.2f\n", result.tuned_ns, result.times_tuned);
    else
        (void)printf("%9s %6s\n", "-", "-");
    double empty_ns, speed;
    if (bench_median(tern, "empty_ns", &empty_ns) && bench_median(tern, "speed", &speed))
        (void)printf(_("%-25s %9.1f; beside all these, %.2f of that speed (median of the rounds' "
                       "own)\n"),
                     _("  the stack still empty"), empty_ns, speed);
}

static void bench_table_octets(const char *label, const bench_samples *samples, const char *suffix)
{
    static const char *const states[] = {"established", "half_open", "time_wait", "flight"};

    (void)printf("%-38s", label);
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        char name[2 * BENCH_NAME_BYTES];
        double octets;
        (void)snprintf(name, sizeof name, "%s%s", states[i], suffix);
        if (bench_median(samples, name, &octets))
            (void)printf(" %12.1f", octets);
        else
            (void)printf(" %12s", "-");
    }
    (void)printf("\n");
}

static void bench_table_memory(const bench *b, const bench_samples *tern, const bench_samples *lwip)
{
    char label[2 * BENCH_NAME_BYTES];
    double pcb;

    (void)printf("\n%-38s %12s %12s %12s %12s\n", _("octets for one more connection"),
                 "established", "half-open", "TIME-WAIT", _("data in flight"));
    bench_table_octets("tern, tern_footprint_get()", tern, "");
    bench_table_octets("tern, tern_size() of one more", tern, "_marginal");
    if (bench_median(lwip, "pcb", &pcb)) {
        (void)snprintf(label, sizeof label, _("%s, malloc's share included"), b->lwip.stack);
        bench_table_octets(label, lwip, "");
        (void)printf("%-38s %12.0f %12s %12.0f\n", "sizeof(struct tcp_pcb)", pcb, "-", pcb);
    }
    (void)printf("%-38s %12s %12s %12s\n", _("tuned lwIP, from docs"), "216..272", "448", "272");
}

/* ---- Rows ---------------------------------------------------------------------------------- */

/* The rounds of one row, tern and lwIP in turns, each first in every second round. */
static bool bench_measure(bench *b, const char *row, bench_samples *tern, bench_samples *lwip)
{
    bool has_lwip = b->lwip.found && bench_program_row(&b->lwip, row) != NULL;

    memset(tern, 0, sizeof *tern);
    memset(lwip, 0, sizeof *lwip);
    for (uint32_t round = 0; round < b->rounds; round++) {
        bool lwip_first = round % 2 == 1;
        if (has_lwip && lwip_first && !bench_program_run(&b->lwip, row, b->round_ms, lwip))
            return false;
        if (!bench_program_run(&b->tern, row, b->round_ms, tern))
            return false;
        if (has_lwip && !lwip_first && !bench_program_run(&b->lwip, row, b->round_ms, lwip))
            return false;
    }
    return true;
}

static void bench_print(const bench *b, const char *row, const bench_samples *tern,
                        const bench_samples *lwip)
{
    if (b->json)
        bench_json_row(b, row, tern, lwip);
    else if (strcmp(row, "memory") == 0)
        bench_table_memory(b, tern, lwip);
    else
        bench_table_row(row, tern, lwip);
    (void)fflush(stdout);
}

/* What the machine did in tern's rounds of one row. */
static void bench_table_machine(const bench *b, const bench_samples *tern)
{
    double siphash_ns, memcpy_ns;

    if (!bench_median(tern, "siphash_ns", &siphash_ns) ||
        !bench_median(tern, "memcpy_ns", &memcpy_ns))
        return;
    (void)printf(_("\nmachine: memcpy of 1460 octets %.1f ns (in docs %.1f), SipHash-2-4 of a "
                   "4-tuple %.1f ns (in docs %.1f)\n"),
                 memcpy_ns, TUNED_MEMCPY_NS, siphash_ns, TUNED_SIPHASH_NS);
    if (b->lwip.found)
        (void)printf(_("%s is Debian's package, driven by one thread without its locks; what "
                       "differs is in docs/BENCH.md\n"),
                     b->lwip.stack);
}

static int bench_rows(bench *b)
{
    bench_samples tern = {.series_count = 0}, lwip;

    if (!b->json)
        bench_table_head(b);
    for (size_t i = 0; i < b->tern.row_count; i++) {
        const char *row = b->tern.rows[i].name;
        if (b->only == NULL ? b->tern.rows[i].on_request : strcmp(b->only, row) != 0)
            continue;
        if (!bench_measure(b, row, &tern, &lwip))
            return message_fail(EXIT_FAILED, "bench", _("the row %s failed"), row);
        bench_print(b, row, &tern, &lwip);
    }
    if (!b->json)
        bench_table_machine(b, &tern);
    return EXIT_DONE;
}

/* ---- The verb ------------------------------------------------------------------------------ */

static int bench_help(void)
{
    (void)fputs(
        _("usage: tern bench [OPTION...]\n\n"
          "Measures tern in memory on one core, beside lwIP where that was found when tern was\n"
          "built, and prints a table. Takes about a minute.\n\n"
          "  --row NAME    only this row\n"
          "  --rounds N    rounds of each row, of which the median is printed (default 5)\n"
          "  --quick       3 short rounds: less than 20 seconds, and less exact\n"
          "  --json        one JSON object a line instead of the table\n"),
        stdout);
    return EXIT_DONE;
}

static int bench_no_row(const bench *b)
{
    (void)message_fail(EXIT_USAGE, "bench", _("there is no row '%s'; the rows are:"), b->only);
    for (size_t i = 0; i < b->tern.row_count; i++)
        (void)fprintf(stderr, "  %-25s %s\n", b->tern.rows[i].name, b->tern.rows[i].text);
    return EXIT_USAGE;
}

static int bench_start(bench *b)
{
    if (!bench_program_find(&b->tern, "tern-bench-tern") ||
        !bench_program_find(&b->lwip, "tern-bench-lwip"))
        return message_fail(EXIT_FAILED, "bench", _("%s does not run"),
                            b->lwip.found ? b->lwip.path : b->tern.path);
    if (!b->tern.found)
        return message_fail(EXIT_FAILED, "bench",
                            _("tern-bench-tern is not beside the tern program; build it with "
                              "-DTERN_BENCH=ON"));
    if (b->only != NULL && bench_program_row(&b->tern, b->only) == NULL)
        return bench_no_row(b);
    if (!b->lwip.found)
        (void)fputs(_("tern bench: tern-bench-lwip was not found: no column for lwIP (Debian: "
                      "install liblwip-dev and build again)\n"),
                    stderr);
    return bench_rows(b);
}

int bench_run(int argc, char **argv)
{
    static const struct option options[] = {{"rounds", required_argument, NULL, OPTION_ROUNDS},
                                            {"row", required_argument, NULL, OPTION_ROW},
                                            {"json", no_argument, NULL, OPTION_JSON},
                                            {"quick", no_argument, NULL, OPTION_QUICK},
                                            {"help", no_argument, NULL, OPTION_HELP},
                                            {NULL, 0, NULL, 0}};
    static bench b = {.rounds = ROUNDS, .round_ms = ROUND_MS};
    uint64_t rounds = 0;
    bool quick = false;
    int option;

    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (option == OPTION_HELP)
            return bench_help();
        else if (option == OPTION_ROW)
            b.only = optarg;
        else if (option == OPTION_JSON)
            b.json = true;
        else if (option == OPTION_QUICK)
            quick = true;
        else if (option != OPTION_ROUNDS)
            return options_wrong("bench", option, argv);
        else if (!options_number(optarg, 1, BENCH_ROUNDS_MAX, &rounds))
            return message_usage("bench", _("--rounds takes a number from 1 to %d"),
                                 BENCH_ROUNDS_MAX);
    }
    if (optind < argc)
        return message_usage("bench", _("unexpected word '%s'"), argv[optind]);
    if (quick) {
        b.rounds = QUICK_ROUNDS;
        b.round_ms = QUICK_ROUND_MS;
    }
    if (rounds > 0)
        b.rounds = (uint32_t)rounds;
    return bench_start(&b);
}
