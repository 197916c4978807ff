/* flight.h - what a connection needs only while it has data queued or under way.
 *
 * Taken with the first octet that tern_send() takes, given back when all is acknowledged and the
 * retransmission timer would have run out since: what is in it is then void anyway (RFC 5681 4.1
 * restarts from the restart window after an idle RTO). */
#ifndef TERN_TCP_LOSS_FLIGHT_H
#define TERN_TCP_LOSS_FLIGHT_H

#include "tcp/engine.h"
#include "tern/congestion.h"

struct flight {
    uint64_t congestion_state[TERN_CONGESTION_STATE_BYTES / 8];
    struct chunk_place cursor; /* the octet numbered cursor_seq; chunk 0: look from the head */
    seq cursor_seq;
    seq recover;      /* RFC 6582, RFC 6675 RecoveryPoint: SND.NXT when the loss was found */
    seq high_rxt;     /* what is before it was sent again in this recovery (RFC 6675 HighRxt) */
    seq lost_edge;    /* what is unreported before it counts as lost (RFC 6675 IsLost) */
    seq snd_up;       /* behind the urgent data (RFC 9293 3.3.1), when `urgent_out` */
    uint32_t records; /* where segments shall end: transfer/records.c, when `records` of the TCB */
    uint32_t sacked;  /* scoreboard: first range, in sequence order; 0: none */
    uint32_t sacked_bytes;
    uint32_t reno_bytes; /* without SACK: what duplicates say has left the network */
    uint32_t peak_bytes; /* of the last round trip: the most that was under way */
    seq peak_end;        /* which is over when this is acknowledged and more was sent */
    seq small_end;       /* behind the last small segment that Nagle let out, when small_sent */
    seq syn_end;  /* behind the data of our SYN that its answer did not take, if any_refused */
    uint8_t mode; /* enum recovery_mode */
    bool any_refused;
    bool small_sent;
    bool rescued;      /* RFC 6675 NextSeg (4), once a recovery */
    bool recover_set;  /* recover means something: a recovery has begun in this flight */
    bool cwnd_limited; /* the last sending stopped at cwnd, not for want of data */

    /* Path MTU (loss/mtu_probe.c), where SND.MSS is below what both ends take. */
    bool probing; /* a segment larger than SND.MSS is under way: [probe_start, probe_end) */
    bool too_big; /* MODE_LOSS because of ICMP, not of a timeout */
    uint8_t probe_losses;
    uint16_t probe_mss, search_high; /* the size to try; the largest not known to fail; 0: none */
    uint32_t search_ms;              /* no probe before this time */
    seq probe_start, probe_end;
};

/* NULL while nothing is queued or under way. */
static inline struct flight *flight_of(const struct engine *e, const struct tcb *t)
{
    return t->flight != 0 ? pool_at(e, &e->flights, t->flight) : NULL;
}

/* Takes a flight if the connection has none; NULL when the pool is empty. */
struct flight *flight_begin(struct engine *e, struct tcb *t);

/* Gives it back, scoreboard and all. */
void flight_end(struct engine *e, struct tcb *t);

#endif
