/* when_test.c - tern_when() against a stack that faces silence: the same sends at the same times,
 * the same end and the same error, in each profile. */
#include "tern/profile.h"
#include "tests/unit/tcp_fixture.h"

enum { RTT_MS = 100 };

/* A stack of this profile in which nobody answers from now on; the fixture's clock stands at the
 * moment that tern_when() counts from. */
typedef fixture *silence(const tern_config *c);

static fixture *silent_syn(const tern_config *c)
{
    fixture *x = fixture_begin(c);

    x_connect(x);
    x_expect(x, .flags = TCP_SYN);
    return x;
}

static fixture *silent_syn_ack(const tern_config *c)
{
    fixture *x = fixture_begin(c);

    x_listen(x);
    x_inject(x, .flags = TCP_SYN, .mss = FIXTURE_MSS);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    return x;
}

/* The handshake takes RTT_MS; it is the one measurement. */
static fixture *established(const tern_config *c)
{
    fixture *x = silent_syn(c);

    x_advance(x, RTT_MS);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = FIXTURE_MSS);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    return x;
}

static fixture *silent_data(const tern_config *c)
{
    fixture *x = established(c);

    x_send(x, 10);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
    return x;
}

static fixture *silent_fin(const tern_config *c)
{
    fixture *x = established(c);

    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    x_expect(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 1);
    return x;
}

static fixture *silent_keepalive(const tern_config *c)
{
    fixture *x = established(c);

    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_KEEPALIVE, 1), TERN_OK);
    return x;
}

static fixture *silent_persist(const tern_config *c)
{
    fixture *x = established(c);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = WINDOW_ZERO);
    x_send(x, 10);
    x_expect_nothing(x);
    return x;
}

static fixture *silent_time_wait(const tern_config *c)
{
    fixture *x = established(c);

    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_WRITE), TERN_OK);
    x_expect(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 1);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 2);
    x_expect(x, .flags = TCP_ACK, .seq = 2, .ack = 2);
    x_state(x, TERN_TIME_WAIT);
    return x;
}

static silence *const silences[TERN_WHENS] = {
    [TERN_WHEN_SYN] = silent_syn,
    [TERN_WHEN_SYN_ACK] = silent_syn_ack,
    [TERN_WHEN_DATA] = silent_data,
    [TERN_WHEN_FIN] = silent_fin,
    [TERN_WHEN_KEEPALIVE] = silent_keepalive,
    [TERN_WHEN_PERSIST] = silent_persist,
    [TERN_WHEN_TIME_WAIT] = silent_time_wait,
};

static bool has_handle(tern_when_what what)
{
    return what != TERN_WHEN_SYN_ACK && what != TERN_WHEN_FIN;
}

static bool gone(const fixture *x)
{
    tern_status st;

    return !x_find(x, &st) || st.state == TERN_CLOSED;
}

/* Runs by tern_deadline() until the connection is gone, and notes when something was sent before
 * its end (a reset may go with that). */
static void observe(fixture *x, tern_when_times *seen)
{
    uint8_t packet[1500];
    tern_time begin_us = x->now_us;

    *seen = (tern_when_times){.sends = 0};
    while (!gone(x)) {
        tern_time due = tern_deadline(x->stack);
        CHECK(due != TERN_NEVER);
        x->now_us = due > x->now_us ? due : x->now_us;
        bool sent = x_output(x, packet) > 0;
        if (!sent || gone(x))
            continue;
        CHECK(seen->sends < TERN_WHEN_SENDS);
        seen->sends_us[seen->sends++] = x->now_us - begin_us;
    }
    seen->end_us = x->now_us - begin_us;
}

static void check_same(tern_profile profile, tern_when_what what)
{
    tern_config c = fixture_config();
    tern_when_times want, seen;

    CHECK_EQ(tern_config_profile(&c, profile), TERN_OK);
    CHECK_EQ(tern_when(&c, what, RTT_MS * 1000, &want), TERN_OK);
    CHECK(!want.more);
    fixture *x = silences[what](&c);
    observe(x, &seen);
    for (uint32_t i = 0; i < seen.sends && i < want.sends; i++)
        if (seen.sends_us[i] != want.sends_us[i])
            test_fail(__FILE__, __LINE__, "%s %s, send %u: at %llu us, tern_when() says %llu",
                      tern_profile_name(profile), tern_when_name(what), i + 1,
                      (unsigned long long)seen.sends_us[i], (unsigned long long)want.sends_us[i]);
    if (seen.sends != want.sends || seen.end_us != want.end_us)
        test_fail(__FILE__, __LINE__, "%s %s: %u sends, end %llu; tern_when(): %u, %llu",
                  tern_profile_name(profile), tern_when_name(what), seen.sends,
                  (unsigned long long)seen.end_us, want.sends, (unsigned long long)want.end_us);
    if (has_handle(what))
        CHECK_EQ(x_status(x).error, want.error);
    fixture_end(x);
}

static void check_profiles(tern_when_what what)
{
    for (unsigned p = 0; p < TERN_PROFILES; p++)
        check_same((tern_profile)p, what);
}

TEST(a_syn_goes_again_and_is_given_up_when_it_says)
{
    check_profiles(TERN_WHEN_SYN);
}

TEST(a_syn_ack_goes_again_and_dies_when_it_says)
{
    check_profiles(TERN_WHEN_SYN_ACK);
}

TEST(data_goes_again_and_is_given_up_when_it_says)
{
    check_profiles(TERN_WHEN_DATA);
}

TEST(the_fin_of_a_close_goes_again_and_is_given_up_when_it_says)
{
    check_profiles(TERN_WHEN_FIN);
}

TEST(a_silent_peer_is_probed_and_given_up_when_it_says)
{
    check_profiles(TERN_WHEN_KEEPALIVE);
}

