/* pkt_tcp_options_test.c - TCP options: as they are written, and as they are on the wire. */
#include "apps/pkt/script.h"
#include "tests/test.h"
#include "tests/unit/apps/pkt_fixture.h"

static const pkt_tcp_options *options(const char *list)
{
    char line[512];

    snprintf(line, sizeof line, "0 > . 1:1(0) <%s>", list);
    return &pkt_first(line)->packet->tcp.options;
}

/* The octets of a list, in hexadecimal. */
static const char *octets(const char *list)
{
    static char text[2 * PKT_OPTION_BYTES + 1];
    const pkt_tcp_options *o = options(list);

    text[0] = '\0';
    for (size_t i = 0; i < o->octet_count; i++)
        snprintf(text + 2 * i, 3, "%02x", o->octets[i]);
    return text;
}

static const char *refused(const char *list)
{
    char line[512];

    snprintf(line, sizeof line, "0 > . 1:1(0) <%s>", list);
    return pkt_refused(line);
}

TEST(the_options_of_a_syn)
{
    CHECK_STR(octets("mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7"),
              "020405b40402080a000000640000000001030307");
    CHECK_STR(octets("eol,eol,eol,eol"), "00000000");
}

TEST(sack_blocks)
{
    CHECK_STR(octets("nop,nop,sack 1:2 3:4"), "0101051200000001000000020000000300000004");
    CHECK_EQ(options("nop,nop,sack 1:2 3:4 5:6 7:8")->octet_count, 36);
    CHECK(strstr(refused("sack 1:2 3:4 5:6 7:8 9:10"), "more than 40 octets") != NULL);
}

TEST(fast_open_in_both_forms)
{
    CHECK_STR(octets("FO,nop,nop"), "22020101");
    CHECK_STR(octets("FO abcdEF12,nop,nop"), "2206abcdef120101");
    CHECK_STR(octets("FOEXP"), "fe04f989");
    CHECK_STR(octets("exp-FO 01020304"), "fe08f98901020304");
    CHECK_STR(octets("EXP-FO 01020304"), "fe08f98901020304");
    CHECK(strstr(refused("FO abc,nop"), "octets in hexadecimal, two digits each") != NULL);
    CHECK(strstr(refused("FO xy,nop,nop"), "octets in hexadecimal, two digits each") != NULL);
}

TEST(accurate_ecn_in_both_dialects)
{
    CHECK_STR(octets("ECN e0b 1 ceb 2 e1b 3,nop"), "ac0b00000100000200000301");
    CHECK_STR(octets("AccECN0 ee0b 1 eceb 2 ee1b 3,nop"), "ac0b00000100000200000301");
    CHECK_STR(octets("ECN e1b 1 ceb 2 e0b 3,nop"), "ae0b00000100000200000301");
    CHECK_STR(octets("AccECN1 ee1b 16777215,nop,nop,nop"), "ae05ffffff010101");
    CHECK_STR(octets("AccECN0,nop,nop"), "ac020101");
    CHECK_STR(octets("exp-AccECN1 ee1b 5,nop"), "fe07acc100000501");
    CHECK(strstr(refused("ECN e0b 16777216"), "a number from 0 to 16777215") != NULL);
    CHECK(strstr(refused("ECN ceb 1"), "'e0b' or 'e1b'") != NULL);
}

TEST(digests_and_others)
{
    CHECK_STR(octets("md5 00112233445566778899aabbccddeeff,nop,nop"),
              "131200112233445566778899aabbccddeeff0101");
    CHECK(options("md5 valid,nop,nop")->first->valid);
    CHECK_STR(octets("exp-tarr 5,nop,nop,nop"), "fe0500ac0a010101");
    CHECK_STR(octets("exp-tarr"), "fe0400ac");
    CHECK_STR(octets("gen-28 8005"), "1c048005");
    CHECK_STR(octets("gen-255,nop,nop"), "ff020101");
    CHECK_STR(octets("exp-F98A 0102,nop,nop"), "fe06f98a01020101");
    CHECK(strstr(refused("gen-256,nop,nop"), "a TCP option, such as") != NULL);
    CHECK(strstr(refused("exp-12345"), "a TCP option, such as") != NULL);
}

TEST(any_and_raw)
{
    CHECK(options("...")->any);
    CHECK(options("0101080a")->raw);
    CHECK_STR(octets("0101080a"), "0101080a");
    CHECK(options("abcdef01")->first == NULL);
    CHECK(strstr(refused("010101"), "do not fill 32-bit words") != NULL);
}

TEST(numbers_may_be_ignored_or_absolute)
{
    const pkt_tcp_option *o = options("TS val ... ecr 7!,nop,nop")->first;

    CHECK(o->val_ignored && o->ecr_absolute);
    CHECK_EQ(o->number[1], 7);
}

TEST(lists_fill_words_and_forty_octets)
{
    CHECK_STR(refused("nop"), "1:14: the TCP options do not fill 32-bit words: add nop or eol");
    CHECK_EQ(options("gen-9 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021"
                     "22232425")
                 ->octet_count,
             40);
    CHECK(strstr(refused("gen-9 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"
                         "2122232425262728"),
                 "more than 40 octets") != NULL);
    CHECK(strstr(refused("mss 65536"), "a number from 0 to 65535") != NULL);
    CHECK(strstr(refused("wscale 256"), "a number from 0 to 255") != NULL);
    CHECK_STR(refused("mss 1460 sackOK"), "1:24: expected >, found 'sackOK'");
}
