/* hold_test.c - held handshakes: what the program sees of a SYN, and what each answer does.
 * docs/decisions/0013-held-handshakes.md. */
#include "tests/unit/tcp_fixture.h"

enum { HOLD_MS = 30000 };

static fixture *holding(const tern_config *config)
{
    fixture *x = fixture_begin(config);

    x_listen(x);
    CHECK_EQ(tern_hold(x->stack, x->now_us, x->listener, true), TERN_OK);
    return x;
}

static tern_handle next_held(fixture *x)
{
    tern_handle held;

    CHECK_EQ(tern_next_held(x->stack, x->now_us, x->listener, &held), TERN_OK);
    return held;
}

static tern_held_info info_of(const fixture *x, tern_handle held)
{
    tern_held_info info;

    CHECK_EQ(tern_held_get(x->stack, held, &info), TERN_OK);
    return info;
}

static tern_err answer(fixture *x, tern_handle held, tern_answer_what what)
{
    return tern_answer(x->stack, x->now_us, held, what);
}

TEST(held_syn_owes_nothing_and_tells_the_program)
{
    fixture *x = holding(NULL);
    tern_status st;
    tern_handle none;

    CHECK_EQ(tern_next_held(x->stack, x->now_us, x->listener, &none), TERN_ERR_WOULD_BLOCK);
    x_inject(x, .flags = TCP_SYN, .mss = 1400);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_HELD_SYN), 1);
    x_event(x, x->listener, TERN_EVENT_HELD);
    x_no_event(x);
    x_expect_nothing(x);
    x_advance(x, 10000);
    CHECK(x_find(x, &st));
    CHECK(st.half_open_record && st.held);
    CHECK_EQ(st.state, TERN_SYN_RECEIVED);
    CHECK_EQ(st.retransmits, 0);
    CHECK_EQ(x_usage(x).half_open, 1);
    tern_handle held = next_held(x);
    CHECK_EQ(tern_status_get(x->stack, held, &st), TERN_OK);
    CHECK(st.held);
    CHECK_EQ(info_of(x, held).waited_ms, 10000);
    CHECK_EQ(tern_next_held(x->stack, x->now_us, x->listener, &none), TERN_ERR_WOULD_BLOCK);
}

TEST(held_syn_shows_its_options)
{
    fixture *x = holding(NULL);

    x_inject(x, .flags = TCP_SYN, .mss = 1400, .scale = 1 + 9, .sack_ok = true, .ts = true,
             .ts_value = 77, .window = 4096, .bytes = 5);
    tern_held_info info = info_of(x, next_held(x));
    CHECK_EQ(info.local.port, FIXTURE_PORT);
    CHECK_EQ(info.remote.port, FIXTURE_PEER_PORT);
    CHECK(memcmp(&info.remote, &x->peer.remote, sizeof info.remote) == 0);
    CHECK_EQ(info.irs, x->peer.iss);
    CHECK_EQ(info.window, 4096);
    CHECK(info.has_mss && info.has_window_scale && info.sack_permitted && info.has_timestamps);
    CHECK_EQ(info.mss, 1400);
    CHECK_EQ(info.shift, 9);
    CHECK_EQ(info.ts_value, 77);
    CHECK(info.has_text);
}

TEST(held_syn_without_options_shows_the_defaults)
{
    fixture *x = holding(NULL);

    x_inject(x, .flags = TCP_SYN);
    tern_held_info info = info_of(x, next_held(x));
    CHECK(!info.has_mss && !info.has_window_scale && !info.sack_permitted && !info.has_timestamps);
    CHECK(!info.has_text);
    CHECK_EQ(info.mss, 536);
}

TEST(held_syn_shows_what_our_own_configuration_does_without)
{
    tern_config c = fixture_config();

    c.window_scale = c.sack = c.timestamps = false;
    fixture *x = holding(&c);
    x_inject(x, .flags = TCP_SYN, .scale = 1 + 7, .sack_ok = true, .ts = true);
    tern_handle held = next_held(x);
    tern_held_info info = info_of(x, held);
    CHECK(info.has_window_scale && info.sack_permitted && info.has_timestamps);
    CHECK_EQ(info.shift, 7);
    CHECK_EQ(answer(x, held, TERN_ANSWER_ACCEPT), TERN_OK);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_accept(x);
    CHECK(!x_status(x).options_wscale);
    CHECK_EQ(x_status(x).snd_wscale, 0);
}

