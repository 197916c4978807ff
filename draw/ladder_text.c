/* ladder_text.c - a recording as a ladder for the terminal, drawn row by row.
 *
 * ladder_order.c says what comes next; here each step gets its rows, made by ladder_arrow.c,
 * ladder_cross.c and ladder_words.c, and printed by ladder_row.c. A change of state is printed
 * beside the row of what caused it. */
#define _GNU_SOURCE
#include "draw/ladder_text.h"

#include <stdlib.h>
#include <string.h>

#include "draw/columns.h"
#include "draw/ladder_arrow.h"
#include "draw/ladder_cross.h"
#include "draw/ladder_fold.h"
#include "draw/ladder_foreign.h"
#include "draw/ladder_order.h"
#include "draw/ladder_words.h"
#include "tern/status.h"

enum {
    TEXT_PAUSE_US = 150000, /* a longer silence gets a row of its own */
    TEXT_BYTES = 256,
};

struct ladder_text {
    ladder *l;
    row_page page;
    ladder_order order, drawn; /* what has been looked at; what is drawn, or folded */
    ladder_fold fold;
    tern_state folded[2]; /* states that ends came to in the run, or TERN_STATES */
    bool begun, stepped;  /* the head is drawn; a step is */
    bool shown[2];        /* has this end's time been printed? */
    tern_time shown_us[2];
    tern_time newest_us;
    bool waiting[2]; /* states that wait for the row of their event */
    tern_time waiting_us[2];
    tern_state waiting_state[2];
    size_t stated[2]; /* states of events below this number are printed already */
};

void ladder_text_free(ladder_text *t)
{
    free(t);
}

/* ---- The sides ----------------------------------------------------------------------------- */

/* The state that waits goes to its side, with its time when that is new. */
static void text_settle(ladder_text *t, ladder_end end)
{
    if (!t->waiting[end])
        return;
    t->waiting[end] = false;
    if (!t->shown[end] || t->shown_us[end] != t->waiting_us[end])
        row_time(&t->page, end, t->waiting_us[end]);
    t->shown[end] = true;
    t->shown_us[end] = t->waiting_us[end];
    row_state(&t->page, end, t->waiting_state[end]);
}

/* The same, unless the state belongs to the time of what comes next. */
static void text_settle_before(ladder_text *t, ladder_end end, tern_time time_us)
{
    if (t->waiting[end] && t->waiting_us[end] != time_us)
        text_settle(t, end);
}

/* A row of air before a packet, and rows for all that waits at the sides. */
static void text_space(ladder_text *t)
{
    row_blank(&t->page, NULL);
    row_flush(&t->page);
}

/* An end's side of a row: the time, when it is new or `always`, and the states that go with it. */
static void text_side(ladder_text *t, ladder_end end, tern_time time_us, bool always)
{
    size_t n = t->drawn.at[end];

    if (always || !t->shown[end] || t->shown_us[end] != time_us)
        row_time(&t->page, end, time_us);
    t->shown[end] = true;
    t->shown_us[end] = time_us;
    if (t->waiting[end])
        row_state(&t->page, end, t->waiting_state[end]);
    t->waiting[end] = false;
    while ((n = ladder_order_state(t->l, end, n, time_us)) != LADDER_NONE) {
        const ladder_event *e = ladder_event_get(t->l, n++);
        if (n <= t->stated[end])
            continue;
        t->stated[end] = n;
        if (e->to != TERN_STATES)
            row_state(&t->page, end, e->to);
    }
}

/* The side of a row of words: what waits there for a row needs none of its own, unless the time
 * is another. */
static void text_side_of_words(ladder_text *t, const ladder_event *e)
{
    text_settle_before(t, e->end, e->time_us);
    if (t->page.sides[e->end] > 0 && (!t->shown[e->end] || t->shown_us[e->end] != e->time_us))
        row_flush(&t->page);
    text_side(t, e->end, e->time_us, false);
}

