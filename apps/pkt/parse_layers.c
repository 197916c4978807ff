/* parse_layers.c - headers around a packet: IPv4, IPv6, GRE and MPLS.
 *
 * RFC 2784, RFC 2890, RFC 3032. */
#include "apps/pkt/parser.h"
#include "apps/pkt/shapes.h"

#include <string.h>

enum {
    GRE_CHECKSUM = 0x8000,
    GRE_KEY = 0x2000,
    GRE_SEQUENCE = 0x1000,
    MPLS_LABEL_MAX = 0xfffff,
    MPLS_CLASS_MAX = 7,
    LAYERS_MAX = 8,
    MPLS_MAX = 8, /* labels of one stack */
};

/* "ipv4 (ttl 3) 10.0.0.1 > 10.0.0.2:": the name is gone already. */
static bool layers_address(pkt_parser *p, const char **address, pkt_layer_kind kind)
{
    if (p->now.kind != (kind == PKT_LAYER_IPV4 ? TOKEN_IPV4 : TOKEN_IPV6))
        return parser_expected(p, kind == PKT_LAYER_IPV4 ? N_("an IPv4 address")
                                                         : N_("an IPv6 address"));
    pkt_place place = p->now.place;
    *address = parser_text(p);
    return pkt_address_valid(kind == PKT_LAYER_IPV6, *address) ||
           parser_wrong(p, place, N_("this is no address"));
}

static bool layers_ip(pkt_parser *p, pkt_layer *layer)
{
    return parse_ip(p, &layer->ip) && layers_address(p, &layer->source, layer->kind) &&
           parser_mark(p, '>') && layers_address(p, &layer->destination, layer->kind);
}

/* ---- GRE ----------------------------------------------------------------------------------- */

static bool layers_gre_number(pkt_parser *p, uint32_t max, uint32_t *number)
{
    if (p->now.kind == TOKEN_HEX)
        return parser_hex(p, max, N_("a number that fits its field"), number);
    return parser_number(p, max, N_("a number that fits its field"), number);
}

/* "[checksum present, key present]", "[none]" or a number: the name is gone already. */
static bool layers_gre_flags(pkt_parser *p, uint16_t *flags)
{
    static const struct {
        const char *name;
        uint16_t flag;
    } names[] = {
        {"checksum", GRE_CHECKSUM}, {"key", GRE_KEY}, {"sequence#", GRE_SEQUENCE}, {"none", 0}};
    uint32_t number = 0;

    if (!parser_is_mark(p, '[')) {
        bool good = layers_gre_number(p, UINT16_MAX, &number);
        *flags = (uint16_t)number;
        return good;
    }
    do {
        size_t i = 0, count = sizeof names / sizeof names[0];
        parser_next(p);
        while (i < count && !parser_take_word(p, names[i].name))
            i++;
        if (i == count)
            return parser_expected(p, N_("none, checksum present, key present or sequence# "
                                         "present"));
        *flags |= names[i].flag;
        if (names[i].flag != 0 && !parser_word(p, "present"))
            return false;
    } while (parser_is_mark(p, ','));
    return parser_mark(p, ']');
}

static bool layers_gre(pkt_parser *p, pkt_layer *layer)
{
    static const char *const names[] = {"sum", "off", "key", "seq"};
    uint32_t number[4] = {0};

    (void)parser_take_mark(p, ',');
    if (!parser_take_word(p, "flags") && !parser_take_word(p, "Flags"))
        return !p->failed;
    layer->gre.given = true;
    if (!layers_gre_flags(p, &layer->gre.flags))
        return false;
    for (int i = 0; i < 4; i++) {
        (void)parser_take_mark(p, ',');
        if (!parser_word(p, names[i]))
            return false;
        if (i == 2)
            (void)parser_take_mark(p, '=');
        if (!layers_gre_number(p, i < 2 ? UINT16_MAX : UINT32_MAX, &number[i]))
            return false;
    }
    layer->gre.sum = (uint16_t)number[0];
    layer->gre.offset = (uint16_t)number[1];
    layer->gre.key = number[2];
    layer->gre.sequence = number[3];
    return true;
}

/* ---- MPLS ---------------------------------------------------------------------------------- */

/* "(label 5, tc 0, [S], ttl 64)". */
static bool layers_mpls_entry(pkt_parser *p, struct pkt_mpls *entry)
{
    uint32_t traffic_class = 0;

    parser_next(p);
    if (!parser_word(p, "label") ||
        !parser_number(p, MPLS_LABEL_MAX, N_("a label from 0 to 1048575"), &entry->label) ||
        !parser_mark(p, ',') || !parser_word(p, "tc") ||
        !parser_number(p, MPLS_CLASS_MAX, N_("a traffic class from 0 to 7"), &traffic_class) ||
        !parser_mark(p, ','))
        return false;
    entry->traffic_class = (uint8_t)traffic_class;
    entry->bottom = parser_take_mark(p, '[');
    if (entry->bottom && (!parser_word(p, "S") || !parser_mark(p, ']') || !parser_mark(p, ',')))
        return false;
    return parser_word(p, "ttl") && parser_u8(p, &entry->ttl) && parser_mark(p, ')');
}

static bool layers_mpls(pkt_parser *p, pkt_layer *layer)
{
    struct pkt_mpls **end = &layer->mpls;

    for (int count = 0; parser_is_mark(p, '('); count++) {
        struct pkt_mpls *entry = pkt_arena_take(&p->script->arena, sizeof *entry);
        if (count == MPLS_MAX)
            return parser_wrong(p, p->now.place, N_("more than 8 labels in one MPLS stack"));
        if (!layers_mpls_entry(p, entry))
            return false;
        *end = entry;
        end = &entry->next;
    }
    return !p->failed;
}

/* ---- All of them --------------------------------------------------------------------------- */

bool parse_layers(pkt_parser *p, pkt_packet *packet)
{
    static const struct {
        const char *name;
        pkt_layer_kind kind;
        bool (*read)(pkt_parser *p, pkt_layer *layer);
    } names[] = {
        {"ipv4", PKT_LAYER_IPV4, layers_ip},   {"ipv6", PKT_LAYER_IPV6, layers_ip},
        {"gre", PKT_LAYER_GRE, layers_gre},    {"GREv0", PKT_LAYER_GRE, layers_gre},
        {"mpls", PKT_LAYER_MPLS, layers_mpls},
    };
    size_t count = sizeof names / sizeof names[0];
    pkt_layer **end = &packet->layers;

    for (int depth = 0;; depth++) {
        pkt_place place = p->now.place;
        size_t i = 0;
        while (i < count && !parser_take_word(p, names[i].name))
            i++;
        if (i == count)
            return !p->failed;
        if (depth == LAYERS_MAX)
            return parser_wrong(p, place, N_("more than 8 headers around one packet"));
        pkt_layer *layer = pkt_arena_take(&p->script->arena, sizeof *layer);
        layer->kind = names[i].kind;
        layer->place = place;
        if (!names[i].read(p, layer) || !parser_mark(p, ':'))
            return false;
        *end = layer;
        end = &layer->next;
    }
}
