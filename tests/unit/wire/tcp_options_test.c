/* tcp_options_test.c - TCP options: each kind at each length, at each place, and the written order.
 *
 * Options are read from a heap block of exactly their size, so that the address sanitizer sees a
 * read outside. */
#include "wire/tcp_options.h"

#include "tests/test.h"

#include <stdlib.h>

enum { OPTIONS_MAX_BYTES = 40 };

static tcp_options read_exactly(const uint8_t *octets, size_t bytes)
{
    uint8_t *block = calloc(1, bytes + 1);
    tcp_options options;

    memset(&options, 0xee, sizeof options);
    memcpy(block + 1, octets, bytes);
    tcp_options_read(&options, block + 1, bytes);
    free(block);
    return options;
}

/* Whether a kind of this length is one tern takes. */
static bool length_is_right(uint8_t kind, unsigned length)
{
    switch (kind) {
    case TCP_OPTION_MSS:
    case TCP_OPTION_USER_TIMEOUT:
        return length == 4;
    case TCP_OPTION_WINDOW_SCALE:
        return length == 3;
    case TCP_OPTION_SACK_PERMITTED:
        return length == 2;
    case TCP_OPTION_SACK:
        return length == 10 || length == 18 || length == 26 || length == 34;
    case TCP_OPTION_TIMESTAMPS:
        return length == 10;
    case TCP_OPTION_FAST_OPEN: /* RFC 7413 4.1.1, errata 4238 */
        return length == 2 || (length >= 6 && length <= 18 && length % 2 == 0);
    default:
        return false;
    }
}

static bool was_taken(const tcp_options *options, uint8_t kind)
{
    switch (kind) {
    case TCP_OPTION_MSS:
        return options->has_mss;
    case TCP_OPTION_WINDOW_SCALE:
        return options->has_window_scale;
    case TCP_OPTION_SACK_PERMITTED:
        return options->has_sack_permitted;
    case TCP_OPTION_SACK:
        return options->sack_count > 0;
    case TCP_OPTION_USER_TIMEOUT:
        return options->has_user_timeout;
    case TCP_OPTION_FAST_OPEN:
        return options->has_fast_open;
    default:
        return options->has_timestamps;
    }
}

static const uint8_t known_kinds[] = {
    TCP_OPTION_MSS,        TCP_OPTION_WINDOW_SCALE, TCP_OPTION_SACK_PERMITTED, TCP_OPTION_SACK,
    TCP_OPTION_TIMESTAMPS, TCP_OPTION_USER_TIMEOUT, TCP_OPTION_FAST_OPEN};

/* MSS 1460, SACK-permitted, timestamps 0x01020304 / 0, NOP, window scale 7: as Linux sends them. */
static const uint8_t syn_of_linux[20] = {2, 4, 0x05, 0xb4, 4, 2, 8, 10, 1, 2,
                                         3, 4, 0,    0,    0, 0, 1, 3,  3, 7};

TEST(nothing_is_there_when_nothing_came)
{
    tcp_options options = read_exactly(syn_of_linux, 0);

    CHECK(!options.has_mss && !options.has_window_scale && !options.has_sack_permitted);
    CHECK(!options.has_timestamps && !options.length_bad && !options.unknown_skipped);
    CHECK_EQ(options.mss, 0);
    CHECK_EQ(options.window_scale, 0);
    CHECK_EQ(options.ts_value, 0);
    CHECK_EQ(options.sack_count, 0);
}

TEST(the_options_of_a_syn)
{
    tcp_options options = read_exactly(syn_of_linux, sizeof syn_of_linux);

    CHECK(options.has_mss && options.has_window_scale && options.has_sack_permitted);
    CHECK(options.has_timestamps && !options.length_bad && !options.unknown_skipped);
    CHECK_EQ(options.mss, 1460);
    CHECK_EQ(options.window_scale, 7);
    CHECK_EQ(options.ts_value, 0x01020304);
    CHECK_EQ(options.ts_echo, 0);
    CHECK_EQ(options.sack_count, 0);
}

