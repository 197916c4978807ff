/* calls_sockets.c - socket, bind, listen, accept, connect, shutdown, close and the names. */
#define _GNU_SOURCE
#include "apps/drill/calls.h"
#include "apps/tern/i18n.h"

#include <errno.h>
#include <string.h>

static bool call_socket(const arguments *a, int64_t *result)
{
    int64_t domain = a->r->options.family == DRILL_IPV4 ? AF_INET : AF_INET6, type, protocol;
    const pkt_expr *first = argument_at(a, 0);

    if (first == NULL || (first->kind != PKT_ELLIPSIS && !argument_value(a, first, &domain)) ||
        !argument_number(a, 1, &type) || !argument_number(a, 2, &protocol))
        return false;
    *result = tern_sockets_socket(a->r->subject.table, (int)domain, (int)type, (int)protocol);
    if (*result == -ESOCKTNOSUPPORT || *result == -EPROTONOSUPPORT || *result == -EAFNOSUPPORT) {
        runner_verdict(a->r, DRILL_UNSUPPORTED, a->call->place, N_("a socket that is not TCP's"));
        return false;
    }
    return true;
}

static bool call_bind(const arguments *a, int64_t *result)
{
    struct sockaddr_storage address;
    socklen_t bytes;
    int fd;

    if (!argument_descriptor(a, 0, &fd) || !argument_address(a, 1, &a->r->local, &address, &bytes))
        return false;
    *result = tern_sockets_bind(a->r->subject.table, fd, (struct sockaddr *)&address, bytes);
    return true;
}

static bool call_listen(const arguments *a, int64_t *result)
{
    int64_t backlog;
    int fd;

    if (!argument_descriptor(a, 0, &fd) || !argument_number(a, 1, &backlog))
        return false;
    *result = tern_sockets_listen(a->r->subject.table, fd, (int)backlog);
    if (*result != 0)
        return true;
    a->r->flow = (runner_flow){.listening = true};
    if (a->r->descriptor < 0) /* until there is a connection */
        a->r->descriptor = fd;
    return true;
}

static bool call_accept(const arguments *a, int64_t *result)
{
    struct sockaddr_storage address;
    socklen_t bytes = sizeof address;
    int64_t flags = 0;
    int fd;

    if (!argument_descriptor(a, 0, &fd))
        return false;
    if (strcmp(a->call->name, "accept4") == 0 && !argument_number(a, 3, &flags))
        return false;
    *result = tern_sockets_accept4(a->r->subject.table, fd, (struct sockaddr *)&address, &bytes,
                                   (int)flags);
    if (*result >= 0)
        a->r->descriptor = (int)*result;
    return true;
}

static bool call_connect(const arguments *a, int64_t *result)
{
    struct sockaddr_storage address;
    socklen_t bytes;
    int fd;

    if (!argument_descriptor(a, 0, &fd) || !argument_address(a, 1, &a->r->remote, &address, &bytes))
        return false;
    runner_connects(a->r, fd);
    *result = tern_sockets_connect(a->r->subject.table, fd, (struct sockaddr *)&address, bytes);
    return true;
}

static bool call_shutdown(const arguments *a, int64_t *result)
{
    int64_t how;
    int fd;

    if (!argument_descriptor(a, 0, &fd) || !argument_number(a, 1, &how))
        return false;
    *result = tern_sockets_shutdown(a->r->subject.table, fd, (int)how);
    return true;
}

static bool call_close(const arguments *a, int64_t *result)
{
    int64_t script;
    int fd;

    if (!argument_number(a, 0, &script) || !argument_descriptor(a, 0, &fd))
        return false;
    *result = tern_sockets_close(a->r->subject.table, fd);
    if (*result == 0 && script >= 0 && script < RUNNER_DESCRIPTORS)
        a->r->live[script] = -1;
    return true;
}

static bool call_name(const arguments *a, int64_t *result)
{
    struct sockaddr_storage address;
    socklen_t bytes = sizeof address;
    tern_sockets *table = a->r->subject.table;
    int fd;

    if (!argument_descriptor(a, 0, &fd))
        return false;
    *result = strcmp(a->call->name, "getsockname") == 0
                  ? tern_sockets_getsockname(table, fd, (struct sockaddr *)&address, &bytes)
                  : tern_sockets_getpeername(table, fd, (struct sockaddr *)&address, &bytes);
    return true;
}

const calls_entry calls_of_sockets[] = {
    {"socket", call_socket, true},
    {"bind", call_bind, false},
    {"listen", call_listen, false},
    {"accept", call_accept, true},
    {"accept4", call_accept, true},
    {"connect", call_connect, false},
    {"shutdown", call_shutdown, false},
    {"close", call_close, false},
    {"getsockname", call_name, false},
    {"getpeername", call_name, false},
    {NULL, NULL, false},
};
