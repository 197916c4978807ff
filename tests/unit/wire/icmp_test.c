/* icmp_test.c - ICMP and ICMPv6: the echo told from the rest, bad ones refused, replies right. */
#include "wire/icmp.h"

#include "tests/test.h"
#include "wire/checksum.h"

#include <limits.h>
#include <stdlib.h>

enum { MESSAGE_MAX_BYTES = 128 };

typedef struct message {
    uint8_t octets[MESSAGE_MAX_BYTES];
    size_t bytes;
    uint8_t version;
} message;

static tern_address address_of(uint8_t version, uint8_t last)
{
    tern_address address = tern_address_ipv4(192, 0, 2, last);

    if (version == 6)
        (void)tern_address_parse("2001:db8::1", &address);
    address.octets[15] = last;
    return address;
}

static void message_seal(message *m)
{
    tern_address source = address_of(m->version, 1), destination = address_of(m->version, 2);
    checksum_sum sum = 0;

    m->octets[2] = m->octets[3] = 0;
    if (m->version == 6)
        sum = checksum_pseudo(&source, &destination, 58, (uint32_t)m->bytes);
    uint16_t checksum = checksum_finish(checksum_add(sum, m->octets, m->bytes));
    m->octets[2] = (uint8_t)(checksum >> 8);
    m->octets[3] = (uint8_t)checksum;
}

static message message_make(uint8_t version, uint8_t type, uint8_t code, size_t body_bytes)
{
    message m = {.octets = {type, code, 0, 0, 0x12, 0x34, 0x00, 0x07},
                 .bytes = ICMP_HEADER_BYTES + body_bytes,
                 .version = version};

    for (size_t i = 0; i < body_bytes; i++)
        m.octets[ICMP_HEADER_BYTES + i] = (uint8_t)(i * 7 + 1);
    message_seal(&m);
    return m;
}

/* Reads from a block of exactly `bytes`, body offset into *body_at. */
static tern_rule message_read(const message *m, size_t bytes, icmp_message *icmp, size_t *body_at)
{
    uint8_t *block = calloc(1, bytes + 1);
    ip_packet ip = {.source = address_of(m->version, 1),
                    .destination = address_of(m->version, 2),
                    .payload = block + 1,
                    .payload_bytes = bytes,
                    .version = m->version,
                    .protocol = m->version == 4 ? IP_PROTOCOL_ICMP : IP_PROTOCOL_ICMPV6};

    memcpy(block + 1, m->octets, bytes);
    tern_rule rule = icmp_read(icmp, &ip);
    if (rule == TERN_RULE_NONE)
        *body_at = (size_t)(icmp->body - ip.payload);
    free(block);
    return rule;
}

static icmp_kind kind_of(uint8_t version, uint8_t type, uint8_t code)
{
    message m = message_make(version, type, code, 4);
    icmp_message icmp = {0};
    size_t body_at;

    CHECK_EQ(message_read(&m, m.bytes, &icmp, &body_at), TERN_RULE_NONE);
    CHECK_EQ(icmp.type, type);
    CHECK_EQ(icmp.code, code);
    return icmp.kind;
}

TEST(an_echo_request_is_read)
{
    for (uint8_t version = 4; version <= 6; version += 2) {
        message m = message_make(version, version == 4 ? 8 : 128, 0, 56);
        icmp_message icmp = {0};
        size_t body_at = 0;
        CHECK_EQ(message_read(&m, m.bytes, &icmp, &body_at), TERN_RULE_NONE);
        CHECK_EQ(icmp.kind, ICMP_ECHO_REQUEST);
        CHECK_EQ(icmp.rest, 0x12340007);
        CHECK_EQ(body_at, 8);
        CHECK_EQ(icmp.body_bytes, 56);
    }
}

TEST(each_type_is_its_own_familys)
{
    for (unsigned type = 0; type < 256; type++) {
        bool v4_error = type == 3 || type == 4 || type == 11 || type == 12;
        icmp_kind v4 = type == 8 ? ICMP_ECHO_REQUEST : type == 0 ? ICMP_ECHO_REPLY : ICMP_OTHER;
        icmp_kind v6 = type == 128 ? ICMP_ECHO_REQUEST : type == 129 ? ICMP_ECHO_REPLY : ICMP_OTHER;
        v4 = v4_error ? ICMP_ERROR : v4;
        v6 = type >= 1 && type <= 4 ? ICMP_ERROR : v6;
        CHECK_EQ(kind_of(4, (uint8_t)type, 0), v4);
        CHECK_EQ(kind_of(6, (uint8_t)type, 0), v6);
    }
}

