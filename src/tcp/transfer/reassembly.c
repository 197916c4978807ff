/* reassembly.c - what came early, kept until the gap before it is filled.
 *
 * Disjoint ranges in sequence order, each with its octets in chunks. New octets go into the gaps
 * between them; what is there already is not replaced. */
#include "tcp/transfer/reassembly.h"

#include "tcp/ranges.h"

/* Puts [start, start + bytes), which overlaps nothing, behind the range `before` (NULL: none)
 * whose link to the next is *link. Returns the octets kept. */
static uint32_t reassembly_put(struct engine *e, struct range *before, uint32_t *link, seq start,
                               const uint8_t *text, uint32_t bytes)
{
    bool grows = before != NULL && seq_eq(before->end, start);
    struct range *r = before;

    if (!grows) {
        uint32_t index = pool_take(e, &e->ranges);
        if (index == 0)
            return 0;
        r = range_at(e, index);
        *r = (struct range){.next = *link, .start = start, .end = start};
        *link = index;
    }
    uint32_t kept = (uint32_t)chunks_append(e, &e->chunks, &r->text, text, bytes);
    r->end = seq_add(r->end, kept);
    r->stamp = ++e->stamp;
    if (seq_eq(r->start, r->end)) {
        uint32_t empty = *link;
        *link = r->next;
        pool_give(e, &e->ranges, empty);
        return 0;
    }
    struct range *after = range_at(e, r->next);
    if (after != NULL && seq_eq(after->start, r->end)) {
        uint32_t joined = r->next;
        r->end = after->end;
        r->next = after->next;
        chunks_join(e, &e->chunks, &r->text, &after->text);
        pool_give(e, &e->ranges, joined);
    }
    return kept;
}

void reassembly_keep(struct engine *e, struct tcb *t, seq start, const uint8_t *text,
                     uint32_t bytes)
{
    uint32_t most = e->config.ranges_per_connection;
    uint32_t count = ranges_count(e, t->early, most);
    seq end = seq_add(start, bytes);
    struct range *before = NULL;
    uint32_t *link = &t->early;

    while (seq_lt(start, end)) {
        struct range *r = range_at(e, *link);
        if (r != NULL && seq_le(r->start, start)) {
            if (seq_lt(start, r->end)) { /* here already */
                uint32_t covered = seq_diff(seq_min(r->end, end), start);
                r->stamp = ++e->stamp;
                start = seq_add(start, covered);
                text += covered;
            }
            before = r;
            link = &r->next;
            continue;
        }
        seq stop = r != NULL ? seq_min(end, r->start) : end;
        uint32_t piece = seq_diff(stop, start);
        bool grows = before != NULL && seq_eq(before->end, start);
        uint32_t kept = 0;
        if (grows || count < most)
            kept = reassembly_put(e, before, link, start, text, piece);
        if (kept < piece) {
            RULE_HIT(e, &t->flow, REASSEMBLY_FULL);
            return;
        }
        count += !grows;
        start = stop;
        text += piece;
        if (grows) /* `before` may have swallowed the next range: look at it again */
            link = &before->next;
    }
}

bool reassembly_advance(struct engine *e, struct tcb *t)
{
    struct range *r = range_at(e, t->early);

    if (r == NULL || seq_lt(t->rcv_nxt, r->start))
        return false;
    uint32_t index = t->early;
    uint32_t old = seq_diff(t->rcv_nxt, r->start);
    uint32_t size = seq_diff(r->end, r->start);

    t->early = r->next;
    old = old < size ? old : size;
    chunks_consume(e, &e->chunks, &r->text, t->read_shut ? size : old);
    if (size - old > UINT32_MAX - t->rcv_nxt.v)
        t->rcv_wraps++;
    t->rcv_nxt = seq_add(t->rcv_nxt, size - old);
    chunks_join(e, &e->chunks, &t->recv, &r->text);
    pool_give(e, &e->ranges, index);
    return true;
}

uint32_t reassembly_bytes(const struct engine *e, const struct tcb *t)
{
    uint32_t bytes = 0;

    for (uint32_t i = t->early; i != 0; i = range_at(e, i)->next)
        bytes += range_at(e, i)->text.bytes;
    return bytes;
}
