/* saved_syns.h - the headers of SYNs, kept for a program that asks what a peer's looked like.
 *
 * Only listeners with TERN_OPTION_SAVE_SYN keep them, and there is room for few: a record is found
 * by a look at all of them, of which there are at most 255. docs/decisions/0025-saved-syns.md. */
#ifndef TERN_STACK_SAVED_SYNS_H
#define TERN_STACK_SAVED_SYNS_H

#include "stack/stack.h"

enum { SAVED_SYN_BYTES = 120 }; /* IPv4 and TCP with all their options; IPv6 and TCP fit, too */

struct saved_syn {
    struct flow flow; /* whose it is: addresses and ports */
    uint8_t bytes;    /* 0: the record is free */
    uint8_t octets[SAVED_SYN_BYTES];
};

/* A TCP packet has been dealt with. When it is a SYN that has made a half-open record or a
 * connection of a listener that wants it, its headers are kept. */
void saved_syns_arrived(tern_stack *s, const struct flow *f, const ip_packet *ip,
                        const uint8_t *packet);

/* The connection has ended, or never began. */
void saved_syns_forget(tern_stack *s, const struct flow *f);

#endif
