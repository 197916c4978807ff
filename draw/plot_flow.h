/* plot_flow.h - plots of a conversation: congestion window, sequence numbers, offered window.
 *
 * Whoever sees the packets tells them, as they leave and as they arrive; whoever sees a stack tells
 * its status. Each plot is of one direction: that of the end that has sent more data, of the first
 * connection on which it did. */
#ifndef TERN_DRAW_PLOT_FLOW_H
#define TERN_DRAW_PLOT_FLOW_H

#include "draw/ladder.h"
#include "draw/plot.h"
#include "tern/status.h"

typedef enum plot_kind {
    PLOT_OF_CWND,     /* cwnd, ssthresh, octets in flight: of plot_flow_status() */
    PLOT_OF_SEQUENCE, /* segments sent, sent again, acknowledged, SACK, the edge of the window */
    PLOT_OF_WINDOW,   /* the window that the receiver offers, in flight, probes of a closed one */
    PLOT_KINDS,
} plot_kind;

/* "cwnd", "sequence", "window"; PLOT_KINDS: there is none of that name. */
plot_kind plot_kind_find(const char *name);

typedef struct plot_flow plot_flow;

/* NULL without memory. */
plot_flow *plot_flow_new(const bool wanted[PLOT_KINDS]);
void plot_flow_free(plot_flow *p);

/* A packet between the two ends: the IP packet as it leaves `end`, as it arrives at `end`. Any
 * octets will do. */
typedef struct plot_packet {
    ladder_end end;
    tern_time time_us;
    const void *octets;
    size_t bytes;
} plot_packet;

void plot_flow_sent(plot_flow *p, const plot_packet *packet);
void plot_flow_arrived(plot_flow *p, const plot_packet *packet);
/* The end probes a closed window. */
void plot_flow_probe(plot_flow *p, ladder_end end, tern_time time_us);
/* What a connection of that end is like now. Others than the one that is plotted do no harm. */
void plot_flow_status(plot_flow *p, ladder_end end, tern_time time_us, const tern_status *status);

/* The plots that are wanted, in the order of their kinds; NULL past the last. */
const plot *plot_flow_get(const plot_flow *p, size_t index);

#endif
