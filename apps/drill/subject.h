/* subject.h - what a script tests: one stack with its sockets, in a time of its own.
 *
 * The script is the network: it gives packets (subject_inject()) and takes those that the stack
 * sends, which lie in the outbox with the time of their sending. */
#ifndef TERN_APPS_DRILL_SUBJECT_H
#define TERN_APPS_DRILL_SUBJECT_H

#include "tern/sockets.h"
#include "tern/status.h"
#include "tern/trace.h"

typedef struct subject_packet {
    struct subject_packet *next;
    tern_time sent_us;
    size_t bytes;
    uint8_t octets[];
} subject_packet;

/* Memory of a stack that goes from run to run: {0} to begin with, the owner frees it. A fresh arena
 * for each of thousands of short runs costs more than the runs. */
typedef struct subject_arena {
    void *octets;
    size_t bytes;
} subject_arena;

typedef struct subject {
    tern_config config;
    tern_stack *stack;
    subject_arena *arena; /* NULL: the stack has one of its own */
    tern_sockets *table;
    tern_time now_us;
    uint64_t events; /* that the stack has told */
    uint64_t steps, steps_max;
    bool exhausted; /* steps_max, or memory */
    bool waiting;   /* a call of the sockets waits */
    bool connected; /* what it may wait for has come: it goes on before the stack sends */
    subject_packet *outbox, **outbox_end;
    int first_descriptor; /* the lowest that a socket gets; 0: 3, as in a new program */
    void *context;        /* of the three below */
    /* Called while a call of the sockets waits; see tern_sockets_host.wait. */
    bool (*wait)(void *context, tern_time until_us);
    /* NULL, or told each packet as it goes in or out, and each decision. */
    void (*packet)(void *context, bool inbound, const uint8_t *octets, size_t bytes);
    tern_trace_hook *traced;
} subject;

enum { SUBJECT_FIRST_DESCRIPTOR = 3, SUBJECT_DESCRIPTORS = 64 };

/* What `s` has of arena, first_descriptor, context, wait, packet, traced and now_us stays; config
 * is copied. false: no memory, or a configuration that tern_size() refuses (*why). */
bool subject_begin(subject *s, const tern_config *config, const char **why);
void subject_end(subject *s);

/* Takes in what the stack has to tell and to send, now. */
void subject_settle(subject *s);

typedef enum subject_until {
    UNTIL_TIME,
    UNTIL_EVENT,  /* the stack has told something */
    UNTIL_PACKET, /* the outbox is not empty */
} subject_until;

/* Lets time pass: to until_us, or to what is named if that comes before. */
void subject_pass(subject *s, tern_time until_us, subject_until until);

/* One packet comes; when it is the last of this time, the stack is asked what it has to say. */
void subject_inject(subject *s, const uint8_t *octets, size_t bytes, bool last);

/* The oldest packet that the stack has sent, the caller's to free; NULL: none. */
subject_packet *subject_take(subject *s);

#endif
