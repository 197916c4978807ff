/* ladder_svg.c - a recording as one self-contained SVG file.
 *
 * First every event is given its height, then everything is drawn. Heights grow with time at both
 * ends alike; what happens at one end at one instant stands below each other, the captions beside
 * the lifeline. A pause is as long as its time up to a limit, and is marked when it is cut.
 *
 * What a packet says stands above its arrow, on the sender's half of the lane and parallel to the
 * flattest arrow: so two packets that cross do not write over each other. Lines are drawn before
 * texts, whose halo cuts them. */
#define _GNU_SOURCE
#include "draw/ladder_svg.h"

#include <string.h>

#include "draw/columns.h"
#include "draw/ladder_svg_page.h"
#include "draw/plot.h"
#include "draw/svg.h"
#include "tern/status.h"
#include "wire/tcp_header.h"

/* ---- Beside the lifelines ------------------------------------------------------------------ */

/* x of something `away` from a lifeline, outward. */
static int svg_outward(ladder_end end, int away)
{
    return end == LADDER_LEFT ? svg_life_x(end) - away : svg_life_x(end) + away;
}

static svg_place svg_beside(ladder_end end, int y, const char *css)
{
    return (svg_place){svg_outward(end, LADDER_SVG_GAP), y,
                       end == LADDER_LEFT ? SVG_END : SVG_START, css};
}

static void svg_time(ladder_svg *s, ladder_end end, int y, tern_time time_us)
{
    char text[32];
    svg_place at = svg_beside(end, y + 4, "mono small dim");
    unsigned long long seconds = time_us / 1000000;
    unsigned rest_us = (unsigned)(time_us % 1000000);

    if (s->timed[end] == y)
        return;
    s->timed[end] = y;
    if (s->fine)
        snprintf(text, sizeof text, "%llu.%06u", seconds, rest_us);
    else
        snprintf(text, sizeof text, "%llu.%03u", seconds, rest_us / 1000);
    svg_words(s->out, &at, text);
}

static void svg_state(const ladder_svg *s, const ladder_event *e, int y)
{
    int x = svg_outward(e->end, LADDER_SVG_TIME);

    if (e->to == TERN_STATES)
        return;
    if (e->end == LADDER_LEFT)
        x -= SVG_PILL_WIDTH;
    svg_pill(s->out, x, y - SVG_PILL_HEIGHT / 2, e->to, e->text);
}

static void svg_caption(const ladder_svg *s, ladder_end end, int y, const char *text,
                        const char *source)
{
    size_t next, bytes;

    while ((bytes = columns_wrap(text, LADDER_SVG_COLUMNS, &next)), next > 0) {
        svg_place at = svg_beside(end, y + 6, "");
        svg_text(s->out, &at, text, bytes);
        text += next;
        y += LADDER_SVG_LINE;
    }
    if (source != NULL) {
        svg_place at = svg_beside(end, y + 6, "small dim");
        svg_words(s->out, &at, source);
    }
}

static void svg_note(const ladder_svg *s, const ladder_event *e, int y)
{
    svg_place at = svg_beside(e->end, y + 6, e->note == LADDER_ERROR ? "bold bad" : "bold");
    const char *text = e->text;
    size_t next, bytes;
    int inward = e->end == LADDER_LEFT ? -8 : 8;

    fprintf(s->out, "<path class=\"line\" d=\"M%d %dh%d\"/>\n", svg_life_x(e->end), y + 2, inward);
    while ((bytes = columns_wrap(text, LADDER_SVG_COLUMNS, &next)), next > 0) {
        svg_text(s->out, &at, text, bytes);
        text += next;
        at.y += LADDER_SVG_LINE;
    }
}

/* ---- Arrows -------------------------------------------------------------------------------- */

/* Opens a group whose x runs along a line that falls by `fall` over the lane, from the sender. */
static int svg_slanted(const ladder_svg *s, const ladder_flight *f, int fall)
{
    int direction = svg_direction(f);

    fputs("<g transform=\"matrix(1 ", s->out);
    svg_ratio(s->out, fall * direction, LADDER_SVG_LANE);
    fprintf(s->out, " 0 1 %d %d)\">\n", svg_life_x(f->from), s->height[f->sent_event - s->first]);
    return direction;
}

