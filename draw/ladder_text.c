/* ladder_text.c - a recording as a ladder for the terminal, drawn row by row.
 *
 * ladder_order.c says what comes next, ladder_row.c prints a row; here is what each kind of step
 * looks like. A change of state is printed beside the row of what caused it. */
#define _GNU_SOURCE
#include "draw/ladder_text.h"

#include <stdlib.h>
#include <string.h>

#include "draw/columns.h"
#include "draw/ladder_order.h"
#include "draw/ladder_row.h"
#include "tern/status.h"
#include "wire/tcp_header.h"

enum {
    TEXT_PAUSE_US = 150000,    /* a longer silence gets a row of its own */
    TEXT_CAPTION_COLUMNS = 64, /* lines are not longer, however wide the lane is */
    TEXT_MARGIN = 2,           /* between a lifeline and what stands beside it */
    TEXT_WIDE_COLUMNS = 6,     /* of an arrow, beside its label and words */
    TEXT_LABEL_BYTES = 256,
};

struct ladder_text {
    ladder *l;
    row_page page;
    ladder_order order;
    bool begun;
    bool shown[2]; /* has this end's time been printed? */
    tern_time shown_us[2];
    tern_time newest_us;
    bool waiting[2]; /* states that wait for the row of their event */
    tern_time waiting_us[2];
    tern_state waiting_state[2];
    size_t stated[2]; /* states of events below this number are printed already */
};

ladder_text *ladder_text_new(ladder *l, FILE *out, const draw_style *style)
{
    ladder_text *t = calloc(1, sizeof *t);

    if (t == NULL)
        return NULL;
    t->l = l;
    row_page_init(&t->page, out, style);
    return t;
}

void ladder_text_free(ladder_text *t)
{
    free(t);
}

/* ---- The sides ----------------------------------------------------------------------------- */

/* The states that wait are printed, on rows of their own. */
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
    row_flush(&t->page);
}

/* An end's side of a row: the time, when it is new or `always`, and the states that go with it. */
static void text_side(ladder_text *t, ladder_end end, tern_time time_us, bool always)
{
    size_t n = t->order.at[end];

    if (t->waiting[end] && t->waiting_us[end] != time_us)
        text_settle(t, end);
    if (always || !t->shown[end] || t->shown_us[end] != time_us)
        row_time(&t->page, end, time_us);
    t->shown[end] = true;
    t->shown_us[end] = time_us;
    if (t->waiting[end])
        row_state(&t->page, end, t->waiting_state[end]);
    t->waiting[end] = false;
    if (!always)
        return;
    while ((n = ladder_order_state(t->l, end, n, time_us)) != LADDER_NONE) {
        const ladder_event *e = ladder_event_get(t->l, n++);
        t->stated[end] = n;
        if (e->to != TERN_STATES)
            row_state(&t->page, end, e->to);
    }
}

/* ---- Packets ------------------------------------------------------------------------------- */

static row_ink text_packet_ink(const packet_summary *p)
{
    if (p->form != PACKET_TCP || (p->flags & TCP_RST) != 0)
        return INK_RED;
    if ((p->flags & TCP_SYN) != 0)
        return INK_YELLOW;
    if ((p->flags & TCP_FIN) != 0)
        return INK_MAGENTA;
    return p->text_bytes > 0 ? INK_GREEN : INK_BOLD;
}

/* "SYN", and with `numbered` which packet it is: "SYN #3". */
static char *text_label(const ladder_text *t, const ladder_flight *f, bool numbered,
                        char text[TEXT_LABEL_BYTES])
{
    char label[PACKET_LABEL_BYTES], number[32] = "";
    const char *again = f->packet.again ? draw_text(&t->page.style, N_("again")) : "";

    if (numbered)
        snprintf(number, sizeof number, " #%llu", (unsigned long long)f->serial);
    snprintf(text, TEXT_LABEL_BYTES, "%s%s%s%s%s", packet_label(&f->packet, label),
             again[0] != '\0' ? " (" : "", again, again[0] != '\0' ? ")" : "", number);
    return text;
}

