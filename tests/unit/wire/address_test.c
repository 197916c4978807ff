/* address_test.c - addresses <-> text: RFC 4291 2.2 read, RFC 5952 4 written. */
#include "tern/tern.h"

#include "tests/test.h"

static tern_address parsed(const char *text)
{
    tern_address address;

    if (!tern_address_parse(text, &address))
        test_fail(__FILE__, __LINE__, "%s was not read", text);
    return address;
}

/* `text` is read, and written as `canonical`. */
static void check_text(const char *text, const char *canonical)
{
    char written[TERN_ADDRESS_TEXT_BYTES];
    tern_address address = parsed(text);

    CHECK_STR(tern_address_text(&address, written), canonical);
}

static void check_refused(const char *text)
{
    tern_address address, before;

    memset(&address, 0x5a, sizeof address);
    before = address;
    if (tern_address_parse(text, &address))
        test_fail(__FILE__, __LINE__, "\"%s\" was read", text);
    CHECK_MEM(&address, &before, sizeof address);
}

TEST(ipv4_is_held_mapped)
{
    static const uint8_t octets[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 77, 0, 2};
    tern_address address = tern_address_ipv4(10, 77, 0, 2);

    CHECK_MEM(address.octets, octets, 16);
    CHECK(tern_address_is_ipv4(&address));
    address = parsed("10.77.0.2");
    CHECK_MEM(address.octets, octets, 16);
    address = parsed("::ffff:10.77.0.2");
    CHECK_MEM(address.octets, octets, 16);
}

TEST(ipv6_is_not_ipv4)
{
    static const char *const texts[] = {"::",
                                        "::1",
                                        "fd77::2",
                                        "::10.77.0.2",
                                        "::fffe:10.77.0.2",
                                        "1::ffff:10.77.0.2",
                                        "::1:ffff:10.77.0.2"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        tern_address address = parsed(texts[i]);
        CHECK(!tern_address_is_ipv4(&address));
    }
}

TEST(ipv4_texts)
{
    check_text("0.0.0.0", "0.0.0.0");
    check_text("255.255.255.255", "255.255.255.255");
    check_text("1.20.100.9", "1.20.100.9");
    check_text("192.0.2.10", "192.0.2.10");
}

TEST(every_octet_of_ipv4_is_written_and_read)
{
    for (unsigned i = 0; i < 256; i++) {
        char text[TERN_ADDRESS_TEXT_BYTES], expected[TERN_ADDRESS_TEXT_BYTES];
        tern_address address = tern_address_ipv4((uint8_t)i, 0, (uint8_t)(255 - i), (uint8_t)i);
        snprintf(expected, sizeof expected, "%u.0.%u.%u", i, 255 - i, i);
        CHECK_STR(tern_address_text(&address, text), expected);
        tern_address again = parsed(expected);
        CHECK_MEM(&again, &address, sizeof again);
    }
}

TEST(ipv6_octets_in_network_order)
{
    static const uint8_t octets[16] = {0x20, 0x01, 0x0d, 0xb8, 0x00, 0x12, 0x03, 0x45,
                                       0x67, 0x89, 0xab, 0xcd, 0xef, 0x00, 0x00, 0x0a};
    tern_address address = parsed("2001:db8:12:345:6789:abcd:ef00:a");

    CHECK_MEM(address.octets, octets, 16);
}

/* RFC 4291 2.2. */
TEST(forms_of_rfc_4291)
{
    check_text("ABCD:EF01:2345:6789:ABCD:EF01:2345:6789",
               "abcd:ef01:2345:6789:abcd:ef01:2345:6789");
    check_text("2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a");
    check_text("2001:DB8::8:800:200C:417A", "2001:db8::8:800:200c:417a");
    check_text("FF01:0:0:0:0:0:0:101", "ff01::101");
    check_text("0:0:0:0:0:0:0:1", "::1");
    check_text("0:0:0:0:0:0:0:0", "::");
    check_text("0:0:0:0:0:0:13.1.68.3", "::d01:4403");
    check_text("::13.1.68.3", "::d01:4403");
    check_text("0:0:0:0:0:FFFF:129.144.52.38", "129.144.52.38");
    check_text("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304");
    check_text("64:ff9b::192.0.2.33", "64:ff9b::c000:221");
}

