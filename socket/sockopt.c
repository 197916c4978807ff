/* sockopt.c - setsockopt(2) and getsockopt(2): one table of what is a number, and the few that are
 * not.
 *
 * What a program sets before there is a connection is kept with the descriptor and given to the
 * stack as soon as there is one; a connection taken from a listener has what its listener has. */
#define _GNU_SOURCE
#include "socket/descriptor.h"
#include "tern/congestion.h"

#include <errno.h>
#include <limits.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>

typedef enum sockopt_kind {
    KIND_FLAG,    /* int: 0 or not */
    KIND_INT,     /* int: least .. most, else EINVAL */
    KIND_TOS,     /* int: least .. most; a TCP socket's ECN bits are not the program's */
    KIND_CLAMPED, /* int: brought into least .. most */
    KIND_TIMEVAL, /* struct timeval; kept in us */
    KIND_LINGER,  /* struct linger; kept in ms, -1: off */
} sockopt_kind;

enum { NO_OPTION = -1, TERN_BUFFER_MAX = 1 << 30, WINDOW_MS = 1056964608 };

typedef struct sockopt_entry {
    int level, name;
    sockopt_kind kind;
    int least, most;
    int64_t value;  /* until the program sets another; where the stack knows, it is asked */
    int option;     /* tern_option, or NO_OPTION: the layer's own */
    uint32_t times; /* the stack's unit is so many times smaller */
} sockopt_entry;

/* The first NUMBER_OWN are in the order of descriptor_number. */
static const sockopt_entry entries[] = {
    {SOL_SOCKET, SO_REUSEADDR, KIND_FLAG, 0, 1, 0, NO_OPTION, 1},
    {SOL_SOCKET, SO_REUSEPORT, KIND_FLAG, 0, 1, 0, NO_OPTION, 1},
    {IPPROTO_IPV6, IPV6_V6ONLY, KIND_FLAG, 0, 1, 0, NO_OPTION, 1},
    {SOL_SOCKET, SO_RCVLOWAT, KIND_CLAMPED, 1, INT_MAX, 1, NO_OPTION, 1},
    {SOL_SOCKET, SO_RCVTIMEO, KIND_TIMEVAL, 0, 0, 0, NO_OPTION, 1},
    {SOL_SOCKET, SO_SNDTIMEO, KIND_TIMEVAL, 0, 0, 0, NO_OPTION, 1},
    {SOL_SOCKET, SO_LINGER, KIND_LINGER, 0, 0, -1, NO_OPTION, 1},
    {IPPROTO_TCP, TCP_NOTSENT_LOWAT, KIND_CLAMPED, 0, INT_MAX, 0, NO_OPTION, 1},
    {IPPROTO_TCP, TCP_FASTOPEN_CONNECT, KIND_FLAG, 0, 1, 0, NO_OPTION, 1},
    {SOL_SOCKET, SO_OOBINLINE, KIND_FLAG, 0, 1, 0, NO_OPTION, 1},

    {SOL_SOCKET, SO_KEEPALIVE, KIND_FLAG, 0, 1, 0, TERN_OPTION_KEEPALIVE, 1},
    {SOL_SOCKET, SO_RCVBUF, KIND_CLAMPED, 1152, TERN_BUFFER_MAX, 0, TERN_OPTION_RECV_BUFFER, 1},
    {SOL_SOCKET, SO_SNDBUF, KIND_CLAMPED, 2304, TERN_BUFFER_MAX, 0, TERN_OPTION_SEND_BUFFER, 1},
    {IPPROTO_TCP, TCP_NODELAY, KIND_FLAG, 0, 1, 0, TERN_OPTION_NODELAY, 1},
    {IPPROTO_TCP, TCP_KEEPIDLE, KIND_INT, 1, 32767, 0, TERN_OPTION_KEEP_IDLE_MS, 1000},
    {IPPROTO_TCP, TCP_KEEPINTVL, KIND_INT, 1, 32767, 0, TERN_OPTION_KEEP_INTERVAL_MS, 1000},
    {IPPROTO_TCP, TCP_KEEPCNT, KIND_INT, 1, 127, 0, TERN_OPTION_KEEP_COUNT, 1},
    {IPPROTO_TCP, TCP_CORK, KIND_FLAG, 0, 1, 0, TERN_OPTION_CORK, 1},
    {IPPROTO_TCP, TCP_MAXSEG, KIND_INT, 88, 32767, 536, TERN_OPTION_MAX_SEGMENT, 1},
    {IPPROTO_TCP, TCP_LINGER2, KIND_CLAMPED, 1, 120, 0, TERN_OPTION_FIN_WAIT_2_MS, 1000},
    {IPPROTO_IP, IP_TTL, KIND_INT, 1, 255, 0, TERN_OPTION_TTL, 1},
    {IPPROTO_IPV6, IPV6_UNICAST_HOPS, KIND_INT, 1, 255, 0, TERN_OPTION_TTL, 1},
    {IPPROTO_IP, IP_TOS, KIND_TOS, 0, 255, 0, TERN_OPTION_TOS, 1},
    {IPPROTO_IPV6, IPV6_TCLASS, KIND_TOS, 0, 255, 0, TERN_OPTION_TOS, 1},
    {IPPROTO_TCP, TCP_USER_TIMEOUT, KIND_INT, 0, WINDOW_MS, 0, TERN_OPTION_USER_TIMEOUT_MS, 1},
};

