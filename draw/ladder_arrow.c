/* ladder_arrow.c - a packet in the lane of a terminal ladder: its arrow, and what stands below. */
#define _GNU_SOURCE
#include "draw/ladder_arrow.h"

#include <string.h>

#include "draw/columns.h"
#include "wire/tcp_header.h"

row_ink arrow_ink(const packet_summary *p)
{
    if (p->form != PACKET_TCP || (p->flags & TCP_RST) != 0)
        return INK_RED;
    if ((p->flags & TCP_SYN) != 0)
        return INK_YELLOW;
    if ((p->flags & TCP_FIN) != 0)
        return INK_MAGENTA;
    return p->text_bytes > 0 ? INK_GREEN : INK_BOLD;
}

char *arrow_label(const row_page *page, const ladder_flight *f, bool numbered,
                  char text[ARROW_TEXT_BYTES])
{
    char label[PACKET_LABEL_BYTES], number[32] = "";
    const char *again = f->packet.again ? draw_text(&page->style, N_("again")) : "";

    if (numbered)
        snprintf(number, sizeof number, " #%llu", (unsigned long long)f->serial);
    snprintf(text, ARROW_TEXT_BYTES, "%s%s%s%s%s", packet_label(&f->packet, label),
             again[0] != '\0' ? " (" : "", again, again[0] != '\0' ? ")" : "", number);
    return text;
}

char *arrow_marks(const row_page *page, unsigned marks, char text[ARROW_TEXT_BYTES])
{
    size_t at = 0;
    unsigned mark;
    const char *word;

    text[0] = '\0';
    for (size_t i = 0; (word = ladder_mark_text(i, &mark)) != NULL; i++)
        if ((marks & mark) != 0 && at < ARROW_TEXT_BYTES)
            at += (size_t)snprintf(text + at, ARROW_TEXT_BYTES - at, "%s%s", at > 0 ? ", " : "",
                                   draw_text(&page->style, word));
    return text;
}

void arrow_words(row_page *page, row_lane *lane, row_ink ink, const char *words)
{
    if (words[0] == '\0')
        return;
    row_text(page, lane, INK_PLAIN, " ");
    row_text(page, lane, ink, words);
    row_text(page, lane, INK_PLAIN, " ");
}

static void arrow_right(row_page *page, row_lane *lane, const ladder_arrow *a)
{
    const row_glyphs *g = page->glyph;
    unsigned label = a->label[0] != '\0' ? columns_text(a->label) + 2 : 0;
    unsigned words = a->words[0] != '\0' ? columns_text(a->words) + 2 : 0;
    unsigned fixed = 2 + label + words + (a->head ? 2 : 1);
    unsigned least = a->dead ? page->lane / 2 + words : page->lane;
    unsigned room = least > fixed ? least : fixed;
    unsigned line = room - fixed;

    row_fill(page, lane, INK_PLAIN, a->tail ? g->line : g->fade, 2);
    arrow_words(page, lane, a->ink, a->label);
    row_fill(page, lane, INK_PLAIN, a->tail ? g->line : g->fade, (line + 1) / 2);
    row_fill(page, lane, INK_PLAIN, a->head || a->dead ? g->line : g->fade, line / 2);
    if (a->dead)
        row_text(page, lane, INK_RED, g->dead);
    arrow_words(page, lane, INK_RED, a->words);
    if (!a->dead)
        row_fill(page, lane, INK_PLAIN, a->head ? g->line : g->fade, 1);
    if (a->head)
        row_text(page, lane, INK_PLAIN, g->head_right);
}

static void arrow_left(row_page *page, row_lane *lane, const ladder_arrow *a)
{
    const row_glyphs *g = page->glyph;
    unsigned label = a->label[0] != '\0' ? columns_text(a->label) + 2 : 0;
    unsigned words = a->words[0] != '\0' ? columns_text(a->words) + 2 : 0;
    unsigned fixed = 2 + label + words + (a->head ? 2 : 1);
    unsigned least = a->dead ? page->lane / 2 + words : page->lane;
    unsigned room = least > fixed ? least : fixed;
    unsigned line = room - fixed;

    if (a->dead)
        row_to(page, lane, page->lane > room ? page->lane - room : 0);
    if (a->head)
        row_text(page, lane, INK_PLAIN, g->head_left);
    if (!a->dead)
        row_fill(page, lane, INK_PLAIN, a->head ? g->line : g->fade, 1);
    arrow_words(page, lane, INK_RED, a->words);
    if (a->dead)
        row_text(page, lane, INK_RED, g->dead);
    row_fill(page, lane, INK_PLAIN, a->head || a->dead ? g->line : g->fade, line / 2);
    row_fill(page, lane, INK_PLAIN, a->tail ? g->line : g->fade, (line + 1) / 2);
    arrow_words(page, lane, a->ink, a->label);
    row_fill(page, lane, INK_PLAIN, a->tail ? g->line : g->fade, 2);
}

