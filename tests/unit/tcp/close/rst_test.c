/* rst_test.c - 2nd: RST. RFC 9293 3.10.7.4 with RFC 5961 3.2, and the resets that tern makes. */
#include "tests/unit/tcp_fixture.h"

/* What the program is told when a reset ends a connection in a state. */
static const struct {
    tern_state state;
    unsigned ways;
    tern_err error;
    tern_rule rule;
} resets[] = {
    {TERN_SYN_RECEIVED, WAY_SIMULTANEOUS, TERN_ERR_REFUSED, TERN_RULE_SYN_RECEIVED_RST_REFUSED},
    {TERN_ESTABLISHED, WAY_PASSIVE, TERN_ERR_RESET, TERN_RULE_RST_ACCEPTED},
    {TERN_ESTABLISHED, WAY_ACTIVE | WAY_OPTIONS, TERN_ERR_RESET, TERN_RULE_RST_ACCEPTED},
    {TERN_FIN_WAIT_1, 0, TERN_ERR_RESET, TERN_RULE_RST_ACCEPTED},
    {TERN_FIN_WAIT_2, 0, TERN_ERR_RESET, TERN_RULE_RST_ACCEPTED},
    {TERN_CLOSE_WAIT, 0, TERN_ERR_RESET, TERN_RULE_RST_ACCEPTED},
    {TERN_CLOSING, 0, TERN_OK, TERN_RULE_RST_ACCEPTED},
    {TERN_LAST_ACK, 0, TERN_OK, TERN_RULE_RST_ACCEPTED},
};

enum { RESETS = sizeof resets / sizeof resets[0] };

TEST(rst_at_rcv_nxt_ends_every_state)
{
    for (unsigned i = 0; i < RESETS; i++) {
        fixture *x = fixture_begin(NULL);
        tern_event e;
        x_bring(x, resets[i].state, resets[i].ways);
        CHECK_EQ(x_inject(x, .flags = TCP_RST, .seq = x->peer.next), resets[i].rule);
        x_state(x, TERN_CLOSED);
        x_expect_nothing(x);
        CHECK(tern_next_event(x->stack, &e));
        CHECK((e.what & TERN_EVENT_CLOSED) != 0);
        CHECK_EQ(e.error, resets[i].error);
        CHECK_EQ(x_status(x).error, resets[i].error);
        CHECK_EQ(x_usage(x).connections, 1); /* until the handle is given back */
        CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
        CHECK_EQ(x_usage(x).connections, 0);
        fixture_end(x);
    }
}

TEST(rst_ends_what_the_program_has_given_back)
{
    static const tern_state states[] = {TERN_FIN_WAIT_1, TERN_FIN_WAIT_2, TERN_CLOSING,
                                        TERN_LAST_ACK};

    for (unsigned i = 0; i < 4; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, states[i], WAY_RELEASED);
        x_inject(x, .flags = TCP_RST, .seq = x->peer.next);
        x_state(x, TERN_CLOSED);
        CHECK_EQ(x_usage(x).connections, 0);
        x_no_event(x);
        fixture_end(x);
    }
}

TEST(rst_inside_the_window_is_challenged)
{
    for (unsigned i = 0; i < RESETS; i++) {
        static const uint32_t inside[] = {1, 1000, 65533};
        for (unsigned j = 0; j < 3; j++) {
            fixture *x = fixture_begin(NULL);
            x_bring(x, resets[i].state, resets[i].ways);
            CHECK_EQ(x_inject(x, .flags = TCP_RST, .seq = x->peer.next + inside[j]),
                     TERN_RULE_RST_CHALLENGED);
            x_expect(x, .flags = TCP_ACK, .seq = x->peer.tern_next, .ack = x->peer.next);
            x_state(x, resets[i].state);
            fixture_end(x);
        }
    }
}

TEST(rst_outside_the_window_is_dropped_in_silence)
{
    for (unsigned i = 0; i < RESETS; i++) {
        static const uint32_t outside[] = {0xffffffffu, 300000, 0x7fffffffu, 0x80000000u};
        fixture *x = fixture_begin(NULL);
        x_bring(x, resets[i].state, resets[i].ways);
        for (unsigned j = 0; j < 4; j++)
            CHECK_EQ(x_inject(x, .flags = TCP_RST, .seq = x->peer.next + outside[j]),
                     TERN_RULE_SEQUENCE_UNACCEPTABLE_RST);
        x_expect_nothing(x);
        x_state(x, resets[i].state);
        fixture_end(x);
    }
}

TEST(rst_with_text_does_not_widen_the_target)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 500);
    x_recv(x, 500);
    x_run(x, 100);
    x_inject(x, .flags = TCP_RST, .seq = 401, .bytes = 200); /* RFC 5961 3.2: SEG.SEQ decides */
    x_state(x, TERN_ESTABLISHED);
    x_expect_nothing(x);
}

TEST(rst_with_text_at_rcv_nxt_is_a_reset)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_RST | TCP_ACK, .seq = 1, .ack = 1, .text = "go away", .bytes = 7);
    x_state(x, TERN_CLOSED);
}

