/* attack_test.c - a million blind segments against 100 live connections: none dies, every octet
 * arrives once and in order, and what the stacks answer stays within its limit (RFC 5961).
 *
 * Two stacks, 5 ms apart, with 100 connections that send 200 octets each way every 50 ms. For ten
 * virtual seconds an attacker off the path, who knows all four-tuples, sends a segment every 10 us
 * in the name of one end to the other: RST, SYN, SYN,ACK, ACK, data, FIN with random sequence and
 * acknowledgment numbers, RST and SYN at random places inside the window but not at its edge (the
 * edge is what RFC 5961 leaves to luck), and ICMP errors that quote random numbers. Over IPv4 and
 * over IPv6, once without timestamps, once with them, the attacker's being random. */
#include "base/bytes.h"
#include "sim/link.h"
#include "tern/status.h"
#include "tests/sim/segment_fixture.h"
#include "tests/test.h"
#include "wire/icmp.h"

#include <stdlib.h>

enum {
    PORT = 80,
    CONNECTIONS = 100,
    ATTACKS = 1000000,
    ATTACK_EVERY_US = 10,
    TICK_US = 1000,
    DELAY_US = 5000,
    WRITE_BYTES = 200,
    WRITE_EVERY_US = 50000,
    WINDOW_BYTES = 65536, /* of each receive buffer */
    PACKET_BYTES = 1500,
    BEGIN_US = 1000000,
    CHALLENGE_MS = 500,
    SECONDS_MAX = 20,
};

typedef enum attack_kind {
    ATTACK_RST,
    ATTACK_RST_INSIDE,
    ATTACK_SYN,
    ATTACK_SYN_INSIDE,
    ATTACK_SYN_ACK,
    ATTACK_ACK,
    ATTACK_DATA,
    ATTACK_FIN,
    ATTACK_ICMP,
    ATTACK_KINDS,
} attack_kind;

typedef struct line {
    tern_handle handle;
    tern_endpoint local, remote;
    uint32_t sent, received;
    uint32_t challenged_ms; /* when the last answer to an empty segment left; 0: never */
    uint32_t challenges[SECONDS_MAX];
    uint32_t attacks_with_text, answers_to_text;
} line;

typedef struct side {
    tern_stack *stack;
    tern_address address;
    sim_link *out;
    line lines[CONNECTIONS];
    uint32_t line_of[CONNECTIONS]; /* by the handle's index */
} side;

typedef struct scene {
    side sides[2]; /* the first has connected to the second */
    tern_handle listener;
    uint32_t accepted;
    rng chance;
    tern_time now_us; /* since BEGIN_US */
    bool ipv6, timestamps;
    uint64_t attacks[ATTACK_KINDS];
    uint64_t challenges;
} scene;

static uint8_t line_octet(unsigned from, uint32_t number, uint32_t at)
{
    return (uint8_t)((number * 2654435761u + at * 40503u + from * 77777777u) >> 13);
}

static tern_time scene_clock(const scene *s)
{
    return BEGIN_US + s->now_us;
}

/* ---- What the stacks send ---- */

/* Sends what one side owes now; returns the packets. */
static uint32_t side_flush(scene *s, unsigned from)
{
    uint8_t packet[PACKET_BYTES];
    uint32_t packets = 0;
    size_t bytes;
    side *x = &s->sides[from];

    while ((bytes = tern_output(x->stack, scene_clock(s), packet, sizeof packet)) > 0) {
        CHECK_EQ(link_push(x->out, s->now_us, packet, bytes, 0), 0);
        packets++;
    }
    return packets;
}

static void line_write(scene *s, unsigned from, uint32_t number)
{
    side *x = &s->sides[from];
    line *l = &x->lines[number];
    uint8_t text[WRITE_BYTES];

    for (uint32_t i = 0; i < WRITE_BYTES; i++)
        text[i] = line_octet(from, number, l->sent + i);
    CHECK_EQ(tern_send(x->stack, scene_clock(s), l->handle, text, sizeof text), WRITE_BYTES);
    l->sent += WRITE_BYTES;
}

static void line_read(scene *s, unsigned at, uint32_t number)
{
    side *x = &s->sides[at];
    line *l = &x->lines[number];
    uint8_t text[PACKET_BYTES];
    ptrdiff_t got;

    while ((got = tern_recv(x->stack, scene_clock(s), l->handle, text, sizeof text)) > 0) {
        for (ptrdiff_t i = 0; i < got; i++)
            CHECK_EQ(text[i], line_octet(1 - at, number, l->received + (uint32_t)i));
        l->received += (uint32_t)got;
    }
    CHECK_EQ(got, TERN_ERR_WOULD_BLOCK); /* alive, and the peer has not closed */
}

