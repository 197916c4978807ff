/* sack_test.c - the SACK blocks that tern sends, and which of the peer's it believes (RFC 2018,
 * RFC 2883). */
#include "tests/unit/tcp_fixture.h"

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
    CHECK_EQ(x_hits(x, TERN_RULE_SACK_SENT), 4);
}

TEST(a_piece_that_came_again_is_the_newest)
{
    fixture *x = agreed(false, 16);

    early(x, 101);
    early(x, 301);
    early(x, 101);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .sack_count = 3,
             .sack = {block(101, 201), block(101, 201), block(301, 401)});
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
    CHECK_EQ(x_hits(x, TERN_RULE_SACK_SENT), 0);
}

/* ---- What came twice ---- */

TEST(old_text_is_told_in_the_first_block_once)
{
    fixture *x = agreed(false, 16);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 200);
    x_run(x, 100);
    x_inject(x, .flags = TCP_ACK, .seq = 51, .ack = 1, .bytes = 50);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 201, .sack_count = 1, .sack = {block(51, 101)});
    early(x, 301);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 201, .sack_count = 1, .sack = {block(301, 401)});
    CHECK_EQ(x_hits(x, TERN_RULE_DUPLICATE_TOLD), 1);
    CHECK_EQ(x_usage(x).ranges, 1);
}

/* RFC 2883 4.2.1: half of the segment is new, and the ACK does not wait. */
TEST(the_old_half_of_a_segment_is_told_at_once)
{
    fixture *x = agreed(false, 16);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
    x_run(x, 100);
    x_inject(x, .flags = TCP_ACK, .seq = 51, .ack = 1, .bytes = 100);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 151, .sack_count = 1, .sack = {block(51, 101)});
    x_recv(x, 150);
    x_inject(x, .flags = TCP_ACK | TCP_FIN, .seq = 101, .ack = 1, .bytes = 50);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 152, .sack_count = 1, .sack = {block(101, 151)});
    CHECK_EQ(x_usage(x).ranges, 0);
}

/* RFC 2883 4.2: of several pieces that one segment repeats, the first; then the block it is in. */
TEST(the_first_piece_that_a_segment_repeats_is_told)
{
    fixture *x = agreed(false, 16);

    early(x, 301);
    early(x, 501);
    early(x, 701);
    x_run(x, 0);
    x_inject(x, .flags = TCP_ACK, .seq = 251, .ack = 1, .bytes = 300);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .sack_count = 3,
             .sack = {block(301, 401), block(251, 601), block(701, 801)});
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 275); /* fills the gap, and more */
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 601, .sack_count = 2,
             .sack = {block(251, 276), block(701, 801)});
}

TEST(beside_timestamps_the_duplicate_leaves_room_for_two)
{
    fixture *x = agreed(true, 16);

    for (uint32_t at = 101; at <= 701; at += 200)
        early(x, at);
    x_run(x, 0);
    early(x, 301);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .sack_count = 3, .ts = true,
             .sack = {block(301, 401), block(301, 401), block(701, 801)});
}

/* Two before an ACK could go: that of the most recent packet is told (RFC 2883 4). */
TEST(the_latest_duplicate_is_the_one_that_is_told)
{
    fixture *x = agreed(false, 16);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 300);
    x_run(x, 100);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
    x_inject(x, .flags = TCP_ACK, .seq = 101, .ack = 1, .bytes = 100);
    CHECK_EQ(x_usage(x).ranges, 1);
    x_inject(x, .flags = TCP_ACK, .seq = 301, .ack = 1, .bytes = 10); /* in order, meanwhile */
    CHECK_EQ(x_status(x).recv_queue_bytes, 310);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 311, .sack_count = 1, .sack = {block(101, 201)});
    x_expect_nothing(x);
}

