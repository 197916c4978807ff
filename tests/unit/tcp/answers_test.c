/* answers_test.c - answers in which real stacks differ: each key of the profiles that changes one,
 * both ways (docs/decisions/0016). */
#include "tern/profile.h"
#include "tests/unit/tcp_fixture.h"

#include <string.h>

/* ---- SYN and SYN,ACK on the wire ---- */

/* The options of the SYN that this configuration sends are these octets; 0xff: any. */
static void syn_options(const tern_config *c, const uint8_t *want, size_t bytes)
{
    fixture *x = fixture_begin(c);
    uint8_t packet[1500];
    const uint8_t *options = packet + 20 + TCP_HEADER_BYTES;

    x_connect(x);
    size_t got = x_output(x, packet);
    CHECK_EQ(got, 20 + TCP_HEADER_BYTES + bytes);
    for (size_t i = 0; i < bytes; i++)
        if (want[i] != 0xff)
            CHECK_EQ(options[i], want[i]);
    fixture_end(x);
}

#define TS 8, 10, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0
#define SYN_OPTIONS(c, ...)                                                                        \
    syn_options((c), (const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})

TEST(the_options_of_a_syn_as_linux_orders_and_pads_them)
{
    tern_config c = fixture_config();

    CHECK_EQ(tern_config_profile(&c, TERN_PROFILE_LINUX), TERN_OK);
    SYN_OPTIONS(&c, 2, 4, 5, 180, 4, 2, TS, 1, 3, 3, 7);
    c.timestamps = false;
    SYN_OPTIONS(&c, 2, 4, 5, 180, 1, 1, 4, 2, 1, 3, 3, 7);
    c.timestamps = true;
    c.sack = false;
    SYN_OPTIONS(&c, 2, 4, 5, 180, 1, 1, TS, 1, 3, 3, 7);
    c.option_pad = TERN_PAD_EOL;
    c.sack = true;
    c.timestamps = false;
    SYN_OPTIONS(&c, 2, 4, 5, 180, 4, 2, 1, 3, 3, 7, 0, 0);
}

TEST(the_options_of_a_syn_as_freebsd_orders_and_pads_them)
{
    tern_config c = fixture_config();

    CHECK_EQ(tern_config_profile(&c, TERN_PROFILE_FREEBSD), TERN_OK);
    SYN_OPTIONS(&c, 2, 4, 5, 180, 1, 3, 3, 6, 4, 2, TS);
    c.sack = false;
    SYN_OPTIONS(&c, 2, 4, 5, 180, 1, 3, 3, 6, 1, 1, TS);
    c.sack = true;
    c.timestamps = c.window_scale = false;
    SYN_OPTIONS(&c, 2, 4, 5, 180, 4, 2, 0, 0);
    c.option_pad = TERN_PAD_NOP;
    SYN_OPTIONS(&c, 2, 4, 5, 180, 1, 1, 4, 2);
}

TEST(the_window_and_the_shift_of_a_syn)
{
    tern_config c = fixture_config_with("syn_window", "64240");

    c.wscale_buffer_bytes = 6291456;
    fixture *x = fixture_begin(&c);
    x_connect(x);
    x_expect(x, .flags = TCP_SYN, .window = 64240, .scale = 1 + 7);
    x = fixture_begin(&c);
    x_listen(x);
    x_inject(x, .flags = TCP_SYN, .mss = FIXTURE_MSS, .scale = 1);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .window = 64240, .scale = 1 + 7);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_accept(x);
    CHECK_EQ(x_status(x).rcv_wscale, 7);
    c = fixture_config_with("wscale_buffer_bytes", "0");
    c.recv_buffer_bytes = 1000;
    x = fixture_begin(&c);
    x_connect(x);
    x_expect(x, .flags = TCP_SYN, .window = 1000, .scale = 1);
}

/* ---- LISTEN and SYN-SENT ---- */

