/* tcp_fixture.c - one stack under test in virtual time, its peer played by hand. */
#define _GNU_SOURCE
#include "tests/unit/tcp_fixture.h"

#include "base/bytes.h"
#include "tern/profile.h"
#include "wire/checksum.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

enum {
    PACKET_MAX = 65535,
    EDGES_MAX = 128,
    START_S = 1000,
    LINE_BYTES = 256,
};

static const tern_time hour_us = UINT64_C(3600000000);
static fixture *open_fixtures;
static bool rules_hit[TERN_RULES], edges_hit[EDGES_MAX];

/* ---- What a case leaves behind ---- */

static void close_one(fixture *x, bool failed)
{
    if (failed && x->log_bytes > 0)
        printf("the packets of %s:\n%s", x->name, x->log);
    free(x->stack);
    free(x->shadow);
    free(x->log);
    free(x);
}

/* All that are open; of a failed case the newest one, which is first, says what it saw. */
static void close_fixtures(bool failed)
{
    while (open_fixtures != NULL) {
        fixture *x = open_fixtures;
        open_fixtures = x->next;
        close_one(x, failed);
        failed = false;
    }
}

void fixture_end(fixture *x)
{
    fixture **place = &open_fixtures;

    while (*place != x)
        place = &(*place)->next;
    *place = x->next;
    close_one(x, false);
}

static const char *const rule_names[TERN_RULES] = {
#define RULE(name, source, level, text) [TERN_RULE_##name] = #name,
#include "tern/rules.def"
#undef RULE
};

static const char *const state_names[TERN_STATES] = {
#define STATE(name, text, properties) [TERN_##name] = #name,
#include "tern/states.def"
#undef STATE
};

static const char *const cause_names[TERN_CAUSES] = {
#define CAUSE(name, text) [TERN_CAUSE_##name] = #name,
#include "tern/edges.def"
};

/* The program's file in TERN_COVERAGE_DIR, to append to; NULL: not asked for. */
static FILE *coverage_open(void)
{
    const char *dir = getenv("TERN_COVERAGE_DIR");
    char path[4096];

    if (dir == NULL)
        return NULL;
    snprintf(path, sizeof path, "%s/%s.txt", dir, program_invocation_short_name);
    return fopen(path, "a");
}

static void coverage_write(const char *name)
{
    FILE *f = coverage_open();

    if (f != NULL) {
        for (size_t i = 1; i < TERN_RULES; i++)
            if (rules_hit[i])
                fprintf(f, "rule %s %s\n", rule_names[i], name);
        for (size_t i = 0; i < EDGES_MAX; i++) {
            const tern_edge_info *e = tern_edge_get(i);
            if (edges_hit[i] && e != NULL)
                fprintf(f, "edge %s %s %s %s\n", state_names[e->from], state_names[e->to],
                        cause_names[e->cause], name);
        }
        fclose(f);
    }
    memset(rules_hit, 0, sizeof rules_hit);
    memset(edges_hit, 0, sizeof edges_hit);
}

static void case_passed(const char *name)
{
    coverage_write(name);
    close_fixtures(false);
}

/* The last case of a program may be one that failed. */
__attribute__((destructor)) static void case_failed(void)
{
    close_fixtures(true);
}

void fixture_trace(void *context, const tern_trace *trace)
{
    (void)context;
    if (trace->kind == TERN_TRACE_RULE) {
        rules_hit[trace->rule] = true;
        return;
    }
    if (trace->kind != TERN_TRACE_STATE)
        return;
    const tern_edge_info *e;
    for (size_t i = 0; (e = tern_edge_get(i)) != NULL && i < EDGES_MAX; i++)
        if (e->from == trace->from && e->to == trace->to && e->cause == trace->cause)
            edges_hit[i] = true;
}

bool fixture_edge(tern_state from, tern_state to, tern_cause cause)
{
    const tern_edge_info *e;

    for (size_t i = 0; (e = tern_edge_get(i)) != NULL && i < EDGES_MAX; i++)
        if (e->from == from && e->to == to && e->cause == cause)
            return edges_hit[i];
    return false;
}

/* ---- The log: a line a packet ---- */

