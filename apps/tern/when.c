/* when.c - tern when: when a stack sends again, and when it gives up. */
#define _GNU_SOURCE
#include "apps/tern/behaviour.h"
#include "apps/tern/message.h"
#include "apps/tern/options.h"
#include "apps/tern/verbs.h"
#include "draw/columns.h"
#include "sim/quantity.h"

#include <string.h>

enum { WHEN_PROFILE = OPTION_OWN, WHEN_SET, WHEN_RTT, WHEN_JSON, WHEN_KEYS };
enum { WHEN_LABEL_COLUMNS = 12, WHEN_TIME_COLUMNS = 14, WHEN_RTT_MAX_US = 1000000000 };

typedef struct when_options {
    behaviour behaviour;
    tern_when_what what;
    uint32_t rtt_us;
    bool json, help, keys;
} when_options;

/* The profiles side by side, and what each does. */
typedef struct when_table {
    unsigned count;
    tern_profile profile[TERN_PROFILES];
    tern_when_times times[TERN_PROFILES];
} when_table;

static const char *const when_titles[TERN_WHENS] = {
    [TERN_WHEN_SYN] = N_("A SYN that nobody answers:"),
    [TERN_WHEN_SYN_ACK] = N_("A SYN,ACK whose ACK never comes:"),
    [TERN_WHEN_DATA] = N_("Data that nobody acknowledges:"),
    [TERN_WHEN_FIN] = N_("The FIN of a close, which nobody acknowledges:"),
    [TERN_WHEN_KEEPALIVE] = N_("Keep-alive on, and a peer that has gone, since it was last heard:"),
    [TERN_WHEN_PERSIST] = N_("Probes of a window that stays closed, and no answer:"),
    [TERN_WHEN_TIME_WAIT] = N_("TIME-WAIT:"),
};

static int when_help(void)
{
    (void)fputs(
        _("usage: tern when WHAT [OPTION...]\n\n"
          "Prints when a stack sends again and when it gives up, if nobody answers: the same\n"
          "numbers that tern's own timers go by.\n\n"
          "WHAT is syn, synack, data, fin, keepalive, persist or time-wait.\n\n"
          "  --profile P      rfc9293, linux or freebsd (default: side by side)\n"
          "  --rtt T          the round trip that was measured: 20ms (default: next to none)\n"
          "  --set KEY=VALUE  with one value changed; may be given again\n"
          "  --keys           print the keys, their values in each profile, and the sources\n"
          "  --json           print a JSON line for each profile\n"
          "  --help           print this\n"),
        stdout);
    return EXIT_DONE;
}

static bool when_take_rtt(when_options *o, const char *value)
{
    uint64_t us;

    if (!quantity_time_us(value, &us) || us > WHEN_RTT_MAX_US) {
        (void)message_usage("when", _("--rtt is a time like 20ms, at most 1000s, not '%s'"), value);
        return false;
    }
    o->rtt_us = (uint32_t)us;
    return true;
}

static bool when_take(when_options *o, int option, const char *value)
{
    switch (option) {
    case WHEN_PROFILE:
        return behaviour_take_profile(&o->behaviour, "when", value);
    case WHEN_SET:
        return behaviour_take_set(&o->behaviour, "when", value);
    case WHEN_RTT:
        return when_take_rtt(o, value);
    case WHEN_JSON:
        o->json = true;
        return true;
    case WHEN_KEYS:
        o->keys = true;
        return true;
    default:
        o->help = true;
        return true;
    }
}

static int when_take_what(when_options *o, int argc, char **argv)
{
    if (optind == argc)
        return message_usage("when", _("when what? %s"),
                             "syn, synack, data, fin, keepalive, persist, time-wait");
    if (optind + 1 < argc)
        return message_usage("when", _("unexpected word '%s'"), argv[optind + 1]);
    for (unsigned w = 0; w < TERN_WHENS; w++) {
        if (strcmp(argv[optind], tern_when_name((tern_when_what)w)) != 0)
            continue;
        o->what = (tern_when_what)w;
        return EXIT_DONE;
    }
    return message_usage("when", _("there is no '%s': it is %s"), argv[optind],
                         "syn, synack, data, fin, keepalive, persist, time-wait");
}

/* EXIT_DONE, or the status to end with. */
static int when_options_read(when_options *o, int argc, char **argv)
{
    static const struct option words[] = {
        {"profile", required_argument, NULL, WHEN_PROFILE},
        {"set", required_argument, NULL, WHEN_SET},
        {"rtt", required_argument, NULL, WHEN_RTT},
        {"json", no_argument, NULL, WHEN_JSON},
        {"keys", no_argument, NULL, WHEN_KEYS},
        {"help", no_argument, NULL, OPTION_HELP},
        {NULL, 0, NULL, 0},
    };
    int option;

    *o = (when_options){.json = false};
    while ((option = getopt_long(argc, argv, ":h", words, NULL)) != -1) {
        if (option == '?' || option == ':')
            return options_wrong("when", option, argv);
        if (!when_take(o, option, optarg))
            return EXIT_USAGE;
    }
    return o->help || o->keys ? EXIT_DONE : when_take_what(o, argc, argv);
}

