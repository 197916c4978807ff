/* urgent_test.c - 6th: the urgent mechanism, both ways (RFC 9293 3.8.5, 3.10.7.4; RFC 6093). */
#include "tests/unit/tcp_fixture.h"

static fixture *established(unsigned ways)
{
    fixture *x = fixture_begin(NULL);
    tern_event event;

    x_bring(x, TERN_ESTABLISHED, ways);
    while (tern_next_event(x->stack, &event))
        continue;
    return x;
}

static ptrdiff_t mark(const fixture *x)
{
    return tern_urgent_mark(x->stack, x->c);
}

static void send_urgent(fixture *x, uint32_t bytes)
{
    static uint8_t data[80000];

    CHECK(bytes <= sizeof data);
    for (uint32_t i = 0; i < bytes; i++)
        data[i] = pattern_octet(1 + x->peer.sent + i);
    CHECK_EQ(tern_send_urgent(x->stack, x->now_us, x->c, data, bytes), bytes);
    x->peer.sent += bytes;
}

/* ---- Receiving ---- */

TEST(urgent_data_is_delivered_in_line_and_told)
{
    fixture *x = established(WAY_PASSIVE);

    CHECK_EQ(mark(x), 0);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10);
    x_event(x, x->c, TERN_EVENT_READABLE);
    x_inject(x, .flags = TCP_ACK | TCP_URG, .seq = 11, .ack = 1, .bytes = 10, .urgent = 5);
    CHECK_EQ(x_hits(x, TERN_RULE_URGENT_IN_LINE), 1);
    x_event(x, x->c, TERN_EVENT_READABLE | TERN_EVENT_URGENT);
    CHECK_EQ(mark(x), 15); /* MUST-62: the pointer names the octet behind the urgent data */
    CHECK_EQ(x_status(x).urgent_bytes, 15);
    x_recv(x, 14);
    CHECK_EQ(mark(x), 1);
    x_recv(x, 1);
    CHECK_EQ(mark(x), 0);
    x_recv(x, 5);
}

TEST(urgent_pointer_that_moves_on_is_told_again)
{
    fixture *x = established(WAY_PASSIVE);

    x_inject(x, .flags = TCP_ACK | TCP_URG, .seq = 1, .ack = 1, .bytes = 10, .urgent = 5);
    x_event(x, x->c, TERN_EVENT_READABLE | TERN_EVENT_URGENT);
    x_inject(x, .flags = TCP_ACK | TCP_URG, .seq = 11, .ack = 1, .bytes = 10, .urgent = 65535);
    x_event(x, x->c, TERN_EVENT_READABLE | TERN_EVENT_URGENT);
    CHECK_EQ(mark(x), 10 + 65535); /* also before all of it is here */
    x_inject(x, .flags = TCP_ACK | TCP_URG, .seq = 21, .ack = 1, .bytes = 10, .urgent = 65525);
    x_event(x, x->c, TERN_EVENT_READABLE);
    CHECK_EQ(x_hits(x, TERN_RULE_URGENT_IN_LINE), 2);
    CHECK_EQ(x_hits(x, TERN_RULE_URGENT_OLD), 1);
    x_inject(x, .flags = TCP_ACK, .seq = 31, .ack = 1, .bytes = 10, .urgent = 65000); /* no URG */
    CHECK_EQ(mark(x), 10 + 65535);
    x_recv(x, 40);
    CHECK_EQ(mark(x), 65535 - 30);
}

TEST(urgent_pointer_that_is_old_says_nothing)
{
    fixture *x = established(WAY_PASSIVE);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
    x_recv(x, 50);
    x_event(x, x->c, TERN_EVENT_READABLE);
    x_inject(x, .flags = TCP_ACK | TCP_URG, .seq = 41, .ack = 1, .bytes = 70, .urgent = 10);
    CHECK_EQ(x_hits(x, TERN_RULE_URGENT_OLD), 1);
    CHECK_EQ(mark(x), 0);
    x_inject(x, .flags = TCP_ACK | TCP_URG, .seq = 111, .ack = 1, .bytes = 1, .urgent = 0);
    CHECK_EQ(x_hits(x, TERN_RULE_URGENT_OLD), 1);
    CHECK_EQ(mark(x), 60); /* behind octet 110, which the program has not read */
}

TEST(urgent_pointer_counts_from_the_segment_not_from_what_is_new_of_it)
{
    fixture *x = established(WAY_PASSIVE);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
    x_inject(x, .flags = TCP_ACK | TCP_URG, .seq = 51, .ack = 1, .bytes = 100, .urgent = 80);
    CHECK_EQ(mark(x), 130);
    x_recv(x, 150);
    CHECK_EQ(mark(x), 0);
}

