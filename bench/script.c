/* script.c - the scripted client: templates, patches, and a check of every reply. */
#include "bench/script.h"

#include <string.h>

enum {
    FLAG_FIN = 0x01,
    FLAG_SYN = 0x02,
    FLAG_PSH = 0x08,
    FLAG_ACK = 0x10,
    IP_BYTES = 20,
    HEADER_BYTES = 40,     /* IPv4 and TCP, no options */
    SYN_OPTIONS_BYTES = 8, /* MSS 1460, window scale 1, and an end to pad: what lwIP offers */
    LIFECYCLE_BATCH = 64,
    REQUEST_BATCH = 32,
    FLOOD_HONEST_BATCHES = 32, /* one honest client for each 1,024 SYNs of the flood */
    FIRST_PORT = 1024,
    COST_RUNS = 5,
};

/* A finished packet with port, SEQ and ACK zero, and the sum of its TCP words. */
typedef struct script_template {
    uint8_t octets[SCRIPT_PACKET_MAX];
    size_t bytes;
    uint32_t sum;
} script_template;

typedef struct script_client {
    script_server *server;
    script_kind kind;
    script_template syn, ack, request, fin;
    script_replies replies;
    uint8_t packet[SCRIPT_PACKET_MAX];
    uint16_t port;
    uint32_t iss;
} script_client;

const uint8_t script_request[SCRIPT_TEXT_BYTES] =
    "GET /the-hundred-octets-of-a-request HTTP/1.1\r\nHost: tern.example\r\nAccept: */*\r\n"
    "X: 0123456789abc\r\n\r\n";
const uint8_t script_answer[SCRIPT_TEXT_BYTES] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 35\r\n\r\n"
    "A hundred octets make this answer.\n";

static void put16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
    v = __builtin_bswap32(v);
    memcpy(p, &v, 4);
}

static uint32_t get16(const uint8_t *p)
{
    return (uint32_t)(p[0] << 8 | p[1]);
}

static uint32_t get32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return __builtin_bswap32(v);
}

static uint32_t script_fold(uint32_t sum)
{
    sum = (sum >> 16) + (sum & 0xffff);
    return (sum + (sum >> 16)) & 0xffff;
}

/* The ones-complement sum of an even number of octets: at most 160, so 32 bits hold it. */
static uint32_t script_sum(const uint8_t *data, size_t bytes)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < bytes; i += 2)
        sum += get16(data + i);
    return sum;
}

static uint32_t script_words(uint32_t v)
{
    return (v >> 16) + (v & 0xffff);
}

/* Makes a packet without port, SEQ and ACK, all else in place, from the client's address. */
static void script_template_make(script_template *t, uint32_t from, uint32_t to, uint8_t flags,
                                 const uint8_t *text)
{
    size_t options_bytes = (flags & FLAG_SYN) != 0 ? SYN_OPTIONS_BYTES : 0;
    size_t text_bytes = text != NULL ? SCRIPT_TEXT_BYTES : 0;
    uint8_t *ip = t->octets, *tcp = ip + IP_BYTES;

    memset(t, 0, sizeof *t);
    t->bytes = HEADER_BYTES + options_bytes + text_bytes;
    ip[0] = 0x45;
    put16(ip + 2, (uint32_t)t->bytes);
    put16(ip + 6, 0x4000);
    ip[8] = 64;
    ip[9] = 6;
    put32(ip + 12, from);
    put32(ip + 16, to);
    put16(ip + 10, ~script_fold(script_sum(ip, IP_BYTES)));
    tcp[12] = (uint8_t)((20 + options_bytes) / 4 << 4);
    tcp[13] = flags;
    put16(tcp + 14, SCRIPT_WINDOW);
    if (options_bytes > 0)
        memcpy(tcp + 20, "\x02\x04\x05\xb4\x03\x03\x01\x00", SYN_OPTIONS_BYTES);
    if (text != NULL)
        memcpy(tcp + 20, text, SCRIPT_TEXT_BYTES);
    t->sum = script_words(from) + script_words(to) + 6 + (uint32_t)t->bytes - IP_BYTES +
             script_sum(tcp, t->bytes - IP_BYTES);
}

