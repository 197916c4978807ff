/* window.h - the window we offer, RFC 9293 3.8.6.2.2 (receiver's silly-window avoidance). */
#ifndef TERN_TCP_TRANSFER_WINDOW_H
#define TERN_TCP_TRANSFER_WINDOW_H

#include "tcp/engine.h"

/* The right edge to offer now; never before the one offered already. */
seq window_edge(struct engine *e, const struct tcb *t);

/* The window field for that edge, scaled; moves rcv_adv to what the field really says. */
uint16_t window_offer(struct engine *e, struct tcb *t);

/* The program has read: is the window worth telling the peer? */
bool window_worth_telling(const struct engine *e, const struct tcb *t);

/* The handshake is done: what recv_buffer_round_to_mss says. */
void window_round_buffer(const struct engine *e, struct tcb *t);

/* The right edge of what the receive buffer has room for; never before the one offered. */
seq window_buffer_edge(const struct tcb *t);

#endif
