/* status.c - STATUS (RFC 9293 3.10.6): what a stack can say of itself. */
#include "tern/status.h"

#include "stack/demux.h"
#include "stack/handles.h"
#include "tcp/details.h"
#include "tcp/loss/flight.h"
#include "tcp/loss/rtt.h"
#include "tcp/loss/sack.h"
#include "tcp/open/syn.h"
#include "tcp/transfer/reassembly.h"
#include "tcp/transfer/urgent.h"
#include "tcp/transfer/writable.h"

static tern_endpoint status_local(const tern_stack *s, const struct flow *f)
{
    return (tern_endpoint){s->engine.config.addresses[f->local], f->local_port};
}

/* 64-bit count from 32-bit sequence numbers and the times they went round. */
static uint64_t status_count(seq at, seq start, uint16_t wraps)
{
    uint64_t end = (uint64_t)wraps << 32 | at.v;

    return end > start.v ? end - start.v : 0;
}

static uint32_t status_path_mtu(const struct engine *e, const struct tcb *t)
{
    uint32_t link = engine_link_mss(e, &t->flow);

    if (t->snd_mss >= t->flow.spare) /* what both ends take is what is used */
        return e->config.mtu_bytes;
    return e->config.mtu_bytes - link + t->snd_mss;
}

/* What a recovery knows of the flight. */
static void status_of_recovery(const struct engine *e, const struct tcb *t, const struct flight *f,
                               tern_status *status)
{
    if (f == NULL)
        return;
    seq again = f->any_refused ? seq_min(f->syn_end, t->snd_nxt) : t->snd_una;
    if (f->mode != MODE_OPEN) {
        status->in_recovery = true;
        if (seq_lt(t->snd_una, f->lost_edge))
            status->lost = sack_unreported(e, f, t->snd_una, f->lost_edge);
        again = seq_max(again, f->high_rxt);
    }
    if (seq_lt(t->snd_una, again))
        status->resent = sack_unreported(e, f, t->snd_una, again);
}

static void status_of_tcb(const tern_stack *s, const struct tcb *t, tern_status *status)
{
    const struct engine *e = &s->engine;
    const struct flight *f = flight_of(e, t);

    *status = (tern_status){
        .local = status_local(s, &t->flow),
        .remote = {t->flow.remote, t->flow.remote_port},
        .state = (tern_state)t->state,
        .error = (tern_err)t->error,
        .soft_error = (tern_err)t->soft_error,
        .iss = t->iss.v,
        .irs = t->irs.v,
        .snd_una = t->snd_una.v,
        .snd_nxt = t->snd_nxt.v,
        .rcv_nxt = t->rcv_nxt.v,
        .snd_wnd = t->snd_wnd,
        .rcv_wnd = seq_diff(t->rcv_adv, t->rcv_nxt),
        .snd_wscale = t->snd_scale,
        .rcv_wscale = t->rcv_scale,
        .options_timestamps = t->ts_on,
        .options_sack = t->sack_on,
        .options_wscale = t->wscale_on,
        .snd_mss = t->snd_mss,
        .rcv_mss = t->rcv_mss,
        .send_queue_bytes = t->send.bytes,
        .recv_queue_bytes = t->recv.bytes,
        .reassembly_bytes = reassembly_bytes(e, t),
        .urgent_bytes = urgent_ahead(t),
        .send_buffer_bytes = t->send_limit,
        .writable = writable_now(e, t, false),
        .recv_buffer_bytes = t->recv_limit,
        .rto = rtt_timeout_ms(e, t) * 1000,
        .rtt = t->srtt_us,
        .rttvar = t->rttvar_us,
        .snd_cwnd = t->cwnd,
        .snd_ssthresh = t->ssthresh,
        .unacked = seq_diff(t->snd_nxt, t->snd_una),
        .sacked = f != NULL ? f->sacked_bytes : 0,
        .advmss = syn_own_mss(e, t),
        .path_mtu = status_path_mtu(e, t),
        .probes = t->unanswered,
        .retransmits = t->backoffs,
        .total_retrans = t->total_retrans,
        .syn_data_acked = t->fast_open && (t->syn_acked || !seq_eq(t->rcv_nxt, seq_add(t->irs, 1))),
        .segs_in = t->segs_in,
        .segs_out = t->segs_out,
    };
    status_of_recovery(e, t, f, status);
    if (t->syn_acked)
        status->bytes_acked = status_count(t->snd_una, seq_add(t->iss, 1), t->snd_wraps);
    if (t->state > TERN_SYN_RECEIVED || t->fast_open)
        status->bytes_received = status_count(t->rcv_nxt, seq_add(t->irs, 1), t->rcv_wraps);
}

static void status_of_half_open(const tern_stack *s, const struct half_open *h, tern_status *status)
{
    *status = (tern_status){
        .local = status_local(s, &h->flow),
        .remote = {h->flow.remote, h->flow.remote_port},
        .state = TERN_SYN_RECEIVED,
        .half_open_record = true,
        .held = (h->flow.flags & HALF_OPEN_HELD) != 0,
        .iss = h->iss.v,
        .irs = h->irs.v,
        .snd_una = h->iss.v,
        .snd_nxt = h->iss.v + 1,
        .rcv_nxt = h->irs.v + 1,
        .snd_wnd = h->flow.spare,
        .options_timestamps = (h->flow.flags & HALF_OPEN_TS) != 0,
        .options_sack = (h->flow.flags & HALF_OPEN_SACK) != 0,
        .options_wscale = (h->flow.flags & HALF_OPEN_SCALED) != 0,
        .snd_mss = h->peer_mss,
    };
    if (!status->held)
        status->retransmits = status->total_retrans = h->retries;
}

