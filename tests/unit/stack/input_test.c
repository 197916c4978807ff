/* input_test.c - a packet comes in: what is not a segment for this stack, and why. */
#include "tests/unit/tcp_fixture.h"

#include "base/bytes.h"
#include "wire/checksum.h"
#include "wire/icmp.h"

#include <stdlib.h>

enum { PACKET_BYTES = 2048, CHECKSUM_AT = 10, TCP_AT = 20 };

/* A SYN from the peer as an IPv4 packet, to be spoiled. */
static size_t a_syn(const fixture *x, uint8_t *packet)
{
    struct seg syn = {.flags = TCP_SYN, .mss = 1460, .sack_ok = true, .ts = true, .scale = 3};

    return x_build(x, &syn, packet);
}

static void fix_ip_checksum(uint8_t *packet)
{
    size_t header = (size_t)(packet[0] & 15) * 4;

    put_be16(packet + CHECKSUM_AT, 0);
    put_be16(packet + CHECKSUM_AT, checksum_finish(checksum_add(0, packet, header)));
}

/* Sets one octet of a SYN's IPv4 header, makes its checksum right and tells the answer. */
static tern_rule with_octet(fixture *x, size_t at, uint8_t value)
{
    uint8_t packet[PACKET_BYTES];
    size_t bytes = a_syn(x, packet);

    packet[at] = value;
    fix_ip_checksum(packet);
    return x_inject_packet(x, packet, bytes);
}

TEST(packet_too_short)
{
    fixture *x = fixture_begin(NULL);
    uint8_t packet[PACKET_BYTES];
    size_t bytes = a_syn(x, packet);

    x_listen(x);
    for (size_t n = 0; n < bytes; n++)
        CHECK_EQ(x_inject_packet(x, packet, n), TERN_RULE_PACKET_TOO_SHORT);
    x_expect_nothing(x);
    CHECK_EQ(x_usage(x).half_open, 0);
}

TEST(packet_too_short_over_ipv6)
{
    fixture *x = fixture_begin(NULL);
    uint8_t packet[PACKET_BYTES];

    x_ipv6(x);
    size_t bytes = a_syn(x, packet);
    for (size_t n = 0; n < bytes; n++)
        CHECK_EQ(x_inject_packet(x, packet, n), TERN_RULE_PACKET_TOO_SHORT);
    x_expect_nothing(x);
}

TEST(packet_of_every_ip_length_is_read_inside)
{
    fixture *x = fixture_begin(NULL);
    uint8_t packet[PACKET_BYTES];
    size_t bytes = a_syn(x, packet);

    for (uint16_t n = 0; n < bytes; n++) { /* the header lies about the length */
        put_be16(packet + 2, n);
        fix_ip_checksum(packet);
        CHECK(x_inject_packet(x, packet, n > 20 ? n : 20) != TERN_RULE_NONE);
        CHECK(x_inject_packet(x, packet, bytes) != TERN_RULE_NONE);
    }
    x_run(x, 0);
    CHECK_EQ(x_usage(x).half_open, 0);
}

TEST(packet_padding_is_ignored)
{
    fixture *x = fixture_begin(NULL);
    uint8_t packet[PACKET_BYTES] = {0};
    size_t bytes = a_syn(x, packet);

    x_listen(x);
    x_inject_packet(x, packet, bytes + 18);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
}

TEST(ip_version_unknown)
{
    fixture *x = fixture_begin(NULL);

    CHECK_EQ(with_octet(x, 0, 0x55), TERN_RULE_IP_VERSION_UNKNOWN);
    CHECK_EQ(with_octet(x, 0, 0x05), TERN_RULE_IP_VERSION_UNKNOWN);
    CHECK_EQ(with_octet(x, 0, 0xf5), TERN_RULE_IP_VERSION_UNKNOWN);
}

TEST(ip_header_bad)
{
    fixture *x = fixture_begin(NULL);

    CHECK_EQ(with_octet(x, 0, 0x44), TERN_RULE_IP_HEADER_BAD);
    CHECK_EQ(with_octet(x, 0, 0x40), TERN_RULE_IP_HEADER_BAD);
}

