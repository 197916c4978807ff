/* tern_both.h - rows with two tern stacks, client and server, on one core. */
#ifndef TERN_BENCH_TERN_BOTH_H
#define TERN_BENCH_TERN_BOTH_H

#include "bench/bench.h"

void tern_both_lifecycles(const bench_row *row, const bench_budget *budget, bench_result *result);

/* row->kind of a bulk row. */
enum {
    TERN_BULK,         /* as lwIP: its options, and an ACK for every second segment */
    TERN_BULK_BURST,   /* a whole window goes in before output: one ACK answers it */
    TERN_BULK_OPTIONS, /* as the first, with timestamps and SACK */
};

void tern_both_bulk(const bench_row *row, const bench_budget *budget, bench_result *result);

#endif