/* What the network did, in words; "" for nothing. */
static char *text_marks(const ladder_text *t, unsigned marks, char text[TEXT_LABEL_BYTES])
{
    size_t at = 0;
    unsigned mark;
    const char *word;

    text[0] = '\0';
    for (size_t i = 0; (word = ladder_mark_text(i, &mark)) != NULL; i++)
        if ((marks & mark) != 0 && at < TEXT_LABEL_BYTES)
            at += (size_t)snprintf(text + at, TEXT_LABEL_BYTES - at, "%s%s", at > 0 ? ", " : "",
                                   draw_text(&t->page.style, word));
    return text;
}

/* An arrow across the lane. From the sender: tail, label, line, words, line, head. */
typedef struct text_arrow {
    ladder_end from;
    row_ink ink;       /* of the label */
    const char *label; /* near the sender, or "" */
    const char *words; /* near the receiver, or "" */
    bool tail, head;   /* does it leave, does it arrive on this row? */
    bool dead;         /* it ends in the middle, and the words say how */
} text_arrow;

static unsigned text_columns(const char *text)
{
    return columns_of(text, strlen(text));
}

static void text_words(ladder_text *t, row_lane *lane, row_ink ink, const char *words)
{
    if (words[0] == '\0')
        return;
    row_text(&t->page, lane, INK_PLAIN, " ");
    row_text(&t->page, lane, ink, words);
    row_text(&t->page, lane, INK_PLAIN, " ");
}

static void text_arrow_right(ladder_text *t, row_lane *lane, const text_arrow *a)
{
    const row_glyphs *g = t->page.glyph;
    unsigned label = a->label[0] != '\0' ? text_columns(a->label) + 2 : 0;
    unsigned words = a->words[0] != '\0' ? text_columns(a->words) + 2 : 0;
    unsigned fixed = 2 + label + words + (a->head ? 2 : 1);
    unsigned least = a->dead ? t->page.lane / 2 + words : t->page.lane;
    unsigned room = least > fixed ? least : fixed;
    unsigned line = room - fixed;

    row_fill(&t->page, lane, INK_PLAIN, a->tail ? g->line : g->fade, 2);
    text_words(t, lane, a->ink, a->label);
    row_fill(&t->page, lane, INK_PLAIN, a->tail ? g->line : g->fade, (line + 1) / 2);
    row_fill(&t->page, lane, INK_PLAIN, a->head || a->dead ? g->line : g->fade, line / 2);
    if (a->dead)
        row_text(&t->page, lane, INK_RED, g->dead);
    text_words(t, lane, INK_RED, a->words);
    if (!a->dead)
        row_fill(&t->page, lane, INK_PLAIN, a->head ? g->line : g->fade, 1);
    if (a->head)
        row_text(&t->page, lane, INK_PLAIN, g->head_right);
}

static void text_arrow_left(ladder_text *t, row_lane *lane, const text_arrow *a)
{
    const row_glyphs *g = t->page.glyph;
    unsigned label = a->label[0] != '\0' ? text_columns(a->label) + 2 : 0;
    unsigned words = a->words[0] != '\0' ? text_columns(a->words) + 2 : 0;
    unsigned fixed = 2 + label + words + (a->head ? 2 : 1);
    unsigned least = a->dead ? t->page.lane / 2 + words : t->page.lane;
    unsigned room = least > fixed ? least : fixed;
    unsigned line = room - fixed;

    if (a->dead)
        row_to(&t->page, lane, t->page.lane > room ? t->page.lane - room : 0);
    if (a->head)
        row_text(&t->page, lane, INK_PLAIN, g->head_left);
    if (!a->dead)
        row_fill(&t->page, lane, INK_PLAIN, a->head ? g->line : g->fade, 1);
    text_words(t, lane, INK_RED, a->words);
    if (a->dead)
        row_text(&t->page, lane, INK_RED, g->dead);
    row_fill(&t->page, lane, INK_PLAIN, a->head || a->dead ? g->line : g->fade, line / 2);
    row_fill(&t->page, lane, INK_PLAIN, a->tail ? g->line : g->fade, (line + 1) / 2);
    text_words(t, lane, a->ink, a->label);
    row_fill(&t->page, lane, INK_PLAIN, a->tail ? g->line : g->fade, 2);
}

