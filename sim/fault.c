/* fault.c - rules for named packets, their text form, and the odds.
 *
 * The reading of a packet here is its own and minimal (which flags, is there data), so that the
 * simulation does not believe in the code that it tests. */
#include "sim/fault.h"

#include "sim/quantity.h"

#include <stdio.h>
#include <string.h>

enum {
    FAULT_IPV4_ADDRESSES_END = 20,
    FAULT_IPV6_ADDRESSES_END = 40,
    FAULT_PROTOCOL_TCP = 6,
    FAULT_TCP_HEADER_BYTES = 20,
    FAULT_FLAG_FIN = 0x01,
    FAULT_FLAG_SYN = 0x02,
    FAULT_FLAG_RST = 0x04,
    FAULT_FLAG_ACK = 0x10,
};

static const char *const fault_names[FAULT_NAMES] = {
    [FAULT_SYN] = "syn",   [FAULT_SYNACK] = "synack", [FAULT_ACK] = "ack", [FAULT_FIN] = "fin",
    [FAULT_DATA] = "data", [FAULT_RST] = "rst",       [FAULT_ANY] = "any",
};

static const struct {
    const char *text;
    unsigned fate;
} fault_actions[] = {
    {"lose", FATE_LOST},
    {"duplicate", FATE_DUPLICATED},
    {"delay", FATE_DELAYED},
    {"corrupt", FATE_CORRUPTED},
};

/* ---- Packets ----------------------------------------------------------------------------- */

typedef struct fault_segment {
    bool is_tcp;
    uint8_t flags;
    size_t text_bytes;
} fault_segment;

static fault_segment fault_segment_read(const uint8_t *packet, size_t bytes)
{
    fault_segment none = {false, 0, 0};
    size_t header, total;
    uint8_t protocol;

    if (bytes >= FAULT_IPV4_ADDRESSES_END && packet[0] >> 4 == 4) {
        header = (size_t)(packet[0] & 0x0f) * 4;
        total = (size_t)(packet[2] << 8 | packet[3]);
        protocol = packet[9];
    } else if (bytes >= FAULT_IPV6_ADDRESSES_END && packet[0] >> 4 == 6) {
        header = FAULT_IPV6_ADDRESSES_END;
        total = header + (size_t)(packet[4] << 8 | packet[5]);
        protocol = packet[6];
    } else {
        return none;
    }
    if (protocol != FAULT_PROTOCOL_TCP || total > bytes || total < header + FAULT_TCP_HEADER_BYTES)
        return none;
    const uint8_t *tcp = packet + header;
    size_t offset = (size_t)(tcp[12] >> 4) * 4;
    if (offset < FAULT_TCP_HEADER_BYTES || header + offset > total)
        return none;
    return (fault_segment){true, tcp[13], total - header - offset};
}

static bool fault_segment_is(fault_name name, const fault_segment *segment)
{
    bool syn = segment->flags & FAULT_FLAG_SYN, ack = segment->flags & FAULT_FLAG_ACK;
    bool fin = segment->flags & FAULT_FLAG_FIN, rst = segment->flags & FAULT_FLAG_RST;

    if (name == FAULT_ANY)
        return true;
    if (!segment->is_tcp)
        return false;
    switch (name) {
    case FAULT_SYN:
        return syn && !ack;
    case FAULT_SYNACK:
        return syn && ack;
    case FAULT_ACK:
        return ack && !syn && !fin && !rst && segment->text_bytes == 0;
    case FAULT_FIN:
        return fin;
    case FAULT_DATA:
        return segment->text_bytes > 0;
    case FAULT_RST:
        return rst;
    case FAULT_ANY:
    case FAULT_NAMES:
        break;
    }
    return false;
}

bool fault_packet_is(fault_name name, const void *packet, size_t bytes)
{
    fault_segment segment = fault_segment_read(packet, bytes);
    return fault_segment_is(name, &segment);
}

/* ---- Deciding ---------------------------------------------------------------------------- */

fault_verdict fault_plan_decide(fault_plan *plan, fault_side from, const void *packet, size_t bytes)
{
    fault_verdict verdict = {0};
    fault_segment segment = fault_segment_read(packet, bytes);

    for (uint32_t i = 0; i < plan->count; i++) {
        fault_rule *rule = &plan->rules[i];
        if (rule->side != FAULT_EITHER && rule->side != from)
            continue;
        if (!fault_segment_is(rule->name, &segment))
            continue;
        if (rule->seen < UINT32_MAX)
            rule->seen++;
        if (rule->nth != 0 && rule->nth != rule->seen)
            continue;
        verdict.fate |= rule->fate;
        if (rule->fate == FATE_DELAYED)
            verdict.delay_us += rule->delay_us;
        else if (rule->delay_us > verdict.copy_us)
            verdict.copy_us = rule->delay_us;
    }
    return verdict;
}

fault_verdict fault_odds_decide(const fault_odds *odds, rng *r)
{
    fault_verdict verdict = {0};
    if (rng_chance(r, odds->loss_ppm))
        verdict.fate |= FATE_LOST;
    if (rng_chance(r, odds->duplicate_ppm))
        verdict.fate |= FATE_DUPLICATED;
    if (rng_chance(r, odds->corrupt_ppm))
        verdict.fate |= FATE_CORRUPTED;
    if (rng_chance(r, odds->reorder_ppm) && odds->reorder_us > 0) {
        verdict.fate |= FATE_DELAYED;
        verdict.delay_us = 1 + rng_up_to(r, odds->reorder_us - 1);
    }
    return verdict;
}

