/* calls.h - the system calls of scripts, by name. */
#ifndef TERN_APPS_DRILL_CALLS_H
#define TERN_APPS_DRILL_CALLS_H

#include "apps/drill/arguments.h"

/* Makes the call; *result is what it returns, a negative errno for an error. false: the verdict is
 * given. */
typedef bool calls_function(const arguments *a, int64_t *result);

typedef struct calls_entry {
    const char *name;
    calls_function *function;
    bool descriptor; /* it returns a new one */
} calls_entry;

/* The tables of the parts, ended by a NULL name. */
extern const calls_entry calls_of_sockets[], calls_of_transfer[], calls_of_options[],
    calls_of_readiness[];

#endif
