/* reassembly.h - what came early, kept until the gap before it is filled. */
#ifndef TERN_TCP_TRANSFER_REASSEMBLY_H
#define TERN_TCP_TRANSFER_REASSEMBLY_H

#include "tcp/segment.h"

/* Keeps text that starts behind RCV.NXT and ends inside the window. What of it is here already is
 * noted in the segment. */
void reassembly_keep(struct engine *e, struct tcb *t, struct segment *s);

/* Moves what has become in order to the receive queue, or drops it when nobody reads; RCV.NXT
 * follows. What this segment brought again is noted in it. True when there was anything. */
bool reassembly_advance(struct engine *e, struct tcb *t, struct segment *s);

/* Octets kept. */
uint32_t reassembly_bytes(const struct engine *e, const struct tcb *t);

#endif