TEST(held_and_accepted_goes_on_as_any_handshake)
{
    fixture *x = holding(NULL);

    x_inject(x, .flags = TCP_SYN, .mss = 1460, .scale = 1 + 7, .sack_ok = true, .ts = true);
    x_event(x, x->listener, TERN_EVENT_HELD);
    x_advance(x, 5000);
    tern_handle held = next_held(x);
    CHECK_EQ(answer(x, held, TERN_ANSWER_ACCEPT), TERN_OK);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_HELD_ACCEPTED), 1);
    CHECK_EQ(answer(x, held, TERN_ANSWER_ACCEPT), TERN_ERR_STALE);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460, .sack_ok = true, .ts = true);
    x_expect_after(x, 1000, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460, .sack_ok = true);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .ts = true);
    x_event(x, x->listener, TERN_EVENT_ACCEPTABLE);
    x_accept(x);
    CHECK_EQ(x_status(x).state, TERN_ESTABLISHED);
    CHECK_EQ(x_status(x).snd_wscale, 7);
    CHECK_EQ(x_usage(x).half_open, 0);
}

TEST(held_wait_is_no_part_of_the_half_open_life)
{
    tern_config c = fixture_config();

    c.syn_ack_schedule.give_up_ms = 10000;
    fixture *x = holding(&c);
    x_inject(x, .flags = TCP_SYN);
    x_advance(x, 20000);
    CHECK_EQ(answer(x, next_held(x), TERN_ANSWER_ACCEPT), TERN_OK);
    x_run(x, 9999);
    x_state(x, TERN_SYN_RECEIVED);
    x_run(x, 1);
    x_state(x, TERN_CLOSED);
}

TEST(held_and_refused_is_reset)
{
    fixture *x = holding(NULL);

    x_inject(x, .flags = TCP_SYN);
    tern_handle held = next_held(x);
    CHECK_EQ(answer(x, held, TERN_ANSWER_REFUSE), TERN_OK);
    x_expect(x, .flags = TCP_RST | TCP_ACK, .raw = true, .seq = 0, .ack = x->peer.iss + 1);
    x_expect_nothing(x);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_HELD_REFUSED), 1);
    CHECK_EQ(answer(x, held, TERN_ANSWER_DROP), TERN_ERR_STALE);
    x_state(x, TERN_CLOSED);
    CHECK_EQ(x_usage(x).half_open, 0);
}

TEST(held_and_unreachable_is_an_icmp_error_that_quotes_the_syn)
{
    static const uint8_t quoted_at = 20 + 8;
    fixture *x = holding(NULL);
    uint8_t packet[1500], syn[1500];
    struct seg s = {.flags = TCP_SYN};

    x_build(x, &s, syn);
    x_inject(x, .flags = TCP_SYN);
    CHECK_EQ(answer(x, next_held(x), TERN_ANSWER_UNREACHABLE), TERN_OK);
    size_t bytes = x_output(x, packet);
    CHECK(bytes >= quoted_at + 20u + 8u);
    CHECK_EQ(packet[9], IP_PROTOCOL_ICMP);
    CHECK_EQ(packet[20], 3);
    CHECK_EQ(packet[21], 1);
    CHECK(memcmp(packet + quoted_at + 12, syn + 12, 8 + 8) == 0); /* addresses, ports, ISN */
    x_expect_nothing(x);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_HELD_UNREACHABLE), 1);
    CHECK_EQ(x_usage(x).half_open, 0);
}

TEST(held_and_unreachable_over_ipv6)
{
    fixture *x = holding(NULL);
    uint8_t packet[1500];

    x_ipv6(x);
    x_inject(x, .flags = TCP_SYN);
    CHECK_EQ(answer(x, next_held(x), TERN_ANSWER_UNREACHABLE), TERN_OK);
    CHECK(x_output(x, packet) >= 40 + 8 + 40 + 8);
    CHECK_EQ(packet[6], IP_PROTOCOL_ICMPV6);
    CHECK_EQ(packet[40], 1);
    CHECK_EQ(packet[41], 3);
}

TEST(held_and_dropped_is_silence)
{
    fixture *x = holding(NULL);

    x_inject(x, .flags = TCP_SYN);
    CHECK_EQ(answer(x, next_held(x), TERN_ANSWER_DROP), TERN_OK);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_HELD_DROPPED), 1);
    x_advance(x, 100000);
    x_state(x, TERN_CLOSED);
    x_inject(x, .flags = TCP_SYN); /* and the next SYN is a new question */
    CHECK_EQ(info_of(x, next_held(x)).waited_ms, 0);
}

TEST(held_refusal_without_room_stays_held)
{
    tern_config c = fixture_config();

    c.replies_max = 1;
    fixture *x = holding(&c);
    x_inject(x, .flags = TCP_SYN);
    tern_handle held = next_held(x);
    x->peer.remote.port++;
    x->peer.local.port++;
    x_inject(x, .flags = TCP_ACK); /* to a closed port: a reset waits for output */
    CHECK_EQ(answer(x, held, TERN_ANSWER_REFUSE), TERN_ERR_NO_RESOURCES);
    x_run(x, 0);
    CHECK_EQ(answer(x, held, TERN_ANSWER_REFUSE), TERN_OK);
    x_run(x, 0);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_RST_SENT), 2);
}

