/* link.h - one direction of a wire: packets go in, come out later, or not, or twice.
 *
 * Sans-I/O: time is an argument, so the same link stands between two stacks in virtual time and
 * between a stack and a TUN device in real time. Bounded: a link holds at most held_max packets.
 *
 * A packet waits for the packets in front of it at the link's rate (queue_max may wait), takes its
 * own time at that rate, and then the delay. Order is kept, jitter included; only a packet that is
 * held back (FATE_DELAYED) is overtaken. Faults strike at the entrance: a lost packet takes no
 * time at the rate. */
#ifndef TERN_SIM_LINK_H
#define TERN_SIM_LINK_H

#include "sim/fault.h"
#include "tern/tern.h"

typedef struct link_config {
    uint64_t delay_us;
    uint64_t jitter_us;       /* each packet takes 0 .. this much longer */
    uint64_t rate_bits_per_s; /* 0: no limit, and nothing waits */
    uint32_t queue_max;       /* packets that may wait for the rate */
    uint32_t held_max;        /* packets waiting and under way, in all */
    fault_odds odds;
    fault_plan *plan; /* shared by both directions of the wire; NULL: none */
    fault_side from;  /* who sends here, as the plan's rules have it */
    uint64_t seed;
} link_config;

/* No delay, no rate, no faults; 1,000 may wait, 4,096 in all; held back by up to 10 ms. */
void link_config_init(link_config *config);

typedef struct sim_link sim_link;

/* NULL when there is no memory. */
sim_link *link_new(const link_config *config);
void link_free(sim_link *link);

/* Takes a copy of the packet, or not: returns its fate. `serial` comes out with it (and with its
 * duplicate). */
unsigned link_push(sim_link *link, tern_time now_us, const void *packet, size_t bytes,
                   uint64_t serial);

/* When link_pop() has the next packet: TERN_NEVER when the link is empty. */
tern_time link_deadline(const sim_link *link);

/* The next packet that is due, copied to buffer: its octets, or 0 when none is due. A packet
 * longer than cap_bytes is cut off. *serial, unless NULL, is as given to link_push(). */
size_t link_pop(sim_link *link, tern_time now_us, void *buffer, size_t cap_bytes, uint64_t *serial);

/* Packets in the link now. */
uint32_t link_held(const sim_link *link);

#endif
