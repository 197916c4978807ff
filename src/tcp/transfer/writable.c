/* writable.c - how much tern_send() takes, and when the program is told that it does again.
 *
 * Not for each octet that is acknowledged: a third of the buffer must be free, as on Linux, so that
 * what a program sees there it sees here.
 *
 * With send_units the buffer counts as Linux's does (docs/decisions/0028). What waits to be sent
 * lies in units, each as large as half of the peer's largest window; a unit that has room is
 * filled, a new one is begun while the buffer is not full, and is filled too:
 *
 *     SND.UNA      SND.NXT   what may go now
 *     | under way  |         |<-- unit -->|<-- unit -->|<- tail |
 *
 * A unit costs its octets and its bookkeeping, and the buffer has room for twice its octets. */
#include "tcp/transfer/writable.h"

#include "base/rare.h"
#include "tcp/loss/recovery.h"

enum {
    UNIT_BYTES_MAX = 65215,    /* what fits in an IP datagram behind Linux's room for headers */
    UNIT_COST_BYTES = 1280,    /* a unit's bookkeeping, on 64 bits */
    UNIT_WINDOW_SMALL = 536,   /* a window of so few octets is not halved */
    GROWS_SEGMENTS_LEAST = 10, /* a buffer that grows has room for an initial window */
    GROWS_HEADERS_BYTES = 640, /* a segment's headers and bookkeeping; rounded up to */
    GROWS_SEGMENT_COST_BYTES = 256, /* a power of two, and this */
};

static uint32_t writable_unsent(const struct tcb *t)
{
    return seq_diff(tcb_send_end(t), seq_max(t->snd_nxt, tcb_send_start(t)));
}

/* While so many octets wait to be sent, no more are taken; 0: no bound. */
static uint32_t writable_low(const struct engine *e, const struct tcb *t)
{
    const struct settings *own = NULL;

    if (t->settings != 0)
        own = pool_at(e, &e->settings, t->settings);
    return own != NULL && own->unsent_low != 0 ? own->unsent_low : e->config.unsent_low_bytes;
}

static bool writable_below(const struct engine *e, const struct tcb *t, uint64_t unsent)
{
    uint32_t low = writable_low(e, t);

    return low == 0 || unsent < low;
}

/* ---- Units --------------------------------------------------------------------------------- */

static uint32_t writable_unit(const struct tcb *t)
{
    uint32_t mss = recovery_mss(t), most = t->max_snd_wnd;

    if (most > UNIT_WINDOW_SMALL)
        most /= 2;
    most = most < UNIT_BYTES_MAX ? most : UNIT_BYTES_MAX;
    return most > mss ? most - most % mss : mss;
}

static uint64_t writable_cost(const struct tcb *t, uint64_t bytes)
{
    uint32_t unit = writable_unit(t);

    return bytes + (bytes + unit - 1) / unit * UNIT_COST_BYTES;
}

static uint64_t writable_budget(const struct tcb *t)
{
    return (uint64_t)t->send_limit * 2;
}

/* New octets that may go out at once, in whole segments. */
static uint32_t writable_goes(const struct engine *e, const struct tcb *t)
{
    seq start = tcb_send_start(t), edge = seq_add(start, t->snd_wnd), nxt = t->snd_nxt;

    if (!t->syn_acked || !seq_lt(nxt, edge))
        return 0;
    uint32_t window = seq_diff(edge, nxt), room = recovery_room(e, t);
    uint32_t least = window < room ? window : room;
    return least - least % recovery_mss(t);
}

static uint32_t writable_room_of_units(const struct engine *e, const struct tcb *t, size_t bytes)
{
    uint64_t queued = t->send.bytes, unsent = writable_unsent(t), taken = 0;
    uint32_t goes = writable_goes(e, t), unit = writable_unit(t);

    while (taken < bytes) { /* at most budget / UNIT_COST_BYTES times */
        uint64_t waits = unsent + taken > goes ? unsent + taken - goes : 0;
        uint64_t tail = waits % unit;
        bool full = writable_cost(t, queued + taken) >= writable_budget(t);
        if (tail == 0 && (full || !writable_below(e, t, waits)))
            break;
        taken += unit - tail;
    }
    return (uint32_t)(taken < bytes ? taken : bytes);
}

/* A buffer that the program has not set grows with cwnd, when it and not cwnd holds the program
 * back. */
RARE static void writable_grow(const struct engine *e, struct tcb *t)
{
    uint32_t most = e->config.send_buffer_max_bytes, mss = t->snd_mss, segments = t->cwnd / mss;
    uint32_t each = 1;

    if (t->send_fixed || t->send_limit >= most || recovery_room(e, t) < mss)
        return;
    while (each < mss + GROWS_HEADERS_BYTES)
        each *= 2;
    if (segments < GROWS_SEGMENTS_LEAST)
        segments = GROWS_SEGMENTS_LEAST;
    uint64_t wanted = (uint64_t)segments * (each + GROWS_SEGMENT_COST_BYTES);
    wanted = wanted < most ? wanted : most;
    if (wanted > t->send_limit)
        t->send_limit = (uint32_t)wanted;
}

/* ---- For all ------------------------------------------------------------------------------- */

uint32_t writable_room(const struct engine *e, const struct tcb *t, size_t bytes)
{
    if (e->config.send_units)
        return writable_room_of_units(e, t, bytes);
    if (t->send.bytes >= t->send_limit || !writable_below(e, t, writable_unsent(t)))
        return 0;
    return t->send_limit - t->send.bytes;
}

bool writable_now(const struct engine *e, const struct tcb *t, bool waking)
{
    uint64_t unsent = writable_unsent(t);

    if (!e->config.send_units)
        return t->send.bytes <= t->send_limit - t->send_limit / 3 && writable_below(e, t, unsent);
    uint64_t cost = writable_cost(t, t->send.bytes), budget = writable_budget(t);
    return cost <= budget - budget / 3 && writable_below(e, t, waking ? unsent * 2 : unsent);
}

void writable_tell(const struct engine *e, struct tcb *t)
{
    if (e->config.send_units)
        writable_grow(e, t);
    if (!writable_now(e, t, true))
        return;
    t->write_wanted = false;
    t->events |= TERN_EVENT_WRITABLE;
}

/* With units, what this lets go out goes first (writable_rests()). */
void writable_acked(const struct engine *e, struct tcb *t)
{
    if (!e->config.send_units || t->send.bytes == 0)
        writable_tell(e, t);
}

void writable_sent(const struct engine *e, struct tcb *t)
{
    if (!e->config.send_units)
        writable_tell(e, t);
}

void writable_rests(const struct engine *e, struct tcb *t)
{
    if (e->config.send_units)
        writable_tell(e, t);
}
