/* fast_open_test.c - Fast Open, the client's side: the SYN with data, every way back to three
 * steps, and what is remembered of servers (RFC 7413 4.1.3, 4.2). */
#include "tests/unit/tcp_fixture.h"

enum { REQUEST = 1, COOKIE = 1 + 8, LONGEST = 1 + 16, MINUTE_MS = 60000 };

static const uint8_t octets[16] = "the cookie is 16";

static uint64_t count(const fixture *x, tern_rule rule)
{
    return tern_counter(x->stack, rule);
}

/* A connection whose SYN is still to go, with these octets to send. */
static void connect_fast(fixture *x, uint32_t bytes)
{
    x->peer.sent = x->peer.read = 0;
    x_connect(x);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_FAST_OPEN, 1), TERN_OK);
    if (bytes > 0)
        x_send(x, bytes);
}

/* What tern knows of the peer; false: nothing. */
static bool known(const fixture *x, tern_fast_open_entry *entry)
{
    uint64_t cursor = 0;

    while (tern_fast_open_cache_next(x->stack, &cursor, entry))
        if (memcmp(&entry->remote.address, &x->peer.remote.address, sizeof(tern_address)) == 0 &&
            entry->remote.port == x->peer.remote.port)
            return true;
    return false;
}

static fixture *client_of(const tern_config *config, uint16_t mss)
{
    fixture *x = fixture_begin(config);
    tern_fast_open_entry entry = {
        .local = x->peer.local.address, .remote = x->peer.remote, .mss = mss, .cookie_bytes = 8};

    memcpy(entry.cookie, octets, 8);
    CHECK_EQ(tern_fast_open_cache_put(x->stack, x->now_us, &entry), TERN_OK);
    return x;
}

/* It has a cookie. */
static fixture *client(void)
{
    return client_of(NULL, 1460);
}

TEST(fast_open_asks_for_a_cookie_first)
{
    fixture *x = fixture_begin(NULL);
    tern_fast_open_entry entry;

    connect_fast(x, 100);
    x_expect(x, .flags = TCP_SYN, .fast = REQUEST);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_REQUESTED), 1);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1400, .fast = COOKIE,
             .cookie = octets);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_COOKIE_CACHED), 1);
    x_event(x, x->c, TERN_EVENT_CONNECTED);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 100);
    CHECK(!x_status(x).syn_data_acked);
    CHECK(known(x, &entry));
    CHECK_EQ(entry.cookie_bytes, 8);
    CHECK_MEM(entry.cookie, octets, 8);
    CHECK_EQ(entry.mss, 1400);
    CHECK_EQ(entry.off_us, 0);
}

/* The text of a SYN begins at the number behind it, so the pattern is one octet off. */
static const char *syn_text(uint32_t bytes)
{
    static char text[2048];

    for (uint32_t i = 0; i < bytes; i++)
        text[i] = (char)pattern_octet(1 + i);
    return text;
}

TEST(fast_open_sends_data_in_the_syn)
{
    fixture *x = client();

    connect_fast(x, 100);
    x_expect(x, .flags = TCP_SYN, .fast = COOKIE, .cookie = octets, .bytes = 100,
             .text = syn_text(100));
    CHECK_MEM(x->peer.cookie, octets, 8);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_SENT), 1);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 101, .mss = 1400);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_DATA_ACKED), 1);
    x_event(x, x->c, TERN_EVENT_CONNECTED);
    x_state(x, TERN_ESTABLISHED);
    CHECK(x_status(x).syn_data_acked);
    CHECK_EQ(x_status(x).send_queue_bytes, 0);
    CHECK_EQ(x_status(x).bytes_acked, 100);
    x_expect(x, .flags = TCP_ACK, .seq = 101, .ack = 1);
    x_send(x, 10);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 101, .ack = 1, .bytes = 10);
    tern_fast_open_entry entry;
    CHECK(known(x, &entry));
    CHECK_EQ(entry.mss, 1400); /* as of now */
}

TEST(fast_open_syn_without_data_carries_the_cookie)
{
    fixture *x = client();

    connect_fast(x, 0);
    x_expect(x, .flags = TCP_SYN, .fast = COOKIE);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_NEGATIVE), 0);
    connect_fast(x, 0);
    x_expect(x, .flags = TCP_SYN, .fast = COOKIE);
}

