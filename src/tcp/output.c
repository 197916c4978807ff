/* output.c - spine: what a connection sends, and when, decided once.
 *
 * output_plan() is a column of what can be owed, the most urgent first: a reset, the SYN, what a
 * timeout or a loss wants sent again, new data and the FIN (RFC 9293 3.7, 3.8), a probe of a
 * closed window, an ACK. Every segment with ACK pays the ACK that was owed. */
#include "tcp/output.h"

#include "tcp/details.h"
#include "tcp/loss/mtu_probe.h"
#include "tcp/loss/recovery.h"
#include "tcp/loss/rtt.h"
#include "tcp/loss/sack.h"
#include "tcp/open/fast_open.h"
#include "tcp/open/syn.h"
#include "tcp/packet.h"
#include "tcp/ranges.h"
#include "tcp/settings.h"
#include "tcp/state.h"
#include "tcp/timeouts.h"
#include "tcp/transfer/nagle.h"
#include "tcp/transfer/records.h"
#include "tcp/transfer/urgent.h"
#include "tcp/transfer/window.h"
#include "tcp/transfer/writable.h"
#include "tcp/user_timeout.h"

/* Octets of the options that a data segment carries now. */
static uint32_t output_options_bytes(const struct engine *e, const struct tcb *t)
{
    uint32_t bytes = t->ts_on ? 12 : 0;

    if (t->sack_on && t->early != 0)
        bytes += 4 + 8 * ranges_count(e, t->early, t->ts_on ? 3 : TCP_SACK_BLOCKS_MAX);
    return bytes + (t->user_timeout_owed ? 4 : 0);
}

/* The part common to all segments of a synchronized connection; pays the ACK. */
static void output_acknowledge(struct engine *e, struct tcb *t, struct packet_plan *plan)
{
    plan->flags |= TCP_ACK;
    plan->ack = t->rcv_nxt;
    plan->window = window_offer(e, t);
    if (t->ts_on) {
        plan->options.has_timestamps = true;
        plan->options.ts_value = engine_timestamp(e, t->ts_offset);
        plan->options.ts_echo = t->ts_recent;
    }
    if (t->sack_on && t->early != 0)
        sack_report(e, t, &plan->options);
    if (t->urgent_out)
        urgent_plan(e, t, plan);
    if (t->user_timeout_owed) {
        user_timeout_plan(e, t, plan);
        t->user_timeout_owed = false;
    }
    if (t->window_told && (t->owes & OWES_ACK) != 0)
        RULE_HIT(e, &t->flow, WINDOW_UPDATE_SENT);
    t->window_told = false;
    t->last_ack_sent = t->rcv_nxt;
    t->owes &= (uint8_t)~OWES_ACK;
    timeouts_ack_sent(t);
}

/* Where the octet numbered `at` lies in the send queue: from the cursor when it is there. */
static struct chunk_place output_place(const struct engine *e, const struct tcb *t, seq at)
{
    const struct flight *f = flight_of(e, t);

    if (f->cursor.chunk != 0 && seq_eq(f->cursor_seq, at))
        return f->cursor;
    return chunks_seek(e, &e->chunks, &t->send, seq_diff(at, tcb_send_start(t)));
}

/* Text [start, start + bytes), with PSH at the end of the queue and the FIN when `fin`. */
static void output_text(struct engine *e, struct tcb *t, seq start, uint32_t bytes,
                        struct packet_plan *plan)
{
    seq end = tcb_send_end(t);
    seq stop = seq_add(start, bytes);

    details_text_out(e, t, bytes, seq_lt(start, t->snd_nxt));
    plan->seq = start;
    plan->text_bytes = bytes;
    if (bytes > 0)
        plan->text = output_place(e, t, start);
    if (bytes > 0 &&
        (seq_eq(stop, end) ? nagle_pushes(e, t) : t->records && records_end_at(e, t, stop)))
        plan->flags |= TCP_PSH;
    output_acknowledge(e, t, plan);
}

