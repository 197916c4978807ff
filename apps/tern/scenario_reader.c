/* scenario_reader.c - see scenario_reader.h. */
#include "apps/tern/scenario_reader.h"

#include "sim/quantity.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const side_names[SCENARIO_SIDES] = {"client", "server"};

static const char *const packet_names[FAULT_NAMES] = {
    [FAULT_SYN] = "syn",   [FAULT_SYNACK] = "synack", [FAULT_ACK] = "ack", [FAULT_FIN] = "fin",
    [FAULT_DATA] = "data", [FAULT_RST] = "rst",       [FAULT_ANY] = "any",
};

const char *scenario_side_name(scenario_side side)
{
    return side_names[side];
}

/* ---- Mistakes ------------------------------------------------------------------------------ */

bool scenario_fail(const scenario_reader *r, const char *format, ...)
{
    va_list arguments;
    int at = snprintf(r->why, SCENARIO_WHY_BYTES, "line %u: ", (unsigned)r->line);
    va_start(arguments, format);
    (void)vsnprintf(r->why + at, SCENARIO_WHY_BYTES - (size_t)at, format, arguments);
    va_end(arguments);
    return false;
}

bool scenario_expected(const scenario_reader *r, const char *what)
{
    if (r->word[0] == '\0')
        return scenario_fail(r, "the line ends where %s should be", what);
    return scenario_fail(r, "`%s` stands where %s should be", r->word, what);
}

/* ---- Words --------------------------------------------------------------------------------- */

static bool scenario_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

void scenario_next(scenario_reader *r)
{
    while (r->at < r->end && scenario_is_blank(*r->at))
        r->at++;
    r->word_at = r->at;
    while (r->at < r->end && !scenario_is_blank(*r->at))
        r->at++;
    size_t bytes = (size_t)(r->at - r->word_at);
    size_t kept = bytes < sizeof r->word ? bytes : sizeof r->word - 1;
    memcpy(r->word, r->word_at, kept);
    r->word[kept] = '\0';
}

void scenario_back(scenario_reader *r)
{
    r->at = r->word_at;
}

bool scenario_at_end(scenario_reader *r)
{
    scenario_next(r);
    return r->word[0] == '\0' || scenario_expected(r, "the end of the line");
}

bool scenario_read_rest(scenario_reader *r, const char *what, scenario_span *rest)
{
    scenario_next(r);
    if (r->word[0] == '\0')
        return scenario_expected(r, what);
    *rest = (scenario_span){r->word_at, (uint32_t)(r->end - r->word_at)};
    r->at = r->end;
    return true;
}

bool scenario_read_words(scenario_reader *r, scenario_words *words)
{
    words->ko = (scenario_span){NULL, 0};
    r->last = words;
    return scenario_read_rest(r, "a sentence", &words->en);
}

size_t scenario_index(const char *word, const char *const *names, size_t count)
{
    size_t i = 0;
    while (i < count && strcmp(word, names[i]) != 0)
        i++;
    return i;
}

bool scenario_number(const char *text, uint64_t max, uint64_t *number)
{
    size_t digits = strspn(text, "0123456789");
    uint64_t value = 0;
    if (digits == 0 || digits > 18 || text[digits] != '\0')
        return false;
    for (size_t i = 0; i < digits; i++)
        value = value * 10 + (uint64_t)(text[i] - '0');
    *number = value;
    return value <= max;
}

bool scenario_read_side(scenario_reader *r, scenario_side *side)
{
    scenario_next(r);
    *side = (scenario_side)scenario_index(r->word, side_names, SCENARIO_SIDES);
    return *side < SCENARIO_SIDES || scenario_expected(r, "client or server");
}

bool scenario_read_number(scenario_reader *r, uint64_t max, const char *what, uint64_t *number)
{
    scenario_next(r);
    return (scenario_number(r->word, max, number) && *number > 0) || scenario_expected(r, what);
}

bool scenario_read_time(scenario_reader *r, tern_time *time_us)
{
    scenario_next(r);
    return quantity_time_us(r->word, time_us) || scenario_expected(r, "a time such as 20ms");
}

bool scenario_split_nth(scenario_reader *r, uint32_t *nth)
{
    uint64_t number = 1;
    char *colon = strchr(r->word, ':');
    if (colon != NULL && (!scenario_number(colon + 1, 100000, &number) || number == 0))
        return scenario_expected(r, "a name with a number from 1 behind its colon");
    if (colon != NULL)
        *colon = '\0';
    *nth = (uint32_t)number;
    return true;
}

fault_name scenario_packet_name(const char *word)
{
    return (fault_name)scenario_index(word, packet_names, FAULT_NAMES);
}

bool scenario_read_state(scenario_reader *r, tern_state *state)
{
    scenario_next(r);
    for (unsigned i = 0; i < TERN_STATES; i++)
        if (strcmp(r->word, tern_state_name((tern_state)i)) == 0) {
            *state = (tern_state)i;
            return true;
        }
    return scenario_expected(r, "a state such as SYN-SENT");
}

bool scenario_read_rule(scenario_reader *r, tern_rule *rule)
{
    scenario_next(r);
    for (unsigned i = 1; i < TERN_RULES; i++)
        if (strcmp(r->word, tern_rule_get((tern_rule)i)->name) == 0) {
            *rule = (tern_rule)i;
            return true;
        }
    return scenario_expected(r, "the name of a rule (tern rules has them)");
}

scenario_event scenario_event_name(const char *word)
{
    static const char *const names[] = {"connected", "accepted", "read", "ended", "closed"};
    size_t i = scenario_index(word, names, 5);
    return i < 5 ? (scenario_event)(EVENT_CONNECTED + i) : SCENARIO_EVENTS;
}
