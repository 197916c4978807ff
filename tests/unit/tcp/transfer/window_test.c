/* window_test.c - the window that tern offers: the receiver's silly-window avoidance, scaling, and
 * a right edge that never goes back (RFC 9293 3.8.6, 3.8.6.2.2, RFC 7323 2). */
#include "sim/rng.h"
#include "tests/unit/tcp_fixture.h"

static fixture *with_buffer(uint32_t recv_buffer_bytes, unsigned ways)
{
    tern_config c = fixture_config();

    c.recv_buffer_bytes = recv_buffer_bytes;
    fixture *x = fixture_begin(&c);
    x_establish(x, ways);
    return x;
}

/* The peer sends `segments` of 1000 octets from `at` on; all ACKs are let go. */
static void fill(fixture *x, uint32_t at, unsigned segments)
{
    for (unsigned i = 0; i < segments; i++) {
        x_inject(x, .flags = TCP_ACK, .seq = at + 1000 * i, .ack = 1, .bytes = 1000);
        x_run(x, 0);
    }
    x_run(x, 40);
}

TEST(the_window_is_what_the_buffer_has_free)
{
    fixture *x = with_buffer(10000, WAY_PASSIVE);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1000);
    x_expect_after(x, 40, .flags = TCP_ACK, .seq = 1, .ack = 1001, .window = 9000);
    x_inject(x, .flags = TCP_ACK, .seq = 1001, .ack = 1, .bytes = 1000);
    x_inject(x, .flags = TCP_ACK, .seq = 2001, .ack = 1, .bytes = 1000);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 3001, .window = 7000);
}

TEST(a_closed_window_refuses_data_and_heeds_the_ack)
{
    fixture *x = with_buffer(5000, WAY_PASSIVE);

    x_send(x, 100);
    x_run(x, 0);
    fill(x, 1, 5);
    CHECK_EQ(x_status(x).rcv_wnd, 0);
    x_inject(x, .flags = TCP_ACK, .seq = 5001, .ack = 101, .bytes = 1);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_ZERO_WINDOW_PROBED), 1);
    CHECK_EQ(x_status(x).unacked, 0);
    x_expect(x, .flags = TCP_ACK, .seq = 101, .ack = 5001, .window = WINDOW_ZERO);
    x_recv(x, 5000);
    x_expect(x, .flags = TCP_ACK, .seq = 101, .ack = 5001, .window = 5000);
    x_inject(x, .flags = TCP_ACK, .seq = 5001, .ack = 101, .bytes = 10);
    x_recv(x, 10);
}

TEST(reading_a_little_does_not_open_the_window_a_little)
{
    fixture *x = with_buffer(10000, WAY_PASSIVE);

    fill(x, 1, 10);
    CHECK_EQ(x_status(x).rcv_wnd, 0);
    x_recv(x, 999);
    x_expect_nothing(x);
    x_inject(x, .flags = TCP_ACK, .seq = 10001, .ack = 1, .bytes = 1); /* a probe */
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 10001, .window = WINDOW_ZERO);
    CHECK(tern_counter(x->stack, TERN_RULE_RECEIVER_SWS_AVOIDED) > 0);
    x_recv(x, 1); /* a segment's worth */
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 10001, .window = 1000);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_WINDOW_UPDATE_SENT), 1);
}

TEST(half_of_a_small_buffer_is_worth_telling)
{
    fixture *x = with_buffer(1000, WAY_PASSIVE);

    fill(x, 1, 1);
    x_recv(x, 499);
    x_expect_nothing(x);
    x_recv(x, 1);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1001, .window = 500);
}

TEST(an_open_window_is_updated_by_two_segments_worth_at_a_time)
{
    fixture *x = with_buffer(20000, WAY_PASSIVE);

    fill(x, 1, 10); /* 10000 are still open */
    x_recv(x, 1999);
    x_expect_nothing(x);
    x_recv(x, 1);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 10001, .window = 12000);
}

TEST(reading_within_what_a_header_can_say_tells_nothing)
{
    fixture *x = with_buffer(128 * 1024, WAY_PASSIVE);

    fill(x, 1, 3);
    x_recv(x, 3000);
    x_expect_nothing(x);
}

