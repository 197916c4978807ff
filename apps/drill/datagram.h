/* datagram.h - IP packets as the runner of scripts makes and reads them: its own code, so that what
 * judges the library does not believe in what it judges. */
#ifndef TERN_APPS_DRILL_DATAGRAM_H
#define TERN_APPS_DRILL_DATAGRAM_H

#include "tern/tern.h"

enum { DATAGRAM_MAX_BYTES = 65535, DATAGRAM_ICMP_HEADER_BYTES = 8, DATAGRAM_QUOTE_TCP_BYTES = 8 };

typedef enum datagram_kind { DATAGRAM_TCP, DATAGRAM_ICMP, DATAGRAM_OTHER } datagram_kind;

/* A packet read: pointers lead into the octets given. */
typedef struct datagram_view {
    datagram_kind kind;
    tern_endpoint source, destination; /* ports: of TCP */
    uint8_t tos, ttl, protocol;
    uint32_t flow_label;
    /* TCP. */
    uint32_t seq, ack;
    uint16_t flags; /* nine bits, AE the highest */
    uint8_t reserved;
    uint16_t window, urgent;
    const uint8_t *options, *text;
    size_t options_bytes, text_bytes;
    /* ICMP. */
    uint8_t type, code;
    uint32_t rest;
    bool checksums_right;
} datagram_view;

/* false: not a whole IP packet with a whole TCP or ICMP message in it (kind DATAGRAM_OTHER is no
 * failure). */
bool datagram_read(datagram_view *view, const uint8_t *octets, size_t bytes);

/* A TCP segment to be made. */
typedef struct datagram_segment {
    tern_endpoint source, destination; /* of one family */
    uint8_t tos, ttl;
    uint32_t flow_label;
    uint32_t seq, ack;
    uint16_t flags, window, urgent;
    const uint8_t *options; /* NULL: none */
    size_t options_bytes;   /* a multiple of 4, at most 40 */
    const uint8_t *text;    /* NULL: text_bytes zeroes */
    size_t text_bytes;
} datagram_segment;

/* Writes it, checksums and all; 0: it is longer than DATAGRAM_MAX_BYTES. */
size_t datagram_write_segment(uint8_t octets[DATAGRAM_MAX_BYTES], const datagram_segment *segment);

/* An ICMP or ICMPv6 error about a TCP segment from `about`'s source. The quote is its IP header and
 * the first octets of TCP: ports and SEQ. */
typedef struct datagram_error {
    tern_address source;
    uint8_t type, code;
    uint32_t rest; /* MTU or pointer, as on the wire */
    datagram_segment about;
} datagram_error;

size_t datagram_write_error(uint8_t octets[DATAGRAM_MAX_BYTES], const datagram_error *error);

#endif
