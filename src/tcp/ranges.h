/* ranges.h - ordered lists of pieces of sequence space, from one shared pool.
 *
 * A list is the index of its first range; ranges are disjoint, not adjacent, and in sequence order.
 * Reassembly keeps the octets of each range with it; the SACK scoreboard keeps none. Work on a
 * list is linear in its length, which ranges_per_connection bounds. Before what came early there
 * may stand one range without text: a duplicate that the next ACK tells of (RFC 2883). */
#ifndef TERN_TCP_RANGES_H
#define TERN_TCP_RANGES_H

#include "tcp/engine.h"

struct range {
    uint32_t next;
    seq start, end;
    uint32_t stamp;          /* reassembly: higher is more recent (RFC 2018 4) */
    struct chunk_queue text; /* reassembly: exactly end - start octets */
};

static inline struct range *range_at(const struct engine *e, uint32_t index)
{
    return index != 0 ? pool_at(e, &e->ranges, index) : NULL;
}

/* The place of the first range that came early. */
static inline uint32_t *ranges_early(const struct engine *e, struct tcb *t)
{
    struct range *r = range_at(e, t->early);

    return r != NULL && r->text.bytes == 0 ? &r->next : &t->early;
}

/* How many a list has, counted up to `most`. */
uint32_t ranges_count(const struct engine *e, uint32_t first, uint32_t most);

/* Notes [start, end) in a list without text, merging with what it touches. Returns the octets that
 * were not there before; *refused is set when there was no room for one more range. */
uint32_t ranges_add(struct engine *e, uint32_t *first, seq start, seq end, bool *refused);

/* Drops all before `edge`; returns the octets dropped. */
uint32_t ranges_drop_before(struct engine *e, uint32_t *first, seq edge);

/* Gives all back, text and all. */
void ranges_free(struct engine *e, uint32_t *first);

#endif