TEST(aligned_timestamps_alone)
{
    static const uint8_t octets[] = {1, 1, 8, 10, 0xf1, 2, 3, 4, 5, 6, 7, 0xf8};
    tcp_options options = read_exactly(octets, sizeof octets);

    CHECK(options.has_timestamps && !options.length_bad && !options.has_mss);
    CHECK_EQ(options.ts_value, 0xf1020304);
    CHECK_EQ(options.ts_echo, 0x050607f8);
    CHECK_EQ(options.sack_count, 0);
}

TEST(timestamps_read_the_same_wherever_they_stand)
{
    for (size_t at = 0; at <= 30; at++) {
        uint8_t octets[OPTIONS_MAX_BYTES];
        memset(octets, TCP_OPTION_NOP, sizeof octets);
        const uint8_t timestamps[10] = {8, 10, 0xf1, 2, 3, 4, 5, 6, 7, 0xf8};
        memcpy(octets + at, timestamps, 10);
        for (size_t bytes = at + 10; bytes <= sizeof octets; bytes++) {
            tcp_options options = read_exactly(octets, bytes);
            CHECK(options.has_timestamps && !options.length_bad);
            CHECK_EQ(options.ts_value, 0xf1020304);
            CHECK_EQ(options.ts_echo, 0x050607f8);
        }
    }
}

TEST(sack_blocks_up_to_four)
{
    for (uint8_t count = 1; count <= 4; count++) {
        uint8_t octets[34] = {TCP_OPTION_SACK, (uint8_t)(2 + 8 * count)};
        for (uint8_t i = 0; i < 8 * count; i++)
            octets[2 + i] = (uint8_t)(0xf0 - i);
        tcp_options options = read_exactly(octets, 2u + 8u * count);
        CHECK(!options.length_bad);
        CHECK_EQ(options.sack_count, count);
        for (uint32_t i = 0; i < count; i++) {
            CHECK_EQ(options.sack[i].left.v, 0xf0efeeed - i * 0x08080808);
            CHECK_EQ(options.sack[i].right.v, 0xecebeae9 - i * 0x08080808);
        }
    }
}

TEST(more_blocks_than_a_header_holds_are_cut)
{
    uint8_t octets[2 + 8 * 31] = {TCP_OPTION_SACK, 2 + 8 * 31};
    tcp_options options = read_exactly(octets, sizeof octets);

    CHECK_EQ(options.sack_count, TCP_SACK_BLOCKS_MAX);
}

TEST(nothing_counts_behind_the_end)
{
    static const uint8_t octets[] = {1, 0, 2, 4, 5, 0xb4, 3, 3};
    tcp_options options = read_exactly(octets, sizeof octets);

    CHECK(!options.has_mss && !options.length_bad && !options.unknown_skipped);
}

TEST(every_truncation_keeps_what_stands_before_it)
{
    for (size_t bytes = 0; bytes < sizeof syn_of_linux; bytes++) {
        tcp_options options = read_exactly(syn_of_linux, bytes);
        bool whole = bytes == 0 || bytes == 4 || bytes == 6 || bytes == 16 || bytes == 17;
        CHECK_EQ(options.has_mss, bytes >= 4);
        CHECK_EQ(options.has_sack_permitted, bytes >= 6);
        CHECK_EQ(options.has_timestamps, bytes >= 16);
        CHECK(!options.has_window_scale);
        CHECK_EQ(options.length_bad, !whole);
    }
}

TEST(every_kind_with_every_length_at_every_place)
{
    for (unsigned kind = 2; kind < 256; kind++) {
        for (unsigned length = 0; length < 64; length++) {
            for (size_t at = 0; at < OPTIONS_MAX_BYTES - 1; at++) {
                uint8_t octets[OPTIONS_MAX_BYTES];
                memset(octets, TCP_OPTION_NOP, sizeof octets);
                octets[at] = (uint8_t)kind;
                octets[at + 1] = (uint8_t)length;
                tcp_options options = read_exactly(octets, sizeof octets);
                bool possible = length >= 2 && at + length <= sizeof octets;
                bool known = memchr(known_kinds, (int)kind, sizeof known_kinds) != NULL;
                bool right = possible && length_is_right((uint8_t)kind, length);
                CHECK_EQ(options.length_bad, !possible || (known && !right));
                CHECK_EQ(options.unknown_skipped, possible && !known);
                if (known)
                    CHECK_EQ(was_taken(&options, (uint8_t)kind), right);
            }
        }
    }
}

