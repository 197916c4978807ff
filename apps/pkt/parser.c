/* parser.c - tokens one after the other, and what is said when it is not the right one. */
#include "apps/pkt/parser.h"

#include <stdio.h>
#include <string.h>

static void parser_fail(pkt_parser *p, pkt_place place, const char *what)
{
    if (!p->failed)
        *p->error = (pkt_error){.place = place, .what = what};
    p->failed = true;
    p->now = (pkt_token){.kind = TOKEN_END, .place = place, .at = ""};
}

bool parser_wrong(pkt_parser *p, pkt_place place, const char *what)
{
    parser_fail(p, place, what);
    return false;
}

void parser_next(pkt_parser *p)
{
    if (p->failed)
        return;
    p->now = pkt_lexer_next(&p->lexer);
    if (p->now.kind == TOKEN_WRONG)
        parser_fail(p, p->now.place, p->lexer.wrong);
    else if (p->script->arena.full)
        parser_fail(p, p->now.place, N_("there is no memory for the rest of the script"));
}

/* The token as it stands in the script, in at most PKT_FOUND_BYTES. */
static void parser_found(const pkt_token *t, char found[PKT_FOUND_BYTES])
{
    static const char *const around[][2] = {
        [TOKEN_OPTION] = {"--", ""}, [TOKEN_STRING] = {"\"", "\""}, [TOKEN_COMMAND] = {"`", "`"},
        [TOKEN_CODE] = {"%{", "}%"}, [TOKEN_MARK] = {"'", "'"},
    };
    int most = PKT_FOUND_BYTES - 16, bytes = t->bytes > (size_t)most ? most : (int)t->bytes;

    found[0] = '\0';
    if (t->kind == TOKEN_END)
        return;
    (void)snprintf(found, PKT_FOUND_BYTES, "%s%.*s%s%s",
                   around[t->kind][0] != NULL ? around[t->kind][0] : "'", bytes, t->at,
                   t->bytes > (size_t)most ? ".." : "",
                   around[t->kind][1] != NULL ? around[t->kind][1] : "'");
    for (char *c = found; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || (unsigned char)*c > '~')
            *c = ' ';
}

bool parser_expected(pkt_parser *p, const char *what)
{
    if (p->failed)
        return false;
    pkt_token found = p->now;
    parser_fail(p, found.place, what);
    p->error->expected = true;
    parser_found(&found, p->error->found);
    return false;
}

bool parser_is_mark(const pkt_parser *p, char mark)
{
    return p->now.kind == TOKEN_MARK && *p->now.at == mark;
}

bool parser_is_word(const pkt_parser *p, const char *word)
{
    return p->now.kind == TOKEN_WORD && strlen(word) == p->now.bytes &&
           memcmp(word, p->now.at, p->now.bytes) == 0;
}

bool parser_take_mark(pkt_parser *p, char mark)
{
    if (!parser_is_mark(p, mark))
        return false;
    parser_next(p);
    return true;
}

bool parser_take_word(pkt_parser *p, const char *word)
{
    if (!parser_is_word(p, word))
        return false;
    parser_next(p);
    return true;
}

bool parser_mark(pkt_parser *p, char mark)
{
    static const char marks[][2] = {"(", ")", "[", "]", "}", ">", ":", ",", "=", "+", ";"};
    size_t i = 0;

    if (parser_take_mark(p, mark))
        return true;
    while (i + 1 < sizeof marks / sizeof marks[0] && marks[i][0] != mark)
        i++;
    return parser_word(p, marks[i]);
}

bool parser_word(pkt_parser *p, const char *word)
{
    if (parser_take_word(p, word))
        return true;
    if (!p->failed) {
        (void)parser_expected(p, word);
        p->error->sign = true;
    }
    return false;
}

static bool parser_in_range(pkt_parser *p, uint32_t max, const char *what, uint32_t *number)
{
    if (p->now.integer < 0 || p->now.integer > max)
        return parser_expected(p, what);
    *number = (uint32_t)p->now.integer;
    parser_next(p);
    return true;
}

bool parser_number(pkt_parser *p, uint32_t max, const char *what, uint32_t *number)
{
    return p->now.kind == TOKEN_INTEGER ? parser_in_range(p, max, what, number)
                                        : parser_expected(p, what);
}

bool parser_hex(pkt_parser *p, uint32_t max, const char *what, uint32_t *number)
{
    return p->now.kind == TOKEN_HEX ? parser_in_range(p, max, what, number)
                                    : parser_expected(p, what);
}

bool parser_u8(pkt_parser *p, uint8_t *number)
{
    uint32_t value = 0;
    bool good = parser_number(p, UINT8_MAX, N_("a number from 0 to 255"), &value);

    *number = (uint8_t)value;
    return good;
}

bool parser_u16(pkt_parser *p, uint16_t *number)
{
    uint32_t value = 0;
    bool good = parser_number(p, UINT16_MAX, N_("a number from 0 to 65535"), &value);

    *number = (uint16_t)value;
    return good;
}

bool parser_u32(pkt_parser *p, uint32_t *number)
{
    return parser_number(p, UINT32_MAX, N_("a number from 0 to 4294967295"), number);
}

const char *parser_text(pkt_parser *p)
{
    const char *text = pkt_arena_text(&p->script->arena, p->now.at, p->now.bytes);

    parser_next(p);
    return text;
}

/* Up to nine digits before the point count, that is thirty years; behind it six, the microseconds,
 * and what is finer is dropped, as packetdrill does. */
bool parser_seconds(pkt_parser *p, int64_t *time_us)
{
    const pkt_token *t = &p->now;
    size_t i = 0, whole = 0;
    int64_t sum = 0;

    *time_us = 0;
    if ((t->kind != TOKEN_INTEGER && t->kind != TOKEN_DECIMAL) || *t->at == '-')
        return parser_expected(p, N_("a time in seconds"));
    for (; i < t->bytes && t->at[i] != '.'; i++, whole++)
        sum = whole < 18 ? sum * 10 + (t->at[i] - '0') : sum;
    if (whole > 9)
        return parser_expected(p, N_("a time of at most 999999999 seconds"));
    for (int digit = 0; digit < 6; digit++) {
        i++;
        sum = sum * 10 + (i < t->bytes ? t->at[i] - '0' : 0);
    }
    *time_us = sum;
    parser_next(p);
    return true;
}

static int parser_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool parser_octets(pkt_parser *p, uint8_t *octets, size_t cap, uint8_t *count)
{
    static const char *const what = N_("octets in hexadecimal, two digits each");
    size_t bytes = p->now.bytes;

    *count = 0;
    if ((p->now.kind != TOKEN_WORD && p->now.kind != TOKEN_INTEGER) || bytes % 2 != 0)
        return parser_expected(p, what);
    if (bytes / 2 > cap)
        return parser_wrong(p, p->now.place, N_("more than 40 octets of TCP options"));
    for (size_t i = 0; i < bytes; i += 2) {
        int high = parser_hex_digit(p->now.at[i]), low = parser_hex_digit(p->now.at[i + 1]);
        if (high < 0 || low < 0)
            return parser_expected(p, what);
        octets[(*count)++] = (uint8_t)(high * 16 + low);
    }
    parser_next(p);
    return true;
}
