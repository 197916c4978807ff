/* recording_fixture.c - hand-made recordings for the tests of the pictures. */
#define _GNU_SOURCE
#include "tests/unit/draw/recording_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw/ladder_text.h"
#include "wire/checksum.h"

static const uint32_t recording_isn[2] = {RECORDING_CLIENT_ISN, RECORDING_SERVER_ISN};
static const uint16_t recording_port[2] = {49152, 7777};

static tern_address recording_address(unsigned end)
{
    return tern_address_ipv4(10, 77, 0, (uint8_t)(end + 1));
}

/* A segment between two endpoints. */
static size_t recording_write(uint8_t *packet, const recording_segment *segment,
                              const tern_endpoint *source, const tern_endpoint *destination)
{
    unsigned from = segment->from == LADDER_RIGHT, to = 1 - from;
    uint8_t *tcp = packet + IPV4_HEADER_BYTES, options[TCP_OPTIONS_MAX_BYTES];
    bool ack = (segment->flags & TCP_ACK) != 0;
    bool bare_reset = (segment->flags & TCP_RST) != 0 && segment->seq == 0;
    tcp_header header = {
        .source_port = source->port,
        .destination_port = destination->port,
        .seq = seq_of(bare_reset ? 0 : recording_isn[from] + segment->seq),
        .ack = seq_of(ack ? recording_isn[to] + segment->ack : 0),
        .flags = segment->flags,
        .window = segment->window == 0 ? 65535 : segment->window,
    };
    ip_fields ip = {.source = source->address,
                    .destination = destination->address,
                    .protocol = IP_PROTOCOL_TCP,
                    .ttl = 64};
    checksum_sum sum;
    uint16_t checksum;

    if (segment->options != NULL)
        header.options_bytes = tcp_options_write(options, segment->options);
    ip.payload_bytes = TCP_HEADER_BYTES + header.options_bytes + segment->text_bytes;
    ip_write(packet, &ip);
    tcp_header_write(tcp, &header);
    memcpy(tcp + TCP_HEADER_BYTES, options, header.options_bytes);
    memset(tcp + TCP_HEADER_BYTES + header.options_bytes, 'x', segment->text_bytes);
    sum = checksum_pseudo(&ip.source, &ip.destination, IP_PROTOCOL_TCP, (uint32_t)ip.payload_bytes);
    checksum = checksum_finish(checksum_add(sum, tcp, ip.payload_bytes));
    tcp[16] = (uint8_t)(checksum >> 8);
    tcp[17] = (uint8_t)checksum;
    return IPV4_HEADER_BYTES + ip.payload_bytes;
}

static tern_endpoint recording_endpoint(unsigned end)
{
    return (tern_endpoint){recording_address(end), recording_port[end]};
}

size_t recording_packet(uint8_t *packet, const recording_segment *segment)
{
    tern_endpoint source = recording_endpoint(segment->from),
                  destination = recording_endpoint(1 - segment->from);
    return recording_write(packet, segment, &source, &destination);
}

ladder *recording_new(tern_state left, tern_state right)
{
    ladder_party party[2] = {{"client", "tern", {recording_address(0), 49152}, left},
                             {"server", "tern", {recording_address(1), 7777}, right}};
    return ladder_new(&party[0], &party[1]);
}

void recording_sent(ladder *l, uint64_t serial, tern_time time_us, const recording_segment *s)
{
    uint8_t octets[RECORDING_PACKET_BYTES];
    ladder_packet packet = {.serial = serial,
                            .from = s->from,
                            .time_us = time_us,
                            .octets = octets,
                            .bytes = recording_packet(octets, s)};

    ladder_sent(l, &packet);
}

void recording_stranger(ladder *l, uint64_t serial, tern_time time_us, unsigned number,
                        const recording_segment *s)
{
    uint8_t octets[RECORDING_PACKET_BYTES];
    bool inward = s->from != LADDER_RIGHT;
    tern_endpoint right = recording_endpoint(1),
                  stranger = {tern_address_ipv4(203, 0, 113, (uint8_t)(1 + number % 250)),
                              (uint16_t)(1024 + number)};
    ladder_packet packet = {.serial = serial,
                            .from = inward ? LADDER_OUTSIDE : LADDER_RIGHT,
                            .time_us = time_us,
                            .octets = octets,
                            .to = inward ? LADDER_RIGHT : LADDER_OUTSIDE};

    packet.bytes = recording_write(octets, s, inward ? &stranger : &right,
                                   inward ? &right : &stranger);
    ladder_sent(l, &packet);
}

