/* measure_field.c - see measure_field.h. */
#include "apps/tern/measure_field.h"

#include <stddef.h>
#include <string.h>

typedef struct measure_field {
    const char *name;
    bool usage;
    size_t at, bytes; /* in tern_status or tern_usage */
} measure_field;

#define STATUS(name, field)                                                                        \
    {                                                                                              \
        name, false, offsetof(tern_status, field), sizeof((tern_status *)NULL)->field              \
    }
#define USAGE(name, field)                                                                         \
    {                                                                                              \
        name, true, offsetof(tern_usage, field), sizeof((tern_usage *)NULL)->field                 \
    }

static const measure_field fields[] = {
    STATUS("port", local.port),
    STATUS("peer_port", remote.port),
    STATUS("iss", iss),
    STATUS("irs", irs),
    STATUS("snd_una", snd_una),
    STATUS("snd_nxt", snd_nxt),
    STATUS("rcv_nxt", rcv_nxt),
    STATUS("snd_wnd", snd_wnd),
    STATUS("rcv_wnd", rcv_wnd),
    STATUS("snd_wscale", snd_wscale),
    STATUS("rcv_wscale", rcv_wscale),
    STATUS("timestamps", options_timestamps),
    STATUS("sack", options_sack),
    STATUS("wscale", options_wscale),
    STATUS("snd_mss", snd_mss),
    STATUS("rcv_mss", rcv_mss),
    STATUS("send_queue", send_queue_bytes),
    STATUS("recv_queue", recv_queue_bytes),
    STATUS("reassembly", reassembly_bytes),
    STATUS("rto", rto),
    STATUS("rtt", rtt),
    STATUS("cwnd", snd_cwnd),
    STATUS("ssthresh", snd_ssthresh),
    STATUS("unacked", unacked),
    STATUS("sacked", sacked),
    STATUS("retransmits", retransmits),
    STATUS("total_retrans", total_retrans),
    STATUS("bytes_acked", bytes_acked),
    STATUS("bytes_received", bytes_received),
    USAGE("connections", connections),
    USAGE("half_open", half_open),
    USAGE("time_wait", time_wait),
    USAGE("chunks", chunks),
    USAGE("ranges", ranges),
    USAGE("replies", replies),
    {"held_bytes", true, 0, 0}, /* of the arena, by connections and records */
};

enum { FIELDS = sizeof fields / sizeof fields[0] };

_Static_assert((size_t)FIELDS <= (size_t)MEASURE_FIELDS_MAX, "measures keep an array");

const char *measure_field_name(uint32_t field)
{
    return field < FIELDS ? fields[field].name : NULL;
}

bool measure_field_is_usage(uint32_t field)
{
    return fields[field].usage;
}

static uint64_t measure_field_at(const measure_field *field, const void *from)
{
    const unsigned char *at = (const unsigned char *)from + field->at;
    uint64_t wide;
    uint32_t word;
    uint16_t half;

    switch (field->bytes) {
    case sizeof wide:
        memcpy(&wide, at, sizeof wide);
        return wide;
    case sizeof word:
        memcpy(&word, at, sizeof word);
        return word;
    case sizeof half:
        memcpy(&half, at, sizeof half);
        return half;
    default:
        return *at;
    }
}

uint64_t measure_field_of_status(uint32_t field, const tern_status *status)
{
    return measure_field_at(&fields[field], status);
}

static uint64_t measure_field_held(const tern_usage *usage)
{
    tern_footprint each;

    tern_footprint_get(&each);
    return (uint64_t)usage->connections * each.connection +
           (uint64_t)usage->half_open * each.half_open +
           (uint64_t)usage->time_wait * each.time_wait;
}

uint64_t measure_field_of_usage(uint32_t field, const tern_usage *usage)
{
    if (fields[field].bytes == 0)
        return measure_field_held(usage);
    return measure_field_at(&fields[field], usage);
}
