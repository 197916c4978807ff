/* reno.c - slow start and congestion avoidance, RFC 5681 3.1, with byte counting (RFC 3465). */
#include "tcp/congestion/list.h"

struct reno {
    uint32_t acked_bytes;   /* towards the next segment of growth in congestion avoidance */
    uint32_t after_timeout; /* slow start follows a timeout: RFC 3465 2.3 has L = 1 then */
};

_Static_assert(sizeof(struct reno) <= TERN_CONGESTION_STATE_BYTES, "an algorithm's own state");

static void reno_acked(tern_congestion_view *v, uint32_t acked_bytes)
{
    struct reno *r = v->state;

    /* A window that was not used says nothing of the network (RFC 7661 1, RFC 2861). */
    if (!v->cwnd_limited)
        return;
    if (v->cwnd < v->ssthresh) {
        uint32_t most = v->ack_most; /* RFC 3465 2.3: L */
        if (r->after_timeout && most != UINT32_MAX)
            most = v->mss;
        v->cwnd += acked_bytes < most ? acked_bytes : most;
        return;
    }
    r->after_timeout = 0;
    r->acked_bytes += acked_bytes;
    if (r->acked_bytes >= v->cwnd) {
        r->acked_bytes -= v->cwnd;
        v->cwnd += v->mss;
    }
}

/* RFC 5681 (4): half of the flight, at least two segments. */
static uint32_t reno_half(const tern_congestion_view *v)
{
    uint32_t half = v->flight_size / 2;

    return half > 2 * v->mss ? half : 2 * v->mss;
}

static void reno_lost(tern_congestion_view *v)
{
    struct reno *r = v->state;

    r->acked_bytes = 0;
    v->ssthresh = reno_half(v);
}

static void reno_timed_out(tern_congestion_view *v)
{
    struct reno *r = v->state;

    *r = (struct reno){.after_timeout = 1};
    v->ssthresh = reno_half(v);
    v->cwnd = v->mss;
}

const tern_congestion congestion_reno = {
    .name = "reno",
    .acked = reno_acked,
    .lost = reno_lost,
    .timed_out = reno_timed_out,
};
