/* play_compare.h - `tern play SCENARIO --compare KEY=A,B`: two performances side by side.
 *
 * The same scenario is played twice with the same seed, once with each value of an option, and
 * where the two part is marked. With one value it is played without the option and with it. */
#ifndef TERN_APPS_PLAY_COMPARE_H
#define TERN_APPS_PLAY_COMPARE_H

#include "apps/tern/play_options.h"

/* Plays, shows, writes the SVG; returns the exit status, all said. */
int play_compare(const play_options *options, uint64_t seed);

#endif
