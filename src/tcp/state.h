/* state.h - the state of a connection: facts and the only writer. */
#ifndef TERN_TCP_STATE_H
#define TERN_TCP_STATE_H

#include "tcp/engine.h"

enum state_property { SYNC = 1, TEXT_IN = 2, TEXT_OUT = 4, FIN_OUT = 8 };

/* The properties of states.def, as a set. */
unsigned state_properties(uint8_t state);

static inline bool state_is(const struct tcb *t, enum state_property property)
{
    return (state_properties(t->state) & property) != 0;
}

/* Moves a connection along an edge of edges.def; any other is our own mistake (TERN_CHECK). */
void state_set(struct engine *e, struct tcb *t, tern_state to, tern_cause cause);

/* The same for what is no TCB: a listener (flow: local side only), a half-open or TIME-WAIT
 * record. Checks the edge and traces it. */
void state_moved(const struct engine *e, const struct flow *f, tern_state from, tern_state to,
                 tern_cause cause);

/* A connection that unfolds from a record is in that record's state already. */
void state_begin(struct tcb *t, tern_state state);

#endif
