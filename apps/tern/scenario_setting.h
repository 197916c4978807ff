/* scenario_setting.h - what a scenario may set, by name: the configuration of a stack before the
 * play (`client set timestamps off`: limits, and every key of tern/profile.h, whose unit may be
 * left out), and options of a connection in it (`client option nodelay on`). */
#ifndef TERN_APPS_SCENARIO_SETTING_H
#define TERN_APPS_SCENARIO_SETTING_H

#include "tern/tern.h"

enum { SETTING_WHY_BYTES = 480, SETTING_WORD_BYTES = 64 };

/* As tern_profile_key_set() takes it, or a key of our own: see setting_apply(). */
typedef struct setting_value {
    char key[SETTING_WORD_BYTES];
    char value[SETTING_WORD_BYTES];
} setting_value;

typedef struct setting_option {
    uint32_t key; /* which of ours */
    uint32_t value;
} setting_option;

/* Reads a key and a value, "mtu" and "1400". false: why says which words would do. */
bool setting_read(const char *key, const char *value, setting_value *to,
                  char why[SETTING_WHY_BYTES]);
bool setting_read_option(const char *key, const char *value, setting_option *to,
                         char why[SETTING_WHY_BYTES]);

void setting_apply(tern_config *config, const setting_value *setting);
tern_option setting_option_number(const setting_option *option);
/* "nodelay" */
const char *setting_option_name(const setting_option *option);

#endif
