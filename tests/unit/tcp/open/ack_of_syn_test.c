/* ack_of_syn_test.c - the ACK of our SYN, the third step: a record becomes a connection. */
#include "tests/unit/tcp_fixture.h"

TEST(ack_of_syn_establishes)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 4000);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_HANDSHAKE_DONE), 1);
    x_state(x, TERN_ESTABLISHED);
    x_event(x, x->listener, TERN_EVENT_ACCEPTABLE);
    x_accept(x);
    tern_status st = x_status(x);
    CHECK_EQ(st.snd_wnd, 4000);
    CHECK_EQ(st.snd_una, st.iss + 1);
    CHECK_EQ(st.snd_nxt, st.iss + 1);
    CHECK_EQ(st.rcv_nxt, 1001);
    CHECK_EQ(x_usage(x).half_open, 0);
    CHECK_EQ(x_usage(x).connections, 1);
    x_expect_nothing(x);
}

TEST(ack_of_syn_that_is_none_is_reset)
{
    static const uint32_t bad[] = {0, 2, 0x80000001u, 0xffffffffu};

    for (unsigned i = 0; i < 4; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = bad[i]);
        CHECK_EQ(tern_counter(x->stack, TERN_RULE_SYN_RECEIVED_BAD_ACK_RESET), 1);
        x_expect(x, .flags = TCP_RST, .seq = bad[i]);
        x_state(x, TERN_SYN_RECEIVED);
        fixture_end(x);
    }
}

TEST(ack_of_syn_that_is_none_is_reset_after_a_simultaneous_open)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_SIMULTANEOUS);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 2);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_SYN_RECEIVED_BAD_ACK_RESET), 1);
    x_expect(x, .flags = TCP_RST, .seq = 2);
    x_state(x, TERN_SYN_RECEIVED);
}

TEST(ack_of_syn_with_text_and_fin)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 1, .bytes = 20);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 22);
    x_state(x, TERN_CLOSE_WAIT);
    x_accept(x);
    x_recv(x, 20);
}

TEST(ack_of_syn_missing)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    CHECK_EQ(x_inject(x, .flags = TCP_PSH, .seq = 1, .bytes = 5), TERN_RULE_ACK_MISSING);
    CHECK_EQ(x_inject(x, .flags = TCP_FIN, .seq = 1), TERN_RULE_ACK_MISSING);
    x_expect_nothing(x);
    x_state(x, TERN_SYN_RECEIVED);
}

TEST(ack_of_syn_measures_the_round_trip)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    x_advance(x, 77);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_accept(x);
    CHECK_EQ(x_status(x).rtt, 77000);
}

TEST(ack_of_syn_after_a_timeout_measures_nothing)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    x_expect_after(x, 1000, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_accept(x);
    CHECK_EQ(x_status(x).rtt, 0);
    CHECK_EQ(x_status(x).rto, 3000000);
}

TEST(ack_of_syn_in_sequence_space_that_wraps)
{
    fixture *x = fixture_begin(NULL);

    x->peer.iss = 0xffffffffu;
    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 300);
    x_recv(x, 300);
    CHECK_EQ(x_status(x).rcv_nxt, 300);
    CHECK_EQ(x_status(x).bytes_received, 300);
}

TEST(backlog_full_leaves_the_connection_half_open)
{
    fixture *x = fixture_begin(NULL);
    tern_endpoint at = {.port = FIXTURE_PORT};
    tern_handle c;

    CHECK_EQ(tern_listen(x->stack, x->now_us, &at, 1, &x->listener), TERN_OK);
    for (uint16_t port = 1; port <= 2; port++) {
        x->peer.remote.port = port;
        x_inject(x, .flags = TCP_SYN);
        x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    }
    x_state(x, TERN_SYN_RECEIVED);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_BACKLOG_FULL), 1);
    CHECK_EQ(x_usage(x).half_open, 1);
    CHECK_EQ(tern_accept(x->stack, x->now_us, x->listener, &c), TERN_OK);
    x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 4);
    x_state(x, TERN_ESTABLISHED);
    x_accept(x);
    x_recv(x, 4);
}

TEST(connections_full_leaves_the_connection_half_open)
{
    tern_config c = fixture_config();

    c.connections_max = 1;
    fixture *x = fixture_begin(&c);
    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    tern_handle first = x->c;
    x->peer.remote.port = 5;
    x_inject(x, .flags = TCP_SYN);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1), TERN_RULE_CONNECTIONS_FULL);
    x_state(x, TERN_SYN_RECEIVED);
    CHECK_EQ(tern_abort(x->stack, x->now_us, first), TERN_OK);
    CHECK_EQ(x_run(x, 0), 1); /* its reset */
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_state(x, TERN_ESTABLISHED);
}
