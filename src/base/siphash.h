/* siphash.h - SipHash (Aumasson and Bernstein, 2012): a keyed hash that an outsider cannot predict.
 *
 * 2-4 is the paper's: for what leaves the host (ISNs, ports, cookies). 1-3 is shorter: for tables
 * inside, where only the distribution is at stake. The words forms hash each word as its eight
 * octets in little-endian order and give what the octet form gives, on every machine; they are
 * inline because demux calls them for every packet with a constant count. */
#ifndef TERN_BASE_SIPHASH_H
#define TERN_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

typedef struct siphash_key {
    uint64_t k0, k1;
} siphash_key;

typedef struct siphash_state {
    uint64_t v0, v1, v2, v3;
} siphash_state;

siphash_key siphash_key_read(const uint8_t bytes[16]);

uint64_t siphash_2_4(siphash_key key, const void *data, size_t bytes);

static inline uint64_t siphash_rotate_left(uint64_t v, unsigned bits)
{
    return v << bits | v >> (64 - bits);
}

static inline siphash_state siphash_begin(siphash_key key)
{
    return (siphash_state){
        key.k0 ^ UINT64_C(0x736f6d6570736575),
        key.k1 ^ UINT64_C(0x646f72616e646f6d),
        key.k0 ^ UINT64_C(0x6c7967656e657261),
        key.k1 ^ UINT64_C(0x7465646279746573),
    };
}

static inline siphash_state siphash_rounds(siphash_state s, unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++) {
        s.v0 += s.v1;
        s.v2 += s.v3;
        s.v1 = siphash_rotate_left(s.v1, 13) ^ s.v0;
        s.v3 = siphash_rotate_left(s.v3, 16) ^ s.v2;
        s.v0 = siphash_rotate_left(s.v0, 32);
        s.v2 += s.v1;
        s.v0 += s.v3;
        s.v1 = siphash_rotate_left(s.v1, 17) ^ s.v2;
        s.v3 = siphash_rotate_left(s.v3, 21) ^ s.v0;
        s.v2 = siphash_rotate_left(s.v2, 32);
    }
    return s;
}

static inline siphash_state siphash_take(siphash_state s, uint64_t word, unsigned rounds)
{
    s.v3 ^= word;
    s = siphash_rounds(s, rounds);
    s.v0 ^= word;
    return s;
}

static inline uint64_t siphash_end(siphash_state s, unsigned rounds)
{
    s.v2 ^= 0xff;
    s = siphash_rounds(s, rounds);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

static inline uint64_t siphash_2_4_words(siphash_key key, const uint64_t *words, size_t count)
{
    siphash_state s = siphash_begin(key);

    for (size_t i = 0; i < count; i++)
        s = siphash_take(s, words[i], 2);
    s = siphash_take(s, (uint64_t)(count * 8) << 56, 2);
    return siphash_end(s, 4);
}

static inline uint64_t siphash_1_3_words(siphash_key key, const uint64_t *words, size_t count)
{
    siphash_state s = siphash_begin(key);

    for (size_t i = 0; i < count; i++)
        s = siphash_take(s, words[i], 1);
    s = siphash_take(s, (uint64_t)(count * 8) << 56, 1);
    return siphash_end(s, 3);
}

#endif
