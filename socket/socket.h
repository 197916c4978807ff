/* socket.h - BSD sockets over a tern stack: descriptors, blocking, options and errno as Linux has
 * them.
 *
 * A table of descriptors beside one stack. Each function is the system call of its name, with the
 * host's own structures and constants; it returns what the call returns, or a negative errno.
 * Nothing here calls the operating system: what a blocking call waits for, time and packets, is the
 * host's to bring (sockets_host.wait), so that the layer runs in virtual time as in real time.
 *
 * The host also tells the layer every event of the stack (sockets_event()), and sends what the
 * stack owes after each call. Cost of a call: constant in the number of descriptors, but for poll()
 * and select(), which look at those they are given. One table is for one thread at a time. */
#ifndef TERN_SOCKET_SOCKET_H
#define TERN_SOCKET_SOCKET_H

#include "tern/tern.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

typedef struct sockets sockets;

typedef struct sockets_host {
    void *context;
    tern_time (*now)(void *context);
    /* Lets time pass and packets come and go, to the next event of the stack or to until_us
     * (TERN_NEVER: for as long as it takes). false: the call shall fail with EINTR, because it was
     * interrupted or because nothing will ever happen. */
    bool (*wait)(void *context, tern_time until_us);
} sockets_host;

typedef struct sockets_config {
    tern_stack *stack;               /* used, not owned */
    const tern_config *stack_config; /* that the stack was made of; it must stay */
    sockets_host host;               /* copied */
    int first_descriptor;            /* the lowest number given out */
    uint32_t descriptors_max;
    uint32_t fast_open; /* FAST_OPEN_ bits: what net.ipv4.tcp_fastopen is on Linux */
} sockets_config;

enum {
    FAST_OPEN_CLIENT = 0x1,
    FAST_OPEN_SERVER = 0x2,
    FAST_OPEN_EVERY_LISTENER = 0x400, /* also of one that has not set TCP_FASTOPEN */
};

/* Options of FreeBSD's, level IPPROTO_TCP, where Linux has none of that name: numbers that Linux
 * does not use. */
enum {
    SOCKETS_TCP_KEEPINIT = 128, /* s: a connect without an answer is given up after so long */
    SOCKETS_TCP_NOOPT = 136,    /* 1, before connect(): the SYN carries no TCP option */
};

/* NULL: no memory. */
sockets *sockets_new(const sockets_config *config);
/* Closes nothing: the stack is the host's to end. */
void sockets_free(sockets *s);

/* Changes sockets_config.fast_open: counts for calls to come. */
void sockets_set_fast_open(sockets *s, uint32_t fast_open);

/* The keys of Fast Open cookies of all sockets that set none by TCP_FASTOPEN_KEY, as that option
 * has them: one, or the present one and another that stays good. The ones before stay good once
 * more. false: neither 16 nor 32 octets. */
bool sockets_set_fast_open_keys(sockets *s, const uint8_t *keys, uint32_t bytes);

/* An event that tern_next_event() gave. */
void sockets_event(sockets *s, const tern_event *event);

/* The connection or listener behind a descriptor; all zero: none. */
tern_handle sockets_handle(const sockets *s, int fd);
/* Is fd one of this table? */
bool sockets_is_open(const sockets *s, int fd);

/* ---- socket/open.c ------------------------------------------------------------------------- */

/* AF_INET or AF_INET6, SOCK_STREAM (with SOCK_NONBLOCK, SOCK_CLOEXEC), protocol 0 or
 * IPPROTO_TCP. */
int sockets_socket(sockets *s, int domain, int type, int protocol);
int sockets_bind(sockets *s, int fd, const struct sockaddr *address, socklen_t bytes);
int sockets_listen(sockets *s, int fd, int backlog);
int sockets_accept4(sockets *s, int fd, struct sockaddr *address, socklen_t *bytes, int flags);
int sockets_connect(sockets *s, int fd, const struct sockaddr *address, socklen_t bytes);
int sockets_getsockname(sockets *s, int fd, struct sockaddr *address, socklen_t *bytes);
int sockets_getpeername(sockets *s, int fd, struct sockaddr *address, socklen_t *bytes);

/* ---- socket/close.c ------------------------------------------------------------------------ */

int sockets_shutdown(sockets *s, int fd, int how);
int sockets_close(sockets *s, int fd);

/* ---- socket/transfer.c --------------------------------------------------------------------- */

ssize_t sockets_read(sockets *s, int fd, void *data, size_t bytes);
ssize_t sockets_readv(sockets *s, int fd, const struct iovec *parts, int count);
ssize_t sockets_recvmsg(sockets *s, int fd, struct msghdr *message, int flags);
ssize_t sockets_write(sockets *s, int fd, const void *data, size_t bytes);
ssize_t sockets_writev(sockets *s, int fd, const struct iovec *parts, int count);
/* With MSG_FASTOPEN and an address: connects, the data in the SYN where a cookie allows it. */
ssize_t sockets_sendmsg(sockets *s, int fd, const struct msghdr *message, int flags);

/* ---- socket/readiness.c, socket/epoll.c ------------------------------------------------------ */

int sockets_poll(sockets *s, struct pollfd *fds, nfds_t count, int timeout_ms);
int sockets_select(sockets *s, int count, fd_set *sets[3], const struct timeval *timeout);
int sockets_epoll_create(sockets *s, int flags);
int sockets_epoll_ctl(sockets *s, int epoll_fd, int operation, int fd,
                      const struct epoll_event *event);
int sockets_epoll_wait(sockets *s, int epoll_fd, struct epoll_event *events, int most,
                       int timeout_ms);

/* ---- socket/sockopt.c, socket/control.c ------------------------------------------------------ */

/* `value` points to *bytes octets, as setsockopt(2) and getsockopt(2) have it. */
typedef struct sockets_option {
    int level, name;
    void *value;
    socklen_t bytes;
} sockets_option;

int sockets_setsockopt(sockets *s, int fd, const sockets_option *option);
int sockets_getsockopt(sockets *s, int fd, sockets_option *option);
int sockets_fcntl(sockets *s, int fd, int command, long argument);
int sockets_ioctl(sockets *s, int fd, unsigned long request, void *argument);

#endif
