/* middlebox_nat.c - a host behind an address that is not its own, for as long as it talks.
 *
 * A SYN from the host makes a mapping: a port of the shared address for its endpoint, towards that
 * one peer. Nothing else opens the way in: what the network sends to no mapping, or to the host's
 * own address, is dropped or reset. A mapping that no segment has used for the timeout is gone;
 * neither side is told, and what comes later belongs to nobody (RFC 5382 5, REQ-5, asks for 2 hours
 * and 4 minutes). ICMP is not translated. */
#include "sim/middlebox_kinds.h"

enum { NAT_PORT_FIRST = 32768 };

static void nat_forget_idle(const middlebox_visit *v)
{
    for (uint32_t i = 0; i < MIDDLEBOX_FLOWS_MAX; i++) {
        middlebox_flow *f = &v->box->flows[i];
        if (v->now_us - f->used_us > v->box->config.timeout_us)
            *f = (middlebox_flow){.used_us = 0};
    }
}

/* Only from the very peer that the mapping is towards: the strictest filter (RFC 5382 4.3). */
static middlebox_flow *nat_find_by_port(const middlebox_visit *v)
{
    for (uint32_t i = 0; i < MIDDLEBOX_FLOWS_MAX; i++) {
        middlebox_flow *f = &v->box->flows[i];
        if (f->shared_port == v->s.destination.port && f->shared_port != 0 &&
            middlebox_same(&f->outer, &v->s.source))
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

static bool nat_out(const middlebox_visit *v)
{
    middlebox_flow *f = middlebox_find(v, &v->s.destination, &v->s.source);

    if (f == NULL) {
        if ((v->s.flags & (EDIT_SYN | EDIT_ACK)) != EDIT_SYN)
            return nat_refuses(v);
        f = middlebox_take(v, &v->s.destination, &v->s.source);
        f->shared_port = (uint16_t)(NAT_PORT_FIRST + v->box->port_next++ % NAT_PORT_FIRST);
    }
    edit_put_source(&v->s, &(tern_endpoint){v->box->config.address, f->shared_port});
    return true;
}

static bool nat_in(const middlebox_visit *v)
{
    middlebox_flow *f = NULL;

    if (middlebox_has_address(v->box, &v->s.destination.address))
        f = nat_find_by_port(v);
    if (f == NULL)
        return nat_refuses(v);
    f->used_us = v->now_us;
    edit_put_destination(&v->s, &f->inner);
    return true;
}

bool middlebox_nat(const middlebox_visit *v)
{
    if (!tern_address_is_ipv4(&v->s.source.address))
        return true;
    nat_forget_idle(v);
    return v->from == MIDDLEBOX_HOST ? nat_out(v) : nat_in(v);
}
