/* ports_test.c - ephemeral ports, RFC 6056. */
#include "tests/unit/tcp_fixture.h"

static tern_config with_ports(uint16_t first, uint16_t last)
{
    tern_config c = fixture_config();

    c.ephemeral_port_first = first;
    c.ephemeral_port_last = last;
    return c;
}

static uint16_t port_of(const fixture *x, tern_handle c)
{
    tern_status st;

    CHECK_EQ(tern_status_get(x->stack, c, &st), TERN_OK);
    return st.local.port;
}

TEST(ports_are_in_their_range_and_never_in_use)
{
    tern_config config = with_ports(50000, 50005);
    fixture *x = fixture_begin(&config);
    bool seen[6] = {false};
    tern_handle c;

    for (unsigned i = 0; i < 6; i++) {
        CHECK_EQ(tern_connect(x->stack, x->now_us, NULL, &x->peer.remote, &c), TERN_OK);
        uint16_t port = port_of(x, c);
        CHECK(port >= 50000 && port <= 50005);
        CHECK(!seen[port - 50000]);
        seen[port - 50000] = true;
    }
    CHECK_EQ(tern_connect(x->stack, x->now_us, NULL, &x->peer.remote, &c), TERN_ERR_NO_PORTS);
    x->peer.remote.port++; /* to another peer they are free */
    CHECK_EQ(tern_connect(x->stack, x->now_us, NULL, &x->peer.remote, &c), TERN_OK);
}

TEST(ports_are_never_a_listeners)
{
    tern_config config = with_ports(50000, 50001);
    fixture *x = fixture_begin(&config);
    tern_endpoint at = {.port = 50000};
    tern_handle l, c;

    CHECK_EQ(tern_listen(x->stack, x->now_us, &at, 1, &l), TERN_OK);
    CHECK_EQ(tern_connect(x->stack, x->now_us, NULL, &x->peer.remote, &c), TERN_OK);
    CHECK_EQ(port_of(x, c), 50001);
    CHECK_EQ(tern_connect(x->stack, x->now_us, NULL, &x->peer.remote, &c), TERN_ERR_NO_PORTS);
}

TEST(port_in_time_wait_is_in_use)
{
    tern_config config = with_ports(50000, 50000);
    fixture *x = fixture_begin(&config);
    tern_handle c;

    x_bring(x, TERN_TIME_WAIT, WAY_ACTIVE | WAY_RELEASED);
    CHECK_EQ(tern_connect(x->stack, x->now_us, NULL, &x->peer.remote, &c), TERN_ERR_NO_PORTS);
    tern_endpoint local = {.port = 50000};
    CHECK_EQ(tern_connect(x->stack, x->now_us, &local, &x->peer.remote, &c), TERN_ERR_EXISTS);
    x_advance(x, 240064);
    CHECK_EQ(tern_connect(x->stack, x->now_us, NULL, &x->peer.remote, &c), TERN_OK);
}

TEST(port_that_is_free_is_found_for_ever)
{
    tern_config config = with_ports(50000, 50002);
    fixture *x = fixture_begin(&config);
    tern_handle c;

    CHECK_EQ(tern_connect(x->stack, x->now_us, NULL, &x->peer.remote, &c), TERN_OK);
    CHECK_EQ(tern_connect(x->stack, x->now_us, NULL, &x->peer.remote, &c), TERN_OK);
    for (unsigned i = 0; i < 70000; i++) { /* the counters of RFC 6056 have 16 bits */
        CHECK_EQ(tern_connect(x->stack, x->now_us, NULL, &x->peer.remote, &c), TERN_OK);
        CHECK_EQ(tern_abort(x->stack, x->now_us, c), TERN_OK);
    }
}

/* The first port towards some peer, under this key. */
static uint16_t first_port(uint8_t key, uint16_t peer_port)
{
    tern_config config = fixture_config();
    tern_handle c;

    config.key[3] = key;
    fixture *x = fixture_begin(&config);
    x->peer.remote.port = peer_port;
    CHECK_EQ(tern_connect(x->stack, x->now_us, NULL, &x->peer.remote, &c), TERN_OK);
    uint16_t port = port_of(x, c);
    fixture_end(x);
    return port;
}

TEST(ports_are_not_to_be_guessed)
{
    unsigned same_key = 0, same_peer = 0, next = 0;

    for (uint8_t i = 0; i < 32; i++) {
        same_key += first_port(1, 1000) == first_port(1, (uint16_t)(1001 + i));
        same_peer += first_port(1, 1000) == first_port((uint8_t)(2 + i), 1000);
        next += first_port(1, (uint16_t)(1000 + i)) + 1 == first_port(1, (uint16_t)(1001 + i));
    }
    CHECK(same_key <= 1 && same_peer <= 1 && next <= 1);
}