static void arrow_line(row_page *page, const ladder_arrow *a)
{
    row_lane lane = {.bytes = 0};
    const row_glyphs *g = page->glyph;

    if (a->from == LADDER_LEFT)
        arrow_right(page, &lane, a);
    else
        arrow_left(page, &lane, a);
    row_print(page, &lane, a->tail && a->from == LADDER_LEFT ? g->from_left : NULL,
              a->tail && a->from == LADDER_RIGHT ? g->from_right : NULL);
}

/* Items in rows beside the lifeline of their end, none broken. */
static void arrow_item_rows(row_page *page, ladder_end end, const packet_items *items)
{
    unsigned room = page->lane - 2 * ROW_MARGIN - 1;

    for (unsigned i = 0; i < items->count;) {
        row_lane lane = {.bytes = 0};
        unsigned columns = columns_text(items->text[i]), last = i + 1;
        while (last < items->count && columns + 2 + columns_text(items->text[last]) <= room)
            columns += 2 + columns_text(items->text[last++]);
        if (end == LADDER_LEFT)
            row_to(page, &lane, ROW_MARGIN + 1);
        else
            row_to(page, &lane, page->lane - columns - ROW_MARGIN - 1);
        for (unsigned k = i; k < last; k++) {
            const char *text = items->text[k];
            size_t raw = strcspn(text, "(");
            row_put(page, &lane, INK_PLAIN, text, raw);
            row_text(page, &lane, INK_DIM, text + raw);
            if (k + 1 < last)
                row_text(page, &lane, INK_PLAIN, "  ");
        }
        row_print(page, &lane, NULL, NULL);
        i = last;
    }
}

void arrow_items(row_page *page, const ladder_flight *f)
{
    packet_items items = {.count = 0};

    packet_numbers(&f->packet, &items);
    if ((f->packet.flags & TCP_SYN) != 0) {
        arrow_item_rows(page, ladder_side(f),
                        &items); /* the options of a SYN begin a row of their own */
        items.count = 0;
    }
    packet_options(&f->packet, &items);
    arrow_item_rows(page, ladder_side(f), &items);
}

/* What is too wide to stand on the arrow stands beneath it, wrapped. */
static void arrow_below(row_page *page, row_ink ink, const char *text)
{
    size_t next, bytes;

    while ((bytes = columns_wrap(text, page->lane - ARROW_COLUMNS, &next)), next > 0) {
        row_lane lane = {.bytes = 0};
        row_to(page, &lane, ROW_MARGIN + 1);
        row_put(page, &lane, ink, text, bytes);
        row_print(page, &lane, NULL, NULL);
        text += next;
    }
}

static bool arrow_fits(const row_page *page, const char *label, const char *words)
{
    return columns_text(label) + columns_text(words) + ARROW_COLUMNS + 2 <= page->lane;
}

void arrow_print(row_page *page, const ladder_flight *f, const ladder_arrow *given)
{
    ladder_arrow a = *given;
    char label[ARROW_TEXT_BYTES];
    const char *below = "", *words_below = "";
    bool numbered = !(a.tail && (a.head || a.dead));

    a.from = f->from;
    a.ink = arrow_ink(&f->packet);
    if (!arrow_fits(page, "", a.words)) {
        words_below = a.words;
        a.words = "";
    }
    a.label = arrow_label(page, f, numbered, label);
    if (!arrow_fits(page, a.label, a.words))
        a.label = packet_label(&f->packet, label);
    if (!arrow_fits(page, a.label, a.words)) {
        below = a.label;
        a.label = "";
    }
    arrow_line(page, &a);
    arrow_below(page, a.ink, below);
    arrow_below(page, INK_RED, words_below);
}
