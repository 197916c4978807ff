/* nagle.c - how much new data may go out now. */
#include "tcp/transfer/nagle.h"

#include "tcp/details.h"
#include "tcp/loss/recovery.h"
#include "tcp/loss/rtt.h"
#include "tcp/settings.h"
#include "tcp/timeouts.h"
#include "tcp/transfer/records.h"

/* After a pause longer than the timeout the window says little of the path (RFC 5681 4.1). */
static void nagle_after_pause(struct engine *e, struct tcb *t)
{
    uint32_t before = t->cwnd;

    if (!e->config.slow_start_after_idle || !seq_eq(t->snd_una, t->snd_nxt) ||
        e->now_ms - t->since_ms <= rtt_timeout_ms(e, t))
        return;
    recovery_restart_window(e, t);
    if (t->cwnd != before)
        RULE_HIT(e, &t->flow, RESTART_WINDOW);
}

static void nagle_cwnd_limited(struct engine *e, struct tcb *t, bool limited)
{
    struct flight *f = flight_of(e, t);

    if (f != NULL)
        f->cwnd_limited = limited;
    if (limited)
        RULE_HIT(e, &t->flow, CWND_LIMITED);
}

/* Minshall's form of Nagle: what is small waits only for what is small (Linux). The flight knows
 * where the last small segment ended. */
static bool nagle_minshall(const struct engine *e, const struct tcb *t, uint32_t bytes)
{
    struct flight *f = flight_of(e, t);

    if (!e->config.nagle_minshall || f == NULL)
        return false;
    if (f->small_sent && seq_lt(t->snd_una, f->small_end))
        return false;
    f->small_sent = true;
    f->small_end = seq_add(t->snd_nxt, bytes);
    return true;
}

static bool nagle_corked(const struct engine *e, const struct tcb *t)
{
    if (t->settings == 0)
        return false;
    const struct settings *own = pool_at(e, &e->settings, t->settings);
    return own->cork || own->more;
}

void nagle_more(struct engine *e, struct tcb *t)
{
    struct settings *own = settings_own(e, t);

    if (own != NULL) /* else it goes out as any other */
        own->more = own->unpushed = true;
}

void nagle_no_more(const struct engine *e, const struct tcb *t)
{
    struct settings *own = pool_at(e, &e->settings, t->settings);

    own->more = own->unpushed = false;
}

void nagle_lets_go(const struct engine *e, const struct tcb *t)
{
    struct settings *own = pool_at(e, &e->settings, t->settings);

    own->more = false;
}

bool nagle_pushes(const struct engine *e, const struct tcb *t)
{
    if (t->settings == 0)
        return true;
    const struct settings *own = pool_at(e, &e->settings, t->settings);
    return !own->unpushed;
}

bool nagle_may_send(struct engine *e, struct tcb *t, uint32_t unsent, uint32_t mss, uint32_t *bytes)
{
    nagle_after_pause(e, t);
    /* A SYN under way (Fast Open) is no segment of text, and its own timer runs. */
    bool idle = seq_eq(tcb_send_start(t), t->snd_nxt);
    seq edge = seq_add(tcb_send_start(t), t->snd_wnd);
    uint32_t usable = seq_lt(t->snd_nxt, edge) ? seq_diff(edge, t->snd_nxt) : 0;
    uint32_t whole = t->records ? records_limit(e, t, t->snd_nxt, unsent) : unsent;
    uint32_t want = whole < mss ? whole : mss;
    bool ends = t->fin_queued || whole < unsent; /* nothing will join it */

    if (unsent > 0 && recovery_room(e, t) < want) {
        nagle_cwnd_limited(e, t, true);
        return false;
    }
    *bytes = want < usable ? want : usable;
    if (usable > 0 && *bytes == want) {
        if (want < mss && !ends && nagle_corked(e, t)) {
            RULE_HIT(e, &t->flow, CORK_HELD);
            if (idle && t->syn_acked)
                timeouts_persist(e, t); /* which sends it when the cork has held long enough */
            return false;
        }
        /* A full segment; or the end of what there is, unless a small one is under way already
         * (Nagle). */
        if (want == mss || idle || t->nodelay || ends || nagle_minshall(e, t, want)) {
            if (want == unsent)
                nagle_cwnd_limited(e, t, false);
            return true;
        }
        RULE_HIT(e, &t->flow, NAGLE_HELD);
        return false;
    }
    nagle_cwnd_limited(e, t, false);
    if (*bytes > 0 && *bytes >= t->max_snd_wnd / 2) /* 3.8.6.2.1 (3), Fs = 1/2 */
        return true;
    RULE_HIT(e, &t->flow, SENDER_SWS_AVOIDED);
    details_wait(e, t, WAIT_WINDOW);
    if (idle && t->syn_acked)
        timeouts_persist(e, t);
    return false;
}
