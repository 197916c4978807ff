/* ladder_order.h - in which order a ladder is drawn from top to bottom.
 *
 * What happens at one end keeps its order, and a packet leaves above where it arrives, or on the
 * same row. Within that, rows are in the order of time, and a packet is one row whenever it can
 * be: only packets that cross others, overtake or come twice need a row for each of their ends.
 * Each end has its own time on a row, so the picture is true although the rows of the two ends
 * may interleave otherwise than by the clock. */
#ifndef TERN_DRAW_LADDER_ORDER_H
#define TERN_DRAW_LADDER_ORDER_H

#include "draw/ladder_events.h"

typedef enum ladder_step_kind {
    STEP_EVENT,   /* a state, a caption, a note: event */
    STEP_WHOLE,   /* event is sent and arrives as `other`, on one row */
    STEP_DEAD,    /* event is sent and dies */
    STEP_DEPART,  /* event is sent; the arrival will be a step of its own */
    STEP_ARRIVE,  /* event arrives; it was drawn departing before */
    STEP_FOREIGN, /* event is sent outside, or comes from there: arrives, or dies */
    STEP_CROSS,   /* event and `other` are sent; they arrive as the two in `arrived` */
} ladder_step_kind;

typedef struct ladder_step {
    ladder_step_kind kind;
    size_t event;      /* STEP_CROSS: sent by the left end */
    size_t other;      /* STEP_WHOLE; STEP_CROSS: sent by the right end */
    size_t arrived[2]; /* STEP_CROSS: at the left end, at the right end */
} ladder_step;

/* All zero is the start. */
typedef struct ladder_order {
    size_t at[2]; /* events of an end below this number are drawn */
} ladder_order;

/* The next step, false when nothing more is certain. `final`: nothing more will be recorded, so a
 * packet whose fate is not known is drawn departing. */
bool ladder_order_next(ladder_order *o, const ladder *l, bool final, ladder_step *step);

/* The first change of state at this end, from event `from` on, that belongs to the instant
 * time_us: nothing but decisions stand between. LADDER_NONE when there is none. */
size_t ladder_order_state(const ladder *l, ladder_end end, size_t from, tern_time time_us);

/* Events below this number are drawn. */
size_t ladder_order_done(const ladder_order *o);

#endif
