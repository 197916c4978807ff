/* records_test.c - segments that end where the program wants it (docs/decisions/0029). */
#include "tests/unit/tcp_fixture.h"

static fixture *established(void)
{
    fixture *x = fixture_begin(NULL);

    x_establish(x, WAY_PASSIVE);
    return x;
}

static void record(fixture *x, uint32_t bytes)
{
    static const uint8_t zeroes[4000];

    CHECK_EQ(tern_send_record(x->stack, x->now_us, x->c, zeroes, bytes), bytes);
}

/* Only where they stand counts here, not what they are. */
static void expect(fixture *x, uint32_t start, uint32_t bytes, uint16_t flags)
{
    uint8_t packet[1500];
    size_t got = x_output(x, packet);
    const uint8_t *tcp = packet + 20;

    CHECK_EQ(got, 40 + bytes);
    CHECK_EQ(((uint32_t)tcp[4] << 24 | (uint32_t)tcp[5] << 16 | (uint32_t)tcp[6] << 8 | tcp[7]) -
                 x_status(x).iss,
             start);
    CHECK_EQ(tcp[13], flags);
}

TEST(a_record_ends_a_segment_and_what_follows_begins_one)
{
    fixture *x = established();

    record(x, 100);
    record(x, FIXTURE_MSS + 50);
    record(x, 30); /* the last: nothing follows yet, so Nagle holds it */
    expect(x, 1, 100, TCP_ACK | TCP_PSH);
    expect(x, 101, FIXTURE_MSS, TCP_ACK);
    expect(x, 101 + FIXTURE_MSS, 50, TCP_ACK | TCP_PSH);
    x_expect_nothing(x);
    record(x, 10);
    expect(x, 151 + FIXTURE_MSS, 30, TCP_ACK | TCP_PSH);
    x_expect_nothing(x);
}

TEST(a_record_goes_alone_when_it_is_sent_again)
{
    fixture *x = established();

    record(x, 100);
    record(x, 100);
    record(x, 100);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_WRITE), TERN_OK);
    expect(x, 1, 100, TCP_ACK | TCP_PSH);
    expect(x, 101, 100, TCP_ACK | TCP_PSH);
    expect(x, 201, 100, TCP_ACK | TCP_PSH | TCP_FIN);
    x_advance(x, 999);
    x->now_us += 1000;
    expect(x, 1, 100, TCP_ACK | TCP_PSH);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 101);
    expect(x, 101, 100, TCP_ACK | TCP_PSH);
    expect(x, 201, 100, TCP_ACK | TCP_PSH | TCP_FIN);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 302);
    CHECK_EQ(x_usage(x).ranges, 0);
}

TEST(a_record_that_is_not_taken_whole_does_not_end)
{
    tern_config c = fixture_config();
    static const uint8_t zeroes[200];

    c.send_buffer_bytes = 150;
    fixture *x = fixture_begin(&c);
    x_establish(x, WAY_PASSIVE);
    CHECK_EQ(tern_send_record(x->stack, x->now_us, x->c, zeroes, 200), 150);
    CHECK_EQ(x_usage(x).ranges, 0);
    expect(x, 1, 150, TCP_ACK | TCP_PSH);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 151);
    record(x, 50);
    CHECK_EQ(x_usage(x).ranges, 1);
    CHECK_EQ(tern_send_record(x->stack, x->now_us, x->c, zeroes, 0), 0);
    CHECK_EQ(x_usage(x).ranges, 1);
}

TEST(records_beyond_what_is_kept_join_what_follows)
{
    tern_config c = fixture_config();

    c.ranges_per_connection = 2;
    fixture *x = fixture_begin(&c);
    x_establish(x, WAY_PASSIVE);
    for (unsigned i = 0; i < 4; i++)
        record(x, 100);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_RECORD_NOT_KEPT), 2);
    expect(x, 1, 100, TCP_ACK | TCP_PSH);
    expect(x, 101, 100, TCP_ACK | TCP_PSH);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 201);
    expect(x, 201, 200, TCP_ACK | TCP_PSH);
}

TEST(records_are_forgotten_with_the_connection)
{
    fixture *x = established();

    record(x, 100);
    record(x, 100);
    CHECK_EQ(x_usage(x).ranges, 2);
    CHECK_EQ(tern_abort(x->stack, x->now_us, x->c), TERN_OK);
    (void)x_run(x, 0);
    CHECK_EQ(x_usage(x).ranges, 0);
}
