/* plot_svg.c - a plot as a part of an SVG document.
 *
 * The colours are those of the states (svg.c), once for light and once for dark. Points that fall
 * on the pixel of the one before are left out. */
#define _GNU_SOURCE
#include <string.h>

#include "draw/columns.h"
#include "draw/plot_points.h"
#include "draw/svg.h"

enum {
    PLOT_SVG_LEFT = 110,
    PLOT_SVG_RIGHT = PLOT_SVG_WIDTH - 40,
    PLOT_SVG_TOP = 70, /* of the area, below the title and the legend */
    PLOT_SVG_BOTTOM = PLOT_SVG_HEIGHT - 50,
    PLOT_SVG_AREA = PLOT_SVG_BOTTOM - PLOT_SVG_TOP,
    PLOT_SVG_SPAN = PLOT_SVG_RIGHT - PLOT_SVG_LEFT,
    PLOT_SVG_COLUMN = 7, /* pixels of a character, at most */
    PLOT_SVG_KEY = 26,   /* of the sign before a name, and the gap after it */
};

typedef struct plot_paper {
    const plot *p;
    FILE *out;
    int y; /* of the top of the plot */
    plot_axis value, time;
} plot_paper;

typedef struct plot_pen {
    const char *css, *style;
} plot_pen;

static const plot_pen plot_pens[] = {
    [PLOT_FINE] = {"established", "fill:none;stroke-width:2"},
    [PLOT_DASHED] = {"listen", "fill:none;stroke-width:1.5;stroke-dasharray:6 4"},
    [PLOT_LOW] = {"passive", "fill:none;stroke-width:1.5"},
    [PLOT_CROSS] = {"cross", "fill:none;stroke-width:2"},
    [PLOT_BLOCK] = {"opening", "fill:none;stroke-width:3"},
    [PLOT_PROBE] = {"active", "stroke:none"},
};

static int paper_x(const plot_paper *d, tern_time time_us)
{
    return PLOT_SVG_LEFT + (int)plot_at(&d->time, time_us, PLOT_SVG_SPAN + 1);
}

static int paper_y(const plot_paper *d, uint64_t value)
{
    return d->y + PLOT_SVG_BOTTOM - (int)plot_at(&d->value, value, PLOT_SVG_AREA + 1);
}

static void paper_begin(const plot_paper *d, plot_sign sign)
{
    fprintf(d->out, "<path class=\"%s\" style=\"%s\" d=\"", plot_pens[sign].css,
            plot_pens[sign].style);
}

static void paper_mark(const plot_paper *d, plot_sign sign, int x, int y)
{
    if (sign == PLOT_CROSS)
        fprintf(d->out, "M%d %dl8 8m0 -8l-8 8", x - 4, y - 4);
    else
        fprintf(d->out, "M%d %da4 4 0 1 0 8 0a4 4 0 1 0 -8 0", x - 4, y);
}

static void paper_steps(const plot_paper *d, const plot_line *s)
{
    int last_x = 0, last_y = 0;
    bool drawn = false; /* is the pen on the paper? What is above the axis is not drawn */

    for (size_t i = 0; i < s->count; i++) {
        int x = paper_x(d, s->points[i].time_us), y = paper_y(d, s->points[i].high);
        bool above = s->points[i].high > d->value.last;
        if (!drawn && !above)
            fprintf(d->out, "M%d %d", x, y);
        else if (drawn && above)
            fprintf(d->out, "H%d", x);
        else if (drawn && (x != last_x || y != last_y))
            fprintf(d->out, "H%dV%d", x, y);
        drawn = !above;
        last_x = x;
        last_y = y;
    }
    if (drawn)
        fprintf(d->out, "H%d", PLOT_SVG_RIGHT);
}

