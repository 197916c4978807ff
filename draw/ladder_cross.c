/* ladder_cross.c - two packets that cross in the lane of a terminal ladder. */
#define _GNU_SOURCE
#include "draw/ladder_cross.h"

#include <string.h>

#include "draw/columns.h"
#include "draw/ladder_arrow.h"

/* Breaks item i, which is too wide, into two: "SEQ 0 (1458477026)" before the bracket, "TS 1/2"
 * and "SACK 1-2" behind the sign. false when it cannot be broken. */
static bool cross_cut(packet_items *items, unsigned i)
{
    char *item = items->text[i];
    size_t cut = strcspn(item, "(/-");
    size_t rest = cut + (item[cut] == '(' ? 0 : 1);

    if (cut == 0 || item[cut] == '\0' || item[rest] == '\0' || items->count == PACKET_ITEMS_MAX)
        return false;
    memmove(items->text[i + 2], items->text[i + 1], (items->count - i - 1) * PACKET_ITEM_BYTES);
    memcpy(items->text[i + 1], item + rest, strlen(item + rest) + 1);
    item[item[cut] == '(' ? cut - 1 : rest] = '\0';
    items->count++;
    return true;
}

/* What both packets say, side by side; false when a half of the lane is too narrow for it. */
static bool cross_items(const row_page *page, const ladder_flight *const f[2],
                        packet_items items[2])
{
    unsigned room = page->lane / 2 - 2 - ROW_MARGIN;

    for (unsigned end = 0; end < 2; end++) {
        char label[ARROW_TEXT_BYTES];
        if (columns_text(arrow_label(page, f[end], false, label)) + ARROW_COLUMNS > page->lane / 2)
            return false;
        items[end].count = 0;
        packet_numbers(&f[end]->packet, &items[end]);
        packet_options(&f[end]->packet, &items[end]);
        for (unsigned i = 0; i < items[end].count; i++)
            if (columns_text(items[end].text[i]) > room &&
                (!cross_cut(&items[end], i) || columns_text(items[end].text[i]) > room))
                return false;
    }
    return true;
}

/* The next items of one end that fit `room`, joined; "" when there are no more. */
static char *cross_take(const packet_items *items, unsigned *at, unsigned room,
                        char text[ARROW_TEXT_BYTES])
{
    size_t bytes = 0;

    text[0] = '\0';
    while (*at < items->count && bytes + (bytes > 0 ? 2 : 0) + strlen(items->text[*at]) <= room) {
        bytes += (size_t)snprintf(text + bytes, ARROW_TEXT_BYTES - bytes, "%s%s",
                                  bytes > 0 ? "  " : "", items->text[*at]);
        (*at)++;
    }
    return text;
}

static void cross_rows(row_page *page, const ladder_flight *const f[2], const packet_items items[2])
{
    const row_glyphs *g = page->glyph;
    unsigned middle = page->lane / 2, at[2] = {0, 0};
    unsigned room = middle - 2 - ROW_MARGIN;
    char label[2][ARROW_TEXT_BYTES], text[2][ARROW_TEXT_BYTES];
    row_lane top = {.bytes = 0};

    for (unsigned end = 0; end < 2; end++)
        arrow_label(page, f[end], false, label[end]);
    row_fill(page, &top, INK_PLAIN, g->line, 2);
    arrow_words(page, &top, arrow_ink(&f[0]->packet), label[0]);
    row_fill(page, &top, INK_PLAIN, g->line,
             top.columns < middle - 2 ? middle - 2 - top.columns : 0);
    row_text(page, &top, INK_PLAIN, g->turn[0]);
    row_to(page, &top, middle + 1);
    row_text(page, &top, INK_PLAIN, g->turn[1]);
    row_fill(page, &top, INK_PLAIN, g->line, page->lane - top.columns - columns_text(label[1]) - 4);
    arrow_words(page, &top, arrow_ink(&f[1]->packet), label[1]);
    row_fill(page, &top, INK_PLAIN, g->line, 2);
    row_print(page, &top, g->from_left, g->from_right);
    while (at[0] < items[0].count || at[1] < items[1].count) {
        row_lane lane = {.bytes = 0};
        cross_take(&items[0], &at[0], room, text[0]);
        cross_take(&items[1], &at[1], room, text[1]);
        row_to(page, &lane, ROW_MARGIN);
        row_text(page, &lane, INK_PLAIN, text[0]);
        row_to(page, &lane, middle - 2);
        row_text(page, &lane, INK_PLAIN, g->post);
        row_to(page, &lane, middle + 1);
        row_text(page, &lane, INK_PLAIN, g->post);
        row_to(page, &lane, page->lane - ROW_MARGIN - columns_text(text[1]));
        row_text(page, &lane, INK_PLAIN, text[1]);
        row_print(page, &lane, NULL, NULL);
    }
}

static void cross_meet(row_page *page)
{
    const row_glyphs *g = page->glyph;
    unsigned middle = page->lane / 2;
    const char *pair[2][2] = {{g->fall, g->rise}, {g->rise, g->fall}};

    for (unsigned i = 0; i < 2; i++) {
        row_lane lane = {.bytes = 0};
        row_to(page, &lane, middle - 1);
        row_text(page, &lane, INK_PLAIN, pair[i][0]);
        row_text(page, &lane, INK_PLAIN, pair[i][1]);
        row_print(page, &lane, NULL, NULL);
    }
}

bool cross_fits(const row_page *page, const ladder_flight *const f[2])
{
    packet_items items[2];
    return cross_items(page, f, items);
}

void cross_leave(row_page *page, const ladder_flight *const f[2])
{
    packet_items items[2];

    (void)cross_items(page, f, items);
    cross_rows(page, f, items);
    cross_meet(page);
}

void cross_arrive(row_page *page)
{
    const row_glyphs *g = page->glyph;
    unsigned middle = page->lane / 2;
    row_lane lane = {.bytes = 0};

    row_text(page, &lane, INK_PLAIN, g->head_left);
    row_fill(page, &lane, INK_PLAIN, g->line, middle - 3);
    row_text(page, &lane, INK_PLAIN, g->turn[2]);
    row_to(page, &lane, middle + 1);
    row_text(page, &lane, INK_PLAIN, g->turn[3]);
    row_fill(page, &lane, INK_PLAIN, g->line, page->lane - middle - 3);
    row_text(page, &lane, INK_PLAIN, g->head_right);
    row_print(page, &lane, NULL, NULL);
}
