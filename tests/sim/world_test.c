/* world_test.c - the simulated network itself: order, routes, crashes, bounds. */
#include "sim/world.h"
#include "tests/test.h"

#include <stdlib.h>

enum { CLIENT, SERVER, PORT = 80 };

static tern_config config_of(uint8_t last_octet)
{
    tern_config config;
    tern_config_init(&config);
    memset(config.key, last_octet, sizeof config.key);
    config.addresses[0] = tern_address_ipv4(10, 0, 0, last_octet);
    config.address_count = 1;
    config.connections_max = config.half_open_max = config.time_wait_max = 4;
    config.chunks_max = 64;
    config.flights_max = 4;
    return config;
}

static const tern_endpoint *server_endpoint(void)
{
    static tern_endpoint endpoint;
    endpoint = (tern_endpoint){tern_address_ipv4(10, 0, 0, 2), PORT};
    return &endpoint;
}

/* Two stacks, 10.0.0.1 and 10.0.0.2, 5 ms apart. */
static world *world_of_two(fault_plan *plan)
{
    tern_config client = config_of(1), server = config_of(2);
    link_config links[2];
    world *w = world_new(1, 10000);
    CHECK(w != NULL);
    CHECK_EQ(world_add_stack(w, "client", &client), CLIENT);
    CHECK_EQ(world_add_stack(w, "server", &server), SERVER);
    for (unsigned side = 0; side < 2; side++) {
        link_config_init(&links[side]);
        links[side].delay_us = 5000;
        links[side].plan = plan;
        links[side].from = side == CLIENT ? FAULT_CLIENT : FAULT_SERVER;
    }
    CHECK(world_connect(w, CLIENT, SERVER, &links[CLIENT], &links[SERVER]));
    return w;
}

typedef struct story {
    tern_handle listener, accepted, connection;
    unsigned sent, arrived, settled;
    unsigned fates; /* of all that was sent */
    tern_time sent_us[64];
    uint64_t hash;
    bool connected, closed;
    tern_err error;
} story;

static void story_sent(void *context, world *w, const world_packet *packet)
{
    story *s = context;
    s->sent++;
    s->fates |= packet->fate;
    if (packet->serial < 64)
        s->sent_us[packet->serial] = world_now(w);
    for (size_t i = 0; i < packet->bytes; i++)
        s->hash = s->hash * 31 + packet->octets[i];
    CHECK_EQ(packet->serial, s->sent);
}

static void story_arrived(void *context, world *w, const world_packet *packet, tern_rule rule)
{
    story *s = context;
    s->arrived++;
    CHECK(packet->serial < 64);
    CHECK_EQ(world_now(w), s->sent_us[packet->serial] + 5000);
    CHECK(packet->from != packet->to);
    CHECK(rule != TERN_RULE_ADDRESS_NOT_LOCAL);
}

static void story_settled(void *context, world *w, world_host host)
{
    story *s = context;
    s->settled++;
    CHECK(world_stack(w, host) == NULL || tern_deadline(world_stack(w, host)) > world_now(w));
}

static void story_program(void *context, world *w, world_host host, const tern_event *event)
{
    story *s = context;
    s->connected = s->connected || (event->what & TERN_EVENT_CONNECTED) != 0;
    if (event->what & TERN_EVENT_ACCEPTABLE)
        CHECK_EQ(tern_accept(world_stack(w, host), world_now(w), s->listener, &s->accepted),
                 TERN_OK);
    if (event->what & TERN_EVENT_CLOSED && host == CLIENT) {
        s->closed = true;
        s->error = event->error;
    }
}

static void story_open(void *context, world *w)
{
    story *s = context;
    CHECK_EQ(tern_listen(world_stack(w, SERVER), world_now(w), server_endpoint(), 1, &s->listener),
             TERN_OK);
    CHECK_EQ(
        tern_connect(world_stack(w, CLIENT), world_now(w), NULL, server_endpoint(), &s->connection),
        TERN_OK);
}

static void story_begin(story *s, world *w)
{
    *s = (story){.sent = 0};
    world_set_program(w, CLIENT, story_program, s);
    world_set_program(w, SERVER, story_program, s);
    CHECK(world_observe(w, &(world_observer){.context = s,
                                             .sent = story_sent,
                                             .arrived = story_arrived,
                                             .settled = story_settled}));
}