TEST(fast_open_data_is_limited_by_the_servers_mss)
{
    fixture *x = client_of(NULL, 1000);

    connect_fast(x, 2000);
    x_expect(x, .flags = TCP_SYN, .fast = COOKIE, .bytes = 960, .text = syn_text(960));
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_DATA_LIMITED), 1);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 961, .mss = 1000);
    x_expect(x, .flags = TCP_ACK, .seq = 961, .ack = 1, .bytes = 1000);
}

TEST(fast_open_data_is_limited_by_the_default_mss)
{
    fixture *x = client_of(NULL, 0);

    connect_fast(x, 2000);
    x_expect(x, .flags = TCP_SYN, .fast = COOKIE, .bytes = 496, .text = syn_text(496));
    x = fixture_begin(NULL);
    x_ipv6(x);
    tern_fast_open_entry entry = {
        .local = x->peer.local.address, .remote = x->peer.remote, .cookie_bytes = 16};
    CHECK_EQ(tern_fast_open_cache_put(x->stack, x->now_us, &entry), TERN_OK);
    connect_fast(x, 2000);
    x_expect(x, .flags = TCP_SYN, .fast = LONGEST, .bytes = 1180, .text = syn_text(1180));
}

TEST(fast_open_data_is_limited_to_a_typical_mss)
{
    tern_config c = fixture_config();

    c.mtu_bytes = 9000;
    fixture *x = client_of(&c, 8960);
    connect_fast(x, 4000);
    x_expect(x, .flags = TCP_SYN, .fast = COOKIE, .bytes = 1420, .text = syn_text(1420));
    c.fast_open_mss_typical = false;
    x = client_of(&c, 1960);
    connect_fast(x, 4000);
    x_expect(x, .flags = TCP_SYN, .fast = COOKIE, .bytes = 1920, .text = syn_text(1920));
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_DATA_LIMITED), 1);
}

TEST(fast_open_data_refused_goes_out_with_the_ack)
{
    fixture *x = client();
    tern_fast_open_entry entry;

    connect_fast(x, 100);
    x_expect(x, .flags = TCP_SYN, .fast = COOKIE, .bytes = 100, .text = syn_text(100));
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460); /* the option was stripped */
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_DATA_REFUSED), 1);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 100);
    CHECK_EQ(x_status(x).resent, 100);
    CHECK_EQ(x_status(x).total_retrans, 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 101);
    CHECK_EQ(x_status(x).resent, 0);
    CHECK(known(x, &entry));
    CHECK_EQ(entry.failures, 1);
    CHECK_EQ(entry.off_us, MINUTE_MS * 1000);
}

/* Where units count (send_units), what the SYN had is one, and goes by itself. */
TEST(fast_open_data_refused_goes_as_it_went_where_units_count)
{
    tern_config c = fixture_config();

    c.send_units = true;
    fixture *x = client_of(&c, 1460);
    connect_fast(x, 4000);
    x_expect(x, .flags = TCP_SYN, .fast = COOKIE, .bytes = 1420, .text = syn_text(1420));
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1000, .sack_ok = true);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1000);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1001, .ack = 1, .bytes = 420);
    CHECK_EQ(x_status(x).resent, 1420);
    CHECK_EQ(x_status(x).total_retrans, 2);
    x_expect(x, .flags = TCP_ACK, .seq = 1421, .ack = 1, .bytes = 1000);
    x_expect(x, .flags = TCP_ACK, .seq = 2421, .ack = 1, .bytes = 1000);
    CHECK_EQ(x_status(x).resent, 1420);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1001);
    CHECK_EQ(x_status(x).resent, 420);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 3421); /* Nagle has the rest */
    CHECK_EQ(x_status(x).resent, 0);
}

TEST(fast_open_data_taken_in_part)
{
    fixture *x = client();

    connect_fast(x, 100);
    x_expect(x, .flags = TCP_SYN, .fast = COOKIE, .bytes = 100, .text = syn_text(100));
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 61, .mss = 1460);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_DATA_ACKED), 1);
    CHECK(!x_status(x).syn_data_acked); /* not all of it */
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 61, .ack = 1, .bytes = 40);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_NEGATIVE), 0);
}

