/* arena.h - memory that is taken in small pieces and given back at once: what a script is made of.
 *
 * No piece is freed alone, and nothing moves. When memory ends, `full` is set and every further
 * piece is the same reserve, zeroed again: a parser needs to look at `full` only once in a while,
 * and what it wrote meanwhile is thrown away. */
#ifndef TERN_APPS_PKT_ARENA_H
#define TERN_APPS_PKT_ARENA_H

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>

enum { PKT_ARENA_RESERVE_BYTES = 512, PKT_ARENA_MAX_BYTES = 256 << 20 };

typedef struct pkt_arena {
    struct pkt_arena_block *blocks;
    size_t used_bytes, block_bytes; /* of the newest block */
    size_t total_bytes;
    bool full;
    alignas(max_align_t) unsigned char reserve[PKT_ARENA_RESERVE_BYTES];
} pkt_arena;

/* Zeroed, aligned for any type, at most PKT_ARENA_RESERVE_BYTES; never NULL. */
void *pkt_arena_take(pkt_arena *a, size_t bytes);

/* A copy of these octets with a NUL behind them, or with at NULL room for one; "" when memory has
 * ended. */
char *pkt_arena_text(pkt_arena *a, const char *at, size_t bytes);

/* Gives everything back. */
void pkt_arena_free(pkt_arena *a);

#endif
