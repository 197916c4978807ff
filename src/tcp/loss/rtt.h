/* rtt.h - the round trip and the retransmission timeout, RFC 6298. */
#ifndef TERN_TCP_LOSS_RTT_H
#define TERN_TCP_LOSS_RTT_H

#include "tcp/engine.h"

/* Before any measurement: RFC 6298 2.1. */
void rtt_begin(const struct engine *e, struct tcb *t);

/* A segment that ends at `end` goes out for the first time: time it, if none is timed. */
void rtt_sent(const struct engine *e, struct tcb *t, seq end);

/* Something was sent again: what it could have told is ambiguous (Karn, RFC 6298 3). */
void rtt_resent(struct engine *e, struct tcb *t);

/* SEG.ACK acknowledges new octets. ts_echo: the segment's TSecr when timestamps are agreed. */
void rtt_acked(struct engine *e, struct tcb *t, seq ack, const uint32_t *ts_echo);

/* One measurement (RFC 6298 2.2, 2.3). */
void rtt_measured(struct engine *e, struct tcb *t, uint32_t rtt_us);

/* The handshake is done; its SYN had to be sent again (RFC 6298 5.7). */
void rtt_syn_was_resent(struct engine *e, struct tcb *t);

/* SND.UNA moves after timeouts: until something is measured the RTO stays as backed off as it is
 * (Karn; RFC 9293 3.8.1, RFC 6298 5). */
void rtt_keep_backoff(const struct engine *e, struct tcb *t);

/* How long what is under way now waits for its ACK, in ms: the RTO as the connection's schedule
 * has it. */
uint32_t rtt_timeout_ms(const struct engine *e, const struct tcb *t);

#endif
