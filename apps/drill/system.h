/* system.h - a system's sysctls of TCP (Linux's net.ipv4.*, FreeBSD's net.inet.tcp.*), as settings
 * of a stack and of its sockets. */
#ifndef TERN_APPS_DRILL_SYSTEM_H
#define TERN_APPS_DRILL_SYSTEM_H

#include "apps/drill/subject.h"

/* What of Fast Open is the sockets' affair, not the configuration's. */
typedef struct system_fast_open {
    uint32_t bits; /* Linux's tcp_fastopen */
    uint8_t keys[2 * TERN_KEY_BYTES];
    uint32_t key_bytes;
    bool keys_new; /* the sockets do not know them yet */
} system_fast_open;

typedef enum system_outcome {
    SYSTEM_SET,     /* or it means nothing to tern, whatever it is */
    SYSTEM_FORGET,  /* to write it makes a stack forget the Fast Open servers that it knows */
    SYSTEM_UNKNOWN, /* no sysctl of the table */
    SYSTEM_REFUSED, /* tern has not what this value asks for */
} system_outcome;

/* A sysctl's name without "net.ipv4.", "net.inet.tcp.". */
const char *system_bare(const char *name);

/* name: with its prefix ("net.ipv4.tcp_sack") or without; value: as a sysctl prints it. *why says
 * what would be taken, when it is SYSTEM_REFUSED. */
system_outcome system_sysctl(tern_config *config, system_fast_open *fast_open, const char *name,
                             const char *value, const char **why);

/* The names of Linux's sysctls that tern has a setting for, without the prefix, each once; NULL
 * past the last. */
const char *system_linux_sysctl(size_t index);

/* Fast Open counts from now on. false: the sockets do not take the keys. */
bool system_fast_open_begin(subject *s, system_fast_open *fast_open);

/* The stack forgets what it knows of Fast Open servers. */
void system_forget_servers(subject *s);

#endif
