/* tcp_fixture.h - one stack under test in virtual time, its peer played by hand.
 *
 * Packets are injected and expected through the public API only. Sequence numbers are relative: a
 * peer's to its own ISN (`peer.iss`, which the test chooses), tern's to the ISN of the last SYN it
 * sent (`peer.tern_iss`); 0 is the SYN, 1 the first octet. `.raw` takes them as they are.
 *
 *     fixture *x = fixture_begin(NULL);
 *     x_listen(x);
 *     x_inject(x, .flags = TCP_SYN, .mss = 1460);
 *     x_expect(x, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 1460);
 *     x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1);
 *     x_expect_nothing(x);
 *
 * After every call the fixture checks what must hold at all times: use within the limits, SND.UNA
 * =< SND.NXT, and that a copy of the arena has nothing to do before tern_deadline(). Every packet
 * lies in a block of exactly its size. What a case opened is freed when it ends; a failed case
 * prints its packets. With TERN_COVERAGE_DIR set, the rules and edges that a case hit are noted
 * there for tests/tidy/coverage_rules.py. */
#ifndef TERN_TESTS_UNIT_TCP_FIXTURE_H
#define TERN_TESTS_UNIT_TCP_FIXTURE_H

#include "tern/status.h"
#include "tern/tern.h"
#include "tern/trace.h"
#include "tests/test.h"
#include "wire/tcp_header.h"
#include "wire/tcp_options.h"

enum {
    FIXTURE_PORT = 80,         /* tern's, in passive opens */
    FIXTURE_PEER_PORT = 40000, /* the peer's */
    FIXTURE_MSS = 1460,        /* offered by the peer, in x_bring() */
    WINDOW_ZERO = -1,          /* .window: 0 on the wire; 0 stands for "not named" */
};

/* A segment to inject or to expect. What is not named: injected, it is absent (window: 65535);
 * expected, flags, seq, ack (with ACK), urgent, text and SACK blocks are checked always, the rest
 * not. */
struct seg {
    uint16_t flags;
    bool raw; /* seq, ack and SACK blocks as on the wire, not relative */
    uint32_t seq, ack;
    int32_t window; /* as on the wire */
    uint16_t urgent;
    const char *text; /* NULL: octets by their place in the stream, see pattern_octet() */
    uint32_t bytes;   /* of text */
    uint16_t mss;
    uint8_t scale; /* 1 + the shift */
    bool sack_ok;
    bool ts;           /* injected: added by itself when agreed, unless .no_ts */
    uint32_t ts_value; /* injected, 0: the peer's clock */
    uint32_t ts_echo;  /* injected, 0: the last value seen */
    bool no_ts;
    bool no_options; /* expected: none at all */
    uint8_t fast;    /* Fast Open: 1 + the octets of the cookie; 1: a request. Checked always */
    const uint8_t *cookie; /* injected; NULL: the last one that tern sent */
    uint8_t sack_count;
    tcp_sack_block sack[TCP_SACK_BLOCKS_MAX]; /* injected: of tern's octets; expected: the peer's */
    const uint8_t *options;                   /* injected instead of the fields above */
    size_t options_bytes;
};

/* Who tern talks to. A case may keep several and put the one it means into fixture.peer. */
struct peer {
    tern_endpoint remote, local; /* remote: the peer */
    uint32_t iss, tern_iss;
    uint32_t next, tern_next; /* relative: RCV.NXT and SND.NXT as x_bring() left them */
    bool ts_on;               /* agreed: injected segments carry timestamps */
    uint32_t ts_offset;       /* the peer's clock is milliseconds + this */
    uint32_t ts_seen;         /* tern's last TSval */
    uint8_t cookie[TCP_FAST_OPEN_COOKIE_MAX_BYTES]; /* Fast Open: tern's last */
    uint32_t sent, read; /* octets that x_send() gave and x_recv() took */
};

typedef struct fixture {
    tern_stack *stack;
    tern_config config;
    size_t arena_bytes;
    tern_time now_us;
    struct peer peer;
    tern_handle listener, c; /* as x_listen(), x_connect(), x_accept() leave them */
    char *log;
    size_t log_bytes, log_cap;
    const char *name; /* of the case */
    tern_stack *shadow;
    struct fixture *next;
} fixture;

/* ---- Begin ---- */

/* Small limits, no reassembly of fragments, the addresses 10.0.0.1 and fd00::1, a fixed key,
 * everything else by default. */
tern_config fixture_config(void);
/* The same with one key of the profiles changed. */
tern_config fixture_config_with(const char *key, const char *value);

/* A stack of this configuration (NULL: fixture_config()) at 1000 s on its clock, and a peer at
 * 10.0.0.2 whose ISN is 1000. Never fails but by test_fail(). */
fixture *fixture_begin(const tern_config *config);

/* Frees it now: for a case that makes many. What is open when a case ends is freed then. */
void fixture_end(fixture *x);

/* The peer's and tern's address become fd00::2 and fd00::1. */
void x_ipv6(fixture *x);

