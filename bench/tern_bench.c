/* tern_bench.c - tern-bench-tern: all rows, on tern. */
#include "bench/tern_both.h"
#include "bench/tern_server.h"
#include "tern/status.h"

#include <string.h>

enum {
    MEMORY_CONNECTIONS = 65536,
    MEMORY_FILL = 50000, /* below the scripted client's 64,512 ports: each closes once */
    SPARE_CONNECTIONS = 64,
};

static void tern_bench_lifecycles(const bench_row *row, const bench_budget *budget,
                                  bench_result *result)
{
    tern_config config;
    tern_server *server = bench_allocate(sizeof *server);
    bool closes_first = row->kind == SCRIPT_SERVER_CLOSE;

    tern_server_config(&config, row->connections + SPARE_CONNECTIONS);
    config.flights_max = SPARE_CONNECTIONS;
    config.chunks_max = 1024;
    tern_server_init(server, &config, closes_first);
    script_lifecycles(&server->script, row, budget, result);

    uint64_t time_waits = tern_counter(server->stack, TERN_RULE_TIME_WAIT_STARTED);
    uint64_t lives = tern_counter(server->stack, TERN_RULE_HANDSHAKE_DONE) - row->connections;
    if (time_waits != (closes_first ? lives : 0))
        bench_fail("%s: tern was in TIME-WAIT %llu times of %llu", row->name,
                   (unsigned long long)time_waits, (unsigned long long)lives);
}

static void tern_bench_requests(const bench_row *row, const bench_budget *budget,
                                bench_result *result)
{
    tern_config config;
    tern_server *server = bench_allocate(sizeof *server);

    tern_server_config(&config, row->connections + SPARE_CONNECTIONS);
    config.chunk_bytes = 256;
    config.data_schedule.min_ms = config.data_schedule.first_ms = 60000; /* none is to fire */
    tern_server_init(server, &config, false);
    script_requests(&server->script, row, budget, result);
}

static void tern_bench_flood(const bench_row *row, const bench_budget *budget, bench_result *result)
{
    tern_config config;
    tern_server *server = bench_allocate(sizeof *server);

    tern_server_config(&config, SPARE_CONNECTIONS);
    config.syn_cookies = TERN_COOKIES_ALWAYS;
    tern_server_init(server, &config, false);
    script_flood(&server->script, row, budget, result);
    uint64_t sent = tern_counter(server->stack, TERN_RULE_COOKIE_SENT);
    uint64_t kept = tern_counter(server->stack, TERN_RULE_LISTEN_SYN_ACCEPTED);
    if (sent < server->script.segments_out || kept != 0)
        bench_fail("%s: %llu cookies, %llu half-open records", row->name, (unsigned long long)sent,
                   (unsigned long long)kept);
}

static double tern_bench_value(const bench_result *result, const char *name)
{
    for (uint32_t i = 0; i < result->count; i++)
        if (strcmp(result->names[i], name) == 0)
            return result->values[i];
    bench_fail("there is no %s", name);
}

/* Nanoseconds of a lifecycle in an empty stack of this configuration. */
static double tern_bench_empty(const bench_row *row, const bench_budget *budget,
                               tern_server *server, const tern_config *config)
{
    bench_row empty = {.name = row->name, .kind = SCRIPT_CLOSE};
    bench_result result = {0};

    tern_server_init(server, config, false);
    script_lifecycles(&server->script, &empty, budget, &result);
    return tern_bench_value(&result, "ns");
}

/* A small stack, empty; one with room for row->connections idle connections and as many TIME-WAIT
 * records, empty; the same one, full of them. */
