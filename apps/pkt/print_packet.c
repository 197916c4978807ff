/* print_packet.c - packets as text: headers around, IP fields, and the protocol's own part. */
#include "apps/pkt/print.h"

#include <inttypes.h>

static void print_ports(FILE *out, const pkt_ports *ports)
{
    if (ports->given)
        (void)fprintf(out, "%u > %u ", ports->source, ports->destination);
}

static void print_tunnel(FILE *out, const pkt_ports *tunnel)
{
    if (tunnel->given)
        (void)fprintf(out, "/udp(%u > %u)", tunnel->source, tunnel->destination);
}

static void print_ip(FILE *out, const pkt_ip *ip)
{
    static const char *const ecn[] = {"noecn", "ect1", "ect0", "ce"};
    const char *separator = "[";
    bool any = ip->tos_mask != 0 || ip->ect01 || ip->ttl >= 0 || ip->flow_label >= 0;

    if (!any)
        return;
    if (ip->tos_mask == 0xff)
        (void)fprintf(out, "%stos 0x%x", separator, ip->tos);
    else if (ip->tos_mask == 0xfc)
        (void)fprintf(out, "%sdscp 0x%x", separator, ip->tos >> 2);
    else if (ip->tos_mask == 0x03)
        (void)fprintf(out, "%s%s", separator, ecn[ip->tos & 3]);
    separator = ip->tos_mask != 0 ? ", " : separator;
    if (ip->ect01) {
        (void)fprintf(out, "%sect01", separator);
        separator = ", ";
    }
    if (ip->ttl >= 0) {
        (void)fprintf(out, "%sttl %d", separator, ip->ttl);
        separator = ", ";
    }
    if (ip->flow_label >= 0)
        (void)fprintf(out, "%sflowlabel 0x%x", separator, (unsigned)ip->flow_label);
    (void)fputs("] ", out);
}

static void print_layer(FILE *out, const pkt_layer *layer)
{
    static const char *const names[] = {
        [PKT_LAYER_IPV4] = "ipv4 ",
        [PKT_LAYER_IPV6] = "ipv6 ",
        [PKT_LAYER_GRE] = "gre",
        [PKT_LAYER_MPLS] = "mpls",
    };

    (void)fputs(names[layer->kind], out);
    if (layer->kind == PKT_LAYER_IPV4 || layer->kind == PKT_LAYER_IPV6) {
        print_ip(out, &layer->ip);
        (void)fprintf(out, "%s > %s", layer->source, layer->destination);
    } else if (layer->kind == PKT_LAYER_GRE && layer->gre.given) {
        (void)fprintf(out, " flags 0x%x, sum 0x%x, off 0x%x, key=0x%" PRIx32 ", seq %" PRIu32,
                      layer->gre.flags, layer->gre.sum, layer->gre.offset, layer->gre.key,
                      layer->gre.sequence);
    }
    for (const struct pkt_mpls *m = layer->mpls; m != NULL; m = m->next)
        (void)fprintf(out, " (label %" PRIu32 ", tc %u, %sttl %u)", m->label, m->traffic_class,
                      m->bottom ? "[S], " : "", m->ttl);
    (void)fputs(": ", out);
}

/* ---- TCP ----------------------------------------------------------------------------------- */

static void print_octets(FILE *out, const uint8_t *octets, size_t count)
{
    for (size_t i = 0; i < count; i++)
        (void)fprintf(out, "%02x", octets[i]);
}

static void print_counters(FILE *out, const pkt_tcp_option *o)
{
    static const char *const names[2][3] = {{"ee0b", "eceb", "ee1b"}, {"ee1b", "eceb", "ee0b"}};
    int order = o->kind == PKT_OPT_ACCECN0 ? 0 : 1;

    (void)fprintf(out, "%sAccECN%d", o->experiment ? "exp-" : "", order);
    for (int i = 0; i < o->number_count; i++)
        (void)fprintf(out, " %s %" PRIu32, names[order][i], o->number[i]);
}

static void print_option_octets(FILE *out, const char *name, const pkt_tcp_option *o)
{
    (void)fputs(name, out);
    if (o->octet_count > 0)
        (void)fputc(' ', out);
    print_octets(out, o->octets, o->octet_count);
}

