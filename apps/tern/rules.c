/* rules.c - tern rules: prints the decisions that RFCs make for a stack, from rules.def, and which
 * of them runs have reached. */
#define _GNU_SOURCE
#include "apps/tern/coverage_show.h"
#include "apps/tern/message.h"
#include "apps/tern/options.h"
#include "apps/tern/picture.h"
#include "apps/tern/spelling.h"
#include "apps/tern/verbs.h"
#include "draw/columns.h"
#include "draw/teaching.h"
#include "tern/status.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

enum {
    RULES_NAME_BYTES = 64,
    RULES_NEAREST = 3, /* names that are offered for one that does not exist */
    RULES_LABEL_COLUMNS = 10,
    RULES_INDENT = 4,
    RULES_TEXT_COLUMNS = 84, /* lines are not longer, however wide the terminal is */
};

enum { RULES_COVERAGE = OPTION_OWN, RULES_SVG, RULES_JSON };

typedef struct rules_options {
    bool help, coverage, json;
    const char *svg_path; /* NULL: no SVG; "-": stdout */
} rules_options;

static int rules_help(void)
{
    (void)fputs(
        _("usage: tern rules [NAME]\n"
          "       tern rules --coverage FILE... [--svg FILE] [--json]\n\n"
          "Prints every decision that an RFC makes for tern: its name, the section it comes\n"
          "from, and one sentence. With a NAME, that one alone. Each rule is counted by\n"
          "tern_counter() and is a caption of `tern play`.\n\n"
          "  --coverage    print what runs have reached and what not: segments by the state they\n"
          "                came in, changes of state, rules. The FILEs are those that tern play,\n"
          "                get, serve and drill have added to with their --coverage FILE\n"
          "  --svg FILE    write states and segments as a heat map (- is the standard output)\n"
          "  --json        print JSON lines\n"
          "  --help        print this\n"),
        stdout);
    return EXIT_DONE;
}

/* ---- Printing ------------------------------------------------------------------------------ */

static void rules_bold(const draw_style *style, const char *text)
{
    (void)printf("%s%s%s", style->colour ? "\033[1m" : "", text, style->colour ? "\033[0m" : "");
}

static void rules_paragraph(const draw_style *style, const char *text)
{
    unsigned columns = style->width < DRAW_WIDTH_MIN ? DRAW_WIDTH_MIN : style->width;
    size_t next, bytes;

    columns = columns > RULES_TEXT_COLUMNS ? RULES_TEXT_COLUMNS : columns;
    while ((bytes = columns_wrap(text, columns - RULES_INDENT, &next)), next > 0) {
        (void)printf("%*s%.*s\n", RULES_INDENT, "", (int)bytes, text);
        text += next;
    }
}

static bool rules_has_level(const tern_rule_info *rule)
{
    return strcmp(rule->level, "-") != 0;
}

static void rules_list(const draw_style *style)
{
    for (unsigned r = 1; r < TERN_RULES; r++) {
        const tern_rule_info *rule = tern_rule_get((tern_rule)r);
        rules_bold(style, rule->name);
        (void)printf("  %s%s%s\n", rule->source, rules_has_level(rule) ? ", " : "",
                     rules_has_level(rule) ? rule->level : "");
        rules_paragraph(style, _(rule->text));
    }
}

/* "source    RFC 5961 3.2", the label padded by its columns. */
static void rules_field(const char *label, const char *value)
{
    unsigned columns = columns_text(label);
    unsigned pad = columns < RULES_LABEL_COLUMNS ? RULES_LABEL_COLUMNS - columns : 1;

    (void)printf("%*s%s%*s%s\n", RULES_INDENT, "", label, (int)pad, "", value);
}

static void rules_one(const draw_style *style, tern_rule r)
{
    const tern_rule_info *rule = tern_rule_get(r);
    char counter[RULES_NAME_BYTES + 32];

    (void)snprintf(counter, sizeof counter, "tern_counter(stack, TERN_RULE_%s)", rule->name);
    rules_bold(style, rule->name);
    (void)putchar('\n');
    rules_paragraph(style, _(rule->text));
    (void)putchar('\n');
    rules_field(_("source"), rule->source);
    if (rules_has_level(rule)) {
        char level[RULES_NAME_BYTES];
        (void)snprintf(level, sizeof level, "%s (RFC 9293 B)", rule->level);
        rules_field(_("level"), level);
    }
    rules_field(_("counted"), counter);
    rules_field(_("drawn"), teaching_rule(r) ? _("always") : _("with --verbose"));
}

/* ---- Names --------------------------------------------------------------------------------- */

/* "rst-challenged" is RST_CHALLENGED. false: too long for any rule. */
static bool rules_name(const char *word, char name[RULES_NAME_BYTES])
{
    size_t bytes = strlen(word);

    if (bytes >= RULES_NAME_BYTES)
        return false;
    for (size_t i = 0; i <= bytes; i++)
        name[i] = word[i] == '-' ? '_' : (char)toupper((unsigned char)word[i]);
    return true;
}

