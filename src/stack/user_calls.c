/* user_calls.c - the user calls of the public API: handles in, error codes out. RFC 9293 3.10.1 -
 * 3.10.5. What a call does to its connection is in tcp/calls.c and tcp/open/syn.c. */
#include "tcp/calls.h"

#include "stack/demux.h"
#include "stack/handles.h"
#include "stack/listen.h"
#include "stack/path_mtu.h"
#include "stack/ports.h"
#include "stack/settle.h"
#include "stack/time_waits.h"
#include "tcp/open/syn.h"
#include "tcp/state.h"
#include "tcp/transfer/urgent.h"
#include "tern/congestion.h"

static const tern_address any_address;

static bool address_is_any(const tern_address *a)
{
    return memcmp(a, &any_address, sizeof any_address) == 0;
}

static bool address_is_any_ipv4(const tern_address *a)
{
    tern_address zero = tern_address_ipv4(0, 0, 0, 0);

    return memcmp(a, &zero, sizeof zero) == 0;
}

tern_err tern_listen(tern_stack *s, tern_time now_us, const tern_endpoint *local, uint32_t backlog,
                     tern_handle *listener)
{
    uint8_t at = LOCAL_ANY;
    uint32_t index;

    stack_set_time(s, now_us);
    if (local == NULL || listener == NULL || local->port == 0 || backlog == 0)
        return TERN_ERR_INVALID;
    if (address_is_any_ipv4(&local->address))
        at = LOCAL_ANY_IPV4;
    else if (!address_is_any(&local->address) && !ports_local(s, &local->address, &at))
        return TERN_ERR_NOT_LOCAL;
    struct listener_place place = {local->port, at};
    tern_err err = listen_open(s, &place, backlog, 0, &index);
    if (err == TERN_OK)
        *listener = handles_of_listener(s, index);
    return err;
}

tern_err tern_listen_beside(tern_stack *s, tern_time now_us, tern_handle listener, uint32_t backlog,
                            tern_handle *beside)
{
    uint32_t first = handles_listener(s, listener), index;

    stack_set_time(s, now_us);
    if (backlog == 0 || beside == NULL)
        return TERN_ERR_INVALID;
    if (first == 0)
        return TERN_ERR_STALE;
    const struct listener *l = stack_listener(s, first);
    if (l->holds)
        return TERN_ERR_INVALID;
    struct listener_place place = {l->port, l->local};
    tern_err err = listen_open(s, &place, backlog, first, &index);
    if (err == TERN_OK)
        *beside = handles_of_listener(s, index);
    return err;
}

tern_err tern_accept(tern_stack *s, tern_time now_us, tern_handle listener, tern_handle *connection)
{
    uint32_t index = handles_listener(s, listener);

    stack_set_time(s, now_us);
    if (connection == NULL)
        return TERN_ERR_INVALID;
    if (index == 0)
        return TERN_ERR_STALE;
    uint32_t tcb = listen_take(s, index);
    if (tcb == 0)
        return TERN_ERR_WOULD_BLOCK;
    *connection = handles_of_tcb(s, tcb);
    settle(s, tcb);
    return TERN_OK;
}

/* Active OPEN from a flow that is complete, also over a TIME-WAIT that gives way. named: the
 * program has named the port. */
static tern_err connect_flow(tern_stack *s, const struct flow *f, tern_state from, bool named,
                             tern_handle *connection)
{
    uint32_t old = demux_find(s, f);
    seq above = {0};

    if (old != 0 && !time_waits_give_way(s, old, named))
        return TERN_ERR_EXISTS;
    uint32_t index = settle_new_tcb(s, f);
    if (index == 0)
        return TERN_ERR_NO_RESOURCES;
    if (old != 0)
        above = time_waits_take(s, old);
    struct tcb *t = stack_tcb(s, index);
    t->accepted = true;
    t->in_table = true;
    demux_insert(s, demux_reference(DEMUX_TCB, index));
    syn_open(&s->engine, t, from);
    if (old != 0)
        syn_open_above(t, above);
    path_mtu_begin(s, t);
    settle(s, index);
    *connection = handles_of_tcb(s, index);
    return TERN_OK;
}

