/* flood_test.c - a SYN flood: with cookies every honest client is served, without none is.
 *
 * For one virtual second a SYN comes in every microsecond, a million in all (over IPv6 every ten
 * microseconds, 100,000), each from a random address, port and sequence number, against one
 * listener with 256 half-open records. 1,000 honest clients (one stack, 5 ms away) come in that
 * second, one every 900 us; each connects, sends 1 KB, half-closes, gets the same 1 KB back from
 * the server, checks it, and closes. A client gives up after 10 s, so that a run without cookies
 * ends; the flood's records last for 63 s. */
#include "sim/link.h"
#include "tern/status.h"
#include "tests/sim/segment_fixture.h"
#include "tests/test.h"

#include <stdlib.h>

enum {
    PORT = 80,
    CLIENTS = 1000,
    CLIENT_EVERY_US = 900,
    CLIENT_PATIENCE_MS = 10000,
    TEXT_BYTES = 1024,
    HALF_OPEN = 256,
    FLOOD_US = 1000000, /* it lasts */
    TICK_US = 100,
    DELAY_US = 5000,
    END_US = 20 * 1000000,
    PACKET_BYTES = 1500,
    BEGIN_US = 1000000, /* on the stacks' clock */
};

typedef struct client {
    tern_handle handle;
    uint32_t sent, received;
    bool open, connected, served;
    tern_err error;
} client;

typedef struct service {
    uint8_t text[TEXT_BYTES];
    uint32_t received, sent;
    bool ended;
} service;

/* What a flood comes by. */
typedef struct flood_way {
    const char *name, *server, *honest; /* the addresses of both stacks */
    tern_address (*source)(uint64_t chance);
    uint32_t every_us; /* a SYN */
    tern_cookies cookies;
} flood_way;

typedef struct flood {
    const flood_way *way;
    tern_stack *server, *honest;
    tern_address server_address, honest_address;
    tern_handle listener;
    sim_link *to_server, *to_honest;
    rng chance;
    tern_time now_us; /* since BEGIN_US */
    client clients[CLIENTS];
    uint32_t client_of[CLIENTS]; /* by the handle's index */
    service services[CLIENTS];   /* likewise, the server's */
    uint32_t opened;
    uint64_t syns, syns_answered; /* of the flood */
    tern_usage most;              /* of the server, each at its peak */
} flood;

static uint8_t client_octet(uint32_t number, uint32_t at)
{
    return (uint8_t)((number * 2654435761u + at * 40503u) >> 13);
}

static tern_time flood_clock(const flood *f)
{
    return BEGIN_US + f->now_us;
}

static tern_config flood_config(tern_address address, uint8_t key)
{
    tern_config config;

    tern_config_init(&config);
    memset(config.key, key, sizeof config.key);
    config.addresses[0] = address;
    config.address_count = 1;
    config.connections_max = config.flights_max = CLIENTS;
    config.half_open_max = HALF_OPEN;
    config.time_wait_max = CLIENTS;
    config.syn_schedule.give_up_ms = CLIENT_PATIENCE_MS;
    return config;
}

static tern_stack *flood_stack(const tern_config *config)
{
    size_t bytes = tern_size(config, NULL);
    void *memory = malloc(bytes);

    CHECK(bytes > 0 && memory != NULL);
    tern_stack *stack = tern_init(memory, bytes, config);
    CHECK(stack != NULL);
    return stack;
}

/* 11.0.0.0 .. 138.255.255.255, of which nobody is honest. */
static tern_address flood_ipv4(uint64_t chance)
{
    return tern_address_ipv4((uint8_t)(11 + (chance & 127)), (uint8_t)(chance >> 8),
                             (uint8_t)(chance >> 16), (uint8_t)(chance >> 24));
}

/* Of 2001:db8::/32. */
static tern_address flood_ipv6(uint64_t chance)
{
    tern_address from = {{0x20, 0x01, 0x0d, 0xb8}};

    memcpy(from.octets + 8, &chance, sizeof chance);
    return from;
}

static uint32_t flood_syns(const flood_way *way)
{
    return FLOOD_US / way->every_us;
}

