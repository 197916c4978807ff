/* nagle_test.c - how much goes out now: Nagle, the sender's silly-window avoidance, PSH
 * (RFC 9293 3.7.4, 3.8.6.2.1, 3.9.1.2). */
#include "tests/unit/tcp_fixture.h"

static fixture *established(unsigned ways)
{
    fixture *x = fixture_begin(NULL);

    x_establish(x, ways);
    return x;
}

TEST(a_small_segment_goes_at_once_when_nothing_is_under_way)
{
    fixture *x = established(WAY_PASSIVE);

    x_send(x, 10);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
}

TEST(small_segments_wait_for_the_ack_and_go_together)
{
    fixture *x = established(WAY_PASSIVE);

    x_send(x, 10);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
    x_send(x, 20);
    x_send(x, 30);
    x_advance(x, 500);
    CHECK(tern_counter(x->stack, TERN_RULE_NAGLE_HELD) > 0);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 11);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 11, .ack = 1, .bytes = 50);
    x_expect_nothing(x);
}

TEST(a_full_segment_does_not_wait)
{
    fixture *x = established(WAY_PASSIVE);

    x_send(x, 10);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
    x_send(x, 1460 + 5);
    x_expect(x, .flags = TCP_ACK, .seq = 11, .ack = 1, .bytes = 1460);
    x_expect_nothing(x); /* the five wait */
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1471);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1471, .ack = 1, .bytes = 5);
}

TEST(without_nagle_nothing_waits)
{
    fixture *x = established(WAY_PASSIVE);

    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_NODELAY, 1), TERN_OK);
    for (uint32_t at = 1; at < 50; at += 10) {
        x_send(x, 10);
        x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = at, .ack = 1, .bytes = 10);
    }
}

TEST(switching_nagle_off_lets_go_what_it_held)
{
    fixture *x = established(WAY_PASSIVE);

    x_send(x, 10);
    x_run(x, 0);
    x_send(x, 20);
    x_expect_nothing(x);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_NODELAY, 1), TERN_OK);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 11, .ack = 1, .bytes = 20);
}

TEST(a_fin_lets_go_what_nagle_held_and_rides_on_it)
{
    fixture *x = established(WAY_PASSIVE);

    x_send(x, 10);
    x_run(x, 0);
    x_send(x, 20);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_WRITE), TERN_OK);
    x_expect(x, .flags = TCP_ACK | TCP_PSH | TCP_FIN, .seq = 11, .ack = 1, .bytes = 20);
    x_expect_nothing(x);
}

TEST(push_marks_the_end_of_what_was_written)
{
    fixture *x = established(WAY_PASSIVE);

    x_send(x, 3000);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1460);
    x_expect(x, .flags = TCP_ACK, .seq = 1461, .ack = 1, .bytes = 1460);
    x_expect_nothing(x);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 2921);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 2921, .ack = 1, .bytes = 80);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 3001);
    x_send(x, 1460); /* ends exactly with a segment */
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 3001, .ack = 1, .bytes = 1460);
}

TEST(segments_leave_room_for_the_options_they_carry)
{
    fixture *x = established(WAY_PASSIVE | WAY_OPTIONS);

    x_inject(x, .flags = TCP_ACK, .seq = 101, .ack = 1, .bytes = 10); /* a SACK block to report */
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .sack_count = 1, .sack = {{{101}, {111}}});
    x_send(x, 1436 + 1448);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1436, .sack_count = 1,
             .sack = {{{101}, {111}}});
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1437, .ack = 111, .bytes = 1448);
}

TEST(a_sliver_of_a_window_is_left_alone_while_something_is_under_way)
{
    fixture *x = established(WAY_PASSIVE);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 2000);
    x_send(x, 4000);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1460);
    x_advance(x, 300); /* 540 are a sliver */
    CHECK(tern_counter(x->stack, TERN_RULE_SENDER_SWS_AVOIDED) > 0);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1461, .window = 2000);
    x_expect(x, .flags = TCP_ACK, .seq = 1461, .ack = 1, .bytes = 1460);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 2921, .window = 2000);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 2921, .ack = 1, .bytes = 1080);
}

