/* ladder_pair.c - two recordings of the same conversation, drawn together in the terminal.
 *
 * Each is drawn into memory, up to one time after the other; whichever has fewer rows by then gets
 * rows of bare lifelines. Then the rows are put beside each other. */
#define _GNU_SOURCE
#include "draw/ladder_pair.h"

#include <stdlib.h>
#include <string.h>

#include "draw/columns.h"
#include "draw/ladder_row.h"
#include "draw/ladder_text.h"

typedef struct pair_side {
    ladder_text *text;
    FILE *out;
    char *rows; /* what is drawn so far */
    size_t bytes, read;
} pair_side;

typedef struct pair_page {
    FILE *out;
    const draw_style *style;
    unsigned column; /* the width of a side */
    pair_side side[2];
} pair_page;

/* The columns of a row, its escape sequences aside. */
static unsigned pair_columns(const char *row, size_t bytes)
{
    unsigned columns = 0;

    for (size_t at = 0; at < bytes;) {
        size_t plain = 0;
        while (at + plain < bytes && row[at + plain] != '\033')
            plain++;
        columns += columns_of(row + at, plain);
        at += plain;
        while (at < bytes && row[at] != 'm')
            at++;
        at += at < bytes;
    }
    return columns;
}

/* Rows drawn and not put out yet. */
static unsigned pair_rows(pair_side *side)
{
    unsigned rows = 0;

    fflush(side->out);
    for (size_t at = side->read; at < side->bytes; at++)
        rows += side->rows[at] == '\n';
    return rows;
}

/* The next row of a side; its octets in *bytes. */
static const char *pair_take(pair_side *side, size_t *bytes)
{
    const char *row = side->rows + side->read;
    const char *end = memchr(row, '\n', side->bytes - side->read);

    *bytes = end != NULL ? (size_t)(end - row) : side->bytes - side->read;
    side->read += *bytes + (end != NULL);
    return row;
}

/* Puts out what is drawn, both sides with as many rows. */
static void pair_put(pair_page *page, bool level)
{
    unsigned rows[2] = {pair_rows(&page->side[0]), pair_rows(&page->side[1])};
    unsigned most = rows[0] > rows[1] ? rows[0] : rows[1];
    const char *prefix = page->style->prefix != NULL ? page->style->prefix : "";

    for (unsigned i = 0; i < 2 && level; i++)
        ladder_text_pad(page->side[i].text, most - rows[i]);
    for (unsigned i = 0; i < 2; i++)
        fflush(page->side[i].out);
    for (unsigned row = 0; row < most; row++) {
        size_t bytes[2];
        const char *left = pair_take(&page->side[0], &bytes[0]);
        const char *right = pair_take(&page->side[1], &bytes[1]);
        unsigned columns = pair_columns(left, bytes[0]);
        fprintf(page->out, "%s%.*s%*s %s ", prefix, (int)bytes[0], left,
                columns < page->column ? (int)(page->column - columns) : 0, "",
                page->style->ascii ? "|" : "║");
        fprintf(page->out, "%.*s\n", (int)bytes[1], right);
    }
}

/* The sentence, across both sides, between two lines. */
static void pair_mark(const pair_page *page, const char *text)
{
    const char *prefix = page->style->prefix != NULL ? page->style->prefix : "";
    const char *ink = page->style->colour ? row_ink_codes[INK_RED] : "";
    unsigned width = 2 * page->column + 3;
    size_t next, bytes;

    for (unsigned edge = 0; edge < 2; edge++) {
        fputs(prefix, page->out);
        fputs(ink, page->out);
        for (unsigned i = 0; i < width; i++)
            fputs(page->style->ascii ? "=" : "═", page->out);
        fputs(page->style->colour ? "\033[0m\n" : "\n", page->out);
        while (edge == 0 && ((bytes = columns_wrap(text, width, &next)), next > 0)) {
            fprintf(page->out, "%s%s%.*s%s\n", prefix, ink, (int)bytes, text,
                    page->style->colour ? "\033[0m" : "");
            text += next;
        }
    }
}

static void pair_names(const pair_page *page, const ladder_pair *pair)
{
    const char *bold = page->style->colour ? row_ink_codes[INK_BOLD] : "";
    const char *plain = page->style->colour ? "\033[0m" : "";
    unsigned columns = columns_text(pair->name[0]);

    fprintf(page->out, "%s%s%s%s%*s %s %s%s%s\n",
            page->style->prefix != NULL ? page->style->prefix : "", bold, pair->name[0], plain,
            columns < page->column ? (int)(page->column - columns) : 0, "",
            page->style->ascii ? "|" : "║", bold, pair->name[1], plain);
}

/* Time by time. The mark stands before the first time at which they differ. */
static void pair_draw(pair_page *page, const ladder_parting *parting)
{
    tern_time first_us = parting->time_us[0] < parting->time_us[1] ? parting->time_us[0]
                                                                   : parting->time_us[1];
    bool marked = !parting->parts;

    for (unsigned i = 0; i < 2; i++)
        ladder_text_pad(page->side[i].text, 0);
    pair_put(page, true);
    for (;;) {
        tern_time due_us = ladder_text_due(page->side[0].text);
        tern_time other_us = ladder_text_due(page->side[1].text);
        due_us = other_us < due_us ? other_us : due_us;
        if (!marked && due_us >= first_us) {
            pair_mark(page, parting->text);
            marked = true;
        }
        if (due_us == TERN_NEVER)
            break;
        for (unsigned i = 0; i < 2; i++)
            ladder_text_until(page->side[i].text, due_us);
        pair_put(page, true);
    }
    for (unsigned i = 0; i < 2; i++)
        ladder_text_end(page->side[i].text);
    pair_put(page, false);
}

static void pair_beside(const ladder_pair *pair, const ladder_parting *parting, pair_page *page)
{
    draw_style style = *page->style;
    bool made = true;

    style.prefix = NULL;
    style.width = page->column;
    for (unsigned i = 0; i < 2; i++) {
        pair_side *side = &page->side[i];
        side->out = open_memstream(&side->rows, &side->bytes);
        if (side->out != NULL)
            side->text = ladder_text_new(pair->ladder[i], side->out, &style);
        made = made && side->text != NULL;
    }
    if (made) {
        pair_names(page, pair);
        pair_draw(page, parting);
    }
    for (unsigned i = 0; i < 2; i++) {
        ladder_text_free(page->side[i].text);
        if (page->side[i].out != NULL)
            fclose(page->side[i].out);
        free(page->side[i].rows);
    }
}

void ladder_pair_print(const ladder_pair *pair, FILE *out, const draw_style *style)
{
    pair_page page = {.out = out, .style = style};
    unsigned prefix = style->prefix != NULL ? columns_text(style->prefix) : 0;
    unsigned width = style->width > DRAW_WIDTH_MAX ? DRAW_WIDTH_MAX : style->width;
    ladder_parting parting;

    ladder_compare(pair, style, &parting);
    if (width >= prefix + PAIR_WIDTH_MIN) {
        page.column = (width - prefix - 3) / 2;
        pair_beside(pair, &parting, &page);
    } else {
        for (unsigned i = 0; i < 2; i++) {
            fprintf(out, "%s== %s ==\n", style->prefix != NULL ? style->prefix : "", pair->name[i]);
            ladder_text_print(pair->ladder[i], out, style);
            fputc('\n', out);
        }
    }
    fputc('\n', out);
    if (page.column == 0 || !parting.parts)
        fprintf(out, "%s\n\n", parting.text);
    ladder_compare_table(pair, out, style);
}