TEST(fast_open_bad_cookie_is_replaced)
{
    fixture *x = client();
    tern_fast_open_entry entry;

    connect_fast(x, 100);
    x_expect(x, .flags = TCP_SYN, .fast = COOKIE, .bytes = 100, .text = syn_text(100));
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .fast = LONGEST, .cookie = octets);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 100);
    CHECK(known(x, &entry));
    CHECK_EQ(entry.cookie_bytes, 16);
    CHECK_MEM(entry.cookie, octets, 16);
    CHECK_EQ(entry.failures + entry.off_us, 0);
    connect_fast(x, 10);
    x_expect(x, .flags = TCP_SYN, .fast = LONGEST, .bytes = 10, .text = syn_text(10));
}

TEST(fast_open_syn_lost_and_sent_again_without_option_and_data)
{
    fixture *x = client();
    tern_fast_open_entry entry;

    connect_fast(x, 100);
    x_expect(x, .flags = TCP_SYN, .fast = COOKIE, .bytes = 100, .text = syn_text(100));
    x_expect_after(x, 1000, .flags = TCP_SYN);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_FALLBACK), 1);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 100);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_NEGATIVE), 1); /* a black hole, maybe */
    CHECK(known(x, &entry));
    CHECK_EQ(entry.failures, 1);
}

TEST(fast_open_synack_lost_and_the_data_was_taken)
{
    fixture *x = client();

    connect_fast(x, 100);
    x_expect(x, .flags = TCP_SYN, .fast = COOKIE, .bytes = 100, .text = syn_text(100));
    x_expect_after(x, 1000, .flags = TCP_SYN);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 101, .mss = 1460);
    x_expect(x, .flags = TCP_ACK, .seq = 101, .ack = 1);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_DATA_ACKED), 1);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_NEGATIVE), 0);
    CHECK_EQ(x_status(x).send_queue_bytes, 0);
}

TEST(fast_open_many_segments_follow_a_lost_syn)
{
    fixture *x = client();

    connect_fast(x, 5000);
    x_expect(x, .flags = TCP_SYN, .fast = COOKIE, .bytes = 1420, .text = syn_text(1420));
    x_expect_after(x, 1000, .flags = TCP_SYN);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1460); /* RFC 6928 2: one */
    x_expect_nothing(x);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1461);
    x_expect(x, .flags = TCP_ACK, .seq = 1461, .ack = 1, .bytes = 1460);
    x_expect(x, .flags = TCP_ACK, .seq = 2921, .ack = 1, .bytes = 1460);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 4381);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 4381, .ack = 1, .bytes = 620);
}

TEST(fast_open_pauses_after_a_failure_and_longer_each_time)
{
    fixture *x = client();
    tern_fast_open_entry entry;

    for (unsigned failures = 1; failures <= 12; failures++) {
        connect_fast(x, 10);
        x_expect(x, .flags = TCP_SYN, .fast = COOKIE, .bytes = 10, .text = syn_text(10));
        x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
        x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
        CHECK_EQ(tern_abort(x->stack, x->now_us, x->c), TERN_OK);
        x_run(x, 0);
        CHECK(known(x, &entry));
        CHECK_EQ(entry.failures, failures < 10 ? failures : 10);
        unsigned doublings = failures - 1 < 10 ? failures - 1 : 10;
        CHECK_EQ(entry.off_us, (tern_time)MINUTE_MS * 1000 << doublings);
        x->now_us += entry.off_us - 1;
        connect_fast(x, 10);
        x_expect(x, .flags = TCP_SYN);
        CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_PAUSED), failures);
        CHECK_EQ(tern_abort(x->stack, x->now_us, x->c), TERN_OK);
        x->now_us++;
    }
    /* One success, and all is forgotten. */
    connect_fast(x, 10);
    x_expect(x, .flags = TCP_SYN, .fast = COOKIE, .bytes = 10, .text = syn_text(10));
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 11);
    CHECK(known(x, &entry));
    CHECK_EQ(entry.failures + entry.off_us, 0);
}