TEST(held_syn_again_is_absorbed)
{
    fixture *x = holding(NULL);

    x_inject(x, .flags = TCP_SYN, .ts = true, .ts_value = 100);
    tern_handle held = next_held(x);
    x_no_event(x); /* taken already */
    x_advance(x, 1000);
    CHECK_EQ(x_inject(x, .flags = TCP_SYN, .ts = true, .ts_value = 1100), TERN_RULE_HELD_SYN_AGAIN);
    x_no_event(x);
    x_expect_nothing(x);
    CHECK_EQ(info_of(x, held).ts_value, 1100);
    CHECK_EQ(info_of(x, held).waited_ms, 1000);
    /* An older duplicate does not take the clock back. */
    x_inject(x, .flags = TCP_SYN, .ts = true, .ts_value = 100);
    CHECK_EQ(info_of(x, held).ts_value, 1100);
    CHECK_EQ(answer(x, held, TERN_ANSWER_ACCEPT), TERN_OK);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .ts = true, .ts_echo = 1100);
}

TEST(held_syn_that_is_new_takes_the_place)
{
    fixture *x = holding(NULL);

    x_inject(x, .flags = TCP_SYN);
    x_event(x, x->listener, TERN_EVENT_HELD);
    tern_handle old = next_held(x);
    x->peer.iss += 5000;
    x_inject(x, .flags = TCP_SYN);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_HELD_SYN_REPLACED), 1);
    CHECK_EQ(answer(x, old, TERN_ANSWER_ACCEPT), TERN_ERR_STALE);
    x_event(x, x->listener, TERN_EVENT_HELD);
    tern_handle held = next_held(x);
    CHECK_EQ(info_of(x, held).irs, x->peer.iss);
    CHECK_EQ(x_usage(x).half_open, 1);
    CHECK_EQ(answer(x, held, TERN_ANSWER_ACCEPT), TERN_OK);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
}

TEST(held_reset_of_the_peer_ends_it)
{
    fixture *x = holding(NULL);

    x_inject(x, .flags = TCP_SYN);
    tern_handle held = next_held(x);
    CHECK_EQ(x_inject(x, .flags = TCP_RST, .seq = 2), TERN_RULE_HELD_OTHER_DROPPED);
    CHECK_EQ(x_inject(x, .flags = TCP_RST, .seq = 1), TERN_RULE_SYN_RECEIVED_RST_LISTEN);
    CHECK_EQ(answer(x, held, TERN_ANSWER_ACCEPT), TERN_ERR_STALE);
    x_expect_nothing(x);
    CHECK_EQ(x_usage(x).half_open, 0);
    CHECK_EQ(tern_deadline(x->stack), TERN_NEVER);
}

TEST(held_and_reset_before_the_program_looked)
{
    fixture *x = holding(NULL);
    tern_handle none;

    x_inject(x, .flags = TCP_SYN);
    x->peer.remote.port++;
    x_inject(x, .flags = TCP_SYN);
    x_inject(x, .flags = TCP_RST, .seq = 1);
    x->peer.remote.port--;
    x_inject(x, .flags = TCP_RST, .seq = 1);
    x_no_event(x);
    CHECK_EQ(tern_next_held(x->stack, x->now_us, x->listener, &none), TERN_ERR_WOULD_BLOCK);
}

TEST(held_handshake_answers_no_other_segment)
{
    static const uint16_t flags[] = {
        TCP_ACK, TCP_FIN | TCP_ACK, TCP_SYN | TCP_ACK, TCP_SYN | TCP_FIN, 0, TCP_RST | TCP_ACK};
    fixture *x = holding(NULL);

    x_inject(x, .flags = TCP_SYN);
    for (unsigned i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        CHECK_EQ(x_inject(x, .flags = flags[i], .seq = 7, .ack = 1, .bytes = 3),
                 TERN_RULE_HELD_OTHER_DROPPED);
        x_expect_nothing(x);
    }
    CHECK_EQ(x_usage(x).half_open, 1);
}

