/* half_open.c - SYN-RECEIVED after a passive OPEN: RFC 9293 3.10.7.4, its five first steps, on a
 * record. */
#include "tcp/open/half_open.h"

#include "tcp/schedule.h"
#include "tcp/settings.h"

/* The window that our SYN,ACK offered. */
static bool half_open_inside(const struct half_open *h, uint16_t window, seq at)
{
    seq rcv_nxt = seq_add(h->irs, 1);

    return seq_le(rcv_nxt, at) && seq_lt(at, seq_add(rcv_nxt, window));
}

/* 1st: sequence number, PAWS. */
static verdict half_open_sequence(struct engine *e, const struct half_open *h,
                                  const struct tcb *pattern, const struct segment *s)
{
    uint16_t window = engine_syn_window(e, engine_recv_limit(e, pattern));

    if ((h->flow.flags & HALF_OPEN_TS) != 0 && !segment_has(s, TCP_RST) &&
        (s->options.has_timestamps || !e->config.timestamp_may_miss)) {
        if (!s->options.has_timestamps) {
            RULE_HIT(e, &h->flow, TIMESTAMP_MISSING);
            return DROP;
        }
        if ((int32_t)(s->options.ts_value - h->ts_recent) < 0) {
            RULE_HIT(e, &h->flow, PAWS_REJECTED);
            return DROP_AND_ACK;
        }
    }
    uint32_t len = segment_has(s, TCP_SYN | TCP_RST) ? 0 : segment_len(s);
    if (half_open_inside(h, window, s->seq) ||
        (len > 0 && half_open_inside(h, window, seq_add(s->seq, len - 1))))
        return NEXT;
    if (segment_has(s, TCP_RST)) {
        RULE_HIT(e, &h->flow, SEQUENCE_UNACCEPTABLE_RST);
        return DROP;
    }
    if (segment_has(s, TCP_SYN) && !segment_has(s, TCP_ACK) && seq_eq(s->seq, h->irs))
        RULE_HIT(e, &h->flow, SYN_ACK_AGAIN);
    else
        RULE_HIT(e, &h->flow, SEQUENCE_UNACCEPTABLE_ACK);
    return DROP_AND_ACK;
}

verdict half_open_arrives(struct engine *e, const struct half_open *h, const struct tcb *pattern,
                          const struct segment *s)
{
    verdict v = half_open_sequence(e, h, pattern, s); /* 1st */

    if (v != NEXT)
        return v;
    if (segment_has(s, TCP_RST)) { /* 2nd */
        if (!seq_eq(s->seq, seq_add(h->irs, 1))) {
            if (!e->config.insecure_rst) {
                RULE_HIT(e, &h->flow, RST_CHALLENGED);
                return DROP_AND_ACK;
            }
            RULE_HIT(e, &h->flow, RST_ANYWHERE_ACCEPTED);
        }
        RULE_HIT(e, &h->flow, SYN_RECEIVED_RST_LISTEN);
        return DELETE_TCB;
    }
    if (segment_has(s, TCP_SYN)) { /* 4th */
        RULE_HIT(e, &h->flow, SYN_RECEIVED_SYN_LISTEN);
        return REOPEN;
    }
    if (!segment_has(s, TCP_ACK)) { /* 5th */
        RULE_HIT(e, &h->flow, ACK_MISSING);
        return DROP;
    }
    if (!seq_eq(s->ack, seq_add(h->iss, 1))) {
        RULE_HIT(e, &h->flow, SYN_RECEIVED_BAD_ACK_RESET);
        return DROP_AND_RST;
    }
    return NEXT;
}

verdict half_open_held_arrives(struct engine *e, struct half_open *h, const struct segment *s)
{
    bool syn = (s->flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_SYN;

    if (segment_has(s, TCP_RST) && seq_eq(s->seq, seq_add(h->irs, 1))) {
        RULE_HIT(e, &h->flow, SYN_RECEIVED_RST_LISTEN);
        return DELETE_TCB;
    }
    if (syn && !seq_eq(s->seq, h->irs)) {
        RULE_HIT(e, &h->flow, HELD_SYN_REPLACED);
        return REOPEN;
    }
    if (!syn) {
        RULE_HIT(e, &h->flow, HELD_OTHER_DROPPED);
        return DROP;
    }
    RULE_HIT(e, &h->flow, HELD_SYN_AGAIN);
    /* Its latest timestamp is echoed, or the wait would be measured as a round trip. */
    if ((h->flow.flags & HALF_OPEN_TS) != 0 && s->options.has_timestamps &&
        (int32_t)(s->options.ts_value - h->ts_recent) > 0)
        h->ts_recent = s->options.ts_value;
    return DROP;
}

uint32_t half_open_timeout_ms(const struct engine *e, const struct half_open *h)
{
    const tern_schedule *p = &e->config.syn_ack_schedule;
    uint32_t ms = schedule_wait_ms(p, p->first_ms, h->retries);
    /* Never past the record's end, which no SYN sent again puts off. */
    uint32_t lived_ms = e->now_ms - h->born_ms, end_ms = schedule_end_ms(p, 0);
    uint32_t left_ms = end_ms > lived_ms ? end_ms - lived_ms : 0;

    return ms < left_ms ? ms : left_ms;
}

bool half_open_retry(struct engine *e, struct half_open *h, const struct tcb *pattern)
{
    struct schedule_silence so_far = {.silent_ms = e->now_ms - h->born_ms, .again = h->retries};
    uint32_t own = pattern != NULL ? settings_of(e, pattern).syn_retries : 0;
    tern_schedule schedule = schedule_counted(&e->config.syn_ack_schedule, own);

    if (schedule_over(&schedule, &so_far)) {
        RULE_HIT(e, &h->flow, HALF_OPEN_EXPIRED);
        return false;
    }
    RULE_HIT(e, &h->flow, RTO_BACKOFF);
    if (h->retries < UINT8_MAX)
        h->retries++;
    return true;
}
