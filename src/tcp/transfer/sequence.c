/* sequence.c - 1st: is the sequence number acceptable?
 *
 * RFC 9293 3.10.7.4 (1st) with its table of four cases, and before it PAWS (RFC 7323 5.3). What is
 * acceptable is trimmed to what is new and inside the window, so that the later steps see only
 * that. */
#include "tcp/transfer/sequence.h"

#include "base/rare.h"
#include "tcp/challenge.h"
#include "tcp/loss/sack.h"
#include "tcp/transfer/window.h"

enum { TS_RECENT_LIFE_MS = 24 * 24 * 3600 * 1000 }; /* RFC 7323 5.5: 24 days */

/* Our last ACK may be what was lost: text and a FIN that came before are acknowledged each time. A
 * SYN or an empty segment from nowhere could be a blind attacker's (RFC 5961 4.2) or half of a war
 * of ACKs, so it is answered seldom. */
RARE static verdict sequence_answer(struct engine *e, struct tcb *t, const struct segment *s)
{
    if (segment_len(s) > 0 && !segment_has(s, TCP_SYN))
        return DROP_AND_ACK;
    return challenge_ack(e, t);
}

/* RFC 7323 5.3, R1. */
static verdict sequence_paws(struct engine *e, struct tcb *t, const struct segment *s)
{
    if (!t->ts_on || segment_has(s, TCP_RST))
        return NEXT;
    if (!s->options.has_timestamps) {
        if (e->config.timestamp_may_miss)
            return NEXT;
        RULE_HIT(e, &t->flow, TIMESTAMP_MISSING);
        return DROP;
    }
    bool older = (int32_t)(s->options.ts_value - t->ts_recent) < 0;
    if (!older || e->now_ms - t->ts_recent_ms > TS_RECENT_LIFE_MS)
        return NEXT;
    RULE_HIT(e, &t->flow, PAWS_REJECTED);
    return sequence_answer(e, t, s);
}

/* RFC 7323 5.3, R3. */
static void sequence_take_timestamp(const struct engine *e, struct tcb *t, const struct segment *s)
{
    if (!t->ts_on || !s->options.has_timestamps || !seq_le(s->seq, t->last_ack_sent) ||
        seq_lt(t->snd_nxt, s->ack)) /* the 5th step will drop it: it may be forged */
        return;
    if ((int32_t)(s->options.ts_value - t->ts_recent) >= 0 ||
        e->now_ms - t->ts_recent_ms > TS_RECENT_LIFE_MS) {
        t->ts_recent = s->options.ts_value;
        t->ts_recent_ms = e->now_ms;
    }
}

/* The four cases of RFC 9293 table 6. */
static bool sequence_acceptable(const struct tcb *t, const struct segment *s)
{
    uint32_t wnd = seq_diff(t->rcv_adv, t->rcv_nxt);
    /* Of a reset SEG.SEQ alone counts: text would widen what an attacker has to hit. */
    uint32_t len = segment_has(s, TCP_RST) ? 0 : segment_len(s);
    bool starts_inside = seq_le(t->rcv_nxt, s->seq) && seq_lt(s->seq, t->rcv_adv);

    if (wnd == 0)
        return len == 0 && seq_eq(s->seq, t->rcv_nxt);
    if (len == 0)
        return starts_inside;
    seq last = seq_add(s->seq, len - 1);
    return starts_inside || (seq_le(t->rcv_nxt, last) && seq_lt(last, t->rcv_adv));
}

/* At RCV.NXT - 1, which is the number of the peer's FIN. */
static bool sequence_before_fin(const struct tcb *t, const struct segment *s)
{
    bool fin_taken = t->state == TERN_CLOSE_WAIT || t->state == TERN_LAST_ACK ||
                     t->state == TERN_CLOSING;

    return fin_taken && seq_eq(seq_add(s->seq, 1), t->rcv_nxt);
}

/* FreeBSD's: what lies left of the window is answered as ever, and then its ACK counts. */
RARE static verdict sequence_old(struct engine *e, struct tcb *t, struct segment *s)
{
    verdict v = sequence_answer(e, t, s);

    if (!e->config.old_ack_counts || !seq_lt(s->seq, t->rcv_nxt) || segment_has(s, TCP_SYN))
        return v;
    RULE_HIT(e, &t->flow, OLD_ACK_COUNTS);
    if (v == DROP_AND_ACK)
        t->owes |= OWES_ACK;
    s->flags &= (uint16_t) ~(TCP_FIN | TCP_URG);
    s->text_bytes = s->duplicate_bytes = 0;
    s->seq = t->rcv_nxt;
    return NEXT;
}

