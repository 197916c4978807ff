/* icmp.c - ICMP and ICMPv6 messages: the header and the checksum; echoes and errors told from the
 * rest.
 *
 * ICMP sums the message alone (RFC 792); ICMPv6 also the pseudo-header (RFC 4443 2.3). */
#include "wire/icmp.h"

#include "base/bytes.h"
#include "wire/checksum.h"

enum {
    ICMP_TYPE_ECHO_REPLY = 0,
    ICMP_TYPE_UNREACHABLE = 3,
    ICMP_TYPE_SOURCE_QUENCH = 4,
    ICMP_TYPE_ECHO_REQUEST = 8,
    ICMP_TYPE_TIME_EXCEEDED = 11,
    ICMP_TYPE_PARAMETER_PROBLEM = 12,
    ICMP_CODE_TOO_BIG = 4,
    ICMP_CODE_FRAGMENT_TIME = 1, /* of both */
    ICMPV6_CODE_NEXT_HEADER = 1,
    ICMPV6_TYPE_UNREACHABLE = 1,
    ICMPV6_TYPE_TOO_BIG = 2,
    ICMPV6_TYPE_TIME_EXCEEDED = 3,
    ICMPV6_TYPE_PARAMETER_PROBLEM = 4,
    ICMPV6_TYPE_ECHO_REQUEST = 128,
    ICMPV6_TYPE_ECHO_REPLY = 129,
};

/* Destination unreachable, by code. RFC 792, RFC 1122 3.2.2.1, RFC 1812 5.2.7.1. */
static const uint8_t icmp_unreachable[] = {
    TERN_ICMP_NET_UNREACHABLE,
    TERN_ICMP_HOST_UNREACHABLE,
    TERN_ICMP_PROTOCOL_UNREACHABLE,
    TERN_ICMP_PORT_UNREACHABLE,
    ICMP_TOO_BIG,
    TERN_ICMP_SOURCE_ROUTE_FAILED,
    TERN_ICMP_NET_UNREACHABLE,
    TERN_ICMP_HOST_UNKNOWN,
    TERN_ICMP_HOST_ISOLATED,
    TERN_ICMP_NET_PROHIBITED,
    TERN_ICMP_HOST_PROHIBITED,
    TERN_ICMP_NET_UNREACHABLE,
    TERN_ICMP_HOST_UNREACHABLE,
    TERN_ICMP_HOST_PROHIBITED,
    TERN_ICMP_PRECEDENCE,
    TERN_ICMP_PRECEDENCE,
};

/* RFC 4443 3.1. */
static const uint8_t icmpv6_unreachable[] = {
    TERN_ICMP_NET_UNREACHABLE,  TERN_ICMP_PROHIBITED,       TERN_ICMP_HOST_UNREACHABLE,
    TERN_ICMP_HOST_UNREACHABLE, TERN_ICMP_PORT_UNREACHABLE, TERN_ICMP_PROHIBITED,
    TERN_ICMP_PROHIBITED,
};

/* RFC 792, RFC 4443 3.3. */
static unsigned icmp_time_exceeded(uint8_t code)
{
    return code == ICMP_CODE_FRAGMENT_TIME ? TERN_ICMP_FRAGMENT_TIME : TERN_ICMP_TIME_EXCEEDED;
}

/* What the error says; false: it is none, or says nothing that is known. */
static bool icmp_reason(uint8_t version, uint8_t type, uint8_t code, unsigned *reason)
{
    if (version == 4) {
        if (type == ICMP_TYPE_UNREACHABLE && code < sizeof icmp_unreachable)
            *reason = icmp_unreachable[code];
        else if (type == ICMP_TYPE_SOURCE_QUENCH)
            *reason = ICMP_SOURCE_QUENCH;
        else if (type == ICMP_TYPE_TIME_EXCEEDED)
            *reason = icmp_time_exceeded(code);
        else if (type == ICMP_TYPE_PARAMETER_PROBLEM)
            *reason = TERN_ICMP_PARAMETER_PROBLEM;
        else
            return false;
        return true;
    }
    if (type == ICMPV6_TYPE_UNREACHABLE && code < sizeof icmpv6_unreachable)
        *reason = icmpv6_unreachable[code];
    else if (type == ICMPV6_TYPE_TOO_BIG)
        *reason = ICMP_TOO_BIG;
    else if (type == ICMPV6_TYPE_TIME_EXCEEDED)
        *reason = icmp_time_exceeded(code);
    else if (type == ICMPV6_TYPE_PARAMETER_PROBLEM)
        *reason = code == ICMPV6_CODE_NEXT_HEADER ? TERN_ICMP_NEXT_HEADER
                                                  : TERN_ICMP_PARAMETER_PROBLEM;
    else
        return false;
    return true;
}

