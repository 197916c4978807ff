/* rtt.c - the round trip and the retransmission timeout, RFC 6298.
 *
 * One segment a flight is timed with the microsecond clock. When it had to be sent again the
 * measurement is given up (Karn), unless timestamps tell which copy was acknowledged; they tick
 * in milliseconds. */
#include "tcp/loss/rtt.h"

#include "base/rare.h"
#include "tcp/details.h"
#include "tcp/schedule.h"
#include "tcp/settings.h"

void rtt_begin(const struct engine *e, struct tcb *t)
{
    t->srtt_us = t->rttvar_us = 0;
    t->rto_us = e->config.data_schedule.first_ms * 1000;
}

void rtt_sent(const struct engine *e, struct tcb *t, seq end)
{
    if (t->timing)
        return;
    t->timing = true;
    t->rtt_seq = end;
    t->rtt_sent_us = (uint32_t)e->now_us;
}

RARE void rtt_resent(struct engine *e, struct tcb *t)
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
    details_rtt(e, t, rtt_us);
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
    t->rto_us = schedule_rto_us(&e->config, t->srtt_us, t->rttvar_us);
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

RARE void rtt_syn_was_resent(struct engine *e, struct tcb *t)
{
    enum { AFTER_SYN_LOSS_US = 3000000 };

    bool kept = t->srtt_us != 0 && e->config.rto_syn_loss_keeps_sample;

    if (kept || t->rto_us >= AFTER_SYN_LOSS_US)
        return;
    t->rto_us = AFTER_SYN_LOSS_US;
    t->backoffs = 0;
    RULE_HIT(e, &t->flow, RTO_SYN_RESET);
}

RARE void rtt_keep_backoff(const struct engine *e, struct tcb *t)
{
    uint64_t most_us = (uint64_t)e->config.data_schedule.max_ms * 1000;
    uint64_t rto_us = (uint64_t)t->rto_us << (t->backoffs < 20 ? t->backoffs : 20);

    t->rto_us = (uint32_t)(rto_us < most_us ? rto_us : most_us);
}

uint32_t rtt_timeout_ms(const struct engine *e, const struct tcb *t)
{
    const tern_schedule *p = schedule_of(&e->config, t);

    if (t->syn_acked)
        return schedule_wait_ms(p, schedule_ms(t->rto_us), t->backoffs);
    if (t->settings == 0)
        return schedule_wait_ms(p, p->first_ms, t->backoffs);
    tern_schedule own = schedule_counted(p, settings_of(e, t).syn_retries);
    return schedule_wait_ms(&own, own.first_ms, t->backoffs);
}
