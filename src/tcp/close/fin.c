/* fin.c - 8th: FIN, and what follows when ours is acknowledged. */
#include "tcp/close/fin.h"

#include "tcp/calls.h"
#include "tcp/close/time_wait.h"
#include "tcp/state.h"
#include "tcp/timeouts.h"

verdict fin_acked(struct engine *e, struct tcb *t, const struct segment *s)
{
    if (!s->fin_acked)
        return NEXT;
    t->events |= TERN_EVENT_FINISHED;
    t->lingering = false;
    switch (t->state) {
    case TERN_FIN_WAIT_1:
        state_set(e, t, TERN_FIN_WAIT_2, TERN_CAUSE_RCV_ACK_OF_FIN);
        if (t->released)
            timeouts_orphan(e, t);
        return NEXT;
    case TERN_CLOSING:
        time_wait_start(e, t, TERN_CAUSE_RCV_ACK_OF_FIN);
        return NEXT;
    case TERN_LAST_ACK:
        calls_end(e, t, TERN_CAUSE_RCV_ACK_OF_FIN, TERN_OK);
        return DELETE_TCB;
    default:
        TERN_CHECK_FAILED("a FIN was acknowledged in a state that sends none");
    }
}

/* The ACK of the peer's FIN. In FIN-WAIT it is owed at once always: the connection ends by it. */
static void fin_owe_ack(struct engine *e, struct tcb *t)
{
    bool at_once = e->config.fin_ack_immediate || t->state != TERN_ESTABLISHED || t->ack_at_once;

    if (at_once || engine_ack_quick(e, t)) {
        t->owes |= OWES_ACK;
        return;
    }
    if ((t->owes & OWES_ACK) != 0)
        return;
    RULE_HIT(e, &t->flow, ACK_DELAYED);
    timeouts_ack_delayed(e, t);
}

/* RCV.NXT passes the FIN; the program is told "connection closing". */
static void fin_received(struct engine *e, struct tcb *t)
{
    RULE_HIT(e, &t->flow, FIN_RECEIVED);
    t->fin_early = false;
    if (t->urgent_in) /* nothing comes for a pointer behind the FIN, which is no octet to read */
        t->rcv_up = seq_add(seq_min(t->rcv_up, t->rcv_nxt), 1);
    t->rcv_nxt = seq_add(t->rcv_nxt, 1);
    if (t->rcv_nxt.v == 0)
        t->rcv_wraps++;
    t->rcv_adv = seq_max(t->rcv_adv, t->rcv_nxt);
    fin_owe_ack(e, t);
    t->events |= TERN_EVENT_PEER_CLOSED | TERN_EVENT_READABLE;
    switch (t->state) {
    case TERN_ESTABLISHED:
        state_set(e, t, TERN_CLOSE_WAIT, TERN_CAUSE_RCV_FIN);
        break;
    case TERN_FIN_WAIT_1: /* ours is not acknowledged, or this were FIN-WAIT-2 */
        state_set(e, t, TERN_CLOSING, TERN_CAUSE_RCV_FIN);
        if (e->config.closing_resend_fin && tcb_fin_sent(t) &&
            seq_eq(seq_add(t->snd_una, 1), t->snd_nxt)) {
            RULE_HIT(e, &t->flow, CLOSING_FIN_AGAIN);
            t->owes |= OWES_RETRANSMIT;
        }
        break;
    case TERN_FIN_WAIT_2:
        time_wait_start(e, t, TERN_CAUSE_RCV_FIN);
        break;
    default:
        TERN_CHECK_FAILED("a FIN was taken in a state that takes none");
    }
}

verdict fin_arrives(struct engine *e, struct tcb *t, const struct segment *s)
{
    if (!state_is(t, TEXT_IN)) /* CLOSE-WAIT, CLOSING, LAST-ACK: remain */
        return NEXT;
    seq fin = seq_add(s->seq, s->text_bytes);

    if (segment_has(s, TCP_FIN) && seq_eq(fin, t->rcv_nxt)) {
        fin_received(e, t);
        return NEXT;
    }
    if (segment_has(s, TCP_FIN)) {
        t->owes |= OWES_ACK;
        if (!t->urgent_in) {
            RULE_HIT(e, &t->flow, FIN_EARLY);
            t->fin_early = true;
            t->fin_in = fin;
        }
    }
    if (t->fin_early && seq_eq(t->fin_in, t->rcv_nxt))
        fin_received(e, t);
    return NEXT;
}