/* The numbers above an arrow, in lines that end at the arrow. */
static void svg_items(const ladder_svg *s, const ladder_flight *f, int direction)
{
    packet_items items;
    char line[PACKET_ITEMS_MAX * PACKET_ITEM_BYTES];
    int lines = (int)svg_item_lines(f, &items);
    unsigned i = 0;

    for (int row = 0; row < lines; row++) {
        svg_place at = {16 * direction, -6 - LADDER_SVG_ITEM * (lines - 1 - row),
                        direction > 0 ? SVG_START : SVG_END, "mono tiny dim"};
        size_t bytes = (size_t)snprintf(line, sizeof line, "%s", items.text[i++]);
        while (i < items.count && bytes + 2 + strlen(items.text[i]) <= svg_item_columns(f))
            bytes += (size_t)snprintf(line + bytes, sizeof line - bytes, "  %s", items.text[i++]);
        svg_words(s->out, &at, line);
    }
}

/* How it ended, where it did: beside the cross, and of a packet from or to outside beneath it. */
static void svg_fate(const ladder_svg *s, const ladder_flight *f, int direction)
{
    svg_place at = {(LADDER_SVG_LANE / 2 + 14) * direction, 4, direction > 0 ? SVG_START : SVG_END,
                    "bad bold"};

    if (f->from == LADDER_OUTSIDE)
        at = (svg_place){(LADDER_SVG_LANE / 2 - 84) * direction, 18, SVG_MIDDLE, "small bad bold"};
    else if (f->to == LADDER_OUTSIDE)
        at = (svg_place){(LADDER_SVG_LANE / 2 + 12) * direction, 16,
                         direction > 0 ? SVG_START : SVG_END, "small bad bold"};
    svg_words(s->out, &at, draw_text(&s->style, ladder_fate_text(f->fate)));
}

/* The name of who is outside, with a dot where its packets begin. */
static void svg_who(const ladder_svg *s, const ladder_flight *f, int direction)
{
    char address[TERN_ADDRESS_TEXT_BYTES];
    bool inward = f->from == LADDER_OUTSIDE;
    int x = svg_life_x(LADDER_OUTSIDE);
    int y = s->height[f->sent_event - s->first] + (inward ? 0 : LADDER_SVG_SLOPE / 2);
    bool leftward = inward == (direction > 0); /* the name is on the other side of the arrow */
    svg_place at = {x + (leftward ? -12 : 12), y + 4, leftward ? SVG_END : SVG_START, "small bold"};

    if (inward)
        fprintf(s->out, "<circle class=\"head\" cx=\"%d\" cy=\"%d\" r=\"4\"/>\n", x, y);
    svg_words(s->out, &at, ladder_who(f, address));
}

/* What a packet says, where it leaves. */
static void svg_sent_words(const ladder_svg *s, const ladder_flight *f)
{
    char label[PACKET_LABEL_BYTES], text[256];
    int direction = svg_slanted(s, f, LADDER_SVG_SLOPE);
    svg_place at = {16 * direction, 2 + LADDER_SVG_SLOPE / 4 - svg_words_height(f),
                    direction > 0 ? SVG_START : SVG_END, "mono bold"};

    snprintf(text, sizeof text, "%s%s%s%s", packet_label(&f->packet, label),
             f->packet.again ? " (" : "", f->packet.again ? draw_text(&s->style, N_("again")) : "",
             f->packet.again ? ")" : "");
    svg_words(s->out, &at, text);
    svg_items(s, f, direction);
    if (f->arrivals == 0 && f->died)
        svg_fate(s, f, direction);
    fputs("</g>\n", s->out);
    if (ladder_is_foreign(f))
        svg_who(s, f, direction);
}

