/* sequence_test.c - what falls outside the window, and how often it is answered. */
#include "tests/unit/tcp_fixture.h"

enum { OUTSIDE = 50000000 };

TEST(a_syn_outside_the_window_is_answered_seldom)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_SYN, .seq = OUTSIDE, .mss = 1460);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    for (uint32_t i = 1; i < 100; i++) {
        CHECK_EQ(x_inject(x, .flags = TCP_SYN, .seq = i * OUTSIDE), TERN_RULE_CHALLENGE_LIMITED);
        CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = i * OUTSIDE, .ack = 1),
                 TERN_RULE_CHALLENGE_LIMITED);
        x_expect_nothing(x);
    }
    x_advance(x, x->config.challenge_ack_interval_ms);
    x_inject(x, .flags = TCP_SYN, .seq = (uint32_t)-OUTSIDE, .mss = 1460);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_state(x, TERN_ESTABLISHED);
}

TEST(an_empty_segment_with_an_old_timestamp_is_answered_seldom)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE | WAY_OPTIONS);
    uint32_t old = x->peer.ts_offset - 1000;
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .ts = true, .ts_value = old);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .ts = true, .ts_value = old),
             TERN_RULE_CHALLENGE_LIMITED);
    CHECK_EQ(x_inject(x, .flags = TCP_SYN, .seq = 1, .ts = true, .ts_value = old),
             TERN_RULE_CHALLENGE_LIMITED);
    x_expect_nothing(x);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_PAWS_REJECTED), 3);
}

TEST(old_text_and_an_old_fin_are_acknowledged_each_time)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 1, .bytes = 10);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 12);
    for (uint32_t i = 0; i < 5; i++) {
        CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10),
                 TERN_RULE_TEXT_DUPLICATE);
        x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 12);
        CHECK_EQ(x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 11, .ack = 1),
                 TERN_RULE_TEXT_DUPLICATE);
        x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 12);
    }
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_CHALLENGE_LIMITED), 0);
}
