/* lexer.c - the longest token at each place, as the lexers of both packetdrills find it.
 *
 * A dot, a colon and a dash belong to numbers, addresses, flags and names, so that the order of the
 * attempts matters: "1:1001" is a sequence, "fd00::1" an address, "S.5" a word and a number,
 * "0...0" a number, an ellipsis and a number, "gen-34" one word. */
#include "apps/pkt/lexer.h"

#include "apps/tern/i18n.h"

#include <string.h>

static const char *const lexer_no_place = N_("this octet has no place in a script");

enum { LEXER_ADDRESS_BYTES = 45, LEXER_DIGITS_MAX = 18 };

void pkt_lexer_init(pkt_lexer *l, const char *text, size_t bytes)
{
    memset(l, 0, sizeof *l);
    l->at = l->line_start = text;
    l->end = text + bytes;
    l->line = 1;
}

bool pkt_lexer_define(pkt_lexer *l, const char *name, const char *value)
{
    for (size_t i = 0; i < l->define_count; i++) {
        if (strcmp(l->defines[i].name, name) == 0) {
            l->defines[i].value = value;
            return true;
        }
    }
    if (l->define_count == PKT_DEFINES_MAX)
        return false;
    l->defines[l->define_count++] = (pkt_define){name, value};
    return true;
}

/* ---- Characters ---------------------------------------------------------------------------- */