TEST(a_syn_without_an_answer_goes_on_without_options)
{
    tern_config c = fixture_config_with("syn_plain_from", "3");
    fixture *x = fixture_begin(&c);

    x_connect(x);
    x_expect(x, .flags = TCP_SYN, .mss = 1460, .sack_ok = true, .scale = 3, .ts = true);
    for (unsigned again = 1; again < 6; again++) {
        uint32_t wait_ms = 1000u << (again - 1);
        if (again < 3)
            x_expect_after(x, wait_ms, .flags = TCP_SYN, .mss = 1460, .sack_ok = true, .scale = 3,
                           .ts = true);
        else
            x_expect_after(x, wait_ms, .flags = TCP_SYN, .mss = 1460, .no_ts = true);
    }
    CHECK_EQ(x_hits(x, TERN_RULE_SYN_PLAIN), 3);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1000, .sack_ok = true);
    CHECK_EQ(x_hits(x, TERN_RULE_SACK_AGREED), 1); /* the first SYN was here, too */
    x_state(x, TERN_ESTABLISHED);
}

TEST(a_program_may_want_a_syn_without_any_option)
{
    fixture *x = fixture_begin(NULL);

    x_connect(x);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_PLAIN_SYN, 1), TERN_OK);
    x_expect(x, .flags = TCP_SYN, .no_options = true);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_PLAIN_SYN, 0),
             TERN_ERR_INVALID);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1000, .sack_ok = true, .ts = true,
             .scale = 7);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .no_options = true);
    CHECK_EQ(x_hits(x, TERN_RULE_SACK_AGREED) + x_hits(x, TERN_RULE_TIMESTAMPS_AGREED), 0);
    x_inject(x, .flags = TCP_ACK, .seq = 101, .ack = 1, .bytes = 10);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .no_options = true, .window = 65535);
    fixture_end(x);
}

TEST(so_may_the_program_of_a_listener)
{
    for (unsigned cookies = 0; cookies < 2; cookies++) {
        tern_config c = fixture_config();
        c.syn_cookies = cookies ? TERN_COOKIES_ALWAYS : TERN_COOKIES_NEVER;
        fixture *x = fixture_begin(&c);
        x_listen(x);
        CHECK_EQ(tern_option_set(x->stack, x->now_us, x->listener, TERN_OPTION_PLAIN_SYN, 1),
                 TERN_OK);
        x_inject(x, .flags = TCP_SYN, .mss = 700, .sack_ok = true, .ts = true, .scale = 7);
        x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .no_options = true);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
        x_accept(x);
        CHECK(x_status(x).snd_mss <= 700);
        CHECK_EQ(x_status(x).snd_wscale + x_status(x).rcv_wscale, 0);
        x_inject(x, .flags = TCP_ACK, .seq = 101, .ack = 1, .bytes = 10);
        x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .no_options = true);
    }
}

TEST(syn_fin_in_listen_opens_where_the_configuration_says_so)
{
    tern_config c = fixture_config_with("syn_fin_accepted", "yes");
    fixture *x = fixture_begin(&c);

    x_listen(x);
    x_inject(x, .flags = TCP_SYN | TCP_FIN, .mss = FIXTURE_MSS);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_accept(x);
    x_state(x, TERN_ESTABLISHED); /* the FIN comes again */
}

TEST(syn_ack_in_listen_is_reset_or_dropped)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    CHECK_EQ(x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 77, .raw = true),
             TERN_RULE_LISTEN_ACK_RESET);
    tern_config c = fixture_config_with("synack_in_listen_reset", "no");
    x = fixture_begin(&c);
    x_listen(x);
    CHECK_EQ(x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 77, .raw = true),
             TERN_RULE_LISTEN_SYN_ACK_DROPPED);
    x_expect_nothing(x);
    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .ack = 77, .raw = true), TERN_RULE_LISTEN_ACK_RESET);
}

/* The peer has an old connection of these ports: half-open discovery, RFC 9293 figure 10. */
TEST(after_a_bad_ack_in_syn_sent_the_syn_goes_again_soon_and_once)
{
    tern_config c = fixture_config_with("syn_sent_bad_ack_resend_ms", "10");
    fixture *x = fixture_begin(&c);

    x_connect(x);
    x_expect(x, .flags = TCP_SYN);
    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 5, .ack = 500),
             TERN_RULE_SYN_SENT_BAD_ACK_RESEND);
    x_expect(x, .flags = TCP_RST, .seq = 500);
    x_expect_after(x, 10, .flags = TCP_SYN);
    x_inject(x, .flags = TCP_ACK, .seq = 5, .ack = 500);
    x_expect(x, .flags = TCP_RST, .seq = 500);
    CHECK_EQ(x_hits(x, TERN_RULE_SYN_SENT_BAD_ACK_RESEND), 1);
    x_expect_after(x, 2000, .flags = TCP_SYN);
    x = fixture_begin(NULL); /* the RFC has nothing of it */
    x_connect(x);
    x_expect(x, .flags = TCP_SYN);
    x_inject(x, .flags = TCP_ACK, .seq = 5, .ack = 500);
    x_expect(x, .flags = TCP_RST, .seq = 500);
    x_expect_after(x, 1000, .flags = TCP_SYN);
}

