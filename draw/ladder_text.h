/* ladder_text.h - a recording as a ladder for the terminal, drawn row by row.
 *
 * Each end has its time, its state and its lifeline; between the lifelines go the packets, and
 * under each event the captions of the end that decided. A packet that arrives before anything
 * else happens is one row; otherwise it leaves on one row and arrives on a later one, and two that
 * cross are drawn crossing. Rows are only ever appended, so that a ladder can be drawn while the
 * connection lives. */
#ifndef TERN_DRAW_LADDER_TEXT_H
#define TERN_DRAW_LADDER_TEXT_H

#include <stdio.h>

#include "draw/ladder.h"
#include "draw/style.h"

typedef struct ladder_text ladder_text;

/* Draws the recording from its start on to `out`; neither is owned. NULL without memory. The
 * style is copied, its pointers are not. */
ladder_text *ladder_text_new(ladder *l, FILE *out, const draw_style *style);

/* Draws the rows that what has been recorded so far makes certain: all, up to the first packet
 * whose fate is not known yet. To draw a living connection, call it whenever an instant is over
 * (after tern_input(), after tern_output()), and fflush() the stream. What is drawn is forgotten
 * by the recording if `forget`: use it when the recording is for nothing else. */
void ladder_text_more(ladder_text *t, bool forget);

/* Draws what is left, packets still under way included, and the end of the lifelines. */
void ladder_text_end(ladder_text *t);

/* For a recording that is complete, drawn together with others: when the next step happens,
 * TERN_NEVER when there is none; the rows of all up to a time; rows of bare lifelines, below the
 * head. */
tern_time ladder_text_due(const ladder_text *t);
void ladder_text_until(ladder_text *t, tern_time until_us);
void ladder_text_pad(ladder_text *t, unsigned rows);

void ladder_text_free(ladder_text *t);

/* All in one: for a recording that is complete. */
void ladder_text_print(ladder *l, FILE *out, const draw_style *style);

#endif
