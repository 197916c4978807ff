/* tun_loop.c - moves packets between a TUN device and a stack, and sleeps in between.
 *
 * One step handles at most TUN_LOOP_BATCH packets in each direction before the program sees its
 * events again, so neither side can starve the other. */
#define _GNU_SOURCE
#include "apps/tern/tun_loop.h"

#include "apps/tern/message.h"
#include "apps/tern/watch.h"
#include "host/clock.h"
#include "host/entropy.h"
#include "tern/status.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { TUN_LOOP_BATCH = 128 };

/* ---- Open and close ------------------------------------------------------------------------ */

static void tun_loop_explain(const char *verb, tun_error error, const tun_request *request)
{
    char net[TERN_ADDRESS_TEXT_BYTES];

    switch (error) {
    case TUN_NO_NODE:
        (void)message_fail(0, verb,
                           _("there is no /dev/net/tun: load the module (modprobe tun), or give "
                             "the container the device (--device /dev/net/tun)"));
        break;
    case TUN_NODE_CLOSED:
        (void)message_fail(0, verb, _("no permission to open /dev/net/tun: run it as root"));
        break;
    case TUN_NO_PERMISSION:
        (void)message_fail(0, verb,
                           _("no permission to make a TUN device: run it as root, or in a network "
                             "namespace of your own (unshare -rn)"));
        break;
    case TUN_NAME_BUSY:
        (void)message_fail(0, verb, _("device %s is in use by another program: give another --tun"),
                           request->name);
        break;
    case TUN_NAME_WRONG:
        (void)message_fail(0, verb, _("device %s is not a TUN device: give another --tun"),
                           request->name);
        break;
    case TUN_ADDRESS_TAKEN:
        (void)message_fail(0, verb,
                           _("the subnet of %s is in use on another device (by another tern?): "
                             "give --addr and --peer of another"),
                           tern_address_text(&request->ipv4.address, net));
        break;
    case TUN_OK:
    case TUN_FAILED:
        (void)message_fail(0, verb, _("cannot set up the TUN device: %s"), strerror(errno));
        break;
    }
}

static bool tun_loop_signals(tun_loop *loop)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    loop->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return loop->signal_fd >= 0;
}

/* The arena, for the addresses that the device has. */
static bool tun_loop_stack(tun_loop *loop, const network_options *options, tern_config *config)
{
    config->address_count = 0;
    if (options->device.ipv4.prefix_bits > 0)
        config->addresses[config->address_count++] = options->address[0];
    if (loop->device.ipv6)
        config->addresses[config->address_count++] = options->address[1];
    config->mtu_bytes = options->device.mtu_bytes;
    if (!entropy_fill(config->key, sizeof config->key))
        return false;

    size_t bytes = tern_size(config, NULL);
    void *arena = bytes > 0 ? malloc(bytes) : NULL;
    loop->stack = arena == NULL ? NULL : tern_init(arena, bytes, config);
    if (loop->stack == NULL)
        free(arena);
    return loop->stack != NULL;
}

static bool tun_loop_links(tun_loop *loop, const network_options *options)
{
    link_config config = options->link;

    if (!options->impaired)
        return true;
    if (config.seed == 0 && !entropy_fill(&config.seed, sizeof config.seed))
        return false;
    loop->links[TUN_LOOP_IN] = link_new(&config);
    config.seed++; /* the two directions draw apart */
    loop->links[TUN_LOOP_OUT] = link_new(&config);
    return loop->links[TUN_LOOP_IN] != NULL && loop->links[TUN_LOOP_OUT] != NULL;
}

static bool tun_loop_capture(tun_loop *loop, const char *verb, const char *path)
{
    if (path == NULL)
        return true;
    loop->capture_path = path;
    loop->capture_file = fopen(path, "wbe");
    if (loop->capture_file == NULL) {
        (void)message_fail(0, verb, _("cannot write %s: %s"), path, strerror(errno));
        return false;
    }
    loop->wall_offset_us = clock_wall_us() - clock_now_us();
    pcapng_begin(&loop->capture, loop->capture_file, "tern " TERN_VERSION_STRING);
    (void)pcapng_interface(&loop->capture, loop->device.name);
    return true;
}

static void tun_loop_traced(void *context, const tern_trace *trace)
{
    tun_loop *loop = context;

    if (loop->watch != NULL)
        watch_traced(loop->watch, trace);
    coverage_note(&loop->reached, trace);
}

/* Who looks on: --watch, --coverage. */
static bool tun_loop_look(tun_loop *loop, const char *verb, const network_options *options,
                          bool client)
{
    if (options->watch) {
        loop->watch = watch_new(stderr, client, clock_now_us());
        if (loop->watch == NULL) {
            (void)message_fail(0, verb, _("not enough memory"));
            return false;
        }
    }
    if (options->watch || options->coverage_path != NULL)
        tern_trace_set(loop->stack, tun_loop_traced, loop);
    loop->reached.runs = 1;
    return coverage_file_open(&loop->coverage_file, verb, options->coverage_path);
}

