/* play.c - `tern play`: sets the stage, lets the scenario happen, shows it.
 *
 * Between two stacks time is virtual: the world jumps from deadline to deadline. When the kernel
 * takes a part, time is the machine's, and the picture is drawn while it happens. */
#define _GNU_SOURCE
#include "apps/tern/message.h"
#include "apps/tern/play_kernel.h"
#include "apps/tern/play_options.h"
#include "apps/tern/play_record.h"
#include "apps/tern/play_stage.h"
#include "apps/tern/play_tern.h"
#include "apps/tern/verbs.h"
#include "draw/ladder_json.h"
#include "draw/ladder_svg.h"
#include "draw/ladder_text.h"
#include "host/clock.h"
#include "host/entropy.h"

#include <errno.h>
#include <string.h>

#define PLAY_UNTIL_US       UINT64_C(3600000000) /* virtual */
#define PLAY_KERNEL_CAP_US  UINT64_C(300000000)  /* longer than any give-up */
#define PLAY_KERNEL_REST_US UINT64_C(500000)     /* nothing for so long, and none busy: the end */
#define PLAY_KERNEL_NAP_US  UINT64_C(50000)

enum { PLAY_STEPS_MAX = 1000000, PLAY_PACKETS_AT_ONCE = 64 };

typedef struct play {
    play_options options;
    scenario scenario;
    rng chance;
    world *w;
    record record;
    stage stage;
    play_tern tern[SCENARIO_SIDES];
    play_kernel kernel;
    bool with_kernel;
    tun_device device;
    ladder_text *live; /* the picture, while it is drawn */
    FILE *svg, *capture;
} play;

static int play_no_memory(void)
{
    return message_fail(EXIT_FAILED, "play", _("there is not enough memory"));
}

/* ---- Setting the stage --------------------------------------------------------------------- */

/* In the simulation the client has the address that is the host's elsewhere. */
static void play_addresses(play *p)
{
    const network_options *n = &p->options.network;
    scenario_side host = p->options.kernel[SCENARIO_SERVER] ? SCENARIO_SERVER : SCENARIO_CLIENT;
    tern_address host_address = p->options.ipv6 ? n->device.ipv6.address : n->device.ipv4.address;

    p->stage.endpoints[host].address = host_address;
    p->stage.endpoints[stage_other(host)].address = n->address[p->options.ipv6 ? 1 : 0];
    for (unsigned side = 0; side < SCENARIO_SIDES; side++)
        p->stage.endpoints[side].port = p->scenario.ports[side];
}

static bool play_add_stack(play *p, scenario_side side)
{
    tern_config config;

    tern_config_init(&config);
    rng_fill(&p->chance, config.key, sizeof config.key);
    config.addresses[0] = p->stage.endpoints[side].address;
    config.address_count = 1;
    config.mtu_bytes = p->options.network.device.mtu_bytes;
    config.connections_max = 16;
    config.half_open_max = 16;
    config.time_wait_max = 16;
    config.listeners_max = 2;
    config.chunks_max = 1024;
    config.flights_max = 16;
    if (world_add_stack(p->w, scenario_side_name(side), &config) != side)
        return false;
    play_tern_begin(&p->tern[side], &p->stage, side, &p->chance);
    return true;
}

static bool play_add_kernel(play *p, scenario_side side)
{
    world_external external = {.addresses = {p->stage.endpoints[side].address},
                               .address_count = 1,
                               .deliver = play_kernel_deliver,
                               .context = &p->kernel};
    if (world_add_external(p->w, scenario_side_name(side), &external) != side)
        return false;
    play_kernel_begin(&p->kernel, &p->stage, side, &p->device);
    return true;
}

static bool play_add_hosts(play *p)
{
    link_config links[SCENARIO_SIDES];

    for (unsigned side = 0; side < SCENARIO_SIDES; side++) {
        bool added = p->options.kernel[side] ? play_add_kernel(p, (scenario_side)side)
                                             : play_add_stack(p, (scenario_side)side);
        if (!added)
            return false;
        links[side] = p->options.network.link;
        links[side].seed = 0;
        links[side].plan = &p->scenario.plan;
        links[side].from = side == SCENARIO_CLIENT ? FAULT_CLIENT : FAULT_SERVER;
    }
    return world_connect(p->w, SCENARIO_CLIENT, SCENARIO_SERVER, &links[SCENARIO_CLIENT],
                         &links[SCENARIO_SERVER]);
}

