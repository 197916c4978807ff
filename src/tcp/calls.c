/* calls.c - spine: the user calls on one connection.
 *
 * RFC 9293 3.10.2 SEND, 3.10.3 RECEIVE, 3.10.4 CLOSE, 3.10.5 ABORT. OPEN is in open/syn.c, STATUS
 * in stack/status.c. A call changes the connection and leaves what is owed; it sends nothing. */
#include "tcp/calls.h"

#include "tcp/loss/flight.h"
#include "tcp/loss/rtt.h"
#include "tcp/open/fast_open.h"
#include "tcp/ranges.h"
#include "tcp/settings.h"
#include "tcp/state.h"
#include "tcp/timeouts.h"
#include "tcp/transfer/nagle.h"
#include "tcp/transfer/records.h"
#include "tcp/transfer/urgent.h"
#include "tcp/transfer/window.h"
#include "tcp/transfer/writable.h"

void calls_begin(const struct engine *e, struct tcb *t)
{
    t->send_limit = e->config.send_buffer_bytes;
    t->recv_limit = e->config.recv_buffer_bytes;
    t->congestion = (uint8_t)e->config.congestion;
    t->keepalive = e->config.keepalive;
    t->rcv_mss = RCV_MSS_START;
    rtt_begin(e, t);
}

/* Why nothing can be done with a connection that has ended. */
static ptrdiff_t calls_ended(const struct tcb *t)
{
    return t->error != TERN_OK ? t->error : TERN_ERR_NOT_CONNECTED;
}

ptrdiff_t calls_send(struct engine *e, struct tcb *t, const void *data, size_t bytes)
{
    if (t->state == TERN_CLOSED)
        return calls_ended(t);
    if (t->fin_queued || !state_is(t, TEXT_OUT))
        return TERN_ERR_CLOSING;
    if (bytes == 0) {
        t->write_wanted = !writable_now(e, t, false);
        return 0;
    }
    uint32_t room = writable_room(e, t, bytes);
    if (room == 0) {
        t->write_wanted = true;
        return TERN_ERR_WOULD_BLOCK;
    }
    if (flight_begin(e, t) == NULL)
        return TERN_ERR_NO_RESOURCES;
    size_t taken = chunks_append(e, &e->chunks, &t->send, data,
                                 bytes < room ? bytes : (size_t)room);
    if (taken < bytes)
        t->write_wanted = true;
    if (t->settings != 0)
        nagle_no_more(e, t);
    t->owes |= OWES_DATA;
    if (t->send.bytes == 0) {
        flight_end(e, t);
        return TERN_ERR_NO_RESOURCES;
    }
    return taken > 0 ? (ptrdiff_t)taken : TERN_ERR_NO_RESOURCES;
}

ptrdiff_t calls_send_urgent(struct engine *e, struct tcb *t, const void *data, size_t bytes)
{
    ptrdiff_t n = calls_send(e, t, data, bytes);

    if (n > 0)
        urgent_queued(e, t);
    return n;
}

ptrdiff_t calls_send_record(struct engine *e, struct tcb *t, const void *data, size_t bytes)
{
    ptrdiff_t n = calls_send(e, t, data, bytes);

    if (n > 0 && (size_t)n == bytes)
        records_end(e, t, tcb_send_end(t));
    return n;
}

ptrdiff_t calls_send_more(struct engine *e, struct tcb *t, const void *data, size_t bytes)
{
    ptrdiff_t n = calls_send(e, t, data, bytes);

    if (n > 0)
        nagle_more(e, t);
    return n;
}

ptrdiff_t calls_nothing_to_read(const struct tcb *t)
{
    if (t->read_shut)
        return 0;
    if (t->state == TERN_CLOSED)
        return t->error;
    return state_is(t, SYNC) && !state_is(t, TEXT_IN) ? 0 : TERN_ERR_WOULD_BLOCK;
}

ptrdiff_t calls_receive(struct engine *e, struct tcb *t, void *data, size_t cap_bytes)
{
    if (!calls_may_read(t))
        return calls_nothing_to_read(t);
    struct chunk_place head = chunks_seek(e, &e->chunks, &t->recv, 0);
    size_t n = chunks_copy(e, &e->chunks, head, data, cap_bytes);

    if (n > 0) {
        chunks_consume(e, &e->chunks, &t->recv, (uint32_t)n);
        if (t->urgent_in)
            urgent_read(t);
        if (state_is(t, TEXT_IN) && window_worth_telling(e, t)) {
            t->owes |= OWES_ACK;
            t->window_told = true;
        }
        return (ptrdiff_t)n;
    }
    return calls_nothing_to_read(t);
}

