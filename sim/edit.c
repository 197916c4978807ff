/* edit.c - reading and changing segments; see edit.h. */
#include "sim/edit.h"

#include <string.h>

enum {
    EDIT_IPV4_BYTES = 20,
    EDIT_IPV6_BYTES = 40,
    EDIT_PROTOCOL_TCP = 6,
    EDIT_TTL = 64,
    EDIT_MSS_OPTION = 2,
    EDIT_MSS_OPTION_BYTES = 4,
    EDIT_AT_CHECKSUM = 16,
    EDIT_AT_IP_CHECKSUM = 10,
    EDIT_AT_IP_SOURCE = 12,
    EDIT_AT_IP_DESTINATION = 16,
};

static uint16_t edit_get16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t edit_get32(const uint8_t *p)
{
    return (uint32_t)edit_get16(p) << 16 | edit_get16(p + 2);
}

static void edit_set16(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static void edit_set32(uint8_t *p, uint32_t value)
{
    edit_set16(p, (uint16_t)(value >> 16));
    edit_set16(p + 2, (uint16_t)value);
}

static bool edit_is_v4(const uint8_t *ip)
{
    return ip[0] >> 4 == 4;
}

/* Where the addresses and TCP are; false: neither IPv4 nor IPv6 with a whole TCP segment. */
static bool edit_read_ip(edit_segment *s, uint8_t *packet, size_t bytes, size_t *tcp_bytes)
{
    size_t header, total;
    uint8_t protocol;

    if (bytes >= EDIT_IPV4_BYTES && packet[0] >> 4 == 4) {
        header = (size_t)(packet[0] & 0x0f) * 4;
        total = edit_get16(packet + 2);
        protocol = packet[9];
        const uint8_t *a = packet + EDIT_AT_IP_SOURCE, *b = packet + EDIT_AT_IP_DESTINATION;
        s->source.address = tern_address_ipv4(a[0], a[1], a[2], a[3]);
        s->destination.address = tern_address_ipv4(b[0], b[1], b[2], b[3]);
        if ((edit_get16(packet + 6) & 0x3fff) != 0) /* a fragment */
            return false;
    } else if (bytes >= EDIT_IPV6_BYTES && packet[0] >> 4 == 6) {
        header = EDIT_IPV6_BYTES;
        total = header + edit_get16(packet + 4);
        protocol = packet[6];
        memcpy(s->source.address.octets, packet + 8, 16);
        memcpy(s->destination.address.octets, packet + 24, 16);
    } else {
        return false;
    }
    if (protocol != EDIT_PROTOCOL_TCP || header < EDIT_IPV4_BYTES || total > bytes ||
        total < header + EDIT_TCP_HEADER_BYTES)
        return false;
    s->ip = packet;
    s->tcp = packet + header;
    *tcp_bytes = total - header;
    return true;
}

bool edit_read(edit_segment *s, uint8_t *packet, size_t bytes)
{
    size_t tcp_bytes;

    if (!edit_read_ip(s, packet, bytes, &tcp_bytes))
        return false;
    s->header_bytes = (size_t)(s->tcp[12] >> 4) * 4;
    if (s->header_bytes < EDIT_TCP_HEADER_BYTES || s->header_bytes > tcp_bytes)
        return false;
    s->text_bytes = tcp_bytes - s->header_bytes;
    s->source.port = edit_get16(s->tcp + EDIT_AT_SOURCE_PORT);
    s->destination.port = edit_get16(s->tcp + EDIT_AT_DESTINATION_PORT);
    s->seq = edit_get32(s->tcp + EDIT_AT_SEQ);
    s->ack = edit_get32(s->tcp + EDIT_AT_ACK);
    s->flags = s->tcp[EDIT_AT_FLAGS];
    s->window = edit_get16(s->tcp + EDIT_AT_WINDOW);
    return true;
}

uint32_t edit_length(const edit_segment *s)
{
    return (uint32_t)s->text_bytes + ((s->flags & EDIT_SYN) != 0) + ((s->flags & EDIT_FIN) != 0);
}

/* ---- Changes ---- */

/* RFC 1624 3, eqn. 3: HC' = ~(~HC + ~m + m'). */
static void edit_adjust(uint8_t *checksum, uint16_t was, uint16_t is)
{
    uint32_t sum = (uint16_t)~edit_get16(checksum) + (uint32_t)(uint16_t)~was + is;

    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    edit_set16(checksum, (uint16_t)~sum);
}

void edit_put8(const edit_segment *s, size_t at, uint8_t value)
{
    uint8_t *word = s->tcp + (at & ~(size_t)1);
    uint16_t was = edit_get16(word);

    s->tcp[at] = value;
    edit_adjust(s->tcp + EDIT_AT_CHECKSUM, was, edit_get16(word));
}

void edit_put16(const edit_segment *s, size_t at, uint16_t value)
{
    edit_put8(s, at, (uint8_t)(value >> 8));
    edit_put8(s, at + 1, (uint8_t)value);
}

void edit_put32(const edit_segment *s, size_t at, uint32_t value)
{
    edit_put16(s, at, (uint16_t)(value >> 16));
    edit_put16(s, at + 2, (uint16_t)value);
}

/* An IPv4 address counts in the IP header's checksum and, by the pseudo-header, in TCP's. */
static void edit_put_address(const edit_segment *s, size_t at, const tern_address *to)
{
    for (size_t i = 0; i < 4; i += 2) {
        uint16_t was = edit_get16(s->ip + at + i), is = edit_get16(to->octets + 12 + i);
        edit_set16(s->ip + at + i, is);
        edit_adjust(s->ip + EDIT_AT_IP_CHECKSUM, was, is);
        edit_adjust(s->tcp + EDIT_AT_CHECKSUM, was, is);
    }
}

void edit_put_source(const edit_segment *s, const tern_endpoint *to)
{
    edit_put_address(s, EDIT_AT_IP_SOURCE, &to->address);
    edit_put16(s, EDIT_AT_SOURCE_PORT, to->port);
}

void edit_put_destination(const edit_segment *s, const tern_endpoint *to)
{
    edit_put_address(s, EDIT_AT_IP_DESTINATION, &to->address);
    edit_put16(s, EDIT_AT_DESTINATION_PORT, to->port);
}

void edit_clear_ecn(const edit_segment *s)
{
    if (edit_is_v4(s->ip)) {
        uint16_t was = edit_get16(s->ip);
        s->ip[1] &= (uint8_t)~0x03;
        edit_adjust(s->ip + EDIT_AT_IP_CHECKSUM, was, edit_get16(s->ip));
    } else {
        s->ip[1] &= (uint8_t)~0x30; /* the traffic class begins in the first octet */
    }
}

/* ---- Segments of a box's own ---- */

static uint16_t edit_checksum(uint32_t sum, const uint8_t *octets, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += 2)
        sum += edit_get16(octets + i);
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

/* Writes the IP header; returns the sum of the pseudo-header, not folded. */
static uint32_t edit_make_ip(uint8_t *ip, const edit_fields *f, size_t tcp_bytes)
{
    const uint8_t *source = f->source.address.octets, *destination = f->destination.address.octets;
    uint32_t sum = EDIT_PROTOCOL_TCP + (uint32_t)tcp_bytes;

    if (tern_address_is_ipv4(&f->source.address)) {
        memset(ip, 0, EDIT_IPV4_BYTES);
        ip[0] = 0x45;
        edit_set16(ip + 2, (uint16_t)(EDIT_IPV4_BYTES + tcp_bytes));
        ip[6] = 0x40; /* DF */
        ip[8] = EDIT_TTL;
        ip[9] = EDIT_PROTOCOL_TCP;
        memcpy(ip + EDIT_AT_IP_SOURCE, source + 12, 4);
        memcpy(ip + EDIT_AT_IP_DESTINATION, destination + 12, 4);
        edit_set16(ip + EDIT_AT_IP_CHECKSUM, edit_checksum(0, ip, EDIT_IPV4_BYTES));
        return sum + (uint16_t)~edit_checksum(0, ip + EDIT_AT_IP_SOURCE, 8);
    }
    memset(ip, 0, EDIT_IPV6_BYTES);
    ip[0] = 0x60;
    edit_set16(ip + 4, (uint16_t)tcp_bytes);
    ip[6] = EDIT_PROTOCOL_TCP;
    ip[7] = EDIT_TTL;
    memcpy(ip + 8, source, 16);
    memcpy(ip + 24, destination, 16);
    return sum + (uint16_t)~edit_checksum(0, ip + 8, 32);
}

size_t edit_make(uint8_t packet[EDIT_MADE_MAX_BYTES], const edit_fields *f)
{
    bool v4 = tern_address_is_ipv4(&f->source.address);
    size_t ip_bytes = v4 ? EDIT_IPV4_BYTES : EDIT_IPV6_BYTES;
    size_t header_bytes = EDIT_TCP_HEADER_BYTES + (f->mss != 0 ? EDIT_MSS_OPTION_BYTES : 0);
    size_t tcp_bytes = header_bytes + f->text_bytes;
    uint8_t *tcp = packet + ip_bytes;

    memset(tcp, 0, tcp_bytes + tcp_bytes % 2); /* the checksum reads pairs */
    edit_set16(tcp + EDIT_AT_SOURCE_PORT, f->source.port);
    edit_set16(tcp + EDIT_AT_DESTINATION_PORT, f->destination.port);
    edit_set32(tcp + EDIT_AT_SEQ, f->seq);
    edit_set32(tcp + EDIT_AT_ACK, f->ack);
    tcp[12] = (uint8_t)(header_bytes / 4 << 4);
    tcp[EDIT_AT_FLAGS] = f->flags;
    edit_set16(tcp + EDIT_AT_WINDOW, f->window);
    if (f->mss != 0) {
        tcp[EDIT_TCP_HEADER_BYTES] = EDIT_MSS_OPTION;
        tcp[EDIT_TCP_HEADER_BYTES + 1] = EDIT_MSS_OPTION_BYTES;
        edit_set16(tcp + EDIT_TCP_HEADER_BYTES + 2, f->mss);
    }
    uint32_t pseudo = edit_make_ip(packet, f, tcp_bytes);
    edit_set16(tcp + EDIT_AT_CHECKSUM, edit_checksum(pseudo, tcp, tcp_bytes));
    return ip_bytes + tcp_bytes;
}

size_t edit_make_reset(uint8_t packet[EDIT_MADE_MAX_BYTES], const edit_segment *s)
{
    bool acks = (s->flags & EDIT_ACK) != 0;

    return edit_make(packet, &(edit_fields){.source = s->destination,
                                            .destination = s->source,
                                            .seq = acks ? s->ack : 0,
                                            .ack = acks ? 0 : s->seq + edit_length(s),
                                            .flags = acks ? EDIT_RST : EDIT_RST | EDIT_ACK});
}
