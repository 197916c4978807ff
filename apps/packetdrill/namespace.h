/* namespace.h - what a script's shell commands have set, as tern's configuration.
 *
 * packetdrill gives a script's commands to a real shell, which sets sysctls of the network
 * namespace that packetdrill runs in. They concern the kernel, not tern, unless they are read:
 * before the stack is made, after the script's first command has run. */
#ifndef TERN_APPS_PACKETDRILL_NAMESPACE_H
#define TERN_APPS_PACKETDRILL_NAMESPACE_H

#include "tern/tern.h"

/* Each sysctl of this process's network namespace that has a key; one that cannot be read, or whose
 * value tern does not take, is told on stderr and left as the profile has it. */
void namespace_read(tern_config *config);

/* One of them, as a sysctl prints it. false: no value that tern takes; *why says what it takes.
 * Unknown names are true: they have no key. */
bool namespace_set(tern_config *config, const char *name, const char *value, const char **why);

#endif