static bool play_set(play *p, uint64_t seed)
{
    ladder_party parties[SCENARIO_SIDES];

    p->chance = rng_of_seed(seed);
    p->w = world_new(rng_next(&p->chance), PLAY_STEPS_MAX);
    if (p->w == NULL)
        return false;
    p->stage.scenario = &p->scenario;
    p->stage.w = p->w;
    p->stage.record = &p->record;
    p->record.verbose = p->options.style.verbose;
    play_addresses(p);
    for (unsigned side = 0; side < SCENARIO_SIDES; side++)
        parties[side] = (ladder_party){side == SCENARIO_CLIENT ? _("client") : _("server"),
                                       p->options.kernel[side] ? "kernel" : "tern",
                                       p->stage.endpoints[side], TERN_CLOSED};
    return play_add_hosts(p) && record_begin(&p->record, p->w, parties) && stage_begin(&p->stage);
}

/* ---- Letting it happen --------------------------------------------------------------------- */

static int play_ended(play *p, world_state state)
{
    if (p->record.failed || ladder_is_cut(p->record.ladder))
        return play_no_memory();
    if (state == WORLD_BROKEN)
        return message_fail(EXIT_FAILED, "play", "%s", world_broken(p->w));
    if (state == WORLD_RUNAWAY)
        return message_fail(EXIT_FAILED, "play", _("after %d steps it is not over"),
                            PLAY_STEPS_MAX);
    return EXIT_DONE;
}

/* Nothing will happen any more but the end of TIME-WAIT, for which nobody wants to wait. */
static bool play_is_over(play *p)
{
    scenario_side tern = stage_other(p->kernel.side);
    return !stage_waits(&p->stage) && world_under_way(p->w) == 0 &&
           !play_kernel_is_busy(&p->kernel) && !play_tern_is_busy(&p->tern[tern]) &&
           world_now(p->w) > p->record.last_us + PLAY_KERNEL_REST_US;
}

static void play_sleep(play *p, tern_time start_us)
{
    struct pollfd fds[PLAY_KERNEL_FDS];
    struct timespec timeout = {0, 0};
    tern_time now_us = clock_now_us() - start_us, due_us = world_deadline(p->w);

    if (due_us > now_us + PLAY_KERNEL_NAP_US)
        due_us = now_us + PLAY_KERNEL_NAP_US;
    if (due_us > now_us)
        timeout.tv_nsec = (long)(due_us - now_us) * 1000;
    play_kernel_fds(&p->kernel, fds);
    (void)ppoll(fds, PLAY_KERNEL_FDS, &timeout, NULL);
}

/* Lets happen what is due, and takes in what the kernel has sent. */
static world_state play_catch_up(play *p, tern_time start_us)
{
    world_state state = world_advance(p->w, clock_now_us() - start_us);
    for (int i = 0; i < PLAY_PACKETS_AT_ONCE && play_kernel_take(&p->kernel); i++)
        state = world_advance(p->w, clock_now_us() - start_us);
    return state;
}

static world_state play_in_real_time(play *p)
{
    tern_time start_us = clock_now_us();
    world_state state = WORLD_GOES_ON;

    while (state == WORLD_GOES_ON || state == WORLD_QUIET) {
        (void)play_catch_up(p, start_us);
        play_kernel_poll(&p->kernel); /* its calls make the kernel send */
        state = play_catch_up(p, start_us);
        if (p->live != NULL) {
            ladder_text_more(p->live, false);
            (void)fflush(stdout);
        }
        if (p->record.failed || play_is_over(p) || world_now(p->w) > PLAY_KERNEL_CAP_US)
            break;
        play_sleep(p, start_us);
    }
    play_kernel_end(&p->kernel);
    return state;
}

/* ---- Showing it ---------------------------------------------------------------------------- */

