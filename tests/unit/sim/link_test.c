/* link_test.c - delay, rate, order, bounds and faults of one direction of a wire. */
#include "sim/link.h"
#include "tests/test.h"
#include "tests/unit/sim/packets_fixture.h"

static sim_link *link_of(const link_config *config)
{
    sim_link *link = link_new(config);
    CHECK(link != NULL);
    return link;
}

/* Pops one packet and checks its serial; what comes out must be 0 before its time. */
static void check_comes(sim_link *link, tern_time at_us, uint64_t want_serial)
{
    uint8_t out[FIXTURE_PACKET_MAX_BYTES];
    uint64_t serial = 0;
    CHECK_EQ(link_deadline(link), at_us);
    if (at_us > 0)
        CHECK_EQ(link_pop(link, at_us - 1, out, sizeof out, &serial), 0);
    CHECK(link_pop(link, at_us, out, sizeof out, &serial) > 0);
    CHECK_EQ(serial, want_serial);
}

static unsigned push_bytes(sim_link *link, tern_time now_us, size_t bytes, uint64_t serial)
{
    uint8_t packet[FIXTURE_PACKET_MAX_BYTES] = {0x45};
    return link_push(link, now_us, packet, bytes, serial);
}

TEST(empty)
{
    link_config config;
    link_config_init(&config);
    sim_link *link = link_of(&config);
    uint8_t out[4];
    CHECK_EQ(link_deadline(link), TERN_NEVER);
    CHECK_EQ(link_pop(link, TERN_NEVER, out, sizeof out, NULL), 0);
    link_free(link);
    link_free(NULL);
}

TEST(octets_come_out_as_they_went_in)
{
    link_config config;
    link_config_init(&config);
    sim_link *link = link_of(&config);
    uint8_t in[FIXTURE_PACKET_MAX_BYTES], out[FIXTURE_PACKET_MAX_BYTES];
    size_t bytes = packet_tcp(in, 4, FIXTURE_ACK, 10);
    CHECK_EQ(link_push(link, 5, in, bytes, 1), 0);
    CHECK_EQ(link_held(link), 1);
    CHECK_EQ(link_pop(link, 5, out, sizeof out, NULL), bytes);
    CHECK_MEM(in, out, bytes);
    CHECK_EQ(link_push(link, 5, in, bytes, 2), 0);
    CHECK_EQ(link_pop(link, 5, out, 7, NULL), 7);
    CHECK_EQ(link_held(link), 0);
    link_free(link);
}

TEST(delay)
{
    link_config config;
    link_config_init(&config);
    config.delay_us = 20000;
    sim_link *link = link_of(&config);
    for (uint64_t serial = 1; serial <= 40; serial++)
        CHECK_EQ(push_bytes(link, serial / 3, 100, serial), 0);
    for (uint64_t serial = 1; serial <= 40; serial++)
        check_comes(link, 20000 + serial / 3, serial);
    link_free(link);
}

TEST(rate_spaces_packets)
{
    link_config config;
    link_config_init(&config);
    config.delay_us = 1000;
    config.rate_bits_per_s = 8000000; /* an octet each microsecond */
    sim_link *link = link_of(&config);
    CHECK_EQ(push_bytes(link, 0, 100, 1), 0);
    CHECK_EQ(push_bytes(link, 0, 200, 2), 0);
    CHECK_EQ(push_bytes(link, 50, 100, 3), 0);
    CHECK_EQ(push_bytes(link, 1000, 100, 4), 0);
    check_comes(link, 1100, 1);
    check_comes(link, 1300, 2);
    check_comes(link, 1400, 3);
    check_comes(link, 2100, 4);
    link_free(link);
}

TEST(queue_limit_counts_those_that_wait)
{
    link_config config;
    link_config_init(&config);
    config.rate_bits_per_s = 8000000;
    config.queue_max = 2;
    sim_link *link = link_of(&config);
    CHECK_EQ(push_bytes(link, 0, 100, 1), 0); /* leaves at once */
    CHECK_EQ(push_bytes(link, 0, 100, 2), 0);
    CHECK_EQ(push_bytes(link, 0, 100, 3), 0);
    CHECK_EQ(push_bytes(link, 0, 100, 4), FATE_QUEUE_FULL);
    CHECK_EQ(push_bytes(link, 99, 100, 5), FATE_QUEUE_FULL);
    CHECK_EQ(push_bytes(link, 100, 100, 6), 0); /* 2 has begun to leave */
    check_comes(link, 100, 1);
    check_comes(link, 200, 2);
    check_comes(link, 300, 3);
    check_comes(link, 400, 6);
    for (unsigned i = 0; i < 100; i++) { /* the ring goes round */
        CHECK_EQ(push_bytes(link, 1000 + i * 100, 100, i), 0);
        check_comes(link, 1100 + i * 100, i);
    }
    link_free(link);
}