bool tun_loop_open(tun_loop *loop, const char *verb, const network_options *options,
                   tern_config *config, bool client)
{
    memset(loop, 0, sizeof *loop);
    loop->device.fd = loop->coverage_file.fd = -1;
    /* First of all: from the moment the device can be seen, a signal ends the program in order. */
    if (!tun_loop_signals(loop)) {
        (void)message_fail(0, verb, _("not enough memory"));
        return false;
    }
    tun_error error = tun_open(&loop->device, &options->device);
    if (error != TUN_OK) {
        tun_loop_explain(verb, error, &options->device);
        (void)tun_loop_close(loop, verb);
        return false;
    }
    loop->packet = malloc(TERN_MTU_MAX_BYTES);
    loop->unsent = malloc(TERN_MTU_MAX_BYTES);
    bool made = loop->packet != NULL && loop->unsent != NULL &&
                tun_loop_stack(loop, options, config) && tun_loop_links(loop, options);
    if (!made)
        (void)message_fail(0, verb, _("not enough memory"));
    made = made && tun_loop_look(loop, verb, options, client) &&
           tun_loop_capture(loop, verb, options->pcap_path);
    if (!made)
        (void)tun_loop_close(loop, verb);
    return made;
}

bool tun_loop_close(tun_loop *loop, const char *verb)
{
    bool written = true;

    if (loop->capture_file != NULL) {
        written = pcapng_ok(&loop->capture);
        written = fclose(loop->capture_file) == 0 && written;
        if (!written)
            (void)message_fail(0, verb, _("%s is not complete: %s"), loop->capture_path,
                               strerror(errno));
    }
    if (coverage_file_add(&loop->coverage_file, verb, &loop->reached) != EXIT_DONE)
        written = false;
    watch_free(loop->watch);
    link_free(loop->links[TUN_LOOP_IN]);
    link_free(loop->links[TUN_LOOP_OUT]);
    free(loop->stack);
    free(loop->packet);
    free(loop->unsent);
    if (loop->signal_fd >= 0)
        (void)close(loop->signal_fd);
    tun_close(&loop->device);
    return written;
}

/* ---- Packets ------------------------------------------------------------------------------- */

static void tun_loop_record(tun_loop *loop, tern_time now_us, const watch_packet *p, tern_rule rule)
{
    if (loop->capture_file == NULL)
        return;
    const tern_rule_info *info = rule == TERN_RULE_NONE ? NULL : tern_rule_get(rule);
    pcapng_write(&loop->capture, &(pcapng_packet){.time_us = now_us + loop->wall_offset_us,
                                                  .inbound = !p->outbound,
                                                  .octets = p->octets,
                                                  .bytes = (uint32_t)p->bytes,
                                                  .comment = info == NULL ? NULL : info->text});
}

/* A packet has come through to tern. */
static void tun_loop_input(tun_loop *loop, tern_time now_us, const watch_packet *p)
{
    if (loop->watch != NULL)
        watch_arrived(loop->watch, now_us, p);
    tern_rule rule = tern_input(loop->stack, now_us, p->octets, p->bytes);
    tun_loop_record(loop, now_us, p, rule);
}

/* A packet has come through to the kernel. */
static void tun_loop_write(tun_loop *loop, tern_time now_us, const watch_packet *p)
{
    if (loop->watch != NULL)
        watch_arrived(loop->watch, now_us, p);
    int taken = tun_write(&loop->device, p->octets, p->bytes);
    loop->broken = loop->broken || taken < 0;
    if (taken == 0) {
        memcpy(loop->unsent, p->octets, p->bytes);
        loop->unsent_bytes = p->bytes;
    }
}

static void tun_loop_carried(tun_loop *loop, tern_time now_us, const watch_packet *p)
{
    if (p->outbound)
        tun_loop_write(loop, now_us, p);
    else
        tun_loop_input(loop, now_us, p);
}

/* A packet enters the wire, at either end. */
static void tun_loop_enter(tun_loop *loop, tern_time now_us, bool outbound, size_t bytes)
{
    sim_link *link = loop->links[outbound ? TUN_LOOP_OUT : TUN_LOOP_IN];
    watch_packet p = {++loop->serial, outbound, loop->packet, bytes};
    unsigned fate = 0;

    if (outbound)
        tun_loop_record(loop, now_us, &p, TERN_RULE_NONE);
    if (link != NULL)
        fate = link_push(link, now_us, p.octets, p.bytes, p.serial);
    if (loop->watch != NULL)
        watch_sent(loop->watch, now_us, &p, fate);
    if (link == NULL)
        tun_loop_carried(loop, now_us, &p);
}

/* What is due leaves the wire. */
static void tun_loop_leave(tun_loop *loop, tern_time now_us, bool outbound)
{
    sim_link *link = loop->links[outbound ? TUN_LOOP_OUT : TUN_LOOP_IN];
    watch_packet p = {0, outbound, loop->packet, 0};

    for (int i = 0; link != NULL && i < TUN_LOOP_BATCH && loop->unsent_bytes == 0; i++) {
        p.bytes = link_pop(link, now_us, loop->packet, TERN_MTU_MAX_BYTES, &p.serial);
        if (p.bytes == 0)
            break;
        tun_loop_carried(loop, now_us, &p);
    }
}

