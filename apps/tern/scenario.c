/* scenario.c - reads a scenario, word by word.
 *
 * Every line becomes one statement; the first word says which. What is expected next is known at
 * every word, so an error names the word and what should be there. */
#include "apps/tern/scenario.h"

#include "sim/quantity.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SCENARIO_LINE_BYTES = 200, SCENARIO_WORD_BYTES = 40, SCENARIO_SEND_MAX = 16 << 20 };

static const char *const side_names[SCENARIO_SIDES] = {"client", "server"};

static const char *const call_names[SCENARIO_CALLS] = {
    [CALL_LISTEN] = "listen",
    [CALL_CONNECT] = "connect",
    [CALL_SEND] = "send",
    [CALL_SHUTDOWN] = "shutdown",
    [CALL_STOP_READING] = "stop-reading",
    [CALL_CLOSE] = "close",
    [CALL_ABORT] = "abort",
    [CALL_CRASH] = "crash",
    [CALL_RESTART] = "restart",
};

static const char *const event_names[SCENARIO_EVENTS] = {
    [EVENT_TIME] = "",     [EVENT_CONNECTED] = "connected", [EVENT_ACCEPTED] = "accepted",
    [EVENT_READ] = "read", [EVENT_ENDED] = "ended",         [EVENT_CLOSED] = "closed",
};

typedef struct scenario_reader {
    scenario *s;
    const char *at;                 /* in the line, behind the word */
    char word[SCENARIO_WORD_BYTES]; /* "" at the end of the line */
    unsigned line;
    char *why;
} scenario_reader;

const char *scenario_side_name(scenario_side side)
{
    return side_names[side];
}

const char *scenario_call_name(scenario_call call)
{
    return call_names[call];
}

/* ---- Words --------------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static bool scenario_fail(const scenario_reader *r,
                                                                const char *format, ...)
{
    va_list arguments;
    int at = snprintf(r->why, SCENARIO_WHY_BYTES, "line %u: ", r->line);
    va_start(arguments, format);
    (void)vsnprintf(r->why + at, SCENARIO_WHY_BYTES - (size_t)at, format, arguments);
    va_end(arguments);
    return false;
}

static bool scenario_expected(const scenario_reader *r, const char *what)
{
    if (r->word[0] == '\0')
        return scenario_fail(r, "the line ends where %s should be", what);
    return scenario_fail(r, "`%s` stands where %s should be", r->word, what);
}

/* The next word; one that is too long is cut, and then is no word that anything expects. */
static void scenario_next(scenario_reader *r)
{
    r->at += strspn(r->at, " \t");
    size_t bytes = strcspn(r->at, " \t");
    size_t kept = bytes < sizeof r->word ? bytes : sizeof r->word - 1;
    memcpy(r->word, r->at, kept);
    r->word[kept] = '\0';
    r->at += bytes;
}

static bool scenario_number(const char *text, uint32_t max, uint32_t *number)
{
    size_t digits = strspn(text, "0123456789");
    uint32_t value = 0;
    if (digits == 0 || digits > 9 || text[digits] != '\0')
        return false;
    for (size_t i = 0; i < digits; i++)
        value = value * 10 + (uint32_t)(text[i] - '0');
    *number = value;
    return value >= 1 && value <= max;
}

/* The index of the word in a list of names; count when it is not there. */
static size_t scenario_index(const char *word, const char *const *names, size_t count)
{
    size_t i = 0;
    while (i < count && strcmp(word, names[i]) != 0)
        i++;
    return i;
}

static bool scenario_read_side(scenario_reader *r, scenario_side *side)
{
    scenario_next(r);
    *side = (scenario_side)scenario_index(r->word, side_names, SCENARIO_SIDES);
    return *side < SCENARIO_SIDES || scenario_expected(r, "client or server");
}

static bool scenario_read_octets(scenario_reader *r, uint32_t *octets)
{
    scenario_next(r);
    return scenario_number(r->word, SCENARIO_SEND_MAX, octets) ||
           scenario_expected(r, "a number of octets, 1 to 16777216,");
}

/* ---- Statements ---------------------------------------------------------------------------- */

