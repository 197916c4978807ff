/* listen_test.c - listeners: which port is whose, the queue, the end; RFC 9293 3.10.1, 3.10.2. */
#include "tests/unit/tcp_fixture.h"

static tern_endpoint at(const char *address, uint16_t port)
{
    tern_endpoint e = {.port = port};

    if (address != NULL)
        CHECK(tern_address_parse(address, &e.address));
    return e;
}

static tern_err try_listen(fixture *x, const char *address, uint16_t port, tern_handle *l)
{
    tern_endpoint e = at(address, port);

    return tern_listen(x->stack, x->now_us, &e, 4, l);
}

TEST(listen_on_a_port_twice_is_refused)
{
    fixture *x = fixture_begin(NULL);
    tern_handle l, m;

    CHECK_EQ(try_listen(x, NULL, 80, &l), TERN_OK);
    CHECK_EQ(try_listen(x, NULL, 80, &m), TERN_ERR_IN_USE);
    CHECK_EQ(try_listen(x, "10.0.0.1", 80, &m), TERN_ERR_IN_USE);
    CHECK_EQ(try_listen(x, "10.0.0.1", 81, &m), TERN_OK);
    CHECK_EQ(try_listen(x, NULL, 81, &m), TERN_ERR_IN_USE);
    CHECK_EQ(try_listen(x, "fd00::1", 81, &m), TERN_OK);
    CHECK_EQ(tern_close(x->stack, x->now_us, l), TERN_OK);
    CHECK_EQ(try_listen(x, NULL, 80, &l), TERN_OK);
}

/* Whether a connection on port 80 of this state leaves the port to a listener. */
static void listen_beside(tern_state state)
{
    fixture *x = fixture_begin(NULL);
    tern_endpoint local = at("10.0.0.1", 80);
    tern_handle l;

    x->peer.local = local;
    CHECK_EQ(tern_connect(x->stack, x->now_us, &local, &x->peer.remote, &x->c), TERN_OK);
    x_expect(x, .flags = TCP_SYN, .seq = 0);
    if (state == TERN_SYN_RECEIVED) {
        x_inject(x, .flags = TCP_SYN);
        x_expect(x, .flags = TCP_SYN | TCP_ACK, .seq = 0, .ack = 1);
    }
    x_state(x, state);
    CHECK_EQ(try_listen(x, NULL, 80, &l), TERN_OK);
    x_state(x, state);
    fixture_end(x);
}

TEST(listen_on_a_port_that_a_connection_has)
{
    listen_beside(TERN_SYN_SENT);
    listen_beside(TERN_SYN_RECEIVED);
}

TEST(listen_at_any_ipv4_address_leaves_ipv6_alone)
{
    fixture *x = fixture_begin(NULL);
    tern_status status;
    tern_handle l, m;

    CHECK_EQ(try_listen(x, "0.0.0.0", 80, &l), TERN_OK);
    CHECK_EQ(tern_status_get(x->stack, l, &status), TERN_OK);
    CHECK(tern_address_is_ipv4(&status.local.address));
    CHECK_EQ(try_listen(x, "10.0.0.1", 80, &m), TERN_ERR_IN_USE);
    CHECK_EQ(try_listen(x, NULL, 80, &m), TERN_ERR_IN_USE);
    x_inject(x, .flags = TCP_SYN);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_ipv6(x);
    CHECK_EQ(x_inject(x, .flags = TCP_SYN), TERN_RULE_CLOSED_SEGMENT_RESET);
    CHECK_EQ(x_run(x, 0), 1);
    CHECK_EQ(tern_listener_connect(x->stack, x->now_us, l, &x->peer.remote, &m),
             TERN_ERR_NOT_LOCAL);
    CHECK_EQ(try_listen(x, "fd00::1", 80, &m), TERN_OK);
    CHECK_EQ(try_listen(x, "0.0.0.0", 80, &m), TERN_ERR_IN_USE);
}

