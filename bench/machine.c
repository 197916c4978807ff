/* machine.c - memcpy of a segment and SipHash-2-4 of a 4-tuple, timed. */
#include "bench/machine.h"

#include <string.h>

enum { SEGMENT_BYTES = 1460, CACHE_LINE_BYTES = 64, MACHINE_BATCH = 1000 };

typedef struct machine_copy {
    _Alignas(CACHE_LINE_BYTES) uint8_t from[SEGMENT_BYTES];
    _Alignas(CACHE_LINE_BYTES) uint8_t to[SEGMENT_BYTES];
} machine_copy;

typedef struct machine_hash {
    uint64_t key[2];
    uint64_t last; /* the hash before: part of the next tuple, so that none overlaps another */
} machine_hash;

static void machine_copies(void *context, uint64_t operations)
{
    machine_copy *copy = context;
    size_t bytes = SEGMENT_BYTES;
    __asm__("" : "+r"(bytes)); /* not a constant: the library's memcpy, not the compiler's own */
    for (uint64_t i = 0; i < operations; i++) {
        memcpy(copy->to, copy->from, bytes);
        __asm__ volatile("" : : "r"(copy) : "memory"); /* each copy is wanted */
    }
}

static uint64_t machine_rotate(uint64_t v, unsigned bits)
{
    return v << bits | v >> (64 - bits);
}

static void machine_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = machine_rotate(v[1], 13) ^ v[0];
    v[3] = machine_rotate(v[3], 16) ^ v[2];
    v[0] = machine_rotate(v[0], 32) + v[3];
    v[2] += v[1];
    v[1] = machine_rotate(v[1], 17) ^ v[2];
    v[3] = machine_rotate(v[3], 21) ^ v[0];
    v[2] = machine_rotate(v[2], 32);
}

/* SipHash-2-4 (Aumasson, Bernstein 2012) of two addresses and two ports: 12 octets. */
static uint64_t machine_siphash(const uint64_t key[2], uint64_t addresses, uint32_t ports)
{
    uint64_t words[2] = {addresses, ports | (uint64_t)12 << 56};
    uint64_t v[4] = {key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du,
                     key[0] ^ 0x6c7967656e657261u, key[1] ^ 0x7465646279746573u};

    for (int i = 0; i < 2; i++) {
        v[3] ^= words[i];
        machine_round(v);
        machine_round(v);
        v[0] ^= words[i];
    }
    v[2] ^= 0xff;
    for (int i = 0; i < 4; i++)
        machine_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static void machine_hashes(void *context, uint64_t operations)
{
    machine_hash *hash = context;
    for (uint64_t i = 0; i < operations; i++)
        hash->last = machine_siphash(hash->key, 0x0a0000010a090001u, (uint32_t)hash->last);
    __asm__ volatile("" : : "r"(hash->last));
}

static double machine_measure(const bench_budget *budget, bench_step *step, void *context)
{
    bench_budget half = {budget->operations, budget->ns / 2};
    bench_warm_up(&half, step, context, MACHINE_BATCH);
    bench_timing timing = bench_measure(&half, step, context, MACHINE_BATCH);
    return (double)timing.ns / (double)timing.operations;
}

void machine_limits(const bench_budget *budget, bench_result *result)
{
    machine_copy copy;
    machine_hash hash = {{0x0706050403020100u, 0x0f0e0d0c0b0a0908u}, 0};

    memset(&copy, 1, sizeof copy);
    bench_add(result, "memcpy_ns", machine_measure(budget, machine_copies, &copy));
    bench_add(result, "siphash_ns", machine_measure(budget, machine_hashes, &hash));
}
