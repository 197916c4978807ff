/* tern.h - TCP as a library: the whole API.
 *
 * A stack lives in one block of memory that you provide. It never allocates, never reads a clock,
 * never calls the operating system: IP packets go in by tern_input(), come out by tern_output(),
 * and the time is an argument. A program that drives it is this loop:
 *
 *     while a packet has come:            tern_input(stack, now, packet, bytes);
 *     while tern_next_event(...):         handle it: tern_accept, tern_recv, tern_send, tern_close
 *     while tern_output(...) > 0:         put the packet on the wire
 *     sleep until tern_deadline(stack), or until a packet comes
 *
 * What a stack holds lies inside its block and is referred to by index: a block may be copied,
 * moved or saved between two calls, and goes on from there (give the trace hook again after).
 * One stack is for one thread at a time; any number of stacks may live side by side.
 *
 * Three kinds of wrong: what the caller does wrong is a negative tern_err; what the peer does wrong
 * is a tern_rule, counted and traced; what tern does wrong ends in tern_check_failed(). */
#ifndef TERN_TERN_H
#define TERN_TERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TERN_VERSION_MAJOR  0
#define TERN_VERSION_MINOR  1
#define TERN_VERSION_PATCH  0
#define TERN_VERSION_STRING "0.1.0"

/* Every symbol of the shared library is marked so; nothing else leaves it. */
#if defined(__GNUC__) && !defined(__clang__)
#define TERN_API __attribute__((visibility("default"), externally_visible))
#elif defined(__GNUC__)
#define TERN_API __attribute__((visibility("default")))
#else
#define TERN_API
#endif

/* A point on the caller's monotonic clock, in microseconds. Its zero is the caller's choice; it
 * must not go back from one call to the next. */
typedef uint64_t tern_time;
#define TERN_NOW   ((tern_time)0)  /* a deadline: call tern_output() at once */
#define TERN_NEVER (~(tern_time)0) /* a deadline: nothing will happen by itself */

typedef struct tern_stack tern_stack;

/* An IPv6 address, or an IPv4 one as ::ffff:a.b.c.d; octets in network order. All zero: any. */
typedef struct tern_address {
    uint8_t octets[16];
} tern_address;

typedef struct tern_endpoint {
    tern_address address;
    uint16_t port; /* host order */
} tern_endpoint;

/* A connection, a listener or a held handshake. `index` is dense: below connections_max for
 * connections, so a program may keep its own array beside the stack. A handle whose connection is
 * gone is an error code (TERN_ERR_STALE), never a crash. All zero is no handle. */
typedef struct tern_handle {
    uint32_t index;
    uint32_t generation;
} tern_handle;

typedef enum tern_err {
    TERN_OK = 0,
#define ERROR(name, value, text) TERN_ERR_##name = (value),
#include "tern/errors.def"
#undef ERROR
} tern_err;

/* The eleven states, RFC 9293 3.3.2. */
typedef enum tern_state {
#define STATE(name, text, properties) TERN_##name,
#include "tern/states.def"
#undef STATE
    TERN_STATES
} tern_state;

/* What makes a connection change its state: the causes of edges.def. */
typedef enum tern_cause {
#define CAUSE(name, text) TERN_CAUSE_##name,
#include "tern/edges.def"
    TERN_CAUSES
} tern_cause;

/* Every decision an RFC makes for a stack, by name: rules.def. */
typedef enum tern_rule {
    TERN_RULE_NONE = 0,
#define RULE(name, source, level, text) TERN_RULE_##name,
#include "tern/rules.def"
#undef RULE
    TERN_RULES
} tern_rule;

/* ---- A stack ----------------------------------------------------------------------------- */

#define TERN_KEY_BYTES     16
#define TERN_ADDRESSES_MAX 8
#define TERN_MTU_MIN_BYTES 576 /* behind the default MSS (RFC 9293 3.7.1); IPv6 asks for 1280 */
#define TERN_MTU_MAX_BYTES 65535

/* When a SYN is answered by a cookie instead of a record (RFC 4987 3.6). */
typedef enum tern_cookies {
    TERN_COOKIES_PRESSURE, /* when half_open_max records are taken */
    TERN_COOKIES_ALWAYS,
    TERN_COOKIES_NEVER, /* when the records are taken, SYNs are dropped */
} tern_cookies;

/* May tern_connect() open anew over a four-tuple in TIME-WAIT, whose handle was given back? It is
 * cut short then, and the new ISS is above all that the old connection sent (RFC 9293 3.6.1). */
typedef enum tern_reuse {
    TERN_REUSE_NEVER, /* MUST-13 to the letter */
    TERN_REUSE_SAFE,  /* when timestamps keep the two apart (RFC 6191, RFC 7323 5): both connections
                       * use them, and the old one ended more than a second ago */
    TERN_REUSE_ALWAYS, /* and always when the call names the port */
} tern_reuse;

/* What MSS a SYN sent again offers when the path is known to be narrow meanwhile. */
typedef enum tern_syn_mss {
    TERN_SYN_MSS_LINK,      /* what the link takes, as before (RFC 9293 3.7.1) */
    TERN_SYN_MSS_PATH,      /* what the path takes */
    TERN_SYN_MSS_PATH_IPV6, /* likewise over IPv6; over IPv4 the link's */
} tern_syn_mss;

/* What an ICMP error can say of a connection (RFC 792, RFC 4443), but for "packet too big", which
 * is about the path MTU, and source quench, which is ignored (RFC 6633). */
