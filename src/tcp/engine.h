/* engine.h - what the connections of one stack share: the configuration, the time, the pools, the
 * counters. It is the first thing in the arena, so its address is the arena's.
 *
 * A function of tcp/ gets the engine, one connection, and what happened. It changes the connection
 * and leaves what follows from it in the connection's own words: owes, timers, events, state. The
 * stack (stack/settle.c) reads those afterwards and moves the connection between its queues; tcp/
 * knows nothing of queues, tables or other connections. */
#ifndef TERN_TCP_ENGINE_H
#define TERN_TCP_ENGINE_H

#include "base/pool.h"
#include "base/siphash.h"
#include "tcp/tcb.h"
#include "tern/trace.h"
#include "wire/ip.h"
#include "wire/tcp_options.h"

enum { EPHEMERAL_COUNTERS = 32 };

/* The keys of SYN cookies: the present one and the last, told apart by the parity of the number. */
struct cookie_keys {
    struct siphash_key key[2];
    uint32_t number; /* of the present key; 0: none yet */
    uint32_t since_ms, sent_ms;
    bool given; /* from outside: never rotated here, and always looked for */
    bool sent;  /* a cookie was sent, last at sent_ms */
};

/* The keys of Fast Open cookies, likewise. */
struct fast_open_keys {
    struct siphash_key key[2];
    uint32_t number; /* of the present key; 0: none yet */
    uint32_t since_ms;
    bool given;
};

struct engine {
    tern_config config;
    struct siphash_key key;
    tern_time now_us;
    uint32_t now_ms;  /* of now_us, rounded down: what timers and timestamps count in */
    uint32_t from_ms; /* rounded up: from here a timer is set, so that it is never early */
    tern_rule last_rule;
    uint32_t stamp; /* counts what came early: reassembly's sense of recent */
    struct pool chunks, flights, ranges, settings, fast_opens;
    tern_trace_hook *trace;
    void *trace_context;
    uint16_t ephemeral[EPHEMERAL_COUNTERS]; /* RFC 6056 3.3.4 */
    struct cookie_keys cookies;
    struct fast_open_keys fast_open_keys;
    struct list fast_open_ages; /* what the client knows of servers, used longest ago first */
    uint64_t fast_open_buckets_at;
    uint64_t counters[TERN_RULES];
};

void engine_trace_rule(const struct engine *e, const struct flow *f, tern_rule rule);

/* A decision was made. f: for whom; NULL when there is no connection. */
static inline void engine_rule(struct engine *e, const struct flow *f, tern_rule rule)
{
    e->counters[rule]++;
    e->last_rule = rule;
    if (e->trace != NULL)
        engine_trace_rule(e, f, rule);
}

#define RULE_HIT(e, flow, name) engine_rule((e), (flow), TERN_RULE_##name)

static inline bool engine_is_ipv4(const struct engine *e, const struct flow *f)
{
    return ip_is_v4(&e->config.addresses[f->local]);
}

/* The largest MSS that the link takes to this peer (RFC 9293 3.7.1: options not deducted). */
static inline uint16_t engine_link_mss(const struct engine *e, const struct flow *f)
{
    uint32_t headers = engine_is_ipv4(e, f) ? 40 : 60;
    uint32_t mss = e->config.mtu_bytes - headers;

    return (uint16_t)mss;
}

/* Our timestamp clock for a connection: 1 ms a tick (RFC 7323 4.2.2). */
static inline uint32_t engine_timestamp(const struct engine *e, uint32_t offset)
{
    return e->now_ms + offset;
}

/* The window field of a SYN or SYN,ACK: never scaled (RFC 7323 2.2). */
static inline uint16_t engine_syn_window(const struct engine *e, uint32_t recv_limit)
{
    return (uint16_t)(recv_limit < e->config.syn_window ? recv_limit : e->config.syn_window);
}

/* The receive buffer of connections to come. pattern: what their listener's program has set, a TCB
 * that is no connection (stack/listen.h); NULL: nothing, the configuration counts. */
static inline uint32_t engine_recv_limit(const struct engine *e, const struct tcb *pattern)
{
    return pattern != NULL ? pattern->recv_limit : e->config.recv_buffer_bytes;
}

/* The shift for a receive buffer: the smallest with which 65535 reaches it (RFC 7323 2.3), or what
 * it may grow to. */
static inline uint8_t engine_window_shift(const struct engine *e, uint32_t recv_limit)
{
    uint32_t grown = e->config.wscale_buffer_bytes;
    uint32_t most = grown > recv_limit ? grown : recv_limit;
    uint8_t shift = 0;

    while (shift < 14 && (uint32_t)UINT16_MAX << shift < most)
        shift++;
    return shift;
}

/* Among the connection's first segments, which are acknowledged at once; behind the one of the
 * handshake. */
static inline bool engine_ack_quick(const struct engine *e, const struct tcb *t)
{
    return e->config.ack_quick_segments != 0 && t->segs_in - 1 <= e->config.ack_quick_segments &&
           !t->ack_rode;
}

/* How a SYN of this stack has its options written. */
static inline void engine_syn_options(const struct engine *e, tcp_options *o)
{
    o->scale_first = e->config.syn_option_order == TERN_OPTIONS_SCALE_SACK_TS;
    o->pad_behind = e->config.option_pad == TERN_PAD_EOL;
}

#endif
