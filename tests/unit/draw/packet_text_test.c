/* packet_text_test.c - what is read out of a packet, and the words for it. */
#include "draw/packet_text.h"
#include "tests/test.h"
#include "tests/unit/draw/recording_fixture.h"
#include "wire/checksum.h"
#include "wire/icmp.h"
#include "wire/tcp_header.h"

static packet_flows flows;

static packet_summary read_segment(const recording_segment *segment)
{
    uint8_t octets[RECORDING_PACKET_BYTES];
    packet_summary p;

    packet_read(&p, &flows, octets, recording_packet(octets, segment));
    return p;
}

/* All items, joined by "; ". */
static char *items_of(const packet_summary *p, char text[512])
{
    packet_items items = {.count = 0};
    size_t used = 0;

    packet_numbers(p, &items);
    packet_options(p, &items);
    text[0] = '\0';
    for (unsigned i = 0; i < items.count; i++)
        used += (size_t)snprintf(text + used, 512 - used, "%s%s", i > 0 ? "; " : "", items.text[i]);
    return text;
}

static const tcp_options with_scale = {
    .has_mss = true, .mss = 1460, .has_window_scale = true, .window_scale = 5};

static void handshake(void)
{
    memset(&flows, 0, sizeof flows);
    read_segment(&(recording_segment){LADDER_LEFT, TCP_SYN, 0, 0, 0, 0, &with_scale});
    read_segment(&(recording_segment){LADDER_RIGHT, TCP_SYN | TCP_ACK, 0, 1, 0, 0, &with_scale});
}

TEST(numbers_are_relative_once_the_syn_was_seen_and_raw_beside)
{
    char text[512];
    packet_summary p;

    memset(&flows, 0, sizeof flows);
    p = read_segment(&(recording_segment){LADDER_LEFT, TCP_ACK, 7, 9, 0, 0, NULL});
    CHECK(!p.seq_relative_known);
    CHECK_STR(items_of(&p, text), "SEQ 1915270004; ACK 1458477035; WIN 65535");
    handshake();
    p = read_segment(&(recording_segment){LADDER_LEFT, TCP_ACK, 7, 9, 0, 0, NULL});
    CHECK_EQ(p.seq_relative, 7);
    CHECK_EQ(p.ack_relative, 9);
    CHECK_STR(items_of(&p, text), "SEQ 7 (1915270004); ACK 9 (1458477035); WIN 2097120 (65535)");
}

TEST(a_window_is_scaled_when_both_syns_said_so_and_never_in_a_syn)
{
    packet_summary p;

    handshake();
    p = read_segment(&(recording_segment){LADDER_RIGHT, TCP_ACK, 1, 1, 0, 100, NULL});
    CHECK_EQ(p.window_scaled, 3200);
    p = read_segment(&(recording_segment){LADDER_LEFT, TCP_SYN, 0, 0, 0, 100, &with_scale});
    CHECK_EQ(p.window_scaled, 100);
    memset(&flows, 0, sizeof flows);
    read_segment(&(recording_segment){LADDER_LEFT, TCP_SYN, 0, 0, 0, 0, &with_scale});
    read_segment(&(recording_segment){LADDER_RIGHT, TCP_SYN | TCP_ACK, 0, 1, 0, 0, NULL});
    p = read_segment(&(recording_segment){LADDER_LEFT, TCP_ACK, 1, 1, 0, 100, NULL});
    CHECK_EQ(p.window_scaled, 100);
}

TEST(what_was_sent_before_is_said_to_be_again)
{
    recording_segment data = {LADDER_LEFT, TCP_ACK, 1, 1, 100, 0, NULL};
    recording_segment ack = {LADDER_LEFT, TCP_ACK, 1, 1, 0, 0, NULL};

    handshake();
    CHECK(!read_segment(&data).again);
    CHECK(read_segment(&data).again);
    CHECK(!read_segment(&ack).again); /* it carries nothing */
    data.text_bytes = 200;
    CHECK(!read_segment(&data).again);
}

TEST(a_syn_then_a_syn_ack_of_a_simultaneous_open_is_not_again)
{
    recording_segment syn = {LADDER_LEFT, TCP_SYN, 0, 0, 0, 0, NULL};
    recording_segment syn_ack = {LADDER_LEFT, TCP_SYN | TCP_ACK, 0, 1, 0, 0, NULL};

    memset(&flows, 0, sizeof flows);
    CHECK(!read_segment(&syn).again);
    CHECK(read_segment(&syn).again);
    CHECK(!read_segment(&syn_ack).again);
    CHECK(read_segment(&syn_ack).again);
}