TEST(ip_checksum_bad)
{
    fixture *x = fixture_begin(NULL);
    uint8_t packet[PACKET_BYTES];
    size_t bytes = a_syn(x, packet);

    packet[8] ^= 1;
    CHECK_EQ(x_inject_packet(x, packet, bytes), TERN_RULE_IP_CHECKSUM_BAD);
    x_expect_nothing(x);
}

TEST(ip_fragment_is_dropped)
{
    fixture *x = fixture_begin(NULL);

    CHECK_EQ(with_octet(x, 6, 0x20), TERN_RULE_IP_FRAGMENT_DROPPED); /* more fragments */
    CHECK_EQ(with_octet(x, 7, 0x01), TERN_RULE_IP_FRAGMENT_DROPPED); /* offset 1 */
    x_expect_nothing(x);
}

/* A SYN with `options` put into the IPv4 header. */
static tern_rule with_ip_options(fixture *x, const uint8_t *options, size_t options_bytes)
{
    uint8_t packet[PACKET_BYTES], longer[PACKET_BYTES];
    size_t bytes = a_syn(x, packet);

    memcpy(longer, packet, 20);
    memcpy(longer + 20, options, options_bytes);
    memcpy(longer + 20 + options_bytes, packet + 20, bytes - 20);
    longer[0] = (uint8_t)(0x45 + options_bytes / 4);
    put_be16(longer + 2, (uint16_t)(bytes + options_bytes));
    fix_ip_checksum(longer);
    return x_inject_packet(x, longer, bytes + options_bytes);
}

TEST(ip_source_route_is_refused)
{
    fixture *x = fixture_begin(NULL);

    static const uint8_t loose[] = {131, 7, 4, 10, 0, 0, 3, 0};
    static const uint8_t strict[] = {137, 7, 4, 10, 0, 0, 3, 0};
    CHECK_EQ(with_ip_options(x, loose, 8), TERN_RULE_IP_SOURCE_ROUTE_REFUSED);
    CHECK_EQ(with_ip_options(x, strict, 8), TERN_RULE_IP_SOURCE_ROUTE_REFUSED);
    x_expect_nothing(x);
}

TEST(ip_option_that_harms_nobody_is_passed_over)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    static const uint8_t nops[] = {1, 1, 1, 0};
    with_ip_options(x, nops, 4);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
}

TEST(ip_extension_unknown)
{
    fixture *x = fixture_begin(NULL);
    uint8_t packet[PACKET_BYTES];

    x_ipv6(x);
    size_t bytes = a_syn(x, packet);
    packet[6] = 59; /* no next header */
    CHECK_EQ(x_inject_packet(x, packet, bytes), TERN_RULE_IP_EXTENSION_UNKNOWN);
    packet[6] = 50; /* ESP */
    CHECK_EQ(x_inject_packet(x, packet, bytes), TERN_RULE_IP_EXTENSION_UNKNOWN);
}

TEST(address_not_local)
{
    fixture *x = fixture_begin(NULL);

    CHECK_EQ(with_octet(x, 19, 77), TERN_RULE_ADDRESS_NOT_LOCAL);
    x_ipv6(x);
    x->peer.local.address.octets[15] = 9;
    CHECK_EQ(x_inject(x, .flags = TCP_SYN), TERN_RULE_ADDRESS_NOT_LOCAL);
    x_expect_nothing(x);
}

static void from(fixture *x, const char *address)
{
    CHECK(tern_address_parse(address, &x->peer.remote.address));
}

static void to(fixture *x, const char *address)
{
    CHECK(tern_address_parse(address, &x->peer.local.address));
}