/* A packet to outside, or one from there that does not arrive. */
static void svg_foreign_line(const ladder_svg *s, const ladder_flight *f)
{
    int direction, length = LADDER_SVG_LANE / 2 - 4;

    if (f->from == LADDER_OUTSIDE && (f->arrivals > 0 || !f->died))
        return;
    direction = svg_slanted(s, f, LADDER_SVG_SLOPE);
    if (f->died && f->from == LADDER_OUTSIDE)
        length -= 80;
    fprintf(s->out, "<path class=\"line\" d=\"M%d 0H%d\"/>\n", 4 * direction,
            (length - 6) * direction);
    if (f->died)
        fprintf(s->out, "<path class=\"cross\" d=\"M%d -6l12 12m0 -12l-12 12\"/>\n",
                length * direction - 6);
    else
        fprintf(s->out, "<path class=\"head\" d=\"M%d 0l%d -5v10z\"/>\n", length * direction,
                -11 * direction);
    fputs("</g>\n", s->out);
}

/* A packet that dies, or is still under way when the recording ends: half an arrow. */
static void svg_sent_line(const ladder_svg *s, const ladder_flight *f)
{
    int direction, half;

    if (ladder_is_foreign(f)) {
        svg_foreign_line(s, f);
        return;
    }
    if (f->arrivals > 0)
        return;
    direction = svg_slanted(s, f, LADDER_SVG_SLOPE);
    half = LADDER_SVG_LANE / 2 * direction;
    fprintf(s->out, "<path class=\"line%s\" d=\"M%d 0H%d\"/>\n", f->died ? "" : " dash",
            4 * direction, half);
    if (f->died)
        fprintf(s->out, "<path class=\"cross\" d=\"M%d -6l12 12m0 -12l-12 12\"/>\n", half - 6);
    fputs("</g>\n", s->out);
}

/* How long the arrow is, and how far a line like it falls over the lane when it arrives at y. */
static int svg_length(const ladder_flight *f)
{
    return f->from == LADDER_OUTSIDE ? LADDER_SVG_LANE / 2 : LADDER_SVG_LANE;
}

static int svg_fall(const ladder_svg *s, const ladder_flight *f, int y)
{
    return (y - s->height[f->sent_event - s->first]) * (LADDER_SVG_LANE / svg_length(f));
}

/* One copy, from where the packet left to where this copy arrives. */
static void svg_arrived_line(const ladder_svg *s, const ladder_event *e, int y)
{
    const ladder_flight *f = ladder_flight_get(s->l, e->flight);
    bool copy = (e->marks & LADDER_DUPLICATE) != 0;
    int direction, length;

    if (f == NULL || f->sent_event < s->first)
        return;
    length = svg_length(f);
    direction = svg_slanted(s, f, svg_fall(s, f, y));
    fprintf(s->out, "<path class=\"line%s\" d=\"M%d 0H%d\"/>\n", copy ? " dash" : "", 4 * direction,
            (length - 10) * direction);
    fprintf(s->out, "<path class=\"head\" d=\"M%d 0l%d -5v10z\"/>\n", (length - 3) * direction,
            -11 * direction);
    fputs("</g>\n", s->out);
}

/* What the network did to this copy, where it arrives. */
static void svg_arrived_words(const ladder_svg *s, const ladder_event *e, int y)
{
    const ladder_flight *f = ladder_flight_get(s->l, e->flight);
    char text[256];
    size_t used = 0;
    unsigned mark;
    const char *word;

    if (f == NULL || f->sent_event < s->first || e->marks == 0)
        return;
    for (size_t i = 0; (word = ladder_mark_text(i, &mark)) != NULL; i++)
        if ((e->marks & mark) != 0 && used < sizeof text)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used > 0 ? ", " : "",
                                     draw_text(&s->style, word));
    int fall = svg_fall(s, f, y);
    bool steep = fall > LADDER_SVG_LANE / 2; /* words along it would stand on their heads */
    int direction = svg_slanted(s, f, steep ? 0 : fall);
    svg_place at = {(svg_length(f) - 16) * direction, f->from == LADDER_OUTSIDE ? 14 : -6,
                    direction > 0 ? SVG_END : SVG_START, "small bad"};
    at.y += steep ? y - s->height[f->sent_event - s->first] : 0;
    svg_words(s->out, &at, text);
    fputs("</g>\n", s->out);
}

