/* icmp.h - ICMP (RFC 792) and ICMPv6 (RFC 4443): octets <-> struct. */
#ifndef TERN_WIRE_ICMP_H
#define TERN_WIRE_ICMP_H

#include "wire/ip.h"

enum { ICMP_HEADER_BYTES = 8 };

typedef enum icmp_kind {
    ICMP_ECHO_REQUEST,
    ICMP_ECHO_REPLY,
    ICMP_ERROR, /* about a packet of ours, which it quotes: icmp_error_read() */
    ICMP_OTHER,
} icmp_kind;

/* An error that a host sends, in the words of its own family. */
typedef enum icmp_owed {
    ICMP_OWED_HOST_UNREACHABLE,
    ICMP_OWED_PORT_UNREACHABLE,
    ICMP_OWED_PROTOCOL_UNREACHABLE, /* IPv6: as ICMP_OWED_NEXT_HEADER */
    ICMP_OWED_FIELD,                /* IPv6, parameter problem: an erroneous field, */
    ICMP_OWED_NEXT_HEADER,          /* an unrecognized next header, */
    ICMP_OWED_OPTION,               /* an unrecognized option; at `rest` octets */
} icmp_owed;

/* Octets of an error message and its quote that fit into the least packet that every host takes:
 * RFC 1812 4.3.2.3, RFC 4443 2.4 (c). */
enum { ICMP_ERROR_MAX_BYTES = 576, ICMPV6_ERROR_MAX_BYTES = 1280 };

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

/* What an error is about beside the tern_icmp reasons. */
enum { ICMP_TOO_BIG = TERN_ICMP_REASONS, ICMP_SOURCE_QUENCH };

typedef struct icmp_error {
    unsigned reason;    /* tern_icmp, or one of the two above */
    uint32_t mtu_bytes; /* ICMP_TOO_BIG: of the next hop; 0: the router does not say (RFC 1191 4) */
    ip_quote quote;
} icmp_error;

/* Reads a message of kind ICMP_ERROR; version is that of its packet. false: what it quotes is no
 * packet, or too little of one to tell whose it was (RFC 792: 8 octets after the IP header). */
bool icmp_error_read(icmp_error *error, const icmp_message *icmp, uint8_t version);

/* Writes the 8-octet header of an echo reply at `message`, whose body of body_bytes is already in
 * place behind it, with its checksum; the addresses are those of the packet that will carry it. */
void icmp_write_echo_reply(uint8_t *message, uint32_t rest, size_t body_bytes,
                           const tern_address *source, const tern_address *destination);

/* The same for an error. */
typedef struct icmp_error_fields {
    icmp_owed owed;
    uint32_t rest;      /* ICMPv6 parameter problem: where the fault lies in the quote; else 0 */
    size_t quote_bytes; /* in place behind the header */
} icmp_error_fields;

void icmp_write_error(uint8_t *message, const icmp_error_fields *fields, const tern_address *source,
                      const tern_address *destination);

#endif