TEST(source_that_cannot_be_a_peer)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    static const char *const sources[] = {"0.0.0.0",         "0.1.2.3",   "224.0.0.1",
                                          "239.255.255.255", "240.0.0.1", "255.255.255.255"};
    for (unsigned i = 0; i < 6; i++) {
        from(x, sources[i]);
        CHECK_EQ(x_inject(x, .flags = TCP_SYN), TERN_RULE_SOURCE_INVALID);
    }
    x_ipv6(x);
    from(x, "::");
    CHECK_EQ(x_inject(x, .flags = TCP_SYN), TERN_RULE_SOURCE_INVALID);
    from(x, "ff02::1");
    CHECK_EQ(x_inject(x, .flags = TCP_SYN), TERN_RULE_SOURCE_INVALID);
    x_expect_nothing(x);
    CHECK_EQ(x_usage(x).half_open, 0);
}

TEST(source_that_is_the_very_socket_it_talks_to)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    x->peer.remote = x->peer.local;
    CHECK_EQ(x_inject(x, .flags = TCP_SYN), TERN_RULE_SOURCE_INVALID);
    x_expect_nothing(x);
}

TEST(destination_not_unicast)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    static const char *const destinations[] = {"255.255.255.255", "224.0.0.1", "0.0.0.0"};
    for (unsigned i = 0; i < 3; i++) {
        to(x, destinations[i]);
        CHECK_EQ(x_inject(x, .flags = TCP_SYN), TERN_RULE_DESTINATION_NOT_UNICAST);
    }
    x_ipv6(x);
    to(x, "ff02::1");
    CHECK_EQ(x_inject(x, .flags = TCP_SYN), TERN_RULE_DESTINATION_NOT_UNICAST);
    x_expect_nothing(x);
}

/* An IPv6 header whose addresses are IPv4-mapped is nobody's: taken, it would be answered over
 * IPv4, to whoever the sender named (RFC 4942 2.2). */
TEST(ipv6_packet_with_ipv4_mapped_addresses_is_dropped)
{
    fixture *x = fixture_begin(NULL);
    uint8_t packet[PACKET_BYTES];

    x_listen(x);
    x_ipv6(x);
    struct seg syn = {.flags = TCP_SYN};
    size_t bytes = x_build(x, &syn, packet);
    tern_address source = tern_address_ipv4(10, 0, 0, 2), destination = x->config.addresses[0];
    memcpy(packet + 8, &source, 16);
    memcpy(packet + 24, &destination, 16);
    put_be16(packet + 40 + 16, 0);
    checksum_sum sum = checksum_add(0, packet + 8, 32);
    uint8_t pseudo[8] = {0, 0, 0, 20, 0, 0, 0, IP_PROTOCOL_TCP};
    sum = checksum_add(checksum_add(sum, pseudo, 8), packet + 40, 20);
    put_be16(packet + 40 + 16, checksum_finish(sum));
    CHECK_EQ(bytes, 60);
    x_inject_packet(x, packet, bytes);
    CHECK_EQ(x_usage(x).half_open, 0);
    x_expect_nothing(x);
}

TEST(tcp_header_bad)
{
    fixture *x = fixture_begin(NULL);

    CHECK_EQ(with_octet(x, TCP_AT + 12, 0x40), TERN_RULE_TCP_HEADER_BAD);
    CHECK_EQ(with_octet(x, TCP_AT + 12, 0xf0), TERN_RULE_TCP_HEADER_BAD);
    x_expect_nothing(x);
}

TEST(tcp_checksum_bad)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    for (size_t at = TCP_AT + 4; at < TCP_AT + 20; at++) {
        if (at == TCP_AT + 12)
            continue; /* the data offset */
        uint8_t packet[PACKET_BYTES];
        size_t bytes = a_syn(x, packet);
        packet[at] ^= 0x10;
        CHECK_EQ(x_inject_packet(x, packet, bytes), TERN_RULE_TCP_CHECKSUM_BAD);
    }
    x_expect_nothing(x);
    CHECK_EQ(x_usage(x).half_open, 0);
}

