/* fragments_test.c - datagrams that come in pieces: every order, every doubt, every bound. */
#include "stack/fragments.h"

#include "tests/unit/tcp_fixture.h"

#include "base/bytes.h"
#include "wire/checksum.h"
#include "wire/icmp.h"

enum {
    PACKET_BYTES = 65535,
    FRAGMENTS = 4,    /* datagrams at a time */
    DATAGRAM = 40000, /* octets of the largest */
    FRAGMENT_HEADER = 44,
    ECHO_BODY = 1400,
};

static uint8_t whole[2 * PACKET_BYTES], piece[PACKET_BYTES];

/* A piece of a datagram's payload. */
struct cut {
    size_t at, bytes;
    bool more;
    uint32_t id;
    uint8_t tos;
};

static tern_config config(void)
{
    tern_config c = fixture_config();

    c.fragments_max = FRAGMENTS;
    c.datagram_bytes_max = DATAGRAM;
    return c;
}

static fixture *begin(bool ipv6)
{
    tern_config c = config();
    fixture *x = fixture_begin(&c);

    if (ipv6)
        x_ipv6(x);
    return x;
}

static void fix_ip_checksum(uint8_t *packet)
{
    put_be16(packet + 10, 0);
    put_be16(packet + 10, checksum_finish(checksum_add(0, packet, 20)));
}

/* Builds the piece of `datagram`, an IP packet without options or extension headers. */
static size_t cut_build(const uint8_t *datagram, struct cut c, uint8_t *packet)
{
    bool ipv6 = datagram[0] >> 4 == 6;
    size_t header = ipv6 ? 40 : 20, front = ipv6 ? 48 : 20;

    memcpy(packet, datagram, header);
    memcpy(packet + front, datagram + header + c.at, c.bytes);
    if (ipv6) {
        packet[0] = (uint8_t)(0x60 | c.tos >> 4);
        packet[1] = (uint8_t)(c.tos << 4);
        put_be16(packet + 4, (uint16_t)(8 + c.bytes));
        packet[6] = FRAGMENT_HEADER;
        packet[40] = datagram[6];
        packet[41] = 0;
        put_be16(packet + 42, (uint16_t)(c.at | (c.more ? 1 : 0)));
        put_be32(packet + 44, c.id);
    } else {
        packet[1] = c.tos;
        put_be16(packet + 2, (uint16_t)(20 + c.bytes));
        put_be16(packet + 4, (uint16_t)c.id);
        put_be16(packet + 6, (uint16_t)(c.at / 8 | (c.more ? 0x2000 : 0)));
        fix_ip_checksum(packet);
    }
    return front + c.bytes;
}

static tern_rule send_cut(fixture *x, struct cut c)
{
    return x_inject_packet(x, piece, cut_build(whole, c, piece));
}

/* The piece [at, end) of `whole`; the datagram's payload has `total` octets. */
static tern_rule send_piece(fixture *x, size_t at, size_t end, size_t total)
{
    return send_cut(x, (struct cut){.at = at, .bytes = end - at, .more = end < total, .id = 7});
}

/* An echo request with this many octets in all, whole; returns its payload's octets. */
static size_t an_echo(const fixture *x, uint8_t *packet, size_t payload_bytes)
{
    bool ipv4 = tern_address_is_ipv4(&x->peer.local.address);
    ip_fields ip = {
        .source = x->peer.remote.address,
        .destination = x->peer.local.address,
        .protocol = ipv4 ? IP_PROTOCOL_ICMP : IP_PROTOCOL_ICMPV6,
        .ttl = 64,
        .payload_bytes = payload_bytes,
    };
    uint8_t *m = packet + ip_write(packet, &ip);

    for (size_t i = 0; i < payload_bytes; i++)
        m[i] = pattern_octet((uint32_t)i);
    memset(m, 0, 4);
    m[0] = ipv4 ? 8 : 128;
    checksum_sum sum = ipv4 ? 0
                            : checksum_pseudo(&ip.source, &ip.destination, IP_PROTOCOL_ICMPV6,
                                              (uint32_t)payload_bytes);
    put_be16(m + 2, checksum_finish(checksum_add(sum, m, payload_bytes)));
    return payload_bytes;
}

