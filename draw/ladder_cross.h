/* ladder_cross.h - two packets that cross in the lane of a terminal ladder.
 *
 *   ├── SYN ──────╮  ╭────── SYN ──┤    cross_leave()
 *   │  SEQ 0      │  │      SEQ 0  │
 *   │              ╲╱              │
 *   │              ╱╲              │
 *   │◄────────────╯  ╰────────────►│    cross_arrive() */
#ifndef TERN_DRAW_LADDER_CROSS_H
#define TERN_DRAW_LADDER_CROSS_H

#include "draw/ladder_row.h"

/* Do the two, from the left and from the right end, fit side by side into the lane? */
bool cross_fits(const row_page *page, const ladder_flight *const f[2]);

/* The rows from where they leave to where they have passed each other. They must fit. */
void cross_leave(row_page *page, const ladder_flight *const f[2]);

/* The row on which both arrive. */
void cross_arrive(row_page *page);

#endif
