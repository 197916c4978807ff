/* listen.c - passive OPEN: listeners, their half-open queue, and what waits to be accepted.
 *
 * A SYN becomes a half-open record that owes a SYN,ACK; the ACK of that turns the record into a
 * TCB in the listener's queue. A half-open record does not name its listener: the ACK looks it up
 * by port as the SYN did, so a listener that closes need not search for its records. */
#include "stack/listen.h"

#include "stack/demux.h"
#include "stack/fast_opens.h"
#include "stack/hold.h"
#include "stack/path_mtu.h"
#include "stack/replies.h"
#include "stack/settle.h"
#include "tcp/calls.h"
#include "tcp/open/ack_of_syn.h"
#include "tcp/open/cookie.h"
#include "tcp/open/syn.h"
#include "tcp/open/synack.h"
#include "tcp/packet.h"
#include "tcp/state.h"

static uint32_t *listen_bucket(const tern_stack *s, uint16_t port)
{
    uint32_t *buckets = (uint32_t *)(void *)((uint8_t *)(uintptr_t)s + s->listener_buckets_at);

    /* A division would cost each SYN of a flood a twentieth of its time. The factor spreads ports
     * that are near each other: 2^16 by the golden ratio. */
    return &buckets[(uint32_t)(uint16_t)(port * 40503u) * s->listeners.count >> 16];
}

uint32_t listen_find(const tern_stack *s, uint8_t local, uint16_t port)
{
    uint32_t any = 0;

    for (uint32_t i = *listen_bucket(s, port); i != 0; i = stack_listener(s, i)->hash_next) {
        const struct listener *l = stack_listener(s, i);
        if (l->port != port)
            continue;
        if (l->local == local)
            return i;
        if (l->local == LOCAL_ANY)
            any = i;
    }
    return any;
}

/* A flow with only its local side, for the trace. */
static struct flow listen_flow(const struct listener *l)
{
    return (struct flow){.local = l->local == LOCAL_ANY ? 0 : l->local, .local_port = l->port};
}

tern_err listen_open(tern_stack *s, uint8_t local, uint16_t port, uint32_t backlog,
                     uint32_t *listener)
{
    for (uint32_t i = *listen_bucket(s, port); i != 0; i = stack_listener(s, i)->hash_next) {
        const struct listener *l = stack_listener(s, i);
        bool overlaps = l->local == local || l->local == LOCAL_ANY || local == LOCAL_ANY;
        if (l->port == port && overlaps)
            return TERN_ERR_IN_USE;
    }
    *listener = pool_take(s, &s->listeners);
    if (*listener == 0)
        return TERN_ERR_NO_RESOURCES;
    struct listener *l = stack_listener(s, *listener);
    uint32_t generation = l->generation;
    uint32_t *bucket = listen_bucket(s, port);
    *l = (struct listener){.backlog = backlog,
                           .generation = generation != 0 ? generation : 1,
                           .hash_next = *bucket,
                           .fast_epoch = ++s->fast_epoch,
                           .port = port,
                           .local = local,
                           .open = true};
    *bucket = *listener;
    struct flow f = listen_flow(l);
    state_moved(&s->engine, &f, TERN_CLOSED, TERN_LISTEN, TERN_CAUSE_PASSIVE_OPEN);
    return TERN_OK;
}

void listen_close(tern_stack *s, uint32_t listener, tern_state to)
{
    struct listener *l = stack_listener(s, listener);
    struct flow f = listen_flow(l);
    uint32_t *place = listen_bucket(s, l->port);
    uint32_t index;

    if (to == TERN_CLOSED)
        state_moved(&s->engine, &f, TERN_LISTEN, TERN_CLOSED, TERN_CAUSE_CLOSE);
    hold_end(s, listener);
    while ((index = listen_take(s, listener)) != 0) {
        struct tcb *t = stack_tcb(s, index);
        t->released = true;
        if (t->state != TERN_CLOSED)
            calls_abort(&s->engine, t, TERN_ERR_ABORTED);
        settle(s, index);
    }
    while (*place != listener)
        place = &stack_listener(s, *place)->hash_next;
    *place = l->hash_next;
    if (l->queued_event)
        list_remove(&s->acceptable, STACK_ACCEPTABLE(s), listener);
    l->queued_event = l->open = false;
    if (++l->generation == 0)
        l->generation = 1;
    pool_give(s, &s->listeners, listener);
}

