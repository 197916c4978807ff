/* status_test.c - STATUS, RFC 9293 3.10.6, and the walk over everything there is. */
#include "tests/unit/tcp_fixture.h"

TEST(status_of_a_listener)
{
    fixture *x = fixture_begin(NULL);
    tern_status st;
    tern_endpoint at = {x->config.addresses[1], 90};
    tern_handle l;

    CHECK_EQ(tern_listen(x->stack, x->now_us, &at, 1, &l), TERN_OK);
    CHECK_EQ(tern_status_get(x->stack, l, &st), TERN_OK);
    CHECK_EQ(st.state, TERN_LISTEN);
    CHECK_MEM(&st.local, &at, sizeof at);
    CHECK_EQ(st.remote.port, 0);
    CHECK_EQ(tern_status_get(x->stack, l, NULL), TERN_ERR_INVALID);
}

TEST(status_of_a_connection)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE | WAY_OPTIONS);
    x_send(x, 3000);
    CHECK_EQ(x_run(x, 0), 2); /* the third is small and waits */
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 50);
    x_inject(x, .flags = TCP_ACK, .seq = 101, .ack = 1, .bytes = 25);
    tern_status st = x_status(x);
    CHECK_MEM(&st.local, &x->peer.local, sizeof st.local);
    CHECK_MEM(&st.remote, &x->peer.remote, sizeof st.remote);
    CHECK_EQ(st.iss, x->peer.tern_iss);
    CHECK_EQ(st.irs, x->peer.iss);
    CHECK_EQ(st.snd_una, st.iss + 1);
    CHECK_EQ(st.unacked, 2 * 1448);
    CHECK_EQ(st.send_queue_bytes, 3000);
    CHECK_EQ(st.recv_queue_bytes, 50);
    CHECK_EQ(st.reassembly_bytes, 25);
    CHECK_EQ(st.bytes_received, 50);
    CHECK_EQ(st.bytes_acked, 0);
    CHECK_EQ(st.segs_in, 3); /* the third step of the handshake is the TCB's first */
    CHECK_EQ(st.segs_out, 2);
    CHECK_EQ(st.snd_cwnd, 10 * 1448);
    x_inject(x, .flags = TCP_ACK, .seq = 51, .ack = 1449);
    st = x_status(x);
    CHECK_EQ(st.bytes_acked, 1448);
    CHECK_EQ(st.send_queue_bytes, 3000 - 1448);
}

TEST(status_walk_sees_everything_once)
{
    fixture *x = fixture_begin(NULL);
    unsigned seen[TERN_STATES] = {0}, half_open = 0, time_wait = 0;
    uint64_t cursor = 0;
    tern_status st;

    x_bring(x, TERN_TIME_WAIT, WAY_RELEASED);
    for (uint16_t i = 0; i < 3; i++) {
        x->peer.remote.port++;
        x_connect(x);
    }
    x->peer.local.port = FIXTURE_PORT;
    for (uint16_t i = 0; i < 4; i++) {
        x->peer.remote.port++;
        x_inject(x, .flags = TCP_SYN);
    }
    x_inject(x, .flags = TCP_RST, .seq = 1);
    while (tern_status_next(x->stack, &cursor, &st)) {
        seen[st.state]++;
        half_open += st.half_open_record;
        time_wait += st.time_wait_record;
    }
    CHECK_EQ(seen[TERN_LISTEN], 1);
    CHECK_EQ(seen[TERN_SYN_SENT], 3);
    CHECK_EQ(seen[TERN_SYN_RECEIVED], 3);
    CHECK_EQ(seen[TERN_TIME_WAIT], 1);
    CHECK_EQ(half_open, 3);
    CHECK_EQ(time_wait, 1);
    CHECK(!tern_status_next(x->stack, &cursor, &st));
}

TEST(counter_of_no_rule_is_zero)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_NONE), 0);
    CHECK_EQ(tern_counter(x->stack, TERN_RULES), 0);
    CHECK_EQ(tern_counter(x->stack, (tern_rule)-1), 0);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_LISTEN_SYN_ACCEPTED), 1);
}

TEST(trace_can_be_taken_away)
{
    fixture *x = fixture_begin(NULL);

    tern_trace_set(x->stack, NULL, NULL);
    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    CHECK(!fixture_edge(TERN_SYN_RECEIVED, TERN_ESTABLISHED, TERN_CAUSE_RCV_ACK_OF_SYN));
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_HANDSHAKE_DONE), 1);
}

/* What the hook below was told of segments. */
static struct {
    unsigned count;
    tern_trace last;
} traced;

static void traced_segment(void *context, const tern_trace *trace)
{
    (void)context;
    if (trace->kind != TERN_TRACE_SEGMENT)
        return;
    traced.count++;
    traced.last = *trace;
}