TEST(listen_with_wrong_arguments)
{
    fixture *x = fixture_begin(NULL);
    tern_endpoint any = at(NULL, 80);
    tern_handle l;

    CHECK_EQ(try_listen(x, NULL, 0, &l), TERN_ERR_INVALID);
    CHECK_EQ(tern_listen(x->stack, x->now_us, &any, 0, &l), TERN_ERR_INVALID);
    CHECK_EQ(tern_listen(x->stack, x->now_us, NULL, 1, &l), TERN_ERR_INVALID);
    CHECK_EQ(tern_listen(x->stack, x->now_us, &any, 1, NULL), TERN_ERR_INVALID);
    CHECK_EQ(try_listen(x, "10.0.0.9", 80, &l), TERN_ERR_NOT_LOCAL);
    CHECK_EQ(x_usage(x).listeners, 0);
}

TEST(listeners_full)
{
    fixture *x = fixture_begin(NULL);
    tern_handle l, first;

    CHECK_EQ(try_listen(x, NULL, 1, &first), TERN_OK);
    for (uint16_t port = 2; port <= 4; port++)
        CHECK_EQ(try_listen(x, NULL, port, &l), TERN_OK);
    CHECK_EQ(try_listen(x, NULL, 5, &l), TERN_ERR_NO_RESOURCES);
    CHECK_EQ(tern_close(x->stack, x->now_us, first), TERN_OK);
    CHECK_EQ(try_listen(x, NULL, 5, &l), TERN_OK);
}

TEST(listener_of_one_address_takes_no_other)
{
    fixture *x = fixture_begin(NULL);

    CHECK_EQ(try_listen(x, "10.0.0.1", FIXTURE_PORT, &x->listener), TERN_OK);
    x_inject(x, .flags = TCP_SYN);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_ipv6(x);
    CHECK_EQ(x_inject(x, .flags = TCP_SYN), TERN_RULE_CLOSED_SEGMENT_RESET);
}

TEST(listener_of_any_address_takes_both_families)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    x_inject(x, .flags = TCP_SYN);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_ipv6(x);
    x_inject(x, .flags = TCP_SYN);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1440);
}

TEST(accept_gives_them_in_their_order)
{
    fixture *x = fixture_begin(NULL);
    tern_handle c;

    x_listen(x);
    for (uint16_t port = 1; port <= 3; port++) {
        x->peer.remote.port = port;
        x_inject(x, .flags = TCP_SYN);
        x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    }
    for (uint16_t port = 1; port <= 3; port++) {
        x_accept(x);
        CHECK_EQ(x_status(x).remote.port, port);
    }
    CHECK_EQ(tern_accept(x->stack, x->now_us, x->listener, &c), TERN_ERR_WOULD_BLOCK);
    CHECK_EQ(tern_accept(x->stack, x->now_us, x->listener, NULL), TERN_ERR_INVALID);
    CHECK_EQ(tern_accept(x->stack, x->now_us, x->c, &c), TERN_ERR_STALE);
}

TEST(listener_closes_and_resets_what_nobody_accepted)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 100);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->listener), TERN_OK);
    x_expect(x, .flags = TCP_RST | TCP_ACK, .seq = 1, .ack = 101);
    x_state(x, TERN_CLOSED);
    CHECK_EQ(x_usage(x).connections + x_usage(x).chunks + x_usage(x).listeners, 0);
    x_no_event(x);
}

TEST(listener_closes_and_no_one_takes_its_syns)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->listener), TERN_OK);
    CHECK_EQ(x_inject(x, .flags = TCP_SYN), TERN_RULE_CLOSED_SEGMENT_RESET);
}

TEST(listener_closes_and_its_half_open_connections_end)
{
    static const uint16_t flags[] = {TCP_SYN, TCP_ACK, TCP_ACK | TCP_PSH, TCP_RST};

    for (unsigned i = 0; i < 4; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
        CHECK_EQ(tern_close(x->stack, x->now_us, x->listener), TERN_OK);
        x_inject(x, .flags = flags[i], .seq = i > 0, .ack = i > 0);
        if (flags[i] == TCP_SYN)
            x_expect(x, .flags = TCP_RST | TCP_ACK, .seq = 0u - x->peer.tern_iss, .ack = 1);
        else if (flags[i] != TCP_RST)
            x_expect(x, .flags = TCP_RST, .seq = 1);
        x_expect_nothing(x);
        x_state(x, TERN_CLOSED);
        CHECK_EQ(x_usage(x).half_open, 0);
    }
}

