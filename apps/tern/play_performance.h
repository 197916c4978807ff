/* play_performance.h - one performance of a scenario: its text read, the stage set, played, and
 * what happened recorded.
 *
 *     performance *p = performance_new(options);
 *     status = performance_read(p);        the scenario's text
 *     status = performance_stage(p, seed); hosts, links, actors
 *     status = performance_run(p);         and then p->record has it all
 *     performance_free(p);
 *
 *     performance_complaints(p)            what was expected and is not so
 *
 * Each function that returns an exit status has said all when that is not EXIT_DONE. Performances
 * share nothing: several may be alive in one process. */
#ifndef TERN_APPS_PLAY_PERFORMANCE_H
#define TERN_APPS_PLAY_PERFORMANCE_H

#include "apps/tern/play_kernel.h"
#include "apps/tern/play_options.h"
#include "apps/tern/play_plot.h"
#include "apps/tern/play_record.h"
#include "apps/tern/play_stage.h"
#include "apps/tern/play_tern.h"
#include "draw/ladder_text.h"

typedef struct performance {
    const play_options *options; /* the caller's */
    scenario_chosen chosen;      /* variants: those of the options, unless changed before the text
                                  * is read */
    scenario scenario;
    rng keys; /* of the hosts */
    world *w;
    record record;
    measures measures;
    plot_flow *plots; /* those of the options and of the scenario; NULL: none */
    stage stage;
    play_tern tern[SCENARIO_SIDES];
    play_kernel kernel;
    tun_device *device; /* the kernel's network, the caller's; NULL: only tern plays */
    ladder_text *live;  /* the caller's picture, drawn on while it happens; NULL: none */
} performance;

/* The options must outlive it. NULL: no memory. */
performance *performance_new(const play_options *options);
void performance_free(performance *p);

/* Reads the scenario of the options, and lets --lose replace what it loses. */
int performance_read(performance *p);

/* Makes the world. Set p->device before when the kernel plays. */
int performance_stage(performance *p, uint64_t seed);

/* Lets it happen, in virtual time, or in the machine's when the kernel plays. */
int performance_run(performance *p);

/* Says which expectations of the scenario do not hold, and returns their number. None is looked at
 * when the options have changed what is played. */
unsigned performance_complaints(const performance *p);

static inline bool performance_has_kernel(const play_options *o)
{
    return o->kernel[SCENARIO_CLIENT] || o->kernel[SCENARIO_SERVER];
}

#endif
