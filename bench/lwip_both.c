/* lwip_both.c - lwIP as client and as server at once: lifecycles, and bulk. */
#define _GNU_SOURCE
#include "bench/lwip_both.h"
#include "bench/bulk.h"
#include "bench/lwip_server.h"

#include <string.h>

enum { LIFECYCLE_BATCH = 64 };

#define MIRRORED_ADDRESS (SCRIPT_SERVER_ADDRESS + 1)

typedef struct lwip_both {
    lwip_rig rig;
    lwip_server server;
    script_kind kind;
    struct tcp_pcb *closing; /* the client's, to be closed after its ACK has gone */
    uint64_t connected, answers, time_waits;
    uint32_t lives;
    bulk_stream *stream;
    struct tcp_pcb *sender;
} lwip_both;

static err_t lwip_both_client_recv(void *context, struct tcp_pcb *pcb, struct pbuf *packet,
                                   err_t err)
{
    lwip_both *both = context;
    uint8_t answer[SCRIPT_TEXT_BYTES];

    if (err != ERR_OK || packet == NULL || packet->tot_len != SCRIPT_TEXT_BYTES ||
        pbuf_copy_partial(packet, answer, SCRIPT_TEXT_BYTES, 0) != SCRIPT_TEXT_BYTES ||
        memcmp(answer, script_answer, SCRIPT_TEXT_BYTES) != 0)
        bench_fail("lwIP's client read a wrong answer");
    tcp_recved(pcb, packet->tot_len);
    pbuf_free(packet);
    both->answers++;
    both->closing = pcb;
    return ERR_OK;
}

static err_t lwip_both_connected(void *context, struct tcp_pcb *pcb, err_t err)
{
    lwip_both *both = context;

    if (err != ERR_OK)
        bench_fail("lwIP's client got error %d", err);
    both->connected++;
    if (both->stream != NULL)
        both->sender = pcb;
    else if (both->kind == SCRIPT_CLOSE)
        both->closing = pcb;
    else if (tcp_write(pcb, script_request, SCRIPT_TEXT_BYTES, TCP_WRITE_FLAG_COPY) != ERR_OK)
        bench_fail("lwIP's client could not ask");
    return ERR_OK;
}

static void lwip_both_failed(void *context, err_t err)
{
    (void)context;
    bench_fail("lwIP's client lost its connection: error %d", err);
}

static void lwip_both_connect(lwip_both *both)
{
    struct tcp_pcb *pcb = tcp_new();
    ip_addr_t to = IPADDR4_INIT(lwip_htonl(MIRRORED_ADDRESS));

    if (pcb == NULL)
        bench_fail("lwIP has no connection left");
    tcp_arg(pcb, both);
    tcp_recv(pcb, lwip_both_client_recv);
    tcp_err(pcb, lwip_both_failed);
    if (tcp_connect(pcb, &to, SCRIPT_SERVER_PORT, lwip_both_connected) != ERR_OK)
        bench_fail("lwIP refused to connect");
}

static void lwip_both_close_pending(lwip_both *both)
{
    struct tcp_pcb *pcb = both->closing;

    lwip_server_close_pending(&both->server);
    if (pcb == NULL)
        return;
    both->closing = NULL;
    tcp_recv(pcb, NULL);
    tcp_err(pcb, NULL);
    if (tcp_close(pcb) != ERR_OK)
        bench_fail("lwIP's client could not close");
}

static void lwip_both_lives(void *context, uint64_t operations)
{
    lwip_both *both = context;
    for (uint64_t i = 0; i < operations; i++) {
        lwip_both_connect(both);
        while (lwip_rig_deliver(&both->rig))
            lwip_both_close_pending(both);
        both->lives++;
        if (both->lives % LWIP_RIG_LIVES_A_SWEEP == 0)
            both->time_waits += lwip_rig_end_time_wait();
    }
}

static lwip_both *lwip_both_new(const bench_row *row)
{
    lwip_both *both = bench_allocate(sizeof *both);
    lwip_rig_init(&both->rig, lwip_rig_mirror);
    lwip_server_init(&both->server, &both->rig, false);
    both->kind = (script_kind)row->kind;
    return both;
}

