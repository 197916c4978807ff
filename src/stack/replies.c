/* replies.c - answers that no connection owns. */
#include "stack/replies.h"

#include "base/rare.h"
#include "tcp/close/rst.h"
#include "tcp/open/cookie.h"
#include "tcp/open/isn.h"
#include "tcp/packet.h"
#include "tcp/settings.h"
#include "wire/checksum.h"

static struct links replies_links(const tern_stack *s)
{
    return stack_links(s, &s->replies, offsetof(struct reply, link));
}

/* Room for one more, queued; NULL when there is none. */
static struct reply *replies_add(tern_stack *s, const struct flow *f)
{
    uint32_t index = pool_take(s, &s->replies);

    if (index == 0) {
        RULE_HIT(&s->engine, f, REPLIES_FULL);
        return NULL;
    }
    struct reply *r = pool_at(s, &s->replies, index);
    *r = (struct reply){.flow = *f};
    list_push(&s->answers, replies_links(s), index);
    return r;
}

static void replies_drop(tern_stack *s, uint32_t index)
{
    struct reply *r = pool_at(s, &s->replies, index);

    list_remove(&s->answers, replies_links(s), index);
    chunks_consume(s, &s->engine.chunks, &r->body, r->body.bytes);
    pool_give(s, &s->replies, index);
}

/* The body of the reply that was added last; without room for all of it there is no reply. */
static void replies_keep_body(tern_stack *s, struct reply *r, const void *body, size_t bytes)
{
    if (chunks_append(s, &s->engine.chunks, &r->body, body, bytes) == bytes)
        return;
    RULE_HIT(&s->engine, &r->flow, REPLIES_FULL);
    replies_drop(s, s->answers.tail);
}

bool replies_within_rate(tern_stack *s, const struct flow *f)
{
    const tern_config *c = &s->engine.config;

    if (token_bucket_take(&s->resets, s->engine.now_ms, c->reset_rate_per_s, c->reset_burst))
        return true;
    RULE_HIT(&s->engine, f, ANSWERS_LIMITED);
    return false;
}

RARE void replies_reset(tern_stack *s, const struct flow *f, const struct segment *seg)
{
    struct rst_fields fields = rst_for(seg);
    struct reply *r = replies_within_rate(s, f) ? replies_add(s, f) : NULL;

    if (r == NULL)
        return;
    r->seq = fields.seq;
    r->ack = fields.ack;
    r->flags = fields.flags;
}

/* What the program has set on the listener for its segments. */
static void replies_look(const tern_stack *s, struct reply *r, const struct tcb *pattern)
{
    if (pattern == NULL || pattern->settings == 0)
        return;
    struct settings own = settings_of(&s->engine, pattern);
    r->mss_max = own.mss_max;
    r->bare = own.plain_syn;
    r->ttl = own.ttl;
    r->tos = own.tos;
}

/* <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> from a record. ts_echo NULL: without timestamps. */
struct replies_ack {
    const struct flow *flow;
    seq snd_nxt, rcv_nxt;
    uint32_t window; /* before it is scaled */
    uint8_t shift;
    const uint32_t *ts_echo;
    const struct tcb *pattern; /* of its listener, or NULL (engine.h) */
};

static void replies_acknowledge(tern_stack *s, const struct replies_ack *a)
{
    struct reply *r = replies_within_rate(s, a->flow) ? replies_add(s, a->flow) : NULL;

    if (r == NULL)
        return;
    r->seq = a->snd_nxt;
    r->ack = a->rcv_nxt;
    r->flags = TCP_ACK;
    r->window = engine_syn_window(&s->engine, a->window >> a->shift);
    replies_look(s, r, a->pattern);
    if (a->ts_echo != NULL) {
        r->timestamps = true;
        r->ts_value = engine_timestamp(&s->engine, isn_timestamp_offset(&s->engine, a->flow));
        r->ts_echo = *a->ts_echo;
    }
}

