/* scenario_setting.c - the names, and how their values are written. */
#define _GNU_SOURCE
#include "apps/tern/scenario_setting.h"

#include "sim/quantity.h"
#include "tern/congestion.h"
#include "tern/profile.h"

#include <stdio.h>
#include <string.h>

typedef enum setting_form {
    FORM_SWITCH, /* on, off */
    FORM_NUMBER,
    FORM_TIME_MS,
    FORM_COOKIES,
    FORM_CONGESTION,
} setting_form;

typedef struct setting_key {
    const char *name;
    setting_form form;
    size_t at; /* in tern_config; of an option, its number */
} setting_key;

/* Besides the keys of profiles. */
static const setting_key config_keys[] = {
    {"mtu", FORM_NUMBER, offsetof(tern_config, mtu_bytes)},
    {"connections", FORM_NUMBER, offsetof(tern_config, connections_max)},
    {"half_open", FORM_NUMBER, offsetof(tern_config, half_open_max)},
    {"time_wait_records", FORM_NUMBER, offsetof(tern_config, time_wait_max)},
    {"chunks", FORM_NUMBER, offsetof(tern_config, chunks_max)},
    {"congestion", FORM_CONGESTION, offsetof(tern_config, congestion)},
    {"cookies", FORM_COOKIES, offsetof(tern_config, syn_cookies)},
    {"challenge_ack_interval", FORM_TIME_MS, offsetof(tern_config, challenge_ack_interval_ms)},
    {"reset_rate", FORM_NUMBER, offsetof(tern_config, reset_rate_per_s)},
    {"reset_burst", FORM_NUMBER, offsetof(tern_config, reset_burst)},
};

static const setting_key option_keys[] = {
    {"nodelay", FORM_SWITCH, TERN_OPTION_NODELAY},
    {"send_buffer", FORM_NUMBER, TERN_OPTION_SEND_BUFFER},
    {"recv_buffer", FORM_NUMBER, TERN_OPTION_RECV_BUFFER},
    {"user_timeout", FORM_TIME_MS, TERN_OPTION_USER_TIMEOUT_MS},
    {"delayed_ack", FORM_SWITCH, TERN_OPTION_DELAYED_ACK},
    {"congestion", FORM_CONGESTION, TERN_OPTION_CONGESTION},
    {"keepalive", FORM_SWITCH, TERN_OPTION_KEEPALIVE},
    {"keep_idle", FORM_TIME_MS, TERN_OPTION_KEEP_IDLE_MS},
    {"keep_interval", FORM_TIME_MS, TERN_OPTION_KEEP_INTERVAL_MS},
    {"keep_count", FORM_NUMBER, TERN_OPTION_KEEP_COUNT},
};

enum {
    CONFIG_KEYS = sizeof config_keys / sizeof config_keys[0],
    OPTION_KEYS = sizeof option_keys / sizeof option_keys[0],
};

/* ---- Values -------------------------------------------------------------------------------- */

/* Which of the names; -1: none of them. */
static int setting_which(const char *text, const char *const *names, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(text, names[i]) == 0)
            return i;
    return -1;
}

static bool setting_read_congestion(const char *text, uint32_t *value)
{
    const tern_congestion *algorithm;
    for (uint32_t i = 0; (algorithm = tern_congestion_list(i)) != NULL; i++)
        if (strcmp(algorithm->name, text) == 0) {
            *value = i;
            return true;
        }
    return false;
}

static bool setting_read_number(const char *text, uint32_t *value)
{
    size_t digits = strspn(text, "0123456789");
    uint64_t sum = 0;
    if (digits == 0 || digits > 10 || text[digits] != '\0')
        return false;
    for (size_t i = 0; i < digits; i++)
        sum = sum * 10 + (uint64_t)(text[i] - '0');
    *value = (uint32_t)sum;
    return sum <= UINT32_MAX;
}

static bool setting_read_value(setting_form form, const char *text, uint32_t *value)
{
    static const char *const switches[] = {"off", "on"};
    static const char *const cookies[] = {[TERN_COOKIES_PRESSURE] = "pressure",
                                          [TERN_COOKIES_ALWAYS] = "always",
                                          [TERN_COOKIES_NEVER] = "never"};
    uint64_t time_us;
    int which;

    switch (form) {
    case FORM_SWITCH:
    case FORM_COOKIES:
        which = form == FORM_SWITCH ? setting_which(text, switches, 2)
                                    : setting_which(text, cookies, 3);
        *value = (uint32_t)which;
        return which >= 0;
    case FORM_TIME_MS:
        if (!quantity_time_us(text, &time_us) || time_us / 1000 > UINT32_MAX)
            return false;
        *value = (uint32_t)(time_us / 1000);
        return true;
    case FORM_CONGESTION:
        return setting_read_congestion(text, value);
    case FORM_NUMBER:
        break;
    }
    return setting_read_number(text, value);
}

static const char *setting_wanted(setting_form form)
{
    switch (form) {
    case FORM_SWITCH:
        return "on or off";
    case FORM_COOKIES:
        return "pressure, always or never";
    case FORM_TIME_MS:
        return "a time such as 20ms";
    case FORM_CONGESTION:
        return "the name of a congestion control";
    case FORM_NUMBER:
        break;
    }
    return "a number";
}

/* ---- Keys ---------------------------------------------------------------------------------- */

