/* synack.c - SYN,ACK: the second step of the handshake. */
#include "tcp/open/synack.h"

#include "tcp/calls.h"
#include "tcp/open/fast_open.h"
#include "tcp/open/isn.h"
#include "tcp/open/syn.h"
#include "tcp/settings.h"
#include "tcp/state.h"
#include "tcp/user_timeout.h"
#include "tcp/timeouts.h"

/* MSS, TTL and TOS. */
static void synack_plan_pattern(const struct engine *e, const struct flow *f,
                                const struct tcb *pattern, struct packet_plan *plan)
{
    uint16_t link = engine_link_mss(e, f);

    plan->options.has_mss = true;
    plan->options.mss = link;
    if (pattern == NULL || pattern->settings == 0)
        return;
    struct settings own = settings_of(e, pattern);
    plan->options.has_mss = !own.plain_syn;
    if (own.mss_max != 0 && own.mss_max < link)
        plan->options.mss = own.mss_max;
    plan->ttl = own.ttl;
    plan->tos = own.tos;
}

static uint32_t synack_user_timeout_ms(const struct engine *e, const struct tcb *pattern)
{
    if (pattern == NULL || pattern->settings == 0)
        return e->config.user_timeout_advertise_ms;
    return syn_is_bare(e, pattern) ? 0 : settings_of(e, pattern).user_timeout_advertise_ms;
}

void synack_plan(struct engine *e, struct half_open *h, const struct tcb *pattern,
                 const struct fast_open_keys *keys, struct packet_plan *plan)
{
    tcp_options *o = &plan->options;
    uint32_t user_timeout_ms = synack_user_timeout_ms(e, pattern);

    plan->seq = h->iss;
    plan->ack = seq_add(h->irs, 1);
    plan->flags = TCP_SYN | TCP_ACK;
    plan->window = engine_syn_window(e, engine_recv_limit(e, pattern));
    engine_syn_options(e, o);
    synack_plan_pattern(e, &h->flow, pattern, plan);
    o->has_sack_permitted = (h->flow.flags & HALF_OPEN_SACK) != 0;
    o->has_window_scale = (h->flow.flags & HALF_OPEN_SCALED) != 0;
    o->window_scale = h->rcv_scale;
    o->has_timestamps = (h->flow.flags & HALF_OPEN_TS) != 0;
    if (o->has_timestamps)
        o->ts_value = engine_timestamp(e, isn_timestamp_offset(e, &h->flow));
    o->ts_echo = h->ts_recent;
    if (user_timeout_ms != 0) {
        RULE_HIT(e, &h->flow, USER_TIMEOUT_SENT);
        o->has_user_timeout = true;
        o->user_timeout = user_timeout_field(user_timeout_ms);
    }
    if ((h->flow.flags & HALF_OPEN_SENT) == 0) {
        RULE_HIT(e, &h->flow, SYN_ACK_SENT);
        if ((h->flow.flags & HALF_OPEN_GRANT) != 0) {
            fast_open_grant(e, keys, &h->flow, plan);
            o->fast_open_experiment = h->fast_experiment;
        }
        h->sent_us = (uint32_t)e->now_us;
    } else {
        if ((h->flow.flags & HALF_OPEN_GRANT) != 0)
            RULE_HIT(e, &h->flow, FAST_OPEN_SYN_ACK_PLAIN);
        h->flow.flags |= HALF_OPEN_AGAIN;
    }
    h->flow.flags |= HALF_OPEN_SENT;
}

/* 1st: ACK. acceptable: it acknowledges our SYN. */
static verdict synack_ack(struct engine *e, struct tcb *t, const struct segment *s,
                          bool *acceptable)
{
    *acceptable = false;
    if (!segment_has(s, TCP_ACK))
        return NEXT;
    *acceptable = seq_lt(t->iss, s->ack) && seq_le(s->ack, t->snd_nxt);
    if (*acceptable)
        return NEXT;
    if (segment_has(s, TCP_RST)) {
        RULE_HIT(e, &t->flow, SYN_SENT_BAD_ACK_RST_DROPPED);
        return DROP;
    }
    RULE_HIT(e, &t->flow, SYN_SENT_BAD_ACK_RESET);
    if (e->config.syn_sent_bad_ack_resend_ms != 0 && t->backoffs == 0) {
        RULE_HIT(e, &t->flow, SYN_SENT_BAD_ACK_RESEND);
        timeouts_syn_soon(e, t);
    }
    return DROP_AND_RST;
}

