/* text.c - 7th: segment text. */
#include "tcp/transfer/text.h"

#include "tcp/calls.h"
#include "tcp/details.h"
#include "tcp/loss/sack.h"
#include "tcp/ranges.h"
#include "tcp/state.h"
#include "tcp/transfer/delayed_ack.h"
#include "tcp/transfer/reassembly.h"

/* Octets at RCV.NXT; returns how many were taken. */
static uint32_t text_take(struct engine *e, struct tcb *t, const uint8_t *text, uint32_t bytes)
{
    uint32_t taken = bytes;

    if (t->read_shut) {
        RULE_HIT(e, &t->flow, TEXT_DISCARDED);
    } else {
        taken = (uint32_t)chunks_append(e, &e->chunks, &t->recv, text, bytes);
        if (taken == 0 && t->recv.bytes == 0 && *ranges_early(e, t) != 0) {
            /* What came early holds the chunks, and nothing but these octets could ever free them:
             * it gives way (RFC 2018 8: also what was reported may be thrown away). */
            RULE_HIT(e, &t->flow, REASSEMBLY_FULL);
            ranges_free(e, &t->early);
            taken = (uint32_t)chunks_append(e, &e->chunks, &t->recv, text, bytes);
        }
        if (taken < bytes)
            RULE_HIT(e, &t->flow, TEXT_NO_ROOM);
        if (taken > 0)
            RULE_HIT(e, &t->flow, TEXT_QUEUED);
    }
    if (taken > UINT32_MAX - t->rcv_nxt.v)
        t->rcv_wraps++;
    t->rcv_nxt = seq_add(t->rcv_nxt, taken);
    return taken;
}

void text_with_syn(struct engine *e, struct tcb *t, const struct segment *s)
{
    uint32_t room = seq_diff(t->rcv_adv, t->rcv_nxt), bytes = s->text_bytes;

    if (bytes > room) {
        RULE_HIT(e, &t->flow, TEXT_BEYOND_WINDOW);
        bytes = room;
    }
    if (bytes == 0)
        return;
    details_text_in(e, t, false);
    if (text_take(e, t, s->text, bytes) > 0)
        t->events |= TERN_EVENT_READABLE;
}

/* The largest segment seen; one larger than we asked for, such as a device that gathers segments
 * makes, counts as one of the size that we asked for (RFC 9293 3.8.6.3: RMSS). */
static void text_note_size(const struct engine *e, struct tcb *t, uint32_t bytes)
{
    uint16_t most = engine_link_mss(e, &t->flow);

    t->rcv_mss = bytes < most ? (uint16_t)bytes : most;
}

static void text_in_order(struct engine *e, struct tcb *t, struct segment *s)
{
    if (s->text_bytes > t->rcv_mss)
        text_note_size(e, t, s->text_bytes);
    uint32_t taken = text_take(e, t, s->text, s->text_bytes);
    if (taken == 0)
        return;
    bool gap = t->early != 0;
    while (gap && reassembly_advance(e, t, s))
        RULE_HIT(e, &t->flow, TEXT_GAP_FILLED);
    if (!t->read_shut)
        t->events |= TERN_EVENT_READABLE;
    delayed_ack_decide(e, t, gap);
}

static verdict text_new(struct engine *e, struct tcb *t, struct segment *s)
{
    if (!state_is(t, TEXT_IN)) {
        RULE_HIT(e, &t->flow, TEXT_AFTER_FIN);
        return NEXT;
    }
    if (t->released) {
        RULE_HIT(e, &t->flow, TEXT_AFTER_CLOSE);
        calls_abort(e, t, TERN_ERR_ABORTED);
        return DELETE_TCB;
    }
    details_text_in(e, t, !seq_eq(s->seq, t->rcv_nxt));
    if (seq_eq(s->seq, t->rcv_nxt)) {
        text_in_order(e, t, s);
        return NEXT;
    }
    RULE_HIT(e, &t->flow, TEXT_EARLY);
    reassembly_keep(e, t, s);
    t->owes |= OWES_ACK;
    return NEXT;
}

verdict text_arrives(struct engine *e, struct tcb *t, struct segment *s)
{
    verdict v = s->text_bytes > 0 ? text_new(e, t, s) : NEXT;

    if (s->duplicate_bytes > 0 && v == NEXT)
        sack_duplicate(e, t, s);
    return v;
}
