/* syn.c - SYN: the first step of the handshake. */
#include "tcp/open/syn.h"

#include "tcp/calls.h"
#include "tcp/challenge.h"
#include "tcp/open/fast_open.h"
#include "tcp/open/isn.h"
#include "tcp/settings.h"
#include "tcp/state.h"
#include "tcp/user_timeout.h"

enum { MSS_DEFAULT_IPV4 = 536, MSS_DEFAULT_IPV6 = 1220, MSS_LEAST = 88, SCALE_MAX = 14 };
enum { ISS_STEP = 1 << 16 }; /* RFC 9293 3.6.1, MAY-2: above all that the old connection used */

/* RFC 9293 3.7.1 offers what we can receive; some stacks, what the path takes. */
static bool syn_offers_path(const struct engine *e, const struct tcb *t)
{
    tern_syn_mss offers = e->config.syn_mss_of_path;

    if (offers == TERN_SYN_MSS_LINK || t->state != TERN_SYN_SENT)
        return false;
    return offers == TERN_SYN_MSS_PATH || !engine_is_ipv4(e, &t->flow);
}

uint16_t syn_own_mss(const struct engine *e, const struct tcb *t)
{
    uint16_t link = engine_link_mss(e, &t->flow), own = settings_of(e, t).mss_max;

    own = own != 0 && own < link ? own : link;
    return syn_offers_path(e, t) && t->snd_mss < own ? t->snd_mss : own;
}

void syn_open(struct engine *e, struct tcb *t, tern_state from)
{
    t->iss = isn_select(e, &t->flow, &t->ts_offset);
    t->snd_una = t->iss;
    t->snd_nxt = seq_add(t->iss, 1);
    t->snd_mss = t->flow.spare = syn_own_mss(e, t);
    t->owes |= OWES_SYN;
    state_begin(t, from);
    state_set(e, t, TERN_SYN_SENT, from == TERN_LISTEN ? TERN_CAUSE_SEND : TERN_CAUSE_ACTIVE_OPEN);
}

void syn_open_above(struct tcb *t, seq old_snd_nxt)
{
    if (!seq_lt(old_snd_nxt, t->iss)) /* it sent faster than the ISN clock ticks */
        t->iss = seq_add(old_snd_nxt, ISS_STEP);
    t->snd_una = t->iss;
    t->snd_nxt = seq_add(t->iss, 1);
}

verdict syn_at_listen(struct engine *e, const struct flow *f, const struct segment *s)
{
    if (segment_has(s, TCP_RST)) { /* 1st */
        RULE_HIT(e, f, LISTEN_RST_IGNORED);
        return DROP;
    }
    if (segment_has(s, TCP_SYN) && segment_has(s, TCP_ACK) && !e->config.synack_in_listen_reset) {
        RULE_HIT(e, f, LISTEN_SYN_ACK_DROPPED);
        return DROP;
    }
    if (segment_has(s, TCP_ACK)) { /* 2nd */
        RULE_HIT(e, f, LISTEN_ACK_RESET);
        return DROP_AND_RST;
    }
    if (!segment_has(s, TCP_SYN)) { /* 4th */
        RULE_HIT(e, f, LISTEN_OTHER_DROPPED);
        return DROP;
    }
    if (segment_has(s, TCP_FIN) && !e->config.syn_fin_accepted) {
        RULE_HIT(e, f, LISTEN_SYN_FIN_DROPPED);
        return DROP;
    }
    return NEXT; /* 3rd */
}

uint16_t syn_peer_mss(struct engine *e, const struct flow *f, const tcp_options *options)
{
    uint16_t link = engine_link_mss(e, f);
    uint16_t mss = options->mss;

    if (!options->has_mss) {
        RULE_HIT(e, f, MSS_DEFAULT);
        mss = engine_is_ipv4(e, f) ? MSS_DEFAULT_IPV4 : MSS_DEFAULT_IPV6;
    }
    /* An MSS that leaves no room for options and data would make every segment a header. */
    if (mss < MSS_LEAST)
        mss = MSS_LEAST;
    return mss < link ? mss : link;
}

uint8_t syn_peer_scale(struct engine *e, const struct flow *f, const tcp_options *options)
{
    RULE_HIT(e, f, WINDOW_SCALE_AGREED);
    if (options->window_scale <= SCALE_MAX)
        return options->window_scale;
    RULE_HIT(e, f, WINDOW_SCALE_TOO_LARGE);
    return SCALE_MAX;
}

void syn_read(struct engine *e, struct half_open *h, const struct segment *s)
{
    const tcp_options *o = &s->options;
    uint8_t agreed = 0;

    if (s->text_bytes > 0)
        RULE_HIT(e, &h->flow, SYN_DATA_IGNORED);
    if (e->config.timestamps && o->has_timestamps) {
        RULE_HIT(e, &h->flow, TIMESTAMPS_AGREED);
        agreed |= HALF_OPEN_TS;
    }
    if (e->config.sack && o->has_sack_permitted) {
        RULE_HIT(e, &h->flow, SACK_AGREED);
        agreed |= HALF_OPEN_SACK;
    }
    if (e->config.window_scale && o->has_window_scale) {
        agreed |= HALF_OPEN_SCALED;
        h->snd_scale = syn_peer_scale(e, &h->flow, o) & 15u;
    }
    h->flow.flags = agreed;
    h->flow.spare = (uint16_t)s->wnd;
    h->irs = s->seq;
    h->ts_recent = o->ts_value;
    h->peer_mss = syn_peer_mss(e, &h->flow, o);
    h->born_ms = e->now_ms;
}