TEST(a_handshake_takes_three_packets_and_their_time)
{
    story s;
    world *w = world_of_two(NULL);
    story_begin(&s, w);
    CHECK(world_at(w, 1000, story_open, &s));
    CHECK_EQ(world_deadline(w), 1000);
    CHECK_EQ(world_run(w, 300000000), WORLD_QUIET);
    CHECK_EQ(s.sent, 3);
    CHECK_EQ(s.arrived, 3);
    CHECK_EQ(s.fates, 0);
    CHECK(s.settled >= 5);
    CHECK(s.connected && s.accepted.generation != 0);
    CHECK_EQ(s.sent_us[3], 1000 + 2 * 5000);
    CHECK(world_now(w) < 300000000); /* time stops with the last thing that happens */
    CHECK_EQ(world_under_way(w), 0);
    CHECK_EQ(world_deadline(w), TERN_NEVER);
    CHECK(world_steps(w) > 0 && world_broken(w) == NULL);
    world_free(w);
}

TEST(time_goes_as_far_as_it_is_told)
{
    story s;
    world *w = world_of_two(NULL);
    story_begin(&s, w);
    CHECK(world_at(w, 1000, story_open, &s));
    CHECK_EQ(world_advance(w, 999), WORLD_GOES_ON);
    CHECK_EQ(s.sent, 0);
    CHECK_EQ(world_advance(w, 6000), WORLD_GOES_ON); /* the SYN arrives at its own time */
    CHECK_EQ(s.sent, 2);
    CHECK_EQ(s.sent_us[2], 6000);
    CHECK_EQ(world_under_way(w), 1);
    CHECK_EQ(world_advance(w, 10), WORLD_GOES_ON); /* never back */
    CHECK_EQ(world_now(w), 6000);
    CHECK_EQ(world_run(w, 7000), WORLD_GOES_ON);
    CHECK_EQ(world_now(w), 7000);
    CHECK_EQ(world_advance(w, 300000000), WORLD_QUIET);
    CHECK_EQ(world_now(w), 300000000);
    CHECK_EQ(s.sent_us[3], 11000);
    world_free(w);
}

TEST(a_lost_packet_is_told_and_sent_again)
{
    story s;
    fault_plan plan = {.count = 0};
    char why[FAULT_WHY_BYTES];
    CHECK(fault_plan_add(&plan, "lose syn:1", why));
    world *w = world_of_two(&plan);
    story_begin(&s, w);
    CHECK(world_at(w, 0, story_open, &s));
    CHECK_EQ(world_run(w, 10000000), WORLD_QUIET);
    CHECK_EQ(s.sent, 4);
    CHECK_EQ(s.arrived, 3);
    CHECK_EQ(s.fates, FATE_LOST);
    CHECK(s.connected);
    world_free(w);
}

TEST(what_a_timer_tells_is_heard_at_once)
{
    story s;
    fault_plan plan = {.count = 0};
    char why[FAULT_WHY_BYTES];
    CHECK(fault_plan_add(&plan, "lose syn:*", why));
    world *w = world_of_two(&plan);
    story_begin(&s, w);
    CHECK(world_at(w, 0, story_open, &s));
    CHECK_EQ(world_run(w, 179000000), WORLD_GOES_ON);
    CHECK(!s.closed);
    CHECK_EQ(world_run(w, 181000000), WORLD_QUIET); /* a SYN is given up after 180 s */
    CHECK(s.closed && !s.connected);
    CHECK_EQ(s.error, TERN_ERR_TIMED_OUT);
    world_free(w);
}

static void story_stranger(void *context, world *w)
{
    story *s = context;
    tern_endpoint nobody = {tern_address_ipv4(10, 9, 9, 9), PORT};
    CHECK_EQ(tern_connect(world_stack(w, CLIENT), world_now(w), NULL, &nobody, &s->connection),
             TERN_OK);
}

TEST(no_route)
{
    story s;
    world *w = world_of_two(NULL);
    story_begin(&s, w);
    CHECK(world_at(w, 0, story_stranger, &s));
    CHECK_EQ(world_run(w, 500000), WORLD_GOES_ON);
    CHECK_EQ(s.sent, 1);
    CHECK_EQ(s.fates, FATE_NO_ROUTE);
    world_free(w);
}

