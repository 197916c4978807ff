/* path_mtu_test.c - two stacks and a hop between them that takes less than their links do: with its
 * ICMP message, without it, over IPv4 and IPv6, in both directions.
 *
 * Each end sends TOTAL octets to the other as soon as it can. The hop stands at the server's door;
 * both must find out what it takes, each by itself. */
#include "sim/world.h"
#include "tern/status.h"
#include "tests/test.h"

#include <stdlib.h>

enum {
    CLIENT,
    SERVER,
    PORT = 80,
    TOTAL = 300000,
    DELAY_US = 5000,
    SECOND_US = 1000000,
    STEPS_MAX = 1000000,
};

typedef struct path {
    world *w;
    middlebox *box;
    tern_handle listener, ends[2];
    bool open[2];
    uint32_t sent[2], received[2];
    bool ipv6, sack;
    uint32_t mtu_bytes;
    tern_path_mtu discovery[2];
    tern_time done_us;
} path;

static uint8_t path_octet(world_host from, uint32_t at)
{
    return (uint8_t)((at + from * 77u) * 2654435761u >> 13);
}

static void path_send(path *p, world_host at)
{
    uint8_t text[2000];

    while (p->open[at] && p->sent[at] < TOTAL) {
        uint32_t most = TOTAL - p->sent[at] < sizeof text ? TOTAL - p->sent[at] : sizeof text;
        for (uint32_t i = 0; i < most; i++)
            text[i] = path_octet(at, p->sent[at] + i);
        ptrdiff_t took = tern_send(world_stack(p->w, at), world_now(p->w), p->ends[at], text, most);
        if (took <= 0)
            return;
        p->sent[at] += (uint32_t)took;
    }
}

static void path_read(path *p, world_host at)
{
    uint8_t text[2000];
    ptrdiff_t got;

    if (!p->open[at])
        return;
    while ((got = tern_recv(world_stack(p->w, at), world_now(p->w), p->ends[at], text,
                            sizeof text)) > 0) {
        for (ptrdiff_t i = 0; i < got; i++)
            CHECK_EQ(text[i], path_octet(1 - at, p->received[at] + (uint32_t)i));
        p->received[at] += (uint32_t)got;
    }
    if (p->received[0] == TOTAL && p->received[1] == TOTAL && p->done_us == 0)
        p->done_us = world_now(p->w);
}

static void path_program(void *context, world *w, world_host at, const tern_event *event)
{
    path *p = context;

    CHECK((event->what & TERN_EVENT_CLOSED) == 0);
    if ((event->what & TERN_EVENT_ACCEPTABLE) != 0) {
        CHECK_EQ(tern_accept(world_stack(w, at), world_now(w), p->listener, &p->ends[at]), TERN_OK);
        p->open[at] = true;
    }
    if ((event->what & TERN_EVENT_CONNECTED) != 0)
        p->open[at] = true;
    path_read(p, at);
    path_send(p, at);
}

static tern_config path_config(const path *p, world_host at)
{
    tern_config config;

    tern_config_init(&config);
    memset(config.key, (int)at + 1, sizeof config.key);
    config.addresses[0] = tern_address_ipv4(10, 0, 0, (uint8_t)(at + 1));
    CHECK(tern_address_parse(at == CLIENT ? "fd00::1" : "fd00::2", &config.addresses[1]));
    config.address_count = 2;
    config.sack = p->sack;
    config.path_mtu_discovery = p->discovery[at];
    return config;
}

/* The whole story, until both have all or `seconds` are over; true: both have it. */
static bool path_play(path *p, const middlebox_config *box, uint32_t seconds)
{
    link_config wire;
    tern_endpoint server = {tern_address_ipv4(10, 0, 0, 2), PORT};

    p->w = world_new(1, STEPS_MAX);
    CHECK(p->w != NULL);
    for (world_host at = CLIENT; at <= SERVER; at++) {
        tern_config config = path_config(p, at);
        CHECK_EQ(world_add_stack(p->w, at == CLIENT ? "client" : "server", &config), at);
        world_set_program(p->w, at, path_program, p);
    }
    link_config_init(&wire);
    wire.delay_us = DELAY_US;
    CHECK(world_connect(p->w, CLIENT, SERVER, &wire, &wire));
    p->box = middlebox_new(box);
    CHECK(p->box != NULL);
    world_set_box(p->w, SERVER, p->box);
    if (p->ipv6)
        CHECK(tern_address_parse("fd00::2", &server.address));
    CHECK_EQ(tern_listen(world_stack(p->w, SERVER), 0, &server, 1, &p->listener), TERN_OK);
    CHECK_EQ(tern_connect(world_stack(p->w, CLIENT), 0, NULL, &server, &p->ends[CLIENT]), TERN_OK);
    while (p->done_us == 0 && world_now(p->w) < (tern_time)seconds * SECOND_US &&
           world_run(p->w, world_now(p->w) + SECOND_US / 10) == WORLD_GOES_ON)
        continue;
    CHECK(world_broken(p->w) == NULL);
    return p->done_us != 0;
}

