/* ladder_foreign.c - a packet from or to somebody outside, in the lane of a terminal ladder.
 *
 * The arrow is put together in pieces, named from the outside to the lifeline; for the left end
 * they are printed in the other order. */
#define _GNU_SOURCE
#include "draw/ladder_foreign.h"

#include <string.h>

#include "draw/columns.h"
#include "draw/ladder_arrow.h"

enum {
    FOREIGN_PIECES_MAX = 8,
    FOREIGN_TAIL = 2, /* columns of line beside the lifeline or the head */
};

typedef struct foreign_piece {
    row_ink ink;
    const char *text;
    unsigned times;
} foreign_piece;

typedef struct foreign_pieces {
    foreign_piece piece[FOREIGN_PIECES_MAX];
    unsigned count, columns;
} foreign_pieces;

static void foreign_add(foreign_pieces *p, row_ink ink, const char *text, unsigned times)
{
    if (text[0] == '\0' || times == 0 || p->count == FOREIGN_PIECES_MAX)
        return;
    p->piece[p->count++] = (foreign_piece){ink, text, times};
    p->columns += columns_text(text) * times;
}

/* The row, the pieces beside the lifeline of `end`. */
static void foreign_row(row_page *page, ladder_end end, const foreign_pieces *p, const char *join)
{
    row_lane lane = {.bytes = 0};
    bool left = end == LADDER_LEFT;

    if (!left)
        row_to(page, &lane, page->lane > p->columns ? page->lane - p->columns : 0);
    for (unsigned i = 0; i < p->count; i++) {
        const foreign_piece *piece = &p->piece[left ? p->count - 1 - i : i];
        for (unsigned n = 0; n < piece->times; n++)
            row_text(page, &lane, piece->ink, piece->text);
    }
    row_print(page, &lane, left ? join : NULL, left ? NULL : join);
}

/* A text with a blank on each side; "" stays "". */
static const char *foreign_spaced(const char *text, char spaced[ARROW_TEXT_BYTES + 2])
{
    snprintf(spaced, ARROW_TEXT_BYTES + 2, text[0] == '\0' ? "%s" : " %s ", text);
    return spaced;
}

/* From the outside: the name, the arrow's one end, line, label, line, its other end. */
static void foreign_arrow(row_page *page, const ladder_flight *f, const char *const text[3],
                          bool died)
{
    const row_glyphs *g = page->glyph;
    ladder_end side = ladder_side(f);
    bool inward = f->from == LADDER_OUTSIDE, left = side == LADDER_LEFT;
    const char *in = left ? g->head_left : g->head_right;
    const char *out = left ? g->head_right : g->head_left;
    char name[ARROW_TEXT_BYTES + 2], label[ARROW_TEXT_BYTES + 2], words[ARROW_TEXT_BYTES + 2];
    foreign_pieces p = {.count = 0};
    unsigned used, line;

    foreign_spaced(text[0], name);
    foreign_spaced(text[1], label);
    foreign_spaced(text[2], words);
    used = columns_text(label) + columns_text(words) + 2 * FOREIGN_TAIL;
    line = page->lane / 2 > used ? page->lane / 2 - used : 0;
    foreign_add(&p, INK_PLAIN, name, 1);
    foreign_add(&p, died && !inward ? INK_RED : INK_PLAIN,
                inward ? g->origin
                : died ? g->dead
                       : out,
                1);
    if (!inward) {
        foreign_add(&p, INK_RED, words, 1);
        foreign_add(&p, INK_PLAIN, g->line, line);
    }
    foreign_add(&p, INK_PLAIN, g->line, FOREIGN_TAIL);
    foreign_add(&p, arrow_ink(&f->packet), label, 1);
    foreign_add(&p, INK_PLAIN, g->line, inward ? line + 1 : FOREIGN_TAIL);
    if (inward) {
        foreign_add(&p, INK_RED, died ? g->dead : words, 1);
        foreign_add(&p, died ? INK_RED : INK_PLAIN, died ? words : in, 1);
    }
    foreign_row(page, side, &p, inward ? NULL : left ? g->from_left : g->from_right);
}

/* What is too wide to stand on the arrow stands beneath it, wrapped. */
static void foreign_below(row_page *page, ladder_end side, const char *text)
{
    size_t next, bytes;

    while ((bytes = columns_wrap(text, page->lane - ARROW_COLUMNS, &next)), next > 0) {
        row_lane lane = {.bytes = 0};
        if (side == LADDER_LEFT)
            row_to(page, &lane, ROW_MARGIN + 1);
        else
            row_to(page, &lane, page->lane - columns_of(text, bytes) - ROW_MARGIN - 1);
        row_put(page, &lane, INK_PLAIN, text, bytes);
        row_print(page, &lane, NULL, NULL);
        text += next;
    }
}

/* The columns of an arrow with these texts and the shortest of lines. */
static unsigned foreign_columns(const char *const text[3])
{
    unsigned columns = 2 * FOREIGN_TAIL + 2;
    for (unsigned i = 0; i < 3; i++)
        columns += text[i][0] != '\0' ? columns_text(text[i]) + 2 : 0;
    return columns;
}

void foreign_print(row_page *page, const ladder_flight *f, const char *words, bool died)
{
    char address[TERN_ADDRESS_TEXT_BYTES], label[ARROW_TEXT_BYTES];
    const char *text[3] = {ladder_who(f, address), arrow_label(page, f, false, label), words};
    const char *below[3] = {"", "", ""};

    /* Of name, label and words the first that makes it too wide goes beneath, then the next. */
    for (unsigned i = 0; i < 3; i++) {
        unsigned half = foreign_columns((const char *const[3]){"", text[1], text[2]});
        unsigned arrow = half > page->lane / 2 ? half : page->lane / 2;
        unsigned name = text[0][0] != '\0' ? columns_text(text[0]) + 2 : 0;
        if (arrow + name <= page->lane)
            break;
        below[i] = text[i];
        text[i] = "";
    }
    foreign_arrow(page, f, text, died);
    for (unsigned i = 0; i < 3; i++)
        foreign_below(page, ladder_side(f), below[i]);
}
