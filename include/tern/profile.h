/* profile.h - behaviour profiles, and when a stack sends again.
 *
 * Real stacks differ where the RFCs leave room. A profile is a row of values for a configuration:
 * nothing in tern asks which profile it is. The values and where each is from: src/stack/
 * profiles.def; `tern when` prints what they come to. */
#ifndef TERN_PROFILE_H
#define TERN_PROFILE_H

#include "tern/tern.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tern_profile {
    TERN_PROFILE_RFC9293, /* the default: what the RFCs say */
    TERN_PROFILE_LINUX,   /* measured on 6.18, and its documentation */
    TERN_PROFILE_FREEBSD, /* what published packetdrill scripts demand, and its manuals */
    TERN_PROFILES
} tern_profile;

/* Sets every field that has a key to the profile's value; limits, addresses and the secret key
 * stay. Errors: INVALID (config NULL, no such profile). */
TERN_API tern_err tern_config_profile(tern_config *config, tern_profile profile);

/* "rfc9293", "linux", "freebsd"; NULL when there is no such profile. */
TERN_API const char *tern_profile_name(tern_profile profile);

/* The profile of this name; false, and *profile untouched, when there is none. */
TERN_API bool tern_profile_find(const char *name, tern_profile *profile);

/* Gives a running stack the values of all keys, for what comes: connections keep what they agreed
 * to and the buffers they have. Limits, addresses and the secret key stay what they are.
 * Errors: INVALID (NULL, or values that tern_init() would refuse; nothing is changed). */
TERN_API tern_err tern_profile_change(tern_stack *stack, tern_time now_us,
                                      const tern_config *config);

#define TERN_PROFILE_VALUE_BYTES 160 /* of any value's text, its NUL included */

/* One key by name: "time_wait_ms", "data_schedule.retries_max". value: a number; "yes" or "no"; one
 * of the key's words; for a schedule's waits_ms, numbers with commas between, or "0".
 * Errors: INVALID, the configuration untouched; *why, unless why is NULL, then says what is
 * expected. */
TERN_API tern_err tern_profile_key_set(tern_config *config, const char *key, const char *value,
                                       const char **why);

/* The value as text, as tern_profile_key_set() takes it. Errors: INVALID (no such key). */
TERN_API tern_err tern_profile_key_get(const tern_config *config, const char *key,
                                       char text[TERN_PROFILE_VALUE_BYTES]);

typedef struct tern_profile_key {
    const char *name;
    const char *values; /* what it takes: "a number", "yes or no", "nop or eol" */
    const char *source; /* where the profiles' values are from */
} tern_profile_key;

/* The keys in their order; false past the last. */
TERN_API bool tern_profile_key_list(size_t index, tern_profile_key *key);

/* ---- When a stack sends again, and when it gives up ---------------------------------------- */

typedef enum tern_when_what {
    TERN_WHEN_SYN,       /* an active open that nobody answers */
    TERN_WHEN_SYN_ACK,   /* a half-open connection whose ACK never comes */
    TERN_WHEN_DATA,      /* data that nobody acknowledges */
    TERN_WHEN_FIN,       /* the FIN of tern_close(), likewise */
    TERN_WHEN_KEEPALIVE, /* an idle peer that answers no probe */
    TERN_WHEN_PERSIST,   /* a closed window whose probes stay without an answer */
    TERN_WHEN_TIME_WAIT, /* nothing is sent; when the wait is over */
    TERN_WHENS
} tern_when_what;

/* "syn", "synack", "data", "fin", "keepalive", "persist", "time-wait"; NULL past them. */
TERN_API const char *tern_when_name(tern_when_what what);

#define TERN_WHEN_SENDS 256

/* Times in microseconds after the first sending; for keep-alive after the peer was last heard, for
 * persist after its window closed over data that waits, for TIME-WAIT after it began. */
typedef struct tern_when_times {
    uint32_t sends;                      /* how many there are in sends_us */
    bool more;                           /* and more than that, each max_ms after the last */
    tern_time sends_us[TERN_WHEN_SENDS]; /* when it is sent again, or a probe is sent */
    tern_time end_us;                    /* when it is given up, or over */
    tern_err error;                      /* what the program is told then */
} tern_when_times;

/* What a stack of this configuration does when nobody answers. rtt_us: the round trip that the
 * handshake measured, for data, FIN and persist; 0: shorter than a clock tells. From the schedules
 * of the configuration by the functions that the engine itself asks.
 * Errors: INVALID (config or times NULL, a schedule that tern_init() would refuse, no such what).
 */
TERN_API tern_err tern_when(const tern_config *config, tern_when_what what, uint32_t rtt_us,
                            tern_when_times *times);

#ifdef __cplusplus
}
#endif

#endif
