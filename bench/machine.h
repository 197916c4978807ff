/* machine.h - what the machine itself can do, to scale figures that were taken elsewhere. */
#ifndef TERN_BENCH_MACHINE_H
#define TERN_BENCH_MACHINE_H

#include "bench/bench.h"

/* Adds memcpy_ns (1460 octets, in L1) and siphash_ns (SipHash-2-4 of an IPv4 4-tuple, one after
 * the other, each depending on the last). Every row ends with it: a core that others slow down
 * slows these down likewise. */
void machine_limits(const bench_budget *budget, bench_result *result);

#endif
