/* checksum_test.c - the Internet checksum against the octet-by-octet definition of RFC 1071. */
#include "wire/checksum.h"

#include "tests/test.h"
#include "wire/ip.h"

enum { AREA_BYTES = 4096 };

static uint8_t area[AREA_BYTES];

/* Octets that do not repeat in step with the loops under test. */
static void area_fill(uint32_t seed)
{
    for (size_t i = 0; i < AREA_BYTES; i++) {
        seed = seed * 1664525 + 1013904223;
        area[i] = (uint8_t)(seed >> 24);
    }
}

/* RFC 1071 section 1, to the letter: big-endian words, end-around carry, complement. */
static uint16_t checksum_by_definition(const uint8_t *data, size_t bytes)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < bytes; i++) {
        sum += i % 2 == 0 ? (uint32_t)data[i] << 8 : data[i];
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

TEST(the_example_of_rfc_1071)
{
    static const uint8_t data[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

    CHECK_EQ(checksum_finish(checksum_add(0, data, sizeof data)), 0xffff - 0xddf2);
}

TEST(nothing_sums_to_nothing)
{
    CHECK_EQ(checksum_finish(0), 0xffff);
    CHECK_EQ(checksum_finish(checksum_add(0, area, 0)), 0xffff);
}

TEST(every_length_at_every_alignment)
{
    area_fill(1);
    for (size_t shift = 0; shift < 16; shift++)
        for (size_t bytes = 0; bytes <= 400; bytes++)
            CHECK_EQ(checksum_finish(checksum_add(0, area + shift, bytes)),
                     checksum_by_definition(area + shift, bytes));
}

TEST(carries_are_not_lost)
{
    memset(area, 0xff, AREA_BYTES);
    for (size_t bytes = 0; bytes <= AREA_BYTES; bytes++)
        CHECK_EQ(checksum_finish(checksum_add(0, area, bytes)),
                 checksum_by_definition(area, bytes));

    checksum_sum sum = 0;
    for (unsigned i = 0; i < 10000; i++)
        sum = checksum_add(sum, area, AREA_BYTES);
    CHECK_EQ(checksum_finish(sum), 0);
}

TEST(one_octet_counts_as_the_first_of_its_word)
{
    static const uint8_t octet = 0xab;

    CHECK_EQ(checksum_finish(checksum_add(0, &octet, 1)), 0xffff - 0xab00);
}

TEST(the_copy_is_exact_and_sums_the_same)
{
    uint8_t to[512];

    area_fill(2);
    for (size_t bytes = 0; bytes <= 400; bytes++) {
        memset(to, 0xee, sizeof to);
        checksum_sum sum = checksum_add_copy(0, to + 3, area + 5, bytes);
        CHECK_EQ(checksum_finish(sum), checksum_by_definition(area + 5, bytes));
        CHECK_MEM(to + 3, area + 5, bytes);
        CHECK_EQ(to[2], 0xee);
        CHECK_EQ(to[3 + bytes], 0xee);
    }
}

TEST(pieces_at_even_offsets_add_up)
{
    area_fill(3);
    uint16_t whole = checksum_by_definition(area, 301);
    for (size_t cut = 0; cut <= 301; cut += 2) {
        checksum_sum head = checksum_add(0, area, cut);
        checksum_sum both = checksum_add(head, area + cut, 301 - cut);
        CHECK_EQ(checksum_finish(both), whole);
        CHECK_EQ(checksum_finish(head + checksum_add(0, area + cut, 301 - cut)), whole);
        CHECK_EQ(checksum_finish(checksum_add(checksum_add(0, area + cut, 301 - cut), area, cut)),
                 whole);
    }
}

TEST(a_piece_at_an_odd_offset_is_swapped)
{
    area_fill(4);
    uint16_t whole = checksum_by_definition(area, 300);
    for (size_t cut = 1; cut < 300; cut += 2) {
        checksum_sum tail = checksum_add(0, area + cut, 300 - cut);
        CHECK_EQ(checksum_finish(checksum_add(0, area, cut) + checksum_at_odd(tail)), whole);
    }
}

TEST(data_with_its_checksum_in_place_gives_zero)
{
    area_fill(5);
    for (size_t bytes = 4; bytes <= 200; bytes++) {
        area[2] = area[3] = 0;
        uint16_t checksum = checksum_finish(checksum_add(0, area, bytes));
        area[2] = (uint8_t)(checksum >> 8);
        area[3] = (uint8_t)checksum;
        CHECK_EQ(checksum_finish(checksum_add(0, area, bytes)), 0);
        area[3] ^= 1;
        CHECK(checksum_finish(checksum_add(0, area, bytes)) != 0);
    }
}

TEST(the_ipv4_pseudo_header)
{
    static const uint8_t pseudo[12] = {192, 0, 2, 1, 198, 51, 100, 7, 0, 6, 0x12, 0x35};
    tern_address source = tern_address_ipv4(192, 0, 2, 1);
    tern_address destination = tern_address_ipv4(198, 51, 100, 7);

    CHECK_EQ(checksum_finish(checksum_pseudo(&source, &destination, IP_PROTOCOL_TCP, 0x1235)),
             checksum_by_definition(pseudo, sizeof pseudo));
}

TEST(the_ipv6_pseudo_header)
{
    uint8_t pseudo[40] = {[33] = 0x01, [34] = 0xe2, [35] = 0x40, [39] = IP_PROTOCOL_ICMPV6};
    tern_address source, destination;

    area_fill(6);
    memcpy(source.octets, area, 16);
    memcpy(destination.octets, area + 16, 16);
    memcpy(pseudo, area, 32);
    CHECK_EQ(checksum_finish(checksum_pseudo(&source, &destination, IP_PROTOCOL_ICMPV6, 0x1e240)),
             checksum_by_definition(pseudo, sizeof pseudo));
}
