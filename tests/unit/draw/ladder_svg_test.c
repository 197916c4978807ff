/* ladder_svg_test.c - the SVG of a ladder is XML, stands alone and holds what it should. */
#define _GNU_SOURCE
#include "draw/ladder_svg.h"
#include "draw/ladder_svg_page.h"

#include <stdlib.h>

#include "tests/test.h"
#include "tests/unit/draw/recording_fixture.h"

static char *drawn(ladder *l, const draw_style *style)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);

    ladder_svg_print(l, out, style);
    fclose(out);
    ladder_free(l);
    return text;
}

/* Gives the text to a program and tells whether it was content. */
static bool content(const char *program, const char *text)
{
    FILE *pipe = popen(program, "w");
    bool written = pipe != NULL && fputs(text, pipe) >= 0;

    return pipe != NULL && pclose(pipe) == 0 && written;
}

#define XML_PARSER "python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.stdin.buffer)'"

static void check_xml(ladder *l, const draw_style *style)
{
    char *text = drawn(l, style);
    bool good = content(XML_PARSER, text);

    free(text);
    CHECK(good);
}

TEST(the_parser_of_these_tests_refuses_what_is_not_xml)
{
    CHECK(content(XML_PARSER, "<a>&lt;</a>"));
    CHECK(!content(XML_PARSER " 2>/dev/null", "<a><</a>"));
}

TEST(every_conversation_is_well_formed)
{
    draw_style style = {.width = 80}, verbose = {.width = 80, .verbose = true};

    check_xml(recording_session(), &verbose);
    check_xml(recording_simultaneous_open(), &style);
    check_xml(recording_syn_lost(), &style);
    check_xml(recording_refused(), &style);
    check_xml(recording_reordered(), &style);
    check_xml(recording_new(TERN_STATES, TERN_STATES), &style);
}

TEST(texts_that_are_not_fit_for_xml_are_made_so)
{
    ladder *l = recording_new(TERN_CLOSED, TERN_CLOSED);
    draw_style style = {.width = 80};

    ladder_note(l, LADDER_LEFT, 0, LADDER_CALL, "<&\">]]> \x01\x1b \xff\xc3 \xef\xbf\xbe");
    ladder_caption(l, LADDER_RIGHT, 0, "</svg><script>", "a & b");
    check_xml(l, &style);
}

TEST(it_needs_no_other_file_and_is_for_light_and_dark)
{
    char *text = drawn(recording_session(), &(draw_style){.width = 80});

    CHECK(strstr(text, "href") == NULL);
    CHECK(strstr(text, "url(") == NULL);
    CHECK(strstr(text, "@import") == NULL);
    CHECK(strstr(text, "prefers-color-scheme:dark") != NULL);
    CHECK(strstr(text, "Noto Sans KR") != NULL);
    free(text);
}

TEST(numbers_states_and_captions_are_in_it)
{
    char *text = drawn(recording_session(), &(draw_style){.width = 80});

    CHECK(strstr(text, ">SYN,ACK<") != NULL);
    CHECK(strstr(text, "SEQ 0 (1915269997)") != NULL);
    CHECK(strstr(text, ">SYN-RECEIVED<") != NULL);
    CHECK(strstr(text, ">TIME-WAIT<") != NULL);
    CHECK(strstr(text, "All queued data is sent: FIN.") != NULL);
    CHECK(strstr(text, "239.980 s later") != NULL);
    CHECK(strstr(text, "SND.UNA") == NULL);
    free(text);
}

TEST(a_lost_packet_has_half_an_arrow_and_says_why)
{
    char *text = drawn(recording_syn_lost(), &(draw_style){.width = 80});

    CHECK(strstr(text, "class=\"cross\"") != NULL);
    CHECK(strstr(text, ">lost<") != NULL);
    CHECK(strstr(text, ">queue full<") != NULL);
    CHECK(strstr(text, "SYN (again)") != NULL);
    free(text);
}

/* Where `what` stands last in text before `at`. */
static const char *last_before(const char *text, const char *at, const char *what)
{
    const char *last = NULL;

    for (const char *c = strstr(text, what); c != NULL && c < at; c = strstr(c + 1, what))
        last = c;
    return last;
}

