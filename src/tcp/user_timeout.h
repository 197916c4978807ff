/* user_timeout.h - the User Timeout Option (RFC 5482): each side tells the other how long it waits
 * for an acknowledgment before it gives up. */
#ifndef TERN_TCP_USER_TIMEOUT_H
#define TERN_TCP_USER_TIMEOUT_H

#include "tcp/packet.h"

/* This side speaks of it on this connection. */
bool user_timeout_enabled(const struct engine *e, const struct tcb *t);

/* The option's value for a time: seconds, or minutes where they do not fit; never 0. */
uint16_t user_timeout_field(uint32_t ms);

/* ADV_UTO is in this segment. */
void user_timeout_plan(struct engine *e, const struct tcb *t, struct packet_plan *plan);

/* The peer's option, in an acceptable segment: it may change R2 of this connection. */
void user_timeout_arrives(struct engine *e, struct tcb *t, const struct segment *s);

#endif