static void path_end(path *p)
{
    world_free(p->w);
    middlebox_free(p->box);
}

static tern_status path_status(const path *p, world_host at)
{
    tern_status status;

    CHECK_EQ(tern_status_get(world_stack(p->w, at), p->ends[at], &status), TERN_OK);
    return status;
}

static middlebox_config hop(const path *p, bool tells)
{
    return (middlebox_config){.kind = MIDDLEBOX_NARROW,
                              .mtu_bytes = (uint16_t)p->mtu_bytes,
                              .silent = !tells,
                              .address = tern_address_ipv4(10, 9, 9, 9)};
}

static uint64_t both(const path *p, tern_rule rule)
{
    return tern_counter(world_stack(p->w, CLIENT), rule) +
           tern_counter(world_stack(p->w, SERVER), rule);
}

TEST(with_icmp_the_transfer_hardly_notices)
{
    static const uint32_t mtus[] = {1280, 1300, 1400, 1499};

    for (unsigned i = 0; i < 16; i++) {
        path p = {.mtu_bytes = mtus[i % 4], .ipv6 = i % 8 >= 4, .sack = i >= 8};
        middlebox_config c = hop(&p, true);
        CHECK(path_play(&p, &c, 5));
        CHECK(p.done_us < SECOND_US);
        for (world_host at = CLIENT; at <= SERVER; at++)
            CHECK_EQ(path_status(&p, at).snd_mss, p.mtu_bytes - (p.ipv6 ? 60 : 40));
        CHECK_EQ(both(&p, TERN_RULE_PATH_MTU_LOWERED), 2);
        CHECK_EQ(both(&p, TERN_RULE_RTO_BACKOFF), 0);
        CHECK_EQ(both(&p, TERN_RULE_FAST_RETRANSMIT), 0);
        path_end(&p);
    }
}

TEST(a_router_of_the_old_kind_names_no_size)
{
    path p = {.mtu_bytes = 1300, .sack = true};
    middlebox_config c = hop(&p, true);

    c.nameless = true;
    CHECK(path_play(&p, &c, 5));
    CHECK(both(&p, TERN_RULE_PATH_MTU_PLATEAU) >= 4); /* 1492 is too large still, then 1006 */
    CHECK_EQ(path_status(&p, CLIENT).snd_mss, 966);
    path_end(&p);
}

TEST(without_icmp_probing_finds_the_way)
{
    for (unsigned i = 0; i < 4; i++) {
        path p = {.mtu_bytes = 1350, .ipv6 = i % 2 == 1, .sack = i >= 2};
        middlebox_config c = hop(&p, false);
        CHECK(path_play(&p, &c, 30));
        CHECK_EQ(both(&p, TERN_RULE_BLACK_HOLE_SUSPECTED), 2);
        for (world_host at = CLIENT; at <= SERVER; at++) {
            uint32_t mtu_bytes = path_status(&p, at).snd_mss + (p.ipv6 ? 60 : 40);
            CHECK(mtu_bytes <= 1350 && mtu_bytes + 17 > 1350);
        }
        path_end(&p);
    }
}

TEST(without_icmp_and_without_probing_nothing_arrives)
{
    path p = {
        .mtu_bytes = 1350, .sack = true, .discovery = {TERN_PATH_MTU_ICMP, TERN_PATH_MTU_ICMP}};
    middlebox_config c = hop(&p, false);

    CHECK(!path_play(&p, &c, 60));
    CHECK_EQ(p.received[SERVER], 0);
    path_end(&p);
}

TEST(off_needs_no_discovery)
{
    path p = {.mtu_bytes = 576, .sack = true, .discovery = {TERN_PATH_MTU_OFF, TERN_PATH_MTU_OFF}};
    middlebox_config c = hop(&p, false);

    CHECK(path_play(&p, &c, 5));
    CHECK(p.done_us < 2 * SECOND_US);
    CHECK_EQ(both(&p, TERN_RULE_RTO_BACKOFF), 0);
    path_end(&p);
}

TEST(where_nothing_is_narrow_nothing_is_probed)
{
    path p = {.mtu_bytes = 1500, .sack = true};
    middlebox_config c = hop(&p, false);

    CHECK(path_play(&p, &c, 5));
    CHECK_EQ(both(&p, TERN_RULE_MTU_PROBE_SENT), 0);
    CHECK_EQ(path_status(&p, CLIENT).snd_mss, 1460);
    path_end(&p);
}
