/* serve.c - `tern serve`: the files of a folder over HTTP/1.1, on tern's own TCP. */
#define _GNU_SOURCE
#include "apps/tern/conversation.h"
#include "apps/tern/message.h"
#include "apps/tern/tun_loop.h"
#include "apps/tern/verbs.h"
#include "host/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SERVE_PORT = 8080,
    SERVE_CONNECTIONS = 1024,
    SERVE_CONNECTIONS_MAX = 65536,
    SERVE_IDLE_US = 30000000,
    SERVE_SCAN_US = 1000000,         /* idle conversations are looked for this often */
    SERVE_SETTLE_SIGNAL_US = 200000, /* for the RSTs to leave */
    SERVE_SEND_BUFFER_BYTES = 1 << 20,
    SERVE_RECV_BUFFER_BYTES = 16 << 10, /* requests are small */
    SERVE_POOL_BYTES = 64 << 20,        /* of all send buffers together, at most */
    SERVE_BACKLOG = 1024,
    SERVE_HALF_OPEN = 1024,
    SERVE_HALF_OPEN_MAX = 65536,
    SERVE_REPLIES = 256,  /* more than the loop takes in before it sends */
    SERVE_SIGNALED = 128, /* exit status: 128 + the signal, as the shell has it */
};

typedef struct serve_options {
    network_options network;
    const char *folder;
    uint64_t port, connections, half_open;
    tern_cookies cookies;
    tern_time idle_us;
    bool quiet, fast_open;
} serve_options;

typedef struct serve {
    const serve_options *options;
    tun_loop loop;
    tern_handle listener;
    conversation_site site;
    conversation **conversations; /* by connection index; NULL: none */
    uint32_t conversations_max;
    tern_time scan_us; /* the next scan */
} serve;

/* ---- Options ------------------------------------------------------------------------------- */

static int serve_help(void)
{
    (void)fputs(
        _("usage: tern serve [OPTION...] DIR\n\n"
          "Serves the files of DIR over HTTP/1.1 (GET, HEAD, ranges) on tern's own TCP, through a\n"
          "TUN device. The host reaches it at http://10.77.0.2:8080/ and http://[fd77::2]:8080/.\n"
          "Nothing outside of DIR is served. Ends with Ctrl-C.\n\n"
          "  -p, --port N       listen on port N (default: 8080)\n"
          "  --connections N    at most N at once (default: 1024)\n"
          "  --half-open N      at most N unfinished handshakes (default: 1024)\n"
          "  --cookies WHEN     answer a SYN by cookie under 'pressure' (when all of these are\n"
          "                     taken: the default), 'always' or 'never'\n"
          "  --fast-open        take a request that comes with the SYN of a client that was here\n"
          "                     before (RFC 7413)\n"
          "  --idle S           end a connection after S seconds without progress (default: 30)\n"
          "  -q, --quiet        do not print a line for each request\n"),
        stdout);
    network_options_help(stdout);
    (void)fputs(_("\nExit status: 1 failed, 2 usage, 128 + N ended by signal N.\n"), stdout);
    return EXIT_DONE;
}

enum {
    SERVE_OPTION_CONNECTIONS = OPTION_OWN,
    SERVE_OPTION_IDLE,
    SERVE_OPTION_HALF_OPEN,
    SERVE_OPTION_COOKIES,
    SERVE_OPTION_FAST_OPEN,
};

static bool serve_take_count(const char *value, uint64_t most, uint64_t *count)
{
    if (options_number(value, 1, most, count))
        return true;
    (void)message_usage("serve", _("'%s' is not a number from 1 to %d"), value, (int)most);
    return false;
}

static bool serve_take_cookies(const char *value, tern_cookies *cookies)
{
    static const char *const names[] = {[TERN_COOKIES_PRESSURE] = "pressure",
                                        [TERN_COOKIES_ALWAYS] = "always",
                                        [TERN_COOKIES_NEVER] = "never"};

    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(value, names[i]) == 0) {
            *cookies = (tern_cookies)i;
            return true;
        }
    }
    (void)message_usage("serve", _("'%s' is not pressure, always or never"), value);
    return false;
}

static bool serve_take(serve_options *o, int option, const char *value)
{
    switch (option) {
    case 'q':
        o->quiet = true;
        return true;
    case 'p':
        if (options_number(value, 1, UINT16_MAX, &o->port))
            return true;
        (void)message_usage("serve", _("'%s' is not a port from 1 to 65535"), value);
        return false;
    case SERVE_OPTION_CONNECTIONS:
        return serve_take_count(value, SERVE_CONNECTIONS_MAX, &o->connections);
    case SERVE_OPTION_HALF_OPEN:
        return serve_take_count(value, SERVE_HALF_OPEN_MAX, &o->half_open);
    case SERVE_OPTION_COOKIES:
        return serve_take_cookies(value, &o->cookies);
    case SERVE_OPTION_FAST_OPEN:
        o->fast_open = true;
        return true;
    case SERVE_OPTION_IDLE:
        if (options_seconds(value, &o->idle_us))
            return true;
        (void)message_usage("serve", _("'%s' is not a number of seconds"), value);
        return false;
    default:
        return network_options_take(&o->network, "serve", option, value);
    }
}

