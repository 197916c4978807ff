/* peer_fixture.c - see peer_fixture.h. Everything is done in peer_go_on(), as far as it goes now;
 * events and the slow reader's clock only call it. */
#include "tests/sim/peer_fixture.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PEER_BUFFER_BYTES = 4096, PEER_RETRY_US = 20000 };

uint8_t peer_octet(uint32_t key, uint64_t at)
{
    return (uint8_t)(((uint32_t)at * UINT32_C(0x9e3779b1) + (uint32_t)(at >> 16) + key) >> 23);
}

__attribute__((format(printf, 2, 3))) static void peer_fail(peer *p, const char *format, ...)
{
    va_list arguments;
    if (p->why[0] != '\0')
        return;
    va_start(arguments, format);
    vsnprintf(p->why, sizeof p->why, format, arguments);
    va_end(arguments);
}

static void peer_go_on(peer *p);

static void peer_poked(void *context, world *w)
{
    peer *p = context;
    (void)w;
    p->poke_waits = false;
    p->asleep = false;
    peer_go_on(p);
}

static void peer_poke_later(peer *p, tern_time after_us)
{
    if (p->poke_waits)
        return;
    p->poke_waits = true;
    if (!world_at(p->w, world_now(p->w) + after_us, peer_poked, p))
        peer_fail(p, "no memory");
}

/* Sends until the stack takes no more. */
static void peer_send(peer *p)
{
    uint8_t buffer[PEER_BUFFER_BYTES];

    if (p->replies && !p->saw_end)
        return;
    while (p->sent < p->send_total) {
        size_t bytes = p->write_bytes < sizeof buffer ? p->write_bytes : sizeof buffer;
        if (bytes > p->send_total - p->sent)
            bytes = (size_t)(p->send_total - p->sent);
        for (size_t i = 0; i < bytes; i++)
            buffer[i] = peer_octet(p->send_key, p->sent + i);
        ptrdiff_t taken = tern_send(world_stack(p->w, p->host), world_now(p->w), p->connection,
                                    buffer, bytes);
        if (taken == TERN_ERR_NO_RESOURCES)
            peer_poke_later(p, PEER_RETRY_US);
        else if (taken == 0 || (taken > 0 && (size_t)taken > bytes))
            peer_fail(p, "tern_send() of %zu octets took %td", bytes, taken);
        if (taken <= 0)
            return; /* TERN_EVENT_WRITABLE or _CLOSED follows */
        p->sent += (uint64_t)taken;
    }
}

/* Reads what there is, or one piece of it, and checks it. */
static void peer_read(peer *p)
{
    uint8_t buffer[PEER_BUFFER_BYTES];

    while (!p->saw_end && !p->shuts_reading) {
        if (p->nap_us > 0 && p->received >= p->nap_at) {
            peer_poke_later(p, p->nap_us);
            p->nap_us = 0;
            p->asleep = true;
        }
        if (p->asleep)
            return;
        size_t cap = p->read_bytes < sizeof buffer ? p->read_bytes : sizeof buffer;
        ptrdiff_t got = tern_recv(world_stack(p->w, p->host), world_now(p->w), p->connection,
                                  buffer, cap);
        if (got < 0)
            return;
        if (got == 0) {
            p->saw_end = true;
            return;
        }
        for (ptrdiff_t i = 0; i < got; i++)
            if (buffer[i] != peer_octet(p->recv_key, p->received + (uint64_t)i))
                peer_fail(p, "octet %llu is not the one that was sent",
                          (unsigned long long)(p->received + (uint64_t)i));
        p->received += (uint64_t)got;
        if (p->pause_us > 0) {
            peer_poke_later(p, p->pause_us);
            return;
        }
    }
}

static void peer_give_back(peer *p)
{
    tern_err err = tern_close(world_stack(p->w, p->host), world_now(p->w), p->connection);
    if (err != TERN_OK)
        peer_fail(p, "tern_close(): %s", tern_err_name(err));
    p->has_connection = false;
    p->done = true;
}

static void peer_close(peer *p)
{
    bool all_sent = p->connected && p->sent == p->send_total && (!p->replies || p->saw_end);

    if (!p->shut && all_sent && (!p->closes_last || p->saw_end)) {
        p->shut = true;
        if (p->closes_whole) {
            peer_give_back(p);
            return;
        }
        tern_err err = tern_shutdown(world_stack(p->w, p->host), world_now(p->w), p->connection,
                                     TERN_SHUTDOWN_WRITE);
        if (err != TERN_OK)
            peer_fail(p, "tern_shutdown(): %s", tern_err_name(err));
    }
    if (p->shut && p->saw_end)
        peer_give_back(p);
}

