/* drill.c - tern drill: runs packetdrill scripts in virtual time, or only parses them.
 *
 * A folder stands for all its .pkt files, at any depth, in the order of their names. */
#define _GNU_SOURCE
#include "apps/pkt/symbols.h"
#include "apps/tern/behaviour.h"
#include "apps/tern/drill_flags.h"
#include "apps/tern/drill_jobs.h"
#include "apps/tern/drill_report.h"
#include "apps/tern/message.h"
#include "apps/tern/options.h"
#include "apps/tern/picture.h"
#include "apps/tern/verbs.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DRILL_SETTINGS = 64, DRILL_FAMILIES = 3 };

typedef struct drill {
    bool check, help, json;
    size_t define_count;
    pkt_define defines[PKT_DEFINES_MAX];
    behaviour behaviour;
    subject_arena arena; /* how.arena: each worker fills a copy of it, and ends with it */
    drill_how how;
    drill_flags flags;
    uint64_t jobs;
    unsigned families; /* a bit each, by drill_family */
    const char *junit_path, *coverage_path;
    coverage_file coverage_file;
    drill_work *work;
    size_t count, room;
    bool unreadable, no_memory;
    bool terminal; /* progress is shown */
} drill;

enum {
    DRILL_CHECK = OPTION_OWN,
    DRILL_PROFILE,
    DRILL_SET,
    DRILL_IP_VERSION,
    DRILL_JOBS,
    DRILL_JUNIT,
    DRILL_JSON,
    DRILL_COVERAGE,
    DRILL_LEFTOVERS,
};

static int drill_help(void)
{
    (void)fputs(
        _("usage: tern drill [OPTION...] FILE|FOLDER...\n\n"
          "Runs scripts in the language of packetdrill, the union of its two dialects, against\n"
          "tern's TCP and sockets: in virtual time, without root; nothing reaches the machine,\n"
          "but assertions that tern cannot read itself, which python3 does when it is there.\n"
          "A folder stands for its .pkt files. The verdict of a script is pass, fail (then the\n"
          "line, what was expected, what came, the rule that decided and the last packets are\n"
          "shown) or unsupported (it asks for what tern does not have). The status is 0 when\n"
          "nothing failed, 1 when a script did, and 2 when one does not parse.\n\n"
          "  --profile P           rfc9293, linux or freebsd; the default is what the script says\n"
          "                        (--so_flags=profile=P), else linux\n"
          "  --set KEY=VALUE       with one value changed; may be given again\n"
          "  --ip-version V        ipv4, ipv6, ipv4-mapped-ipv6 or all (default: ipv4), where the\n"
          "                        script does not say it\n"
          "  -D, --define N[=V]    let the word N in a script mean V; without V, only for #ifdef\n"
          "  --leftovers-allowed   packets that a script does not look at in the end are no\n"
          "                        failure, as packetdrill has it\n"
          "  --mtu=N, --local_ip=ADDRESS ...  packetdrill's own flags; they go before a script's\n"
          "  --jobs N              run N scripts at a time (default: one for each processor)\n"
          "  --junit FILE          write the results as JUnit does\n"
          "  --json                print a JSON line for each script instead\n"
          "  --coverage FILE       add to FILE what tern has reached (tern rules --coverage)\n"
          "  --check               parse, and do no more\n"
          "  --help                print this\n"),
        stdout);
    return EXIT_DONE;
}

/* ---- Options ------------------------------------------------------------------------------- */

