/* sack.h - selective acknowledgment, RFC 2018: the blocks we send and the scoreboard of those we
 * get (RFC 6675 3). */
#ifndef TERN_TCP_LOSS_SACK_H
#define TERN_TCP_LOSS_SACK_H

#include "tcp/loss/flight.h"
#include "tcp/segment.h"

/* What this segment brought a second time is told by the next ACK, which is owed at once. */
void sack_duplicate(struct engine *e, struct tcb *t, const struct segment *s);

/* Fills the SACK option: first what came twice (RFC 2883 4), once; then what came early, the most
 * recent piece first (RFC 2018 4). */
void sack_report(struct engine *e, struct tcb *t, tcp_options *options);

/* Notes the blocks of a segment whose SEG.ACK was taken already. True: they told something new. */
bool sack_noted(struct engine *e, struct tcb *t, const tcp_options *options);

/* Octets in [from, to) that no block has reported. */
uint32_t sack_unreported(const struct engine *e, const struct flight *f, seq from, seq to);

/* The first unreported octet at or behind `from`, and how many follow it unreported before `to`;
 * 0: none. */
uint32_t sack_hole(const struct engine *e, const struct flight *f, seq *from, seq to);

/* RFC 6675 4, IsLost: everything unreported before this edge has DupThresh discontiguous blocks
 * or more than (DupThresh - 1) * SMSS reported octets above it. */
seq sack_lost_edge(const struct engine *e, const struct tcb *t, uint32_t mss);

#endif
