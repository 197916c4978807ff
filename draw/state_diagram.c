/* state_diagram.c - the state diagram for the terminal and for Graphviz.
 *
 * Every edge of edges.def is in it: those with a place in diagram_layout.c in the figure, the
 * others in the table beneath. Where the figure does not fit the width, the table has them all. */
#define _GNU_SOURCE
#include "draw/state_diagram.h"

#include <string.h>

#include "draw/canvas.h"
#include "draw/columns.h"
#include "draw/diagram_layout.h"
#include "draw/ladder_row.h"

enum {
    DIAGRAM_STATE_COLUMNS = 12,
    DIAGRAM_INDENT = 2,
    DIAGRAM_SPACE = 2, /* between the columns of the table */
    DIAGRAM_CELLS = 3,
};

/* ---- The figure ---------------------------------------------------------------------------- */

static void diagram_label(canvas *c, const diagram_route *route, int y, unsigned ink,
                          const char *text)
{
    int columns = (int)strlen(text), x = route->label_x;

    if (route->anchor == DIAGRAM_END)
        x -= columns - 1;
    else if (route->anchor == DIAGRAM_MIDDLE)
        x -= columns / 2;
    canvas_text(c, x, y, ink, text);
}

static void diagram_draw_route(canvas *c, const diagram_route *route)
{
    const tern_edge_info *edge = diagram_route_edge(route);
    const diagram_point *p = route->points;

    if (edge == NULL)
        return;
    for (unsigned i = 1; i < route->point_count; i++)
        canvas_line(c, &(canvas_span){p[i - 1].x, p[i - 1].y, p[i].x, p[i].y}, INK_PLAIN);
    if (route->point_count > 1) {
        unsigned last = route->point_count - 1;
        canvas_head(c, p[last].x, p[last].y, p[last - 1].x, p[last - 1].y);
    }
    diagram_label(c, route, route->cause_y, INK_BOLD, tern_cause_name(edge->cause));
    diagram_label(c, route, route->action_y, INK_PLAIN, diagram_action(edge));
}

static void diagram_draw_box(canvas *c, const diagram_box *box)
{
    const char *name = tern_state_name(box->state);
    canvas_span edges = {box->x, box->y, box->x + DIAGRAM_BOX_COLUMNS - 1, box->y + box->rows - 1};
    int margin = (DIAGRAM_BOX_COLUMNS - (int)strlen(name)) / 2;

    canvas_box(c, &edges, row_state_ink(box->state));
    canvas_text(c, box->x + margin, box->name_y, row_state_ink(box->state), name);
}

static void diagram_figure(FILE *out, const draw_style *style)
{
    canvas sheet;
    const diagram_box *box;
    const diagram_route *route;
    canvas_pen pen = {style->ascii, style->colour ? row_ink_codes : NULL};

    memset(&sheet, 0, sizeof sheet);
    for (size_t i = 0; (box = diagram_box_get(i)) != NULL; i++)
        diagram_draw_box(&sheet, box);
    for (size_t i = 0; (route = diagram_route_get(i)) != NULL; i++)
        diagram_draw_route(&sheet, route);
    canvas_print(&sheet, out, DIAGRAM_ROWS, &pen);
}

/* ---- The table ----------------------------------------------------------------------------- */

typedef struct diagram_cell {
    unsigned columns;
    row_ink ink;
    const char *text;
} diagram_cell;

/* One row of the table: each cell wrapped in its own column. */
static void diagram_cells(FILE *out, const draw_style *style, diagram_cell cell[DIAGRAM_CELLS])
{
    bool more = true;

    while (more) {
        unsigned column = DIAGRAM_INDENT, at = 0;
        more = false;
        for (unsigned i = 0; i < DIAGRAM_CELLS; i++) {
            size_t next, bytes = columns_wrap(cell[i].text, cell[i].columns, &next);
            bool coloured = style->colour && cell[i].ink != INK_PLAIN && bytes > 0;
            if (bytes > 0)
                fprintf(out, "%*s%s%.*s%s", (int)(column - at), "",
                        coloured ? row_ink_codes[cell[i].ink] : "", (int)bytes, cell[i].text,
                        coloured ? "\033[0m" : "");
            at = bytes > 0 ? column + columns_of(cell[i].text, bytes) : at;
            cell[i].text += next;
            more |= cell[i].text[0] != '\0';
            column += cell[i].columns + DIAGRAM_SPACE;
        }
        fputc('\n', out);
    }
}

