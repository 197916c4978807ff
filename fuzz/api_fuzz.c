/* api_fuzz.c - two stacks, a bad line between them, and programs that call anything in any order
 * with any arguments.
 *
 * The octets of a connection are a pattern of their place in the stream, so that what arrives can
 * be checked: in order, none lost, none twice, however the line behaves. */
#include "fuzz/invariants.h"

#include "tern/congestion.h"
#include "tern/profile.h"

enum { ARENA_BYTES = 1 << 17, HANDLES = 12, QUEUE = 24, STEPS_MAX = 600, DATA_MAX = 9000 };

struct input {
    const uint8_t *at;
    size_t left;
};

/* A handle that a call gave out, and how far its streams have come. */
struct known {
    tern_handle h;
    uint32_t sent, read;
};

/* One end: a stack, its program, and the packets on their way to it. */
struct end {
    tern_stack *stack;
    tern_config config;
    struct known known[HANDLES];
    unsigned given;
    struct packet {
        size_t bytes;
        bool damaged; /* at most one bit: two may cancel out in the checksum */
        uint8_t octets[1500];
    } queue[QUEUE];
    unsigned queued;
};

static _Alignas(64) uint8_t arenas[2][2][ARENA_BYTES]; /* each stack has two places to be */
static struct end ends[2];
static struct input in;
static tern_time now_us;

static uint8_t take(void)
{
    if (in.left == 0)
        return 0;
    in.left--;
    return *in.at++;
}

static uint32_t take16(void)
{
    uint32_t v = take();

    return v << 8 | take();
}

static uint8_t pattern(uint32_t place)
{
    return (uint8_t)(place * 7 + (place >> 8) * 13);
}

/* ---- Handles ---- */

static void learn(struct end *e, tern_handle h)
{
    e->known[e->given++ % HANDLES] = (struct known){h, 0, 0};
}

/* One that was given out, or now and then one made up. A lucky guess is the one it hits, or, when
 * that one was forgotten with how far its streams have come, none. */
static struct known *choose(struct end *e)
{
    static struct known made_up;
    uint8_t how = take();
    tern_status st;

    if (how < 250)
        return &e->known[how % HANDLES];
    made_up = (struct known){.h.index = take16()};
    made_up.h.generation = take();
    if (how == 255)
        made_up.h.index |= 0x80000000u;
    for (unsigned i = 0; i < HANDLES; i++)
        if (e->known[i].h.index == made_up.h.index &&
            e->known[i].h.generation == made_up.h.generation)
            return &e->known[i];
    if (tern_status_get(e->stack, made_up.h, &st) == TERN_OK)
        made_up.h = (tern_handle){0, 0};
    return &made_up;
}

static tern_endpoint any_endpoint(const struct end *e)
{
    uint8_t how = take();
    tern_endpoint p = {.port = (uint16_t)(how % 4)};

    if ((how & 0x10) != 0)
        p.address = e->config.addresses[0];
    if ((how & 0xe0) == 0xe0) {
        uint8_t first = take();
        p.address = tern_address_ipv4(first, 0, 0, take());
    }
    if ((how & 0xe0) == 0xc0)
        p.address.octets[0] = 0xfd;
    return p;
}

/* ---- Calls ---- */

static void call_open(struct end *e, struct end *peer)
{
    tern_endpoint local = any_endpoint(e);
    tern_endpoint remote = any_endpoint(peer);
    uint8_t how = take();
    tern_handle h = {0, 0};
    tern_err err;

    if (how % 8 > 1)
        remote.address = peer->config.addresses[0];
    if (how % 8 < 4)
        err = tern_connect(e->stack, now_us, (how & 8) != 0 ? NULL : &local, &remote, &h);
    else if (how % 8 == 5 && (how & 16) != 0)
        err = tern_listen_beside(e->stack, now_us, choose(e)->h, how >> 5, &h);
    else if (how % 8 < 6)
        err = tern_listen(e->stack, now_us, &local, how >> 3, &h);
    else if (how % 8 == 6)
        err = tern_listener_connect(e->stack, now_us, choose(e)->h, &remote, &h);
    else
        err = tern_accept(e->stack, now_us, choose(e)->h, &h);
    if (err == TERN_OK)
        learn(e, h);
    if (err == TERN_OK && how % 8 < 4 && (how & 0x10) != 0)
        PROPERTY(tern_option_set(e->stack, now_us, h, TERN_OPTION_FAST_OPEN, 1) == TERN_OK);
    if (err == TERN_OK && how % 8 < 6 && how % 8 >= 4 && (how & 0xc0) != 0)
        PROPERTY(tern_fast_open(e->stack, now_us, h, how >> 6) == TERN_OK);
    if (err == TERN_OK && how % 8 == 5) {
        uint8_t key[TERN_KEY_BYTES] = {how};
        PROPERTY(tern_fast_open_listener_keys(e->stack, now_us, h, (how & 8) != 0 ? key : NULL,
                                              NULL) == TERN_OK);
    }
}

