/* when.c - when a stack sends again and when it gives up, told from its configuration. RFC 6298,
 * RFC 9293 3.8.3, 3.8.4, 3.8.6.1.
 *
 * It plays the timers of a connection that nobody answers, by the functions of tcp/schedule.h that
 * the timers themselves ask. */
#include "tern/profile.h"

#include "stack/memory.h"
#include "tcp/schedule.h"

static const char *const when_names[TERN_WHENS] = {
    [TERN_WHEN_SYN] = "syn",
    [TERN_WHEN_SYN_ACK] = "synack",
    [TERN_WHEN_DATA] = "data",
    [TERN_WHEN_FIN] = "fin",
    [TERN_WHEN_KEEPALIVE] = "keepalive",
    [TERN_WHEN_PERSIST] = "persist",
    [TERN_WHEN_TIME_WAIT] = "time-wait",
};

const char *tern_when_name(tern_when_what what)
{
    return (size_t)what < TERN_WHENS ? when_names[what] : NULL;
}

static void when_sends(tern_when_times *times, uint64_t at_ms)
{
    times->sends_us[times->sends++] = at_ms * 1000;
}

/* What is sent again by a schedule. The waits no longer change where there is no room for more. */
static void when_schedule(const tern_schedule *p, uint32_t rto_ms, tern_when_times *times)
{
    struct schedule_silence so_far = {0};
    uint32_t end_ms = schedule_end_ms(p, 0), wait_ms = 0;

    times->error = TERN_ERR_TIMED_OUT;
    while (so_far.again <= TERN_WHEN_SENDS) {
        wait_ms = schedule_wait_ms(p, rto_ms, so_far.again);
        uint32_t due_ms = so_far.silent_ms + wait_ms;
        so_far.silent_ms = due_ms < end_ms ? due_ms : end_ms;
        times->end_us = (tern_time)so_far.silent_ms * 1000;
        if (schedule_over(p, &so_far))
            return;
        if (so_far.again < TERN_WHEN_SENDS)
            when_sends(times, so_far.silent_ms);
        so_far.again++;
    }
    times->more = true;
    times->end_us = (tern_time)schedule_last_ms(p, so_far.silent_ms, wait_ms) * 1000;
}

static void when_keepalive(const tern_config *c, tern_when_times *times)
{
    uint64_t at_ms = c->keep_idle_ms;

    for (uint32_t i = 0; i < c->keep_count; i++, at_ms += c->keep_interval_ms)
        when_sends(times, at_ms); /* at most 255 */
    times->end_us = at_ms * 1000;
    times->error = TERN_ERR_TIMED_OUT;
}

tern_err tern_when(const tern_config *config, tern_when_what what, uint32_t rtt_us,
                   tern_when_times *times)
{
    if (config == NULL || times == NULL || memory_behaviour_wrong(config) != NULL)
        return TERN_ERR_INVALID;
    const tern_schedule *syn = &config->syn_schedule, *syn_ack = &config->syn_ack_schedule;
    uint32_t rto_ms = schedule_ms(schedule_rto_us(config, rtt_us, rtt_us / 2));

    *times = (tern_when_times){.error = TERN_OK};
    switch (what) {
    case TERN_WHEN_SYN:
        when_schedule(syn, syn->first_ms, times);
        return TERN_OK;
    case TERN_WHEN_SYN_ACK:
        when_schedule(syn_ack, syn_ack->first_ms, times);
        return TERN_OK;
    case TERN_WHEN_DATA:
        when_schedule(&config->data_schedule, rto_ms, times);
        return TERN_OK;
    case TERN_WHEN_FIN:
        when_schedule(&config->orphan_schedule, rto_ms, times);
        return TERN_OK;
    case TERN_WHEN_KEEPALIVE:
        when_keepalive(config, times);
        return TERN_OK;
    case TERN_WHEN_PERSIST:
        when_schedule(&config->persist_schedule, rto_ms, times);
        return TERN_OK;
    case TERN_WHEN_TIME_WAIT:
        times->end_us = (tern_time)config->time_wait_ms * 1000;
        return TERN_OK;
    case TERN_WHENS:
        break;
    }
    return TERN_ERR_INVALID;
}
