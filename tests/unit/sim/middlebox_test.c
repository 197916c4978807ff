/* middlebox_test.c - boxes on the way, and what two terns make of them: what a user would see. */
#include "base/bytes.h"
#include "sim/edit.h"
#include "sim/world.h"
#include "tests/test.h"
#include "wire/checksum.h"
#include "wire/tcp_header.h"
#include "wire/tcp_options.h"

#include <stdlib.h>

enum {
    CLIENT = 0,
    SERVER = 1,
    PORT = 80,
    TOTAL = 20000,
    DELAY_US = 5000,
    STEPS_MAX = 200000,
    SECOND_US = 1000000,
};

/* The client sends TOTAL octets and the server sends them back; nobody closes by itself. */
typedef struct story {
    world *w;
    middlebox *box;
    tern_handle listener, ends[2];
    bool open[2], connected, peer_closed[2];
    uint32_t sent[2], received[2];
    tern_err error[2];
    tern_endpoint seen; /* the client, as the server has it */
    uint32_t to_server; /* packets that reached the server */
    fault_odds odds;
    uint64_t seed;
} story;

static uint8_t octet_at(uint32_t at)
{
    return (uint8_t)(at * 2654435761u >> 11);
}

static void story_send(story *s, world_host at)
{
    uint8_t text[1000];

    while (s->open[at] && s->sent[at] < TOTAL && (at == CLIENT || s->sent[at] < s->received[at])) {
        uint32_t most = (at == CLIENT ? TOTAL : s->received[at]) - s->sent[at];
        most = most < sizeof text ? most : sizeof text;
        for (uint32_t i = 0; i < most; i++)
            text[i] = octet_at(s->sent[at] + i);
        ptrdiff_t took = tern_send(world_stack(s->w, at), world_now(s->w), s->ends[at], text, most);
        if (took <= 0)
            return;
        s->sent[at] += (uint32_t)took;
    }
}

static void story_read(story *s, world_host at)
{
    uint8_t text[1000];
    ptrdiff_t got = 0;

    while (s->open[at] && (got = tern_recv(world_stack(s->w, at), world_now(s->w), s->ends[at],
                                           text, sizeof text)) > 0) {
        for (ptrdiff_t i = 0; i < got; i++)
            CHECK_EQ(text[i], octet_at(s->received[at] + (uint32_t)i));
        s->received[at] += (uint32_t)got;
    }
}

static void story_program(void *context, world *w, world_host at, const tern_event *event)
{
    story *s = context;
    tern_status status;

    if ((event->what & TERN_EVENT_ACCEPTABLE) != 0) {
        CHECK_EQ(tern_accept(world_stack(w, at), world_now(w), s->listener, &s->ends[at]), TERN_OK);
        CHECK_EQ(tern_status_get(world_stack(w, at), s->ends[at], &status), TERN_OK);
        s->seen = status.remote;
        s->open[at] = true;
    }
    if ((event->what & TERN_EVENT_CONNECTED) != 0)
        s->connected = s->open[at] = true;
    s->peer_closed[at] = s->peer_closed[at] || (event->what & TERN_EVENT_PEER_CLOSED) != 0;
    story_read(s, at);
    story_send(s, at);
    if ((event->what & TERN_EVENT_CLOSED) != 0) {
        s->error[at] = event->error;
        s->open[at] = false;
    }
}

static void story_arrived(void *context, world *w, const world_packet *packet, tern_rule rule)
{
    story *s = context;

    (void)w;
    (void)rule;
    s->to_server += packet->to == SERVER;
}

static void story_connect(story *s, uint16_t port)
{
    tern_endpoint remote = {world_config(s->w, SERVER)->addresses[0], port};

    CHECK_EQ(
        tern_connect(world_stack(s->w, CLIENT), world_now(s->w), NULL, &remote, &s->ends[CLIENT]),
        TERN_OK);
}

static void story_open(void *context, world *w)
{
    story *s = context;
    tern_endpoint local = {world_config(w, SERVER)->addresses[0], PORT};

    CHECK_EQ(tern_listen(world_stack(w, SERVER), world_now(w), &local, 1, &s->listener), TERN_OK);
    story_connect(s, PORT);
}

