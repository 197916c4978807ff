/* play_record.h - what a play leaves behind: the ladder, and the packets with their captions. */
#ifndef TERN_APPS_PLAY_RECORD_H
#define TERN_APPS_PLAY_RECORD_H

#include "apps/tern/scenario.h"
#include "draw/ladder.h"
#include "sim/world.h"

#include <stdio.h>

typedef struct record_packet {
    uint64_t serial;
    world_host at; /* whose interface saw it: a side, or one outside */
    bool inbound;
    tern_time time_us;
    uint8_t *octets;
    size_t bytes;
    unsigned fate;     /* of one that was sent */
    unsigned arrivals; /* of one that was sent */
    char *captions;    /* a line each, or NULL */
} record_packet;

typedef struct record {
    world *w;
    ladder *ladder;
    tern_address addresses[SCENARIO_SIDES];
    tern_address outer_addresses[SCENARIO_SIDES]; /* behind a NAT: how the other side sees it */
    bool outside_rules[TERN_RULES];               /* decided about those outside, and told */
    bool verbose;                                 /* captions of every decision */
    record_packet *packets;
    size_t count, room;
    size_t arriving[SCENARIO_SIDES]; /* 1 + the packet that the stack deals with now; 0: none */
    char *owed[SCENARIO_SIDES];      /* captions of the packet that it sends next */
    tern_time last_us;               /* when something last happened */
    bool failed;                     /* no memory for more */
} record;

/* Begins to record a world whose host 0 is the client and host 1 the server, between the two
 * parties given. false: no memory. */
bool record_begin(record *r, world *w, const ladder_party parties[SCENARIO_SIDES]);
void record_end(record *r);

/* A program calls its TCP; what it is told. The texts are shown as they are. */
void record_call(record *r, scenario_side side, const char *text);
void record_error(record *r, scenario_side side, const char *text);
/* A sentence of the play's own; source may be NULL. */
void record_caption(record *r, scenario_side side, const char *text, const char *source);
/* A change of state that no stack traces: the kernel's, or a crash. */
void record_state(record *r, scenario_side side, tern_state from, tern_state to);

/* Is the change of a connection between the two sides, or of a listener? Those with others are not
 * on the stage. */
bool record_is_between(const record *r, scenario_side side, const tern_trace *trace);

/* Writes the capture. false: it could not be written whole. */
bool record_write_capture(const record *r, FILE *out);

#endif
