/* status.h - what a stack can say of itself: connections, counters, rules, memory.
 *
 * Field names are those of Linux's struct tcp_info where they mean the same. */
#ifndef TERN_STATUS_H
#define TERN_STATUS_H

#include "tern/tern.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One connection, as it is now. Times in microseconds, sizes in octets, sequence numbers raw. */
typedef struct tern_status {
    tern_endpoint local, remote;
    tern_state state;
    tern_err error;        /* why it ended; TERN_OK while it lives */
    tern_err soft_error;   /* what ICMP last said of it, since it last got on; it ends with this
                            * when it times out (RFC 9293 3.9.2.2, SHLD-25) */
    bool half_open_record; /* SYN-RECEIVED in the listener's queue: no handle yet */
    bool held;             /* with it: the SYN waits for tern_answer() */
    bool time_wait_record; /* TIME-WAIT after tern_close(): no handle any more */

    uint32_t accept_queue; /* a listener: established and not yet accepted */

    uint32_t iss, irs;         /* initial sequence numbers (RFC 9293 3.3.1) */
    uint32_t snd_una, snd_nxt; /* oldest unacknowledged; next to be sent */
    uint32_t rcv_nxt;          /* next expected */
    uint32_t snd_wnd;          /* the peer's window, scaled */
    uint32_t rcv_wnd;          /* our window, as last offered */
    uint8_t snd_wscale, rcv_wscale;
    bool options_timestamps, options_sack, options_wscale; /* agreed in the handshake */
    uint32_t snd_mss, rcv_mss;
    uint32_t advmss;   /* the MSS that we offered */
    uint32_t path_mtu; /* IP header included: the link's, or what less the path takes */

    uint32_t send_queue_bytes; /* handed over by tern_send() and not yet acknowledged */
    uint32_t recv_queue_bytes; /* in order and not yet read */
    uint32_t urgent_bytes;     /* to be read up to the end of urgent data: tern_urgent_mark() */
    uint32_t reassembly_bytes; /* come early, kept */
    uint32_t send_buffer_bytes, recv_buffer_bytes;
    bool writable; /* a third of the send buffer is free, few enough octets wait to be sent */

    uint32_t rto, rtt, rttvar; /* us */
    uint32_t snd_cwnd;         /* octets (tcp_info counts segments) */
    uint32_t snd_ssthresh;
    uint32_t unacked; /* octets in flight: snd_nxt - snd_una */
    uint32_t sacked;  /* of these, octets the peer has reported by SACK */
    uint32_t lost;    /* octets of these that count as lost, sent again or not (RFC 6675) */
    uint32_t resent;  /* octets of these that this recovery has sent again, or that a SYN had */
    uint32_t probes;  /* of a closed window, or keep-alive, since the peer was heard */
    bool in_recovery;
    bool syn_data_acked;    /* Fast Open: the cookie was good, and all data of the SYN was taken */
    uint32_t retransmits;   /* consecutive timeouts of what is now unacknowledged */
    uint32_t total_retrans; /* segments sent again, ever */
    uint32_t segs_in, segs_out;
    uint64_t bytes_acked, bytes_received;
} tern_status;

/* Errors: STALE. A listener gives its local endpoint and LISTEN. */
TERN_API tern_err tern_status_get(const tern_stack *stack, tern_handle handle, tern_status *status);

/* What a connection counts beyond that, under the names of struct tcp_info, when the configuration
 * has `details`. Times in microseconds. */
typedef struct tern_details {
    uint64_t bytes_sent, bytes_retrans; /* text; of these, sent again */
    uint32_t data_segs_in, data_segs_out;
    uint32_t delivered;   /* segments that the peer is known to have, the SYN among them */
    uint32_t rcv_ooopack; /* segments that came early */
    uint32_t dsack_dups;  /* reported by the peer as come twice (RFC 2883) */
    uint32_t min_rtt;     /* 0: not measured */
    tern_time last_data_sent, last_data_recv, last_ack_recv; /* how long ago; ms precision */
    tern_time busy_time;      /* with data to send; of this, stopped by */
    tern_time rwnd_limited;   /* the peer's window, */
    tern_time sndbuf_limited; /* our own buffer */
    uint64_t delivery_rate;   /* octets a second that the peer has acknowledged in a round trip, the
                               * last one that the program did not slow down; 0: none yet */
} tern_details;

/* Errors: STALE, INVALID (details NULL, a listener), NOT_CONNECTED (this connection counts nothing:
 * the configuration does not ask, or settings_max connections do already). */
TERN_API tern_err tern_details_get(const tern_stack *stack, tern_handle connection,
                                   tern_details *details);

/* Walks over everything there is: listeners, half-open records, connections, TIME-WAIT records.
 * Begin with *cursor = 0; false when there is no more. Cost: linear, over the whole walk, in the
 * limits of the configuration. */
TERN_API bool tern_status_next(const tern_stack *stack, uint64_t *cursor, tern_status *status);

/* How often a rule has decided something. */
TERN_API uint64_t tern_counter(const tern_stack *stack, tern_rule rule);

typedef struct tern_rule_info {
    const char *name;   /* "RST_CHALLENGED" */
    const char *source; /* "RFC 5961 3.2" */
    const char *level;  /* RFC 9293 Appendix B number ("MUST-25"), or "-" */
    const char *text;   /* one sentence, English */
} tern_rule_info;

/* NULL when there is no such rule. Rules run from 1 to TERN_RULES - 1. */
TERN_API const tern_rule_info *tern_rule_get(tern_rule rule);

typedef struct tern_edge_info {
    tern_state from, to;
    tern_cause cause;
    const char *action; /* "snd ACK" */
    const char *source; /* "RFC 9293 3.10.7.4 (8th)" */
} tern_edge_info;

/* The legal changes of state, in the order of edges.def; NULL past the last. */
TERN_API const tern_edge_info *tern_edge_get(size_t index);

/* Memory in use and its limits. */
typedef struct tern_usage {
    uint32_t fast_opens; /* servers that the client knows */
    uint32_t saved_syns; /* TERN_OPTION_SAVE_SYN */
    uint32_t connections, half_open, time_wait, listeners, chunks, flights, ranges, settings,
        replies, fragments, /* fragments: datagrams of which not all has come */
        path_mtus;          /* destinations whose path is known to be narrow */
} tern_usage;

TERN_API void tern_usage_get(const tern_stack *stack, tern_usage *usage);

/* Octets that one more of each costs in the arena, its share of the hash table included. */
typedef struct tern_footprint {
    size_t connection, half_open, time_wait, flight, range, listener, reply, datagram, path_mtu,
        fast_open;
} tern_footprint;

TERN_API void tern_footprint_get(tern_footprint *footprint);

#ifdef __cplusplus
}
#endif

#endif
