/* linger_test.c - what tern_close() does by TERN_OPTION_LINGER_MS, and how a program waits for the
 * end of what it sent. docs/decisions/0014-linger.md. */
#include "tests/unit/tcp_fixture.h"

static fixture *lingers(tern_state state, uint32_t linger_ms)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, state, WAY_PASSIVE);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_LINGER_MS, linger_ms), TERN_OK);
    return x;
}

static void close_it(fixture *x)
{
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_ERR_STALE);
}

TEST(linger_is_off_by_default)
{
    fixture *x = fixture_begin(NULL);
    uint32_t value;

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    CHECK_EQ(tern_option_get(x->stack, x->c, TERN_OPTION_LINGER_MS, &value), TERN_OK);
    CHECK_EQ(value, TERN_LINGER_OFF);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_LINGER_MS, UINT32_MAX - 1),
             TERN_ERR_INVALID);
}

TEST(linger_of_nothing_aborts)
{
    static const tern_state states[] = {TERN_ESTABLISHED, TERN_FIN_WAIT_1, TERN_FIN_WAIT_2,
                                        TERN_CLOSE_WAIT};

    for (unsigned i = 0; i < sizeof states / sizeof states[0]; i++) {
        fixture *x = lingers(states[i], 0);
        close_it(x);
        CHECK_EQ(tern_counter(x->stack, TERN_RULE_LINGER_ABORTED), 1);
        x_expect(x, .flags = TCP_RST | TCP_ACK, .seq = x->peer.tern_next, .ack = x->peer.next);
        x_expect_nothing(x);
        x_state(x, TERN_CLOSED);
        CHECK_EQ(x_usage(x).connections + x_usage(x).settings, 0);
        fixture_end(x);
    }
}

TEST(linger_of_nothing_throws_away_what_is_queued)
{
    fixture *x = lingers(TERN_ESTABLISHED, 0);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = WINDOW_ZERO);
    x_send(x, 500);
    close_it(x);
    x_expect(x, .flags = TCP_RST | TCP_ACK, .seq = 1, .ack = 1);
    CHECK_EQ(x_usage(x).chunks, 0);
}

TEST(linger_leaves_time_wait_alone)
{
    fixture *x = lingers(TERN_TIME_WAIT, 0);

    close_it(x);
    x_expect_nothing(x);
    x_state(x, TERN_TIME_WAIT);
    CHECK_EQ(x_usage(x).time_wait, 1);
}

TEST(linger_ends_what_is_not_acknowledged_in_time)
{
    fixture *x = lingers(TERN_ESTABLISHED, 2500);

    x_send(x, 100);
    close_it(x);
    x_expect(x, .flags = TCP_ACK | TCP_PSH | TCP_FIN, .seq = 1, .ack = 1, .bytes = 100);
    x_expect_after(x, 1000, .flags = TCP_ACK | TCP_PSH | TCP_FIN, .seq = 1, .ack = 1, .bytes = 100);
    x_expect_after(x, 1500, .flags = TCP_RST | TCP_ACK, .seq = 102, .ack = 1);
    x_expect_nothing(x);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_LINGER_EXPIRED), 1);
    x_state(x, TERN_CLOSED);
    CHECK_EQ(x_usage(x).connections + x_usage(x).settings + x_usage(x).chunks, 0);
}

TEST(linger_ends_a_last_ack_and_a_closing_too)
{
    static const tern_state states[] = {TERN_CLOSE_WAIT, TERN_CLOSING};

    for (unsigned i = 0; i < 2; i++) {
        fixture *x = lingers(states[i], 500);
        close_it(x);
        x_run(x, 499);
        CHECK(x_usage(x).connections == 1);
        x_expect_after(x, 1, .flags = TCP_RST | TCP_ACK, .seq = 2, .ack = x->peer.next);
        x_state(x, TERN_CLOSED);
        fixture_end(x);
    }
}

TEST(linger_ends_with_the_ack_of_our_fin)
{
    fixture *x = lingers(TERN_ESTABLISHED, 2500);

    close_it(x);
    x_expect(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 1);
    x_advance(x, 900);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 2);
    x_state(x, TERN_FIN_WAIT_2);
    x_advance(x, 50000); /* now the orphan's patience counts (docs/decisions/0004) */
    x_state(x, TERN_FIN_WAIT_2);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 2);
    x_expect(x, .flags = TCP_ACK, .seq = 2, .ack = 2);
    x_state(x, TERN_TIME_WAIT);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_LINGER_EXPIRED), 0);
    CHECK_EQ(x_usage(x).settings, 0);
}