/* Its ACK is right: only the timestamp says that it answers something else. */
TEST(a_syn_ack_that_echoes_what_we_never_sent_is_reset_or_taken)
{
    for (unsigned checked = 0; checked < 2; checked++) {
        tern_config c = fixture_config_with("synack_echo_checked", checked ? "yes" : "no");
        fixture *x = fixture_begin(&c);
        x_connect(x);
        x_expect(x, .flags = TCP_SYN);
        uint32_t ours = x->peer.ts_seen;
        x_run(x, 10);
        x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .ts = true, .ts_value = 7,
                 .ts_echo = ours - 1);
        CHECK_EQ(x_hits(x, TERN_RULE_SYN_SENT_BAD_ECHO_RESET), checked);
        if (!checked) {
            x_state(x, TERN_ESTABLISHED);
            continue;
        }
        x_expect(x, .flags = TCP_RST, .seq = 1);
        x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .ts = true, .ts_value = 7,
                 .ts_echo = ours + 11);
        CHECK_EQ(x_hits(x, TERN_RULE_SYN_SENT_BAD_ECHO_RESET), 2);
        x_expect(x, .flags = TCP_RST, .seq = 1);
        x_state(x, TERN_SYN_SENT);
        x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .ts = true, .ts_value = 7,
                 .ts_echo = ours);
        x_state(x, TERN_ESTABLISHED);
    }
}

TEST(data_on_a_syn_ack_is_taken_or_comes_again)
{
    for (unsigned taken = 0; taken < 2; taken++) {
        tern_config c = fixture_config_with("accept_synack_data", taken ? "yes" : "no");
        fixture *x = fixture_begin(&c);
        x_connect(x);
        x_expect(x, .flags = TCP_SYN);
        x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = FIXTURE_MSS, .bytes = 10);
        x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = taken ? 11 : 1);
        CHECK_EQ(x_status(x).recv_queue_bytes, taken ? 10 : 0);
        CHECK_EQ(x_hits(x, TERN_RULE_SYN_DATA_IGNORED), !taken);
        if (!taken)
            x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10);
        CHECK_EQ(x_status(x).recv_queue_bytes, 10);
    }
}

/* Its data, of a SYN that crosses ours: RFC 9293 3.5 lets no program read it before ESTABLISHED. */
TEST(data_on_a_crossing_syn_is_kept_or_comes_again)
{
    for (unsigned kept = 0; kept < 2; kept++) {
        tern_config c = fixture_config_with("accept_syn_data", kept ? "yes" : "no");
        fixture *x = fixture_begin(&c);
        uint8_t octets[20];
        x_connect(x);
        x_expect(x, .flags = TCP_SYN);
        x_inject(x, .flags = TCP_SYN, .mss = FIXTURE_MSS, .text = "0123456789", .bytes = 10);
        x_state(x, TERN_SYN_RECEIVED);
        CHECK_EQ(x_hits(x, TERN_RULE_SYN_DATA_KEPT), kept);
        CHECK_EQ(x_hits(x, TERN_RULE_SYN_DATA_IGNORED), !kept);
        x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .window = 65535);
        x_no_event(x);
        CHECK_EQ(tern_recv(x->stack, x->now_us, x->c, octets, 20), TERN_ERR_WOULD_BLOCK);
        CHECK_EQ(tern_peek(x->stack, x->c, 0, octets, 20), TERN_ERR_WOULD_BLOCK);
        x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = FIXTURE_MSS, .text = "0123456789",
                 .bytes = 10);
        x_state(x, TERN_ESTABLISHED);
        x_event(x, x->c, TERN_EVENT_CONNECTED | TERN_EVENT_READABLE);
        CHECK_EQ(tern_recv(x->stack, x->now_us, x->c, octets, 20), 10);
        CHECK_EQ(memcmp(octets, "0123456789", 10), 0);
        x_expect_after(x, 40, .flags = TCP_ACK, .seq = 1, .ack = 11);
    }
}

