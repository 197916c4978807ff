/* state_test.c - the eleven states and every edge between them; a stack that moves in each. */
#include "tests/unit/tcp_fixture.h"

#include <stdlib.h>

#define EDGE_TAKEN(from, to, cause) CHECK(fixture_edge(TERN_##from, TERN_##to, TERN_CAUSE_##cause))

TEST(state_reached_in_every_way)
{
    for (tern_state state = TERN_CLOSED; state < TERN_STATES; state++) {
        for (unsigned ways = 0; ways < 64; ways++) {
            fixture *x = fixture_begin(NULL);
            x_bring(x, state, ways);
            fixture_end(x);
        }
    }
}

/* ---- Edges, by the state they leave ---- */

TEST(edges_of_closed)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    EDGE_TAKEN(CLOSED, LISTEN, PASSIVE_OPEN);
    x_connect(x);
    EDGE_TAKEN(CLOSED, SYN_SENT, ACTIVE_OPEN);
}

TEST(edges_of_listen)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    EDGE_TAKEN(LISTEN, SYN_RECEIVED, RCV_SYN);
    x->peer.remote.port++;
    CHECK_EQ(tern_listener_connect(x->stack, x->now_us, x->listener, &x->peer.remote, &x->c),
             TERN_OK);
    EDGE_TAKEN(LISTEN, SYN_SENT, SEND);
    x_listen(x);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->listener), TERN_OK);
    EDGE_TAKEN(LISTEN, CLOSED, CLOSE);
}

TEST(edges_of_syn_sent)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_SENT, 0);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    EDGE_TAKEN(SYN_SENT, ESTABLISHED, RCV_SYN_ACK);
    x = fixture_begin(NULL);
    x_bring(x, TERN_SYN_SENT, 0);
    x_inject(x, .flags = TCP_SYN);
    EDGE_TAKEN(SYN_SENT, SYN_RECEIVED, RCV_SYN);
    x = fixture_begin(NULL);
    x_bring(x, TERN_SYN_SENT, 0);
    x_inject(x, .flags = TCP_RST | TCP_ACK, .ack = 1);
    EDGE_TAKEN(SYN_SENT, CLOSED, RCV_RST);
    x = fixture_begin(NULL);
    x_bring(x, TERN_SYN_SENT, 0);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    EDGE_TAKEN(SYN_SENT, CLOSED, CLOSE);
    x = fixture_begin(NULL);
    x_bring(x, TERN_SYN_SENT, 0);
    CHECK_EQ(tern_abort(x->stack, x->now_us, x->c), TERN_OK);
    EDGE_TAKEN(SYN_SENT, CLOSED, ABORT);
    x = fixture_begin(NULL);
    x_bring(x, TERN_SYN_SENT, 0);
    x_run(x, 180000);
    EDGE_TAKEN(SYN_SENT, CLOSED, TIMEOUT);
}

TEST(edges_of_syn_received)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    EDGE_TAKEN(SYN_RECEIVED, ESTABLISHED, RCV_ACK_OF_SYN);
    x = fixture_begin(NULL);
    x_bring(x, TERN_SYN_RECEIVED, WAY_SIMULTANEOUS);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    EDGE_TAKEN(SYN_RECEIVED, FIN_WAIT_1, CLOSE);
    x = fixture_begin(NULL);
    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_RST, .seq = 1);
    EDGE_TAKEN(SYN_RECEIVED, LISTEN, RCV_RST);
    x = fixture_begin(NULL);
    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_SYN, .seq = 1);
    EDGE_TAKEN(SYN_RECEIVED, LISTEN, RCV_SYN);
    x = fixture_begin(NULL);
    x_bring(x, TERN_SYN_RECEIVED, WAY_SIMULTANEOUS);
    x_inject(x, .flags = TCP_RST, .seq = 1);
    EDGE_TAKEN(SYN_RECEIVED, CLOSED, RCV_RST);
    x = fixture_begin(NULL);
    x_bring(x, TERN_SYN_RECEIVED, WAY_SIMULTANEOUS);
    CHECK_EQ(tern_abort(x->stack, x->now_us, x->c), TERN_OK);
    EDGE_TAKEN(SYN_RECEIVED, CLOSED, ABORT);
    x = fixture_begin(NULL);
    x_bring(x, TERN_SYN_RECEIVED, WAY_SIMULTANEOUS);
    x_run(x, 180000);
    x_state(x, TERN_CLOSED);
    EDGE_TAKEN(SYN_RECEIVED, CLOSED, TIMEOUT);
}

