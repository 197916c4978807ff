/* svg.h - what the SVG pictures share: the head of the file with its fonts and colours, and text.
 *
 * Numbers are written as integers or by svg_ratio(), so that the locale cannot put a comma where
 * SVG wants a point. */
#ifndef TERN_DRAW_SVG_H
#define TERN_DRAW_SVG_H

#include <stdio.h>

#include "tern/tern.h"

/* Opens the document; `title` is what a reader of the screen hears first. Close with svg_end(). */
void svg_begin(FILE *out, int width, int height, const char *title);
void svg_end(FILE *out);

/* The class of what is drawn in the colour of a state: "closed", "listen", ... */
const char *svg_state_class(tern_state state);

/* Text with what XML reserves escaped, and blanks for what XML does not allow. */
void svg_escape(FILE *out, const char *text, size_t bytes);

typedef enum svg_anchor { SVG_START, SVG_MIDDLE, SVG_END } svg_anchor;

typedef struct svg_place {
    int x, y;
    svg_anchor anchor;
    const char *css; /* classes */
} svg_place;

/* One line of text. */
void svg_text(FILE *out, const svg_place *at, const char *text, size_t bytes);
void svg_words(FILE *out, const svg_place *at, const char *text);

/* A state as a coloured label whose left edge is at x, 110 by 18. `hint`: shown by a pointer over
 * it, or NULL. */
enum { SVG_PILL_WIDTH = 110, SVG_PILL_HEIGHT = 18 };
void svg_pill(FILE *out, int x, int y, tern_state state, const char *hint);

/* a / b with four decimals. */
void svg_ratio(FILE *out, int a, int b);

#endif
