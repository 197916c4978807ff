/* fragments.h - datagrams that come in pieces: put together again within a bound.
 *
 * What is kept of a datagram is runs of octets in the shared chunks, in order and apart from each
 * other. A whole one is copied to the one place in the arena where it lies in one piece, and goes
 * the way of any packet from there. Read first: RFC 8200 4.5, RFC 791 3.2, RFC 5722; the limits
 * are those of docs/decisions/0019-fragments.md. */
#ifndef TERN_STACK_FRAGMENTS_H
#define TERN_STACK_FRAGMENTS_H

#include "base/chunks.h"
#include "stack/stack.h"

enum { FRAGMENT_RUNS_MAX = 32 }; /* 45 fragments of a 64 KiB datagram, in any order, make 23 */

struct fragment_run {
    struct chunk_queue octets;
    uint16_t at; /* of the first octet in the datagram */
};

struct datagram {
    struct link link; /* in the stack's datagrams, oldest first */
    struct fragment_run runs[FRAGMENT_RUNS_MAX];
    tern_address source;
    uint32_t id;
    uint32_t since_ms;    /* the first of it came */
    uint16_t total_bytes; /* of the payload; 0: its end has not come */
    uint8_t local;        /* index into the configuration's addresses */
    uint8_t version;
    uint8_t protocol; /* over IPv6 the first fragment's, which counts alone */
    uint8_t tos, ttl; /* the first fragment's */
    uint8_t ecn_seen; /* bit n: a fragment had the ECN field n */
    uint8_t run_count;
    bool refused; /* no octets are kept, and what is still to come is dropped */
};

/* A fragment for this host. True: its datagram is whole, TCP or ICMP; *ip is all of it, in memory
 * of the stack that is good until the next call. False: a rule says what became of it. */
bool fragments_arrive(tern_stack *s, const struct flow *f, ip_packet *ip);

/* Drops what has waited long enough. */
void fragments_expire(tern_stack *s);

/* Until the next one has; false: there is none. */
bool fragments_next(const tern_stack *s, uint32_t *left_ms);

#endif
