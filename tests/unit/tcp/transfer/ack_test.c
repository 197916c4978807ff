/* ack_test.c - 5th: the ACK field of a synchronized connection (RFC 9293 3.10.7.4, RFC 5961 5). */
#include "tests/unit/tcp_fixture.h"

/* An established connection with `bytes` octets under way. */
static fixture *under_way(uint32_t bytes)
{
    fixture *x = fixture_begin(NULL);

    x_establish(x, WAY_PASSIVE);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_NODELAY, 1), TERN_OK);
    x_send(x, bytes);
    x_run(x, 0);
    CHECK_EQ(x_status(x).unacked, bytes);
    return x;
}

TEST(a_new_ack_takes_what_it_covers_out_of_the_queue)
{
    fixture *x = under_way(3000);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1461);
    CHECK_EQ(x_status(x).unacked, 1540);
    CHECK_EQ(x_status(x).send_queue_bytes, 1540);
    CHECK_EQ(x_status(x).bytes_acked, 1460);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1500); /* in the middle of a segment */
    CHECK_EQ(x_status(x).send_queue_bytes, 1501);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 3001);
    CHECK_EQ(x_status(x).unacked, 0);
    CHECK_EQ(x_usage(x).flights, 0);
    CHECK_EQ(x_usage(x).chunks, 0);
    CHECK_EQ(x_hits(x, TERN_RULE_ACK_NEW), 3);
    x_expect_nothing(x);
    x_advance(x, 100000);
    CHECK_EQ(tern_deadline(x->stack), TERN_NEVER);
}

TEST(the_rest_of_a_segment_half_acknowledged_is_sent_from_there)
{
    fixture *x = under_way(1000);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 401);
    x_expect_after(x, 1000, .flags = TCP_ACK | TCP_PSH, .seq = 401, .ack = 1, .bytes = 600);
}

TEST(a_duplicate_is_one_by_all_five_marks)
{
    fixture *x = under_way(1000);
    uint64_t before = x_hits(x, TERN_RULE_ACK_DUPLICATE);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 60000); /* another window */
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1, .window = 60000); /* with text */
    CHECK_EQ(x_hits(x, TERN_RULE_ACK_DUPLICATE), before);
    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 2, .ack = 1, .window = 60000),
             TERN_RULE_ACK_DUPLICATE);
    x_inject(x, .flags = TCP_ACK, .seq = 2, .ack = 1001, .window = 60000);
    x_inject(x, .flags = TCP_ACK, .seq = 2, .ack = 1001, .window = 60000); /* nothing under way */
    CHECK_EQ(x_hits(x, TERN_RULE_ACK_DUPLICATE), before + 1);
}

TEST(the_text_of_an_old_duplicate_counts_as_text)
{
    fixture *x = under_way(1000);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10);
    CHECK_EQ(x_hits(x, TERN_RULE_ACK_DUPLICATE), 0);
}

TEST(an_ack_of_what_was_not_sent_is_answered_and_its_text_dropped)
{
    fixture *x = under_way(1000);

    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1002, .bytes = 5),
             TERN_RULE_ACK_TOO_NEW);
    x_expect(x, .flags = TCP_ACK, .seq = 1001, .ack = 1);
    CHECK_EQ(x_status(x).unacked, 1000);
    CHECK_EQ(x_status(x).recv_queue_bytes, 0);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 0x70000000); /* far beyond, a moment later */
    CHECK_EQ(x_hits(x, TERN_RULE_CHALLENGE_LIMITED), 1);
    x_expect_nothing(x);
}

TEST(an_ancient_ack_is_answered_and_its_text_dropped)
{
    fixture *x = fixture_begin(NULL);

    x_establish(x, WAY_PASSIVE);
    /* The peer never offers more than 65535: move SND.UNA on by more than that. */
    for (uint32_t at = 1; at < 70000; at += 13140) {
        x_send(x, 13140);
        x_run(x, 0);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = at + 13140);
        x_run(x, 0);
    }
    uint32_t una = x->peer.sent + 1;
    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = una - 65536, .bytes = 5),
             TERN_RULE_ACK_TOO_OLD);
    x_expect(x, .flags = TCP_ACK, .seq = una, .ack = 1);
    CHECK_EQ(x_status(x).recv_queue_bytes, 0);
    /* One as old as the largest window may be an old duplicate of the peer: its text counts. */
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = una - 65535, .bytes = 5);
    CHECK_EQ(x_status(x).recv_queue_bytes, 5);
    CHECK_EQ(x_hits(x, TERN_RULE_ACK_TOO_OLD), 1);
}

