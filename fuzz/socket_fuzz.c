/* socket_fuzz.c - two stacks, each with a table of sockets, a bad line between them, and programs
 * that call anything in any order with any arguments, blocking calls too.
 *
 * What one end writes is a pattern of its place in the stream, so that what the other reads can be
 * checked; urgent octets leave the stream, so from the first of these on it is not. A blocking call
 * lets time and packets go on until an input's share of waits is used up: then all are interrupted.
 * At the end each descriptor is closed, and both stacks must become empty by themselves. */
#define _GNU_SOURCE
#include "fuzz/invariants.h"

#include "tern/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>

enum {
    FIRST = 3,
    DESCRIPTORS = 8,
    QUEUE = 32,
    STEPS_MAX = 400,
    WAITS_MAX = 200,
    DATA_MAX = 9000,
    ERRNO_MAX = 133, /* EHWPOISON */
};

/* How far the streams of a descriptor have come. */
struct stream {
    tern_handle handle;
    uint32_t sent, read;
};

struct end {
    tern_stack *stack;
    tern_config config;
    tern_sockets *table;
    struct stream streams[DESCRIPTORS];
    struct packet {
        size_t bytes;
        uint8_t octets[1500];
    } queue[QUEUE];
    unsigned queued;
};

static struct end ends[2];
static const uint8_t *input;
static size_t input_left;
static tern_time now_us;
static unsigned waits_left;
static bool pattern_holds;

static uint8_t take(void)
{
    if (input_left == 0)
        return 0;
    input_left--;
    return *input++;
}

static uint32_t take16(void)
{
    uint32_t v = take();

    return v << 8 | take();
}

static uint8_t pattern(uint32_t place)
{
    return (uint8_t)(place * 7 + (place >> 8) * 13);
}

/* A result is a count or a negative errno. */
static ssize_t checked(ssize_t result)
{
    PROPERTY(result >= -ERRNO_MAX);
    return result;
}

/* ---- The line and the time ----------------------------------------------------------------- */

static void output(struct end *from, struct end *to)
{
    uint8_t packet[1500];
    size_t bytes;
    unsigned packets = 0;

    while ((bytes = invariants_output(from->stack, &from->config, now_us, packet)) > 0) {
        PROPERTY(++packets < INVARIANTS_PACKETS_MAX);
        if (to->queued == QUEUE)
            continue; /* lost */
        struct packet *p = &to->queue[to->queued++];
        p->bytes = bytes;
        memcpy(p->octets, packet, bytes);
    }
}

static void tell(struct end *e)
{
    tern_event event;

    while (tern_next_event(e->stack, &event))
        tern_sockets_event(e->table, &event);
}

/* The packets that wait arrive; now and then one is lost, comes twice, or late. */
static void arrive(struct end *to)
{
    for (unsigned i = 0; i < QUEUE && to->queued > 0; i++) {
        uint8_t how = take();
        unsigned at = how >= 0xe0 && to->queued > 1 ? 1 : 0;
        uint8_t *exact = property_copy(to->queue[at].octets, to->queue[at].bytes);
        if (how < 0xf8)
            tern_input(to->stack, now_us, exact, to->queue[at].bytes);
        if (how < 0xd0 || how >= 0xe0)
            memmove(&to->queue[at], &to->queue[at + 1], (--to->queued - at) * sizeof to->queue[0]);
        free(exact);
        tell(to);
    }
}

static void exchange(void)
{
    for (unsigned i = 0; i < 2; i++) {
        output(&ends[i], &ends[1 - i]);
        arrive(&ends[1 - i]);
    }
    for (unsigned i = 0; i < 2; i++) {
        output(&ends[i], &ends[1 - i]);
        tell(&ends[i]);
    }
}

static tern_time next_us(void)
{
    tern_time a = tern_deadline(ends[0].stack), b = tern_deadline(ends[1].stack);

    return a < b ? a : b;
}