TEST(another_isn_on_the_same_ports_is_a_new_connection)
{
    packet_summary p;

    handshake();
    p = read_segment(&(recording_segment){LADDER_LEFT, TCP_SYN, 5000, 0, 0, 0, NULL});
    CHECK_EQ(p.seq_relative, 0);
    p = read_segment(&(recording_segment){LADDER_LEFT, TCP_ACK, 5001, 1, 0, 0, NULL});
    CHECK_EQ(p.seq_relative, 1);
    CHECK(!p.ack_relative_known); /* the other side has not sent its SYN */
}

TEST(flags_are_named_in_the_order_of_the_rfc)
{
    char label[PACKET_LABEL_BYTES];
    packet_summary p = {.form = PACKET_TCP, .flags = TCP_ACK | TCP_SYN};

    CHECK_STR(packet_label(&p, label), "SYN,ACK");
    p.flags = TCP_FIN | TCP_PSH | TCP_ACK;
    p.text_bytes = 12;
    CHECK_STR(packet_label(&p, label), "FIN,PSH,ACK LEN 12");
    p.flags = 0x1ff;
    CHECK_STR(packet_label(&p, label), "SYN,FIN,RST,PSH,ACK,URG,ECE,CWR,AE LEN 12");
    p.flags = 0;
    p.text_bytes = 0;
    CHECK_STR(packet_label(&p, label), "-");
}

TEST(options_are_told_each_in_its_own_item)
{
    char text[512];
    tcp_options sack = {.has_timestamps = true, .ts_value = 9, .ts_echo = 8, .sack_count = 1};
    packet_summary p;

    handshake();
    sack.sack[0] = (tcp_sack_block){seq_of(RECORDING_SERVER_ISN + 101),
                                    seq_of(RECORDING_SERVER_ISN + 201)};
    p = read_segment(&(recording_segment){LADDER_LEFT, TCP_ACK, 1, 1, 0, 10, &sack});
    CHECK_STR(items_of(&p, text), "SEQ 1 (1915269998); ACK 1 (1458477027); WIN 320 (10); TS 9/8; "
                                  "SACK 101-201");
    p = read_segment(&(recording_segment){LADDER_LEFT, TCP_SYN, 0, 0, 0, 0, &with_scale});
    CHECK_STR(items_of(&p, text), "SEQ 0 (1915269997); WIN 65535; MSS 1460; WSCALE 5");
    static const uint8_t cookie[8] = {0};
    tcp_options fast = {.has_fast_open = true, .fast_open = cookie};
    p = read_segment(&(recording_segment){LADDER_LEFT, TCP_SYN, 0, 0, 0, 0, &fast});
    CHECK_STR(items_of(&p, text), "SEQ 0 (1915269997); WIN 65535; TFO REQUEST");
    fast.fast_open_bytes = 8;
    p = read_segment(&(recording_segment){LADDER_LEFT, TCP_SYN, 0, 0, 0, 0, &fast});
    CHECK_STR(items_of(&p, text), "SEQ 0 (1915269997); WIN 65535; TFO COOKIE");
}

TEST(a_damaged_segment_is_told_by_its_rule)
{
    uint8_t octets[RECORDING_PACKET_BYTES];
    char text[512], label[PACKET_LABEL_BYTES];
    recording_segment ack = {LADDER_LEFT, TCP_ACK, 1, 1, 4, 0, NULL};
    size_t bytes = recording_packet(octets, &ack);
    packet_summary p;

    memset(&flows, 0, sizeof flows);
    octets[bytes - 1] ^= 1;
    packet_read(&p, &flows, octets, bytes);
    CHECK(p.checksum_bad);
    CHECK(strstr(items_of(&p, text), "TCP_CHECKSUM_BAD") != NULL);
    octets[8] ^= 1;
    packet_read(&p, &flows, octets, bytes);
    CHECK_EQ(p.form, PACKET_BAD);
    CHECK_STR(packet_label(&p, label), "IP_CHECKSUM_BAD");
    CHECK_STR(items_of(&p, text), "44 octets");
}

