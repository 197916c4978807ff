/* syn_test.c - SYN, the first step: sent by an active OPEN, taken in LISTEN. */
#include "tests/unit/tcp_fixture.h"

TEST(syn_of_an_active_open)
{
    fixture *x = fixture_begin(NULL);

    x_connect(x);
    x_state(x, TERN_SYN_SENT);
    x_expect(x, .flags = TCP_SYN, .mss = 1460, .scale = 1 + 2, .sack_ok = true, .ts = true,
             .window = 65535);
    x_expect_nothing(x);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_SYN_SENT), 1);
}

TEST(syn_of_an_active_open_over_ipv6)
{
    fixture *x = fixture_begin(NULL);

    x_ipv6(x);
    x_connect(x);
    x_expect(x, .flags = TCP_SYN, .mss = 1440);
}

TEST(syn_offers_only_what_the_configuration_allows)
{
    tern_config c = fixture_config();

    c.window_scale = c.timestamps = c.sack = false;
    fixture *x = fixture_begin(&c);
    x_connect(x);
    x_expect(x, .flags = TCP_SYN, .mss = 1460, .no_ts = true);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460, .scale = 8, .sack_ok = true,
             .ts = true);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .no_options = true);
    tern_status st = x_status(x);
    CHECK(!st.options_timestamps && !st.options_sack && !st.options_wscale);
}

TEST(syn_does_not_change_when_it_is_sent_again)
{
    fixture *x = fixture_begin(NULL);

    x_connect(x);
    x_expect(x, .flags = TCP_SYN, .mss = 1460, .scale = 1 + 2, .sack_ok = true, .ts = true);
    uint32_t iss = x->peer.tern_iss;
    x_expect_after(x, 1000, .flags = TCP_SYN, .mss = 1460, .scale = 1 + 2, .sack_ok = true,
                   .ts = true);
    CHECK_EQ(x->peer.tern_iss, iss);
}

TEST(listen_takes_a_syn)
{
    fixture *x = fixture_begin(NULL);
    tern_status st;

    x_listen(x);
    x_inject(x, .flags = TCP_SYN, .mss = 1400, .window = 5000);
    x_state(x, TERN_SYN_RECEIVED);
    CHECK(x_find(x, &st));
    CHECK(st.half_open_record);
    CHECK_EQ(st.irs, 1000);
    CHECK_EQ(st.rcv_nxt, 1001);
    CHECK_EQ(st.snd_wnd, 5000);
    CHECK_EQ(st.snd_mss, 1400);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_LISTEN_SYN_ACCEPTED), 1);
    CHECK_EQ(x_usage(x).connections, 0); /* a record of its own until the third step */
    CHECK_EQ(x_usage(x).half_open, 1);
}

TEST(listen_ignores_a_reset)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    CHECK_EQ(x_inject(x, .flags = TCP_RST), TERN_RULE_LISTEN_RST_IGNORED);
    CHECK_EQ(x_inject(x, .flags = TCP_RST | TCP_ACK), TERN_RULE_LISTEN_RST_IGNORED);
    CHECK_EQ(x_inject(x, .flags = TCP_RST | TCP_SYN), TERN_RULE_LISTEN_RST_IGNORED);
    x_expect_nothing(x);
}

TEST(listen_resets_an_ack)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    static const uint16_t with[] = {0, TCP_SYN, TCP_FIN, TCP_PSH};
    for (unsigned i = 0; i < 4; i++) {
        x_inject(x, .flags = (uint16_t)(TCP_ACK | with[i]), .seq = 7, .ack = 12345, .raw = true);
        x_expect(x, .flags = TCP_RST, .seq = 12345, .raw = true, .no_options = true);
    }
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_LISTEN_ACK_RESET), 4);
    x_state(x, TERN_CLOSED);
}

TEST(listen_drops_what_is_neither_syn_nor_ack)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    CHECK_EQ(x_inject(x, .flags = 0, .bytes = 10), TERN_RULE_LISTEN_OTHER_DROPPED);
    CHECK_EQ(x_inject(x, .flags = TCP_FIN), TERN_RULE_LISTEN_OTHER_DROPPED);
    CHECK_EQ(x_inject(x, .flags = TCP_URG | TCP_PSH), TERN_RULE_LISTEN_OTHER_DROPPED);
    x_expect_nothing(x);
}

TEST(listen_drops_syn_and_fin_together)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    CHECK_EQ(x_inject(x, .flags = TCP_SYN | TCP_FIN), TERN_RULE_LISTEN_SYN_FIN_DROPPED);
    x_expect_nothing(x);
    x_state(x, TERN_CLOSED);
}

TEST(listen_takes_a_syn_with_ecn_and_other_bits)
{
    static const uint16_t with[] = {TCP_ECE | TCP_CWR, TCP_AE | TCP_ECE | TCP_CWR, TCP_PSH,
                                    TCP_URG};

    for (unsigned i = 0; i < 4; i++) {
        fixture *x = fixture_begin(NULL);
        x_listen(x);
        x_inject(x, .flags = (uint16_t)(TCP_SYN | with[i]));
        x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    }
}

TEST(syn_data_is_not_taken)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    x_inject(x, .flags = TCP_SYN, .bytes = 100);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_SYN_DATA_IGNORED), 1);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
    x_accept(x);
    x_recv(x, 100);
}

static uint32_t mss_after(unsigned ways, uint16_t mss)
{
    fixture *x = fixture_begin(NULL);

    if ((ways & WAY_IPV6) != 0)
        x_ipv6(x);
    if ((ways & WAY_ACTIVE) != 0) {
        x_connect(x);
        x_expect(x, .flags = TCP_SYN);
        x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = mss);
    } else {
        x_listen(x);
        x_inject(x, .flags = TCP_SYN, .mss = mss);
        x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
        x_accept(x);
    }
    return x_status(x).snd_mss;
}

