/* text.h - 7th: segment text, RFC 9293 3.10.7.4. */
#ifndef TERN_TCP_TRANSFER_TEXT_H
#define TERN_TCP_TRANSFER_TEXT_H

#include "tcp/segment.h"

/* Text that comes with a SYN whose cookie is good: as much as the window of our SYN,ACK and the
 * buffers take. RCV.NXT is behind the SYN. */
void text_with_syn(struct engine *e, struct tcb *t, const struct segment *s);

/* Takes what is new: into the receive queue in order, or aside when it came early. */
verdict text_arrives(struct engine *e, struct tcb *t, struct segment *s);

#endif
