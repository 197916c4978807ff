/* persist_test.c - the peer's window is closed: probes, patience, and the window's return
 * (RFC 9293 3.8.6.1, MUST-34 to MUST-37). */
#include "tests/unit/tcp_fixture.h"

/* Established, the peer's window closed, and `bytes` octets waiting. */
static fixture *shut_out(uint32_t bytes)
{
    fixture *x = fixture_begin(NULL);

    x_establish(x, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = WINDOW_ZERO);
    x_send(x, bytes);
    x_expect_nothing(x);
    return x;
}

static void shut(fixture *x, uint32_t ack)
{
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = ack, .window = WINDOW_ZERO);
    x_expect_nothing(x);
}

TEST(a_closed_window_is_probed_with_one_octet_after_a_timeout)
{
    fixture *x = shut_out(1000);

    x_expect_after(x, 1000, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_PERSIST_PROBE), 1);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_RTO_BACKOFF), 0);
}

TEST(probes_back_off_up_to_a_minute_for_as_long_as_the_peer_answers)
{
    static const uint32_t waits_ms[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000};
    fixture *x = shut_out(1000);

    for (unsigned i = 0; i < sizeof waits_ms / sizeof waits_ms[0]; i++) {
        x_expect_after(x, waits_ms[i], .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1);
        shut(x, 1);
    }
    for (unsigned i = 0; i < 100; i++) { /* MUST-37: hours */
        x_expect_after(x, 60000, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1);
        shut(x, 1);
    }
    x_state(x, TERN_ESTABLISHED);
}

/* R2 is 100 s, and at least four probes must have stayed without an answer. */
TEST(a_silent_peer_is_given_up)
{
    fixture *x = shut_out(1000);
    tern_event e;

    x_expect_after(x, 1000, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1);
    shut(x, 1); /* heard at 1 s; probed at 3, 7, 15, 31 and 63 s */
    CHECK_EQ(x_run(x, 121999), 5);
    x_state(x, TERN_ESTABLISHED);
    x_advance(x, 1);
    x_state(x, TERN_CLOSED);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_R2_REACHED), 1);
    CHECK(tern_next_event(x->stack, &e));
    CHECK_EQ(e.error, TERN_ERR_TIMED_OUT);
}

TEST(one_answer_of_many_lost_ends_nothing)
{
    fixture *x = shut_out(1000);
    uint8_t packet[1500];

    for (unsigned probes = 0; probes < 60;) {
        if (x_output(x, packet) > 0 && ++probes % 3 == 0)
            shut(x, 1);
        x->now_us += 1000000;
    }
    x_state(x, TERN_ESTABLISHED);
}

TEST(an_open_window_takes_the_refused_octet_and_what_follows)
{
    fixture *x = shut_out(1000);

    x_expect_after(x, 1000, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1);
    shut(x, 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 5000);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 1000);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_WINDOW_OPENED), 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1001, .window = 5000);
    x_expect_nothing(x);
    x_advance(x, 100000);
    CHECK_EQ(tern_deadline(x->stack), TERN_NEVER);
}

TEST(an_open_window_that_also_took_the_octet)
{
    fixture *x = shut_out(1000);

    x_expect_after(x, 1000, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 2, .window = 5000);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 2, .ack = 1, .bytes = 999);
}

TEST(a_window_that_took_the_octet_and_closed_again_is_probed_with_the_next)
{
    fixture *x = shut_out(1000);

    x_expect_after(x, 1000, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1);
    shut(x, 2);
    x_expect_after(x, 1000, .flags = TCP_ACK, .seq = 2, .ack = 1, .bytes = 1); /* no backoff */
    shut(x, 2);
    x_expect_after(x, 2000, .flags = TCP_ACK, .seq = 2, .ack = 1, .bytes = 1);
}

TEST(a_window_that_closes_after_its_data_is_probed)
{
    fixture *x = fixture_begin(NULL);

    x_establish(x, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 1460);
    x_send(x, 3000);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1460);
    shut(x, 1461);
    x_expect_after(x, 1000, .flags = TCP_ACK, .seq = 1461, .ack = 1, .bytes = 1);
}