void replies_time_wait_ack(tern_stack *s, const struct time_wait *w)
{
    uint32_t window = s->engine.config.recv_buffer_bytes;
    bool scaled = (w->flow.flags & TIME_WAIT_SCALED) != 0;
    /* Both have closed: nobody will use its window. It says what an open one would. */
    struct replies_ack a = {.flow = &w->flow,
                            .snd_nxt = w->snd_nxt,
                            .rcv_nxt = w->rcv_nxt,
                            .window = window,
                            .shift = scaled ? engine_window_shift(&s->engine, window) : 0,
                            .ts_echo = (w->flow.flags & TIME_WAIT_TS) != 0 ? &w->ts_recent : NULL};

    replies_acknowledge(s, &a);
}

void replies_half_open_ack(tern_stack *s, const struct half_open *h, const struct tcb *pattern)
{
    bool scaled = (h->flow.flags & HALF_OPEN_SCALED) != 0;
    struct replies_ack a = {.flow = &h->flow,
                            .snd_nxt = seq_add(h->iss, 1),
                            .rcv_nxt = seq_add(h->irs, 1),
                            .window = engine_recv_limit(&s->engine, pattern),
                            .shift = scaled ? h->rcv_scale : 0,
                            .ts_echo = (h->flow.flags & HALF_OPEN_TS) != 0 ? &h->ts_recent : NULL,
                            .pattern = pattern};

    replies_acknowledge(s, &a);
}

void replies_cookie(tern_stack *s, const struct half_open *h, const struct tcb *pattern)
{
    struct reply *r = replies_add(s, &h->flow);

    if (r == NULL)
        return;
    r->kind = REPLY_SYNACK;
    r->seq = h->iss;
    r->ack = seq_add(h->irs, 1);
    r->flags = TCP_SYN | TCP_ACK;
    r->window = engine_syn_window(&s->engine, engine_recv_limit(&s->engine, pattern));
    r->shift = h->rcv_scale;
    replies_look(s, r, pattern);
    r->timestamps = (h->flow.flags & HALF_OPEN_TS) != 0;
    if (r->timestamps) {
        r->ts_value = cookie_timestamp(&s->engine, h);
        r->ts_echo = h->ts_recent;
    }
}

RARE void replies_echo(tern_stack *s, const struct flow *f, const icmp_message *icmp)
{
    uint32_t headers = (uint32_t)ip_header_bytes(&s->engine.config.addresses[f->local]) +
                       ICMP_HEADER_BYTES;

    if (icmp->body_bytes > s->engine.config.mtu_bytes - headers)
        return; /* larger than our link: an answer would need fragments */
    struct reply *r = replies_add(s, f);
    if (r == NULL)
        return;
    r->kind = REPLY_ECHO;
    r->rest = icmp->rest;
    replies_keep_body(s, r, icmp->body, icmp->body_bytes);
}

RARE void replies_icmp_error(tern_stack *s, const struct flow *f, const struct replies_quote *q)
{
    const tern_config *c = &s->engine.config;
    bool ipv4 = engine_is_ipv4(&s->engine, f);
    size_t room = ipv4 ? ICMP_ERROR_MAX_BYTES - IPV4_HEADER_BYTES - ICMP_HEADER_BYTES
                       : ICMPV6_ERROR_MAX_BYTES - IPV6_HEADER_BYTES - ICMP_HEADER_BYTES;

    if (!token_bucket_take(&s->icmp_errors, s->engine.now_ms, c->icmp_rate_per_s, c->icmp_burst)) {
        RULE_HIT(&s->engine, f, ICMP_ERRORS_LIMITED);
        return;
    }
    struct reply *r = replies_add(s, f);
    if (r == NULL)
        return;
    r->kind = REPLY_ICMP_ERROR;
    r->owed = (uint8_t)q->owed;
    r->rest = q->rest;
    replies_keep_body(s, r, q->packet, q->packet_bytes < room ? q->packet_bytes : room);
}