__attribute__((format(printf, 2, 3))) static void log_line(fixture *x, const char *format, ...)
{
    va_list arguments;

    if (x->log_cap - x->log_bytes < LINE_BYTES) {
        x->log_cap += 64 * LINE_BYTES;
        x->log = realloc(x->log, x->log_cap);
        CHECK(x->log != NULL);
    }
    va_start(arguments, format);
    int n = vsnprintf(x->log + x->log_bytes, LINE_BYTES, format, arguments);
    va_end(arguments);
    x->log_bytes += (size_t)(n < LINE_BYTES ? n : LINE_BYTES - 1);
}

static void flags_text(uint16_t flags, char text[16])
{
    static const char letters[] = "FSRPAUEC";
    char *at = text;

    for (unsigned i = 0; i < 8; i++)
        if ((flags >> i & 1) != 0)
            *at++ = letters[i];
    *at = '\0';
}

/* A segment with relative numbers, as people read it. */
static void seg_text(const struct seg *s, char *text, size_t cap)
{
    char flags[16];
    size_t n;

    flags_text(s->flags, flags);
    n = (size_t)snprintf(text, cap, "<%s> seq %u len %u", flags, s->seq, s->bytes);
    if ((s->flags & TCP_ACK) != 0)
        n += (size_t)snprintf(text + n, cap - n, " ack %u", s->ack);
    if (s->window != 0)
        n += (size_t)snprintf(text + n, cap - n, " win %d", s->window < 0 ? 0 : s->window);
    if (s->mss != 0)
        n += (size_t)snprintf(text + n, cap - n, " mss %u", s->mss);
    if (s->scale != 0)
        n += (size_t)snprintf(text + n, cap - n, " scale %u", s->scale - 1u);
    if (s->sack_ok)
        n += (size_t)snprintf(text + n, cap - n, " sack-ok");
    if (s->ts)
        n += (size_t)snprintf(text + n, cap - n, " ts %u echo %u", s->ts_value, s->ts_echo);
    for (unsigned i = 0; i < s->sack_count && n < cap; i++)
        n += (size_t)snprintf(text + n, cap - n, " sack %u-%u", s->sack[i].left.v,
                              s->sack[i].right.v);
}

static void log_seg(fixture *x, const char *arrow, const struct seg *s)
{
    char text[LINE_BYTES / 2];

    seg_text(s, text, sizeof text);
    log_line(x, "%12.3f ms %s %s\n", (double)(x->now_us - START_S * UINT64_C(1000000)) / 1000.0,
             arrow, text);
}

/* ---- What must hold at all times ---- */

static void check_usage(const fixture *x)
{
    const tern_config *c = &x->config;
    tern_usage u, seen = {0};
    tern_status st;
    uint64_t cursor = 0;

    tern_usage_get(x->stack, &u);
    while (tern_status_next(x->stack, &cursor, &st)) {
        seen.listeners += st.state == TERN_LISTEN;
        seen.half_open += st.half_open_record;
        seen.time_wait += st.time_wait_record;
        seen.connections += st.state != TERN_LISTEN && !st.half_open_record && !st.time_wait_record;
        CHECK((int32_t)(st.snd_nxt - st.snd_una) >= 0);
        CHECK_EQ(st.unacked, st.half_open_record ? 0 : st.snd_nxt - st.snd_una);
    }
    CHECK_EQ(seen.listeners, u.listeners);
    CHECK_EQ(seen.half_open, u.half_open);
    CHECK_EQ(seen.time_wait, u.time_wait);
    CHECK(seen.connections <= u.connections);
    CHECK(u.connections <= c->connections_max && u.half_open <= c->half_open_max);
    CHECK(u.time_wait <= c->time_wait_max && u.listeners <= c->listeners_max);
    CHECK(u.chunks <= c->chunks_max && u.flights <= c->flights_max);
    CHECK(u.ranges <= c->ranges_max && u.replies <= c->replies_max);
    CHECK(u.fragments <= c->fragments_max);
    CHECK(u.saved_syns <= u.half_open + u.connections);
    if (u.connections == 0) {
        CHECK_EQ(u.flights, 0);
        CHECK_EQ(u.ranges, 0);
        CHECK(u.chunks == 0 || u.replies > 0 || u.fragments > 0);
    }
}