TEST(fast_open_request_that_brings_no_cookie_is_not_repeated_at_once)
{
    fixture *x = fixture_begin(NULL);

    connect_fast(x, 10);
    x_expect(x, .flags = TCP_SYN, .fast = REQUEST);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_NEGATIVE), 1);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
    connect_fast(x, 10);
    x_expect(x, .flags = TCP_SYN);
    x_run(x, MINUTE_MS);
    connect_fast(x, 10);
    x_expect(x, .flags = TCP_SYN, .fast = REQUEST);
}

TEST(fast_open_syn_refused_or_never_answered_is_a_failure)
{
    fixture *x = client();

    connect_fast(x, 10);
    x_expect(x, .flags = TCP_SYN, .fast = COOKIE, .bytes = 10, .text = syn_text(10));
    CHECK_EQ(x_inject(x, .flags = TCP_RST | TCP_ACK, .ack = 11), TERN_RULE_FAST_OPEN_NEGATIVE);
    CHECK_EQ(x_status(x).error, TERN_ERR_REFUSED);
    x = client();
    connect_fast(x, 10);
    x_run(x, x->config.syn_schedule.give_up_ms + 1);
    CHECK_EQ(x_status(x).error, TERN_ERR_TIMED_OUT);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_NEGATIVE), 1);
    x = client();
    connect_fast(x, 10);
    x_run(x, 10);
    CHECK_EQ(tern_abort(x->stack, x->now_us, x->c), TERN_OK); /* the program's, not the server's */
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_NEGATIVE), 0);
}

TEST(fast_open_is_chosen_before_the_syn_has_gone)
{
    fixture *x = client();
    uint32_t value;

    x_connect(x);
    CHECK_EQ(tern_option_get(x->stack, x->c, TERN_OPTION_FAST_OPEN, &value), TERN_OK);
    CHECK_EQ(value, 0);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_FAST_OPEN, 1), TERN_OK);
    CHECK_EQ(tern_option_get(x->stack, x->c, TERN_OPTION_FAST_OPEN, &value), TERN_OK);
    CHECK_EQ(value, 1);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_FAST_OPEN, 0), TERN_OK);
    x_expect(x, .flags = TCP_SYN);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_FAST_OPEN, 1),
             TERN_ERR_INVALID);
}

TEST(fast_open_with_data_in_a_simultaneous_open)
{
    fixture *x = client();

    connect_fast(x, 100);
    x_expect(x, .flags = TCP_SYN, .fast = COOKIE, .bytes = 100, .text = syn_text(100));
    x_inject(x, .flags = TCP_SYN, .mss = 1460);
    x_state(x, TERN_SYN_RECEIVED);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460); /* it did not take the data */
    x_state(x, TERN_ESTABLISHED);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 100);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 101);
    CHECK_EQ(x_status(x).send_queue_bytes, 0);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_NEGATIVE), 0);
}

TEST(fast_open_data_taken_in_a_simultaneous_open)
{
    fixture *x = client();

    connect_fast(x, 100);
    x_expect(x, .flags = TCP_SYN, .fast = COOKIE, .bytes = 100, .text = syn_text(100));
    x_inject(x, .flags = TCP_SYN, .mss = 1460);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 101, .mss = 1460);
    x_state(x, TERN_ESTABLISHED);
    CHECK_EQ(x_status(x).send_queue_bytes, 0);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_DATA_ACKED), 1);
}

TEST(fast_open_cache_is_saved_and_loaded)
{
    fixture *x = client();
    tern_fast_open_entry saved, loaded;

    CHECK(known(x, &saved));
    fixture *y = fixture_begin(NULL);
    CHECK(!known(y, &loaded));
    CHECK_EQ(tern_fast_open_cache_put(y->stack, y->now_us, &saved), TERN_OK);
    CHECK(known(y, &loaded));
    CHECK_EQ(loaded.mss, saved.mss);
    CHECK_EQ(loaded.cookie_bytes, 8);
    CHECK_MEM(loaded.cookie, saved.cookie, 8);
    saved.off_us = 5000000;
    saved.failures = 200;
    CHECK_EQ(tern_fast_open_cache_put(y->stack, y->now_us, &saved), TERN_OK);
    CHECK_EQ(x_usage(y).fast_opens, 1);
    CHECK(known(y, &loaded));
    CHECK_EQ(loaded.off_us, 5000000);
    CHECK_EQ(loaded.failures, 10);
    connect_fast(y, 10);
    x_expect(y, .flags = TCP_SYN);
}