static tern_err connect_remote(const tern_endpoint *remote)
{
    if (remote->port == 0 || address_is_any(&remote->address))
        return TERN_ERR_NO_REMOTE;
    return ports_unicast(&remote->address) ? TERN_OK : TERN_ERR_INVALID;
}

tern_err tern_connect(tern_stack *s, tern_time now_us, const tern_endpoint *local,
                      const tern_endpoint *remote, tern_handle *connection)
{
    stack_set_time(s, now_us);
    if (remote == NULL || connection == NULL)
        return TERN_ERR_INVALID;
    tern_err err = connect_remote(remote);
    if (err != TERN_OK)
        return err;
    struct flow f = {.remote = remote->address, .remote_port = remote->port};
    if (local == NULL || address_is_any(&local->address)) {
        if (!ports_local_for(s, &remote->address, &f.local))
            return TERN_ERR_NOT_LOCAL;
    } else if (!ports_local(s, &local->address, &f.local) ||
               ip_is_v4(&local->address) != ip_is_v4(&remote->address)) {
        return TERN_ERR_NOT_LOCAL;
    }
    bool named = local != NULL && local->port != 0;
    if (named)
        f.local_port = local->port;
    else if (!ports_choose(s, &f))
        return TERN_ERR_NO_PORTS;
    return connect_flow(s, &f, TERN_CLOSED, named, connection);
}

tern_err tern_listener_connect(tern_stack *s, tern_time now_us, tern_handle listener,
                               const tern_endpoint *remote, tern_handle *connection)
{
    uint32_t index = handles_listener(s, listener);

    stack_set_time(s, now_us);
    if (remote == NULL || connection == NULL)
        return TERN_ERR_INVALID;
    if (index == 0)
        return TERN_ERR_STALE;
    tern_err err = connect_remote(remote);
    if (err != TERN_OK)
        return err;
    const struct listener *l = stack_listener(s, index);
    struct flow f = {.remote = remote->address,
                     .remote_port = remote->port,
                     .local_port = l->port,
                     .local = l->local};
    bool ipv4 = ip_is_v4(&remote->address);
    bool any = l->local == LOCAL_ANY || (l->local == LOCAL_ANY_IPV4 && ipv4);
    bool fits = any ? ports_local_for(s, &remote->address, &f.local)
                    : l->local != LOCAL_ANY_IPV4 &&
                          ip_is_v4(&s->engine.config.addresses[l->local]) == ipv4;
    if (!fits)
        return TERN_ERR_NOT_LOCAL;
    err = connect_flow(s, &f, TERN_LISTEN, true, connection);
    if (err == TERN_OK)
        listen_close(s, index, TERN_SYN_SENT);
    return err;
}

typedef ptrdiff_t user_send(struct engine *e, struct tcb *t, const void *data, size_t bytes);

static ptrdiff_t send_by(tern_stack *s, tern_handle connection, user_send *send, const void *data,
                         size_t bytes)
{
    uint32_t index = handles_tcb(s, connection);

    if (index == 0)
        return TERN_ERR_STALE;
    if (data == NULL && bytes > 0)
        return TERN_ERR_INVALID;
    struct tcb *t = stack_tcb(s, index);
    bool paused = t->flight == 0;
    ptrdiff_t n = send(&s->engine, t, data, bytes);
    if (paused && t->flight != 0 && (tcb_path_is_narrow(t) || s->path_mtus.used != 0))
        path_mtu_sends(s, t);
    settle(s, index);
    return n;
}

ptrdiff_t tern_send(tern_stack *s, tern_time now_us, tern_handle connection, const void *data,
                    size_t bytes)
{
    stack_set_time(s, now_us);
    return send_by(s, connection, calls_send, data, bytes);
}

ptrdiff_t tern_send_urgent(tern_stack *s, tern_time now_us, tern_handle connection,
                           const void *data, size_t bytes)
{
    stack_set_time(s, now_us);
    return send_by(s, connection, calls_send_urgent, data, bytes);
}

ptrdiff_t tern_send_record(tern_stack *s, tern_time now_us, tern_handle connection,
                           const void *data, size_t bytes)
{
    stack_set_time(s, now_us);
    return send_by(s, connection, calls_send_record, data, bytes);
}

