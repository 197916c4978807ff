/* play.c - `tern play`: prepares a performance, lets it happen, shows it. */
#define _GNU_SOURCE
#include "apps/tern/message.h"
#include "apps/tern/play_compare.h"
#include "apps/tern/play_figures.h"
#include "apps/tern/play_options.h"
#include "apps/tern/play_performance.h"
#include "apps/tern/verbs.h"
#include "draw/ladder_json.h"
#include "draw/ladder_packetdrill.h"
#include "draw/ladder_svg.h"
#include "draw/ladder_text.h"
#include "host/entropy.h"

#include <errno.h>
#include <string.h>

enum { PLAY_TITLE_BYTES = 256 };

/* The files that a play is written to, opened before it, so that a mistake shows at once. */
typedef struct play_files {
    FILE *svg, *capture, *packetdrill;
} play_files;

/* ---- Showing it ---------------------------------------------------------------------------- */

static int play_unwritable(const char *path)
{
    return message_fail(EXIT_FAILED, "play", _("cannot write %s: %s"), path, strerror(errno));
}

static int play_open_files(const play_options *o, play_files *files)
{
    const char *svg = o->svg_path, *capture = o->network.pcap_path;
    const char *packetdrill = o->packetdrill_path;

    if (svg != NULL && (files->svg = fopen(svg, "we")) == NULL)
        return play_unwritable(svg);
    if (capture != NULL && (files->capture = fopen(capture, "wbe")) == NULL)
        return play_unwritable(capture);
    if (packetdrill != NULL && (files->packetdrill = fopen(packetdrill, "we")) == NULL)
        return play_unwritable(packetdrill);
    return EXIT_DONE;
}

/* Not the seed: who runs the script sees other numbers, and the script is the same. */
static void play_packetdrill(const performance *p, FILE *out)
{
    char title[PLAY_TITLE_BYTES];
    scenario_side side = p->options->packetdrill_side;

    (void)snprintf(title, sizeof title, "tern play %s, the %s's part", p->options->source.name,
                   scenario_side_name(side));
    ladder_packetdrill_print(p->record.ladder, side == SCENARIO_CLIENT ? LADDER_LEFT : LADDER_RIGHT,
                             title, out);
}

static int play_write_files(const performance *p, play_files *files)
{
    const play_options *o = p->options;
    int status = EXIT_DONE;

    if (files->svg != NULL) {
        ladder_svg_sheet sheet = {.ladder = {p->record.ladder},
                                  .count = 1,
                                  .plots = {p->plots},
                                  .plots_only = p->scenario.no_ladder && p->plots != NULL};
        ladder_svg_sheet_print(&sheet, files->svg, &o->style);
        bool bad = ferror(files->svg) != 0;
        if (fclose(files->svg) != 0 || bad)
            status = play_unwritable(o->svg_path);
    }
    if (files->packetdrill != NULL) {
        play_packetdrill(p, files->packetdrill);
        bool bad = ferror(files->packetdrill) != 0;
        if (fclose(files->packetdrill) != 0 || bad)
            status = play_unwritable(o->packetdrill_path);
    }
    if (files->capture != NULL) {
        bool good = record_write_capture(&p->record, files->capture);
        if (fclose(files->capture) != 0 || !good)
            status = play_unwritable(o->network.pcap_path);
    }
    return status;
}

static void play_show(const performance *p)
{
    if (p->options->json) {
        ladder_json_print(p->record.ladder, stdout, &p->options->style);
        for (size_t i = 0; p->plots != NULL && plot_flow_get(p->plots, i) != NULL; i++)
            plot_json(plot_flow_get(p->plots, i), stdout);
        return;
    }
    if (p->live != NULL)
        ladder_text_end(p->live);
    for (size_t i = 0; p->plots != NULL && plot_flow_get(p->plots, i) != NULL; i++) {
        (void)fputc('\n', stdout);
        plot_print(plot_flow_get(p->plots, i), stdout, &p->options->style);
    }
}

static void play_show_seed(const performance *p, uint64_t seed)
{
    if (p->device == NULL && !p->options->json)
        (void)printf(_("\nThe same again: --seed %llu\n"), (unsigned long long)seed);
}

/* ---- Performing ---------------------------------------------------------------------------- */

