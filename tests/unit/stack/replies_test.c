/* replies_test.c - what is answered without a connection: ICMP errors, and the limits of all. */
#include "tests/unit/tcp_fixture.h"

#include "base/bytes.h"
#include "wire/checksum.h"
#include "wire/icmp.h"

enum { PACKET_BYTES = 2048, UDP_BYTES = 8 };

/* A packet of `protocol` from the peer: `extension` octets behind the IPv6 header, then payload. */
struct foreign {
    uint8_t protocol;
    uint8_t extension[32];
    size_t extension_bytes;
    size_t payload_bytes;
    uint8_t payload_first;
};

static size_t foreign_packet(const fixture *x, const struct foreign *p, uint8_t *packet)
{
    bool ipv4 = tern_address_is_ipv4(&x->peer.local.address);
    ip_fields ip = {.source = x->peer.remote.address,
                    .destination = x->peer.local.address,
                    .protocol = p->protocol,
                    .ttl = 64,
                    .payload_bytes = p->extension_bytes + p->payload_bytes};
    size_t header = ip_write(packet, &ip);

    CHECK(!ipv4 || p->extension_bytes == 0);
    memcpy(packet + header, p->extension, p->extension_bytes);
    memset(packet + header + p->extension_bytes, 0x5a, p->payload_bytes);
    if (p->payload_bytes > 0)
        packet[header + p->extension_bytes] = p->payload_first;
    return header + ip.payload_bytes;
}

static fixture *fixture_of(bool ipv6)
{
    fixture *x = fixture_begin(NULL);

    if (ipv6)
        x_ipv6(x);
    return x;
}

/* The next packet is an ICMP error to the peer, right in every sum; it quotes `packet`. */
static void expect_error(fixture *x, uint8_t type, uint8_t code, uint32_t rest,
                         const uint8_t *packet)
{
    uint8_t out[PACKET_BYTES];
    size_t bytes = x_output(x, out);
    bool ipv4 = tern_address_is_ipv4(&x->peer.local.address);
    ip_packet ip;
    icmp_message icmp;

    CHECK(bytes > 0 && bytes <= (ipv4 ? 576 : 1280));
    CHECK_EQ(ip_read(&ip, out, bytes), TERN_RULE_NONE);
    CHECK_EQ(icmp_read(&icmp, &ip), TERN_RULE_NONE);
    CHECK_MEM(&ip.destination, &x->peer.remote.address, sizeof ip.destination);
    CHECK_MEM(&ip.source, &x->peer.local.address, sizeof ip.source);
    CHECK_EQ(icmp.kind, ICMP_ERROR);
    CHECK_EQ(icmp.type, type);
    CHECK_EQ(icmp.code, code);
    CHECK_EQ(icmp.rest, rest);
    CHECK_MEM(icmp.body, packet, icmp.body_bytes);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_ICMP_ERROR_SENT), 1);
    x_expect_nothing(x);
}

TEST(udp_is_answered_by_port_unreachable)
{
    for (int ipv6 = 0; ipv6 < 2; ipv6++) {
        fixture *x = fixture_of(ipv6);
        uint8_t packet[PACKET_BYTES];
        struct foreign udp = {.protocol = IP_PROTOCOL_UDP, .payload_bytes = UDP_BYTES + 20};
        size_t bytes = foreign_packet(x, &udp, packet);
        CHECK_EQ(x_inject_packet(x, packet, bytes), TERN_RULE_UDP_UNREACHABLE);
        expect_error(x, ipv6 ? 1 : 3, ipv6 ? 4 : 3, 0, packet);
        CHECK_EQ(x_usage(x).chunks + x_usage(x).replies, 0);
    }
}

TEST(an_error_quotes_what_fits_into_the_least_packet)
{
    for (int ipv6 = 0; ipv6 < 2; ipv6++) {
        fixture *x = fixture_of(ipv6);
        uint8_t packet[PACKET_BYTES], out[PACKET_BYTES];
        struct foreign udp = {.protocol = IP_PROTOCOL_UDP, .payload_bytes = 1400};
        size_t bytes = foreign_packet(x, &udp, packet);
        x_inject_packet(x, packet, bytes);
        CHECK_EQ(x_output(x, out), ipv6 ? 1280 : 576);
    }
}

TEST(octets_past_the_packet_are_not_quoted)
{
    fixture *x = fixture_begin(NULL);
    uint8_t packet[PACKET_BYTES] = {0}, out[PACKET_BYTES];
    struct foreign udp = {.protocol = IP_PROTOCOL_UDP, .payload_bytes = UDP_BYTES};
    size_t bytes = foreign_packet(x, &udp, packet);

    x_inject_packet(x, packet, bytes + 18);
    CHECK_EQ(x_output(x, out), 20 + 8 + bytes);
}