static void tern_bench_million(const bench_row *row, const bench_budget *budget,
                               bench_result *result)
{
    uint32_t count = budget->operations > 0 ? (uint32_t)budget->operations : row->connections;
    tern_server *server = bench_allocate(sizeof *server);
    tern_server *small = bench_allocate(sizeof *small);
    bench_row full = {.name = row->name, .connections = count, .kind = SCRIPT_CLOSE};
    tern_config config;
    tern_usage usage;

    tern_server_config(&config, SPARE_CONNECTIONS);
    double small_ns = tern_bench_empty(row, budget, small, &config);
    tern_server_config(&config, count + SPARE_CONNECTIONS);
    config.flights_max = SPARE_CONNECTIONS;
    config.chunks_max = 1024;
    config.time_wait_max = count;
    config.time_wait_ms = 1800000;
    double empty_ns = tern_bench_empty(row, budget, server, &config);

    server->closes_first = true;
    for (uint32_t i = 0; i < count; i++)
        script_time_wait(count + i, &server->script);
    server->closes_first = false;
    script_lifecycles(&server->script, &full, budget, result);
    tern_usage_get(server->stack, &usage);
    if (usage.connections != count || usage.time_wait != count)
        bench_fail("%s: %u connections and %u in TIME-WAIT, not %u each", row->name,
                   usage.connections, usage.time_wait, count);
    double ns = tern_bench_value(result, "ns");
    bench_add(result, "empty_ns", empty_ns);
    bench_add(result, "speed", empty_ns / ns);
    bench_add(result, "small_ns", small_ns);
    bench_add(result, "speed_of_small", small_ns / ns);
    bench_add(result, "arena_megabytes", (double)server->arena_bytes / 1e6);
}

/* ---- Memory -------------------------------------------------------------------------------- */

/* Octets by which tern_size() grows for one more of what *limit counts, over a doubling, so that
 * tables whose size is a power of two count by their share. */
static double tern_bench_marginal(tern_config *config, uint32_t *limit)
{
    uint32_t before = *limit;
    *limit = MEMORY_CONNECTIONS;
    size_t once = tern_size(config, NULL);
    *limit = 2 * MEMORY_CONNECTIONS;
    size_t twice = tern_size(config, NULL);
    *limit = before;
    if (once == 0 || twice == 0)
        bench_fail("memory: tern refuses %d connections", 2 * MEMORY_CONNECTIONS);
    return (double)(twice - once) / MEMORY_CONNECTIONS;
}

static void tern_bench_usage(const tern_server *server, const tern_usage *want)
{
    tern_usage usage;
    tern_usage_get(server->stack, &usage);
    if (usage.connections != want->connections || usage.half_open != want->half_open ||
        usage.time_wait != want->time_wait || usage.chunks != 0 || usage.flights != 0)
        bench_fail("memory: %u connections, %u half-open, %u in TIME-WAIT, %u chunks, %u flights",
                   usage.connections, usage.half_open, usage.time_wait, usage.chunks,
                   usage.flights);
}

/* Fills a stack that has room for exactly so many, to see that they fit and hold no buffers. */
static void tern_bench_memory_fill(const bench_budget *budget)
{
    uint32_t count = budget->operations > 0 ? (uint32_t)budget->operations : MEMORY_FILL;
    tern_server *server = bench_allocate(sizeof *server);
    script_peer *peers = bench_allocate(count * sizeof *peers);
    bench_row row = {"memory", NULL, count, SCRIPT_SERVER_CLOSE, ""};
    bench_budget lives = {count, 0};
    bench_result unused = {0};
    tern_config config;

    tern_server_config(&config, count + 1);
    config.flights_max = 1;
    config.chunks_max = 16;
    config.half_open_max = count;
    config.time_wait_max = count;
    config.time_wait_ms = 600000;
    config.syn_ack_schedule.give_up_ms = 600000;
    tern_server_init(server, &config, true);
    script_lifecycles(&server->script, &row, &lives, &unused);
    for (uint32_t i = 0; i < count; i++)
        script_half_open(count + i, &server->script);
    tern_bench_usage(server,
                     &(tern_usage){.connections = count, .half_open = count, .time_wait = count});
}

