/* replies.h - answers that no connection owns: resets, ACKs from TIME-WAIT and half-open records,
 * echo replies, ICMP errors.
 *
 * tern_input() puts them in a bounded queue, at a bounded rate; tern_output() writes them. What
 * does not fit is not given: the peer will ask again, or was no peer. */
#ifndef TERN_STACK_REPLIES_H
#define TERN_STACK_REPLIES_H

#include "stack/stack.h"
#include "wire/icmp.h"

enum reply_kind { REPLY_SEGMENT, REPLY_SYNACK, REPLY_ECHO, REPLY_ICMP_ERROR };

struct reply {
    struct link link;
    struct flow flow;      /* SYN,ACK: flags are enum half_open_flag */
    uint8_t kind;          /* enum reply_kind */
    uint8_t owed;          /* ICMP error: enum icmp_owed */
    bool timestamps, bare; /* bare: a SYN,ACK without options (TERN_OPTION_PLAIN_SYN) */
    uint16_t flags, window;
    uint16_t mss_max; /* SYN,ACK: what its listener has set; 0: the link's */
    uint8_t shift;    /* of its window scale */
    uint8_t ttl, tos; /* ttl 0: the configuration's, both */
    seq seq, ack;
    uint32_t ts_value, ts_echo;
    uint32_t rest;           /* echo: identifier and sequence number; ICMP error: as on the wire */
    struct chunk_queue body; /* echo: its data; ICMP error: the quote */
};

/* The reset that RFC 9293 3.5.2 and 3.10.7.1 make from a segment. */
void replies_reset(tern_stack *s, const struct flow *f, const struct segment *seg);

/* <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> from a TIME-WAIT record. */
void replies_time_wait_ack(tern_stack *s, const struct time_wait *w);

/* The same from a half-open record. pattern: of its listener, or NULL (engine.h). */
void replies_half_open_ack(tern_stack *s, const struct half_open *h, const struct tcb *pattern);

/* The SYN,ACK that carries a cookie. pattern: likewise. */
void replies_cookie(tern_stack *s, const struct half_open *h, const struct tcb *pattern);

/* The echo reply (RFC 792, RFC 4443 4.2). f: addresses only. */
void replies_echo(tern_stack *s, const struct flow *f, const icmp_message *icmp);

/* A packet that is answered by an ICMP error, which quotes it. */
struct replies_quote {
    icmp_owed owed;
    uint32_t rest;       /* of the error: icmp_error_fields */
    const void *packet;  /* from its IP header on */
    size_t packet_bytes; /* by its own count */
};

/* The error (RFC 1122 3.2.2, RFC 4443 2.4). f: addresses only. */
void replies_icmp_error(tern_stack *s, const struct flow *f, const struct replies_quote *q);

/* A SYN, of which only the flow and the ISN are known any more, is answered as unreachable: the
 * quote is made from them. */
void replies_unreachable(tern_stack *s, const struct flow *f, seq irs, icmp_owed owed);

/* May one more answer be given now that depends on no connection? Counted when not. */
bool replies_within_rate(tern_stack *s, const struct flow *f);

/* Writes the oldest: one waits. */
size_t replies_output(tern_stack *s, uint8_t *packet);

#endif
