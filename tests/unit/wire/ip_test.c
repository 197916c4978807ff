/* ip_test.c - IPv4 and IPv6 packets: every rule that drops one, every truncation, and writing.
 *
 * Packets are read from a heap block of exactly their size, so that the address sanitizer sees a
 * read outside. */
#include "wire/ip.h"

#include "tests/test.h"

#include <stdlib.h>

enum { PACKET_MAX_BYTES = 2048 };

typedef struct packet {
    uint8_t octets[PACKET_MAX_BYTES];
    size_t bytes;
} packet;

/* 192.0.2.1 > 198.51.100.7, TCP, ten octets of payload: 0 .. 9. */
static packet packet_v4(void)
{
    packet p = {{0x45, 0x03, 0,  30,  0x12, 0x34, 0x40, 0, 63, 6, 0, 0, 192, 0, 2,
                 1,    198,  51, 100, 7,    0,    1,    2, 3,  4, 5, 6, 7,   8, 9},
                30};
    return p;
}

/* 2001:db8::1 > 2001:db8::2, TCP, ten octets of payload: 0 .. 9. */
static packet packet_v6(void)
{
    packet p = {{0x6a, 0xb1, 0x23, 0x45, 0, 10, 6, 64}, 50};
    static const uint8_t prefix[4] = {0x20, 0x01, 0x0d, 0xb8};

    memcpy(p.octets + 8, prefix, 4);
    memcpy(p.octets + 24, prefix, 4);
    p.octets[23] = 1;
    p.octets[39] = 2;
    for (unsigned i = 0; i < 10; i++)
        p.octets[40 + i] = (uint8_t)i;
    return p;
}

static void set_be16(uint8_t *at, size_t v)
{
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
}

/* Puts the IPv4 header checksum right, by the definition in RFC 791. */
static void seal_v4(packet *p)
{
    uint32_t sum = 0;

    p->octets[10] = p->octets[11] = 0;
    for (unsigned i = 0; i < (p->octets[0] & 0xfu) * 4; i += 2)
        sum += (uint32_t)p->octets[i] << 8 | p->octets[i + 1];
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    set_be16(p->octets + 10, ~sum);
}

/* Puts options, a multiple of 4 octets, behind the IPv4 header. */
static packet packet_v4_with(const uint8_t *options, size_t bytes)
{
    packet p = packet_v4();

    memmove(p.octets + 20 + bytes, p.octets + 20, 10);
    memcpy(p.octets + 20, options, bytes);
    p.bytes += bytes;
    p.octets[0] = (uint8_t)(0x40 | (20 + bytes) / 4);
    set_be16(p.octets + 2, p.bytes);
    seal_v4(&p);
    return p;
}

/* Puts an extension header of `kind` in front of what is there; its first octet is set here. */
static void push_v6(packet *p, uint8_t kind, const uint8_t *header, size_t bytes)
{
    memmove(p->octets + 40 + bytes, p->octets + 40, p->bytes - 40);
    memcpy(p->octets + 40, header, bytes);
    p->octets[40] = p->octets[6];
    p->octets[6] = kind;
    p->bytes += bytes;
    set_be16(p->octets + 4, p->bytes - 40);
}

/* Reads from a block of exactly `bytes`; the payload's offset comes back in *payload_at. */
static tern_rule read_exactly(ip_packet *ip, const packet *p, size_t bytes, size_t *payload_at)
{
    uint8_t *block = calloc(1, bytes + 1);
    uint8_t *exact = block + 1;

    memcpy(exact, p->octets, bytes);
    tern_rule rule = ip_read(ip, exact, bytes);
    if (rule == TERN_RULE_NONE) {
        *payload_at = (size_t)(ip->payload - exact);
        if (*payload_at > bytes || ip->payload_bytes > bytes - *payload_at)
            test_fail(__FILE__, __LINE__, "the payload is outside the packet");
    }
    free(block);
    return rule;
}

static tern_rule rule_of(const packet *p)
{
    ip_packet ip;
    size_t payload_at;

    return read_exactly(&ip, p, p->bytes, &payload_at);
}