/* Writes the template's packet for one connection. */
static void script_packet_make(uint8_t *packet, const script_template *t, const script_peer *client)
{
    uint8_t *tcp = packet + IP_BYTES;
    uint32_t ack = (t->octets[IP_BYTES + 13] & FLAG_ACK) != 0 ? client->rcv_nxt : 0;

    memcpy(packet, t->octets, t->bytes);
    put16(tcp, client->port);
    put16(tcp + 2, SCRIPT_SERVER_PORT);
    put32(tcp + 4, client->snd_nxt);
    put32(tcp + 8, ack);
    put16(tcp + 16, ~script_fold(t->sum + client->port + SCRIPT_SERVER_PORT +
                                 script_words(client->snd_nxt) + script_words(ack)));
}

void script_reply_add(script_replies *replies, const uint8_t *packet, size_t bytes)
{
    const uint8_t *tcp = packet + IP_BYTES;
    if (replies->count == SCRIPT_REPLIES_MAX || bytes < HEADER_BYTES)
        bench_fail("the server sent a packet too many or of %zu octets", bytes);
    script_reply *reply = &replies->reply[replies->count++];
    size_t header_bytes = (size_t)(tcp[12] >> 4) * 4;
    reply->seq = get32(tcp + 4);
    reply->ack = get32(tcp + 8);
    reply->flags = tcp[13] & (uint8_t)~FLAG_PSH;
    reply->text_bytes = (uint32_t)(bytes - IP_BYTES - header_bytes);
    reply->text_right = reply->text_bytes == 0 ||
                        (reply->text_bytes == SCRIPT_TEXT_BYTES &&
                         memcmp(tcp + header_bytes, script_answer, SCRIPT_TEXT_BYTES) == 0);
}

static void script_expect_count(const script_replies *replies, uint32_t count, const char *after)
{
    if (replies->count != count)
        bench_fail("after the client's %s the server sent %u packets, not %u", after,
                   replies->count, count);
}

/* One reply, as it must be. */
static void script_expect(const script_reply *reply, uint8_t flags, const script_peer *client,
                          uint32_t text_bytes)
{
    if (reply->flags != flags || reply->seq != client->rcv_nxt || reply->ack != client->snd_nxt ||
        reply->text_bytes != text_bytes || !reply->text_right)
        bench_fail("the server sent flags %02x seq %u ack %u text %u (%s), not flags %02x seq %u "
                   "ack %u text %u",
                   reply->flags, reply->seq, reply->ack, reply->text_bytes,
                   reply->text_right ? "right" : "wrong", flags, client->rcv_nxt, client->snd_nxt,
                   text_bytes);
}

/* The fence ends the client's work before the server's begins: a device, too, has written all of a
 * packet before it is read. Without it the server waits for stores of the client that are narrower
 * than its own loads, and the two overlap in a way that no subtraction takes apart. */
static void script_give(script_client *c, const script_template *t, const script_peer *client)
{
    script_packet_make(c->packet, t, client);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    c->replies.count = 0;
    c->server->give(c->server->context, c->packet, t->bytes, &c->replies);
}

static void script_handshake(script_client *c, script_peer *client)
{
    script_give(c, &c->syn, client);
    script_expect_count(&c->replies, 1, "SYN");
    client->snd_nxt++;
    client->rcv_nxt = c->replies.reply[0].seq;
    script_expect(&c->replies.reply[0], FLAG_SYN | FLAG_ACK, client, 0);
    client->rcv_nxt++;
    script_give(c, &c->ack, client);
    script_expect_count(&c->replies, 0, "ACK of the SYN");
}

