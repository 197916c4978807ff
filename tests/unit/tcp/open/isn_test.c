/* isn_test.c - initial sequence numbers: RFC 9293 3.4.1; timestamp offsets: RFC 7323 7.1. */
#include "tests/unit/tcp_fixture.h"

/* The ISN and the TSval of a SYN to this port of the peer, `later_ms` after the fixture's start. */
struct first {
    uint32_t iss, ts;
};

static struct first first_syn(uint8_t key_octet, uint16_t port, uint32_t later_ms)
{
    tern_config c = fixture_config();

    c.key[5] ^= key_octet;
    c.ephemeral_port_first = c.ephemeral_port_last = 50000;
    fixture *x = fixture_begin(&c);
    x->peer.remote.port = port;
    x_advance(x, later_ms);
    x_connect(x);
    x_expect(x, .flags = TCP_SYN, .ts = true);
    struct first f = {x->peer.tern_iss, x->peer.ts_seen};
    fixture_end(x);
    return f;
}

TEST(isn_goes_up_with_the_clock_of_4_us)
{
    struct first a = first_syn(0, 80, 0);

    CHECK_EQ(first_syn(0, 80, 0).iss, a.iss);
    CHECK_EQ(first_syn(0, 80, 1).iss, a.iss + 250);
    CHECK_EQ(first_syn(0, 80, 4000).iss, a.iss + 1000000);
}

TEST(isn_of_another_tuple_tells_nothing)
{
    struct first a = first_syn(0, 80, 0), b = first_syn(0, 81, 0), c = first_syn(0, 82, 0);

    CHECK(b.iss != a.iss && c.iss != b.iss);
    CHECK(b.iss - a.iss != c.iss - b.iss);
}

TEST(isn_depends_on_the_key)
{
    uint32_t a = first_syn(0, 80, 0).iss;

    for (unsigned bit = 0; bit < 8; bit++)
        CHECK(first_syn((uint8_t)(1u << bit), 80, 0).iss != a);
}

TEST(isn_of_a_passive_open_depends_on_the_key_too)
{
    uint32_t iss[2];

    for (unsigned i = 0; i < 2; i++) {
        tern_config c = fixture_config();
        c.key[0] ^= (uint8_t)i;
        fixture *x = fixture_begin(&c);
        x_bring(x, TERN_SYN_RECEIVED, WAY_PASSIVE);
        iss[i] = x->peer.tern_iss;
    }
    CHECK(iss[0] != iss[1]);
}

TEST(timestamp_offset_is_of_the_tuple_and_the_key)
{
    struct first a = first_syn(0, 80, 0);

    CHECK_EQ(first_syn(0, 80, 7).ts, a.ts + 7);
    CHECK(first_syn(0, 81, 0).ts != a.ts);
    CHECK(first_syn(1, 80, 0).ts != a.ts);
}
