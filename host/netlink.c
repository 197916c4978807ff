/* netlink.c - builds rtnetlink requests and reads their acknowledgments.
 *
 * One request, one answer: a header, a fixed struct of its kind, then attributes, each aligned to
 * four octets (rtnetlink(7)). The kernel answers every request that has NLM_F_ACK with an
 * NLMSG_ERROR whose error is 0 or a negative errno value. */
#define _GNU_SOURCE
#include "host/netlink.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NETLINK_REQUEST_BYTES 256 /* the largest request below takes less than 100 */

typedef struct netlink_request {
    struct nlmsghdr header;
    uint8_t rest[NETLINK_REQUEST_BYTES];
} netlink_request;

int netlink_open(void)
{
    return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
}

static void netlink_begin(netlink_request *r, uint16_t type, uint16_t flags, const void *body,
                          size_t body_bytes)
{
    memset(r, 0, sizeof *r);
    r->header.nlmsg_type = type;
    r->header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
    r->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(body_bytes);
    memcpy(NLMSG_DATA(&r->header), body, body_bytes);
}

/* Appends an attribute. Returns where it starts, so that a nest can be closed over it. */
static struct rtattr *netlink_attribute(netlink_request *r, uint16_t type, const void *data,
                                        size_t bytes)
{
    uint32_t at = NLMSG_ALIGN(r->header.nlmsg_len);
    struct rtattr *attribute = (struct rtattr *)(void *)((uint8_t *)&r->header + at);

    attribute->rta_type = type;
    attribute->rta_len = (uint16_t)RTA_LENGTH(bytes);
    if (bytes > 0)
        memcpy(RTA_DATA(attribute), data, bytes);
    r->header.nlmsg_len = at + RTA_ALIGN(attribute->rta_len);
    return attribute;
}

/* A nest holds all that was appended since it was begun. */
static void netlink_close_nest(const netlink_request *r, struct rtattr *nest)
{
    const uint8_t *end = (const uint8_t *)&r->header + r->header.nlmsg_len;

    nest->rta_len = (uint16_t)(end - (const uint8_t *)nest);
}

/* One answer: its octets, or -1. */
static ssize_t netlink_talk(int netlink, const netlink_request *r, void *answer, size_t cap_bytes)
{
    ssize_t got;

    if (send(netlink, r, r->header.nlmsg_len, 0) < 0)
        return -1;
    do {
        got = recv(netlink, answer, cap_bytes, 0);
    } while (got < 0 && errno == EINTR);
    return got;
}

static int netlink_ask(int netlink, const netlink_request *r)
{
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        uint8_t rest[1024]; /* the kernel quotes the request, and may explain an error */
    } answer;
    ssize_t got = netlink_talk(netlink, r, &answer, sizeof answer);

    if (got < 0)
        return errno;
    if ((size_t)got < sizeof answer.header + sizeof(int) || answer.header.nlmsg_type != NLMSG_ERROR)
        return EPROTO;
    return -answer.error.error;
}

int netlink_no_link_local(int netlink, unsigned link_index)
{
    struct ifinfomsg link = {.ifi_family = AF_UNSPEC, .ifi_index = (int)link_index};
    uint8_t mode = IN6_ADDR_GEN_MODE_NONE;
    netlink_request r;

    netlink_begin(&r, RTM_SETLINK, 0, &link, sizeof link);
    struct rtattr *families = netlink_attribute(&r, IFLA_AF_SPEC, NULL, 0);
    struct rtattr *inet6 = netlink_attribute(&r, AF_INET6, NULL, 0);
    netlink_attribute(&r, IFLA_INET6_ADDR_GEN_MODE, &mode, sizeof mode);
    netlink_close_nest(&r, inet6);
    netlink_close_nest(&r, families);
    return netlink_ask(netlink, &r);
}

int netlink_link_up(int netlink, unsigned link_index, unsigned mtu_bytes)
{
    struct ifinfomsg link = {.ifi_family = AF_UNSPEC,
                             .ifi_index = (int)link_index,
                             .ifi_flags = IFF_UP,
                             .ifi_change = IFF_UP};
    uint32_t mtu = mtu_bytes;
    netlink_request r;

    netlink_begin(&r, RTM_NEWLINK, 0, &link, sizeof link);
    if (mtu_bytes > 0)
        netlink_attribute(&r, IFLA_MTU, &mtu, sizeof mtu);
    return netlink_ask(netlink, &r);
}

int netlink_address_add(int netlink, unsigned link_index, bool ipv6, const uint8_t *address,
                        unsigned prefix_bits)
{
    struct ifaddrmsg body = {.ifa_family = ipv6 ? AF_INET6 : AF_INET,
                             .ifa_prefixlen = (uint8_t)prefix_bits,
                             .ifa_flags = ipv6 ? IFA_F_NODAD : 0,
                             .ifa_scope = RT_SCOPE_UNIVERSE,
                             .ifa_index = link_index};
    netlink_request r;

    netlink_begin(&r, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
    netlink_attribute(&r, IFA_LOCAL, address, ipv6 ? 16 : 4);
    netlink_attribute(&r, IFA_ADDRESS, address, ipv6 ? 16 : 4);
    return netlink_ask(netlink, &r);
}

bool netlink_ipv6_is_local(int netlink, const uint8_t address[16])
{
    struct rtmsg route = {.rtm_family = AF_INET6, .rtm_dst_len = 128};
    netlink_request r;
    struct {
        struct nlmsghdr header;
        struct rtmsg route;
        uint8_t rest[1024];
    } answer;

    netlink_begin(&r, RTM_GETROUTE, 0, &route, sizeof route);
    r.header.nlmsg_flags = NLM_F_REQUEST; /* the route is the acknowledgment */
    netlink_attribute(&r, RTA_DST, address, 16);
    ssize_t got = netlink_talk(netlink, &r, &answer, sizeof answer);
    return got >= (ssize_t)NLMSG_LENGTH(sizeof route) && answer.header.nlmsg_type == RTM_NEWROUTE &&
           answer.route.rtm_type == RTN_LOCAL;
}
