/* play_stage.c - see play_stage.h.
 *
 * What a program sees is told by its actor, and done at once. Packets, states and rules are seen
 * in the world, some from inside a stack's call, when no stack may be called: what waits for those
 * is done by an appointment at the same instant. */
#include "apps/tern/play_stage.h"

#include "apps/tern/i18n.h"

#include <stdio.h>
#include <string.h>

enum { STAGE_TEXT_BYTES = 64, STAGE_SAY_BYTES = SCENARIO_LINE_BYTES };

/* ---- What is done -------------------------------------------------------------------------- */

static void stage_say(stage *s, const scenario_step *step)
{
    char text[STAGE_SAY_BYTES], source[STAGE_TEXT_BYTES];

    (void)scenario_say(&step->words, text, sizeof text);
    (void)scenario_span_text(&step->source, source, sizeof source);
    record_caption(s->record, step->side, text, step->source.bytes > 0 ? source : NULL);
}

static void stage_set_box(stage *s, uint32_t index)
{
    const scenario_box *box = &s->scenario->boxes[index];

    if (box->present && s->boxes[index] == NULL) {
        s->boxes[index] = middlebox_new(&box->config);
        if (s->boxes[index] == NULL) {
            s->record->failed = true;
            return;
        }
    }
    if (box->present && box->config.kind == MIDDLEBOX_NAT)
        s->record->outer_addresses[box->side] = box->config.address;
    world_set_box(s->w, box->side, s->boxes[index]);
}

static void stage_attack(stage *s, uint32_t index)
{
    const scenario_attack *a = &s->scenario->attacks[index];

    s->attacks[index] = (attack){.what = a,
                                 .w = s->w,
                                 .to = s->endpoints[a->to],
                                 .from = s->endpoints[stage_other(a->to)],
                                 .measures = s->measures};
    if (!attack_begin(&s->attacks[index]))
        s->record->failed = true;
}

static void stage_do(stage *s, uint32_t index)
{
    const scenario_step *step = &s->scenario->steps[index];

    switch (step->deed) {
    case DEED_CALL:
        s->actors[step->side].call(s->actors[step->side].context, step);
        return;
    case DEED_SAY:
        stage_say(s, step);
        return;
    case DEED_BOX:
        stage_set_box(s, step->index);
        return;
    case DEED_ATTACK:
        stage_attack(s, step->index);
        return;
    case DEED_EXPECT:
        s->failed_checks[step->index] = !measures_check(s->measures,
                                                        &s->scenario->checks[step->index]);
        return;
    }
}

/* ---- When ---------------------------------------------------------------------------------- */

static void stage_kept(void *context, world *w);

static void stage_appoint(stage *s, uint32_t index, tern_time at_us)
{
    s->cues[index] = (stage_cue){s, index};
    s->appointments++;
    if (!world_at(s->w, at_us, stage_kept, &s->cues[index]))
        s->record->failed = true;
}

/* Does it, and makes the appointment for the next time. */
static void stage_do_again(stage *s, uint32_t index)
{
    const scenario_step *step = &s->scenario->steps[index];

    if (++s->done[index] < step->times)
        stage_appoint(s, index, world_now(s->w) + step->every_us);
    stage_do(s, index);
}

static void stage_kept(void *context, world *w)
{
    const stage_cue *cue = context;
    (void)w;
    cue->stage->appointments--;
    stage_do_again(cue->stage, cue->index);
}

static bool stage_is_cue(const scenario_moment *moment, const scenario_moment *now)
{
    if (moment->event != now->event || moment->where != now->where)
        return false;
    switch (moment->event) {
    case EVENT_READ:
        return now->read_bytes >= moment->read_bytes;
    case EVENT_STATE:
        return now->state == moment->state;
    case EVENT_RULE:
        return now->rule == moment->rule;
    case EVENT_TIME:
    case EVENT_CONNECTED:
    case EVENT_ACCEPTED:
    case EVENT_ENDED:
    case EVENT_CLOSED:
    case EVENT_SENDS:
    case EVENT_GETS:
    case SCENARIO_EVENTS:
        break;
    }
    return true;
}

/* Step `index` waits for this and has now seen it often enough. */
static void stage_cue_step(stage *s, uint32_t index, bool at_once)
{
    const scenario_step *step = &s->scenario->steps[index];

    if (++s->seen[index] != step->moment.nth)
        return;
    s->begun[index] = true;
    if (step->after_us == 0 && at_once)
        stage_do_again(s, index);
    else
        stage_appoint(s, index, world_now(s->w) + step->after_us);
}

/* at_once: stacks may be called now. */
static void stage_cue_all(stage *s, const scenario_moment *now, bool at_once)
{
    for (uint32_t i = 0; i < s->scenario->count; i++)
        if (!s->begun[i] && stage_is_cue(&s->scenario->steps[i].moment, now))
            stage_cue_step(s, i, at_once);
}

/* ---- What programs see --------------------------------------------------------------------- */

