/* packet_text.c - a packet as a reader wants it: what its octets say, and the words for it.
 *
 * Sequence numbers are shown relative to the ISN of their direction, once a SYN has told it, and
 * raw; windows scaled, once both SYNs have told their shift. */
#define _GNU_SOURCE
#include "draw/packet_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "draw/packet_icmp.h"
#include "tern/status.h"
#include "wire/checksum.h"
#include "wire/tcp_header.h"

static const packet_flag packet_flag_list[] = {
    {TCP_SYN, "SYN"}, {TCP_FIN, "FIN"}, {TCP_RST, "RST"}, {TCP_PSH, "PSH"}, {TCP_ACK, "ACK"},
    {TCP_URG, "URG"}, {TCP_ECE, "ECE"}, {TCP_CWR, "CWR"}, {TCP_AE, "AE"},
};

const packet_flag *packet_flag_get(size_t index)
{
    size_t count = sizeof packet_flag_list / sizeof packet_flag_list[0];
    return index < count ? &packet_flag_list[index] : NULL;
}

/* ---- Directions ---------------------------------------------------------------------------- */

static bool packet_endpoint_eq(const tern_endpoint *a, const tern_endpoint *b)
{
    return a->port == b->port && memcmp(&a->address, &b->address, sizeof a->address) == 0;
}

/* The number of a direction; PACKET_FLOWS_MAX when there is none. */
static uint32_t packet_flow_seek(const packet_flows *flows, const tern_endpoint *source,
                                 const tern_endpoint *destination)
{
    uint32_t i = 0;

    while (i < PACKET_FLOWS_MAX && !(packet_endpoint_eq(&flows->flow[i].source, source) &&
                                     packet_endpoint_eq(&flows->flow[i].destination, destination)))
        i++;
    return i;
}

static packet_flow *packet_flow_find(packet_flows *flows, const tern_endpoint *source,
                                     const tern_endpoint *destination)
{
    uint32_t i = packet_flow_seek(flows, source, destination);
    return i < PACKET_FLOWS_MAX ? &flows->flow[i] : NULL;
}

bool packet_flows_know(const packet_flows *flows, const packet_summary *packet)
{
    uint32_t i = packet_flow_seek(flows, &packet->source, &packet->destination);
    return i < PACKET_FLOWS_MAX && flows->flow[i].isn_known;
}

bool packet_flows_relate(const packet_flows *flows, const packet_direction *of, uint32_t number,
                         uint32_t *relative)
{
    uint32_t i = packet_flow_seek(flows, of->source, of->destination);
    if (i == PACKET_FLOWS_MAX || !flows->flow[i].isn_known)
        return false;
    *relative = number - flows->flow[i].isn;
    return true;
}

static packet_flow *packet_flow_make(packet_flows *flows, const packet_summary *p)
{
    packet_flow *f = packet_flow_find(flows, &p->source, &p->destination);

    if (f == NULL) {
        f = &flows->flow[flows->oldest];
        flows->oldest = (flows->oldest + 1) % PACKET_FLOWS_MAX;
        *f = (packet_flow){.source = p->source, .destination = p->destination};
    }
    return f;
}

/* A SYN: its number is the ISN. Another ISN than before is a new connection on the same ports, of
 * which the other direction has said nothing yet. */
static void packet_flow_syn(packet_flow *f, packet_flow *back, const packet_summary *p)
{
    if (f->isn_known && f->isn == p->seq)
        return;
    if (f->isn_known && back != NULL && (p->flags & TCP_ACK) == 0)
        back->isn_known = back->scale_known = false;
    f->isn_known = true;
    f->isn = f->next = p->seq;
    f->scale_known = p->options.has_window_scale;
    f->scale = p->options.window_scale > 14 ? 14 : p->options.window_scale;
}