static void check_empty(const fixture *x)
{
    CHECK_EQ(x_usage(x).fragments, 0);
    CHECK_EQ(x_usage(x).chunks, 0);
}

/* The echo of `whole` comes out, and nothing is left behind. */
static void expect_echo(fixture *x, size_t payload_bytes)
{
    uint8_t reply[PACKET_BYTES];
    size_t header = tern_address_is_ipv4(&x->peer.local.address) ? 20 : 40;

    CHECK_EQ(x_output(x, reply), header + payload_bytes);
    CHECK_MEM(reply + header + 4, whole + header + 4, payload_bytes - 4);
    x_expect_nothing(x);
    check_empty(x);
}

/* Order number n of `count` things, count! of them. */
static void permute(unsigned n, unsigned count, unsigned *order)
{
    for (unsigned i = 0; i < count; i++)
        order[i] = i;
    for (unsigned i = count; i > 1; i--) {
        unsigned j = n % i, kept = order[i - 1];
        n /= i;
        order[i - 1] = order[j];
        order[j] = kept;
    }
}

TEST(fragments_in_every_order_make_the_datagram)
{
    static const size_t ends[] = {0, 24, 504, 512, 1000, 1408};
    unsigned order[5];

    for (unsigned ipv6 = 0; ipv6 < 2; ipv6++) {
        fixture *x = begin(ipv6);
        size_t total = an_echo(x, whole, 8 + ECHO_BODY);
        for (unsigned n = 0; n < 120; n++) {
            permute(n, 5, order);
            for (unsigned i = 0; i < 4; i++)
                CHECK_EQ(send_piece(x, ends[order[i]], ends[order[i] + 1], total),
                         TERN_RULE_FRAGMENT_KEPT);
            CHECK_EQ(x_usage(x).fragments, 1);
            CHECK_EQ(send_piece(x, ends[order[4]], ends[order[4] + 1], total),
                     TERN_RULE_ECHO_ANSWERED);
            expect_echo(x, total);
        }
        CHECK_EQ(tern_counter(x->stack, TERN_RULE_DATAGRAM_REASSEMBLED), 120);
        CHECK(tern_deadline(x->stack) == TERN_NEVER);
        fixture_end(x);
    }
}

/* A segment of TCP larger than the link, through a peer whose path cuts it up. */
static void segment_in_pieces(bool ipv6, uint32_t seed)
{
    fixture *x = begin(ipv6);
    enum { PIECES_MAX = 200 };
    size_t starts[PIECES_MAX + 1];
    unsigned pieces = 0, order[PIECES_MAX];
    uint32_t text = 20000, random = seed;

    x_establish(x, ipv6 ? WAY_IPV6 : WAY_PASSIVE);
    struct seg s = {.flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = text};
    size_t total = x_build(x, &s, whole) - (ipv6 ? 40 : 20);
    for (size_t at = 0; at < total;) {
        random = random * 1664525 + 1013904223;
        starts[pieces++] = at;
        at += 24 + 8 * (random >> 16) % 1400 / 8 * 8;
    }
    starts[pieces] = total;
    for (unsigned i = 0; i < pieces; i++)
        order[i] = i;
    for (unsigned i = pieces; i > 1; i--) { /* near its place, so that the runs suffice */
        random = random * 1664525 + 1013904223;
        unsigned j = i - 1 - (random >> 16) % (i < 20 ? i : 20), kept = order[i - 1];
        order[i - 1] = order[j];
        order[j] = kept;
    }
    for (unsigned i = 0; i < pieces; i++) {
        send_piece(x, starts[order[i]], starts[order[i] + 1], total);
        if (i % 3 == 1 && i < pieces - 1)
            CHECK_EQ(send_piece(x, starts[order[i]], starts[order[i] + 1], total),
                     TERN_RULE_FRAGMENT_DUPLICATE);
        if (i % 7 == 0)
            x_move(x);
    }
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_DATAGRAM_REASSEMBLED), 1);
    x_recv(x, text);
    check_empty(x);
    fixture_end(x);
}