static int serve_options_read(serve_options *o, int argc, char **argv, bool *help)
{
    static const struct option names[] = {
        NETWORK_OPTIONS,
        {"port", required_argument, NULL, 'p'},
        {"connections", required_argument, NULL, SERVE_OPTION_CONNECTIONS},
        {"half-open", required_argument, NULL, SERVE_OPTION_HALF_OPEN},
        {"cookies", required_argument, NULL, SERVE_OPTION_COOKIES},
        {"idle", required_argument, NULL, SERVE_OPTION_IDLE},
        {"fast-open", no_argument, NULL, SERVE_OPTION_FAST_OPEN},
        {"quiet", no_argument, NULL, 'q'},
        {NULL, 0, NULL, 0},
    };
    int option;

    *o = (serve_options){.port = SERVE_PORT,
                         .connections = SERVE_CONNECTIONS,
                         .half_open = SERVE_HALF_OPEN,
                         .idle_us = SERVE_IDLE_US};
    network_options_init(&o->network);
    while ((option = getopt_long(argc, argv, ":p:qh", names, NULL)) != -1) {
        if (option == '?' || option == ':')
            return options_wrong("serve", option, argv);
        *help = *help || option == OPTION_HELP || option == 'h';
        if (!*help && !serve_take(o, option, optarg))
            return EXIT_USAGE;
    }
    if (*help)
        return EXIT_DONE;
    if (optind >= argc)
        return message_usage("serve", _("no folder to serve"));
    if (optind + 1 < argc)
        return message_usage("serve", _("more than one folder: '%s' and '%s'"), argv[optind],
                             argv[optind + 1]);
    o->folder = argv[optind];
    return network_options_check(&o->network, "serve") ? EXIT_DONE : EXIT_USAGE;
}

/* ---- Connections --------------------------------------------------------------------------- */

static void serve_log(void *context, const conversation_answer *answer)
{
    char peer[TERN_ADDRESS_TEXT_BYTES], path[HTTP_PATH_BYTES];

    (void)context;
    (void)tern_address_text(&answer->peer->address, peer);
    (void)snprintf(path, sizeof path, "%s", answer->path);
    for (char *p = path; *p != '\0'; p++) /* what a terminal would obey */
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            *p = '?';
    (void)printf("%s %u %s %s %u %llu\n", peer, (unsigned)answer->peer->port, answer->method, path,
                 answer->status, (unsigned long long)answer->octets);
    (void)fflush(stdout);
}

static void serve_event(serve *s, const tern_event *event, tern_time now_us)
{
    uint32_t index = event->handle.index;
    conversation *c = index < s->conversations_max ? s->conversations[index] : NULL;

    if (c == NULL || c->connection.generation != event->handle.generation)
        return; /* of a connection that was given back */
    conversation_event(c, now_us, event);
    if (c->stage == CONVERSATION_OVER) {
        s->conversations[index] = NULL;
        free(c);
    }
}

static void serve_accept(serve *s, tern_time now_us)
{
    tern_handle connection;

    while (tern_accept(s->loop.stack, now_us, s->listener, &connection) == TERN_OK) {
        conversation *c = malloc(sizeof *c);
        if (c == NULL) {
            (void)tern_abort(s->loop.stack, now_us, connection);
            continue;
        }
        conversation_begin(c, &s->site, connection, now_us);
        s->conversations[connection.index] = c;
        /* Octets may have come before the accept. */
        serve_event(s, &(tern_event){.handle = connection}, now_us);
    }
}

static void serve_scan(serve *s, tern_time now_us)
{
    if (now_us < s->scan_us)
        return;
    s->scan_us = now_us + SERVE_SCAN_US;
    for (uint32_t i = 0; i < s->conversations_max; i++) {
        conversation *c = s->conversations[i];
        if (c == NULL || now_us < c->end_by_us)
            continue;
        conversation_expire(c, now_us);
        s->conversations[i] = NULL;
        free(c);
    }
}

static void serve_loop(serve *s)
{
    while (s->loop.signal == 0 && !s->loop.broken) {
        tern_event event;
        tun_loop_step(&s->loop, s->scan_us, NULL);
        tern_time now_us = clock_now_us();
        while (tern_next_event(s->loop.stack, &event)) {
            bool listener = event.handle.index == s->listener.index &&
                            event.handle.generation == s->listener.generation;
            if (listener)
                serve_accept(s, now_us);
            else
                serve_event(s, &event, now_us);
        }
        serve_scan(s, now_us);
    }
}

/* ---- The verb ------------------------------------------------------------------------------ */

