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
    KIND_FLAG,         /* int: 0 or not */
    KIND_INT,          /* int: least .. most, else EINVAL */
    KIND_TOS,          /* int: least .. most; a TCP socket's ECN bits are not the program's */
    KIND_CLAMPED,      /* int: brought into least .. most */
    KIND_INT_OR_0,     /* as KIND_INT, or 0: as if never set */
    KIND_CLAMPED_OR_0, /* as KIND_CLAMPED, or 0: likewise */
    KIND_UNSIGNED,     /* int: any; below 0: above INT_MAX */
    KIND_TTL,          /* as KIND_INT, or -1: likewise */
    KIND_TIMEVAL,      /* struct timeval; kept in us */
    KIND_LINGER,       /* struct linger; kept in ms, -1: off */
    KIND_RETRIES,      /* int, seconds: brought up to what some number of retransmissions takes */
} sockopt_kind;

enum { NO_OPTION = -1, TERN_BUFFER_MAX = 1 << 30, WINDOW_MS = 1056964608, SECONDS_MAX = 1 << 30 };

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
    {IPPROTO_TCP, TCP_NOTSENT_LOWAT, KIND_UNSIGNED, 0, 0, 0, TERN_OPTION_UNSENT_LOW, 1},
    {IPPROTO_TCP, TCP_FASTOPEN_CONNECT, KIND_INT, 0, 1, 0, NO_OPTION, 1},
    {SOL_SOCKET, SO_OOBINLINE, KIND_FLAG, 0, 1, 0, NO_OPTION, 1},
    {IPPROTO_TCP, TCP_FASTOPEN, KIND_INT, 0, INT_MAX, 0, NO_OPTION, 1},
    {IPPROTO_TCP, TCP_QUICKACK, KIND_FLAG, 0, 1, 1, NO_OPTION, 1},
    {IPPROTO_TCP, TCP_INQ, KIND_INT, 0, 1, 0, NO_OPTION, 1},
    {IPPROTO_IP, IP_MTU_DISCOVER, KIND_INT, 0, IP_PMTUDISC_OMIT, IP_PMTUDISC_WANT,
     TERN_OPTION_MAY_FRAGMENT, 1},
    {IPPROTO_IPV6, IPV6_MTU_DISCOVER, KIND_INT, 0, IPV6_PMTUDISC_OMIT, IPV6_PMTUDISC_WANT,
     NO_OPTION, 1},
    {IPPROTO_TCP, TCP_CORK, KIND_FLAG, 0, 1, 0, TERN_OPTION_CORK, 1},
    {IPPROTO_TCP, TCP_DEFER_ACCEPT, KIND_RETRIES, 0, 0, 0, TERN_OPTION_DEFER_ACCEPT_MS, 1000},
    {IPPROTO_TCP, TCP_SAVE_SYN, KIND_INT, 0, 1, 0, TERN_OPTION_SAVE_SYN, 1},
    {IPPROTO_TCP, TCP_MAXSEG, KIND_INT_OR_0, 88, 32767, 536, TERN_OPTION_MAX_SEGMENT, 1},
    {SOL_SOCKET, SO_RCVBUF, KIND_CLAMPED, 1152, TERN_BUFFER_MAX, 0, TERN_OPTION_RECV_BUFFER, 1},
    {IPPROTO_TCP, TCP_WINDOW_CLAMP, KIND_CLAMPED_OR_0, 1152, TERN_BUFFER_MAX, 0,
     TERN_OPTION_RECV_BUFFER, 1},
    {IPPROTO_TCP, TCP_LINGER2, KIND_CLAMPED, -1, 120, 0, TERN_OPTION_FIN_WAIT_2_MS, 1000},
    {IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, KIND_FLAG, 0, 1, 0, NO_OPTION, 1},
    {SOL_SOCKET, SO_PRIORITY, KIND_INT, INT_MIN, INT_MAX, 0, NO_OPTION, 1},

    {SOL_SOCKET, SO_KEEPALIVE, KIND_FLAG, 0, 1, 0, TERN_OPTION_KEEPALIVE, 1},
    {SOL_SOCKET, SO_SNDBUF, KIND_CLAMPED, 2304, TERN_BUFFER_MAX, 0, TERN_OPTION_SEND_BUFFER, 1},
    {IPPROTO_TCP, TCP_NODELAY, KIND_FLAG, 0, 1, 0, TERN_OPTION_NODELAY, 1},
    {IPPROTO_TCP, TCP_KEEPIDLE, KIND_INT, 1, 32767, 0, TERN_OPTION_KEEP_IDLE_MS, 1000},
    {IPPROTO_TCP, TCP_KEEPINTVL, KIND_INT, 1, 32767, 0, TERN_OPTION_KEEP_INTERVAL_MS, 1000},
    {IPPROTO_TCP, TCP_KEEPCNT, KIND_INT, 1, 127, 0, TERN_OPTION_KEEP_COUNT, 1},
    {IPPROTO_TCP, TCP_SYNCNT, KIND_INT, 1, 127, 0, TERN_OPTION_SYN_RETRIES, 1},
    {IPPROTO_TCP, SOCKETS_TCP_KEEPINIT, KIND_INT, 1, WINDOW_MS / 1000, 0,
     TERN_OPTION_SYN_GIVE_UP_MS, 1000},
    {IPPROTO_TCP, SOCKETS_TCP_NOOPT, KIND_FLAG, 0, 1, 0, TERN_OPTION_PLAIN_SYN, 1},
    {IPPROTO_IP, IP_TTL, KIND_TTL, 1, 255, 0, TERN_OPTION_TTL, 1},
    {IPPROTO_IPV6, IPV6_UNICAST_HOPS, KIND_TTL, 1, 255, 0, TERN_OPTION_TTL, 1},
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
    case TERN_OPTION_SYN_RETRIES:
        return c->syn_schedule.retries_max;
    case TERN_OPTION_SYN_GIVE_UP_MS:
        return c->syn_schedule.give_up_ms;
    default:
        return 0;
    }
}