TEST(a_kind_without_room_for_a_length_is_bad)
{
    for (unsigned kind = 2; kind < 256; kind++) {
        uint8_t octets[4] = {1, 1, 1, (uint8_t)kind};
        CHECK(read_exactly(octets, sizeof octets).length_bad);
    }
}

TEST(reading_goes_on_behind_a_wrong_length_of_a_known_kind)
{
    /* Window scale of 2, SACK-permitted of 3, SACK of 9, timestamps of 4; then a right MSS. */
    static const uint8_t octets[] = {3, 2, 4, 3, 0, 5, 9, 1, 2, 3, 4,
                                     5, 6, 7, 8, 4, 8, 8, 2, 4, 5, 0xb4};
    tcp_options options = read_exactly(octets, sizeof octets);

    CHECK(options.length_bad && options.has_mss);
    CHECK(!options.has_window_scale && !options.has_sack_permitted && !options.has_timestamps);
    CHECK_EQ(options.sack_count, 0);
    CHECK_EQ(options.mss, 1460);
}

TEST(reading_ends_at_an_impossible_length)
{
    static const uint8_t zero[] = {3, 3, 7, 99, 0, 2, 4, 5, 0xb4};
    static const uint8_t one[] = {3, 3, 7, 99, 1, 2, 4, 5, 0xb4};
    static const uint8_t beyond[] = {3, 3, 7, 99, 7, 2, 4, 5, 0xb4};
    const uint8_t *const cases[] = {zero, one, beyond};

    for (unsigned i = 0; i < 3; i++) {
        tcp_options options = read_exactly(cases[i], 9);
        CHECK(options.length_bad && options.has_window_scale && !options.has_mss);
        CHECK(!options.unknown_skipped);
    }
}

TEST(unknown_kinds_are_passed_over_by_their_length)
{
    static const uint8_t octets[] = {34, 2, 254, 6, 2, 4, 9, 9, 30, 3, 3, 2, 4, 0x02, 0x18};
    tcp_options options = read_exactly(octets, sizeof octets);

    CHECK(options.unknown_skipped && !options.length_bad && options.has_mss);
    CHECK(!options.has_window_scale);
    CHECK_EQ(options.mss, 536);
}

TEST(of_a_kind_that_comes_twice_the_last_counts)
{
    static const uint8_t octets[] = {2, 4, 1, 1, 2, 4, 2, 2, 3, 3, 1, 3, 3, 14};
    tcp_options options = read_exactly(octets, sizeof octets);

    CHECK_EQ(options.mss, 0x0202);
    CHECK_EQ(options.window_scale, 14);
}

static void check_written(const tcp_options *options, const uint8_t *expected, size_t bytes)
{
    uint8_t written[OPTIONS_MAX_BYTES + 1];

    memset(written, 0xee, sizeof written);
    CHECK_EQ(tcp_options_write(written, options), bytes);
    CHECK_MEM(written, expected, bytes);
    CHECK_EQ(written[bytes], 0xee);
}

TEST(a_syn_is_written_in_the_order_of_linux)
{
    tcp_options options = {.has_mss = true,
                           .has_sack_permitted = true,
                           .has_timestamps = true,
                           .has_window_scale = true,
                           .mss = 1460,
                           .window_scale = 7,
                           .ts_value = 0x01020304};

    check_written(&options, syn_of_linux, sizeof syn_of_linux);
}

TEST(a_syn_without_timestamps)
{
    static const uint8_t expected[] = {2, 4, 0x05, 0xb4, 1, 1, 4, 2, 1, 3, 3, 7};
    tcp_options options = {.has_mss = true,
                           .has_sack_permitted = true,
                           .has_window_scale = true,
                           .mss = 1460,
                           .window_scale = 7};

    check_written(&options, expected, sizeof expected);
}

