/* middlebox.h - what stands between hosts on the Internet and is neither: boxes that change, drop,
 * answer and make segments.
 *
 * A box stands at one host's door (world_set_box()): all that the host sends and all that comes for
 * it passes the box, at no cost of time. So each box has two sides: the host's, and the network's.
 * What is no TCP segment passes as it is. Sans-I/O and deterministic; a box remembers at most
 * MIDDLEBOX_FLOWS_MAX flows, and when there are more, the one unused for longest is forgotten. */
#ifndef TERN_SIM_MIDDLEBOX_H
#define TERN_SIM_MIDDLEBOX_H

#include "tern/tern.h"

enum { MIDDLEBOX_FLOWS_MAX = 64, MIDDLEBOX_KINDS_MAX = 8 };

typedef enum middlebox_kind {
    MIDDLEBOX_STRIPPER,  /* overwrites options with NOP, in all segments */
    MIDDLEBOX_CLAMP,     /* lowers the window field, which it does not know to be scaled */
    MIDDLEBOX_BLEACHER,  /* clears ECN in the IP header, ECE and CWR in TCP's */
    MIDDLEBOX_FIREWALL,  /* drops or resets what matches */
    MIDDLEBOX_NAT,       /* the host is behind another IPv4 address: it alone opens the way */
    MIDDLEBOX_NARROW,    /* drops what is too large for the link behind it, and says so by ICMP */
    MIDDLEBOX_SYN_PROXY, /* completes the handshake by a cookie before the host hears of it */
} middlebox_kind;

/* Of a kind, only its own fields count. */
typedef struct middlebox_config {
    middlebox_kind kind;

    uint8_t strip_kinds[MIDDLEBOX_KINDS_MAX]; /* option kinds */
    uint32_t strip_count;

    uint16_t window_max; /* as on the wire */

    /* Firewall: a segment matches when all three say so. */
    uint16_t port;        /* of either end; 0: any */
    uint8_t flags;        /* at least one of these is set; 0: any */
    uint64_t after_bytes; /* the flow has carried so much text, both ways */

    uint16_t mtu_bytes; /* narrow link */
    bool silent;        /* narrow link: without ICMP */
    bool nameless;      /* narrow link, IPv4: ICMP that names no size, as before RFC 1191 */

    tern_address
        address; /* NAT: the one outside; no host has it. Narrow link: the router's, IPv4 */
    tern_time timeout_us; /* NAT: a flow idle for longer is forgotten */

    /* Firewall, and NAT for what belongs to no flow it knows. false: dropped in silence. */
    bool resets;

    uint16_t mss;    /* SYN proxy: offered to both sides, its only option */
    uint64_t secret; /* SYN proxy: of its cookies */
} middlebox_config;

typedef struct middlebox middlebox;

typedef enum middlebox_side { MIDDLEBOX_NETWORK, MIDDLEBOX_HOST } middlebox_side;

/* Where the packets go that leave the box. They are valid during the call. */
typedef struct middlebox_exit {
    void *context;
    void (*emit)(void *context, middlebox_side to, const void *packet, size_t bytes);
} middlebox_exit;

typedef struct middlebox_packet {
    middlebox_side from;
    const void *octets;
    size_t bytes; /* at most 65535 */
} middlebox_packet;

/* NULL: no memory. */
middlebox *middlebox_new(const middlebox_config *config);
void middlebox_free(middlebox *box);

/* Whether what is sent to this address is for the host behind the box (NAT). */
bool middlebox_has_address(const middlebox *box, const tern_address *address);

/* A packet comes to the box; what follows from it leaves by the exit, before this returns. */
void middlebox_pass(middlebox *box, tern_time now_us, const middlebox_packet *packet,
                    const middlebox_exit *out);

#endif