static void story_begin(story *s, const middlebox_config *box)
{
    *s = (story){.w = world_new(s->seed, STEPS_MAX),
                 .box = middlebox_new(box),
                 .odds = s->odds,
                 .seed = s->seed};
    CHECK(s->w != NULL && s->box != NULL);
    for (uint8_t at = 0; at < 2; at++) {
        tern_config config;
        tern_config_init(&config);
        memset(config.key, at + 1, sizeof config.key);
        config.addresses[0] = tern_address_ipv4(10, 0, 0, (uint8_t)(at + 1));
        config.address_count = 1;
        config.connections_max = 4;
        config.syn_schedule.give_up_ms = 5000;
        config.data_schedule.give_up_ms = 20000;
        CHECK_EQ(world_add_stack(s->w, at == CLIENT ? "client" : "server", &config), at);
        world_set_program(s->w, at, story_program, s);
    }
    link_config wire;
    link_config_init(&wire);
    wire.delay_us = DELAY_US;
    wire.odds = s->odds;
    CHECK(world_connect(s->w, CLIENT, SERVER, &wire, &wire));
    CHECK(world_observe(s->w, &(world_observer){.context = s, .arrived = story_arrived}));
    world_set_box(s->w, box->kind == MIDDLEBOX_NAT ? CLIENT : SERVER, s->box);
}

/* Begins and runs for so long. */
static void story_play(story *s, const middlebox_config *box, tern_time for_us)
{
    story_begin(s, box);
    CHECK(world_at(s->w, 1000, story_open, s));
    CHECK(world_run(s->w, for_us) != WORLD_BROKEN);
}

static void story_intact(const story *s)
{
    CHECK_EQ(s->received[SERVER], TOTAL);
    CHECK_EQ(s->received[CLIENT], TOTAL);
    CHECK(s->open[CLIENT] && s->open[SERVER]);
}

static tern_status story_status(const story *s, world_host at)
{
    tern_status status;

    CHECK_EQ(tern_status_get(world_stack(s->w, at), s->ends[at], &status), TERN_OK);
    return status;
}

static void story_end(story *s)
{
    world_free(s->w);
    middlebox_free(s->box);
}

/* ---- Stripper, clamp, bleacher ---- */

TEST(a_stripped_option_is_not_agreed)
{
    story s = {.seed = 3};

    story_play(&s,
               &(middlebox_config){.kind = MIDDLEBOX_STRIPPER,
                                   .strip_kinds = {TCP_OPTION_SACK_PERMITTED},
                                   .strip_count = 1},
               5 * SECOND_US);
    story_intact(&s);
    for (world_host at = 0; at < 2; at++) {
        tern_status status = story_status(&s, at);
        CHECK(!status.options_sack && status.options_timestamps && status.options_wscale);
        CHECK_EQ(status.snd_mss, 1460);
    }
    story_end(&s);
}

TEST(all_options_stripped_leave_the_defaults)
{
    story s = {.seed = 3};

    story_play(
        &s,
        &(middlebox_config){.kind = MIDDLEBOX_STRIPPER,
                            .strip_kinds = {TCP_OPTION_MSS, TCP_OPTION_WINDOW_SCALE,
                                            TCP_OPTION_SACK_PERMITTED, TCP_OPTION_TIMESTAMPS},
                            .strip_count = 4},
        5 * SECOND_US);
    story_intact(&s);
    for (world_host at = 0; at < 2; at++) {
        tern_status status = story_status(&s, at);
        CHECK(!status.options_sack && !status.options_timestamps && !status.options_wscale);
        CHECK_EQ(status.snd_mss, 536);
    }
    story_end(&s);
}

TEST(a_clamped_window_is_what_the_sender_sees)
{
    story s = {.seed = 3};

    story_play(&s, &(middlebox_config){.kind = MIDDLEBOX_CLAMP, .window_max = 1000},
               20 * SECOND_US);
    story_intact(&s);
    for (world_host at = 0; at < 2; at++) {
        tern_status status = story_status(&s, at);
        CHECK_EQ(status.snd_wnd, 1000u << status.snd_wscale); /* the box knows of no scale */
    }
    story_end(&s);
}