static void check_payload(const packet *p, size_t payload_at, size_t payload_bytes,
                          uint8_t protocol)
{
    ip_packet ip = {0};
    size_t at = 0;

    CHECK_EQ(read_exactly(&ip, p, p->bytes, &at), TERN_RULE_NONE);
    CHECK_EQ(at, payload_at);
    CHECK_EQ(ip.payload_bytes, payload_bytes);
    CHECK_EQ(ip.protocol, protocol);
}

TEST(an_ipv4_packet_is_read)
{
    packet p = packet_v4();
    ip_packet ip = {0};
    size_t at = 0;
    tern_address source = tern_address_ipv4(192, 0, 2, 1);
    tern_address destination = tern_address_ipv4(198, 51, 100, 7);

    seal_v4(&p);
    CHECK_EQ(read_exactly(&ip, &p, p.bytes, &at), TERN_RULE_NONE);
    CHECK_MEM(&ip.source, &source, sizeof source);
    CHECK_MEM(&ip.destination, &destination, sizeof destination);
    CHECK_EQ(at, 20);
    CHECK_EQ(ip.payload_bytes, 10);
    CHECK_EQ(ip.version, 4);
    CHECK_EQ(ip.protocol, IP_PROTOCOL_TCP);
    CHECK_EQ(ip.tos, 3);
    CHECK_EQ(ip.ttl, 63);
}

TEST(an_ipv6_packet_is_read)
{
    packet p = packet_v6();
    ip_packet ip = {0};
    size_t at = 0;

    CHECK_EQ(read_exactly(&ip, &p, p.bytes, &at), TERN_RULE_NONE);
    CHECK_MEM(ip.source.octets, p.octets + 8, 16);
    CHECK_MEM(ip.destination.octets, p.octets + 24, 16);
    CHECK_EQ(at, 40);
    CHECK_EQ(ip.payload_bytes, 10);
    CHECK_EQ(ip.version, 6);
    CHECK_EQ(ip.protocol, IP_PROTOCOL_TCP);
    CHECK_EQ(ip.tos, 0xab);
    CHECK_EQ(ip.ttl, 64);
}

TEST(every_truncation_is_too_short)
{
    static const uint8_t nops[8] = {1, 1, 1, 1, 1, 1, 1, 0};
    static const uint8_t padding[8] = {0, 0, 1, 4};
    packet packets[4] = {packet_v4(), packet_v4_with(nops, 8), packet_v6(), packet_v6()};
    ip_packet ip;
    size_t at;

    seal_v4(&packets[0]);
    push_v6(&packets[3], 0, padding, 8);
    for (unsigned i = 0; i < 4; i++) {
        CHECK_EQ(rule_of(&packets[i]), TERN_RULE_NONE);
        for (size_t bytes = 0; bytes < packets[i].bytes; bytes++)
            CHECK_EQ(read_exactly(&ip, &packets[i], bytes, &at), TERN_RULE_PACKET_TOO_SHORT);
    }
}

TEST(padding_behind_the_packet_is_ignored)
{
    packet p = packet_v4();

    seal_v4(&p);
    p.bytes += 16; /* as Ethernet pads to 46 octets */
    check_payload(&p, 20, 10, IP_PROTOCOL_TCP);
    p = packet_v6();
    p.bytes += 3;
    check_payload(&p, 40, 10, IP_PROTOCOL_TCP);
}

TEST(other_versions_are_unknown)
{
    for (unsigned version = 0; version < 16; version++) {
        packet p = packet_v4();
        p.octets[0] = (uint8_t)(version << 4 | 5);
        if (version != 4 && version != 6)
            CHECK_EQ(rule_of(&p), TERN_RULE_IP_VERSION_UNKNOWN);
    }
    packet one = {{0x70}, 1};
    CHECK_EQ(rule_of(&one), TERN_RULE_IP_VERSION_UNKNOWN);
}

TEST(an_ipv4_header_below_five_words_is_bad)
{
    for (unsigned words = 0; words < 5; words++) {
        packet p = packet_v4();
        p.octets[0] = (uint8_t)(0x40 | words);
        seal_v4(&p);
        CHECK_EQ(rule_of(&p), TERN_RULE_IP_HEADER_BAD);
    }
}

