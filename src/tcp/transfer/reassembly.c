/* reassembly.c - what came early, kept until the gap before it is filled.
 *
 * Disjoint ranges in sequence order, each with its octets in chunks. New octets go into the gaps
 * between them; what is there already is not replaced. */
#include "tcp/transfer/reassembly.h"

#include "base/rare.h"
#include "tcp/ranges.h"

/* New octets and where they stand. */
struct piece {
    seq start;
    uint32_t bytes;
    const uint8_t *text;
};

/* Drops the first octets of a piece. */
static void piece_cut(struct piece *p, uint32_t bytes)
{
    p->start = seq_add(p->start, bytes);
    p->text += bytes;
    p->bytes -= bytes;
}

/* The range behind r begins where r ends now: they become one. */
static void reassembly_join_next(struct engine *e, struct range *r)
{
    struct range *after = range_at(e, r->next);

    if (after == NULL || !seq_eq(after->start, r->end))
        return;
    uint32_t joined = r->next;
    r->end = after->end;
    r->next = after->next;
    chunks_join(e, &e->chunks, &r->text, &after->text);
    pool_give(e, &e->ranges, joined);
}

/* Adds a piece at the end of a range, up to the next range; returns the octets kept. */
static uint32_t reassembly_grow(struct engine *e, struct range *r, const struct piece *p)
{
    uint32_t kept = (uint32_t)chunks_append(e, &e->chunks, &r->text, p->text, p->bytes);

    r->end = seq_add(r->end, kept);
    r->stamp = ++e->stamp;
    reassembly_join_next(e, r);
    return kept;
}

/* A new range for a piece, linked in at *link; returns the octets kept. */
static uint32_t reassembly_insert(struct engine *e, uint32_t *link, const struct piece *p)
{
    uint32_t index = pool_take(e, &e->ranges);

    if (index == 0)
        return 0;
    struct range *r = range_at(e, index);
    *r = (struct range){.next = *link, .start = p->start, .end = p->start};
    *link = index;
    uint32_t kept = reassembly_grow(e, r, p);
    if (kept == 0) {
        *link = r->next;
        pool_give(e, &e->ranges, index);
    }
    return kept;
}

RARE void reassembly_keep(struct engine *e, struct tcb *t, struct segment *s)
{
    uint32_t most = e->config.ranges_per_connection;
    struct piece left = {s->seq, s->text_bytes, s->text};
    struct range *before = NULL;
    uint32_t *link = ranges_early(e, t);
    uint32_t count = ranges_count(e, *link, most);

    while (left.bytes > 0) {
        if (before != NULL && seq_lt(left.start, before->end)) { /* here already */
            uint32_t covered = seq_diff(before->end, left.start);
            covered = covered < left.bytes ? covered : left.bytes;
            before->stamp = ++e->stamp;
            segment_repeats(s, left.start, seq_add(left.start, covered));
            piece_cut(&left, covered);
            continue;
        }
        struct range *r = range_at(e, *link);
        if (r != NULL && seq_le(r->start, left.start)) {
            before = r;
            link = &r->next;
            continue;
        }
        struct piece p = left;
        if (r != NULL && seq_diff(r->start, p.start) < p.bytes)
            p.bytes = seq_diff(r->start, p.start);
        uint32_t kept = 0;
        if (before != NULL && seq_eq(before->end, p.start))
            kept = reassembly_grow(e, before, &p);
        else if (count < most && (kept = reassembly_insert(e, link, &p)) > 0)
            count++;
        if (kept < p.bytes) {
            RULE_HIT(e, &t->flow, REASSEMBLY_FULL);
            return;
        }
        piece_cut(&left, p.bytes);
    }
}

RARE bool reassembly_advance(struct engine *e, struct tcb *t, struct segment *s)
{
    uint32_t *link = ranges_early(e, t);
    struct range *r = range_at(e, *link);

    if (r == NULL || seq_lt(t->rcv_nxt, r->start))
        return false;
    uint32_t index = *link;
    uint32_t old = seq_diff(t->rcv_nxt, r->start);
    uint32_t size = seq_diff(r->end, r->start);

    *link = r->next;
    old = old < size ? old : size;
    segment_repeats(s, r->start, seq_add(r->start, old));
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
