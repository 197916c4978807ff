/* behaviour.h - --profile and --set, for every verb that makes a stack or speaks of one. */
#ifndef TERN_APPS_BEHAVIOUR_H
#define TERN_APPS_BEHAVIOUR_H

#include "tern/profile.h"

enum { BEHAVIOUR_SETS_MAX = 32 };

/* How a stack is to behave; all zero: as rfc9293 does. Keeps pointers into the command line. */
typedef struct behaviour {
    bool profile_given;
    tern_profile profile;
    unsigned sets;
    const char *set[BEHAVIOUR_SETS_MAX]; /* "KEY=VALUE", applied in their order */
} behaviour;

/* --profile NAME, --set KEY=VALUE. false: wrong, and the message is printed. */
bool behaviour_take_profile(behaviour *b, const char *verb, const char *name);
bool behaviour_take_set(behaviour *b, const char *verb, const char *key_value);

/* Changes a configuration so. false: a key or a value is wrong, and the message is printed. */
bool behaviour_apply(const behaviour *b, const char *verb, tern_config *config);

/* The part of it that --set is, without the profile. */
bool behaviour_apply_sets(const behaviour *b, const char *verb, tern_config *config);

/* Prints every key, its value in each profile, and where those are from. */
void behaviour_print_keys(void);

#endif
