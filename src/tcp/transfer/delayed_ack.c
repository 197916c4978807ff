/* delayed_ack.c - when to acknowledge. */
#include "tcp/transfer/delayed_ack.h"

#include "tcp/timeouts.h"

/* Where a stack counts otherwise than in full-sized segments. */
static bool delayed_ack_second(const struct engine *e, const struct tcb *t)
{
    if (e->config.ack_every == TERN_ACK_SECOND_SEGMENT)
        return tcb_timer_on(t, TIMER_DELAYED_ACK);
    return seq_diff(t->rcv_nxt, t->last_ack_sent) > t->rcv_mss;
}

void delayed_ack_decide(struct engine *e, struct tcb *t, bool at_once)
{
    if (at_once || t->ack_at_once) {
        t->owes |= OWES_ACK;
        return;
    }
    if ((t->owes & OWES_ACK) != 0)
        return;
    if (seq_diff(t->rcv_nxt, t->last_ack_sent) >= 2u * t->rcv_mss) {
        RULE_HIT(e, &t->flow, ACK_EVERY_SECOND);
        t->owes |= OWES_ACK;
        return;
    }
    if (engine_ack_quick(e, t)) {
        RULE_HIT(e, &t->flow, ACK_QUICK);
        t->owes |= OWES_ACK;
        return;
    }
    if (e->config.ack_every != TERN_ACK_TWO_FULL_SIZED && delayed_ack_second(e, t)) {
        RULE_HIT(e, &t->flow, ACK_EVERY_SECOND);
        t->owes |= OWES_ACK;
        return;
    }
    RULE_HIT(e, &t->flow, ACK_DELAYED);
    timeouts_ack_delayed(e, t);
}
