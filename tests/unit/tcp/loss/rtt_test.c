/* rtt_test.c - the round trip and the timeout made of it, RFC 6298 2 and 3, by numbers worked out
 * by hand. */
#include "tests/unit/tcp_fixture.h"

static tern_config quick(void)
{
    tern_config c = fixture_config();

    c.data_schedule.min_ms = 1;
    return c;
}

/* Established by an active open whose round trip took `ms`. */
static fixture *measured(const tern_config *c, uint32_t ms, bool options)
{
    fixture *x = fixture_begin(c);

    x_connect(x);
    x_expect(x, .flags = TCP_SYN);
    x_advance(x, ms);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460, .ts = options,
             .sack_ok = options, .scale = options ? 1 : 0);
    x->peer.ts_on = options;
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    return x;
}

/* One segment whose ACK takes `ms`. */
static void round_trip(fixture *x, uint32_t ms)
{
    uint32_t end = x->peer.sent + 11;

    x_send(x, 10);
    x_run(x, 0);
    x_run(x, ms);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = end);
    x_expect_nothing(x);
}

static void check(const fixture *x, uint32_t srtt_us, uint32_t rttvar_us, uint32_t rto_us)
{
    tern_status st = x_status(x);

    CHECK_EQ(st.rtt, srtt_us);
    CHECK_EQ(st.rttvar, rttvar_us);
    CHECK_EQ(st.rto, rto_us);
}

TEST(before_any_measurement_the_timeout_is_one_second)
{
    fixture *x = fixture_begin(NULL);

    x_connect(x);
    check(x, 0, 0, 1000000);
}

TEST(the_first_measurement_is_the_round_trip_and_half_of_it)
{
    tern_config c = quick();
    fixture *x = measured(&c, 100, false);

    check(x, 100000, 50000, 300000); /* R, R/2, R + 4 * R/2 */
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_RTT_SAMPLED), 1);
}

TEST(later_ones_move_it_by_an_eighth_and_the_variation_by_a_quarter)
{
    tern_config c = quick();
    fixture *x = measured(&c, 100, false);

    round_trip(x, 200); /* 3/4 * 50 + 1/4 * 100 = 62.5; 7/8 * 100 + 1/8 * 200 = 112.5 */
    check(x, 112500, 62500, 363000); /* 362.5 ms, as a timer that ticks in milliseconds has it */
    round_trip(x, 100); /* 3/4 * 62.5 + 1/4 * 12.5 = 50; 7/8 * 112.5 + 12.5 = 110.9375 */
    check(x, 110938, 50000, 311000);
}

TEST(a_steady_round_trip_leaves_no_less_than_a_tick_of_doubt)
{
    tern_config c = quick();
    fixture *x = measured(&c, 100, false);

    for (unsigned i = 0; i < 100; i++)
        round_trip(x, 100);
    tern_status st = x_status(x);
    CHECK_EQ(st.rtt, 100000);
    CHECK(st.rttvar < 10);
    CHECK_EQ(st.rto, 101000);
}

TEST(the_timeout_is_at_least_one_second_and_at_most_a_minute)
{
    fixture *x = measured(NULL, 1, false);

    check(x, 1000, 500, 1000000);
    tern_config c = fixture_config();
    c.syn_schedule.first_ms = 50000;
    x = measured(&c, 40000, false);
    check(x, 40000000, 20000000, 60000000);
}

TEST(a_passive_open_measures_its_syn_ack)
{
    tern_config c = quick();
    fixture *x = fixture_begin(&c);

    x_listen(x);
    x_inject(x, .flags = TCP_SYN, .mss = 1460);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_advance(x, 80);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_accept(x);
    check(x, 80000, 40000, 240000);
}

TEST(one_segment_a_flight_is_timed)
{
    tern_config c = quick();
    fixture *x = measured(&c, 100, false);

    x_send(x, 2 * 1460);
    x_run(x, 0);
    x_advance(x, 50);
    x_send(x, 1460); /* not timed: the first still is */
    x_run(x, 0);
    x_advance(x, 50);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1461);
    check(x, 100000, 37500, 250000);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1 + 3 * 1460);
    check(x, 100000, 37500, 250000);
}