typedef enum tern_icmp {
    TERN_ICMP_NET_UNREACHABLE,
    TERN_ICMP_HOST_UNREACHABLE,
    TERN_ICMP_PROTOCOL_UNREACHABLE,
    TERN_ICMP_PORT_UNREACHABLE,
    TERN_ICMP_NET_PROHIBITED,  /* IPv4 code 9 */
    TERN_ICMP_HOST_PROHIBITED, /* IPv4 codes 10, 13 */
    TERN_ICMP_PROHIBITED,      /* IPv6 codes 1, 5, 6 */
    TERN_ICMP_TIME_EXCEEDED,
    TERN_ICMP_PARAMETER_PROBLEM,
    TERN_ICMP_SOURCE_ROUTE_FAILED, /* IPv4 code 5 */
    TERN_ICMP_HOST_UNKNOWN,        /* IPv4 code 7 */
    TERN_ICMP_HOST_ISOLATED,       /* IPv4 code 8 */
    TERN_ICMP_PRECEDENCE,          /* IPv4 codes 14, 15 */
    TERN_ICMP_FRAGMENT_TIME,       /* time exceeded, code 1: fragments waited for the rest */
    TERN_ICMP_NEXT_HEADER,         /* an IPv6 parameter problem, code 1: no such protocol there */
    TERN_ICMP_REASONS
} tern_icmp;

/* The order of a SYN's options behind the MSS, and what fills up their words. */
typedef enum tern_option_order {
    TERN_OPTIONS_SACK_TS_SCALE,
    TERN_OPTIONS_SCALE_SACK_TS,
} tern_option_order;

typedef enum tern_option_pad {
    TERN_PAD_NOP, /* NOPs in front of each */
    TERN_PAD_EOL, /* none but for alignment, and end-of-list behind the last */
} tern_option_pad;

/* Which data in order is acknowledged at once, when nothing else asks for it. */
typedef enum tern_ack_every {
    TERN_ACK_TWO_FULL_SIZED, /* as soon as two full-sized segments wait (RFC 9293 SHLD-19) */
    TERN_ACK_SECOND_SEGMENT, /* every second, of any size */
    TERN_ACK_OVER_ONE,       /* as soon as more than one full-sized segment waits */
} tern_ack_every;

/* When a reader's window is worth an ACK of its own. */
typedef enum tern_window_update {
    TERN_WINDOW_TWO_SEGMENTS, /* it grows by two segments or half of the buffer, or by one from
                               * below one (RFC 9293 3.8.6.2.2) */
    TERN_WINDOW_DOUBLES,      /* it at least doubles */
    TERN_WINDOW_QUARTER,      /* it grows by half of the buffer, or by two segments that are a
                               * quarter of it or make no more than an eighth */
} tern_window_update;

/* Which right edge a segment that comes must keep to. */
typedef enum tern_accept_window {
    TERN_ACCEPT_OFFERED, /* that of the window which was offered */
    TERN_ACCEPT_BUFFER,  /* that of the receive buffer, where it is farther: the header has room for
                          * 65535 only, and a window moves in steps */
} tern_accept_window;

/* What comes for a port where nobody listens is answered with a reset (RFC 9293 3.10.7.1), unless
 * scanners of ports shall wait for it. */
typedef enum tern_blackhole {
    TERN_BLACKHOLE_OFF,
    TERN_BLACKHOLE_SYN, /* a SYN is dropped */
    TERN_BLACKHOLE_ALL, /* everything is; peers of connections that are gone wait, too */
} tern_blackhole;

/* When a SYN opens anew over a connection in TIME-WAIT, and what an older one is told. */
typedef enum tern_time_wait_syn {
    TERN_TIME_WAIT_SYN_NEWER,  /* by its timestamp, else from RCV.NXT on (RFC 6191 2): an ACK */
    TERN_TIME_WAIT_SYN_BEYOND, /* beyond RCV.NXT: nothing */
} tern_time_wait_syn;

/* How a program asks sockets for a Fast Open with data. */
typedef enum tern_fast_open_api {
    TERN_FAST_OPEN_MSG,    /* MSG_FASTOPEN, or TCP_FASTOPEN_CONNECT before connect() */
    TERN_FAST_OPEN_SENDTO, /* also: TCP_FASTOPEN, then connect() or a sendto() with an address */
} tern_fast_open_api;

#define TERN_SCHEDULE_WAITS 12

/* When something unacknowledged is sent again, and when it is given up: RFC 6298 5 and RFC 9293
 * 3.8.3, with what real stacks make of them. The wait after sending number n (the first is 0) is
 * waits_ms[n] where that is given, else the RTO, doubled n times, plus slop_ms, and never outside
 * min_ms .. max_ms. Given up is when a timer fires after retries_max retransmissions, or at
 * give_up_ms sharp; with both, at the first timer for which both are reached. */
typedef struct tern_schedule {
    uint32_t waits_ms[TERN_SCHEDULE_WAITS]; /* the first waits, one by one; a 0 ends them */
    uint32_t first_ms;                      /* the RTO before a round trip was measured */
    uint32_t min_ms, max_ms;
    uint32_t slop_ms;
    uint32_t retries_max; /* 0: not counted; at most 255 */
    uint32_t give_up_ms;  /* after the first sending; 0: not timed */
    bool retries_as_time; /* retries_max stands for the time that so many take when the first wait
                           * is min_ms; the first timer from there on gives up (Linux) */
} tern_schedule;

/* How large a packet to a destination may be (RFC 9293 3.7.2). */
typedef enum tern_path_mtu {
    TERN_PATH_MTU_PROBING, /* as ICMP says; without ICMP, by probing too (RFC 4821, RFC 8899) */
    TERN_PATH_MTU_ICMP,    /* as ICMP says (RFC 1191, RFC 8201) */
    TERN_PATH_MTU_OFF,     /* never more than every path takes: 576 octets, IPv6 1280 */
} tern_path_mtu;

/* What a stack is made of. Begin with tern_config_init(), change what you want, and give the same
 * configuration to tern_size() and tern_init(). Times are in milliseconds. A limit that is met
 * refuses by name: an error code to the caller, a counted rule for the peer. */
