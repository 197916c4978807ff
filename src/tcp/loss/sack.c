/* sack.c - selective acknowledgment, RFC 2018 and RFC 6675 3, 4. */
#include "tcp/loss/sack.h"

#include "base/rare.h"
#include "tcp/details.h"
#include "tcp/ranges.h"

enum { DUP_THRESH = 3 };

/* The block of the text in front of an early FIN takes the FIN in. */
static void sack_count_fin(const struct tcb *t, tcp_options *options, uint8_t first)
{
    for (uint8_t i = first; i < options->sack_count; i++)
        if (seq_eq(options->sack[i].right, t->fin_in))
            options->sack[i].right = seq_add(t->fin_in, 1);
}

RARE void sack_duplicate(struct engine *e, struct tcb *t, const struct segment *s)
{
    if (!t->sack_on || !e->config.dsack)
        return;
    bool told = ranges_early(e, t) == &t->early;
    uint32_t index = told ? pool_take(e, &e->ranges) : t->early;

    t->owes |= OWES_ACK;
    if (index == 0) {
        RULE_HIT(e, &t->flow, DUPLICATE_UNTOLD);
        return;
    }
    struct range *r = range_at(e, index);
    *r = (struct range){.next = told ? t->early : r->next,
                        .start = s->duplicate,
                        .end = seq_add(s->duplicate, s->duplicate_bytes)};
    t->early = index;
}

/* The duplicate, if there is one to tell of; told once. Returns how many blocks it is. */
static uint8_t sack_report_duplicate(struct engine *e, struct tcb *t, tcp_options *options)
{
    uint32_t index = t->early;
    const struct range *r = range_at(e, index);

    if (ranges_early(e, t) == &t->early)
        return 0;
    RULE_HIT(e, &t->flow, DUPLICATE_TOLD);
    options->sack[0] = (tcp_sack_block){r->start, r->end};
    t->early = r->next;
    pool_give(e, &e->ranges, index);
    return 1;
}

RARE void sack_report(struct engine *e, struct tcb *t, tcp_options *options)
{
    /* With timestamps 3 blocks fit into 40 octets, without them 4. The pieces reported most
     * recently come first; a piece grows where it was, so its stamp says when it last grew. */
    uint8_t most = t->ts_on ? 3 : TCP_SACK_BLOCKS_MAX;
    uint32_t stamps[TCP_SACK_BLOCKS_MAX];
    uint8_t first = sack_report_duplicate(e, t, options), count = first;

    for (uint32_t i = t->early; i != 0; i = range_at(e, i)->next) {
        const struct range *r = range_at(e, i);
        uint8_t at = count;
        while (at > first && (int32_t)(r->stamp - stamps[at - 1]) > 0)
            at--;
        if (at == most)
            continue;
        count = (uint8_t)(count < most ? count + 1 : most);
        for (uint8_t j = (uint8_t)(count - 1); j > at; j--) {
            stamps[j] = stamps[j - 1];
            options->sack[j] = options->sack[j - 1];
        }
        stamps[at] = r->stamp;
        options->sack[at] = (tcp_sack_block){r->start, r->end};
    }
    options->sack_count = count;
    if (t->fin_early && e->config.sack_counts_fin)
        sack_count_fin(t, options, first);
    if (count > first)
        RULE_HIT(e, &t->flow, SACK_SENT);
}

/* RFC 2883 4: the first block is of what came twice when the ACK or the second block covers it. */
static bool sack_is_duplicate(const struct tcb *t, const tcp_options *options, uint8_t i)
{
    const tcp_sack_block *b = &options->sack[i];

    if (!seq_lt(b->left, b->right))
        return false;
    if (seq_le(b->right, t->snd_una))
        return true;
    return i == 0 && options->sack_count > 1 && seq_le(b[1].left, b->left) &&
           seq_le(b->right, b[1].right);
}

RARE bool sack_noted(struct engine *e, struct tcb *t, const tcp_options *options)
{
    struct flight *f = flight_of(e, t);
    uint32_t before = f->sacked_bytes;

    f->sacked_bytes -= ranges_drop_before(e, &f->sacked, t->snd_una);
    bool news = false;
    for (uint8_t i = 0; i < options->sack_count; i++) {
        tcp_sack_block b = options->sack[i];
        if (sack_is_duplicate(t, options, i)) {
            RULE_HIT(e, &t->flow, SACK_DUPLICATE);
            details_duplicate(e, t);
            continue;
        }
        if (!seq_lt(b.left, b.right) || !seq_le(t->snd_una, b.left) ||
            !seq_le(b.right, t->snd_nxt)) {
            RULE_HIT(e, &t->flow, SACK_BLOCK_BAD);
            continue;
        }
        bool refused = false;
        uint32_t added = ranges_add(e, &f->sacked, b.left, b.right, &refused);
        if (refused)
            RULE_HIT(e, &t->flow, SCOREBOARD_FULL);
        f->sacked_bytes += added;
        news = news || added > 0;
    }
    return news || f->sacked_bytes > before;
}

uint32_t sack_unreported(const struct engine *e, const struct flight *f, seq from, seq to)
{
    uint32_t total = 0;
    seq at = from;

    while (seq_lt(at, to)) {
        uint32_t hole = sack_hole(e, f, &at, to);
        if (hole == 0)
            break;
        total += hole;
        at = seq_add(at, hole);
    }
    return total;
}

RARE uint32_t sack_hole(const struct engine *e, const struct flight *f, seq *from, seq to)
{
    for (uint32_t i = f->sacked; i != 0; i = range_at(e, i)->next) {
        const struct range *r = range_at(e, i);
        if (seq_le(r->end, *from))
            continue;
        if (seq_lt(*from, r->start)) {
            to = seq_min(to, r->start);
            break;
        }
        *from = r->end;
    }
    return seq_lt(*from, to) ? seq_diff(to, *from) : 0;
}

seq sack_lost_edge(const struct engine *e, const struct tcb *t, uint32_t mss)
{
    const struct flight *f = flight_of(e, t);
    seq edge = t->snd_una;
    uint32_t blocks = ranges_count(e, f->sacked, UINT32_MAX);
    uint32_t bytes = f->sacked_bytes;

    for (uint32_t i = f->sacked; i != 0; i = range_at(e, i)->next) {
        const struct range *r = range_at(e, i);
        if (blocks < DUP_THRESH && bytes <= (DUP_THRESH - 1) * mss)
            break;
        edge = r->start;
        blocks--;
        bytes -= seq_diff(r->end, r->start);
    }
    return edge;
}