/* A SYN,ACK with an acceptable ACK answers a SYN of ours; its TSecr is then one of their TSvals,
 * and those are none from before the first. */
static verdict synack_echo(struct engine *e, const struct tcb *t, const struct segment *s,
                           bool acceptable)
{
    const tcp_options *o = &s->options;

    if (!e->config.synack_echo_checked || !acceptable || !segment_has(s, TCP_SYN) ||
        segment_has(s, TCP_RST) || !e->config.timestamps || !o->has_timestamps || o->ts_echo == 0)
        return NEXT;
    uint32_t age_ms = engine_timestamp(e, t->ts_offset) - o->ts_echo;
    if (age_ms <= e->now_ms - t->since_ms)
        return NEXT;
    RULE_HIT(e, &t->flow, SYN_SENT_BAD_ECHO_RESET);
    return DROP_AND_RST;
}

/* 2nd: RST. */
static verdict synack_rst(struct engine *e, struct tcb *t, const struct segment *s, bool acceptable)
{
    if (!segment_has(s, TCP_RST))
        return NEXT;
    if (!acceptable) {
        RULE_HIT(e, &t->flow, SYN_SENT_RST_NO_ACK_DROPPED);
        return DROP;
    }
    RULE_HIT(e, &t->flow, SYN_SENT_RST_REFUSED);
    calls_end(e, t, TERN_CAUSE_RCV_RST, TERN_ERR_REFUSED);
    return DELETE_TCB;
}

/* Takes from the peer's SYN what both sides now agree on. */
static void synack_take_options(struct engine *e, struct tcb *t, const struct segment *s)
{
    const tcp_options *o = &s->options;

    syn_offer(e, t);
    t->irs = s->seq;
    t->rcv_nxt = seq_add(s->seq, 1);
    t->last_ack_sent = t->rcv_nxt;
    t->rcv_adv = seq_add(t->rcv_nxt, t->rcv_adv.v);
    uint16_t own = syn_own_mss(e, t), peer = syn_peer_mss(e, &t->flow, o);
    t->flow.spare = peer < own ? peer : own;
    if (t->snd_mss > t->flow.spare)
        t->snd_mss = t->flow.spare;
    if (syn_is_bare(e, t)) {
        t->rcv_scale = 0;
        return;
    }
    if (e->config.timestamps && o->has_timestamps) {
        RULE_HIT(e, &t->flow, TIMESTAMPS_AGREED);
        t->ts_on = true;
        t->ts_recent = o->ts_value;
        t->ts_recent_ms = e->now_ms;
    }
    if (e->config.sack && o->has_sack_permitted) {
        RULE_HIT(e, &t->flow, SACK_AGREED);
        t->sack_on = true;
    }
    if (e->config.window_scale && o->has_window_scale) {
        t->wscale_on = true;
        t->snd_scale = syn_peer_scale(e, &t->flow, o) & 15u;
    } else {
        t->rcv_scale = 0;
    }
}

static void synack_take_window(struct tcb *t, const struct segment *s)
{
    t->snd_wnd = s->wnd;
    t->max_snd_wnd = s->wnd;
    t->snd_wl1 = s->seq;
    t->snd_wl2 = s->ack;
}

verdict synack_arrives(struct engine *e, struct tcb *t, struct segment *s)
{
    bool acceptable;
    verdict v = synack_ack(e, t, s, &acceptable); /* 1st */

    if (v == NEXT)
        v = synack_echo(e, t, s, acceptable);
    if (v == NEXT)
        v = synack_rst(e, t, s, acceptable); /* 2nd */
    if (v != NEXT)
        return v;
    if (!segment_has(s, TCP_SYN)) { /* 5th */
        RULE_HIT(e, &t->flow, SYN_SENT_OTHER_DROPPED);
        return DROP;
    }
    synack_take_options(e, t, s); /* 4th */
    synack_take_window(t, s);
    if (!acceptable) {
        RULE_HIT(e, &t->flow, SIMULTANEOUS_OPEN);
        state_set(e, t, TERN_SYN_RECEIVED, TERN_CAUSE_RCV_SYN);
        t->fast_option = false; /* a crossing SYN says nothing of Fast Open */
        t->owes |= OWES_SYN;
        return DROP;
    }
    RULE_HIT(e, &t->flow, SYN_SENT_SYN_ACK);
    t->owes |= OWES_ACK;
    s->seq = t->rcv_nxt;
    s->flags &= (uint16_t)~TCP_SYN;
    s->had_syn = true;
    return NEXT;
}
