/* user_timeout_test.c - the User Timeout Option: RFC 5482. The timer itself: timeouts_test.c. */
#include "tcp/user_timeout.h"
#include "tests/unit/tcp_fixture.h"

enum { ADVERTISED_MS = 200000, ADVERTISED_S = 200, OPTION_BYTES = 4, TCP_AT = 20 };

/* A stack that uses the option. */
static fixture *enabled(void)
{
    tern_config c = fixture_config();

    c.user_timeout_advertise_ms = ADVERTISED_MS;
    return fixture_begin(&c);
}

/* Brings in a segment with the option. */
static void inject_option(fixture *x, struct seg s, uint16_t field)
{
    uint8_t option[OPTION_BYTES] = {28, 4, (uint8_t)(field >> 8), (uint8_t)field};

    s.options = option;
    s.options_bytes = sizeof option;
    x_inject_seg(x, s);
}

/* The option of the next segment out; -1: it has none. */
static int next_option(fixture *x)
{
    uint8_t packet[1500];
    tcp_header h;
    tcp_options o;
    size_t bytes = x_output(x, packet);

    CHECK(bytes > TCP_AT);
    CHECK_EQ(tcp_header_read(&h, packet + TCP_AT, bytes - TCP_AT), TERN_RULE_NONE);
    tcp_options_read(&o, h.options, h.options_bytes);
    return o.has_user_timeout ? o.user_timeout : -1;
}

static uint32_t option_of(const fixture *x, tern_option option)
{
    uint32_t value;

    CHECK_EQ(tern_option_get(x->stack, x->c, option, &value), TERN_OK);
    return value;
}

static uint32_t user_timeout(const fixture *x)
{
    return option_of(x, TERN_OPTION_USER_TIMEOUT_MS);
}

TEST(user_timeout_field_in_seconds_and_minutes)
{
    CHECK_EQ(user_timeout_field(1), 1);
    CHECK_EQ(user_timeout_field(1000), 1);
    CHECK_EQ(user_timeout_field(1001), 2);
    CHECK_EQ(user_timeout_field(32767000), 32767);
    CHECK_EQ(user_timeout_field(32767001), 0x8000 | 547); /* 546.1 minutes */
    CHECK_EQ(user_timeout_field(UINT32_MAX), 0x8000 | 0x7fff);
}

TEST(user_timeout_option_is_off_by_default)
{
    fixture *x = fixture_begin(NULL);

    x_connect(x);
    CHECK_EQ(next_option(x), -1);
    inject_option(x, (struct seg){.flags = TCP_SYN | TCP_ACK, .ack = 1}, 300);
    CHECK_EQ(x_hits(x, TERN_RULE_USER_TIMEOUT_IGNORED), 1);
    CHECK_EQ(user_timeout(x), 0);
    CHECK_EQ(next_option(x), -1);
}

TEST(user_timeout_is_told_in_the_syn_and_in_the_first_segment_after_it)
{
    fixture *x = enabled();

    x_connect(x);
    CHECK_EQ(next_option(x), ADVERTISED_S);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460);
    CHECK_EQ(next_option(x), ADVERTISED_S);
    x_send(x, 10);
    CHECK_EQ(next_option(x), -1);
    CHECK_EQ(x_hits(x, TERN_RULE_USER_TIMEOUT_SENT), 2);
}

TEST(user_timeout_is_told_in_the_synack_and_in_the_first_segment_after_it)
{
    fixture *x = enabled();

    x_listen(x);
    x_inject(x, .flags = TCP_SYN, .mss = 1460, .scale = 8, .sack_ok = true, .ts = true);
    CHECK_EQ(next_option(x), ADVERTISED_S);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .ts = true);
    x_accept(x);
    x_send(x, 10);
    CHECK_EQ(next_option(x), ADVERTISED_S);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 11, .ts = true);
    x_send(x, 10);
    CHECK_EQ(next_option(x), -1);
}

TEST(user_timeout_option_makes_a_full_segment_shorter)
{
    fixture *x = enabled();

    x_establish(x, WAY_PASSIVE);
    x_send(x, 4000);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1456);
    x_expect(x, .flags = TCP_ACK, .seq = 1457, .ack = 1, .bytes = 1460);
}

TEST(user_timeout_of_the_peer_is_adopted_within_the_limits)
{
    static const struct {
        uint16_t field;
        uint32_t ms;
    } cases[] = {
        {300, 300000},              /* REMOTE_UTO is the longest */
        {150, ADVERTISED_MS},       /* ADV_UTO is */
        {0x8000 | 10, 600000},      /* in minutes */
        {0x7fff, 3600000},          /* U_LIMIT */
        {0x8000 | 0x7fff, 3600000}, /* far above it */
    };

    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fixture *x = enabled();
        x_establish(x, WAY_PASSIVE);
        inject_option(x, (struct seg){.flags = TCP_ACK, .seq = 1, .ack = 1}, cases[i].field);
        CHECK_EQ(x_hits(x, TERN_RULE_USER_TIMEOUT_ADOPTED), 1);
        CHECK_EQ(user_timeout(x), cases[i].ms);
        CHECK_EQ(option_of(x, TERN_OPTION_USER_TIMEOUT_CHANGEABLE), 1);
        fixture_end(x);
    }
}