void recording_state(ladder *l, ladder_end end, tern_time time_us, tern_state to)
{
    ladder_change change = {end, time_us, TERN_CLOSED, to, "cause"};
    ladder_state(l, &change);
}

/* ---- Conversations ------------------------------------------------------------------------- */

/* Captions as of today: rules.def is edited like prose, the kept pictures are not. */
typedef struct recording_sentence {
    tern_rule rule;
    const char *text, *source;
} recording_sentence;

/* clang-format off */
static const recording_sentence recording_sentences[] = {
    {TERN_RULE_SYN_SENT, "An active open: SYN, SEQ = ISS.",
     "RFC 9293 3.10.1"},
    {TERN_RULE_LISTEN_SYN_ACCEPTED,
     "A SYN in LISTEN: RCV.NXT = SEG.SEQ + 1, IRS = SEG.SEQ, an "
     "ISS is selected and SYN,ACK is owed.",
     "RFC 9293 3.10.7.2 (3rd)"},
    {TERN_RULE_SYN_SENT_SYN_ACK,
     "Our SYN is acknowledged and the peer's SYN is here: "
     "ESTABLISHED, an ACK is owed.",
     "RFC 9293 3.10.7.3 (4th)"},
    {TERN_RULE_HANDSHAKE_DONE,
     "The peer has acknowledged our SYN: the connection is "
     "established on both sides.",
     "RFC 9293 3.10.7.4 (5th)"},
    {TERN_RULE_FIN_SENT, "All queued data is sent: FIN.",
     "RFC 9293 3.10.4"},
    {TERN_RULE_FIN_RECEIVED,
     "The peer has closed: RCV.NXT passes its FIN, an ACK is "
     "owed, the program is told.",
     "RFC 9293 3.10.7.4 (8th)"},
    {TERN_RULE_FIN_ACKED, "Our FIN is acknowledged.",
     "RFC 9293 3.10.7.4 (5th)"},
    {TERN_RULE_TIME_WAIT_STARTED,
     "Both sides have closed; this one waits 2 MSL, so that "
     "nothing old can hurt a new connection.",
     "RFC 9293 3.6.1"},
    {TERN_RULE_TIME_WAIT_DONE, "2 MSL are over.",
     "RFC 9293 3.10.8"},
    {TERN_RULE_SIMULTANEOUS_OPEN,
     "Both sides sent a SYN: SYN-RECEIVED, SYN,ACK is owed; one "
     "connection will come of it.",
     "RFC 9293 3.10.7.3 (4th)"},
    {TERN_RULE_RTO_BACKOFF,
     "The retransmission timer fires: the oldest segment is sent "
     "again and the timer doubles.",
     "RFC 6298 5.5"},
    {TERN_RULE_R2_REACHED, "Unacknowledged for too long: the connection is given up.",
     "RFC 9293 3.8.3"},
    {TERN_RULE_CLOSED_SEGMENT_RESET,
     "No connection and no ACK: answered with RST,ACK, SEQ = 0, "
     "ACK = SEG.SEQ + SEG.LEN.",
     "RFC 9293 3.10.7.1"},
    {TERN_RULE_SYN_SENT_RST_REFUSED, "A reset that acknowledges our SYN: connection refused.",
     "RFC 9293 3.10.7.3 (2nd)"},
    {TERN_RULE_TEXT_EARLY,
     "Data came early: it is kept until the gap before it is "
     "filled, and an ACK is owed at once.",
     "RFC 9293 3.10.7.4 (7th)"},
    {TERN_RULE_TEXT_GAP_FILLED,
     "The gap is filled: what came early follows, and an ACK is "
     "owed at once.",
     "RFC 5681 4.2"},
    {TERN_RULE_TEXT_DUPLICATE, "Data that was here before is dropped and acknowledged.",
     "RFC 9293 3.4"},
    {TERN_RULE_TCP_CHECKSUM_BAD, "A segment whose checksum does not add up is dropped.",
     "RFC 9293 3.1"},
};
/* clang-format on */

