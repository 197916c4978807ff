/* watcher_fixture.c - see watcher_fixture.h. */
#include "tests/sim/watcher_fixture.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { WATCHER_TRY_EVERY = 8, WATCHER_FLAG_SYN = 0x02, WATCHER_FLAG_RST = 0x04 };

__attribute__((format(printf, 2, 3))) static void watcher_fail(watcher *v, const char *format, ...)
{
    va_list arguments;
    if (v->why[0] != '\0')
        return;
    int at = snprintf(v->why, sizeof v->why, "at %llu us: ", (unsigned long long)world_now(v->w));
    va_start(arguments, format);
    vsnprintf(v->why + at, sizeof v->why - (size_t)at, format, arguments);
    va_end(arguments);
}

/* ---- The hash ------------------------------------------------------------------------------ */

static void watcher_mix(watcher *v, uint64_t word)
{
    v->hash = (v->hash ^ word) * UINT64_C(0x100000001b3);
    v->hash ^= v->hash >> 29;
}

static void watcher_mix_octets(watcher *v, const uint8_t *octets, size_t bytes)
{
    size_t at = 0;
    for (; at + 8 <= bytes; at += 8) {
        uint64_t word = 0;
        for (unsigned i = 0; i < 8; i++)
            word = word << 8 | octets[at + i];
        watcher_mix(v, word);
    }
    for (; at < bytes; at++)
        watcher_mix(v, octets[at]);
    watcher_mix(v, bytes);
}

static void watcher_mix_endpoint(watcher *v, const tern_endpoint *endpoint)
{
    watcher_mix_octets(v, endpoint->address.octets, sizeof endpoint->address.octets);
    watcher_mix(v, endpoint->port);
}

/* ---- Packets ------------------------------------------------------------------------------- */

typedef struct watcher_segment {
    uint16_t source_port, destination_port;
    uint32_t seq, ack;
    uint8_t flags;
    uint16_t window;
    size_t text_bytes;
} watcher_segment;

static uint32_t watcher_be(const uint8_t *octets, unsigned count)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < count; i++)
        value = value << 8 | octets[i];
    return value;
}

/* head: at least 60 octets of a TCP packet of bytes; both hosts send nothing else. */
static watcher_segment watcher_read(const uint8_t *head, size_t bytes)
{
    size_t header = head[0] >> 4 == 6 ? 40 : 20;
    const uint8_t *tcp = head + header;
    return (watcher_segment){
        .source_port = (uint16_t)watcher_be(tcp, 2),
        .destination_port = (uint16_t)watcher_be(tcp + 2, 2),
        .seq = watcher_be(tcp + 4, 4),
        .ack = watcher_be(tcp + 8, 4),
        .flags = tcp[13],
        .window = (uint16_t)watcher_be(tcp + 14, 2),
        .text_bytes = bytes - header - (size_t)(tcp[12] >> 4) * 4,
    };
}

static watcher_connection *watcher_find(watcher *v, world_host host, uint16_t local_port,
                                        uint16_t remote_port)
{
    for (unsigned i = 0; i < WATCHER_CONNECTIONS; i++) {
        watcher_connection *c = &v->connections[host][i];
        if (c->used && c->local_port == local_port && c->remote_port == remote_port)
            return c;
    }
    return NULL;
}

/* What a segment says of the window must not take back what an earlier one said. */
static void watcher_check_edge(watcher *v, world_host host, const watcher_segment *s)
{
    watcher_connection *c = watcher_find(v, host, s->source_port, s->destination_port);
    if (c == NULL || !c->synchronized || s->flags & (WATCHER_FLAG_SYN | WATCHER_FLAG_RST))
        return;
    uint32_t edge = s->ack + ((uint32_t)s->window << c->rcv_wscale);
    uint32_t rounding = (1U << c->rcv_wscale) - 1;
    if (c->edge_on_wire && (int32_t)(edge + rounding - c->wire_edge) < 0)
        watcher_fail(v, "%s offers a window up to %u after one up to %u", world_name(v->w, host),
                     edge - (uint32_t)c->rcv_nxt, c->wire_edge - (uint32_t)c->rcv_nxt);
    if (!c->edge_on_wire || (int32_t)(edge - c->wire_edge) > 0)
        c->wire_edge = edge;
    c->edge_on_wire = true;
}

static watcher_line *watcher_note(watcher *v, const world_packet *packet)
{
    bool after_the_fault = v->why[0] != '\0';
    watcher_line *line = after_the_fault ? &v->unseen : &v->last[v->lines++ % WATCHER_LAST_PACKETS];
    *line = (watcher_line){
        .time_us = world_now(v->w), .serial = packet->serial, .bytes = packet->bytes};
    size_t kept = packet->bytes < sizeof line->head ? packet->bytes : sizeof line->head;
    memcpy(line->head, packet->octets, kept);
    return line;
}

