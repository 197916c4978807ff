/* ack_of_syn.c - the ACK of our SYN: the third step of the handshake. */
#include "tcp/open/ack_of_syn.h"

#include "tcp/open/isn.h"
#include "tcp/open/syn.h"
#include "tcp/state.h"

void ack_of_syn_unfold(struct engine *e, struct tcb *t, const struct half_open *h)
{
    t->flow = h->flow;
    t->flow.flags = 0;
    state_begin(t, TERN_SYN_RECEIVED);
    t->iss = t->snd_una = h->iss;
    t->snd_nxt = seq_add(h->iss, 1);
    t->irs = h->irs;
    t->rcv_nxt = seq_add(h->irs, 1);
    t->last_ack_sent = t->rcv_nxt;
    t->rcv_adv = seq_add(t->rcv_nxt, engine_syn_window(e, t->recv_limit));
    t->snd_wnd = t->max_snd_wnd = h->flow.spare;
    t->snd_wl1 = h->irs;
    t->snd_wl2 = h->iss;
    t->snd_mss = t->flow.spare = h->peer_mss;
    t->ts_on = (h->flow.flags & HALF_OPEN_TS) != 0;
    t->sack_on = (h->flow.flags & HALF_OPEN_SACK) != 0;
    t->wscale_on = (h->flow.flags & HALF_OPEN_SCALED) != 0;
    t->ts_recent = h->ts_recent;
    t->ts_recent_ms = h->born_ms;
    if (t->ts_on)
        t->ts_offset = isn_timestamp_offset(e, &h->flow);
    if (t->wscale_on) {
        t->snd_scale = h->snd_scale & 15u;
        t->rcv_scale = h->rcv_scale & 15u;
    }
    if (t->settings != 0 && t->snd_mss > syn_own_mss(e, t))
        t->snd_mss = t->flow.spare = syn_own_mss(e, t);
    t->syn_resent = h->retries > 0;
    t->timing = (h->flow.flags & HALF_OPEN_AGAIN) == 0; /* Karn: also when the SYN came twice */
    t->rtt_seq = t->snd_nxt;
    t->rtt_sent_us = h->sent_us;
}

verdict ack_of_syn_check(struct engine *e, struct tcb *t, const struct segment *s)
{
    if (!seq_lt(t->snd_una, s->ack) || !seq_le(s->ack, t->snd_nxt)) {
        RULE_HIT(e, &t->flow, SYN_RECEIVED_BAD_ACK_RESET);
        return DROP_AND_RST;
    }
    t->snd_wnd = segment_window(s, t);
    t->max_snd_wnd = t->snd_wnd > t->max_snd_wnd ? t->snd_wnd : t->max_snd_wnd;
    t->snd_wl1 = s->seq;
    t->snd_wl2 = s->ack;
    ack_of_syn_done(e, t, TERN_CAUSE_RCV_ACK_OF_SYN);
    RULE_HIT(e, &t->flow, HANDSHAKE_DONE);
    return NEXT;
}

void ack_of_syn_done(struct engine *e, struct tcb *t, tern_cause cause)
{
    t->syn_acked = true;
    t->snd_una = seq_add(t->iss, 1);
    if (t->snd_una.v == 0)
        t->snd_wraps++;
    if (t->accepted && !t->fast_open) /* an active open: the program has waited for it */
        t->events |= TERN_EVENT_CONNECTED;
    if (t->send.bytes > 0 || t->fin_queued)
        t->owes |= OWES_DATA;
    state_set(e, t, TERN_ESTABLISHED, cause);
}
