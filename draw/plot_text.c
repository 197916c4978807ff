/* plot_text.c - a plot in the terminal.
 *
 * A character holds 2 by 4 dots (Braille, U+2800 and up), in the colour of the series that was
 * drawn there last; a series with a sign of its own takes the whole character. In ASCII every
 * series has a sign. The axis of values stands at the left, that of time below. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "draw/columns.h"
#include "draw/ladder_row.h"
#include "draw/plot_points.h"

enum {
    TEXT_ROWS = 16,
    TEXT_MARGIN = 8, /* columns left of the axis: a tick */
    TEXT_COLUMNS_MAX = DRAW_WIDTH_MAX,
    TEXT_VALUE_TICKS = 5,
    TEXT_TICK_COLUMNS = 12, /* from one tick of time to the next, at least */
};

typedef struct text_cell {
    uint8_t dots;     /* Braille */
    uint8_t series;   /* 1 + the last drawn */
    const char *sign; /* instead of dots, or NULL */
} text_cell;

typedef struct text_plot {
    const plot *p;
    FILE *out;
    const draw_style *style;
    unsigned columns;
    plot_axis value, time;
    text_cell cell[TEXT_ROWS][TEXT_COLUMNS_MAX];
} text_plot;

typedef struct text_sign {
    const char *utf8, *ascii; /* utf8 "": fine dots */
    row_ink ink;
} text_sign;

static const text_sign text_signs[] = {
    [PLOT_FINE] = {"", "*", INK_GREEN},    [PLOT_DASHED] = {"╌", "-", INK_BLUE},
    [PLOT_LOW] = {"·", ".", INK_CYAN},     [PLOT_CROSS] = {"✗", "R", INK_RED},
    [PLOT_BLOCK] = {"▪", "o", INK_YELLOW}, [PLOT_PROBE] = {"P", "P", INK_MAGENTA},
};

static const char *text_sign_of(const text_plot *t, plot_sign sign)
{
    return t->style->ascii ? text_signs[sign].ascii : text_signs[sign].utf8;
}

/* ---- Dots ---------------------------------------------------------------------------------- */

/* A dot at x (two a column) and y (four a row, from below). */
static void text_dot(text_plot *t, unsigned series, unsigned x, unsigned y)
{
    /* The bits of a Braille character, by column and row from above. */
    static const uint8_t bits[2][4] = {{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}};
    unsigned row = TEXT_ROWS - 1 - y / 4, column = x / 2;
    const char *sign = text_sign_of(t, t->p->series[series].sign);
    text_cell *cell;

    if (column >= t->columns || y >= TEXT_ROWS * 4)
        return;
    cell = &t->cell[row][column];
    cell->series = (uint8_t)(series + 1);
    if (sign[0] != '\0')
        cell->sign = sign;
    else
        cell->dots |= bits[x % 2][3 - y % 4];
    if (sign[0] == '\0')
        cell->sign = NULL;
}

static void text_upright(text_plot *t, unsigned series, unsigned x, unsigned y, unsigned to_y)
{
    for (unsigned i = y < to_y ? y : to_y; i <= (y < to_y ? to_y : y); i++)
        text_dot(t, series, x, i);
}

/* Dots from below; of what is above the axis, the row above all. */
static unsigned text_y(const text_plot *t, uint64_t value)
{
    return value > t->value.last ? TEXT_ROWS * 4
                                 : (unsigned)plot_at(&t->value, value, TEXT_ROWS * 4);
}

static void text_series(text_plot *t, unsigned series)
{
    const plot_line *s = &t->p->series[series];
    unsigned wide = t->columns * 2, last_x = 0, last_y = 0;

    for (size_t i = 0; i < s->count; i++) {
        const plot_point *point = &s->points[i];
        unsigned x = (unsigned)plot_at(&t->time, point->time_us, wide);
        unsigned y = text_y(t, point->high);
        unsigned low = y;
        if (s->form == PLOT_BARS)
            low = text_y(t, point->low);
        for (unsigned k = last_x; s->form == PLOT_STEPS && i > 0 && k < x; k++)
            text_dot(t, series, k, last_y);
        if (s->form == PLOT_STEPS && i > 0)
            low = last_y;
        text_upright(t, series, x, low, y);
        last_x = x;
        last_y = y;
    }
    for (unsigned k = last_x; s->form == PLOT_STEPS && s->count > 0 && k < wide; k++)
        text_dot(t, series, k, last_y);
}

/* ---- Rows ---------------------------------------------------------------------------------- */

static void text_ink(const text_plot *t, row_ink ink, row_ink *now)
{
    if (!t->style->colour || ink == *now)
        return;
    fputs("\033[0m", t->out);
    fputs(row_ink_codes[ink], t->out);
    *now = ink;
}

static void text_cell_print(const text_plot *t, const text_cell *cell)
{
    unsigned c = 0x2800u + cell->dots;

    if (cell->series == 0)
        fputc(' ', t->out);
    else if (cell->sign != NULL)
        fputs(cell->sign, t->out);
    else
        fprintf(t->out, "%c%c%c", (char)(0xe0 | c >> 12), (char)(0x80 | (c >> 6 & 0x3f)),
                (char)(0x80 | (c & 0x3f)));
}

/* The tick whose row this is; false: there is none. */
static bool text_tick_of_row(const text_plot *t, unsigned row, uint64_t *value)
{
    for (uint64_t v = t->value.first; v <= t->value.last; v += t->value.step) {
        *value = v;
        if (TEXT_ROWS - 1 - plot_at(&t->value, v, TEXT_ROWS * 4) / 4 == row)
            return true;
    }
    return false;
}

