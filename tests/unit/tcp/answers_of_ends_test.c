/* answers_of_ends_test.c - answers of connections that end or are not there, in which real stacks
 * differ: each key both ways (docs/decisions/0016, 0027). */
#include "tern/profile.h"
#include "tests/unit/tcp_fixture.h"

/* The program has the handle, or has given it back: both answer alike. */
static const unsigned holds[] = {WAY_PASSIVE, WAY_RELEASED};

TEST(insecure_rst_a_reset_anywhere_ends_a_half_open_connection)
{
    for (unsigned insecure = 0; insecure < 2; insecure++) {
        tern_config c = fixture_config_with("insecure_rst", insecure ? "yes" : "no");
        fixture *x = fixture_begin(&c);
        x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
        x_inject(x, .flags = TCP_RST, .seq = 70000); /* outside */
        CHECK_EQ(x_usage(x).half_open, 1);
        x_inject(x, .flags = TCP_RST, .seq = 100);
        CHECK_EQ(x_usage(x).half_open, !insecure);
        if (!insecure)
            x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
        CHECK_EQ(x_hits(x, TERN_RULE_RST_ANYWHERE_ACCEPTED), insecure);
        CHECK_EQ(x_hits(x, TERN_RULE_RST_CHALLENGED), !insecure);
    }
}

TEST(a_reset_in_the_last_states_is_told_or_not)
{
    static const tern_state states[] = {TERN_CLOSING, TERN_LAST_ACK};

    for (unsigned i = 0; i < 4; i++) {
        tern_config c = fixture_config_with("closing_rst_told", i < 2 ? "yes" : "no");
        fixture *x = fixture_begin(&c);
        x_bring(x, states[i % 2], WAY_PASSIVE);
        x_inject(x, .flags = TCP_RST, .seq = x->peer.next);
        x_state(x, TERN_CLOSED);
        CHECK_EQ(x_status(x).error, i < 2 ? TERN_ERR_RESET : TERN_OK);
    }
}

TEST(an_empty_ack_in_time_wait_is_answered_or_not)
{
    for (unsigned i = 0; i < 4; i++) {
        bool answers = i < 2;
        tern_config c = fixture_config_with("time_wait_answers_empty", answers ? "yes" : "no");
        fixture *x = fixture_begin(&c);
        x_bring(x, TERN_TIME_WAIT, holds[i % 2]);
        x_inject(x, .flags = TCP_ACK, .seq = 2, .ack = 2); /* that of our FIN */
        x_expect_nothing(x);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 2);
        if (answers)
            x_expect(x, .flags = TCP_ACK, .seq = 2, .ack = 2);
        x_inject(x, .flags = TCP_ACK, .seq = 100, .ack = 2);
        if (answers)
            x_expect(x, .flags = TCP_ACK, .seq = 2, .ack = 2);
        x_expect_nothing(x);
        CHECK_EQ(x_hits(x, TERN_RULE_TIME_WAIT_OLD), answers ? 2 : 0);
        x_state(x, TERN_TIME_WAIT);
    }
}

/* The peer's FIN had 1, so RCV.NXT is 2: a new connection may begin there by RFC 6191. */
TEST(a_syn_in_time_wait_opens_anew_from_rcv_nxt_on_or_beyond)
{
    for (unsigned i = 0; i < 4; i++) {
        bool beyond = i < 2;
        tern_config c = fixture_config_with("time_wait_syn", beyond ? "beyond" : "newer");
        fixture *x = fixture_begin(&c);
        x_bring(x, TERN_TIME_WAIT, holds[i % 2]);
        x_inject(x, .flags = TCP_SYN, .seq = 1);
        if (!beyond)
            x_expect(x, .flags = TCP_ACK, .seq = 2, .ack = 2);
        x_expect_nothing(x);
        CHECK_EQ(x_hits(x, TERN_RULE_TIME_WAIT_SYN_DROPPED), beyond);
        CHECK_EQ(x_hits(x, TERN_RULE_TIME_WAIT_SYN_REFUSED), !beyond);
        x_inject(x, .flags = TCP_SYN, .seq = 2);
        CHECK_EQ(x_hits(x, TERN_RULE_TIME_WAIT_REUSED), !beyond);
        if (!beyond)
            continue;
        x_expect_nothing(x);
        x_inject(x, .flags = TCP_SYN, .seq = 3);
        CHECK_EQ(x_hits(x, TERN_RULE_TIME_WAIT_REUSED), 1);
    }
}

