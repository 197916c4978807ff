/* mtu_probe_test.c - black holes, and the search for more: path MTU without the help of ICMP. */
#include "tests/unit/icmp_fixture.h"

enum { BASE = 984, M = 1460, BULK_BYTES = 60000, WINDOW = 65535 };

static uint64_t count(const fixture *x, tern_rule rule)
{
    return tern_counter(x->stack, rule);
}

/* Takes what comes out; whole packets above mtu_bytes fall into the hole, the others are noted.
 * Returns the largest packet seen. */
struct narrow {
    uint32_t mtu_bytes;
    uint32_t next;     /* relative: what the peer waits for */
    uint32_t held_end; /* it also has [held_start, held_end), which came early */
    uint32_t held_start;
    uint32_t largest, dropped;
    bool sack;
    bool unlucky; /* the packet behind one that is too large is lost too */
};

static void narrow_takes(struct narrow *n, uint32_t start, uint32_t bytes)
{
    if (start <= n->next && start + bytes > n->next)
        n->next = start + bytes;
    else if (start > n->next && n->held_end == 0)
        n->held_start = start;
    if (start > n->next)
        n->held_end = start + bytes > n->held_end ? start + bytes : n->held_end;
    if (n->held_end != 0 && n->held_start <= n->next) {
        n->next = n->held_end > n->next ? n->held_end : n->next;
        n->held_end = 0;
    }
}

static void narrow_answers(fixture *x, const struct narrow *n)
{
    struct seg ack = {.flags = TCP_ACK, .seq = 1, .ack = n->next, .window = WINDOW};

    if (n->sack && n->held_end != 0) {
        ack.sack_count = 1;
        ack.sack[0] = (tcp_sack_block){seq_of(n->held_start), seq_of(n->held_end)};
    }
    x_inject_seg(x, ack);
}

/* One round: all that is owed goes out, each segment that passes is acknowledged. Returns how many
 * passed. */
static uint32_t narrow_round(fixture *x, struct narrow *n)
{
    uint8_t packet[2048];
    uint32_t starts[128], sizes[128], passed = 0;
    size_t bytes;
    bool unlucky = false;

    while ((bytes = x_output(x, packet)) > 0) {
        tcp_header tcp;
        CHECK_EQ(tcp_header_read(&tcp, packet + 20, bytes - 20), TERN_RULE_NONE);
        n->largest = bytes > n->largest ? (uint32_t)bytes : n->largest;
        bool lost = bytes > n->mtu_bytes || unlucky;
        unlucky = n->unlucky && bytes > n->mtu_bytes;
        if (lost) {
            n->dropped++;
            continue;
        }
        CHECK(passed < 128);
        starts[passed] = tcp.seq.v - x->peer.tern_iss;
        sizes[passed++] = (uint32_t)tcp.text_bytes;
    }
    for (uint32_t i = 0; i < passed; i++) {
        narrow_takes(n, starts[i], sizes[i]);
        narrow_answers(x, n);
    }
    return passed;
}

/* A bulk transfer through the hole; virtual time passes when nothing moves. */
static void narrow_transfer(fixture *x, struct narrow *n, uint32_t bytes)
{
    uint32_t end = n->next + bytes;

    for (uint32_t sent = 0, round = 0; n->next < end; round++) {
        CHECK(round < 3000);
        uint8_t text[4096] = {0};
        while (sent < bytes) {
            uint32_t want = bytes - sent < sizeof text ? bytes - sent : sizeof text;
            ptrdiff_t took = tern_send(x->stack, x->now_us, x->c, text, want);
            if (took <= 0)
                break;
            sent += (uint32_t)took;
        }
        if (narrow_round(x, n) == 0)
            x->now_us += 100000;
        else
            x->now_us += 10000;
    }
}

