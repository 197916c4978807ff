/* plot.h - numbers over time: as a plot in the terminal, as SVG, and as JSON lines.
 *
 * A plot has a few series. The caller adds points in the order of time; the axes follow from them.
 * In the terminal a series is drawn with dots finer than a character (Braille), or with a sign of
 * its own, so that series can be told apart without colour. */
#ifndef TERN_DRAW_PLOT_H
#define TERN_DRAW_PLOT_H

#include <stdio.h>

#include "draw/style.h"
#include "tern/tern.h"

typedef struct plot plot;

enum {
    PLOT_SERIES_MAX = 6,
    PLOT_POINTS_MAX = 1 << 17, /* of a series; it keeps no more, and says so */
    PLOT_SVG_WIDTH = 1240,
    PLOT_SVG_HEIGHT = 360,
};

typedef enum plot_form {
    PLOT_STEPS, /* a value holds until the next point */
    PLOT_BARS,  /* each point is an upright line from `low` to `high` */
} plot_form;

typedef enum plot_sign {
    PLOT_FINE,   /* fine dots; '*' in ASCII */
    PLOT_DASHED, /* a thin, broken line: a limit; far above the rest it is not in the picture */
    PLOT_LOW,    /* a thin line */
    PLOT_CROSS,  /* what is bad: retransmissions */
    PLOT_BLOCK,  /* blocks */
    PLOT_PROBE,  /* 'P' */
} plot_sign;

/* The key names the plot in JSON ("cwnd"); title and unit are shown: English, marked by N_(). They
 * are kept as pointers. NULL without memory. */
plot *plot_new(const char *key, const char *title, const char *unit);
void plot_free(plot *p);

/* Returns the number of the series, 0 first; they are drawn in this order, the last on top. At
 * most PLOT_SERIES_MAX. */
unsigned plot_series(plot *p, const char *name, plot_form form, plot_sign sign);

typedef struct plot_point {
    tern_time time_us;
    uint64_t low, high; /* PLOT_STEPS: `high` is the value */
} plot_point;

/* A step that repeats the value before it is left out. */
void plot_add(plot *p, unsigned series, const plot_point *point);
/* How far the axis of time reaches at least. */
void plot_until(plot *p, tern_time time_us);

bool plot_is_empty(const plot *p);
bool plot_is_cut(const plot *p); /* no memory, or too many points: what came later is missing */

/* As wide as the style says. A plot without points is one line that says so. */
void plot_print(const plot *p, FILE *out, const draw_style *style);
/* PLOT_SVG_WIDTH by PLOT_SVG_HEIGHT, inside a document that svg_begin() has opened. */
void plot_svg(const plot *p, FILE *out, int y, const draw_style *style);
/* A line for each series: "event" ("plot"), "plot", "series", "points": an array of [time_us,
 * value], or of [time_us, low, high] for bars. */
void plot_json(const plot *p, FILE *out);

#endif
