/* pkt_arena_test.c - pieces that stay where they are, and what happens when memory ends. */
#include "apps/pkt/arena.h"

#include "tests/test.h"

TEST(pieces_are_zeroed_aligned_and_apart)
{
    pkt_arena a = {.blocks = NULL};
    unsigned char *pieces[5000];

    for (int i = 0; i < 5000; i++) {
        pieces[i] = pkt_arena_take(&a, (size_t)(i % 100) + 1);
        CHECK((uintptr_t)pieces[i] % alignof(max_align_t) == 0);
        for (int octet = 0; octet <= i % 100; octet++)
            CHECK_EQ(pieces[i][octet], 0);
        memset(pieces[i], i & 0xff, (size_t)(i % 100) + 1);
    }
    for (int i = 0; i < 5000; i++)
        for (int octet = 0; octet <= i % 100; octet++)
            CHECK_EQ(pieces[i][octet], i & 0xff);
    CHECK(!a.full);
    pkt_arena_free(&a);
    CHECK(a.blocks == NULL);
}

TEST(texts_end_with_nul)
{
    pkt_arena a = {.blocks = NULL};

    CHECK_STR(pkt_arena_text(&a, "abcdef", 3), "abc");
    CHECK_STR(pkt_arena_text(&a, "", 0), "");
    CHECK_EQ(pkt_arena_text(&a, NULL, 100000)[100000], 0);
    pkt_arena_free(&a);
}

TEST(when_memory_ends_there_is_a_reserve)
{
    pkt_arena a = {.blocks = NULL};

    CHECK(!a.full);
    CHECK_STR(pkt_arena_text(&a, NULL, PKT_ARENA_MAX_BYTES), "");
    CHECK(a.full);
    unsigned char *piece = pkt_arena_take(&a, PKT_ARENA_RESERVE_BYTES);
    memset(piece, 1, PKT_ARENA_RESERVE_BYTES);
    CHECK(pkt_arena_take(&a, 1) == (void *)piece);
    CHECK_EQ(piece[PKT_ARENA_RESERVE_BYTES - 1], 0);
    pkt_arena_free(&a);
    CHECK(!a.full);
}
