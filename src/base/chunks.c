/* chunks.c - octets in fixed-size chunks of one shared pool. */
#include "base/chunks.h"

static uint32_t chunk_size(const struct chunk *c)
{
    return (uint32_t)c->end - c->start;
}

/* A new, empty chunk at the tail; false when the pool is empty. */
static bool chunks_extend(void *arena, struct pool *p, struct chunk_queue *q)
{
    uint32_t index = pool_take(arena, p);

    if (index == 0)
        return false;
    struct chunk *c = chunk_at(arena, p, index);
    c->next = 0;
    c->start = c->end = 0;
    if (q->tail != 0)
        chunk_at(arena, p, q->tail)->next = index;
    else
        q->head = index;
    q->tail = index;
    return true;
}

size_t chunks_append(void *arena, struct pool *p, struct chunk_queue *q, const void *data,
                     size_t bytes)
{
    const uint8_t *from = data;
    uint32_t capacity = chunk_capacity(p);
    size_t left = bytes;

    while (left > 0) {
        struct chunk *c = q->tail != 0 ? chunk_at(arena, p, q->tail) : NULL;
        if (c == NULL || c->end == capacity) {
            if (!chunks_extend(arena, p, q))
                break;
            c = chunk_at(arena, p, q->tail);
        }
        size_t room = capacity - c->end;
        size_t n = left < room ? left : room;
        memcpy(c->data + c->end, from, n);
        c->end = (uint16_t)(c->end + n);
        from += n;
        left -= n;
    }
    q->bytes += (uint32_t)(bytes - left);
    return bytes - left;
}

/* Copies the first chunk of `from` into what is free at the tail of `to`, if all of it fits. */
static bool chunks_squeeze(void *arena, struct pool *p, struct chunk_queue *to,
                           struct chunk_queue *from)
{
    uint32_t index = from->head;
    struct chunk *first = chunk_at(arena, p, index);
    struct chunk *tail = chunk_at(arena, p, to->tail);
    uint32_t size = chunk_size(first);

    if (size > chunk_capacity(p) - tail->end)
        return false;
    memcpy(tail->data + tail->end, first->data + first->start, size);
    tail->end = (uint16_t)(tail->end + size);
    to->bytes += size;
    from->bytes -= size;
    from->head = first->next;
    pool_give(arena, p, index);
    return true;
}

void chunks_join(void *arena, struct pool *p, struct chunk_queue *to, struct chunk_queue *from)
{
    while (to->tail != 0 && from->head != 0 && chunks_squeeze(arena, p, to, from))
        continue;
    if (from->head != 0) {
        if (to->tail != 0)
            chunk_at(arena, p, to->tail)->next = from->head;
        else
            to->head = from->head;
        to->tail = from->tail;
        to->bytes += from->bytes;
    }
    *from = (struct chunk_queue){0, 0, 0};
}

void chunks_consume(void *arena, struct pool *p, struct chunk_queue *q, uint32_t bytes)
{
    TERN_CHECK(bytes <= q->bytes);
    q->bytes -= bytes;
    while (q->head != 0) {
        struct chunk *c = chunk_at(arena, p, q->head);
        uint32_t size = chunk_size(c);
        if (bytes < size) {
            c->start = (uint16_t)(c->start + bytes);
            return;
        }
        uint32_t gone = q->head;
        bytes -= size;
        q->head = c->next;
        pool_give(arena, p, gone);
    }
    q->tail = 0;
}

struct chunk_place chunks_seek(const void *arena, const struct pool *p, const struct chunk_queue *q,
                               uint32_t offset)
{
    struct chunk_place place = {q->head, 0};

    TERN_CHECK(offset <= q->bytes);
    while (place.chunk != 0) {
        const struct chunk *c = chunk_at(arena, p, place.chunk);
        /* At the very end the place stays in the tail, so that it is good after an append. */
        if (offset < chunk_size(c) || c->next == 0) {
            place.at = c->start + offset;
            break;
        }
        offset -= chunk_size(c);
        place.chunk = c->next;
    }
    return place;
}

uint32_t chunks_next(const void *arena, const struct pool *p, struct chunk_place *place,
                     uint32_t most, const uint8_t **data)
{
    if (place->chunk == 0)
        return 0;
    const struct chunk *c = chunk_at(arena, p, place->chunk);
    if (place->at == c->end) {
        if (c->next == 0)
            return 0;
        place->chunk = c->next;
        c = chunk_at(arena, p, place->chunk);
        place->at = c->start;
    }
    uint32_t n = c->end - place->at;
    if (n > most)
        n = most;
    *data = c->data + place->at;
    place->at += n;
    return n;
}

size_t chunks_copy(const void *arena, const struct pool *p, struct chunk_place place, void *to,
                   size_t bytes)
{
    uint8_t *out = to;
    size_t done = 0;

    while (done < bytes) {
        const uint8_t *data;
        size_t left = bytes - done;
        uint32_t n = chunks_next(arena, p, &place, left < UINT32_MAX ? (uint32_t)left : UINT32_MAX,
                                 &data);
        if (n == 0)
            break;
        memcpy(out + done, data, n);
        done += n;
    }
    return done;
}