ptrdiff_t tern_send_more(tern_stack *s, tern_time now_us, tern_handle connection, const void *data,
                         size_t bytes)
{
    stack_set_time(s, now_us);
    return send_by(s, connection, calls_send_more, data, bytes);
}

ptrdiff_t tern_urgent_mark(const tern_stack *s, tern_handle connection)
{
    uint32_t index = handles_tcb(s, connection);

    return index != 0 ? (ptrdiff_t)urgent_ahead(stack_tcb(s, index)) : TERN_ERR_STALE;
}

ptrdiff_t tern_recv(tern_stack *s, tern_time now_us, tern_handle connection, void *data,
                    size_t cap_bytes)
{
    uint32_t index = handles_tcb(s, connection);

    stack_set_time(s, now_us);
    if (index == 0)
        return TERN_ERR_STALE;
    if (data == NULL || cap_bytes == 0)
        return TERN_ERR_INVALID;
    ptrdiff_t n = calls_receive(&s->engine, stack_tcb(s, index), data, cap_bytes);
    settle(s, index);
    return n;
}

ptrdiff_t tern_peek(const tern_stack *s, tern_handle connection, size_t skip, void *data,
                    size_t cap_bytes)
{
    uint32_t index = handles_tcb(s, connection);

    if (index == 0)
        return TERN_ERR_STALE;
    if (data == NULL || cap_bytes == 0)
        return TERN_ERR_INVALID;
    const struct tcb *t = stack_tcb(s, index);
    if (skip < t->recv.bytes && calls_may_read(t)) {
        struct chunk_place at = chunks_seek(s, &s->engine.chunks, &t->recv, (uint32_t)skip);
        return (ptrdiff_t)chunks_copy(s, &s->engine.chunks, at, data, cap_bytes);
    }
    return calls_nothing_to_read(t);
}

tern_err tern_shutdown(tern_stack *s, tern_time now_us, tern_handle connection, int how)
{
    uint32_t index = handles_tcb(s, connection);
    tern_err err = TERN_OK;

    stack_set_time(s, now_us);
    if (index == 0)
        return TERN_ERR_STALE;
    if (how == 0 || (how & ~(TERN_SHUTDOWN_READ | TERN_SHUTDOWN_WRITE)) != 0)
        return TERN_ERR_INVALID;
    struct tcb *t = stack_tcb(s, index);
    if (t->state == TERN_CLOSED)
        return TERN_ERR_NOT_CONNECTED;
    if ((how & TERN_SHUTDOWN_READ) != 0)
        calls_shut_reading(&s->engine, t);
    if ((how & TERN_SHUTDOWN_WRITE) != 0)
        err = calls_close(&s->engine, t);
    settle(s, index);
    return err;
}

/* The handle is stale before the connection is: it lives on by itself until it is closed. */
static void give_back(tern_stack *s, uint32_t index)
{
    settle_stale(stack_tcb(s, index));
    settle(s, index);
}

tern_err tern_close(tern_stack *s, tern_time now_us, tern_handle handle)
{
    uint32_t index = handles_tcb(s, handle);

    stack_set_time(s, now_us);
    if (index != 0) {
        calls_release(&s->engine, stack_tcb(s, index));
        give_back(s, index);
        return TERN_OK;
    }
    index = handles_listener(s, handle);
    if (index == 0)
        return TERN_ERR_STALE;
    listen_close(s, index, TERN_CLOSED);
    return TERN_OK;
}

tern_err tern_abort(tern_stack *s, tern_time now_us, tern_handle connection)
{
    uint32_t index = handles_tcb(s, connection);

    stack_set_time(s, now_us);
    if (index == 0)
        return TERN_ERR_STALE;
    struct tcb *t = stack_tcb(s, index);
    t->released = true;
    if (t->state != TERN_CLOSED)
        calls_abort(&s->engine, t, TERN_ERR_ABORTED);
    chunks_consume(s, &s->engine.chunks, &t->recv, t->recv.bytes);
    give_back(s, index);
    return TERN_OK;
}
