/* ladder_pair.h - two recordings of the same conversation, drawn together in the terminal.
 *
 * From PAIR_WIDTH_MIN columns on they stand side by side, row by row at the same time, and a line
 * across both marks where they part; otherwise one stands below the other. A table of what they
 * were like as a whole comes last. */
#ifndef TERN_DRAW_LADDER_PAIR_H
#define TERN_DRAW_LADDER_PAIR_H

#include "draw/ladder_compare.h"

enum { PAIR_WIDTH_MIN = 2 * DRAW_COLUMN_MIN + 3 };

void ladder_pair_print(const ladder_pair *pair, FILE *out, const draw_style *style);

#endif
