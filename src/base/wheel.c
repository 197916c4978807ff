/* wheel.c - the hierarchical timer wheel. */
#include "base/wheel.h"

#include "base/check.h"

static unsigned wheel_slot(uint32_t ms, unsigned level)
{
    return ms >> (level * WHEEL_SLOT_BITS) & (WHEEL_SLOTS - 1);
}

/* The highest level in which now and the expiry lie in different slots. */
static unsigned wheel_level(uint32_t now_ms, uint32_t expiry_ms)
{
    uint32_t differ = now_ms ^ expiry_ms;
    unsigned level = 0;

    while (level < WHEEL_LEVELS - 1 && differ >> ((level + 1) * WHEEL_SLOT_BITS) != 0)
        level++;
    return level;
}

/* Links a timer into the slot of its expiry, which is not before now. */
static void wheel_link(struct wheel *w, struct wheel_nodes nodes, uint32_t reference)
{
    struct wheel_node *node = wheel_node_at(nodes, reference);
    unsigned level = wheel_level(w->now_ms, node->expiry_ms);
    unsigned slot = wheel_slot(node->expiry_ms, level);
    uint32_t first = w->slots[level][slot];

    if (first == 0) {
        node->next = node->prev = reference;
        w->slots[level][slot] = reference;
        w->full[level] |= UINT64_C(1) << slot;
    } else {
        struct wheel_node *head = wheel_node_at(nodes, first);
        node->next = first;
        node->prev = head->prev;
        wheel_node_at(nodes, head->prev)->next = reference;
        head->prev = reference;
    }
    w->armed++;
}

void wheel_arm(struct wheel *w, struct wheel_nodes nodes, uint32_t reference, uint32_t expiry_ms)
{
    struct wheel_node *node = wheel_node_at(nodes, reference);

    TERN_CHECK(!wheel_armed(node));
    if ((int32_t)(expiry_ms - w->now_ms) <= 0)
        expiry_ms = w->now_ms + 1;
    if (expiry_ms - w->now_ms > WHEEL_AHEAD_MAX_MS)
        expiry_ms = w->now_ms + WHEEL_AHEAD_MAX_MS;
    node->expiry_ms = expiry_ms;
    wheel_link(w, nodes, reference);
}

static void wheel_unlink(struct wheel *w, struct wheel_nodes nodes, uint32_t reference,
                         unsigned level)
{
    struct wheel_node *node = wheel_node_at(nodes, reference);
    unsigned slot = wheel_slot(node->expiry_ms, level);

    if (node->next == reference) {
        w->slots[level][slot] = 0;
        w->full[level] &= ~(UINT64_C(1) << slot);
    } else {
        wheel_node_at(nodes, node->next)->prev = node->prev;
        wheel_node_at(nodes, node->prev)->next = node->next;
        if (w->slots[level][slot] == reference)
            w->slots[level][slot] = node->next;
    }
    node->next = node->prev = 0;
    w->armed--;
}

void wheel_cancel(struct wheel *w, struct wheel_nodes nodes, uint32_t reference)
{
    struct wheel_node *node = wheel_node_at(nodes, reference);

    /* Time has not entered the timer's slot yet, or it would have moved down: so its level is
     * still the one where its expiry differs from now. */
    if (wheel_armed(node))
        wheel_unlink(w, nodes, reference, wheel_level(w->now_ms, node->expiry_ms));
}

/* Spreads the slot that time has just entered at this level over the levels below. */
static void wheel_spread(struct wheel *w, struct wheel_nodes nodes, unsigned level)
{
    unsigned slot = wheel_slot(w->now_ms, level);
    uint32_t first = w->slots[level][slot];

    if (first == 0)
        return;
    w->slots[level][slot] = 0;
    w->full[level] &= ~(UINT64_C(1) << slot);

    uint32_t last = wheel_node_at(nodes, first)->prev;
    for (uint32_t r = first;;) {
        struct wheel_node *node = wheel_node_at(nodes, r);
        uint32_t next = node->next;
        /* One due at this very millisecond goes into level 0's present slot, from which
         * wheel_expire() takes it at once. */
        w->armed--;
        wheel_link(w, nodes, r);
        if (r == last)
            break;
        r = next;
    }
}

/* Milliseconds until the next slot that holds something, at this level. */
static bool wheel_ahead(const struct wheel *w, unsigned level, uint32_t *ahead_ms)
{
    unsigned shift = level * WHEEL_SLOT_BITS;
    unsigned here = wheel_slot(w->now_ms, level);
    /* Slots above `here` in this turn; what is at or below it cannot be of this level. */
    uint64_t later = here == WHEEL_SLOTS - 1 ? 0 : w->full[level] >> (here + 1) << (here + 1);

    if (level == WHEEL_LEVELS - 1 && later == 0)
        later = w->full[level]; /* the top level alone wraps */
    if (later == 0)
        return false;
    uint32_t slot = (uint32_t)__builtin_ctzll(later);
    uint32_t turns = (slot - here) & (WHEEL_SLOTS - 1);
    *ahead_ms = (turns << shift) - (w->now_ms & ((1u << shift) - 1));
    return true;
}

bool wheel_next(const struct wheel *w, uint32_t *ahead_ms)
{
    if (w->armed == 0)
        return false;
    *ahead_ms = 0;
    if (w->slots[0][wheel_slot(w->now_ms, 0)] != 0)
        return true;
    for (unsigned level = 0; level < WHEEL_LEVELS; level++)
        if (wheel_ahead(w, level, ahead_ms))
            return true;
    TERN_CHECK_FAILED("a timer is armed and in no slot");
}

uint32_t wheel_expire(struct wheel *w, struct wheel_nodes nodes, uint32_t now_ms)
{
    for (;;) {
        uint32_t first = w->slots[0][wheel_slot(w->now_ms, 0)];
        if (first != 0) {
            wheel_unlink(w, nodes, first, 0);
            return first;
        }
        uint32_t ahead_ms;
        if (!wheel_next(w, &ahead_ms) || (int32_t)(now_ms - (w->now_ms + ahead_ms)) < 0)
            break;
        uint32_t before_ms = w->now_ms;
        w->now_ms += ahead_ms;
        for (unsigned level = WHEEL_LEVELS - 1; level > 0; level--)
            if (before_ms >> (level * WHEEL_SLOT_BITS) != w->now_ms >> (level * WHEEL_SLOT_BITS))
                wheel_spread(w, nodes, level);
    }
    if ((int32_t)(now_ms - w->now_ms) > 0)
        w->now_ms = now_ms;
    return 0;
}
