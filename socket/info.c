/* info.c - struct tcp_info of a connection, in Linux's units: times in us (last_* in ms), windows
 * in segments where Linux counts segments. */
#include "socket/descriptor.h"

#include <assert.h>
#include <errno.h>
#include <linux/tcp.h>
#include <string.h>

/* net/tcp_states.h */
enum {
    LINUX_ESTABLISHED = 1,
    LINUX_SYN_SENT,
    LINUX_SYN_RECV,
    LINUX_FIN_WAIT1,
    LINUX_FIN_WAIT2,
    LINUX_CLOSE = 7,
    LINUX_CLOSE_WAIT,
    LINUX_LAST_ACK,
    LINUX_LISTEN,
    LINUX_CLOSING,
};

static uint8_t info_state(tern_state state)
{
    switch (state) {
    case TERN_LISTEN:
        return LINUX_LISTEN;
    case TERN_SYN_SENT:
        return LINUX_SYN_SENT;
    case TERN_SYN_RECEIVED:
        return LINUX_SYN_RECV;
    case TERN_ESTABLISHED:
        return LINUX_ESTABLISHED;
    case TERN_FIN_WAIT_1:
        return LINUX_FIN_WAIT1;
    case TERN_FIN_WAIT_2:
        return LINUX_FIN_WAIT2;
    case TERN_CLOSE_WAIT:
        return LINUX_CLOSE_WAIT;
    case TERN_CLOSING:
        return LINUX_CLOSING;
    case TERN_LAST_ACK:
        return LINUX_LAST_ACK;
    case TERN_TIME_WAIT: /* a socket in it has ended on Linux */
    case TERN_CLOSED:
    case TERN_STATES:
        break;
    }
    return LINUX_CLOSE;
}

static uint32_t info_segments(uint32_t bytes, uint32_t mss)
{
    return mss == 0 ? 0 : (bytes + mss - 1) / mss;
}

/* Segments that the peer is known to have; an acknowledged SYN counts. */
static uint32_t info_delivered(const tern_status *t, uint32_t mss)
{
    uint32_t sacked = info_segments(t->sacked, mss);

    if (mss == 0 || t->state == TERN_SYN_SENT || t->state == TERN_SYN_RECEIVED)
        return 0;
    return 1 + (uint32_t)((t->bytes_acked + mss - 1) / mss) + sacked;
}

/* Linux: a listener says how many wait to be accepted, and how many may. */
static void info_fill_listener(struct tcp_info *i, const descriptor *d, const tern_status *t)
{
    i->tcpi_state = LINUX_LISTEN;
    i->tcpi_unacked = t->accept_queue;
    i->tcpi_sacked = (uint32_t)d->backlog;
}

static void info_fill(struct tcp_info *i, const tern_status *t)
{
    uint32_t stamps = t->options_timestamps && t->snd_mss > 12 ? 12 : 0; /* Linux takes them off */
    uint32_t mss = t->snd_mss - stamps;

    i->tcpi_state = info_state(t->state);
    i->tcpi_ca_state = t->retransmits > 0 ? TCP_CA_Loss
                       : t->in_recovery   ? TCP_CA_Recovery
                       : t->sacked > 0    ? TCP_CA_Disorder
                                          : TCP_CA_Open;
    i->tcpi_probes = (uint8_t)t->probes;
    i->tcpi_retransmits = (uint8_t)t->retransmits;
    i->tcpi_backoff = (uint8_t)t->retransmits;
    i->tcpi_options = (uint8_t)((t->options_timestamps ? TCPI_OPT_TIMESTAMPS : 0) |
                                (t->options_sack ? TCPI_OPT_SACK : 0) |
                                (t->options_wscale ? TCPI_OPT_WSCALE : 0) |
                                (t->syn_data_acked ? TCPI_OPT_SYN_DATA : 0));
    i->tcpi_snd_wscale = t->snd_wscale & 15u;
    i->tcpi_rcv_wscale = t->rcv_wscale & 15u;
    i->tcpi_rto = t->rto;
    i->tcpi_snd_mss = mss;
    i->tcpi_rcv_mss = t->rcv_mss;
    i->tcpi_unacked = info_segments(t->unacked, mss);
    i->tcpi_sacked = info_segments(t->sacked, mss);
    i->tcpi_lost = info_segments(t->lost, mss);
    i->tcpi_retrans = info_segments(t->resent, mss);
    i->tcpi_pmtu = t->path_mtu;
    i->tcpi_advmss = t->advmss - stamps;
    i->tcpi_rcv_ssthresh = t->recv_buffer_bytes;
    i->tcpi_rcv_space = t->rcv_wnd;
    i->tcpi_reordering = 3; /* RFC 6675 DupThresh: the stack does not change it */
    i->tcpi_delivered = info_delivered(t, mss);
    i->tcpi_rtt = t->rtt;
    i->tcpi_rttvar = t->rttvar;
    i->tcpi_snd_ssthresh = t->snd_ssthresh >= INT32_MAX ? INT32_MAX
                                                        : info_segments(t->snd_ssthresh, mss);
    i->tcpi_snd_cwnd = mss == 0 ? 0 : t->snd_cwnd / mss;
    i->tcpi_total_retrans = t->total_retrans;
    i->tcpi_bytes_acked = t->bytes_acked;
    i->tcpi_bytes_received = t->bytes_received;
    i->tcpi_segs_in = t->segs_in;
    i->tcpi_segs_out = t->segs_out;
    i->tcpi_notsent_bytes = t->send_queue_bytes > t->unacked ? t->send_queue_bytes - t->unacked : 0;
    i->tcpi_snd_wnd = t->snd_wnd;
}

