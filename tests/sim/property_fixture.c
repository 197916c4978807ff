/* property_fixture.c - see property_fixture.h. */
#define _GNU_SOURCE
#include "tests/sim/property_fixture.h"

#include "base/bytes.h"
#include "base/siphash.h"
#include "tests/sim/peer_fixture.h"
#include "tests/sim/watcher_fixture.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
    PROPERTY_STEPS_MAX = 1000000,
    PROPERTY_SERVER_PORT = 80,
    PROPERTY_CLIENT_PORT = 4000,
    PROPERTY_MOVE_EVERY = 25,
};

#define PROPERTY_SECOND   UINT64_C(1000000)
#define PROPERTY_LATE_US  (2000 * PROPERTY_SECOND)   /* what still lives by then is aborted */
#define PROPERTY_UNTIL_US (100000 * PROPERTY_SECOND) /* quiet by then, or it never is */

typedef enum property_blow { BLOW_NONE, BLOW_ABORT, BLOW_CRASH, BLOW_CUT } property_blow;

typedef struct property {
    property_theme theme;
    rng chance;
    world *w;
    fault_plan plan;
    watcher watch;
    peer peers[2]; /* client, server; host numbers are the same */
    tern_endpoint endpoints[2];
    bool simultaneous;
    bool ipv6;
    bool clean;  /* the wire loses and disturbs nothing: then nothing is sent twice */
    bool scarce; /* fewer chunks than the buffers want; then data goes one way at a time */
    property_blow blow;
    unsigned victim; /* who aborts or crashes */
    bool struck;     /* the blow has come */
    property_result *result;
} property;

const char *property_theme_name(property_theme theme)
{
    static const char *const names[PROPERTY_THEMES] = {"transfer", "open", "close",
                                                       "tiny",     "fast", "end"};
    return names[theme];
}

__attribute__((format(printf, 2, 3))) static void property_fail(property *r, const char *format,
                                                                ...)
{
    va_list arguments;
    if (r->result->why[0] != '\0')
        return;
    va_start(arguments, format);
    vsnprintf(r->result->why, sizeof r->result->why, format, arguments);
    va_end(arguments);
}

static uint32_t property_between(property *r, uint32_t low, uint32_t high)
{
    return low + rng_below(&r->chance, high - low + 1);
}

static bool property_one_in(property *r, uint32_t n)
{
    return rng_below(&r->chance, n) == 0;
}

/* ---- What a run is made of ----------------------------------------------------------------- */

static void property_make_tiny(property *r, tern_config *c)
{
    c->chunk_bytes = property_between(r, 16, 40) * 8;
    c->send_buffer_bytes = property_between(r, 1, 2000);
    c->recv_buffer_bytes = property_between(r, 256, 3000);
    c->chunks_max = r->scarce ? property_between(r, 4, 16) : property_between(r, 40, 60);
    c->flights_max = property_between(r, 1, 2);
    c->ranges_max = property_between(r, 1, 8);
    c->replies_max = 1;
    c->mtu_bytes = r->ipv6 ? 1280 : TERN_MTU_MIN_BYTES;
}

static void property_make_config(property *r, unsigned end, tern_config *c)
{
    tern_config_init(c);
    rng_fill(&r->chance, c->key, sizeof c->key);
    c->addresses[0] = r->endpoints[end].address;
    c->address_count = 1;
    c->mtu_bytes = property_between(r, r->ipv6 ? 1280 : TERN_MTU_MIN_BYTES, 1500);
    c->connections_max = 4;
    c->half_open_max = 2;
    c->time_wait_max = 2;
    c->listeners_max = 1;
    c->chunk_bytes = property_between(r, 32, 256) * 8;
    c->chunks_max = 400;
    c->flights_max = 4;
    c->ranges_max = property_between(r, 4, 64);
    c->ranges_per_connection = property_between(r, 1, 64);
    c->replies_max = 4;
    c->send_buffer_bytes = property_between(r, 1000, 40000);
    c->recv_buffer_bytes = property_between(r, 1000, 40000);
    if (property_one_in(r, 4))
        c->recv_buffer_bytes = property_between(r, 65536, 90000); /* wants a window scale */
    c->window_scale = !property_one_in(r, 4);
    c->timestamps = !property_one_in(r, 4);
    c->sack = !property_one_in(r, 4);
    if (property_one_in(r, 4))
        c->initial_window_segments = property_between(r, 1, 10);
    if (r->theme == PROPERTY_TINY)
        property_make_tiny(r, c);
}