/* ---- Packets ------------------------------------------------------------------------------- */

static void text_sent(ladder_text *t, const ladder_step *step)
{
    const ladder_event *sent = ladder_event_get(t->l, step->event);
    const ladder_flight *f = ladder_flight_get(t->l, sent->flight);
    char words[ARROW_TEXT_BYTES] = "";
    ladder_arrow a = {.tail = true, .words = words};

    text_settle_before(t, f->from, sent->time_us);
    if (step->kind == STEP_WHOLE)
        text_settle_before(t, ladder_other(f->from), ladder_event_get(t->l, step->other)->time_us);
    text_space(t);
    text_side(t, f->from, sent->time_us, true);
    if (step->kind == STEP_WHOLE) {
        const ladder_event *arrived = ladder_event_get(t->l, step->other);
        a.head = true;
        arrow_marks(&t->page, arrived->marks, words);
        text_side(t, arrived->end, arrived->time_us, true);
    } else if (step->kind == STEP_DEAD) {
        a.dead = true;
        a.words = draw_text(&t->page.style, ladder_fate_text(f->fate));
    }
    arrow_print(&t->page, f, &a);
    arrow_items(&t->page, f);
    row_flush(&t->page);
}

static void text_arrived(ladder_text *t, const ladder_event *arrived)
{
    const ladder_flight *f = ladder_flight_get(t->l, arrived->flight);
    char words[ARROW_TEXT_BYTES];
    ladder_arrow a = {.head = true, .words = arrow_marks(&t->page, arrived->marks, words)};

    if (f == NULL)
        return;
    text_settle_before(t, arrived->end, arrived->time_us);
    text_space(t);
    text_side(t, arrived->end, arrived->time_us, true);
    arrow_print(&t->page, f, &a);
    row_flush(&t->page);
}

/* A packet of somebody outside arrives or dies, or one for them leaves. */
static void text_foreign(ladder_text *t, const ladder_event *e)
{
    const ladder_flight *f = ladder_flight_get(t->l, e->flight);
    bool died = e->kind == EVENT_DIED || (e->kind == EVENT_SENT && f->died);
    char words[ARROW_TEXT_BYTES];

    if (died)
        snprintf(words, sizeof words, "%s", draw_text(&t->page.style, ladder_fate_text(f->fate)));
    else
        arrow_marks(&t->page, e->marks, words);
    text_settle_before(t, e->end, e->time_us);
    text_space(t);
    text_side(t, e->end, e->time_us, true);
    foreign_print(&t->page, f, words, died);
    arrow_items(&t->page, f);
    row_flush(&t->page);
}

/* ---- Captions and notes -------------------------------------------------------------------- */

static void text_caption(ladder_text *t, const ladder_event *e)
{
    char source[TEXT_BYTES];
    const char *from = ladder_caption_source(e);
    const row_glyphs *g = t->page.glyph;
    ladder_words b = {.end = e->end,
                      .ink = INK_PLAIN,
                      .mark = e->end == LADDER_LEFT ? g->say_left : g->say_right};

    if (!t->page.style.verbose && !ladder_caption_teaches(e))
        return;
    b.text = draw_text(&t->page.style, ladder_caption_text(e));
    b.source = from != NULL ? from : "";
    if (t->page.style.verbose && e->rule != TERN_RULE_NONE) {
        snprintf(source, sizeof source, "%s  %s", b.source, tern_rule_get(e->rule)->name);
        b.source = source;
    }
    text_side_of_words(t, e);
    words_print(&t->page, &b);
}

static void text_note(ladder_text *t, const ladder_event *e)
{
    bool error = e->note == LADDER_ERROR;
    ladder_words b = {.end = e->end,
                      .ink = error ? INK_RED : INK_BOLD,
                      .mark = error ? t->page.glyph->error : t->page.glyph->call,
                      .text = e->text,
                      .source = ""};

    text_side_of_words(t, e);
    words_print(&t->page, &b);
}

