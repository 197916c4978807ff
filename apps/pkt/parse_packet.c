/* parse_packet.c - from '<' or '>' to the end of a packet: IP fields, ports, UDP, and who reads the
 * rest. */
#include "apps/pkt/parser.h"

#include <assert.h>
#include <string.h>

static_assert(sizeof(pkt_packet) <= PKT_ARENA_RESERVE_BYTES, "the largest node fits the reserve");

void parse_ports(pkt_parser *p, pkt_ports *ports)
{
    if (p->now.kind != TOKEN_INTEGER)
        return;
    ports->given = parser_u16(p, &ports->source) && parser_mark(p, '>') &&
                   parser_u16(p, &ports->destination);
}

/* "/udp(1>2)", or nothing. */
bool parse_tunnel(pkt_parser *p, pkt_ports *tunnel)
{
    if (!parser_take_mark(p, '/'))
        return true;
    if (!parser_word(p, "udp") || !parser_mark(p, '('))
        return false;
    if (p->now.kind != TOKEN_INTEGER)
        return parser_expected(p, N_("a number from 0 to 65535"));
    parse_ports(p, tunnel);
    return parser_mark(p, ')');
}

/* ---- IP ------------------------------------------------------------------------------------ */

enum { IP_ECN_MASK = 0x03, IP_DSCP_MASK = 0xfc, IP_TOS_MASK = 0xff };

/* Names of code points: ECN of RFC 3168 5, the others of the registry of RFC 2474 6. */
typedef struct packet_code_point {
    const char *name;
    uint8_t value;
} packet_code_point;

static const packet_code_point packet_dscp[] = {
    {"cs0", 0},   {"cs1", 8},   {"cs2", 16},  {"cs3", 24},  {"cs4", 32},         {"cs5", 40},
    {"cs6", 48},  {"cs7", 56},  {"af11", 10}, {"af12", 12}, {"af13", 14},        {"af21", 18},
    {"af22", 20}, {"af23", 22}, {"af31", 26}, {"af32", 28}, {"af33", 30},        {"af41", 34},
    {"af42", 36}, {"af43", 38}, {"ef", 46},   {"le", 1},    {"voice-admit", 44},
};

static const packet_code_point packet_ecn[] = {
    {"noecn", 0},
    {"ect1", 1},
    {"ect0", 2},
    {"ce", 3},
};

/* Sets the bits of a mask, which nothing may have set before. */
static bool packet_tos_set(pkt_parser *p, pkt_ip *ip, uint8_t mask, uint32_t value)
{
    if ((ip->tos_mask & mask) != 0 || (ip->ect01 && (mask & IP_ECN_MASK) != 0))
        return parser_wrong(p, p->now.place, N_("these bits of the IP header are given twice"));
    ip->tos_mask |= mask;
    ip->tos |= (uint8_t)value;
    return true;
}

static bool packet_dscp_read(pkt_parser *p, pkt_ip *ip)
{
    uint32_t value = 0;

    for (size_t i = 0; i < sizeof packet_dscp / sizeof packet_dscp[0]; i++)
        if (parser_take_word(p, packet_dscp[i].name))
            return packet_tos_set(p, ip, IP_DSCP_MASK, (uint32_t)packet_dscp[i].value << 2);
    return parser_hex(p, 0x3f, N_("a DSCP: 0x0 to 0x3f, or a name such as af11"), &value) &&
           packet_tos_set(p, ip, IP_DSCP_MASK, value << 2);
}

/* A field that has a value. `known` is false when the word is none of these. */
static bool packet_ip_value(pkt_parser *p, pkt_ip *ip, bool *known)
{
    uint32_t value = 0;
    uint8_t ttl = 0;

    *known = true;
    if (parser_take_word(p, "tos") || parser_take_word(p, "class"))
        return parser_hex(p, IP_TOS_MASK, N_("a number from 0x0 to 0xff"), &value) &&
               packet_tos_set(p, ip, IP_TOS_MASK, value);
    if (parser_take_word(p, "dscp"))
        return packet_dscp_read(p, ip);
    if (parser_take_word(p, "ecn"))
        return parser_hex(p, IP_ECN_MASK, N_("a number from 0x0 to 0x3"), &value) &&
               packet_tos_set(p, ip, IP_ECN_MASK, value);
    if (parser_take_word(p, "ttl") || parser_take_word(p, "hlim")) {
        bool good = parser_u8(p, &ttl);
        ip->ttl = ttl;
        return good;
    }
    *known = parser_take_word(p, "flowlabel");
    if (!*known)
        return true;
    bool good = parser_hex(p, 0xfffff, N_("a number from 0x0 to 0xfffff"), &value);
    ip->flow_label = (int32_t)value;
    return good;
}

