/* rtt.c - the round trip and the retransmission timeout, RFC 6298.
 *
 * One segment a flight is timed with the microsecond clock. When it had to be sent again the
 * measurement is given up (Karn), unless timestamps tell which copy was acknowledged; they tick
 * in milliseconds. */
#include "tcp/loss/rtt.h"

enum { CLOCK_GRANULARITY_US = 1000 }; /* RFC 6298's G: the timers' tick */

void rtt_begin(const struct engine *e, struct tcb *t)
{
    t->srtt_us = t->rttvar_us = 0;
    t->rto_us = e->config.rto_initial_ms * 1000;
}

void rtt_sent(const struct engine *e, struct tcb *t, seq end)
{
    if (t->timing)
        return;
    t->timing = true;
    t->rtt_seq = end;
    t->rtt_sent_us = (uint32_t)e->now_us;
}

void rtt_resent(struct engine *e, struct tcb *t)
{
    if (t->timing)
        RULE_HIT(e, &t->flow, RTT_KARN);
    t->timing = false;
    t->rtt_sent_us = (uint32_t)e->now_us;
}

void rtt_measured(struct engine *e, struct tcb *t, uint32_t rtt_us)
{
    if (rtt_us == 0)
        rtt_us = 1; /* srtt 0 means: not measured */
    if (t->srtt_us == 0) {
        t->srtt_us = rtt_us;
        t->rttvar_us = rtt_us / 2;
    } else {
        uint32_t off_us = t->srtt_us > rtt_us ? t->srtt_us - rtt_us : rtt_us - t->srtt_us;
        t->rttvar_us += off_us / 4 - t->rttvar_us / 4; /* beta 1/4 */
        t->srtt_us += rtt_us / 8 - t->srtt_us / 8;     /* alpha 1/8 */
        if (t->srtt_us == 0)
            t->srtt_us = 1;
    }
    uint64_t spread_us = 4 * (uint64_t)t->rttvar_us;
    if (spread_us < CLOCK_GRANULARITY_US)
        spread_us = CLOCK_GRANULARITY_US;
    uint64_t rto_us = t->srtt_us + spread_us;
    uint64_t least_us = (uint64_t)e->config.rto_min_ms * 1000;
    uint64_t most_us = (uint64_t)e->config.rto_max_ms * 1000;
    rto_us = rto_us < least_us ? least_us : rto_us;
    t->rto_us = (uint32_t)(rto_us > most_us ? most_us : rto_us);
    t->backoffs = 0;
    RULE_HIT(e, &t->flow, RTT_SAMPLED);
}

void rtt_acked(struct engine *e, struct tcb *t, seq ack, const uint32_t *ts_echo)
{
    if (t->timing) {
        if (seq_le(t->rtt_seq, ack)) {
            t->timing = false;
            rtt_measured(e, t, (uint32_t)e->now_us - t->rtt_sent_us);
        }
        return;
    }
    /* TSecr says when the copy that was acknowledged went out. Only an echo of what was sent again
     * counts: an older one also tells how long an ACK was lost (RFC 7323 4.3). */
    if (ts_echo == NULL || t->backoffs == 0)
        return;
    uint32_t rtt_ms = engine_timestamp(e, t->ts_offset) - *ts_echo;
    if (rtt_ms <= ((uint32_t)e->now_us - t->rtt_sent_us) / 1000)
        rtt_measured(e, t, rtt_ms * 1000);
}

void rtt_syn_was_resent(struct engine *e, struct tcb *t)
{
    enum { AFTER_SYN_LOSS_US = 3000000 };

    if (t->srtt_us != 0 || t->rto_us >= AFTER_SYN_LOSS_US)
        return;
    t->rto_us = AFTER_SYN_LOSS_US;
    t->backoffs = 0;
    RULE_HIT(e, &t->flow, RTO_SYN_RESET);
}

uint32_t rtt_timeout_ms(const struct engine *e, const struct tcb *t)
{
    uint64_t ms = (t->rto_us + 999) / 1000;
    unsigned doublings = t->backoffs < 20 ? t->backoffs : 20;

    ms <<= doublings;
    return ms > e->config.rto_max_ms ? e->config.rto_max_ms : (uint32_t)ms;
}
