/* ladder_compare.c - where two recordings of the same conversation part, and how they differ. */
#define _GNU_SOURCE
#include "draw/ladder_compare.h"

#include <string.h>

#include "draw/columns.h"
#include "draw/ladder_events.h"
#include "tern/status.h"

enum { COMPARE_TIME_BYTES = 32, COMPARE_SAY_BYTES = 256 };

/* ---- Where they part ----------------------------------------------------------------------- */

/* Decisions explain what happens and arrivals follow from it: these are looked at. */
static bool compare_counts(const ladder_event *e)
{
    return e != NULL && e->kind != EVENT_CAPTION && e->kind != EVENT_ARRIVED;
}

static size_t compare_next(const ladder *l, size_t number)
{
    while (number < ladder_events(l) && !compare_counts(ladder_event_get(l, number)))
        number++;
    return number < ladder_events(l) ? number : LADDER_NONE;
}

static bool compare_options(const tcp_options *a, const tcp_options *b)
{
    return a->has_mss == b->has_mss && a->mss == b->mss &&
           a->has_window_scale == b->has_window_scale && a->window_scale == b->window_scale &&
           a->has_sack_permitted == b->has_sack_permitted &&
           a->has_timestamps == b->has_timestamps && a->sack_count == b->sack_count;
}

static bool compare_packets(const ladder_flight *a, const ladder_flight *b)
{
    const packet_summary *p = &a->packet, *q = &b->packet;

    return a->from == b->from && a->to == b->to && a->died == b->died &&
           (!a->died || a->fate == b->fate) && p->form == q->form && p->flags == q->flags &&
           p->icmp_type == q->icmp_type && p->icmp_code == q->icmp_code &&
           p->text_bytes == q->text_bytes && p->window_scaled == q->window_scaled &&
           p->seq_relative_known == q->seq_relative_known &&
           (!p->seq_relative_known || p->seq_relative == q->seq_relative) &&
           p->ack_relative_known == q->ack_relative_known &&
           (!p->ack_relative_known || p->ack_relative == q->ack_relative) &&
           compare_options(&p->options, &q->options);
}

static bool compare_events(const ladder *const l[2], const size_t at[2])
{
    const ladder_event *a = ladder_event_get(l[0], at[0]), *b = ladder_event_get(l[1], at[1]);
    const ladder_flight *f, *g;

    if (a == NULL || b == NULL)
        return a == b;
    if (a->kind != b->kind || a->end != b->end || a->time_us != b->time_us)
        return false;
    if (a->kind == EVENT_STATE)
        return a->to == b->to;
    if (a->kind == EVENT_NOTE)
        return a->note == b->note && strcmp(a->text, b->text) == 0;
    f = ladder_flight_get(l[0], a->flight);
    g = ladder_flight_get(l[1], b->flight);
    return f != NULL && g != NULL && compare_packets(f, g);
}

/* ---- The sentence -------------------------------------------------------------------------- */

static char *compare_time(tern_time time_us, char text[COMPARE_TIME_BYTES])
{
    bool fine = time_us % 1000 != 0;
    unsigned rest = (unsigned)(time_us % 1000000);

    snprintf(text, COMPARE_TIME_BYTES, fine ? "%llu.%06u" : "%llu.%03u",
             (unsigned long long)(time_us / 1000000), fine ? rest : rest / 1000);
    return text;
}

static char *compare_say_packet(const ladder *l, const ladder_event *e, const draw_style *style,
                                char text[COMPARE_SAY_BYTES])
{
    const ladder_flight *f = ladder_flight_get(l, e->flight);
    char label[PACKET_LABEL_BYTES], address[TERN_ADDRESS_TEXT_BYTES];
    const char *who, *again;

    text[0] = '\0';
    if (f == NULL)
        return text;
    who = f->from == LADDER_OUTSIDE ? ladder_who(f, address) : ladder_party_get(l, f->from)->name;
    again = f->packet.again ? draw_text(style, N_("again")) : "";
    snprintf(text, COMPARE_SAY_BYTES, draw_text(style, N_("%s sends %s%s%s%s%s%s")), who,
             packet_label(&f->packet, label), again[0] != '\0' ? " (" : "", again,
             again[0] != '\0' ? ")" : "", f->died ? ", " : "",
             f->died ? draw_text(style, ladder_fate_text(f->fate)) : "");
    return text;
}

