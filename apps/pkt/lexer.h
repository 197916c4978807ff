/* lexer.h - a script as tokens, comments and what #ifdef leaves out being gone. */
#ifndef TERN_APPS_PKT_LEXER_H
#define TERN_APPS_PKT_LEXER_H

#include "apps/pkt/script.h"

typedef enum pkt_token_kind {
    TOKEN_END,
    TOKEN_WRONG,   /* nothing that the language has: see the lexer's `wrong` */
    TOKEN_OPTION,  /* --name: the name */
    TOKEN_INTEGER, /* with its sign */
    TOKEN_HEX,     /* 0x1f */
    TOKEN_DECIMAL, /* 1.5, .5 */
    TOKEN_WORD,    /* and exp-FO, gen-34, sequence# */
    TOKEN_STRING,  /* what is between the quotes */
    TOKEN_COMMAND, /* what is between the backquotes */
    TOKEN_CODE,    /* what is between %{ and }%, without blanks at both ends */
    TOKEN_IPV4,
    TOKEN_IPV6,
    TOKEN_ELLIPSIS,
    TOKEN_MARK, /* one character */
} pkt_token_kind;

typedef struct pkt_token {
    pkt_token_kind kind;
    pkt_place place;
    const char *at; /* not NUL-terminated */
    size_t bytes;
    int64_t integer; /* of INTEGER and HEX; INT64_MAX, signed: too large */
} pkt_token;

typedef struct pkt_lexer {
    const char *at, *end;
    const char *line_start;
    uint32_t line;
    pkt_place ifdef; /* of the #ifdef that is open; line 0: none */
    const char *wrong;
    size_t define_count;
    pkt_define defines[PKT_DEFINES_MAX];
} pkt_lexer;

/* text stays the caller's and must outlive the tokens. */
void pkt_lexer_init(pkt_lexer *l, const char *text, size_t bytes);

pkt_token pkt_lexer_next(pkt_lexer *l);

/* Both texts are kept, not copied. A name that is defined gets the new value. false: too many. */
bool pkt_lexer_define(pkt_lexer *l, const char *name, const char *value);

#endif
