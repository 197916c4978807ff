/* pkt_packet_test.c - packets: each field of each protocol, and what is out of range. */
#include "apps/pkt/icmp_names.h"
#include "apps/pkt/script.h"
#include "tests/test.h"
#include "tests/unit/apps/pkt_fixture.h"

static const pkt_packet *packet(const char *text)
{
    char line[512];

    snprintf(line, sizeof line, "0 %s", text);
    return pkt_first(line)->packet;
}

static const char *refused(const char *text)
{
    char line[512];

    snprintf(line, sizeof line, "0 %s", text);
    return pkt_refused(line);
}

TEST(a_segment_has_numbers)
{
    const pkt_packet *p = packet("< 8080 > 40000 P. 1:1001(1000) ack 7 win 512 urg 3");

    CHECK(p->inbound);
    CHECK_EQ(p->protocol, PKT_TCP);
    CHECK(p->ports.given);
    CHECK_EQ(p->ports.source, 8080);
    CHECK_EQ(p->ports.destination, 40000);
    CHECK_EQ(p->tcp.flags, PKT_PSH | PKT_ACK);
    CHECK_EQ(p->tcp.sequence.start, 1);
    CHECK_EQ(p->tcp.sequence.bytes, 1000);
    CHECK(p->tcp.ack_given);
    CHECK_EQ(p->tcp.ack, 7);
    CHECK_EQ(p->tcp.window, 512);
    CHECK_EQ(p->tcp.urgent, 3);
    CHECK(packet("> . 1:1(0)")->tcp.window == -1);
    CHECK(!packet("> . 1:1(0)")->tcp.ack_given);
}

TEST(every_flag_has_a_letter)
{
    CHECK_EQ(packet("> FSRPUEWA. 1:1(0)")->tcp.flags, 0x1ff);
    CHECK_EQ(packet("> - 1:1(0)")->tcp.flags, 0);
    CHECK_EQ(packet("> P.W 1:1(0)")->tcp.flags, PKT_PSH | PKT_ACK | PKT_CWR);
    CHECK_EQ(packet("> P W 1:1(0)")->tcp.flags, PKT_PSH | PKT_CWR);
    CHECK(strstr(refused("> S. . 1:1(0)"), "expected sequence numbers") != NULL);
    CHECK(strstr(refused("> .W 1:1(0)"), "expected sequence numbers") != NULL);
    CHECK_STR(refused("> SX 1:1(0)"), "1:5: expected TCP flags: of F S R P . U E W A, or - for "
                                      "none, found 'SX'");
    CHECK_STR(refused("> 1:1(0)"), "1:6: expected >, found ':'");
}

TEST(a_digit_is_the_ace_field)
{
    CHECK_EQ(packet("> .5 1:1(0)")->tcp.flags, PKT_ACK | PKT_AE | PKT_ECE);
    CHECK_EQ(packet("> S.2 1:1(0)")->tcp.flags, PKT_SYN | PKT_ACK | PKT_CWR);
    CHECK_EQ(packet("> S4 1:1(0)")->tcp.flags, PKT_SYN | PKT_AE);
    for (const char *const *bad =
             (const char *const[]){"> .8 1:1(0)", "> E.1 1:1(0)", "> .12 1:1(0)", NULL};
         *bad != NULL; bad++)
        CHECK(strstr(refused(*bad), "expected TCP flags") != NULL);
}

TEST(sequence_numbers_fit_the_length)
{
    CHECK_STR(refused("> . 1:1000(1000)"),
              "1:7: the sequence numbers do not fit the length in parentheses");
    CHECK_EQ(packet("> . 4294967295:0(1)")->tcp.sequence.start, UINT32_MAX);
    CHECK(packet("> . 5:6(1)!")->tcp.sequence.absolute);
    CHECK(packet("> . ...(9)")->tcp.sequence.ignored);
    CHECK_STR(refused("> . 1:2"), "1:10: expected (, found the end");
    CHECK_STR(refused("> . 4294967296:1(1)"),
              "1:7: expected a number from 0 to 4294967295, found '4294967296'");
    CHECK_STR(refused("> . 0:65536(65536)"),
              "1:15: expected a number from 0 to 65535, found '65536'");
    CHECK_STR(refused("> ."),
              "1:6: expected sequence numbers, such as 1:1001(1000), found the end");
}

