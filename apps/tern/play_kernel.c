/* play_kernel.c - real sockets, driven by the same scenario.
 *
 * The kernel acts when it is given a packet, inside the write, and when a socket is called: after
 * each of these its state is read and told before anything else, so that cause and effect keep
 * their order in the picture. */
#define _GNU_SOURCE
#include "apps/tern/play_kernel.h"

#include "apps/tern/i18n.h"
#include "apps/tern/play_kernel_options.h"
#include "apps/tern/play_kernel_state.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { KERNEL_BUFFER_BYTES = 4096, KERNEL_BACKLOG = 8, KERNEL_PACKET_BYTES = 65535 };

static bool kernel_is_ipv6(const play_kernel *k)
{
    return !tern_address_is_ipv4(&k->stage->endpoints[k->side].address);
}

static void kernel_look(play_kernel *k)
{
    kernel_state now = {TERN_CLOSED, false};
    tern_endpoint local = k->stage->endpoints[k->side];
    tern_endpoint remote = k->stage->endpoints[stage_other(k->side)];
    local.port = k->local_port;
    remote.port = k->remote_port;
    if (k->local_port != 0)
        now = kernel_state_read(&local, &remote);
    k->retransmits = now.retransmits;
    if (now.state == TERN_LISTEN && k->was_synchronized) /* the listener outlives the connection */
        now.state = TERN_CLOSED;
    if (now.state == TERN_SYN_RECEIVED || now.state == TERN_SYN_SENT)
        k->was_synchronized = false;
    else if (now.state != TERN_LISTEN && now.state != TERN_CLOSED)
        k->was_synchronized = true;
    if (now.state == k->state)
        return;
    tern_state was = k->state;
    k->state = now.state;
    stage_state(k->stage, k->side, was, now.state);
}

/* The same in tern's words; TERN_OK when it has none. */
static tern_err kernel_error(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return TERN_ERR_REFUSED;
    case ECONNRESET:
        return TERN_ERR_RESET;
    case ETIMEDOUT:
        return TERN_ERR_TIMED_OUT;
    case EADDRINUSE:
        return TERN_ERR_IN_USE;
    default:
        return TERN_OK;
    }
}

/* What the program is told. */
static const char *kernel_error_text(int error)
{
    tern_err err = kernel_error(error);
    return err != TERN_OK ? _(tern_err_text(err)) : strerror(error);
}

static void kernel_failed(play_kernel *k)
{
    stage_failed(k->stage, k->side, kernel_error(errno), kernel_error_text(errno));
}

/* ---- Sockets ------------------------------------------------------------------------------- */

static socklen_t kernel_socket_address(const tern_endpoint *endpoint, struct sockaddr_storage *to)
{
    memset(to, 0, sizeof *to);
    if (tern_address_is_ipv4(&endpoint->address)) {
        struct sockaddr_in *in = (struct sockaddr_in *)to;
        in->sin_family = AF_INET;
        in->sin_port = htons(endpoint->port);
        memcpy(&in->sin_addr, endpoint->address.octets + 12, 4);
        return sizeof *in;
    }
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)to;
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(endpoint->port);
    memcpy(&in6->sin6_addr, endpoint->address.octets, 16);
    return sizeof *in6;
}