/* RFC 5952 4.1: no leading zeros; 4.3: lower case. */
TEST(no_leading_zeros_and_lower_case)
{
    check_text("2001:0db8::0001", "2001:db8::1");
    check_text("2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1");
    check_text("2001:db8:aaaa:bbbb:cccc:dddd:eeee:AAAA", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa");
    check_text("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1");
}

/* RFC 5952 4.2.1: as short as possible; 4.2.2: not for one group; 4.2.3: the longest, the first. */
TEST(the_gap_is_the_longest_run_and_the_first)
{
    check_text("2001:db8:0:0:0:0:2:1", "2001:db8::2:1");
    check_text("2001:db8::0:1", "2001:db8::1");
    check_text("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1");
    check_text("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1");
    check_text("2001:0:0:1:0:0:0:1", "2001:0:0:1::1");
    check_text("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1");
    check_text("0:0:1:0:0:0:0:0", "0:0:1::");
    check_text("0:1:0:1:0:1:0:1", "0:1:0:1:0:1:0:1");
}

TEST(a_gap_at_either_end)
{
    check_text("::", "::");
    check_text("::2", "::2");
    check_text("1::", "1::");
    check_text("0:0:3:4:5:6:7:8", "::3:4:5:6:7:8");
    check_text("1:2:3:4:5:6:0:0", "1:2:3:4:5:6::");
    check_text("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0");
    check_text("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8");
    check_text("1:2:3:4:5:6::8", "1:2:3:4:5:6:0:8");
}

TEST(every_placement_of_zero_groups_survives_the_text)
{
    for (unsigned zeros = 0; zeros < 256; zeros++) {
        char text[TERN_ADDRESS_TEXT_BYTES];
        tern_address address, again;
        for (unsigned i = 0; i < 8; i++) {
            address.octets[2 * i] = (zeros >> i & 1) != 0 ? 0 : (uint8_t)(i * 0x11);
            address.octets[2 * i + 1] = (zeros >> i & 1) != 0 ? 0 : (uint8_t)(i + 1);
        }
        again = parsed(tern_address_text(&address, text));
        CHECK_MEM(&again, &address, sizeof again);
    }
}

TEST(bad_ipv4_texts_are_refused_and_leave_the_address)
{
    static const char *const texts[] = {
        "",          " ",        "1",         "1.2",       "1.2.3",     "1.2.3.",    "1.2.3.4.",
        "1.2.3.4.5", ".1.2.3.4", "1..3.4",    "256.2.3.4", "1.2.3.256", "1.2.3.999", "1.2.3.1000",
        "01.2.3.4",  "1.2.3.04", "1.2.3.00",  "1.2.3.4 ",  " 1.2.3.4",  "1.2.3.4a",  "1.2.3.a",
        "1.2.3.-4",  "+1.2.3.4", "0x1.2.3.4", "1.2.3.4/8", "1,2,3,4",   "example",   "1.2.3.4%lo",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        check_refused(texts[i]);
}

TEST(bad_ipv6_texts_are_refused_and_leave_the_address)
{
    static const char *const texts[] = {
        ":",
        ":::",
        "1",
        "1:",
        ":1",
        "::1:",
        ":1::",
        "1:::2",
        "1::2::3",
        "::1::",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:",
        "1:2:3:4:5:6:7:8:",
        "1:2:3:4:5:6:7:8:9",
        ":1:2:3:4:5:6:7:8",
        "1:2:3:4::5:6:7:8", /* the gap is one group or more, RFC 4291 2.2 */
        "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8",
        "12345::",
        "::00001",
        "::g",
        "::1 ",
        " ::1",
        "::1%eth0",
        "::1/64",
        "[::1]",
        "::1.2.3",
        "::1.2.3.4.5",
        "::1.2.3.256",
        "::01.2.3.4",
        "::1.2.3.4:5",
        "1.2.3.4::",
        "1:2:3:4:5:6:7:1.2.3.4",
        "1:2:3:4:5:1.2.3.4",
        "::ffff:1.2.3.4x",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        check_refused(texts[i]);
}

TEST(the_longest_text_fits)
{
    char text[TERN_ADDRESS_TEXT_BYTES];
    tern_address address;

    memset(address.octets, 0xff, 16);
    CHECK_STR(tern_address_text(&address, text), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    address = parsed("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255");
    CHECK_STR(tern_address_text(&address, text), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}
