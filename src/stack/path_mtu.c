/* path_mtu.c - how large a packet may be on its way to a destination.
 *
 * "Packet too big" is believed when the segment that it quotes is under way (icmp_errors.c), when
 * it asks for less than is sent now, and never below a floor: 1280 over IPv6 (RFC 8201 4), and
 * path_mtu_min_bytes over IPv4, so that a forged one can make transfers slow but not absurd
 * (RFC 5927 7). What was too big goes again at once, in slow start and with no blame on the network
 * (RFC 1191 6.4, RFC 8201 5.4). Upwards, and where no ICMP comes at all: tcp/loss/mtu_probe.c. */
#include "stack/path_mtu.h"

#include "base/rare.h"
#include "base/bytes.h"
#include "stack/settle.h"
#include "tcp/loss/mtu_probe.h"
#include "tcp/loss/recovery.h"
#include "tcp/settings.h"

enum { PATH_MTU_OFF_IPV4 = 576, PATH_MTU_LEAST_IPV6 = 1280 };

static struct links path_mtu_links(const tern_stack *s)
{
    return stack_links(s, &s->path_mtus, offsetof(struct path_mtu, link));
}

static struct path_mtu *path_mtu_at(const tern_stack *s, uint32_t index)
{
    return pool_at(s, &s->path_mtus, index);
}

static uint32_t path_mtu_now_s(const tern_stack *s)
{
    return (uint32_t)(s->engine.now_us / 1000000);
}

static uint32_t *path_mtu_bucket(const tern_stack *s, const tern_address *remote)
{
    uint64_t words[2] = {get_le64(remote->octets), get_le64(remote->octets + 8)};
    uint64_t hash = siphash_1_3_words(s->engine.key, words, 2);
    uint32_t *buckets = (uint32_t *)(void *)((uint8_t *)(uintptr_t)s + s->path_mtu_buckets_at);

    return buckets + ((hash >> 32) * s->path_mtus.count >> 32);
}

static void path_mtu_drop(tern_stack *s, uint32_t index)
{
    uint32_t *place = path_mtu_bucket(s, &path_mtu_at(s, index)->remote);

    while (*place != index)
        place = &path_mtu_at(s, *place)->hash_next;
    *place = path_mtu_at(s, index)->hash_next;
    list_remove(&s->path_mtu_ages, path_mtu_links(s), index);
    pool_give(s, &s->path_mtus, index);
}

/* What is known of a destination and not too old (RFC 1191 6.3, RFC 8201 5.3); 0: nothing. */
static uint32_t path_mtu_find(tern_stack *s, const struct flow *f)
{
    if (s->path_mtus.used == 0)
        return 0;
    uint32_t index = *path_mtu_bucket(s, &f->remote);
    while (index != 0 && memcmp(&path_mtu_at(s, index)->remote, &f->remote, sizeof f->remote) != 0)
        index = path_mtu_at(s, index)->hash_next;
    if (index == 0)
        return 0;
    uint64_t age_ms = (uint64_t)(path_mtu_now_s(s) - path_mtu_at(s, index)->since_s) * 1000;
    if (age_ms < s->engine.config.path_mtu_expire_ms)
        return index;
    RULE_HIT(&s->engine, f, PATH_MTU_EXPIRED);
    path_mtu_drop(s, index);
    return 0;
}

/* An entry for this destination, in the place of the oldest when there is no room. */
static uint32_t path_mtu_take(tern_stack *s, const struct flow *f)
{
    uint32_t index = pool_take(s, &s->path_mtus);

    if (index == 0) {
        RULE_HIT(&s->engine, f, PATH_MTU_CACHE_FULL);
        path_mtu_drop(s, s->path_mtu_ages.head);
        index = pool_take(s, &s->path_mtus);
    }
    uint32_t *bucket = path_mtu_bucket(s, &f->remote);
    *path_mtu_at(s, index) = (struct path_mtu){.remote = f->remote, .hash_next = *bucket};
    *bucket = index;
    list_push(&s->path_mtu_ages, path_mtu_links(s), index);
    return index;
}

static void path_mtu_note(tern_stack *s, const struct flow *f, uint32_t mtu_bytes)
{
    uint32_t index = path_mtu_find(s, f);

    if (index == 0)
        index = path_mtu_take(s, f);
    list_remove(&s->path_mtu_ages, path_mtu_links(s), index);
    list_push(&s->path_mtu_ages, path_mtu_links(s), index);
    path_mtu_at(s, index)->since_s = path_mtu_now_s(s);
    path_mtu_at(s, index)->mtu_bytes = (uint16_t)mtu_bytes;
    path_mtu_at(s, index)->of_probe = false;
}

/* A probe was too big. What else is known of the path says less than the router; where nothing is,
 * no flight asks for more before the note grows old (RFC 1191 6.3). */
static void path_mtu_note_probe(tern_stack *s, const struct flow *f, uint32_t mtu_bytes)
{
    if (path_mtu_find(s, f) != 0)
        return;
    path_mtu_note(s, f, mtu_bytes);
    path_mtu_at(s, path_mtu_find(s, f))->of_probe = true;
}

static uint32_t path_mtu_headers(const tern_stack *s, const struct flow *f)
{
    return engine_is_ipv4(&s->engine, f) ? 40 : 60;
}

