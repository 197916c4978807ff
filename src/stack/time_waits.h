/* time_waits.h - the TIME-WAIT records of a stack: a queue in the order of their expiry. */
#ifndef TERN_STACK_TIME_WAITS_H
#define TERN_STACK_TIME_WAITS_H

#include "stack/stack.h"

/* A TCB in TIME-WAIT becomes a record in its place in the table; the TCB is for the caller to
 * free. When the table of records is full, the oldest gives way. */
void time_waits_fold(tern_stack *s, uint32_t tcb_index);

/* A segment for a record. REOPEN: the record is gone, the segment is for LISTEN. */
verdict time_waits_arrives(tern_stack *s, uint32_t index, struct segment *seg);

/* May a new connection take the place of what this reference names? named: the program has named
 * the port. */
bool time_waits_give_way(const tern_stack *s, uint32_t reference, bool named);

/* It does: the record is gone. Returns its SND.NXT. */
seq time_waits_take(tern_stack *s, uint32_t reference);

/* Drops what has waited long enough. all: every one has. */
void time_waits_expire(tern_stack *s, bool all);

/* Until the next one has; false: there is none. */
bool time_waits_next(const tern_stack *s, uint32_t *left_ms);

#endif
