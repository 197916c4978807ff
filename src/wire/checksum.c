/* checksum.c - the Internet checksum, 64 octets a turn.
 *
 * The ones-complement sum does not mind the byte order (RFC 1071 2B) nor the width of the words,
 * since 2^16, 2^32 and 2^64 are all 1 modulo 2^16 - 1. So octets are added as native words, as wide
 * as the machine has them, and only checksum_finish() folds the sum and puts it in order.
 *
 * In the long loop a 64-bit word is added without looking for carries: a lane keeps the sum of its
 * words, modulo 2^64, and the sum of their upper halves, which does not overflow below 2^32 words
 * (32 GiB). The sum of the lower halves is the difference of the two, exactly, so nothing is lost.
 * That is one shift and two adds for a vector of words. Short pieces, which most headers are, take
 * the tail alone. */
#include "wire/checksum.h"

#include "wire/ip.h"

#include <string.h>

/* Two words: a register of SSE2 and NEON; elsewhere the compiler makes do with two. */
typedef uint64_t checksum_vector __attribute__((vector_size(16)));

enum { CHECKSUM_VECTORS = 4, CHECKSUM_TURN_BYTES = 16 * CHECKSUM_VECTORS };

typedef struct checksum_lanes {
    checksum_vector total; /* of the words, modulo 2^64 */
    checksum_vector upper; /* of their upper halves */
} checksum_lanes;

static uint64_t checksum_fold_32(uint64_t sum)
{
    return (sum & 0xffffffff) + (sum >> 32);
}

static uint16_t checksum_fold_16(uint64_t sum)
{
    uint32_t upper = (uint32_t)(sum >> 32), both = (uint32_t)sum + upper;

    both += both < upper;            /* the carry, end-around */
    both += both << 16 | both >> 16; /* the lower half's carry goes into the sum in the upper */
    return (uint16_t)(both >> 16);
}

static uint16_t checksum_swap(uint16_t sum)
{
    return (uint16_t)(sum << 8 | sum >> 8);
}

/* A 16-bit number between host order and the order of the octets; its own inverse. */
static uint16_t checksum_in_order(uint16_t v)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return checksum_swap(v);
#else
    return v;
#endif
}

static uint64_t checksum_word(const uint8_t *from)
{
    uint64_t word;

    memcpy(&word, from, 8);
    return word;
}

/* The last octets, fewer than a turn: below 2^36. */
static uint64_t checksum_tail(const uint8_t *from, size_t bytes)
{
    uint64_t lower = 0, upper = 0;

    for (; bytes >= 8; from += 8, bytes -= 8) {
        uint64_t word = checksum_word(from);
        lower += word & 0xffffffff;
        upper += word >> 32;
    }
    if ((bytes & 4) != 0) {
        uint32_t word;
        memcpy(&word, from, 4);
        lower += word;
        from += 4;
    }
    if ((bytes & 2) != 0) {
        uint16_t word;
        memcpy(&word, from, 2);
        upper += word;
        from += 2;
    }
    if ((bytes & 1) != 0) {
        uint16_t word = 0;
        memcpy(&word, from, 1);
        lower += word;
    }
    return lower + upper;
}

static inline checksum_vector checksum_load(const uint8_t *from)
{
    checksum_vector words;

    memcpy(&words, from, sizeof words);
    return words;
}

static inline void checksum_lanes_add(checksum_lanes *lanes, checksum_vector words)
{
    lanes->total += words;
    lanes->upper += words >> 32;
}

/* Four lanes of two words as one sum, below 2^34. */
static uint64_t checksum_lanes_end(const checksum_lanes lanes[CHECKSUM_VECTORS])
{
    checksum_vector total = lanes[0].total + lanes[1].total + lanes[2].total + lanes[3].total;
    checksum_vector upper = lanes[0].upper + lanes[1].upper + lanes[2].upper + lanes[3].upper;
    uint64_t upper_sum = upper[0] + upper[1];
    uint64_t lower_sum = total[0] + total[1] - (upper_sum << 32);

    return checksum_fold_32(lower_sum) + checksum_fold_32(upper_sum);
}

checksum_sum checksum_add(checksum_sum sum, const void *data, size_t bytes)
{
    const uint8_t *from = data;

    if (bytes >= CHECKSUM_TURN_BYTES) {
        checksum_lanes lanes[CHECKSUM_VECTORS] = {0};

        for (; bytes >= CHECKSUM_TURN_BYTES; bytes -= CHECKSUM_TURN_BYTES) {
            checksum_lanes_add(&lanes[0], checksum_load(from));
            checksum_lanes_add(&lanes[1], checksum_load(from + 16));
            checksum_lanes_add(&lanes[2], checksum_load(from + 32));
            checksum_lanes_add(&lanes[3], checksum_load(from + 48));
            from += CHECKSUM_TURN_BYTES;
        }
        sum += checksum_lanes_end(lanes);
    }
    return sum + checksum_tail(from, bytes);
}

static inline void checksum_lanes_add_copy(checksum_lanes *lanes, uint8_t *into,
                                           const uint8_t *from)
{
    checksum_vector words = checksum_load(from);

    memcpy(into, &words, sizeof words);
    checksum_lanes_add(lanes, words);
}

checksum_sum checksum_add_copy(checksum_sum sum, void *to, const void *data, size_t bytes)
{
    const uint8_t *from = data;
    uint8_t *into = to;

    if (bytes >= CHECKSUM_TURN_BYTES) {
        checksum_lanes lanes[CHECKSUM_VECTORS] = {0};

        for (; bytes >= CHECKSUM_TURN_BYTES; bytes -= CHECKSUM_TURN_BYTES) {
            checksum_lanes_add_copy(&lanes[0], into, from);
            checksum_lanes_add_copy(&lanes[1], into + 16, from + 16);
            checksum_lanes_add_copy(&lanes[2], into + 32, from + 32);
            checksum_lanes_add_copy(&lanes[3], into + 48, from + 48);
            from += CHECKSUM_TURN_BYTES;
            into += CHECKSUM_TURN_BYTES;
        }
        sum += checksum_lanes_end(lanes);
    }
    memcpy(into, from, bytes);
    return sum + checksum_tail(from, bytes);
}

checksum_sum checksum_at_odd(checksum_sum piece)
{
    return checksum_swap(checksum_fold_16(piece));
}

checksum_sum checksum_words(uint32_t words)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return __builtin_bswap32(words); /* its two halves are two words */
#else
    return words;
#endif
}

checksum_sum checksum_pseudo(const tern_address *source, const tern_address *destination,
                             uint8_t protocol, uint32_t upper_bytes)
{
    checksum_sum sum = checksum_words(upper_bytes + protocol);
    size_t skip = ip_is_v4(source) ? 12 : 0;

    sum += checksum_tail(source->octets + skip, 16 - skip);
    return sum + checksum_tail(destination->octets + skip, 16 - skip);
}

uint16_t checksum_finish(checksum_sum sum)
{
    return (uint16_t)~checksum_in_order(checksum_fold_16(sum));
}
