/* memory_test.c - the configuration and the arena. */
#include "tests/unit/tcp_fixture.h"

#include <stddef.h>
#include <stdlib.h>

/* A 32-bit field of tern_config and a value that it must not have. */
static const struct {
    size_t at;
    uint32_t value;
    const char *field;
} wrong_values[] = {
#define WRONG(field, value)                                                                        \
    {                                                                                              \
        offsetof(tern_config, field), (value), #field                                              \
    }
    WRONG(address_count, 0),
    WRONG(address_count, TERN_ADDRESSES_MAX + 1),
    WRONG(mtu_bytes, TERN_MTU_MIN_BYTES - 1),
    WRONG(mtu_bytes, TERN_MTU_MAX_BYTES + 1),
    WRONG(mtu_bytes, 1279), /* there is an IPv6 address */
    WRONG(connections_max, 0),
    WRONG(connections_max, UINT32_MAX),
    WRONG(half_open_max, 0),
    WRONG(half_open_max, UINT32_MAX),
    WRONG(time_wait_max, 0),
    WRONG(time_wait_max, UINT32_MAX),
    WRONG(listeners_max, 0),
    WRONG(listeners_max, 65536),
    WRONG(chunks_max, 0),
    WRONG(chunks_max, UINT32_MAX),
    WRONG(chunk_bytes, 0),
    WRONG(chunk_bytes, 120),
    WRONG(chunk_bytes, 1001),
    WRONG(chunk_bytes, 65536),
    WRONG(flights_max, 0),
    WRONG(ranges_max, 0),
    WRONG(ranges_per_connection, 0),
    WRONG(replies_max, 0),
    WRONG(replies_max, UINT32_MAX),
    WRONG(fragments_max, 256),
    WRONG(datagram_bytes_max, 575),
    WRONG(datagram_bytes_max, 1499), /* there is an IPv6 address */
    WRONG(datagram_bytes_max, 65536),
    WRONG(fragment_ms, 0),
    WRONG(fragment_ms, UINT32_MAX),
    WRONG(fast_open_cache_max, 0),
    WRONG(fast_open_cache_max, 65536),
    WRONG(saved_syns_max, 256),
    WRONG(slow_start_segments, 101),
    WRONG(fast_open_patience, 101),
    WRONG(fast_open_cookieless, 4),
    WRONG(send_buffer_bytes, 0),
    WRONG(send_buffer_bytes, UINT32_MAX),
    WRONG(send_buffer_max_bytes, (1u << 30) + 1),
    WRONG(cork_ms, 60001),
    WRONG(recv_buffer_bytes, 0),
    WRONG(recv_buffer_bytes, (1u << 30) + 1),
    WRONG(congestion, 1000),
    WRONG(syn_schedule.first_ms, 0),
    WRONG(syn_schedule.first_ms, 60001),
    WRONG(syn_schedule.max_ms, 999),
    WRONG(syn_schedule.give_up_ms, UINT32_MAX),
    WRONG(syn_ack_schedule.waits_ms[11], 3600001),
    WRONG(syn_ack_schedule.give_up_ms, 0),
    WRONG(data_schedule.min_ms, 0),
    WRONG(data_schedule.min_ms, 60001),
    WRONG(data_schedule.max_ms, 3600001),
    WRONG(orphan_schedule.slop_ms, 3600001),
    WRONG(orphan_schedule.give_up_ms, 0),
    WRONG(persist_schedule.retries_max, 256),
    WRONG(persist_schedule.retries_as_time, 1),
    WRONG(rto_spread_min_ms, 3600001),
    WRONG(hold_ms, 0),
    WRONG(user_timeout_advertise_ms, UINT32_MAX),
    WRONG(user_timeout_least_ms, 0),
    WRONG(user_timeout_least_ms, UINT32_MAX),
    WRONG(user_timeout_most_ms, 1),
    WRONG(user_timeout_most_ms, UINT32_MAX),
    WRONG(hold_ms, UINT32_MAX),
    WRONG(delayed_ack_ms, 500),
    WRONG(time_wait_ms, 0),
    WRONG(time_wait_ms, 30 * 60 * 1000 + 1),
    WRONG(fin_wait_2_ms, 0),
    WRONG(fin_wait_2_ms, UINT32_MAX),
    WRONG(initial_window_segments, 0),
    WRONG(initial_window_segments, UINT32_MAX),
#undef WRONG
};

TEST(config_with_each_field_wrong_names_it)
{
    static uint64_t memory[65536];

    for (unsigned i = 0; i < sizeof wrong_values / sizeof wrong_values[0]; i++) {
        tern_config c = fixture_config();
        const char *why = NULL;
        memcpy((uint8_t *)&c + wrong_values[i].at, &wrong_values[i].value, 4);
        size_t size = tern_size(&c, &why);
        char field[64]; /* "syn_schedule: first_ms ..." names syn_schedule.first_ms */
        snprintf(field, sizeof field, "%.*s", (int)strcspn(wrong_values[i].field, "."),
                 wrong_values[i].field);
        if (size != 0 || why == NULL || strstr(why, field) == NULL)
            test_fail(__FILE__, __LINE__, "%s = %u: size %zu, why: %s", wrong_values[i].field,
                      wrong_values[i].value, size, why != NULL ? why : "-");
        CHECK(tern_init(memory, sizeof memory, &c) == NULL);
        CHECK_EQ(tern_size(&c, NULL), 0);
    }
}

