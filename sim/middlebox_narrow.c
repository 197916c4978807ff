/* middlebox_narrow.c - a router before a narrow link: what is too large for it is dropped, and its
 * sender told so by ICMP (RFC 792, RFC 1191 4; RFC 4443 3.2), unless the router is one of those
 * that keep silent. */
#include "sim/middlebox_kinds.h"

#include <string.h>

enum {
    NARROW_IPV4_BYTES = 20,
    NARROW_IPV6_BYTES = 40,
    NARROW_ICMP_BYTES = 8,
    NARROW_QUOTED_BYTES = 64, /* of the packet: its headers without the last options */
    NARROW_TTL = 64,
};

static void narrow_put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static uint32_t narrow_sum(uint32_t sum, const uint8_t *octets, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += 2)
        sum += (uint32_t)(octets[i] << 8 | octets[i + 1]);
    return sum;
}

static void narrow_put_checksum(uint8_t *at, uint32_t sum)
{
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    narrow_put16(at, ~sum & 0xffff);
}

/* Fragmentation needed, next-hop MTU (RFC 1191 4). */
static size_t narrow_make_v4(uint8_t *packet, const middlebox_visit *v, size_t quoted)
{
    uint8_t *icmp = packet + NARROW_IPV4_BYTES;
    size_t bytes = NARROW_IPV4_BYTES + NARROW_ICMP_BYTES + quoted;

    packet[0] = 0x45;
    narrow_put16(packet + 2, (uint32_t)bytes);
    packet[8] = NARROW_TTL;
    packet[9] = 1; /* ICMP */
    memcpy(packet + 12, v->box->config.address.octets + 12, 4);
    memcpy(packet + 16, v->s.ip + 12, 4); /* to the sender */
    narrow_put_checksum(packet + 10, narrow_sum(0, packet, NARROW_IPV4_BYTES));
    icmp[0] = 3;
    icmp[1] = 4;
    if (!v->box->config.nameless)
        narrow_put16(icmp + 6, v->box->config.mtu_bytes);
    memcpy(icmp + NARROW_ICMP_BYTES, v->s.ip, quoted);
    narrow_put_checksum(icmp + 2, narrow_sum(0, icmp, NARROW_ICMP_BYTES + quoted));
    return bytes;
}

/* Packet too big (RFC 4443 3.2). */
static size_t narrow_make_v6(uint8_t *packet, const middlebox_visit *v, size_t quoted)
{
    static const uint8_t router[] = {0xfd, 0x77, [15] = 0xfe};
    uint8_t *icmp = packet + NARROW_IPV6_BYTES;
    uint32_t payload = (uint32_t)(NARROW_ICMP_BYTES + quoted);

    packet[0] = 0x60;
    narrow_put16(packet + 4, payload);
    packet[6] = 58; /* ICMPv6 */
    packet[7] = NARROW_TTL;
    memcpy(packet + 8, router, sizeof router);
    memcpy(packet + 24, v->s.ip + 8, 16); /* to the sender */
    icmp[0] = 2;
    narrow_put16(icmp + 6, v->box->config.mtu_bytes);
    memcpy(icmp + NARROW_ICMP_BYTES, v->s.ip, quoted);
    uint32_t sum = narrow_sum(58 + payload, packet + 8, 32); /* the pseudo-header */
    narrow_put_checksum(icmp + 2, narrow_sum(sum, icmp, payload));
    return NARROW_IPV6_BYTES + payload;
}

bool middlebox_narrow(const middlebox_visit *v)
{
    uint8_t packet[NARROW_IPV6_BYTES + NARROW_ICMP_BYTES + NARROW_QUOTED_BYTES] = {0};
    size_t bytes = (size_t)(v->s.tcp - v->s.ip) + v->s.header_bytes + v->s.text_bytes;
    size_t quoted = bytes < NARROW_QUOTED_BYTES ? bytes & ~(size_t)1 : NARROW_QUOTED_BYTES;

    if (bytes <= v->box->config.mtu_bytes)
        return true;
    if (!v->box->config.silent) {
        size_t made = v->s.ip[0] >> 4 == 4 ? narrow_make_v4(packet, v, quoted)
                                           : narrow_make_v6(packet, v, quoted);
        v->out->emit(v->out->context, v->from, packet, made);
    }
    return false;
}
