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
    bool may_fragment;
    uint16_t id; /* with it */
    uint32_t text_bytes;
    struct chunk_place text;                /* where the text is read from; ends behind it */
    uint8_t cookie[FAST_OPEN_COOKIE_BYTES]; /* room for what options.fast_open points at */
    tcp_options options;                    /* the last: see packet_plan_begin() */
};

/* Nothing is planned. Costs less than an initialiser, as tcp_options_begin() does. */
static inline void packet_plan_begin(struct packet_plan *plan)
{
    memset(plan, 0, offsetof(struct packet_plan, options.sack));
}

/* Writes the packet, checksums and all; returns its octets. The caller has made room for the
 * link's MTU and kept to it. */
size_t packet_write(const struct engine *e, const struct flow *f, struct packet_plan *plan,
                    uint8_t *packet);

#endif
