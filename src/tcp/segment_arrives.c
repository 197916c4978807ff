/* segment_arrives.c - spine: RFC 9293 3.10.7, a segment arrives, in the RFC's own order.
 *
 * 3.10.7.1 CLOSED and 3.10.7.2 LISTEN have no TCB and are decided by the stack (stack/demux.c,
 * open/syn.c); a half-open record has open/half_open.c until its ACK comes. Here: 3.10.7.3
 * SYN-SENT, and 3.10.7.4 for all others, one line a step. The 3rd, security, says nothing on
 * today's Internet. No step sends; none jumps. */
#include "tcp/segment.h"

#include "base/rare.h"
#include "tcp/close/fin.h"
#include "tcp/close/rst.h"
#include "tcp/close/time_wait.h"
#include "tcp/details.h"
#include "tcp/loss/recovery.h"
#include "tcp/loss/rtt.h"
#include "tcp/loss/sack.h"
#include "tcp/open/ack_of_syn.h"
#include "tcp/open/fast_open.h"
#include "tcp/open/syn.h"
#include "tcp/open/synack.h"
#include "tcp/state.h"
#include "tcp/timeouts.h"
#include "tcp/transfer/ack.h"
#include "tcp/transfer/delayed_ack.h"
#include "tcp/transfer/records.h"
#include "tcp/transfer/sequence.h"
#include "tcp/transfer/text.h"
#include "tcp/transfer/urgent.h"
#include "tcp/transfer/window.h"
#include "tcp/user_timeout.h"

/* The handshake is done: what it measured, and with what the transfer begins. */
static void begin_transfer(struct engine *e, struct tcb *t, const struct segment *s)
{
    rtt_acked(e, t, t->snd_una, t->ts_on && s->options.has_timestamps ? &s->options.ts_echo : NULL);
    if (t->syn_resent)
        rtt_syn_was_resent(e, t);
    recovery_begin(e, t);
    window_round_buffer(e, t);
    if (t->recv.bytes > 0 && !t->fast_open) { /* a crossing SYN's data has waited for this */
        t->events |= TERN_EVENT_READABLE;
        delayed_ack_decide(e, t, false);
    }
    timeouts_acked(e, t);
    t->user_timeout_owed = user_timeout_enabled(e, t);
    t->heard_ms = e->now_ms;
    if (t->keepalive)
        timeouts_keepalive(e, t, true);
    if (t->fin_queued) /* CLOSE in SYN-RECEIVED with data queued waits for this (3.10.4) */
        state_set(e, t, TERN_FIN_WAIT_1, TERN_CAUSE_CLOSE);
}

void segment_opens_fast(struct engine *e, struct tcb *t, const struct segment *s)
{
    RULE_HIT(e, &t->flow, FAST_OPEN_ACCEPTED);
    t->fast_open = true;
    text_with_syn(e, t, s);
    recovery_begin(e, t); /* RFC 5681 3.1, RFC 6928: also before the third step */
    t->heard_ms = e->now_ms;
}

/* The answer to our SYN, with or without data (RFC 7413). What it does not take of the data counts
 * as never sent, but in the statistics; where units count, it keeps segments of its own. */
static void answers_syn(struct engine *e, struct tcb *t, const struct segment *s)
{
    struct flight *f = flight_of(e, t);
    seq end = t->snd_nxt;

    fast_open_answered(e, t, s); /* open/fast_open.c */
    if (f == NULL || !seq_lt(t->snd_nxt, end))
        return;
    uint32_t bytes = seq_diff(end, t->snd_nxt), mss = recovery_mss(t);
    f->any_refused = true;
    f->syn_end = end;
    t->total_retrans += (bytes + mss - 1) / mss;
    details_again(e, t, bytes);
    if (e->config.send_units)
        records_end(e, t, end); /* transfer/records.c */
}

/* The SYN's ACK may cover data that went out before it (RFC 7413). What it leaves out of a flight
 * whose SYN,ACK was sent again counts as lost. */