/* Sends again from `start`, which is below SND.NXT: text, or the FIN, or both. */
static void output_again(struct engine *e, struct tcb *t, seq start, uint32_t bytes,
                         struct packet_plan *plan)
{
    seq end = tcb_send_end(t);
    uint32_t text = seq_lt(start, end) ? seq_diff(end, start) : 0;
    if (t->records)
        bytes = records_limit(e, t, start, bytes);
    bool fin = bytes > text || (tcb_fin_sent(t) && seq_eq(seq_add(start, bytes), end));

    text = text < bytes ? text : bytes;
    output_text(e, t, start, text, plan);
    if (fin)
        plan->flags |= TCP_FIN;
    recovery_resent(e, t, start, text + fin);
    timeouts_sent(e, t);
}

/* The timeout's or fast retransmit's segment: the first one, whatever the windows say. */
static bool output_retransmit(struct engine *e, struct tcb *t, uint32_t mss,
                              struct packet_plan *plan)
{
    if ((t->owes & OWES_RETRANSMIT) == 0)
        return false;
    t->owes &= (uint8_t)~OWES_RETRANSMIT;
    uint32_t under_way = seq_diff(t->snd_nxt, t->snd_una);
    if (under_way == 0)
        return false;
    output_again(e, t, t->snd_una, under_way < mss ? under_way : mss, plan);
    return true;
}

static bool output_recovery(struct engine *e, struct tcb *t, uint32_t mss, struct packet_plan *plan)
{
    seq start;
    uint32_t bytes;

    if (!recovery_next(e, t, mss, &start, &bytes))
        return false;
    output_again(e, t, start, bytes, plan);
    return true;
}

static bool output_rescue(struct engine *e, struct tcb *t, uint32_t mss, struct packet_plan *plan)
{
    seq start;
    uint32_t bytes;

    if (!recovery_rescue(e, t, mss, &start, &bytes))
        return false;
    output_again(e, t, start, bytes, plan);
    return true;
}

/* SND.NXT moves over new octets; FIN when it follows them. */
static void output_new(struct engine *e, struct tcb *t, uint32_t bytes, struct packet_plan *plan)
{
    bool fin = t->fin_queued && seq_eq(seq_add(t->snd_nxt, bytes), tcb_send_end(t));

    /* The ACK of a SYN,ACK is none that the program waited for, unless its data was taken. */
    if (e->config.ack_quick_segments != 0 && bytes > 0 && (t->segs_in > 1 || t->fast_open))
        t->ack_rode |= (t->owes & OWES_ACK) != 0 || tcb_timer_on(t, TIMER_DELAYED_ACK);
    if (bytes > 0 && t->dup_acks > 0 && t->dup_acks < 3)
        RULE_HIT(e, &t->flow, LIMITED_TRANSMIT);
    output_text(e, t, t->snd_nxt, bytes, plan);
    t->snd_nxt = seq_add(t->snd_nxt, bytes + fin);
    if (bytes > 0)
        RULE_HIT(e, &t->flow, DATA_SENT);
    if (fin) {
        plan->flags |= TCP_FIN;
        RULE_HIT(e, &t->flow, FIN_SENT);
    }
    if (t->persist) /* what a sliver of a window or a cork held goes with it */
        timeouts_persist_over(t);
    details_wait(e, t, WAIT_ACKS);
    if (t->write_wanted && (t->settings != 0 || e->config.unsent_low_bytes != 0))
        writable_sent(e, t);
    rtt_sent(e, t, t->snd_nxt);
    timeouts_sent(e, t);
}

/* New data and the FIN, inside both windows (RFC 9293 3.7.4, 3.8.6.2.1). */
static bool output_data(struct engine *e, struct tcb *t, uint32_t mss, struct packet_plan *plan)
{
    if (!state_is(t, SYNC) && !t->fast_open)
        return false;
    uint32_t unsent = seq_diff(tcb_send_end(t), t->snd_nxt);
    bool fin_due = t->fin_queued && !t->fin_acked && !tcb_fin_sent(t);

    if (unsent == 0 && t->write_wanted)
        details_wait(e, t, WAIT_BUFFER);
    if (tcb_fin_sent(t) || t->fin_acked || (unsent == 0 && !fin_due))
        return false;
    uint32_t bytes;
    bool probe = tcb_path_is_narrow(t) && !t->records && mtu_probe_next(e, t, mss, &bytes);
    if (probe ? bytes == 0 : !nagle_may_send(e, t, unsent, mss, &bytes))
        return false;
    output_new(e, t, bytes, plan);
    return true;
}