static void tun_loop_send(tun_loop *loop, tern_time now_us)
{
    if (loop->unsent_bytes > 0) {
        int taken = tun_write(&loop->device, loop->unsent, loop->unsent_bytes);
        loop->broken = loop->broken || taken < 0;
        loop->unsent_bytes = taken == 0 ? loop->unsent_bytes : 0;
    }
    for (int i = 0; i < TUN_LOOP_BATCH && loop->unsent_bytes == 0; i++) {
        size_t bytes = tern_output(loop->stack, now_us, loop->packet, TERN_MTU_MAX_BYTES);
        if (bytes == 0)
            break;
        tun_loop_enter(loop, now_us, true, bytes);
    }
    tun_loop_leave(loop, now_us, true);
}

static void tun_loop_receive(tun_loop *loop, tern_time now_us)
{
    for (int i = 0; i < TUN_LOOP_BATCH; i++) {
        ptrdiff_t bytes = tun_read(&loop->device, loop->packet, TERN_MTU_MAX_BYTES);
        loop->broken = loop->broken || bytes < 0;
        if (bytes <= 0)
            break;
        tun_loop_enter(loop, now_us, false, (size_t)bytes);
    }
    tun_loop_leave(loop, now_us, false);
}

/* ---- Time ---------------------------------------------------------------------------------- */

static tern_time tun_loop_earlier(tern_time a, tern_time b)
{
    return a < b ? a : b;
}

static tern_time tun_loop_deadline(const tun_loop *loop, tern_time until_us)
{
    const sim_link *in = loop->links[TUN_LOOP_IN], *out = loop->links[TUN_LOOP_OUT];

    if (in != NULL)
        until_us = tun_loop_earlier(until_us, link_deadline(in));
    if (loop->unsent_bytes > 0) /* then only the device can let anything out */
        return until_us;
    if (out != NULL)
        until_us = tun_loop_earlier(until_us, link_deadline(out));
    return tun_loop_earlier(until_us, tern_deadline(loop->stack));
}

static void tun_loop_sleep(tun_loop *loop, tern_time until_us, struct pollfd *extra)
{
    struct pollfd fds[3] = {
        {.fd = loop->device.fd,
         .events = (short)(loop->unsent_bytes > 0 ? POLLIN | POLLOUT : POLLIN)},
        {.fd = loop->signal_fd, .events = POLLIN},
    };
    struct timespec timeout;
    struct signalfd_siginfo info;
    tern_time wake_us = tun_loop_deadline(loop, until_us), now_us = clock_now_us();
    tern_time wait_us = wake_us > now_us ? wake_us - now_us : 0;

    if (extra != NULL)
        fds[2] = *extra;
    timeout.tv_sec = (time_t)(wait_us / 1000000u);
    timeout.tv_nsec = (long)(wait_us % 1000000u) * 1000;
    if (ppoll(fds, extra == NULL ? 2 : 3, wake_us == TERN_NEVER ? NULL : &timeout, NULL) < 0)
        return;
    if (extra != NULL)
        extra->revents = fds[2].revents;
    if (fds[1].revents != 0 && read(loop->signal_fd, &info, sizeof info) == sizeof info)
        loop->signal = (int)info.ssi_signo;
    if ((fds[0].revents & (POLLERR | POLLNVAL)) != 0 && (fds[0].revents & POLLIN) == 0)
        loop->broken = true;
}

void tun_loop_step(tun_loop *loop, tern_time until_us, struct pollfd *extra)
{
    tun_loop_send(loop, clock_now_us());
    if (loop->watch != NULL)
        watch_draw(loop->watch);
    tun_loop_sleep(loop, until_us, extra);
    tun_loop_receive(loop, clock_now_us());
    if (loop->watch != NULL)
        watch_draw(loop->watch);
}

/* Something is still to be sent, or to be acknowledged. */
static bool tun_loop_busy(const tun_loop *loop)
{
    const sim_link *out = loop->links[TUN_LOOP_OUT];
    tern_usage usage;

    tern_usage_get(loop->stack, &usage);
    return usage.connections > 0 || (out != NULL && link_held(out) > 0) || loop->unsent_bytes > 0 ||
           tern_deadline(loop->stack) == TERN_NOW;
}

void tun_loop_settle(tun_loop *loop, tern_time limit_us)
{
    tern_time end_us = clock_now_us() + limit_us;
    tern_event event;

    tun_loop_send(loop, clock_now_us());
    while (tun_loop_busy(loop) && !loop->broken && clock_now_us() < end_us) {
        tun_loop_step(loop, end_us, NULL);
        while (tern_next_event(loop->stack, &event))
            continue;
        tun_loop_send(loop, clock_now_us());
    }
    if (loop->watch != NULL)
        watch_draw(loop->watch);
}
