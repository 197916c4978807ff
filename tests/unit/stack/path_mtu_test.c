/* path_mtu_test.c - "packet too big": what is believed, what becomes of what was under way, and who
 * else is told. */
#include "tern/profile.h"
#include "tests/unit/icmp_fixture.h"

enum { SENT_BYTES = 4380 };

/* An open connection with three full segments under way. */
static fixture *sending_with(const tern_config *config, unsigned ways)
{
    fixture *x = fixture_begin(config);

    x_establish(x, ways);
    x_send(x, SENT_BYTES);
    CHECK(x_run(x, 0) >= 3);
    return x;
}

static fixture *sending(unsigned ways)
{
    return sending_with(NULL, ways);
}

static uint64_t count(const fixture *x, tern_rule rule)
{
    return tern_counter(x->stack, rule);
}

TEST(what_was_too_big_goes_again_at_once_and_smaller)
{
    for (unsigned ipv6 = 0; ipv6 < 2; ipv6++) {
        fixture *x = sending(WAY_ACTIVE | (ipv6 ? WAY_IPV6 : 0));
        uint32_t cwnd = x_status(x).snd_cwnd, ssthresh = x_status(x).snd_ssthresh;
        uint32_t mss = 1400 - (ipv6 ? 60 : 40);
        CHECK_EQ(x_too_big(x, 1, 1400), TERN_RULE_PATH_MTU_RESENT);
        CHECK_EQ(count(x, TERN_RULE_PATH_MTU_LOWERED), 1);
        CHECK_EQ(x_status(x).snd_mss, mss);
        uint32_t sent = x_status(x).unacked; /* over IPv6 Nagle holds the rest */
        for (uint32_t at = 1; at + mss <= sent; at += mss)
            x_expect(x, .flags = TCP_ACK, .seq = at, .ack = 1, .bytes = mss);
        uint32_t rest = sent % mss;
        x_expect(x, .flags = TCP_ACK | (ipv6 ? 0 : TCP_PSH), .seq = 1 + sent - rest, .ack = 1,
                 .bytes = rest);
        x_expect_nothing(x);
        CHECK_EQ(count(x, TERN_RULE_PATH_MTU_RETRANSMIT), sent / mss - (rest == 0));
        CHECK_EQ(count(x, TERN_RULE_LOSS_RETRANSMIT), 0); /* there was no timeout */
        CHECK_EQ(x_status(x).snd_ssthresh, ssthresh);     /* no sign of congestion */
        CHECK(x_status(x).snd_cwnd + 10 * 100 >= cwnd);   /* ten segments, of 100 octets less */
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1 + sent);
        CHECK_EQ(x_status(x).unacked, 0);
    }
}

TEST(a_timeout_later_is_named_as_one)
{
    fixture *x = sending(WAY_ACTIVE);

    CHECK_EQ(x_too_big(x, 1, 1400), TERN_RULE_PATH_MTU_RESENT);
    uint32_t smaller = x_run(x, 0) - 1; /* the message itself brings the first */
    CHECK_EQ(count(x, TERN_RULE_PATH_MTU_RETRANSMIT), smaller);
    CHECK_EQ(x_run(x, 1500), 1);
    CHECK_EQ(count(x, TERN_RULE_RTO_BACKOFF), 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1 + 1360);
    CHECK_EQ(x_run(x, 0), 2);
    CHECK_EQ(count(x, TERN_RULE_LOSS_RETRANSMIT), 2);
    CHECK_EQ(count(x, TERN_RULE_PATH_MTU_RETRANSMIT), smaller);
}

TEST(each_packet_of_a_flight_may_bring_the_same_message)
{
    fixture *x = sending(WAY_ACTIVE);

    CHECK_EQ(x_too_big(x, 1, 1400), TERN_RULE_PATH_MTU_RESENT);
    CHECK_EQ(x_too_big(x, 1461, 1400), TERN_RULE_PATH_MTU_NOT_LOWER);
    CHECK_EQ(x_too_big(x, 2921, 1400), TERN_RULE_PATH_MTU_NOT_LOWER);
    CHECK_EQ(x_run(x, 0), 4);
    CHECK_EQ(x_too_big(x, 1, 1000), TERN_RULE_PATH_MTU_RESENT); /* a second narrow hop */
    CHECK_EQ(x_status(x).snd_mss, 960);
}

