/* scenario.h - what is played: who calls what and when, and what the wire does to which packet.
 *
 * A scenario is text, one statement a line; `#` begins a comment:
 *
 *     at 0 server listen
 *     at 1ms client connect
 *     when client connected client send 100
 *     when server read 100 server send 1000
 *     when client read 1000 +50ms client close
 *     when server ended server close
 *     lose syn:1
 *
 *     at TIME SIDE CALL             SIDE: client, server
 *     when SIDE EVENT [+TIME] SIDE CALL
 *     port SIDE NUMBER              the port that a side opens from, and that the other connects to
 *     lose, duplicate, delay, corrupt ...   what the wire does: sim/fault.h
 *
 * CALL: listen, connect, send OCTETS, shutdown (no more sending), stop-reading, close, abort,
 * crash (the host forgets everything), restart. EVENT, as the program of that side sees it:
 * connected, accepted, ended (the peer has closed), closed (the connection is gone), each with
 * `:N` for the N-th time, and read OCTETS (so many in all, on this connection). A statement with
 * `when` is done once. Programs read whatever comes. */
#ifndef TERN_APPS_SCENARIO_H
#define TERN_APPS_SCENARIO_H

#include "sim/fault.h"
#include "tern/tern.h"

typedef enum scenario_side { SCENARIO_CLIENT, SCENARIO_SERVER, SCENARIO_SIDES } scenario_side;

typedef enum scenario_event {
    EVENT_TIME, /* `at` */
    EVENT_CONNECTED,
    EVENT_ACCEPTED,
    EVENT_READ,
    EVENT_ENDED,
    EVENT_CLOSED,
    SCENARIO_EVENTS,
} scenario_event;

typedef enum scenario_call {
    CALL_LISTEN,
    CALL_CONNECT,
    CALL_SEND,
    CALL_SHUTDOWN,
    CALL_STOP_READING,
    CALL_CLOSE,
    CALL_ABORT,
    CALL_CRASH,
    CALL_RESTART,
    SCENARIO_CALLS,
} scenario_call;

typedef struct scenario_step {
    scenario_event event;
    scenario_side where; /* of the event, but for EVENT_TIME */
    uint32_t nth;        /* time of the event: 1 is the first */
    uint32_t read_bytes; /* EVENT_READ */
    tern_time after_us;  /* EVENT_TIME: since the start; else since the event */
    scenario_side side;  /* who calls */
    scenario_call call;
    uint32_t send_bytes; /* CALL_SEND */
} scenario_step;

enum { SCENARIO_STEPS_MAX = 64, SCENARIO_WHY_BYTES = 256 };

typedef struct scenario {
    scenario_step steps[SCENARIO_STEPS_MAX];
    uint32_t count;
    uint16_t ports[SCENARIO_SIDES]; /* 0: ephemeral */
    fault_plan plan;
} scenario;

/* Reads the text. false: why says "line 3: what is wrong". */
bool scenario_parse(scenario *s, const char *text, char why[SCENARIO_WHY_BYTES]);

/* "client", "send". */
const char *scenario_side_name(scenario_side side);
const char *scenario_call_name(scenario_call call);

/* ---- Those that are built in --------------------------------------------------------------- */

typedef struct scenario_entry {
    const char *name;
    const char *title; /* one line, English; marked for gettext */
    const char *text;
} scenario_entry;

/* In the order of `tern play --list`; NULL past the last. */
const scenario_entry *scenario_list(size_t index);
/* NULL: there is none of that name. */
const scenario_entry *scenario_find(const char *name);

#endif
