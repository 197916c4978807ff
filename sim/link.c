/* link.c - a wire's one direction: a heap of packets by the time they come out.
 *
 * Packets that come out at the same time keep the order in which they went in. The rate is kept
 * with one number (when the last packet taken will have left) and a ring of departure times, which
 * says how many still wait. */
#include "sim/link.h"

#include <stdlib.h>
#include <string.h>

typedef struct link_packet {
    tern_time due_us;
    uint64_t order; /* breaks ties */
    uint64_t serial;
    uint8_t *octets;
    size_t bytes;
} link_packet;

struct sim_link {
    link_config config;
    rng chance;
    uint64_t order_next;
    tern_time free_us;     /* the last packet taken will have left by then */
    tern_time due_last_us; /* no packet that is not held back comes out before */

    link_packet *heap; /* heap[0] is due first */
    uint32_t held, room;

    tern_time *departures; /* ring of queue_max: when those that wait begin to leave */
    uint32_t departure_first, departure_count;
};

void link_config_init(link_config *config)
{
    *config = (link_config){
        .queue_max = 1000,
        .held_max = 4096,
        .odds = {.reorder_us = 10000},
    };
}

sim_link *link_new(const link_config *config)
{
    sim_link *link = calloc(1, sizeof *link);
    if (link == NULL)
        return NULL;
    link->config = *config;
    link->chance = rng_of_seed(config->seed);
    if (config->rate_bits_per_s > 0) {
        link->departures = calloc((size_t)config->queue_max + 1, sizeof *link->departures);
        if (link->departures == NULL) {
            free(link);
            return NULL;
        }
    }
    return link;
}

void link_free(sim_link *link)
{
    if (link == NULL)
        return;
    for (uint32_t i = 0; i < link->held; i++)
        free(link->heap[i].octets);
    free(link->heap);
    free(link->departures);
    free(link);
}

/* ---- The heap ---------------------------------------------------------------------------- */

static bool link_before(const link_packet *a, const link_packet *b)
{
    return a->due_us != b->due_us ? a->due_us < b->due_us : a->order < b->order;
}

static void link_swap(link_packet *a, link_packet *b)
{
    link_packet t = *a;
    *a = *b;
    *b = t;
}

static bool link_make_room(sim_link *link)
{
    if (link->held < link->room)
        return true;
    uint32_t room = link->room == 0 ? 16 : link->room * 2;
    link_packet *heap = realloc(link->heap, room * sizeof *heap);
    if (heap == NULL)
        return false;
    link->heap = heap;
    link->room = room;
    return true;
}

