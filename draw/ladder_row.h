/* ladder_row.h - one row of a terminal ladder: two sides, two lifelines, and the lane between.
 *
 * A side has room for one entry a row, a time or a state; what is given to a side waits until a
 * row takes it. In a wide ladder a time and a state share a row. */
#ifndef TERN_DRAW_LADDER_ROW_H
#define TERN_DRAW_LADDER_ROW_H

#include <stdio.h>

#include "draw/ladder_events.h"
#include "draw/style.h"

enum { ROW_LANE_BYTES = 4096, ROW_SIDES_MAX = 8, ROW_TIME_BYTES = 24 };
enum { ROW_MARGIN = 2 }; /* columns between a lifeline and what stands beside it */

typedef enum row_ink {
    INK_PLAIN,
    INK_BOLD,
    INK_DIM,
    INK_RED,
    INK_GREEN,
    INK_YELLOW,
    INK_BLUE,
    INK_MAGENTA,
    INK_CYAN,
} row_ink;

typedef struct row_glyphs {
    const char *life, *life_gap, *life_end; /* lifelines */
    const char *from_left, *from_right;     /* where an arrow leaves one */
    const char *line, *fade;
    const char *head_left, *head_right, *dead;
    const char *turn[4];              /* of a crossing: left down, right down, left up, right up */
    const char *fall, *rise, *post;   /* its diagonals and verticals */
    const char *say_left, *say_right; /* a caption begins, at the left or the right lifeline */
    const char *call, *error, *gap, *origin;
} row_glyphs;

/* The lane of a row, while it is put together. */
typedef struct row_lane {
    char text[ROW_LANE_BYTES];
    size_t bytes;
    unsigned columns;
} row_lane;

typedef struct row_side {
    char time[ROW_TIME_BYTES]; /* "" for none */
    tern_state state;          /* TERN_STATES for none */
} row_side;

typedef struct row_page {
    FILE *out;
    draw_style style;
    const row_glyphs *glyph;
    unsigned lane;       /* columns between the lifelines */
    bool wide;           /* time and state beside each other */
    bool fine;           /* times in microseconds, not milliseconds */
    tern_state state[2]; /* as last printed */
    row_side side[2][ROW_SIDES_MAX];
    unsigned sides[2];
} row_page;

void row_page_init(row_page *page, FILE *out, const draw_style *style);

/* The two lines above: names, kinds and endpoints. */
void row_head(row_page *page, const ladder *l);

/* Gives a side a time or a state to print. When it is full, rows are printed to make room. */
void row_time(row_page *page, ladder_end end, tern_time time_us);
void row_state(row_page *page, ladder_end end, tern_state state);

/* "1.250", or "1.250000". Returns text. */
char *row_time_text(const row_page *page, tern_time time_us, char text[ROW_TIME_BYTES]);

/* Adds text, or count times a glyph, to a lane. What does not fit ROW_LANE_BYTES is left out. */
void row_put(const row_page *page, row_lane *lane, row_ink ink, const char *text, size_t bytes);
void row_text(const row_page *page, row_lane *lane, row_ink ink, const char *text);
void row_fill(const row_page *page, row_lane *lane, row_ink ink, const char *glyph, unsigned count);
/* Blanks up to a column of the lane. */
void row_to(const row_page *page, row_lane *lane, unsigned column);

/* Prints the row. `join`: the glyph of a lifeline instead of its own, NULL for its own. */
void row_print(row_page *page, const row_lane *lane, const char *join_left, const char *join_right);
/* Rows of nothing but what the sides still have. */
void row_flush(row_page *page);
/* A row with an empty lane and these lifelines. */
void row_blank(row_page *page, const char *life);

row_ink row_state_ink(tern_state state);
/* The escape sequences of the inks; after each "\033[0m". */
extern const char *const row_ink_codes[];

#endif