static void script_exchange(script_client *c, script_peer *client)
{
    bool fin = c->kind == SCRIPT_SERVER_CLOSE;
    script_give(c, &c->request, client);
    script_expect_count(&c->replies, 1, "request");
    client->snd_nxt += SCRIPT_TEXT_BYTES;
    script_expect(&c->replies.reply[0], fin ? FLAG_FIN | FLAG_ACK : FLAG_ACK, client,
                  SCRIPT_TEXT_BYTES);
    client->rcv_nxt += SCRIPT_TEXT_BYTES + (fin ? 1u : 0u);
}

static void script_close(script_client *c, script_peer *client)
{
    bool was_closed = c->kind == SCRIPT_SERVER_CLOSE;
    script_give(c, &c->fin, client);
    script_expect_count(&c->replies, was_closed ? 1 : 2, "FIN");
    client->snd_nxt++;
    script_expect(&c->replies.reply[0], FLAG_ACK, client, 0);
    if (was_closed)
        return;
    script_expect(&c->replies.reply[1], FLAG_FIN | FLAG_ACK, client, 0);
    client->rcv_nxt++;
    script_give(c, &c->ack, client);
    script_expect_count(&c->replies, 0, "ACK of the FIN");
}

static void script_lives(void *context, uint64_t operations)
{
    script_client *c = context;
    for (uint64_t i = 0; i < operations; i++) {
        script_peer client = {.snd_nxt = c->iss, .port = c->port};
        c->iss += 100003;
        c->port = c->port == UINT16_MAX ? FIRST_PORT : (uint16_t)(c->port + 1);
        script_handshake(c, &client);
        if (c->kind != SCRIPT_CLOSE)
            script_exchange(c, &client);
        script_close(c, &client);
    }
}

static void script_client_init(script_client *c, script_server *server, script_kind kind,
                               uint32_t address)
{
    memset(c, 0, sizeof *c);
    c->server = server;
    c->kind = kind;
    c->port = FIRST_PORT;
    c->iss = 1000;
    script_template_make(&c->syn, address, SCRIPT_SERVER_ADDRESS, FLAG_SYN, NULL);
    script_template_make(&c->ack, address, SCRIPT_SERVER_ADDRESS, FLAG_ACK, NULL);
    script_template_make(&c->request, address, SCRIPT_SERVER_ADDRESS, FLAG_ACK | FLAG_PSH,
                         script_request);
    script_template_make(&c->fin, address, SCRIPT_SERVER_ADDRESS, FLAG_FIN | FLAG_ACK, NULL);
}

/* ---- A server that does nothing, to learn what the client costs ---------------------------- */

typedef struct script_null {
    script_kind kind;
    script_template syn_ack, ack, answer, fin;
} script_null;

static void script_null_send(script_template *t, const uint8_t *request, uint32_t taken,
                             script_replies *replies)
{
    put32(t->octets + IP_BYTES + 8, get32(request + IP_BYTES + 4) + taken);
    if (t->octets[IP_BYTES + 13] != (FLAG_SYN | FLAG_ACK))
        memcpy(t->octets + IP_BYTES + 4, request + IP_BYTES + 8, 4);
    script_reply_add(replies, t->octets, t->bytes);
}

static void script_null_give(void *context, uint8_t *packet, size_t bytes, script_replies *replies)
{
    script_null *null = context;
    uint8_t flags = packet[IP_BYTES + 13];

    if ((flags & FLAG_SYN) != 0)
        script_null_send(&null->syn_ack, packet, 1, replies);
    else if (bytes == HEADER_BYTES + SCRIPT_TEXT_BYTES)
        script_null_send(&null->answer, packet, SCRIPT_TEXT_BYTES, replies);
    else if ((flags & FLAG_FIN) != 0)
        script_null_send(&null->ack, packet, 1, replies);
    if ((flags & FLAG_FIN) != 0 && null->kind != SCRIPT_SERVER_CLOSE)
        script_null_send(&null->fin, packet, 1, replies);
}

