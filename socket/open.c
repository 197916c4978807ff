/* open.c - socket(2), bind(2), listen(2), accept4(2), connect(2) and the names of both ends. */
#define _GNU_SOURCE
#include "socket/descriptor.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

enum { BACKLOG_MAX = 4096 }; /* net.core.somaxconn */

static tern_time open_until(const tern_sockets *s, const descriptor *d, descriptor_number timeout)
{
    int64_t us = sockopt_number(d, timeout);

    return us == 0 ? TERN_NEVER : sockets_now(s) + (tern_time)us;
}

int tern_sockets_socket(tern_sockets *s, int domain, int type, int protocol)
{
    int kind = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC), error = 0;

    if (domain != AF_INET && domain != AF_INET6)
        return -EAFNOSUPPORT;
    if (kind != SOCK_STREAM)
        return -ESOCKTNOSUPPORT;
    if (protocol != 0 && protocol != IPPROTO_TCP)
        return -EPROTONOSUPPORT;
    descriptor *d = descriptor_new(s, DESCRIPTOR_STREAM, &error);
    if (d == NULL)
        return error;
    d->family = domain;
    d->nonblocking = (type & SOCK_NONBLOCK) != 0;
    d->close_on_exec = (type & SOCK_CLOEXEC) != 0;
    return d->fd;
}

static bool open_is_local(const tern_sockets *s, const tern_endpoint *e)
{
    if (sockaddr_is_any(&e->address))
        return true;
    for (uint32_t i = 0; i < s->config.stack_config->address_count; i++)
        if (memcmp(&e->address, &s->config.stack_config->addresses[i], sizeof e->address) == 0)
            return true;
    return false;
}

/* An IPv4-mapped address is IPv4's: an IPv6 socket that shall know no IPv4 does not take it. */
static bool open_family_fits(const descriptor *d, const tern_endpoint *e)
{
    return d->family == AF_INET || sockopt_number(d, NUMBER_V6ONLY) == 0 ||
           !tern_address_is_ipv4(&e->address);
}

int tern_sockets_bind(tern_sockets *s, int fd, const struct sockaddr *address, socklen_t bytes)
{
    tern_endpoint local;
    int error = 0;
    descriptor *d = descriptor_stream(s, fd, &error);

    if (d == NULL || !sockaddr_read(d, address, bytes, &local, &error))
        return error;
    if (d->bound || d->phase != PHASE_NEW || !open_family_fits(d, &local))
        return -EINVAL;
    if (!open_is_local(s, &local))
        return -EADDRNOTAVAIL;
    if (local.port == 0 && sockopt_number(d, NUMBER_BIND_ADDRESS_NO_PORT) != 0)
        d->local = local; /* the port when it connects: any that is free towards that peer */
    else
        error = port_table_bind(s, d, &local);
    d->bound_by_program = error == 0;
    d->bound_to = d->local.address;
    return error;
}

int open_autobind(tern_sockets *s, descriptor *d)
{
    return d->bound ? 0 : port_table_bind(s, d, &(tern_endpoint){.address = d->bound_to});
}

/* Where an unbound address listens: an AF_INET socket for IPv4 only, an IPv6 one with IPV6_V6ONLY
 * at the stack's own IPv6 address, of which there must be one. */
static int open_listen_at(const tern_sockets *s, const descriptor *d, tern_endpoint *at)
{
    const tern_config *c = s->config.stack_config;
    uint32_t ipv6 = 0;

    *at = d->local;
    if (!sockaddr_is_any(&at->address) || tern_address_is_ipv4(&at->address))
        return 0;
    if (d->family == AF_INET)
        at->address = tern_address_ipv4(0, 0, 0, 0);
    if (d->family == AF_INET || sockopt_number(d, NUMBER_V6ONLY) == 0)
        return 0;
    for (uint32_t i = 0; i < c->address_count; i++) {
        if (tern_address_is_ipv4(&c->addresses[i]))
            continue;
        at->address = c->addresses[i];
        ipv6++;
    }
    return ipv6 == 1 ? 0 : -EADDRNOTAVAIL;
}

/* A listener; beside another of the same endpoint when both have SO_REUSEPORT. */
static int open_listen(tern_sockets *s, descriptor *d, uint32_t backlog, tern_handle *handle)
{
    tern_stack *stack = s->config.stack;
    const descriptor *other = port_table_beside(s, d);
    tern_endpoint at;
    int error = open_listen_at(s, d, &at);

    if (error != 0)
        return error;
    if (other != NULL)
        return -sockets_errno(
            tern_listen_beside(stack, sockets_now(s), other->handle, backlog, handle));
    return -sockets_errno(tern_listen(stack, sockets_now(s), &at, backlog, handle));
}