/* What a client knows of servers goes from one end's hands to the other's and back. */
static void call_fast_open(struct end *e, struct end *peer)
{
    uint8_t how = take();
    uint64_t cursor = how & 3;
    uint8_t key[TERN_KEY_BYTES] = {how};
    tern_fast_open_entry entry;

    if ((how & 0x80) != 0)
        tern_fast_open_key_set(e->stack, now_us, key, how & 7);
    if (!tern_fast_open_cache_next((how & 4) != 0 ? e->stack : peer->stack, &cursor, &entry))
        return;
    PROPERTY(entry.cookie_bytes <= TERN_FAST_OPEN_COOKIE_MAX_BYTES);
    PROPERTY(entry.remote.port != 0);
    if ((how & 8) != 0)
        entry.cookie[how & 7] ^= how;
    if ((how & 16) != 0)
        entry.off_us = 0;
    tern_err err = tern_fast_open_cache_put(e->stack, now_us, &entry);
    PROPERTY(err == TERN_OK || err == TERN_ERR_NOT_LOCAL);
}

typedef ptrdiff_t send_call(tern_stack *stack, tern_time now_us, tern_handle connection,
                            const void *data, size_t bytes);

static void call_send(struct end *e)
{
    static send_call *const calls[8] = {
        tern_send, tern_send,      tern_send,        tern_send,
        tern_send, tern_send_more, tern_send_record, tern_send_urgent,
    };
    static uint8_t data[DATA_MAX];
    struct known *k = choose(e);
    uint32_t bytes = take16() % DATA_MAX;

    for (uint32_t i = 0; i < bytes; i++)
        data[i] = pattern(k->sent + i);
    uint8_t *exact = property_copy(data, bytes);
    ptrdiff_t n = calls[bytes % 8](e->stack, now_us, k->h, exact, bytes);
    free(exact);
    PROPERTY(n <= (ptrdiff_t)bytes);
    k->sent += n > 0 ? (uint32_t)n : 0;
}

static void call_receive(struct end *e, bool peek)
{
    struct known *k = choose(e);
    uint32_t cap = take16() % DATA_MAX, skip = peek ? take() : 0;
    uint8_t *exact = malloc(cap > 0 ? cap : 1);

    PROPERTY(exact != NULL);
    ptrdiff_t n = peek ? tern_peek(e->stack, k->h, skip, exact, cap)
                       : tern_recv(e->stack, now_us, k->h, exact, cap);
    PROPERTY(n <= (ptrdiff_t)cap);
    for (ptrdiff_t i = 0; i < n; i++)
        PROPERTY(exact[i] == pattern(k->read + skip + (uint32_t)i));
    k->read += !peek && n > 0 ? (uint32_t)n : 0;
    free(exact);
}

static void call_end(struct end *e)
{
    struct known *k = choose(e);
    uint8_t how = take();

    switch (how % 6) {
    case 0:
        tern_close(e->stack, now_us, k->h);
        break;
    case 1:
        tern_abort(e->stack, now_us, k->h);
        break;
    default:
        tern_shutdown(e->stack, now_us, k->h, how / 6 % 5);
    }
}

static void call_option(struct end *e)
{
    struct known *k = choose(e);
    tern_option option = (tern_option)(take() % (TERN_OPTION_PLAIN_SYN + 2));
    uint8_t how = take();
    uint32_t value = take16();
    uint32_t got;

    if ((how & 1) != 0)
        value <<= 16;
    if (option == TERN_OPTION_KEEP_IDLE_MS || option == TERN_OPTION_KEEP_INTERVAL_MS)
        value |= 1000; /* or the end takes millions of steps */
    if (option == TERN_OPTION_USER_TIMEOUT_MS)
        value %= 1 << 22; /* likewise: an hour, and not 24 days */
    tern_err set = tern_option_set(e->stack, now_us, k->h, option, value);
    tern_err get = tern_option_get(e->stack, k->h, option, &got);
    if (set != TERN_OK)
        return;
    bool rounded = option == TERN_OPTION_RECV_BUFFER && got > value; /* to whole segments, a key */
    /* Of a switch, whether it is on. */
    PROPERTY(get == TERN_OK && (got == value || got == (value != 0) || rounded));
}