TEST(what_was_sent_twice_measures_nothing)
{
    fixture *x = measured(NULL, 100, false);

    x_send(x, 10);
    x_run(x, 0);
    x_expect_after(x, 1000, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_RTT_KARN), 1);
    x_advance(x, 20);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 11);
    CHECK_EQ(x_status(x).rtt, 100000);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_RTT_SAMPLED), 1);
}

/* RFC 6298 5 and Karn: until something sent once has been acknowledged. */
TEST(the_backoff_stays_until_something_is_measured)
{
    fixture *x = measured(NULL, 100, false);

    x_send(x, 10);
    x_run(x, 0);
    x_run(x, 1000); /* again at 1 s */
    x_run(x, 2000); /* and at 3 s */
    CHECK_EQ(x_status(x).retransmits, 2);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 11);
    CHECK_EQ(x_status(x).retransmits, 0);
    CHECK_EQ(x_status(x).rto, 4000000);
    x_send(x, 10);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 11, .ack = 1, .bytes = 10);
    x_advance(x, 100);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 21);
    CHECK_EQ(x_status(x).rto, 1000000);
}

TEST(timestamps_tell_which_copy_was_acknowledged)
{
    fixture *x = measured(NULL, 100, true);

    x_send(x, 10);
    x_run(x, 0);
    x_expect_after(x, 1000, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
    x_advance(x, 20);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 11); /* echoes the second */
    tern_status st = x_status(x);
    CHECK_EQ(st.rtt, 100000 - 100000 / 8 + 20000 / 8);
    CHECK_EQ(st.rto, 1000000);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_RTT_SAMPLED), 2);
}

TEST(an_echo_from_the_future_measures_nothing)
{
    fixture *x = measured(NULL, 100, true);

    x_send(x, 10);
    x_run(x, 0);
    x_run(x, 1000);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 11, .ts = true,
             .ts_echo = x->peer.ts_seen + 1000);
    CHECK_EQ(x_status(x).rtt, 100000);
}

TEST(after_a_lost_syn_data_begins_with_three_seconds)
{
    fixture *x = fixture_begin(NULL);

    x_connect(x);
    x_expect(x, .flags = TCP_SYN);
    x_expect_after(x, 1000, .flags = TCP_SYN);
    x_advance(x, 50);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_RTO_SYN_RESET), 1);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    check(x, 0, 0, 3000000);
    CHECK_EQ(x_status(x).snd_cwnd, 1460); /* RFC 5681 3.1: and with one segment */
    x_send(x, 10);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
    x_expect_after(x, 3000, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
}

TEST(after_a_lost_syn_ack_too)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    x_inject(x, .flags = TCP_SYN, .mss = 1460);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_expect_after(x, 1000, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_accept(x);
    check(x, 0, 0, 3000000);
    CHECK_EQ(x_status(x).snd_cwnd, 1460);
}

/* RFC 6298 5.7 to the letter, or with what timestamps have measured (docs/decisions, 0015). */
TEST(after_a_lost_syn_a_sample_counts_only_where_the_configuration_says_so)
{
    for (unsigned kept = 0; kept < 2; kept++) {
        tern_config c = fixture_config();
        c.rto_syn_loss_keeps_sample = kept != 0;
        fixture *x = fixture_begin(&c);
        x_connect(x);
        x_expect(x, .flags = TCP_SYN);
        x_expect_after(x, 1000, .flags = TCP_SYN);
        x_advance(x, 50);
        x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460, .ts = true);
        x->peer.ts_on = true;
        x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
        check(x, 50000, 25000, kept ? 1000000 : 3000000);
        CHECK_EQ(tern_counter(x->stack, TERN_RULE_RTO_SYN_RESET), !kept);
    }
}