static void watcher_sent(void *context, world *w, const world_packet *packet)
{
    watcher *v = context;
    (void)w;
    watcher_line *line = watcher_note(v, packet);
    line->host = packet->from;
    line->fate = packet->fate;
    v->packets++;
    watcher_mix(v, world_now(v->w));
    watcher_mix(v, packet->from);
    watcher_mix(v, packet->fate);
    watcher_mix_octets(v, packet->octets, packet->bytes);
    watcher_segment segment = watcher_read(line->head, packet->bytes);
    watcher_check_edge(v, packet->from, &segment);
}

static void watcher_arrived(void *context, world *w, const world_packet *packet, tern_rule rule)
{
    watcher *v = context;
    (void)w;
    watcher_line *line = watcher_note(v, packet);
    line->host = packet->to;
    line->arrived = true;
    line->rule = rule;
    watcher_mix(v, world_now(v->w));
    watcher_mix(v, packet->serial);
    watcher_mix(v, (uint64_t)rule);
}

static bool watcher_is_synchronized(tern_state state)
{
    return state != TERN_CLOSED && state != TERN_LISTEN && state != TERN_SYN_SENT &&
           state != TERN_SYN_RECEIVED;
}

static void watcher_traced(void *context, world *w, world_host host, const tern_trace *trace)
{
    watcher *v = context;
    (void)w;
    watcher_mix(v, trace->now_us);
    watcher_mix(v, (uint64_t)host << 32 | (uint64_t)trace->kind << 24);
    watcher_mix(v, trace->kind == TERN_TRACE_RULE
                       ? (uint64_t)trace->rule
                       : (uint64_t)trace->from << 16 | (uint64_t)trace->to << 8 |
                             (uint64_t)trace->cause);
    watcher_mix_endpoint(v, &trace->local);
    watcher_mix_endpoint(v, &trace->remote);
    if (trace->kind == TERN_TRACE_RULE &&
        (trace->rule == TERN_RULE_RTO_BACKOFF || trace->rule == TERN_RULE_FAST_RETRANSMIT))
        v->retransmissions++;
    if (trace->kind != TERN_TRACE_STATE)
        return;
    if (trace->to == TERN_TIME_WAIT)
        v->time_wait_seen[host] = true;
    if (watcher_is_synchronized(trace->to))
        v->last_state[host] = trace->to;
}

/* ---- Connections --------------------------------------------------------------------------- */

static void watcher_check_progress(watcher *v, watcher_connection *c, const tern_status *s,
                                   const char *name)
{
    uint32_t edge = s->rcv_nxt + s->rcv_wnd;

    if ((int32_t)(s->snd_nxt - s->snd_una) < 0)
        watcher_fail(v, "%s: SND.UNA is past SND.NXT", name);
    if (c->synchronized) {
        if ((int32_t)(s->snd_una - c->snd_una) < 0)
            watcher_fail(v, "%s: SND.UNA goes back", name);
        if ((int32_t)(s->snd_nxt - c->snd_nxt) < 0)
            watcher_fail(v, "%s: SND.NXT goes back", name);
        if ((int32_t)(s->rcv_nxt - c->rcv_nxt) < 0)
            watcher_fail(v, "%s: RCV.NXT goes back", name);
        if ((int32_t)(edge - c->right_edge) < 0)
            watcher_fail(v, "%s: the window shrinks by %u in %s", name, c->right_edge - edge,
                         tern_state_name(s->state));
    }
    c->synchronized = true;
    c->snd_una = s->snd_una;
    c->snd_nxt = s->snd_nxt;
    c->rcv_nxt = s->rcv_nxt;
    c->right_edge = edge;
    c->rcv_wscale = s->rcv_wscale;
}

static void watcher_check_queues(watcher *v, const tern_status *s, const char *name)
{
    if (s->send_queue_bytes > s->send_buffer_bytes)
        watcher_fail(v, "%s: %u octets in a send buffer of %u", name, s->send_queue_bytes,
                     s->send_buffer_bytes);
    if ((uint64_t)s->recv_queue_bytes + s->reassembly_bytes > s->recv_buffer_bytes)
        watcher_fail(v, "%s: %u + %u octets in a receive buffer of %u", name, s->recv_queue_bytes,
                     s->reassembly_bytes, s->recv_buffer_bytes);
    if (s->unacked > s->send_queue_bytes + 2)
        watcher_fail(v, "%s: %u octets in flight, %u queued", name, s->unacked,
                     s->send_queue_bytes);
    if (s->sacked > s->unacked)
        watcher_fail(v, "%s: %u octets reported by SACK, %u in flight", name, s->sacked,
                     s->unacked);
}

static void watcher_check_connection(watcher *v, world_host host, const tern_status *s)
{
    const char *name = world_name(v->w, host);
    if (!watcher_is_synchronized(s->state))
        return;
    watcher_connection *c = watcher_find(v, host, s->local.port, s->remote.port);
    if (c != NULL && c->iss != s->iss)
        c->used = false;
    if (c == NULL || !c->used) {
        for (unsigned i = 0; i < WATCHER_CONNECTIONS && (c == NULL || c->used); i++)
            if (!v->connections[host][i].used)
                c = &v->connections[host][i];
        if (c == NULL || c->used)
            return; /* more than it follows; the others are enough */
        *c = (watcher_connection){.used = true,
                                  .local_port = s->local.port,
                                  .remote_port = s->remote.port,
                                  .iss = s->iss};
    }
    if (s->time_wait_record)
        return; /* keeps only what it needs */
    watcher_check_progress(v, c, s, name);
    watcher_check_queues(v, s, name);
}

