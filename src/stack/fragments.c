/* fragments.c - datagrams that come in pieces: put together again within a bound.
 *
 * An attacker sends fragments whose rest never comes, so all of this is small and fixed: so many
 * datagrams (the search among them is linear in that), so many runs of each, a quarter of the
 * chunks for all. The oldest gives way; nothing here can keep a connection from its memory for
 * longer than that. */
#include "stack/fragments.h"

#include "base/rare.h"
#include "wire/icmp.h"
#include "wire/tcp_header.h"

enum {
    FRAGMENTS_SHARE = 4, /* a quarter of the chunks */
    ECN_NOT = 0,         /* RFC 3168 5 */
    ECN_CE = 3,
};

static struct datagram *fragments_datagram(const tern_stack *s, uint32_t index)
{
    return pool_at(s, &s->datagrams, index);
}

static struct links fragments_links(const tern_stack *s)
{
    return stack_links(s, &s->datagrams, offsetof(struct datagram, link));
}

/* What chunks were taken or given since `used` is noted as the fragments'. */
static void fragments_account(tern_stack *s, uint32_t used)
{
    s->fragment_chunks += s->engine.chunks.used - used;
}

/* Lets go of all octets. */
static void fragments_empty(tern_stack *s, struct datagram *d)
{
    uint32_t used = s->engine.chunks.used;

    for (unsigned i = 0; i < d->run_count; i++)
        chunks_consume(s, &s->engine.chunks, &d->runs[i].octets, d->runs[i].octets.bytes);
    d->run_count = 0;
    fragments_account(s, used);
}

static void fragments_drop(tern_stack *s, uint32_t index)
{
    fragments_empty(s, fragments_datagram(s, index));
    list_remove(&s->fragments, fragments_links(s), index);
    pool_give(s, &s->datagrams, index);
}

/* RFC 5722 4: the record stays, so that what is still to come of the datagram is known and dropped
 * with it. */
static void fragments_refuse(tern_stack *s, struct datagram *d)
{
    fragments_empty(s, d);
    d->refused = true;
}

/* The datagram that a fragment is of (RFC 791 3.2, RFC 8200 4.5: over IPv6 the protocol is not part
 * of the name); 0: none. */
static uint32_t fragments_find(const tern_stack *s, const struct flow *f, const ip_packet *ip)
{
    uint32_t index = s->fragments.head;

    for (; index != 0; index = fragments_datagram(s, index)->link.next) {
        const struct datagram *d = fragments_datagram(s, index);
        if (d->id == ip->fragment.id && d->local == f->local && d->version == ip->version &&
            (d->version == 6 || d->protocol == ip->protocol) &&
            memcmp(&d->source, &ip->source, sizeof d->source) == 0)
            break;
    }
    return index;
}

static void fragments_drop_oldest(tern_stack *s, const struct flow *f)
{
    RULE_HIT(&s->engine, f, FRAGMENTS_FULL);
    fragments_drop(s, s->fragments.head);
}

static uint32_t fragments_begin(tern_stack *s, const struct flow *f, const ip_packet *ip)
{
    if (s->datagrams.used == s->datagrams.count)
        fragments_drop_oldest(s, f);
    uint32_t index = pool_take(s, &s->datagrams);
    struct datagram *d = fragments_datagram(s, index);

    *d = (struct datagram){
        .source = ip->source,
        .id = ip->fragment.id,
        .since_ms = s->engine.from_ms,
        .local = f->local,
        .version = ip->version,
        .protocol = ip->protocol,
    };
    list_push(&s->fragments, fragments_links(s), index);
    return index;
}

/* Before anything is kept of it. */
static tern_rule fragments_wrong(const tern_stack *s, const ip_packet *ip)
{
    const ip_fragment *piece = &ip->fragment;
    size_t end = piece->at + ip->payload_bytes;

    if (s->datagrams.count == 0)
        return TERN_RULE_IP_FRAGMENT_DROPPED;
    if (ip->payload_bytes == 0 || (piece->more && ip->payload_bytes % 8 != 0) ||
        end + piece->header_bytes > s->engine.config.datagram_bytes_max)
        return TERN_RULE_FRAGMENT_BAD;
    if (ip->version == 4 && ip->protocol != IP_PROTOCOL_TCP && ip->protocol != IP_PROTOCOL_ICMP)
        return TERN_RULE_PROTOCOL_UNKNOWN;
    return TERN_RULE_NONE;
}

/* The first fragment holds every header up to the last octet that tern needs of the upper one. */
static tern_rule fragments_first_wrong(const ip_packet *ip)
{
    ip_packet upper = *ip;
    tern_rule rule = ip_read_fragmented(&upper);
    size_t header_bytes = TCP_HEADER_BYTES;

    if (rule == TERN_RULE_PACKET_TOO_SHORT)
        return TERN_RULE_FRAGMENT_HEADER_SPLIT;
    if (rule != TERN_RULE_NONE) /* fragments inside fragments lead to nothing either */
        return rule == TERN_RULE_IP_FRAGMENT_DROPPED ? TERN_RULE_IP_EXTENSION_UNKNOWN : rule;
    if (upper.protocol != IP_PROTOCOL_TCP) {
        if (upper.protocol != (ip->version == 4 ? IP_PROTOCOL_ICMP : IP_PROTOCOL_ICMPV6))
            return TERN_RULE_PROTOCOL_UNKNOWN;
        header_bytes = ICMP_HEADER_BYTES;
    }
    return upper.payload_bytes < header_bytes ? TERN_RULE_FRAGMENT_HEADER_SPLIT : TERN_RULE_NONE;
}