/* ---- Opening ---- */

static tern_address scene_address(const scene *s, uint8_t host)
{
    tern_address address = {{0xfd, 0x77, [15] = host}};

    return s->ipv6 ? address : tern_address_ipv4(10, 0, 0, host);
}

static void scene_accept(scene *s)
{
    side *x = &s->sides[1];
    tern_status status;
    tern_handle c;

    while (tern_accept(x->stack, scene_clock(s), s->listener, &c) == TERN_OK) {
        CHECK_EQ(tern_status_get(x->stack, c, &status), TERN_OK);
        uint32_t number = 0;
        while (s->sides[0].lines[number].local.port != status.remote.port)
            CHECK(++number < CONNECTIONS);
        x->lines[number] = (line){.handle = c, .local = status.local, .remote = status.remote};
        x->line_of[c.index] = number;
        s->accepted++;
    }
}

static void scene_events(scene *s, unsigned at)
{
    side *x = &s->sides[at];
    tern_event event;

    while (tern_next_event(x->stack, &event)) {
        CHECK((event.what & (TERN_EVENT_CLOSED | TERN_EVENT_PEER_CLOSED)) == 0);
        if ((event.what & TERN_EVENT_ACCEPTABLE) != 0)
            scene_accept(s);
        else
            line_read(s, at, x->line_of[event.handle.index]);
    }
}

static void scene_open(scene *s)
{
    side *x = &s->sides[0];
    tern_endpoint remote = {s->sides[1].address, PORT};
    tern_status status;

    CHECK_EQ(tern_listen(s->sides[1].stack, BEGIN_US, &remote, CONNECTIONS, &s->listener), TERN_OK);
    for (uint32_t i = 0; i < CONNECTIONS; i++) {
        line *l = &x->lines[i];
        CHECK_EQ(tern_connect(x->stack, BEGIN_US, NULL, &remote, &l->handle), TERN_OK);
        CHECK_EQ(tern_status_get(x->stack, l->handle, &status), TERN_OK);
        l->local = status.local;
        l->remote = status.remote;
        x->line_of[l->handle.index] = i;
    }
}

static void scene_side(scene *s, unsigned number, uint8_t key)
{
    side *x = &s->sides[number];
    tern_config config;
    link_config wire;

    tern_config_init(&config);
    memset(config.key, key, sizeof config.key);
    x->address = scene_address(s, key);
    config.addresses[0] = x->address;
    config.address_count = 1;
    config.connections_max = CONNECTIONS;
    config.send_buffer_bytes = config.recv_buffer_bytes = WINDOW_BYTES;
    config.timestamps = s->timestamps;
    config.challenge_ack_interval_ms = CHALLENGE_MS;
    size_t bytes = tern_size(&config, NULL);
    void *memory = malloc(bytes);
    CHECK(bytes > 0 && memory != NULL);
    x->stack = tern_init(memory, bytes, &config);
    link_config_init(&wire);
    wire.delay_us = DELAY_US;
    x->out = link_new(&wire);
    CHECK(x->stack != NULL && x->out != NULL);
}

/* ---- The attacker ---- */

static const uint16_t attack_flags[ATTACK_KINDS] = {
    [ATTACK_RST] = TCP_RST,
    [ATTACK_RST_INSIDE] = TCP_RST,
    [ATTACK_SYN] = TCP_SYN,
    [ATTACK_SYN_INSIDE] = TCP_SYN,
    [ATTACK_SYN_ACK] = TCP_SYN | TCP_ACK,
    [ATTACK_ACK] = TCP_ACK,
    [ATTACK_DATA] = TCP_ACK | TCP_PSH,
    [ATTACK_FIN] = TCP_ACK | TCP_FIN,
    [ATTACK_ICMP] = TCP_ACK,
};

static size_t attack_segment(scene *s, unsigned at, const line *l, attack_kind kind,
                             uint8_t *packet)
{
    static const uint8_t text[WRITE_BYTES] = "an attacker's";
    uint64_t r = rng_next(&s->chance), more = rng_next(&s->chance);
    tcp_header tcp = {.source_port = l->remote.port,
                      .destination_port = l->local.port,
                      .seq = seq_of((uint32_t)r),
                      .ack = seq_of((uint32_t)(r >> 32)),
                      .flags = attack_flags[kind],
                      .window = (uint16_t)more,
                      .text = text,
                      .text_bytes = kind == ATTACK_DATA ? 1 + (more >> 16) % sizeof text : 0};
    tcp_options options = {.has_timestamps = s->timestamps,
                           .ts_value = (uint32_t)(more >> 32),
                           .ts_echo = (uint32_t)r};
    tern_status status;

    if (kind == ATTACK_RST_INSIDE || kind == ATTACK_SYN_INSIDE) {
        CHECK_EQ(tern_status_get(s->sides[at].stack, l->handle, &status), TERN_OK);
        CHECK(status.rcv_wnd > 1);
        uint32_t ahead = 1 + (uint32_t)r % (status.rcv_wnd - 1);
        tcp.seq = seq_add(seq_of(status.rcv_nxt), ahead);
    }
    return segment_write(packet, &l->remote.address, &l->local.address, &tcp, &options);
}

