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

void details_text_out(const struct engine *e, const struct tcb *t, uint32_t bytes, bool again)
{
    struct details *d = details_of(e, t);

    if (d == NULL || bytes == 0)
        return;
    d->text_segs_out++;
    d->text_out_ms = e->now_ms;
    d->bytes_out += bytes;
    d->bytes_again += again ? bytes : 0;
}

void details_again(const struct engine *e, const struct tcb *t, uint32_t bytes)
{
    struct details *d = details_of(e, t);

    if (d != NULL)
        d->bytes_again += bytes;
}

void details_acked(const struct engine *e, const struct tcb *t)
{
    struct details *d = details_of(e, t);

    if (d != NULL)
        d->ack_in_ms = e->now_ms;
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