/* One more profile on the table. */
static bool when_add(const when_options *o, tern_profile profile, when_table *table)
{
    behaviour b = o->behaviour;
    tern_config config;

    b.profile_given = true;
    b.profile = profile;
    tern_config_init(&config);
    if (!behaviour_apply(&b, "when", &config))
        return false;
    table->profile[table->count] = profile;
    return tern_when(&config, o->what, o->rtt_us, &table->times[table->count++]) == TERN_OK;
}

/* ---- Printing ---- */

static void when_json(const when_options *o, tern_profile profile, const tern_when_times *t)
{
    (void)printf("{\"what\":\"%s\",\"profile\":\"%s\",\"rtt_us\":%u,\"sends_us\":[",
                 tern_when_name(o->what), tern_profile_name(profile), (unsigned)o->rtt_us);
    for (uint32_t i = 0; i < t->sends; i++)
        (void)printf("%s%llu", i == 0 ? "" : ",", (unsigned long long)t->sends_us[i]);
    (void)printf("],\"more\":%s,\"end_us\":%llu,\"error\":\"%s\"}\n", t->more ? "true" : "false",
                 (unsigned long long)t->end_us, tern_err_name(t->error));
}

/* Text, and blanks up to its columns. */
static void when_label(const char *text)
{
    unsigned columns = columns_text(text);

    (void)printf("%s%*s", text,
                 columns < WHEN_LABEL_COLUMNS ? (int)(WHEN_LABEL_COLUMNS - columns) : 1, "");
}

static void when_time(unsigned columns, tern_time us)
{
    (void)printf("%*llu.%03llu s", (int)columns - 6, (unsigned long long)(us / 1000000),
                 (unsigned long long)(us / 1000 % 1000));
}

/* Row n: the nth sending of each profile that has so many. */
static void when_row(const when_table *table, uint32_t n)
{
    char number[16];

    (void)snprintf(number, sizeof number, "%u", (unsigned)n + 1);
    when_label(number);
    for (unsigned p = 0, columns = 0; p < table->count; p++) {
        const tern_when_times *t = &table->times[p];
        columns += WHEN_TIME_COLUMNS; /* a blank cell is written with the next that is not */
        if (n >= t->sends && !(n == t->sends && t->more))
            continue;
        if (n < t->sends)
            when_time(columns, t->sends_us[n]);
        else
            (void)printf("%*s", (int)columns, "...");
        columns = 0;
    }
    (void)putchar('\n');
}

static void when_print(const when_options *o, const when_table *table)
{
    uint32_t rows = 0;

    for (unsigned p = 0; p < table->count; p++) {
        uint32_t own = table->times[p].sends + table->times[p].more;
        rows = own > rows ? own : rows;
    }
    (void)printf("%s\n\n", _(when_titles[o->what]));
    when_label("");
    for (unsigned p = 0; p < table->count; p++)
        (void)printf("%*s", WHEN_TIME_COLUMNS, tern_profile_name(table->profile[p]));
    (void)putchar('\n');
    for (uint32_t n = 0; n < rows; n++)
        when_row(table, n);
    when_label(table->times[0].error == TERN_OK ? _("over") : _("given up"));
    for (unsigned p = 0; p < table->count; p++)
        when_time(WHEN_TIME_COLUMNS, table->times[p].end_us);
    (void)putchar('\n');
    bool told = o->what != TERN_WHEN_SYN_ACK && o->what != TERN_WHEN_FIN; /* else none is there */
    if (told && table->times[0].error != TERN_OK)
        (void)printf(_("\nThe program is told: %s.\n"), _(tern_err_text(table->times[0].error)));
}

int when_run(int argc, char **argv)
{
    when_options o;
    when_table table = {.count = 0};
    int status = when_options_read(&o, argc, argv);

    if (status != EXIT_DONE)
        return status;
    if (o.help)
        return when_help();
    if (o.keys) {
        behaviour_print_keys();
        return EXIT_DONE;
    }
    for (unsigned p = 0; p < TERN_PROFILES; p++)
        if (!o.behaviour.profile_given || o.behaviour.profile == (tern_profile)p)
            if (!when_add(&o, (tern_profile)p, &table))
                return EXIT_USAGE;
    for (unsigned p = 0; o.json && p < table.count; p++)
        when_json(&o, table.profile[p], &table.times[p]);
    if (!o.json)
        when_print(&o, &table);
    return EXIT_DONE;
}
