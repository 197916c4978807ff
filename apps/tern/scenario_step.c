/* scenario_step.c - `at` and `when`: the moment, and what is done then. */
#include "apps/tern/scenario_reader.h"
#include "sim/quantity.h"

#include <string.h>

#define STEP_DEEDS                                                                                 \
    "a call (listen, connect, send, read, stop-reading, start-reading, option, shutdown, close, "  \
    "abort, crash, restart) or say"

enum { STEP_OCTETS_MAX = 1 << 30, STEP_TIMES_MAX = 100000 };

static const char *const call_names[SCENARIO_CALLS] = {
    [CALL_LISTEN] = "listen",
    [CALL_CONNECT] = "connect",
    [CALL_SEND] = "send",
    [CALL_READ] = "read",
    [CALL_STOP_READING] = "stop-reading",
    [CALL_START_READING] = "start-reading",
    [CALL_OPTION] = "option",
    [CALL_SHUTDOWN] = "shutdown",
    [CALL_SHUTDOWN_READING] = "shutdown reading",
    [CALL_CLOSE] = "close",
    [CALL_ABORT] = "abort",
    [CALL_CRASH] = "crash",
    [CALL_RESTART] = "restart",
};

const char *scenario_call_name(scenario_call call)
{
    return call_names[call];
}

static bool step_read_octets(scenario_reader *r, uint32_t *octets)
{
    uint64_t number = 0;
    if (!scenario_read_number(r, STEP_OCTETS_MAX, "a number of octets from 1,", &number))
        return false;
    *octets = (uint32_t)number;
    return true;
}

/* ---- What is done -------------------------------------------------------------------------- */

static bool step_read_option(scenario_reader *r, setting_option *setting)
{
    char key[SCENARIO_WORD_BYTES], why[SETTING_WHY_BYTES];
    scenario_next(r);
    memcpy(key, r->word, sizeof key);
    scenario_next(r);
    if (setting_read_option(key, r->word, setting, why))
        return true;
    return scenario_fail(r, "option `%s %s`: expected %s", key, r->word, why);
}

/* "[RFC 9293 3.5]" at the end of the words is their source. */
static void step_split_source(scenario_step *step)
{
    scenario_span *en = &step->words.en;
    uint32_t at = en->bytes;
    if (at == 0 || en->at[at - 1] != ']')
        return;
    while (at > 0 && en->at[at - 1] != '[')
        at--;
    if (at < 2) /* nothing before it */
        return;
    step->source = (scenario_span){en->at + at, en->bytes - at - 1};
    en->bytes = at - 1;
    while (en->bytes > 0 && en->at[en->bytes - 1] == ' ')
        en->bytes--;
}

/* "connect from 7001 fast 100", "listen fast" */
static bool step_read_open(scenario_reader *r, scenario_step *step)
{
    uint64_t port = 0;
    scenario_next(r);
    if (step->call == CALL_CONNECT && strcmp(r->word, "from") == 0) {
        if (!scenario_read_number(r, UINT16_MAX, "a port, 1 to 65535,", &port))
            return false;
        step->port = (uint16_t)port;
        scenario_next(r);
    }
    step->fast = strcmp(r->word, "fast") == 0;
    if (!step->fast)
        scenario_back(r);
    return !step->fast || step->call == CALL_LISTEN || step_read_octets(r, &step->octets);
}

/* What stands behind the name of the call. */
static bool step_read_arguments(scenario_reader *r, scenario_step *step)
{
    if (step->call == CALL_LISTEN || step->call == CALL_CONNECT)
        return step_read_open(r, step);
    if (step->call == CALL_SEND || step->call == CALL_READ)
        return step_read_octets(r, &step->octets);
    if (step->call == CALL_OPTION)
        return step_read_option(r, &step->setting);
    if (step->call != CALL_SHUTDOWN)
        return true;
    scenario_next(r);
    if (strcmp(r->word, "reading") == 0)
        step->call = CALL_SHUTDOWN_READING;
    else
        scenario_back(r);
    return true;
}

/* "every 20ms for 10 times" */
static bool step_read_repetition(scenario_reader *r, scenario_step *step)
{
    uint64_t times = 1;
    scenario_next(r);
    if (strcmp(r->word, "every") != 0) {
        scenario_back(r);
        return scenario_at_end(r);
    }
    if (!scenario_read_time(r, &step->every_us))
        return false;
    if (step->every_us == 0)
        return scenario_expected(r, "a time above 0");
    scenario_next(r);
    if (strcmp(r->word, "for") != 0)
        return scenario_expected(r, "`for` and a number of times");
    if (!scenario_read_number(r, STEP_TIMES_MAX, "a number of times", &times))
        return false;
    scenario_next(r);
    if (strcmp(r->word, "times") != 0)
        return scenario_expected(r, "`times`");
    step->times = (uint32_t)times;
    return scenario_at_end(r);
}