/* Copies the packet in; *copy is where its octets now are. */
static bool link_hold(sim_link *link, const link_packet *packet, uint8_t **copy)
{
    if (!link_make_room(link))
        return false;
    uint8_t *octets = malloc(packet->bytes > 0 ? packet->bytes : 1);
    if (octets == NULL)
        return false;
    memcpy(octets, packet->octets, packet->bytes);
    *copy = octets;

    uint32_t at = link->held++;
    link->heap[at] = *packet;
    link->heap[at].octets = octets;
    link->heap[at].order = link->order_next++;
    while (at > 0 && link_before(&link->heap[at], &link->heap[(at - 1) / 2])) {
        link_swap(&link->heap[at], &link->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    return true;
}

static void link_drop_first(sim_link *link)
{
    link->heap[0] = link->heap[--link->held];
    for (uint32_t at = 0, child; (child = 2 * at + 1) < link->held; at = child) {
        if (child + 1 < link->held && link_before(&link->heap[child + 1], &link->heap[child]))
            child++;
        if (!link_before(&link->heap[child], &link->heap[at]))
            break;
        link_swap(&link->heap[child], &link->heap[at]);
    }
}

/* ---- The rate ---------------------------------------------------------------------------- */

/* Packets that have not begun to leave by now. */
static uint32_t link_waiting(sim_link *link, tern_time now_us)
{
    uint32_t ring = link->config.queue_max + 1;
    while (link->departure_count > 0 && link->departures[link->departure_first] <= now_us) {
        link->departure_first = (link->departure_first + 1) % ring;
        link->departure_count--;
    }
    return link->departure_count;
}

/* Takes the packet's turn at the rate: when its last bit has left. */
static tern_time link_depart(sim_link *link, tern_time now_us, size_t bytes)
{
    uint64_t rate = link->config.rate_bits_per_s;
    if (rate == 0)
        return now_us;
    tern_time begins_us = link->free_us > now_us ? link->free_us : now_us;
    if (begins_us > now_us) {
        uint32_t ring = link->config.queue_max + 1;
        link->departures[(link->departure_first + link->departure_count) % ring] = begins_us;
        link->departure_count++;
    }
    link->free_us = begins_us + (uint64_t)bytes * 8 * 1000000 / rate;
    return link->free_us;
}

static bool link_is_full(sim_link *link, tern_time now_us)
{
    if (link->held >= link->config.held_max)
        return true;
    return link->config.rate_bits_per_s > 0 && link->free_us > now_us &&
           link_waiting(link, now_us) >= link->config.queue_max;
}

/* ---- In and out -------------------------------------------------------------------------- */

static fault_verdict link_decide(sim_link *link, const void *packet, size_t bytes)
{
    fault_verdict drawn = fault_odds_decide(&link->config.odds, &link->chance);
    if (link->config.plan == NULL)
        return drawn;
    fault_verdict named = fault_plan_decide(link->config.plan, link->config.from, packet, bytes);
    drawn.fate |= named.fate;
    drawn.delay_us += named.delay_us;
    drawn.copy_us = named.copy_us;
    return drawn;
}

/* Sends one copy on its way; NULL when the link is full. held_back_us 0: it keeps its place. */
static uint8_t *link_carry(sim_link *link, tern_time now_us, const link_packet *packet,
                           uint64_t held_back_us)
{
    if (link_is_full(link, now_us))
        return NULL;
    link_packet carried = *packet;
    carried.due_us = link_depart(link, now_us, packet->bytes) + link->config.delay_us;
    if (link->config.jitter_us > 0)
        carried.due_us += rng_up_to(&link->chance, link->config.jitter_us);
    if (held_back_us > 0) {
        carried.due_us += held_back_us;
    } else {
        if (carried.due_us < link->due_last_us)
            carried.due_us = link->due_last_us;
        link->due_last_us = carried.due_us;
    }
    uint8_t *copy = NULL;
    return link_hold(link, &carried, &copy) ? copy : NULL;
}

unsigned link_push(sim_link *link, tern_time now_us, const void *packet, size_t bytes,
                   uint64_t serial)
{
    fault_verdict verdict = link_decide(link, packet, bytes);
    if (verdict.fate & FATE_LOST)
        return FATE_LOST;

    /* link_carry() only reads the octets. */
    link_packet in = {.serial = serial, .octets = (uint8_t *)(uintptr_t)packet, .bytes = bytes};
    uint8_t *copy = link_carry(link, now_us, &in, verdict.delay_us);
    if (copy == NULL)
        return FATE_QUEUE_FULL;
    if (verdict.fate & FATE_CORRUPTED && !fault_corrupt(&link->chance, copy, bytes))
        verdict.fate &= ~(unsigned)FATE_CORRUPTED;
    if (verdict.fate & FATE_DUPLICATED && link_carry(link, now_us, &in, verdict.copy_us) == NULL)
        verdict.fate &= ~(unsigned)FATE_DUPLICATED;
    return verdict.fate;
}

tern_time link_deadline(const sim_link *link)
{
    return link->held == 0 ? TERN_NEVER : link->heap[0].due_us;
}

size_t link_pop(sim_link *link, tern_time now_us, void *buffer, size_t cap_bytes, uint64_t *serial)
{
    if (link->held == 0 || link->heap[0].due_us > now_us)
        return 0;
    link_packet first = link->heap[0];
    link_drop_first(link);
    size_t bytes = first.bytes < cap_bytes ? first.bytes : cap_bytes;
    memcpy(buffer, first.octets, bytes);
    free(first.octets);
    if (serial != NULL)
        *serial = first.serial;
    return bytes;
}

uint32_t link_held(const sim_link *link)
{
    return link->held;
}
