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
