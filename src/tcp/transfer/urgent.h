/* urgent.h - 6th: the urgent mechanism, both ways. RFC 9293 3.8.5, RFC 6093. */
#ifndef TERN_TCP_TRANSFER_URGENT_H
#define TERN_TCP_TRANSFER_URGENT_H

#include "tcp/packet.h"

/* 6th: a segment with URG. */
void urgent_arrives(struct engine *e, struct tcb *t, const struct segment *s);

/* Octets that the program has still to read of the urgent data; 0: none. */
uint32_t urgent_ahead(const struct tcb *t);

/* The program has read, or reads no more. */
void urgent_read(struct tcb *t);

/* What is queued now ends with urgent data; it has a flight. */
void urgent_queued(struct engine *e, struct tcb *t);

/* URG and the pointer, on a segment whose sequence number is planned: in all segments before the
 * end of the urgent data, until it is acknowledged. */
void urgent_plan(struct engine *e, struct tcb *t, struct packet_plan *plan);

#endif
