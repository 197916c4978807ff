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

/* A released TIME-WAIT at port 50000, the only one. */
static fixture *in_time_wait(tern_reuse reuse, unsigned ways)
{
    tern_config config = with_ports(50000, 50000);

    config.time_wait_reuse = reuse;
    fixture *x = fixture_begin(&config);
    x_bring(x, TERN_TIME_WAIT, WAY_ACTIVE | WAY_RELEASED | ways);
    return x;
}

static tern_err connect_named(fixture *x, uint16_t port)
{
    tern_endpoint local = {.port = port};

    return tern_connect(x->stack, x->now_us, &local, &x->peer.remote, &x->c);
}

TEST(port_in_time_wait_is_taken_when_timestamps_make_it_safe)
{
    for (unsigned named = 0; named < 2; named++) {
        fixture *x = in_time_wait(TERN_REUSE_SAFE, WAY_OPTIONS);
        tern_status old;
        CHECK(x_find(x, &old));
        CHECK_EQ(connect_named(x, named != 0 ? 50000 : 0),
                 named != 0 ? TERN_ERR_EXISTS : TERN_ERR_NO_PORTS);
        x_advance(x, 1100); /* a record's time is in units of 64 ms */
        CHECK_EQ(connect_named(x, named != 0 ? 50000 : 0), TERN_OK);
        CHECK_EQ(tern_counter(x->stack, TERN_RULE_TIME_WAIT_TAKEN), 1);
        CHECK_EQ(x_usage(x).time_wait, 0);
        CHECK((int32_t)(x_status(x).iss - old.snd_nxt) > 0);
        x_state(x, TERN_SYN_SENT);
        CHECK_EQ(x_run(x, 0), 1);
        fixture_end(x);
    }
}

TEST(port_in_time_wait_without_timestamps_is_not_safe)
{
    fixture *x = in_time_wait(TERN_REUSE_SAFE, 0);

    x_advance(x, 100000);
    CHECK_EQ(connect_named(x, 0), TERN_ERR_NO_PORTS);
    CHECK_EQ(connect_named(x, 50000), TERN_ERR_EXISTS);
    CHECK_EQ(x_usage(x).time_wait, 1);
}

TEST(port_in_time_wait_is_always_taken_when_named_and_allowed)
{
    fixture *x = in_time_wait(TERN_REUSE_ALWAYS, 0);

    CHECK_EQ(connect_named(x, 0), TERN_ERR_NO_PORTS);
    CHECK_EQ(connect_named(x, 50000), TERN_OK);
    CHECK(fixture_edge(TERN_TIME_WAIT, TERN_CLOSED, TERN_CAUSE_ABORT));
}

TEST(port_in_time_wait_that_sent_fast_gets_an_iss_above_it)
{
    tern_config config = with_ports(50000, 50000);
    tern_status old;

    config.time_wait_reuse = TERN_REUSE_ALWAYS;
    fixture *x = fixture_begin(&config);
    x_bring(x, TERN_ESTABLISHED, WAY_ACTIVE);
    /* 60 KB in no time at all: the ISN clock, 4 us a tick, has not moved so far. */
    for (uint32_t sent = 0; sent < 60000; sent += 10000) {
        x_send(x, 10000);
        while (x_run(x, 0) > 0)
            x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = x_status(x).snd_nxt - x_status(x).iss);
    }
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    x_run(x, 0);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 60002);
    x_run(x, 0);
    x_state(x, TERN_TIME_WAIT);
    CHECK(x_find(x, &old));
    CHECK_EQ(connect_named(x, 50000), TERN_OK);
    CHECK_EQ(x_status(x).iss, old.snd_nxt + 65536);
    CHECK_EQ(x_status(x).snd_una, x_status(x).iss);
    CHECK_EQ(x_status(x).snd_nxt, x_status(x).iss + 1);
}

TEST(port_whose_time_wait_the_program_holds_is_in_use)
{
    tern_config config = with_ports(50000, 50000);

    config.time_wait_reuse = TERN_REUSE_ALWAYS;
    fixture *x = fixture_begin(&config);
    x_bring(x, TERN_TIME_WAIT, WAY_ACTIVE);
    tern_handle held = x->c;
    CHECK_EQ(connect_named(x, 50000), TERN_ERR_EXISTS);
    CHECK_EQ(tern_close(x->stack, x->now_us, held), TERN_OK);
    CHECK_EQ(connect_named(x, 50000), TERN_OK);
}

TEST(port_with_time_waits_may_be_listened_on)
{
    fixture *x = fixture_begin(NULL);
    tern_handle l;

    x_bring(x, TERN_TIME_WAIT, WAY_PASSIVE | WAY_RELEASED);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->listener), TERN_OK);
    tern_endpoint at = {.port = FIXTURE_PORT};
    CHECK_EQ(tern_listen(x->stack, x->now_us, &at, 4, &l), TERN_OK);
    x_state(x, TERN_TIME_WAIT);
    /* And the new listener gets a SYN that is newer (RFC 6191). */
    x->peer.iss += 100000;
    x_inject(x, .flags = TCP_SYN);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_TIME_WAIT_REUSED), 1);
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
