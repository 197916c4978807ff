/* handles.h - what the program holds: index and generation. */
#ifndef TERN_STACK_HANDLES_H
#define TERN_STACK_HANDLES_H

#include "stack/stack.h"

/* Set in the index of a listener's handle; a connection's is below connections_max. */
#define HANDLES_LISTENER_BIT 0x80000000u

static inline tern_handle handles_of_tcb(const tern_stack *s, uint32_t index)
{
    return (tern_handle){index - 1, stack_tcb(s, index)->generation};
}

static inline tern_handle handles_of_listener(const tern_stack *s, uint32_t index)
{
    return (tern_handle){(index - 1) | HANDLES_LISTENER_BIT, stack_listener(s, index)->generation};
}

/* The index a handle names; 0: it is stale, or was never one. A freed record's generation has
 * moved on, so that one comparison tells. */
uint32_t handles_tcb(const tern_stack *s, tern_handle handle);
uint32_t handles_listener(const tern_stack *s, tern_handle handle);

#endif