/* Held handshakes: now and then the handle of one is kept past its answer. */
static void call_hold(struct end *e)
{
    uint8_t how = take();
    tern_handle listener = choose(e)->h, held = choose(e)->h;
    tern_held_info info;
    tern_status st;

    if (how % 4 == 0)
        tern_hold(e->stack, now_us, listener, (how & 4) != 0);
    if (how % 4 == 1 && tern_next_held(e->stack, now_us, listener, &held) == TERN_OK)
        learn(e, held);
    bool known = tern_held_get(e->stack, held, &info) == TERN_OK;
    if (known) {
        PROPERTY(tern_status_get(e->stack, held, &st) == TERN_OK && st.held);
        PROPERTY(st.irs == info.irs && st.half_open_record);
    }
    if (how % 4 == 3) {
        tern_err err = tern_answer(e->stack, now_us, held, (tern_answer_what)(how >> 2 & 7));
        PROPERTY(known == (err != TERN_ERR_STALE));
        if (err == TERN_OK)
            PROPERTY(tern_held_get(e->stack, held, &info) == TERN_ERR_STALE);
    }
}

static void call_status(struct end *e)
{
    tern_status st;
    tern_event event;
    uint8_t rule = take();

    tern_handle h = choose(e)->h;
    ptrdiff_t mark = tern_urgent_mark(e->stack, h);
    if (tern_status_get(e->stack, h, &st) == TERN_OK && mark >= 0) /* a connection's */
        PROPERTY(st.urgent_bytes == (size_t)mark);
    tern_counter(e->stack, (tern_rule)rule);
    uint8_t headers[120];
    PROPERTY(tern_saved_syn(e->stack, h, headers, rule) <= (ptrdiff_t)sizeof headers);
    while (rule % 3 == 0 && tern_next_event(e->stack, &event))
        PROPERTY(event.what != 0);
}

/* The stack goes on at another address. */
static void move(struct end *e, unsigned which)
{
    uint8_t *here = (uint8_t *)e->stack;
    uint8_t *there = here == arenas[which][0] ? arenas[which][1] : arenas[which][0];

    memcpy(there, here, ARENA_BYTES);
    memset(here, 0xa5, ARENA_BYTES);
    e->stack = (tern_stack *)(void *)there;
}

/* ---- The line ---- */

static void enqueue(struct end *to, const uint8_t *octets, size_t bytes)
{
    if (to->queued == QUEUE)
        return; /* lost */
    struct packet *p = &to->queue[to->queued++];
    p->bytes = bytes;
    p->damaged = false;
    memcpy(p->octets, octets, bytes);
}

static void output(struct end *from, struct end *to)
{
    uint8_t packet[1500];
    size_t bytes;
    unsigned packets = 0;

    while ((bytes = invariants_output(from->stack, &from->config, now_us, packet)) > 0) {
        PROPERTY(++packets < INVARIANTS_PACKETS_MAX);
        enqueue(to, packet, bytes);
    }
}

static void deliver(struct end *to, unsigned at, bool keep)
{
    if (at >= to->queued)
        return;
    uint8_t *exact = property_copy(to->queue[at].octets, to->queue[at].bytes);
    tern_input(to->stack, now_us, exact, to->queue[at].bytes);
    free(exact);
    if (!keep)
        memmove(&to->queue[at], &to->queue[at + 1], (--to->queued - at) * sizeof to->queue[0]);
}

static void damage(struct end *to, unsigned at)
{
    uint32_t octet = take16();
    uint8_t bit = take() % 8;

    if (to->queued == 0 || to->queue[at].damaged)
        return;
    to->queue[at].damaged = true;
    to->queue[at].octets[octet % to->queue[at].bytes] ^= (uint8_t)(1u << bit);
}

/* What a line may do to the packets that wait. */
static void line(struct end *to)
{
    uint8_t how = take();
    unsigned at = to->queued > 0 ? (unsigned)(how >> 3) % to->queued : 0;

    switch (how % 8) {
    case 0: /* lost */
        if (to->queued > 0)
            memmove(&to->queue[0], &to->queue[1], --to->queued * sizeof to->queue[0]);
        break;
    case 1: /* one bit is wrong */
        damage(to, at);
        break;
    case 2: /* twice */
        deliver(to, at, true);
        break;
    case 3: /* out of order */
        deliver(to, at, false);
        break;
    default: /* all, as they should */
        for (unsigned i = 0; i < QUEUE && to->queued > 0; i++)
            deliver(to, 0, false);
    }
}

