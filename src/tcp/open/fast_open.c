/* fast_open.c - Fast Open (RFC 7413): cookies, and what the client remembers of servers. */
#include "tcp/open/fast_open.h"

#include "base/bytes.h"

enum {
    FAST_OPEN_USE = 0x54464f,      /* keeps the derived keys apart from other uses of the key */
    FAST_OPEN_ROTATE_MS = 3600000, /* 4.1.2: a cookie expires; after one to two hours here */
    FAST_OPEN_MSS_IPV4 = 536,      /* 4.1.3: without an MSS from the server */
    FAST_OPEN_MSS_IPV6 = 1220,
    FAST_OPEN_MSS_TYPICAL_IPV4 = 1460, /* 4.1.3: a SYN may be held to these, whatever was cached */
    FAST_OPEN_MSS_TYPICAL_IPV6 = 1440,
};

/* ---- Server ------------------------------------------------------------------------------ */

/* Keys that are not given from outside are derived from the stack's. */
static void fast_open_rotate(struct engine *e)
{
    struct fast_open_keys *k = &e->fast_open_keys;

    if (k->given || (k->number != 0 && e->now_ms - k->since_ms < FAST_OPEN_ROTATE_MS))
        return;
    unsigned steps = k->number == 0 || e->now_ms - k->since_ms >= 2 * FAST_OPEN_ROTATE_MS ? 2 : 1;
    for (unsigned i = 0; i < steps; i++) {
        uint64_t words[3] = {FAST_OPEN_USE, ++k->number, 0};
        struct siphash_key *key = &k->key[k->number & 1];
        key->k0 = siphash_2_4_words(e->key, words, 3);
        words[2] = 1;
        key->k1 = siphash_2_4_words(e->key, words, 3);
    }
    k->since_ms = e->now_ms;
}

/* The peer's address and then ours, as in its IP header. */
static uint64_t fast_open_proof(const struct engine *e, const struct flow *f, siphash_key key)
{
    const tern_address *local = &e->config.addresses[f->local];
    size_t skip = ip_is_v4(local) ? 12 : 0, each = sizeof local->octets - skip;
    uint8_t addresses[2 * sizeof local->octets];

    memcpy(addresses, f->remote.octets + skip, each);
    memcpy(addresses + each, local->octets + skip, each);
    return siphash_2_4(key, addresses, 2 * each);
}

static const struct fast_open_keys *fast_open_keys_of(struct engine *e,
                                                      const struct fast_open_keys *own)
{
    if (own != NULL)
        return own;
    fast_open_rotate(e);
    return &e->fast_open_keys;
}

enum fast_open_cookie fast_open_check(struct engine *e, const struct fast_open_keys *own,
                                      const struct flow *f, const tcp_options *o)
{
    const struct fast_open_keys *k = fast_open_keys_of(e, own);

    if (o->fast_open_bytes == 0)
        return FAST_OPEN_REQUEST;
    if (o->fast_open_bytes != FAST_OPEN_COOKIE_BYTES)
        return FAST_OPEN_BAD;
    uint64_t cookie = get_le64(o->fast_open);
    if (cookie == fast_open_proof(e, f, k->key[k->number & 1]))
        return FAST_OPEN_GOOD;
    return cookie == fast_open_proof(e, f, k->key[~k->number & 1]) ? FAST_OPEN_OLD : FAST_OPEN_BAD;
}

void fast_open_grant(struct engine *e, const struct fast_open_keys *own, const struct flow *f,
                     struct packet_plan *plan)
{
    const struct fast_open_keys *k = fast_open_keys_of(e, own);

    put_le64(plan->cookie, fast_open_proof(e, f, k->key[k->number & 1]));
    plan->options.has_fast_open = true;
    plan->options.fast_open_bytes = FAST_OPEN_COOKIE_BYTES;
    plan->options.fast_open = plan->cookie;
}

/* ---- Client ------------------------------------------------------------------------------ */

static struct fast_open_entry *fast_open_at(const struct engine *e, uint32_t index)
{
    return pool_at(e, &e->fast_opens, index);
}

static struct links fast_open_ages(const struct engine *e)
{
    uint8_t *first = (uint8_t *)fast_open_at(e, 1);
    size_t stride = e->fast_opens.stride_bytes;

    return (struct links){first + offsetof(struct fast_open_entry, age) - stride, stride};
}

static uint32_t *fast_open_bucket(const struct engine *e, const struct flow *f)
{
    uint64_t words[3] = {get_le64(f->remote.octets), get_le64(f->remote.octets + 8),
                         (uint64_t)f->local << 16 | f->remote_port};
    uint8_t *buckets = (uint8_t *)(uintptr_t)e + e->fast_open_buckets_at;
    uint64_t hash = siphash_1_3_words(e->key, words, 3);

    return &((uint32_t *)(void *)buckets)[hash % e->fast_opens.count];
}

