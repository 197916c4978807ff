/* reassembly_test.c - what came early, kept until the gap before it is filled. */
#include "sim/rng.h"
#include "tests/unit/tcp_fixture.h"

static fixture *with_ranges(uint32_t pool, uint32_t each)
{
    tern_config c = fixture_config();

    c.ranges_max = pool;
    c.ranges_per_connection = each;
    fixture *x = fixture_begin(&c);
    x_establish(x, WAY_PASSIVE);
    return x;
}

/* Segment i of five: 100 octets, of which 30 overlap the one before; the last has the FIN. */
static void inject_fifth(fixture *x, unsigned i)
{
    x_inject(x, .flags = i == 4 ? TCP_ACK | TCP_FIN : TCP_ACK, .seq = 1 + 70 * i, .ack = 1,
             .bytes = 100);
}

/* The permutations of 0 .. 4, the next in order; false behind the last. */
static bool next_order(unsigned order[5])
{
    int i = 3, k = 4;

    while (i >= 0 && order[i] > order[i + 1])
        i--;
    if (i < 0)
        return false;
    while (order[k] < order[i])
        k--;
    unsigned swap = order[i];
    order[i] = order[k];
    order[k] = swap;
    for (int a = i + 1, b = 4; a < b; a++, b--) {
        swap = order[a];
        order[a] = order[b];
        order[b] = swap;
    }
    return true;
}

TEST(five_segments_that_overlap_in_every_order)
{
    unsigned order[5] = {0, 1, 2, 3, 4}, orders = 0;

    do {
        fixture *x = with_ranges(64, 16);
        for (unsigned i = 0; i < 5; i++)
            inject_fifth(x, order[i]);
        x_state(x, TERN_CLOSE_WAIT);
        x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 382);
        x_recv(x, 380);
        CHECK_EQ(x_usage(x).ranges, 0);
        CHECK_EQ(x_usage(x).chunks, 0);
        fixture_end(x);
        orders++;
    } while (next_order(order));
    CHECK_EQ(orders, 120);
}

TEST(a_fin_that_came_early_counts_when_the_gap_is_filled)
{
    fixture *x = with_ranges(64, 16);

    CHECK_EQ(x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 101, .ack = 1, .bytes = 50),
             TERN_RULE_FIN_EARLY);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_state(x, TERN_ESTABLISHED);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_FIN_RECEIVED), 1);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 152);
    x_state(x, TERN_CLOSE_WAIT);
    x_event(x, x->c, TERN_EVENT_READABLE | TERN_EVENT_PEER_CLOSED);
    x_recv(x, 150);
}

TEST(a_fin_alone_may_come_early_too)
{
    fixture *x = with_ranges(64, 16);

    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 101, .ack = 1);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 102);
    x_state(x, TERN_CLOSE_WAIT);
}

TEST(one_connection_keeps_only_so_many_pieces)
{
    fixture *x = with_ranges(64, 3);

    for (uint32_t i = 0; i < 3; i++)
        CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 101 + 200 * i, .ack = 1, .bytes = 100),
                 TERN_RULE_TEXT_EARLY);
    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 1001, .ack = 1, .bytes = 100),
             TERN_RULE_REASSEMBLY_FULL);
    CHECK_EQ(x_status(x).reassembly_bytes, 300);
    /* What touches a piece finds room: behind it, before it, between two. */
    x_inject(x, .flags = TCP_ACK, .seq = 601, .ack = 1, .bytes = 100);
    CHECK_EQ(x_status(x).reassembly_bytes, 400);
    x_inject(x, .flags = TCP_ACK, .seq = 201, .ack = 1, .bytes = 100);
    CHECK_EQ(x_status(x).reassembly_bytes, 500);
    CHECK_EQ(x_usage(x).ranges, 2);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
    x_recv(x, 400);
}