static uint32_t setting_find(const setting_key *keys, uint32_t count, const char *name)
{
    uint32_t i = 0;
    while (i < count && strcmp(keys[i].name, name) != 0)
        i++;
    return i;
}

/* "time_wait" is time_wait_ms, "recv_buffer" recv_buffer_bytes. Such keys, and those with their
 * units, are tried on a configuration of no use. "20s" and "on" are written as the key wants it. */
static bool setting_read_profile_key(const char *key, const char *value, setting_value *to)
{
    static const char *const units[] = {"", "_ms", "_bytes", "_segments"};
    tern_config scratch;
    uint64_t time_us;

    tern_config_init(&scratch);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        int bytes = snprintf(to->key, sizeof to->key, "%s%s", key, units[i]);
        if (bytes < 3 || (size_t)bytes >= sizeof to->key)
            return false;
        (void)snprintf(to->value, sizeof to->value, "%s", value);
        if (strcmp(value, "on") == 0 || strcmp(value, "off") == 0)
            (void)snprintf(to->value, sizeof to->value, "%s", value[1] == 'n' ? "yes" : "no");
        else if (strcmp(to->key + bytes - 3, "_ms") == 0 && quantity_time_us(value, &time_us))
            (void)snprintf(to->value, sizeof to->value, "%llu",
                           (unsigned long long)(time_us / 1000));
        if (tern_profile_key_set(&scratch, to->key, to->value, NULL) == TERN_OK)
            return true;
    }
    return false;
}

/* What would have done; *why is SETTING_WHY_BYTES. */
static void setting_say_keys(const char *key, char *why)
{
    tern_profile_key known;
    size_t bytes = strlen(key);

    for (size_t i = 0; tern_profile_key_list(i, &known); i++)
        if (strncmp(known.name, key, bytes) == 0 &&
            (known.name[bytes] == '\0' || known.name[bytes] == '_')) {
            (void)snprintf(why, SETTING_WHY_BYTES, "%s", known.values);
            return;
        }
    int at = snprintf(why, SETTING_WHY_BYTES, "a key of tern/profile.h, or profile");
    for (uint32_t i = 0; i < CONFIG_KEYS && at < SETTING_WHY_BYTES; i++)
        at += snprintf(why + at, (size_t)(SETTING_WHY_BYTES - at), ", %s", config_keys[i].name);
}

bool setting_read(const char *key, const char *value, setting_value *to,
                  char why[SETTING_WHY_BYTES])
{
    tern_profile profile;
    uint32_t number, i = setting_find(config_keys, CONFIG_KEYS, key);
    bool is_profile = strcmp(key, "profile") == 0;
    bool good;

    (void)snprintf(to->key, sizeof to->key, "%s", key);
    (void)snprintf(to->value, sizeof to->value, "%s", value);
    if (is_profile)
        good = tern_profile_find(value, &profile);
    else if (i < CONFIG_KEYS)
        good = setting_read_value(config_keys[i].form, value, &number);
    else
        good = setting_read_profile_key(key, value, to);
    if (good)
        return true;
    if (is_profile)
        (void)snprintf(why, SETTING_WHY_BYTES, "rfc9293, linux or freebsd");
    else if (i < CONFIG_KEYS)
        (void)snprintf(why, SETTING_WHY_BYTES, "%s", setting_wanted(config_keys[i].form));
    else
        setting_say_keys(key, why);
    return false;
}

void setting_apply(tern_config *config, const setting_value *setting)
{
    uint32_t value = 0, i = setting_find(config_keys, CONFIG_KEYS, setting->key);
    tern_profile profile;

    if (strcmp(setting->key, "profile") == 0) {
        if (tern_profile_find(setting->value, &profile))
            (void)tern_config_profile(config, profile);
        return;
    }
    if (i == CONFIG_KEYS) {
        (void)tern_profile_key_set(config, setting->key, setting->value, NULL);
        return;
    }
    if (!setting_read_value(config_keys[i].form, setting->value, &value))
        return;
    unsigned char *field = (unsigned char *)config + config_keys[i].at;
    tern_cookies cookies = (tern_cookies)value;
    if (config_keys[i].form == FORM_COOKIES)
        memcpy(field, &cookies, sizeof cookies);
    else
        memcpy(field, &value, sizeof value);
}

bool setting_read_option(const char *key, const char *value, setting_option *to,
                         char why[SETTING_WHY_BYTES])
{
    to->key = setting_find(option_keys, OPTION_KEYS, key);
    if (to->key < OPTION_KEYS) {
        if (setting_read_value(option_keys[to->key].form, value, &to->value))
            return true;
        (void)snprintf(why, SETTING_WHY_BYTES, "%s", setting_wanted(option_keys[to->key].form));
        return false;
    }
    int at = snprintf(why, SETTING_WHY_BYTES, "one of: ");
    for (uint32_t i = 0; i < OPTION_KEYS && at < SETTING_WHY_BYTES; i++)
        at += snprintf(why + at, (size_t)(SETTING_WHY_BYTES - at), "%s%s", i > 0 ? ", " : "",
                       option_keys[i].name);
    return false;
}

tern_option setting_option_number(const setting_option *option)
{
    return (tern_option)option_keys[option->key].at;
}

const char *setting_option_name(const setting_option *option)
{
    return option_keys[option->key].name;
}