static void packet_relate(packet_summary *p, packet_flows *flows)
{
    packet_flow *f = packet_flow_make(flows, p);
    packet_flow *back = packet_flow_find(flows, &p->destination, &p->source);
    uint32_t length = p->text_bytes + ((p->flags & TCP_SYN) != 0) + ((p->flags & TCP_FIN) != 0);
    uint32_t end = p->seq + length;

    if ((p->flags & TCP_SYN) != 0)
        packet_flow_syn(f, back, p);
    p->seq_relative_known = f->isn_known;
    p->seq_relative = p->seq - f->isn;
    p->ack_relative_known = (p->flags & TCP_ACK) != 0 && back != NULL && back->isn_known;
    p->ack_relative = back != NULL ? p->ack - back->isn : 0;
    p->window_scaled = p->window;
    if ((p->flags & TCP_SYN) == 0 && f->scale_known && back != NULL && back->scale_known)
        p->window_scaled = (uint32_t)p->window << f->scale;
    if (!f->isn_known || length == 0)
        return;
    p->again = seq_le(seq_of(end), seq_of(f->next));
    f->next = p->again ? f->next : end;
    if ((p->flags & TCP_SYN) == 0)
        return;
    p->again = p->again && f->syn_flags == p->flags; /* SYN, then SYN,ACK: a simultaneous open */
    f->syn_flags = p->flags;
}

/* ---- Octets -------------------------------------------------------------------------------- */

static void packet_read_tcp(packet_summary *p, packet_flows *flows, const ip_packet *ip)
{
    tcp_header tcp;
    checksum_sum sum;

    p->bad = tcp_header_read(&tcp, ip->payload, ip->payload_bytes);
    if (p->bad != TERN_RULE_NONE) {
        p->form = PACKET_BAD;
        return;
    }
    sum = checksum_pseudo(&ip->source, &ip->destination, IP_PROTOCOL_TCP,
                          (uint32_t)ip->payload_bytes);
    p->form = PACKET_TCP;
    p->checksum_bad = checksum_finish(checksum_add(sum, ip->payload, ip->payload_bytes)) != 0;
    p->source.port = tcp.source_port;
    p->destination.port = tcp.destination_port;
    p->flags = tcp.flags;
    p->seq = tcp.seq.v;
    p->ack = tcp.ack.v;
    p->window = tcp.window;
    p->text_bytes = (uint32_t)tcp.text_bytes;
    tcp_options_read(&p->options, tcp.options, tcp.options_bytes);
    p->options.fast_open = NULL; /* the octets are the caller's */
    p->option_bytes = (uint8_t)tcp.options_bytes;
    memcpy(p->option_octets, tcp.options, tcp.options_bytes);
    packet_relate(p, flows);
}

void packet_read(packet_summary *packet, packet_flows *flows, const void *octets, size_t bytes)
{
    ip_packet ip;
    icmp_message icmp;

    memset(packet, 0, sizeof *packet);
    packet->bytes = bytes;
    packet->bad = ip_read(&ip, octets, bytes);
    if (packet->bad != TERN_RULE_NONE) {
        packet->form = PACKET_BAD;
        return;
    }
    packet->source.address = ip.source;
    packet->destination.address = ip.destination;
    packet->protocol = ip.protocol;
    if (ip.protocol == IP_PROTOCOL_TCP) {
        packet_read_tcp(packet, flows, &ip);
    } else if (ip.protocol == (ip.version == 4 ? IP_PROTOCOL_ICMP : IP_PROTOCOL_ICMPV6)) {
        packet->bad = icmp_read(&icmp, &ip);
        packet->form = PACKET_BAD;
        if (packet->bad == TERN_RULE_NONE)
            packet_icmp_read(packet, flows, &icmp);
    } else {
        packet->form = PACKET_OTHER;
    }
}

/* ---- Words --------------------------------------------------------------------------------- */

static void packet_label_flags(const packet_summary *p, char text[PACKET_LABEL_BYTES])
{
    size_t at = 0;
    const packet_flag *flag;

    text[0] = '\0';
    for (size_t i = 0; (flag = packet_flag_get(i)) != NULL; i++)
        if ((p->flags & flag->bit) != 0)
            at += (size_t)snprintf(text + at, PACKET_LABEL_BYTES - at, "%s%s", at > 0 ? "," : "",
                                   flag->name);
    if (at == 0)
        at += (size_t)snprintf(text, PACKET_LABEL_BYTES, "-");
    if (p->text_bytes > 0)
        snprintf(text + at, PACKET_LABEL_BYTES - at, " LEN %u", p->text_bytes);
}

