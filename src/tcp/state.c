/* state.c - the only writer of a connection's state (RFC 9293 3.3.2). */
#include "tcp/state.h"

static const uint8_t properties_of[TERN_STATES] = {
#define STATE(name, text, properties) [TERN_##name] = (properties),
#include "tern/states.def"
#undef STATE
};

unsigned state_properties(uint8_t state)
{
    return properties_of[state];
}

static bool state_edge_exists(tern_state from, tern_state to, tern_cause cause)
{
    switch ((unsigned)from << 16 | (unsigned)to << 8 | (unsigned)cause) {
#define EDGE(from, to, cause, action, source)                                                      \
    case (unsigned)TERN_##from << 16 | (unsigned)TERN_##to << 8 | (unsigned)TERN_CAUSE_##cause:
#include "tern/edges.def"
        return true;
    default:
        return false;
    }
}

void state_moved(const struct engine *e, const struct flow *f, tern_state from, tern_state to,
                 tern_cause cause)
{
    TERN_CHECK(state_edge_exists(from, to, cause));
    if (e->trace == NULL)
        return;
    tern_trace trace = {
        .kind = TERN_TRACE_STATE, .now_us = e->now_us, .from = from, .to = to, .cause = cause};
    trace.local = (tern_endpoint){e->config.addresses[f->local], f->local_port};
    trace.remote = (tern_endpoint){f->remote, f->remote_port};
    e->trace(e->trace_context, &trace);
}

void state_set(struct engine *e, struct tcb *t, tern_state to, tern_cause cause)
{
    state_moved(e, &t->flow, (tern_state)t->state, to, cause);
    t->state = (uint8_t)to;
}

void state_begin(struct tcb *t, tern_state state)
{
    t->state = (uint8_t)state;
}
