/* get.c - `tern get`: fetches a URL over tern's own TCP.
 *
 * A fetch has a slot; there are as many slots as fetches that may run at once (--parallel), and a
 * slot is used again until all are done (--repeat). The first fetch writes the body; the others
 * are compared with it. */
#define _GNU_SOURCE
#include "apps/tern/fetch.h"
#include "apps/tern/message.h"
#include "apps/tern/progress.h"
#include "apps/tern/tun_loop.h"
#include "apps/tern/verbs.h"
#include "host/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    GET_PARALLEL_MAX = 1000,
    GET_REPEAT_MAX = 1000000,
    GET_CONNECT_TIMEOUT_US = 30000000,
    GET_SETTLE_US = 2000000,         /* for the last FIN to be acknowledged */
    GET_SETTLE_SIGNAL_US = 200000,   /* for a RST to leave */
    GET_RECV_BUFFER_BYTES = 4 << 20, /* of one connection, and of all together four times that */
    GET_RECV_BUFFER_MIN_BYTES = 64 << 10,
    GET_SIGNALED = 128, /* exit status: 128 + the signal, as the shell has it */
};

typedef struct get_options {
    network_options network;
    const char *text, *path; /* the URL, -o */
    int family;              /* AF_UNSPEC, AF_INET, AF_INET6 */
    bool fail, quiet, fast_open;
    uint64_t connect_timeout_us, max_time_us; /* max_time_us 0: none */
    uint64_t repeat, parallel;
} get_options;

typedef struct get_slot {
    fetch fetch;
    bool used;
    tern_time connect_by_us;
} get_slot;

typedef struct get {
    const get_options *options;
    tun_loop loop;
    url url;
    fetch_job job;
    output out;
    progress progress;
    get_slot *slots;   /* options->parallel of them */
    uint32_t *slot_of; /* by connection index */
    uint64_t begun, ended, failed, alike, octets;
    uint64_t first_octets, first_digest; /* of the first fetch that went well */
    bool have_first;
    fetch_status status; /* the first that was not FETCH_OK */
    tern_time end_by_us;
} get;

/* ---- Options ------------------------------------------------------------------------------- */

static int get_help(void)
{
    (void)fputs(
        _("usage: tern get [OPTION...] URL\n\n"
          "Fetches http://HOST[:PORT]/PATH over tern's own TCP, through a TUN device. The kernel\n"
          "is the first hop: its own servers are at 10.77.0.1 and [fd77::1]. Redirections are not\n"
          "followed.\n\n"
          "  -o FILE               write the body to FILE, which appears when it is complete\n"
          "                        (default: stdout)\n"
          "  -f, --fail            an answer of 400 or above is an error: exit 22, no output\n"
          "  -q, --quiet           no progress bar, no notes\n"
          "  -4, -6                IPv4 only, IPv6 only\n"
          "  --connect-timeout S   give up connecting after S seconds (default: 30)\n"
          "  --max-time S          give up everything after S seconds\n"
          "  --repeat N            fetch N times, each over a connection of its own; the first\n"
          "                        body is written, the others are compared with it\n"
          "  --parallel N          up to N of them at once (default: 1)\n"
          "  --fast-open           the request goes with the SYN (RFC 7413), from the second\n"
          "                        fetch of --repeat on: the first brings the cookie\n"),
        stdout);
    network_options_help(stdout);
    (void)fputs(
        _("\nExit status: 0 done, 1 failed or not http, 2 usage, 3 not a URL, 6 no such host,\n"
          "7 no connection, 8 not an HTTP answer, 18 body cut short, 22 HTTP error (--fail),\n"
          "23 cannot write, 28 timeout, 52 no answer, 56 connection broken,\n"
          "128 + N ended by signal N.\n"),
        stdout);
    return EXIT_DONE;
}

enum {
    GET_CONNECT_TIMEOUT = OPTION_OWN,
    GET_MAX_TIME,
    GET_REPEAT,
    GET_PARALLEL,
    GET_FAST_OPEN,
};

