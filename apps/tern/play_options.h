/* play_options.h - the command line of `tern play`. */
#ifndef TERN_APPS_PLAY_OPTIONS_H
#define TERN_APPS_PLAY_OPTIONS_H

#include "apps/tern/coverage.h"
#include "apps/tern/options.h"
#include "apps/tern/play_source.h"
#include "apps/tern/scenario.h"
#include "draw/plot_flow.h"
#include "draw/style.h"

typedef struct play_options {
    play_source source;
    scenario_chosen chosen;              /* of its variants */
    bool changed;                        /* an option changes what the scenario says happens */
    bool link_given[SCENARIO_LINK_KEYS]; /* by an option */
    network_options network;             /* link: both directions */
    fault_plan plan;                     /* of --lose; replaces the scenario's when it has rules */
    behaviour behaviour[SCENARIO_SIDES]; /* --profile, --set */
    bool seed_given;
    bool kernel[SCENARIO_SIDES];
    bool ipv6;
    bool json;
    const char *svg_path; /* NULL: none */
    bool plots[PLOT_KINDS];
    const char *packetdrill_path; /* NULL: none */
    scenario_side packetdrill_side;
    const char *compare; /* KEY=A,B, or NULL */
    bool lose_nothing;   /* not even what the scenario loses, but for the plan above */
    draw_style style;
    coverage *reached; /* the caller's, for what the stacks reach; NULL: nobody asks */
} play_options;

/* Returns -1 when there is something to play, else the exit status: all is said. Free what they
 * hold in either case. */
int play_options_read(play_options *o, int argc, char **argv);
/* Takes the option of this name, one about what is played, with a value, as if it had been on the
 * command line; another name is a key of --set. false: wrong, and all is said. */
bool play_options_apply(play_options *o, const char *name, char *value);
void play_options_free(play_options *o);

#endif
