/* world.h - a network in a box: hosts, the links between them, their programs, and the time.
 *
 * A host is a tern stack, or external: a pair of callbacks, by which the kernel behind a TUN
 * device can be one end. Packets are routed by destination address to the host that has it, over
 * the link that world_connect() made. Everything that happens is a pure function of the seed, the
 * configurations and the calls.
 *
 * The world has no clock: world_advance() tells it the time, and world_deadline() says when it
 * wants to be told again. world_run() jumps from deadline to deadline (virtual time); a program
 * with a real clock sleeps between. At one instant first the actions of world_at() happen, in the
 * order they were given, then packets arrive, by link and in their order, then timers fire, by
 * host. After each of these the host that was touched handles its events and sends what it owes.
 *
 * Nothing runs away: a step budget ends the world with WORLD_RUNAWAY, and a stack that breaks the
 * contract of tern.h (a deadline that stays in the past, a stack that never stops sending) ends it
 * with WORLD_BROKEN and a sentence in world_broken(). Cost of a step: linear in hosts and links. */
#ifndef TERN_SIM_WORLD_H
#define TERN_SIM_WORLD_H

#include "sim/link.h"
#include "sim/middlebox.h"
#include "tern/status.h"
#include "tern/tern.h"
#include "tern/trace.h"

typedef struct world world;

/* A host, in the order they were added: 0, 1, 2, ... */
typedef uint32_t world_host;
#define WORLD_NO_HOST UINT32_MAX

enum { WORLD_PACKET_MAX_BYTES = 65535, WORLD_OBSERVERS_MAX = 8 };

typedef enum world_state {
    WORLD_QUIET,   /* nothing will happen by itself any more */
    WORLD_GOES_ON, /* there is more to come, after the time that was given */
    WORLD_RUNAWAY, /* the step budget is used up */
    WORLD_BROKEN,  /* a stack broke its contract, or there was no memory: world_broken() */
} world_state;

/* steps_max: things that may happen (an action, an arrival, a timer, a packet sent) before the
 * world is a runaway. NULL when there is no memory. */
world *world_new(uint64_t seed, uint64_t steps_max);
void world_free(world *w);

/* ---- Hosts and links ----------------------------------------------------------------------- */

/* A tern stack, made from the configuration in memory of the world's own; `name` is kept as a
 * pointer. WORLD_NO_HOST: tern_size() refuses the configuration, or no memory. */
world_host world_add_stack(world *w, const char *name, const tern_config *config);

/* Called when a packet arrives for an external host. */
typedef void world_deliver(void *context, tern_time now_us, const void *packet, size_t bytes);

typedef struct world_external {
    tern_address addresses[TERN_ADDRESSES_MAX];
    uint32_t address_count;
    world_deliver *deliver;
    void *context;
} world_external;

world_host world_add_external(world *w, const char *name, const world_external *external);

/* An external host sends; nothing, while it is down. Call world_advance(now) before. */
void world_inject(world *w, world_host from, const void *packet, size_t bytes);

/* A wire: a link each way. The seeds in the configurations are added to the world's. false: no
 * memory. */
bool world_connect(world *w, world_host a, world_host b, const link_config *a_to_b,
                   const link_config *b_to_a);

/* Puts a box at the host's door; NULL takes it away. The box stays the caller's. An observer sees
 * what a wire carries or a host gets: what the box has made of a packet, under its serial. What the
 * box drops of the host's own has FATE_LOST; what it drops of others is refused; what it makes
 * for the host comes from WORLD_NO_HOST. */
void world_set_box(world *w, world_host host, middlebox *box);

uint32_t world_hosts(const world *w);
const char *world_name(const world *w, world_host host);
/* NULL for an external host, and while a host is down. */
tern_stack *world_stack(world *w, world_host host);
/* As given, with the key of the last world_restart(). NULL for an external host. */
const tern_config *world_config(const world *w, world_host host);

/* The host loses its stack without a word; what arrives for it is lost, and what an external host
 * would still send. */
void world_crash(world *w, world_host host);
/* It comes back with an empty stack and a new key; its program stays. An external host has its key
 * from elsewhere. false: it is up, or no memory. */
bool world_restart(world *w, world_host host, const uint8_t key[TERN_KEY_BYTES]);
/* Moves the stack to other memory by memcpy, as tern.h allows; the old memory is overwritten and
 * freed. false: external, down, or no memory. */
bool world_move(world *w, world_host host);

/* ---- Programs ------------------------------------------------------------------------------ */

/* Called for each event of the host's stack. May call the stack and the world. */
typedef void world_program(void *context, world *w, world_host host, const tern_event *event);
void world_set_program(world *w, world_host host, world_program *program, void *context);

/* Happens once, at the time given (at once when that is past). false: no memory. */
typedef void world_action(void *context, world *w);
bool world_at(world *w, tern_time at_us, world_action *action, void *context);

/* ---- Observers ----------------------------------------------------------------------------- */

typedef struct world_packet {
    world_host from, to;   /* to: WORLD_NO_HOST with FATE_NO_ROUTE */
    uint64_t serial;       /* 1, 2, ... in the order sent; an arrival has its sending's */
    bool by_box;           /* a box at a door has made it: `from` is the host behind that door */
    unsigned fate;         /* what its link does to it; 0 at an arrival */
    const uint8_t *octets; /* as sent, or as arrived; valid during the call */
    size_t bytes;
} world_packet;

/* Any of the functions may be NULL. None may call a stack's changing functions. */
typedef struct world_observer {
    void *context;
    void (*sent)(void *context, world *w, const world_packet *packet);
    /* Just before the stack sees it. Not called for a host that is down. */
    void (*arriving)(void *context, world *w, const world_packet *packet);
    /* rule: what tern_input() returned; TERN_RULE_NONE for an external host. Called after the
     * stack has dealt with the packet, before its program does. Not called for a host that is
     * down. */
    void (*arrived)(void *context, world *w, const world_packet *packet, tern_rule rule);
    /* A packet has come to a host that is down, or whose box keeps it from the host. */
    void (*refused)(void *context, world *w, const world_packet *packet);
    /* From inside the stack's call. */
    void (*traced)(void *context, world *w, world_host host, const tern_trace *trace);
    /* After each thing that happened to a stack, all it owes sent. */
    void (*settled)(void *context, world *w, world_host host);
} world_observer;

/* Adds a copy; at most WORLD_OBSERVERS_MAX (false past that). Called in the order added. */
bool world_observe(world *w, const world_observer *observer);

/* ---- Time ---------------------------------------------------------------------------------- */

tern_time world_now(const world *w);

/* When something happens next: at most world_now() when it is due, TERN_NEVER when nothing is. */
tern_time world_deadline(world *w);

/* Lets everything happen that is due by now_us, each at its own time. A time before world_now()
 * counts as world_now(). */
world_state world_advance(world *w, tern_time now_us);

/* Virtual time: world_advance() from deadline to deadline, at most to until_us. */
world_state world_run(world *w, tern_time until_us);

/* Packets in all links now. */
uint32_t world_under_way(const world *w);

/* The sentence of WORLD_BROKEN, else NULL. */
const char *world_broken(const world *w);
uint64_t world_steps(const world *w);

#endif
