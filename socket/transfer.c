/* transfer.c - read(2), write(2) and their forms: all are recvmsg(2) or sendmsg(2) with less. */
#define _GNU_SOURCE
#include "socket/descriptor.h"

#include <errno.h>
#include <limits.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>

enum { TRANSFER_PARTS_MAX = 1024 }; /* UIO_MAXIOV */

/* The octets that all parts together have room for; a negative errno. */
static ssize_t transfer_room(const struct iovec *parts, size_t count)
{
    size_t total = 0;

    if (count > TRANSFER_PARTS_MAX)
        return -EMSGSIZE;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].iov_len > (size_t)SSIZE_MAX - total)
            return -EINVAL;
        if (parts[i].iov_base == NULL && parts[i].iov_len > 0)
            return -EFAULT; /* of the addresses that are none, the one that can be told */
        total += parts[i].iov_len;
    }
    return (ssize_t)total;
}

static tern_time transfer_until(const tern_sockets *s, const descriptor *d,
                                descriptor_number timeout)
{
    int64_t us = sockopt_number(d, timeout);

    return us == 0 ? TERN_NEVER : sockets_now(s) + (tern_time)us;
}

/* The pending error, told once. */
static int transfer_error(descriptor *d)
{
    int error = d->error;

    d->error = 0;
    return -error;
}

/* ---- Receiving ----------------------------------------------------------------------------- */

typedef struct receiving {
    const struct iovec *parts;
    size_t count;
    size_t part, at; /* the place that is filled next */
    size_t done;
    bool peek;
    bool discard; /* MSG_TRUNC: counted and thrown away */
} receiving;

/* Copies what is there now. TERN_ERR_WOULD_BLOCK, 0 at the end, or an error: nothing more. */
static ptrdiff_t transfer_copy(tern_sockets *s, descriptor *d, receiving *r)
{
    ptrdiff_t last = TERN_ERR_WOULD_BLOCK;

    while (r->part < r->count) {
        size_t left = r->parts[r->part].iov_len - r->at;
        if (left == 0) {
            r->part++;
            r->at = 0;
            continue;
        }
        uint8_t thrown[512];
        if (r->discard && left > sizeof thrown)
            left = sizeof thrown;
        uint8_t *to = r->discard ? thrown : (uint8_t *)r->parts[r->part].iov_base + r->at;
        size_t hole = r->peek ? urgent_hole(s, d) : 0;
        size_t in_line = urgent_readable(s, d, r->peek ? r->done + left : left);
        if (hole == 0)
            left = r->peek ? in_line - (r->done < in_line ? r->done : in_line) : in_line;
        if (left == 0 && (r->done > 0 || r->peek || !urgent_skip(s, d)))
            return TERN_ERR_WOULD_BLOCK; /* a read ends in front of the urgent octet */
        if (left == 0)
            continue;
        last = r->peek ? tern_peek(s->config.stack, d->handle, r->done + hole, to, left)
                       : tern_recv(s->config.stack, sockets_now(s), d->handle, to, left);
        if (last <= 0)
            return last;
        r->at += (size_t)last;
        r->done += (size_t)last;
    }
    return last;
}

/* Nothing came: why not? 0: wait. 1: the end. */
static int transfer_no_text(const tern_sockets *s, descriptor *d, ptrdiff_t last)
{
    tern_status status;

    if (d->error != 0)
        return transfer_error(d);
    if (d->phase == PHASE_NEW || d->phase == PHASE_LISTENING)
        return -ENOTCONN;
    if (d->deferred)
        return 0; /* connecting waits for a write */
    if (d->read_shut || last == 0)
        return 1;
    if (!sockets_status(s, d, &status) || status.state == TERN_CLOSED)
        return 1; /* the error was told before */
    return 0;
}

static ssize_t transfer_receive(tern_sockets *s, descriptor *d, receiving *r, int flags)
{
    ssize_t room = transfer_room(r->parts, r->count);
    tern_time until_us = transfer_until(s, d, NUMBER_RCVTIMEO_US);
    size_t least = (size_t)sockopt_number(d, NUMBER_RCVLOWAT);

    if (room < 0)
        return room;
    if (least > (size_t)room || (flags & MSG_WAITALL) != 0)
        least = (size_t)room;
    for (;;) {
        ptrdiff_t last = d->handle.generation != 0 ? transfer_copy(s, d, r) : 0;
        if (r->done >= least && (r->done > 0 || room == 0))
            return (ssize_t)r->done;
        int error = transfer_no_text(s, d, last);
        if (error != 0 && r->done == 0)
            return error > 0 ? 0 : error;
        if (error == 0)
            error = d->nonblocking || (flags & MSG_DONTWAIT) != 0 ? -EAGAIN
                                                                  : sockets_wait(s, until_us);
        if (error != 0)
            return r->done > 0 ? (ssize_t)r->done : error;
        if (r->peek)
            *r = (receiving){
                .parts = r->parts, .count = r->count, .peek = true, .discard = r->discard};
    }
}

