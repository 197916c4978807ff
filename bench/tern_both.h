/* tern_both.h - rows with two tern stacks, client and server, on one core. */
#ifndef TERN_BENCH_TERN_BOTH_H
#define TERN_BENCH_TERN_BOTH_H

#include "bench/bench.h"

void tern_both_lifecycles(const bench_row *row, const bench_budget *budget, bench_result *result);

/* row->kind 0: the options of lwIP; 1: tern's defaults (timestamps, SACK). */
void tern_both_bulk(const bench_row *row, const bench_budget *budget, bench_result *result);

#endif
