/* output.c - the timers that are due, then the next packet that is owed; and when to ask again. */
#include "tcp/output.h"

#include "stack/fragments.h"
#include "stack/hold.h"
#include "stack/listen.h"
#include "stack/path_mtu.h"
#include "stack/replies.h"
#include "stack/settle.h"
#include "stack/time_waits.h"
#include "tcp/timeouts.h"

void stack_run_timers(tern_stack *s)
{
    uint32_t reference;

    s->ran_ms = s->engine.now_ms;
    while ((reference = wheel_expire(&s->wheel, stack_timers(s), s->engine.now_ms)) != 0) {
        uint32_t index = reference & ~WHEEL_KIND_BIT;
        if ((reference & WHEEL_KIND_BIT) != 0) {
            listen_half_open_timeout(s, index);
        } else {
            struct tcb *t = stack_tcb(s, index);
            timeouts_run(&s->engine, t);
            if ((t->owes & OWES_RETRANSMIT) != 0)
                path_mtu_timed_out(s, t);
            settle(s, index);
        }
    }
    time_waits_expire(s, false);
    fragments_expire(s);
    hold_expire(s);
}

/* The first connection in the work queue that really has a segment; it goes to the end. */
static size_t output_work(tern_stack *s, uint8_t *packet)
{
    uint32_t index;
    size_t bytes = 0;

    while (bytes == 0 && (index = s->work.head) != 0) {
        struct tcb *t = stack_tcb(s, index);
        bytes = output_segment(&s->engine, t, packet);
        if (t->owes != 0 && s->work.tail != index) { /* the others are next */
            list_remove(&s->work, STACK_WORK(s), index);
            list_push(&s->work, STACK_WORK(s), index);
        }
        settle(s, index);
    }
    return bytes;
}

size_t tern_output(tern_stack *s, tern_time now_us, void *packet, size_t cap_bytes)
{
    stack_set_time(s, now_us);
    if (s->ran_ms != s->engine.now_ms) /* a timer is armed for the next one at the earliest */
        stack_run_timers(s);
    if (cap_bytes < s->engine.config.mtu_bytes)
        return 0;
    size_t bytes = s->answers.head != 0 ? replies_output(s, packet) : 0;
    if (bytes == 0 && s->synacks.head != 0)
        bytes = listen_output(s, packet);
    if (bytes == 0 && s->work.head != 0)
        bytes = output_work(s, packet);
    return bytes;
}

/* Something is due in next_ms; any: and something else in *left_ms. */
static void output_sooner(bool *any, uint32_t *left_ms, uint32_t next_ms)
{
    if (!*any || next_ms < *left_ms)
        *left_ms = next_ms;
    *any = true;
}

/* Until the first of the records that wait outside the wheel is due; false: none waits. */
static bool output_next_record(const tern_stack *s, uint32_t *left_ms)
{
    bool any = time_waits_next(s, left_ms);
    uint32_t next_ms;

    if (hold_next(s, &next_ms))
        output_sooner(&any, left_ms, next_ms);
    if (fragments_next(s, &next_ms))
        output_sooner(&any, left_ms, next_ms);
    return any;
}

tern_time tern_deadline(const tern_stack *s)
{
    if (s->answers.head != 0 || s->synacks.head != 0 || s->work.head != 0)
        return TERN_NOW;
    uint32_t ahead_ms, left_ms = 0;
    bool any = output_next_record(s, &left_ms);
    if (wheel_next(&s->wheel, &ahead_ms)) {
        /* The wheel's time is that of the last tern_output(); the stack's may be later. */
        uint32_t due_ms = s->wheel.now_ms + ahead_ms;
        bool past = (int32_t)(due_ms - s->engine.now_ms) <= 0;
        output_sooner(&any, &left_ms, past ? 0 : due_ms - s->engine.now_ms);
    }
    if (!any)
        return TERN_NEVER;
    return left_ms == 0 ? TERN_NOW : (s->engine.now_us / 1000 + left_ms) * 1000;
}
