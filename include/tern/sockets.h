/* sockets.h - BSD sockets over a tern stack: descriptors, blocking, options and errno as Linux has
 * them.
 *
 * A table of descriptors beside one stack. Each function is the system call of its name, with the
 * host's own structures and constants; it returns what the call returns, or a negative errno.
 * Nothing here calls the operating system: what a blocking call waits for, time and packets, is the
 * host's to bring (tern_sockets_host.wait), so that the layer runs in virtual time as in real time.
 *
 * A library of its own, libtern_sockets, for systems whose <sys/socket.h> is Linux's.
 * docs/SOCKETS.md has every call, option and errno, and what is different from Linux.
 *
 * The host also tells the layer every event of the stack (tern_sockets_event()), and sends what the
 * stack owes after each call. Cost of a call: constant in the number of descriptors, but for poll()
 * and select(), which look at those they are given. One table is for one thread at a time. */
#ifndef TERN_SOCKETS_H
#define TERN_SOCKETS_H

#include "tern/tern.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tern_sockets tern_sockets;

typedef struct tern_sockets_host {
    void *context;
    tern_time (*now)(void *context);
    /* Lets time pass and packets come and go, to the next event of the stack or to until_us
     * (TERN_NEVER: for as long as it takes). false: the call shall fail with EINTR, because it was
     * interrupted or because nothing will ever happen. */
    bool (*wait)(void *context, tern_time until_us);
} tern_sockets_host;

typedef struct tern_sockets_config {
    tern_stack *stack;               /* used, not owned */
    const tern_config *stack_config; /* that the stack was made of; it must stay */
    tern_sockets_host host;          /* copied */
    int first_descriptor;            /* the lowest number given out */
    uint32_t descriptors_max;
    uint32_t fast_open; /* TERN_SOCKETS_FAST_OPEN_ bits: what net.ipv4.tcp_fastopen is on Linux */
} tern_sockets_config;

enum {
    TERN_SOCKETS_FAST_OPEN_CLIENT = 0x1,
    TERN_SOCKETS_FAST_OPEN_SERVER = 0x2,
    TERN_SOCKETS_FAST_OPEN_EVERY_LISTENER = 0x400, /* also of one that has not set TCP_FASTOPEN */
};

/* Options of FreeBSD's, level IPPROTO_TCP, where Linux has none of that name: numbers that Linux
 * does not use. */
enum {
    SOCKETS_TCP_KEEPINIT = 128, /* s: a connect without an answer is given up after so long */
    SOCKETS_TCP_NOOPT = 136,    /* 1, before connect(): the SYN carries no TCP option */
};

/* NULL: no memory. */
TERN_API tern_sockets *tern_sockets_new(const tern_sockets_config *config);
/* Closes nothing: the stack is the host's to end. */
TERN_API void tern_sockets_free(tern_sockets *s);

/* Changes tern_sockets_config.fast_open: counts for calls to come. */
TERN_API void tern_sockets_set_fast_open(tern_sockets *s, uint32_t fast_open);

/* The keys of Fast Open cookies of all sockets that set none by TCP_FASTOPEN_KEY, as that option
 * has them: one, or the present one and another that stays good. The ones before stay good once
 * more. false: neither 16 nor 32 octets. */
TERN_API bool tern_sockets_set_fast_open_keys(tern_sockets *s, const uint8_t *keys, uint32_t bytes);

/* An event that tern_next_event() gave. */
TERN_API void tern_sockets_event(tern_sockets *s, const tern_event *event);

/* The connection or listener behind a descriptor; all zero: none. */
TERN_API tern_handle tern_sockets_handle(const tern_sockets *s, int fd);
/* Is fd one of this table? */
TERN_API bool tern_sockets_is_open(const tern_sockets *s, int fd);

/* ---- socket/open.c ------------------------------------------------------------------------- */

/* AF_INET or AF_INET6, SOCK_STREAM (with SOCK_NONBLOCK, SOCK_CLOEXEC), protocol 0 or
 * IPPROTO_TCP. */