static void paper_bars(const plot_paper *d, const plot_line *s)
{
    int last[3] = {0, 0, 0};

    for (size_t i = 0; i < s->count; i++) {
        const plot_point *point = &s->points[i];
        int now[3] = {paper_x(d, point->time_us), paper_y(d, point->low), paper_y(d, point->high)};
        if (memcmp(now, last, sizeof now) == 0)
            continue;
        memcpy(last, now, sizeof last);
        if (s->sign == PLOT_CROSS || s->sign == PLOT_PROBE)
            paper_mark(d, s->sign, now[0], (now[1] + now[2]) / 2);
        else
            fprintf(d->out, "M%d %dV%d", now[0], now[1], now[1] - now[2] < 2 ? now[1] - 2 : now[2]);
    }
}

static void paper_axes(const plot_paper *d, const draw_style *style)
{
    char text[PLOT_TICK_BYTES], label[PLOT_TICK_BYTES + 16];

    for (uint64_t v = d->value.first; v <= d->value.last; v += d->value.step) {
        svg_place at = {PLOT_SVG_LEFT - 10, paper_y(d, v) + 4, SVG_END, "small dim"};
        fprintf(d->out, "<path class=\"thin\" d=\"M%d %dH%d\"/>\n", PLOT_SVG_LEFT, paper_y(d, v),
                PLOT_SVG_RIGHT);
        svg_words(d->out, &at, plot_value_text(v, text));
    }
    for (uint64_t v = d->time.first; v <= d->time.last; v += d->time.step) {
        svg_place at = {paper_x(d, v), d->y + PLOT_SVG_BOTTOM + 18, SVG_MIDDLE, "small dim"};
        fprintf(d->out, "<path class=\"thin\" d=\"M%d %dv5\"/>\n", paper_x(d, v),
                d->y + PLOT_SVG_BOTTOM);
        snprintf(label, sizeof label, "%s %s", plot_time_text(v, text), draw_text(style, N_("s")));
        svg_words(d->out, &at, label);
    }
}

/* The names of the series behind their signs. */
static void paper_legend(const plot_paper *d, const draw_style *style)
{
    int x = PLOT_SVG_LEFT;

    for (unsigned i = 0; i < d->p->series_count; i++) {
        const plot_line *s = &d->p->series[i];
        const char *name = draw_text(style, s->name);
        svg_place at = {x + PLOT_SVG_KEY, d->y + 54, SVG_START, ""};
        if (s->count == 0)
            continue;
        paper_begin(d, s->sign);
        if (s->sign == PLOT_CROSS || s->sign == PLOT_PROBE)
            paper_mark(d, s->sign, x + 10, d->y + 50);
        else
            fprintf(d->out, "M%d %dh20", x, d->y + 50);
        fputs("\"/>\n", d->out);
        svg_words(d->out, &at, name);
        x += 2 * PLOT_SVG_KEY + PLOT_SVG_COLUMN * (int)columns_text(name);
    }
}

void plot_svg(const plot *p, FILE *out, int y, const draw_style *style)
{
    plot_paper d = {p, out, y, plot_value_axis(p, 6), plot_time_axis(p, 12)};
    svg_place title = {PLOT_SVG_LEFT, y + 30, SVG_START, "big"};
    svg_place nothing = {PLOT_SVG_LEFT, y + 54, SVG_START, "dim"};
    char text[256];

    snprintf(text, sizeof text, "%s%s%s%s", draw_text(style, p->title),
             p->unit[0] != '\0' ? ", " : "", draw_text(style, p->unit),
             plot_is_cut(p) ? draw_text(style, N_(" (cut: too many points)")) : "");
    svg_words(out, &title, text);
    if (plot_is_empty(p)) {
        svg_words(out, &nothing, draw_text(style, N_("There is nothing to plot.")));
        return;
    }
    paper_legend(&d, style);
    paper_axes(&d, style);
    for (unsigned i = 0; i < p->series_count; i++) {
        if (p->series[i].count == 0)
            continue;
        paper_begin(&d, p->series[i].sign);
        if (p->series[i].form == PLOT_STEPS)
            paper_steps(&d, &p->series[i]);
        else
            paper_bars(&d, &p->series[i]);
        fputs("\"/>\n", out);
    }
}