TEST(a_message_never_makes_segments_larger)
{
    fixture *x = sending(WAY_ACTIVE);

    CHECK_EQ(x_too_big(x, 1, 1500), TERN_RULE_PATH_MTU_NOT_LOWER);
    CHECK_EQ(x_too_big(x, 1, 9000), TERN_RULE_PATH_MTU_NOT_LOWER);
    CHECK_EQ(x_too_big(x, 1, 65535), TERN_RULE_PATH_MTU_NOT_LOWER);
    CHECK_EQ(x_status(x).snd_mss, 1460);
    CHECK_EQ(x_usage(x).path_mtus, 0);
    x_expect_nothing(x);
}

TEST(a_message_that_quotes_nothing_under_way_is_refused)
{
    fixture *x = sending(WAY_ACTIVE);

    CHECK_EQ(x_too_big(x, 0, 576), TERN_RULE_ICMP_SEQUENCE_REFUSED);
    CHECK_EQ(x_too_big(x, 1 + SENT_BYTES, 576), TERN_RULE_ICMP_SEQUENCE_REFUSED);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1 + SENT_BYTES);
    CHECK_EQ(x_too_big(x, 1, 576), TERN_RULE_ICMP_SEQUENCE_REFUSED);
    CHECK_EQ(x_status(x).snd_mss, 1460);
    CHECK_EQ(x_usage(x).path_mtus, 0);
}

TEST(nothing_below_the_floor_is_believed)
{
    static const uint32_t asked[] = {1, 68, 296, 551};

    for (unsigned i = 0; i < 4; i++) {
        fixture *x = sending(WAY_ACTIVE);
        CHECK_EQ(x_too_big(x, 1, asked[i]), TERN_RULE_PATH_MTU_RESENT);
        CHECK_EQ(count(x, TERN_RULE_PATH_MTU_FLOOR), 1);
        CHECK_EQ(x_status(x).snd_mss, 552 - 40);
        CHECK_EQ(x_too_big(x, 1, asked[i]), TERN_RULE_PATH_MTU_NOT_LOWER);
        x = sending(WAY_ACTIVE | WAY_IPV6);
        CHECK_EQ(x_too_big(x, 1, asked[i]), TERN_RULE_PATH_MTU_RESENT);
        CHECK_EQ(x_status(x).snd_mss, 1280 - 60);
    }
}

TEST(a_router_that_names_no_size_gets_the_next_plateau)
{
    fixture *x = sending(WAY_ACTIVE);
    static const uint32_t plateaus[] = {1500, 1492, 1006, 552};

    for (unsigned i = 0; i < 3; i++) {
        CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V4, .code = 4, .seq = 1, .total = plateaus[i]),
                 TERN_RULE_PATH_MTU_RESENT);
        CHECK_EQ(x_status(x).snd_mss, plateaus[i + 1] - 40);
        CHECK_EQ(x_icmp(x, .type = UNREACHABLE_V4, .code = 4, .seq = 1, .total = plateaus[i]),
                 TERN_RULE_PATH_MTU_NOT_LOWER); /* of the same flight */
        CHECK_EQ(count(x, TERN_RULE_PATH_MTU_PLATEAU), 2 * i + 2);
    }
}

TEST(a_large_window_begins_again_by_slow_start)
{
    tern_config c = fixture_config();

    c.send_buffer_bytes = 256 * 1024;
    fixture *x = fixture_begin(&c);
    x_establish(x, WAY_ACTIVE | WAY_OPTIONS);
    x_send(x, 100000);
    while (x_run(x, 0) > 0)
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = x_status(x).snd_nxt - x->peer.tern_iss,
                 .window = 65535);
    uint32_t cwnd = x_status(x).snd_cwnd;
    x_send(x, 60000);
    CHECK(x_run(x, 0) > 15);
    uint32_t una = x_status(x).snd_una - x->peer.tern_iss;
    CHECK_EQ(x_too_big(x, una, 1300), TERN_RULE_PATH_MTU_RESENT);
    CHECK(cwnd > 15 * 1460);
    CHECK(x_status(x).snd_cwnd <= 10 * 1460);
    CHECK(x_status(x).snd_ssthresh >= cwnd); /* it may grow back as fast as it can */
    CHECK(x_run(x, 0) <= 12);
}