static void recording_says(ladder *l, ladder_end end, tern_time time_us, tern_rule rule)
{
    size_t count = sizeof recording_sentences / sizeof recording_sentences[0];

    for (size_t i = 0; i < count; i++)
        if (recording_sentences[i].rule == rule)
            ladder_caption(l, end, time_us, recording_sentences[i].text,
                           recording_sentences[i].source);
}

static const tcp_options recording_syn_options = {
    .has_mss = true,
    .mss = 1460,
    .has_window_scale = true,
    .window_scale = 5,
    .has_sack_permitted = true,
    .has_timestamps = true,
    .ts_value = 1001,
};

static const tcp_options recording_options = {
    .has_timestamps = true,
    .ts_value = 1021,
    .ts_echo = 1001,
};

static void recording_open(ladder *l)
{
    recording_segment syn = {LADDER_LEFT, TCP_SYN, 0, 0, 0, 0, &recording_syn_options};
    recording_segment syn_ack = {LADDER_RIGHT,          TCP_SYN | TCP_ACK, 0, 1, 0, 0,
                                 &recording_syn_options};
    recording_segment ack = {LADDER_LEFT, TCP_ACK, 1, 1, 0, 2048, &recording_options};

    ladder_note(l, LADDER_LEFT, 0, LADDER_CALL, "connect");
    recording_state(l, LADDER_LEFT, 0, TERN_SYN_SENT);
    recording_says(l, LADDER_LEFT, 0, TERN_RULE_SYN_SENT);
    recording_sent(l, 1, 0, &syn);
    ladder_arrived(l, 1, 20000, 0);
    recording_state(l, LADDER_RIGHT, 20000, TERN_SYN_RECEIVED);
    recording_says(l, LADDER_RIGHT, 20000, TERN_RULE_LISTEN_SYN_ACCEPTED);
    ladder_rule(l, LADDER_RIGHT, 20000, TERN_RULE_SYN_ACK_SENT);
    recording_sent(l, 2, 20000, &syn_ack);
    ladder_arrived(l, 2, 40000, 0);
    ladder_rule(l, LADDER_LEFT, 40000, TERN_RULE_WINDOW_SCALE_AGREED);
    recording_state(l, LADDER_LEFT, 40000, TERN_ESTABLISHED);
    recording_says(l, LADDER_LEFT, 40000, TERN_RULE_SYN_SENT_SYN_ACK);
    recording_sent(l, 3, 40000, &ack);
    ladder_arrived(l, 3, 60000, 0);
    recording_state(l, LADDER_RIGHT, 60000, TERN_ESTABLISHED);
    recording_says(l, LADDER_RIGHT, 60000, TERN_RULE_HANDSHAKE_DONE);
    ladder_note(l, LADDER_RIGHT, 60000, LADDER_CALL, "accept");
}

ladder *recording_handshake(void)
{
    ladder *l = recording_new(TERN_CLOSED, TERN_LISTEN);
    recording_open(l);
    return l;
}

