/* property_fixture.h - one run of two terns over a bad link, everything drawn from a seed.
 *
 * What a run must show: every octet comes once and in order; both ends end as their story demands;
 * the invariants of watcher_fixture.h hold after everything that happens; on a wire that loses
 * nothing, nothing is sent twice; at the end no memory is in use. A run is a pure function of its
 * theme and seed. */
#ifndef TERN_TESTS_SIM_PROPERTY_FIXTURE_H
#define TERN_TESTS_SIM_PROPERTY_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>

typedef enum property_theme {
    PROPERTY_TRANSFER, /* data both ways, through all faults */
    PROPERTY_OPEN,     /* passive and simultaneous opens, heavy loss, little data */
    PROPERTY_CLOSE,    /* who closes first, both at once, half-close, reading given up */
    PROPERTY_TINY,     /* pools and buffers of a few chunks, slow readers */
    PROPERTY_FAST,     /* Fast Open, by cookies good, bad and absent, heavy loss */
    PROPERTY_END,      /* an abort, a crash, a cut wire, at some moment */
    PROPERTY_THEMES,
} property_theme;

enum { PROPERTY_WHY_BYTES = 400 };

typedef struct property_result {
    uint64_t hash; /* of every packet, fate, rule and change of state */
    uint64_t packets, octets, virtual_us;
    char why[PROPERTY_WHY_BYTES]; /* "" when all held */
} property_result;

/* moves: the stacks are moved to other memory now and then, which must change nothing. prints:
 * the last packets go to stdout. */
typedef struct property_options {
    bool moves, prints;
} property_options;

bool property_run(property_theme theme, uint64_t seed, property_options options,
                  property_result *result);

const char *property_theme_name(property_theme theme);

/* What a ctest program does: `count` runs from `first` on, each 25th again with moves and the same
 * hash. TERN_SEED in the environment: that run alone, with its packets. A failure prints the
 * command that replays it. Returns the failures. */
unsigned property_runs(property_theme theme, uint64_t first, uint64_t count);

#endif
