/* ladder_pair_test.c - two recordings side by side: kept pictures, where they part, the table. */
#define _GNU_SOURCE
#include "draw/ladder_pair.h"

#include <stdlib.h>

#include "draw/columns.h"
#include "draw/ladder_json.h"
#include "draw/ladder_svg.h"
#include "tests/test.h"
#include "tests/unit/draw/recording_fixture.h"

static char *printed(const ladder_pair *pair, const draw_style *style)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);

    ladder_pair_print(pair, out, style);
    fclose(out);
    return text;
}

static void pair_free(ladder_pair *pair)
{
    ladder_free(pair->ladder[0]);
    ladder_free(pair->ladder[1]);
}

static ladder_pair handshake_and_loss(void)
{
    return (ladder_pair){{recording_handshake(), recording_syn_lost()}, {"without", "lose=syn:1"}};
}

static void check_golden(const char *name, const draw_style *style)
{
    ladder_pair pair = handshake_and_loss();
    char *text = printed(&pair, style);
    bool same = recording_is_golden(name, text);

    free(text);
    pair_free(&pair);
    CHECK(same);
}

TEST(side_by_side_row_by_row_at_the_same_time)
{
    check_golden("pair-120", &(draw_style){.width = 120});
    check_golden("pair-200-colour", &(draw_style){.width = 200, .colour = true});
    check_golden("pair-120-ascii-korean",
                 &(draw_style){.width = 120, .ascii = true, .translate = recording_korean});
}

TEST(one_below_the_other_where_there_is_no_room)
{
    check_golden("pair-80", &(draw_style){.width = 80});
}

TEST(no_row_is_wider_than_the_width)
{
    for (unsigned width = PAIR_WIDTH_MIN; width <= DRAW_WIDTH_MAX; width += 9) {
        ladder_pair pair = handshake_and_loss();
        char *text = printed(&pair, &(draw_style){.width = width}), *rest = NULL;
        bool fits = true;
        for (char *line = strtok_r(text, "\n", &rest); line != NULL;
             line = strtok_r(NULL, "\n", &rest))
            fits = fits && columns_of(line, strlen(line)) <= width;
        free(text);
        pair_free(&pair);
        CHECK(fits);
    }
}

TEST(the_first_difference_is_found_and_said)
{
    ladder_pair pair = handshake_and_loss();
    ladder_parting parting;

    ladder_compare(&pair, &(draw_style){.width = 80}, &parting);
    CHECK(parting.parts);
    CHECK_EQ(parting.time_us[0], 0);
    CHECK_STR(parting.text, "without, at 0.000 s: client sends SYN; "
                            "lose=syn:1, at 0.000 s: client sends SYN, lost");
    pair_free(&pair);
    pair = (ladder_pair){{recording_handshake(), recording_session()}, {"a", "b"}};
    ladder_compare(&pair, &(draw_style){.width = 80}, &parting);
    CHECK_STR(parting.text, "a: nothing more happens; b, at 0.060 s: client: send 100");
    CHECK(parting.time_us[0] == TERN_NEVER);
    pair_free(&pair);
}

TEST(the_same_twice_does_not_part)
{
    ladder_pair pair = {{recording_session(), recording_session()}, {"a", "b"}};
    ladder_parting parting;
    char *text = printed(&pair, &(draw_style){.width = 120});

    ladder_compare(&pair, &(draw_style){.width = 80}, &parting);
    CHECK(!parting.parts);
    CHECK(strstr(text, "They do not part") != NULL);
    CHECK(strstr(text, "====") == NULL && strstr(text, "════") == NULL);
    free(text);
    pair_free(&pair);
}

