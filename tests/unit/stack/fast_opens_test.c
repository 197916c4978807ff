/* fast_opens_test.c - Fast Open, the server's side: who is let in, how many, and by what key (RFC
 * 7413 4.1.2, 4.2, 5.1). */
#include "tests/unit/tcp_fixture.h"

enum { COOKIE = 1 + 8, COOKIE_REQUEST = 1, PENDING_MAX = 2 };

static fixture *server_of(const tern_config *config)
{
    fixture *x = fixture_begin(config);

    x_listen(x);
    CHECK_EQ(tern_fast_open(x->stack, x->now_us, x->listener, PENDING_MAX), TERN_OK);
    return x;
}

/* Gets a cookie by a handshake that a reset ends. */
static void get_cookie(fixture *x)
{
    x->peer.remote.port = 1;
    CHECK_EQ(x_inject(x, .flags = TCP_SYN, .fast = COOKIE_REQUEST), TERN_RULE_MSS_DEFAULT);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .fast = COOKIE);
    x_inject(x, .flags = TCP_RST, .seq = 1);
    x->peer.remote.port = FIXTURE_PEER_PORT;
}

static fixture *server(void)
{
    fixture *x = server_of(NULL);

    get_cookie(x);
    return x;
}

static uint64_t count(const fixture *x, tern_rule rule)
{
    return tern_counter(x->stack, rule);
}

TEST(fast_open_data_reaches_the_program_before_the_handshake_is_done)
{
    fixture *x = server();

    CHECK_EQ(x_inject(x, .flags = TCP_SYN, .mss = 1460, .fast = COOKIE, .seq = 0, .text = "hello",
                      .bytes = 5),
             TERN_RULE_TEXT_QUEUED);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_ACCEPTED), 1);
    CHECK_EQ(count(x, TERN_RULE_SYN_DATA_IGNORED), 0);
    x_state(x, TERN_SYN_RECEIVED);
    x_event(x, x->listener, TERN_EVENT_ACCEPTABLE);
    x_accept(x);
    x_event(x, x->c, TERN_EVENT_READABLE);
    char got[8];
    CHECK_EQ(tern_recv(x->stack, x->now_us, x->c, got, sizeof got), 5);
    CHECK_MEM(got, "hello", 5);
    CHECK_EQ(tern_recv(x->stack, x->now_us, x->c, got, sizeof got), TERN_ERR_WOULD_BLOCK);
    CHECK(x_status(x).syn_data_acked);
    CHECK_EQ(x_status(x).bytes_received, 5);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 6);
    x_inject(x, .flags = TCP_ACK, .seq = 6, .ack = 1);
    x_state(x, TERN_ESTABLISHED);
    CHECK_EQ(count(x, TERN_RULE_HANDSHAKE_DONE), 1);
    x_no_event(x);
}

TEST(fast_open_answers_before_the_third_step)
{
    fixture *x = server();

    x_inject(x, .flags = TCP_SYN, .mss = 1460, .fast = COOKIE, .seq = 0, .text = "?", .bytes = 1);
    x_accept(x);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 2);
    x_send(x, 20000);
    for (uint32_t i = 0; i < 10; i++) /* RFC 6928: the initial window */
        x_expect(x, .flags = TCP_ACK, .seq = 1 + i * 1460, .ack = 2, .bytes = 1460);
    x_expect_nothing(x);
    /* The third step acknowledges the SYN and what came behind it. */
    x_inject(x, .flags = TCP_ACK, .seq = 2, .ack = 1 + 2 * 1460);
    x_state(x, TERN_ESTABLISHED);
    CHECK_EQ(x_status(x).snd_una - x_status(x).iss, 1 + 2 * 1460);
    for (uint32_t at = 1 + 10 * 1460; at + 1460 <= 20001; at += 1460)
        x_expect(x, .flags = TCP_ACK, .seq = at, .ack = 2, .bytes = 1460);
}