static void diagram_rest(FILE *out, const draw_style *style, unsigned width)
{
    size_t cursor = 0;
    diagram_row row;
    tern_state before = TERN_STATES;
    unsigned room = width - DIAGRAM_INDENT - DIAGRAM_STATE_COLUMNS - 2 * DIAGRAM_SPACE;
    unsigned causes = room * 3 / 5 < 36 ? room * 3 / 5 : 36;

    fprintf(out, "\n%s\n", draw_text(style, N_("Also back to CLOSED:")));
    while (diagram_row_next(&cursor, &row)) {
        char how[DIAGRAM_CAUSES_BYTES];
        diagram_cell cell[DIAGRAM_CELLS] = {
            {DIAGRAM_STATE_COLUMNS, row_state_ink(row.from),
             row.from != before ? tern_state_name(row.from) : ""},
            {causes, INK_BOLD, diagram_row_text(&row, how)},
            {room - causes, INK_PLAIN, row.action},
        };
        before = row.from;
        diagram_cells(out, style, cell);
    }
}

/* Every edge, where there is no room for the figure. */
static void diagram_list(FILE *out, const draw_style *style, unsigned width)
{
    const tern_edge_info *edge;
    tern_state before = TERN_STATES;
    unsigned room = width - DIAGRAM_INDENT - DIAGRAM_STATE_COLUMNS - 2 * DIAGRAM_SPACE;

    for (size_t i = 0; (edge = tern_edge_get(i)) != NULL; i++) {
        const char *action = diagram_action(edge);
        char how[DIAGRAM_CAUSES_BYTES];
        diagram_cell cell[DIAGRAM_CELLS] = {
            {room - DIAGRAM_STATE_COLUMNS, INK_PLAIN, how},
            {0, INK_PLAIN, ""},
            {DIAGRAM_STATE_COLUMNS, row_state_ink(edge->to), tern_state_name(edge->to)},
        };
        snprintf(how, sizeof how, "%s%s%s", tern_cause_name(edge->cause),
                 action[0] != '\0' ? " / " : "", action);
        if (edge->from != before)
            fprintf(out, "%s\n", tern_state_name(edge->from));
        before = edge->from;
        diagram_cells(out, style, cell);
    }
}

void state_diagram_text(FILE *out, const draw_style *style)
{
    unsigned width = style->width < DRAW_WIDTH_MIN ? DRAW_WIDTH_MIN : style->width;

    if (width < DIAGRAM_COLUMNS) {
        diagram_list(out, style, width);
        return;
    }
    diagram_figure(out, style);
    diagram_rest(out, style, width);
}

/* ---- Graphviz ------------------------------------------------------------------------------ */

void state_diagram_dot(FILE *out)
{
    const tern_edge_info *edge;

    fputs("digraph tcp {\n    node [shape=box, style=rounded];\n", out);
    for (unsigned s = 0; s < TERN_STATES; s++)
        fprintf(out, "    \"%s\";\n", tern_state_name((tern_state)s));
    for (size_t i = 0; (edge = tern_edge_get(i)) != NULL; i++) {
        const char *action = diagram_action(edge);
        fprintf(out, "    \"%s\" -> \"%s\" [label=\"%s%s%s\"];\n", tern_state_name(edge->from),
                tern_state_name(edge->to), tern_cause_name(edge->cause),
                action[0] != '\0' ? "\\n" : "", action);
    }
    fputs("}\n", out);
}
