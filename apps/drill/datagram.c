/* datagram.c - see datagram.h. RFC 791, RFC 8200, RFC 9293 3.1, RFC 792, RFC 4443. */
#include "apps/drill/datagram.h"

#include <string.h>

enum {
    IPV4_BYTES = 20,
    IPV6_BYTES = 40,
    TCP_BYTES = 20,
    PROTOCOL_ICMP = 1,
    PROTOCOL_TCP = 6,
    PROTOCOL_ICMPV6 = 58,
};

static uint16_t datagram_get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t datagram_get32(const uint8_t *at)
{
    return (uint32_t)datagram_get16(at) << 16 | datagram_get16(at + 2);
}

static void datagram_put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void datagram_put32(uint8_t *at, uint32_t value)
{
    datagram_put16(at, value >> 16);
    datagram_put16(at + 2, value & 0xffff);
}

static uint64_t datagram_sum(uint64_t sum, const uint8_t *octets, size_t bytes)
{
    for (size_t i = 0; i + 1 < bytes; i += 2)
        sum += datagram_get16(octets + i);
    return bytes % 2 != 0 ? sum + (uint64_t)octets[bytes - 1] * 256 : sum;
}

static uint16_t datagram_checksum(uint64_t sum)
{
    for (int i = 0; i < 4; i++)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

/* The pseudo-header of RFC 9293 3.1 and RFC 8200 8.1. */
static uint64_t datagram_pseudo(const tern_address *a, const tern_address *b, uint8_t protocol,
                                size_t bytes)
{
    size_t skip = tern_address_is_ipv4(a) ? 12 : 0;

    return datagram_sum(datagram_sum(0, a->octets + skip, 16 - skip), b->octets + skip, 16 - skip) +
           protocol + bytes;
}

/* ---- Reading ------------------------------------------------------------------------------- */

static bool datagram_read_tcp(datagram_view *v, const uint8_t *tcp, size_t bytes)
{
    size_t header_bytes = bytes >= TCP_BYTES ? (size_t)(tcp[12] >> 4) * 4 : 0;

    if (header_bytes < TCP_BYTES || header_bytes > bytes)
        return false;
    v->kind = DATAGRAM_TCP;
    v->source.port = datagram_get16(tcp);
    v->destination.port = datagram_get16(tcp + 2);
    v->seq = datagram_get32(tcp + 4);
    v->ack = datagram_get32(tcp + 8);
    v->flags = datagram_get16(tcp + 12) & 0x1ff;
    v->reserved = tcp[12] >> 1 & 7;
    v->window = datagram_get16(tcp + 14);
    v->urgent = datagram_get16(tcp + 18);
    v->options = tcp + TCP_BYTES;
    v->options_bytes = header_bytes - TCP_BYTES;
    v->text = tcp + header_bytes;
    v->text_bytes = bytes - header_bytes;
    uint64_t sum = datagram_pseudo(&v->source.address, &v->destination.address, PROTOCOL_TCP,
                                   bytes);
    v->checksums_right = v->checksums_right &&
                         datagram_checksum(datagram_sum(sum, tcp, bytes)) == 0;
    return true;
}

static bool datagram_read_payload(datagram_view *v, const uint8_t *payload, size_t bytes)
{
    v->kind = DATAGRAM_OTHER;
    if (v->protocol == PROTOCOL_TCP)
        return datagram_read_tcp(v, payload, bytes);
    if (v->protocol != PROTOCOL_ICMP && v->protocol != PROTOCOL_ICMPV6)
        return true;
    if (bytes < DATAGRAM_ICMP_HEADER_BYTES)
        return false;
    v->kind = DATAGRAM_ICMP;
    v->type = payload[0];
    v->code = payload[1];
    v->rest = datagram_get32(payload + 4);
    return true;
}

bool datagram_read(datagram_view *v, const uint8_t *octets, size_t bytes)
{
    *v = (datagram_view){.checksums_right = true};
    if (bytes >= IPV4_BYTES && octets[0] >> 4 == 4) {
        size_t header_bytes = (size_t)(octets[0] & 15) * 4;
        if (header_bytes < IPV4_BYTES || header_bytes > bytes ||
            datagram_get16(octets + 2) != bytes)
            return false;
        v->source.address = tern_address_ipv4(octets[12], octets[13], octets[14], octets[15]);
        v->destination.address = tern_address_ipv4(octets[16], octets[17], octets[18], octets[19]);
        v->tos = octets[1];
        v->ttl = octets[8];
        v->protocol = octets[9];
        v->checksums_right = datagram_checksum(datagram_sum(0, octets, header_bytes)) == 0;
        return datagram_read_payload(v, octets + header_bytes, bytes - header_bytes);
    }
    if (bytes < IPV6_BYTES || octets[0] >> 4 != 6 ||
        datagram_get16(octets + 4) != bytes - IPV6_BYTES)
        return false;
    memcpy(v->source.address.octets, octets + 8, 16);
    memcpy(v->destination.address.octets, octets + 24, 16);
    v->tos = (uint8_t)(datagram_get16(octets) >> 4);
    v->flow_label = datagram_get32(octets) & 0xfffff;
    v->ttl = octets[7];
    v->protocol = octets[6];
    return datagram_read_payload(v, octets + IPV6_BYTES, bytes - IPV6_BYTES);
}

/* ---- Writing ------------------------------------------------------------------------------- */

typedef struct datagram_ip {
    const tern_address *source, *destination;
    uint8_t tos, ttl, protocol;
    uint32_t flow_label;
} datagram_ip;

/* The IP header in front of payload_bytes; its octets. */
static size_t datagram_write_ip(uint8_t *octets, const datagram_ip *ip, size_t payload_bytes)
{
    if (tern_address_is_ipv4(ip->source)) {
        memset(octets, 0, IPV4_BYTES);
        octets[0] = 0x45;
        octets[1] = ip->tos;
        datagram_put16(octets + 2, (uint32_t)(IPV4_BYTES + payload_bytes));
        octets[8] = ip->ttl;
        octets[9] = ip->protocol;
        memcpy(octets + 12, ip->source->octets + 12, 4);
        memcpy(octets + 16, ip->destination->octets + 12, 4);
        datagram_put16(octets + 10, datagram_checksum(datagram_sum(0, octets, IPV4_BYTES)));
        return IPV4_BYTES;
    }
    datagram_put32(octets, UINT32_C(6) << 28 | (uint32_t)ip->tos << 20 | ip->flow_label);
    datagram_put16(octets + 4, (uint32_t)payload_bytes);
    octets[6] = ip->protocol;
    octets[7] = ip->ttl;
    memcpy(octets + 8, ip->source->octets, 16);
    memcpy(octets + 24, ip->destination->octets, 16);
    return IPV6_BYTES;
}

static size_t datagram_ip_bytes(const tern_address *address)
{
    return tern_address_is_ipv4(address) ? IPV4_BYTES : IPV6_BYTES;
}

static datagram_ip datagram_ip_of(const datagram_segment *s)
{
    return (datagram_ip){.source = &s->source.address,
                         .destination = &s->destination.address,
                         .tos = s->tos,
                         .ttl = s->ttl,
                         .protocol = PROTOCOL_TCP,
                         .flow_label = s->flow_label};
}

size_t datagram_write_segment(uint8_t octets[DATAGRAM_MAX_BYTES], const datagram_segment *s)
{
    size_t header_bytes = TCP_BYTES + s->options_bytes, bytes = header_bytes + s->text_bytes;
    datagram_ip ip = datagram_ip_of(s);

    if (bytes > DATAGRAM_MAX_BYTES - datagram_ip_bytes(&s->source.address))
        return 0;
    size_t ip_bytes = datagram_write_ip(octets, &ip, bytes);
    uint8_t *tcp = octets + ip_bytes;
    memset(tcp, 0, bytes);
    datagram_put16(tcp, s->source.port);
    datagram_put16(tcp + 2, s->destination.port);
    datagram_put32(tcp + 4, s->seq);
    datagram_put32(tcp + 8, s->ack);
    datagram_put16(tcp + 12, (uint32_t)(header_bytes / 4) << 12 | s->flags);
    datagram_put16(tcp + 14, s->window);
    datagram_put16(tcp + 18, s->urgent);
    if (s->options != NULL)
        memcpy(tcp + TCP_BYTES, s->options, s->options_bytes);
    if (s->text != NULL)
        memcpy(tcp + header_bytes, s->text, s->text_bytes);
    uint64_t sum = datagram_pseudo(&s->source.address, &s->destination.address, PROTOCOL_TCP,
                                   bytes);
    datagram_put16(tcp + 16, datagram_checksum(datagram_sum(sum, tcp, bytes)));
    return ip_bytes + bytes;
}

size_t datagram_write_error(uint8_t octets[DATAGRAM_MAX_BYTES], const datagram_error *e)
{
    const datagram_segment *about = &e->about;
    bool ipv4 = tern_address_is_ipv4(&e->source);
    datagram_ip quoted = datagram_ip_of(about);
    datagram_ip ip = {.source = &e->source,
                      .destination = &about->source.address,
                      .ttl = 255,
                      .protocol = ipv4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6};
    size_t bytes = DATAGRAM_ICMP_HEADER_BYTES + datagram_ip_bytes(&e->source) +
                   DATAGRAM_QUOTE_TCP_BYTES;
    uint8_t *icmp = octets + datagram_write_ip(octets, &ip, bytes);

    memset(icmp, 0, bytes);
    icmp[0] = e->type;
    icmp[1] = e->code;
    datagram_put32(icmp + 4, e->rest);
    uint8_t *tcp = icmp + DATAGRAM_ICMP_HEADER_BYTES;
    tcp += datagram_write_ip(tcp, &quoted, TCP_BYTES + about->options_bytes + about->text_bytes);
    datagram_put16(tcp, about->source.port);
    datagram_put16(tcp + 2, about->destination.port);
    datagram_put32(tcp + 4, about->seq);
    uint64_t sum = ipv4 ? 0 : datagram_pseudo(ip.source, ip.destination, PROTOCOL_ICMPV6, bytes);
    datagram_put16(icmp + 2, datagram_checksum(datagram_sum(sum, icmp, bytes)));
    return (size_t)(icmp - octets) + bytes;
}
