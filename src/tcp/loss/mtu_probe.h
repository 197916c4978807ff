/* mtu_probe.h - path MTU without the help of ICMP: RFC 4821, and RFC 8899's idea of it.
 *
 * Down: when full-sized segments time out again and again (a "black hole": something drops them and
 * says nothing), SND.MSS falls to a size that almost every path takes. Up: while it is below what
 * both ends would take, a segment of new data is now and then made larger. If it arrives, SND.MSS
 * follows; if it alone is lost, that says nothing of congestion. One probe at a time. */
#ifndef TERN_TCP_LOSS_MTU_PROBE_H
#define TERN_TCP_LOSS_MTU_PROBE_H

#include "tcp/loss/flight.h"

/* The retransmission timer has fired so often: t->backoffs. */
void mtu_probe_timed_out(struct engine *e, struct tcb *t);

/* There is new data: true when the next segment is to be a probe, of *bytes; 0: it waits for room
 * in the congestion window, which what is under way will make. mss: of an ordinary
 * segment, options deducted. Called only when SND.MSS is below what both ends take. */
bool mtu_probe_next(struct engine *e, struct tcb *t, uint32_t mss, uint32_t *bytes);

/* SND.UNA has passed the probe that was under way. */
void mtu_probe_passed(struct engine *e, struct tcb *t, struct flight *f);

/* A loss was found while a probe was under way: true when the probe alone is missing. */
bool mtu_probe_lost(struct engine *e, struct tcb *t, struct flight *f, seq lost_edge);

/* ICMP says that the probe was too big for a segment of this MSS: true, and the search goes on
 * from there; false: there is no such probe. */
bool mtu_probe_too_big(struct engine *e, struct tcb *t, uint32_t mss);

/* The path may be asked for more from now on; or only after path_mtu_expire_ms. */
void mtu_probe_now(struct engine *e, struct tcb *t);
void mtu_probe_wait(const struct engine *e, struct tcb *t);

#endif
