/* flight.c - taking and giving back what data under way needs. */
#include "tcp/loss/flight.h"

#include "tcp/ranges.h"

struct flight *flight_begin(struct engine *e, struct tcb *t)
{
    if (t->flight == 0) {
        t->flight = pool_take(e, &e->flights);
        if (t->flight == 0)
            return NULL;
        memset(flight_of(e, t), 0, sizeof(struct flight));
        flight_of(e, t)->search_ms = e->now_ms + e->config.path_mtu_expire_ms;
    }
    return flight_of(e, t);
}

void flight_end(struct engine *e, struct tcb *t)
{
    struct flight *f = flight_of(e, t);

    if (f == NULL)
        return;
    ranges_free(e, &f->sacked);
    ranges_free(e, &f->records);
    pool_give(e, &e->flights, t->flight);
    t->flight = 0;
    t->dup_acks = 0;
    t->urgent_out = t->records = false;
}