TEST(an_inbound_segment_is_complete)
{
    CHECK_STR(refused("< . 1:1(0) ack 1"), "1:19: expected 'win' and the window, which an inbound "
                                           "segment must have, found the end");
    CHECK_STR(refused("< . 1:1(0) win 5 <...>"),
              "1:20: an inbound segment has certain options: <...> is for outbound ones");
    CHECK_STR(refused("< [ect01] . 1:1(0) win 5"),
              "1:3: an inbound packet has one value: ect01 is for outbound ones");
}

TEST(ip_fields_are_masks)
{
    const pkt_ip *ip = &packet("> [ce] . 1:1(0)")->ip;
    CHECK_EQ(ip->tos, 3);
    CHECK_EQ(ip->tos_mask, 3);
    CHECK(ip->ttl == -1 && ip->flow_label == -1);
    ip = &packet("> (dscp ef, ect0, ttl 7, flowlabel 0xfffff) . 1:1(0)")->ip;
    CHECK_EQ(ip->tos, 46 << 2 | 2);
    CHECK_EQ(ip->tos_mask, 0xff);
    CHECK_EQ(ip->ttl, 7);
    CHECK_EQ(ip->flow_label, 0xfffff);
    ip = &packet("> [ect01, dscp 0x3f] . 1:1(0)")->ip;
    CHECK(ip->ect01);
    CHECK_EQ(ip->tos_mask, 0xfc);
    CHECK_EQ(packet("> [class 0x12, hlim 255] . 1:1(0)")->ip.tos, 0x12);
}

TEST(ip_fields_are_checked)
{
    CHECK_STR(refused("> [ect0, ce] . 1:1(0)"),
              "1:14: these bits of the IP header are given twice");
    CHECK_STR(refused("> [tos 0x100] . 1:1(0)"),
              "1:10: expected a number from 0x0 to 0xff, found '0x100'");
    CHECK_STR(refused("> [tos 16] . 1:1(0)"), "1:10: expected a number from 0x0 to 0xff, found "
                                              "'16'");
    CHECK_STR(refused("> [ttl 256] . 1:1(0)"), "1:10: expected a number from 0 to 255, found "
                                               "'256'");
    CHECK_STR(refused("> [ect0) . 1:1(0)"), "1:10: expected ], found ')'");
    CHECK(strstr(refused("> [ecn0] . 1:1(0)"), "expected a field of the IP header") != NULL);
}

TEST(udp_has_a_length)
{
    const pkt_packet *p = packet("< udp 53 > 99 (1000)");

    CHECK_EQ(p->protocol, PKT_UDP);
    CHECK_EQ(p->bytes, 1000);
    CHECK_EQ(p->ports.source, 53);
    CHECK_EQ(packet("> udplite (100, 8)")->coverage, 8);
    CHECK_STR(refused("> udp (65536)"), "1:10: expected a number from 0 to 65535, found '65536'");
}

TEST(icmp_quotes_a_packet)
{
    const pkt_packet *p = packet("< icmp unreachable frag_needed mtu 1200 [1:1461(1460)]");

    CHECK_EQ(p->protocol, PKT_ICMP);
    CHECK_STR(p->icmp.type, "unreachable");
    CHECK_STR(p->icmp.code, "frag_needed");
    CHECK_EQ(p->icmp.mtu_bytes, 1200);
    CHECK(p->icmp.quoted);
    CHECK_EQ(p->icmp.protocol, PKT_TCP);
    CHECK_EQ(p->icmp.sequence.bytes, 1460);
    p = packet("< icmp packet_too_big mtu 1280 [udplite (8, 4)]");
    CHECK(p->icmp.code == NULL);
    CHECK_EQ(p->icmp.protocol, PKT_UDPLITE);
    CHECK_EQ(p->icmp.coverage, 4);
    CHECK_EQ(packet("> icmp echo_reply id 65535")->icmp.echo_id, 65535);
    CHECK(!packet("> icmp echo_reply")->icmp.quoted);
    CHECK_EQ(packet("< icmp unreachable [raw (20)]")->icmp.protocol, PKT_RAW);
}

