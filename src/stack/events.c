/* events.c - what the program is told, pulled by it. */
#include "stack/handles.h"
#include "stack/settle.h"

/* A listener's event says how things are now: something may have been accepted since. */
static bool events_of_listeners(tern_stack *s, tern_event *event)
{
    while (s->acceptable.head != 0) {
        uint32_t index = s->acceptable.head;
        struct listener *l = stack_listener(s, index);
        list_remove(&s->acceptable, STACK_ACCEPTABLE(s), index);
        l->queued_event = false;
        uint32_t what = (l->unaccepted.head != 0 ? TERN_EVENT_ACCEPTABLE : 0u) |
                        (l->held_next != 0 ? TERN_EVENT_HELD : 0u);
        if (what == 0)
            continue;
        *event = (tern_event){handles_of_listener(s, index), what, TERN_OK};
        return true;
    }
    return false;
}

bool tern_next_event(tern_stack *s, tern_event *event)
{
    if (events_of_listeners(s, event))
        return true;
    uint32_t index = s->events.head;
    if (index == 0)
        return false;
    struct tcb *t = stack_tcb(s, index);
    *event = (tern_event){handles_of_tcb(s, index), t->events, (tern_err)t->error};
    t->events = 0;
    settle(s, index);
    return true;
}

void tern_trace_set(tern_stack *s, tern_trace_hook *hook, void *context)
{
    s->engine.trace = hook;
    s->engine.trace_context = context;
}