TEST(port_zero)
{
    fixture *x = fixture_begin(NULL);

    x->peer.remote.port = 0;
    CHECK_EQ(x_inject(x, .flags = TCP_SYN), TERN_RULE_PORT_ZERO);
    x->peer.remote.port = 5;
    x->peer.local.port = 0;
    CHECK_EQ(x_inject(x, .flags = TCP_SYN), TERN_RULE_PORT_ZERO);
    x_expect_nothing(x);
}

/* ---- ICMP ---- */

/* An ICMP message of the peer's family, its checksum right; returns the packet's octets. */
static size_t icmp_packet(const fixture *x, uint8_t type, size_t body_bytes, uint8_t *packet)
{
    bool ipv4 = tern_address_is_ipv4(&x->peer.local.address);
    ip_fields ip = {
        .source = x->peer.remote.address,
        .destination = x->peer.local.address,
        .protocol = ipv4 ? IP_PROTOCOL_ICMP : IP_PROTOCOL_ICMPV6,
        .ttl = 64,
        .payload_bytes = ICMP_HEADER_BYTES + body_bytes,
    };
    size_t header = ip_write(packet, &ip);
    uint8_t *m = packet + header;

    memset(m, 0, ICMP_HEADER_BYTES);
    m[0] = type;
    put_be32(m + 4, 0x12340007);
    for (size_t i = 0; i < body_bytes; i++)
        m[ICMP_HEADER_BYTES + i] = pattern_octet((uint32_t)i);
    checksum_sum sum = ipv4 ? 0
                            : checksum_pseudo(&ip.source, &ip.destination, IP_PROTOCOL_ICMPV6,
                                              (uint32_t)ip.payload_bytes);
    put_be16(m + 2, checksum_finish(checksum_add(sum, m, ip.payload_bytes)));
    return header + ip.payload_bytes;
}

TEST(echo_is_answered_with_its_own_octets)
{
    static const size_t sizes[] = {0, 1, 56, 1000, 1452};

    for (unsigned i = 0; i < 10; i++) {
        fixture *x = fixture_begin(NULL);
        uint8_t packet[PACKET_BYTES], reply[PACKET_BYTES];
        if (i >= 5)
            x_ipv6(x);
        size_t header = i >= 5 ? 40 : 20;
        size_t bytes = icmp_packet(x, i >= 5 ? 128 : 8, sizes[i % 5], packet);
        CHECK_EQ(x_inject_packet(x, packet, bytes), TERN_RULE_ECHO_ANSWERED);
        CHECK_EQ(x_output(x, reply), bytes);
        CHECK_EQ(reply[header], i >= 5 ? 129 : 0);
        CHECK_MEM(reply + header + 4, packet + header + 4, bytes - header - 4);
        ip_packet ip;
        icmp_message m;
        CHECK_EQ(ip_read(&ip, reply, bytes), TERN_RULE_NONE);
        CHECK_EQ(icmp_read(&m, &ip), TERN_RULE_NONE);
        CHECK_EQ(x_usage(x).chunks, 0);
    }
}

TEST(icmp_that_asks_nothing_is_ignored)
{
    fixture *x = fixture_begin(NULL);
    uint8_t packet[PACKET_BYTES];
    static const uint8_t types[] = {0, 5, 9, 10, 13};

    for (unsigned i = 0; i < 5; i++)
        CHECK_EQ(x_inject_packet(x, packet, icmp_packet(x, types[i], 28, packet)),
                 TERN_RULE_ICMP_IGNORED);
    x_expect_nothing(x);
}

TEST(icmp_bad)
{
    fixture *x = fixture_begin(NULL);
    uint8_t packet[PACKET_BYTES];
    size_t bytes = icmp_packet(x, 8, 10, packet);

    packet[25] ^= 1;
    CHECK_EQ(x_inject_packet(x, packet, bytes), TERN_RULE_ICMP_BAD);
    put_be16(packet + 2, 24);
    fix_ip_checksum(packet);
    CHECK_EQ(x_inject_packet(x, packet, 24), TERN_RULE_ICMP_BAD);
    x_expect_nothing(x);
}

