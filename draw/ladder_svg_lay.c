/* ladder_svg_lay.c - where everything in an SVG ladder stands. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "draw/columns.h"
#include "draw/ladder_order.h"
#include "draw/ladder_svg_page.h"
#include "tern/status.h"

/* ---- Heights ------------------------------------------------------------------------------- */

/* The lines of a caption or a note, its source included. */
static int svg_caption_lines(const char *text, const char *source)
{
    size_t next;
    int lines = source != NULL ? 1 : 0;

    while (columns_wrap(text, LADDER_SVG_COLUMNS, &next), next > 0) {
        lines++;
        text += next;
    }
    return lines;
}

/* How far below the time before the present time stands. */
static int svg_pause(tern_time passed_us)
{
    if (passed_us >= LADDER_SVG_PAUSE_US)
        return LADDER_SVG_PAUSE;
    return 8 + (int)(passed_us / 3000);
}

/* The lines of numbers above an arrow. */
unsigned svg_item_lines(const ladder_flight *f, packet_items *items)
{
    const packet_summary *p = &f->packet;
    unsigned lines = 0, columns = 0, room = svg_item_columns(f);

    items->count = 0;
    packet_numbers(p, items);
    packet_options(p, items);
    for (unsigned i = 0; i < items->count; i++) {
        unsigned more = (unsigned)strlen(items->text[i]);
        if (lines == 0 || columns + 2 + more > room) {
            lines++;
            columns = more;
        } else {
            columns += 2 + more;
        }
    }
    return lines;
}

/* What stands above an arrow where it leaves: its label and its numbers. */
int svg_words_height(const ladder_flight *f)
{
    packet_items items;
    return 20 + LADDER_SVG_ITEM * (int)svg_item_lines(f, &items);
}

/* A packet from or to outside: half an arrow, and a name in the other half of the lane. */
static void svg_lay_foreign(ladder_svg *s, const ladder_event *e, const ladder_flight *f,
                            int *height)
{
    bool inward = f->from == LADDER_OUTSIDE;
    ladder_end other = ladder_other(e->end);
    int fall = inward ? LADDER_SVG_SLOPE / 2 : 0;
    int own = s->lane[e->end] + fall + svg_words_height(f);
    int name = s->lane[other] + fall + LADDER_SVG_ITEM;
    int *sent = inward && f->sent_event >= s->first ? &s->height[f->sent_event - s->first] : NULL;

    *height = *height > own ? *height : own;
    *height = *height > name ? *height : name;
    if (sent != NULL && *sent == 0)
        *sent = *height - fall;
    s->bottom[e->end] = *height + LADDER_SVG_ROW;
    s->lane[e->end] = *height + LADDER_SVG_SLOPE / 2 - fall + LADDER_SVG_HEAD +
                      (f->died ? LADDER_SVG_ITEM : 0);
    s->lane[other] = s->lane[e->end];
}

static void svg_lay_packet(ladder_svg *s, const ladder_event *e, int *height)
{
    const ladder_flight *f = ladder_flight_get(s->l, e->flight);
    int least = 0;

    if (f == NULL)
        return;
    if (ladder_is_foreign(f)) {
        svg_lay_foreign(s, e, f, height);
        return;
    }
    if (e->kind == EVENT_SENT)
        least = s->lane[e->end] + svg_words_height(f);
    else if (f->sent_event >= s->first)
        least = s->height[f->sent_event - s->first] + LADDER_SVG_SLOPE;
    *height = *height > least ? *height : least;
    s->bottom[e->end] = *height + LADDER_SVG_ROW;
    s->lane[e->end] = *height + (e->kind == EVENT_SENT ? LADDER_SVG_SLOPE / 2 : LADDER_SVG_HEAD);
    if (e->kind == EVENT_SENT && f->died && f->arrivals == 0) {
        int cross = s->lane[e->end] + LADDER_SVG_HEAD;
        s->deepest = cross > s->deepest ? cross : s->deepest;
    }
}

/* The change of state that an arrival causes stands on its row. */
static void svg_lay_state(ladder_svg *s, size_t arrived, int height)
{
    const ladder_event *e = ladder_event_get(s->l, arrived);
    size_t state = ladder_order_state(s->l, e->end, arrived + 1, e->time_us);

    if (state == LADDER_NONE)
        return;
    s->height[state - s->first] = height;
    s->stated[e->end] = state + 1;
}