/* "NAME=VALUE" or "NAME": argv's own memory is taken apart. */
static int drill_define(drill *d, char *word)
{
    char *equals = strchr(word, '=');
    size_t bytes = equals != NULL ? (size_t)(equals - word) : strlen(word);

    if (bytes == 0 || strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789_") != bytes)
        return message_usage("drill", _("'%s' is not NAME or NAME=VALUE"), word);
    if (d->define_count == PKT_DEFINES_MAX)
        return message_usage("drill", _("more than %d definitions"), PKT_DEFINES_MAX);
    if (equals != NULL)
        *equals = '\0';
    d->defines[d->define_count++] = (pkt_define){word, equals != NULL ? equals + 1 : NULL};
    return EXIT_DONE;
}

static int drill_ip_version(drill *d, const char *word)
{
    static const char *const names[] = {
        [DRILL_IPV4] = "ipv4", [DRILL_IPV6] = "ipv6", [DRILL_MAPPED] = "ipv4-mapped-ipv6"};

    d->families = strcmp(word, "all") == 0 ? (1 << DRILL_FAMILIES) - 1 : 0;
    for (unsigned i = 0; i < DRILL_FAMILIES; i++)
        if (strcmp(word, names[i]) == 0)
            d->families = 1U << i;
    if (d->families != 0)
        return EXIT_DONE;
    return message_usage("drill",
                         _("--ip-version is ipv4, ipv6, ipv4-mapped-ipv6 or all, not '%s'"), word);
}

static int drill_take(drill *d, int option, char *value)
{
    switch (option) {
    case DRILL_CHECK:
        d->check = true;
        return EXIT_DONE;
    case DRILL_PROFILE:
        return behaviour_take_profile(&d->behaviour, "drill", value) ? EXIT_DONE : EXIT_USAGE;
    case DRILL_SET:
        return behaviour_take_set(&d->behaviour, "drill", value) ? EXIT_DONE : EXIT_USAGE;
    case DRILL_IP_VERSION:
        return drill_ip_version(d, value);
    case DRILL_JOBS:
        if (options_number(value, 1, DRILL_JOBS_MAX, &d->jobs))
            return EXIT_DONE;
        return message_usage("drill", _("--jobs is a number from 1 to %d, not '%s'"),
                             DRILL_JOBS_MAX, value);
    case DRILL_JUNIT:
        d->junit_path = value;
        return EXIT_DONE;
    case DRILL_JSON:
        d->json = true;
        return EXIT_DONE;
    case DRILL_COVERAGE:
        d->coverage_path = value;
        return EXIT_DONE;
    case DRILL_LEFTOVERS:
        d->how.leftovers = true;
        return EXIT_DONE;
    case 'D':
        return drill_define(d, value);
    default:
        d->help = true;
        return EXIT_DONE;
    }
}

static int drill_options_read(drill *d, int argc, char **argv)
{
    static const struct option words[] = {
        {"check", no_argument, NULL, DRILL_CHECK},
        {"profile", required_argument, NULL, DRILL_PROFILE},
        {"set", required_argument, NULL, DRILL_SET},
        {"ip-version", required_argument, NULL, DRILL_IP_VERSION},
        {"ip_version", required_argument, NULL, DRILL_IP_VERSION}, /* packetdrill's */
        {"jobs", required_argument, NULL, DRILL_JOBS},
        {"junit", required_argument, NULL, DRILL_JUNIT},
        {"json", no_argument, NULL, DRILL_JSON},
        {"coverage", required_argument, NULL, DRILL_COVERAGE},
        {"leftovers-allowed", no_argument, NULL, DRILL_LEFTOVERS},
        {"define", required_argument, NULL, 'D'},
        {"help", no_argument, NULL, OPTION_HELP},
        {NULL, 0, NULL, 0},
    };
    int option, status = drill_flags_take(&d->flags, &argc, argv);

    while (status == EXIT_DONE && (option = getopt_long(argc, argv, ":hD:", words, NULL)) != -1) {
        if (option == '?' || option == ':')
            return options_wrong("drill", option, argv);
        status = drill_take(d, option, optarg);
    }
    if (status == EXIT_DONE && !d->help && optind == argc)
        return message_usage("drill", _("which scripts? Give a file or a folder"));
    return status;
}

/* The stack of a script: the profile, small queues, and what an assertion may ask for. */
static int drill_configure(drill *d)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    tern_config *c = &d->how.config;
    draw_style style = picture_style(stdout);

    tern_config_init(c);
    if (!d->behaviour.profile_given)
        (void)tern_config_profile(c, TERN_PROFILE_LINUX);
    c->details = true;
    c->settings_max = DRILL_SETTINGS;
    if (!behaviour_apply(&d->behaviour, "drill", c))
        return EXIT_USAGE;
    if (d->families == 0)
        d->families = 1U << DRILL_IPV4;
    if (d->jobs == 0)
        d->jobs = processors > 0 && processors <= DRILL_JOBS_MAX ? (uint64_t)processors : 1;
    d->how.behaviour = &d->behaviour;
    d->how.arena = &d->arena;
    d->how.flags = d->flags.count > 0 ? d->flags.option : NULL;
    d->how.defines = d->defines;
    d->how.define_count = d->define_count;
    d->how.ascii = style.ascii;
    d->how.colour = style.colour && d->junit_path == NULL;
    d->how.columns = style.width;
    d->terminal = isatty(STDERR_FILENO) != 0 && !d->json;
    return EXIT_DONE;
}

