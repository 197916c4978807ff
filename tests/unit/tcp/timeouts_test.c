/* timeouts_test.c - the timers: RFC 9293 3.8.3 and 3.10.8. */
#include "tests/unit/tcp_fixture.h"

TEST(syn_is_sent_again_until_r2)
{
    fixture *x = fixture_begin(NULL);
    tern_event e;

    x_bring(x, TERN_SYN_SENT, 0);
    static const uint32_t waits[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000};
    for (unsigned i = 0; i < 7; i++) /* doubled, at most max_ms */
        x_expect_after(x, waits[i], .flags = TCP_SYN);
    x_advance(x, 180000 - 123000 - 1);
    x_state(x, TERN_SYN_SENT);
    x_advance(x, 1); /* at least 3 minutes: RFC 9293 MUST-23 */
    x_state(x, TERN_CLOSED);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_R2_REACHED), 1);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_R1_REACHED), 1);
    CHECK(tern_next_event(x->stack, &e));
    CHECK((e.what & TERN_EVENT_CLOSED) != 0);
    CHECK_EQ(e.error, TERN_ERR_TIMED_OUT);
    CHECK_EQ(x_status(x).error, TERN_ERR_TIMED_OUT);
}

static const struct {
    tern_state state;
    bool data; /* nothing else is unacknowledged there */
} unacknowledged[] = {{TERN_ESTABLISHED, true},
                      {TERN_CLOSE_WAIT, true},
                      {TERN_FIN_WAIT_1, false},
                      {TERN_CLOSING, false},
                      {TERN_LAST_ACK, false}};

TEST(r2_ends_every_state)
{
    for (unsigned i = 0; i < 5; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, unacknowledged[i].state, WAY_PASSIVE);
        if (unacknowledged[i].data)
            x_send(x, 10);
        x_run(x, 99999);
        x_state(x, unacknowledged[i].state);
        x_advance(x, 1);
        x_state(x, TERN_CLOSED);
        CHECK_EQ(x_status(x).error, TERN_ERR_TIMED_OUT);
        CHECK_EQ(tern_counter(x->stack, TERN_RULE_R2_REACHED), 1);
        CHECK_EQ(x_usage(x).flights + x_usage(x).chunks, 0);
    }
}

TEST(r2_of_what_the_program_has_given_back_frees_it)
{
    static const tern_state states[] = {TERN_FIN_WAIT_1, TERN_CLOSING, TERN_LAST_ACK};

    for (unsigned i = 0; i < 3; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, states[i], WAY_RELEASED);
        x_run(x, 100000);
        x_state(x, TERN_CLOSED);
        CHECK_EQ(x_usage(x).connections, 0);
    }
}

TEST(r2_counts_from_the_oldest_octet)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_send(x, 10);
    x_run(x, 60000);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 11);
    x_advance(x, 60000); /* nothing is unacknowledged */
    x_send(x, 10);
    x_run(x, 99999);
    x_state(x, TERN_ESTABLISHED);
    x_run(x, 1);
    x_state(x, TERN_CLOSED);
}

TEST(user_timeout_shortens_and_lengthens_r2)
{
    static const uint32_t timeouts[] = {500, 5000, 400000};

    for (unsigned i = 0; i < 3; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
        CHECK_EQ(
            tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_USER_TIMEOUT_MS, timeouts[i]),
            TERN_OK);
        x_send(x, 10);
        x_run(x, timeouts[i] - 1);
        x_state(x, TERN_ESTABLISHED);
        x_run(x, 1);
        x_state(x, TERN_CLOSED);
    }
}

TEST(user_timeout_of_a_syn)
{
    fixture *x = fixture_begin(NULL);

    x_connect(x);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_USER_TIMEOUT_MS, 2500),
             TERN_OK);
    CHECK_EQ(x_run(x, 2499), 2);
    x_state(x, TERN_SYN_SENT);
    x_run(x, 1);
    x_state(x, TERN_CLOSED);
}

TEST(r1_is_counted_once)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_send(x, 10);
    CHECK_EQ(x_run(x, 6999), 3); /* itself, and after 1 and 3 s */
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_R1_REACHED), 0);
    CHECK_EQ(x_run(x, 1), 1);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_R1_REACHED), 1);
    x_run(x, 50000);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_R1_REACHED), 1);
}

TEST(idle_connection_lives_for_ever)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE | WAY_OPTIONS);
    CHECK_EQ(tern_deadline(x->stack), TERN_NEVER);
    x->now_us += UINT64_C(30) * 24 * 3600 * 1000000;
    x_expect_nothing(x);
    x_send(x, 10);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10, .ts = true);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 11);
    CHECK_EQ(x_status(x).unacked, 0);
}

/* The 32-bit clocks of milliseconds and microseconds go round. */
static void at_end_of_clock(fixture *x, uint32_t before_ms)
{
    x->now_us = ((UINT64_C(1) << 32) - before_ms) * 1000;
}

TEST(clock_wraps_during_the_handshake)
{
    fixture *x = fixture_begin(NULL);

    at_end_of_clock(x, 2500);
    x_bring(x, TERN_SYN_SENT, 0);
    x_expect_after(x, 1000, .flags = TCP_SYN);
    x_expect_after(x, 2000, .flags = TCP_SYN);
    x_expect_after(x, 4000, .flags = TCP_SYN);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_state(x, TERN_ESTABLISHED);
}

