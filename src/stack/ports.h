/* ports.h - local addresses and ephemeral ports (RFC 6056). */
#ifndef TERN_STACK_PORTS_H
#define TERN_STACK_PORTS_H

#include "stack/stack.h"

/* The index of one of the stack's own addresses; false: it is not. */
bool ports_local(const tern_stack *s, const tern_address *address, uint8_t *local);

/* The stack's first address of the peer's family; false: there is none. */
bool ports_local_for(const tern_stack *s, const tern_address *remote, uint8_t *local);

/* Can this address be a peer's? Neither unspecified, multicast nor broadcast. */
bool ports_unicast(const tern_address *address);

/* Chooses f->local_port for an active OPEN; false: none is free. */
bool ports_choose(tern_stack *s, struct flow *f);

#endif
