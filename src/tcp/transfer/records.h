/* records.h - where the program wants a segment to end. */
#ifndef TERN_TCP_TRANSFER_RECORDS_H
#define TERN_TCP_TRANSFER_RECORDS_H

#include "tcp/engine.h"

/* One ends here. */
void records_end(struct engine *e, struct tcb *t, seq at);

/* Of so many octets from `start`, those that one segment may carry. */
uint32_t records_limit(const struct engine *e, const struct tcb *t, seq start, uint32_t bytes);

/* Does one end here? */
bool records_end_at(const struct engine *e, const struct tcb *t, seq at);

/* SND.UNA has moved. */
void records_acked(struct engine *e, struct tcb *t);

#endif
