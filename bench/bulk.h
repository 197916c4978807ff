/* bulk.h - the octets of a bulk transfer, and the proof that they arrived.
 *
 * The sender's stream repeats bulk_stream->pattern; the receiver copies out into ->sink at the
 * same position of the period. The sink is cleared before a transfer and compared after. */
#ifndef TERN_BENCH_BULK_H
#define TERN_BENCH_BULK_H

#include "bench/bench.h"

enum {
    BULK_SEGMENT_BYTES = 1460,
    BULK_PERIOD_BYTES = 44 * BULK_SEGMENT_BYTES, /* 64,240: a window; even is no help: random */
    BULK_BATCH = 64 * 44,                        /* segments between two looks at the clock */
};

typedef struct bulk_stream {
    uint64_t sent_bytes, received_bytes, wanted_bytes;
    uint64_t segments; /* packets on the wire, both ways */
    uint8_t pattern[BULK_PERIOD_BYTES];
    uint8_t sink[BULK_PERIOD_BYTES];
} bulk_stream;

void bulk_init(bulk_stream *stream);

/* The next octets to send, contiguous: returns how many, at most until_bytes. */
size_t bulk_next(const bulk_stream *stream, const uint8_t **data);
/* Where the next octets received belong: returns how much room there is in one piece. */
size_t bulk_room(bulk_stream *stream, uint8_t **room);

/* Times step, which moves so many segments, and adds the row's numbers: an operation is one
 * segment of 1460 octets received. Ends the program unless all octets arrived. */
void bulk_run(bulk_stream *stream, bench_step *step, void *context, const bench_budget *budget,
              bench_result *result);

#endif