static void print_tcp_option(FILE *out, const pkt_tcp_option *o)
{
    char name[16];

    switch (o->kind) {
    case PKT_OPT_EOL:
        (void)fputs("eol", out);
        return;
    case PKT_OPT_NOP:
        (void)fputs("nop", out);
        return;
    case PKT_OPT_MSS:
        (void)fprintf(out, "mss %" PRIu32, o->number[0]);
        return;
    case PKT_OPT_WSCALE:
        (void)fprintf(out, "wscale %" PRIu32, o->number[0]);
        return;
    case PKT_OPT_SACK_OK:
        (void)fputs("sackOK", out);
        return;
    case PKT_OPT_SACK:
        (void)fputs("sack", out);
        for (int i = 0; i < o->number_count; i += 2)
            (void)fprintf(out, " %" PRIu32 ":%" PRIu32, o->number[i], o->number[i + 1]);
        return;
    case PKT_OPT_TIMESTAMP:
        if (o->val_ignored)
            (void)fputs("TS val ...", out);
        else
            (void)fprintf(out, "TS val %" PRIu32, o->number[0]);
        (void)fprintf(out, " ecr %" PRIu32 "%s", o->number[1], o->ecr_absolute ? "!" : "");
        return;
    case PKT_OPT_MD5:
        if (o->valid)
            (void)fputs("md5 valid", out);
        else
            print_option_octets(out, "md5", o);
        return;
    case PKT_OPT_FAST_OPEN:
        print_option_octets(out, o->experiment ? "FOEXP" : "FO", o);
        return;
    case PKT_OPT_ACCECN0:
    case PKT_OPT_ACCECN1:
        print_counters(out, o);
        return;
    case PKT_OPT_TARR:
        (void)fputs("exp-tarr", out);
        if (o->number_count > 0)
            (void)fprintf(out, " %" PRIu32, o->number[0]);
        return;
    case PKT_OPT_GENERIC:
    case PKT_OPT_EXPERIMENT:
        (void)snprintf(name, sizeof name, o->kind == PKT_OPT_GENERIC ? "gen-%u" : "exp-%x",
                       o->code);
        print_option_octets(out, name, o);
        return;
    }
}

void pkt_print_tcp_options(FILE *out, const pkt_tcp_options *options)
{
    if (options->any) {
        (void)fputs(" <...>", out);
    } else if (options->raw) {
        (void)fputs(" <", out);
        print_octets(out, options->octets, options->octet_count);
        (void)fputc('>', out);
    } else if (options->first != NULL) {
        (void)fputs(" <", out);
        for (const pkt_tcp_option *o = options->first; o != NULL; o = o->next) {
            print_tcp_option(out, o);
            if (o->next != NULL)
                (void)fputc(',', out);
        }
        (void)fputc('>', out);
    }
}

static void print_sequence(FILE *out, const pkt_sequence *s)
{
    if (s->ignored)
        (void)fprintf(out, "...(%" PRIu32 ")", s->bytes);
    else
        (void)fprintf(out, "%" PRIu32 ":%" PRIu32 "(%" PRIu32 ")%s", s->start, s->start + s->bytes,
                      s->bytes, s->absolute ? "!" : "");
}

/* The letters of packetdrill and of tcpdump, with '.' for ACK where both have it: behind the four
 * common ones. */
static void print_flags(FILE *out, uint16_t flags)
{
    static const struct {
        uint16_t flag;
        char letter;
    } letters[] = {{PKT_FIN, 'F'}, {PKT_SYN, 'S'}, {PKT_RST, 'R'}, {PKT_PSH, 'P'}, {PKT_URG, 'U'},
                   {PKT_ECE, 'E'}, {PKT_CWR, 'W'}, {PKT_AE, 'A'},  {PKT_ACK, '.'}};

    if (flags == 0)
        (void)fputc('-', out);
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
        if ((flags & letters[i].flag) != 0)
            (void)fputc(letters[i].letter, out);
    (void)fputc(' ', out);
}

