/* lwip_server.h - the program of lwIP's server end: accept, answer, close. */
#ifndef TERN_BENCH_LWIP_SERVER_H
#define TERN_BENCH_LWIP_SERVER_H

#include "bench/lwip_rig.h"

typedef struct lwip_server {
    script_server script; /* the counters, and what script.h asks for */
    lwip_rig *rig;
    bool closes_first; /* with its answer (SCRIPT_SERVER_CLOSE) */
    struct tcp_pcb *listener;
    struct tcp_pcb *closing; /* the peer has closed: closed after the ACK has gone */
    uint64_t peer_closed;

    struct pbuf_custom pbuf; /* of the one packet that the scripted client gives */
    bool pbuf_taken;
    script_replies *replies; /* of the packet being given */
    uint32_t lives;          /* since TIME-WAIT was last swept */
    uint64_t time_waits;
} lwip_server;

/* Listens; makes s->script ready for the scripted client. The rig must be lwip_rig_init()ed with
 * lwip_server_sent() when the client is the scripted one. */
void lwip_server_init(lwip_server *s, lwip_rig *rig, bool closes_first);
void lwip_server_sent(lwip_rig *rig, struct pbuf *packet);

/* Closes the connection whose peer has closed, if there is one. */
void lwip_server_close_pending(lwip_server *s);

#endif
