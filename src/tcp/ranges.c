/* ranges.c - ordered lists of pieces of sequence space. */
#include "tcp/ranges.h"

uint32_t ranges_count(const struct engine *e, uint32_t first, uint32_t most)
{
    uint32_t n = 0;

    for (uint32_t i = first; i != 0 && n < most; i = range_at(e, i)->next)
        n++;
    return n;
}

static void ranges_give(struct engine *e, uint32_t index)
{
    struct range *r = range_at(e, index);

    chunks_consume(e, &e->chunks, &r->text, r->text.bytes);
    pool_give(e, &e->ranges, index);
}

/* Takes what [start, end) now covers or touches out of the list behind *link, widening the range.
 * Returns the octets that were covered before. */
static uint32_t ranges_absorb(struct engine *e, uint32_t *link, seq *start, seq *end)
{
    uint32_t covered = 0;
    struct range *r;

    while ((r = range_at(e, *link)) != NULL && seq_le(r->start, *end)) {
        uint32_t gone = *link;
        covered += seq_diff(r->end, r->start);
        *start = seq_min(*start, r->start);
        *end = seq_max(*end, r->end);
        *link = r->next;
        ranges_give(e, gone);
    }
    return covered;
}

uint32_t ranges_add(struct engine *e, uint32_t *first, seq start, seq end, bool *refused)
{
    uint32_t *link = first;
    uint32_t before = 0;
    struct range *r;

    while ((r = range_at(e, *link)) != NULL && seq_lt(r->end, start)) {
        link = &r->next;
        before++;
    }
    if (r != NULL && seq_le(r->start, start) && seq_le(end, r->end))
        return 0;
    bool touches = r != NULL && seq_le(r->start, end);
    uint32_t most = e->config.ranges_per_connection;
    if (!touches && before + ranges_count(e, *link, most) >= most) {
        *refused = true;
        return 0;
    }
    uint32_t covered = ranges_absorb(e, link, &start, &end);
    uint32_t index = pool_take(e, &e->ranges);
    if (index == 0) {
        *refused = true;
        return 0;
    }
    *range_at(e, index) = (struct range){.next = *link, .start = start, .end = end};
    *link = index;
    return seq_diff(end, start) - covered;
}

uint32_t ranges_drop_before(struct engine *e, uint32_t *first, seq edge)
{
    uint32_t dropped = 0;
    struct range *r;

    while ((r = range_at(e, *first)) != NULL && seq_lt(r->start, edge)) {
        if (seq_lt(edge, r->end)) {
            dropped += seq_diff(edge, r->start);
            r->start = edge;
            break;
        }
        uint32_t gone = *first;
        dropped += seq_diff(r->end, r->start);
        *first = r->next;
        ranges_give(e, gone);
    }
    return dropped;
}

void ranges_free(struct engine *e, uint32_t *first)
{
    while (*first != 0) {
        uint32_t gone = *first;
        *first = range_at(e, gone)->next;
        ranges_give(e, gone);
    }
}