bool fault_corrupt(rng *r, void *packet, size_t bytes)
{
    uint8_t *octets = packet;
    if (bytes == 0)
        return false;
    size_t from = octets[0] >> 4 == 6 ? FAULT_IPV6_ADDRESSES_END : FAULT_IPV4_ADDRESSES_END;
    if (bytes <= from)
        return false;
    uint64_t bit = rng_up_to(r, (uint64_t)(bytes - from) * 8 - 1);
    octets[from + (size_t)(bit / 8)] ^= (uint8_t)(1U << bit % 8);
    return true;
}

/* ---- Text -------------------------------------------------------------------------------- */

static bool fault_refuse(char why[FAULT_WHY_BYTES], const char *text, size_t at,
                         const char *expected)
{
    snprintf(why, FAULT_WHY_BYTES, "`%.60s`, column %zu: expected %s", text, at + 1, expected);
    return false;
}

/* The N of `:N`: a number from 1, or `*` for 0. */
static bool fault_read_count(const char *text, size_t bytes, uint32_t *nth)
{
    if (bytes == 1 && text[0] == '*') {
        *nth = 0;
        return true;
    }
    if (bytes == 0 || bytes > 9)
        return false;
    uint32_t value = 0;
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        value = value * 10 + (uint32_t)(text[i] - '0');
    }
    *nth = value;
    return value > 0;
}

/* Reads "client>syn:2" from text[at] to the next space or the end; *end is where that was. */
static bool fault_read_packet(fault_rule *rule, const char *text, size_t at, size_t *end,
                              char why[FAULT_WHY_BYTES])
{
    size_t stop = at + strcspn(text + at, " ");
    if (strncmp(text + at, "client>", 7) == 0) {
        rule->side = FAULT_CLIENT;
        at += 7;
    } else if (strncmp(text + at, "server>", 7) == 0) {
        rule->side = FAULT_SERVER;
        at += 7;
    }
    size_t name_bytes = strcspn(text + at, ": ");
    rule->name = FAULT_NAMES;
    for (unsigned i = 0; i < FAULT_NAMES; i++)
        if (strlen(fault_names[i]) == name_bytes &&
            memcmp(fault_names[i], text + at, name_bytes) == 0)
            rule->name = (fault_name)i;
    if (rule->name == FAULT_NAMES)
        return fault_refuse(why, text, at,
                            "[client>|server>] and one of syn, synack, ack, fin, data, rst, any");
    at += name_bytes;
    rule->nth = 1;
    if (text[at] == ':' && !fault_read_count(text + at + 1, stop - at - 1, &rule->nth))
        return fault_refuse(why, text, at + 1, "a number from 1, or * for each of them");
    *end = stop;
    return true;
}

static bool fault_plan_append(fault_plan *plan, const fault_rule *rule, const char *text,
                              char why[FAULT_WHY_BYTES])
{
    if (plan->count == FAULT_RULES_MAX) {
        snprintf(why, FAULT_WHY_BYTES, "`%.60s`: one rule too many; a wire takes %d", text,
                 FAULT_RULES_MAX);
        return false;
    }
    plan->rules[plan->count++] = *rule;
    return true;
}

/* The fate that an action of so many octets asks for; 0: it is none. */
static unsigned fault_action_fate(const char *action, size_t bytes)
{
    for (size_t i = 0; i < sizeof fault_actions / sizeof fault_actions[0]; i++)
        if (strlen(fault_actions[i].text) == bytes &&
            memcmp(fault_actions[i].text, action, bytes) == 0)
            return fault_actions[i].fate;
    return 0;
}

/* Reads what follows the action, from text[at] on, and appends the rule. */
static bool fault_plan_read(fault_plan *plan, unsigned fate, const char *text, size_t at,
                            char why[FAULT_WHY_BYTES])
{
    fault_rule rule = {.name = FAULT_ANY, .fate = fate};

    at += strspn(text + at, " ");
    if (!fault_read_packet(&rule, text, at, &at, why))
        return false;
    at += strspn(text + at, " ");
    if (fate == FATE_DELAYED || (fate == FATE_DUPLICATED && text[at] != '\0')) {
        if (!quantity_time_us(text + at, &rule.delay_us) || rule.delay_us == 0)
            return fault_refuse(why, text, at, "a time such as 300ms or 1.5s");
    } else if (text[at] != '\0') {
        return fault_refuse(why, text, at, "nothing more");
    }
    return fault_plan_append(plan, &rule, text, why);
}

bool fault_plan_add(fault_plan *plan, const char *text, char why[FAULT_WHY_BYTES])
{
    size_t bytes = strcspn(text, " ");
    unsigned fate = fault_action_fate(text, bytes);

    if (fate == 0)
        return fault_refuse(why, text, 0, "lose, duplicate, delay or corrupt");
    return fault_plan_read(plan, fate, text, bytes, why);
}

bool fault_plan_add_action(fault_plan *plan, const char *action, const char *packet,
                           char why[FAULT_WHY_BYTES])
{
    unsigned fate = fault_action_fate(action, strlen(action));

    if (fate == 0)
        return fault_refuse(why, action, 0, "lose, duplicate, delay or corrupt");
    return fault_plan_read(plan, fate, packet, 0, why);
}
