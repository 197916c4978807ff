/* icmp.h - ICMP (RFC 792) and ICMPv6 (RFC 4443): octets <-> struct. */
#ifndef TERN_WIRE_ICMP_H
#define TERN_WIRE_ICMP_H

#include "wire/ip.h"

enum { ICMP_HEADER_BYTES = 8 };

typedef enum icmp_kind {
    ICMP_ECHO_REQUEST,
    ICMP_ECHO_REPLY,
    ICMP_OTHER,
} icmp_kind;

typedef struct icmp_message {
    icmp_kind kind;
    uint8_t type, code;
    uint32_t rest;       /* octets 4..7 of the header: for echo, identifier and sequence */
    const uint8_t *body; /* after the 8-octet header */
    size_t body_bytes;
} icmp_message;

/* Reads the payload of an IP packet whose protocol is ICMP (over IPv4) or ICMPv6 (over IPv6), its
 * checksum verified. TERN_RULE_NONE or TERN_RULE_ICMP_BAD. */
tern_rule icmp_read(icmp_message *icmp, const ip_packet *ip);

/* Writes the 8-octet header of an echo reply at `message`, whose body of body_bytes is already in
 * place behind it, with its checksum; the addresses are those of the packet that will carry it. */
void icmp_write_echo_reply(uint8_t *message, uint32_t rest, size_t body_bytes,
                           const tern_address *source, const tern_address *destination);

#endif
