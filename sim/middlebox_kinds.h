/* middlebox_kinds.h - what the boxes of middlebox_*.c share: their state, what they are given. */
#ifndef TERN_SIM_MIDDLEBOX_KINDS_H
#define TERN_SIM_MIDDLEBOX_KINDS_H

#include "sim/edit.h"
#include "sim/middlebox.h"

enum { MIDDLEBOX_PACKET_MAX_BYTES = 65535 };

typedef struct middlebox_flow {
    tern_endpoint outer, inner; /* on the network; the host's. A free record: all zero */
    tern_time used_us;
    uint64_t text_bytes;  /* firewall */
    uint16_t shared_port; /* NAT */
    uint32_t shift;       /* SYN proxy: our cookie less the host's ISN, once `open` */
    uint32_t cookie, isn; /* ours, and the outer's */
    uint16_t window;
    bool open;
    bool own; /* SYN proxy: the host's own connect, which is not its business */
} middlebox_flow;

struct middlebox {
    middlebox_config config;
    middlebox_flow flows[MIDDLEBOX_FLOWS_MAX];
    uint16_t port_next; /* NAT */
};

/* A segment at the box. */
typedef struct middlebox_visit {
    middlebox *box;
    tern_time now_us;
    middlebox_side from;
    edit_segment s;
    const middlebox_exit *out;
} middlebox_visit;

static inline middlebox_side middlebox_other(middlebox_side side)
{
    return side == MIDDLEBOX_HOST ? MIDDLEBOX_NETWORK : MIDDLEBOX_HOST;
}

bool middlebox_same(const tern_endpoint *a, const tern_endpoint *b);

/* The flow between these two, its time of use renewed; NULL. */
middlebox_flow *middlebox_find(const middlebox_visit *v, const tern_endpoint *outer,
                               const tern_endpoint *inner);

/* A new flow, in a free record or that of the flow unused for longest. */
middlebox_flow *middlebox_take(const middlebox_visit *v, const tern_endpoint *outer,
                               const tern_endpoint *inner);

/* Makes a segment and sends it to that side. */
void middlebox_send(const middlebox_visit *v, middlebox_side to, const edit_fields *fields);

/* Resets the sender of the segment. */
void middlebox_reset_sender(const middlebox_visit *v);

/* Each deals with a segment: true, it goes on, as it now is; false, it does not. */
bool middlebox_firewall(const middlebox_visit *v);
bool middlebox_nat(const middlebox_visit *v);
bool middlebox_narrow(const middlebox_visit *v);
bool middlebox_syn_proxy(const middlebox_visit *v);

#endif
