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
    PLAY_PLOT,
    PLAY_COMPARE,
    PLAY_PACKETDRILL,
    PLAY_PACKETDRILL_SIDE,
    PLAY_CLIENT,
    PLAY_SERVER,
    PLAY_LIST,
    PLAY_PRINT,
    PLAY_VARIANT,          /* and above: those of the scenario */
    PLAY_SET_BYTES = 256,  /* of a key and its value */
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
    {"coverage", required_argument, NULL, OPTION_COVERAGE},
    {"profile", required_argument, NULL, OPTION_PROFILE},
    {"set", required_argument, NULL, OPTION_SET},
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
    {"plot", required_argument, NULL, PLAY_PLOT},
    {"compare", required_argument, NULL, PLAY_COMPARE},
    {"packetdrill", required_argument, NULL, PLAY_PACKETDRILL},
    {"packetdrill-side", required_argument, NULL, PLAY_PACKETDRILL_SIDE},
    {"client", required_argument, NULL, PLAY_CLIENT},
    {"server", required_argument, NULL, PLAY_SERVER},
    {"list", no_argument, NULL, PLAY_LIST},
    {"print", no_argument, NULL, PLAY_PRINT},
    {NULL, 0, NULL, 0},
};

enum { PLAY_LONG_OPTIONS = sizeof play_long_options / sizeof play_long_options[0] - 1 };

