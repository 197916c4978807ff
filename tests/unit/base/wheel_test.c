/* wheel_test.c - the timer wheel against a naive list of times: never early, never late, on a
 * clock that wraps. */
#include "base/wheel.h"

#include "sim/rng.h"
#include "tests/test.h"

enum { NODES = 96 }; /* of each of the two kinds */

/* Records as the stack has them: the node is somewhere inside. Index 0 is not used. */
struct record {
    uint32_t before;
    struct wheel_node node;
    uint64_t after;
};

/* The wheel, and beside it what it must do: the true time and the true expiry of each timer, on a
 * clock of 64 bits. */
struct model {
    struct wheel wheel;
    struct record records[2][NODES + 1];
    uint64_t now, expiry[2][NODES + 1]; /* expiry 0: not armed */
    uint32_t armed;
    rng chance;
};

static struct model m;

static struct wheel_nodes nodes(void)
{
    return (struct wheel_nodes){
        {(uint8_t *)&m.records[0][0].node, (uint8_t *)&m.records[1][0].node},
        {sizeof(struct record), sizeof(struct record)},
    };
}

static void begin(uint64_t now, uint64_t seed)
{
    memset(&m, 0, sizeof m);
    m.now = now;
    m.wheel.now_ms = (uint32_t)now;
    m.chance = rng_of_seed(seed);
}

static uint32_t reference_of(unsigned kind, uint32_t index)
{
    return kind << 31 | index;
}

/* The expiry that a timer armed for `at` has, `from` being the wheel's time. */
static uint64_t clamped(uint64_t from, uint64_t at)
{
    if (at <= from)
        return from + 1;
    return at - from > WHEEL_AHEAD_MAX_MS ? from + WHEEL_AHEAD_MAX_MS : at;
}

/* The wheel's time on the model's clock: it is at or a little before `now`. */
static uint64_t wheel_time(uint64_t now)
{
    return now - (uint32_t)((uint32_t)now - m.wheel.now_ms);
}

static void arm(unsigned kind, uint32_t index, uint64_t at)
{
    m.expiry[kind][index] = clamped(wheel_time(m.now), at);
    m.armed++;
    wheel_arm(&m.wheel, nodes(), reference_of(kind, index), (uint32_t)at);
    CHECK(wheel_armed(&m.records[kind][index].node));
    CHECK_EQ(m.records[kind][index].node.expiry_ms, (uint32_t)m.expiry[kind][index]);
}

static void cancel(unsigned kind, uint32_t index)
{
    m.armed -= m.expiry[kind][index] != 0;
    m.expiry[kind][index] = 0;
    wheel_cancel(&m.wheel, nodes(), reference_of(kind, index));
    CHECK(!wheel_armed(&m.records[kind][index].node));
}

static uint64_t first_expiry(void)
{
    uint64_t first = UINT64_MAX;

    for (unsigned kind = 0; kind < 2; kind++)
        for (uint32_t i = 1; i <= NODES; i++)
            if (m.expiry[kind][i] != 0 && m.expiry[kind][i] < first)
                first = m.expiry[kind][i];
    return first;
}

/* A distance whose magnitude is as random as its digits. */
static uint64_t distance(void)
{
    uint64_t most = UINT64_C(1) << rng_below(&m.chance, 31);

    return rng_up_to(&m.chance, most);
}

/* Time goes on to `now`; `again`: some timers that expire are armed anew at once. */
static void advance(uint64_t now, bool again)
{
    uint32_t reference;
    uint64_t last = wheel_time(m.now);

    m.now = now;
    while ((reference = wheel_expire(&m.wheel, nodes(), (uint32_t)now)) != 0) {
        unsigned kind = reference >> 31;
        uint32_t index = reference & ~WHEEL_KIND_BIT;
        uint64_t expiry = m.expiry[kind][index];
        CHECK(index >= 1 && index <= NODES);
        CHECK(expiry != 0);
        CHECK(expiry <= now);
        CHECK(expiry >= last); /* in order */
        CHECK_EQ(m.wheel.now_ms, (uint32_t)expiry);
        CHECK(!wheel_armed(&m.records[kind][index].node));
        last = expiry;
        m.expiry[kind][index] = 0;
        m.armed--;
        if (again && rng_below(&m.chance, 2) == 0)
            arm(kind, index, now + 1 + distance());
    }
    CHECK_EQ(m.wheel.now_ms, (uint32_t)now);
    CHECK(first_expiry() > now);
}

static void check_next(void)
{
    uint32_t ahead_ms = 0;
    uint64_t first = first_expiry();

    CHECK_EQ(m.wheel.armed, m.armed);
    CHECK_EQ(wheel_next(&m.wheel, &ahead_ms), first != UINT64_MAX);
    if (first != UINT64_MAX) {
        CHECK(wheel_time(m.now) + ahead_ms <= first); /* never later than the first timer */
        CHECK(ahead_ms > 0);
    }
}

