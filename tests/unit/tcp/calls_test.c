/* calls_test.c - the user calls in every state: RFC 9293 3.10.1 - 3.10.6. */
#include "tests/unit/tcp_fixture.h"

static char octets[4096];

static tern_endpoint endpoint(const char *address, uint16_t port)
{
    tern_endpoint e = {.port = port};

    if (address != NULL)
        CHECK(tern_address_parse(address, &e.address));
    return e;
}

/* ---- 3.10.1 OPEN ---- */

static tern_err try_connect(fixture *x, const char *local, uint16_t port, const char *remote)
{
    tern_endpoint l = endpoint(local, port), r = endpoint(remote, 5000);
    tern_handle c;

    return tern_connect(x->stack, x->now_us, &l, &r, &c);
}

TEST(open_errors)
{
    fixture *x = fixture_begin(NULL);
    tern_endpoint r = endpoint("10.0.0.2", 5000), no_port = endpoint("10.0.0.2", 0);
    tern_handle c;

    CHECK_EQ(tern_connect(x->stack, x->now_us, NULL, NULL, &c), TERN_ERR_INVALID);
    CHECK_EQ(tern_connect(x->stack, x->now_us, NULL, &r, NULL), TERN_ERR_INVALID);
    CHECK_EQ(tern_connect(x->stack, x->now_us, NULL, &no_port, &c), TERN_ERR_NO_REMOTE);
    CHECK_EQ(try_connect(x, NULL, 0, NULL), TERN_ERR_NO_REMOTE);
    CHECK_EQ(try_connect(x, NULL, 0, "224.0.0.5"), TERN_ERR_INVALID);
    CHECK_EQ(try_connect(x, NULL, 0, "255.255.255.255"), TERN_ERR_INVALID);
    CHECK_EQ(try_connect(x, NULL, 0, "0.0.0.0"), TERN_ERR_INVALID);
    CHECK_EQ(try_connect(x, NULL, 0, "ff02::1"), TERN_ERR_INVALID);
    CHECK_EQ(try_connect(x, "10.0.0.77", 0, "10.0.0.2"), TERN_ERR_NOT_LOCAL);
    CHECK_EQ(try_connect(x, "10.0.0.1", 0, "fd00::2"), TERN_ERR_NOT_LOCAL);
    CHECK_EQ(try_connect(x, "fd00::1", 0, "10.0.0.2"), TERN_ERR_NOT_LOCAL);
    CHECK_EQ(try_connect(x, "10.0.0.1", 7, "10.0.0.2"), TERN_OK);
    CHECK_EQ(try_connect(x, NULL, 7, "10.0.0.2"), TERN_ERR_EXISTS);
    CHECK_EQ(x_usage(x).connections, 1);
}

TEST(open_without_an_address_of_the_family)
{
    tern_config config = fixture_config();

    config.address_count = 1;
    fixture *x = fixture_begin(&config);
    CHECK_EQ(try_connect(x, NULL, 0, "fd00::2"), TERN_ERR_NOT_LOCAL);
}

TEST(open_when_all_connections_are_taken)
{
    fixture *x = fixture_begin(NULL);
    tern_handle c;

    for (unsigned i = 0; i < 8; i++)
        CHECK_EQ(tern_connect(x->stack, x->now_us, NULL, &x->peer.remote, &c), TERN_OK);
    CHECK_EQ(tern_connect(x->stack, x->now_us, NULL, &x->peer.remote, &c), TERN_ERR_NO_RESOURCES);
    CHECK_EQ(tern_abort(x->stack, x->now_us, c), TERN_OK);
    CHECK_EQ(tern_connect(x->stack, x->now_us, NULL, &x->peer.remote, &c), TERN_OK);
}

/* ---- 3.10.2 SEND, 3.10.3 RECEIVE, 3.10.4 CLOSE by state ---- */

