/* ladder_row.c - one row of a terminal ladder: two sides, two lifelines, and the lane between. */
#define _GNU_SOURCE
#include "draw/ladder_row.h"

#include <string.h>

#include "draw/columns.h"

enum {
    ROW_STATE_COLUMNS = 12, /* SYN-RECEIVED */
    ROW_TIME_COLUMNS = 10,  /* 240.000000 */
    ROW_WIDE_COLUMNS = 112, /* from here on a time and a state share a row */
    ROW_LANE_MAX_COLUMNS = 84,
};

static const row_glyphs row_utf8 = {
    .life = "│",
    .life_gap = "┊",
    .life_end = "┴",
    .from_left = "├",
    .from_right = "┤",
    .line = "─",
    .fade = "┄",
    .head_left = "◄",
    .head_right = "►",
    .dead = "✗",
    .turn = {"╮", "╭", "╯", "╰"},
    .fall = "╲",
    .rise = "╱",
    .post = "│",
    .say_left = "╴",
    .say_right = "╶",
    .call = "◆",
    .error = "✗",
    .gap = "·",
    .origin = "○",
};

static const row_glyphs row_ascii = {
    .life = "|",
    .life_gap = ":",
    .life_end = "+",
    .from_left = "|",
    .from_right = "|",
    .line = "-",
    .fade = ".",
    .head_left = "<",
    .head_right = ">",
    .dead = "X",
    .turn = {".", ".", "'", "'"},
    .fall = "\\",
    .rise = "/",
    .post = "|",
    .say_left = "-",
    .say_right = "-",
    .call = "*",
    .error = "!",
    .gap = ".",
    .origin = "o",
};

const char *const row_ink_codes[] = {
    [INK_PLAIN] = "",          [INK_BOLD] = "\033[1m",       [INK_DIM] = "\033[2m",
    [INK_RED] = "\033[1;31m",  [INK_GREEN] = "\033[1;32m",   [INK_YELLOW] = "\033[1;33m",
    [INK_BLUE] = "\033[1;34m", [INK_MAGENTA] = "\033[1;35m", [INK_CYAN] = "\033[1;36m",
};

row_ink row_state_ink(tern_state state)
{
    switch (state) {
    case TERN_LISTEN:
        return INK_BLUE;
    case TERN_SYN_SENT:
    case TERN_SYN_RECEIVED:
        return INK_YELLOW;
    case TERN_ESTABLISHED:
        return INK_GREEN;
    case TERN_FIN_WAIT_1:
    case TERN_FIN_WAIT_2:
    case TERN_CLOSING:
    case TERN_TIME_WAIT:
        return INK_MAGENTA;
    case TERN_CLOSE_WAIT:
    case TERN_LAST_ACK:
        return INK_CYAN;
    case TERN_CLOSED:
    case TERN_STATES:
        break;
    }
    return INK_DIM;
}

void row_page_init(row_page *page, FILE *out, const draw_style *style)
{
    unsigned width = style->width;
    unsigned prefix = style->prefix != NULL ? columns_text(style->prefix) : 0;
    unsigned side = ROW_STATE_COLUMNS + 2;

    memset(page, 0, sizeof *page);
    page->out = out;
    page->style = *style;
    page->glyph = style->ascii ? &row_ascii : &row_utf8;
    page->state[LADDER_LEFT] = page->state[LADDER_RIGHT] = TERN_STATES;
    width = width < prefix + DRAW_COLUMN_MIN ? DRAW_COLUMN_MIN : width - prefix;
    page->wide = width >= ROW_WIDE_COLUMNS;
    if (page->wide)
        side += ROW_TIME_COLUMNS + 1;
    page->lane = width - 2 * side;
    if (page->lane > ROW_LANE_MAX_COLUMNS)
        page->lane = ROW_LANE_MAX_COLUMNS;
}

/* ---- Lanes --------------------------------------------------------------------------------- */

static void row_raw(row_lane *lane, const char *text, size_t bytes)
{
    if (lane->bytes + bytes >= sizeof lane->text)
        return;
    memcpy(lane->text + lane->bytes, text, bytes);
    lane->bytes += bytes;
    lane->text[lane->bytes] = '\0';
}