TEST(what_came_twice_is_not_unread)
{
    fixture *x = agreed(false, 16);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
    x_recv(x, 100);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
    CHECK_EQ(x_usage(x).ranges, 1);
    CHECK_EQ(tern_close(x->stack, x->now_us, x->c), TERN_OK); /* no reset */
    x_state(x, TERN_FIN_WAIT_1);
    CHECK_EQ(x_usage(x).ranges, 0);
}

TEST(duplicates_are_not_told_without_sack_or_against_the_configuration)
{
    for (unsigned on = 0; on < 2; on++) {
        tern_config c = fixture_config();
        c.dsack = on;
        c.timestamps = false;
        fixture *x = fixture_begin(&c);
        x_establish(x, on ? WAY_PASSIVE : WAY_PASSIVE | WAY_OPTIONS);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
        x_run(x, 100);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
        x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 101, .no_options = true);
    }
}

TEST(a_duplicate_that_finds_no_room_is_not_told)
{
    tern_config c = fixture_config();

    c.timestamps = false;
    c.ranges_max = 1;
    fixture *x = fixture_begin(&c);
    x_establish(x, WAY_PASSIVE | WAY_OPTIONS);
    early(x, 101);
    early(x, 101);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .sack_count = 1, .sack = {block(101, 201)});
    CHECK_EQ(x_hits(x, TERN_RULE_DUPLICATE_UNTOLD), 1);
}

TEST(a_forged_syn_repeats_nothing)
{
    fixture *x = agreed(false, 16);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 100);
    x_run(x, 100);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .seq = 1, .ack = 1, .bytes = 50);
    x_inject(x, .flags = TCP_RST, .seq = 1, .bytes = 50);
    CHECK_EQ(x_usage(x).ranges, 0);
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
    CHECK_EQ(x_hits(x, TERN_RULE_SACK_BLOCK_BAD), 5);
    CHECK_EQ(x_status(x).sacked, 0);
    CHECK_EQ(x_hits(x, TERN_RULE_ACK_DUPLICATE), 0);
    report(x, 1, block(14000, 14601)); /* up to it */
    CHECK_EQ(x_status(x).sacked, 601);
}

TEST(a_block_below_the_ack_reports_a_duplicate)
{
    fixture *x = under_way(16);

    report(x, 2921, block(1, 1461));
    CHECK_EQ(x_hits(x, TERN_RULE_SACK_DUPLICATE), 1);
    CHECK_EQ(x_status(x).sacked, 0);
    x_run(x, 0);
    report(x, 2921, block(1461, 2921));
    CHECK_EQ(x_hits(x, TERN_RULE_SACK_DUPLICATE), 2);
    CHECK_EQ(x_hits(x, TERN_RULE_ACK_DUPLICATE), 0);
    CHECK_EQ(x_hits(x, TERN_RULE_SACK_BLOCK_BAD), 0);
}

TEST(a_first_block_inside_the_second_reports_a_duplicate)
{
    fixture *x = under_way(16);

    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .sack_count = 2,
             .sack = {block(2921, 4381), block(2921, 5841)});
    CHECK_EQ(x_hits(x, TERN_RULE_SACK_DUPLICATE), 1);
    CHECK_EQ(x_status(x).sacked, 2920);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .sack_count = 2,
             .sack = {block(7301, 8761), block(2921, 5841)});
    CHECK_EQ(x_hits(x, TERN_RULE_SACK_DUPLICATE), 1);
}

TEST(blocks_that_overlap_count_once)
{
    fixture *x = under_way(16);

    report(x, 1, block(2921, 5841));
    report(x, 1, block(4381, 7301));
    CHECK_EQ(x_status(x).sacked, 4380);
    report(x, 1, block(2921, 7301));
    CHECK_EQ(x_status(x).sacked, 4380);
    CHECK_EQ(x_hits(x, TERN_RULE_ACK_DUPLICATE), 2);
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
    CHECK_EQ(x_hits(x, TERN_RULE_SCOREBOARD_FULL), 1);
    CHECK_EQ(x_status(x).sacked, 20);
    CHECK_EQ(x_hits(x, TERN_RULE_ACK_DUPLICATE), 2);
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
