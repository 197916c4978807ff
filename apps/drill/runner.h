/* runner.h - a run on its way: what its parts share. */
#ifndef TERN_APPS_DRILL_RUNNER_H
#define TERN_APPS_DRILL_RUNNER_H

#include "apps/drill/datagram.h"
#include "apps/drill/run.h"
#include "apps/drill/system.h"

#include <stdio.h>

enum { RUNNER_DESCRIPTORS = SUBJECT_DESCRIPTORS, RUNNER_STAMPS_MAX = 256 };

/* The connection that the script's packets are of: what differs between the script's numbers and
 * those on the wire. The peer's own numbers are the script's. */
typedef struct runner_flow {
    bool known;      /* a packet of it was seen or made */
    bool listening;  /* a listener waits for the first packet */
    bool connecting; /* connect() was called; the SYN will tell the ports */
    tern_endpoint local, remote;
    /* As packetdrill has it: in a SYN the script's numbers are the peer's own, and the stack's from
     * the ISN that the script gives it; in all other segments both count from the ISNs. */
    bool isn_known;
    uint32_t isn_script, isn_wire; /* of the stack; 0 until a SYN told them */
    bool peer_known;
    uint32_t peer_isn; /* the same in both */
    bool ecn_asked;    /* the peer's SYN asks for ECN (RFC 3168 6.1.1) */
    /* Timestamps that the script gave the stack's: wire = what was really sent. */
    struct {
        uint32_t script, wire;
    } stamps[RUNNER_STAMPS_MAX];
    uint32_t stamp_count;
} runner_flow;

/* On the wire - in the script: of the stack's sequence numbers, and of the peer's. */
static inline uint32_t runner_isn(const runner_flow *f, uint16_t flags)
{
    return (flags & PKT_SYN) != 0 ? f->isn_wire - f->isn_script : f->isn_wire;
}

static inline uint32_t runner_peer_isn(const runner_flow *f, uint16_t flags)
{
    return (flags & PKT_SYN) != 0 ? 0 : f->peer_isn;
}

/* A name that the script's assertions have set. */
typedef struct runner_value {
    char name[48];
    int64_t value;
} runner_value;

enum { RUNNER_VALUES_MAX = 32 };

/* Does the system use ECN? tern has none: a script may say what it likes of it, as long as no
 * segment would be another with it. */
typedef enum runner_ecn { RUNNER_ECN_NEVER, RUNNER_ECN_ALWAYS, RUNNER_ECN_WHEN_ASKED } runner_ecn;

/* What a script's options and commands have set that no configuration has. */
typedef struct runner_system {
    runner_ecn ecn;
    system_fast_open fast_open;
    bool segments_alone;           /* several of the stack's are not one of the script's */
    bool segments_cut;             /* with it: the device did not cut them, the system itself did */
    uint32_t inbound_mss_bytes;    /* larger packets come as several of this; 0: as they are */
    uint64_t counters[TERN_RULES]; /* as nstat saw them last */
} runner_system;

/* The script's code as a program of Python (python.h). */
typedef struct runner_python {
    FILE *out; /* writes text; NULL: no code yet */
    char *text;
    size_t bytes;
    bool needed; /* by the statement at the place */
    bool cut;    /* it did not fit */
    pkt_place place;
    const char *statement;
    int statement_bytes;
} runner_python;

typedef struct runner {
    const pkt_script *script;
    drill_options options;
    drill_verdict *verdict;
    bool over; /* the verdict is given */
    subject subject;
    runner_system system;
    const pkt_event *event; /* that comes next */
    const pkt_event *last;
    tern_time start_us;     /* the stack's time when the script began */
    int64_t last_us;        /* when the last event happened, since the start */
    int64_t last_script_us; /* when the script has it */
    int64_t call_us;        /* when the script has the call that is on its way */
    int64_t tolerance_us;
    double tolerance_percent;
    tern_endpoint local, remote; /* of connections, as configured */
    uint16_t next_remote_port;
    runner_flow flow;
    int live[RUNNER_DESCRIPTORS]; /* by the script's number: the table's; -1: none */
    int descriptor; /* the connection under test: accepted or connected last; -1: none */
    runner_value values[RUNNER_VALUES_MAX];
    uint32_t value_count;
    runner_python python;
    uint32_t packets_out;
} runner;

/* Gives the verdict, once: the first counts. */
void runner_verdict(runner *r, drill_outcome outcome, pkt_place place, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Microseconds since the script began. */
int64_t runner_now_us(const runner *r);

/* When an event shall happen, since the start; *end_us of a range (else the same). */
int64_t runner_due_us(const runner *r, const pkt_event *event, int64_t *end_us);

/* A call on fd is about to open a connection, unless fd has one: then the script's packets are of
 * that one. */
void runner_connects(runner *r, int fd);

/* Was something that the script has at due_us .. end_us done at the right time? */
bool runner_on_time(runner *r, const pkt_event *event, int64_t actual_us, const char *what);

/* settings.c: what the script's options ask of the stack. */
bool settings_of_script(runner *r);

/* commands.c: shell commands, which never reach a shell. */
bool commands_run(runner *r, pkt_place place, const char *text);

/* inbound.c, outbound.c */
void inbound_packet(runner *r, const pkt_event *event);
void outbound_packet(runner *r, const pkt_event *event);
/* Drops what other connections send; the oldest packet of the flow, the caller's; NULL: none. */
subject_packet *outbound_take(runner *r, datagram_view *view);

/* calls.c */
void calls_event(runner *r, const pkt_event *event);

/* code.c */
void code_event(runner *r, const pkt_event *event);

#endif
