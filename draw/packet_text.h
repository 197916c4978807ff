/* packet_text.h - a packet as a reader wants it: what its octets say, and the words for it. */
#ifndef TERN_DRAW_PACKET_TEXT_H
#define TERN_DRAW_PACKET_TEXT_H

#include "tern/tern.h"
#include "wire/tcp_options.h"

enum {
    PACKET_FLOWS_MAX = 64, /* directions remembered; the oldest gives way */
    PACKET_ITEMS_MAX = 16,
    PACKET_ITEM_BYTES = 48,
    PACKET_LABEL_BYTES = 64,
    PACKET_OPTIONS_BYTES = 40,
};

/* One direction of a connection: what its SYN said, for relative numbers and real windows. */
typedef struct packet_flow {
    tern_endpoint source, destination; /* port 0: free */
    bool isn_known;
    uint32_t isn;
    uint32_t next;      /* behind the highest octet seen, when isn_known */
    uint16_t syn_flags; /* of its last SYN */
    bool scale_known;
    uint8_t scale;
} packet_flow;

/* All zero is an empty one. */
typedef struct packet_flows {
    packet_flow flow[PACKET_FLOWS_MAX];
    uint32_t oldest;
} packet_flows;

typedef enum packet_form {
    PACKET_TCP,
    PACKET_ICMP,
    PACKET_OTHER, /* another protocol */
    PACKET_BAD,   /* cannot be read */
} packet_form;

typedef struct packet_summary {
    packet_form form;
    tern_rule bad;                     /* PACKET_BAD: the rule by which it would be dropped */
    size_t bytes;                      /* of the IP packet */
    tern_endpoint source, destination; /* ports 0 unless TCP */
    uint8_t protocol;                  /* PACKET_OTHER */

    /* PACKET_ICMP */
    uint8_t icmp_type, icmp_code;
    uint32_t mtu_bytes; /* that the message tells, or 0 */
    bool quotes;        /* a TCP segment of `quoted_source`, to which it is an answer */
    tern_endpoint quoted_source, quoted_destination;
    uint32_t quoted_seq, quoted_seq_relative;
    bool quoted_seq_relative_known;

    /* PACKET_TCP */
    uint16_t flags; /* TCP_SYN, ... */
    uint32_t seq, ack;
    bool seq_relative_known, ack_relative_known;
    uint32_t seq_relative, ack_relative; /* to the ISN of their direction */
    uint16_t window;
    uint32_t window_scaled;
    uint32_t text_bytes;
    bool again; /* all that it carries was sent before */
    bool checksum_bad;
    tcp_options options;
    uint8_t option_octets[PACKET_OPTIONS_BYTES]; /* as on the wire */
    uint8_t option_bytes;
} packet_summary;

/* A sequence number of a direction relative to the ISN there; false when that is not known. */
typedef struct packet_direction {
    const tern_endpoint *source, *destination;
} packet_direction;

bool packet_flows_relate(const packet_flows *flows, const packet_direction *of, uint32_t number,
                         uint32_t *relative);

/* Has a SYN between the source and the destination of this packet been read? */
bool packet_flows_know(const packet_flows *flows, const packet_summary *packet);

/* Reads a packet as it was sent, and remembers in `flows` what its SYN says. Any octets will do. */
void packet_read(packet_summary *packet, packet_flows *flows, const void *octets, size_t bytes);

/* "SYN,ACK"; "PSH,ACK LEN 100"; "ICMP 3/4 fragmentation needed"; "IP_CHECKSUM_BAD". Returns
 * text. */
char *packet_label(const packet_summary *packet, char text[PACKET_LABEL_BYTES]);

/* What stands beneath the arrow, in pieces that are not to be broken. Begin with count 0. */
typedef struct packet_items {
    unsigned count;
    char text[PACKET_ITEMS_MAX][PACKET_ITEM_BYTES];
} packet_items;

/* Add SEQ, ACK, WIN, or what an ICMP error says; and MSS, TS, SACK, ... What is more than
 * PACKET_ITEMS_MAX is left out. */
void packet_numbers(const packet_summary *packet, packet_items *items);
void packet_options(const packet_summary *packet, packet_items *items);

/* The names of the flags in the order of RFC 9293's figures; NULL past the last. */
typedef struct packet_flag {
    uint16_t bit;
    const char *name;
} packet_flag;

const packet_flag *packet_flag_get(size_t index);

#endif