TEST(fast_open_small_answer_is_not_held_back)
{
    fixture *x = server();

    x_inject(x, .flags = TCP_SYN, .fast = COOKIE);
    x_accept(x);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_send(x, 10); /* a SYN under way is no small segment of Nagle's */
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
    x_send(x, 10);
    x_expect_nothing(x);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 11);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 11, .ack = 1, .bytes = 10);
}

TEST(fast_open_program_closes_before_the_third_step)
{
    fixture *x = server();

    x_inject(x, .flags = TCP_SYN, .mss = 1460, .fast = COOKIE, .bytes = 0);
    x_accept(x);
    x_send(x, 10);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    x_state(x, TERN_FIN_WAIT_1);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_expect(x, .flags = TCP_ACK | TCP_PSH | TCP_FIN, .seq = 1, .ack = 1, .bytes = 10);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 12);
    x_expect(x, .flags = TCP_ACK, .seq = 12, .ack = 2);
    x_state(x, TERN_TIME_WAIT);
}

TEST(fast_open_closed_and_the_synack_lost)
{
    fixture *x = server();

    x_inject(x, .flags = TCP_SYN, .mss = 1460, .fast = COOKIE);
    x_accept(x);
    x_send(x, 10);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_expect(x, .flags = TCP_ACK | TCP_PSH | TCP_FIN, .seq = 1, .ack = 1, .bytes = 10);
    /* An ACK of nothing is no reason to send data again before the SYN. */
    for (unsigned i = 0; i < 5; i++)
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 0);
    x_expect_after(x, 1000, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_SYN_ACK_PLAIN), 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_expect(x, .flags = TCP_ACK | TCP_PSH | TCP_FIN, .seq = 1, .ack = 1, .bytes = 10);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 12);
    x_expect(x, .flags = TCP_ACK, .seq = 12, .ack = 2);
}

TEST(fast_open_synack_lost_and_sent_again_without_the_option)
{
    fixture *x = server();

    CHECK_EQ(tern_fast_open_key_set(x->stack, x->now_us, (const uint8_t *)"0123456789abcdef", 1),
             TERN_OK);
    get_cookie(x);
    CHECK_EQ(tern_fast_open_key_set(x->stack, x->now_us, (const uint8_t *)"fedcba9876543210", 2),
             TERN_OK);
    x_inject(x, .flags = TCP_SYN, .mss = 1460, .fast = COOKIE, .bytes = 100, .seq = 0);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_COOKIE_OLD), 1);
    x_accept(x);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 101, .fast = COOKIE);
    x_send(x, 2920);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 101, .bytes = 1460);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1461, .ack = 101, .bytes = 1460);
    x_expect_after(x, 1000, .flags = TCP_SYN | TCP_ACK, .ack = 101);
    x_expect_nothing(x);
    x_inject(x, .flags = TCP_ACK, .seq = 101, .ack = 1);
    /* All that went out before counts as lost; one segment at first (RFC 6928 2). */
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 101, .bytes = 1460);
    x_expect_nothing(x);
    x_inject(x, .flags = TCP_ACK, .seq = 101, .ack = 1461);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1461, .ack = 101, .bytes = 1460);
}

TEST(fast_open_the_same_syn_again_delivers_once)
{
    fixture *x = server();

    x_inject(x, .flags = TCP_SYN, .fast = COOKIE, .bytes = 100, .seq = 0);
    x_accept(x);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 101);
    CHECK_EQ(x_inject(x, .flags = TCP_SYN, .fast = COOKIE, .bytes = 100, .seq = 0),
             TERN_RULE_SYN_ACK_AGAIN);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 101);
    CHECK_EQ(x_inject(x, .flags = TCP_SYN), TERN_RULE_SYN_ACK_AGAIN); /* plain, as it shall be */
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 101);
    CHECK_EQ(x_status(x).recv_queue_bytes, 100);
    x_inject(x, .flags = TCP_ACK, .seq = 101, .ack = 1, .bytes = 50);
    CHECK_EQ(x_inject(x, .flags = TCP_SYN, .fast = COOKIE, .bytes = 100, .seq = 0),
             TERN_RULE_TEXT_DUPLICATE);
    CHECK_EQ(x_status(x).recv_queue_bytes, 150);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_ACCEPTED), 1);
}

