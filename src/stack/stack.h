/* stack.h - a stack: many connections in one arena.
 *
 *     struct tern_stack   engine, pools, queues, wheel
 *     buckets             one hash table for connections, half-open and TIME-WAIT records
 *     listener buckets, buckets of Fast Open entries
 *     records             TCBs, half-open, TIME-WAIT, listeners, flights, ranges, replies,
 *                         datagrams, Fast Open entries
 *     chunks
 *     datagram            one, put together from fragments
 *
 * Everything after the struct is named by index; offsets are from the arena's start. */
#ifndef TERN_STACK_STACK_H
#define TERN_STACK_STACK_H

#include "base/token_bucket.h"
#include "base/wheel.h"
#include "tcp/close/time_wait.h"
#include "tcp/open/half_open.h"
#include "tcp/segment.h"
#include "tern/status.h"

/* Ten days: well inside what a 32-bit millisecond clock tells apart. */
#define STACK_TIME_PIECE_US (UINT64_C(10) * 24 * 3600 * 1000000)

/* Of a listener: any of the stack's addresses; any of its IPv4 ones. */
enum { LOCAL_ANY = 0xff, LOCAL_ANY_IPV4 = 0xfe };

struct listener {
    struct link event;      /* in the queue of listeners with something to tell */
    struct list unaccepted; /* TCBs by their event link, oldest first */
    struct list held;       /* half-open records that the program shall answer, oldest first */
    uint32_t held_next;     /* of these the first that it has not taken; 0: none */
    uint32_t unaccepted_count;
    uint32_t backlog;
    uint32_t generation; /* of the handle; never 0 */
    uint32_t hash_next;
    uint16_t port;
    uint8_t local; /* index into the configuration's addresses, or LOCAL_ANY */
    bool queued_event;
    bool open;
    /* Fast Open (stack/fast_opens.c). */
    uint8_t fast_epoch;              /* tells it from those that had its port before */
    uint32_t fast_max;               /* connections that may be pending; 0: Fast Open is off */
    uint32_t fast_pending;           /* opened by Fast Open, the third step still to come */
    uint32_t fast_resets[2];         /* those that a reset ended, in this minute and the last */
    uint32_t fast_since_ms;          /* when this one began */
    struct fast_open_keys fast_keys; /* its own, when `given` */
    bool holds;                      /* SYNs are held from now on */
    bool shared;                     /* others have the same endpoint: listen_for() chooses */
    bool patterned;                  /* the program has set options: */
    struct tcb pattern;              /* no connection, but what its connections begin with */
    uint32_t defer_ms;               /* TERN_OPTION_DEFER_ACCEPT_MS; 0: off */
    bool saves;                      /* TERN_OPTION_SAVE_SYN */
};

struct tern_stack {
    struct engine engine; /* first: its address is the arena's */
    struct pool connections, half_open, time_wait, listeners, replies, datagrams, path_mtus,
        saved_syns;
    uint64_t buckets_at, listener_buckets_at, path_mtu_buckets_at;
    uint64_t datagram_at; /* where a whole one is put together */
    uint32_t bucket_count;
    struct wheel wheel;
    struct list work;          /* connections that owe something */
    struct list synacks;       /* half-open records that owe a SYN,ACK */
    struct list events;        /* connections with something to tell */
    struct list acceptable;    /* listeners, likewise */
    struct list held;          /* half-open records, by their age: all may wait equally long */
    struct list time_waits;    /* by their expiry: all wait equally long */
    struct list answers;       /* replies that wait for output */
    struct list fragments;     /* unfinished datagrams, oldest first */
    uint32_t fragment_chunks;  /* that these hold */
    struct list path_mtu_ages; /* paths known to be narrow, oldest first */
    struct token_bucket resets, icmp_errors; /* what no connection answers for has a rate */
    uint32_t ran_ms; /* when the timers ran last: none is due twice in a millisecond */
    struct demux_memo {
        uint64_t words[3];    /* the flow that was looked up last, as it is hashed, */
        uint32_t bucket, tag; /* and its place: one packet asks several times */
    } memo;
    uint8_t fast_epoch; /* of the last listener */
    uint32_t patterned; /* listeners that have one */
    uint32_t saving;    /* listeners with TERN_OPTION_SAVE_SYN */
    bool two_way;       /* docs/decisions/0010: in simulations only */
    uint64_t arena_bytes;
};

_Static_assert(offsetof(struct tern_stack, engine) == 0, "the engine's address is the arena's");

static inline struct tcb *stack_tcb(const tern_stack *s, uint32_t index)
{
    return pool_at(s, &s->connections, index);
}

static inline struct half_open *stack_half_open(const tern_stack *s, uint32_t index)
{
    return pool_at(s, &s->half_open, index);
}

static inline struct time_wait *stack_time_wait(const tern_stack *s, uint32_t index)
{
    return pool_at(s, &s->time_wait, index);
}

static inline struct listener *stack_listener(const tern_stack *s, uint32_t index)
{
    return pool_at(s, &s->listeners, index);
}

/* Where the records of a pool have their link, for list.h and wheel.h: of index 0, which does not
 * exist. */
static inline struct links stack_links(const tern_stack *s, const struct pool *p, size_t offset)
{
    uint8_t *first = (uint8_t *)pool_at(s, p, 1);

    return (struct links){first + offset - p->stride_bytes, p->stride_bytes};
}

#define STACK_WORK(s)       stack_links((s), &(s)->connections, offsetof(struct tcb, work))
#define STACK_EVENTS(s)     stack_links((s), &(s)->connections, offsetof(struct tcb, event))
#define STACK_SYNACKS(s)    stack_links((s), &(s)->half_open, offsetof(struct half_open, timer))
#define STACK_WAITS(s)      stack_links((s), &(s)->half_open, offsetof(struct half_open, wait))
#define STACK_HELD(s)       stack_links((s), &(s)->half_open, offsetof(struct half_open, held))
#define STACK_TIME_WAITS(s) stack_links((s), &(s)->time_wait, offsetof(struct time_wait, link))
#define STACK_ACCEPTABLE(s) stack_links((s), &(s)->listeners, offsetof(struct listener, event))

static inline struct wheel_nodes stack_timers(const tern_stack *s)
{
    struct links tcbs = stack_links(s, &s->connections, offsetof(struct tcb, timer));
    struct links halves = stack_links(s, &s->half_open, offsetof(struct half_open, timer));

    return (struct wheel_nodes){{tcbs.at, halves.at}, {tcbs.stride_bytes, halves.stride_bytes}};
}

/* Time moves on to now_us, which is later. */
void stack_move_time(tern_stack *s, tern_time now_us);

/* What every call with a time begins with; it never goes back. */
static inline void stack_set_time(tern_stack *s, tern_time now_us)
{
    if (now_us > s->engine.now_us)
        stack_move_time(s, now_us);
    if (s->wheel.armed == 0)
        s->wheel.now_ms = s->engine.now_ms;
}

/* Runs what is due at the stack's time. */
void stack_run_timers(tern_stack *s);

#endif
