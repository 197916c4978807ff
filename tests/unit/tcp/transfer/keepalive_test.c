/* keepalive_test.c - probes of a silent peer (RFC 9293 3.8.4). */
#include "tests/unit/tcp_fixture.h"

enum { IDLE_MS = 60000, INTERVAL_MS = 5000, COUNT = 3 };

static fixture *begin(unsigned ways)
{
    tern_config config = fixture_config();

    config.keepalive = true;
    config.keep_idle_ms = IDLE_MS;
    config.keep_interval_ms = INTERVAL_MS;
    config.keep_count = COUNT;
    fixture *x = fixture_begin(&config);
    x_establish(x, ways);
    return x;
}

/* A probe is an old octet, left out. */
static void expect_probe(fixture *x, uint32_t after_ms)
{
    x_expect_after(x, after_ms, .flags = TCP_ACK, .seq = x->peer.tern_next - 1,
                   .ack = x->peer.next);
}

static void answer(fixture *x)
{
    x_inject(x, .flags = TCP_ACK, .seq = x->peer.next, .ack = x->peer.tern_next);
}

TEST(keepalive_is_off_unless_asked_for)
{
    fixture *x = fixture_begin(NULL);

    x_establish(x, WAY_PASSIVE);
    x_advance(x, 3 * 7200 * 1000);
    x_state(x, TERN_ESTABLISHED);
}

TEST(keepalive_probes_after_two_hours_by_default)
{
    fixture *x = fixture_begin(NULL);

    x_establish(x, WAY_ACTIVE);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_KEEPALIVE, 1), TERN_OK);
    expect_probe(x, 7200 * 1000);
    expect_probe(x, 75 * 1000);
}

TEST(keepalive_goes_on_while_the_peer_answers)
{
    for (unsigned ways = 0; ways < 8; ways++) { /* passive, active; IPv4, IPv6; options */
        fixture *x = begin(ways);
        expect_probe(x, IDLE_MS);
        for (unsigned i = 0; i < 5; i++) {
            answer(x);
            expect_probe(x, IDLE_MS);
        }
        CHECK_EQ(tern_counter(x->stack, TERN_RULE_KEEPALIVE_PROBE), 6);
        fixture_end(x);
    }
}

TEST(keepalive_gives_up_a_peer_that_is_gone)
{
    fixture *x = begin(WAY_PASSIVE);
    tern_event event;

    while (tern_next_event(x->stack, &event))
        continue;
    expect_probe(x, IDLE_MS);
    for (unsigned i = 1; i < COUNT; i++)
        expect_probe(x, INTERVAL_MS);
    x_expect_after(x, INTERVAL_MS, .flags = TCP_RST | TCP_ACK, .seq = x->peer.tern_next,
                   .ack = x->peer.next);
    x_state(x, TERN_CLOSED);
    CHECK(tern_next_event(x->stack, &event) && (event.what & TERN_EVENT_CLOSED) != 0);
    CHECK_EQ(event.error, TERN_ERR_TIMED_OUT);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_KEEPALIVE_GIVEN_UP), 1);
    x_advance(x, 10 * IDLE_MS);
}

TEST(keepalive_counts_silence_from_the_last_segment)
{
    fixture *x = begin(WAY_ACTIVE);

    x_advance(x, IDLE_MS - 10000);
    x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = x->peer.next, .ack = x->peer.tern_next,
             .bytes = 10);
    x->peer.next += 10;
    x_run(x, 100); /* the delayed ACK */
    x_advance(x, IDLE_MS - 100 - 1);
    expect_probe(x, 1);
}

TEST(keepalive_leaves_data_under_way_to_the_retransmission_timer)
{
    fixture *x = begin(WAY_ACTIVE);

    x_advance(x, IDLE_MS - 500);
    x_send(x, 100);
    x_run(x, 90000);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_KEEPALIVE_PROBE), 0);
    CHECK(tern_counter(x->stack, TERN_RULE_RTO_BACKOFF) > 3);
}

TEST(keepalive_after_data_under_way_is_not_late)
{
    fixture *x = fixture_begin(NULL);

    x_establish(x, WAY_ACTIVE);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_KEEP_IDLE_MS, 2000), TERN_OK);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_KEEPALIVE, 1), TERN_OK);
    x_send(x, 100);
    x_run(x, 5000); /* beyond the first look, far from the interval of 75 s */
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 101);
    x_expect_after(x, 2000, .flags = TCP_ACK, .seq = 100, .ack = 1);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_KEEPALIVE_PROBE), 1);
}

TEST(keepalive_does_not_hold_up_time_wait)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_TIME_WAIT, WAY_ACTIVE);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_KEEPALIVE, 1), TERN_OK);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_KEEP_IDLE_MS, 1), TERN_OK);
    x_advance(x, 239000);
    x_state(x, TERN_TIME_WAIT);
    x_advance(x, 1100);
    x_state(x, TERN_CLOSED);
}

TEST(keepalive_can_be_switched_off_and_on)
{
    fixture *x = begin(WAY_PASSIVE);
    uint32_t value;

    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_KEEPALIVE, 0), TERN_OK);
    x_advance(x, 5 * IDLE_MS);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_KEEP_IDLE_MS, 1000), TERN_OK);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_KEEP_INTERVAL_MS, 700),
             TERN_OK);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_KEEP_COUNT, 255), TERN_OK);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_KEEPALIVE, 1), TERN_OK);
    answer(x);
    expect_probe(x, 1000);
    expect_probe(x, 700);
    CHECK_EQ(tern_option_get(x->stack, x->c, TERN_OPTION_KEEP_INTERVAL_MS, &value), TERN_OK);
    CHECK_EQ(value, 700);
    CHECK_EQ(x_usage(x).settings, 1);
    tern_abort(x->stack, x->now_us, x->c);
    x_run(x, 0);
    CHECK_EQ(x_usage(x).settings, 0);
}

TEST(keepalive_settings_have_limits)
{
    tern_config config = fixture_config();
    static const tern_option times[] = {TERN_OPTION_KEEP_IDLE_MS, TERN_OPTION_KEEP_INTERVAL_MS,
                                        TERN_OPTION_KEEP_COUNT};

    config.settings_max = 1;
    fixture *x = fixture_begin(&config);
    x_establish(x, WAY_ACTIVE);
    tern_handle first = x->c;
    for (unsigned i = 0; i < 3; i++)
        CHECK_EQ(tern_option_set(x->stack, x->now_us, first, times[i], 0), TERN_ERR_INVALID);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, first, TERN_OPTION_KEEP_COUNT, 256),
             TERN_ERR_INVALID);
    CHECK_EQ(x_usage(x).settings, 0);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, first, TERN_OPTION_KEEP_COUNT, 4), TERN_OK);
    x_establish(x, WAY_ACTIVE);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_KEEP_COUNT, 4),
             TERN_ERR_NO_RESOURCES);
}