TEST(held_limit_counts_all)
{
    link_config config;
    link_config_init(&config);
    config.delay_us = 10;
    config.held_max = 3;
    config.odds.duplicate_ppm = RNG_PER_MILLION;
    sim_link *link = link_of(&config);
    CHECK_EQ(push_bytes(link, 0, 100, 1), FATE_DUPLICATED);
    CHECK_EQ(push_bytes(link, 0, 100, 2), 0); /* no room for the copy */
    CHECK_EQ(push_bytes(link, 0, 100, 3), FATE_QUEUE_FULL);
    CHECK_EQ(link_held(link), 3);
    check_comes(link, 10, 1);
    check_comes(link, 10, 1);
    check_comes(link, 10, 2);
    link_free(link);
}

TEST(jitter_keeps_the_order)
{
    link_config config;
    link_config_init(&config);
    config.delay_us = 1000;
    config.jitter_us = 500;
    config.seed = 12;
    sim_link *link = link_of(&config);
    uint8_t out[FIXTURE_PACKET_MAX_BYTES];
    for (uint64_t serial = 1; serial <= 200; serial++)
        CHECK_EQ(push_bytes(link, serial * 10, 40, serial), 0);
    tern_time last_us = 0;
    for (uint64_t want = 1; want <= 200; want++) {
        uint64_t serial = 0;
        tern_time due_us = link_deadline(link);
        CHECK(due_us >= last_us && due_us >= want * 10 + 1000 && due_us <= 200 * 10 + 1500);
        CHECK(link_pop(link, due_us, out, sizeof out, &serial) == 40);
        CHECK_EQ(serial, want);
        last_us = due_us;
    }
    link_free(link);
}

TEST(named_packets)
{
    fault_plan plan = {.count = 0};
    char why[FAULT_WHY_BYTES];
    CHECK(fault_plan_add(&plan, "lose client>syn:1", why));
    CHECK(fault_plan_add(&plan, "delay syn:2 500us", why));
    link_config config;
    link_config_init(&config);
    config.delay_us = 100;
    config.plan = &plan;
    config.from = FAULT_CLIENT;
    sim_link *link = link_of(&config);
    uint8_t syn[FIXTURE_PACKET_MAX_BYTES], ack[FIXTURE_PACKET_MAX_BYTES];
    size_t syn_bytes = packet_tcp(syn, 4, FIXTURE_SYN, 0);
    size_t ack_bytes = packet_tcp(ack, 4, FIXTURE_ACK, 0);
    CHECK_EQ(link_push(link, 0, syn, syn_bytes, 1), FATE_LOST);
    CHECK_EQ(link_push(link, 0, syn, syn_bytes, 2), FATE_DELAYED);
    CHECK_EQ(link_push(link, 10, ack, ack_bytes, 3), 0); /* overtakes */
    check_comes(link, 110, 3);
    check_comes(link, 600, 2);
    CHECK_EQ(link_deadline(link), TERN_NEVER);
    link_free(link);
}

TEST(a_corrupted_packet_has_an_intact_copy)
{
    fault_plan plan = {.count = 0};
    char why[FAULT_WHY_BYTES];
    CHECK(fault_plan_add(&plan, "corrupt any:*", why));
    CHECK(fault_plan_add(&plan, "duplicate any:*", why));
    link_config config;
    link_config_init(&config);
    config.plan = &plan;
    sim_link *link = link_of(&config);
    uint8_t in[FIXTURE_PACKET_MAX_BYTES], out[FIXTURE_PACKET_MAX_BYTES];
    size_t bytes = packet_tcp(in, 6, FIXTURE_ACK, 3);
    CHECK_EQ(link_push(link, 0, in, bytes, 1), FATE_CORRUPTED | FATE_DUPLICATED);
    CHECK_EQ(link_pop(link, 0, out, sizeof out, NULL), bytes);
    CHECK(memcmp(in, out, bytes) != 0);
    CHECK_EQ(link_pop(link, 0, out, sizeof out, NULL), bytes);
    CHECK_MEM(in, out, bytes);
    link_free(link);
}

/* The fates of 500 packets, as one number. */
static uint64_t fates(uint64_t seed)
{
    link_config config;
    link_config_init(&config);
    config.seed = seed;
    config.odds = (fault_odds){100000, 100000, 100000, 100000, 300};
    config.jitter_us = 50;
    sim_link *link = link_of(&config);
    uint64_t hash = 0;
    for (uint64_t serial = 1; serial <= 500; serial++)
        hash = hash * 31 + push_bytes(link, serial * 100, 60, serial);
    for (tern_time due_us; (due_us = link_deadline(link)) != TERN_NEVER;) {
        uint8_t out[FIXTURE_PACKET_MAX_BYTES];
        uint64_t serial = 0;
        CHECK_EQ(link_pop(link, due_us, out, sizeof out, &serial), 60);
        for (size_t i = 0; i < 60; i++)
            hash = hash * 31 + out[i];
        hash = hash * 31 + serial + due_us;
    }
    link_free(link);
    return hash;
}

TEST(a_seed_is_repeatable)
{
    CHECK_EQ(fates(1), fates(1));
    CHECK(fates(1) != fates(2));
}
