/* options_test.c - what can be set on one connection, and with which values. */
#include "tests/unit/tcp_fixture.h"

static tern_err set(fixture *x, tern_option option, uint32_t value)
{
    return tern_option_set(x->stack, x->now_us, x->c, option, value);
}

static uint32_t get(const fixture *x, tern_option option)
{
    uint32_t value = 0xdeadbeef;

    CHECK_EQ(tern_option_get(x->stack, x->c, option, &value), TERN_OK);
    return value;
}

TEST(options_begin_as_configured)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    CHECK_EQ(get(x, TERN_OPTION_NODELAY), 0);
    CHECK_EQ(get(x, TERN_OPTION_SEND_BUFFER), x->config.send_buffer_bytes);
    CHECK_EQ(get(x, TERN_OPTION_RECV_BUFFER), x->config.recv_buffer_bytes);
    CHECK_EQ(get(x, TERN_OPTION_USER_TIMEOUT_MS), 0);
    CHECK_EQ(get(x, TERN_OPTION_DELAYED_ACK), 1);
    CHECK_EQ(get(x, TERN_OPTION_CONGESTION), x->config.congestion);
}

TEST(options_keep_what_was_set)
{
    fixture *x = fixture_begin(NULL);
    static const struct {
        tern_option option;
        uint32_t value;
    } values[] = {{TERN_OPTION_NODELAY, 1},
                  {TERN_OPTION_SEND_BUFFER, 1},
                  {TERN_OPTION_SEND_BUFFER, 1 << 30},
                  {TERN_OPTION_RECV_BUFFER, 1},
                  {TERN_OPTION_RECV_BUFFER, 1 << 30},
                  {TERN_OPTION_USER_TIMEOUT_MS, 1},
                  {TERN_OPTION_USER_TIMEOUT_MS, 3600000},
                  {TERN_OPTION_USER_TIMEOUT_MS, 0},
                  {TERN_OPTION_DELAYED_ACK, 0},
                  {TERN_OPTION_DELAYED_ACK, 1},
                  {TERN_OPTION_TTL, 1},
                  {TERN_OPTION_TOS, 0xb8},
                  {TERN_OPTION_CORK, 1},
                  {TERN_OPTION_MAY_FRAGMENT, 1},
                  {TERN_OPTION_MAX_SEGMENT, 88},
                  {TERN_OPTION_FIN_WAIT_2_MS, 1000},
                  {TERN_OPTION_CONGESTION, 0}};

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    for (unsigned i = 0; i < sizeof values / sizeof values[0]; i++) {
        CHECK_EQ(set(x, values[i].option, values[i].value), TERN_OK);
        CHECK_EQ(get(x, values[i].option), values[i].value);
    }
}

TEST(options_refuse_what_is_out_of_range)
{
    fixture *x = fixture_begin(NULL);
    static const struct {
        tern_option option;
        uint32_t value;
    } values[] = {{TERN_OPTION_SEND_BUFFER, 0},
                  {TERN_OPTION_SEND_BUFFER, (1 << 30) + 1},
                  {TERN_OPTION_RECV_BUFFER, 0},
                  {TERN_OPTION_RECV_BUFFER, UINT32_MAX},
                  {TERN_OPTION_USER_TIMEOUT_MS, UINT32_MAX},
                  {TERN_OPTION_USER_TIMEOUT_MS, 0x80000000u},
                  {TERN_OPTION_TTL, 0},
                  {TERN_OPTION_TTL, 256},
                  {TERN_OPTION_TOS, 3},
                  {TERN_OPTION_TOS, 256},
                  {TERN_OPTION_MAX_SEGMENT, 87},
                  {TERN_OPTION_MAX_SEGMENT, 65536},
                  {TERN_OPTION_FIN_WAIT_2_MS, 0},
                  {TERN_OPTION_CONGESTION, 1000},
                  {TERN_OPTION_CONGESTION, 256},
                  {(tern_option)-1, 0},
                  {(tern_option)1000, 0}};

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    for (unsigned i = 0; i < sizeof values / sizeof values[0]; i++)
        CHECK_EQ(set(x, values[i].option, values[i].value), TERN_ERR_INVALID);
    CHECK_EQ(get(x, TERN_OPTION_SEND_BUFFER), x->config.send_buffer_bytes);
    CHECK_EQ(get(x, TERN_OPTION_RECV_BUFFER), x->config.recv_buffer_bytes);
    CHECK_EQ(get(x, TERN_OPTION_CONGESTION), 0);
    uint32_t value;
    CHECK_EQ(tern_option_get(x->stack, x->c, (tern_option)1000, &value), TERN_ERR_INVALID);
    CHECK_EQ(tern_option_get(x->stack, x->c, TERN_OPTION_NODELAY, NULL), TERN_ERR_INVALID);
}

