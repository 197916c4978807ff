/* rst.c - 2nd: RST. */
#include "tcp/close/rst.h"

#include "tcp/calls.h"
#include "tcp/challenge.h"

/* What the program is told. In CLOSING and LAST-ACK it has said all and read all that came
 * (RFC 9293 3.10.7.4, 2nd: no signal), but does not know whether the peer has read what it said. */
static tern_err rst_error(struct engine *e, const struct tcb *t)
{
    switch (t->state) {
    case TERN_SYN_RECEIVED: /* as TCB: after an active open, or by Fast Open */
        if (t->fast_open) {
            RULE_HIT(e, &t->flow, FAST_OPEN_RST);
            return TERN_ERR_RESET;
        }
        RULE_HIT(e, &t->flow, SYN_RECEIVED_RST_REFUSED);
        return e->config.error_syn_received_rst;
    case TERN_CLOSE_WAIT:
        RULE_HIT(e, &t->flow, RST_ACCEPTED);
        return e->config.error_close_wait_rst;
    case TERN_CLOSING:
    case TERN_LAST_ACK:
        RULE_HIT(e, &t->flow, RST_ACCEPTED);
        return e->config.closing_rst_told ? TERN_ERR_RESET : TERN_OK;
    default:
        RULE_HIT(e, &t->flow, RST_ACCEPTED);
        return TERN_ERR_RESET;
    }
}

verdict rst_check(struct engine *e, struct tcb *t, const struct segment *s)
{
    if (!segment_has(s, TCP_RST))
        return NEXT;
    if (!seq_eq(s->seq, t->rcv_nxt)) {
        if (!e->config.insecure_rst) {
            RULE_HIT(e, &t->flow, RST_CHALLENGED);
            return challenge_ack(e, t);
        }
        RULE_HIT(e, &t->flow, RST_ANYWHERE_ACCEPTED);
    }
    calls_end(e, t, TERN_CAUSE_RCV_RST, rst_error(e, t));
    return DELETE_TCB;
}

struct rst_fields rst_for(const struct segment *s)
{
    if (segment_has(s, TCP_ACK))
        return (struct rst_fields){s->ack, seq_of(0), TCP_RST};
    return (struct rst_fields){seq_of(0), seq_add(s->seq, segment_len(s)), TCP_RST | TCP_ACK};
}
