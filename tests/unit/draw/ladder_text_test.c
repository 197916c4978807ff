/* ladder_text_test.c - the ladder in the terminal: kept pictures, and what every picture holds. */
#define _GNU_SOURCE
#include "draw/ladder_text.h"

#include <stdlib.h>

#include "draw/columns.h"
#include "tern/status.h"
#include "tests/test.h"
#include "tests/unit/draw/recording_fixture.h"

typedef ladder *conversation(void);

static conversation *const conversations[] = {
    recording_handshake,          recording_session,   recording_simultaneous_open,
    recording_simultaneous_close, recording_syn_lost,  recording_refused,
    recording_reordered,          recording_outsiders,
};

enum { CONVERSATIONS = sizeof conversations / sizeof conversations[0] };

static char *drawn(conversation *make, const draw_style *style)
{
    ladder *l = make();
    char *text = recording_text(l, style);

    ladder_free(l);
    return text;
}

static void check_golden(const char *name, conversation *make, const draw_style *style)
{
    char *text = drawn(make, style);
    bool same = recording_is_golden(name, text);

    free(text);
    CHECK(same);
}

/* Calls check(line, columns) for each line; lines are cut at '\n'. */
static void each_line(char *text, const draw_style *style,
                      void (*check)(const char *line, const draw_style *style, unsigned number))
{
    unsigned number = 0;
    char *rest = NULL;

    for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
        check(line, style, number++);
}

/* ---- Kept pictures ------------------------------------------------------------------------- */

TEST(a_session_at_80_columns)
{
    check_golden("session-80", recording_session, &(draw_style){.width = 80});
}

TEST(a_session_at_120_columns)
{
    check_golden("session-120", recording_session, &(draw_style){.width = 120});
}

TEST(a_handshake_at_60_columns_in_ascii)
{
    check_golden("handshake-60-ascii", recording_handshake,
                 &(draw_style){.width = 60, .ascii = true});
}

TEST(a_handshake_in_korean)
{
    check_golden("handshake-80-korean", recording_handshake,
                 &(draw_style){.width = 80, .translate = recording_korean});
}

TEST(a_handshake_in_colour)
{
    check_golden("handshake-80-colour", recording_handshake,
                 &(draw_style){.width = 80, .colour = true});
}

TEST(two_syns_that_cross)
{
    check_golden("simultaneous-open-80", recording_simultaneous_open, &(draw_style){.width = 80});
    check_golden("simultaneous-open-60", recording_simultaneous_open, &(draw_style){.width = 60});
}

TEST(two_packets_that_cross_say_all_they_have_in_half_a_lane)
{
    tcp_options timestamps = {
        .has_timestamps = true, .ts_value = 4163530097, .ts_echo = 3966570290};
    ladder *l = recording_new(TERN_ESTABLISHED, TERN_ESTABLISHED);
    char *text;

    for (unsigned end = 0; end < 2; end++)
        recording_sent(l, 1 + end, 1000,
                       &(recording_segment){(ladder_end)end, TCP_ACK, 1, 1, 9, 0, &timestamps});
    for (unsigned end = 0; end < 2; end++)
        ladder_arrived(l, 2 - end, 21000, 0);
    text = recording_text(l, &(draw_style){.width = 80});
    CHECK(strstr(text, "╲╱") != NULL);
    CHECK(strstr(text, "TS 4163530097/ ") != NULL);
    CHECK(strstr(text, " 3966570290 ") != NULL);
    free(text);
    ladder_free(l);
}

TEST(two_fins_that_cross)
{
    check_golden("simultaneous-close-80-ascii", recording_simultaneous_close,
                 &(draw_style){.width = 80, .ascii = true});
}

TEST(segments_that_are_lost)
{
    check_golden("syn-lost-80", recording_syn_lost, &(draw_style){.width = 80});
}

TEST(a_connection_that_is_refused)
{
    check_golden("refused-80", recording_refused, &(draw_style){.width = 80});
}

TEST(segments_reordered_delayed_duplicated_and_corrupted)
{
    check_golden("reordered-80", recording_reordered, &(draw_style){.width = 80});
}

TEST(packets_from_and_to_somebody_outside)
{
    check_golden("outsiders-60-ascii", recording_outsiders,
                 &(draw_style){.width = 60, .ascii = true});
    check_golden("outsiders-80", recording_outsiders, &(draw_style){.width = 80});
    check_golden("outsiders-120", recording_outsiders, &(draw_style){.width = 120});
}

TEST(a_flood_is_told_in_a_few_rows_around_what_is_not_like_it)
{
    check_golden("flood-80", recording_flood, &(draw_style){.width = 80});
    check_golden("flood-60-ascii-korean", recording_flood,
                 &(draw_style){.width = 60, .ascii = true, .translate = recording_korean});
}

