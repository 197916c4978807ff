/* packet_icmp.c - an ICMP message as a reader wants it: its name, and what it is about.
 *
 * An error quotes the packet that it is about, often no more than the IP header and 8 octets
 * (RFC 792, RFC 1812 4.3.2.3): ports and sequence number. Its lengths are those of the packet as it
 * was and cannot be checked against what is quoted. */
#include "draw/packet_icmp.h"

#include <string.h>

enum { QUOTE_PORTS_AND_SEQ_BYTES = 8 };

typedef struct icmp_name {
    uint8_t version, type, code;
    const char *name;
} icmp_name;

static const icmp_name icmp_names[] = {
    {4, 0, 0, "echo reply"},
    {4, 3, 0, "network unreachable"},
    {4, 3, 1, "host unreachable"},
    {4, 3, 2, "protocol unreachable"},
    {4, 3, 3, "port unreachable"},
    {4, 3, 4, "fragmentation needed"},
    {4, 3, 5, "source route failed"},
    {4, 3, 9, "network prohibited"},
    {4, 3, 10, "host prohibited"},
    {4, 3, 13, "prohibited by filter"},
    {4, 4, 0, "source quench"},
    {4, 8, 0, "echo"},
    {4, 11, 0, "time to live exceeded"},
    {4, 11, 1, "reassembly time exceeded"},
    {4, 12, 0, "parameter problem"},
    {6, 1, 0, "no route"},
    {6, 1, 1, "prohibited by filter"},
    {6, 1, 2, "beyond scope"},
    {6, 1, 3, "address unreachable"},
    {6, 1, 4, "port unreachable"},
    {6, 2, 0, "packet too big"},
    {6, 3, 0, "hop limit exceeded"},
    {6, 3, 1, "reassembly time exceeded"},
    {6, 4, 0, "parameter problem"},
    {6, 4, 1, "next header unknown"},
    {6, 128, 0, "echo"},
    {6, 129, 0, "echo reply"},
};

static uint16_t icmp_be16(const uint8_t *octets)
{
    return (uint16_t)(octets[0] << 8 | octets[1]);
}

static uint8_t icmp_version(const packet_summary *packet)
{
    return tern_address_is_ipv4(&packet->source.address) ? 4 : 6;
}

const char *packet_icmp_name(const packet_summary *packet)
{
    for (size_t i = 0; i < sizeof icmp_names / sizeof icmp_names[0]; i++)
        if (icmp_names[i].version == icmp_version(packet) &&
            icmp_names[i].type == packet->icmp_type && icmp_names[i].code == packet->icmp_code)
            return icmp_names[i].name;
    return NULL;
}

/* The addresses of the quoted packet; returns its TCP header, or NULL when there is none. */
static const uint8_t *icmp_quote_addresses(packet_summary *packet, const uint8_t *quote,
                                           size_t bytes)
{
    size_t header = bytes > 0 ? (size_t)(quote[0] & 15) * 4 : 0;

    if (bytes >= IPV4_HEADER_BYTES && quote[0] >> 4 == 4) {
        if (header < IPV4_HEADER_BYTES || bytes < header + QUOTE_PORTS_AND_SEQ_BYTES ||
            quote[9] != IP_PROTOCOL_TCP)
            return NULL;
        packet->quoted_source.address = tern_address_ipv4(quote[12], quote[13], quote[14],
                                                          quote[15]);
        packet->quoted_destination.address = tern_address_ipv4(quote[16], quote[17], quote[18],
                                                               quote[19]);
        return quote + header;
    }
    if (bytes < IPV6_HEADER_BYTES + QUOTE_PORTS_AND_SEQ_BYTES || quote[0] >> 4 != 6 ||
        quote[6] != IP_PROTOCOL_TCP)
        return NULL;
    memcpy(packet->quoted_source.address.octets, quote + 8, 16);
    memcpy(packet->quoted_destination.address.octets, quote + 24, 16);
    return quote + IPV6_HEADER_BYTES;
}

static bool icmp_is_error(const packet_summary *packet)
{
    if (icmp_version(packet) == 6)
        return packet->icmp_type < 128;
    return packet->icmp_type == 3 || packet->icmp_type == 4 || packet->icmp_type == 5 ||
           packet->icmp_type == 11 || packet->icmp_type == 12;
}

void packet_icmp_read(packet_summary *packet, const packet_flows *flows, const icmp_message *icmp)
{
    const uint8_t *tcp;

    packet->form = PACKET_ICMP;
    packet->icmp_type = icmp->type;
    packet->icmp_code = icmp->code;
    if (!icmp_is_error(packet))
        return;
    if (icmp_version(packet) == 6 && icmp->type == 2)
        packet->mtu_bytes = icmp->rest;
    else if (icmp_version(packet) == 4 && icmp->type == 3 && icmp->code == 4)
        packet->mtu_bytes = icmp->rest & 0xffff; /* RFC 1191 4: the lower half */
    tcp = icmp_quote_addresses(packet, icmp->body, icmp->body_bytes);
    if (tcp == NULL)
        return;
    packet->quotes = true;
    packet->quoted_source.port = icmp_be16(tcp);
    packet->quoted_destination.port = icmp_be16(tcp + 2);
    packet->quoted_seq = (uint32_t)icmp_be16(tcp + 4) << 16 | icmp_be16(tcp + 6);
    packet->quoted_seq_relative_known = packet_flows_relate(
        flows, &(packet_direction){&packet->quoted_source, &packet->quoted_destination},
        packet->quoted_seq, &packet->quoted_seq_relative);
}
