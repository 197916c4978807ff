/* entropy_test.c - random octets: all that was asked for, nothing past it, different each time. */
#include "host/entropy.h"
#include "tests/test.h"

TEST(fills_all_and_no_more)
{
    uint8_t seen[64] = {0}, octets[66];

    for (int round = 0; round < 64; round++) {
        memset(octets, 0, sizeof octets);
        CHECK(entropy_fill(octets + 1, 64));
        CHECK_EQ(octets[0], 0);
        CHECK_EQ(octets[65], 0);
        for (int i = 0; i < 64; i++)
            seen[i] |= octets[1 + i];
    }
    for (int i = 0; i < 64; i++)
        CHECK(seen[i] != 0); /* 64 zeros in one place: once in 2^506 runs */
}

TEST(different_each_time)
{
    uint8_t a[16], b[16];

    CHECK(entropy_fill(a, sizeof a));
    CHECK(entropy_fill(b, sizeof b));
    CHECK(memcmp(a, b, sizeof a) != 0);
}

TEST(more_than_one_call_gives)
{
    static uint8_t large[1 << 20];
    unsigned counts[256] = {0};

    CHECK(entropy_fill(large, sizeof large));
    for (size_t i = 0; i < sizeof large; i++)
        counts[large[i]]++;
    for (int i = 0; i < 256; i++)
        CHECK(counts[i] > 3000 && counts[i] < 5200); /* 4096 expected, deviation 64 */
}
