/* so_flags.h - the text of packetdrill's --so_flags: a profile, addresses, single keys.
 *
 * The plugin is given it; tern drill reads it in a script, which so can name its own profile.
 *
 *     profile=linux,mtu=1500,local=192.168.0.1,set time_wait_ms=1000
 *
 * profile=NAME     rfc9293, linux or freebsd (linux when it is not there)
 * mtu=OCTETS       of the link (1500)
 * local=ADDRESS    the stack's own, as packetdrill's --local_ip; may come more than once
 *                  (192.168.0.1 and fd3d:fa7b:d17d::1)
 * set KEY=VALUE    a key of the profiles; its value may have commas
 * offload=no       no device cuts segments: the plugin leaves PSH as tern sends it (offload.h), and
 *                  tern drill takes each segment for one of the script's; yes is the default, but
 *                  the plugin leaves PSH alone unless it is said, or the profile is linux
 * shell=yes        a script's commands reach a shell; no is the default: they are looked up, as
 *                  tern drill always does
 * sysctl=yes       with a shell: the plugin takes over what the commands have set, the sysctls of
 *                  the network namespace (namespace.h); no is the default */
#ifndef TERN_APPS_DRILL_SO_FLAGS_H
#define TERN_APPS_DRILL_SO_FLAGS_H

#include "tern/tern.h"

enum { SO_FLAGS_ERROR_BYTES = 256 };

typedef struct so_flags {
    tern_config config;
    bool profile_fixed; /* profile=NAME is looked at, and has no effect */
    bool sysctls, offload, shell;
    bool pushes; /* PSH as Linux has it for a device that cuts segments */
} so_flags;

/* All as it is when no flag is given. */
void so_flags_init(so_flags *f);

/* Applies a text to f, a profile before all else. false: *error says what is wrong and what is
 * expected. */
bool so_flags_take(so_flags *f, const char *text, char error[SO_FLAGS_ERROR_BYTES]);

/* The stack of a plugin: so_flags_init(), the text (which may be NULL), packetdrill's addresses
 * when none is given, and what a stack cannot be made of is refused. */
bool so_flags_parse(so_flags *f, const char *text, char error[SO_FLAGS_ERROR_BYTES]);

#endif
