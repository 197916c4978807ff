/* cookie_test.c - SYN cookies: nothing is kept of a SYN, and nothing is lost with it. */
#include "tests/unit/tcp_fixture.h"

static fixture *begin(tern_cookies cookies)
{
    tern_config config = fixture_config();

    config.syn_cookies = cookies;
    config.half_open_max = 4;
    fixture *x = fixture_begin(&config);
    x_listen(x);
    return x;
}

/* SYN and SYN,ACK without a record. */
static void ask(fixture *x)
{
    x_inject(x, .flags = TCP_SYN, .mss = 1400, .scale = 1 + 7, .sack_ok = true);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460, .sack_ok = true, .no_ts = true);
    x_expect_nothing(x);
    CHECK_EQ(x_usage(x).half_open, 0);
}

TEST(cookie_keeps_mss_scale_and_sack)
{
    fixture *x = begin(TERN_COOKIES_ALWAYS);

    ask(x);
    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1) != TERN_RULE_NONE, 1);
    x_accept(x);
    tern_status s = x_status(x);
    CHECK_EQ(s.state, TERN_ESTABLISHED);
    CHECK_EQ(s.snd_mss, 1400);
    CHECK_EQ(s.snd_wscale, 7);
    CHECK(s.options_sack && s.options_wscale && !s.options_timestamps);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_COOKIE_SENT), 1);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_COOKIE_ACCEPTED), 1);
}

TEST(cookie_rounds_down)
{
    fixture *x = begin(TERN_COOKIES_ALWAYS);

    x_inject(x, .flags = TCP_SYN, .mss = 1420, .scale = 1 + 5);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_accept(x);
    CHECK_EQ(x_status(x).snd_mss, 1400);
    CHECK_EQ(x_status(x).snd_wscale, 4);
    CHECK(!x_status(x).options_sack);
}

TEST(cookie_without_options_agrees_to_nothing)
{
    fixture *x = begin(TERN_COOKIES_ALWAYS);

    x_inject(x, .flags = TCP_SYN);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .no_ts = true);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_accept(x);
    tern_status s = x_status(x);
    CHECK_EQ(s.snd_mss, 536);
    CHECK(!s.options_sack && !s.options_wscale && !s.options_timestamps);
}

TEST(cookie_in_the_timestamp_keeps_every_shift)
{
    for (uint8_t shift = 0; shift <= 14; shift++) {
        fixture *x = begin(TERN_COOKIES_ALWAYS);
        x->peer.ts_on = true;
        x_inject(x, .flags = TCP_SYN, .mss = 1460, .scale = (uint8_t)(1 + shift), .ts = true,
                 .sack_ok = shift % 2 == 0);
        x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .ts = true);
        x_advance(x, 20);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
        x_accept(x);
        tern_status s = x_status(x);
        CHECK_EQ(s.snd_wscale, shift);
        CHECK(s.options_timestamps && s.options_wscale);
        CHECK_EQ(s.options_sack, shift % 2 == 0);
        /* its timestamps go on upwards from the cookie's */
        uint32_t cookie_ts = x->peer.ts_seen;
        x_send(x, 10);
        x_expect(x, .flags = TCP_PSH | TCP_ACK, .seq = 1, .ack = 1, .bytes = 10);
        CHECK((int32_t)(x->peer.ts_seen - cookie_ts) >= 0);
        fixture_end(x);
    }
}

TEST(cookie_data_on_the_ack_is_delivered)
{
    fixture *x = begin(TERN_COOKIES_ALWAYS);

    ask(x);
    x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 100);
    x_accept(x);
    x_recv(x, 100);
}

static void fill_the_queue(fixture *x)
{
    tern_endpoint remote = x->peer.remote;

    for (uint16_t i = 0; i < 4; i++) {
        x->peer.remote.port = (uint16_t)(50000 + i);
        x_inject(x, .flags = TCP_SYN, .mss = 1460);
        x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    }
    x->peer.remote = remote;
    CHECK_EQ(x_usage(x).half_open, 4);
}

TEST(cookie_begins_when_the_queue_is_full)
{
    fixture *x = begin(TERN_COOKIES_PRESSURE);

    fill_the_queue(x);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_COOKIE_SENT), 0);
    x_inject(x, .flags = TCP_SYN, .mss = 1400);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    CHECK_EQ(x_usage(x).half_open, 4);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_COOKIE_SENT), 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_accept(x);
    x_state(x, TERN_ESTABLISHED);
}

TEST(cookie_never_means_that_the_syn_is_dropped)
{
    fixture *x = begin(TERN_COOKIES_NEVER);

    fill_the_queue(x);
    CHECK_EQ(x_inject(x, .flags = TCP_SYN, .mss = 1400), TERN_RULE_HALF_OPEN_FULL);
    x_expect_nothing(x);
}

TEST(cookie_forged_is_reset)
{
    fixture *x = begin(TERN_COOKIES_ALWAYS);

    ask(x);
    for (unsigned bit = 0; bit < 32; bit++) {
        uint32_t forged = 1u ^ (1u << bit);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = forged);
        x_expect(x, .flags = TCP_RST, .seq = forged);
    }
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_COOKIE_BAD), 32);
    x_state(x, TERN_CLOSED);
}

/* An ACK like that of `ask`, but from x->peer as it is now. */
static void refused(fixture *x)
{
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_expect(x, .flags = TCP_RST, .seq = 1);
    x_state(x, TERN_CLOSED);
}