/* TCP_INQ: how much is left to be read, as a control message. */
static void transfer_control(const tern_sockets *s, const descriptor *d, struct msghdr *message)
{
    struct cmsghdr *c = message->msg_control != NULL ? CMSG_FIRSTHDR(message) : NULL;
    size_t room = message->msg_controllen;
    tern_status status;
    int left;

    message->msg_controllen = 0;
    if (sockopt_number(d, NUMBER_INQ) == 0 || !sockets_status(s, d, &status))
        return;
    if (c == NULL || room < CMSG_SPACE(sizeof left)) {
        message->msg_flags |= MSG_CTRUNC;
        return;
    }
    left = (int)status.recv_queue_bytes;
    if (left == 0 && d->phase == PHASE_CONNECTED && readiness_at_end(&status))
        left = 1; /* the end of the stream is there to be read */
    *c = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(sizeof left), .cmsg_level = IPPROTO_TCP, .cmsg_type = TCP_CM_INQ};
    memcpy(CMSG_DATA(c), &left, sizeof left);
    message->msg_controllen = CMSG_SPACE(sizeof left);
}

ssize_t tern_sockets_recvmsg(tern_sockets *s, int fd, struct msghdr *message, int flags)
{
    int error = 0;
    descriptor *d = descriptor_stream(s, fd, &error);

    if (d == NULL)
        return error;
    if ((flags & MSG_OOB) != 0)
        return message->msg_iovlen > 0 ? urgent_receive(s, d, message->msg_iov, flags) : 0;
    if ((flags & MSG_ERRQUEUE) != 0)
        return -EAGAIN; /* nothing is ever queued there */
    receiving r = {.parts = message->msg_iov,
                   .count = message->msg_iovlen,
                   .peek = (flags & MSG_PEEK) != 0,
                   .discard = (flags & MSG_TRUNC) != 0};
    ssize_t bytes = transfer_receive(s, d, &r, flags);
    if (bytes < 0)
        return bytes;
    message->msg_flags = 0;
    transfer_control(s, d, message);
    message->msg_namelen = 0; /* a stream socket has one peer: getpeername() */
    return bytes;
}

ssize_t tern_sockets_recv(tern_sockets *s, int fd, void *data, size_t bytes, int flags)
{
    struct iovec part = {data, bytes};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

    return tern_sockets_recvmsg(s, fd, &message, flags);
}

ssize_t tern_sockets_readv(tern_sockets *s, int fd, const struct iovec *parts, int count)
{
    struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)parts,
                             .msg_iovlen = (size_t)count};

    if (count < 0)
        return -EINVAL;
    return tern_sockets_recvmsg(s, fd, &message, 0);
}

ssize_t tern_sockets_read(tern_sockets *s, int fd, void *data, size_t bytes)
{
    return tern_sockets_recv(s, fd, data, bytes, 0);
}

/* ---- Sending ------------------------------------------------------------------------------- */

/* May the socket send now? 0: yes; -EAGAIN: not yet. */
static int transfer_may_send(const tern_sockets *s, descriptor *d)
{
    tern_status status;

    if (d->error != 0)
        return transfer_error(d);
    if (d->write_shut)
        return -EPIPE;
    if (d->phase == PHASE_NEW || d->phase == PHASE_LISTENING)
        return -EPIPE;
    if (d->phase == PHASE_CONNECTED)
        return 0;
    return sockets_status(s, d, &status) && status.state != TERN_CLOSED ? -EAGAIN : -EPIPE;
}

typedef ptrdiff_t transfer_call(tern_stack *stack, tern_time now_us, tern_handle connection,
                                const void *data, size_t bytes);