/* Are the octets of a run from `offset` on the fragment's? */
static bool fragments_same(const tern_stack *s, const struct fragment_run *run, uint32_t offset,
                           const ip_packet *ip)
{
    struct chunk_place place = chunks_seek(s, &s->engine.chunks, &run->octets, offset);
    size_t done = 0;

    while (done < ip->payload_bytes) {
        const uint8_t *octets;
        uint32_t n = chunks_next(s, &s->engine.chunks, &place, (uint32_t)(ip->payload_bytes - done),
                                 &octets);
        if (n == 0 || memcmp(octets, ip->payload + done, n) != 0)
            return false;
        done += n;
    }
    return true;
}

/* Where the fragment belongs: before run *place. FRAGMENT_KEPT: nothing of it is here. */
static tern_rule fragments_place(const tern_stack *s, const struct datagram *d, const ip_packet *ip,
                                 unsigned *place)
{
    uint32_t at = ip->fragment.at, end = at + (uint32_t)ip->payload_bytes;
    unsigned i = 0;

    while (i < d->run_count && d->runs[i].at + d->runs[i].octets.bytes <= at)
        i++;
    *place = i;
    if (i == d->run_count || end <= d->runs[i].at)
        return TERN_RULE_FRAGMENT_KEPT;
    const struct fragment_run *run = &d->runs[i];
    bool inside = at >= run->at && end <= run->at + run->octets.bytes;
    return inside && fragments_same(s, run, at - run->at, ip) ? TERN_RULE_FRAGMENT_DUPLICATE
                                                              : TERN_RULE_FRAGMENTS_OVERLAP;
}

/* Is the fragment at odds with where the datagram ends? */
static bool fragments_end_moved(const struct datagram *d, const ip_packet *ip)
{
    uint32_t end = ip->fragment.at + (uint32_t)ip->payload_bytes;

    if (d->total_bytes != 0)
        return ip->fragment.more ? end >= d->total_bytes : end != d->total_bytes;
    if (ip->fragment.more || d->run_count == 0)
        return false;
    const struct fragment_run *last = &d->runs[d->run_count - 1];
    return last->at + last->octets.bytes > end;
}

/* Copies the fragment into chunks of its own. Other datagrams give way for it, the oldest first;
 * false: that was not enough. */
static bool fragments_copy(tern_stack *s, uint32_t index, const struct flow *f, const ip_packet *ip,
                           struct chunk_queue *q)
{
    struct pool *chunks = &s->engine.chunks;
    uint32_t capacity = chunk_capacity(chunks), share = chunks->count / FRAGMENTS_SHARE;
    uint32_t need = ((uint32_t)ip->payload_bytes + capacity - 1) / capacity;

    while (s->fragment_chunks + need > share || chunks->count - chunks->used < need) {
        if (s->fragments.head == index)
            return false;
        fragments_drop_oldest(s, f);
    }
    uint32_t used = chunks->used;
    chunks_append(s, chunks, q, ip->payload, ip->payload_bytes);
    fragments_account(s, used);
    return true;
}

/* Run `from` goes behind run `from - 1` when it begins where that ends. */
static void fragments_join(tern_stack *s, struct datagram *d, unsigned from)
{
    struct fragment_run *to = &d->runs[from - 1], *run = &d->runs[from];
    uint32_t used = s->engine.chunks.used;

    if (to->at + to->octets.bytes != run->at)
        return;
    chunks_join(s, &s->engine.chunks, &to->octets, &run->octets);
    d->run_count--;
    memmove(run, run + 1, (d->run_count - from) * sizeof *run);
    fragments_account(s, used);
}

/* False: no room. */
static bool fragments_keep(tern_stack *s, uint32_t index, const struct flow *f, const ip_packet *ip,
                           unsigned place)
{
    struct datagram *d = fragments_datagram(s, index);
    struct fragment_run new = {.at = ip->fragment.at};

    if (d->run_count == FRAGMENT_RUNS_MAX || !fragments_copy(s, index, f, ip, &new.octets))
        return false;
    memmove(&d->runs[place + 1], &d->runs[place], (d->run_count - place) * sizeof new);
    d->runs[place] = new;
    d->run_count++;
    if (place + 1 < d->run_count)
        fragments_join(s, d, place + 1);
    if (place > 0)
        fragments_join(s, d, place);
    return true;
}

