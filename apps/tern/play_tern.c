/* play_tern.c - the program of a tern end: it reads whatever comes, and calls what it is told. */
#include "apps/tern/play_tern.h"

#include "apps/tern/i18n.h"
#include "tern/simulation.h"

enum { PLAY_BUFFER_BYTES = 4096, PLAY_BACKLOG = 8 };

static tern_stack *play_tern_stack(const play_tern *t)
{
    return world_stack(t->stage->w, t->side);
}

static void play_tern_failed(play_tern *t, tern_err err)
{
    stage_failed(t->stage, t->side, err, _(tern_err_text(err)));
}

static void play_tern_has(play_tern *t, bool has)
{
    t->has_connection = has;
    measures_connection(t->stage->measures, t->side, has ? &t->connection : NULL);
}

/* ---- Calls --------------------------------------------------------------------------------- */

/* Readable in a capture: letters in order, from where the last call ended. */
static void play_tern_send(play_tern *t)
{
    uint8_t buffer[PLAY_BUFFER_BYTES];

    while (t->has_connection && t->unsent_bytes > 0) {
        size_t bytes = t->unsent_bytes < sizeof buffer ? (size_t)t->unsent_bytes : sizeof buffer;
        for (size_t i = 0; i < bytes; i++)
            buffer[i] = (uint8_t)('a' + (t->sent_bytes + i) % 26);
        ptrdiff_t taken = tern_send(play_tern_stack(t), world_now(t->stage->w), t->connection,
                                    buffer, bytes);
        if (taken < 0 && taken != TERN_ERR_WOULD_BLOCK && taken != TERN_ERR_NO_RESOURCES) {
            play_tern_failed(t, (tern_err)taken);
            t->unsent_bytes = 0;
        }
        if (taken <= 0)
            return;
        t->unsent_bytes -= (uint64_t)taken;
        t->sent_bytes += (uint64_t)taken;
    }
}

/* There is a new connection, or there was to be one. */
static void play_tern_begun(play_tern *t, bool has)
{
    play_tern_has(t, has);
    stage_begins(t->stage, t->side);
    t->unsent_bytes = t->sent_bytes = t->unread_bytes = 0;
    t->stopped = false;
}

/* What the SYN is to carry must be there before it goes out. */
static tern_err play_tern_open_fast(play_tern *t, const scenario_step *step)
{
    tern_err err = tern_option_set(play_tern_stack(t), world_now(t->stage->w), t->connection,
                                   TERN_OPTION_FAST_OPEN, 1);
    t->unsent_bytes += step->octets;
    play_tern_send(t);
    return err;
}

static void play_tern_open(play_tern *t, const scenario_step *step)
{
    stage *s = t->stage;
    tern_endpoint local = s->endpoints[t->side];
    tern_err err;

    if (step->call == CALL_CONNECT) {
        if (step->port != 0)
            local.port = step->port;
        err = tern_connect(play_tern_stack(t), world_now(s->w), &local,
                           &s->endpoints[stage_other(t->side)], &t->connection);
        play_tern_begun(t, err == TERN_OK);
        if (err == TERN_OK && step->fast)
            err = play_tern_open_fast(t, step);
    } else {
        err = tern_listen(play_tern_stack(t), world_now(s->w), &local, PLAY_BACKLOG, &t->listener);
        if (err == TERN_OK && step->fast)
            err = tern_fast_open(play_tern_stack(t), world_now(s->w), t->listener, PLAY_BACKLOG);
    }
    if (err != TERN_OK)
        play_tern_failed(t, err);
}

static void play_tern_crash(play_tern *t)
{
    tern_status status = {.state = TERN_CLOSED};
    if (t->has_connection)
        (void)tern_status_get(play_tern_stack(t), t->connection, &status);
    world_crash(t->stage->w, t->side);
    if (status.state != TERN_CLOSED)
        stage_state(t->stage, t->side, status.state, TERN_CLOSED);
    play_tern_has(t, false);
}