/* By which call octets are given to the stack; last: the last of a write. */
static transfer_call *transfer_call_of(int flags, bool last)
{
    if ((flags & MSG_OOB) != 0)
        return tern_send_urgent;
    if ((flags & MSG_EOR) != 0 && last)
        return tern_send_record;
    return (flags & MSG_MORE) != 0 ? tern_send_more : tern_send;
}

/* Hands over what the stack takes of one part, from *at on. */
static int transfer_hand_over(tern_sockets *s, descriptor *d, const struct iovec *part, size_t *at,
                              transfer_call *call)
{
    const uint8_t *from = (const uint8_t *)part->iov_base + *at;
    size_t left = part->iov_len - *at;
    ptrdiff_t n = call(s->config.stack, sockets_now(s), d->handle, from, left);

    if (n > 0) {
        *at += (size_t)n;
        return 0;
    }
    if (n == TERN_ERR_WOULD_BLOCK || n == TERN_ERR_NO_RESOURCES)
        return -EAGAIN;
    /* The connection has ended: its error was told, or is told now. */
    if (d->error != 0)
        return transfer_error(d);
    return -EPIPE;
}

static ssize_t transfer_send(tern_sockets *s, descriptor *d, const struct msghdr *message,
                             int flags)
{
    tern_time until_us = transfer_until(s, d, NUMBER_SNDTIMEO_US);
    ssize_t total = transfer_room(message->msg_iov, message->msg_iovlen);
    size_t done = 0, part = 0, at = 0;

    if (total < 0)
        return total;
    ssize_t first = fast_open_send(s, d, message, flags);
    if (first < 0 && first != -EAGAIN)
        return first;
    if (first >= 0) { /* what the SYN has taken; a part that it took whole is passed over below */
        done = (size_t)first;
        for (size_t left = done; left > 0; left -= at) {
            at = left < message->msg_iov[part].iov_len ? left : message->msg_iov[part].iov_len;
            part += at < left;
        }
        if (done == (size_t)total || d->phase != PHASE_CONNECTED)
            return first;
    }
    do {
        int error = transfer_may_send(s, d);
        while (error == 0 && part < message->msg_iovlen) {
            size_t before = at;
            if (at == message->msg_iov[part].iov_len) {
                part++;
                at = 0;
                continue;
            }
            bool last = done + message->msg_iov[part].iov_len - at == (size_t)total;
            error = transfer_hand_over(s, d, &message->msg_iov[part], &at,
                                       transfer_call_of(flags, last));
            done += at - before;
        }
        if (error == -EAGAIN && !d->nonblocking && (flags & MSG_DONTWAIT) == 0)
            error = sockets_wait(s, until_us);
        if (error != 0)
            return done > 0 ? (ssize_t)done : error;
    } while (done < (size_t)total);
    return (ssize_t)done;
}

ssize_t tern_sockets_sendmsg(tern_sockets *s, int fd, const struct msghdr *message, int flags)
{
    int error = 0;
    descriptor *d = descriptor_stream(s, fd, &error);

    if (d == NULL)
        return error;
    if (d->uncorked) {
        d->uncorked = false;
        (void)tern_option_set(s->config.stack, sockets_now(s), d->handle, TERN_OPTION_CORK,
                              sockopt_number(d, NUMBER_CORK) != 0);
    }
    /* An address on a connected stream socket is ignored, as Linux does. */
    ssize_t bytes = transfer_send(s, d, message, flags);
    if (bytes > 0 && d->ack_quick) { /* a program that answers has its ACKs carried (Linux) */
        d->ack_quick = false;
        (void)tern_option_set(s->config.stack, sockets_now(s), d->handle, TERN_OPTION_DELAYED_ACK,
                              1);
    }
    return bytes;
}

/* What msghdr's pointers, which are not const, point to is only read. */
ssize_t tern_sockets_send(tern_sockets *s, int fd, const void *data, size_t bytes, int flags)
{
    struct iovec part = {(void *)(uintptr_t)data, bytes};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

    return tern_sockets_sendmsg(s, fd, &message, flags);
}

ssize_t tern_sockets_writev(tern_sockets *s, int fd, const struct iovec *parts, int count)
{
    struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)parts,
                             .msg_iovlen = (size_t)count};

    if (count < 0)
        return -EINVAL;
    return tern_sockets_sendmsg(s, fd, &message, 0);
}

ssize_t tern_sockets_write(tern_sockets *s, int fd, const void *data, size_t bytes)
{
    return tern_sockets_send(s, fd, data, bytes, 0);
}
