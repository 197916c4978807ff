/* rng_test.c - the generator is a pure function of its seed, and its chances are fair. */
#include "sim/rng.h"
#include "tests/test.h"

TEST(known_sequence)
{
    /* splitmix64 from seed 1234567, as published with the algorithm. */
    rng r = rng_of_seed(1234567);
    CHECK_EQ(rng_next(&r), UINT64_C(6457827717110365317));
    CHECK_EQ(rng_next(&r), UINT64_C(3203168211198807973));
    CHECK_EQ(rng_next(&r), UINT64_C(9817491932198370423));
}

TEST(below_stays_below_and_reaches_all)
{
    rng r = rng_of_seed(7);
    unsigned seen = 0;
    for (unsigned i = 0; i < 1000; i++) {
        uint32_t v = rng_below(&r, 10);
        CHECK(v < 10);
        seen |= 1U << v;
    }
    CHECK_EQ(seen, 0x3ff);
    CHECK_EQ(rng_below(&r, 0), 0);
    CHECK_EQ(rng_below(&r, 1), 0);
}

TEST(up_to_includes_both_ends)
{
    rng r = rng_of_seed(8);
    bool low = false, high = false;
    for (unsigned i = 0; i < 1000; i++) {
        uint64_t v = rng_up_to(&r, 3);
        CHECK(v <= 3);
        low = low || v == 0;
        high = high || v == 3;
    }
    CHECK(low && high);
    CHECK_EQ(rng_up_to(&r, 0), 0);
}

TEST(chance_is_what_it_says)
{
    rng r = rng_of_seed(9);
    unsigned hits = 0;
    for (unsigned i = 0; i < 100000; i++)
        hits += rng_chance(&r, 50000);
    CHECK(hits > 4700 && hits < 5300); /* 5000, four standard deviations */
    for (unsigned i = 0; i < 1000; i++) {
        CHECK(rng_chance(&r, RNG_PER_MILLION));
        CHECK(!rng_chance(&r, 0));
    }
}

TEST(chance_of_nothing_draws_nothing)
{
    rng a = rng_of_seed(10), b = rng_of_seed(10);
    CHECK(!rng_chance(&a, 0));
    CHECK_EQ(rng_next(&a), rng_next(&b));
}

TEST(fill_is_repeatable)
{
    uint8_t a[16], b[16];
    rng r = rng_of_seed(11), s = rng_of_seed(11);
    rng_fill(&r, a, sizeof a);
    rng_fill(&s, b, sizeof b);
    CHECK_MEM(a, b, sizeof a);
    rng_fill(&s, b, sizeof b);
    CHECK(memcmp(a, b, sizeof a) != 0);
}