/* ---- The whole ----------------------------------------------------------------------------- */

static void svg_life(const ladder_svg *s, ladder_end end, int y, int to, tern_state state)
{
    if (to > y)
        fprintf(s->out, "<path class=\"life %s\" d=\"M%d %dV%d\"/>\n", svg_state_class(state),
                svg_life_x(end), y, to);
}

static void svg_lifelines(const ladder_svg *s, int height)
{
    for (unsigned end = 0; end < 2; end++) {
        tern_state state = ladder_party_get(s->l, (ladder_end)end)->state;
        int y = LADDER_SVG_TOP - 16;
        for (size_t i = 0; i < s->count; i++) {
            const ladder_event *e = ladder_event_get(s->l, s->first + i);
            if (e->kind != EVENT_STATE || e->end != (ladder_end)end)
                continue;
            if (s->folded[i]) {
                state = e->to;
                continue;
            }
            svg_life(s, (ladder_end)end, y, s->height[i], state);
            y = s->height[i];
            state = e->to;
        }
        svg_life(s, (ladder_end)end, y, height - 16, state);
    }
}

static void svg_head(const ladder_svg *s)
{
    char text[LADDER_ENDPOINT_BYTES + 64], endpoint[LADDER_ENDPOINT_BYTES];
    svg_place middle = {LADDER_SVG_WIDTH / 2, 40, SVG_MIDDLE, "small dim"};

    for (unsigned i = 0; i < 2; i++) {
        ladder_end end = (ladder_end)i;
        const ladder_party *p = ladder_party_get(s->l, end);
        svg_place name = {svg_life_x(end), 24, SVG_MIDDLE, "big"};
        svg_place below = {svg_life_x(end), 42, SVG_MIDDLE, "mono small dim"};
        svg_words(s->out, &name, p->name);
        snprintf(text, sizeof text, "%.48s %s", p->kind,
                 ladder_endpoint_text(&p->endpoint, endpoint));
        svg_words(s->out, &below, text);
        if (p->state != TERN_STATES)
            svg_state(s, &(ladder_event){.end = end, .to = p->state}, LADDER_SVG_TOP - 16);
    }
    svg_words(s->out, &middle, draw_text(&s->style, N_("time in s")));
    middle.y += 14;
    svg_words(s->out, &middle, draw_text(&s->style, N_("numbers: relative (raw)")));
}

static void svg_pause_mark(const ladder_svg *s, int y, tern_time passed_us)
{
    svg_place at = {LADDER_SVG_WIDTH / 2, y + 4, SVG_MIDDLE, "small dim across"};
    char text[128];
    int x = svg_life_x(LADDER_LEFT) + 14;

    snprintf(text, sizeof text, "%llu.%03u %s", (unsigned long long)(passed_us / 1000000),
             (unsigned)(passed_us % 1000000 / 1000), draw_text(&s->style, N_("s later")));
    fprintf(s->out, "<path class=\"thin dash\" d=\"M%d %dH%d\"/>\n", x, y,
            svg_life_x(LADDER_RIGHT) - 14);
    svg_words(s->out, &at, text);
}

/* The mark of a run, in the middle of the lane. */
static void svg_run_mark(const ladder_svg *s, const svg_run *run, int y, tern_time *now_us)
{
    svg_place at = {LADDER_SVG_WIDTH / 2, y, SVG_MIDDLE, "bold across"};
    char text[FOLD_TEXT_BYTES];
    int x = svg_life_x(LADDER_LEFT) + 14, width = LADDER_SVG_LANE - 28;

    fprintf(s->out, "<path class=\"thin dash\" d=\"M%d %dh%dM%d %dh%d\"/>\n", x, y - 20, width, x,
            y + 26, width);
    svg_words(s->out, &at, fold_text(&run->sum, &s->style, text));
    at.y += 17;
    at.css = "mono tiny dim across";
    svg_words(s->out, &at, fold_kinds_text(&run->sum, "\xe2\x86\x90", "\xe2\x86\x92", text));
    *now_us = run->sum.last_us > *now_us ? run->sum.last_us : *now_us;
}

