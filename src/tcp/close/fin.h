/* fin.h - 8th: FIN, and what follows when ours is acknowledged. RFC 9293 3.6, 3.10.7.4. */
#ifndef TERN_TCP_CLOSE_FIN_H
#define TERN_TCP_CLOSE_FIN_H

#include "tcp/segment.h"

/* 5th, after the ACK was taken: the states that wait for the ACK of our FIN. */
verdict fin_acked(struct engine *e, struct tcb *t, const struct segment *s);

/* 8th: the peer's FIN, now or as soon as the data before it is here. */
verdict fin_arrives(struct engine *e, struct tcb *t, const struct segment *s);

#endif
