/* slots.c - the slots that are system calls.
 *
 * Each is the socket layer's, under the lock; what is not a descriptor of tern's, such as the ends
 * of a pipe, goes to the system. Their signatures are packetdrill's (interface.h). */
#define _GNU_SOURCE
#include "apps/packetdrill/plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/ioctl.h>

/* ---- Opening ------------------------------------------------------------------------------- */

static int slot_socket(void *m, int domain, int type, int protocol)
{
    tern_sockets *s = machine_enter(m);

    return s != NULL ? (int)machine_leave(m, tern_sockets_socket(s, domain, type, protocol)) : -1;
}

static int slot_bind(void *m, int fd, const struct sockaddr *address, socklen_t bytes)
{
    tern_sockets *s = machine_enter(m);

    return s != NULL ? (int)machine_leave(m, tern_sockets_bind(s, fd, address, bytes)) : -1;
}

static int slot_listen(void *m, int fd, int backlog)
{
    tern_sockets *s = machine_enter(m);

    return s != NULL ? (int)machine_leave(m, tern_sockets_listen(s, fd, backlog)) : -1;
}

static int slot_accept(void *m, int fd, struct sockaddr *address, socklen_t *bytes)
{
    tern_sockets *s = machine_enter(m);

    return s != NULL ? (int)machine_leave(m, tern_sockets_accept4(s, fd, address, bytes, 0)) : -1;
}

static int slot_connect(void *m, int fd, const struct sockaddr *address, socklen_t bytes)
{
    tern_sockets *s = machine_enter(m);

    return s != NULL ? (int)machine_leave(m, tern_sockets_connect(s, fd, address, bytes)) : -1;
}

/* ---- Transfer ------------------------------------------------------------------------------ */

static ssize_t slot_recvmsg(void *m, int fd, struct msghdr *message, int flags)
{
    tern_sockets *s = machine_enter(m);

    return s != NULL ? machine_leave(m, tern_sockets_recvmsg(s, fd, message, flags)) : -1;
}

static ssize_t slot_recvfrom(void *m, int fd, void *data, size_t bytes, int flags,
                             struct sockaddr *from, socklen_t *from_bytes)
{
    struct iovec part = {data, bytes};
    struct msghdr message = {.msg_name = from,
                             .msg_namelen = from != NULL && from_bytes != NULL ? *from_bytes : 0,
                             .msg_iov = &part,
                             .msg_iovlen = 1};
    ssize_t result = slot_recvmsg(m, fd, &message, flags);

    if (result >= 0 && from != NULL && from_bytes != NULL)
        *from_bytes = message.msg_namelen;
    return result;
}

static ssize_t slot_recv(void *m, int fd, void *data, size_t bytes, int flags)
{
    return slot_recvfrom(m, fd, data, bytes, flags, NULL, NULL);
}

static ssize_t slot_read(void *m, int fd, void *data, size_t bytes)
{
    if (!interpose_owns(fd))
        return read(fd, data, bytes);
    tern_sockets *s = machine_enter(m);
    return s != NULL ? machine_leave(m, tern_sockets_read(s, fd, data, bytes)) : -1;
}

static ssize_t slot_readv(void *m, int fd, const struct iovec *parts, int count)
{
    if (!interpose_owns(fd))
        return readv(fd, parts, count);
    tern_sockets *s = machine_enter(m);
    return s != NULL ? machine_leave(m, tern_sockets_readv(s, fd, parts, count)) : -1;
}

static ssize_t slot_sendmsg(void *m, int fd, const struct msghdr *message, int flags)
{
    tern_sockets *s = machine_enter(m);

    return s != NULL ? machine_leave(m, tern_sockets_sendmsg(s, fd, message, flags)) : -1;
}

/* sendto() and send() only read what msghdr's pointers, which are not const, point to. */
static ssize_t slot_sendto(void *m, int fd, const void *data, size_t bytes, int flags,
                           const struct sockaddr *to, socklen_t to_bytes)
{
    struct iovec part = {(void *)(uintptr_t)data, bytes};
    struct msghdr message = {.msg_name = (void *)(uintptr_t)to,
                             .msg_namelen = to_bytes,
                             .msg_iov = &part,
                             .msg_iovlen = 1};

    return slot_sendmsg(m, fd, &message, flags);
}

static ssize_t slot_send(void *m, int fd, const void *data, size_t bytes, int flags)
{
    return slot_sendto(m, fd, data, bytes, flags, NULL, 0);
}

static ssize_t slot_write(void *m, int fd, const void *data, size_t bytes)
{
    if (!interpose_owns(fd))
        return write(fd, data, bytes);
    tern_sockets *s = machine_enter(m);
    return s != NULL ? machine_leave(m, tern_sockets_write(s, fd, data, bytes)) : -1;
}

static ssize_t slot_writev(void *m, int fd, const struct iovec *parts, int count)
{
    if (!interpose_owns(fd))
        return writev(fd, parts, count);
    tern_sockets *s = machine_enter(m);
    return s != NULL ? machine_leave(m, tern_sockets_writev(s, fd, parts, count)) : -1;
}