TEST(an_ipv4_header_longer_than_its_packet_is_bad)
{
    for (unsigned words = 8; words < 16; words++) {
        packet p = packet_v4(); /* 30 octets: 7 words are the most */
        p.octets[0] = (uint8_t)(0x40 | words);
        seal_v4(&p);
        CHECK_EQ(rule_of(&p), TERN_RULE_IP_HEADER_BAD);
    }
}

TEST(an_ipv4_total_length_below_the_header_is_bad)
{
    for (size_t total = 0; total < 20; total++) {
        packet p = packet_v4();
        set_be16(p.octets + 2, total);
        seal_v4(&p);
        CHECK_EQ(rule_of(&p), TERN_RULE_IP_HEADER_BAD);
    }
}

TEST(an_ipv4_total_length_rules_over_the_octets_given)
{
    for (size_t total = 20; total <= 40; total++) {
        packet p = packet_v4();
        set_be16(p.octets + 2, total);
        seal_v4(&p);
        if (total <= p.bytes)
            check_payload(&p, 20, total - 20, IP_PROTOCOL_TCP);
        else
            CHECK_EQ(rule_of(&p), TERN_RULE_PACKET_TOO_SHORT);
    }
}

TEST(each_flipped_bit_of_an_ipv4_header_is_noticed)
{
    packet p = packet_v4();

    seal_v4(&p);
    for (unsigned bit = 8 * 4; bit < 8 * 20; bit++) {
        p.octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CHECK_EQ(rule_of(&p), TERN_RULE_IP_CHECKSUM_BAD);
        p.octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    CHECK_EQ(rule_of(&p), TERN_RULE_NONE);
}

TEST(ipv4_fragments_are_dropped)
{
    static const struct {
        uint16_t field;
        tern_rule rule;
    } cases[] = {
        {0x0000, TERN_RULE_NONE},
        {0x4000, TERN_RULE_NONE}, /* do not fragment */
        {0x8000, TERN_RULE_NONE}, /* the reserved bit says nothing of fragments */
        {0x2000, TERN_RULE_IP_FRAGMENT_DROPPED},
        {0x6000, TERN_RULE_IP_FRAGMENT_DROPPED},
        {0x0001, TERN_RULE_IP_FRAGMENT_DROPPED},
        {0x1fff, TERN_RULE_IP_FRAGMENT_DROPPED},
        {0x2001, TERN_RULE_IP_FRAGMENT_DROPPED},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        packet p = packet_v4();
        set_be16(p.octets + 6, cases[i].field);
        seal_v4(&p);
        CHECK_EQ(rule_of(&p), cases[i].rule);
    }
}

TEST(ipv4_options_are_passed_over)
{
    static const uint8_t options[][12] = {
        {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},       /* NOPs */
        {0, 137, 255, 0, 131, 3, 0, 0, 0, 0, 0, 0}, /* nothing counts behind the end */
        {148, 4, 0, 0, 7, 7, 4, 0, 0, 0, 0, 0},     /* router alert, record route */
        {1, 68, 11, 5, 0, 0, 0, 0, 0, 0, 0, 0},     /* timestamp, up to the last octet */
    };

    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        packet p = packet_v4_with(options[i], 12);
        check_payload(&p, 32, 10, IP_PROTOCOL_TCP);
    }
}

TEST(ipv4_source_routes_are_refused_wherever_they_stand)
{
    static const uint8_t kinds[] = {131, 137};

    for (unsigned k = 0; k < 2; k++) {
        for (size_t at = 0; at <= 5; at++) {
            uint8_t options[12];
            memset(options, 1, sizeof options);
            options[at] = kinds[k];
            options[at + 1] = 7;
            options[at + 2] = 4;
            packet p = packet_v4_with(options, sizeof options);
            CHECK_EQ(rule_of(&p), TERN_RULE_IP_SOURCE_ROUTE_REFUSED);
        }
    }
}