/* Where a run begins, its mark takes room at both ends. */
static void svg_lay_run(ladder_svg *s, size_t number)
{
    const svg_run *run = s->run_next < s->run_count ? &s->runs[s->run_next] : NULL;
    int y = s->level > s->deepest ? s->level : s->deepest;

    if (run == NULL || run->event != number)
        return;
    s->run_next++;
    for (unsigned end = 0; end < 2; end++) {
        y = s->bottom[end] > y ? s->bottom[end] : y;
        y = s->lane[end] > y ? s->lane[end] : y;
    }
    s->height[number - s->first] = y + LADDER_SVG_RUN / 2;
    y += LADDER_SVG_RUN;
    for (unsigned end = 0; end < 2; end++)
        s->bottom[end] = s->lane[end] = y;
    s->level = s->deepest = y;
    s->now_us = run->sum.last_us > s->now_us ? run->sum.last_us : s->now_us;
}

static void svg_lay(ladder_svg *s, size_t number)
{
    const ladder_event *e = ladder_event_get(s->l, number);
    int height = 0;

    svg_lay_run(s, number);
    if (s->folded[number - s->first])
        return;
    if (e->end == LADDER_OUTSIDE) /* has its height from the end that it is for */
        return;
    height = s->bottom[e->end] > s->level ? s->bottom[e->end] : s->level;
    switch (e->kind) {
    case EVENT_SENT:
    case EVENT_ARRIVED:
        svg_lay_packet(s, e, &height);
        if (e->kind == EVENT_ARRIVED)
            svg_lay_state(s, number, height);
        break;
    case EVENT_STATE:
        if (number < s->stated[e->end])
            return;
        s->bottom[e->end] = height + LADDER_SVG_ROW;
        break;
    case EVENT_CAPTION:
        if (svg_shown(s, e, number - s->first))
            s->bottom[e->end] = height + 6 +
                                LADDER_SVG_LINE *
                                    svg_caption_lines(draw_text(&s->style, ladder_caption_text(e)),
                                                      ladder_caption_source(e));
        break;
    case EVENT_NOTE:
        s->bottom[e->end] = height + 6 + LADDER_SVG_LINE * svg_caption_lines(e->text, NULL);
        break;
    case EVENT_DIED:
        if (!svg_dies_here(s, e))
            break;
        svg_lay_packet(s, e, &height);
        break;
    }
    if (svg_shown(s, e, number - s->first) && (e->kind != EVENT_DIED || svg_dies_here(s, e)))
        s->deepest = height > s->deepest ? height : s->deepest;
    s->height[number - s->first] = height;
}

/* ---- Runs of the same ---------------------------------------------------------------------- */

static void svg_fold_show(void *context, const fold_step *step)
{
    (void)context;
    (void)step;
}

static void svg_fold_event(ladder_svg *s, size_t number)
{
    const ladder_event *e = ladder_event_get(s->l, number);
    const ladder_flight *f = ladder_flight_get(s->l, e->flight);

    s->folded[number - s->first] = true;
    s->run_event = number < s->run_event ? number : s->run_event;
    if (f != NULL && f->from == LADDER_OUTSIDE && f->sent_event >= s->first)
        s->folded[f->sent_event - s->first] = true;
}

static void svg_fold_skip(void *context, const fold_step *step)
{
    ladder_svg *s = context;

    svg_fold_event(s, step->step.event);
    if (step->step.kind == STEP_WHOLE || step->step.kind == STEP_CROSS)
        svg_fold_event(s, step->step.other);
    for (unsigned i = 0; i < 2 && step->step.kind == STEP_CROSS; i++)
        svg_fold_event(s, step->step.arrived[i]);
}

