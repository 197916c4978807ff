/* canvas.c - a sheet of character cells with lines that join by themselves.
 *
 * A cell knows in which of four directions lines leave it; the glyph follows when it is printed.
 * So crossings and junctions need no care of those who draw. */
#include "draw/canvas.h"

enum { CANVAS_UP = 1, CANVAS_DOWN = 2, CANVAS_LEFT = 4, CANVAS_RIGHT = 8 };

static canvas_cell *canvas_at(canvas *c, int x, int y)
{
    if (x < 0 || y < 0 || x >= CANVAS_COLUMNS_MAX || y >= CANVAS_ROWS_MAX)
        return NULL;
    return &c->cell[y][x];
}

static void canvas_join(canvas *c, int x, int y, unsigned lines, unsigned ink)
{
    canvas_cell *cell = canvas_at(c, x, y);

    if (cell == NULL)
        return;
    cell->lines |= lines;
    if (ink != 0)
        cell->ink = ink;
}

void canvas_text(canvas *c, int x, int y, unsigned ink, const char *text)
{
    for (int i = 0; text[i] != '\0'; i++) {
        canvas_cell *cell = canvas_at(c, x + i, y);
        if (cell == NULL)
            return;
        cell->text = text[i];
        cell->ink = ink;
    }
}

void canvas_line(canvas *c, const canvas_span *line, unsigned ink)
{
    int left = line->x < line->to_x ? line->x : line->to_x;
    int right = line->x < line->to_x ? line->to_x : line->x;
    int top = line->y < line->to_y ? line->y : line->to_y;
    int bottom = line->y < line->to_y ? line->to_y : line->y;

    for (int x = left; x < right; x++) {
        canvas_join(c, x, line->y, CANVAS_RIGHT, ink);
        canvas_join(c, x + 1, line->y, CANVAS_LEFT, ink);
    }
    for (int y = top; y < bottom; y++) {
        canvas_join(c, line->x, y, CANVAS_DOWN, ink);
        canvas_join(c, line->x, y + 1, CANVAS_UP, ink);
    }
}

void canvas_box(canvas *c, const canvas_span *box, unsigned ink)
{
    const canvas_span sides[] = {
        {box->x, box->y, box->to_x, box->y},
        {box->x, box->to_y, box->to_x, box->to_y},
        {box->x, box->y, box->x, box->to_y},
        {box->to_x, box->y, box->to_x, box->to_y},
    };

    for (unsigned i = 0; i < 4; i++)
        canvas_line(c, &sides[i], ink);
}

void canvas_head(canvas *c, int x, int y, int from_x, int from_y)
{
    canvas_cell *cell = canvas_at(c, x, y);

    if (cell == NULL)
        return;
    if (from_x != x)
        cell->head = from_x < x ? '>' : '<';
    else
        cell->head = from_y < y ? 'v' : '^';
}

static const char *canvas_head_glyph(char head)
{
    switch (head) {
    case 'v':
        return "▼";
    case '^':
        return "▲";
    case '<':
        return "◄";
    default:
        return "►";
    }
}

static const char *canvas_glyph(const canvas_cell *cell, bool ascii, char text[2])
{
    /* By the set of lines: UP 1, DOWN 2, LEFT 4, RIGHT 8. */
    static const char *const joined[16] = {" ", "│", "│", "│", "─", "╯", "╮", "┤",
                                           "─", "╰", "╭", "├", "─", "┴", "┬", "┼"};
    static const char plain[17] = " |||-++|-++|-+++";

    text[0] = cell->text != 0 ? cell->text : cell->head != 0 ? cell->head : plain[cell->lines & 15];
    text[1] = '\0';
    if (cell->text != 0 || ascii)
        return text;
    if (cell->head != 0)
        return canvas_head_glyph(cell->head);
    return joined[cell->lines & 15];
}

void canvas_print(const canvas *c, FILE *out, int rows, const canvas_pen *pen)
{
    for (int y = 0; y < rows && y < CANVAS_ROWS_MAX; y++) {
        int end = CANVAS_COLUMNS_MAX;
        unsigned ink = 0;
        while (end > 0 && c->cell[y][end - 1].text == 0 && c->cell[y][end - 1].lines == 0)
            end--;
        for (int x = 0; x < end; x++) {
            const canvas_cell *cell = &c->cell[y][x];
            char text[2];
            if (pen->ink != NULL && cell->ink != ink) {
                fputs("\033[0m", out);
                fputs(pen->ink[cell->ink], out);
                ink = cell->ink;
            }
            fputs(canvas_glyph(cell, pen->ascii, text), out);
        }
        fputs(pen->ink != NULL && ink != 0 ? "\033[0m\n" : "\n", out);
    }
}
