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
#include "stack/saved_syns.h"
#include "base/bytes.h"
#include "stack/settle.h"
#include "tcp/calls.h"
#include "tcp/open/ack_of_syn.h"
#include "tcp/open/cookie.h"
#include "tcp/open/syn.h"
#include "tcp/open/synack.h"
#include "tcp/packet.h"
#include "tcp/settings.h"
#include "tcp/state.h"

static uint32_t *listen_bucket(const tern_stack *s, uint16_t port)
{
    uint32_t *buckets = (uint32_t *)(void *)((uint8_t *)(uintptr_t)s + s->listener_buckets_at);

    /* A division would cost each SYN of a flood a twentieth of its time. The factor spreads ports
     * that are near each other: 2^16 by the golden ratio. */
    return &buckets[(uint32_t)(uint16_t)(port * 40503u) * s->listeners.count >> 16];
}

static bool listen_is_ipv4(const tern_stack *s, uint8_t local)
{
    return ip_is_v4(&s->engine.config.addresses[local]);
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
        if (l->local == LOCAL_ANY || (l->local == LOCAL_ANY_IPV4 && listen_is_ipv4(s, local)))
            any = i;
    }
    return any;
}

/* Of the listeners that share this one's endpoint, the one numbered `at` in their bucket. */
static uint32_t listen_shared_at(const tern_stack *s, const struct listener *first, uint32_t at)
{
    uint32_t last = 0;

    for (uint32_t i = *listen_bucket(s, first->port); i != 0; i = stack_listener(s, i)->hash_next) {
        const struct listener *l = stack_listener(s, i);
        if (l->port != first->port || l->local != first->local)
            continue;
        last = i;
        if (at-- == 0)
            break;
    }
    return last;
}

static uint32_t listen_shared_count(const tern_stack *s, const struct listener *first)
{
    uint32_t count = 0;

    for (uint32_t i = *listen_bucket(s, first->port); i != 0; i = stack_listener(s, i)->hash_next) {
        const struct listener *l = stack_listener(s, i);
        count += l->port == first->port && l->local == first->local;
    }
    return count;
}

uint32_t listen_for(const tern_stack *s, const struct flow *f)
{
    uint32_t found = listen_find(s, f->local, f->local_port);

    if (found == 0 || !stack_listener(s, found)->shared)
        return found;
    const struct listener *first = stack_listener(s, found);
    uint64_t words[3] = {get_le64(f->remote.octets), get_le64(f->remote.octets + 8),
                         (uint64_t)f->local << 32 | (uint32_t)f->remote_port << 16 | f->local_port};
    uint32_t hash = (uint32_t)siphash_1_3_words(s->engine.key, words, 3);
    return listen_shared_at(s, first, hash % listen_shared_count(s, first));
}

/* What its connections begin with; NULL: what the configuration says. */
static const struct tcb *listen_pattern_of(const tern_stack *s, uint32_t listener)
{
    const struct listener *l = stack_listener(s, listener);

    return listener != 0 && l->patterned ? &l->pattern : NULL;
}

struct tcb *listen_pattern(tern_stack *s, uint32_t listener)
{
    struct listener *l = stack_listener(s, listener);

    if (!l->patterned) {
        memset(&l->pattern, 0, sizeof l->pattern);
        calls_begin(&s->engine, &l->pattern);
        l->patterned = true;
        s->patterned++;
    }
    return &l->pattern;
}

/* The pattern that counts for a record; while no listener has one, nothing is looked up. */
static const struct tcb *listen_pattern_for(const tern_stack *s, const struct flow *f)
{
    return s->patterned == 0 ? NULL : listen_pattern_of(s, listen_for(s, f));
}

/* A connection has the options of its listener. */
static void listen_inherit(tern_stack *s, const struct tcb *pattern, struct tcb *t)
{
    t->send_limit = pattern->send_limit;
    t->send_fixed = pattern->send_fixed;
    t->recv_limit = pattern->recv_limit;
    t->congestion = pattern->congestion;
    t->nodelay = pattern->nodelay;
    t->keepalive = pattern->keepalive;
    t->ack_at_once = pattern->ack_at_once;
    if (pattern->settings == 0)
        return;
    struct settings *own = settings_own(&s->engine, t);
    if (own == NULL) {
        RULE_HIT(&s->engine, &t->flow, SETTINGS_FULL);
        return;
    }
    bool counted = own->counted;
    struct details details = own->details;
    *own = settings_of(&s->engine, pattern);
    own->counted = counted;
    own->details = details;
}

/* A TCB for a connection of this listener; 0: there is none. */
static uint32_t listen_new_tcb(tern_stack *s, uint32_t listener, const struct flow *f)
{
    uint32_t tcb = settle_new_tcb(s, f);
    const struct tcb *pattern = listen_pattern_of(s, listener);

    if (tcb != 0 && pattern != NULL)
        listen_inherit(s, pattern, stack_tcb(s, tcb));
    return tcb;
}

