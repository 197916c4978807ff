/* middlebox_nat.c - many hosts behind one address, for as long as they talk.
 *
 * A SYN from the network makes a mapping: a port of the shared address for the sender's endpoint. A
 * mapping that no segment has used for the timeout is gone; neither side is told. What comes later
 * belongs to nobody, and is dropped or reset (RFC 5382 4: REQ-5 asks for 2 hours and 4 minutes). */
#include "sim/middlebox_kinds.h"

#include <string.h>

enum { NAT_PORT_FIRST = 32768 };

static void nat_forget_idle(const middlebox_visit *v)
{
    for (uint32_t i = 0; i < MIDDLEBOX_FLOWS_MAX; i++) {
        middlebox_flow *f = &v->box->flows[i];
        if (v->now_us - f->used_us > v->box->config.timeout_us)
            *f = (middlebox_flow){.used_us = 0};
    }
}

static middlebox_flow *nat_find_by_port(const middlebox_visit *v)
{
    for (uint32_t i = 0; i < MIDDLEBOX_FLOWS_MAX; i++) {
        middlebox_flow *f = &v->box->flows[i];
        if (f->shared_port != 0 && f->shared_port == v->s.destination.port)
            return f;
    }
    return NULL;
}

static bool nat_refuses(const middlebox_visit *v)
{
    if (v->box->config.resets)
        middlebox_reset_sender(v);
    return false;
}

static bool nat_in(const middlebox_visit *v)
{
    middlebox_flow *f = middlebox_find(v, &v->s.source, &v->s.destination);

    if (f == NULL) {
        if ((v->s.flags & (EDIT_SYN | EDIT_ACK)) != EDIT_SYN)
            return nat_refuses(v);
        f = middlebox_take(v, &v->s.source, &v->s.destination);
        f->shared_port = (uint16_t)(NAT_PORT_FIRST + v->box->port_next++ % NAT_PORT_FIRST);
    }
    edit_put_source(&v->s, &(tern_endpoint){v->box->config.address, f->shared_port});
    return true;
}

static bool nat_out(const middlebox_visit *v)
{
    middlebox_flow *f = nat_find_by_port(v);

    if (f == NULL)
        return nat_refuses(v);
    f->used_us = v->now_us;
    edit_put_destination(&v->s, &f->outer);
    return true;
}

bool middlebox_nat(const middlebox_visit *v)
{
    const tern_address *shared = &v->box->config.address;

    if (!tern_address_is_ipv4(&v->s.source.address))
        return true;
    nat_forget_idle(v);
    if (v->from == MIDDLEBOX_NETWORK)
        return nat_in(v);
    if (memcmp(&v->s.destination.address, shared, sizeof *shared) != 0)
        return true;
    return nat_out(v);
}
