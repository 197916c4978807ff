/* listener_options_test.c - what is set on a listener: its SYN,ACKs, what its connections begin
 * with, the ACK that waits for data, and listeners side by side.
 * docs/decisions/0024-a-listeners-options.md. */
#include "tern/profile.h"
#include "tests/unit/tcp_fixture.h"

static void set(fixture *x, tern_handle of, tern_option option, uint32_t value)
{
    CHECK_EQ(tern_option_set(x->stack, x->now_us, of, option, value), TERN_OK);
}

static uint32_t get(const fixture *x, tern_handle of, tern_option option)
{
    uint32_t value = 0xdeadbeef;

    CHECK_EQ(tern_option_get(x->stack, of, option, &value), TERN_OK);
    return value;
}

static fixture *listening(const tern_config *config)
{
    fixture *x = fixture_begin(config);

    x_listen(x);
    set(x, x->listener, TERN_OPTION_RECV_BUFFER, 1 << 20);
    set(x, x->listener, TERN_OPTION_MAX_SEGMENT, 1000);
    return x;
}

TEST(listener_options_begin_as_configured)
{
    fixture *x = fixture_begin(NULL);
    uint32_t value;

    x_listen(x);
    CHECK_EQ(get(x, x->listener, TERN_OPTION_RECV_BUFFER), x->config.recv_buffer_bytes);
    CHECK_EQ(get(x, x->listener, TERN_OPTION_KEEP_IDLE_MS), x->config.keep_idle_ms);
    CHECK_EQ(get(x, x->listener, TERN_OPTION_DEFER_ACCEPT_MS), 0);
    set(x, x->listener, TERN_OPTION_DEFER_ACCEPT_MS, 3000);
    CHECK_EQ(get(x, x->listener, TERN_OPTION_DEFER_ACCEPT_MS), 3000);
    set(x, x->listener, TERN_OPTION_NODELAY, 1);
    CHECK_EQ(get(x, x->listener, TERN_OPTION_NODELAY), 1);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->listener, TERN_OPTION_TTL, 0),
             TERN_ERR_INVALID);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->listener, TERN_OPTION_FAST_OPEN, 1),
             TERN_ERR_INVALID);
    CHECK_EQ(
        tern_option_set(x->stack, x->now_us, x->listener, TERN_OPTION_DEFER_ACCEPT_MS, UINT32_MAX),
        TERN_ERR_INVALID);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->listener), TERN_OK);
    CHECK_EQ(tern_option_get(x->stack, x->listener, TERN_OPTION_NODELAY, &value), TERN_ERR_STALE);
    CHECK_EQ(x_usage(x).settings, 0);
}

TEST(listener_options_shape_the_syn_ack_and_the_connection)
{
    fixture *x = listening(NULL);

    set(x, x->listener, TERN_OPTION_NODELAY, 1);
    set(x, x->listener, TERN_OPTION_SEND_BUFFER, 7777);
    set(x, x->listener, TERN_OPTION_DELAYED_ACK, 0);
    set(x, x->listener, TERN_OPTION_KEEP_IDLE_MS, 5000);
    set(x, x->listener, TERN_OPTION_KEEPALIVE, 1);
    x_inject(x, .flags = TCP_SYN, .mss = 1460, .scale = 1 + 7);
    /* 65535 * 2^5 is the first to reach 2^20 */
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1000, .scale = 1 + 5, .window = 65535);
    set(x, x->listener, TERN_OPTION_RECV_BUFFER, 1 << 16); /* the shift is settled */
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_accept(x);
    CHECK_EQ(get(x, x->c, TERN_OPTION_NODELAY), 1);
    CHECK_EQ(get(x, x->c, TERN_OPTION_SEND_BUFFER), 7777);
    CHECK_EQ(get(x, x->c, TERN_OPTION_DELAYED_ACK), 0);
    CHECK_EQ(get(x, x->c, TERN_OPTION_KEEP_IDLE_MS), 5000);
    CHECK_EQ(get(x, x->c, TERN_OPTION_KEEPALIVE), 1);
    CHECK_EQ(x_status(x).rcv_wscale, 5);
    CHECK_EQ(x_status(x).snd_mss, 1000);
    set(x, x->listener, TERN_OPTION_NODELAY, 0);
    CHECK_EQ(get(x, x->c, TERN_OPTION_NODELAY), 1);
    x_expect_after(x, 5000, .flags = TCP_ACK, .raw = true, .seq = x->peer.tern_iss,
                   .ack = x->peer.iss + 1); /* the probe of a keep-alive */
}

