/* world.c - hosts, wires, and what happens next.
 *
 * There is no queue of everything that will happen: each step asks the actions, the links and the
 * stacks for their deadlines and takes the first. The stacks change their deadlines with every
 * call, so a queue would have to ask them anyway; worlds have few hosts.
 *
 * Hosts are allocated one by one because the stacks' trace hooks point at them. */
#include "sim/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORLD_IPV4_DESTINATION = 16, WORLD_IPV6_DESTINATION = 24, WORLD_MOVED_FILL = 0xdb };

typedef struct world_host_record {
    world *world;
    world_host index;
    const char *name;
    bool is_external;
    bool down; /* between world_crash() and world_restart() */
    world_external external;
    tern_config config;
    void *memory; /* the arena; NULL while the host is down */
    size_t memory_bytes;
    tern_stack *stack;
    world_program *program;
    void *program_context;
    middlebox *box; /* at the door; NULL: none */
} world_host_record;

typedef struct world_wire {
    world_host from, to;
    sim_link *link;
} world_wire;

typedef struct world_act {
    tern_time at_us;
    world_action *action;
    void *context;
} world_act;

struct world {
    rng chance;
    tern_time now_us;
    uint64_t steps, steps_max;
    uint64_t serial_last;
    world_state stopped; /* WORLD_RUNAWAY or WORLD_BROKEN, else WORLD_GOES_ON */
    char broken[200];

    world_host_record **hosts;
    uint32_t host_count;
    world_wire *wires;
    uint32_t wire_count;
    world_act *acts; /* acts[act_count - 1] is next */
    uint32_t act_count, act_room;
    world_observer observers[WORLD_OBSERVERS_MAX];
    uint32_t observer_count;

    uint8_t scratch[WORLD_PACKET_MAX_BYTES];
    uint8_t *arrival; /* on the heap, so that a sanitizer sees a read past a packet's end */
};

world *world_new(uint64_t seed, uint64_t steps_max)
{
    world *w = calloc(1, sizeof *w);
    if (w == NULL)
        return NULL;
    w->arrival = malloc(WORLD_PACKET_MAX_BYTES);
    if (w->arrival == NULL) {
        free(w);
        return NULL;
    }
    w->chance = rng_of_seed(seed);
    w->steps_max = steps_max;
    w->stopped = WORLD_GOES_ON;
    return w;
}

void world_free(world *w)
{
    if (w == NULL)
        return;
    for (uint32_t i = 0; i < w->host_count; i++) {
        free(w->hosts[i]->memory);
        free(w->hosts[i]);
    }
    for (uint32_t i = 0; i < w->wire_count; i++)
        link_free(w->wires[i].link);
    free(w->hosts);
    free(w->wires);
    free(w->acts);
    free(w->arrival);
    free(w);
}

static void world_break(world *w, const world_host_record *host, const char *what)
{
    if (w->stopped != WORLD_GOES_ON)
        return;
    w->stopped = WORLD_BROKEN;
    snprintf(w->broken, sizeof w->broken, "%s at %llu us: %s", host->name,
             (unsigned long long)w->now_us, what);
}

static bool world_count_step(world *w)
{
    if (w->stopped == WORLD_GOES_ON && ++w->steps > w->steps_max)
        w->stopped = WORLD_RUNAWAY;
    return w->stopped == WORLD_GOES_ON;
}

/* ---- Hosts and links ----------------------------------------------------------------------- */

static void world_on_trace(void *context, const tern_trace *trace)
{
    const world_host_record *host = context;
    world *w = host->world;
    for (uint32_t i = 0; i < w->observer_count; i++)
        if (w->observers[i].traced != NULL)
            w->observers[i].traced(w->observers[i].context, w, host->index, trace);
}

