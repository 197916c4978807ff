/* schedule.h - when something is sent again, and when it is given up: what a tern_schedule says.
 *
 * The engine and tern_when() both ask here, and nowhere else, so they cannot disagree. */
#ifndef TERN_TCP_SCHEDULE_H
#define TERN_TCP_SCHEDULE_H

#include "tcp/tcb.h"

/* The one that counts for what a connection has under way now. */
static inline const tern_schedule *schedule_of(const tern_config *c, const struct tcb *t)
{
    if (!t->syn_acked)
        return t->fast_open ? &c->syn_ack_schedule : &c->syn_schedule;
    if (t->persist)
        return &c->persist_schedule;
    return t->released ? &c->orphan_schedule : &c->data_schedule;
}

/* The wait after it was sent `again` times over, in ms. rto_ms: the RTO, not backed off. */
static inline uint32_t schedule_wait_ms(const tern_schedule *p, uint32_t rto_ms, uint32_t again)
{
    if (again < TERN_SCHEDULE_WAITS && p->waits_ms[again] != 0)
        return p->waits_ms[again];
    uint64_t ms = ((uint64_t)rto_ms << (again < 20 ? again : 20)) + p->slop_ms;

    ms = ms < p->min_ms ? p->min_ms : ms;
    return ms < p->max_ms ? (uint32_t)ms : p->max_ms;
}

/* The same for a connection whose program has said how often (TERN_OPTION_SYN_RETRIES); 0: it has
 * not. The first waits belong to the schedule's own count: from the second on they double. */
static inline tern_schedule schedule_counted(const tern_schedule *p, uint32_t retries)
{
    tern_schedule own = *p;

    if (retries != 0) {
        own.retries_max = retries;
        own.retries_as_time = false;
        own.give_up_ms = 0;
        memset(own.waits_ms + 1, 0, sizeof own.waits_ms - sizeof own.waits_ms[0]);
    }
    return own;
}

/* How long something has been under way. */
struct schedule_silence {
    uint32_t silent_ms;       /* since it was sent first, or since the peer answered a probe */
    uint32_t again;           /* sent so often since, without an answer */
    uint32_t user_timeout_ms; /* R2 of the connection itself (RFC 9293 3.8.3); 0: the schedule's */
};

/* Its timer fires: is it given up? */
bool schedule_over(const tern_schedule *p, const struct schedule_silence *so_far);

/* The first timer that gives up, when from after_ms on one fires each wait_ms and all counts are
 * reached; or the sharp end before it. */
uint32_t schedule_last_ms(const tern_schedule *p, uint32_t after_ms, uint32_t wait_ms);

/* It is given up after exactly this time, also between two timers; UINT32_MAX: only by a timer. */
uint32_t schedule_end_ms(const tern_schedule *p, uint32_t user_timeout_ms);

/* An RTO as the timers count it: in ms, to the nearest. */
static inline uint32_t schedule_ms(uint32_t rto_us)
{
    return (rto_us + 500) / 1000;
}

/* The RTO of these estimates: RFC 6298 2.2, 2.4 and 2.5. */
uint32_t schedule_rto_us(const tern_config *c, uint32_t srtt_us, uint32_t rttvar_us);

#endif
