/* canvas.h - a sheet of character cells with lines that join by themselves. */
#ifndef TERN_DRAW_CANVAS_H
#define TERN_DRAW_CANVAS_H

#include <stdbool.h>
#include <stdio.h>

enum { CANVAS_COLUMNS_MAX = 80, CANVAS_ROWS_MAX = 64 };

typedef struct canvas_cell {
    char text;      /* ASCII, or 0 */
    unsigned lines; /* a set of CANVAS_UP, ... that meet here */
    char head;      /* an arrowhead: 'v', '^', '<', '>', or 0 */
    unsigned ink;   /* the caller's number for a colour; 0: none */
} canvas_cell;

/* All zero is an empty one. */
typedef struct canvas {
    canvas_cell cell[CANVAS_ROWS_MAX][CANVAS_COLUMNS_MAX];
} canvas;

/* What lies outside the sheet is not drawn. */
void canvas_text(canvas *c, int x, int y, unsigned ink, const char *text);
/* From a corner to the opposite one; or a line, level or upright. Both ends included. */
typedef struct canvas_span {
    int x, y, to_x, to_y;
} canvas_span;

void canvas_box(canvas *c, const canvas_span *box, unsigned ink);
void canvas_line(canvas *c, const canvas_span *line, unsigned ink);
/* An arrowhead at x, y that comes from from_x, from_y. */
void canvas_head(canvas *c, int x, int y, int from_x, int from_y);

typedef struct canvas_pen {
    bool ascii;
    const char *const *ink; /* escape sequences by number, or NULL for no colour */
} canvas_pen;

/* Prints the first `rows` rows, without blanks at their ends. */
void canvas_print(const canvas *c, FILE *out, int rows, const canvas_pen *pen);

#endif
