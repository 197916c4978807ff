/* lwip_both.h - rows with both ends in lwIP's one stack, on a wire that is a mirror.
 *
 * lwIP has one stack a process and hands a packet for its own address to threads. So its address
 * is 10.0.0.1, the client connects to 10.0.0.2, and the wire swaps the two addresses of every
 * packet, which leaves checksums as they are: the stack meets itself. */
#ifndef TERN_BENCH_LWIP_BOTH_H
#define TERN_BENCH_LWIP_BOTH_H

#include "bench/bench.h"

void lwip_both_lifecycles(const bench_row *row, const bench_budget *budget, bench_result *result);
void lwip_both_bulk(const bench_row *row, const bench_budget *budget, bench_result *result);

#endif
