/* epoll.c - epoll(7), level and edge.
 *
 * A set keeps a list of the watches on which something has happened since they were looked at
 * last. epoll_wait() asks each of these what holds now: a level-triggered one stays in the list for
 * as long as it is ready, an edge-triggered one leaves it until something happens again. */
#include "socket/descriptor.h"

#include <errno.h>
#include <stdlib.h>

static void epoll_list(watch *w)
{
    descriptor *set = w->set;

    if (w->ready || w->spent)
        return;
    w->ready = true;
    w->next_ready = NULL;
    w->prev_ready = set->ready_tail;
    if (set->ready_tail != NULL)
        set->ready_tail->next_ready = w;
    else
        set->ready_head = w;
    set->ready_tail = w;
}

static void epoll_unlist(watch *w)
{
    descriptor *set = w->set;

    if (!w->ready)
        return;
    w->ready = false;
    if (w->prev_ready != NULL)
        w->prev_ready->next_ready = w->next_ready;
    else
        set->ready_head = w->next_ready;
    if (w->next_ready != NULL)
        w->next_ready->prev_ready = w->prev_ready;
    else
        set->ready_tail = w->prev_ready;
}

void epoll_wake(descriptor *d)
{
    for (watch *w = d->watches; w != NULL; w = w->next_of_file)
        epoll_list(w);
}

static void epoll_remove(watch *w)
{
    watch **place = &w->file->watches;

    epoll_unlist(w);
    while (*place != w)
        place = &(*place)->next_of_file;
    *place = w->next_of_file;
    place = &w->set->members;
    while (*place != w)
        place = &(*place)->next_of_set;
    *place = w->next_of_set;
    free(w);
}

void epoll_forget(descriptor *d)
{
    while (d->watches != NULL)
        epoll_remove(d->watches);
    while (d->members != NULL)
        epoll_remove(d->members);
}

int tern_sockets_epoll_create(tern_sockets *s, int flags)
{
    int error = 0;

    if ((flags & ~EPOLL_CLOEXEC) != 0)
        return -EINVAL;
    descriptor *d = descriptor_new(s, DESCRIPTOR_EPOLL, &error);
    if (d == NULL)
        return error;
    d->close_on_exec = flags != 0;
    return d->fd;
}

static watch *epoll_find(descriptor *set, const descriptor *file)
{
    watch *w = file->watches;

    while (w != NULL && w->set != set)
        w = w->next_of_file;
    return w;
}

static int epoll_add(descriptor *set, descriptor *file, const struct epoll_event *event)
{
    watch *w = calloc(1, sizeof *w);

    if (w == NULL)
        return -ENOMEM;
    *w = (watch){.file = file,
                 .set = set,
                 .event = *event,
                 .next_of_file = file->watches,
                 .next_of_set = set->members};
    file->watches = w;
    set->members = w;
    epoll_list(w);
    return 0;
}

int tern_sockets_epoll_ctl(tern_sockets *s, int epoll_fd, int operation, int fd,
                           const struct epoll_event *event)
{
    descriptor *set = descriptor_get(s, epoll_fd), *file = descriptor_get(s, fd);

    if (set == NULL || file == NULL)
        return -EBADF;
    /* A set inside a set would need a look for circles; nobody watches tern that way. */
    if (set->kind != DESCRIPTOR_EPOLL || file->kind != DESCRIPTOR_STREAM)
        return -EINVAL;
    if (event == NULL && operation != EPOLL_CTL_DEL)
        return -EFAULT;
    watch *w = epoll_find(set, file);
    switch (operation) {
    case EPOLL_CTL_ADD:
        return w != NULL ? -EEXIST : epoll_add(set, file, event);
    case EPOLL_CTL_MOD:
        if (w == NULL)
            return -ENOENT;
        if (((w->event.events | event->events) & EPOLLEXCLUSIVE) != 0)
            return -EINVAL;
        w->event = *event;
        w->spent = false;
        epoll_list(w);
        return 0;
    case EPOLL_CTL_DEL:
        if (w == NULL)
            return -ENOENT;
        epoll_remove(w);
        return 0;
    default:
        return -EINVAL;
    }
}

/* Reports what holds now, each watch at most once. */
static int epoll_collect(const tern_sockets *s, descriptor *set, struct epoll_event *events,
                         int most)
{
    watch *last = set->ready_tail;
    int count = 0;

    for (watch *w = set->ready_head, *next; w != NULL && count < most; w = next) {
        bool end = w == last;
        uint32_t now = readiness_of(s, w->file) & (w->event.events | EPOLLERR | EPOLLHUP);
        next = w->next_ready;
        epoll_unlist(w);
        if (now != 0) {
            events[count++] = (struct epoll_event){.events = now, .data = w->event.data};
            w->spent = (w->event.events & EPOLLONESHOT) != 0;
            if ((w->event.events & EPOLLET) == 0)
                epoll_list(w); /* at the end, so that all get their turn */
        }
        if (end)
            break;
    }
    return count;
}

int tern_sockets_epoll_wait(tern_sockets *s, int epoll_fd, struct epoll_event *events, int most,
                            int timeout_ms)
{
    descriptor *set = descriptor_get(s, epoll_fd);
    tern_time until_us = timeout_ms < 0 ? TERN_NEVER
                                        : sockets_now(s) + (tern_time)timeout_ms * 1000;

    if (set == NULL)
        return -EBADF;
    if (set->kind != DESCRIPTOR_EPOLL || most <= 0)
        return -EINVAL;
    for (;;) {
        int count = epoll_collect(s, set, events, most);
        if (count > 0)
            return count;
        int error = sockets_wait(s, until_us);
        if (error != 0)
            return error == -EAGAIN ? 0 : error;
    }
}