TEST(clock_wraps_in_a_half_open_record)
{
    fixture *x = fixture_begin(NULL);

    at_end_of_clock(x, 10000);
    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    CHECK_EQ(x_run(x, 62999), 5);
    x_state(x, TERN_SYN_RECEIVED);
    x_advance(x, 1);
    x_state(x, TERN_CLOSED);
}

TEST(clock_wraps_in_time_wait)
{
    for (unsigned released = 0; released < 2; released++) {
        fixture *x = fixture_begin(NULL);
        at_end_of_clock(x, 100000);
        x_bring(x, TERN_TIME_WAIT, released ? WAY_RELEASED : WAY_PASSIVE);
        x_advance(x, 239999);
        x_state(x, TERN_TIME_WAIT);
        x_advance(x, 64);
        x_state(x, TERN_CLOSED);
    }
}

TEST(clock_wraps_with_data_under_way)
{
    fixture *x = fixture_begin(NULL);

    at_end_of_clock(x, 500);
    x_bring(x, TERN_ESTABLISHED, WAY_ACTIVE | WAY_OPTIONS);
    x_send(x, 10);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
    x_expect_after(x, 1000, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 11);
    x_advance(x, 100000);
    x_state(x, TERN_ESTABLISHED);
}

TEST(time_does_not_go_back)
{
    fixture *x = fixture_begin(NULL);
    uint8_t packet[1500];

    x_bring(x, TERN_SYN_SENT, 0);
    tern_time due = tern_deadline(x->stack);
    CHECK_EQ(tern_output(x->stack, 0, packet, sizeof packet), 0);
    CHECK_EQ(tern_deadline(x->stack), due);
    x_expect_after(x, 1000, .flags = TCP_SYN);
}

TEST(user_timeout_set_while_data_is_under_way_counts)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_send(x, 10);
    x_run(x, 20000); /* the timer waits for 31 s by now */
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_USER_TIMEOUT_MS, 21000),
             TERN_OK);
    x_run(x, 1000);
    x_state(x, TERN_CLOSED);
}

/* ---- Keep-alive beside the other timers; see transfer/keepalive_test.c ---- */

static void option(fixture *x, tern_option which, uint32_t value)
{
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, which, value), TERN_OK);
}

static fixture *kept_alive(unsigned ways, uint32_t idle_ms, uint32_t interval_ms, uint32_t count)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, ways);
    option(x, TERN_OPTION_KEEP_IDLE_MS, idle_ms);
    option(x, TERN_OPTION_KEEP_INTERVAL_MS, interval_ms);
    option(x, TERN_OPTION_KEEP_COUNT, count);
    option(x, TERN_OPTION_KEEPALIVE, 1);
    return x;
}

TEST(keepalive_answered_goes_on_for_ever)
{
    static const uint32_t times[][2] = {{10000, 1000}, {1000, 10000}, {500, 500}};

    for (unsigned i = 0; i < 3; i++) {
        fixture *x = kept_alive(WAY_PASSIVE | WAY_OPTIONS, times[i][0], times[i][1], 3);
        for (unsigned probe = 0; probe < 10; probe++) {
            while (x_run(x, 250) == 0)
                CHECK(x->now_us < UINT64_C(3600000000));
            x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
        }
        x_state(x, TERN_ESTABLISHED);
    }
}

TEST(keepalive_asked_for_before_the_handshake)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_SENT, 0);
    option(x, TERN_OPTION_KEEP_IDLE_MS, 5000);
    option(x, TERN_OPTION_KEEPALIVE, 1);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_expect_after(x, 5000, .flags = TCP_ACK, .seq = 0, .ack = 1);
}

TEST(keepalive_in_the_states_of_a_half_close)
{
    static const tern_state states[] = {TERN_CLOSE_WAIT, TERN_FIN_WAIT_2};

    for (unsigned i = 0; i < 2; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, states[i], WAY_PASSIVE);
        option(x, TERN_OPTION_KEEP_IDLE_MS, 5000);
        option(x, TERN_OPTION_KEEP_INTERVAL_MS, 1000);
        option(x, TERN_OPTION_KEEP_COUNT, 2);
        option(x, TERN_OPTION_KEEPALIVE, 1);
        x_expect_after(x, 5000, .flags = TCP_ACK, .seq = x->peer.tern_next - 1,
                       .ack = x->peer.next);
        x_run(x, 2000);
        x_state(x, TERN_CLOSED);
    }
}

TEST(keepalive_leaves_time_wait_and_an_orphan_their_time)
{
    fixture *x = kept_alive(WAY_PASSIVE, 1000, 1000, 3);

    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    x_expect(x, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 2);
    x_advance(x, 59999);
    x_state(x, TERN_FIN_WAIT_2);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 2);
    x_expect(x, .flags = TCP_ACK, .seq = 2, .ack = 2);
    x_advance(x, 239999);
    x_state(x, TERN_TIME_WAIT);
}

TEST(time_may_stand_still_for_months)
{
    static const uint64_t days[] = {9, 11, 24, 25, 49, 50, 74, 400};

    for (unsigned i = 0; i < sizeof days / sizeof days[0]; i++) {
        fixture *x = fixture_begin(NULL);
        uint8_t packet[1500];
        x_bring(x, TERN_ESTABLISHED, WAY_ACTIVE);
        x_send(x, 10);
        x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = x->peer.tern_next, .ack = x->peer.next,
                 .bytes = 10);
        x->now_us += days[i] * 24 * 3600 * 1000000;
        while (x_output(x, packet) > 0)
            continue;
        CHECK(tern_deadline(x->stack) > x->now_us);
        x_state(x, TERN_CLOSED); /* R2 passed while the machine slept */
        fixture_end(x);
    }
}
