/* fast_opens.h - Fast Open in a stack: whom a listener lets in by its cookie, and how many. */
#ifndef TERN_STACK_FAST_OPENS_H
#define TERN_STACK_FAST_OPENS_H

#include "stack/stack.h"

/* What becomes of a SYN that carries the Fast Open option. */
struct fast_opens_way {
    bool at_once; /* a connection now, data and all; else a half-open record */
    bool grant;   /* its SYN,ACK brings a cookie */
};

/* Data in a SYN is taken without a cookie. */
bool fast_opens_bare(const tern_stack *s);

struct fast_opens_way fast_opens_decide(tern_stack *s, uint32_t listener, const struct flow *f,
                                        const struct segment *seg);

/* With which keys its SYN,ACK grants a cookie; NULL: the stack's. */
const struct fast_open_keys *fast_opens_keys(const tern_stack *s, const struct half_open *h);

/* The connection is one of those that wait for the third step. */
void fast_opens_pending(const tern_stack *s, struct listener *l, struct tcb *t);

/* The third step has come, or the connection is gone without it. */
void fast_opens_done(tern_stack *s, struct tcb *t);

#endif