static const struct {
    tern_state state;
    tern_err send, receive, close;
} by_state[] = {
    {TERN_SYN_SENT, TERN_OK, TERN_ERR_WOULD_BLOCK, TERN_OK},
    {TERN_SYN_RECEIVED, TERN_OK, TERN_ERR_WOULD_BLOCK, TERN_OK},
    {TERN_ESTABLISHED, TERN_OK, TERN_ERR_WOULD_BLOCK, TERN_OK},
    {TERN_FIN_WAIT_1, TERN_ERR_CLOSING, TERN_ERR_WOULD_BLOCK, TERN_ERR_CLOSING},
    {TERN_FIN_WAIT_2, TERN_ERR_CLOSING, TERN_ERR_WOULD_BLOCK, TERN_ERR_CLOSING},
    {TERN_CLOSE_WAIT, TERN_OK, TERN_OK, TERN_OK},
    {TERN_CLOSING, TERN_ERR_CLOSING, TERN_OK, TERN_ERR_CLOSING},
    {TERN_LAST_ACK, TERN_ERR_CLOSING, TERN_OK, TERN_ERR_CLOSING},
    {TERN_TIME_WAIT, TERN_ERR_CLOSING, TERN_OK, TERN_ERR_CLOSING},
};

enum { STATES_WITH_A_HANDLE = sizeof by_state / sizeof by_state[0] };

static fixture *in_state(unsigned i)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, by_state[i].state,
            by_state[i].state == TERN_SYN_RECEIVED ? WAY_SIMULTANEOUS : WAY_PASSIVE);
    return x;
}

TEST(send_in_every_state)
{
    for (unsigned i = 0; i < STATES_WITH_A_HANDLE; i++) {
        fixture *x = in_state(i);
        ptrdiff_t n = tern_send(x->stack, x->now_us, x->c, octets, 10);
        CHECK_EQ(n, by_state[i].send == TERN_OK ? 10 : by_state[i].send);
        CHECK_EQ(x_status(x).send_queue_bytes, by_state[i].send == TERN_OK ? 10 : 0);
        x_state(x, by_state[i].state);
    }
}

TEST(receive_in_every_state)
{
    for (unsigned i = 0; i < STATES_WITH_A_HANDLE; i++) {
        fixture *x = in_state(i);
        CHECK_EQ(tern_recv(x->stack, x->now_us, x->c, octets, 10), by_state[i].receive);
        CHECK_EQ(tern_peek(x->stack, x->c, 0, octets, 10), by_state[i].receive);
        CHECK_EQ(tern_peek(x->stack, x->c, 1000, octets, 10), by_state[i].receive);
        x_expect_nothing(x);
    }
}

TEST(close_in_every_state)
{
    for (unsigned i = 0; i < STATES_WITH_A_HANDLE; i++) {
        fixture *x = in_state(i);
        CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_WRITE), by_state[i].close);
        tern_err again = tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_WRITE);
        CHECK_EQ(again,
                 by_state[i].state == TERN_SYN_SENT ? TERN_ERR_NOT_CONNECTED : TERN_ERR_CLOSING);
    }
}

TEST(give_back_in_every_state)
{
    for (unsigned i = 0; i < STATES_WITH_A_HANDLE; i++) {
        fixture *x = in_state(i);
        CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
        CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_ERR_STALE);
        x_run(x, 400000);
        x_state(x, TERN_CLOSED);
        tern_usage u = x_usage(x);
        CHECK_EQ(u.connections + u.time_wait + u.chunks + u.flights + u.ranges, 0);
    }
}

TEST(send_and_receive_after_a_reset_say_why)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_RST, .seq = 1);
    CHECK_EQ(tern_send(x->stack, x->now_us, x->c, octets, 1), TERN_ERR_RESET);
    CHECK_EQ(tern_recv(x->stack, x->now_us, x->c, octets, 1), TERN_ERR_RESET);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_WRITE), TERN_ERR_NOT_CONNECTED);
}

TEST(send_after_an_end_in_order_is_not_connected)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_LAST_ACK, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK, .seq = 2, .ack = 2);
    CHECK_EQ(tern_send(x->stack, x->now_us, x->c, octets, 1), TERN_ERR_NOT_CONNECTED);
    CHECK_EQ(tern_recv(x->stack, x->now_us, x->c, octets, 1), 0);
}

TEST(send_with_wrong_arguments)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    CHECK_EQ(tern_send(x->stack, x->now_us, x->c, NULL, 1), TERN_ERR_INVALID);
    CHECK_EQ(tern_send(x->stack, x->now_us, x->c, octets, 0), 0);
    x_expect_nothing(x);
}

TEST(send_takes_what_the_buffer_takes)
{
    tern_config config = fixture_config();

    config.send_buffer_bytes = 1000;
    fixture *x = fixture_begin(&config);
    x_bring(x, TERN_SYN_SENT, 0); /* also before there is a connection */
    CHECK_EQ(tern_send(x->stack, x->now_us, x->c, octets, 600), 600);
    CHECK_EQ(tern_send(x->stack, x->now_us, x->c, octets, 600), 400);
    CHECK_EQ(tern_send(x->stack, x->now_us, x->c, octets, 1), TERN_ERR_WOULD_BLOCK);
}