TEST(no_pause_is_written_over_the_cross_of_a_lost_packet)
{
    char *text = drawn(recording_syn_lost(), &(draw_style){.width = 80});
    unsigned pairs = 0;

    for (const char *cross = text; (cross = strstr(cross, "class=\"cross\"")) != NULL; cross++) {
        double slope = 0;
        int x = 0, y = 0, pause = 0;
        const char *at = last_before(text, cross, "matrix(1 ");
        CHECK(at != NULL);
        CHECK_EQ(sscanf(at, "matrix(1 %lf 0 1 %d %d)", &slope, &x, &y), 3);
        y += LADDER_SVG_SLOPE / 2;
        for (const char *later = text; (later = strstr(later, " s later")) != NULL; later++) {
            at = last_before(text, later, " y=\"");
            CHECK(at != NULL);
            CHECK_EQ(sscanf(at, " y=\"%d\"", &pause), 1);
            CHECK(pause < y - LADDER_SVG_HEAD || pause - y > 3 * LADDER_SVG_HEAD);
            pairs++;
        }
    }
    CHECK(pairs > 0);
    free(text);
}

TEST(korean_captions_are_taken_from_the_translation)
{
    char *text = drawn(recording_handshake(),
                       &(draw_style){.width = 80, .translate = recording_korean});

    CHECK(strstr(text, "확인 응답을") != NULL);
    CHECK(strstr(text, "시각 단위 초") != NULL);
    free(text);
}

/* The y of the n-th line's group: matrix(1 slope 0 1 x y). */
TEST(an_arrow_falls_from_where_it_leaves)
{
    char *text = drawn(recording_handshake(), &(draw_style){.width = 80});
    const char *at = text;
    unsigned arrows = 0;

    while ((at = strstr(at, "matrix(1 ")) != NULL) {
        double slope = 0;
        int x = 0, y = 0;
        CHECK_EQ(sscanf(at, "matrix(1 %lf 0 1 %d %d)", &slope, &x, &y), 3);
        CHECK(x == 360 || x == 880);
        CHECK(x == 360 ? slope > 0.05 : slope < -0.05);
        CHECK(y > 0);
        arrows++;
        at++;
    }
    CHECK_EQ(arrows, 6); /* of three packets: the line and the words */
    free(text);
}

TEST(who_is_outside_is_named_where_its_arrow_begins_or_ends)
{
    char *text = drawn(recording_outsiders(), &(draw_style){.width = 80});

    CHECK(strstr(text, ">attacker<") != NULL);
    CHECK(strstr(text, ">203.0.113.8<") != NULL);
    CHECK(strstr(text, ">router 192.0.2.1<") != NULL);
    CHECK(strstr(text, ">ICMP 3/4 fragmentation needed<") != NULL);
    CHECK(strstr(text, "<circle") != NULL);
    CHECK(strstr(text, ">blocked<") != NULL);
    CHECK(strstr(text, ">queue full<") != NULL);
    free(text);
    check_xml(recording_outsiders(), &(draw_style){.width = 80});
}

TEST(a_flood_is_a_mark_and_the_one_that_is_not_like_it_an_arrow)
{
    char *text = drawn(recording_flood(), &(draw_style){.width = 80});

    CHECK(strstr(text, "packets more like these, 0.010 .. 0.610") != NULL);
    CHECK(strstr(text, "packets more like these, 0.610 .. 1.009") != NULL);
    CHECK(strstr(text, "ESTABLISHED") != NULL);
    CHECK(strlen(text) < 40000);
    free(text);
    check_xml(recording_flood(), &(draw_style){.width = 80});
}

TEST(a_full_recording_says_how_much_it_left_out)
{
    ladder *l = recording_new(TERN_ESTABLISHED, TERN_ESTABLISHED);

    for (unsigned i = 0; i < LADDER_EVENTS_MAX + 3; i++)
        ladder_rule(l, LADDER_LEFT, i, TERN_RULE_ACK_NEW);
    char *text = drawn(l, &(draw_style){.width = 80});
    CHECK(strstr(text, ">3 events more are not drawn<") != NULL);
    free(text);
}
