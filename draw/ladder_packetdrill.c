/* ladder_packetdrill.c - a recording as a packetdrill script, as one end lived it. */
#define _GNU_SOURCE
#include "draw/ladder_packetdrill.h"

#include <stdlib.h>
#include <string.h>

#include "draw/ladder_events.h"
#include "wire/tcp_header.h"

enum {
    DRILL_FIRST_FD = 3,
    DRILL_BACKLOG = 8,
    DRILL_OPTION_FAST_OPEN = 34,
    DRILL_TIME_BYTES = 32,
};

typedef struct drill {
    const ladder *l;
    ladder_end side;
    FILE *out;
    bool begun; /* a line with a time is written */
    tern_time now_us;
    int listener, connection; /* file descriptors; 0: none */
    int next_fd;
} drill;

/* ---- Lines --------------------------------------------------------------------------------- */

/* "0" for the first line; then "+0.02", since the line before. */
static void drill_time(drill *d, tern_time time_us)
{
    tern_time after_us = time_us > d->now_us ? time_us - d->now_us : 0;
    char text[DRILL_TIME_BYTES] = "0";
    size_t bytes;

    if (d->begun) {
        bytes = (size_t)snprintf(text, sizeof text, "+%llu.%06u",
                                 (unsigned long long)(after_us / 1000000),
                                 (unsigned)(after_us % 1000000));
        while (text[bytes - 1] == '0')
            text[--bytes] = '\0';
        if (text[bytes - 1] == '.')
            text[--bytes] = '\0';
    }
    d->begun = true;
    d->now_us = time_us;
    fprintf(d->out, "%-9s ", text);
}

/* A comment: one line, whatever the text is. */
static void drill_comment(const drill *d, const char *before, const char *text)
{
    fprintf(d->out, "// %s", before);
    for (; *text != '\0'; text++)
        fputc((unsigned char)*text < 0x20 ? ' ' : *text, d->out);
    fputc('\n', d->out);
}

static void drill_zero_call(drill *d, tern_time time_us, const char *call, int fd)
{
    drill_time(d, time_us);
    fprintf(d->out, call, fd);
    fputs(" = 0\n", d->out);
}

/* ---- Calls --------------------------------------------------------------------------------- */

static void drill_listen(drill *d, tern_time time_us)
{
    d->listener = d->next_fd++;
    drill_time(d, time_us);
    fprintf(d->out, "socket(..., SOCK_STREAM, IPPROTO_TCP) = %d\n", d->listener);
    drill_zero_call(d, time_us, "setsockopt(%d, SOL_SOCKET, SO_REUSEADDR, [1], 4)", d->listener);
    drill_zero_call(d, time_us, "bind(%d, ..., ...)", d->listener);
    drill_time(d, time_us);
    fprintf(d->out, "listen(%d, %d) = 0\n", d->listener, DRILL_BACKLOG);
}

static void drill_connect(drill *d, tern_time time_us)
{
    d->connection = d->next_fd++;
    drill_time(d, time_us);
    fprintf(d->out, "socket(..., SOCK_STREAM, IPPROTO_TCP) = %d\n", d->connection);
    drill_zero_call(d, time_us, "fcntl(%d, F_SETFL, O_RDWR|O_NONBLOCK)", d->connection);
    drill_time(d, time_us);
    fprintf(d->out, "connect(%d, ..., ...) = -1 EINPROGRESS (Operation now in progress)\n",
            d->connection);
}

static void drill_octets(drill *d, tern_time time_us, const char *call, const char *octets)
{
    drill_time(d, time_us);
    fprintf(d->out, "%s(%d, ..., %s) = %s\n", call, d->connection, octets, octets);
}

/* A call on the connection; false: it is none that packetdrill has. */
static bool drill_connection_call(drill *d, const ladder_event *e)
{
    if (strncmp(e->text, "send ", 5) == 0) {
        drill_octets(d, e->time_us, "write", e->text + 5);
    } else if (strncmp(e->text, "read ", 5) == 0) {
        drill_octets(d, e->time_us, "read", e->text + 5);
    } else if (strcmp(e->text, "shutdown") == 0) {
        drill_zero_call(d, e->time_us, "shutdown(%d, SHUT_WR)", d->connection);
    } else if (strcmp(e->text, "close") == 0) {
        drill_zero_call(d, e->time_us, "close(%d)", d->connection);
        d->connection = 0;
    } else if (strcmp(e->text, "abort") == 0) {
        drill_zero_call(d, e->time_us,
                        "setsockopt(%d, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8)",
                        d->connection);
        drill_zero_call(d, e->time_us, "close(%d)", d->connection);
        d->connection = 0;
    } else {
        return false;
    }
    return true;
}

