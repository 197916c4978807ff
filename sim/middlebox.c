/* middlebox.c - the door of all boxes, their table of flows, and the three boxes that need none. */
#include "sim/middlebox_kinds.h"

#include <stdlib.h>
#include <string.h>

enum { MIDDLEBOX_OPTION_END = 0, MIDDLEBOX_OPTION_NOP = 1 };

middlebox *middlebox_new(const middlebox_config *config)
{
    middlebox *box = calloc(1, sizeof *box);

    if (box != NULL)
        box->config = *config;
    return box;
}

void middlebox_free(middlebox *box)
{
    free(box);
}

bool middlebox_has_address(const middlebox *box, const tern_address *address)
{
    return box->config.kind == MIDDLEBOX_NAT &&
           memcmp(&box->config.address, address, sizeof *address) == 0;
}

/* ---- Flows ---- */

bool middlebox_same(const tern_endpoint *a, const tern_endpoint *b)
{
    return a->port == b->port && memcmp(&a->address, &b->address, sizeof a->address) == 0;
}

middlebox_flow *middlebox_find(const middlebox_visit *v, const tern_endpoint *outer,
                               const tern_endpoint *inner)
{
    for (uint32_t i = 0; i < MIDDLEBOX_FLOWS_MAX; i++) {
        middlebox_flow *f = &v->box->flows[i];
        if (middlebox_same(&f->outer, outer) && middlebox_same(&f->inner, inner)) {
            f->used_us = v->now_us;
            return f;
        }
    }
    return NULL;
}

middlebox_flow *middlebox_take(const middlebox_visit *v, const tern_endpoint *outer,
                               const tern_endpoint *inner)
{
    middlebox_flow *oldest = &v->box->flows[0];

    for (uint32_t i = 1; i < MIDDLEBOX_FLOWS_MAX; i++) {
        middlebox_flow *f = &v->box->flows[i];
        bool is_free = f->outer.port == 0 && oldest->outer.port != 0;
        if (is_free || (oldest->outer.port != 0 && f->used_us < oldest->used_us))
            oldest = f;
    }
    *oldest = (middlebox_flow){.outer = *outer, .inner = *inner, .used_us = v->now_us};
    return oldest;
}

/* ---- Segments of the box's own ---- */

void middlebox_send(const middlebox_visit *v, middlebox_side to, const edit_fields *fields)
{
    uint8_t packet[EDIT_MADE_MAX_BYTES];
    size_t bytes = edit_make(packet, fields);

    v->out->emit(v->out->context, to, packet, bytes);
}

void middlebox_reset_sender(const middlebox_visit *v)
{
    uint8_t packet[EDIT_MADE_MAX_BYTES];

    if ((v->s.flags & EDIT_RST) == 0)
        v->out->emit(v->out->context, v->from, packet, edit_make_reset(packet, &v->s));
}

/* ---- Stripper, clamp, bleacher ---- */

static bool middlebox_strips(const middlebox *box, uint8_t kind)
{
    return memchr(box->config.strip_kinds, kind, box->config.strip_count) != NULL;
}

static void middlebox_strip(const middlebox_visit *v)
{
    const edit_segment *s = &v->s;
    size_t at = EDIT_TCP_HEADER_BYTES;

    while (at < s->header_bytes && s->tcp[at] != MIDDLEBOX_OPTION_END) {
        uint8_t kind = s->tcp[at];
        if (kind == MIDDLEBOX_OPTION_NOP) {
            at++;
            continue;
        }
        if (at + 1 >= s->header_bytes || s->tcp[at + 1] < 2 ||
            at + s->tcp[at + 1] > s->header_bytes)
            return;
        size_t end = at + s->tcp[at + 1];
        bool strips = middlebox_strips(v->box, kind);
        for (; at < end; at++)
            if (strips)
                edit_put8(s, at, MIDDLEBOX_OPTION_NOP);
    }
}

static void middlebox_clamp(const middlebox_visit *v)
{
    if (v->s.window > v->box->config.window_max)
        edit_put16(&v->s, EDIT_AT_WINDOW, v->box->config.window_max);
}

static void middlebox_bleach(const middlebox_visit *v)
{
    edit_clear_ecn(&v->s);
    edit_put8(&v->s, EDIT_AT_FLAGS, v->s.flags & (uint8_t) ~(EDIT_ECE | EDIT_CWR));
}

/* ---- The door ---- */

static bool middlebox_visited(const middlebox_visit *v)
{
    switch (v->box->config.kind) {
    case MIDDLEBOX_STRIPPER:
        middlebox_strip(v);
        break;
    case MIDDLEBOX_CLAMP:
        middlebox_clamp(v);
        break;
    case MIDDLEBOX_BLEACHER:
        middlebox_bleach(v);
        break;
    case MIDDLEBOX_FIREWALL:
        return middlebox_firewall(v);
    case MIDDLEBOX_NAT:
        return middlebox_nat(v);
    case MIDDLEBOX_NARROW:
        return middlebox_narrow(v);
    case MIDDLEBOX_SYN_PROXY:
        return middlebox_syn_proxy(v);
    }
    return true;
}

void middlebox_pass(middlebox *box, tern_time now_us, const middlebox_packet *packet,
                    const middlebox_exit *out)
{
    uint8_t octets[MIDDLEBOX_PACKET_MAX_BYTES];
    middlebox_visit v = {.box = box, .now_us = now_us, .from = packet->from, .out = out};

    memcpy(octets, packet->octets, packet->bytes);
    if (!edit_read(&v.s, octets, packet->bytes) || middlebox_visited(&v))
        out->emit(out->context, middlebox_other(packet->from), octets, packet->bytes);
}