typedef struct caught {
    uint8_t octets[2000];
    size_t bytes;
    middlebox_side to;
    unsigned count;
} caught;

static void caught_emit(void *context, middlebox_side to, const void *packet, size_t bytes)
{
    caught *c = context;

    CHECK(bytes <= sizeof c->octets);
    memcpy(c->octets, packet, bytes);
    c->bytes = bytes;
    c->to = to;
    c->count++;
}

/* The TCP checksum comes out right (0) over addresses and segment. */
static uint16_t caught_checksum(const caught *c)
{
    ip_packet ip;

    CHECK_EQ(ip_read(&ip, c->octets, c->bytes), TERN_RULE_NONE);
    checksum_sum sum = checksum_pseudo(&ip.source, &ip.destination, IP_PROTOCOL_TCP,
                                       (uint32_t)ip.payload_bytes);
    return checksum_finish(checksum_add(sum, ip.payload, ip.payload_bytes));
}

static size_t made_by_hand(uint8_t packet[EDIT_MADE_MAX_BYTES], bool v4)
{
    tern_endpoint a = {tern_address_ipv4(10, 0, 0, 1), 40000};
    tern_endpoint b = {tern_address_ipv4(10, 0, 0, 2), PORT};

    if (!v4) {
        CHECK(tern_address_parse("fd00::1", &a.address));
        CHECK(tern_address_parse("fd00::2", &b.address));
    }
    return edit_make(packet, &(edit_fields){.source = a,
                                            .destination = b,
                                            .seq = 0xfffffff0,
                                            .window = 4000,
                                            .mss = 1460,
                                            .flags = EDIT_SYN | EDIT_ECE | EDIT_CWR});
}

static void bleach(bool v4)
{
    uint8_t packet[EDIT_MADE_MAX_BYTES];
    size_t bytes = made_by_hand(packet, v4);
    caught c = {.count = 0};
    middlebox *box = middlebox_new(&(middlebox_config){.kind = MIDDLEBOX_BLEACHER});
    middlebox_packet in = {MIDDLEBOX_NETWORK, packet, bytes};
    ip_packet ip;
    edit_segment s;

    CHECK(box != NULL);
    packet[1] |= v4 ? 0x03 : 0x30; /* CE */
    if (v4)
        put_be16(packet + 10, (uint16_t)(get_be16(packet + 10) - 3));
    CHECK_EQ(ip_read(&ip, packet, bytes), TERN_RULE_NONE);
    CHECK_EQ(ip.tos & 3, 3);
    middlebox_pass(box, 0, &in, &(middlebox_exit){&c, caught_emit});
    CHECK_EQ(c.count, 1);
    CHECK_EQ(c.to, MIDDLEBOX_HOST);
    CHECK_EQ(ip_read(&ip, c.octets, c.bytes), TERN_RULE_NONE);
    CHECK_EQ(ip.tos & 3, 0);
    CHECK(edit_read(&s, c.octets, c.bytes));
    CHECK_EQ(s.flags, EDIT_SYN);
    CHECK_EQ(caught_checksum(&c), 0);
    middlebox_free(box);
}

TEST(a_bleacher_clears_ecn_and_keeps_the_checksums)
{
    bleach(true);
    bleach(false);
}

TEST(what_was_corrupted_is_still_seen_to_be)
{
    uint8_t packet[EDIT_MADE_MAX_BYTES];
    size_t bytes = made_by_hand(packet, true);
    caught c = {.count = 0};
    middlebox *box = middlebox_new(&(middlebox_config){.kind = MIDDLEBOX_CLAMP, .window_max = 100});
    middlebox_packet in = {MIDDLEBOX_HOST, packet, bytes};

    CHECK(box != NULL);
    middlebox_pass(box, 0, &in, &(middlebox_exit){&c, caught_emit});
    CHECK_EQ(caught_checksum(&c), 0);
    packet[bytes - 1] ^= 0x10;
    middlebox_pass(box, 0, &in, &(middlebox_exit){&c, caught_emit});
    CHECK(caught_checksum(&c) != 0);
    middlebox_free(box);
}

