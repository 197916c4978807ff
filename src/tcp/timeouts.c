/* timeouts.c - spine: the timers of a connection, RFC 9293 3.10.8 and RFC 6298 5.
 *
 * Three timers: retransmission (also of SYN and FIN, and for window probes: RFC 9293 3.8.6.1
 * never needs both), delayed ACK, and one for the waits at the end of a connection. A timer is a
 * point in time in the TCB; the wheel is told of the earliest by the stack. */
#include "tcp/timeouts.h"

#include "base/rare.h"
#include "tcp/calls.h"
#include "tcp/loss/mtu_probe.h"
#include "tcp/loss/recovery.h"
#include "tcp/loss/rtt.h"
#include "tcp/schedule.h"
#include "tcp/settings.h"
#include "tcp/state.h"

static void timer_set(struct tcb *t, enum tcb_timer timer, uint32_t due_ms)
{
    t->due_ms[timer] = due_ms;
    t->timers = (uint8_t)(t->timers | 1u << timer);
}

static void timer_stop(struct tcb *t, enum tcb_timer timer)
{
    t->timers = (uint8_t)(t->timers & ~(1u << timer));
}

void timeouts_stop_all(struct tcb *t)
{
    t->timers = 0;
}

/* A SYN goes again as often, and for as long, as the program has said. */
static tern_schedule timeouts_schedule(const struct engine *e, const struct tcb *t)
{
    const tern_schedule *p = schedule_of(&e->config, t);

    if (t->syn_acked)
        return *p;
    struct settings own = settings_of(e, t);
    tern_schedule schedule = schedule_counted(p, own.syn_retries);
    if (own.syn_give_up_ms != 0) {
        schedule.give_up_ms = own.syn_give_up_ms;
        schedule.retries_as_time = false;
        schedule.retries_max = own.syn_retries;
    }
    return schedule;
}

/* Has what is under way been silent for too long, at a timer that fires now? While the window is
 * closed only probes without an answer count: as long as the peer answers, the connection stays
 * (RFC 9293 MUST-37). */
static bool timeouts_r2_over(const struct engine *e, const struct tcb *t)
{
    struct schedule_silence so_far = {
        .silent_ms = e->now_ms - t->since_ms,
        .again = t->persist ? t->unanswered : t->backoffs,
        .user_timeout_ms = settings_of(e, t).user_timeout_ms,
    };
    tern_schedule schedule = timeouts_schedule(e, t);

    return schedule_over(&schedule, &so_far);
}

/* A sliver of a window is used after half a second (RFC 9293 3.8.6.2.1: 0.1 to 1.0 s), what a cork
 * holds back after a time of its own, if it has one; then, and all else, waits for the RTO. */
static uint32_t timeouts_wait_ms(const struct engine *e, const struct tcb *t)
{
    enum { SLIVER_MS = 500 };
    uint32_t rto_ms = rtt_timeout_ms(e, t);

    if (!t->persist || t->snd_wnd == 0 || t->backoffs > 0)
        return rto_ms;
    struct settings own = settings_of(e, t);
    uint32_t short_ms = own.cork || own.more ? e->config.cork_ms : SLIVER_MS;
    return rto_ms > short_ms && short_ms > 0 ? short_ms : rto_ms;
}

/* R2, sharp: silence for so long ends it; UINT32_MAX: only a timer that fires does. */
static uint32_t timeouts_patience_ms(const struct engine *e, const struct tcb *t)
{
    uint32_t user_timeout_ms = settings_of(e, t).user_timeout_ms;

    if (t->syn_acked || t->settings == 0)
        return schedule_end_ms(schedule_of(&e->config, t), user_timeout_ms);
    tern_schedule schedule = timeouts_schedule(e, t);
    return schedule_end_ms(&schedule, user_timeout_ms);
}

/* Arms the retransmission timer anew; it does not run past R2. */
static void timeouts_restart(const struct engine *e, struct tcb *t)
{
    uint32_t due_ms = e->from_ms + timeouts_wait_ms(e, t);
    uint32_t patience_ms = timeouts_patience_ms(e, t);

    if (patience_ms != UINT32_MAX && (int32_t)(due_ms - t->since_ms - patience_ms) > 0)
        due_ms = t->since_ms + patience_ms;
    timer_set(t, TIMER_RETRANSMIT, due_ms);
}

