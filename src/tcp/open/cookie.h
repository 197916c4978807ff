/* cookie.h - SYN cookies (RFC 4987 3.6): a half-open connection that costs no memory.
 *
 * The SYN,ACK's ISS says all that a half-open record would have kept, and proves that we said it:
 *
 *      31                            8   7   6   5   4   3   2   1   0
 *     +-------------------------------+---+-----------+-----------+---+
 *     |   SipHash of the four-tuple,  | K |    MSS    |   scale   | S |
 *     |   the peer's ISN and the rest |   | (8 steps) | (8 steps) |   |
 *     +-------------------------------+---+-----------+-----------+---+
 *       K  parity of the number of the key   S  SACK permitted
 *
 * The steps round down: a smaller MSS and a smaller shift are always safe. When the peer has
 * timestamps, the low six bits of ours carry its shift and SACK exactly. A guess is right once in
 * 2^24; a key is good for as long as it is the present or the last one. Whoever has the key can
 * verify: any host behind one address, when the key is given from outside. */
#ifndef TERN_TCP_OPEN_COOKIE_H
#define TERN_TCP_OPEN_COOKIE_H

#include "tcp/open/half_open.h"

/* A SYN for which there is no record: fills in h, which lives only as long as its SYN,ACK. */
void cookie_make(struct engine *e, struct half_open *h, const struct segment *s);

/* An ACK for LISTEN: true when it acknowledges a cookie of ours; h is then what the record would
 * have been. h->flow is set. */
bool cookie_check(struct engine *e, struct half_open *h, const struct segment *s);

/* The TSval of a cookie's SYN,ACK. */
uint32_t cookie_timestamp(const struct engine *e, const struct half_open *h);

#endif