RARE static verdict sequence_unacceptable(struct engine *e, struct tcb *t, struct segment *s)
{
    uint32_t len = segment_len(s);

    if (segment_has(s, TCP_RST)) {
        if (e->config.rst_minus_one_accepted && sequence_before_fin(t, s)) {
            RULE_HIT(e, &t->flow, RST_BEFORE_FIN);
            s->seq = t->rcv_nxt;
            return NEXT;
        }
        RULE_HIT(e, &t->flow, SEQUENCE_UNACCEPTABLE_RST);
        return DROP;
    }
    if (len == 0 || seq_lt(t->rcv_nxt, seq_add(s->seq, len))) {
        RULE_HIT(e, &t->flow, SEQUENCE_UNACCEPTABLE_ACK);
        return sequence_old(e, t, s);
    }
    RULE_HIT(e, &t->flow, TEXT_DUPLICATE);
    segment_repeats(s, s->seq, seq_add(s->seq, s->text_bytes));
    if (s->duplicate_bytes > 0 && !segment_has(s, TCP_SYN))
        sack_duplicate(e, t, s);
    return sequence_old(e, t, s);
}

void sequence_trim(struct engine *e, struct tcb *t, struct segment *s)
{
    if (segment_has(s, TCP_SYN)) /* the 4th step answers it as it is */
        return;
    if (seq_lt(s->seq, t->rcv_nxt)) {
        uint32_t old = seq_diff(t->rcv_nxt, s->seq);
        old = old < s->text_bytes ? old : s->text_bytes;
        segment_repeats(s, s->seq, seq_add(s->seq, old));
        s->text += old;
        s->text_bytes -= old;
        s->seq = t->rcv_nxt;
        RULE_HIT(e, &t->flow, TEXT_DUPLICATE);
    }
    uint32_t room = seq_diff(t->rcv_adv, s->seq);
    if (segment_len(s) > room) {
        s->flags &= (uint16_t)~TCP_FIN;
        s->text_bytes = s->text_bytes < room ? s->text_bytes : room;
        RULE_HIT(e, &t->flow, TEXT_BEYOND_WINDOW);
    }
}

static verdict sequence_check_window(struct engine *e, struct tcb *t, struct segment *s)
{
    verdict v = sequence_paws(e, t, s);

    s->had_text = s->text_bytes > 0;
    if (v != NEXT)
        return v;
    bool closed_window = seq_eq(t->rcv_adv, t->rcv_nxt);
    if (closed_window && seq_eq(s->seq, t->rcv_nxt) && segment_len(s) > 0 &&
        !segment_has(s, TCP_SYN)) {
        /* MUST-66: a closed window takes no data, but heeds ACK, RST and URG. */
        RULE_HIT(e, &t->flow, ZERO_WINDOW_PROBED);
        t->owes |= OWES_ACK;
        s->text_bytes = 0;
        s->flags &= (uint16_t)~TCP_FIN;
    }
    if (!sequence_acceptable(t, s))
        return sequence_unacceptable(e, t, s);
    sequence_take_timestamp(e, t, s);
    sequence_trim(e, t, s);
    t->heard_ms = e->now_ms;
    t->unanswered = 0;
    return NEXT;
}

/* FreeBSD's: the buffer's edge stood in for the one offered while the segment was looked at; what
 * is taken behind the latter counts as offered. */
RARE static void sequence_offered(struct engine *e, struct tcb *t, const struct segment *s,
                                  seq offered, verdict v)
{
    seq end = seq_min(seq_add(s->seq, segment_len(s)), t->rcv_adv);

    t->rcv_adv = offered;
    if (v != NEXT || segment_has(s, TCP_RST | TCP_SYN) || segment_len(s) == 0 ||
        !seq_lt(offered, end))
        return;
    RULE_HIT(e, &t->flow, TEXT_BEYOND_OFFER);
    t->rcv_adv = end;
}

verdict sequence_check(struct engine *e, struct tcb *t, struct segment *s)
{
    seq offered = t->rcv_adv;
    bool buffer = e->config.accept_window != TERN_ACCEPT_OFFERED;

    if (buffer)
        t->rcv_adv = window_buffer_edge(t);
    verdict v = sequence_check_window(e, t, s);
    if (buffer)
        sequence_offered(e, t, s, offered, v);
    return v;
}