TEST(edges_to_closed_by_reset)
{
    static const tern_state states[] = {TERN_ESTABLISHED, TERN_FIN_WAIT_1, TERN_FIN_WAIT_2,
                                        TERN_CLOSE_WAIT,  TERN_CLOSING,    TERN_LAST_ACK};

    for (unsigned i = 0; i < 6; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, states[i], WAY_PASSIVE);
        x_inject(x, .flags = TCP_RST, .seq = x->peer.next);
        CHECK(fixture_edge(states[i], TERN_CLOSED, TERN_CAUSE_RCV_RST));
        x_state(x, TERN_CLOSED);
    }
}

TEST(edges_to_closed_by_abort)
{
    static const tern_state states[] = {TERN_ESTABLISHED, TERN_FIN_WAIT_1, TERN_FIN_WAIT_2,
                                        TERN_CLOSE_WAIT,  TERN_CLOSING,    TERN_LAST_ACK,
                                        TERN_TIME_WAIT};

    for (unsigned i = 0; i < 7; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, states[i], WAY_PASSIVE);
        CHECK_EQ(tern_abort(x->stack, x->now_us, x->c), TERN_OK);
        CHECK(fixture_edge(states[i], TERN_CLOSED, TERN_CAUSE_ABORT));
        x_state(x, TERN_CLOSED);
    }
}

TEST(edges_to_closed_by_timeout)
{
    static const struct {
        tern_state state;
        bool data;
    } cases[] = {{TERN_ESTABLISHED, true}, {TERN_FIN_WAIT_1, false}, {TERN_FIN_WAIT_2, false},
                 {TERN_CLOSE_WAIT, true},  {TERN_CLOSING, false},    {TERN_LAST_ACK, false},
                 {TERN_TIME_WAIT, false}};

    for (unsigned i = 0; i < 7; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, cases[i].state, cases[i].data ? WAY_PASSIVE : WAY_RELEASED);
        if (cases[i].data)
            x_send(x, 10);
        x_run(x, 300000);
        CHECK(fixture_edge(cases[i].state, TERN_CLOSED, TERN_CAUSE_TIMEOUT));
        x_state(x, TERN_CLOSED);
    }
}

TEST(edges_of_an_active_close)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_TIME_WAIT, WAY_PASSIVE);
    EDGE_TAKEN(ESTABLISHED, FIN_WAIT_1, CLOSE);
    EDGE_TAKEN(FIN_WAIT_1, FIN_WAIT_2, RCV_ACK_OF_FIN);
    EDGE_TAKEN(FIN_WAIT_2, TIME_WAIT, RCV_FIN);
    x = fixture_begin(NULL);
    x_bring(x, TERN_TIME_WAIT, WAY_CROSSING);
    EDGE_TAKEN(FIN_WAIT_1, CLOSING, RCV_FIN);
    EDGE_TAKEN(CLOSING, TIME_WAIT, RCV_ACK_OF_FIN);
}

TEST(edges_of_a_passive_close)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_LAST_ACK, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK, .seq = 2, .ack = 2);
    EDGE_TAKEN(ESTABLISHED, CLOSE_WAIT, RCV_FIN);
    EDGE_TAKEN(CLOSE_WAIT, LAST_ACK, CLOSE);
    EDGE_TAKEN(LAST_ACK, CLOSED, RCV_ACK_OF_FIN);
}

TEST(edges_of_time_wait)
{
    tern_config c = fixture_config();
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_TIME_WAIT, WAY_RELEASED);
    x_inject(x, .flags = TCP_SYN, .seq = 100);
    EDGE_TAKEN(TIME_WAIT, CLOSED, RCV_SYN);
    EDGE_TAKEN(LISTEN, SYN_RECEIVED, RCV_SYN);
    c.time_wait_ignores_rst = false;
    x = fixture_begin(&c);
    x_bring(x, TERN_TIME_WAIT, WAY_RELEASED);
    x_inject(x, .flags = TCP_RST, .seq = 2);
    EDGE_TAKEN(TIME_WAIT, CLOSED, RCV_RST);
}

