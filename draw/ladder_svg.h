/* ladder_svg.h - a recording as one self-contained SVG file. */
#ifndef TERN_DRAW_LADDER_SVG_H
#define TERN_DRAW_LADDER_SVG_H

#include <stdio.h>

#include "draw/ladder.h"
#include "draw/style.h"

/* Lifelines coloured by state, packets as slanted arrows on an axis of time whose long pauses are
 * cut out, captions beside their end. Of the style: verbose and translate. Light and dark follow
 * the reader's settings (prefers-color-scheme). */
void ladder_svg_print(const ladder *l, FILE *out, const draw_style *style);

#endif