/* Keep-alives that are answered, each after a pause. */
static ladder *keepalives(unsigned count)
{
    ladder *l = recording_new(TERN_ESTABLISHED, TERN_ESTABLISHED);

    for (unsigned i = 0; i < count; i++) {
        recording_segment probe = {LADDER_LEFT, TCP_ACK, 0, 1, 0, 0, NULL};
        recording_segment answer = {LADDER_RIGHT, TCP_ACK, 1, 1, 0, 0, NULL};
        tern_time now_us = (i + 1) * UINT64_C(75000000);
        recording_sent(l, 1 + 2 * i, now_us, &probe);
        ladder_arrived(l, 1 + 2 * i, now_us + 20000, 0);
        recording_sent(l, 2 + 2 * i, now_us + 20000, &answer);
        ladder_arrived(l, 2 + 2 * i, now_us + 40000, 0);
    }
    return l;
}

TEST(few_of_the_same_are_drawn_and_many_are_folded_and_verbose_shows_all)
{
    ladder *few = keepalives(14), *many = keepalives(16); /* three of each are drawn first */
    char *text = recording_text(few, &(draw_style){.width = 80});

    CHECK(strstr(text, "more like these") == NULL);
    CHECK(strstr(text, "1050.020") != NULL);
    free(text);
    text = recording_text(many, &(draw_style){.width = 80});
    CHECK(strstr(text, "26 packets more like these, 300.000 .. 1200.040") != NULL);
    CHECK(strstr(text, "13 ACK ►; 13 ACK ◄") != NULL);
    free(text);
    text = recording_text(many, &(draw_style){.width = 80, .verbose = true});
    CHECK(strstr(text, "more like these") == NULL);
    CHECK(strstr(text, "1200.040") != NULL);
    free(text);
    ladder_free(few);
    ladder_free(many);
}

TEST(a_full_recording_ends_with_what_it_left_out)
{
    ladder *l = recording_new(TERN_ESTABLISHED, TERN_ESTABLISHED);
    char *text;

    for (unsigned i = 0; i < LADDER_EVENTS_MAX + 12; i++)
        ladder_rule(l, LADDER_LEFT, i, TERN_RULE_ACK_NEW);
    text = recording_text(l, &(draw_style){.width = 80});
    CHECK(strstr(text, "12 events more are not drawn") != NULL);
    free(text);
    ladder_free(l);
}

/* ---- What every picture holds -------------------------------------------------------------- */

static void check_line(const char *line, const draw_style *style, unsigned number)
{
    size_t bytes = strlen(line);
    uint32_t c = 0;

    (void)number;
    CHECK(columns_of(line, bytes) <= style->width);
    CHECK(bytes == 0 || line[bytes - 1] != ' ');
    for (size_t at = 0; at < bytes;) {
        at += columns_decode(line + at, bytes - at, &c);
        CHECK(c >= 0x20 && c != 0x7f);
        CHECK(!style->ascii || c < 0x80);
    }
}

TEST(no_row_is_wider_than_the_width_at_any_width)
{
    for (unsigned i = 0; i < CONVERSATIONS; i++)
        for (unsigned width = DRAW_WIDTH_MIN; width <= DRAW_WIDTH_MAX; width++)
            for (unsigned kind = 0; kind < 4; kind++) {
                draw_style style = {.width = width, .ascii = kind % 2 == 1, .verbose = kind > 1};
                char *text = drawn(conversations[i], &style);
                CHECK(text != NULL);
                each_line(text, &style, check_line);
                free(text);
            }
}

/* The lifelines of a row: the columns of its '|' and '+' that end a side. */
static void check_lifelines(const char *line, const draw_style *style, unsigned number)
{
    unsigned lane = style->width - 28;
    unsigned left = 13, right = left + 1 + lane;

    if (number < 2) /* the head */
        return;
    CHECK(strchr("|+:", line[left]) != NULL);
    CHECK(strchr("|+:", line[right]) != NULL);
    CHECK(line[left - 1] == ' ');
    CHECK(line[right + 1] == ' ' || line[right + 1] == '\0');
}

TEST(lifelines_stand_in_the_same_columns_on_every_row)
{
    for (unsigned i = 0; i < CONVERSATIONS; i++) {
        draw_style style = {.width = 80, .ascii = true};
        char *text = drawn(conversations[i], &style);
        each_line(text, &style, check_lifelines);
        free(text);
    }
}

TEST(no_word_of_a_caption_is_cut)
{
    for (unsigned width = DRAW_WIDTH_MIN; width <= 130; width += 7) {
        char *text = drawn(recording_session, &(draw_style){.width = width});
        const char *words[] = {"LISTEN:",    "SEG.SEQ,", "selected", "acknowledged", "established",
                               "connection", "RCV.NXT",  "program",  "3.10.7.2",     "(3rd)"};
        for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
            CHECK(strstr(text, words[i]) != NULL);
        free(text);
    }
}

