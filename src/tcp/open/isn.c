/* isn.c - initial sequence numbers and timestamp offsets from the secret key. */
#include "tcp/open/isn.h"

#include "base/bytes.h"

/* Keeps the uses of one key apart. */
enum isn_use { USE_ISN = 1, USE_TIMESTAMP = 2 };

static uint64_t isn_hash(const struct engine *e, const struct flow *f, enum isn_use use)
{
    uint64_t words[6];
    const tern_address *local = &e->config.addresses[f->local];

    for (unsigned i = 0; i < 2; i++) {
        words[i] = get_le64(local->octets + 8 * i);
        words[2 + i] = get_le64(f->remote.octets + 8 * i);
    }
    words[4] = (uint64_t)f->local_port << 16 | f->remote_port;
    words[5] = use;
    return siphash_2_4_words(e->key, words, 6);
}

seq isn_select(const struct engine *e, const struct flow *f)
{
    return seq_of((uint32_t)(e->now_us / 4) + (uint32_t)isn_hash(e, f, USE_ISN));
}

uint32_t isn_timestamp_offset(const struct engine *e, const struct flow *f)
{
    return (uint32_t)isn_hash(e, f, USE_TIMESTAMP);
}