TEST(a_fin_alone_probes_a_closed_window)
{
    fixture *x = shut_out(10);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 10);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
    shut(x, 11);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_WRITE), TERN_OK);
    x_expect_nothing(x);
    x_expect_after(x, 1000, .flags = TCP_ACK | TCP_FIN, .seq = 11, .ack = 1);
    shut(x, 11);
    x_expect_after(x, 2000, .flags = TCP_ACK | TCP_FIN, .seq = 11, .ack = 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 12, .window = 100);
    x_state(x, TERN_FIN_WAIT_2);
}

TEST(an_ack_beside_a_probe_is_one_that_a_closed_window_takes)
{
    fixture *x = shut_out(1000);

    x_expect_after(x, 1000, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1);
    /* The peer, whose window is closed, sends: what it wants to see acknowledged would be lost in
     * an ACK at SND.NXT, which is beyond its window by the probe's octet. */
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100, .window = WINDOW_ZERO);
    x_expect_after(x, 40, .flags = TCP_ACK, .seq = 1, .ack = 101);
}

/* MUST-34, SHLD-16, SHLD-17, MUST-35: a peer that takes its window back. */
static fixture *shrunk_to(int32_t window)
{
    fixture *x = fixture_begin(NULL);

    x_establish(x, WAY_PASSIVE);
    x_send(x, 4380);
    CHECK_EQ(x_run(x, 0), 3);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = window);
    x_expect_nothing(x);
    return x;
}

TEST(data_under_a_window_that_shrank_is_sent_again_as_ever)
{
    fixture *x = shrunk_to(2000);

    x_expect_after(x, 1000, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1460);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 4381, .window = 65535);
    CHECK_EQ(x_status(x).unacked, 0);
}

TEST(nothing_new_is_sent_into_a_window_that_shrank)
{
    fixture *x = shrunk_to(2000);

    x_send(x, 3000);
    x_expect_nothing(x);
}

TEST(a_connection_is_not_given_up_while_the_peer_answers_from_a_window_that_shrank)
{
    fixture *x = shrunk_to(WINDOW_ZERO);
    uint8_t packet[1500];

    for (unsigned seconds = 0; seconds < 400; seconds++) {
        tern_time end_us = x->now_us + 1000000;
        while (x->now_us < end_us) {
            if (x_output(x, packet) > 0)
                x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = WINDOW_ZERO);
            x->now_us += 10000;
        }
    }
    x_state(x, TERN_ESTABLISHED);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_R2_REACHED), 0);
}

TEST(a_window_that_shrank_and_opened_is_used_at_once)
{
    fixture *x = shrunk_to(WINDOW_ZERO);

    x_expect_after(x, 1000, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1460);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = WINDOW_ZERO);
    x_run(x, 500);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 65535);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1460);
}

TEST(a_sliver_that_was_probed_is_not_sent_twice_when_the_window_opens)
{
    fixture *x = fixture_begin(NULL);

    x_establish(x, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 100);
    x_send(x, 1000);
    x_expect_after(x, 500, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 65535); /* crossed the probe */
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 101, .window = 65535);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 101, .ack = 1, .bytes = 900);
}

TEST(a_window_that_opens_before_the_syn_is_acknowledged_leaves_the_syn_alone)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_SIMULTANEOUS);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_WRITE), TERN_OK);
    x_expect_after(x, 1000, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 0, .window = WINDOW_ZERO);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 0, .window = 100);
    x_expect_after(x, 2000, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_expect(x, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 1);
}

TEST(a_sliver_that_nobody_acknowledges_backs_off)
{
    static const uint32_t waits_ms[] = {500, 2000, 4000, 8000};
    fixture *x = fixture_begin(NULL);

    x_establish(x, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 100);
    x_send(x, 1000);
    for (unsigned i = 0; i < 4; i++)
        x_expect_after(x, waits_ms[i], .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
}