static void svg_event_words(ladder_svg *s, const ladder_event *e, int y)
{
    const ladder_flight *f = ladder_flight_get(s->l, e->flight);

    switch (e->kind) {
    case EVENT_SENT:
        if (e->end != LADDER_OUTSIDE)
            svg_time(s, e->end, y, e->time_us);
        if (f != NULL && y > 0)
            svg_sent_words(s, f);
        break;
    case EVENT_ARRIVED:
        svg_time(s, e->end, y, e->time_us);
        svg_arrived_words(s, e, y);
        break;
    case EVENT_STATE:
        svg_state(s, e, y);
        svg_time(s, e->end, y, e->time_us);
        break;
    case EVENT_CAPTION:
        svg_caption(s, e->end, y, draw_text(&s->style, ladder_caption_text(e)),
                    ladder_caption_source(e));
        break;
    case EVENT_NOTE:
        svg_note(s, e, y);
        break;
    case EVENT_DIED:
        svg_time(s, e->end, y, e->time_us);
        break;
    }
}

static void svg_lines(const ladder_svg *s)
{
    for (size_t i = 0; i < s->count; i++) {
        const ladder_event *e = ladder_event_get(s->l, s->first + i);
        const ladder_flight *f = ladder_flight_get(s->l, e->flight);
        if (s->folded[i])
            continue;
        if (e->kind == EVENT_SENT && f != NULL && s->height[i] > 0)
            svg_sent_line(s, f);
        else if (e->kind == EVENT_ARRIVED && e->end != LADDER_OUTSIDE)
            svg_arrived_line(s, e, s->height[i]);
    }
}

/* All texts, with the marks of the pauses. */
static void svg_all_words(ladder_svg *s)
{
    tern_time now_us = s->count > 0 ? ladder_event_get(s->l, s->first)->time_us : 0;
    size_t run = 0;

    for (size_t i = 0; i < s->count; i++) {
        const ladder_event *e = ladder_event_get(s->l, s->first + i);
        if (run < s->run_count && s->runs[run].event == s->first + i)
            svg_run_mark(s, &s->runs[run++], s->height[i], &now_us);
        if ((e->kind == EVENT_DIED && !svg_dies_here(s, e)) || !svg_shown(s, e, i))
            continue;
        if (e->end == LADDER_OUTSIDE) {
            if (e->kind == EVENT_SENT)
                svg_event_words(s, e, s->height[i]);
            continue;
        }
        if (e->time_us >= now_us + LADDER_SVG_PAUSE_US)
            svg_pause_mark(s, s->height[i] - LADDER_SVG_PAUSE / 2, e->time_us - now_us);
        now_us = e->time_us > now_us ? e->time_us : now_us;
        svg_event_words(s, e, s->height[i]);
    }
}

static void svg_page_print(ladder_svg *s, FILE *out, int height)
{
    s->out = out;
    svg_lifelines(s, height);
    svg_head(s);
    svg_lines(s);
    svg_all_words(s);
    if (ladder_left_out(s->l) == 0)
        return;
    svg_place last = {LADDER_SVG_WIDTH / 2, svg_page_height(s) - 12, SVG_MIDDLE, "bold"};
    char text[128];
    snprintf(text, sizeof text, draw_text(&s->style, N_("%llu events more are not drawn")),
             (unsigned long long)ladder_left_out(s->l));
    svg_words(out, &last, text);
}

/* ---- Sheets -------------------------------------------------------------------------------- */

/* The height of the plots below a ladder. */
static int svg_plots_height(const plot_flow *plots)
{
    int height = 0;

    for (size_t i = 0; plots != NULL && plot_flow_get(plots, i) != NULL; i++)
        height += PLOT_SVG_HEIGHT;
    return height;
}

