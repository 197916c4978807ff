/* chunks.h - octets in fixed-size chunks of one shared pool.
 *
 * A queue is a chain of chunks with octets added at its tail and taken from its head. An empty
 * queue holds no chunk: that is why an idle connection costs no buffer. */
#ifndef TERN_BASE_CHUNKS_H
#define TERN_BASE_CHUNKS_H

#include "base/pool.h"

struct chunk {
    uint32_t next;       /* 0: the last */
    uint16_t start, end; /* the octets in use: data[start .. end) */
    uint8_t data[];
};

struct chunk_queue {
    uint32_t head, tail;
    uint32_t bytes;
};

/* A place in a queue, for reading on from there. Stays good while octets before it are consumed. */
struct chunk_place {
    uint32_t chunk;
    uint32_t at; /* index into its data */
};

static inline struct chunk *chunk_at(const void *arena, const struct pool *p, uint32_t index)
{
    return pool_at(arena, p, index);
}

/* Octets that fit into one chunk. */
static inline uint32_t chunk_capacity(const struct pool *p)
{
    return p->stride_bytes - (uint32_t)sizeof(struct chunk);
}

/* Adds octets at the tail; returns how many the pool had room for. */
size_t chunks_append(void *arena, struct pool *p, struct chunk_queue *q, const void *data,
                     size_t bytes);

/* Moves all of `from` behind `to`; `from` is empty then. Small chunks are copied together, so that
 * two neighbours always hold more than one chunk's worth: a peer who sends single octets out of
 * order gets no more than twice the memory that its window allows. */
void chunks_join(void *arena, struct pool *p, struct chunk_queue *to, struct chunk_queue *from);

/* Drops octets from the head; at most q->bytes. */
void chunks_consume(void *arena, struct pool *p, struct chunk_queue *q, uint32_t bytes);

/* The place `offset` octets from the head; offset is at most q->bytes. */
struct chunk_place chunks_seek(const void *arena, const struct pool *p, const struct chunk_queue *q,
                               uint32_t offset);

/* The octets from a place to the end of its chunk, and the place behind them: *data and the
 * return value; at most `most`. 0 at the end of the queue. */
uint32_t chunks_next(const void *arena, const struct pool *p, struct chunk_place *place,
                     uint32_t most, const uint8_t **data);

/* Copies up to `bytes` octets from a place on; returns how many there were. */
size_t chunks_copy(const void *arena, const struct pool *p, struct chunk_place place, void *to,
                   size_t bytes);

#endif