static tern_time host_now(void *context)
{
    (void)context;
    return now_us;
}

static bool host_wait(void *context, tern_time until_us)
{
    (void)context;
    if (waits_left == 0)
        return false;
    waits_left--;
    exchange();
    tern_time next = next_us();
    bool waiting = ends[0].queued + ends[1].queued > 0;
    if (!waiting && next == TERN_NEVER && until_us == TERN_NEVER)
        return false;
    if (!waiting)
        now_us = next < until_us ? next : until_us;
    return true;
}

/* ---- Arguments ----------------------------------------------------------------------------- */

/* Of the table, or now and then a number that is not. */
static int any_fd(void)
{
    return FIRST + take() % (DESCRIPTORS + 2);
}

static struct sockaddr_storage any_address(const struct end *e, const struct end *peer,
                                           socklen_t *bytes)
{
    uint8_t how = take();
    const tern_config *c = (how & 1) != 0 ? &e->config : &peer->config;
    struct sockaddr_storage storage = {0};
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(80 + (how >> 1 & 1))};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = v4.sin_port};
    bool any = (how & 0x0c) == 0x0c;

    if (!any)
        memcpy(&v4.sin_addr, c->addresses[0].octets + 12, 4);
    if (!any)
        memcpy(&v6.sin6_addr, c->addresses[(how & 4) != 0 ? 0 : 1].octets, 16);
    if ((how & 0xf0) == 0xf0)
        v4.sin_family = AF_UNSPEC;
    if ((how & 0xf0) == 0xe0)
        v4.sin_port = v6.sin6_port = 0;
    bool ipv6 = (how & 0x10) != 0 && v4.sin_family != AF_UNSPEC;
    *bytes = ipv6 ? sizeof v6 : sizeof v4;
    memcpy(&storage, ipv6 ? (const void *)&v6 : (const void *)&v4, *bytes);
    if ((how & 0xf0) == 0xd0)
        *bytes = take() % sizeof storage;
    return storage;
}

/* Copied to a block of its very size. */
static struct sockaddr *exact_address(const struct sockaddr_storage *from, socklen_t bytes)
{
    return (struct sockaddr *)(void *)property_copy(from, bytes);
}

static struct stream *stream_of(struct end *e, int fd)
{
    static struct stream none;
    tern_handle now = tern_sockets_handle(e->table, fd);

    if (fd >= FIRST + DESCRIPTORS)
        return &none;
    struct stream *s = &e->streams[fd - FIRST];
    if (now.index != s->handle.index || now.generation != s->handle.generation)
        *s = (struct stream){.handle = now};
    return s;
}

/* ---- Calls --------------------------------------------------------------------------------- */

static void call_socket(struct end *e)
{
    uint8_t how = take();
    int domain = (how & 1) != 0 ? AF_INET6 : AF_INET;
    int type = (how & 2) != 0 ? SOCK_STREAM : SOCK_STREAM | SOCK_NONBLOCK;

    if ((how & 0xe0) == 0xe0)
        type = how;
    checked(tern_sockets_socket(e->table, domain, type, (how & 0x1c) == 0x1c ? how : 0));
}

static void call_open(struct end *e, struct end *peer)
{
    socklen_t bytes;
    struct sockaddr_storage address = any_address(e, peer, &bytes);
    struct sockaddr *exact = exact_address(&address, bytes);
    uint8_t how = take();
    int fd = any_fd();

    if (how % 4 == 0)
        checked(tern_sockets_bind(e->table, fd, exact, bytes));
    else if (how % 4 == 1)
        checked(tern_sockets_listen(e->table, fd, (how >> 2) - 4));
    else if (how % 4 == 2)
        checked(tern_sockets_connect(e->table, fd, exact, bytes));
    else
        checked(
            tern_sockets_accept4(e->table, fd, exact, &bytes, (how & 4) != 0 ? SOCK_NONBLOCK : 0));
    free(exact);
}

