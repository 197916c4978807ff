/* time_wait.c - TIME-WAIT.
 *
 * Why wait: the last ACK may be lost, and then the peer's FIN comes again and wants another; and
 * old duplicates must have died before the same ports are used again (RFC 9293 3.6.1). A new SYN
 * may end the wait when it is provably newer: by its timestamp, or by its sequence number where
 * there are none (RFC 6191 2). */
#include "tcp/close/time_wait.h"

#include "base/rare.h"
#include "tcp/calls.h"
#include "tcp/state.h"
#include "tcp/timeouts.h"

void time_wait_start(struct engine *e, struct tcb *t, tern_cause cause)
{
    state_set(e, t, TERN_TIME_WAIT, cause);
    RULE_HIT(e, &t->flow, TIME_WAIT_STARTED);
    timeouts_stop_all(t);
    timeouts_time_wait(e, t);
}

uint16_t time_wait_expiry(const struct engine *e)
{
    uint32_t round_up = (1u << TIME_WAIT_UNIT_BITS) - 1;

    return (uint16_t)((e->from_ms + e->config.time_wait_ms + round_up) >> TIME_WAIT_UNIT_BITS);
}

bool time_wait_over(const struct engine *e, const struct time_wait *w, uint32_t *left_ms)
{
    uint32_t now = e->now_ms >> TIME_WAIT_UNIT_BITS;
    int16_t left = (int16_t)(uint16_t)(w->flow.spare - now);

    if (left <= 0)
        return true;
    uint32_t into = e->now_ms & ((1u << TIME_WAIT_UNIT_BITS) - 1);
    *left_ms = ((uint32_t)left << TIME_WAIT_UNIT_BITS) - into;
    return false;
}

void time_wait_fold(const struct engine *e, struct time_wait *w, const struct tcb *t)
{
    uint32_t round_up = (1u << TIME_WAIT_UNIT_BITS) - 1;
    uint32_t expiry_ms = tcb_timer_on(t, TIMER_IDLE) ? t->due_ms[TIMER_IDLE] : e->now_ms;

    *w = (struct time_wait){
        .flow = t->flow, .snd_nxt = t->snd_nxt, .rcv_nxt = t->rcv_nxt, .ts_recent = t->ts_recent};
    w->flow.spare = (uint16_t)((expiry_ms + round_up) >> TIME_WAIT_UNIT_BITS);
    w->flow.flags = (uint8_t)((t->ts_on ? TIME_WAIT_TS : 0) |
                              (t->wscale_on ? TIME_WAIT_SCALED : 0));
}

bool time_wait_gives_way(const struct engine *e, const struct time_wait *w, bool named)
{
    enum { APART_MS = 1000 }; /* our clock has ticked, whatever the peer rounds it to */
    const tern_config *c = &e->config;
    bool both = c->timestamps && (w->flow.flags & TIME_WAIT_TS) != 0;
    uint32_t left_ms = 0;

    if (c->time_wait_reuse == TERN_REUSE_NEVER)
        return false;
    if (named && c->time_wait_reuse == TERN_REUSE_ALWAYS)
        return true;
    if (time_wait_over(e, w, &left_ms))
        left_ms = 0;
    return both && c->time_wait_ms >= left_ms && c->time_wait_ms - left_ms > APART_MS;
}

/* RFC 6191 2: may this SYN open a new connection over the old one? */
RARE static bool time_wait_syn_newer(const struct engine *e, const struct time_wait *w,
                                     const struct segment *s)
{
    if (e->config.time_wait_syn == TERN_TIME_WAIT_SYN_BEYOND)
        return seq_lt(w->rcv_nxt, s->seq);
    bool both = (w->flow.flags & TIME_WAIT_TS) != 0 && s->options.has_timestamps;
    int32_t later = both ? (int32_t)(s->options.ts_value - w->ts_recent) : 0;

    if (both && later != 0)
        return later > 0;
    return seq_le(w->rcv_nxt, s->seq); /* the last number seen, the FIN's, is the one before */
}

verdict time_wait_arrives(struct engine *e, const struct time_wait *w, struct segment *s,
                          bool *again)
{
    *again = false;
    if (segment_has(s, TCP_RST)) {
        if (e->config.time_wait_ignores_rst || !seq_eq(s->seq, w->rcv_nxt)) {
            RULE_HIT(e, &w->flow, TIME_WAIT_RST_IGNORED);
            return DROP;
        }
        RULE_HIT(e, &w->flow, TIME_WAIT_RST);
        return DELETE_TCB;
    }
    if (segment_has(s, TCP_SYN) && !segment_has(s, TCP_ACK)) {
        if (time_wait_syn_newer(e, w, s)) {
            RULE_HIT(e, &w->flow, TIME_WAIT_REUSED);
            s->reopens = true;
            s->iss_above = w->snd_nxt;
            return REOPEN;
        }
        if (e->config.time_wait_syn == TERN_TIME_WAIT_SYN_BEYOND) {
            RULE_HIT(e, &w->flow, TIME_WAIT_SYN_DROPPED);
            return DROP;
        }
        RULE_HIT(e, &w->flow, TIME_WAIT_SYN_REFUSED);
        return DROP_AND_ACK;
    }
    if (!segment_has(s, TCP_ACK) && e->config.time_wait_needs_ack_flag) {
        RULE_HIT(e, &w->flow, ACK_MISSING);
        return DROP;
    }
    if (segment_has(s, TCP_FIN) && seq_eq(seq_add(s->seq, segment_len(s)), w->rcv_nxt)) {
        RULE_HIT(e, &w->flow, TIME_WAIT_RESTARTED);
        *again = true;
        return DROP_AND_ACK;
    }
    /* An empty segment asks for nothing, and two ends in TIME-WAIT that disagree on the numbers
     * would answer each other's answers for ever. */
    bool awaited = seq_eq(s->seq, w->rcv_nxt) && seq_eq(s->ack, w->snd_nxt);
    if (segment_len(s) == 0 && (awaited || !e->config.time_wait_answers_empty))
        return DROP;
    RULE_HIT(e, &w->flow, TIME_WAIT_OLD);
    return DROP_AND_ACK;
}

RARE verdict time_wait_tcb_arrives(struct engine *e, struct tcb *t, struct segment *s)
{
    struct time_wait w;
    bool again;

    time_wait_fold(e, &w, t);
    verdict v = time_wait_arrives(e, &w, s, &again);
    if (again)
        timeouts_time_wait(e, t);
    if (v == DELETE_TCB)
        calls_end(e, t, TERN_CAUSE_RCV_RST, TERN_OK);
    if (v == REOPEN)
        calls_end(e, t, TERN_CAUSE_RCV_SYN, TERN_OK);
    return v;
}