/* ---- A stack that moves ---- */

/* The next packets of both are the same, until both have none. */
static void same_output(fixture *x, fixture *y)
{
    uint8_t *a = malloc(1500), *b = malloc(1500);
    size_t bytes = 1;

    CHECK(a != NULL && b != NULL);
    while (bytes > 0) {
        bytes = x_output(x, a);
        size_t other = x_output(y, b);
        bool same = bytes == other && memcmp(a, b, bytes) == 0;
        if (!same) {
            free(a);
            free(b);
        }
        CHECK(same);
    }
    free(a);
    free(b);
    CHECK_EQ(tern_deadline(x->stack), tern_deadline(y->stack));
}

/* The same to both: text and a FIN from the peer, ten minutes, a SYN. */
static void go_on(fixture *x, fixture *y)
{
    fixture *both[] = {x, y};

    for (unsigned part = 0; part < 4; part++) {
        for (unsigned i = 0; i < 2; i++) {
            fixture *f = both[i];
            uint16_t flags = part == 0 ? TCP_ACK : part == 1 ? TCP_ACK | TCP_FIN : TCP_SYN;
            if (part != 2)
                x_inject(f, .flags = flags, .seq = f->peer.next + part * 10,
                         .ack = f->peer.tern_next, .bytes = part == 0 ? 10 : 0);
        }
        for (unsigned i = 0; i < 600 && part == 2; i++) {
            same_output(x, y);
            x->now_us = y->now_us = x->now_us + 1000000;
        }
        same_output(x, y);
    }
}

TEST(arena_moves_in_each_state_and_goes_on)
{
    for (tern_state state = TERN_LISTEN; state < TERN_STATES; state++) {
        static const unsigned ways[] = {WAY_PASSIVE, WAY_ACTIVE | WAY_OPTIONS | WAY_IPV6,
                                        WAY_RELEASED | WAY_OPTIONS};
        for (unsigned i = 0; i < 3; i++) {
            fixture *x = fixture_begin(NULL), *y = fixture_begin(NULL);
            x_bring(x, state, ways[i]);
            x_bring(y, state, ways[i]);
            CHECK_MEM(x->stack, y->stack, x->arena_bytes); /* the same in, the same octets */
            x_move(y);
            go_on(x, y);
            x_move(y);
            CHECK_MEM(x->stack, y->stack, x->arena_bytes);
            fixture_end(x);
            fixture_end(y);
        }
    }
}

/* Data under way and unread and early, a half-open record that owes its SYN,ACK, one unaccepted,
 * one in TIME-WAIT, answers that wait. */
static void busy(fixture *x)
{
    x_bring(x, TERN_TIME_WAIT, WAY_RELEASED);
    for (uint16_t i = 0; i < 3; i++) {
        x->peer.remote.port++;
        x_inject(x, .flags = TCP_SYN, .mss = 1460, .sack_ok = true);
        if (i == 2)
            break;
        x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
        if (i == 0)
            x_accept(x);
    }
    x->peer.remote.port -= 2;
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 700);
    x_inject(x, .flags = TCP_ACK, .seq = 1401, .ack = 1, .bytes = 700);
    x_send(x, 20000);
    x->peer.remote.port += 100;
    x_inject(x, .flags = TCP_ACK, .seq = 9, .ack = 9);
    x->peer.remote.port -= 100;
}

TEST(arena_moves_with_work_owed_and_goes_on)
{
    fixture *x = fixture_begin(NULL), *y = fixture_begin(NULL);
    tern_event a, b;

    busy(x);
    busy(y);
    CHECK_MEM(x->stack, y->stack, x->arena_bytes);
    for (unsigned i = 0; i < 300; i++) {
        x_move(y);
        same_output(x, y);
        while (tern_next_event(x->stack, &a)) {
            CHECK(tern_next_event(y->stack, &b));
            CHECK_MEM(&a, &b, sizeof a);
        }
        CHECK(!tern_next_event(y->stack, &b));
        x->now_us = y->now_us = x->now_us + 1000000;
    }
    x_move(y);
    CHECK_MEM(x->stack, y->stack, x->arena_bytes);
}
