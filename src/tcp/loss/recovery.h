/* recovery.h - finding loss and repairing it: RFC 5681, RFC 6582 and RFC 6675.
 *
 * One mechanism serves SACK and NewReno. `pipe` estimates what is in the network: the flight, less
 * what was reported as received, less what counts as lost and was not sent again. Sending goes on
 * while pipe is below cwnd. Without SACK each duplicate ACK reports one segment, whichever it was
 * (docs/decisions/0005-one-pipe.md). */
#ifndef TERN_TCP_LOSS_RECOVERY_H
#define TERN_TCP_LOSS_RECOVERY_H

#include "tcp/loss/flight.h"
#include "tcp/segment.h"

/* The congestion window at the start (RFC 6928; RFC 5681 3.1 when the SYN was lost). */
void recovery_begin(const struct engine *e, struct tcb *t);

/* SND.UNA has moved over acked_bytes of data by this segment. */
void recovery_acked(struct engine *e, struct tcb *t, const struct segment *s, uint32_t acked_bytes);

/* The segment acknowledges nothing new; duplicate: by RFC 5681 2. */
void recovery_not_acked(struct engine *e, struct tcb *t, const struct segment *s, bool duplicate);

/* The retransmission timer has fired for data or FIN. */
void recovery_timed_out(struct engine *e, struct tcb *t);

/* All that is under way counts as lost, with no blame on the network: a window that shrank has
 * opened again. */
void recovery_resume(struct engine *e, struct tcb *t);

/* Likewise: it was too big for the path, and goes again in smaller pieces, by slow start (RFC 1191
 * 6.4, RFC 8201 5.4). */
void recovery_too_big(struct engine *e, struct tcb *t);

/* The probe of the path MTU was, and nothing else: its octets go again, cwnd stays (RFC 4821
 * 7.6.3). A probe is under way only while no recovery is. */
void recovery_probe_too_big(struct engine *e, struct tcb *t);

/* The first sending after a pause (RFC 5681 4.1). */
void recovery_restart_window(const struct engine *e, struct tcb *t);

/* Octets that may go out now under cwnd. */
uint32_t recovery_room(const struct engine *e, const struct tcb *t);

/* The next piece to send again: true, its start, and its length up to `most`. */
bool recovery_next(struct engine *e, struct tcb *t, uint32_t most, seq *start, uint32_t *bytes);

/* The same when there is no new data to send either: RFC 6675 4, NextSeg (3) and (4). */
bool recovery_rescue(struct engine *e, struct tcb *t, uint32_t most, seq *start, uint32_t *bytes);

/* [start, start + bytes) was sent again. */
void recovery_resent(struct engine *e, struct tcb *t, seq start, uint32_t bytes);

/* SMSS, options deducted: what one segment carries. */
static inline uint32_t recovery_mss(const struct tcb *t)
{
    return t->snd_mss - (t->ts_on ? 12u : 0u);
}

#endif
