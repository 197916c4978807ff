/* tern_server.c - accept, answer, close: from the events of a tern stack.
 *
 * A peer's FIN is answered by its ACK first and by our FIN after it: closing before the output
 * would put both into one segment. */
#include "bench/tern_server.h"
#include "tern/status.h"

#include <stdlib.h>
#include <string.h>

enum { BACKLOG = 255, READ_BYTES = 256 };

void tern_server_config(tern_config *config, uint32_t connections)
{
    tern_config_init(config);
    for (uint8_t i = 0; i < TERN_KEY_BYTES; i++)
        config->key[i] = (uint8_t)(i * 29 + 3);
    config->addresses[0] = tern_address_ipv4(10, 0, 0, 1);
    config->address_count = 1;
    config->mtu_bytes = TERN_SERVER_MTU_BYTES;
    config->connections_max = connections;
    config->half_open_max = 256;
    config->time_wait_max = 4096;
    config->listeners_max = 4;
    config->flights_max = connections;
    config->chunks_max = connections + 1024;
    config->chunk_bytes = 1600;
    config->ranges_max = 1024;
    config->send_buffer_bytes = 65535;
    config->recv_buffer_bytes = 65535;
    config->window_scale = true;
    config->timestamps = false;
    config->sack = false;
    config->time_wait_ms = 1;
}

tern_stack *tern_server_stack(const tern_config *config, size_t *arena_bytes)
{
    const char *why = "";
    size_t bytes = tern_size(config, &why);
    if (bytes == 0)
        bench_fail("tern refuses its configuration: %s", why);
    tern_stack *stack = tern_init(bench_allocate(bytes), bytes, config);
    if (stack == NULL)
        bench_fail("tern_init() refuses what tern_size() took");
    if (arena_bytes != NULL)
        *arena_bytes = bytes;
    return stack;
}

static void tern_server_accept(tern_server *s)
{
    tern_handle connection;
    while (tern_accept(s->stack, s->now_us, s->listener, &connection) == TERN_OK)
        s->script.accepted++;
}

static void tern_server_answer(tern_server *s, tern_handle connection)
{
    uint8_t request[READ_BYTES];
    ptrdiff_t bytes = tern_recv(s->stack, s->now_us, connection, request, sizeof request);

    if (bytes != SCRIPT_TEXT_BYTES || memcmp(request, script_request, SCRIPT_TEXT_BYTES) != 0)
        bench_fail("tern's server read a wrong request: %td", bytes);
    s->script.requests++;
    bytes = tern_send(s->stack, s->now_us, connection, script_answer, SCRIPT_TEXT_BYTES);
    if (bytes != SCRIPT_TEXT_BYTES)
        bench_fail("tern's server could not answer: %td", bytes);
    if (s->closes_first && tern_close(s->stack, s->now_us, connection) != TERN_OK)
        bench_fail("tern's server could not close");
}

void tern_server_events(tern_server *s)
{
    tern_event event;

    while (tern_next_event(s->stack, &event)) {
        if ((event.what & TERN_EVENT_ACCEPTABLE) != 0)
            tern_server_accept(s);
        if ((event.what & TERN_EVENT_PEER_CLOSED) != 0) {
            s->peer_closed++;
            s->closing = event.handle;
            s->closing_wanted = true;
        } else if ((event.what & TERN_EVENT_READABLE) != 0) {
            tern_server_answer(s, event.handle);
        }
        if ((event.what & TERN_EVENT_CLOSED) != 0)
            bench_fail("tern's server lost a connection: %s", tern_err_text(event.error));
    }
}

bool tern_server_close_pending(tern_server *s)
{
    if (!s->closing_wanted)
        return false;
    s->closing_wanted = false;
    if (tern_close(s->stack, s->now_us, s->closing) != TERN_OK)
        bench_fail("tern's server could not close");
    return true;
}

static void tern_server_drain(tern_server *s, script_replies *replies)
{
    size_t bytes;
    while ((bytes = tern_output(s->stack, s->now_us, s->packet, sizeof s->packet)) > 0) {
        s->script.segments_out++;
        script_reply_add(replies, s->packet, bytes);
    }
}

static void tern_server_give(void *context, uint8_t *packet, size_t bytes, script_replies *replies)
{
    tern_server *s = context;

    s->now_us++;
    s->script.segments_in++;
    (void)tern_input(s->stack, s->now_us, packet, bytes);
    tern_server_events(s);
    tern_server_drain(s, replies);
    if (tern_server_close_pending(s))
        tern_server_drain(s, replies);
}

/* As from a device that had many packets waiting. */
static void tern_server_give_batch(void *context, uint8_t (*packets)[SCRIPT_PACKET_MAX],
                                   size_t bytes, script_replies *replies, uint32_t count)
{
    tern_server *s = context;
    uint32_t answered = 0;
    size_t reply_bytes;

    for (uint32_t i = 0; i < count; i++) {
        s->now_us++;
        s->script.segments_in++;
        (void)tern_input(s->stack, s->now_us, packets[i], bytes);
    }
    tern_server_events(s);
    while ((reply_bytes = tern_output(s->stack, s->now_us, s->packet, sizeof s->packet)) > 0) {
        s->script.segments_out++;
        script_reply_add(&replies[answered < count ? answered : 0], s->packet, reply_bytes);
        answered++;
    }
}

static uint64_t tern_server_open(void *context)
{
    const tern_server *s = context;
    tern_usage usage;
    tern_usage_get(s->stack, &usage);
    return usage.connections + usage.half_open;
}

void tern_server_init(tern_server *s, const tern_config *config, bool closes_first)
{
    tern_endpoint local = {.port = SCRIPT_SERVER_PORT};

    memset(s, 0, sizeof *s);
    s->closes_first = closes_first;
    s->now_us = 1000000;
    s->stack = tern_server_stack(config, &s->arena_bytes);
    s->script = (script_server){.context = s,
                                .give = tern_server_give,
                                .give_batch = tern_server_give_batch,
                                .open_connections = tern_server_open};
    tern_err err = tern_listen(s->stack, s->now_us, &local, BACKLOG, &s->listener);
    if (err != TERN_OK)
        bench_fail("tern refuses to listen: %s", tern_err_text(err));
}
