/* ladder_compare.h - where two recordings of the same conversation part, and how they differ. */
#ifndef TERN_DRAW_LADDER_COMPARE_H
#define TERN_DRAW_LADDER_COMPARE_H

#include <stdio.h>

#include "draw/ladder.h"
#include "draw/style.h"

/* Two recordings with their names: "linux", "rfc9293". */
typedef struct ladder_pair {
    ladder *ladder[2];
    const char *name[2];
} ladder_pair;

enum { PARTING_TEXT_BYTES = 512 };

/* The first packet sent or lost, state, call or error that is not the same on both sides, numbers
 * relative and times included. */
typedef struct ladder_parting {
    bool parts;
    size_t event[2];               /* SIZE_MAX: nothing more happens there */
    tern_time time_us[2];          /* of the events */
    char text[PARTING_TEXT_BYTES]; /* "linux, at 2.010 s: client sends SYN (again); ..." */
} ladder_parting;

void ladder_compare(const ladder_pair *pair, const draw_style *style, ladder_parting *parting);

/* What each was like as a whole, side by side: packets, losses, end. */
void ladder_compare_table(const ladder_pair *pair, FILE *out, const draw_style *style);

#endif
