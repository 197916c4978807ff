/* tcp_header.c - the 20 octets of RFC 9293 3.1, and where options and text begin. */
#include "wire/tcp_header.h"

#include "base/bytes.h"
#include "base/check.h"

tern_rule tcp_header_read(tcp_header *tcp, const uint8_t *segment, size_t bytes)
{
    if (bytes < TCP_HEADER_BYTES)
        return TERN_RULE_PACKET_TOO_SHORT;

    size_t header_bytes = (size_t)(segment[12] >> 4) * 4;
    if (header_bytes < TCP_HEADER_BYTES || header_bytes > bytes)
        return TERN_RULE_TCP_HEADER_BAD;

    tcp->source_port = get_be16(segment);
    tcp->destination_port = get_be16(segment + 2);
    tcp->seq = seq_of(get_be32(segment + 4));
    tcp->ack = seq_of(get_be32(segment + 8));
    tcp->flags = get_be16(segment + 12) & 0x1ff;
    tcp->window = get_be16(segment + 14);
    tcp->checksum = get_be16(segment + 16);
    tcp->urgent = get_be16(segment + 18);
    tcp->options = segment + TCP_HEADER_BYTES;
    tcp->options_bytes = header_bytes - TCP_HEADER_BYTES;
    tcp->text = segment + header_bytes;
    tcp->text_bytes = bytes - header_bytes;
    return TERN_RULE_NONE;
}

static uint16_t tcp_header_offset_flags(const tcp_header *tcp)
{
    unsigned data_offset = (unsigned)(TCP_HEADER_BYTES + tcp->options_bytes) / 4;

    return (uint16_t)(data_offset << 12 | tcp->flags);
}

checksum_sum tcp_header_sum(const tcp_header *tcp)
{
    uint32_t words = (uint32_t)tcp->source_port + tcp->destination_port;

    words += (tcp->seq.v >> 16) + (tcp->seq.v & 0xffff);
    words += (tcp->ack.v >> 16) + (tcp->ack.v & 0xffff);
    words += (uint32_t)tcp_header_offset_flags(tcp) + tcp->window + tcp->urgent;
    return checksum_words(words);
}

void tcp_header_write(uint8_t *segment, const tcp_header *tcp)
{
    TERN_CHECK(tcp->options_bytes <= TCP_OPTIONS_MAX_BYTES && tcp->options_bytes % 4 == 0);
    TERN_CHECK(tcp->flags <= 0x1ff);

    put_be16(segment, tcp->source_port);
    put_be16(segment + 2, tcp->destination_port);
    put_be32(segment + 4, tcp->seq.v);
    put_be32(segment + 8, tcp->ack.v);
    put_be16(segment + 12, tcp_header_offset_flags(tcp));
    put_be16(segment + 14, tcp->window);
    put_be16(segment + 16, tcp->checksum);
    put_be16(segment + 18, tcp->urgent);
}
