/* tcp_ways_fixture.c - a connection brought into each state, in each of its ways. */
#include "tests/unit/tcp_fixture.h"

static void drain_events(fixture *x)
{
    tern_event e;

    while (tern_next_event(x->stack, &e))
        continue;
}

static struct seg syn_of_peer(uint16_t flags, unsigned ways)
{
    bool options = (ways & WAY_OPTIONS) != 0;

    return (struct seg){
        .flags = flags,
        .ack = 1,
        .mss = FIXTURE_MSS,
        .scale = options ? 1 + 7 : 0,
        .sack_ok = options,
        .ts = options,
    };
}

static void bring_half_open(fixture *x, unsigned ways)
{
    x_listen(x);
    x_inject_seg(x, syn_of_peer(TCP_SYN, ways));
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
}

static void bring_syn_sent(fixture *x)
{
    x_connect(x);
    x_expect(x, .flags = TCP_SYN);
}

static void bring_crossing_syns(fixture *x, unsigned ways)
{
    bring_syn_sent(x);
    x_inject_seg(x, syn_of_peer(TCP_SYN, ways));
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
}

void x_establish(fixture *x, unsigned ways)
{
    bool options = (ways & WAY_OPTIONS) != 0;

    if ((ways & WAY_IPV6) != 0)
        x_ipv6(x);
    if ((ways & WAY_SIMULTANEOUS) != 0) {
        bring_crossing_syns(x, ways);
        x_inject_seg(x, syn_of_peer(TCP_SYN | TCP_ACK, ways));
    } else if ((ways & WAY_ACTIVE) != 0) {
        bring_syn_sent(x);
        x_inject_seg(x, syn_of_peer(TCP_SYN | TCP_ACK, ways));
        x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    } else {
        bring_half_open(x, ways);
        x->peer.ts_on = options;
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
        x_accept(x);
    }
    x->peer.ts_on = options;
    x->peer.next = x->peer.tern_next = 1;
    x_expect_nothing(x);
    drain_events(x);
    x_state(x, TERN_ESTABLISHED);
}

/* Our FIN goes out. */
static void bring_close(fixture *x, unsigned ways)
{
    if ((ways & WAY_RELEASED) != 0)
        CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    else
        CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_WRITE), TERN_OK);
    x_expect(x, .flags = TCP_FIN | TCP_ACK, .seq = x->peer.tern_next, .ack = x->peer.next);
    x->peer.tern_next++;
}

/* The peer's FIN comes in, acknowledging our octets below `ack`. */
static void bring_fin(fixture *x, uint32_t ack)
{
    x_inject(x, .flags = TCP_FIN | TCP_ACK, .seq = x->peer.next, .ack = ack);
    x->peer.next++;
    x_expect(x, .flags = TCP_ACK, .seq = x->peer.tern_next, .ack = x->peer.next);
}

static void bring_ack(fixture *x)
{
    x_inject(x, .flags = TCP_ACK, .seq = x->peer.next, .ack = x->peer.tern_next);
}

static void bring_synchronized(fixture *x, tern_state state, unsigned ways)
{
    bool passive_close = state == TERN_CLOSE_WAIT || state == TERN_LAST_ACK;

    x_establish(x, ways);
    if (state == TERN_ESTABLISHED)
        return;
    if (passive_close)
        bring_fin(x, 1);
    if (state == TERN_CLOSE_WAIT)
        return;
    bring_close(x, ways);
    if (state == TERN_FIN_WAIT_1 || state == TERN_LAST_ACK)
        return;
    if (state == TERN_CLOSING || (state == TERN_TIME_WAIT && (ways & WAY_CROSSING) != 0)) {
        bring_fin(x, 1);
        if (state == TERN_TIME_WAIT)
            bring_ack(x);
        return;
    }
    bring_ack(x);
    if (state == TERN_TIME_WAIT)
        bring_fin(x, 2);
}

static void bring(fixture *x, tern_state state, unsigned ways)
{
    if (state == TERN_SYN_SENT) {
        bring_syn_sent(x);
    } else if (state != TERN_SYN_RECEIVED) {
        bring_synchronized(x, state, ways);
    } else {
        if ((ways & (WAY_ACTIVE | WAY_SIMULTANEOUS)) != 0)
            bring_crossing_syns(x, ways);
        else
            bring_half_open(x, ways);
        x->peer.ts_on = (ways & WAY_OPTIONS) != 0;
    }
}

void x_bring(fixture *x, tern_state state, unsigned ways)
{
    if ((ways & WAY_IPV6) != 0)
        x_ipv6(x);
    x->peer.next = x->peer.tern_next = 1;
    if (state == TERN_LISTEN)
        x_listen(x);
    if (state == TERN_CLOSED || state == TERN_LISTEN)
        return;
    bring(x, state, ways);
    x_expect_nothing(x);
    drain_events(x);
    x_state(x, state);
}

void x_state_at(const fixture *x, tern_state want, const char *file, int line)
{
    tern_status st;
    tern_state got = x_find(x, &st) ? st.state : TERN_CLOSED;

    if (got != want)
        test_fail(file, line, "state: got %s, want %s", tern_state_name(got),
                  tern_state_name(want));
}

tern_usage x_usage(const fixture *x)
{
    tern_usage u;

    tern_usage_get(x->stack, &u);
    return u;
}
