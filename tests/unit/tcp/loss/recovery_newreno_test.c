/* recovery_newreno_test.c - fast retransmit and fast recovery without SACK, step by step
 * (RFC 5681 3.2, RFC 3042, RFC 6582 3.2). M is one segment, segment 1 the first. */
#include "tests/unit/tcp_fixture.h"

enum { M = 1460 };

/* The relative sequence number of segment n. */
static uint32_t segment(uint32_t n)
{
    return 1 + (n - 1) * M;
}

#define EXPECT_SEGMENT(x, n)                                                                       \
    x_expect((x), .flags = TCP_ACK, .seq = segment(n), .ack = 1, .bytes = M)

static void duplicate(fixture *x, uint32_t n)
{
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = segment(n));
}

/* Ten segments are under way, the congestion window is full, and 30 more are queued. */
static fixture *ten_under_way(void)
{
    fixture *x = fixture_begin(NULL);

    x_establish(x, WAY_PASSIVE);
    x_send(x, 40 * M);
    for (uint32_t n = 1; n <= 10; n++)
        EXPECT_SEGMENT(x, n);
    x_expect_nothing(x);
    CHECK_EQ(x_status(x).snd_cwnd, 10 * M);
    return x;
}

/* Three duplicates: two new segments by limited transmit, then segment 1 again. */
static void enter(fixture *x)
{
    duplicate(x, 1);
    EXPECT_SEGMENT(x, 11);
    x_expect_nothing(x);
    duplicate(x, 1);
    EXPECT_SEGMENT(x, 12);
    x_expect_nothing(x);
    duplicate(x, 1);
    EXPECT_SEGMENT(x, 1);
    x_expect_nothing(x);
}

TEST(the_first_two_duplicates_let_new_segments_out_and_the_third_starts_recovery)
{
    fixture *x = ten_under_way();

    enter(x);
    CHECK_EQ(x_hits(x, TERN_RULE_LIMITED_TRANSMIT), 2);
    CHECK_EQ(x_hits(x, TERN_RULE_FAST_RETRANSMIT), 1);
    CHECK_EQ(x_hits(x, TERN_RULE_ACK_DUPLICATE), 3);
    tern_status st = x_status(x);
    CHECK(st.in_recovery);
    CHECK_EQ(st.snd_ssthresh, 5 * M); /* of the 10, not of the 12 that limited transmit made */
    CHECK_EQ(st.snd_cwnd, 5 * M);
    CHECK_EQ(st.total_retrans, 1);
    CHECK_EQ(st.retransmits, 0);
}

TEST(more_duplicates_let_new_segments_out_when_half_of_the_flight_has_left)
{
    fixture *x = ten_under_way();

    enter(x);
    for (unsigned i = 4; i <= 7; i++) {
        duplicate(x, 1);
        x_expect_nothing(x);
    }
    for (uint32_t n = 13; n <= 16; n++) { /* duplicates 8 to 11 */
        duplicate(x, 1);
        EXPECT_SEGMENT(x, n);
        x_expect_nothing(x);
    }
}

TEST(the_ack_of_all_ends_recovery_with_the_window_at_half)
{
    fixture *x = ten_under_way();

    enter(x);
    duplicate(x, 13); /* all that was sent when the loss was found */
    CHECK_EQ(x_hits(x, TERN_RULE_RECOVERY_DONE), 1);
    tern_status st = x_status(x);
    CHECK(!st.in_recovery);
    CHECK_EQ(st.snd_cwnd, 5 * M);
    for (uint32_t n = 13; n <= 17; n++)
        EXPECT_SEGMENT(x, n);
    x_expect_nothing(x);
}

TEST(growth_after_recovery_is_one_segment_a_window)
{
    fixture *x = ten_under_way();

    enter(x);
    duplicate(x, 13);
    x_run(x, 0);
    for (uint32_t n = 14; n <= 17; n++) {
        duplicate(x, n);
        CHECK_EQ(x_status(x).snd_cwnd, 5 * M);
        x_run(x, 0);
    }
    duplicate(x, 18);
    CHECK_EQ(x_status(x).snd_cwnd, 6 * M);
}