typedef struct attack_error {
    uint8_t type, codes; /* from 0 */
    uint16_t mtu_bytes;
} attack_error;

/* RFC 792: destination unreachable, "fragmentation needed" (RFC 1191) among its codes. */
static const attack_error attack_errors_ipv4[] = {{3, 16, 576}};
/* RFC 4443: unreachable, packet too big, time exceeded, parameter problem. */
static const attack_error attack_errors_ipv6[] = {{1, 7, 0}, {2, 1, 1280}, {3, 2, 0}, {4, 3, 0}};

/* An error about a segment that this end could have sent but for its number. */
static size_t attack_icmp(scene *s, const line *l, uint8_t *packet)
{
    uint64_t r = rng_next(&s->chance);
    const attack_error *error = s->ipv6 ? &attack_errors_ipv6[(r >> 48) % 4] : attack_errors_ipv4;
    uint8_t *icmp = packet + ip_header_bytes(&l->local.address);
    uint8_t *quote = icmp + ICMP_HEADER_BYTES;
    tcp_header tcp = {.source_port = l->local.port,
                      .destination_port = l->remote.port,
                      .seq = seq_of((uint32_t)r),
                      .flags = TCP_ACK};
    size_t quoted = segment_write(quote, &l->local.address, &l->remote.address, &tcp, NULL);
    ip_fields ip = {.source = scene_address(s, 99),
                    .destination = l->local.address,
                    .protocol = s->ipv6 ? IP_PROTOCOL_ICMPV6 : IP_PROTOCOL_ICMP,
                    .ttl = 60,
                    .payload_bytes = ICMP_HEADER_BYTES + quoted};
    checksum_sum sum = 0;

    memset(icmp, 0, ICMP_HEADER_BYTES);
    icmp[0] = error->type;
    icmp[1] = (uint8_t)((r >> 32) % error->codes);
    put_be16(icmp + 6, error->mtu_bytes);
    if (s->ipv6)
        sum = checksum_pseudo(&ip.source, &ip.destination, IP_PROTOCOL_ICMPV6,
                              (uint32_t)ip.payload_bytes);
    put_be16(icmp + 2, checksum_finish(checksum_add(sum, icmp, ip.payload_bytes)));
    return ip_write(packet, &ip) + ip.payload_bytes;
}

/* What came out at once is the answer. */
static void attack_answered(scene *s, line *l, attack_kind kind, uint32_t packets)
{
    uint32_t now_ms = (uint32_t)(scene_clock(s) / 1000);

    if (kind == ATTACK_DATA || kind == ATTACK_FIN) {
        l->attacks_with_text++;
        l->answers_to_text += packets;
        CHECK(l->answers_to_text <= l->attacks_with_text);
        return;
    }
    if (packets == 0)
        return;
    CHECK_EQ(packets, 1);
    CHECK(l->challenged_ms == 0 || now_ms - l->challenged_ms >= CHALLENGE_MS);
    l->challenged_ms = now_ms;
    s->challenges++;
    uint32_t second = (uint32_t)(s->now_us / 1000000);
    CHECK(second < SECONDS_MAX);
    CHECK(++l->challenges[second] <= 1000 / CHALLENGE_MS);
}

static void attack_once(scene *s)
{
    uint64_t r = rng_next(&s->chance);
    unsigned at = (unsigned)(r & 1);
    line *l = &s->sides[at].lines[(r >> 1) % CONNECTIONS];
    attack_kind kind = (attack_kind)((r >> 32) % ATTACK_KINDS);
    uint8_t packet[PACKET_BYTES];

    (void)side_flush(s, at); /* what a timer owes is no answer */
    size_t bytes = kind == ATTACK_ICMP ? attack_icmp(s, l, packet)
                                       : attack_segment(s, at, l, kind, packet);
    (void)tern_input(s->sides[at].stack, scene_clock(s), packet, bytes);
    attack_answered(s, l, kind, side_flush(s, at));
    s->attacks[kind]++;
}

/* ---- Time ---- */

