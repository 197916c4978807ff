/* inbound.c - a packet of the script comes to the stack: its numbers made those of the wire.
 *
 * The peer's own sequence numbers are the script's; the stack's differ by its ISN, its timestamps
 * by what it really sent. */
#include "apps/drill/runner.h"

#include "apps/pkt/icmp_names.h"
#include "apps/tern/i18n.h"

#include <string.h>

enum {
    INBOUND_TTL = 255,
    OPTION_NOP = 1,
    OPTION_SACK = 5,
    OPTION_TIMESTAMP = 8,
};

static void inbound_put32(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 24);
    at[1] = (uint8_t)(value >> 16);
    at[2] = (uint8_t)(value >> 8);
    at[3] = (uint8_t)value;
}

static uint32_t inbound_get32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* What the script does not ask of tern: UDP, tunnels, digests. */
static bool inbound_is_known(runner *r, const pkt_packet *packet)
{
    const char *what = NULL;

    if (packet->layers != NULL || packet->tunnel.given)
        what = "packets inside packets";
    else if (packet->protocol == PKT_UDP || packet->protocol == PKT_UDPLITE)
        what = "UDP";
    else if (packet->protocol == PKT_SCTP)
        what = "SCTP";
    else if (packet->protocol == PKT_TCP && (packet->tcp.psp || packet->tcp.diagnosis))
        what = "PSP";
    if (what != NULL)
        runner_verdict(r, DRILL_UNSUPPORTED, packet->place, N_("%s: tern has none"), what);
    return what == NULL;
}

/* The first packet for a listener, or for nobody, makes a connection known to the script. */
static void inbound_begin_flow(runner *r)
{
    runner_flow *f = &r->flow;

    if (f->known)
        return;
    *f = (runner_flow){.known = true, .local = r->local, .remote = r->remote};
    f->remote.port = r->next_remote_port++;
}

static void inbound_stamp(const runner_flow *f, uint32_t script, uint32_t *wire)
{
    for (uint32_t i = f->stamp_count; i > 0; i--) {
        uint32_t at = (i - 1) % RUNNER_STAMPS_MAX;
        if (f->stamps[at].script != script)
            continue;
        *wire = f->stamps[at].wire;
        return;
    }
}

/* The options as they go onto the wire. */
static void inbound_options(const runner *r, const pkt_packet *packet, uint8_t *options)
{
    const pkt_tcp_options *o = &packet->tcp.options;
    const runner_flow *f = &r->flow;
    uint32_t isn = runner_isn(f, packet->tcp.flags);

    memcpy(options, o->octets, o->octet_count);
    if (o->raw)
        return;
    for (size_t at = 0; at < o->octet_count;) {
        uint8_t kind = options[at];
        size_t left = o->octet_count - at;
        size_t length = kind <= OPTION_NOP ? 1 : left > 1 ? options[at + 1] : 0;
        if (length == 0 || length > left)
            break;
        for (size_t i = 2; kind == OPTION_SACK && i + 4 <= length; i += 4)
            inbound_put32(options + at + i, inbound_get32(options + at + i) + isn);
        if (kind == OPTION_TIMESTAMP && length == 10 && (packet->tcp.flags & PKT_ACK) != 0) {
            uint32_t script = inbound_get32(options + at + 6), wire = script;
            if (script != 0) /* one that was never sent stands for itself */
                inbound_stamp(f, script, &wire);
            inbound_put32(options + at + 6, wire);
        }
        at += length;
    }
}

/* The first SYN of the peer tells from where its numbers count. */
static void inbound_note_isn(runner_flow *f, const pkt_tcp *tcp)
{
    if (f->peer_known || (tcp->flags & PKT_SYN) == 0)
        return;
    f->peer_known = true;
    f->peer_isn = tcp->sequence.start;
}

/* With --mss, what is longer comes as a device that gathers segments would have had it: several,
 * at one time. */
