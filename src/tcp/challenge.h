/* challenge.h - challenge ACKs and other answers to what may be an attack, at a bounded rate. */
#ifndef TERN_TCP_CHALLENGE_H
#define TERN_TCP_CHALLENGE_H

#include "tcp/segment.h"

/* DROP_AND_ACK; DROP when this connection gave such an answer a moment ago (RFC 5961 7). The limit
 * is per connection: one shared by all would tell an attacker of connections he cannot see. */
verdict challenge_ack(struct engine *e, struct tcb *t);

#endif
