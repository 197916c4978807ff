/* namespace.h - what a script's shell commands have set, as settings of tern.
 *
 * packetdrill gives a script's commands to a real shell, which sets sysctls of the network
 * namespace that packetdrill runs in. They concern the kernel, not tern, unless they are read:
 * before the stack is made, after the script's first command has run, and with each call. */
#ifndef TERN_APPS_PACKETDRILL_NAMESPACE_H
#define TERN_APPS_PACKETDRILL_NAMESPACE_H

#include "apps/drill/system.h"

/* Each sysctl of this process's network namespace that tern has a setting for; one that cannot be
 * read, or whose value tern does not take, is left as it was, and told on stderr if `tell`. */
void namespace_read(tern_config *config, system_fast_open *fast_open, bool tell);

#endif
