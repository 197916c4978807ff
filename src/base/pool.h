/* pool.h - fixed-size records in the arena, taken and given back in constant time.
 *
 * Records are named by index, 1 .. count; 0 is none. A free record's first four octets are the
 * index of the next free one; records never taken yet are not on that list but above `fresh`, so
 * that making a stack does not touch them twice. */
#ifndef TERN_BASE_POOL_H
#define TERN_BASE_POOL_H

#include "base/check.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct pool {
    uint64_t at; /* offset of record 1 from the arena's start */
    uint32_t stride_bytes;
    uint32_t count;
    uint32_t free;  /* first of the free list */
    uint32_t fresh; /* records 1 .. fresh have been taken at least once */
    uint32_t used;
};

static inline void *pool_at(const void *arena, const struct pool *p, uint32_t index)
{
    return (uint8_t *)(uintptr_t)arena + p->at + (uint64_t)(index - 1) * p->stride_bytes;
}

/* The index of a record, its octets as they were left; 0 when the pool is empty. */
static inline uint32_t pool_take(void *arena, struct pool *p)
{
    uint32_t index = p->free;

    if (index != 0)
        memcpy(&p->free, pool_at(arena, p, index), sizeof p->free);
    else if (p->fresh < p->count)
        index = ++p->fresh;
    else
        return 0;
    p->used++;
    return index;
}

static inline void pool_give(void *arena, struct pool *p, uint32_t index)
{
    TERN_CHECK(index != 0 && index <= p->fresh && p->used != 0);
    memcpy(pool_at(arena, p, index), &p->free, sizeof p->free);
    p->free = index;
    p->used--;
}

#endif