TEST(a_segment_without_ack_is_dropped)
{
    fixture *x = under_way(1000);

    CHECK_EQ(x_inject(x, .seq = 1, .bytes = 10), TERN_RULE_ACK_MISSING);
    CHECK_EQ(x_status(x).recv_queue_bytes, 0);
    x_expect_nothing(x);
}

TEST(an_older_segment_does_not_set_the_window_back)
{
    fixture *x = under_way(1000);

    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 101, .ack = 1, .window = 8000),
             TERN_RULE_WINDOW_UPDATED);
    CHECK_EQ(x_status(x).snd_wnd, 8000);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100, .window = 5000);
    CHECK_EQ(x_status(x).snd_wnd, 8000); /* SND.WL1 */
    x_inject(x, .flags = TCP_ACK, .seq = 101, .ack = 501, .window = 7000);
    CHECK_EQ(x_status(x).snd_wnd, 7000);
    x_inject(x, .flags = TCP_ACK, .seq = 101, .ack = 301, .window = 9000);
    CHECK_EQ(x_status(x).snd_wnd, 7000); /* SND.WL2 */
    x_inject(x, .flags = TCP_ACK, .seq = 101, .ack = 501, .window = 6000);
    CHECK_EQ(x_status(x).snd_wnd, 6000); /* as new as the last */
}

TEST(the_window_is_scaled_as_the_syn_said)
{
    fixture *x = fixture_begin(NULL);

    x_establish(x, WAY_PASSIVE | WAY_OPTIONS);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 1234);
    CHECK_EQ(x_status(x).snd_wnd, 1234u << 7);
    CHECK_EQ(x_status(x).snd_wscale, 7);
}

TEST(a_full_send_buffer_tells_when_a_third_is_free)
{
    tern_config c = fixture_config();
    uint8_t data[5000] = {0};

    c.send_buffer_bytes = 4000;
    fixture *x = fixture_begin(&c);
    x_establish(x, WAY_PASSIVE);
    CHECK_EQ(tern_send(x->stack, x->now_us, x->c, data, sizeof data), 4000);
    CHECK_EQ(tern_send(x->stack, x->now_us, x->c, data, 1), TERN_ERR_WOULD_BLOCK);
    x_run(x, 0);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1333);
    x_no_event(x);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1334);
    x_event(x, x->c, TERN_EVENT_WRITABLE);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 2001);
    x_no_event(x); /* nobody was refused since */
    CHECK_EQ(tern_send(x->stack, x->now_us, x->c, data, sizeof data), 2000);
}

TEST(data_goes_both_ways_at_once)
{
    fixture *x = under_way(1000);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1001, .bytes = 200);
    x_send(x, 300);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1001, .ack = 201, .bytes = 300);
    x_advance(x, 500); /* the ACK rode on the data */
    x_inject(x, .flags = TCP_ACK, .seq = 201, .ack = 1301);
    x_recv(x, 200);
    x_expect_nothing(x);
}

TEST(what_follows_a_chunk_that_was_acknowledged_is_sent_from_the_next)
{
    fixture *x = fixture_begin(NULL);
    uint32_t chunk = x->config.chunk_bytes - 8;

    x_establish(x, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = (int32_t)chunk);
    x_send(x, 2 * chunk);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_NODELAY, 1), TERN_OK);
    x_run(x, 2000); /* the window is a sliver of a segment: it is filled after a timeout */
    CHECK_EQ(x_status(x).unacked, chunk);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1 + chunk);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1 + chunk, .ack = 1, .bytes = chunk);
}