TEST(a_time_that_differs_is_a_difference)
{
    ladder_pair pair = {
        {recording_new(TERN_CLOSED, TERN_LISTEN), recording_new(TERN_CLOSED, TERN_LISTEN)},
        {"linux", "rfc9293"}};
    recording_segment syn = {LADDER_LEFT, TCP_SYN, 0, 0, 0, 0, NULL};
    ladder_parting parting;

    for (unsigned i = 0; i < 2; i++) {
        recording_sent(pair.ladder[i], 1, 0, &syn);
        recording_sent(pair.ladder[i], 2, i == 0 ? 2000000 : 3000000, &syn);
    }
    ladder_compare(&pair, &(draw_style){.width = 80}, &parting);
    CHECK_STR(parting.text, "linux, at 2.000 s: client sends SYN (again); "
                            "rfc9293, at 3.000 s: client sends SYN (again)");
    pair_free(&pair);
}

TEST(an_option_that_differs_is_said)
{
    tcp_options options[2] = {{.has_mss = true, .mss = 1460},
                              {.has_mss = true, .mss = 1460, .has_sack_permitted = true}};
    ladder_pair pair = {
        {recording_new(TERN_CLOSED, TERN_LISTEN), recording_new(TERN_CLOSED, TERN_LISTEN)},
        {"a", "b"}};
    ladder_parting parting;

    for (unsigned i = 0; i < 2; i++)
        recording_sent(pair.ladder[i], 1, 0,
                       &(recording_segment){LADDER_LEFT, TCP_SYN, 0, 0, 0,
                                            (uint16_t)(i == 0 ? 64240 : 65535), &options[i]});
    ladder_compare(&pair, &(draw_style){.width = 80}, &parting);
    CHECK_STR(parting.text, "a, at 0.000 s: client sends SYN  WIN 64240; "
                            "b, at 0.000 s: client sends SYN  WIN 65535  SACK-OK");
    pair_free(&pair);
}

TEST(json_lines_say_of_which_run_they_are)
{
    ladder_pair pair = handshake_and_loss();
    ladder_parting parting;
    draw_style style = {.width = 80};
    FILE *pipe = popen("python3 -c 'import sys, json\n"
                       "e = [json.loads(x) for x in sys.stdin]\n"
                       "assert {x[\"run\"] for x in e[:-1]} == {\"without\", \"lose=syn:1\"}\n"
                       "assert e[-1][\"event\"] == \"parting\" and e[-1][\"time_us\"] == [0, 0]'",
                       "w");

    CHECK(pipe != NULL);
    ladder_compare(&pair, &style, &parting);
    for (unsigned i = 0; i < 2; i++)
        ladder_json_print_run(pair.ladder[i], pipe, &style, pair.name[i]);
    ladder_json_print_parting(&parting, pipe);
    pair_free(&pair);
    CHECK(pclose(pipe) == 0);
}

/* The y of the first text with these words. */
static int y_of(const char *text, const char *words)
{
    const char *at = strstr(text, words);
    int y = -1;

    while (at != NULL && at > text && strncmp(at, " y=\"", 4) != 0)
        at--;
    if (at != NULL)
        (void)sscanf(at, " y=\"%d\"", &y);
    return y;
}

TEST(an_svg_of_two_has_the_same_time_at_the_same_height)
{
    ladder_pair pair = handshake_and_loss();
    ladder_parting parting;
    draw_style style = {.width = 80};
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes), *pipe;

    ladder_compare(&pair, &style, &parting);
    ladder_svg_sheet sheet = {.ladder = {pair.ladder[0], pair.ladder[1]},
                              .count = 2,
                              .title = {pair.name[0], pair.name[1]},
                              .parts = {parting.event[0], parting.event[1]},
                              .parting = parting.text};
    ladder_svg_sheet_print(&sheet, out, &style);
    fclose(out);
    pipe = popen("python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.stdin.buffer)'", "w");
    CHECK(pipe != NULL && fputs(text, pipe) >= 0 && pclose(pipe) == 0);
    CHECK(strstr(text, ">lose=syn:1<") != NULL);
    CHECK(strstr(text, "lose=syn:1, at 0.000 s: client sends SYN, lost<") != NULL);
    const char *second = strstr(text, ">lose=syn:1<");
    CHECK_EQ(y_of(text, ">connect<"), y_of(second, ">connect<"));
    CHECK(y_of(second, ">1.000<") > y_of(text, ">0.060<"));
    free(text);
    pair_free(&pair);
}
