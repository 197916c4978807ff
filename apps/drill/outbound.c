/* outbound.c - a packet that the script expects: what the stack sent, made the script's numbers and
 * compared field by field. */
#include "apps/drill/options_text.h"
#include "apps/drill/runner.h"
#include "apps/tern/i18n.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUTBOUND_ANY_US INT64_C(3600000000) /* for how long "*" waits */

enum { OPTION_NOP = 1, OPTION_SACK = 5, OPTION_TIMESTAMP = 8, OUTBOUND_TEXT_BYTES = 256 };
enum { ICMP_ECHO_REPLY_IPV4 = 0, ICMP_ECHO_REPLY_IPV6 = 129 };

static uint32_t outbound_get32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static bool outbound_is_same(const tern_address *a, const tern_address *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* The host answers a ping, not the connection: packetdrill, too, looks at errors alone. */
static bool outbound_is_echo(const datagram_view *v)
{
    bool ipv4 = tern_address_is_ipv4(&v->source.address);

    return v->type == (ipv4 ? ICMP_ECHO_REPLY_IPV4 : ICMP_ECHO_REPLY_IPV6);
}

/* Is it of the connection that the script talks of? The SYN of a connect tells its port. */
static bool outbound_is_of_flow(runner *r, const datagram_view *v)
{
    runner_flow *f = &r->flow;

    if (v->kind != DATAGRAM_TCP || !outbound_is_same(&v->destination.address, &f->remote.address))
        return v->kind == DATAGRAM_ICMP && !outbound_is_echo(v);
    if (f->connecting && (v->flags & PKT_SYN) != 0 && (v->flags & PKT_ACK) == 0 &&
        v->destination.port == f->remote.port) {
        f->local = v->source;
        f->known = true;
        f->connecting = false;
    }
    return f->known && v->destination.port == f->remote.port && v->source.port == f->local.port;
}

subject_packet *outbound_take(runner *r, datagram_view *view)
{
    subject_packet *packet;

    while ((packet = subject_take(&r->subject)) != NULL) {
        if (datagram_read(view, packet->octets, packet->bytes) && outbound_is_of_flow(r, view))
            return packet;
        free(packet);
    }
    return NULL;
}

/* ---- Words --------------------------------------------------------------------------------- */

static void outbound_flags_text(uint16_t flags, char text[16])
{
    static const struct {
        uint16_t flag;
        char letter;
    } letters[] = {{PKT_FIN, 'F'}, {PKT_SYN, 'S'}, {PKT_RST, 'R'}, {PKT_PSH, 'P'}, {PKT_URG, 'U'},
                   {PKT_ECE, 'E'}, {PKT_CWR, 'W'}, {PKT_AE, 'A'},  {PKT_ACK, '.'}};
    size_t count = 0;

    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
        if ((flags & letters[i].flag) != 0)
            text[count++] = letters[i].letter;
    text[count] = '\0';
}

static void outbound_view_text(const runner *r, const datagram_view *v, char *text)
{
    char flags[16];
    uint32_t seq = v->seq - runner_isn(&r->flow, v->flags);
    uint32_t ack = v->ack - runner_peer_isn(&r->flow, v->flags);

    outbound_flags_text(v->flags, flags);
    if (v->kind == DATAGRAM_ICMP)
        (void)snprintf(text, OUTBOUND_TEXT_BYTES, "icmp type %u code %u", v->type, v->code);
    else
        (void)snprintf(text, OUTBOUND_TEXT_BYTES, "%s %u:%u(%u) ack %u win %u", flags, seq,
                       seq + (uint32_t)v->text_bytes, (unsigned)v->text_bytes,
                       (v->flags & PKT_ACK) != 0 ? ack : 0, v->window);
}

static void outbound_script_text(const pkt_packet *p, char *text)
{
    const pkt_tcp *tcp = &p->tcp;
    char flags[16], window[16] = "any";

    outbound_flags_text(tcp->flags, flags);
    if (tcp->window >= 0)
        (void)snprintf(window, sizeof window, "%d", tcp->window);
    (void)snprintf(text, OUTBOUND_TEXT_BYTES, "%s %u:%u(%u) ack %u win %s", flags,
                   tcp->sequence.start, tcp->sequence.start + tcp->sequence.bytes,
                   tcp->sequence.bytes, tcp->ack, window);
}

static bool outbound_differs(runner *r, const pkt_packet *p, const datagram_view *v,
                             const char *what)
{
    char expected[OUTBOUND_TEXT_BYTES], got[OUTBOUND_TEXT_BYTES];

    outbound_script_text(p, expected);
    outbound_view_text(r, v, got);
    runner_verdict(r, DRILL_FAIL, p->place, N_("%s: expected %s, sent was %s"), _(what), expected,
                   got);
    return false;
}

/* ---- Comparing ----------------------------------------------------------------------------- */

static bool outbound_ip(runner *r, const pkt_packet *p, const datagram_view *v)
{
    char what[OUTBOUND_TEXT_BYTES];

    if (!v->checksums_right)
        return outbound_differs(r, p, v, N_("a checksum is wrong"));
    if (((v->tos ^ p->ip.tos) & p->ip.tos_mask) != 0 ||
        (p->ip.ect01 && (v->tos & 3) != 1 && (v->tos & 3) != 2)) {
        (void)snprintf(what, sizeof what, "TOS 0x%02x, sent 0x%02x", p->ip.tos, v->tos);
        return outbound_differs(r, p, v, what);
    }
    if (p->ip.ttl >= 0 && v->ttl != p->ip.ttl) {
        (void)snprintf(what, sizeof what, "TTL %d, sent %u", p->ip.ttl, v->ttl);
        return outbound_differs(r, p, v, what);
    }
    if (p->ip.flow_label >= 0 && v->flow_label != (uint32_t)p->ip.flow_label)
        return outbound_differs(r, p, v, N_("flow label"));
    return true;
}

static bool outbound_header(runner *r, const pkt_packet *p, const datagram_view *v)
{
    const pkt_tcp *tcp = &p->tcp;
    uint32_t offset = tcp->sequence.absolute ? 0 : runner_isn(&r->flow, v->flags);
    uint32_t ack = v->ack - runner_peer_isn(&r->flow, v->flags);

    if (v->flags != tcp->flags)
        return outbound_differs(r, p, v, N_("flags"));
    if (!tcp->sequence.ignored && v->seq - offset != tcp->sequence.start)
        return outbound_differs(r, p, v, N_("SEQ"));
    if (v->text_bytes != tcp->sequence.bytes)
        return outbound_differs(r, p, v, N_("length"));
    if (tcp->ack_given && ack != tcp->ack)
        return outbound_differs(r, p, v, N_("ACK"));
    if (tcp->window >= 0 && v->window != tcp->window)
        return outbound_differs(r, p, v, N_("window"));
    if (v->urgent != tcp->urgent)
        return outbound_differs(r, p, v, N_("urgent pointer"));
    if (p->ports.given &&
        (v->source.port != p->ports.source || v->destination.port != p->ports.destination))
        return outbound_differs(r, p, v, N_("ports"));
    return true;
}

/* The script's timestamp stands for the one that was sent. */
static void outbound_note_stamp(runner_flow *f, uint32_t script, uint32_t wire)
{
    uint32_t at = f->stamp_count % RUNNER_STAMPS_MAX;

    f->stamps[at].script = script;
    f->stamps[at].wire = wire;
    f->stamp_count++;
}

/* SACK blocks are of the peer's numbers. */
static bool outbound_same_sack(const uint8_t *script, const uint8_t *wire, size_t bytes,
                               uint32_t peer_isn)
{
    for (size_t i = 2; i + 4 <= bytes; i += 4)
        if (outbound_get32(script + i) + peer_isn != outbound_get32(wire + i))
            return false;
    return true;
}

static size_t outbound_option_bytes(const uint8_t *options, size_t left)
{
    if (left == 0)
        return 0;
    size_t bytes = options[0] <= OPTION_NOP ? 1 : left > 1 ? options[1] : 0;
    return bytes > left ? 0 : bytes;
}

static bool outbound_options(runner *r, const pkt_packet *p, const datagram_view *v)
{
    const pkt_tcp_options *o = &p->tcp.options;
    size_t want_at = 0, got_at = 0;
    char want[OPTIONS_TEXT_BYTES], got[OPTIONS_TEXT_BYTES], what[2 * OPTIONS_TEXT_BYTES + 24];

    if (o->any)
        return true;
    while (want_at < o->octet_count && got_at < v->options_bytes) {
        const uint8_t *a = o->octets + want_at, *b = v->options + got_at;
        size_t want_bytes = outbound_option_bytes(a, o->octet_count - want_at);
        size_t got_bytes = outbound_option_bytes(b, v->options_bytes - got_at);
        bool stamp = want_bytes == 10 && got_bytes == 10 && a[0] == OPTION_TIMESTAMP &&
                     b[0] == OPTION_TIMESTAMP && !o->raw;
        bool sack = want_bytes > 2 && want_bytes == got_bytes && a[0] == OPTION_SACK &&
                    b[0] == OPTION_SACK && !o->raw &&
                    outbound_same_sack(a, b, want_bytes, runner_peer_isn(&r->flow, v->flags));
        if (stamp)
            outbound_note_stamp(&r->flow, outbound_get32(a + 2), outbound_get32(b + 2));
        else if (!sack &&
                 (want_bytes == 0 || want_bytes != got_bytes || memcmp(a, b, want_bytes) != 0))
            break;
        want_at += want_bytes;
        got_at += got_bytes;
    }
    if (want_at == o->octet_count && got_at == v->options_bytes)
        return true;
    options_text(o->octets, o->octet_count, want);
    options_text(v->options, v->options_bytes, got);
    (void)snprintf(what, sizeof what, "options <%s>, sent <%s>", want, got);
    return outbound_differs(r, p, v, what);
}

/* All data of a script is zero octets, both ways. */
static bool outbound_text(runner *r, const pkt_packet *p, const datagram_view *v)
{
    for (size_t i = 0; i < v->text_bytes; i++)
        if (v->text[i] != 0)
            return outbound_differs(r, p, v, N_("data"));
    return true;
}

/* The first segment of the stack tells how far its numbers are from the script's. */
static void outbound_note_isn(runner *r, const pkt_packet *p, const datagram_view *v)
{
    runner_flow *f = &r->flow;

    if (f->isn_known || (v->flags & PKT_SYN) == 0 || p->tcp.sequence.absolute)
        return;
    f->isn_known = true;
    f->isn_script = p->tcp.sequence.start;
    f->isn_wire = v->seq;
}

/* Would the segment be another, or another's, if tern had ECN? RFC 3168 6.1. */
static bool outbound_needs_ecn(const runner *r, const pkt_packet *p)
{
    uint16_t flags = p->tcp.flags;
    bool marked = p->ip.ect01 || (p->ip.tos & p->ip.tos_mask & 3) != 0;

    if (p->protocol != PKT_TCP)
        return false;
    if (marked || (flags & (PKT_ECE | PKT_CWR | PKT_AE)) != 0)
        return true;
    if ((flags & PKT_SYN) == 0 || r->system.ecn == RUNNER_ECN_NEVER)
        return false;
    return (flags & PKT_ACK) != 0 ? r->flow.ecn_asked : r->system.ecn == RUNNER_ECN_ALWAYS;
}

static void outbound_compare(runner *r, const pkt_event *event, const subject_packet *packet,
                             const datagram_view *v)
{
    const pkt_packet *p = event->packet;

    if (p->protocol != PKT_TCP) {
        runner_verdict(r, DRILL_UNSUPPORTED, p->place, N_("only TCP is expected of tern"));
        return;
    }
    if (v->kind == DATAGRAM_ICMP) {
        (void)outbound_differs(r, p, v, N_("protocol"));
        return;
    }
    outbound_note_isn(r, p, v);
    if (outbound_ip(r, p, v) && outbound_header(r, p, v) && outbound_options(r, p, v))
        (void)runner_on_time(r, event, (int64_t)(packet->sent_us - r->start_us), N_("the packet"));
    r->packets_out++;
}

/* The next packet of the connection, waited for until then; NULL: none came. */
static subject_packet *outbound_await(runner *r, tern_time until_us, datagram_view *view)
{
    subject_packet *packet = NULL;

    while (packet == NULL && !r->subject.exhausted) {
        subject_pass(&r->subject, until_us, UNTIL_PACKET);
        packet = outbound_take(r, view);
        if (packet == NULL && r->subject.now_us >= until_us)
            break;
    }
    return packet;
}

/* Scripts name what a device with segmentation offload is given: one segment that tern sends as
 * several. Takes the rest of it; the whole is in *v, but for its text. Its PSH is the script's:
 * Linux sets it on whatever it hands to such a device, whoever wrote how much
 * (docs/decisions/0022). */
static void outbound_gather(runner *r, const pkt_packet *p, tern_time until_us, datagram_view *v)
{
    enum { ENDS = PKT_FIN | PKT_PSH };
    bool several = false;
    size_t wanted = p->protocol == PKT_TCP ? p->tcp.sequence.bytes : 0;
    datagram_view next;

    while (v->kind == DATAGRAM_TCP && v->text_bytes > 0 && v->text_bytes < wanted && !r->over) {
        subject_packet *packet = outbound_await(r, until_us, &next);
        if (packet == NULL)
            return;
        bool follows = next.kind == DATAGRAM_TCP && next.seq == v->seq + (uint32_t)v->text_bytes &&
                       ((next.flags ^ v->flags) & ~(unsigned)ENDS) == 0;
        if (!follows || !outbound_text(r, p, &next)) {
            (void)outbound_differs(r, p, &next, N_("what follows the first segments"));
            free(packet);
            return;
        }
        several = true;
        v->text_bytes += next.text_bytes;
        v->flags |= next.flags;
        v->window = next.window;
        v->ack = next.ack;
        free(packet);
    }
    if (several)
        v->flags = (uint16_t)((v->flags & ~PKT_PSH) | (p->tcp.flags & PKT_PSH));
}

/* Linux makes segments of many MSS also for a device that wants them cut, and marks the end of each
 * by PSH: of one that another follows at once, PSH is the script's (docs/decisions/0022). */
static void outbound_cut(const runner *r, const pkt_packet *p, datagram_view *v)
{
    const subject_packet *behind = r->subject.outbox;
    datagram_view next;

    if (behind == NULL || !datagram_read(&next, behind->octets, behind->bytes))
        return;
    if (v->kind == DATAGRAM_TCP && next.kind == DATAGRAM_TCP && v->text_bytes > 0 &&
        next.text_bytes > 0 && next.seq == v->seq + (uint32_t)v->text_bytes)
        v->flags = (uint16_t)((v->flags & ~PKT_PSH) | (p->tcp.flags & PKT_PSH));
}

void outbound_packet(runner *r, const pkt_event *event)
{
    char expected[OUTBOUND_TEXT_BYTES];
    datagram_view view;
    int64_t end_us, due_us = runner_due_us(r, event, &end_us);
    int64_t last_us = event->time.kind == PKT_TIME_ANY ? due_us + OUTBOUND_ANY_US
                                                       : end_us + (end_us - r->last_us) / 10;
    tern_time until_us = r->start_us + (tern_time)(last_us + 2 * r->tolerance_us);

    if (event->packet->layers != NULL || event->packet->tunnel.given) {
        runner_verdict(r, DRILL_UNSUPPORTED, event->packet->place, N_("packets inside packets"));
        return;
    }
    if (outbound_needs_ecn(r, event->packet)) {
        runner_verdict(r, DRILL_UNSUPPORTED, event->packet->place, N_("%s: tern has none"), "ECN");
        return;
    }
    subject_packet *packet = outbound_await(r, until_us, &view);
    if (packet == NULL) {
        outbound_script_text(event->packet, expected);
        runner_verdict(r, DRILL_FAIL, event->packet->place,
                       N_("expected %s at %.6f s, but nothing was sent"), expected,
                       (double)due_us / 1e6);
        return;
    }
    if (outbound_text(r, event->packet, &view) && !r->system.segments_alone)
        outbound_gather(r, event->packet, until_us, &view);
    if (r->system.segments_cut)
        outbound_cut(r, event->packet, &view);
    if (!r->over)
        outbound_compare(r, event, packet, &view);
    free(packet);
}
