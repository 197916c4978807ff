/* schedule.c - when something is sent again, and when it is given up. RFC 6298 5, RFC 9293 3.8.3.
 *
 * tern.h says what the fields of a tern_schedule mean; src/stack/profiles.def has those of the
 * profiles. */
#include "tcp/schedule.h"

/* The time that retries_max retransmissions take when the first wait is min_ms: the 924.6 s that
 * 15 of them make of 0.2 s .. 120 s. */
static uint64_t schedule_retries_ms(const tern_schedule *p)
{
    uint64_t sum_ms = 0, wait_ms = p->min_ms;

    for (uint32_t i = 0; i <= p->retries_max; i++) { /* at most 256 */
        sum_ms += wait_ms;
        wait_ms = 2 * wait_ms < p->max_ms ? 2 * wait_ms : p->max_ms;
    }
    return sum_ms;
}

/* How long the schedule itself waits at least; 0: it only counts. */
static uint64_t schedule_patience_ms(const tern_schedule *p)
{
    return p->retries_as_time ? schedule_retries_ms(p) : p->give_up_ms;
}

bool schedule_over(const tern_schedule *p, const struct schedule_silence *so_far)
{
    uint32_t own_ms = so_far->user_timeout_ms;
    uint64_t patience_ms = schedule_patience_ms(p);
    uint32_t retries = p->retries_as_time ? 0 : p->retries_max;

    if (own_ms != 0) { /* in the place of a time; or of a count, where that is all there is */
        if (patience_ms == 0)
            retries = 0;
        patience_ms = own_ms;
    }
    return so_far->silent_ms >= patience_ms && so_far->again >= retries;
}

uint32_t schedule_end_ms(const tern_schedule *p, uint32_t user_timeout_ms)
{
    bool timed = p->give_up_ms != 0 || p->retries_as_time;
    bool counted = p->retries_max != 0 && !p->retries_as_time;

    if (user_timeout_ms != 0)
        return timed && counted ? UINT32_MAX : user_timeout_ms;
    return p->give_up_ms != 0 && !counted ? p->give_up_ms : UINT32_MAX;
}

uint32_t schedule_last_ms(const tern_schedule *p, uint32_t after_ms, uint32_t wait_ms)
{
    uint64_t patience_ms = schedule_patience_ms(p), end_ms = schedule_end_ms(p, 0);

    if (end_ms != UINT32_MAX || patience_ms <= after_ms)
        return (uint32_t)(end_ms != UINT32_MAX ? end_ms : after_ms);
    uint64_t timers = (patience_ms - after_ms + wait_ms - 1) / wait_ms;
    return (uint32_t)(after_ms + timers * wait_ms);
}

uint32_t schedule_rto_us(const tern_config *c, uint32_t srtt_us, uint32_t rttvar_us)
{
    uint64_t spread_us = 4 * (uint64_t)rttvar_us;
    uint64_t least_us = (uint64_t)c->data_schedule.min_ms * 1000;
    uint64_t most_us = (uint64_t)c->data_schedule.max_ms * 1000;
    uint64_t g_us = (uint64_t)c->rto_spread_min_ms * 1000;
    uint64_t rto_us = srtt_us + (spread_us < g_us ? g_us : spread_us);

    rto_us = rto_us < least_us ? least_us : rto_us;
    return (uint32_t)(rto_us < most_us ? rto_us : most_us);
}
