/* handles.c - what the program holds: index and generation. */
#include "stack/handles.h"

uint32_t handles_tcb(const tern_stack *s, tern_handle handle)
{
    uint32_t index = handle.index + 1;

    if (handle.generation == 0 || handle.index >= s->connections.fresh)
        return 0;
    return stack_tcb(s, index)->generation == handle.generation ? index : 0;
}

uint32_t handles_listener(const tern_stack *s, tern_handle handle)
{
    uint32_t at = handle.index & ~HANDLES_LISTENER_BIT;

    if ((handle.index & HANDLES_LISTENER_BIT) == 0 || handle.generation == 0 ||
        at >= s->listeners.fresh)
        return 0;
    const struct listener *l = stack_listener(s, at + 1);
    return l->open && l->generation == handle.generation ? at + 1 : 0;
}
