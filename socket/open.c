/* open.c - socket(2), bind(2), listen(2), accept4(2), connect(2) and the names of both ends. */
#define _GNU_SOURCE
#include "socket/descriptor.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

enum { BACKLOG_MAX = 4096 }; /* net.core.somaxconn */

static tern_time open_until(const sockets *s, const descriptor *d, descriptor_number timeout)
{
    int64_t us = sockopt_number(d, timeout);

    return us == 0 ? TERN_NEVER : sockets_now(s) + (tern_time)us;
}

int sockets_socket(sockets *s, int domain, int type, int protocol)
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

static bool open_is_local(const sockets *s, const tern_endpoint *e)
{
    static const tern_address any;

    if (memcmp(&e->address, &any, sizeof any) == 0)
        return true;
    for (uint32_t i = 0; i < s->config.stack_config->address_count; i++)
        if (memcmp(&e->address, &s->config.stack_config->addresses[i], sizeof e->address) == 0)
            return true;
    return false;
}

int sockets_bind(sockets *s, int fd, const struct sockaddr *address, socklen_t bytes)
{
    tern_endpoint local;
    int error = 0;
    descriptor *d = descriptor_stream(s, fd, &error);

    if (d == NULL || !sockaddr_read(d, address, bytes, &local, &error))
        return error;
    if (d->bound || d->phase != PHASE_NEW)
        return -EINVAL;
    if (!open_is_local(s, &local))
        return -EADDRNOTAVAIL;
    return port_table_bind(s, d, &local);
}

/* To what the program has bound nothing, the first call that needs it does. */
static int open_autobind(sockets *s, descriptor *d)
{
    return d->bound ? 0 : port_table_bind(s, d, &(tern_endpoint){.port = 0});
}

int sockets_listen(sockets *s, int fd, int backlog)
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
        error = -sockets_errno(
            tern_listen(s->config.stack, sockets_now(s), &d->local, most + 1, &handle));
    }
    if (error != 0) {
        d->phase = PHASE_NEW;
        return error;
    }
    descriptor_bind_handle(s, d, handle);
    sockopt_apply(s, d);
    epoll_wake(d);
    return 0;
}

/* A connection of the listener gets a descriptor. */
static int open_accepted(sockets *s, const descriptor *listener, tern_handle handle, int flags)
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
    sockopt_inherit(d, listener);
    sockopt_apply(s, d);
    port_table_share(s, d);
    return d->fd;
}

int sockets_accept4(sockets *s, int fd, struct sockaddr *address, socklen_t *bytes, int flags)
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

void open_connected(descriptor *d)
{
    d->phase = PHASE_CONNECTED;
}

/* A connect that failed leaves the socket as new, but for the port it is bound to. */
static int open_failed(sockets *s, descriptor *d)
{
    int error = d->error != 0 ? -d->error : -ECONNABORTED;

    d->error = 0;
    (void)tern_close(s->config.stack, sockets_now(s), d->handle);
    descriptor_unbind_handle(s, d);
    d->phase = PHASE_NEW;
    return error;
}

/* Waits for the end of the handshake. */
static int open_wait(sockets *s, descriptor *d, int in_progress)
{
    tern_time until_us = open_until(s, d, NUMBER_SNDTIMEO_US);
    tern_status status;

    while (d->phase == PHASE_CONNECTING) {
        if (d->error != 0 || !sockets_status(s, d, &status) || status.state == TERN_CLOSED)
            return open_failed(s, d);
        if (d->nonblocking)
            return in_progress;
        int error = sockets_wait(s, until_us);
        if (error != 0)
            return error == -EAGAIN ? -EINPROGRESS : error;
    }
    return 0;
}

static int open_begin(sockets *s, descriptor *d, const tern_endpoint *remote)
{
    tern_handle handle;
    tern_status status;
    tern_err err = tern_connect(s->config.stack, sockets_now(s), d->bound ? &d->local : NULL,
                                remote, &handle);

    if (err != TERN_OK)
        return err == TERN_ERR_NOT_LOCAL ? -ENETUNREACH : -sockets_errno(err);
    descriptor_bind_handle(s, d, handle);
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

int sockets_connect(sockets *s, int fd, const struct sockaddr *address, socklen_t bytes)
{
    tern_endpoint remote;
    int error = 0;
    descriptor *d = descriptor_stream(s, fd, &error);

    if (d == NULL || !sockaddr_read(d, address, bytes, &remote, &error))
        return error;
    switch (d->phase) {
    case PHASE_LISTENING:
    case PHASE_CONNECTED:
        return -EISCONN;
    case PHASE_CONNECTING:
        return open_wait(s, d, -EALREADY);
    case PHASE_NEW:
        break;
    }
    error = open_begin(s, d, &remote);
    return error != 0 ? error : open_wait(s, d, -EINPROGRESS);
}

int sockets_getsockname(sockets *s, int fd, struct sockaddr *address, socklen_t *bytes)
{
    int error = 0;
    const descriptor *d = descriptor_stream(s, fd, &error);

    if (d == NULL)
        return error;
    sockaddr_write(d, &d->local, address, bytes);
    return 0;
}

int sockets_getpeername(sockets *s, int fd, struct sockaddr *address, socklen_t *bytes)
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
