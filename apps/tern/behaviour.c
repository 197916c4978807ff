/* behaviour.c - --profile and --set: how a stack is to behave. */
#include "apps/tern/behaviour.h"

#include "apps/tern/message.h"

#include <stdio.h>
#include <string.h>

enum { BEHAVIOUR_KEY_BYTES = 64 };

bool behaviour_take_profile(behaviour *b, const char *verb, const char *name)
{
    if (!tern_profile_find(name, &b->profile)) {
        (void)message_usage(verb, _("--profile is rfc9293, linux or freebsd, not '%s'"), name);
        return false;
    }
    b->profile_given = true;
    return true;
}

/* One --set, tried on a configuration. */
static bool behaviour_set(const char *verb, tern_config *config, const char *key_value)
{
    char key[BEHAVIOUR_KEY_BYTES];
    size_t bytes = strcspn(key_value, "=");
    const char *why = "KEY=VALUE";

    if (key_value[bytes] == '=' && bytes < sizeof key) {
        memcpy(key, key_value, bytes);
        key[bytes] = '\0';
        if (tern_profile_key_set(config, key, key_value + bytes + 1, &why) == TERN_OK)
            return true;
    }
    (void)message_usage(verb, _("--set '%s': %s (tern when --keys has the keys)"), key_value, why);
    return false;
}

bool behaviour_apply_sets(const behaviour *b, const char *verb, tern_config *config)
{
    for (unsigned i = 0; i < b->sets; i++)
        if (!behaviour_set(verb, config, b->set[i]))
            return false;
    return true;
}

/* Said while the command line is read: is it a key and a value? */
static bool behaviour_check(const behaviour *b, const char *verb)
{
    tern_config config;

    tern_config_init(&config);
    return behaviour_apply(b, verb, &config);
}

bool behaviour_take_set(behaviour *b, const char *verb, const char *key_value)
{
    if (b->sets == BEHAVIOUR_SETS_MAX) {
        (void)message_usage(verb, _("--set: at most %d of them"), BEHAVIOUR_SETS_MAX);
        return false;
    }
    b->set[b->sets++] = key_value;
    return behaviour_check(b, verb);
}

bool behaviour_apply(const behaviour *b, const char *verb, tern_config *config)
{
    if (b->profile_given)
        (void)tern_config_profile(config, b->profile);
    return behaviour_apply_sets(b, verb, config);
}

void behaviour_print_keys(void)
{
    tern_profile_key key;

    for (size_t i = 0; tern_profile_key_list(i, &key); i++) {
        (void)printf("%s (%s)\n", key.name, key.values);
        for (unsigned p = 0; p < TERN_PROFILES; p++) {
            char text[TERN_PROFILE_VALUE_BYTES];
            tern_config c;
            tern_config_init(&c);
            (void)tern_config_profile(&c, (tern_profile)p);
            (void)tern_profile_key_get(&c, key.name, text);
            (void)printf("    %-8s %s\n", tern_profile_name((tern_profile)p), text);
        }
        (void)printf("    %s\n", key.source);
    }
}
