/* timeouts.h - the timers of a connection. Only timeouts.c arms and stops them; the other files
 * tell it facts. */
#ifndef TERN_TCP_TIMEOUTS_H
#define TERN_TCP_TIMEOUTS_H

#include "tcp/engine.h"

/* Something that must be acknowledged went out (RFC 6298 5.1). */
void timeouts_sent(struct engine *e, struct tcb *t);

/* SND.UNA has moved: the peer lives (RFC 6298 5.2, 5.3). */
void timeouts_acked(struct engine *e, struct tcb *t);

/* The peer's window is closed or too small, and nothing is under way (RFC 9293 3.8.6.1). */
void timeouts_persist(struct engine *e, struct tcb *t);

/* The window has opened. */
void timeouts_persist_over(struct tcb *t);

/* The peer was heard while its window was closed: it lives. */
void timeouts_heard(const struct engine *e, struct tcb *t);

/* The peer holds an old connection, which our reset ends: the SYN goes again soon. */
void timeouts_syn_soon(const struct engine *e, struct tcb *t);

/* An ACK may wait (RFC 9293 3.8.6.3). */
void timeouts_ack_delayed(const struct engine *e, struct tcb *t);

/* An ACK went out, by itself or on data. */
void timeouts_ack_sent(struct tcb *t);

/* TIME-WAIT begins, or begins anew (RFC 9293 3.6.1). */
void timeouts_time_wait(const struct engine *e, struct tcb *t);

/* An orphan waits for the peer's FIN. */
void timeouts_orphan(const struct engine *e, struct tcb *t);

/* The program has closed and gives the connection so long to have our FIN acknowledged. */
void timeouts_linger(const struct engine *e, struct tcb *t, uint32_t linger_ms);

/* The user timeout was changed: what is under way is held to it. */
void timeouts_user_timeout(const struct engine *e, struct tcb *t);

/* Keep-alive is on, from now; or off (RFC 9293 3.8.4). */
void timeouts_keepalive(const struct engine *e, struct tcb *t, bool on);

/* The connection is gone. */
void timeouts_stop_all(struct tcb *t);

/* The earliest timer that runs; false: none. */
bool timeouts_next(const struct tcb *t, uint32_t *due_ms);

/* Runs what is due (RFC 9293 3.10.8). */
void timeouts_run(struct engine *e, struct tcb *t);

#endif
