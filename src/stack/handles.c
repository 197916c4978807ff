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

uint32_t handles_held(const tern_stack *s, tern_handle handle)
{
    uint32_t at = handle.index & ~HANDLES_HELD_BIT;

    if ((handle.index & HANDLES_HELD_BIT) == 0 || at >= s->half_open.fresh)
        return 0;
    const struct half_open *h = stack_half_open(s, at + 1);
    bool held = (h->flow.flags & HALF_OPEN_HELD) != 0;
    return held && (h->iss.v ^ h->irs.v) == handle.generation ? at + 1 : 0;
}
