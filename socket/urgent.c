/* urgent.c - MSG_OOB, as Linux has it: the last octet of urgent data is out of band.
 *
 * RFC 6093 would have it in line, and with SO_OOBINLINE it is. Without, the octet in front of the
 * urgent mark is taken out of the stream as soon as a read comes to it, and kept for MSG_OOB; a
 * read ends at it. */
#define _GNU_SOURCE
#include "socket/descriptor.h"

#include <errno.h>

/* Octets that may be read before the one that is out of band; 0: it is next. */
size_t urgent_readable(tern_sockets *s, descriptor *d, size_t most)
{
    if (sockopt_number(d, NUMBER_OOBINLINE) != 0)
        return most;
    ptrdiff_t mark = tern_urgent_mark(s->config.stack, d->handle);
    if (mark <= 0)
        return most;
    return (size_t)mark - 1 < most ? (size_t)mark - 1 : most;
}

size_t urgent_hole(tern_sockets *s, const descriptor *d)
{
    return sockopt_number(d, NUMBER_OOBINLINE) == 0 &&
           tern_urgent_mark(s->config.stack, d->handle) == 1;
}

bool urgent_skip(tern_sockets *s, descriptor *d)
{
    uint8_t octet;

    if (urgent_hole(s, d) == 0 ||
        tern_recv(s->config.stack, sockets_now(s), d->handle, &octet, 1) != 1)
        return false;
    d->urgent_kept = true;
    d->urgent_octet = octet;
    return true;
}

ssize_t urgent_receive(tern_sockets *s, descriptor *d, const struct iovec *to, int flags)
{
    ptrdiff_t mark = tern_urgent_mark(s->config.stack, d->handle);
    uint8_t octet = d->urgent_octet;

    if (sockopt_number(d, NUMBER_OOBINLINE) != 0 || (mark <= 0 && !d->urgent_kept))
        return -EINVAL;
    if (mark > 0 && tern_peek(s->config.stack, d->handle, (size_t)mark - 1, &octet, 1) != 1)
        return -EAGAIN; /* told of, and not yet here */
    if (to->iov_len == 0)
        return 0;
    *(uint8_t *)to->iov_base = octet;
    if ((flags & MSG_PEEK) == 0)
        d->urgent_kept = false;
    return 1;
}