static void text_row(const text_plot *t, unsigned row)
{
    char tick[PLOT_TICK_BYTES] = "";
    uint64_t value = 0;
    bool ticked = text_tick_of_row(t, row, &value);
    unsigned end = t->columns;
    row_ink now = INK_PLAIN;

    if (ticked)
        plot_value_text(value, tick);
    while (end > 0 && t->cell[row][end - 1].series == 0)
        end--;
    if (t->style->prefix != NULL)
        fputs(t->style->prefix, t->out);
    fprintf(t->out, "%*s %s", TEXT_MARGIN, tick,
            t->style->ascii ? (ticked ? "+" : "|") : (ticked ? "┤" : "│"));
    for (unsigned column = 0; column < end; column++) {
        const text_cell *cell = &t->cell[row][column];
        row_ink ink = cell->series == 0 ? INK_PLAIN
                                        : text_signs[t->p->series[cell->series - 1].sign].ink;
        text_ink(t, ink, &now);
        text_cell_print(t, cell);
    }
    text_ink(t, INK_PLAIN, &now);
    fputc('\n', t->out);
}

/* The axis of time: a line with a mark at each tick, and the seconds below. */
static void text_time_axis(const text_plot *t)
{
    char line[TEXT_COLUMNS_MAX + 1], tick[PLOT_TICK_BYTES], seconds[TEXT_COLUMNS_MAX + 40];
    const char *unit = draw_text(t->style, N_("s"));
    unsigned used = 0;

    memset(line, '-', t->columns);
    memset(seconds, ' ', sizeof seconds);
    for (uint64_t v = t->time.first; v <= t->time.last; v += t->time.step) {
        unsigned column = (unsigned)plot_at(&t->time, v, t->columns);
        unsigned length = (unsigned)strlen(plot_time_text(v, tick));
        unsigned at = TEXT_MARGIN + 2 + column - (length - 1) / 2;
        line[column] = '+';
        if (at < used || at + length + 1 + columns_text(unit) > t->columns + TEXT_MARGIN + 2)
            continue;
        memcpy(seconds + at, tick, length);
        used = at + length + 1;
    }
    fprintf(t->out, "%s%*s %s", t->style->prefix != NULL ? t->style->prefix : "", TEXT_MARGIN, "",
            t->style->ascii ? "+" : "└");
    for (unsigned i = 0; i < t->columns; i++)
        fputs(t->style->ascii ? (line[i] == '+' ? "+" : "-") : (line[i] == '+' ? "┴" : "─"),
              t->out);
    seconds[used > 0 ? used - 1 : 0] = '\0';
    fprintf(t->out, "\n%s%s %s\n", t->style->prefix != NULL ? t->style->prefix : "", seconds, unit);
}

/* "title, unit", and the series with their signs, in as many lines as they need. */
static void text_legend(const text_plot *t)
{
    const char *prefix = t->style->prefix != NULL ? t->style->prefix : "";
    unsigned room = t->columns + TEXT_MARGIN + 2, used = 0;

    fprintf(t->out, "%s%s%s%s%s%s%s\n%s", prefix, t->style->colour ? row_ink_codes[INK_BOLD] : "",
            draw_text(t->style, t->p->title), t->style->colour ? "\033[0m" : "",
            t->p->unit[0] != '\0' ? ", " : "", draw_text(t->style, t->p->unit),
            plot_is_cut(t->p) ? draw_text(t->style, N_(" (cut: too many points)")) : "", prefix);
    for (unsigned i = 0; i < t->p->series_count; i++) {
        const plot_line *s = &t->p->series[i];
        const char *name = draw_text(t->style, s->name), *sign = text_sign_of(t, s->sign);
        unsigned columns = columns_text(name) + 4;
        if (s->count == 0)
            continue;
        if (used > 0 && used + columns > room) {
            fprintf(t->out, "\n%s", prefix);
            used = 0;
        }
        fprintf(t->out, "%s%s%s%s %s", used > 0 ? "  " : "",
                t->style->colour ? row_ink_codes[text_signs[s->sign].ink] : "",
                sign[0] != '\0' ? sign : "⣿", t->style->colour ? "\033[0m" : "", name);
        used += columns;
    }
    fputc('\n', t->out);
}

void plot_print(const plot *p, FILE *out, const draw_style *style)
{
    unsigned width = style->width, prefix = 0;
    text_plot *t = calloc(1, sizeof *t);

    if (t == NULL)
        return;
    if (style->prefix != NULL)
        prefix = columns_text(style->prefix);
    width = width > DRAW_WIDTH_MAX ? DRAW_WIDTH_MAX : width;
    width = width < prefix + DRAW_WIDTH_MIN ? DRAW_WIDTH_MIN : width - prefix;
    t->p = p;
    t->out = out;
    t->style = style;
    t->columns = width - TEXT_MARGIN - 2;
    t->value = plot_value_axis(p, TEXT_VALUE_TICKS);
    t->time = plot_time_axis(p, t->columns / TEXT_TICK_COLUMNS);
    text_legend(t);
    if (plot_is_empty(p)) {
        fprintf(out, "%s%s\n", style->prefix != NULL ? style->prefix : "",
                draw_text(style, N_("There is nothing to plot.")));
    } else {
        for (unsigned i = 0; i < p->series_count; i++)
            text_series(t, i);
        for (unsigned row = 0; row < TEXT_ROWS; row++)
            text_row(t, row);
        text_time_axis(t);
    }
    free(t);
}
