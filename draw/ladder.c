/* ladder.c - a recording of a conversation between two ends.
 *
 * Two growing arrays: events in the order told, and the packets they speak of. A packet is read
 * when it is sent, by what the SYNs before it said; its octets are not kept. */
#define _GNU_SOURCE
#include "draw/ladder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw/ladder_events.h"
#include "draw/style.h"
#include "draw/teaching.h"
#include "tern/status.h"

enum {
    LADDER_FLIGHTS_KEPT = 4096, /* by ladder_forget(): for copies that come late */
    LADDER_NAMES_MAX = 64,      /* of outsiders; the others are known by their addresses */
    LADDER_ENDS = LADDER_OUTSIDE + 1,
};

struct ladder {
    ladder_party party[2];
    ladder_event *event; /* [events_gone .. events) */
    size_t events, events_gone, events_room;
    ladder_flight *flight;
    size_t flights, flights_gone, flights_room;
    size_t newest_arrived[2];        /* by sender: 1 + the last sent of those that arrived */
    size_t last_flight[LADDER_ENDS]; /* by end: what it sent or took last, and when */
    tern_time last_flight_us[LADDER_ENDS];
    packet_flows flows;
    packet_flows foreign; /* what outsiders say: it must not blur what the ends say */
    char *names[LADDER_NAMES_MAX];
    unsigned name_count;
    bool cut;
    uint64_t left_out;
};

ladder *ladder_new(const ladder_party *left, const ladder_party *right)
{
    ladder *l = calloc(1, sizeof *l);

    if (l == NULL)
        return NULL;
    for (unsigned end = 0; end < LADDER_ENDS; end++)
        l->last_flight[end] = LADDER_NONE;
    l->party[LADDER_LEFT] = *left;
    l->party[LADDER_RIGHT] = *right;
    for (unsigned i = 0; i < 2; i++) {
        l->party[i].name = strdup(l->party[i].name);
        l->party[i].kind = strdup(l->party[i].kind);
        l->cut |= l->party[i].name == NULL || l->party[i].kind == NULL;
    }
    if (l->cut) {
        ladder_free(l);
        return NULL;
    }
    return l;
}

static void ladder_event_clear(ladder_event *event)
{
    free(event->text);
    free(event->source);
}

void ladder_free(ladder *l)
{
    if (l == NULL)
        return;
    for (size_t i = 0; i < l->events - l->events_gone; i++)
        ladder_event_clear(&l->event[i]);
    for (unsigned i = 0; i < 2; i++) {
        free((char *)l->party[i].name);
        free((char *)l->party[i].kind);
    }
    for (unsigned i = 0; i < l->name_count; i++)
        free(l->names[i]);
    free(l->event);
    free(l->flight);
    free(l);
}

bool ladder_is_cut(const ladder *l)
{
    return l->cut;
}

uint64_t ladder_left_out(const ladder *l)
{
    return l->left_out;
}

/* ---- The arrays ---------------------------------------------------------------------------- */

/* Room for one more item of item_bytes behind `used`; false, and the recording is cut, without
 * memory. */
static bool ladder_grow(ladder *l, void **items, size_t *room, size_t used, size_t item_bytes)
{
    size_t more = *room == 0 ? 64 : *room * 2;
    void *grown;

    if (l->cut)
        return false;
    if (used < *room)
        return true;
    grown = realloc(*items, more * item_bytes);
    if (grown == NULL) {
        l->cut = true;
        return false;
    }
    *items = grown;
    *room = more;
    return true;
}

static ladder_event *ladder_event_add(ladder *l, ladder_event_kind kind, ladder_end end,
                                      tern_time time_us)
{
    size_t kept = l->events - l->events_gone;
    void *items = l->event;
    bool room;

    if (kept >= LADDER_EVENTS_MAX) {
        l->left_out++;
        return NULL;
    }
    room = ladder_grow(l, &items, &l->events_room, kept, sizeof *l->event);
    l->event = items;
    if (!room)
        return NULL;
    l->events++;
    l->event[kept] = (ladder_event){
        .kind = kind, .end = end, .time_us = time_us, .flight = LADDER_NONE};
    return &l->event[kept];
}