TEST(a_prefix_is_before_every_row_and_counts)
{
    draw_style style = {.width = 80, .prefix = "49152 "};
    char *text = drawn(recording_session, &style), *rest = NULL;

    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        CHECK(strncmp(line, "49152 ", 6) == 0);
        CHECK(columns_of(line, strlen(line)) <= 80);
    }
    free(text);
}

TEST(no_escape_sequence_without_colour)
{
    for (unsigned i = 0; i < CONVERSATIONS; i++) {
        char *text = drawn(conversations[i], &(draw_style){.width = 80});
        CHECK(strchr(text, '\033') == NULL);
        free(text);
    }
}

TEST(a_verbose_style_shows_every_rule_and_its_name)
{
    char *quiet = drawn(recording_session, &(draw_style){.width = 80});
    char *verbose = drawn(recording_session, &(draw_style){.width = 80, .verbose = true});

    CHECK(strstr(quiet, "SND.UNA") == NULL);
    CHECK(strstr(verbose, "SND.UNA") != NULL);
    CHECK(strstr(verbose, "ACK_NEW") != NULL);
    CHECK(strstr(verbose, "TEXT_QUEUED") != NULL);
    free(quiet);
    free(verbose);
}

TEST(a_rule_that_teaches_is_shown_with_its_source)
{
    ladder *l = recording_new(TERN_ESTABLISHED, TERN_ESTABLISHED);
    const tern_rule_info *rule = tern_rule_get(TERN_RULE_RST_CHALLENGED);
    char *text;

    ladder_rule(l, LADDER_RIGHT, 1000, TERN_RULE_RST_CHALLENGED);
    text = recording_text(l, &(draw_style){.width = 200});
    CHECK(strstr(text, rule->source) != NULL);
    free(text);
    ladder_free(l);
}

TEST(control_characters_and_broken_utf8_do_not_reach_the_terminal)
{
    ladder *l = recording_new(TERN_CLOSED, TERN_CLOSED);
    draw_style style = {.width = 80};
    char *text;

    ladder_note(l, LADDER_LEFT, 0, LADDER_CALL, "connect \033[2J\x9b\xff\xc3");
    ladder_caption(l, LADDER_RIGHT, 0, "a\tb\x7f", "\r");
    text = recording_text(l, &style);
    CHECK(strchr(text, '\033') == NULL);
    each_line(text, &style, check_line);
    free(text);
    ladder_free(l);
}

/* ---- Living pictures ----------------------------------------------------------------------- */

TEST(rows_are_drawn_as_soon_as_they_are_certain)
{
    char *text = NULL;
    size_t bytes = 0, before;
    FILE *out = open_memstream(&text, &bytes);
    ladder *l = recording_new(TERN_CLOSED, TERN_LISTEN);
    ladder_text *t = ladder_text_new(l, out, &(draw_style){.width = 80});
    recording_segment syn = {LADDER_LEFT, TCP_SYN, 0, 0, 0, 0, NULL};

    ladder_note(l, LADDER_LEFT, 0, LADDER_CALL, "connect");
    ladder_text_more(t, true);
    fflush(out);
    CHECK(strstr(text, "connect") != NULL);
    before = bytes;
    recording_sent(l, 1, 0, &syn);
    ladder_text_more(t, true);
    fflush(out);
    CHECK_EQ(bytes, before); /* whether it arrives is not known */
    ladder_arrived(l, 1, 20000, 0);
    recording_state(l, LADDER_RIGHT, 20000, TERN_SYN_RECEIVED);
    ladder_text_more(t, true);
    fflush(out);
    CHECK(strstr(text + before, "SYN ") != NULL);
    CHECK(strstr(text + before, "SYN-RECEIVED") != NULL);
    recording_sent(l, 2, 20000, &(recording_segment){LADDER_RIGHT, TCP_ACK, 1, 1, 0, 0, NULL});
    ladder_text_more(t, true);
    ladder_text_end(t); /* still under way: it is drawn departing */
    fclose(out);
    CHECK(strstr(text, "ACK #2") != NULL);
    ladder_text_free(t);
    ladder_free(l);
    free(text);
}

