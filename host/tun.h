/* tun.h - a TUN device: a wire between a stack of ours and the kernel's.
 *
 * What the kernel routes to the device is read here, one IP packet a read; what is written here
 * comes to the kernel as if from a network. The device has one address of the host in each
 * family and a subnet around it, in which the stack takes an address of its own; no other route
 * is touched. The device is not persistent: the kernel removes it with the last descriptor, so it
 * is gone when the process is, however it ends. */
#ifndef TERN_HOST_TUN_H
#define TERN_HOST_TUN_H

#include "tern/tern.h"

#define TUN_NAME_BYTES 16 /* IFNAMSIZ */

/* An address of the host on the device, and how many of its bits are the subnet's. */
typedef struct tun_network {
    tern_address address;
    unsigned prefix_bits; /* IPv4: 1 .. 31, IPv6: 1 .. 127; 0: none of this family */
} tun_network;

typedef struct tun_request {
    char name[TUN_NAME_BYTES]; /* "tern%d": the kernel chooses the number */
    unsigned mtu_bytes;
    tun_network ipv4, ipv6; /* ipv4.address as ::ffff:a.b.c.d */
} tun_request;

typedef struct tun_device {
    int fd; /* non-blocking */
    char name[TUN_NAME_BYTES];
    bool ipv6; /* false also when the host has IPv6 switched off */
} tun_device;

typedef enum tun_error {
    TUN_OK,
    TUN_NO_NODE,       /* /dev/net/tun is not there, or has no driver */
    TUN_NODE_CLOSED,   /* /dev/net/tun may not be opened by this user */
    TUN_NO_PERMISSION, /* to make a device, or to configure it */
    TUN_NAME_BUSY,     /* another process has the device */
    TUN_NAME_WRONG,    /* not a name for a device, or that of a device that is no TUN */
    TUN_ADDRESS_TAKEN, /* the subnet is on another device already */
    TUN_FAILED,        /* errno says what */
} tun_error;

/* Makes the device, or attaches to the persistent one of that name, gives it the addresses, and
 * brings it up. IPv6 addresses are usable at once (no duplicate address detection). A device that
 * somebody else has made and configured may be used without any privilege.
 * On an error nothing is left behind; errno is set when the error is TUN_FAILED. */
tun_error tun_open(tun_device *device, const tun_request *request);

/* Gives the device back; the kernel removes it unless it was persistent before. */
void tun_close(tun_device *device);

/* Takes one packet that the kernel has sent. 0: none now. -1: the device is gone. */
ptrdiff_t tun_read(const tun_device *device, void *packet, size_t cap_bytes);

/* Gives one packet to the kernel. 1: taken, or lost (a device that is down loses packets as a cut
 * wire does). 0: not now, try again when the descriptor is writable. -1: the device is gone. */
int tun_write(const tun_device *device, const void *packet, size_t bytes);

/* Leaves the network of the machine for a new, empty one of this process alone, with its loopback
 * up. Without root, a user namespace is entered too, in which the caller is root; the process must
 * have one thread then. Errors: TUN_NO_PERMISSION, TUN_FAILED. */
tun_error tun_enter_namespace(void);

#endif
