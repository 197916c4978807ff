/* play_performance.c - see play_performance.h.
 *
 * Between two stacks time is virtual: the world jumps from deadline to deadline. When the kernel
 * takes a part, time is the machine's, and the picture is drawn while it happens. */
#define _GNU_SOURCE
#include "apps/tern/play_performance.h"

#include "apps/tern/message.h"
#include "host/clock.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define PLAY_UNTIL_US       UINT64_C(3600000000) /* virtual */
#define PLAY_KERNEL_CAP_US  UINT64_C(300000000)  /* longer than any give-up */
#define PLAY_KERNEL_REST_US UINT64_C(500000)     /* nothing for so long, and none busy: the end */
#define PLAY_KERNEL_WAIT_US UINT64_C(60000000)   /* of a scenario's own end, the longest kept */
#define PLAY_KERNEL_NAP_US  UINT64_C(50000)
#define PLAY_KEY_STEP       UINT64_C(0x9e3779b97f4a7c15) /* far apart */

enum { PLAY_STEPS_MAX = 4000000, PLAY_PACKETS_AT_ONCE = 64 };

static int performance_no_memory(void)
{
    return message_fail(EXIT_FAILED, "play", _("there is not enough memory"));
}

performance *performance_new(const play_options *options)
{
    performance *p = calloc(1, sizeof *p);
    if (p == NULL) {
        (void)performance_no_memory();
        return NULL;
    }
    p->options = options;
    p->chosen = options->chosen;
    return p;
}

void performance_free(performance *p)
{
    if (p == NULL)
        return;
    record_end(&p->record);
    plot_flow_free(p->plots);
    world_free(p->w);
    stage_end(&p->stage);
    free(p);
}

int performance_read(performance *p)
{
    const play_options *o = p->options;
    char why[SCENARIO_WHY_BYTES];

    if (!scenario_parse(&p->scenario, o->source.text, &p->chosen, why))
        return message_fail(EXIT_FAILED, "play", "%s, %s", o->source.name, why);
    if (o->lose_nothing)
        p->scenario.plan = o->plan;
    return EXIT_DONE;
}

/* ---- Setting the stage --------------------------------------------------------------------- */

/* In the simulation the client has the address that is the host's elsewhere. */
static void performance_addresses(performance *p)
{
    const network_options *n = &p->options->network;
    scenario_side host = p->options->kernel[SCENARIO_SERVER] ? SCENARIO_SERVER : SCENARIO_CLIENT;
    tern_address host_address = p->options->ipv6 ? n->device.ipv6.address : n->device.ipv4.address;

    p->stage.endpoints[host].address = host_address;
    p->stage.endpoints[stage_other(host)].address = n->address[p->options->ipv6 ? 1 : 0];
    for (unsigned side = 0; side < SCENARIO_SIDES; side++)
        p->stage.endpoints[side].port = p->scenario.ports[side];
}

static tern_config performance_config(performance *p, scenario_side side)
{
    tern_config config;

    const behaviour *b = &p->options->behaviour[side];

    tern_config_init(&config);
    if (b->profile_given)
        (void)tern_config_profile(&config, b->profile);
    rng_fill(&p->keys, config.key, sizeof config.key);
    config.addresses[0] = p->stage.endpoints[side].address;
    config.address_count = 1;
    config.mtu_bytes = p->options->network.device.mtu_bytes;
    config.connections_max = 16;
    config.half_open_max = 16;
    config.time_wait_max = 16;
    config.listeners_max = 2;
    config.chunks_max = 1024;
    config.flights_max = 16;
    for (uint32_t i = 0; i < p->scenario.set_count; i++)
        if (p->scenario.sets[i].side == side)
            setting_apply(&config, &p->scenario.sets[i].value);
    (void)behaviour_apply_sets(b, "play", &config); /* they were looked at when they were read */
    return config;
}

static int performance_add_stack(performance *p, scenario_side side)
{
    tern_config config = performance_config(p, side);
    const char *why = NULL;

    if (tern_size(&config, &why) == 0)
        return message_fail(EXIT_FAILED, "play", _("%s: the configuration of the %s: %s"),
                            p->options->source.name, scenario_side_name(side), why);
    if (world_add_stack(p->w, scenario_side_name(side), &config) != side)
        return performance_no_memory();
    play_tern_begin(&p->tern[side], &p->stage, side, &p->keys);
    return EXIT_DONE;
}