/* As Linux probes: an octet that the peer has, none of it sent again, so that it answers. */
static bool output_probe_empty(struct engine *e, struct tcb *t, struct packet_plan *plan)
{
    if (!e->config.persist_probe_empty || t->snd_wnd > 0)
        return false;
    RULE_HIT(e, &t->flow, PERSIST_PROBE_EMPTY);
    plan->seq = seq_of(t->snd_una.v - 1);
    output_acknowledge(e, t, plan);
    timeouts_persist(e, t);
    return true;
}

/* One octet into a closed window, or what a sliver of one takes (RFC 9293 3.8.6.1). */
static bool output_probe(struct engine *e, struct tcb *t, uint32_t mss, struct packet_plan *plan)
{
    if ((t->owes & OWES_PROBE) == 0)
        return false;
    t->owes &= (uint8_t)~OWES_PROBE;
    if (!t->persist)
        return false;
    if (output_probe_empty(e, t, plan))
        return true;
    uint32_t queued = t->send.bytes;
    uint32_t bytes = t->snd_wnd > 1 ? t->snd_wnd : 1;
    bytes = bytes < mss ? bytes : mss;
    bytes = bytes < queued ? bytes : queued;
    seq start = tcb_send_start(t);

    if (t->records)
        bytes = records_limit(e, t, start, bytes);
    if (t->settings != 0)
        nagle_no_more(e, t);
    if (bytes > 0 && bytes == queued && queued <= t->snd_wnd)
        RULE_HIT(e, &t->flow, CORK_EXPIRED);
    else if (t->snd_wnd > 0)
        RULE_HIT(e, &t->flow, SENDER_SWS_OVERRIDDEN);
    else
        RULE_HIT(e, &t->flow, PERSIST_PROBE);
    output_text(e, t, start, bytes, plan);
    if (bytes == 0) /* all that is left is the FIN */
        plan->flags |= TCP_FIN;
    t->snd_nxt = seq_max(t->snd_nxt, seq_add(start, bytes > 0 ? bytes : 1));
    t->timing = false;
    timeouts_persist(e, t);
    return true;
}

/* RFC 9293 3.8.4: SEQ before all that is new, and no octet: any TCP answers with an ACK. */
static bool output_keepalive(struct engine *e, struct tcb *t, struct packet_plan *plan)
{
    if ((t->owes & OWES_KEEPALIVE) == 0)
        return false;
    t->owes &= (uint8_t)~OWES_KEEPALIVE;
    if (!seq_eq(t->snd_una, t->snd_nxt))
        return false; /* what is under way asks by itself */
    plan->seq = seq_of(t->snd_una.v - 1);
    output_acknowledge(e, t, plan);
    RULE_HIT(e, &t->flow, KEEPALIVE_PROBE);
    return true;
}

static bool output_ack(struct engine *e, struct tcb *t, struct packet_plan *plan)
{
    if ((t->owes & OWES_ACK) == 0)
        return false;
    /* Beyond a closed window the peer would not take it: a probe, or data under a window that
     * shrank, may have moved SND.NXT there. */
    plan->seq = seq_min(t->snd_nxt, seq_add(t->snd_una, t->snd_wnd));
    output_acknowledge(e, t, plan);
    RULE_HIT(e, &t->flow, ACK_SENT);
    return true;
}

/* RFC 7413 4.2.2: the first SYN may carry data behind a cookie. A retransmission is plain, for
 * whatever on the path has dropped the first. */
static void output_fast_open(struct engine *e, struct tcb *t, struct packet_plan *plan)
{
    if (t->backoffs > 0) {
        if (t->backoffs == 1)
            RULE_HIT(e, &t->flow, FAST_OPEN_FALLBACK);
        return;
    }
    uint32_t room = fast_open_offer(e, t, &plan->options);
    uint32_t bytes = t->send.bytes < room ? t->send.bytes : room;
    if (t->records)
        bytes = records_limit(e, t, seq_add(t->iss, 1), bytes);
    if (bytes == 0)
        return;
    details_text_out(e, t, bytes, false);
    plan->text_bytes = bytes;
    plan->text = output_place(e, t, seq_add(t->iss, 1));
    t->snd_nxt = seq_add(t->iss, 1 + bytes);
}