TEST(held_handshakes_come_in_their_order_and_die_in_time)
{
    fixture *x = holding(NULL);
    tern_handle held[3], none;

    for (unsigned i = 0; i < 3; i++) {
        x->peer.remote.port = (uint16_t)(100 + i);
        x_inject(x, .flags = TCP_SYN);
        x_advance(x, 1000);
    }
    for (unsigned i = 0; i < 2; i++) {
        held[i] = next_held(x);
        CHECK_EQ(info_of(x, held[i]).remote.port, 100 + i);
    }
    x_advance(x, HOLD_MS - 3000 - 1);
    CHECK_EQ(x_usage(x).half_open, 3);
    x_advance(x, 1);
    CHECK_EQ(x_usage(x).half_open, 2);
    CHECK_EQ(answer(x, held[0], TERN_ANSWER_ACCEPT), TERN_ERR_STALE);
    CHECK_EQ(answer(x, held[1], TERN_ANSWER_DROP), TERN_OK);
    x_advance(x, 2000); /* the third is the next, and dies unseen */
    CHECK_EQ(x_usage(x).half_open, 0);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_HELD_EXPIRED), 2);
    CHECK_EQ(tern_next_held(x->stack, x->now_us, x->listener, &none), TERN_ERR_WOULD_BLOCK);
    CHECK_EQ(tern_deadline(x->stack), TERN_NEVER);
}

TEST(held_records_full_drops_the_syn_and_sends_no_cookie)
{
    static const tern_cookies cookies[] = {TERN_COOKIES_PRESSURE, TERN_COOKIES_ALWAYS};

    for (unsigned i = 0; i < 2; i++) {
        tern_config c = fixture_config();
        c.syn_cookies = cookies[i];
        fixture *x = holding(&c);
        for (uint16_t port = 1; port <= 8; port++) {
            x->peer.remote.port = port;
            x_inject(x, .flags = TCP_SYN);
        }
        CHECK_EQ(tern_counter(x->stack, TERN_RULE_HELD_SYN), 8);
        x->peer.remote.port = 9;
        CHECK_EQ(x_inject(x, .flags = TCP_SYN), TERN_RULE_HALF_OPEN_FULL);
        x_expect_nothing(x);
        CHECK_EQ(tern_counter(x->stack, TERN_RULE_COOKIE_SENT), 0);
    }
}

TEST(held_handshakes_go_with_their_listener)
{
    fixture *x = holding(NULL);

    x_inject(x, .flags = TCP_SYN);
    tern_handle held = next_held(x);
    x->peer.remote.port++;
    x_inject(x, .flags = TCP_SYN);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->listener), TERN_OK);
    CHECK_EQ(x_usage(x).half_open, 0);
    x_expect_nothing(x);
    x_listen(x); /* and the next one at the port knows nothing of them */
    CHECK_EQ(answer(x, held, TERN_ANSWER_ACCEPT), TERN_ERR_STALE);
    x_inject(x, .flags = TCP_SYN);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
}

TEST(hold_off_answers_the_syns_to_come)
{
    fixture *x = holding(NULL);

    x_inject(x, .flags = TCP_SYN);
    CHECK_EQ(tern_hold(x->stack, x->now_us, x->listener, false), TERN_OK);
    x->peer.remote.port++;
    x_inject(x, .flags = TCP_SYN);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_expect_nothing(x);
    x->peer.remote.port--;
    CHECK_EQ(answer(x, next_held(x), TERN_ANSWER_ACCEPT), TERN_OK);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
}

TEST(held_stack_may_move)
{
    fixture *x = holding(NULL);

    x_ipv6(x);
    x_inject(x, .flags = TCP_SYN);
    x_move(x);
    tern_handle held = next_held(x);
    x_move(x);
    CHECK_EQ(answer(x, held, TERN_ANSWER_ACCEPT), TERN_OK);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1440);
}

TEST(hold_with_wrong_arguments)
{
    fixture *x = holding(NULL);
    tern_handle none = {0, 0}, held;
    tern_held_info info;

    x_inject(x, .flags = TCP_SYN);
    CHECK_EQ(tern_hold(x->stack, x->now_us, none, true), TERN_ERR_STALE);
    CHECK_EQ(tern_next_held(x->stack, x->now_us, none, &held), TERN_ERR_STALE);
    CHECK_EQ(tern_next_held(x->stack, x->now_us, x->listener, NULL), TERN_ERR_INVALID);
    held = next_held(x);
    CHECK_EQ(tern_held_get(x->stack, held, NULL), TERN_ERR_INVALID);
    CHECK_EQ(tern_held_get(x->stack, x->listener, &info), TERN_ERR_STALE);
    CHECK_EQ(answer(x, held, (tern_answer_what)9), TERN_ERR_INVALID);
    CHECK_EQ(tern_close(x->stack, x->now_us, held), TERN_ERR_STALE);
    held.generation++;
    CHECK_EQ(tern_held_get(x->stack, held, &info), TERN_ERR_STALE);
    held.index += 1000;
    CHECK_EQ(answer(x, held, TERN_ANSWER_ACCEPT), TERN_ERR_STALE);
    CHECK_EQ(x_usage(x).half_open, 1);
}