TEST(an_echo_with_a_code_is_no_echo)
{
    CHECK_EQ(kind_of(4, 8, 1), ICMP_OTHER);
    CHECK_EQ(kind_of(4, 0, 255), ICMP_OTHER);
    CHECK_EQ(kind_of(6, 128, 1), ICMP_OTHER);
}

TEST(every_truncation_is_bad)
{
    for (uint8_t version = 4; version <= 6; version += 2) {
        message m = message_make(version, version == 4 ? 8 : 128, 0, 24);
        icmp_message icmp;
        size_t body_at;
        for (size_t bytes = 0; bytes < m.bytes; bytes++)
            CHECK_EQ(message_read(&m, bytes, &icmp, &body_at), TERN_RULE_ICMP_BAD);
    }
}

TEST(a_header_alone_is_enough)
{
    for (uint8_t version = 4; version <= 6; version += 2) {
        message m = message_make(version, version == 4 ? 8 : 128, 0, 0);
        icmp_message icmp = {0};
        size_t body_at = 0;
        CHECK_EQ(message_read(&m, m.bytes, &icmp, &body_at), TERN_RULE_NONE);
        CHECK_EQ(icmp.body_bytes, 0);
    }
}

TEST(each_flipped_bit_is_noticed)
{
    for (uint8_t version = 4; version <= 6; version += 2) {
        message m = message_make(version, version == 4 ? 8 : 128, 0, 9);
        icmp_message icmp;
        size_t body_at;
        for (unsigned bit = 0; bit < 8 * m.bytes; bit++) {
            m.octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
            CHECK_EQ(message_read(&m, m.bytes, &icmp, &body_at), TERN_RULE_ICMP_BAD);
            m.octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

TEST(an_icmpv6_checksum_covers_the_addresses)
{
    message m = message_make(6, 128, 0, 8);
    icmp_message icmp;
    ip_packet ip = {.source = address_of(6, 3), /* not the one it was summed with */
                    .destination = address_of(6, 2),
                    .payload = m.octets,
                    .payload_bytes = m.bytes,
                    .version = 6,
                    .protocol = IP_PROTOCOL_ICMPV6};

    CHECK_EQ(icmp_read(&icmp, &ip), TERN_RULE_ICMP_BAD);
    ip.source = address_of(6, 1);
    CHECK_EQ(icmp_read(&icmp, &ip), TERN_RULE_NONE);
}

TEST(the_icmp_of_the_other_family_is_bad)
{
    for (uint8_t version = 4; version <= 6; version += 2) {
        message m = message_make(version, version == 4 ? 8 : 128, 0, 8);
        icmp_message icmp;
        ip_packet ip = {.source = address_of(version, 1),
                        .destination = address_of(version, 2),
                        .payload = m.octets,
                        .payload_bytes = m.bytes,
                        .version = version,
                        .protocol = version == 4 ? IP_PROTOCOL_ICMPV6 : IP_PROTOCOL_ICMP};
        CHECK_EQ(icmp_read(&icmp, &ip), TERN_RULE_ICMP_BAD);
    }
}

TEST(a_reply_is_written_that_reads_as_one)
{
    for (uint8_t version = 4; version <= 6; version += 2) {
        for (size_t body_bytes = 0; body_bytes < 70; body_bytes++) {
            message m = message_make(version, 77, 66, body_bytes), before = m;
            tern_address source = address_of(version, 1), destination = address_of(version, 2);
            icmp_message icmp = {0};
            size_t body_at = 0;
            icmp_write_echo_reply(m.octets, 0xcafe0102, body_bytes, &source, &destination);
            CHECK_EQ(message_read(&m, m.bytes, &icmp, &body_at), TERN_RULE_NONE);
            CHECK_EQ(icmp.kind, ICMP_ECHO_REPLY);
            CHECK_EQ(icmp.code, 0);
            CHECK_EQ(icmp.rest, 0xcafe0102);
            CHECK_EQ(icmp.body_bytes, body_bytes);
            CHECK_MEM(m.octets + 8, before.octets + 8, MESSAGE_MAX_BYTES - 8);
        }
    }
}

/* ---- Errors ---- */

/* What an error of this type and code says, quoting a packet of a header and 8 octets. */
static unsigned reason_of(uint8_t version, uint8_t type, uint8_t code)
{
    message m = message_make(version, type, code, 48);
    icmp_message icmp = {.type = type, .code = code, .rest = 0x00010578};
    icmp_error error = {0};

    memset(m.octets + 8, 0, 48);
    m.octets[8] = version == 4 ? 0x45 : 0x60;
    m.octets[8 + 6] = version == 4 ? 0 : 6;
    icmp.body = m.octets + 8;
    icmp.body_bytes = 48;
    if (!icmp_error_read(&error, &icmp, version))
        return UINT_MAX;
    CHECK_EQ(error.mtu_bytes, error.reason != ICMP_TOO_BIG ? 0 : version == 4 ? 1400 : 66936);
    return error.reason;
}

TEST(each_code_of_an_error_has_its_reason)
{
    static const unsigned v4[] = {
        TERN_ICMP_NET_UNREACHABLE,
        TERN_ICMP_HOST_UNREACHABLE,
        TERN_ICMP_PROTOCOL_UNREACHABLE,
        TERN_ICMP_PORT_UNREACHABLE,
        ICMP_TOO_BIG,
        TERN_ICMP_SOURCE_ROUTE_FAILED,
        TERN_ICMP_NET_UNREACHABLE,
        TERN_ICMP_HOST_UNKNOWN,
        TERN_ICMP_HOST_ISOLATED,
        TERN_ICMP_NET_PROHIBITED,
        TERN_ICMP_HOST_PROHIBITED,
        TERN_ICMP_NET_UNREACHABLE,
        TERN_ICMP_HOST_UNREACHABLE,
        TERN_ICMP_HOST_PROHIBITED,
        TERN_ICMP_PRECEDENCE,
        TERN_ICMP_PRECEDENCE,
    };
    static const unsigned v6[] = {
        TERN_ICMP_NET_UNREACHABLE,  TERN_ICMP_PROHIBITED,       TERN_ICMP_HOST_UNREACHABLE,
        TERN_ICMP_HOST_UNREACHABLE, TERN_ICMP_PORT_UNREACHABLE, TERN_ICMP_PROHIBITED,
        TERN_ICMP_PROHIBITED,
    };

    for (unsigned code = 0; code < 256; code++) {
        CHECK_EQ(reason_of(4, 3, (uint8_t)code), code < 16 ? v4[code] : UINT_MAX);
        CHECK_EQ(reason_of(6, 1, (uint8_t)code), code < 7 ? v6[code] : UINT_MAX);
    }
    CHECK_EQ(reason_of(4, 4, 0), ICMP_SOURCE_QUENCH);
    CHECK_EQ(reason_of(4, 11, 0), TERN_ICMP_TIME_EXCEEDED);
    CHECK_EQ(reason_of(4, 11, 1), TERN_ICMP_FRAGMENT_TIME);
    CHECK_EQ(reason_of(4, 12, 1), TERN_ICMP_PARAMETER_PROBLEM);
    CHECK_EQ(reason_of(6, 2, 0), ICMP_TOO_BIG);
    CHECK_EQ(reason_of(6, 3, 0), TERN_ICMP_TIME_EXCEEDED);
    CHECK_EQ(reason_of(6, 3, 1), TERN_ICMP_FRAGMENT_TIME);
    CHECK_EQ(reason_of(6, 4, 0), TERN_ICMP_PARAMETER_PROBLEM);
    CHECK_EQ(reason_of(6, 4, 1), TERN_ICMP_NEXT_HEADER);
    CHECK_EQ(reason_of(6, 4, 2), TERN_ICMP_PARAMETER_PROBLEM);
}

/* Reads a quote from a block of exactly its size. */
static bool quote_read(ip_quote *quote, const uint8_t *octets, size_t bytes)
{
    uint8_t *block = calloc(1, bytes + 1);

    memcpy(block, octets, bytes);
    bool read = ip_read_quote(quote, block, bytes);
    if (read)
        CHECK(quote->transport >= block &&
              quote->transport + quote->transport_bytes == block + bytes);
    free(block);
    return read;
}

TEST(a_quote_is_read_however_short)
{
    uint8_t octets[64] = {0x45, 0, 0x05, 0xdc};
    ip_quote quote;

    octets[9] = 6;
    octets[12] = 192;
    for (size_t bytes = 0; bytes <= sizeof octets; bytes++)
        CHECK_EQ(quote_read(&quote, octets, bytes), bytes >= 20);
    CHECK_EQ(quote.packet_bytes, 1500);
    CHECK_EQ(quote.protocol, 6);
    CHECK_EQ(quote.transport_bytes, 44);
    CHECK_EQ(quote.source.octets[12], 192);
    octets[0] = 0x47; /* options */
    CHECK(!quote_read(&quote, octets, 27));
    CHECK(quote_read(&quote, octets, 36));
    CHECK_EQ(quote.transport_bytes, 8);
    octets[0] = 0x44;
    CHECK(!quote_read(&quote, octets, 40));
    octets[0] = 0x45;
    octets[6] = 0x20; /* the first fragment */
    CHECK(quote_read(&quote, octets, 40));
    octets[7] = 1; /* a later one */
    CHECK(!quote_read(&quote, octets, 40));
    octets[0] = 0x55;
    CHECK(!quote_read(&quote, octets, 40));
}

TEST(a_quote_over_ipv6_passes_its_extension_headers)
{
    uint8_t octets[40 + 8 + 16 + 8 + 8] = {0x60};
    ip_quote quote;

    octets[4] = 4;
    octets[6] = 0;   /* hop-by-hop, 8 octets */
    octets[40] = 60; /* destination options, 16 */
    octets[48] = 44; /* fragment, 8 */
    octets[49] = 1;
    octets[64] = 6;
    for (size_t bytes = 0; bytes <= sizeof octets; bytes++)
        CHECK_EQ(quote_read(&quote, octets, bytes), bytes >= 72);
    CHECK_EQ(quote.protocol, 6);
    CHECK_EQ(quote.packet_bytes, 1064);
    CHECK_EQ(quote.transport_bytes, 8);
    octets[66] = 1; /* not the first fragment */
    CHECK(!quote_read(&quote, octets, sizeof octets));
}

TEST(an_error_whose_quote_is_short_tells_nothing)
{
    uint8_t quote[28] = {0x45};
    icmp_message icmp = {.type = 3, .code = 1, .body = quote};
    icmp_error error;

    for (icmp.body_bytes = 0; icmp.body_bytes <= 28; icmp.body_bytes++)
        CHECK_EQ(icmp_error_read(&error, &icmp, 4), icmp.body_bytes == 28);
    icmp.body_bytes = 28;
    icmp.type = 1; /* an IPv4 packet quoted by ICMPv6 */
    CHECK(!icmp_error_read(&error, &icmp, 6));
}

TEST(an_error_is_written_that_reads_as_one)
{
    static const unsigned reasons[][2] = {
        [ICMP_OWED_HOST_UNREACHABLE] = {TERN_ICMP_HOST_UNREACHABLE, TERN_ICMP_HOST_UNREACHABLE},
        [ICMP_OWED_PORT_UNREACHABLE] = {TERN_ICMP_PORT_UNREACHABLE, TERN_ICMP_PORT_UNREACHABLE},
        [ICMP_OWED_PROTOCOL_UNREACHABLE] = {TERN_ICMP_PROTOCOL_UNREACHABLE, TERN_ICMP_NEXT_HEADER},
        [ICMP_OWED_FIELD] = {TERN_ICMP_PARAMETER_PROBLEM, TERN_ICMP_PARAMETER_PROBLEM},
        [ICMP_OWED_NEXT_HEADER] = {TERN_ICMP_PROTOCOL_UNREACHABLE, TERN_ICMP_NEXT_HEADER},
        [ICMP_OWED_OPTION] = {TERN_ICMP_PARAMETER_PROBLEM, TERN_ICMP_PARAMETER_PROBLEM},
    };

    for (unsigned i = 0; i < 12; i++) {
        message m = {.bytes = 56, .version = i % 2 == 0 ? 4 : 6};
        tern_address source = address_of(m.version, 1), destination = address_of(m.version, 2);
        icmp_error_fields fields = {.owed = (icmp_owed)(i / 2), .rest = 40, .quote_bytes = 48};
        icmp_message icmp;
        icmp_error error;
        size_t body_at;
        m.octets[8] = m.version == 4 ? 0x45 : 0x60;
        m.octets[14] = m.version == 4 ? 0 : 6;
        icmp_write_error(m.octets, &fields, &source, &destination);
        CHECK_EQ(message_read(&m, m.bytes, &icmp, &body_at), TERN_RULE_NONE);
        CHECK_EQ(icmp.kind, ICMP_ERROR);
        CHECK_EQ(icmp.rest, 40);
        icmp.body = m.octets + 8;
        CHECK(icmp_error_read(&error, &icmp, m.version));
        CHECK_EQ(error.reason, reasons[i / 2][i % 2]);
    }
}
