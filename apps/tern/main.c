/* main.c - the language, the verbs, and what is said when there is none.
 *
 * `--lang` is taken out of the arguments before a verb sees them. Without it LC_ALL, LC_MESSAGES
 * and LANG decide, also when the system has no such locale: a container seldom has ko_KR.UTF-8,
 * and gettext needs only some locale that is not "C" and the name of the language. */
#define _GNU_SOURCE
#include "apps/tern/message.h"
#include "apps/tern/spelling.h"
#include "apps/tern/verbs.h"
#include "tern/tern.h"

#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct verb {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} verb;

static int help_run(int argc, char **argv);

static const verb verbs[] = {
    {"play", play_run, N_("play a scenario between two stacks, and draw it step by step")},
    {"get", get_run, N_("fetch a URL over tern's own TCP")},
    {"serve", serve_run, N_("serve the files of a folder over HTTP on tern's own TCP")},
    {"states", states_run, N_("print the state diagram")},
    {"rules", rules_run, N_("print what an RFC asks for, and where it says so")},
    {"when", when_run, N_("print when a stack sends again, and when it gives up")},
    {"drill", drill_run, N_("run packetdrill scripts in virtual time, and judge them")},
    {"bench", bench_run, N_("measure connections, throughput and memory")},
    {"help", help_run, N_("print this")},
};

enum { VERBS = sizeof verbs / sizeof verbs[0] };

static int help_run(int argc, char **argv)
{
    if (argc > 1) { /* `tern help get` is `tern get --help` */
        for (size_t i = 0; i + 1 < VERBS; i++) {
            char help[] = "--help";
            char *words[] = {argv[1], help, NULL};
            if (strcmp(argv[1], verbs[i].name) == 0)
                return verbs[i].run(2, words);
        }
    }
    (void)printf(_("tern %s - TCP that plays, draws, tests and explains itself\n\n"
                   "usage: tern VERB [OPTION...]\n\n"),
                 tern_version());
    for (size_t i = 0; i < VERBS; i++)
        (void)printf("  %-8s %s\n", verbs[i].name, _(verbs[i].summary));
    (void)fputs(_("\n"
                  "  tern VERB --help    what a verb does, and its options\n"
                  "  tern --version      the version\n"
                  "  --lang ko|en        the language, with any verb (default: LANG)\n"),
                stdout);
    return EXIT_DONE;
}

/* ---- Language ------------------------------------------------------------------------------ */

/* Where the messages are: beside the program when it was not installed (or was moved), else where
 * it was installed to. */
static const char *main_locale_dir(char dir[PATH_MAX])
{
    static const char *const beside[] = {TERN_LOCALEDIR_BUILD, "../share/locale"};
    char program[PATH_MAX];
    ssize_t bytes = readlink("/proc/self/exe", program, sizeof program - 1);

    if (bytes <= 0)
        return TERN_LOCALEDIR;
    program[bytes] = '\0';
    *strrchr(program, '/') = '\0';
    for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++) {
        int written = snprintf(dir, PATH_MAX, "%s/%s", program, beside[i]);
        if (written > 0 && written < PATH_MAX && access(dir, X_OK) == 0)
            return dir;
    }
    return TERN_LOCALEDIR;
}

/* The language that the environment asks for: the first that is set decides (locale(7)). */
static const char *main_asked(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && *value != '\0')
            return value;
    }
    return "C";
}

static void main_language(const char *lang)
{
    char dir[PATH_MAX];
    const char *asked = lang != NULL ? lang : main_asked();
    bool plain = strcmp(asked, "C") == 0 || strcmp(asked, "POSIX") == 0;

    if (lang != NULL)
        (void)setenv("LANGUAGE", lang, 1);
    else if (getenv("LANGUAGE") == NULL && !plain)
        (void)setenv("LANGUAGE", asked, 1);
    if (lang != NULL || setlocale(LC_ALL, "") == NULL)
        (void)setlocale(LC_ALL, plain ? "C" : "C.UTF-8");
    (void)setlocale(LC_NUMERIC, "C");
    (void)bindtextdomain("tern", main_locale_dir(dir));
    (void)bind_textdomain_codeset("tern", "UTF-8");
    (void)textdomain("tern");
}

/* Takes "--lang X" and "--lang=X" out of argv. false: there is no such language. */
static bool main_take_lang(int *argc, char **argv, const char **lang)
{
    int kept = 1;

    for (int i = 1; i < *argc; i++) {
        const char *value = NULL;
        if (strncmp(argv[i], "--lang=", 7) == 0)
            value = argv[i] + 7;
        else if (strcmp(argv[i], "--lang") == 0)
            value = i + 1 < *argc ? argv[++i] : "";
        if (value == NULL) {
            argv[kept++] = argv[i];
            continue;
        }
        if (strcmp(value, "en") != 0 && strcmp(value, "ko") != 0)
            return false;
        *lang = value;
    }
    *argc = kept;
    argv[kept] = NULL;
    return true;
}

/* ---- Verbs --------------------------------------------------------------------------------- */

static int main_unknown(const char *word)
{
    const char *nearest = NULL;
    size_t least = 3; /* farther than that is another word */

    for (size_t i = 0; i < VERBS; i++) {
        size_t distance = spelling_distance(word, verbs[i].name);
        if (distance < least) {
            least = distance;
            nearest = verbs[i].name;
        }
    }
    if (nearest != NULL)
        (void)fprintf(stderr, _("tern: there is no verb '%s'; did you mean '%s'?\n"), word,
                      nearest);
    else
        (void)fprintf(stderr, _("tern: there is no verb '%s' (see: tern help)\n"), word);
    return EXIT_USAGE;
}

/* Text for a person that did not reach stdout is a failure too. */
static int main_finish(int status)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return status;
    (void)fprintf(stderr, _("tern: cannot write to stdout: %s\n"), strerror(errno));
    return status == EXIT_DONE ? EXIT_FAILED : status;
}

int main(int argc, char **argv)
{
    const char *lang = NULL;
    bool lang_known = main_take_lang(&argc, argv, &lang);

    main_language(lang_known ? lang : NULL);
    if (!lang_known) {
        (void)fputs(_("tern: --lang is ko or en (see: tern help)\n"), stderr);
        return EXIT_USAGE;
    }
    if (argc < 2) {
        (void)fputs(_("tern: no verb (see: tern help)\n"), stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)printf("tern %s\n", tern_version());
        return main_finish(EXIT_DONE);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return main_finish(help_run(1, argv));
    for (size_t i = 0; i < VERBS; i++)
        if (strcmp(argv[1], verbs[i].name) == 0)
            return main_finish(verbs[i].run(argc - 1, argv + 1));
    return main_unknown(argv[1]);
}