TEST(option_delayed_ack_off_acknowledges_at_once)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    CHECK_EQ(set(x, TERN_OPTION_DELAYED_ACK, 0), TERN_OK);
    x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 11);
}

TEST(option_nodelay_lets_go_what_nagle_held)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_send(x, 10);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
    x_send(x, 10);
    x_expect_nothing(x);
    CHECK_EQ(set(x, TERN_OPTION_NODELAY, 1), TERN_OK);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 11, .ack = 1, .bytes = 10);
}

TEST(option_recv_buffer_takes_no_window_back)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    uint32_t edge = x_status(x).rcv_nxt + x_status(x).rcv_wnd;
    CHECK_EQ(set(x, TERN_OPTION_RECV_BUFFER, 100), TERN_OK);
    x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 1000);
    x_run(x, 100);
    CHECK_EQ(x_status(x).rcv_nxt + x_status(x).rcv_wnd, edge);
    x_recv(x, 1000);
}

TEST(option_recv_buffer_set_before_the_syn_decides_the_scale)
{
    fixture *x = fixture_begin(NULL);

    x_connect(x);
    CHECK_EQ(set(x, TERN_OPTION_RECV_BUFFER, 4 << 20), TERN_OK);
    x_expect(x, .flags = TCP_SYN, .scale = 1 + 7);
}

TEST(option_recv_buffer_set_after_the_syn_leaves_the_scale_told)
{
    static const uint32_t buffers[] = {1000, 4 << 20};

    for (unsigned i = 0; i < 2; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, TERN_SYN_SENT, 0);
        CHECK_EQ(set(x, TERN_OPTION_RECV_BUFFER, buffers[i]), TERN_OK);
        x_expect_after(x, 1000, .flags = TCP_SYN, .scale = 1 + 2);
        x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .scale = 8);
        CHECK_EQ(x_status(x).rcv_wscale, 2); /* what the peer shifts by: RFC 7323 2.2 */
    }
}

TEST(ttl_and_tos_are_in_the_packets_of_their_connection)
{
    fixture *x = fixture_begin(NULL);
    uint8_t packet[2048];

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    CHECK_EQ(set(x, TERN_OPTION_TTL, 3), TERN_OK);
    CHECK_EQ(set(x, TERN_OPTION_TOS, 0xb8), TERN_OK);
    x_send(x, 10);
    CHECK(x_output(x, packet) > 20);
    CHECK_EQ(packet[8], 3);
    CHECK_EQ(packet[1], 0xb8);
}

TEST(the_configured_ttl_and_tos_are_in_all_packets)
{
    tern_config config = fixture_config();
    uint8_t packet[2048];

    config.ttl = 5;
    config.tos = 0x20;
    fixture *x = fixture_begin(&config);
    x_inject(x, .flags = TCP_SYN);
    CHECK(x_output(x, packet) > 20); /* a reset */
    CHECK_EQ(packet[8], 5);
    CHECK_EQ(packet[1], 0x20);
}

TEST(a_largest_segment_holds_for_what_is_sent_and_offered)
{
    fixture *x = fixture_begin(NULL);

    x_connect(x);
    CHECK_EQ(set(x, TERN_OPTION_MAX_SEGMENT, 500), TERN_OK);
    x_expect(x, .flags = TCP_SYN, .mss = 500);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_send(x, 600);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 500);
}
