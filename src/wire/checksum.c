/* checksum.c - the Internet checksum, 64 octets a turn.
 *
 * The ones-complement sum does not mind the byte order (RFC 1071 2B) nor the width of the words,
 * since 2^16, 2^32 and 2^64 are all 1 modulo 2^16 - 1. So octets are added as native 64-bit words
 * and the folded result is swapped to the documented order once.
 *
 * A 64-bit word is added without looking for carries: each of eight lanes keeps the sum of the
 * words, modulo 2^64, and the sum of their upper halves, which does not overflow below 2^32 words.
 * The sum of the lower halves is the difference of the two, exactly, so nothing is lost. That is
 * one shift and two adds a word, which compilers turn into vector instructions. */
#include "wire/checksum.h"

#include "base/bytes.h"
#include "wire/ip.h"

#include <string.h>

enum { CHECKSUM_LANES = 8, CHECKSUM_TURN_BYTES = 8 * CHECKSUM_LANES };

static uint64_t checksum_fold_32(uint64_t sum)
{
    return (sum & 0xffffffff) + (sum >> 32);
}

static uint16_t checksum_fold_16(uint64_t sum)
{
    sum = checksum_fold_32(checksum_fold_32(sum));
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

static uint16_t checksum_swap(uint16_t sum)
{
    return (uint16_t)(sum << 8 | sum >> 8);
}

/* A folded sum of native words as one of big-endian words. */
static uint16_t checksum_from_native(uint16_t sum)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return checksum_swap(sum);
#else
    return sum;
#endif
}

/* The last octets, fewer than a turn; the sum of their native words, below 2^36. */
static uint64_t checksum_tail(const uint8_t *from, size_t bytes)
{
    uint64_t sum = 0, word;

    for (; bytes >= 8; from += 8, bytes -= 8) {
        memcpy(&word, from, 8);
        sum += checksum_fold_32(word);
    }
    word = 0;
    memcpy(&word, from, bytes);
    return sum + checksum_fold_32(word);
}

static uint64_t checksum_lanes(const uint64_t total[CHECKSUM_LANES],
                               const uint64_t upper[CHECKSUM_LANES])
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < CHECKSUM_LANES; i++)
        sum += checksum_fold_32(total[i] - (upper[i] << 32)) + checksum_fold_32(upper[i]);
    return sum;
}

checksum_sum checksum_add(checksum_sum sum, const void *data, size_t bytes)
{
    const uint8_t *from = data;
    uint64_t native = 0;

    if (bytes >= CHECKSUM_TURN_BYTES) {
        uint64_t total[CHECKSUM_LANES] = {0}, upper[CHECKSUM_LANES] = {0};

        for (; bytes >= CHECKSUM_TURN_BYTES;
             from += CHECKSUM_TURN_BYTES, bytes -= CHECKSUM_TURN_BYTES) {
            uint64_t words[CHECKSUM_LANES];
            memcpy(words, from, CHECKSUM_TURN_BYTES);
            for (unsigned i = 0; i < CHECKSUM_LANES; i++) {
                total[i] += words[i];
                upper[i] += words[i] >> 32;
            }
        }
        native = checksum_lanes(total, upper);
    }
    return sum + checksum_from_native(checksum_fold_16(native + checksum_tail(from, bytes)));
}

checksum_sum checksum_add_copy(checksum_sum sum, void *to, const void *data, size_t bytes)
{
    const uint8_t *from = data;
    uint8_t *into = to;
    uint64_t native = 0;

    if (bytes >= CHECKSUM_TURN_BYTES) {
        uint64_t total[CHECKSUM_LANES] = {0}, upper[CHECKSUM_LANES] = {0};

        for (; bytes >= CHECKSUM_TURN_BYTES; from += CHECKSUM_TURN_BYTES,
                                             into += CHECKSUM_TURN_BYTES,
                                             bytes -= CHECKSUM_TURN_BYTES) {
            uint64_t words[CHECKSUM_LANES];
            memcpy(words, from, CHECKSUM_TURN_BYTES);
            memcpy(into, words, CHECKSUM_TURN_BYTES);
            for (unsigned i = 0; i < CHECKSUM_LANES; i++) {
                total[i] += words[i];
                upper[i] += words[i] >> 32;
            }
        }
        native = checksum_lanes(total, upper);
    }
    memcpy(into, from, bytes);
    return sum + checksum_from_native(checksum_fold_16(native + checksum_tail(from, bytes)));
}

checksum_sum checksum_at_odd(checksum_sum piece)
{
    return checksum_swap(checksum_fold_16(piece));
}

checksum_sum checksum_pseudo(const tern_address *source, const tern_address *destination,
                             uint8_t protocol, uint32_t upper_bytes)
{
    checksum_sum sum = (checksum_sum)protocol + upper_bytes;

    if (ip_is_v4(source)) {
        sum += get_be32(source->octets + 12);
        return sum + get_be32(destination->octets + 12);
    }
    for (unsigned at = 0; at < 16; at += 4) {
        sum += get_be32(source->octets + at);
        sum += get_be32(destination->octets + at);
    }
    return sum;
}

uint16_t checksum_finish(checksum_sum sum)
{
    return (uint16_t)~checksum_fold_16(sum);
}
