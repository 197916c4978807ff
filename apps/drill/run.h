/* run.h - runs a packetdrill script against a tern stack, in virtual time and without root.
 *
 * The script's packets are the network, its calls go to the socket layer, its clock is the stack's.
 * Nothing that a script says reaches the machine, shell commands are looked up in a table; but for
 * assertions that are beyond tern, where an interpreter of Python is given. */
#ifndef TERN_APPS_DRILL_RUN_H
#define TERN_APPS_DRILL_RUN_H

#include "apps/drill/subject.h"
#include "apps/pkt/script.h"
#include "tern/status.h"
#include "tern/trace.h"

typedef enum drill_outcome {
    DRILL_PASS,
    DRILL_FAIL,        /* the stack did other than the script says */
    DRILL_UNSUPPORTED, /* the script asks for what tern has not */
    DRILL_ERROR,       /* no memory, or a script that never ends */
} drill_outcome;

enum { DRILL_TEXT_BYTES = 1024 };

typedef struct drill_verdict {
    drill_outcome outcome;
    pkt_place place; /* of what was not as it should be */
    char text[DRILL_TEXT_BYTES];
    tern_rule rule;  /* the stack's last decision that teaches; TERN_RULE_NONE: none yet */
    tern_time at_us; /* since the script began */
} drill_verdict;

/* Who looks on; each may be NULL. Times are since the script began. */
typedef struct drill_observer {
    void *context;
    /* One IP packet, as it goes into the stack or comes out of it. */
    void (*packet)(void *context, tern_time at_us, bool inbound, const uint8_t *octets,
                   size_t bytes);
    void (*traced)(void *context, tern_time at_us, const tern_trace *trace);
    /* A call of the script, as the script has it, before it is made. */
    void (*called)(void *context, tern_time at_us, const pkt_call *call);
} drill_observer;

typedef enum drill_family { DRILL_IPV4, DRILL_IPV6, DRILL_MAPPED } drill_family;

typedef struct drill_options {
    tern_config config;     /* of the stack: the profile, and what was set on the command line */
    bool profile_given;     /* a script that names another does not change it */
    const char *const *set; /* "KEY=VALUE": what comes over a script's own profile */
    unsigned sets;
    drill_family family;            /* of a script that names none */
    const pkt_option *flags;        /* over those at the head of the script; NULL: none */
    const char *python;             /* what reads assertions that tern cannot; NULL: nobody */
    bool leftovers;                 /* what the script does not look at in the end is no failure */
    const drill_observer *observer; /* NULL: nobody */
    subject_arena *arena;           /* NULL: the run has one of its own */
} drill_options;

/* Is an option's value what drill_play() will take? If not, the verdict's text says why. */
bool drill_option_check(const pkt_option *option, drill_verdict *verdict);

/* Runs it to its end or to the first thing that is not as the script says. The same script and the
 * same options have the same verdict, always. */
void drill_play(const pkt_script *script, const drill_options *options, drill_verdict *verdict);

#endif
