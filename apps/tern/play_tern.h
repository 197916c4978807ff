/* play_tern.h - an actor that is a tern stack in the world. */
#ifndef TERN_APPS_PLAY_TERN_H
#define TERN_APPS_PLAY_TERN_H

#include "apps/tern/play_stage.h"

typedef struct play_tern {
    stage *stage;
    scenario_side side; /* also the number of its host */
    rng *chance;        /* for the key after a restart */
    tern_handle listener, connection;
    bool has_connection;
    uint64_t unsent_bytes, sent_bytes;
    bool stopped;          /* the program reads only what `read` says: */
    uint64_t unread_bytes; /* so much more */
} play_tern;

/* Takes the part of a side whose host is in the world. */
void play_tern_begin(play_tern *t, stage *s, scenario_side side, rng *chance);

/* Would something still happen by itself, other than the end of TIME-WAIT? */
bool play_tern_is_busy(const play_tern *t);

#endif
