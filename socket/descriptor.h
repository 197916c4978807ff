/* descriptor.h - the inside of the layer: what stands behind a descriptor. */
#ifndef TERN_SOCKET_DESCRIPTOR_H
#define TERN_SOCKET_DESCRIPTOR_H

#include "tern/sockets.h"
#include "tern/status.h"

typedef enum descriptor_kind {
    DESCRIPTOR_FREE,
    DESCRIPTOR_STREAM,
    DESCRIPTOR_EPOLL
} descriptor_kind;

typedef enum descriptor_phase {
    PHASE_NEW, /* neither connected nor listening */
    PHASE_LISTENING,
    PHASE_CONNECTING,
    PHASE_CONNECTED, /* once established; stays when the connection ends */
} descriptor_phase;

/* The options that are a number, kept here until there is a connection to give them to; the table
 * in sockopt.c says what each is. */
enum { DESCRIPTOR_NUMBERS_MAX = 40 };

/* One descriptor in one epoll set. In two rings: its set's list of what may be ready, and its
 * descriptor's list of watchers. */
typedef struct watch {
    struct watch *next_of_file;
    struct watch *next_of_set;
    struct watch *next_ready, *prev_ready; /* both NULL and not `ready`: not in the list */
    struct descriptor *file, *set;
    struct epoll_event event;
    bool ready; /* in its set's list */
    bool spent; /* EPOLLONESHOT: until EPOLL_CTL_MOD */
} watch;

typedef struct descriptor {
    descriptor_kind kind;
    int fd;

    /* A stream socket. */
    descriptor_phase phase;
    int family; /* AF_INET, AF_INET6 */
    bool nonblocking, close_on_exec;
    bool bound; /* to a port: in the table of ports */
    bool read_shut, write_shut;
    bool deferred; /* TCP_FASTOPEN_CONNECT: connecting waits for the first write; no handle yet */
    bool connect_untold; /* connected, and no call has told the program yet: the next connect() or
                          * write with MSG_FASTOPEN does, as Linux */
    bool bound_by_program;
    bool uncorked;    /* in spite of TCP_CORK, until the next write */
    bool ack_quick;   /* TCP_QUICKACK: until the next write */
    bool urgent_kept; /* urgent_octet was taken out of the stream and not yet read */
    uint8_t urgent_octet;
    int error;      /* SO_ERROR: a positive errno, told once */
    int backlog;    /* of a listener */
    int congestion; /* TCP_CONGESTION: 1 + the index; 0: not set */
    tern_endpoint local, remote;
    tern_address bound_to; /* by the program; all zero: to any */
    tern_handle handle;
    struct descriptor *next_of_port, *prev_of_port;
    uint64_t numbers_set; /* bit n: numbers[n] was set by the program */
    int64_t numbers[DESCRIPTOR_NUMBERS_MAX];
    uint8_t fast_keys[2 * TERN_KEY_BYTES]; /* TCP_FASTOPEN_KEY: the present one first */
    uint32_t fast_key_bytes;               /* 0: the stack's count */
    watch *watches;                        /* by which epoll sets it is watched */

    /* An epoll set. */
    watch *members;
    watch *ready_head, *ready_tail;
} descriptor;

enum { SOCKETS_PORT_BUCKETS = 256 };

struct tern_sockets {
    tern_sockets_config config;
    descriptor **files;       /* by fd - first_descriptor; NULL: never used */
    descriptor **connections; /* by handle index */
    descriptor **listeners;
    descriptor *ports[SOCKETS_PORT_BUCKETS]; /* bound tern_sockets */
    uint16_t next_port;
    /* Those of sockets that have none of their own. */
    uint8_t fast_keys[2 * TERN_KEY_BYTES];
    uint32_t fast_key_bytes, fast_key_number;
};

/* The descriptor; NULL: there is none (EBADF). */
descriptor *descriptor_get(const tern_sockets *s, int fd);

/* The stream socket. A negative errno in *error and NULL: EBADF, ENOTSOCK. */
descriptor *descriptor_stream(const tern_sockets *s, int fd, int *error);

/* The lowest free number; NULL and *error: EMFILE, ENOMEM. */
descriptor *descriptor_new(tern_sockets *s, descriptor_kind kind, int *error);
void descriptor_free(tern_sockets *s, descriptor *d);
/* There is no number left. */
bool descriptor_is_full(const tern_sockets *s);

/* The handle is this descriptor's: events find it. */
void descriptor_bind_handle(tern_sockets *s, descriptor *d, tern_handle handle);
void descriptor_unbind_handle(tern_sockets *s, descriptor *d);

static inline tern_time sockets_now(const tern_sockets *s)
{
    return s->config.host.now(s->config.host.context);
}

/* Waits for something to happen; 0, or -EINTR; -EAGAIN when until_us has come. */
int sockets_wait(tern_sockets *s, tern_time until_us);

/* errno_of.c: the positive errno of a tern_err; 0 for TERN_OK. */
int sockets_errno(tern_err err);

/* sockaddr.c: :: or ::ffff:0.0.0.0. */
bool sockaddr_is_any(const tern_address *a);
/* false: not an address of the socket's family, or too short (*error: a negative
 * errno). */
bool sockaddr_read(const descriptor *d, const struct sockaddr *from, socklen_t bytes,
                   tern_endpoint *to, int *error);