TEST(rst_into_a_closed_window_at_rcv_nxt_is_a_reset)
{
    tern_config c = fixture_config();

    c.recv_buffer_bytes = 100;
    fixture *x = fixture_begin(&c);
    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 100);
    x_run(x, 100);
    CHECK_EQ(x_status(x).rcv_wnd, 0);
    CHECK_EQ(x_inject(x, .flags = TCP_RST, .seq = 102), TERN_RULE_SEQUENCE_UNACCEPTABLE_RST);
    CHECK_EQ(x_inject(x, .flags = TCP_RST, .seq = 101), TERN_RULE_RST_ACCEPTED);
    x_state(x, TERN_CLOSED);
}

TEST(rst_needs_no_timestamp)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_ACTIVE | WAY_OPTIONS);
    x_inject(x, .flags = TCP_RST, .seq = 1);
    x_state(x, TERN_CLOSED);
}

TEST(rst_with_an_old_timestamp_counts)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_ACTIVE | WAY_OPTIONS);
    x_inject(x, .flags = TCP_RST, .seq = 1, .ts = true, .ts_value = 1); /* RFC 7323 5.2 */
    x_state(x, TERN_CLOSED);
}

TEST(rst_leaves_what_was_in_order_to_be_read)
{
    fixture *x = fixture_begin(NULL);
    char octet;

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 30);
    x_inject(x, .flags = TCP_RST, .seq = 31);
    x_recv(x, 30);
    CHECK_EQ(tern_recv(x->stack, x->now_us, x->c, &octet, 1), TERN_ERR_RESET);
}

TEST(rst_of_an_unaccepted_connection_is_seen_after_accept)
{
    fixture *x = fixture_begin(NULL);
    char octet;

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_inject(x, .flags = TCP_RST, .seq = 1);
    x_accept(x);
    CHECK_EQ(tern_recv(x->stack, x->now_us, x->c, &octet, 1), TERN_ERR_RESET);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    CHECK_EQ(x_usage(x).connections, 0);
}

TEST(challenge_acks_are_limited)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_RST, .seq = 2);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    CHECK_EQ(x_inject(x, .flags = TCP_RST, .seq = 3), TERN_RULE_CHALLENGE_LIMITED);
    CHECK_EQ(x_inject(x, .flags = TCP_SYN, .seq = 1), TERN_RULE_CHALLENGE_LIMITED);
    x_expect_nothing(x);
    x_advance(x, 499);
    CHECK_EQ(x_inject(x, .flags = TCP_RST, .seq = 3), TERN_RULE_CHALLENGE_LIMITED);
    x_advance(x, 1);
    CHECK_EQ(x_inject(x, .flags = TCP_RST, .seq = 3), TERN_RULE_RST_CHALLENGED);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
}

TEST(challenge_limit_is_the_connections_own)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_ACTIVE);
    struct peer first = x->peer;
    x->peer.remote.port++;
    x_connect(x);
    x_expect(x, .flags = TCP_SYN);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_inject(x, .flags = TCP_RST, .seq = 2);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x->peer = first;
    CHECK_EQ(x_inject(x, .flags = TCP_RST, .seq = 2), TERN_RULE_RST_CHALLENGED);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
}

TEST(closed_rst_is_dropped)
{
    fixture *x = fixture_begin(NULL);

    CHECK_EQ(x_inject(x, .flags = TCP_RST), TERN_RULE_CLOSED_RST_DROPPED);
    CHECK_EQ(x_inject(x, .flags = TCP_RST | TCP_ACK | TCP_SYN), TERN_RULE_CLOSED_RST_DROPPED);
    x_expect_nothing(x);
}

TEST(closed_ack_is_reset_at_its_ack)
{
    fixture *x = fixture_begin(NULL);

    x_inject(x, .flags = TCP_ACK, .seq = 5, .ack = 0xfffffff0u, .bytes = 100, .raw = true);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_CLOSED_ACK_RESET), 1);
    x_expect(x, .flags = TCP_RST, .seq = 0xfffffff0u, .raw = true, .no_options = true);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_RST_SENT), 1);
}

TEST(closed_segment_without_ack_is_reset_with_its_length)
{
    fixture *x = fixture_begin(NULL);
    static const struct {
        uint16_t flags;
        uint32_t bytes, len;
    } cases[] = {{TCP_SYN, 0, 1},
                 {TCP_FIN, 0, 1},
                 {0, 7, 7},
                 {0, 0, 0},
                 {TCP_SYN, 10, 11},
                 {TCP_SYN | TCP_FIN, 5, 7},
                 {TCP_PSH | TCP_URG, 3, 3}};

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        x_inject(x, .flags = cases[i].flags, .seq = 0xfffffffeu, .bytes = cases[i].bytes,
                 .raw = true);
        x_expect(x, .flags = TCP_RST | TCP_ACK, .seq = 0, .ack = 0xfffffffeu + cases[i].len,
                 .raw = true);
    }
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_CLOSED_SEGMENT_RESET), 7);
}

TEST(closed_port_resets_over_ipv6)
{
    fixture *x = fixture_begin(NULL);

    x_ipv6(x);
    x_inject(x, .flags = TCP_SYN, .seq = 9, .raw = true);
    x_expect(x, .flags = TCP_RST | TCP_ACK, .seq = 0, .ack = 10, .raw = true);
}
