/* hold.c - handshakes that the program answers: held half-open records.
 *
 * A held record owes nothing and has no timer of its own. It is in two queues, both by age: its
 * listener's, of which the program has taken the first part, and that of all held records, whose
 * head is the next to have waited for hold_ms. What a segment does to it is decided in
 * tcp/open/half_open.c. docs/decisions/0013-held-handshakes.md. */
#include "stack/hold.h"

#include "stack/handles.h"
#include "stack/listen.h"
#include "stack/replies.h"

void hold_begin(tern_stack *s, uint32_t listener, uint32_t index)
{
    struct listener *l = stack_listener(s, listener);

    list_push(&s->held, STACK_WAITS(s), index);
    list_push(&l->held, STACK_HELD(s), index);
    if (l->held_next == 0)
        l->held_next = index;
    listen_tell(s, listener);
}

void hold_unlink(tern_stack *s, uint32_t index)
{
    struct half_open *h = stack_half_open(s, index);
    struct listener *l = stack_listener(s, listen_find(s, h->flow.local, h->flow.local_port));

    if (l->held_next == index)
        l->held_next = h->held.next;
    list_remove(&l->held, STACK_HELD(s), index);
    list_remove(&s->held, STACK_WAITS(s), index);
    h->flow.flags &= (uint8_t)~HALF_OPEN_HELD;
    h->timer = (struct wheel_node){0};
    h->sent_us = 0;
    h->retries = 0;
}

void hold_end(tern_stack *s, uint32_t listener)
{
    const struct listener *l = stack_listener(s, listener);

    while (l->held.head != 0)
        listen_half_open_drop(s, l->held.head, TERN_CLOSED, TERN_CAUSE_ABORT);
}

static uint32_t hold_waited_ms(const tern_stack *s, const struct half_open *h)
{
    return s->engine.now_ms - h->born_ms;
}

void hold_expire(tern_stack *s)
{
    uint32_t index;

    while ((index = s->held.head) != 0) {
        const struct half_open *h = stack_half_open(s, index);
        if (hold_waited_ms(s, h) < s->engine.config.hold_ms)
            break;
        RULE_HIT(&s->engine, &h->flow, HELD_EXPIRED);
        listen_half_open_drop(s, index, TERN_CLOSED, TERN_CAUSE_TIMEOUT);
    }
}

bool hold_next(const tern_stack *s, uint32_t *left_ms)
{
    if (s->held.head == 0)
        return false;
    uint32_t waited_ms = hold_waited_ms(s, stack_half_open(s, s->held.head));
    uint32_t hold_ms = s->engine.config.hold_ms;
    *left_ms = waited_ms < hold_ms ? hold_ms - waited_ms : 0;
    return true;
}

tern_err tern_hold(tern_stack *s, tern_time now_us, tern_handle listener, bool on)
{
    uint32_t index = handles_listener(s, listener);

    stack_set_time(s, now_us);
    if (index == 0)
        return TERN_ERR_STALE;
    if (on && stack_listener(s, index)->shared) /* a record is found in its listener's queue */
        return TERN_ERR_INVALID;
    stack_listener(s, index)->holds = on;
    return TERN_OK;
}

tern_err tern_next_held(tern_stack *s, tern_time now_us, tern_handle listener, tern_handle *held)
{
    uint32_t index = handles_listener(s, listener);

    stack_set_time(s, now_us);
    if (held == NULL)
        return TERN_ERR_INVALID;
    if (index == 0)
        return TERN_ERR_STALE;
    struct listener *l = stack_listener(s, index);
    if (l->held_next == 0)
        return TERN_ERR_WOULD_BLOCK;
    *held = handles_of_held(s, l->held_next);
    l->held_next = stack_half_open(s, l->held_next)->held.next;
    return TERN_OK;
}

tern_err tern_held_get(const tern_stack *s, tern_handle held, tern_held_info *info)
{
    uint32_t index = handles_held(s, held);

    if (info == NULL)
        return TERN_ERR_INVALID;
    if (index == 0)
        return TERN_ERR_STALE;
    const struct half_open *h = stack_half_open(s, index);
    *info = (tern_held_info){
        .local = {s->engine.config.addresses[h->flow.local], h->flow.local_port},
        .remote = {h->flow.remote, h->flow.remote_port},
        .irs = h->irs.v,
        .window = h->flow.spare,
        .mss = h->peer_mss,
        .shift = h->snd_scale,
        .has_mss = (h->retries & OFFER_MSS) != 0,
        .has_window_scale = (h->retries & OFFER_SCALE) != 0,
        .sack_permitted = (h->retries & OFFER_SACK) != 0,
        .has_timestamps = (h->retries & OFFER_TS) != 0,
        .has_text = (h->retries & OFFER_TEXT) != 0,
        .ts_value = h->ts_recent,
        .waited_ms = hold_waited_ms(s, h),
    };
    return TERN_OK;
}

/* The SYN,ACK is owed; its time begins now. */
static tern_err hold_accept(tern_stack *s, uint32_t index)
{
    struct half_open *h = stack_half_open(s, index);

    RULE_HIT(&s->engine, &h->flow, HELD_ACCEPTED);
    hold_unlink(s, index);
    h->born_ms = s->engine.now_ms;
    listen_owe_synack(s, index);
    return TERN_OK;
}

/* By a packet that no record owns. */
static tern_err hold_reply(tern_stack *s, uint32_t index, tern_answer_what answer)
{
    const struct half_open *h = stack_half_open(s, index);
    struct segment syn = {.seq = h->irs, .flags = TCP_SYN};

    if (s->replies.used == s->replies.count)
        return TERN_ERR_NO_RESOURCES;
    if (answer == TERN_ANSWER_REFUSE) {
        RULE_HIT(&s->engine, &h->flow, HELD_REFUSED);
        replies_reset(s, &h->flow, &syn);
    } else {
        RULE_HIT(&s->engine, &h->flow, HELD_UNREACHABLE);
        replies_unreachable(s, &h->flow, h->irs, ICMP_OWED_HOST_UNREACHABLE);
    }
    listen_half_open_drop(s, index, TERN_CLOSED, TERN_CAUSE_ABORT);
    return TERN_OK;
}

static tern_err hold_drop(tern_stack *s, uint32_t index)
{
    RULE_HIT(&s->engine, &stack_half_open(s, index)->flow, HELD_DROPPED);
    listen_half_open_drop(s, index, TERN_CLOSED, TERN_CAUSE_ABORT);
    return TERN_OK;
}

tern_err tern_answer(tern_stack *s, tern_time now_us, tern_handle held, tern_answer_what answer)
{
    uint32_t index = handles_held(s, held);

    stack_set_time(s, now_us);
    if (index == 0)
        return TERN_ERR_STALE;
    switch (answer) {
    case TERN_ANSWER_ACCEPT:
        return hold_accept(s, index);
    case TERN_ANSWER_REFUSE:
    case TERN_ANSWER_UNREACHABLE:
        return hold_reply(s, index, answer);
    case TERN_ANSWER_DROP:
        return hold_drop(s, index);
    }
    return TERN_ERR_INVALID;
}
