/* siphash.c - SipHash over octets: the words of siphash.h, read in little-endian order. */
#include "base/siphash.h"

static uint64_t siphash_word(const uint8_t *octets, size_t bytes)
{
    uint64_t word = 0;

    for (size_t i = 0; i < bytes; i++)
        word |= (uint64_t)octets[i] << (8 * i);
    return word;
}

siphash_key siphash_key_read(const uint8_t bytes[16])
{
    return (siphash_key){siphash_word(bytes, 8), siphash_word(bytes + 8, 8)};
}

uint64_t siphash_2_4(siphash_key key, const void *data, size_t bytes)
{
    const uint8_t *octets = data;
    size_t whole = bytes / 8 * 8;
    siphash_state s = siphash_begin(key);

    for (size_t at = 0; at < whole; at += 8)
        s = siphash_take(s, siphash_word(octets + at, 8), 2);
    s = siphash_take(s, (uint64_t)bytes << 56 | siphash_word(octets + whole, bytes - whole), 2);
    return siphash_end(s, 4);
}