/* ---- Control ------------------------------------------------------------------------------- */

static int slot_fcntl(void *m, int fd, int command, ...)
{
    va_list arguments;

    va_start(arguments, command);
    long argument = command == F_GETFL || command == F_GETFD ? 0 : va_arg(arguments, int);
    va_end(arguments);
    if (!interpose_owns(fd))
        return fcntl(fd, command, argument);
    tern_sockets *s = machine_enter(m);
    return s != NULL ? (int)machine_leave(m, tern_sockets_fcntl(s, fd, command, argument)) : -1;
}

static int slot_ioctl(void *m, int fd, unsigned long request, ...)
{
    va_list arguments;

    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    if (!interpose_owns(fd))
        return ioctl(fd, request, argument);
    tern_sockets *s = machine_enter(m);
    return s != NULL ? (int)machine_leave(m, tern_sockets_ioctl(s, fd, request, argument)) : -1;
}

static int slot_close(void *m, int fd)
{
    if (!interpose_owns(fd))
        return close(fd);
    tern_sockets *s = machine_enter(m);
    return s != NULL ? (int)machine_leave(m, tern_sockets_close(s, fd)) : -1;
}

static int slot_shutdown(void *m, int fd, int how)
{
    tern_sockets *s = machine_enter(m);

    return s != NULL ? (int)machine_leave(m, tern_sockets_shutdown(s, fd, how)) : -1;
}

static int slot_getsockopt(void *m, int fd, int level, int name, void *value, socklen_t *bytes)
{
    tern_sockets *s = machine_enter(m);
    tern_sockets_option option = {level, name, value, *bytes};

    if (s == NULL)
        return -1;
    int result = tern_sockets_getsockopt(s, fd, &option);
    *bytes = option.bytes;
    return (int)machine_leave(m, result);
}

static int slot_setsockopt(void *m, int fd, int level, int name, const void *value, socklen_t bytes)
{
    tern_sockets *s = machine_enter(m);
    tern_sockets_option option = {level, name, (void *)(uintptr_t)value, bytes};

    return s != NULL ? (int)machine_leave(m, tern_sockets_setsockopt(s, fd, &option)) : -1;
}

/* ---- Readiness ----------------------------------------------------------------------------- */

static int slot_poll(void *m, struct pollfd *fds, nfds_t count, int timeout_ms)
{
    tern_sockets *s = machine_enter(m);

    return s != NULL ? (int)machine_leave(m, tern_sockets_poll(s, fds, count, timeout_ms)) : -1;
}

static int slot_epoll_create(void *m, int size)
{
    tern_sockets *s = machine_enter(m);

    if (s == NULL)
        return -1;
    return (int)machine_leave(m, size > 0 ? tern_sockets_epoll_create(s, 0) : -EINVAL);
}

static int slot_epoll_ctl(void *m, int epoll_fd, int operation, int fd, struct epoll_event *event)
{
    tern_sockets *s = machine_enter(m);

    if (s == NULL)
        return -1;
    return (int)machine_leave(m, tern_sockets_epoll_ctl(s, epoll_fd, operation, fd, event));
}

static int slot_epoll_wait(void *m, int epoll_fd, struct epoll_event *events, int most,
                           int timeout_ms)
{
    tern_sockets *s = machine_enter(m);

    if (s == NULL)
        return -1;
    return (int)machine_leave(m, tern_sockets_epoll_wait(s, epoll_fd, events, most, timeout_ms));
}

/* ---- Of the system ------------------------------------------------------------------------- */

static int slot_pipe(void *m, int fds[2])
{
    (void)m;
    return pipe(fds);
}

/* tern has no pages to move to or from a pipe. */
static int slot_splice(void *m, int fd_in, off64_t *offset_in, int fd_out, off64_t *offset_out,
                       size_t bytes, unsigned int flags)
{
    (void)m;
    if (!interpose_owns(fd_in) && !interpose_owns(fd_out))
        return (int)splice(fd_in, offset_in, fd_out, offset_out, bytes, flags);
    errno = EINVAL;
    return -1;
}

void slots_fill(struct packetdrill_interface *i)
{
    *i = (struct packetdrill_interface){
        .socket = slot_socket,
        .bind = slot_bind,
        .listen = slot_listen,
        .accept = slot_accept,
        .connect = slot_connect,
        .read = slot_read,
        .readv = slot_readv,
        .recv = slot_recv,
        .recvfrom = slot_recvfrom,
        .recvmsg = slot_recvmsg,
        .write = slot_write,
        .writev = slot_writev,
        .send = slot_send,
        .sendto = slot_sendto,
        .sendmsg = slot_sendmsg,
        .fcntl = slot_fcntl,
        .ioctl = slot_ioctl,
        .close = slot_close,
        .shutdown = slot_shutdown,
        .getsockopt = slot_getsockopt,
        .setsockopt = slot_setsockopt,
        .poll = slot_poll,
        .epoll_create = slot_epoll_create,
        .epoll_ctl = slot_epoll_ctl,
        .epoll_wait = slot_epoll_wait,
        .pipe = slot_pipe,
        .splice = slot_splice,
    };
}