static bool sockopt_is_set(const descriptor *d, int at)
{
    bool unset = (entries[at].kind == KIND_TTL && d->numbers[at] == -1) ||
                 (at == NUMBER_LINGER2 && d->numbers[at] == 0);

    return (d->numbers_set >> at & 1) != 0 && !unset;
}

/* There is one bound of the window, the receive buffer: the less of the two that a program sets. */
static int64_t sockopt_window(const tern_sockets *s, const descriptor *d)
{
    int64_t buffer = sockopt_is_set(d, NUMBER_RCVBUF) ? d->numbers[NUMBER_RCVBUF]
                                                      : s->config.stack_config->recv_buffer_bytes;
    int64_t clamp = d->numbers[NUMBER_WINDOW_CLAMP];

    return clamp != 0 && clamp < buffer ? clamp : buffer;
}

static int sockopt_give(tern_sockets *s, const descriptor *d, int at)
{
    const sockopt_entry *e = &entries[at];

    if (e->option == NO_OPTION || d->handle.generation == 0 ||
        ((at == NUMBER_DEFER_ACCEPT || at == NUMBER_SAVE_SYN) && d->phase != PHASE_LISTENING))
        return 0;
    int64_t value = d->numbers[at] * e->times;
    if (!sockopt_is_set(d, at))
        value = sockopt_of_config(s->config.stack_config, e->option);
    else if (at == NUMBER_LINGER2 && value < 0)
        value = 1; /* ms: Linux does not wait at all */
    if (e->option == TERN_OPTION_RECV_BUFFER)
        value = sockopt_window(s, d);
    if (e->option == TERN_OPTION_MAY_FRAGMENT)
        value = value == IP_PMTUDISC_DONT;
    tern_err err = tern_option_set(s->config.stack, sockets_now(s), d->handle,
                                   (tern_option)e->option, (uint32_t)value);
    return -sockets_errno(err);
}

void sockopt_apply(tern_sockets *s, const descriptor *d)
{
    for (int i = 0; i < ENTRIES; i++)
        if ((d->numbers_set >> i & 1) != 0)
            (void)sockopt_give(s, d, i);
    if (d->congestion != 0)
        (void)tern_option_set(s->config.stack, sockets_now(s), d->handle, TERN_OPTION_CONGESTION,
                              (uint32_t)d->congestion - 1);
}

void sockopt_inherit(descriptor *to, const descriptor *from)
{
    to->numbers_set = from->numbers_set;
    memcpy(to->numbers, from->numbers, sizeof to->numbers);
    to->congestion = from->congestion;
}

/* 1, 3, 7, ... seconds: a wait of 1 s, doubled up to 120 s. */
static int64_t sockopt_retries_s(int seconds)
{
    int64_t sum = 0, wait = 1;

    while (sum < seconds) {
        sum += wait;
        wait = 2 * wait < 120 ? 2 * wait : 120;
        if (wait == 120 && sum + wait < seconds)
            return seconds; /* so long no record lives */
    }
    return sum;
}

