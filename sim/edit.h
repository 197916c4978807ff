/* edit.h - a TCP segment in its IP packet, read and changed in place by a box on the way.
 *
 * A change adjusts the checksums (RFC 1624) and does not make them anew: what was corrupted before
 * is still seen to be. The reading is this folder's own, so that the simulation does not believe in
 * the code that it tests. IPv4 and IPv6 without extension headers. */
#ifndef TERN_SIM_EDIT_H
#define TERN_SIM_EDIT_H

#include "tern/tern.h"

enum {
    EDIT_FIN = 0x01,
    EDIT_SYN = 0x02,
    EDIT_RST = 0x04,
    EDIT_ACK = 0x10,
    EDIT_ECE = 0x40,
    EDIT_CWR = 0x80,
    EDIT_TCP_HEADER_BYTES = 20,
    EDIT_TEXT_MAX_BYTES = 8,  /* of edit_make() */
    EDIT_MADE_MAX_BYTES = 72, /* of edit_make() */

    /* Where it stands in the TCP header. */
    EDIT_AT_SOURCE_PORT = 0,
    EDIT_AT_DESTINATION_PORT = 2,
    EDIT_AT_SEQ = 4,
    EDIT_AT_ACK = 8,
    EDIT_AT_FLAGS = 13,
    EDIT_AT_WINDOW = 14,
};

typedef struct edit_segment {
    uint8_t *ip, *tcp; /* inside the packet given */
    size_t header_bytes, text_bytes;
    tern_endpoint source, destination;
    uint32_t seq, ack;
    uint16_t window;
    uint8_t flags;
} edit_segment;

/* false: not a whole TCP segment, and *s says nothing. */
bool edit_read(edit_segment *s, uint8_t *packet, size_t bytes);

/* Octets of sequence space. */
uint32_t edit_length(const edit_segment *s);

/* Changes octets of the packet, at an offset from the TCP header's start; *s stays as it was. */
void edit_put8(const edit_segment *s, size_t at, uint8_t value);
void edit_put16(const edit_segment *s, size_t at, uint16_t value);
void edit_put32(const edit_segment *s, size_t at, uint32_t value);

/* Changes the address; IPv4 only (a box that translates IPv6 is not among ours). */
void edit_put_source(const edit_segment *s, const tern_endpoint *to);
void edit_put_destination(const edit_segment *s, const tern_endpoint *to);

/* Clears the ECN field of the IP header. */
void edit_clear_ecn(const edit_segment *s);

typedef struct edit_fields {
    tern_endpoint source, destination;
    uint32_t seq, ack;
    uint16_t window;
    uint16_t mss; /* 0: no options */
    uint8_t flags;
    uint8_t text_bytes; /* at most EDIT_TEXT_MAX_BYTES; all zero */
} edit_fields;

/* Makes a segment; returns its octets. */
size_t edit_make(uint8_t packet[EDIT_MADE_MAX_BYTES], const edit_fields *fields);

/* The reset that answers a segment, as its receiver would make it (RFC 9293 3.5.2). */
size_t edit_make_reset(uint8_t packet[EDIT_MADE_MAX_BYTES], const edit_segment *s);

#endif
