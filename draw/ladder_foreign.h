/* ladder_foreign.h - a packet from or to somebody outside, in the lane of a terminal ladder.
 *
 *   │             attacker ○── SYN ────────────►│
 *   │         198.51.100.7 ◄──────── SYN,ACK ───┤
 *   │◄──────── RST ──○ attacker                 │ */
#ifndef TERN_DRAW_LADDER_FOREIGN_H
#define TERN_DRAW_LADDER_FOREIGN_H

#include "draw/ladder_row.h"

/* Prints the arrow between the middle of the lane and the end that it concerns, with the words for
 * what the network did ("" for nothing); beneath it what does not fit the lane. `died`: it does
 * not arrive. */
void foreign_print(row_page *page, const ladder_flight *f, const char *words, bool died);

#endif