TEST(icmp_names_have_numbers)
{
    uint8_t number[2];

    CHECK(pkt_icmp_number(false, "unreachable", "frag_needed", number));
    CHECK(number[0] == 3 && number[1] == 4);
    CHECK(pkt_icmp_number(true, "unreachable", "port_unreachable", number));
    CHECK(number[0] == 1 && number[1] == 4);
    CHECK(pkt_icmp_number(true, "packet_too_big", NULL, number));
    CHECK(number[0] == 2 && number[1] == 0);
    CHECK(pkt_icmp_number(true, "type_200", "code_13", number));
    CHECK(number[0] == 200 && number[1] == 13);
    CHECK(!pkt_icmp_number(true, "unreachable", "frag_needed", number));
    CHECK(!pkt_icmp_number(false, "type_256", NULL, number));
    CHECK_STR(refused("< icmp unreachabel"), "1:10: no ICMP message has this type");
    CHECK_STR(refused("< icmp unreachable code_1x"),
              "1:22: no ICMP message of this type has this code");
}

TEST(headers_stand_around_a_packet)
{
    const pkt_packet *p = packet("< ipv4 (ttl 9) 10.0.0.1 > 10.0.0.2: gre flags [key present], "
                                 "sum 0, off 0, key=0xff, seq 0: mpls (label 5, tc 1, [S], ttl "
                                 "64): ipv6 fd00::1 > ::ffff:1.2.3.4: . 1:1(0) win 5");
    const pkt_layer *layer = p->layers;

    CHECK_EQ(layer->kind, PKT_LAYER_IPV4);
    CHECK_STR(layer->destination, "10.0.0.2");
    CHECK_EQ(layer->ip.ttl, 9);
    layer = layer->next;
    CHECK_EQ(layer->kind, PKT_LAYER_GRE);
    CHECK_EQ(layer->gre.flags, 0x2000);
    CHECK_EQ(layer->gre.key, 0xff);
    layer = layer->next;
    CHECK_EQ(layer->mpls->label, 5);
    CHECK(layer->mpls->bottom);
    CHECK_STR(layer->next->destination, "::ffff:1.2.3.4");
    CHECK_EQ(p->tcp.window, 5);
    CHECK(strstr(refused("< ipv4 fd00::1 > fd00::2: . 1:1(0) win 1"), "an IPv4 address") != NULL);
    CHECK_STR(refused("< ipv4 1.2.3.4 > 1.2.3.400: . 1:1(0) win 1"), "1:20: this is no address");
    CHECK(strstr(refused("< gre: gre: gre: gre: gre: gre: gre: gre: gre: . 1:1(0) win 1"),
                 "more than 8 headers") != NULL);
}

TEST(a_tunnel_is_around_tcp)
{
    const pkt_packet *p = packet("< . 1:1(0) ack 1 win 5 <nop,nop,nop,nop>/udp(9899 > 1234)");

    CHECK(p->tunnel.given);
    CHECK_EQ(p->tunnel.destination, 1234);
    CHECK_STR(refused("> . 1:1(0)/tcp(1 > 2)"), "1:14: expected udp, found 'tcp'");
    p = packet("> R. 1:1(0) [code 3, pen 9]");
    CHECK(p->tcp.diagnosis);
    CHECK_EQ(p->tcp.diagnosis_code, 3);
    CHECK_EQ(p->tcp.diagnosis_pen, 9);
}

TEST(sctp_is_kept_as_names_and_lists)
{
    const pkt_packet *p = packet("> sctp(tag=5): INIT[flgs=0, tag=1, a_rwnd=..., IPV4_ADDRESS["
                                 "addr=1.2.3.4]]; SACK[gaps=[1:2, 4:5]]");
    const pkt_expr *chunk = p->sctp.chunks;

    CHECK_EQ(p->protocol, PKT_SCTP);
    CHECK_EQ(p->sctp.tag, 5);
    CHECK_EQ(chunk->kind, PKT_ITEM);
    CHECK_STR(chunk->text, "INIT");
    CHECK_EQ(chunk->children, 4);
    CHECK_STR(chunk->next->text, "SACK");
    CHECK_EQ(chunk->next->first->value->first->kind, PKT_PAIR);
    CHECK_STR(
        refused("> sctp: 5"),
        "1:12: expected a packet ('<' or '>'), a system call, a `command` or %{ code }%, found "
        "the end");
}