static int performance_add_kernel(performance *p, scenario_side side)
{
    world_external external = {.addresses = {p->stage.endpoints[side].address},
                               .address_count = 1,
                               .deliver = play_kernel_deliver,
                               .context = &p->kernel};
    if (world_add_external(p->w, scenario_side_name(side), &external) != side)
        return performance_no_memory();
    play_kernel_begin(&p->kernel, &p->stage, side, p->device, &p->keys);
    return EXIT_DONE;
}

/* What the options say of the wire goes before what the scenario says. */
static link_config performance_link(const performance *p)
{
    const scenario_link *own = &p->scenario.link;
    const uint64_t *value = own->value;
    link_config link = p->options->network.link;
    bool takes[SCENARIO_LINK_KEYS];

    for (unsigned i = 0; i < SCENARIO_LINK_KEYS; i++)
        takes[i] = own->given[i] && !p->options->link_given[i];
    link.seed = 0;
    if (takes[LINK_DELAY])
        link.delay_us = value[LINK_DELAY];
    if (takes[LINK_JITTER])
        link.jitter_us = value[LINK_JITTER];
    if (takes[LINK_RATE])
        link.rate_bits_per_s = value[LINK_RATE];
    if (takes[LINK_QUEUE])
        link.queue_max = (uint32_t)value[LINK_QUEUE];
    if (takes[LINK_LOSS])
        link.odds.loss_ppm = (uint32_t)value[LINK_LOSS];
    if (takes[LINK_DUPLICATE])
        link.odds.duplicate_ppm = (uint32_t)value[LINK_DUPLICATE];
    if (takes[LINK_REORDER])
        link.odds.reorder_ppm = (uint32_t)value[LINK_REORDER];
    return link;
}

static int performance_add_hosts(performance *p)
{
    link_config links[SCENARIO_SIDES];

    for (unsigned side = 0; side < SCENARIO_SIDES; side++) {
        int status = p->options->kernel[side] ? performance_add_kernel(p, (scenario_side)side)
                                              : performance_add_stack(p, (scenario_side)side);
        if (status != EXIT_DONE)
            return status;
        links[side] = performance_link(p);
        links[side].plan = &p->scenario.plan;
        links[side].from = side == SCENARIO_CLIENT ? FAULT_CLIENT : FAULT_SERVER;
    }
    bool connected = world_connect(p->w, SCENARIO_CLIENT, SCENARIO_SERVER, &links[SCENARIO_CLIENT],
                                   &links[SCENARIO_SERVER]);
    if (p->scenario.attack_count > 0)
        connected = connected && attack_add_host(p->w, &links[SCENARIO_CLIENT]);
    return connected ? EXIT_DONE : performance_no_memory();
}

static_assert((unsigned)PLOT_CWND == PLOT_OF_CWND && (unsigned)PLOT_SEQUENCE == PLOT_OF_SEQUENCE &&
                  (unsigned)PLOT_WINDOW == PLOT_OF_WINDOW,
              "a scenario's plots are those of draw/plot_flow.h");

/* The plots that the options or the scenario ask for. false: no memory. */
static bool performance_plot(performance *p)
{
    bool wanted[PLOT_KINDS], any = false;

    memcpy(wanted, p->options->plots, sizeof wanted);
    for (uint32_t i = 0; i < p->scenario.plot_count; i++)
        wanted[p->scenario.plots[i]] = true;
    for (unsigned kind = 0; kind < PLOT_KINDS; kind++)
        any = any || wanted[kind];
    if (!any)
        return true;
    p->plots = plot_flow_new(wanted);
    return p->plots != NULL && play_plot_watch(p->plots, p->w);
}

static void performance_reached(void *context, world *w, world_host host, const tern_trace *trace)
{
    (void)w;
    (void)host;
    coverage_note(context, trace);
}

static bool performance_cover(performance *p)
{
    coverage *reached = p->options->reached;

    if (reached == NULL)
        return true;
    reached->runs++;
    return world_observe(p->w,
                         &(world_observer){.context = reached, .traced = performance_reached});
}

/* Who watches the world hears of a thing in this order. */
static bool performance_watch(performance *p)
{
    ladder_party parties[SCENARIO_SIDES];

    for (unsigned side = 0; side < SCENARIO_SIDES; side++)
        parties[side] = (ladder_party){side == SCENARIO_CLIENT ? _("client") : _("server"),
                                       p->options->kernel[side] ? "kernel" : "tern",
                                       p->stage.endpoints[side], TERN_CLOSED};
    p->record.verbose = p->options->style.verbose;
    return measures_begin(&p->measures, p->w) && record_begin(&p->record, p->w, parties) &&
           performance_plot(p) && performance_cover(p) && stage_begin(&p->stage);
}