TERN_API int tern_sockets_socket(tern_sockets *s, int domain, int type, int protocol);
TERN_API int tern_sockets_bind(tern_sockets *s, int fd, const struct sockaddr *address,
                               socklen_t bytes);
TERN_API int tern_sockets_listen(tern_sockets *s, int fd, int backlog);
TERN_API int tern_sockets_accept(tern_sockets *s, int fd, struct sockaddr *address,
                                 socklen_t *bytes);
TERN_API int tern_sockets_accept4(tern_sockets *s, int fd, struct sockaddr *address,
                                  socklen_t *bytes, int flags);
TERN_API int tern_sockets_connect(tern_sockets *s, int fd, const struct sockaddr *address,
                                  socklen_t bytes);
TERN_API int tern_sockets_getsockname(tern_sockets *s, int fd, struct sockaddr *address,
                                      socklen_t *bytes);
TERN_API int tern_sockets_getpeername(tern_sockets *s, int fd, struct sockaddr *address,
                                      socklen_t *bytes);

/* ---- socket/close.c ------------------------------------------------------------------------ */

TERN_API int tern_sockets_shutdown(tern_sockets *s, int fd, int how);
TERN_API int tern_sockets_close(tern_sockets *s, int fd);

/* ---- socket/transfer.c --------------------------------------------------------------------- */

TERN_API ssize_t tern_sockets_read(tern_sockets *s, int fd, void *data, size_t bytes);
TERN_API ssize_t tern_sockets_readv(tern_sockets *s, int fd, const struct iovec *parts, int count);
TERN_API ssize_t tern_sockets_recv(tern_sockets *s, int fd, void *data, size_t bytes, int flags);
/* recvfrom() is this with one part; no address comes: a stream socket has one peer. */
TERN_API ssize_t tern_sockets_recvmsg(tern_sockets *s, int fd, struct msghdr *message, int flags);
TERN_API ssize_t tern_sockets_write(tern_sockets *s, int fd, const void *data, size_t bytes);
TERN_API ssize_t tern_sockets_writev(tern_sockets *s, int fd, const struct iovec *parts, int count);
TERN_API ssize_t tern_sockets_send(tern_sockets *s, int fd, const void *data, size_t bytes,
                                   int flags);
/* sendto() is this with one part. With MSG_FASTOPEN and an address: connects, the data in the SYN
 * where a cookie allows it. */
TERN_API ssize_t tern_sockets_sendmsg(tern_sockets *s, int fd, const struct msghdr *message,
                                      int flags);

/* ---- socket/readiness.c, socket/epoll.c ------------------------------------------------------ */

TERN_API int tern_sockets_poll(tern_sockets *s, struct pollfd *fds, nfds_t count, int timeout_ms);
TERN_API int tern_sockets_select(tern_sockets *s, int count, fd_set *sets[3],
                                 const struct timeval *timeout);
TERN_API int tern_sockets_epoll_create(tern_sockets *s, int flags);
TERN_API int tern_sockets_epoll_ctl(tern_sockets *s, int epoll_fd, int operation, int fd,
                                    const struct epoll_event *event);
TERN_API int tern_sockets_epoll_wait(tern_sockets *s, int epoll_fd, struct epoll_event *events,
                                     int most, int timeout_ms);

/* ---- socket/sockopt.c, socket/control.c ------------------------------------------------------ */

/* `value` points to *bytes octets, as setsockopt(2) and getsockopt(2) have it. */
typedef struct tern_sockets_option {
    int level, name;
    void *value;
    socklen_t bytes;
} tern_sockets_option;

TERN_API int tern_sockets_setsockopt(tern_sockets *s, int fd, const tern_sockets_option *option);
TERN_API int tern_sockets_getsockopt(tern_sockets *s, int fd, tern_sockets_option *option);
TERN_API int tern_sockets_fcntl(tern_sockets *s, int fd, int command, long argument);
TERN_API int tern_sockets_ioctl(tern_sockets *s, int fd, unsigned long request, void *argument);

#ifdef __cplusplus
}
#endif

#endif
