/* recovery.c - finding loss and repairing it.
 *
 * Reading order: RFC 5681 3.2, RFC 6675 4 and 5, RFC 6582 3.2. Three modes (tcb.h): OPEN;
 * RECOVERY, from the third duplicate (or its worth in SACK blocks) until SND.UNA reaches
 * `recover`; LOSS, after a timeout, in which everything up to `recover` is sent again in slow
 * start, but what the receiver has reported. */
#include "tcp/loss/recovery.h"

#include "base/rare.h"
#include "tcp/congestion/list.h"
#include "tcp/details.h"
#include "tcp/loss/mtu_probe.h"
#include "tcp/loss/rtt.h"
#include "tcp/loss/sack.h"
#include "tcp/ranges.h"

enum { RECOVERY_DUP_THRESH = 3, SSTHRESH_START = 0x7fffffff, CWND_MAX = 0x3fffffff };

/* A SYN under way (Fast Open) is none of it. */
static uint32_t recovery_flight_bytes(const struct tcb *t)
{
    return seq_diff(t->snd_nxt, tcb_send_start(t));
}

/* RFC 6928 2, with the configured number for 10: min(10 * MSS, max(2 * MSS, 14600)). */
static uint32_t recovery_initial_window(const struct engine *e, const struct tcb *t)
{
    uint32_t segments = e->config.initial_window_segments, mss = recovery_mss(t);
    uint32_t most = segments * 1460 > 2 * mss ? segments * 1460 : 2 * mss;

    return segments * mss < most ? segments * mss : most;
}

void recovery_begin(const struct engine *e, struct tcb *t)
{
    t->cwnd = t->syn_resent ? recovery_mss(t) : recovery_initial_window(e, t);
    t->ssthresh = SSTHRESH_START;
}

RARE void recovery_restart_window(const struct engine *e, struct tcb *t)
{
    uint32_t restart = recovery_initial_window(e, t);

    if (t->cwnd > restart)
        t->cwnd = restart;
}

/* RFC 3465 2.3, L. */
static uint32_t recovery_ack_most(const struct engine *e, uint32_t mss)
{
    uint32_t segments = e->config.slow_start_segments;

    return segments == 0 ? UINT32_MAX : segments * mss;
}

/* Where slow start goes on as long as a round trip has used more than half of the window (Linux):
 * it may double, and be used up, in the next. */
static bool recovery_half_used(const struct engine *e, const struct tcb *t, const struct flight *f)
{
    return e->config.slow_start_half && t->cwnd < t->ssthresh && t->cwnd / 2 < f->peak_bytes;
}

static tern_congestion_view recovery_view(const struct engine *e, const struct tcb *t,
                                          struct flight *f)
{
    return (tern_congestion_view){
        .now_us = e->now_us,
        .mss = recovery_mss(t),
        .cwnd = t->cwnd,
        .ssthresh = t->ssthresh,
        .flight_size = recovery_flight_bytes(t),
        .srtt_us = t->srtt_us,
        .ack_most = recovery_ack_most(e, recovery_mss(t)),
        .cwnd_limited = f->cwnd_limited || f->mode == MODE_LOSS || recovery_half_used(e, t, f),
        .state = f->congestion_state,
    };
}

static void recovery_take_view(struct tcb *t, const tern_congestion_view *v)
{
    t->cwnd = v->cwnd < v->mss ? v->mss : v->cwnd > CWND_MAX ? CWND_MAX : v->cwnd;
    t->ssthresh = v->ssthresh;
}

/* Octets before lost_edge that are neither reported nor sent again. */
static uint32_t recovery_lost_bytes(const struct engine *e, const struct tcb *t,
                                    const struct flight *f)
{
    return sack_unreported(e, f, seq_max(t->snd_una, f->high_rxt), f->lost_edge);
}

static uint32_t recovery_pipe(const struct engine *e, const struct tcb *t, const struct flight *f)
{
    uint32_t flight = recovery_flight_bytes(t);
    uint32_t gone = f->sacked_bytes + f->reno_bytes;

    if (f->mode != MODE_OPEN)
        gone += recovery_lost_bytes(e, t, f);
    return flight > gone ? flight - gone : 0;
}

uint32_t recovery_room(const struct engine *e, const struct tcb *t)
{
    const struct flight *f = flight_of(e, t);

    if (f == NULL)
        return t->cwnd;
    uint32_t pipe = recovery_pipe(e, t, f);
    return t->cwnd > pipe ? t->cwnd - pipe : 0;
}

