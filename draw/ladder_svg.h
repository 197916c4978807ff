/* ladder_svg.h - a recording as one self-contained SVG file. */
#ifndef TERN_DRAW_LADDER_SVG_H
#define TERN_DRAW_LADDER_SVG_H

#include <stdio.h>

#include "draw/ladder.h"
#include "draw/plot_flow.h"
#include "draw/style.h"

/* Lifelines coloured by state, packets as slanted arrows on an axis of time whose long pauses are
 * cut out, captions beside their end. Of the style: verbose and translate. Light and dark follow
 * the reader's settings (prefers-color-scheme). */
/* What one file shows: one ladder, or two side by side, laid together so that what happens at the
 * same time stands at the same height; plots below. */
typedef struct ladder_svg_sheet {
    const ladder *ladder[2];
    unsigned count;            /* of ladders: 1 or 2 */
    const char *title[2];      /* above each, or NULL */
    const plot_flow *plots[2]; /* below each, or NULL */
    bool plots_only;           /* no ladders: what there is to see is in the plots */
    size_t parts[2];           /* with two: events from which they differ; SIZE_MAX: none */
    const char *parting;       /* the sentence for it */
} ladder_svg_sheet;

void ladder_svg_sheet_print(const ladder_svg_sheet *sheet, FILE *out, const draw_style *style);

/* One ladder alone. */
void ladder_svg_print(const ladder *l, FILE *out, const draw_style *style);

#endif