static int play_performed(performance *p, uint64_t seed)
{
    play_files files = {NULL, NULL, NULL};

    int status = play_open_files(p->options, &files);
    if (status != EXIT_DONE)
        return status;
    status = performance_run(p);
    play_show(p);
    int written = play_write_files(p, &files);
    if (status == EXIT_DONE)
        status = play_figures(p, seed);
    play_show_seed(p, seed);
    if (status == EXIT_DONE && performance_complaints(p) > 0)
        status = EXIT_FAILED;
    return status == EXIT_DONE ? written : status;
}

static int play_perform(const play_options *o, tun_device *device, uint64_t seed)
{
    performance *p = performance_new(o);
    ladder_text *picture = NULL;

    if (p == NULL)
        return EXIT_FAILED;
    p->device = device;
    int status = performance_read(p);
    if (status == EXIT_DONE)
        status = performance_stage(p, seed);
    if (status == EXIT_DONE && !o->json && !p->scenario.no_ladder) {
        p->live = picture = ladder_text_new(p->record.ladder, stdout, &o->style);
        if (picture == NULL)
            status = message_fail(EXIT_FAILED, "play", _("there is not enough memory"));
    }
    if (status == EXIT_DONE)
        status = play_performed(p, seed);
    ladder_text_free(picture);
    performance_free(p);
    return status;
}

/* ---- The verb ------------------------------------------------------------------------------ */

static int play_no_tun(const play_options *o, tun_error error)
{
    switch (error) {
    case TUN_NO_NODE:
        return message_fail(EXIT_FAILED, "play",
                            _("there is no /dev/net/tun, without which the kernel cannot play: "
                              "load the module (modprobe tun)"));
    case TUN_NODE_CLOSED:
    case TUN_NO_PERMISSION:
        return message_fail(EXIT_FAILED, "play",
                            _("no permission to make a network for the kernel to play in: run it "
                              "as root"));
    case TUN_NAME_BUSY:
    case TUN_NAME_WRONG:
    case TUN_ADDRESS_TAKEN:
    case TUN_FAILED:
    case TUN_OK:
        break;
    }
    return message_fail(EXIT_FAILED, "play", _("cannot make the device %s: %s"),
                        o->network.device.name, strerror(errno));
}

static int play_enter_network(const play_options *o, tun_device *device)
{
    tun_error error = tun_enter_namespace();
    if (error == TUN_OK)
        error = tun_open(device, &o->network.device);
    if (error != TUN_OK)
        return play_no_tun(o, error);
    if (o->ipv6 && !device->ipv6)
        return message_fail(EXIT_FAILED, "play", _("the kernel has no IPv6: play without --ipv6"));
    return EXIT_DONE;
}

static int play_choose_seed(const play_options *o, uint64_t *seed)
{
    uint32_t drawn = 0;

    *seed = o->network.link.seed;
    if (o->seed_given)
        return EXIT_DONE;
    if (!entropy_fill(&drawn, sizeof drawn))
        return message_fail(EXIT_FAILED, "play",
                            _("the system has no random numbers: give a --seed"));
    *seed = drawn;
    return EXIT_DONE;
}

static int play_with(play_options *options, uint64_t seed)
{
    bool with_kernel = performance_has_kernel(options);
    tun_device device;
    int status = with_kernel ? play_enter_network(options, &device) : EXIT_DONE;

    if (status != EXIT_DONE)
        return status;
    if (options->compare != NULL)
        return play_compare(options, seed);
    return play_perform(options, with_kernel ? &device : NULL, seed);
}

int play_run(int argc, char **argv)
{
    play_options options;
    coverage reached = {.runs = 0};
    coverage_file file;
    uint64_t seed = 0;

    int status = play_options_read(&options, argc, argv);
    if (status < 0) {
        options.reached = options.network.coverage_path != NULL ? &reached : NULL;
        status = play_choose_seed(&options, &seed);
        if (status == EXIT_DONE &&
            !coverage_file_open(&file, "play", options.network.coverage_path))
            status = EXIT_FAILED;
        else if (status == EXIT_DONE) {
            status = play_with(&options, seed);
            int added = coverage_file_add(&file, "play", &reached);
            status = status == EXIT_DONE ? added : status;
        }
    }
    play_options_free(&options);
    return status;
}
