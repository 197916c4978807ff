/* fast_open.c - Fast Open as Linux's sockets have it: MSG_FASTOPEN, TCP_FASTOPEN_CONNECT, and a
 * listener's queue and keys; and as FreeBSD's clients do.
 *
 * A client's first write takes only what its SYN will carry, and none without a cookie: what is
 * behind it is the program's to give again, when the socket is writable. */
#define _GNU_SOURCE
#include "socket/descriptor.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <string.h>

enum { TCP_OPTIONS_BYTES = 40 }; /* the most that a header has room for */

void tern_sockets_set_fast_open(tern_sockets *s, uint32_t fast_open)
{
    s->config.fast_open = fast_open;
}

void fast_open_listen(const tern_sockets *s, const descriptor *d)
{
    bool set = (d->numbers_set >> NUMBER_FASTOPEN & 1) != 0;
    int64_t pending = sockopt_number(d, NUMBER_FASTOPEN);

    if (!set && (s->config.fast_open & TERN_SOCKETS_FAST_OPEN_EVERY_LISTENER) != 0)
        pending = SOMAXCONN;
    if ((s->config.fast_open & TERN_SOCKETS_FAST_OPEN_SERVER) == 0)
        pending = 0;
    (void)tern_fast_open(s->config.stack, sockets_now(s), d->handle, (uint32_t)pending);
    if (d->fast_key_bytes > 0)
        (void)tern_fast_open_listener_keys(
            s->config.stack, sockets_now(s), d->handle, d->fast_keys,
            d->fast_key_bytes > TERN_KEY_BYTES ? d->fast_keys + TERN_KEY_BYTES : NULL);
}

static bool fast_open_keys_fit(uint32_t bytes)
{
    return bytes == TERN_KEY_BYTES || bytes == 2 * TERN_KEY_BYTES;
}

int fast_open_set_key(const tern_sockets *s, descriptor *d, const tern_sockets_option *option)
{
    if (!fast_open_keys_fit(option->bytes))
        return -EINVAL;
    memcpy(d->fast_keys, option->value, option->bytes);
    d->fast_key_bytes = option->bytes;
    if (d->phase == PHASE_LISTENING)
        fast_open_listen(s, d);
    return 0;
}

bool tern_sockets_set_fast_open_keys(tern_sockets *s, const uint8_t *keys, uint32_t bytes)
{
    uint32_t count = bytes / TERN_KEY_BYTES;

    if (!fast_open_keys_fit(bytes))
        return false;
    /* The last one given is the present one, the one before it stays good. */
    for (uint32_t i = 0; i < 2; i++) {
        const uint8_t *key = keys + (i == 0 ? count - 1 : 0) * TERN_KEY_BYTES;
        (void)tern_fast_open_key_set(s->config.stack, sockets_now(s), key, ++s->fast_key_number);
    }
    memcpy(s->fast_keys, keys, bytes);
    s->fast_key_bytes = bytes;
    return true;
}

static uint32_t fast_open_room(const tern_sockets *s, const descriptor *d,
                               const tern_endpoint *remote)
{
    const tern_endpoint *local = d->bound ? &d->local : NULL;

    uint32_t room = tern_fast_open_room(s->config.stack, local, remote);
    bool set = (d->numbers_set >> NUMBER_MAXSEG & 1) != 0;
    int64_t most = sockopt_number(d, NUMBER_MAXSEG) - TCP_OPTIONS_BYTES; /* they count, RFC 7413 */

    return set && most > 0 && room > most ? (uint32_t)most : room;
}

bool fast_open_defer(tern_sockets *s, descriptor *d, const tern_endpoint *remote)
{
    if (sockopt_number(d, NUMBER_FASTOPEN_CONNECT) == 0 || fast_open_room(s, d, remote) == 0 ||
        open_autobind(s, d) != 0)
        return false;
    d->remote = *remote;
    d->phase = PHASE_CONNECTING;
    d->deferred = true;
    return true;
}