static void call_send(struct end *e, struct end *peer)
{
    static const int flags[] = {
        0, MSG_DONTWAIT, MSG_MORE, MSG_OOB | MSG_DONTWAIT, 0, MSG_FASTOPEN | MSG_DONTWAIT,
        0, MSG_FASTOPEN};
    static uint8_t data[DATA_MAX];
    uint8_t how = take();
    int fd = any_fd(), flag = flags[how % 8], queued = 0;
    uint32_t bytes = take16() % DATA_MAX;
    struct stream *s = stream_of(e, fd);
    struct sockaddr_storage to;
    struct msghdr m = {.msg_iovlen = (how & 8) != 0 ? 2 : 1};

    for (uint32_t i = 0; i < bytes; i++)
        data[i] = pattern(s->sent + i);
    uint8_t *exact = property_copy(data, bytes);
    size_t first = m.msg_iovlen == 2 ? bytes / 3 : bytes;
    m.msg_iov = (struct iovec[]){{exact, first}, {exact + first, bytes - first}};
    if ((how & 0x10) != 0) {
        to = any_address(e, peer, &m.msg_namelen);
        m.msg_name = &to;
    }
    pattern_holds = pattern_holds && (flag & MSG_OOB) == 0;
    ssize_t n = checked(tern_sockets_sendmsg(e->table, fd, &m, flag));
    free(exact);
    PROPERTY(n <= (ssize_t)bytes);
    s = stream_of(e, fd); /* a new one, perhaps: the call has connected */
    s->sent += n > 0 ? (uint32_t)n : 0;
    /* A call that was interrupted after the SYN took its part has an error and no count. */
    if (n < 0 && s->sent == 0 && tern_sockets_ioctl(e->table, fd, SIOCOUTQ, &queued) == 0)
        s->sent = (uint32_t)queued;
}

static void call_receive(struct end *e)
{
    static const int flags[] = {0,
                                MSG_DONTWAIT,
                                MSG_PEEK | MSG_DONTWAIT,
                                MSG_WAITALL,
                                MSG_TRUNC | MSG_DONTWAIT,
                                MSG_OOB,
                                MSG_PEEK | MSG_WAITALL,
                                MSG_ERRQUEUE};
    uint8_t how = take();
    int fd = any_fd(), flag = flags[how % 8];
    uint32_t room = take16() % DATA_MAX;
    struct stream *s = stream_of(e, fd);
    uint8_t *exact = malloc(room > 0 ? room : 1);
    uint8_t control[64];
    PROPERTY(exact != NULL);
    size_t first = (how & 8) != 0 ? room / 3 : room;
    struct msghdr m = {.msg_iov = (struct iovec[]){{exact, first}, {exact + first, room - first}},
                       .msg_iovlen = 2,
                       .msg_control = control,
                       .msg_controllen = how >> 2};

    ssize_t n = checked(tern_sockets_recvmsg(e->table, fd, &m, flag));
    PROPERTY(n <= (ssize_t)room);
    bool shows = (flag & (MSG_TRUNC | MSG_OOB)) == 0;
    for (ssize_t i = 0; pattern_holds && shows && i < n; i++)
        PROPERTY(exact[i] == pattern(s->read + (uint32_t)i));
    if (n > 0 && (flag & (MSG_PEEK | MSG_OOB)) == 0)
        s->read += (uint32_t)n;
    free(exact);
}

static void call_end(struct end *e)
{
    uint8_t how = take();
    int fd = any_fd();

    if (how % 3 == 0)
        checked(tern_sockets_close(e->table, fd));
    else
        checked(tern_sockets_shutdown(e->table, fd, how / 3 % 5));
}