/* ---- Files --------------------------------------------------------------------------------- */

static void drill_add(drill *d, const char *path)
{
    for (unsigned family = 0; family < DRILL_FAMILIES && !d->no_memory; family++) {
        if ((d->families >> family & 1) == 0)
            continue;
        if (d->count == d->room) {
            size_t room = 2 * d->room + 64;
            drill_work *more = realloc(d->work, room * sizeof *more);
            if (more != NULL)
                d->work = more;
            d->room = more != NULL ? room : d->room;
        }
        char *copy = d->count < d->room ? strdup(path) : NULL;
        d->no_memory = copy == NULL;
        if (copy != NULL)
            d->work[d->count++] = (drill_work){copy, (drill_family)family,
                                               d->families == 1U << family};
    }
}

static int drill_by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Why an entry is neither a file nor a folder that can be read; 0: it is. */
static int drill_entry_error(const FTSENT *entry)
{
    switch (entry->fts_info) {
    case FTS_NS:
    case FTS_DNR:
    case FTS_ERR:
        return entry->fts_errno;
    case FTS_SLNONE: /* a link to nothing */
        return ENOENT;
    case FTS_DC: /* a link to a folder that it is in */
        return ELOOP;
    default:
        return 0;
    }
}

static void drill_entry(drill *d, const FTSENT *entry)
{
    size_t bytes = entry->fts_namelen;
    int error = drill_entry_error(entry);
    bool named = entry->fts_level == FTS_ROOTLEVEL;
    bool script = bytes > 4 && strcmp(entry->fts_name + bytes - 4, ".pkt") == 0;

    if (error != 0) {
        (void)message_fail(EXIT_FAILED, "drill", _("cannot read %s: %s"), entry->fts_path,
                           strerror(error));
        d->unreadable = true;
    } else if ((entry->fts_info == FTS_F || entry->fts_info == FTS_DEFAULT) && (named || script)) {
        drill_add(d, entry->fts_path);
    }
}

static int drill_find(drill *d, char **paths)
{
    FTS *tree = fts_open(paths, FTS_LOGICAL | FTS_NOCHDIR, drill_by_name);

    if (tree == NULL)
        return message_fail(EXIT_FAILED, "drill", _("cannot read %s: %s"), paths[0],
                            strerror(errno));
    for (FTSENT *entry = fts_read(tree); entry != NULL; entry = fts_read(tree))
        drill_entry(d, entry);
    (void)fts_close(tree);
    if (d->no_memory)
        return message_fail(EXIT_FAILED, "drill", _("not enough memory"));
    if (d->count == 0 && !d->unreadable)
        return message_fail(EXIT_FAILED, "drill", _("no .pkt file in %s"), paths[0]);
    return EXIT_DONE;
}

/* ---- --check ------------------------------------------------------------------------------- */

/* Parses one. Returns its events; -1: it is none. */
static long drill_parse(const drill *d, const char *path)
{
    char text[DRILL_TEXT_BYTES];
    pkt_error error;
    pkt_source source = {.file = path, .defines = d->defines, .define_count = d->define_count};
    long events = -1;

    char *read = malloc(PKT_FILE_BYTES + 1);
    FILE *in = read != NULL ? fopen(path, "r") : NULL;
    source.bytes = in != NULL ? fread(read, 1, PKT_FILE_BYTES + 1, in) : 0;
    source.text = read;
    if (in == NULL || ferror(in) != 0) {
        (void)message_fail(EXIT_FAILED, "drill", _("cannot read %s: %s"), path, strerror(errno));
    } else {
        pkt_script *script = pkt_parse(&source, &error);
        events = script != NULL ? (long)script->event_count : -1;
        if (script == NULL) {
            drill_parse_text(&error, text, sizeof text);
            (void)fflush(stdout);
            (void)fprintf(stderr, "%s:%u:%u: %s\n", path, error.place.line, error.place.column,
                          text);
        }
        pkt_place place;
        const char *unknown = script != NULL ? pkt_symbol_unknown(script, &place) : NULL;
        if (unknown != NULL) {
            (void)fprintf(stderr, "%s:%u:%u: ", path, place.line, place.column);
            (void)fprintf(stderr, _("no symbol of Linux's sockets: %s\n"), unknown);
        }
        pkt_free(script);
    }
    if (in != NULL)
        (void)fclose(in);
    free(read);
    return events;
}