#define ENTRIES ((int)(sizeof entries / sizeof entries[0]))
_Static_assert(sizeof entries / sizeof entries[0] <= (size_t)DESCRIPTOR_NUMBERS_MAX,
               "a descriptor has a place for each");

static int sockopt_find(int level, int name)
{
    for (int i = 0; i < ENTRIES; i++)
        if (entries[i].level == level && entries[i].name == name)
            return i;
    return -1;
}

int64_t sockopt_number(const descriptor *d, descriptor_number number)
{
    return (d->numbers_set >> number & 1) != 0 ? d->numbers[number] : entries[number].value;
}

/* ---- The numbers --------------------------------------------------------------------------- */

static int sockopt_give(sockets *s, const descriptor *d, int at)
{
    const sockopt_entry *e = &entries[at];

    if (e->option == NO_OPTION || d->handle.generation == 0)
        return 0;
    int64_t value = d->numbers[at] * e->times;
    tern_err err = tern_option_set(s->config.stack, sockets_now(s), d->handle,
                                   (tern_option)e->option, (uint32_t)value);
    return -sockets_errno(err);
}

void sockopt_apply(sockets *s, const descriptor *d)
{
    for (int i = 0; i < ENTRIES; i++)
        if ((d->numbers_set >> i & 1) != 0)
            (void)sockopt_give(s, d, i);
}

void sockopt_inherit(descriptor *to, const descriptor *from)
{
    to->numbers_set = from->numbers_set;
    memcpy(to->numbers, from->numbers, sizeof to->numbers);
}

/* The value as the program has it, in *value. A negative errno when it is not one. */
static int sockopt_parse(const sockopt_entry *e, const sockets_option *option, int64_t *value)
{
    struct timeval time;
    struct linger linger;
    int number;

    switch (e->kind) {
    case KIND_TIMEVAL:
        if (option->bytes < sizeof time)
            return -EINVAL;
        memcpy(&time, option->value, sizeof time);
        if (time.tv_usec < 0 || time.tv_usec >= 1000000)
            return -EDOM;
        *value = time.tv_sec < 0 ? 0 : (int64_t)time.tv_sec * 1000000 + time.tv_usec;
        return 0;
    case KIND_LINGER:
        if (option->bytes < sizeof linger)
            return -EINVAL;
        memcpy(&linger, option->value, sizeof linger);
        *value = linger.l_onoff == 0 ? -1 : (int64_t)linger.l_linger * 1000;
        return 0;
    case KIND_FLAG:
    case KIND_INT:
    case KIND_TOS:
    case KIND_CLAMPED:
        break;
    }
    if (option->bytes < sizeof number)
        return -EINVAL;
    memcpy(&number, option->value, sizeof number);
    if (e->kind == KIND_FLAG)
        number = number != 0;
    if (e->kind == KIND_TOS)
        number &= ~3;
    if ((e->kind == KIND_INT || e->kind == KIND_TOS) && (number < e->least || number > e->most))
        return -EINVAL;
    if (e->kind == KIND_CLAMPED)
        number = number < e->least ? e->least : number > e->most ? e->most : number;
    *value = number;
    return 0;
}

/* What the stack would give a new connection. */
static int64_t sockopt_of_config(const tern_config *c, int option)
{
    switch (option) {
    case TERN_OPTION_SEND_BUFFER:
        return c->send_buffer_bytes;
    case TERN_OPTION_RECV_BUFFER:
        return c->recv_buffer_bytes;
    case TERN_OPTION_KEEPALIVE:
        return c->keepalive;
    case TERN_OPTION_KEEP_IDLE_MS:
        return c->keep_idle_ms;
    case TERN_OPTION_KEEP_INTERVAL_MS:
        return c->keep_interval_ms;
    case TERN_OPTION_KEEP_COUNT:
        return c->keep_count;
    case TERN_OPTION_FIN_WAIT_2_MS:
        return c->fin_wait_2_ms;
    case TERN_OPTION_TTL:
        return c->ttl;
    case TERN_OPTION_TOS:
        return c->tos;
    default:
        return 0;
    }
}

static int64_t sockopt_value(const sockets *s, const descriptor *d, int at)
{
    const sockopt_entry *e = &entries[at];
    uint32_t value;

    if ((d->numbers_set >> at & 1) != 0)
        return d->numbers[at];
    if (e->option == NO_OPTION)
        return e->value;
    if (tern_option_get(s->config.stack, d->handle, (tern_option)e->option, &value) == TERN_OK)
        return value / e->times;
    return sockopt_of_config(s->config.stack_config, e->option) / e->times;
}

