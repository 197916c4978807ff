/* fin_test.c - 8th: FIN. RFC 9293 3.6 and 3.10.7.4. */
#include "tests/unit/tcp_fixture.h"

static void shut(fixture *x)
{
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_WRITE), TERN_OK);
}

TEST(fin_received_is_acknowledged_at_once_and_told)
{
    fixture *x = fixture_begin(NULL);
    char octet;

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 1);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_FIN_RECEIVED), 1);
    x_state(x, TERN_CLOSE_WAIT);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 2);
    x_event(x, x->c, TERN_EVENT_READABLE | TERN_EVENT_PEER_CLOSED);
    CHECK_EQ(tern_recv(x->stack, x->now_us, x->c, &octet, 1), 0);
}

TEST(fin_with_text)
{
    fixture *x = fixture_begin(NULL);
    char octet;

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 102);
    x_recv(x, 100);
    CHECK_EQ(tern_recv(x->stack, x->now_us, x->c, &octet, 1), 0);
}

TEST(fin_early_waits_for_the_gap)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_FIN | TCP_ACK, .seq = 101, .ack = 1);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_FIN_EARLY), 1);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_state(x, TERN_ESTABLISHED);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
    x_state(x, TERN_CLOSE_WAIT);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 102);
    x_recv(x, 100);
}

TEST(fin_early_behind_text_that_is_early_too)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_FIN | TCP_ACK, .seq = 51, .ack = 1, .bytes = 50);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 50);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 102);
    x_state(x, TERN_CLOSE_WAIT);
    x_recv(x, 100);
}

TEST(fin_beyond_the_window_is_cut_off)
{
    tern_config c = fixture_config();

    c.recv_buffer_bytes = 1000;
    fixture *x = fixture_begin(&c);
    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 1, .bytes = 1000);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_TEXT_BEYOND_WINDOW), 1);
    x_state(x, TERN_ESTABLISHED);
    x_recv(x, 1000);
}

TEST(fin_again_is_acknowledged_again)
{
    static const tern_state states[] = {TERN_CLOSE_WAIT, TERN_CLOSING, TERN_LAST_ACK};

    for (unsigned i = 0; i < 3; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, states[i], WAY_PASSIVE);
        x_inject(x, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 1);
        x_expect(x, .flags = TCP_ACK, .seq = x->peer.tern_next, .ack = 2);
        x_state(x, states[i]);
        CHECK_EQ(tern_counter(x->stack, TERN_RULE_FIN_RECEIVED), 1);
        fixture_end(x);
    }
}

TEST(text_after_the_fin_is_ignored)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_CLOSE_WAIT, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK, .seq = 2, .ack = 1, .bytes = 10);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_TEXT_AFTER_FIN), 1);
    CHECK_EQ(x_status(x).recv_queue_bytes, 0);
    CHECK_EQ(x_status(x).rcv_nxt, 1002);
}

TEST(fin_follows_all_that_is_queued)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_send(x, 2000);
    shut(x);
    x_state(x, TERN_FIN_WAIT_1);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1460);
    x_expect(x, .flags = TCP_FIN | TCP_PSH | TCP_ACK, .seq = 1461, .ack = 1, .bytes = 540);
    x_expect_nothing(x);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_FIN_SENT), 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 2001);
    x_state(x, TERN_FIN_WAIT_1); /* the FIN is number 2001 */
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 2002);
    x_state(x, TERN_FIN_WAIT_2);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_FIN_ACKED), 1);
}

TEST(fin_waits_for_a_closed_window)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = WINDOW_ZERO);
    x_send(x, 300);
    shut(x);
    x_expect_nothing(x);
    x_state(x, TERN_FIN_WAIT_1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 65535);
    x_expect(x, .flags = TCP_FIN | TCP_PSH | TCP_ACK, .seq = 1, .ack = 1, .bytes = 300);
}

TEST(fin_is_sent_again)
{
    static const tern_state states[] = {TERN_FIN_WAIT_1, TERN_CLOSING, TERN_LAST_ACK};

    for (unsigned i = 0; i < 3; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, states[i], WAY_PASSIVE);
        for (uint32_t ms = 1000; ms <= 4000; ms *= 2)
            x_expect_after(x, ms, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = x->peer.next);
        x_state(x, states[i]);
        fixture_end(x);
    }
}