/* A copy of the arena, at another address and without a hook, does nothing up to the deadline. */
static void check_deadline(const fixture *x)
{
    tern_time deadline = tern_deadline(x->stack);
    uint8_t *packet;

    if (deadline <= x->now_us)
        return;
    memcpy(x->shadow, x->stack, x->arena_bytes);
    tern_trace_set(x->shadow, NULL, NULL);
    packet = malloc(x->config.mtu_bytes);
    CHECK(packet != NULL);
    size_t now = tern_output(x->shadow, x->now_us, packet, x->config.mtu_bytes);
    tern_time before = deadline == TERN_NEVER ? x->now_us + hour_us : deadline - 1;
    size_t then = tern_output(x->shadow, before, packet, x->config.mtu_bytes);
    free(packet);
    CHECK_EQ(now, 0);
    CHECK_EQ(then, 0);
    for (tern_rule r = 1; r < TERN_RULES; r++)
        CHECK_EQ(tern_counter(x->shadow, r), tern_counter(x->stack, r));
}

static void check_all(const fixture *x)
{
    check_usage(x);
    check_deadline(x);
}

/* ---- Begin ---- */

tern_config fixture_config(void)
{
    tern_config c;

    tern_config_init(&c);
    for (unsigned i = 0; i < TERN_KEY_BYTES; i++)
        c.key[i] = (uint8_t)(i * 17 + 3);
    c.addresses[0] = tern_address_ipv4(10, 0, 0, 1);
    CHECK(tern_address_parse("fd00::1", &c.addresses[1]));
    c.address_count = 2;
    c.connections_max = 8;
    c.half_open_max = 8;
    c.time_wait_max = 4;
    c.listeners_max = 4;
    c.chunks_max = 256;
    c.chunk_bytes = 1024;
    c.flights_max = 8;
    c.ranges_max = 64;
    c.ranges_per_connection = 16;
    c.replies_max = 8;
    c.fragments_max = 0;
    c.send_buffer_bytes = 64 * 1024;
    c.recv_buffer_bytes = 128 * 1024;
    return c;
}

tern_config fixture_config_with(const char *key, const char *value)
{
    tern_config c = fixture_config();

    if (tern_profile_key_set(&c, key, value, NULL) != TERN_OK)
        test_fail(__FILE__, __LINE__, "%s=%s is refused", key, value);
    return c;
}

static void peer_begin(fixture *x, const char *remote, unsigned local)
{
    x->peer = (struct peer){.iss = 1000, .ts_offset = 5000000};
    CHECK(tern_address_parse(remote, &x->peer.remote.address));
    x->peer.remote.port = FIXTURE_PEER_PORT;
    x->peer.local = (tern_endpoint){x->config.addresses[local], FIXTURE_PORT};
}

fixture *fixture_begin(const tern_config *config)
{
    const char *why;

    if (open_fixtures != NULL && open_fixtures->name != test_name())
        close_fixtures(true); /* of a case that failed */
    test_after_case = case_passed;
    fixture *x = calloc(1, sizeof *x);
    CHECK(x != NULL);
    x->name = test_name();
    x->next = open_fixtures;
    open_fixtures = x;
    x->config = config != NULL ? *config : fixture_config();
    x->arena_bytes = tern_size(&x->config, &why);
    if (x->arena_bytes == 0)
        test_fail(__FILE__, __LINE__, "tern_size: %s", why);
    void *memory = malloc(x->arena_bytes);
    x->shadow = malloc(x->arena_bytes);
    CHECK(memory != NULL && x->shadow != NULL);
    x->stack = tern_init(memory, x->arena_bytes, &x->config);
    CHECK(x->stack != NULL);
    tern_trace_set(x->stack, fixture_trace, NULL);
    x->now_us = START_S * UINT64_C(1000000);
    peer_begin(x, "10.0.0.2", 0);
    return x;
}

void x_ipv6(fixture *x)
{
    peer_begin(x, "fd00::2", 1);
}

void x_move(fixture *x)
{
    tern_stack *to = malloc(x->arena_bytes);

    CHECK(to != NULL);
    memcpy(to, x->stack, x->arena_bytes);
    memset(x->stack, 0xa5, x->arena_bytes);
    free(x->stack);
    x->stack = to;
    tern_trace_set(x->stack, fixture_trace, NULL);
}

/* ---- Packets in ---- */

uint8_t pattern_octet(uint32_t relative)
{
    return (uint8_t)(relative * 7 + (relative >> 8) * 13);
}