TEST(listener_closes_and_no_synack_is_sent_again)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->listener), TERN_OK);
    x_advance(x, 100000);
    x_state(x, TERN_CLOSED);
    CHECK_EQ(x_usage(x).half_open, 0);
}

TEST(accepted_connection_outlives_its_listener)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->listener), TERN_OK);
    x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
    x_recv(x, 10);
    x_state(x, TERN_ESTABLISHED);
}

TEST(listener_connects)
{
    fixture *x = fixture_begin(NULL);
    tern_handle c;

    x_listen(x);
    CHECK_EQ(tern_listener_connect(x->stack, x->now_us, x->listener, &x->peer.remote, &x->c),
             TERN_OK);
    x_expect(x, .flags = TCP_SYN, .mss = 1460);
    CHECK_EQ(x_status(x).local.port, FIXTURE_PORT);
    CHECK_EQ(tern_accept(x->stack, x->now_us, x->listener, &c), TERN_ERR_STALE);
    CHECK_EQ(x_usage(x).listeners, 0);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_state(x, TERN_ESTABLISHED);
}

TEST(listener_connect_with_wrong_arguments_leaves_the_listener)
{
    tern_config config = fixture_config();

    config.connections_max = 1;
    fixture *x = fixture_begin(&config);
    tern_endpoint none = {.port = 5}, multicast = at("224.0.0.1", 5), zero = x->peer.remote;
    tern_handle c, gone = {7, 7};
    zero.port = 0;
    x_listen(x);
    CHECK_EQ(tern_listener_connect(x->stack, x->now_us, gone, &x->peer.remote, &c), TERN_ERR_STALE);
    CHECK_EQ(tern_listener_connect(x->stack, x->now_us, x->listener, NULL, &c), TERN_ERR_INVALID);
    CHECK_EQ(tern_listener_connect(x->stack, x->now_us, x->listener, &none, &c),
             TERN_ERR_NO_REMOTE);
    CHECK_EQ(tern_listener_connect(x->stack, x->now_us, x->listener, &zero, &c),
             TERN_ERR_NO_REMOTE);
    CHECK_EQ(tern_listener_connect(x->stack, x->now_us, x->listener, &multicast, &c),
             TERN_ERR_INVALID);
    x_connect(x);
    CHECK_EQ(tern_listener_connect(x->stack, x->now_us, x->listener, &x->peer.remote, &c),
             TERN_ERR_NO_RESOURCES);
    CHECK_EQ(x_usage(x).listeners, 1);
}

TEST(listener_connect_to_a_peer_it_has_already)
{
    fixture *x = fixture_begin(NULL);
    tern_handle c;

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    CHECK_EQ(tern_listener_connect(x->stack, x->now_us, x->listener, &x->peer.remote, &c),
             TERN_ERR_EXISTS);
    CHECK_EQ(x_usage(x).listeners, 1);
}

TEST(listener_of_one_family_does_not_connect_to_the_other)
{
    fixture *x = fixture_begin(NULL);
    tern_endpoint six = at("fd00::2", 9);
    tern_handle c;

    CHECK_EQ(try_listen(x, "10.0.0.1", 80, &x->listener), TERN_OK);
    CHECK_EQ(tern_listener_connect(x->stack, x->now_us, x->listener, &six, &c), TERN_ERR_NOT_LOCAL);
    CHECK_EQ(x_usage(x).listeners, 1);
}

TEST(half_open_goes_to_the_listener_that_is_there_at_the_ack)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->listener), TERN_OK);
    x_listen(x);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    tern_status st;
    bool there = x_find(x, &st);
    CHECK(!there || st.state == TERN_ESTABLISHED);
}