typedef struct tern_config {
    size_t struct_bytes; /* set by tern_config_init(): lets this struct grow */

    uint8_t
        key[TERN_KEY_BYTES]; /* secret, from the host's entropy: ISNs (RFC 9293 3.4.1), ports (RFC
                                  * 6056), hashes. The same key gives the same bytes. */
    tern_address addresses[TERN_ADDRESSES_MAX]; /* the stack's own, IPv4 and IPv6 */
    uint32_t address_count;                     /* 1 .. TERN_ADDRESSES_MAX */
    uint32_t mtu_bytes;                         /* of the link, IP header included */

    /* Hard limits: the arena is sized from these and never grows. */
    uint32_t connections_max; /* full connections (TCBs) */
    uint32_t half_open_max;   /* SYN-RECEIVED after a passive open: small records */
    uint32_t time_wait_max;   /* TIME-WAIT after tern_close(): smaller records still */
    uint32_t listeners_max;
    uint32_t chunks_max;            /* buffer chunks, shared by all connections */
    uint32_t chunk_bytes;           /* of one chunk, its 8-octet header included; at least 128 */
    uint32_t flights_max;           /* connections that may have data under way at one time */
    uint32_t ranges_max;            /* pieces of sequence space: reassembly and SACK scoreboard */
    uint32_t ranges_per_connection; /* of these, how many one connection may hold each way */
    uint32_t settings_max;  /* connections with settings of their own: keep-alive, user timeout */
    uint32_t replies_max;   /* answers that no connection owns (RST, echo) waiting for output */
    uint32_t fragments_max; /* datagrams put together from fragments at one time; 0: fragments are
                             * dropped. What has come of them holds at most a quarter of the
                             * chunks. */
    uint32_t datagram_bytes_max; /* the largest of these, IP header included (RFC 1122 3.3.2:
                                   * at least 576, with IPv6 1500, RFC 8200 5) */

    uint32_t fast_open_cache_max; /* servers whose Fast Open cookies a client keeps */
    uint32_t saved_syns_max;      /* SYNs kept by TERN_OPTION_SAVE_SYN: 0 .. 255 */

    /* What a new connection gets; tern_option_set() changes it for one. */
    uint32_t send_buffer_bytes;
    bool send_units; /* the send buffer counts as Linux's does, in whole units and twice its octets:
                      * docs/decisions/0028-the-send-buffer-in-units.md */
    uint32_t send_buffer_max_bytes; /* with send_units: where a send buffer that the program has not
                                     * set grows to, with cwnd, when it is full; 0: it does not */
    uint32_t unsent_low_bytes;      /* where TERN_OPTION_UNSENT_LOW is 0; 0: off */
    uint32_t cork_ms; /* what TERN_OPTION_CORK and tern_send_more() hold goes out after it; 0: after
                       * the retransmission timeout */
    uint32_t recv_buffer_bytes; /* also the largest window offered, at most 1 GiB (RFC 7323 2.3) */
    uint32_t congestion;        /* index into tern_congestion_list() */

    /* Options offered and accepted. */
    bool window_scale; /* RFC 7323 2 */
    bool timestamps;   /* RFC 7323 3, and with them PAWS */
    bool sack;         /* RFC 2018, RFC 6675 */
    bool dsack;        /* RFC 2883: where SACK is agreed, an ACK tells what came twice */

    /* Each connection counts what tern_details_get() gives, in a settings record of its own. */
    bool details;

    uint32_t wscale_buffer_bytes; /* the shift is for a buffer of at least this; 0: the own one */
    uint32_t syn_window;          /* the largest window of a SYN and SYN,ACK: 1 .. 65535 */
    tern_option_order syn_option_order;
    tern_option_pad option_pad;

    tern_cookies syn_cookies;

    /* Answers in which real stacks differ; docs/decisions/0016 has the why of each default. */
    uint32_t syn_sent_bad_ack_resend_ms; /* after the reset for a bad ACK in SYN-SENT the SYN goes
                                          * again so soon, once; 0: it waits for its timer */
    uint32_t ack_quick_segments;         /* a connection's first segments: acknowledged at once */
    tern_ack_every ack_every;
    bool fin_ack_immediate; /* false: the ACK of a FIN in order may wait as that of data */
    bool syn_fin_accepted;  /* SYN,FIN in LISTEN opens; false: it is dropped */
    bool syn_fin_dropped;   /* SYN,FIN is dropped in every state */
    tern_blackhole blackhole;
    bool synack_in_listen_reset;   /* false: it is dropped */
    bool synack_echo_checked;      /* a SYN,ACK that echoes a timestamp we never sent is reset */
    bool accept_synack_data;       /* false: the peer sends it again */
    bool timestamp_may_miss;       /* a segment without an agreed timestamp is taken all the same */
    bool ack_too_new_answered;     /* an ACK of what was never sent; false: dropped in silence */
    bool nagle_minshall;           /* a small segment waits only for a small one under way */
    uint32_t fast_open_patience;   /* failures in a row with a server before it is spared */
    uint32_t fast_open_cookieless; /* 1: a client's SYN carries data without a cookie; 2: a listener
                                    * takes it so, from whomever it claims to be; 3: both. For hosts
                                    * among themselves only: nothing proves the peer's address */
    bool fast_open_mss_typical; /* however large a server's MSS was, a SYN has data for one of 1460
                                 * (IPv4) or 1440 (IPv6) octets at most */
    tern_syn_mss syn_mss_of_path;
    uint32_t syn_plain_from; /* a SYN sent again for this time and more often carries no option but
                              * the MSS; 0: all of them go each time */
    bool fast_open_experiment;     /* the option's form of before RFC 7413: a listener answers it, a
                                * client asks so once where it got no cookie */
    bool crossing_answered;        /* the SYN,ACK of a simultaneous open has an ACK */
    bool closing_resend_fin;       /* a FIN that crosses ours: ours goes again with the ACK */
    bool insecure_rst;             /* a RST anywhere in the window aborts (before RFC 5961) */
    bool insecure_syn;             /* a SYN in the window aborts (before RFC 5961) */
    bool rst_minus_one_accepted;   /* after its FIN a peer may reset from in front of it */
    bool time_wait_needs_ack_flag; /* a FIN without ACK in TIME-WAIT is dropped */
    bool time_wait_answers_empty; /* an empty ACK there is answered, unless it is the one awaited */
    tern_time_wait_syn time_wait_syn;
    bool old_ack_counts;   /* an ACK counts also of a segment left of the window */
    bool closing_rst_told; /* a RST in CLOSING and LAST-ACK tells RESET; false: nothing */
    tern_err error_close_wait_rst, error_syn_received_rst; /* what a RST there tells the program */

    /* The same, of windows and of what comes early. */
    tern_window_update window_update_rule;
    tern_accept_window accept_window;
    bool window_edge_steps; /* the right edge moves on by a segment or half of the buffer at least;
                             * false: with each segment that goes anyway, to all that is free */
    bool recv_window_grows; /* the window begins as the SYN's and grows by twice what comes, up to
                             * the buffer; false: the buffer from the start */
    bool recv_buffer_round_to_mss; /* the handshake rounds a receive buffer up to whole segments */
    bool accept_syn_data;          /* of a SYN that crosses ours; false: the peer sends it again */
    bool sack_counts_fin;          /* a FIN that came early is in the SACK block of its text */

    /* Of sockets over the stack (include/tern/sockets.h); the stack itself does not read them. */
    bool recv_buffer_doubling; /* SO_RCVBUF and SO_SNDBUF say twice what was set */
    tern_fast_open_api fast_open_api;

    /* Timers. */
    tern_schedule syn_schedule;     /* a SYN (at least 3 minutes: RFC 9293 MUST-23) */
    tern_schedule syn_ack_schedule; /* a SYN,ACK; given up, the half-open record dies */
    tern_schedule data_schedule;    /* data and FIN; its min_ms, max_ms bound the RTO (RFC 6298) */
    tern_schedule orphan_schedule;  /* the same after tern_close() */
    tern_schedule persist_schedule; /* probes of a closed window (RFC 9293 3.8.6.1); retries_max
                                     * counts those that stayed without an answer */
    uint32_t rto_spread_min_ms;     /* RFC 6298's G: RTO = SRTT + max(G, 4 * RTTVAR) */
    bool rto_syn_loss_keeps_sample; /* a lost SYN makes the RTO 3 s (RFC 6298 5.7): unless the
                                     * handshake was measured all the same, by timestamps */
    uint32_t r1_retries;            /* retransmissions before the path is suspected (3.8.3) */
    uint32_t hold_ms;               /* a held handshake unanswered for this long: the record dies */
    uint32_t user_timeout_advertise_ms; /* RFC 5482: the User Timeout Option is used both ways, and
                                         * tells the peer this; 0: it is not used (the default) */
    uint32_t user_timeout_least_ms;     /* L_LIMIT, of what a peer's option may bring: 100 s */
    uint32_t user_timeout_most_ms;      /* U_LIMIT: 1 hour */
    uint32_t delayed_ack_ms;            /* below 500 (RFC 9293 3.8.6.3, MUST-40) */
    uint32_t time_wait_ms;      /* 2 MSL (RFC 9293 3.4.2: MSL is 2 minutes); at most 30 minutes */
    bool time_wait_ignores_rst; /* RFC 1337 3; false: a RST ends the wait (RFC 9293 3.10.7.4) */
    tern_reuse time_wait_reuse; /* of what tern_connect() may take again */
    uint32_t fin_wait_2_ms;     /* FIN-WAIT-2 after tern_close() and no FIN from the peer */
    uint32_t fragment_ms;       /* the rest of a datagram after its first fragment here: a minute
                                 * (RFC 1122 3.3.2, RFC 8200 4.5) */
    bool persist_probe_empty;   /* a closed window is probed without data, as an idle peer is (RFC
                               * 9293 3.8.4); false: with an octet of it (3.8.6.1) */
    uint32_t initial_window_segments; /* RFC 6928: 10 */
    uint32_t slow_start_segments; /* by which one ACK may open the window: L of RFC 3465 2.3; 0: by
                                   * all that it acknowledges */
    bool slow_start_half; /* a window counts as used in slow start when more than half of it was */
    bool cwnd_counts_delivered; /* what duplicates or SACK blocks told of before does not open the
                                 * window when it is acknowledged */
    bool slow_start_after_idle; /* RFC 5681 4.1: false: the window stays over a pause */
    uint8_t ttl;                /* time to live, or hop limit (RFC 9293 3.9.2, MUST-49) */
    uint8_t tos;    /* type of service, or traffic class: DSCP in the upper 6 bits (MUST-48) */
    bool keepalive; /* of new connections; RFC 9293 3.8.4 wants it off (MUST-25) */
    uint32_t keep_idle_ms;     /* silence before the first probe: 2 hours */
    uint32_t keep_interval_ms; /* between probes */
    uint32_t keep_count;       /* probes without an answer, then the connection is given up */
    uint32_t challenge_ack_interval_ms; /* at most one challenge ACK a connection in this time
                                         * (RFC 5961 7) */
    uint16_t ephemeral_port_first;      /* RFC 6056 3.2: 49152 .. 65535 by default */
    uint16_t ephemeral_port_last;

    /* What is sent without a connection, each at most so many in a burst and so many a second after
     * it (1 .. 1000000): resets and the answers of half-open and TIME-WAIT records (RFC 9293 3.5.2,
     * RFC 5961 7); ICMP errors (RFC 1812 4.3.2.8, RFC 4443 2.4). */
    uint32_t reset_rate_per_s, reset_burst; /* 1000, 1000 */
    uint32_t icmp_rate_per_s, icmp_burst;   /* 100, 50 */

    /* ICMP errors that come in (RFC 9293 3.9.2.2, RFC 5461, RFC 5927). */
    bool icmp_seq_upper_inclusive; /* one that quotes SEQ = SND.NXT is believed too */
    uint16_t icmp_aborts; /* those that end a connection in SYN-SENT or SYN-RECEIVED, as bits 1 <<
                           * tern_icmp; others, and all of them in other states, are kept as
                           * tern_status.soft_error */
    int8_t icmp_errors[TERN_ICMP_REASONS]; /* the tern_err that each stands for; the profiles' keys
                                            * are "icmp_errors.PORT_UNREACHABLE" and so on */

    /* Path MTU. */
    tern_path_mtu path_mtu_discovery;
    uint32_t path_mtu_cache_max; /* destinations whose path is known to be narrow */
    uint32_t path_mtu_expire_ms; /* then the path is asked for more (RFC 1191 6.3): 10 minutes */
    uint32_t path_mtu_min_bytes; /* IPv4: what ICMP cannot ask below (RFC 5927 7); IPv6: 1280 */
    uint32_t black_hole_retries; /* timeouts of full-sized segments that make a black hole */
} tern_config;

