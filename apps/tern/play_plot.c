/* play_plot.c - lets the plots of a play see what happens in its world. */
#include "apps/tern/play_plot.h"

enum { PLAY_PLOT_HOSTS = 2 };

static bool plot_is_between_ends(const world_packet *packet)
{
    return packet->from < PLAY_PLOT_HOSTS && packet->to < PLAY_PLOT_HOSTS;
}

static void plot_sent(void *context, world *w, const world_packet *packet)
{
    if (plot_is_between_ends(packet))
        plot_flow_sent(context, &(plot_packet){(ladder_end)packet->from, world_now(w),
                                               packet->octets, packet->bytes});
}

static void plot_arriving(void *context, world *w, const world_packet *packet)
{
    if (plot_is_between_ends(packet))
        plot_flow_arrived(context, &(plot_packet){(ladder_end)packet->to, world_now(w),
                                                  packet->octets, packet->bytes});
}

static void plot_traced(void *context, world *w, world_host host, const tern_trace *trace)
{
    if (host < PLAY_PLOT_HOSTS && trace->kind == TERN_TRACE_RULE &&
        trace->rule == TERN_RULE_PERSIST_PROBE)
        plot_flow_probe(context, (ladder_end)host, world_now(w));
}

static void plot_settled(void *context, world *w, world_host host)
{
    tern_stack *stack = world_stack(w, host);
    tern_status status;
    uint64_t cursor = 0;

    if (host >= PLAY_PLOT_HOSTS || stack == NULL)
        return;
    while (tern_status_next(stack, &cursor, &status))
        plot_flow_status(context, (ladder_end)host, world_now(w), &status);
}

bool play_plot_watch(plot_flow *flow, world *w)
{
    return world_observe(w, &(world_observer){.context = flow,
                                              .sent = plot_sent,
                                              .arriving = plot_arriving,
                                              .traced = plot_traced,
                                              .settled = plot_settled});
}
