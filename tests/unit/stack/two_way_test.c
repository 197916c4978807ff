/* two_way_test.c - the deviation of docs/decisions/0010: a handshake without its third step. */
#include "tern/simulation.h"
#include "tests/unit/tcp_fixture.h"

static fixture *two_way(void)
{
    fixture *x = fixture_begin(NULL);

    CHECK_EQ(tern_deviation_set(x->stack, TERN_DEVIATION_TWO_WAY_HANDSHAKE, true), TERN_OK);
    x_listen(x);
    return x;
}

TEST(two_way_takes_the_syn_alone_for_a_connection)
{
    fixture *x = two_way();

    CHECK_EQ(x_inject(x, .flags = TCP_SYN, .mss = 1460), TERN_RULE_TWO_WAY_HANDSHAKE);
    x_state(x, TERN_ESTABLISHED);
    x_event(x, x->listener, TERN_EVENT_ACCEPTABLE);
    x_accept(x);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460);
    CHECK_EQ(x_usage(x).half_open, 0);
}

TEST(two_way_never_ends_a_ghost_by_itself)
{
    fixture *x = two_way();

    x_inject(x, .flags = TCP_SYN);
    x_accept(x);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    CHECK_EQ(tern_deadline(x->stack), TERN_NEVER);
    x_advance(x, 24 * 3600 * 1000);
    x_state(x, TERN_ESTABLISHED);
    x_inject(x, .flags = TCP_RST, .seq = 1); /* a client that is alive still ends it */
    x_state(x, TERN_CLOSED);
}

TEST(two_way_carries_an_honest_connection)
{
    fixture *x = two_way();

    x_inject(x, .flags = TCP_SYN, .mss = 1460, .bytes = 10);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_SYN_DATA_IGNORED), 1);
    x_accept(x);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
    x_recv(x, 100);
    x_send(x, 200);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 101, .bytes = 200);
    x_inject(x, .flags = TCP_ACK, .seq = 101, .ack = 201);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_WRITE), TERN_OK);
    x_expect(x, .flags = TCP_ACK | TCP_FIN, .seq = 201, .ack = 101);
}

TEST(two_way_keeps_the_limits)
{
    fixture *x = two_way();

    for (uint16_t port = 1; port <= 9; port++) {
        x->peer.remote.port = port;
        tern_rule rule = x_inject(x, .flags = TCP_SYN);
        CHECK_EQ(rule, port <= 8 ? TERN_RULE_TWO_WAY_HANDSHAKE : TERN_RULE_CONNECTIONS_FULL);
    }
}

TEST(two_way_can_be_switched_off_again)
{
    fixture *x = two_way();

    CHECK_EQ(tern_deviation_set(x->stack, (tern_deviation)7, true), TERN_ERR_INVALID);
    CHECK_EQ(tern_deviation_set(x->stack, TERN_DEVIATION_TWO_WAY_HANDSHAKE, false), TERN_OK);
    x_inject(x, .flags = TCP_SYN);
    x_state(x, TERN_SYN_RECEIVED);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
}
