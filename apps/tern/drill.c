/* drill.c - tern drill --check: parses packetdrill scripts, and says where one is wrong.
 *
 * A folder stands for all its .pkt files, at any depth, in the order of their names. */
#define _GNU_SOURCE
#include "apps/pkt/script.h"
#include "apps/pkt/symbols.h"
#include "apps/tern/message.h"
#include "apps/tern/options.h"
#include "apps/tern/verbs.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>

typedef struct drill {
    bool check, help;
    size_t define_count;
    pkt_define defines[PKT_DEFINES_MAX];
    char *text; /* PKT_FILE_BYTES + 1 octets */
    unsigned scripts, wrong, unreadable;
    unsigned long events;
} drill;

enum { DRILL_CHECK = OPTION_OWN };

static int drill_help(void)
{
    (void)fputs(_("usage: tern drill --check [OPTION...] FILE|FOLDER...\n\n"
                  "Parses scripts in the language of packetdrill, the union of its two dialects, "
                  "and says\n"
                  "for each that is none the line, the column and what was expected there. A "
                  "folder stands\n"
                  "for its .pkt files. The status is 1 when a script is wrong.\n\n"
                  "  --check               parse, and do no more: what is there so far\n"
                  "  -D, --define N[=V]    let the word N in a script mean V; without V, only for "
                  "#ifdef\n"
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

static int drill_options_read(drill *d, int argc, char **argv)
{
    static const struct option words[] = {
        {"check", no_argument, NULL, DRILL_CHECK},
        {"define", required_argument, NULL, 'D'},
        {"help", no_argument, NULL, OPTION_HELP},
        {NULL, 0, NULL, 0},
    };
    int option, status = EXIT_DONE;

    while ((option = getopt_long(argc, argv, ":hD:", words, NULL)) != -1) {
        if (option == '?' || option == ':')
            return options_wrong("drill", option, argv);
        if (option == 'D')
            status = drill_define(d, optarg);
        if (status != EXIT_DONE)
            return status;
        d->check = d->check || option == DRILL_CHECK;
        d->help = d->help || option == OPTION_HELP || option == 'h';
    }
    if (!d->help && !d->check)
        return message_usage("drill", _("scripts are parsed so far, not run: give --check"));
    if (!d->help && optind == argc)
        return message_usage("drill", _("which scripts? Give a file or a folder"));
    return EXIT_DONE;
}

/* ---- Scripts ------------------------------------------------------------------------------- */

static void drill_wrong(const char *file, const pkt_error *e)
{
    (void)fflush(stdout);
    (void)fprintf(stderr, "%s:%u:%u: ", file, e->place.line, e->place.column);
    if (!e->expected)
        (void)fprintf(stderr, "%s\n", _(e->what));
    else
        (void)fprintf(stderr, _("expected %s%s%s, found %s\n"), e->sign ? "'" : "",
                      e->sign ? e->what : _(e->what), e->sign ? "'" : "",
                      e->found[0] != '\0' ? e->found : _("the end of the script"));
}

static void drill_file(drill *d, const char *path)
{
    FILE *in = fopen(path, "r");
    pkt_error error;
    size_t bytes = in != NULL ? fread(d->text, 1, PKT_FILE_BYTES + 1, in) : 0;
    bool failed = in == NULL || ferror(in) != 0;

    if (failed) {
        (void)message_fail(EXIT_FAILED, "drill", _("cannot read %s: %s"), path, strerror(errno));
        d->unreadable++;
    }
    if (in != NULL)
        (void)fclose(in);
    if (failed)
        return;
    pkt_source source = {path, d->text, bytes, d->defines, d->define_count};
    pkt_script *script = pkt_parse(&source, &error);
    d->scripts++;
    if (script == NULL) {
        d->wrong++;
        drill_wrong(path, &error);
        return;
    }
    d->events += script->event_count;
    pkt_place place;
    const char *unknown = pkt_symbol_unknown(script, &place);
    if (unknown != NULL) {
        (void)fprintf(stderr, "%s:%u:%u: ", path, place.line, place.column);
        (void)fprintf(stderr, _("no symbol of Linux's sockets: %s\n"), unknown);
    }
    pkt_free(script);
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
        d->unreadable++;
    } else if ((entry->fts_info == FTS_F || entry->fts_info == FTS_DEFAULT) && (named || script)) {
        drill_file(d, entry->fts_accpath);
    }
}

static int drill_walk(drill *d, char **paths)
{
    FTS *tree = fts_open(paths, FTS_LOGICAL | FTS_NOCHDIR, drill_by_name);

    if (tree == NULL)
        return message_fail(EXIT_FAILED, "drill", _("cannot read %s: %s"), paths[0],
                            strerror(errno));
    for (FTSENT *entry = fts_read(tree); entry != NULL; entry = fts_read(tree))
        drill_entry(d, entry);
    (void)fts_close(tree);
    if (d->scripts == 0 && d->unreadable == 0)
        return message_fail(EXIT_FAILED, "drill", _("no .pkt file in %s"), paths[0]);
    (void)printf(_("%u of %u scripts parse: %lu events\n"), d->scripts - d->wrong, d->scripts,
                 d->events);
    return d->wrong > 0 || d->unreadable > 0 ? EXIT_FAILED : EXIT_DONE;
}

int drill_run(int argc, char **argv)
{
    drill *d = calloc(1, sizeof *d);
    int status;

    if (d == NULL)
        return message_fail(EXIT_FAILED, "drill", _("not enough memory"));
    status = drill_options_read(d, argc, argv);
    if (status == EXIT_DONE && !d->help) {
        d->text = malloc(PKT_FILE_BYTES + 1);
        status = d->text == NULL ? message_fail(EXIT_FAILED, "drill", _("not enough memory"))
                                 : drill_walk(d, argv + optind);
    } else if (d->help) {
        status = drill_help();
    }
    free(d->text);
    free(d);
    return status;
}
