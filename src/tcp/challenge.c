/* challenge.c - challenge ACKs at a bounded rate, RFC 5961 7. */
#include "tcp/challenge.h"

#include "base/rare.h"

RARE verdict challenge_ack(struct engine *e, struct tcb *t)
{
    /* 0 stands for never, so a challenge in the clock's millisecond 0 counts as in the next. */
    if (t->challenge_ms != 0 && e->now_ms - t->challenge_ms < e->config.challenge_ack_interval_ms) {
        RULE_HIT(e, &t->flow, CHALLENGE_LIMITED);
        return DROP;
    }
    t->challenge_ms = e->now_ms != 0 ? e->now_ms : 1;
    return DROP_AND_ACK;
}