/* The SYN,ACK comes without the data that the SYN had, or with the FIN behind it. */
TEST(a_syn_ack_that_crosses_is_an_ack_at_rcv_nxt)
{
    for (unsigned fin = 0; fin < 2; fin++) {
        tern_config c = fixture_config_with("accept_syn_data", "yes");
        fixture *x = fixture_begin(&c);
        x_connect(x);
        x_expect(x, .flags = TCP_SYN);
        x_inject(x, .flags = TCP_SYN, .mss = FIXTURE_MSS, .bytes = 10);
        x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
        uint16_t flags = TCP_SYN | TCP_ACK;
        x_inject(x, .flags = (uint16_t)(flags | TCP_FIN), .ack = 1, .mss = FIXTURE_MSS,
                 .bytes = fin ? 10 : 0);
        x_state(x, fin ? TERN_CLOSE_WAIT : TERN_ESTABLISHED);
    }
}

TEST(a_fin_on_a_syn_ack_is_taken_or_comes_again)
{
    for (unsigned taken = 0; taken < 2; taken++) {
        tern_config c = fixture_config_with("accept_synack_data", taken ? "yes" : "no");
        fixture *x = fixture_begin(&c);
        x_connect(x);
        x_expect(x, .flags = TCP_SYN);
        x_inject(x, .flags = TCP_SYN | TCP_ACK | TCP_FIN, .ack = 1, .mss = FIXTURE_MSS);
        x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = taken ? 2 : 1);
        x_state(x, taken ? TERN_CLOSE_WAIT : TERN_ESTABLISHED);
    }
}

/* ---- ACKs ---- */

static fixture *established(const tern_config *c)
{
    fixture *x = fixture_begin(c);

    x_establish(x, WAY_PASSIVE);
    return x;
}

TEST(the_first_segments_are_acknowledged_at_once)
{
    tern_config c = fixture_config_with("ack_quick_segments", "3");
    fixture *x = established(&c);

    for (uint32_t i = 0; i < 3; i++) {
        x_inject(x, .flags = TCP_ACK, .seq = 1 + 10 * i, .ack = 1, .bytes = 10);
        x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 11 + 10 * i);
    }
    CHECK_EQ(x_hits(x, TERN_RULE_ACK_QUICK), 3);
    x_inject(x, .flags = TCP_ACK, .seq = 31, .ack = 1, .bytes = 10);
    x_expect_after(x, 40, .flags = TCP_ACK, .seq = 1, .ack = 41);
}

TEST(every_second_segment_of_any_size)
{
    tern_config c = fixture_config_with("ack_every", "second-segment");
    fixture *x = established(&c);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10);
    x_expect_nothing(x);
    x_inject(x, .flags = TCP_ACK, .seq = 11, .ack = 1, .bytes = 10);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 21);
    x_inject(x, .flags = TCP_ACK, .seq = 21, .ack = 1, .bytes = 10);
    x_expect_after(x, 40, .flags = TCP_ACK, .seq = 1, .ack = 31);
}

TEST(more_than_one_full_sized_segment)
{
    tern_config c = fixture_config_with("ack_every", "over-one");
    fixture *x = established(&c);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1000);
    x_expect_nothing(x);
    x_inject(x, .flags = TCP_ACK, .seq = 1001, .ack = 1, .bytes = 10);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1011);
}

TEST(the_ack_of_a_fin_may_wait)
{
    tern_config c = fixture_config_with("fin_ack_immediate", "no");
    fixture *x = established(&c);

    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 1);
    x_state(x, TERN_CLOSE_WAIT);
    x_expect_after(x, 40, .flags = TCP_ACK, .seq = 1, .ack = 2);
    x = fixture_begin(&c); /* in FIN-WAIT it never waits */
    x_bring(x, TERN_FIN_WAIT_2, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 2);
    x_expect(x, .flags = TCP_ACK, .seq = 2, .ack = 2);
    x = established(NULL);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 1);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 2);
}

