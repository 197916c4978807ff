/* input.c - a packet comes in: IP, then TCP or ICMP, then the connection it is for. */
#include "base/bytes.h"
#include "base/rare.h"
#include "stack/demux.h"
#include "stack/fragments.h"
#include "stack/icmp_errors.h"
#include "stack/listen.h"
#include "stack/path_mtu.h"
#include "stack/ports.h"
#include "stack/replies.h"
#include "stack/saved_syns.h"
#include "stack/settle.h"
#include "stack/time_waits.h"
#include "wire/checksum.h"

static void stack_pass_time(tern_stack *s, tern_time now_us)
{
    bool slept = now_us - s->engine.now_us > TIME_WAIT_MAX_MS * UINT64_C(1000);
    s->engine.now_us = now_us;
    uint64_t now_ms = now_us / 1000;
    s->engine.now_ms = (uint32_t)now_ms;
    s->engine.from_ms = (uint32_t)(now_ms + (now_us != now_ms * 1000));
    if (slept) /* a record's 16 bits of time go round in 70 minutes */
        time_waits_expire(s, true);
}

/* A machine that slept for weeks: 32 bits of milliseconds tell what is due only up to 24 days
 * ahead, so the time passes in pieces while anything waits. */
static void stack_pass_pieces(tern_stack *s, tern_time now_us)
{
    bool waiting = s->wheel.armed > 0 || s->time_waits.head != 0 || s->held.head != 0 ||
                   s->fragments.head != 0;

    while (waiting && now_us - s->engine.now_us > STACK_TIME_PIECE_US) {
        stack_pass_time(s, s->engine.now_us + STACK_TIME_PIECE_US);
        stack_run_timers(s);
    }
}

void stack_move_time(tern_stack *s, tern_time now_us)
{
    if (now_us - s->engine.now_us > STACK_TIME_PIECE_US) {
        stack_pass_pieces(s, now_us);
        s->ran_ms = (uint32_t)(now_us / 1000) - 1; /* 32 bits could say that they ran just now */
    }
    stack_pass_time(s, now_us);
}

/* 3.10.7.1: no connection, no listener. */
static verdict input_closed(tern_stack *s, const struct flow *f, const struct segment *seg)
{
    if ((seg->flags & TCP_RST) != 0) {
        RULE_HIT(&s->engine, f, CLOSED_RST_DROPPED);
        return DROP;
    }
    if (s->engine.config.blackhole == TERN_BLACKHOLE_ALL ||
        (s->engine.config.blackhole == TERN_BLACKHOLE_SYN && (seg->flags & TCP_SYN) != 0)) {
        RULE_HIT(&s->engine, f, CLOSED_BLACKHOLE);
        return DROP;
    }
    if ((seg->flags & TCP_ACK) != 0)
        RULE_HIT(&s->engine, f, CLOSED_ACK_RESET);
    else
        RULE_HIT(&s->engine, f, CLOSED_SEGMENT_RESET);
    return DROP_AND_RST;
}

static verdict input_no_connection(tern_stack *s, const struct flow *f, struct segment *seg)
{
    uint32_t listener = listen_for(s, f);

    if (listener != 0)
        return listen_arrives(s, listener, f, seg);
    return input_closed(s, f, seg);
}

static verdict input_tcb(tern_stack *s, uint32_t index, struct segment *seg)
{
    struct tcb *t = stack_tcb(s, index);
    uint16_t snd_mss = t->snd_mss;
    verdict v = segment_arrives(&s->engine, t, seg);

    if (t->snd_mss > snd_mss)
        path_mtu_probed(s, t);
    if (v == DROP_AND_ACK)
        t->owes |= OWES_ACK;
    settle(s, index);
    return v;
}

