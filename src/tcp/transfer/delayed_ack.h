/* delayed_ack.h - when to acknowledge, RFC 9293 3.8.6.3 and RFC 5681 4.2. */
#ifndef TERN_TCP_TRANSFER_DELAYED_ACK_H
#define TERN_TCP_TRANSFER_DELAYED_ACK_H

#include "tcp/engine.h"

/* In-order data was taken. at_once: the segment filled a gap or left one. */
void delayed_ack_decide(struct engine *e, struct tcb *t, bool at_once);

#endif
