/* plot_test.c - plots of numbers over time: kept pictures, axes, SVG, and what a flow tells. */
#define _GNU_SOURCE
#include "draw/plot.h"

#include <stdlib.h>

#include "draw/columns.h"
#include "draw/plot_flow.h"
#include "draw/plot_points.h"
#include "draw/svg.h"
#include "tests/test.h"
#include "tests/unit/draw/recording_fixture.h"

static char *printed(const plot *p, const draw_style *style)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);

    plot_print(p, out, style);
    fclose(out);
    return text;
}

static void check_golden(const char *name, const plot *p, const draw_style *style)
{
    char *text = printed(p, style);
    bool same = recording_is_golden(name, text);

    free(text);
    CHECK(same);
}

static void add(plot *p, unsigned series, tern_time time_us, uint64_t low, uint64_t high)
{
    plot_add(p, series, &(plot_point){time_us, low, high});
}

/* Slow start, a loss, recovery: as Reno would have it with 20 ms a round. */
static plot *reno(void)
{
    plot *p = plot_new("cwnd", N_("Congestion window"), N_("octets"));
    unsigned threshold = plot_series(p, "ssthresh", PLOT_STEPS, PLOT_DASHED);
    unsigned window = plot_series(p, "cwnd", PLOT_STEPS, PLOT_FINE);
    unsigned lost = plot_series(p, N_("sent again"), PLOT_BARS, PLOT_CROSS);
    uint64_t cwnd = 14600;

    for (tern_time now_us = 0; now_us < 120000; now_us += 20000, cwnd *= 2)
        add(p, window, now_us, 0, cwnd);
    add(p, lost, 120000, 0, 0);
    add(p, threshold, 120000, 0, cwnd / 2);
    add(p, window, 120000, 0, cwnd /= 2);
    for (tern_time now_us = 140000; now_us < 2000000; now_us += 20000)
        add(p, window, now_us, 0, cwnd += 1460);
    return p;
}

TEST(a_plot_in_the_terminal)
{
    plot *p = reno();

    check_golden("plot-cwnd-80", p, &(draw_style){.width = 80});
    check_golden("plot-cwnd-120-colour", p, &(draw_style){.width = 120, .colour = true});
    check_golden("plot-cwnd-60-ascii", p, &(draw_style){.width = 60, .ascii = true});
    check_golden("plot-cwnd-80-korean", p,
                 &(draw_style){.width = 80, .translate = recording_korean});
    plot_free(p);
}

TEST(no_row_is_wider_than_the_width)
{
    plot *p = reno();

    for (unsigned width = DRAW_WIDTH_MIN + 6; width <= DRAW_WIDTH_MAX; width += 7) {
        char *text = printed(p, &(draw_style){.width = width, .prefix = "49152 "}), *rest = NULL;
        for (char *line = strtok_r(text, "\n", &rest); line != NULL;
             line = strtok_r(NULL, "\n", &rest)) {
            CHECK(columns_of(line, strlen(line)) <= width);
            CHECK(strncmp(line, "49152 ", 6) == 0);
        }
        free(text);
    }
    plot_free(p);
}

TEST(ticks_are_round_and_few_and_the_axis_holds_all)
{
    for (uint64_t most = 1; most < UINT64_C(10000000000000); most = most * 3 + 1) {
        plot *p = plot_new("x", "x", "");
        (void)plot_series(p, "x", PLOT_STEPS, PLOT_FINE);
        add(p, 0, most, 0, most);
        plot_axis axis = plot_value_axis(p, 5);
        uint64_t step = axis.step;
        CHECK(axis.first == 0 && axis.last >= most && axis.last - step < most);
        CHECK(axis.last / step <= 6);
        while (step % 10 == 0)
            step /= 10;
        CHECK(step == 1 || step == 2 || step == 5);
        plot_free(p);
    }
}