TEST(urgent_data_that_came_before_its_pointer)
{
    fixture *x = established(WAY_PASSIVE);

    x_inject(x, .flags = TCP_ACK | TCP_URG, .seq = 11, .ack = 1, .bytes = 10, .urgent = 10);
    CHECK_EQ(mark(x), 20); /* of a segment that is early */
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10);
    x_recv(x, 20);
    CHECK_EQ(mark(x), 0);
}

TEST(urgent_pointer_through_a_closed_window)
{
    tern_config c = fixture_config();

    c.recv_buffer_bytes = 100;
    fixture *x = fixture_begin(&c);
    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 100);
    x_run(x, 100);
    x_inject(x, .flags = TCP_ACK | TCP_URG, .seq = 101, .ack = 1, .bytes = 1, .urgent = 7);
    CHECK_EQ(mark(x), 107); /* MUST-66 */
    CHECK_EQ(x_status(x).recv_queue_bytes, 100);
}

TEST(urgent_pointer_in_a_synack_counts_from_its_syn)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_SENT, WAY_ACTIVE);
    x_inject(x, .flags = TCP_SYN | TCP_ACK | TCP_URG, .ack = 1, .mss = 1460, .urgent = 4);
    x_state(x, TERN_ESTABLISHED);
    CHECK_EQ(mark(x), 3);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 3);
    x_recv(x, 3);
    CHECK_EQ(mark(x), 0);
}

TEST(urgent_pointer_after_the_peers_fin_is_ignored)
{
    fixture *x = established(WAY_PASSIVE);

    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 1);
    x_inject(x, .flags = TCP_ACK | TCP_URG, .seq = 2, .ack = 1, .urgent = 9);
    CHECK_EQ(x_hits(x, TERN_RULE_URGENT_IN_LINE), 0);
    CHECK_EQ(mark(x), 0);
}

TEST(urgent_pointer_beyond_the_fin_ends_there)
{
    fixture *x = established(WAY_PASSIVE);

    x_inject(x, .flags = TCP_ACK | TCP_URG | TCP_FIN, .seq = 1, .ack = 1, .bytes = 10,
             .urgent = 500);
    x_state(x, TERN_CLOSE_WAIT);
    CHECK_EQ(mark(x), 10);
    x_recv(x, 10);
    CHECK_EQ(mark(x), 0);
}

/* One place for two facts: the urgent data is kept, the FIN comes again. */
TEST(urgent_data_and_a_fin_that_is_early)
{
    fixture *x = established(WAY_PASSIVE);

    x_inject(x, .flags = TCP_ACK | TCP_URG, .seq = 1, .ack = 1, .bytes = 10, .urgent = 30);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 21, .ack = 1, .bytes = 10);
    CHECK_EQ(x_hits(x, TERN_RULE_FIN_EARLY), 0);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 11);
    x_inject(x, .flags = TCP_ACK, .seq = 11, .ack = 1, .bytes = 10);
    x_state(x, TERN_ESTABLISHED);
    CHECK_EQ(mark(x), 30);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 31, .ack = 1);
    x_state(x, TERN_CLOSE_WAIT);
    CHECK_EQ(mark(x), 30);
    x_recv(x, 30);
}

TEST(urgent_pointer_after_an_early_fin_takes_its_place)
{
    fixture *x = established(WAY_PASSIVE);

    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 11, .ack = 1, .bytes = 10);
    CHECK_EQ(x_hits(x, TERN_RULE_FIN_EARLY), 1);
    x_inject(x, .flags = TCP_ACK | TCP_URG, .seq = 1, .ack = 1, .bytes = 10, .urgent = 10);
    x_state(x, TERN_ESTABLISHED);
    CHECK_EQ(mark(x), 10);
    x_recv(x, 20);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 21, .ack = 1);
    x_state(x, TERN_CLOSE_WAIT);
}

TEST(urgent_data_for_a_program_that_reads_no_more)
{
    fixture *x = established(WAY_PASSIVE);

    x_inject(x, .flags = TCP_ACK | TCP_URG, .seq = 1, .ack = 1, .bytes = 10, .urgent = 30);
    x_event(x, x->c, TERN_EVENT_READABLE | TERN_EVENT_URGENT);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_READ), TERN_OK);
    CHECK_EQ(mark(x), 0);
    x_inject(x, .flags = TCP_ACK | TCP_URG, .seq = 11, .ack = 1, .bytes = 10, .urgent = 90);
    CHECK_EQ(mark(x), 0);
    x_no_event(x);
}