static void script_null_init(script_null *null, script_server *server, script_kind kind)
{
    uint8_t fin = kind == SCRIPT_SERVER_CLOSE ? FLAG_FIN : 0;
    uint32_t from = SCRIPT_SERVER_ADDRESS, to = SCRIPT_CLIENT_ADDRESS;

    null->kind = kind;
    script_template_make(&null->syn_ack, from, to, FLAG_SYN | FLAG_ACK, NULL);
    script_template_make(&null->ack, from, to, FLAG_ACK, NULL);
    script_template_make(&null->answer, from, to, FLAG_ACK | FLAG_PSH | fin, script_answer);
    script_template_make(&null->fin, from, to, FLAG_FIN | FLAG_ACK, NULL);
    *server = (script_server){.context = null, .give = script_null_give};
}

/* The client's own nanoseconds for one operation: the least of a few short runs against the server
 * that does nothing. A run that was disturbed is longer, and would make the server look fast. */
static double script_cost(const bench_budget *budget, bench_timing (*run)(void *, bench_budget),
                          void *context)
{
    bench_budget share = {budget->operations, budget->ns / 50};
    double least_ns = 0;

    for (int i = 0; i < COST_RUNS; i++) {
        bench_timing timing = run(context, share);
        double ns = (double)timing.ns / (double)timing.operations;
        if (i == 0 || ns < least_ns)
            least_ns = ns;
    }
    return least_ns;
}

/* ---- Rows ---------------------------------------------------------------------------------- */

static void script_result(bench_result *result, const bench_timing *timing, double client_ns,
                          const script_server *server)
{
    double total_ns = (double)timing->ns / (double)timing->operations;

    bench_add(result, "operations", (double)timing->operations);
    bench_add(result, "ns", total_ns - client_ns);
    bench_add(result, "client_ns", client_ns);
    bench_add(result, "segments_in", (double)server->segments_in / (double)timing->operations);
    bench_add(result, "segments_out", (double)server->segments_out / (double)timing->operations);
}

static void script_check_counts(const script_server *server, const bench_row *row,
                                uint64_t operations, script_peer segments)
{
    uint64_t requests = row->kind == SCRIPT_CLOSE ? 0 : operations;
    if (server->segments_in != operations * segments.snd_nxt ||
        server->segments_out != operations * segments.rcv_nxt || server->requests != requests)
        bench_fail("%s: %llu operations took %llu segments in, %llu out and %llu requests",
                   row->name, (unsigned long long)operations,
                   (unsigned long long)server->segments_in,
                   (unsigned long long)server->segments_out, (unsigned long long)server->requests);
}

static void script_check_open(script_server *server, const bench_row *row)
{
    uint64_t open = server->open_connections(server->context);
    if (open != row->connections)
        bench_fail("%s: %llu connections are open, not %u", row->name, (unsigned long long)open,
                   row->connections);
}

static void script_counters_clear(script_server *server)
{
    server->accepted = server->requests = server->segments_in = server->segments_out = 0;
}

void script_peer_name(script_peer *peer, uint32_t i)
{
    peer->address = 0x0a010001u + (i / 10000 << 8);
    peer->port = (uint16_t)(20000 + i % 10000);
    peer->snd_nxt = 7 * i + 1;
}

void script_open(script_peer *peers, uint32_t count, script_server *server)
{
    for (uint32_t i = 0; i < count; i++) {
        script_client c;
        script_peer_name(&peers[i], i);
        script_client_init(&c, server, SCRIPT_CLOSE, peers[i].address);
        if (server->set_aside != NULL)
            server->set_aside(server->context);
        script_handshake(&c, &peers[i]);
    }
    if (server->put_back != NULL)
        server->put_back(server->context);
}

void script_half_open(uint32_t i, script_server *server)
{
    script_client c;
    script_peer peer;
    script_peer_name(&peer, i);
    script_client_init(&c, server, SCRIPT_CLOSE, peer.address);
    script_give(&c, &c.syn, &peer);
    script_expect_count(&c.replies, 1, "SYN");
}

