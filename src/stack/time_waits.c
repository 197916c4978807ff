/* time_waits.c - the TIME-WAIT records of a stack. */
#include "stack/time_waits.h"

#include "stack/demux.h"
#include "stack/replies.h"
#include "tcp/state.h"

static void time_waits_drop(tern_stack *s, uint32_t index, tern_cause cause)
{
    struct time_wait *w = stack_time_wait(s, index);

    state_moved(&s->engine, &w->flow, TERN_TIME_WAIT, TERN_CLOSED, cause);
    demux_remove(s, demux_reference(DEMUX_TIME_WAIT, index));
    list_remove(&s->time_waits, STACK_TIME_WAITS(s), index);
    pool_give(s, &s->time_wait, index);
}

void time_waits_fold(tern_stack *s, uint32_t tcb_index)
{
    uint32_t index = pool_take(s, &s->time_wait);

    if (index == 0) {
        const struct time_wait *oldest = stack_time_wait(s, s->time_waits.head);
        RULE_HIT(&s->engine, &oldest->flow, TIME_WAIT_FULL);
        time_waits_drop(s, s->time_waits.head, TERN_CAUSE_TIMEOUT);
        index = pool_take(s, &s->time_wait);
    }
    time_wait_fold(&s->engine, stack_time_wait(s, index), stack_tcb(s, tcb_index));
    demux_replace(s, demux_reference(DEMUX_TCB, tcb_index),
                  demux_reference(DEMUX_TIME_WAIT, index));
    list_push(&s->time_waits, STACK_TIME_WAITS(s), index);
}

verdict time_waits_arrives(tern_stack *s, uint32_t index, struct segment *seg)
{
    struct time_wait *w = stack_time_wait(s, index);
    bool again;
    verdict v = time_wait_arrives(&s->engine, w, seg, &again);

    if (again) {
        w->flow.spare = time_wait_expiry(&s->engine);
        list_remove(&s->time_waits, STACK_TIME_WAITS(s), index);
        list_push(&s->time_waits, STACK_TIME_WAITS(s), index);
    }
    if (v == DROP_AND_ACK)
        replies_time_wait_ack(s, w);
    if (v == REOPEN)
        time_waits_drop(s, index, TERN_CAUSE_RCV_SYN);
    if (v == DELETE_TCB)
        time_waits_drop(s, index, TERN_CAUSE_RCV_RST);
    return v;
}

bool time_waits_give_way(const tern_stack *s, uint32_t reference, bool named)
{
    return demux_kind_of(reference) == DEMUX_TIME_WAIT &&
           time_wait_gives_way(&s->engine, stack_time_wait(s, demux_index_of(reference)), named);
}

seq time_waits_take(tern_stack *s, uint32_t reference)
{
    uint32_t index = demux_index_of(reference);
    const struct time_wait *w = stack_time_wait(s, index);
    seq snd_nxt = w->snd_nxt;

    RULE_HIT(&s->engine, &w->flow, TIME_WAIT_TAKEN);
    time_waits_drop(s, index, TERN_CAUSE_ABORT);
    return snd_nxt;
}

void time_waits_expire(tern_stack *s, bool all)
{
    uint32_t left_ms;

    while (s->time_waits.head != 0) {
        const struct time_wait *w = stack_time_wait(s, s->time_waits.head);
        if (!all && !time_wait_over(&s->engine, w, &left_ms))
            break;
        RULE_HIT(&s->engine, &w->flow, TIME_WAIT_DONE);
        time_waits_drop(s, s->time_waits.head, TERN_CAUSE_TIMEOUT);
    }
}

bool time_waits_next(const tern_stack *s, uint32_t *left_ms)
{
    if (s->time_waits.head == 0)
        return false;
    if (time_wait_over(&s->engine, stack_time_wait(s, s->time_waits.head), left_ms))
        *left_ms = 0;
    return true;
}
