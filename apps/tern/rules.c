/* rules.c - tern rules: prints the decisions that RFCs make for a stack, from rules.def. */
#define _GNU_SOURCE
#include "apps/tern/message.h"
#include "apps/tern/options.h"
#include "apps/tern/picture.h"
#include "apps/tern/spelling.h"
#include "apps/tern/verbs.h"
#include "draw/columns.h"
#include "draw/teaching.h"
#include "tern/status.h"

#include <ctype.h>
#include <string.h>

enum {
    RULES_NAME_BYTES = 64,
    RULES_NEAREST = 3, /* names that are offered for one that does not exist */
    RULES_LABEL_COLUMNS = 10,
    RULES_INDENT = 4,
    RULES_TEXT_COLUMNS = 84, /* lines are not longer, however wide the terminal is */
};

static int rules_help(void)
{
    (void)fputs(
        _("usage: tern rules [NAME]\n\n"
          "Prints every decision that an RFC makes for tern: its name, the section it comes\n"
          "from, and one sentence. With a NAME, that one alone. Each rule is counted by\n"
          "tern_counter() and is a caption of `tern play`.\n\n"
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

int rules_run(int argc, char **argv)
{
    static const struct option words[] = {
        {"help", no_argument, NULL, OPTION_HELP},
        {NULL, 0, NULL, 0},
    };
    draw_style style = picture_style(stdout);
    char name[RULES_NAME_BYTES];
    int option = getopt_long(argc, argv, ":h", words, NULL);

    if (option == '?' || option == ':')
        return options_wrong("rules", option, argv);
    if (option != -1)
        return rules_help();
    if (argc - optind > 1)
        return message_usage("rules", _("unexpected word '%s'"), argv[optind + 1]);
    if (optind == argc) {
        rules_list(&style);
        return EXIT_DONE;
    }
    if (!rules_name(argv[optind], name))
        return message_usage("rules", _("there is no rule '%s'"), argv[optind]);
    for (unsigned r = 1; r < TERN_RULES; r++) {
        if (strcmp(tern_rule_get((tern_rule)r)->name, name) != 0)
            continue;
        rules_one(&style, (tern_rule)r);
        return EXIT_DONE;
    }
    return rules_unknown(argv[optind], name);
}