/* Fills in the defaults: profile rfc9293, 1024 connections, no address and a zero key. */
TERN_API void tern_config_init(tern_config *config);

/* The octets a stack of this configuration needs; 0 when the configuration is not one that
 * tern_init() takes. *why, unless why is NULL, then names the field and its limits. */
TERN_API size_t tern_size(const tern_config *config, const char **why);

/* Makes a stack in mem, which must be aligned as malloc() aligns and hold tern_size() octets.
 * Every octet of the arena is written. NULL when mem_bytes is too small or the configuration is
 * wrong. The stack is at the start of mem; the memory remains the caller's. */
TERN_API tern_stack *tern_init(void *mem, size_t mem_bytes, const tern_config *config);

/* Gives the key of SYN cookies from outside, so that any stack that has it can verify a cookie of
 * another behind the same address. The last key given stays good. number: higher than the last
 * one's by one, and the same on all hosts; its parity is in each cookie. Without this call a stack
 * makes its own keys, a new one a minute. Errors: INVALID (number 0). */
TERN_API tern_err tern_cookie_key_set(tern_stack *stack, tern_time now_us,
                                      const uint8_t key[TERN_KEY_BYTES], uint32_t number);

/* Gives the key of Fast Open cookies from outside, so that hosts behind one address (also Linux
 * ones: its sysctl net.ipv4.tcp_fastopen_key names the octets as four little-endian words) take one
 * another's. The last key given stays good; a client that comes with its cookie gets a new one.
 * number: as in tern_cookie_key_set(). Without this call a stack makes its own, a new one an hour.
 * Errors: INVALID (number 0). RFC 7413 4.1.2. */