/* What is left out, so that one sees what it is for. */
static void play_tern_deviate(play_tern *t)
{
    if (t->stage->scenario->two_way[t->side])
        (void)tern_deviation_set(play_tern_stack(t), TERN_DEVIATION_TWO_WAY_HANDSHAKE, true);
}

static void play_tern_restart(play_tern *t)
{
    uint8_t key[TERN_KEY_BYTES];
    rng_fill(t->chance, key, sizeof key);
    if (!world_restart(t->stage->w, t->side, key))
        t->stage->record->failed = true;
    else
        play_tern_deviate(t);
}

/* Reads what there is, while the program wants to. */
static void play_tern_read(play_tern *t)
{
    uint8_t buffer[PLAY_BUFFER_BYTES];
    uint64_t bytes = 0;
    ptrdiff_t got = 1;

    while (got > 0 && (!t->stopped || bytes < t->unread_bytes)) {
        size_t cap = sizeof buffer;
        if (t->stopped && t->unread_bytes - bytes < cap)
            cap = (size_t)(t->unread_bytes - bytes);
        got = tern_recv(play_tern_stack(t), world_now(t->stage->w), t->connection, buffer, cap);
        bytes += got > 0 ? (uint64_t)got : 0;
    }
    if (t->stopped)
        t->unread_bytes -= bytes;
    if (bytes > 0)
        stage_read(t->stage, t->side, bytes);
}

/* Data: what to send, what to read. */
static bool play_tern_call_data(play_tern *t, const scenario_step *step)
{
    if (step->call == CALL_SEND) {
        t->unsent_bytes += step->octets;
        play_tern_send(t);
    } else if (step->call == CALL_STOP_READING) {
        t->stopped = true;
    } else if (step->call == CALL_READ || step->call == CALL_START_READING) {
        t->stopped = step->call == CALL_READ;
        t->unread_bytes += step->octets;
        play_tern_read(t);
    } else {
        return false;
    }
    return true;
}

/* Calls on a connection that there is. */
static void play_tern_call_connection(play_tern *t, const scenario_step *step)
{
    tern_stack *stack = play_tern_stack(t);
    tern_time now_us = world_now(t->stage->w);
    tern_err err = TERN_OK;

    if (play_tern_call_data(t, step))
        return;
    if (step->call == CALL_OPTION) {
        err = tern_option_set(stack, now_us, t->connection, setting_option_number(&step->setting),
                              step->setting.value);
    } else if (step->call == CALL_SHUTDOWN) {
        err = tern_shutdown(stack, now_us, t->connection, TERN_SHUTDOWN_WRITE);
    } else if (step->call == CALL_SHUTDOWN_READING) {
        err = tern_shutdown(stack, now_us, t->connection, TERN_SHUTDOWN_READ);
    } else {
        err = step->call == CALL_CLOSE ? tern_close(stack, now_us, t->connection)
                                       : tern_abort(stack, now_us, t->connection);
        play_tern_has(t, false);
    }
    if (err != TERN_OK)
        play_tern_failed(t, err);
}

static void play_tern_call(void *context, const scenario_step *step)
{
    play_tern *t = context;
    bool up = play_tern_stack(t) != NULL;

    switch (step->call) {
    case CALL_LISTEN:
    case CALL_CONNECT:
        if (!up)
            return;
        stage_show_call(t->stage, step);
        play_tern_open(t, step);
        return;
    case CALL_CRASH:
        if (!up)
            return;
        stage_show_call(t->stage, step);
        play_tern_crash(t);
        return;
    case CALL_RESTART:
        if (up)
            return;
        stage_show_call(t->stage, step);
        play_tern_restart(t);
        return;
    case CALL_SEND:
    case CALL_READ:
    case CALL_STOP_READING:
    case CALL_START_READING:
    case CALL_OPTION:
    case CALL_SHUTDOWN:
    case CALL_SHUTDOWN_READING:
    case CALL_CLOSE:
    case CALL_ABORT:
    case SCENARIO_CALLS:
        break;
    }
    if (!up || !t->has_connection) /* it ended before: there is nothing to call on */
        return;
    stage_show_call(t->stage, step);
    play_tern_call_connection(t, step);
}

