/* plot.c - numbers over time: the points, their axes, and the JSON lines. */
#define _GNU_SOURCE
#include "draw/plot.h"

#include <stdlib.h>
#include <string.h>

#include "draw/plot_points.h"

plot *plot_new(const char *key, const char *title, const char *unit)
{
    plot *p = calloc(1, sizeof *p);

    if (p == NULL)
        return NULL;
    p->key = key;
    p->title = title;
    p->unit = unit;
    return p;
}

void plot_free(plot *p)
{
    if (p == NULL)
        return;
    for (unsigned i = 0; i < p->series_count; i++)
        free(p->series[i].points);
    free(p);
}

unsigned plot_series(plot *p, const char *name, plot_form form, plot_sign sign)
{
    if (p->series_count == PLOT_SERIES_MAX)
        return PLOT_SERIES_MAX - 1;
    p->series[p->series_count] = (plot_line){.name = name, .form = form, .sign = sign};
    return p->series_count++;
}

void plot_add(plot *p, unsigned series, const plot_point *point)
{
    plot_line *s = &p->series[series];

    if (s->form == PLOT_STEPS && s->count > 0 && s->points[s->count - 1].high == point->high)
        return;
    if (s->count == s->room) {
        size_t room = s->room == 0 ? 64 : s->room * 2;
        plot_point *points = room > PLOT_POINTS_MAX ? NULL
                                                    : realloc(s->points, room * sizeof *points);
        if (points == NULL) {
            p->cut = true;
            return;
        }
        s->points = points;
        s->room = room;
    }
    s->points[s->count++] = *point;
    plot_until(p, point->time_us);
}

void plot_until(plot *p, tern_time time_us)
{
    if (time_us > p->until_us)
        p->until_us = time_us;
}

bool plot_is_empty(const plot *p)
{
    for (unsigned i = 0; i < p->series_count; i++)
        if (p->series[i].count > 0)
            return false;
    return true;
}

bool plot_is_cut(const plot *p)
{
    return p->cut;
}

/* ---- Axes ---------------------------------------------------------------------------------- */

/* The smallest of 1, 2, 5, 10, 20, ... with which at most `ticks` steps span so much. */
static uint64_t plot_step(uint64_t span, unsigned ticks)
{
    static const uint64_t round[] = {1, 2, 5};
    uint64_t ten = 1;

    for (unsigned i = 0; i < 48; i++) {
        uint64_t step = round[i % 3] * ten;
        if (span / step < ticks)
            return step;
        if (i % 3 == 2)
            ten *= 10;
    }
    return ten;
}

static plot_axis plot_axis_of(uint64_t least, uint64_t most, unsigned ticks)
{
    uint64_t step = plot_step(most - least, ticks);
    plot_axis axis = {least / step * step, 0, step};

    axis.last = axis.first + step;
    while (axis.last < most)
        axis.last += step;
    return axis;
}

plot_axis plot_value_axis(const plot *p, unsigned ticks)
{
    uint64_t most[2] = {0, 0}; /* of all, of all but limits */

    for (unsigned i = 0; i < p->series_count; i++)
        for (size_t k = 0; k < p->series[i].count; k++) {
            uint64_t value = p->series[i].points[k].high;
            most[0] = value > most[0] ? value : most[0];
            if (p->series[i].sign != PLOT_DASHED)
                most[1] = value > most[1] ? value : most[1];
        }
    if (most[1] > 0 && most[0] / 4 > most[1]) /* a limit far away would flatten the rest */
        most[0] = most[1];
    return plot_axis_of(0, most[0], ticks);
}

plot_axis plot_time_axis(const plot *p, unsigned ticks)
{
    tern_time least_us = p->until_us;

    for (unsigned i = 0; i < p->series_count; i++)
        if (p->series[i].count > 0 && p->series[i].points[0].time_us < least_us)
            least_us = p->series[i].points[0].time_us;
    plot_axis axis = plot_axis_of(least_us, p->until_us, ticks);
    if (p->until_us > axis.first) /* no empty half at the right */
        axis.last = p->until_us;
    return axis;
}

char *plot_value_text(uint64_t value, char text[PLOT_TICK_BYTES])
{
    unsigned long long v = value;

    if (v >= 1000000 && v % 100000 == 0)
        snprintf(text, PLOT_TICK_BYTES, v % 1000000 == 0 ? "%lluM" : "%llu.%lluM", v / 1000000,
                 v % 1000000 / 100000);
    else if (v >= 10000 && v % 1000 == 0)
        snprintf(text, PLOT_TICK_BYTES, "%lluk", v / 1000);
    else
        snprintf(text, PLOT_TICK_BYTES, "%llu", v);
    return text;
}

char *plot_time_text(tern_time time_us, char text[PLOT_TICK_BYTES])
{
    size_t bytes = (size_t)snprintf(text, PLOT_TICK_BYTES, "%llu.%06u",
                                    (unsigned long long)(time_us / 1000000),
                                    (unsigned)(time_us % 1000000));

    while (bytes > 2 && text[bytes - 1] == '0' && text[bytes - 2] != '.')
        text[--bytes] = '\0';
    if (bytes > 2 && text[bytes - 1] == '0')
        text[bytes - 2] = '\0';
    return text;
}

/* ---- JSON ---------------------------------------------------------------------------------- */

void plot_json(const plot *p, FILE *out)
{
    for (unsigned i = 0; i < p->series_count; i++) {
        const plot_line *s = &p->series[i];
        fprintf(out, "{\"event\":\"plot\",\"plot\":\"%s\",\"series\":\"%s\",\"points\":[", p->key,
                s->name);
        for (size_t k = 0; k < s->count; k++) {
            fprintf(out, "%s[%llu,", k > 0 ? "," : "", (unsigned long long)s->points[k].time_us);
            if (s->form == PLOT_BARS)
                fprintf(out, "%llu,", (unsigned long long)s->points[k].low);
            fprintf(out, "%llu]", (unsigned long long)s->points[k].high);
        }
        fputs("]}\n", out);
    }
}
