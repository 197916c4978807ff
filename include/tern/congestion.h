/* congestion.h - congestion control as a plug.
 *
 * An algorithm is one constant table of functions over a view of the connection. It owns up to
 * TERN_CONGESTION_STATE_BYTES of state, sees nothing of the connection but the view, and knows no
 * other algorithm. Sizes in octets, times in microseconds. What is retransmitted and when is not
 * its business: recovery (RFC 6675) and timeouts tell it what has happened. */
#ifndef TERN_CONGESTION_H
#define TERN_CONGESTION_H

#include "tern/tern.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TERN_CONGESTION_STATE_BYTES 64

typedef struct tern_congestion_view {
    tern_time now_us;
    uint32_t mss;
    uint32_t cwnd;        /* in and out */
    uint32_t ssthresh;    /* in and out */
    uint32_t flight_size; /* sent and not yet acknowledged (RFC 5681 2) */
    uint32_t srtt_us;     /* 0: not measured yet */
    uint32_t ack_most;    /* octets by which one ACK may open the window in slow start (RFC 3465
                           * 2.3); UINT32_MAX: any number */
    bool cwnd_limited;    /* the flight filled the window (RFC 7661, RFC 9293 3.8.2) */
    void *state;          /* TERN_CONGESTION_STATE_BYTES, the algorithm's own, 8-aligned, zeroed
                           * when a flight begins */
} tern_congestion_view;

typedef struct tern_congestion {
    const char *name; /* "reno" */
    /* New data was acknowledged, outside recovery. */
    void (*acked)(tern_congestion_view *view, uint32_t acked_bytes);
    /* Loss was found by duplicate ACKs or SACK: sets ssthresh; recovery sets cwnd from it. */
    void (*lost)(tern_congestion_view *view);
    /* The retransmission timer fired for the first time for this flight: sets ssthresh and cwnd. */
    void (*timed_out)(tern_congestion_view *view);
} tern_congestion;

/* The algorithms built in, in the order of list.def; NULL past the last. */
TERN_API const tern_congestion *tern_congestion_list(size_t index);

#ifdef __cplusplus
}
#endif

#endif
