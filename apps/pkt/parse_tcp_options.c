/* parse_tcp_options.c - what stands between '<' and '>' at the end of a segment, and its octets. */
#include "apps/pkt/parser.h"

#include <string.h>

enum {
    KIND_EOL = 0,
    KIND_NOP = 1,
    KIND_MSS = 2,
    KIND_WSCALE = 3,
    KIND_SACK_OK = 4,
    KIND_SACK = 5,
    KIND_TIMESTAMP = 8,
    KIND_MD5 = 19,
    KIND_FAST_OPEN = 34,
    KIND_ACCECN0 = 172,
    KIND_ACCECN1 = 174,
    KIND_EXPERIMENT = 254, /* RFC 4727; with an ExID of RFC 6994 */
    EXID_FAST_OPEN = 0xf989,
    EXID_ACCECN0 = 0xacc0,
    EXID_ACCECN1 = 0xacc1,
    EXID_TARR = 0x00ac,
    OPTION_U24_MAX = 0xffffff,
};

/* ---- Octets -------------------------------------------------------------------------------- */

/* A writer that counts on when there is no room. */
typedef struct option_writer {
    uint8_t octets[PKT_OPTION_BYTES];
    size_t bytes;
} option_writer;

static void option_put(option_writer *w, uint32_t value, unsigned octets)
{
    for (unsigned i = octets; i > 0; i--) {
        if (w->bytes < sizeof w->octets)
            w->octets[w->bytes] = (uint8_t)(value >> (8 * (i - 1)));
        w->bytes++;
    }
}

/* Kind, length and, in the form of RFC 6994, the ExID, before `octets` of content. */
static void option_head(option_writer *w, uint32_t kind, uint32_t exid, size_t octets)
{
    option_put(w, exid != 0 ? KIND_EXPERIMENT : kind, 1);
    option_put(w, (uint32_t)octets + (exid != 0 ? 4 : 2), 1);
    if (exid != 0)
        option_put(w, exid, 2);
}

static void option_write_octets(option_writer *w, const pkt_tcp_option *o)
{
    for (size_t i = 0; i < o->octet_count; i++)
        option_put(w, o->octets[i], 1);
}

static void option_write_numbers(option_writer *w, const pkt_tcp_option *o, unsigned octets)
{
    for (size_t i = 0; i < o->number_count; i++)
        option_put(w, o->number[i], octets);
}

static void option_write(option_writer *w, const pkt_tcp_option *o)
{
    switch (o->kind) {
    case PKT_OPT_EOL:
    case PKT_OPT_NOP:
        option_put(w, o->kind == PKT_OPT_EOL ? KIND_EOL : KIND_NOP, 1);
        return;
    case PKT_OPT_MSS:
        option_head(w, KIND_MSS, 0, 2);
        option_write_numbers(w, o, 2);
        return;
    case PKT_OPT_WSCALE:
        option_head(w, KIND_WSCALE, 0, 1);
        option_write_numbers(w, o, 1);
        return;
    case PKT_OPT_SACK_OK:
        option_head(w, KIND_SACK_OK, 0, 0);
        return;
    case PKT_OPT_SACK:
    case PKT_OPT_TIMESTAMP:
        option_head(w, o->kind == PKT_OPT_SACK ? KIND_SACK : KIND_TIMESTAMP, 0,
                    o->number_count * 4U);
        option_write_numbers(w, o, 4);
        return;
    case PKT_OPT_MD5:
        option_head(w, KIND_MD5, 0, o->octet_count);
        option_write_octets(w, o);
        return;
    case PKT_OPT_FAST_OPEN:
        option_head(w, KIND_FAST_OPEN, o->experiment ? EXID_FAST_OPEN : 0, o->octet_count);
        option_write_octets(w, o);
        return;
    case PKT_OPT_ACCECN0:
        option_head(w, KIND_ACCECN0, o->experiment ? EXID_ACCECN0 : 0, o->number_count * 3U);
        option_write_numbers(w, o, 3);
        return;
    case PKT_OPT_ACCECN1:
        option_head(w, KIND_ACCECN1, o->experiment ? EXID_ACCECN1 : 0, o->number_count * 3U);
        option_write_numbers(w, o, 3);
        return;
    case PKT_OPT_TARR:
        option_head(w, 0, EXID_TARR, o->number_count);
        if (o->number_count > 0)
            option_put(w, o->number[0] << 1, 1);
        return;
    case PKT_OPT_GENERIC:
        option_head(w, o->code, 0, o->octet_count);
        option_write_octets(w, o);
        return;
    case PKT_OPT_EXPERIMENT:
        option_put(w, KIND_EXPERIMENT, 1);
        option_put(w, o->octet_count + 4U, 1);
        option_put(w, o->code, 2);
        option_write_octets(w, o);
        return;
    }
}

/* ---- One option ---------------------------------------------------------------------------- */

