/* packets_fuzz.c - a stack in any state, a peer that sends anything, and time.
 *
 * The first octets choose what was agreed in the handshake and how far the connection has come;
 * the rest are steps. A segment's numbers are chosen near what the stack expects, from its STATUS,
 * so that they reach the code behind the first check. */
#include "fuzz/invariants.h"

#include "base/bytes.h"
#include "wire/icmp.h"
#include "wire/tcp_options.h"

enum { ARENA_BYTES = 1 << 17, HANDLES = 8, STEPS_MAX = 400, PORT = 80, PEER_PORT = 4000 };

/* What is left of the input. */
struct input {
    const uint8_t *at;
    size_t left;
};

struct run {
    struct input in;
    tern_stack *stack;
    tern_config config;
    tern_time now_us;
    tern_handle listener, handles[HANDLES]; /* what was opened or accepted */
    tern_handle c;                          /* the last of these */
    unsigned opened;
    uint16_t peer_port, local_port;
    uint32_t ts;  /* the peer's clock */
    uint8_t cuts; /* how the peer's packets are cut into fragments; 0: they are not */
    uint16_t id;
};

static _Alignas(64) uint8_t arena[ARENA_BYTES];

static uint8_t take(struct input *in)
{
    if (in->left == 0)
        return 0;
    in->left--;
    return *in->at++;
}

static uint32_t take32(struct input *in)
{
    uint32_t v = take(in);

    v = v << 8 | take(in);
    v = v << 8 | take(in);
    return v << 8 | take(in);
}

static uint32_t take16(struct input *in)
{
    uint32_t v = take(in);

    return v << 8 | take(in);
}

/* ---- The peer ---- */

static tern_status find(const struct run *r)
{
    uint64_t cursor = 0;
    tern_status st;

    while (tern_status_next(r->stack, &cursor, &st))
        if (st.remote.port == r->peer_port && st.local.port == r->local_port)
            return st;
    return (tern_status){.state = TERN_CLOSED};
}

static void inject(struct run *r, const uint8_t *packet, size_t bytes)
{
    uint8_t *exact = property_copy(packet, bytes);

    tern_input(r->stack, r->now_us, exact, bytes);
    free(exact);
}

/* One fragment of an IPv4 packet, [at, end) of its payload. */
static void inject_piece(struct run *r, const uint8_t *packet, size_t bytes, size_t at, size_t end)
{
    uint8_t piece[1500];
    size_t payload_bytes = bytes - IPV4_HEADER_BYTES;
    uint16_t field = (uint16_t)(at / 8 | (end < payload_bytes ? 0x2000 : 0));

    memcpy(piece, packet, IPV4_HEADER_BYTES);
    memcpy(piece + IPV4_HEADER_BYTES, packet + IPV4_HEADER_BYTES + at, end - at);
    put_be16(piece + 2, (uint16_t)(IPV4_HEADER_BYTES + end - at));
    put_be16(piece + 4, r->id);
    put_be16(piece + 6, field);
    put_be16(piece + 10, 0);
    put_be16(piece + 10, checksum_finish(checksum_add(0, piece, IPV4_HEADER_BYTES)));
    inject(r, piece, IPV4_HEADER_BYTES + end - at);
}

/* The packet as the path cuts it: up to three pieces in one of their orders, one of them perhaps
 * twice, missing, or longer than it should be. */
static void inject_cut(struct run *r, const uint8_t *packet, size_t bytes)
{
    size_t payload_bytes = bytes - IPV4_HEADER_BYTES;
    size_t first = 8 + 8 * (r->cuts & 7u), second = first + 8 + 8 * (r->cuts >> 3 & 3u);
    bool wide = (r->cuts & 0xe0) == 0xe0;

    if (r->cuts == 0 || second >= payload_bytes) {
        inject(r, packet, bytes);
        return;
    }
    r->id++;
    if ((r->cuts & 0x20) != 0)
        inject_piece(r, packet, bytes, second, payload_bytes);
    if ((r->cuts & 0x40) == 0)
        inject_piece(r, packet, bytes, first, second);
    inject_piece(r, packet, bytes, 0, wide ? second : first);
    if ((r->cuts & 0x80) != 0)
        inject_piece(r, packet, bytes, first, second);
    if ((r->cuts & 0x20) == 0)
        inject_piece(r, packet, bytes, second, payload_bytes);
}

struct plan {
    uint32_t seq, ack;
    uint16_t flags, window, urgent;
    uint8_t options[40];
    size_t options_bytes; /* a multiple of 4 */
    uint32_t text_bytes;
};