void script_time_wait(uint32_t i, script_server *server)
{
    script_client c;
    script_peer peer;
    script_peer_name(&peer, i);
    script_client_init(&c, server, SCRIPT_SERVER_CLOSE, peer.address);
    script_handshake(&c, &peer);
    script_exchange(&c, &peer);
    script_close(&c, &peer);
}

static bench_timing script_lives_run(void *context, bench_budget budget)
{
    bench_warm_up(&budget, script_lives, context, LIFECYCLE_BATCH);
    return bench_measure(&budget, script_lives, context, LIFECYCLE_BATCH);
}

void script_lifecycles(script_server *server, const bench_row *row, const bench_budget *budget,
                       bench_result *result)
{
    static const script_peer segments[] = {
        [SCRIPT_CLOSE] = {.snd_nxt = 4, .rcv_nxt = 3},
        [SCRIPT_REQUEST] = {.snd_nxt = 5, .rcv_nxt = 4},
        [SCRIPT_SERVER_CLOSE] = {.snd_nxt = 4, .rcv_nxt = 3},
    };
    script_kind kind = (script_kind)row->kind;
    script_null null;
    script_server null_server;
    script_client client;

    script_null_init(&null, &null_server, kind);
    script_client_init(&client, &null_server, kind, SCRIPT_CLIENT_ADDRESS);
    double client_ns = script_cost(budget, script_lives_run, &client);

    script_peer *idle = bench_allocate((row->connections + 1) * sizeof *idle);
    script_open(idle, row->connections, server);
    script_check_open(server, row);
    script_client_init(&client, server, kind, SCRIPT_CLIENT_ADDRESS);
    bench_warm_up(budget, script_lives, &client, LIFECYCLE_BATCH);
    script_counters_clear(server);
    bench_timing timing = bench_measure(budget, script_lives, &client, LIFECYCLE_BATCH);
    script_check_counts(server, row, timing.operations, segments[kind]);
    if (server->accepted != timing.operations)
        bench_fail("%s: %llu connections were accepted", row->name,
                   (unsigned long long)server->accepted);
    script_check_open(server, row);
    script_result(result, &timing, client_ns, server);
}

/* ---- Request and reply on a random one of many connections ---------------------------------- */

typedef struct script_crowd {
    script_server *server;
    script_peer *peers;
    uint32_t peer_count;
    uint32_t *taken_in; /* the batch in which a peer was last taken: none twice in one */
    uint32_t batch;
    uint64_t random;
    uint64_t ns; /* inside give(), by the wall */
    script_peer *chosen[REQUEST_BATCH];
    uint8_t packets[REQUEST_BATCH][SCRIPT_PACKET_MAX];
    script_replies replies[REQUEST_BATCH];
} script_crowd;

static uint32_t script_random(script_crowd *crowd, uint32_t below)
{
    crowd->random ^= crowd->random << 13;
    crowd->random ^= crowd->random >> 7;
    crowd->random ^= crowd->random << 17;
    return (uint32_t)((crowd->random >> 32) * below >> 32);
}

/* A random peer that is not in this batch yet. A batch is at most half of all peers. */
static script_peer *script_choose(script_crowd *crowd)
{
    uint32_t i = script_random(crowd, crowd->peer_count);
    while (crowd->taken_in[i] == crowd->batch)
        i = i + 1 == crowd->peer_count ? 0 : i + 1;
    crowd->taken_in[i] = crowd->batch;
    return &crowd->peers[i];
}

static void script_batch_build(script_crowd *crowd, uint64_t requests)
{
    crowd->batch++;
    for (uint64_t i = 0; i < requests; i++) {
        script_template request;
        script_peer *peer = script_choose(crowd);
        script_template_make(&request, peer->address, SCRIPT_SERVER_ADDRESS, FLAG_ACK | FLAG_PSH,
                             script_request);
        script_packet_make(crowd->packets[i], &request, peer);
        crowd->chosen[i] = peer;
        crowd->replies[i].count = 0;
    }
}

