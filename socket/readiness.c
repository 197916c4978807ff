/* readiness.c - poll(2) and select(2): what may be done now without waiting. As Linux's
 * tcp_poll() answers, from the state and the queues alone. */
#define _GNU_SOURCE
#include "socket/descriptor.h"

#include <errno.h>
#include <limits.h>

bool readiness_at_end(const tern_status *status)
{
    tern_state state = status->state;

    return state == TERN_CLOSE_WAIT || state == TERN_CLOSING || state == TERN_LAST_ACK ||
           state == TERN_TIME_WAIT || state == TERN_CLOSED;
}

/* As much as SO_RCVLOWAT asks for; an urgent octet that is next and out of band does not count. */
static bool readiness_may_read(const tern_sockets *s, const descriptor *d,
                               const tern_status *status)
{
    uint64_t least = (uint64_t)sockopt_number(d, NUMBER_RCVLOWAT);
    bool in_line = sockopt_number(d, NUMBER_OOBINLINE) != 0;

    if (!in_line && tern_urgent_mark(s->config.stack, d->handle) == 1)
        least++;
    return status->recv_queue_bytes >= least;
}

static uint32_t readiness_of_connection(const tern_sockets *s, const descriptor *d,
                                        const tern_status *status)
{
    bool end = d->read_shut || readiness_at_end(status);
    bool over = status->state == TERN_CLOSED || status->state == TERN_TIME_WAIT;
    uint32_t events = d->error != 0 ? POLLERR : 0;

    if (over || (end && d->write_shut))
        events |= POLLHUP;
    if (end)
        events |= POLLIN | POLLRDNORM | POLLRDHUP;
    if (d->phase == PHASE_CONNECTING && !over)
        return events;
    if (d->urgent_kept || tern_urgent_mark(s->config.stack, d->handle) > 0)
        events |= POLLPRI;
    if (readiness_may_read(s, d, status))
        events |= POLLIN | POLLRDNORM;
    if (over || d->write_shut || status->writable)
        events |= POLLOUT | POLLWRNORM;
    else /* and an event shall tell when */
        (void)tern_send(s->config.stack, sockets_now(s), d->handle, NULL, 0);
    return events;
}

/* A set that has something to report is readable itself. */
static uint32_t readiness_of_epoll(const descriptor *d)
{
    return d->ready_head != NULL ? POLLIN | POLLRDNORM : 0;
}

uint32_t readiness_of(const tern_sockets *s, const descriptor *d)
{
    tern_status status;

    if (d->kind == DESCRIPTOR_EPOLL)
        return readiness_of_epoll(d);
    if (d->deferred)
        return POLLOUT | POLLWRNORM;
    if (!sockets_status(s, d, &status))
        return POLLOUT | POLLWRNORM | POLLHUP | (d->error != 0 ? (uint32_t)POLLERR : 0);
    if (d->phase == PHASE_LISTENING)
        return status.accept_queue > 0 ? POLLIN | POLLRDNORM : 0;
    return readiness_of_connection(s, d, &status);
}

/* ---- poll ---------------------------------------------------------------------------------- */

static int readiness_poll_once(const tern_sockets *s, struct pollfd *fds, nfds_t count)
{
    int ready = 0;

    for (nfds_t i = 0; i < count; i++) {
        const descriptor *d = descriptor_get(s, fds[i].fd);
        uint32_t events = POLLNVAL;
        fds[i].revents = 0;
        if (fds[i].fd < 0)
            continue;
        if (d != NULL)
            events = readiness_of(s, d) & ((uint32_t)(uint16_t)fds[i].events | POLLERR | POLLHUP);
        fds[i].revents = (short)events;
        ready += events != 0;
    }
    return ready;
}

static tern_time readiness_until(const tern_sockets *s, int timeout_ms)
{
    return timeout_ms < 0 ? TERN_NEVER : sockets_now(s) + (tern_time)timeout_ms * 1000;
}

int tern_sockets_poll(tern_sockets *s, struct pollfd *fds, nfds_t count, int timeout_ms)
{
    tern_time until_us = readiness_until(s, timeout_ms);

    if (count > s->config.descriptors_max)
        return -EINVAL;
    for (;;) {
        int ready = readiness_poll_once(s, fds, count);
        if (ready != 0)
            return ready;
        int error = sockets_wait(s, until_us);
        if (error != 0)
            return error == -EAGAIN ? 0 : error;
    }
}

/* ---- select -------------------------------------------------------------------------------- */

enum { SELECT_SETS = 3 };

/* What select(2) calls readable, writable and exceptional. */
static const uint32_t select_events[SELECT_SETS] = {
    POLLIN | POLLRDNORM | POLLRDHUP | POLLHUP | POLLERR,
    POLLOUT | POLLWRNORM | POLLERR,
    POLLPRI,
};

/* Fills `result` with the ready ones of `sets`; their number, or -EBADF. */
static int readiness_select_once(const tern_sockets *s, int count, fd_set *const sets[SELECT_SETS],
                                 fd_set result[SELECT_SETS])
{
    int ready = 0;

    for (int fd = 0; fd < count; fd++) {
        for (int i = 0; i < SELECT_SETS; i++) {
            if (sets[i] == NULL || !FD_ISSET(fd, sets[i]))
                continue;
            const descriptor *d = descriptor_get(s, fd);
            if (d == NULL)
                return -EBADF;
            if ((readiness_of(s, d) & select_events[i]) == 0)
                continue;
            FD_SET(fd, &result[i]);
            ready++;
        }
    }
    return ready;
}

int tern_sockets_select(tern_sockets *s, int count, fd_set *sets[SELECT_SETS],
                        const struct timeval *timeout)
{
    tern_time until_us = TERN_NEVER;
    fd_set result[SELECT_SETS];

    if (count < 0 || count > FD_SETSIZE)
        return -EINVAL;
    if (timeout != NULL) {
        if (timeout->tv_sec < 0 || timeout->tv_usec < 0)
            return -EINVAL;
        until_us = sockets_now(s) + (tern_time)timeout->tv_sec * 1000000 +
                   (tern_time)timeout->tv_usec;
    }
    for (;;) {
        for (int i = 0; i < SELECT_SETS; i++)
            FD_ZERO(&result[i]);
        int ready = readiness_select_once(s, count, sets, result);
        int error = ready == 0 ? sockets_wait(s, until_us) : 0;
        if (ready < 0 || error == -EINTR)
            return ready < 0 ? ready : error;
        if (ready == 0 && error == 0)
            continue;
        for (int i = 0; i < SELECT_SETS; i++)
            if (sets[i] != NULL)
                *sets[i] = result[i];
        return ready;
    }
}