void lwip_both_lifecycles(const bench_row *row, const bench_budget *budget, bench_result *result)
{
    lwip_both *both = lwip_both_new(row);

    bench_warm_up(budget, lwip_both_lives, both, LIFECYCLE_BATCH);
    uint64_t segments = both->rig.segments_out, lives = both->lives;
    bench_timing timing = bench_measure(budget, lwip_both_lives, both, LIFECYCLE_BATCH);
    both->time_waits += lwip_rig_end_time_wait();
    uint64_t requests = both->kind == SCRIPT_CLOSE ? 0 : both->lives;
    if (both->lives - lives != timing.operations || both->connected != both->lives ||
        both->server.script.accepted != both->lives || both->server.peer_closed != both->lives ||
        both->time_waits != both->lives || both->answers != requests ||
        both->server.script.requests != requests || lwip_rig_open() != 0)
        bench_fail("%s: lwIP left work undone", row->name);
    double operations = (double)timing.operations;
    bench_add(result, "operations", operations);
    bench_add(result, "ns", (double)timing.ns / operations);
    bench_add(result, "segments_in", (double)(both->rig.segments_out - segments) / operations);
}

/* ---- Bulk ---------------------------------------------------------------------------------- */

static err_t lwip_both_copy_out(void *context, struct tcp_pcb *pcb, struct pbuf *packet, err_t err)
{
    bulk_stream *stream = context;
    u16_t at = 0;

    if (err != ERR_OK || packet == NULL)
        bench_fail("lwIP's receiver lost its connection");
    if (packet->tot_len != BULK_SEGMENT_BYTES)
        bench_fail("lwIP's receiver got a segment of %u octets", packet->tot_len);
    while (at < packet->tot_len) {
        uint8_t *room;
        size_t bytes = bulk_room(stream, &room);
        if (bytes > (size_t)(packet->tot_len - at))
            bytes = packet->tot_len - at;
        if (pbuf_copy_partial(packet, room, (u16_t)bytes, at) != bytes)
            bench_fail("lwIP's receiver could not read");
        stream->received_bytes += bytes;
        at = (u16_t)(at + bytes);
    }
    tcp_recved(pcb, packet->tot_len);
    pbuf_free(packet);
    return ERR_OK;
}

static err_t lwip_both_bulk_accept(void *context, struct tcp_pcb *pcb, err_t err)
{
    if (err != ERR_OK)
        bench_fail("lwIP's receiver got error %d instead of a connection", err);
    tcp_arg(pcb, context);
    tcp_recv(pcb, lwip_both_copy_out);
    return ERR_OK;
}

/* Whole segments only, so that Nagle's algorithm never waits and every segment is full. */
static void lwip_both_fill(lwip_both *both)
{
    bulk_stream *stream = both->stream;
    for (;;) {
        const uint8_t *data;
        size_t bytes = bulk_next(stream, &data);
        size_t room = tcp_sndbuf(both->sender);
        if (bytes > room)
            bytes = room - room % BULK_SEGMENT_BYTES;
        if (bytes == 0 ||
            tcp_write(both->sender, data, (u16_t)bytes, TCP_WRITE_FLAG_COPY) != ERR_OK)
            break;
        stream->sent_bytes += bytes;
    }
    if (tcp_output(both->sender) != ERR_OK)
        bench_fail("lwIP's sender could not send");
}

static void lwip_both_move(void *context, uint64_t operations)
{
    lwip_both *both = context;
    bulk_stream *stream = both->stream;

    stream->wanted_bytes += operations * BULK_SEGMENT_BYTES;
    while (stream->received_bytes < stream->wanted_bytes) {
        uint64_t received = stream->received_bytes;
        lwip_both_fill(both);
        while (lwip_rig_deliver(&both->rig))
            ;
        if (stream->received_bytes == received)
            bench_fail("bulk: lwIP stands still at %llu octets", (unsigned long long)received);
    }
    stream->segments = both->rig.segments_out;
}

void lwip_both_bulk(const bench_row *row, const bench_budget *budget, bench_result *result)
{
    lwip_both *both = lwip_both_new(row);

    both->stream = bench_allocate(sizeof *both->stream);
    bulk_init(both->stream);
    tcp_arg(both->server.listener, both->stream);
    tcp_accept(both->server.listener, lwip_both_bulk_accept);
    lwip_both_connect(both);
    while (lwip_rig_deliver(&both->rig))
        ;
    if (both->sender == NULL)
        bench_fail("bulk: lwIP did not connect");
    bulk_run(both->stream, lwip_both_move, both, budget, result);
}
