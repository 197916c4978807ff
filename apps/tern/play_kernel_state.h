/* play_kernel_state.h - in which state the kernel's end of a connection is. */
#ifndef TERN_APPS_PLAY_KERNEL_STATE_H
#define TERN_APPS_PLAY_KERNEL_STATE_H

#include "tern/tern.h"

#include <stdio.h>

typedef struct kernel_state {
    tern_state state; /* TERN_CLOSED when the kernel knows no such socket */
    bool retransmits; /* its retransmission or persist timer runs */
} kernel_state;

/* Reads /proc/net/tcp or tcp6 of this network namespace for the sockets of a local port: the state
 * of the connection, the youngest if there are several, else LISTEN, else CLOSED. TCP_INFO would
 * not do: it knows neither SYN-RECEIVED nor TIME-WAIT, which have no socket. */
kernel_state kernel_state_read(uint16_t local_port, bool ipv6);

/* The same from an open table, for tests. */
kernel_state kernel_state_of_table(FILE *table, uint16_t local_port);

#endif
