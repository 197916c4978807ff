/* hold.h - handshakes that the program answers: held half-open records. */
#ifndef TERN_STACK_HOLD_H
#define TERN_STACK_HOLD_H

#include "stack/stack.h"

/* The record, filled from a SYN of this listener, waits for the program. */
void hold_begin(tern_stack *s, uint32_t listener, uint32_t index);

/* Out of the queues: answered, or to be dropped. */
void hold_unlink(tern_stack *s, uint32_t index);

/* The listener closes: all that it holds is dropped. */
void hold_end(tern_stack *s, uint32_t listener);

/* Drops those that have waited for too long. */
void hold_expire(tern_stack *s);

/* When the next has; false: none is held. */
bool hold_next(const tern_stack *s, uint32_t *left_ms);

#endif