TEST(fast_open_takes_of_the_syn_what_fits)
{
    tern_config c = fixture_config();

    c.recv_buffer_bytes = 60;
    fixture *x = server_of(&c);
    get_cookie(x);
    x_inject(x, .flags = TCP_SYN, .fast = COOKIE, .bytes = 100, .seq = 0);
    CHECK_EQ(count(x, TERN_RULE_TEXT_BEYOND_WINDOW), 1);
    x_accept(x);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 61, .window = WINDOW_ZERO);
    x_inject(x, .flags = TCP_ACK, .seq = 61, .ack = 1);
    x_state(x, TERN_ESTABLISHED);
}

TEST(fast_open_ignores_the_option_where_it_is_off)
{
    fixture *x = server();

    CHECK_EQ(tern_fast_open(x->stack, x->now_us, x->listener, 0), TERN_OK);
    x_inject(x, .flags = TCP_SYN, .fast = COOKIE, .bytes = 10, .seq = 0);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_OFF), 1);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x->peer.remote.port = 2;
    x_inject(x, .flags = TCP_SYN, .fast = COOKIE_REQUEST);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    CHECK_EQ(tern_fast_open(x->stack, x->now_us, x->c, 1), TERN_ERR_STALE);
}

TEST(fast_open_option_without_syn_is_ignored)
{
    fixture *x = server();

    x_inject(x, .flags = TCP_SYN);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .fast = COOKIE, .bytes = 10);
    x_accept(x);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_OPTION_IGNORED), 1);
    CHECK_EQ(x_status(x).recv_queue_bytes, 10);
}

TEST(fast_open_cookie_comes_with_the_first_synack_only)
{
    fixture *x = server_of(NULL);

    x_inject(x, .flags = TCP_SYN, .fast = COOKIE_REQUEST);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_COOKIE_REQUESTED), 1);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .fast = COOKIE);
    x_expect_after(x, 1000, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_SYN_ACK_PLAIN), 1);
}

TEST(fast_open_bad_cookie_falls_back_and_brings_a_good_one)
{
    fixture *x = server();
    uint8_t bad[8], good[8];

    memcpy(good, x->peer.cookie, sizeof good);
    memcpy(bad, good, sizeof bad);
    bad[7] ^= 1;
    x_inject(x, .flags = TCP_SYN, .fast = COOKIE, .cookie = bad, .bytes = 10, .seq = 0);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_COOKIE_BAD), 1);
    CHECK_EQ(count(x, TERN_RULE_SYN_DATA_IGNORED), 1);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .fast = COOKIE);
    CHECK_MEM(x->peer.cookie, good, sizeof good);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10); /* the peer sends it again */
    x_accept(x);
    CHECK_EQ(x_status(x).recv_queue_bytes, 10);
    x->peer.remote.port = 2; /* of another length */
    x_inject(x, .flags = TCP_SYN, .fast = 1 + 4, .bytes = 10, .seq = 0);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_COOKIE_BAD), 2);
}

TEST(fast_open_cookie_of_another_address_is_bad)
{
    fixture *x = server();

    x->peer.remote.address.octets[15]++;
    x_inject(x, .flags = TCP_SYN, .fast = COOKIE, .bytes = 10, .seq = 0);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_COOKIE_BAD), 1);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_ACCEPTED), 0);
}

/* The cookies that Linux makes with the key a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4 of its tests: by
 * another implementation of SipHash over the addresses as in the IP header. */