TEST(trace_tells_each_segment_with_the_state_it_came_in)
{
    static const tern_state states[] = {TERN_SYN_SENT,   TERN_SYN_RECEIVED, TERN_ESTABLISHED,
                                        TERN_FIN_WAIT_1, TERN_FIN_WAIT_2,   TERN_CLOSE_WAIT,
                                        TERN_CLOSING,    TERN_LAST_ACK,     TERN_TIME_WAIT};

    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, states[i], states[i] == TERN_SYN_SENT ? WAY_ACTIVE : WAY_PASSIVE);
        tern_trace_set(x->stack, traced_segment, NULL);
        traced.count = 0;
        x_inject(x, .flags = TCP_PSH, .seq = 1, .bytes = 10);
        CHECK_EQ(traced.count, 1);
        CHECK_EQ(traced.last.from, states[i]);
        CHECK_EQ(traced.last.flags, TCP_PSH);
        CHECK_EQ(traced.last.text_bytes, 10);
        CHECK_EQ(traced.last.now_us, x->now_us);
        CHECK_EQ(traced.last.remote.port, x->peer.remote.port);
        fixture_end(x);
    }
}

TEST(trace_tells_segments_without_a_connection)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    tern_trace_set(x->stack, traced_segment, NULL);
    traced.count = 0;
    x_inject(x, .flags = TCP_RST, .seq = 1);
    CHECK_EQ(traced.last.from, TERN_LISTEN);
    x->peer.local.port++;
    x_inject(x, .flags = TCP_RST, .seq = 1);
    CHECK_EQ(traced.last.from, TERN_CLOSED);
    CHECK_EQ(traced.count, 2);
}

TEST(details_are_counted_where_the_configuration_asks)
{
    tern_config config = fixture_config();
    tern_details d;

    config.details = true;
    fixture *x = fixture_begin(&config);
    x_establish(x, WAY_PASSIVE);
    x_advance(x, 50);
    x_send(x, 100);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 100);
    x_expect_after(x, 1000, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 100);
    x_inject(x, .flags = TCP_ACK, .seq = 11, .ack = 101, .bytes = 10);
    x_run(x, 5);
    CHECK_EQ(tern_details_get(x->stack, x->c, &d), TERN_OK);
    CHECK_EQ(d.bytes_sent, 200);
    CHECK_EQ(d.bytes_retrans, 100);
    CHECK_EQ(d.data_segs_out, 2);
    CHECK_EQ(d.data_segs_in, 1);
    CHECK_EQ(d.delivered, 2); /* with the SYN */
    CHECK_EQ(d.rcv_ooopack, 1);
    CHECK_EQ(d.busy_time, 1000000);
    CHECK_EQ(d.rwnd_limited, 0);
    CHECK_EQ(d.last_data_sent, 5000);
    CHECK_EQ(d.last_ack_recv, 5000);
    CHECK_EQ(x_usage(x).settings, 1);
}

static uint64_t delivery_rate(const fixture *x)
{
    tern_details d;

    CHECK_EQ(tern_details_get(x->stack, x->c, &d), TERN_OK);
    return d.delivery_rate;
}

/* A round trip of 100 ms: what it brings over in that time, once it is over. */
TEST(details_tell_the_rate_of_a_round_trip)
{
    tern_config config = fixture_config();

    config.details = true;
    fixture *x = fixture_begin(&config);
    x_establish(x, WAY_PASSIVE);
    CHECK_EQ(delivery_rate(x), 0);
    x_send(x, 40 * 1460);
    CHECK_EQ(x_run(x, 100), 10); /* the initial window */
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1 + 5 * 1460);
    CHECK_EQ(delivery_rate(x), 0);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1 + 10 * 1460);
    CHECK_EQ(delivery_rate(x), 10 * 14600);
    uint32_t sent = x_run(x, 50); /* at twice the speed */
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1 + (10 + sent) * 1460);
    x_run(x, 0);
    CHECK_EQ(delivery_rate(x), sent * 1460 * 20);
}

/* The program gives little, and the path is no slower for it. */
TEST(details_keep_the_rate_while_the_program_gives_little)
{
    tern_config config = fixture_config();

    config.details = true;
    fixture *x = fixture_begin(&config);
    x_establish(x, WAY_PASSIVE);
    for (uint32_t at = 1, bytes = 1000; bytes > 0; at += bytes, bytes -= 500) {
        x_send(x, bytes);
        CHECK_EQ(x_run(x, 100), 1);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = at + bytes);
        CHECK_EQ(delivery_rate(x), 10000);
    }
}

TEST(details_tell_a_closed_window_from_a_full_buffer)
{
    tern_config config = fixture_config();
    tern_details d;

    config.details = true;
    fixture *x = fixture_begin(&config);
    x_establish(x, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .window = WINDOW_ZERO);
    x_send(x, 10);
    x_advance(x, 300);
    CHECK_EQ(tern_details_get(x->stack, x->c, &d), TERN_OK);
    CHECK_EQ(d.rwnd_limited, 300000);
    CHECK_EQ(d.busy_time, 300000);
    CHECK_EQ(d.sndbuf_limited, 0);
}

TEST(details_are_refused_where_nobody_counts)
{
    fixture *x = fixture_begin(NULL);
    tern_details d;

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    CHECK_EQ(tern_details_get(x->stack, x->c, &d), TERN_ERR_NOT_CONNECTED);
    CHECK_EQ(tern_details_get(x->stack, x->c, NULL), TERN_ERR_INVALID);
    CHECK_EQ(tern_details_get(x->stack, x->listener, &d), TERN_ERR_INVALID);
    x->c.generation++;
    CHECK_EQ(tern_details_get(x->stack, x->c, &d), TERN_ERR_STALE);
}
