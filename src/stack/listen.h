/* listen.h - passive OPEN: listeners, their half-open queue, and what waits to be accepted. */
#ifndef TERN_STACK_LISTEN_H
#define TERN_STACK_LISTEN_H

#include "stack/stack.h"

struct listener_place {
    uint16_t port;
    uint8_t local; /* as in struct listener */
};

/* A listener for a local address and port, the most specific; 0: none. */
uint32_t listen_find(const tern_stack *s, uint8_t local, uint16_t port);

/* The same for one peer: of those that share an endpoint, always the same one. */
uint32_t listen_for(const tern_stack *s, const struct flow *f);

/* beside: an open listener whose endpoint this one shall share, or 0. */
tern_err listen_open(tern_stack *s, const struct listener_place *place, uint32_t backlog,
                     uint32_t beside, uint32_t *listener);

/* What its connections begin with, for tern_option_set() to write to. */
struct tcb *listen_pattern(tern_stack *s, uint32_t listener);

/* The port is free again; unaccepted connections are reset. */
void listen_close(tern_stack *s, uint32_t listener, tern_state to);

/* Takes the next unaccepted connection; 0: none. */
uint32_t listen_take(tern_stack *s, uint32_t listener);

/* LISTEN: a segment for no connection, to this listener. */
verdict listen_arrives(tern_stack *s, uint32_t listener, const struct flow *f, struct segment *seg);

/* SYN-RECEIVED: a segment for a half-open record. REOPEN: its listener has closed and the record is
 * gone with it; the segment is for CLOSED, or for a new listener. */
verdict listen_half_open_arrives(tern_stack *s, uint32_t index, struct segment *seg);

/* The timer of a half-open record has fired. */
void listen_half_open_timeout(tern_stack *s, uint32_t index);

/* There is something to tell of this listener. */
void listen_tell(tern_stack *s, uint32_t listener);

/* The record owes a SYN,ACK. */
void listen_owe_synack(tern_stack *s, uint32_t index);

/* The record is gone. */
void listen_half_open_drop(tern_stack *s, uint32_t index, tern_state to, tern_cause cause);

/* Writes the next SYN,ACK that is owed: there is one. */
size_t listen_output(tern_stack *s, uint8_t *packet);

#endif