TEST(linger_with_the_fin_acknowledged_before_the_close)
{
    fixture *x = lingers(TERN_FIN_WAIT_2, 500);

    close_it(x);
    x_advance(x, 59999);
    x_state(x, TERN_FIN_WAIT_2);
    x_advance(x, 1);
    x_state(x, TERN_CLOSED);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_FIN_WAIT_2_EXPIRED), 1);
}

TEST(linger_takes_the_timer_of_keepalive)
{
    fixture *x = lingers(TERN_ESTABLISHED, 5000);

    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_KEEP_IDLE_MS, 1000), TERN_OK);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_KEEPALIVE, 1), TERN_OK);
    close_it(x);
    x_run(x, 4999);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_KEEPALIVE_PROBE), 0);
    x_expect_after(x, 1, .flags = TCP_RST | TCP_ACK, .seq = 2, .ack = 1);
}

/* ---- A program that waits ---- */

TEST(finished_tells_that_the_peer_has_all)
{
    static const struct {
        tern_state from;
        uint32_t what;
    } cases[] = {{TERN_ESTABLISHED, TERN_EVENT_FINISHED},
                 {TERN_CLOSE_WAIT, TERN_EVENT_FINISHED | TERN_EVENT_CLOSED | TERN_EVENT_READABLE}};

    for (unsigned i = 0; i < 2; i++) {
        fixture *x = fixture_begin(NULL);
        tern_event event;
        x_bring(x, cases[i].from, WAY_PASSIVE);
        while (tern_next_event(x->stack, &event))
            continue;
        x_send(x, 100);
        CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_WRITE), TERN_OK);
        x_expect(x, .flags = TCP_ACK | TCP_PSH | TCP_FIN, .seq = 1, .ack = x->peer.next,
                 .bytes = 100);
        x_inject(x, .flags = TCP_ACK, .seq = x->peer.next, .ack = 101); /* all but the FIN */
        x_no_event(x);
        x_inject(x, .flags = TCP_ACK, .seq = x->peer.next, .ack = 102);
        x_event(x, x->c, cases[i].what);
        close_it(x);
        fixture_end(x);
    }
}

TEST(finished_is_told_when_both_close_at_once)
{
    fixture *x = fixture_begin(NULL);
    tern_event event;

    x_bring(x, TERN_CLOSING, WAY_PASSIVE);
    while (tern_next_event(x->stack, &event))
        CHECK((event.what & TERN_EVENT_FINISHED) == 0);
    x_inject(x, .flags = TCP_ACK, .seq = x->peer.next, .ack = 2);
    x_state(x, TERN_TIME_WAIT);
    x_event(x, x->c, TERN_EVENT_FINISHED);
}

/* ---- Shutdown of either side, and of both ---- */

TEST(shutdown_of_reading_takes_and_drops_what_comes)
{
    fixture *x = fixture_begin(NULL);
    uint8_t data[10];

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_READ), TERN_OK);
    CHECK_EQ(tern_recv(x->stack, x->now_us, x->c, data, sizeof data), 0);
    CHECK_EQ(x_usage(x).chunks, 0);
    x_inject(x, .flags = TCP_ACK, .seq = 101, .ack = 1, .bytes = 1000);
    x_expect_after(x, 40, .flags = TCP_ACK, .seq = 1, .ack = 1101, .window = 65535);
    x_send(x, 10); /* the other direction goes on */
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1101, .bytes = 10);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1101, .ack = 11);
    x_expect(x, .flags = TCP_ACK, .seq = 11, .ack = 1102);
    x_state(x, TERN_CLOSE_WAIT);
}

TEST(shutdown_of_both_sides_sends_a_fin_and_drops_what_comes)
{
    fixture *x = fixture_begin(NULL);
    int both = TERN_SHUTDOWN_READ | TERN_SHUTDOWN_WRITE;

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, both), TERN_OK);
    x_expect(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 2, .bytes = 100);
    x_state(x, TERN_FIN_WAIT_2); /* the handle is held: no reset */
    x_expect_after(x, 40, .flags = TCP_ACK, .seq = 2, .ack = 101);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, both), TERN_ERR_CLOSING);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 101, .ack = 2);
    x_expect(x, .flags = TCP_ACK, .seq = 2, .ack = 102);
    close_it(x);
    x_state(x, TERN_TIME_WAIT);
}
