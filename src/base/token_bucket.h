/* token_bucket.h - so many in a burst, so many a second after it (RFC 1812 4.3.2.8, RFC 4443 2.4).
 *
 * Kept as what is owed for what was taken, so that all zero is a full bucket. The 32-bit clock may
 * go round between two calls: the bucket is then fuller than it should be, never emptier. */
#ifndef TERN_BASE_TOKEN_BUCKET_H
#define TERN_BASE_TOKEN_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

struct token_bucket {
    uint32_t owed_milli; /* thousandths of a token taken and not yet given back by time */
    uint32_t at_ms;
};

/* Takes one token; false: there is none. burst: at most 1000000. */
static inline bool token_bucket_take(struct token_bucket *b, uint32_t now_ms, uint32_t rate_per_s,
                                     uint32_t burst)
{
    uint64_t back_milli = (uint64_t)(now_ms - b->at_ms) * rate_per_s;

    b->owed_milli = back_milli < b->owed_milli ? b->owed_milli - (uint32_t)back_milli : 0;
    b->at_ms = now_ms;
    if (b->owed_milli + 1000 > burst * 1000)
        return false;
    b->owed_milli += 1000;
    return true;
}

#endif