static char *compare_say(const ladder *l, const ladder_event *e, const draw_style *style,
                         char text[COMPARE_SAY_BYTES])
{
    const char *who = e->end == LADDER_OUTSIDE ? "" : ladder_party_get(l, e->end)->name;

    if (e->kind == EVENT_STATE)
        snprintf(text, COMPARE_SAY_BYTES, "%s: %s", who,
                 e->to < TERN_STATES ? tern_state_name(e->to) : "-");
    else if (e->kind == EVENT_NOTE)
        snprintf(text, COMPARE_SAY_BYTES, "%s: %.200s", who, e->text);
    else
        compare_say_packet(l, e, style, text);
    return text;
}

/* What a packet says and the other does not, behind the words for it: "client sends SYN  WSCALE 7".
 * Raw numbers, and timestamps, differ anyway. */
static void compare_add_items(const ladder_flight *f, const ladder_flight *other,
                              char text[COMPARE_SAY_BYTES])
{
    packet_items mine = {.count = 0}, theirs = {.count = 0};
    size_t used = strlen(text);

    packet_numbers(&f->packet, &mine);
    packet_options(&f->packet, &mine);
    packet_numbers(&other->packet, &theirs);
    packet_options(&other->packet, &theirs);
    for (unsigned i = 0; i < mine.count && used < COMPARE_SAY_BYTES; i++) {
        size_t bytes = strcspn(mine.text[i], "(");
        bool same = strncmp(mine.text[i], "TS ", 3) == 0;
        for (unsigned k = 0; k < theirs.count && !same; k++)
            same = strcspn(theirs.text[k], "(") == bytes &&
                   memcmp(mine.text[i], theirs.text[k], bytes) == 0;
        if (!same)
            used += (size_t)snprintf(text + used, COMPARE_SAY_BYTES - used, "  %.*s", (int)bytes,
                                     mine.text[i]);
    }
}

/* What happens in the i-th recording where they part. */
static char *compare_part(const ladder_pair *pair, const ladder_parting *parting, unsigned i,
                          const draw_style *style, char text[COMPARE_SAY_BYTES])
{
    const ladder_event *e = ladder_event_get(pair->ladder[i], parting->event[i]);
    const ladder_event *other = ladder_event_get(pair->ladder[1 - i], parting->event[1 - i]);
    const ladder_flight *f = ladder_flight_get(pair->ladder[i], e->flight), *g = NULL;

    compare_say(pair->ladder[i], e, style, text);
    if (other != NULL && other->time_us == e->time_us)
        g = ladder_flight_get(pair->ladder[1 - i], other->flight);
    if (f != NULL && g != NULL && f->died == g->died && f->packet.flags == g->packet.flags)
        compare_add_items(f, g, text);
    return text;
}

static void compare_sentence(const ladder_pair *pair, const draw_style *style,
                             ladder_parting *parting)
{
    char say[COMPARE_SAY_BYTES], time[COMPARE_TIME_BYTES];
    size_t used = 0;

    for (unsigned i = 0; i < 2 && used < sizeof parting->text; i++) {
        const ladder_event *e = ladder_event_get(pair->ladder[i], parting->event[i]);
        char *to = parting->text + used;
        size_t room = sizeof parting->text - used;
        const char *end = i == 0 ? "; " : "";
        if (e == NULL)
            used += (size_t)snprintf(to, room, draw_text(style, N_("%s: nothing more happens%s")),
                                     pair->name[i], end);
        else
            used += (size_t)snprintf(to, room, draw_text(style, N_("%s, at %s s: %s%s")),
                                     pair->name[i], compare_time(e->time_us, time),
                                     compare_part(pair, parting, i, style, say), end);
    }
}

void ladder_compare(const ladder_pair *pair, const draw_style *style, ladder_parting *parting)
{
    const ladder *const l[2] = {pair->ladder[0], pair->ladder[1]};
    size_t at[2] = {ladder_forgotten(l[0]), ladder_forgotten(l[1])};

    *parting = (ladder_parting){.event = {LADDER_NONE, LADDER_NONE}};
    for (;;) {
        for (unsigned i = 0; i < 2; i++)
            at[i] = compare_next(l[i], at[i]);
        if (at[0] == LADDER_NONE && at[1] == LADDER_NONE)
            break;
        if (!compare_events(l, at)) {
            parting->parts = true;
            break;
        }
        at[0]++;
        at[1]++;
    }
    for (unsigned i = 0; i < 2; i++) {
        const ladder_event *e = ladder_event_get(l[i], at[i]);
        parting->event[i] = at[i];
        parting->time_us[i] = e != NULL ? e->time_us : TERN_NEVER;
    }
    if (parting->parts)
        compare_sentence(pair, style, parting);
    else
        snprintf(parting->text, sizeof parting->text, "%s",
                 draw_text(style, N_("They do not part: the same happens at the same times.")));
}