/* A line across both ladders where they part, behind all else; the sentence above them. */
static void svg_parting(const ladder_svg_sheet *sheet, FILE *out, const ladder_svg pages[2])
{
    int y = 0;

    for (unsigned i = 0; i < 2; i++) {
        size_t at = sheet->parts[i] - pages[i].first;
        if (sheet->parts[i] == LADDER_NONE || at >= pages[i].count || pages[i].height[at] == 0)
            continue;
        const ladder_event *e = ladder_event_get(sheet->ladder[i], sheet->parts[i]);
        const ladder_flight *f = ladder_flight_get(sheet->ladder[i], e->flight);
        int top = pages[i].height[at];
        if (e->kind == EVENT_SENT && f != NULL)
            top -= svg_words_height(f) + 4;
        y = y == 0 || top < y ? top : y;
    }
    if (y == 0 || sheet->parting == NULL)
        return;
    svg_place words = {LADDER_SVG_WIDTH, -6, SVG_MIDDLE, "bold bad"};
    fprintf(out, "<path class=\"cross dash\" d=\"M20 %dH%d\"/>\n", y - 10,
            2 * LADDER_SVG_WIDTH - 20);
    svg_words(out, &words, sheet->parting);
}

static void svg_sheet_print(const ladder_svg_sheet *sheet, FILE *out, ladder_svg pages[2],
                            const draw_style *style)
{
    int top = sheet->title[0] != NULL ? LADDER_SVG_TITLE : 0, height = 0, plots = 0;

    for (unsigned i = 0; i < sheet->count; i++) {
        int page = sheet->plots_only ? 0 : svg_page_height(&pages[i]);
        int below = svg_plots_height(sheet->plots[i]);
        height = page > height ? page : height;
        plots = below > plots ? below : plots;
    }
    const ladder_party *left = ladder_party_get(sheet->ladder[0], LADDER_LEFT);
    const ladder_party *right = ladder_party_get(sheet->ladder[0], LADDER_RIGHT);
    char title[256];
    snprintf(title, sizeof title, "TCP: %.100s, %.100s", left->name, right->name);
    svg_begin(out, LADDER_SVG_WIDTH * (int)sheet->count, top + height + plots, title);
    fprintf(out, "<g transform=\"translate(0 %d)\">\n", top);
    if (sheet->count == 2 && !sheet->plots_only)
        svg_parting(sheet, out, pages);
    fputs("</g>\n", out);
    for (unsigned i = 0; i < sheet->count; i++) {
        svg_place name = {LADDER_SVG_WIDTH / 2, -30, SVG_MIDDLE, "big"};
        fprintf(out, "<g transform=\"translate(%d %d)\">\n", LADDER_SVG_WIDTH * (int)i, top);
        if (sheet->title[i] != NULL)
            svg_words(out, &name, sheet->title[i]);
        if (!sheet->plots_only)
            svg_page_print(&pages[i], out, height);
        for (size_t k = 0; sheet->plots[i] != NULL && plot_flow_get(sheet->plots[i], k) != NULL;
             k++)
            plot_svg(plot_flow_get(sheet->plots[i], k), out, height + PLOT_SVG_HEIGHT * (int)k,
                     style);
        fputs("</g>\n", out);
    }
    svg_end(out);
}

void ladder_svg_sheet_print(const ladder_svg_sheet *sheet, FILE *out, const draw_style *style)
{
    ladder_svg pages[2], *const both[] = {&pages[0], &pages[1]};
    bool made = true;

    for (unsigned i = 0; i < sheet->count; i++)
        made = svg_page_begin(&pages[i], sheet->ladder[i], style) && made;
    if (made) {
        svg_pages_lay(both, sheet->count);
        svg_sheet_print(sheet, out, pages, style);
    }
    for (unsigned i = 0; i < sheet->count; i++)
        svg_page_end(&pages[i]);
}

void ladder_svg_print(const ladder *l, FILE *out, const draw_style *style)
{
    ladder_svg_sheet sheet = {.ladder = {l, NULL}, .count = 1};

    ladder_svg_sheet_print(&sheet, out, style);
}