static void tern_bench_memory(const bench_row *row, const bench_budget *budget,
                              bench_result *result)
{
    tern_footprint footprint;
    tern_config config;
    (void)row;

    tern_bench_memory_fill(budget);
    tern_server_config(&config, MEMORY_CONNECTIONS);
    config.flights_max = 64;
    tern_footprint_get(&footprint);
    bench_add(result, "established", (double)footprint.connection);
    bench_add(result, "half_open", (double)footprint.half_open);
    bench_add(result, "time_wait", (double)footprint.time_wait);
    bench_add(result, "flight", (double)footprint.flight);
    bench_add(result, "established_marginal",
              tern_bench_marginal(&config, &config.connections_max));
    bench_add(result, "half_open_marginal", tern_bench_marginal(&config, &config.half_open_max));
    bench_add(result, "time_wait_marginal", tern_bench_marginal(&config, &config.time_wait_max));
    bench_add(result, "flight_marginal", tern_bench_marginal(&config, &config.flights_max));
}

int main(int argc, char **argv)
{
    static const bench_row rows[] = {
        {"lifecycle-server", tern_bench_lifecycles, 0, SCRIPT_CLOSE,
         "server's side: handshake, four-way close"},
        {"lifecycle-server-request", tern_bench_lifecycles, 0, SCRIPT_REQUEST,
         "the same with 100 octets each way"},
        {"lifecycle-server-closes", tern_bench_lifecycles, 0, SCRIPT_SERVER_CLOSE,
         "100 octets each way, the server closes: TIME-WAIT"},
        {"lifecycle-both", tern_both_lifecycles, 0, SCRIPT_CLOSE,
         "both ends: handshake, four-way close"},
        {"lifecycle-both-request", tern_both_lifecycles, 0, SCRIPT_REQUEST,
         "the same with 100 octets each way"},
        {"idle-1000", tern_bench_lifecycles, 1000, SCRIPT_CLOSE,
         "lifecycle-server beside 1,000 idle connections"},
        {"idle-1000-request", tern_bench_lifecycles, 1000, SCRIPT_REQUEST,
         "lifecycle-server-request beside 1,000"},
        {"idle-10000", tern_bench_lifecycles, 10000, SCRIPT_CLOSE,
         "lifecycle-server beside 10,000"},
        {"idle-10000-request", tern_bench_lifecycles, 10000, SCRIPT_REQUEST,
         "lifecycle-server-request beside 10,000"},
        {"idle-100000", tern_bench_lifecycles, 100000, SCRIPT_CLOSE,
         "lifecycle-server beside 100,000"},
        {"idle-100000-request", tern_bench_lifecycles, 100000, SCRIPT_REQUEST,
         "lifecycle-server-request beside 100,000"},
        {"bulk", tern_both_bulk, 0, TERN_BULK, "both ends: 1460 octets received and copied out"},
        {"bulk-burst", tern_both_bulk, 0, TERN_BULK_BURST, "the same, one ACK for a window"},
        {"bulk-options", tern_both_bulk, 0, TERN_BULK_OPTIONS, "with timestamps and SACK on"},
        {"reply-100", tern_bench_requests, 100, SCRIPT_REQUEST,
         "server's side: 100 octets each way, one of 100"},
        {"reply-10000", tern_bench_requests, 10000, SCRIPT_REQUEST, "the same, one of 10,000"},
        {"reply-100000", tern_bench_requests, 100000, SCRIPT_REQUEST, "the same, one of 100,000"},
        {"flood", tern_bench_flood, 0, SCRIPT_CLOSE,
         "SYN to SYN-ACK by cookie, honest clients served meanwhile"},
        {"memory", tern_bench_memory, 0, 0, "octets for one more connection"},
        {"million", tern_bench_million, 1000000, SCRIPT_CLOSE,
         "lifecycle-server beside a million idle and a million in TIME-WAIT\ton request"},
        {NULL, NULL, 0, 0, NULL},
    };
    return bench_main(argc, argv, "tern " TERN_VERSION_STRING, rows);
}
