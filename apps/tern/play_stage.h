/* play_stage.h - the director of a play: waits for the moments that a scenario names and has done
 * what it says.
 *
 * An actor is one end: a tern stack (play_tern.h) or the kernel of the machine (play_kernel.h). It
 * makes calls when it is told, and tells what its program sees. What else a scenario does (boxes,
 * attacks, sentences, expectations) the stage does itself. */
#ifndef TERN_APPS_PLAY_STAGE_H
#define TERN_APPS_PLAY_STAGE_H

#include "apps/tern/play_attack.h"
#include "apps/tern/play_measure.h"
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
    measures *measures;
    stage_actor actors[SCENARIO_SIDES];
    tern_endpoint endpoints[SCENARIO_SIDES]; /* port 0: the client's is ephemeral */

    stage_cue cues[SCENARIO_STEPS_MAX];
    bool begun[SCENARIO_STEPS_MAX];    /* the moment has come: done, or under appointment */
    uint32_t seen[SCENARIO_STEPS_MAX]; /* so often has the event happened */
    uint32_t done[SCENARIO_STEPS_MAX]; /* times */
    uint32_t appointments;
    uint64_t read_bytes[SCENARIO_SIDES];
    middlebox *boxes[SCENARIO_BOXES_MAX];
    attack attacks[SCENARIO_ATTACKS_MAX];
    bool failed_checks[SCENARIO_CHECKS_MAX]; /* that were to hold at a moment */
} stage;

/* Makes the appointments of the `at` statements, and watches the world. false: no memory. */
bool stage_begin(stage *s);
/* Frees the boxes; after the world. */
void stage_end(stage *s);

/* Something that a program sees. */
void stage_happened(stage *s, scenario_side side, scenario_event event);
/* The side has a new connection on the stage: what is read is counted anew. */
void stage_begins(stage *s, scenario_side side);
void stage_read(stage *s, scenario_side side, uint64_t bytes);
/* The connection is gone; TERN_OK when in order. text: the program's words for it. */
void stage_closed(stage *s, scenario_side side, tern_err err, const char *text);
/* A call failed. */
void stage_failed(stage *s, scenario_side side, tern_err err, const char *text);
/* A change of state that no stack traces: the kernel's, or a crash. */
void stage_state(stage *s, scenario_side side, tern_state from, tern_state to);

/* What a call looks like in the picture: "send 100". For actors, just before they make it. */
void stage_show_call(stage *s, const scenario_step *step);

/* An appointment is still to come. */
bool stage_waits(const stage *s);

static inline scenario_side stage_other(scenario_side side)
{
    return side == SCENARIO_CLIENT ? SCENARIO_SERVER : SCENARIO_CLIENT;
}

#endif