static void peer_go_on(peer *p)
{
    if (!p->has_connection)
        return;
    if (!(p->pause_us > 0 && p->poke_waits))
        peer_read(p);
    peer_send(p);
    peer_close(p);
}

static void peer_opened(peer *p, tern_handle connection)
{
    p->connection = connection;
    p->has_connection = true;
    p->was_open = true;
    if (p->shuts_reading && tern_shutdown(world_stack(p->w, p->host), world_now(p->w), connection,
                                          TERN_SHUTDOWN_READ) != TERN_OK)
        peer_fail(p, "tern_shutdown(READ) failed");
}

static void peer_accept(peer *p)
{
    tern_handle connection;
    tern_stack *stack = world_stack(p->w, p->host);
    tern_err err;

    while ((err = tern_accept(stack, world_now(p->w), p->listener, &connection)) == TERN_OK) {
        if (p->was_open) {
            /* An old duplicate of the client's SYN can make a second one: nobody is there. */
            (void)tern_abort(stack, world_now(p->w), connection);
            continue;
        }
        peer_opened(p, connection);
        p->connected = true;
    }
    if (err != TERN_ERR_WOULD_BLOCK)
        peer_fail(p, "tern_accept(): %s", tern_err_name(err));
}

static bool peer_same(tern_handle a, tern_handle b)
{
    return a.index == b.index && a.generation == b.generation;
}

/* The connection is gone: reads what is left, and lets go. */
static void peer_ended(peer *p, tern_err error)
{
    p->error = error;
    p->pause_us = 0;
    p->nap_us = 0;
    p->asleep = false;
    peer_read(p);
    peer_give_back(p);
}

void peer_program(void *context, world *w, world_host host, const tern_event *event)
{
    peer *p = context;
    (void)w;
    (void)host;
    if (event->what & TERN_EVENT_ACCEPTABLE) {
        if (!peer_same(event->handle, p->listener))
            peer_fail(p, "TERN_EVENT_ACCEPTABLE for what is no listener");
        peer_accept(p);
    } else if (!p->has_connection || !peer_same(event->handle, p->connection)) {
        peer_fail(p, "an event (0x%x) for a handle that was given back", event->what);
        return;
    } else if (event->what & TERN_EVENT_CLOSED) {
        peer_ended(p, event->error);
        return;
    }
    if (event->what & TERN_EVENT_CONNECTED)
        p->connected = true;
    if (event->what & TERN_EVENT_PEER_CLOSED && p->shuts_reading) {
        p->saw_end = true; /* others learn it from tern_recv() */
    }
    peer_go_on(p);
}

void peer_listen(peer *p, const tern_endpoint *local)
{
    tern_err err = tern_listen(world_stack(p->w, p->host), world_now(p->w), local, 2, &p->listener);
    if (err != TERN_OK)
        peer_fail(p, "tern_listen(): %s", tern_err_name(err));
    if (p->opens_fast &&
        tern_fast_open(world_stack(p->w, p->host), world_now(p->w), p->listener, 1) != TERN_OK)
        peer_fail(p, "tern_fast_open() failed");
}

void peer_connect(peer *p, const tern_endpoint *local, const tern_endpoint *remote)
{
    tern_handle connection;
    tern_err err = tern_connect(world_stack(p->w, p->host), world_now(p->w), local, remote,
                                &connection);
    if (err != TERN_OK) {
        peer_fail(p, "tern_connect(): %s", tern_err_name(err));
        return;
    }
    if (p->opens_fast && tern_option_set(world_stack(p->w, p->host), world_now(p->w), connection,
                                         TERN_OPTION_FAST_OPEN, 1) != TERN_OK)
        peer_fail(p, "TERN_OPTION_FAST_OPEN failed");
    peer_opened(p, connection);
    peer_go_on(p);
}

void peer_abort(peer *p)
{
    if (!p->has_connection)
        return;
    tern_err err = tern_abort(world_stack(p->w, p->host), world_now(p->w), p->connection);
    if (err != TERN_OK)
        peer_fail(p, "tern_abort(): %s", tern_err_name(err));
    p->has_connection = false;
    p->done = true;
}

void peer_forget(peer *p)
{
    p->has_connection = false;
    p->done = true;
}