/* ---- Crash, restart, move ------------------------------------------------------------------ */

static void story_crash(void *context, world *w)
{
    (void)context;
    world_crash(w, SERVER);
    CHECK(world_stack(w, SERVER) == NULL);
    CHECK(!world_move(w, SERVER));
}

static void story_restart(void *context, world *w)
{
    static const uint8_t key[TERN_KEY_BYTES] = {7};
    (void)context;
    CHECK(world_restart(w, SERVER, key));
    CHECK(!world_restart(w, SERVER, key));
    CHECK_MEM(world_config(w, SERVER)->key, key, sizeof key);
}

static void story_say(void *context, world *w)
{
    story *s = context;
    CHECK_EQ(tern_send(world_stack(w, CLIENT), world_now(w), s->connection, "hello", 5), 5);
}

TEST(a_crash_is_silent_and_a_restart_knows_nothing)
{
    story s;
    world *w = world_of_two(NULL);
    story_begin(&s, w);
    CHECK(world_at(w, 0, story_open, &s));
    CHECK(world_at(w, 100000, story_crash, &s));
    CHECK(world_at(w, 200000, story_say, &s));
    CHECK(world_at(w, 300000, story_restart, &s));
    CHECK_EQ(world_run(w, 250000), WORLD_GOES_ON);
    CHECK(!s.closed);
    CHECK_EQ(s.arrived, 3); /* nobody was there for the data */
    CHECK_EQ(world_run(w, 10000000), WORLD_QUIET);
    CHECK(s.closed);
    CHECK_EQ(s.error, TERN_ERR_RESET);
    world_free(w);
}

static void story_move(void *context, world *w)
{
    (void)context;
    tern_stack *before = world_stack(w, CLIENT);
    CHECK(world_move(w, CLIENT));
    CHECK(world_stack(w, CLIENT) != before);
}

static uint64_t hash_of_story(bool moves)
{
    story s;
    world *w = world_of_two(NULL);
    story_begin(&s, w);
    CHECK(world_at(w, 0, story_open, &s));
    CHECK(world_at(w, 50000, story_say, &s));
    for (tern_time at_us = 2000; moves && at_us < 70000; at_us += 3000)
        CHECK(world_at(w, at_us, story_move, &s));
    CHECK_EQ(world_run(w, 10000000), WORLD_QUIET);
    CHECK_EQ(s.sent, 5); /* SYN, SYN-ACK, ACK, data, ACK */
    world_free(w);
    return s.hash;
}

TEST(a_moved_stack_sends_the_same_octets)
{
    CHECK_EQ(hash_of_story(false), hash_of_story(true));
}

/* ---- External hosts ------------------------------------------------------------------------ */

typedef struct outsider {
    unsigned packets;
    uint8_t last[1500];
    size_t bytes;
    tern_time at_us;
} outsider;

static void outsider_deliver(void *context, tern_time now_us, const void *packet, size_t bytes)
{
    outsider *o = context;
    o->packets++;
    o->at_us = now_us;
    o->bytes = bytes;
    memcpy(o->last, packet, bytes < sizeof o->last ? bytes : sizeof o->last);
}

