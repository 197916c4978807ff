/* control.c - fcntl(2) and ioctl(2). */
#define _GNU_SOURCE
#include "socket/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>

int tern_sockets_fcntl(tern_sockets *s, int fd, int command, long argument)
{
    descriptor *d = descriptor_get(s, fd);

    if (d == NULL)
        return -EBADF;
    switch (command) {
    case F_GETFL:
        return O_RDWR | (d->nonblocking ? O_NONBLOCK : 0);
    case F_SETFL:
        d->nonblocking = (argument & O_NONBLOCK) != 0;
        return 0;
    case F_GETFD:
        return d->close_on_exec ? FD_CLOEXEC : 0;
    case F_SETFD:
        d->close_on_exec = (argument & FD_CLOEXEC) != 0;
        return 0;
    default:
        return -EINVAL;
    }
}

int tern_sockets_ioctl(tern_sockets *s, int fd, unsigned long request, void *argument)
{
    tern_status status = {.state = TERN_CLOSED};
    int error = 0, value;
    descriptor *d = descriptor_stream(s, fd, &error);

    if (d == NULL)
        return error;
    if (request == FIONBIO) {
        memcpy(&value, argument, sizeof value);
        d->nonblocking = value != 0;
        return 0;
    }
    if (d->phase == PHASE_LISTENING)
        return -EINVAL;
    (void)sockets_status(s, d, &status);
    switch (request) {
    case FIONREAD: /* also SIOCINQ */
        value = d->phase == PHASE_CONNECTED
                    ? (int)urgent_readable(s, d, (size_t)status.recv_queue_bytes)
                    : 0;
        break;
    case SIOCATMARK:
        value = tern_urgent_mark(s->config.stack, d->handle) == 1;
        break;
    case SIOCOUTQ:
        value = (int)status.send_queue_bytes;
        break;
    case SIOCOUTQNSD:
        value = (int)(status.send_queue_bytes > status.unacked
                          ? status.send_queue_bytes - status.unacked
                          : 0);
        break;
    default:
        return -ENOTTY;
    }
    memcpy(argument, &value, sizeof value);
    return 0;
}