TEST(protocol_unknown)
{
    fixture *x = fixture_begin(NULL);
    uint8_t packet[PACKET_BYTES];
    struct foreign other = {.protocol = 132, .payload_bytes = 12};
    size_t bytes = foreign_packet(x, &other, packet);

    CHECK_EQ(x_inject_packet(x, packet, bytes), TERN_RULE_PROTOCOL_UNKNOWN);
    expect_error(x, 3, 2, 0, packet);
    other.protocol = IP_PROTOCOL_ICMPV6; /* not over IPv4 */
    bytes = foreign_packet(x, &other, packet);
    CHECK_EQ(x_inject_packet(x, packet, bytes), TERN_RULE_PROTOCOL_UNKNOWN);
}

TEST(protocol_unknown_over_ipv6_names_the_octet)
{
    fixture *x = fixture_of(true);
    uint8_t packet[PACKET_BYTES];
    struct foreign other = {.protocol = 132, .payload_bytes = 12};
    size_t bytes = foreign_packet(x, &other, packet);

    CHECK_EQ(x_inject_packet(x, packet, bytes), TERN_RULE_PROTOCOL_UNKNOWN);
    expect_error(x, 4, 1, 6, packet);
}

TEST(protocol_unknown_behind_an_extension_header)
{
    fixture *x = fixture_of(true);
    uint8_t packet[PACKET_BYTES];
    struct foreign other = {
        .protocol = 60, .extension = {132, 0, 1, 4}, .extension_bytes = 8, .payload_bytes = 12};
    size_t bytes = foreign_packet(x, &other, packet);

    CHECK_EQ(x_inject_packet(x, packet, bytes), TERN_RULE_PROTOCOL_UNKNOWN);
    expect_error(x, 4, 1, 40, packet);
}

TEST(an_extension_header_that_leads_nowhere_is_named)
{
    fixture *x = fixture_of(true);
    uint8_t packet[PACKET_BYTES];
    struct foreign esp = {.protocol = 50, .payload_bytes = 16};
    size_t bytes = foreign_packet(x, &esp, packet);

    CHECK_EQ(x_inject_packet(x, packet, bytes), TERN_RULE_IP_EXTENSION_UNKNOWN);
    expect_error(x, 4, 1, 6, packet);
}

TEST(no_next_header_is_dropped_in_silence)
{
    fixture *x = fixture_of(true);
    uint8_t packet[PACKET_BYTES];
    struct foreign none = {.protocol = 59, .payload_bytes = 16};

    x_inject_packet(x, packet, foreign_packet(x, &none, packet));
    x_expect_nothing(x);
}

TEST(hop_by_hop_in_the_wrong_place_is_named)
{
    fixture *x = fixture_of(true);
    uint8_t packet[PACKET_BYTES];
    struct foreign late = {.protocol = 60,
                           .extension = {0, 0, 1, 4, 0, 0, 0, 0, 6, 0, 1, 4},
                           .extension_bytes = 16,
                           .payload_bytes = 20};
    size_t bytes = foreign_packet(x, &late, packet);

    CHECK_EQ(x_inject_packet(x, packet, bytes), TERN_RULE_IP_EXTENSION_UNKNOWN);
    expect_error(x, 4, 1, 40, packet);
}

/* The two top bits of an unknown option's number say what is to be done (RFC 8200 4.2). */
TEST(an_unknown_option_is_answered_as_its_number_asks)
{
    for (unsigned action = 1; action < 4; action++) {
        fixture *x = fixture_of(true);
        uint8_t packet[PACKET_BYTES];
        struct foreign option = {.protocol = 60,
                                 .extension = {6, 0, 0, (uint8_t)(action << 6 | 0x1e), 2},
                                 .extension_bytes = 8,
                                 .payload_bytes = 20};
        size_t bytes = foreign_packet(x, &option, packet);
        CHECK_EQ(x_inject_packet(x, packet, bytes), TERN_RULE_IP_EXTENSION_UNKNOWN);
        if (action == 1)
            x_expect_nothing(x);
        else
            expect_error(x, 4, 2, 43, packet);
    }
}

TEST(a_source_route_over_ipv6_is_a_parameter_problem)
{
    fixture *x = fixture_of(true);
    uint8_t packet[PACKET_BYTES];
    struct foreign route = {
        .protocol = 43, .extension = {6, 0, 0, 1}, .extension_bytes = 8, .payload_bytes = 20};
    size_t bytes = foreign_packet(x, &route, packet);

    CHECK_EQ(x_inject_packet(x, packet, bytes), TERN_RULE_IP_SOURCE_ROUTE_REFUSED);
    expect_error(x, 4, 0, 42, packet);
}