/* Who looks on is told what has come, and in which state it finds the connection. */
RARE static void input_trace(tern_stack *s, const struct flow *f, const struct segment *seg)
{
    const struct engine *e = &s->engine;
    uint32_t reference = demux_find(s, f);
    tern_trace trace = {.kind = TERN_TRACE_SEGMENT,
                        .now_us = e->now_us,
                        .local = {e->config.addresses[f->local], f->local_port},
                        .remote = {f->remote, f->remote_port},
                        .from = TERN_TIME_WAIT,
                        .flags = seg->flags,
                        .text_bytes = seg->text_bytes};

    if (reference == 0)
        trace.from = listen_find(s, f->local, f->local_port) != 0 ? TERN_LISTEN : TERN_CLOSED;
    else if (demux_kind_of(reference) == DEMUX_TCB)
        trace.from = stack_tcb(s, demux_index_of(reference))->state;
    else if (demux_kind_of(reference) == DEMUX_HALF_OPEN)
        trace.from = TERN_SYN_RECEIVED;
    e->trace(e->trace_context, &trace);
}

/* The option belongs to a SYN; its experimental form is known to who wants it so. */
RARE static void input_fast_open(struct engine *e, const struct flow *f, struct segment *seg)
{
    tcp_options *o = &seg->options;

    if ((seg->flags & TCP_SYN) == 0) {
        RULE_HIT(e, f, FAST_OPEN_OPTION_IGNORED);
    } else if (!o->fast_open_experiment) {
        return;
    } else if (e->config.fast_open_experiment) {
        if ((seg->flags & TCP_ACK) == 0)
            RULE_HIT(e, f, FAST_OPEN_EXPERIMENT);
    } else {
        o->has_fast_open = false;
        o->unknown_skipped = true;
    }
}

/* What few segments have: out of line, so that the others do not pay for it. false: drop it. */
RARE static bool input_unusual(tern_stack *s, const struct flow *f, struct segment *seg)
{
    const uint16_t syn_fin = TCP_SYN | TCP_FIN;

    if (s->engine.trace != NULL)
        input_trace(s, f, seg);
    if (seg->options.length_bad)
        RULE_HIT(&s->engine, f, OPTION_LENGTH_BAD);
    if (seg->options.has_fast_open)
        input_fast_open(&s->engine, f, seg);
    if (seg->options.unknown_skipped)
        RULE_HIT(&s->engine, f, OPTION_UNKNOWN_SKIPPED);
    if (!s->engine.config.syn_fin_dropped || (seg->flags & syn_fin) != syn_fin)
        return true;
    RULE_HIT(&s->engine, f, SYN_FIN_DROPPED);
    return false;
}

/* A segment for the record named by reference (0: none), and the answer that no record owns. */
static void input_segment(tern_stack *s, const struct flow *f, uint32_t reference,
                          struct segment *seg)
{
    uint32_t index = demux_index_of(reference);
    verdict v;

    if (reference == 0) {
        v = input_no_connection(s, f, seg);
    } else if (demux_kind_of(reference) == DEMUX_TCB) {
        v = input_tcb(s, index, seg);
    } else if (demux_kind_of(reference) == DEMUX_HALF_OPEN) {
        v = listen_half_open_arrives(s, index, seg);
    } else {
        v = time_waits_arrives(s, index, seg);
    }
    if (v == REOPEN)
        v = input_no_connection(s, f, seg);
    if (v == DROP_AND_RST)
        replies_reset(s, f, seg);
}

/* Among many connections the TCB is in no cache: it is fetched while the checksum is summed. */
static uint32_t input_find(tern_stack *s, const struct flow *f)
{
    uint32_t reference = demux_find(s, f);

    if (reference != 0 && demux_kind_of(reference) == DEMUX_TCB) {
        const uint8_t *t = (const uint8_t *)stack_tcb(s, demux_index_of(reference));
        __builtin_prefetch(t + 64);
        __builtin_prefetch(t + 128);
        __builtin_prefetch(t + 192);
    }
    return reference;
}

static bool input_checksum_right(const ip_packet *ip)
{
    checksum_sum sum = checksum_pseudo(&ip->source, &ip->destination, IP_PROTOCOL_TCP,
                                       (uint32_t)ip->payload_bytes);

    return checksum_finish(checksum_add(sum, ip->payload, ip->payload_bytes)) == 0;
}

