/* clock_test.c - the clock goes forward, is never TERN_NOW, and its unit is the microsecond. */
#define _GNU_SOURCE
#include "host/clock.h"
#include "tests/test.h"

#include <time.h>

TEST(never_back_and_never_zero)
{
    tern_time last = clock_now_us();

    CHECK(last != TERN_NOW);
    for (int i = 0; i < 100000; i++) {
        tern_time now = clock_now_us();
        CHECK(now >= last);
        last = now;
    }
}

TEST(microseconds)
{
    struct timespec pause = {.tv_nsec = 20000000};
    tern_time before = clock_now_us();

    CHECK_EQ(nanosleep(&pause, NULL), 0);
    tern_time passed = clock_now_us() - before;
    CHECK(passed >= 20000);
    CHECK(passed < 10000000);
}

TEST(wall_clock_counts_from_1970)
{
    uint64_t seconds = clock_wall_us() / 1000000, now = (uint64_t)time(NULL);

    CHECK(seconds + 2 > now && seconds < now + 2);
}