static void row_ink_begin(const row_page *page, row_lane *lane, row_ink ink)
{
    if (page->style.colour && ink != INK_PLAIN)
        row_raw(lane, row_ink_codes[ink], strlen(row_ink_codes[ink]));
}

static void row_ink_end(const row_page *page, row_lane *lane, row_ink ink)
{
    if (page->style.colour && ink != INK_PLAIN)
        row_raw(lane, "\033[0m", 4);
}

/* Control characters would move the cursor: a blank stands for each. */
void row_put(const row_page *page, row_lane *lane, row_ink ink, const char *text, size_t bytes)
{
    row_ink_begin(page, lane, ink);
    for (size_t at = 0; at < bytes;) {
        uint32_t character;
        size_t length = columns_decode(text + at, bytes - at, &character);
        bool control = character < 0x20 || (character >= 0x7f && character < 0xa0);
        bool bad = character == 0xfffd && length == 1;
        row_raw(lane, control ? " " : bad ? "?" : text + at, control || bad ? 1 : length);
        lane->columns += control ? 1 : columns_of_character(character);
        at += length;
    }
    row_ink_end(page, lane, ink);
}

void row_text(const row_page *page, row_lane *lane, row_ink ink, const char *text)
{
    row_put(page, lane, ink, text, strlen(text));
}

void row_fill(const row_page *page, row_lane *lane, row_ink ink, const char *glyph, unsigned count)
{
    row_ink_begin(page, lane, ink);
    for (unsigned i = 0; i < count; i++)
        row_raw(lane, glyph, strlen(glyph));
    lane->columns += count;
    row_ink_end(page, lane, ink);
}

void row_to(const row_page *page, row_lane *lane, unsigned column)
{
    if (column > lane->columns)
        row_fill(page, lane, INK_PLAIN, " ", column - lane->columns);
}

/* ---- Sides --------------------------------------------------------------------------------- */

char *row_time_text(const row_page *page, tern_time time_us, char text[ROW_TIME_BYTES])
{
    unsigned long long seconds = time_us / 1000000;
    unsigned rest_us = (unsigned)(time_us % 1000000);

    if (page->fine)
        snprintf(text, ROW_TIME_BYTES, "%llu.%06u", seconds, rest_us);
    else
        snprintf(text, ROW_TIME_BYTES, "%llu.%03u", seconds, rest_us / 1000);
    return text;
}

static row_side *row_side_add(row_page *page, ladder_end end)
{
    row_side *side;

    if (page->sides[end] == ROW_SIDES_MAX)
        row_flush(page);
    side = &page->side[end][page->sides[end]++];
    side->time[0] = '\0';
    side->state = TERN_STATES;
    return side;
}

void row_time(row_page *page, ladder_end end, tern_time time_us)
{
    row_time_text(page, time_us, row_side_add(page, end)->time);
}

void row_state(row_page *page, ladder_end end, tern_state state)
{
    unsigned count = page->sides[end];
    row_side *last = count > 0 ? &page->side[end][count - 1] : NULL;

    if (last == NULL || !page->wide || last->state != TERN_STATES)
        last = row_side_add(page, end);
    last->state = state;
}

static row_side row_side_take(row_page *page, ladder_end end)
{
    row_side side = {.state = TERN_STATES};

    if (page->sides[end] == 0)
        return side;
    side = page->side[end][0];
    page->sides[end]--;
    memmove(&page->side[end][0], &page->side[end][1], page->sides[end] * sizeof side);
    if (side.state != TERN_STATES)
        page->state[end] = side.state;
    return side;
}