TEST(a_new_connection_begins_as_small_as_the_path_takes)
{
    fixture *x = sending(WAY_ACTIVE);
    struct peer first = x->peer;

    CHECK_EQ(x_too_big(x, 1, 1400), TERN_RULE_PATH_MTU_RESENT);
    CHECK_EQ(x_usage(x).path_mtus, 1);
    CHECK_EQ(x_run(x, 0), 4);
    x->peer.remote.port++;
    x_connect(x);
    x_expect(x, .flags = TCP_SYN, .mss = 1460); /* what we take is another matter */
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    CHECK_EQ(x_status(x).snd_mss, 1360);
    CHECK(count(x, TERN_RULE_PATH_MTU_REMEMBERED) > 0);

    x->peer = first; /* and one that the peer opens */
    x->peer.remote.port += 2;
    x_establish(x, WAY_PASSIVE);
    CHECK_EQ(x_status(x).snd_mss, 1360);

    x->peer.remote.address = tern_address_ipv4(10, 0, 0, 3); /* another destination */
    x_connect(x);
    x_expect(x, .flags = TCP_SYN);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    CHECK_EQ(x_status(x).snd_mss, 1460);
}

TEST(a_small_mss_of_the_peer_is_not_made_larger_by_the_cache)
{
    fixture *x = sending(WAY_ACTIVE);

    CHECK_EQ(x_too_big(x, 1, 1400), TERN_RULE_PATH_MTU_RESENT);
    CHECK_EQ(x_run(x, 0), 4);
    x->peer.remote.port++;
    x->peer.sent = 0;
    x_connect(x);
    x_expect(x, .flags = TCP_SYN);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 700);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    CHECK_EQ(x_status(x).snd_mss, 700);
    x_send(x, 700);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 700);
}

/* Two open connections to one destination: x->c sends, the other is idle. */
static tern_handle idle_beside(fixture *x, struct peer *idle)
{
    x_establish(x, WAY_ACTIVE);
    tern_handle other = x->c;
    *idle = x->peer;
    x->peer.remote.port++;
    x->peer.sent = x->peer.read = 0;
    x_establish(x, WAY_ACTIVE);
    return other;
}

TEST(another_connection_looks_when_it_sends_again)
{
    fixture *x = fixture_begin(NULL);
    struct peer idle;
    tern_handle other = idle_beside(x, &idle);

    x_send(x, SENT_BYTES);
    CHECK_EQ(x_run(x, 0), 3);
    CHECK_EQ(x_too_big(x, 1, 1400), TERN_RULE_PATH_MTU_RESENT);
    CHECK_EQ(x_run(x, 0), 4);
    x->c = other;
    x->peer = idle;
    CHECK_EQ(x_status(x).snd_mss, 1460);
    x_send(x, 1400);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1360);
}

TEST(another_connection_looks_when_it_times_out)
{
    fixture *x = fixture_begin(NULL);
    struct peer first;
    tern_handle other = idle_beside(x, &first);
    struct peer second = x->peer;
    tern_handle c = x->c;

    x->c = other;
    x->peer = first;
    x_send(x, 1460);
    x_expect(x, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .bytes = 1460);
    first = x->peer;
    x->c = c;
    x->peer = second;
    x_send(x, SENT_BYTES);
    CHECK_EQ(x_run(x, 0), 3);
    CHECK_EQ(x_too_big(x, 1, 1400), TERN_RULE_PATH_MTU_RESENT);
    CHECK_EQ(x_run(x, 0), 4);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1 + SENT_BYTES);
    x->c = other;
    x->peer = first;
    x_expect_after(x, 1000, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1360);
    x_expect_nothing(x); /* cwnd is one segment, and that is smaller now */
    CHECK_EQ(x_status(x).snd_cwnd, 1360);
}