TEST(ticks_are_written_without_loss)
{
    char text[PLOT_TICK_BYTES];

    CHECK_STR(plot_value_text(0, text), "0");
    CHECK_STR(plot_value_text(1500, text), "1500");
    CHECK_STR(plot_value_text(20000, text), "20k");
    CHECK_STR(plot_value_text(2000000, text), "2M");
    CHECK_STR(plot_value_text(2500000, text), "2.5M");
    CHECK_STR(plot_time_text(0, text), "0");
    CHECK_STR(plot_time_text(250000, text), "0.25");
    CHECK_STR(plot_time_text(10000000, text), "10");
    CHECK_STR(plot_time_text(100, text), "0.0001");
}

TEST(a_plot_of_nothing_and_of_one_point)
{
    plot *p = plot_new("x", "Title", "");
    char *text;

    (void)plot_series(p, "x", PLOT_STEPS, PLOT_FINE);
    CHECK(plot_is_empty(p));
    text = printed(p, &(draw_style){.width = 80});
    CHECK(strstr(text, "There is nothing to plot.") != NULL);
    free(text);
    add(p, 0, 0, 0, 0);
    text = printed(p, &(draw_style){.width = 80});
    CHECK(strstr(text, "nothing") == NULL);
    free(text);
    plot_free(p);
}

TEST(a_series_keeps_so_many_points_and_says_so)
{
    plot *p = plot_new("x", "Title", "");
    char *text;

    (void)plot_series(p, "x", PLOT_STEPS, PLOT_FINE);
    for (uint64_t i = 0; i <= PLOT_POINTS_MAX; i++)
        add(p, 0, i, 0, i % 2);
    CHECK(plot_is_cut(p));
    text = printed(p, &(draw_style){.width = 80});
    CHECK(strstr(text, "too many points") != NULL);
    free(text);
    plot_free(p);
}

TEST(the_svg_is_xml_and_has_ticks_names_and_lines)
{
    plot *p = reno();
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes), *pipe;

    svg_begin(out, PLOT_SVG_WIDTH, PLOT_SVG_HEIGHT, "plot");
    plot_svg(p, out, 0, &(draw_style){.width = 80});
    svg_end(out);
    fclose(out);
    pipe = popen("python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.stdin.buffer)'", "w");
    CHECK(pipe != NULL && fputs(text, pipe) >= 0 && pclose(pipe) == 0);
    CHECK(strstr(text, ">ssthresh<") != NULL);
    CHECK(strstr(text, ">200k<") != NULL);
    CHECK(strstr(text, ">1 s<") != NULL);
    CHECK(strstr(text, "class=\"cross\"") != NULL);
    free(text);
    plot_free(p);
}

/* ---- What a flow tells --------------------------------------------------------------------- */

/* Tells a segment: it leaves and, 10 ms later, arrives, unless it is lost. */
static void tell(plot_flow *f, tern_time time_us, const recording_segment *s, bool lost)
{
    uint8_t octets[RECORDING_PACKET_BYTES];
    plot_packet packet = {s->from, time_us, octets, recording_packet(octets, s)};

    plot_flow_sent(f, &packet);
    packet.end = s->from == LADDER_LEFT ? LADDER_RIGHT : LADDER_LEFT;
    packet.time_us += 10000;
    if (!lost)
        plot_flow_arrived(f, &packet);
}

/* Twenty segments from the right, of which the fourth is lost and sent again; a window that closes
 * and is probed. */