/* ---- Firewall ---- */

TEST(a_firewall_that_drops_a_port_looks_like_silence)
{
    story s = {.seed = 3};

    story_play(&s, &(middlebox_config){.kind = MIDDLEBOX_FIREWALL, .port = PORT}, 10 * SECOND_US);
    CHECK_EQ(s.error[CLIENT], TERN_ERR_TIMED_OUT);
    CHECK_EQ(s.to_server, 0);
    story_end(&s);
}

TEST(a_firewall_that_resets_a_port_looks_like_a_refusal)
{
    story s = {.seed = 3};

    story_play(&s, &(middlebox_config){.kind = MIDDLEBOX_FIREWALL, .port = PORT, .resets = true},
               SECOND_US);
    CHECK_EQ(s.error[CLIENT], TERN_ERR_REFUSED);
    CHECK_EQ(s.to_server, 0);
    story_end(&s);
}

TEST(a_firewall_lets_other_ports_through)
{
    story s = {.seed = 3};

    story_play(&s,
               &(middlebox_config){
                   .kind = MIDDLEBOX_FIREWALL, .port = PORT + 1, .flags = EDIT_SYN, .resets = true},
               5 * SECOND_US);
    story_intact(&s);
    story_end(&s);
}

TEST(a_firewall_that_drops_fins_leaves_the_peer_waiting)
{
    story s = {.seed = 3};

    story_play(&s, &(middlebox_config){.kind = MIDDLEBOX_FIREWALL, .flags = EDIT_FIN},
               5 * SECOND_US);
    story_intact(&s);
    CHECK_EQ(tern_shutdown(world_stack(s.w, CLIENT), world_now(s.w), s.ends[CLIENT],
                           TERN_SHUTDOWN_WRITE),
             TERN_OK);
    CHECK(world_run(s.w, 60 * (tern_time)SECOND_US) != WORLD_BROKEN);
    CHECK(!s.peer_closed[SERVER] && s.open[SERVER]);
    CHECK_EQ(s.error[CLIENT], TERN_ERR_TIMED_OUT);
    story_end(&s);
}

TEST(a_firewall_that_resets_after_so_many_octets_ends_both)
{
    story s = {.seed = 3};

    story_play(&s,
               &(middlebox_config){.kind = MIDDLEBOX_FIREWALL, .after_bytes = 5000, .resets = true},
               5 * SECOND_US);
    CHECK_EQ(s.error[CLIENT], TERN_ERR_RESET);
    CHECK_EQ(s.error[SERVER], TERN_ERR_RESET);
    CHECK(s.received[SERVER] > 0 && s.received[SERVER] < 5000 + 1460);
    story_end(&s);
}

TEST(a_firewall_that_drops_after_so_many_octets_stalls_both)
{
    story s = {.seed = 3};

    story_play(&s, &(middlebox_config){.kind = MIDDLEBOX_FIREWALL, .after_bytes = 5000},
               60 * (tern_time)SECOND_US);
    CHECK_EQ(s.error[CLIENT], TERN_ERR_TIMED_OUT);
    CHECK(s.received[SERVER] > 0 && s.received[SERVER] < 5000 + 1460);
    story_end(&s);
}

/* ---- NAT ---- */

static void nat_play(story *s, bool resets, tern_time for_us)
{
    story_play(s,
               &(middlebox_config){.kind = MIDDLEBOX_NAT,
                                   .address = tern_address_ipv4(192, 0, 2, 1),
                                   .timeout_us = 30 * SECOND_US,
                                   .resets = resets},
               for_us);
    story_intact(s);
}

static void story_say(story *s, world_host from)
{
    CHECK_EQ(tern_send(world_stack(s->w, from), world_now(s->w), s->ends[from], "x", 1), 1);
}