TEST(what_is_known_grows_old)
{
    tern_config c = fixture_config();

    c.path_mtu_discovery = TERN_PATH_MTU_ICMP;
    fixture *x = sending_with(&c, WAY_ACTIVE);
    CHECK_EQ(x_too_big(x, 1, 1400), TERN_RULE_PATH_MTU_RESENT);
    CHECK_EQ(x_run(x, 0), 4);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1 + SENT_BYTES);
    x_advance(x, 599000);
    x_send(x, 1400);
    CHECK_EQ(x_run(x, 0), 1);
    CHECK_EQ(x_status(x).snd_mss, 1360);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1 + SENT_BYTES + 1360);
    CHECK_EQ(x_run(x, 0), 1);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1 + SENT_BYTES + 1400);
    x_advance(x, 2000);
    x_send(x, 3000);
    CHECK_EQ(count(x, TERN_RULE_PATH_MTU_EXPIRED), 1);
    CHECK_EQ(x_usage(x).path_mtus, 0);
    CHECK(x_run(x, 0) > 0);
    CHECK_EQ(count(x, TERN_RULE_PATH_MTU_RAISED), 1);
    CHECK_EQ(x_status(x).snd_mss, 1460);
}

TEST(the_cache_is_bounded_and_the_oldest_gives_way)
{
    tern_config c = fixture_config();

    c.path_mtu_cache_max = 2;
    fixture *x = fixture_begin(&c);
    for (uint8_t host = 2; host < 6; host++) {
        x->peer.remote.address = tern_address_ipv4(10, 0, 0, host);
        x->peer.sent = x->peer.read = 0;
        x_establish(x, WAY_ACTIVE);
        x_send(x, SENT_BYTES);
        CHECK_EQ(x_run(x, 0), 3);
        CHECK_EQ(x_too_big(x, 1, 1400), TERN_RULE_PATH_MTU_RESENT);
        CHECK_EQ(x_run(x, 0), 4);
        x_inject(x, .flags = TCP_RST, .seq = 1);
        CHECK_EQ(x_usage(x).path_mtus, host == 2 ? 1 : 2);
    }
    CHECK_EQ(count(x, TERN_RULE_PATH_MTU_CACHE_FULL), 2);
    for (uint8_t host = 2; host < 6; host++) {
        x->peer.remote.address = tern_address_ipv4(10, 0, 0, host);
        x->peer.remote.port = 41000;
        x_establish(x, WAY_ACTIVE);
        CHECK_EQ(x_status(x).snd_mss, host < 4 ? 1460 : 1360);
    }
}

TEST(off_sends_no_more_than_every_path_takes)
{
    tern_config c = fixture_config();

    c.path_mtu_discovery = TERN_PATH_MTU_OFF;
    for (unsigned ways = 0; ways < 2; ways++) {
        fixture *x = fixture_begin(&c);
        x_establish(x, ways);
        CHECK_EQ(x_status(x).snd_mss, 536);
        x_send(x, 2000);
        CHECK_EQ(x_run(x, 0), 3); /* Nagle holds the rest */
        CHECK_EQ(x_too_big(x, 1, 552), TERN_RULE_ICMP_IGNORED);
        CHECK_EQ(x_status(x).snd_mss, 536);
        x = fixture_begin(&c);
        x_establish(x, ways | WAY_IPV6);
        CHECK_EQ(x_status(x).snd_mss, 1220);
    }
}

TEST(a_half_open_record_is_not_made_smaller)
{
    fixture *x = fixture_begin(NULL);

    x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
    CHECK_EQ(x_too_big(x, 0, 576), TERN_RULE_PATH_MTU_NOT_LOWER);
    CHECK_EQ(x_usage(x).path_mtus, 0);
}

TEST(a_syn_learns_for_the_connection_it_opens)
{
    fixture *x = fixture_begin(NULL);

    x_connect(x);
    x_expect(x, .flags = TCP_SYN);
    CHECK_EQ(x_too_big(x, 0, 1300), TERN_RULE_PATH_MTU_LOWERED);
    x_expect_nothing(x);
    x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460);
    x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
    CHECK_EQ(x_status(x).snd_mss, 1260);
}

