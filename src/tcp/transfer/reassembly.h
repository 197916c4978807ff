/* reassembly.h - what came early, kept until the gap before it is filled. */
#ifndef TERN_TCP_TRANSFER_REASSEMBLY_H
#define TERN_TCP_TRANSFER_REASSEMBLY_H

#include "tcp/engine.h"

/* Keeps octets that start behind RCV.NXT and end inside the window. */
void reassembly_keep(struct engine *e, struct tcb *t, seq start, const uint8_t *text,
                     uint32_t bytes);

/* Moves what has become in order to the receive queue, or drops it when nobody reads; RCV.NXT
 * follows. True when there was anything. */
bool reassembly_advance(struct engine *e, struct tcb *t);

/* Octets kept. */
uint32_t reassembly_bytes(const struct engine *e, const struct tcb *t);

#endif