void stage_happened(stage *s, scenario_side side, scenario_event event)
{
    measures_event(s->measures, side, event);
    stage_cue_all(s,
                  &(scenario_moment){
                      .event = event, .where = side, .read_bytes = (uint32_t)s->read_bytes[side]},
                  true);
}

void stage_begins(stage *s, scenario_side side)
{
    s->read_bytes[side] = 0;
}

void stage_read(stage *s, scenario_side side, uint64_t bytes)
{
    char text[STAGE_TEXT_BYTES];
    (void)snprintf(text, sizeof text, "read %llu", (unsigned long long)bytes);
    record_call(s->record, side, text);
    s->read_bytes[side] += bytes;
    measures_read(s->measures, side, bytes);
    stage_happened(s, side, EVENT_READ);
}

void stage_failed(stage *s, scenario_side side, tern_err err, const char *text)
{
    record_error(s->record, side, text);
    measures_error(s->measures, side, err);
}

void stage_closed(stage *s, scenario_side side, tern_err err, const char *text)
{
    if (err != TERN_OK)
        stage_failed(s, side, err, text);
    stage_happened(s, side, EVENT_CLOSED);
}

void stage_state(stage *s, scenario_side side, tern_state from, tern_state to)
{
    record_state(s->record, side, from, to);
    measures_state(s->measures, side, to);
    stage_cue_all(s, &(scenario_moment){.event = EVENT_STATE, .where = side, .state = to}, false);
}

/* ---- What happens in the world ------------------------------------------------------------- */

static void stage_packet(stage *s, scenario_event event, world_host where,
                         const world_packet *packet)
{
    if (where >= SCENARIO_SIDES)
        return;
    for (uint32_t i = 0; i < s->scenario->count; i++) {
        const scenario_moment *moment = &s->scenario->steps[i].moment;
        if (!s->begun[i] && moment->event == event && moment->where == where &&
            fault_packet_is(moment->packet, packet->octets, packet->bytes))
            stage_cue_step(s, i, false);
    }
}

static void stage_saw_sent(void *context, world *w, const world_packet *packet)
{
    (void)w;
    stage_packet(context, EVENT_SENDS, packet->from, packet);
}

static void stage_saw_arrived(void *context, world *w, const world_packet *packet, tern_rule rule)
{
    (void)w;
    (void)rule;
    stage_packet(context, EVENT_GETS, packet->to, packet);
}

static void stage_saw_trace(void *context, world *w, world_host host, const tern_trace *trace)
{
    stage *s = context;
    scenario_moment now = {.where = (scenario_side)host};
    (void)w;

    if (trace->kind == TERN_TRACE_SEGMENT)
        return;
    if (trace->kind == TERN_TRACE_STATE) {
        if (!record_is_between(s->record, (scenario_side)host, trace))
            return;
        measures_state(s->measures, (scenario_side)host, trace->to);
        now.event = EVENT_STATE;
        now.state = trace->to;
    } else {
        now.event = EVENT_RULE;
        now.rule = trace->rule;
    }
    stage_cue_all(s, &now, false);
}

/* ---- Words --------------------------------------------------------------------------------- */

static bool stage_show_host(stage *s, const scenario_step *step)
{
    if (step->call == CALL_CRASH)
        record_caption(s->record, step->side,
                       _("The host crashes: its TCP forgets every connection."), "RFC 9293 3.5.1");
    else if (step->call == CALL_RESTART)
        record_caption(s->record, step->side, _("The host is back, and knows of no connection."),
                       "RFC 9293 3.5.1");
    else
        return false;
    return true;
}

void stage_show_call(stage *s, const scenario_step *step)
{
    char text[STAGE_TEXT_BYTES];
    const char *name = scenario_call_name(step->call);

    if (stage_show_host(s, step))
        return;
    if (step->call == CALL_SEND || step->call == CALL_READ)
        (void)snprintf(text, sizeof text, "%s %u", name, (unsigned)step->octets);
    else if (step->fast && step->octets > 0)
        (void)snprintf(text, sizeof text, "%s, send %u", name, (unsigned)step->octets);
    else if (step->call == CALL_OPTION)
        (void)snprintf(text, sizeof text, "%s %s", name, setting_option_name(&step->setting));
    else
        (void)snprintf(text, sizeof text, "%s", name);
    record_call(s->record, step->side, text);
}

/* ---- Beginning and end --------------------------------------------------------------------- */

bool stage_begin(stage *s)
{
    for (uint32_t i = 0; i < s->scenario->count; i++) {
        const scenario_step *step = &s->scenario->steps[i];
        if (step->moment.event != EVENT_TIME)
            continue;
        s->begun[i] = true;
        stage_appoint(s, i, step->after_us);
    }
    return !s->record->failed && world_observe(s->w, &(world_observer){.context = s,
                                                                       .sent = stage_saw_sent,
                                                                       .arrived = stage_saw_arrived,
                                                                       .traced = stage_saw_trace});
}

void stage_end(stage *s)
{
    for (uint32_t i = 0; i < SCENARIO_BOXES_MAX; i++)
        middlebox_free(s->boxes[i]);
}

bool stage_waits(const stage *s)
{
    return s->appointments > 0;
}