TEST(an_empty_pool_of_pieces_refuses_and_goes_on_when_there_are_some)
{
    fixture *x = with_ranges(2, 16);

    x_inject(x, .flags = TCP_ACK, .seq = 101, .ack = 1, .bytes = 100);
    x_inject(x, .flags = TCP_ACK, .seq = 301, .ack = 1, .bytes = 100);
    CHECK_EQ(x_inject(x, .flags = TCP_ACK, .seq = 501, .ack = 1, .bytes = 100),
             TERN_RULE_REASSEMBLY_FULL);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
    x_inject(x, .flags = TCP_ACK, .seq = 501, .ack = 1, .bytes = 100);
    CHECK_EQ(x_usage(x).ranges, 2);
    x_inject(x, .flags = TCP_ACK, .seq = 201, .ack = 1, .bytes = 300);
    x_recv(x, 600);
    CHECK_EQ(x_usage(x).ranges, 0);
}

TEST(a_piece_that_joins_two_is_not_kept_twice_where_the_second_has_it)
{
    fixture *x = with_ranges(64, 16);

    x_inject(x, .flags = TCP_ACK, .seq = 201, .ack = 1, .bytes = 100);
    x_inject(x, .flags = TCP_ACK, .seq = 401, .ack = 1, .bytes = 100);
    x_inject(x, .flags = TCP_ACK, .seq = 151, .ack = 1, .bytes = 325); /* into the second */
    CHECK_EQ(x_status(x).reassembly_bytes, 350);
    CHECK_EQ(x_usage(x).ranges, 1);
    x_inject(x, .flags = TCP_ACK, .seq = 601, .ack = 1, .bytes = 100);
    x_inject(x, .flags = TCP_ACK, .seq = 451, .ack = 1, .bytes = 300); /* beyond the third */
    CHECK_EQ(x_status(x).reassembly_bytes, 600);
    CHECK_EQ(x_usage(x).ranges, 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 150);
    x_recv(x, 750);
}

/* Chunks for so many octets when each of them is at least half full. */
static uint32_t chunks_for(const fixture *x, uint32_t octets)
{
    return 2 * octets / (x->config.chunk_bytes - 8) + 2;
}

TEST(single_octets_from_behind_take_no_more_than_twice_their_room)
{
    fixture *x = with_ranges(64, 16);

    for (uint32_t at = 4000; at > 1; at--) {
        x_inject(x, .flags = TCP_ACK, .seq = at, .ack = 1, .bytes = 1);
        x_run(x, 0);
        CHECK(x_usage(x).chunks <= chunks_for(x, 4001 - at));
    }
    CHECK_EQ(x_usage(x).ranges, 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1);
    CHECK(x_usage(x).chunks <= chunks_for(x, 4000));
    x_recv(x, 4000);
    CHECK_EQ(x_usage(x).chunks, 0);
}

TEST(random_single_octets_take_no_more_than_twice_their_room_and_one_chunk_a_piece)
{
    fixture *x = with_ranges(64, 16);
    rng chance = rng_of_seed(5);

    for (unsigned i = 0; i < 4000; i++) {
        uint32_t at = 2 + rng_below(&chance, rng_below(&chance, 2) == 0 ? 60 : 3000);
        x_inject(x, .flags = TCP_ACK, .seq = at, .ack = 1, .bytes = 1);
        tern_usage u = x_usage(x);
        CHECK(u.ranges <= 16);
        CHECK(u.chunks <= chunks_for(x, x_status(x).reassembly_bytes) + u.ranges);
    }
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1400);
    x_inject(x, .flags = TCP_ACK, .seq = 1401, .ack = 1, .bytes = 1400);
    x_inject(x, .flags = TCP_ACK, .seq = 2801, .ack = 1, .bytes = 400);
    x_recv(x, 3200);
    CHECK_EQ(x_usage(x).ranges, 0);
    CHECK_EQ(x_usage(x).chunks, 0);
}

TEST(random_pieces_come_out_as_the_stream_they_are_of)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        fixture *x = with_ranges(64, 16);
        rng chance = rng_of_seed(seed);
        for (uint32_t read = 0; read < 30000;) {
            uint32_t at = read + 1 + rng_below(&chance, 4000), n = 1 + rng_below(&chance, 1200);
            at -= rng_below(&chance, 3) == 0 && at > 4000 ? 3000 : 0;
            x_inject(x, .flags = TCP_ACK, .seq = at, .ack = 1, .bytes = n);
            x_run(x, 0);
            uint32_t queued = x_status(x).recv_queue_bytes;
            if (queued > 0)
                x_recv(x, queued);
            read += queued;
        }
        fixture_end(x);
    }
}