/* ---- The ends ---- */

TEST(fins_that_cross_are_answered_with_an_ack_or_the_fin_again)
{
    for (unsigned again = 0; again < 2; again++) {
        tern_config c = fixture_config_with("closing_resend_fin", again ? "yes" : "no");
        fixture *x = fixture_begin(&c);
        x_bring(x, TERN_FIN_WAIT_1, WAY_PASSIVE);
        x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 1);
        x_state(x, TERN_CLOSING);
        if (again)
            x_expect(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 2);
        else
            x_expect(x, .flags = TCP_ACK, .seq = 2, .ack = 2);
        x_expect_nothing(x);
        CHECK_EQ(x_hits(x, TERN_RULE_CLOSING_FIN_AGAIN), again);
        x_inject(x, .flags = TCP_ACK, .seq = 2, .ack = 2);
        x_state(x, TERN_TIME_WAIT);
    }
}

static const tern_state synchronized[] = {TERN_ESTABLISHED, TERN_FIN_WAIT_1, TERN_FIN_WAIT_2,
                                          TERN_CLOSE_WAIT,  TERN_CLOSING,    TERN_LAST_ACK};

TEST(insecure_rst_a_reset_anywhere_in_the_window_aborts)
{
    tern_config c = fixture_config_with("insecure_rst", "yes");

    for (unsigned i = 0; i < 6; i++) {
        fixture *x = fixture_begin(&c);
        x_bring(x, synchronized[i], WAY_PASSIVE);
        x_inject(x, .flags = TCP_RST, .seq = x->peer.next + 70000);
        x_state(x, synchronized[i]); /* outside */
        x_inject(x, .flags = TCP_RST, .seq = x->peer.next + 100);
        x_state(x, TERN_CLOSED);
        CHECK_EQ(x_hits(x, TERN_RULE_RST_ANYWHERE_ACCEPTED), 1);
        CHECK_EQ(x_hits(x, TERN_RULE_RST_CHALLENGED), 0);
    }
}

TEST(insecure_syn_a_syn_in_the_window_aborts)
{
    tern_config c = fixture_config_with("insecure_syn", "yes");

    for (unsigned i = 0; i < 6; i++) {
        fixture *x = fixture_begin(&c);
        x_bring(x, synchronized[i], WAY_PASSIVE);
        x_inject(x, .flags = TCP_SYN, .seq = x->peer.next + 100);
        x_expect(x, .flags = TCP_RST | TCP_ACK, .seq = x->peer.tern_next, .ack = x->peer.next,
                 .window = WINDOW_ZERO);
        x_state(x, TERN_CLOSED);
        CHECK_EQ(x_status(x).error, TERN_ERR_RESET);
        CHECK_EQ(x_hits(x, TERN_RULE_SYN_ABORTS), 1);
        CHECK(fixture_edge(synchronized[i], TERN_CLOSED, TERN_CAUSE_RCV_SYN));
    }
    fixture *x = fixture_begin(&c);
    x_bring(x, TERN_SYN_RECEIVED, WAY_ACTIVE);
    x_inject(x, .flags = TCP_SYN, .seq = 100);
    x_state(x, TERN_CLOSED);
    CHECK(fixture_edge(TERN_SYN_RECEIVED, TERN_CLOSED, TERN_CAUSE_RCV_SYN));
}

TEST(a_reset_from_the_number_of_the_fin)
{
    for (unsigned taken = 0; taken < 2; taken++) {
        tern_config c = fixture_config_with("rst_minus_one_accepted", taken ? "yes" : "no");
        for (unsigned i = 3; i < 6; i++) { /* CLOSE-WAIT, CLOSING, LAST-ACK */
            fixture *x = fixture_begin(&c);
            x_bring(x, synchronized[i], WAY_PASSIVE);
            x_inject(x, .flags = TCP_RST, .seq = x->peer.next - 2);
            x_state(x, synchronized[i]);
            x_inject(x, .flags = TCP_RST, .seq = x->peer.next - 1);
            x_state(x, taken ? TERN_CLOSED : synchronized[i]);
            CHECK_EQ(x_hits(x, TERN_RULE_RST_BEFORE_FIN), taken);
        }
        fixture *x = established(&c); /* no FIN is there */
        x_inject(x, .flags = TCP_RST, .seq = 0);
        x_state(x, TERN_ESTABLISHED);
    }
}

