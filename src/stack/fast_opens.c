/* fast_opens.c - Fast Open in a stack: whom a listener lets in by its cookie, and how many.
 *
 * A connection whose third step has not come is pending, and a listener has at most so many (RFC
 * 7413 4.2). Who has a cookie and spoofs others that have one gets resets from them, by which a
 * connection would be pending only for a round trip; so one that ended by a reset goes on counting
 * for as long as it could have waited (5.1). They are counted by the minute, this one and the last,
 * so that none needs a record: each counts for one to two. Below: keys, and what the client knows
 * of servers, from and for the program. */
#include "stack/fast_opens.h"

#include "stack/handles.h"
#include "stack/listen.h"
#include "stack/ports.h"
#include "tcp/open/fast_open.h"

enum { FAST_OPENS_RESET_MS = 60000 }; /* about as long as a SYN,ACK goes unanswered */

static void fast_opens_age(const tern_stack *s, struct listener *l)
{
    uint32_t passed_ms = s->engine.now_ms - l->fast_since_ms;

    if (passed_ms < FAST_OPENS_RESET_MS)
        return;
    l->fast_resets[1] = passed_ms / FAST_OPENS_RESET_MS == 1 ? l->fast_resets[0] : 0;
    l->fast_resets[0] = 0;
    l->fast_since_ms = s->engine.now_ms;
}

static bool fast_opens_full(const tern_stack *s, struct listener *l)
{
    fast_opens_age(s, l);
    uint64_t pending = (uint64_t)l->fast_pending + l->fast_resets[0] + l->fast_resets[1];

    return pending >= l->fast_max;
}

/* A connection at once takes the place of nobody who waits: when the half-open queue is full or
 * cookies are in use, all go the ordinary way. */
static bool fast_opens_room(const tern_stack *s, const struct listener *l)
{
    return s->engine.config.syn_cookies != TERN_COOKIES_ALWAYS &&
           s->half_open.used < s->half_open.count && s->connections.used < s->connections.count &&
           l->unaccepted_count < l->backlog;
}

static const struct fast_open_keys *fast_opens_keys_of(const struct listener *l)
{
    return l->fast_keys.given ? &l->fast_keys : NULL;
}

const struct fast_open_keys *fast_opens_keys(const tern_stack *s, const struct half_open *h)
{
    uint32_t index = (h->flow.flags & HALF_OPEN_GRANT) != 0 ? listen_for(s, &h->flow) : 0;

    return index != 0 ? fast_opens_keys_of(stack_listener(s, index)) : NULL;
}

bool fast_opens_bare(const tern_stack *s)
{
    return (s->engine.config.fast_open_cookieless & FAST_OPEN_COOKIELESS_SERVER) != 0;
}

/* Nothing is against it but room. */
static struct fast_opens_way fast_opens_admit(tern_stack *s, struct listener *l,
                                              const struct flow *f, struct fast_opens_way way)
{
    way.at_once = fast_opens_room(s, l);
    if (!way.at_once) {
        RULE_HIT(&s->engine, f, FAST_OPEN_NO_ROOM);
    } else if (fast_opens_full(s, l)) {
        RULE_HIT(&s->engine, f, FAST_OPEN_PENDING_FULL);
        way.at_once = false;
    }
    return way;
}

struct fast_opens_way fast_opens_decide(tern_stack *s, uint32_t listener, const struct flow *f,
                                        const struct segment *seg)
{
    struct engine *e = &s->engine;
    struct listener *l = stack_listener(s, listener);
    struct fast_opens_way way = {false, false};

    if (l->fast_max == 0 || l->holds) {
        RULE_HIT(e, f, FAST_OPEN_OFF);
        return way;
    }
    if (fast_opens_bare(s)) {
        RULE_HIT(e, f, FAST_OPEN_COOKIE_NOT_ASKED);
        return fast_opens_admit(s, l, f, way);
    }
    switch (fast_open_check(e, fast_opens_keys_of(l), f, &seg->options)) {
    case FAST_OPEN_REQUEST:
        RULE_HIT(e, f, FAST_OPEN_COOKIE_REQUESTED);
        way.grant = true;
        return way;
    case FAST_OPEN_BAD:
        RULE_HIT(e, f, FAST_OPEN_COOKIE_BAD);
        way.grant = true;
        return way;
    case FAST_OPEN_OLD:
        RULE_HIT(e, f, FAST_OPEN_COOKIE_OLD);
        /* A TCB keeps neither the form nor its listener. */
        way.grant = !seg->options.fast_open_experiment && !l->fast_keys.given;
        break;
    case FAST_OPEN_GOOD:
        break;
    }
    return fast_opens_admit(s, l, f, way);
}

void fast_opens_pending(const tern_stack *s, struct listener *l, struct tcb *t)
{
    fast_opens_age(s, l);
    l->fast_pending++;
    t->fast_pending = true;
    t->fast_epoch = l->fast_epoch;
}