void timeouts_sent(struct engine *e, struct tcb *t)
{
    if (tcb_timer_on(t, TIMER_RETRANSMIT) && !t->persist)
        return;
    if (t->backoffs == 0)
        t->since_ms = e->now_ms;
    timeouts_restart(e, t);
}

void timeouts_acked(struct engine *e, struct tcb *t)
{
    if (t->backoffs > 0)
        rtt_keep_backoff(e, t);
    t->backoffs = 0;
    t->soft_error = TERN_OK;
    t->since_ms = e->now_ms;
    if (seq_eq(t->snd_una, t->snd_nxt))
        timer_stop(t, TIMER_RETRANSMIT);
    else
        timeouts_restart(e, t);
}

RARE void timeouts_persist(struct engine *e, struct tcb *t)
{
    if (t->persist && tcb_timer_on(t, TIMER_RETRANSMIT))
        return;
    if (!t->persist) {
        t->persist = true;
        t->backoffs = t->unanswered = 0;
        t->since_ms = e->now_ms;
    }
    timeouts_restart(e, t);
}

void timeouts_persist_over(struct tcb *t)
{
    t->persist = false;
    t->backoffs = 0;
    timer_stop(t, TIMER_RETRANSMIT);
}

void timeouts_heard(const struct engine *e, struct tcb *t)
{
    t->since_ms = e->now_ms;
}

RARE void timeouts_syn_soon(const struct engine *e, struct tcb *t)
{
    uint32_t due_ms = e->from_ms + e->config.syn_sent_bad_ack_resend_ms;

    if (tcb_timer_on(t, TIMER_RETRANSMIT) && (int32_t)(t->due_ms[TIMER_RETRANSMIT] - due_ms) > 0)
        timer_set(t, TIMER_RETRANSMIT, due_ms);
}

void timeouts_ack_delayed(const struct engine *e, struct tcb *t)
{
    if (!tcb_timer_on(t, TIMER_DELAYED_ACK))
        timer_set(t, TIMER_DELAYED_ACK, e->from_ms + e->config.delayed_ack_ms);
}

void timeouts_ack_sent(struct tcb *t)
{
    timer_stop(t, TIMER_DELAYED_ACK);
}

void timeouts_time_wait(const struct engine *e, struct tcb *t)
{
    timer_set(t, TIMER_IDLE, e->from_ms + e->config.time_wait_ms);
}

void timeouts_orphan(const struct engine *e, struct tcb *t)
{
    timer_set(t, TIMER_IDLE, e->from_ms + settings_of(e, t).fin_wait_2_ms);
}

RARE void timeouts_linger(const struct engine *e, struct tcb *t, uint32_t linger_ms)
{
    t->lingering = true;
    timer_set(t, TIMER_IDLE, e->from_ms + linger_ms);
}

RARE void timeouts_user_timeout(const struct engine *e, struct tcb *t)
{
    uint32_t patience_ms = timeouts_patience_ms(e, t);
    uint32_t due_ms = t->due_ms[TIMER_RETRANSMIT];

    if (!tcb_timer_on(t, TIMER_RETRANSMIT) || patience_ms == UINT32_MAX)
        return;
    if ((int32_t)(due_ms - t->since_ms - patience_ms) > 0)
        timer_set(t, TIMER_RETRANSMIT, t->since_ms + patience_ms);
}

/* TIMER_IDLE has another use at the end of a connection. */
static bool timeouts_keepalive_has_timer(const struct tcb *t)
{
    return state_is(t, SYNC) && t->state != TERN_TIME_WAIT && !t->lingering &&
           !(t->state == TERN_FIN_WAIT_2 && t->released);
}

void timeouts_keepalive(const struct engine *e, struct tcb *t, bool on)
{
    t->keepalive = on;
    t->unanswered = 0;
    if (!timeouts_keepalive_has_timer(t))
        return;
    if (on)
        timer_set(t, TIMER_IDLE, e->from_ms + settings_of(e, t).keep_idle_ms);
    else
        timer_stop(t, TIMER_IDLE);
}

bool timeouts_next(const struct tcb *t, uint32_t *due_ms)
{
    bool any = false;

    for (enum tcb_timer timer = 0; timer < TIMERS; timer++) {
        if (!tcb_timer_on(t, timer))
            continue;
        if (!any || (int32_t)(t->due_ms[timer] - *due_ms) < 0)
            *due_ms = t->due_ms[timer];
        any = true;
    }
    return any;
}

