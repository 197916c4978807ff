/* tern_server.h - a tern stack and the program of its server end, for the scripted client.
 *
 * Options as lwIP's: MSS and window scale, buffers of 65,535 octets, no timestamps, no SACK (the
 * scripted client's SYN offers neither). TIME-WAIT lasts 1 ms of virtual time, so that its records
 * are recycled: 140 of them are there at any time when the server closes. */
#ifndef TERN_BENCH_TERN_SERVER_H
#define TERN_BENCH_TERN_SERVER_H

#include "bench/script.h"
#include "tern/tern.h"

enum { TERN_SERVER_MTU_BYTES = 1500 };

typedef struct tern_server {
    script_server script;
    tern_stack *stack;
    size_t arena_bytes;
    tern_handle listener;
    tern_time now_us;
    bool closes_first;
    bool closing_wanted; /* the peer has closed: closed after the ACK has gone */
    tern_handle closing;
    uint64_t peer_closed;
    uint8_t packet[TERN_SERVER_MTU_BYTES];
} tern_server;

/* A configuration with room for so many connections at once, every one with data under way. */
void tern_server_config(tern_config *config, uint32_t connections);

/* A new stack; ends the program when the configuration is refused. *arena_bytes may be NULL. */
tern_stack *tern_server_stack(const tern_config *config, size_t *arena_bytes);

/* A stack of its own, listening; makes s->script ready for the scripted client. */
void tern_server_init(tern_server *s, const tern_config *config, bool closes_first);

/* Accepts, reads, answers: all events there are. */
void tern_server_events(tern_server *s);
/* Closes the connection whose peer has closed; false when there is none. */
bool tern_server_close_pending(tern_server *s);

#endif
