/* heat.c - see heat.h. The darkness of a cell is the logarithm of its number. */
#include "draw/heat.h"

#include <string.h>

#include "draw/columns.h"
#include "draw/svg.h"

enum {
    HEAT_NUMBER_BYTES = 24,
    HEAT_STATE_COLUMNS = 14,
    HEAT_COLUMN_MIN = 9,
    HEAT_SVG_MARGIN = 24,
    HEAT_SVG_TOP = 92, /* of the first row, below the title and the names */
    HEAT_SVG_LEFT = HEAT_SVG_MARGIN + SVG_PILL_WIDTH + 14,
    HEAT_SVG_CELL = 84,
    HEAT_SVG_ROW = 30,
    HEAT_LEVELS = 20, /* more than 2^20 is as dark as a cell becomes */
};

static uint64_t heat_count(const heat *h, unsigned state, unsigned column)
{
    return h->counts[state * h->column_count + column];
}

/* "1,234,567". */
static const char *heat_number(uint64_t number, char text[HEAT_NUMBER_BYTES])
{
    char digits[HEAT_NUMBER_BYTES];
    size_t count = (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    size_t at = 0;

    if (count > 15) { /* commas would not fit */
        memcpy(text, digits, count + 1);
        return text;
    }
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            text[at++] = ',';
        text[at++] = digits[i];
    }
    text[at] = '\0';
    return text;
}

/* ---- In the terminal ----------------------------------------------------------------------- */

/* Every column as wide as the widest number or name. */
static unsigned heat_columns(const heat *h)
{
    char text[HEAT_NUMBER_BYTES];
    unsigned widest = HEAT_COLUMN_MIN;

    for (unsigned column = 0; column < h->column_count; column++) {
        unsigned name = columns_text(h->columns[column]) + 2;
        widest = name > widest ? name : widest;
        for (unsigned state = 0; state < TERN_STATES; state++) {
            unsigned number = columns_text(heat_number(heat_count(h, state, column), text)) + 2;
            widest = number > widest ? number : widest;
        }
    }
    return widest;
}

static void heat_right(FILE *out, const char *text, unsigned columns)
{
    unsigned used = columns_text(text);
    fprintf(out, "%*s%s", (int)(used < columns ? columns - used : 1), "", text);
}

void heat_print(const heat *h, FILE *out, const draw_style *style)
{
    unsigned columns = heat_columns(h);
    const char *never = style->ascii ? "." : "·";
    char text[HEAT_NUMBER_BYTES];

    fprintf(out, "%s\n\n%*s", h->title, HEAT_STATE_COLUMNS, "");
    for (unsigned column = 0; column < h->column_count; column++)
        heat_right(out, h->columns[column], columns);
    fputc('\n', out);
    for (unsigned state = 0; state < TERN_STATES; state++) {
        fprintf(out, "%-*s", HEAT_STATE_COLUMNS, tern_state_name((tern_state)state));
        for (unsigned column = 0; column < h->column_count; column++) {
            uint64_t count = heat_count(h, state, column);
            heat_right(out, count > 0 ? heat_number(count, text) : never, columns);
        }
        fputc('\n', out);
    }
    fprintf(out, "\n%s\n", h->note);
}

/* ---- As SVG -------------------------------------------------------------------------------- */

/* 1 .. HEAT_LEVELS for a number that is not 0. */
static int heat_level(uint64_t count)
{
    int level = 1;

    while (count > 1 && level < HEAT_LEVELS) {
        count /= 2;
        level++;
    }
    return level;
}

static void heat_svg_cell(FILE *out, int x, int y, uint64_t count)
{
    svg_place middle = {x + HEAT_SVG_CELL / 2, y + HEAT_SVG_ROW / 2 + 3, SVG_MIDDLE, "small"};
    char text[HEAT_NUMBER_BYTES];

    if (count == 0) {
        fprintf(out, "<rect class=\"thin dash\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n",
                x + 1, y + 1, HEAT_SVG_CELL - 3, HEAT_SVG_ROW - 3);
        return;
    }
    fprintf(out,
            "<rect class=\"established\" style=\"stroke:none\" x=\"%d\" y=\"%d\" width=\"%d\" "
            "height=\"%d\" fill-opacity=\"",
            x, y, HEAT_SVG_CELL - 1, HEAT_SVG_ROW - 1);
    svg_ratio(out, HEAT_LEVELS / 4 + heat_level(count), HEAT_LEVELS * 3 / 2);
    fputs("\"/>\n", out);
    svg_words(out, &middle, heat_number(count, text));
}

void heat_svg(const heat *h, FILE *out)
{
    int width = HEAT_SVG_LEFT + (int)h->column_count * HEAT_SVG_CELL + HEAT_SVG_MARGIN;
    int bottom = HEAT_SVG_TOP + TERN_STATES * HEAT_SVG_ROW;
    svg_place title = {HEAT_SVG_MARGIN, 38, SVG_START, "big"};
    svg_place note = {HEAT_SVG_MARGIN, bottom + 28, SVG_START, "dim"};

    svg_begin(out, width, bottom + 28 + HEAT_SVG_MARGIN, h->title);
    svg_words(out, &title, h->title);
    for (unsigned column = 0; column < h->column_count; column++) {
        svg_place name = {HEAT_SVG_LEFT + (int)column * HEAT_SVG_CELL + HEAT_SVG_CELL / 2,
                          HEAT_SVG_TOP - 12, SVG_MIDDLE, "bold mono"};
        svg_words(out, &name, h->columns[column]);
    }
    for (unsigned state = 0; state < TERN_STATES; state++) {
        int y = HEAT_SVG_TOP + (int)state * HEAT_SVG_ROW;
        svg_pill(out, HEAT_SVG_MARGIN, y + (HEAT_SVG_ROW - SVG_PILL_HEIGHT) / 2, (tern_state)state,
                 NULL);
        for (unsigned column = 0; column < h->column_count; column++)
            heat_svg_cell(out, HEAT_SVG_LEFT + (int)column * HEAT_SVG_CELL, y,
                          heat_count(h, state, column));
    }
    svg_words(out, &note, h->note);
    svg_end(out);
}