static fixture *bulk(tern_config *c, unsigned ways)
{
    c->timestamps = false;
    c->send_buffer_bytes = 128 * 1024;
    c->chunks_max = 512;
    fixture *x = fixture_begin(c);
    x_establish(x, ways);
    return x;
}

TEST(a_black_hole_is_found_by_timeouts_and_the_transfer_goes_on)
{
    for (unsigned ways = 0; ways < 2; ways++) {
        tern_config c = fixture_config();
        fixture *x = bulk(&c, WAY_ACTIVE | (ways == 0 ? 0 : WAY_OPTIONS));
        struct narrow n = {.mtu_bytes = 1300, .next = 1, .sack = ways == 1};
        tern_time began_us = x->now_us;
        narrow_transfer(x, &n, BULK_BYTES);
        CHECK_EQ(count(x, TERN_RULE_BLACK_HOLE_SUSPECTED), 1);
        CHECK(x->now_us - began_us < 12000000); /* 1 + 2 + 4 s, and the transfer */
    }
}

TEST(the_search_finds_what_the_path_takes)
{
    static const uint32_t mtus[] = {1100, 1300, 1400, 1492};

    for (unsigned i = 0; i < 8; i++) {
        tern_config c = fixture_config();
        bool sack = i >= 4;
        fixture *x = bulk(&c, WAY_ACTIVE | (sack ? WAY_OPTIONS : 0));
        struct narrow n = {.mtu_bytes = mtus[i % 4], .next = 1, .sack = sack};
        narrow_transfer(x, &n, 400000);
        CHECK(count(x, TERN_RULE_MTU_PROBE_LOST) > 0);
        CHECK_EQ(count(x, TERN_RULE_MTU_SEARCH_DONE), 1);
        CHECK(x_status(x).snd_mss + 40 <= n.mtu_bytes);
        CHECK(x_status(x).snd_mss + 40 + 17 > n.mtu_bytes);
        uint32_t dropped = n.dropped; /* and then it rests */
        narrow_transfer(x, &n, 200000);
        CHECK_EQ(n.dropped, dropped);
    }
}

TEST(a_lost_probe_alone_is_no_sign_of_congestion)
{
    tern_config c = fixture_config();
    fixture *x = bulk(&c, WAY_ACTIVE | WAY_OPTIONS);
    struct narrow n = {.mtu_bytes = 1300, .next = 1, .sack = true};

    while (count(x, TERN_RULE_MTU_PROBE_SENT) == 0)
        narrow_transfer(x, &n, 20000);
    uint32_t ssthresh = x_status(x).snd_ssthresh;
    narrow_transfer(x, &n, 300000);
    CHECK(count(x, TERN_RULE_MTU_PROBE_LOST) >= 3);
    CHECK_EQ(x_status(x).snd_ssthresh, ssthresh);
    CHECK_EQ(count(x, TERN_RULE_RTO_BACKOFF), 3); /* those of the black hole */
}

TEST(a_probe_lost_among_others_proves_nothing)
{
    tern_config c = fixture_config();
    fixture *x = bulk(&c, WAY_ACTIVE | WAY_OPTIONS);
    struct narrow n = {.mtu_bytes = 1300, .next = 1, .sack = true};

    while (count(x, TERN_RULE_BLACK_HOLE_SUSPECTED) == 0)
        narrow_transfer(x, &n, 3000);
    n.unlucky = true;
    while (count(x, TERN_RULE_MTU_PROBE_INCONCLUSIVE) == 0)
        narrow_transfer(x, &n, 20000);
    CHECK_EQ(count(x, TERN_RULE_MTU_PROBE_LOST), 0);
    CHECK(x_status(x).snd_ssthresh < 0x7fffffff); /* that was congestion */
}