static plot_flow *transfer(void)
{
    plot_flow *f = plot_flow_new((const bool[PLOT_KINDS]){true, true, true});
    tcp_options sack = {.sack_count = 1,
                        .sack = {{{RECORDING_SERVER_ISN + 4001}, {RECORDING_SERVER_ISN + 8001}}}};
    recording_segment syn = {LADDER_LEFT, TCP_SYN, 0, 0, 0, 0, NULL};
    recording_segment syn_ack = {LADDER_RIGHT, TCP_SYN | TCP_ACK, 0, 1, 0, 0, NULL};

    tell(f, 0, &syn, false);
    tell(f, 10000, &syn_ack, false);
    for (unsigned i = 0; i < 20; i++) {
        recording_segment data = {LADDER_RIGHT, TCP_ACK, 1 + 1000 * i, 1, 1000, 0, NULL};
        recording_segment ack = {LADDER_LEFT,
                                 TCP_ACK,
                                 1,
                                 1 + 1000 * (i < 3 ? i : 3),
                                 0,
                                 (uint16_t)(24000 - 1000 * i),
                                 i >= 4 && i < 8 ? &sack : NULL};
        tell(f, 20000 + i * 10000, &data, i == 3);
        if (i != 3)
            tell(f, 30000 + i * 10000, &ack, false);
    }
    tell(f, 230000, &(recording_segment){LADDER_RIGHT, TCP_ACK, 3001, 1, 1000, 0, NULL}, false);
    tell(f, 240000, &(recording_segment){LADDER_LEFT, TCP_ACK, 1, 20001, 0, 1, NULL}, false);
    plot_flow_probe(f, LADDER_RIGHT, 400000);
    tell(f, 410000, &(recording_segment){LADDER_LEFT, TCP_ACK, 1, 20001, 0, 24000, NULL}, false);
    return f;
}

TEST(the_plots_of_a_transfer)
{
    plot_flow *f = transfer();
    tern_status status = {.state = TERN_ESTABLISHED, .snd_cwnd = 5000, .unacked = 0};

    plot_flow_status(f, LADDER_RIGHT, 15000, &status); /* of another connection: not plotted */
    CHECK(plot_is_empty(plot_flow_get(f, 0)));
    status.local.address = tern_address_ipv4(10, 77, 0, 2);
    status.local.port = 7777;
    status.snd_ssthresh = 3000;
    plot_flow_status(f, LADDER_RIGHT, 15000, &status);
    CHECK(!plot_is_empty(plot_flow_get(f, 0)));
    check_golden("plot-sequence-80", plot_flow_get(f, 1), &(draw_style){.width = 80});
    check_golden("plot-sequence-100-ascii", plot_flow_get(f, 1),
                 &(draw_style){.width = 100, .ascii = true});
    check_golden("plot-window-80", plot_flow_get(f, 2), &(draw_style){.width = 80});
    CHECK(plot_flow_get(f, 3) == NULL);
    plot_flow_free(f);
}

TEST(json_has_every_point)
{
    plot_flow *f = transfer();
    FILE *pipe = popen("python3 -c 'import sys, json\n"
                       "e = {x[\"series\"]: x for x in map(json.loads, sys.stdin)}\n"
                       "assert e[\"sent again\"][\"points\"] == [[230000, 3001, 4001]]\n"
                       "assert len(e[\"sent\"][\"points\"]) == 20\n"
                       "assert e[\"acknowledged\"][\"points\"][-1] == [250000, 20001]\n"
                       "assert e[\"SACK\"][\"points\"][0] == [80000, 4001, 8001]\n"
                       "assert all(x[\"plot\"] == \"sequence\" for x in e.values())'",
                       "w");

    CHECK(pipe != NULL);
    plot_json(plot_flow_get(f, 1), pipe);
    plot_flow_free(f);
    CHECK(pclose(pipe) == 0);
}

TEST(any_octets_will_do)
{
    plot_flow *f = plot_flow_new((const bool[PLOT_KINDS]){true, true, true});
    uint8_t octets[64];
    uint32_t random = 12345;

    for (unsigned i = 0; i < 20000; i++) {
        for (unsigned k = 0; k < sizeof octets; k++)
            octets[k] = (uint8_t)((random = random * 1664525 + 1013904223) >> 24);
        octets[0] = i % 2 == 0 ? 0x45 : 0x60;
        plot_packet packet = {(ladder_end)(i / 2 % 2), i, octets, random >> 8 & 63};
        plot_flow_sent(f, &packet);
        plot_flow_arrived(f, &packet);
    }
    CHECK(!plot_is_cut(plot_flow_get(f, 1)));
    plot_flow_free(f);
}