TEST(listener_options_shape_the_syn_ack_with_a_cookie)
{
    tern_config config = fixture_config();
    config.syn_cookies = TERN_COOKIES_ALWAYS;
    fixture *x = listening(&config);

    x_inject(x, .flags = TCP_SYN, .mss = 1460, .scale = 1 + 7);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1000, .scale = 1 + 5, .window = 65535);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_accept(x);
    CHECK_EQ(x_status(x).rcv_wscale, 5);
    CHECK_EQ(x_status(x).snd_mss, 1000);
    CHECK_EQ(x_status(x).recv_buffer_bytes, 1 << 20);
}

TEST(listener_options_bound_the_window_of_a_half_open_record)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    set(x, x->listener, TERN_OPTION_RECV_BUFFER, 2000);
    x_inject(x, .flags = TCP_SYN);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .window = 2000);
    CHECK_EQ(x_inject(x, .flags = TCP_RST, .seq = 2001), TERN_RULE_SEQUENCE_UNACCEPTABLE_RST);
    CHECK_EQ(x_inject(x, .flags = TCP_RST, .seq = 2000), TERN_RULE_RST_CHALLENGED);
}

TEST(listener_options_without_room_leave_the_configuration)
{
    tern_config config = fixture_config();
    config.settings_max = 1;
    fixture *x = listening(&config); /* the listener has the only record */

    x_inject(x, .flags = TCP_SYN);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1000);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_SETTINGS_FULL), 1);
    x_accept(x);
    CHECK_EQ(get(x, x->c, TERN_OPTION_MAX_SEGMENT), 0);
    CHECK_EQ(get(x, x->c, TERN_OPTION_RECV_BUFFER), 1 << 20);
}

TEST(listener_options_retries_of_the_syn_ack)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    set(x, x->listener, TERN_OPTION_SYN_RETRIES, 2);
    x_inject(x, .flags = TCP_SYN);
    CHECK_EQ(x_run(x, 0), 1);
    CHECK_EQ(x_run(x, 60000), 2);
    x_state(x, TERN_CLOSED);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_HALF_OPEN_EXPIRED), 1);
}

TEST(retries_of_the_syn)
{
    fixture *x = fixture_begin(NULL);

    x_connect(x);
    set(x, x->c, TERN_OPTION_SYN_RETRIES, 1);
    CHECK_EQ(x_run(x, 0), 1);
    CHECK_EQ(x_run(x, 60000), 1);
    CHECK_EQ(x_status(x).error, TERN_ERR_TIMED_OUT);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_SYN_RETRIES, 256),
             TERN_ERR_INVALID);
}

/* The waits in front are for the schedule's own count: RFC 6298 5.5 doubles the second. */
TEST(retries_of_the_syn_that_the_program_counts_wait_twice_as_long_each)
{
    tern_config c = fixture_config();

    CHECK_EQ(tern_config_profile(&c, TERN_PROFILE_LINUX), TERN_OK);
    fixture *x = fixture_begin(&c);
    x_connect(x);
    set(x, x->c, TERN_OPTION_SYN_RETRIES, 2);
    x_expect(x, .flags = TCP_SYN);
    x_expect_after(x, 1000, .flags = TCP_SYN);
    x_expect_after(x, 2000, .flags = TCP_SYN);
    x_advance(x, 3999);
    x_state(x, TERN_SYN_SENT);
    x_advance(x, 1);
    CHECK_EQ(x_status(x).error, TERN_ERR_TIMED_OUT);
}

