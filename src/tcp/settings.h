/* settings.h - what a connection has of its own where the configuration is not enough.
 *
 * Most connections set nothing, so this is a record from a pool, taken by the first such option. */
#ifndef TERN_TCP_SETTINGS_H
#define TERN_TCP_SETTINGS_H

#include "tcp/engine.h"

/* What a sender waits for. */
enum details_wait {
    WAIT_NONE,   /* for nothing: the program has given nothing */
    WAIT_ACKS,   /* for the network: data is under way or cwnd is full */
    WAIT_WINDOW, /* for the peer's window */
    WAIT_BUFFER, /* for the program: its buffer is full and all of it was sent */
    WAITS,
};

struct details {
    uint64_t bytes_out, bytes_again; /* of text; of these, sent before */
    uint64_t waited_us[WAITS];
    tern_time wait_since_us;
    uint32_t text_segs_in, text_segs_out, segs_early, duplicates, segs_delivered;
    uint32_t text_in_ms, text_out_ms, ack_in_ms; /* when last */
    uint32_t rtt_min_us;                         /* 0: not measured */
    uint8_t wait;                                /* enum details_wait */
    bool rating;                                 /* a measurement is under way: */
    seq rate_from, rate_end; /* what was acknowledged, and sent, when it began */
    tern_time rate_since_us;
    uint64_t rate; /* octets a second, by the last one; 0: none yet */
};

struct settings {
    uint32_t user_timeout_ms; /* R2 of this connection; 0: the configuration's */
    uint32_t keep_idle_ms, keep_interval_ms, keep_count;
    uint32_t fin_wait_2_ms;
    uint32_t user_timeout_advertise_ms; /* RFC 5482: ADV_UTO; 0: not ENABLED */
    bool user_timeout_fixed;            /* not CHANGEABLE */
    uint32_t linger_ms;      /* TERN_LINGER_OFF: tern_close() lets the connection close by itself */
    uint32_t syn_retries;    /* of a SYN, or SYN,ACK; 0: the configuration's */
    uint32_t syn_give_up_ms; /* of an open; 0: the configuration's */
    uint32_t unsent_low;     /* TERN_OPTION_UNSENT_LOW; 0: off */
    uint16_t mss_max;        /* 0: the link's */
    uint8_t ttl, tos;
    bool may_fragment; /* TERN_OPTION_MAY_FRAGMENT */
    bool plain_syn;    /* TERN_OPTION_PLAIN_SYN */
    bool cork;
    bool more;     /* tern_send_more(): less than a full segment waits for the next event */
    bool unpushed; /* the end of the queue was given so: PSH does not mark it */
    bool counted;  /* details.h */
    struct details details;
};

/* What counts for this connection; the details are left out. */
static inline struct settings settings_of(const struct engine *e, const struct tcb *t)
{
    const tern_config *c = &e->config;

    if (t->settings != 0)
        return *(const struct settings *)pool_at(e, &e->settings, t->settings);
    return (struct settings){.keep_idle_ms = c->keep_idle_ms,
                             .keep_interval_ms = c->keep_interval_ms,
                             .keep_count = c->keep_count,
                             .fin_wait_2_ms = c->fin_wait_2_ms,
                             .user_timeout_advertise_ms = c->user_timeout_advertise_ms,
                             .linger_ms = TERN_LINGER_OFF,
                             .ttl = c->ttl,
                             .tos = c->tos};
}

/* The connection's own, to be changed; NULL when the pool is empty. */
struct settings *settings_own(struct engine *e, struct tcb *t);

/* Gives them back. */
void settings_end(struct engine *e, struct tcb *t);

#endif
