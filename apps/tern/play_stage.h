/* play_stage.h - the director of a play: waits for the events that a scenario names and lets the
 * actors make their calls.
 *
 * An actor is one end: a tern stack (play_tern.h) or the kernel of the machine (play_kernel.h). It
 * makes calls when it is told, and tells what its program sees. */
#ifndef TERN_APPS_PLAY_STAGE_H
#define TERN_APPS_PLAY_STAGE_H

#include "apps/tern/play_record.h"
#include "apps/tern/scenario.h"
#include "sim/world.h"

struct stage;

/* An appointment: step `index` is due at a time. */
typedef struct stage_cue {
    struct stage *stage;
    uint32_t index;
} stage_cue;

typedef struct stage_actor {
    void (*call)(void *context, const scenario_step *step);
    void *context;
} stage_actor;

typedef struct stage {
    const scenario *scenario;
    world *w;
    record *record;
    stage_actor actors[SCENARIO_SIDES];
    tern_endpoint endpoints[SCENARIO_SIDES]; /* port 0: the client's is ephemeral */

    stage_cue cues[SCENARIO_STEPS_MAX];
    bool begun[SCENARIO_STEPS_MAX]; /* the event has come: done, or under appointment */
    uint32_t appointments;
    uint32_t counts[SCENARIO_SIDES][SCENARIO_EVENTS];
    uint64_t read_bytes[SCENARIO_SIDES];
} stage;

/* Makes the appointments of the `at` statements. false: no memory. */
bool stage_begin(stage *s);

/* Something that a program sees. */
void stage_happened(stage *s, scenario_side side, scenario_event event);
void stage_read(stage *s, scenario_side side, uint64_t bytes);
/* The connection is gone; text: why, NULL when in order. */
void stage_closed(stage *s, scenario_side side, const char *text);

/* What a call looks like in the picture: "send 100". For actors, just before they make it. */
void stage_show_call(stage *s, const scenario_step *step);

/* An appointment is still to come. */
bool stage_waits(const stage *s);

static inline scenario_side stage_other(scenario_side side)
{
    return side == SCENARIO_CLIENT ? SCENARIO_SERVER : SCENARIO_CLIENT;
}

#endif
