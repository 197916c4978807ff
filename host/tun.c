/* tun.c - makes, configures and gives back a TUN device.
 *
 * Read first: Documentation/networking/tuntap.rst of Linux, netlink.c here. The device carries
 * bare IP packets (IFF_NO_PI) without virtio headers, so the kernel hands over complete packets,
 * checksums filled in, none above the MTU. */
#define _GNU_SOURCE
#include "host/tun.h"
#include "host/netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static tun_error tun_error_of(int error)
{
    switch (error) {
    case EPERM:
    case EACCES:
        return TUN_NO_PERMISSION;
    case EBUSY:
        return TUN_NAME_BUSY;
    case EINVAL:
        return TUN_NAME_WRONG;
    default:
        errno = error;
        return TUN_FAILED;
    }
}

static tun_error tun_attach(tun_device *device, const char *name)
{
    struct ifreq request;

    device->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (device->fd < 0) {
        bool absent = errno == ENOENT || errno == ENODEV || errno == ENXIO || errno == ENOTDIR;
        bool closed = errno == EACCES || errno == EPERM;
        return absent ? TUN_NO_NODE : closed ? TUN_NODE_CLOSED : tun_error_of(errno);
    }
    memset(&request, 0, sizeof request);
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    (void)snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    if (ioctl(device->fd, TUNSETIFF, &request) < 0)
        return tun_error_of(errno);
    (void)snprintf(device->name, sizeof device->name, "%s", request.ifr_name);
    return TUN_OK;
}

/* The octets of an interface address as this file compares them: IPv4 is the last 4 of 16. */
static bool tun_octets(const struct sockaddr *from, tern_address *to)
{
    if (from == NULL)
        return false;
    if (from->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)from;
        const uint8_t *o = (const uint8_t *)&in->sin_addr;
        *to = tern_address_ipv4(o[0], o[1], o[2], o[3]);
        return true;
    }
    if (from->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)from;
        memcpy(to->octets, &in6->sin6_addr, sizeof to->octets);
        return true;
    }
    return false;
}

/* Do two addresses agree in their first bits? */
static bool tun_same_bits(const tern_address *a, const tern_address *b, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;

    if (memcmp(a->octets, b->octets, whole) != 0)
        return false;
    return rest == 0 || (a->octets[whole] ^ b->octets[whole]) >> (8 - rest) == 0;
}

/* Is an address of this subnet on the device, or (elsewhere) on any other? */
static bool tun_subnet_on(const char *device_name, const tun_network *net, bool elsewhere)
{
    struct ifaddrs *list;
    unsigned bits = net->prefix_bits + (tern_address_is_ipv4(&net->address) ? 96 : 0);
    bool found = false;

    if (net->prefix_bits == 0 || getifaddrs(&list) < 0)
        return false;
    for (const struct ifaddrs *i = list; i != NULL && !found; i = i->ifa_next) {
        tern_address address;
        if ((strcmp(i->ifa_name, device_name) == 0) != elsewhere &&
            tun_octets(i->ifa_addr, &address))
            found = tun_same_bits(&address, &net->address, bits);
    }
    freeifaddrs(list);
    return found;
}

/* Gives the device one address; an attached device may have it already. */
static int tun_address(const tun_device *device, int netlink, const tun_network *net)
{
    bool ipv4 = tern_address_is_ipv4(&net->address);
    const uint8_t *octets = net->address.octets + (ipv4 ? 12 : 0);

    if (net->prefix_bits == 0)
        return 0;
    int error = netlink_address_add(netlink, if_nametoindex(device->name), !ipv4, octets,
                                    net->prefix_bits);
    if (error == EPERM && tun_subnet_on(device->name, net, false))
        return 0;
    return error == EEXIST ? 0 : error;
}

static bool tun_is_up(const tun_device *device)
{
    struct ifreq request;
    int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    memset(&request, 0, sizeof request);
    (void)snprintf(request.ifr_name, sizeof request.ifr_name, "%s", device->name);
    bool up = any >= 0 && ioctl(any, SIOCGIFFLAGS, &request) == 0 &&
              (request.ifr_flags & IFF_UP) != 0;
    if (any >= 0)
        (void)close(any);
    return up;
}

/* Until the kernel takes packets to the device's IPv6 address: a moment, at most a second. */
static void tun_await_ipv6(int netlink, const tern_address *address)
{
    const struct timespec pause = {.tv_nsec = 1000000};

    for (int i = 0; i < 1000 && !netlink_ipv6_is_local(netlink, address->octets); i++)
        (void)nanosleep(&pause, NULL);
}