TEST(a_moved_stack_remembers)
{
    fixture *x = sending(WAY_ACTIVE);

    CHECK_EQ(x_too_big(x, 1, 1400), TERN_RULE_PATH_MTU_RESENT);
    CHECK_EQ(x_run(x, 0), 4);
    x_move(x);
    x->peer.remote.port++;
    x_establish(x, WAY_ACTIVE);
    CHECK_EQ(x_status(x).snd_mss, 1360);
}

/* RFC 7413: the SYN's data is what was too big. */
TEST(a_syn_whose_data_is_too_big_goes_again_without)
{
    for (unsigned narrow = 0; narrow < 2; narrow++) {
        tern_config c = fixture_config();
        c.fast_open_cookieless = 1;
        c.syn_mss_of_path = narrow != 0 ? TERN_SYN_MSS_PATH : TERN_SYN_MSS_LINK;
        fixture *x = fixture_begin(&c);
        uint8_t packet[1500];
        x_connect(x);
        CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_FAST_OPEN, 1), TERN_OK);
        x_send(x, 1000);
        CHECK(x_output(x, packet) > 1000);
        CHECK_EQ(x_too_big(x, 0, 800), TERN_RULE_FAST_OPEN_TOO_BIG);
        x_expect(x, .flags = TCP_SYN, .mss = narrow ? 760 : 1460);
        x_inject(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = FIXTURE_MSS);
        x_expect(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 760);
        CHECK(!x_status(x).syn_data_acked);
    }
}

/* FreeBSD's SYN heeds the path over IPv6 alone. */
TEST(a_syn_sent_again_offers_the_mss_of_the_link_or_of_the_path)
{
    static const char *const words[] = {"no", "yes", "ipv6"};
    static const uint16_t mss[3][2] = {{1460, 1440}, {1360, 1340}, {1460, 1340}};

    for (unsigned i = 0; i < 6; i++) {
        tern_config c = fixture_config();
        CHECK_EQ(tern_profile_key_set(&c, "syn_mss_of_path", words[i / 2], NULL), TERN_OK);
        fixture *x = fixture_begin(&c);
        if (i % 2 != 0)
            x_ipv6(x);
        x_connect(x);
        x_expect(x, .flags = TCP_SYN, .mss = i % 2 != 0 ? 1440 : 1460);
        x_too_big(x, 0, 1400);
        x_expect_nothing(x);
        x_expect_after(x, 1000, .flags = TCP_SYN, .mss = mss[i / 2][i % 2]);
    }
}

TEST(a_connection_whose_packets_may_be_fragmented_heeds_no_message)
{
    for (unsigned ipv6 = 0; ipv6 < 2; ipv6++) {
        fixture *x = fixture_begin(NULL);
        uint8_t packet[1500];
        x_establish(x, WAY_ACTIVE | (ipv6 ? WAY_IPV6 : 0));
        CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_MAY_FRAGMENT, 1), TERN_OK);
        x_send(x, SENT_BYTES);
        CHECK(x_output(x, packet) > 0);
        uint16_t id = (uint16_t)(packet[4] << 8 | packet[5]);
        CHECK(ipv6 || (packet[6] & 0x40) == 0);
        CHECK(x_output(x, packet) > 0);
        CHECK(ipv6 || (uint16_t)(packet[4] << 8 | packet[5]) == (uint16_t)(id + 1));
        (void)x_run(x, 0);
        CHECK_EQ(x_too_big(x, 1, 1400), ipv6 ? TERN_RULE_PATH_MTU_RESENT : TERN_RULE_ICMP_IGNORED);
        CHECK_EQ(tern_option_set(x->stack, x->now_us, x->c, TERN_OPTION_MAY_FRAGMENT, 0), TERN_OK);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1 + 1340);
        (void)x_run(x, 0);
        x_send(x, 10);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1 + SENT_BYTES);
        CHECK(x_output(x, packet) > 0);
        CHECK(ipv6 || (packet[6] & 0x40) != 0);
    }
}