TEST(an_outage_is_no_black_hole_and_the_first_probe_shows_it)
{
    tern_config c = fixture_config();
    fixture *x = bulk(&c, WAY_ACTIVE | WAY_OPTIONS);
    struct narrow n = {.mtu_bytes = 0, .next = 1, .sack = true};

    x_send(x, 5 * M);
    for (uint32_t ms = 0; ms < 8000; ms += 100) {
        CHECK_EQ(narrow_round(x, &n), 0);
        x->now_us += 100000;
    }
    CHECK_EQ(x_status(x).snd_mss, BASE);
    n.mtu_bytes = 1500;
    while (n.next < 1 + 5 * M) {
        (void)narrow_round(x, &n);
        x->now_us += 100000;
    }
    narrow_transfer(x, &n, 100000);
    CHECK_EQ(x_status(x).snd_mss, M);
    CHECK_EQ(count(x, TERN_RULE_MTU_PROBE_SENT), 1);
    CHECK_EQ(count(x, TERN_RULE_MTU_PROBE_PASSED), 1);
    CHECK_EQ(x_usage(x).path_mtus, 0);
}

TEST(at_a_black_hole_one_segment_goes_out_and_no_more)
{
    tern_config c = fixture_config();
    fixture *x = bulk(&c, WAY_ACTIVE);

    x_send(x, M);
    CHECK_EQ(x_run(x, 0), 1);
    x_expect_after(x, 1000, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = M);
    x_expect_after(x, 2000, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = M);
    x_expect_after(x, 4000, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = BASE);
    x_expect_nothing(x);
    CHECK_EQ(x_status(x).snd_cwnd, BASE);
}

TEST(below_the_base_there_is_the_floor)
{
    tern_config c = fixture_config();
    fixture *x = bulk(&c, WAY_ACTIVE);
    struct narrow n = {.mtu_bytes = 576, .next = 1};

    narrow_transfer(x, &n, 20000);
    CHECK_EQ(count(x, TERN_RULE_BLACK_HOLE_SUSPECTED), 2);
    CHECK(x_status(x).snd_mss <= 536);
}

TEST(small_segments_that_time_out_are_no_black_hole)
{
    tern_config c = fixture_config();
    fixture *x = bulk(&c, WAY_ACTIVE);

    x_send(x, 500);
    x_run(x, 40000);
    CHECK(count(x, TERN_RULE_RTO_BACKOFF) > 3);
    CHECK_EQ(count(x, TERN_RULE_BLACK_HOLE_SUSPECTED), 0);
    CHECK_EQ(x_status(x).snd_mss, M);
}

TEST(over_ipv6_the_base_is_the_least_mtu)
{
    tern_config c = fixture_config();
    fixture *x = bulk(&c, WAY_ACTIVE | WAY_IPV6);

    x_send(x, 5 * 1440);
    x_run(x, 60000);
    CHECK_EQ(count(x, TERN_RULE_BLACK_HOLE_SUSPECTED), 1);
    CHECK_EQ(x_status(x).snd_mss, 1220);
}

TEST(without_probing_a_black_hole_stays_one)
{
    tern_config c = fixture_config();

    c.path_mtu_discovery = TERN_PATH_MTU_ICMP;
    fixture *x = bulk(&c, WAY_ACTIVE);
    x_send(x, 5 * M);
    x_run(x, 60000);
    CHECK_EQ(count(x, TERN_RULE_BLACK_HOLE_SUSPECTED), 0);
    CHECK_EQ(x_status(x).snd_mss, M);
}

