/* segment_fixture.c - see segment_fixture.h. */
#include "tests/sim/segment_fixture.h"

#include "base/bytes.h"

enum { SEGMENT_TTL = 64, SEGMENT_CHECKSUM_AT = 16 };

size_t segment_write(uint8_t *packet, const tern_address *from, const tern_address *to,
                     const tcp_header *tcp, const tcp_options *options)
{
    uint8_t *segment = packet + ip_header_bytes(from);
    tcp_header header = *tcp;

    header.checksum = 0;
    header.options_bytes = options != NULL ? tcp_options_write(segment + TCP_HEADER_BYTES, options)
                                           : 0;
    tcp_header_write(segment, &header);
    uint8_t *text = segment + TCP_HEADER_BYTES + header.options_bytes;
    if (tcp->text_bytes > 0)
        memcpy(text, tcp->text, tcp->text_bytes);
    ip_fields ip = {.source = *from,
                    .destination = *to,
                    .protocol = IP_PROTOCOL_TCP,
                    .ttl = SEGMENT_TTL,
                    .payload_bytes = (size_t)(text - segment) + tcp->text_bytes};
    checksum_sum sum = checksum_pseudo(from, to, IP_PROTOCOL_TCP, (uint32_t)ip.payload_bytes);
    sum = checksum_add(sum, segment, ip.payload_bytes);
    put_be16(segment + SEGMENT_CHECKSUM_AT, checksum_finish(sum));
    return ip_write(packet, &ip) + ip.payload_bytes;
}