static bool inbound_segments(runner *r, datagram_segment *segment)
{
    static uint8_t octets[DATAGRAM_MAX_BYTES];
    size_t left = segment->text_bytes, most = r->system.inbound_mss_bytes;

    for (;;) {
        segment->text_bytes = most > 0 && left > most ? most : left;
        left -= segment->text_bytes;
        size_t bytes = datagram_write_segment(octets, segment);
        if (bytes == 0)
            return false;
        subject_inject(&r->subject, octets, bytes, left == 0);
        if (left == 0)
            return true;
        segment->seq += (uint32_t)segment->text_bytes;
    }
}

static void inbound_tcp(runner *r, const pkt_packet *packet)
{
    const pkt_tcp *tcp = &packet->tcp;
    runner_flow *f = &r->flow;
    uint8_t options[PKT_OPTION_BYTES];

    inbound_note_isn(f, tcp);
    if ((tcp->flags & (PKT_SYN | PKT_ACK)) == PKT_SYN)
        f->ecn_asked = (tcp->flags & PKT_ECE) != 0 && (tcp->flags & PKT_CWR) != 0;
    inbound_options(r, packet, options);
    datagram_segment segment = {
        .source = f->remote,
        .destination = f->local,
        .tos = packet->ip.tos,
        .ttl = packet->ip.ttl >= 0 ? (uint8_t)packet->ip.ttl : INBOUND_TTL,
        .flow_label = packet->ip.flow_label >= 0 ? (uint32_t)packet->ip.flow_label : 0,
        .seq = tcp->sequence.start + (tcp->sequence.absolute ? 0 : runner_peer_isn(f, tcp->flags)),
        .ack = (tcp->flags & PKT_ACK) != 0 ? tcp->ack + runner_isn(f, tcp->flags) : 0,
        .flags = tcp->flags,
        .window = (uint16_t)tcp->window,
        .urgent = tcp->urgent,
        .options = options,
        .options_bytes = tcp->options.octet_count,
        .text_bytes = tcp->sequence.bytes,
    };
    if (packet->ports.given) {
        segment.source.port = packet->ports.source;
        segment.destination.port = packet->ports.destination;
    }
    if (!inbound_segments(r, &segment))
        runner_verdict(r, DRILL_FAIL, packet->place, N_("the packet is longer than any can be"));
}

static void inbound_icmp(runner *r, const pkt_packet *packet)
{
    static uint8_t octets[DATAGRAM_MAX_BYTES];
    const runner_flow *f = &r->flow;
    const pkt_icmp *icmp = &packet->icmp;
    uint8_t number[2];
    datagram_error error = {
        .source = f->remote.address,
        .about = {.source = f->local,
                  .destination = f->remote,
                  .ttl = 64,
                  .seq = icmp->sequence.start + f->isn_wire,
                  .text_bytes = icmp->sequence.bytes},
    };

    if (icmp->quoted && icmp->protocol != PKT_TCP) {
        runner_verdict(r, DRILL_UNSUPPORTED, packet->place, N_("ICMP that is not about TCP"));
        return;
    }
    bool ipv4 = tern_address_is_ipv4(&error.source);
    if (!pkt_icmp_number(!ipv4, icmp->type, icmp->code, number)) {
        runner_verdict(r, DRILL_UNSUPPORTED, packet->place, N_("ICMP type %s, code %s"), icmp->type,
                       icmp->code != NULL ? icmp->code : "-");
        return;
    }
    error.type = number[0];
    error.code = number[1];
    error.rest = icmp->mtu_bytes >= 0 ? (uint32_t)icmp->mtu_bytes : 0;
    subject_inject(&r->subject, octets, datagram_write_error(octets, &error), true);
}

void inbound_packet(runner *r, const pkt_event *event)
{
    const pkt_packet *packet = event->packet;

    if (!inbound_is_known(r, packet))
        return;
    inbound_begin_flow(r);
    if (packet->protocol == PKT_TCP)
        inbound_tcp(r, packet);
    else
        inbound_icmp(r, packet);
}