/* What is contained is near. */
static size_t rules_distance(const char *word, const char *name)
{
    return word[0] != '\0' && strstr(name, word) != NULL ? 1 : spelling_distance(word, name);
}

/* The nearest names, nearest first. */
static void rules_nearest(const char *name, const char *nearest[RULES_NEAREST])
{
    size_t distance[RULES_NEAREST] = {0};
    unsigned count = 0;

    for (unsigned r = 1; r < TERN_RULES; r++) {
        const char *candidate = tern_rule_get((tern_rule)r)->name;
        size_t far = rules_distance(name, candidate);
        unsigned at = count;
        while (at > 0 && distance[at - 1] > far)
            at--;
        if (at == RULES_NEAREST)
            continue;
        count = count < RULES_NEAREST ? count + 1 : count;
        for (unsigned i = count - 1; i > at; i--) {
            distance[i] = distance[i - 1];
            nearest[i] = nearest[i - 1];
        }
        distance[at] = far;
        nearest[at] = candidate;
    }
}

static int rules_unknown(const char *word, const char *name)
{
    const char *nearest[RULES_NEAREST];

    rules_nearest(name, nearest);
    return message_fail(EXIT_USAGE, "rules",
                        _("there is no rule '%s'; the nearest are %s, %s and %s"), word, nearest[0],
                        nearest[1], nearest[2]);
}

/* ---- What runs have reached ---------------------------------------------------------------- */

static int rules_svg(const coverage *c, const char *path)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *out = standard ? stdout : fopen(path, "we");
    bool good = out != NULL;

    if (good) {
        coverage_svg(c, out);
        good = fflush(out) == 0 && ferror(out) == 0;
        good = (standard || fclose(out) == 0) && good;
    }
    return good ? EXIT_DONE
                : message_fail(EXIT_FAILED, "rules", _("cannot write %s: %s"), path,
                               strerror(errno));
}

static int rules_coverage(const rules_options *o, char **paths, const draw_style *style)
{
    coverage sum = {.runs = 0};
    int status = EXIT_DONE;

    if (paths[0] == NULL)
        return message_usage("rules", _("which coverage? Give a file that another command's "
                                        "--coverage has written"));
    for (; *paths != NULL && status == EXIT_DONE; paths++)
        status = coverage_read(&sum, "rules", *paths);
    if (status != EXIT_DONE)
        return status;
    if (o->svg_path != NULL)
        status = rules_svg(&sum, o->svg_path);
    if (o->svg_path != NULL && strcmp(o->svg_path, "-") == 0)
        return status;
    if (o->json)
        coverage_json(&sum, stdout);
    else
        coverage_show(&sum, stdout, style);
    return status;
}

/* ---- The verb ------------------------------------------------------------------------------ */

static int rules_options_read(rules_options *o, int argc, char **argv)
{
    static const struct option words[] = {
        {"coverage", no_argument, NULL, RULES_COVERAGE},
        {"svg", required_argument, NULL, RULES_SVG},
        {"json", no_argument, NULL, RULES_JSON},
        {"help", no_argument, NULL, OPTION_HELP},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, ":h", words, NULL)) != -1) {
        if (option == '?' || option == ':')
            return options_wrong("rules", option, argv);
        if (option == RULES_SVG)
            o->svg_path = optarg;
        o->coverage = o->coverage || option == RULES_COVERAGE;
        o->json = o->json || option == RULES_JSON;
        o->help = o->help || option == 'h' || option == OPTION_HELP;
    }
    if (!o->coverage && (o->json || o->svg_path != NULL))
        return message_usage("rules", _("--svg and --json show coverage: give --coverage too"));
    if (!o->coverage && argc - optind > 1)
        return message_usage("rules", _("unexpected word '%s'"), argv[optind + 1]);
    return EXIT_DONE;
}

static int rules_named(const draw_style *style, const char *word)
{
    char name[RULES_NAME_BYTES];

    if (!rules_name(word, name))
        return message_usage("rules", _("there is no rule '%s'"), word);
    for (unsigned r = 1; r < TERN_RULES; r++) {
        if (strcmp(tern_rule_get((tern_rule)r)->name, name) != 0)
            continue;
        rules_one(style, (tern_rule)r);
        return EXIT_DONE;
    }
    return rules_unknown(word, name);
}

int rules_run(int argc, char **argv)
{
    rules_options options = {.help = false};
    draw_style style = picture_style(stdout);
    int status = rules_options_read(&options, argc, argv);

    if (status != EXIT_DONE)
        return status;
    if (options.help)
        return rules_help();
    if (options.coverage)
        return rules_coverage(&options, argv + optind, &style);
    if (optind < argc)
        return rules_named(&style, argv[optind]);
    rules_list(&style);
    return EXIT_DONE;
}