TEST(fast_open_cookie_is_that_of_linux)
{
    static const uint8_t key[TERN_KEY_BYTES] = {0xa1, 0xa1, 0xa1, 0xa1, 0xb2, 0xb2, 0xb2, 0xb2,
                                                0xc3, 0xc3, 0xc3, 0xc3, 0xd4, 0xd4, 0xd4, 0xd4};
    static const uint8_t ipv4[8] = {0x9c, 0x7a, 0xcf, 0x0d, 0x9a, 0x44, 0xab, 0x52};
    static const uint8_t ipv6[8] = {0x9d, 0xee, 0x2b, 0xac, 0xea, 0xc3, 0xb5, 0xb0};
    fixture *x = server_of(NULL);

    CHECK_EQ(tern_fast_open_key_set(x->stack, x->now_us, key, 0), TERN_ERR_INVALID);
    CHECK_EQ(tern_fast_open_key_set(x->stack, x->now_us, NULL, 1), TERN_ERR_INVALID);
    CHECK_EQ(tern_fast_open_key_set(x->stack, x->now_us, key, 1), TERN_OK);
    get_cookie(x);
    CHECK_MEM(x->peer.cookie, ipv4, 8);
    x_ipv6(x);
    get_cookie(x);
    CHECK_MEM(x->peer.cookie, ipv6, 8);
}

TEST(fast_open_own_keys_last_one_to_two_hours)
{
    enum { HOUR_MS = 3600000 };
    fixture *x = server();
    uint8_t first[8];

    memcpy(first, x->peer.cookie, sizeof first);
    x_run(x, HOUR_MS);
    x_inject(x, .flags = TCP_SYN, .fast = COOKIE, .cookie = first);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_COOKIE_OLD), 1);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .fast = COOKIE);
    CHECK(memcmp(x->peer.cookie, first, sizeof first) != 0);
    x_inject(x, .flags = TCP_RST, .seq = 1);
    x_run(x, HOUR_MS);
    x_inject(x, .flags = TCP_SYN, .fast = COOKIE, .cookie = first);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_COOKIE_BAD), 1);
}

/* Opens one from this port; true: at once. */
static bool open_from(fixture *x, uint16_t port)
{
    uint64_t before = count(x, TERN_RULE_FAST_OPEN_ACCEPTED);

    x->peer.remote.port = port;
    x_inject(x, .flags = TCP_SYN, .fast = COOKIE, .bytes = 10, .seq = 0);
    bool fast = count(x, TERN_RULE_FAST_OPEN_ACCEPTED) > before;
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = fast ? 11 : 1);
    return fast;
}

TEST(fast_open_pending_connections_are_limited)
{
    fixture *x = server();

    CHECK(open_from(x, 2));
    CHECK(open_from(x, 3));
    CHECK(!open_from(x, 4));
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_PENDING_FULL), 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10); /* by three steps */
    x_state(x, TERN_ESTABLISHED);
}

TEST(fast_open_pending_ends_with_the_third_step)
{
    fixture *x = server();

    CHECK(open_from(x, 2));
    CHECK(open_from(x, 3));
    x_inject(x, .flags = TCP_ACK, .seq = 11, .ack = 1);
    x_state(x, TERN_ESTABLISHED);
    CHECK(open_from(x, 4));
    CHECK(!open_from(x, 5));
}

TEST(fast_open_pending_ends_when_the_third_step_never_comes)
{
    fixture *x = server();

    CHECK(open_from(x, 2));
    CHECK(open_from(x, 3));
    x_run(x, x->config.syn_ack_schedule.give_up_ms + 1);
    x_state(x, TERN_CLOSED);
    CHECK_EQ(count(x, TERN_RULE_R2_REACHED), 2);
    CHECK(open_from(x, 4));
}

TEST(fast_open_reset_does_not_make_room)
{
    fixture *x = server();

    for (uint16_t port = 2; port <= 3; port++) {
        CHECK(open_from(x, port));
        CHECK_EQ(x_inject(x, .flags = TCP_RST, .seq = 11), TERN_RULE_FAST_OPEN_RST);
        x_accept(x);
        CHECK_EQ(x_status(x).error, TERN_ERR_RESET);
        CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    }
    CHECK(!open_from(x, 4));
    x_inject(x, .flags = TCP_RST, .seq = 1);
    x_run(x, 60000);
    CHECK(!open_from(x, 5)); /* for one to two minutes */
    x_inject(x, .flags = TCP_RST, .seq = 1);
    x_run(x, 60000);
    CHECK(open_from(x, 6));
}

