/* arena.c - blocks from malloc(), each larger pieces' own or shared by many small ones. */
#include "apps/pkt/arena.h"

#include <stdlib.h>
#include <string.h>

enum { PKT_ARENA_BLOCK_BYTES = 64 << 10 };

typedef struct pkt_arena_block {
    struct pkt_arena_block *next;
    alignas(max_align_t) unsigned char octets[];
} pkt_arena_block;

static void *arena_reserve(pkt_arena *a)
{
    a->full = true;
    memset(a->reserve, 0, sizeof a->reserve);
    return a->reserve;
}

/* NULL: memory has ended. */
static void *arena_grow(pkt_arena *a, size_t bytes)
{
    size_t block_bytes = bytes > PKT_ARENA_BLOCK_BYTES ? bytes : PKT_ARENA_BLOCK_BYTES;
    pkt_arena_block *block = NULL;

    if (a->total_bytes + block_bytes <= PKT_ARENA_MAX_BYTES)
        block = calloc(1, sizeof *block + block_bytes);
    if (block == NULL)
        return NULL;
    block->next = a->blocks;
    a->blocks = block;
    a->block_bytes = block_bytes;
    a->used_bytes = bytes;
    a->total_bytes += block_bytes;
    return block->octets;
}

static void *arena_piece(pkt_arena *a, size_t bytes)
{
    size_t align = alignof(max_align_t), padded = (bytes + align - 1) / align * align;

    if (a->full)
        return NULL;
    if (a->blocks == NULL || a->block_bytes - a->used_bytes < padded)
        return arena_grow(a, padded);
    a->used_bytes += padded;
    return a->blocks->octets + a->used_bytes - padded;
}

void *pkt_arena_take(pkt_arena *a, size_t bytes)
{
    void *piece = arena_piece(a, bytes);

    return piece != NULL ? piece : arena_reserve(a);
}

char *pkt_arena_text(pkt_arena *a, const char *at, size_t bytes)
{
    char *text = arena_piece(a, bytes + 1);

    if (text == NULL)
        return arena_reserve(a);
    if (at != NULL && bytes > 0)
        memcpy(text, at, bytes);
    text[bytes] = '\0';
    return text;
}

void pkt_arena_free(pkt_arena *a)
{
    pkt_arena_block *block = a->blocks;

    while (block != NULL) {
        pkt_arena_block *next = block->next;
        free(block);
        block = next;
    }
    memset(a, 0, sizeof *a);
}
