/* sysctls.h - the system's settings that scripts change, as settings of the stack. */
#ifndef TERN_APPS_DRILL_SYSCTLS_H
#define TERN_APPS_DRILL_SYSCTLS_H

#include "apps/drill/runner.h"

/* "net.ipv4.tcp_sack", "net.inet.tcp.rfc1323": into the configuration, or what else the runner
 * keeps of the system. false: the verdict is given. sysctls_take_effect() makes it count. */
bool sysctls_set(runner *r, pkt_place place, const char *name, const char *value);

/* What has been set counts from now on, for the stack that runs. */
bool sysctls_take_effect(runner *r, pkt_place place);

/* Gives the verdict "unsupported", "what: which"; always false. */
bool sysctls_unsupported(runner *r, pkt_place place, const char *what, const char *which);

#endif
