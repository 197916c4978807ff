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

/* Which piece of its datagram a fragment is (RFC 791 3.2, RFC 8200 4.5). */
typedef struct ip_fragment {
    uint32_t id;
    uint16_t at;           /* of the payload's first octet in the datagram: a multiple of 8 */
    uint16_t header_bytes; /* that the datagram would have before its payload */
    bool more;             /* it is not the last piece */
} ip_fragment;

typedef struct ip_packet {
    tern_address source, destination; /* IPv4 as ::ffff:a.b.c.d */
    const uint8_t *payload;           /* inside the packet given */
    size_t payload_bytes;             /* by the IP header's own count, at most what is there */
    uint8_t version;                  /* 4 or 6 */
    uint8_t protocol;                 /* of the payload, IPv6 extension headers passed over */
    uint8_t tos;                      /* type of service / traffic class: DSCP and ECN */
    uint8_t ttl;                      /* time to live / hop limit */
    uint8_t problem;                  /* IPv6: enum ip_problem, when it is dropped: see ip_read() */
    uint32_t problem_at;  /* IPv6: where it lies, from the start of the packet; without a problem,
                          * the octet that names the payload's protocol */
    ip_fragment fragment; /* after IP_FRAGMENT_DROPPED */
} ip_packet;

/* What RFC 8200 4 wants the sender of an IPv6 packet to be told when it is dropped. */
enum ip_problem {
    IP_PROBLEM_NONE,
    IP_PROBLEM_FIELD,       /* an erroneous header field */
    IP_PROBLEM_NEXT_HEADER, /* an unrecognized next header */
    IP_PROBLEM_OPTION,      /* an unrecognized option, whose number asks for it */
};

/* Reads a packet. Checks, in this order: version, lengths, IPv4 header checksum, source route,
 * fragments, IPv6 extension headers (hop-by-hop, destination options and a routing header with
 * nothing left are passed over, unless an option in them asks to be understood or else discarded,
 * RFC 8200 4.2; at most 8 of them). Octets past the IP length are padding and ignored; an IPv6
 * length of 0 is a jumbogram or nothing, and too short. TERN_RULE_NONE, or the rule by which the
 * packet is dropped: PACKET_TOO_SHORT, IP_VERSION_UNKNOWN, IP_HEADER_BAD, IP_CHECKSUM_BAD,
 * IP_SOURCE_ROUTE_REFUSED, IP_FRAGMENT_DROPPED, IP_EXTENSION_UNKNOWN (the chain ends in ESP, AH,
 * no next header or the like; any other number is a protocol, and the stack's to judge). An atomic
 * IPv6 fragment (RFC 6946) is no fragment. *ip is meaningful after TERN_RULE_NONE, and after
 * IP_FRAGMENT_DROPPED, for who reassembles: the payload is then what the fragment carries, the
 * protocol what its header names, over IPv6 perhaps an extension header. After
 * IP_EXTENSION_UNKNOWN and, over IPv6, IP_SOURCE_ROUTE_REFUSED its addresses and its problem are,
 * and the payload is what follows the header with the problem, if all of that is there. */
tern_rule ip_read(ip_packet *ip, const void *packet, size_t bytes);

/* Passes over the extension headers that an IPv6 fragment, the first of its datagram, or the whole
 * of the datagram begins with: as ip_read() would have. IPv4 has none. */
tern_rule ip_read_fragmented(ip_packet *ip);

/* A packet of ours as an ICMP error quotes it: cut short, and its header perhaps altered by those
 * who forwarded it. */
typedef struct ip_quote {
    tern_address source, destination;
    uint32_t packet_bytes; /* by its own count: more than is quoted */
    uint8_t version;
    uint8_t protocol;
    const uint8_t *transport; /* behind the IP header, options and extension headers */
    size_t transport_bytes;   /* how much of it is quoted */
} ip_quote;

/* Reads the quoted packet; false: it is none, or a fragment other than the first. */
bool ip_read_quote(ip_quote *quote, const uint8_t *octets, size_t bytes);

typedef struct ip_fields {
    tern_address source, destination; /* both of one family, which decides the version */
    uint8_t protocol;
    uint8_t tos;
    uint8_t ttl;
    bool may_fragment; /* IPv4: no DF */
    uint16_t id;       /* IPv4 identification; with DF it means nothing (RFC 6864 4.1) */
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