TERN_API tern_err tern_fast_open_key_set(tern_stack *stack, tern_time now_us,
                                         const uint8_t key[TERN_KEY_BYTES], uint32_t number);

/* ---- Packets and time -------------------------------------------------------------------- */

/* One IP packet (v4 or v6, no link header) has come. Changes state and leaves what is owed to
 * tern_output(): never sends. Reads inside [packet, packet + bytes) only, and keeps no pointer
 * to it. Returns the last rule that the packet met: for one that was dropped, why.
 * RFC 9293 3.10.7. */
TERN_API tern_rule tern_input(tern_stack *stack, tern_time now_us, const void *packet,
                              size_t bytes);

/* Runs the timers that are due, then writes the next IP packet that the stack owes, complete with
 * its checksums, into packet. Returns its octets; 0: nothing now. cap_bytes must be at least the
 * configured mtu_bytes, or nothing comes out. Call until it returns 0. RFC 9293 3.10.8. */
TERN_API size_t tern_output(tern_stack *stack, tern_time now_us, void *packet, size_t cap_bytes);

/* When tern_output() must be called next, if nothing comes in before: TERN_NOW when a packet is
 * owed, TERN_NEVER when nothing will happen by itself. May be early (then tern_output() returns 0
 * and the next deadline is later), never late. */
TERN_API tern_time tern_deadline(const tern_stack *stack);

/* ---- Events ------------------------------------------------------------------------------ */

enum {
    TERN_EVENT_ACCEPTABLE = 1 << 0,  /* a listener: tern_accept() has a connection */
    TERN_EVENT_CONNECTED = 1 << 1,   /* an active open is done: ESTABLISHED */
    TERN_EVENT_READABLE = 1 << 2,    /* new octets for tern_recv(), or the end of them */
    TERN_EVENT_WRITABLE = 1 << 3,    /* tern_send() takes octets again after a refusal */
    TERN_EVENT_PEER_CLOSED = 1 << 4, /* the peer's FIN has come: after what is queued, the end */
    TERN_EVENT_CLOSED = 1 << 5,      /* the connection is gone (error: why, TERN_OK if in order);
                                      * the handle stays until tern_close(), to read what is left */
    TERN_EVENT_URGENT = 1 << 6,      /* the peer has urgent data: tern_urgent_mark() */
    TERN_EVENT_FINISHED = 1 << 7,    /* our FIN is acknowledged: the peer has all that was sent */
    TERN_EVENT_HELD = 1 << 8,        /* a listener: tern_next_held() has a handshake */
};

typedef struct tern_event {
    tern_handle handle;
    uint32_t what;  /* a set of TERN_EVENT_ bits */
    tern_err error; /* with TERN_EVENT_CLOSED */
} tern_event;

/* Takes the next event, false when there is none. A connection is in the queue once, with all
 * that happened to it: the queue never overflows. The program is never called back. */
TERN_API bool tern_next_event(tern_stack *stack, tern_event *event);

/* ---- User calls, RFC 9293 3.10.1 - 3.10.6 -------------------------------------------------- */

/* Passive OPEN, also of a port with connections in TIME-WAIT. local: address (all zero: any of the
 * stack's; 0.0.0.0, which is ::ffff:0.0.0.0: any of its IPv4 ones) and port. backlog: connections
 * established and not yet accepted; the rest wait half-open. Errors: INVALID (port 0, backlog 0),
 * NOT_LOCAL, IN_USE, NO_RESOURCES. */
TERN_API tern_err tern_listen(tern_stack *stack, tern_time now_us, const tern_endpoint *local,
                              uint32_t backlog, tern_handle *listener);

/* One more listener for the endpoint of another: each SYN goes to one of them by a keyed hash of
 * its four-tuple, so that several programs share a port. When one is closed, what it had not
 * accepted is reset; the half-open records are the others'. Errors: INVALID (backlog 0, a listener
 * that holds), STALE, NO_RESOURCES. */
TERN_API tern_err tern_listen_beside(tern_stack *stack, tern_time now_us, tern_handle listener,
                                     uint32_t backlog, tern_handle *beside);

/* Takes the next established connection of a listener. Errors: WOULD_BLOCK, STALE. */
TERN_API tern_err tern_accept(tern_stack *stack, tern_time now_us, tern_handle listener,
                              tern_handle *connection);