static void print_tcp(FILE *out, const pkt_packet *packet)
{
    const pkt_tcp *tcp = &packet->tcp;

    if (tcp->psp)
        (void)fprintf(out, "encap psp spi 0x%" PRIx32 " ", tcp->psp_spi);
    print_ports(out, &packet->ports);
    print_flags(out, tcp->flags);
    print_sequence(out, &tcp->sequence);
    if (tcp->ack_given)
        (void)fprintf(out, " ack %" PRIu32, tcp->ack);
    if (tcp->window >= 0)
        (void)fprintf(out, " win %" PRId32, tcp->window);
    if (tcp->urgent != 0)
        (void)fprintf(out, " urg %u", tcp->urgent);
    pkt_print_tcp_options(out, &tcp->options);
    if (tcp->diagnosis)
        (void)fprintf(out, " [code %u, pen %" PRIu32 "]", tcp->diagnosis_code, tcp->diagnosis_pen);
    print_tunnel(out, &packet->tunnel);
}

/* ---- The others ---------------------------------------------------------------------------- */

static void print_udp(FILE *out, const pkt_packet *packet)
{
    (void)fputs(packet->protocol == PKT_UDP ? "udp " : "udplite ", out);
    print_ports(out, &packet->ports);
    (void)fprintf(out, "(%" PRIu32, packet->bytes);
    if (packet->protocol == PKT_UDPLITE)
        (void)fprintf(out, ", %" PRIu32, packet->coverage);
    (void)fputc(')', out);
}

static void print_quoted(FILE *out, const pkt_packet *packet)
{
    const pkt_icmp *icmp = &packet->icmp;

    (void)fputs(" [", out);
    if (icmp->protocol == PKT_TCP)
        print_sequence(out, &icmp->sequence);
    else if (icmp->protocol == PKT_UDP)
        (void)fprintf(out, "udp (%" PRIu32 ")", icmp->sequence.bytes);
    else if (icmp->protocol == PKT_UDPLITE)
        (void)fprintf(out, "udplite (%" PRIu32 ", %" PRIu32 ")", icmp->sequence.bytes,
                      icmp->coverage);
    else if (icmp->protocol == PKT_SCTP)
        (void)fprintf(out, "sctp(%" PRIu32 ")", icmp->tag);
    else
        (void)fprintf(out, "raw (%" PRIu32 ")", icmp->sequence.bytes);
    print_tunnel(out, &packet->tunnel);
    (void)fputc(']', out);
}

static void print_icmp(FILE *out, const pkt_packet *packet)
{
    const pkt_icmp *icmp = &packet->icmp;

    (void)fprintf(out, "icmp %s", icmp->type);
    if (icmp->code != NULL)
        (void)fprintf(out, " %s", icmp->code);
    if (icmp->mtu_bytes >= 0)
        (void)fprintf(out, " mtu %" PRId64, icmp->mtu_bytes);
    if (icmp->echo_id != 0)
        (void)fprintf(out, " id %u", icmp->echo_id);
    if (icmp->quoted)
        print_quoted(out, packet);
}

static void print_sctp(FILE *out, const pkt_packet *packet)
{
    const pkt_sctp *sctp = &packet->sctp;
    const char *checksum = sctp->bad_crc32c ? "bad_crc32c" : "zero_checksum";
    bool word = sctp->bad_crc32c || sctp->zero_checksum;

    print_ports(out, &packet->ports);
    (void)fputs("sctp", out);
    if (word || sctp->tag >= 0)
        (void)fprintf(out, "(%s", word ? checksum : "");
    if (sctp->tag >= 0)
        (void)fprintf(out, "%stag=%" PRId64, word ? ", " : "", sctp->tag);
    if (word || sctp->tag >= 0)
        (void)fputc(')', out);
    print_tunnel(out, &packet->tunnel);
    (void)fputc(':', out);
    for (const pkt_expr *chunk = sctp->chunks; chunk != NULL; chunk = chunk->next) {
        (void)fputs(chunk == sctp->chunks ? " " : "; ", out);
        pkt_print_expression(out, chunk);
    }
}

void pkt_print_packet(FILE *out, const pkt_packet *packet)
{
    (void)fputs(packet->inbound ? "< " : "> ", out);
    for (const pkt_layer *layer = packet->layers; layer != NULL; layer = layer->next)
        print_layer(out, layer);
    print_ip(out, &packet->ip);
    if (packet->protocol == PKT_TCP)
        print_tcp(out, packet);
    else if (packet->protocol == PKT_ICMP)
        print_icmp(out, packet);
    else if (packet->protocol == PKT_SCTP)
        print_sctp(out, packet);
    else
        print_udp(out, packet);
}
