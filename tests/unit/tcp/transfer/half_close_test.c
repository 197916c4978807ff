/* half_close_test.c - 8th: FIN, and data that flows in one direction only (RFC 9293 3.6,
 * 3.10.4). */
#include "tests/unit/tcp_fixture.h"

static fixture *brought(tern_state state)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, state, WAY_PASSIVE);
    return x;
}

static void shut_writing(fixture *x)
{
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_WRITE), TERN_OK);
}

TEST(a_fin_with_text_ends_the_stream_behind_it)
{
    fixture *x = brought(TERN_ESTABLISHED);
    uint8_t octet;

    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 1, .bytes = 100);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_FIN_RECEIVED), 1);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 102); /* at once */
    x_event(x, x->c, TERN_EVENT_READABLE | TERN_EVENT_PEER_CLOSED);
    x_recv(x, 100);
    CHECK_EQ(tern_recv(x->stack, x->now_us, x->c, &octet, 1), 0);
    x_state(x, TERN_CLOSE_WAIT);
}

TEST(data_flows_on_to_a_peer_that_has_closed)
{
    fixture *x = brought(TERN_CLOSE_WAIT);

    x_send(x, 4000);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 2, .bytes = 1460);
    x_expect(x, .flags = TCP_ACK, .seq = 1461, .ack = 2, .bytes = 1460);
    x_inject(x, .flags = TCP_ACK, .seq = 2, .ack = 2921);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 2921, .ack = 2, .bytes = 1080);
    x_expect_after(x, 1000, .flags = TCP_ACK | TCP_PSH, .seq = 2921, .ack = 2, .bytes = 1080);
    shut_writing(x);
    x_expect(x, .flags = TCP_ACK | TCP_FIN, .seq = 4001, .ack = 2);
    x_inject(x, .flags = TCP_ACK, .seq = 2, .ack = 4002);
    x_state(x, TERN_CLOSED);
}

TEST(data_flows_on_from_a_peer_that_has_not_closed)
{
    fixture *x = brought(TERN_FIN_WAIT_2);

    for (uint32_t at = 1; at < 20000; at += 1000) {
        x_inject(x, .flags = TCP_ACK, .seq = at, .ack = 2, .bytes = 1000);
        x_run(x, 40);
        x_recv(x, 1000);
    }
    x_state(x, TERN_FIN_WAIT_2);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 20001, .ack = 2);
    x_expect(x, .flags = TCP_ACK, .seq = 2, .ack = 20002);
    x_state(x, TERN_TIME_WAIT);
}

TEST(the_window_opens_again_in_fin_wait_2)
{
    tern_config c = fixture_config();

    c.recv_buffer_bytes = 2000;
    fixture *x = fixture_begin(&c);
    x_bring(x, TERN_FIN_WAIT_2, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 2, .bytes = 1000);
    x_inject(x, .flags = TCP_ACK, .seq = 1001, .ack = 2, .bytes = 1000);
    x_expect(x, .flags = TCP_ACK, .seq = 2, .ack = 2001, .window = WINDOW_ZERO);
    x_recv(x, 2000);
    x_expect(x, .flags = TCP_ACK, .seq = 2, .ack = 2001, .window = 2000);
}

TEST(a_fin_follows_all_that_is_queued)
{
    fixture *x = brought(TERN_ESTABLISHED);

    x_send(x, 1460 * 12);
    shut_writing(x);
    for (uint32_t i = 0; i < 10; i++)
        x_expect(x, .flags = TCP_ACK, .seq = 1 + 1460 * i, .ack = 1, .bytes = 1460);
    x_expect_nothing(x); /* the congestion window is full */
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1461);
    x_expect(x, .flags = TCP_ACK, .seq = 14601, .ack = 1, .bytes = 1460);
    x_expect(x, .flags = TCP_ACK | TCP_PSH | TCP_FIN, .seq = 16061, .ack = 1, .bytes = 1460);
    x_expect_nothing(x);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_FIN_SENT), 1);
}

TEST(a_fin_is_sent_again_until_it_is_acknowledged)
{
    fixture *x = brought(TERN_ESTABLISHED);

    shut_writing(x);
    x_expect(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 1);
    x_expect_after(x, 1000, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 1);
    x_expect_after(x, 2000, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 1);
    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 2), TERN_RULE_FIN_ACKED);
    x_state(x, TERN_FIN_WAIT_2);
    x_advance(x, 10000);
}

TEST(a_fin_whose_text_is_acknowledged_goes_again_alone)
{
    fixture *x = brought(TERN_ESTABLISHED);

    x_send(x, 500);
    shut_writing(x);
    x_expect(x, .flags = TCP_ACK | TCP_PSH | TCP_FIN, .seq = 1, .ack = 1, .bytes = 500);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 501);
    x_state(x, TERN_FIN_WAIT_1);
    x_expect_after(x, 1000, .flags = TCP_ACK | TCP_FIN, .seq = 501, .ack = 1);
}

TEST(nothing_can_be_sent_after_the_fin)
{
    fixture *x = brought(TERN_FIN_WAIT_1);
    uint8_t octet = 0;

    CHECK_EQ(tern_send(x->stack, x->now_us, x->c, &octet, 1), TERN_ERR_CLOSING);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_WRITE), TERN_ERR_CLOSING);
}

TEST(a_fin_that_comes_again_is_acknowledged_again)
{
    fixture *x = brought(TERN_CLOSE_WAIT);

    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 1);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 2);
    x_state(x, TERN_CLOSE_WAIT);
}
