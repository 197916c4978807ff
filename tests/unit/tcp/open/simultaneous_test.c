/* simultaneous_test.c - both sides open at once: RFC 9293 3.5, figure 8. */
#include "tests/unit/tcp_fixture.h"

TEST(simultaneous_open_crossing_syns)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_SENT, 0);
    CHECK_EQ(x_inject(x, .flags = TCP_SYN, .mss = 1460), TERN_RULE_SIMULTANEOUS_OPEN);
    x_state(x, TERN_SYN_RECEIVED);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460);
    x_state(x, TERN_ESTABLISHED);
    CHECK_EQ(x_usage(x).connections, 1); /* one connection, not two */
    x_send(x, 10);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
}

TEST(simultaneous_open_crossing_syn_ack_has_an_ack_where_the_configuration_says_so)
{
    for (unsigned told = 0; told < 2; told++) {
        tern_config c = fixture_config();
        c.crossing_answered = true;
        c.dsack = told != 0;
        fixture *x = fixture_begin(&c);
        x_bring(x, TERN_SYN_RECEIVED, WAY_SIMULTANEOUS | WAY_OPTIONS);
        x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .ts = true);
        x_state(x, TERN_ESTABLISHED);
        CHECK_EQ(tern_counter(x->stack, TERN_RULE_CROSSING_ANSWERED), 1);
        tcp_sack_block syn = {seq_of(0), seq_of(1)};
        if (told)
            x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .sack_count = 1, .sack = {syn});
        else
            x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
        x_expect_nothing(x);
    }
}

TEST(simultaneous_open_done_by_a_plain_ack)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_SIMULTANEOUS | WAY_OPTIONS);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 100);
    x_state(x, TERN_ESTABLISHED);
    CHECK_EQ(x_status(x).snd_wnd, 100u << 7);
}

TEST(simultaneous_open_tells_the_program)
{
    fixture *x = fixture_begin(NULL);
    tern_event e;

    x_bring(x, TERN_SYN_RECEIVED, WAY_SIMULTANEOUS);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    CHECK(tern_next_event(x->stack, &e));
    CHECK((e.what & TERN_EVENT_CONNECTED) != 0);
}

TEST(simultaneous_open_window_of_the_crossing_synack_is_not_scaled)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_SIMULTANEOUS | WAY_OPTIONS);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .ts = true, .window = 1000);
    x_state(x, TERN_ESTABLISHED);
    CHECK_EQ(x_status(x).snd_wnd, 1000);
}

TEST(simultaneous_open_synack_goes_out_again)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_SIMULTANEOUS);
    x_expect_after(x, 1000, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_expect_after(x, 2000, .flags = TCP_SYN | TCP_ACK, .ack = 1);
}

TEST(simultaneous_open_the_peers_syn_again_is_acknowledged)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_SIMULTANEOUS);
    x_inject(x, .flags = TCP_SYN);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_state(x, TERN_SYN_RECEIVED);
}

TEST(simultaneous_open_new_syn_is_challenged)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_SIMULTANEOUS);
    CHECK_EQ(x_inject(x, .flags = TCP_SYN, .seq = 5), TERN_RULE_SYN_CHALLENGED);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_state(x, TERN_SYN_RECEIVED);
}

TEST(simultaneous_open_reset_is_a_refusal)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_SIMULTANEOUS);
    CHECK_EQ(x_inject(x, .flags = TCP_RST, .seq = 1), TERN_RULE_SYN_RECEIVED_RST_REFUSED);
    x_state(x, TERN_CLOSED);
    CHECK_EQ(x_status(x).error, TERN_ERR_REFUSED);
}

TEST(simultaneous_open_closed_at_once)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_SIMULTANEOUS);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_WRITE), TERN_OK);
    x_state(x, TERN_FIN_WAIT_1);
    x_expect_nothing(x); /* the FIN waits for the ACK of the SYN */
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_expect(x, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 2);
    x_state(x, TERN_FIN_WAIT_2);
}

TEST(simultaneous_open_closed_before_the_crossing_synack)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_SIMULTANEOUS);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_WRITE), TERN_OK);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_expect(x, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 1);
}

TEST(simultaneous_open_closed_at_once_sends_its_synack_again)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_SIMULTANEOUS);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    x_expect_after(x, 1000, .flags = TCP_SYN | TCP_ACK, .ack = 1);
}

TEST(simultaneous_open_closed_with_data_queued)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_SIMULTANEOUS);
    x_send(x, 50);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_WRITE), TERN_OK);
    x_state(x, TERN_SYN_RECEIVED); /* RFC 9293 3.10.4: queued until ESTABLISHED */
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_WRITE), TERN_ERR_CLOSING);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_state(x, TERN_FIN_WAIT_1);
    x_expect(x, .flags = TCP_FIN | TCP_PSH | TCP_ACK, .seq = 1, .ack = 1, .bytes = 50);
}

TEST(simultaneous_open_given_back_with_data_queued)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_SIMULTANEOUS);
    x_send(x, 50);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_expect(x, .flags = TCP_FIN | TCP_PSH | TCP_ACK, .seq = 1, .ack = 1, .bytes = 50);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 52);
    x_state(x, TERN_FIN_WAIT_2);
}

TEST(simultaneous_open_both_close_at_once)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_SIMULTANEOUS);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    x_inject(x, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 1);
    x_state(x, TERN_CLOSING);
    x_expect(x, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 2);
    x_inject(x, .flags = TCP_ACK, .seq = 2, .ack = 2);
    x_state(x, TERN_TIME_WAIT);
}

TEST(simultaneous_open_closed_at_once_and_aborted_by_time)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_SIMULTANEOUS);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    x_run(x, 180000);
    x_state(x, TERN_CLOSED);
    CHECK_EQ(x_usage(x).connections, 0);
}
