/* fault.h - what a link does to packets: rules for packets with a name, and odds for all of them.
 *
 * A rule names a packet as people do ("the second SYN") and an action:
 *
 *     lose syn:2               the second SYN, whoever sends it
 *     lose client>fin          the client's first FIN
 *     duplicate data:*         every segment with data
 *     duplicate syn:1 8s       the first SYN: its copy comes 8 s after it, an old duplicate
 *     delay synack:1 300ms     the first SYN,ACK, by 300 ms more than the link's own delay
 *     corrupt server>ack:3     one bit of the server's third pure ACK
 *
 * Names: syn (without ACK), synack, ack (nothing else: no SYN, FIN, RST, no data), fin, data (any
 * data), rst, any. A packet may have several: a FIN with data is `fin` and `data`. `:N` is the
 * N-th such packet pushed, retransmissions included, 1 when left out; `:*` is each of them. A rule
 * without a direction counts both directions together. */
#ifndef TERN_SIM_FAULT_H
#define TERN_SIM_FAULT_H

#include "sim/rng.h"

#include <stddef.h>

/* What became of a packet: a set. Empty: carried as it is. */
enum {
    FATE_LOST = 1 << 0,
    FATE_DUPLICATED = 1 << 1, /* comes twice */
    FATE_DELAYED = 1 << 2,    /* held back, so that later packets may overtake it */
    FATE_CORRUPTED = 1 << 3,  /* one bit flipped, past the IP addresses */
    FATE_QUEUE_FULL = 1 << 4, /* not taken: the link has as many as it may hold */
    FATE_NO_ROUTE = 1 << 5,   /* not taken: no link leads to its destination */
};

typedef enum fault_name {
    FAULT_SYN,
    FAULT_SYNACK,
    FAULT_ACK,
    FAULT_FIN,
    FAULT_DATA,
    FAULT_RST,
    FAULT_ANY,
    FAULT_NAMES,
} fault_name;

/* Who sends. A link carries what one side sends. */
typedef enum fault_side { FAULT_EITHER, FAULT_CLIENT, FAULT_SERVER } fault_side;

typedef struct fault_rule {
    fault_name name;
    fault_side side;
    uint32_t nth;      /* 1 is the first; 0: each */
    unsigned fate;     /* FATE_LOST, FATE_DUPLICATED, FATE_DELAYED or FATE_CORRUPTED */
    uint64_t delay_us; /* with FATE_DELAYED; with FATE_DUPLICATED, of the copy */
    uint32_t seen;     /* so many have been pushed */
} fault_rule;

enum { FAULT_RULES_MAX = 32, FAULT_WHY_BYTES = 160 };

/* The rules of one wire. Both of its links point at the same plan, so that it counts both
 * directions; the plan outlives them. All zero is a plan with no rule. */
typedef struct fault_plan {
    fault_rule rules[FAULT_RULES_MAX];
    uint32_t count;
} fault_plan;

/* Chances in parts per million, drawn for each packet alone. */
typedef struct fault_odds {
    uint32_t loss_ppm, duplicate_ppm, reorder_ppm, corrupt_ppm;
    uint64_t reorder_us; /* a packet that is held back waits 1 .. this much longer */
} fault_odds;

typedef struct fault_verdict {
    unsigned fate;
    uint64_t delay_us; /* with FATE_DELAYED: beyond the link's own delay */
    uint64_t copy_us;  /* with FATE_DUPLICATED: the copy's, likewise */
} fault_verdict;

/* Reads "lose syn:2" and adds it to the plan. false: why says what is wrong and at which column,
 * and the plan is as it was. */
bool fault_plan_add(fault_plan *plan, const char *text, char why[FAULT_WHY_BYTES]);

/* The same for an action given apart, as in `--lose syn:2`: action "lose", packet "syn:2". */
bool fault_plan_add_action(fault_plan *plan, const char *action, const char *packet,
                           char why[FAULT_WHY_BYTES]);

/* Whether the packet (IP, v4 or v6) is one of that name. What is no TCP segment is only `any`. */
bool fault_packet_is(fault_name name, const void *packet, size_t bytes);

/* Counts the packet in the plan and says what its rules do to it. */
fault_verdict fault_plan_decide(fault_plan *plan, fault_side from, const void *packet,
                                size_t bytes);

/* Draws. */
fault_verdict fault_odds_decide(const fault_odds *odds, rng *r);

/* Flips one bit past the IP addresses; false (nothing done) when there is no octet there. */
bool fault_corrupt(rng *r, void *packet, size_t bytes);

#endif
