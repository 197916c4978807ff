/* play_kernel_state.c - asks for one connection by its four numbers. */
#define _GNU_SOURCE
#include "apps/tern/play_kernel_state.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    KERNEL_LINE_BYTES = 512,
    KERNEL_REPLY_BYTES = 4096,
    KERNEL_TIMER_RETRANSMIT = 1,
    KERNEL_TIMER_PROBE = 4,
};

/* The kernel's numbers, from include/net/tcp_states.h. */
static const tern_state kernel_states[] = {
    [0] = TERN_CLOSED,        [1] = TERN_ESTABLISHED, [2] = TERN_SYN_SENT,  [3] = TERN_SYN_RECEIVED,
    [4] = TERN_FIN_WAIT_1,    [5] = TERN_FIN_WAIT_2,  [6] = TERN_TIME_WAIT, [7] = TERN_CLOSED,
    [8] = TERN_CLOSE_WAIT,    [9] = TERN_LAST_ACK,    [10] = TERN_LISTEN,   [11] = TERN_CLOSING,
    [12] = TERN_SYN_RECEIVED,
};

static kernel_state kernel_state_of(unsigned number, unsigned timer)
{
    if (number >= sizeof kernel_states / sizeof kernel_states[0])
        number = 0;
    bool runs = timer == KERNEL_TIMER_RETRANSMIT || timer == KERNEL_TIMER_PROBE;
    return (kernel_state){kernel_states[number], number != 10 && runs};
}

/* ---- The table ----------------------------------------------------------------------------- */

kernel_state kernel_state_of_table(FILE *table, uint16_t local_port, uint16_t remote_port)
{
    kernel_state found = {TERN_CLOSED, false};
    char line[KERNEL_LINE_BYTES];

    while (fgets(line, sizeof line, table) != NULL) {
        unsigned local, remote, number, timer;
        if (sscanf(line, " %*u: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%x %x %*x:%*x %x:", &local, &remote,
                   &number, &timer) != 4)
            continue;
        if (local != local_port)
            continue;
        if (remote == remote_port && remote_port != 0)
            return kernel_state_of(number, timer);
        if (remote == 0)
            found = kernel_state_of(number, timer);
    }
    return found;
}

static kernel_state kernel_state_by_table(const tern_endpoint *local, const tern_endpoint *remote)
{
    bool ipv4 = tern_address_is_ipv4(&local->address);
    FILE *table = fopen(ipv4 ? "/proc/net/tcp" : "/proc/net/tcp6", "re");
    if (table == NULL)
        return (kernel_state){TERN_STATES, false};
    kernel_state found = kernel_state_of_table(table, local->port, remote->port);
    (void)fclose(table);
    return found;
}

/* ---- The diagnosis ------------------------------------------------------------------------- */

typedef struct kernel_request {
    struct nlmsghdr head;
    struct inet_diag_req_v2 body;
} kernel_request;

static kernel_request kernel_request_of(const tern_endpoint *local, const tern_endpoint *remote)
{
    bool ipv4 = tern_address_is_ipv4(&local->address);
    size_t skip = ipv4 ? 12 : 0;
    kernel_request request = {
        .head = {.nlmsg_len = sizeof request,
                 .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                 .nlmsg_flags = NLM_F_REQUEST},
        .body = {.sdiag_family = ipv4 ? AF_INET : AF_INET6,
                 .sdiag_protocol = IPPROTO_TCP,
                 .idiag_states = UINT32_MAX,
                 .id = {.idiag_sport = htons(local->port),
                        .idiag_dport = htons(remote->port),
                        .idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}}},
    };
    memcpy(request.body.id.idiag_src, local->address.octets + skip, 16 - skip);
    memcpy(request.body.id.idiag_dst, remote->address.octets + skip, 16 - skip);
    return request;
}

/* Asks over an open socket. false: the kernel cannot be asked so. */
static bool kernel_state_ask(int fd, const kernel_request *request, kernel_state *found)
{
    union {
        struct nlmsghdr head;
        char octets[KERNEL_REPLY_BYTES];
    } reply;

    if (send(fd, request, sizeof *request, 0) != (ssize_t)sizeof *request)
        return false;
    ssize_t bytes = recv(fd, &reply, sizeof reply, 0);
    if (bytes < (ssize_t)sizeof reply.head)
        return false;
    if (reply.head.nlmsg_type == NLMSG_ERROR) {
        const struct nlmsgerr *error = NLMSG_DATA(&reply.head);
        *found = (kernel_state){TERN_CLOSED, false};
        return error->error == -ENOENT;
    }
    if (reply.head.nlmsg_type != SOCK_DIAG_BY_FAMILY)
        return false;
    const struct inet_diag_msg *message = NLMSG_DATA(&reply.head);
    *found = kernel_state_of(message->idiag_state, message->idiag_timer);
    return true;
}

kernel_state kernel_state_read(const tern_endpoint *local, const tern_endpoint *remote)
{
    kernel_state found = {TERN_STATES, false};
    kernel_request request = kernel_request_of(local, remote);
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    bool asked = fd >= 0 && kernel_state_ask(fd, &request, &found);

    if (fd >= 0)
        (void)close(fd);
    return asked ? found : kernel_state_by_table(local, remote);
}
