/* writable_test.c - when the program is told that tern_send() takes octets again. */
#include "tests/unit/tcp_fixture.h"

static ptrdiff_t give(fixture *x, size_t bytes)
{
    static const uint8_t octets[4096];

    return tern_send(x->stack, x->now_us, x->c, octets, bytes);
}

static void bring(fixture *x, tern_option option, uint32_t value)
{
    tern_event event;

    x_bring(x, TERN_ESTABLISHED, WAY_ACTIVE);
    while (tern_next_event(x->stack, &event))
        ;
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, option, value), TERN_OK);
}

TEST(writable_when_a_third_of_the_buffer_is_free)
{
    fixture *x = fixture_begin(NULL);

    bring(x, TERN_OPTION_SEND_BUFFER, 3000);
    CHECK_EQ(give(x, 3001), 3000);
    CHECK_EQ(give(x, 1), TERN_ERR_WOULD_BLOCK);
    (void)x_run(x, 0);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1000);
    x_no_event(x);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1001);
    x_event(x, x->c, TERN_EVENT_WRITABLE);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 3001);
    x_no_event(x);
}

TEST(writable_is_asked_for_by_giving_nothing)
{
    fixture *x = fixture_begin(NULL);

    bring(x, TERN_OPTION_SEND_BUFFER, 3000);
    CHECK_EQ(give(x, 2500), 2500); /* not refused, and yet there is no room to speak of */
    CHECK_EQ(give(x, 0), 0);
    (void)x_run(x, 0);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 501);
    x_event(x, x->c, TERN_EVENT_WRITABLE);
    CHECK_EQ(give(x, 0), 0);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 601);
    x_no_event(x);
}

TEST(writable_when_little_is_unsent)
{
    fixture *x = fixture_begin(NULL);

    bring(x, TERN_OPTION_UNSENT_LOW, 1000);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 2000);
    CHECK_EQ(give(x, 3800), 3800);
    CHECK_EQ(give(x, 1), TERN_ERR_WOULD_BLOCK); /* 3800 are unsent */
    CHECK(x_run(x, 0) >= 1);
    x_no_event(x); /* 2340 are */
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1001, .window = 3000);
    CHECK(x_run(x, 0) >= 1);
    x_event(x, x->c, TERN_EVENT_WRITABLE);
    CHECK(give(x, 100) > 0);
}

TEST(writable_when_the_mark_moves)
{
    fixture *x = fixture_begin(NULL);

    bring(x, TERN_OPTION_UNSENT_LOW, 1000);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = WINDOW_ZERO);
    CHECK_EQ(give(x, 2000), 2000);
    CHECK_EQ(give(x, 1), TERN_ERR_WOULD_BLOCK);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_UNSENT_LOW, 2001), TERN_OK);
    x_event(x, x->c, TERN_EVENT_WRITABLE);
}

/* ---- Units (docs/decisions/0028) ---- */

/* Segments of 1000 octets, a window of 20000: units of 10000. All that comes out is thrown away. */
static fixture *units(uint32_t send_buffer_bytes, uint32_t send_buffer_max_bytes)
{
    tern_config c = fixture_config();
    tern_event event;

    c.send_units = true;
    c.send_buffer_bytes = send_buffer_bytes;
    c.send_buffer_max_bytes = send_buffer_max_bytes;
    c.slow_start_segments = 0;
    fixture *x = fixture_begin(&c);
    x_listen(x);
    x_inject(x, .flags = TCP_SYN, .mss = 1000, .window = 20000);
    (void)x_run(x, 0);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 20000);
    x_accept(x);
    while (tern_next_event(x->stack, &event))
        ;
    return x;
}

static ptrdiff_t give_much(fixture *x, size_t bytes)
{
    static const uint8_t octets[200000];

    return tern_send(x->stack, x->now_us, x->c, octets, bytes);
}