TEST(fast_open_cache_takes_no_nonsense)
{
    fixture *x = client();
    tern_fast_open_entry right, e;

    CHECK(known(x, &right));
    CHECK_EQ(tern_fast_open_cache_put(x->stack, x->now_us, NULL), TERN_ERR_INVALID);
    for (uint8_t bytes = 0; bytes <= 18; bytes++) {
        e = right;
        e.cookie_bytes = bytes;
        bool good = bytes == 0 || (bytes >= 4 && bytes <= 16 && bytes % 2 == 0);
        CHECK_EQ(tern_fast_open_cache_put(x->stack, x->now_us, &e),
                 good ? TERN_OK : TERN_ERR_INVALID);
    }
    e = right;
    e.remote.port = 0;
    CHECK_EQ(tern_fast_open_cache_put(x->stack, x->now_us, &e), TERN_ERR_INVALID);
    e = right;
    e.remote.address = (tern_address){0};
    CHECK_EQ(tern_fast_open_cache_put(x->stack, x->now_us, &e), TERN_ERR_INVALID);
    e = right;
    e.off_us = TERN_NEVER;
    CHECK_EQ(tern_fast_open_cache_put(x->stack, x->now_us, &e), TERN_ERR_INVALID);
    e = right;
    e.local = x->config.addresses[1];
    CHECK_EQ(tern_fast_open_cache_put(x->stack, x->now_us, &e), TERN_ERR_INVALID);
    e.local = e.remote.address;
    CHECK_EQ(tern_fast_open_cache_put(x->stack, x->now_us, &e), TERN_ERR_NOT_LOCAL);
}

TEST(fast_open_cache_forgets_the_server_used_longest_ago)
{
    tern_config c = fixture_config();
    tern_fast_open_entry entry;

    c.fast_open_cache_max = 3;
    fixture *x = client_of(&c, 0);
    CHECK(known(x, &entry));
    for (uint16_t port = 2; port <= 3; port++) {
        entry.remote.port = port;
        CHECK_EQ(tern_fast_open_cache_put(x->stack, x->now_us, &entry), TERN_OK);
    }
    connect_fast(x, 0); /* the first is used again */
    x_expect(x, .flags = TCP_SYN, .fast = COOKIE);
    entry.remote.port = 4;
    CHECK_EQ(tern_fast_open_cache_put(x->stack, x->now_us, &entry), TERN_OK);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_CACHE_FULL), 1);
    CHECK_EQ(x_usage(x).fast_opens, 3);
    CHECK(known(x, &entry));
    x->peer.remote.port = 2;
    CHECK(!known(x, &entry));
    for (uint16_t port = 100; port < 1000; port++) {
        entry.remote.port = port;
        CHECK_EQ(tern_fast_open_cache_put(x->stack, x->now_us, &entry), TERN_OK);
    }
    x->peer.remote.port = 998;
    CHECK(known(x, &entry));
    CHECK_EQ(x_usage(x).fast_opens, 3);
}

TEST(fast_open_failures_may_be_borne)
{
    tern_config c = fixture_config();
    tern_fast_open_entry entry;

    c.fast_open_patience = 1;
    fixture *x = client_of(&c, 1460);
    for (unsigned i = 0; i < 2; i++) {
        connect_fast(x, 10);
        x_expect(x, .flags = TCP_SYN, .fast = COOKIE, .text = syn_text(10), .bytes = 10);
        x_inject(x, .flags = TCP_RST | TCP_ACK, .ack = 11);
        CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_BORNE), 1);
        CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_NEGATIVE), i);
    }
    CHECK(known(x, &entry));
    CHECK(entry.off_us > 0 && entry.off_us <= 60000000);
}

