/* token_bucket_test.c - a burst, then so many a second. */
#include "base/token_bucket.h"

#include "tests/test.h"

static uint32_t take_all(struct token_bucket *b, uint32_t now_ms, uint32_t rate, uint32_t burst)
{
    uint32_t taken = 0;

    while (taken < 10000 && token_bucket_take(b, now_ms, rate, burst))
        taken++;
    return taken;
}

TEST(a_new_bucket_is_full)
{
    struct token_bucket b = {0, 0};

    CHECK_EQ(take_all(&b, 0, 5, 10), 10);
    CHECK(!token_bucket_take(&b, 0, 5, 10));
}

TEST(tokens_come_back_at_the_rate)
{
    struct token_bucket b = {0, 0};

    (void)take_all(&b, 1000, 5, 10);
    CHECK_EQ(take_all(&b, 1199, 5, 10), 0);
    CHECK_EQ(take_all(&b, 1200, 5, 10), 1);
    CHECK_EQ(take_all(&b, 2200, 5, 10), 5);
    CHECK_EQ(take_all(&b, 900000, 5, 10), 10);
}

TEST(parts_of_tokens_are_not_lost)
{
    struct token_bucket b = {0, 0};
    uint32_t taken = 0;

    (void)take_all(&b, 0, 3, 1);
    for (uint32_t ms = 1; ms <= 10000; ms++)
        taken += token_bucket_take(&b, ms, 3, 1);
    CHECK_EQ(taken, 29); /* one each 334 ms: the clock's step */
}

TEST(the_clock_may_go_round)
{
    struct token_bucket b = {0, 0};

    (void)take_all(&b, 0xffffff00, 1000000, 1000000);
    (void)take_all(&b, 0xffffff00, 1000, 10);
    CHECK_EQ(take_all(&b, 0xffffff00, 1000, 10), 0);
    b = (struct token_bucket){0, 0};
    CHECK_EQ(take_all(&b, 0xfffffffe, 1000, 10), 10);
    CHECK_EQ(take_all(&b, 2, 1000, 10), 4);
}