static void script_batch_check(script_crowd *crowd, uint64_t requests)
{
    for (uint64_t i = 0; i < requests; i++) {
        script_peer *peer = crowd->chosen[i];
        script_expect_count(&crowd->replies[i], 1, "request");
        peer->snd_nxt += SCRIPT_TEXT_BYTES;
        script_expect(&crowd->replies[i].reply[0], FLAG_ACK, peer, SCRIPT_TEXT_BYTES);
        peer->rcv_nxt += SCRIPT_TEXT_BYTES;
    }
}

/* A bench_step; operations is at most REQUEST_BATCH. */
static void script_asks(void *context, uint64_t operations)
{
    script_crowd *crowd = context;
    script_server *server = crowd->server;

    script_batch_build(crowd, operations);
    uint64_t begin = bench_now_ns();
    for (uint64_t i = 0; i < operations; i++)
        server->give(server->context, crowd->packets[i], HEADER_BYTES + SCRIPT_TEXT_BYTES,
                     &crowd->replies[i]);
    crowd->ns += bench_now_ns() - begin;
    script_batch_check(crowd, operations);
}

static bench_timing script_asks_run(void *context, bench_budget budget)
{
    script_crowd *crowd = context;

    bench_warm_up(&budget, script_asks, crowd, REQUEST_BATCH);
    script_counters_clear(crowd->server);
    crowd->ns = 0;
    bench_timing timing = bench_measure(&budget, script_asks, crowd, REQUEST_BATCH);
    /* The clock that is cheap enough to be read around a batch is the wall's: its share of the
     * whole run is that of the processor time. */
    timing.ns = (uint64_t)((double)crowd->ns * (double)timing.ns / (double)timing.wall_ns);
    return timing;
}

void script_requests(script_server *server, const bench_row *row, const bench_budget *budget,
                     bench_result *result)
{
    script_null null;
    script_server null_server;
    script_crowd *crowd = bench_allocate(sizeof *crowd);

    crowd->peer_count = row->connections;
    crowd->random = 88172645463325252u;
    crowd->peers = bench_allocate(row->connections * sizeof *crowd->peers);
    crowd->taken_in = bench_allocate(row->connections * sizeof *crowd->taken_in);
    for (uint32_t i = 0; i < row->connections; i++)
        script_peer_name(&crowd->peers[i], i);
    script_null_init(&null, &null_server, SCRIPT_REQUEST);
    crowd->server = &null_server;
    double client_ns = script_cost(budget, script_asks_run, crowd);

    crowd->server = server;
    script_open(crowd->peers, row->connections, server);
    script_check_open(server, row);
    bench_timing timing = script_asks_run(crowd, *budget);
    script_check_counts(server, row, timing.operations, (script_peer){.snd_nxt = 1, .rcv_nxt = 1});
    script_check_open(server, row);
    script_result(result, &timing, client_ns, server);
}

/* ---- A flood of SYNs from addresses that nobody has ----------------------------------------- */

typedef struct script_flooder {
    script_server *server;
    uint64_t random;
    uint64_t ns;     /* inside give(), by the wall */
    uint64_t honest; /* clients that connected and closed meanwhile; not inside the clock */
    script_peer peers[REQUEST_BATCH];
    uint8_t packets[REQUEST_BATCH][SCRIPT_PACKET_MAX];
    script_replies replies[REQUEST_BATCH];
    size_t syn_bytes;
    uint64_t batches;
    script_client client;
} script_flooder;

