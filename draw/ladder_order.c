/* ladder_order.c - in which order a ladder is drawn from top to bottom.
 *
 * Each end is a queue of its events. A head is drawn when it can be: a packet, when it is at the
 * head of both queues. When neither head can be, two packets cross (both heads are sent) or one
 * overtakes another (one head is sent, the other arrives and was sent later): then one of them is
 * drawn departing alone, and its arrival becomes an event like others. */
#include "draw/ladder_order.h"

/* Something happens to a packet that somebody outside has sent or will get. */
static bool order_is_foreign(const ladder *l, const ladder_event *e)
{
    const ladder_flight *f = NULL;

    if (e->kind == EVENT_SENT || e->kind == EVENT_ARRIVED || e->kind == EVENT_DIED)
        f = ladder_flight_get(l, e->flight);
    return f != NULL && ladder_is_foreign(f);
}

/* The death of a packet that an end sent is drawn with its sending. */
static bool order_is_drawn(const ladder *l, const ladder_event *e)
{
    const ladder_flight *f;

    if (e->kind != EVENT_DIED)
        return true;
    f = ladder_flight_get(l, e->flight);
    return f != NULL && f->from == LADDER_OUTSIDE;
}

/* The first event of an end from `number` on; LADDER_NONE past the last. */
static size_t order_seek(const ladder *l, ladder_end end, size_t number)
{
    for (size_t n = number; n < ladder_events(l); n++) {
        const ladder_event *e = ladder_event_get(l, n);
        if (e != NULL && e->end == end && order_is_drawn(l, e))
            return n;
    }
    return LADDER_NONE;
}

static size_t order_head(ladder_order *o, const ladder *l, ladder_end end)
{
    size_t head = order_seek(l, end, o->at[end]);
    o->at[end] = head == LADDER_NONE ? ladder_events(l) : head;
    return head;
}

static const ladder_flight *order_flight(const ladder *l, size_t number)
{
    return ladder_flight_get(l, ladder_event_get(l, number)->flight);
}

static bool order_is(const ladder *l, size_t number, ladder_event_kind kind)
{
    return number != LADDER_NONE && ladder_event_get(l, number)->kind == kind;
}

/* Does the head of one end stand for a step by itself, or with the head of the other? */
static bool order_ready(const ladder_order *o, const ladder *l, const size_t head[2],
                        ladder_end end, ladder_step *step)
{
    size_t here = head[end], there = head[ladder_other(end)];
    const ladder_event *e = here == LADDER_NONE ? NULL : ladder_event_get(l, here);
    const ladder_flight *f = NULL;

    if (e == NULL)
        return false;
    step->event = here;
    if (e->kind != EVENT_SENT && e->kind != EVENT_ARRIVED && e->kind != EVENT_DIED) {
        step->kind = STEP_EVENT;
        return true;
    }
    if (order_is_foreign(l, e)) {
        step->kind = STEP_FOREIGN;
        return true;
    }
    f = order_flight(l, here);
    if (e->kind == EVENT_ARRIVED) {
        step->kind = STEP_ARRIVE;
        return f == NULL || f->sent_event < o->at[f->from];
    }
    if (f->arrivals == 0 && f->died) {
        step->kind = STEP_DEAD;
        return true;
    }
    step->kind = STEP_WHOLE;
    step->other = there;
    return order_is(l, there, EVENT_ARRIVED) && ladder_event_get(l, there)->flight == e->flight;
}

/* How many packets the other end sends before the packet sent at `sent` arrives there. */
static size_t order_crossings(const ladder *l, size_t sent, size_t other_head)
{
    const ladder_event *s = ladder_event_get(l, sent);
    size_t crossings = 0;

    for (size_t n = other_head; n != LADDER_NONE; n = order_seek(l, ladder_other(s->end), n + 1)) {
        const ladder_event *e = ladder_event_get(l, n);
        if (e->kind == EVENT_ARRIVED && e->flight == s->flight)
            break;
        crossings += e->kind == EVENT_SENT && !order_is_foreign(l, e);
    }
    return crossings;
}

