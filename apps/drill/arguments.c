/* arguments.c - see arguments.h. */
#define _GNU_SOURCE
#include "apps/drill/arguments.h"

#include "apps/pkt/symbols.h"
#include "apps/tern/i18n.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

enum { ARGUMENT_ROOM_BYTES = 4 << 20, ARGUMENT_TERMS_MAX = 64 };

static uint8_t argument_octets[ARGUMENT_ROOM_BYTES];

static bool argument_wrong(const arguments *a, const pkt_expr *e, const char *what)
{
    runner_verdict(a->r, DRILL_UNSUPPORTED, e->place, "%s(): %s", a->call->name, _(what));
    return false;
}

const pkt_expr *argument_at(const arguments *a, uint32_t n)
{
    const pkt_expr *e = a->call->arguments;

    for (uint32_t i = 0; i < n && e != NULL; i++)
        e = e->next;
    if (e == NULL)
        runner_verdict(a->r, DRILL_UNSUPPORTED, a->call->place, N_("%s() with %u arguments"),
                       a->call->name, a->call->argument_count);
    return e;
}

/* One term: no OR. */
static bool argument_term(const arguments *a, const pkt_expr *e, int64_t *value)
{
    if (e->kind == PKT_INTEGER) {
        *value = e->integer;
        return true;
    }
    if (e->kind == PKT_WORD) {
        if (pkt_symbol(e->text, value))
            return true;
        runner_verdict(a->r, DRILL_UNSUPPORTED, e->place, N_("the symbol %s is unknown"), e->text);
        return false;
    }
    if (e->kind == PKT_FUNCTION && e->first != NULL && e->first->kind == PKT_INTEGER) {
        *value = e->first->integer;
        if (strcmp(e->text, "htons") == 0)
            *value = htons((uint16_t)*value);
        else if (strcmp(e->text, "htonl") == 0)
            *value = htonl((uint32_t)*value);
        else
            return argument_wrong(a, e, N_("a function that is not known"));
        return true;
    }
    return argument_wrong(a, e, N_("a number was expected"));
}

bool argument_value(const arguments *a, const pkt_expr *e, int64_t *value)
{
    int64_t term = 0;

    if (e->kind != PKT_OR)
        return argument_term(a, e, value);
    *value = 0;
    for (const pkt_expr *c = e->first; c != NULL; c = c->next) {
        if (!argument_term(a, c, &term))
            return false;
        *value |= term;
    }
    return true;
}

bool argument_number(const arguments *a, uint32_t n, int64_t *value)
{
    const pkt_expr *e = argument_at(a, n);

    return e != NULL && argument_value(a, e, value);
}

int argument_live(const runner *r, int64_t script_fd)
{
    if (script_fd < 0 || script_fd >= RUNNER_DESCRIPTORS || r->live[script_fd] < 0)
        return (int)script_fd;
    return r->live[script_fd];
}

int argument_script(const runner *r, int fd)
{
    for (int i = 0; i < RUNNER_DESCRIPTORS; i++)
        if (r->live[i] == fd && fd >= 0)
            return i;
    return -1;
}

bool argument_descriptor(const arguments *a, uint32_t n, int *fd)
{
    int64_t value;

    if (!argument_number(a, n, &value))
        return false;
    *fd = argument_live(a->r, value);
    return true;
}

/* ---- Addresses ----------------------------------------------------------------------------- */

socklen_t argument_sockaddr(const runner *r, const tern_endpoint *endpoint,
                            struct sockaddr_storage *address)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(endpoint->port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(endpoint->port)};

    *address = (struct sockaddr_storage){.ss_family = AF_UNSPEC};
    memcpy(&v4.sin_addr, endpoint->address.octets + 12, 4);
    memcpy(&v6.sin6_addr, endpoint->address.octets, 16);
    if (r->options.family == DRILL_IPV4)
        memcpy(address, &v4, sizeof v4);
    else
        memcpy(address, &v6, sizeof v6);
    return r->options.family == DRILL_IPV4 ? sizeof v4 : sizeof v6;
}