uint32_t listen_take(tern_stack *s, uint32_t listener)
{
    struct listener *l = stack_listener(s, listener);
    uint32_t index = l->unaccepted.head;

    if (index == 0)
        return 0;
    list_remove(&l->unaccepted, STACK_EVENTS(s), index);
    l->unaccepted_count--;
    stack_tcb(s, index)->accepted = true;
    return index;
}

void listen_tell(tern_stack *s, uint32_t listener)
{
    struct listener *l = stack_listener(s, listener);

    if (l->queued_event)
        return;
    l->queued_event = true;
    list_push(&s->acceptable, STACK_ACCEPTABLE(s), listener);
}

void listen_owe_synack(tern_stack *s, uint32_t index)
{
    struct half_open *h = stack_half_open(s, index);

    if ((h->flow.flags & HALF_OPEN_OWES) != 0)
        return;
    wheel_cancel(&s->wheel, stack_timers(s), index | WHEEL_KIND_BIT);
    h->flow.flags |= HALF_OPEN_OWES;
    list_push(&s->synacks, STACK_SYNACKS(s), index);
}

/* Out of the queues or the wheel, whichever it is in. */
static void listen_half_open_unlink(tern_stack *s, uint32_t index)
{
    struct half_open *h = stack_half_open(s, index);

    if ((h->flow.flags & HALF_OPEN_HELD) != 0)
        hold_unlink(s, index);
    else if ((h->flow.flags & HALF_OPEN_OWES) != 0)
        list_remove(&s->synacks, STACK_SYNACKS(s), index);
    else
        wheel_cancel(&s->wheel, stack_timers(s), index | WHEEL_KIND_BIT);
    h->flow.flags &= (uint8_t)~HALF_OPEN_OWES;
}

void listen_half_open_drop(tern_stack *s, uint32_t index, tern_state to, tern_cause cause)
{
    const struct half_open *h = stack_half_open(s, index);

    state_moved(&s->engine, &h->flow, TERN_SYN_RECEIVED, to, cause);
    listen_half_open_unlink(s, index);
    demux_remove(s, demux_reference(DEMUX_HALF_OPEN, index));
    pool_give(s, &s->half_open, index);
}

/* A SYN that gets no record: a cookie, or nothing. */
static verdict listen_answer_by_cookie(tern_stack *s, const struct listener *l,
                                       const struct flow *f, const struct segment *seg)
{
    struct half_open h = {.flow = *f};

    if (l->holds || s->engine.config.syn_cookies == TERN_COOKIES_NEVER) {
        RULE_HIT(&s->engine, f, HALF_OPEN_FULL);
        return DROP;
    }
    cookie_make(&s->engine, &h, seg);
    replies_cookie(s, &h);
    return DROP;
}

/* 3.10.7.2 (3rd): the SYN becomes a half-open record. */
static verdict listen_take_record(tern_stack *s, uint32_t listener, const struct flow *f,
                                  const struct segment *seg, bool grant)
{
    const struct listener *l = stack_listener(s, listener);
    bool cookie = s->engine.config.syn_cookies == TERN_COOKIES_ALWAYS && !l->holds;
    uint32_t index = cookie ? 0 : pool_take(s, &s->half_open);

    if (index == 0)
        return listen_answer_by_cookie(s, l, f, seg);
    struct half_open *h = stack_half_open(s, index);
    *h = (struct half_open){.flow = *f};
    demux_insert(s, demux_reference(DEMUX_HALF_OPEN, index));
    if (l->holds) {
        syn_held(&s->engine, h, seg);
        hold_begin(s, listener, index);
        return DROP;
    }
    syn_taken(&s->engine, h, seg);
    if (grant)
        h->flow.flags |= HALF_OPEN_GRANT;
    listen_owe_synack(s, index);
    return DROP;
}

/* Room for one more connection of this listener: a TCB, or 0. */
static uint32_t listen_room(tern_stack *s, const struct listener *l, const struct flow *f)
{
    if (l->unaccepted_count >= l->backlog) {
        RULE_HIT(&s->engine, f, BACKLOG_FULL);
        return 0;
    }
    uint32_t tcb = settle_new_tcb(s, f);
    if (tcb == 0)
        RULE_HIT(&s->engine, f, CONNECTIONS_FULL);
    return tcb;
}