/* The option of RFC 7413, the cookie being optional. */
static bool option_fast_open(pkt_parser *p, pkt_tcp_option *o)
{
    if (p->now.kind != TOKEN_WORD && p->now.kind != TOKEN_INTEGER)
        return true;
    return parser_octets(p, o->octets, sizeof o->octets, &o->octet_count);
}

static bool option_mss(pkt_parser *p, pkt_tcp_option *o)
{
    uint16_t mss = 0;
    bool good = parser_u16(p, &mss);

    o->number[0] = mss;
    o->number_count = 1;
    return good;
}

static bool option_wscale(pkt_parser *p, pkt_tcp_option *o)
{
    uint8_t shift = 0;
    bool good = parser_u8(p, &shift);

    o->number[0] = shift;
    o->number_count = 1;
    return good;
}

static bool option_sack(pkt_parser *p, pkt_tcp_option *o)
{
    do {
        uint32_t *block = &o->number[o->number_count];
        if (o->number_count == sizeof o->number / sizeof o->number[0])
            return parser_wrong(p, p->now.place, N_("more than 40 octets of TCP options"));
        if (!parser_u32(p, &block[0]) || !parser_mark(p, ':') || !parser_u32(p, &block[1]))
            return false;
        o->number_count = (uint8_t)(o->number_count + 2);
    } while (p->now.kind == TOKEN_INTEGER);
    return true;
}

static bool option_timestamp(pkt_parser *p, pkt_tcp_option *o)
{
    o->number_count = 2;
    if (!parser_word(p, "val"))
        return false;
    o->val_ignored = p->now.kind == TOKEN_ELLIPSIS;
    if (o->val_ignored)
        parser_next(p);
    else if (!parser_u32(p, &o->number[0]))
        return false;
    if (!parser_word(p, "ecr") || !parser_u32(p, &o->number[1]))
        return false;
    o->ecr_absolute = parser_take_mark(p, '!');
    return true;
}

static bool option_md5(pkt_parser *p, pkt_tcp_option *o)
{
    o->valid = parser_take_word(p, "valid");
    if (o->valid)
        o->octet_count = 16;
    return o->valid || parser_octets(p, o->octets, 16, &o->octet_count);
}

/* Up to three counters, in this order. */
static bool option_counters(pkt_parser *p, pkt_tcp_option *o, const char *const names[3])
{
    for (int i = 0; i < 3 && parser_take_word(p, names[i]); i++) {
        if (!parser_number(p, OPTION_U24_MAX, N_("a number from 0 to 16777215"), &o->number[i]))
            return false;
        o->number_count++;
    }
    return true;
}

/* AccECN0 ee0b 1 eceb 2 ee1b 3, as the laboratory at Münster writes it. */
static bool option_accecn(pkt_parser *p, pkt_tcp_option *o)
{
    static const char *const order[2][3] = {{"ee0b", "eceb", "ee1b"}, {"ee1b", "eceb", "ee0b"}};

    return option_counters(p, o, order[o->kind == PKT_OPT_ACCECN0 ? 0 : 1]);
}

/* ECN e0b 1 ceb 2 e1b 3, as Google writes it: the first counter says which option it is. */
static bool option_ecn(pkt_parser *p, pkt_tcp_option *o)
{
    static const char *const order[2][3] = {{"e0b", "ceb", "e1b"}, {"e1b", "ceb", "e0b"}};

    if (parser_is_word(p, "e1b"))
        o->kind = PKT_OPT_ACCECN1;
    else if (!parser_is_word(p, "e0b"))
        return parser_expected(p, N_("'e0b' or 'e1b' and its count"));
    return option_counters(p, o, order[o->kind == PKT_OPT_ACCECN0 ? 0 : 1]);
}

static bool option_tarr(pkt_parser *p, pkt_tcp_option *o)
{
    if (p->now.kind != TOKEN_INTEGER)
        return true;
    o->number_count = 1;
    return parser_number(p, 127, N_("a number from 0 to 127"), &o->number[0]);
}

static bool option_nothing(pkt_parser *p, pkt_tcp_option *o)
{
    (void)o;
    return !p->failed;
}

static const struct option_name {
    const char *name;
    pkt_tcp_option_kind kind;
    bool experiment;
    bool (*read)(pkt_parser *p, pkt_tcp_option *o);
} option_names[] = {
    {"nop", PKT_OPT_NOP, false, option_nothing},
    {"eol", PKT_OPT_EOL, false, option_nothing},
    {"mss", PKT_OPT_MSS, false, option_mss},
    {"wscale", PKT_OPT_WSCALE, false, option_wscale},
    {"sackOK", PKT_OPT_SACK_OK, false, option_nothing},
    {"sack", PKT_OPT_SACK, false, option_sack},
    {"TS", PKT_OPT_TIMESTAMP, false, option_timestamp},
    {"md5", PKT_OPT_MD5, false, option_md5},
    {"FO", PKT_OPT_FAST_OPEN, false, option_fast_open},
    {"FOEXP", PKT_OPT_FAST_OPEN, true, option_fast_open},
    {"exp-FO", PKT_OPT_FAST_OPEN, true, option_fast_open},
    {"EXP-FO", PKT_OPT_FAST_OPEN, true, option_fast_open},
    {"ECN", PKT_OPT_ACCECN0, false, option_ecn},
    {"AccECN0", PKT_OPT_ACCECN0, false, option_accecn},
    {"AccECN1", PKT_OPT_ACCECN1, false, option_accecn},
    {"exp-AccECN0", PKT_OPT_ACCECN0, true, option_accecn},
    {"exp-AccECN1", PKT_OPT_ACCECN1, true, option_accecn},
    {"exp-tarr", PKT_OPT_TARR, true, option_tarr},
};