int tern_sockets_listen(tern_sockets *s, int fd, int backlog)
{
    tern_handle handle;
    int error = 0;
    descriptor *d = descriptor_stream(s, fd, &error);

    if (d == NULL)
        return error;
    if (d->phase == PHASE_LISTENING)
        return 0; /* a new backlog, which tern takes at the first call only */
    if (d->phase != PHASE_NEW)
        return -EINVAL;
    error = open_autobind(s, d);
    if (error != 0)
        return error;
    d->phase = PHASE_LISTENING;
    error = port_table_may_listen(s, d);
    if (error == 0) {
        /* The queue holds backlog + 1, as Linux counts. */
        uint32_t most = backlog < 0 || backlog > BACKLOG_MAX ? BACKLOG_MAX : (uint32_t)backlog;
        error = open_listen(s, d, most + 1, &handle);
    }
    if (error != 0) {
        d->phase = PHASE_NEW;
        return error;
    }
    d->backlog = backlog;
    descriptor_bind_handle(s, d, handle);
    sockopt_apply(s, d);
    fast_open_listen(s, d);
    epoll_wake(d);
    return 0;
}

/* A connection of the listener gets a descriptor. */
static int open_accepted(tern_sockets *s, const descriptor *listener, tern_handle handle, int flags)
{
    tern_status status;
    int error = 0;
    descriptor *d = descriptor_new(s, DESCRIPTOR_STREAM, &error);

    if (d == NULL) {
        (void)tern_abort(s->config.stack, sockets_now(s), handle);
        return error;
    }
    d->family = listener->family;
    d->nonblocking = (flags & SOCK_NONBLOCK) != 0;
    d->close_on_exec = (flags & SOCK_CLOEXEC) != 0;
    d->phase = PHASE_CONNECTED;
    descriptor_bind_handle(s, d, handle);
    if (sockets_status(s, d, &status)) {
        d->local = status.local;
        d->remote = status.remote;
        d->error = sockets_errno(status.error);
    }
    sockopt_inherit(d, listener); /* the stack's part, the connection has already */
    port_table_share(s, d);
    return d->fd;
}

int tern_sockets_accept4(tern_sockets *s, int fd, struct sockaddr *address, socklen_t *bytes,
                         int flags)
{
    tern_handle handle;
    int error = 0;
    descriptor *d = descriptor_stream(s, fd, &error);

    if (d == NULL)
        return error;
    if ((flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) != 0 || d->phase != PHASE_LISTENING)
        return -EINVAL;
    if (address != NULL && bytes == NULL)
        return -EFAULT;
    tern_time until_us = open_until(s, d, NUMBER_RCVTIMEO_US);
    for (;;) {
        if (descriptor_is_full(s))
            return -EMFILE; /* what waits goes on waiting */
        tern_err err = tern_accept(s->config.stack, sockets_now(s), d->handle, &handle);
        if (err == TERN_OK)
            break;
        if (err != TERN_ERR_WOULD_BLOCK)
            return -sockets_errno(err);
        error = d->nonblocking ? -EAGAIN : sockets_wait(s, until_us);
        if (error != 0)
            return error;
        if (descriptor_stream(s, fd, &error) != d || d->phase != PHASE_LISTENING)
            return -EINVAL; /* shut down meanwhile */
    }
    int accepted = open_accepted(s, d, handle, flags);
    if (accepted >= 0 && address != NULL) {
        const descriptor *child = descriptor_get(s, accepted);
        sockaddr_write(child, &child->remote, address, bytes);
    }
    return accepted;
}

int tern_sockets_accept(tern_sockets *s, int fd, struct sockaddr *address, socklen_t *bytes)
{
    return tern_sockets_accept4(s, fd, address, bytes, 0);
}

void open_connected(descriptor *d)
{
    d->phase = PHASE_CONNECTED;
    d->connect_untold = true;
}

void open_disconnect(tern_sockets *s, descriptor *d)
{
    tern_status status;
    bool cut = d->deferred || (d->phase != PHASE_LISTENING && sockets_status(s, d, &status) &&
                               status.state != TERN_CLOSED && status.state != TERN_TIME_WAIT);

    if (cut && d->error == 0)
        d->error = ECONNRESET; /* so says Linux of what the program has cut off itself */
    if (d->handle.generation != 0 && d->phase == PHASE_LISTENING)
        (void)tern_close(s->config.stack, sockets_now(s), d->handle);
    else if (d->handle.generation != 0)
        (void)tern_abort(s->config.stack, sockets_now(s), d->handle);
    descriptor_unbind_handle(s, d);
    d->local.address = d->bound_to;
    if (!d->bound_by_program) {
        port_table_release(s, d);
        d->local = (tern_endpoint){.port = 0};
    }
    d->remote = (tern_endpoint){.port = 0};
    d->phase = PHASE_NEW;
    d->deferred = d->read_shut = d->write_shut = d->urgent_kept = false;
    epoll_wake(d);
}

