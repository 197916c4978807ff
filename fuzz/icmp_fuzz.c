/* icmp_fuzz.c - any octets as an ICMP message: only a right checksum is accepted, an echo reply to
 * it reads as one, and what an error quotes lies inside it.
 *
 * Input: one octet whose lowest bit chooses the family, then the message. */
#include "fuzz/property.h"
#include "wire/checksum.h"
#include "wire/icmp.h"

static checksum_sum message_pseudo(const ip_packet *ip)
{
    return ip->version == 4 ? 0
                            : checksum_pseudo(&ip->source, &ip->destination, IP_PROTOCOL_ICMPV6,
                                              (uint32_t)ip->payload_bytes);
}

static void check_read(const ip_packet *ip)
{
    icmp_message icmp;
    checksum_sum sum = checksum_add(message_pseudo(ip), ip->payload, ip->payload_bytes);
    bool right = ip->payload_bytes >= ICMP_HEADER_BYTES && checksum_finish(sum) == 0;

    PROPERTY(icmp_read(&icmp, ip) == (right ? TERN_RULE_NONE : TERN_RULE_ICMP_BAD));
    if (right) {
        PROPERTY(icmp.body == ip->payload + ICMP_HEADER_BYTES);
        PROPERTY(icmp.body_bytes == ip->payload_bytes - ICMP_HEADER_BYTES);
        PROPERTY(icmp.type == ip->payload[0] && icmp.code == ip->payload[1]);
    }
}

/* Of an error, the quoted transport's first 8 octets are what the stack will read. */
static void check_error(const icmp_message *icmp, uint8_t version)
{
    icmp_error error;

    if (icmp->kind != ICMP_ERROR || !icmp_error_read(&error, icmp, version))
        return;
    const uint8_t *end = icmp->body + icmp->body_bytes;
    PROPERTY(error.reason <= ICMP_SOURCE_QUENCH);
    PROPERTY(error.quote.transport >= icmp->body && error.quote.transport + 8 <= end);
    PROPERTY(error.quote.version == version);
    if (version == 4)
        PROPERTY(ip_is_v4(&error.quote.source) && ip_is_v4(&error.quote.destination));
}

/* Puts the checksum right, and answers. */
static void check_reply(const ip_packet *ip, uint8_t *message)
{
    icmp_message request, reply;
    size_t body_bytes = ip->payload_bytes - ICMP_HEADER_BYTES;

    message[2] = message[3] = 0;
    uint16_t checksum = checksum_finish(
        checksum_add(message_pseudo(ip), message, ip->payload_bytes));
    message[2] = (uint8_t)(checksum >> 8);
    message[3] = (uint8_t)checksum;
    PROPERTY(icmp_read(&request, ip) == TERN_RULE_NONE);
    check_error(&request, ip->version);

    uint8_t *body = property_copy(request.body, body_bytes);
    icmp_write_echo_reply(message, request.rest, body_bytes, &ip->source, &ip->destination);
    PROPERTY(icmp_read(&reply, ip) == TERN_RULE_NONE);
    PROPERTY(reply.kind == ICMP_ECHO_REPLY && reply.code == 0 && reply.rest == request.rest);
    PROPERTY(reply.body_bytes == body_bytes && memcmp(reply.body, body, body_bytes) == 0);
    free(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (bytes < 1 || bytes > 65535)
        return 0;

    uint8_t *message = property_copy(data + 1, bytes - 1);
    ip_packet ip = {.source = tern_address_ipv4(192, 0, 2, 1),
                    .destination = tern_address_ipv4(192, 0, 2, 2),
                    .payload = message,
                    .payload_bytes = bytes - 1,
                    .version = 4,
                    .protocol = IP_PROTOCOL_ICMP};
    if ((data[0] & 1) != 0) {
        ip.version = 6;
        ip.protocol = IP_PROTOCOL_ICMPV6;
        PROPERTY(tern_address_parse("2001:db8::1", &ip.source));
        PROPERTY(tern_address_parse("2001:db8::2", &ip.destination));
    }
    check_read(&ip);
    if (ip.payload_bytes >= ICMP_HEADER_BYTES)
        check_reply(&ip, message);
    free(message);
    return 0;
}
