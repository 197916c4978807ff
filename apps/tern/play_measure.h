/* play_measure.h - what can be measured in a play, for its expectations and figures. */
#ifndef TERN_APPS_PLAY_MEASURE_H
#define TERN_APPS_PLAY_MEASURE_H

#include "apps/tern/measure_field.h"
#include "apps/tern/scenario.h"
#include "sim/world.h"

enum { MEASURES_TIMES_MAX = 32, MEASURES_TEXT_BYTES = 512 };

/* How often, and when the first times. */
typedef struct measures_count {
    uint64_t count;
    tern_time times_us[MEASURES_TIMES_MAX];
} measures_count;

typedef struct measures_side {
    tern_state state;
    char states[MEASURES_TEXT_BYTES]; /* with blanks between */
    tern_err error;                   /* the last; TERN_OK: none */
    uint64_t read_bytes;
    measures_count sent[FAULT_NAMES], events[SCENARIO_EVENTS];
    bool has_connection, has_status, has_usage;
    tern_handle connection; /* that is on the stage */
    tern_status status;     /* as last seen */
    uint64_t now[MEASURE_FIELDS_MAX], least[MEASURE_FIELDS_MAX], most[MEASURE_FIELDS_MAX];
} measures_side;

typedef struct measures {
    world *w;
    measures_side sides[SCENARIO_SIDES];
    uint64_t packets, hash;
} measures;

typedef struct measure_value {
    bool is_known;
    bool is_text;
    uint64_t number;
    char text[MEASURES_TEXT_BYTES];
} measure_value;

/* Watches the world. false: too many do. */
bool measures_begin(measures *m, world *w);

/* What the stage and its actors tell. */
void measures_event(measures *m, scenario_side side, scenario_event event);
void measures_read(measures *m, scenario_side side, uint64_t bytes);
void measures_error(measures *m, scenario_side side, tern_err err);
void measures_state(measures *m, scenario_side side, tern_state state);
/* The connection that is on the stage now; NULL: none. */
void measures_connection(measures *m, scenario_side side, const tern_handle *connection);

/* The connection on the stage as it was last seen; NULL: there was none. */
const tern_status *measures_status(const measures *m, scenario_side side);

measure_value measures_get(const measures *m, const scenario_measure *measure);
/* For a reader: "40 ms", "1400", "-". Returns text. */
char *measures_text(const measures *m, const scenario_measure *measure,
                    char text[MEASURES_TEXT_BYTES]);

bool measures_check(const measures *m, const scenario_check *check);

#endif