/* Adds an event with texts of its own; either may be NULL. */
static ladder_event *ladder_event_add_text(ladder *l, const ladder_event *like, const char *text,
                                           const char *source)
{
    char *text_copy = text != NULL ? strdup(text) : NULL;
    char *source_copy = source != NULL ? strdup(source) : NULL;
    ladder_event *e = NULL;

    if ((text != NULL && text_copy == NULL) || (source != NULL && source_copy == NULL))
        l->cut = true;
    else
        e = ladder_event_add(l, like->kind, like->end, like->time_us);
    if (e == NULL) {
        free(text_copy);
        free(source_copy);
        return NULL;
    }
    e->text = text_copy;
    e->source = source_copy;
    return e;
}

const ladder_event *ladder_event_get(const ladder *l, size_t number)
{
    if (number < l->events_gone || number >= l->events)
        return NULL;
    return &l->event[number - l->events_gone];
}

const ladder_flight *ladder_flight_get(const ladder *l, size_t number)
{
    if (number < l->flights_gone || number >= l->flights)
        return NULL;
    return &l->flight[number - l->flights_gone];
}

const ladder_party *ladder_party_get(const ladder *l, ladder_end end)
{
    return &l->party[end];
}

size_t ladder_events(const ladder *l)
{
    return l->events;
}

size_t ladder_forgotten(const ladder *l)
{
    return l->events_gone;
}

void ladder_forget(ladder *l, size_t number)
{
    size_t gone = number > l->events ? l->events : number;
    size_t drop = gone > l->events_gone ? gone - l->events_gone : 0;
    size_t flights = l->flights - l->flights_gone;

    for (size_t i = 0; i < drop; i++)
        ladder_event_clear(&l->event[i]);
    if (drop > 0)
        memmove(l->event, l->event + drop, (l->events - l->events_gone - drop) * sizeof *l->event);
    l->events_gone += drop;
    if (flights < (size_t)2 * LADDER_FLIGHTS_KEPT)
        return;
    drop = flights - LADDER_FLIGHTS_KEPT;
    memmove(l->flight, l->flight + drop, LADDER_FLIGHTS_KEPT * sizeof *l->flight);
    l->flights_gone += drop;
}

/* LADDER_NONE when there is none. Packets of late are found first. */
static size_t ladder_flight_find(const ladder *l, uint64_t serial)
{
    for (size_t n = l->flights; n > l->flights_gone; n--)
        if (l->flight[n - 1 - l->flights_gone].serial == serial)
            return n - 1;
    return LADDER_NONE;
}

/* ---- What happens -------------------------------------------------------------------------- */

static void ladder_handled(ladder *l, ladder_end end, tern_time time_us, size_t flight)
{
    l->last_flight[end] = flight;
    l->last_flight_us[end] = time_us;
}

/* An end whose endpoint was not given has that of its first segment. */
static void ladder_learn(ladder *l, const ladder_flight *f)
{
    const packet_summary *packet = &f->packet;
    ladder_party *source, *destination;

    if (packet->form != PACKET_TCP || ladder_is_foreign(f))
        return;
    source = &l->party[f->from];
    destination = &l->party[f->to];
    if (source->endpoint.port == 0)
        source->endpoint = packet->source;
    if (destination->endpoint.port == 0)
        destination->endpoint = packet->destination;
}

/* The ladder's own copy of an outsider's name; NULL when it has none, or there are too many. */
static const char *ladder_name(ladder *l, const char *who)
{
    char *copy;

    for (unsigned i = 0; who != NULL && i < l->name_count; i++)
        if (strcmp(l->names[i], who) == 0)
            return l->names[i];
    if (who == NULL || l->name_count == LADDER_NAMES_MAX || (copy = strdup(who)) == NULL)
        return NULL;
    return l->names[l->name_count++] = copy;
}

