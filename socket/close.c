/* close.c - shutdown(2) and close(2). */
#include "socket/descriptor.h"

#include <errno.h>

/* A listener that is shut down for reading listens no more; its socket may listen again. */
static int close_listening(sockets *s, descriptor *d)
{
    (void)tern_close(s->config.stack, sockets_now(s), d->handle);
    descriptor_unbind_handle(s, d);
    d->phase = PHASE_NEW;
    epoll_wake(d);
    return 0;
}

int sockets_shutdown(sockets *s, int fd, int how)
{
    tern_status status;
    int error = 0;
    descriptor *d = descriptor_stream(s, fd, &error);

    if (d == NULL)
        return error;
    if (how != SHUT_RD && how != SHUT_WR && how != SHUT_RDWR)
        return -EINVAL;
    if (d->phase == PHASE_LISTENING && how != SHUT_WR)
        return close_listening(s, d);
    if (!sockets_status(s, d, &status) || status.state == TERN_CLOSED ||
        d->phase == PHASE_LISTENING)
        return -ENOTCONN;
    if (how != SHUT_WR)
        d->read_shut = true;
    if (how != SHUT_RD) {
        d->write_shut = true;
        /* Closing is no error: a second shutdown changes nothing. */
        tern_err err = tern_shutdown(s->config.stack, sockets_now(s), d->handle,
                                     TERN_SHUTDOWN_WRITE);
        if (err != TERN_OK && err != TERN_ERR_CLOSING)
            return -sockets_errno(err);
    }
    epoll_wake(d);
    return 0;
}

int sockets_close(sockets *s, int fd)
{
    descriptor *d = descriptor_get(s, fd);

    if (d == NULL)
        return -EBADF;
    if (d->kind == DESCRIPTOR_STREAM && d->handle.generation != 0) {
        bool abort = sockopt_number(d, NUMBER_LINGER_MS) == 0 && d->phase != PHASE_LISTENING;
        if (abort)
            (void)tern_abort(s->config.stack, sockets_now(s), d->handle);
        else
            (void)tern_close(s->config.stack, sockets_now(s), d->handle);
    }
    descriptor_free(s, d);
    return 0;
}
