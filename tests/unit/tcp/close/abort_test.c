/* abort_test.c - ABORT, and CLOSE with octets unread: RFC 9293 3.10.5 and 3.6.1. */
#include "tests/unit/tcp_fixture.h"

TEST(abort_resets_where_the_peer_knows_of_us)
{
    static const tern_state states[] = {TERN_SYN_RECEIVED, TERN_ESTABLISHED, TERN_FIN_WAIT_1,
                                        TERN_FIN_WAIT_2, TERN_CLOSE_WAIT};

    for (unsigned i = 0; i < 5; i++) {
        for (unsigned ways = 0; ways < 8; ways++) {
            fixture *x = fixture_begin(NULL);
            x_bring(x, states[i], ways | (states[i] == TERN_SYN_RECEIVED ? WAY_SIMULTANEOUS : 0u));
            CHECK_EQ(tern_abort(x->stack, x->now_us, x->c), TERN_OK);
            CHECK_EQ(tern_counter(x->stack, TERN_RULE_ABORTED), 1);
            x_state(x, TERN_CLOSED);
            x_expect(x, .flags = TCP_RST | TCP_ACK, .seq = x->peer.tern_next, .ack = x->peer.next);
            x_expect_nothing(x);
            CHECK_EQ(x_usage(x).connections, 0);
            CHECK_EQ(tern_abort(x->stack, x->now_us, x->c), TERN_ERR_STALE);
            fixture_end(x);
        }
    }
}

TEST(abort_says_nothing_where_no_one_waits)
{
    static const tern_state states[] = {TERN_SYN_SENT, TERN_CLOSING, TERN_LAST_ACK, TERN_TIME_WAIT};

    for (unsigned i = 0; i < 4; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, states[i], WAY_PASSIVE);
        CHECK_EQ(tern_abort(x->stack, x->now_us, x->c), TERN_OK);
        x_state(x, TERN_CLOSED);
        x_expect_nothing(x);
        CHECK_EQ(x_usage(x).connections, 0);
        CHECK_EQ(x_usage(x).time_wait, 0);
        fixture_end(x);
    }
}

TEST(abort_drops_what_is_queued_both_ways)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE | WAY_OPTIONS);
    x_send(x, 5000);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
    x_inject(x, .flags = TCP_ACK, .seq = 301, .ack = 1, .bytes = 100);
    CHECK(x_usage(x).chunks > 0 && x_usage(x).ranges > 0 && x_usage(x).flights > 0);
    CHECK_EQ(tern_abort(x->stack, x->now_us, x->c), TERN_OK);
    x_expect(x, .flags = TCP_RST | TCP_ACK, .seq = 1, .ack = 101);
    CHECK_EQ(x_usage(x).chunks + x_usage(x).ranges + x_usage(x).flights, 0);
}

TEST(abort_of_what_has_ended_gives_the_handle_back)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_RST, .seq = 1);
    CHECK_EQ(tern_abort(x->stack, x->now_us, x->c), TERN_OK);
    x_expect_nothing(x);
    CHECK_EQ(x_usage(x).connections, 0);
}

TEST(close_with_octets_unread_resets)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_CLOSE_UNREAD_RESET), 1);
    x_expect(x, .flags = TCP_RST | TCP_ACK, .seq = 1, .ack = 11);
    x_state(x, TERN_CLOSED);
    CHECK_EQ(x_usage(x).chunks, 0);
}

TEST(close_with_octets_that_came_early_resets)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 11, .ack = 1, .bytes = 10);
    CHECK_EQ(x_run(x, 0), 1);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    x_expect(x, .flags = TCP_RST | TCP_ACK, .seq = 1, .ack = 1);
}

TEST(close_in_close_wait_with_octets_unread_resets)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 1, .bytes = 10);
    CHECK_EQ(x_run(x, 0), 1);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    x_expect(x, .flags = TCP_RST | TCP_ACK, .seq = 1, .ack = 12);
}

TEST(close_in_last_ack_with_octets_unread_does_not_leave_the_peer_waiting)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 1, .bytes = 10);
    CHECK_EQ(x_run(x, 0), 1);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_WRITE), TERN_OK);
    x_expect(x, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 12); /* and this one is lost */
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    CHECK(x_run(x, 5000) > 0); /* a reset, or the FIN again */
}

TEST(close_in_time_wait_with_octets_unread_goes_on_waiting)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_FIN_WAIT_2, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 2, .bytes = 10);
    x_expect(x, .flags = TCP_ACK, .seq = 2, .ack = 12);
    x_state(x, TERN_TIME_WAIT);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    x_state(x, TERN_TIME_WAIT); /* MUST-13: all octets were acknowledged, nothing is to be undone */
    CHECK_EQ(x_usage(x).chunks, 0);
    x_expect_nothing(x);
}

TEST(close_in_time_wait_with_text_beyond_the_fin_gives_all_memory_back)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_FIN_WAIT_2, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK, .seq = 100, .ack = 2, .bytes = 10);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 2);
    CHECK_EQ(x_run(x, 0), 1);
    x_state(x, TERN_TIME_WAIT);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    x_run(x, 300000);
    CHECK_EQ(x_usage(x).ranges + x_usage(x).chunks + x_usage(x).connections, 0);
}

TEST(text_after_close_resets)
{
    static const tern_state states[] = {TERN_FIN_WAIT_1, TERN_FIN_WAIT_2};

    for (unsigned i = 0; i < 2; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, states[i], WAY_RELEASED);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10);
        CHECK_EQ(tern_counter(x->stack, TERN_RULE_TEXT_AFTER_CLOSE), 1);
        x_expect(x, .flags = TCP_RST | TCP_ACK, .seq = 2, .ack = 1);
        x_state(x, TERN_CLOSED);
        CHECK_EQ(x_usage(x).connections, 0);
    }
}

TEST(text_after_shutdown_is_taken)
{
    static const tern_state states[] = {TERN_FIN_WAIT_1, TERN_FIN_WAIT_2};

    for (unsigned i = 0; i < 2; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, states[i], WAY_PASSIVE);
        x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = x->peer.tern_next, .bytes = 10);
        x_recv(x, 10);
    }
}
