/* replies.c - answers that no connection owns. */
#include "stack/replies.h"

#include "tcp/close/rst.h"
#include "tcp/open/cookie.h"
#include "tcp/open/isn.h"
#include "tcp/packet.h"

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

void replies_reset(tern_stack *s, const struct flow *f, const struct segment *seg)
{
    struct rst_fields fields = rst_for(seg);
    struct reply *r = replies_add(s, f);

    if (r == NULL)
        return;
    r->seq = fields.seq;
    r->ack = fields.ack;
    r->flags = fields.flags;
}

void replies_time_wait_ack(tern_stack *s, const struct time_wait *w)
{
    const tern_config *c = &s->engine.config;
    struct reply *r = replies_add(s, &w->flow);

    if (r == NULL)
        return;
    uint8_t shift = engine_window_shift(c->recv_buffer_bytes);
    bool scaled = (w->flow.flags & TIME_WAIT_SCALED) != 0;
    r->seq = w->snd_nxt;
    r->ack = w->rcv_nxt;
    r->flags = TCP_ACK;
    /* Both have closed: nobody will use this window. It says what an open one would. */
    r->window = engine_syn_window(scaled ? c->recv_buffer_bytes >> shift : c->recv_buffer_bytes);
    if ((w->flow.flags & TIME_WAIT_TS) != 0) {
        r->timestamps = true;
        r->ts_value = engine_timestamp(&s->engine, isn_timestamp_offset(&s->engine, &w->flow));
        r->ts_echo = w->ts_recent;
    }
}

void replies_cookie(tern_stack *s, const struct half_open *h)
{
    struct reply *r = replies_add(s, &h->flow);

    if (r == NULL)
        return;
    r->kind = REPLY_SYNACK;
    r->seq = h->iss;
    r->ack = seq_add(h->irs, 1);
    r->flags = TCP_SYN | TCP_ACK;
    r->window = engine_syn_window(s->engine.config.recv_buffer_bytes);
    r->timestamps = (h->flow.flags & HALF_OPEN_TS) != 0;
    if (r->timestamps) {
        r->ts_value = cookie_timestamp(&s->engine, h);
        r->ts_echo = h->ts_recent;
    }
}

void replies_echo(tern_stack *s, const struct flow *f, const icmp_message *icmp)
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
    size_t kept = chunks_append(s, &s->engine.chunks, &r->body, icmp->body, icmp->body_bytes);
    if (kept < icmp->body_bytes) {
        RULE_HIT(&s->engine, f, REPLIES_FULL);
        replies_drop(s, s->answers.tail);
    }
}

static size_t replies_write_echo(const tern_stack *s, const struct reply *r, uint8_t *packet)
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
    icmp_write_echo_reply(message, r->rest, r->body.bytes, source, &r->flow.remote);
    return (size_t)(message - packet) + ip.payload_bytes;
}

static size_t replies_write_segment(tern_stack *s, const struct reply *r, uint8_t *packet)
{
    struct packet_plan plan = {
        .seq = r->seq, .ack = r->ack, .flags = r->flags, .window = r->window};

    plan.options.has_timestamps = r->timestamps;
    plan.options.ts_value = r->ts_value;
    plan.options.ts_echo = r->ts_echo;
    if (r->kind == REPLY_SYNACK) {
        plan.options.has_mss = true;
        plan.options.mss = engine_link_mss(&s->engine, &r->flow);
        plan.options.has_sack_permitted = (r->flow.flags & HALF_OPEN_SACK) != 0;
        plan.options.has_window_scale = (r->flow.flags & HALF_OPEN_SCALED) != 0;
        plan.options.window_scale = engine_window_shift(s->engine.config.recv_buffer_bytes);
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

    if (index == 0)
        return 0;
    const struct reply *r = pool_at(s, &s->replies, index);
    size_t bytes = r->kind == REPLY_ECHO ? replies_write_echo(s, r, packet)
                                         : replies_write_segment(s, r, packet);
    replies_drop(s, index);
    return bytes;
}