/* inet_addr("1.2.3.4"), inet_pton(AF_INET6, "::1"): the text in it. */
static const char *argument_address_text(const pkt_expr *e)
{
    const pkt_expr *c = e->first;

    while (c != NULL && c->kind != PKT_STRING)
        c = c->next;
    return c != NULL ? c->text : NULL;
}

static bool argument_endpoint(const arguments *a, const pkt_expr *e, tern_endpoint *to)
{
    static const char *const ports[] = {"sin_port", "sin6_port"};
    static const char *const addresses[] = {"sin_addr", "sin6_addr"};
    int64_t port;

    for (int i = 0; i < 2; i++) {
        const pkt_expr *p = pkt_field(e, ports[i]), *at = pkt_field(e, addresses[i]);
        if (p != NULL && p->kind != PKT_ELLIPSIS) {
            if (!argument_value(a, p, &port))
                return false;
            to->port = ntohs((uint16_t)port);
        }
        const char *text = at != NULL ? argument_address_text(at) : NULL;
        if (text != NULL && !tern_address_parse(text, &to->address))
            return argument_wrong(a, at, N_("an address that is none"));
    }
    return true;
}

bool argument_address(const arguments *a, uint32_t n, const tern_endpoint *usual,
                      struct sockaddr_storage *address, socklen_t *bytes)
{
    const pkt_expr *e = argument_at(a, n);
    tern_endpoint endpoint = *usual;
    int64_t family;

    if (e == NULL)
        return false;
    *bytes = argument_sockaddr(a->r, &endpoint, address);
    if (e->kind == PKT_ELLIPSIS)
        return true;
    if (e->kind == PKT_WORD && strcmp(e->text, "AF_UNSPEC") == 0) {
        address->ss_family = AF_UNSPEC;
        return true;
    }
    if (e->kind != PKT_STRUCT)
        return argument_wrong(a, e, N_("an address was expected"));
    const pkt_expr *given = pkt_field(e, "sa_family");
    if (!argument_endpoint(a, e, &endpoint))
        return false;
    *bytes = argument_sockaddr(a->r, &endpoint, address);
    if (given != NULL && given->kind != PKT_ELLIPSIS) {
        if (!argument_value(a, given, &family))
            return false;
        address->ss_family = (sa_family_t)family;
    }
    return true;
}

/* ---- Octets -------------------------------------------------------------------------------- */

bool argument_room(const arguments *a, const pkt_expr *e, int64_t bytes, uint8_t **room)
{
    if (bytes < 0 || bytes > ARGUMENT_ROOM_BYTES)
        return argument_wrong(a, e, N_("too many octets"));
    memset(argument_octets, 0, (size_t)bytes);
    *room = argument_octets;
    return true;
}

bool argument_parts(const arguments *a, const pkt_expr *list, struct iovec *parts, size_t *count)
{
    int64_t total = 0, bytes;

    *count = 0;
    if (list->kind != PKT_ARRAY)
        return argument_wrong(a, list, N_("a list of parts was expected"));
    for (const pkt_expr *e = list->first; e != NULL; e = e->next) {
        const pkt_expr *length = pkt_field(e, "iov_len");
        if (length == NULL && e->kind == PKT_STRUCT && e->first != NULL)
            length = e->first->next;
        if (length == NULL || *count == ARGUMENT_PARTS_MAX)
            return argument_wrong(a, e, N_("a part with a length was expected"));
        if (!argument_value(a, length, &bytes))
            return false;
        if (bytes < 0 || total + bytes > ARGUMENT_ROOM_BYTES)
            return argument_wrong(a, e, N_("too many octets"));
        parts[(*count)++] = (struct iovec){argument_octets + total, (size_t)bytes};
        total += bytes;
    }
    memset(argument_octets, 0, (size_t)total);
    return true;
}
