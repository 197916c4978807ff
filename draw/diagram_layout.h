/* diagram_layout.h - where the states and edges of the state diagram stand. Units: the columns and
 * rows of a terminal; the SVG multiplies them. */
#ifndef TERN_DRAW_DIAGRAM_LAYOUT_H
#define TERN_DRAW_DIAGRAM_LAYOUT_H

#include "tern/status.h"

enum {
    DIAGRAM_COLUMNS = 78,
    DIAGRAM_ROWS = 43,
    DIAGRAM_BOX_COLUMNS = 16,
    DIAGRAM_POINTS_MAX = 3,
    DIAGRAM_CAUSES_BYTES = 256,
};

typedef struct diagram_box {
    tern_state state;
    int x, y, rows;
    int name_y;
} diagram_box;

typedef struct diagram_point {
    int x, y;
} diagram_point;

typedef enum diagram_anchor { DIAGRAM_START, DIAGRAM_MIDDLE, DIAGRAM_END } diagram_anchor;

/* How an edge is drawn: from the border of its first box through its points; the last is the
 * arrowhead, beside the border of the second box. No points: it shares the line of another. */
typedef struct diagram_route {
    tern_state from, to;
    tern_cause cause;
    int label_x, cause_y, action_y;
    diagram_anchor anchor;
    diagram_point points[DIAGRAM_POINTS_MAX];
    unsigned point_count;
} diagram_route;

/* NULL past the last. CLOSED has two boxes. */
const diagram_box *diagram_box_get(size_t index);
const diagram_route *diagram_route_get(size_t index);

/* The edge that a route draws; NULL when edges.def has it no more. */
const tern_edge_info *diagram_route_edge(const diagram_route *route);

/* An edge that no route draws stands in a table. One row of it: all causes that lead from a state
 * to another by the same action, joined by commas. */
typedef struct diagram_row {
    tern_state from, to;
    const char *action;
    char causes[DIAGRAM_CAUSES_BYTES];
} diagram_row;

/* The next row; *cursor begins at 0. false: no more. */
bool diagram_row_next(size_t *cursor, diagram_row *row);

/* "rcv RST, timeout"; with the state, unless it is CLOSED: "to LISTEN: rcv RST". Returns text. */
char *diagram_row_text(const diagram_row *row, char text[DIAGRAM_CAUSES_BYTES]);

/* The action as it is shown: "" for the "-" of edges.def. */
const char *diagram_action(const tern_edge_info *edge);

#endif