static void property_make_link(property *r, link_config *c)
{
    link_config_init(c);
    c->plan = &r->plan;
    c->delay_us = property_between(r, 0, 40000);
    c->jitter_us = property_one_in(r, 2) ? property_between(r, 0, 10000) : 0;
    if (r->clean)
        return;
    if (property_one_in(r, 3))
        c->rate_bits_per_s = (uint64_t)property_between(r, 1, 100) * 1000000;
    c->queue_max = property_between(r, 4, 200);
    uint32_t loss_max = r->theme == PROPERTY_OPEN || r->theme == PROPERTY_FAST ? 200000 : 60000;
    if (!property_one_in(r, 4))
        c->odds.loss_ppm = property_between(r, 0, loss_max);
    if (!property_one_in(r, 3))
        c->odds.duplicate_ppm = property_between(r, 0, 50000);
    if (!property_one_in(r, 3))
        c->odds.reorder_ppm = property_between(r, 0, 150000);
    if (!property_one_in(r, 3))
        c->odds.corrupt_ppm = property_between(r, 0, 30000);
    c->odds.reorder_us = property_between(r, 1, 60000);
}

static uint64_t property_amount(property *r)
{
    static const uint32_t most[PROPERTY_THEMES] = {40000, 1500, 6000, 12000, 5000, 12000};
    if (property_one_in(r, 5))
        return 0;
    if (r->theme == PROPERTY_TRANSFER && property_one_in(r, 20))
        return property_between(r, 1, 200000);
    return property_between(r, 1, property_between(r, 1, most[r->theme]));
}

static void property_make_peer(property *r, unsigned end)
{
    peer *p = &r->peers[end];
    p->w = r->w;
    p->host = end;
    p->send_key = (uint32_t)rng_next(&r->chance);
    p->send_total = property_amount(r);
    p->write_bytes = property_between(r, 1, 4096);
    p->read_bytes = property_between(r, 64, 4096);
    if (property_one_in(r, r->theme == PROPERTY_TINY ? 2 : 8))
        p->pause_us = property_between(r, 100, 20000);
}

/* Reading stops for long enough to close the window, and for the sender to probe it. But an end
 * that has closed whole does not wait for ever (fin_wait_2_ms), nor does a sender whose data finds
 * the pool empty although the window is open (data_schedule). */
static void property_make_nap(property *r, unsigned end)
{
    peer *p = &r->peers[end], *other = &r->peers[1 - end];
    if (!property_one_in(r, 4) || other->send_total == 0)
        return;
    p->nap_at = property_between(r, 0, (uint32_t)other->send_total);
    uint32_t longest_s = other->closes_whole || r->scarce ? 20 : 300;
    p->nap_us = property_between(r, 1, longest_s) * PROPERTY_SECOND;
}

/* Who closes first, and how. Closing whole means to expect nothing more: allowed only to an end
 * that the other sends nothing. */
static void property_make_close(property *r)
{
    peer *client = &r->peers[0], *server = &r->peers[1];
    unsigned last = property_between(r, 0, 3);
    if (r->scarce)
        last = 2;
    if (last < 2)
        r->peers[last].closes_last = true;
    if (last == 2) /* half-close: the request is whole before the reply begins */
        r->peers[property_between(r, 0, 1)].replies = true;
    for (unsigned end = 0; end < 2; end++) {
        peer *p = &r->peers[end], *other = &r->peers[1 - end];
        if (other->send_total == 0)
            p->closes_whole = property_one_in(r, 2);
        else if (r->theme == PROPERTY_CLOSE)
            p->shuts_reading = property_one_in(r, 8);
    }
    for (unsigned end = 0; end < 2 && r->theme != PROPERTY_END; end++)
        property_make_nap(r, end);
    client->recv_key = server->send_key;
    server->recv_key = client->send_key;
}

/* ---- What happens -------------------------------------------------------------------------- */