static bool lexer_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool lexer_is_hex(char c)
{
    return lexer_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool lexer_is_word(char c)
{
    return lexer_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* The octets from `at` on that `is` takes. */
static size_t lexer_run(const pkt_lexer *l, const char *at, bool (*is)(char))
{
    size_t bytes = 0;

    while (at + bytes < l->end && is(at[bytes]))
        bytes++;
    return bytes;
}

static bool lexer_starts(const pkt_lexer *l, const char *text)
{
    size_t bytes = strlen(text);

    return (size_t)(l->end - l->at) >= bytes && memcmp(l->at, text, bytes) == 0;
}

static pkt_place lexer_place(const pkt_lexer *l)
{
    return (pkt_place){l->line, (uint32_t)(l->at - l->line_start) + 1};
}

static void lexer_skip(pkt_lexer *l, size_t bytes)
{
    for (; bytes > 0; bytes--) {
        if (*l->at++ == '\n') {
            l->line++;
            l->line_start = l->at;
        }
    }
}

/* The octets up to and with `close`, from `from` on; 0: it never comes. A backslash hides what
 * follows it when `escapes`. */
static size_t lexer_until(const pkt_lexer *l, size_t from, const char *close, bool escapes)
{
    size_t left = (size_t)(l->end - l->at), bytes = strlen(close);

    for (size_t i = from; i + bytes <= left; i++) {
        if (escapes && l->at[i] == '\\')
            i++;
        else if (memcmp(l->at + i, close, bytes) == 0)
            return i + bytes;
    }
    return 0;
}

/* ---- What is not a token ------------------------------------------------------------------- */

static bool lexer_defined(const pkt_lexer *l, const char *name, size_t bytes)
{
    for (size_t i = 0; i < l->define_count; i++)
        if (strlen(l->defines[i].name) == bytes && memcmp(l->defines[i].name, name, bytes) == 0)
            return true;
    return false;
}

/* At "#": #ifdef NAME, whose lines vanish when NAME is not defined, or #endif. */
static bool lexer_condition(pkt_lexer *l)
{
    pkt_place here = lexer_place(l);

    if (lexer_starts(l, "#endif")) {
        if (l->ifdef.line == 0) {
            l->wrong = N_("there is no #ifdef for this #endif");
            return false;
        }
        l->ifdef.line = 0;
        lexer_skip(l, 6);
        return true;
    }
    if (!lexer_starts(l, "#ifdef")) {
        l->wrong = N_("'#' begins only #ifdef and #endif");
        return false;
    }
    if (l->ifdef.line != 0) {
        l->wrong = N_("an #ifdef inside another one: the language has none");
        return false;
    }
    lexer_skip(l, 6);
    while (l->at < l->end && (*l->at == ' ' || *l->at == '\t' || *l->at == '\n'))
        lexer_skip(l, 1);
    size_t bytes = lexer_run(l, l->at, lexer_is_word);
    if (bytes == 0 || lexer_is_digit(*l->at)) {
        l->wrong = N_("#ifdef must be followed by a name");
        return false;
    }
    bool defined = lexer_defined(l, l->at, bytes);
    lexer_skip(l, bytes);
    l->ifdef = here;
    if (defined)
        return true;
    size_t left_out = lexer_until(l, 0, "#endif", false);
    if (left_out > 0)
        l->ifdef.line = 0;
    lexer_skip(l, left_out > 0 ? left_out : (size_t)(l->end - l->at));
    return true;
}

/* Past blanks, comments and conditions. false: l->wrong, at l->at. */
static bool lexer_blank(pkt_lexer *l)
{
    while (l->at < l->end) {
        if (*l->at == ' ' || *l->at == '\t' || *l->at == '\n' || *l->at == '\r') {
            lexer_skip(l, 1);
        } else if (lexer_starts(l, "//")) {
            size_t bytes = lexer_until(l, 2, "\n", false);
            lexer_skip(l, bytes > 0 ? bytes : (size_t)(l->end - l->at));
        } else if (lexer_starts(l, "/*")) {
            size_t bytes = lexer_until(l, 2, "*/", false);
            if (bytes == 0)
                l->wrong = N_("this comment never ends");
            if (bytes == 0)
                return false;
            lexer_skip(l, bytes);
        } else if (*l->at != '#') {
            return true;
        } else if (!lexer_condition(l)) {
            return false;
        }
    }
    if (l->ifdef.line != 0)
        l->wrong = N_("an #ifdef is open at the end of the script");
    return l->wrong == NULL;
}

/* ---- Tokens -------------------------------------------------------------------------------- */

static bool lexer_in_address(char c)
{
    return lexer_is_hex(c) || c == ':' || c == '.';
}

/* Are these octets digits.digits.digits.digits? */
static bool lexer_is_ipv4(const char *at, size_t bytes)
{
    size_t i = 0;

    for (int part = 0; part < 4; part++) {
        size_t first = i;
        while (i < bytes && lexer_is_digit(at[i]))
            i++;
        if (i == first || (part < 3 && (i >= bytes || at[i++] != '.')))
            return false;
    }
    return i == bytes;
}

/* Are these octets an IPv6 address: groups of up to four digits, "::" at most once, else eight of
 * them, an IPv4 address counting as the last two? */
static bool lexer_is_ipv6(const char *at, size_t bytes)
{
    size_t groups = 0, i = 0;
    bool gap = false;

    while (i < bytes) {
        size_t digits = 0;
        if (at[i] == ':') {
            bool twice = i + 1 < bytes && at[i + 1] == ':';
            if ((twice && gap) || (!twice && i == 0))
                return false;
            gap = gap || twice;
            i += twice ? 2 : 1;
            if (i == bytes)
                return twice && groups < 8;
        }
        while (i + digits < bytes && lexer_is_hex(at[i + digits]))
            digits++;
        if (i + digits < bytes && at[i + digits] == '.' && lexer_is_ipv4(at + i, bytes - i))
            return gap ? groups + 2 < 8 : groups + 2 == 8;
        if (digits == 0 || digits > 4)
            return false;
        i += digits;
        groups++;
        if (i < bytes && at[i] != ':')
            return false;
    }
    return gap ? groups < 8 : groups == 8;
}

/* The octets of the longest address here; 0: there is none. */
static size_t lexer_address(const pkt_lexer *l, pkt_token_kind *kind)
{
    size_t longest = lexer_run(l, l->at, lexer_in_address);

    if (longest > LEXER_ADDRESS_BYTES)
        longest = LEXER_ADDRESS_BYTES;
    for (size_t bytes = longest; bytes > 1; bytes--) {
        bool cut = l->at + bytes < l->end && lexer_is_word(l->at[bytes]);
        bool ipv4 = lexer_is_ipv4(l->at, bytes);
        if (!cut && (ipv4 || lexer_is_ipv6(l->at, bytes))) {
            *kind = ipv4 ? TOKEN_IPV4 : TOKEN_IPV6;
            return bytes;
        }
    }
    return 0;
}

/* -?digits, -?digits.digits, 0x..; 0: none, or a longer word stands here. */
static size_t lexer_number(pkt_lexer *l, pkt_token *t)
{
    const char *at = l->at + (*l->at == '-' ? 1 : 0);
    size_t digits = lexer_run(l, at, lexer_is_digit), word = lexer_run(l, at, lexer_is_word);
    const char *dot = at + digits;

    t->integer = 0;
    if (dot + 1 < l->end && *dot == '.' && lexer_is_digit(dot[1])) {
        t->kind = TOKEN_DECIMAL;
        return (size_t)(dot - l->at) + 1 + lexer_run(l, dot + 1, lexer_is_digit);
    }
    if (at == l->at && word > 2 && at[0] == '0' && at[1] == 'x' &&
        lexer_run(l, at + 2, lexer_is_hex) == word - 2) {
        t->kind = TOKEN_HEX;
        for (size_t i = 2; i < word; i++) {
            int c = at[i] | 0x20;
            t->integer = (int64_t)((uint64_t)t->integer << 4 |
                                   (uint64_t)(c > '9' ? c - 'a' + 10 : c - '0'));
        }
        if (word > 17)
            t->integer = INT64_MAX;
        return word;
    }
    if (digits == 0 || (word > digits && at == l->at))
        return 0;
    t->kind = TOKEN_INTEGER;
    for (size_t i = 0; i < digits && i < LEXER_DIGITS_MAX; i++)
        t->integer = t->integer * 10 + (at[i] - '0');
    if (digits > LEXER_DIGITS_MAX)
        t->integer = INT64_MAX;
    if (at > l->at)
        t->integer = -t->integer;
    return (size_t)(at - l->at) + digits;
}

/* A word, and the few names that have a dash or end in '#'. */
static size_t lexer_word(const pkt_lexer *l)
{
    static const char *const dashed[] = {"gen-", "exp-", "EXP-", "voice-"};
    size_t bytes = lexer_run(l, l->at, lexer_is_word);

    for (size_t i = 0; i < sizeof dashed / sizeof dashed[0]; i++) {
        size_t prefix = strlen(dashed[i]);
        if (bytes + 1 == prefix && lexer_starts(l, dashed[i]))
            return prefix + lexer_run(l, l->at + prefix, lexer_is_word);
    }
    return bytes == 8 && lexer_starts(l, "sequence#") ? bytes + 1 : bytes;
}

/* A text between two delimiters, of open_bytes and close_bytes. */
static pkt_token lexer_enclosed(pkt_lexer *l, pkt_token t, const char *close, const char *unclosed)
{
    size_t delimiter = strlen(close);
    size_t whole = lexer_until(l, delimiter, close, delimiter == 1);

    if (whole == 0) {
        l->wrong = unclosed;
        t.kind = TOKEN_WRONG;
        return t;
    }
    t.at = l->at + delimiter;
    t.bytes = whole - 2 * delimiter;
    if (memchr(t.at, '\0', t.bytes) != NULL) {
        l->wrong = lexer_no_place;
        t.kind = TOKEN_WRONG;
        return t;
    }
    lexer_skip(l, whole);
    while (t.kind == TOKEN_CODE && t.bytes > 0 && (*t.at == ' ' || *t.at == '\t')) {
        t.at++;
        t.bytes--;
    }
    while (t.kind == TOKEN_CODE && t.bytes > 0 &&
           (t.at[t.bytes - 1] == ' ' || t.at[t.bytes - 1] == '\t'))
        t.bytes--;
    return t;
}

static bool lexer_is_enclosed(const pkt_lexer *l)
{
    return *l->at == '"' || *l->at == '`' || lexer_starts(l, "%{");
}

static pkt_token lexer_enclosed_any(pkt_lexer *l, pkt_token t)
{
    if (*l->at == '"') {
        t.kind = TOKEN_STRING;
        return lexer_enclosed(l, t, "\"", N_("this string never ends"));
    }
    if (*l->at == '`') {
        t.kind = TOKEN_COMMAND;
        return lexer_enclosed(l, t, "`", N_("this command never ends: a backquote is missing"));
    }
    t.kind = TOKEN_CODE;
    return lexer_enclosed(l, t, "}%", N_("this code never ends: its closing brace is missing"));
}

/* The token at l->at, which is no blank. Definitions are not looked at. */
static pkt_token lexer_token(pkt_lexer *l)
{
    pkt_token t = {.kind = TOKEN_MARK, .place = lexer_place(l), .at = l->at, .bytes = 1};
    size_t bytes = 0;

    if (lexer_is_enclosed(l))
        return lexer_enclosed_any(l, t);
    if (lexer_starts(l, "...")) {
        t.kind = TOKEN_ELLIPSIS;
        bytes = 3;
    } else if (lexer_starts(l, "--") && l->at + 2 < l->end && lexer_is_word(l->at[2])) {
        t.kind = TOKEN_OPTION;
        t.at += 2;
        t.bytes = lexer_run(l, t.at, lexer_is_word);
        lexer_skip(l, t.bytes + 2);
        return t;
    } else {
        bytes = lexer_address(l, &t.kind);
    }
    if (bytes == 0)
        bytes = lexer_number(l, &t);
    if (bytes == 0) {
        bytes = lexer_word(l);
        t.kind = bytes > 0 ? TOKEN_WORD : TOKEN_MARK;
    }
    if (t.kind == TOKEN_MARK && (*l->at <= ' ' || *l->at > '~'))
        l->wrong = lexer_no_place;
    t.bytes = bytes > 0 ? bytes : 1;
    if (l->wrong != NULL)
        t.kind = TOKEN_WRONG;
    else
        lexer_skip(l, t.bytes);
    return t;
}

/* The token that a definition stands for: it must be one. */
static pkt_token lexer_defined_token(pkt_lexer *l, const char *value, pkt_place place)
{
    pkt_lexer of_value;
    pkt_token t = {.kind = TOKEN_WRONG};

    pkt_lexer_init(&of_value, value, strlen(value));
    if (of_value.at < of_value.end)
        t = lexer_token(&of_value);
    if (t.kind == TOKEN_WRONG || t.kind == TOKEN_MARK || of_value.at < of_value.end) {
        l->wrong = N_("what this name is defined as is not one number, word, string or command");
        t.kind = TOKEN_WRONG;
    }
    t.place = place;
    return t;
}

pkt_token pkt_lexer_next(pkt_lexer *l)
{
    pkt_token t = {.kind = TOKEN_WRONG, .at = l->at};

    if (l->wrong != NULL || !lexer_blank(l)) {
        t.place = lexer_place(l);
        return t;
    }
    if (l->at == l->end) {
        t.kind = TOKEN_END;
        t.place = lexer_place(l);
        return t;
    }
    t = lexer_token(l);
    for (size_t i = 0; t.kind == TOKEN_WORD && i < l->define_count; i++) {
        const pkt_define *d = &l->defines[i];
        if (d->value != NULL && strlen(d->name) == t.bytes && memcmp(d->name, t.at, t.bytes) == 0)
            return lexer_defined_token(l, d->value, t.place);
    }
    return t;
}