/* One millisecond of the connections' own life. */
static void scene_tick(scene *s)
{
    uint8_t packet[PACKET_BYTES];
    size_t bytes;

    for (unsigned from = 0; from < 2; from++) {
        side *to = &s->sides[1 - from];
        while ((bytes = link_pop(s->sides[from].out, s->now_us, packet, sizeof packet, NULL)) > 0)
            (void)tern_input(to->stack, scene_clock(s), packet, bytes);
        scene_events(s, 1 - from);
        (void)side_flush(s, 1 - from);
    }
}

static void scene_write(scene *s)
{
    uint32_t turn = (uint32_t)(s->now_us % WRITE_EVERY_US / TICK_US);
    uint32_t turns = WRITE_EVERY_US / TICK_US;

    for (uint32_t i = turn; i < CONNECTIONS; i += turns) {
        line_write(s, 0, i);
        line_write(s, 1, i);
    }
}

static void scene_quiet(scene *s, tern_time for_us)
{
    for (tern_time end_us = s->now_us + for_us; s->now_us < end_us; s->now_us += TICK_US)
        scene_tick(s);
}

static void scene_attack(scene *s)
{
    for (uint32_t attacks = 0; attacks < ATTACKS;) {
        scene_write(s);
        scene_tick(s);
        for (uint32_t i = 0; i < TICK_US / ATTACK_EVERY_US; i++, attacks++) {
            attack_once(s);
            s->now_us += ATTACK_EVERY_US;
        }
    }
}

static void scene_check(const scene *s)
{
    uint64_t retransmitted = 0, octets = 0, text_answers = 0, errors_refused = 0;
    tern_status status;

    for (unsigned at = 0; at < 2; at++) {
        const side *x = &s->sides[at];
        for (uint32_t i = 0; i < CONNECTIONS; i++) {
            CHECK_EQ(tern_status_get(x->stack, x->lines[i].handle, &status), TERN_OK);
            CHECK_EQ(status.state, TERN_ESTABLISHED);
            CHECK_EQ(status.snd_mss, s->ipv6 ? 1440 : 1460);
            CHECK_EQ(status.send_queue_bytes, 0);
            CHECK_EQ(x->lines[i].received, s->sides[1 - at].lines[i].sent);
            octets += x->lines[i].received;
            retransmitted += status.total_retrans;
            text_answers += x->lines[i].answers_to_text;
        }
        CHECK_EQ(tern_counter(x->stack, TERN_RULE_RST_SENT), 0);
        CHECK(tern_counter(x->stack, TERN_RULE_CHALLENGE_LIMITED) > 0);
        CHECK(tern_counter(x->stack, TERN_RULE_RST_CHALLENGED) > 0);
        CHECK_EQ(tern_counter(x->stack, TERN_RULE_TCP_CHECKSUM_BAD), 0);
        errors_refused += tern_counter(x->stack, TERN_RULE_ICMP_SEQUENCE_REFUSED);
    }
    CHECK_EQ(errors_refused, s->attacks[ATTACK_ICMP]);
    printf("  %u segments: %u octets arrived in order, %u segments sent again, %u challenge ACKs, "
           "%u ACKs to %u data segments and FINs\n",
           ATTACKS, (unsigned)octets, (unsigned)retransmitted, (unsigned)s->challenges,
           (unsigned)text_answers, (unsigned)(s->attacks[ATTACK_DATA] + s->attacks[ATTACK_FIN]));
}

static void scene_play(bool ipv6, bool timestamps)
{
    scene *s = calloc(1, sizeof *s);

    CHECK(s != NULL);
    s->chance = rng_of_seed(11);
    s->ipv6 = ipv6;
    s->timestamps = timestamps;
    scene_side(s, 0, 1);
    scene_side(s, 1, 2);
    scene_open(s);
    scene_quiet(s, 100000);
    CHECK_EQ(s->accepted, CONNECTIONS);
    scene_attack(s);
    for (unsigned at = 0; at < 2; at++)
        for (uint32_t i = 0; i < CONNECTIONS; i++)
            line_write(s, at, i); /* all of them go on after it */
    scene_quiet(s, 3000000);
    scene_check(s);
    for (unsigned at = 0; at < 2; at++) {
        link_free(s->sides[at].out);
        free(s->sides[at].stack);
    }
    free(s);
}

TEST(a_million_blind_segments)
{
    scene_play(false, false);
}

TEST(a_million_blind_segments_with_timestamps)
{
    scene_play(false, true);
}

TEST(a_million_blind_segments_over_ipv6)
{
    scene_play(true, false);
}

TEST(a_million_blind_segments_over_ipv6_with_timestamps)
{
    scene_play(true, true);
}