ladder *recording_session(void)
{
    ladder *l = recording_handshake();
    recording_segment data = {LADDER_LEFT, TCP_PSH | TCP_ACK, 1, 1, 100, 2048, NULL};
    recording_segment ack = {LADDER_RIGHT, TCP_ACK, 1, 101, 0, 2045, NULL};
    recording_segment fin = {LADDER_LEFT, TCP_FIN | TCP_ACK, 101, 1, 0, 2048, NULL};
    recording_segment fin_ack = {LADDER_RIGHT, TCP_ACK, 1, 102, 0, 2048, NULL};
    recording_segment last_fin = {LADDER_RIGHT, TCP_FIN | TCP_ACK, 1, 102, 0, 2048, NULL};
    recording_segment last = {LADDER_LEFT, TCP_ACK, 102, 2, 0, 2048, NULL};

    ladder_note(l, LADDER_LEFT, 60000, LADDER_CALL, "send 100");
    recording_sent(l, 4, 60000, &data);
    ladder_arrived(l, 4, 80000, 0);
    ladder_rule(l, LADDER_RIGHT, 80000, TERN_RULE_TEXT_QUEUED);
    recording_sent(l, 5, 120000, &ack);
    ladder_arrived(l, 5, 140000, 0);
    ladder_rule(l, LADDER_LEFT, 140000, TERN_RULE_ACK_NEW);
    ladder_note(l, LADDER_LEFT, 140000, LADDER_CALL, "close");
    recording_state(l, LADDER_LEFT, 140000, TERN_FIN_WAIT_1);
    recording_says(l, LADDER_LEFT, 140000, TERN_RULE_FIN_SENT);
    recording_sent(l, 6, 140000, &fin);
    ladder_arrived(l, 6, 160000, 0);
    recording_state(l, LADDER_RIGHT, 160000, TERN_CLOSE_WAIT);
    recording_says(l, LADDER_RIGHT, 160000, TERN_RULE_FIN_RECEIVED);
    recording_sent(l, 7, 160000, &fin_ack);
    ladder_note(l, LADDER_RIGHT, 160000, LADDER_CALL, "close");
    recording_state(l, LADDER_RIGHT, 160000, TERN_LAST_ACK);
    recording_says(l, LADDER_RIGHT, 160000, TERN_RULE_FIN_SENT);
    recording_sent(l, 8, 160000, &last_fin);
    ladder_arrived(l, 7, 180000, 0);
    recording_state(l, LADDER_LEFT, 180000, TERN_FIN_WAIT_2);
    recording_says(l, LADDER_LEFT, 180000, TERN_RULE_FIN_ACKED);
    ladder_arrived(l, 8, 180000, 0);
    recording_state(l, LADDER_LEFT, 180000, TERN_TIME_WAIT);
    recording_says(l, LADDER_LEFT, 180000, TERN_RULE_FIN_RECEIVED);
    recording_says(l, LADDER_LEFT, 180000, TERN_RULE_TIME_WAIT_STARTED);
    recording_sent(l, 9, 180000, &last);
    ladder_arrived(l, 9, 200000, 0);
    recording_state(l, LADDER_RIGHT, 200000, TERN_CLOSED);
    recording_says(l, LADDER_RIGHT, 200000, TERN_RULE_FIN_ACKED);
    recording_state(l, LADDER_LEFT, 240180000, TERN_CLOSED);
    recording_says(l, LADDER_LEFT, 240180000, TERN_RULE_TIME_WAIT_DONE);
    return l;
}

ladder *recording_simultaneous_open(void)
{
    ladder *l = recording_new(TERN_CLOSED, TERN_CLOSED);
    for (unsigned end = 0; end < 2; end++) {
        recording_segment syn = {(ladder_end)end, TCP_SYN, 0, 0, 0, 0, &recording_syn_options};
        ladder_note(l, (ladder_end)end, 0, LADDER_CALL, "connect");
        recording_state(l, (ladder_end)end, 0, TERN_SYN_SENT);
        recording_sent(l, 1 + end, 0, &syn);
    }
    for (unsigned end = 0; end < 2; end++) {
        recording_segment syn_ack = {(ladder_end)end,       TCP_SYN | TCP_ACK, 0, 1, 0, 0,
                                     &recording_syn_options};
        ladder_arrived(l, 2 - end, 20000, 0);
        recording_state(l, (ladder_end)end, 20000, TERN_SYN_RECEIVED);
        recording_says(l, (ladder_end)end, 20000, TERN_RULE_SIMULTANEOUS_OPEN);
        recording_sent(l, 3 + end, 20000, &syn_ack);
    }
    for (unsigned end = 0; end < 2; end++) {
        ladder_arrived(l, 4 - end, 40000, 0);
        recording_state(l, (ladder_end)end, 40000, TERN_ESTABLISHED);
        recording_says(l, (ladder_end)end, 40000, TERN_RULE_HANDSHAKE_DONE);
    }
    return l;
}

