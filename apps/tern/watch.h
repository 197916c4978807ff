/* watch.h - draws the connections of a stack as they live, one ladder each (--watch).
 *
 * Rows of different connections are mixed as they happen; each has the peer's port in front. */
#ifndef TERN_APPS_WATCH_H
#define TERN_APPS_WATCH_H

#include "tern/trace.h"

#include <stdio.h>

typedef struct watch watch;

/* client: tern opens the connections and stands at the left, the kernel at the right; else the
 * other way round. start_us is time 0 of the drawing. NULL without memory. */
watch *watch_new(FILE *out, bool client, tern_time start_us);
void watch_free(watch *w);

typedef struct watch_packet {
    uint64_t serial;
    bool outbound; /* from tern */
    const void *octets;
    size_t bytes;
} watch_packet;

/* A packet is on the wire; fate as link_push() has it. */
void watch_sent(watch *w, tern_time now_us, const watch_packet *packet, unsigned fate);

/* It comes out at the other end. Before tern_input(), so that captions follow it. */
void watch_arrived(watch *w, tern_time now_us, const watch_packet *packet);

/* What the stack's trace hook was told. */
void watch_traced(watch *w, const tern_trace *trace);

/* An instant is over: draw it. */
void watch_draw(watch *w);

#endif
