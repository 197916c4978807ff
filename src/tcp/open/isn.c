/* isn.c - initial sequence numbers and timestamp offsets from the secret key.
 *
 * One hash of the four-tuple gives 64 bits: the lower half is the ISN's, the upper the
 * timestamps'. The local address goes in by its index, which stands for it in this stack. */
#include "tcp/open/isn.h"

#include "base/bytes.h"

/* Keeps this use of the key apart from those in stack/. */
enum { ISN_USE = 0x49534e };

static uint64_t isn_hash(const struct engine *e, const struct flow *f)
{
    uint64_t words[4] = {
        get_le64(f->remote.octets),
        get_le64(f->remote.octets + 8),
        (uint64_t)f->local << 32 | (uint64_t)f->remote_port << 16 | f->local_port,
        ISN_USE,
    };

    return siphash_2_4_words(e->key, words, 4);
}

seq isn_select(const struct engine *e, const struct flow *f, uint32_t *ts_offset)
{
    uint64_t hash = isn_hash(e, f);

    *ts_offset = (uint32_t)(hash >> 32);
    return seq_of((uint32_t)(e->now_us / 4) + (uint32_t)hash);
}

uint32_t isn_timestamp_offset(const struct engine *e, const struct flow *f)
{
    return (uint32_t)(isn_hash(e, f) >> 32);
}