ladder *recording_simultaneous_close(void)
{
    ladder *l = recording_new(TERN_ESTABLISHED, TERN_ESTABLISHED);
    for (unsigned end = 0; end < 2; end++) {
        recording_segment fin = {(ladder_end)end, TCP_FIN | TCP_ACK, 1, 1, 0, 0, NULL};
        ladder_note(l, (ladder_end)end, 1000, LADDER_CALL, "close");
        recording_state(l, (ladder_end)end, 1000, TERN_FIN_WAIT_1);
        recording_sent(l, 1 + end, 1000, &fin);
    }
    for (unsigned end = 0; end < 2; end++) {
        recording_segment ack = {(ladder_end)end, TCP_ACK, 2, 2, 0, 0, NULL};
        ladder_arrived(l, 2 - end, 21000, 0);
        recording_state(l, (ladder_end)end, 21000, TERN_CLOSING);
        recording_says(l, (ladder_end)end, 21000, TERN_RULE_FIN_RECEIVED);
        recording_sent(l, 3 + end, 21000, &ack);
    }
    for (unsigned end = 0; end < 2; end++) {
        ladder_arrived(l, 4 - end, 41000, 0);
        recording_state(l, (ladder_end)end, 41000, TERN_TIME_WAIT);
        recording_says(l, (ladder_end)end, 41000, TERN_RULE_TIME_WAIT_STARTED);
    }
    return l;
}

ladder *recording_syn_lost(void)
{
    ladder *l = recording_new(TERN_CLOSED, TERN_LISTEN);
    recording_segment syn = {LADDER_LEFT, TCP_SYN, 0, 0, 0, 0, NULL};
    recording_segment syn_ack = {LADDER_RIGHT, TCP_SYN | TCP_ACK, 0, 1, 0, 0, NULL};

    ladder_note(l, LADDER_LEFT, 0, LADDER_CALL, "connect");
    recording_state(l, LADDER_LEFT, 0, TERN_SYN_SENT);
    recording_sent(l, 1, 0, &syn);
    ladder_died(l, 1, 0, LADDER_LOST);
    recording_says(l, LADDER_LEFT, 1000000, TERN_RULE_RTO_BACKOFF);
    recording_sent(l, 2, 1000000, &syn);
    ladder_arrived(l, 2, 1020000, 0);
    recording_state(l, LADDER_RIGHT, 1020000, TERN_SYN_RECEIVED);
    recording_sent(l, 3, 1020000, &syn_ack);
    ladder_died(l, 3, 1020000, LADDER_QUEUE_FULL);
    recording_says(l, LADDER_LEFT, 3000000, TERN_RULE_R2_REACHED);
    recording_state(l, LADDER_LEFT, 3000000, TERN_CLOSED);
    ladder_note(l, LADDER_LEFT, 3000000, LADDER_ERROR, "connection aborted due to user timeout");
    return l;
}

ladder *recording_refused(void)
{
    ladder *l = recording_new(TERN_CLOSED, TERN_CLOSED);
    recording_segment syn = {LADDER_LEFT, TCP_SYN, 0, 0, 0, 0, NULL};
    recording_segment reset = {LADDER_RIGHT, TCP_RST | TCP_ACK, 0, 1, 0, 0, NULL};

    ladder_note(l, LADDER_LEFT, 0, LADDER_CALL, "connect");
    recording_state(l, LADDER_LEFT, 0, TERN_SYN_SENT);
    recording_sent(l, 1, 0, &syn);
    ladder_arrived(l, 1, 123, 0);
    recording_says(l, LADDER_RIGHT, 123, TERN_RULE_CLOSED_SEGMENT_RESET);
    recording_sent(l, 2, 123, &reset);
    ladder_arrived(l, 2, 246, 0);
    recording_says(l, LADDER_LEFT, 246, TERN_RULE_SYN_SENT_RST_REFUSED);
    recording_state(l, LADDER_LEFT, 246, TERN_CLOSED);
    ladder_note(l, LADDER_LEFT, 246, LADDER_ERROR, "connection refused");
    return l;
}