char *packet_label(const packet_summary *packet, char text[PACKET_LABEL_BYTES])
{
    const char *name;

    switch (packet->form) {
    case PACKET_TCP:
        packet_label_flags(packet, text);
        break;
    case PACKET_ICMP:
        name = packet_icmp_name(packet);
        snprintf(text, PACKET_LABEL_BYTES, "ICMP %u/%u%s%s", packet->icmp_type, packet->icmp_code,
                 name != NULL ? " " : "", name != NULL ? name : "");
        break;
    case PACKET_OTHER:
        snprintf(text, PACKET_LABEL_BYTES, "IP %u", packet->protocol);
        break;
    case PACKET_BAD:
        snprintf(text, PACKET_LABEL_BYTES, "%s", tern_rule_get(packet->bad)->name);
        break;
    }
    return text;
}

static void packet_item(packet_items *items, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void packet_item(packet_items *items, const char *format, ...)
{
    va_list arguments;

    if (items->count == PACKET_ITEMS_MAX)
        return;
    va_start(arguments, format);
    vsnprintf(items->text[items->count++], PACKET_ITEM_BYTES, format, arguments);
    va_end(arguments);
}

/* What an ICMP error tells, and which segment it is an answer to. */
static void packet_icmp_items(const packet_summary *packet, packet_items *items)
{
    if (packet->mtu_bytes > 0)
        packet_item(items, "MTU %u", packet->mtu_bytes);
    if (!packet->quotes) {
        packet_item(items, "%zu octets", packet->bytes);
        return;
    }
    packet_item(items, "about %u > %u", packet->quoted_source.port,
                packet->quoted_destination.port);
    if (packet->quoted_seq_relative_known)
        packet_item(items, "SEQ %u (%u)", packet->quoted_seq_relative, packet->quoted_seq);
    else
        packet_item(items, "SEQ %u", packet->quoted_seq);
}

void packet_numbers(const packet_summary *packet, packet_items *items)
{
    if (packet->form == PACKET_ICMP) {
        packet_icmp_items(packet, items);
        return;
    }
    if (packet->form != PACKET_TCP) {
        packet_item(items, "%zu octets", packet->bytes);
        return;
    }
    if (packet->seq_relative_known)
        packet_item(items, "SEQ %u (%u)", packet->seq_relative, packet->seq);
    else
        packet_item(items, "SEQ %u", packet->seq);
    if (packet->ack_relative_known)
        packet_item(items, "ACK %u (%u)", packet->ack_relative, packet->ack);
    else if ((packet->flags & TCP_ACK) != 0)
        packet_item(items, "ACK %u", packet->ack);
    if (packet->window_scaled != packet->window)
        packet_item(items, "WIN %u (%u)", packet->window_scaled, packet->window);
    else
        packet_item(items, "WIN %u", packet->window);
}

void packet_options(const packet_summary *packet, packet_items *items)
{
    const tcp_options *o = &packet->options;

    if (packet->form != PACKET_TCP)
        return;
    if (o->has_mss)
        packet_item(items, "MSS %u", o->mss);
    if (o->has_window_scale)
        packet_item(items, "WSCALE %u", o->window_scale);
    if (o->has_sack_permitted)
        packet_item(items, "SACK-OK");
    if (o->has_timestamps)
        packet_item(items, "TS %u/%u", o->ts_value, o->ts_echo);
    if (o->has_fast_open)
        packet_item(items, "TFO %s", o->fast_open_bytes > 0 ? "COOKIE" : "REQUEST");
    for (unsigned i = 0; i < o->sack_count && i < TCP_SACK_BLOCKS_MAX; i++) {
        uint32_t base = packet->ack_relative_known ? packet->ack - packet->ack_relative : 0;
        packet_item(items, "SACK %u-%u", o->sack[i].left.v - base, o->sack[i].right.v - base);
    }
    if (o->unknown_skipped)
        packet_item(items, "+?");
    if (packet->checksum_bad)
        packet_item(items, "TCP_CHECKSUM_BAD");
    if (o->length_bad)
        packet_item(items, "OPTION_LENGTH_BAD");
}
