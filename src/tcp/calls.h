/* calls.h - spine: the user calls on one connection (RFC 9293 3.10.1 - 3.10.6), and how a
 * connection ends. */
#ifndef TERN_TCP_CALLS_H
#define TERN_TCP_CALLS_H

#include "tcp/engine.h"

/* A TCB whose flow and generation are set gets what every connection starts with. */
void calls_begin(const struct engine *e, struct tcb *t);

ptrdiff_t calls_send(struct engine *e, struct tcb *t, const void *data, size_t bytes);
/* Likewise; urgent data ends with what was taken. */
ptrdiff_t calls_send_urgent(struct engine *e, struct tcb *t, const void *data, size_t bytes);
/* Likewise; a segment ends with them, if all were taken. */
ptrdiff_t calls_send_record(struct engine *e, struct tcb *t, const void *data, size_t bytes);
/* Likewise; more follows soon. */
ptrdiff_t calls_send_more(struct engine *e, struct tcb *t, const void *data, size_t bytes);

ptrdiff_t calls_receive(struct engine *e, struct tcb *t, void *data, size_t cap_bytes);

/* What came with a crossing SYN waits for ESTABLISHED (RFC 9293 3.10.7.3, 4th). */
static inline bool calls_may_read(const struct tcb *t)
{
    return t->state != TERN_SYN_RECEIVED || t->fast_open;
}

/* What a RECEIVE says when the queue is empty: 0 at the end, or why there is nothing. */
ptrdiff_t calls_nothing_to_read(const struct tcb *t);

/* CLOSE: a FIN after all that is queued. */
tern_err calls_close(struct engine *e, struct tcb *t);

/* The program will read no more; what has come is dropped. */
void calls_shut_reading(struct engine *e, struct tcb *t);

/* The program gives the connection back: CLOSE if it has not yet, a reset if octets are unread. */
void calls_release(struct engine *e, struct tcb *t);

/* ABORT: a reset where the peer knows of us, and CLOSED with this error. */
void calls_abort(struct engine *e, struct tcb *t, tern_err error);

/* CLOSED: all timers stop, what was to be sent and what came early is dropped; what is in order
 * stays for the program to read. */
void calls_end(struct engine *e, struct tcb *t, tern_cause cause, tern_err error);

#endif