/* One option of get's own. */
static bool get_take(get_options *o, int option, const char *value)
{
    bool good = true;

    switch (option) {
    case 'o':
        o->path = value;
        break;
    case 'f':
        o->fail = true;
        break;
    case 'q':
        o->quiet = true;
        break;
    case '4':
        o->family = AF_INET;
        break;
    case '6':
        o->family = AF_INET6;
        break;
    case GET_CONNECT_TIMEOUT:
        good = options_seconds(value, &o->connect_timeout_us);
        break;
    case GET_MAX_TIME:
        good = options_seconds(value, &o->max_time_us);
        break;
    case GET_REPEAT:
        good = options_number(value, 1, GET_REPEAT_MAX, &o->repeat);
        break;
    case GET_FAST_OPEN:
        o->fast_open = true;
        break;
    case GET_PARALLEL:
        good = options_number(value, 1, GET_PARALLEL_MAX, &o->parallel);
        break;
    default:
        return network_options_take(&o->network, "get", option, value);
    }
    if (!good && (option == GET_REPEAT || option == GET_PARALLEL))
        (void)message_usage("get", _("'%s' is not a number from 1 to %d"), value,
                            option == GET_REPEAT ? GET_REPEAT_MAX : GET_PARALLEL_MAX);
    else if (!good)
        (void)message_usage("get", _("'%s' is not a number of seconds"), value);
    return good;
}

/* EXIT_DONE, and *help, or a status to end with. */
static int get_options_read(get_options *o, int argc, char **argv, bool *help)
{
    static const struct option names[] = {
        NETWORK_OPTIONS,
        {"fail", no_argument, NULL, 'f'},
        {"quiet", no_argument, NULL, 'q'},
        {"output", required_argument, NULL, 'o'},
        {"connect-timeout", required_argument, NULL, GET_CONNECT_TIMEOUT},
        {"max-time", required_argument, NULL, GET_MAX_TIME},
        {"repeat", required_argument, NULL, GET_REPEAT},
        {"parallel", required_argument, NULL, GET_PARALLEL},
        {"fast-open", no_argument, NULL, GET_FAST_OPEN},
        {NULL, 0, NULL, 0},
    };
    int option;

    *o = (get_options){.family = AF_UNSPEC,
                       .connect_timeout_us = GET_CONNECT_TIMEOUT_US,
                       .repeat = 1,
                       .parallel = 1};
    network_options_init(&o->network);
    while ((option = getopt_long(argc, argv, ":o:fq46h", names, NULL)) != -1) {
        if (option == '?' || option == ':')
            return options_wrong("get", option, argv);
        *help = *help || option == OPTION_HELP || option == 'h';
        if (!*help && !get_take(o, option, optarg))
            return EXIT_USAGE;
    }
    if (*help)
        return EXIT_DONE;
    if (optind >= argc)
        return message_usage("get", _("no URL"));
    if (optind + 1 < argc)
        return message_usage("get", _("more than one URL: '%s' and '%s'"), argv[optind],
                             argv[optind + 1]);
    o->text = argv[optind];
    return network_options_check(&o->network, "get") ? EXIT_DONE : EXIT_USAGE;
}

/* ---- The address --------------------------------------------------------------------------- */

static bool get_family_fits(const get *g, const tern_address *address)
{
    bool ipv4 = tern_address_is_ipv4(address);

    if (g->options->family != AF_UNSPEC && (g->options->family == AF_INET) != ipv4)
        return false;
    return ipv4 ? g->options->network.device.ipv4.prefix_bits > 0
                : g->options->network.device.ipv6.prefix_bits > 0;
}

