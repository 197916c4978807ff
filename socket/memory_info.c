/* memory_info.c - SO_MEMINFO: what a socket's buffers hold. Octets of data, where Linux counts the
 * memory around them too. */
#include "socket/descriptor.h"

#include <linux/sock_diag.h>
#include <string.h>

int memory_info_write(tern_sockets *s, const descriptor *d, tern_sockets_option *option)
{
    static const struct {
        int name, variable;
    } limits[] = {{SO_RCVBUF, SK_MEMINFO_RCVBUF}, {SO_SNDBUF, SK_MEMINFO_SNDBUF}};
    uint32_t variables[SK_MEMINFO_VARS] = {0};
    tern_status status;

    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        int value = 0;
        tern_sockets_option limit = {SOL_SOCKET, limits[i].name, &value, sizeof value};
        if (tern_sockets_getsockopt(s, d->fd, &limit) == 0)
            variables[limits[i].variable] = (uint32_t)value;
    }
    if (sockets_status(s, d, &status)) {
        variables[SK_MEMINFO_RMEM_ALLOC] = status.recv_queue_bytes;
        variables[SK_MEMINFO_WMEM_QUEUED] = status.send_queue_bytes;
    }
    if (option->bytes > sizeof variables)
        option->bytes = sizeof variables;
    memcpy(option->value, variables, option->bytes);
    return 0;
}
