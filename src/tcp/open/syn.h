/* syn.h - SYN: the first step of the handshake, from both sides; and 4th: a SYN where none
 * belongs. RFC 9293 3.5, 3.10.1, 3.10.7.2, 3.10.7.4. */
#ifndef TERN_TCP_OPEN_SYN_H
#define TERN_TCP_OPEN_SYN_H

#include "tcp/open/half_open.h"

/* Active OPEN: the TCB goes to SYN-SENT and owes a SYN. Its flow is set. from: CLOSED, or LISTEN
 * when the program SENDs on a passive OPEN. */
void syn_open(struct engine *e, struct tcb *t, tern_state from);

/* The ISS of a TCB that has just gone to SYN-SENT is above all that an old connection sent. */
void syn_open_above(struct tcb *t, seq old_snd_nxt);

/* LISTEN: 1st RST, 2nd ACK, 3rd SYN, 4th other. NEXT: a SYN to be taken. */
verdict syn_at_listen(struct engine *e, const struct flow *f, const struct segment *s);

/* Reads a SYN into a record whose flow is set: IRS, window, and what its options agree to. */
void syn_read(struct engine *e, struct half_open *h, const struct segment *s);

/* Takes the SYN: fills the record, whose flow is set. A SYN,ACK is owed. */
void syn_taken(struct engine *e, struct half_open *h, const struct segment *s);

/* Likewise, for a listener that holds: nothing is owed. */
void syn_held(struct engine *e, struct half_open *h, const struct segment *s);

/* 4th: a SYN in a synchronized state (RFC 5961 4.2). */
verdict syn_in_synchronized(struct engine *e, struct tcb *t, const struct segment *s);

/* Our first SYN fixes the window and the shift: they hold for the SYNs that follow and for what the
 * peer then believes, whatever becomes of the buffer. Until there is an IRS, RCV.NXT is 0 and the
 * right edge is the window itself. */
void syn_offer(const struct engine *e, struct tcb *t);

/* The program wants no TCP option in it (TERN_OPTION_PLAIN_SYN). */
bool syn_is_bare(const struct engine *e, const struct tcb *t);

/* The plan of our SYN, or of the SYN,ACK of a simultaneous open. */
void syn_plan(struct engine *e, struct tcb *t, struct packet_plan *plan);

/* The MSS that this connection offers, and does not exceed: the link's, or its own limit. */
uint16_t syn_own_mss(const struct engine *e, const struct tcb *t);

/* What the peer's MSS option, or its absence, lets us send to it, capped by our link. */
uint16_t syn_peer_mss(struct engine *e, const struct flow *f, const tcp_options *options);

/* The peer's shift, at most 14. */
uint8_t syn_peer_scale(struct engine *e, const struct flow *f, const tcp_options *options);

#endif
