/* details.c - what a connection counts of itself when it is asked to. */
#include "tcp/details.h"

void details_begin(struct engine *e, struct tcb *t)
{
    struct settings *own = e->config.details ? settings_own(e, t) : NULL;

    if (own == NULL)
        return;
    own->counted = true;
    own->details = (struct details){
        .text_in_ms = e->now_ms, .text_out_ms = e->now_ms, .ack_in_ms = e->now_ms};
}

void details_opened(const struct engine *e, const struct tcb *t)
{
    struct details *d = details_of(e, t);

    if (d == NULL)
        return;
    d->text_in_ms = e->now_ms;
    d->segs_delivered = 1;
}

void details_delivered(const struct engine *e, const struct tcb *t, uint32_t bytes)
{
    struct details *d = details_of(e, t);
    uint32_t mss = t->snd_mss - (t->ts_on ? 12u : 0u);

    if (d != NULL)
        d->segs_delivered += (bytes + mss - 1) / mss;
}

void details_text_in(const struct engine *e, const struct tcb *t, bool early)
{
    struct details *d = details_of(e, t);

    if (d == NULL)
        return;
    d->text_segs_in++;
    d->text_in_ms = e->now_ms;
    d->segs_early += early;
}

/* All that is sent by now is waited for: a round trip. */
static void details_rate_begin(const struct engine *e, const struct tcb *t, struct details *d,
                               seq end)
{
    d->rating = true;
    d->rate_from = tcb_send_start(t);
    d->rate_end = end;
    d->rate_since_us = e->now_us;
}

/* As draft-cheng-iccrg-delivery-rate-estimation has it, once a round trip and not for each segment:
 * what a program's want of data has slowed down counts only when it is more. */
static void details_rate(const struct engine *e, const struct tcb *t, struct details *d,
                         bool cwnd_limited)
{
    if (!d->rating || seq_lt(t->snd_una, d->rate_end))
        return;
    uint64_t octets = seq_diff(t->snd_una, d->rate_from);
    uint64_t passed_us = e->now_us - d->rate_since_us;
    uint64_t rate = passed_us > 0 ? octets * 1000000 / passed_us : 0;

    if (rate > d->rate || (rate > 0 && cwnd_limited))
        d->rate = rate;
    d->rating = false;
    if (seq_lt(t->snd_una, t->snd_nxt))
        details_rate_begin(e, t, d, t->snd_nxt);
}

void details_text_out(const struct engine *e, const struct tcb *t, uint32_t bytes, bool again)
{
    struct details *d = details_of(e, t);

    if (d == NULL || bytes == 0)
        return;
    d->text_segs_out++;
    d->text_out_ms = e->now_ms;
    d->bytes_out += bytes;
    d->bytes_again += again ? bytes : 0;
    if (again)
        return;
    if (!d->rating)
        details_rate_begin(e, t, d, seq_add(t->snd_nxt, bytes));
    else if (d->rate_since_us == e->now_us)
        d->rate_end = seq_add(t->snd_nxt, bytes);
}

void details_again(const struct engine *e, const struct tcb *t, uint32_t bytes)
{
    struct details *d = details_of(e, t);

    if (d != NULL)
        d->bytes_again += bytes;
}

void details_acked(const struct engine *e, const struct tcb *t, bool cwnd_limited)
{
    struct details *d = details_of(e, t);

    if (d == NULL)
        return;
    d->ack_in_ms = e->now_ms;
    details_rate(e, t, d, cwnd_limited);
}

void details_duplicate(const struct engine *e, const struct tcb *t)
{
    struct details *d = details_of(e, t);

    if (d != NULL)
        d->duplicates++;
}

void details_rtt(const struct engine *e, const struct tcb *t, uint32_t rtt_us)
{
    struct details *d = details_of(e, t);

    if (d != NULL && (d->rtt_min_us == 0 || rtt_us < d->rtt_min_us))
        d->rtt_min_us = rtt_us;
}

void details_wait(const struct engine *e, const struct tcb *t, enum details_wait wait)
{
    struct details *d = details_of(e, t);

    if (d == NULL || d->wait == wait)
        return;
    if (d->wait != WAIT_NONE)
        d->waited_us[d->wait] += e->now_us - d->wait_since_us;
    d->wait = (uint8_t)wait;
    d->wait_since_us = e->now_us;
}