static void text_arrow_print(ladder_text *t, const text_arrow *a)
{
    row_lane lane = {.bytes = 0};
    const row_glyphs *g = t->page.glyph;

    if (a->from == LADDER_LEFT)
        text_arrow_right(t, &lane, a);
    else
        text_arrow_left(t, &lane, a);
    row_print(&t->page, &lane, a->tail && a->from == LADDER_LEFT ? g->from_left : NULL,
              a->tail && a->from == LADDER_RIGHT ? g->from_right : NULL);
}

/* Items in rows beside the lifeline of their end, none broken. */
static void text_items(ladder_text *t, ladder_end end, const packet_items *items)
{
    unsigned room = t->page.lane - 2 * TEXT_MARGIN - 1;

    for (unsigned i = 0; i < items->count;) {
        row_lane lane = {.bytes = 0};
        unsigned columns = text_columns(items->text[i]), last = i + 1;
        while (last < items->count && columns + 2 + text_columns(items->text[last]) <= room)
            columns += 2 + text_columns(items->text[last++]);
        if (end == LADDER_LEFT)
            row_to(&t->page, &lane, TEXT_MARGIN + 1);
        else
            row_to(&t->page, &lane, t->page.lane - columns - TEXT_MARGIN - 1);
        for (unsigned k = i; k < last; k++) {
            const char *text = items->text[k];
            size_t raw = strcspn(text, "(");
            row_put(&t->page, &lane, INK_PLAIN, text, raw);
            row_text(&t->page, &lane, INK_DIM, text + raw);
            if (k + 1 < last)
                row_text(&t->page, &lane, INK_PLAIN, "  ");
        }
        row_print(&t->page, &lane, NULL, NULL);
        i = last;
    }
}

static void text_packet_items(ladder_text *t, const ladder_flight *f)
{
    packet_items items = {.count = 0};

    packet_numbers(&f->packet, &items);
    if ((f->packet.flags & TCP_SYN) != 0) {
        text_items(t, f->from, &items); /* the options of a SYN begin a row of their own */
        items.count = 0;
    }
    packet_options(&f->packet, &items);
    text_items(t, f->from, &items);
}

/* What is too wide to stand on the arrow stands beneath it, wrapped. */
static void text_below(ladder_text *t, row_ink ink, const char *text)
{
    size_t next, bytes;

    while ((bytes = columns_wrap(text, t->page.lane - TEXT_WIDE_COLUMNS, &next)), next > 0) {
        row_lane lane = {.bytes = 0};
        row_to(&t->page, &lane, TEXT_MARGIN + 1);
        row_put(&t->page, &lane, ink, text, bytes);
        row_print(&t->page, &lane, NULL, NULL);
        text += next;
    }
}

static bool text_arrow_fits(const ladder_text *t, const char *label, const char *words)
{
    return text_columns(label) + text_columns(words) + TEXT_WIDE_COLUMNS + 2 <= t->page.lane;
}

/* Prints the arrow of a packet, of which all but the label is given: with the number of the
 * packet if it fits, and beneath it what does not fit. */
static void text_arrow_of(ladder_text *t, const ladder_flight *f, const text_arrow *given)
{
    text_arrow a = *given;
    char label[TEXT_LABEL_BYTES];
    const char *below = "", *words_below = "";
    bool numbered = !(a.tail && (a.head || a.dead));

    a.from = f->from;
    a.ink = text_packet_ink(&f->packet);
    if (!text_arrow_fits(t, "", a.words)) {
        words_below = a.words;
        a.words = "";
    }
    a.label = text_label(t, f, numbered, label);
    if (!text_arrow_fits(t, a.label, a.words))
        a.label = packet_label(&f->packet, label);
    if (!text_arrow_fits(t, a.label, a.words)) {
        below = a.label;
        a.label = "";
    }
    text_arrow_print(t, &a);
    text_below(t, a.ink, below);
    text_below(t, INK_RED, words_below);
}

