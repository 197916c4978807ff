/* synack.h - SYN,ACK: the second step, written by a half-open record and read in SYN-SENT.
 * RFC 9293 3.10.7.3. */
#ifndef TERN_TCP_OPEN_SYNACK_H
#define TERN_TCP_OPEN_SYNACK_H

#include "tcp/open/half_open.h"

/* The plan of the SYN,ACK that a record owes. pattern: of its listener, or NULL (engine.h); keys:
 * likewise, of Fast Open, or NULL. */
void synack_plan(struct engine *e, struct half_open *h, const struct tcb *pattern,
                 const struct fast_open_keys *keys, struct packet_plan *plan);

/* A segment in SYN-SENT: RFC 9293 3.10.7.3, its five steps. NEXT: ESTABLISHED, and the rest of the
 * segment (its window, text, FIN) is for 3.10.7.4 from the 6th step on. */
verdict synack_arrives(struct engine *e, struct tcb *t, struct segment *s);

#endif
