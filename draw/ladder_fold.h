/* ladder_fold.h - more of the same: rows of a ladder that are told in one instead of drawn.
 *
 * A step is tedious when three like it are among the last 128: the same flags between the same
 * ends, the same decisions, the same words but for their numbers. A run of tedious steps with 24
 * packets or more is folded; a shorter one is drawn. So a flood, a long transfer or an hour of
 * keep-alives takes one row, and what is not like the rest stands out beside it. Retransmissions
 * until a stack gives up are never as many. What was folded once is known: six packets of nothing
 * else are folded again. */
#ifndef TERN_DRAW_LADDER_FOLD_H
#define TERN_DRAW_LADDER_FOLD_H

#include "draw/ladder_order.h"
#include "draw/ladder_row.h"

enum {
    FOLD_SEEN = 3,        /* so many like it make a step tedious, */
    FOLD_MEMORY = 128,    /* among so many */
    FOLD_LEAST = 24,      /* packets, */
    FOLD_LEAST_KNOWN = 6, /* or so many of what was folded before */
    FOLD_KNOWN_MAX = 16,
    FOLD_HELD_MAX = 256, /* steps that wait for it */
    FOLD_KINDS_MAX = 4,  /* told by name; the others are counted with them all */
    FOLD_TEXT_BYTES = 256,
};

typedef struct fold_kind {
    packet_summary like; /* one of them */
    bool rightward;
    uint32_t least_bytes, most_bytes; /* of their data */
    uint64_t count;
} fold_kind;

/* A run that was folded. */
typedef struct fold_sum {
    uint64_t packets;
    tern_time first_us, last_us;
    fold_kind kind[FOLD_KINDS_MAX];
    unsigned kinds;
} fold_sum;

/* A step, and the order after it. */
typedef struct fold_step {
    ladder_step step;
    ladder_order order;
    uint64_t signature; /* set by fold_take() */
} fold_step;

typedef struct fold_sink {
    void *context;
    void (*show)(void *context, const fold_step *step); /* to be drawn */
    void (*skip)(void *context, const fold_step *step); /* part of a run */
    void (*tell)(void *context, const fold_sum *sum);   /* a run is over */
} fold_sink;

/* All zero, with a sink, is the start. */
typedef struct ladder_fold {
    fold_sink sink;
    uint64_t recent[FOLD_MEMORY];
    unsigned recent_next;
    uint64_t known[FOLD_KNOWN_MAX]; /* signatures that were folded; 0: free */
    bool run_known;                 /* the run is of nothing else */
    fold_step held[FOLD_HELD_MAX];
    unsigned held_count;
    unsigned run; /* packets of the tedious steps so far, drawn or not */
    bool folding;
    fold_sum sum;
} ladder_fold;

/* The next step; one of whose caption the style does not show must not come. */
void fold_take(ladder_fold *f, const ladder *l, fold_step step);
/* Shows what is held, so that nothing in the recording is needed any more. `over`: tells the run
 * too, if there is one. */
void fold_settle(ladder_fold *f, bool over);

/* "9994 packets more like these, 0.010 .. 1.010 s", and "4997 SYN >; 4997 SYN,ACK <" with the
 * heads given. Return text. */
char *fold_text(const fold_sum *sum, const draw_style *style, char text[FOLD_TEXT_BYTES]);
char *fold_kinds_text(const fold_sum *sum, const char *leftward, const char *rightward,
                      char text[FOLD_TEXT_BYTES]);

#endif
