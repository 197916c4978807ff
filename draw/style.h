/* style.h - how a picture is to look: what every drawing function is told by its caller. */
#ifndef TERN_DRAW_STYLE_H
#define TERN_DRAW_STYLE_H

#include <stdbool.h>
#include <stddef.h>

enum {
    DRAW_WIDTH_MIN = 60,
    DRAW_COLUMN_MIN = 58, /* of one of two side by side */
    DRAW_WIDTH_MAX = 200,
};

/* gettext() or the like: returns the text in the reader's language, or the text itself. */
typedef const char *draw_translate(const char *text);

/* All zero is a good style but for the width: UTF-8, no colour, quiet, English. */
typedef struct draw_style {
    unsigned width;            /* columns; taken as DRAW_WIDTH_MIN .. DRAW_WIDTH_MAX */
    bool ascii;                /* lines and arrows from ASCII; captions are printed as they are */
    bool colour;               /* ANSI colours: the caller knows of isatty() and NO_COLOR */
    bool verbose;              /* every decision, not only those that teach */
    draw_translate *translate; /* NULL: English */
    const char *prefix;        /* NULL, or put before every row (which connection it is) */
} draw_style;

/* The text in the reader's language. Marked with N_() where it is written, so that xgettext finds
 * it. */
const char *draw_text(const draw_style *style, const char *text);

#define N_(text) (text)

#endif