static void text_sent(ladder_text *t, const ladder_step *step)
{
    const ladder_event *sent = ladder_event_get(t->l, step->event);
    const ladder_flight *f = ladder_flight_get(t->l, sent->flight);
    char words[TEXT_LABEL_BYTES] = "";
    text_arrow a = {.tail = true, .words = words};

    row_blank(&t->page, NULL);
    text_side(t, f->from, sent->time_us, true);
    if (step->kind == STEP_WHOLE) {
        const ladder_event *arrived = ladder_event_get(t->l, step->other);
        a.head = true;
        text_marks(t, arrived->marks, words);
        text_side(t, arrived->end, arrived->time_us, true);
    } else if (step->kind == STEP_DEAD) {
        a.dead = true;
        a.words = draw_text(&t->page.style, ladder_fate_text(f->fate));
    }
    text_arrow_of(t, f, &a);
    text_packet_items(t, f);
    row_flush(&t->page);
}

static void text_arrived(ladder_text *t, const ladder_event *arrived)
{
    const ladder_flight *f = ladder_flight_get(t->l, arrived->flight);
    char words[TEXT_LABEL_BYTES];
    text_arrow a = {.head = true, .words = text_marks(t, arrived->marks, words)};

    if (f == NULL)
        return;
    row_blank(&t->page, NULL);
    text_side(t, arrived->end, arrived->time_us, true);
    text_arrow_of(t, f, &a);
    row_flush(&t->page);
}

/* ---- Captions and notes -------------------------------------------------------------------- */

/* A text wrapped beside the lifeline of its end, which a mark joins to its first row, and a
 * source, or "", behind its last. */
typedef struct text_block {
    ladder_end end;
    row_ink ink;
    const char *mark;
    const char *text, *source;
} text_block;

/* The columns of the longest row of a text wrapped at `room`; *last those of the last row. */
static unsigned text_measure(const char *text, unsigned room, unsigned *last)
{
    unsigned longest = 0;
    size_t next;

    *last = 0;
    for (size_t bytes; (bytes = columns_wrap(text, room, &next)), next > 0; text += next) {
        *last = columns_of(text, bytes);
        longest = *last > longest ? *last : longest;
    }
    return longest;
}

/* Prints the rows of a block from `column` on. The source goes behind the last if it fits. */
static void text_block_rows(ladder_text *t, unsigned column, unsigned room, const text_block *b)
{
    const row_glyphs *g = t->page.glyph;
    const char *text = b->text;
    unsigned source = text_columns(b->source);
    size_t next, bytes;

    while ((bytes = columns_wrap(text, room, &next)), next > 0) {
        row_lane lane = {.bytes = 0};
        bool first = text == b->text && b->mark[0] != '\0';
        bool left = first && b->end == LADDER_LEFT, right = first && b->end == LADDER_RIGHT;
        if (left)
            row_text(&t->page, &lane, b->ink, b->mark);
        row_to(&t->page, &lane, column);
        row_put(&t->page, &lane, b->ink, text, bytes);
        text += next;
        if (text[0] == '\0' && source > 0 && lane.columns + 2 + source <= column + room) {
            row_text(&t->page, &lane, INK_PLAIN, "  ");
            row_text(&t->page, &lane, INK_DIM, b->source);
        }
        if (right) {
            row_to(&t->page, &lane, t->page.lane - 1);
            row_text(&t->page, &lane, b->ink, b->mark);
        }
        row_print(&t->page, &lane, left ? g->from_left : NULL, right ? g->from_right : NULL);
    }
}

