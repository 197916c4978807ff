/* watch.c - one ladder a connection, fed from the wire and from the trace hook.
 *
 * The ladders are a table of WATCH_MAX; when all are taken, a new connection takes the place of
 * the one that has been quiet longest. A ladder ends when its connection is CLOSED at tern, or when
 * it is in TIME-WAIT or never was a connection and has been quiet for a second. */
#include "apps/tern/watch.h"

#include "apps/tern/i18n.h"
#include "apps/tern/picture.h"
#include "draw/ladder_text.h"
#include "sim/link.h"
#include "tern/trace.h"

#include <stdlib.h>
#include <string.h>

enum {
    WATCH_MAX = 64,
    WATCH_PREFIX_BYTES = 16,
    WATCH_QUIET_US = 1000000,
};

typedef struct watch_connection {
    ladder *ladder; /* NULL: free */
    ladder_text *text;
    tern_endpoint local, remote;
    tern_time last_us;
    tern_state state;
    char prefix[WATCH_PREFIX_BYTES];
} watch_connection;

struct watch {
    FILE *out;
    bool client;
    tern_time start_us, now_us;
    draw_style style;
    watch_connection connections[WATCH_MAX];
};

static ladder_end watch_end(const watch *w, bool tern)
{
    return tern == w->client ? LADDER_LEFT : LADDER_RIGHT;
}

static void watch_finish(watch_connection *c)
{
    if (c->ladder == NULL)
        return;
    ladder_text_end(c->text);
    ladder_text_free(c->text);
    ladder_free(c->ladder);
    memset(c, 0, sizeof *c);
}

static bool watch_same(const tern_endpoint *a, const tern_endpoint *b)
{
    return a->port == b->port && memcmp(&a->address, &b->address, sizeof a->address) == 0;
}

static watch_connection *watch_begin(watch *w, const tern_endpoint *local,
                                     const tern_endpoint *remote, tern_state state)
{
    watch_connection *c = &w->connections[0];

    for (size_t i = 0; i < WATCH_MAX && c->ladder != NULL; i++)
        if (w->connections[i].ladder == NULL || w->connections[i].last_us < c->last_us)
            c = &w->connections[i];
    watch_finish(c);

    ladder_party tern = {_(w->client ? N_("client") : N_("server")), "tern", *local, state};
    ladder_party kernel = {_(w->client ? N_("server") : N_("client")), _("kernel"), *remote,
                           TERN_STATES};
    c->ladder = w->client ? ladder_new(&tern, &kernel) : ladder_new(&kernel, &tern);
    if (c->ladder == NULL)
        return NULL;
    draw_style style = w->style;
    uint16_t port = w->client ? local->port : remote->port;
    (void)snprintf(c->prefix, sizeof c->prefix, "%5u ", (unsigned)port);
    style.prefix = c->prefix;
    c->text = ladder_text_new(c->ladder, w->out, &style);
    if (c->text == NULL) {
        ladder_free(c->ladder);
        c->ladder = NULL;
        return NULL;
    }
    c->local = *local;
    c->remote = *remote;
    c->state = state;
    return c;
}

static watch_connection *watch_find(watch *w, const tern_endpoint *local,
                                    const tern_endpoint *remote)
{
    for (size_t i = 0; i < WATCH_MAX; i++) {
        watch_connection *c = &w->connections[i];
        if (c->ladder != NULL && watch_same(&c->remote, remote) && watch_same(&c->local, local))
            return c;
    }
    return NULL;
}

