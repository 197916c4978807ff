/* settle.c - after anything has happened to a connection: the queues it belongs in now.
 *
 * tcp/ leaves what follows in the TCB's own words; this is the one place that reads them. So a
 * connection is in the work queue if and only if it owes something, in the event queue if and only
 * if there is something to tell to a program that knows it, and its wheel timer is never later
 * than its earliest timer. */
#include "stack/settle.h"

#include "stack/demux.h"
#include "stack/fast_opens.h"
#include "stack/saved_syns.h"
#include "stack/time_waits.h"
#include "tcp/calls.h"
#include "tcp/details.h"
#include "tcp/timeouts.h"

void settle_stale(struct tcb *t)
{
    if (++t->generation == 0)
        t->generation = 1;
}

uint32_t settle_new_tcb(tern_stack *s, const struct flow *f)
{
    uint32_t index = pool_take(s, &s->connections);

    if (index == 0)
        return 0;
    struct tcb *t = stack_tcb(s, index);
    uint32_t generation = t->generation;
    memset(t, 0, sizeof *t);
    t->generation = generation != 0 ? generation : 1;
    t->flow = *f;
    calls_begin(&s->engine, t);
    details_begin(&s->engine, t);
    return index;
}

static void settle_work(tern_stack *s, uint32_t index, struct tcb *t)
{
    bool owes = t->owes != 0;

    if (owes == t->queued_work)
        return;
    t->queued_work = owes;
    if (owes)
        list_push(&s->work, STACK_WORK(s), index);
    else
        list_remove(&s->work, STACK_WORK(s), index);
}

static void settle_events(tern_stack *s, uint32_t index, struct tcb *t)
{
    bool tell = t->events != 0 && t->accepted && !t->released;

    if (tell == t->queued_event)
        return;
    t->queued_event = tell;
    if (tell)
        list_push(&s->events, STACK_EVENTS(s), index);
    else
        list_remove(&s->events, STACK_EVENTS(s), index);
}

/* A timer that moves away is left in the wheel: when the old time comes, nothing is due and the
 * new time is armed. So what happens with every segment, a timeout put off, costs nothing here. */
static void settle_timers(tern_stack *s, uint32_t index, struct tcb *t)
{
    uint32_t due_ms;

    if (!timeouts_next(t, &due_ms))
        return;
    if (wheel_armed(&t->timer)) {
        if ((int32_t)(t->timer.expiry_ms - due_ms) <= 0)
            return;
        wheel_cancel(&s->wheel, stack_timers(s), index);
    }
    wheel_arm(&s->wheel, stack_timers(s), index, due_ms);
}

static void settle_free(tern_stack *s, uint32_t index, struct tcb *t)
{
    t->owes = 0;
    t->events = 0;
    settle_work(s, index, t);
    settle_events(s, index, t);
    wheel_cancel(&s->wheel, stack_timers(s), index);
    chunks_consume(s, &s->engine.chunks, &t->recv, t->recv.bytes); /* what was never read */
    settle_stale(t);
    settings_end(&s->engine, t);
    saved_syns_forget(s, &t->flow);
    pool_give(s, &s->connections, index);
}

/* What a connection lives through once. true: its record is gone. Out of line, so that the others,
 * which are settled with every segment, do not pay for it. */
__attribute__((noinline)) static bool settle_end(tern_stack *s, uint32_t index, struct tcb *t)
{
    if (t->fast_pending && (t->syn_acked || t->state == TERN_CLOSED))
        fast_opens_done(s, t);
    if (t->state == TERN_CLOSED && t->in_table) {
        demux_remove(s, demux_reference(DEMUX_TCB, index));
        t->in_table = false;
    }
    if (!t->released || t->owes != 0 || (t->state != TERN_CLOSED && t->state != TERN_TIME_WAIT))
        return false;
    if (t->state == TERN_TIME_WAIT)
        time_waits_fold(s, index);
    settle_free(s, index, t);
    return true;
}

void settle(tern_stack *s, uint32_t index)
{
    struct tcb *t = stack_tcb(s, index);
    bool ends = t->fast_pending || t->state == TERN_CLOSED || t->state == TERN_TIME_WAIT;

    if (ends && settle_end(s, index, t))
        return;
    settle_work(s, index, t);
    settle_events(s, index, t);
    settle_timers(s, index, t);
}