static void send_segment(struct run *r, const struct plan *p)
{
    uint8_t packet[1500];
    uint8_t *segment = packet + IPV4_HEADER_BYTES;
    ip_fields ip = {
        .source = tern_address_ipv4(10, 0, 0, 2),
        .destination = r->config.addresses[0],
        .protocol = IP_PROTOCOL_TCP,
        .ttl = 64,
        .payload_bytes = TCP_HEADER_BYTES + p->options_bytes + p->text_bytes,
    };
    tcp_header h = {
        .source_port = r->peer_port,
        .destination_port = r->local_port,
        .seq = seq_of(p->seq),
        .ack = seq_of(p->ack),
        .flags = p->flags,
        .window = p->window,
        .urgent = p->urgent,
        .options_bytes = p->options_bytes,
    };

    tcp_header_write(segment, &h);
    memcpy(segment + TCP_HEADER_BYTES, p->options, p->options_bytes);
    memset(segment + TCP_HEADER_BYTES + p->options_bytes, 'x', p->text_bytes);
    checksum_sum sum = checksum_pseudo(&ip.source, &ip.destination, IP_PROTOCOL_TCP,
                                       (uint32_t)ip.payload_bytes);
    put_be16(segment + 16, checksum_finish(checksum_add(sum, segment, ip.payload_bytes)));
    ip_write(packet, &ip);
    inject_cut(r, packet, IPV4_HEADER_BYTES + ip.payload_bytes);
}

/* A number near one that matters. */
static uint32_t near(struct input *in, const uint32_t *marks, unsigned count)
{
    uint8_t how = take(in);
    uint32_t v = marks[how % count];

    switch (how >> 5) {
    case 0:
    case 1:
    case 2:
        return v;
    case 3:
        return v + 1;
    case 4:
        return v - 1;
    case 5:
        return v + take16(in);
    case 6:
        return v - take16(in);
    default:
        return take32(in);
    }
}

static void choose_options(struct run *r, const tern_status *st, struct plan *p)
{
    uint8_t how = take(&r->in);
    const uint32_t marks[] = {st->snd_una, st->snd_nxt, st->snd_una + 1448, st->iss};
    tcp_options o = {.has_timestamps = (how & 1) == 0};

    if ((how & 0xf0) == 0xf0) { /* any octets */
        p->options_bytes = 4u * (take(&r->in) % 11u);
        for (size_t i = 0; i < p->options_bytes; i++)
            p->options[i] = take(&r->in);
        return;
    }
    r->ts += (how & 2) != 0 ? 1 : 0;
    o.ts_value = (how & 0x0c) == 0x0c ? r->ts - take(&r->in) : r->ts;
    o.ts_echo = (how & 0x0c) == 0x08 ? take32(&r->in) : (uint32_t)(r->now_us / 1000);
    o.sack_count = (uint8_t)(how >> 4 & 3);
    for (unsigned i = 0; i < o.sack_count; i++) {
        o.sack[i].left = seq_of(near(&r->in, marks, 4));
        o.sack[i].right = seq_of(near(&r->in, marks, 4));
    }
    if ((p->flags & TCP_SYN) != 0) {
        o.has_mss = (how & 0x40) != 0;
        o.mss = (uint16_t)take16(&r->in);
        o.has_window_scale = o.has_sack_permitted = (how & 0x80) != 0;
        o.window_scale = take(&r->in);
    }
    p->options_bytes = tcp_options_write(p->options, &o);
}

static void any_segment(struct run *r)
{
    static const uint16_t usual[] = {
        TCP_ACK, TCP_ACK,           TCP_ACK | TCP_PSH, TCP_ACK | TCP_FIN,
        TCP_SYN, TCP_SYN | TCP_ACK, TCP_RST,           TCP_RST | TCP_ACK,
    };
    tern_status st = find(r);
    const uint32_t seqs[] = {st.rcv_nxt, st.rcv_nxt, st.rcv_nxt + st.rcv_wnd, st.irs};
    const uint32_t acks[] = {st.snd_nxt, st.snd_una, st.snd_nxt, st.iss + 1};
    uint8_t how = take(&r->in);
    struct plan p = {.flags = (how & 0x80) != 0 ? take(&r->in) : usual[how & 7]};

    p.seq = near(&r->in, seqs, 4);
    p.ack = near(&r->in, acks, 4);
    p.window = (uint16_t)((how & 0x40) != 0 ? take16(&r->in) : (how & 0x20) != 0 ? 0 : 8000);
    p.urgent = (uint16_t)((how & 0x08) != 0 ? take16(&r->in) : 0);
    p.text_bytes = (how & 0x10) != 0 ? take16(&r->in) % 1400 : 0;
    choose_options(r, &st, &p);
    send_segment(r, &p);
}

static void any_octets(struct run *r)
{
    size_t bytes = take(&r->in);

    bytes = bytes < r->in.left ? bytes : r->in.left;
    inject(r, r->in.at, bytes);
    r->in.at += bytes;
    r->in.left -= bytes;
}