TEST(a_segment_in_many_pieces_with_duplicates_is_delivered_once)
{
    for (uint32_t seed = 1; seed <= 10; seed++)
        segment_in_pieces(seed % 2 == 0, seed);
}

TEST(a_duplicate_is_dropped_and_the_rest_kept)
{
    fixture *x = begin(false);
    size_t total = an_echo(x, whole, 1000);

    CHECK_EQ(send_piece(x, 0, 400, total), TERN_RULE_FRAGMENT_KEPT);
    CHECK_EQ(send_piece(x, 0, 400, total), TERN_RULE_FRAGMENT_DUPLICATE);
    CHECK_EQ(send_piece(x, 8, 16, total), TERN_RULE_FRAGMENT_DUPLICATE); /* inside it */
    CHECK_EQ(send_piece(x, 400, 800, total), TERN_RULE_FRAGMENT_KEPT);
    CHECK_EQ(send_piece(x, 200, 600, total), TERN_RULE_FRAGMENT_DUPLICATE); /* inside both */
    CHECK_EQ(send_piece(x, 800, 1000, total), TERN_RULE_ECHO_ANSWERED);
    expect_echo(x, total);
}

/* What comes second overlaps what came first; then nothing of the datagram is taken any more. */
static void overlap(bool ipv6, struct cut first, struct cut second)
{
    fixture *x = begin(ipv6);

    an_echo(x, whole, 1000);
    first.id = second.id = 7;
    CHECK_EQ(send_cut(x, first), TERN_RULE_FRAGMENT_KEPT);
    CHECK_EQ(send_cut(x, second), TERN_RULE_FRAGMENTS_OVERLAP);
    CHECK_EQ(x_usage(x).chunks, 0);
    for (size_t at = 0; at < 1000; at += 200)
        CHECK_EQ(send_piece(x, at, at + 200, 1000), TERN_RULE_FRAGMENT_REFUSED);
    x_expect_nothing(x);
    CHECK_EQ(x_usage(x).fragments, 1);
    x_advance(x, x->config.fragment_ms + 1);
    check_empty(x);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_FRAGMENTS_EXPIRED), 0);
    send_piece(x, 0, 400, 1000); /* the name may be used again */
    send_piece(x, 400, 1000, 1000);
    expect_echo(x, 1000);
    fixture_end(x);
}

TEST(fragments_that_overlap_refuse_the_datagram)
{
    static const struct cut held = {.at = 400, .bytes = 200, .more = true};
    static const struct cut over[] = {
        {.at = 0, .bytes = 408, .more = true},   /* its beginning */
        {.at = 592, .bytes = 16, .more = true},  /* its end */
        {.at = 392, .bytes = 216, .more = true}, /* around it */
        {.at = 592, .bytes = 408},               /* the last one */
    };

    for (unsigned i = 0; i < sizeof over / sizeof over[0]; i++) {
        overlap(false, held, over[i]);
        overlap(true, held, over[i]);
    }
}

TEST(fragments_that_disagree_about_the_end_refuse_the_datagram)
{
    static const struct cut last = {.at = 800, .bytes = 200},
                            middle = {.at = 800, .bytes = 160, .more = true};

    for (unsigned ipv6 = 0; ipv6 < 2; ipv6++) {
        overlap(ipv6, last, (struct cut){.at = 1000, .bytes = 8, .more = true});
        overlap(ipv6, last, (struct cut){.at = 600, .bytes = 100});
        overlap(ipv6, last, (struct cut){.at = 1000, .bytes = 100});
        overlap(ipv6, (struct cut){.at = 800, .bytes = 160}, /* more, and yet the same end */
                (struct cut){.at = 760, .bytes = 200, .more = true});
        overlap(ipv6, middle, (struct cut){.at = 600, .bytes = 8});
    }
}