TEST(send_when_the_chunks_are_taken)
{
    tern_config config = fixture_config();

    config.chunks_max = 2;
    config.chunk_bytes = 128;
    fixture *x = fixture_begin(&config);
    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    CHECK_EQ(tern_send(x->stack, x->now_us, x->c, octets, 600), 240);
    CHECK_EQ(tern_send(x->stack, x->now_us, x->c, octets, 600), TERN_ERR_NO_RESOURCES);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_TEXT_NO_ROOM), 1);
    CHECK_EQ(x_status(x).rcv_nxt, 1001);
}

TEST(send_when_the_flights_are_taken)
{
    tern_config config = fixture_config();
    tern_handle c;

    config.flights_max = 1;
    fixture *x = fixture_begin(&config);
    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    CHECK_EQ(tern_send(x->stack, x->now_us, x->c, octets, 1), 1);
    CHECK_EQ(tern_connect(x->stack, x->now_us, NULL, &x->peer.remote, &c), TERN_OK);
    CHECK_EQ(tern_send(x->stack, x->now_us, c, octets, 1), TERN_ERR_NO_RESOURCES);
    CHECK_EQ(x_run(x, 0), 2);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 2);
    CHECK_EQ(x_usage(x).flights, 0); /* given back when all is acknowledged */
    CHECK_EQ(tern_send(x->stack, x->now_us, c, octets, 1), 1);
}

TEST(receive_with_wrong_arguments)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    CHECK_EQ(tern_recv(x->stack, x->now_us, x->c, octets, 0), TERN_ERR_INVALID);
    CHECK_EQ(tern_recv(x->stack, x->now_us, x->c, NULL, 1), TERN_ERR_INVALID);
    CHECK_EQ(tern_peek(x->stack, x->c, 0, octets, 0), TERN_ERR_INVALID);
    CHECK_EQ(tern_peek(x->stack, x->c, 0, NULL, 1), TERN_ERR_INVALID);
}

TEST(receive_in_pieces)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 1200);
    x_recv(x, 1);
    x_recv(x, 1023);
    CHECK_EQ(x_status(x).recv_queue_bytes, 176);
    x_recv(x, 176);
    CHECK_EQ(tern_recv(x->stack, x->now_us, x->c, octets, 1), TERN_ERR_WOULD_BLOCK);
    CHECK_EQ(x_usage(x).chunks, 0);
}

TEST(peek_leaves_the_octets)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 1400);
    CHECK_EQ(tern_peek(x->stack, x->c, 1100, octets, 500), 300);
    for (uint32_t i = 0; i < 300; i++)
        CHECK_EQ((uint8_t)octets[i], pattern_octet(1101 + i));
    CHECK_EQ(tern_peek(x->stack, x->c, 1400, octets, 1), TERN_ERR_WOULD_BLOCK);
    CHECK_EQ(tern_peek(x->stack, x->c, SIZE_MAX, octets, 1), TERN_ERR_WOULD_BLOCK);
    x_recv(x, 1400);
}

TEST(shutdown_with_wrong_arguments)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, 0), TERN_ERR_INVALID);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, 4), TERN_ERR_INVALID);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, -1), TERN_ERR_INVALID);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->listener, TERN_SHUTDOWN_WRITE), TERN_ERR_STALE);
    x_state(x, TERN_ESTABLISHED);
}

TEST(shutdown_in_syn_sent_deletes_the_connection)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_SENT, 0);
    x_send(x, 10);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_WRITE), TERN_OK);
    x_state(x, TERN_CLOSED);
    CHECK_EQ(x_status(x).error, TERN_ERR_CLOSING);
    x_expect_nothing(x);
    CHECK_EQ(x_usage(x).chunks, 0);
}

TEST(shutdown_of_both_directions)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_READ | TERN_SHUTDOWN_WRITE),
             TERN_OK);
    x_expect(x, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 1);
    CHECK_EQ(tern_recv(x->stack, x->now_us, x->c, octets, 1), 0);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 2, .bytes = 100);
    x_expect(x, .flags = TCP_ACK, .seq = 2, .ack = 102);
    x_state(x, TERN_TIME_WAIT);
    CHECK_EQ(x_usage(x).chunks, 0);
}