/* Why a silent peer is given up: as ICMP has said, if it has (RFC 9293 3.9.2.2, RFC 5461 2.2). */
static tern_err timeouts_error(const struct tcb *t)
{
    return t->soft_error != TERN_OK ? (tern_err)t->soft_error : TERN_ERR_TIMED_OUT;
}

/* RETRANSMISSION TIMEOUT and, past R2, USER TIMEOUT. */
RARE static void timeouts_retransmission(struct engine *e, struct tcb *t)
{
    if (timeouts_r2_over(e, t)) {
        RULE_HIT(e, &t->flow, R2_REACHED);
        calls_end(e, t, TERN_CAUSE_TIMEOUT, timeouts_error(t));
        return;
    }
    if (t->persist) {
        t->owes |= OWES_PROBE;
        if (t->unanswered < UINT8_MAX)
            t->unanswered++;
    } else {
        RULE_HIT(e, &t->flow, RTO_BACKOFF);
        recovery_timed_out(e, t);
        t->owes |= t->syn_acked ? OWES_RETRANSMIT | OWES_DATA : OWES_SYN;
    }
    if (t->backoffs < UINT8_MAX)
        t->backoffs++;
    if ((t->owes & OWES_RETRANSMIT) != 0)
        mtu_probe_timed_out(e, t);
    if (t->backoffs == e->config.r1_retries)
        RULE_HIT(e, &t->flow, R1_REACHED);
}

/* The peer has been silent. While something is under way, the retransmission timer watches. */
RARE static void timeouts_keepalive_due(struct engine *e, struct tcb *t)
{
    struct settings own = settings_of(e, t);
    uint32_t silent_ms = e->now_ms - t->heard_ms;

    if (!seq_eq(t->snd_una, t->snd_nxt) || t->send.bytes > 0 || silent_ms < own.keep_idle_ms) {
        if (!t->persist)
            t->unanswered = 0;
        uint32_t again_ms = own.keep_interval_ms < own.keep_idle_ms ? own.keep_interval_ms
                                                                    : own.keep_idle_ms;
        uint32_t wait_ms = silent_ms < own.keep_idle_ms ? own.keep_idle_ms - silent_ms : again_ms;
        timer_set(t, TIMER_IDLE, e->from_ms + wait_ms);
        return;
    }
    if (t->unanswered >= own.keep_count) {
        RULE_HIT(e, &t->flow, KEEPALIVE_GIVEN_UP);
        calls_end(e, t, TERN_CAUSE_TIMEOUT, timeouts_error(t));
        t->owes = OWES_RST; /* it may only be deaf */
        return;
    }
    t->unanswered++;
    t->owes |= OWES_KEEPALIVE;
    timer_set(t, TIMER_IDLE, e->from_ms + own.keep_interval_ms);
}

/* TIME-WAIT TIMEOUT, the end of an orphan's patience or of its linger time, or keep-alive. */
RARE static void timeouts_idle(struct engine *e, struct tcb *t)
{
    if (timeouts_keepalive_has_timer(t)) {
        timeouts_keepalive_due(e, t);
        return;
    }
    if (t->lingering) {
        RULE_HIT(e, &t->flow, LINGER_EXPIRED);
        calls_abort(e, t, TERN_ERR_TIMED_OUT);
        t->owes = OWES_RST; /* in CLOSING and LAST-ACK too: our FIN is not acknowledged */
        return;
    }
    bool time_wait = t->state == TERN_TIME_WAIT;

    if (time_wait)
        RULE_HIT(e, &t->flow, TIME_WAIT_DONE);
    else
        RULE_HIT(e, &t->flow, FIN_WAIT_2_EXPIRED);
    calls_end(e, t, TERN_CAUSE_TIMEOUT, time_wait ? TERN_OK : TERN_ERR_TIMED_OUT);
}

void timeouts_run(struct engine *e, struct tcb *t)
{
    for (enum tcb_timer timer = 0; timer < TIMERS; timer++) {
        if (!tcb_timer_on(t, timer) || (int32_t)(e->now_ms - t->due_ms[timer]) < 0)
            continue;
        timer_stop(t, timer);
        switch (timer) {
        case TIMER_RETRANSMIT:
            timeouts_retransmission(e, t);
            break;
        case TIMER_DELAYED_ACK:
            RULE_HIT(e, &t->flow, DELAYED_ACK_TIMEOUT);
            t->owes |= OWES_ACK;
            t->ack_rode = false; /* the program does not answer any more */
            break;
        case TIMER_IDLE:
            timeouts_idle(e, t);
            break;
        case TIMERS:
            break;
        }
    }
}
