/* watcher_fixture.h - looks at everything in a property run: what must always hold, a hash of all
 * that happened, and the last packets for a person to read.
 *
 * After everything that happens to a stack, for each of its connections:
 *   SND.UNA =< SND.NXT, and neither goes back; nor does RCV.NXT
 *   the right edge of the window that was offered (RCV.NXT + RCV.WND) does not go back
 *   queues are inside their buffers, what is in flight inside the send queue and its SYN and FIN
 *   memory in use is inside the limits
 *   tern_output() just before tern_deadline() has nothing to send (tried on a copy of the stack)
 * and for each packet sent, the right edge on the wire does not go back by more than the rounding
 * of the window scale. */
#ifndef TERN_TESTS_SIM_WATCHER_FIXTURE_H
#define TERN_TESTS_SIM_WATCHER_FIXTURE_H

#include "sim/world.h"

#include <stdio.h>

enum {
    WATCHER_HOSTS = 2,
    WATCHER_CONNECTIONS = 8, /* followed at one time, a host */
    WATCHER_LAST_PACKETS = 40,
    WATCHER_WHY_BYTES = 240,
};

typedef struct watcher_connection {
    bool used;
    uint16_t local_port, remote_port;
    uint32_t iss;
    bool synchronized; /* the rest is set */
    uint32_t snd_una, snd_nxt, rcv_nxt, right_edge;
    bool edge_on_wire; /* wire_edge is set */
    uint32_t wire_edge;
    uint8_t rcv_wscale;
} watcher_connection;

typedef struct watcher_line {
    tern_time time_us;
    world_host host;
    bool arrived;
    uint64_t serial;
    unsigned fate;
    tern_rule rule;
    size_t bytes;
    uint8_t head[96];
} watcher_line;

typedef struct watcher {
    world *w;
    uint64_t hash;
    uint64_t packets, settles, retransmissions;
    tern_state last_state[WATCHER_HOSTS]; /* the last synchronized one */
    bool time_wait_seen[WATCHER_HOSTS];
    watcher_connection connections[WATCHER_HOSTS][WATCHER_CONNECTIONS];
    void *copy; /* arena for trying things out */
    size_t copy_bytes;
    watcher_line last[WATCHER_LAST_PACKETS]; /* a ring, which stops at the first fault */
    watcher_line unseen;
    uint64_t lines;
    char why[WATCHER_WHY_BYTES]; /* "" nothing was wrong */
} watcher;

/* Observes a world that has its two stacks. false: no memory. */
bool watcher_begin(watcher *v, world *w);
void watcher_end(watcher *v);

void watcher_print_last(const watcher *v, FILE *out);

#endif
