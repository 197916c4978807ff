/* rst.h - 2nd: RST, RFC 9293 3.10.7.4 and RFC 5961 3.2. */
#ifndef TERN_TCP_CLOSE_RST_H
#define TERN_TCP_CLOSE_RST_H

#include "tcp/segment.h"

verdict rst_check(struct engine *e, struct tcb *t, const struct segment *s);

/* The reset that answers a segment (RFC 9293 3.10.7.1): its SEQ, ACK and flags. */
struct rst_fields {
    seq seq, ack;
    uint16_t flags;
};
struct rst_fields rst_for(const struct segment *s);

#endif
