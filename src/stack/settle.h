/* settle.h - after anything has happened to a connection: the queues it belongs in now. */
#ifndef TERN_STACK_SETTLE_H
#define TERN_STACK_SETTLE_H

#include "stack/stack.h"

/* A new TCB for this flow, in no queue and not yet in the table; 0: there is no room. */
uint32_t settle_new_tcb(tern_stack *s, const struct flow *f);

/* Reads what the TCB owes, its timers, its events and its state, and moves it to where these
 * belong. It may be gone afterwards: folded into a TIME-WAIT record, or free. */
void settle(tern_stack *s, uint32_t index);

/* The handle is stale from here on. */
void settle_stale(struct tcb *t);

#endif