TEST(fast_open_of_a_listener_that_is_gone_counts_nowhere)
{
    fixture *x = server();

    CHECK(open_from(x, 2));
    x_accept(x);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->listener), TERN_OK);
    x_inject(x, .flags = TCP_ACK, .seq = 11, .ack = 1);
    x_state(x, TERN_ESTABLISHED);
    x_listen(x);
    CHECK_EQ(tern_fast_open(x->stack, x->now_us, x->listener, 1), TERN_OK);
    CHECK(open_from(x, 3));
    tern_handle old = x->c;
    CHECK_EQ(tern_abort(x->stack, x->now_us, old), TERN_OK);
    x->peer.remote.port = 2;
    x_run(x, 0);
    CHECK(!open_from(x, 4));
}

TEST(fast_open_goes_the_ordinary_way_when_there_is_no_room)
{
    tern_config c = fixture_config();

    c.connections_max = 1;
    fixture *x = server_of(&c);
    get_cookie(x);
    CHECK(open_from(x, 2));
    CHECK(!open_from(x, 3));
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_NO_ROOM), 1);
}

TEST(fast_open_gives_way_to_syn_cookies)
{
    tern_config c = fixture_config();

    c.half_open_max = 1;
    fixture *x = server_of(&c);
    get_cookie(x);
    x->peer.remote.port = 2;
    x_inject(x, .flags = TCP_SYN);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    CHECK(!open_from(x, 3));
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_NO_ROOM), 1);
    CHECK_EQ(count(x, TERN_RULE_COOKIE_SENT), 1);
}

TEST(fast_open_moves_with_its_stack)
{
    fixture *x = server();

    x_move(x);
    CHECK(open_from(x, 2));
    x_move(x);
    x_inject(x, .flags = TCP_ACK, .seq = 11, .ack = 1);
    x_state(x, TERN_ESTABLISHED);
}

/* ---- A listener's own keys ---- */

TEST(fast_open_keys_of_a_listener_are_its_own)
{
    static const uint8_t one[TERN_KEY_BYTES] = "the first key", two[TERN_KEY_BYTES] = "another";
    fixture *x = server();

    CHECK_EQ(tern_fast_open(x->stack, x->now_us, x->listener, 8), TERN_OK);
    CHECK_EQ(tern_fast_open_listener_keys(x->stack, x->now_us, x->listener, one, NULL), TERN_OK);
    x_inject(x, .flags = TCP_SYN, .fast = COOKIE, .bytes = 10); /* of the stack's key */
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_COOKIE_BAD), 1);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .fast = COOKIE);
    CHECK(open_from(x, 3));
    CHECK_EQ(tern_fast_open_listener_keys(x->stack, x->now_us, x->listener, two, one), TERN_OK);
    CHECK(open_from(x, 4));
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_COOKIE_OLD), 1);
    CHECK_EQ(tern_fast_open_listener_keys(x->stack, x->now_us, x->listener, NULL, NULL), TERN_OK);
    x->peer.remote.port = FIXTURE_PEER_PORT;
    get_cookie(x);
    CHECK(open_from(x, 6));
    CHECK_EQ(tern_fast_open_listener_keys(x->stack, x->now_us, x->listener, NULL, one),
             TERN_ERR_INVALID);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->listener), TERN_OK);
    CHECK_EQ(tern_fast_open_listener_keys(x->stack, x->now_us, x->listener, one, NULL),
             TERN_ERR_STALE);
}

/* ---- The option's form of before RFC 7413 ---- */

static void inject_experiment(fixture *x, const uint8_t *cookie, uint32_t bytes)
{
    uint8_t options[12] = {254, 4, 0xf9, 0x89};

    options[1] = cookie != NULL ? 12 : 4;
    if (cookie != NULL)
        memcpy(options + 4, cookie, 8);
    x_inject(x, .flags = TCP_SYN, .options = options, .options_bytes = options[1], .bytes = bytes);
}