/* An ICMP error about the connection, of any type and code, that quotes a number near one that is
 * under way. */
static void any_error(struct run *r)
{
    enum { QUOTE_BYTES = IPV4_HEADER_BYTES + 8 };
    static const uint8_t types[] = {3, 3, 4, 5, 11, 12};
    tern_status st = find(r);
    const uint32_t seqs[] = {st.snd_una, st.snd_nxt, st.snd_nxt - 1, st.iss};
    uint8_t packet[IPV4_HEADER_BYTES + ICMP_HEADER_BYTES + QUOTE_BYTES] = {0};
    uint8_t *icmp = packet + IPV4_HEADER_BYTES, *quote = icmp + ICMP_HEADER_BYTES;
    ip_fields ip = {.source = tern_address_ipv4(10, 0, 0, 3),
                    .destination = r->config.addresses[0],
                    .protocol = IP_PROTOCOL_ICMP,
                    .ttl = 64,
                    .payload_bytes = ICMP_HEADER_BYTES + QUOTE_BYTES};
    ip_fields quoted = {.source = r->config.addresses[0],
                        .destination = tern_address_ipv4(10, 0, 0, 2),
                        .protocol = IP_PROTOCOL_TCP,
                        .ttl = 64};
    uint8_t how = take(&r->in);

    icmp[0] = types[how % sizeof types];
    icmp[1] = how >> 4;
    put_be16(icmp + 6, (uint16_t)take16(&r->in));
    quoted.payload_bytes = take16(&r->in) % 1480;
    ip_write(quote, &quoted);
    put_be16(quote + IPV4_HEADER_BYTES, r->local_port);
    put_be16(quote + IPV4_HEADER_BYTES + 2, r->peer_port);
    put_be32(quote + IPV4_HEADER_BYTES + 4, near(&r->in, seqs, 4));
    put_be16(icmp + 2, checksum_finish(checksum_add(0, icmp, ip.payload_bytes)));
    ip_write(packet, &ip);
    inject(r, packet, sizeof packet);
}

/* ---- The program ---- */

static void keep(struct run *r, tern_handle h)
{
    r->c = h;
    r->handles[r->opened++ % HANDLES] = h;
}

static void open_actively(struct run *r)
{
    tern_endpoint remote = {tern_address_ipv4(10, 0, 0, 2), PEER_PORT}, local = {.port = PORT + 1};
    tern_handle h;

    if (r->opened < HANDLES && tern_connect(r->stack, r->now_us, &local, &remote, &h) == TERN_OK) {
        keep(r, h);
        r->local_port = PORT + 1;
        r->peer_port = PEER_PORT;
    }
}

static void call(struct run *r)
{
    static uint8_t data[8000];
    tern_event event;
    tern_handle h;
    uint8_t how = take(&r->in);
    uint32_t n = take16(&r->in) % sizeof data;

    switch (how % 12) {
    case 0:
    case 1:
        tern_send(r->stack, r->now_us, r->c, data, n);
        break;
    case 2:
    case 3:
        tern_recv(r->stack, r->now_us, r->c, data, n + 1);
        break;
    case 4:
        if (r->opened < HANDLES && tern_accept(r->stack, r->now_us, r->listener, &h) == TERN_OK)
            keep(r, h);
        break;
    case 5:
        tern_shutdown(r->stack, r->now_us, r->c, 1 + (int)(n % 3));
        break;
    case 6:
        tern_close(r->stack, r->now_us, r->c);
        break;
    case 7:
        tern_abort(r->stack, r->now_us, r->c);
        break;
    case 8:
        tern_option_set(r->stack, r->now_us, r->c, (tern_option)(how / 12 % 21), n);
        break;
    case 9:
        tern_next_event(r->stack, &event);
        break;
    case 10:
        open_actively(r);
        break;
    default:
        r->c = r->handles[n % HANDLES];
    }
}

/* ---- Steps ---- */

static void pass_time(struct run *r)
{
    uint8_t how = take(&r->in);
    tern_time deadline = tern_deadline(r->stack);

    if (how < 128 && deadline != TERN_NEVER && deadline > r->now_us)
        r->now_us = deadline;
    else if (how < 250)
        r->now_us += (tern_time)take16(&r->in) * 1000;
    if (how >= 250) { /* days; not weeks in silence: the clock has 32 bits of milliseconds */
        r->now_us += (tern_time)take16(&r->in) * 10000000;
        invariants_drain(r->stack, &r->config, r->now_us);
    }
}