/* Makes the stack of a host that has none, from host->config. */
static bool world_boot(world_host_record *host)
{
    host->memory_bytes = tern_size(&host->config, NULL);
    if (host->memory_bytes == 0)
        return false;
    host->memory = malloc(host->memory_bytes);
    if (host->memory == NULL)
        return false;
    host->stack = tern_init(host->memory, host->memory_bytes, &host->config);
    if (host->stack == NULL) {
        free(host->memory);
        host->memory = NULL;
        return false;
    }
    tern_trace_set(host->stack, world_on_trace, host);
    return true;
}

static world_host_record *world_add(world *w, const char *name)
{
    world_host_record **hosts = realloc(w->hosts, (w->host_count + 1) * sizeof(*hosts));
    if (hosts == NULL)
        return NULL;
    w->hosts = hosts;
    world_host_record *host = calloc(1, sizeof *host);
    if (host == NULL)
        return NULL;
    host->world = w;
    host->index = w->host_count;
    host->name = name;
    hosts[w->host_count++] = host;
    return host;
}

world_host world_add_stack(world *w, const char *name, const tern_config *config)
{
    world_host_record *host = world_add(w, name);
    if (host == NULL)
        return WORLD_NO_HOST;
    host->config = *config;
    if (!world_boot(host)) {
        free(host);
        w->host_count--;
        return WORLD_NO_HOST;
    }
    return host->index;
}

world_host world_add_external(world *w, const char *name, const world_external *external)
{
    world_host_record *host = world_add(w, name);
    if (host == NULL)
        return WORLD_NO_HOST;
    host->is_external = true;
    host->external = *external;
    return host->index;
}

static bool world_add_wire(world *w, world_host from, world_host to, const link_config *config)
{
    world_wire *wires = realloc(w->wires, (w->wire_count + 1) * sizeof *wires);
    if (wires == NULL)
        return false;
    w->wires = wires;
    link_config seeded = *config;
    seeded.seed += rng_next(&w->chance);
    sim_link *link = link_new(&seeded);
    if (link == NULL)
        return false;
    wires[w->wire_count++] = (world_wire){from, to, link};
    return true;
}

bool world_connect(world *w, world_host a, world_host b, const link_config *a_to_b,
                   const link_config *b_to_a)
{
    return world_add_wire(w, a, b, a_to_b) && world_add_wire(w, b, a, b_to_a);
}

void world_set_box(world *w, world_host host, middlebox *box)
{
    w->hosts[host]->box = box;
}

uint32_t world_hosts(const world *w)
{
    return w->host_count;
}

const char *world_name(const world *w, world_host host)
{
    return w->hosts[host]->name;
}

tern_stack *world_stack(world *w, world_host host)
{
    return w->hosts[host]->stack;
}

const tern_config *world_config(const world *w, world_host host)
{
    return w->hosts[host]->is_external ? NULL : &w->hosts[host]->config;
}

void world_crash(world *w, world_host host)
{
    world_host_record *record = w->hosts[host];
    free(record->memory);
    record->memory = NULL;
    record->stack = NULL;
    record->down = true;
}

bool world_restart(world *w, world_host host, const uint8_t key[TERN_KEY_BYTES])
{
    world_host_record *record = w->hosts[host];
    if (!record->down)
        return false;
    record->down = false;
    if (record->is_external)
        return true;
    memcpy(record->config.key, key, TERN_KEY_BYTES);
    record->down = !world_boot(record);
    return !record->down;
}

bool world_move(world *w, world_host host)
{
    world_host_record *record = w->hosts[host];
    if (record->stack == NULL)
        return false;
    void *moved = malloc(record->memory_bytes);
    if (moved == NULL)
        return false;
    memcpy(moved, record->memory, record->memory_bytes);
    memset(record->memory, WORLD_MOVED_FILL, record->memory_bytes);
    free(record->memory);
    record->memory = moved;
    record->stack = moved;
    tern_trace_set(record->stack, world_on_trace, record);
    return true;
}

/* ---- Programs and observers ---------------------------------------------------------------- */

void world_set_program(world *w, world_host host, world_program *program, void *context)
{
    w->hosts[host]->program = program;
    w->hosts[host]->program_context = context;
}

