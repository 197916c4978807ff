/* lwip_rig.h - Debian's lwIP, driven in memory by one thread.
 *
 * The library is built for threads (NO_SYS 0), but lwip_init() alone starts none: without
 * tcpip_init() its core lock is not checked and the raw API may be called from here. What is done
 * in its favour, so that a row is not won by its packaging:
 *   - sys_arch_protect() and sys_arch_unprotect(), which take a mutex around each allocation, are
 *     replaced by nothing;
 *   - received packets are wrapped, not copied (custom pbufs on the bench's own octets);
 *   - its timers run by tcp_tmr() every 250 ms of virtual time, in the rows that last so long;
 *   - TIME-WAIT, fixed at 120 s in the package and kept in a list that every SYN walks, is aged
 *     away every 16 lifecycles;
 *   - idle connections are made with the list of the others set aside, or making 100,000 would
 *     take half a minute; they are put back before anything is timed.
 * A packet that is sent is copied out of its pbuf once in the rows with both ends (the sender
 * keeps it for retransmission, and input overwrites headers in place), and not at all where the
 * scripted client is the peer. */
#ifndef TERN_BENCH_LWIP_RIG_H
#define TERN_BENCH_LWIP_RIG_H

#include "bench/script.h"

#include <limits.h> /* SSIZE_MAX, or lwIP makes an ssize_t of its own */

#include <lwip/ip_addr.h>
#include <lwip/netif.h>
#include <lwip/pbuf.h>
#include <lwip/tcp.h>

enum {
    LWIP_RIG_SLOTS = 256,
    LWIP_RIG_SLOT_BYTES = 1536,
    LWIP_RIG_LIVES_A_SWEEP = 16,
};

/* Packets on their way from the stack to itself. */
typedef struct lwip_rig_slot {
    struct pbuf_custom pbuf;
    size_t bytes;
    uint8_t octets[LWIP_RIG_SLOT_BYTES];
} lwip_rig_slot;

typedef struct lwip_rig {
    struct netif netif;
    void (*sent)(struct lwip_rig *rig, struct pbuf *packet); /* the wire */
    uint64_t now_us, tick_us;
    uint64_t segments_out;
    void *program; /* whoever listens to sent() */
    struct tcp_pcb *aside;

    uint32_t sent_slot, taken_slot; /* of slots: the ring of lwip_rig_mirror() */
    lwip_rig_slot slots[LWIP_RIG_SLOTS];
} lwip_rig;

/* The stack is one for the process: called once. */
void lwip_rig_init(lwip_rig *rig, void (*sent)(lwip_rig *rig, struct pbuf *packet));

/* Gives octets to the stack as one received packet; they are read until it is freed. */
void lwip_rig_input(lwip_rig *rig, struct pbuf_custom *custom, uint8_t *octets, size_t bytes);

/* A wire, for lwip_rig_init(): the packet comes back as if from the address it went to. */
void lwip_rig_mirror(lwip_rig *rig, struct pbuf *packet);
/* Takes one packet off that wire and gives it to the stack; false when there is none. */
bool lwip_rig_deliver(lwip_rig *rig);

/* Ends all TIME-WAIT by letting 2 MSL of lwIP's ticks pass; returns how many there were. */
uint64_t lwip_rig_end_time_wait(void);

/* Connections neither closed nor in TIME-WAIT. */
uint64_t lwip_rig_open(void);

/* Takes all connections out of lwIP's list, and puts back all that were taken. */
void lwip_rig_set_aside(lwip_rig *rig);
void lwip_rig_put_back(lwip_rig *rig);

#endif