/* A flow with only its local side, for the trace. */
static struct flow listen_flow(const struct listener *l)
{
    bool any = l->local == LOCAL_ANY || l->local == LOCAL_ANY_IPV4;

    return (struct flow){.local = any ? 0 : l->local, .local_port = l->port};
}

/* Do two places have an address in common? */
static bool listen_overlap(const tern_stack *s, uint8_t a, uint8_t b)
{
    if (a == b || a == LOCAL_ANY || b == LOCAL_ANY)
        return true;
    if (a == LOCAL_ANY_IPV4)
        return listen_is_ipv4(s, b);
    return b == LOCAL_ANY_IPV4 && listen_is_ipv4(s, a);
}

/* Another listener has the place, or some of it. */
static bool listen_in_use(const tern_stack *s, const struct listener_place *place)
{
    for (uint32_t i = *listen_bucket(s, place->port); i != 0; i = stack_listener(s, i)->hash_next) {
        const struct listener *l = stack_listener(s, i);
        if (l->port == place->port && listen_overlap(s, l->local, place->local))
            return true;
    }
    return false;
}

tern_err listen_open(tern_stack *s, const struct listener_place *place, uint32_t backlog,
                     uint32_t beside, uint32_t *listener)
{
    if (beside == 0 && listen_in_use(s, place))
        return TERN_ERR_IN_USE;
    *listener = pool_take(s, &s->listeners);
    if (*listener == 0)
        return TERN_ERR_NO_RESOURCES;
    struct listener *l = stack_listener(s, *listener);
    uint32_t generation = l->generation;
    uint32_t *bucket = listen_bucket(s, place->port);
    *l = (struct listener){.backlog = backlog,
                           .generation = generation != 0 ? generation : 1,
                           .hash_next = *bucket,
                           .fast_epoch = ++s->fast_epoch,
                           .port = place->port,
                           .local = place->local,
                           .shared = beside != 0,
                           .open = true};
    *bucket = *listener;
    if (beside != 0)
        stack_listener(s, beside)->shared = true;
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
    s->saving -= l->saves;
    l->saves = false;
    if (l->patterned) {
        settings_end(&s->engine, &l->pattern);
        s->patterned--;
    }
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
    saved_syns_forget(s, &h->flow);
    pool_give(s, &s->half_open, index);
}

/* A SYN that gets no record: a cookie, or nothing. */
static verdict listen_answer_by_cookie(tern_stack *s, const struct listener *l,
                                       const struct flow *f, const struct segment *seg)
{
    struct half_open h = {.flow = *f};
    uint32_t recv_limit = l->patterned ? l->pattern.recv_limit : s->engine.config.recv_buffer_bytes;

    if (l->holds || s->engine.config.syn_cookies == TERN_COOKIES_NEVER) {
        RULE_HIT(&s->engine, f, HALF_OPEN_FULL);
        return DROP;
    }
    cookie_make(&s->engine, &h, seg);
    h.rcv_scale = engine_window_shift(&s->engine, recv_limit) & 15u;
    replies_cookie(s, &h, l->patterned ? &l->pattern : NULL);
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
    uint32_t recv_limit = engine_recv_limit(&s->engine, listen_pattern_of(s, listener));
    *h = (struct half_open){.flow = *f,
                            .rcv_scale = engine_window_shift(&s->engine, recv_limit) & 15u};
    demux_insert(s, demux_reference(DEMUX_HALF_OPEN, index));
    if (l->holds) {
        syn_held(&s->engine, h, seg);
        hold_begin(s, listener, index);
        return DROP;
    }
    syn_taken(&s->engine, h, seg);
    if (grant) {
        h->flow.flags |= HALF_OPEN_GRANT;
        h->fast_experiment = seg->options.fast_open_experiment;
    }
    listen_owe_synack(s, index);
    return DROP;
}

/* Room for one more connection of this listener: a TCB, or 0. */
static uint32_t listen_room(tern_stack *s, uint32_t listener, const struct flow *f)
{
    const struct listener *l = stack_listener(s, listener);

    if (l->unaccepted_count >= l->backlog) {
        RULE_HIT(&s->engine, f, BACKLOG_FULL);
        return 0;
    }
    uint32_t tcb = listen_new_tcb(s, listener, f);
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
    struct tcb *t = stack_tcb(s, tcb);
    struct half_open h = {.flow = *f,
                          .rcv_scale = engine_window_shift(&s->engine, t->recv_limit) & 15u};

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
    uint32_t tcb = listen_new_tcb(s, listener, f);
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
    uint32_t tcb = listen_room(s, listener, f);

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
    if (seg->options.has_fast_open || (seg->text_bytes > 0 && fast_opens_bare(s)))
        way = fast_opens_decide(s, listener, f, seg);
    if (way.at_once)
        return listen_open_fast(s, listener, f, seg, way.grant);
    return listen_take_record(s, listener, f, seg, way.grant);
}

