/* list_test.c - linked lists by index against an array. */
#include "base/list.h"

#include "sim/rng.h"
#include "tests/test.h"

enum { RECORDS = 40 };

struct record {
    uint64_t before;
    struct link link;
    uint16_t after;
};

static struct record records[RECORDS + 1];
static uint32_t order[RECORDS]; /* what the list must hold */
static uint32_t count;

static struct links links(void)
{
    return (struct links){(uint8_t *)&records[0].link, sizeof(struct record)};
}

static void check_list(const struct list *list)
{
    uint32_t prev = 0, at = list->head;

    for (uint32_t i = 0; i < count; i++) {
        CHECK_EQ(at, order[i]);
        CHECK_EQ(link_at(links(), at)->prev, prev);
        prev = at;
        at = link_at(links(), at)->next;
    }
    CHECK_EQ(at, 0);
    CHECK_EQ(list->tail, prev);
}

static uint32_t place_of(uint32_t index)
{
    uint32_t at = 0;

    while (at < count && order[at] != index)
        at++;
    return at;
}

static void toggle(struct list *list, uint32_t index)
{
    uint32_t at = place_of(index);

    if (at == count) {
        list_push(list, links(), index);
        order[count++] = index;
    } else {
        list_remove(list, links(), index);
        count--;
        memmove(&order[at], &order[at + 1], (count - at) * sizeof order[0]);
        CHECK_EQ(link_at(links(), index)->next, 0);
        CHECK_EQ(link_at(links(), index)->prev, 0);
    }
    check_list(list);
}

TEST(random_pushes_and_removals_keep_the_order)
{
    struct list list = {0, 0};
    rng chance = rng_of_seed(7);

    count = 0;
    for (unsigned i = 0; i < 20000; i++)
        toggle(&list, 1 + rng_below(&chance, RECORDS));
    while (count > 0)
        toggle(&list, order[0]);
    CHECK_EQ(list.head, 0);
    CHECK_EQ(list.tail, 0);
}

TEST(only_the_link_of_a_record_is_written)
{
    struct list list = {0, 0};

    memset(records, 0xa5, sizeof records);
    for (uint32_t i = 1; i <= RECORDS; i++)
        list_push(&list, links(), i);
    for (uint32_t i = RECORDS; i >= 1; i--)
        list_remove(&list, links(), i);
    for (uint32_t i = 0; i <= RECORDS; i++) {
        CHECK_EQ(records[i].before, 0xa5a5a5a5a5a5a5a5);
        CHECK_EQ(records[i].after, 0xa5a5);
    }
    CHECK_EQ(records[0].link.next, 0xa5a5a5a5); /* record 0 does not exist */
}