/* Turns Fast Open on at a listener (RFC 7413): data in the SYN of a client that has a cookie goes
 * to the program at once, in a connection that may be read, written and closed before the
 * handshake is done. pending_max: how many connections may be in that state (4.2,
 * PendingFastOpenRequests); what is beyond goes the ordinary way. 0: off, as in the beginning. Only
 * for a program that bears the same data twice: the network may repeat a SYN after its connection
 * has ended (2.1, 6.1). Errors: STALE. */
TERN_API tern_err tern_fast_open(tern_stack *stack, tern_time now_us, tern_handle listener,
                                 uint32_t pending_max);

/* Gives a listener keys of its own for Fast Open cookies, in place of the stack's
 * (tern_fast_open_key_set()): `present` makes them, `last` (NULL: none) stays good. present NULL:
 * the stack's again. Errors: STALE; INVALID (`last` alone). RFC 7413 4.1.2. */
TERN_API tern_err tern_fast_open_listener_keys(tern_stack *stack, tern_time now_us,
                                               tern_handle listener,
                                               const uint8_t present[TERN_KEY_BYTES],
                                               const uint8_t last[TERN_KEY_BYTES]);

/* Active OPEN. local: NULL, or with an address and a port, either of which may be zero: chosen
 * (the port by RFC 6056). The handle is good at once; TERN_EVENT_CONNECTED or _CLOSED follows.
 * Errors: INVALID, NO_REMOTE, NOT_LOCAL, EXISTS (the four-tuple), NO_PORTS, NO_RESOURCES. */
TERN_API tern_err tern_connect(tern_stack *stack, tern_time now_us, const tern_endpoint *local,
                               const tern_endpoint *remote, tern_handle *connection);

/* SEND on a passive OPEN with the remote socket now given: the listener becomes an active open
 * from its own port (RFC 9293 3.10.2, LISTEN STATE), and its handle is gone.
 * Errors: as tern_connect(), STALE. */
TERN_API tern_err tern_listener_connect(tern_stack *stack, tern_time now_us, tern_handle listener,
                                        const tern_endpoint *remote, tern_handle *connection);

/* SEND. Copies as much as the send buffer and the chunk pool take and returns the octets taken:
 * also fewer than bytes. Before ESTABLISHED the octets are queued. Errors: WOULD_BLOCK (the send
 * buffer is full), NO_RESOURCES (the pools are), CLOSING (after shutdown), STALE, or why the
 * connection ended. TERN_EVENT_WRITABLE follows a WOULD_BLOCK or a short count, when a third
 * of the buffer is free (see also TERN_OPTION_UNSENT_LOW); with bytes 0 nothing is taken, and the
 * event follows if that is not so already. */
TERN_API ptrdiff_t tern_send(tern_stack *stack, tern_time now_us, tern_handle connection,
                             const void *data, size_t bytes);

/* SEND with the urgent flag: like tern_send(), and the urgent data ends with the octets taken (of a
 * short count, before the rest: give that to tern_send_urgent() too). Segments carry URG until its
 * end is acknowledged, the pointer names the octet behind it (RFC 9293 3.8.5, MUST-62; RFC 6093 4).
 * Many middleboxes clear URG, and most receivers count only the last octet as urgent: new programs
 * should not use it (SHLD-13). */
TERN_API ptrdiff_t tern_send_urgent(tern_stack *stack, tern_time now_us, tern_handle connection,
                                    const void *data, size_t bytes);

/* SEND of a record: like tern_send(), and a segment ends with the last octet, when all are taken
 * (of a short count, give the rest to tern_send_record() too): nothing that is given later joins
 * it, the first time or when it is sent again. A stream has no records for the peer (RFC 9293
 * 3.9.1.2); this is for those who look at packets or at acknowledgments. At most
 * ranges_per_connection are kept; beyond, as tern_send(). docs/decisions/0029-records.md */
TERN_API ptrdiff_t tern_send_record(tern_stack *stack, tern_time now_us, tern_handle connection,
                                    const void *data, size_t bytes);

/* SEND, and more follows soon: like tern_send(), but less than a full segment waits, for another
 * call, an acknowledgment of something, or cork_ms, and goes without PSH if no other call comes
 * (RFC 9293 3.9.1.2: MAY-16, MUST-60). */
TERN_API ptrdiff_t tern_send_more(tern_stack *stack, tern_time now_us, tern_handle connection,
                                  const void *data, size_t bytes);

/* Octets that tern_recv() has still to give up to the end of the peer's urgent data; 0: there is
 * none. Urgent data comes in line: it is read by tern_recv() with the rest, in order. May name
 * octets that have not come yet. TERN_EVENT_URGENT tells each time the end moves on (RFC 9293
 * MUST-32, MUST-33). Errors: STALE. */
TERN_API ptrdiff_t tern_urgent_mark(const tern_stack *stack, tern_handle connection);

/* RECEIVE. Copies up to cap_bytes in order and returns the octets; 0: the peer has closed and all
 * was read. Errors: WOULD_BLOCK, INVALID (cap_bytes 0), STALE, or why the connection ended, after
 * all that came before was read. */
TERN_API ptrdiff_t tern_recv(tern_stack *stack, tern_time now_us, tern_handle connection,
                             void *data, size_t cap_bytes);

/* Like tern_recv(), and leaves the octets where they are. skip: octets to pass over first. */
TERN_API ptrdiff_t tern_peek(const tern_stack *stack, tern_handle connection, size_t skip,
                             void *data, size_t cap_bytes);

enum { TERN_SHUTDOWN_READ = 1, TERN_SHUTDOWN_WRITE = 2 };

/* Ends a direction. WRITE is RFC 9293's CLOSE: a FIN after all that is queued; receiving goes on
 * for as long as the peer sends. READ: what has come and what comes is discarded (and
 * acknowledged); tern_recv() returns 0. how: a set of both. Errors: INVALID, STALE,
 * NOT_CONNECTED, CLOSING (already shut down for writing). */
