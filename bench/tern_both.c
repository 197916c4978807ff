/* tern_both.c - tern at both ends: lifecycles, and bulk.
 *
 * The wire is a ring of packets, as for lwIP: one side's output goes into it until there is no
 * more, then all of it goes into the other. Each packet takes 1 us of virtual time. */
#include "bench/tern_both.h"
#include "bench/bulk.h"
#include "bench/tern_server.h"
#include "tern/status.h"

#include <string.h>

enum { LIFECYCLE_BATCH = 64, WIRE_SLOTS = 256, ANSWER_BYTES = 256, SEGMENTS_AN_ACK = 2 };

typedef struct tern_both {
    tern_server server;
    tern_stack *client;
    script_kind kind;
    size_t burst;        /* packets that go into the wire at one time */
    bool closing_wanted; /* the client's connection, after its ACK has gone */
    tern_handle closing;
    uint64_t lives, connected, answers, client_closed, segments, full_segments;
    bulk_stream *stream;
    tern_handle sender;
    size_t bytes[WIRE_SLOTS];
    uint8_t slots[WIRE_SLOTS][TERN_SERVER_MTU_BYTES];
} tern_both;

/* Carries what one side has to send to the other, at most a burst; false when it has nothing. */
static bool tern_both_carry(tern_both *both, tern_stack *from, tern_stack *to)
{
    size_t count = 0;

    for (size_t bytes;
         count < both->burst && (bytes = tern_output(from, both->server.now_us, both->slots[count],
                                                     TERN_SERVER_MTU_BYTES)) > 0;) {
        both->bytes[count++] = bytes;
        if (bytes == TERN_SERVER_MTU_BYTES)
            both->full_segments++;
    }
    for (size_t i = 0; i < count; i++) {
        both->server.now_us++;
        (void)tern_input(to, both->server.now_us, both->slots[i], both->bytes[i]);
    }
    both->segments += count;
    return count > 0;
}

static void tern_both_answered(tern_both *both, tern_handle connection)
{
    uint8_t answer[ANSWER_BYTES];
    ptrdiff_t bytes = tern_recv(both->client, both->server.now_us, connection, answer,
                                sizeof answer);

    if (bytes != SCRIPT_TEXT_BYTES || memcmp(answer, script_answer, SCRIPT_TEXT_BYTES) != 0)
        bench_fail("tern's client read a wrong answer: %td", bytes);
    both->answers++;
    both->closing = connection;
    both->closing_wanted = true;
}

static void tern_both_connected(tern_both *both, tern_handle connection)
{
    both->connected++;
    if (both->stream != NULL)
        return;
    if (both->kind == SCRIPT_CLOSE) {
        both->closing = connection;
        both->closing_wanted = true;
        return;
    }
    ptrdiff_t bytes = tern_send(both->client, both->server.now_us, connection, script_request,
                                SCRIPT_TEXT_BYTES);
    if (bytes != SCRIPT_TEXT_BYTES)
        bench_fail("tern's client could not ask: %td", bytes);
}

static void tern_both_client_events(tern_both *both)
{
    tern_event event;

    while (tern_next_event(both->client, &event)) {
        if ((event.what & TERN_EVENT_CLOSED) != 0)
            bench_fail("tern's client lost its connection: %s", tern_err_text(event.error));
        if ((event.what & TERN_EVENT_CONNECTED) != 0)
            tern_both_connected(both, event.handle);
        if ((event.what & TERN_EVENT_READABLE) != 0)
            tern_both_answered(both, event.handle);
    }
}

static bool tern_both_close_pending(tern_both *both)
{
    if (!both->closing_wanted)
        return false;
    both->closing_wanted = false;
    if (tern_close(both->client, both->server.now_us, both->closing) != TERN_OK)
        bench_fail("tern's client could not close");
    return true;
}

static tern_handle tern_both_connect(tern_both *both)
{
    tern_handle connection;
    tern_endpoint remote = {tern_address_ipv4(10, 0, 0, 1), SCRIPT_SERVER_PORT};
    tern_err err = tern_connect(both->client, both->server.now_us, NULL, &remote, &connection);
    if (err != TERN_OK)
        bench_fail("tern refuses to connect: %s", tern_err_text(err));
    return connection;
}

static void tern_both_live(tern_both *both)
{
    tern_server *server = &both->server;
    bool busy = true;

    (void)tern_both_connect(both);
    while (busy) {
        busy = tern_both_carry(both, both->client, server->stack);
        tern_server_events(server);
        busy = tern_both_carry(both, server->stack, both->client) || busy;
        if (tern_server_close_pending(server))
            busy = tern_both_carry(both, server->stack, both->client) || busy;
        tern_both_client_events(both);
        if (both->closing_wanted) {
            busy = tern_both_carry(both, both->client, server->stack) || busy;
            busy = tern_both_close_pending(both) || busy;
        }
    }
    both->lives++;
}

static void tern_both_lives(void *context, uint64_t operations)
{
    for (uint64_t i = 0; i < operations; i++)
        tern_both_live(context);
}

static tern_both *tern_both_new(const bench_row *row, bool defaults)
{
    tern_config config;
    tern_both *both = bench_allocate(sizeof *both);

    tern_server_config(&config, 64);
    config.timestamps = config.sack = defaults;
    tern_server_init(&both->server, &config, false);
    config.addresses[0] = tern_address_ipv4(10, 0, 0, 2);
    config.key[0] ^= 1;
    config.send_buffer_bytes = BULK_PERIOD_BYTES; /* whole segments, as lwIP's sender keeps them */
    both->client = tern_server_stack(&config, NULL);
    both->kind = (script_kind)row->kind;
    both->burst = WIRE_SLOTS;
    return both;
}

