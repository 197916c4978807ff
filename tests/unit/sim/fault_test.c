/* fault_test.c - packets have the names that people give them, rules count, bad rules say why. */
#include "sim/fault.h"
#include "tests/test.h"
#include "tests/unit/sim/packets_fixture.h"

static fault_plan plan_of(const char *rule)
{
    fault_plan plan = {.count = 0};
    char why[FAULT_WHY_BYTES];
    if (!fault_plan_add(&plan, rule, why))
        test_fail(__FILE__, __LINE__, "%s", why);
    return plan;
}

static unsigned fate_of(fault_plan *plan, fault_side from, uint8_t flags, size_t text_bytes)
{
    uint8_t packet[FIXTURE_PACKET_MAX_BYTES];
    size_t bytes = packet_tcp(packet, 4, flags, text_bytes);
    return fault_plan_decide(plan, from, packet, bytes).fate;
}

TEST(names)
{
    static const struct {
        uint8_t flags;
        size_t text_bytes;
        unsigned names; /* bit N: fault_name N */
    } cases[] = {
        {FIXTURE_SYN, 0, 1 << FAULT_SYN | 1 << FAULT_ANY},
        {FIXTURE_SYN, 5, 1 << FAULT_SYN | 1 << FAULT_DATA | 1 << FAULT_ANY},
        {FIXTURE_SYN | FIXTURE_ACK, 0, 1 << FAULT_SYNACK | 1 << FAULT_ANY},
        {FIXTURE_ACK, 0, 1 << FAULT_ACK | 1 << FAULT_ANY},
        {FIXTURE_ACK, 1, 1 << FAULT_DATA | 1 << FAULT_ANY},
        {FIXTURE_FIN | FIXTURE_ACK, 0, 1 << FAULT_FIN | 1 << FAULT_ANY},
        {FIXTURE_FIN | FIXTURE_ACK, 3, 1 << FAULT_FIN | 1 << FAULT_DATA | 1 << FAULT_ANY},
        {FIXTURE_RST, 0, 1 << FAULT_RST | 1 << FAULT_ANY},
        {FIXTURE_RST | FIXTURE_ACK, 0, 1 << FAULT_RST | 1 << FAULT_ANY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int version = 4; version <= 6; version += 2) {
            uint8_t packet[FIXTURE_PACKET_MAX_BYTES];
            size_t bytes = packet_tcp(packet, version, cases[i].flags, cases[i].text_bytes);
            unsigned names = 0;
            for (unsigned name = 0; name < FAULT_NAMES; name++)
                names |= (unsigned)fault_packet_is((fault_name)name, packet, bytes) << name;
            CHECK_EQ(names, cases[i].names);
        }
}

TEST(what_is_no_segment_is_only_any)
{
    uint8_t packet[FIXTURE_PACKET_MAX_BYTES];
    size_t bytes = packet_tcp(packet, 4, FIXTURE_SYN, 0);
    for (size_t cut = 0; cut < bytes; cut++) {
        CHECK(!fault_packet_is(FAULT_SYN, packet, cut));
        CHECK(fault_packet_is(FAULT_ANY, packet, cut));
    }
    packet[9] = 17; /* UDP */
    CHECK(!fault_packet_is(FAULT_SYN, packet, bytes));
    packet[9] = 6;
    packet[32] = 0xf0; /* data offset past the end */
    CHECK(!fault_packet_is(FAULT_SYN, packet, bytes));
}

TEST(first_when_no_number_is_given)
{
    fault_plan plan = plan_of("lose syn");
    CHECK_EQ(fate_of(&plan, FAULT_CLIENT, FIXTURE_ACK, 0), 0);
    CHECK_EQ(fate_of(&plan, FAULT_CLIENT, FIXTURE_SYN, 0), FATE_LOST);
    CHECK_EQ(fate_of(&plan, FAULT_CLIENT, FIXTURE_SYN, 0), 0);
}

TEST(nth_counts_both_directions_together)
{
    fault_plan plan = plan_of("duplicate fin:2");
    CHECK_EQ(fate_of(&plan, FAULT_CLIENT, FIXTURE_FIN | FIXTURE_ACK, 0), 0);
    CHECK_EQ(fate_of(&plan, FAULT_SERVER, FIXTURE_FIN | FIXTURE_ACK, 0), FATE_DUPLICATED);
    CHECK_EQ(fate_of(&plan, FAULT_CLIENT, FIXTURE_FIN | FIXTURE_ACK, 0), 0);
}

TEST(a_direction_counts_alone)
{
    fault_plan plan = plan_of("lose server>data:2");
    CHECK_EQ(fate_of(&plan, FAULT_CLIENT, FIXTURE_ACK, 5), 0);
    CHECK_EQ(fate_of(&plan, FAULT_SERVER, FIXTURE_ACK, 5), 0);
    CHECK_EQ(fate_of(&plan, FAULT_CLIENT, FIXTURE_ACK, 5), 0);
    CHECK_EQ(fate_of(&plan, FAULT_SERVER, FIXTURE_ACK, 5), FATE_LOST);
}

TEST(star_is_each)
{
    fault_plan plan = plan_of("lose client>any:*");
    for (unsigned i = 0; i < 5; i++) {
        CHECK_EQ(fate_of(&plan, FAULT_CLIENT, FIXTURE_ACK, 0), FATE_LOST);
        CHECK_EQ(fate_of(&plan, FAULT_SERVER, FIXTURE_ACK, 0), 0);
    }
}

TEST(delays_have_a_time_and_rules_add_up)
{
    fault_plan plan = plan_of("delay synack:1 300ms");
    char why[FAULT_WHY_BYTES];
    CHECK(fault_plan_add(&plan, "delay  any  0.5s", why));
    CHECK(fault_plan_add_action(&plan, "corrupt", "server>synack:*", why));
    uint8_t packet[FIXTURE_PACKET_MAX_BYTES];
    size_t bytes = packet_tcp(packet, 6, FIXTURE_SYN | FIXTURE_ACK, 0);
    fault_verdict v = fault_plan_decide(&plan, FAULT_SERVER, packet, bytes);
    CHECK_EQ(v.fate, FATE_DELAYED | FATE_CORRUPTED);
    CHECK_EQ(v.delay_us, 800000);
    v = fault_plan_decide(&plan, FAULT_SERVER, packet, bytes);
    CHECK_EQ(v.fate, FATE_CORRUPTED);
}

TEST(bad_rules_say_what_and_where)
{
    static const struct {
        const char *rule, *why;
    } cases[] = {
        {"", "``, column 1: expected lose, duplicate, delay or corrupt"},
        {"drop syn", "column 1: expected lose, duplicate, delay or corrupt"},
        {"lose", "column 5: expected [client>|server>] and one of syn"},
        {"lose sin", "column 6: expected [client>|server>] and one of syn"},
        {"lose peer>syn", "column 6: expected [client>|server>] and one of syn"},
        {"lose client>", "column 13: expected [client>|server>] and one of syn"},
        {"lose syn:", "column 10: expected a number from 1, or * for each"},
        {"lose syn:0", "column 10: expected a number from 1"},
        {"lose syn:x", "column 10: expected a number from 1"},
        {"lose syn:2x", "column 10: expected a number from 1"},
        {"lose syn:9999999999", "column 10: expected a number from 1"},
        {"lose syn:2 3ms", "column 12: expected nothing more"},
        {"delay syn", "column 10: expected a time such as"},
        {"delay syn 5", "column 11: expected a time such as"},
        {"delay syn 0", "column 11: expected a time such as"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fault_plan plan = {.count = 0};
        char why[FAULT_WHY_BYTES] = "";
        if (fault_plan_add(&plan, cases[i].rule, why))
            test_fail(__FILE__, __LINE__, "`%s` was taken", cases[i].rule);
        if (strstr(why, cases[i].why) == NULL)
            test_fail(__FILE__, __LINE__, "`%s`: %s", cases[i].rule, why);
        CHECK_EQ(plan.count, 0);
    }
}

TEST(an_action_given_apart)
{
    fault_plan plan = {.count = 0};
    char why[FAULT_WHY_BYTES] = "";
    CHECK(fault_plan_add_action(&plan, "delay", "client>syn:2 1s", why));
    CHECK_EQ(plan.rules[0].delay_us, 1000000);
    CHECK(!fault_plan_add_action(&plan, "lose", "sin", why));
    CHECK(strstr(why, "`sin`, column 1: expected [client>|server>]") != NULL);
    CHECK(!fault_plan_add_action(&plan, "loose", "syn", why));
    CHECK(strstr(why, "`loose`, column 1: expected lose, duplicate") != NULL);
    CHECK_EQ(plan.count, 1);
}

TEST(a_plan_is_bounded)
{
    fault_plan plan = {.count = 0};
    char why[FAULT_WHY_BYTES] = "";
    for (unsigned i = 0; i < FAULT_RULES_MAX; i++)
        CHECK(fault_plan_add(&plan, "lose syn", why));
    CHECK(!fault_plan_add(&plan, "lose syn", why));
    CHECK(strstr(why, "one rule too many") != NULL);
    char longer[2 * FAULT_WHY_BYTES];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    plan.count = 0;
    CHECK(!fault_plan_add_action(&plan, "lose", longer, why));
    CHECK(!fault_plan_add(&plan, longer, why));
}

TEST(odds)
{
    fault_odds odds = {.loss_ppm = 100000, .reorder_ppm = 200000, .reorder_us = 5};
    rng r = rng_of_seed(3);
    unsigned lost = 0, delayed = 0;
    for (unsigned i = 0; i < 10000; i++) {
        fault_verdict v = fault_odds_decide(&odds, &r);
        CHECK((v.fate & ~(unsigned)(FATE_LOST | FATE_DELAYED)) == 0);
        CHECK(!(v.fate & FATE_DELAYED) == (v.delay_us == 0) && v.delay_us <= 5);
        lost += (v.fate & FATE_LOST) != 0;
        delayed += (v.fate & FATE_DELAYED) != 0;
    }
    CHECK(lost > 880 && lost < 1120);
    CHECK(delayed > 1840 && delayed < 2160);
}

TEST(corruption_flips_one_bit_past_the_addresses)
{
    rng r = rng_of_seed(4);
    for (int version = 4; version <= 6; version += 2) {
        uint8_t packet[FIXTURE_PACKET_MAX_BYTES], before[FIXTURE_PACKET_MAX_BYTES];
        size_t bytes = packet_tcp(packet, version, FIXTURE_ACK, 4);
        size_t addresses_end = version == 4 ? 20 : 40;
        bool last_octet = false;
        for (unsigned i = 0; i < 2000; i++) {
            memcpy(before, packet, sizeof before);
            CHECK(fault_corrupt(&r, packet, bytes));
            CHECK_MEM(packet, before, addresses_end);
            unsigned bits = 0;
            for (size_t at = 0; at < sizeof packet; at++)
                for (unsigned x = packet[at] ^ before[at]; x != 0; x &= x - 1)
                    bits++;
            CHECK_EQ(bits, 1);
            last_octet = last_octet || packet[bytes - 1] != before[bytes - 1];
        }
        CHECK(last_octet);
        CHECK(!fault_corrupt(&r, packet, addresses_end));
        CHECK(!fault_corrupt(&r, packet, 0));
    }
}
