/* simulation.h - deviations that only a simulation can switch on.
 *
 * Each leaves out something that TCP needs, so that one can see what goes wrong without it. This
 * header is not installed and its symbols do not leave libtern: the simulator and the tests, which
 * link the library's objects, are the only ones that reach them. */
#ifndef TERN_SIMULATION_H
#define TERN_SIMULATION_H

#include "tern/tern.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tern_deviation {
    /* A listener takes a SYN alone for a connection: ESTABLISHED at once, the program is told, the
     * SYN,ACK goes out once, and no ACK of it is awaited, ever. Data in the SYN is not taken.
     * docs/decisions/0010-two-way-handshake.md. */
    TERN_DEVIATION_TWO_WAY_HANDSHAKE,
} tern_deviation;

/* Of this stack, for SYNs that come from now on. Errors: INVALID (no such deviation). */
tern_err tern_deviation_set(tern_stack *stack, tern_deviation deviation, bool on);

#ifdef __cplusplus
}
#endif

#endif
