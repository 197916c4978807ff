/* port_table.c - the ports that sockets are bound to, and who may share one.
 *
 * As Linux has it: two sockets may have one port when their addresses differ, when both have
 * SO_REUSEPORT, or when both have SO_REUSEADDR and the one that is there does not listen. A
 * connection taken from a listener has the listener's port. */
#include "socket/descriptor.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

static descriptor **port_table_bucket(const tern_sockets *s, uint16_t port)
{
    return (descriptor **)(uintptr_t)&s->ports[port % SOCKETS_PORT_BUCKETS];
}

/* An IPv6 socket bound to :: takes IPv4 too, unless IPV6_V6ONLY. */
static bool port_table_takes(const descriptor *d, const tern_endpoint *local, bool ipv4)
{
    bool mapped = tern_address_is_ipv4(&local->address); /* also ::ffff:0.0.0.0 */

    if (mapped || !sockaddr_is_any(&local->address))
        return mapped == ipv4;
    if (d->family == AF_INET)
        return ipv4;
    return !ipv4 || sockopt_number(d, NUMBER_V6ONLY) == 0;
}

static bool port_table_overlap(const descriptor *a, const tern_endpoint *local, const descriptor *b)
{
    bool any = sockaddr_is_any(&local->address) || sockaddr_is_any(&b->local.address);

    if (!any)
        return memcmp(&local->address, &b->local.address, sizeof local->address) == 0;
    return (port_table_takes(a, local, true) && port_table_takes(b, &b->local, true)) ||
           (port_table_takes(a, local, false) && port_table_takes(b, &b->local, false));
}

static bool port_table_both(const descriptor *a, const descriptor *b, descriptor_number number)
{
    return sockopt_number(a, number) != 0 && sockopt_number(b, number) != 0;
}

static bool port_table_conflict(const tern_sockets *s, const descriptor *d,
                                const tern_endpoint *local)
{
    const descriptor *other = *port_table_bucket(s, local->port);

    for (; other != NULL; other = other->next_of_port) {
        if (other == d || other->local.port != local->port || !port_table_overlap(d, local, other))
            continue;
        if (port_table_both(d, other, NUMBER_REUSEPORT) ||
            (port_table_both(d, other, NUMBER_REUSEADDR) && other->phase != PHASE_LISTENING))
            continue;
        return true;
    }
    return false;
}

static void port_table_insert(tern_sockets *s, descriptor *d)
{
    descriptor **bucket = port_table_bucket(s, d->local.port);

    d->bound = true;
    d->prev_of_port = NULL;
    d->next_of_port = *bucket;
    if (*bucket != NULL)
        (*bucket)->prev_of_port = d;
    *bucket = d;
}

int port_table_bind(tern_sockets *s, descriptor *d, const tern_endpoint *local)
{
    tern_endpoint wanted = *local;
    uint16_t first = s->config.stack_config->ephemeral_port_first;
    uint16_t last = s->config.stack_config->ephemeral_port_last;
    uint32_t ports = (uint32_t)(last - first) + 1;
    bool chosen = wanted.port != 0;

    for (uint32_t i = 0; !chosen && i < ports; i++) {
        wanted.port = s->next_port;
        s->next_port = s->next_port == last ? first : (uint16_t)(s->next_port + 1);
        chosen = !port_table_conflict(s, d, &wanted);
    }
    if (!chosen || port_table_conflict(s, d, &wanted))
        return -EADDRINUSE;
    d->local = wanted;
    port_table_insert(s, d);
    return 0;
}

void port_table_share(tern_sockets *s, descriptor *d)
{
    port_table_insert(s, d);
}

void port_table_release(tern_sockets *s, descriptor *d)
{
    if (!d->bound)
        return;
    if (d->prev_of_port != NULL)
        d->prev_of_port->next_of_port = d->next_of_port;
    else
        *port_table_bucket(s, d->local.port) = d->next_of_port;
    if (d->next_of_port != NULL)
        d->next_of_port->prev_of_port = d->prev_of_port;
    d->bound = false;
}

int port_table_may_listen(const tern_sockets *s, const descriptor *d)
{
    return port_table_conflict(s, d, &d->local) ? -EADDRINUSE : 0;
}

const descriptor *port_table_beside(const tern_sockets *s, const descriptor *d)
{
    const descriptor *other = *port_table_bucket(s, d->local.port);

    for (; other != NULL; other = other->next_of_port) {
        bool same = other->local.port == d->local.port && other->family == d->family &&
                    memcmp(&other->local.address, &d->local.address, sizeof d->local.address) == 0;
        if (other != d && other->phase == PHASE_LISTENING && same &&
            port_table_both(d, other, NUMBER_REUSEPORT))
            return other;
    }
    return NULL;
}