static void build_options(const fixture *x, const struct seg *s, tcp_options *o)
{
    *o = (tcp_options){
        .has_mss = s->mss != 0,
        .mss = s->mss,
        .has_window_scale = s->scale != 0,
        .window_scale = (uint8_t)(s->scale - 1),
        .has_sack_permitted = s->sack_ok,
        .sack_count = s->sack_count,
        .has_fast_open = s->fast != 0,
        .fast_open_bytes = (uint8_t)(s->fast != 0 ? s->fast - 1 : 0),
        .fast_open = s->cookie != NULL ? s->cookie : x->peer.cookie,
    };
    bool plain = (s->flags & (TCP_SYN | TCP_RST)) == 0;
    o->has_timestamps = s->ts || (x->peer.ts_on && plain && !s->no_ts);
    uint32_t clock = (uint32_t)(x->now_us / 1000) + x->peer.ts_offset;
    o->ts_value = s->ts_value != 0 ? s->ts_value : clock;
    o->ts_echo = s->ts_echo != 0 || (s->flags & TCP_ACK) == 0 ? s->ts_echo : x->peer.ts_seen;
    for (unsigned i = 0; i < s->sack_count; i++) {
        uint32_t base = s->raw ? 0 : x->peer.tern_iss;
        o->sack[i].left = seq_add(s->sack[i].left, base);
        o->sack[i].right = seq_add(s->sack[i].right, base);
    }
}

size_t x_build(const fixture *x, const struct seg *s, uint8_t *packet)
{
    size_t ip_bytes = ip_header_bytes(&x->peer.local.address);
    uint8_t *segment = packet + ip_bytes;
    tcp_options o;
    size_t options_bytes = s->options_bytes;

    build_options(x, s, &o);
    if (s->options != NULL)
        memcpy(segment + TCP_HEADER_BYTES, s->options, options_bytes);
    else
        options_bytes = tcp_options_write(segment + TCP_HEADER_BYTES, &o);
    uint8_t *text = segment + TCP_HEADER_BYTES + options_bytes;
    for (uint32_t i = 0; i < s->bytes; i++)
        text[i] = s->text != NULL ? (uint8_t)s->text[i] : pattern_octet(s->seq + i);
    tcp_header h = {
        .source_port = x->peer.remote.port,
        .destination_port = x->peer.local.port,
        .seq = seq_of(s->seq + (s->raw ? 0 : x->peer.iss)),
        .ack = seq_of((s->flags & TCP_ACK) == 0 ? s->ack
                                                : s->ack + (s->raw ? 0 : x->peer.tern_iss)),
        .flags = s->flags,
        .window = (uint16_t)(s->window == 0  ? 65535
                             : s->window < 0 ? 0
                                             : s->window),
        .urgent = s->urgent,
        .options_bytes = options_bytes,
    };
    ip_fields ip = {
        .source = x->peer.remote.address,
        .destination = x->peer.local.address,
        .protocol = IP_PROTOCOL_TCP,
        .ttl = 64,
        .payload_bytes = TCP_HEADER_BYTES + options_bytes + s->bytes,
    };
    tcp_header_write(segment, &h);
    checksum_sum sum = checksum_pseudo(&ip.source, &ip.destination, IP_PROTOCOL_TCP,
                                       (uint32_t)ip.payload_bytes);
    put_be16(segment + 16, checksum_finish(checksum_add(sum, segment, ip.payload_bytes)));
    ip_write(packet, &ip);
    return ip_bytes + ip.payload_bytes;
}

tern_rule x_inject_packet(fixture *x, const void *packet, size_t bytes)
{
    uint8_t *exact = malloc(bytes > 0 ? bytes : 1);

    CHECK(exact != NULL);
    if (bytes > 0)
        memcpy(exact, packet, bytes);
    tern_rule rule = tern_input(x->stack, x->now_us, exact, bytes);
    free(exact);
    check_all(x);
    return rule;
}