TEST(an_ipv4_option_of_impossible_length_is_a_bad_header)
{
    for (size_t at = 0; at < 12; at++) {
        for (unsigned length = 0; length < 256; length++) {
            uint8_t options[12];
            memset(options, 1, sizeof options);
            options[at] = 68;
            if (at + 1 < sizeof options)
                options[at + 1] = (uint8_t)length;
            packet p = packet_v4_with(options, sizeof options);
            bool possible = at + 1 < sizeof options && length >= 2 && at + length <= 12;
            CHECK_EQ(rule_of(&p), possible ? TERN_RULE_NONE : TERN_RULE_IP_HEADER_BAD);
        }
    }
}

TEST(an_ipv4_packet_may_be_empty)
{
    packet p = packet_v4();

    set_be16(p.octets + 2, 20);
    seal_v4(&p);
    check_payload(&p, 20, 0, IP_PROTOCOL_TCP);
}

TEST(an_ipv6_length_of_zero_is_too_short)
{
    packet p = packet_v6();

    set_be16(p.octets + 4, 0); /* a jumbogram, or nothing at all */
    CHECK_EQ(rule_of(&p), TERN_RULE_PACKET_TOO_SHORT);
}

TEST(an_ipv6_length_rules_over_the_octets_given)
{
    for (size_t length = 1; length <= 20; length++) {
        packet p = packet_v6();
        set_be16(p.octets + 4, length);
        if (length <= 10)
            check_payload(&p, 40, length, IP_PROTOCOL_TCP);
        else
            CHECK_EQ(rule_of(&p), TERN_RULE_PACKET_TOO_SHORT);
    }
}

TEST(ipv6_extension_headers_are_passed_over)
{
    static const uint8_t options[16] = {0, 1, 1, 4, 0, 0, 0, 0, 0, 5, 2, 0, 0, 1, 1, 0};
    static const uint8_t routing[8] = {0, 0, 4, 0};
    packet p = packet_v6();

    push_v6(&p, 60, options, 16);
    check_payload(&p, 56, 10, IP_PROTOCOL_TCP);
    push_v6(&p, 43, routing, 8);
    check_payload(&p, 64, 10, IP_PROTOCOL_TCP);
    push_v6(&p, 60, options, 16);
    push_v6(&p, 0, options, 16);
    check_payload(&p, 96, 10, IP_PROTOCOL_TCP);
}

TEST(eight_ipv6_extension_headers_are_the_most)
{
    static const uint8_t options[8] = {0, 0, 1, 4};
    packet p = packet_v6();

    for (unsigned i = 1; i <= 8; i++) {
        push_v6(&p, 60, options, 8);
        check_payload(&p, 40 + 8 * i, 10, IP_PROTOCOL_TCP);
    }
    push_v6(&p, 60, options, 8);
    CHECK_EQ(rule_of(&p), TERN_RULE_IP_EXTENSION_UNKNOWN);
}

TEST(hop_by_hop_options_stand_first_or_not_at_all)
{
    static const uint8_t options[8] = {0, 0, 1, 4};
    packet p = packet_v6();

    push_v6(&p, 0, options, 8);
    CHECK_EQ(rule_of(&p), TERN_RULE_NONE);
    push_v6(&p, 60, options, 8);
    CHECK_EQ(rule_of(&p), TERN_RULE_IP_EXTENSION_UNKNOWN);
}

TEST(an_ipv6_routing_header_with_something_left_is_refused)
{
    for (unsigned left = 0; left < 256; left++) {
        uint8_t routing[8] = {0, 0, 0, (uint8_t)left};
        packet p = packet_v6();
        push_v6(&p, 43, routing, 8);
        CHECK_EQ(rule_of(&p), left == 0 ? TERN_RULE_NONE : TERN_RULE_IP_SOURCE_ROUTE_REFUSED);
    }
}