static void text_block_print(ladder_text *t, const text_block *b)
{
    unsigned room = t->page.lane - t->page.lane / 10 - 2 * TEXT_MARGIN;
    unsigned last, source_last, source = text_columns(b->source), longest, column = TEXT_MARGIN;
    bool beside;

    if (room > TEXT_CAPTION_COLUMNS)
        room = TEXT_CAPTION_COLUMNS;
    longest = text_measure(b->text, room, &last);
    beside = source > 0 && last + 2 + source <= room;
    if (beside && last + 2 + source > longest)
        longest = last + 2 + source;
    if (!beside && source > 0) {
        unsigned below = text_measure(b->source, room, &source_last);
        longest = below > longest ? below : longest;
    }
    if (b->end == LADDER_RIGHT)
        column = t->page.lane - TEXT_MARGIN - longest;
    text_block_rows(t, column, room, b);
    if (!beside && source > 0)
        text_block_rows(t, column, room, &(text_block){b->end, INK_DIM, "", b->source, ""});
}

static void text_caption(ladder_text *t, const ladder_event *e)
{
    char source[TEXT_LABEL_BYTES];
    const char *from = ladder_caption_source(e);
    const row_glyphs *g = t->page.glyph;
    text_block b = {.end = e->end,
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
    text_side(t, e->end, e->time_us, false);
    text_block_print(t, &b);
}

static void text_note(ladder_text *t, const ladder_event *e)
{
    bool error = e->note == LADDER_ERROR;
    text_block b = {.end = e->end,
                    .ink = error ? INK_RED : INK_BOLD,
                    .mark = error ? t->page.glyph->error : t->page.glyph->call,
                    .text = e->text,
                    .source = ""};

    text_side(t, e->end, e->time_us, false);
    text_block_print(t, &b);
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

/* "SEQ 0 (1458477026)" becomes two items; false when item i is no such number. */
static bool text_cross_cut(packet_items *items, unsigned i)
{
    char *raw = strchr(items->text[i], '(');

    if (raw == NULL || raw < items->text[i] + 2 || items->count == PACKET_ITEMS_MAX)
        return false;
    memmove(items->text[i + 2], items->text[i + 1], (items->count - i - 1) * PACKET_ITEM_BYTES);
    memcpy(items->text[i + 1], raw, strlen(raw) + 1);
    raw[-1] = '\0';
    items->count++;
    return true;
}

/* What both packets say, side by side; false when a half of the lane is too narrow for it. */
static bool text_cross_items(const ladder_text *t, const ladder_step *step, packet_items items[2])
{
    unsigned room = t->page.lane / 2 - 2 - TEXT_MARGIN;

    for (unsigned end = 0; end < 2; end++) {
        size_t number = end == LADDER_LEFT ? step->event : step->other;
        const ladder_event *sent = ladder_event_get(t->l, number);
        const ladder_flight *f = ladder_flight_get(t->l, sent->flight);
        char label[TEXT_LABEL_BYTES];
        if (text_columns(text_label(t, f, false, label)) + TEXT_WIDE_COLUMNS > t->page.lane / 2 ||
            ladder_event_get(t->l, step->arrived[end])->marks != 0)
            return false;
        items[end].count = 0;
        packet_numbers(&f->packet, &items[end]);
        packet_options(&f->packet, &items[end]);
        for (unsigned i = 0; i < items[end].count; i++)
            if (text_columns(items[end].text[i]) > room && !text_cross_cut(&items[end], i))
                return false;
    }
    return true;
}

/* The next items of one end that fit `room`, joined; "" when there are no more. */
static char *text_cross_take(const packet_items *items, unsigned *at, unsigned room,
                             char text[TEXT_LABEL_BYTES])
{
    size_t bytes = 0;

    text[0] = '\0';
    while (*at < items->count && bytes + (bytes > 0 ? 2 : 0) + strlen(items->text[*at]) <= room) {
        bytes += (size_t)snprintf(text + bytes, TEXT_LABEL_BYTES - bytes, "%s%s",
                                  bytes > 0 ? "  " : "", items->text[*at]);
        (*at)++;
    }
    return text;
}

/* The rows of two packets on their way to each other:
 *   ├── SYN ──────╮  ╭────── SYN ──┤
 *   │  SEQ 0      │  │      SEQ 0  │
 *   │              ╲╱              │
 *   │              ╱╲              │
 *   │◄────────────╯  ╰────────────►│ */
static void text_cross_rows(ladder_text *t, const ladder_flight *const f[2],
                            const packet_items items[2])
{
    const row_glyphs *g = t->page.glyph;
    unsigned middle = t->page.lane / 2, at[2] = {0, 0};
    unsigned room = middle - 2 - TEXT_MARGIN;
    char label[2][TEXT_LABEL_BYTES], text[2][TEXT_LABEL_BYTES];
    row_lane top = {.bytes = 0};

    for (unsigned end = 0; end < 2; end++)
        text_label(t, f[end], false, label[end]);
    row_fill(&t->page, &top, INK_PLAIN, g->line, 2);
    text_words(t, &top, text_packet_ink(&f[0]->packet), label[0]);
    row_fill(&t->page, &top, INK_PLAIN, g->line,
             top.columns < middle - 2 ? middle - 2 - top.columns : 0);
    row_text(&t->page, &top, INK_PLAIN, g->turn[0]);
    row_to(&t->page, &top, middle + 1);
    row_text(&t->page, &top, INK_PLAIN, g->turn[1]);
    row_fill(&t->page, &top, INK_PLAIN, g->line,
             t->page.lane - top.columns - text_columns(label[1]) - 4);
    text_words(t, &top, text_packet_ink(&f[1]->packet), label[1]);
    row_fill(&t->page, &top, INK_PLAIN, g->line, 2);
    row_print(&t->page, &top, g->from_left, g->from_right);
    while (at[0] < items[0].count || at[1] < items[1].count) {
        row_lane lane = {.bytes = 0};
        text_cross_take(&items[0], &at[0], room, text[0]);
        text_cross_take(&items[1], &at[1], room, text[1]);
        row_to(&t->page, &lane, TEXT_MARGIN);
        row_text(&t->page, &lane, INK_PLAIN, text[0]);
        row_to(&t->page, &lane, middle - 2);
        row_text(&t->page, &lane, INK_PLAIN, g->post);
        row_to(&t->page, &lane, middle + 1);
        row_text(&t->page, &lane, INK_PLAIN, g->post);
        row_to(&t->page, &lane, t->page.lane - TEXT_MARGIN - text_columns(text[1]));
        row_text(&t->page, &lane, INK_PLAIN, text[1]);
        row_print(&t->page, &lane, NULL, NULL);
    }
}

static void text_cross_meet(ladder_text *t)
{
    const row_glyphs *g = t->page.glyph;
    unsigned middle = t->page.lane / 2;
    const char *pair[2][2] = {{g->fall, g->rise}, {g->rise, g->fall}};

    for (unsigned i = 0; i < 2; i++) {
        row_lane lane = {.bytes = 0};
        row_to(&t->page, &lane, middle - 1);
        row_text(&t->page, &lane, INK_PLAIN, pair[i][0]);
        row_text(&t->page, &lane, INK_PLAIN, pair[i][1]);
        row_print(&t->page, &lane, NULL, NULL);
    }
}

static void text_cross_end(ladder_text *t)
{
    const row_glyphs *g = t->page.glyph;
    unsigned middle = t->page.lane / 2;
    row_lane lane = {.bytes = 0};

    row_text(&t->page, &lane, INK_PLAIN, g->head_left);
    row_fill(&t->page, &lane, INK_PLAIN, g->line, middle - 3);
    row_text(&t->page, &lane, INK_PLAIN, g->turn[2]);
    row_to(&t->page, &lane, middle + 1);
    row_text(&t->page, &lane, INK_PLAIN, g->turn[3]);
    row_fill(&t->page, &lane, INK_PLAIN, g->line, t->page.lane - middle - 3);
    row_text(&t->page, &lane, INK_PLAIN, g->head_right);
    row_print(&t->page, &lane, NULL, NULL);
}

static void text_cross(ladder_text *t, const ladder_step *step)
{
    const ladder_event *sent[2] = {ladder_event_get(t->l, step->event),
                                   ladder_event_get(t->l, step->other)};
    const ladder_flight *f[2] = {ladder_flight_get(t->l, sent[0]->flight),
                                 ladder_flight_get(t->l, sent[1]->flight)};
    packet_items items[2];

    if (!text_cross_items(t, step, items)) {
        ladder_step part = {.kind = STEP_DEPART, .event = step->event};
        text_sent(t, &part);
        part = (ladder_step){STEP_WHOLE, step->other, step->arrived[LADDER_LEFT], {0, 0}};
        text_sent(t, &part);
        text_arrived(t, ladder_event_get(t->l, step->arrived[LADDER_RIGHT]));
        return;
    }
    row_blank(&t->page, NULL);
    for (unsigned end = 0; end < 2; end++)
        text_side(t, (ladder_end)end, sent[end]->time_us, true);
    text_cross_rows(t, f, items);
    text_cross_meet(t);
    row_flush(&t->page);
    for (unsigned end = 0; end < 2; end++)
        text_side(t, (ladder_end)end, ladder_event_get(t->l, step->arrived[end])->time_us, true);
    text_cross_end(t);
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
    char time[ROW_TIME_BYTES], text[TEXT_LABEL_BYTES];

    if (time_us < t->newest_us + TEXT_PAUSE_US)
        return;
    for (unsigned end = 0; end < 2; end++)
        text_settle(t, (ladder_end)end);
    row_time_text(&t->page, time_us - t->newest_us, time);
    snprintf(text, sizeof text, "%s %s %s %s", g->gap, time,
             draw_text(&t->page.style, N_("s later")), g->gap);
    row_to(&t->page, &lane, (t->page.lane - text_columns(text)) / 2);
    row_text(&t->page, &lane, INK_DIM, text);
    row_blank(&t->page, g->life_gap);
    row_print(&t->page, &lane, g->life_gap, g->life_gap);
    row_blank(&t->page, g->life_gap);
}

static void text_step(ladder_text *t, const ladder_step *step)
{
    const ladder_event *e = ladder_event_get(t->l, step->event);
    bool hidden = e->kind == EVENT_CAPTION && !t->page.style.verbose && !ladder_caption_teaches(e);

    if (hidden)
        return;
    if (t->begun && t->newest_us > 0)
        text_pause(t, e->time_us);
    t->newest_us = e->time_us > t->newest_us ? e->time_us : t->newest_us;
    switch (step->kind) {
    case STEP_EVENT:
        text_event(t, e, step->event);
        break;
    case STEP_ARRIVE:
        text_arrived(t, e);
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

static void text_draw(ladder_text *t, bool final)
{
    ladder_step step;

    text_look(t);
    if (!t->begun)
        text_begin(t);
    while (ladder_order_next(&t->order, t->l, final, &step))
        text_step(t, &step);
    for (unsigned end = 0; end < 2; end++)
        text_settle(t, (ladder_end)end);
}

void ladder_text_more(ladder_text *t, bool forget)
{
    text_draw(t, false);
    if (forget)
        ladder_forget(t->l, ladder_order_done(&t->order));
}

void ladder_text_end(ladder_text *t)
{
    text_draw(t, true);
    for (unsigned end = 0; end < 2; end++)
        if (t->page.state[end] != TERN_STATES)
            row_state(&t->page, (ladder_end)end, t->page.state[end]);
    row_blank(&t->page, t->page.glyph->life_end);
}

void ladder_text_print(ladder *l, FILE *out, const draw_style *style)
{
    ladder_text *t = ladder_text_new(l, out, style);

    if (t == NULL)
        return;
    ladder_text_end(t);
    ladder_text_free(t);
}