tern_rule x_inject_seg(fixture *x, struct seg s)
{
    uint8_t *packet = malloc(PACKET_MAX);

    CHECK(packet != NULL);
    log_seg(x, "-->", &s);
    size_t bytes = x_build(x, &s, packet);
    uint8_t *exact = malloc(bytes);
    if (exact != NULL)
        memcpy(exact, packet, bytes);
    free(packet);
    CHECK(exact != NULL);
    tern_rule rule = tern_input(x->stack, x->now_us, exact, bytes);
    free(exact);
    if (rule != TERN_RULE_NONE)
        log_line(x, "%20s %s\n", "", rule_names[rule]);
    check_all(x);
    return rule;
}

/* ---- Packets out ---- */

/* Reads a segment of tern's back into relative numbers; the text stays in the packet. */
static bool read_back(fixture *x, const uint8_t *packet, size_t bytes, struct seg *s)
{
    ip_packet ip;
    tcp_header h;
    tcp_options o;

    CHECK_EQ(ip_read(&ip, packet, bytes), TERN_RULE_NONE);
    CHECK_EQ(ip.payload_bytes + ip_header_bytes(&ip.source), bytes);
    if (ip.protocol != IP_PROTOCOL_TCP)
        return false;
    CHECK_EQ(tcp_header_read(&h, ip.payload, ip.payload_bytes), TERN_RULE_NONE);
    checksum_sum sum = checksum_pseudo(&ip.source, &ip.destination, IP_PROTOCOL_TCP,
                                       (uint32_t)ip.payload_bytes);
    CHECK_EQ(checksum_finish(checksum_add(sum, ip.payload, ip.payload_bytes)), 0);
    tcp_options_read(&o, h.options, h.options_bytes);
    CHECK(!o.length_bad);
    bool ours = h.destination_port == x->peer.remote.port && h.source_port == x->peer.local.port;
    if (ours && (h.flags & TCP_SYN) != 0)
        x->peer.tern_iss = h.seq.v;
    if (ours && o.has_timestamps)
        x->peer.ts_seen = o.ts_value;
    *s = (struct seg){
        .flags = h.flags,
        .seq = h.seq.v - x->peer.tern_iss,
        .ack = h.ack.v - x->peer.iss,
        .window = h.window == 0 ? WINDOW_ZERO : h.window,
        .urgent = h.urgent,
        .text = (const char *)h.text,
        .bytes = (uint32_t)h.text_bytes,
        .mss = o.has_mss ? o.mss : 0,
        .scale = (uint8_t)(o.has_window_scale ? o.window_scale + 1 : 0),
        .sack_ok = o.has_sack_permitted,
        .ts = o.has_timestamps,
        .ts_value = o.ts_value,
        .ts_echo = o.ts_echo,
        .sack_count = o.sack_count,
        .fast = (uint8_t)(o.has_fast_open ? o.fast_open_bytes + 1 : 0),
        .options_bytes = h.options_bytes,
    };
    if (ours && s->fast > 1)
        memcpy(x->peer.cookie, o.fast_open, o.fast_open_bytes);
    for (unsigned i = 0; i < o.sack_count; i++) {
        s->sack[i].left = seq_of(o.sack[i].left.v - x->peer.iss);
        s->sack[i].right = seq_of(o.sack[i].right.v - x->peer.iss);
    }
    return true;
}

size_t x_output(fixture *x, uint8_t *packet)
{
    uint8_t *exact = malloc(x->config.mtu_bytes);
    struct seg s;

    CHECK(exact != NULL);
    size_t bytes = tern_output(x->stack, x->now_us, exact, x->config.mtu_bytes);
    memcpy(packet, exact, bytes);
    free(exact);
    CHECK(bytes <= x->config.mtu_bytes);
    if (bytes > 0) {
        if (read_back(x, packet, bytes, &s))
            log_seg(x, "<--", &s);
        else
            log_line(x, "%20s <-- a packet of %zu octets, not TCP\n", "", bytes);
    }
    check_all(x);
    return bytes;
}

/* Moves on to the next deadline, or to `end_us` when there is none before. */
static void step(fixture *x, tern_time end_us)
{
    tern_time deadline = tern_deadline(x->stack);

    if (deadline > x->now_us)
        x->now_us = deadline < end_us ? deadline : end_us;
}

/* The next packet, at the latest at end_us; 0: none until then. */
static size_t output_until(fixture *x, tern_time end_us, uint8_t *packet)
{
    for (unsigned i = 0; i < 1000000; i++) {
        size_t bytes = x_output(x, packet);
        if (bytes > 0 || x->now_us >= end_us)
            return bytes;
        step(x, end_us);
    }
    test_fail(__FILE__, __LINE__, "tern_deadline() never moves on");
}

