/* play_figures.h - the figures of a play, as a table: its own beside those of its variants. */
#ifndef TERN_APPS_PLAY_FIGURES_H
#define TERN_APPS_PLAY_FIGURES_H

#include "apps/tern/play_performance.h"

/* Plays the variants that the scenario wants beside it, unseen and under the same seed, and prints
 * the table, or JSON lines. Nothing when the scenario has no figures. Returns an exit status. */
int play_figures(const performance *p, uint64_t seed);

#endif
