/* heat.h - a table of how often, states downwards: in the terminal, and as SVG, where what came
 * more often is darker. */
#ifndef TERN_DRAW_HEAT_H
#define TERN_DRAW_HEAT_H

#include <stdio.h>

#include "draw/style.h"
#include "tern/tern.h"

/* All the caller's. */
typedef struct heat {
    const char *title, *note;   /* above it; in the SVG also below it. The reader's language */
    const char *const *columns; /* their names */
    unsigned column_count;
    const uint64_t *counts; /* TERN_STATES rows of column_count */
} heat;

void heat_print(const heat *h, FILE *out, const draw_style *style);
void heat_svg(const heat *h, FILE *out);

#endif
