/* plot_points.h - the inside of a plot, and its axes, for the pictures that are made of it. */
#ifndef TERN_DRAW_PLOT_POINTS_H
#define TERN_DRAW_PLOT_POINTS_H

#include "draw/plot.h"

typedef struct plot_line {
    const char *name;
    plot_form form;
    plot_sign sign;
    plot_point *points;
    size_t count, room;
} plot_line;

struct plot {
    const char *key, *title, *unit;
    plot_line series[PLOT_SERIES_MAX];
    unsigned series_count;
    tern_time until_us;
    bool cut;
};

/* An axis from `first` to `last` with ticks every `step`; last > first. */
typedef struct plot_axis {
    uint64_t first, last, step;
} plot_axis;

/* Values from 0 or near the smallest, ticks at most `ticks`. */
plot_axis plot_value_axis(const plot *p, unsigned ticks);
plot_axis plot_time_axis(const plot *p, unsigned ticks);

enum { PLOT_TICK_BYTES = 32 };
/* "1500", "64k", "2M"; "0.25" seconds. Exact: ticks are round. Return text. */
char *plot_value_text(uint64_t value, char text[PLOT_TICK_BYTES]);
char *plot_time_text(tern_time time_us, char text[PLOT_TICK_BYTES]);

/* value on the axis, in parts of `size`: 0 .. size - 1. */
static inline uint64_t plot_at(const plot_axis *axis, uint64_t value, uint64_t size)
{
    uint64_t span = axis->last - axis->first;

    if (value <= axis->first)
        return 0;
    if (value >= axis->last)
        return size - 1;
    return (value - axis->first) * (size - 1) / span;
}

#endif
