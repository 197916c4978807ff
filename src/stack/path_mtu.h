/* path_mtu.h - how large a packet may be on its way to a destination: RFC 1191, RFC 8201, RFC 4821.
 *
 * What ICMP has said, or probing has found, is remembered by destination for path_mtu_expire_ms, in
 * a table of path_mtu_cache_max entries of which the oldest gives way. A connection looks when it
 * begins, when it begins to send after a pause, and when it times out; so a message about one
 * connection reaches the others without a search for them. */
#ifndef TERN_STACK_PATH_MTU_H
#define TERN_STACK_PATH_MTU_H

#include "stack/stack.h"
#include "wire/icmp.h"

struct path_mtu {
    tern_address remote;
    struct link link; /* by age, oldest first */
    uint32_t hash_next;
    uint32_t since_s; /* of the stack's clock, in seconds */
    uint16_t mtu_bytes;
    bool of_probe; /* ICMP said it of a probe: it makes smaller, and nothing larger (RFC 8201 4) */
};

/* "Packet too big" quotes a segment that is under way on this connection. */
void path_mtu_too_big(tern_stack *s, uint32_t tcb, const icmp_error *error);

/* A connection begins: its SND.MSS is lowered to what the path is known to take. */
void path_mtu_begin(tern_stack *s, struct tcb *t);

/* It has begun to send after a pause. */
void path_mtu_sends(tern_stack *s, struct tcb *t);

/* Its retransmission timer has fired. */
void path_mtu_timed_out(tern_stack *s, struct tcb *t);

/* A probe has passed: SND.MSS has grown. */
void path_mtu_probed(tern_stack *s, const struct tcb *t);

#endif
