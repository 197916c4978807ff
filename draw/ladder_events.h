/* ladder_events.h - the inside of a recording, for the pictures that are made of it. */
#ifndef TERN_DRAW_LADDER_EVENTS_H
#define TERN_DRAW_LADDER_EVENTS_H

#include "draw/ladder.h"
#include "draw/packet_text.h"

/* A packet, whatever becomes of it. */
typedef struct ladder_flight {
    uint64_t serial;
    ladder_end from, to; /* at most one of them LADDER_OUTSIDE */
    const char *who;     /* is outside, or NULL: the ladder's */
    tern_time sent_us;
    size_t sent_event; /* number of its EVENT_SENT */
    unsigned arrivals; /* copies that arrived */
    bool died;         /* a copy did not */
    ladder_fate fate;  /* when died */
    packet_summary packet;
} ladder_flight;

typedef enum ladder_event_kind {
    EVENT_SENT,
    EVENT_ARRIVED,
    EVENT_DIED,
    EVENT_STATE,
    EVENT_CAPTION, /* also by rule */
    EVENT_NOTE,
} ladder_event_kind;

enum { LADDER_REORDERED = 1 << 8 }; /* beside the marks of ladder.h: overtaken by a later one */

typedef struct ladder_event {
    ladder_event_kind kind;
    ladder_end end; /* where it happens; of a packet that died, ladder_side() */
    tern_time time_us;
    size_t flight;       /* number of the packet; of a caption, that it is about; or LADDER_NONE */
    unsigned marks;      /* EVENT_ARRIVED */
    tern_state from, to; /* EVENT_STATE */
    tern_rule rule;      /* EVENT_CAPTION: TERN_RULE_NONE is the caller's own */
    ladder_note_kind note; /* EVENT_NOTE */
    char *text;            /* caption, note; the cause of a state; NULL for a rule */
    char *source;          /* caption, or NULL */
} ladder_event;

#define LADDER_NONE SIZE_MAX

/* Events and packets are numbered from 0 in the order recorded; what is forgotten keeps its
 * number. NULL: forgotten, or not yet there. */
const ladder_event *ladder_event_get(const ladder *l, size_t number);
const ladder_flight *ladder_flight_get(const ladder *l, size_t number);
const ladder_party *ladder_party_get(const ladder *l, ladder_end end);
size_t ladder_events(const ladder *l); /* recorded, forgotten ones included */
size_t ladder_forgotten(const ladder *l);

/* Forgets the events below `number`, and packets long gone. */
void ladder_forget(ladder *l, size_t number);

/* The caption's text and source, in English. */
const char *ladder_caption_text(const ladder_event *event);
const char *ladder_caption_source(const ladder_event *event);

/* Is the caption shown by a style that is not verbose? */
bool ladder_caption_teaches(const ladder_event *event);

/* "lost", "queue full", ... in English; "duplicate", ... for one mark, NULL past the last. */
const char *ladder_fate_text(ladder_fate fate);
const char *ladder_mark_text(size_t index, unsigned *mark);

static inline ladder_end ladder_other(ladder_end end)
{
    return end == LADDER_LEFT ? LADDER_RIGHT : LADDER_LEFT;
}

/* Is the sender or the receiver outside? */
static inline bool ladder_is_foreign(const ladder_flight *f)
{
    return f->from == LADDER_OUTSIDE || f->to == LADDER_OUTSIDE;
}

/* The end beside whose lifeline a packet's words stand: its sender, unless that is outside. */
static inline ladder_end ladder_side(const ladder_flight *f)
{
    return f->from == LADDER_OUTSIDE ? f->to : f->from;
}

/* Who is outside, by name or by address. */
const char *ladder_who(const ladder_flight *f, char text[TERN_ADDRESS_TEXT_BYTES]);

/* "10.77.0.2:80", "[fd77::2]:80"; "" when the port is not known. */
enum { LADDER_ENDPOINT_BYTES = TERN_ADDRESS_TEXT_BYTES + 16 };
char *ladder_endpoint_text(const tern_endpoint *endpoint, char text[LADDER_ENDPOINT_BYTES]);

#endif