/* What is missing before this counts as lost when a recovery begins. */
static seq recovery_found_edge(const struct engine *e, const struct tcb *t)
{
    return t->sack_on ? sack_lost_edge(e, t, recovery_mss(t)) : t->snd_una;
}

/* RFC 6675 5 (4): a loss is found; the first hole goes out again at once. */
RARE static void recovery_enter(struct engine *e, struct tcb *t, struct flight *f)
{
    tern_congestion_view v = recovery_view(e, t, f);

    RULE_HIT(e, &t->flow, FAST_RETRANSMIT);
    f->mode = MODE_RECOVERY;
    f->recover = t->snd_nxt;
    f->recover_set = true;
    f->high_rxt = t->snd_una;
    f->rescued = false;
    t->owes |= OWES_RETRANSMIT | OWES_DATA;
    if (f->probing && mtu_probe_lost(e, t, f, recovery_found_edge(e, t)))
        return; /* RFC 4821 7.6.2: no word on congestion */
    /* RFC 5681 3.2 (2): without what limited transmit sent beyond the window. */
    v.flight_size = v.flight_size < v.cwnd ? v.flight_size : v.cwnd;
    tern_congestion_list(t->congestion)->lost(&v);
    v.cwnd = v.ssthresh;
    recovery_take_view(t, &v);
}

RARE static void recovery_leave(struct engine *e, struct tcb *t, struct flight *f)
{
    if (f->mode == MODE_RECOVERY)
        RULE_HIT(e, &t->flow, RECOVERY_DONE);
    f->mode = MODE_OPEN;
    f->reno_bytes = 0;
    t->dup_acks = 0;
}

/* What counts as lost now (RFC 6675 4, IsLost; RFC 6582: the segment at SND.UNA). */
static void recovery_update_edge(const struct engine *e, const struct tcb *t, struct flight *f)
{
    uint32_t mss = recovery_mss(t);

    if (f->mode == MODE_LOSS) {
        f->lost_edge = f->recover;
    } else if (f->mode == MODE_RECOVERY) {
        seq first = seq_min(seq_add(t->snd_una, mss), t->snd_nxt);
        f->lost_edge = t->sack_on ? sack_lost_edge(e, t, mss) : first;
    }
}

/* RFC 6582 3.2 (1): a new recovery only past the old one's end. Duplicates at its very end may be
 * of what was sent again needlessly; SACK blocks are not. */
static bool recovery_is_past(const struct tcb *t, const struct flight *f)
{
    return !f->recover_set || seq_lt(f->recover, t->snd_una) ||
           (t->sack_on && seq_eq(f->recover, t->snd_una));
}

/* SACK blocks tell that the segment at SND.UNA is lost (RFC 6675 5 (2), IsLost(HighACK + 1)). */
static bool recovery_first_is_lost(const struct engine *e, const struct tcb *t)
{
    return t->sack_on && seq_lt(t->snd_una, sack_lost_edge(e, t, recovery_mss(t)));
}

/* What was under way before this ACK. */
static void recovery_note_peak(const struct tcb *t, struct flight *f, uint32_t acked_bytes)
{
    uint32_t flight = recovery_flight_bytes(t) + acked_bytes;

    bool over = seq_le(f->peak_end, t->snd_una) && seq_lt(f->peak_end, t->snd_nxt);
    if (flight <= f->peak_bytes && !over)
        return;
    f->peak_bytes = flight;
    f->peak_end = t->snd_nxt;
}

/* The octets that open the window: what is acknowledged (RFC 5681 3.1), or what this ACK is the
 * first to tell of. reported_bytes: by SACK blocks and duplicates, before it. */
static uint32_t recovery_growth(const struct engine *e, const struct flight *f,
                                uint32_t acked_bytes, uint32_t reported_bytes)
{
    uint32_t known = acked_bytes + f->sacked_bytes;

    if (!e->config.cwnd_counts_delivered)
        return acked_bytes;
    return known > reported_bytes ? known - reported_bytes : 0;
}

/* known: what is acknowledged or reported now; reported: what was before. */
static void recovery_delivered(const struct engine *e, const struct tcb *t, uint32_t known,
                               uint32_t reported)
{
    if (t->settings != 0 && known > reported)
        details_delivered(e, t, known - reported);
}

/* Most ACKs have no blocks, and find none that were noted before. */
static bool recovery_sack_news(struct engine *e, struct tcb *t, const struct flight *f,
                               const struct segment *s)
{
    return t->sack_on && (s->options.sack_count > 0 || f->sacked != 0) &&
           sack_noted(e, t, &s->options);
}