TEST(the_same_octets_with_another_content_refuse_the_datagram)
{
    fixture *x = begin(false);

    an_echo(x, whole, 1000);
    send_piece(x, 0, 400, 1000);
    whole[20 + 399] ^= 1;
    CHECK_EQ(send_piece(x, 0, 400, 1000), TERN_RULE_FRAGMENTS_OVERLAP);
    CHECK_EQ(send_piece(x, 400, 1000, 1000), TERN_RULE_FRAGMENT_REFUSED);
    x_expect_nothing(x);
}

TEST(a_fragment_of_an_impossible_form_is_bad)
{
    for (unsigned ipv6 = 0; ipv6 < 2; ipv6++) {
        fixture *x = begin(ipv6);
        size_t header = ipv6 ? 40 : 20;
        an_echo(x, whole, 1000);
        struct cut bad[] = {
            {.at = 0, .bytes = 0, .more = true},
            {.at = 8, .bytes = 0},
            {.at = 0, .bytes = 397, .more = true},
            {.at = 8, .bytes = 4, .more = true},
            {.at = (DATAGRAM - header) / 8 * 8, .bytes = 100},
            {.at = 65528, .bytes = 100},
        };
        for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
            CHECK_EQ(send_cut(x, bad[i]), TERN_RULE_FRAGMENT_BAD);
        check_empty(x);
        size_t last = (DATAGRAM - header) / 8 * 8; /* the largest there can be */
        struct cut most = {.at = last, .bytes = DATAGRAM - header - last};
        CHECK_EQ(most.bytes > 0 ? send_cut(x, most) : TERN_RULE_FRAGMENT_KEPT,
                 TERN_RULE_FRAGMENT_KEPT);
        fixture_end(x);
    }
}

TEST(a_first_fragment_without_all_headers_refuses_the_datagram)
{
    for (unsigned ipv6 = 0; ipv6 < 2; ipv6++) {
        fixture *x = begin(ipv6);
        struct seg syn = {.flags = TCP_SYN};
        x_listen(x);
        size_t header = ipv6 ? 40 : 20, total = x_build(x, &syn, whole) - header;
        CHECK_EQ(total, 20);
        for (size_t first = 8; first <= 16; first += 8) {
            struct cut tiny = {.bytes = first, .more = true, .id = (uint32_t)first};
            struct cut rest = {.at = first, .bytes = total - first, .id = (uint32_t)first};
            CHECK_EQ(send_cut(x, tiny), TERN_RULE_FRAGMENT_HEADER_SPLIT);
            CHECK_EQ(send_cut(x, rest), TERN_RULE_FRAGMENT_REFUSED);
        }
        x_expect_nothing(x);
        CHECK_EQ(x_usage(x).chunks, 0);
        fixture_end(x);
    }
}

/* Puts a destination options header of `bytes` octets in front of what `whole` carries. */
static void push_options(size_t total, size_t bytes)
{
    memmove(whole + 40 + bytes, whole + 40, total);
    memset(whole + 40, 0, bytes);
    whole[40] = whole[6];
    whole[41] = (uint8_t)(bytes / 8 - 1);
    whole[42] = 1; /* PadN */
    whole[43] = (uint8_t)(bytes - 4);
    whole[6] = 60;
    put_be16(whole + 4, (uint16_t)(total + bytes));
}