TERN_API tern_err tern_shutdown(tern_stack *stack, tern_time now_us, tern_handle connection,
                                int how);

/* Gives the handle back: it is stale from here on. A connection closes in order by itself (FIN,
 * retransmission, TIME-WAIT); when octets are unread, or come later, the peer is told by a RST
 * (RFC 9293 3.6.1, RFC 2525 2.17). TERN_OPTION_LINGER_MS changes that; who wants to wait until the
 * peer has all shuts down writing first and awaits TERN_EVENT_FINISHED. A listener stops: its
 * half-open and unaccepted connections are reset. Errors: STALE. */
TERN_API tern_err tern_close(tern_stack *stack, tern_time now_us, tern_handle handle);

/* ABORT: a RST to the peer, all queued octets dropped, the handle stale. Errors: STALE. */
TERN_API tern_err tern_abort(tern_stack *stack, tern_time now_us, tern_handle connection);

/* ---- Held handshakes ----------------------------------------------------------------------- */

/* From now on (on), the listener's SYNs are held: nothing is answered before the program says so,
 * and TERN_EVENT_HELD tells it. A proxy can so ask its upstream first. Off: the SYNs to come are
 * answered at once; those that are held wait on. A held handshake is a half-open record: when
 * half_open_max are taken, a SYN is dropped (a cookie would be an answer). It dies after hold_ms,
 * by a reset of its peer, by a new SYN of it (which is held in its place), and with the listener;
 * the same SYN again is absorbed. docs/decisions/0013. Errors: STALE; INVALID (a listener
 * that shares its endpoint: tern_listen_beside()). */
TERN_API tern_err tern_hold(tern_stack *stack, tern_time now_us, tern_handle listener, bool on);

/* Takes the next held handshake of a listener, oldest first. Errors: WOULD_BLOCK, STALE. */
TERN_API tern_err tern_next_held(tern_stack *stack, tern_time now_us, tern_handle listener,
                                 tern_handle *held);

/* What is known of it: its SYN. */
typedef struct tern_held_info {
    tern_endpoint local, remote;
    uint32_t irs;    /* SEG.SEQ */
    uint16_t window; /* octets: SEG.WND, which is never scaled in a SYN */
    uint16_t mss;    /* at most our link's; without has_mss the default (RFC 9293 3.7.1) */
    uint8_t shift;   /* of the window scale, at most 14 */
    bool has_mss, has_window_scale, sack_permitted, has_timestamps;
    bool has_text;      /* octets came with it; they are not kept, the peer will send them again */
    uint32_t ts_value;  /* the latest TSval */
    uint32_t waited_ms; /* since it came */
} tern_held_info;

/* Errors: STALE. */
TERN_API tern_err tern_held_get(const tern_stack *stack, tern_handle held, tern_held_info *info);

typedef enum tern_answer_what {
    TERN_ANSWER_ACCEPT, /* SYN,ACK: half-open as any other; TERN_EVENT_ACCEPTABLE will follow */
    TERN_ANSWER_REFUSE, /* RST,ACK, as from a port where nobody listens */
    TERN_ANSWER_UNREACHABLE, /* ICMP: host unreachable (RFC 792), address unreachable (RFC 4443) */
    TERN_ANSWER_DROP,        /* nothing; the peer's next SYN is held anew */
} tern_answer_what;

/* Answers it; the handle is stale from here on. Errors: INVALID, STALE; NO_RESOURCES: no room for
 * the answer (replies_max), it is still held. */
TERN_API tern_err tern_answer(tern_stack *stack, tern_time now_us, tern_handle held,
                              tern_answer_what answer);

#define TERN_LINGER_OFF UINT32_MAX

typedef enum tern_option {
    TERN_OPTION_NODELAY,         /* 1: no Nagle (RFC 9293 3.7.4, MUST-17) */
    TERN_OPTION_SEND_BUFFER,     /* octets */
    TERN_OPTION_RECV_BUFFER,     /* octets; a window once offered is not taken back */
    TERN_OPTION_USER_TIMEOUT_MS, /* RFC 9293 3.8.3: R2 of this connection; 0: the stack's */
    TERN_OPTION_DELAYED_ACK,     /* 0: acknowledge each segment at once */
    TERN_OPTION_CONGESTION,      /* index into tern_congestion_list() */
    TERN_OPTION_KEEPALIVE,       /* 1: probe a silent peer (RFC 9293 3.8.4) */
    TERN_OPTION_KEEP_IDLE_MS,    /* these three count from when they are set */
    TERN_OPTION_KEEP_INTERVAL_MS,
    TERN_OPTION_KEEP_COUNT,  /* 1 .. 255 */
    TERN_OPTION_TTL,         /* 1 .. 255; not of the SYN,ACK of a passive open */
    TERN_OPTION_TOS,         /* 0 .. 255; the two ECN bits are tern's */
    TERN_OPTION_CORK,        /* 1: only full segments; what is left goes out after cork_ms */
    TERN_OPTION_MAX_SEGMENT, /* octets, options included, 88 .. 65535: the MSS both ways is at most
                              * this; 0: the link's. To offer it, set it before the SYN goes out */
    TERN_OPTION_FIN_WAIT_2_MS, /* the configuration's fin_wait_2_ms for this connection */
    TERN_OPTION_USER_TIMEOUT_ADVERTISE_MS, /* the configuration's user_timeout_advertise_ms for this
                                            * connection: told to the peer at once */
    TERN_OPTION_USER_TIMEOUT_CHANGEABLE, /* 1: the peer's option may change the user timeout; 0 from
                                          * when TERN_OPTION_USER_TIMEOUT_MS is set */
    TERN_OPTION_LINGER_MS,   /* what tern_close() does: TERN_LINGER_OFF (the default), close in the
                                * background; 0, abort; else close in the background, and abort when
                                * our FIN is not acknowledged after this time */
    TERN_OPTION_FAST_OPEN,   /* 1, between tern_connect() and tern_output(): the SYN carries what
                            * tern_send() took by then, behind the server's cookie; without one it
                            * asks for one, and the data follows the handshake. Whatever becomes of
                            * the SYN, the data arrives. Only for data that the server's program
                            * bears twice (RFC 7413 6.1). INVALID: the SYN has gone */
    TERN_OPTION_SYN_RETRIES, /* 0 .. 255: so often a SYN, or a listener's SYN,ACK, goes again, a SYN
                              * after waits that double from the first one on (RFC 6298 5.5); 0: as
                              * the configuration's schedule has it */
    TERN_OPTION_UNSENT_LOW,  /* octets: while so many were not sent once, tern_send() refuses, and
                              * TERN_EVENT_WRITABLE waits until they are fewer; 0: as the
                              * configuration's unsent_low_bytes has it */
    TERN_OPTION_DEFER_ACCEPT_MS, /* a listener's: for so long after its SYN a connection without
                                  * data stays half-open, at most as long as such a record lives;
                                  * 0: off */
    TERN_OPTION_MAY_FRAGMENT, /* 1: IPv4 without DF: a narrow path fragments, none is looked for and
                               * ICMP messages of one are not heard (RFC 1191 3). Not of the SYN,ACK
                               * of a passive open. On IPv6 it means nothing */
    TERN_OPTION_SAVE_SYN,     /* a listener's: 1: the headers of SYNs are kept, tern_saved_syn() */
    TERN_OPTION_SYN_GIVE_UP_MS, /* an open without an answer is given up after so long, in place of
                                 * the configuration's count and time; 0: as that has it */
    TERN_OPTION_PLAIN_SYN, /* 1, between tern_connect() and tern_output(): the SYN carries no TCP
                            * option, and none is agreed: the peer takes the MSS to be 536 octets,
                            * 1220 over IPv6 (RFC 9293 3.7.1). INVALID: the SYN has gone. Of a
                            * listener: likewise its SYN,ACKs; of a SYN only the MSS is read */
} tern_option;

