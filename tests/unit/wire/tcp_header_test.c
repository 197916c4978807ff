/* tcp_header_test.c - the TCP header: fields in their places, offsets inside the segment. */
#include "wire/tcp_header.h"

#include "tests/test.h"

#include <stdlib.h>

/* 1025 > 443, SEQ 0x01020304, ACK 0xf1f2f3f4, offset 6 words, all nine flags but URG, window
 * 0x2345, checksum 0x6789, urgent 0xabcd; one word of options, five octets of text. */
static const uint8_t segment[29] = {0x04, 0x01, 0x01, 0xbb, 0x01, 0x02, 0x03, 0x04, 0xf1, 0xf2,
                                    0xf3, 0xf4, 0x61, 0xdf, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd,
                                    0x01, 0x01, 0x01, 0x00, 'h',  'e',  'l',  'l',  'o'};

typedef struct reading {
    tcp_header tcp;
    tern_rule rule;
    size_t options_at, text_at;
} reading;

/* Reads from a block of exactly `bytes`. */
static reading read_exactly(const uint8_t *octets, size_t bytes)
{
    uint8_t *block = calloc(1, bytes + 1);
    reading r = {.rule = TERN_RULE_NONE};

    memcpy(block + 1, octets, bytes);
    r.rule = tcp_header_read(&r.tcp, block + 1, bytes);
    if (r.rule == TERN_RULE_NONE) {
        r.options_at = (size_t)(r.tcp.options - (block + 1));
        r.text_at = (size_t)(r.tcp.text - (block + 1));
    }
    free(block);
    return r;
}

TEST(a_segment_is_read)
{
    reading r = read_exactly(segment, sizeof segment);

    CHECK_EQ(r.rule, TERN_RULE_NONE);
    CHECK_EQ(r.tcp.source_port, 1025);
    CHECK_EQ(r.tcp.destination_port, 443);
    CHECK_EQ(r.tcp.seq.v, 0x01020304);
    CHECK_EQ(r.tcp.ack.v, 0xf1f2f3f4);
    CHECK_EQ(r.tcp.flags, 0x1df);
    CHECK_EQ(r.tcp.window, 0x2345);
    CHECK_EQ(r.tcp.checksum, 0x6789);
    CHECK_EQ(r.tcp.urgent, 0xabcd);
    CHECK_EQ(r.options_at, 20);
    CHECK_EQ(r.tcp.options_bytes, 4);
    CHECK_EQ(r.text_at, 24);
    CHECK_EQ(r.tcp.text_bytes, 5);
}

TEST(each_flag_has_its_bit)
{
    static const uint16_t flags[9] = {TCP_FIN, TCP_SYN, TCP_RST, TCP_PSH, TCP_ACK,
                                      TCP_URG, TCP_ECE, TCP_CWR, TCP_AE};

    for (unsigned i = 0; i < 9; i++) {
        uint8_t octets[20] = {[12] = (uint8_t)(0x50 | (1 << i) >> 8), [13] = (uint8_t)(1 << i)};
        CHECK_EQ(read_exactly(octets, 20).tcp.flags, flags[i]);
    }
}

TEST(reserved_bits_are_ignored)
{
    uint8_t octets[20] = {[12] = 0x5e, [13] = TCP_ACK};

    CHECK_EQ(read_exactly(octets, 20).rule, TERN_RULE_NONE);
    CHECK_EQ(read_exactly(octets, 20).tcp.flags, TCP_ACK);
}

TEST(below_twenty_octets_is_too_short)
{
    for (size_t bytes = 0; bytes < 20; bytes++)
        CHECK_EQ(read_exactly(segment, bytes).rule, TERN_RULE_PACKET_TOO_SHORT);
}

TEST(a_cut_inside_the_options_is_a_bad_header)
{
    for (size_t bytes = 20; bytes < 24; bytes++)
        CHECK_EQ(read_exactly(segment, bytes).rule, TERN_RULE_TCP_HEADER_BAD);
    for (size_t bytes = 24; bytes <= sizeof segment; bytes++)
        CHECK_EQ(read_exactly(segment, bytes).tcp.text_bytes, bytes - 24);
}

TEST(every_data_offset_in_every_length)
{
    uint8_t octets[64] = {0};

    for (unsigned words = 0; words < 16; words++) {
        octets[12] = (uint8_t)(words << 4);
        for (size_t bytes = 20; bytes <= sizeof octets; bytes++) {
            reading r = read_exactly(octets, bytes);
            bool inside = words >= 5 && words * 4 <= bytes;
            CHECK_EQ(r.rule, inside ? TERN_RULE_NONE : TERN_RULE_TCP_HEADER_BAD);
            if (inside) {
                CHECK_EQ(r.options_at, 20);
                CHECK_EQ(r.tcp.options_bytes, words * 4 - 20);
                CHECK_EQ(r.text_at, words * 4);
                CHECK_EQ(r.tcp.text_bytes, bytes - words * 4);
            }
        }
    }
}

TEST(what_is_read_is_written_again)
{
    uint8_t written[sizeof segment];
    reading r = read_exactly(segment, sizeof segment);

    memset(written, 0xee, sizeof written);
    tcp_header_write(written, &r.tcp);
    CHECK_MEM(written, segment, 20);
    for (size_t i = 20; i < sizeof written; i++)
        CHECK_EQ(written[i], 0xee);
}

TEST(each_length_of_options_is_written)
{
    for (size_t options_bytes = 0; options_bytes <= 40; options_bytes += 4) {
        uint8_t octets[60] = {0};
        tcp_header tcp = {.flags = TCP_AE | TCP_SYN, .options_bytes = options_bytes};
        tcp_header_write(octets, &tcp);
        reading r = read_exactly(octets, sizeof octets);
        CHECK_EQ(r.rule, TERN_RULE_NONE);
        CHECK_EQ(r.tcp.options_bytes, options_bytes);
        CHECK_EQ(r.tcp.flags, TCP_AE | TCP_SYN);
    }
}
