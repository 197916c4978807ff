/* parser.h - one token ahead: what the parts of the parser share.
 *
 * The first error ends it: the token becomes TOKEN_END for good, every call below fails, and every
 * loop that asks for a token ends. */
#ifndef TERN_APPS_PKT_PARSER_H
#define TERN_APPS_PKT_PARSER_H

#include "apps/pkt/lexer.h"
#include "apps/tern/i18n.h"

typedef struct pkt_parser {
    pkt_lexer lexer;
    pkt_token now;
    pkt_script *script;
    pkt_error *error;
    bool failed;
} pkt_parser;

void parser_next(pkt_parser *p);

/* `what` was expected here, but the token is another. Returns false. */
bool parser_expected(pkt_parser *p, const char *what);

/* What is written at `place` cannot be: `what` says why. Returns false. */
bool parser_wrong(pkt_parser *p, pkt_place place, const char *what);

/* Is the token this? */
bool parser_is_mark(const pkt_parser *p, char mark);
bool parser_is_word(const pkt_parser *p, const char *word);

/* If the token is this, goes past it. */
bool parser_take_mark(pkt_parser *p, char mark);
bool parser_take_word(pkt_parser *p, const char *word);

/* Goes past it, or fails. The word is kept in the error: it is a constant. */
bool parser_mark(pkt_parser *p, char mark);
bool parser_word(pkt_parser *p, const char *word);

/* A decimal number from 0 to max, in *number. `what` names it. */
bool parser_number(pkt_parser *p, uint32_t max, const char *what, uint32_t *number);
bool parser_u8(pkt_parser *p, uint8_t *number);
bool parser_u16(pkt_parser *p, uint16_t *number);
bool parser_u32(pkt_parser *p, uint32_t *number);

/* A number in hexadecimal, from 0 to max. */
bool parser_hex(pkt_parser *p, uint32_t max, const char *what, uint32_t *number);

/* A copy of the token's text, and past it. */
const char *parser_text(pkt_parser *p);

/* Seconds as microseconds, 0 or more. */
bool parser_seconds(pkt_parser *p, int64_t *time_us);

/* Octets in hexadecimal, two digits each: "abcd". At most cap. */
bool parser_octets(pkt_parser *p, uint8_t *octets, size_t cap, uint8_t *count);

/* The parts, one a file. Each begins at its first token. */
pkt_packet *parse_packet(pkt_parser *p);
void parse_ports(pkt_parser *p, pkt_ports *ports);
bool parse_sequence(pkt_parser *p, pkt_sequence *sequence);
bool parse_tunnel(pkt_parser *p, pkt_ports *tunnel);
bool parse_ip(pkt_parser *p, pkt_ip *ip);
bool parse_tcp(pkt_parser *p, pkt_packet *packet);
bool parse_tcp_options(pkt_parser *p, pkt_tcp_options *options);
bool parse_layers(pkt_parser *p, pkt_packet *packet);
bool parse_icmp(pkt_parser *p, pkt_packet *packet);
bool parse_sctp(pkt_parser *p, pkt_packet *packet);
pkt_call *parse_call(pkt_parser *p);

/* An expression; NULL: an error. chunks: as SCTP has them, with NAME[...] and a:b. */
pkt_expr *parse_expression(pkt_parser *p, bool chunks);

#endif
