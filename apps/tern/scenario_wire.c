/* scenario_wire.c - what is on the wire: `link`, `box` and `attacker`. */
#include "apps/tern/scenario_reader.h"
#include "sim/edit.h"
#include "sim/quantity.h"

#include <string.h>

enum { ATTACK_PACKETS_MAX = 100000, ATTACK_EVERY_US = 10000, WIRE_SECONDS_MAX = 3600 };

/* ---- link ---------------------------------------------------------------------------------- */

bool scenario_read_link(scenario_reader *r)
{
    static const char *const keys[SCENARIO_LINK_KEYS] = {
        [LINK_DELAY] = "delay",    [LINK_JITTER] = "jitter", [LINK_RATE] = "rate",
        [LINK_QUEUE] = "queue",    [LINK_LOSS] = "loss",     [LINK_DUPLICATE] = "duplicate",
        [LINK_REORDER] = "reorder"};
    static const char *const values[SCENARIO_LINK_KEYS] = {
        [LINK_DELAY] = "a time such as 20ms",  [LINK_JITTER] = "a time such as 20ms",
        [LINK_RATE] = "a rate such as 10Mbit", [LINK_QUEUE] = "a number of packets, 1 to 4096,",
        [LINK_LOSS] = "a share such as 5%",    [LINK_DUPLICATE] = "a share such as 5%",
        [LINK_REORDER] = "a share such as 5%"};
    uint32_t ppm = 0;
    bool good = false;

    scenario_next(r);
    scenario_link_key key = (scenario_link_key)scenario_index(r->word, keys, SCENARIO_LINK_KEYS);
    if (key == SCENARIO_LINK_KEYS)
        return scenario_expected(r, "delay, jitter, rate, queue, loss, duplicate or reorder");
    scenario_next(r);
    uint64_t *value = &r->s->link.value[key];
    if (key == LINK_DELAY || key == LINK_JITTER) {
        good = quantity_time_us(r->word, value);
    } else if (key == LINK_RATE) {
        good = quantity_rate_bps(r->word, value);
    } else if (key == LINK_QUEUE) {
        good = scenario_number(r->word, 4096, value) && *value > 0;
    } else {
        good = quantity_share_ppm(r->word, &ppm);
        *value = ppm;
    }
    if (!good)
        return scenario_expected(r, values[key]);
    r->s->link.given[key] = true;
    return scenario_at_end(r);
}

/* ---- box ----------------------------------------------------------------------------------- */

/* The TCP options that a stripper knows by name. */
static bool box_read_strip(scenario_reader *r, middlebox_config *config)
{
    static const char *const names[] = {"mss", "wscale", "sack", "timestamps", "fast-open"};
    static const uint8_t kinds[][2] = {{2, 2}, {3, 3}, {4, 5}, {8, 8}, {34, 34}};

    config->kind = MIDDLEBOX_STRIPPER;
    for (scenario_next(r); r->word[0] != '\0' || config->strip_count == 0; scenario_next(r)) {
        size_t i = scenario_index(r->word, names, 5);
        if (i == 5 || config->strip_count + 2 > MIDDLEBOX_KINDS_MAX)
            return scenario_expected(r, "an option (mss, wscale, sack, timestamps, fast-open)");
        config->strip_kinds[config->strip_count++] = kinds[i][0];
        if (kinds[i][1] != kinds[i][0])
            config->strip_kinds[config->strip_count++] = kinds[i][1];
    }
    return true;
}

static bool box_read_clamp(scenario_reader *r, middlebox_config *config)
{
    uint64_t window = 0;
    config->kind = MIDDLEBOX_CLAMP;
    if (!scenario_read_number(r, UINT16_MAX, "a window, 1 to 65535,", &window))
        return false;
    config->window_max = (uint16_t)window;
    return scenario_at_end(r);
}

