/* lwip_bench.c - tern-bench-lwip: the rows that Debian's lwIP can do. How it is driven, and what
 * is done in its favour: lwip_rig.h. */
#define _GNU_SOURCE
#include "bench/lwip_both.h"
#include "bench/lwip_server.h"

#include <malloc.h>
#include <string.h>

#include <lwip/init.h>

enum { MEMORY_CONNECTIONS = 10000 };

static lwip_server *lwip_bench_server(bool closes_first)
{
    lwip_rig *rig = bench_allocate(sizeof *rig);
    lwip_server *server = bench_allocate(sizeof *server);
    lwip_rig_init(rig, lwip_server_sent);
    lwip_server_init(server, rig, closes_first);
    return server;
}

static void lwip_bench_lifecycles(const bench_row *row, const bench_budget *budget,
                                  bench_result *result)
{
    bool closes_first = row->kind == SCRIPT_SERVER_CLOSE;
    lwip_server *server = lwip_bench_server(closes_first);

    script_lifecycles(&server->script, row, budget, result);
    server->time_waits += lwip_rig_end_time_wait();
    if (closes_first && server->time_waits != server->peer_closed)
        bench_fail("%s: lwIP was in TIME-WAIT %llu times of %llu", row->name,
                   (unsigned long long)server->time_waits, (unsigned long long)server->peer_closed);
}

static void lwip_bench_requests(const bench_row *row, const bench_budget *budget,
                                bench_result *result)
{
    lwip_server *server = lwip_bench_server(false);
    server->rig->tick_us = UINT64_MAX; /* no retransmission is to fire: see script.h */
    script_requests(&server->script, row, budget, result);
}

static double lwip_bench_heap(void)
{
    return (double)mallinfo2().uordblks;
}

/* What malloc() gives out for one more connection in each state, its own overhead included. */
static void lwip_bench_memory(const bench_row *row, const bench_budget *budget,
                              bench_result *result)
{
    lwip_server *server = lwip_bench_server(false);
    script_peer *peers = bench_allocate(MEMORY_CONNECTIONS * sizeof *peers);
    (void)row;
    (void)budget;

    double before = lwip_bench_heap();
    script_open(peers, MEMORY_CONNECTIONS, &server->script);
    double established = lwip_bench_heap();
    for (uint32_t i = 0; i < MEMORY_CONNECTIONS; i++) {
        lwip_rig_set_aside(server->rig);
        script_half_open(MEMORY_CONNECTIONS + i, &server->script);
    }
    lwip_rig_put_back(server->rig);
    double half_open = lwip_bench_heap();
    if (lwip_rig_open() != 2 * MEMORY_CONNECTIONS)
        bench_fail("memory: lwIP has %llu connections", (unsigned long long)lwip_rig_open());
    bench_add(result, "established", (established - before) / MEMORY_CONNECTIONS);
    bench_add(result, "half_open", (half_open - established) / MEMORY_CONNECTIONS);
    bench_add(result, "time_wait", (established - before) / MEMORY_CONNECTIONS);
    bench_add(result, "pcb", sizeof(struct tcp_pcb));
}

int main(int argc, char **argv)
{
    static const bench_row rows[] = {
        {"lifecycle-server", lwip_bench_lifecycles, 0, SCRIPT_CLOSE, ""},
        {"lifecycle-server-request", lwip_bench_lifecycles, 0, SCRIPT_REQUEST, ""},
        {"lifecycle-server-closes", lwip_bench_lifecycles, 0, SCRIPT_SERVER_CLOSE, ""},
        {"lifecycle-both", lwip_both_lifecycles, 0, SCRIPT_CLOSE, ""},
        {"lifecycle-both-request", lwip_both_lifecycles, 0, SCRIPT_REQUEST, ""},
        {"idle-1000", lwip_bench_lifecycles, 1000, SCRIPT_CLOSE, ""},
        {"idle-1000-request", lwip_bench_lifecycles, 1000, SCRIPT_REQUEST, ""},
        {"idle-10000", lwip_bench_lifecycles, 10000, SCRIPT_CLOSE, ""},
        {"idle-10000-request", lwip_bench_lifecycles, 10000, SCRIPT_REQUEST, ""},
        {"idle-100000", lwip_bench_lifecycles, 100000, SCRIPT_CLOSE, ""},
        {"idle-100000-request", lwip_bench_lifecycles, 100000, SCRIPT_REQUEST, ""},
        {"bulk", lwip_both_bulk, 0, 0, ""},
        {"reply-100", lwip_bench_requests, 100, SCRIPT_REQUEST, ""},
        {"reply-10000", lwip_bench_requests, 10000, SCRIPT_REQUEST, ""},
        {"reply-100000", lwip_bench_requests, 100000, SCRIPT_REQUEST, ""},
        {"memory", lwip_bench_memory, 0, 0, ""},
        {NULL, NULL, 0, 0, NULL},
    };
    return bench_main(argc, argv, "lwip " LWIP_VERSION_STRING, rows);
}
