/* engine.c - the trace of decisions. */
#include "tcp/engine.h"

void engine_trace_rule(const struct engine *e, const struct flow *f, tern_rule rule)
{
    tern_trace trace = {.kind = TERN_TRACE_RULE, .now_us = e->now_us, .rule = rule};

    if (f != NULL) {
        trace.local = (tern_endpoint){e->config.addresses[f->local], f->local_port};
        trace.remote = (tern_endpoint){f->remote, f->remote_port};
    }
    e->trace(e->trace_context, &trace);
}
