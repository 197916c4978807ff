/* play_attack.h - one who is not on the path and sends all the same: a flood of SYNs from addresses
 * that nobody has, or segments in the name of the other side with guessed numbers.
 *
 * It sees no packet. What it is told to guess exactly it is given. */
#ifndef TERN_APPS_PLAY_ATTACK_H
#define TERN_APPS_PLAY_ATTACK_H

#include "apps/tern/play_measure.h"
#include "apps/tern/scenario.h"
#include "sim/rng.h"
#include "sim/world.h"

enum { ATTACK_HOST = SCENARIO_SIDES }; /* its number in the world */

typedef struct attack {
    const scenario_attack *what;
    world *w;
    tern_endpoint to, from; /* from: in whose name */
    const measures *measures;
    rng chance;
    uint64_t sent;
} attack;

/* Adds the attacker's host to a world that has the two sides, with wires to both. false: no
 * memory. */
bool attack_add_host(world *w, const link_config *wire);

/* Begins; goes on by itself. The attack must stay where it is. false: no memory. */
bool attack_begin(attack *a);

#endif
