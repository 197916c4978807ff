/* text_test.c - 7th: segment text (RFC 9293 3.10.7.4). */
#include "tests/unit/tcp_fixture.h"

static fixture *established(unsigned ways)
{
    fixture *x = fixture_begin(NULL);

    x_establish(x, ways);
    return x;
}

TEST(text_in_order_goes_to_the_program)
{
    fixture *x = established(WAY_PASSIVE);

    x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 500);
    CHECK_EQ(x_hits(x, TERN_RULE_TEXT_QUEUED), 1);
    x_event(x, x->c, TERN_EVENT_READABLE);
    CHECK_EQ(x_status(x).bytes_received, 500);
    x_recv(x, 200);
    x_recv(x, 300);
    uint8_t octet;
    CHECK_EQ(tern_recv(x->stack, x->now_us, x->c, &octet, 1), TERN_ERR_WOULD_BLOCK);
    CHECK_EQ(x_usage(x).chunks, 0);
}

TEST(push_changes_nothing)
{
    fixture *x = established(WAY_PASSIVE);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 5);
    x_event(x, x->c, TERN_EVENT_READABLE);
    x_recv(x, 5);
}

TEST(peeking_leaves_the_octets_where_they_are)
{
    fixture *x = established(WAY_PASSIVE);
    uint8_t data[3000];

    for (uint32_t at = 1; at < 4000; at += 1000)
        x_inject(x, .flags = TCP_ACK, .seq = at, .ack = 1, .bytes = 1000);
    CHECK_EQ(tern_peek(x->stack, x->c, 990, data, sizeof data), 3000);
    for (uint32_t i = 0; i < sizeof data; i++)
        CHECK_EQ(data[i], pattern_octet(991 + i));
    CHECK_EQ(tern_peek(x->stack, x->c, 3999, data, sizeof data), 1);
    CHECK_EQ(tern_peek(x->stack, x->c, 4000, data, sizeof data), TERN_ERR_WOULD_BLOCK);
    x_recv(x, 4000);
}

TEST(what_was_here_before_is_cut_off)
{
    fixture *x = established(WAY_PASSIVE);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
    x_inject(x, .flags = TCP_ACK, .seq = 51, .ack = 1, .bytes = 100);
    CHECK_EQ(x_hits(x, TERN_RULE_TEXT_DUPLICATE), 1);
    x_recv(x, 150);
    CHECK_EQ(x_status(x).bytes_received, 150);
}

TEST(octets_that_differ_from_what_is_here_already_are_not_taken)
{
    fixture *x = established(WAY_PASSIVE);
    uint8_t data[8] = {0};

    x_inject(x, .flags = TCP_ACK, .seq = 4, .ack = 1, .bytes = 3, .text = "def");
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 8, .text = "abcDEFgh");
    CHECK_EQ(tern_recv(x->stack, x->now_us, x->c, data, sizeof data), 8);
    CHECK_MEM(data, "abcDEFgh", 3);
    CHECK_EQ(data[7], 'h');
}

TEST(text_after_the_fin_is_ignored)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_CLOSE_WAIT, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK, .seq = 2, .ack = 1, .bytes = 10);
    CHECK_EQ(x_hits(x, TERN_RULE_TEXT_AFTER_FIN), 1);
    CHECK_EQ(x_status(x).recv_queue_bytes, 0);
    x_state(x, TERN_CLOSE_WAIT);
}

TEST(text_for_a_program_that_has_closed_is_answered_with_a_reset)
{
    static const tern_state states[] = {TERN_FIN_WAIT_1, TERN_FIN_WAIT_2};

    for (unsigned i = 0; i < 2; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, states[i], WAY_PASSIVE | WAY_RELEASED);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = x->peer.tern_next, .bytes = 10);
        CHECK_EQ(x_hits(x, TERN_RULE_TEXT_AFTER_CLOSE), 1);
        x_expect(x, .flags = TCP_RST | TCP_ACK, .seq = 2, .ack = 1);
        x_state(x, TERN_CLOSED);
        CHECK_EQ(x_usage(x).connections, 0);
        fixture_end(x);
    }
}

TEST(text_that_was_here_before_the_program_closed_is_no_loss)
{
    fixture *x = established(WAY_PASSIVE);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10);
    x_recv(x, 10);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    x_expect(x, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 11);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10); /* again */
    CHECK_EQ(x_hits(x, TERN_RULE_TEXT_AFTER_CLOSE), 0);
    x_expect(x, .flags = TCP_ACK, .seq = 2, .ack = 11);
    x_state(x, TERN_FIN_WAIT_1);
}

