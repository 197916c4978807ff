/* play_stage.c - see play_stage.h. */
#include "apps/tern/play_stage.h"

#include "apps/tern/i18n.h"

#include <stdio.h>

enum { STAGE_TEXT_BYTES = 64 };

static void stage_do(stage *s, uint32_t index)
{
    const scenario_step *step = &s->scenario->steps[index];
    s->actors[step->side].call(s->actors[step->side].context, step);
}

static void stage_kept(void *context, world *w)
{
    const stage_cue *cue = context;
    (void)w;
    cue->stage->appointments--;
    stage_do(cue->stage, cue->index);
}

static bool stage_appoint(stage *s, uint32_t index, tern_time at_us)
{
    s->cues[index] = (stage_cue){s, index};
    s->appointments++;
    return world_at(s->w, at_us, stage_kept, &s->cues[index]);
}

bool stage_begin(stage *s)
{
    for (uint32_t i = 0; i < s->scenario->count; i++) {
        const scenario_step *step = &s->scenario->steps[i];
        if (step->event != EVENT_TIME)
            continue;
        s->begun[i] = true;
        if (!stage_appoint(s, i, step->after_us))
            return false;
    }
    return true;
}

static bool stage_is_cue(const stage *s, const scenario_step *step, scenario_side side,
                         scenario_event event)
{
    if (step->event != event || step->where != side)
        return false;
    if (event == EVENT_READ)
        return s->read_bytes[side] >= step->read_bytes;
    return s->counts[side][event] == step->nth;
}

void stage_happened(stage *s, scenario_side side, scenario_event event)
{
    s->counts[side][event]++;
    if (event == EVENT_CONNECTED || event == EVENT_ACCEPTED)
        s->read_bytes[side] = 0;
    for (uint32_t i = 0; i < s->scenario->count; i++) {
        const scenario_step *step = &s->scenario->steps[i];
        if (s->begun[i] || !stage_is_cue(s, step, side, event))
            continue;
        s->begun[i] = true;
        if (step->after_us == 0)
            stage_do(s, i);
        else if (!stage_appoint(s, i, world_now(s->w) + step->after_us))
            s->record->failed = true;
    }
}

void stage_read(stage *s, scenario_side side, uint64_t bytes)
{
    char text[STAGE_TEXT_BYTES];
    (void)snprintf(text, sizeof text, "read %llu", (unsigned long long)bytes);
    record_call(s->record, side, text);
    s->read_bytes[side] += bytes;
    stage_happened(s, side, EVENT_READ);
}

void stage_closed(stage *s, scenario_side side, const char *text)
{
    if (text != NULL)
        record_error(s->record, side, text);
    stage_happened(s, side, EVENT_CLOSED);
}

void stage_show_call(stage *s, const scenario_step *step)
{
    char text[STAGE_TEXT_BYTES];
    switch (step->call) {
    case CALL_SEND:
        (void)snprintf(text, sizeof text, "send %u", (unsigned)step->send_bytes);
        record_call(s->record, step->side, text);
        return;
    case CALL_CRASH:
        record_caption(s->record, step->side,
                       _("The host crashes: its TCP forgets every connection."), "RFC 9293 3.5.1");
        return;
    case CALL_RESTART:
        record_caption(s->record, step->side, _("The host is back, and knows of no connection."),
                       "RFC 9293 3.5.1");
        return;
    case CALL_LISTEN:
    case CALL_CONNECT:
    case CALL_SHUTDOWN:
    case CALL_STOP_READING:
    case CALL_CLOSE:
    case CALL_ABORT:
    case SCENARIO_CALLS:
        break;
    }
    record_call(s->record, step->side, scenario_call_name(step->call));
}

bool stage_waits(const stage *s)
{
    return s->appointments > 0;
}
