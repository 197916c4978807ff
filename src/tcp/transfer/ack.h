/* ack.h - 5th: the ACK field, RFC 9293 3.10.7.4, for a synchronized connection. */
#ifndef TERN_TCP_TRANSFER_ACK_H
#define TERN_TCP_TRANSFER_ACK_H

#include "tcp/segment.h"

/* Sets s->fin_acked when our FIN is acknowledged. */
verdict ack_check(struct engine *e, struct tcb *t, struct segment *s);

#endif
