/* play_compare.c - see play_compare.h. */
#define _GNU_SOURCE
#include "apps/tern/play_compare.h"

#include "apps/tern/message.h"
#include "apps/tern/play_performance.h"
#include "draw/ladder_json.h"
#include "draw/ladder_pair.h"
#include "draw/ladder_svg.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { COMPARE_NAME_BYTES = 128 };

/* One of the two: the options that it is played with, and what it is called. */
typedef struct compare_run {
    play_options options;
    char name[COMPARE_NAME_BYTES];
    performance *performance;
} compare_run;

static int compare_wrong(const char *value)
{
    return message_usage("play",
                         _("--compare is KEY=VALUE,VALUE (or KEY=VALUE: without and with), "
                           "not '%s'"),
                         value);
}

/* Gives a run its value of the key. false: wrong, and all is said. */
static bool compare_set(compare_run *run, const char *key, char *value)
{
    (void)snprintf(run->name, sizeof run->name, "%s=%s", key, value);
    return play_options_apply(&run->options, key, value);
}

/* The run without the option: nothing is lost, or all is as the scenario has it. */
static bool compare_unset(compare_run *run, const char *key)
{
    char none[] = "none";

    (void)snprintf(run->name, sizeof run->name, _("without %s"), key);
    return strcmp(key, "lose") != 0 || play_options_apply(&run->options, key, none);
}

/* Reads KEY=A,B or KEY=B. The values' copies must outlive the runs. */
static int compare_read(compare_run runs[2], char *text, const char *given)
{
    char *value = strchr(text, '='), *second;

    if (value == NULL || value == text || value[1] == '\0')
        return compare_wrong(given);
    *value++ = '\0';
    second = strchr(value, ',');
    if (second != NULL)
        *second++ = '\0';
    if (value[0] == '\0' || (second != NULL && (second[0] == '\0' || strchr(second, ',') != NULL)))
        return compare_wrong(given);
    bool good = second == NULL
                    ? compare_unset(&runs[0], text) && compare_set(&runs[1], text, value)
                    : compare_set(&runs[0], text, value) && compare_set(&runs[1], text, second);
    return good ? EXIT_DONE : EXIT_USAGE;
}

static int compare_play(compare_run *run, uint64_t seed)
{
    run->performance = performance_new(&run->options);
    if (run->performance == NULL)
        return EXIT_FAILED;
    int status = performance_read(run->performance);
    if (status == EXIT_DONE)
        status = performance_stage(run->performance, seed);
    return status == EXIT_DONE ? performance_run(run->performance) : status;
}

/* ---- Showing it ---------------------------------------------------------------------------- */

static void compare_json(const compare_run runs[2], const ladder_parting *parting)
{
    for (unsigned i = 0; i < 2; i++)
        ladder_json_print_run(runs[i].performance->record.ladder, stdout, &runs[i].options.style,
                              runs[i].name);
    ladder_json_print_parting(parting, stdout);
}

static void compare_plots(const compare_run *run)
{
    const plot_flow *plots = run->performance->plots;

    for (size_t i = 0; plots != NULL && plot_flow_get(plots, i) != NULL; i++) {
        (void)printf("\n== %s ==\n", run->name);
        plot_print(plot_flow_get(plots, i), stdout, &run->options.style);
    }
}

/* A scenario whose ladder would have thousands of rows says so. */
static bool compare_plots_only(const compare_run runs[2])
{
    return runs[0].performance->scenario.no_ladder && runs[0].performance->plots != NULL;
}

static int compare_write_svg(const compare_run runs[2], const ladder_parting *parting)
{
    const play_options *o = &runs[0].options;
    ladder_svg_sheet sheet = {.count = 2,
                              .parting = parting->parts ? parting->text : NULL,
                              .plots_only = compare_plots_only(runs)};
    FILE *out = fopen(o->svg_path, "we");

    for (unsigned i = 0; i < 2; i++) {
        sheet.ladder[i] = runs[i].performance->record.ladder;
        sheet.plots[i] = runs[i].performance->plots;
        sheet.title[i] = runs[i].name;
        sheet.parts[i] = parting->event[i];
    }
    if (out != NULL)
        ladder_svg_sheet_print(&sheet, out, &o->style);
    bool bad = out == NULL || ferror(out) != 0;
    if ((out != NULL && fclose(out) != 0) || bad)
        return message_fail(EXIT_FAILED, "play", _("cannot write %s: %s"), o->svg_path,
                            strerror(errno));
    return EXIT_DONE;
}

static int compare_show(const compare_run runs[2], uint64_t seed)
{
    const draw_style *style = &runs[0].options.style;
    ladder_pair pair = {{runs[0].performance->record.ladder, runs[1].performance->record.ladder},
                        {runs[0].name, runs[1].name}};
    ladder_parting parting;

    ladder_compare(&pair, style, &parting);
    if (runs[0].options.json) {
        compare_json(runs, &parting);
    } else {
        if (!compare_plots_only(runs))
            ladder_pair_print(&pair, stdout, style);
        for (unsigned i = 0; i < 2; i++)
            compare_plots(&runs[i]);
        (void)printf(_("\nThe same again: --seed %llu\n"), (unsigned long long)seed);
    }
    return runs[0].options.svg_path != NULL ? compare_write_svg(runs, &parting) : EXIT_DONE;
}

int play_compare(const play_options *options, uint64_t seed)
{
    compare_run runs[2] = {{.options = *options}, {.options = *options}};
    char *text = strdup(options->compare);
    int status = text != NULL ? compare_read(runs, text, options->compare)
                              : message_fail(EXIT_FAILED, "play", _("there is not enough memory"));

    for (unsigned i = 0; i < 2 && status == EXIT_DONE; i++)
        status = compare_play(&runs[i], seed);
    if (status == EXIT_DONE)
        status = compare_show(runs, seed);
    for (unsigned i = 0; i < 2; i++)
        performance_free(runs[i].performance);
    free(text);
    return status;
}
