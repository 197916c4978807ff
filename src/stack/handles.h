/* handles.h - what the program holds: index and generation. */
#ifndef TERN_STACK_HANDLES_H
#define TERN_STACK_HANDLES_H

#include "stack/stack.h"

/* Set in the index of a listener's handle; a connection's is below connections_max. */
#define HANDLES_LISTENER_BIT 0x80000000u

/* Set in that of a held handshake. */
#define HANDLES_HELD_BIT 0x40000000u

static inline tern_handle handles_of_tcb(const tern_stack *s, uint32_t index)
{
    return (tern_handle){index - 1, stack_tcb(s, index)->generation};
}

static inline tern_handle handles_of_listener(const tern_stack *s, uint32_t index)
{
    return (tern_handle){(index - 1) | HANDLES_LISTENER_BIT, stack_listener(s, index)->generation};
}

/* A record has no room for a count. Our ISN comes from the secret key and the time, so that a peer
 * cannot make the next handshake in the same record answer to the handle of the last. */
static inline tern_handle handles_of_held(const tern_stack *s, uint32_t index)
{
    const struct half_open *h = stack_half_open(s, index);

    return (tern_handle){(index - 1) | HANDLES_HELD_BIT, h->iss.v ^ h->irs.v};
}

/* The index a handle names; 0: it is stale, or was never one. A freed record's generation has
 * moved on, so that one comparison tells. */
uint32_t handles_tcb(const tern_stack *s, tern_handle handle);
uint32_t handles_listener(const tern_stack *s, tern_handle handle);
uint32_t handles_held(const tern_stack *s, tern_handle handle);

#endif