/* Two packets that cross each other and nothing else. */
static bool order_cross(const ladder *l, const size_t head[2], ladder_step *step)
{
    step->kind = STEP_CROSS;
    step->event = head[LADDER_LEFT];
    step->other = head[LADDER_RIGHT];
    for (unsigned end = 0; end < 2; end++) {
        size_t next = order_seek(l, (ladder_end)end, head[end] + 1);
        if (!order_is(l, next, EVENT_ARRIVED) ||
            ladder_event_get(l, next)->flight != ladder_event_get(l, head[1 - end])->flight)
            return false;
        step->arrived[end] = next;
    }
    return true;
}

/* Neither head can be drawn as it is: which packet departs alone. */
static bool order_split(const ladder *l, const size_t head[2], bool final, ladder_step *step)
{
    bool left = order_is(l, head[LADDER_LEFT], EVENT_SENT);
    bool right = order_is(l, head[LADDER_RIGHT], EVENT_SENT);
    bool left_open = left && order_flight(l, head[LADDER_LEFT])->arrivals == 0;
    bool right_open = right && order_flight(l, head[LADDER_RIGHT])->arrivals == 0;
    bool take_left = left;

    if (!left && !right)
        return false;
    if ((left_open || right_open) && !final)
        return false;
    if (left && right && !left_open && !right_open) {
        if (order_cross(l, head, step))
            return true;
        take_left = order_crossings(l, head[LADDER_LEFT], head[LADDER_RIGHT]) >=
                    order_crossings(l, head[LADDER_RIGHT], head[LADDER_LEFT]);
    } else if (left && right) {
        take_left = left_open;
    }
    step->kind = STEP_DEPART;
    step->event = head[take_left ? LADDER_LEFT : LADDER_RIGHT];
    return true;
}

static void order_pass(ladder_order *o, const ladder *l, const ladder_step *step)
{
    const ladder_event *e = ladder_event_get(l, step->event);

    if (step->kind == STEP_CROSS) {
        o->at[LADDER_LEFT] = step->arrived[LADDER_LEFT] + 1;
        o->at[LADDER_RIGHT] = step->arrived[LADDER_RIGHT] + 1;
        return;
    }
    o->at[e->end] = step->event + 1;
    if (step->kind == STEP_WHOLE)
        o->at[ladder_other(e->end)] = step->other + 1;
}

bool ladder_order_next(ladder_order *o, const ladder *l, bool final, ladder_step *step)
{
    size_t head[2] = {order_head(o, l, LADDER_LEFT), order_head(o, l, LADDER_RIGHT)};
    ladder_step ready[2] = {{STEP_EVENT, 0, 0, {0, 0}}, {STEP_EVENT, 0, 0, {0, 0}}};
    bool left = order_ready(o, l, head, LADDER_LEFT, &ready[LADDER_LEFT]);
    bool right = order_ready(o, l, head, LADDER_RIGHT, &ready[LADDER_RIGHT]);

    if (left && right)
        *step = ready[head[LADDER_LEFT] < head[LADDER_RIGHT] ? LADDER_LEFT : LADDER_RIGHT];
    else if (left || right)
        *step = ready[left ? LADDER_LEFT : LADDER_RIGHT];
    else if (!order_split(l, head, final, step))
        return false;
    order_pass(o, l, step);
    return true;
}

size_t ladder_order_state(const ladder *l, ladder_end end, size_t from, tern_time time_us)
{
    for (size_t n = order_seek(l, end, from); n != LADDER_NONE; n = order_seek(l, end, n + 1)) {
        const ladder_event *e = ladder_event_get(l, n);
        if (e->time_us != time_us || (e->kind != EVENT_STATE && e->kind != EVENT_CAPTION))
            break;
        if (e->kind == EVENT_STATE)
            return n;
    }
    return LADDER_NONE;
}

size_t ladder_order_done(const ladder_order *o)
{
    return o->at[0] < o->at[1] ? o->at[0] : o->at[1];
}