TEST(fin_and_the_ack_of_ours_in_one_segment)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_FIN_WAIT_1, WAY_PASSIVE);
    x_inject(x, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 2);
    x_expect(x, .flags = TCP_ACK, .seq = 2, .ack = 2);
    x_state(x, TERN_TIME_WAIT);
}

TEST(fin_without_ack_is_dropped)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    CHECK_EQ(x_inject(x, .flags = TCP_FIN, .seq = 1), TERN_RULE_ACK_MISSING);
    x_expect_nothing(x);
    x_state(x, TERN_ESTABLISHED);
}

TEST(close_simultaneous)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_FIN_WAIT_1, WAY_PASSIVE);
    x_inject(x, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 1);
    x_expect(x, .flags = TCP_ACK, .seq = 2, .ack = 2);
    x_state(x, TERN_CLOSING);
    x_inject(x, .flags = TCP_ACK, .seq = 2, .ack = 2);
    x_state(x, TERN_TIME_WAIT);
    x_expect_nothing(x);
}

TEST(close_passive_to_the_end)
{
    fixture *x = fixture_begin(NULL);
    tern_event e;

    x_bring(x, TERN_LAST_ACK, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK, .seq = 2, .ack = 2);
    x_state(x, TERN_CLOSED);
    x_expect_nothing(x);
    CHECK(tern_next_event(x->stack, &e));
    CHECK((e.what & TERN_EVENT_CLOSED) != 0);
    CHECK_EQ(e.error, TERN_OK);
}

TEST(close_passive_given_back)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_LAST_ACK, WAY_RELEASED);
    x_inject(x, .flags = TCP_ACK, .seq = 2, .ack = 2);
    x_state(x, TERN_CLOSED);
    CHECK_EQ(x_usage(x).connections, 0);
}

TEST(half_close_lets_the_peer_go_on)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_FIN_WAIT_2, WAY_PASSIVE);
    for (uint32_t i = 0; i < 5; i++) {
        x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 1 + i * 100, .ack = 2, .bytes = 100);
        x_recv(x, 100);
        x_run(x, 200000);
    }
    x_state(x, TERN_FIN_WAIT_2); /* with a program behind it there is no limit of time */
    x_inject(x, .flags = TCP_FIN | TCP_ACK, .seq = 501, .ack = 2);
    x_expect(x, .flags = TCP_ACK, .seq = 2, .ack = 502);
    x_state(x, TERN_TIME_WAIT);
}

TEST(half_close_by_the_peer_lets_us_go_on)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_CLOSE_WAIT, WAY_PASSIVE);
    x_run(x, 1000000);
    x_send(x, 100);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 2, .bytes = 100);
    x_inject(x, .flags = TCP_ACK, .seq = 2, .ack = 101);
    shut(x);
    x_expect(x, .flags = TCP_FIN | TCP_ACK, .seq = 101, .ack = 2);
    x_state(x, TERN_LAST_ACK);
}

TEST(fin_wait_2_of_an_orphan_expires)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_FIN_WAIT_2, WAY_RELEASED);
    x_advance(x, 59999);
    x_state(x, TERN_FIN_WAIT_2);
    x_advance(x, 1);
    x_state(x, TERN_CLOSED);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_FIN_WAIT_2_EXPIRED), 1);
    CHECK_EQ(x_usage(x).connections, 0);
}

TEST(fin_wait_2_becomes_an_orphan_when_the_handle_is_given_back)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_FIN_WAIT_2, WAY_PASSIVE);
    x_advance(x, 1000000);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    x_advance(x, 59999);
    x_state(x, TERN_FIN_WAIT_2);
    x_advance(x, 1);
    x_state(x, TERN_CLOSED);
}

TEST(shutdown_for_reading_discards_and_acknowledges)
{
    fixture *x = fixture_begin(NULL);
    char octet;

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_READ), TERN_OK);
    CHECK_EQ(x_usage(x).chunks, 0);
    CHECK_EQ(tern_recv(x->stack, x->now_us, x->c, &octet, 1), 0);
    x_inject(x, .flags = TCP_ACK, .seq = 11, .ack = 1, .bytes = 3000);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_TEXT_DISCARDED), 1);
    x_run(x, 100);
    CHECK_EQ(x_status(x).rcv_nxt, 4011);
    CHECK_EQ(x_usage(x).chunks, 0);
    CHECK_EQ(tern_recv(x->stack, x->now_us, x->c, &octet, 1), 0);
    x_send(x, 5);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 3011, .bytes = 5);
}