/* What the client knows of the server: a cookie by its key, a wrong one, or nothing. */
static void property_know_server(property *r, world *w, tern_address local)
{
    const tern_config *server = world_config(w, 1);
    tern_fast_open_entry entry = {.local = local, .remote = r->endpoints[1], .cookie_bytes = 8};
    size_t skip = r->ipv6 ? 0 : 12, each = 16 - skip;
    uint8_t addresses[32];

    if (property_one_in(r, 8))
        return;
    memcpy(addresses, local.octets + skip, each);
    memcpy(addresses + each, r->endpoints[1].address.octets + skip, each);
    uint64_t cookie = siphash_2_4(siphash_key_read(server->key), addresses, 2 * each);
    put_le64(entry.cookie, property_one_in(r, 8) ? cookie ^ 1 : cookie);
    entry.mss = (uint16_t)(property_one_in(r, 2) ? 0 : property_between(r, 100, 2000));
    if (tern_fast_open_cache_put(world_stack(w, 0), world_now(w), &entry) != TERN_OK)
        property_fail(r, "the client does not take what it shall know");
}

static void property_open_client(void *context, world *w)
{
    property *r = context;
    if (r->theme == PROPERTY_FAST) {
        r->peers[0].opens_fast = true;
        property_know_server(r, w, r->endpoints[0].address);
    }
    tern_endpoint local = r->endpoints[0];
    if (!r->simultaneous)
        local.port = 0;
    peer_connect(&r->peers[0], &local, &r->endpoints[1]);
}

static void property_open_server(void *context, world *w)
{
    property *r = context;
    if (r->theme == PROPERTY_FAST) {
        r->peers[1].opens_fast = !property_one_in(r, 8);
        if (tern_fast_open_key_set(world_stack(w, 1), world_now(w), world_config(w, 1)->key, 1) !=
            TERN_OK)
            property_fail(r, "the server does not take its key");
    }
    if (r->simultaneous)
        peer_connect(&r->peers[1], &r->endpoints[1], &r->endpoints[0]);
    else
        peer_listen(&r->peers[1], &r->endpoints[1]);
}

static void property_restart(void *context, world *w)
{
    property *r = context;
    uint8_t key[TERN_KEY_BYTES];
    rng_fill(&r->chance, key, sizeof key);
    if (!world_restart(w, r->victim, key))
        property_fail(r, "the host does not come back");
}

static void property_strike(void *context, world *w)
{
    property *r = context;
    r->struck = true;
    switch (r->blow) {
    case BLOW_NONE:
        break;
    case BLOW_ABORT:
        peer_abort(&r->peers[r->victim]);
        break;
    case BLOW_CRASH:
        world_crash(w, r->victim);
        peer_forget(&r->peers[r->victim]);
        if (!world_at(w, world_now(w) + property_between(r, 0, 3000000), property_restart, r))
            property_fail(r, "no memory");
        break;
    case BLOW_CUT:
        r->plan.rules[0] = (fault_rule){.name = FAULT_ANY, .fate = FATE_LOST};
        r->plan.count = 1;
        break;
    }
}

/* The end of the story for whoever waits for a peer that cannot come any more. */
static void property_finish(void *context, world *w)
{
    property *r = context;
    for (unsigned end = 0; end < 2; end++) {
        if (r->blow == BLOW_NONE && r->peers[end].has_connection)
            property_fail(r, "%s: stalls with %llu octets sent and %llu read", world_name(w, end),
                          (unsigned long long)r->peers[end].sent,
                          (unsigned long long)r->peers[end].received);
        peer_abort(&r->peers[end]);
        if (!r->simultaneous && end == 1 && r->peers[1].listener.generation != 0 &&
            world_stack(w, end) != NULL)
            (void)tern_close(world_stack(w, end), world_now(w), r->peers[end].listener);
    }
}

static void property_move(void *context, world *w)
{
    property *r = context;
    for (unsigned end = 0; end < 2; end++)
        if (world_stack(w, end) != NULL && !world_move(w, end))
            property_fail(r, "a stack could not be moved");
}