bool world_at(world *w, tern_time at_us, world_action *action, void *context)
{
    if (w->act_count == w->act_room) {
        uint32_t room = w->act_room == 0 ? 16 : w->act_room * 2;
        world_act *acts = realloc(w->acts, room * sizeof *acts);
        if (acts == NULL)
            return false;
        w->acts = acts;
        w->act_room = room;
    }
    uint32_t at = w->act_count++;
    while (at > 0 && w->acts[at - 1].at_us <= at_us) {
        w->acts[at] = w->acts[at - 1];
        at--;
    }
    w->acts[at] = (world_act){at_us, action, context};
    return true;
}

bool world_observe(world *w, const world_observer *observer)
{
    if (w->observer_count == WORLD_OBSERVERS_MAX)
        return false;
    w->observers[w->observer_count++] = *observer;
    return true;
}

/* ---- Packets ------------------------------------------------------------------------------- */

/* Its own, or that of the box at its door. */
static bool world_has_address(const world_host_record *host, const tern_address *address)
{
    if (host->box != NULL && middlebox_has_address(host->box, address))
        return true;
    const tern_address *own = host->is_external ? host->external.addresses : host->config.addresses;
    uint32_t count = host->is_external ? host->external.address_count : host->config.address_count;
    for (uint32_t i = 0; i < count; i++)
        if (memcmp(&own[i], address, sizeof *address) == 0)
            return true;
    return false;
}

static bool world_destination(const uint8_t *packet, size_t bytes, tern_address *address)
{
    if (bytes >= WORLD_IPV4_DESTINATION + 4 && packet[0] >> 4 == 4) {
        const uint8_t *d = packet + WORLD_IPV4_DESTINATION;
        *address = tern_address_ipv4(d[0], d[1], d[2], d[3]);
        return true;
    }
    if (bytes >= WORLD_IPV6_DESTINATION + 16 && packet[0] >> 4 == 6) {
        memcpy(address->octets, packet + WORLD_IPV6_DESTINATION, sizeof address->octets);
        return true;
    }
    return false;
}

/* The wire from a host to the owner of the packet's destination address; NULL: none. */
static world_wire *world_route(world *w, world_host from, const uint8_t *packet, size_t bytes)
{
    tern_address destination;
    if (!world_destination(packet, bytes, &destination))
        return NULL;
    for (uint32_t i = 0; i < w->wire_count; i++)
        if (w->wires[i].from == from && world_has_address(w->hosts[w->wires[i].to], &destination))
            return &w->wires[i];
    return NULL;
}

/* A packet goes onto its wire. */
static void world_carry(world *w, world_host from, world_packet packet)
{
    world_wire *wire = world_route(w, from, packet.octets, packet.bytes);
    packet.from = from;
    packet.to = wire != NULL ? wire->to : WORLD_NO_HOST;
    if (wire == NULL)
        packet.fate |= FATE_NO_ROUTE;
    else if ((packet.fate & FATE_LOST) == 0)
        packet.fate = link_push(wire->link, w->now_us, packet.octets, packet.bytes, packet.serial);
    for (uint32_t i = 0; i < w->observer_count; i++)
        if (w->observers[i].sent != NULL)
            w->observers[i].sent(w->observers[i].context, w, &packet);
}

/* A packet reaches the host itself. */
static void world_hand_over(world *w, const world_host_record *host, world_packet packet)
{
    if (host->down)
        return;
    uint8_t *octets = w->arrival + WORLD_PACKET_MAX_BYTES - packet.bytes;
    memcpy(octets, packet.octets, packet.bytes);
    packet.octets = octets;
    packet.to = host->index;
    for (uint32_t i = 0; i < w->observer_count; i++)
        if (w->observers[i].arriving != NULL)
            w->observers[i].arriving(w->observers[i].context, w, &packet);
    tern_rule rule = TERN_RULE_NONE;
    if (host->is_external)
        host->external.deliver(host->external.context, w->now_us, octets, packet.bytes);
    else
        rule = tern_input(host->stack, w->now_us, octets, packet.bytes);
    for (uint32_t i = 0; i < w->observer_count; i++)
        if (w->observers[i].arrived != NULL)
            w->observers[i].arrived(w->observers[i].context, w, &packet, rule);
}