/* The record becomes a TCB. */
static verdict listen_promote(tern_stack *s, uint32_t index, struct segment *seg)
{
    const struct half_open *h = stack_half_open(s, index);
    uint32_t listener = listen_for(s, &h->flow);
    uint32_t tcb = listen_room(s, listener, &h->flow);
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
    uint32_t tcb = listen_room(s, listener, &h.flow);
    if (tcb == 0)
        return DROP;
    h.rcv_scale = engine_window_shift(&s->engine, stack_tcb(s, tcb)->recv_limit) & 15u;
    state_moved(&s->engine, f, TERN_LISTEN, TERN_SYN_RECEIVED, TERN_CAUSE_RCV_SYN);
    ack_of_syn_unfold(&s->engine, stack_tcb(s, tcb), &h);
    demux_insert(s, demux_reference(DEMUX_TCB, tcb));
    listen_established(s, listener, tcb, seg);
    return DROP;
}

/* A listener whose SYN,ACKs carry no option reads only the MSS of a SYN: nothing else can be
 * agreed. */
static void listen_strip(const tern_stack *s, uint32_t listener, struct segment *seg)
{
    const struct tcb *pattern = listen_pattern_of(s, listener);
    tcp_options *o = &seg->options;

    if (pattern != NULL && syn_is_bare(&s->engine, pattern))
        *o = (tcp_options){.has_mss = o->has_mss, .mss = o->mss};
}

verdict listen_arrives(tern_stack *s, uint32_t listener, const struct flow *f, struct segment *seg)
{
    verdict v = listen_cookie(s, listener, f, seg);

    if (v == NEXT)
        v = syn_at_listen(&s->engine, f, seg);
    if (v != NEXT)
        return v;
    listen_strip(s, listener, seg);
    return listen_take_syn(s, listener, f, seg);
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
        replies_half_open_ack(s, h, listen_pattern_for(s, &h->flow));
    else if (replies_within_rate(s, &h->flow))
        listen_owe_synack(s, index);
}

/* The listener wants to hear of no connection before it has data: an ACK without is not taken, and
 * the record waits. When the time is over, the SYN,ACK goes again and its ACK counts. */
static bool listen_deferred(tern_stack *s, uint32_t index, const struct segment *seg)
{
    struct half_open *h = stack_half_open(s, index);
    const struct listener *l = stack_listener(s, listen_for(s, &h->flow));
    uint32_t lived_ms = s->engine.now_ms - h->born_ms;

    if (seg->text_bytes > 0 || segment_has(seg, TCP_FIN) || lived_ms >= l->defer_ms)
        return false;
    RULE_HIT(&s->engine, &h->flow, ACCEPT_DEFERRED);
    listen_half_open_unlink(s, index);
    wheel_arm(&s->wheel, stack_timers(s), index | WHEEL_KIND_BIT,
              s->engine.from_ms + l->defer_ms - lived_ms);
    return true;
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
                     : half_open_arrives(&s->engine, h, listen_pattern_for(s, &h->flow), seg);

    if (v == NEXT && listen_deferred(s, index, seg))
        return DROP;

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

static bool listen_retry(tern_stack *s, uint32_t index)
{
    struct half_open *h = stack_half_open(s, index);

    return half_open_retry(&s->engine, h, listen_pattern_for(s, &h->flow));
}

void listen_half_open_timeout(tern_stack *s, uint32_t index)
{
    if (!listen_still(s, index))
        listen_half_open_drop(s, index, TERN_CLOSED, TERN_CAUSE_ABORT);
    else if (listen_retry(s, index))
        listen_owe_synack(s, index);
    else
        listen_half_open_drop(s, index, TERN_CLOSED, TERN_CAUSE_TIMEOUT);
}

size_t listen_output(tern_stack *s, uint8_t *packet)
{
    uint32_t index = s->synacks.head;
    struct half_open *h = stack_half_open(s, index);
    struct packet_plan plan;

    packet_plan_begin(&plan);
    listen_half_open_unlink(s, index);
    synack_plan(&s->engine, h, listen_pattern_for(s, &h->flow), fast_opens_keys(s, h), &plan);
    wheel_arm(&s->wheel, stack_timers(s), index | WHEEL_KIND_BIT,
              s->engine.from_ms + half_open_timeout_ms(&s->engine, h));
    return packet_write(&s->engine, &h->flow, &plan, packet);
}
