/* play_kernel_state.h - in which state the kernel's end of a connection is.
 *
 * Asked of the kernel's socket diagnosis (sock_diag(7)), which finds a connection by its four
 * numbers. TCP_INFO would not do: it knows neither SYN-RECEIVED nor TIME-WAIT, which have no
 * socket. A kernel without that is asked by its table in /proc/net, which takes milliseconds. */
#ifndef TERN_APPS_PLAY_KERNEL_STATE_H
#define TERN_APPS_PLAY_KERNEL_STATE_H

#include "tern/tern.h"

#include <stdio.h>

typedef struct kernel_state {
    tern_state state; /* of the connection; else LISTEN, else CLOSED */
    bool retransmits; /* its retransmission or persist timer runs */
} kernel_state;

/* Of this network namespace. remote: port 0 when nobody has called yet. */
kernel_state kernel_state_read(const tern_endpoint *local, const tern_endpoint *remote);

/* The same from an open table like /proc/net/tcp, by the ports alone. */
kernel_state kernel_state_of_table(FILE *table, uint16_t local_port, uint16_t remote_port);

#endif