TEST(any_octets_will_do)
{
    uint8_t octets[128];
    char text[512], label[PACKET_LABEL_BYTES];
    recording_segment syn = {LADDER_LEFT, TCP_SYN, 0, 0, 20, 0, &with_scale};
    uint32_t random = 1;
    unsigned forms[4] = {0};

    memset(&flows, 0, sizeof flows);
    for (unsigned run = 0; run < 20000; run++) {
        size_t bytes = recording_packet(octets, &syn);
        packet_summary p;
        for (unsigned i = 0; i < 3; i++) {
            random = random * 1664525 + 1013904223;
            octets[(random >> 8) % bytes] = (uint8_t)(random >> 24);
        }
        bytes = (random >> 16) % (bytes + 1);
        packet_read(&p, &flows, octets, bytes);
        CHECK(packet_label(&p, label)[0] != '\0');
        CHECK(items_of(&p, text)[0] != '\0');
        forms[p.form]++;
    }
    CHECK(forms[PACKET_BAD] > 0);
}

/* ---- ICMP ---------------------------------------------------------------------------------- */

/* An ICMP message with this header, quoting so many octets of `quote`. */
static packet_summary read_icmp(bool ipv6, const uint8_t header[8], const uint8_t *quote,
                                size_t quote_bytes)
{
    uint8_t octets[RECORDING_PACKET_BYTES], *icmp;
    ip_fields ip = {.source = tern_address_ipv4(192, 0, 2, 1),
                    .destination = tern_address_ipv4(10, 77, 0, 1),
                    .protocol = ipv6 ? IP_PROTOCOL_ICMPV6 : IP_PROTOCOL_ICMP,
                    .ttl = 64,
                    .payload_bytes = 8 + quote_bytes};
    checksum_sum sum = 0;
    uint16_t checksum;
    packet_summary p;

    if (ipv6) {
        ip.source = (tern_address){{0xfd, 1}};
        ip.destination = (tern_address){{0xfd, 2}};
        sum = checksum_pseudo(&ip.source, &ip.destination, IP_PROTOCOL_ICMPV6,
                              (uint32_t)ip.payload_bytes);
    }
    icmp = octets + ip_write(octets, &ip);
    memcpy(icmp, header, 8);
    memcpy(icmp + 8, quote, quote_bytes);
    checksum = checksum_finish(checksum_add(sum, icmp, ip.payload_bytes));
    icmp[2] = (uint8_t)(checksum >> 8);
    icmp[3] = (uint8_t)checksum;
    packet_read(&p, &flows, octets, (size_t)(icmp - octets) + ip.payload_bytes);
    return p;
}

TEST(an_icmp_error_says_what_is_wrong_and_with_which_segment)
{
    static const uint8_t too_big[8] = {3, 4, 0, 0, 0, 0, 0x05, 0x78};
    uint8_t quote[RECORDING_PACKET_BYTES];
    char text[512];
    packet_summary p;

    handshake();
    (void)recording_packet(quote, &(recording_segment){LADDER_LEFT, TCP_ACK, 7, 9, 100, 0, NULL});
    p = read_icmp(false, too_big, quote, 28);
    CHECK_STR(packet_label(&p, text), "ICMP 3/4 fragmentation needed");
    CHECK_STR(items_of(&p, text), "MTU 1400; about 49152 > 7777; SEQ 7 (1915270004)");
    p = read_icmp(false, (const uint8_t[8]){3, 1}, quote, 27); /* an octet short of SEQ */
    CHECK_STR(packet_label(&p, text), "ICMP 3/1 host unreachable");
    CHECK_STR(items_of(&p, text), "55 octets");
    quote[0] = 0x4f; /* a header of 60 octets that is not there */
    p = read_icmp(false, (const uint8_t[8]){3, 3}, quote, 28);
    CHECK(!p.quotes);
    p = read_icmp(false, (const uint8_t[8]){42, 1}, quote, 0);
    CHECK_STR(packet_label(&p, text), "ICMP 42/1");
}

TEST(an_icmpv6_error_too)
{
    uint8_t quote[IPV6_HEADER_BYTES + 8] = {0x60,        [6] = IP_PROTOCOL_TCP,
                                            [8] = 0xfd,  [9] = 2,
                                            [24] = 0xfd, [25] = 1,
                                            [41] = 80,   [43] = 81,
                                            [47] = 9};
    char text[512];
    packet_summary p;

    memset(&flows, 0, sizeof flows);
    p = read_icmp(true, (const uint8_t[8]){2, 0, 0, 0, 0, 0, 0x05, 0}, quote, sizeof quote);
    CHECK_STR(packet_label(&p, text), "ICMP 2/0 packet too big");
    CHECK_STR(items_of(&p, text), "MTU 1280; about 80 > 81; SEQ 9");
    CHECK(p.quoted_source.address.octets[1] == 2);
    p = read_icmp(true, (const uint8_t[8]){128}, quote, sizeof quote);
    CHECK_STR(packet_label(&p, text), "ICMP 128/0 echo");
    CHECK(!p.quotes);
}