/* A peer that claims to be the very socket it talks to (the "land" attack). */
static bool input_from_itself(const tern_stack *s, const struct flow *f)
{
    return f->remote_port == f->local_port &&
           memcmp(&f->remote, &s->engine.config.addresses[f->local], sizeof f->remote) == 0;
}

static void input_tcp(tern_stack *s, struct flow *f, const ip_packet *ip)
{
    struct engine *e = &s->engine;
    tcp_header tcp;
    tern_rule wrong = tcp_header_read(&tcp, ip->payload, ip->payload_bytes);

    if (wrong != TERN_RULE_NONE) {
        engine_rule(e, f, wrong);
        return;
    }
    f->remote_port = tcp.source_port;
    f->local_port = tcp.destination_port;
    uint32_t reference = input_find(s, f);
    if (!input_checksum_right(ip)) {
        RULE_HIT(e, f, TCP_CHECKSUM_BAD);
        return;
    }
    if (tcp.source_port == 0 || tcp.destination_port == 0) {
        RULE_HIT(e, f, PORT_ZERO);
        return;
    }
    if (input_from_itself(s, f)) {
        RULE_HIT(e, f, SOURCE_INVALID);
        return;
    }
    struct segment seg;
    memset(&seg, 0, offsetof(struct segment, options)); /* those begin by themselves */
    seg.seq = tcp.seq;
    seg.ack = tcp.ack;
    seg.wnd = tcp.window;
    seg.flags = tcp.flags;
    seg.up = seq_add(tcp.seq, tcp.urgent);
    seg.text = tcp.text;
    seg.text_bytes = (uint32_t)tcp.text_bytes;
    tcp_options_read(&seg.options, tcp.options, tcp.options_bytes);
    const tcp_options *o = &seg.options;
    const uint16_t syn_fin = TCP_SYN | TCP_FIN;
    bool both = (seg.flags & syn_fin) == syn_fin;
    if ((o->length_bad | o->has_fast_open | o->unknown_skipped | both) || e->trace != NULL)
        if (!input_unusual(s, f, &seg))
            return;
    input_segment(s, f, reference, &seg);
}

RARE static void input_icmp(tern_stack *s, const struct flow *f, const ip_packet *ip)
{
    icmp_message icmp;
    tern_rule wrong = icmp_read(&icmp, ip);

    if (wrong != TERN_RULE_NONE) {
        engine_rule(&s->engine, f, wrong);
        return;
    }
    switch (icmp.kind) {
    case ICMP_ECHO_REQUEST:
        RULE_HIT(&s->engine, f, ECHO_ANSWERED);
        replies_echo(s, f, &icmp);
        break;
    case ICMP_ERROR:
        icmp_errors_arrive(s, f, &icmp);
        break;
    case ICMP_ECHO_REPLY:
    case ICMP_OTHER:
        RULE_HIT(&s->engine, f, ICMP_IGNORED);
        break;
    }
}

/* A packet that no one here takes: its sender is told, but for an ICMPv6 error (RFC 4443 2.4 e). */
static void input_tell(tern_stack *s, const struct flow *f, const ip_packet *ip,
                       const struct replies_quote *q)
{
    enum { ICMPV6_INFORMATIONAL = 128 };
    bool icmp = ip->version == 6 && ip->protocol == IP_PROTOCOL_ICMPV6;

    if (icmp && (ip->payload_bytes == 0 || ip->payload[0] < ICMPV6_INFORMATIONAL))
        RULE_HIT(&s->engine, f, ICMP_ERROR_WITHHELD);
    else
        replies_icmp_error(s, f, q);
}

