/* ip.c - IPv4 and IPv6 headers, read with suspicion and written plainly.
 *
 * Every offset is compared with what is left before it is used, and the packet's own length is
 * compared with the octets given before anything else in it is believed: after that, the only
 * bound is the packet's own. Read first: RFC 791 3.1, RFC 8200 3 and 4. */
#include "wire/ip.h"

#include "base/bytes.h"
#include "base/check.h"
#include "wire/checksum.h"

enum {
    IPV4_OPTION_END = 0,
    IPV4_OPTION_NOP = 1,
    IPV4_OPTION_LSRR = 131, /* loose source and record route */
    IPV4_OPTION_SSRR = 137, /* strict source and record route */
    IPV4_DO_NOT_FRAGMENT = 0x4000,
    IPV4_MORE_FRAGMENTS = 0x2000,
    IPV4_FRAGMENT_BITS = 0x3fff, /* more fragments, and the offset */
    IPV4_FRAGMENT_OFFSET = 0x1fff,

    IPV6_HOP_BY_HOP = 0,
    IPV6_ROUTING = 43,
    IPV6_FRAGMENT = 44,
    IPV6_ESP = 50,
    IPV6_AUTHENTICATION = 51,
    IPV6_NO_NEXT_HEADER = 59,
    IPV6_DESTINATION_OPTIONS = 60,
    IPV6_MOBILITY = 135,
    IPV6_HIP = 139,
    IPV6_SHIM6 = 140,
    IPV6_EXTENSIONS_MAX = 8,
    IPV6_FRAGMENT_OFFSET = 0xfff8,
    IPV6_MORE_FRAGMENTS = 0x0001,
    IPV6_OPTION_PAD1 = 0,
    IPV6_OPTION_ACTION = 0xc0, /* what to do when unknown: 0, skip it; else discard the packet */
    IPV6_OPTION_TELL = 0x80,   /* and from here on tell the sender */
};

/* The address as IPv6 has it, its two halves in one store: it is copied as a whole right after, and
 * a wide load waits for narrow stores. */
static tern_address ip_address_v4(const uint8_t *octets)
{
    typedef uint64_t halves __attribute__((vector_size(16)));
    tern_address address;
    uint32_t v4;

    memcpy(&v4, octets, 4);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    halves both = {0, (uint64_t)v4 << 32 | UINT64_C(0xffff0000)};
#else
    halves both = {0, UINT64_C(0xffff) << 32 | v4};
#endif
    memcpy(address.octets, &both, sizeof both);
    return address;
}

/* The options of an IPv4 header. One of impossible length hides what comes after it, perhaps a
 * source route, so the packet goes. */
static tern_rule ip_read_options_v4(const uint8_t *options, size_t bytes)
{
    size_t at = 0;

    while (at < bytes && options[at] != IPV4_OPTION_END) {
        size_t left = bytes - at;
        size_t length = 1;
        if (options[at] != IPV4_OPTION_NOP) {
            if (left < 2 || options[at + 1] < 2 || options[at + 1] > left)
                return TERN_RULE_IP_HEADER_BAD;
            length = options[at + 1];
        }
        if (options[at] == IPV4_OPTION_LSRR || options[at] == IPV4_OPTION_SSRR)
            return TERN_RULE_IP_SOURCE_ROUTE_REFUSED;
        at += length;
    }
    return TERN_RULE_NONE;
}