TEST(what_came_early_lies_inside_the_window)
{
    fixture *x = with_buffer(10000, WAY_PASSIVE);

    x_inject(x, .flags = TCP_ACK, .seq = 5001, .ack = 1, .bytes = 1000);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 10000);
}

TEST(data_beyond_the_window_is_cut_off)
{
    fixture *x = with_buffer(1500, WAY_PASSIVE);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1000);
    x_run(x, 40);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1001, .ack = 1, .bytes = 1000);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_TEXT_BEYOND_WINDOW), 1);
    CHECK_EQ(x_status(x).recv_queue_bytes, 1500);
    x_state(x, TERN_ESTABLISHED); /* the FIN was beyond it too */
    x_run(x, 40);
    x_inject(x, .flags = TCP_ACK, .seq = 3001, .ack = 1, .bytes = 10); /* all of it is outside */
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_SEQUENCE_UNACCEPTABLE_ACK), 1);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1501, .window = WINDOW_ZERO);
}

TEST(a_smaller_buffer_takes_back_nothing_that_was_offered)
{
    fixture *x = with_buffer(10000, WAY_PASSIVE);

    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_RECV_BUFFER, 2000), TERN_OK);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1000);
    x_expect_after(x, 40, .flags = TCP_ACK, .seq = 1, .ack = 1001, .window = 9000);
    fill(x, 1001, 9);
    CHECK_EQ(x_status(x).recv_queue_bytes, 10000); /* all that was offered is taken */
    x_recv(x, 10000);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 10001, .window = 2000);
}

TEST(a_larger_buffer_opens_the_window)
{
    fixture *x = with_buffer(2000, WAY_PASSIVE);

    fill(x, 1, 2);
    CHECK_EQ(x_status(x).rcv_wnd, 0);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_RECV_BUFFER, 9000), TERN_OK);
    x_recv(x, 1);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 2001, .window = 7001);
}

TEST(what_the_syn_said_of_the_window_holds_when_the_buffer_changes_under_way)
{
    fixture *x = fixture_begin(NULL); /* 128 KiB: a shift of 2 */

    x_connect(x);
    x_expect(x, .flags = TCP_SYN, .scale = 1 + 2, .window = 65535);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_RECV_BUFFER, 1 << 30), TERN_OK);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460, .scale = 1 + 7);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 65535);
    CHECK_EQ(x_status(x).rcv_wscale, 2);
    CHECK_EQ(x_status(x).rcv_wnd, 65535 << 2);
}

TEST(a_syn_sent_again_says_the_same_of_the_window)
{
    fixture *x = fixture_begin(NULL);

    x_connect(x);
    x_expect(x, .flags = TCP_SYN, .scale = 1 + 2);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_RECV_BUFFER, 1 << 30), TERN_OK);
    x_expect_after(x, 1000, .flags = TCP_SYN, .scale = 1 + 2);
}

TEST(the_window_of_the_syn_is_not_taken_back)
{
    fixture *x = fixture_begin(NULL);

    x_connect(x);
    x_expect(x, .flags = TCP_SYN, .window = 65535);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_RECV_BUFFER, 1000), TERN_OK);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = 65535);
}

TEST(the_shift_is_the_smallest_that_reaches_the_buffer)
{
    static const struct {
        uint32_t buffer;
        uint8_t shift;
    } rows[] = {
        {1, 0},        {65535, 0},   {65536, 1},         {131070, 1},
        {131071, 2},   {1 << 20, 5}, {65535u << 13, 13}, {(65535u << 13) + 1, 14},
        {1 << 30, 14},
    };

    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tern_config c = fixture_config();
        c.recv_buffer_bytes = rows[i].buffer;
        fixture *x = fixture_begin(&c);
        x_connect(x);
        x_expect(x, .flags = TCP_SYN, .scale = (uint8_t)(1 + rows[i].shift));
        fixture_end(x);
    }
}

/* One packet out: its right edge, which is before the last one only by what the shift cuts off, and
 * never beyond the buffer or what the SYN,ACK offered. Relative to the peer's ISN. */
