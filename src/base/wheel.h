/* wheel.h - a hierarchical timer wheel: arm, cancel and expire in constant time.
 *
 * Five levels of 64 slots; a slot of level n spans 64^n milliseconds, so the wheel spans 2^30 ms,
 * 12 days: more than any timer here. A timer lies in the level where its expiry first differs from
 * now; when time enters that slot, its timers move down. An expiry is a point on a 32-bit
 * millisecond clock that wraps; a timer less than 2^30 ms ahead is unambiguous.
 *
 * Timers are nodes inside two kinds of records; a reference is an index with the kind in its top
 * bit. */
#ifndef TERN_BASE_WHEEL_H
#define TERN_BASE_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WHEEL_LEVELS = 5, WHEEL_SLOT_BITS = 6, WHEEL_SLOTS = 1 << WHEEL_SLOT_BITS };

/* One top slot less than the span, so that a timer never lies a whole turn ahead in now's slot. */
#define WHEEL_AHEAD_MAX_MS (63u << ((WHEEL_LEVELS - 1) * WHEEL_SLOT_BITS))
#define WHEEL_KIND_BIT     0x80000000u

struct wheel_node {
    uint32_t next, prev; /* references; next == prev == own: armed alone. Both 0: not armed */
    uint32_t expiry_ms;
};

struct wheel {
    uint32_t now_ms;             /* every timer at or before this has been taken out */
    uint32_t armed;              /* timers in the wheel */
    uint64_t full[WHEEL_LEVELS]; /* bit s: slot s is not empty */
    uint32_t slots[WHEEL_LEVELS][WHEEL_SLOTS]; /* the first of a ring; 0: empty */
};

/* Where node r is: at[kind] + index * stride_bytes[kind]. */
struct wheel_nodes {
    uint8_t *at[2];
    size_t stride_bytes[2];
};

static inline struct wheel_node *wheel_node_at(struct wheel_nodes nodes, uint32_t reference)
{
    unsigned kind = reference >> 31;
    size_t index = reference & ~WHEEL_KIND_BIT;

    return (struct wheel_node *)(void *)(nodes.at[kind] + index * nodes.stride_bytes[kind]);
}

static inline bool wheel_armed(const struct wheel_node *node)
{
    return node->next != 0;
}

/* Arms a timer that is not armed. An expiry in the past counts as the next millisecond. */
void wheel_arm(struct wheel *w, struct wheel_nodes nodes, uint32_t reference, uint32_t expiry_ms);

/* Takes a timer out, armed or not. */
void wheel_cancel(struct wheel *w, struct wheel_nodes nodes, uint32_t reference);

/* Moves time on towards now_ms and takes out the next timer that is due; 0: none is. */
uint32_t wheel_expire(struct wheel *w, struct wheel_nodes nodes, uint32_t now_ms);

/* True and the milliseconds from w->now_ms to the next thing the wheel has to do: a timer, or a
 * slot to spread (never later than its first timer). False: nothing is armed. */
bool wheel_next(const struct wheel *w, uint32_t *ahead_ms);

#endif
