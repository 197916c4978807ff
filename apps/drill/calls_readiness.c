/* calls_readiness.c - poll and epoll. */
#define _GNU_SOURCE
#include "apps/drill/calls.h"
#include "apps/tern/i18n.h"

#include <poll.h>
#include <string.h>

enum { READINESS_MAX = 16 };

static bool readiness_field(const arguments *a, const pkt_expr *e, const char *name, int64_t *value)
{
    const pkt_expr *field = pkt_field(e, name);

    *value = 0;
    return field == NULL || field->kind == PKT_ELLIPSIS || argument_value(a, field, value);
}

static bool call_poll(const arguments *a, int64_t *result)
{
    const pkt_expr *list = argument_at(a, 0);
    struct pollfd fds[READINESS_MAX];
    int64_t wanted[READINESS_MAX], fd, events, count, timeout;
    nfds_t n = 0;

    if (list == NULL || list->kind != PKT_ARRAY || !argument_number(a, 1, &count) ||
        !argument_number(a, 2, &timeout))
        return false;
    for (const pkt_expr *e = list->first; e != NULL && n < READINESS_MAX; e = e->next) {
        if (!readiness_field(a, e, "fd", &fd) || !readiness_field(a, e, "events", &events) ||
            !readiness_field(a, e, "revents", &wanted[n]))
            return false;
        fds[n++] = (struct pollfd){argument_live(a->r, fd), (short)events, 0};
    }
    *result = tern_sockets_poll(a->r->subject.table, fds, n, (int)timeout);
    nfds_t i = 0;
    for (const pkt_expr *e = list->first; e != NULL && i < n; e = e->next, i++) {
        const pkt_expr *revents = pkt_field(e, "revents");
        if (revents != NULL && revents->kind != PKT_ELLIPSIS && fds[i].revents != wanted[i])
            runner_verdict(a->r, DRILL_FAIL, revents->place, N_("revents is 0x%x"),
                           (unsigned)(uint16_t)fds[i].revents);
    }
    return true;
}

static bool call_epoll_create(const arguments *a, int64_t *result)
{
    int64_t flags = 0;

    if (strcmp(a->call->name, "epoll_create1") == 0 && !argument_number(a, 0, &flags))
        return false;
    *result = tern_sockets_epoll_create(a->r->subject.table, (int)flags);
    return true;
}

/* The event of a script names its descriptor, as the script numbers it, in its data. */
static bool readiness_event(const arguments *a, const pkt_expr *e, struct epoll_event *event)
{
    static const char *const names[] = {"fd", "u32", "u64", "ptr"};
    int64_t events, data = 0;

    if (e->kind != PKT_STRUCT || !readiness_field(a, e, "events", &events))
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (pkt_field(e, names[i]) != NULL && !readiness_field(a, e, names[i], &data))
            return false;
    *event = (struct epoll_event){.events = (uint32_t)events, .data.u64 = (uint64_t)data};
    return true;
}

static bool call_epoll_ctl(const arguments *a, int64_t *result)
{
    struct epoll_event event = {.events = 0};
    int64_t operation;
    int set, fd;

    if (!argument_descriptor(a, 0, &set) || !argument_number(a, 1, &operation) ||
        !argument_descriptor(a, 2, &fd))
        return false;
    const pkt_expr *e = a->call->argument_count > 3 ? argument_at(a, 3) : NULL;
    if (e != NULL && e->kind == PKT_STRUCT && !readiness_event(a, e, &event))
        return false;
    *result = tern_sockets_epoll_ctl(a->r->subject.table, set, (int)operation, fd, &event);
    return true;
}

static bool call_epoll_wait(const arguments *a, int64_t *result)
{
    struct epoll_event got[READINESS_MAX], wanted;
    const pkt_expr *e = argument_at(a, 1);
    int64_t most, timeout;
    int set;

    if (e == NULL || !argument_descriptor(a, 0, &set) || !argument_number(a, 2, &most) ||
        !argument_number(a, 3, &timeout))
        return false;
    if (most > READINESS_MAX)
        most = READINESS_MAX;
    *result = tern_sockets_epoll_wait(a->r->subject.table, set, got, (int)most, (int)timeout);
    const pkt_expr *each = e->kind == PKT_ARRAY ? e->first : e;
    for (int64_t i = 0; i < *result && each != NULL && each->kind == PKT_STRUCT; i++) {
        if (!readiness_event(a, each, &wanted))
            return false;
        if (got[i].events != wanted.events || got[i].data.u64 != wanted.data.u64)
            runner_verdict(a->r, DRILL_FAIL, each->place, N_("the event is 0x%x of %llu"),
                           got[i].events, (unsigned long long)got[i].data.u64);
        each = e->kind == PKT_ARRAY ? each->next : NULL;
    }
    return true;
}

const calls_entry calls_of_readiness[] = {
    {"poll", call_poll, false},
    {"epoll_create", call_epoll_create, true},
    {"epoll_create1", call_epoll_create, true},
    {"epoll_ctl", call_epoll_ctl, false},
    {"epoll_wait", call_epoll_wait, false},
    {NULL, NULL, false},
};
