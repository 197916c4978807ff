/* segment_arrives_test.c - RFC 9293 3.10.7.4: every kind of segment in every state, at every place
 * of the window, beside a model that is written from the text. */
#include "tests/unit/tcp_fixture.h"

typedef enum answer { SILENCE, AN_ACK, A_RST } answer;

struct outcome {
    answer answer;
    tern_state state;
};

struct kind {
    uint16_t flags;
    uint32_t bytes;
    int32_t ack_off; /* SEG.ACK - SND.NXT */
};

static const struct kind kinds[] = {
    {TCP_RST, 0, 0},
    {TCP_RST | TCP_ACK, 0, 0},
    {TCP_RST, 20, 0},
    {TCP_SYN, 0, 0},
    {TCP_SYN | TCP_ACK, 0, 0},
    {TCP_SYN | TCP_FIN, 5, 0},
    {0, 0, 0},
    {TCP_PSH, 10, 0},
    {TCP_FIN, 0, 0},
    {TCP_ACK, 0, 0},
    {TCP_ACK, 0, 1},
    {TCP_ACK, 0, 0x7fffffff},
    {TCP_ACK, 0, -0x7000000},
    {TCP_ACK | TCP_PSH, 10, 0},
    {TCP_ACK | TCP_PSH, 1, 0},
    {TCP_ACK | TCP_PSH | TCP_URG, 10, 0},
    {TCP_ACK | TCP_FIN, 0, 0},
    {TCP_ACK | TCP_FIN, 10, 0},
    {TCP_ACK | TCP_FIN, 10, 1},
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* One segment against one state: octet numbers are relative to RCV.NXT. */
struct question {
    tern_state state;
    struct kind kind;
    int64_t at, len, window;
    bool sack;
};

static bool has(const struct question *q, uint16_t flag)
{
    return (q->kind.flags & flag) != 0;
}

/* 1st: the table of four cases. */
static bool acceptable(const struct question *q)
{
    bool starts = q->at >= 0 && q->at < q->window;
    int64_t last = q->at + q->len - 1;

    if (q->len == 0 || has(q, TCP_RST)) /* RFC 5961 3.2: of a reset SEG.SEQ alone counts */
        return starts;
    return starts || (last >= 0 && last < q->window);
}

/* 5th, in the synchronized states. */
static tern_state after_ack(tern_state state)
{
    if (state == TERN_SYN_RECEIVED)
        return TERN_ESTABLISHED;
    if (state == TERN_FIN_WAIT_1)
        return TERN_FIN_WAIT_2;
    if (state == TERN_CLOSING)
        return TERN_TIME_WAIT;
    return state == TERN_LAST_ACK ? TERN_CLOSED : state;
}

/* 7th and 8th. */
static struct outcome text_and_fin(const struct question *q, tern_state state)
{
    int64_t first = q->at < 0 ? 0 : q->at, end = q->at + q->kind.bytes;
    bool fin = has(q, TCP_FIN) && q->at + q->len <= q->window;
    bool text = (end < q->window ? end : q->window) > first;

    if (state != TERN_ESTABLISHED && state != TERN_FIN_WAIT_1 && state != TERN_FIN_WAIT_2)
        return (struct outcome){SILENCE, state};
    if (fin && first == 0)
        return (struct outcome){AN_ACK, state == TERN_ESTABLISHED  ? TERN_CLOSE_WAIT
                                        : state == TERN_FIN_WAIT_1 ? TERN_CLOSING
                                                                   : TERN_TIME_WAIT};
    /* What comes early, or again, is acknowledged at once (RFC 5681 4.2; RFC 2883 4); text in order
     * may wait (delayed ACK). */
    bool again = q->sack && q->at < 0 && q->kind.bytes > 0;
    return (struct outcome){again || ((text || fin) && first > 0) ? AN_ACK : SILENCE, state};
}

static struct outcome model(const struct question *q)
{
    struct outcome drop = {SILENCE, q->state}, ack = {AN_ACK, q->state};

    if (q->state == TERN_SYN_RECEIVED && has(q, TCP_SYN) && has(q, TCP_ACK) && q->at == -1)
        return (struct outcome){SILENCE, TERN_ESTABLISHED}; /* 3.5, figure 8 */
    if (!acceptable(q))
        return has(q, TCP_RST) ? drop : ack;
    if (has(q, TCP_RST))
        return q->at == 0 ? (struct outcome){SILENCE, TERN_CLOSED} : ack;
    if (has(q, TCP_SYN))
        return ack;
    if (!has(q, TCP_ACK))
        return drop;
    if (q->state == TERN_SYN_RECEIVED && q->kind.ack_off != 0)
        return (struct outcome){A_RST, q->state};
    if (q->kind.ack_off != 0)
        return ack; /* of what was never sent, or older than any window: RFC 5961 5.2 */
    return text_and_fin(q, after_ack(q->state));
}

static void ask(const struct question *q, unsigned ways)
{
    fixture *x = fixture_begin(NULL);
    uint8_t packet[1500];
    answer got = SILENCE;
    struct outcome want = model(q);

    x_bring(x, q->state, ways);
    uint32_t seg_ack = x->peer.tern_next + (uint32_t)q->kind.ack_off;
    x_inject(x, .flags = q->kind.flags, .seq = x->peer.next + (uint32_t)q->at,
             .ack = has(q, TCP_ACK) ? seg_ack : 0, .bytes = q->kind.bytes, .urgent = 1,
             .ts = (ways & WAY_OPTIONS) != 0);
    size_t bytes = x_output(x, packet);
    if (bytes > 0)
        got = (packet[20 + 13] & TCP_RST) != 0 ? A_RST : AN_ACK;
    tern_status st;
    tern_state state = x_find(x, &st) ? st.state : TERN_CLOSED;
    if (got != want.answer || state != want.state)
        test_fail(__FILE__, __LINE__,
                  "%s, flags 0x%x, %u octets at %+lld of window %lld, ACK %+d: got answer %d and "
                  "%s, want %d and %s",
                  tern_state_name(q->state), q->kind.flags, q->kind.bytes, (long long)q->at,
                  (long long)q->window, q->kind.ack_off, got, tern_state_name(state), want.answer,
                  tern_state_name(want.state));
    CHECK(x_output(x, packet) == 0);
    fixture_end(x);
}

static uint32_t window_in(tern_state state, unsigned ways)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, state, ways);
    uint32_t window = x_status(x).rcv_wnd;
    fixture_end(x);
    return window;
}