static const int options[][2] = {
    {SOL_SOCKET, SO_REUSEADDR},
    {SOL_SOCKET, SO_REUSEPORT},
    {IPPROTO_IPV6, IPV6_V6ONLY},
    {SOL_SOCKET, SO_RCVLOWAT},
    {SOL_SOCKET, SO_RCVTIMEO},
    {SOL_SOCKET, SO_SNDTIMEO},
    {SOL_SOCKET, SO_LINGER},
    {SOL_SOCKET, SO_OOBINLINE},
    {SOL_SOCKET, SO_KEEPALIVE},
    {SOL_SOCKET, SO_RCVBUF},
    {SOL_SOCKET, SO_SNDBUF},
    {SOL_SOCKET, SO_ERROR},
    {SOL_SOCKET, SO_ACCEPTCONN},
    {SOL_SOCKET, SO_BINDTODEVICE},
    {IPPROTO_TCP, TCP_NODELAY},
    {IPPROTO_TCP, TCP_CORK},
    {IPPROTO_TCP, TCP_MAXSEG},
    {IPPROTO_TCP, TCP_KEEPIDLE},
    {IPPROTO_TCP, TCP_KEEPINTVL},
    {IPPROTO_TCP, TCP_KEEPCNT},
    {IPPROTO_TCP, TCP_SYNCNT},
    {IPPROTO_TCP, TCP_LINGER2},
    {IPPROTO_TCP, TCP_DEFER_ACCEPT},
    {IPPROTO_TCP, TCP_WINDOW_CLAMP},
    {IPPROTO_TCP, TCP_INFO},
    {IPPROTO_TCP, TCP_QUICKACK},
    {IPPROTO_TCP, TCP_CONGESTION},
    {IPPROTO_TCP, TCP_USER_TIMEOUT},
    {IPPROTO_TCP, TCP_FASTOPEN},
    {IPPROTO_TCP, TCP_FASTOPEN_CONNECT},
    {IPPROTO_TCP, TCP_FASTOPEN_KEY},
    {IPPROTO_TCP, TCP_NOTSENT_LOWAT},
    {IPPROTO_TCP, TCP_INQ},
    {IPPROTO_TCP, TCP_SAVE_SYN},
    {IPPROTO_TCP, TCP_SAVED_SYN},
    {IPPROTO_IP, IP_TTL},
    {IPPROTO_IP, IP_TOS},
    {IPPROTO_IP, IP_MTU},
    {IPPROTO_IP, IP_MTU_DISCOVER},
    {IPPROTO_IPV6, IPV6_UNICAST_HOPS},
    {IPPROTO_IPV6, IPV6_TCLASS},
    {IPPROTO_IPV6, IPV6_MTU},
};

static void call_option(struct end *e)
{
    enum { OPTIONS = sizeof options / sizeof options[0] };
    uint8_t how = take();
    int fd = any_fd(), level = take(), name = level;
    int value[8] = {(int)take16(), (int)(take16() << 4)};

    if (level < 2 * OPTIONS) {
        name = options[level % OPTIONS][1];
        level = options[level % OPTIONS][0];
    }
    if ((how & 2) != 0)
        value[0] = -value[0];
    socklen_t bytes = (how & 0x80) != 0 ? how & 0x1f : name == SO_LINGER ? 8 : 4;
    if (level == SOL_SOCKET && (name == SO_RCVTIMEO || name == SO_SNDTIMEO))
        value[1] = 0; /* the upper half of seconds: else for ever */
    if ((how & 0x84) == 4)
        bytes = sizeof value;
    tern_sockets_option option = {level, name, property_copy(value, bytes), bytes};
    if ((how & 1) != 0)
        checked(tern_sockets_setsockopt(e->table, fd, &option));
    else
        checked(tern_sockets_getsockopt(e->table, fd, &option));
    PROPERTY(option.bytes <= bytes || name == TCP_SAVED_SYN);
    free(option.value);
}