TEST(extension_headers_in_the_fragments_are_read_in_the_first)
{
    fixture *x = begin(true);
    size_t total = an_echo(x, whole, 1000);
    uint8_t reply[PACKET_BYTES];

    push_options(total, 64);
    CHECK_EQ(send_cut(x, (struct cut){.bytes = 56, .more = true, .id = 1}),
             TERN_RULE_FRAGMENT_HEADER_SPLIT);
    CHECK_EQ(send_cut(x, (struct cut){.bytes = 64, .more = true, .id = 2}),
             TERN_RULE_FRAGMENT_HEADER_SPLIT);
    CHECK_EQ(send_cut(x, (struct cut){.at = 504, .bytes = 560, .id = 3}), TERN_RULE_FRAGMENT_KEPT);
    CHECK_EQ(send_cut(x, (struct cut){.bytes = 504, .more = true, .id = 3}),
             TERN_RULE_ECHO_ANSWERED);
    CHECK_EQ(x_output(x, reply), 40 + total);
    CHECK_MEM(reply + 44, whole + 40 + 64 + 4, total - 4);
}

TEST(an_unknown_protocol_in_fragments_is_not_kept)
{
    for (unsigned ipv6 = 0; ipv6 < 2; ipv6++) {
        fixture *x = begin(ipv6);
        an_echo(x, whole, 1000);
        whole[ipv6 ? 6 : 9] = IP_PROTOCOL_UDP;
        CHECK_EQ(send_piece(x, 0, 400, 1000), TERN_RULE_PROTOCOL_UNKNOWN);
        CHECK_EQ(x_usage(x).chunks, 0);
        fixture_end(x);
    }
    fixture *x = begin(true);
    an_echo(x, whole, 1000);
    whole[6] = FRAGMENT_HEADER; /* a fragment of a fragment */
    whole[40 + 3] = 1;
    CHECK_EQ(send_piece(x, 0, 400, 1000), TERN_RULE_IP_EXTENSION_UNKNOWN);
    whole[6] = 59;
    CHECK_EQ(send_cut(x, (struct cut){.bytes = 400, .more = true, .id = 8}),
             TERN_RULE_IP_EXTENSION_UNKNOWN);
}

TEST(the_first_fragments_next_header_counts)
{
    fixture *x = begin(true);
    size_t total = an_echo(x, whole, 1000);

    whole[6] = IP_PROTOCOL_UDP;
    send_piece(x, 400, 1000, total);
    whole[6] = IP_PROTOCOL_ICMPV6;
    CHECK_EQ(send_piece(x, 0, 400, total), TERN_RULE_ECHO_ANSWERED);
    expect_echo(x, total);
}

/* The second half of a datagram of another name does not finish this one. */
static void check_kept_apart(fixture *x, struct cut second)
{
    CHECK_EQ(send_cut(x, second), TERN_RULE_FRAGMENT_KEPT);
    CHECK_EQ(x_usage(x).fragments, 2);
    x_expect_nothing(x);
}

TEST(fragments_of_different_datagrams_are_kept_apart)
{
    static const struct cut second = {.at = 400, .bytes = 600, .id = 7};

    for (unsigned other = 0; other < 6; other++) {
        bool ipv6 = other >= 3;
        fixture *x = begin(ipv6);
        an_echo(x, whole, 1000);
        send_piece(x, 0, 400, 1000);
        if (other % 3 == 0) {
            struct cut renamed = second;
            renamed.id = ipv6 ? 0x10007 : 8;
            check_kept_apart(x, renamed);
        } else if (other % 3 == 1) {
            x->peer.remote.address.octets[15]++;
            an_echo(x, whole, 1000);
            check_kept_apart(x, second);
        } else if (!ipv6) {
            whole[9] = IP_PROTOCOL_TCP;
            check_kept_apart(x, second);
        }
        fixture_end(x);
    }
}

