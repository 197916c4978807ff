/* recovery_sack_test.c - recovery with a scoreboard, step by step (RFC 6675, RFC 3042). M is one
 * segment, segment 1 the first. */
#include "tests/unit/tcp_fixture.h"

enum { M = 1460 };

static uint32_t segment(uint32_t n)
{
    return 1 + (n - 1) * M;
}

#define EXPECT_SEGMENT(x, n)                                                                       \
    x_expect((x), .flags = TCP_ACK, .seq = segment(n), .ack = 1, .bytes = M)

/* The segments from .. to, both reported. */
static tcp_sack_block block(uint32_t from, uint32_t to)
{
    return (tcp_sack_block){seq_of(segment(from)), seq_of(segment(to + 1))};
}

/* An ACK that waits for segment n, with up to two blocks; a block of 0 .. 0 is none. */
static tern_rule sack(fixture *x, uint32_t n, tcp_sack_block a, tcp_sack_block b)
{
    uint8_t count = (uint8_t)((a.left.v != a.right.v) + (b.left.v != b.right.v));

    return x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = segment(n), .sack_count = count,
                    .sack = {a, b});
}

static const tcp_sack_block none;

static void ack(fixture *x, uint32_t n)
{
    sack(x, n, none, none);
}

/* Segments without timestamps, so that M is what they carry. `queued` segments are handed over,
 * ten of them go out. */
static fixture *ten_under_way(uint32_t queued)
{
    tern_config c = fixture_config();

    c.timestamps = false;
    fixture *x = fixture_begin(&c);
    x_establish(x, WAY_PASSIVE | WAY_OPTIONS);
    x->peer.ts_on = false;
    x_send(x, queued * M);
    CHECK_EQ(x_run(x, 0), queued < 10 ? queued : 10);
    return x;
}

TEST(two_holes_step_by_step)
{
    fixture *x = ten_under_way(40); /* 1 and 3 are lost */

    sack(x, 1, block(2, 2), none);
    EXPECT_SEGMENT(x, 11);
    x_expect_nothing(x);
    sack(x, 1, block(4, 4), block(2, 2));
    EXPECT_SEGMENT(x, 12);
    x_expect_nothing(x);
    CHECK_EQ(x_hits(x, TERN_RULE_LIMITED_TRANSMIT), 2);
    sack(x, 1, block(4, 5), block(2, 2)); /* DupThresh */
    CHECK_EQ(x_hits(x, TERN_RULE_FAST_RETRANSMIT), 1);
    EXPECT_SEGMENT(x, 1);
    x_expect_nothing(x);
    tern_status st = x_status(x);
    CHECK_EQ(st.snd_cwnd, 5 * M);
    CHECK_EQ(st.snd_ssthresh, 5 * M);
    CHECK_EQ(st.sacked, 3 * M);
    sack(x, 1, block(4, 6), block(2, 2)); /* pipe 7: 12, less 4 reported, less 3, which is lost */
    sack(x, 1, block(4, 7), block(2, 2)); /* 6 */
    sack(x, 1, block(4, 8), block(2, 2)); /* 5 */
    x_expect_nothing(x);
    sack(x, 1, block(4, 9), block(2, 2)); /* 4 */
    EXPECT_SEGMENT(x, 3);
    x_expect_nothing(x);
    CHECK_EQ(x_hits(x, TERN_RULE_SACK_RETRANSMIT), 1);
    for (uint32_t n = 10; n <= 12; n++) {
        sack(x, 1, block(4, n), block(2, 2));
        EXPECT_SEGMENT(x, n + 3);
        x_expect_nothing(x);
    }
    sack(x, 3, block(4, 12), none); /* 1 has come */
    CHECK(x_status(x).in_recovery);
    EXPECT_SEGMENT(x, 16);
    x_expect_nothing(x);
    ack(x, 13); /* and 3 */
    CHECK_EQ(x_hits(x, TERN_RULE_RECOVERY_DONE), 1);
    CHECK_EQ(x_status(x).snd_cwnd, 5 * M);
    EXPECT_SEGMENT(x, 17);
    x_expect_nothing(x);
    CHECK_EQ(x_status(x).total_retrans, 2);
}

TEST(more_than_two_segments_reported_in_one_ack_are_loss_enough)
{
    fixture *x = ten_under_way(10);

    CHECK_EQ(sack(x, 1, block(2, 3), none), TERN_RULE_ACK_DUPLICATE); /* exactly two: not yet */
    x_expect_nothing(x);
    sack(x, 1, (tcp_sack_block){seq_of(segment(2)), seq_of(segment(4) + 1)}, none);
    CHECK_EQ(x_hits(x, TERN_RULE_FAST_RETRANSMIT), 1);
    EXPECT_SEGMENT(x, 1);
}

TEST(three_separate_blocks_are_loss_enough)
{
    fixture *x = ten_under_way(10);
    tcp_sack_block small[3];

    for (uint32_t i = 0; i < 3; i++)
        small[i] = (tcp_sack_block){seq_of(segment(3 + 2 * i)), seq_of(segment(3 + 2 * i) + 10)};
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .sack_count = 3,
             .sack = {small[0], small[1], small[2]});
    CHECK_EQ(x_hits(x, TERN_RULE_FAST_RETRANSMIT), 1);
}

