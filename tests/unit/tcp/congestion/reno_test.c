/* reno_test.c - the congestion window: RFC 5681 3.1 and 4.1, RFC 3465, RFC 6928. M is one
 * segment. */
#include "tern/congestion.h"
#include "tests/unit/tcp_fixture.h"

enum { M = 1460 };

static fixture *established(const tern_config *c)
{
    fixture *x = fixture_begin(c);

    x_establish(x, WAY_PASSIVE);
    return x;
}

static void ack(fixture *x, uint32_t octets)
{
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1 + octets);
}

TEST(the_list_names_its_algorithms)
{
    CHECK_STR(tern_congestion_list(0)->name, "reno");
    CHECK(tern_congestion_list(1000) == NULL);
}

TEST(an_unknown_algorithm_is_refused)
{
    fixture *x = established(NULL);
    uint32_t value;

    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_CONGESTION, 1000),
             TERN_ERR_INVALID);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_CONGESTION, 0), TERN_OK);
    CHECK_EQ(tern_option_get(x->stack, x->c, TERN_OPTION_CONGESTION, &value), TERN_OK);
    CHECK_EQ(value, 0);
}

TEST(the_initial_window_is_ten_segments)
{
    fixture *x = established(NULL);

    CHECK_EQ(x_status(x).snd_cwnd, 10 * M);
    x_send(x, 30 * M);
    CHECK_EQ(x_run(x, 0), 10);
    CHECK(tern_counter(x->stack, TERN_RULE_CWND_LIMITED) > 0);
}

TEST(the_initial_window_is_as_configured)
{
    tern_config c = fixture_config();

    c.initial_window_segments = 3;
    fixture *x = established(&c);
    x_send(x, 30 * M);
    CHECK_EQ(x_run(x, 0), 3);
}

/* RFC 6928 2: min(10 * MSS, max(2 * MSS, 14600)). */
TEST(the_initial_window_of_large_segments_is_two)
{
    tern_config c = fixture_config();

    c.mtu_bytes = 9000;
    fixture *x = fixture_begin(&c);
    x_listen(x);
    x_inject(x, .flags = TCP_SYN, .mss = 8960);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_accept(x);
    CHECK_EQ(x_status(x).snd_cwnd, 2 * 8960);
}

TEST(slow_start_grows_by_what_is_acknowledged_and_at_most_two_segments_an_ack)
{
    fixture *x = established(NULL);

    x_send(x, 40 * M);
    x_run(x, 0);
    ack(x, M);
    CHECK_EQ(x_status(x).snd_cwnd, 11 * M);
    x_run(x, 0);
    ack(x, 3 * M);
    CHECK_EQ(x_status(x).snd_cwnd, 13 * M);
    x_run(x, 0);
    ack(x, 8 * M);
    CHECK_EQ(x_status(x).snd_cwnd, 15 * M);
    x_run(x, 0);
    ack(x, 8 * M + 100); /* a part of a segment: what an attacker who splits ACKs gets */
    CHECK_EQ(x_status(x).snd_cwnd, 15 * M + 100);
}

TEST(a_window_that_is_not_used_does_not_grow)
{
    fixture *x = established(NULL);

    for (uint32_t n = 1; n <= 50; n++) {
        x_send(x, M);
        CHECK_EQ(x_run(x, 0), 1);
        ack(x, n * M);
    }
    CHECK_EQ(x_status(x).snd_cwnd, 10 * M);
}

/* Ten segments, the loss of the first found by duplicates: cwnd = ssthresh = 5 M. */
static fixture *in_avoidance(void)
{
    fixture *x = established(NULL);

    x_send(x, 12 * M);
    x_run(x, 0);
    for (unsigned i = 0; i < 3; i++) {
        ack(x, 0);
        x_run(x, 0);
    }
    ack(x, 12 * M);
    x_run(x, 0);
    CHECK_EQ(x_status(x).snd_cwnd, 5 * M);
    CHECK_EQ(x_status(x).snd_ssthresh, 5 * M);
    return x;
}

TEST(congestion_avoidance_grows_by_one_segment_a_window)
{
    fixture *x = in_avoidance();
    uint32_t acked = 12, cwnd = 5;

    x_send(x, 40 * M);
    CHECK_EQ(x_run(x, 0), 5);
    for (unsigned round = 0; round < 3; round++, cwnd++) {
        for (uint32_t i = 1; i <= cwnd; i++) {
            CHECK_EQ(x_status(x).snd_cwnd, cwnd * M);
            ack(x, ++acked * M);
            x_run(x, 0);
        }
        CHECK_EQ(x_status(x).snd_cwnd, (cwnd + 1) * M);
    }
}