/* ---- Sending ---- */

TEST(urgent_data_is_sent_with_urg_until_it_is_acknowledged)
{
    fixture *x = established(WAY_PASSIVE);

    send_urgent(x, 10);
    x_expect(x, .flags = TCP_ACK | TCP_PSH | TCP_URG, .seq = 1, .ack = 1, .bytes = 10,
             .urgent = 10);
    x_expect_nothing(x);
    CHECK_EQ(x_hits(x, TERN_RULE_URGENT_SENT), 1);
    x_expect_after(x, 1000, .flags = TCP_ACK | TCP_PSH | TCP_URG, .seq = 1, .ack = 1, .bytes = 10,
                   .urgent = 10);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 11);
    x_send(x, 5);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 11, .ack = 1, .bytes = 5);
}

TEST(urgent_pointer_stands_behind_the_data_in_each_segment_before_it)
{
    fixture *x = established(WAY_PASSIVE);

    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_NODELAY, 1), TERN_OK);
    x_send(x, 2000);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1460);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1461, .ack = 1, .bytes = 540);
    send_urgent(x, 1000);
    x_send(x, 100);
    x_expect(x, .flags = TCP_ACK | TCP_PSH | TCP_URG, .seq = 2001, .ack = 1, .bytes = 1100,
             .urgent = 1000);
    /* The first segment again: it lies before the urgent data's end too. */
    x_expect_after(x, 1000, .flags = TCP_ACK | TCP_URG, .seq = 1, .ack = 1, .bytes = 1460,
                   .urgent = 3000);
}

TEST(urgent_pointer_beyond_its_field_says_what_it_can)
{
    tern_config c = fixture_config();

    c.send_buffer_bytes = 100000;
    fixture *x = fixture_begin(&c);
    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE | WAY_OPTIONS);
    send_urgent(x, 70000);
    uint8_t packet[1500];
    CHECK(x_output(x, packet) > 0);
    CHECK_EQ(packet[20 + 18] << 8 | packet[20 + 19], 65535);
    CHECK_EQ(x_hits(x, TERN_RULE_URGENT_FAR), 1);
    uint32_t ahead = 65535;
    for (uint32_t acked = 0; acked < 70000;) {
        while (x_output(x, packet) > 0 && (packet[20 + 13] & TCP_URG) != 0) {
            uint32_t now = (uint32_t)(packet[20 + 18] << 8 | packet[20 + 19]);
            CHECK(now <= ahead);
            ahead = now;
        }
        acked = x_status(x).snd_nxt - x_status(x).iss - 1;
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1 + acked);
    }
    CHECK(ahead <= 1460); /* MUST-31: any length, and the last segment names its very end */
}

TEST(urgent_data_is_told_through_a_closed_window)
{
    fixture *x = established(WAY_PASSIVE);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = WINDOW_ZERO);
    send_urgent(x, 10);
    x_expect(x, .flags = TCP_ACK | TCP_URG, .seq = 1, .ack = 1, .urgent = 10);
    x_expect_nothing(x);
}

TEST(urgent_data_before_the_handshake_is_done)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_SENT, WAY_ACTIVE);
    send_urgent(x, 10);
    x_expect_nothing(x);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460);
    x_expect(x, .flags = TCP_ACK | TCP_PSH | TCP_URG, .seq = 1, .ack = 1, .bytes = 10,
             .urgent = 10);
    x_expect_nothing(x);
}

TEST(urgent_calls_with_wrong_arguments)
{
    fixture *x = established(WAY_PASSIVE);
    tern_handle none = {0, 0};
    uint8_t data[4] = {0};

    CHECK_EQ(tern_send_urgent(x->stack, x->now_us, none, data, 4), TERN_ERR_STALE);
    CHECK_EQ(tern_send_urgent(x->stack, x->now_us, x->c, NULL, 4), TERN_ERR_INVALID);
    CHECK_EQ(tern_send_urgent(x->stack, x->now_us, x->c, data, 0), 0);
    CHECK_EQ(tern_urgent_mark(x->stack, none), TERN_ERR_STALE);
    x_expect_nothing(x);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_WRITE), TERN_OK);
    CHECK_EQ(tern_send_urgent(x->stack, x->now_us, x->c, data, 4), TERN_ERR_CLOSING);
}
