/* tcp_header_fuzz.c - any octets as a segment: header, options and text cover it without a gap, and
 * what is written is what was read. */
#include "fuzz/property.h"
#include "wire/tcp_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    tcp_header tcp;
    tern_rule rule = tcp_header_read(&tcp, data, bytes);

    if (bytes < TCP_HEADER_BYTES) {
        PROPERTY(rule == TERN_RULE_PACKET_TOO_SHORT);
        return 0;
    }
    size_t header_bytes = (size_t)(data[12] >> 4) * 4;
    if (header_bytes < TCP_HEADER_BYTES || header_bytes > bytes) {
        PROPERTY(rule == TERN_RULE_TCP_HEADER_BAD);
        return 0;
    }
    PROPERTY(rule == TERN_RULE_NONE);
    PROPERTY(tcp.options == data + TCP_HEADER_BYTES);
    PROPERTY(tcp.text == tcp.options + tcp.options_bytes);
    PROPERTY(tcp.text + tcp.text_bytes == data + bytes);
    PROPERTY(tcp.options_bytes <= TCP_OPTIONS_MAX_BYTES && tcp.flags <= 0x1ff);

    uint8_t expected[TCP_HEADER_BYTES], written[TCP_HEADER_BYTES];
    memcpy(expected, data, sizeof expected);
    expected[12] &= 0xf1; /* the reserved bits are not kept */
    tcp_header_write(written, &tcp);
    PROPERTY(memcmp(written, expected, sizeof written) == 0);
    return 0;
}