/* Every octet of the peer's address, its port, its sequence number. */
static void other_flows_are_refused(fixture *x, size_t address_from)
{
    struct peer asked = x->peer;
    uint32_t tried = 0;

    for (size_t i = address_from; i < sizeof asked.remote.address.octets; i++, tried++) {
        x->peer.remote.address.octets[i] ^= 8;
        refused(x);
        x->peer = asked;
    }
    for (unsigned bit = 0; bit < 16; bit++, tried++) {
        x->peer.remote.port ^= (uint16_t)(1u << bit);
        refused(x);
        x->peer = asked;
    }
    for (unsigned bit = 0; bit < 32; bit++, tried++) {
        x->peer.iss ^= 1u << bit;
        refused(x);
        x->peer = asked;
    }
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_COOKIE_BAD), tried);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_accept(x);
    x_state(x, TERN_ESTABLISHED);
}

TEST(cookie_is_for_one_flow_and_one_syn)
{
    fixture *x = begin(TERN_COOKIES_ALWAYS);

    ask(x);
    other_flows_are_refused(x, 12);
}

TEST(cookie_over_ipv6_is_for_one_flow_and_one_syn)
{
    fixture *x = begin(TERN_COOKIES_ALWAYS);

    x_ipv6(x);
    x_inject(x, .flags = TCP_SYN, .mss = 1430, .scale = 1 + 7, .sack_ok = true);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1440, .sack_ok = true);
    CHECK_EQ(x_usage(x).half_open, 0);
    other_flows_are_refused(x, 0);
    tern_status s = x_status(x);
    CHECK_EQ(s.snd_mss, 1400);
    CHECK_EQ(s.snd_wscale, 7);
    CHECK(s.options_sack);
    x_send(x, 10);
    x_expect(x, .flags = TCP_PSH | TCP_ACK, .seq = 1, .ack = 1, .bytes = 10);
}

TEST(cookie_second_segment_first_is_dropped_not_reset)
{
    fixture *x = begin(TERN_COOKIES_ALWAYS);

    ask(x);
    CHECK_EQ(x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 1001, .ack = 1, .bytes = 100),
             TERN_RULE_COOKIE_TEXT_DROPPED);
    x_expect_nothing(x);
    x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 1000);
    x_accept(x);
    x_recv(x, 1000);
}

TEST(cookie_not_asked_for_is_not_looked_for)
{
    fixture *x = begin(TERN_COOKIES_PRESSURE);

    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 77), TERN_RULE_LISTEN_ACK_RESET);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_COOKIE_BAD), 0);
    x_run(x, 0);
}

TEST(cookie_lives_for_one_rotation_of_the_key)
{
    for (uint32_t wait_ms = 59000; wait_ms <= 121000; wait_ms += 62000) {
        fixture *x = begin(TERN_COOKIES_ALWAYS);
        ask(x);
        x_advance(x, wait_ms);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
        x_state(x, wait_ms < 60000 ? TERN_ESTABLISHED : TERN_CLOSED);
        x_run(x, 0);
        fixture_end(x);
    }
}

TEST(cookie_is_verified_by_another_host_with_the_key)
{
    static const uint8_t key[TERN_KEY_BYTES] = "shared by many.";
    tern_config config = fixture_config();
    fixture *x[2];

    config.syn_cookies = TERN_COOKIES_ALWAYS;
    for (unsigned i = 0; i < 2; i++) {
        config.key[0] = (uint8_t)(100 + i);
        x[i] = fixture_begin(&config);
        x_listen(x[i]);
        CHECK_EQ(tern_cookie_key_set(x[i]->stack, x[i]->now_us, key, 7), TERN_OK);
    }
    x_advance(x[1], 3600 * 1000); /* their clocks have nothing in common */
    ask(x[0]);
    x[1]->peer = x[0]->peer;
    x_inject(x[1], .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_accept(x[1]);
    CHECK_EQ(x_status(x[1]).snd_mss, 1400);
    x_state(x[0], TERN_CLOSED);
}

TEST(cookie_key_given_verifies_as_the_last_one)
{
    static const uint8_t first[TERN_KEY_BYTES] = "first", second[TERN_KEY_BYTES] = "second",
                         third[TERN_KEY_BYTES] = "third";

    for (unsigned newer = 1; newer <= 2; newer++) {
        fixture *x = begin(TERN_COOKIES_ALWAYS);
        CHECK_EQ(tern_cookie_key_set(x->stack, x->now_us, first, 1), TERN_OK);
        ask(x);
        CHECK_EQ(tern_cookie_key_set(x->stack, x->now_us, second, 2), TERN_OK);
        if (newer == 2)
            CHECK_EQ(tern_cookie_key_set(x->stack, x->now_us, third, 3), TERN_OK);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
        x_state(x, newer == 1 ? TERN_ESTABLISHED : TERN_CLOSED);
        x_run(x, 0);
        fixture_end(x);
    }
}

TEST(cookie_key_number_zero_is_refused)
{
    static const uint8_t key[TERN_KEY_BYTES] = "key";
    fixture *x = begin(TERN_COOKIES_ALWAYS);

    CHECK_EQ(tern_cookie_key_set(x->stack, x->now_us, key, 0), TERN_ERR_INVALID);
    CHECK_EQ(tern_cookie_key_set(x->stack, x->now_us, NULL, 1), TERN_ERR_INVALID);
}