TEST(a_fin_without_ack_in_time_wait)
{
    for (unsigned needs = 0; needs < 2; needs++) {
        tern_config c = fixture_config_with("time_wait_needs_ack_flag", needs ? "yes" : "no");
        fixture *x = fixture_begin(&c);
        x_bring(x, TERN_TIME_WAIT, WAY_PASSIVE);
        tern_rule rule = x_inject(x, .flags = TCP_FIN, .seq = x->peer.next - 1);
        CHECK_EQ(rule, needs ? TERN_RULE_ACK_MISSING : TERN_RULE_TIME_WAIT_RESTARTED);
        if (needs)
            x_expect_nothing(x);
        else
            x_expect(x, .flags = TCP_ACK, .seq = x->peer.tern_next, .ack = x->peer.next);
    }
}

TEST(what_a_reset_tells_the_program)
{
    static const struct {
        tern_profile profile;
        tern_err close_wait, syn_received;
    } told[] = {
        {TERN_PROFILE_RFC9293, TERN_ERR_RESET, TERN_ERR_REFUSED},
        {TERN_PROFILE_LINUX, TERN_ERR_BROKEN_PIPE, TERN_ERR_RESET},
        {TERN_PROFILE_FREEBSD, TERN_ERR_RESET, TERN_ERR_REFUSED},
    };

    for (unsigned i = 0; i < 3; i++) {
        tern_config c = fixture_config();
        CHECK_EQ(tern_config_profile(&c, told[i].profile), TERN_OK);
        fixture *x = fixture_begin(&c);
        x_bring(x, TERN_CLOSE_WAIT, WAY_PASSIVE);
        x_inject(x, .flags = TCP_RST, .seq = x->peer.next);
        CHECK_EQ(x_status(x).error, told[i].close_wait);
        x = fixture_begin(&c);
        x_bring(x, TERN_SYN_RECEIVED, WAY_ACTIVE);
        x_inject(x, .flags = TCP_RST, .seq = 1);
        CHECK_EQ(x_status(x).error, told[i].syn_received);
    }
}

/* ---- Timestamps, probes ---- */

TEST(a_segment_without_the_agreed_timestamp_is_dropped_or_taken)
{
    for (unsigned taken = 0; taken < 2; taken++) {
        tern_config c = fixture_config_with("timestamp_may_miss", taken ? "yes" : "no");
        fixture *x = fixture_begin(&c);
        x_establish(x, WAY_PASSIVE | WAY_OPTIONS);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10, .no_ts = true);
        CHECK_EQ(x_hits(x, TERN_RULE_TIMESTAMP_MISSING), !taken);
        CHECK_EQ(x_status(x).recv_queue_bytes, taken ? 10 : 0);
        x_send(x, 10);
        x_run(x, 0);
        x_advance(x, 100);
        x_inject(x, .flags = TCP_ACK, .seq = taken ? 11 : 1, .ack = 11, .no_ts = true);
        CHECK_EQ(x_status(x).snd_una - x_status(x).iss, taken ? 11 : 1);
        if (taken) /* the time of an echo that is not there is none */
            CHECK(x_status(x).rtt < 1000000);
    }
}

TEST(the_third_step_may_miss_its_timestamp)
{
    tern_config c = fixture_config_with("timestamp_may_miss", "yes");
    fixture *x = fixture_begin(&c);

    x_listen(x);
    x_inject(x, .flags = TCP_SYN, .mss = FIXTURE_MSS, .ts = true, .ts_value = 5);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .ts = true);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .no_ts = true);
    x_accept(x);
    x_state(x, TERN_ESTABLISHED);
}

