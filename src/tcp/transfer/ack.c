/* ack.c - 5th: the ACK field.
 *
 * RFC 9293 3.10.7.4 (5th) with the acceptable range of RFC 5961 5.2. What SEG.ACK covers leaves
 * the send queue; round trip, recovery and timers are told, in this order. */
#include "tcp/transfer/ack.h"

#include "tcp/challenge.h"
#include "tcp/details.h"
#include "tcp/loss/recovery.h"
#include "tcp/loss/rtt.h"
#include "tcp/timeouts.h"
#include "tcp/transfer/nagle.h"
#include "tcp/transfer/records.h"
#include "tcp/transfer/writable.h"

/* RFC 5961 5.2: SND.UNA - MAX.SND.WND =< SEG.ACK =< SND.NXT. */
static verdict ack_in_range(struct engine *e, struct tcb *t, const struct segment *s)
{
    if (seq_lt(t->snd_nxt, s->ack)) {
        RULE_HIT(e, &t->flow, ACK_TOO_NEW);
        return e->config.ack_too_new_answered ? challenge_ack(e, t) : DROP;
    }
    if (seq_lt(s->ack, t->snd_una) && seq_diff(t->snd_una, s->ack) > t->max_snd_wnd) {
        RULE_HIT(e, &t->flow, ACK_TOO_OLD);
        return challenge_ack(e, t);
    }
    return NEXT;
}

/* Takes what SEG.ACK covers out of the send queue and moves SND.UNA; returns the data octets. */
static uint32_t ack_take(struct engine *e, struct tcb *t, struct segment *s)
{
    uint32_t bytes = seq_diff(s->ack, t->snd_una);
    bool fin_sent = tcb_fin_sent(t);

    if (!t->syn_acked) {
        t->syn_acked = true;
        bytes--;
    }
    if (fin_sent && seq_eq(s->ack, t->snd_nxt)) {
        RULE_HIT(e, &t->flow, FIN_ACKED);
        t->fin_acked = s->fin_acked = true;
        bytes--;
    }
    if (bytes > 0)
        chunks_consume(e, &e->chunks, &t->send, bytes);
    if (s->ack.v < t->snd_una.v)
        t->snd_wraps++;
    t->snd_una = s->ack;
    return bytes;
}

static void ack_new(struct engine *e, struct tcb *t, struct segment *s)
{
    RULE_HIT(e, &t->flow, ACK_NEW);
    uint32_t bytes = ack_take(e, t, s);
    struct flight *f = flight_of(e, t);

    if (f != NULL && seq_le(f->cursor_seq, t->snd_una))
        f->cursor.chunk = 0;
    rtt_acked(e, t, s->ack, t->ts_on && s->options.has_timestamps ? &s->options.ts_echo : NULL);
    recovery_acked(e, t, s, bytes);
    if (t->records)
        records_acked(e, t);
    if (t->settings != 0)
        nagle_lets_go(e, t);
    if (t->persist)
        timeouts_persist_over(t);
    timeouts_acked(e, t);
    if (t->write_wanted)
        writable_acked(e, t);
    if (t->send.bytes > 0)
        return;
    flight_end(e, t);
    details_wait(e, t, WAIT_NONE);
    if (!t->fin_queued || t->fin_acked) /* nothing is left to look for */
        t->owes &= (uint8_t) ~(OWES_DATA | OWES_RETRANSMIT);
}

/* SND.WND follows segments newer than the last that updated it. */
static void ack_update_window(struct engine *e, struct tcb *t, const struct segment *s)
{
    uint32_t wnd = segment_window(s, t);

    if (seq_lt(s->seq, t->snd_wl1) || (seq_eq(s->seq, t->snd_wl1) && seq_lt(s->ack, t->snd_wl2)))
        return;
    if (wnd != t->snd_wnd)
        RULE_HIT(e, &t->flow, WINDOW_UPDATED);
    bool grew = wnd > t->snd_wnd;
    /* Closed over data under way, whose retransmissions were the probes (MUST-35). */
    bool was_shut = t->persist || (t->syn_acked && t->snd_wnd == 0 && t->backoffs > 0);
    t->snd_wnd = wnd;
    t->snd_wl1 = s->seq;
    t->snd_wl2 = s->ack;
    t->max_snd_wnd = wnd > t->max_snd_wnd ? wnd : t->max_snd_wnd;
    if (!grew)
        return;
    t->owes |= OWES_DATA;
    if (was_shut) {
        RULE_HIT(e, &t->flow, WINDOW_OPENED);
        timeouts_persist_over(t);
        /* The probe's octet was refused and goes out again with what follows it; so does all of a
         * flight under a window that shrank. */
        if (seq_diff(t->snd_nxt, t->snd_una) <= 1) {
            t->snd_nxt = t->snd_una;
        } else {
            recovery_resume(e, t);
            timeouts_sent(e, t);
        }
    }
}

verdict ack_check(struct engine *e, struct tcb *t, struct segment *s)
{
    verdict v = ack_in_range(e, t, s);

    if (v != NEXT)
        return v;
    if (seq_lt(t->snd_una, s->ack)) {
        ack_new(e, t, s);
    } else if (seq_eq(t->snd_una, s->ack)) {
        /* RFC 5681 2: (a) data outstanding (b) no data (c) no SYN or FIN (d) same ACK
         * (e) same window. */
        bool duplicate = !s->had_text && !segment_has(s, TCP_SYN | TCP_FIN) &&
                         segment_window(s, t) == t->snd_wnd;
        /* SHLD-17: nor is a connection given up for data beyond a window that shrank. */
        bool shrunk = seq_lt(seq_add(t->snd_una, t->snd_wnd), t->snd_nxt);
        if (t->persist || shrunk)
            timeouts_heard(e, t);
        if (!t->persist) /* an answer to a probe says nothing of loss */
            recovery_not_acked(e, t, s, duplicate);
    }
    if (t->settings != 0) {
        const struct flight *f = flight_of(e, t);
        details_acked(e, t, f != NULL && f->cwnd_limited);
    }
    if (!seq_lt(s->ack, t->snd_una))
        ack_update_window(e, t, s);
    return NEXT;
}
