/* peer_fixture.h - the program at one end of a property run: opens, sends a pattern, checks the
 * pattern that comes, closes in its own manner. */
#ifndef TERN_TESTS_SIM_PEER_FIXTURE_H
#define TERN_TESTS_SIM_PEER_FIXTURE_H

#include "sim/world.h"

enum { PEER_WHY_BYTES = 200 };

typedef struct peer {
    /* Given. */
    world *w;
    world_host host;
    uint32_t send_key, recv_key; /* the patterns: see peer_octet() */
    uint64_t send_total;
    uint32_t write_bytes, read_bytes; /* of one call */
    tern_time pause_us; /* a slow reader reads once in this time; 0: at once, all there is */
    uint64_t nap_at;    /* having read so many octets, reads nothing for nap_us */
    tern_time nap_us;
    bool opens_fast;    /* by Fast Open, or lets others in by it */
    bool replies;       /* sends only when the other end has shut down (half-close) */
    bool closes_last;   /* its FIN waits for the other's */
    bool closes_whole;  /* tern_close() where others call tern_shutdown(): expects no more data */
    bool shuts_reading; /* gives up reading at once: checks nothing that comes */

    /* Found. */
    tern_handle listener, connection;
    bool has_connection;
    bool was_open;  /* had a connection, at one time */
    bool connected; /* a CLOSE before that would delete it (RFC 9293 3.10.4) */
    uint64_t sent, received;
    bool saw_end; /* the other's FIN, after all its data */
    bool shut;    /* own FIN queued */
    bool done;    /* the handle was given back */
    bool poke_waits;
    bool asleep;
    tern_err error;           /* how the connection ended */
    char why[PEER_WHY_BYTES]; /* what was wrong; "" nothing */
} peer;

/* Octet `at` of the stream with that key: depends on its position. */
uint8_t peer_octet(uint32_t key, uint64_t at);

void peer_listen(peer *p, const tern_endpoint *local);
void peer_connect(peer *p, const tern_endpoint *local, const tern_endpoint *remote);

/* Gives up at once: tern_abort(). Nothing when there is no connection. */
void peer_abort(peer *p);

/* The stack is gone; so are its handles. */
void peer_forget(peer *p);

/* A world_program; context: the peer. */
void peer_program(void *context, world *w, world_host host, const tern_event *event);

#endif
