/* play_record.c - listens to the world and tells the ladder and the capture.
 *
 * The observer hears cause before effect: a packet is announced before the stack sees it, so the
 * decisions that follow belong to it; decisions outside tern_input() belong to the packet that the
 * host sends next. */
#define _GNU_SOURCE
#include "apps/tern/play_record.h"

#include "apps/tern/i18n.h"
#include "draw/teaching.h"
#include "sim/pcapng.h"

#include <stdlib.h>
#include <string.h>

static ladder_end record_end_of(scenario_side side)
{
    return side == SCENARIO_CLIENT ? LADDER_LEFT : LADDER_RIGHT;
}

/* ---- Packets ------------------------------------------------------------------------------- */

/* Appends a line to *captions. */
static void record_add_line(record *r, char **captions, const char *text, const char *source)
{
    char *longer = NULL;
    int written = asprintf(&longer, "%s%s%s%s%s%s", *captions == NULL ? "" : *captions,
                           *captions == NULL ? "" : "\n", text, source == NULL ? "" : " [",
                           source == NULL ? "" : source, source == NULL ? "" : "]");
    if (written < 0) {
        r->failed = true;
        return;
    }
    free(*captions);
    *captions = longer;
}

static record_packet *record_keep(record *r, const world_packet *packet, world_host at)
{
    if (r->count == r->room) {
        size_t room = r->room == 0 ? 64 : r->room * 2;
        record_packet *packets = realloc(r->packets, room * sizeof *packets);
        if (packets == NULL) {
            r->failed = true;
            return NULL;
        }
        r->packets = packets;
        r->room = room;
    }
    uint8_t *octets = malloc(packet->bytes);
    if (octets == NULL) {
        r->failed = true;
        return NULL;
    }
    memcpy(octets, packet->octets, packet->bytes);
    r->packets[r->count] = (record_packet){.serial = packet->serial,
                                           .at = at,
                                           .time_us = world_now(r->w),
                                           .octets = octets,
                                           .bytes = packet->bytes,
                                           .fate = packet->fate};
    return &r->packets[r->count++];
}

/* One whom nobody knows has no name but the packet's. */
static ladder_end record_end_of_host(world_host host)
{
    return host < SCENARIO_SIDES ? record_end_of((scenario_side)host) : LADDER_OUTSIDE;
}

static void record_show_sent(record *r, const world_packet *packet)
{
    tern_time now_us = world_now(r->w);
    const char *who = packet->from >= SCENARIO_SIDES ? _("attacker") : NULL;

    ladder_sent(
        r->ladder,
        &(ladder_packet){.serial = packet->serial,
                         .from = packet->by_box ? LADDER_OUTSIDE : record_end_of_host(packet->from),
                         .time_us = now_us,
                         .octets = packet->octets,
                         .bytes = packet->bytes,
                         .to = record_end_of_host(packet->to),
                         .who = packet->by_box ? _("middlebox") : who});
    if ((packet->fate & FATE_LOST) != 0)
        ladder_died(r->ladder, packet->serial, now_us, LADDER_LOST);
    else if ((packet->fate & FATE_QUEUE_FULL) != 0)
        ladder_died(r->ladder, packet->serial, now_us, LADDER_QUEUE_FULL);
}

static void record_sent(void *context, world *w, const world_packet *packet)
{
    record *r = context;

    r->last_us = world_now(w);
    record_packet *kept = record_keep(r, packet, packet->from);
    if (kept != NULL && packet->from < SCENARIO_SIDES) {
        kept->captions = r->owed[packet->from];
        r->owed[packet->from] = NULL;
    }
    record_show_sent(r, packet);
}

/* The sending of a packet that arrives; NULL when it was not kept. */
static record_packet *record_find_sent(record *r, uint64_t serial)
{
    for (size_t i = r->count; i > 0; i--)
        if (r->packets[i - 1].serial == serial && !r->packets[i - 1].inbound)
            return &r->packets[i - 1];
    return NULL;
}

/* A duplicated packet has one copy that nothing else happened to. */
static unsigned record_marks(const record_packet *sent, const world_packet *packet)
{
    unsigned marks = 0;
    bool changed = packet->bytes != sent->bytes ||
                   memcmp(packet->octets, sent->octets, packet->bytes) != 0;
    bool copies = (sent->fate & FATE_DUPLICATED) != 0;

    if (changed)
        marks |= (sent->fate & FATE_CORRUPTED) != 0 ? LADDER_CORRUPTED : LADDER_CHANGED;
    if (copies && sent->arrivals == 1)
        marks |= LADDER_DUPLICATE;
    if ((sent->fate & FATE_DELAYED) != 0 && (!copies || sent->arrivals == 1))
        marks |= LADDER_DELAYED;
    return marks;
}

static void record_arriving(void *context, world *w, const world_packet *packet)
{
    record *r = context;
    unsigned marks = 0;

    r->last_us = world_now(w);
    if (packet->to >= SCENARIO_SIDES) {
        ladder_arrived(r->ladder, packet->serial, world_now(w), 0);
        return;
    }
    record_packet *sent = record_find_sent(r, packet->serial);
    if (packet->from == WORLD_NO_HOST) { /* a box at the door has made it */
        ladder_sent(r->ladder, &(ladder_packet){.serial = packet->serial,
                                                .from = LADDER_OUTSIDE,
                                                .time_us = world_now(w),
                                                .octets = packet->octets,
                                                .bytes = packet->bytes,
                                                .to = record_end_of_host(packet->to),
                                                .who = _("middlebox")});
    } else if (sent != NULL) {
        marks = record_marks(sent, packet);
        sent->arrivals++;
    }
    ladder_arrived(r->ladder, packet->serial, world_now(w), marks);
    record_packet *kept = record_keep(r, packet, packet->to);
    if (kept != NULL) {
        kept->inbound = true;
        r->arriving[packet->to] = r->count;
    }
}