/* A packet at a host's door. */
typedef struct world_visit {
    world *w;
    const world_host_record *host;
    middlebox_side from;
    world_host sender;
    uint64_t serial;
    bool passed; /* it, or what became of it, is through */
} world_visit;

static void world_leave_box(void *context, middlebox_side to, const void *octets, size_t bytes)
{
    world_visit *visit = context;
    bool through = to != visit->from && !visit->passed;
    world_packet packet = {.from = through ? visit->sender : WORLD_NO_HOST,
                           .serial = through ? visit->serial : ++visit->w->serial_last,
                           .by_box = !through,
                           .octets = octets,
                           .bytes = bytes};
    visit->passed = visit->passed || through;
    if (to == MIDDLEBOX_NETWORK)
        world_carry(visit->w, visit->host->index, packet);
    else
        world_hand_over(visit->w, visit->host, packet);
}

/* Through the host's box, if it has one. */
static void world_visit_box(world_visit *visit, const uint8_t *octets, size_t bytes)
{
    middlebox_exit out = {visit, world_leave_box};
    world *w = visit->w;

    if (visit->host->box == NULL) {
        middlebox_side to = visit->from == MIDDLEBOX_HOST ? MIDDLEBOX_NETWORK : MIDDLEBOX_HOST;
        world_leave_box(visit, to, octets, bytes);
        return;
    }
    middlebox_packet packet = {visit->from, octets, bytes};
    middlebox_pass(visit->host->box, w->now_us, &packet, &out);
    if (!visit->passed && visit->from == MIDDLEBOX_HOST)
        world_carry(
            w, visit->host->index,
            (world_packet){
                .serial = visit->serial, .octets = octets, .bytes = bytes, .fate = FATE_LOST});
}

static void world_send(world *w, world_host from, const uint8_t *octets, size_t bytes)
{
    world_visit visit = {.w = w,
                         .host = w->hosts[from],
                         .from = MIDDLEBOX_HOST,
                         .sender = from,
                         .serial = ++w->serial_last};
    world_visit_box(&visit, octets, bytes);
}

void world_inject(world *w, world_host from, const void *packet, size_t bytes)
{
    if (!w->hosts[from]->down && world_count_step(w))
        world_send(w, from, packet, bytes);
}

/* Gives the host's program its events; returns whether there was one. */
static bool world_handle_events(world *w, world_host_record *host)
{
    tern_event event;
    bool any = false;
    while (host->stack != NULL && tern_next_event(host->stack, &event) && world_count_step(w)) {
        any = true;
        if (host->program != NULL)
            host->program(host->program_context, w, host->index, &event);
    }
    return any;
}

static void world_flush(world *w, world_host_record *host)
{
    size_t bytes;
    while (host->stack != NULL &&
           (bytes = tern_output(host->stack, w->now_us, w->scratch, sizeof w->scratch)) > 0 &&
           world_count_step(w))
        world_send(w, host->index, w->scratch, bytes);
}

/* Lets a host handle its events and send what it owes, until neither is left. Events come first,
 * so that an answer shares its segment with the ACK; and last, as timers run in the sending. */
static void world_settle(world *w, world_host_record *host)
{
    (void)world_handle_events(w, host);
    do {
        world_flush(w, host);
    } while (world_handle_events(w, host));
    if (w->stopped != WORLD_GOES_ON)
        return;
    if (host->stack != NULL && tern_deadline(host->stack) <= w->now_us)
        world_break(w, host, "tern_output() has nothing, and tern_deadline() is not later");
    for (uint32_t i = 0; i < w->observer_count; i++)
        if (w->observers[i].settled != NULL)
            w->observers[i].settled(w->observers[i].context, w, host->index);
}

