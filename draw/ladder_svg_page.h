/* ladder_svg_page.h - the inside of an SVG ladder: where everything stands, before it is drawn.
 *
 * Heights grow with time at both ends alike; what happens at one end at one instant stands below
 * each other, the captions beside the lifeline. A pause is as long as its time up to a limit.
 * Several pages can be laid together: then what happens at the same time stands at the same
 * height. */
#ifndef TERN_DRAW_LADDER_SVG_PAGE_H
#define TERN_DRAW_LADDER_SVG_PAGE_H

#include "draw/ladder_events.h"
#include "draw/ladder_fold.h"
#include "draw/style.h"

enum {
    LADDER_SVG_SIDE = 360, /* a column of captions, its margin included */
    LADDER_SVG_LANE = 520, /* from lifeline to lifeline */
    LADDER_SVG_WIDTH = 2 * LADDER_SVG_SIDE + LADDER_SVG_LANE,
    LADDER_SVG_TOP = 78,
    LADDER_SVG_TITLE = 60,           /* above a ladder, when there are two */
    LADDER_SVG_GAP = 12,             /* between a lifeline and what stands beside it */
    LADDER_SVG_ROW = 22,             /* a time with its state */
    LADDER_SVG_LINE = 15,            /* a line of a caption */
    LADDER_SVG_COLUMNS = 48,         /* of a caption: 7 pixels each */
    LADDER_SVG_ITEM = 13,            /* a line of numbers */
    LADDER_SVG_SLOPE = 34,           /* an arrow falls by at least this */
    LADDER_SVG_HEAD = 8,             /* below an arrowhead, or the cross of a packet that died */
    LADDER_SVG_ITEM_COLUMNS = 38,    /* of a line above an arrow: half a lane */
    LADDER_SVG_FOREIGN_COLUMNS = 34, /* that half's own, where an arrow ends at its edge */
    LADDER_SVG_TIME = 78,            /* the room of a time */
    LADDER_SVG_PAUSE_US = 150000,
    LADDER_SVG_PAUSE = 64,
    LADDER_SVG_RUN = 74, /* a run of the same */
};

/* A run of the same, which one mark stands for. */
typedef struct svg_run {
    size_t event; /* the first of it */
    fold_sum sum;
} svg_run;

typedef struct ladder_svg {
    const ladder *l;
    FILE *out;
    draw_style style;
    int *height; /* of each event, from the first that is not forgotten */
    size_t first, count;
    bool *folded; /* each event: part of a run */
    svg_run *runs;
    size_t run_count, run_room, run_next;
    size_t laid;      /* events that have their height */
    size_t run_event; /* the first event of the run under way, or LADDER_NONE */
    bool fine;
    int bottom[2];    /* of what stands beside a lifeline so far */
    int lane[2];      /* of what leaves or reaches it */
    int level;        /* the height of the present time */
    int deepest;      /* of any event so far */
    size_t stated[2]; /* the heights of states below this number are given already */
    int timed[2];     /* the height of the time printed last */
    tern_time now_us;
} ladder_svg;

/* Who is outside stands in the middle of the lane. */
static inline int svg_life_x(ladder_end end)
{
    if (end == LADDER_OUTSIDE)
        return LADDER_SVG_SIDE + LADDER_SVG_LANE / 2;
    return end == LADDER_LEFT ? LADDER_SVG_SIDE : LADDER_SVG_SIDE + LADDER_SVG_LANE;
}

/* 1 for a packet that goes to the right, -1 for one to the left. */
static inline int svg_direction(const ladder_flight *f)
{
    return f->from == LADDER_LEFT || f->to == LADDER_RIGHT ? 1 : -1;
}

/* Is this event, the i-th of those kept, drawn? */
static inline bool svg_shown(const ladder_svg *s, const ladder_event *e, size_t i)
{
    if (s->folded[i])
        return false;
    return e->kind != EVENT_CAPTION || s->style.verbose || ladder_caption_teaches(e);
}

/* The death of what came from outside is seen at the end it was for. */
static inline bool svg_dies_here(const ladder_svg *s, const ladder_event *e)
{
    const ladder_flight *f = ladder_flight_get(s->l, e->flight);
    return e->kind == EVENT_DIED && f != NULL && f->from == LADDER_OUTSIDE;
}

/* The numbers above an arrow: how many columns a line has, and how many lines there are. */
static inline unsigned svg_item_columns(const ladder_flight *f)
{
    return ladder_is_foreign(f) ? LADDER_SVG_FOREIGN_COLUMNS : LADDER_SVG_ITEM_COLUMNS;
}
unsigned svg_item_lines(const ladder_flight *f, packet_items *items);
/* What stands above an arrow where it leaves: its label and its numbers. */
int svg_words_height(const ladder_flight *f);

/* Makes a page of a recording, its runs found. false: no memory; end it all the same. */
bool svg_page_begin(ladder_svg *s, const ladder *l, const draw_style *style);
void svg_page_end(ladder_svg *s);

/* Gives everything its height. */
void svg_pages_lay(ladder_svg *const pages[], unsigned count);
/* The height of the whole page. */
int svg_page_height(const ladder_svg *s);

#endif
