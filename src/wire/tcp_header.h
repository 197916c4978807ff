/* tcp_header.h - the TCP header (RFC 9293 3.1): octets <-> struct. */
#ifndef TERN_WIRE_TCP_HEADER_H
#define TERN_WIRE_TCP_HEADER_H

#include "base/seq.h"
#include "wire/checksum.h"
#include "wire/ip.h"

enum {
    TCP_FIN = 0x001,
    TCP_SYN = 0x002,
    TCP_RST = 0x004,
    TCP_PSH = 0x008,
    TCP_ACK = 0x010,
    TCP_URG = 0x020,
    TCP_ECE = 0x040,
    TCP_CWR = 0x080,
    TCP_AE = 0x100, /* accurate ECN, RFC 9768 */
    TCP_HEADER_BYTES = 20,
    TCP_OPTIONS_MAX_BYTES = 40,
};

typedef struct tcp_header {
    uint16_t source_port, destination_port;
    seq seq;
    seq ack;
    uint16_t flags;  /* nine bits: TCP_AE .. TCP_FIN; the other three are reserved, ignored */
    uint16_t window; /* as on the wire, unscaled */
    uint16_t checksum;
    uint16_t urgent;
    const uint8_t *options; /* inside the segment */
    size_t options_bytes;
    const uint8_t *text; /* the data, inside the segment */
    size_t text_bytes;
} tcp_header;

/* Reads the form of a segment: data offset at least 5 and inside the octets given. Does not look
 * at the checksum. TERN_RULE_NONE, PACKET_TOO_SHORT or TCP_HEADER_BAD. */
tern_rule tcp_header_read(tcp_header *tcp, const uint8_t *segment, size_t bytes);

/* The 20 octets that tcp_header_write() writes, with 0 for the checksum. */
checksum_sum tcp_header_sum(const tcp_header *tcp);

/* Writes the 20 octets; data offset from options_bytes (a multiple of 4), checksum as given. */
void tcp_header_write(uint8_t *segment, const tcp_header *tcp);

#endif
