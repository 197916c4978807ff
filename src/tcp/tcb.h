/* tcb.h - the variables of a connection, under the RFC's names (RFC 9293 3.3.1).
 *
 * A TCB is what an established connection costs while it is idle, so it is laid out by the octet:
 * 252 of them, and 4 for its share of the hash table. What only data under way needs is a flight
 * (loss/flight.h), taken when the program hands over data and given back when all is acknowledged.
 * Half-open and TIME-WAIT connections are smaller records (open/half_open.h, close/time_wait.h).
 * All three begin with a flow, so that one hash table finds them.
 *
 * Times: `_ms` are points on a 32-bit millisecond clock, `_us` on a 32-bit microsecond clock; both
 * wrap and are compared by their difference. */
#ifndef TERN_TCP_TCB_H
#define TERN_TCP_TCB_H

#include "base/chunks.h"
#include "base/list.h"
#include "base/seq.h"
#include "base/wheel.h"
#include "tern/tern.h"

/* Who talks to whom. */
struct flow {
    tern_address remote;
    uint16_t remote_port, local_port;
    uint8_t local;      /* index into the configuration's addresses */
    uint8_t flags;      /* of a half-open record: what the SYN agreed to */
    uint16_t spare;     /* half-open: SEG.WND of the SYN; TIME-WAIT: the expiry; TCB: the MSS that
                         * both ends take, whatever the path does */
    uint32_t hash_next; /* the next record in this bucket, as a demux reference */
};

/* What the connection owes to the network; output.c pays. */
enum tcb_owes {
    OWES_SYN = 1 << 0,        /* a SYN, or a SYN,ACK in SYN-RECEIVED */
    OWES_ACK = 1 << 1,        /* an ACK, now */
    OWES_RST = 1 << 2,        /* a reset; the state is CLOSED already */
    OWES_DATA = 1 << 3,       /* something may have become sendable: look */
    OWES_RETRANSMIT = 1 << 4, /* the segment at SND.UNA, whatever the windows say */
    OWES_PROBE = 1 << 5,      /* a window probe, or data held back by a sliver of a window */
    OWES_KEEPALIVE = 1 << 6,  /* a keep-alive probe */
};

enum tcb_timer {
    TIMER_RETRANSMIT, /* SYN, data, FIN, and window probes: one of them at a time */
    TIMER_DELAYED_ACK,
    TIMER_IDLE, /* 2 MSL in TIME-WAIT; an orphan's patience in FIN-WAIT-2; else keep-alive */
    TIMERS,
};

/* Recovery: what the acknowledgments have told about the flight (loss/recovery.c). */
enum recovery_mode {
    MODE_OPEN,     /* nothing is known to be missing */
    MODE_RECOVERY, /* fast recovery: a loss found by duplicates (RFC 6675, RFC 6582) */
    MODE_LOSS,     /* after a timeout, or ICMP's word that it was too big: all of
                      [SND.UNA, recover) counts as lost */
};

enum { RCV_MSS_START = 536 }; /* the default MSS: what rcv_mss is before any segment was seen */

struct tcb {
    struct flow flow;
    struct wheel_node timer; /* armed for the earliest of the timers below, or earlier */
    struct link work;        /* in the queue of connections that owe something */
    struct link event;       /* in the queue of events, or of a listener's unaccepted */
    uint32_t generation;     /* of the handle; never 0 */

    /* Send sequence variables. SND.UNA =< SND.NXT; the SYN and the FIN count. */
    seq iss, snd_una, snd_nxt;
    uint32_t snd_wnd;     /* the peer's window, scaled */
    seq snd_wl1, snd_wl2; /* the segment of the last window update */
    uint32_t max_snd_wnd; /* the largest window the peer ever offered */

    /* Receive sequence variables. */
    seq irs, rcv_nxt;
    seq rcv_adv;       /* right edge of the window offered; never goes back */
    seq last_ack_sent; /* RFC 7323 4.3 */

    uint32_t ts_recent, ts_recent_ms; /* RFC 7323 4.3; when it was taken */
    uint32_t ts_offset;               /* ours: TSval = ms clock + offset (RFC 7323 7.1) */

    uint32_t srtt_us, rttvar_us; /* srtt 0: not measured yet */
    uint32_t rto_us;
    seq rtt_seq; /* the timed segment ends here, when `timing` */
    uint32_t rtt_sent_us;

    uint32_t cwnd, ssthresh;

    struct chunk_queue send; /* from SND.UNA (the SYN left out) to what tern_send() gave last */
    struct chunk_queue recv; /* in order, not yet read; ends at RCV.NXT */
    uint32_t send_limit, recv_limit;
    uint32_t early;  /* reassembly: first range of what came early; 0: none */
    uint32_t flight; /* 0: no data queued or under way */
    union {          /* transfer/urgent.c */
        seq fin_in;  /* where the peer's early FIN stands, when `fin_early` */
        seq rcv_up;  /* behind the urgent data, when `urgent_in`; then no FIN is early */
    };

