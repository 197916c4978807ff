/* answers_windows_test.c - windows in which real stacks differ: each key that changes one, both
 * ways (docs/decisions/0016). */
#include "tern/profile.h"
#include "tests/unit/tcp_fixture.h"

static fixture *established(const tern_config *c)
{
    fixture *x = fixture_begin(c);

    x_establish(x, WAY_PASSIVE);
    return x;
}

/* A stack of this profile, with so much of its receive buffer full. */
static fixture *filled(tern_profile profile, uint32_t bytes)
{
    tern_config c = fixture_config();

    CHECK_EQ(tern_config_profile(&c, profile), TERN_OK);
    c.timestamps = false;
    c.window_scale = false;
    c.recv_buffer_bytes = 65536;
    fixture *x = established(&c);
    for (uint32_t at = 0; at < bytes; at += 1000)
        x_inject(x, .flags = TCP_ACK, .seq = 1 + at, .ack = 1,
                 .bytes = bytes - at < 1000 ? bytes - at : 1000);
    x_run(x, 100);
    return x;
}

TEST(a_large_read_is_told_in_freebsd_and_not_in_linux)
{
    fixture *x = filled(TERN_PROFILE_FREEBSD, 32200);

    CHECK_EQ(x_status(x).rcv_wnd, 65700 - 32200);
    x_recv(x, 799);
    x_expect_nothing(x);
    x_recv(x, 31401);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 32201, .window = 65535);
    x = filled(TERN_PROFILE_LINUX, 32200);
    x_recv(x, 32200);
    x_expect_nothing(x);
}

TEST(an_ack_offers_what_is_free_or_what_is_worth_a_step)
{
    for (unsigned steps = 0; steps < 2; steps++) {
        tern_config c = fixture_config_with("window_edge_steps", steps ? "yes" : "no");
        c.recv_buffer_bytes = 3000;
        c.window_scale = false;
        fixture *x = established(&c);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1000);
        x_inject(x, .flags = TCP_ACK, .seq = 1001, .ack = 1, .bytes = 1000);
        x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 2001, .window = 1000);
        x_recv(x, 200);
        x_inject(x, .flags = TCP_ACK, .seq = 2101, .ack = 1, .bytes = 100);
        x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 2001, .window = steps ? 1000 : 1200);
        CHECK_EQ(x_hits(x, TERN_RULE_WINDOW_WITHOUT_STEPS), 1 - steps);
    }
}

TEST(a_window_without_steps_does_not_open_by_slivers_either)
{
    tern_config c = fixture_config_with("window_edge_steps", "no");

    c.recv_buffer_bytes = 3000;
    c.window_scale = false;
    fixture *x = established(&c);
    for (uint32_t at = 0; at < 3000; at += 1000)
        x_inject(x, .flags = TCP_ACK, .seq = 1 + at, .ack = 1, .bytes = 1000);
    x_run(x, 100);
    x_recv(x, 749); /* below a quarter of the buffer, and a segment */
    x_inject(x, .flags = TCP_ACK, .seq = 3001, .ack = 1, .bytes = 1);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 3001, .window = WINDOW_ZERO);
    x_recv(x, 1);
    x_inject(x, .flags = TCP_ACK, .seq = 3001, .ack = 1, .bytes = 1);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 3001, .window = 750);
}

TEST(a_reader_of_a_large_buffer_tells_of_a_quarter)
{
    tern_config c = fixture_config_with("window_update_rule", "quarter");

    c.recv_buffer_bytes = 40000;
    fixture *x = established(&c);
    for (uint32_t at = 0; at < 38000; at += 1000)
        x_inject(x, .flags = TCP_ACK, .seq = 1 + at, .ack = 1, .bytes = 1000);
    x_run(x, 100);
    x_recv(x, 1999); /* not two segments */
    x_expect_nothing(x);
    x_recv(x, 1001); /* 5000: no more than an eighth is free */
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 38001, .window = 5000);
    x_recv(x, 9999);
    x_expect_nothing(x);
    x_recv(x, 1);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 38001, .window = 15000);
}

