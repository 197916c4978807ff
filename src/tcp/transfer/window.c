/* window.c - the window we offer.
 *
 * The window is what the receive buffer has free; octets that came early lie inside it. Its right
 * edge never moves back (RFC 9293 3.8.6), and moves on only by a segment or half the buffer
 * (3.8.6.2.2), so that no peer is led to send slivers. */
#include "tcp/transfer/window.h"

enum { WINDOW_FIELD_MAX = 65535 };

static uint32_t window_least_step(const struct tcb *t)
{
    uint32_t half = t->recv_limit / 2;

    return half < t->rcv_mss ? half : t->rcv_mss;
}

/* As Linux opens it: by the SYN's window, and twice what has come. */
static uint32_t window_grown(const struct engine *e, const struct tcb *t)
{
    uint64_t come = ((uint64_t)t->rcv_wraps << 32) + t->rcv_nxt.v - t->irs.v;
    uint64_t grown = e->config.syn_window + 2 * come;

    return grown < UINT32_MAX ? (uint32_t)grown : UINT32_MAX;
}

static seq window_wanted(const struct engine *e, const struct tcb *t)
{
    uint32_t room = t->recv_limit > t->recv.bytes ? t->recv_limit - t->recv.bytes : 0;
    uint32_t most = (uint32_t)WINDOW_FIELD_MAX << t->rcv_scale; /* that a header can say */

    if (e->config.recv_window_grows) {
        uint32_t grown = window_grown(e, t);
        room = room < grown ? room : grown;
    }
    room = room < most ? room : most;
    return seq_max(seq_add(t->rcv_nxt, room), t->rcv_adv);
}

/* FreeBSD's: below a segment and a quarter of the buffer. */
static bool window_is_a_sliver(const struct tcb *t, seq wanted)
{
    uint32_t wnd = seq_diff(wanted, t->rcv_nxt);

    return wnd < t->rcv_mss && wnd < t->recv_limit / 4;
}

seq window_edge(struct engine *e, const struct tcb *t)
{
    seq wanted = window_wanted(e, t);
    uint32_t step = seq_diff(wanted, t->rcv_adv);

    if (step == 0 || step >= window_least_step(t))
        return wanted;
    if (!e->config.window_edge_steps && !window_is_a_sliver(t, wanted)) {
        RULE_HIT(e, &t->flow, WINDOW_WITHOUT_STEPS);
        return wanted;
    }
    RULE_HIT(e, &t->flow, RECEIVER_SWS_AVOIDED);
    return t->rcv_adv;
}

uint16_t window_offer(struct engine *e, struct tcb *t)
{
    uint32_t wnd = seq_diff(window_edge(e, t), t->rcv_nxt);
    /* Rounded down: up would offer more than the buffer has, each time anew. The peer may see the
     * edge move back by less than 1 << shift (RFC 7323 2.4); what was offered is still taken. */
    uint32_t field = wnd >> t->rcv_scale;

    field = field < WINDOW_FIELD_MAX ? field : WINDOW_FIELD_MAX;
    t->rcv_adv = seq_max(t->rcv_adv, seq_add(t->rcv_nxt, field << t->rcv_scale));
    return (uint16_t)field;
}

/* FreeBSD's: two segments are little for a large buffer, unless it is all but full. */
static bool window_grew_by_a_quarter(const struct tcb *t, uint32_t step, uint32_t now)
{
    uint32_t limit = t->recv_limit, mss = t->rcv_mss;
    bool small = step + now <= limit / 8 || limit <= 8 * mss;

    return step >= limit - limit / 2 || (step >= 2 * mss && (small || step >= limit / 4));
}

bool window_worth_telling(const struct engine *e, const struct tcb *t)
{
    uint32_t step = seq_diff(window_wanted(e, t), t->rcv_adv);
    uint32_t now = seq_diff(t->rcv_adv, t->rcv_nxt);
    uint32_t half = t->recv_limit / 2, two = 2u * t->rcv_mss;

    if (step == 0)
        return false;
    switch (e->config.window_update_rule) {
    case TERN_WINDOW_DOUBLES:
        return step >= window_least_step(t) && step >= now;
    case TERN_WINDOW_QUARTER:
        return window_grew_by_a_quarter(t, step, now);
    case TERN_WINDOW_TWO_SEGMENTS:
        break;
    }
    bool was_small = now < t->rcv_mss;
    return step >= (half < two ? half : two) || (was_small && step >= window_least_step(t));
}

void window_round_buffer(const struct engine *e, struct tcb *t)
{
    uint32_t mss = t->flow.spare, part = t->recv_limit % mss;

    if (e->config.recv_buffer_round_to_mss && part > 0)
        t->recv_limit += mss - part;
}

seq window_buffer_edge(const struct tcb *t)
{
    uint32_t room = t->recv_limit > t->recv.bytes ? t->recv_limit - t->recv.bytes : 0;

    return seq_max(seq_add(t->rcv_nxt, room), t->rcv_adv);
}
