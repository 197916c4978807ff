/* close.c - shutdown(2) and close(2). */
#include "socket/descriptor.h"

#include <errno.h>

/* A listener that is shut down for reading listens no more; its socket may listen again. */
static int close_listening(tern_sockets *s, descriptor *d)
{
    (void)tern_close(s->config.stack, sockets_now(s), d->handle);
    descriptor_unbind_handle(s, d);
    d->phase = PHASE_NEW;
    epoll_wake(d);
    return 0;
}

int tern_sockets_shutdown(tern_sockets *s, int fd, int how)
{
    tern_status status;
    int error = 0;
    descriptor *d = descriptor_stream(s, fd, &error);

    if (d == NULL)
        return error;
    if (how != SHUT_RD && how != SHUT_WR && how != SHUT_RDWR)
        return -EINVAL;
    if (d->phase == PHASE_LISTENING)
        return how != SHUT_WR ? close_listening(s, d) : 0;
    if (d->phase == PHASE_CONNECTING && d->error == 0) {
        open_disconnect(s, d);
        return 0;
    }
    if (!sockets_status(s, d, &status) || status.state == TERN_CLOSED ||
        status.state == TERN_TIME_WAIT)
        return -ENOTCONN;
    if (how != SHUT_WR)
        d->read_shut = true; /* what came before is still read, and what comes, too */
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

/* SO_LINGER with a time: close() waits until what was sent is acknowledged, or for so long. */
static void close_linger(tern_sockets *s, const descriptor *d)
{
    int64_t linger_ms = sockopt_number(d, NUMBER_LINGER_MS);
    tern_time until_us = sockets_now(s) + (tern_time)(linger_ms > 0 ? linger_ms : 0) * 1000;
    tern_status status;

    if (linger_ms <= 0)
        return;
    (void)tern_shutdown(s->config.stack, sockets_now(s), d->handle, TERN_SHUTDOWN_WRITE);
    while (sockets_status(s, d, &status) &&
           (status.state == TERN_FIN_WAIT_1 || status.state == TERN_CLOSING ||
            status.state == TERN_LAST_ACK)) {
        if (sockets_wait(s, until_us) != 0)
            break;
    }
}

int tern_sockets_close(tern_sockets *s, int fd)
{
    descriptor *d = descriptor_get(s, fd);

    if (d == NULL)
        return -EBADF;
    if (d->kind == DESCRIPTOR_STREAM && d->handle.generation != 0) {
        bool abort = sockopt_number(d, NUMBER_LINGER_MS) == 0 && d->phase != PHASE_LISTENING;
        if (d->phase == PHASE_CONNECTED)
            close_linger(s, d);
        if (abort)
            (void)tern_abort(s->config.stack, sockets_now(s), d->handle);
        else
            (void)tern_close(s->config.stack, sockets_now(s), d->handle);
    }
    descriptor_free(s, d);
    return 0;
}