TEST(config_of_another_size_is_refused)
{
    tern_config c = fixture_config();
    const char *why = NULL;

    c.struct_bytes--;
    CHECK_EQ(tern_size(&c, &why), 0);
    CHECK(strstr(why, "struct_bytes") != NULL);
    c.struct_bytes = 0;
    CHECK_EQ(tern_size(&c, &why), 0);
}

TEST(config_with_wrong_ports)
{
    tern_config c = fixture_config();
    const char *why = NULL;

    c.ephemeral_port_first = 0;
    CHECK_EQ(tern_size(&c, &why), 0);
    CHECK(strstr(why, "ephemeral_port_first") != NULL);
    c.ephemeral_port_first = 5000;
    c.ephemeral_port_last = 4999;
    CHECK_EQ(tern_size(&c, &why), 0);
}

TEST(config_with_an_address_that_cannot_be_a_hosts)
{
    static const char *const addresses[] = {"::", "0.0.0.0", "224.0.0.1", "255.255.255.255",
                                            "ff02::1"};

    for (unsigned i = 0; i < 5; i++) {
        tern_config c = fixture_config();
        const char *why = NULL;
        CHECK(tern_address_parse(addresses[i], &c.addresses[1]));
        if (tern_size(&c, &why) != 0)
            test_fail(__FILE__, __LINE__, "%s is taken", addresses[i]);
        CHECK(strstr(why, "address") != NULL);
    }
}

TEST(config_of_the_defaults_wants_an_address_alone)
{
    tern_config c;
    const char *why = NULL;

    tern_config_init(&c);
    CHECK_EQ(tern_size(&c, &why), 0);
    CHECK(strstr(why, "address_count") != NULL);
    c.addresses[0] = tern_address_ipv4(10, 0, 0, 1);
    c.address_count = 1;
    CHECK(tern_size(&c, &why) > 0);
    CHECK(why == NULL);
    c.mtu_bytes = 576; /* without IPv6 */
    CHECK(tern_size(&c, &why) > 0);
}

TEST(init_wants_the_octets_that_size_tells)
{
    tern_config c = fixture_config();
    size_t bytes = tern_size(&c, NULL);
    void *memory = malloc(bytes);

    CHECK(memory != NULL);
    bool small = tern_init(memory, bytes - 1, &c) == NULL && tern_init(memory, 0, &c) == NULL;
    bool right = tern_init(memory, bytes, &c) == memory;
    free(memory);
    CHECK(small);
    CHECK(right);
}

TEST(init_writes_every_octet)
{
    tern_config c = fixture_config();
    size_t bytes = tern_size(&c, NULL);
    uint8_t *a = malloc(bytes), *b = malloc(bytes);

    CHECK(a != NULL && b != NULL);
    memset(a, 0x55, bytes);
    memset(b, 0xaa, bytes);
    bool made = tern_init(a, bytes, &c) != NULL && tern_init(b, bytes, &c) != NULL;
    bool same = memcmp(a, b, bytes) == 0;
    free(a);
    free(b);
    CHECK(made && same);
}

TEST(footprint_is_what_one_more_costs)
{
    static const struct {
        size_t field, footprint;
    } kinds[] = {
        {offsetof(tern_config, connections_max), offsetof(tern_footprint, connection)},
        {offsetof(tern_config, half_open_max), offsetof(tern_footprint, half_open)},
        {offsetof(tern_config, time_wait_max), offsetof(tern_footprint, time_wait)},
        {offsetof(tern_config, flights_max), offsetof(tern_footprint, flight)},
        {offsetof(tern_config, ranges_max), offsetof(tern_footprint, range)},
        {offsetof(tern_config, listeners_max), offsetof(tern_footprint, listener)},
        {offsetof(tern_config, replies_max), offsetof(tern_footprint, reply)},
        {offsetof(tern_config, fast_open_cache_max), offsetof(tern_footprint, fast_open)},
    };
    tern_footprint f;

    tern_footprint_get(&f);
    for (unsigned i = 0; i < 8; i++) {
        tern_config c = fixture_config();
        uint32_t more = 16000 + 8;
        size_t one, before = tern_size(&c, NULL);
        memcpy((uint8_t *)&c + kinds[i].field, &more, 4);
        memcpy(&one, (uint8_t *)&f + kinds[i].footprint, sizeof one);
        size_t grown = tern_size(&c, NULL) - before;
        CHECK(grown >= 15900 * one && grown <= 16100 * one);
    }
    CHECK(f.connection <= 384 && f.half_open <= 96 && f.time_wait <= 64); /* the bars */
}

TEST(limits_hold_under_a_flood)
{
    fixture *x = fixture_begin(NULL);

    x_listen(x);
    for (uint32_t i = 0; i < 300; i++) { /* the fixture checks use against limits each time */
        x->peer.remote.port = (uint16_t)(1 + i % 50);
        x->peer.iss = i * 77777;
        x_inject(x, .flags = TCP_SYN);
        x_run(x, 0);
        x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 1000);
        x_inject(x, .flags = TCP_ACK, .seq = 3001, .ack = 1, .bytes = 1000);
        x_run(x, i % 7 == 0 ? 500 : 0);
    }
    CHECK_EQ(tern_close(x->stack, x->now_us, x->listener), TERN_OK);
    x_run(x, 400000);
    tern_usage u = x_usage(x);
    CHECK_EQ(u.connections + u.half_open + u.time_wait + u.chunks + u.ranges + u.flights, 0);
}