static void text_state(ladder_text *t, const ladder_event *e, size_t number)
{
    if (number < t->stated[e->end])
        return;
    text_settle(t, e->end);
    t->waiting[e->end] = e->to != TERN_STATES;
    t->waiting_us[e->end] = e->time_us;
    t->waiting_state[e->end] = e->to;
}

static void text_event(ladder_text *t, const ladder_event *e, size_t number)
{
    switch (e->kind) {
    case EVENT_STATE:
        text_state(t, e, number);
        break;
    case EVENT_CAPTION:
        text_caption(t, e);
        break;
    case EVENT_NOTE:
        text_note(t, e);
        break;
    case EVENT_SENT:
    case EVENT_ARRIVED:
    case EVENT_DIED:
        break;
    }
}

/* ---- A crossing ---------------------------------------------------------------------------- */

static void text_cross(ladder_text *t, const ladder_step *step)
{
    const ladder_event *sent[2] = {ladder_event_get(t->l, step->event),
                                   ladder_event_get(t->l, step->other)};
    const ladder_flight *f[2] = {ladder_flight_get(t->l, sent[0]->flight),
                                 ladder_flight_get(t->l, sent[1]->flight)};
    bool marked = ladder_event_get(t->l, step->arrived[0])->marks != 0 ||
                  ladder_event_get(t->l, step->arrived[1])->marks != 0;

    if (marked || !cross_fits(&t->page, f)) {
        ladder_step part = {.kind = STEP_DEPART, .event = step->event};
        text_sent(t, &part);
        part = (ladder_step){STEP_WHOLE, step->other, step->arrived[LADDER_LEFT], {0, 0}};
        text_sent(t, &part);
        text_arrived(t, ladder_event_get(t->l, step->arrived[LADDER_RIGHT]));
        return;
    }
    for (unsigned end = 0; end < 2; end++)
        text_settle_before(t, (ladder_end)end, sent[end]->time_us);
    text_space(t);
    for (unsigned end = 0; end < 2; end++)
        text_side(t, (ladder_end)end, sent[end]->time_us, true);
    cross_leave(&t->page, f);
    row_flush(&t->page);
    for (unsigned end = 0; end < 2; end++)
        text_side(t, (ladder_end)end, ladder_event_get(t->l, step->arrived[end])->time_us, true);
    cross_arrive(&t->page);
    row_flush(&t->page);
}

/* ---- From top to bottom -------------------------------------------------------------------- */

static void text_begin(ladder_text *t)
{
    t->begun = true;
    row_head(&t->page, t->l);
    for (unsigned end = 0; end < 2; end++) {
        tern_state state = ladder_party_get(t->l, (ladder_end)end)->state;
        if (state != TERN_STATES)
            row_state(&t->page, (ladder_end)end, state);
    }
    row_blank(&t->page, NULL);
    row_flush(&t->page);
}

/* From the first time that is not whole milliseconds on, times have microseconds. */
static void text_look(ladder_text *t)
{
    for (size_t n = ladder_order_done(&t->order); n < ladder_events(t->l) && !t->page.fine; n++) {
        const ladder_event *e = ladder_event_get(t->l, n);
        t->page.fine = e != NULL && e->time_us % 1000 != 0;
    }
}

/* A long silence: a row that says how long. */
static void text_pause(ladder_text *t, tern_time time_us)
{
    const row_glyphs *g = t->page.glyph;
    row_lane lane = {.bytes = 0};
    char time[ROW_TIME_BYTES], text[TEXT_BYTES];

    if (time_us < t->newest_us + TEXT_PAUSE_US)
        return;
    for (unsigned end = 0; end < 2; end++)
        text_settle(t, (ladder_end)end);
    row_flush(&t->page);
    row_time_text(&t->page, time_us - t->newest_us, time);
    snprintf(text, sizeof text, "%s %s %s %s", g->gap, time,
             draw_text(&t->page.style, N_("s later")), g->gap);
    row_to(&t->page, &lane, (t->page.lane - columns_text(text)) / 2);
    row_text(&t->page, &lane, INK_DIM, text);
    row_blank(&t->page, g->life_gap);
    row_print(&t->page, &lane, g->life_gap, g->life_gap);
    row_blank(&t->page, g->life_gap);
}

