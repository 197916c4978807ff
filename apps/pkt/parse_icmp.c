/* parse_icmp.c - ICMP messages: type, code, MTU, identifier, and the packet that they quote. */
#include "apps/pkt/icmp_names.h"
#include "apps/pkt/parser.h"

/* "[1:1001(1000)]", "[udp (1000)]", "[raw (20)]", "[sctp(7)]": the bracket is gone already. */
static bool icmp_quoted(pkt_parser *p, pkt_packet *packet)
{
    pkt_icmp *icmp = &packet->icmp;
    uint16_t bytes = 0, coverage = 0;

    if (parser_take_word(p, "sctp")) {
        icmp->protocol = PKT_SCTP;
        return parser_mark(p, '(') && parser_u32(p, &icmp->tag) && parser_mark(p, ')') &&
               parse_tunnel(p, &packet->tunnel);
    }
    if (p->now.kind != TOKEN_WORD) {
        icmp->protocol = PKT_TCP;
        return parse_sequence(p, &icmp->sequence) && parse_tunnel(p, &packet->tunnel);
    }
    if (parser_take_word(p, "udp"))
        icmp->protocol = PKT_UDP;
    else if (parser_take_word(p, "udplite"))
        icmp->protocol = PKT_UDPLITE;
    else if (parser_take_word(p, "raw"))
        icmp->protocol = PKT_RAW;
    else
        return parser_expected(p, N_("the packet that the message is about, such as 1:1001(1000) "
                                     "or udp (1000)"));
    if (!parser_mark(p, '(') || !parser_u16(p, &bytes))
        return false;
    if (icmp->protocol == PKT_UDPLITE && (!parser_mark(p, ',') || !parser_u16(p, &coverage)))
        return false;
    icmp->sequence.bytes = bytes;
    icmp->coverage = coverage;
    return parser_mark(p, ')');
}

static bool icmp_type_and_code(pkt_parser *p, pkt_icmp *icmp)
{
    pkt_place place = p->now.place;

    if (p->now.kind != TOKEN_WORD)
        return parser_expected(p, N_("the type of the ICMP message, such as unreachable"));
    icmp->type = parser_text(p);
    if (!pkt_icmp_type_known(icmp->type))
        return parser_wrong(p, place, N_("no ICMP message has this type"));
    if (p->now.kind != TOKEN_WORD || parser_is_word(p, "mtu") || parser_is_word(p, "id"))
        return true;
    place = p->now.place;
    icmp->code = parser_text(p);
    if (!pkt_icmp_code_known(icmp->type, icmp->code))
        return parser_wrong(p, place, N_("no ICMP message of this type has this code"));
    return true;
}

bool parse_icmp(pkt_parser *p, pkt_packet *packet)
{
    pkt_icmp *icmp = &packet->icmp;
    uint32_t mtu = 0;

    icmp->mtu_bytes = -1;
    if (!icmp_type_and_code(p, icmp))
        return false;
    if (parser_take_word(p, "mtu")) {
        if (!parser_u32(p, &mtu))
            return false;
        icmp->mtu_bytes = mtu;
    }
    if (parser_take_word(p, "id") && !parser_u16(p, &icmp->echo_id))
        return false;
    icmp->quoted = parser_take_mark(p, '[');
    return !icmp->quoted || (icmp_quoted(p, packet) && parser_mark(p, ']'));
}
