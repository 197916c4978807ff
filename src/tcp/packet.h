/* packet.h - a whole IP packet from a plan: the one place where segments become octets. */
#ifndef TERN_TCP_PACKET_H
#define TERN_TCP_PACKET_H

#include "tcp/segment.h"

enum { FAST_OPEN_COOKIE_BYTES = 8 }; /* of those that we make */

struct packet_plan {
    seq seq, ack;
    uint16_t flags;
    uint16_t window;  /* as on the wire */
    uint16_t urgent;  /* likewise, with URG */
    uint8_t ttl, tos; /* ttl 0: the configuration's, both */
    uint32_t text_bytes;
    struct chunk_place text; /* where the text is read from; ends behind it */
    tcp_options options;
    uint8_t cookie[FAST_OPEN_COOKIE_BYTES]; /* room for what options.fast_open points at */
};

/* Writes the packet, checksums and all; returns its octets. The caller has made room for the
 * link's MTU and kept to it. */
size_t packet_write(const struct engine *e, const struct flow *f, struct packet_plan *plan,
                    uint8_t *packet);

#endif
