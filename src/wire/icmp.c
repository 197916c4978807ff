/* icmp.c - ICMP and ICMPv6 messages: the header and the checksum; the echo told from the rest.
 *
 * ICMP sums the message alone (RFC 792); ICMPv6 also the pseudo-header (RFC 4443 2.3). */
#include "wire/icmp.h"

#include "base/bytes.h"
#include "wire/checksum.h"

enum {
    ICMP_TYPE_ECHO_REPLY = 0,
    ICMP_TYPE_ECHO_REQUEST = 8,
    ICMPV6_TYPE_ECHO_REQUEST = 128,
    ICMPV6_TYPE_ECHO_REPLY = 129,
};

static icmp_kind icmp_kind_of(uint8_t version, uint8_t type, uint8_t code)
{
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

void icmp_write_echo_reply(uint8_t *message, uint32_t rest, size_t body_bytes,
                           const tern_address *source, const tern_address *destination)
{
    size_t bytes = ICMP_HEADER_BYTES + body_bytes;
    checksum_sum sum = 0;

    if (ip_is_v4(source)) {
        message[0] = ICMP_TYPE_ECHO_REPLY;
    } else {
        message[0] = ICMPV6_TYPE_ECHO_REPLY;
        sum = checksum_pseudo(source, destination, IP_PROTOCOL_ICMPV6, (uint32_t)bytes);
    }
    message[1] = 0;
    put_be16(message + 2, 0);
    put_be32(message + 4, rest);
    put_be16(message + 2, checksum_finish(checksum_add(sum, message, bytes)));
}
