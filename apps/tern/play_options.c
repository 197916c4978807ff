/* play_options.c - reads the command line of `tern play`, and has its help. */
#define _GNU_SOURCE
#include "apps/tern/play_options.h"

#include "apps/tern/message.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    PLAY_LOSE = OPTION_OWN,
    PLAY_SVG,
    PLAY_JSON,
    PLAY_IPV6,
    PLAY_WIDTH,
    PLAY_ASCII,
    PLAY_COLOR,
    PLAY_VERBOSE,
    PLAY_CLIENT,
    PLAY_SERVER,
    PLAY_LIST,
    PLAY_DELAY_US = 20000, /* unless told otherwise */
    PLAY_COLUMNS = 100,    /* where the terminal does not say */
};

static const struct option play_long_options[] = {
    {"tun", required_argument, NULL, OPTION_TUN},
    {"addr", required_argument, NULL, OPTION_ADDR},
    {"peer", required_argument, NULL, OPTION_PEER},
    {"mtu", required_argument, NULL, OPTION_MTU},
    {"loss", required_argument, NULL, OPTION_LOSS},
    {"delay", required_argument, NULL, OPTION_DELAY},
    {"reorder", required_argument, NULL, OPTION_REORDER},
    {"duplicate", required_argument, NULL, OPTION_DUPLICATE},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"pcap", required_argument, NULL, OPTION_PCAP},
    {"help", no_argument, NULL, OPTION_HELP},
    {"lose", required_argument, NULL, PLAY_LOSE},
    {"svg", required_argument, NULL, PLAY_SVG},
    {"json", no_argument, NULL, PLAY_JSON},
    {"ipv6", no_argument, NULL, PLAY_IPV6},
    {"width", required_argument, NULL, PLAY_WIDTH},
    {"ascii", no_argument, NULL, PLAY_ASCII},
    {"color", required_argument, NULL, PLAY_COLOR},
    {"colour", required_argument, NULL, PLAY_COLOR},
    {"verbose", no_argument, NULL, PLAY_VERBOSE},
    {"client", required_argument, NULL, PLAY_CLIENT},
    {"server", required_argument, NULL, PLAY_SERVER},
    {"list", no_argument, NULL, PLAY_LIST},
    {NULL, 0, NULL, 0},
};

static int play_help(void)
{
    (void)printf(_(
        "usage: tern play [SCENARIO] [OPTION...]\n\n"
        "Plays a conversation between a client and a server, and draws it step by step: what\n"
        "each sends, in which state it is, and by which rule of which RFC it decides. Both are\n"
        "tern stacks in a simulated network, whose time is not the machine's.\n\n"
        "The scenario (tern play --list; default: session):\n"
        "  --client kernel   the kernel of this machine takes the client's part, or\n"
        "  --server kernel   the server's: real sockets, in real time, in a network of their\n"
        "                    own behind a TUN device\n"
        "  --lose PACKET     lose syn, synack, ack, fin, data, rst or any: the first; syn:2 the\n"
        "                    second, syn:* each; client>syn:2, server>... one side's only.\n"
        "                    May be given again. Replaces what the scenario itself loses.\n"
        "  --loss P, --duplicate P, --reorder P\n"
        "                    lose, carry twice, hold back this share of the packets: 5%%\n"
        "  --delay T         what a packet takes, each way (default: 20ms)\n"
        "  --ipv6            over IPv6\n"
        "  --seed N          play the same again, octet for octet (default: another each time)\n\n"
        "The picture:\n"
        "  --verbose         every decision, not only those that teach\n"
        "  --width N         columns (default: the terminal's)\n"
        "  --ascii           no other characters than ASCII for lines and arrows\n"
        "  --color WHEN      auto, always or never (default: auto; NO_COLOR is honoured)\n"
        "  --svg FILE        write the picture as SVG too\n"
        "  --pcap FILE       write the packets for Wireshark, the captions as their comments\n"
        "  --json            print JSON lines instead of the picture\n\n"
        "With the kernel, as for `tern get`: --tun NAME, --addr A, --peer A/N, --mtu OCTETS\n"));
    return EXIT_DONE;
}

static int play_list(void)
{
    const scenario_entry *entry;
    for (size_t i = 0; (entry = scenario_list(i)) != NULL; i++)
        (void)printf("%-20s %s\n", entry->name, _(entry->title));
    return EXIT_DONE;
}

/* `tern` or `kernel`. */
static bool play_take_part(play_options *o, scenario_side side, const char *value)
{
    o->kernel[side] = strcmp(value, "kernel") == 0;
    if (o->kernel[side] || strcmp(value, "tern") == 0)
        return true;
    (void)message_usage("play", _("--%s is tern or kernel, not '%s'"), scenario_side_name(side),
                        value);
    return false;
}