TEST(an_open_is_given_up_after_a_time_of_its_own)
{
    for (unsigned linux = 0; linux < 2; linux++) { /* by time, and by count */
        tern_config c = fixture_config();
        CHECK_EQ(tern_config_profile(&c, linux ? TERN_PROFILE_LINUX : TERN_PROFILE_RFC9293),
                 TERN_OK);
        fixture *x = fixture_begin(&c);
        x_connect(x);
        set(x, x->c, TERN_OPTION_SYN_GIVE_UP_MS, 5500);
        CHECK_EQ(get(x, x->c, TERN_OPTION_SYN_GIVE_UP_MS), 5500);
        x_run(x, 5499);
        x_state(x, TERN_SYN_SENT);
        x_run(x, 1);
        x_state(x, TERN_CLOSED);
        CHECK_EQ(x_status(x).error, TERN_ERR_TIMED_OUT);
    }
}

TEST(the_time_of_an_open_is_none_of_the_data)
{
    fixture *x = fixture_begin(NULL);

    x_connect(x);
    set(x, x->c, TERN_OPTION_SYN_GIVE_UP_MS, 500);
    x_expect(x, .flags = TCP_SYN);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_send(x, 10);
    x_run(x, 60000);
    x_state(x, TERN_ESTABLISHED);
}

/* ---- Waiting for data ---------------------------------------------------------------------- */

static fixture *deferring(void)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    set(x, x->listener, TERN_OPTION_DEFER_ACCEPT_MS, 3000);
    x_inject(x, .flags = TCP_SYN);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1), TERN_RULE_ACCEPT_DEFERRED);
    x_state(x, TERN_SYN_RECEIVED);
    x_no_event(x);
    return x;
}

TEST(accept_deferred_until_data_comes)
{
    fixture *x = deferring();

    x_advance(x, 2500);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10);
    x_event(x, x->listener, TERN_EVENT_ACCEPTABLE);
    x_accept(x);
    x_recv(x, 10);
}

TEST(accept_deferred_until_the_time_is_over)
{
    fixture *x = deferring();

    x_expect_after(x, 3000, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_event(x, x->listener, TERN_EVENT_ACCEPTABLE);
    x_accept(x);
    CHECK_EQ(x_status(x).state, TERN_ESTABLISHED);
}

TEST(accept_deferred_until_the_peer_closes)
{
    fixture *x = deferring();

    x_inject(x, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 1);
    x_event(x, x->listener, TERN_EVENT_ACCEPTABLE);
    x_accept(x);
    CHECK_EQ(x_status(x).state, TERN_CLOSE_WAIT);
}

/* ---- The headers of the SYN ---------------------------------------------------------------- */

TEST(saved_syn_is_as_it_came)
{
    fixture *x = fixture_begin(NULL);
    uint8_t headers[120];

    x_listen(x);
    set(x, x->listener, TERN_OPTION_SAVE_SYN, 1);
    CHECK_EQ(get(x, x->listener, TERN_OPTION_SAVE_SYN), 1);
    x_inject(x, .flags = TCP_SYN, .mss = 1234);
    x_inject(x, .flags = TCP_SYN, .mss = 1234); /* the same again */
    CHECK_EQ(x_usage(x).saved_syns, 1);
    CHECK_EQ(x_run(x, 0), 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_accept(x);
    CHECK_EQ(tern_saved_syn(x->stack, x->c, headers, 43), 44);
    CHECK_EQ(tern_saved_syn(x->stack, x->c, headers, sizeof headers), 44);
    CHECK_EQ(headers[0], 0x45);
    CHECK_EQ(headers[42] << 8 | headers[43], 1234);
    CHECK_EQ(tern_saved_syn(x->stack, x->c, headers, sizeof headers), 0);
    CHECK_EQ(tern_saved_syn(x->stack, x->listener, headers, 1), TERN_ERR_STALE);
    CHECK_EQ(x_usage(x).saved_syns, 0);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_SAVE_SYN, 1), TERN_ERR_INVALID);
}

