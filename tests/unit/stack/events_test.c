/* events_test.c - what the program is told, once, with all that happened. */
#include "tests/unit/tcp_fixture.h"

TEST(event_connected_once)
{
    fixture *x = fixture_begin(NULL);
    tern_event e;

    x_bring(x, TERN_SYN_SENT, 0);
    x_no_event(x);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    CHECK(tern_next_event(x->stack, &e));
    CHECK((e.what & TERN_EVENT_CONNECTED) != 0);
    CHECK((e.what & (TERN_EVENT_CLOSED | TERN_EVENT_READABLE)) == 0);
    CHECK_EQ(e.error, TERN_OK);
    x_no_event(x);
}

TEST(event_readable_once_for_many_segments)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    for (uint32_t i = 0; i < 3; i++)
        x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 1 + 10 * i, .ack = 1, .bytes = 10);
    x_event(x, x->c, TERN_EVENT_READABLE);
    x_no_event(x);
    x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 31, .ack = 1, .bytes = 10);
    x_event(x, x->c, TERN_EVENT_READABLE);
}

TEST(event_readable_not_for_what_came_early)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK, .seq = 11, .ack = 1, .bytes = 10);
    x_no_event(x);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10);
    x_event(x, x->c, TERN_EVENT_READABLE);
}

TEST(events_merge_into_one)
{
    fixture *x = fixture_begin(NULL);
    tern_event e;

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 1, .bytes = 10);
    x_inject(x, .flags = TCP_RST, .seq = 12);
    CHECK(tern_next_event(x->stack, &e));
    CHECK_EQ(e.what, TERN_EVENT_READABLE | TERN_EVENT_PEER_CLOSED | TERN_EVENT_CLOSED);
    CHECK_EQ(e.error, TERN_ERR_RESET);
    x_no_event(x);
}

TEST(event_writable_after_a_refusal)
{
    tern_config c = fixture_config();
    static char data[2000];

    c.send_buffer_bytes = 1000;
    fixture *x = fixture_begin(&c);
    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    CHECK_EQ(tern_send(x->stack, x->now_us, x->c, data, 2000), 1000);
    CHECK_EQ(tern_send(x->stack, x->now_us, x->c, data, 1), TERN_ERR_WOULD_BLOCK);
    CHECK_EQ(x_run(x, 0), 1);
    x_no_event(x);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1001);
    x_event(x, x->c, TERN_EVENT_WRITABLE);
    x_no_event(x);
}

TEST(event_writable_not_without_a_refusal)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_send(x, 1000);
    CHECK_EQ(x_run(x, 0), 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1001);
    x_no_event(x);
}

TEST(event_acceptable_once_for_many)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    for (uint16_t port = 1; port <= 3; port++) {
        x->peer.remote.port = port;
        x_inject(x, .flags = TCP_SYN);
        x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    }
    x_event(x, x->listener, TERN_EVENT_ACCEPTABLE);
    x_no_event(x);
}

TEST(event_acceptable_not_when_all_were_accepted)
{
    fixture *x = fixture_begin(NULL);
    tern_event e;

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_accept(x);
    while (tern_next_event(x->stack, &e))
        CHECK((e.what & TERN_EVENT_ACCEPTABLE) == 0);
}

TEST(events_of_an_accepted_connection_begin_with_what_came_before)
{
    fixture *x = fixture_begin(NULL);
    tern_event e;

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 1, .bytes = 10);
    x_event(x, x->listener, TERN_EVENT_ACCEPTABLE);
    x_no_event(x); /* nobody has its handle yet */
    x_accept(x);
    CHECK(tern_next_event(x->stack, &e));
    CHECK_EQ(e.handle.index, x->c.index);
    CHECK_EQ(e.what & (TERN_EVENT_READABLE | TERN_EVENT_PEER_CLOSED),
             TERN_EVENT_READABLE | TERN_EVENT_PEER_CLOSED);
    x_no_event(x);
}

TEST(events_come_in_the_order_in_which_they_happened)
{
    fixture *x = fixture_begin(NULL);
    struct peer peers[3];
    tern_handle handles[3];
    tern_event e;

    for (unsigned i = 0; i < 3; i++) {
        x->peer.remote.port = (uint16_t)(100 + i);
        x_connect(x);
        x_expect(x, .flags = TCP_SYN);
        x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
        x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
        peers[i] = x->peer;
        handles[i] = x->c;
    }
    while (tern_next_event(x->stack, &e))
        continue;
    static const unsigned order[] = {2, 0, 1};
    for (unsigned i = 0; i < 3; i++) {
        x->peer = peers[order[i]];
        x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 5);
    }
    for (unsigned i = 0; i < 3; i++)
        x_event(x, handles[order[i]], TERN_EVENT_READABLE);
    x_no_event(x);
}

TEST(no_event_for_a_handle_given_back)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 1);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK);
    x_no_event(x);
    x_run(x, 0);
    x_inject(x, .flags = TCP_RST, .seq = 2);
    x_no_event(x);
}

TEST(passive_open_tells_of_no_active_one)
{
    fixture *x = fixture_begin(NULL);
    tern_event e;

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_accept(x);
    while (tern_next_event(x->stack, &e)) /* tern.h: CONNECTED is of an active open */
        CHECK((e.what & TERN_EVENT_CONNECTED) == 0);
}