tern_err calls_close(struct engine *e, struct tcb *t)
{
    switch (t->state) {
    case TERN_CLOSED:
        return TERN_ERR_NOT_CONNECTED;
    case TERN_SYN_SENT:
        calls_end(e, t, TERN_CAUSE_CLOSE, TERN_ERR_CLOSING);
        return TERN_OK;
    case TERN_SYN_RECEIVED:
        if (t->fin_queued)
            return TERN_ERR_CLOSING;
        t->fin_queued = true;
        /* Queued data goes out after ESTABLISHED (segment_arrives.c); by Fast Open it may now. */
        if (t->send.bytes == 0 || t->fast_open)
            state_set(e, t, TERN_FIN_WAIT_1, TERN_CAUSE_CLOSE);
        break;
    case TERN_ESTABLISHED:
        t->fin_queued = true;
        state_set(e, t, TERN_FIN_WAIT_1, TERN_CAUSE_CLOSE);
        break;
    case TERN_CLOSE_WAIT:
        t->fin_queued = true;
        state_set(e, t, TERN_LAST_ACK, TERN_CAUSE_CLOSE);
        break;
    default:
        return TERN_ERR_CLOSING;
    }
    t->owes |= OWES_DATA;
    return TERN_OK;
}

void calls_shut_reading(struct engine *e, struct tcb *t)
{
    t->read_shut = true;
    urgent_read(t);
    chunks_consume(e, &e->chunks, &t->recv, t->recv.bytes);
    if (state_is(t, TEXT_IN) && window_worth_telling(e, t)) {
        t->owes |= OWES_ACK;
        t->window_told = true;
    }
}

void calls_release(struct engine *e, struct tcb *t)
{
    bool unread = t->recv.bytes > 0 || *ranges_early(e, t) != 0;
    uint32_t linger_ms = settings_of(e, t).linger_ms;

    t->released = true;
    t->events = 0;
    if (t->state == TERN_CLOSED)
        return;
    if (linger_ms == 0 && t->state != TERN_TIME_WAIT) {
        RULE_HIT(e, &t->flow, LINGER_ABORTED);
        calls_abort(e, t, TERN_ERR_ABORTED);
        return;
    }
    if (unread && t->state != TERN_TIME_WAIT) {
        RULE_HIT(e, &t->flow, CLOSE_UNREAD_RESET);
        calls_abort(e, t, TERN_ERR_ABORTED);
        t->owes = OWES_RST; /* in CLOSING and LAST-ACK too: our FIN may be lost */
        return;
    }
    chunks_consume(e, &e->chunks, &t->recv, t->recv.bytes); /* TIME-WAIT goes on without it */
    ranges_free(e, &t->early);
    (void)calls_close(e, t); /* CLOSING: the program has shut down writing before */
    if (t->state == TERN_FIN_WAIT_2)
        timeouts_orphan(e, t);
    else if (linger_ms != TERN_LINGER_OFF && t->state != TERN_CLOSED && t->state != TERN_TIME_WAIT)
        timeouts_linger(e, t, linger_ms);
}

void calls_abort(struct engine *e, struct tcb *t, tern_err error)
{
    bool peer_knows = false;

    switch (t->state) {
    case TERN_SYN_RECEIVED:
    case TERN_ESTABLISHED:
    case TERN_FIN_WAIT_1:
    case TERN_FIN_WAIT_2:
    case TERN_CLOSE_WAIT:
        peer_knows = true;
        break;
    default:
        break;
    }
    RULE_HIT(e, &t->flow, ABORTED);
    calls_end(e, t, TERN_CAUSE_ABORT, error);
    if (peer_knows)
        t->owes = OWES_RST;
}

void calls_end(struct engine *e, struct tcb *t, tern_cause cause, tern_err error)
{
    bool by_program = cause == TERN_CAUSE_CLOSE || cause == TERN_CAUSE_ABORT;

    if (t->state == TERN_SYN_SENT && t->fast_option && !by_program)
        fast_open_failed(e, t);
    state_set(e, t, TERN_CLOSED, cause);
    t->error = (int8_t)error;
    t->owes = 0;
    t->persist = false;
    timeouts_stop_all(t);
    flight_end(e, t);
    chunks_consume(e, &e->chunks, &t->send, t->send.bytes);
    ranges_free(e, &t->early);
    if (t->released)
        chunks_consume(e, &e->chunks, &t->recv, t->recv.bytes);
    else
        t->events |= TERN_EVENT_CLOSED | TERN_EVENT_READABLE;
}