static void watcher_check_usage(watcher *v, world_host host)
{
    tern_usage u;
    const tern_config *c = world_config(v->w, host);
    tern_usage_get(world_stack(v->w, host), &u);
    if (u.connections > c->connections_max || u.half_open > c->half_open_max ||
        u.time_wait > c->time_wait_max || u.listeners > c->listeners_max ||
        u.chunks > c->chunks_max || u.flights > c->flights_max || u.ranges > c->ranges_max ||
        u.replies > c->replies_max)
        watcher_fail(v, "%s: more memory in use than its limits", world_name(v->w, host));
}

/* On a copy of the stack, in other memory: nothing comes out before the deadline. */
static void watcher_try_early(watcher *v, world_host host)
{
    uint8_t packet[WORLD_PACKET_MAX_BYTES];
    tern_stack *stack = world_stack(v->w, host);
    tern_time deadline_us = tern_deadline(stack);
    size_t bytes = tern_size(world_config(v->w, host), NULL);

    if (deadline_us <= world_now(v->w) + 1)
        return;
    if (bytes > v->copy_bytes) {
        free(v->copy);
        v->copy = malloc(bytes);
        v->copy_bytes = v->copy == NULL ? 0 : bytes;
        if (v->copy == NULL)
            return;
    }
    memcpy(v->copy, stack, bytes);
    tern_stack *copy = v->copy;
    tern_trace_set(copy, NULL, NULL);
    tern_time early_us = deadline_us == TERN_NEVER ? world_now(v->w) + 86400000000
                                                   : deadline_us - 1;
    if (tern_output(copy, early_us, packet, sizeof packet) != 0)
        watcher_fail(v, "%s sends at %llu us, before its deadline at %llu us",
                     world_name(v->w, host), (unsigned long long)early_us,
                     (unsigned long long)deadline_us);
}

static void watcher_settled(void *context, world *w, world_host host)
{
    watcher *v = context;
    tern_stack *stack = world_stack(w, host);
    tern_status status;
    uint64_t cursor = 0;

    if (stack == NULL) {
        memset(v->connections[host], 0, sizeof v->connections[host]);
        return;
    }
    while (tern_status_next(stack, &cursor, &status))
        watcher_check_connection(v, host, &status);
    watcher_check_usage(v, host);
    if (v->settles++ % WATCHER_TRY_EVERY == 0)
        watcher_try_early(v, host);
}

/* ---- Beginning and end --------------------------------------------------------------------- */

bool watcher_begin(watcher *v, world *w)
{
    *v = (watcher){.w = w, .hash = UINT64_C(0xcbf29ce484222325)};
    return world_observe(w, &(world_observer){.context = v,
                                              .sent = watcher_sent,
                                              .arrived = watcher_arrived,
                                              .traced = watcher_traced,
                                              .settled = watcher_settled});
}

void watcher_end(watcher *v)
{
    free(v->copy);
    v->copy = NULL;
}

static void watcher_print_line(const watcher *v, const watcher_line *line, FILE *out)
{
    static const struct {
        unsigned fate;
        const char *text;
    } fates[] = {{FATE_LOST, " lost"},
                 {FATE_DUPLICATED, " duplicated"},
                 {FATE_DELAYED, " delayed"},
                 {FATE_CORRUPTED, " corrupted"},
                 {FATE_QUEUE_FULL, " not taken"},
                 {FATE_NO_ROUTE, " no route"}};
    watcher_segment s = watcher_read(line->head, line->bytes);

    fprintf(out, "%12.6f %-6s %s #%-5llu ", (double)line->time_us / 1e6,
            world_name(v->w, line->host), line->arrived ? "<-" : "->",
            (unsigned long long)line->serial);
    for (unsigned bit = 0; bit < 6; bit++)
        fputc(s.flags >> bit & 1 ? "FSRPAU"[bit] : '.', out);
    fprintf(out, " seq %u len %zu ack %u win %u", s.seq, s.text_bytes, s.ack, s.window);
    if (line->arrived && line->rule != TERN_RULE_NONE)
        fprintf(out, " %s", tern_rule_get(line->rule)->name);
    for (unsigned i = 0; i < sizeof fates / sizeof fates[0]; i++)
        if (line->fate & fates[i].fate)
            fputs(fates[i].text, out);
    fputc('\n', out);
}

void watcher_print_last(const watcher *v, FILE *out)
{
    uint64_t total = v->lines;
    uint64_t first = total > WATCHER_LAST_PACKETS ? total - WATCHER_LAST_PACKETS : 0;
    for (uint64_t i = first; i < total; i++)
        watcher_print_line(v, &v->last[i % WATCHER_LAST_PACKETS], out);
}
