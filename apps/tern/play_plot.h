/* play_plot.h - lets the plots of a play see what happens in its world. */
#ifndef TERN_APPS_PLAY_PLOT_H
#define TERN_APPS_PLAY_PLOT_H

#include "draw/plot_flow.h"
#include "sim/world.h"

/* Plots the conversation of host 0, at the left, with host 1, from now on. The flow must live as
 * long as the world. false: there are too many observers. */
bool play_plot_watch(plot_flow *flow, world *w);

#endif
