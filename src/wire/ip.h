/* ip.h - IPv4 (RFC 791) and IPv6 (RFC 8200) packets: octets <-> struct. No state, no decisions
 * beyond the form of the packet. */
#ifndef TERN_WIRE_IP_H
#define TERN_WIRE_IP_H

#include "tern/tern.h"

#include <string.h>

enum {
    IP_PROTOCOL_ICMP = 1,
    IP_PROTOCOL_TCP = 6,
    IP_PROTOCOL_UDP = 17,
    IP_PROTOCOL_ICMPV6 = 58,
    IPV4_HEADER_BYTES = 20,
    IPV6_HEADER_BYTES = 40,
};

typedef struct ip_packet {
    tern_address source, destination; /* IPv4 as ::ffff:a.b.c.d */
    const uint8_t *payload;           /* inside the packet given */
    size_t payload_bytes;             /* by the IP header's own count, at most what is there */
    uint8_t version;                  /* 4 or 6 */
    uint8_t protocol;                 /* of the payload, IPv6 extension headers passed over */
    uint8_t tos;                      /* type of service / traffic class: DSCP and ECN */
    uint8_t ttl;                      /* time to live / hop limit */
} ip_packet;

/* Reads a packet. Checks, in this order: version, lengths, IPv4 header checksum, source route,
 * fragments, IPv6 extension headers (hop-by-hop, destination options and a routing header with
 * nothing left are passed over, unless an option in them asks to be understood or else discarded,
 * RFC 8200 4.2; at most 8 of them). Octets past the IP length are padding and ignored; an IPv6
 * length of 0 is a jumbogram or nothing, and too short. TERN_RULE_NONE, or the rule by which the
 * packet is dropped: PACKET_TOO_SHORT, IP_VERSION_UNKNOWN, IP_HEADER_BAD, IP_CHECKSUM_BAD,
 * IP_SOURCE_ROUTE_REFUSED, IP_FRAGMENT_DROPPED, IP_EXTENSION_UNKNOWN (the chain ends in ESP, AH,
 * no next header or the like; any other number is a protocol, and the stack's to judge). An atomic
 * IPv6 fragment (RFC 6946) is no fragment. *ip is meaningful after TERN_RULE_NONE only. */
tern_rule ip_read(ip_packet *ip, const void *packet, size_t bytes);

typedef struct ip_fields {
    tern_address source, destination; /* both of one family, which decides the version */
    uint8_t protocol;
    uint8_t tos;
    uint8_t ttl;
    uint16_t id; /* IPv4 identification; DF is always set (RFC 6864: then it means nothing) */
    size_t payload_bytes;
} ip_fields;

/* ::ffff:a.b.c.d, which is how tern holds an IPv4 address. */
static inline bool ip_is_v4(const tern_address *address)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

    return memcmp(address->octets, mapped, sizeof mapped) == 0;
}

/* 20 or 40. */
size_t ip_header_bytes(const tern_address *address);

/* Writes the header in front of the payload_bytes that follow it; returns ip_header_bytes(). The
 * whole packet is at most 65535 octets. */
size_t ip_write(uint8_t *packet, const ip_fields *fields);

#endif
