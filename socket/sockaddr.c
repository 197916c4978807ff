/* sockaddr.c - struct sockaddr_in and sockaddr_in6 <-> tern_endpoint. */
#include "socket/descriptor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

static tern_address sockaddr_v4(const struct in_addr *from)
{
    uint8_t octets[4];

    memcpy(octets, from, sizeof octets);
    /* INADDR_ANY means any, of whichever family the stack has. */
    if (from->s_addr == htonl(INADDR_ANY))
        return (tern_address){{0}};
    return tern_address_ipv4(octets[0], octets[1], octets[2], octets[3]);
}

bool sockaddr_is_any(const tern_address *a)
{
    static const tern_address any;
    tern_address any_ipv4 = tern_address_ipv4(0, 0, 0, 0);

    return memcmp(a, &any, sizeof any) == 0 || memcmp(a, &any_ipv4, sizeof any_ipv4) == 0;
}

bool sockaddr_read(const descriptor *d, const struct sockaddr *from, socklen_t bytes,
                   tern_endpoint *to, int *error)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    *error = -EINVAL;
    if (from == NULL || bytes < sizeof from->sa_family)
        return false;
    if (from->sa_family == AF_INET && bytes >= sizeof v4) {
        memcpy(&v4, from, sizeof v4);
        *to = (tern_endpoint){sockaddr_v4(&v4.sin_addr), ntohs(v4.sin_port)};
        *error = d->family == AF_INET ? 0 : -EAFNOSUPPORT;
        return *error == 0;
    }
    if (from->sa_family == AF_INET6 && bytes >= sizeof v6) {
        memcpy(&v6, from, sizeof v6);
        memcpy(to->address.octets, &v6.sin6_addr, sizeof to->address.octets);
        to->port = ntohs(v6.sin6_port);
        *error = d->family == AF_INET6 ? 0 : -EAFNOSUPPORT;
        return *error == 0;
    }
    if (from->sa_family != AF_INET && from->sa_family != AF_INET6)
        *error = -EAFNOSUPPORT;
    return false;
}

void sockaddr_write(const descriptor *d, const tern_endpoint *from, struct sockaddr *to,
                    socklen_t *bytes)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(from->port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(from->port)};
    const void *whole = d->family == AF_INET ? (const void *)&v4 : (const void *)&v6;
    socklen_t size = d->family == AF_INET ? sizeof v4 : sizeof v6;

    if (tern_address_is_ipv4(&from->address))
        memcpy(&v4.sin_addr, from->address.octets + 12, 4);
    memcpy(&v6.sin6_addr, from->address.octets, sizeof v6.sin6_addr);
    if (to != NULL)
        memcpy(to, whole, *bytes < size ? *bytes : size);
    *bytes = size;
}