static void pass_time(void)
{
    uint8_t how = take();
    tern_time a = tern_deadline(ends[0].stack), b = tern_deadline(ends[1].stack);
    tern_time first = a < b ? a : b;

    if (how < 160)
        now_us = first != TERN_NEVER && first > now_us ? first : now_us + how;
    else if (how < 250)
        now_us += (tern_time)take16() * 100;
    if (how >= 250) { /* hours; not weeks in silence: the clock has 32 bits of milliseconds */
        now_us += (tern_time)take16() * 1000000;
        output(&ends[0], &ends[1]);
        output(&ends[1], &ends[0]);
    }
}

/* Another profile on the way; the buffers stay what the arena is for. */
static void call_change(struct end *e)
{
    tern_config c = e->config;

    PROPERTY(tern_config_profile(&c, (tern_profile)(take() % TERN_PROFILES)) == TERN_OK);
    c.recv_buffer_bytes = e->config.recv_buffer_bytes;
    c.send_buffer_bytes = e->config.send_buffer_bytes;
    PROPERTY(tern_profile_change(e->stack, now_us, &c) == TERN_OK);
    e->config = c;
}

static void step(void)
{
    uint8_t what = take();
    struct end *e = &ends[what >> 7], *peer = &ends[1 - (what >> 7)];

    switch (what % 16) {
    case 0:
    case 1:
        call_open(e, peer);
        break;
    case 2:
    case 3:
        call_send(e);
        break;
    case 4:
    case 5:
        call_receive(e, (what & 0x40) != 0);
        break;
    case 6:
        call_end(e);
        break;
    case 7:
        if ((what & 0x40) != 0)
            call_hold(e);
        else
            call_option(e);
        break;
    case 8:
        if ((what & 0x40) != 0)
            call_fast_open(e, peer);
        else
            call_status(e);
        break;
    case 9:
        if ((what & 0x40) != 0)
            call_change(e);
        else
            move(e, what >> 7);
        break;
    case 10:
    case 11:
        pass_time();
        break;
    case 12:
        output(e, peer);
        break;
    case 13:
        line(e);
        break;
    default: /* what would happen by itself */
        output(e, peer);
        output(peer, e);
        deliver(e, 0, false);
        deliver(peer, 0, false);
    }
    invariants_check(ends[0].stack, &ends[0].config);
    invariants_check(ends[1].stack, &ends[1].config);
}

static void begin(unsigned i, uint8_t how)
{
    struct end *e = &ends[i];

    *e = (struct end){.config = invariants_config((uint8_t)(1 + i), how + i)};
    e->config.ephemeral_port_first = 2; /* a peer's listener may be met by chance */
    e->config.ephemeral_port_last = 9;
    e->config.sack = (how & 1) == 0;
    e->config.timestamps = (how & 2) == 0;
    e->config.user_timeout_advertise_ms = (how & 0x40) != 0 ? 30000 : 0;
    e->config.time_wait_reuse = (tern_reuse)((how >> 4) % 3);
    e->config.window_scale = (how & 4) == 0;
    e->config.key[0] = (uint8_t)(how >> 3);
    if ((how & 8) != 0)
        e->config.recv_buffer_bytes = 1 << 30;
    PROPERTY(tern_size(&e->config, NULL) <= ARENA_BYTES);
    e->stack = tern_init(arenas[i][0], ARENA_BYTES, &e->config);
    PROPERTY(e->stack != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    in = (struct input){data, bytes};
    now_us = UINT64_C(4294967296000) - 2000000;
    begin(0, take());
    begin(1, take());
    for (unsigned i = 0; i < STEPS_MAX && in.left > 0; i++)
        step();
    for (unsigned i = 0; i < 2; i++) {
        for (unsigned k = 0; k < HANDLES; k++)
            if (tern_abort(ends[i].stack, now_us, ends[i].known[k].h) != TERN_OK)
                tern_close(ends[i].stack, now_us, ends[i].known[k].h);
        if (ends[i].given <= HANDLES) /* else some handle was forgotten, open */
            invariants_end(ends[i].stack, &ends[i].config, now_us);
    }
    return 0;
}
