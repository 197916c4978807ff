/* ip_fuzz.c - any octets as an IP packet: what is accepted lies inside, ends where it says, and
 * survives being written and read again; what a fragment carries lies inside too.
 *
 * Each input is read as it is, and again with its IPv4 checksum put right: otherwise nearly every
 * mutation of an IPv4 packet would end there. */
#include "fuzz/property.h"
#include "wire/checksum.h"
#include "wire/ip.h"

static void check_written(const ip_packet *ip)
{
    ip_fields fields = {.source = ip->source,
                        .destination = ip->destination,
                        .protocol = ip->protocol,
                        .tos = ip->tos,
                        .ttl = ip->ttl,
                        .id = 1,
                        .payload_bytes = ip->payload_bytes};
    size_t header_bytes = ip_header_bytes(&ip->source);
    uint8_t *packet = malloc(header_bytes + ip->payload_bytes);
    ip_packet again;

    PROPERTY(packet != NULL);
    PROPERTY(ip_write(packet, &fields) == header_bytes);
    memcpy(packet + header_bytes, ip->payload, ip->payload_bytes);
    PROPERTY(ip_read(&again, packet, header_bytes + ip->payload_bytes) == TERN_RULE_NONE);
    PROPERTY(again.version == (header_bytes == IPV4_HEADER_BYTES ? 4 : 6));
    PROPERTY(memcmp(&again.source, &ip->source, sizeof ip->source) == 0);
    PROPERTY(memcmp(&again.destination, &ip->destination, sizeof ip->destination) == 0);
    PROPERTY(again.payload == packet + header_bytes);
    PROPERTY(again.payload_bytes == ip->payload_bytes);
    PROPERTY(again.protocol == ip->protocol && again.tos == ip->tos && again.ttl == ip->ttl);
    free(packet);
}

static void check_fragment(const ip_packet *ip, const uint8_t *packet, size_t bytes)
{
    size_t header_bytes = ip->version == 4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES;
    ip_packet upper = *ip;

    PROPERTY(ip->version == packet[0] >> 4);
    PROPERTY(ip->payload >= packet + header_bytes && ip->payload <= packet + bytes);
    PROPERTY(ip->payload_bytes <= (size_t)(packet + bytes - ip->payload));
    PROPERTY(ip->fragment.at % 8 == 0);
    PROPERTY(ip->fragment.at != 0 || ip->fragment.more);
    PROPERTY(ip->fragment.header_bytes >= header_bytes);
    PROPERTY(ip->fragment.header_bytes <= (size_t)(ip->payload - packet));
    if (ip_read_fragmented(&upper) == TERN_RULE_NONE) {
        PROPERTY(upper.payload >= ip->payload && upper.payload <= packet + bytes);
        PROPERTY(upper.payload + upper.payload_bytes == ip->payload + ip->payload_bytes);
    }
}

static void check_packet(const uint8_t *packet, size_t bytes)
{
    ip_packet ip, shorter;

    tern_rule rule = ip_read(&ip, packet, bytes);
    if (rule == TERN_RULE_IP_FRAGMENT_DROPPED)
        check_fragment(&ip, packet, bytes);
    if (rule != TERN_RULE_NONE)
        return;
    PROPERTY(ip.version == packet[0] >> 4);
    size_t header_bytes = ip.version == 4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES;
    PROPERTY(ip.payload >= packet + header_bytes && ip.payload <= packet + bytes);
    PROPERTY(ip.payload_bytes <= bytes - header_bytes);
    size_t end = (size_t)(ip.payload - packet) + ip.payload_bytes;
    PROPERTY(end <= bytes);

    /* What lies behind the end is nothing to it; one octet less is too little. */
    PROPERTY(ip_read(&shorter, packet, end) == TERN_RULE_NONE);
    PROPERTY(shorter.payload == ip.payload && shorter.payload_bytes == ip.payload_bytes);
    PROPERTY(ip_read(&shorter, packet, end - 1) == TERN_RULE_PACKET_TOO_SHORT);

    /* An IPv6 packet from an IPv4-mapped address, or with nothing left, has no form of its own. */
    if (ip_is_v4(&ip.source) == (ip.version == 4) &&
        ip_is_v4(&ip.destination) == (ip.version == 4) &&
        (ip.version == 4 || ip.payload_bytes > 0) && ip.protocol != 0 && ip.protocol != 43)
        check_written(&ip);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    check_packet(data, bytes);
    if (bytes < IPV4_HEADER_BYTES || data[0] >> 4 != 4)
        return 0;

    size_t header_bytes = (size_t)(data[0] & 0x0f) * 4;
    if (header_bytes < IPV4_HEADER_BYTES || header_bytes > bytes)
        return 0;
    uint8_t *sealed = property_copy(data, bytes);
    sealed[10] = sealed[11] = 0;
    uint16_t checksum = checksum_finish(checksum_add(0, sealed, header_bytes));
    sealed[10] = (uint8_t)(checksum >> 8);
    sealed[11] = (uint8_t)checksum;
    check_packet(sealed, bytes);
    free(sealed);
    return 0;
}
