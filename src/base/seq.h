/* seq.h - sequence numbers modulo 2^32, as a type.
 *
 * A sequence number is a one-member struct so that `<` does not compile; comparisons are those of
 * RFC 9293 3.4, valid for numbers less than 2^31 apart. */
#ifndef TERN_BASE_SEQ_H
#define TERN_BASE_SEQ_H

#include <stdbool.h>
#include <stdint.h>

typedef struct seq {
    uint32_t v;
} seq;

static inline seq seq_of(uint32_t v)
{
    return (seq){v};
}

static inline seq seq_add(seq a, uint32_t octets)
{
    return (seq){a.v + octets};
}

/* Octets from b up to a; a is at or after b. */
static inline uint32_t seq_diff(seq a, seq b)
{
    return a.v - b.v;
}

static inline bool seq_eq(seq a, seq b)
{
    return a.v == b.v;
}

static inline bool seq_lt(seq a, seq b)
{
    return (int32_t)(a.v - b.v) < 0;
}

static inline bool seq_le(seq a, seq b)
{
    return (int32_t)(a.v - b.v) <= 0;
}

static inline seq seq_max(seq a, seq b)
{
    return seq_lt(a, b) ? b : a;
}

static inline seq seq_min(seq a, seq b)
{
    return seq_lt(a, b) ? a : b;
}

#endif
