/* descriptor.c - the table of descriptors, and what the stack's events mean to them. */
#include "socket/descriptor.h"

#include <errno.h>
#include <stdlib.h>

static descriptor **descriptor_of_handle(const tern_sockets *s, tern_handle handle)
{
    uint32_t index = handle.index & INT32_MAX;

    if (handle.generation == 0)
        return NULL;
    if ((handle.index & ~(uint32_t)INT32_MAX) != 0)
        return index < s->config.stack_config->listeners_max ? &s->listeners[index] : NULL;
    return index < s->config.stack_config->connections_max ? &s->connections[index] : NULL;
}

tern_sockets *tern_sockets_new(const tern_sockets_config *config)
{
    tern_sockets *s = calloc(1, sizeof *s);

    if (s == NULL)
        return NULL;
    s->config = *config;
    s->next_port = config->stack_config->ephemeral_port_first;
    s->files = calloc(config->descriptors_max, sizeof(descriptor *));
    s->connections = calloc(config->stack_config->connections_max, sizeof(descriptor *));
    s->listeners = calloc(config->stack_config->listeners_max, sizeof(descriptor *));
    if (s->files != NULL && s->connections != NULL && s->listeners != NULL)
        return s;
    tern_sockets_free(s);
    return NULL;
}

void tern_sockets_free(tern_sockets *s)
{
    if (s == NULL)
        return;
    for (uint32_t i = 0; s->files != NULL && i < s->config.descriptors_max; i++) {
        if (s->files[i] != NULL && s->files[i]->kind != DESCRIPTOR_FREE)
            epoll_forget(s->files[i]);
    }
    for (uint32_t i = 0; s->files != NULL && i < s->config.descriptors_max; i++)
        free(s->files[i]);
    free(s->files);
    free(s->connections);
    free(s->listeners);
    free(s);
}

descriptor *descriptor_get(const tern_sockets *s, int fd)
{
    int64_t at = (int64_t)fd - s->config.first_descriptor;

    if (at < 0 || at >= s->config.descriptors_max)
        return NULL;
    descriptor *d = s->files[at];
    return d != NULL && d->kind != DESCRIPTOR_FREE ? d : NULL;
}

descriptor *descriptor_stream(const tern_sockets *s, int fd, int *error)
{
    descriptor *d = descriptor_get(s, fd);

    if (d != NULL && d->kind == DESCRIPTOR_STREAM)
        return d;
    *error = d == NULL ? -EBADF : -ENOTSOCK;
    return NULL;
}

static uint32_t descriptor_lowest_free(const tern_sockets *s)
{
    uint32_t at = 0;

    while (at < s->config.descriptors_max && s->files[at] != NULL &&
           s->files[at]->kind != DESCRIPTOR_FREE)
        at++;
    return at;
}

bool descriptor_is_full(const tern_sockets *s)
{
    return descriptor_lowest_free(s) == s->config.descriptors_max;
}

descriptor *descriptor_new(tern_sockets *s, descriptor_kind kind, int *error)
{
    uint32_t at = descriptor_lowest_free(s);

    if (at == s->config.descriptors_max) {
        *error = -EMFILE;
        return NULL;
    }
    if (s->files[at] == NULL)
        s->files[at] = malloc(sizeof(descriptor));
    if (s->files[at] == NULL) {
        *error = -ENOMEM;
        return NULL;
    }
    *s->files[at] = (descriptor){.kind = kind, .fd = s->config.first_descriptor + (int)at};
    return s->files[at];
}

void descriptor_free(tern_sockets *s, descriptor *d)
{
    epoll_forget(d);
    port_table_release(s, d);
    descriptor_unbind_handle(s, d);
    d->kind = DESCRIPTOR_FREE;
}

void descriptor_bind_handle(tern_sockets *s, descriptor *d, tern_handle handle)
{
    descriptor **place = descriptor_of_handle(s, handle);

    descriptor_unbind_handle(s, d);
    d->uncorked = d->ack_quick = false; /* so it was with the last one */
    d->handle = handle;
    if (place != NULL)
        *place = d;
}

void descriptor_unbind_handle(tern_sockets *s, descriptor *d)
{
    descriptor **place = descriptor_of_handle(s, d->handle);

    if (place != NULL && *place == d)
        *place = NULL;
    d->handle = (tern_handle){0, 0};
}

void tern_sockets_event(tern_sockets *s, const tern_event *event)
{
    descriptor **place = descriptor_of_handle(s, event->handle);
    descriptor *d = place != NULL ? *place : NULL;

    if (d == NULL || d->handle.generation != event->handle.generation)
        return;
    if ((event->what & TERN_EVENT_CONNECTED) != 0)
        open_connected(d);
    if ((event->what & TERN_EVENT_CLOSED) != 0 && event->error != TERN_OK)
        d->error = sockets_errno(event->error);
    epoll_wake(d);
}

tern_handle tern_sockets_handle(const tern_sockets *s, int fd)
{
    const descriptor *d = descriptor_get(s, fd);

    return d != NULL ? d->handle : (tern_handle){0, 0};
}

bool tern_sockets_is_open(const tern_sockets *s, int fd)
{
    return descriptor_get(s, fd) != NULL;
}

int sockets_wait(tern_sockets *s, tern_time until_us)
{
    if (until_us != TERN_NEVER && sockets_now(s) >= until_us)
        return -EAGAIN;
    return s->config.host.wait(s->config.host.context, until_us) ? 0 : -EINTR;
}

bool sockets_status(const tern_sockets *s, const descriptor *d, tern_status *status)
{
    return d->handle.generation != 0 &&
           tern_status_get(s->config.stack, d->handle, status) == TERN_OK;
}