/* What FreeBSD takes: its header says 65535, its buffer has 45 segments. */
TEST(the_right_edge_is_that_of_the_window_or_of_the_buffer)
{
    for (unsigned buffer = 0; buffer < 2; buffer++) {
        tern_config c = fixture_config_with("accept_window", buffer ? "buffer" : "offered");
        c.recv_buffer_bytes = 65536;
        c.recv_buffer_round_to_mss = true;
        c.window_scale = false;
        fixture *x = established(&c);
        x_inject(x, .flags = TCP_RST, .seq = 65701); /* behind the buffer */
        x_expect_nothing(x);
        x_inject(x, .flags = TCP_RST, .seq = 65700); /* the last number in it */
        if (buffer)
            x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
        x_expect_nothing(x);
        x_advance(x, 1000);
        x_inject(x, .flags = TCP_ACK, .seq = 65600, .ack = 1, .bytes = 200);
        x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
        CHECK_EQ(x_hits(x, TERN_RULE_TEXT_BEYOND_OFFER), buffer);
        CHECK_EQ(x_hits(x, TERN_RULE_TEXT_EARLY), buffer);
        CHECK_EQ(x_hits(x, TERN_RULE_TEXT_BEYOND_WINDOW), buffer); /* 65701 on is cut off */
        CHECK_EQ(x_status(x).rcv_wnd, buffer ? 65700 : 65535);
    }
}

TEST(a_closed_window_stays_closed_to_a_buffer_that_is_full)
{
    tern_config c = fixture_config_with("accept_window", "buffer");

    c.recv_buffer_bytes = 1000;
    fixture *x = established(&c);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1000);
    x_run(x, 100);
    x_inject(x, .flags = TCP_ACK, .seq = 1001, .ack = 1, .bytes = 1);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1001, .window = WINDOW_ZERO);
    CHECK_EQ(x_hits(x, TERN_RULE_ZERO_WINDOW_PROBED), 1);
    x_recv(x, 10); /* too little to tell of, and yet there is room */
    x_expect_nothing(x);
    x_inject(x, .flags = TCP_ACK, .seq = 1001, .ack = 1, .bytes = 5);
    CHECK_EQ(x_status(x).recv_queue_bytes, 995);
    x_run(x, 100);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1006, .ack = 1);
    x_state(x, TERN_CLOSE_WAIT);
}

TEST(a_receive_buffer_is_rounded_up_to_whole_segments)
{
    for (unsigned ipv6 = 0; ipv6 < 2; ipv6++) {
        tern_config c = fixture_config_with("recv_buffer_round_to_mss", "yes");
        uint32_t bytes;
        c.recv_buffer_bytes = 65536;
        fixture *x = fixture_begin(&c);
        x_establish(x, ipv6 ? WAY_ACTIVE | WAY_IPV6 : WAY_PASSIVE);
        bytes = x_status(x).recv_buffer_bytes;
        CHECK_EQ(bytes, ipv6 ? 66240 : 65700);
        CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_RECV_BUFFER, 3000),
                 TERN_OK);
        CHECK_EQ(tern_option_get(x->stack, x->c, TERN_OPTION_RECV_BUFFER, &bytes), TERN_OK);
        CHECK_EQ(bytes, ipv6 ? 4320 : 4380);
    }
}

TEST(the_buffer_is_rounded_by_the_syn_that_crosses_ours)
{
    tern_config c = fixture_config_with("recv_buffer_round_to_mss", "yes");

    c.recv_buffer_bytes = 65536;
    fixture *x = fixture_begin(&c);
    x_connect(x);
    x_expect(x, .flags = TCP_SYN, .seq = 0);
    CHECK_EQ(x_status(x).recv_buffer_bytes, 65536);
    x_inject(x, .flags = TCP_SYN, .seq = 0, .mss = 1460);
    x_state(x, TERN_SYN_RECEIVED);
    CHECK_EQ(x_status(x).recv_buffer_bytes, 65700);
}

TEST(a_window_may_be_told_only_when_it_doubles)
{
    tern_config c = fixture_config_with("window_update_rule", "doubles");

    c.recv_buffer_bytes = 20000;
    fixture *x = established(&c);
    for (uint32_t at = 0; at < 12000; at += 1000)
        x_inject(x, .flags = TCP_ACK, .seq = 1 + at, .ack = 1, .bytes = 1000);
    x_run(x, 100);
    x_recv(x, 7000); /* 8000 to 15000 */
    x_expect_nothing(x);
    x_recv(x, 1000);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 12001, .window = 16000);
}