TEST(fast_open_may_show_no_cookie)
{
    tern_config c = fixture_config();
    tern_fast_open_entry entry;

    c.fast_open_cookieless = 1;
    fixture *x = fixture_begin(&c);
    connect_fast(x, 1500);
    x_expect(x, .flags = TCP_SYN, .fast = 0, .text = syn_text(1420), .bytes = 1420);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_SENT_BARE), 1);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1421, .mss = 940, .fast = COOKIE,
             .cookie = octets);
    CHECK(x_status(x).syn_data_acked);
    CHECK(known(x, &entry)); /* its MSS, but not the cookie that nobody asked for */
    CHECK_EQ(entry.mss, 940);
    CHECK_EQ(entry.cookie_bytes, 0);
    x_run(x, 0);
    x->peer.remote.port = FIXTURE_PEER_PORT;
    CHECK_EQ(tern_fast_open_room(x->stack, NULL, &x->peer.remote), 900);
    connect_fast(x, 1500);
    x_expect(x, .flags = TCP_SYN, .fast = 0, .text = syn_text(900), .bytes = 900);
}

/* ---- The option's form of before RFC 7413 ---- */

static fixture *client_of_both_forms(void)
{
    tern_config c = fixture_config();

    c.fast_open_experiment = true;
    return fixture_begin(&c);
}

/* The SYN has the option in the form of before RFC 7413; returns the octets of its cookie. */
static uint8_t syn_in_old_form(fixture *x)
{
    uint8_t packet[1500];
    tcp_options options;
    size_t bytes = x_output(x, packet);

    CHECK(bytes >= 40);
    tcp_options_read(&options, packet + 40, (packet[32] >> 4) * 4u - 20);
    CHECK(options.has_fast_open);
    CHECK(options.fast_open_experiment);
    return options.fast_open_bytes;
}

static void answer_plainly(fixture *x)
{
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460);
    x_run(x, 0);
}

TEST(fast_open_asks_in_the_old_form_once_and_then_as_before)
{
    fixture *x = client_of_both_forms();

    connect_fast(x, 100);
    x_expect(x, .flags = TCP_SYN, .fast = REQUEST);
    answer_plainly(x);
    connect_fast(x, 100);
    CHECK_EQ(syn_in_old_form(x), 0);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_REQUESTED_BEFORE), 1);
    answer_plainly(x);
    for (unsigned i = 0; i < 3; i++) {
        connect_fast(x, 100);
        x_expect(x, .flags = TCP_SYN, .fast = REQUEST);
        answer_plainly(x);
    }
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_REQUESTED_BEFORE), 1);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_NEGATIVE), 0);
}

TEST(fast_open_cookie_of_the_old_form_goes_in_it)
{
    fixture *x = client_of_both_forms();
    uint8_t options[12] = {254, 12, 0xf9, 0x89, 1, 2, 3, 4, 5, 6, 7, 8};
    tern_fast_open_entry entry;

    connect_fast(x, 0);
    x_run(x, 0);
    answer_plainly(x);
    connect_fast(x, 0);
    x_run(x, 0);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .options = options, .options_bytes = 12);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_COOKIE_CACHED), 1);
    x_run(x, 0);
    CHECK(known(x, &entry));
    CHECK(entry.experiment);
    CHECK_EQ(tern_fast_open_cache_put(x->stack, x->now_us, &entry), TERN_OK);
    connect_fast(x, 100);
    CHECK_EQ(syn_in_old_form(x), 8);
    /* The server gives a new one in the form of RFC 7413. */
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 101, .mss = 1460, .fast = COOKIE,
             .cookie = octets);
    x_run(x, 0);
    connect_fast(x, 100);
    x_expect(x, .flags = TCP_SYN, .fast = COOKIE, .bytes = 100, .text = syn_text(100));
}

TEST(fast_open_syn_sent_again_says_nothing_of_the_form)
{
    fixture *x = client_of_both_forms();

    connect_fast(x, 100);
    x_expect(x, .flags = TCP_SYN, .fast = REQUEST);
    x_expect_after(x, 1000, .flags = TCP_SYN);
    answer_plainly(x);
    CHECK_EQ(count(x, TERN_RULE_FAST_OPEN_NEGATIVE), 1);
}
