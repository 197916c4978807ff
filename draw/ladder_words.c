/* ladder_words.c - a sentence in the lane of a terminal ladder, beside the end that says it.
 *
 * A tenth of the lane stays free on the other side, so that one sees whose words they are. */
#define _GNU_SOURCE
#include "draw/ladder_words.h"

#include <string.h>

#include "draw/columns.h"

enum { WORDS_COLUMNS = 64 }; /* lines are not longer, however wide the lane is */

/* The columns of the longest row of a text wrapped at `room`; *last those of the last row. */
static unsigned words_measure(const char *text, unsigned room, unsigned *last)
{
    unsigned longest = 0;
    size_t next;

    *last = 0;
    for (size_t bytes; (bytes = columns_wrap(text, room, &next)), next > 0; text += next) {
        *last = columns_of(text, bytes);
        longest = *last > longest ? *last : longest;
    }
    return longest;
}

/* Prints the rows of a block from `column` on. The source goes behind the last if it fits. */
static void words_rows(row_page *page, unsigned column, unsigned room, const ladder_words *b)
{
    const row_glyphs *g = page->glyph;
    const char *text = b->text;
    unsigned source = columns_text(b->source);
    size_t next, bytes;

    while ((bytes = columns_wrap(text, room, &next)), next > 0) {
        row_lane lane = {.bytes = 0};
        bool first = text == b->text && b->mark[0] != '\0';
        bool left = first && b->end == LADDER_LEFT, right = first && b->end == LADDER_RIGHT;
        if (left)
            row_text(page, &lane, b->ink, b->mark);
        row_to(page, &lane, column);
        row_put(page, &lane, b->ink, text, bytes);
        text += next;
        if (text[0] == '\0' && source > 0 && lane.columns + 2 + source <= column + room) {
            row_text(page, &lane, INK_PLAIN, "  ");
            row_text(page, &lane, INK_DIM, b->source);
        }
        if (right) {
            row_to(page, &lane, page->lane - 1);
            row_text(page, &lane, b->ink, b->mark);
        }
        row_print(page, &lane, left ? g->from_left : NULL, right ? g->from_right : NULL);
    }
}

void words_print(row_page *page, const ladder_words *b)
{
    unsigned room = page->lane - page->lane / 10 - 2 * ROW_MARGIN;
    unsigned last, source_last, source = columns_text(b->source), longest, column = ROW_MARGIN;
    bool beside;

    if (room > WORDS_COLUMNS)
        room = WORDS_COLUMNS;
    longest = words_measure(b->text, room, &last);
    beside = source > 0 && last + 2 + source <= room;
    if (beside && last + 2 + source > longest)
        longest = last + 2 + source;
    if (!beside && source > 0) {
        unsigned below = words_measure(b->source, room, &source_last);
        longest = below > longest ? below : longest;
    }
    if (b->end == LADDER_RIGHT)
        column = page->lane - ROW_MARGIN - longest;
    words_rows(page, column, room, b);
    if (!beside && source > 0)
        words_rows(page, column, room, &(ladder_words){b->end, INK_DIM, "", b->source, ""});
}
