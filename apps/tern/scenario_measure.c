/* scenario_measure.c - `expect` and `figure`: what is measured, and what it must be. */
#include "apps/tern/measure_field.h"
#include "apps/tern/scenario_reader.h"
#include "sim/quantity.h"

#include <string.h>

/* "closed:2", "syn:3" */
static bool measure_read_instant(scenario_reader *r, scenario_instant *instant)
{
    scenario_next(r);
    if (!scenario_split_nth(r, &instant->nth))
        return false;
    instant->event = scenario_event_name(r->word);
    if (instant->event != SCENARIO_EVENTS)
        return true;
    instant->is_packet = true;
    instant->packet = scenario_packet_name(r->word);
    return instant->packet < FAULT_NAMES ||
           scenario_expected(r, "an event (connected, accepted, read, ended, closed) or a packet "
                                "(syn, synack, ack, fin, data, rst, any)");
}

/* "server time read since client syn" */
static bool measure_read_time(scenario_reader *r, scenario_measure *m)
{
    m->instant.side = m->side;
    if (!measure_read_instant(r, &m->instant))
        return false;
    scenario_next(r);
    m->has_since = strcmp(r->word, "since") == 0;
    if (!m->has_since) {
        scenario_back(r);
        return true;
    }
    return scenario_read_side(r, &m->since.side) && measure_read_instant(r, &m->since);
}

static bool measure_read_field(scenario_reader *r, scenario_measure *m)
{
    const char *name;
    scenario_next(r);
    for (m->field = 0; (name = measure_field_name(m->field)) != NULL; m->field++)
        if (strcmp(name, r->word) == 0)
            return true;
    return scenario_expected(r, "a field (snd_mss, cwnd, half_open, ...: docs/SCENARIOS.md)");
}

static bool measure_read_sent(scenario_reader *r, scenario_measure *m)
{
    scenario_next(r);
    m->instant.packet = scenario_packet_name(r->word);
    return m->instant.packet < FAULT_NAMES ||
           scenario_expected(r, "a packet (syn, synack, ack, fin, data, rst, any)");
}

static bool measure_read_events(scenario_reader *r, scenario_measure *m)
{
    scenario_next(r);
    m->instant.event = scenario_event_name(r->word);
    return m->instant.event != SCENARIO_EVENTS ||
           scenario_expected(r, "an event (connected, accepted, read, ended, closed)");
}

/* Behind the side. */
static bool measure_read_of_side(scenario_reader *r, scenario_measure *m)
{
    static const char *const names[] = {
        [MEASURE_STATE] = "state",     [MEASURE_STATES] = "states", [MEASURE_ERROR] = "error",
        [MEASURE_COUNTER] = "counter", [MEASURE_NOW] = "now",       [MEASURE_LEAST] = "least",
        [MEASURE_MOST] = "most",       [MEASURE_READ] = "read",     [MEASURE_SENT] = "sent",
        [MEASURE_EVENTS] = "events",   [MEASURE_TIME] = "time",     [MEASURE_MEMORY] = "memory"};

    scenario_next(r);
    m->kind = (measure_kind)scenario_index(r->word, names, MEASURE_MEMORY + 1);
    switch (m->kind) {
    case MEASURE_COUNTER:
        return scenario_read_rule(r, &m->rule);
    case MEASURE_NOW:
    case MEASURE_LEAST:
    case MEASURE_MOST:
        return measure_read_field(r, m);
    case MEASURE_SENT:
        return measure_read_sent(r, m);
    case MEASURE_EVENTS:
        return measure_read_events(r, m);
    case MEASURE_TIME:
        return measure_read_time(r, m);
    case MEASURE_STATE:
    case MEASURE_STATES:
    case MEASURE_ERROR:
    case MEASURE_READ:
    case MEASURE_MEMORY:
        return true;
    case MEASURE_PACKETS:
    case MEASURE_HASH:
        break;
    }
    return scenario_expected(r, "a measure (state, states, error, counter RULE, now FIELD, least "
                                "FIELD, most FIELD, read, sent PACKET, events EVENT, time EVENT, "
                                "memory)");
}

static bool measure_read(scenario_reader *r, scenario_measure *m)
{
    *m = (scenario_measure){.kind = MEASURE_STATE};
    scenario_next(r);
    if (strcmp(r->word, "packets") == 0 || strcmp(r->word, "hash") == 0) {
        m->kind = r->word[0] == 'p' ? MEASURE_PACKETS : MEASURE_HASH;
        return true;
    }
    if (strcmp(r->word, "client") != 0 && strcmp(r->word, "server") != 0)
        return scenario_expected(r, "client, server, packets or hash");
    scenario_back(r);
    return scenario_read_side(r, &m->side) && measure_read_of_side(r, m);
}

static bool measure_is_text(measure_kind kind)
{
    return kind == MEASURE_STATE || kind == MEASURE_STATES || kind == MEASURE_ERROR ||
           kind == MEASURE_HASH;
}

/* ---- expect -------------------------------------------------------------------------------- */

static void expect_read_relation(scenario_reader *r, scenario_relation *relation)
{
    static const char *const names[] = {
        [RELATION_IS] = "=",       [RELATION_IS_NOT] = "!=", [RELATION_LESS] = "<",
        [RELATION_AT_MOST] = "<=", [RELATION_MORE] = ">",    [RELATION_AT_LEAST] = ">="};
    scenario_next(r);
    size_t i = scenario_index(r->word, names, 6);
    *relation = i < 6 ? (scenario_relation)i : RELATION_IS;
    if (i == 6)
        scenario_back(r);
}

static bool expect_read_value(scenario_reader *r, scenario_check *check)
{
    if (measure_is_text(check->measure.kind)) {
        if (check->relation > RELATION_IS_NOT)
            return scenario_fail(r, "what is not a number can only be = or !=");
        return scenario_read_rest(r, "what it should be", &check->text);
    }
    scenario_next(r);
    bool good = check->measure.kind == MEASURE_TIME
                    ? quantity_time_us(r->word, &check->number)
                    : scenario_number(r->word, UINT64_MAX, &check->number);
    if (!good)
        return scenario_expected(r, check->measure.kind == MEASURE_TIME ? "a time such as 20ms"
                                                                        : "a number");
    return scenario_at_end(r);
}

bool scenario_read_expect(scenario_reader *r, uint32_t *index)
{
    if (r->s->check_count == SCENARIO_CHECKS_MAX)
        return scenario_fail(r, "one expectation too many: a scenario takes %d",
                             SCENARIO_CHECKS_MAX);
    *index = r->s->check_count++;
    scenario_check *check = &r->s->checks[*index];
    *check = (scenario_check){.line = r->line};
    r->s->check_at_end[*index] = false;
    const char *begin = r->at;
    if (!measure_read(r, &check->measure))
        return false;
    expect_read_relation(r, &check->relation);
    if (!expect_read_value(r, check))
        return false;
    while (begin < r->end && *begin == ' ')
        begin++;
    check->said = (scenario_span){begin, (uint32_t)(r->end - begin)};
    return true;
}

/* ---- figure -------------------------------------------------------------------------------- */

bool scenario_read_figure(scenario_reader *r)
{
    if (r->s->figure_count == SCENARIO_FIGURES_MAX)
        return scenario_fail(r, "one figure too many: a scenario takes %d", SCENARIO_FIGURES_MAX);
    scenario_figure *figure = &r->s->figures[r->s->figure_count++];
    return measure_read(r, &figure->measure) && scenario_read_words(r, &figure->words);
}