/* The columns of a side: in a wide page the time is outside, the state at the lifeline. */
static void row_side_put(const row_page *page, row_lane *row, ladder_end end, const row_side *side)
{
    bool named = side->state != TERN_STATES;
    const char *state = named ? tern_state_name(side->state) : "";
    row_ink ink = named ? row_state_ink(side->state) : INK_PLAIN;
    unsigned time_columns = (unsigned)strlen(side->time);
    unsigned state_columns = (unsigned)strlen(state);
    unsigned start = row->columns;
    unsigned full = ROW_STATE_COLUMNS + (page->wide ? ROW_TIME_COLUMNS + 1 : 0);

    if (end == LADDER_LEFT) {
        if (page->wide)
            row_to(page, row, start + ROW_TIME_COLUMNS - time_columns);
        else
            row_to(page, row, start + full - time_columns - state_columns);
        row_text(page, row, INK_DIM, side->time);
        row_to(page, row, start + full - state_columns);
        row_text(page, row, ink, state);
        return;
    }
    row_text(page, row, ink, state);
    if (page->wide && time_columns > 0)
        row_to(page, row, start + full - time_columns);
    row_text(page, row, INK_DIM, side->time);
}

/* ---- Rows ---------------------------------------------------------------------------------- */

static void row_write(row_page *page, const row_lane *row)
{
    size_t bytes = row->bytes;

    while (bytes > 0 && row->text[bytes - 1] == ' ')
        bytes--;
    if (page->style.prefix != NULL)
        fputs(page->style.prefix, page->out);
    fwrite(row->text, 1, bytes, page->out);
    fputc('\n', page->out);
}

void row_print(row_page *page, const row_lane *lane, const char *join_left, const char *join_right)
{
    row_lane row = {.bytes = 0};
    row_side left = row_side_take(page, LADDER_LEFT), right = row_side_take(page, LADDER_RIGHT);
    const char *life = page->glyph->life;

    row_side_put(page, &row, LADDER_LEFT, &left);
    row_text(page, &row, INK_PLAIN, " ");
    row_text(page, &row, row_state_ink(page->state[LADDER_LEFT]),
             join_left != NULL ? join_left : life);
    row_raw(&row, lane->text, lane->bytes);
    row_fill(page, &row, INK_PLAIN, " ",
             page->lane > lane->columns ? page->lane - lane->columns : 0);
    row_text(page, &row, row_state_ink(page->state[LADDER_RIGHT]),
             join_right != NULL ? join_right : life);
    row_text(page, &row, INK_PLAIN, " ");
    row_side_put(page, &row, LADDER_RIGHT, &right);
    row_write(page, &row);
}

void row_blank(row_page *page, const char *life)
{
    row_lane lane = {.bytes = 0};
    row_print(page, &lane, life, life);
}

void row_flush(row_page *page)
{
    while (page->sides[LADDER_LEFT] > 0 || page->sides[LADDER_RIGHT] > 0)
        row_blank(page, NULL);
}

/* One line of the head: a text at each margin and one in the middle, if there is room. */
static void row_head_line(row_page *page, const char *const text[3], row_ink ink)
{
    row_lane row = {.bytes = 0};
    unsigned side = ROW_STATE_COLUMNS + 2 + (page->wide ? ROW_TIME_COLUMNS + 1 : 0);
    unsigned full = page->lane + 2 * side;
    unsigned columns[3];

    for (unsigned i = 0; i < 3; i++)
        columns[i] = columns_text(text[i]);
    row_text(page, &row, ink, text[0]);
    if (columns[0] + columns[1] + columns[2] + 4 <= full) {
        row_to(page, &row, (full + columns[0] - columns[1] - columns[2]) / 2);
        row_text(page, &row, INK_DIM, text[1]);
    }
    row_to(page, &row, full > columns[2] ? full - columns[2] : row.columns + 1);
    row_text(page, &row, ink, text[2]);
    row_write(page, &row);
}

void row_head(row_page *page, const ladder *l)
{
    char name[2][128], endpoint[2][LADDER_ENDPOINT_BYTES];
    const char *seconds = draw_text(&page->style, N_("time in s"));
    const char *numbers = draw_text(&page->style, N_("numbers: relative (raw)"));

    for (unsigned i = 0; i < 2; i++) {
        const ladder_party *p = ladder_party_get(l, (ladder_end)i);
        snprintf(name[i], sizeof name[i], "%s (%s)", p->name, p->kind);
        ladder_endpoint_text(&p->endpoint, endpoint[i]);
    }
    row_head_line(page, (const char *const[]){name[0], seconds, name[1]}, INK_BOLD);
    row_head_line(page, (const char *const[]){endpoint[0], numbers, endpoint[1]}, INK_PLAIN);
}