TEST(the_oldest_datagram_gives_way)
{
    fixture *x = begin(false);
    size_t total = an_echo(x, whole, 1000);

    for (uint32_t id = 1; id <= FRAGMENTS; id++)
        CHECK_EQ(send_cut(x, (struct cut){.bytes = 400, .more = true, .id = id}),
                 TERN_RULE_FRAGMENT_KEPT);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_FRAGMENTS_FULL), 0);
    send_cut(x, (struct cut){.bytes = 400, .more = true, .id = FRAGMENTS + 1});
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_FRAGMENTS_FULL), 1);
    CHECK_EQ(x_usage(x).fragments, FRAGMENTS);
    CHECK_EQ(send_cut(x, (struct cut){.at = 400, .bytes = 600, .id = 2}), TERN_RULE_ECHO_ANSWERED);
    x_output(x, piece);
    CHECK_EQ(send_cut(x, (struct cut){.at = 400, .bytes = 600, .id = 1}), TERN_RULE_FRAGMENT_KEPT);
    CHECK_EQ(total, 1000);
    x_expect_nothing(x);
}

TEST(fragments_hold_at_most_a_quarter_of_the_chunks)
{
    tern_config c = config();

    c.chunks_max = 64; /* of 1016 octets */
    fixture *x = fixture_begin(&c);
    an_echo(x, whole, 1400);
    for (uint32_t id = 1; id <= 100; id++) { /* two chunks each, one of them hardly used */
        send_cut(x, (struct cut){.at = 8 * id, .bytes = 1024, .more = true, .id = id % 4});
        CHECK(x_usage(x).chunks <= 16);
    }
    for (uint32_t at = 8; at < 30000; at += 2000) /* one datagram alone */
        send_cut(x, (struct cut){.at = at, .bytes = 1016, .more = true, .id = 9});
    for (uint32_t at = 1024; at < 30000; at += 2000)
        send_cut(x, (struct cut){.at = at, .bytes = 8, .more = true, .id = 9});
    CHECK(x_usage(x).chunks <= 16);
    CHECK(tern_counter(x->stack, TERN_RULE_FRAGMENTS_FULL) > 0);
    x_advance(x, 70000);
    check_empty(x);
}

TEST(fragments_leave_a_full_pool_to_the_connections)
{
    tern_config c = config();

    c.chunks_max = 8;
    fixture *x = fixture_begin(&c);
    x_establish(x, WAY_PASSIVE);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1460); /* two chunks */
    x_run(x, 0);
    x_send(x, 6000);
    CHECK_EQ(x_usage(x).chunks, 8);
    an_echo(x, whole, 1000);
    CHECK_EQ(send_piece(x, 0, 400, 1000), TERN_RULE_FRAGMENTS_FULL);
    CHECK_EQ(send_piece(x, 400, 1000, 1000), TERN_RULE_FRAGMENT_REFUSED);
    CHECK_EQ(x_usage(x).chunks, 8);
}

TEST(a_datagram_in_too_many_runs_is_refused)
{
    fixture *x = begin(false);

    an_echo(x, whole, 1000);
    for (size_t i = 0; i < FRAGMENT_RUNS_MAX; i++)
        CHECK_EQ(send_piece(x, 16 * i + 8, 16 * i + 16, 1000), TERN_RULE_FRAGMENT_KEPT);
    CHECK_EQ(send_piece(x, 800, 808, 1000), TERN_RULE_FRAGMENTS_FULL);
    CHECK_EQ(x_usage(x).chunks, 0);
    CHECK_EQ(send_piece(x, 0, 8, 1000), TERN_RULE_FRAGMENT_REFUSED);
}