/* "gen-34" and "exp-f989": the number behind the dash, up to max; -1: the word is not that. */
static int32_t option_numbered(const pkt_token *t, const char *prefix, int base)
{
    int32_t sum = 0;

    if (t->kind != TOKEN_WORD || t->bytes < 5 || t->bytes > 8 || memcmp(t->at, prefix, 4) != 0)
        return -1;
    for (size_t i = 4; i < t->bytes; i++) {
        int c = t->at[i] >= 'A' && t->at[i] <= 'F' ? t->at[i] | 0x20 : t->at[i];
        int digit = c >= 'a' && c <= 'f' ? c - 'a' + 10 : c - '0';
        if (digit < 0 || digit >= base)
            return -1;
        sum = sum * base + digit;
    }
    return sum;
}

static bool option_read(pkt_parser *p, pkt_tcp_option *o)
{
    int32_t generic = option_numbered(&p->now, "gen-", 10);
    int32_t exid = option_numbered(&p->now, "exp-", 16);

    o->place = p->now.place;
    for (size_t i = 0; i < sizeof option_names / sizeof option_names[0]; i++) {
        const struct option_name *name = &option_names[i];
        o->kind = name->kind;
        o->experiment = name->experiment;
        if (parser_take_word(p, name->name))
            return name->read(p, o);
    }
    o->experiment = false;
    if ((generic < 0 || generic > UINT8_MAX) && exid < 0)
        return parser_expected(p, N_("a TCP option, such as mss 1460, sackOK, TS val 1 ecr 0, nop, "
                                     "wscale 7, sack 1:2, FO, md5, gen-KIND or exp-EXID"));
    o->kind = exid < 0 ? PKT_OPT_GENERIC : PKT_OPT_EXPERIMENT;
    o->code = (uint16_t)(exid < 0 ? generic : exid);
    parser_next(p);
    return option_fast_open(p, o);
}

/* ---- All of them --------------------------------------------------------------------------- */

static bool options_fit(pkt_parser *p, pkt_tcp_options *options, const option_writer *w,
                        pkt_place place)
{
    if (w->bytes > PKT_OPTION_BYTES)
        return parser_wrong(p, place, N_("more than 40 octets of TCP options"));
    if (w->bytes % 4 != 0)
        return parser_wrong(p, place,
                            N_("the TCP options do not fill 32-bit words: add nop or eol"));
    options->octet_count = (uint8_t)w->bytes;
    memcpy(options->octets, w->octets, w->bytes);
    return true;
}

static bool options_list(pkt_parser *p, pkt_tcp_options *options, pkt_place place)
{
    pkt_tcp_option **end = &options->first;
    option_writer w = {.bytes = 0};

    do {
        pkt_tcp_option *o = pkt_arena_take(&p->script->arena, sizeof *o);
        if (!option_read(p, o))
            return false;
        option_write(&w, o);
        *end = o;
        end = &o->next;
    } while (w.bytes <= PKT_OPTION_BYTES && parser_take_mark(p, ','));
    return options_fit(p, options, &w, place);
}

/* Octets as they are: a word that is no option's name. */
static bool options_are_raw(const pkt_parser *p)
{
    if (p->now.kind == TOKEN_INTEGER)
        return true;
    if (p->now.kind != TOKEN_WORD || p->now.bytes % 2 != 0)
        return false;
    for (size_t i = 0; i < sizeof option_names / sizeof option_names[0]; i++)
        if (parser_is_word(p, option_names[i].name))
            return false;
    for (size_t i = 0; i < p->now.bytes; i++)
        if (memchr("0123456789abcdefABCDEF", p->now.at[i], 22) == NULL)
            return false;
    return true;
}

bool parse_tcp_options(pkt_parser *p, pkt_tcp_options *options)
{
    pkt_place place = p->now.place;
    option_writer w = {.bytes = 0};

    if (!parser_take_mark(p, '<'))
        return true;
    options->any = p->now.kind == TOKEN_ELLIPSIS;
    options->raw = options_are_raw(p);
    if (options->any) {
        parser_next(p);
    } else if (options->raw) {
        uint8_t count = 0;
        if (!parser_octets(p, w.octets, sizeof w.octets, &count))
            return false;
        w.bytes = count;
        if (!options_fit(p, options, &w, place))
            return false;
    } else if (!options_list(p, options, place)) {
        return false;
    }
    return parser_mark(p, '>');
}