TEST(mss_default_without_the_option)
{
    CHECK_EQ(mss_after(WAY_PASSIVE, 0), 536);
    CHECK_EQ(mss_after(WAY_ACTIVE, 0), 536);
    CHECK_EQ(mss_after(WAY_PASSIVE | WAY_IPV6, 0), 1220);
    CHECK_EQ(mss_after(WAY_ACTIVE | WAY_IPV6, 0), 1220);
}

TEST(mss_is_the_smaller_of_the_peers_and_the_links)
{
    CHECK_EQ(mss_after(WAY_PASSIVE, 1000), 1000);
    CHECK_EQ(mss_after(WAY_PASSIVE, 65535), 1460);
    CHECK_EQ(mss_after(WAY_ACTIVE | WAY_IPV6, 65535), 1440);
}

TEST(mss_that_leaves_no_room_is_raised)
{
    CHECK(mss_after(WAY_PASSIVE, 1) > TCP_OPTIONS_MAX_BYTES);
    CHECK(mss_after(WAY_ACTIVE, 40) > TCP_OPTIONS_MAX_BYTES);
}

TEST(window_scale_agreed)
{
    for (unsigned ways = WAY_PASSIVE; ways <= WAY_ACTIVE; ways++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, TERN_ESTABLISHED, ways | WAY_OPTIONS);
        tern_status st = x_status(x);
        CHECK(st.options_wscale);
        CHECK_EQ(st.snd_wscale, 7);
        CHECK_EQ(st.rcv_wscale, 2);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 1000);
        CHECK_EQ(x_status(x).snd_wnd, 1000u << 7);
        CHECK_EQ(tern_counter(x->stack, TERN_RULE_WINDOW_SCALE_AGREED), 1);
    }
}

TEST(window_scale_above_14_counts_as_14)
{
    fixture *x = fixture_begin(NULL);

    x_connect(x);
    x_expect(x, .flags = TCP_SYN);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .scale = 1 + 15);
    CHECK_EQ(x_status(x).snd_wscale, 14);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_WINDOW_SCALE_TOO_LARGE), 1);
}

TEST(window_scale_255_counts_as_14_in_listen_too)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    static const uint8_t options[] = {3, 3, 255, 1};
    x_inject(x, .flags = TCP_SYN, .options = options, .options_bytes = 4);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .scale = 1 + 2);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 65535);
    x_accept(x);
    CHECK_EQ(x_status(x).snd_wscale, 14);
    CHECK_EQ(x_status(x).snd_wnd, 65535u << 14);
}

TEST(window_of_a_syn_is_never_scaled)
{
    tern_status st;

    for (unsigned ways = WAY_PASSIVE; ways <= WAY_ACTIVE; ways++) {
        fixture *x = fixture_begin(NULL);
        if ((ways & WAY_ACTIVE) != 0) {
            x_connect(x);
            x_expect(x, .flags = TCP_SYN);
            x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .window = 500, .scale = 8);
        } else {
            x_listen(x);
            x_inject(x, .flags = TCP_SYN, .window = 500, .scale = 8);
        }
        CHECK(x_find(x, &st));
        CHECK_EQ(st.snd_wnd, 500);
    }
}

TEST(timestamps_agreed)
{
    for (unsigned ways = WAY_PASSIVE; ways <= WAY_ACTIVE; ways++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, TERN_ESTABLISHED, ways | WAY_OPTIONS);
        CHECK_EQ(tern_counter(x->stack, TERN_RULE_TIMESTAMPS_AGREED), 1);
        x_send(x, 10);
        x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10, .ts = true);
    }
}

TEST(timestamps_are_echoed_by_the_syn_ack)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    x_inject(x, .flags = TCP_SYN, .ts = true, .ts_value = 4711);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .ts = true, .ts_echo = 4711);
}

TEST(sack_agreed)
{
    for (unsigned ways = WAY_PASSIVE; ways <= WAY_ACTIVE; ways++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, TERN_ESTABLISHED, ways | WAY_OPTIONS);
        CHECK(x_status(x).options_sack);
        CHECK_EQ(tern_counter(x->stack, TERN_RULE_SACK_AGREED), 1);
    }
}

TEST(options_not_offered_are_not_used)
{
    for (unsigned ways = WAY_PASSIVE; ways <= WAY_ACTIVE; ways++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, TERN_ESTABLISHED, ways);
        tern_status st = x_status(x);
        CHECK(!st.options_timestamps && !st.options_sack && !st.options_wscale);
        CHECK_EQ(st.rcv_wscale, 0);
        x_send(x, 10);
        x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10,
                 .no_options = true);
    }
}

TEST(option_of_a_wrong_length_is_passed_over)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    static const uint8_t options[] = {2, 3, 5, 2, 4, 5, 0xb4, 0}; /* an MSS of 3 octets, then one */
    x_inject(x, .flags = TCP_SYN, .options = options, .options_bytes = sizeof options);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_OPTION_LENGTH_BAD), 1);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
}

TEST(option_of_an_unknown_kind_is_skipped)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    static const uint8_t options[] = {253, 4, 0xde, 0xad, 2, 4, 0x05, 0x00};
    x_inject(x, .flags = TCP_SYN, .options = options, .options_bytes = sizeof options);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_OPTION_UNKNOWN_SKIPPED), 1);
    tern_status st;
    CHECK(x_find(x, &st));
    CHECK_EQ(st.snd_mss, 0x500);
}