uint32_t fast_open_find(const struct engine *e, const struct flow *f)
{
    for (uint32_t i = *fast_open_bucket(e, f); i != 0; i = fast_open_at(e, i)->hash_next) {
        const struct fast_open_entry *entry = fast_open_at(e, i);
        if (entry->remote_port == f->remote_port && entry->local == f->local &&
            memcmp(&entry->remote, &f->remote, sizeof f->remote) == 0)
            return i;
    }
    return 0;
}

/* The oldest leaves its bucket and its place. */
static uint32_t fast_open_take_over(struct engine *e)
{
    uint32_t index = e->fast_open_ages.head;
    const struct fast_open_entry *entry = fast_open_at(e, index);
    struct flow f = {
        .remote = entry->remote, .remote_port = entry->remote_port, .local = entry->local};
    uint32_t *place = fast_open_bucket(e, &f);

    RULE_HIT(e, &f, FAST_OPEN_CACHE_FULL);
    while (*place != index)
        place = &fast_open_at(e, *place)->hash_next;
    *place = entry->hash_next;
    list_remove(&e->fast_open_ages, fast_open_ages(e), index);
    return index;
}

struct fast_open_entry *fast_open_entry(struct engine *e, const struct flow *f)
{
    uint32_t index = fast_open_find(e, f);

    if (index != 0) {
        list_remove(&e->fast_open_ages, fast_open_ages(e), index);
    } else {
        index = pool_take(e, &e->fast_opens);
        if (index == 0)
            index = fast_open_take_over(e);
        uint32_t *bucket = fast_open_bucket(e, f);
        *fast_open_at(e, index) = (struct fast_open_entry){.remote = f->remote,
                                                           .remote_port = f->remote_port,
                                                           .local = f->local,
                                                           .hash_next = *bucket};
        *bucket = index;
    }
    list_push(&e->fast_open_ages, fast_open_ages(e), index);
    return fast_open_at(e, index);
}

/* How many octets of data the SYN may carry (RFC 7413 4.1.3). An MSS counts the options as data,
 * and the SYN may have all of them. */
static uint32_t fast_open_room(const struct engine *e, const struct flow *f, uint16_t own_mss,
                               const struct fast_open_entry *entry)
{
    bool ipv4 = engine_is_ipv4(e, f);
    uint32_t mss = entry != NULL ? entry->mss : own_mss,
             most = ipv4 ? FAST_OPEN_MSS_TYPICAL_IPV4 : FAST_OPEN_MSS_TYPICAL_IPV6;

    if (mss == 0)
        mss = ipv4 ? FAST_OPEN_MSS_IPV4 : FAST_OPEN_MSS_IPV6;
    if (e->config.fast_open_mss_typical && mss > most)
        mss = most;
    mss = mss < own_mss ? mss : own_mss;
    return mss > TCP_OPTIONS_MAX_BYTES ? mss - TCP_OPTIONS_MAX_BYTES : 0;
}

/* The configuration says that servers ask for no cookie. */
static bool fast_open_bare(const struct engine *e)
{
    return (e->config.fast_open_cookieless & FAST_OPEN_COOKIELESS_CLIENT) != 0;
}

uint32_t fast_open_would_carry(const struct engine *e, const struct flow *f)
{
    uint32_t index = fast_open_find(e, f);
    const struct fast_open_entry *entry = fast_open_at(e, index);

    bool spared = index != 0 && e->now_us < entry->off_until_us;
    bool known = index != 0 && (entry->cookie_bytes > 0 || fast_open_bare(e));

    if (spared || (!known && !fast_open_bare(e)))
        return 0;
    return fast_open_room(e, f, engine_link_mss(e, f), known ? entry : NULL);
}

/* entry: NULL when nothing is known of the server. */
static void fast_open_request(struct engine *e, const struct tcb *t, tcp_options *o,
                              struct fast_open_entry *entry)
{
    o->has_fast_open = true;
    if (entry == NULL || !entry->experiment || !e->config.fast_open_experiment) {
        RULE_HIT(e, &t->flow, FAST_OPEN_REQUESTED);
        return;
    }
    RULE_HIT(e, &t->flow, FAST_OPEN_REQUESTED_BEFORE);
    o->fast_open_experiment = true;
    entry->experiment = false;
    entry->experiment_over = true;
}

