/* output.h - spine: what a connection sends, and when, decided once. */
#ifndef TERN_TCP_OUTPUT_H
#define TERN_TCP_OUTPUT_H

#include "tcp/engine.h"

/* Writes the next segment the connection owes as a whole IP packet and returns its octets; 0: it
 * owes nothing now. The packet has room for the link's MTU. */
size_t output_segment(struct engine *e, struct tcb *t, uint8_t *packet);

#endif