/* Hands over the first `most` octets. */
static size_t fast_open_give(tern_sockets *s, descriptor *d, const struct msghdr *message,
                             size_t most)
{
    size_t done = 0;

    for (size_t i = 0; i < message->msg_iovlen && done < most; i++) {
        size_t left = message->msg_iov[i].iov_len;
        left = left < most - done ? left : most - done;
        ptrdiff_t n = left == 0 ? 0
                                : tern_send(s->config.stack, sockets_now(s), d->handle,
                                            message->msg_iov[i].iov_base, left);
        done += n > 0 ? (size_t)n : 0;
        if (n < 0 || (size_t)n < left)
            break;
    }
    return done;
}

/* TCP_FASTOPEN of a socket that does not listen. */
static bool fast_open_by_sendto(const tern_sockets *s, const descriptor *d)
{
    return s->config.stack_config->fast_open_api == TERN_FAST_OPEN_SENDTO &&
           sockopt_number(d, NUMBER_FASTOPEN) != 0;
}

bool fast_open_asked(const tern_sockets *s, const descriptor *d)
{
    return sockopt_number(d, NUMBER_FASTOPEN_CONNECT) != 0 || fast_open_by_sendto(s, d);
}

/* Connects by sendto() with an address, FreeBSD's way: all is taken for which the send buffer has
 * room, the SYN carries what it may, and nobody waits for the handshake. */
static ssize_t fast_open_connect(tern_sockets *s, descriptor *d, const struct msghdr *message)
{
    tern_endpoint remote = d->remote;
    int error = open_begin(s, d, &remote);

    if (error != 0)
        return error;
    (void)tern_option_set(s->config.stack, sockets_now(s), d->handle, TERN_OPTION_FAST_OPEN, 1);
    return (ssize_t)fast_open_give(s, d, message, SSIZE_MAX);
}

/* Connects, with data in the SYN. */
static ssize_t fast_open_begin(tern_sockets *s, descriptor *d, const struct msghdr *message,
                               bool waits)
{
    tern_endpoint remote = d->remote;
    uint32_t room = fast_open_room(s, d, &remote);
    int error = open_begin(s, d, &remote);

    if (error != 0)
        return error;
    (void)tern_option_set(s->config.stack, sockets_now(s), d->handle, TERN_OPTION_FAST_OPEN, 1);
    size_t taken = fast_open_give(s, d, message, room);
    error = open_wait(s, d, waits, -EINPROGRESS);
    if (error == -EINPROGRESS && taken > 0)
        return (ssize_t)taken;
    return error != 0 ? error : (ssize_t)taken;
}

/* Why a write with MSG_FASTOPEN cannot begin to connect; 0: it can, and d->remote is set. */
static int fast_open_may_begin(const tern_sockets *s, descriptor *d, const struct msghdr *message)
{
    const struct sockaddr *to = message->msg_name;
    int error = 0;

    if ((s->config.fast_open & TERN_SOCKETS_FAST_OPEN_CLIENT) == 0)
        return -EOPNOTSUPP;
    if (to != NULL && message->msg_namelen >= sizeof to->sa_family && to->sa_family == AF_UNSPEC)
        return -EOPNOTSUPP;
    if (d->phase == PHASE_CONNECTING)
        return -EALREADY;
    if (d->phase == PHASE_CONNECTED && open_tell(d))
        return -EAGAIN; /* a write like any other */
    if (d->phase != PHASE_NEW)
        return -EISCONN;
    (void)sockaddr_read(d, to, message->msg_namelen, &d->remote, &error);
    return error;
}

ssize_t fast_open_send(tern_sockets *s, descriptor *d, const struct msghdr *message, int flags)
{
    bool waits = !d->nonblocking && (flags & MSG_DONTWAIT) == 0;

    if (d->deferred) {
        d->deferred = false;
        d->phase = PHASE_NEW;
        return fast_open_begin(s, d, message, waits);
    }
    bool sendto = (flags & MSG_FASTOPEN) == 0 && message->msg_name != NULL &&
                  d->phase == PHASE_NEW && fast_open_by_sendto(s, d);
    if ((flags & MSG_FASTOPEN) == 0 && !sendto)
        return -EAGAIN;
    int error = fast_open_may_begin(s, d, message);
    if (error == 0 && sendto)
        return fast_open_connect(s, d, message);
    return error != 0 ? error : fast_open_begin(s, d, message, waits);
}
