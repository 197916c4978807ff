/* wrap_test.c - transfers in which the sequence numbers of either side pass 2^32 - 1. */
#include "tests/unit/tcp_fixture.h"

enum { M = 1460, BEFORE = 4000 }; /* ISNs lie this far before the wrap */

/* The time at which tern's ISN for this connection is as wanted: it moves with a clock of 4 us. */
static tern_time time_for_isn(const tern_config *c, uint32_t isn)
{
    fixture *x = fixture_begin(c);

    x_connect(x);
    uint32_t ahead = isn - x_status(x).iss;
    tern_time at_us = x->now_us + (tern_time)ahead * 4;
    fixture_end(x);
    return at_us;
}

/* An active open, both ISNs just before the wrap. */
static fixture *near_the_wrap(bool options)
{
    tern_config c = fixture_config();

    c.timestamps = false;
    tern_time at_us = time_for_isn(&c, -(uint32_t)BEFORE);
    fixture *x = fixture_begin(&c);
    x->now_us = at_us;
    x->peer.iss = -(uint32_t)BEFORE;
    x_establish(x, options ? WAY_ACTIVE | WAY_OPTIONS : WAY_ACTIVE);
    x->peer.ts_on = false;
    CHECK_EQ(x_status(x).iss, -(uint32_t)BEFORE);
    return x;
}

static uint32_t segment(uint32_t n)
{
    return 1 + (n - 1) * M;
}

#define EXPECT_SEGMENT(x, n)                                                                       \
    x_expect((x), .flags = TCP_ACK, .seq = segment(n), .ack = 1, .bytes = M)

TEST(octets_go_out_and_are_acknowledged_across_the_wrap)
{
    fixture *x = near_the_wrap(false);

    x_send(x, 40 * M);
    for (uint32_t n = 1; n <= 10; n++)
        EXPECT_SEGMENT(x, n);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = BEFORE); /* SND.UNA is 0 */
    CHECK_EQ(x_status(x).snd_una, 0);
    CHECK_EQ(x_status(x).bytes_acked, BEFORE - 1);
    for (uint32_t n = 4; n <= 41; n++) {
        x_run(x, 0);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = segment(n));
    }
    CHECK_EQ(x_status(x).bytes_acked, 40 * M);
    CHECK_EQ(x_status(x).unacked, 0);
}

TEST(an_ack_on_each_side_of_the_wrap_is_in_range_or_not)
{
    fixture *x = near_the_wrap(false);

    x_send(x, 4 * M);
    x_run(x, 0);
    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = segment(5) + 1), TERN_RULE_ACK_TOO_NEW);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = segment(4)); /* beyond the wrap */
    CHECK_EQ(x_status(x).unacked, M);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = segment(2)); /* old, before it */
    CHECK_EQ(x_status(x).unacked, M);
}

TEST(octets_come_in_across_the_wrap_in_any_order)
{
    fixture *x = near_the_wrap(false);

    for (uint32_t n = 6; n >= 2; n--)
        x_inject(x, .flags = TCP_ACK, .seq = segment(n), .ack = 1, .bytes = M);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = M);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = segment(7));
    CHECK_EQ(x_status(x).bytes_received, 6 * M);
    x_recv(x, 6 * M);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = segment(7), .ack = 1);
    x_state(x, TERN_CLOSE_WAIT);
}

TEST(a_fin_stands_on_the_wrap)
{
    fixture *x = near_the_wrap(false);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1460);
    x_inject(x, .flags = TCP_ACK, .seq = 1461, .ack = 1, .bytes = 1460);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 2921, .ack = 1, .bytes = BEFORE - 2922);
    CHECK_EQ(x_status(x).rcv_nxt, 0);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = BEFORE);
    x_send(x, BEFORE - 2);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_WRITE), TERN_OK);
    x_run(x, 0);
    CHECK_EQ(x_status(x).snd_nxt, 0);
    x_inject(x, .flags = TCP_ACK, .seq = BEFORE, .ack = BEFORE);
    x_state(x, TERN_CLOSED);
}

TEST(fast_recovery_across_the_wrap)
{
    fixture *x = near_the_wrap(false);

    x_send(x, 40 * M);
    x_run(x, 0);
    for (unsigned i = 0; i < 3; i++)
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = segment(2)); /* the first is new */
    x_run(x, 0);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = segment(2));
    EXPECT_SEGMENT(x, 2);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = segment(4)); /* partial: beyond the wrap */
    EXPECT_SEGMENT(x, 4);
    uint32_t end = x_status(x).snd_nxt - x->peer.tern_iss;
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = end);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_RECOVERY_DONE), 1);
}

TEST(selective_acknowledgments_across_the_wrap)
{
    fixture *x = near_the_wrap(true);

    x_send(x, 10 * M);
    x_run(x, 0);
    tcp_sack_block b = {seq_of(segment(2)), seq_of(segment(6))};
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .sack_count = 1, .sack = {b});
    CHECK_EQ(x_status(x).sacked, 4 * M);
    EXPECT_SEGMENT(x, 1);
    x_inject(x, .flags = TCP_ACK, .seq = segment(3), .ack = 1, .bytes = M);
    x_expect(x, .flags = TCP_ACK, .seq = segment(11), .ack = 1, .sack_count = 1,
             .sack = {{{segment(3)}, {segment(4)}}});
}

TEST(a_timeout_across_the_wrap)
{
    fixture *x = near_the_wrap(false);

    x_send(x, 5 * M);
    x_run(x, 0);
    CHECK_EQ(x_run(x, 1001), 1);
    for (uint32_t n = 2; n <= 6; n++) {
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = segment(n));
        x_run(x, 0);
    }
    CHECK_EQ(x_status(x).unacked, 0);
    CHECK(!x_status(x).in_recovery);
}

TEST(timestamps_and_the_clock_wrap_too)
{
    fixture *x = fixture_begin(NULL);

    x->now_us = (UINT64_C(1) << 32) * 1000 - 500000; /* milliseconds wrap in half a second */
    x->peer.ts_offset = 0;
    x_establish(x, WAY_PASSIVE | WAY_OPTIONS);
    x_send(x, 10);
    x_run(x, 0);
    x_expect_after(x, 1000, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 11, .bytes = 100);
    CHECK_EQ(x_status(x).unacked, 0);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_PAWS_REJECTED), 0);
    x_expect_after(x, 40, .flags = TCP_ACK, .seq = 11, .ack = 101);
    x_recv(x, 100);
}
