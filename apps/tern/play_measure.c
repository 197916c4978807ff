/* play_measure.c - see play_measure.h. */
#include "apps/tern/play_measure.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HASH_BEGIN UINT64_C(0xcbf29ce484222325) /* FNV-1a */
#define HASH_PRIME UINT64_C(0x100000001b3)

/* ---- What the world shows ------------------------------------------------------------------ */

static void measures_add(measures *m, measures_count *c)
{
    if (c->count < MEASURES_TIMES_MAX)
        c->times_us[c->count] = world_now(m->w);
    c->count++;
}

static void measures_hash(measures *m, const void *octets, size_t bytes)
{
    const uint8_t *at = octets;
    for (size_t i = 0; i < bytes; i++)
        m->hash = (m->hash ^ at[i]) * HASH_PRIME;
}

static void measures_saw_sent(void *context, world *w, const world_packet *packet)
{
    measures *m = context;
    tern_time now_us = world_now(w);

    m->packets++;
    measures_hash(m, &now_us, sizeof now_us);
    measures_hash(m, packet->octets, packet->bytes);
    if (packet->from >= SCENARIO_SIDES)
        return;
    for (unsigned name = 0; name < FAULT_NAMES; name++)
        if (fault_packet_is((fault_name)name, packet->octets, packet->bytes))
            measures_add(m, &m->sides[packet->from].sent[name]);
}

static void measures_take(measures_side *side, uint32_t field, uint64_t value, bool first)
{
    side->now[field] = value;
    if (first || value < side->least[field])
        side->least[field] = value;
    if (first || value > side->most[field])
        side->most[field] = value;
}

/* Least and most are taken of ESTABLISHED and later: before, most fields are not yet agreed. */
static void measures_sample_status(measures_side *side)
{
    bool first = !side->has_status;

    if (side->status.state < TERN_ESTABLISHED)
        return;
    for (uint32_t i = 0; measure_field_name(i) != NULL; i++)
        if (!measure_field_is_usage(i))
            measures_take(side, i, measure_field_of_status(i, &side->status), first);
    side->has_status = true;
}

static void measures_saw_settled(void *context, world *w, world_host host)
{
    measures *m = context;
    tern_stack *stack = host < SCENARIO_SIDES ? world_stack(w, host) : NULL;
    tern_usage usage;

    if (stack == NULL)
        return;
    measures_side *side = &m->sides[host];
    tern_usage_get(stack, &usage);
    for (uint32_t i = 0; measure_field_name(i) != NULL; i++)
        if (measure_field_is_usage(i))
            measures_take(side, i, measure_field_of_usage(i, &usage), !side->has_usage);
    side->has_usage = true;
    if (side->has_connection && tern_status_get(stack, side->connection, &side->status) == TERN_OK)
        measures_sample_status(side);
}

bool measures_begin(measures *m, world *w)
{
    *m = (measures){.w = w, .hash = HASH_BEGIN};
    return world_observe(w, &(world_observer){.context = m,
                                              .sent = measures_saw_sent,
                                              .settled = measures_saw_settled});
}

/* ---- What is told -------------------------------------------------------------------------- */

void measures_event(measures *m, scenario_side side, scenario_event event)
{
    measures_add(m, &m->sides[side].events[event]);
}

void measures_read(measures *m, scenario_side side, uint64_t bytes)
{
    m->sides[side].read_bytes += bytes;
}

void measures_error(measures *m, scenario_side side, tern_err err)
{
    m->sides[side].error = err;
}

void measures_state(measures *m, scenario_side side, tern_state state)
{
    measures_side *s = &m->sides[side];
    size_t at = strlen(s->states);

    s->state = state;
    (void)snprintf(s->states + at, sizeof s->states - at, "%s%s", at > 0 ? " " : "",
                   tern_state_name(state));
}

void measures_connection(measures *m, scenario_side side, const tern_handle *connection)
{
    m->sides[side].has_connection = connection != NULL;
    if (connection != NULL)
        m->sides[side].connection = *connection;
}

const tern_status *measures_status(const measures *m, scenario_side side)
{
    return m->sides[side].status.local.port != 0 ? &m->sides[side].status : NULL;
}

/* ---- Values -------------------------------------------------------------------------------- */

static measure_value measures_number(uint64_t number)
{
    return (measure_value){.is_known = true, .number = number};
}

static measure_value measures_words(const char *text)
{
    measure_value value = {.is_known = true, .is_text = true};
    (void)snprintf(value.text, sizeof value.text, "%s", text);
    return value;
}

static bool measures_instant(const measures *m, const scenario_instant *instant, tern_time *time_us)
{
    const measures_side *side = &m->sides[instant->side];
    const measures_count *c = instant->is_packet ? &side->sent[instant->packet]
                                                 : &side->events[instant->event];

    if (instant->nth > c->count || instant->nth > MEASURES_TIMES_MAX)
        return false;
    *time_us = c->times_us[instant->nth - 1];
    return true;
}