static void svg_fold_tell(void *context, const fold_sum *sum)
{
    ladder_svg *s = context;
    size_t at = s->run_count;

    if (s->run_count == s->run_room) {
        size_t room = s->run_room == 0 ? 16 : s->run_room * 2;
        svg_run *runs = realloc(s->runs, room * sizeof *runs);
        if (runs == NULL) { /* the run has no mark */
            s->run_event = LADDER_NONE;
            return;
        }
        s->runs = runs;
        s->run_room = room;
    }
    while (at > 0 && s->runs[at - 1].event > s->run_event) {
        s->runs[at] = s->runs[at - 1];
        at--;
    }
    s->runs[at] = (svg_run){s->run_event, *sum};
    s->run_count++;
    s->run_event = LADDER_NONE;
}

/* Finds the runs, in the order of a terminal ladder. false: no memory. */
static bool svg_fold(ladder_svg *s)
{
    ladder_fold *fold = calloc(1, sizeof *fold);
    fold_step step = {.step = {.kind = STEP_EVENT}};

    if (fold == NULL)
        return false;
    fold->sink = (fold_sink){s, svg_fold_show, svg_fold_skip, svg_fold_tell};
    s->run_event = LADDER_NONE;
    step.order.at[LADDER_LEFT] = step.order.at[LADDER_RIGHT] = s->first;
    while (ladder_order_next(&step.order, s->l, true, &step.step)) {
        const ladder_event *e = ladder_event_get(s->l, step.step.event);
        if (e->kind != EVENT_CAPTION || ladder_caption_teaches(e))
            fold_take(fold, s->l, step);
    }
    fold_settle(fold, true);
    free(fold);
    return true;
}

/* ---- Pages --------------------------------------------------------------------------------- */

bool svg_page_begin(ladder_svg *s, const ladder *l, const draw_style *style)
{
    *s = (ladder_svg){.l = l, .style = *style, .first = ladder_forgotten(l)};
    s->count = ladder_events(l) - s->first;
    s->height = calloc(s->count + 1, sizeof *s->height);
    s->folded = calloc(s->count + 1, sizeof *s->folded);
    s->bottom[0] = s->bottom[1] = s->level = s->deepest = LADDER_SVG_TOP + 8;
    s->lane[0] = s->lane[1] = LADDER_SVG_TOP - 16;
    s->now_us = s->count > 0 ? ladder_event_get(l, s->first)->time_us : 0;
    return s->height != NULL && s->folded != NULL && (style->verbose || svg_fold(s));
}

void svg_page_end(ladder_svg *s)
{
    free(s->runs);
    free(s->folded);
    free(s->height);
}

/* The page whose next event is the earliest; NULL when all are laid. */
static ladder_svg *svg_next_page(ladder_svg *const pages[], unsigned count)
{
    ladder_svg *next = NULL;

    for (unsigned i = 0; i < count; i++) {
        ladder_svg *s = pages[i];
        if (s->laid == s->count)
            continue;
        if (next == NULL || ladder_event_get(s->l, s->first + s->laid)->time_us <
                                ladder_event_get(next->l, next->first + next->laid)->time_us)
            next = s;
    }
    return next;
}

/* Time goes on, on all pages. */
static void svg_pass_time(ladder_svg *const pages[], unsigned count, tern_time time_us)
{
    tern_time now_us = pages[0]->now_us;
    int below = 0;

    for (unsigned i = 0; i < count; i++) {
        const ladder_svg *s = pages[i];
        below = s->deepest > below ? s->deepest : below;
        below = s->level > below ? s->level : below;
        now_us = s->now_us > now_us ? s->now_us : now_us;
    }
    if (time_us <= now_us)
        return;
    for (unsigned i = 0; i < count; i++) {
        pages[i]->level = below + svg_pause(time_us - now_us);
        pages[i]->now_us = time_us;
    }
}

void svg_pages_lay(ladder_svg *const pages[], unsigned count)
{
    ladder_svg *s;

    while ((s = svg_next_page(pages, count)) != NULL) {
        size_t number = s->first + s->laid++;
        const ladder_event *e = ladder_event_get(s->l, number);
        bool drawn = !s->folded[number - s->first] && e->end != LADDER_OUTSIDE;
        s->fine |= drawn && e->time_us % 1000 != 0;
        if (drawn)
            svg_pass_time(pages, count, e->time_us);
        svg_lay(s, number);
    }
}

int svg_page_height(const ladder_svg *s)
{
    return (s->bottom[0] > s->bottom[1] ? s->bottom[0] : s->bottom[1]) + 40;
}
