/* chunks_test.c - queues of octets in shared chunks against plain arrays of octets. */
#include "base/chunks.h"

#include "sim/rng.h"
#include "tests/test.h"

enum {
    CHUNKS = 24,
    CHUNK_BYTES = 128,
    CAPACITY = CHUNK_BYTES - 8,
    AT = 16,
    QUEUES = 3,
    MODEL_MAX = CHUNKS * CAPACITY,
};

/* What a queue must hold. */
struct model {
    uint8_t octets[MODEL_MAX];
    uint32_t bytes;
    bool consumed; /* since it was empty: its first chunk may hold little */
};

static _Alignas(16) uint8_t arena[AT + 1024 * CHUNK_BYTES];
static struct pool pool;
static struct chunk_queue queues[QUEUES];
static struct model models[QUEUES];
static rng chance;

static void begin(uint32_t chunks, uint64_t seed)
{
    memset(arena, 0xee, sizeof arena);
    memset(queues, 0, sizeof queues);
    memset(models, 0, sizeof models);
    pool = (struct pool){.at = AT, .stride_bytes = CHUNK_BYTES, .count = chunks};
    chance = rng_of_seed(seed);
}

static uint32_t chunks_held(const struct chunk_queue *q)
{
    uint32_t held = 0;

    for (uint32_t i = q->head; i != 0; i = chunk_at(arena, &pool, i)->next)
        held++;
    return held;
}

/* Two neighbours hold more than one chunk's worth; of a queue that was read from, the first may
 * have given its octets up already. */
static void check_neighbours(const struct chunk_queue *q, bool consumed)
{
    uint32_t i = q->head;

    if (consumed && i != 0)
        i = chunk_at(arena, &pool, i)->next;
    while (i != 0 && chunk_at(arena, &pool, i)->next != 0) {
        const struct chunk *c = chunk_at(arena, &pool, i);
        const struct chunk *next = chunk_at(arena, &pool, c->next);
        CHECK(c->end - c->start + next->end - next->start > CAPACITY);
        i = c->next;
    }
}

static void check_queue(const struct chunk_queue *q, const struct model *m)
{
    static uint8_t copy[MODEL_MAX + 1];
    uint32_t last = 0;

    CHECK_EQ(q->bytes, m->bytes);
    CHECK_EQ(q->head == 0, m->bytes == 0);
    for (uint32_t i = q->head; i != 0; i = chunk_at(arena, &pool, i)->next) {
        const struct chunk *c = chunk_at(arena, &pool, i);
        CHECK(c->start < c->end && c->end <= CAPACITY);
        last = i;
    }
    CHECK_EQ(q->tail, last);
    CHECK_EQ(chunks_copy(arena, &pool, chunks_seek(arena, &pool, q, 0), copy, sizeof copy),
             m->bytes);
    CHECK_MEM(copy, m->octets, m->bytes);
}

static void check_everything(void)
{
    uint32_t held = 0;

    for (unsigned i = 0; i < QUEUES; i++) {
        check_queue(&queues[i], &models[i]);
        held += chunks_held(&queues[i]);
    }
    CHECK_EQ(pool.used, held);
}

static void append(unsigned i, uint32_t bytes)
{
    uint8_t data[4 * CAPACITY];
    struct model *m = &models[i];
    const struct chunk_queue *q = &queues[i];

    rng_fill(&chance, data, bytes);
    uint32_t room = (pool.count - pool.used) * CAPACITY;
    if (q->tail != 0)
        room += CAPACITY - chunk_at(arena, &pool, q->tail)->end;
    size_t taken = chunks_append(arena, &pool, &queues[i], data, bytes);
    CHECK_EQ(taken, bytes < room ? bytes : room); /* short only when the pool is empty */
    memcpy(m->octets + m->bytes, data, taken);
    m->bytes += (uint32_t)taken;
}

static void consume(unsigned i, uint32_t bytes)
{
    struct model *m = &models[i];

    chunks_consume(arena, &pool, &queues[i], bytes);
    m->bytes -= bytes;
    memmove(m->octets, m->octets + bytes, m->bytes);
    m->consumed = m->bytes > 0;
}

static void join(unsigned to, unsigned from)
{
    struct model *t = &models[to], *f = &models[from];

    if (to == from || t->bytes + f->bytes > MODEL_MAX)
        return;
    chunks_join(arena, &pool, &queues[to], &queues[from]);
    memcpy(t->octets + t->bytes, f->octets, f->bytes);
    t->bytes += f->bytes;
    t->consumed = t->consumed || f->consumed;
    *f = (struct model){.bytes = 0};
}

/* Reads on from a random place in random steps, as a sender does. */
static void read_on(unsigned i)
{
    const struct model *m = &models[i];
    uint32_t at = (uint32_t)rng_up_to(&chance, m->bytes);
    struct chunk_place place = chunks_seek(arena, &pool, &queues[i], at);
    const uint8_t *data;
    uint32_t n;

    while ((n = chunks_next(arena, &pool, &place, 1 + rng_below(&chance, 200), &data)) > 0) {
        CHECK(at + n <= m->bytes);
        CHECK_MEM(data, m->octets + at, n);
        at += n;
    }
    CHECK_EQ(at, m->bytes);
}

static void copy_piece(unsigned i)
{
    const struct model *m = &models[i];
    uint8_t piece[3 * CAPACITY];
    uint32_t at = (uint32_t)rng_up_to(&chance, m->bytes), most = rng_below(&chance, sizeof piece);
    uint32_t left = m->bytes - at;

    size_t n = chunks_copy(arena, &pool, chunks_seek(arena, &pool, &queues[i], at), piece, most);
    CHECK_EQ(n, most < left ? most : left);
    CHECK_MEM(piece, m->octets + at, n);
}

