/* rto_test.c - the retransmission timer: RFC 6298 5, RFC 9293 3.8.3, RFC 5681 3.1. */
#include "tests/unit/tcp_fixture.h"

enum { M = 1460 };

static uint32_t segment(uint32_t n)
{
    return 1 + (n - 1) * M;
}

#define EXPECT_SEGMENT(x, n)                                                                       \
    x_expect((x), .flags = TCP_ACK, .seq = segment(n), .ack = 1, .bytes = M)

static fixture *under_way(uint32_t bytes)
{
    tern_config c = fixture_config();

    c.path_mtu_discovery = TERN_PATH_MTU_ICMP; /* a black hole makes segments smaller */
    fixture *x = fixture_begin(&c);
    x_establish(x, WAY_PASSIVE);
    x_send(x, bytes);
    x_run(x, 0);
    return x;
}

static void ack(fixture *x, uint32_t n)
{
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = segment(n));
}

TEST(the_oldest_segment_goes_again_and_the_timer_doubles)
{
    fixture *x = under_way(3 * M);

    for (uint32_t ms = 1000; ms <= 32000; ms *= 2)
        x_expect_after(x, ms, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = M);
    CHECK_EQ(x_hits(x, TERN_RULE_RTO_BACKOFF), 6);
    CHECK_EQ(x_status(x).retransmits, 6);
    CHECK_EQ(x_status(x).total_retrans, 6);
}

TEST(the_timer_grows_to_its_maximum)
{
    tern_config c = fixture_config();

    c.data_schedule.max_ms = 5000;
    fixture *x = fixture_begin(&c);
    x_establish(x, WAY_PASSIVE);
    x_send(x, 10);
    x_run(x, 0);
    static const uint32_t waits_ms[] = {1000, 2000, 4000, 5000, 5000, 5000};
    for (unsigned i = 0; i < 6; i++)
        x_expect_after(x, waits_ms[i], .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
}

TEST(the_third_in_a_row_suspects_the_path_and_r2_gives_up_at_its_time)
{
    fixture *x = under_way(10);
    tern_event e;

    x_run(x, 3000); /* again at 1 and 3 s */
    CHECK_EQ(x_hits(x, TERN_RULE_R1_REACHED), 0);
    x_run(x, 4000);
    CHECK_EQ(x_hits(x, TERN_RULE_R1_REACHED), 1);
    x_run(x, 92999);
    x_state(x, TERN_ESTABLISHED);
    x_advance(x, 1); /* 100 s after it went out first */
    x_state(x, TERN_CLOSED);
    CHECK_EQ(x_hits(x, TERN_RULE_R2_REACHED), 1);
    CHECK_EQ(x_hits(x, TERN_RULE_R1_REACHED), 1);
    CHECK(tern_next_event(x->stack, &e));
    CHECK_EQ(e.what & TERN_EVENT_CLOSED, TERN_EVENT_CLOSED);
    CHECK_EQ(e.error, TERN_ERR_TIMED_OUT);
    x_advance(x, 1000000);
}

TEST(what_is_acknowledged_gives_the_rest_its_time_anew)
{
    fixture *x = under_way(3 * M);

    x_run(x, 90000);
    ack(x, 2);
    x_run(x, 99000);
    x_state(x, TERN_ESTABLISHED);
    x_run(x, 1000);
    x_state(x, TERN_CLOSED);
}

TEST(a_program_sets_how_long_it_waits)
{
    fixture *x = fixture_begin(NULL);

    x_establish(x, WAY_PASSIVE);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_USER_TIMEOUT_MS, 2500),
             TERN_OK);
    x_send(x, 10);
    x_run(x, 0);
    CHECK_EQ(x_run(x, 2499), 1);
    x_state(x, TERN_ESTABLISHED);
    x_advance(x, 1);
    x_state(x, TERN_CLOSED);
}