static void status_of_time_wait(const tern_stack *s, const struct time_wait *w, tern_status *status)
{
    *status = (tern_status){
        .local = status_local(s, &w->flow),
        .remote = {w->flow.remote, w->flow.remote_port},
        .state = TERN_TIME_WAIT,
        .time_wait_record = true,
        .snd_una = w->snd_nxt.v,
        .snd_nxt = w->snd_nxt.v,
        .rcv_nxt = w->rcv_nxt.v,
        .options_timestamps = (w->flow.flags & TIME_WAIT_TS) != 0,
    };
}

static void status_of_listener(const tern_stack *s, const struct listener *l, tern_status *status)
{
    *status = (tern_status){.state = TERN_LISTEN, .accept_queue = l->unaccepted_count};
    if (l->local == LOCAL_ANY_IPV4)
        status->local.address = tern_address_ipv4(0, 0, 0, 0);
    else if (l->local != LOCAL_ANY)
        status->local.address = s->engine.config.addresses[l->local];
    status->local.port = l->port;
}

tern_err tern_status_get(const tern_stack *s, tern_handle handle, tern_status *status)
{
    uint32_t index = handles_tcb(s, handle);

    if (status == NULL)
        return TERN_ERR_INVALID;
    if (index != 0) {
        status_of_tcb(s, stack_tcb(s, index), status);
        return TERN_OK;
    }
    index = handles_held(s, handle);
    if (index != 0) {
        status_of_half_open(s, stack_half_open(s, index), status);
        return TERN_OK;
    }
    index = handles_listener(s, handle);
    if (index == 0)
        return TERN_ERR_STALE;
    status_of_listener(s, stack_listener(s, index), status);
    return TERN_OK;
}

/* Of a wait, what is over and what goes on. */
static tern_time status_waited_us(const tern_stack *s, const struct details *d,
                                  enum details_wait wait)
{
    tern_time running_us = d->wait == wait ? s->engine.now_us - d->wait_since_us : 0;

    return d->waited_us[wait] + running_us;
}

static tern_time status_ago_us(const tern_stack *s, uint32_t then_ms)
{
    return (tern_time)(s->engine.now_ms - then_ms) * 1000;
}

tern_err tern_details_get(const tern_stack *s, tern_handle connection, tern_details *details)
{
    uint32_t index = handles_tcb(s, connection);

    if (details == NULL || handles_listener(s, connection) != 0)
        return TERN_ERR_INVALID;
    if (index == 0)
        return TERN_ERR_STALE;
    const struct details *d = details_of(&s->engine, stack_tcb(s, index));
    if (d == NULL)
        return TERN_ERR_NOT_CONNECTED;
    tern_time window_us = status_waited_us(s, d, WAIT_WINDOW);
    tern_time buffer_us = status_waited_us(s, d, WAIT_BUFFER);
    *details = (tern_details){
        .bytes_sent = d->bytes_out,
        .bytes_retrans = d->bytes_again,
        .data_segs_in = d->text_segs_in,
        .data_segs_out = d->text_segs_out,
        .delivered = d->segs_delivered,
        .rcv_ooopack = d->segs_early,
        .dsack_dups = d->duplicates,
        .min_rtt = d->rtt_min_us,
        .last_data_sent = status_ago_us(s, d->text_out_ms),
        .last_data_recv = status_ago_us(s, d->text_in_ms),
        .last_ack_recv = status_ago_us(s, d->ack_in_ms),
        .busy_time = status_waited_us(s, d, WAIT_ACKS) + window_us + buffer_us,
        .rwnd_limited = window_us,
        .sndbuf_limited = buffer_us,
        .delivery_rate = d->rate,
    };
    return TERN_OK;
}

/* The cursor: below 2^32 the listeners seen; above, the place in the table (demux_walk()). */
bool tern_status_next(const tern_stack *s, uint64_t *cursor, tern_status *status)
{
    while (*cursor < s->listeners.fresh) {
        const struct listener *l = stack_listener(s, (uint32_t)++ * cursor);
        if (l->open) {
            status_of_listener(s, l, status);
            return true;
        }
    }
    uint64_t place = *cursor >> 32 != 0 ? *cursor - (UINT64_C(1) << 32) : 0;
    uint32_t reference = demux_walk(s, &place);
    *cursor = place + (UINT64_C(1) << 32);
    uint32_t index = demux_index_of(reference);
    if (reference == 0)
        return false;
    if (demux_kind_of(reference) == DEMUX_TCB)
        status_of_tcb(s, stack_tcb(s, index), status);
    else if (demux_kind_of(reference) == DEMUX_HALF_OPEN)
        status_of_half_open(s, stack_half_open(s, index), status);
    else
        status_of_time_wait(s, stack_time_wait(s, index), status);
    return true;
}

uint64_t tern_counter(const tern_stack *s, tern_rule rule)
{
    return rule > TERN_RULE_NONE && rule < TERN_RULES ? s->engine.counters[rule] : 0;
}
