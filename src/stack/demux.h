/* demux.h - from a four-tuple to a connection: one keyed hash table for all three kinds of record.
 *
 * A reference is an index with its kind in the two top bits; 0 is none. The table's entries are
 * references with five bits of the hash and a mark on the last of a chain between the two:
 *
 *     31 30   29    28 .. 24   23 .. 0
 *     kind    last    tag       index
 *
 * so that a look-up touches a stranger's record, which at a hundred thousand connections is in no
 * cache, only where two share a bucket. Keyed (SipHash-1-3), so that nobody outside can choose
 * addresses and ports that do. */
#ifndef TERN_STACK_DEMUX_H
#define TERN_STACK_DEMUX_H

#include "stack/stack.h"

#define DEMUX_INDEX_MAX 0x00ffffffu
#define DEMUX_TAG_MASK  0x1f000000u
#define DEMUX_LAST      0x20000000u
#define DEMUX_NAME_MASK 0xc0ffffffu

enum demux_kind { DEMUX_TCB = 1, DEMUX_HALF_OPEN = 2, DEMUX_TIME_WAIT = 3 };

static inline uint32_t demux_reference(enum demux_kind kind, uint32_t index)
{
    return (uint32_t)kind << 30 | index;
}

static inline enum demux_kind demux_kind_of(uint32_t reference)
{
    return (enum demux_kind)(reference >> 30);
}

static inline uint32_t demux_index_of(uint32_t reference)
{
    return reference & DEMUX_INDEX_MAX;
}

uint32_t demux_find(tern_stack *s, const struct flow *f);
void demux_insert(tern_stack *s, uint32_t reference);
void demux_remove(tern_stack *s, uint32_t reference);

/* The same flow in another record: `to` takes the place of `from`. */
void demux_replace(tern_stack *s, uint32_t from, uint32_t to);

struct flow *demux_flow(const tern_stack *s, uint32_t reference);

/* Walks over all records: the next reference, 0 at the end. *place: bucket in the upper half, how
 * many of its records were seen in the lower. Begin with 0. */
uint32_t demux_walk(const tern_stack *s, uint64_t *place);

#endif