TEST(a_program_may_wait_longer_than_the_stack)
{
    fixture *x = fixture_begin(NULL);

    x_establish(x, WAY_PASSIVE);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_USER_TIMEOUT_MS, 1000000000),
             TERN_OK);
    x_send(x, 10);
    x_run(x, 0);
    CHECK_EQ(x_run(x, 3600000), 6 + 58); /* 1 .. 32 s, then each minute */
    x_state(x, TERN_ESTABLISHED);
    /* More than the clock can count is refused. */
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_USER_TIMEOUT_MS, UINT32_MAX),
             TERN_ERR_INVALID);
}

TEST(a_timeout_that_is_shortened_under_way_counts_from_then_on)
{
    fixture *x = under_way(10);

    x_run(x, 10000);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_USER_TIMEOUT_MS, 12000),
             TERN_OK);
    x_run(x, 20000);
    x_state(x, TERN_CLOSED);
}

TEST(a_new_ack_starts_the_timer_anew)
{
    fixture *x = under_way(3 * M);

    x_advance(x, 10);
    ack(x, 2);
    x_expect_after(x, 1000, .flags = TCP_ACK, .seq = segment(2), .ack = 1, .bytes = M);
}

TEST(a_duplicate_ack_does_not)
{
    fixture *x = under_way(3 * M);

    x_advance(x, 900);
    ack(x, 1);
    x_expect_after(x, 100, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = M);
}

TEST(the_timer_of_a_segment_is_not_put_off_by_later_ones)
{
    fixture *x = under_way(M);

    x_advance(x, 900);
    x_send(x, M);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = segment(2), .ack = 1, .bytes = M);
    x_expect_after(x, 100, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = M);
}

TEST(all_acknowledged_stops_the_timer)
{
    fixture *x = under_way(3 * M);

    ack(x, 4);
    x_advance(x, 100000);
}

TEST(after_a_timeout_the_flight_goes_again_in_slow_start)
{
    fixture *x = under_way(10 * M);

    x_expect_after(x, 1000, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = M);
    tern_status st = x_status(x);
    CHECK_EQ(st.snd_cwnd, M);
    CHECK_EQ(st.snd_ssthresh, 5 * M);
    CHECK(st.in_recovery);
    x_expect_nothing(x);
    ack(x, 2);
    EXPECT_SEGMENT(x, 2);
    EXPECT_SEGMENT(x, 3);
    x_expect_nothing(x);
    ack(x, 4); /* RFC 3465 2.3: by one segment an ACK after a timeout, not by two */
    EXPECT_SEGMENT(x, 4);
    EXPECT_SEGMENT(x, 5);
    EXPECT_SEGMENT(x, 6);
    x_expect_nothing(x);
    CHECK_EQ(x_hits(x, TERN_RULE_LOSS_RETRANSMIT), 5);
    ack(x, 11); /* the rest was there all the time */
    CHECK(!x_status(x).in_recovery);
    CHECK_EQ(x_status(x).unacked, 0);
    x_advance(x, 100000);
}

TEST(a_second_timeout_in_a_row_leaves_ssthresh_alone)
{
    fixture *x = under_way(10 * M);

    x_run(x, 1000);
    CHECK_EQ(x_status(x).snd_ssthresh, 5 * M);
    x_run(x, 2000);
    CHECK_EQ(x_status(x).snd_ssthresh, 5 * M);
    CHECK_EQ(x_status(x).snd_cwnd, M);
}

TEST(what_is_sent_again_carries_what_is_known_now)
{
    fixture *x = under_way(10);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
    x_run(x, 40);
    x_expect_after(x, 960, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 101, .bytes = 10);
}

TEST(small_segments_go_again_as_one)
{
    fixture *x = fixture_begin(NULL);

    x_establish(x, WAY_PASSIVE);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_NODELAY, 1), TERN_OK);
    for (unsigned i = 0; i < 5; i++) {
        x_send(x, 10);
        x_run(x, 0);
    }
    x_expect_after(x, 1000, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 50);
}

TEST(a_stack_that_was_moved_under_way_goes_on)
{
    fixture *x = under_way(3 * M);

    x_run(x, 500);
    x_move(x);
    x_expect_after(x, 500, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = M);
}