/* What an outsider says is seen beside what the ends said, when it uses their addresses and
 * ports, and changes nothing of it. */
static void ladder_read(ladder *l, ladder_flight *f, const ladder_packet *packet)
{
    if (!ladder_is_foreign(f)) {
        packet_read(&f->packet, &l->flows, packet->octets, packet->bytes);
        return;
    }
    packet_summary *p = &f->packet;
    packet_flows copy = l->flows;
    packet_read(p, &copy, packet->octets, packet->bytes);
    if (p->form == PACKET_TCP && !packet_flows_know(&l->flows, p))
        packet_read(p, &l->foreign, packet->octets, packet->bytes);
    else if (p->form == PACKET_TCP) /* a forged SYN is seen beside the true ISN */
        (void)packet_flows_relate(&l->flows, &(packet_direction){&p->source, &p->destination},
                                  p->seq, &p->seq_relative);
}

void ladder_sent(ladder *l, const ladder_packet *packet)
{
    void *items = l->flight;
    size_t kept = l->flights - l->flights_gone;
    bool room = ladder_grow(l, &items, &l->flights_room, kept, sizeof *l->flight);
    ladder_end to = packet->to;
    ladder_event *e;

    if (packet->from == LADDER_OUTSIDE)
        to = packet->to == LADDER_OUTSIDE ? LADDER_RIGHT : packet->to;
    else if (packet->to != LADDER_OUTSIDE)
        to = ladder_other(packet->from);
    l->flight = items;
    e = room ? ladder_event_add(l, EVENT_SENT, packet->from, packet->time_us) : NULL;
    if (e == NULL)
        return;
    e->flight = l->flights;
    l->flight[kept] = (ladder_flight){.serial = packet->serial,
                                      .from = packet->from,
                                      .to = to,
                                      .sent_us = packet->time_us,
                                      .sent_event = l->events - 1};
    if (ladder_is_foreign(&l->flight[kept]))
        l->flight[kept].who = ladder_name(l, packet->who);
    ladder_read(l, &l->flight[kept], packet);
    ladder_learn(l, &l->flight[kept]);
    ladder_handled(l, packet->from, packet->time_us, l->flights);
    l->flights++;
}

void ladder_arrived(ladder *l, uint64_t serial, tern_time time_us, unsigned marks)
{
    size_t number = ladder_flight_find(l, serial);
    ladder_flight *f;
    ladder_event *e;

    if (number == LADDER_NONE)
        return;
    f = &l->flight[number - l->flights_gone];
    e = ladder_event_add(l, EVENT_ARRIVED, f->to, time_us);
    if (e == NULL)
        return;
    e->flight = number;
    e->marks = marks & (LADDER_DUPLICATE | LADDER_CORRUPTED | LADDER_DELAYED | LADDER_CHANGED);
    if (f->arrivals > 0)
        e->marks |= LADDER_DUPLICATE;
    else if (!ladder_is_foreign(f) && number + 1 < l->newest_arrived[f->from])
        e->marks |= LADDER_REORDERED;
    if (!ladder_is_foreign(f) && number + 1 > l->newest_arrived[f->from])
        l->newest_arrived[f->from] = number + 1;
    f->arrivals++;
    ladder_handled(l, e->end, time_us, number);
}

void ladder_died(ladder *l, uint64_t serial, tern_time time_us, ladder_fate fate)
{
    size_t number = ladder_flight_find(l, serial);
    ladder_flight *f;
    ladder_event *e;

    if (number == LADDER_NONE)
        return;
    f = &l->flight[number - l->flights_gone];
    e = ladder_event_add(l, EVENT_DIED, ladder_side(f), time_us);
    if (e == NULL)
        return;
    e->flight = number;
    f->died = true;
    f->fate = fate;
}

void ladder_state(ladder *l, const ladder_change *change)
{
    ladder_event like = {.kind = EVENT_STATE, .end = change->end, .time_us = change->time_us};
    ladder_event *e = NULL;

    if (change->end != LADDER_OUTSIDE)
        e = ladder_event_add_text(l, &like, change->cause, NULL);
    if (e == NULL)
        return;
    e->from = change->from;
    e->to = change->to;
}