void recovery_acked(struct engine *e, struct tcb *t, const struct segment *s, uint32_t acked_bytes)
{
    struct flight *f = flight_of(e, t);

    if (f == NULL)
        return;
    uint32_t reported = f->sacked_bytes + f->reno_bytes;
    if (e->config.slow_start_half)
        recovery_note_peak(t, f, acked_bytes);
    /* RFC 6675 2: what reports something new is a duplicate, even when it moves SND.UNA. */
    bool duplicate = recovery_sack_news(e, t, f, s);
    recovery_delivered(e, t, acked_bytes + f->sacked_bytes, reported);
    if (f->probing && seq_le(f->probe_end, t->snd_una))
        mtu_probe_passed(e, t, f);
    bool in_recovery = f->mode == MODE_RECOVERY;
    if (f->mode != MODE_OPEN && seq_le(f->recover, t->snd_una))
        recovery_leave(e, t, f);
    if (f->mode == MODE_RECOVERY) {
        if (!t->sack_on) {
            RULE_HIT(e, &t->flow, NEWRENO_PARTIAL_ACK);
            uint32_t mss = recovery_mss(t);
            uint32_t off = acked_bytes > mss ? acked_bytes - mss : 0;
            f->reno_bytes = f->reno_bytes > off ? f->reno_bytes - off : 0;
            t->owes |= OWES_RETRANSMIT;
        }
    } else if (!in_recovery) { /* the ACK that ends recovery leaves cwnd at ssthresh */
        tern_congestion_view v = recovery_view(e, t, f);
        acked_bytes = recovery_growth(e, f, acked_bytes, reported);
        tern_congestion_list(t->congestion)->acked(&v, acked_bytes);
        recovery_take_view(t, &v);
        t->dup_acks = 0;
        f->reno_bytes = 0;
        if (duplicate && f->mode == MODE_OPEN && recovery_is_past(t, f) &&
            recovery_first_is_lost(e, t))
            recovery_enter(e, t, f);
    }
    recovery_update_edge(e, t, f);
    t->owes |= OWES_DATA;
}

void recovery_not_acked(struct engine *e, struct tcb *t, const struct segment *s, bool duplicate)
{
    struct flight *f = flight_of(e, t);

    if (f == NULL || !t->syn_acked || recovery_flight_bytes(t) == 0)
        return;
    uint32_t reported = f->sacked_bytes;
    /* With SACK a duplicate is one that reports something new (RFC 6675 2). */
    bool counts = t->sack_on ? recovery_sack_news(e, t, f, s) : duplicate;
    if (!counts)
        return;
    recovery_delivered(e, t, f->sacked_bytes, reported);
    RULE_HIT(e, &t->flow, ACK_DUPLICATE);
    if (t->dup_acks < UINT8_MAX)
        t->dup_acks++;
    if (!t->sack_on) {
        uint32_t mss = recovery_mss(t), most = recovery_flight_bytes(t);
        uint32_t cap = most > mss ? most - mss : 0;
        f->reno_bytes = f->reno_bytes + mss < cap ? f->reno_bytes + mss : cap;
    }
    bool found = t->dup_acks >= RECOVERY_DUP_THRESH || recovery_first_is_lost(e, t);
    if (f->mode == MODE_OPEN && recovery_is_past(t, f) && found)
        recovery_enter(e, t, f);
    recovery_update_edge(e, t, f);
    t->owes |= OWES_DATA;
}

RARE void recovery_timed_out(struct engine *e, struct tcb *t)
{
    struct flight *f = flight_of(e, t);

    rtt_resent(e, t);
    if (f == NULL || !t->syn_acked) /* the SYN's: cwnd begins when it is acknowledged */
        return;
    /* RFC 5681 3.1: ssthresh is set for the first timeout of a flight only. */
    if (t->backoffs == 0) {
        tern_congestion_view v = recovery_view(e, t, f);
        tern_congestion_list(t->congestion)->timed_out(&v);
        recovery_take_view(t, &v);
    }
    /* RFC 2018 8: the receiver may have thrown away what it reported. */
    ranges_free(e, &f->sacked);
    f->sacked_bytes = 0;
    t->cwnd = recovery_mss(t);
    recovery_resume(e, t);
}

RARE void recovery_resume(struct engine *e, struct tcb *t)
{
    struct flight *f = flight_of(e, t);

    if (f == NULL)
        return;
    f->mode = MODE_LOSS;
    f->too_big = false;
    f->recover = t->snd_nxt;
    f->recover_set = true;
    f->high_rxt = t->snd_una;
    f->reno_bytes = 0;
    t->dup_acks = 0;
    recovery_update_edge(e, t, f);
    t->owes |= OWES_DATA;
}