uint32_t fast_open_offer(struct engine *e, struct tcb *t, tcp_options *o)
{
    uint32_t index = fast_open_find(e, &t->flow);
    struct fast_open_entry *entry = index != 0 ? fast_open_entry(e, &t->flow) : NULL;

    if (entry != NULL && e->now_us < entry->off_until_us) {
        RULE_HIT(e, &t->flow, FAST_OPEN_PAUSED);
        t->fast_option = false;
        return 0;
    }
    if (fast_open_bare(e)) {
        RULE_HIT(e, &t->flow, FAST_OPEN_SENT_BARE);
        t->fast_option = false;
    } else if (entry == NULL || entry->cookie_bytes == 0) {
        fast_open_request(e, t, o, entry);
        return 0;
    } else {
        RULE_HIT(e, &t->flow, FAST_OPEN_SENT);
        o->has_fast_open = true;
        o->fast_open_experiment = entry->experiment;
        o->fast_open = entry->cookie;
        o->fast_open_bytes = entry->cookie_bytes;
    }
    uint32_t room = fast_open_room(e, &t->flow, t->snd_mss, entry);
    if (t->send.bytes > room)
        RULE_HIT(e, &t->flow, FAST_OPEN_DATA_LIMITED);
    return room;
}

/* The server answered well: the cookie, if it gave one, and its MSS are for the next time. */
static void fast_open_keep(struct engine *e, const struct tcb *t, const tcp_options *o)
{
    struct fast_open_entry *entry = fast_open_entry(e, &t->flow);

    if (o->has_fast_open && o->fast_open_bytes > 0) {
        RULE_HIT(e, &t->flow, FAST_OPEN_COOKIE_CACHED);
        entry->cookie_bytes = o->fast_open_bytes;
        entry->experiment = o->fast_open_experiment;
        memcpy(entry->cookie, o->fast_open, o->fast_open_bytes);
    }
    if (o->has_mss)
        entry->mss = o->mss;
    entry->failures = 0;
    entry->off_until_us = 0;
}

void fast_open_failed(struct engine *e, const struct tcb *t)
{
    struct fast_open_entry *entry = fast_open_entry(e, &t->flow);
    uint32_t patience = e->config.fast_open_patience;
    unsigned doublings = entry->failures;

    if (doublings < patience + FAST_OPEN_DOUBLINGS_MAX)
        entry->failures++;
    if (doublings < patience) {
        RULE_HIT(e, &t->flow, FAST_OPEN_BORNE);
        return;
    }
    doublings -= patience;
    RULE_HIT(e, &t->flow, FAST_OPEN_NEGATIVE);
    entry->off_until_us = e->now_us + (FAST_OPEN_OFF_US << doublings);
}

/* A SYN with a cookie and no data was answered plainly: that says nothing, unless it was the plain
 * SYN of a retransmission that got the answer. */
static bool fast_open_refused(const struct engine *e, const struct tcb *t, bool data)
{
    uint32_t index = fast_open_find(e, &t->flow);

    return data || t->syn_resent || index == 0 || fast_open_at(e, index)->cookie_bytes == 0;
}

/* A request was answered without a cookie. True: that is no failure where two forms are known, the
 * other one is tried once. */
static bool fast_open_other_form(struct engine *e, const struct tcb *t, bool data)
{
    uint32_t index = fast_open_find(e, &t->flow);

    if (!e->config.fast_open_experiment || data || t->syn_resent ||
        (index != 0 && fast_open_at(e, index)->cookie_bytes > 0))
        return false;
    struct fast_open_entry *entry = fast_open_entry(e, &t->flow);
    entry->experiment = !entry->experiment_over;
    return true;
}

void fast_open_answered(struct engine *e, struct tcb *t, const struct segment *s)
{
    seq first = seq_add(t->iss, 1);
    bool data = seq_lt(first, t->snd_nxt), taken = seq_lt(first, s->ack);
    bool cookie = s->options.has_fast_open && s->options.fast_open_bytes > 0;

    if (t->fast_option) {
        t->fast_option = false;
        if (cookie || taken)
            fast_open_keep(e, t, &s->options);
        else if (!fast_open_other_form(e, t, data) && fast_open_refused(e, t, data))
            fast_open_failed(e, t);
    }
    if (taken && fast_open_bare(e) && s->options.has_mss) /* how much the next SYN may carry */
        fast_open_entry(e, &t->flow)->mss = s->options.mss;
    if (taken) {
        RULE_HIT(e, &t->flow, FAST_OPEN_DATA_ACKED);
        t->fast_open = seq_eq(s->ack, t->snd_nxt);
    }
    if (seq_lt(s->ack, t->snd_nxt)) {
        RULE_HIT(e, &t->flow, FAST_OPEN_DATA_REFUSED);
        t->snd_nxt = s->ack;
    }
}
