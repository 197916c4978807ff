/* urgent.c - 6th: the urgent mechanism, both ways.
 *
 * Urgent data is no second channel: it lies in the stream, and the urgent pointer says where it
 * ends, naming the octet behind it (RFC 9293 MUST-62, RFC 6093 4). New programs should not use it
 * (SHLD-13).
 *
 * RCV.UP shares its place with fin_in, so that a connection costs nothing for what hardly any uses:
 * while the program has urgent data to read, a FIN that comes early is not remembered and has to
 * come again. */
#include "tcp/transfer/urgent.h"

#include "base/rare.h"
#include "tcp/loss/flight.h"
#include "tcp/state.h"

enum { URGENT_POINTER_MAX = 65535 };

/* The next octet that the program reads. */
static seq urgent_reader(const struct tcb *t)
{
    return seq_of(t->rcv_nxt.v - t->recv.bytes);
}

RARE void urgent_arrives(struct engine *e, struct tcb *t, const struct segment *s)
{
    seq known = t->urgent_in ? t->rcv_up : urgent_reader(t);

    if (!state_is(t, TEXT_IN) || t->released || t->read_shut)
        return;
    if (!seq_lt(known, s->up)) {
        RULE_HIT(e, &t->flow, URGENT_OLD);
        return;
    }
    RULE_HIT(e, &t->flow, URGENT_IN_LINE);
    t->fin_early = false;
    t->urgent_in = true;
    t->rcv_up = s->up;
    t->events |= TERN_EVENT_URGENT;
}

uint32_t urgent_ahead(const struct tcb *t)
{
    seq reader = urgent_reader(t);

    return t->urgent_in && seq_lt(reader, t->rcv_up) ? seq_diff(t->rcv_up, reader) : 0;
}

RARE void urgent_read(struct tcb *t)
{
    if (t->read_shut || urgent_ahead(t) == 0)
        t->urgent_in = false;
}

RARE void urgent_queued(struct engine *e, struct tcb *t)
{
    flight_of(e, t)->snd_up = tcb_send_end(t);
    t->urgent_out = true;
    if (t->syn_acked) /* the peer is told also while no window takes the octets themselves */
        t->owes |= OWES_ACK;
}

RARE void urgent_plan(struct engine *e, struct tcb *t, struct packet_plan *plan)
{
    seq up = flight_of(e, t)->snd_up;

    if (!seq_lt(t->snd_una, up)) {
        t->urgent_out = false;
        return;
    }
    if (!seq_lt(plan->seq, up))
        return;
    uint32_t ahead = seq_diff(up, plan->seq);
    if (ahead > URGENT_POINTER_MAX) {
        RULE_HIT(e, &t->flow, URGENT_FAR);
        ahead = URGENT_POINTER_MAX;
    }
    RULE_HIT(e, &t->flow, URGENT_SENT);
    plan->flags |= TCP_URG;
    plan->urgent = (uint16_t)ahead;
}