static measure_value measures_time(const measures *m, const scenario_measure *measure)
{
    tern_time at_us = 0, since_us = 0;

    if (!measures_instant(m, &measure->instant, &at_us) ||
        (measure->has_since && !measures_instant(m, &measure->since, &since_us)))
        return (measure_value){.is_known = false};
    return measures_number(at_us - since_us);
}

static measure_value measures_field(const measures *m, const scenario_measure *measure)
{
    const measures_side *side = &m->sides[measure->side];
    bool known = measure_field_is_usage(measure->field) ? side->has_usage : side->has_status;
    const uint64_t *values = measure->kind == MEASURE_NOW     ? side->now
                             : measure->kind == MEASURE_LEAST ? side->least
                                                              : side->most;
    return known ? measures_number(values[measure->field]) : (measure_value){.is_known = false};
}

static measure_value measures_counter(const measures *m, const scenario_measure *measure)
{
    const tern_stack *stack = world_stack(m->w, measure->side);
    return stack != NULL ? measures_number(tern_counter(stack, measure->rule))
                         : (measure_value){.is_known = false};
}

static measure_value measures_memory(const measures *m, scenario_side side)
{
    const tern_config *config = world_config(m->w, side);
    return config != NULL ? measures_number(tern_size(config, NULL))
                          : (measure_value){.is_known = false};
}

measure_value measures_get(const measures *m, const scenario_measure *measure)
{
    const measures_side *side = &m->sides[measure->side];
    char text[32];

    switch (measure->kind) {
    case MEASURE_STATE:
        return measures_words(tern_state_name(side->state));
    case MEASURE_STATES:
        return measures_words(side->states);
    case MEASURE_ERROR:
        return measures_words(side->error == TERN_OK ? "none" : tern_err_name(side->error));
    case MEASURE_COUNTER:
        return measures_counter(m, measure);
    case MEASURE_NOW:
    case MEASURE_LEAST:
    case MEASURE_MOST:
        return measures_field(m, measure);
    case MEASURE_READ:
        return measures_number(side->read_bytes);
    case MEASURE_SENT:
        return measures_number(side->sent[measure->instant.packet].count);
    case MEASURE_EVENTS:
        return measures_number(side->events[measure->instant.event].count);
    case MEASURE_TIME:
        return measures_time(m, measure);
    case MEASURE_MEMORY:
        return measures_memory(m, measure->side);
    case MEASURE_PACKETS:
        return measures_number(m->packets);
    case MEASURE_HASH:
        break;
    }
    (void)snprintf(text, sizeof text, "%016" PRIx64, m->hash);
    return measures_words(text);
}

char *measures_text(const measures *m, const scenario_measure *measure,
                    char text[MEASURES_TEXT_BYTES])
{
    measure_value value = measures_get(m, measure);

    if (!value.is_known)
        (void)snprintf(text, MEASURES_TEXT_BYTES, "-");
    else if (value.is_text)
        (void)snprintf(text, MEASURES_TEXT_BYTES, "%s", value.text);
    else if (measure->kind == MEASURE_TIME && value.number < 1000000)
        (void)snprintf(text, MEASURES_TEXT_BYTES, "%" PRIu64 " ms", (value.number + 500) / 1000);
    else if (measure->kind == MEASURE_TIME)
        (void)snprintf(text, MEASURES_TEXT_BYTES, "%" PRIu64 ".%03" PRIu64 " s",
                       value.number / 1000000, value.number / 1000 % 1000);
    else
        (void)snprintf(text, MEASURES_TEXT_BYTES, "%" PRIu64, value.number);
    return text;
}

/* Words, whatever blanks are between them. */
static bool measures_same_words(const char *text, const scenario_span *span)
{
    const char *at = span->at, *end = span->at + span->bytes;

    while (*text != '\0' && at < end) {
        while (*text == ' ')
            text++;
        while (at < end && (*at == ' ' || *at == '\t'))
            at++;
        while (*text != '\0' && *text != ' ' && at < end && *at == *text) {
            at++;
            text++;
        }
        bool word_ends = *text == '\0' || *text == ' ';
        if (!word_ends || (at < end && *at != ' ' && *at != '\t'))
            return false;
    }
    return *text == '\0' && at == end;
}

bool measures_check(const measures *m, const scenario_check *check)
{
    measure_value value = measures_get(m, &check->measure);

    if (!value.is_known)
        return false;
    if (value.is_text)
        return measures_same_words(value.text, &check->text) == (check->relation == RELATION_IS);
    switch (check->relation) {
    case RELATION_IS:
        return value.number == check->number;
    case RELATION_IS_NOT:
        return value.number != check->number;
    case RELATION_LESS:
        return value.number < check->number;
    case RELATION_AT_MOST:
        return value.number <= check->number;
    case RELATION_MORE:
        return value.number > check->number;
    case RELATION_AT_LEAST:
        break;
    }
    return value.number >= check->number;
}