/* A socket bound to the side's endpoint; -1 with errno. */
static int kernel_socket(play_kernel *k)
{
    struct sockaddr_storage address;
    int one = 1, error;
    int fd = socket(kernel_is_ipv6(k) ? AF_INET6 : AF_INET,
                    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (fd < 0)
        return -1;
    socklen_t bytes = kernel_socket_address(&k->stage->endpoints[k->side], &address);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    kernel_settings_socket(fd, k->stage->scenario, k->side, kernel_is_ipv6(k));
    if (bind(fd, (struct sockaddr *)&address, bytes) == 0 &&
        getsockname(fd, (struct sockaddr *)&address, &bytes) == 0) {
        k->local_port = ntohs(kernel_is_ipv6(k) ? ((struct sockaddr_in6 *)&address)->sin6_port
                                                : ((struct sockaddr_in *)&address)->sin_port);
        return fd;
    }
    error = errno;
    (void)close(fd);
    errno = error;
    return -1;
}

static void kernel_close(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

/* There is a new connection, or there is to be one. */
static void kernel_begun(play_kernel *k)
{
    k->ended = k->stopped = k->probes = false;
    k->unsent_bytes = k->sent_bytes = k->unread_bytes = 0;
    stage_begins(k->stage, k->side);
}

static void kernel_listen(play_kernel *k, const scenario_step *step, int fd)
{
    int pending_max = KERNEL_BACKLOG;

    k->listener = fd;
    if ((step->fast &&
         setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, &pending_max, sizeof pending_max) < 0) ||
        listen(fd, KERNEL_BACKLOG) < 0)
        kernel_failed(k);
}

/* What goes out next, in the buffer; returns its octets. */
static size_t kernel_fill(const play_kernel *k, uint8_t buffer[KERNEL_BUFFER_BYTES])
{
    size_t bytes = KERNEL_BUFFER_BYTES;

    if (k->unsent_bytes < bytes)
        bytes = (size_t)k->unsent_bytes;
    for (size_t i = 0; i < bytes; i++)
        buffer[i] = (uint8_t)('a' + (k->sent_bytes + i) % 26);
    return bytes;
}

/* Without a cookie of the server the kernel takes nothing: what is there goes after the handshake,
 * by kernel_send(). */
static int kernel_connect(play_kernel *k, const scenario_step *step)
{
    const tern_endpoint *peer = &k->stage->endpoints[stage_other(k->side)];
    uint8_t buffer[KERNEL_BUFFER_BYTES];
    struct sockaddr_storage address;
    socklen_t bytes = kernel_socket_address(peer, &address);

    if (!step->fast)
        return connect(k->connection, (struct sockaddr *)&address, bytes);
    k->unsent_bytes = step->octets;
    ssize_t taken = sendto(k->connection, buffer, kernel_fill(k, buffer),
                           MSG_FASTOPEN | MSG_NOSIGNAL, (struct sockaddr *)&address, bytes);
    if (taken < 0)
        return -1;
    k->unsent_bytes -= (uint64_t)taken;
    k->sent_bytes += (uint64_t)taken;
    return 0;
}

static void kernel_open(play_kernel *k, const scenario_step *step)
{
    int fd = kernel_socket(k);

    if (fd < 0) {
        kernel_failed(k);
        return;
    }
    if (step->call == CALL_LISTEN) {
        kernel_listen(k, step, fd);
        return;
    }
    kernel_close(&k->connection);
    k->connection = fd;
    k->remote_port = k->stage->endpoints[stage_other(k->side)].port;
    k->connecting = true;
    kernel_begun(k);
    if (kernel_connect(k, step) < 0 && errno != EINPROGRESS)
        kernel_failed(k);
}

static void kernel_send(play_kernel *k)
{
    uint8_t buffer[KERNEL_BUFFER_BYTES];

    while (k->connection >= 0 && !k->connecting && k->unsent_bytes > 0) {
        ssize_t taken = send(k->connection, buffer, kernel_fill(k, buffer), MSG_NOSIGNAL);
        if (taken < 0 && errno != EAGAIN) {
            kernel_failed(k);
            k->unsent_bytes = 0;
        }
        if (taken <= 0)
            return;
        k->unsent_bytes -= (uint64_t)taken;
        k->sent_bytes += (uint64_t)taken;
    }
}

/* Closed in repair mode, a socket vanishes without a packet: what a crash looks like. */
static void kernel_vanish(int *fd)
{
    int on = 1;
    if (*fd >= 0)
        (void)setsockopt(*fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof on);
    kernel_close(fd);
}

/* While the host is down nothing reaches the kernel, nor leaves it: what it still keeps of a
 * connection that was closed before would answer. */
static void kernel_crash(play_kernel *k)
{
    kernel_vanish(&k->connection);
    kernel_vanish(&k->listener);
    k->was_synchronized = false;
    k->remote_port = 0;
    world_crash(k->stage->w, k->side);
}

static void kernel_restart(play_kernel *k)
{
    uint8_t key[TERN_KEY_BYTES];

    rng_fill(k->chance, key, sizeof key);
    if (world_restart(k->stage->w, k->side, key))
        kernel_settings_key(key);
}

/* Data: what to send, what to read. play_kernel_poll() reads. */
static bool kernel_call_data(play_kernel *k, const scenario_step *step)
{
    if (step->call == CALL_SEND) {
        k->unsent_bytes += step->octets;
        kernel_send(k);
    } else if (step->call == CALL_STOP_READING) {
        k->stopped = true;
    } else if (step->call == CALL_READ || step->call == CALL_START_READING) {
        k->stopped = step->call == CALL_READ;
        k->unread_bytes += step->octets;
    } else {
        return false;
    }
    return true;
}

static void kernel_call_connection(play_kernel *k, const scenario_step *step)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    if (kernel_call_data(k, step))
        return;
    if (step->call == CALL_OPTION) {
        if (!kernel_option_set(k->connection, &step->setting))
            kernel_failed(k);
        else if (setting_option_number(&step->setting) == TERN_OPTION_KEEPALIVE)
            k->probes = step->setting.value != 0;
    } else if (step->call == CALL_SHUTDOWN || step->call == CALL_SHUTDOWN_READING) {
        if (shutdown(k->connection, step->call == CALL_SHUTDOWN ? SHUT_WR : SHUT_RD) < 0)
            kernel_failed(k);
    } else {
        if (step->call == CALL_ABORT)
            (void)setsockopt(k->connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        kernel_close(&k->connection);
    }
}

static void kernel_call(void *context, const scenario_step *step)
{
    play_kernel *k = context;
    bool opens = step->call == CALL_LISTEN || step->call == CALL_CONNECT;
    bool host = step->call == CALL_CRASH || step->call == CALL_RESTART;

    if (!opens && !host && k->connection < 0) /* it ended before: there is nothing to call on */
        return;
    stage_show_call(k->stage, step);
    if (opens) {
        kernel_open(k, step);
    } else if (step->call == CALL_CRASH) {
        kernel_crash(k);
    } else if (host) {
        kernel_restart(k);
    } else {
        kernel_call_connection(k, step);
    }
    kernel_look(k);
}

/* ---- What the sockets see ------------------------------------------------------------------ */

static void kernel_gone(play_kernel *k, int error)
{
    kernel_close(&k->connection);
    kernel_look(k);
    if (error != 0)
        stage_failed(k->stage, k->side, kernel_error(error), kernel_error_text(error));
    stage_closed(k->stage, k->side, TERN_OK, NULL);
}

static void kernel_poll_listener(play_kernel *k)
{
    if (k->listener < 0 || k->connection >= 0)
        return;
    int fd = accept4(k->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    k->connection = fd;
    k->connecting = false;
    kernel_begun(k);
    stage_happened(k->stage, k->side, EVENT_ACCEPTED);
}

static void kernel_poll_connect(play_kernel *k)
{
    struct pollfd writable = {.fd = k->connection, .events = POLLOUT};
    int error = 0;
    socklen_t bytes = sizeof error;

    if (k->connection < 0 || !k->connecting || poll(&writable, 1, 0) <= 0)
        return;
    k->connecting = false;
    if (getsockopt(k->connection, SOL_SOCKET, SO_ERROR, &error, &bytes) < 0)
        error = errno;
    if (error != 0)
        kernel_gone(k, error);
    else
        stage_happened(k->stage, k->side, EVENT_CONNECTED);
}

/* Reads what there is, while the program wants to; returns what recv() said last: 0 for the end, -1
 * with errno. One who does not read is told of an error, as by poll(). */
static ssize_t kernel_read(play_kernel *k, uint64_t *sum)
{
    uint8_t buffer[KERNEL_BUFFER_BYTES];
    int error = 0;
    socklen_t bytes = sizeof error;
    ssize_t got = -1;

    errno = EAGAIN;
    while (!k->stopped || k->unread_bytes > 0) {
        size_t cap = sizeof buffer;
        if (k->stopped && k->unread_bytes < cap)
            cap = (size_t)k->unread_bytes;
        got = recv(k->connection, buffer, cap, 0);
        if (got <= 0)
            return got;
        *sum += (uint64_t)got;
        if (k->stopped)
            k->unread_bytes -= (uint64_t)got;
    }
    if (getsockopt(k->connection, SOL_SOCKET, SO_ERROR, &error, &bytes) == 0 && error != 0)
        errno = error;
    else
        errno = EAGAIN;
    return -1;
}

static void kernel_poll_data(play_kernel *k)
{
    uint64_t sum = 0;

    if (k->connection < 0 || k->connecting || k->ended)
        return;
    ssize_t got = kernel_read(k, &sum);
    int error = errno;
    if (sum > 0)
        stage_read(k->stage, k->side, sum);
    if (k->connection < 0) /* the scenario closed it */
        return;
    if (got == 0) {
        k->ended = true;
        stage_happened(k->stage, k->side, EVENT_ENDED);
    } else if (error != EAGAIN) {
        kernel_gone(k, error);
    }
}

void play_kernel_poll(play_kernel *k)
{
    kernel_poll_listener(k);
    kernel_poll_connect(k);
    kernel_poll_data(k);
    kernel_send(k);
    kernel_look(k);
}

void play_kernel_fds(const play_kernel *k, struct pollfd fds[PLAY_KERNEL_FDS])
{
    short wanted = k->connecting || k->unsent_bytes > 0 ? POLLOUT : 0;
    if (!k->ended && (!k->stopped || k->unread_bytes > 0))
        wanted |= POLLIN;
    fds[0] = (struct pollfd){.fd = k->device->fd, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = k->connection < 0 ? k->listener : -1, .events = POLLIN};
    fds[2] = (struct pollfd){.fd = wanted == 0 ? -1 : k->connection, .events = wanted};
}

/* ---- Packets ------------------------------------------------------------------------------- */

/* The TCP header. NULL for what is none: the kernel also speaks of neighbours and multicast
 * groups, and only TCP is on the stage. */
static const uint8_t *kernel_tcp(const uint8_t *packet, size_t bytes)
{
    if (bytes >= 40 && packet[0] >> 4 == 4 && packet[9] == IPPROTO_TCP)
        return packet + 20;
    if (bytes >= 60 && packet[0] >> 4 == 6 && packet[6] == IPPROTO_TCP)
        return packet + 40;
    return NULL;
}

void play_kernel_deliver(void *context, tern_time now_us, const void *packet, size_t bytes)
{
    play_kernel *k = context;
    const uint8_t *tcp = kernel_tcp(packet, bytes);
    (void)now_us;
    if (tcp != NULL) /* a server learns here who its peer is */
        k->remote_port = (uint16_t)(tcp[0] << 8 | tcp[1]);
    if (tun_write(k->device, packet, bytes) < 0)
        k->stage->record->failed = true;
    kernel_look(k);
}

bool play_kernel_take(play_kernel *k)
{
    static uint8_t packet[KERNEL_PACKET_BYTES];
    ptrdiff_t bytes = tun_read(k->device, packet, sizeof packet);

    if (bytes < 0)
        k->stage->record->failed = true;
    if (bytes <= 0)
        return false;
    if (kernel_tcp(packet, (size_t)bytes) == NULL)
        return true;
    kernel_look(k);
    world_inject(k->stage->w, k->side, packet, (size_t)bytes);
    return true;
}

/* ---- Beginning and end --------------------------------------------------------------------- */

void play_kernel_begin(play_kernel *k, stage *s, scenario_side side, tun_device *device,
                       rng *chance)
{
    *k = (play_kernel){.stage = s,
                       .side = side,
                       .chance = chance,
                       .device = device,
                       .listener = -1,
                       .connection = -1,
                       .state = TERN_CLOSED};
    kernel_settings_network(s->scenario, side);
    s->actors[side] = (stage_actor){kernel_call, k};
}

bool play_kernel_is_busy(const play_kernel *k)
{
    bool probes = k->probes && k->connection >= 0 && !k->ended;
    return k->retransmits || k->unsent_bytes > 0 || k->connecting || probes;
}

void play_kernel_end(play_kernel *k)
{
    kernel_vanish(&k->connection);
    kernel_vanish(&k->listener);
}