/* An ACK of our FIN whose number is that of the peer's own FIN. */
TEST(an_ack_left_of_the_window_counts_or_not)
{
    for (unsigned counts = 0; counts < 2; counts++) {
        tern_config c = fixture_config_with("old_ack_counts", counts ? "yes" : "no");
        fixture *x = fixture_begin(&c);
        x_bring(x, TERN_LAST_ACK, WAY_PASSIVE);
        x_inject(x, .flags = TCP_ACK, .seq = x->peer.next - 1, .ack = x->peer.tern_next);
        x_state(x, counts ? TERN_CLOSED : TERN_LAST_ACK);
        if (!counts)
            x_expect(x, .flags = TCP_ACK, .seq = x->peer.tern_next, .ack = x->peer.next);
        x_expect_nothing(x);
        CHECK_EQ(x_hits(x, TERN_RULE_OLD_ACK_COUNTS), counts);
    }
}

/* Its text and FIN do not, and it is answered as ever. */
TEST(of_a_segment_left_of_the_window_only_the_ack_counts)
{
    tern_config c = fixture_config_with("old_ack_counts", "yes");
    fixture *x = fixture_begin(&c);

    x_establish(x, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10);
    x_expect_after(x, 40, .flags = TCP_ACK, .seq = 1, .ack = 11);
    x_recv(x, 10);
    x_send(x, 100);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 11, .bytes = 100);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 101, .bytes = 10);
    x_expect(x, .flags = TCP_ACK, .seq = 101, .ack = 11);
    CHECK_EQ(x_status(x).send_queue_bytes, 0);
    CHECK_EQ(x_status(x).recv_queue_bytes, 0);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 101, .bytes = 9);
    x_expect(x, .flags = TCP_ACK, .seq = 101, .ack = 11);
    x_state(x, TERN_ESTABLISHED);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .seq = 0, .ack = 101);
    x_state(x, TERN_ESTABLISHED);
    CHECK_EQ(x_hits(x, TERN_RULE_OLD_ACK_COUNTS), 2);
}

static const tern_state everywhere[] = {
    TERN_LISTEN,     TERN_SYN_SENT,   TERN_SYN_RECEIVED, TERN_ESTABLISHED, TERN_FIN_WAIT_1,
    TERN_FIN_WAIT_2, TERN_CLOSE_WAIT, TERN_CLOSING,      TERN_LAST_ACK,    TERN_TIME_WAIT,
};

TEST(syn_fin_is_dropped_in_every_state_where_the_configuration_says_so)
{
    tern_config c = fixture_config_with("syn_fin_dropped", "yes");

    CHECK_EQ(tern_profile_key_set(&c, "syn_fin_accepted", "yes", NULL), TERN_OK);
    for (unsigned i = 0; i < sizeof everywhere / sizeof everywhere[0]; i++) {
        fixture *x = fixture_begin(&c);
        if (everywhere[i] == TERN_LISTEN)
            x_listen(x);
        else
            x_bring(x, everywhere[i], everywhere[i] == TERN_SYN_SENT ? WAY_ACTIVE : WAY_PASSIVE);
        x_inject(x, .flags = TCP_SYN | TCP_FIN, .seq = x->peer.next, .mss = FIXTURE_MSS);
        x_expect_nothing(x);
        if (everywhere[i] != TERN_LISTEN)
            x_state(x, everywhere[i]);
        CHECK_EQ(x_hits(x, TERN_RULE_SYN_FIN_DROPPED), 1);
    }
}

TEST(a_closed_port_answers_or_is_a_black_hole)
{
    static const char *const ways[] = {"off", "syn", "all"};

    for (unsigned i = 0; i < 3; i++) {
        tern_config c = fixture_config_with("blackhole", ways[i]);
        fixture *x = fixture_begin(&c);
        x_inject(x, .flags = TCP_SYN, .raw = true, .seq = 5);
        if (i == 0)
            x_expect(x, .flags = TCP_RST | TCP_ACK, .raw = true, .seq = 0, .ack = 6);
        x_inject(x, .flags = TCP_ACK, .raw = true, .seq = 5, .ack = 77);
        if (i < 2)
            x_expect(x, .flags = TCP_RST, .raw = true, .seq = 77);
        x_expect_nothing(x);
        CHECK_EQ(x_hits(x, TERN_RULE_CLOSED_BLACKHOLE), i);
    }
}