/* What Linux says of a socket that has no connection yet. */
static void info_fill_new(struct tcp_info *i, const tern_config *c)
{
    i->tcpi_rto = c->syn_schedule.first_ms * 1000;
    i->tcpi_snd_mss = i->tcpi_rcv_mss = 536;
    i->tcpi_snd_ssthresh = INT32_MAX;
    i->tcpi_snd_cwnd = c->initial_window_segments;
    i->tcpi_reordering = 3;
}

static uint32_t info_ms(tern_time us)
{
    return (uint32_t)(us / 1000);
}

static void info_fill_details(struct tcp_info *i, const tern_details *d)
{
    i->tcpi_bytes_sent = d->bytes_sent;
    i->tcpi_bytes_retrans = d->bytes_retrans;
    i->tcpi_data_segs_in = d->data_segs_in;
    i->tcpi_data_segs_out = d->data_segs_out;
    i->tcpi_rcv_ooopack = d->rcv_ooopack;
    i->tcpi_dsack_dups = d->dsack_dups;
    i->tcpi_delivered = d->delivered;
    i->tcpi_min_rtt = d->min_rtt == 0 ? UINT32_MAX : d->min_rtt;
    i->tcpi_last_data_sent = info_ms(d->last_data_sent);
    i->tcpi_last_data_recv = info_ms(d->last_data_recv);
    i->tcpi_last_ack_recv = info_ms(d->last_ack_recv);
    i->tcpi_busy_time = d->busy_time;
    i->tcpi_rwnd_limited = d->rwnd_limited;
    i->tcpi_sndbuf_limited = d->sndbuf_limited;
    i->tcpi_delivery_rate = d->delivery_rate;
}

/* A program may know a newer structure than the headers here: what it has more is 0. */
enum { INFO_LINUX_6_18_BYTES = 280 };

static_assert(sizeof(struct tcp_info) <= INFO_LINUX_6_18_BYTES, "it only grows");

int info_write(const tern_sockets *s, const descriptor *d, tern_sockets_option *option)
{
    struct tcp_info info = {.tcpi_state = LINUX_CLOSE};
    tern_status status = {.state = TERN_CLOSED};
    tern_details details;

    if (sockets_status(s, d, &status) && d->phase == PHASE_LISTENING)
        info_fill_listener(&info, d, &status);
    else if (d->handle.generation != 0)
        info_fill(&info, &status);
    else
        info_fill_new(&info, s->config.stack_config);
    info.tcpi_pacing_rate = info.tcpi_max_pacing_rate = UINT64_MAX; /* nothing is paced */
    if (d->deferred)
        info.tcpi_state = LINUX_SYN_SENT;
    info.tcpi_ato = s->config.stack_config->delayed_ack_ms * 1000;
    if (tern_details_get(s->config.stack, d->handle, &details) == TERN_OK)
        info_fill_details(&info, &details);
    if (option->bytes > INFO_LINUX_6_18_BYTES)
        option->bytes = INFO_LINUX_6_18_BYTES;
    memset(option->value, 0, option->bytes);
    memcpy(option->value, &info, option->bytes < sizeof info ? option->bytes : sizeof info);
    return 0;
}