static tern_rule ip_read_v4(ip_packet *ip, const uint8_t *packet, size_t bytes)
{
    if (bytes < IPV4_HEADER_BYTES)
        return TERN_RULE_PACKET_TOO_SHORT;

    size_t header_bytes = (size_t)(packet[0] & 0x0f) * 4;
    size_t total_bytes = get_be16(packet + 2);
    if (total_bytes > bytes)
        return TERN_RULE_PACKET_TOO_SHORT;
    if (header_bytes < IPV4_HEADER_BYTES || header_bytes > total_bytes)
        return TERN_RULE_IP_HEADER_BAD;
    if (checksum_finish(checksum_add(0, packet, header_bytes)) != 0)
        return TERN_RULE_IP_CHECKSUM_BAD;
    if (header_bytes > IPV4_HEADER_BYTES) {
        tern_rule rule = ip_read_options_v4(packet + IPV4_HEADER_BYTES,
                                            header_bytes - IPV4_HEADER_BYTES);
        if (rule != TERN_RULE_NONE)
            return rule;
    }
    ip->source = ip_address_v4(packet + 12);
    ip->destination = ip_address_v4(packet + 16);
    ip->payload = packet + header_bytes;
    ip->payload_bytes = total_bytes - header_bytes;
    ip->version = 4;
    ip->protocol = packet[9];
    ip->tos = packet[1];
    ip->ttl = packet[8];
    uint16_t field = get_be16(packet + 6);
    if ((field & IPV4_FRAGMENT_BITS) == 0)
        return TERN_RULE_NONE;
    ip->fragment = (ip_fragment){.id = get_be16(packet + 4),
                                 .at = (uint16_t)(field << 3),
                                 .header_bytes = (uint16_t)header_bytes,
                                 .more = (field & IPV4_MORE_FRAGMENTS) != 0};
    return TERN_RULE_IP_FRAGMENT_DROPPED;
}

/* The options of a hop-by-hop or destination options header (RFC 8200 4.2). tern knows none but
 * padding; those that may be skipped are skipped. problem_at: of the first of them. */
static tern_rule ip_read_options_v6(ip_packet *ip, const uint8_t *options, size_t bytes)
{
    size_t at = 0;

    while (at < bytes) {
        size_t left = bytes - at;
        if (options[at] == IPV6_OPTION_PAD1) {
            at++;
            continue;
        }
        if (left < 2 || (size_t)options[at + 1] + 2 > left)
            return TERN_RULE_IP_HEADER_BAD;
        if ((options[at] & IPV6_OPTION_ACTION) != 0) {
            ip->problem_at += (uint32_t)at;
            ip->problem = (options[at] & IPV6_OPTION_ACTION) >= IPV6_OPTION_TELL ? IP_PROBLEM_OPTION
                                                                                 : IP_PROBLEM_NONE;
            return TERN_RULE_IP_EXTENSION_UNKNOWN;
        }
        at += (size_t)options[at + 1] + 2;
    }
    return TERN_RULE_NONE;
}

/* What the fragment header says, at problem_at in the packet. */
static tern_rule ip_read_fragment(ip_packet *ip, const uint8_t *header)
{
    uint16_t field = get_be16(header + 2);

    if ((field & (IPV6_FRAGMENT_OFFSET | IPV6_MORE_FRAGMENTS)) == 0)
        return TERN_RULE_NONE;
    ip->fragment = (ip_fragment){.id = get_be32(header + 4),
                                 .at = field & IPV6_FRAGMENT_OFFSET,
                                 .header_bytes = (uint16_t)ip->problem_at,
                                 .more = (field & IPV6_MORE_FRAGMENTS) != 0};
    return TERN_RULE_IP_FRAGMENT_DROPPED;
}

/* The extension header `header` of `kind`, all `bytes` of it there. Its first two octets, the next
 * header and the length, are the walk's. problem_at: where it begins. */
static tern_rule ip_read_extension(ip_packet *ip, uint8_t kind, const uint8_t *header, size_t bytes)
{
    switch (kind) {
    case IPV6_ROUTING:
        if (header[3] == 0) /* segments left */
            return TERN_RULE_NONE;
        ip->problem = IP_PROBLEM_FIELD; /* the routing type (RFC 8200 4.4, RFC 5095 3) */
        ip->problem_at += 2;
        return TERN_RULE_IP_SOURCE_ROUTE_REFUSED;
    case IPV6_FRAGMENT:
        return ip_read_fragment(ip, header);
    default:
        ip->problem_at += 2;
        return ip_read_options_v6(ip, header + 2, bytes - 2);
    }
}

static bool ip_extension_is_known(uint8_t kind)
{
    return kind == IPV6_HOP_BY_HOP || kind == IPV6_ROUTING || kind == IPV6_FRAGMENT ||
           kind == IPV6_DESTINATION_OPTIONS;
}

/* Numbers that are extension headers, or end a chain of them, and lead to nothing tern reads. */
static bool ip_extension_is_foreign(uint8_t kind)
{
    return kind == IPV6_ESP || kind == IPV6_AUTHENTICATION || kind == IPV6_NO_NEXT_HEADER ||
           kind == IPV6_MOBILITY || kind == IPV6_HIP || kind == IPV6_SHIM6;
}