/* "client send 100", the rest of the line. */
static bool scenario_read_call(scenario_reader *r, scenario_step *step)
{
    if (!scenario_read_side(r, &step->side))
        return false;
    scenario_next(r);
    step->call = (scenario_call)scenario_index(r->word, call_names, SCENARIO_CALLS);
    if (step->call == SCENARIO_CALLS)
        return scenario_expected(r, "a call (listen, connect, send, shutdown, stop-reading, "
                                    "close, abort, crash, restart)");
    if (step->call == CALL_SEND && !scenario_read_octets(r, &step->send_bytes))
        return false;
    scenario_next(r);
    if (r->word[0] != '\0')
        return scenario_expected(r, "the end of the line");
    if (r->s->count == SCENARIO_STEPS_MAX)
        return scenario_fail(r, "one call too many; a scenario takes %d", SCENARIO_STEPS_MAX);
    r->s->steps[r->s->count++] = *step;
    return true;
}

static bool scenario_read_at(scenario_reader *r)
{
    scenario_step step = {.event = EVENT_TIME, .nth = 1};
    scenario_next(r);
    if (!quantity_time_us(r->word, &step.after_us))
        return scenario_expected(r, "a time such as 20ms");
    return scenario_read_call(r, &step);
}

/* "connected", "closed:2". */
static bool scenario_read_event(scenario_reader *r, scenario_step *step)
{
    scenario_next(r);
    char *colon = strchr(r->word, ':');
    step->nth = 1;
    if (colon != NULL && !scenario_number(colon + 1, 1000, &step->nth))
        return scenario_expected(r, "an event with a number from 1 behind its colon");
    if (colon != NULL)
        *colon = '\0';
    step->event = (scenario_event)scenario_index(r->word, event_names, SCENARIO_EVENTS);
    if (step->event == EVENT_TIME || step->event == SCENARIO_EVENTS ||
        (step->event == EVENT_READ && colon != NULL))
        return scenario_expected(r, "an event (connected, accepted, read OCTETS, ended, closed)");
    return step->event != EVENT_READ || scenario_read_octets(r, &step->read_bytes);
}

static bool scenario_read_when(scenario_reader *r)
{
    scenario_step step = {.after_us = 0};
    if (!scenario_read_side(r, &step.where) || !scenario_read_event(r, &step))
        return false;
    const char *before = r->at;
    scenario_next(r);
    if (r->word[0] != '+') {
        r->at = before;
    } else if (!quantity_time_us(r->word + 1, &step.after_us)) {
        return scenario_expected(r, "+ and a time such as +20ms");
    }
    return scenario_read_call(r, &step);
}

static bool scenario_read_port(scenario_reader *r)
{
    scenario_side side;
    uint32_t port;
    if (!scenario_read_side(r, &side))
        return false;
    scenario_next(r);
    if (!scenario_number(r->word, 65535, &port))
        return scenario_expected(r, "a port, 1 to 65535,");
    r->s->ports[side] = (uint16_t)port;
    scenario_next(r);
    return r->word[0] == '\0' || scenario_expected(r, "the end of the line");
}

static bool scenario_read_line(scenario_reader *r, const char *line)
{
    char why[FAULT_WHY_BYTES];
    r->at = line;
    scenario_next(r);
    if (r->word[0] == '\0')
        return true;
    if (strcmp(r->word, "at") == 0)
        return scenario_read_at(r);
    if (strcmp(r->word, "when") == 0)
        return scenario_read_when(r);
    if (strcmp(r->word, "port") == 0)
        return scenario_read_port(r);
    if (strcmp(r->word, "lose") == 0 || strcmp(r->word, "duplicate") == 0 ||
        strcmp(r->word, "delay") == 0 || strcmp(r->word, "corrupt") == 0)
        return fault_plan_add(&r->s->plan, line + strspn(line, " \t"), why) ||
               scenario_fail(r, "%s", why);
    return scenario_expected(r, "at, when, port, lose, duplicate, delay or corrupt");
}

bool scenario_parse(scenario *s, const char *text, char why[SCENARIO_WHY_BYTES])
{
    scenario_reader r = {.s = s, .why = why};
    char line[SCENARIO_LINE_BYTES];

    *s = (scenario){.ports = {[SCENARIO_SERVER] = 80}};
    while (*text != '\0') {
        size_t bytes = strcspn(text, "\n"), kept = strcspn(text, "#\n");
        r.line++;
        while (kept > 0 && strchr(" \t\r", text[kept - 1]) != NULL)
            kept--;
        if (kept >= sizeof line)
            return scenario_fail(&r, "longer than %d octets", SCENARIO_LINE_BYTES - 1);
        memcpy(line, text, kept);
        line[kept] = '\0';
        if (!scenario_read_line(&r, line))
            return false;
        text += bytes + (text[bytes] == '\n' ? 1 : 0);
    }
    return s->count > 0 || scenario_fail(&r, "nobody does anything in this scenario");
}