static void script_flood_build(script_flooder *f, uint64_t syns)
{
    for (uint64_t i = 0; i < syns; i++) {
        script_template syn;
        f->random = f->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint32_t drawn = (uint32_t)(f->random >> 32);
        f->peers[i] = (script_peer){.address = 0x0b000000u + drawn % 0x70000000u,
                                    .snd_nxt = (uint32_t)f->random * 5 + drawn,
                                    .port = (uint16_t)(FIRST_PORT + (f->random >> 20) % 60000)};
        script_template_make(&syn, f->peers[i].address, SCRIPT_SERVER_ADDRESS, FLAG_SYN, NULL);
        script_packet_make(f->packets[i], &syn, &f->peers[i]);
        f->syn_bytes = syn.bytes;
        f->replies[i].count = 0;
    }
}

static void script_flood_check(script_flooder *f, uint64_t syns)
{
    for (uint64_t i = 0; i < syns; i++) {
        script_expect_count(&f->replies[i], 1, "SYN");
        f->peers[i].snd_nxt++;
        f->peers[i].rcv_nxt = f->replies[i].reply[0].seq;
        script_expect(&f->replies[i].reply[0], FLAG_SYN | FLAG_ACK, &f->peers[i], 0);
    }
}

/* A bench_step; operations is at most REQUEST_BATCH. */
static void script_floods(void *context, uint64_t operations)
{
    script_flooder *f = context;

    script_flood_build(f, operations);
    uint64_t begin = bench_now_ns();
    if (f->server->give_batch != NULL)
        f->server->give_batch(f->server->context, f->packets, f->syn_bytes, f->replies,
                              (uint32_t)operations);
    else
        for (uint64_t i = 0; i < operations; i++)
            f->server->give(f->server->context, f->packets[i], f->syn_bytes, &f->replies[i]);
    f->ns += bench_now_ns() - begin;
    script_flood_check(f, operations);
    if (f->batches++ % FLOOD_HONEST_BATCHES == 0) {
        script_lives(&f->client, 1);
        f->honest++;
    }
}

static bench_timing script_flood_run(void *context, bench_budget budget)
{
    script_flooder *f = context;

    bench_warm_up(&budget, script_floods, f, REQUEST_BATCH);
    script_counters_clear(f->server);
    f->ns = f->honest = 0;
    bench_timing timing = bench_measure(&budget, script_floods, f, REQUEST_BATCH);
    timing.ns = (uint64_t)((double)f->ns * (double)timing.ns / (double)timing.wall_ns);
    return timing;
}

void script_flood(script_server *server, const bench_row *row, const bench_budget *budget,
                  bench_result *result)
{
    script_null null;
    script_server null_server;
    script_flooder *f = bench_allocate(sizeof *f);

    f->random = 88172645463325252u;
    script_null_init(&null, &null_server, SCRIPT_CLOSE);
    f->server = &null_server;
    script_client_init(&f->client, &null_server, SCRIPT_CLOSE, SCRIPT_CLIENT_ADDRESS);
    double client_ns = script_cost(budget, script_flood_run, f);

    f->server = server;
    script_client_init(&f->client, server, SCRIPT_CLOSE, SCRIPT_CLIENT_ADDRESS);
    bench_timing timing = script_flood_run(f, *budget);
    if (server->accepted != f->honest)
        bench_fail("%s: %llu of %llu honest clients were served", row->name,
                   (unsigned long long)server->accepted, (unsigned long long)f->honest);
    if (server->segments_in != timing.operations + 4 * f->honest ||
        server->segments_out != timing.operations + 3 * f->honest)
        bench_fail("%s: %llu SYNs and %llu lives took %llu segments in and %llu out", row->name,
                   (unsigned long long)timing.operations, (unsigned long long)f->honest,
                   (unsigned long long)server->segments_in,
                   (unsigned long long)server->segments_out);
    script_check_open(server, row);
    server->segments_in -= 4 * f->honest; /* an operation is a SYN of the flood */
    server->segments_out -= 3 * f->honest;
    script_result(result, &timing, client_ns, server);
    bench_add(result, "honest", (double)f->honest);
}
