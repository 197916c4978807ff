/* records.c - where the program wants a segment to end (tern_send_record()).
 *
 * TCP tells the peer nothing of it: its stream has no records (RFC 9293 3.9.1.2). But who looks at
 * packets, or wants to know when just this much was sent and acknowledged, has segments of their
 * own for it, the first time and when they are sent again. docs/decisions/0029-records.md
 *
 * Each end is an empty range in the flight's list, in sequence order. */
#include "tcp/transfer/records.h"

#include "base/rare.h"
#include "tcp/loss/flight.h"
#include "tcp/ranges.h"

RARE void records_end(struct engine *e, struct tcb *t, seq at)
{
    struct flight *f = flight_of(e, t);
    uint32_t index = 0;
    struct range *r;

    if (f == NULL)
        return;
    uint32_t *link = &f->records;
    while ((r = range_at(e, *link)) != NULL && seq_lt(r->end, at))
        link = &r->next;
    if (r != NULL && seq_eq(r->end, at))
        return;
    if (ranges_count(e, f->records, UINT32_MAX) < e->config.ranges_per_connection)
        index = pool_take(e, &e->ranges);
    if (index == 0) {
        RULE_HIT(e, &t->flow, RECORD_NOT_KEPT);
        return;
    }
    *range_at(e, index) = (struct range){.start = at, .end = at, .next = *link};
    *link = index;
    t->records = true;
}

RARE uint32_t records_limit(const struct engine *e, const struct tcb *t, seq start, uint32_t bytes)
{
    const struct flight *f = flight_of(e, t);
    const struct range *r;

    if (f == NULL)
        return bytes;
    for (uint32_t i = f->records; (r = range_at(e, i)) != NULL; i = r->next) {
        if (seq_le(r->end, start) || seq_eq(r->end, tcb_send_end(t)))
            continue; /* passed; or nothing follows it, but the FIN may */
        uint32_t most = seq_diff(r->end, start);
        return most < bytes ? most : bytes;
    }
    return bytes;
}

RARE bool records_end_at(const struct engine *e, const struct tcb *t, seq at)
{
    const struct flight *f = flight_of(e, t);
    const struct range *r;

    if (f == NULL)
        return false;
    for (uint32_t i = f->records; (r = range_at(e, i)) != NULL; i = r->next)
        if (seq_le(at, r->end))
            return seq_eq(at, r->end);
    return false;
}

RARE void records_acked(struct engine *e, struct tcb *t)
{
    struct flight *f = flight_of(e, t);

    if (f == NULL)
        return;
    (void)ranges_drop_before(e, &f->records, seq_add(t->snd_una, 1));
    t->records = f->records != 0;
}