    uint32_t due_ms[TIMERS];
    uint32_t since_ms;     /* the oldest unacknowledged octet went out first at this time */
    uint32_t challenge_ms; /* when the last challenge ACK was sent */
    uint32_t settings;     /* tcp/settings.h; 0: the configuration's */
    uint32_t heard_ms;     /* when the peer last sent something acceptable */

    uint32_t segs_in, segs_out, total_retrans;
    uint16_t snd_wraps, rcv_wraps; /* times SND.UNA and RCV.NXT went round: 64-bit counters */

    uint16_t snd_mss; /* flow.spare, or less where the path is narrow; options not deducted */
    uint16_t rcv_mss; /* the largest segment seen, for delayed ACKs */

    uint8_t state;    /* tern_state; written by state.c alone */
    int8_t error;     /* tern_err: why it ended */
    uint8_t owes;     /* enum tcb_owes */
    uint8_t events;   /* TERN_EVENT_ bits not yet told */
    uint8_t timers;   /* bit n: due_ms[n] counts */
    uint8_t backoffs; /* consecutive timeouts: the RTO is doubled so often */
    uint8_t dup_acks;
    uint8_t unanswered; /* probes, of a closed window or keep-alive, since the peer was heard */
    uint8_t snd_scale : 4, rcv_scale : 4;
    uint8_t congestion; /* index into list.def */
    int8_t soft_error;  /* tern_err: what ICMP said since SND.UNA last moved */

    bool ts_on : 1, sack_on : 1, wscale_on : 1; /* agreed in the handshake */
    bool released : 1;                          /* the program gave the handle back */
    bool accepted : 1;                          /* the program knows of it */
    bool in_table : 1, queued_work : 1, queued_event : 1;
    bool timing : 1; /* rtt_seq is being timed */
    bool syn_resent : 1;
    bool fin_queued : 1; /* a FIN follows the send queue */
    bool fin_early : 1;
    bool read_shut : 1;
    bool nodelay : 1;
    bool keepalive : 1;
    bool ack_at_once : 1;  /* no delayed ACKs */
    bool ack_rode : 1;     /* data that went out paid an ACK: the program answers, ACKs may wait */
    bool send_fixed : 1;   /* the program has set send_limit: it does not grow */
    bool write_wanted : 1; /* tern_send() has refused: tell when there is room */
    bool persist : 1;      /* the retransmission timer runs as the persist timer */
    bool syn_acked : 1;    /* SND.UNA is past the SYN */
    bool fin_acked : 1;    /* and past the FIN */
    bool window_told : 1;  /* a window update is the reason for OWES_ACK */
    bool urgent_in : 1;    /* the program has urgent data to read */
    bool lingering : 1; /* after tern_close(): TIMER_IDLE ends it unless our FIN is acknowledged */
    bool user_timeout_owed : 1; /* the next segment carries the option of RFC 5482 */
    bool records : 1;           /* flight.records: not all that is queued may share a segment */
    bool urgent_out : 1;        /* urgent data may be unacknowledged: flight.snd_up */
    /* RFC 7413. Before our SYN is acknowledged, `fast_open` is a server's: a TCB made by a SYN with
     * a good cookie, which may send. Afterwards it is either side's: the SYN's data was taken, all
     * of it. */
    bool fast_open : 1;
    bool fast_option : 1;  /* the option goes with our first SYN, or SYN,ACK */
    bool fast_pending : 1; /* its listener counts it (stack/fast_opens.c) */
    uint8_t fast_epoch;    /* which listener that is */
};

#define TCB_BYTES 252
_Static_assert(sizeof(struct tcb) <= TCB_BYTES, "an idle connection costs at most 256 octets");
_Static_assert(sizeof(struct flow) == 28, "half-open and TIME-WAIT records are laid out on this");

/* The sequence number of the first octet of the send queue. */
static inline seq tcb_send_start(const struct tcb *t)
{
    return t->syn_acked ? t->snd_una : seq_add(t->iss, 1);
}

/* Where the FIN stands, or would stand. */
static inline seq tcb_send_end(const struct tcb *t)
{
    return seq_add(tcb_send_start(t), t->send.bytes);
}

/* The FIN is sent and not yet acknowledged. */
static inline bool tcb_fin_sent(const struct tcb *t)
{
    return t->fin_queued && !t->fin_acked && seq_lt(tcb_send_end(t), t->snd_nxt);
}

/* The path takes less than both ends do. */
static inline bool tcb_path_is_narrow(const struct tcb *t)
{
    return t->snd_mss < t->flow.spare;
}

static inline bool tcb_timer_on(const struct tcb *t, enum tcb_timer timer)
{
    return (t->timers >> timer & 1) != 0;
}

#endif