/* How long the extension header at `header` says it is. */
static size_t ip_extension_bytes(uint8_t kind, const uint8_t *header)
{
    return kind == IPV6_FRAGMENT ? 8 : ((size_t)header[1] + 1) * 8;
}

/* Passes over the extension headers at ip->payload, the first of which is ip->protocol; `count` of
 * them went before. The walk ends at a fragment header: what it carries lies behind. */
static tern_rule ip_read_extensions(ip_packet *ip, unsigned count)
{
    uint32_t at = IPV6_HEADER_BYTES,
             named_at = 6; /* of the header, and of the octet that names it */

    ip->problem = IP_PROBLEM_NONE;
    for (; ip_extension_is_known(ip->protocol); count++) {
        if (ip->protocol == IPV6_HOP_BY_HOP && count > 0) {
            ip->problem = IP_PROBLEM_NEXT_HEADER; /* RFC 8200 4.1: only right after the header */
            ip->problem_at = named_at;
            return TERN_RULE_IP_EXTENSION_UNKNOWN;
        }
        if (count == IPV6_EXTENSIONS_MAX)
            return TERN_RULE_IP_EXTENSION_UNKNOWN;
        if (ip->payload_bytes < 8)
            return TERN_RULE_PACKET_TOO_SHORT;
        const uint8_t *header = ip->payload;
        uint8_t kind = ip->protocol;
        size_t bytes = ip_extension_bytes(kind, header);
        if (bytes > ip->payload_bytes)
            return TERN_RULE_PACKET_TOO_SHORT;
        ip->problem_at = at;
        ip->protocol = header[0];
        ip->payload += bytes;
        ip->payload_bytes -= bytes;
        tern_rule rule = ip_read_extension(ip, kind, header, bytes);
        if (rule != TERN_RULE_NONE)
            return rule;
        named_at = at;
        at += (uint32_t)bytes;
    }
    ip->problem_at = named_at;
    if (!ip_extension_is_foreign(ip->protocol))
        return TERN_RULE_NONE;
    ip->problem = ip->protocol == IPV6_NO_NEXT_HEADER ? IP_PROBLEM_NONE : IP_PROBLEM_NEXT_HEADER;
    return TERN_RULE_IP_EXTENSION_UNKNOWN;
}

static tern_rule ip_read_v6(ip_packet *ip, const uint8_t *packet, size_t bytes)
{
    if (bytes < IPV6_HEADER_BYTES)
        return TERN_RULE_PACKET_TOO_SHORT;

    size_t payload_bytes = get_be16(packet + 4);
    if (payload_bytes == 0 || payload_bytes > bytes - IPV6_HEADER_BYTES)
        return TERN_RULE_PACKET_TOO_SHORT;

    memcpy(ip->source.octets, packet + 8, 16);
    memcpy(ip->destination.octets, packet + 24, 16);
    ip->payload = packet + IPV6_HEADER_BYTES;
    ip->payload_bytes = payload_bytes;
    ip->version = 6;
    ip->protocol = packet[6];
    ip->tos = (uint8_t)(get_be16(packet) >> 4);
    ip->ttl = packet[7];
    return ip_read_extensions(ip, 0);
}

tern_rule ip_read(ip_packet *ip, const void *packet, size_t bytes)
{
    const uint8_t *octets = packet;

    if (bytes == 0)
        return TERN_RULE_PACKET_TOO_SHORT;
    switch (octets[0] >> 4) {
    case 4:
        return ip_read_v4(ip, octets, bytes);
    case 6:
        return ip_read_v6(ip, octets, bytes);
    default:
        return TERN_RULE_IP_VERSION_UNKNOWN;
    }
}

static bool ip_read_quote_v4(ip_quote *quote, const uint8_t *octets, size_t bytes)
{
    size_t header_bytes = (size_t)(octets[0] & 0x0f) * 4;

    if (header_bytes < IPV4_HEADER_BYTES || header_bytes > bytes ||
        (get_be16(octets + 6) & IPV4_FRAGMENT_OFFSET) != 0)
        return false;
    quote->source = ip_address_v4(octets + 12);
    quote->destination = ip_address_v4(octets + 16);
    quote->packet_bytes = get_be16(octets + 2);
    quote->version = 4;
    quote->protocol = octets[9];
    quote->transport = octets + header_bytes;
    quote->transport_bytes = bytes - header_bytes;
    return true;
}