static flood *flood_begin(const flood_way *way)
{
    flood *f = calloc(1, sizeof *f);

    CHECK(f != NULL);
    f->chance = rng_of_seed(7);
    f->way = way;
    CHECK(tern_address_parse(way->server, &f->server_address));
    CHECK(tern_address_parse(way->honest, &f->honest_address));
    tern_config config = flood_config(f->server_address, 1);
    config.syn_cookies = way->cookies;
    f->server = flood_stack(&config);
    config = flood_config(f->honest_address, 2);
    f->honest = flood_stack(&config);
    link_config wire;
    link_config_init(&wire);
    wire.delay_us = DELAY_US;
    f->to_server = link_new(&wire);
    f->to_honest = link_new(&wire);
    CHECK(f->to_server != NULL && f->to_honest != NULL);
    tern_endpoint local = {f->server_address, PORT};
    CHECK_EQ(tern_listen(f->server, BEGIN_US, &local, CLIENTS, &f->listener), TERN_OK);
    return f;
}

static void flood_end(flood *f)
{
    link_free(f->to_server);
    link_free(f->to_honest);
    free(f->server);
    free(f->honest);
    free(f);
}

/* ---- The server's program: reads 1 KB to its end, sends it back, closes ---- */

static void service_go_on(flood *f, tern_handle c)
{
    service *s = &f->services[c.index];
    tern_time now_us = flood_clock(f);
    ptrdiff_t got = 0;

    while (!s->ended) {
        uint8_t *to = s->text + s->received % TEXT_BYTES;
        got = tern_recv(f->server, now_us, c, to, TEXT_BYTES - s->received % TEXT_BYTES);
        s->ended = got == 0;
        if (got <= 0)
            break;
        s->received += (uint32_t)got;
    }
    if (!s->ended)
        return;
    CHECK_EQ(s->received, TEXT_BYTES);
    got = tern_send(f->server, now_us, c, s->text + s->sent, TEXT_BYTES - s->sent);
    s->sent += got > 0 ? (uint32_t)got : 0;
    if (s->sent == TEXT_BYTES)
        CHECK_EQ(tern_close(f->server, now_us, c), TERN_OK);
}

static void service_events(flood *f)
{
    tern_event event;
    tern_handle c;

    while (tern_next_event(f->server, &event)) {
        if ((event.what & TERN_EVENT_ACCEPTABLE) == 0) {
            service_go_on(f, event.handle);
            continue;
        }
        while (tern_accept(f->server, flood_clock(f), f->listener, &c) == TERN_OK) {
            f->services[c.index] = (service){.received = 0};
            service_go_on(f, c);
        }
    }
}

/* ---- The clients' program ---- */

static void client_open(flood *f)
{
    uint32_t number = f->opened++;
    client *c = &f->clients[number];
    tern_endpoint remote = {f->server_address, PORT};

    CHECK_EQ(tern_connect(f->honest, flood_clock(f), NULL, &remote, &c->handle), TERN_OK);
    c->open = true;
    f->client_of[c->handle.index] = number;
}

static void client_send(flood *f, uint32_t number)
{
    client *c = &f->clients[number];
    uint8_t text[TEXT_BYTES];

    for (uint32_t i = 0; i < TEXT_BYTES; i++)
        text[i] = client_octet(number, i);
    CHECK_EQ(tern_send(f->honest, flood_clock(f), c->handle, text, TEXT_BYTES), TEXT_BYTES);
    CHECK_EQ(tern_shutdown(f->honest, flood_clock(f), c->handle, TERN_SHUTDOWN_WRITE), TERN_OK);
}

static void client_read(flood *f, uint32_t number)
{
    client *c = &f->clients[number];
    uint8_t text[TEXT_BYTES];
    ptrdiff_t got;

    while ((got = tern_recv(f->honest, flood_clock(f), c->handle, text, sizeof text)) > 0) {
        for (ptrdiff_t i = 0; i < got; i++)
            CHECK_EQ(text[i], client_octet(number, c->received + (uint32_t)i));
        c->received += (uint32_t)got;
    }
    c->served = c->served || (got == 0 && c->received == TEXT_BYTES);
}

static void client_events(flood *f)
{
    tern_event event;

    while (tern_next_event(f->honest, &event)) {
        uint32_t number = f->client_of[event.handle.index];
        client *c = &f->clients[number];
        if ((event.what & TERN_EVENT_CONNECTED) != 0) {
            c->connected = true;
            client_send(f, number);
        }
        if (c->connected)
            client_read(f, number);
        if ((event.what & TERN_EVENT_CLOSED) != 0)
            c->error = event.error;
        if (c->served || (event.what & TERN_EVENT_CLOSED) != 0) {
            CHECK_EQ(tern_close(f->honest, flood_clock(f), c->handle), TERN_OK);
            c->open = false;
        }
    }
}

