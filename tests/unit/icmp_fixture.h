/* icmp_fixture.h - a router on the path of tcp_fixture.h: ICMP errors about what tern sent. */
#ifndef TERN_TESTS_UNIT_ICMP_FIXTURE_H
#define TERN_TESTS_UNIT_ICMP_FIXTURE_H

#include "tests/unit/tcp_fixture.h"

/* The error: from a router, to tern, quoting a segment of the connection with x->peer. */
struct icmp_about {
    uint8_t type, code;
    uint32_t rest;      /* octets 4..7: for "too big", the MTU */
    uint32_t seq;       /* relative to tern's ISN */
    uint32_t quoted;    /* octets of the quoted packet; 0: its headers */
    uint32_t total;     /* its length by its own count; 0: its headers */
    uint8_t protocol;   /* of it; 0: TCP */
    bool other_port;    /* quotes a connection that is not this one */
    bool other_address; /* quotes a packet that is not ours */
    uint8_t ip_options; /* octets of IPv4 options in the quote, or of an IPv6 extension header */
};

/* The last rule that the error met. */
tern_rule x_icmp_about(fixture *x, struct icmp_about about);
#define x_icmp(x, ...) x_icmp_about((x), (struct icmp_about){__VA_ARGS__})

/* Destination unreachable of the peer's family. */
enum { UNREACHABLE_V4 = 3, UNREACHABLE_V6 = 1, TOO_BIG_V6 = 2 };

/* "Packet too big", naming this MTU. */
tern_rule x_too_big(fixture *x, uint32_t at, uint32_t mtu_bytes);

#endif
