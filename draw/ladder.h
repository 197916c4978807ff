/* ladder.h - a recording of a conversation between two ends, to be drawn as a ladder.
 *
 * The caller tells what happens in the order of time: packets sent, arrived, lost; states changed;
 * decisions made; what the program did. At one instant, cause before effect: a packet's arrival
 * before the decisions and the change of state that it leads to (whoever is told of the arrival
 * last keeps the others back until then), and these before the packets that they send. From the
 * same recording come the terminal ladder (ladder_text.h), the SVG (ladder_svg.h) and the JSON
 * lines (ladder_json.h).
 *
 * Who is neither end (an attacker, a router, a middlebox, an address that nobody has) is outside:
 * it has no lifeline, its packets come out of the middle of the lane or end there.
 *
 * All that comes in is data: the octets of a packet may be anything. Texts are copied. When there
 * is no memory left, the recording stops and says so (ladder_is_cut()); nothing else fails. At
 * LADDER_EVENTS_MAX events it is full: what happens later is counted (ladder_left_out()). */
#ifndef TERN_DRAW_LADDER_H
#define TERN_DRAW_LADDER_H

#include "tern/tern.h"

typedef struct ladder ladder;

enum { LADDER_EVENTS_MAX = 1 << 18 };

typedef enum ladder_end {
    LADDER_LEFT,
    LADDER_RIGHT,
    LADDER_OUTSIDE, /* sends and gets packets, and nothing else */
} ladder_end;

typedef struct ladder_party {
    const char *name;       /* "client" */
    const char *kind;       /* what plays it: "tern", "kernel" */
    tern_endpoint endpoint; /* port 0: not known; that of the first segment is taken */
    tern_state state;       /* at the start; TERN_STATES: not known */
} ladder_party;

/* NULL without memory. */
ladder *ladder_new(const ladder_party *left, const ladder_party *right);
void ladder_free(ladder *l);

/* A packet leaves an end, or somebody outside. */
typedef struct ladder_packet {
    uint64_t serial; /* the caller's, not 0, of no other packet in the recording */
    ladder_end from;
    tern_time time_us;
    const void *octets; /* one IP packet, read here and not kept */
    size_t bytes;
    ladder_end to;   /* from outside: the end it is for; from an end: LADDER_OUTSIDE, or else it is
                        for the other end, whatever stands here */
    const char *who; /* who is outside: "attacker"; NULL: the address says it. Copied. */
} ladder_packet;

void ladder_sent(ladder *l, const ladder_packet *packet);

/* What the network did to a packet that arrives: a set of these bits. That a packet comes after
 * one that was sent later (reordering) is found out here and need not be told. */
enum {
    LADDER_DUPLICATE = 1 << 0, /* a copy that the network made */
    LADDER_CORRUPTED = 1 << 1, /* not the octets that were sent */
    LADDER_DELAYED = 1 << 2,   /* held back on purpose */
    LADDER_CHANGED = 1 << 3,   /* a middlebox has written in it, and kept it whole */
};

/* The packet reaches the end it is for: call it once for each copy that does. */
void ladder_arrived(ladder *l, uint64_t serial, tern_time time_us, unsigned marks);

typedef enum ladder_fate {
    LADDER_LOST,       /* the network lost it */
    LADDER_QUEUE_FULL, /* the queue in front of the link was full */
    LADDER_TOO_BIG,    /* larger than the link takes */
    LADDER_BLOCKED,    /* a middlebox or a firewall dropped it */
} ladder_fate;

/* The packet will not arrive: time_us is when it died, or when it was sent. */
void ladder_died(ladder *l, uint64_t serial, tern_time time_us, ladder_fate fate);

/* A connection changes its state at an end. `to` TERN_STATES: not known any more. */
typedef struct ladder_change {
    ladder_end end;
    tern_time time_us;
    tern_state from, to;
    const char *cause; /* tern_cause_name(), or NULL */
} ladder_change;

void ladder_state(ladder *l, const ladder_change *change);

/* A decision by rule: the caption is the rule's text and source. Rules that fire for nearly every
 * segment (ACK_NEW, RTT_SAMPLED, ...) are shown by a verbose style only. */
void ladder_rule(ladder *l, ladder_end end, tern_time time_us, tern_rule rule);

/* A caption of the caller's own, always shown. `source` may be NULL. */
void ladder_caption(ladder *l, ladder_end end, tern_time time_us, const char *text,
                    const char *source);

typedef enum ladder_note_kind {
    LADDER_CALL,  /* what the program does: "connect", "send 100", "close" */
    LADDER_ERROR, /* what it is told: "connection refused" */
} ladder_note_kind;

/* Something between the program at an end and its TCP. The text is shown as it is: translate it
 * before. */
void ladder_note(ladder *l, ladder_end end, tern_time time_us, ladder_note_kind kind,
                 const char *text);

/* The recording stopped for want of memory. */
bool ladder_is_cut(const ladder *l);
/* Events that came when it was full. */
uint64_t ladder_left_out(const ladder *l);

#endif