TEST(replies_full)
{
    fixture *x = fixture_begin(NULL); /* room for 8 */

    for (uint16_t port = 1; port <= 8; port++) {
        x->peer.remote.port = port;
        CHECK_EQ(x_inject(x, .flags = TCP_SYN), TERN_RULE_CLOSED_SEGMENT_RESET);
    }
    x->peer.remote.port = 9;
    CHECK_EQ(x_inject(x, .flags = TCP_SYN), TERN_RULE_REPLIES_FULL);
    CHECK_EQ(x_usage(x).replies, 8);
    CHECK_EQ(x_run(x, 0), 8);
    CHECK_EQ(x_inject(x, .flags = TCP_SYN), TERN_RULE_CLOSED_SEGMENT_RESET);
    CHECK_EQ(x_run(x, 0), 1);
}

TEST(replies_full_of_chunks)
{
    tern_config c = fixture_config();

    c.chunks_max = 2;
    c.chunk_bytes = 128;
    fixture *x = fixture_begin(&c);
    uint8_t packet[PACKET_BYTES];
    x_inject_packet(x, packet, icmp_packet(x, 8, 1000, packet));
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_REPLIES_FULL), 1);
    CHECK_EQ(x_usage(x).replies + x_usage(x).chunks, 0);
    x_expect_nothing(x);
}

TEST(output_needs_room_for_a_whole_packet)
{
    fixture *x = fixture_begin(NULL);
    uint8_t packet[1500];

    x_connect(x);
    CHECK_EQ(tern_output(x->stack, x->now_us, packet, 1499), 0);
    x_expect(x, .flags = TCP_SYN);
}

/* A SYN whose last octets are the beginning of an option; then a reset, to be ready for more. */
static void option_at_the_end(fixture *x, size_t bytes, size_t left, uint8_t kind, uint8_t length)
{
    uint8_t options[TCP_OPTIONS_MAX_BYTES];

    memset(options, TCP_OPTION_NOP, sizeof options);
    options[bytes - left] = kind;
    if (left > 1)
        options[bytes - left + 1] = length;
    x_inject(x, .flags = TCP_SYN, .options = options, .options_bytes = bytes);
    x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    x_inject(x, .flags = TCP_RST, .seq = 1);
}

TEST(tcp_options_that_end_anywhere_are_read_inside)
{
    static const uint8_t kinds[] = {0, 1, 2, 3, 4, 5, 8, 19, 28, 34, 253, 255};
    static const uint8_t lengths[] = {0, 1, 2, 3, 4, 5, 10, 34, 40, 255};
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    for (size_t bytes = 4; bytes <= TCP_OPTIONS_MAX_BYTES; bytes += 12)
        for (size_t left = 1; left <= 4; left++)
            for (unsigned k = 0; k < sizeof kinds; k++)
                for (unsigned l = 0; l < sizeof lengths; l++)
                    option_at_the_end(x, bytes, left, kinds[k], lengths[l]);
}

/* The SYN's MSS and one full segment, on a link of this MTU. */
static void full_segment(uint32_t mtu_bytes, bool ipv6)
{
    tern_config c = fixture_config();
    uint32_t mss = mtu_bytes - (ipv6 ? 60 : 40);

    c.mtu_bytes = mtu_bytes;
    if (mtu_bytes < 1280)
        c.address_count = 1;
    c.send_buffer_bytes = 128 * 1024;
    fixture *x = fixture_begin(&c);
    if (ipv6)
        x_ipv6(x);
    x_connect(x);
    x_expect(x, .flags = TCP_SYN, .mss = (uint16_t)mss);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 65535, .window = 65535);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_send(x, mss + 1);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = mss);
    x_inject(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = mss);
    x_recv(x, mss);
}

TEST(mtu_small_and_large)
{
    full_segment(576, false);
    full_segment(1280, true);
    full_segment(9000, false);
    full_segment(65535, false);
    full_segment(65535, true);
}