static bool output_syn(struct engine *e, struct tcb *t, struct packet_plan *plan)
{
    if ((t->owes & OWES_SYN) == 0)
        return false;
    t->owes &= (uint8_t) ~(OWES_SYN | OWES_ACK);
    syn_plan(e, t, plan);
    if (t->syn_acked) /* docs/decisions/0010: nothing is awaited */
        return true;
    if (t->state == TERN_SYN_SENT && t->fast_option && !syn_is_bare(e, t))
        output_fast_open(e, t, plan);
    bool again = t->backoffs > 0 || (t->fast_open && t->segs_out > 0);
    if (again && t->fast_open)
        RULE_HIT(e, &t->flow, FAST_OPEN_SYN_ACK_PLAIN);
    if (t->backoffs > 0)
        t->syn_resent = true;
    if (again)
        recovery_resent(e, t, t->iss, 1);
    else
        rtt_sent(e, t, seq_add(t->iss, 1));
    t->last_ack_sent = plan->ack;
    timeouts_sent(e, t);
    return true;
}

static bool output_rst(struct engine *e, struct tcb *t, struct packet_plan *plan)
{
    if ((t->owes & OWES_RST) == 0)
        return false;
    t->owes = 0;
    plan->seq = t->snd_nxt;
    plan->ack = t->rcv_nxt;
    plan->flags = TCP_RST | TCP_ACK;
    if (t->ts_on) { /* RFC 7323 3.2: SHOULD */
        plan->options.has_timestamps = true;
        plan->options.ts_value = engine_timestamp(e, t->ts_offset);
        plan->options.ts_echo = t->ts_recent;
    }
    RULE_HIT(e, &t->flow, RST_SENT);
    return true;
}

static bool output_transfer(struct engine *e, struct tcb *t, uint32_t mss, struct packet_plan *plan)
{
    return output_retransmit(e, t, mss, plan) || output_recovery(e, t, mss, plan) ||
           output_data(e, t, mss, plan) || output_rescue(e, t, mss, plan);
}

static bool output_plan(struct engine *e, struct tcb *t, struct packet_plan *plan)
{
    uint32_t mss = t->snd_mss - output_options_bytes(e, t);

    if (output_rst(e, t, plan) || output_syn(e, t, plan))
        return true;
    if ((t->owes & (OWES_DATA | OWES_RETRANSMIT)) != 0) {
        if (t->syn_acked ? output_transfer(e, t, mss, plan)
                         : t->fast_open && t->backoffs == 0 && output_data(e, t, mss, plan))
            return true;
        t->owes &= (uint8_t)~OWES_DATA;
        if (t->write_wanted)
            writable_rests(e, t);
    }
    return output_probe(e, t, mss, plan) || output_keepalive(e, t, plan) || output_ack(e, t, plan);
}

size_t output_segment(struct engine *e, struct tcb *t, uint8_t *packet)
{
    struct packet_plan plan;

    packet_plan_begin(&plan);
    if (!output_plan(e, t, &plan)) {
        t->owes = 0; /* data before ESTABLISHED: the ACK of the SYN will ask again */
        return 0;
    }
    t->segs_out++;
    if (t->settings != 0) {
        struct settings own = settings_of(e, t);
        plan.ttl = own.ttl;
        plan.tos = own.tos;
        plan.may_fragment = own.may_fragment;
        /* RFC 6864 4.3: it must not come again soon; 65536 segments are long enough here. */
        plan.id = own.may_fragment ? (uint16_t)(t->iss.v + t->segs_out) : 0;
    }
    seq behind = seq_add(plan.seq, plan.text_bytes);
    size_t bytes = packet_write(e, &t->flow, &plan, packet);
    struct flight *f = flight_of(e, t);
    if (f != NULL && plan.text_bytes > 0 && seq_eq(behind, t->snd_nxt)) {
        f->cursor = plan.text; /* where the next new octet will be read from */
        f->cursor_seq = behind;
    }
    return bytes;
}