/* The packet that a decision is about: what the end sent or took last, if at the same time. */
static size_t ladder_about(const ladder *l, ladder_end end, tern_time time_us)
{
    return l->last_flight_us[end] == time_us ? l->last_flight[end] : LADDER_NONE;
}

void ladder_rule(ladder *l, ladder_end end, tern_time time_us, tern_rule rule)
{
    ladder_event *e;

    if (tern_rule_get(rule) == NULL || end == LADDER_OUTSIDE)
        return;
    e = ladder_event_add(l, EVENT_CAPTION, end, time_us);
    if (e == NULL)
        return;
    e->rule = rule;
    e->flight = ladder_about(l, end, time_us);
}

void ladder_caption(ladder *l, ladder_end end, tern_time time_us, const char *text,
                    const char *source)
{
    ladder_event like = {.kind = EVENT_CAPTION, .end = end, .time_us = time_us};
    ladder_event *e = NULL;

    if (end != LADDER_OUTSIDE)
        e = ladder_event_add_text(l, &like, text, source);
    if (e != NULL)
        e->flight = ladder_about(l, end, time_us);
}

void ladder_note(ladder *l, ladder_end end, tern_time time_us, ladder_note_kind kind,
                 const char *text)
{
    ladder_event like = {.kind = EVENT_NOTE, .end = end, .time_us = time_us};
    ladder_event *e = NULL;

    if (end != LADDER_OUTSIDE)
        e = ladder_event_add_text(l, &like, text, NULL);
    if (e != NULL)
        e->note = kind;
}

/* ---- Words --------------------------------------------------------------------------------- */

const char *ladder_caption_text(const ladder_event *event)
{
    return event->rule != TERN_RULE_NONE ? tern_rule_get(event->rule)->text : event->text;
}

const char *ladder_caption_source(const ladder_event *event)
{
    return event->rule != TERN_RULE_NONE ? tern_rule_get(event->rule)->source : event->source;
}

bool ladder_caption_teaches(const ladder_event *event)
{
    return event->rule == TERN_RULE_NONE || teaching_rule(event->rule);
}

const char *ladder_fate_text(ladder_fate fate)
{
    switch (fate) {
    case LADDER_QUEUE_FULL:
        return N_("queue full");
    case LADDER_TOO_BIG:
        return N_("too big");
    case LADDER_BLOCKED:
        return N_("blocked");
    case LADDER_LOST:
        break;
    }
    return N_("lost");
}

const char *ladder_mark_text(size_t index, unsigned *mark)
{
    static const struct {
        unsigned mark;
        const char *text;
    } list[] = {
        {LADDER_DUPLICATE, N_("duplicate")}, {LADDER_CORRUPTED, N_("corrupted")},
        {LADDER_CHANGED, N_("changed")},     {LADDER_DELAYED, N_("delayed")},
        {LADDER_REORDERED, N_("reordered")},
    };

    if (index >= sizeof list / sizeof list[0])
        return NULL;
    *mark = list[index].mark;
    return list[index].text;
}

const char *ladder_who(const ladder_flight *f, char text[TERN_ADDRESS_TEXT_BYTES])
{
    if (f->who != NULL)
        return f->who;
    return tern_address_text(f->from == LADDER_OUTSIDE ? &f->packet.source.address
                                                       : &f->packet.destination.address,
                             text);
}

char *ladder_endpoint_text(const tern_endpoint *endpoint, char text[LADDER_ENDPOINT_BYTES])
{
    char address[TERN_ADDRESS_TEXT_BYTES];
    bool ipv4 = tern_address_is_ipv4(&endpoint->address);

    text[0] = '\0';
    if (endpoint->port != 0)
        snprintf(text, LADDER_ENDPOINT_BYTES, ipv4 ? "%s:%u" : "[%s]:%u",
                 tern_address_text(&endpoint->address, address), endpoint->port);
    return text;
}
