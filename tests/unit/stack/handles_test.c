/* handles_test.c - a handle that is gone is an error code in every call. */
#include "tests/unit/tcp_fixture.h"

/* Every call that takes a connection. */
static void all_stale(fixture *x, tern_handle h)
{
    tern_handle other = {1234, 5678};
    tern_status st;
    uint32_t value = 99;
    char octet = 0;

    CHECK_EQ(tern_send(x->stack, x->now_us, h, &octet, 1), TERN_ERR_STALE);
    CHECK_EQ(tern_recv(x->stack, x->now_us, h, &octet, 1), TERN_ERR_STALE);
    CHECK_EQ(tern_peek(x->stack, h, 0, &octet, 1), TERN_ERR_STALE);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, h, TERN_SHUTDOWN_WRITE), TERN_ERR_STALE);
    CHECK_EQ(tern_close(x->stack, x->now_us, h), TERN_ERR_STALE);
    CHECK_EQ(tern_abort(x->stack, x->now_us, h), TERN_ERR_STALE);
    CHECK_EQ(tern_accept(x->stack, x->now_us, h, &other), TERN_ERR_STALE);
    CHECK_EQ(tern_listener_connect(x->stack, x->now_us, h, &x->peer.remote, &other),
             TERN_ERR_STALE);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, h, TERN_OPTION_NODELAY, 1), TERN_ERR_STALE);
    CHECK_EQ(tern_option_get(x->stack, h, TERN_OPTION_NODELAY, &value), TERN_ERR_STALE);
    CHECK_EQ(tern_status_get(x->stack, h, &st), TERN_ERR_STALE);
    CHECK_EQ(other.index, 1234);
    CHECK_EQ(value, 99);
}

TEST(handle_that_never_was)
{
    fixture *x = fixture_begin(NULL);
    static const tern_handle none[] = {{0, 0},           {0, 1},
                                       {7, 1},           {8, 1},
                                       {0xffffffffu, 1}, {0x80000000u, 1},
                                       {0x80000000u, 0}, {0x80000003u, 1},
                                       {0x80000004u, 1}, {0x7fffffffu, 0xffffffffu}};

    for (unsigned i = 0; i < 10; i++)
        all_stale(x, none[i]);
    x_listen(x);
    x_connect(x);
    for (unsigned i = 2; i < 10; i++)
        if (none[i].index != 0x80000000u || none[i].generation == 0)
            all_stale(x, none[i]);
}

TEST(handle_given_back_in_every_state)
{
    for (tern_state state = TERN_SYN_SENT; state < TERN_STATES; state++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, state, state == TERN_SYN_RECEIVED ? WAY_SIMULTANEOUS : WAY_PASSIVE);
        CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
        all_stale(x, x->c);
        x_run(x, 1000);
        all_stale(x, x->c);
    }
}

TEST(handle_of_a_slot_that_is_used_again)
{
    fixture *x = fixture_begin(NULL);
    tern_handle old[20];

    for (unsigned i = 0; i < 20; i++) {
        x_connect(x);
        old[i] = x->c;
        CHECK_EQ(tern_abort(x->stack, x->now_us, x->c), TERN_OK);
    }
    x_connect(x);
    for (unsigned i = 0; i < 20; i++) {
        CHECK_EQ(old[i].index, x->c.index);
        all_stale(x, old[i]);
    }
    CHECK_EQ(x_status(x).state, TERN_SYN_SENT);
}

TEST(handle_of_a_listener_whose_slot_is_used_again)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    tern_handle old = x->listener;
    CHECK_EQ(tern_close(x->stack, x->now_us, old), TERN_OK);
    all_stale(x, old);
    x_listen(x);
    CHECK_EQ(old.index, x->listener.index);
    all_stale(x, old);
    CHECK_EQ(x_usage(x).listeners, 1);
}

TEST(handle_of_a_connection_is_no_listeners_and_the_other_way_round)
{
    fixture *x = fixture_begin(NULL);
    tern_handle other;
    char octet = 0;

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    CHECK_EQ(tern_accept(x->stack, x->now_us, x->c, &other), TERN_ERR_STALE);
    CHECK_EQ(tern_send(x->stack, x->now_us, x->listener, &octet, 1), TERN_ERR_STALE);
    CHECK_EQ(tern_recv(x->stack, x->now_us, x->listener, &octet, 1), TERN_ERR_STALE);
    CHECK_EQ(tern_abort(x->stack, x->now_us, x->listener), TERN_ERR_STALE);
    CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_DEFER_ACCEPT_MS, 1),
             TERN_ERR_INVALID);
}

TEST(handle_is_dense_and_stays_until_it_is_given_back)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    CHECK(x->c.index < x->config.connections_max && x->c.generation != 0);
    x_inject(x, .flags = TCP_RST, .seq = 1);
    x_run(x, 1000000);
    CHECK_EQ(x_status(x).state, TERN_CLOSED);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    CHECK_EQ(x_usage(x).connections, 0);
}