void fast_opens_done(tern_stack *s, struct tcb *t)
{
    uint32_t index = listen_for(s, &t->flow);

    t->fast_pending = false;
    if (index == 0)
        return;
    struct listener *l = stack_listener(s, index);
    if (l->fast_epoch != t->fast_epoch || l->fast_pending == 0)
        return; /* of the listener that had this port before */
    fast_opens_age(s, l);
    l->fast_pending--;
    if (!t->syn_acked && t->error == TERN_ERR_RESET)
        l->fast_resets[0]++;
}

tern_err tern_fast_open(tern_stack *s, tern_time now_us, tern_handle listener, uint32_t pending_max)
{
    uint32_t index = handles_listener(s, listener);

    stack_set_time(s, now_us);
    if (index == 0)
        return TERN_ERR_STALE;
    stack_listener(s, index)->fast_max = pending_max;
    return TERN_OK;
}

tern_err tern_fast_open_key_set(tern_stack *s, tern_time now_us, const uint8_t key[TERN_KEY_BYTES],
                                uint32_t number)
{
    struct fast_open_keys *k = &s->engine.fast_open_keys;

    stack_set_time(s, now_us);
    if (key == NULL || number == 0)
        return TERN_ERR_INVALID;
    if (!k->given) /* what was made here was never shared: it verifies nothing from now on */
        k->key[0] = k->key[1] = siphash_key_read(key);
    k->key[number & 1] = siphash_key_read(key);
    k->number = number;
    k->given = true;
    return TERN_OK;
}

tern_err tern_fast_open_listener_keys(tern_stack *s, tern_time now_us, tern_handle listener,
                                      const uint8_t present[TERN_KEY_BYTES],
                                      const uint8_t last[TERN_KEY_BYTES])
{
    uint32_t index = handles_listener(s, listener);

    stack_set_time(s, now_us);
    if (index == 0)
        return TERN_ERR_STALE;
    struct fast_open_keys *k = &stack_listener(s, index)->fast_keys;
    *k = (struct fast_open_keys){.given = present != NULL};
    if (present == NULL)
        return last == NULL ? TERN_OK : TERN_ERR_INVALID;
    k->key[0] = siphash_key_read(present);
    k->key[1] = siphash_key_read(last != NULL ? last : present);
    return TERN_OK;
}

bool tern_fast_open_cache_next(const tern_stack *s, uint64_t *cursor, tern_fast_open_entry *entry)
{
    const struct engine *e = &s->engine;

    if (*cursor >= e->fast_opens.used) /* none is ever given back */
        return false;
    const struct fast_open_entry *own = pool_at(e, &e->fast_opens, (uint32_t)++ * cursor);
    bool off = own->off_until_us > e->now_us;
    *entry = (tern_fast_open_entry){
        .local = e->config.addresses[own->local],
        .remote = {own->remote, own->remote_port},
        .off_us = off ? own->off_until_us - e->now_us : 0,
        .mss = own->mss,
        .failures = own->failures,
        .cookie_bytes = own->cookie_bytes,
        .experiment = own->cookie_bytes > 0 && own->experiment,
    };
    memcpy(entry->cookie, own->cookie, own->cookie_bytes);
    return true;
}

tern_err tern_fast_open_cache_put(tern_stack *s, tern_time now_us,
                                  const tern_fast_open_entry *entry)
{
    struct flow f = {0};

    stack_set_time(s, now_us);
    if (entry == NULL || entry->remote.port == 0 || !ports_unicast(&entry->remote.address) ||
        entry->cookie_bytes > TERN_FAST_OPEN_COOKIE_MAX_BYTES || entry->cookie_bytes % 2 != 0 ||
        entry->cookie_bytes == 2 || entry->off_us > FAST_OPEN_OFF_MAX_US ||
        ip_is_v4(&entry->local) != ip_is_v4(&entry->remote.address))
        return TERN_ERR_INVALID;
    if (!ports_local(s, &entry->local, &f.local))
        return TERN_ERR_NOT_LOCAL;
    f.remote = entry->remote.address;
    f.remote_port = entry->remote.port;
    struct fast_open_entry *own = fast_open_entry(&s->engine, &f);
    own->off_until_us = entry->off_us > 0 ? s->engine.now_us + entry->off_us : 0;
    own->mss = entry->mss;
    own->failures = entry->failures < FAST_OPEN_DOUBLINGS_MAX ? entry->failures
                                                              : FAST_OPEN_DOUBLINGS_MAX;
    own->cookie_bytes = entry->cookie_bytes;
    own->experiment = entry->cookie_bytes > 0 && entry->experiment;
    own->experiment_over = false;
    memcpy(own->cookie, entry->cookie, entry->cookie_bytes);
    return TERN_OK;
}

uint32_t tern_fast_open_room(const tern_stack *s, const tern_endpoint *local,
                             const tern_endpoint *remote)
{
    static const tern_address any;
    struct flow f = {0};

    if (remote == NULL)
        return 0;
    bool chosen = local == NULL || memcmp(&local->address, &any, sizeof any) == 0;
    if (chosen ? !ports_local_for(s, &remote->address, &f.local)
               : !ports_local(s, &local->address, &f.local))
        return 0;
    f.remote = remote->address;
    f.remote_port = remote->port;
    return fast_open_would_carry(&s->engine, &f);
}