static void every_segment_in(tern_state state, unsigned ways)
{
    int64_t w = window_in(state, ways);
    const int64_t places[] = {-30, -11, -10, -5, -1, 0, 1, 100, w - 11, w - 1, w, w + 1, w + 1000};

    for (unsigned k = 0; k < KINDS; k++) {
        for (unsigned p = 0; p < sizeof places / sizeof places[0]; p++) {
            struct question q = {.state = state,
                                 .kind = kinds[k],
                                 .at = places[p],
                                 .window = w,
                                 .sack = (ways & WAY_OPTIONS) != 0};
            q.len = q.kind.bytes + has(&q, TCP_SYN) + has(&q, TCP_FIN);
            /* A SYN below RCV.NXT with text that reaches over it: see syn_with_text_... */
            if (!has(&q, TCP_SYN) || q.at >= 0 || q.at + q.len <= 0)
                ask(&q, ways);
        }
    }
}

TEST(segment_in_syn_received)
{
    every_segment_in(TERN_SYN_RECEIVED, WAY_SIMULTANEOUS);
}

TEST(segment_in_established)
{
    every_segment_in(TERN_ESTABLISHED, WAY_PASSIVE);
    every_segment_in(TERN_ESTABLISHED, WAY_ACTIVE | WAY_OPTIONS);
}

TEST(segment_in_fin_wait_1)
{
    every_segment_in(TERN_FIN_WAIT_1, WAY_PASSIVE);
}

TEST(segment_in_fin_wait_2)
{
    every_segment_in(TERN_FIN_WAIT_2, WAY_PASSIVE);
}

TEST(segment_in_close_wait)
{
    every_segment_in(TERN_CLOSE_WAIT, WAY_PASSIVE);
}

TEST(segment_in_closing)
{
    every_segment_in(TERN_CLOSING, WAY_PASSIVE);
}

TEST(segment_in_last_ack)
{
    every_segment_in(TERN_LAST_ACK, WAY_PASSIVE);
}