int performance_stage(performance *p, uint64_t seed)
{
    rng chance = rng_of_seed(seed);

    p->w = world_new(rng_next(&chance), PLAY_STEPS_MAX);
    if (p->w == NULL)
        return performance_no_memory();
    p->keys = p->scenario.key == 0 ? chance : rng_of_seed(seed + PLAY_KEY_STEP * p->scenario.key);
    p->stage.scenario = &p->scenario;
    p->stage.w = p->w;
    p->stage.record = &p->record;
    p->stage.measures = &p->measures;
    performance_addresses(p);
    int status = performance_add_hosts(p);
    if (status != EXIT_DONE)
        return status;
    return performance_watch(p) ? EXIT_DONE : performance_no_memory();
}

/* ---- Letting it happen --------------------------------------------------------------------- */

/* Nothing will happen any more but the end of TIME-WAIT, for which nobody wants to wait. A scenario
 * with an end of its own says how long something may come in silence: a keep-alive. */
static bool performance_is_over(performance *p)
{
    tern_time until_us = p->scenario.until_us;
    if (until_us > 0 && until_us <= PLAY_KERNEL_WAIT_US)
        return world_now(p->w) > until_us;
    scenario_side tern = stage_other(p->kernel.side);
    return !stage_waits(&p->stage) && world_under_way(p->w) == 0 &&
           !play_kernel_is_busy(&p->kernel) && !play_tern_is_busy(&p->tern[tern]) &&
           world_now(p->w) > p->record.last_us + PLAY_KERNEL_REST_US;
}

static void performance_sleep(performance *p, tern_time start_us)
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
static world_state performance_catch_up(performance *p, tern_time start_us)
{
    world_state state = world_advance(p->w, clock_now_us() - start_us);
    for (int i = 0; i < PLAY_PACKETS_AT_ONCE && play_kernel_take(&p->kernel); i++)
        state = world_advance(p->w, clock_now_us() - start_us);
    return state;
}

static world_state performance_in_real_time(performance *p)
{
    tern_time start_us = clock_now_us();
    world_state state = WORLD_GOES_ON;

    while (state == WORLD_GOES_ON || state == WORLD_QUIET) {
        (void)performance_catch_up(p, start_us);
        play_kernel_poll(&p->kernel); /* its calls make the kernel send */
        state = performance_catch_up(p, start_us);
        if (p->live != NULL) {
            ladder_text_more(p->live, false);
            (void)fflush(stdout);
        }
        if (p->record.failed || performance_is_over(p) || world_now(p->w) > PLAY_KERNEL_CAP_US)
            break;
        performance_sleep(p, start_us);
    }
    play_kernel_end(&p->kernel);
    return state;
}

static int performance_ended(performance *p, world_state state)
{
    if (p->record.failed || ladder_is_cut(p->record.ladder))
        return performance_no_memory();
    if (state == WORLD_BROKEN)
        return message_fail(EXIT_FAILED, "play", "%s", world_broken(p->w));
    if (state == WORLD_RUNAWAY)
        return message_fail(EXIT_FAILED, "play", _("after %d steps it is not over"),
                            PLAY_STEPS_MAX);
    return EXIT_DONE;
}

int performance_run(performance *p)
{
    tern_time until_us = p->scenario.until_us > 0 ? p->scenario.until_us : PLAY_UNTIL_US;

    return performance_ended(p, p->device != NULL ? performance_in_real_time(p)
                                                  : world_run(p->w, until_us));
}

/* ---- What was expected --------------------------------------------------------------------- */

static void performance_complain(const performance *p, const scenario_check *check)
{
    char said[SCENARIO_LINE_BYTES], is[MEASURES_TEXT_BYTES];

    (void)message_fail(EXIT_FAILED, "play", _("%s, line %u: expected %s, and it is %s"),
                       p->options->source.name, (unsigned)check->line,
                       scenario_span_text(&check->said, said, sizeof said),
                       measures_text(&p->measures, &check->measure, is));
}

unsigned performance_complaints(const performance *p)
{
    unsigned count = 0;

    if (p->options->changed)
        return 0;
    for (uint32_t i = 0; i < p->scenario.check_count; i++) {
        const scenario_check *check = &p->scenario.checks[i];
        bool fails = p->scenario.check_at_end[i] ? !measures_check(&p->measures, check)
                                                 : p->stage.failed_checks[i];
        if (!fails)
            continue;
        performance_complain(p, check);
        count++;
    }
    return count;
}