TEST(an_ack_that_reports_nothing_new_is_no_duplicate)
{
    fixture *x = ten_under_way(10);

    for (unsigned i = 0; i < 5; i++)
        sack(x, 1, block(3, 3), none);
    ack(x, 1);
    ack(x, 1);
    CHECK_EQ(x_hits(x, TERN_RULE_ACK_DUPLICATE), 1);
    CHECK_EQ(x_hits(x, TERN_RULE_FAST_RETRANSMIT), 0);
}

/* 1 and 7 .. 10 are lost and nothing new is queued: only a rescue finds the end of the flight. */
static fixture *rescued(void)
{
    fixture *x = ten_under_way(10);

    sack(x, 1, block(2, 2), none);
    sack(x, 1, block(2, 3), none);
    sack(x, 1, block(2, 4), none);
    EXPECT_SEGMENT(x, 1);
    sack(x, 1, block(2, 5), none);
    sack(x, 1, block(2, 6), none);
    x_expect_nothing(x);
    ack(x, 7);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = segment(10), .ack = 1, .bytes = M);
    CHECK_EQ(x_hits(x, TERN_RULE_SACK_RESCUE), 1);
    return x;
}

TEST(the_end_of_a_flight_is_rescued_once)
{
    fixture *x = rescued();

    x_expect_nothing(x);
    CHECK_EQ(x_hits(x, TERN_RULE_SACK_RESCUE), 1);
    CHECK(x_status(x).in_recovery);
}

TEST(what_lies_before_a_rescue_is_sent_when_the_rescue_is_reported)
{
    fixture *x = rescued();

    sack(x, 7, block(10, 10), none);
    EXPECT_SEGMENT(x, 7); /* NextSeg (3) */
    EXPECT_SEGMENT(x, 8);
    x_run(x, 0);
    ack(x, 11);
    CHECK_EQ(x_hits(x, TERN_RULE_RECOVERY_DONE), 1);
    CHECK_EQ(x_hits(x, TERN_RULE_RTO_BACKOFF), 0);
}

TEST(a_hole_is_sent_again_once_a_recovery)
{
    fixture *x = ten_under_way(40);

    for (uint32_t n = 2; n <= 10; n++) {
        sack(x, 1, block(2, n), none);
        x_run(x, 0);
    }
    CHECK_EQ(x_status(x).total_retrans, 1);
}

TEST(no_second_recovery_begins_before_the_end_of_the_first)
{
    fixture *x = ten_under_way(40);

    for (uint32_t n = 2; n <= 10; n++) {
        sack(x, 1, block(2, n), none);
        x_run(x, 0);
    }
    uint32_t ssthresh = x_status(x).snd_ssthresh;
    sack(x, 11, block(12, 14), none); /* 11, sent by limited transmit, is lost too */
    x_run(x, 0);
    CHECK_EQ(x_hits(x, TERN_RULE_FAST_RETRANSMIT), 1);
    CHECK_EQ(x_status(x).snd_ssthresh, ssthresh);
    CHECK_EQ(x_status(x).total_retrans, 2); /* it went out again all the same */
}

TEST(a_timeout_forgets_what_was_reported)
{
    fixture *x = ten_under_way(10);

    sack(x, 1, block(3, 4), none);
    CHECK_EQ(x_status(x).sacked, 2 * M);
    x_expect_after(x, 1000, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = M);
    CHECK_EQ(x_status(x).sacked, 0);
    CHECK_EQ(x_usage(x).ranges, 0);
}

TEST(what_is_reported_after_a_timeout_is_not_sent_again)
{
    fixture *x = ten_under_way(10);

    x_expect_after(x, 1000, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = M);
    sack(x, 2, block(3, 9), none);
    EXPECT_SEGMENT(x, 2);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = segment(10), .ack = 1, .bytes = M);
    x_expect_nothing(x);
    CHECK_EQ(x_hits(x, TERN_RULE_LOSS_RETRANSMIT), 2);
}

/* cwnd - pipe must be a whole segment: RFC 6675 5 (C). */
TEST(less_than_a_segment_of_room_lets_nothing_out)
{
    fixture *x = ten_under_way(40);

    for (uint32_t n = 2; n <= 5; n++) {
        sack(x, 1, block(2, n), none);
        x_run(x, 0);
    }
    /* pipe 8, cwnd 5. Now 4.5 have left more: half a segment of room. */
    sack(x, 1, (tcp_sack_block){seq_of(segment(2)), seq_of(segment(9) + M / 2)}, none);
    x_expect_nothing(x);
}

TEST(an_ack_of_new_data_that_reports_enough_begins_a_recovery)
{
    fixture *x = ten_under_way(10); /* 2, 3 and 5 are lost, and so are the ACKs that would tell */

    sack(x, 2, block(6, 10), block(4, 4));
    CHECK_EQ(x_hits(x, TERN_RULE_FAST_RETRANSMIT), 1);
    EXPECT_SEGMENT(x, 2);
    EXPECT_SEGMENT(x, 3);
    EXPECT_SEGMENT(x, 5);
    x_expect_nothing(x);
    ack(x, 11);
    CHECK_EQ(x_hits(x, TERN_RULE_RECOVERY_DONE), 1);
}

TEST(an_ack_of_new_data_that_reports_little_begins_none)
{
    fixture *x = ten_under_way(10);

    sack(x, 2, block(4, 5), none);
    CHECK_EQ(x_hits(x, TERN_RULE_FAST_RETRANSMIT), 0);
    x_expect_nothing(x);
}