static void check_edge(fixture *x, const uint8_t *packet, size_t bytes, uint32_t *edge)
{
    ip_packet ip;
    tcp_header h;
    tern_status st = x_status(x);

    CHECK_EQ(ip_read(&ip, packet, bytes), TERN_RULE_NONE);
    CHECK_EQ(tcp_header_read(&h, ip.payload, ip.payload_bytes), TERN_RULE_NONE);
    uint32_t now = h.ack.v - x->peer.iss + ((uint32_t)h.window << st.rcv_wscale);
    CHECK((int32_t)(now - *edge) > -(int32_t)(1u << st.rcv_wscale));
    uint32_t most = x->peer.read + 1 + st.recv_buffer_bytes;
    uint32_t syn = 1 + 65535;
    CHECK((int32_t)(now - (most > syn ? most : syn)) <= 0);
    if ((int32_t)(now - *edge) > 0)
        *edge = now;
}

static void random_transfer(uint64_t seed)
{
    rng chance = rng_of_seed(seed);
    fixture *x = with_buffer(1 + rng_below(&chance, 1u << (1 + rng_below(&chance, 22))),
                             WAY_PASSIVE | WAY_OPTIONS);
    uint8_t packet[1500];
    uint32_t edge = 1, sent = 0; /* octets of the peer's */
    size_t bytes;

    for (unsigned step = 0; step < 150; step++) {
        tern_status st = x_status(x);
        uint32_t room = edge - 1 - sent, queued = st.recv_queue_bytes;
        uint32_t n = 1 + rng_below(&chance, 1400);
        if (rng_below(&chance, 2) == 0 && room > 0 && queued < 100000) {
            n = n < room ? n : room;
            x_inject(x, .flags = TCP_ACK, .seq = 1 + sent, .ack = 1, .bytes = n);
            sent += n;
        } else if (queued > 0) {
            x_recv(x, 1 + rng_below(&chance, queued < 3 * n ? queued : 3 * n));
        }
        if (rng_below(&chance, 4) == 0)
            x->now_us += 50000;
        while ((bytes = x_output(x, packet)) > 0)
            check_edge(x, packet, bytes, &edge);
        if (edge == 1) /* nothing was acknowledged yet: what the SYN,ACK offered */
            edge = 1 + (st.recv_buffer_bytes < 65535 ? st.recv_buffer_bytes : 65535);
    }
    CHECK_EQ(x_status(x).bytes_received, sent);
    fixture_end(x);
}

TEST(the_right_edge_stays_inside_the_buffer_and_what_was_offered_is_taken)
{
    for (uint64_t seed = 1; seed <= 60; seed++)
        random_transfer(seed);
}

TEST(a_probe_taken_does_not_make_windows_silly)
{
    fixture *x = with_buffer(10000, WAY_PASSIVE);

    fill(x, 1, 9);
    x_inject(x, .flags = TCP_ACK, .seq = 9001, .ack = 1, .bytes = 999);
    x_run(x, 40);
    x_inject(x, .flags = TCP_ACK, .seq = 10000, .ack = 1, .bytes = 1);
    x_run(x, 40);
    CHECK_EQ(x_status(x).rcv_wnd, 0);
    x_recv(x, 500);
    x_expect_nothing(x);
    x_recv(x, 500);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 10001, .window = 1000);
}

/* As Linux opens it: twice what has come is added to the SYN's window, until the buffer is full. */
TEST(the_window_grows_by_twice_what_comes_where_the_configuration_says_so)
{
    tern_config c = fixture_config();

    c.recv_buffer_bytes = 30000;
    c.syn_window = 10000;
    c.recv_window_grows = true;
    c.window_scale = false;
    fixture *x = fixture_begin(&c);
    x_establish(x, WAY_PASSIVE);
    fill(x, 1, 1);
    CHECK_EQ(x_status(x).rcv_wnd, 10000 + 2 * 1001);
    x_recv(x, 1000);
    x_expect_nothing(x); /* nothing that reading could tell */
    fill(x, 1001, 8);
    CHECK_EQ(x_status(x).rcv_wnd, 30000 - 8000);
    x_recv(x, 8000);
    x_run(x, 0);
    fill(x, 9001, 4);
    x_recv(x, 4000);
    x_run(x, 0);
    CHECK_EQ(x_status(x).rcv_wnd, 30000);
}
