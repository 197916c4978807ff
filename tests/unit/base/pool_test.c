/* pool_test.c - fixed-size records: each is given out once, an empty pool says so, and giving back
 * what was not taken is tern's own mistake. */
#include "base/pool.h"

#include "sim/rng.h"
#include "tests/test.h"

#include <setjmp.h>

enum { RECORDS = 100, STRIDE = 24, AT = 64 };

static _Alignas(16) uint8_t arena[AT + RECORDS * STRIDE + 16];
static jmp_buf after_check;

_Noreturn void tern_check_failed(const char *file, int line, const char *what)
{
    (void)file;
    (void)line;
    (void)what;
    longjmp(after_check, 1);
}

static struct pool pool_of(uint32_t count)
{
    memset(arena, 0x5a, sizeof arena);
    return (struct pool){.at = AT, .stride_bytes = STRIDE, .count = count};
}

TEST(all_records_are_taken_once_and_then_none)
{
    struct pool p = pool_of(RECORDS);
    bool taken[RECORDS + 1] = {false};

    for (uint32_t i = 1; i <= RECORDS; i++) {
        uint32_t index = pool_take(arena, &p);
        CHECK(index >= 1 && index <= RECORDS);
        CHECK(!taken[index]);
        taken[index] = true;
        CHECK_EQ(p.used, i);
    }
    CHECK_EQ(pool_take(arena, &p), 0);
    CHECK_EQ(p.used, RECORDS);
}

TEST(records_lie_side_by_side_inside_the_pool)
{
    struct pool p = pool_of(RECORDS);

    CHECK(pool_at(arena, &p, 1) == arena + AT);
    CHECK(pool_at(arena, &p, 2) == arena + AT + STRIDE);
    CHECK(pool_at(arena, &p, RECORDS) == arena + AT + (RECORDS - 1) * STRIDE);
}

TEST(random_takes_and_gives_never_hand_out_a_record_twice)
{
    struct pool p = pool_of(RECORDS);
    uint32_t held[RECORDS], count = 0;
    rng chance = rng_of_seed(3);

    for (uint32_t i = 0; i < 50000; i++) {
        if (rng_below(&chance, 2) == 0) {
            uint32_t index = pool_take(arena, &p);
            CHECK_EQ(index == 0, count == RECORDS);
            if (index != 0) {
                memset(pool_at(arena, &p, index), (int)index, STRIDE);
                held[count++] = index;
            }
        } else if (count > 0) {
            uint32_t at = rng_below(&chance, count), index = held[at];
            const uint8_t *octets = pool_at(arena, &p, index);
            for (unsigned k = 0; k < STRIDE; k++)
                CHECK_EQ(octets[k], index);
            pool_give(arena, &p, index);
            held[at] = held[--count];
        }
        CHECK_EQ(p.used, count);
    }
    for (unsigned i = 0; i < AT; i++)
        CHECK_EQ(arena[i], 0x5a);
    for (unsigned i = AT + RECORDS * STRIDE; i < sizeof arena; i++)
        CHECK_EQ(arena[i], 0x5a);
}

TEST(a_record_comes_back_as_it_was_left_but_for_its_first_four_octets)
{
    struct pool p = pool_of(2);
    uint32_t index = pool_take(arena, &p);
    uint8_t *octets = pool_at(arena, &p, index);

    for (unsigned i = 0; i < STRIDE; i++)
        octets[i] = (uint8_t)(i + 1);
    pool_give(arena, &p, index);
    CHECK_EQ(pool_take(arena, &p), index);
    for (unsigned i = 4; i < STRIDE; i++)
        CHECK_EQ(octets[i], i + 1);
}

static bool give_is_refused(struct pool *p, uint32_t index)
{
    if (setjmp(after_check) != 0)
        return true;
    pool_give(arena, p, index);
    return false;
}

TEST(giving_back_what_was_never_taken_is_a_failed_check)
{
    struct pool p = pool_of(RECORDS);

    CHECK(give_is_refused(&p, 1));
    CHECK_EQ(pool_take(arena, &p), 1);
    CHECK(give_is_refused(&p, 0));
    CHECK(give_is_refused(&p, 2));
    CHECK(!give_is_refused(&p, 1));
    CHECK(give_is_refused(&p, 1));
    CHECK_EQ(p.used, 0);
}