TEST(behind_a_nat_the_server_sees_the_shared_address)
{
    story s = {.seed = 3};
    tern_address shared = tern_address_ipv4(192, 0, 2, 1);

    nat_play(&s, false, 5 * SECOND_US);
    CHECK_MEM(&s.seen.address, &shared, sizeof shared);
    CHECK(s.seen.port != story_status(&s, CLIENT).local.port);
    story_end(&s);
}

TEST(a_nat_keeps_a_flow_that_talks)
{
    story s = {.seed = 3};

    nat_play(&s, true, 5 * SECOND_US);
    for (unsigned i = 1; i <= 5; i++) {
        s.sent[CLIENT] = s.sent[SERVER] = TOTAL;
        uint8_t next = octet_at(s.received[SERVER]);
        CHECK(world_advance(s.w, i * 25 * (tern_time)SECOND_US) != WORLD_BROKEN);
        CHECK_EQ(tern_send(world_stack(s.w, CLIENT), world_now(s.w), s.ends[CLIENT], &next, 1), 1);
        CHECK(world_advance(s.w, world_now(s.w) + SECOND_US) != WORLD_BROKEN);
        CHECK_EQ(s.received[SERVER], TOTAL + i);
    }
    story_end(&s);
}

TEST(a_nat_that_forgot_drops_what_the_server_says)
{
    story s = {.seed = 3};

    nat_play(&s, false, 5 * SECOND_US);
    (void)world_advance(s.w, 60 * (tern_time)SECOND_US);
    story_say(&s, SERVER);
    CHECK(world_advance(s.w, 120 * (tern_time)SECOND_US) != WORLD_BROKEN);
    CHECK_EQ(s.received[CLIENT], TOTAL);
    CHECK_EQ(s.error[SERVER], TERN_ERR_TIMED_OUT);
    CHECK(s.open[CLIENT]); /* and knows nothing of it */
    story_end(&s);
}

TEST(a_nat_that_forgot_and_resets_ends_whoever_speaks)
{
    for (world_host who = 0; who < 2; who++) {
        story s = {.seed = 3};
        nat_play(&s, true, 5 * SECOND_US);
        (void)world_advance(s.w, 60 * (tern_time)SECOND_US);
        story_say(&s, who);
        CHECK(world_advance(s.w, 62 * (tern_time)SECOND_US) != WORLD_BROKEN);
        CHECK_EQ(s.error[who], TERN_ERR_RESET);
        CHECK(s.open[1 - who]);
        story_end(&s);
    }
}

/* Passes one SYN of the server's to this destination; returns what it was answered by the box. */
static bool nat_passes_syn(middlebox *box, tern_time now_us, const tern_endpoint *to, caught *c)
{
    uint8_t packet[EDIT_MADE_MAX_BYTES];
    tern_endpoint server = {tern_address_ipv4(10, 0, 0, 2), PORT};
    size_t bytes = edit_make(
        packet, &(edit_fields){.source = server, .destination = *to, .seq = 7, .flags = EDIT_SYN});

    *c = (caught){.count = 0};
    middlebox_pass(box, now_us, &(middlebox_packet){MIDDLEBOX_NETWORK, packet, bytes},
                   &(middlebox_exit){c, caught_emit});
    return c->count == 1 && c->to == MIDDLEBOX_HOST;
}

