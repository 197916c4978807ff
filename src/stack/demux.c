/* demux.c - from a four-tuple to a connection. */
#include "stack/demux.h"

#include "base/bytes.h"

struct flow *demux_flow(const tern_stack *s, uint32_t reference)
{
    uint32_t index = demux_index_of(reference);

    switch (demux_kind_of(reference)) {
    case DEMUX_TCB:
        return &stack_tcb(s, index)->flow;
    case DEMUX_HALF_OPEN:
        return &stack_half_open(s, index)->flow;
    case DEMUX_TIME_WAIT:
        return &stack_time_wait(s, index)->flow;
    }
    TERN_CHECK_FAILED("a reference without a kind");
}

static uint32_t *demux_buckets(const tern_stack *s)
{
    return (uint32_t *)(void *)((uint8_t *)(uintptr_t)s + s->buckets_at);
}

static bool demux_same(const struct flow *a, const struct flow *b)
{
    return a->remote_port == b->remote_port && a->local_port == b->local_port &&
           a->local == b->local && memcmp(&a->remote, &b->remote, sizeof a->remote) == 0;
}

/* The bucket of a flow, and the tag that its entries carry. */
static uint32_t *demux_bucket(tern_stack *s, const struct flow *f, uint32_t *tag)
{
    struct demux_memo *memo = &s->memo;
    uint64_t words[3] = {
        get_le64(f->remote.octets),
        get_le64(f->remote.octets + 8),
        /* never 0: the memo of no flow matches none */
        UINT64_C(1) << 40 | (uint64_t)f->local << 32 | (uint64_t)f->remote_port << 16 |
            f->local_port,
    };

    if (words[0] != memo->words[0] || words[1] != memo->words[1] || words[2] != memo->words[2]) {
        uint64_t hash = siphash_1_3_words(s->engine.key, words, 3);
        for (unsigned i = 0; i < 3; i++)
            memo->words[i] = words[i];
        memo->bucket = (uint32_t)((hash >> 32) * s->bucket_count >> 32);
        memo->tag = (uint32_t)hash & DEMUX_TAG_MASK;
    }
    *tag = memo->tag;
    return demux_buckets(s) + memo->bucket;
}

uint32_t demux_find(tern_stack *s, const struct flow *f)
{
    uint32_t tag;
    uint32_t entry = *demux_bucket(s, f, &tag);

    while (entry != 0) {
        bool likely = (entry & DEMUX_TAG_MASK) == tag;
        if (likely && demux_same(demux_flow(s, entry), f))
            return entry & DEMUX_NAME_MASK;
        if ((entry & DEMUX_LAST) != 0)
            break;
        entry = demux_flow(s, entry)->hash_next;
    }
    return 0;
}

void demux_insert(tern_stack *s, uint32_t reference)
{
    struct flow *f = demux_flow(s, reference);
    uint32_t tag;
    uint32_t *bucket = demux_bucket(s, f, &tag);

    f->hash_next = *bucket;
    *bucket = reference | tag | (*bucket == 0 ? DEMUX_LAST : 0);
}

/* The entry that names `reference`: in its bucket, or in the record before it. *before: the entry
 * of that record; NULL: there is none. */
static uint32_t *demux_place(tern_stack *s, uint32_t reference, uint32_t **before)
{
    uint32_t tag;
    uint32_t *place = demux_bucket(s, demux_flow(s, reference), &tag);

    *before = NULL;
    while ((*place & DEMUX_NAME_MASK) != reference) {
        TERN_CHECK(*place != 0);
        *before = place;
        place = &demux_flow(s, *place)->hash_next;
    }
    return place;
}

void demux_remove(tern_stack *s, uint32_t reference)
{
    uint32_t *before;
    uint32_t *place = demux_place(s, reference, &before);

    if ((*place & DEMUX_LAST) != 0 && before != NULL)
        *before |= DEMUX_LAST;
    *place = demux_flow(s, reference)->hash_next;
    demux_flow(s, reference)->hash_next = 0;
}

void demux_replace(tern_stack *s, uint32_t from, uint32_t to)
{
    uint32_t *before;
    uint32_t *place = demux_place(s, from, &before);

    demux_flow(s, to)->hash_next = demux_flow(s, from)->hash_next;
    *place = to | (*place & ~DEMUX_NAME_MASK);
}

uint32_t demux_walk(const tern_stack *s, uint64_t *place)
{
    for (uint32_t bucket = (uint32_t)(*place >> 32); bucket < s->bucket_count; bucket++) {
        uint32_t seen = (uint32_t)*place;
        uint32_t entry = demux_buckets(s)[bucket];
        for (uint32_t i = 0; i < seen && entry != 0; i++)
            entry = demux_flow(s, entry)->hash_next;
        if (entry != 0) {
            *place = (uint64_t)bucket << 32 | (seen + 1);
            return entry & DEMUX_NAME_MASK;
        }
        *place = (uint64_t)(bucket + 1) << 32;
    }
    return 0;
}