static void text_step(ladder_text *t, const ladder_step *step)
{
    const ladder_event *e = ladder_event_get(t->l, step->event);

    if (!t->stepped)
        t->newest_us = e->time_us;
    t->stepped = true;
    text_pause(t, e->time_us);
    t->newest_us = e->time_us > t->newest_us ? e->time_us : t->newest_us;
    switch (step->kind) {
    case STEP_EVENT:
        text_event(t, e, step->event);
        break;
    case STEP_ARRIVE:
        text_arrived(t, e);
        break;
    case STEP_FOREIGN:
        text_foreign(t, e);
        break;
    case STEP_CROSS:
        text_cross(t, step);
        e = ladder_event_get(t->l, step->arrived[LADDER_RIGHT]);
        break;
    case STEP_WHOLE:
        text_sent(t, step);
        e = ladder_event_get(t->l, step->other);
        break;
    case STEP_DEAD:
    case STEP_DEPART:
        text_sent(t, step);
        break;
    }
    t->newest_us = e->time_us > t->newest_us ? e->time_us : t->newest_us;
}

/* ---- Runs of the same ---------------------------------------------------------------------- */

static void text_show(void *context, const fold_step *step)
{
    ladder_text *t = context;

    t->drawn = step->order;
    text_step(t, &step->step);
}

/* Of what is not drawn, the states are kept: they are those of the rows below. */
static void text_skip(void *context, const fold_step *step)
{
    ladder_text *t = context;
    const ladder_event *e = ladder_event_get(t->l, step->step.event);

    t->drawn = step->order;
    if (e->kind == EVENT_STATE && step->step.event >= t->stated[e->end])
        t->folded[e->end] = e->to;
}

/* A line of words in the middle of the lane, wrapped, between lifelines with a gap. */
static void text_middle(ladder_text *t, const char *text)
{
    const row_glyphs *g = t->page.glyph;
    size_t next, bytes;

    while ((bytes = columns_wrap(text, t->page.lane - 2 * ROW_MARGIN, &next)), next > 0) {
        row_lane lane = {.bytes = 0};
        row_to(&t->page, &lane, (t->page.lane - columns_of(text, bytes)) / 2);
        row_put(&t->page, &lane, INK_DIM, text, bytes);
        row_print(&t->page, &lane, g->life_gap, g->life_gap);
        text += next;
    }
}

/* A run of the same is over: the row that stands for it. */
static void text_tell(void *context, const fold_sum *sum)
{
    ladder_text *t = context;
    const row_glyphs *g = t->page.glyph;
    char text[FOLD_TEXT_BYTES];

    for (unsigned end = 0; end < 2; end++)
        text_settle(t, (ladder_end)end);
    row_flush(&t->page);
    row_blank(&t->page, g->life_gap);
    for (unsigned end = 0; end < 2; end++) {
        if (t->folded[end] != TERN_STATES && t->folded[end] != t->page.state[end])
            row_state(&t->page, (ladder_end)end, t->folded[end]);
        t->folded[end] = TERN_STATES;
        t->shown[end] = false;
    }
    text_middle(t, fold_text(sum, &t->page.style, text));
    text_middle(t, fold_kinds_text(sum, g->head_left, g->head_right, text));
    row_blank(&t->page, g->life_gap);
    t->newest_us = sum->last_us > t->newest_us ? sum->last_us : t->newest_us;
}

