/* seq_test.c - sequence numbers compared across the point where they wrap (RFC 9293 3.4). */
#include "base/seq.h"

#include "tests/test.h"

static const uint32_t origins[] = {0, 1, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
static const uint32_t distances[] = {1, 2, 65535, 0x3fffffff, 0x7ffffffe, 0x7fffffff};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

TEST(later_is_later_from_every_origin)
{
    for (size_t i = 0; i < COUNT(origins); i++)
        for (size_t k = 0; k < COUNT(distances); k++) {
            seq a = seq_of(origins[i]), b = seq_add(a, distances[k]);
            CHECK(seq_lt(a, b) && seq_le(a, b));
            CHECK(!seq_lt(b, a) && !seq_le(b, a));
            CHECK(!seq_eq(a, b));
            CHECK_EQ(seq_max(a, b).v, b.v);
            CHECK_EQ(seq_max(b, a).v, b.v);
            CHECK_EQ(seq_min(a, b).v, a.v);
            CHECK_EQ(seq_min(b, a).v, a.v);
            CHECK_EQ(seq_diff(b, a), distances[k]);
        }
}

TEST(equal_is_neither_before_nor_after)
{
    for (size_t i = 0; i < COUNT(origins); i++) {
        seq a = seq_of(origins[i]);
        CHECK(seq_eq(a, a) && seq_le(a, a) && !seq_lt(a, a));
        CHECK_EQ(seq_diff(a, a), 0);
        CHECK_EQ(seq_max(a, a).v, a.v);
        CHECK_EQ(seq_min(a, a).v, a.v);
    }
}

TEST(addition_wraps)
{
    CHECK_EQ(seq_add(seq_of(0xffffffff), 1).v, 0);
    CHECK_EQ(seq_add(seq_of(0xfffffff0), 0x20).v, 0x10);
    CHECK_EQ(seq_diff(seq_of(0x10), seq_of(0xfffffff0)), 0x20);
}
