/* drill_options_text_test.c - the options of a segment as a script writes them. */
#include "apps/drill/options_text.h"
#include "tests/test.h"

#include <string.h>

static const char *of(const void *octets, size_t bytes)
{
    static char text[OPTIONS_TEXT_BYTES];

    options_text(octets, bytes, text);
    return text;
}

#define OF(octets) of((octets), sizeof(octets) - 1)

TEST(the_options_of_a_syn_as_a_script_has_them)
{
    CHECK_STR(OF("\x02\x04\x05\xb4\x04\x02\x08\x0a\0\0\0\x0a\0\0\0\x0b\x01\x03\x03\x07"),
              "mss 1460,sackOK,TS val 10 ecr 11,nop,wscale 7");
    CHECK_STR(OF("\x22\x06\xaa\xbb\xcc\xdd\x01\x00"), "FO aabbccdd,nop,eol");
    CHECK_STR(OF("\x22\x02"), "FO");
    CHECK_STR(OF("\xfe\x06\xf9\x89\x30\x21"), "FOEXP 3021");
    CHECK_STR(OF(""), "none");
}

TEST(sack_blocks_with_their_numbers)
{
    CHECK_STR(OF("\x01\x01\x05\x12\0\0\0\x01\0\0\0\x02\0\0\0\x09\0\0\0\x0a"),
              "nop,nop,sack 1:2 9:10");
}

TEST(what_has_no_right_length_is_its_octets)
{
    CHECK_STR(OF("\x02\x03\x05"), "020305");
    CHECK_STR(OF("\x01\x02\x09\x05"), "nop,020905");
    CHECK_STR(OF("\x01\x08"), "nop,08");
    CHECK_STR(OF("\x4d\x03\xff\x01"), "4d03ff,nop");
    CHECK_STR(OF("\x03\x00\x01"), "030001");
}

TEST(the_longest_text_has_room)
{
    char octets[40];
    size_t longest = 0;

    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = 1;
    longest = strlen(of(octets, sizeof octets));
    CHECK_EQ(longest, 40 * 4 - 1);
}
