/* delayed_ack_test.c - when an ACK is sent (RFC 9293 3.8.6.3, RFC 5681 4.2). */
#include "tests/unit/tcp_fixture.h"

static fixture *established(unsigned ways)
{
    fixture *x = fixture_begin(NULL);

    x_establish(x, ways);
    return x;
}

TEST(the_ack_of_one_segment_waits_its_time)
{
    fixture *x = established(WAY_PASSIVE);

    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1460),
             TERN_RULE_ACK_DELAYED);
    x_expect_after(x, 40, .flags = TCP_ACK, .seq = 1, .ack = 1461);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_DELAYED_ACK_TIMEOUT), 1);
    x_advance(x, 1000);
}

TEST(every_second_full_sized_segment_is_acknowledged_at_once)
{
    fixture *x = established(WAY_PASSIVE);

    for (uint32_t at = 1; at < 20000; at += 2920) {
        x_inject(x, .flags = TCP_ACK, .seq = at, .ack = 1, .bytes = 1460);
        x_expect_nothing(x);
        CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = at + 1460, .ack = 1, .bytes = 1460),
                 TERN_RULE_ACK_EVERY_SECOND);
        x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = at + 2920);
        x_expect_nothing(x);
    }
}

TEST(full_sized_means_with_the_options_that_a_segment_carries)
{
    fixture *x = established(WAY_PASSIVE | WAY_OPTIONS);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1448);
    x_expect_nothing(x);
    x_inject(x, .flags = TCP_ACK, .seq = 1449, .ack = 1, .bytes = 1448);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 2897);
}

TEST(full_sized_means_the_largest_that_the_peer_sends)
{
    fixture *x = established(WAY_PASSIVE);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1220);
    x_expect_nothing(x);
    x_inject(x, .flags = TCP_ACK, .seq = 1221, .ack = 1, .bytes = 1220);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 2441);
}

TEST(full_sized_is_never_more_than_we_asked_for)
{
    fixture *x = established(WAY_PASSIVE);

    /* Two segments or more that a device has gathered. */
    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 2920),
             TERN_RULE_ACK_EVERY_SECOND);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 2921);
    CHECK_EQ(x_status(x).rcv_mss, 1460);
    x_inject(x, .flags = TCP_ACK, .seq = 2921, .ack = 1, .bytes = 1460);
    x_expect_nothing(x);
    x_inject(x, .flags = TCP_ACK, .seq = 4381, .ack = 1, .bytes = 1460);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 5841);
}

TEST(small_segments_share_one_delayed_ack)
{
    fixture *x = established(WAY_PASSIVE);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10);
    x_advance(x, 30);
    x_inject(x, .flags = TCP_ACK, .seq = 11, .ack = 1, .bytes = 10);
    x_expect_after(x, 10, .flags = TCP_ACK, .seq = 1, .ack = 21); /* 40 ms after the first */
    x_advance(x, 1000);
}

TEST(the_ack_rides_on_data)
{
    fixture *x = established(WAY_PASSIVE);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
    x_advance(x, 20);
    x_send(x, 50);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 101, .bytes = 50);
    x_inject(x, .flags = TCP_ACK, .seq = 101, .ack = 51);
    x_advance(x, 1000);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_ACK_SENT), 0);
}

TEST(a_gap_is_acknowledged_at_once_and_so_is_what_fills_it)
{
    fixture *x = established(WAY_PASSIVE);

    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 101, .ack = 1, .bytes = 100),
             TERN_RULE_TEXT_EARLY);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_inject(x, .flags = TCP_ACK, .seq = 301, .ack = 1, .bytes = 100);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100); /* one gap is left */
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 201);
    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 201, .ack = 1, .bytes = 100),
             TERN_RULE_TEXT_GAP_FILLED);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 401);
    x_recv(x, 400);
}

TEST(a_duplicate_is_acknowledged_at_once)
{
    fixture *x = established(WAY_PASSIVE);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
    x_run(x, 40);
    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100),
             TERN_RULE_TEXT_DUPLICATE);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 101);
}

TEST(many_segments_before_the_next_output_are_one_ack)
{
    fixture *x = established(WAY_PASSIVE);

    for (uint32_t i = 0; i < 7; i++)
        x_inject(x, .flags = TCP_ACK, .seq = 1 + 1460 * i, .ack = 1, .bytes = 1460);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1 + 7 * 1460);
    x_expect_nothing(x);
}

TEST(without_delay_each_segment_is_acknowledged_at_once)
{
    fixture *x = established(WAY_PASSIVE);

    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_DELAYED_ACK, 0), TERN_OK);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 11);
    x_inject(x, .flags = TCP_ACK, .seq = 11, .ack = 1, .bytes = 10);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 21);
}

TEST(an_ack_of_an_ack_is_never_sent)
{
    fixture *x = established(WAY_PASSIVE);

    for (unsigned i = 0; i < 5; i++)
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_advance(x, 1000);
}