/* Errors: INVALID (unknown option, value out of its range), NO_RESOURCES (settings_max connections
 * have settings of their own), STALE. What is set on a listener counts for the SYN,ACKs it sends
 * from then on, and its connections begin with it: a copy, what is set later they do not have. When
 * the settings are all taken, a connection goes on with the configuration's.
 * docs/decisions/0024-a-listeners-options.md */
TERN_API tern_err tern_option_set(tern_stack *stack, tern_time now_us, tern_handle connection,
                                  tern_option option, uint32_t value);
TERN_API tern_err tern_option_get(const tern_stack *stack, tern_handle connection,
                                  tern_option option, uint32_t *value);

/* The IP and TCP headers of the SYN by which the peer opened this connection. Returns their octets;
 * 0: they were not kept, or given before. Copied, and given back to the stack, when `most` is
 * enough (120 always is); else nothing is. What saved_syns_max has no room for is not kept.
 * Errors: STALE. docs/decisions/0025-saved-syns.md */
TERN_API ptrdiff_t tern_saved_syn(tern_stack *stack, tern_handle connection, void *headers,
                                  size_t most);

/* ---- What a client knows for Fast Open ------------------------------------------------------ */

#define TERN_FAST_OPEN_COOKIE_MAX_BYTES 16

/* A server, as RFC 7413 4.1.3 wants it kept. A program may save these and give them to a later
 * stack. */
typedef struct tern_fast_open_entry {
    tern_address local;
    tern_endpoint remote;
    tern_time off_us; /* for so long no Fast Open: it did not answer well (4.1.3.1); at most 17 h */
    uint16_t mss;     /* from its SYN,ACK; 0: not known */
    uint8_t failures; /* in a row */
    uint8_t cookie_bytes; /* 0: none yet; else 4 .. 16 and even */
    uint8_t cookie[TERN_FAST_OPEN_COOKIE_MAX_BYTES];
    bool experiment; /* the cookie came in the option's form of before RFC 7413 and goes so */
} tern_fast_open_entry;

/* Walks over them. Begin with *cursor = 0; false when there is no more. */
TERN_API bool tern_fast_open_cache_next(const tern_stack *stack, uint64_t *cursor,
                                        tern_fast_open_entry *entry);

/* How many octets the SYN of a tern_connect() from local (NULL, or any address: chosen) to remote
 * would carry with TERN_OPTION_FAST_OPEN, if tern_send() took as many before it goes out; 0: there
 * is no cookie, or the server is spared for now. */
TERN_API uint32_t tern_fast_open_room(const tern_stack *stack, const tern_endpoint *local,
                                      const tern_endpoint *remote);

/* Adds one, or replaces what is known of this server. When fast_open_cache_max are known, the one
 * used longest ago gives way. Errors: INVALID (an entry that cannot be), NOT_LOCAL. */
TERN_API tern_err tern_fast_open_cache_put(tern_stack *stack, tern_time now_us,
                                           const tern_fast_open_entry *entry);

/* ---- Addresses and names ------------------------------------------------------------------- */

#define TERN_ADDRESS_TEXT_BYTES 46

TERN_API tern_address tern_address_ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d);
TERN_API bool tern_address_is_ipv4(const tern_address *address);
/* "10.77.0.2" or "fd77::2" (RFC 4291 2.2). false, and *address untouched, when it is neither. */
TERN_API bool tern_address_parse(const char *text, tern_address *address);
/* Writes the address as RFC 5952 has it, with its NUL, and returns text. */
TERN_API char *tern_address_text(const tern_address *address, char text[TERN_ADDRESS_TEXT_BYTES]);

TERN_API const char *tern_err_text(tern_err err);       /* "connection refused" */
TERN_API const char *tern_err_name(tern_err err);       /* "REFUSED" */
TERN_API const char *tern_state_name(tern_state state); /* "SYN-SENT" */
TERN_API const char *tern_cause_name(tern_cause cause); /* "rcv FIN" */

TERN_API const char *tern_version(void);

/* Called when tern has done wrong itself, with the place and the condition that does not hold. The
 * library's own traps. It is weak: a program that defines a function of this name has that one
 * called. It must not return, and the stack must not be used again. */
TERN_API void tern_check_failed(const char *file, int line, const char *what);

#ifdef __cplusplus
}
#endif

#endif
