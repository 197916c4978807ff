/* ladder_arrow.h - a packet in the lane of a terminal ladder: its arrow, and what stands below. */
#ifndef TERN_DRAW_LADDER_ARROW_H
#define TERN_DRAW_LADDER_ARROW_H

#include "draw/ladder_row.h"

enum {
    ARROW_TEXT_BYTES = 256,
    ARROW_COLUMNS = 6, /* of an arrow, beside its label and words */
};

/* An arrow across the lane. From the sender: tail, label, line, words, line, head. */
typedef struct ladder_arrow {
    ladder_end from;
    row_ink ink;       /* of the label */
    const char *label; /* near the sender, or "" */
    const char *words; /* near the receiver, or "" */
    bool tail, head;   /* does it leave, does it arrive on this row? */
    bool dead;         /* it ends in the middle, and the words say how */
} ladder_arrow;

/* Prints the arrow of a packet, of which tail, head, dead and words are given; beneath it what
 * does not fit the lane. A packet that does not leave and end on this row has its number. */
void arrow_print(row_page *page, const ladder_flight *f, const ladder_arrow *given);

/* Rows of numbers and options beside the sender's lifeline. */
void arrow_items(row_page *page, const ladder_flight *f);

row_ink arrow_ink(const packet_summary *p);
/* "SYN (again)", and with `numbered` which packet it is: "SYN #3". Returns text. */
char *arrow_label(const row_page *page, const ladder_flight *f, bool numbered,
                  char text[ARROW_TEXT_BYTES]);
/* What the network did, in words; "" for nothing. Returns text. */
char *arrow_marks(const row_page *page, unsigned marks, char text[ARROW_TEXT_BYTES]);
/* Words with a blank on each side; nothing for "". */
void arrow_words(row_page *page, row_lane *lane, row_ink ink, const char *words);

#endif