static bool packet_ip_field(pkt_parser *p, pkt_ip *ip)
{
    bool known = false;

    for (size_t i = 0; i < sizeof packet_ecn / sizeof packet_ecn[0]; i++)
        if (parser_take_word(p, packet_ecn[i].name))
            return packet_tos_set(p, ip, IP_ECN_MASK, packet_ecn[i].value);
    if (parser_take_word(p, "ect01")) {
        bool good = packet_tos_set(p, ip, IP_ECN_MASK, 0);
        ip->ect01 = true;
        ip->tos_mask &= (uint8_t)~IP_ECN_MASK;
        return good;
    }
    if (!packet_ip_value(p, ip, &known))
        return false;
    return known || parser_expected(p, N_("a field of the IP header: ect0, ect1, ect01, ce, noecn, "
                                          "tos, dscp, ttl, hlim or flowlabel"));
}

/* "(ect0)", "[tos 0x10, ttl 64]", or nothing. */
bool parse_ip(pkt_parser *p, pkt_ip *ip)
{
    bool bracket = parser_is_mark(p, '[');

    *ip = (pkt_ip){.ttl = -1, .flow_label = -1};
    if (!bracket && !parser_is_mark(p, '('))
        return true;
    do {
        parser_next(p);
        if (!packet_ip_field(p, ip))
            return false;
    } while (parser_is_mark(p, ','));
    return parser_mark(p, bracket ? ']' : ')');
}

/* ---- What IP carries ----------------------------------------------------------------------- */

/* "udp 1 > 2 (1000)", "udplite (1000, 8)": the name is gone already. */
static bool packet_udp(pkt_parser *p, pkt_packet *packet)
{
    uint16_t bytes = 0, coverage = 0;
    bool good;

    parse_ports(p, &packet->ports);
    good = parser_mark(p, '(') && parser_u16(p, &bytes);
    if (packet->protocol == PKT_UDPLITE)
        good = good && parser_mark(p, ',') && parser_u16(p, &coverage);
    packet->bytes = bytes;
    packet->coverage = coverage;
    return good && parser_mark(p, ')');
}

static bool packet_psp(pkt_parser *p, pkt_tcp *tcp)
{
    tcp->psp = true;
    if (!parser_word(p, "psp") || !parser_word(p, "spi"))
        return false;
    if (p->now.kind == TOKEN_HEX)
        return parser_hex(p, UINT32_MAX, N_("a number from 0 to 4294967295"), &tcp->psp_spi);
    return parser_u32(p, &tcp->psp_spi);
}

static bool packet_body(pkt_parser *p, pkt_packet *packet)
{
    static const struct {
        const char *name;
        pkt_protocol protocol;
        bool (*read)(pkt_parser *p, pkt_packet *packet);
    } named[] = {
        {"udp", PKT_UDP, packet_udp},
        {"udplite", PKT_UDPLITE, packet_udp},
        {"icmp", PKT_ICMP, parse_icmp},
    };

    if (!parse_layers(p, packet) || !parse_ip(p, &packet->ip))
        return false;
    if (packet->ip.ect01 && packet->inbound)
        return parser_wrong(p, packet->place,
                            N_("an inbound packet has one value: ect01 is for outbound ones"));
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        packet->protocol = named[i].protocol;
        if (parser_take_word(p, named[i].name))
            return named[i].read(p, packet);
    }
    packet->protocol = PKT_TCP;
    if (parser_take_word(p, "encap") && !packet_psp(p, &packet->tcp))
        return false;
    parse_ports(p, &packet->ports);
    if (!parser_take_word(p, "sctp"))
        return parse_tcp(p, packet);
    packet->protocol = PKT_SCTP;
    return parse_sctp(p, packet);
}

pkt_packet *parse_packet(pkt_parser *p)
{
    pkt_packet *packet = pkt_arena_take(&p->script->arena, sizeof *packet);

    packet->place = p->now.place;
    packet->inbound = parser_is_mark(p, '<');
    parser_next(p);
    (void)packet_body(p, packet);
    return packet;
}