TEST(units_are_taken_whole)
{
    fixture *x = units(7000, 0);

    /* Ten segments may go; behind them one unit costs 20000 and 2 * 1280 of twice 7000 octets. */
    CHECK_EQ(give_much(x, 200000), 20000);
    CHECK_EQ(give_much(x, 1), TERN_ERR_WOULD_BLOCK);
    CHECK_EQ(x_run(x, 0), 10);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 10001, .window = 20000);
    x_no_event(x);
    CHECK_EQ(x_run(x, 0), 10);
    x_no_event(x); /* 11280 of 14000 are taken */
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 12001, .window = 20000);
    (void)x_run(x, 0);
    x_event(x, x->c, TERN_EVENT_WRITABLE); /* 9280 */
}

TEST(units_that_have_begun_are_filled)
{
    fixture *x = units(7000, 0);

    CHECK_EQ(give_much(x, 14000), 14000); /* ten segments go, 4000 octets wait in a unit */
    CHECK_EQ(give_much(x, 200000), 6000);
}

TEST(units_beyond_what_is_unsent_are_not_begun)
{
    fixture *x = units(100000, 0);

    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_UNSENT_LOW, 4000), TERN_OK);
    CHECK_EQ(give_much(x, 200000), 20000);
    CHECK_EQ(x_run(x, 0), 10);
    for (uint32_t acked = 1000; acked <= 4000; acked += 1000) {
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1 + acked, .window = 20000);
        CHECK_EQ(x_run(x, 0), 2);
        x_no_event(x); /* 2000 are unsent: that is no news before they are below half of 4000 */
    }
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 5001, .window = 20000);
    CHECK_EQ(x_run(x, 0), 2);
    x_event(x, x->c, TERN_EVENT_WRITABLE);
}

TEST(units_need_a_larger_buffer_as_the_window_grows)
{
    fixture *x = units(7000, 100000);

    CHECK_EQ(give_much(x, 200000), 20000);
    CHECK_EQ(x_run(x, 0), 10);
    CHECK_EQ(x_status(x).send_buffer_bytes, 7000); /* cwnd holds the program back */
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 10001, .window = 20000);
    CHECK_EQ(x_run(x, 0), 10);
    CHECK_EQ(x_status(x).snd_cwnd, 20000);
    CHECK_EQ(x_status(x).send_buffer_bytes, 20 * (2048 + 256));
    x_event(x, x->c, TERN_EVENT_WRITABLE);
    CHECK(x_status(x).writable);
}

TEST(units_of_a_buffer_that_the_program_has_set_do_not_grow)
{
    fixture *x = units(100, 100000);

    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_SEND_BUFFER, 7000), TERN_OK);
    CHECK_EQ(give_much(x, 200000), 20000);
    CHECK_EQ(x_run(x, 0), 10);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 10001, .window = 20000);
    CHECK_EQ(x_run(x, 0), 10);
    CHECK_EQ(x_status(x).send_buffer_bytes, 7000);
    x_no_event(x);
}

TEST(a_send_buffer_that_was_refused_changes_nothing)
{
    fixture *x = units(7000, 100000);

    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_SEND_BUFFER, 0),
             TERN_ERR_INVALID);
    CHECK_EQ(give_much(x, 200000), 20000);
    CHECK_EQ(x_run(x, 0), 10);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 10001, .window = 20000);
    CHECK_EQ(x_run(x, 0), 10);
    CHECK_EQ(x_status(x).send_buffer_bytes, 20 * (2048 + 256));
}

TEST(unsent_low_of_the_configuration_counts_where_the_program_has_set_none)
{
    tern_config c = fixture_config();

    c.unsent_low_bytes = 1000;
    fixture *x = fixture_begin(&c);
    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = WINDOW_ZERO);
    CHECK_EQ(give(x, 1000), 1000);
    CHECK_EQ(give(x, 1), TERN_ERR_WOULD_BLOCK);
    CHECK(!x_status(x).writable);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_UNSENT_LOW, 2000), TERN_OK);
    CHECK_EQ(give(x, 1), 1);
}