/* Moves the stack to another address; it goes on from there. */
void x_move(fixture *x);

/* The trace hook that notes coverage, for a stack that a test makes by itself. */
void fixture_trace(void *context, const tern_trace *trace);

/* Has this case taken this edge of edges.def? */
bool fixture_edge(tern_state from, tern_state to, tern_cause cause);

/* ---- Packets ---- */

/* Builds the packet of a segment from the peer; `packet` has room for 65535. */
size_t x_build(const fixture *x, const struct seg *s, uint8_t *packet);

/* Hands an IP packet to tern, from a block of exactly its size. */
tern_rule x_inject_packet(fixture *x, const void *packet, size_t bytes);

tern_rule x_inject_seg(fixture *x, struct seg s);
void x_expect_seg(fixture *x, struct seg s, const char *file, int line);
void x_expect_seg_after(fixture *x, uint32_t ms, struct seg s, const char *file, int line);
void x_expect_nothing_at(fixture *x, const char *file, int line);
void x_advance_at(fixture *x, uint32_t ms, const char *file, int line);

/* Returns the last rule that the segment met. */
#define x_inject(x, ...) x_inject_seg((x), (struct seg){__VA_ARGS__})

/* The next packet out is this segment, and it comes now. */
#define x_expect(x, ...) x_expect_seg((x), (struct seg){__VA_ARGS__}, __FILE__, __LINE__)

/* Nothing comes for ms milliseconds; then this segment does. */
#define x_expect_after(x, ms, ...)                                                                 \
    x_expect_seg_after((x), (ms), (struct seg){__VA_ARGS__}, __FILE__, __LINE__)

/* Nothing is owed now. */
#define x_expect_nothing(x) x_expect_nothing_at((x), __FILE__, __LINE__)

/* Time passes, timers fire in order, and nothing comes out. */
#define x_advance(x, ms) x_advance_at((x), (ms), __FILE__, __LINE__)

/* The next packet out, now; 0: none. `packet` has room for the MTU. Logged and checked. */
size_t x_output(fixture *x, uint8_t *packet);

/* Lets ms milliseconds pass and throws away what comes out; returns how many packets. */
uint32_t x_run(fixture *x, uint32_t ms);

/* The octet of a stream with this relative sequence number, in segments without .text. */
uint8_t pattern_octet(uint32_t relative);

/* ---- Calls; these fail the case when tern answers with an error ---- */

void x_listen(fixture *x);  /* on FIXTURE_PORT, backlog 16, any address */
void x_connect(fixture *x); /* to the peer; peer.local is what tern chose */
void x_accept(fixture *x);
void x_send(fixture *x, uint32_t bytes); /* of the pattern, from where the stream is */
void x_recv(fixture *x, uint32_t bytes); /* exactly these, and checks them against the pattern */

/* The next event is this one, for this handle. */
/* How often a rule was hit. */
static inline uint64_t x_hits(const fixture *x, tern_rule rule)
{
    return tern_counter(x->stack, rule);
}

void x_event_at(fixture *x, tern_handle handle, uint32_t what, const char *file, int line);
#define x_event(x, handle, what) x_event_at((x), (handle), (what), __FILE__, __LINE__)
void x_no_event_at(fixture *x, const char *file, int line);
#define x_no_event(x) x_no_event_at((x), __FILE__, __LINE__)

/* ---- What is ---- */

/* The connection, half-open or TIME-WAIT record with this peer; false: there is none. */
bool x_find(const fixture *x, tern_status *status);

/* STATUS of x->c; fails the case when the handle is stale. */
tern_status x_status(const fixture *x);

/* The state towards this peer is as named; CLOSED: there is no connection. */
void x_state_at(const fixture *x, tern_state want, const char *file, int line);
#define x_state(x, state) x_state_at((x), (state), __FILE__, __LINE__)

tern_usage x_usage(const fixture *x);

/* ---- Ways into a state ---- */

enum x_way {
    WAY_PASSIVE = 0,
    WAY_ACTIVE = 1 << 0,
    WAY_IPV6 = 1 << 1,
    WAY_OPTIONS = 1 << 2,  /* window scale 7, timestamps and SACK by the peer too */
    WAY_RELEASED = 1 << 3, /* closed by tern_close(): no handle any more; else tern_shutdown() */
    WAY_SIMULTANEOUS = 1 << 4, /* both open at once */
    WAY_CROSSING = 1 << 5,     /* TIME-WAIT by way of CLOSING: both close at once */
};

/* Brings a new connection into a state; all that was owed is sent. Afterwards peer.next is RCV.NXT
 * and peer.tern_next SND.NXT, relative. SYN-RECEIVED: WAY_PASSIVE is a half-open record, WAY_ACTIVE
 * a simultaneous open. CLOSED and LISTEN: no connection, the latter with a listener. */
void x_bring(fixture *x, tern_state state, unsigned ways);

/* Half of it: the handshake alone. */
void x_establish(fixture *x, unsigned ways);

#endif
