/* flags.h - the text of packetdrill's --so_flags: a profile, addresses, single keys.
 *
 *     profile=linux,mtu=1500,local=192.168.0.1,set time_wait_ms=1000
 *
 * profile=NAME     rfc9293, linux or freebsd (linux when it is not there)
 * mtu=OCTETS       of the link (1500)
 * local=ADDRESS    the stack's own, as packetdrill's --local_ip; may come more than once
 *                  (192.168.0.1 and fd3d:fa7b:d17d::1)
 * set KEY=VALUE    a key of the profiles; its value may have commas
 * offload=no       PSH as tern sends it; yes is the default (offload.h)
 * sysctl=yes       take over what the script's shell commands have set: the sysctls of the network
 *                  namespace, read with the first socket and each call (namespace.h); no is the
 *                  default */
#ifndef TERN_APPS_PACKETDRILL_FLAGS_H
#define TERN_APPS_PACKETDRILL_FLAGS_H

#include "tern/tern.h"

enum { FLAGS_ERROR_BYTES = 256 };

typedef struct plugin_flags {
    tern_config config;
    bool sysctls, offload;
} plugin_flags;

/* text may be NULL. false: *error says what is wrong and what is expected. */
bool flags_parse(plugin_flags *f, const char *text, char error[FLAGS_ERROR_BYTES]);

#endif