/* The program is told of a connection. */
static void listen_queue(tern_stack *s, uint32_t listener, uint32_t tcb)
{
    struct listener *l = stack_listener(s, listener);

    list_push(&l->unaccepted, STACK_EVENTS(s), tcb);
    l->unaccepted_count++;
    listen_tell(s, listener);
    settle(s, tcb);
}

/* The TCB is in the table: the segment goes through the column of 3.10.7.4 with it. */
static void listen_established(tern_stack *s, uint32_t listener, uint32_t tcb, struct segment *seg)
{
    struct tcb *t = stack_tcb(s, tcb);

    t->in_table = true;
    path_mtu_begin(s, t);
    if (segment_arrives(&s->engine, t, seg) == DROP_AND_ACK)
        t->owes |= OWES_ACK;
    listen_queue(s, listener, tcb);
}

/* A SYN becomes a TCB in SYN-RECEIVED without a record, for which there is room. */
static void listen_take_tcb(tern_stack *s, uint32_t tcb, const struct flow *f,
                            const struct segment *seg)
{
    struct half_open h = {.flow = *f};
    struct tcb *t = stack_tcb(s, tcb);

    syn_taken(&s->engine, &h, seg);
    ack_of_syn_unfold(&s->engine, t, &h);
    path_mtu_begin(s, t);
    t->timing = false; /* the SYN,ACK is still owed */
    t->owes |= OWES_SYN;
    demux_insert(s, demux_reference(DEMUX_TCB, tcb));
    t->in_table = true;
}

/* RFC 7413 4.2.2: the SYN's cookie is good, and there is room. */
static verdict listen_open_fast(tern_stack *s, uint32_t listener, const struct flow *f,
                                const struct segment *seg, bool grant)
{
    struct segment syn = *seg;
    uint32_t tcb = settle_new_tcb(s, f);
    struct tcb *t = stack_tcb(s, tcb);

    syn.text_bytes = 0;
    listen_take_tcb(s, tcb, f, &syn);
    segment_opens_fast(&s->engine, t, seg);
    t->fast_option = grant;
    fast_opens_pending(s, stack_listener(s, listener), t);
    listen_queue(s, listener, tcb);
    return DROP;
}

/* docs/decisions/0010: as if the third step had come with the first. */
static verdict listen_two_way(tern_stack *s, uint32_t listener, const struct flow *f,
                              const struct segment *seg)
{
    uint32_t tcb = listen_room(s, stack_listener(s, listener), f);

    if (tcb == 0)
        return DROP;
    listen_take_tcb(s, tcb, f, seg);
    RULE_HIT(&s->engine, f, TWO_WAY_HANDSHAKE);
    segment_not_awaited(&s->engine, stack_tcb(s, tcb));
    listen_queue(s, listener, tcb);
    return DROP;
}

/* 3.10.7.2 (3rd): by its listener. */
static verdict listen_take_syn(tern_stack *s, uint32_t listener, const struct flow *f,
                               const struct segment *seg)
{
    if (s->two_way && !stack_listener(s, listener)->holds)
        return listen_two_way(s, listener, f, seg);
    struct fast_opens_way way = {false, false};
    if (seg->options.has_fast_open)
        way = fast_opens_decide(s, listener, f, seg);
    if (way.at_once)
        return listen_open_fast(s, listener, f, seg, way.grant);
    return listen_take_record(s, listener, f, seg, way.grant);
}

/* The record becomes a TCB. */
static verdict listen_promote(tern_stack *s, uint32_t index, struct segment *seg)
{
    const struct half_open *h = stack_half_open(s, index);
    uint32_t listener = listen_find(s, h->flow.local, h->flow.local_port);
    uint32_t tcb = listen_room(s, stack_listener(s, listener), &h->flow);
    if (tcb == 0)
        return DROP;
    ack_of_syn_unfold(&s->engine, stack_tcb(s, tcb), h);
    listen_half_open_unlink(s, index);
    demux_replace(s, demux_reference(DEMUX_HALF_OPEN, index), demux_reference(DEMUX_TCB, tcb));
    pool_give(s, &s->half_open, index);
    listen_established(s, listener, tcb, seg);
    return DROP;
}

/* An ACK that no record waits for may bring a cookie back: NEXT when it does not. */
static verdict listen_cookie(tern_stack *s, uint32_t listener, const struct flow *f,
                             struct segment *seg)
{
    struct half_open h = {.flow = *f};