static void random_step(void)
{
    unsigned kind = rng_below(&m.chance, 2);
    uint32_t index = 1 + rng_below(&m.chance, NODES);
    uint32_t ahead_ms;

    switch (rng_below(&m.chance, 6)) {
    case 0:
    case 1:
        if (m.expiry[kind][index] != 0)
            cancel(kind, index);
        else
            arm(kind, index, m.now + distance());
        break;
    case 2: /* in the past */
        if (m.expiry[kind][index] == 0 && m.now > 100)
            arm(kind, index, m.now - rng_below(&m.chance, 100));
        break;
    case 3: /* armed or not */
        cancel(kind, index);
        break;
    case 4:
        advance(m.now + distance(), true);
        break;
    default: /* as a program does that asks when */
        if (wheel_next(&m.wheel, &ahead_ms))
            advance(wheel_time(m.now) + ahead_ms, true);
    }
    check_next();
}

TEST(random_timers_expire_at_their_millisecond_and_in_order)
{
    static const uint64_t starts[] = {
        5, 1000000, 0x3ffffff0, 0x7ffffff0, 0xffffffff, 0x1fffff000, 0x2c0000000,
    };

    for (unsigned i = 0; i < sizeof starts / sizeof starts[0]; i++)
        for (uint64_t seed = 1; seed <= 4; seed++) {
            begin(starts[i], seed * 100 + i);
            for (unsigned step = 0; step < 3000; step++)
                random_step();
            for (unsigned kind = 0; kind < 2; kind++)
                for (uint32_t index = 1; index <= NODES; index++)
                    cancel(kind, index);
            check_next();
        }
}

/* A timer for each distance around each boundary between levels, watched millisecond by
 * millisecond as it comes near. */
static void one_timer(uint64_t now, uint64_t ahead)
{
    begin(now, 1);
    arm(0, 1, now + ahead);
    advance(now + ahead - 1, false);
    CHECK(wheel_armed(&m.records[0][1].node));
    CHECK_EQ(wheel_expire(&m.wheel, nodes(), (uint32_t)(now + ahead)), 1);
    CHECK_EQ(wheel_expire(&m.wheel, nodes(), (uint32_t)(now + ahead)), 0);
    CHECK_EQ(m.wheel.armed, 0);
}

TEST(a_timer_is_neither_early_nor_late_at_the_edges_of_levels)
{
    for (unsigned bits = 0; bits <= 30; bits++)
        for (int off = -2; off <= 2; off++) {
            int64_t ahead = (INT64_C(1) << bits) + off;
            if (ahead < 1 || ahead > WHEEL_AHEAD_MAX_MS)
                continue;
            one_timer(0, (uint64_t)ahead);
            one_timer(63, (uint64_t)ahead);
            one_timer(0xfffffffe, (uint64_t)ahead);
            one_timer(0x3fffffff, (uint64_t)ahead);
            one_timer(0xfffffffful - (uint64_t)ahead, (uint64_t)ahead);
        }
    one_timer(12345, WHEEL_AHEAD_MAX_MS);
}

TEST(following_wheel_next_arrives_exactly_at_the_timer)
{
    uint64_t expiry = 0xfffffff0u + UINT64_C(700000000);
    uint32_t ahead_ms;

    begin(0xfffffff0u, 1);
    arm(1, 7, expiry);
    for (unsigned steps = 0; wheel_next(&m.wheel, &ahead_ms); steps++) {
        CHECK(steps <= WHEEL_LEVELS); /* a slot to spread at each level, at most */
        uint64_t at = wheel_time(m.now) + ahead_ms;
        CHECK(at <= expiry);
        advance(at, false);
    }
    CHECK_EQ(m.now, expiry);
}

TEST(an_expiry_in_the_past_or_now_is_the_next_millisecond)
{
    begin(5000, 1);
    arm(0, 1, 5000);
    arm(0, 2, 4000);
    arm(0, 3, 5001);
    CHECK_EQ(wheel_expire(&m.wheel, nodes(), 5000), 0);
    advance(5001, false);
    CHECK_EQ(m.armed, 0);
}

TEST(too_far_ahead_counts_as_the_farthest)
{
    begin(5000, 1);
    arm(0, 1, 5000 + UINT64_C(0x7fffffff));
    advance(5000 + WHEEL_AHEAD_MAX_MS - 1, false);
    CHECK_EQ(m.armed, 1);
    advance(5000 + WHEEL_AHEAD_MAX_MS, false);
    CHECK_EQ(m.armed, 0);
}

TEST(timers_of_one_millisecond_all_expire_and_each_can_be_cancelled)
{
    begin(1, 1);
    for (uint32_t i = 1; i <= NODES; i++) {
        arm(0, i, 100000);
        arm(1, i, 100000);
    }
    cancel(0, 1);     /* the first of the ring */
    cancel(1, NODES); /* the last */
    cancel(1, 40);
    advance(99999, false);
    CHECK_EQ(m.armed, 2 * NODES - 3);
    advance(100000, false);
    CHECK_EQ(m.armed, 0);
}

TEST(a_cancelled_timer_may_be_armed_again_and_cancelled_twice)
{
    begin(77, 1);
    arm(0, 1, 500);
    cancel(0, 1);
    cancel(0, 1);
    arm(0, 1, 90);
    advance(89, false);
    CHECK_EQ(m.armed, 1);
    advance(90, false);
    CHECK_EQ(m.armed, 0);
}