/* By the system's resolver: hosts file, then whatever nsswitch.conf names. */
static bool get_resolve(const get *g, tern_address *address)
{
    struct addrinfo wanted = {.ai_family = g->options->family, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    bool found = false;

    if (getaddrinfo(g->url.host, NULL, &wanted, &list) != 0)
        return false;
    for (const struct addrinfo *i = list; i != NULL && !found; i = i->ai_next) {
        char text[INET6_ADDRSTRLEN];
        const void *octets =
            i->ai_family == AF_INET
                ? (const void *)&((const struct sockaddr_in *)(const void *)i->ai_addr)->sin_addr
                : (const void *)&((const struct sockaddr_in6 *)(const void *)i->ai_addr)->sin6_addr;
        found = inet_ntop(i->ai_family, octets, text, sizeof text) != NULL &&
                tern_address_parse(text, address) && get_family_fits(g, address);
    }
    freeaddrinfo(list);
    return found;
}

static fetch_status get_address(get *g)
{
    tern_address *address = &g->job.remote.address;
    char host[TERN_ADDRESS_TEXT_BYTES];
    bool literal = tern_address_parse(g->url.host, address);

    if (g->url.bracketed && (!literal || tern_address_is_ipv4(address)))
        return (fetch_status)message_fail(FETCH_URL, "get", _("[%s] is not an IPv6 address"),
                                          g->url.host);
    if (literal ? !get_family_fits(g, address) : !get_resolve(g, address))
        return (fetch_status)message_fail(FETCH_RESOLVE, "get", _("cannot resolve host %s"),
                                          g->url.host);
    bool ipv4 = tern_address_is_ipv4(address);
    static const tern_address loopback6 = {{[15] = 1}};
    bool loopback = ipv4 ? address->octets[12] == 127
                         : memcmp(address, &loopback6, sizeof loopback6) == 0;
    if (loopback) {
        const tun_request *device = &g->options->network.device;
        (void)tern_address_text(ipv4 ? &device->ipv4.address : &device->ipv6.address, host);
        return (fetch_status)message_fail(
            FETCH_CONNECT, "get",
            _("%s is inside the host, and tern is a host of its own: ask %s for the same server"),
            g->url.host, host);
    }
    g->job.remote.port = g->url.port;
    return FETCH_OK;
}

/* ---- Fetches ------------------------------------------------------------------------------- */

static bool get_config(const get_options *o, tern_config *config)
{
    uint64_t buffer = GET_RECV_BUFFER_BYTES * 4 / o->parallel;

    tern_config_init(config);
    if (buffer > GET_RECV_BUFFER_BYTES)
        buffer = GET_RECV_BUFFER_BYTES;
    if (buffer < GET_RECV_BUFFER_MIN_BYTES)
        buffer = GET_RECV_BUFFER_MIN_BYTES;
    config->recv_buffer_bytes = (uint32_t)buffer;
    /* One more for each that is closing while its slot is used again. */
    config->connections_max = (uint32_t)o->parallel * 2 + 16;
    config->flights_max = config->connections_max;
    config->ranges_max = 2048 + config->connections_max * 16; /* of reassembly, on a lossy way */
    uint64_t octets = buffer * o->parallel + ((uint64_t)config->connections_max << 13);
    config->chunks_max = (uint32_t)(octets / (config->chunk_bytes - 8)) + 64;
    return behaviour_apply(&o->network.behaviour, "get", config);
}

/* A fetch has ended: what it was, in the sums. */
static void get_ended(get *g, get_slot *slot)
{
    fetch *f = &slot->fetch;
    bool first = f->out != NULL;

    slot->used = false;
    g->ended++;
    g->octets += f->octets;
    if (f->status != FETCH_OK) {
        g->failed++;
        if (g->status == FETCH_OK) {
            g->status = f->status;
            if (f->status == FETCH_WRITE)
                (void)message_fail(0, "get", _("cannot write %s: %s"),
                                   g->options->path == NULL ? "stdout" : g->options->path, f->why);
            else
                (void)message_fail(0, "get", "%s: %s", g->options->text, f->why);
        }
    } else if (!g->have_first) {
        g->have_first = true;
        g->first_octets = f->octets;
        g->first_digest = f->digest;
    }
    if (f->status == FETCH_OK && f->octets == g->first_octets && f->digest == g->first_digest)
        g->alike++;
    if (first && f->status == FETCH_OK && f->response.location.bytes > 0 && !g->options->quiet)
        (void)message_fail(0, "get", _("the server points to %.*s, which is not followed"),
                           (int)f->response.location.bytes, f->response.location.at);
    fetch_free(f);
}

static void get_begin(get *g, size_t index, tern_time now_us)
{
    get_slot *slot = &g->slots[index];

    slot->used = true;
    slot->connect_by_us = now_us + g->options->connect_timeout_us;
    output *out = g->begun++ == 0 ? &g->out : NULL;
    if (fetch_begin(&slot->fetch, &g->job, out, now_us))
        g->slot_of[slot->fetch.connection.index] = (uint32_t)index;
    else
        get_ended(g, slot);
}

static void get_event(get *g, const tern_event *event, tern_time now_us)
{
    get_slot *slot = &g->slots[g->slot_of[event->handle.index]];

    if (!slot->used || slot->fetch.connection.index != event->handle.index ||
        slot->fetch.connection.generation != event->handle.generation)
        return; /* of a connection that was given back */
    fetch_event(&slot->fetch, now_us, event);
    if (slot->fetch.stage == FETCH_DONE)
        get_ended(g, slot);
}

/* Gives up what has run out of time. */
static void get_expire(get *g, tern_time now_us)
{
    for (size_t i = 0; i < g->options->parallel; i++) {
        get_slot *slot = &g->slots[i];
        const char *why = NULL;
        if (now_us >= g->end_by_us)
            why = _("the time of --max-time is over");
        else if (slot->fetch.stage == FETCH_CONNECTING && now_us >= slot->connect_by_us)
            why = _("no answer to the SYN within the time of --connect-timeout");
        if (!slot->used || why == NULL)
            continue;
        fetch_abort(&slot->fetch, now_us, FETCH_TIMEOUT, why);
        get_ended(g, slot);
    }
}

/* Begins what there is a slot for. */
static void get_fill(get *g, tern_time now_us)
{
    for (size_t i = 0; i < g->options->parallel; i++)
        if (!g->slots[i].used && g->begun < g->options->repeat)
            get_begin(g, i, now_us);
}

/* When get_expire(), get_fill() or the progress line has something to do, if nothing comes. */
static tern_time get_wake(const get *g)
{
    tern_time wake_us = g->end_by_us;

    if (g->progress.out != NULL && g->progress.next_us < wake_us)
        wake_us = g->progress.next_us;
    for (size_t i = 0; i < g->options->parallel; i++) {
        const get_slot *slot = &g->slots[i];
        bool connecting = slot->used && slot->fetch.stage == FETCH_CONNECTING;
        if (!slot->used && g->begun < g->options->repeat)
            wake_us = TERN_NOW;
        else if (connecting && slot->connect_by_us < wake_us)
            wake_us = slot->connect_by_us;
    }
    return wake_us;
}

/* The slot whose body waits for its reader: only one of them writes. */
static const get_slot *get_blocked(const get *g)
{
    for (size_t i = 0; i < g->options->parallel; i++)
        if (g->slots[i].used && g->slots[i].fetch.out_blocked)
            return &g->slots[i];
    return NULL;
}

static void get_show(get *g, tern_time now_us)
{
    const get_slot *slot = &g->slots[0];
    bool body = slot->used && slot->fetch.stage == FETCH_BODY;

    if (g->options->repeat > 1)
        progress_show(&g->progress, now_us, g->octets, 0);
    else if (body)
        progress_show(&g->progress, now_us, slot->fetch.octets, slot->fetch.response.length);
}

/* Sleeps, and handles what has happened. */
static void get_turn(get *g)
{
    const get_slot *blocked = get_blocked(g);
    struct pollfd writable = output_poll(&g->out);
    tern_event event;

    tun_loop_step(&g->loop, get_wake(g), blocked == NULL ? NULL : &writable);
    tern_time now_us = clock_now_us();
    if (blocked != NULL && writable.revents != 0)
        get_event(g, &(tern_event){.handle = blocked->fetch.connection}, now_us);
    while (tern_next_event(g->loop.stack, &event))
        get_event(g, &event, now_us);
    get_show(g, now_us);
}

static void get_loop(get *g)
{
    tern_time now_us = clock_now_us();

    while (g->loop.signal == 0 && !g->loop.broken && now_us < g->end_by_us) {
        get_fill(g, now_us);
        if (g->ended == g->options->repeat)
            return;
        get_turn(g);
        now_us = clock_now_us();
        get_expire(g, now_us);
    }
    if (now_us >= g->end_by_us && g->status == FETCH_OK && g->ended < g->options->repeat)
        g->status = (fetch_status)message_fail(FETCH_TIMEOUT, "get",
                                               _("the time of --max-time is over"));
}

/* ---- The verb ------------------------------------------------------------------------------ */

static void get_summary(get *g, tern_time began_us)
{
    char size[PROGRESS_SIZE_BYTES];
    double seconds = (double)(clock_now_us() - began_us) / 1e6;

    if (g->options->repeat > 1 && !g->options->quiet)
        (void)fprintf(stderr, _("%llu fetched, %llu alike, %llu failed, %s in %.2f s\n"),
                      (unsigned long long)(g->ended - g->failed), (unsigned long long)g->alike,
                      (unsigned long long)g->failed, progress_size((double)g->octets, size),
                      seconds);
}

/* What is still running when the loop has ended. */
static int get_stop(get *g)
{
    tern_time now_us = clock_now_us();

    for (size_t i = 0; i < g->options->parallel; i++) {
        if (!g->slots[i].used)
            continue;
        fetch_abort(&g->slots[i].fetch, now_us, FETCH_FAILED, "");
        fetch_free(&g->slots[i].fetch);
    }
    tun_loop_settle(&g->loop, g->loop.signal != 0 ? GET_SETTLE_SIGNAL_US : GET_SETTLE_US);
    if (g->loop.signal != 0)
        return GET_SIGNALED + g->loop.signal;
    if (g->loop.broken && g->ended < g->options->repeat)
        return message_fail(FETCH_RECEIVE, "get", _("the TUN device is gone"));
    return (int)g->status;
}

static int get_transfer(get *g)
{
    tern_time began_us = clock_now_us();
    bool show = !g->options->quiet && isatty(STDERR_FILENO) && !g->options->network.watch &&
                (g->options->path != NULL || !isatty(STDOUT_FILENO));

    progress_begin(&g->progress, show ? stderr : NULL, began_us);
    g->end_by_us = g->options->max_time_us > 0 ? began_us + g->options->max_time_us : TERN_NEVER;
    get_loop(g);
    if (g->progress.drawn)
        progress_end(&g->progress, clock_now_us(), g->octets,
                     g->options->repeat > 1 ? 0 : g->octets);
    int status = get_stop(g);
    get_summary(g, began_us);
    return status;
}

static int get_with_output(get *g)
{
    tern_config config;
    int status = FETCH_FAILED;

    if (!get_config(g->options, &config))
        return EXIT_USAGE;
    if (!tun_loop_open(&g->loop, "get", &g->options->network, &config, true))
        return FETCH_FAILED;
    if (!tern_address_is_ipv4(&g->job.remote.address) && !g->loop.device.ipv6) {
        (void)tun_loop_close(&g->loop, "get");
        return message_fail(FETCH_CONNECT, "get",
                            _("the host has IPv6 switched off: ask an IPv4 address"));
    }
    g->job.stack = g->loop.stack;
    g->slots = calloc(g->options->parallel, sizeof *g->slots);
    g->slot_of = calloc(config.connections_max, sizeof *g->slot_of);
    if (g->slots != NULL && g->slot_of != NULL)
        status = get_transfer(g);
    else
        (void)message_fail(0, "get", _("not enough memory"));
    free(g->slots);
    free(g->slot_of);
    if (!tun_loop_close(&g->loop, "get") && status == FETCH_OK)
        status = FETCH_WRITE;
    return status;
}

int get_run(int argc, char **argv)
{
    get_options options;
    get g = {.options = &options};
    bool help = false;
    int status = get_options_read(&options, argc, argv, &help);

    if (help && status == EXIT_DONE)
        return get_help();
    if (status != EXIT_DONE)
        return status;
    url_error wrong = url_parse(options.text, &g.url);
    if (wrong != URL_OK)
        return message_fail(wrong == URL_SCHEME_UNKNOWN ? FETCH_FAILED : FETCH_URL, "get",
                            "'%s': %s", options.text, _(url_error_text(wrong)));
    status = (int)get_address(&g);
    if (status != FETCH_OK)
        return status;
    g.job.url = &g.url;
    g.job.fail = options.fail;
    g.job.fast_open = options.fast_open;
    g.job.compare = options.repeat > 1;
    if (!output_open(&g.out, options.path))
        return message_fail(FETCH_WRITE, "get", _("cannot write %s: %s"), options.path,
                            strerror(errno));
    status = get_with_output(&g);
    if (!output_close(&g.out, status == FETCH_OK) && status == FETCH_OK)
        return message_fail(FETCH_WRITE, "get", _("cannot write %s: %s"),
                            options.path == NULL ? "stdout" : options.path, strerror(errno));
    return status;
}