TEST(a_nat_lets_no_syn_in_that_nobody_asked_for)
{
    for (unsigned resets = 0; resets < 2; resets++) {
        tern_endpoint inner = {tern_address_ipv4(10, 0, 0, 1), 4000};
        tern_endpoint shared = {tern_address_ipv4(192, 0, 2, 1), 32768};
        tern_endpoint server = {tern_address_ipv4(10, 0, 0, 2), PORT};
        middlebox *box = middlebox_new(&(middlebox_config){.kind = MIDDLEBOX_NAT,
                                                           .address = shared.address,
                                                           .timeout_us = 30 * SECOND_US,
                                                           .resets = resets == 1});
        uint8_t packet[EDIT_MADE_MAX_BYTES];
        edit_segment s;
        caught c;
        CHECK(box != NULL);
        CHECK(
            !nat_passes_syn(box, 0, &inner, &c)); /* the host's own address is not known outside */
        CHECK(!nat_passes_syn(box, 0, &shared, &c));
        CHECK_EQ(c.count, resets);
        if (resets == 1) {
            CHECK_EQ(c.to, MIDDLEBOX_NETWORK);
            CHECK(edit_read(&s, c.octets, c.bytes));
            CHECK_EQ(s.flags, EDIT_RST | EDIT_ACK);
        }
        /* The host speaks first: its port of the shared address is open, to that peer alone. */
        size_t bytes = edit_make(
            packet,
            &(edit_fields){.source = inner, .destination = server, .seq = 1, .flags = EDIT_SYN});
        middlebox_pass(box, 0, &(middlebox_packet){MIDDLEBOX_HOST, packet, bytes},
                       &(middlebox_exit){&c, caught_emit});
        CHECK_EQ(c.to, MIDDLEBOX_NETWORK);
        CHECK(edit_read(&s, c.octets, c.bytes));
        CHECK_MEM(&s.source, &shared, sizeof shared);
        CHECK(nat_passes_syn(box, 30 * SECOND_US, &shared, &c));
        CHECK(edit_read(&s, c.octets, c.bytes));
        CHECK_MEM(&s.destination, &inner, sizeof inner);
        shared.port++;
        CHECK(!nat_passes_syn(box, 30 * SECOND_US, &shared, &c));
        shared.port--;
        CHECK(!nat_passes_syn(box, 60 * SECOND_US + 1, &shared, &c)); /* the timeout is over */
        middlebox_free(box);
    }
}

/* ---- SYN proxy ---- */

static const middlebox_config proxy = {.kind = MIDDLEBOX_SYN_PROXY, .mss = 1400, .secret = 5};

TEST(through_a_syn_proxy_data_is_intact_and_options_are_not)
{
    story s = {.seed = 3};

    story_play(&s, &proxy, 10 * SECOND_US);
    story_intact(&s);
    for (world_host at = 0; at < 2; at++) {
        tern_status status = story_status(&s, at);
        CHECK(!status.options_sack && !status.options_timestamps && !status.options_wscale);
        CHECK_EQ(status.snd_mss, 1400);
    }
    /* Each side counts from an ISN of its own: the box translates. */
    CHECK(story_status(&s, CLIENT).irs != story_status(&s, SERVER).iss);
    CHECK_EQ(story_status(&s, CLIENT).iss, story_status(&s, SERVER).irs);
    story_end(&s);
}

TEST(a_syn_proxy_closes_in_order)
{
    story s = {.seed = 3};

    story_play(&s, &proxy, 10 * SECOND_US);
    for (world_host at = 0; at < 2; at++) {
        CHECK_EQ(
            tern_shutdown(world_stack(s.w, at), world_now(s.w), s.ends[at], TERN_SHUTDOWN_WRITE),
            TERN_OK);
        CHECK(world_run(s.w, (11 + at) * (tern_time)SECOND_US) != WORLD_BROKEN);
        CHECK(s.peer_closed[1 - at]);
    }
    CHECK_EQ(story_status(&s, CLIENT).state, TERN_TIME_WAIT);
    CHECK_EQ(s.error[SERVER], TERN_OK);
    CHECK(!s.open[SERVER]);
    story_end(&s);
}

