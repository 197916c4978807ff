/* rng.c - splitmix64: a counter through a mixing function. Any seed is good, 0 included. */
#include "sim/rng.h"

rng rng_of_seed(uint64_t seed)
{
    return (rng){seed};
}

uint64_t rng_next(rng *r)
{
    uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint32_t rng_below(rng *r, uint32_t bound)
{
    return (uint32_t)((rng_next(r) >> 32) * bound >> 32);
}

bool rng_chance(rng *r, uint32_t per_million)
{
    return per_million > 0 && rng_below(r, RNG_PER_MILLION) < per_million;
}

uint64_t rng_up_to(rng *r, uint64_t bound)
{
    return bound == UINT64_MAX ? rng_next(r) : rng_next(r) % (bound + 1);
}

void rng_fill(rng *r, void *octets, uint32_t bytes)
{
    uint8_t *to = octets;
    for (uint32_t i = 0; i < bytes; i++)
        to[i] = (uint8_t)(rng_next(r) >> 56);
}