TEST(an_external_host_gets_and_sends_packets)
{
    story s;
    outsider o = {.packets = 0};
    tern_config client = config_of(1);
    world_external external = {.addresses = {tern_address_ipv4(10, 0, 0, 2)},
                               .address_count = 1,
                               .deliver = outsider_deliver,
                               .context = &o};
    link_config link;
    link_config_init(&link);
    link.delay_us = 5000;
    world *w = world_new(1, 1000);
    CHECK(w != NULL);
    CHECK_EQ(world_add_stack(w, "client", &client), CLIENT);
    CHECK_EQ(world_add_external(w, "outside", &external), SERVER);
    CHECK(world_connect(w, CLIENT, SERVER, &link, &link));
    CHECK(world_stack(w, SERVER) == NULL && world_config(w, SERVER) == NULL);
    CHECK_STR(world_name(w, SERVER), "outside");
    CHECK_EQ(world_hosts(w), 2);

    story_begin(&s, w);
    CHECK_EQ(tern_connect(world_stack(w, CLIENT), 0, NULL, server_endpoint(), &s.connection),
             TERN_OK);
    CHECK_EQ(world_advance(w, 5000), WORLD_GOES_ON);
    CHECK_EQ(o.packets, 1);
    CHECK_EQ(o.at_us, 5000);
    CHECK(o.bytes >= 40 && (o.last[33] & 0x3f) == 0x02);

    /* The answer: RST,ACK, made from the SYN with source and destination exchanged, and nobody
     * believes it: its checksum is not right. */
    uint8_t swap[4];
    memcpy(swap, o.last + 12, 4);
    memcpy(o.last + 12, o.last + 16, 4);
    memcpy(o.last + 16, swap, 4);
    o.last[33] = 0x14;
    world_inject(w, SERVER, o.last, o.bytes);
    CHECK_EQ(world_advance(w, 10000), WORLD_GOES_ON);
    CHECK_EQ(s.arrived, 2);
    CHECK_EQ(tern_counter(world_stack(w, CLIENT), TERN_RULE_TCP_CHECKSUM_BAD), 1);
    CHECK(!s.closed);

    /* While it is down, what it sends goes nowhere and nothing reaches it. */
    const uint8_t key[TERN_KEY_BYTES] = {0};
    CHECK(!world_restart(w, SERVER, key));
    world_crash(w, SERVER);
    world_inject(w, SERVER, o.last, o.bytes);
    CHECK(world_advance(w, 1100000) != WORLD_BROKEN); /* the SYN again */
    CHECK_EQ(s.arrived, 2);
    CHECK_EQ(o.packets, 1);
    CHECK(world_restart(w, SERVER, key));
    CHECK(world_advance(w, 3100000) != WORLD_BROKEN);
    CHECK_EQ(o.packets, 2);
    world_free(w);
}

/* ---- Actions and bounds -------------------------------------------------------------------- */

typedef struct order {
    unsigned count;
    unsigned seen[8];
} order;

typedef struct order_item {
    order *order;
    unsigned number;
} order_item;

static void order_note(void *context, world *w)
{
    order_item *item = context;
    (void)w;
    item->order->seen[item->order->count++] = item->number;
}

TEST(actions_happen_in_the_order_of_time_then_of_giving)
{
    order o = {.count = 0};
    order_item items[5] = {{&o, 0}, {&o, 1}, {&o, 2}, {&o, 3}, {&o, 4}};
    static const tern_time times[5] = {30, 10, 20, 10, 30};
    world *w = world_new(1, 100);
    CHECK(w != NULL);
    for (unsigned i = 0; i < 5; i++)
        CHECK(world_at(w, times[i], order_note, &items[i]));
    CHECK_EQ(world_run(w, 100), WORLD_QUIET);
    static const unsigned want[5] = {1, 3, 2, 0, 4};
    CHECK_EQ(o.count, 5);
    for (unsigned i = 0; i < 5; i++)
        CHECK_EQ(o.seen[i], want[i]);
    world_free(w);
}

static void for_ever(void *context, world *w)
{
    CHECK(world_at(w, world_now(w), for_ever, context));
}

TEST(a_runaway_ends)
{
    world *w = world_new(1, 1000);
    CHECK(w != NULL);
    CHECK(world_at(w, 5, for_ever, NULL));
    CHECK_EQ(world_run(w, 10), WORLD_RUNAWAY);
    CHECK_EQ(world_advance(w, 20), WORLD_RUNAWAY);
    CHECK(world_broken(w) == NULL);
    world_free(w);
}

TEST(what_does_not_fit_is_refused)
{
    tern_config bad = config_of(1);
    bad.mtu_bytes = 1;
    world *w = world_new(1, 1000);
    CHECK(w != NULL);
    CHECK_EQ(world_add_stack(w, "bad", &bad), WORLD_NO_HOST);
    CHECK_EQ(world_hosts(w), 0);
    for (unsigned i = 0; i < WORLD_OBSERVERS_MAX; i++)
        CHECK(world_observe(w, &(world_observer){.context = NULL}));
    CHECK(!world_observe(w, &(world_observer){.context = NULL}));
    world_free(w);
    world_free(NULL);
}
