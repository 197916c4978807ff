/* scenario.h - what is played: who calls what and when, what the wire and those on it do, and what
 * must have come of it in the end.
 *
 * A scenario is text, one statement a line; docs/SCENARIOS.md has the language. This is what it
 * becomes. All texts are spans of the text that was read, which must outlive the scenario. */
#ifndef TERN_APPS_SCENARIO_H
#define TERN_APPS_SCENARIO_H

#include "apps/tern/scenario_setting.h"
#include "sim/fault.h"
#include "sim/middlebox.h"
#include "tern/status.h"
#include "tern/tern.h"

enum {
    SCENARIO_STEPS_MAX = 96,
    SCENARIO_SETTINGS_MAX = 48,
    SCENARIO_BOXES_MAX = 8,
    SCENARIO_ATTACKS_MAX = 12,
    SCENARIO_CHECKS_MAX = 48,
    SCENARIO_FIGURES_MAX = 16,
    SCENARIO_VARIANTS_MAX = 8,
    SCENARIO_PLOTS_MAX = 4,
    SCENARIO_NAME_BYTES = 32,
    SCENARIO_LINE_BYTES = 400,
    SCENARIO_TEXT_BYTES = 65536, /* of a whole scenario */
    SCENARIO_WHY_BYTES = 600,
};

typedef enum scenario_side { SCENARIO_CLIENT, SCENARIO_SERVER, SCENARIO_SIDES } scenario_side;

/* A sentence in two languages; ko.bytes 0: only English. `line`: where it stands. */
typedef struct scenario_span {
    const char *at;
    uint32_t bytes;
} scenario_span;

typedef struct scenario_words {
    scenario_span en, ko;
} scenario_words;

/* ---- When ---------------------------------------------------------------------------------- */

typedef enum scenario_event {
    EVENT_TIME, /* `at` */
    EVENT_CONNECTED,
    EVENT_ACCEPTED,
    EVENT_READ,
    EVENT_ENDED,
    EVENT_CLOSED,
    EVENT_SENDS, /* a packet of a name, as in sim/fault.h, leaves the side */
    EVENT_GETS,  /* reaches it */
    EVENT_STATE, /* the side's connection with the other comes into a state */
    EVENT_RULE,  /* the side's stack decides by a rule */
    SCENARIO_EVENTS,
} scenario_event;

typedef struct scenario_moment {
    scenario_event event;
    scenario_side where; /* of the event, but for EVENT_TIME */
    uint32_t nth;        /* time of the event: 1 is the first */
    uint32_t read_bytes; /* EVENT_READ: so many in all, on this connection */
    fault_name packet;   /* EVENT_SENDS, EVENT_GETS */
    tern_state state;    /* EVENT_STATE */
    tern_rule rule;      /* EVENT_RULE */
} scenario_moment;

/* ---- What ---------------------------------------------------------------------------------- */

typedef enum scenario_call {
    CALL_LISTEN,
    CALL_CONNECT,
    CALL_SEND,
    CALL_READ,          /* so many octets, by one who has stopped reading */
    CALL_STOP_READING,  /* the program takes no more; its TCP does */
    CALL_START_READING, /* whatever comes, as at the start */
    CALL_OPTION,
    CALL_SHUTDOWN,
    CALL_SHUTDOWN_READING,
    CALL_CLOSE,
    CALL_ABORT,
    CALL_CRASH,
    CALL_RESTART,
    SCENARIO_CALLS,
} scenario_call;

typedef enum scenario_deed {
    DEED_CALL,   /* side's program calls */
    DEED_SAY,    /* words, at the side's margin */
    DEED_BOX,    /* boxes[index] comes to the side's door */
    DEED_ATTACK, /* attacks[index] begins */
    DEED_EXPECT, /* checks[index] must hold now */
} scenario_deed;

typedef struct scenario_step {
    scenario_moment moment;
    tern_time after_us; /* EVENT_TIME: since the start; else since the event */
    tern_time every_us; /* times > 1: done again after so long */
    uint32_t times;     /* 1 .. */
    scenario_deed deed;
    scenario_side side;
    scenario_call call;     /* DEED_CALL */
    uint32_t octets;        /* CALL_SEND, CALL_READ */
    uint16_t port;          /* CALL_CONNECT: from this one; 0: the scenario's */
    bool fast;              /* CALL_LISTEN, CALL_CONNECT: Fast Open, with octets in the SYN */
    setting_option setting; /* CALL_OPTION */
    scenario_words words;   /* DEED_SAY */
    scenario_span source;   /* of the words: "RFC 9293 3.5"; bytes 0: none */
    uint32_t index;
    uint32_t line;
} scenario_step;

/* `client set mtu 1400` */
typedef struct scenario_set {
    scenario_side side;
    setting_value value;
    uint32_t line;
} scenario_set;

/* `box client strip sack`; no box: the one at the door goes. */
typedef struct scenario_box {
    scenario_side side;
    bool present;
    middlebox_config config;
} scenario_box;

typedef enum scenario_guess {
    GUESS_RANDOM, /* any of 2^32 */
    GUESS_WINDOW, /* somewhere in the receive window */
    GUESS_EXACT,  /* the next number that the target expects */
} scenario_guess;

/* What one off the path sends. */
typedef struct scenario_attack {
    scenario_side to;
    bool flood;     /* SYNs from random addresses; else in the name of the other side */
    uint64_t count; /* packets */
    tern_time every_us;
    uint8_t flags; /* as in the TCP header */
    bool data;     /* one octet of it */
    scenario_guess guess;
} scenario_attack;