TEST(the_rest_that_does_not_come_in_time_is_not_waited_for)
{
    fixture *x = begin(false);
    size_t total = an_echo(x, whole, 1000);

    x->now_us += 300; /* the millisecond is not over */
    send_piece(x, 0, 400, total);
    x_advance(x, 30000);
    send_cut(x, (struct cut){.bytes = 400, .more = true, .id = 8});
    x_advance(x, 29999);
    send_piece(x, 400, 800, total); /* does not begin the time anew */
    CHECK_EQ(x_usage(x).fragments, 2);
    x_advance(x, 2);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_FRAGMENTS_EXPIRED), 1);
    CHECK_EQ(x_usage(x).fragments, 1);
    CHECK_EQ(send_piece(x, 800, 1000, total), TERN_RULE_FRAGMENT_KEPT); /* of a new one */
    x_advance(x, 60000);
    x_advance(x, 1);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_FRAGMENTS_EXPIRED), 3);
    check_empty(x);
    CHECK(tern_deadline(x->stack) == TERN_NEVER);
}

/* 32 bits of milliseconds are 0 at that moment, and were 0 before anything ran. */
TEST(what_is_due_at_the_first_output_is_done_even_at_the_wrap_of_the_clock)
{
    fixture *x = begin(false);
    size_t total = an_echo(x, whole, 1000);

    x->now_us = (UINT64_C(1) << 32) * 1000 - x->config.fragment_ms * UINT64_C(1000);
    CHECK_EQ(send_piece(x, 0, 400, total), TERN_RULE_FRAGMENT_KEPT);
    x->now_us = (UINT64_C(1) << 32) * 1000;
    CHECK_EQ(tern_output(x->stack, x->now_us, whole, sizeof whole), 0);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_FRAGMENTS_EXPIRED), 1);
    CHECK(tern_deadline(x->stack) == TERN_NEVER);
}

TEST(a_stack_that_sleeps_for_weeks_forgets_what_it_waited_for)
{
    fixture *x = begin(false);
    size_t total = an_echo(x, whole, 1000);

    send_piece(x, 0, 400, total);
    x->now_us += UINT64_C(49) * 24 * 3600 * 1000000 + 17 * UINT64_C(3600) * 1000000;
    CHECK_EQ(send_piece(x, 400, 1000, total), TERN_RULE_FRAGMENT_KEPT);
    CHECK_EQ(tern_counter(x->stack, TERN_RULE_FRAGMENTS_EXPIRED), 1);
    x_expect_nothing(x);
}

TEST(a_congestion_mark_on_one_fragment_is_one_on_the_datagram_or_drops_it)
{
    static const struct {
        uint8_t first, second;
        bool taken;
    } cases[] = {{0, 0, true}, {1, 2, true}, {2, 3, true},  {3, 1, true},
                 {3, 3, true}, {0, 1, true}, {0, 3, false}, {3, 0, false}};

    for (unsigned i = 0; i < 16; i++) {
        fixture *x = begin(i >= 8);
        size_t total = an_echo(x, whole, 1000);
        struct cut first = {.bytes = 400, .more = true, .tos = cases[i % 8].first};
        struct cut second = {.at = 400, .bytes = 600, .tos = cases[i % 8].second};
        send_cut(x, first);
        CHECK_EQ(send_cut(x, second),
                 cases[i % 8].taken ? TERN_RULE_ECHO_ANSWERED : TERN_RULE_FRAGMENTS_ECN_MIXED);
        if (cases[i % 8].taken)
            expect_echo(x, total);
        check_empty(x);
        fixture_end(x);
    }
}

TEST(fragments_for_somebody_else_are_not_kept)
{
    fixture *x = begin(false);

    x->peer.local.address = tern_address_ipv4(10, 0, 0, 77);
    an_echo(x, whole, 1000);
    CHECK_EQ(send_piece(x, 0, 400, 1000), TERN_RULE_ADDRESS_NOT_LOCAL);
    x->peer.local.address = tern_address_ipv4(10, 0, 0, 1);
    x->peer.remote.address = tern_address_ipv4(224, 0, 0, 1);
    an_echo(x, whole, 1000);
    CHECK_EQ(send_piece(x, 0, 400, 1000), TERN_RULE_SOURCE_INVALID);
    check_empty(x);
}
