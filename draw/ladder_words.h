/* ladder_words.h - a sentence in the lane of a terminal ladder, beside the end that says it. */
#ifndef TERN_DRAW_LADDER_WORDS_H
#define TERN_DRAW_LADDER_WORDS_H

#include "draw/ladder_row.h"

/* A text wrapped beside the lifeline of its end, which a mark joins to its first row, and a
 * source, or "", behind its last. */
typedef struct ladder_words {
    ladder_end end;
    row_ink ink;
    const char *mark;
    const char *text, *source;
} ladder_words;

void words_print(row_page *page, const ladder_words *b);

#endif
