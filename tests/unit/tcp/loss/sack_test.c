/* sack_test.c - the SACK blocks that tern sends, and which of the peer's it believes (RFC 2018,
 * RFC 2883). */
#include "tests/unit/tcp_fixture.h"

static uint64_t hits(const fixture *x, tern_rule rule)
{
    return tern_counter(x->stack, rule);
}

/* SACK agreed, with timestamps or without. */
static fixture *agreed(bool timestamps, uint32_t ranges_per_connection)
{
    tern_config c = fixture_config();

    c.timestamps = timestamps;
    c.ranges_per_connection = ranges_per_connection;
    fixture *x = fixture_begin(&c);
    x_establish(x, WAY_PASSIVE | WAY_OPTIONS);
    x->peer.ts_on = timestamps;
    return x;
}

/* The peer sends the hundred octets at `at`, early. */
static void early(fixture *x, uint32_t at)
{
    x_inject(x, .flags = TCP_ACK, .seq = at, .ack = 1, .bytes = 100);
}

static tcp_sack_block block(uint32_t left, uint32_t right)
{
    return (tcp_sack_block){seq_of(left), seq_of(right)};
}

TEST(the_piece_that_came_last_is_reported_first)
{
    fixture *x = agreed(false, 16);

    early(x, 301);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .sack_count = 1, .sack = {block(301, 401)});
    early(x, 501);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .sack_count = 2,
             .sack = {block(501, 601), block(301, 401)});
    early(x, 101);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .sack_count = 3,
             .sack = {block(101, 201), block(501, 601), block(301, 401)});
    early(x, 401); /* grows the oldest, and joins it with another */
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .sack_count = 2,
             .sack = {block(301, 601), block(101, 201)});
    CHECK_EQ(hits(x, TERN_RULE_SACK_SENT), 4);
}

TEST(a_piece_that_came_again_is_the_newest)
{
    fixture *x = agreed(false, 16);

    early(x, 101);
    early(x, 301);
    early(x, 101);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .sack_count = 2,
             .sack = {block(101, 201), block(301, 401)});
}

TEST(four_blocks_fit_without_timestamps)
{
    fixture *x = agreed(false, 16);

    for (uint32_t at = 101; at <= 901; at += 200)
        early(x, at);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .sack_count = 4, .no_ts = true,
             .sack = {block(901, 1001), block(701, 801), block(501, 601), block(301, 401)});
}

TEST(three_blocks_fit_beside_timestamps)
{
    fixture *x = agreed(true, 16);

    for (uint32_t at = 101; at <= 901; at += 200)
        early(x, at);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .sack_count = 3, .ts = true,
             .sack = {block(901, 1001), block(701, 801), block(501, 601)});
}

TEST(what_is_in_order_is_reported_no_more)
{
    fixture *x = agreed(false, 16);

    early(x, 101);
    early(x, 301);
    x_run(x, 0);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 201, .sack_count = 1, .sack = {block(301, 401)});
    x_inject(x, .flags = TCP_ACK, .seq = 201, .ack = 1, .bytes = 100);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 401);
}

TEST(nothing_is_reported_to_a_peer_that_did_not_agree)
{
    fixture *x = fixture_begin(NULL);

    x_establish(x, WAY_PASSIVE);
    early(x, 101);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .no_options = true);
    CHECK_EQ(hits(x, TERN_RULE_SACK_SENT), 0);
}

/* ---- The scoreboard ---- */

static fixture *under_way(uint32_t ranges_per_connection)
{
    fixture *x = agreed(false, ranges_per_connection);

    x_send(x, 14600);
    CHECK_EQ(x_run(x, 0), 10);
    return x;
}

static void report(fixture *x, uint32_t ack, tcp_sack_block b)
{
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = ack, .sack_count = 1, .sack = {b});
}

TEST(blocks_outside_what_is_under_way_are_not_believed)
{
    fixture *x = under_way(16);

    report(x, 1, block(14000, 14602)); /* beyond SND.NXT */
    report(x, 1, block(3000, 3000));   /* empty */
    report(x, 1, block(5000, 3000));   /* backwards */
    report(x, 1, block(0, 1000));      /* from before SND.UNA into the flight */
    report(x, 1, block(0x70000000, 0x70001000));
    CHECK_EQ(hits(x, TERN_RULE_SACK_BLOCK_BAD), 5);
    CHECK_EQ(x_status(x).sacked, 0);
    CHECK_EQ(hits(x, TERN_RULE_ACK_DUPLICATE), 0);
    report(x, 1, block(14000, 14601)); /* up to it */
    CHECK_EQ(x_status(x).sacked, 601);
}

TEST(a_block_below_the_ack_reports_a_duplicate)
{
    fixture *x = under_way(16);

    report(x, 2921, block(1, 1461));
    CHECK_EQ(hits(x, TERN_RULE_SACK_DUPLICATE), 1);
    CHECK_EQ(x_status(x).sacked, 0);
    x_run(x, 0);
    report(x, 2921, block(1461, 2921));
    CHECK_EQ(hits(x, TERN_RULE_SACK_DUPLICATE), 2);
    CHECK_EQ(hits(x, TERN_RULE_ACK_DUPLICATE), 0);
    CHECK_EQ(hits(x, TERN_RULE_SACK_BLOCK_BAD), 0);
}

TEST(blocks_that_overlap_count_once)
{
    fixture *x = under_way(16);

    report(x, 1, block(2921, 5841));
    report(x, 1, block(4381, 7301));
    CHECK_EQ(x_status(x).sacked, 4380);
    report(x, 1, block(2921, 7301));
    CHECK_EQ(x_status(x).sacked, 4380);
    CHECK_EQ(hits(x, TERN_RULE_ACK_DUPLICATE), 2);
}

TEST(what_is_acknowledged_leaves_the_scoreboard)
{
    fixture *x = under_way(16);

    report(x, 1, block(2921, 5841));
    report(x, 4381, block(4381, 5841)); /* up to the middle of what was reported */
    CHECK_EQ(x_status(x).sacked, 1460);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 14601);
    CHECK_EQ(x_status(x).sacked, 0);
    CHECK_EQ(x_usage(x).ranges, 0);
}

TEST(a_full_scoreboard_ignores_what_is_new)
{
    fixture *x = under_way(2);

    report(x, 1, block(3000, 3010));
    report(x, 1, block(4000, 4010));
    report(x, 1, block(5000, 5010));
    CHECK_EQ(hits(x, TERN_RULE_SCOREBOARD_FULL), 1);
    CHECK_EQ(x_status(x).sacked, 20);
    CHECK_EQ(hits(x, TERN_RULE_ACK_DUPLICATE), 2);
    report(x, 1, block(3010, 3500));
    CHECK_EQ(x_status(x).sacked, 510);
}

TEST(an_old_ack_reports_nothing)
{
    fixture *x = under_way(16);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 2921);
    report(x, 1461, block(4381, 5841));
    CHECK_EQ(x_status(x).sacked, 0);
}
