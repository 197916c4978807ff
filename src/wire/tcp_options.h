/* tcp_options.h - TCP options: octets <-> struct, in one loop.
 *
 * Two octets are left before a length is read; a length is between 2 and what is left before it
 * is used; the length of a known kind is exact, or the option is not taken (RFC 9293 MUST-4..7). */
#ifndef TERN_WIRE_TCP_OPTIONS_H
#define TERN_WIRE_TCP_OPTIONS_H

#include "base/seq.h"
#include "tern/tern.h"

#include <stddef.h>
#include <string.h>

enum {
    TCP_OPTION_END = 0,
    TCP_OPTION_NOP = 1,
    TCP_OPTION_MSS = 2,
    TCP_OPTION_WINDOW_SCALE = 3,
    TCP_OPTION_SACK_PERMITTED = 4,
    TCP_OPTION_SACK = 5,
    TCP_OPTION_TIMESTAMPS = 8,
    TCP_OPTION_USER_TIMEOUT = 28,
    TCP_OPTION_FAST_OPEN = 34,   /* RFC 7413 4.1.1 */
    TCP_OPTION_EXPERIMENT = 254, /* RFC 4727; an identifier tells which (RFC 6994 3.1) */
    TCP_EXPERIMENT_FAST_OPEN = 0xf989,
    TCP_SACK_BLOCKS_MAX = 4,
    TCP_FAST_OPEN_COOKIE_MIN_BYTES = 4,
    TCP_FAST_OPEN_COOKIE_MAX_BYTES = 16,
};

typedef struct tcp_sack_block {
    seq left;  /* first octet of the block */
    seq right; /* first octet behind it */
} tcp_sack_block;

typedef struct tcp_options {
    bool has_mss, has_window_scale, has_sack_permitted, has_timestamps;
    bool has_fast_open;
    bool fast_open_experiment; /* its form from before RFC 7413 */
    bool scale_first;     /* written in a SYN: window scale before SACK-permitted and timestamps */
    bool pad_behind;      /* written in a SYN: padded with end-of-list behind, not NOP in front */
    bool length_bad;      /* a length was impossible, or not the one of its kind */
    bool unknown_skipped; /* at least one unknown kind was passed over */
    uint8_t window_scale; /* as on the wire: may be above 14 */
    bool has_user_timeout;
    uint8_t fast_open_bytes; /* of the cookie: 0 (a request), or 4 .. 16 and even */
    uint16_t mss;
    uint16_t user_timeout; /* RFC 5482 3.3: as on the wire, the top bit is the granularity */
    uint32_t ts_value, ts_echo;
    const uint8_t *fast_open;                 /* the cookie: read, inside the octets given */
    uint8_t sack_count;                       /* 0 .. TCP_SACK_BLOCKS_MAX */
    tcp_sack_block sack[TCP_SACK_BLOCKS_MAX]; /* the last: what is not counted is not written */
} tcp_options;

/* None are there. Costs less than an initialiser: every segment begins with it. */
static inline void tcp_options_begin(tcp_options *options)
{
    memset(options, 0, offsetof(tcp_options, sack));
}

/* Reads what is there; what is not is false or 0. Never reads outside the bytes given. A known
 * kind with a wrong length is passed over and sets length_bad; reading goes on behind it. An
 * impossible length sets length_bad and ends the reading. Of a kind that comes twice, the last. */
void tcp_options_read(tcp_options *options, const uint8_t *data, size_t bytes);

/* Writes, padded to a multiple of 4, and returns the octets: at most 40. In a SYN: MSS,
 * SACK-permitted, timestamps, window scale and Fast Open, in the order and with the padding that
 * the options ask for; else NOP NOP timestamps, then NOP NOP SACK with as many blocks as fit. A
 * user timeout follows what is in a SYN, or the timestamps, where there is room. */
size_t tcp_options_write(uint8_t *data, const tcp_options *options);

#endif
