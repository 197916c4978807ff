/* parse_sctp.c - SCTP packets of the dialect of Münster, so that a script with one parses.
 *
 * tern has no SCTP: chunks are kept as names with lists of expressions, and what a chunk may hold
 * is not checked. */
#include "apps/pkt/parser.h"

enum { SCTP_CHUNKS_MAX = 64 };

/* "(bad_crc32c, tag=7)", or nothing. */
static bool sctp_header(pkt_parser *p, pkt_sctp *sctp)
{
    uint32_t tag = 0;
    bool good = true;

    sctp->tag = -1;
    if (!parser_take_mark(p, '('))
        return true;
    sctp->bad_crc32c = parser_take_word(p, "bad_crc32c");
    sctp->zero_checksum = !sctp->bad_crc32c && parser_take_word(p, "zero_checksum");
    if ((!sctp->bad_crc32c && !sctp->zero_checksum) || parser_take_mark(p, ',')) {
        good = parser_word(p, "tag") && parser_mark(p, '=') && parser_u32(p, &tag);
        sctp->tag = tag;
    }
    return good && parser_mark(p, ')');
}

bool parse_sctp(pkt_parser *p, pkt_packet *packet)
{
    pkt_expr **end = &packet->sctp.chunks;
    int count = 0;

    if (!sctp_header(p, &packet->sctp) || !parse_tunnel(p, &packet->tunnel) || !parser_mark(p, ':'))
        return false;
    if (p->now.kind != TOKEN_WORD && !parser_is_mark(p, '['))
        return !p->failed; /* a packet without a chunk */
    do {
        pkt_expr *chunk = parse_expression(p, true);
        if (chunk == NULL)
            return false;
        if (chunk->kind != PKT_ITEM && (chunk->kind != PKT_ARRAY || count > 0))
            return parser_wrong(p, chunk->place, N_("an SCTP chunk is NAME[...]"));
        if (++count > SCTP_CHUNKS_MAX)
            return parser_wrong(p, chunk->place, N_("more than 64 chunks in one SCTP packet"));
        *end = chunk;
        end = &chunk->next;
    } while (parser_take_mark(p, ';'));
    return !p->failed;
}