/* The name of the first field that is not as wanted; NULL: all are. */
static const char *differs(const fixture *x, const struct seg *want, const struct seg *got)
{
    uint32_t tern_base = want->raw ? x->peer.tern_iss : 0, peer_base = want->raw ? x->peer.iss : 0;

    if (got->flags != want->flags)
        return "flags";
    if (got->seq + tern_base != want->seq)
        return "seq";
    if ((got->flags & TCP_ACK) != 0 && got->ack + peer_base != want->ack)
        return "ack";
    if (got->urgent != want->urgent)
        return "urgent pointer";
    if (want->window != 0 && got->window != want->window)
        return "window";
    if (got->bytes != want->bytes)
        return "length of text";
    for (uint32_t i = 0; i < got->bytes; i++) {
        uint8_t octet = want->text != NULL ? (uint8_t)want->text[i] : pattern_octet(got->seq + i);
        if ((uint8_t)got->text[i] != octet)
            return "text";
    }
    if (want->mss != 0 && got->mss != want->mss)
        return "mss";
    if (got->fast != want->fast)
        return "Fast Open";
    if (want->scale != 0 && got->scale != want->scale)
        return "scale";
    if (want->sack_ok && !got->sack_ok)
        return "sack-ok";
    if ((want->ts && !got->ts) || (want->no_ts && got->ts))
        return "timestamps";
    if ((want->ts_value != 0 && got->ts_value != want->ts_value) ||
        (want->ts_echo != 0 && got->ts_echo != want->ts_echo))
        return "timestamps";
    if (want->no_options && got->options_bytes != 0)
        return "options";
    if (got->sack_count != want->sack_count)
        return "SACK blocks";
    for (unsigned i = 0; i < got->sack_count; i++)
        if (got->sack[i].left.v + peer_base != want->sack[i].left.v ||
            got->sack[i].right.v + peer_base != want->sack[i].right.v)
            return "SACK blocks";
    return NULL;
}

static void compare(fixture *x, const uint8_t *packet, size_t bytes, const struct seg *want,
                    const char *what[2])
{
    static char want_text[LINE_BYTES], got_text[LINE_BYTES];
    struct seg got;

    what[1] = got_text;
    if (bytes == 0) {
        what[0] = "nothing came";
        snprintf(got_text, sizeof got_text, "nothing");
    } else if (!read_back(x, packet, bytes, &got)) {
        what[0] = "protocol";
        snprintf(got_text, sizeof got_text, "not TCP");
    } else {
        what[0] = differs(x, want, &got);
        seg_text(&got, got_text, sizeof got_text);
    }
    if (what[0] != NULL) {
        seg_text(want, want_text, sizeof want_text);
        printf("want %s\ngot  %s\n", want_text, got_text);
    }
}

static void expect_until(fixture *x, tern_time end_us, const struct seg *s, const char *what[2])
{
    uint8_t *packet = malloc(PACKET_MAX);

    what[0] = "memory";
    if (packet == NULL)
        return;
    size_t bytes = output_until(x, end_us, packet);
    compare(x, packet, bytes, s, what);
    free(packet);
}

void x_expect_seg(fixture *x, struct seg s, const char *file, int line)
{
    const char *what[2];

    expect_until(x, x->now_us, &s, what);
    if (what[0] != NULL)
        test_fail(file, line, "expected segment: %s", what[0]);
}

void x_expect_seg_after(fixture *x, uint32_t ms, struct seg s, const char *file, int line)
{
    const char *what[2];
    tern_time begin_us = x->now_us, end_us = begin_us + (tern_time)ms * 1000;

    expect_until(x, end_us, &s, what);
    if (what[0] != NULL)
        test_fail(file, line, "expected segment after %u ms: %s", ms, what[0]);
    if (x->now_us < end_us)
        test_fail(file, line, "the segment came after %llu us, not after %u ms",
                  (unsigned long long)(x->now_us - begin_us), ms);
}

void x_expect_nothing_at(fixture *x, const char *file, int line)
{
    x_advance_at(x, 0, file, line);
}

