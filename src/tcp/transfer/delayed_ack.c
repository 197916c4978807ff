/* delayed_ack.c - when to acknowledge. */
#include "tcp/transfer/delayed_ack.h"

#include "tcp/timeouts.h"

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
    RULE_HIT(e, &t->flow, ACK_DELAYED);
    timeouts_ack_delayed(e, t);
}