/* A protocol that is not spoken here, or a port that no program has. */
static void input_foreign(tern_stack *s, const struct flow *f, const ip_packet *ip,
                          const uint8_t *packet)
{
    struct replies_quote q = {.owed = ICMP_OWED_PORT_UNREACHABLE, .packet = packet};

    q.packet_bytes = (size_t)(ip->payload - packet) + ip->payload_bytes;
    if (ip->protocol == IP_PROTOCOL_UDP) {
        RULE_HIT(&s->engine, f, UDP_UNREACHABLE);
    } else {
        RULE_HIT(&s->engine, f, PROTOCOL_UNKNOWN);
        q.owed = ip->version == 4 ? ICMP_OWED_PROTOCOL_UNREACHABLE : ICMP_OWED_NEXT_HEADER;
        q.rest = ip->version == 4 ? 0 : ip->problem_at;
    }
    input_tell(s, f, ip, &q);
}

/* Who the packet is from and for; a rule when it is nobody it could be. */
static tern_rule input_addresses(const tern_stack *s, const ip_packet *ip, struct flow *f)
{
    *f = (struct flow){.remote = ip->source};
    if (!ports_unicast(&ip->destination))
        return TERN_RULE_DESTINATION_NOT_UNICAST;
    /* An IPv4-mapped address in an IPv6 header is nobody's (RFC 4942 2.2): taken for the IPv4 one
     * that it looks like here, it would be answered over IPv4. */
    bool ipv4 = ip->version == 4;
    if ((!ipv4 && ip_is_v4(&ip->destination)) || !ports_local(s, &ip->destination, &f->local))
        return TERN_RULE_ADDRESS_NOT_LOCAL;
    if ((!ipv4 && ip_is_v4(&ip->source)) || !ports_unicast(&ip->source))
        return TERN_RULE_SOURCE_INVALID;
    return TERN_RULE_NONE;
}

/* An IPv6 packet was dropped for what is in its headers: RFC 8200 4 and 4.2 say whom to tell. */
static void input_problem(tern_stack *s, const ip_packet *ip, tern_rule wrong,
                          const uint8_t *packet)
{
    static const uint8_t owed[] = {[IP_PROBLEM_FIELD] = ICMP_OWED_FIELD,
                                   [IP_PROBLEM_NEXT_HEADER] = ICMP_OWED_NEXT_HEADER,
                                   [IP_PROBLEM_OPTION] = ICMP_OWED_OPTION};
    struct flow f;

    if ((wrong != TERN_RULE_IP_EXTENSION_UNKNOWN && wrong != TERN_RULE_IP_SOURCE_ROUTE_REFUSED) ||
        packet[0] >> 4 != 6)
        return;
    if (ip->problem == IP_PROBLEM_NONE || input_addresses(s, ip, &f) != TERN_RULE_NONE)
        return;
    struct replies_quote q = {.owed = (icmp_owed)owed[ip->problem],
                              .rest = ip->problem_at,
                              .packet = packet,
                              .packet_bytes = (size_t)(ip->payload - packet) + ip->payload_bytes};
    input_tell(s, &f, ip, &q);
}

tern_rule tern_input(tern_stack *s, tern_time now_us, const void *packet, size_t bytes)
{
    ip_packet ip;
    struct flow f;

    stack_set_time(s, now_us);
    s->engine.last_rule = TERN_RULE_NONE;
    tern_rule wrong = ip_read(&ip, packet, bytes);
    bool fragment = wrong == TERN_RULE_IP_FRAGMENT_DROPPED;
    if (wrong == TERN_RULE_NONE || fragment)
        wrong = input_addresses(s, &ip, &f);
    if (wrong != TERN_RULE_NONE) {
        engine_rule(&s->engine, NULL, wrong);
        input_problem(s, &ip, wrong, packet);
        return wrong;
    }
    if (fragment && !fragments_arrive(s, &f, &ip))
        return s->engine.last_rule;
    if (ip.protocol == IP_PROTOCOL_TCP) {
        input_tcp(s, &f, &ip);
        if (s->saving > 0 && !fragment)
            saved_syns_arrived(s, &f, &ip, packet);
    } else if (ip.protocol == (ip.version == 4 ? IP_PROTOCOL_ICMP : IP_PROTOCOL_ICMPV6)) {
        input_icmp(s, &f, &ip);
    } else {
        input_foreign(s, &f, &ip, packet);
    }
    return s->engine.last_rule;
}