TEST(ipv6_fragments_are_dropped_and_atomic_ones_are_not)
{
    static const struct {
        uint16_t field;
        tern_rule rule;
    } cases[] = {
        {0x0000, TERN_RULE_NONE}, /* RFC 6946 */
        {0x0006, TERN_RULE_NONE}, /* reserved bits */
        {0x0001, TERN_RULE_IP_FRAGMENT_DROPPED},
        {0x0008, TERN_RULE_IP_FRAGMENT_DROPPED},
        {0xfff8, TERN_RULE_IP_FRAGMENT_DROPPED},
        {0x8000, TERN_RULE_IP_FRAGMENT_DROPPED},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        /* The second octet is reserved here, and is no length. */
        uint8_t fragment[8] = {0, 0xff, 0, 0, 0x12, 0x34, 0x56, 0x78};
        packet p = packet_v6();
        set_be16(fragment + 2, cases[i].field);
        push_v6(&p, 44, fragment, 8);
        CHECK_EQ(rule_of(&p), cases[i].rule);
        if (cases[i].rule == TERN_RULE_NONE)
            check_payload(&p, 48, 10, IP_PROTOCOL_TCP);
    }
}

TEST(an_ipv6_extension_header_longer_than_its_packet_is_too_short)
{
    static const uint8_t kinds[] = {0, 43, 60};

    for (unsigned k = 0; k < 3; k++) {
        for (unsigned length = 2; length < 256; length++) {
            uint8_t header[8] = {0, (uint8_t)length};
            packet p = packet_v6(); /* 18 octets of payload: two units of 8 */
            push_v6(&p, kinds[k], header, 8);
            CHECK_EQ(rule_of(&p), TERN_RULE_PACKET_TOO_SHORT);
        }
    }
}

TEST(an_ipv6_extension_header_cut_by_the_length_is_too_short)
{
    static const uint8_t kinds[] = {0, 43, 44, 60};
    static const uint8_t options[8] = {0, 0, 1, 4};

    for (unsigned k = 0; k < 4; k++) {
        for (size_t length = 1; length < 8; length++) {
            packet p = packet_v6();
            push_v6(&p, kinds[k], options, 8);
            set_be16(p.octets + 4, length);
            p.bytes = 40 + length;
            CHECK_EQ(rule_of(&p), TERN_RULE_PACKET_TOO_SHORT);
        }
    }
}

TEST(an_unknown_ipv6_option_says_itself_whether_it_may_be_skipped)
{
    for (unsigned kind = 2; kind < 256; kind++) {
        uint8_t options[8] = {0, 0, (uint8_t)kind, 4};
        tern_rule expected = kind >= 0x40 ? TERN_RULE_IP_EXTENSION_UNKNOWN : TERN_RULE_NONE;
        packet hop_by_hop = packet_v6(), destination = packet_v6();
        push_v6(&hop_by_hop, 0, options, 8);
        push_v6(&destination, 60, options, 8);
        CHECK_EQ(rule_of(&hop_by_hop), expected);
        CHECK_EQ(rule_of(&destination), expected);
    }
}

TEST(an_ipv6_option_of_impossible_length_is_a_bad_header)
{
    for (size_t at = 2; at < 8; at++) {
        for (unsigned length = 0; length < 256; length++) {
            uint8_t options[8] = {0};
            options[at] = 1; /* PadN */
            if (at < 7)
                options[at + 1] = (uint8_t)length;
            packet p = packet_v6();
            push_v6(&p, 60, options, 8);
            bool possible = at < 7 && at + 2 + length <= 8;
            CHECK_EQ(rule_of(&p), possible ? TERN_RULE_NONE : TERN_RULE_IP_HEADER_BAD);
        }
    }
}

TEST(chains_that_lead_nowhere_are_unknown)
{
    static const uint8_t foreign[] = {50, 51, 59, 135, 139, 140};
    static const uint8_t options[8] = {0, 0, 1, 4};

    for (size_t i = 0; i < sizeof foreign; i++) {
        packet p = packet_v6();
        p.octets[6] = foreign[i];
        CHECK_EQ(rule_of(&p), TERN_RULE_IP_EXTENSION_UNKNOWN);
        push_v6(&p, 60, options, 8);
        CHECK_EQ(rule_of(&p), TERN_RULE_IP_EXTENSION_UNKNOWN);
    }
}