TEST(a_closed_window_is_probed_and_given_up_when_it_says)
{
    check_profiles(TERN_WHEN_PERSIST);
}

TEST(time_wait_is_over_when_it_says)
{
    check_profiles(TERN_WHEN_TIME_WAIT);
}

/* ---- The numbers themselves ---- */

static void numbers(tern_profile profile, tern_when_what what, const uint32_t *ms, uint32_t count)
{
    tern_config c = fixture_config();
    tern_when_times t;

    CHECK_EQ(tern_config_profile(&c, profile), TERN_OK);
    CHECK_EQ(tern_when(&c, what, 0, &t), TERN_OK);
    for (uint32_t i = 0; i + 1 < count && i < t.sends; i++)
        CHECK_EQ(t.sends_us[i], ms[i] * UINT64_C(1000));
    CHECK_EQ(t.sends, count - 1);
    CHECK_EQ(t.end_us, ms[count - 1] * UINT64_C(1000));
    CHECK_EQ(t.error, what == TERN_WHEN_TIME_WAIT ? TERN_OK : TERN_ERR_TIMED_OUT);
}

#define NUMBERS(profile, what, ...)                                                                \
    numbers((profile), (what), (const uint32_t[]){__VA_ARGS__},                                    \
            sizeof(const uint32_t[]){__VA_ARGS__} / sizeof(uint32_t))

TEST(linux_as_measured)
{
    NUMBERS(TERN_PROFILE_LINUX, TERN_WHEN_SYN, 1000, 2000, 3000, 4000, 5000, 7000, 11000, 19000,
            35500, 67800, 133300);
    NUMBERS(TERN_PROFILE_LINUX, TERN_WHEN_SYN_ACK, 1000, 3000, 7000, 15000, 31000, 63000);
    /* 15 retransmissions: the 924.6 s of tcp_retries2. */
    NUMBERS(TERN_PROFILE_LINUX, TERN_WHEN_DATA, 200, 600, 1400, 3000, 6200, 12600, 25400, 51000,
            102200, 204600, 324600, 444600, 564600, 684600, 804600, 924600);
    NUMBERS(TERN_PROFILE_LINUX, TERN_WHEN_FIN, 200, 600, 1400, 3000, 6200, 12600, 25400, 51000,
            102200);
    NUMBERS(TERN_PROFILE_LINUX, TERN_WHEN_TIME_WAIT, 60000);
}

TEST(freebsd_doubles_and_adds_its_slop)
{
    NUMBERS(TERN_PROFILE_FREEBSD, TERN_WHEN_SYN, 1000, 3200, 7400, 15600, 31800, 64000, 75000);
    NUMBERS(TERN_PROFILE_FREEBSD, TERN_WHEN_SYN_ACK, 1000, 3200, 7400, 15600);
    NUMBERS(TERN_PROFILE_FREEBSD, TERN_WHEN_DATA, 230, 490, 810, 1250, 1930, 3090, 5210, 9250,
            17130, 32690, 63610, 125250, 189250);
}

TEST(rfc9293_doubles_until_its_time_is_over)
{
    NUMBERS(TERN_PROFILE_RFC9293, TERN_WHEN_SYN, 1000, 3000, 7000, 15000, 31000, 63000, 123000,
            180000);
    NUMBERS(TERN_PROFILE_RFC9293, TERN_WHEN_SYN_ACK, 1000, 3000, 7000, 15000, 31000, 63000);
    NUMBERS(TERN_PROFILE_RFC9293, TERN_WHEN_DATA, 1000, 3000, 7000, 15000, 31000, 63000, 100000);
    NUMBERS(TERN_PROFILE_RFC9293, TERN_WHEN_PERSIST, 1000, 3000, 7000, 15000, 31000, 63000, 123000);
    NUMBERS(TERN_PROFILE_RFC9293, TERN_WHEN_TIME_WAIT, 240000);
}

TEST(more_sends_than_there_is_room_for_are_said_to_be_more)
{
    tern_config c = fixture_config();
    tern_when_times t;

    c.data_schedule.min_ms = c.data_schedule.max_ms = c.data_schedule.first_ms = 10;
    CHECK_EQ(tern_when(&c, TERN_WHEN_DATA, 0, &t), TERN_OK);
    CHECK(t.more);
    CHECK_EQ(t.sends, TERN_WHEN_SENDS);
    CHECK_EQ(t.sends_us[255], 2560000);
    CHECK_EQ(t.end_us, 100000000);
    c.persist_schedule.give_up_ms = 99999; /* with a count besides: a timer gives up */
    c.persist_schedule.max_ms = c.persist_schedule.first_ms = 10;
    CHECK_EQ(tern_when(&c, TERN_WHEN_PERSIST, 0, &t), TERN_OK);
    CHECK_EQ(t.end_us, 100000000);
}

TEST(what_no_stack_would_take_has_no_times)
{
    tern_config c = fixture_config();
    tern_when_times t;

    CHECK_EQ(tern_when(NULL, TERN_WHEN_SYN, 0, &t), TERN_ERR_INVALID);
    CHECK_EQ(tern_when(&c, TERN_WHEN_SYN, 0, NULL), TERN_ERR_INVALID);
    CHECK_EQ(tern_when(&c, TERN_WHENS, 0, &t), TERN_ERR_INVALID);
    c.syn_schedule.max_ms = 0;
    CHECK_EQ(tern_when(&c, TERN_WHEN_SYN, 0, &t), TERN_ERR_INVALID);
    CHECK_STR(tern_when_name(TERN_WHEN_TIME_WAIT), "time-wait");
    CHECK(tern_when_name(TERN_WHENS) == NULL);
}
