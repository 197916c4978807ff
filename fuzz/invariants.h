/* invariants.h - what must hold of a stack after every call, whatever it was given.
 *
 * A failed TERN_CHECK ends the program by itself. */
#ifndef TERN_FUZZ_INVARIANTS_H
#define TERN_FUZZ_INVARIANTS_H

#include "fuzz/property.h"
#include "tern/profile.h"
#include "tern/status.h"
#include "wire/checksum.h"
#include "wire/tcp_header.h"

enum { INVARIANTS_PACKETS_MAX = 20000, INVARIANTS_STEPS_MAX = 100000 };

/* A configuration in which every limit is near, so that inputs of a few hundred octets meet it. */
static inline tern_config invariants_config(uint8_t last_octet, size_t profile)
{
    tern_config c;

    tern_config_init(&c);
    (void)tern_config_profile(&c, (tern_profile)(profile % TERN_PROFILES));
    c.addresses[0] = tern_address_ipv4(10, 0, 0, last_octet);
    c.address_count = 1;
    c.connections_max = 6;
    c.half_open_max = 3;
    c.time_wait_max = 2;
    c.listeners_max = 2;
    c.chunks_max = 40;
    c.chunk_bytes = 256;
    c.flights_max = 4;
    c.ranges_max = 12;
    c.ranges_per_connection = 6;
    c.replies_max = 3;
    c.fast_open_cache_max = 2;
    c.saved_syns_max = 2;
    c.path_mtu_cache_max = 2;
    c.fragments_max = 3;
    c.datagram_bytes_max = 3000;
    c.send_buffer_bytes = 6000;
    c.recv_buffer_bytes = 5000;
    return c;
}

static inline void invariants_check(const tern_stack *s, const tern_config *c)
{
    tern_usage u, seen = {0};
    tern_status st;
    uint64_t cursor = 0;

    tern_usage_get(s, &u);
    while (tern_status_next(s, &cursor, &st)) {
        seen.listeners += st.state == TERN_LISTEN;
        seen.half_open += st.half_open_record;
        seen.time_wait += st.time_wait_record;
        PROPERTY((int32_t)(st.snd_nxt - st.snd_una) >= 0);
        PROPERTY(st.sacked <= st.unacked);
        PROPERTY(st.unacked <= st.send_queue_bytes + 2); /* the SYN, the FIN */
        PROPERTY(st.state != TERN_CLOSED);
        PROPERTY(!st.held || st.half_open_record);
    }
    PROPERTY(seen.listeners == u.listeners);
    PROPERTY(seen.half_open == u.half_open);
    PROPERTY(seen.time_wait == u.time_wait);
    PROPERTY(u.connections <= c->connections_max && u.half_open <= c->half_open_max);
    PROPERTY(u.time_wait <= c->time_wait_max && u.listeners <= c->listeners_max);
    PROPERTY(u.chunks <= c->chunks_max && u.flights <= c->flights_max);
    PROPERTY(u.ranges <= c->ranges_max && u.replies <= c->replies_max);
    PROPERTY(u.fast_opens <= c->fast_open_cache_max);
    PROPERTY(u.fragments <= c->fragments_max);
    PROPERTY(u.flights <= u.connections);
}

/* A packet that tern has written: whole, right, and not larger than the link. */
static inline void invariants_packet(const uint8_t *packet, size_t bytes, const tern_config *c)
{
    ip_packet ip;
    tcp_header h;

    PROPERTY(bytes <= c->mtu_bytes);
    PROPERTY(ip_read(&ip, packet, bytes) == TERN_RULE_NONE);
    PROPERTY(ip.payload + ip.payload_bytes == packet + bytes);
    if (ip.protocol != IP_PROTOCOL_TCP)
        return;
    PROPERTY(tcp_header_read(&h, ip.payload, ip.payload_bytes) == TERN_RULE_NONE);
    checksum_sum sum = checksum_pseudo(&ip.source, &ip.destination, IP_PROTOCOL_TCP,
                                       (uint32_t)ip.payload_bytes);
    PROPERTY(checksum_finish(checksum_add(sum, ip.payload, ip.payload_bytes)) == 0);
    PROPERTY(h.source_port != 0 && h.destination_port != 0);
}

/* The next packet, 0: none; then the stack has nothing to do before a time that is yet to come. */
static inline size_t invariants_output(tern_stack *s, const tern_config *c, tern_time now_us,
                                       uint8_t *packet)
{
    size_t bytes = tern_output(s, now_us, packet, c->mtu_bytes);

    if (bytes > 0)
        invariants_packet(packet, bytes, c);
    else
        PROPERTY(tern_deadline(s) > now_us);
    return bytes;
}

/* Throws away all that is owed; it comes to an end. */
static inline void invariants_drain(tern_stack *s, const tern_config *c, tern_time now_us)
{
    static uint8_t packet[TERN_MTU_MAX_BYTES];
    unsigned packets = 0;

    while (invariants_output(s, c, now_us, packet) > 0)
        PROPERTY(++packets < INVARIANTS_PACKETS_MAX);
}

/* With no program and no peer left, everything ends by itself and is given back. */
static inline void invariants_end(tern_stack *s, const tern_config *c, tern_time now_us)
{
    tern_usage u;

    for (unsigned steps = 0; steps < INVARIANTS_STEPS_MAX; steps++) {
        invariants_drain(s, c, now_us);
        tern_time deadline = tern_deadline(s);
        if (deadline == TERN_NEVER)
            break;
        now_us = deadline;
    }
    tern_usage_get(s, &u);
    PROPERTY(u.connections == 0 && u.half_open == 0 && u.time_wait == 0 && u.listeners == 0);
    PROPERTY(u.chunks == 0 && u.flights == 0 && u.ranges == 0 && u.replies == 0);
    PROPERTY(u.fragments == 0 && u.saved_syns == 0);
    PROPERTY(tern_deadline(s) == TERN_NEVER);
}

#endif
