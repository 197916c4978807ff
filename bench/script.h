/* script.h - a bare scripted client: the peer of a server that is measured alone.
 *
 * It keeps one connection at a time in two sequence numbers, builds its packets by copying a
 * template and patching ports, sequence numbers and checksum, and reads of each reply what it
 * needs to go on. Everything that the server says is checked: flags, SEQ, ACK, text. What the
 * client costs is measured in the same process against a server that does nothing
 * (script_null_server) and subtracted. */
#ifndef TERN_BENCH_SCRIPT_H
#define TERN_BENCH_SCRIPT_H

#include "bench/bench.h"

enum {
    SCRIPT_TEXT_BYTES = 100, /* of a request and of a reply */
    SCRIPT_PACKET_MAX = 160,
    SCRIPT_SERVER_PORT = 80,
    SCRIPT_REPLIES_MAX = 4, /* packets a server may send because of one */
    SCRIPT_WINDOW = 65535,
};

/* The server's address in every row: 10.0.0.1; the client is 10.9.0.1, the idle ones 10.1.x.1. */
#define SCRIPT_SERVER_ADDRESS 0x0a000001u
#define SCRIPT_CLIENT_ADDRESS 0x0a090001u

extern const uint8_t script_request[SCRIPT_TEXT_BYTES];
extern const uint8_t script_answer[SCRIPT_TEXT_BYTES];

typedef enum script_kind {
    SCRIPT_CLOSE,        /* handshake; the client closes, then the server: 7 segments */
    SCRIPT_REQUEST,      /* the same around a request and a reply: 9 segments */
    SCRIPT_SERVER_CLOSE, /* request and reply, closed first by the server, which is left in
                          * TIME-WAIT: 7 segments (the FIN goes with the reply) */
} script_kind;

/* What the client needs to know of a packet that the server sent. */
typedef struct script_reply {
    uint32_t seq, ack;
    uint32_t text_bytes;
    uint8_t flags;
    bool text_right; /* no text, or script_answer */
} script_reply;

typedef struct script_replies {
    uint32_t count;
    script_reply reply[SCRIPT_REPLIES_MAX];
} script_replies;

/* A server under test, with its program: it accepts; answers a request of SCRIPT_TEXT_BYTES with
 * script_answer; closes after the client's FIN was acknowledged, or with its reply. give() hands
 * it one packet (which it may overwrite) and records what it sends by script_reply_add(). */
typedef struct script_server {
    void *context;
    void (*give)(void *context, uint8_t *packet, size_t bytes, script_replies *replies);
    /* Hands it `count` packets of `bytes` octets, then records what it sends: of the first packet
     * to replies[0], and so on. NULL: they are given one by one. */
    void (*give_batch)(void *context, uint8_t (*packets)[SCRIPT_PACKET_MAX], size_t bytes,
                       script_replies *replies, uint32_t count);
    /* Connections that are not closed; ~0 when the server's records contradict each other. */
    uint64_t (*open_connections)(void *context);
    /* Before each connection that script_open() makes, and after the last: for a server that
     * would search all the others. NULL: nothing to do. */
    void (*set_aside)(void *context);
    void (*put_back)(void *context);
    uint64_t accepted, requests, segments_in, segments_out; /* counted by the server's side */
} script_server;

/* Reads a packet of the server; any SCRIPT_REPLIES_MAX + 1st ends the program. */
void script_reply_add(script_replies *replies, const uint8_t *packet, size_t bytes);

/* Runs one row of lifecycles beside row->connections idle connections and adds its numbers. The
 * server must be new. */
void script_lifecycles(script_server *server, const bench_row *row, const bench_budget *budget,
                       bench_result *result);

/* The client's end of a connection that stays open. */
typedef struct script_peer {
    uint32_t address, snd_nxt, rcv_nxt;
    uint16_t port;
} script_peer;

/* The i-th idle client's address and port; no two are the same below 2.5 million. */
void script_peer_name(script_peer *peer, uint32_t i);

/* Opens count connections and leaves them open. */
void script_open(script_peer *peers, uint32_t count, script_server *server);

/* One SYN from the i-th idle client, whose SYN-ACK is not acknowledged: half-open. */
void script_half_open(uint32_t i, script_server *server);

/* One connection of the i-th idle client, with a request, closed by the server: it leaves a
 * TIME-WAIT there. The server is one that closes first. */
void script_time_wait(uint32_t i, script_server *server);

/* Requests to a random one of row->connections open connections, in batches whose packets are
 * built before and whose replies are checked after the clock runs. */
void script_requests(script_server *server, const bench_row *row, const bench_budget *budget,
                     bench_result *result);

/* SYNs from random addresses, each answered and never acknowledged, and one honest client for each
 * 1,024 of them, which connects and closes: all of those must be served. The server keeps nothing
 * of the SYNs. */
void script_flood(script_server *server, const bench_row *row, const bench_budget *budget,
                  bench_result *result);

#endif
