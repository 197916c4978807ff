/* fast_open.h - Fast Open (RFC 7413): data in the SYN, and the cookie that lets it in.
 *
 * The server's cookie proves that the client was once reachable at its address:
 *
 *     SipHash-2-4(key, client's address, server's address), eight octets, little-endian
 *
 * as Linux makes it, so that hosts of both kinds may share a key behind one address. The present
 * key and the last one are good. A SYN with a good cookie becomes a TCB in SYN-RECEIVED at once
 * (`fast_open`), whose program may read, write and close before the third step.
 *
 * The client keeps what servers have said, good or bad, by address pair and port, and forgets what
 * it used longest ago. docs/decisions/0009-fast-open.md. */
#ifndef TERN_TCP_OPEN_FAST_OPEN_H
#define TERN_TCP_OPEN_FAST_OPEN_H

#include "tcp/packet.h"

enum { FAST_OPEN_DOUBLINGS_MAX = 10 };

/* tern_config.fast_open_cookieless, as bits. */
enum { FAST_OPEN_COOKIELESS_CLIENT = 1, FAST_OPEN_COOKIELESS_SERVER = 2 };

/* For how long a server that did not answer well is spared: at first a minute, doubled with each
 * failure that follows, up to 17 hours. */
#define FAST_OPEN_OFF_US     UINT64_C(60000000)
#define FAST_OPEN_OFF_MAX_US (FAST_OPEN_OFF_US << FAST_OPEN_DOUBLINGS_MAX)

/* What the client knows of a server. Never freed, only taken over. */
struct fast_open_entry {
    tern_address remote;
    tern_time off_until_us; /* it did not answer well: no Fast Open before this time */
    struct link age;        /* in the queue of all, used longest ago first */
    uint32_t hash_next;
    uint16_t remote_port;
    uint16_t mss; /* from its SYN,ACK; 0: not known */
    uint8_t local;
    uint8_t cookie_bytes; /* 0: none yet */
    uint8_t failures;     /* in a row */
    bool experiment;      /* the option's form of before RFC 7413: of the cookie; while there is
                           * none, to ask in next */
    bool experiment_over; /* asked so, once */
    uint8_t cookie[TCP_FAST_OPEN_COOKIE_MAX_BYTES];
};

/* What a server makes of the option in a SYN. */
enum fast_open_cookie {
    FAST_OPEN_REQUEST, /* none: the client asks for one */
    FAST_OPEN_GOOD,
    FAST_OPEN_OLD, /* good, but the client shall have a new one */
    FAST_OPEN_BAD,
};

/* ---- Server ---- */

/* own: the listener's keys; NULL: the stack's. */
enum fast_open_cookie fast_open_check(struct engine *e, const struct fast_open_keys *own,
                                      const struct flow *f, const tcp_options *o);

/* Puts the peer's cookie into the options of a SYN,ACK. */
void fast_open_grant(struct engine *e, const struct fast_open_keys *own, const struct flow *f,
                     struct packet_plan *plan);

/* ---- Client ---- */

/* The entry for this address pair and port; 0: none. */
uint32_t fast_open_find(const struct engine *e, const struct flow *f);

/* The same, made when there is none; the one used longest ago gives way. It is now the youngest. */
struct fast_open_entry *fast_open_entry(struct engine *e, const struct flow *f);

/* The option of our first SYN: the cookie, or a request for one, or nothing. Returns how many
 * octets of data may go with it. */
uint32_t fast_open_offer(struct engine *e, struct tcb *t, tcp_options *o);

/* How many octets of data our first SYN could carry; 0: none. */
uint32_t fast_open_would_carry(const struct engine *e, const struct flow *f);

/* Our SYN is acknowledged by s: keeps what the answer says of the server. Data that it did not take
 * counts as never sent. */
void fast_open_answered(struct engine *e, struct tcb *t, const struct segment *s);

/* Our SYN, with the option, came to nothing. */
void fast_open_failed(struct engine *e, const struct tcb *t);

#endif