/* ---- Events -------------------------------------------------------------------------------- */

static void play_tern_accept(play_tern *t)
{
    tern_handle connection;

    while (tern_accept(play_tern_stack(t), world_now(t->stage->w), t->listener, &connection) ==
           TERN_OK) {
        if (t->has_connection) { /* one at a time is on the stage; this one only waits */
            record_call(t->stage->record, t->side, "accept");
            stage_happened(t->stage, t->side, EVENT_ACCEPTED);
            continue;
        }
        t->connection = connection;
        play_tern_begun(t, true);
        stage_happened(t->stage, t->side, EVENT_ACCEPTED);
    }
}

static bool play_tern_is_current(const play_tern *t, tern_handle handle)
{
    return t->has_connection && handle.index == t->connection.index &&
           handle.generation == t->connection.generation;
}

/* A connection that is not on the stage: it is closed when its peer is gone or has closed. */
static void play_tern_other(play_tern *t, const tern_event *event)
{
    if ((event->what & (TERN_EVENT_PEER_CLOSED | TERN_EVENT_CLOSED)) != 0)
        (void)tern_close(play_tern_stack(t), world_now(t->stage->w), event->handle);
}

/* Each thing that happens may make the scenario close the connection: every step looks again. */
static void play_tern_program(void *context, world *w, world_host host, const tern_event *event)
{
    play_tern *t = context;
    (void)host;

    if ((event->what & TERN_EVENT_ACCEPTABLE) != 0) {
        play_tern_accept(t);
        return;
    }
    if (!play_tern_is_current(t, event->handle)) {
        play_tern_other(t, event);
        return;
    }
    if ((event->what & TERN_EVENT_CONNECTED) != 0 && play_tern_is_current(t, event->handle))
        stage_happened(t->stage, t->side, EVENT_CONNECTED);
    if ((event->what & TERN_EVENT_READABLE) != 0 && play_tern_is_current(t, event->handle))
        play_tern_read(t);
    if ((event->what & TERN_EVENT_WRITABLE) != 0 && play_tern_is_current(t, event->handle))
        play_tern_send(t);
    if ((event->what & TERN_EVENT_PEER_CLOSED) != 0 && play_tern_is_current(t, event->handle))
        stage_happened(t->stage, t->side, EVENT_ENDED);
    if ((event->what & TERN_EVENT_CLOSED) != 0 && play_tern_is_current(t, event->handle)) {
        (void)tern_close(world_stack(w, host), world_now(w), t->connection);
        play_tern_has(t, false);
        stage_closed(t->stage, t->side, event->error, _(tern_err_text(event->error)));
    }
}

void play_tern_begin(play_tern *t, stage *s, scenario_side side, rng *chance)
{
    *t = (play_tern){.stage = s, .side = side, .chance = chance};
    s->actors[side] = (stage_actor){play_tern_call, t};
    world_set_program(s->w, side, play_tern_program, t);
    play_tern_deviate(t);
}

bool play_tern_is_busy(const play_tern *t)
{
    tern_status status;
    uint64_t cursor = 0;
    tern_stack *stack = play_tern_stack(t);
    uint32_t keepalive = 0;

    if (stack != NULL && t->has_connection &&
        tern_option_get(stack, t->connection, TERN_OPTION_KEEPALIVE, &keepalive) == TERN_OK &&
        keepalive != 0)
        return true;
    while (stack != NULL && tern_status_next(stack, &cursor, &status))
        if (status.unacked > 0 || status.send_queue_bytes > 0 || status.state == TERN_SYN_SENT ||
            status.state == TERN_SYN_RECEIVED)
            return true;
    return false;
}