/* ---- The table ----------------------------------------------------------------------------- */

typedef struct compare_figures {
    unsigned long long packets, again, lost, data_bytes;
    tern_time last_us;
    tern_state state[2];
    const char *error;
} compare_figures;

static void compare_count(const ladder *l, compare_figures *c)
{
    *c = (compare_figures){.error = "-"};
    for (unsigned end = 0; end < 2; end++)
        c->state[end] = ladder_party_get(l, (ladder_end)end)->state;
    for (size_t n = ladder_forgotten(l); n < ladder_events(l); n++) {
        const ladder_event *e = ladder_event_get(l, n);
        const ladder_flight *f = ladder_flight_get(l, e->flight);
        if (e->kind == EVENT_STATE)
            c->state[e->end] = e->to;
        if (e->kind == EVENT_NOTE && e->note == LADDER_ERROR)
            c->error = e->text;
        c->lost += e->kind == EVENT_DIED;
        if (e->kind != EVENT_SENT || f == NULL)
            continue;
        c->packets++;
        c->again += f->packet.again;
        c->data_bytes += f->packet.text_bytes;
        c->last_us = e->time_us;
    }
}

static void compare_row(FILE *out, const draw_style *style, const char *name,
                        const char *const value[2])
{
    unsigned room = style->width > DRAW_WIDTH_MIN ? style->width / 4 : DRAW_WIDTH_MIN / 4;

    for (unsigned i = 0; i < 3; i++) {
        const char *text = i == 0 ? name : value[i - 1];
        unsigned columns = columns_text(text), wide = i == 0 ? room + room / 2 : room;
        fputs(text, out);
        fprintf(out, "%*s", i < 2 ? (int)(columns + 2 > wide ? 2 : wide - columns) : 0, "");
    }
    fputc('\n', out);
}

static void compare_numbers(FILE *out, const draw_style *style, const char *name,
                            const unsigned long long number[2])
{
    char text[2][COMPARE_TIME_BYTES];

    for (unsigned i = 0; i < 2; i++)
        snprintf(text[i], sizeof text[i], "%llu", number[i]);
    compare_row(out, style, name, (const char *const[2]){text[0], text[1]});
}

void ladder_compare_table(const ladder_pair *pair, FILE *out, const draw_style *style)
{
    compare_figures c[2];
    char time[2][COMPARE_TIME_BYTES];

    for (unsigned i = 0; i < 2; i++) {
        compare_count(pair->ladder[i], &c[i]);
        compare_time(c[i].last_us, time[i]);
    }
    compare_row(out, style, "", pair->name);
    compare_numbers(out, style, draw_text(style, N_("packets sent")),
                    (unsigned long long[]){c[0].packets, c[1].packets});
    compare_numbers(out, style, draw_text(style, N_("sent again")),
                    (unsigned long long[]){c[0].again, c[1].again});
    compare_numbers(out, style, draw_text(style, N_("that did not arrive")),
                    (unsigned long long[]){c[0].lost, c[1].lost});
    compare_numbers(out, style, draw_text(style, N_("octets of data sent")),
                    (unsigned long long[]){c[0].data_bytes, c[1].data_bytes});
    compare_row(out, style, draw_text(style, N_("the last packet, at s")),
                (const char *const[]){time[0], time[1]});
    for (unsigned end = 0; end < 2; end++) {
        const char *state[2];
        char name[COMPARE_SAY_BYTES];
        snprintf(name, sizeof name, draw_text(style, N_("%s, at last")),
                 ladder_party_get(pair->ladder[0], (ladder_end)end)->name);
        for (unsigned i = 0; i < 2; i++)
            state[i] = c[i].state[end] < TERN_STATES ? tern_state_name(c[i].state[end]) : "-";
        compare_row(out, style, name, state);
    }
    compare_row(out, style, draw_text(style, N_("the last error")),
                (const char *const[]){c[0].error, c[1].error});
}