TEST(a_partial_ack_sends_the_next_hole_at_once)
{
    fixture *x = ten_under_way();

    enter(x);
    /* Most duplicates were lost: cwnd alone would let nothing out. */
    duplicate(x, 4);
    CHECK_EQ(x_hits(x, TERN_RULE_NEWRENO_PARTIAL_ACK), 1);
    EXPECT_SEGMENT(x, 4);
    x_expect_nothing(x);
    CHECK(x_status(x).in_recovery);
    duplicate(x, 6);
    EXPECT_SEGMENT(x, 6);
    x_expect_nothing(x);
    duplicate(x, 13);
    CHECK_EQ(x_hits(x, TERN_RULE_RECOVERY_DONE), 1);
    CHECK_EQ(x_hits(x, TERN_RULE_FAST_RETRANSMIT), 1);
    CHECK_EQ(x_status(x).snd_ssthresh, 5 * M); /* once a window */
}

TEST(a_partial_ack_may_let_new_segments_out_too)
{
    fixture *x = ten_under_way();

    enter(x);
    for (unsigned i = 4; i <= 11; i++) { /* 13 .. 16 go out */
        duplicate(x, 1);
        x_run(x, 0);
    }
    CHECK_EQ(x_status(x).unacked, 16 * M);
    /* RFC 6582 3.2 (3): the window shrinks by what was acknowledged and grows by one segment. */
    duplicate(x, 5);
    EXPECT_SEGMENT(x, 5);
    EXPECT_SEGMENT(x, 17);
    x_expect_nothing(x);
}

TEST(duplicates_after_a_timeout_start_no_second_recovery)
{
    fixture *x = ten_under_way();

    x_run(x, 1000);
    CHECK_EQ(x_hits(x, TERN_RULE_RTO_BACKOFF), 1);
    uint32_t ssthresh = x_status(x).snd_ssthresh;
    for (unsigned i = 0; i < 5; i++) {
        duplicate(x, 1);
        x_run(x, 0);
    }
    duplicate(x, 5); /* still below what was sent when the timer fired */
    for (unsigned i = 0; i < 5; i++) {
        x_run(x, 0);
        duplicate(x, 5);
    }
    CHECK_EQ(x_hits(x, TERN_RULE_FAST_RETRANSMIT), 0);
    CHECK_EQ(x_status(x).snd_ssthresh, ssthresh);
}

TEST(a_new_loss_past_the_old_recovery_starts_another)
{
    fixture *x = ten_under_way();

    enter(x);
    duplicate(x, 13);
    for (uint32_t n = 13; n <= 17; n++)
        EXPECT_SEGMENT(x, n);
    duplicate(x, 14); /* one beyond: this is not the echo of the old recovery */
    x_run(x, 0);
    for (unsigned i = 0; i < 3; i++)
        duplicate(x, 14);
    CHECK_EQ(x_hits(x, TERN_RULE_FAST_RETRANSMIT), 2);
    EXPECT_SEGMENT(x, 14);
    CHECK_EQ(x_status(x).snd_ssthresh, 5 * M / 2);
}

TEST(a_timeout_in_recovery_ends_it)
{
    fixture *x = ten_under_way();

    enter(x);
    x_expect_after(x, 1000, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = M);
    CHECK_EQ(x_hits(x, TERN_RULE_RTO_BACKOFF), 1);
    CHECK_EQ(x_status(x).snd_cwnd, M);
    CHECK_EQ(x_hits(x, TERN_RULE_RECOVERY_DONE), 0);
}

TEST(limited_transmit_stays_inside_the_peers_window)
{
    fixture *x = fixture_begin(NULL);

    x_establish(x, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 10 * M);
    x_send(x, 40 * M);
    x_run(x, 0);
    for (unsigned i = 0; i < 2; i++) {
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 10 * M);
        x_expect_nothing(x);
    }
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 10 * M);
    EXPECT_SEGMENT(x, 1);
}

TEST(ssthresh_is_at_least_two_segments)
{
    fixture *x = fixture_begin(NULL);

    x_establish(x, WAY_PASSIVE);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_NODELAY, 1), TERN_OK);
    x_send(x, 3 * M);
    x_run(x, 0);
    for (unsigned i = 0; i < 3; i++)
        duplicate(x, 1);
    CHECK_EQ(x_status(x).snd_ssthresh, 2 * M);
    EXPECT_SEGMENT(x, 1);
}