/* "client send 100": behind the side. */
static bool step_read_side_deed(scenario_reader *r, scenario_step *step)
{
    scenario_next(r);
    if (strcmp(r->word, "say") == 0) {
        step->deed = DEED_SAY;
        if (!scenario_read_words(r, &step->words))
            return false;
        step_split_source(step);
        return true;
    }
    step->deed = DEED_CALL;
    step->call = (scenario_call)scenario_index(r->word, call_names, SCENARIO_CALLS);
    if (step->call == SCENARIO_CALLS)
        return scenario_expected(r, STEP_DEEDS);
    return step_read_arguments(r, step) && step_read_repetition(r, step);
}

/* The rest of the line. The step is in the scenario already: a `ko` line may follow its words. */
static bool step_read_deed(scenario_reader *r, scenario_step *step)
{
    static const char *const deeds[] = {"client", "server", "attacker", "box", "expect"};

    scenario_next(r);
    switch (scenario_index(r->word, deeds, 5)) {
    case 0:
    case 1:
        step->side = strcmp(r->word, "client") == 0 ? SCENARIO_CLIENT : SCENARIO_SERVER;
        return step_read_side_deed(r, step);
    case 2:
        step->deed = DEED_ATTACK;
        return scenario_read_attack(r, &step->index);
    case 3:
        step->deed = DEED_BOX;
        return scenario_read_box(r, &step->index);
    case 4:
        step->deed = DEED_EXPECT;
        return scenario_read_expect(r, &step->index);
    default:
        return scenario_expected(r, "client, server, attacker, box or expect");
    }
}

static bool step_add(scenario_reader *r, const scenario_step *step)
{
    if (r->s->count == SCENARIO_STEPS_MAX)
        return scenario_fail(r, "one statement too many: a scenario takes %d with at or when",
                             SCENARIO_STEPS_MAX);
    scenario_step *kept = &r->s->steps[r->s->count++];
    *kept = *step;
    kept->times = 1;
    kept->line = r->line;
    return step_read_deed(r, kept);
}

/* ---- When ---------------------------------------------------------------------------------- */

bool scenario_read_at(scenario_reader *r)
{
    scenario_step step = {.moment = {.event = EVENT_TIME, .nth = 1}};
    return scenario_read_time(r, &step.after_us) && step_add(r, &step);
}

static bool step_read_packet(scenario_reader *r, scenario_moment *moment)
{
    scenario_next(r);
    if (!scenario_split_nth(r, &moment->nth))
        return false;
    moment->packet = scenario_packet_name(r->word);
    return moment->packet < FAULT_NAMES ||
           scenario_expected(r, "a packet (syn, synack, ack, fin, data, rst, any)");
}

/* "SYN-RECEIVED:2", "RST_CHALLENGED:2": the number is cut off before the name is looked up. */
static bool step_read_named(scenario_reader *r, scenario_moment *moment)
{
    const char *end = r->end;
    scenario_next(r);
    if (!scenario_split_nth(r, &moment->nth))
        return false;
    size_t bytes = strlen(r->word);
    const char *behind = r->at;
    r->at = r->word_at;
    r->end = r->word_at + bytes;
    bool good = moment->event == EVENT_STATE ? scenario_read_state(r, &moment->state)
                                             : scenario_read_rule(r, &moment->rule);
    r->end = end;
    r->at = behind;
    return good;
}

/* "connected", "closed:2", "read 100", "gets syn:2", "state CLOSE-WAIT", "rule RST_CHALLENGED". */
static bool step_read_event(scenario_reader *r, scenario_moment *moment)
{
    scenario_next(r);
    moment->nth = 1;
    if (strcmp(r->word, "sends") == 0 || strcmp(r->word, "gets") == 0) {
        moment->event = r->word[0] == 's' ? EVENT_SENDS : EVENT_GETS;
        return step_read_packet(r, moment);
    }
    if (strcmp(r->word, "state") == 0 || strcmp(r->word, "rule") == 0) {
        moment->event = r->word[0] == 's' ? EVENT_STATE : EVENT_RULE;
        return step_read_named(r, moment);
    }
    bool numbered = strchr(r->word, ':') != NULL;
    if (!scenario_split_nth(r, &moment->nth))
        return false;
    moment->event = scenario_event_name(r->word);
    if (moment->event == SCENARIO_EVENTS || (moment->event == EVENT_READ && numbered))
        return scenario_expected(r, "an event (connected, accepted, read OCTETS, ended, closed, "
                                    "sends PACKET, gets PACKET, state STATE, rule RULE)");
    return moment->event != EVENT_READ || step_read_octets(r, &moment->read_bytes);
}

bool scenario_read_when(scenario_reader *r)
{
    scenario_step step = {.after_us = 0};
    if (!scenario_read_side(r, &step.moment.where) || !step_read_event(r, &step.moment))
        return false;
    scenario_next(r);
    if (r->word[0] != '+')
        scenario_back(r);
    else if (!quantity_time_us(r->word + 1, &step.after_us))
        return scenario_expected(r, "+ and a time such as +20ms");
    return step_add(r, &step);
}