/* An int, as its kind has it; -EINVAL when it may not be so. */
static int sockopt_in_range(const sockopt_entry *e, int number, int64_t *value)
{
    bool unset = (e->kind == KIND_TTL && number == -1) ||
                 ((e->kind == KIND_INT_OR_0 || e->kind == KIND_CLAMPED_OR_0) && number == 0);

    if (e->kind == KIND_FLAG)
        number = number != 0;
    if (e->kind == KIND_TOS)
        number &= ~3;
    bool clamped = e->kind == KIND_CLAMPED || e->kind == KIND_CLAMPED_OR_0;
    if (clamped && !unset)
        number = number < e->least ? e->least : number > e->most ? e->most : number;
    else if (e->kind != KIND_RETRIES && e->kind != KIND_UNSIGNED && !unset &&
             (number < e->least || number > e->most))
        return -EINVAL;
    *value = e->kind == KIND_RETRIES ? sockopt_retries_s(number) : number;
    return 0;
}

/* The value as the program has it, in *value. A negative errno when it is not one. */
static int sockopt_parse(const sockopt_entry *e, const tern_sockets_option *option, int64_t *value)
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
        if (time.tv_sec < 0) /* is over at once */
            time = (struct timeval){.tv_usec = 1};
        if (time.tv_sec > SECONDS_MAX) /* for ever */
            time = (struct timeval){0};
        *value = (int64_t)time.tv_sec * 1000000 + time.tv_usec;
        return 0;
    case KIND_LINGER:
        if (option->bytes < sizeof linger)
            return -EINVAL;
        memcpy(&linger, option->value, sizeof linger);
        *value = linger.l_onoff == 0 ? -1 : (int64_t)(unsigned)linger.l_linger * 1000;
        return 0;
    case KIND_FLAG:
    case KIND_INT:
    case KIND_TOS:
    case KIND_CLAMPED:
    case KIND_RETRIES:
    case KIND_INT_OR_0:
    case KIND_CLAMPED_OR_0:
    case KIND_UNSIGNED:
    case KIND_TTL:
        break;
    }
    if (e->level == IPPROTO_IP && option->bytes >= 1 && option->bytes < sizeof number)
        number = *(const uint8_t *)option->value; /* an IP option may be one octet */
    else if (option->bytes >= sizeof number)
        memcpy(&number, option->value, sizeof number);
    else
        return -EINVAL;
    return sockopt_in_range(e, number, value);
}

/* TCP_MAXSEG of a connection: what it sends, options taken off. */
static bool sockopt_mss(const tern_sockets *s, const descriptor *d, int64_t *value)
{
    tern_status status;

    if (d->phase == PHASE_LISTENING || !sockets_status(s, d, &status) ||
        status.state == TERN_CLOSED)
        return false;
    *value = status.snd_mss - (status.options_timestamps ? 12 : 0);
    return true;
}

static int64_t sockopt_value(const tern_sockets *s, const descriptor *d, int at)
{
    const sockopt_entry *e = &entries[at];
    int64_t mss;
    uint32_t value;

    if (at == NUMBER_MAXSEG && sockopt_mss(s, d, &mss))
        return mss;
    bool rounded = at == NUMBER_RCVBUF && d->handle.generation != 0 &&
                   s->config.stack_config->recv_buffer_round_to_mss;
    if (!rounded && sockopt_is_set(d, at) && (at != NUMBER_MAXSEG || d->numbers[at] != 0))
        return d->numbers[at];
    if (e->option == NO_OPTION || at == NUMBER_MAXSEG || at == NUMBER_WINDOW_CLAMP ||
        at == NUMBER_MTU_DISCOVER)
        return e->value;
    if (at == NUMBER_RCVBUF && d->numbers[NUMBER_WINDOW_CLAMP] != 0)
        return s->config.stack_config->recv_buffer_bytes;
    if (tern_option_get(s->config.stack, d->handle, (tern_option)e->option, &value) == TERN_OK &&
        (value != 0 ||
         (e->option != TERN_OPTION_SYN_RETRIES && e->option != TERN_OPTION_SYN_GIVE_UP_MS)))
        return value / e->times;
    return sockopt_of_config(s->config.stack_config, e->option) / e->times;
}

/* Writes what getsockopt(2) gives: as much as there is room for. */
static int sockopt_return(tern_sockets_option *option, const void *value, size_t bytes)
{
    option->bytes = option->bytes < bytes ? option->bytes : (socklen_t)bytes;
    if (option->bytes > 0)
        memcpy(option->value, value, option->bytes);
    return 0;
}