/* ---- The network ---- */

/* Hands the server's packets on: those of the flood go nowhere, and are counted. */
static void flood_server_output(flood *f, tern_time now_us)
{
    uint8_t packet[PACKET_BYTES];
    ip_packet ip;
    size_t bytes;

    while ((bytes = tern_output(f->server, BEGIN_US + now_us, packet, sizeof packet)) > 0) {
        CHECK_EQ(ip_read(&ip, packet, bytes), TERN_RULE_NONE);
        if (memcmp(&ip.destination, &f->honest_address, sizeof ip.destination) == 0)
            CHECK_EQ(link_push(f->to_honest, now_us, packet, bytes, 0), 0);
        else
            f->syns_answered++;
    }
}

static void flood_syn(flood *f, tern_time now_us)
{
    uint64_t r = rng_next(&f->chance), more = rng_next(&f->chance);
    tern_address from = f->way->source(r);
    tcp_header tcp = {.source_port = (uint16_t)(1 + (r >> 32) % UINT16_MAX),
                      .destination_port = PORT,
                      .seq = seq_of((uint32_t)more),
                      .flags = TCP_SYN,
                      .window = (uint16_t)(more >> 32)};
    tcp_options options = {.has_mss = true,
                           .mss = 1460,
                           .has_sack_permitted = (more >> 48 & 1) != 0,
                           .has_timestamps = (more >> 49 & 1) != 0,
                           .ts_value = (uint32_t)(r >> 16)};
    uint8_t packet[PACKET_BYTES];
    size_t bytes = segment_write(packet, &from, &f->server_address, &tcp, &options);

    (void)tern_input(f->server, BEGIN_US + now_us, packet, bytes);
    f->syns++;
}

static void flood_note(flood *f)
{
    tern_usage u;

    tern_usage_get(f->server, &u);
    f->most.half_open = u.half_open > f->most.half_open ? u.half_open : f->most.half_open;
    f->most.connections = u.connections > f->most.connections ? u.connections : f->most.connections;
    f->most.chunks = u.chunks > f->most.chunks ? u.chunks : f->most.chunks;
    f->most.replies = u.replies > f->most.replies ? u.replies : f->most.replies;
}

/* One tick of the honest: what arrives, what the programs do, what goes out. */
static void flood_honest_tick(flood *f)
{
    uint8_t packet[PACKET_BYTES];
    size_t bytes;

    while (f->opened < CLIENTS && f->now_us >= (tern_time)(f->opened + 1) * CLIENT_EVERY_US)
        client_open(f);
    while ((bytes = link_pop(f->to_server, f->now_us, packet, sizeof packet, NULL)) > 0) {
        (void)tern_input(f->server, flood_clock(f), packet, bytes);
        service_events(f);
        flood_server_output(f, f->now_us);
    }
    while ((bytes = link_pop(f->to_honest, f->now_us, packet, sizeof packet, NULL)) > 0)
        (void)tern_input(f->honest, flood_clock(f), packet, bytes);
    client_events(f);
    while ((bytes = tern_output(f->honest, flood_clock(f), packet, sizeof packet)) > 0)
        CHECK_EQ(link_push(f->to_server, f->now_us, packet, bytes, 0), 0);
    client_events(f);
    flood_server_output(f, f->now_us);
}

/* The flood's second. */
static void flood_run(flood *f)
{
    while (f->now_us < FLOOD_US) {
        for (uint32_t i = 0; i < TICK_US; i += f->way->every_us) {
            flood_syn(f, f->now_us + i);
            if (i == TICK_US / 2)
                flood_note(f);
            flood_server_output(f, f->now_us + i);
        }
        f->now_us += TICK_US;
        flood_honest_tick(f);
    }
}

static uint32_t flood_open(const flood *f)
{
    uint32_t open = 0;

    for (uint32_t i = 0; i < CLIENTS; i++)
        open += f->clients[i].open;
    return open;
}

/* And after it, until every client is served or has given up. */
static void flood_wait(flood *f)
{
    while (flood_open(f) > 0 && f->now_us < END_US) {
        f->now_us += 10 * TICK_US;
        flood_honest_tick(f);
    }
    CHECK_EQ(flood_open(f), 0);
}