static bool property_schedule(property *r, bool moves)
{
    tern_time client_us = 1000, server_us = 0;
    if (r->simultaneous) /* within one delay of each other, so that the SYNs can cross */
        server_us = 1000 - property_between(r, 0, 900);
    bool ok = world_at(r->w, server_us, property_open_server, r) &&
              world_at(r->w, client_us, property_open_client, r) &&
              world_at(r->w, PROPERTY_LATE_US, property_finish, r);
    if (r->theme == PROPERTY_END) {
        r->blow = (property_blow)property_between(r, BLOW_ABORT, BLOW_CUT);
        r->victim = property_between(r, 0, 1);
        ok = ok && world_at(r->w, 1001 + property_between(r, 0, property_between(r, 1, 400000)),
                            property_strike, r);
    }
    for (unsigned i = 0; moves && i < 20; i++)
        ok = ok && world_at(r->w, 2000 + i * i * UINT64_C(5003), property_move, r);
    return ok;
}

static bool property_make(property *r, bool moves)
{
    tern_config config;
    link_config links[2];
    uint32_t low_us = 1000;

    r->ipv6 = property_one_in(r, 2);
    r->clean = r->theme != PROPERTY_END && property_one_in(r, 8);
    r->scarce = r->theme == PROPERTY_TINY && property_one_in(r, 3);
    r->simultaneous = property_one_in(r, r->theme == PROPERTY_OPEN ? 2 : 6);
    for (unsigned end = 0; end < 2; end++) {
        const char *text = r->ipv6 ? (end == 0 ? "fd77::1" : "fd77::2")
                                   : (end == 0 ? "10.0.0.1" : "10.0.0.2");
        if (!tern_address_parse(text, &r->endpoints[end].address))
            return false;
        r->endpoints[end].port = end == 0 ? PROPERTY_CLIENT_PORT : PROPERTY_SERVER_PORT;
    }
    for (unsigned end = 0; end < 2; end++) {
        property_make_config(r, end, &config);
        if (world_add_stack(r->w, end == 0 ? "client" : "server", &config) != end)
            return false;
        property_make_peer(r, end);
        world_set_program(r->w, end, peer_program, &r->peers[end]);
        property_make_link(r, &links[end]);
        links[end].from = end == 0 ? FAULT_CLIENT : FAULT_SERVER;
        if (r->simultaneous && links[end].delay_us < low_us)
            links[end].delay_us = low_us;
    }
    property_make_close(r);
    return world_connect(r->w, 0, 1, &links[0], &links[1]) && watcher_begin(&r->watch, r->w) &&
           property_schedule(r, moves);
}

/* ---- What must have come of it ------------------------------------------------------------- */

static bool property_error_is_right(const property *r, const peer *p)
{
    if (p->error == TERN_OK)
        return true;
    if (!r->struck)
        return false;
    if (r->blow == BLOW_CUT)
        return p->error == TERN_ERR_TIMED_OUT;
    return p->error == TERN_ERR_RESET || p->error == TERN_ERR_REFUSED;
}

/* A story without a blow ends well for both. */
static void property_check_story(property *r)
{
    for (unsigned end = 0; end < 2; end++) {
        const peer *p = &r->peers[end], *other = &r->peers[1 - end];
        const char *name = world_name(r->w, end);
        if (p->why[0] != '\0')
            property_fail(r, "%s: %s", name, p->why);
        if (!property_error_is_right(r, p))
            property_fail(r, "%s: the connection ended with %s", name, tern_err_name(p->error));
        if (p->received > other->sent)
            property_fail(r, "%s: read %llu octets of %llu", name, (unsigned long long)p->received,
                          (unsigned long long)other->sent);
        if (r->blow != BLOW_NONE)
            continue;
        if (!p->done || p->sent != p->send_total)
            property_fail(r, "%s: stalls with %llu of %llu octets sent, %llu of %llu read", name,
                          (unsigned long long)p->sent, (unsigned long long)p->send_total,
                          (unsigned long long)p->received, (unsigned long long)other->send_total);
        if (!p->shuts_reading && !p->closes_whole && p->received != other->send_total)
            property_fail(r, "%s: read %llu octets of %llu", name, (unsigned long long)p->received,
                          (unsigned long long)other->send_total);
        if (r->watch.last_state[end] != TERN_TIME_WAIT && r->watch.last_state[end] != TERN_LAST_ACK)
            property_fail(r, "%s: the last state before CLOSED is %s", name,
                          tern_state_name(r->watch.last_state[end]));
    }
    if (r->blow == BLOW_NONE && !r->watch.time_wait_seen[0] && !r->watch.time_wait_seen[1])
        property_fail(r, "no end was in TIME-WAIT");
}