static bool ip_read_quote_v6(ip_quote *quote, const uint8_t *octets, size_t bytes)
{
    const uint8_t *at = octets + IPV6_HEADER_BYTES;
    size_t left = bytes - IPV6_HEADER_BYTES;
    uint8_t protocol = octets[6];

    for (unsigned count = 0; ip_extension_is_known(protocol); count++) {
        if (count == IPV6_EXTENSIONS_MAX || left < 8)
            return false;
        size_t header_bytes = ip_extension_bytes(protocol, at);
        bool later = protocol == IPV6_FRAGMENT && (get_be16(at + 2) & IPV6_FRAGMENT_OFFSET) != 0;
        if (header_bytes > left || later)
            return false;
        protocol = at[0];
        at += header_bytes;
        left -= header_bytes;
    }
    memcpy(quote->source.octets, octets + 8, 16);
    memcpy(quote->destination.octets, octets + 24, 16);
    quote->packet_bytes = IPV6_HEADER_BYTES + (uint32_t)get_be16(octets + 4);
    quote->version = 6;
    quote->protocol = protocol;
    quote->transport = at;
    quote->transport_bytes = left;
    return true;
}

bool ip_read_quote(ip_quote *quote, const uint8_t *octets, size_t bytes)
{
    if (bytes >= IPV4_HEADER_BYTES && octets[0] >> 4 == 4)
        return ip_read_quote_v4(quote, octets, bytes);
    if (bytes >= IPV6_HEADER_BYTES && octets[0] >> 4 == 6)
        return ip_read_quote_v6(quote, octets, bytes);
    return false;
}

tern_rule ip_read_fragmented(ip_packet *ip)
{
    return ip->version == 4 ? TERN_RULE_NONE : ip_read_extensions(ip, 1);
}

size_t ip_header_bytes(const tern_address *address)
{
    return ip_is_v4(address) ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES;
}

static size_t ip_write_v4(uint8_t *packet, const ip_fields *fields)
{
    TERN_CHECK(fields->payload_bytes <= 65535 - IPV4_HEADER_BYTES);
    uint32_t version_tos = (4 << 4 | IPV4_HEADER_BYTES / 4) << 8 | fields->tos;
    uint32_t bytes = IPV4_HEADER_BYTES + (uint32_t)fields->payload_bytes;
    uint32_t ttl_protocol = (uint32_t)fields->ttl << 8 | fields->protocol;
    const uint8_t *from = fields->source.octets + 12, *to = fields->destination.octets + 12;
    uint32_t fragment = fields->may_fragment ? 0 : IPV4_DO_NOT_FRAGMENT;
    uint32_t words = version_tos + bytes + fields->id + fragment + ttl_protocol;

    words += (uint32_t)get_be16(from) + get_be16(from + 2) + get_be16(to) + get_be16(to + 2);
    put_be16(packet, (uint16_t)version_tos);
    put_be16(packet + 2, (uint16_t)bytes);
    put_be16(packet + 4, fields->id);
    put_be16(packet + 6, (uint16_t)fragment);
    put_be16(packet + 8, (uint16_t)ttl_protocol);
    put_be16(packet + 10, checksum_finish(checksum_words(words)));
    memcpy(packet + 12, from, 4);
    memcpy(packet + 16, to, 4);
    return IPV4_HEADER_BYTES;
}

static size_t ip_write_v6(uint8_t *packet, const ip_fields *fields)
{
    TERN_CHECK(fields->payload_bytes <= 65535 - IPV6_HEADER_BYTES);
    put_be32(packet, UINT32_C(6) << 28 | (uint32_t)fields->tos << 20);
    put_be16(packet + 4, (uint16_t)fields->payload_bytes);
    packet[6] = fields->protocol;
    packet[7] = fields->ttl;
    memcpy(packet + 8, fields->source.octets, 16);
    memcpy(packet + 24, fields->destination.octets, 16);
    return IPV6_HEADER_BYTES;
}

size_t ip_write(uint8_t *packet, const ip_fields *fields)
{
    return ip_is_v4(&fields->source) ? ip_write_v4(packet, fields) : ip_write_v6(packet, fields);
}
