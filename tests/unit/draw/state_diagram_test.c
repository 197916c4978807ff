/* state_diagram_test.c - every edge of edges.def is in every form of the diagram. */
#define _GNU_SOURCE
#include "draw/state_diagram.h"

#include <stdlib.h>

#include "draw/columns.h"
#include "draw/diagram_layout.h"
#include "tests/test.h"
#include "tests/unit/draw/recording_fixture.h"

enum { LINES_MAX = 200 };

typedef void print_function(FILE *out, const draw_style *style);

static char *printed(print_function *print, const draw_style *style)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);

    print(out, style);
    fclose(out);
    return text;
}

static void print_dot(FILE *out, const draw_style *style)
{
    (void)style;
    state_diagram_dot(out);
}

/* Cuts a text into its lines, empty ones included; returns their number. */
static unsigned lines_of(char *text, const char *lines[LINES_MAX])
{
    unsigned count = 0;
    char *line;

    while ((line = strsep(&text, "\n")) != NULL && count < LINES_MAX)
        lines[count++] = line;
    return count;
}

static bool edge_eq(const tern_edge_info *edge, const diagram_route *route)
{
    return edge->from == route->from && edge->to == route->to && edge->cause == route->cause;
}

/* ---- The figure ---------------------------------------------------------------------------- */

static bool label_at(const char *line, const diagram_route *route, const char *label)
{
    size_t bytes = strlen(label), x = (size_t)route->label_x;

    if (route->anchor == DIAGRAM_END)
        x -= bytes - 1;
    else if (route->anchor == DIAGRAM_MIDDLE)
        x -= bytes / 2;
    return strlen(line) >= x + bytes && memcmp(line + x, label, bytes) == 0;
}

TEST(every_route_is_an_edge_and_has_its_labels_where_they_belong)
{
    char *text = printed(state_diagram_text, &(draw_style){.width = 80, .ascii = true});
    const char *lines[LINES_MAX];
    const diagram_route *route;

    CHECK(lines_of(text, lines) > DIAGRAM_ROWS);
    for (size_t i = 0; (route = diagram_route_get(i)) != NULL; i++) {
        const tern_edge_info *edge = diagram_route_edge(route);
        CHECK(edge != NULL);
        CHECK(label_at(lines[route->cause_y], route, tern_cause_name(edge->cause)));
        if (diagram_action(edge)[0] != '\0')
            CHECK(label_at(lines[route->action_y], route, edge->action));
    }
    free(text);
}

/* Every cell of a route's line is a line: no label is written over it. */
TEST(no_route_is_interrupted)
{
    char *text = printed(state_diagram_text, &(draw_style){.width = 80, .ascii = true});
    const char *lines[LINES_MAX];
    const diagram_route *route;

    lines_of(text, lines);
    for (size_t i = 0; (route = diagram_route_get(i)) != NULL; i++)
        for (unsigned k = 1; k < route->point_count; k++) {
            int x = route->points[k - 1].x, y = route->points[k - 1].y;
            int to_x = route->points[k].x, to_y = route->points[k].y;
            CHECK(x == to_x || y == to_y);
            while (x != to_x || y != to_y) {
                x += (to_x > x) - (to_x < x);
                y += (to_y > y) - (to_y < y);
                CHECK(strlen(lines[y]) > (size_t)x);
                CHECK(strchr("|-+<>^v", lines[y][x]) != NULL);
            }
        }
    free(text);
}

TEST(all_eleven_states_have_a_box)
{
    const diagram_box *box;
    bool seen[TERN_STATES] = {false};

    for (size_t i = 0; (box = diagram_box_get(i)) != NULL; i++)
        seen[box->state] = true;
    for (unsigned s = 0; s < TERN_STATES; s++)
        CHECK(seen[s]);
}

/* ---- Every edge ---------------------------------------------------------------------------- */

static unsigned routes_of(const tern_edge_info *edge)
{
    const diagram_route *route;
    unsigned count = 0;

    for (size_t i = 0; (route = diagram_route_get(i)) != NULL; i++)
        count += edge_eq(edge, route);
    return count;
}

static unsigned rows_of(const tern_edge_info *edge)
{
    diagram_row row;
    size_t cursor = 0;
    unsigned count = 0;

    while (diagram_row_next(&cursor, &row)) {
        char causes[DIAGRAM_CAUSES_BYTES + 4], cause[64];
        snprintf(causes, sizeof causes, ", %s, ", row.causes);
        snprintf(cause, sizeof cause, ", %s, ", tern_cause_name(edge->cause));
        count += row.from == edge->from && row.to == edge->to &&
                 strcmp(row.action, diagram_action(edge)) == 0 && strstr(causes, cause) != NULL;
    }
    return count;
}

