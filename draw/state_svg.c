/* state_svg.c - the state diagram as a self-contained SVG: the layout of the terminal's figure,
 * enlarged, with the table beneath. */
#include <string.h>

#include "draw/diagram_layout.h"
#include "draw/state_diagram.h"
#include "draw/svg.h"

enum {
    STATE_SVG_COLUMN = 10, /* pixels of a column of the layout */
    STATE_SVG_ROW = 18,
    STATE_SVG_MARGIN = 24,
    STATE_SVG_CAUSES_X = 160, /* the columns of the table */
    STATE_SVG_ACTION_X = 480,
};

/* The middle of a cell of the layout. */
static int state_svg_x(int column)
{
    return STATE_SVG_MARGIN + column * STATE_SVG_COLUMN + STATE_SVG_COLUMN / 2;
}

static int state_svg_y(int row)
{
    return STATE_SVG_MARGIN + row * STATE_SVG_ROW + STATE_SVG_ROW / 2;
}

static int state_svg_sign(int number)
{
    return (number > 0) - (number < 0);
}

static void state_svg_box(FILE *out, const diagram_box *box)
{
    int x = state_svg_x(box->x), y = state_svg_y(box->y);
    int width = (DIAGRAM_BOX_COLUMNS - 1) * STATE_SVG_COLUMN;
    int height = (box->rows - 1) * STATE_SVG_ROW;
    svg_place name = {x + width / 2, y + height / 2 + 5, SVG_MIDDLE, "mono"};

    fprintf(out,
            "<g class=\"pill\"><rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
            "rx=\"8\"/>\n",
            svg_state_class(box->state), x, y, width, height);
    svg_words(out, &name, tern_state_name(box->state));
    fputs("</g>\n", out);
}

/* The line of a route, ending in an arrowhead whose tip touches the second box. */
static void state_svg_line(FILE *out, const diagram_route *route)
{
    unsigned last = route->point_count - 1;
    const diagram_point *p = route->points;
    int way_x, way_y, tip_x, tip_y;

    if (route->point_count < 2 || diagram_route_edge(route) == NULL)
        return;
    way_x = state_svg_sign(p[last].x - p[last - 1].x);
    way_y = state_svg_sign(p[last].y - p[last - 1].y);
    tip_x = state_svg_x(p[last].x + way_x);
    tip_y = state_svg_y(p[last].y + way_y);
    fprintf(out, "<path class=\"line\" d=\"M%d %d", state_svg_x(p[0].x), state_svg_y(p[0].y));
    for (unsigned i = 1; i < last; i++)
        fprintf(out, "L%d %d", state_svg_x(p[i].x), state_svg_y(p[i].y));
    fprintf(out, "L%d %d\"/>\n", tip_x - 9 * way_x, tip_y - 9 * way_y);
    fprintf(out, "<path class=\"head\" d=\"M%d %dL%d %dL%d %dz\"/>\n", tip_x, tip_y,
            tip_x - 11 * way_x + 5 * way_y, tip_y - 11 * way_y + 5 * way_x,
            tip_x - 11 * way_x - 5 * way_y, tip_y - 11 * way_y - 5 * way_x);
}

static void state_svg_label(FILE *out, const diagram_route *route)
{
    static const svg_anchor anchors[] = {
        [DIAGRAM_START] = SVG_START, [DIAGRAM_MIDDLE] = SVG_MIDDLE, [DIAGRAM_END] = SVG_END};
    const tern_edge_info *edge = diagram_route_edge(route);
    svg_place at = {state_svg_x(route->label_x), 0, anchors[route->anchor], "bold"};

    if (edge == NULL)
        return;
    at.y = state_svg_y(route->cause_y) + 4;
    svg_words(out, &at, tern_cause_name(edge->cause));
    at.y = state_svg_y(route->action_y) + 4;
    at.css = "dim";
    if (diagram_action(edge)[0] != '\0')
        svg_words(out, &at, diagram_action(edge));
}

/* How far a row of the table stands below the one before. */
static int state_svg_row(const diagram_row *row, tern_state before)
{
    return row->from != before ? 25 : 18;
}

static void state_svg_table(FILE *out, const draw_style *style)
{
    size_t cursor = 0;
    diagram_row row;
    tern_state before = TERN_STATES;
    svg_place at = {STATE_SVG_MARGIN, state_svg_y(DIAGRAM_ROWS) + 24, SVG_START, "bold"};

    svg_words(out, &at, draw_text(style, N_("Also back to CLOSED:")));
    while (diagram_row_next(&cursor, &row)) {
        char causes[DIAGRAM_CAUSES_BYTES];
        at.y += state_svg_row(&row, before);
        if (row.from != before)
            svg_pill(out, STATE_SVG_MARGIN, at.y - 13, row.from, NULL);
        before = row.from;
        at.x = STATE_SVG_CAUSES_X;
        at.css = "bold";
        svg_words(out, &at, diagram_row_text(&row, causes));
        at.x = STATE_SVG_ACTION_X;
        at.css = "dim";
        svg_words(out, &at, row.action);
    }
}

static int state_svg_table_height(void)
{
    size_t cursor = 0;
    diagram_row row;
    tern_state before = TERN_STATES;
    int height = 24 + STATE_SVG_MARGIN;

    while (diagram_row_next(&cursor, &row)) {
        height += state_svg_row(&row, before);
        before = row.from;
    }
    return height;
}

void state_diagram_svg(FILE *out, const draw_style *style)
{
    const diagram_box *box;
    const diagram_route *route;

    svg_begin(out, 2 * STATE_SVG_MARGIN + DIAGRAM_COLUMNS * STATE_SVG_COLUMN,
              state_svg_y(DIAGRAM_ROWS) + state_svg_table_height(),
              draw_text(style, N_("The states of a TCP connection")));
    for (size_t i = 0; (route = diagram_route_get(i)) != NULL; i++)
        state_svg_line(out, route);
    for (size_t i = 0; (box = diagram_box_get(i)) != NULL; i++)
        state_svg_box(out, box);
    for (size_t i = 0; (route = diagram_route_get(i)) != NULL; i++)
        state_svg_label(out, route);
    state_svg_table(out, style);
    svg_end(out);
}
