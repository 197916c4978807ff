/* parse_tcp.c - flags, sequence, acknowledgment, window, urgent pointer: a TCP segment. */
#include "apps/pkt/parser.h"

#include <string.h>

/* ---- Flags --------------------------------------------------------------------------------- */

/* Adds one flag. A digit is the ACE field of RFC 9768 3.1, and excludes its three flags. */
static bool tcp_flag(char c, uint16_t *flags, bool *ace)
{
    static const char letters[] = "FSRP.UEWA";
    const char *letter = strchr(letters, c);

    if (c == '\0')
        return false;
    if (letter != NULL) {
        uint16_t flag = (uint16_t)(1U << (letter - letters));
        *flags |= flag;
        return !*ace || flag < PKT_ECE;
    }
    if (c < '0' || c > '7' || *ace || *flags >= PKT_ECE)
        return false;
    *ace = true;
    *flags |= (uint16_t)((c - '0') << 6);
    return true;
}

/* Adds the flags of a token, and goes past it. */
static bool tcp_flags_take(pkt_parser *p, uint16_t *flags, bool *ace)
{
    pkt_token t = p->now;

    for (size_t i = 0; i < t.bytes; i++)
        if (!tcp_flag(t.at[i], flags, ace))
            return false;
    parser_next(p);
    return !p->failed;
}

/* "S", "SEW", "F.", "S.5", ".", ".5", "P.W", "-". */
static bool tcp_flags(pkt_parser *p, uint16_t *flags)
{
    bool word = p->now.kind == TOKEN_WORD, ace = false, good = true;

    if (parser_take_mark(p, '-'))
        return true;
    if (word)
        good = tcp_flags_take(p, flags, &ace);
    if (good && (p->now.kind == TOKEN_DECIMAL || parser_is_mark(p, '.'))) {
        word = word && p->now.kind != TOKEN_DECIMAL;
        good = tcp_flags_take(p, flags, &ace);
    } else {
        good = good && word;
    }
    if (good && word && p->now.kind == TOKEN_WORD)
        good = tcp_flags_take(p, flags, &ace);
    return good || parser_expected(p, N_("TCP flags: of F S R P . U E W A, or - for none"));
}

/* ---- Numbers ------------------------------------------------------------------------------- */

bool parse_sequence(pkt_parser *p, pkt_sequence *sequence)
{
    pkt_place place = p->now.place;
    uint32_t end = 0;
    uint16_t bytes = 0;

    sequence->ignored = p->now.kind == TOKEN_ELLIPSIS;
    if (sequence->ignored) {
        parser_next(p);
    } else {
        if (p->now.kind != TOKEN_INTEGER)
            return parser_expected(p, N_("sequence numbers, such as 1:1001(1000)"));
        if (!parser_u32(p, &sequence->start) || !parser_mark(p, ':') || !parser_u32(p, &end))
            return false;
    }
    if (!parser_mark(p, '(') || !parser_u16(p, &bytes) || !parser_mark(p, ')'))
        return false;
    sequence->bytes = bytes;
    if (!sequence->ignored && end != sequence->start + bytes)
        return parser_wrong(p, place,
                            N_("the sequence numbers do not fit the length in parentheses"));
    sequence->absolute = !sequence->ignored && parser_take_mark(p, '!');
    return true;
}

static bool tcp_numbers(pkt_parser *p, pkt_packet *packet)
{
    pkt_tcp *tcp = &packet->tcp;
    uint16_t window = 0;

    tcp->ack_given = parser_take_word(p, "ack");
    if (tcp->ack_given && !parser_u32(p, &tcp->ack))
        return false;
    tcp->window = -1;
    if (parser_take_word(p, "win")) {
        if (!parser_u16(p, &window))
            return false;
        tcp->window = window;
    }
    return !parser_take_word(p, "urg") || parser_u16(p, &tcp->urgent);
}

/* "[code 1, pen 2]": draft-boucadair-tcpm-rst-diagnostic-payload. */
static bool tcp_diagnosis(pkt_parser *p, pkt_tcp *tcp)
{
    tcp->diagnosis = parser_take_mark(p, '[');
    if (!tcp->diagnosis)
        return true;
    return parser_word(p, "code") && parser_u16(p, &tcp->diagnosis_code) && parser_mark(p, ',') &&
           parser_word(p, "pen") && parser_u32(p, &tcp->diagnosis_pen) && parser_mark(p, ']');
}

bool parse_tcp(pkt_parser *p, pkt_packet *packet)
{
    pkt_tcp *tcp = &packet->tcp;

    if (!tcp_flags(p, &tcp->flags) || !parse_sequence(p, &tcp->sequence) || !tcp_numbers(p, packet))
        return false;
    if (packet->inbound && tcp->window < 0)
        return parser_expected(p, N_("'win' and the window, which an inbound segment must have"));
    pkt_place options = p->now.place;
    if (!parse_tcp_options(p, &tcp->options))
        return false;
    if (packet->inbound && tcp->options.any)
        return parser_wrong(
            p, options, N_("an inbound segment has certain options: <...> is for outbound ones"));
    return tcp_diagnosis(p, tcp) && parse_tunnel(p, &packet->tunnel);
}
