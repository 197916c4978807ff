/* ack_of_syn.h - the ACK of our SYN: the third step, and the end of the handshake on both sides.
 * RFC 9293 3.10.7.3 (4th), 3.10.7.4 (5th). */
#ifndef TERN_TCP_OPEN_ACK_OF_SYN_H
#define TERN_TCP_OPEN_ACK_OF_SYN_H

#include "tcp/open/half_open.h"

/* Unfolds a half-open record into a TCB in SYN-RECEIVED, for the segment that acknowledges its
 * SYN,ACK. */
void ack_of_syn_unfold(struct engine *e, struct tcb *t, const struct half_open *h);

/* 5th, in SYN-RECEIVED: NEXT when acceptable: ESTABLISHED, and the ACK is taken as in that
 * state. */
verdict ack_of_syn_check(struct engine *e, struct tcb *t, const struct segment *s);

/* Our SYN is acknowledged: SND.UNA passes it; ESTABLISHED. */
void ack_of_syn_done(struct engine *e, struct tcb *t, tern_cause cause);

#endif