RARE static verdict acknowledge_early_data(struct engine *e, struct tcb *t, struct segment *s)
{
    verdict v = seq_lt(t->snd_una, s->ack) ? ack_check(e, t, s) : NEXT;

    if (t->syn_resent && !seq_eq(t->snd_una, t->snd_nxt))
        recovery_resume(e, t);
    return v;
}

RARE void segment_not_awaited(struct engine *e, struct tcb *t)
{
    ack_of_syn_done(e, t, TERN_CAUSE_RCV_ACK_OF_SYN);
    recovery_begin(e, t);
    window_round_buffer(e, t);
    t->heard_ms = e->now_ms;
    if (t->keepalive)
        timeouts_keepalive(e, t, true);
}

/* 6th: urgent data, which few segments have; and the user timeout, as few. */
static verdict urgent(struct engine *e, struct tcb *t, const struct segment *s)
{
    if (s->options.has_user_timeout)
        user_timeout_arrives(e, t, s); /* tcp/user_timeout.c */
    if (segment_has(s, TCP_URG))
        urgent_arrives(e, t, s); /* transfer/urgent.c */
    return NEXT;
}

/* The data of a SYN that crosses ours is kept for ESTABLISHED, or comes again. A FIN does. */
RARE static void text_of_crossing(struct engine *e, struct tcb *t, const struct segment *s)
{
    if (s->text_bytes == 0)
        return;
    if (!e->config.accept_syn_data) {
        RULE_HIT(e, &t->flow, SYN_DATA_IGNORED);
        return;
    }
    RULE_HIT(e, &t->flow, SYN_DATA_KEPT);
    text_with_syn(e, t, s);
    t->events &= (uint8_t)~TERN_EVENT_READABLE;
}

/* 3.10.7.3. The window, text and FIN of the SYN,ACK are processed from the 6th step on. */
static verdict arrives_in_syn_sent(struct engine *e, struct tcb *t, struct segment *s)
{
    verdict v = synack_arrives(e, t, s); /* open/synack.c */

    if (t->state == TERN_SYN_RECEIVED) {
        window_round_buffer(e, t);
        text_of_crossing(e, t, s);
    }
    if (v != NEXT)
        return v;
    bool fast = t->fast_option;
    ack_of_syn_done(e, t, TERN_CAUSE_RCV_SYN_ACK); /* open/ack_of_syn.c */
    answers_syn(e, t, s);
    begin_transfer(e, t, s);
    v = acknowledge_early_data(e, t, s);
    details_opened(e, t); /* the SYN and its data are one segment */
    if (v != NEXT)
        return v;
    if ((s->text_bytes > 0 || segment_has(s, TCP_FIN)) && !fast && !e->config.accept_synack_data) {
        RULE_HIT(e, &t->flow, SYN_DATA_IGNORED);
        s->text_bytes = 0;
        s->flags &= (uint16_t)~TCP_FIN;
    }
    sequence_trim(e, t, s);
    (void)urgent(e, t, s);
    v = text_arrives(e, t, s);
    if (v == NEXT)
        v = fin_arrives(e, t, s);
    return v;
}

/* A TCB made by a SYN (Fast Open), and the same SYN again: our SYN,ACK was lost. The SYN may come
 * without its data and option now; what was taken the first time is in RCV.NXT. */
RARE static bool syn_again(struct engine *e, struct tcb *t, const struct segment *s)
{
    if (!t->fast_open || !segment_has(s, TCP_SYN) || segment_has(s, TCP_ACK | TCP_RST) ||
        !seq_eq(s->seq, t->irs))
        return false;
    RULE_HIT(e, &t->flow, SYN_ACK_AGAIN);
    t->owes |= OWES_SYN;
    return true;
}

/* A crossing SYN,ACK repeats the SYN that is here already, maybe with its data, and acknowledges
 * ours: to the steps below it is an ACK at RCV.NXT (RFC 9293 3.5, figure 8). */
