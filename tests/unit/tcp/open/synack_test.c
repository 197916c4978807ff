/* synack_test.c - SYN,ACK, the second step: sent from a half-open record, taken in SYN-SENT. */
#include "tests/unit/tcp_fixture.h"

TEST(synack_answers_with_what_the_syn_offered)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    x_inject(x, .flags = TCP_SYN, .mss = 1000, .scale = 1);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460, .scale = 1 + 2, .no_ts = true,
             .window = 65535);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_SYN_ACK_SENT), 1);
}

TEST(synack_to_a_bare_syn_has_an_mss_alone)
{
    fixture *x = fixture_begin(NULL);
    uint8_t packet[1500];

    x_listen(x);
    x_inject(x, .flags = TCP_SYN);
    CHECK_EQ(x_output(x, packet), 20 + 20 + 4);
}

TEST(synack_is_sent_again_after_1_2_4_8_16_seconds)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    for (uint32_t ms = 1000; ms <= 16000; ms *= 2)
        x_expect_after(x, ms, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_advance(x, 31999);
    x_state(x, TERN_SYN_RECEIVED);
    x_advance(x, 1);
    x_state(x, TERN_CLOSED);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_HALF_OPEN_EXPIRED), 1);
    CHECK_EQ(x_usage(x).half_open, 0);
}

TEST(synack_again_for_the_same_syn)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE | WAY_OPTIONS);
    uint32_t iss = x->peer.tern_iss;
    x_inject(x, .flags = TCP_SYN, .ts = true, .mss = 1460);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_SYN_ACK_AGAIN), 1);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    CHECK_EQ(x->peer.tern_iss, iss);
    CHECK_EQ(x_usage(x).half_open, 1);
}

TEST(synack_taken_in_syn_sent)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_SENT, 0);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460);
    x_state(x, TERN_ESTABLISHED);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_SYN_SENT_SYN_ACK), 1);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_expect_nothing(x);
    tern_status st = x_status(x);
    CHECK_EQ(st.snd_una, st.iss + 1);
    CHECK_EQ(st.rcv_nxt, st.irs + 1);
}

TEST(synack_again_in_established_is_challenged)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_ACTIVE);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1); /* our ACK was lost */
    x_state(x, TERN_ESTABLISHED);
}

TEST(synack_with_text_and_fin)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_SENT, 0);
    x_inject(x, .flags = TCP_SYN | TCP_ACK | TCP_FIN, .ack = 1, .text = "hello", .bytes = 5);
    x_state(x, TERN_CLOSE_WAIT);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 7);
    char text[8];
    CHECK_EQ(tern_recv(x->stack, x->now_us, x->c, text, sizeof text), 5);
    CHECK_MEM(text, "hello", 5);
    CHECK_EQ(tern_recv(x->stack, x->now_us, x->c, text, sizeof text), 0);
}

TEST(synack_with_data_queued_is_answered_with_it)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_SENT, 0);
    x_send(x, 100);
    x_expect_nothing(x);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 100);
    x_expect_nothing(x);
}

TEST(syn_sent_bad_ack_is_reset)
{
    static const uint32_t bad[] = {0, 2, 100, 0x80000000u, 0xffffffffu};

    for (unsigned i = 0; i < 5; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, TERN_SYN_SENT, 0);
        x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = bad[i]);
        CHECK_EQ(tern_counter(x->stack, TERN_RULE_SYN_SENT_BAD_ACK_RESET), 1);
        x_expect(x, .flags = TCP_RST, .seq = bad[i]);
        x_inject(x, .flags = TCP_ACK, .ack = bad[i]);
        x_expect(x, .flags = TCP_RST, .seq = bad[i]);
        x_state(x, TERN_SYN_SENT);
        fixture_end(x);
    }
}

TEST(syn_sent_bad_ack_with_rst_is_dropped)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_SENT, 0);
    CHECK_EQ(x_inject(x, .flags = TCP_RST | TCP_ACK, .ack = 2),
             TERN_RULE_SYN_SENT_BAD_ACK_RST_DROPPED);
    CHECK_EQ(x_inject(x, .flags = TCP_RST | TCP_ACK, .ack = 0),
             TERN_RULE_SYN_SENT_BAD_ACK_RST_DROPPED);
    x_expect_nothing(x);
    x_state(x, TERN_SYN_SENT);
}

TEST(syn_sent_rst_without_ack_is_dropped)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_SENT, 0);
    CHECK_EQ(x_inject(x, .flags = TCP_RST), TERN_RULE_SYN_SENT_RST_NO_ACK_DROPPED);
    CHECK_EQ(x_inject(x, .flags = TCP_RST | TCP_SYN), TERN_RULE_SYN_SENT_RST_NO_ACK_DROPPED);
    x_state(x, TERN_SYN_SENT);
    x_expect_nothing(x);
}

TEST(syn_sent_rst_refuses)
{
    fixture *x = fixture_begin(NULL);
    tern_event e;

    x_bring(x, TERN_SYN_SENT, 0);
    CHECK_EQ(x_inject(x, .flags = TCP_RST | TCP_ACK, .ack = 1), TERN_RULE_SYN_SENT_RST_REFUSED);
    x_state(x, TERN_CLOSED);
    x_expect_nothing(x);
    CHECK(tern_next_event(x->stack, &e));
    CHECK((e.what & TERN_EVENT_CLOSED) != 0);
    CHECK((e.what & TERN_EVENT_CONNECTED) == 0);
    CHECK_EQ(e.error, TERN_ERR_REFUSED);
    char octet = 0;
    CHECK_EQ(tern_send(x->stack, x->now_us, x->c, &octet, 1), TERN_ERR_REFUSED);
    CHECK_EQ(tern_recv(x->stack, x->now_us, x->c, &octet, 1), TERN_ERR_REFUSED);
    CHECK_EQ(x_status(x).error, TERN_ERR_REFUSED);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    CHECK_EQ(x_usage(x).connections, 0);
}

TEST(syn_sent_drops_what_is_neither_syn_nor_rst)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_SENT, 0);
    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .ack = 1), TERN_RULE_SYN_SENT_OTHER_DROPPED);
    CHECK_EQ(x_inject(x, .flags = 0), TERN_RULE_SYN_SENT_OTHER_DROPPED);
    CHECK_EQ(x_inject(x, .flags = TCP_FIN | TCP_ACK, .ack = 1, .bytes = 3),
             TERN_RULE_SYN_SENT_OTHER_DROPPED);
    x_expect_nothing(x);
    x_state(x, TERN_SYN_SENT);
}

TEST(synack_measures_the_round_trip)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_SENT, 0);
    x_advance(x, 250);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    CHECK_EQ(x_status(x).rtt, 250000);
    CHECK_EQ(x_status(x).rttvar, 125000);
}

TEST(synack_after_a_second_syn_measures_nothing)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_SENT, 0);
    x_expect_after(x, 1000, .flags = TCP_SYN);
    x_advance(x, 10);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    CHECK_EQ(x_status(x).rtt, 0);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_RTT_KARN), 1);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_RTO_SYN_RESET), 1);
    CHECK_EQ(x_status(x).rto, 3000000);
}

TEST(synack_after_a_second_syn_is_measured_by_its_timestamp)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_SENT, 0);
    x_expect_after(x, 1000, .flags = TCP_SYN);
    x_advance(x, 30);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .ts = true);
    CHECK_EQ(x_status(x).rtt, 30000);
}
