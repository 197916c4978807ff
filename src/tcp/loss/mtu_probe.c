/* mtu_probe.c - path MTU without the help of ICMP.
 *
 * The search (RFC 4821 7.3): first the largest size that both ends take, for most losses of this
 * kind were something else; then halfway between what passes and what does not, until these are
 * close. A size is given up when two probes of it were lost. The search rests for
 * path_mtu_expire_ms when it is done. Reading order: RFC 4821 7.3 to 7.7. */
#include "tcp/loss/mtu_probe.h"

#include "base/rare.h"
#include "tcp/loss/recovery.h"
#include "tcp/loss/sack.h"

enum {
    PROBE_BASE_IPV4 = 1024 - 40, /* RFC 4821 7.2, as SND.MSS */
    PROBE_BASE_IPV6 = 1280 - 60,
    PROBE_LOSSES_MAX = 2,
    PROBE_CLOSE_BYTES = 16, /* a search ends when it could gain no more than this */
    PROBE_FOLLOWERS = 3,    /* segments behind a probe, to show its loss (RFC 4821 7.4) */
};

static bool mtu_probe_is_on(const struct engine *e)
{
    return e->config.path_mtu_discovery == TERN_PATH_MTU_PROBING;
}

void mtu_probe_now(struct engine *e, struct tcb *t)
{
    struct flight *f = flight_of(e, t);

    if (f != NULL)
        f->search_ms = e->now_ms;
}

void mtu_probe_wait(const struct engine *e, struct tcb *t)
{
    struct flight *f = flight_of(e, t);

    if (f == NULL)
        return;
    f->search_ms = e->now_ms + e->config.path_mtu_expire_ms;
    f->search_high = f->probe_mss = 0;
    f->probing = false;
}

/* The next size: halfway between what passes and what does not, or may not. */
RARE static void mtu_probe_choose(const struct tcb *t, struct flight *f)
{
    f->probe_losses = 0;
    f->probe_mss = (uint16_t)((t->snd_mss + f->search_high + 1u) / 2);
}

/* The probe under way has not arrived (RFC 4821 7.6.2). */
RARE static void mtu_probe_failed(struct engine *e, struct tcb *t, struct flight *f)
{
    RULE_HIT(e, &t->flow, MTU_PROBE_LOST);
    f->probing = false;
    if (++f->probe_losses < PROBE_LOSSES_MAX)
        return;
    f->search_high = (uint16_t)(f->probe_mss - 1);
    mtu_probe_choose(t, f);
}

RARE void mtu_probe_timed_out(struct engine *e, struct tcb *t)
{
    struct flight *f = flight_of(e, t);
    uint16_t base = engine_is_ipv4(e, &t->flow) ? PROBE_BASE_IPV4 : PROBE_BASE_IPV6;

    if (f == NULL || !mtu_probe_is_on(e))
        return;
    if (f->probing)
        mtu_probe_failed(e, t, f);
    bool full = seq_diff(t->snd_nxt, t->snd_una) >= recovery_mss(t);
    if (!full || t->backoffs == 0 || t->backoffs % e->config.black_hole_retries != 0)
        return;
    if (t->snd_mss <= base && engine_is_ipv4(e, &t->flow))
        base = (uint16_t)(e->config.path_mtu_min_bytes - 40);
    if (t->snd_mss <= base)
        return;
    RULE_HIT(e, &t->flow, BLACK_HOLE_SUSPECTED);
    t->snd_mss = base;
    t->cwnd = recovery_mss(
        t); /* one segment after a timeout (RFC 5681 3.1), which is smaller now */
    f->search_high = f->probe_mss = 0;
    f->search_ms = e->now_ms;
}

/* The windows take a probe of so many octets, and enough behind it that its loss will show (RFC
 * 4821 7.4). */
static bool mtu_probe_fits(const struct tcb *t, uint32_t bytes, uint32_t mss)
{
    uint32_t unsent = seq_diff(tcb_send_end(t), t->snd_nxt);
    uint32_t all = bytes + PROBE_FOLLOWERS * mss;
    seq edge = seq_add(t->snd_una, t->snd_wnd);
    uint32_t usable = seq_lt(t->snd_nxt, edge) ? seq_diff(edge, t->snd_nxt) : 0;

    return unsent >= all && t->snd_wnd >= all && t->cwnd >= all && usable >= bytes;
}

bool mtu_probe_next(struct engine *e, struct tcb *t, uint32_t mss, uint32_t *bytes)
{
    struct flight *f = flight_of(e, t);

    if (f == NULL || f->probing || f->mode != MODE_OPEN || t->dup_acks > 0 || t->backoffs > 0 ||
        (int32_t)(e->now_ms - f->search_ms) < 0)
        return false;
    if (f->recover_set && seq_le(t->snd_nxt, f->recover)) /* no duplicates would show its loss */
        return false;                                     /* (RFC 6582 3.2, 1) */
    if (!mtu_probe_is_on(e)) {
        if (e->config.path_mtu_discovery ==
            TERN_PATH_MTU_ICMP) { /* ICMP will say, if it is wrong */
            RULE_HIT(e, &t->flow, PATH_MTU_RAISED);
            t->snd_mss = t->flow.spare;
        }
        return false;
    }
    if (f->search_high == 0)
        f->probe_mss = f->search_high = t->flow.spare;
    if (f->search_high < t->snd_mss + PROBE_CLOSE_BYTES && f->search_high < t->flow.spare) {
        RULE_HIT(e, &t->flow, MTU_SEARCH_DONE);
        mtu_probe_wait(e, t);
        return false;
    }
    *bytes = f->probe_mss - (t->snd_mss - mss);
    if (!mtu_probe_fits(t, *bytes, mss))
        return false;
    if (recovery_room(e, t) < *bytes) { /* the next ACK, or the one after it, makes room */
        *bytes = 0;
        return true;
    }
    RULE_HIT(e, &t->flow, MTU_PROBE_SENT);
    f->probing = true;
    f->probe_start = t->snd_nxt;
    f->probe_end = seq_add(t->snd_nxt, *bytes);
    return true;
}

RARE void mtu_probe_passed(struct engine *e, struct tcb *t, struct flight *f)
{
    RULE_HIT(e, &t->flow, MTU_PROBE_PASSED);
    f->probing = false;
    t->snd_mss = f->probe_mss;
    mtu_probe_choose(t, f);
}

RARE bool mtu_probe_lost(struct engine *e, struct tcb *t, struct flight *f, seq lost_edge)
{
    bool alone = seq_eq(t->snd_una, f->probe_start) &&
                 (!t->sack_on || sack_unreported(e, f, f->probe_end, lost_edge) == 0);

    if (alone) {
        mtu_probe_failed(e, t, f);
        return true;
    }
    RULE_HIT(e, &t->flow, MTU_PROBE_INCONCLUSIVE);
    f->probing = false;
    return false;
}

RARE bool mtu_probe_too_big(struct engine *e, struct tcb *t, uint32_t mss)
{
    struct flight *f = flight_of(e, t);

    if (f == NULL || !f->probing || mss < t->snd_mss || mss >= f->probe_mss)
        return false;
    RULE_HIT(e, &t->flow, MTU_PROBE_LOST);
    f->probing = false;
    f->probe_losses = 0;
    f->search_high = f->probe_mss = (uint16_t)mss;
    recovery_probe_too_big(e, t);
    return true;
}