ladder *recording_reordered(void)
{
    ladder *l = recording_new(TERN_ESTABLISHED, TERN_ESTABLISHED);
    recording_segment early = {LADDER_RIGHT, TCP_ACK, 1, 1, 0, 0, NULL};

    for (unsigned i = 0; i < 3; i++) {
        recording_segment data = {LADDER_LEFT, TCP_ACK, 1 + i * 1000, 1, 1000, 0, NULL};
        recording_sent(l, 1 + i, 1000 + i * 1000, &data);
    }
    ladder_arrived(l, 2, 22000, 0);
    recording_says(l, LADDER_RIGHT, 22000, TERN_RULE_TEXT_EARLY);
    recording_sent(l, 4, 22000, &early);
    ladder_arrived(l, 1, 23000, 0);
    recording_says(l, LADDER_RIGHT, 23000, TERN_RULE_TEXT_GAP_FILLED);
    ladder_arrived(l, 3, 24000, LADDER_DELAYED);
    ladder_arrived(l, 3, 25000, LADDER_DUPLICATE);
    recording_says(l, LADDER_RIGHT, 25000, TERN_RULE_TEXT_DUPLICATE);
    ladder_arrived(l, 4, 42000, LADDER_CORRUPTED);
    recording_says(l, LADDER_LEFT, 42000, TERN_RULE_TCP_CHECKSUM_BAD);
    return l;
}

/* "Fragmentation needed, MTU 1400", about a segment of the right end, from a router. */
static void recording_router(ladder *l, uint64_t serial, tern_time time_us)
{
    uint8_t octets[RECORDING_PACKET_BYTES], *icmp = octets + IPV4_HEADER_BYTES;
    recording_segment about = {LADDER_RIGHT, TCP_ACK, 1, 101, 1460, 2048, NULL};
    ip_fields ip = {.source = tern_address_ipv4(192, 0, 2, 1),
                    .destination = recording_address(1),
                    .protocol = IP_PROTOCOL_ICMP,
                    .ttl = 64,
                    .payload_bytes = 8 + IPV4_HEADER_BYTES + 8};
    ladder_packet packet = {.serial = serial,
                            .from = LADDER_OUTSIDE,
                            .time_us = time_us,
                            .octets = octets,
                            .to = LADDER_RIGHT,
                            .who = "router 192.0.2.1"};
    uint16_t checksum;

    (void)recording_packet(icmp + 8, &about);
    memcpy(icmp, (const uint8_t[8]){3, 4, 0, 0, 0, 0, 1400 >> 8, 1400 & 255}, 8);
    checksum = checksum_finish(checksum_add(0, icmp, ip.payload_bytes));
    icmp[2] = (uint8_t)(checksum >> 8);
    icmp[3] = (uint8_t)checksum;
    packet.bytes = ip_write(octets, &ip) + ip.payload_bytes;
    ladder_sent(l, &packet);
}

ladder *recording_outsiders(void)
{
    ladder *l = recording_handshake();
    uint8_t octets[RECORDING_PACKET_BYTES];
    recording_segment reset = {LADDER_LEFT, TCP_RST, 5000, 0, 0, 0, NULL};
    recording_segment challenge = {LADDER_RIGHT, TCP_ACK, 1, 1, 0, 2048, NULL};
    recording_segment back = {LADDER_RIGHT, TCP_RST, 1, 0, 0, 0, NULL};
    recording_segment syn = {LADDER_LEFT, TCP_SYN, 0, 0, 0, 0, &recording_syn_options};
    recording_segment syn_ack = {LADDER_RIGHT, TCP_SYN | TCP_ACK, 0, 1, 0, 0, NULL};
    ladder_packet spoofed = {.serial = 10,
                             .from = LADDER_OUTSIDE,
                             .time_us = 70000,
                             .octets = octets,
                             .bytes = recording_packet(octets, &reset),
                             .to = LADDER_RIGHT,
                             .who = "attacker"};

    ladder_sent(l, &spoofed);
    ladder_arrived(l, 10, 75000, 0);
    ladder_caption(l, LADDER_RIGHT, 75000,
                   "A reset inside the window but not at RCV.NXT is challenged.", "RFC 5961 3.2");
    recording_sent(l, 11, 75000, &challenge);
    ladder_arrived(l, 11, 95000, 0);
    spoofed = (ladder_packet){.serial = 12,
                              .from = LADDER_OUTSIDE,
                              .time_us = 95000,
                              .octets = octets,
                              .bytes = recording_packet(octets, &back),
                              .to = LADDER_LEFT,
                              .who = "attacker"};
    ladder_sent(l, &spoofed);
    ladder_arrived(l, 12, 96000, LADDER_CORRUPTED);
    recording_stranger(l, 13, 97000, 7, &syn);
    ladder_arrived(l, 13, 98000, 0);
    recording_stranger(l, 14, 98000, 7, &syn_ack);
    recording_stranger(l, 15, 98000, 8, &syn_ack);
    ladder_died(l, 15, 98000, LADDER_BLOCKED);
    recording_stranger(l, 16, 99000, 9, &syn);
    ladder_died(l, 16, 99000, LADDER_QUEUE_FULL);
    recording_router(l, 17, 99500);
    ladder_arrived(l, 17, 100000, 0);
    return l;
}

