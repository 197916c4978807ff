/* time_wait.h - TIME-WAIT: RFC 9293 3.6.1, RFC 1337, RFC 6191.
 *
 * While the program still holds the handle, TIME-WAIT lives in the TCB; after tern_close() it
 * folds into a record of 48 octets. Both answer a segment in the same way. */
#ifndef TERN_TCP_CLOSE_TIME_WAIT_H
#define TERN_TCP_CLOSE_TIME_WAIT_H

#include "tcp/segment.h"

enum time_wait_flag { TIME_WAIT_TS = 1 << 0, TIME_WAIT_SCALED = 1 << 1 };

struct time_wait {
    struct flow flow; /* flags: enum time_wait_flag; spare: the expiry, in units of 64 ms */
    struct link link; /* in the queue of all of them, oldest first */
    seq snd_nxt, rcv_nxt;
    uint32_t ts_recent;
};

_Static_assert(sizeof(struct time_wait) == 48, "a TIME-WAIT record costs 48 octets");

enum { TIME_WAIT_UNIT_BITS = 6, TIME_WAIT_MAX_MS = 30 * 60 * 1000 };

/* The TCB enters TIME-WAIT: all other timers stop, 2 MSL begin. */
void time_wait_start(struct engine *e, struct tcb *t, tern_cause cause);

/* The end of a wait that begins now, in the record's units; it is never early. */
uint16_t time_wait_expiry(const struct engine *e);

/* True when the record's wait is over; otherwise *left_ms until it is. */
bool time_wait_over(const struct engine *e, const struct time_wait *w, uint32_t *left_ms);

/* Folds a TCB in TIME-WAIT into a record. */
void time_wait_fold(const struct engine *e, struct time_wait *w, const struct tcb *t);

/* May an active open take the record's place? named: the program has named the port. */
bool time_wait_gives_way(const struct engine *e, const struct time_wait *w, bool named);

/* A segment in TIME-WAIT. DROP, DROP_AND_ACK, DELETE_TCB (a RST, where it counts) or REOPEN;
 * *again: the peer's FIN came again and the 2 MSL start anew. */
verdict time_wait_arrives(struct engine *e, const struct time_wait *w, struct segment *s,
                          bool *again);

/* The same for a TCB in TIME-WAIT. */
verdict time_wait_tcb_arrives(struct engine *e, struct tcb *t, struct segment *s);

#endif