/* ---- The wire ------------------------------------------------------------------------------ */

typedef enum scenario_link_key {
    LINK_DELAY,
    LINK_JITTER,
    LINK_RATE,
    LINK_QUEUE,
    LINK_LOSS,
    LINK_DUPLICATE,
    LINK_REORDER,
    SCENARIO_LINK_KEYS,
} scenario_link_key;

typedef struct scenario_link {
    bool given[SCENARIO_LINK_KEYS];
    uint64_t value[SCENARIO_LINK_KEYS]; /* us, bits a second, packets, parts per million */
} scenario_link;

/* ---- What came of it ----------------------------------------------------------------------- */

typedef enum measure_kind {
    MEASURE_STATE,   /* text: the connection's state now */
    MEASURE_STATES,  /* text: all it was in, in order */
    MEASURE_ERROR,   /* text: the last that the program was told, "none" */
    MEASURE_COUNTER, /* of a rule */
    MEASURE_NOW,     /* a field of the connection's status, or of the stack's use of memory */
    MEASURE_LEAST,
    MEASURE_MOST,
    MEASURE_READ,    /* octets, over all connections */
    MEASURE_SENT,    /* packets of a name */
    MEASURE_EVENTS,  /* how often the program saw an event */
    MEASURE_TIME,    /* us: of the nth event or packet sent */
    MEASURE_MEMORY,  /* octets of the stack's arena */
    MEASURE_PACKETS, /* no side: all that were sent */
    MEASURE_HASH,    /* no side: text: of all that was sent, and when */
} measure_kind;

/* The nth time that a side's program saw an event, or that it sent a packet. */
typedef struct scenario_instant {
    scenario_side side;
    bool is_packet;
    scenario_event event; /* of those that a program sees */
    fault_name packet;
    uint32_t nth;
} scenario_instant;

typedef struct scenario_measure {
    measure_kind kind;
    scenario_side side;
    tern_rule rule;
    uint32_t field; /* measure_field */
    scenario_instant instant, since;
    bool has_since;
} scenario_measure;

typedef enum scenario_relation {
    RELATION_IS,
    RELATION_IS_NOT,
    RELATION_LESS,
    RELATION_AT_MOST,
    RELATION_MORE,
    RELATION_AT_LEAST,
} scenario_relation;

typedef struct scenario_check {
    scenario_measure measure;
    scenario_relation relation;
    uint64_t number;    /* of a measure that is one */
    scenario_span text; /* of one that is not */
    scenario_span said; /* the whole statement, for the message */
    uint32_t line;
} scenario_check;

typedef struct scenario_figure {
    scenario_measure measure;
    scenario_words words;
} scenario_figure;

/* `variant cookies=off`: chosen by --cookies off; `variant two-way`: by --two-way. */
typedef struct scenario_variant {
    char name[SCENARIO_NAME_BYTES];
    scenario_words words;
    bool against; /* played too, for the table of figures */
} scenario_variant;

typedef struct scenario_chosen {
    char names[SCENARIO_VARIANTS_MAX][SCENARIO_NAME_BYTES];
    uint32_t count;
} scenario_chosen;

typedef enum scenario_plot { PLOT_CWND, PLOT_SEQUENCE, PLOT_WINDOW, SCENARIO_PLOTS } scenario_plot;

typedef struct scenario {
    scenario_words title;
    scenario_step steps[SCENARIO_STEPS_MAX];
    uint32_t count;
    scenario_set sets[SCENARIO_SETTINGS_MAX];
    uint32_t set_count;
    scenario_box boxes[SCENARIO_BOXES_MAX];
    uint32_t box_count;
    scenario_attack attacks[SCENARIO_ATTACKS_MAX];
    uint32_t attack_count;
    scenario_check checks[SCENARIO_CHECKS_MAX];
    uint32_t check_count;
    bool check_at_end[SCENARIO_CHECKS_MAX]; /* else by a step */
    scenario_figure figures[SCENARIO_FIGURES_MAX];
    uint32_t figure_count;
    scenario_variant variants[SCENARIO_VARIANTS_MAX];
    uint32_t variant_count;
    scenario_plot plots[SCENARIO_PLOTS_MAX];
    uint32_t plot_count;
    bool no_ladder;
    uint16_t ports[SCENARIO_SIDES]; /* 0: ephemeral */
    bool two_way[SCENARIO_SIDES];   /* tern/simulation.h: no third step for who listens there */
    scenario_link link;
    uint32_t key; /* number of the hosts' keys, added to the seed */
    tern_time until_us;
    fault_plan plan;
} scenario;

/* Reads the text, with the variants chosen (NULL: none). false: why says "line 3: what is
 * wrong". */
bool scenario_parse(scenario *s, const char *text, const scenario_chosen *chosen,
                    char why[SCENARIO_WHY_BYTES]);

/* "client", "send"; the names of measure_field. */
const char *scenario_side_name(scenario_side side);
const char *scenario_call_name(scenario_call call);

/* The sentence in the language of the user, cut to the buffer. Returns text. */
char *scenario_say(const scenario_words *words, char *text, size_t cap_bytes);
char *scenario_span_text(const scenario_span *span, char *text, size_t cap_bytes);

/* ---- Those that are built in --------------------------------------------------------------- */

typedef struct scenario_entry {
    const char *name;
    const char *text;
} scenario_entry;

/* In the order of `tern play --list`; NULL past the last. */
const scenario_entry *scenario_list(size_t index);
/* NULL: there is none of that name. */
const scenario_entry *scenario_find(const char *name);

#endif