TEST(a_program_that_does_not_read_has_data_discarded_and_acknowledged)
{
    fixture *x = established(WAY_PASSIVE);
    uint8_t octet;

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1000);
    x_run(x, 40);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_READ), TERN_OK);
    CHECK_EQ(x_usage(x).chunks, 0);
    CHECK_EQ(tern_recv(x->stack, x->now_us, x->c, &octet, 1), 0);
    for (uint32_t at = 1001; at < 300000; at += 2000) { /* more than the window */
        x_inject(x, .flags = TCP_ACK, .seq = at, .ack = 1, .bytes = 1000);
        x_inject(x, .flags = TCP_ACK, .seq = at + 1000, .ack = 1, .bytes = 1000);
        x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = at + 2000, .window = 65535);
    }
    CHECK_EQ(x_hits(x, TERN_RULE_TEXT_DISCARDED), 300);
    CHECK_EQ(x_usage(x).chunks, 0);
    x_inject(x, .flags = TCP_ACK, .seq = 301501, .ack = 1, .bytes = 500); /* early, then the gap */
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 301001, .ack = 1, .bytes = 500);
    x_run(x, 40);
    CHECK_EQ(x_usage(x).chunks, 0);
    CHECK_EQ(x_usage(x).ranges, 0);
    CHECK_EQ(x_status(x).rcv_nxt, x->peer.iss + 301001 + 1000);
}

static fixture *with_few_chunks(void)
{
    tern_config c = fixture_config();

    c.chunks_max = 4;
    c.chunk_bytes = 128; /* 120 octets each */
    fixture *x = fixture_begin(&c);
    x_establish(x, WAY_PASSIVE);
    return x;
}

TEST(an_empty_pool_drops_data_without_an_ack_until_there_is_room)
{
    fixture *x = with_few_chunks();

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 480);
    x_expect_after(x, 40, .flags = TCP_ACK, .seq = 1, .ack = 481);
    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 481, .ack = 1, .bytes = 100),
             TERN_RULE_TEXT_NO_ROOM);
    x_advance(x, 1000);
    x_recv(x, 480);
    x_run(x, 0);
    x_inject(x, .flags = TCP_ACK, .seq = 481, .ack = 1, .bytes = 100);
    x_expect_after(x, 40, .flags = TCP_ACK, .seq = 1, .ack = 581);
    x_recv(x, 100);
}

TEST(an_almost_empty_pool_takes_what_fits)
{
    fixture *x = with_few_chunks();

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 400);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 401, .ack = 1, .bytes = 200);
    CHECK_EQ(x_status(x).recv_queue_bytes, 480);
    x_state(x, TERN_ESTABLISHED);
    x_recv(x, 480);
    x_run(x, 0);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 401, .ack = 1, .bytes = 200);
    x_state(x, TERN_CLOSE_WAIT);
    x_recv(x, 120);
}

TEST(what_came_early_gives_way_to_what_is_in_order)
{
    fixture *x = with_few_chunks();

    x_inject(x, .flags = TCP_ACK, .seq = 101, .ack = 1, .bytes = 480); /* all there is */
    CHECK_EQ(x_usage(x).chunks, 4);
    x_run(x, 0);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
    CHECK(x_status(x).recv_queue_bytes >= 100);
    x_recv(x, 100);
}

TEST(without_chunks_nothing_can_be_sent_until_there_are_some)
{
    fixture *x = with_few_chunks();
    uint8_t data[600] = {0};

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 480);
    x_run(x, 40);
    CHECK_EQ(tern_send(x->stack, x->now_us, x->c, data, sizeof data), TERN_ERR_NO_RESOURCES);
    CHECK_EQ(x_usage(x).flights, 0);
    x_recv(x, 240);
    CHECK_EQ(tern_send(x->stack, x->now_us, x->c, data, sizeof data), 240);
}

TEST(without_flights_nothing_can_be_sent_until_there_is_one)
{
    tern_config c = fixture_config();
    uint8_t octet = 0;

    c.flights_max = 1;
    fixture *x = fixture_begin(&c);
    x_establish(x, WAY_PASSIVE);
    struct peer first = x->peer;
    tern_handle a = x->c;
    x->peer.remote.port = 40001;
    x_inject(x, .flags = TCP_SYN, .mss = 1460);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_accept(x);
    CHECK_EQ(tern_send(x->stack, x->now_us, a, &octet, 1), 1);
    CHECK_EQ(tern_send(x->stack, x->now_us, x->c, &octet, 1), TERN_ERR_NO_RESOURCES);
    x_run(x, 0);
    x->peer = first;
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 2);
    CHECK_EQ(tern_send(x->stack, x->now_us, x->c, &octet, 1), 1);
}

static void reset_by_peer(fixture *x, uint32_t at)
{
    x_inject(x, .flags = TCP_RST, .seq = at);
    x_state(x, TERN_CLOSED);
}

TEST(what_was_not_read_before_a_reset_can_still_be_read_or_is_given_back)
{
    fixture *x = established(WAY_PASSIVE);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1000);
    reset_by_peer(x, 1001);
    x_recv(x, 400);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    CHECK_EQ(x_usage(x).chunks, 0);
    CHECK_EQ(x_usage(x).connections, 0);
}

TEST(what_nobody_accepted_is_given_back_when_its_listener_closes)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    x_inject(x, .flags = TCP_SYN, .mss = 1460);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1000);
    reset_by_peer(x, 1001);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->listener), TERN_OK);
    CHECK_EQ(x_usage(x).chunks, 0);
    CHECK_EQ(x_usage(x).connections, 0);
}