/* One of the conditions of a firewall, behind its name. */
static bool box_read_match(scenario_reader *r, middlebox_config *config)
{
    static const char *const flags[] = {"fin", "syn", "rst", "psh", "ack", "urg"};
    uint64_t number = 0;

    if (strcmp(r->word, "port") == 0) {
        if (!scenario_read_number(r, UINT16_MAX, "a port, 1 to 65535,", &number))
            return false;
        config->port = (uint16_t)number;
        return true;
    }
    if (strcmp(r->word, "after") == 0)
        return scenario_read_number(r, UINT32_MAX, "a number of octets from 1,",
                                    &config->after_bytes);
    if (strcmp(r->word, "flag") != 0)
        return scenario_expected(r, "port, flag, after or the end of the line");
    scenario_next(r);
    size_t i = scenario_index(r->word, flags, 6);
    if (i == 6)
        return scenario_expected(r, "a flag (fin, syn, rst, psh, ack, urg)");
    config->flags |= (uint8_t)(1U << i);
    return true;
}

static bool box_read_firewall(scenario_reader *r, middlebox_config *config)
{
    config->kind = MIDDLEBOX_FIREWALL;
    scenario_next(r);
    if (strcmp(r->word, "drop") != 0 && strcmp(r->word, "reset") != 0)
        return scenario_expected(r, "drop or reset");
    config->resets = r->word[0] == 'r';
    for (scenario_next(r); r->word[0] != '\0'; scenario_next(r))
        if (!box_read_match(r, config))
            return false;
    return true;
}

static bool box_read_nat(scenario_reader *r, scenario_box *box)
{
    middlebox_config *config = &box->config;
    config->kind = MIDDLEBOX_NAT;
    config->address = tern_address_ipv4(10, 77, 0, (uint8_t)(101 + box->side));
    scenario_next(r);
    if (strcmp(r->word, "timeout") != 0)
        return scenario_expected(r, "timeout");
    if (!scenario_read_time(r, &config->timeout_us))
        return false;
    scenario_next(r);
    config->resets = strcmp(r->word, "reset") == 0;
    if (!config->resets)
        scenario_back(r);
    return scenario_at_end(r);
}

/* "narrow 1000 [silent]" */
static bool box_read_narrow(scenario_reader *r, middlebox_config *config)
{
    uint64_t mtu = 0;
    config->kind = MIDDLEBOX_NARROW;
    config->address = tern_address_ipv4(10, 77, 0, 254);
    if (!scenario_read_number(r, UINT16_MAX, "a number of octets, 1 to 65535,", &mtu))
        return false;
    config->mtu_bytes = (uint16_t)mtu;
    scenario_next(r);
    config->silent = strcmp(r->word, "silent") == 0;
    if (!config->silent)
        scenario_back(r);
    return scenario_at_end(r);
}

static bool box_read_kind(scenario_reader *r, scenario_box *box)
{
    static const char *const kinds[] = {"none",     "strip", "clamp",     "bleach",
                                        "firewall", "nat",   "syn-proxy", "narrow"};
    scenario_next(r);
    size_t kind = scenario_index(r->word, kinds, 8);
    box->present = kind > 0;
    switch (kind) {
    case 0:
        return scenario_at_end(r);
    case 1:
        return box_read_strip(r, &box->config);
    case 2:
        return box_read_clamp(r, &box->config);
    case 3:
        box->config.kind = MIDDLEBOX_BLEACHER;
        return scenario_at_end(r);
    case 4:
        return box_read_firewall(r, &box->config);
    case 5:
        return box_read_nat(r, box);
    case 6:
        box->config.kind = MIDDLEBOX_SYN_PROXY;
        box->config.mss = 1460;
        box->config.secret = 1;
        return scenario_at_end(r);
    case 7:
        return box_read_narrow(r, &box->config);
    default:
        return scenario_expected(r, "strip, clamp, bleach, firewall, nat, syn-proxy, narrow or "
                                    "none");
    }
}

bool scenario_read_box(scenario_reader *r, uint32_t *index)
{
    if (r->s->box_count == SCENARIO_BOXES_MAX)
        return scenario_fail(r, "one box too many: a scenario takes %d", SCENARIO_BOXES_MAX);
    *index = r->s->box_count++;
    scenario_box *box = &r->s->boxes[*index];
    *box = (scenario_box){.present = false};
    return scenario_read_side(r, &box->side) && box_read_kind(r, box);
}