ladder *recording_flood(void)
{
    enum { STRANGERS = 10000, HONEST = 6000 };
    ladder *l = recording_new(TERN_CLOSED, TERN_LISTEN);
    recording_segment syn = {LADDER_LEFT, TCP_SYN, 0, 0, 0, 0, NULL};
    recording_segment syn_ack = {LADDER_RIGHT, TCP_SYN | TCP_ACK, 0, 1, 0, 0, NULL};
    recording_segment ack = {LADDER_LEFT, TCP_ACK, 1, 1, 0, 0, NULL};

    for (unsigned i = 0; i < STRANGERS; i++) {
        tern_time now_us = 10000 + i * 100;
        if (i == HONEST)
            recording_sent(l, 1, now_us, &syn);
        recording_stranger(l, 10 + 2 * i, now_us, i, &syn);
        ladder_arrived(l, 10 + 2 * i, now_us, 0);
        ladder_caption(l, LADDER_RIGHT, now_us, "The queue is full: a cookie is the ISN.",
                       "RFC 4987 3.6");
        recording_stranger(l, 11 + 2 * i, now_us, i, &syn_ack);
        if (i != HONEST)
            continue;
        ladder_arrived(l, 1, now_us, 0);
        recording_sent(l, 2, now_us, &syn_ack);
        ladder_arrived(l, 2, now_us, 0);
        recording_state(l, LADDER_LEFT, now_us, TERN_ESTABLISHED);
        recording_sent(l, 3, now_us, &ack);
        ladder_arrived(l, 3, now_us, 0);
        recording_state(l, LADDER_RIGHT, now_us, TERN_ESTABLISHED);
    }
    return l;
}

const char *recording_korean(const char *text)
{
    static const char *const list[][2] = {
        {"lost", "손실"},
        {"s later", "초 뒤"},
        {"again", "재전송"},
        {"%llu packets more like these, %s .. %s s", "비슷한 패킷 %llu개 더, %s .. %s초"},
        {"time in s", "시각 단위 초"},
        {"Congestion window", "혼잡 윈도"},
        {"octets", "바이트"},
        {"sent again", "재전송"},
        {"s", "초"},
        {"The peer has acknowledged our SYN: the connection is established on both sides.",
         "상대가 우리 SYN에 확인 응답을 보냈다. 이제 양쪽에서 연결이 수립되었다."},
        {"An active open: SYN, SEQ = ISS.", "능동 열기(active open): 연결 요청 SYN을 보낸다. "
                                            "SEQ = ISS."},
    };

    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
        if (strcmp(list[i][0], text) == 0)
            return list[i][1];
    return text;
}

/* Reads a file of tests/unit/draw/golden; NULL when there is none. */
static char *recording_golden_read(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t room = 0;
    ssize_t bytes;

    if (file == NULL)
        return NULL;
    bytes = getdelim(&text, &room, '\0', file);
    fclose(file);
    if (bytes >= 0)
        return text;
    free(text);
    return NULL;
}

static void recording_golden_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    if (file == NULL)
        return;
    fputs(text, file);
    fclose(file);
}

bool recording_is_golden(const char *name, const char *text)
{
    char path[256];
    const char *write = getenv("TERN_GOLDEN");
    char *golden;
    bool same;

    snprintf(path, sizeof path, "tests/unit/draw/golden/%s.txt", name);
    if (write != NULL && strcmp(write, "write") == 0)
        recording_golden_write(path, text);
    golden = recording_golden_read(path);
    same = golden != NULL && strcmp(golden, text) == 0;
    free(golden);
    if (!same)
        printf("%s is not what is drawn now (look, then keep it: TERN_GOLDEN=write)\n%s", path,
               text);
    return same;
}

char *recording_text(ladder *l, const draw_style *style)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);

    if (out == NULL)
        return NULL;
    ladder_text_print(l, out, style);
    fclose(out);
    return text;
}