static void record_refused(void *context, world *w, const world_packet *packet)
{
    record *r = context;

    r->last_us = world_now(w);
    ladder_died(r->ladder, packet->serial, world_now(w), LADDER_BLOCKED);
}

static void record_arrived(void *context, world *w, const world_packet *packet, tern_rule rule)
{
    record *r = context;
    (void)w;
    (void)rule;
    if (packet->to < SCENARIO_SIDES)
        r->arriving[packet->to] = 0;
}

/* ---- Decisions and states ------------------------------------------------------------------ */

bool record_is_between(const record *r, scenario_side side, const tern_trace *trace)
{
    scenario_side other = side == SCENARIO_CLIENT ? SCENARIO_SERVER : SCENARIO_CLIENT;
    const tern_address *remote = &trace->remote.address;

    return trace->remote.port == 0 || memcmp(remote, &r->addresses[other], sizeof *remote) == 0 ||
           memcmp(remote, &r->outer_addresses[other], sizeof *remote) == 0;
}

static void record_show_rule(record *r, scenario_side side, tern_rule rule)
{
    const tern_rule_info *info = tern_rule_get(rule);
    size_t arriving = r->arriving[side];

    ladder_rule(r->ladder, record_end_of(side), world_now(r->w), rule);
    if (info != NULL && (r->verbose || teaching_rule(rule)))
        record_add_line(r, arriving > 0 ? &r->packets[arriving - 1].captions : &r->owed[side],
                        _(info->text), info->source);
}

/* Of those outside, each decision is shown once. */
static void record_traced(void *context, world *w, world_host host, const tern_trace *trace)
{
    record *r = context;
    scenario_side side = (scenario_side)host;
    bool between = record_is_between(r, side, trace);

    if (trace->kind == TERN_TRACE_SEGMENT)
        return;
    r->last_us = world_now(w);
    if (trace->kind == TERN_TRACE_STATE) {
        if (between)
            ladder_state(r->ladder, &(ladder_change){record_end_of(side), world_now(w), trace->from,
                                                     trace->to, tern_cause_name(trace->cause)});
        return;
    }
    if (between || !r->outside_rules[trace->rule])
        record_show_rule(r, side, trace->rule);
    r->outside_rules[trace->rule] = r->outside_rules[trace->rule] || !between;
}

/* What was decided and sent nothing belongs to the last packet that the host saw. */
static void record_settled(void *context, world *w, world_host host)
{
    record *r = context;
    size_t i = r->count;
    (void)w;

    if (host >= SCENARIO_SIDES || r->owed[host] == NULL)
        return;
    while (i > 0 && r->packets[i - 1].at != host)
        i--;
    if (i > 0)
        record_add_line(r, &r->packets[i - 1].captions, r->owed[host], NULL);
    free(r->owed[host]);
    r->owed[host] = NULL;
}

void record_call(record *r, scenario_side side, const char *text)
{
    ladder_note(r->ladder, record_end_of(side), world_now(r->w), LADDER_CALL, text);
}

void record_error(record *r, scenario_side side, const char *text)
{
    ladder_note(r->ladder, record_end_of(side), world_now(r->w), LADDER_ERROR, text);
}

void record_caption(record *r, scenario_side side, const char *text, const char *source)
{
    ladder_caption(r->ladder, record_end_of(side), world_now(r->w), text, source);
}

void record_state(record *r, scenario_side side, tern_state from, tern_state to)
{
    r->last_us = world_now(r->w);
    ladder_state(r->ladder, &(ladder_change){record_end_of(side), world_now(r->w), from, to, NULL});
}

/* ---- Beginning and end --------------------------------------------------------------------- */

bool record_begin(record *r, world *w, const ladder_party parties[SCENARIO_SIDES])
{
    r->w = w;
    for (unsigned side = 0; side < SCENARIO_SIDES; side++)
        r->addresses[side] = parties[side].endpoint.address;
    r->ladder = ladder_new(&parties[SCENARIO_CLIENT], &parties[SCENARIO_SERVER]);
    return r->ladder != NULL && world_observe(w, &(world_observer){.context = r,
                                                                   .sent = record_sent,
                                                                   .arriving = record_arriving,
                                                                   .arrived = record_arrived,
                                                                   .refused = record_refused,
                                                                   .traced = record_traced,
                                                                   .settled = record_settled});
}

void record_end(record *r)
{
    for (size_t i = 0; i < r->count; i++) {
        free(r->packets[i].octets);
        free(r->packets[i].captions);
    }
    free(r->packets);
    for (unsigned side = 0; side < SCENARIO_SIDES; side++)
        free(r->owed[side]);
    ladder_free(r->ladder);
}

bool record_write_capture(const record *r, FILE *out)
{
    pcapng capture;

    pcapng_begin(&capture, out, "tern play");
    for (unsigned side = 0; side < SCENARIO_SIDES; side++)
        (void)pcapng_interface(&capture, scenario_side_name((scenario_side)side));
    for (size_t i = 0; i < r->count; i++) {
        const record_packet *p = &r->packets[i];
        if (p->at >= SCENARIO_SIDES) /* seen by neither side's interface */
            continue;
        pcapng_write(&capture, &(pcapng_packet){.interface = (uint32_t)p->at,
                                                .time_us = p->time_us,
                                                .inbound = p->inbound,
                                                .octets = p->octets,
                                                .bytes = (uint32_t)p->bytes,
                                                .comment = p->captions});
    }
    return pcapng_ok(&capture) && !r->failed;
}