/* ---- attacker ------------------------------------------------------------------------------ */

/* "flood 1000 syn/s for 2s" */
static bool attack_read_flood(scenario_reader *r, scenario_attack *attack)
{
    uint64_t rate = 0;
    tern_time during_us = 0;

    attack->flood = true;
    attack->flags = EDIT_SYN;
    if (!scenario_read_number(r, ATTACK_PACKETS_MAX, "a number of SYNs a second", &rate))
        return false;
    scenario_next(r);
    if (strcmp(r->word, "syn/s") != 0)
        return scenario_expected(r, "syn/s");
    scenario_next(r);
    if (strcmp(r->word, "for") != 0)
        return scenario_expected(r, "`for` and a time");
    if (!scenario_read_time(r, &during_us))
        return false;
    attack->every_us = 1000000 / rate;
    attack->count = rate * (during_us / 1000) / 1000;
    if (during_us > (tern_time)WIRE_SECONDS_MAX * 1000000 || attack->count == 0 ||
        attack->count > ATTACK_PACKETS_MAX)
        return scenario_fail(r, "a flood is 1 to %d SYNs in at most %d s", ATTACK_PACKETS_MAX,
                             WIRE_SECONDS_MAX);
    return scenario_at_end(r);
}

static bool attack_read_end(scenario_reader *r, scenario_attack *attack)
{
    for (scenario_next(r); r->word[0] != '\0'; scenario_next(r)) {
        if (strcmp(r->word, "every") == 0) {
            if (!scenario_read_time(r, &attack->every_us))
                return false;
        } else if (strcmp(r->word, "to") == 0) {
            if (!scenario_read_side(r, &attack->to))
                return false;
        } else {
            return scenario_expected(r, "every, to or the end of the line");
        }
    }
    return true;
}

/* "send rst 5 times guess window every 10ms to client" */
static bool attack_read_send(scenario_reader *r, scenario_attack *attack)
{
    static const char *const kinds[] = {"syn", "synack", "rst", "fin", "ack", "data"};
    static const uint8_t flags[] = {
        EDIT_SYN, EDIT_SYN | EDIT_ACK, EDIT_RST, EDIT_FIN | EDIT_ACK, EDIT_ACK, EDIT_ACK};
    static const char *const guesses[] = {
        [GUESS_RANDOM] = "random", [GUESS_WINDOW] = "window", [GUESS_EXACT] = "exact"};

    scenario_next(r);
    size_t kind = scenario_index(r->word, kinds, 6);
    if (kind == 6)
        return scenario_expected(r, "syn, synack, rst, fin, ack or data");
    attack->flags = flags[kind];
    attack->data = kind == 5;
    attack->every_us = ATTACK_EVERY_US;
    if (!scenario_read_number(r, ATTACK_PACKETS_MAX, "a number of times", &attack->count))
        return false;
    scenario_next(r);
    if (strcmp(r->word, "times") != 0)
        return scenario_expected(r, "`times`");
    scenario_next(r);
    if (strcmp(r->word, "guess") != 0)
        return scenario_expected(r, "`guess` and what is guessed");
    scenario_next(r);
    attack->guess = (scenario_guess)scenario_index(r->word, guesses, 3);
    if ((size_t)attack->guess == 3)
        return scenario_expected(r, "random, window or exact");
    return attack_read_end(r, attack);
}

bool scenario_read_attack(scenario_reader *r, uint32_t *index)
{
    if (r->s->attack_count == SCENARIO_ATTACKS_MAX)
        return scenario_fail(r, "one attack too many: a scenario takes %d", SCENARIO_ATTACKS_MAX);
    *index = r->s->attack_count++;
    scenario_attack *attack = &r->s->attacks[*index];
    *attack = (scenario_attack){.to = SCENARIO_SERVER};
    scenario_next(r);
    if (strcmp(r->word, "flood") == 0)
        return attack_read_flood(r, attack);
    if (strcmp(r->word, "send") == 0)
        return attack_read_send(r, attack);
    return scenario_expected(r, "flood or send");
}
