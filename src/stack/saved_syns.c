/* saved_syns.c - the headers of SYNs, kept for a program that asks what a peer's looked like. */
#include "stack/saved_syns.h"

#include "stack/demux.h"
#include "stack/handles.h"
#include "stack/listen.h"
#include "wire/tcp_header.h"

/* The index of the flow's record; 0: it has none. */
static uint32_t saved_syns_find(const tern_stack *s, const struct flow *f)
{
    for (uint32_t i = 1; s->saved_syns.used > 0 && i <= s->saved_syns.fresh; i++) {
        const struct saved_syn *r = pool_at(s, &s->saved_syns, i);
        if (r->bytes != 0 && r->flow.remote_port == f->remote_port &&
            r->flow.local_port == f->local_port && r->flow.local == f->local &&
            memcmp(&r->flow.remote, &f->remote, sizeof f->remote) == 0)
            return i;
    }
    return 0;
}

static void saved_syns_keep(tern_stack *s, const struct flow *f, const uint8_t *headers,
                            size_t bytes)
{
    uint32_t index = bytes <= SAVED_SYN_BYTES ? pool_take(s, &s->saved_syns) : 0;

    if (index == 0) {
        RULE_HIT(&s->engine, f, SYN_NOT_SAVED);
        return;
    }
    struct saved_syn *r = pool_at(s, &s->saved_syns, index);
    r->flow = *f;
    r->bytes = (uint8_t)bytes;
    memcpy(r->octets, headers, bytes);
}

void saved_syns_arrived(tern_stack *s, const struct flow *f, const ip_packet *ip,
                        const uint8_t *packet)
{
    tcp_header tcp;

    if (tcp_header_read(&tcp, ip->payload, ip->payload_bytes) != TERN_RULE_NONE ||
        (tcp.flags & (TCP_SYN | TCP_ACK | TCP_RST)) != TCP_SYN)
        return;
    uint32_t listener = listen_for(s, f), reference = demux_find(s, f);
    if (listener == 0 || !stack_listener(s, listener)->saves || reference == 0)
        return;
    uint32_t index = demux_index_of(reference);
    seq irs;
    if (demux_kind_of(reference) == DEMUX_HALF_OPEN)
        irs = stack_half_open(s, index)->irs;
    else if (demux_kind_of(reference) == DEMUX_TCB)
        irs = stack_tcb(s, index)->irs;
    else
        return;
    if (seq_eq(irs, tcp.seq) && saved_syns_find(s, f) == 0)
        saved_syns_keep(s, f, packet,
                        (size_t)(ip->payload - packet) + TCP_HEADER_BYTES + tcp.options_bytes);
}

void saved_syns_forget(tern_stack *s, const struct flow *f)
{
    uint32_t index = saved_syns_find(s, f);

    if (index == 0)
        return;
    ((struct saved_syn *)pool_at(s, &s->saved_syns, index))->bytes = 0;
    pool_give(s, &s->saved_syns, index);
}

ptrdiff_t tern_saved_syn(tern_stack *s, tern_handle connection, void *headers, size_t most)
{
    uint32_t tcb = handles_tcb(s, connection);

    if (tcb == 0)
        return TERN_ERR_STALE;
    const struct flow *f = &stack_tcb(s, tcb)->flow;
    uint32_t index = saved_syns_find(s, f);
    if (index == 0)
        return 0;
    const struct saved_syn *r = pool_at(s, &s->saved_syns, index);
    ptrdiff_t bytes = r->bytes;
    if (most < r->bytes)
        return bytes;
    memcpy(headers, r->octets, r->bytes);
    saved_syns_forget(s, f);
    return bytes;
}