TEST(icmp_about_a_probe_shortens_the_search)
{
    tern_config c = fixture_config();
    fixture *x = bulk(&c, WAY_ACTIVE | WAY_OPTIONS);
    struct narrow n = {.mtu_bytes = 1300, .next = 1, .sack = true};
    uint8_t packet[2048];

    while (count(x, TERN_RULE_BLACK_HOLE_SUSPECTED) == 0 || x_status(x).unacked > 0)
        narrow_transfer(x, &n, 3000);
    while (count(x, TERN_RULE_MTU_PROBE_SENT) == 0) {
        if (x_status(x).send_queue_bytes < 20000)
            x_send(x, 20000);
        if (x_output(x, packet) == 0)
            x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = x_status(x).snd_nxt - x->peer.tern_iss,
                     .window = WINDOW);
    }
    uint32_t probe = x_status(x).snd_nxt - x->peer.tern_iss - 100; /* inside it */
    x_run(x, 0);
    CHECK_EQ(x_too_big(x, probe, 1300), TERN_RULE_PATH_MTU_RESENT);
    CHECK_EQ(count(x, TERN_RULE_MTU_PROBE_LOST), 1);
    CHECK_EQ(x_status(x).snd_mss, BASE);
    n.next = x_status(x).snd_una - x->peer.tern_iss;
    n.held_end = 0;
    narrow_transfer(x, &n, 100000);
    CHECK_EQ(x_status(x).snd_mss, 1260); /* exactly what ICMP said */
    CHECK_EQ(count(x, TERN_RULE_MTU_PROBE_LOST), 1);
}

TEST(what_a_probe_has_found_serves_the_next_connection)
{
    tern_config c = fixture_config();
    fixture *x = bulk(&c, WAY_ACTIVE | WAY_OPTIONS);
    struct narrow n = {.mtu_bytes = 1400, .next = 1, .sack = true};

    narrow_transfer(x, &n, 400000);
    uint16_t found = (uint16_t)x_status(x).snd_mss;
    CHECK(found > BASE && found <= 1360);
    x->peer.remote.port++;
    x_establish(x, WAY_ACTIVE);
    CHECK_EQ(x_status(x).snd_mss, found);
}

/* One larger segment goes out among the others of a flight, and a router has no room for it. */
static fixture *probe_too_big(uint32_t *probe)
{
    tern_config c = fixture_config();
    fixture *x = bulk(&c, WAY_ACTIVE);

    x_send(x, M);
    CHECK_EQ(x_run(x, 0), 1);
    CHECK_EQ(x_too_big(x, 1, 1000), TERN_RULE_PATH_MTU_RESENT);
    x_run(x, 0);
    *probe = x_status(x).snd_nxt - x->peer.tern_iss;
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = *probe, .window = WINDOW);
    x_run(x, 601 * 1000);
    x_send(x, M + 4 * 960);
    CHECK_EQ(x_run(x, 0), 5);
    CHECK_EQ(count(x, TERN_RULE_MTU_PROBE_SENT), 1);
    CHECK_EQ(x_too_big(x, *probe, 1200), TERN_RULE_PATH_MTU_RESENT);
    return x;
}

TEST(of_a_flight_only_the_probe_that_was_too_big_goes_again)
{
    uint32_t probe;
    fixture *x = probe_too_big(&probe);
    uint32_t cwnd = x_status(x).snd_cwnd;

    x_expect(x, .flags = TCP_ACK, .seq = probe, .ack = 1, .bytes = 960);
    x_expect(x, .flags = TCP_ACK, .seq = probe + 960, .ack = 1, .bytes = M - 960);
    x_expect_nothing(x);
    CHECK_EQ(x_status(x).snd_cwnd, cwnd);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = probe + M + 4 * 960, .window = WINDOW);
    CHECK_EQ(x_status(x).unacked, 0);
}

TEST(what_icmp_said_of_a_probe_makes_nothing_larger_and_is_not_asked_again_soon)
{
    uint32_t probe;
    fixture *x = probe_too_big(&probe);

    x_run(x, 0);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = probe + M + 4 * 960, .window = WINDOW);
    x_send(x, 6 * 960);
    CHECK_EQ(x_run(x, 0), 6);
    CHECK_EQ(count(x, TERN_RULE_MTU_PROBE_SENT), 1);
    CHECK_EQ(x_status(x).snd_mss, 960);
    x->peer.remote.port++;
    x_establish(x, WAY_ACTIVE);
    CHECK_EQ(x_status(x).snd_mss, 1160); /* a new connection begins as the router said */
}