TEST(every_edge_is_once_in_the_figure_or_once_in_the_table)
{
    const tern_edge_info *edge;
    unsigned edges = 0;

    for (; (edge = tern_edge_get(edges)) != NULL; edges++)
        CHECK_EQ(routes_of(edge) + rows_of(edge), 1);
    CHECK(edges > 40);
}

TEST(every_row_of_the_table_is_printed)
{
    char *text = printed(state_diagram_text, &(draw_style){.width = 80, .ascii = true});
    const char *lines[LINES_MAX];
    unsigned count = lines_of(text, lines), at = DIAGRAM_ROWS;
    diagram_row row;
    size_t cursor = 0;
    tern_state before = TERN_STATES;

    while (diagram_row_next(&cursor, &row)) {
        char causes[DIAGRAM_CAUSES_BYTES];
        diagram_row_text(&row, causes);
        while (at < count &&
               (strstr(lines[at], causes) == NULL || strstr(lines[at], row.action) == NULL))
            at++;
        CHECK(at < count);
        if (row.from != before)
            CHECK(strncmp(lines[at] + 2, tern_state_name(row.from),
                          strlen(tern_state_name(row.from))) == 0);
        before = row.from;
        at++;
    }
    free(text);
}

TEST(where_the_figure_has_no_room_a_list_has_every_edge)
{
    char *text = printed(state_diagram_text, &(draw_style){.width = 70, .ascii = true});
    const char *lines[LINES_MAX];
    unsigned count = lines_of(text, lines), at = 0;
    const tern_edge_info *edge;
    tern_state before = TERN_STATES;

    for (size_t i = 0; (edge = tern_edge_get(i)) != NULL; i++) {
        if (edge->from != before)
            CHECK_STR(lines[at++], tern_state_name(edge->from));
        before = edge->from;
        CHECK(at < count);
        CHECK(strstr(lines[at], tern_cause_name(edge->cause)) != NULL);
        CHECK(strstr(lines[at], tern_state_name(edge->to)) != NULL);
        at++;
    }
    free(text);
}

TEST(it_fits_its_width_in_any_form)
{
    for (unsigned width = DRAW_WIDTH_MIN; width <= 120; width++)
        for (unsigned ascii = 0; ascii < 2; ascii++) {
            char *text = printed(state_diagram_text,
                                 &(draw_style){.width = width, .ascii = ascii == 1});
            const char *lines[LINES_MAX];
            unsigned count = lines_of(text, lines);
            for (unsigned i = 0; i < count; i++) {
                CHECK(columns_of(lines[i], strlen(lines[i])) <= width);
                CHECK(lines[i][0] == '\0' || lines[i][strlen(lines[i]) - 1] != ' ');
            }
            free(text);
        }
}

TEST(the_svg_is_xml_and_has_every_edge)
{
    char *text = printed(state_diagram_svg, &(draw_style){.width = 80});
    FILE *pipe = popen("python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.stdin.buffer)'",
                       "w");
    const diagram_route *route;
    diagram_row row;
    size_t cursor = 0;

    CHECK(pipe != NULL);
    fputs(text, pipe);
    CHECK_EQ(pclose(pipe), 0);
    for (size_t i = 0; (route = diagram_route_get(i)) != NULL; i++)
        CHECK(strstr(text, tern_cause_name(route->cause)) != NULL);
    while (diagram_row_next(&cursor, &row))
        CHECK(strstr(text, row.causes) != NULL);
    free(text);
}

TEST(the_dot_file_has_every_edge)
{
    char *text = printed(print_dot, NULL);
    const tern_edge_info *edge;

    for (size_t i = 0; (edge = tern_edge_get(i)) != NULL; i++) {
        char line[256];
        const char *action = diagram_action(edge);
        snprintf(line, sizeof line, "\"%s\" -> \"%s\" [label=\"%s%s%s\"];",
                 tern_state_name(edge->from), tern_state_name(edge->to),
                 tern_cause_name(edge->cause), action[0] != '\0' ? "\\n" : "", action);
        CHECK(strstr(text, line) != NULL);
    }
    free(text);
}

TEST(the_figure_is_kept)
{
    char *text = printed(state_diagram_text, &(draw_style){.width = 80});
    bool same = recording_is_golden("states-80", text);

    free(text);
    CHECK(same);
}