static int drill_check(const drill *d)
{
    size_t good = 0;
    unsigned long total = 0;

    for (size_t i = 0; i < d->count; i++) {
        long events = drill_parse(d, d->work[i].path);
        good += events >= 0 ? 1 : 0;
        total += events >= 0 ? (unsigned long)events : 0;
    }
    (void)printf(_("%zu of %zu scripts parse: %lu events\n"), good, d->count, total);
    return good < d->count || d->unreadable ? EXIT_FAILED : EXIT_DONE;
}

/* ---- Running ------------------------------------------------------------------------------- */

static void drill_progress(void *context, size_t done, size_t which)
{
    const drill *d = context;

    if (d->terminal)
        (void)fprintf(stderr, "\r\033[K%zu/%zu %s", done, d->count, d->work[which].path);
    if (d->terminal && done == d->count)
        (void)fputs("\r\033[K", stderr);
}

static int drill_junit(const drill *d, const drill_report *report)
{
    FILE *out = d->junit_path != NULL ? fopen(d->junit_path, "w") : NULL;
    bool written = out != NULL;

    if (d->junit_path == NULL)
        return EXIT_DONE;
    if (written) {
        drill_report_junit(out, report);
        written = ferror(out) == 0;
        written = fclose(out) == 0 && written;
    }
    return written ? EXIT_DONE
                   : message_fail(EXIT_FAILED, "drill", _("cannot write %s: %s"), d->junit_path,
                                  strerror(errno));
}

static int drill_say(const drill *d, const drill_report *report)
{
    if (d->json) {
        drill_report_json(stdout, report);
    } else {
        for (size_t i = 0; i < report->count; i++)
            drill_report_one(stdout, &report->work[i], &report->results[i]);
        drill_report_summary(stdout, report);
    }
    int status = drill_junit(d, report);
    if (d->unreadable || drill_report_count(report, DRILL_END_FAIL) > 0 ||
        drill_report_count(report, DRILL_END_ERROR) > 0 ||
        drill_report_count(report, DRILL_END_NO_TEXT) > 0)
        status = EXIT_FAILED;
    if (status == EXIT_DONE && drill_report_count(report, DRILL_END_NO_SCRIPT) > 0)
        status = EXIT_USAGE;
    return status;
}

/* What all scripts together have reached. */
static int drill_cover(drill *d, const drill_report *report)
{
    coverage sum = {.runs = 0};

    for (size_t i = 0; i < report->count; i++)
        coverage_add(&sum, &report->results[i].reached);
    return coverage_file_add(&d->coverage_file, "drill", &sum);
}

static int drill_scripts(drill *d)
{
    drill_result *results = calloc(d->count + 1, sizeof *results);
    drill_jobs jobs = {.how = &d->how,
                       .work = d->work,
                       .count = d->count,
                       .jobs = (unsigned)(d->jobs < d->count ? d->jobs : d->count),
                       .results = results,
                       .done = drill_progress,
                       .context = d};
    int status;

    if (results == NULL)
        return message_fail(EXIT_FAILED, "drill", _("not enough memory"));
    if (drill_jobs_run(&jobs)) {
        drill_report report = {d->work, results, d->count};
        status = drill_say(d, &report);
        int added = drill_cover(d, &report);
        status = status == EXIT_DONE ? added : status;
    } else {
        status = message_fail(EXIT_FAILED, "drill", _("cannot make a process: %s"),
                              strerror(errno));
    }
    for (size_t i = 0; i < d->count; i++)
        drill_result_clear(&results[i]);
    free(results);
    return status;
}

int drill_run(int argc, char **argv)
{
    drill *d = calloc(1, sizeof *d);
    int status;

    if (d == NULL)
        return message_fail(EXIT_FAILED, "drill", _("not enough memory"));
    status = drill_options_read(d, argc, argv);
    if (status == EXIT_DONE && d->help) {
        status = drill_help();
    } else if (status == EXIT_DONE) {
        status = drill_configure(d);
        if (d->check)
            d->families = 1U << DRILL_IPV4;
        if (status == EXIT_DONE)
            status = drill_find(d, argv + optind);
        if (status == EXIT_DONE && !d->check &&
            !coverage_file_open(&d->coverage_file, "drill", d->coverage_path))
            status = EXIT_FAILED;
        if (status == EXIT_DONE)
            status = d->check ? drill_check(d) : drill_scripts(d);
    }
    for (size_t i = 0; i < d->count; i++)
        free(d->work[i].path);
    free(d->work);
    free(d);
    return status;
}