static int sockopt_return_int(tern_sockets_option *option, int value)
{
    return sockopt_return(option, &value, sizeof value);
}

static int sockopt_get_number(const tern_sockets *s, const descriptor *d, int at,
                              tern_sockets_option *option)
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
    if (buffer && s->config.stack_config->recv_buffer_doubling)
        value *= 2;
    return sockopt_return_int(option, value > INT_MAX ? INT_MAX : (int)value);
}

/* ---- What is no number --------------------------------------------------------------------- */

static int sockopt_set_congestion(tern_sockets *s, descriptor *d, const tern_sockets_option *option)
{
    const tern_congestion *congestion;

    for (uint32_t i = 0; (congestion = tern_congestion_list(i)) != NULL; i++) {
        size_t bytes = strlen(congestion->name);
        if (bytes != strnlen(option->value, option->bytes) ||
            memcmp(congestion->name, option->value, bytes) != 0)
            continue;
        d->congestion = (int)i + 1;
        if (d->handle.generation == 0)
            return 0;
        return -sockets_errno(
            tern_option_set(s->config.stack, sockets_now(s), d->handle, TERN_OPTION_CONGESTION, i));
    }
    return -ENOENT;
}

static int sockopt_get_congestion(const tern_sockets *s, const descriptor *d,
                                  tern_sockets_option *option)
{
    uint32_t index = d->congestion != 0 ? (uint32_t)d->congestion - 1
                                        : s->config.stack_config->congestion;

    (void)tern_option_get(s->config.stack, d->handle, TERN_OPTION_CONGESTION, &index);
    const char *name = tern_congestion_list(index)->name;
    return sockopt_return(option, name, strlen(name) + 1);
}

static int sockopt_get_socket(descriptor *d, tern_sockets_option *option)
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
    case SO_SNDLOWAT:
        return sockopt_return_int(option, 1);
    case SO_BINDTODEVICE:
        return sockopt_return(option, "", 0);
    default:
        return -ENOPROTOOPT;
    }
}

/* TCP_SAVED_SYN: once. EINVAL and how much it takes, when there is no room for it. */
static int sockopt_get_saved_syn(const tern_sockets *s, const descriptor *d,
                                 tern_sockets_option *option)
{
    ptrdiff_t bytes = tern_saved_syn(s->config.stack, d->handle, option->value, option->bytes);
    bool fits = bytes <= (ptrdiff_t)option->bytes;

    option->bytes = bytes > 0 ? (socklen_t)bytes : 0;
    return fits ? 0 : -EINVAL;
}

static int sockopt_get_tcp(const tern_sockets *s, const descriptor *d, tern_sockets_option *option)
{
    switch (option->name) {
    case TCP_CONGESTION:
        return sockopt_get_congestion(s, d, option);
    case TCP_INFO:
        return info_write(s, d, option);
    case TCP_SAVED_SYN:
        return sockopt_get_saved_syn(s, d, option);
    case TCP_FASTOPEN_KEY:
        return d->fast_key_bytes > 0 ? sockopt_return(option, d->fast_keys, d->fast_key_bytes)
                                     : sockopt_return(option, s->fast_keys, s->fast_key_bytes);
    case TCP_CC_INFO:
        return sockopt_return(option, NULL, 0); /* as for an algorithm that tells nothing */
    default:
        return -ENOPROTOOPT;
    }
}

/* IP_MTU and IPV6_MTU: of the path to the peer. */
static int sockopt_get_mtu(const tern_sockets *s, const descriptor *d, tern_sockets_option *option)
{
    tern_status status;

    if (option->name != (option->level == IPPROTO_IP ? IP_MTU : IPV6_MTU))
        return -ENOPROTOOPT;
    if (d->phase != PHASE_CONNECTED || !sockets_status(s, d, &status))
        return -ENOTCONN;
    return sockopt_return_int(option, (int)status.path_mtu);
}

/* ---- The calls ----------------------------------------------------------------------------- */

