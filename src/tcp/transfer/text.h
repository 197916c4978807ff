/* text.h - 7th: segment text, RFC 9293 3.10.7.4. */
#ifndef TERN_TCP_TRANSFER_TEXT_H
#define TERN_TCP_TRANSFER_TEXT_H

#include "tcp/segment.h"

/* Takes what is new: into the receive queue in order, or aside when it came early. */
verdict text_arrives(struct engine *e, struct tcb *t, const struct segment *s);

#endif