    if ((seg->flags & TCP_ACK) == 0)
        return NEXT;
    if (!cookie_check(&s->engine, &h, seg)) {
        if (s->engine.last_rule != TERN_RULE_COOKIE_BAD || seg->text_bytes == 0)
            return NEXT;
        RULE_HIT(&s->engine, f, COOKIE_TEXT_DROPPED);
        return DROP;
    }
    uint32_t tcb = listen_room(s, stack_listener(s, listener), &h.flow);
    if (tcb == 0)
        return DROP;
    state_moved(&s->engine, f, TERN_LISTEN, TERN_SYN_RECEIVED, TERN_CAUSE_RCV_SYN);
    ack_of_syn_unfold(&s->engine, stack_tcb(s, tcb), &h);
    demux_insert(s, demux_reference(DEMUX_TCB, tcb));
    listen_established(s, listener, tcb, seg);
    return DROP;
}

verdict listen_arrives(tern_stack *s, uint32_t listener, const struct flow *f, struct segment *seg)
{
    verdict v = listen_cookie(s, listener, f, seg);

    if (v == NEXT)
        v = syn_at_listen(&s->engine, f, seg);
    return v == NEXT ? listen_take_syn(s, listener, f, seg) : v;
}

/* False: the listener has closed since the SYN. */
static bool listen_still(const tern_stack *s, uint32_t index)
{
    const struct flow *f = &stack_half_open(s, index)->flow;

    return listen_find(s, f->local, f->local_port) != 0;
}

/* The same SYN again wants the SYN,ACK again (docs/decisions/0006); any other segment that is not
 * acceptable, an ACK (RFC 9293 3.10.7.4, 1st; RFC 5961 3.2). */
static void listen_half_open_answers(tern_stack *s, uint32_t index, const struct segment *seg)
{
    const struct half_open *h = stack_half_open(s, index);
    bool again = segment_has(seg, TCP_SYN) && !segment_has(seg, TCP_ACK) &&
                 seq_eq(seg->seq, h->irs);

    if (!again)
        replies_half_open_ack(s, h);
    else if (replies_within_rate(s, &h->flow))
        listen_owe_synack(s, index);
}

verdict listen_half_open_arrives(tern_stack *s, uint32_t index, struct segment *seg)
{
    if (!listen_still(s, index)) {
        listen_half_open_drop(s, index, TERN_CLOSED, TERN_CAUSE_ABORT);
        return REOPEN;
    }
    struct half_open *h = stack_half_open(s, index);
    bool held = (h->flow.flags & HALF_OPEN_HELD) != 0;
    verdict v = held ? half_open_held_arrives(&s->engine, h, seg)
                     : half_open_arrives(&s->engine, h, seg);

    switch (v) {
    case NEXT:
        return listen_promote(s, index, seg);
    case DROP_AND_ACK:
        listen_half_open_answers(s, index, seg);
        break;
    case DELETE_TCB:
        listen_half_open_drop(s, index, TERN_LISTEN, TERN_CAUSE_RCV_RST);
        break;
    case REOPEN:
        listen_half_open_drop(s, index, TERN_LISTEN, TERN_CAUSE_RCV_SYN);
        return held ? REOPEN : DROP; /* the SYN itself is not taken (RFC 9293), unless held */
    case DROP:
    case DROP_AND_RST:
        break;
    }
    return v;
}

void listen_half_open_timeout(tern_stack *s, uint32_t index)
{
    if (!listen_still(s, index))
        listen_half_open_drop(s, index, TERN_CLOSED, TERN_CAUSE_ABORT);
    else if (half_open_retry(&s->engine, stack_half_open(s, index)))
        listen_owe_synack(s, index);
    else
        listen_half_open_drop(s, index, TERN_CLOSED, TERN_CAUSE_TIMEOUT);
}

size_t listen_output(tern_stack *s, uint8_t *packet)
{
    uint32_t index = s->synacks.head;
    struct packet_plan plan = {.flags = 0};

    if (index == 0)
        return 0;
    struct half_open *h = stack_half_open(s, index);
    listen_half_open_unlink(s, index);
    synack_plan(&s->engine, h, &plan);
    wheel_arm(&s->wheel, stack_timers(s), index | WHEEL_KIND_BIT,
              s->engine.from_ms + half_open_timeout_ms(&s->engine, h));
    return packet_write(&s->engine, &h->flow, &plan, packet);
}
