/* ranges_test.c - pieces of sequence space against a bitmap: merged, ordered, limited, also where
 * sequence numbers wrap. */
#include "tcp/ranges.h"

#include "sim/rng.h"
#include "tests/test.h"

#include <stdlib.h>

enum { SPACE = 200, CHUNK_BYTES = 128 };

/* An engine with nothing in it but the two pools that ranges use. */
struct world {
    struct engine *engine;
    uint32_t first;
    bool noted[SPACE]; /* what the list must hold, from `origin` on */
    seq origin;
};

static struct world w;

static void begin(uint32_t origin, uint32_t pool, uint32_t each)
{
    size_t at = (sizeof(struct engine) + 15) & ~(size_t)15;
    size_t chunks_at = at + pool * sizeof(struct range) + 16;

    free(w.engine);
    w = (struct world){.origin = seq_of(origin)};
    w.engine = calloc(1, chunks_at + 8 * CHUNK_BYTES);
    CHECK(w.engine != NULL);
    w.engine->config.ranges_per_connection = each;
    w.engine->ranges = (struct pool){.at = at, .stride_bytes = sizeof(struct range), .count = pool};
    w.engine->chunks = (struct pool){
        .at = (chunks_at + 15) & ~(size_t)15, .stride_bytes = CHUNK_BYTES, .count = 7};
}

static seq at(uint32_t offset)
{
    return seq_add(w.origin, offset);
}

/* The pieces of the bitmap; [start, end) of piece `which` when there is one. */
static uint32_t pieces(uint32_t which, uint32_t *start, uint32_t *end)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < SPACE; i++) {
        if (!w.noted[i] || (i > 0 && w.noted[i - 1]))
            continue;
        if (count++ == which) {
            *start = *end = i;
            while (*end < SPACE && w.noted[*end])
                ++*end;
        }
    }
    return count;
}

static void check_list(void)
{
    uint32_t start = 0, end = 0, count = pieces(0, &start, &end), i = w.first;

    for (uint32_t n = 0; n < count; n++) {
        const struct range *r = range_at(w.engine, i);
        CHECK(r != NULL);
        pieces(n, &start, &end);
        CHECK_EQ(r->start.v, at(start).v);
        CHECK_EQ(r->end.v, at(end).v);
        i = r->next;
    }
    CHECK_EQ(i, 0);
    CHECK_EQ(w.engine->ranges.used, count);
    CHECK_EQ(ranges_count(w.engine, w.first, UINT32_MAX), count);
    CHECK_EQ(ranges_count(w.engine, w.first, 2), count < 2 ? count : 2);
}

/* True when [start, end) touches or overlaps what is noted. */
static bool touches(uint32_t start, uint32_t end)
{
    for (uint32_t i = start > 0 ? start - 1 : 0; i < SPACE && i <= end; i++)
        if (w.noted[i])
            return true;
    return false;
}

static void add(uint32_t start, uint32_t end)
{
    uint32_t new_octets = 0, unused, count = pieces(SPACE, &unused, &unused), most;
    bool refused = false;

    for (uint32_t i = start; i < end; i++)
        new_octets += !w.noted[i];
    most = w.engine->config.ranges_per_connection;
    most = most < w.engine->ranges.count ? most : w.engine->ranges.count;
    bool room = count < most || touches(start, end);
    uint32_t added = ranges_add(w.engine, &w.first, at(start), at(end), &refused);
    CHECK_EQ(refused, !room);
    CHECK_EQ(added, room ? new_octets : 0);
    for (uint32_t i = start; room && i < end; i++)
        w.noted[i] = true;
    check_list();
}

static void drop_before(uint32_t edge)
{
    uint32_t dropped = 0;

    for (uint32_t i = 0; i < edge; i++) {
        dropped += w.noted[i];
        w.noted[i] = false;
    }
    CHECK_EQ(ranges_drop_before(w.engine, &w.first, at(edge)), dropped);
    check_list();
}

static void random_steps(uint64_t seed, unsigned steps)
{
    rng chance = rng_of_seed(seed);

    for (unsigned i = 0; i < steps; i++) {
        uint32_t start = rng_below(&chance, SPACE - 1);
        uint32_t length = 1 + rng_below(&chance, rng_below(&chance, 4) == 0 ? 60 : 5);
        add(start, start + length < SPACE ? start + length : SPACE);
        if (rng_below(&chance, 10) == 0)
            drop_before(rng_below(&chance, SPACE));
        if (rng_below(&chance, 100) == 0) {
            ranges_free(w.engine, &w.first);
            memset(w.noted, 0, sizeof w.noted);
            check_list();
        }
    }
}

TEST(random_pieces_merge_as_a_bitmap_does)
{
    static const uint32_t origins[] = {0, 1000, 0x7fffffd0, 0xffffff80, 0xffffffff};

    for (unsigned i = 0; i < sizeof origins / sizeof origins[0]; i++) {
        begin(origins[i], 200, 100);
        random_steps(i + 1, 4000);
    }
}

TEST(a_full_list_refuses_a_new_piece_and_still_widens_those_it_has)
{
    begin(0xffffffc0, 200, 4);
    random_steps(11, 4000);
    begin(0xffffffc0, 200, 1);
    random_steps(12, 2000);
}

TEST(an_empty_pool_refuses_a_new_piece_and_still_widens_those_it_has)
{
    begin(0xffffffc0, 3, 100);
    random_steps(13, 4000);
}

TEST(adjacent_pieces_become_one)
{
    begin(0xfffffff8, 10, 10);
    add(4, 8);
    add(8, 12); /* crosses the wrap */
    add(0, 4);
    CHECK_EQ(w.engine->ranges.used, 1);
    add(14, 16);
    CHECK_EQ(w.engine->ranges.used, 2);
    add(13, 14);
    CHECK_EQ(w.engine->ranges.used, 2);
    add(12, 13);
    CHECK_EQ(w.engine->ranges.used, 1);
}

TEST(ranges_with_text_give_their_chunks_back)
{
    uint8_t octets[300] = {0};
    bool refused = false;

    begin(5, 10, 10);
    add(10, 20);
    struct range *r = range_at(w.engine, w.first);
    CHECK_EQ(chunks_append(w.engine, &w.engine->chunks, &r->text, octets, sizeof octets),
             sizeof octets);
    CHECK_EQ(w.engine->chunks.used, 3);
    CHECK_EQ(ranges_add(w.engine, &w.first, at(30), at(40), &refused), 10);
    ranges_free(w.engine, &w.first);
    CHECK_EQ(w.first, 0);
    CHECK_EQ(w.engine->chunks.used, 0);
    CHECK_EQ(w.engine->ranges.used, 0);
    free(w.engine);
    w.engine = NULL;
}