TEST(other_protocols_are_the_stacks_to_judge)
{
    static const uint8_t protocols[] = {IP_PROTOCOL_UDP, IP_PROTOCOL_ICMPV6, 1, 132, 255};
    static const uint8_t options[8] = {0, 0, 1, 4};

    for (size_t i = 0; i < sizeof protocols; i++) {
        packet v4 = packet_v4(), v6 = packet_v6();
        v4.octets[9] = v6.octets[6] = protocols[i];
        seal_v4(&v4);
        check_payload(&v4, 20, 10, protocols[i]);
        check_payload(&v6, 40, 10, protocols[i]);
        push_v6(&v6, 60, options, 8);
        check_payload(&v6, 48, 10, protocols[i]);
    }
}

TEST(an_extension_header_may_be_the_whole_payload)
{
    static const uint8_t options[8] = {0, 0, 1, 4};
    packet p = packet_v6();

    push_v6(&p, 60, options, 8);
    set_be16(p.octets + 4, 8);
    check_payload(&p, 48, 0, IP_PROTOCOL_TCP);
}

TEST(what_is_written_is_read_again)
{
    static const size_t payloads[] = {1, 20, 536, 1460};

    for (unsigned version = 4; version <= 6; version += 2) {
        for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++) {
            ip_fields fields = {.protocol = IP_PROTOCOL_TCP, .tos = 0xb9, .ttl = 64, .id = 0xbeef};
            packet p = {{0}, 0};
            ip_packet ip = {0};
            size_t at = 0, header_bytes = version == 4 ? 20 : 40;
            CHECK(tern_address_parse(version == 4 ? "10.77.0.2" : "fd77::2", &fields.source));
            CHECK(tern_address_parse(version == 4 ? "10.77.0.1" : "fd77::1", &fields.destination));
            fields.payload_bytes = payloads[i];
            CHECK_EQ(ip_header_bytes(&fields.source), header_bytes);
            CHECK_EQ(ip_write(p.octets, &fields), header_bytes);
            p.bytes = header_bytes + payloads[i];
            CHECK_EQ(read_exactly(&ip, &p, p.bytes, &at), TERN_RULE_NONE);
            CHECK_EQ(ip.version, version);
            CHECK_EQ(at, header_bytes);
            CHECK_EQ(ip.payload_bytes, payloads[i]);
            CHECK_EQ(ip.protocol, fields.protocol);
            CHECK_EQ(ip.tos, fields.tos);
            CHECK_EQ(ip.ttl, fields.ttl);
            CHECK_MEM(&ip.source, &fields.source, sizeof fields.source);
            CHECK_MEM(&ip.destination, &fields.destination, sizeof fields.destination);
        }
    }
}

TEST(an_ipv4_header_octet_by_octet)
{
    static const uint8_t expected[20] = {0x45, 0x02, 0x00, 0x3c, 0xbe, 0xef, 0x40, 0x00, 0x40, 0x06,
                                         0x67, 0x2e, 10,   77,   0,    2,    10,   77,   0,    1};
    ip_fields fields = {.source = tern_address_ipv4(10, 77, 0, 2),
                        .destination = tern_address_ipv4(10, 77, 0, 1),
                        .protocol = IP_PROTOCOL_TCP,
                        .tos = 2,
                        .ttl = 64,
                        .id = 0xbeef,
                        .payload_bytes = 40};
    uint8_t written[21];

    memset(written, 0xee, sizeof written);
    CHECK_EQ(ip_write(written, &fields), 20);
    CHECK_MEM(written, expected, 20);
    CHECK_EQ(written[20], 0xee);
}

TEST(the_largest_packets_are_written)
{
    uint8_t written[IPV6_HEADER_BYTES];
    ip_fields fields = {.source = tern_address_ipv4(10, 77, 0, 2), .payload_bytes = 65515};

    CHECK_EQ(ip_write(written, &fields), 20);
    CHECK_EQ(written[2] << 8 | written[3], 65535);
    memset(fields.source.octets, 0xfd, 16);
    fields.payload_bytes = 65495;
    CHECK_EQ(ip_write(written, &fields), 40);
    CHECK_EQ(written[4] << 8 | written[5], 65495);
}