static bool serve_config(const serve_options *o, tern_config *config)
{
    tern_config_init(config);
    config->connections_max = (uint32_t)o->connections;
    config->flights_max = (uint32_t)o->connections;
    config->ranges_max = 2048 + (uint32_t)o->connections * 16; /* of what peers report by SACK */
    config->half_open_max = (uint32_t)o->half_open;
    config->syn_cookies = o->cookies;
    config->replies_max = SERVE_REPLIES;
    config->time_wait_max = 16384;
    config->listeners_max = 1;
    config->send_buffer_bytes = SERVE_SEND_BUFFER_BYTES;
    config->recv_buffer_bytes = SERVE_RECV_BUFFER_BYTES;
    config->chunks_max = SERVE_POOL_BYTES / (config->chunk_bytes - 8);
    return behaviour_apply(&o->network.behaviour, "serve", config);
}

static void serve_greet(const serve *s)
{
    char ipv4[TERN_ADDRESS_TEXT_BYTES], ipv6[TERN_ADDRESS_TEXT_BYTES];
    const network_options *n = &s->options->network;
    unsigned port = (unsigned)s->options->port;

    (void)tern_address_text(&n->address[0], ipv4);
    (void)tern_address_text(&n->address[1], ipv6);
    if (s->loop.device.ipv6)
        (void)printf(_("serving %s at http://%s:%u/ and http://[%s]:%u/ on %s\n"),
                     s->options->folder, ipv4, port, ipv6, port, s->loop.device.name);
    else
        (void)printf(_("serving %s at http://%s:%u/ on %s\n"), s->options->folder, ipv4, port,
                     s->loop.device.name);
    (void)fflush(stdout);
}

static int serve_stop(serve *s)
{
    tern_time now_us = clock_now_us();

    (void)tern_close(s->loop.stack, now_us, s->listener);
    for (uint32_t i = 0; i < s->conversations_max; i++) {
        if (s->conversations[i] == NULL)
            continue;
        (void)tern_abort(s->loop.stack, now_us, s->conversations[i]->connection);
        document_close(&s->conversations[i]->document);
        free(s->conversations[i]);
    }
    tun_loop_settle(&s->loop, SERVE_SETTLE_SIGNAL_US);
    if (s->loop.signal != 0)
        return SERVE_SIGNALED + s->loop.signal;
    return message_fail(EXIT_FAILED, "serve", _("the TUN device is gone"));
}

static int serve_on_device(serve *s, const tern_config *config)
{
    tern_endpoint local = {.port = (uint16_t)s->options->port};

    s->conversations_max = config->connections_max;
    s->conversations = calloc(s->conversations_max, sizeof(conversation *));
    s->site.piece = malloc(CONVERSATION_PIECE_BYTES);
    if (s->conversations == NULL || s->site.piece == NULL)
        return message_fail(EXIT_FAILED, "serve", _("not enough memory"));
    tern_err error = tern_listen(s->loop.stack, clock_now_us(), &local, SERVE_BACKLOG,
                                 &s->listener);
    if (error != TERN_OK)
        return message_fail(EXIT_FAILED, "serve", _("cannot listen on port %u: %s"),
                            (unsigned)local.port, _(tern_err_text(error)));
    if (s->options->fast_open) /* as many as may be half-open */
        (void)tern_fast_open(s->loop.stack, clock_now_us(), s->listener,
                             (uint32_t)s->options->half_open);
    s->site.stack = s->loop.stack;
    s->site.idle_us = s->options->idle_us;
    s->site.answered = s->options->quiet || s->options->network.watch ? NULL : serve_log;
    serve_greet(s);
    serve_loop(s);
    return serve_stop(s);
}

int serve_run(int argc, char **argv)
{
    serve_options options;
    serve s = {.options = &options};
    tern_config config;
    bool help = false;
    int status = serve_options_read(&options, argc, argv, &help);

    if (help && status == EXIT_DONE)
        return serve_help();
    if (status != EXIT_DONE)
        return status;
    s.site.root = document_root(options.folder);
    if (s.site.root < 0 && errno == ENOSYS)
        return message_fail(EXIT_FAILED, "serve",
                            _("this kernel has no openat2(), which keeps requests inside the "
                              "folder: Linux 5.6 or newer is needed"));
    if (s.site.root < 0)
        return message_fail(EXIT_FAILED, "serve", _("cannot read folder %s: %s"), options.folder,
                            strerror(errno));
    if (!serve_config(&options, &config))
        return EXIT_USAGE;
    status = EXIT_FAILED;
    if (tun_loop_open(&s.loop, "serve", &options.network, &config, false)) {
        status = serve_on_device(&s, &config);
        free(s.conversations);
        free(s.site.piece);
        if (!tun_loop_close(&s.loop, "serve"))
            status = EXIT_FAILED;
    }
    (void)close(s.site.root);
    return status;
}