static void property_check_clean(property *r)
{
    if (r->clean && !r->scarce && r->watch.retransmissions > 0)
        property_fail(r, "%llu retransmissions on a wire that loses nothing",
                      (unsigned long long)r->watch.retransmissions);
}

static void property_check_memory(property *r)
{
    for (unsigned end = 0; end < 2; end++) {
        tern_usage u;
        if (world_stack(r->w, end) == NULL)
            continue;
        tern_usage_get(world_stack(r->w, end), &u);
        if (u.connections + u.half_open + u.time_wait + u.listeners + u.chunks + u.flights +
                u.ranges + u.replies >
            0)
            property_fail(r,
                          "%s: still in use: %u connections, %u half-open, %u in TIME-WAIT, %u "
                          "listeners, %u chunks, %u flights, %u ranges, %u replies",
                          world_name(r->w, end), u.connections, u.half_open, u.time_wait,
                          u.listeners, u.chunks, u.flights, u.ranges, u.replies);
    }
}

bool property_run(property_theme theme, uint64_t seed, property_options options,
                  property_result *result)
{
    property r = {.theme = theme, .chance = rng_of_seed(seed), .result = result};
    *result = (property_result){.hash = 0};
    r.w = world_new(rng_next(&r.chance), PROPERTY_STEPS_MAX);
    if (r.w == NULL || !property_make(&r, options.moves)) {
        property_fail(&r, "the world could not be made");
    } else {
        world_state state = world_run(r.w, PROPERTY_UNTIL_US);
        if (state == WORLD_BROKEN)
            property_fail(&r, "%s", world_broken(r.w));
        else if (state != WORLD_QUIET)
            property_fail(&r, "after %llu steps the world is not quiet",
                          (unsigned long long)world_steps(r.w));
        if (r.watch.why[0] != '\0')
            property_fail(&r, "%s", r.watch.why);
        property_check_story(&r);
        property_check_clean(&r);
        property_check_memory(&r);
        result->hash = r.watch.hash;
        result->packets = r.watch.packets;
        result->octets = r.peers[0].received + r.peers[1].received;
        result->virtual_us = world_now(r.w);
        if (options.prints)
            watcher_print_last(&r.watch, stdout);
    }
    watcher_end(&r.watch);
    world_free(r.w);
    return result->why[0] == '\0';
}

/* ---- Many runs ----------------------------------------------------------------------------- */

static void property_report(property_theme theme, uint64_t seed, const char *why)
{
    printf("%s run %llu: %s\n   again: TERN_SEED=%llu %s runs\n", property_theme_name(theme),
           (unsigned long long)seed, why, (unsigned long long)seed, program_invocation_name);
}

static unsigned property_run_one(property_theme theme, uint64_t seed, bool prints)
{
    property_result result, moved;
    if (!property_run(theme, seed, (property_options){.prints = prints}, &result)) {
        property_report(theme, seed, result.why);
        if (!prints)
            (void)property_run(theme, seed, (property_options){.prints = true}, &result);
        return 1;
    }
    if (prints)
        printf("%s run %llu: hash %016llx\n", property_theme_name(theme), (unsigned long long)seed,
               (unsigned long long)result.hash);
    if (seed % PROPERTY_MOVE_EVERY != 0)
        return 0;
    if (!property_run(theme, seed, (property_options){.moves = true}, &moved)) {
        property_report(theme, seed, moved.why);
        return 1;
    }
    if (moved.hash != result.hash) {
        property_report(theme, seed, "moving the stacks changes the trace");
        return 1;
    }
    return 0;
}

unsigned property_runs(property_theme theme, uint64_t first, uint64_t count)
{
    const char *only = getenv("TERN_SEED");
    unsigned failures = 0;
    if (only != NULL)
        return property_run_one(theme, strtoull(only, NULL, 10), true);
    for (uint64_t seed = first; seed < first + count && failures < 5; seed++)
        failures += property_run_one(theme, seed, false);
    return failures;
}