static uint32_t flood_count(const flood *f)
{
    uint32_t connected = 0, served = 0, timed_out = 0;

    for (uint32_t i = 0; i < CLIENTS; i++) {
        connected += f->clients[i].connected;
        served += f->clients[i].served;
        timed_out += f->clients[i].error == TERN_ERR_TIMED_OUT;
    }
    printf("  %s: %u SYNs of the flood, %u of %u clients connected, %u served, %u timed out; at "
           "most %u half-open, %u connections, %u chunks, %u replies\n",
           f->way->name, (unsigned)f->syns, connected, CLIENTS, served, timed_out,
           f->most.half_open, f->most.connections, f->most.chunks, f->most.replies);
    return served;
}

/* Runs it, and every honest client is served. */
static void flood_with_cookies(const flood_way *way)
{
    flood *f = flood_begin(way);
    const uint32_t syns = flood_syns(way);
    tern_usage u;

    flood_run(f);
    CHECK_EQ(flood_open(f), 0); /* all was done while the flood ran */
    CHECK_EQ(flood_count(f), CLIENTS);
    CHECK_EQ(f->syns, syns);
    /* Each once, and those with a record again after a second. */
    CHECK(f->syns_answered >= syns && f->syns_answered <= syns + HALF_OPEN);
    CHECK_EQ(tern_counter(f->server, TERN_RULE_LISTEN_SYN_ACCEPTED), HALF_OPEN);
    CHECK_EQ(tern_counter(f->server, TERN_RULE_COOKIE_SENT), syns - HALF_OPEN + CLIENTS);
    CHECK_EQ(tern_counter(f->server, TERN_RULE_COOKIE_ACCEPTED), CLIENTS);
    CHECK_EQ(tern_counter(f->server, TERN_RULE_COOKIE_BAD), 0);
    CHECK_EQ(tern_counter(f->server, TERN_RULE_REPLIES_FULL), 0);

    /* The flood took its 256 records and one reply at a time, and nothing else: connections and
     * chunks were the clients', who are gone. */
    CHECK_EQ(f->most.half_open, HALF_OPEN);
    CHECK_EQ(f->most.replies, 1);
    CHECK(f->most.connections > 0 && f->most.connections <= 60);
    CHECK(f->most.chunks <= f->most.connections * 2);
    tern_usage_get(f->server, &u);
    CHECK_EQ(u.half_open, HALF_OPEN);
    CHECK_EQ(u.connections + u.flights + u.chunks + u.ranges + u.replies, 0);
    flood_end(f);
}

TEST(with_cookies_every_honest_client_is_served)
{
    flood_with_cookies(&(flood_way){.name = "cookies",
                                    .server = "10.0.0.1",
                                    .honest = "10.0.0.2",
                                    .source = flood_ipv4,
                                    .every_us = 1,
                                    .cookies = TERN_COOKIES_PRESSURE});
}

TEST(with_cookies_over_ipv6_too)
{
    flood_with_cookies(&(flood_way){.name = "cookies, IPv6",
                                    .server = "fd00::1",
                                    .honest = "fd00::2",
                                    .source = flood_ipv6,
                                    .every_us = 10,
                                    .cookies = TERN_COOKIES_PRESSURE});
}

/* Runs it, and at most one of a hundred gets in. */
static void flood_without_cookies(const flood_way *way)
{
    flood *f = flood_begin(way);

    flood_run(f);
    flood_wait(f);
    CHECK(flood_count(f) <= CLIENTS / 100);
    CHECK_EQ(f->syns, flood_syns(way));
    CHECK_EQ(f->most.half_open, HALF_OPEN);
    CHECK(tern_counter(f->server, TERN_RULE_HALF_OPEN_FULL) >= flood_syns(way) - HALF_OPEN);
    CHECK_EQ(tern_counter(f->server, TERN_RULE_COOKIE_SENT), 0);
    flood_end(f);
}

TEST(without_cookies_the_flood_shuts_them_out)
{
    flood_without_cookies(&(flood_way){.name = "without",
                                       .server = "10.0.0.1",
                                       .honest = "10.0.0.2",
                                       .source = flood_ipv4,
                                       .every_us = 1,
                                       .cookies = TERN_COOKIES_NEVER});
}

TEST(without_cookies_over_ipv6_too)
{
    flood_without_cookies(&(flood_way){.name = "without, IPv6",
                                       .server = "fd00::1",
                                       .honest = "fd00::2",
                                       .source = flood_ipv6,
                                       .every_us = 10,
                                       .cookies = TERN_COOKIES_NEVER});
}
