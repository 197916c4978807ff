/* isn.h - what an outsider must not guess: initial sequence numbers, timestamp offsets. */
#ifndef TERN_TCP_OPEN_ISN_H
#define TERN_TCP_OPEN_ISN_H

#include "tcp/engine.h"

/* RFC 9293 3.4.1, from RFC 6528: ISN = M + F(four-tuple, secret), M a clock of 4 us.
 * *ts_offset: isn_timestamp_offset(), from the same hash. */
seq isn_select(const struct engine *e, const struct flow *f, uint32_t *ts_offset);

/* RFC 7323 7.1: the offset of a connection's timestamp clock; the same for the same four-tuple, so
 * that a later connection's timestamps go on from this one's (RFC 6191). */
uint32_t isn_timestamp_offset(const struct engine *e, const struct flow *f);

#endif