RARE void replies_unreachable(tern_stack *s, const struct flow *f, seq irs, icmp_owed owed)
{
    uint8_t packet[IPV6_HEADER_BYTES + TCP_HEADER_BYTES];
    const tern_address *to = &s->engine.config.addresses[f->local];
    tcp_header header = {.source_port = f->remote_port,
                         .destination_port = f->local_port,
                         .seq = irs,
                         .flags = TCP_SYN};
    ip_fields ip = {.source = f->remote,
                    .destination = *to,
                    .protocol = IP_PROTOCOL_TCP,
                    .ttl = s->engine.config.ttl,
                    .payload_bytes = TCP_HEADER_BYTES};
    checksum_sum sum = checksum_pseudo(&f->remote, to, IP_PROTOCOL_TCP, TCP_HEADER_BYTES);

    header.checksum = checksum_finish(sum + tcp_header_sum(&header));
    size_t ip_bytes = ip_write(packet, &ip);
    tcp_header_write(packet + ip_bytes, &header);
    replies_icmp_error(s, f, &(struct replies_quote){owed, 0, packet, ip_bytes + TCP_HEADER_BYTES});
}

static size_t replies_write_icmp(tern_stack *s, const struct reply *r, uint8_t *packet)
{
    const tern_address *source = &s->engine.config.addresses[r->flow.local];
    bool ipv4 = ip_is_v4(source);
    ip_fields ip = {
        .source = *source,
        .destination = r->flow.remote,
        .protocol = ipv4 ? IP_PROTOCOL_ICMP : IP_PROTOCOL_ICMPV6,
        .ttl = s->engine.config.ttl,
        .payload_bytes = ICMP_HEADER_BYTES + r->body.bytes,
    };
    uint8_t *message = packet + ip_write(packet, &ip);

    struct chunk_place body = chunks_seek(s, &s->engine.chunks, &r->body, 0);

    chunks_copy(s, &s->engine.chunks, body, message + ICMP_HEADER_BYTES, r->body.bytes);
    if (r->kind == REPLY_ECHO) {
        icmp_write_echo_reply(message, r->rest, r->body.bytes, source, &r->flow.remote);
    } else {
        icmp_error_fields fields = {(icmp_owed)r->owed, r->rest, r->body.bytes};
        icmp_write_error(message, &fields, source, &r->flow.remote);
        RULE_HIT(&s->engine, &r->flow, ICMP_ERROR_SENT);
    }
    return (size_t)(message - packet) + ip.payload_bytes;
}

static size_t replies_write_segment(tern_stack *s, const struct reply *r, uint8_t *packet)
{
    struct packet_plan plan;

    packet_plan_begin(&plan);
    plan.seq = r->seq;
    plan.ack = r->ack;
    plan.flags = r->flags;
    plan.window = r->window;
    plan.ttl = r->ttl;
    plan.tos = r->tos;
    plan.options.has_timestamps = r->timestamps;
    plan.options.ts_value = r->ts_value;
    plan.options.ts_echo = r->ts_echo;
    if (r->kind == REPLY_SYNACK) {
        engine_syn_options(&s->engine, &plan.options);
        plan.options.has_mss = !r->bare;
        plan.options.mss = engine_link_mss(&s->engine, &r->flow);
        if (r->mss_max != 0 && r->mss_max < plan.options.mss)
            plan.options.mss = r->mss_max;
        plan.options.has_sack_permitted = (r->flow.flags & HALF_OPEN_SACK) != 0;
        plan.options.has_window_scale = (r->flow.flags & HALF_OPEN_SCALED) != 0;
        plan.options.window_scale = r->shift;
        RULE_HIT(&s->engine, &r->flow, SYN_ACK_SENT);
    } else if ((r->flags & TCP_RST) != 0) {
        RULE_HIT(&s->engine, &r->flow, RST_SENT);
    } else {
        RULE_HIT(&s->engine, &r->flow, ACK_SENT);
    }
    return packet_write(&s->engine, &r->flow, &plan, packet);
}

size_t replies_output(tern_stack *s, uint8_t *packet)
{
    uint32_t index = s->answers.head;
    const struct reply *r = pool_at(s, &s->replies, index);
    bool icmp = r->kind == REPLY_ECHO || r->kind == REPLY_ICMP_ERROR;
    size_t bytes = icmp ? replies_write_icmp(s, r, packet) : replies_write_segment(s, r, packet);
    replies_drop(s, index);
    return bytes;
}