static void drill_note(drill *d, const ladder_event *e)
{
    if (e->note == LADDER_ERROR)
        drill_comment(d, "the program is told: ", e->text);
    else if (strcmp(e->text, "listen") == 0)
        drill_listen(d, e->time_us);
    else if (strcmp(e->text, "connect") == 0)
        drill_connect(d, e->time_us);
    else if (d->connection == 0 || !drill_connection_call(d, e))
        drill_comment(d, "the program calls: ", e->text);
}

/* A listener's program takes the connection as soon as there is one. */
static void drill_state(drill *d, const ladder_event *e)
{
    if (e->to != TERN_ESTABLISHED || d->listener == 0 || d->connection != 0)
        return;
    d->connection = d->next_fd++;
    drill_time(d, e->time_us);
    fprintf(d->out, "accept(%d, ..., ...) = %d\n", d->listener, d->connection);
}

/* ---- Packets ------------------------------------------------------------------------------- */

static uint32_t drill_be32(const uint8_t *octets)
{
    return (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8 |
           octets[3];
}

/* An option with its length; `base`: the number to which SACK blocks are relative. */
static void drill_option(const drill *d, const uint8_t *option, uint32_t base)
{
    unsigned bytes = option[1];

    if (option[0] == TCP_OPTION_MSS && bytes == 4) {
        fprintf(d->out, "mss %u", (unsigned)(option[2] << 8 | option[3]));
    } else if (option[0] == TCP_OPTION_WINDOW_SCALE && bytes == 3) {
        fprintf(d->out, "wscale %u", option[2]);
    } else if (option[0] == TCP_OPTION_SACK_PERMITTED && bytes == 2) {
        fputs("sackOK", d->out);
    } else if (option[0] == TCP_OPTION_TIMESTAMPS && bytes == 10) {
        fprintf(d->out, "TS val %u ecr %u", drill_be32(option + 2), drill_be32(option + 6));
    } else if (option[0] == TCP_OPTION_SACK && bytes % 8 == 2) {
        fputs("sack", d->out);
        for (unsigned i = 2; i < bytes; i += 8)
            fprintf(d->out, " %u:%u", drill_be32(option + i) - base,
                    drill_be32(option + i + 4) - base);
    } else if (option[0] == DRILL_OPTION_FAST_OPEN) {
        fputs("FO ", d->out);
        for (unsigned i = 2; i < bytes; i++)
            fprintf(d->out, "%02x", option[i]);
    } else { /* packetdrill has no word for it: as many octets of nothing */
        for (unsigned i = 0; i < bytes; i++)
            fputs(i > 0 ? ",nop" : "nop", d->out);
    }
}

static void drill_options(const drill *d, const packet_summary *p)
{
    uint32_t base = p->ack_relative_known ? p->ack - p->ack_relative : 0;
    const uint8_t *o = p->option_octets;

    if (p->option_bytes == 0)
        return;
    fputs(" <", d->out);
    for (unsigned at = 0; at < p->option_bytes;) {
        unsigned left = p->option_bytes - at;
        bool single = o[at] == TCP_OPTION_NOP || o[at] == TCP_OPTION_END;
        if (!single && (left < 2 || o[at + 1] < 2 || o[at + 1] > left))
            break;
        fputs(at > 0 ? "," : "", d->out);
        if (single)
            fputs(o[at] == TCP_OPTION_NOP ? "nop" : "eol", d->out);
        else
            drill_option(d, o + at, base);
        at += single ? 1 : o[at + 1];
    }
    fputc('>', d->out);
}

/* "S.", "FP.", "-": the flag of the acknowledgment comes last. */
static void drill_flags(const drill *d, uint16_t flags)
{
    static const struct {
        uint16_t bit;
        char letter;
    } letters[] = {{TCP_FIN, 'F'}, {TCP_SYN, 'S'}, {TCP_RST, 'R'}, {TCP_PSH, 'P'},
                   {TCP_URG, 'U'}, {TCP_ECE, 'E'}, {TCP_CWR, 'W'}, {TCP_ACK, '.'}};
    bool any = false;

    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
        if ((flags & letters[i].bit) != 0) {
            fputc(letters[i].letter, d->out);
            any = true;
        }
    if (!any)
        fputc('-', d->out);
}

static void drill_tcp(drill *d, const packet_summary *p, bool inbound, tern_time time_us)
{
    uint32_t first = p->seq_relative_known ? p->seq_relative : p->seq;

    drill_time(d, time_us);
    fprintf(d->out, "%c ", inbound ? '<' : '>');
    drill_flags(d, p->flags);
    fprintf(d->out, " %u:%u(%u)", first, first + p->text_bytes, p->text_bytes);
    if ((p->flags & TCP_ACK) != 0)
        fprintf(d->out, " ack %u", p->ack_relative_known ? p->ack_relative : p->ack);
    if (inbound)
        fprintf(d->out, " win %u", p->window);
    drill_options(d, p);
    fputc('\n', d->out);
}

typedef struct drill_icmp_name {
    uint8_t version, type, code;
    const char *words;
} drill_icmp_name;

static const drill_icmp_name drill_icmp_names[] = {
    {4, 3, 0, "unreachable net_unreachable"},
    {4, 3, 1, "unreachable host_unreachable"},
    {4, 3, 2, "unreachable protocol_unreachable"},
    {4, 3, 3, "unreachable port_unreachable"},
    {4, 3, 4, "unreachable frag_needed"},
    {4, 3, 5, "unreachable source_route_failed"},
    {4, 3, 9, "unreachable net_prohibited"},
    {4, 3, 10, "unreachable host_prohibited"},
    {4, 3, 13, "unreachable packet_filtered"},
    {4, 4, 0, "source_quench"},
    {6, 1, 0, "unreachable no_route"},
    {6, 1, 1, "unreachable admin_prohibited"},
    {6, 1, 3, "unreachable address_unreachable"},
    {6, 1, 4, "unreachable port_unreachable"},
    {6, 2, 0, "packet_too_big"},
    {6, 3, 0, "time_exceeded exceeded_hop_limit"},
};

/* false: packetdrill has no word for it. */
static bool drill_icmp(drill *d, const packet_summary *p, tern_time time_us)
{
    uint8_t version = tern_address_is_ipv4(&p->source.address) ? 4 : 6;
    const char *words = NULL;
    uint32_t first = p->quoted_seq_relative_known ? p->quoted_seq_relative : p->quoted_seq;

    for (size_t i = 0; i < sizeof drill_icmp_names / sizeof drill_icmp_names[0]; i++)
        if (drill_icmp_names[i].version == version && drill_icmp_names[i].type == p->icmp_type &&
            drill_icmp_names[i].code == p->icmp_code)
            words = drill_icmp_names[i].words;
    if (words == NULL || !p->quotes)
        return false;
    drill_time(d, time_us);
    fprintf(d->out, "< icmp %s", words);
    if (p->mtu_bytes > 0)
        fprintf(d->out, " mtu %u", p->mtu_bytes);
    fprintf(d->out, " [%u:%u(0)]\n", first, first);
    return true;
}

/* Does it come from, or go to, where the other end is, by its addresses and ports? */
static bool drill_is_of_peer(const drill *d, const tern_endpoint *endpoint)
{
    const tern_endpoint *peer = &ladder_party_get(d->l, ladder_other(d->side))->endpoint;
    return endpoint->port == peer->port &&
           memcmp(&endpoint->address, &peer->address, sizeof peer->address) == 0;
}

static void drill_packet(drill *d, const ladder_event *e)
{
    const ladder_flight *f = ladder_flight_get(d->l, e->flight);
    bool inbound = e->kind == EVENT_ARRIVED, done = false;
    char label[PACKET_LABEL_BYTES];

    if (f == NULL)
        return;
    if ((e->marks & (LADDER_CORRUPTED | LADDER_CHANGED)) != 0)
        done = false;
    else if (f->packet.form == PACKET_ICMP)
        done = inbound && drill_icmp(d, &f->packet, e->time_us);
    else if (f->packet.form == PACKET_TCP && !f->packet.checksum_bad)
        done = !ladder_is_foreign(f) ||
               drill_is_of_peer(d, inbound ? &f->packet.source : &f->packet.destination);
    if (!done)
        drill_comment(
            d, inbound ? "not injected: " : "not expected: ", packet_label(&f->packet, label));
    else if (f->packet.form == PACKET_TCP)
        drill_tcp(d, &f->packet, inbound, e->time_us);
}

void ladder_packetdrill_print(const ladder *l, ladder_end side, const char *title, FILE *out)
{
    drill d = {.l = l, .side = side, .out = out, .next_fd = DRILL_FIRST_FD};

    drill_comment(&d, "", title);
    if (!tern_address_is_ipv4(&ladder_party_get(l, side)->endpoint.address))
        fputs("--ip_version=ipv6\n", out);
    fputc('\n', out);
    if (ladder_party_get(l, side)->state == TERN_LISTEN) /* since before the recording */
        drill_listen(&d, 0);
    for (size_t n = ladder_forgotten(l); n < ladder_events(l); n++) {
        const ladder_event *e = ladder_event_get(l, n);
        if (e->end != side)
            continue;
        switch (e->kind) {
        case EVENT_NOTE:
            drill_note(&d, e);
            break;
        case EVENT_SENT:
        case EVENT_ARRIVED:
            drill_packet(&d, e);
            break;
        case EVENT_STATE:
            drill_state(&d, e);
            break;
        case EVENT_CAPTION:
        case EVENT_DIED:
            break;
        }
    }
    if (ladder_left_out(l) > 0)
        drill_comment(&d, "", "the recording was full here: what happened later is not written");
}