/* What poll() calls readable does not make recv() wait. */
static void check_readable(struct end *e, const struct pollfd *p)
{
    int listens = 0;
    uint8_t octet;
    tern_sockets_option option = {SOL_SOCKET, SO_ACCEPTCONN, &listens, sizeof listens};
    struct msghdr m = {.msg_iov = &(struct iovec){&octet, 1}, .msg_iovlen = 1};

    if ((p->revents & POLLIN) == 0 || (p->revents & POLLNVAL) != 0 ||
        tern_sockets_getsockopt(e->table, p->fd, &option) != 0 || listens != 0)
        return;
    PROPERTY(tern_sockets_recvmsg(e->table, p->fd, &m, MSG_PEEK | MSG_DONTWAIT) != -EAGAIN);
}

static void call_poll(struct end *e)
{
    struct pollfd fds[3];
    uint8_t how = take();

    for (int i = 0; i < 3; i++)
        fds[i] = (struct pollfd){any_fd(), (short)(i == 2 ? take16() : POLLIN | POLLOUT), 0};
    int ready = (int)checked(
        tern_sockets_poll(e->table, fds, how % 4, how >= 0xf0 ? -1 : how & 15));
    PROPERTY(ready <= how % 4);
    for (int i = 0; i < how % 4 && ready > 0; i++)
        check_readable(e, &fds[i]);
}

static void call_select(struct end *e)
{
    fd_set sets[3], *chosen[3] = {&sets[0], &sets[1], &sets[2]};
    struct timeval timeout = {0, (long)take() * 1000};
    uint8_t how = take();

    for (int i = 0; i < 3; i++) {
        FD_ZERO(&sets[i]);
        if ((how >> i & 1) != 0)
            FD_SET(any_fd(), &sets[i]);
        else if ((how >> i & 8) != 0)
            chosen[i] = NULL;
    }
    int ready = (int)checked(
        tern_sockets_select(e->table, FIRST + DESCRIPTORS + 2, chosen, &timeout));
    PROPERTY(ready <= 3);
}

static void call_epoll(struct end *e)
{
    uint8_t how = take();
    int set = any_fd(), fd = any_fd();
    struct epoll_event event = {.events = take16() | (how & 8 ? EPOLLET : 0), .data.fd = fd};
    struct epoll_event got[3];

    if (how % 4 == 0)
        checked(tern_sockets_epoll_create(e->table, how >= 0xf0 ? how : 0));
    if (how % 4 == 1)
        checked(tern_sockets_epoll_ctl(e->table, set, 1 + (how >> 4) % 4, fd, &event));
    if (how % 4 < 2)
        return;
    ssize_t n = checked(
        tern_sockets_epoll_wait(e->table, set, got, 3, how >= 0xf8 ? -1 : how >> 4));
    PROPERTY(n <= 3);
    for (ssize_t i = 0; i < n; i++) {
        struct pollfd p = {got[i].data.fd, (short)got[i].events, 0};
        PROPERTY(tern_sockets_poll(e->table, &p, 1, 0) == 1);
        PROPERTY((p.revents & POLLNVAL) == 0); /* a descriptor that is closed is in no set */
    }
}

static void call_control(struct end *e)
{
    static const unsigned long requests[] = {FIONBIO,     FIONREAD,   SIOCOUTQ,
                                             SIOCOUTQNSD, SIOCATMARK, 0x1234};
    uint8_t how = take();
    int fd = any_fd(), value = how & 1;

    if ((how & 0x80) == 0 &&
        checked(tern_sockets_ioctl(e->table, fd, requests[how % 6], &value)) == 0)
        PROPERTY(value >= 0);
    else
        checked(
            tern_sockets_fcntl(e->table, fd, how % 8, how & 0x40 ? O_NONBLOCK : how & FD_CLOEXEC));
}

static void call_name(struct end *e)
{
    uint8_t how = take();
    int fd = any_fd();
    socklen_t bytes = how % 40;
    uint8_t *exact = calloc(1, bytes > 0 ? bytes : 1);

    PROPERTY(exact != NULL);
    struct sockaddr *to = (struct sockaddr *)(void *)exact;
    if ((how & 0x80) != 0)
        checked(tern_sockets_getsockname(e->table, fd, to, &bytes));
    else
        checked(tern_sockets_getpeername(e->table, fd, to, &bytes));
    free(exact);
}