TEST(a_segment_with_timestamps)
{
    static const uint8_t expected[] = {1, 1, 8, 10, 1, 2, 3, 4, 0xa, 0xb, 0xc, 0xd};
    tcp_options options = {.has_timestamps = true, .ts_value = 0x01020304, .ts_echo = 0x0a0b0c0d};

    check_written(&options, expected, sizeof expected);
}

TEST(a_segment_without_options)
{
    tcp_options options = {0};

    check_written(&options, syn_of_linux, 0);
}

TEST(a_sack_is_written_behind_two_nops)
{
    static const uint8_t expected[] = {1, 1, 5, 10, 0, 0, 1, 0, 0, 0, 2, 0};
    tcp_options options = {.sack_count = 1, .sack = {{{0x100}, {0x200}}}};

    check_written(&options, expected, sizeof expected);
}

TEST(as_many_sack_blocks_as_fit)
{
    for (uint8_t given = 0; given <= TCP_SACK_BLOCKS_MAX; given++) {
        for (unsigned with = 0; with < 2; with++) {
            tcp_options options = {.has_timestamps = with == 1, .sack_count = given};
            uint8_t fit = with == 1 && given > 3 ? 3 : given;
            for (uint32_t i = 0; i < TCP_SACK_BLOCKS_MAX; i++)
                options.sack[i] = (tcp_sack_block){{i * 1000}, {i * 1000 + 10}};
            uint8_t written[OPTIONS_MAX_BYTES];
            size_t bytes = tcp_options_write(written, &options);
            CHECK_EQ(bytes, (with == 1 ? 12u : 0u) + (fit > 0 ? 4u + 8u * fit : 0u));
            tcp_options again = read_exactly(written, bytes);
            CHECK_EQ(again.sack_count, fit);
            CHECK_MEM(again.sack, options.sack, fit * sizeof options.sack[0]);
        }
    }
}

TEST(a_fast_open_cookie_is_read_where_it_stands)
{
    static const uint8_t octets[] = {34, 8, 1, 2, 3, 4, 5, 6}, request[] = {34, 2, 1, 1};
    tcp_options options;

    tcp_options_read(&options, octets, sizeof octets);
    CHECK(options.has_fast_open && !options.unknown_skipped);
    CHECK_EQ(options.fast_open_bytes, 6);
    CHECK(options.fast_open == octets + 2);
    options = read_exactly(request, sizeof request);
    CHECK(options.has_fast_open && !options.length_bad);
    CHECK_EQ(options.fast_open_bytes, 0);
}

