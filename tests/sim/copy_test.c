/* copy_test.c - a stack is its block of memory: copied in mid-transfer to another address, the
 * original and the copy both go on, and send the same octets.
 *
 * Two stacks talk over a wire without delay; at every step in turn both blocks are copied, the
 * originals go on to the end, then the copies do. The journal of each (all packets, and all that
 * the server read) is compared as a hash, and so are the blocks themselves at the end. */
#include "tern/tern.h"
#include "tern/trace.h"
#include "tests/test.h"

#include <stdlib.h>

enum { PORT = 80, TOTAL = 20000, ROUNDS_MAX = 4000, STEPS = 60, WIRE_MAX = 64 };

typedef struct pair {
    void *arena[2];
    tern_stack *stack[2];
    size_t bytes;
    tern_time now_us;
    tern_handle listener, client, server;
    bool accepted, closed;
    size_t sent, received;
    uint64_t journal;
} pair;

static void pair_begin(pair *p)
{
    *p = (pair){.now_us = 1000};
    for (unsigned end = 0; end < 2; end++) {
        tern_config config;
        tern_config_init(&config);
        memset(config.key, (int)end + 1, sizeof config.key);
        config.addresses[0] = tern_address_ipv4(10, 0, 0, (uint8_t)(end + 1));
        config.address_count = 1;
        config.connections_max = config.half_open_max = config.time_wait_max = 2;
        config.chunks_max = 32;
        config.chunk_bytes = 1024;
        config.flights_max = 2;
        config.ranges_max = 16;
        config.send_buffer_bytes = config.recv_buffer_bytes = 8000;
        p->bytes = tern_size(&config, NULL);
        CHECK(p->bytes > 0);
        p->arena[end] = malloc(p->bytes);
        CHECK(p->arena[end] != NULL);
        p->stack[end] = tern_init(p->arena[end], p->bytes, &config);
        CHECK(p->stack[end] != NULL);
    }
    tern_endpoint server = {tern_address_ipv4(10, 0, 0, 2), PORT};
    CHECK_EQ(tern_listen(p->stack[1], p->now_us, &server, 1, &p->listener), TERN_OK);
    CHECK_EQ(tern_connect(p->stack[0], p->now_us, NULL, &server, &p->client), TERN_OK);
}

static void pair_end(pair *p)
{
    free(p->arena[0]);
    free(p->arena[1]);
}

/* Everything but the memory is the same. */
static pair pair_copy(const pair *p)
{
    pair copy = *p;
    for (unsigned end = 0; end < 2; end++) {
        copy.arena[end] = malloc(p->bytes);
        CHECK(copy.arena[end] != NULL);
        memcpy(copy.arena[end], p->arena[end], p->bytes);
        copy.stack[end] = copy.arena[end];
        tern_trace_set(copy.stack[end], NULL, NULL);
    }
    return copy;
}

static void pair_journal(pair *p, const uint8_t *octets, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        p->journal = (p->journal ^ octets[i]) * UINT64_C(0x100000001b3);
}

/* Moves what one end has to send to the other; returns the packets. Each 7th is lost. */
static unsigned pair_carry(pair *p, unsigned from)
{
    uint8_t packet[1500];
    unsigned count = 0;
    size_t bytes;
    while (count < WIRE_MAX &&
           (bytes = tern_output(p->stack[from], p->now_us, packet, sizeof packet)) > 0) {
        count++;
        pair_journal(p, packet, bytes);
        if (p->journal % 7 != 0)
            (void)tern_input(p->stack[1 - from], p->now_us, packet, bytes);
    }
    return count;
}

static void pair_program(pair *p)
{
    uint8_t buffer[700];
    tern_event event;
    ptrdiff_t got;

    while (tern_next_event(p->stack[0], &event))
        p->closed = p->closed || (event.what & TERN_EVENT_CLOSED) != 0;
    while (tern_next_event(p->stack[1], &event))
        continue;
    if (!p->accepted)
        p->accepted = tern_accept(p->stack[1], p->now_us, p->listener, &p->server) == TERN_OK;
    for (size_t i = 0; i < sizeof buffer; i++)
        buffer[i] = (uint8_t)((p->sent + i) * 7 >> 3);
    if (p->sent < TOTAL) {
        size_t most = TOTAL - p->sent < sizeof buffer ? TOTAL - p->sent : sizeof buffer;
        got = tern_send(p->stack[0], p->now_us, p->client, buffer, most);
        p->sent += got > 0 ? (size_t)got : 0;
    }
    while (p->accepted &&
           (got = tern_recv(p->stack[1], p->now_us, p->server, buffer, sizeof buffer)) > 0) {
        for (ptrdiff_t i = 0; i < got; i++)
            CHECK_EQ(buffer[i], (uint8_t)((p->received + (size_t)i) * 7 >> 3));
        p->received += (size_t)got;
        pair_journal(p, buffer, (size_t)got);
    }
}

static void pair_step(pair *p)
{
    pair_program(p);
    unsigned packets = pair_carry(p, 0);
    packets += pair_carry(p, 1);
    tern_time deadlines[2] = {tern_deadline(p->stack[0]), tern_deadline(p->stack[1])};
    tern_time next_us = deadlines[0] < deadlines[1] ? deadlines[0] : deadlines[1];
    if (packets == 0 && next_us != TERN_NEVER && next_us > p->now_us)
        p->now_us = next_us;
    else
        p->now_us += 1000;
}

static void pair_finish(pair *p)
{
    for (unsigned round = 0; round < ROUNDS_MAX && p->received < TOTAL; round++)
        pair_step(p);
    CHECK_EQ(p->received, TOTAL);
    CHECK(!p->closed);
}

TEST(original_and_copy_go_on_and_give_the_same_octets)
{
    for (unsigned steps = 0; steps < STEPS; steps++) {
        pair original;
        pair_begin(&original);
        for (unsigned i = 0; i < steps; i++)
            pair_step(&original);
        pair copy = pair_copy(&original);
        CHECK(copy.stack[0] != original.stack[0]);
        pair_finish(&original);
        pair_finish(&copy);
        CHECK_EQ(copy.journal, original.journal);
        CHECK_EQ(copy.now_us, original.now_us);
        CHECK_MEM(copy.arena[0], original.arena[0], copy.bytes);
        CHECK_MEM(copy.arena[1], original.arena[1], copy.bytes);
        pair_end(&original);
        pair_end(&copy);
    }
}

TEST(a_copy_survives_its_original)
{
    pair original;
    pair_begin(&original);
    for (unsigned i = 0; i < 10; i++)
        pair_step(&original);
    pair copy = pair_copy(&original);
    memset(original.arena[0], 0xdb, original.bytes);
    memset(original.arena[1], 0xdb, original.bytes);
    pair_end(&original);
    CHECK(copy.received > 0 && copy.received < TOTAL);
    pair_finish(&copy);
    pair_end(&copy);
}