/* The endpoints of a TCP segment. false: it is something else. */
static bool watch_endpoints(const watch_packet *p, tern_endpoint *local, tern_endpoint *remote,
                            bool *syn)
{
    const uint8_t *octets = p->octets, *tcp;
    tern_endpoint ends[2]; /* source, destination */

    if (p->bytes >= 20 && octets[0] >> 4 == 4 && octets[9] == 6) {
        tcp = octets + (size_t)(octets[0] & 15) * 4;
        for (int i = 0; i < 2; i++) {
            const uint8_t *a = octets + 12 + 4 * i;
            ends[i].address = tern_address_ipv4(a[0], a[1], a[2], a[3]);
        }
    } else if (p->bytes >= 40 && octets[0] >> 4 == 6 && octets[6] == 6) {
        tcp = octets + 40;
        for (int i = 0; i < 2; i++)
            memcpy(&ends[i].address, octets + 8 + 16 * i, 16);
    } else {
        return false;
    }
    if ((size_t)(tcp - octets) + 20 > p->bytes)
        return false;
    for (int i = 0; i < 2; i++)
        ends[i].port = (uint16_t)(tcp[2 * i] << 8 | tcp[2 * i + 1]);
    *syn = (tcp[13] & 2) != 0;
    *local = ends[p->outbound ? 0 : 1];
    *remote = ends[p->outbound ? 1 : 0];
    return true;
}

void watch_traced(watch *w, const tern_trace *trace)
{
    tern_time time_us = trace->now_us - w->start_us;
    watch_connection *c;

    if (trace->kind == TERN_TRACE_SEGMENT)
        return;
    c = watch_find(w, &trace->local, &trace->remote);
    if (c == NULL && trace->kind == TERN_TRACE_STATE && trace->remote.port != 0)
        c = watch_begin(w, &trace->local, &trace->remote, trace->from);
    if (c == NULL)
        return;
    if (trace->kind == TERN_TRACE_STATE) {
        c->state = trace->to;
        ladder_state(c->ladder, &(ladder_change){watch_end(w, true), time_us, trace->from,
                                                 trace->to, tern_cause_name(trace->cause)});
    } else {
        ladder_rule(c->ladder, watch_end(w, true), time_us, trace->rule);
    }
    c->last_us = trace->now_us;
}

watch *watch_new(FILE *out, bool client, tern_time start_us)
{
    watch *w = calloc(1, sizeof *w);

    if (w == NULL)
        return NULL;
    w->out = out;
    w->client = client;
    w->start_us = start_us;
    w->style = picture_style(out);
    return w;
}

void watch_free(watch *w)
{
    if (w == NULL)
        return;
    for (size_t i = 0; i < WATCH_MAX; i++)
        watch_finish(&w->connections[i]);
    free(w);
}

void watch_sent(watch *w, tern_time now_us, const watch_packet *packet, unsigned fate)
{
    tern_endpoint local, remote;
    tern_time time_us = now_us - w->start_us;
    bool syn;

    if (!watch_endpoints(packet, &local, &remote, &syn))
        return;
    watch_connection *c = watch_find(w, &local, &remote);
    if (c == NULL && syn)
        c = watch_begin(w, &local, &remote, TERN_STATES);
    if (c == NULL)
        return;
    c->last_us = now_us;
    ladder_sent(c->ladder, &(ladder_packet){.serial = packet->serial,
                                            .from = watch_end(w, packet->outbound),
                                            .time_us = time_us,
                                            .octets = packet->octets,
                                            .bytes = packet->bytes});
    if ((fate & FATE_LOST) != 0)
        ladder_died(c->ladder, packet->serial, time_us, LADDER_LOST);
    else if ((fate & FATE_QUEUE_FULL) != 0)
        ladder_died(c->ladder, packet->serial, time_us, LADDER_QUEUE_FULL);
}

void watch_arrived(watch *w, tern_time now_us, const watch_packet *packet)
{
    tern_endpoint local, remote;
    bool syn;

    if (!watch_endpoints(packet, &local, &remote, &syn))
        return;
    watch_connection *c = watch_find(w, &local, &remote);
    if (c != NULL)
        ladder_arrived(c->ladder, packet->serial, now_us - w->start_us, 0);
    w->now_us = now_us;
}

void watch_draw(watch *w)
{
    for (size_t i = 0; i < WATCH_MAX; i++) {
        watch_connection *c = &w->connections[i];
        if (c->ladder == NULL)
            continue;
        ladder_text_more(c->text, true);
        bool quiet = w->now_us > c->last_us + WATCH_QUIET_US;
        if (c->state == TERN_CLOSED ||
            (quiet && (c->state == TERN_TIME_WAIT || c->state == TERN_STATES)))
            watch_finish(c);
    }
    (void)fflush(w->out);
}