TEST(a_host_behind_a_syn_proxy_hears_of_no_syn_alone)
{
    uint8_t packet[EDIT_MADE_MAX_BYTES];
    caught c = {.count = 0};
    middlebox *box = middlebox_new(&proxy);
    edit_segment s;

    CHECK(box != NULL);
    middlebox_packet in = {MIDDLEBOX_NETWORK, packet, made_by_hand(packet, true)};
    middlebox_pass(box, 0, &in, &(middlebox_exit){&c, caught_emit});
    CHECK_EQ(c.count, 1);
    CHECK_EQ(c.to, MIDDLEBOX_NETWORK);
    CHECK_EQ(caught_checksum(&c), 0);
    CHECK(edit_read(&s, c.octets, c.bytes));
    CHECK_EQ(s.flags, EDIT_SYN | EDIT_ACK);
    CHECK_EQ(s.ack, 0xfffffff1);
    CHECK_EQ(s.window, 0);

    /* An ACK that is no cookie's gets nowhere; the cookie's brings the SYN. */
    edit_fields third = {.source = s.destination,
                         .destination = s.source,
                         .seq = s.ack,
                         .ack = s.seq + 2,
                         .flags = EDIT_ACK};
    in.bytes = edit_make(packet, &third);
    middlebox_pass(box, 0, &in, &(middlebox_exit){&c, caught_emit});
    CHECK_EQ(c.count, 1);
    third.ack--;
    in.bytes = edit_make(packet, &third);
    middlebox_pass(box, 0, &in, &(middlebox_exit){&c, caught_emit});
    CHECK_EQ(c.count, 2);
    CHECK_EQ(c.to, MIDDLEBOX_HOST);
    CHECK(edit_read(&s, c.octets, c.bytes));
    CHECK_EQ(s.flags, EDIT_SYN);
    CHECK_EQ(s.seq, 0xfffffff0);
    middlebox_free(box);
}

TEST(a_host_behind_a_syn_proxy_opens_as_if_there_were_none)
{
    story s = {.seed = 3};

    story_begin(&s, &proxy);
    world_set_box(s.w, SERVER, NULL);
    world_set_box(s.w, CLIENT, s.box);
    CHECK(world_at(s.w, 1000, story_open, &s));
    CHECK(world_run(s.w, 10 * SECOND_US) != WORLD_BROKEN);
    story_intact(&s);
    for (world_host at = 0; at < 2; at++)
        CHECK(story_status(&s, at).options_timestamps);
    CHECK_EQ(story_status(&s, CLIENT).irs, story_status(&s, SERVER).iss); /* nothing is shifted */
    story_end(&s);
}

static void story_open_closed_port(void *context, world *w)
{
    (void)w;
    story_connect(context, PORT + 1);
}

TEST(a_refusal_behind_a_syn_proxy_comes_as_a_reset)
{
    story s = {.seed = 3};

    story_begin(&s, &proxy);
    CHECK(world_at(s.w, 1000, story_open_closed_port, &s));
    CHECK(world_run(s.w, 5 * SECOND_US) != WORLD_BROKEN);
    CHECK(s.connected); /* the box answered */
    CHECK_EQ(s.error[CLIENT], TERN_ERR_RESET);
    story_end(&s);
}

/* ---- All of them on a bad link ---- */

TEST(on_a_bad_link_the_data_is_intact_behind_every_box)
{
    static const middlebox_config boxes[] = {
        {.kind = MIDDLEBOX_STRIPPER, .strip_kinds = {TCP_OPTION_SACK_PERMITTED}, .strip_count = 1},
        {.kind = MIDDLEBOX_CLAMP, .window_max = 1000},
        {.kind = MIDDLEBOX_BLEACHER},
        {.kind = MIDDLEBOX_FIREWALL, .port = PORT + 1},
        {.kind = MIDDLEBOX_NAT,
         .address.octets = {[10] = 0xff, [11] = 0xff, 192, 0, 2, 1},
         .timeout_us = 60 * SECOND_US},
        {.kind = MIDDLEBOX_SYN_PROXY, .mss = 1400, .secret = 5},
    };

    for (uint64_t seed = 1; seed <= 20; seed++) {
        for (unsigned i = 0; i < sizeof boxes / sizeof boxes[0]; i++) {
            story s = {.seed = seed,
                       .odds = {.loss_ppm = 50000,
                                .duplicate_ppm = 20000,
                                .reorder_ppm = 20000,
                                .corrupt_ppm = 20000,
                                .reorder_us = 10000}};
            story_play(&s, &boxes[i], 300 * (tern_time)SECOND_US);
            story_intact(&s);
            story_end(&s);
        }
    }
}