static tun_error tun_configure(tun_device *device, const tun_request *request)
{
    unsigned index = if_nametoindex(device->name);
    int netlink = netlink_open();

    if (netlink < 0)
        return tun_error_of(errno);
    /* Fails where there is no IPv6, and where the device is somebody else's: no harm in either. */
    (void)netlink_no_link_local(netlink, index);
    int error = netlink_link_up(netlink, index, request->mtu_bytes);
    if (error == EPERM && tun_is_up(device))
        error = 0;
    if (error == 0)
        error = tun_address(device, netlink, &request->ipv4);
    if (error == 0 && request->ipv6.prefix_bits > 0) {
        int ipv6_error = tun_address(device, netlink, &request->ipv6);
        /* IPv6 is compiled out (EAFNOSUPPORT, EOPNOTSUPP), or switched off (EACCES). */
        bool off = ipv6_error == EAFNOSUPPORT || ipv6_error == EOPNOTSUPP || ipv6_error == EACCES;
        device->ipv6 = ipv6_error == 0;
        if (device->ipv6)
            tun_await_ipv6(netlink, &request->ipv6.address);
        error = off ? 0 : ipv6_error;
    }
    (void)close(netlink);
    return error == 0 ? TUN_OK : tun_error_of(error);
}

tun_error tun_open(tun_device *device, const tun_request *request)
{
    memset(device, 0, sizeof *device);
    tun_error error = tun_attach(device, request->name);
    if (error == TUN_OK && (tun_subnet_on(device->name, &request->ipv4, true) ||
                            tun_subnet_on(device->name, &request->ipv6, true)))
        error = TUN_ADDRESS_TAKEN;
    if (error == TUN_OK)
        error = tun_configure(device, request);
    if (error != TUN_OK) {
        int saved = errno;
        tun_close(device);
        errno = saved;
    }
    return error;
}

void tun_close(tun_device *device)
{
    if (device->fd >= 0)
        (void)close(device->fd);
    device->fd = -1;
}

ptrdiff_t tun_read(const tun_device *device, void *packet, size_t cap_bytes)
{
    ssize_t got = read(device->fd, packet, cap_bytes);

    if (got >= 0)
        return got;
    return errno == EAGAIN || errno == EINTR || errno == EIO ? 0 : -1;
}

int tun_write(const tun_device *device, const void *packet, size_t bytes)
{
    if (write(device->fd, packet, bytes) >= 0)
        return 1;
    switch (errno) {
    case EAGAIN:
    case EINTR:
        return 0;
    case EBADF:
    case EBADFD:
        return -1;
    default: /* EIO: down; ENOBUFS, ENOMEM: no room; EINVAL: not a packet the kernel takes */
        return 1;
    }
}

static bool tun_write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    size_t bytes = strlen(text);

    if (fd < 0)
        return false;
    bool written = write(fd, text, bytes) == (ssize_t)bytes;
    return close(fd) == 0 && written;
}

/* Makes the caller root of a user namespace of its own (user_namespaces(7)). */
static tun_error tun_enter_user_namespace(uid_t uid, gid_t gid)
{
    char uid_map[32], gid_map[32];

    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
        return tun_error_of(errno == ENOSPC || errno == EINVAL ? EPERM : errno);
    (void)snprintf(uid_map, sizeof uid_map, "0 %u 1", (unsigned)uid);
    (void)snprintf(gid_map, sizeof gid_map, "0 %u 1", (unsigned)gid);
    if (!tun_write_file("/proc/self/setgroups", "deny") ||
        !tun_write_file("/proc/self/uid_map", uid_map) ||
        !tun_write_file("/proc/self/gid_map", gid_map))
        return tun_error_of(errno);
    return TUN_OK;
}

tun_error tun_enter_namespace(void)
{
    tun_error entered = TUN_OK;

    if (unshare(CLONE_NEWNET) < 0) {
        if (errno != EPERM)
            return tun_error_of(errno);
        entered = tun_enter_user_namespace(geteuid(), getegid());
    }
    if (entered != TUN_OK)
        return entered;

    int netlink = netlink_open();
    if (netlink < 0)
        return tun_error_of(errno);
    int error = netlink_link_up(netlink, if_nametoindex("lo"), 0);
    (void)close(netlink);
    return error == 0 ? TUN_OK : tun_error_of(error);
}