TEST(saved_syn_goes_with_what_it_began)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    set(x, x->listener, TERN_OPTION_SAVE_SYN, 1);
    x_inject(x, .flags = TCP_SYN);
    CHECK_EQ(x_usage(x).saved_syns, 1);
    x_inject(x, .flags = TCP_RST, .seq = 1);
    CHECK_EQ(x_usage(x).saved_syns, 0);
    x_inject(x, .flags = TCP_SYN);
    CHECK_EQ(x_run(x, 0), 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_accept(x);
    CHECK_EQ(x_usage(x).saved_syns, 1);
    CHECK_EQ(tern_abort(x->stack, x->now_us, x->c), TERN_OK);
    CHECK_EQ(x_run(x, 0), 1); /* the reset is sent */
    CHECK_EQ(x_usage(x).saved_syns, 0);
    set(x, x->listener, TERN_OPTION_SAVE_SYN, 0);
    x_inject(x, .flags = TCP_SYN);
    CHECK_EQ(x_usage(x).saved_syns, 0);
}

TEST(saved_syn_without_room_is_not_kept)
{
    tern_config config = fixture_config();
    config.saved_syns_max = 1;
    fixture *x = fixture_begin(&config);

    x_listen(x);
    set(x, x->listener, TERN_OPTION_SAVE_SYN, 1);
    x_inject(x, .flags = TCP_SYN);
    x->peer.remote.port++;
    CHECK_EQ(x_inject(x, .flags = TCP_SYN), TERN_RULE_SYN_NOT_SAVED);
    CHECK_EQ(x_usage(x).saved_syns, 1);
    CHECK_EQ(x_usage(x).half_open, 2);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->listener), TERN_OK);
}

/* ---- Side by side -------------------------------------------------------------------------- */

TEST(listeners_beside_share_the_peers)
{
    enum { PEERS = 64 };
    tern_config config = fixture_config();
    config.connections_max = config.half_open_max = PEERS;
    fixture *x = fixture_begin(&config);
    tern_handle other, c;
    unsigned of[2] = {0, 0};

    x_listen(x);
    set(x, x->listener, TERN_OPTION_SEND_BUFFER, 1111);
    CHECK_EQ(tern_listen_beside(x->stack, x->now_us, x->listener, PEERS, &other), TERN_OK);
    tern_handle listeners[2] = {x->listener, other};
    for (uint16_t i = 0; i < PEERS; i++) {
        x->peer.remote.port = (uint16_t)(FIXTURE_PEER_PORT + i);
        x_inject(x, .flags = TCP_SYN);
        x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
        for (unsigned l = 0; l < 2; l++) {
            if (tern_accept(x->stack, x->now_us, listeners[l], &c) != TERN_OK)
                continue;
            of[l]++;
            CHECK_EQ(get(x, c, TERN_OPTION_SEND_BUFFER) == 1111, l == 0);
        }
    }
    CHECK_EQ(of[0] + of[1], PEERS);
    CHECK(of[0] > PEERS / 4 && of[1] > PEERS / 4);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->listener), TERN_OK);
    x->peer.remote.port = FIXTURE_PEER_PORT + PEERS;
    x_inject(x, .flags = TCP_SYN);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1); /* the other goes on */
}

TEST(listeners_beside_with_wrong_arguments)
{
    fixture *x = fixture_begin(NULL);
    tern_handle other;

    x_listen(x);
    CHECK_EQ(tern_listen_beside(x->stack, x->now_us, x->listener, 0, &other), TERN_ERR_INVALID);
    CHECK_EQ(tern_listen_beside(x->stack, x->now_us, x->listener, 1, NULL), TERN_ERR_INVALID);
    CHECK_EQ(tern_hold(x->stack, x->now_us, x->listener, true), TERN_OK);
    CHECK_EQ(tern_listen_beside(x->stack, x->now_us, x->listener, 1, &other), TERN_ERR_INVALID);
    CHECK_EQ(tern_hold(x->stack, x->now_us, x->listener, false), TERN_OK);
    CHECK_EQ(tern_listen_beside(x->stack, x->now_us, x->listener, 1, &other), TERN_OK);
    CHECK_EQ(tern_hold(x->stack, x->now_us, other, true), TERN_ERR_INVALID);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->listener), TERN_OK);
    CHECK_EQ(tern_listen_beside(x->stack, x->now_us, x->listener, 1, &other), TERN_ERR_STALE);
}
