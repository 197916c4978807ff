/* half_open_test.c - SYN-RECEIVED after a passive OPEN, as a record: RFC 9293 3.10.7.4. */
#include "tests/unit/tcp_fixture.h"

TEST(half_open_reset_returns_to_listen)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    CHECK_EQ(x_inject(x, .flags = TCP_RST, .seq = 1), TERN_RULE_SYN_RECEIVED_RST_LISTEN);
    x_expect_nothing(x);
    x_state(x, TERN_CLOSED);
    CHECK_EQ(x_usage(x).half_open, 0);
    x_inject(x, .flags = TCP_SYN); /* the listener goes on */
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
}

TEST(half_open_reset_inside_the_window_is_challenged)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    CHECK_EQ(x_inject(x, .flags = TCP_RST, .seq = 2), TERN_RULE_RST_CHALLENGED);
    x_state(x, TERN_SYN_RECEIVED);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 65535);
    CHECK_EQ(x_inject(x, .flags = TCP_RST, .seq = 65535), TERN_RULE_RST_CHALLENGED);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_state(x, TERN_SYN_RECEIVED);
}

TEST(half_open_reset_outside_the_window_is_dropped)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    CHECK_EQ(x_inject(x, .flags = TCP_RST, .seq = 0), TERN_RULE_SEQUENCE_UNACCEPTABLE_RST);
    CHECK_EQ(x_inject(x, .flags = TCP_RST, .seq = 65536), TERN_RULE_SEQUENCE_UNACCEPTABLE_RST);
    x_expect_nothing(x);
    x_state(x, TERN_SYN_RECEIVED);
}

TEST(half_open_new_syn_inside_the_window_returns_to_listen)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    CHECK_EQ(x_inject(x, .flags = TCP_SYN, .seq = 1), TERN_RULE_SYN_RECEIVED_SYN_LISTEN);
    x_expect_nothing(x);
    x_state(x, TERN_CLOSED);
}

TEST(half_open_segment_outside_the_window_is_answered)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 65536, .ack = 1),
             TERN_RULE_SEQUENCE_UNACCEPTABLE_ACK);
    x_state(x, TERN_SYN_RECEIVED);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    CHECK_EQ(x_inject(x, .flags = TCP_SYN, .seq = 0xf0000000u),
             TERN_RULE_SEQUENCE_UNACCEPTABLE_ACK);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_state(x, TERN_SYN_RECEIVED);
}

TEST(half_open_same_syn_is_answered_by_the_synack_again)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    CHECK_EQ(x_inject(x, .flags = TCP_SYN, .seq = 0), TERN_RULE_SYN_ACK_AGAIN);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    CHECK_EQ(x_inject(x, .flags = TCP_SYN | TCP_ACK, .seq = 0, .ack = 1),
             TERN_RULE_SEQUENCE_UNACCEPTABLE_ACK); /* it opens nothing for whoever sent it */
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
}

TEST(half_open_old_timestamp_is_rejected)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE | WAY_OPTIONS);
    uint32_t now = (uint32_t)(x->now_us / 1000) + x->peer.ts_offset;
    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .ts = true, .ts_value = now - 1),
             TERN_RULE_PAWS_REJECTED);
    x_state(x, TERN_SYN_RECEIVED);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .ts = true);
}

TEST(half_open_without_the_timestamp_agreed_is_dropped)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE | WAY_OPTIONS);
    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .no_ts = true),
             TERN_RULE_TIMESTAMP_MISSING);
    x_expect_nothing(x);
    x_state(x, TERN_SYN_RECEIVED);
}

TEST(half_open_full_without_cookies_drops_the_syn)
{
    tern_config c = fixture_config();

    c.syn_cookies = TERN_COOKIES_NEVER;
    fixture *x = fixture_begin(&c);
    x_listen(x);
    for (uint16_t port = 1; port <= 8; port++) {
        x->peer.remote.port = port;
        CHECK(x_inject(x, .flags = TCP_SYN) != TERN_RULE_HALF_OPEN_FULL);
        x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    }
    x->peer.remote.port = 9;
    CHECK_EQ(x_inject(x, .flags = TCP_SYN), TERN_RULE_HALF_OPEN_FULL);
    x_expect_nothing(x);
    CHECK_EQ(x_usage(x).half_open, 8);
    x->peer.remote.port = 3;
    x_inject(x, .flags = TCP_RST, .seq = 1);
    x->peer.remote.port = 9;
    x_inject(x, .flags = TCP_SYN);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
}

TEST(half_open_lives_as_long_as_configured)
{
    tern_config c = fixture_config();

    c.syn_ack_schedule.give_up_ms = 10000;
    fixture *x = fixture_begin(&c);
    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    x_run(x, 9999);
    x_state(x, TERN_SYN_RECEIVED);
    x_run(x, 1);
    x_state(x, TERN_CLOSED);
}

TEST(half_open_is_not_kept_alive_by_its_syn)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    for (unsigned i = 0; i < 2 * 70; i++) {
        x_run(x, 500);
        x_inject(x, .flags = TCP_SYN);
        CHECK_EQ(tern_counter(x->stack, TERN_RULE_HALF_OPEN_EXPIRED), i >= 2 * 63 - 1);
    }
}

TEST(half_open_synack_sent_twice_measures_nothing)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    x_advance(x, 900);
    x_inject(x, .flags = TCP_SYN); /* which of the two does the ACK acknowledge? (Karn) */
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_advance(x, 10);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_RTT_SAMPLED), 0);
}

TEST(half_open_without_its_listener_is_reset_by_the_ack)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->listener), TERN_OK);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_expect(x, .flags = TCP_RST, .seq = 1);
    x_state(x, TERN_CLOSED);
    CHECK_EQ(x_usage(x).half_open, 0);
}

TEST(half_open_segment_that_reaches_into_the_window_is_acceptable)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 0, .ack = 1, .bytes = 11);
    x_state(x, TERN_ESTABLISHED);
}
