/* sysctls.h - what a system's sysctls of TCP mean in a stack's configuration: Linux's net.ipv4.*,
 * FreeBSD's net.inet.tcp.*. */
#ifndef TERN_APPS_DRILL_SYSCTLS_H
#define TERN_APPS_DRILL_SYSCTLS_H

#include "tern/tern.h"

typedef enum sysctls_outcome {
    SYSCTLS_SET,     /* or it means nothing to tern, whatever it is */
    SYSCTLS_UNKNOWN, /* no sysctl of the table */
    SYSCTLS_REFUSED, /* tern does not do what this value asks for */
} sysctls_outcome;

/* name: with its prefix ("net.ipv4.tcp_sack") or without; value: as a sysctl prints it. *why says
 * what would have been taken, when it is SYSCTLS_REFUSED. */
sysctls_outcome sysctls_set(tern_config *config, const char *name, const char *value,
                            const char **why);

/* The names of Linux's sysctls that stand for keys of the profiles, without the prefix, in their
 * order, each once; NULL past the last. */
const char *sysctls_linux_name(size_t index);

#endif