RARE void recovery_too_big(struct engine *e, struct tcb *t)
{
    struct flight *f = flight_of(e, t);
    uint32_t before = t->cwnd;

    if (recovery_flight_bytes(t) == 0)
        return;
    if (t->state == TERN_SYN_SENT) { /* the SYN's data (RFC 7413): it goes again without */
        RULE_HIT(e, &t->flow, FAST_OPEN_TOO_BIG);
        t->fast_option = false;
        t->owes |= OWES_SYN;
        return;
    }
    if (!t->syn_acked)
        return;
    RULE_HIT(e, &t->flow, PATH_MTU_RESENT);
    recovery_restart_window(e, t);
    if (t->cwnd < before && t->ssthresh < before)
        t->ssthresh = before;
    recovery_resume(e, t);
    if (f != NULL) /* NULL: a FIN alone */
        f->too_big = true;
    t->owes |= OWES_RETRANSMIT;
}

RARE void recovery_probe_too_big(struct engine *e, struct tcb *t)
{
    struct flight *f = flight_of(e, t);

    RULE_HIT(e, &t->flow, PATH_MTU_RESENT);
    recovery_resume(e, t);
    f->too_big = true;
    f->high_rxt = f->probe_start;
    f->recover = f->lost_edge = f->probe_end;
}

bool recovery_next(struct engine *e, struct tcb *t, uint32_t most, seq *start, uint32_t *bytes)
{
    struct flight *f = flight_of(e, t);

    if (f == NULL || f->mode == MODE_OPEN)
        return false;
    *start = seq_max(t->snd_una, f->high_rxt);
    *bytes = sack_hole(e, f, start, f->lost_edge);
    if (*bytes > most)
        *bytes = most;
    if (*bytes == 0 || recovery_room(e, t) < *bytes) /* RFC 6675 5 (C): cwnd - pipe >= SMSS */
        return false;
    if (f->mode == MODE_LOSS && f->too_big)
        RULE_HIT(e, &t->flow, PATH_MTU_RETRANSMIT);
    else if (f->mode == MODE_LOSS)
        RULE_HIT(e, &t->flow, LOSS_RETRANSMIT);
    else if (t->sack_on)
        RULE_HIT(e, &t->flow, SACK_RETRANSMIT);
    return true;
}

/* Where the highest reported octet ends; SND.UNA when nothing is reported. */
static seq recovery_reported_end(const struct engine *e, const struct tcb *t,
                                 const struct flight *f)
{
    seq end = t->snd_una;

    for (uint32_t i = f->sacked; i != 0; i = range_at(e, i)->next)
        end = range_at(e, i)->end;
    return end;
}

RARE bool recovery_rescue(struct engine *e, struct tcb *t, uint32_t most, seq *start,
                          uint32_t *bytes)
{
    struct flight *f = flight_of(e, t);

    if (f == NULL || f->mode != MODE_RECOVERY || !t->sack_on ||
        recovery_room(e, t) < recovery_mss(t))
        return false;
    seq reported = recovery_reported_end(e, t, f);
    *start = seq_max(t->snd_una, f->high_rxt);
    *bytes = sack_hole(e, f, start, reported);
    if (*bytes > 0) {
        *bytes = *bytes < most ? *bytes : most;
        RULE_HIT(e, &t->flow, SACK_RETRANSMIT);
        return true;
    }
    if (f->rescued || !seq_lt(reported, t->snd_nxt))
        return false;
    f->rescued = true;
    *bytes = seq_diff(t->snd_nxt, reported);
    *bytes = *bytes < most ? *bytes : most;
    *start = seq_of(t->snd_nxt.v - *bytes);
    RULE_HIT(e, &t->flow, SACK_RESCUE);
    return true;
}

RARE void recovery_resent(struct engine *e, struct tcb *t, seq start, uint32_t bytes)
{
    struct flight *f = flight_of(e, t);

    rtt_resent(e, t);
    t->total_retrans++;
    if (f == NULL || f->mode == MODE_OPEN)
        return;
    /* A rescue leaves holes behind it, and HighRxt with them (RFC 6675 4, NextSeg (4)). */
    if (sack_unreported(e, f, seq_max(t->snd_una, f->high_rxt), start) == 0)
        f->high_rxt = seq_max(f->high_rxt, seq_add(start, bytes));
}
