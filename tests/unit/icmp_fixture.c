/* icmp_fixture.c - ICMP errors about what tern sent. */
#include "tests/unit/icmp_fixture.h"

#include "base/bytes.h"
#include "wire/checksum.h"
#include "wire/icmp.h"

enum { QUOTE_MAX_BYTES = 256 };

/* The quoted packet: tern's, but for what `about` says; returns its octets. */
static size_t quote_write(const fixture *x, const struct icmp_about *about, uint8_t *quote)
{
    bool ipv4 = tern_address_is_ipv4(&x->peer.local.address);
    ip_fields ip = {.source = about->other_address ? x->peer.remote.address : x->peer.local.address,
                    .destination = x->peer.remote.address,
                    .protocol = about->protocol != 0 ? about->protocol : IP_PROTOCOL_TCP,
                    .ttl = 1,
                    .payload_bytes = about->ip_options + (size_t)TCP_HEADER_BYTES};
    tcp_header tcp = {.source_port = x->peer.local.port,
                      .destination_port = (uint16_t)(x->peer.remote.port + about->other_port),
                      .seq = seq_of(x->peer.tern_iss + about->seq),
                      .flags = TCP_ACK};
    size_t at = ip_write(quote, &ip);

    memset(quote + at, 0, about->ip_options);
    if (about->ip_options > 0 && ipv4) {
        quote[0] = (uint8_t)(quote[0] + about->ip_options / 4);
        memset(quote + at, 1, about->ip_options); /* NOPs */
    } else if (about->ip_options > 0) {
        quote[6] = 60; /* destination options, padding alone */
        quote[at] = IP_PROTOCOL_TCP;
        quote[at + 1] = (uint8_t)(about->ip_options / 8 - 1);
    }
    at += about->ip_options;
    tcp_header_write(quote + at, &tcp);
    at += TCP_HEADER_BYTES;
    if (about->total != 0)
        put_be16(quote + (ipv4 ? 2 : 4), (uint16_t)(about->total - (ipv4 ? 0 : IPV6_HEADER_BYTES)));
    memset(quote + at, 0, QUOTE_MAX_BYTES - at);
    return at;
}

tern_rule x_icmp_about(fixture *x, struct icmp_about about)
{
    bool ipv4 = tern_address_is_ipv4(&x->peer.local.address);
    uint8_t packet[512];
    tern_address router = tern_address_ipv4(10, 9, 9, 9);

    if (!ipv4)
        CHECK(tern_address_parse("fd09::9", &router));
    uint8_t *message = packet + (ipv4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES);
    size_t quoted = quote_write(x, &about, message + ICMP_HEADER_BYTES);
    if (about.quoted != 0)
        quoted = about.quoted;
    ip_fields ip = {.source = router,
                    .destination = x->peer.local.address,
                    .protocol = ipv4 ? IP_PROTOCOL_ICMP : IP_PROTOCOL_ICMPV6,
                    .ttl = 60,
                    .payload_bytes = ICMP_HEADER_BYTES + quoted};
    checksum_sum sum = ipv4 ? 0
                            : checksum_pseudo(&router, &ip.destination, IP_PROTOCOL_ICMPV6,
                                              (uint32_t)ip.payload_bytes);
    message[0] = about.type;
    message[1] = about.code;
    put_be16(message + 2, 0);
    put_be32(message + 4, about.rest);
    put_be16(message + 2, checksum_finish(checksum_add(sum, message, ip.payload_bytes)));
    size_t header = ip_write(packet, &ip);
    return x_inject_packet(x, packet, header + ip.payload_bytes);
}

tern_rule x_too_big(fixture *x, uint32_t at, uint32_t mtu_bytes)
{
    bool ipv4 = tern_address_is_ipv4(&x->peer.local.address);

    return x_icmp(x, .type = ipv4 ? UNREACHABLE_V4 : TOO_BIG_V6, .code = ipv4 ? 4 : 0,
                  .rest = mtu_bytes, .seq = at, .total = 1500);
}