/* May this option have this value, on this socket, now? */
static int sockopt_allowed(const tern_sockets *s, const descriptor *d, int at, int64_t value)
{
    bool fast_client = (s->config.fast_open & TERN_SOCKETS_FAST_OPEN_CLIENT) != 0;
    bool discovers = s->config.stack_config->path_mtu_discovery != TERN_PATH_MTU_OFF;

    switch (at) {
    case NUMBER_V6ONLY:
        return d->bound ? -EINVAL : 0;
    case NUMBER_FASTOPEN_CONNECT:
        return !fast_client ? -EOPNOTSUPP : d->phase != PHASE_NEW ? -EINVAL : 0;
    case NUMBER_FASTOPEN:
        return d->phase == PHASE_NEW || d->phase == PHASE_LISTENING ? 0 : -EINVAL;
    case NUMBER_WINDOW_CLAMP:
        return value != 0 || d->phase == PHASE_NEW ? 0 : -EINVAL;
    case NUMBER_MTU_DISCOVER:
        if (value == IP_PMTUDISC_DONT)
            return 0;
        return discovers && (value == IP_PMTUDISC_WANT || value == IP_PMTUDISC_DO) ? 0 : -EINVAL;
    case NUMBER_MTU_DISCOVER_V6: /* the stack does it for all connections, or for none */
        if (discovers)
            return value == IP_PMTUDISC_WANT || value == IP_PMTUDISC_DO ? 0 : -EINVAL;
        return value == IP_PMTUDISC_DONT ? 0 : -EINVAL;
    default:
        return 0;
    }
}

/* An option of the layer's own takes effect; others are given to the stack. */
static int sockopt_effect(tern_sockets *s, descriptor *d, int at)
{
    if (at == NUMBER_FASTOPEN && d->phase == PHASE_LISTENING)
        fast_open_listen(s, d);
    if (at == NUMBER_QUICKACK && d->handle.generation != 0 && d->phase != PHASE_LISTENING) {
        d->ack_quick = d->numbers[at] != 0;
        (void)tern_option_set(s->config.stack, sockets_now(s), d->handle, TERN_OPTION_DELAYED_ACK,
                              d->numbers[at] == 0);
    }
    bool nodelay = entries[at].option == TERN_OPTION_NODELAY && d->numbers[at] != 0;
    if (nodelay && sockopt_number(d, NUMBER_CORK) != 0 && d->handle.generation != 0) {
        d->uncorked = true; /* what is held goes out; the next write is held again */
        (void)tern_option_set(s->config.stack, sockets_now(s), d->handle, TERN_OPTION_CORK, 0);
    }
    return sockopt_give(s, d, at);
}

/* What is no number. -EAGAIN: it is. */
static int sockopt_set_other(tern_sockets *s, descriptor *d, const tern_sockets_option *option)
{
    if (option->level == IPPROTO_TCP && option->name == TCP_CONGESTION)
        return sockopt_set_congestion(s, d, option);
    if (option->level == IPPROTO_TCP && option->name == TCP_FASTOPEN_KEY)
        return fast_open_set_key(s, d, option);
    if (option->level == SOL_SOCKET && option->name == SO_BINDTODEVICE) /* there are no devices */
        return option->bytes == 0 || *(const char *)option->value == 0 ? 0 : -ENODEV;
    return -EAGAIN;
}

int tern_sockets_setsockopt(tern_sockets *s, int fd, const tern_sockets_option *option)
{
    int error = 0;
    int64_t value = 0;
    descriptor *d = descriptor_stream(s, fd, &error);

    if (d == NULL)
        return error;
    error = sockopt_set_other(s, d, option);
    if (error != -EAGAIN)
        return error;
    int at = sockopt_find(option->level, option->name);
    if (at < 0 || (option->level == IPPROTO_IPV6 && d->family != AF_INET6))
        return -ENOPROTOOPT;
    error = sockopt_parse(&entries[at], option, &value);
    if (error == 0)
        error = sockopt_allowed(s, d, at, value);
    if (error != 0)
        return error;
    if (at == NUMBER_FASTOPEN && value > SOMAXCONN)
        value = SOMAXCONN;
    d->numbers[at] = value;
    d->numbers_set |= UINT64_C(1) << at;
    return sockopt_effect(s, d, at);
}

int tern_sockets_getsockopt(tern_sockets *s, int fd, tern_sockets_option *option)
{
    int error = 0;
    descriptor *d = descriptor_stream(s, fd, &error);

    if (d == NULL)
        return error;
    if (option->level == IPPROTO_IPV6 && d->family != AF_INET6)
        return -ENOPROTOOPT;
    int at = sockopt_find(option->level, option->name);
    if (at >= 0)
        return sockopt_get_number(s, d, at, option);
    switch (option->level) {
    case SOL_SOCKET:
        return option->name == SO_MEMINFO ? memory_info_write(s, d, option)
                                          : sockopt_get_socket(d, option);
    case IPPROTO_TCP:
        return sockopt_get_tcp(s, d, option);
    case IPPROTO_IP:
    case IPPROTO_IPV6:
        return sockopt_get_mtu(s, d, option);
    default:
        return -ENOPROTOOPT;
    }
}