TEST(syn_with_text_over_rcv_nxt_changes_no_state)
{
    static const tern_state states[] = {TERN_ESTABLISHED, TERN_FIN_WAIT_1, TERN_FIN_WAIT_2,
                                        TERN_CLOSE_WAIT};

    for (unsigned i = 0; i < 4; i++) {
        fixture *x = fixture_begin(NULL);
        x_bring(x, states[i], WAY_PASSIVE);
        x_inject(x, .flags = TCP_SYN, .seq = x->peer.next - 5, .bytes = 30);
        x_state(x, states[i]);
        CHECK_EQ(x_run(x, 100), 1); /* RFC 5961 4.2: an ACK */
    }
}

/* ---- 1st: PAWS, RFC 7323 5 ---- */

TEST(paws_rejects_an_old_timestamp)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE | WAY_OPTIONS);
    uint32_t last = (uint32_t)(x->now_us / 1000) + x->peer.ts_offset;
    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10, .ts_value = last - 1),
             TERN_RULE_PAWS_REJECTED);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .ts_echo = last);
    x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10, .ts_value = last);
    x_recv(x, 10);
}

TEST(paws_compares_modulo_2_to_the_32)
{
    fixture *x = fixture_begin(NULL);

    x->peer.ts_offset = 0u - (uint32_t)(x->now_us / 1000) - 5; /* 5 ticks before the wrap */
    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE | WAY_OPTIONS);
    x_run(x, 10);
    x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10);
    x_recv(x, 10);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_PAWS_REJECTED), 0);
}

TEST(paws_forgets_after_24_days)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE | WAY_OPTIONS);
    uint32_t last = (uint32_t)(x->now_us / 1000) + x->peer.ts_offset;
    x->now_us += UINT64_C(25) * 24 * 3600 * 1000000; /* RFC 7323 5.5 */
    x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 10,
             .ts_value = last - 1000000);
    x_recv(x, 10);
}

TEST(timestamp_missing_is_dropped)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE | WAY_OPTIONS);
    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10, .no_ts = true),
             TERN_RULE_TIMESTAMP_MISSING);
    x_advance(x, 1000);
    CHECK_EQ(x_status(x).rcv_nxt, 1001);
}

TEST(timestamp_of_text_that_came_early_is_not_taken)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE | WAY_OPTIONS);
    uint32_t first = (uint32_t)(x->now_us / 1000) + x->peer.ts_offset;
    x_advance(x, 50);
    x_inject(x, .flags = TCP_ACK, .seq = 101, .ack = 1, .bytes = 10); /* RFC 7323 4.3 (2) */
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .ts_echo = first, .sack_count = 1,
             .sack = {{{101}, {111}}});
}

TEST(zero_window_heeds_the_ack_and_repeats_the_window)
{
    tern_config c = fixture_config();

    c.recv_buffer_bytes = 100;
    fixture *x = fixture_begin(&c);
    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_send(x, 10);
    CHECK_EQ(x_run(x, 0), 1);
    x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 100);
    CHECK_EQ(x_run(x, 40), 1);
    x_inject(x, .flags = TCP_ACK, .seq = 101, .ack = 11, .bytes = 1); /* MUST-66 */
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_ZERO_WINDOW_PROBED), 1);
    x_expect(x, .flags = TCP_ACK, .seq = 11, .ack = 101, .window = WINDOW_ZERO);
    CHECK_EQ(x_status(x).unacked, 0);
    CHECK_EQ(x_status(x).recv_queue_bytes, 100);
}

TEST(urgent_text_is_delivered_in_line)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_ESTABLISHED, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK | TCP_URG, .seq = 1, .ack = 1, .bytes = 20, .urgent = 10);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_URGENT_IN_LINE), 1);
    x_recv(x, 20);
}

TEST(synack_with_text_beyond_the_window_is_cut_off)
{
    tern_config c = fixture_config();

    c.recv_buffer_bytes = 100;
    fixture *x = fixture_begin(&c);
    x_bring(x, TERN_SYN_SENT, 0);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .bytes = 500);
    CHECK(x_status(x).recv_queue_bytes <= 100);
    CHECK(x_status(x).rcv_wnd <= 100);
}