static void step(struct run *r)
{
    switch (take(&r->in) % 9) {
    case 0:
    case 1:
    case 2:
        any_segment(r);
        break;
    case 3:
        any_octets(r);
        break;
    case 4:
        pass_time(r);
        break;
    case 5:
        invariants_drain(r->stack, &r->config, r->now_us);
        break;
    case 6:
        call(r);
        break;
    case 7:
        any_error(r);
        break;
    default: /* another connection, another path */
        r->cuts = take(&r->in);
        r->peer_port = (uint16_t)(PEER_PORT + r->cuts % 5);
    }
    invariants_check(r->stack, &r->config);
}

/* ---- Ways into a state ---- */

static void peer_says(struct run *r, uint16_t flags, uint32_t text_bytes)
{
    tern_status st = find(r);
    struct plan p = {.seq = st.rcv_nxt,
                     .ack = st.snd_nxt,
                     .flags = flags,
                     .window = 8000,
                     .text_bytes = text_bytes};
    tcp_options o = {.has_timestamps = st.options_timestamps, .ts_value = ++r->ts};

    p.options_bytes = tcp_options_write(p.options, &o);
    send_segment(r, &p);
    invariants_drain(r->stack, &r->config, r->now_us);
}

static void peer_syn(struct run *r, uint16_t flags, uint8_t agreed)
{
    tern_status st = find(r);
    tcp_options o = {
        .has_mss = true,
        .mss = 1460,
        .has_timestamps = (agreed & 1) != 0,
        .ts_value = ++r->ts,
        .has_sack_permitted = (agreed & 2) != 0,
        .has_window_scale = (agreed & 4) != 0,
        .window_scale = (uint8_t)(agreed >> 3 & 15),
    };
    struct plan p = {.seq = 0xfffff000, .ack = st.snd_nxt, .flags = flags, .window = 8000};

    p.options_bytes = tcp_options_write(p.options, &o);
    send_segment(r, &p);
    invariants_drain(r->stack, &r->config, r->now_us);
}

static void handshake(struct run *r, bool active, uint8_t agreed)
{
    tern_handle h;

    if (active) {
        open_actively(r);
        invariants_drain(r->stack, &r->config, r->now_us);
        peer_syn(r, TCP_SYN | TCP_ACK, agreed);
    } else {
        peer_syn(r, TCP_SYN, agreed);
        peer_says(r, TCP_ACK, 0);
        if (tern_accept(r->stack, r->now_us, r->listener, &h) == TERN_OK)
            keep(r, h);
    }
}

static void close_by_program(struct run *r, bool released)
{
    if (released)
        tern_close(r->stack, r->now_us, r->c);
    else
        tern_shutdown(r->stack, r->now_us, r->c, TERN_SHUTDOWN_WRITE);
    invariants_drain(r->stack, &r->config, r->now_us);
}

static void bring(struct run *r)
{
    uint8_t how = take(&r->in), agreed = take(&r->in);
    bool active = (how & 0x40) != 0, released = (how & 0x80) != 0;

    switch (how % 10) {
    case 0: /* LISTEN */
        return;
    case 1: /* SYN-SENT */
        open_actively(r);
        return;
    case 2: /* SYN-RECEIVED */
        if (active)
            open_actively(r);
        peer_syn(r, TCP_SYN, agreed);
        return;
    default:
        handshake(r, active, agreed);
    }
    if (how % 10 == 4 || how % 10 == 5) /* CLOSE-WAIT, LAST-ACK */
        peer_says(r, TCP_ACK | TCP_FIN, 0);
    if (how % 10 > 4)
        close_by_program(r, released);
    if (how % 10 > 6) /* FIN-WAIT-2 */
        peer_says(r, TCP_ACK, 0);
    if (how % 10 > 7) /* TIME-WAIT */
        peer_says(r, TCP_ACK | TCP_FIN, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct run r = {.in = {data, bytes}, .peer_port = PEER_PORT, .local_port = PORT};
    tern_endpoint any = {.port = PORT};

    r.config = invariants_config(1, bytes / 2);
    r.config.time_wait_ignores_rst = bytes % 2 == 0;
    r.now_us = UINT64_C(4294967296000) - 3000000; /* the millisecond clock is about to wrap */
    PROPERTY(tern_size(&r.config, NULL) <= ARENA_BYTES);
    r.stack = tern_init(arena, sizeof arena, &r.config);
    PROPERTY(r.stack != NULL);
    PROPERTY(tern_listen(r.stack, r.now_us, &any, 3, &r.listener) == TERN_OK);
    bring(&r);
    for (unsigned i = 0; i < STEPS_MAX && r.in.left > 0; i++)
        step(&r);
    for (unsigned i = 0; i < HANDLES; i++)
        tern_abort(r.stack, r.now_us, r.handles[i]);
    tern_close(r.stack, r.now_us, r.listener);
    invariants_end(r.stack, &r.config, r.now_us);
    return 0;
}