TEST(an_error_is_never_answered_by_another)
{
    static const uint8_t types[] = {1, 3, 127, 128};

    for (unsigned i = 0; i < 4; i++) {
        fixture *x = fixture_of(true);
        uint8_t packet[PACKET_BYTES];
        struct foreign option = {.protocol = 60,
                                 .extension = {IP_PROTOCOL_ICMPV6, 0, 0xc5, 0},
                                 .extension_bytes = 8,
                                 .payload_bytes = 48,
                                 .payload_first = types[i]};
        x_inject_packet(x, packet, foreign_packet(x, &option, packet));
        CHECK_EQ(tern_counter(x->stack, TERN_RULE_ICMP_ERROR_WITHHELD), types[i] < 128);
        if (types[i] < 128)
            x_expect_nothing(x);
        else
            expect_error(x, 4, 2, 42, packet);
    }
}

TEST(nobody_is_told_by_a_source_that_is_none)
{
    fixture *x = fixture_of(true);
    uint8_t packet[PACKET_BYTES];
    struct foreign esp = {.protocol = 50, .payload_bytes = 16};

    CHECK(tern_address_parse("ff02::1", &x->peer.remote.address));
    x_inject_packet(x, packet, foreign_packet(x, &esp, packet));
    x_expect_nothing(x);
    CHECK(tern_address_parse("::", &x->peer.remote.address));
    x_inject_packet(x, packet, foreign_packet(x, &esp, packet));
    x_expect_nothing(x);
}

TEST(icmp_errors_have_a_rate)
{
    tern_config c = fixture_config();
    uint8_t packet[PACKET_BYTES];
    struct foreign udp = {.protocol = IP_PROTOCOL_UDP, .payload_bytes = UDP_BYTES};

    c.icmp_rate_per_s = 2;
    c.icmp_burst = 3;
    fixture *x = fixture_begin(&c);
    size_t bytes = foreign_packet(x, &udp, packet);
    for (unsigned i = 0; i < 3; i++)
        CHECK_EQ(x_inject_packet(x, packet, bytes), TERN_RULE_UDP_UNREACHABLE);
    CHECK_EQ(x_inject_packet(x, packet, bytes), TERN_RULE_ICMP_ERRORS_LIMITED);
    CHECK_EQ(x_run(x, 500), 3);
    CHECK_EQ(x_inject_packet(x, packet, bytes), TERN_RULE_UDP_UNREACHABLE);
    CHECK_EQ(x_inject_packet(x, packet, bytes), TERN_RULE_ICMP_ERRORS_LIMITED);
    CHECK_EQ(x_run(x, 0), 1);
}

TEST(answers_have_a_rate)
{
    tern_config c = fixture_config();

    c.reset_rate_per_s = 10;
    c.reset_burst = 2;
    fixture *x = fixture_begin(&c);
    CHECK_EQ(x_inject(x, .flags = TCP_SYN), TERN_RULE_CLOSED_SEGMENT_RESET);
    CHECK_EQ(x_inject(x, .flags = TCP_SYN), TERN_RULE_CLOSED_SEGMENT_RESET);
    CHECK_EQ(x_inject(x, .flags = TCP_SYN), TERN_RULE_ANSWERS_LIMITED);
    CHECK_EQ(x_run(x, 100), 2);
    CHECK_EQ(x_inject(x, .flags = TCP_SYN), TERN_RULE_CLOSED_SEGMENT_RESET);
    CHECK_EQ(x_inject(x, .flags = TCP_SYN), TERN_RULE_ANSWERS_LIMITED);
    CHECK_EQ(x_run(x, 0), 1);
}

/* A record that answers each segment answers as many as the stack does without one. */
TEST(answers_of_half_open_and_time_wait_records_have_a_rate)
{
    tern_config c = fixture_config();

    c.reset_rate_per_s = 10;
    c.reset_burst = 2;
    fixture *x = fixture_begin(&c);
    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    for (unsigned i = 0; i < 2; i++) {
        x_inject(x, .flags = TCP_SYN);
        x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    }
    CHECK_EQ(x_inject(x, .flags = TCP_SYN), TERN_RULE_ANSWERS_LIMITED);
    x_expect_nothing(x);

    x = fixture_begin(&c);
    x_bring(x, TERN_TIME_WAIT, WAY_RELEASED);
    for (unsigned i = 0; i < 3; i++)
        x_inject(x, .flags = TCP_ACK, .seq = 500, .ack = 1, .bytes = 1);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_ANSWERS_LIMITED), 1);
    CHECK_EQ(x_run(x, 0), 2);
}