TEST(the_head_waits_for_an_endpoint_that_the_first_segment_tells)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    ladder_party left = {"client", "tern", {{{0}}, 0}, TERN_CLOSED};
    ladder_party right = {"server", "tern", {{{0}}, 0}, TERN_LISTEN};
    ladder *l = ladder_new(&left, &right);
    ladder_text *t = ladder_text_new(l, out, &(draw_style){.width = 80});
    recording_segment syn = {LADDER_LEFT, TCP_SYN, 0, 0, 0, 0, NULL};

    ladder_note(l, LADDER_LEFT, 0, LADDER_CALL, "connect");
    ladder_text_more(t, false);
    fflush(out);
    CHECK_EQ(bytes, 0);
    recording_sent(l, 1, 0, &syn);
    ladder_text_more(t, false);
    fflush(out);
    CHECK(strstr(text, "10.77.0.1:49152") != NULL);
    CHECK(strstr(text, "10.77.0.2:7777") != NULL);
    CHECK(strstr(text, "connect") != NULL);
    ladder_text_end(t);
    fclose(out);
    ladder_text_free(t);
    ladder_free(l);
    free(text);
}

TEST(a_long_living_connection_needs_no_memory_for_what_is_drawn)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    ladder *l = recording_new(TERN_ESTABLISHED, TERN_ESTABLISHED);
    ladder_text *t = ladder_text_new(l, out, &(draw_style){.width = 80});

    for (uint64_t i = 1; i <= 20000; i++) {
        recording_segment data = {LADDER_LEFT, TCP_ACK, (uint32_t)i, 1, 1, 0, NULL};
        recording_sent(l, i, i * 1000, &data);
        ladder_arrived(l, i, i * 1000 + 500, 0);
        ladder_text_more(t, true);
        if (i % 1000 == 0)
            rewind(out);
    }
    ladder_arrived(l, 19999, 20000999, 0); /* a copy, late */
    ladder_arrived(l, 1, 20000999, 0);     /* forgotten: nothing is drawn */
    ladder_text_end(t);
    CHECK(!ladder_is_cut(l));
    fclose(out);
    CHECK(strstr(text, "duplicate") != NULL);
    ladder_text_free(t);
    ladder_free(l);
    free(text);
}

/* ---- Anything ------------------------------------------------------------------------------ */

static uint32_t next_random(uint32_t *random)
{
    *random = *random * 1664525 + 1013904223;
    return *random >> 8;
}

static void record_anything(ladder *l, uint32_t *random, tern_time now_us, uint64_t *serial)
{
    ladder_end end = next_random(random) % 2 == 0 ? LADDER_LEFT : LADDER_RIGHT;
    uint64_t any = 1 + next_random(random) % (*serial + 2);
    uint8_t octets[64];
    recording_segment segment = {
        end, (uint16_t)(next_random(random) % 512), next_random(random), next_random(random), 0, 0,
        NULL};
    ladder_packet junk = {.serial = *serial + 1,
                          .from = (ladder_end)(next_random(random) % 3),
                          .time_us = now_us,
                          .octets = octets,
                          .bytes = next_random(random) % 64,
                          .to = (ladder_end)(next_random(random) % 3),
                          .who = next_random(random) % 2 == 0 ? "somebody" : NULL};

    for (unsigned i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)next_random(random);
    switch (next_random(random) % 9) {
    case 0:
        recording_sent(l, ++*serial, now_us, &segment);
        break;
    case 1:
        ladder_sent(l, &junk);
        ++*serial;
        break;
    case 2:
    case 3:
    case 4:
        ladder_arrived(l, any, now_us, next_random(random));
        break;
    case 5:
        ladder_died(l, any, now_us, LADDER_QUEUE_FULL);
        break;
    case 6:
        recording_state(l, end, now_us, (tern_state)(next_random(random) % (TERN_STATES + 1)));
        break;
    case 7:
        ladder_rule(l, end, now_us, (tern_rule)(next_random(random) % (TERN_RULES + 2)));
        break;
    default:
        ladder_note(l, end, now_us, LADDER_CALL, "a note of several words, and a_long_one");
        break;
    }
}

TEST(any_recording_can_be_drawn_at_once_or_living)
{
    for (uint32_t seed = 1; seed <= 150; seed++) {
        uint32_t random = seed * 2654435761u;
        uint64_t serial = 0;
        tern_time now_us = 0;
        draw_style style = {.width = 60 + seed, .ascii = seed % 2 == 0, .verbose = seed % 3 == 0};
        char *text = NULL;
        size_t bytes = 0;
        FILE *out = open_memstream(&text, &bytes);
        ladder *l = recording_new(TERN_CLOSED, TERN_STATES);
        ladder_text *living = ladder_text_new(l, out, &style);

        for (unsigned i = 0; i < 120; i++) {
            now_us += next_random(&random) % 3 * 40000;
            record_anything(l, &random, now_us, &serial);
            if (i % 5 == 0)
                ladder_text_more(living, seed % 4 == 0);
        }
        ladder_text_end(living);
        fclose(out);
        each_line(text, &style, check_line);
        free(text);
        ladder_text_free(living);
        text = recording_text(l, &style);
        each_line(text, &style, check_line);
        free(text);
        ladder_free(l);
    }
}
