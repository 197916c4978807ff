/* nagle.h - how much new data may go out now: the windows, silly-window avoidance, Nagle.
 * RFC 9293 3.7.4, 3.8.6.2.1. */
#ifndef TERN_TCP_TRANSFER_NAGLE_H
#define TERN_TCP_TRANSFER_NAGLE_H

#include "tcp/engine.h"

/* Of `unsent` octets (0: only a FIN is left), how many the next segment takes: true and *bytes.
 * False: it must wait; starts the persist timer where nothing else would end the wait. */
bool nagle_may_send(struct engine *e, struct tcb *t, uint32_t unsent, uint32_t mss,
                    uint32_t *bytes);

/* tern_send_more() has given the end of the queue: less than a full segment waits, and PSH will not
 * mark it (both: when there is room for settings). */
void nagle_more(struct engine *e, struct tcb *t);

/* Of a connection with settings of its own: another call has given the end; what waits may go. */
void nagle_no_more(const struct engine *e, const struct tcb *t);
void nagle_lets_go(const struct engine *e, const struct tcb *t);

/* Does PSH mark the end of the queue? */
bool nagle_pushes(const struct engine *e, const struct tcb *t);

#endif