static icmp_kind icmp_kind_of(uint8_t version, uint8_t type, uint8_t code)
{
    unsigned reason;

    if (icmp_reason(version, type, code, &reason))
        return ICMP_ERROR;
    if (code != 0)
        return ICMP_OTHER;
    if (type == (version == 4 ? ICMP_TYPE_ECHO_REQUEST : ICMPV6_TYPE_ECHO_REQUEST))
        return ICMP_ECHO_REQUEST;
    if (type == (version == 4 ? ICMP_TYPE_ECHO_REPLY : ICMPV6_TYPE_ECHO_REPLY))
        return ICMP_ECHO_REPLY;
    return ICMP_OTHER;
}

tern_rule icmp_read(icmp_message *icmp, const ip_packet *ip)
{
    checksum_sum sum = 0;

    if (ip->protocol != (ip->version == 4 ? IP_PROTOCOL_ICMP : IP_PROTOCOL_ICMPV6))
        return TERN_RULE_ICMP_BAD;
    if (ip->payload_bytes < ICMP_HEADER_BYTES)
        return TERN_RULE_ICMP_BAD;
    if (ip->version == 6)
        sum = checksum_pseudo(&ip->source, &ip->destination, IP_PROTOCOL_ICMPV6,
                              (uint32_t)ip->payload_bytes);
    if (checksum_finish(checksum_add(sum, ip->payload, ip->payload_bytes)) != 0)
        return TERN_RULE_ICMP_BAD;

    icmp->type = ip->payload[0];
    icmp->code = ip->payload[1];
    icmp->kind = icmp_kind_of(ip->version, icmp->type, icmp->code);
    icmp->rest = get_be32(ip->payload + 4);
    icmp->body = ip->payload + ICMP_HEADER_BYTES;
    icmp->body_bytes = ip->payload_bytes - ICMP_HEADER_BYTES;
    return TERN_RULE_NONE;
}

bool icmp_error_read(icmp_error *error, const icmp_message *icmp, uint8_t version)
{
    enum { QUOTED_TRANSPORT_BYTES = 8 };

    if (!icmp_reason(version, icmp->type, icmp->code, &error->reason))
        return false;
    error->mtu_bytes = 0;
    if (error->reason == ICMP_TOO_BIG) /* RFC 1191 4: the low half; RFC 4443 3.2: all of it */
        error->mtu_bytes = version == 4 ? icmp->rest & 0xffff : icmp->rest;
    return ip_read_quote(&error->quote, icmp->body, icmp->body_bytes) &&
           error->quote.version == version &&
           error->quote.transport_bytes >= QUOTED_TRANSPORT_BYTES;
}

/* Puts the checksum over a message whose other octets are in place. */
static void icmp_seal(uint8_t *message, size_t bytes, const tern_address *source,
                      const tern_address *destination)
{
    checksum_sum sum = 0;

    if (!ip_is_v4(source))
        sum = checksum_pseudo(source, destination, IP_PROTOCOL_ICMPV6, (uint32_t)bytes);
    put_be16(message + 2, 0);
    put_be16(message + 2, checksum_finish(checksum_add(sum, message, bytes)));
}

void icmp_write_echo_reply(uint8_t *message, uint32_t rest, size_t body_bytes,
                           const tern_address *source, const tern_address *destination)
{
    message[0] = ip_is_v4(source) ? ICMP_TYPE_ECHO_REPLY : ICMPV6_TYPE_ECHO_REPLY;
    message[1] = 0;
    put_be32(message + 4, rest);
    icmp_seal(message, ICMP_HEADER_BYTES + body_bytes, source, destination);
}

void icmp_write_error(uint8_t *message, const icmp_error_fields *fields, const tern_address *source,
                      const tern_address *destination)
{
    static const uint8_t types[][2][2] = {
        [ICMP_OWED_HOST_UNREACHABLE] = {{3, 1}, {1, 3}},
        [ICMP_OWED_PORT_UNREACHABLE] = {{3, 3}, {1, 4}},
        [ICMP_OWED_PROTOCOL_UNREACHABLE] = {{3, 2}, {4, 1}},
        [ICMP_OWED_FIELD] = {{12, 0}, {4, 0}},
        [ICMP_OWED_NEXT_HEADER] = {{3, 2}, {4, 1}},
        [ICMP_OWED_OPTION] = {{12, 0}, {4, 2}},
    };
    const uint8_t *type = types[fields->owed][ip_is_v4(source) ? 0 : 1];

    message[0] = type[0];
    message[1] = type[1];
    put_be32(message + 4, fields->rest);
    icmp_seal(message, ICMP_HEADER_BYTES + fields->quote_bytes, source, destination);
}
