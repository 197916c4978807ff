/* rng.h - the one source of chance in a simulation: a small generator that is a pure function of
 * its seed (splitmix64), the same on every machine and compiler. Not for secrets. */
#ifndef TERN_SIM_RNG_H
#define TERN_SIM_RNG_H

#include <stdbool.h>
#include <stdint.h>

enum { RNG_PER_MILLION = 1000000 };

typedef struct rng {
    uint64_t state;
} rng;

rng rng_of_seed(uint64_t seed);
uint64_t rng_next(rng *r);

/* 0 .. bound - 1, evenly to within 1 in 2^32; 0 when bound is 0. */
uint32_t rng_below(rng *r, uint32_t bound);

/* true once in 1,000,000 / per_million times. Draws nothing when per_million is 0, so that a fault
 * that is switched off leaves the numbers of the others as they are. */
bool rng_chance(rng *r, uint32_t per_million);

/* 0 .. bound, both included. */
uint64_t rng_up_to(rng *r, uint64_t bound);

void rng_fill(rng *r, void *octets, uint32_t bytes);

#endif