static int play_help(void)
{
    (void)printf(_(
        "usage: tern play [SCENARIO] [OPTION...]\n\n"
        "Plays a conversation between a client and a server, and draws it step by step: what\n"
        "each sends, in which state it is, and by which rule of which RFC it decides. Both are\n"
        "tern stacks in a simulated network, whose time is not the machine's.\n\n"
        "The scenario: one by name (tern play --list; default: session), or a file of your own:\n"
        "a path with a / in it, or that ends in .scenario (docs/SCENARIOS.md). It may have\n"
        "options of its own, which --list shows.\n"
        "  --print           print the scenario's text, to copy and change\n"
        "  --client kernel   the kernel of this machine takes the client's part, or\n"
        "  --server kernel   the server's: real sockets, in real time, in a network of their\n"
        "                    own behind a TUN device\n"
        "  --lose PACKET     lose syn, synack, ack, fin, data, rst or any: the first; syn:2 the\n"
        "                    second, syn:* each; client>syn:2, server>... one side's only.\n"
        "                    May be given again. Replaces what the scenario itself loses.\n"
        "  --loss P, --duplicate P, --reorder P\n"
        "                    lose, carry twice, hold back this share of the packets: 5%%\n"
        "  --delay T         what a packet takes, each way (default: 20ms)\n"
        "  --profile P       both behave as rfc9293, linux or freebsd does (tern when --keys);\n"
        "                    client=P,server=P: each in its own way\n"
        "  --set KEY=VALUE   with one value of it changed, client.KEY=VALUE for one side; may be\n"
        "                    given again\n"
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
    (void)printf(_(
        "\nMore pictures:\n"
        "  --plot WHAT       below the ladder cwnd, sequence or window over time; may be given\n"
        "                    again; in the SVG and the JSON lines too\n"
        "  --compare KEY=A,B play twice, with each value of --KEY (delay, duplicate, lose, loss,\n"
        "                    mtu, profile, reorder, seed, or what --set takes), side by side;\n"
        "                    KEY=A: without it and with it\n"));
    (void)printf(
        _("  --packetdrill FILE, --packetdrill-side SIDE\n"
          "                    write what the client (or server) lived as a packetdrill script\n"
          "  --coverage FILE   add to FILE what both have reached, for tern rules --coverage\n"));
    return EXIT_DONE;
}

/* The options that a scenario has of its own, and what they do. */
static void play_list_variants(const scenario *s)
{
    char words[SCENARIO_LINE_BYTES], name[SCENARIO_NAME_BYTES];

    for (uint32_t i = 0; i < s->variant_count; i++) {
        (void)snprintf(name, sizeof name, "%s", s->variants[i].name);
        char *equals = strchr(name, '=');
        if (equals != NULL)
            *equals = ' ';
        (void)printf("  --%-16s %s\n", name,
                     scenario_say(&s->variants[i].words, words, sizeof words));
    }
}

static int play_list(void)
{
    const scenario_entry *entry;
    char why[SCENARIO_WHY_BYTES], words[SCENARIO_LINE_BYTES];
    scenario s;

    for (size_t i = 0; (entry = scenario_list(i)) != NULL; i++) {
        if (!scenario_parse(&s, entry->text, NULL, why))
            return message_fail(EXIT_FAILED, "play", "%s, %s", entry->name, why);
        (void)printf("%-20s %s\n", entry->name, scenario_say(&s.title, words, sizeof words));
        play_list_variants(&s);
    }
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
    o->lose_nothing = true;
    if (strcmp(value, "none") == 0 || fault_plan_add_action(&o->plan, "lose", value, why))
        return true;
    (void)message_usage("play", "--lose: %s", why);
    return false;
}

/* What the wire does, or who plays, is no longer what the scenario says. */
static void play_note_change(play_options *o, int option)
{
    static const struct {
        int option;
        scenario_link_key key;
    } links[] = {{OPTION_DELAY, LINK_DELAY},
                 {OPTION_LOSS, LINK_LOSS},
                 {OPTION_DUPLICATE, LINK_DUPLICATE},
                 {OPTION_REORDER, LINK_REORDER}};

    o->seed_given = o->seed_given || option == OPTION_SEED;
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
        if (links[i].option == option)
            o->link_given[links[i].key] = o->changed = true;
    o->changed = o->changed || option == OPTION_MTU || option == PLAY_LOSE || option == PLAY_IPV6 ||
                 option == PLAY_CLIENT || option == PLAY_SERVER || option == OPTION_PROFILE ||
                 option == OPTION_SET;
}

/* "linux", or "client=linux,server=freebsd". */
static bool play_take_profile(play_options *o, const char *value)
{
    char copy[64], *rest = copy, *part;
    bool good = true;

    if (strchr(value, '=') == NULL) {
        for (unsigned side = 0; side < SCENARIO_SIDES && good; side++)
            good = behaviour_take_profile(&o->behaviour[side], "play", value);
        return good;
    }
    (void)snprintf(copy, sizeof copy, "%s", value);
    while (good && (part = strsep(&rest, ",")) != NULL) {
        scenario_side side = strncmp(part, "client=", 7) == 0 ? SCENARIO_CLIENT : SCENARIO_SERVER;
        if (side == SCENARIO_SERVER && strncmp(part, "server=", 7) != 0) {
            (void)message_usage("play", _("--profile is P, or client=P,server=P, not '%s'"), value);
            return false;
        }
        good = behaviour_take_profile(&o->behaviour[side], "play", part + 7);
    }
    return good;
}

/* "KEY=VALUE" for both, "client.KEY=VALUE" for one. */
static bool play_take_set(play_options *o, const char *value)
{
    if (strncmp(value, "client.", 7) == 0)
        return behaviour_take_set(&o->behaviour[SCENARIO_CLIENT], "play", value + 7);
    if (strncmp(value, "server.", 7) == 0)
        return behaviour_take_set(&o->behaviour[SCENARIO_SERVER], "play", value + 7);
    return behaviour_take_set(&o->behaviour[SCENARIO_CLIENT], "play", value) &&
           behaviour_take_set(&o->behaviour[SCENARIO_SERVER], "play", value);
}

static bool play_take_packetdrill_side(play_options *o, const char *value)
{
    bool server = strcmp(value, "server") == 0;
    o->packetdrill_side = server ? SCENARIO_SERVER : SCENARIO_CLIENT;
    if (server || strcmp(value, "client") == 0)
        return true;
    (void)message_usage("play", _("--packetdrill-side is client or server, not '%s'"), value);
    return false;
}

static bool play_take_plot(play_options *o, const char *value)
{
    plot_kind kind = plot_kind_find(value);
    if (kind == PLOT_KINDS) {
        (void)message_usage("play", _("--plot is cwnd, sequence or window, not '%s'"), value);
        return false;
    }
    o->plots[kind] = true;
    return true;
}

/* One of how it is shown. false: wrong, and all is said. */
static bool play_take_shown(play_options *o, int option)
{
    switch (option) {
    case PLAY_SVG:
        o->svg_path = optarg;
        return true;
    case PLAY_JSON:
        o->json = true;
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
    case PLAY_PLOT:
        return play_take_plot(o, optarg);
    case PLAY_COMPARE:
        o->compare = optarg;
        return true;
    case PLAY_PACKETDRILL:
        o->packetdrill_path = optarg;
        return true;
    case PLAY_PACKETDRILL_SIDE:
        return play_take_packetdrill_side(o, optarg);
    default:
        return network_options_take(&o->network, "play", option, optarg);
    }
}

/* Takes one option with its value. false: wrong, and all is said. */
static bool play_take(play_options *o, int option)
{
    play_note_change(o, option);
    switch (option) {
    case PLAY_LOSE:
        return play_take_lose(o, optarg);
    case OPTION_PROFILE:
        return play_take_profile(o, optarg);
    case OPTION_SET:
        return play_take_set(o, optarg);
    case PLAY_IPV6:
        o->ipv6 = true;
        return true;
    case PLAY_CLIENT:
        return play_take_part(o, SCENARIO_CLIENT, optarg);
    case PLAY_SERVER:
        return play_take_part(o, SCENARIO_SERVER, optarg);
    default:
        return play_take_shown(o, option);
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

/* ---- The scenario, and the options that are its own ---------------------------------------- */

/* The scenario among the words; they are left as they are. Which word is the value of an option
 * that only the scenario knows is not known yet: the first that names one is taken. */
static int play_find_source(play_options *o, int argc, char **argv)
{
    char **words = calloc((size_t)argc + 1, sizeof *words);
    const char *found = NULL, *other = NULL;
    bool unknown = false;
    int option;

    if (words == NULL)
        return message_fail(EXIT_FAILED, "play", _("there is not enough memory"));
    memcpy(words, argv, (size_t)argc * sizeof *words);
    optind = 0;
    while ((option = getopt_long(argc, words, ":", play_long_options, NULL)) != -1)
        unknown = unknown || option == '?';
    for (int i = optind; i < argc; i++) {
        bool names = play_source_is_path(words[i]) || scenario_find(words[i]) != NULL;
        if (names && found == NULL)
            found = words[i];
        other = other == NULL ? words[i] : other;
    }
    free(words);
    if (found == NULL)
        found = other == NULL || unknown ? "session" : other;
    return play_source_open(&o->source, found);
}

/* The long options: those that any play has, and those of the scenario's variants. */
static void play_add_variants(const scenario *s, struct option *all,
                              char names[][SCENARIO_NAME_BYTES])
{
    int at = PLAY_LONG_OPTIONS;

    memcpy(all, play_long_options, sizeof play_long_options);
    for (uint32_t i = 0; i < s->variant_count; i++) {
        (void)snprintf(names[i], SCENARIO_NAME_BYTES, "%s", s->variants[i].name);
        char *equals = strchr(names[i], '=');
        if (equals != NULL)
            *equals = '\0';
        all[at++] = (struct option){names[i], equals != NULL ? required_argument : no_argument,
                                    NULL, PLAY_VARIANT + (int)i};
    }
    all[at] = (struct option){NULL, 0, NULL, 0};
}

/* --cookies off: the variant cookies=off. */
static bool play_take_variant(play_options *o, const scenario *s, const struct option *option)
{
    char name[SCENARIO_NAME_BYTES];

    (void)snprintf(name, sizeof name, "%s%s%s", option->name, optarg != NULL ? "=" : "",
                   optarg != NULL ? optarg : "");
    for (uint32_t i = 0; i < s->variant_count; i++)
        if (strcmp(s->variants[i].name, name) == 0 && o->chosen.count < SCENARIO_VARIANTS_MAX) {
            memcpy(o->chosen.names[o->chosen.count++], name, sizeof name);
            return true;
        }
    (void)message_usage("play", _("the scenario %s has no --%s '%s'"), o->source.name, option->name,
                        optarg);
    return false;
}

/* That the options fit together. */
static int play_options_check(play_options *o, int argc, char **argv)
{
    if (optind + 1 < argc)
        return message_usage("play", _("one scenario at a time: '%s' is one too many"),
                             argv[optind + 1]);
    if (optind < argc && strcmp(argv[optind], o->source.name) != 0)
        return message_usage("play", _("there is no scenario '%s': tern play --list has them"),
                             argv[optind]);
    if (o->kernel[SCENARIO_CLIENT] && o->kernel[SCENARIO_SERVER])
        return message_usage("play", _("one side is tern's: the kernel can take the part of the "
                                       "client or of the server"));
    if (o->compare != NULL && (o->kernel[SCENARIO_CLIENT] || o->kernel[SCENARIO_SERVER]))
        return message_usage("play", _("--compare is for two stacks in virtual time: play it "
                                       "without the kernel"));
    if (o->compare != NULL && (o->network.pcap_path != NULL || o->packetdrill_path != NULL))
        return message_usage("play", _("--compare plays twice, and --pcap and --packetdrill take "
                                       "one play: leave one of them out"));
    if (o->ipv6 && o->network.device.mtu_bytes < 1280)
        return message_usage("play", _("--ipv6 needs an --mtu of at least 1280"));
    return network_options_check(&o->network, "play") ? -1 : EXIT_USAGE;
}

/* The second reading, when the scenario's own options are known. */
static int play_options_take_all(play_options *o, const scenario *s, int argc, char **argv)
{
    struct option all[PLAY_LONG_OPTIONS + SCENARIO_VARIANTS_MAX + 1];
    char names[SCENARIO_VARIANTS_MAX][SCENARIO_NAME_BYTES];
    int option, at = 0;

    play_add_variants(s, all, names);
    optind = 0;
    while ((option = getopt_long(argc, argv, ":", all, &at)) != -1) {
        if (option == '?' || option == ':')
            return options_wrong("play", option, argv);
        if (option == OPTION_HELP)
            return play_help();
        if (option == PLAY_LIST)
            return play_list();
        if (option == PLAY_PRINT)
            return fputs(o->source.text, stdout) < 0 ? EXIT_FAILED : EXIT_DONE;
        bool good = option >= PLAY_VARIANT && option < PLAY_VARIANT + SCENARIO_VARIANTS_MAX
                        ? play_take_variant(o, s, &all[at])
                        : play_take(o, option);
        if (!good)
            return EXIT_USAGE;
    }
    return play_options_check(o, argc, argv);
}

int play_options_read(play_options *o, int argc, char **argv)
{
    char why[SCENARIO_WHY_BYTES];
    scenario s;

    *o = (play_options){.seed_given = false};
    network_options_init(&o->network);
    o->network.link.delay_us = PLAY_DELAY_US;
    play_style_init(&o->style);
    int status = play_find_source(o, argc, argv);
    if (status != EXIT_DONE)
        return status;
    if (!scenario_parse(&s, o->source.text, NULL, why))
        return message_fail(EXIT_FAILED, "play", "%s, %s", o->source.name, why);
    return play_options_take_all(o, &s, argc, argv);
}

void play_options_free(play_options *o)
{
    play_source_close(&o->source);
}

/* Takes the option of this name with a value, as from the command line. */
static bool play_take_named(play_options *o, const char *name, char *value)
{
    const struct option *option = play_long_options;

    while (option->name != NULL && strcmp(option->name, name) != 0)
        option++;
    optarg = value;
    return option->name != NULL && play_take(o, option->val);
}

bool play_options_apply(play_options *o, const char *name, char *value)
{
    static const char *const played[] = {"delay", "duplicate", "lose",    "loss",
                                         "mtu",   "profile",   "reorder", "seed"};
    char set[PLAY_SET_BYTES];

    for (size_t i = 0; i < sizeof played / sizeof played[0]; i++)
        if (strcmp(played[i], name) == 0)
            return play_take_named(o, name, value);
    (void)snprintf(set, sizeof set, "%s=%s", name, value);
    return play_take_named(o, "set", set);
}