TEST(a_fast_open_cookie_is_written_behind_all_of_a_syn)
{
    static const uint8_t cookie[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    tcp_options options = read_exactly(syn_of_linux, sizeof syn_of_linux);
    uint8_t written[OPTIONS_MAX_BYTES];

    options.has_fast_open = true;
    options.fast_open = cookie;
    for (uint8_t bytes = 0; bytes <= 16; bytes = (uint8_t)(bytes == 0 ? 4 : bytes + 2)) {
        options.fast_open_bytes = bytes;
        size_t padded = (2u + bytes + 3) / 4 * 4;
        CHECK_EQ(tcp_options_write(written, &options), sizeof syn_of_linux + padded);
        CHECK_MEM(written, syn_of_linux, sizeof syn_of_linux);
        CHECK_EQ(written[20], 34);
        CHECK_EQ(written[21], 2 + bytes);
        CHECK_MEM(written + 22, cookie, bytes);
        for (size_t at = 22u + bytes; at < 20 + padded; at++)
            CHECK_EQ(written[at], TCP_OPTION_NOP);
    }
}

TEST(every_combination_is_written_within_forty_octets_and_read_again)
{
    for (unsigned set = 0; set < 16; set++) {
        for (uint8_t blocks = 0; blocks <= TCP_SACK_BLOCKS_MAX; blocks++) {
            tcp_options options = {.has_mss = (set & 1) != 0,
                                   .has_window_scale = (set & 2) != 0,
                                   .has_sack_permitted = (set & 4) != 0,
                                   .has_timestamps = (set & 8) != 0,
                                   .mss = 0x1234,
                                   .window_scale = 9,
                                   .ts_value = 0x89abcdef,
                                   .ts_echo = 0x01234567,
                                   .sack_count = blocks};
            uint8_t written[OPTIONS_MAX_BYTES];
            size_t bytes = tcp_options_write(written, &options);
            CHECK(bytes <= OPTIONS_MAX_BYTES && bytes % 4 == 0);
            tcp_options again = read_exactly(written, bytes);
            CHECK(!again.length_bad && !again.unknown_skipped);
            CHECK_EQ(again.has_mss, options.has_mss);
            CHECK_EQ(again.mss, options.has_mss ? 0x1234 : 0);
            CHECK_EQ(again.has_window_scale, options.has_window_scale);
            CHECK_EQ(again.window_scale, options.has_window_scale ? 9 : 0);
            CHECK_EQ(again.has_sack_permitted, options.has_sack_permitted);
            CHECK_EQ(again.has_timestamps, options.has_timestamps);
            CHECK_EQ(again.ts_value, options.has_timestamps ? 0x89abcdef : 0);
            CHECK_EQ(again.ts_echo, options.has_timestamps ? 0x01234567 : 0);
            CHECK(again.sack_count <= blocks);
        }
    }
}

TEST(user_timeout_is_read_back_and_left_out_where_there_is_no_room)
{
    tcp_options options = {
        .has_timestamps = true, .has_user_timeout = true, .user_timeout = 0x8123};
    uint8_t octets[OPTIONS_MAX_BYTES];

    CHECK_EQ(tcp_options_write(octets, &options), 16);
    tcp_options again = read_exactly(octets, 16);
    CHECK(again.has_user_timeout && again.has_timestamps && !again.length_bad);
    CHECK_EQ(again.user_timeout, 0x8123);
    /* With three SACK blocks there is room for two. */
    options.sack_count = 3;
    CHECK_EQ(tcp_options_write(octets, &options), 36);
    again = read_exactly(octets, 36);
    CHECK_EQ(again.sack_count, 2);
    CHECK(again.has_user_timeout);
    /* In a SYN that pads behind, before the end of the list. */
    options = (tcp_options){.has_mss = true,
                            .has_window_scale = true,
                            .has_sack_permitted = true,
                            .has_timestamps = true,
                            .pad_behind = true,
                            .scale_first = true,
                            .has_user_timeout = true,
                            .user_timeout = 7};
    size_t bytes = tcp_options_write(octets, &options);
    CHECK(bytes <= OPTIONS_MAX_BYTES && bytes % 4 == 0);
    CHECK_EQ(read_exactly(octets, bytes).user_timeout, 7);
}

/* RFC 6994 3.1: an experiment with an identifier of two octets. */
TEST(fast_open_has_an_experimental_form)
{
    const uint8_t octets[] = {254, 12, 0xf9, 0x89, 1, 2, 3, 4, 5, 6, 7, 8};
    tcp_options read = read_exactly(octets, sizeof octets);
    uint8_t written[OPTIONS_MAX_BYTES];

    CHECK(read.has_fast_open && read.fast_open_experiment && !read.unknown_skipped);
    CHECK_EQ(read.fast_open_bytes, 8);
    read.fast_open = octets + 4;
    CHECK_EQ(tcp_options_write(written, &read), sizeof octets);
    CHECK_MEM(written, octets, sizeof octets);
}

TEST(other_experiments_are_unknown_kinds)
{
    const uint8_t other[] = {254, 6, 0xf9, 0x8a, 1, 2, 254, 3, 1};
    const uint8_t odd[] = {254, 5, 0xf9, 0x89, 1};
    const uint8_t plain_last[] = {254, 4, 0xf9, 0x89, 34, 2};
    tcp_options read = read_exactly(other, sizeof other);

    CHECK(!read.has_fast_open && read.unknown_skipped && !read.length_bad);
    read = read_exactly(odd, sizeof odd);
    CHECK(!read.has_fast_open && read.length_bad);
    read = read_exactly(plain_last, sizeof plain_last);
    CHECK(read.has_fast_open && !read.fast_open_experiment);
}
