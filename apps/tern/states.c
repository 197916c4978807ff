/* states.c - tern states: prints the state diagram from edges.def. */
#define _GNU_SOURCE
#include "apps/tern/message.h"
#include "apps/tern/options.h"
#include "apps/tern/picture.h"
#include "apps/tern/verbs.h"
#include "draw/state_diagram.h"

#include <errno.h>
#include <string.h>

typedef struct states_options {
    draw_style style;
    const char *svg_path; /* NULL: no SVG; "-": stdout */
    bool dot;
    bool help;
} states_options;

enum { STATES_SVG = OPTION_OWN, STATES_DOT, STATES_ASCII, STATES_WIDTH };

static int states_help(void)
{
    (void)fputs(
        _("usage: tern states [OPTION...]\n\n"
          "Prints the eleven states of a TCP connection and every legal change between\n"
          "them: RFC 9293 figure 5, and beneath it the changes that the figure leaves out.\n\n"
          "  --svg FILE    write the diagram as SVG (- is the standard output)\n"
          "  --dot         print it for Graphviz\n"
          "  --ascii       lines and arrows from ASCII only\n"
          "  --width N     columns (60 to 200; default: the terminal's, or 80)\n"
          "  --help        print this\n"),
        stdout);
    return EXIT_DONE;
}

/* EXIT_DONE, or the status to end with. */
static int states_take(states_options *o, int option, const char *value)
{
    uint64_t number;

    switch (option) {
    case STATES_SVG:
        o->svg_path = value;
        return EXIT_DONE;
    case STATES_DOT:
        o->dot = true;
        return EXIT_DONE;
    case STATES_ASCII:
        o->style.ascii = true;
        return EXIT_DONE;
    case STATES_WIDTH:
        if (!options_number(value, DRAW_WIDTH_MIN, DRAW_WIDTH_MAX, &number))
            return message_usage("states", _("--width is from %d to %d, not '%s'"), DRAW_WIDTH_MIN,
                                 DRAW_WIDTH_MAX, value);
        o->style.width = (unsigned)number;
        return EXIT_DONE;
    default:
        o->help = true;
        return EXIT_DONE;
    }
}

static int states_options_read(states_options *o, int argc, char **argv)
{
    static const struct option words[] = {
        {"svg", required_argument, NULL, STATES_SVG},
        {"dot", no_argument, NULL, STATES_DOT},
        {"ascii", no_argument, NULL, STATES_ASCII},
        {"width", required_argument, NULL, STATES_WIDTH},
        {"help", no_argument, NULL, OPTION_HELP},
        {NULL, 0, NULL, 0},
    };
    int option;

    *o = (states_options){.style = picture_style(stdout)};
    while ((option = getopt_long(argc, argv, ":h", words, NULL)) != -1) {
        int status;
        if (option == '?' || option == ':')
            return options_wrong("states", option, argv);
        status = states_take(o, option, optarg);
        if (status != EXIT_DONE)
            return status;
    }
    if (optind < argc)
        return message_usage("states", _("unexpected word '%s'"), argv[optind]);
    if (o->dot && o->svg_path != NULL)
        return message_usage("states", _("--svg and --dot are two pictures; ask for one"));
    return EXIT_DONE;
}

static int states_svg(const states_options *o)
{
    FILE *out = strcmp(o->svg_path, "-") == 0 ? stdout : fopen(o->svg_path, "w");
    bool failed;

    if (out == NULL)
        return message_fail(EXIT_FAILED, "states", _("cannot write %s: %s"), o->svg_path,
                            strerror(errno));
    state_diagram_svg(out, &o->style);
    failed = fflush(out) != 0 || ferror(out) != 0;
    if (out != stdout && fclose(out) != 0)
        failed = true;
    if (failed)
        return message_fail(EXIT_FAILED, "states", _("cannot write %s: %s"), o->svg_path,
                            strerror(errno));
    return EXIT_DONE;
}

int states_run(int argc, char **argv)
{
    states_options options;
    int status = states_options_read(&options, argc, argv);

    if (status != EXIT_DONE)
        return status;
    if (options.help)
        return states_help();
    if (options.svg_path != NULL)
        return states_svg(&options);
    if (options.dot)
        state_diagram_dot(stdout);
    else
        state_diagram_text(stdout, &options.style);
    return EXIT_DONE;
}