/* Writes as much as *bytes has room for, and the size it would have had. */
void sockaddr_write(const descriptor *d, const tern_endpoint *from, struct sockaddr *to,
                    socklen_t *bytes);

/* port_table.c: the ports that sockets are bound to. */
int port_table_bind(tern_sockets *s, descriptor *d, const tern_endpoint *local);
/* A connection taken from a listener shares its port. */
void port_table_share(tern_sockets *s, descriptor *d);
void port_table_release(tern_sockets *s, descriptor *d);
/* listen() on a port that others are bound to: 0 or -EADDRINUSE. */
int port_table_may_listen(const tern_sockets *s, const descriptor *d);
/* A listener of the same endpoint that shares it by SO_REUSEPORT; NULL: none. */
const descriptor *port_table_beside(const tern_sockets *s, const descriptor *d);

/* sockopt.c */
typedef enum descriptor_number {
    NUMBER_REUSEADDR,
    NUMBER_REUSEPORT,
    NUMBER_V6ONLY,
    NUMBER_RCVLOWAT,
    NUMBER_RCVTIMEO_US, /* 0: for ever */
    NUMBER_SNDTIMEO_US,
    NUMBER_LINGER_MS, /* SO_LINGER; -1: off */
    NUMBER_NOTSENT_LOWAT,
    NUMBER_FASTOPEN_CONNECT,
    NUMBER_OOBINLINE,
    NUMBER_FASTOPEN, /* connections of a listener that may be pending */
    NUMBER_QUICKACK,
    NUMBER_INQ,
    NUMBER_MTU_DISCOVER,
    NUMBER_MTU_DISCOVER_V6,
    NUMBER_CORK,
    NUMBER_DEFER_ACCEPT,
    NUMBER_SAVE_SYN,
    NUMBER_MAXSEG,
    NUMBER_RCVBUF,
    NUMBER_WINDOW_CLAMP,
    NUMBER_LINGER2,
    NUMBER_BIND_ADDRESS_NO_PORT,
    NUMBER_PRIORITY,
    NUMBER_OWN, /* below: the layer's; from here on: the stack's, see sockopt.c */
} descriptor_number;

int64_t sockopt_number(const descriptor *d, descriptor_number number);
/* Gives a connection or listener all that the program has set. */
void sockopt_apply(tern_sockets *s, const descriptor *d);
/* What an accepted connection has of its listener. */
void sockopt_inherit(descriptor *to, const descriptor *from);

/* fast_open.c: a listener has what it shall have of Fast Open. */
void fast_open_listen(const tern_sockets *s, const descriptor *d);
/* Has the program asked for Fast Open before it connects? */
bool fast_open_asked(const tern_sockets *s, const descriptor *d);
/* connect() with TCP_FASTOPEN_CONNECT. true: it is done for now, the first write connects. */
bool fast_open_defer(tern_sockets *s, descriptor *d, const tern_endpoint *remote);
/* The first write of a socket that connects by it: the octets taken for the SYN; a negative errno;
 * -EAGAIN: nothing of this kind, go on. */
ssize_t fast_open_send(tern_sockets *s, descriptor *d, const struct msghdr *message, int flags);
/* TCP_FASTOPEN_KEY. */
int fast_open_set_key(const tern_sockets *s, descriptor *d, const tern_sockets_option *option);

/* readiness.c: the poll(2) events that hold now. */
uint32_t readiness_of(const tern_sockets *s, const descriptor *d);
/* The peer has closed: after what is queued comes the end. */
bool readiness_at_end(const tern_status *status);

/* epoll.c: something happened to this descriptor. */
void epoll_wake(descriptor *d);
void epoll_forget(descriptor *d);

/* open.c: an active open is over. */
void open_connected(descriptor *d);

/* Has no call told the program yet that it is connected? One does now. */
bool open_tell(descriptor *d);
/* Begins one; 0 or a negative errno. */
int open_begin(tern_sockets *s, descriptor *d, const tern_endpoint *remote);
/* Waits for its end, unless that is not to be waited for: then `otherwise`. */
int open_wait(tern_sockets *s, descriptor *d, bool waits, int otherwise);
/* To what the program has bound nothing, the first call that needs it does. */
int open_autobind(tern_sockets *s, descriptor *d);
/* The socket is as new, but for the port that the program has bound it to. */
void open_disconnect(tern_sockets *s, descriptor *d);

/* urgent.c: how many of `most` octets may be read in line. */
size_t urgent_readable(tern_sockets *s, descriptor *d, size_t most);
/* 1: the octet that is out of band is next, a peek looks past it; else 0. */
size_t urgent_hole(tern_sockets *s, const descriptor *d);
/* Takes the octet that is out of band out of the stream, when it is next. */
bool urgent_skip(tern_sockets *s, descriptor *d);
/* MSG_OOB. */
ssize_t urgent_receive(tern_sockets *s, descriptor *d, const struct iovec *to, int flags);

/* info.c: struct tcp_info, as much of it as fits. */
int info_write(const tern_sockets *s, const descriptor *d, tern_sockets_option *option);

/* memory_info.c: SO_MEMINFO, as much of it as fits. */
int memory_info_write(tern_sockets *s, const descriptor *d, tern_sockets_option *option);

/* The status of the connection behind d. false: there is none. */
bool sockets_status(const tern_sockets *s, const descriptor *d, tern_status *status);

#endif