TEST(a_pause_longer_than_the_timeout_begins_anew)
{
    fixture *x = established(NULL);

    x_send(x, 40 * M);
    for (uint32_t n = 2; n <= 40; n += 2) {
        x_run(x, 0);
        ack(x, n * M);
    }
    uint32_t cwnd = x_status(x).snd_cwnd;
    CHECK(cwnd > 15 * M);
    x_advance(x, 1000);
    x_send(x, M); /* not longer than the timeout yet */
    x_run(x, 0);
    CHECK_EQ(x_status(x).snd_cwnd, cwnd);
    ack(x, 41 * M);
    x_advance(x, 1001);
    x_send(x, 20 * M);
    CHECK_EQ(x_run(x, 0), 10);
    CHECK_EQ(x_status(x).snd_cwnd, 10 * M);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_RESTART_WINDOW), 1);
}

TEST(a_pause_does_not_enlarge_a_small_window)
{
    fixture *x = in_avoidance();

    x_advance(x, 5000);
    x_send(x, 20 * M);
    CHECK_EQ(x_run(x, 0), 5);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_RESTART_WINDOW), 0);
}

TEST(ssthresh_is_half_of_the_flight_not_of_the_window)
{
    fixture *x = established(NULL);

    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_NODELAY, 1), TERN_OK);
    x_send(x, 6 * M); /* of a window of ten */
    x_run(x, 0);
    x_run(x, 1000);
    CHECK_EQ(x_status(x).snd_ssthresh, 3 * M);
    CHECK_EQ(x_status(x).snd_cwnd, M);
}

TEST(octets_counted_beyond_a_window_count_for_the_next)
{
    fixture *x = in_avoidance();
    uint32_t acked = 12;

    x_send(x, 40 * M);
    /* Two segments an ACK: windows of 5, 6 and 7 are full after 3, 6 and 9 of them. */
    for (unsigned acks = 1; acks <= 9; acks++) {
        x_run(x, 0);
        ack(x, (acked += 2) * M);
        CHECK_EQ(x_status(x).snd_cwnd, (5 + acks / 3) * M);
    }
}

/* ---- Where stacks differ ---- */

TEST(slow_start_may_grow_by_all_that_an_ack_covers)
{
    tern_config c = fixture_config();

    c.slow_start_segments = 0;
    fixture *x = established(&c);
    x_send(x, 40 * M);
    x_run(x, 0);
    ack(x, 7 * M);
    CHECK_EQ(x_status(x).snd_cwnd, 17 * M);
}

/* Six segments of ten are more than half: the window grows until they are no more. */
TEST(a_window_that_is_half_used_may_grow)
{
    tern_config c = fixture_config();

    c.slow_start_half = true;
    fixture *x = established(&c);
    x_send(x, 6 * M);
    x_run(x, 0);
    for (uint32_t at = 2; at <= 6; at += 2) {
        ack(x, at * M);
        CHECK_EQ(x_status(x).snd_cwnd, 12 * M);
    }
}

TEST(a_window_of_which_less_than_half_is_used_does_not_grow)
{
    tern_config c = fixture_config();

    c.slow_start_half = true;
    fixture *x = established(&c);
    x_send(x, 5 * M);
    x_run(x, 0);
    ack(x, 5 * M);
    CHECK_EQ(x_status(x).snd_cwnd, 10 * M);
}

/* Two duplicates told of two segments: the ACK of three is the first to tell of one. */
TEST(what_duplicates_told_of_may_not_count_again)
{
    for (unsigned told = 0; told < 2; told++) {
        tern_config c = fixture_config();
        c.cwnd_counts_delivered = told != 0;
        c.slow_start_segments = 0;
        fixture *x = established(&c);
        x_send(x, 40 * M);
        x_run(x, 0);
        ack(x, 0);
        ack(x, 0);
        ack(x, 3 * M);
        CHECK_EQ(x_status(x).snd_cwnd, (told ? 11 : 13) * M);
    }
}

TEST(a_pause_may_leave_the_window_as_it_is)
{
    tern_config c = fixture_config();

    c.slow_start_after_idle = false;
    fixture *x = established(&c);
    x_send(x, 26 * M);
    x_run(x, 0);
    ack(x, 2 * M);
    x_run(x, 0);
    ack(x, 14 * M);
    x_run(x, 0);
    ack(x, 26 * M);
    uint32_t cwnd = x_status(x).snd_cwnd;
    CHECK(cwnd > 10 * M);
    x_advance(x, 10000);
    x_send(x, M);
    x_run(x, 0);
    CHECK_EQ(x_status(x).snd_cwnd, cwnd);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_RESTART_WINDOW), 0);
}