static void world_refuse(world *w, const world_wire *wire, uint64_t serial, size_t bytes)
{
    world_packet packet = {
        .from = wire->from, .to = wire->to, .serial = serial, .octets = w->scratch, .bytes = bytes};
    for (uint32_t i = 0; i < w->observer_count; i++)
        if (w->observers[i].refused != NULL)
            w->observers[i].refused(w->observers[i].context, w, &packet);
}

static void world_arrive(world *w, world_wire wire)
{
    uint64_t serial = 0;
    size_t bytes = link_pop(wire.link, w->now_us, w->scratch, sizeof w->scratch, &serial);
    world_host_record *host = w->hosts[wire.to];
    if (host->down) {
        world_refuse(w, &wire, serial, bytes);
        return;
    }
    world_visit visit = {
        .w = w, .host = host, .from = MIDDLEBOX_NETWORK, .sender = wire.from, .serial = serial};
    world_visit_box(&visit, w->scratch, bytes);
    if (!visit.passed)
        world_refuse(w, &wire, serial, bytes);
    world_settle(w, host);
}

/* ---- Time ---------------------------------------------------------------------------------- */

tern_time world_now(const world *w)
{
    return w->now_us;
}

static tern_time world_earlier(tern_time a, tern_time b)
{
    return a < b ? a : b;
}

tern_time world_deadline(world *w)
{
    tern_time due_us = TERN_NEVER;
    if (w->act_count > 0)
        due_us = w->acts[w->act_count - 1].at_us;
    for (uint32_t i = 0; i < w->wire_count; i++)
        due_us = world_earlier(due_us, link_deadline(w->wires[i].link));
    for (uint32_t i = 0; i < w->host_count; i++)
        if (w->hosts[i]->stack != NULL)
            due_us = world_earlier(due_us, tern_deadline(w->hosts[i]->stack));
    return due_us;
}

/* Does the first thing that is due now. */
static void world_step(world *w)
{
    if (w->act_count > 0 && w->acts[w->act_count - 1].at_us <= w->now_us) {
        world_act act = w->acts[--w->act_count];
        act.action(act.context, w);
        for (uint32_t i = 0; i < w->host_count; i++)
            world_settle(w, w->hosts[i]);
        return;
    }
    for (uint32_t i = 0; i < w->wire_count; i++)
        if (link_deadline(w->wires[i].link) <= w->now_us) {
            world_arrive(w, w->wires[i]);
            return;
        }
    for (uint32_t i = 0; i < w->host_count; i++)
        if (w->hosts[i]->stack != NULL && tern_deadline(w->hosts[i]->stack) <= w->now_us) {
            world_settle(w, w->hosts[i]);
            return;
        }
}

static world_state world_proceed(world *w, tern_time until_us)
{
    for (;;) {
        tern_time due_us = world_deadline(w);
        if (w->stopped != WORLD_GOES_ON)
            return w->stopped;
        if (due_us == TERN_NEVER)
            return WORLD_QUIET;
        if (due_us > until_us)
            return WORLD_GOES_ON;
        if (due_us > w->now_us)
            w->now_us = due_us;
        if (world_count_step(w))
            world_step(w);
    }
}

world_state world_advance(world *w, tern_time now_us)
{
    if (now_us < w->now_us)
        now_us = w->now_us;
    world_state state = world_proceed(w, now_us);
    w->now_us = now_us;
    return state;
}

world_state world_run(world *w, tern_time until_us)
{
    world_state state = world_proceed(w, until_us);
    if (state == WORLD_GOES_ON && until_us > w->now_us)
        w->now_us = until_us;
    return state;
}

uint32_t world_under_way(const world *w)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < w->wire_count; i++)
        sum += link_held(w->wires[i].link);
    return sum;
}

const char *world_broken(const world *w)
{
    return w->stopped == WORLD_BROKEN ? w->broken : NULL;
}

uint64_t world_steps(const world *w)
{
    return w->steps;
}