/* Writes what getsockopt(2) gives: as much as there is room for. */
static int sockopt_return(sockets_option *option, const void *value, size_t bytes)
{
    option->bytes = option->bytes < bytes ? option->bytes : (socklen_t)bytes;
    memcpy(option->value, value, option->bytes);
    return 0;
}

static int sockopt_return_int(sockets_option *option, int value)
{
    return sockopt_return(option, &value, sizeof value);
}

static int sockopt_get_number(const sockets *s, const descriptor *d, int at, sockets_option *option)
{
    const sockopt_entry *e = &entries[at];
    int64_t value = sockopt_value(s, d, at);

    if (e->kind == KIND_TIMEVAL) {
        struct timeval time = {.tv_sec = value / 1000000, .tv_usec = value % 1000000};
        return sockopt_return(option, &time, sizeof time);
    }
    if (e->kind == KIND_LINGER) {
        struct linger linger = {value >= 0, value >= 0 ? (int)(value / 1000) : 0};
        return sockopt_return(option, &linger, sizeof linger);
    }
    bool buffer = e->level == SOL_SOCKET && (e->name == SO_RCVBUF || e->name == SO_SNDBUF);
    if (buffer && s->config.buffers_doubled)
        value *= 2;
    return sockopt_return_int(option, value > INT_MAX ? INT_MAX : (int)value);
}

/* ---- What is no number --------------------------------------------------------------------- */

static int sockopt_set_congestion(sockets *s, const descriptor *d, const sockets_option *option)
{
    const tern_congestion *congestion;

    for (uint32_t i = 0; (congestion = tern_congestion_list(i)) != NULL; i++) {
        size_t bytes = strlen(congestion->name);
        if (bytes != strnlen(option->value, option->bytes) ||
            memcmp(congestion->name, option->value, bytes) != 0)
            continue;
        if (d->handle.generation == 0)
            return 0;
        return -sockets_errno(
            tern_option_set(s->config.stack, sockets_now(s), d->handle, TERN_OPTION_CONGESTION, i));
    }
    return -ENOENT;
}

static int sockopt_get_congestion(const sockets *s, const descriptor *d, sockets_option *option)
{
    uint32_t index = s->config.stack_config->congestion;

    (void)tern_option_get(s->config.stack, d->handle, TERN_OPTION_CONGESTION, &index);
    const char *name = tern_congestion_list(index)->name;
    return sockopt_return(option, name, strlen(name) + 1);
}

static int sockopt_get_socket(descriptor *d, sockets_option *option)
{
    int error = d->error;

    switch (option->name) {
    case SO_ERROR:
        d->error = 0;
        return sockopt_return_int(option, error);
    case SO_TYPE:
        return sockopt_return_int(option, SOCK_STREAM);
    case SO_DOMAIN:
        return sockopt_return_int(option, d->family);
    case SO_PROTOCOL:
        return sockopt_return_int(option, IPPROTO_TCP);
    case SO_ACCEPTCONN:
        return sockopt_return_int(option, d->phase == PHASE_LISTENING);
    default:
        return -ENOPROTOOPT;
    }
}

/* ---- The calls ----------------------------------------------------------------------------- */

int sockets_setsockopt(sockets *s, int fd, const sockets_option *option)
{
    int error = 0;
    int64_t value = 0;
    descriptor *d = descriptor_stream(s, fd, &error);

    if (d == NULL)
        return error;
    if (option->level == IPPROTO_TCP && option->name == TCP_CONGESTION)
        return sockopt_set_congestion(s, d, option);
    int at = sockopt_find(option->level, option->name);
    if (at < 0)
        return -ENOPROTOOPT;
    error = sockopt_parse(&entries[at], option, &value);
    if (error != 0)
        return error;
    if (at == NUMBER_V6ONLY && (d->family != AF_INET6 || d->bound))
        return d->family != AF_INET6 ? -ENOPROTOOPT : -EINVAL;
    d->numbers[at] = value;
    d->numbers_set |= UINT64_C(1) << at;
    return d->phase == PHASE_LISTENING ? 0 : sockopt_give(s, d, at);
}

int sockets_getsockopt(sockets *s, int fd, sockets_option *option)
{
    int error = 0;
    descriptor *d = descriptor_stream(s, fd, &error);

    if (d == NULL)
        return error;
    int at = sockopt_find(option->level, option->name);
    if (at >= 0)
        return sockopt_get_number(s, d, at, option);
    if (option->level == SOL_SOCKET)
        return sockopt_get_socket(d, option);
    if (option->level == IPPROTO_TCP && option->name == TCP_CONGESTION)
        return sockopt_get_congestion(s, d, option);
    if (option->level == IPPROTO_TCP && option->name == TCP_INFO)
        return info_write(s, d, option);
    return -ENOPROTOOPT;
}
