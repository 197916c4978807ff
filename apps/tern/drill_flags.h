/* drill_flags.h - packetdrill's own flags on tern drill's command line: "--mtu=1520". */
#ifndef TERN_APPS_DRILL_FLAGS_H
#define TERN_APPS_DRILL_FLAGS_H

#include "apps/pkt/script.h"

enum { DRILL_FLAGS_MAX = 32 };

/* What was given, as if it stood at the head of every script, one behind the other from option[0].
 * The strings are argv's. */
typedef struct drill_flags {
    pkt_option option[DRILL_FLAGS_MAX];
    unsigned count;
} drill_flags;

/* Takes the flags out of argv, and counts argc down. --define and --ip_version stay: tern drill has
 * words of its own for both. Prints what is wrong; returns an exit status. */
int drill_flags_take(drill_flags *flags, int *argc, char **argv);

#endif