TEST(user_timeout_of_the_peer_below_the_least)
{
    tern_config c = fixture_config();

    c.user_timeout_advertise_ms = 5000;
    fixture *x = fixture_begin(&c);
    x_establish(x, WAY_PASSIVE);
    inject_option(x, (struct seg){.flags = TCP_ACK, .seq = 1, .ack = 1}, 10);
    CHECK_EQ(user_timeout(x), 100000); /* L_LIMIT */
}

TEST(user_timeout_of_the_peer_in_its_synack)
{
    fixture *x = enabled();

    x_connect(x);
    x_run(x, 0);
    inject_option(x, (struct seg){.flags = TCP_SYN | TCP_ACK, .ack = 1}, 400);
    CHECK_EQ(user_timeout(x), 400000);
}

TEST(user_timeout_that_is_zero_or_fixed_is_ignored)
{
    fixture *x = enabled();

    x_establish(x, WAY_PASSIVE);
    inject_option(x, (struct seg){.flags = TCP_ACK, .seq = 1, .ack = 1}, 0);
    inject_option(x, (struct seg){.flags = TCP_ACK, .seq = 1, .ack = 1}, 0x8000);
    CHECK_EQ(x_hits(x, TERN_RULE_USER_TIMEOUT_IGNORED), 2);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_USER_TIMEOUT_MS, 7000),
             TERN_OK);
    CHECK_EQ(option_of(x, TERN_OPTION_USER_TIMEOUT_CHANGEABLE), 0);
    inject_option(x, (struct seg){.flags = TCP_ACK, .seq = 1, .ack = 1}, 300);
    CHECK_EQ(x_hits(x, TERN_RULE_USER_TIMEOUT_IGNORED), 3);
    CHECK_EQ(user_timeout(x), 7000);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_USER_TIMEOUT_CHANGEABLE, 1),
             TERN_OK);
    inject_option(x, (struct seg){.flags = TCP_ACK, .seq = 1, .ack = 1}, 300);
    CHECK_EQ(user_timeout(x), 300000);
}

TEST(user_timeout_outside_the_window_says_nothing)
{
    fixture *x = enabled();

    x_establish(x, WAY_PASSIVE);
    inject_option(x, (struct seg){.flags = TCP_ACK, .seq = 0xf0000000, .ack = 1}, 300);
    CHECK_EQ(x_hits(x, TERN_RULE_USER_TIMEOUT_ADOPTED), 0);
    CHECK_EQ(user_timeout(x), 0);
}

TEST(user_timeout_that_is_adopted_ends_the_connection_when_it_is_over)
{
    fixture *x = enabled();

    x_establish(x, WAY_PASSIVE);
    inject_option(x, (struct seg){.flags = TCP_ACK, .seq = 1, .ack = 1}, 300);
    x_send(x, 10);
    x_run(x, 299999);
    CHECK_EQ(x_status(x).state, TERN_ESTABLISHED);
    x_run(x, 1);
    CHECK_EQ(x_status(x).error, TERN_ERR_TIMED_OUT);
}

TEST(user_timeout_set_later_is_told_at_once)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    CHECK_EQ(
        tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_USER_TIMEOUT_ADVERTISE_MS, 90000),
        TERN_OK);
    CHECK_EQ(option_of(x, TERN_OPTION_USER_TIMEOUT_ADVERTISE_MS), 90000);
    CHECK_EQ(next_option(x), 90);
    x_expect_nothing(x);
    inject_option(x, (struct seg){.flags = TCP_ACK, .seq = 1, .ack = 1}, 120);
    CHECK_EQ(user_timeout(x), 120000);
}

TEST(user_timeout_without_room_for_settings_is_ignored)
{
    tern_config c = fixture_config();

    c.user_timeout_advertise_ms = ADVERTISED_MS;
    c.settings_max = 1;
    fixture *x = fixture_begin(&c);
    x_establish(x, WAY_PASSIVE);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_LINGER_MS, 1), TERN_OK);
    x->peer.remote.port++;
    x_inject(x, .flags = TCP_SYN, .mss = 1460);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_accept(x);
    inject_option(x, (struct seg){.flags = TCP_ACK, .seq = 1, .ack = 1}, 300);
    CHECK_EQ(x_hits(x, TERN_RULE_USER_TIMEOUT_IGNORED), 1);
    CHECK_EQ(user_timeout(x), 0);
}