TEST(half_of_the_largest_window_is_worth_sending)
{
    tern_config c = fixture_config();
    fixture *x = fixture_begin(&c);

    /* The peer never offers a whole segment. */
    x_listen(x);
    x_inject(x, .flags = TCP_SYN, .mss = 1460, .window = 1000);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 1000);
    x_accept(x);
    x_send(x, 4000);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1000);
    x_expect_nothing(x);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1001, .window = 499);
    x_expect_nothing(x);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1001, .window = 500);
    x_expect(x, .flags = TCP_ACK, .seq = 1001, .ack = 1, .bytes = 500);
}

TEST(a_sliver_is_sent_when_nothing_better_comes)
{
    fixture *x = established(WAY_PASSIVE);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 100);
    x_send(x, 1000);
    x_expect_after(x, 500, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_SENDER_SWS_OVERRIDDEN), 1);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_PERSIST_PROBE), 0);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 101, .window = 65535);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 101, .ack = 1, .bytes = 900);
}

TEST(the_smaller_segment_size_wins)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    x_inject(x, .flags = TCP_SYN, .mss = 1000);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_accept(x);
    x_send(x, 2000);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1000);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1001, .ack = 1, .bytes = 1000);
}

static void cork(fixture *x, bool on)
{
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_CORK, on), TERN_OK);
}

TEST(a_corked_connection_sends_full_segments_only_and_the_rest_after_200_ms)
{
    fixture *x = established(WAY_PASSIVE);

    cork(x, true);
    x_send(x, 1460 + 10);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1460);
    x_expect_nothing(x);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1461);
    x_expect_after(x, 200, .flags = TCP_ACK | TCP_PSH, .seq = 1461, .ack = 1, .bytes = 10);
    CHECK(tern_counter(x->stack, TERN_RULE_CORK_HELD) > 0);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_CORK_EXPIRED), 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1471);
    x_run(x, 1000000);
    CHECK_EQ(x_status(x).total_retrans, 0);
}

TEST(taking_the_cork_off_lets_go_what_it_held)
{
    fixture *x = established(WAY_PASSIVE);

    cork(x, true);
    x_send(x, 10);
    x_expect_nothing(x);
    cork(x, false);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
    /* What follows is a retransmission, not a probe. */
    x_expect_after(x, 1000, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_PERSIST_PROBE), 0);
}

TEST(a_fin_goes_through_the_cork)
{
    fixture *x = established(WAY_PASSIVE);

    cork(x, true);
    x_send(x, 10);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_WRITE), TERN_OK);
    x_expect(x, .flags = TCP_ACK | TCP_PSH | TCP_FIN, .seq = 1, .ack = 1, .bytes = 10);
}

/* ---- More follows ---- */

static void more(fixture *x, uint32_t bytes)
{
    uint8_t octets[2000];

    for (uint32_t i = 0; i < bytes; i++)
        octets[i] = pattern_octet(1 + x->peer.sent + i);
    CHECK_EQ(tern_send_more(x->stack, x->now_us, x->c, octets, bytes), bytes);
    x->peer.sent += bytes;
}

TEST(more_waits_for_a_call_without_it)
{
    fixture *x = established(WAY_PASSIVE);

    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_NODELAY, 1), TERN_OK);
    more(x, 10);
    more(x, 20);
    x_expect_nothing(x);
    x_send(x, 5);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 35);
    x_send(x, 5); /* it was for once */
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 36, .ack = 1, .bytes = 5);
}

TEST(more_that_never_comes_is_not_awaited_for_ever)
{
    fixture *x = established(WAY_PASSIVE);

    more(x, 10);
    x_expect_after(x, 200, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
}

TEST(more_waits_for_the_retransmission_timeout_where_the_cork_has_no_time)
{
    tern_config c = fixture_config();

    c.cork_ms = 0;
    fixture *x = fixture_begin(&c);
    x_establish(x, WAY_PASSIVE);
    more(x, 10);
    x_expect_after(x, x_status(x).rto / 1000, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1,
                   .bytes = 10);
}

TEST(more_goes_with_an_acknowledgment_and_without_psh)
{
    fixture *x = established(WAY_PASSIVE);

    more(x, 1460 + 10);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1460);
    x_expect_nothing(x);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1461);
    x_expect(x, .flags = TCP_ACK, .seq = 1461, .ack = 1, .bytes = 10);
}

TEST(more_goes_when_nagle_is_turned_off)
{
    fixture *x = established(WAY_PASSIVE);

    more(x, 10);
    x_expect_nothing(x);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_NODELAY, 1), TERN_OK);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10);
}
