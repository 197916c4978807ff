/* replies.h - answers that no connection owns: resets, ACKs from TIME-WAIT, echo replies.
 *
 * tern_input() puts them in a bounded queue; tern_output() writes them. What does not fit is not
 * given: the peer will ask again, or was no peer. */
#ifndef TERN_STACK_REPLIES_H
#define TERN_STACK_REPLIES_H

#include "stack/stack.h"
#include "wire/icmp.h"

enum reply_kind { REPLY_SEGMENT, REPLY_SYNACK, REPLY_ECHO };

struct reply {
    struct link link;
    struct flow flow; /* SYN,ACK: flags are enum half_open_flag */
    uint8_t kind;     /* enum reply_kind */
    bool timestamps;
    uint16_t flags, window;
    seq seq, ack;
    uint32_t ts_value, ts_echo;
    uint32_t rest;           /* echo: identifier and sequence number */
    struct chunk_queue body; /* echo: its data */
};

/* The reset that RFC 9293 3.5.2 and 3.10.7.1 make from a segment. */
void replies_reset(tern_stack *s, const struct flow *f, const struct segment *seg);

/* <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> from a TIME-WAIT record. */
void replies_time_wait_ack(tern_stack *s, const struct time_wait *w);

/* The SYN,ACK that carries a cookie. */
void replies_cookie(tern_stack *s, const struct half_open *h);

/* The echo reply (RFC 792, RFC 4443 4.2). f: addresses only. */
void replies_echo(tern_stack *s, const struct flow *f, const icmp_message *icmp);

/* Writes the oldest; 0: none waits. */
size_t replies_output(tern_stack *s, uint8_t *packet);

#endif