/* Does nobody look for the path MTU of this connection? */
static bool path_mtu_is_off(const tern_stack *s, const struct tcb *t)
{
    bool may_fragment = t->settings != 0 && settings_of(&s->engine, t).may_fragment;

    return s->engine.config.path_mtu_discovery == TERN_PATH_MTU_OFF ||
           (may_fragment && engine_is_ipv4(&s->engine, &t->flow));
}

/* RFC 1191 7: the MTUs that paths have; the next below `mtu_bytes`. */
static uint32_t path_mtu_plateau(uint32_t mtu_bytes)
{
    static const uint16_t plateaus[] = {32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68};
    unsigned i = 0;

    while (plateaus[i] >= mtu_bytes && i + 1 < sizeof plateaus / sizeof plateaus[0])
        i++;
    return plateaus[i];
}

/* What the message asks for, within reason. present: the packets that are sent now. */
static uint32_t path_mtu_asked(tern_stack *s, const struct flow *f, const icmp_error *error,
                               uint32_t present_bytes)
{
    bool ipv4 = engine_is_ipv4(&s->engine, f);
    uint32_t least = ipv4 ? s->engine.config.path_mtu_min_bytes : PATH_MTU_LEAST_IPV6;
    uint32_t asked = error->mtu_bytes;

    if (ipv4 && asked == 0) { /* below what was dropped, which may have been sent long ago */
        uint32_t was = error->quote.packet_bytes;
        RULE_HIT(&s->engine, f, PATH_MTU_PLATEAU);
        asked = path_mtu_plateau(was != 0 ? was : present_bytes);
    }
    if (asked >= least)
        return asked;
    RULE_HIT(&s->engine, f, PATH_MTU_FLOOR);
    return least;
}

RARE void path_mtu_too_big(tern_stack *s, uint32_t tcb, const icmp_error *error)
{
    struct engine *e = &s->engine;
    struct tcb *t = stack_tcb(s, tcb);
    uint32_t headers = path_mtu_headers(s, &t->flow);

    if (path_mtu_is_off(s, t)) {
        RULE_HIT(e, &t->flow, ICMP_IGNORED);
        return;
    }
    uint32_t asked = path_mtu_asked(s, &t->flow, error, t->snd_mss + headers);
    uint32_t mss = asked - headers;
    if (mtu_probe_too_big(e, t, mss)) {
        path_mtu_note_probe(s, &t->flow, asked);
        settle(s, tcb);
        return;
    }
    if (mss >= t->snd_mss) {
        RULE_HIT(e, &t->flow, PATH_MTU_NOT_LOWER);
        return;
    }
    RULE_HIT(e, &t->flow, PATH_MTU_LOWERED);
    path_mtu_note(s, &t->flow, asked);
    t->snd_mss = (uint16_t)mss;
    mtu_probe_wait(e, t);
    recovery_too_big(e, t);
    settle(s, tcb);
}

static void path_mtu_adopt(tern_stack *s, struct tcb *t, uint32_t index, bool may_rise)
{
    uint32_t mss = path_mtu_at(s, index)->mtu_bytes - path_mtu_headers(s, &t->flow);

    if (mss < t->snd_mss) {
        RULE_HIT(&s->engine, &t->flow, PATH_MTU_REMEMBERED);
        t->snd_mss = (uint16_t)mss;
    } else if (may_rise && !path_mtu_at(s, index)->of_probe) {
        t->snd_mss = (uint16_t)(mss < t->flow.spare ? mss : t->flow.spare);
    }
}

void path_mtu_begin(tern_stack *s, struct tcb *t)
{
    if (s->engine.config.path_mtu_discovery == TERN_PATH_MTU_OFF) {
        bool ipv4 = engine_is_ipv4(&s->engine, &t->flow);
        uint32_t mss = ipv4 ? PATH_MTU_OFF_IPV4 - 40 : PATH_MTU_LEAST_IPV6 - 60;
        t->snd_mss = (uint16_t)(mss < t->snd_mss ? mss : t->snd_mss);
        return;
    }
    uint32_t index = path_mtu_find(s, &t->flow);
    if (index != 0)
        path_mtu_adopt(s, t, index, false);
}

void path_mtu_sends(tern_stack *s, struct tcb *t)
{
    if (path_mtu_is_off(s, t))
        return;
    uint32_t index = path_mtu_find(s, &t->flow);
    if (index != 0)
        path_mtu_adopt(s, t, index, true);
    else
        mtu_probe_now(&s->engine, t);
}

RARE void path_mtu_timed_out(tern_stack *s, struct tcb *t)
{
    uint32_t index = path_mtu_find(s, &t->flow);
    bool one_segment = t->cwnd == recovery_mss(t); /* the loss window: RFC 5681 3.1 */

    if (index == 0 || path_mtu_is_off(s, t))
        return;
    path_mtu_adopt(s, t, index, false);
    if (one_segment)
        t->cwnd = recovery_mss(t);
}

RARE void path_mtu_probed(tern_stack *s, const struct tcb *t)
{
    uint32_t mtu_bytes = t->snd_mss + path_mtu_headers(s, &t->flow);
    uint32_t index = path_mtu_find(s, &t->flow);

    if (mtu_bytes < s->engine.config.mtu_bytes)
        path_mtu_note(s, &t->flow, mtu_bytes);
    else if (index != 0)
        path_mtu_drop(s, index);
}