/* A connect that failed. */
static int open_failed(tern_sockets *s, descriptor *d)
{
    int error = d->error != 0 ? -d->error : -ECONNABORTED;

    open_disconnect(s, d);
    d->error = 0;
    return error;
}

int open_wait(tern_sockets *s, descriptor *d, bool waits, int otherwise)
{
    tern_time until_us = open_until(s, d, NUMBER_SNDTIMEO_US);
    tern_status status;

    while (d->phase == PHASE_CONNECTING) {
        if (d->error != 0 || !sockets_status(s, d, &status) || status.state == TERN_CLOSED)
            return open_failed(s, d);
        if (!waits)
            return otherwise;
        int error = sockets_wait(s, until_us);
        if (error != 0)
            return error == -EAGAIN ? otherwise : error;
    }
    d->connect_untold = false;
    return d->phase == PHASE_CONNECTED ? 0 : -ECONNABORTED;
}

int open_begin(tern_sockets *s, descriptor *d, const tern_endpoint *remote)
{
    tern_endpoint local = d->local;
    tern_handle handle;
    tern_status status;

    if (!open_family_fits(d, remote))
        return -ENETUNREACH;
    if (sockaddr_is_any(&local.address))
        local.address = (tern_address){{0}};
    tern_err err = tern_connect(s->config.stack, sockets_now(s),
                                d->bound || d->bound_by_program ? &local : NULL, remote, &handle);

    if (err != TERN_OK)
        return err == TERN_ERR_NOT_LOCAL || err == TERN_ERR_INVALID ? -ENETUNREACH /* multicast */
                                                                    : -sockets_errno(err);
    descriptor_bind_handle(s, d, handle);
    d->error = 0;
    d->phase = PHASE_CONNECTING;
    d->remote = *remote;
    if (sockets_status(s, d, &status) && !d->bound) {
        d->local = status.local;
        port_table_share(s, d);
    } else {
        d->local.address = status.local.address;
    }
    sockopt_apply(s, d);
    return 0;
}

/* connect() of a socket that is neither connected nor about to be. */
static int open_connect(tern_sockets *s, descriptor *d, const tern_endpoint *remote)
{
    if (fast_open_defer(s, d, remote))
        return 0;
    int error = open_begin(s, d, remote);
    if (error != 0)
        return error;
    if (fast_open_asked(s, d)) /* asks for a cookie */
        (void)tern_option_set(s->config.stack, sockets_now(s), d->handle, TERN_OPTION_FAST_OPEN, 1);
    return open_wait(s, d, !d->nonblocking, -EINPROGRESS);
}

bool open_tell(descriptor *d)
{
    bool untold = d->connect_untold;

    d->connect_untold = false;
    return untold;
}

int tern_sockets_connect(tern_sockets *s, int fd, const struct sockaddr *address, socklen_t bytes)
{
    tern_endpoint remote;
    int error = 0;
    descriptor *d = descriptor_stream(s, fd, &error);

    if (d == NULL)
        return error;
    if (address != NULL && bytes >= sizeof address->sa_family && address->sa_family == AF_UNSPEC) {
        open_disconnect(s, d);
        return 0;
    }
    if (!sockaddr_read(d, address, bytes, &remote, &error))
        return error;
    switch (d->phase) {
    case PHASE_CONNECTED:
        return open_tell(d) ? 0 : -EISCONN;
    case PHASE_LISTENING:
        return -EISCONN;
    case PHASE_CONNECTING:
        return d->deferred ? -EISCONN : open_wait(s, d, !d->nonblocking, -EALREADY);
    case PHASE_NEW:
        break;
    }
    return open_connect(s, d, &remote);
}

int tern_sockets_getsockname(tern_sockets *s, int fd, struct sockaddr *address, socklen_t *bytes)
{
    int error = 0;
    const descriptor *d = descriptor_stream(s, fd, &error);

    if (d == NULL)
        return error;
    sockaddr_write(d, &d->local, address, bytes);
    return 0;
}

int tern_sockets_getpeername(tern_sockets *s, int fd, struct sockaddr *address, socklen_t *bytes)
{
    tern_status status;
    int error = 0;
    const descriptor *d = descriptor_stream(s, fd, &error);

    if (d == NULL)
        return error;
    if (d->phase != PHASE_CONNECTED || !sockets_status(s, d, &status) ||
        status.state == TERN_CLOSED)
        return -ENOTCONN;
    sockaddr_write(d, &d->remote, address, bytes);
    return 0;
}