static int play_unwritable(const char *path)
{
    return message_fail(EXIT_FAILED, "play", _("cannot write %s: %s"), path, strerror(errno));
}

/* Opened before the play, so that a mistake shows at once. */
static int play_open_files(play *p)
{
    const char *svg = p->options.svg_path, *capture = p->options.network.pcap_path;

    if (svg != NULL && (p->svg = fopen(svg, "we")) == NULL)
        return play_unwritable(svg);
    if (capture != NULL && (p->capture = fopen(capture, "wbe")) == NULL)
        return play_unwritable(capture);
    return EXIT_DONE;
}

static int play_close_files(play *p)
{
    int status = EXIT_DONE;

    if (p->svg != NULL) {
        ladder_svg_print(p->record.ladder, p->svg, &p->options.style);
        bool bad = ferror(p->svg) != 0;
        if (fclose(p->svg) != 0 || bad)
            status = play_unwritable(p->options.svg_path);
    }
    if (p->capture != NULL) {
        bool good = record_write_capture(&p->record, p->capture);
        if (fclose(p->capture) != 0 || !good)
            status = play_unwritable(p->options.network.pcap_path);
    }
    return status;
}

static void play_show(play *p, uint64_t seed)
{
    if (p->options.json) {
        ladder_json_print(p->record.ladder, stdout, &p->options.style);
        return;
    }
    ladder_text_end(p->live);
    if (!p->with_kernel)
        (void)printf(_("\nThe same again: --seed %llu\n"), (unsigned long long)seed);
}

static int play_perform(play *p, uint64_t seed)
{
    if (!play_set(p, seed))
        return play_no_memory();
    if (!p->options.json) {
        p->live = ladder_text_new(p->record.ladder, stdout, &p->options.style);
        if (p->live == NULL)
            return play_no_memory();
    }
    int status = play_open_files(p);
    if (status != EXIT_DONE)
        return status;
    status = play_ended(p, p->with_kernel ? play_in_real_time(p) : world_run(p->w, PLAY_UNTIL_US));
    play_show(p, seed);
    int files = play_close_files(p);
    return status == EXIT_DONE ? files : status;
}

/* ---- The verb ------------------------------------------------------------------------------ */

static int play_no_tun(const play *p, tun_error error)
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
                        p->options.network.device.name, strerror(errno));
}

static int play_enter_network(play *p)
{
    tun_error error = tun_enter_namespace();
    if (error == TUN_OK)
        error = tun_open(&p->device, &p->options.network.device);
    if (error != TUN_OK)
        return play_no_tun(p, error);
    if (p->options.ipv6 && !p->device.ipv6)
        return message_fail(EXIT_FAILED, "play", _("the kernel has no IPv6: play without --ipv6"));
    return EXIT_DONE;
}

static int play_prepare(play *p, uint64_t *seed)
{
    char why[SCENARIO_WHY_BYTES];
    uint32_t drawn = 0;

    if (!scenario_parse(&p->scenario, p->options.entry->text, why))
        return message_fail(EXIT_FAILED, "play", _("scenario %s, %s"), p->options.entry->name, why);
    if (p->options.plan.count > 0)
        p->scenario.plan = p->options.plan;
    *seed = p->options.network.link.seed;
    if (!p->options.seed_given) {
        if (!entropy_fill(&drawn, sizeof drawn))
            return message_fail(EXIT_FAILED, "play",
                                _("the system has no random numbers: give a --seed"));
        *seed = drawn;
    }
    p->with_kernel = p->options.kernel[SCENARIO_CLIENT] || p->options.kernel[SCENARIO_SERVER];
    return p->with_kernel ? play_enter_network(p) : EXIT_DONE;
}

int play_run(int argc, char **argv)
{
    static play p;
    uint64_t seed = 0;

    int status = play_options_read(&p.options, argc, argv);
    if (status >= 0)
        return status;
    status = play_prepare(&p, &seed);
    if (status == EXIT_DONE)
        status = play_perform(&p, seed);
    ladder_text_free(p.live);
    record_end(&p.record);
    world_free(p.w);
    return status;
}
