/* sequence.h - 1st: is the sequence number acceptable? RFC 9293 3.10.7.4, RFC 7323 5. */
#ifndef TERN_TCP_TRANSFER_SEQUENCE_H
#define TERN_TCP_TRANSFER_SEQUENCE_H

#include "tcp/segment.h"

/* Trims the segment to the window. */
verdict sequence_check(struct engine *e, struct tcb *t, struct segment *s);

/* Cuts off what is before RCV.NXT or beyond the window; a SYN,ACK has only this of the step. */
void sequence_trim(struct engine *e, struct tcb *t, struct segment *s);

#endif