/* The SYN,ACK brings a cookie, in that form or in that of RFC 7413. */
static void answered_in_form(fixture *x, bool experiment, uint8_t cookie[8])
{
    uint8_t packet[1500];
    tcp_options options;
    size_t bytes = x_output(x, packet);

    CHECK(bytes > 40);
    tcp_options_read(&options, packet + 40, bytes - 40);
    CHECK(options.has_fast_open);
    CHECK_EQ(options.fast_open_experiment, experiment);
    CHECK_EQ(options.fast_open_bytes, 8);
    memcpy(cookie, options.fast_open, 8);
}

TEST(fast_open_experimental_form_is_answered_in_kind)
{
    tern_config c = fixture_config();
    uint8_t cookie[8];

    c.fast_open_experiment = true;
    fixture *x = server_of(&c);
    inject_experiment(x, NULL, 0);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_EXPERIMENT), 1);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_COOKIE_REQUESTED), 1);
    answered_in_form(x, true, cookie);
    x_inject(x, .flags = TCP_RST, .seq = 1);
    inject_experiment(x, cookie, 5);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_ACCEPTED), 1);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 6);
}

TEST(fast_open_old_cookie_in_the_experimental_form_is_good_and_not_renewed)
{
    tern_config c = fixture_config();
    static const uint8_t key[TERN_KEY_BYTES] = "another key";
    uint8_t cookie[8];

    c.fast_open_experiment = true;
    fixture *x = server_of(&c);
    CHECK_EQ(tern_fast_open_key_set(x->stack, x->now_us, c.key, 1), TERN_OK);
    inject_experiment(x, NULL, 0);
    answered_in_form(x, true, cookie);
    x_inject(x, .flags = TCP_RST, .seq = 1);
    CHECK_EQ(tern_fast_open_key_set(x->stack, x->now_us, key, 2), TERN_OK);
    inject_experiment(x, cookie, 5);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_COOKIE_OLD), 1);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 6);
}

TEST(fast_open_experimental_form_is_an_unknown_option_by_default)
{
    fixture *x = server();

    inject_experiment(x, x->peer.cookie, 5);
    CHECK_EQ(count(x, TERN_RULE_SYN_DATA_IGNORED), 1);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_EXPERIMENT), 0);
    CHECK_EQ(count(x, TERN_RULE_OPTION_UNKNOWN_SKIPPED), 1);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
}

TEST(fast_open_without_data_acknowledges_none)
{
    fixture *x = server();

    x_inject(x, .flags = TCP_SYN, .mss = 1460, .fast = COOKIE);
    x_accept(x);
    CHECK(!x_status(x).syn_data_acked);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10);
    x_state(x, TERN_ESTABLISHED);
    CHECK(!x_status(x).syn_data_acked);
}

TEST(fast_open_may_ask_for_no_cookie)
{
    for (unsigned asked = 0; asked < 2; asked++) {
        tern_config c = fixture_config();
        c.fast_open_cookieless = asked ? 1 : 2;
        fixture *x = server_of(&c);
        x_inject(x, .flags = TCP_SYN, .mss = 1460, .text = "hello", .bytes = 5);
        CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_COOKIE_NOT_ASKED), !asked);
        CHECK_EQ(count(x, TERN_RULE_SYN_DATA_IGNORED), asked);
        x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = asked ? 1 : 6);
    }
}

TEST(fast_open_without_cookies_is_bounded_too)
{
    tern_config c = fixture_config();

    c.fast_open_cookieless = 2;
    fixture *x = server_of(&c);
    for (uint32_t i = 0; i <= PENDING_MAX; i++) {
        x->peer.remote.port = (uint16_t)(100 + i);
        x_inject(x, .flags = TCP_SYN, .mss = 1460, .text = "hello", .bytes = 5);
        x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = i < PENDING_MAX ? 6 : 1);
    }
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_PENDING_FULL), 1);
}
