/* play_kernel_state.c - reads the kernel's table of TCP sockets (proc(5), /proc/net/tcp). */
#include "apps/tern/play_kernel_state.h"

#include <string.h>

enum { KERNEL_LINE_BYTES = 512, KERNEL_TIMER_RETRANSMIT = 1, KERNEL_TIMER_PROBE = 4 };

/* The kernel's numbers, from include/net/tcp_states.h. A request socket is shown as 3. */
static const tern_state kernel_states[] = {
    [1] = TERN_ESTABLISHED, [2] = TERN_SYN_SENT,  [3] = TERN_SYN_RECEIVED, [4] = TERN_FIN_WAIT_1,
    [5] = TERN_FIN_WAIT_2,  [6] = TERN_TIME_WAIT, [7] = TERN_CLOSED,       [8] = TERN_CLOSE_WAIT,
    [9] = TERN_LAST_ACK,    [10] = TERN_LISTEN,   [11] = TERN_CLOSING,     [12] = TERN_SYN_RECEIVED,
};

/* Which of two sockets of one port is the one on the stage. */
static unsigned kernel_rank(tern_state state)
{
    switch (state) {
    case TERN_CLOSED:
    case TERN_STATES:
        return 0;
    case TERN_LISTEN:
        return 1;
    case TERN_TIME_WAIT:
        return 2;
    case TERN_SYN_SENT:
    case TERN_SYN_RECEIVED:
    case TERN_ESTABLISHED:
    case TERN_FIN_WAIT_1:
    case TERN_FIN_WAIT_2:
    case TERN_CLOSE_WAIT:
    case TERN_CLOSING:
    case TERN_LAST_ACK:
        break;
    }
    return 3;
}

kernel_state kernel_state_of_table(FILE *table, uint16_t local_port)
{
    kernel_state found = {TERN_CLOSED, false};
    char line[KERNEL_LINE_BYTES];

    while (fgets(line, sizeof line, table) != NULL) {
        unsigned port, number, timer;
        if (sscanf(line, " %*u: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*x:%*x %x:", &port, &number,
                   &timer) != 3)
            continue;
        if (port != local_port || number == 0 ||
            number >= sizeof kernel_states / sizeof kernel_states[0])
            continue;
        tern_state state = kernel_states[number];
        if (kernel_rank(state) <= kernel_rank(found.state))
            continue;
        found.state = state;
        found.retransmits = state != TERN_LISTEN &&
                            (timer == KERNEL_TIMER_RETRANSMIT || timer == KERNEL_TIMER_PROBE);
    }
    return found;
}

kernel_state kernel_state_read(uint16_t local_port, bool ipv6)
{
    FILE *table = fopen(ipv6 ? "/proc/net/tcp6" : "/proc/net/tcp", "r");
    if (table == NULL)
        return (kernel_state){TERN_STATES, false};
    kernel_state found = kernel_state_of_table(table, local_port);
    (void)fclose(table);
    return found;
}
