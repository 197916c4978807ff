/* netlink.h - the few things that tern asks of the kernel's routing socket.
 *
 * Each waits for the kernel's answer; those that return an int return 0 or a positive errno. */
#ifndef TERN_HOST_NETLINK_H
#define TERN_HOST_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A routing socket, or -1 with errno set. */
int netlink_open(void);

/* An IPv6 link makes itself no link-local address, and so asks for no router. */
int netlink_no_link_local(int netlink, unsigned link_index);

/* mtu_bytes 0: as it is. */
int netlink_link_up(int netlink, unsigned link_index, unsigned mtu_bytes);

/* address: 4 octets or, with ipv6, 16. An address that is there already is EEXIST. IPv6 addresses
 * are made without duplicate address detection. */
int netlink_address_add(int netlink, unsigned link_index, bool ipv6, const uint8_t *address,
                        unsigned prefix_bits);

/* Does a packet to this IPv6 address stay in the host? The kernel makes the route of a new address
 * a moment after it has acknowledged the address; what comes before that moment is lost. */
bool netlink_ipv6_is_local(int netlink, const uint8_t address[16]);

#endif