static void fragments_note(struct datagram *d, const ip_packet *ip)
{
    d->ecn_seen |= (uint8_t)(1 << (ip->tos & 3));
    if (!ip->fragment.more)
        d->total_bytes = (uint16_t)(ip->fragment.at + ip->payload_bytes);
    if (ip->fragment.at == 0) { /* RFC 8200 4.5: of the headers, the first fragment's count */
        d->protocol = ip->protocol;
        d->tos = ip->tos;
        d->ttl = ip->ttl;
    }
}

/* What the fragment means for its datagram; FRAGMENT_KEPT: it is a part of it now. */
static tern_rule fragments_take(tern_stack *s, uint32_t index, const struct flow *f,
                                const ip_packet *ip)
{
    struct datagram *d = fragments_datagram(s, index);
    unsigned place = 0;
    tern_rule rule = TERN_RULE_NONE;

    if (d->refused)
        return TERN_RULE_FRAGMENT_REFUSED;
    if (ip->fragment.at == 0)
        rule = fragments_first_wrong(ip);
    if (rule == TERN_RULE_NONE && fragments_end_moved(d, ip))
        rule = TERN_RULE_FRAGMENTS_OVERLAP;
    if (rule == TERN_RULE_NONE)
        rule = fragments_place(s, d, ip, &place);
    if (rule == TERN_RULE_FRAGMENT_KEPT && !fragments_keep(s, index, f, ip, place))
        rule = TERN_RULE_FRAGMENTS_FULL;
    if (rule == TERN_RULE_FRAGMENT_KEPT)
        fragments_note(d, ip);
    else if (rule != TERN_RULE_FRAGMENT_DUPLICATE)
        fragments_refuse(s, d);
    return rule;
}

static bool fragments_whole(const struct datagram *d)
{
    return d->total_bytes != 0 && d->run_count == 1 && d->runs[0].at == 0 &&
           d->runs[0].octets.bytes == d->total_bytes;
}

/* The whole datagram in one piece, and its record gone. A mark of congestion on any fragment is one
 * on the datagram (RFC 3168 5.3). */
static tern_rule fragments_deliver(tern_stack *s, uint32_t index, ip_packet *ip)
{
    struct datagram *d = fragments_datagram(s, index);
    struct chunk_place start = chunks_seek(s, &s->engine.chunks, &d->runs[0].octets, 0);
    uint8_t *octets = (uint8_t *)s + s->datagram_at;
    bool marked = (d->ecn_seen & 1 << ECN_CE) != 0;

    ip->payload = octets;
    ip->payload_bytes = chunks_copy(s, &s->engine.chunks, start, octets, d->total_bytes);
    ip->protocol = d->protocol;
    ip->tos = (uint8_t)(d->tos | (marked ? ECN_CE : 0));
    ip->ttl = d->ttl;
    bool mixed = marked && (d->ecn_seen & 1 << ECN_NOT) != 0;
    fragments_drop(s, index);
    if (mixed)
        return TERN_RULE_FRAGMENTS_ECN_MIXED;
    return ip_read_fragmented(ip); /* the headers that fragments_first_wrong() has seen */
}

RARE bool fragments_arrive(tern_stack *s, const struct flow *f, ip_packet *ip)
{
    tern_rule rule = fragments_wrong(s, ip);

    if (rule == TERN_RULE_NONE) {
        uint32_t index = fragments_find(s, f, ip);
        if (index == 0)
            index = fragments_begin(s, f, ip);
        rule = fragments_take(s, index, f, ip);
        if (rule == TERN_RULE_FRAGMENT_KEPT && fragments_whole(fragments_datagram(s, index))) {
            rule = fragments_deliver(s, index, ip);
            if (rule == TERN_RULE_NONE) {
                RULE_HIT(&s->engine, f, DATAGRAM_REASSEMBLED);
                return true;
            }
        }
    }
    engine_rule(&s->engine, f, rule);
    return false;
}

/* Until a datagram has waited its time; 0: it has. */
static uint32_t fragments_left_ms(const tern_stack *s, uint32_t index)
{
    uint32_t waited_ms = s->engine.now_ms - fragments_datagram(s, index)->since_ms;
    uint32_t wait_ms = s->engine.config.fragment_ms;

    /* It began in the millisecond that is not over: rounded up, that is one ahead of now. */
    if ((int32_t)waited_ms < 0)
        return wait_ms + 1;
    return waited_ms >= wait_ms ? 0 : wait_ms - waited_ms;
}

RARE void fragments_expire(tern_stack *s)
{
    uint32_t index;

    while ((index = s->fragments.head) != 0 && fragments_left_ms(s, index) == 0) {
        const struct datagram *d = fragments_datagram(s, index);
        struct flow f = {.remote = d->source, .local = d->local};
        if (!d->refused)
            RULE_HIT(&s->engine, &f, FRAGMENTS_EXPIRED);
        fragments_drop(s, index);
    }
}

bool fragments_next(const tern_stack *s, uint32_t *left_ms)
{
    if (s->fragments.head == 0)
        return false;
    *left_ms = fragments_left_ms(s, s->fragments.head);
    return true;
}