static void pass_time(void)
{
    uint8_t how = take();
    tern_time next = next_us();

    if (how < 200)
        now_us = next != TERN_NEVER && next > now_us ? next : now_us + how;
    else
        now_us += (tern_time)take16() * (how < 250 ? 100 : 100000);
    exchange();
}

static void step(void)
{
    uint8_t what = take();
    struct end *e = &ends[what >> 7], *peer = &ends[1 - (what >> 7)];

    switch (what % 16) {
    case 0:
        call_socket(e);
        break;
    case 1:
    case 2:
        call_open(e, peer);
        break;
    case 3:
    case 4:
        call_send(e, peer);
        break;
    case 5:
    case 6:
        call_receive(e);
        break;
    case 7:
        call_end(e);
        break;
    case 8:
        call_option(e);
        break;
    case 9:
        call_poll(e);
        break;
    case 10:
        call_select(e);
        break;
    case 11:
        call_epoll(e);
        break;
    case 12:
        call_control(e);
        break;
    case 13:
        call_name(e);
        break;
    case 14:
        pass_time();
        break;
    default:
        exchange();
    }
    for (unsigned i = 0; i < 2; i++) {
        tell(&ends[i]);
        invariants_check(ends[i].stack, &ends[i].config);
    }
}

static void end_begin(unsigned i, uint8_t profile)
{
    struct end *e = &ends[i];

    *e = (struct end){.config = invariants_config((uint8_t)(i + 1), profile)};
    e->config.addresses[1].octets[0] = 0xfd;
    e->config.addresses[1].octets[15] = (uint8_t)(i + 1);
    e->config.address_count = 2;
    e->config.settings_max = 4;
    e->config.recv_buffer_doubling = i == 0;
    e->config.recv_buffer_round_to_mss = i == 1;
    e->config.accept_window = i == 1 ? TERN_ACCEPT_BUFFER : TERN_ACCEPT_OFFERED;
    e->config.fast_open_api = i == 1 ? TERN_FAST_OPEN_SENDTO : TERN_FAST_OPEN_MSG;
    size_t bytes = tern_size(&e->config, NULL);
    void *arena = aligned_alloc(64, (bytes + 63) & ~(size_t)63);
    e->stack = tern_init(arena, bytes, &e->config);
    tern_sockets_config config = {
        .stack = e->stack,
        .stack_config = &e->config,
        .host = {NULL, host_now, host_wait},
        .first_descriptor = FIRST,
        .descriptors_max = DESCRIPTORS,
        .fast_open = TERN_SOCKETS_FAST_OPEN_CLIENT | TERN_SOCKETS_FAST_OPEN_SERVER |
                     (i == 0 ? TERN_SOCKETS_FAST_OPEN_EVERY_LISTENER : 0)};
    e->table = tern_sockets_new(&config);
    PROPERTY(arena != NULL && e->stack != NULL && e->table != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    input = data;
    input_left = bytes;
    now_us = 0;
    waits_left = WAITS_MAX;
    pattern_holds = true;
    uint8_t profile = take();
    for (unsigned i = 0; i < 2; i++)
        end_begin(i, profile);
    for (unsigned steps = 0; steps < STEPS_MAX && input_left > 0; steps++)
        step();
    waits_left = 0;
    for (unsigned i = 0; i < 2; i++) {
        for (int fd = FIRST; fd < FIRST + DESCRIPTORS; fd++)
            checked(tern_sockets_close(ends[i].table, fd));
        invariants_end(ends[i].stack, &ends[i].config, now_us);
        tern_sockets_free(ends[i].table);
        free(ends[i].stack);
    }
    return 0;
}
