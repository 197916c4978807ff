/* bulk.c - pattern, sink, and the comparison of the two. */
#include "bench/bulk.h"

#include <string.h>

void bulk_init(bulk_stream *stream)
{
    uint64_t random = 88172645463325252u;

    memset(stream, 0, sizeof *stream);
    for (size_t i = 0; i < BULK_PERIOD_BYTES; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        stream->pattern[i] = (uint8_t)(random >> 32 | 1); /* never 0: an octet unwritten shows */
    }
}

size_t bulk_next(const bulk_stream *stream, const uint8_t **data)
{
    size_t at = stream->sent_bytes % BULK_PERIOD_BYTES;
    uint64_t left = stream->wanted_bytes - stream->sent_bytes;
    *data = stream->pattern + at;
    return left < BULK_PERIOD_BYTES - at ? (size_t)left : BULK_PERIOD_BYTES - at;
}

size_t bulk_room(bulk_stream *stream, uint8_t **room)
{
    size_t at = stream->received_bytes % BULK_PERIOD_BYTES;
    *room = stream->sink + at;
    return BULK_PERIOD_BYTES - at;
}

static void bulk_check(const bulk_stream *stream, uint64_t received_before)
{
    uint64_t bytes = stream->received_bytes - received_before;
    size_t at = received_before % BULK_PERIOD_BYTES;
    size_t first = bytes < BULK_PERIOD_BYTES - at ? (size_t)bytes : BULK_PERIOD_BYTES - at;
    size_t rest = bytes - first < at ? (size_t)(bytes - first) : at;

    if (stream->received_bytes != stream->wanted_bytes ||
        stream->sent_bytes != stream->wanted_bytes)
        bench_fail("bulk: %llu octets wanted, %llu sent, %llu received",
                   (unsigned long long)stream->wanted_bytes, (unsigned long long)stream->sent_bytes,
                   (unsigned long long)stream->received_bytes);
    if (memcmp(stream->sink + at, stream->pattern + at, first) != 0 ||
        memcmp(stream->sink, stream->pattern, rest) != 0)
        bench_fail("bulk: the octets received are not those sent");
}

void bulk_run(bulk_stream *stream, bench_step *step, void *context, const bench_budget *budget,
              bench_result *result)
{
    bench_warm_up(budget, step, context, BULK_BATCH);
    bulk_check(stream, 0);
    memset(stream->sink, 0, sizeof stream->sink);
    uint64_t received_before = stream->received_bytes, segments_before = stream->segments;
    bench_timing timing = bench_measure(budget, step, context, BULK_BATCH);
    bulk_check(stream, received_before);

    double operations = (double)timing.operations;
    double bytes = (double)(stream->received_bytes - received_before);
    if (bytes != operations * BULK_SEGMENT_BYTES)
        bench_fail("bulk: %.0f segments make %.0f octets", operations, bytes);
    bench_add(result, "operations", operations);
    bench_add(result, "ns", (double)timing.ns / operations);
    bench_add(result, "gbits", bytes * 8 / (double)timing.ns);
    bench_add(result, "segments_in", (double)(stream->segments - segments_before) / operations);
}