void tern_both_lifecycles(const bench_row *row, const bench_budget *budget, bench_result *result)
{
    tern_both *both = tern_both_new(row, false);
    tern_server *server = &both->server;
    tern_usage client_usage, server_usage;

    bench_warm_up(budget, tern_both_lives, both, LIFECYCLE_BATCH);
    uint64_t segments = both->segments, lives = both->lives;
    bench_timing timing = bench_measure(budget, tern_both_lives, both, LIFECYCLE_BATCH);
    uint64_t requests = both->kind == SCRIPT_CLOSE ? 0 : both->lives;
    tern_usage_get(both->client, &client_usage);
    tern_usage_get(server->stack, &server_usage);
    if (both->lives - lives != timing.operations || both->connected != both->lives ||
        server->script.accepted != both->lives || server->peer_closed != both->lives ||
        both->answers != requests || server->script.requests != requests ||
        tern_counter(both->client, TERN_RULE_TIME_WAIT_STARTED) != both->lives ||
        client_usage.connections + server_usage.connections + server_usage.half_open != 0)
        bench_fail("%s: tern left work undone", row->name);
    double operations = (double)timing.operations;
    bench_add(result, "operations", operations);
    bench_add(result, "ns", (double)timing.ns / operations);
    bench_add(result, "segments_in", (double)(both->segments - segments) / operations);
}

/* ---- Bulk ---------------------------------------------------------------------------------- */

static void tern_both_fill(tern_both *both)
{
    bulk_stream *stream = both->stream;
    for (;;) {
        const uint8_t *data;
        size_t bytes = bulk_next(stream, &data);
        if (bytes == 0)
            break;
        ptrdiff_t sent = tern_send(both->client, both->server.now_us, both->sender, data, bytes);
        if (sent == TERN_ERR_WOULD_BLOCK)
            break;
        if (sent <= 0)
            bench_fail("tern's sender could not send: %td", sent);
        stream->sent_bytes += (uint64_t)sent;
        if ((size_t)sent < bytes)
            break;
    }
}

/* Reads all there is, each piece to its place in the sink. */
static void tern_both_copy_out(tern_both *both)
{
    tern_server *server = &both->server;
    bulk_stream *stream = both->stream;
    tern_event event;

    while (tern_next_event(server->stack, &event)) {
        if ((event.what & TERN_EVENT_READABLE) == 0)
            bench_fail("tern's receiver was told %x", event.what);
        for (;;) {
            uint8_t *room;
            size_t bytes = bulk_room(stream, &room);
            ptrdiff_t got = tern_recv(server->stack, server->now_us, event.handle, room, bytes);
            if (got > 0)
                stream->received_bytes += (uint64_t)got;
            if (got == TERN_ERR_WOULD_BLOCK || (got > 0 && (size_t)got < bytes))
                break;
            if (got <= 0)
                bench_fail("tern's receiver could not read: %td", got);
        }
    }
}

/* Nothing moves: Nagle's algorithm waits for an ACK that is delayed, as it may at the end of a
 * batch. Time passes to whatever comes next. */
static void tern_both_wait(tern_both *both)
{
    tern_time client = tern_deadline(both->client), server = tern_deadline(both->server.stack);
    tern_time first = client < server ? client : server;
    if (first == TERN_NEVER)
        bench_fail("bulk: tern stands still at %llu octets",
                   (unsigned long long)both->stream->received_bytes);
    if (first > both->server.now_us)
        both->server.now_us = first;
}

static void tern_both_move(void *context, uint64_t operations)
{
    tern_both *both = context;
    tern_server *server = &both->server;
    bulk_stream *stream = both->stream;
    tern_event event;

    stream->wanted_bytes += operations * BULK_SEGMENT_BYTES;
    while (stream->received_bytes < stream->wanted_bytes) {
        uint64_t received = stream->received_bytes;
        tern_both_fill(both);
        while (tern_both_carry(both, both->client, server->stack)) {
            tern_both_copy_out(both);
            (void)tern_both_carry(both, server->stack, both->client);
        }
        (void)tern_both_carry(both, server->stack, both->client);
        while (tern_next_event(both->client, &event))
            if ((event.what & ~(uint32_t)TERN_EVENT_WRITABLE) != 0)
                bench_fail("tern's sender was told %x", event.what);
        if (stream->received_bytes == received)
            tern_both_wait(both);
    }
    stream->segments = both->segments;
}

void tern_both_bulk(const bench_row *row, const bench_budget *budget, bench_result *result)
{
    tern_both *both = tern_both_new(row, row->kind == TERN_BULK_OPTIONS);
    tern_server *server = &both->server;

    both->stream = bench_allocate(sizeof *both->stream);
    bulk_init(both->stream);
    both->sender = tern_both_connect(both);
    while (tern_both_carry(both, both->client, server->stack) ||
           tern_both_carry(both, server->stack, both->client))
        ;
    tern_server_events(server);
    tern_both_client_events(both);
    if (both->connected != 1 || server->script.accepted != 1)
        bench_fail("bulk: tern did not connect");
    if (row->kind != TERN_BULK_BURST)
        both->burst = SEGMENTS_AN_ACK;
    bulk_run(both->stream, tern_both_move, both, budget, result);
    if (tern_counter(both->client, TERN_RULE_RTO_BACKOFF) != 0)
        bench_fail("bulk: tern sent segments again");
    if (row->kind == 0 && both->full_segments * BULK_SEGMENT_BYTES != both->stream->received_bytes)
        bench_fail("bulk: %llu full segments for %llu octets",
                   (unsigned long long)both->full_segments,
                   (unsigned long long)both->stream->received_bytes);
}