RARE static void strip_syn_of_crossing(const struct tcb *t, struct segment *s)
{
    if (segment_has(s, TCP_SYN) && segment_has(s, TCP_ACK) && seq_eq(s->seq, t->irs)) {
        s->flags &= (uint16_t)~TCP_SYN;
        s->had_syn = true;
        s->seq = seq_add(s->seq, 1);
        uint32_t kept = seq_diff(t->rcv_nxt, s->seq);
        if (kept > s->text_bytes) /* in the midst of what is here */
            s->flags &= (uint16_t)~TCP_FIN;
        if (kept >= s->text_bytes) {
            s->seq = t->rcv_nxt;
            s->text_bytes = 0;
        }
    }
}

/* The SYN of a crossing SYN,ACK is here already: an ACK says so, since our SYN,ACK may be lost. */
RARE static void answers_crossing(struct engine *e, struct tcb *t, struct segment *s)
{
    RULE_HIT(e, &t->flow, CROSSING_ANSWERED);
    t->owes |= OWES_ACK;
    segment_repeats(s, t->irs, seq_add(t->irs, 1));
    sack_duplicate(e, t, s); /* loss/sack.c */
}

/* 5th: the ACK field, by state. */
static verdict acknowledgment(struct engine *e, struct tcb *t, struct segment *s)
{
    if (!segment_has(s, TCP_ACK)) {
        RULE_HIT(e, &t->flow, ACK_MISSING);
        return DROP;
    }
    if (t->state == TERN_SYN_RECEIVED) {
        verdict v = ack_of_syn_check(e, t, s); /* open/ack_of_syn.c */
        if (v != NEXT)
            return v;
        if (!t->fast_open)
            answers_syn(e, t, s);
        else if (seq_eq(t->rcv_nxt, seq_add(t->irs, 1)))
            t->fast_open = false; /* there was no data in the SYN */
        begin_transfer(e, t, s);
        details_opened(e, t);
        if (s->had_syn && e->config.crossing_answered)
            answers_crossing(e, t, s);
        return acknowledge_early_data(e, t, s);
    }
    bool syn_was_acked = t->syn_acked;
    verdict v = ack_check(e, t, s); /* transfer/ack.c */
    if (v == NEXT && !syn_was_acked && t->syn_acked) {
        recovery_begin(e, t); /* closed in SYN-RECEIVED: FIN-WAIT-1 before the SYN's ACK */
        t->owes |= OWES_DATA; /* the FIN that waited for it */
        if (t->syn_resent && !seq_eq(t->snd_una, t->snd_nxt))
            recovery_resume(e, t);
    }
    return v == NEXT ? fin_acked(e, t, s) : v; /* close/fin.c */
}

verdict segment_arrives(struct engine *e, struct tcb *t, struct segment *s)
{
    t->segs_in++;
    if (t->state == TERN_SYN_SENT)
        return arrives_in_syn_sent(e, t, s);
    if (t->state == TERN_TIME_WAIT)
        return time_wait_tcb_arrives(e, t, s); /* close/time_wait.c */
    if (!t->syn_acked) {
        if (syn_again(e, t, s))
            return DROP;
        strip_syn_of_crossing(t, s);
    }

    /* clang-format off */
    verdict v = sequence_check(e, t, s);                /* 1st  transfer/sequence.c */
    if (v == NEXT) v = rst_check(e, t, s);              /* 2nd  close/rst.c         */
    if (v == NEXT) v = syn_in_synchronized(e, t, s);    /* 4th  open/syn.c          */
    if (v == NEXT) v = acknowledgment(e, t, s);         /* 5th  transfer/ack.c      */
    if (v == NEXT) v = urgent(e, t, s);                 /* 6th  transfer/urgent.c   */
    if (v == NEXT) v = text_arrives(e, t, s);           /* 7th  transfer/text.c     */
    if (v == NEXT) v = fin_arrives(e, t, s);            /* 8th  close/fin.c         */
    /* clang-format on */
    return v;
}