/* A verbose picture shows every step; others leave out what does not teach, and fold. */
static void text_take(ladder_text *t, const ladder_step *step)
{
    const ladder_event *e = ladder_event_get(t->l, step->event);
    fold_step taken = {.step = *step, .order = t->order};

    if (t->page.style.verbose)
        text_show(t, &taken);
    else if (e->kind != EVENT_CAPTION || ladder_caption_teaches(e))
        fold_take(&t->fold, t->l, taken);
}

/* ---- Living -------------------------------------------------------------------------------- */

/* The head waits for the first segment when only that tells an endpoint. */
static bool text_is_nameless(const ladder_text *t)
{
    return ladder_party_get(t->l, LADDER_LEFT)->endpoint.port == 0 ||
           ladder_party_get(t->l, LADDER_RIGHT)->endpoint.port == 0;
}

static void text_draw(ladder_text *t, bool final)
{
    ladder_step step;

    text_look(t);
    if (!t->begun && !final && text_is_nameless(t))
        return;
    if (!t->begun)
        text_begin(t);
    while (ladder_order_next(&t->order, t->l, final, &step))
        text_take(t, &step);
    fold_settle(&t->fold, final);
    for (unsigned end = 0; end < 2; end++)
        text_settle(t, (ladder_end)end);
}

tern_time ladder_text_due(const ladder_text *t)
{
    ladder_order order = t->order;
    ladder_step step;

    if (!ladder_order_next(&order, t->l, true, &step))
        return TERN_NEVER;
    return ladder_event_get(t->l, step.event)->time_us;
}

void ladder_text_until(ladder_text *t, tern_time until_us)
{
    ladder_step step;

    text_look(t);
    if (!t->begun)
        text_begin(t);
    while (ladder_text_due(t) <= until_us && ladder_order_next(&t->order, t->l, true, &step))
        text_take(t, &step);
    fold_settle(&t->fold, false);
    for (unsigned end = 0; end < 2; end++)
        text_settle(t, (ladder_end)end);
    row_flush(&t->page);
}

void ladder_text_pad(ladder_text *t, unsigned rows)
{
    if (!t->begun)
        text_begin(t);
    for (unsigned i = 0; i < rows; i++)
        row_blank(&t->page, NULL);
}

/* The last row: the lifelines end, and each side has its last state. */
static void text_finish(ladder_text *t)
{
    row_page *page = &t->page;
    char text[TEXT_BYTES];

    if (ladder_left_out(t->l) > 0) {
        snprintf(text, sizeof text, draw_text(&page->style, N_("%llu events more are not drawn")),
                 (unsigned long long)ladder_left_out(t->l));
        row_flush(page);
        text_middle(t, text);
    }
    while (page->sides[LADDER_LEFT] > 1 || page->sides[LADDER_RIGHT] > 1)
        row_blank(page, NULL);
    for (unsigned end = 0; end < 2; end++)
        if (page->sides[end] == 0 && page->state[end] != TERN_STATES)
            row_state(page, (ladder_end)end, page->state[end]);
    row_blank(page, page->glyph->life_end);
}

ladder_text *ladder_text_new(ladder *l, FILE *out, const draw_style *style)
{
    ladder_text *t = calloc(1, sizeof *t);

    if (t == NULL)
        return NULL;
    t->l = l;
    t->folded[LADDER_LEFT] = t->folded[LADDER_RIGHT] = TERN_STATES;
    t->fold.sink = (fold_sink){t, text_show, text_skip, text_tell};
    row_page_init(&t->page, out, style);
    return t;
}

void ladder_text_more(ladder_text *t, bool forget)
{
    text_draw(t, false);
    row_flush(&t->page);
    if (forget)
        ladder_forget(t->l, ladder_order_done(&t->order));
}

void ladder_text_end(ladder_text *t)
{
    text_draw(t, true);
    text_finish(t);
}

void ladder_text_print(ladder *l, FILE *out, const draw_style *style)
{
    ladder_text *t = ladder_text_new(l, out, style);

    if (t == NULL)
        return;
    ladder_text_end(t);
    ladder_text_free(t);
}