static void random_step(void)
{
    unsigned i = rng_below(&chance, QUEUES);

    switch (rng_below(&chance, 8)) {
    case 0:
    case 1:
        append(i, rng_below(&chance, 20));
        break;
    case 2:
        append(i, rng_below(&chance, 4 * CAPACITY));
        break;
    case 3:
        consume(i, (uint32_t)rng_up_to(&chance, models[i].bytes));
        break;
    case 4:
        consume(i, models[i].bytes < 9 ? 0 : rng_below(&chance, 9));
        break;
    case 5:
        join(i, rng_below(&chance, QUEUES));
        break;
    case 6:
        read_on(i);
        break;
    default:
        copy_piece(i);
    }
    check_everything();
}

TEST(random_use_gives_back_the_octets_that_were_put_in)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        begin(CHUNKS, seed);
        for (unsigned step = 0; step < 2000; step++)
            random_step();
        for (unsigned i = 0; i < QUEUES; i++)
            consume(i, models[i].bytes);
        check_everything();
        CHECK_EQ(pool.used, 0);
    }
}

TEST(an_empty_pool_takes_what_fits_and_goes_on_when_chunks_come_back)
{
    begin(3, 1);
    append(0, 2 * CAPACITY + 50);
    append(1, 10);  /* none is left */
    append(0, 100); /* only what the tail still takes */
    CHECK_EQ(models[0].bytes, 3 * CAPACITY);
    CHECK_EQ(models[1].bytes, 0);
    check_everything();
    consume(0, CAPACITY);
    append(1, 10);
    CHECK_EQ(models[1].bytes, 10);
    check_everything();
}

TEST(an_empty_queue_holds_no_chunk)
{
    begin(3, 1);
    append(0, 0);
    CHECK_EQ(pool.used, 0);
    append(0, 1);
    CHECK_EQ(pool.used, 1);
    consume(0, 1);
    CHECK_EQ(pool.used, 0);
    check_everything();
}

TEST(a_place_stays_good_while_octets_before_it_are_consumed_and_others_are_added)
{
    const uint8_t *data;

    begin(CHUNKS, 1);
    append(0, 3 * CAPACITY);
    struct chunk_place place = chunks_seek(arena, &pool, &queues[0], 3 * CAPACITY);
    CHECK_EQ(chunks_next(arena, &pool, &place, 100, &data), 0); /* the end */
    append(0, 30);
    consume(0, 2 * CAPACITY + 5);
    CHECK_EQ(chunks_next(arena, &pool, &place, 100, &data), 30);
    CHECK_MEM(data, models[0].octets + CAPACITY - 5, 30);
    CHECK_EQ(chunks_next(arena, &pool, &place, 100, &data), 0);
    append(0, 7); /* into the chunk where the place is */
    CHECK_EQ(chunks_next(arena, &pool, &place, 4, &data), 4);
    CHECK_EQ(chunks_next(arena, &pool, &place, 100, &data), 3);
}

TEST(a_place_in_an_empty_queue_is_its_end)
{
    const uint8_t *data;

    begin(CHUNKS, 1);
    struct chunk_place place = chunks_seek(arena, &pool, &queues[0], 0);
    CHECK_EQ(chunks_next(arena, &pool, &place, 1, &data), 0);
    CHECK_EQ(chunks_copy(arena, &pool, chunks_seek(arena, &pool, &queues[0], 0), arena, 0), 0);
}

/* Octets come one by one, each in a queue of its own, and are joined in every order that a peer
 * could choose: memory stays within twice what they need. */
TEST(joined_single_octets_take_no_more_than_twice_their_room)
{
    enum { OCTETS = 900 };
    static struct chunk_queue singles[OCTETS];

    begin(1024, 1);
    memset(singles, 0, sizeof singles);
    for (uint32_t i = 0; i < OCTETS; i++) {
        uint8_t octet = (uint8_t)i;
        CHECK_EQ(chunks_append(arena, &pool, &singles[i], &octet, 1), 1);
    }
    for (uint32_t span = 1; span < OCTETS; span *= 2)
        for (uint32_t i = 0; i + span < OCTETS; i += 2 * span)
            chunks_join(arena, &pool, &singles[i], &singles[i + span]);
    CHECK_EQ(singles[0].bytes, OCTETS);
    CHECK(pool.used <= 2 * OCTETS / CAPACITY + 1);
    check_neighbours(&singles[0], false);
    for (uint32_t i = 0; i < OCTETS; i++) {
        uint8_t octet;
        CHECK_EQ(chunks_copy(arena, &pool, chunks_seek(arena, &pool, &singles[0], i), &octet, 1),
                 1);
        CHECK_EQ(octet, (uint8_t)i);
    }
}

TEST(neighbours_hold_more_than_one_chunks_worth_after_random_joins)
{
    for (uint64_t seed = 1; seed <= 50; seed++) {
        begin(CHUNKS, seed);
        for (unsigned step = 0; step < 200; step++) {
            unsigned i = rng_below(&chance, QUEUES);
            append(i, 1 + rng_below(&chance, CAPACITY + 20));
            if (models[0].bytes + models[1].bytes + models[2].bytes > MODEL_MAX / 2)
                consume(i, models[i].bytes);
            join(i, rng_below(&chance, QUEUES));
            for (unsigned k = 0; k < QUEUES; k++)
                check_neighbours(&queues[k], models[k].consumed);
        }
    }
}
