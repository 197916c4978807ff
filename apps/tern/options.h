/* options.h - the options that every verb on a TUN device has, and how numbers are read. */
#ifndef TERN_APPS_OPTIONS_H
#define TERN_APPS_OPTIONS_H

#include "apps/tern/behaviour.h"
#include "host/tun.h"
#include "sim/link.h"

#include <getopt.h>
#include <stdio.h>

typedef struct network_options {
    tun_request device;      /* with the host's addresses: --peer */
    tern_address address[2]; /* tern's own, IPv4 and IPv6: --addr */
    link_config link;        /* each direction: --loss, --delay, --reorder, --duplicate */
    bool impaired;           /* one of these was given */
    bool watch;
    const char *pcap_path;     /* NULL: no capture */
    const char *coverage_path; /* NULL: nobody asks what is reached */
    behaviour behaviour;       /* of tern's stack: --profile, --set */
} network_options;

/* Values of getopt_long() for these options; a verb's own begin at OPTION_OWN. */
enum {
    OPTION_TUN = 256,
    OPTION_ADDR,
    OPTION_PEER,
    OPTION_MTU,
    OPTION_LOSS,
    OPTION_DELAY,
    OPTION_REORDER,
    OPTION_DUPLICATE,
    OPTION_SEED,
    OPTION_WATCH,
    OPTION_PCAP,
    OPTION_COVERAGE,
    OPTION_PROFILE,
    OPTION_SET,
    OPTION_HELP,
    OPTION_OWN,
};

/* clang-format off */
#define NETWORK_OPTIONS                                      \
    {"tun", required_argument, NULL, OPTION_TUN},            \
    {"addr", required_argument, NULL, OPTION_ADDR},          \
    {"peer", required_argument, NULL, OPTION_PEER},          \
    {"mtu", required_argument, NULL, OPTION_MTU},            \
    {"loss", required_argument, NULL, OPTION_LOSS},          \
    {"delay", required_argument, NULL, OPTION_DELAY},        \
    {"reorder", required_argument, NULL, OPTION_REORDER},    \
    {"duplicate", required_argument, NULL, OPTION_DUPLICATE},\
    {"seed", required_argument, NULL, OPTION_SEED},          \
    {"watch", no_argument, NULL, OPTION_WATCH},              \
    {"pcap", required_argument, NULL, OPTION_PCAP},          \
    {"coverage", required_argument, NULL, OPTION_COVERAGE},  \
    {"profile", required_argument, NULL, OPTION_PROFILE},    \
    {"set", required_argument, NULL, OPTION_SET},            \
    {"help", no_argument, NULL, OPTION_HELP}
/* clang-format on */

/* Device tern%d, 10.77.0.1/24 and fd77::1/64 against 10.77.0.2 and fd77::2, no impairment. */
void network_options_init(network_options *n);

/* Takes one option that getopt_long() has found. false: wrong, and the message is printed. */
bool network_options_take(network_options *n, const char *verb, int option, const char *value);

/* When all are taken: do they fit together? false: no, and the message is printed. */
bool network_options_check(network_options *n, const char *verb);

/* The section of a help text. */
void network_options_help(FILE *out);

/* What getopt_long() (with ":" first in its short options) says of a wrong word: prints it and
 * returns EXIT_USAGE. result: '?' or ':'. */
int options_wrong(const char *verb, int result, char **argv);

/* A whole decimal number from low to high, and nothing else. */
bool options_number(const char *text, uint64_t low, uint64_t high, uint64_t *number);

/* Seconds, "30" or "0.5"; at most a day. */
bool options_seconds(const char *text, uint64_t *time_us);

#endif