void x_advance_at(fixture *x, uint32_t ms, const char *file, int line)
{
    tern_time begin_us = x->now_us;
    uint8_t *packet = malloc(PACKET_MAX);

    CHECK(packet != NULL);
    size_t bytes = output_until(x, begin_us + (tern_time)ms * 1000, packet);
    free(packet);
    if (bytes > 0)
        test_fail(file, line, "a packet came out after %llu us",
                  (unsigned long long)(x->now_us - begin_us));
}

uint32_t x_run(fixture *x, uint32_t ms)
{
    tern_time end_us = x->now_us + (tern_time)ms * 1000;
    uint8_t *packet = malloc(PACKET_MAX);
    uint32_t packets = 0;

    CHECK(packet != NULL);
    while (output_until(x, end_us, packet) > 0)
        packets++;
    free(packet);
    return packets;
}

/* ---- Calls ---- */

static void must(tern_err err, const char *call)
{
    if (err != TERN_OK)
        test_fail(__FILE__, __LINE__, "%s: %s", call, tern_err_text(err));
}

void x_listen(fixture *x)
{
    tern_endpoint any = {.port = x->peer.local.port};

    must(tern_listen(x->stack, x->now_us, &any, 16, &x->listener), "tern_listen");
    check_all(x);
}

void x_connect(fixture *x)
{
    tern_status st;

    must(tern_connect(x->stack, x->now_us, NULL, &x->peer.remote, &x->c), "tern_connect");
    must(tern_status_get(x->stack, x->c, &st), "tern_status_get");
    x->peer.local = st.local;
    x->peer.tern_iss = st.iss;
    log_line(x, "%20s tern_connect()\n", "");
    check_all(x);
}

void x_accept(fixture *x)
{
    must(tern_accept(x->stack, x->now_us, x->listener, &x->c), "tern_accept");
    check_all(x);
}

void x_send(fixture *x, uint32_t bytes)
{
    uint8_t *data = malloc(bytes > 0 ? bytes : 1);

    CHECK(data != NULL);
    for (uint32_t i = 0; i < bytes; i++)
        data[i] = pattern_octet(1 + x->peer.sent + i);
    ptrdiff_t n = tern_send(x->stack, x->now_us, x->c, data, bytes);
    free(data);
    log_line(x, "%20s tern_send(%u) = %td\n", "", bytes, n);
    check_all(x);
    CHECK_EQ(n, bytes);
    x->peer.sent += bytes;
}

void x_recv(fixture *x, uint32_t bytes)
{
    uint8_t *data = malloc(bytes > 0 ? bytes : 1);
    bool right = true;

    CHECK(data != NULL);
    ptrdiff_t n = tern_recv(x->stack, x->now_us, x->c, data, bytes);
    for (ptrdiff_t i = 0; i < n; i++)
        right = right && data[i] == pattern_octet(1 + x->peer.read + (uint32_t)i);
    free(data);
    log_line(x, "%20s tern_recv(%u) = %td\n", "", bytes, n);
    check_all(x);
    CHECK_EQ(n, bytes);
    CHECK(right);
    x->peer.read += bytes;
}

void x_event_at(fixture *x, tern_handle handle, uint32_t what, const char *file, int line)
{
    tern_event e;

    if (!tern_next_event(x->stack, &e))
        test_fail(file, line, "no event");
    if (e.handle.index != handle.index || e.handle.generation != handle.generation)
        test_fail(file, line, "event 0x%x for another handle", e.what);
    if (e.what != what)
        test_fail(file, line, "event: got 0x%x, want 0x%x", e.what, what);
    check_all(x);
}

void x_no_event_at(fixture *x, const char *file, int line)
{
    tern_event e;

    if (tern_next_event(x->stack, &e))
        test_fail(file, line, "event 0x%x", e.what);
}

/* ---- What is ---- */

bool x_find(const fixture *x, tern_status *status)
{
    uint64_t cursor = 0;

    while (tern_status_next(x->stack, &cursor, status))
        if (status->state != TERN_LISTEN && status->remote.port == x->peer.remote.port &&
            status->local.port == x->peer.local.port &&
            memcmp(&status->remote.address, &x->peer.remote.address, sizeof(tern_address)) == 0)
            return true;
    return false;
}

tern_status x_status(const fixture *x)
{
    tern_status st;

    must(tern_status_get(x->stack, x->c, &st), "tern_status_get");
    return st;
}