static bool play_take_color(play_options *o, const char *value)
{
    if (strcmp(value, "always") == 0 || strcmp(value, "never") == 0) {
        o->style.colour = value[0] == 'a';
        return true;
    }
    if (strcmp(value, "auto") == 0)
        return true;
    (void)message_usage("play", _("--color is auto, always or never, not '%s'"), value);
    return false;
}

static bool play_take_width(play_options *o, const char *value)
{
    uint64_t width;
    if (!options_number(value, DRAW_WIDTH_MIN, DRAW_WIDTH_MAX, &width)) {
        (void)message_usage("play", _("--width is a number of columns, %d to %d, not '%s'"),
                            DRAW_WIDTH_MIN, DRAW_WIDTH_MAX, value);
        return false;
    }
    o->style.width = (unsigned)width;
    return true;
}

static bool play_take_lose(play_options *o, const char *value)
{
    char why[FAULT_WHY_BYTES];
    if (fault_plan_add_action(&o->plan, "lose", value, why))
        return true;
    (void)message_usage("play", "--lose: %s", why);
    return false;
}

/* Takes one option with its value. false: wrong, and all is said. */
static bool play_take(play_options *o, int option)
{
    switch (option) {
    case PLAY_LOSE:
        return play_take_lose(o, optarg);
    case PLAY_SVG:
        o->svg_path = optarg;
        return true;
    case PLAY_JSON:
        o->json = true;
        return true;
    case PLAY_IPV6:
        o->ipv6 = true;
        return true;
    case PLAY_WIDTH:
        return play_take_width(o, optarg);
    case PLAY_ASCII:
        o->style.ascii = true;
        return true;
    case PLAY_COLOR:
        return play_take_color(o, optarg);
    case PLAY_VERBOSE:
        o->style.verbose = true;
        return true;
    case PLAY_CLIENT:
        return play_take_part(o, SCENARIO_CLIENT, optarg);
    case PLAY_SERVER:
        return play_take_part(o, SCENARIO_SERVER, optarg);
    default:
        o->seed_given = o->seed_given || option == OPTION_SEED;
        return network_options_take(&o->network, "play", option, optarg);
    }
}

static const char *play_translate(const char *text)
{
    return _(text);
}

/* What the terminal and the environment say. */
static void play_style_init(draw_style *style)
{
    struct winsize window = {0};
    const char *no_color = getenv("NO_COLOR"), *charset = getenv("LC_ALL");
    bool terminal = isatty(STDOUT_FILENO) != 0;

    if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) < 0)
        window.ws_col = 0;
    style->width = window.ws_col > 0 ? window.ws_col : PLAY_COLUMNS;
    style->colour = terminal && (no_color == NULL || *no_color == '\0');
    if (charset == NULL || *charset == '\0')
        charset = getenv("LANG");
    style->ascii = charset != NULL && (strcmp(charset, "C") == 0 || strcmp(charset, "POSIX") == 0);
    style->translate = play_translate;
}

/* The scenario's name, when one was given, and that the options fit together. */
static int play_options_check(play_options *o, int argc, char **argv)
{
    const char *name = optind < argc ? argv[optind] : "session";

    if (optind + 1 < argc)
        return message_usage("play", _("one scenario at a time: '%s' is one too many"),
                             argv[optind + 1]);
    o->entry = scenario_find(name);
    if (o->entry == NULL)
        return message_usage("play", _("there is no scenario '%s': tern play --list has them"),
                             name);
    if (o->kernel[SCENARIO_CLIENT] && o->kernel[SCENARIO_SERVER])
        return message_usage("play", _("one side is tern's: the kernel can take the part of the "
                                       "client or of the server"));
    if (o->ipv6 && o->network.device.mtu_bytes < 1280)
        return message_usage("play", _("--ipv6 needs an --mtu of at least 1280"));
    return network_options_check(&o->network, "play") ? -1 : EXIT_USAGE;
}

int play_options_read(play_options *o, int argc, char **argv)
{
    int option;

    *o = (play_options){.seed_given = false};
    network_options_init(&o->network);
    o->network.link.delay_us = PLAY_DELAY_US;
    play_style_init(&o->style);
    optind = 0;
    while ((option = getopt_long(argc, argv, ":", play_long_options, NULL)) != -1) {
        if (option == '?' || option == ':')
            return options_wrong("play", option, argv);
        if (option == OPTION_HELP)
            return play_help();
        if (option == PLAY_LIST)
            return play_list();
        if (!play_take(o, option))
            return EXIT_USAGE;
    }
    return play_options_check(o, argc, argv);
}