TEST(a_closed_window_is_probed_without_data)
{
    tern_config c = fixture_config_with("persist_probe_empty", "yes");
    fixture *x = established(&c);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = WINDOW_ZERO);
    x_send(x, 10);
    x_expect_nothing(x);
    for (unsigned i = 0; i < 2; i++) {
        x_expect_after(x, i == 0 ? 1000 : 2000, .flags = TCP_ACK, .seq = 0, .ack = 1);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = WINDOW_ZERO);
    }
    CHECK_EQ(x_hits(x, TERN_RULE_PERSIST_PROBE_EMPTY), 2);
    CHECK_EQ(x_hits(x, TERN_RULE_PERSIST_PROBE), 0);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 1000);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
}

TEST(an_ack_of_what_was_never_sent_is_answered_or_not)
{
    for (unsigned answered = 0; answered < 2; answered++) {
        tern_config c = fixture_config_with("ack_too_new_answered", answered ? "yes" : "no");
        fixture *x = established(&c);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 9, .bytes = 10);
        CHECK_EQ(x_hits(x, TERN_RULE_ACK_TOO_NEW), 1);
        if (answered)
            x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
        x_expect_nothing(x);
        CHECK_EQ(x_status(x).recv_queue_bytes, 0);
    }
}

/* A forged one would make all that follows look old (RFC 7323 5.3). */
TEST(a_timestamp_counts_only_with_an_ack_that_can_be)
{
    fixture *x = fixture_begin(NULL);

    x_establish(x, WAY_PASSIVE | WAY_OPTIONS);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 9, .ts = true, .ts_value = 500000000);
    x_run(x, 0);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10);
    CHECK_EQ(x_status(x).recv_queue_bytes, 10);
    CHECK_EQ(x_hits(x, TERN_RULE_PAWS_REJECTED), 0);
}

TEST(a_reset_carries_the_agreed_timestamp)
{
    fixture *x = fixture_begin(NULL);

    x_establish(x, WAY_PASSIVE | WAY_OPTIONS);
    CHECK_EQ(tern_abort(x->stack, x->now_us, x->c), TERN_OK);
    x_expect(x, .flags = TCP_RST | TCP_ACK, .seq = 1, .ack = 1, .ts = true);
}

TEST(small_segments_wait_only_for_small_ones)
{
    tern_config c = fixture_config_with("nagle_minshall", "yes");
    fixture *x = established(&c);

    x_send(x, 2 * FIXTURE_MSS + 10); /* behind full ones a small one goes */
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = FIXTURE_MSS);
    x_expect(x, .flags = TCP_ACK, .seq = 1 + FIXTURE_MSS, .ack = 1, .bytes = FIXTURE_MSS);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1 + 2 * FIXTURE_MSS, .ack = 1, .bytes = 10);
    x_send(x, 10); /* behind a small one it waits */
    x_expect_nothing(x);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1 + 2 * FIXTURE_MSS);
    x_expect_nothing(x);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 11 + 2 * FIXTURE_MSS);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 11 + 2 * FIXTURE_MSS, .ack = 1, .bytes = 10);
}

/* 16:33 in Linux, 16:32 in FreeBSD. */
TEST(the_block_of_an_early_fin_counts_it_or_not)
{
    for (unsigned counts = 0; counts < 2; counts++) {
        tern_config c = fixture_config_with("sack_counts_fin", counts ? "yes" : "no");
        fixture *x = fixture_begin(&c);
        x_establish(x, WAY_PASSIVE | WAY_OPTIONS);
        x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 16, .ack = 1, .bytes = 16);
        x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .sack_count = 1,
                 .sack = {{seq_of(16), seq_of(counts ? 33 : 32)}});
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 15);
        x_state(x, TERN_CLOSE_WAIT);
        x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 33);
    }
}

TEST(quick_acks_end_when_the_program_answers)
{
    tern_config c = fixture_config_with("ack_quick_segments", "16");
    fixture *x = established(&c);

    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_NODELAY, 1), TERN_OK);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10);
    x_send(x, 10); /* the answer is there before the ACK goes */
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 11, .bytes = 10);
    x_inject(x, .flags = TCP_ACK, .seq = 11, .ack = 11, .bytes = 10);
    x_expect_after(x, 40, .flags = TCP_ACK, .seq = 11, .ack = 21);
    x_inject(x, .flags = TCP_ACK, .seq = 21, .ack = 11, .bytes = 10); /* it answers no more */
    x_expect(x, .flags = TCP_ACK, .seq = 11, .ack = 31);
}