/* The record is in SYN-RECEIVED, with all that the SYN says. */
static void syn_fill(struct engine *e, struct half_open *h, const struct segment *s)
{
    syn_read(e, h, s);
    uint32_t ts_offset; /* the record has no room for it: made again when it is needed */
    h->iss = isn_select(e, &h->flow, &ts_offset);
    if (s->reopens && !seq_lt(s->iss_above, h->iss)) /* it sent faster than the ISN clock ticks */
        h->iss = seq_add(s->iss_above, ISS_STEP);
    state_moved(e, &h->flow, TERN_LISTEN, TERN_SYN_RECEIVED, TERN_CAUSE_RCV_SYN);
}

void syn_taken(struct engine *e, struct half_open *h, const struct segment *s)
{
    RULE_HIT(e, &h->flow, LISTEN_SYN_ACCEPTED);
    syn_fill(e, h, s);
}

void syn_held(struct engine *e, struct half_open *h, const struct segment *s)
{
    const tcp_options *o = &s->options;

    RULE_HIT(e, &h->flow, HELD_SYN);
    syn_fill(e, h, s);
    h->flow.flags |= HALF_OPEN_HELD;
    h->retries = (uint8_t)((o->has_mss ? OFFER_MSS : 0) | (o->has_window_scale ? OFFER_SCALE : 0) |
                           (o->has_sack_permitted ? OFFER_SACK : 0) |
                           (o->has_timestamps ? OFFER_TS : 0) |
                           (s->text_bytes > 0 ? OFFER_TEXT : 0));
    if (o->has_window_scale) /* also when ours is off: the program may ask */
        h->snd_scale = (o->window_scale <= SCALE_MAX ? o->window_scale : SCALE_MAX) & 15u;
}

verdict syn_in_synchronized(struct engine *e, struct tcb *t, const struct segment *s)
{
    if (!segment_has(s, TCP_SYN))
        return NEXT;
    if (e->config.insecure_syn) {
        RULE_HIT(e, &t->flow, SYN_ABORTS);
        calls_end(e, t, TERN_CAUSE_RCV_SYN, TERN_ERR_RESET);
        t->owes = OWES_RST;
        return DELETE_TCB;
    }
    RULE_HIT(e, &t->flow, SYN_CHALLENGED);
    return challenge_ack(e, t);
}

void syn_offer(const struct engine *e, struct tcb *t)
{
    if (t->rcv_adv.v != 0)
        return;
    t->rcv_adv = seq_of(engine_syn_window(e, t->recv_limit));
    t->rcv_scale = engine_window_shift(e, t->recv_limit) & 15u;
}

bool syn_is_bare(const struct engine *e, const struct tcb *t)
{
    return t->settings != 0 && settings_of(e, t).plain_syn;
}

/* What our SYN offers: the MSS alone when it has gone unanswered so often that something on the
 * path may drop the other options. */
static void syn_plan_offer(struct engine *e, const struct tcb *t, tcp_options *o)
{
    bool plain = e->config.syn_plain_from != 0 && t->backoffs >= e->config.syn_plain_from;

    if (plain)
        RULE_HIT(e, &t->flow, SYN_PLAIN);
    o->has_sack_permitted = !plain && e->config.sack;
    o->has_window_scale = !plain && e->config.window_scale;
    o->has_timestamps = !plain && e->config.timestamps;
}

/* A SYN,ACK offers what the peer offered. */
static void syn_plan_options(struct engine *e, struct tcb *t, struct packet_plan *plan)
{
    tcp_options *o = &plan->options;

    o->has_mss = true;
    o->mss = syn_own_mss(e, t);
    o->window_scale = t->rcv_scale;
    o->ts_value = engine_timestamp(e, t->ts_offset);
    if (t->state == TERN_SYN_SENT) {
        syn_plan_offer(e, t, o);
    } else {
        o->has_sack_permitted = t->sack_on;
        o->has_window_scale = t->wscale_on;
        o->has_timestamps = t->ts_on;
        o->ts_echo = t->ts_recent;
    }
    user_timeout_plan(e, t, plan);
}

void syn_plan(struct engine *e, struct tcb *t, struct packet_plan *plan)
{
    bool answer = t->state != TERN_SYN_SENT;
    /* The data of a SYN that crosses ours waits for ESTABLISHED (RFC 9293 3.10.7.3, 4th). */
    seq acked = t->fast_open || t->syn_acked || !answer ? t->rcv_nxt : seq_add(t->irs, 1);

    if (!answer)
        syn_offer(e, t);
    plan->seq = t->iss;
    plan->flags = TCP_SYN;
    plan->window = (uint16_t)seq_diff(t->rcv_adv, acked);
    engine_syn_options(e, &plan->options);
    if (!syn_is_bare(e, t))
        syn_plan_options(e, t, plan);
    if (answer) {
        plan->flags |= TCP_ACK;
        plan->ack = acked;
    }
    if (answer && t->fast_option) {
        t->fast_option = false;
        fast_open_grant(e, NULL, &t->flow, plan);
    }
    if (t->backoffs > 0)
        return; /* a retransmission, named as such by the timer */
    if (answer)
        RULE_HIT(e, &t->flow, SYN_ACK_SENT);
    else
        RULE_HIT(e, &t->flow, SYN_SENT);
}
