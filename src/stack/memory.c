/* memory.c - the configuration and the arena: RFC knows nothing of it, its reader everything.
 *
 * tern_size() and tern_init() walk the same layout, so they cannot disagree. */
#include "stack/memory.h"

#include "stack/stack.h"

#include "stack/ports.h"
#include "stack/demux.h"
#include "stack/fragments.h"
#include "stack/path_mtu.h"
#include "stack/replies.h"
#include "stack/saved_syns.h"
#include "tcp/loss/flight.h"
#include "tcp/open/fast_open.h"
#include "tcp/ranges.h"
#include "tcp/settings.h"
#include "tern/congestion.h"
#include "tern/profile.h"

enum {
    RECORDS_MAX = DEMUX_INDEX_MAX, /* 16777215 */
    RECV_BUFFER_MAX = 1 << 30,
    CHUNK_MIN_BYTES = 128,
    CHUNK_MAX_BYTES = 65528,
    WAIT_MAX_MS = 3600 * 1000,
};

void tern_config_init(tern_config *config)
{
    *config = (tern_config){
        .struct_bytes = sizeof *config,
        .mtu_bytes = 1500,
        .connections_max = 1024,
        .half_open_max = 256,
        .time_wait_max = 1024,
        .listeners_max = 16,
        .chunks_max = 4096,
        .chunk_bytes = 2048,
        .flights_max = 1024,
        .ranges_max = 2048,
        .ranges_per_connection = 64,
        .settings_max = 256,
        .replies_max = 64,
        .fragments_max = 16,
        .datagram_bytes_max = 65535,
        .fast_open_cache_max = 64,
        .saved_syns_max = 16,
        .r1_retries = 3,
        .hold_ms = 30 * 1000,
        .user_timeout_least_ms = 100 * 1000,
        .user_timeout_most_ms = 3600 * 1000,
        .fragment_ms = 60 * 1000,
        .ttl = 64, /* RFC 1122 3.2.1.7: at least the diameter of the Internet */
        .challenge_ack_interval_ms = 500,
        .ephemeral_port_first = 49152,
        .ephemeral_port_last = 65535,
        .reset_rate_per_s = 1000,
        .reset_burst = 1000,
        .icmp_rate_per_s = 100,
        .icmp_burst = 50,
        .path_mtu_cache_max = 256,
        .path_mtu_expire_ms = 600 * 1000,
        .path_mtu_min_bytes = 552,
        .black_hole_retries = 3,
    };
    (void)tern_config_profile(config, TERN_PROFILE_RFC9293);
}

/* What is wrong with a configuration; NULL: nothing. */
static const char *memory_limits_wrong(const tern_config *c)
{
    if (c->address_count < 1 || c->address_count > TERN_ADDRESSES_MAX)
        return "address_count: 1 .. 8";
    if (c->mtu_bytes < TERN_MTU_MIN_BYTES || c->mtu_bytes > TERN_MTU_MAX_BYTES)
        return "mtu_bytes: 576 .. 65535";
    if (c->connections_max < 1 || c->connections_max > RECORDS_MAX)
        return "connections_max: 1 .. 16777215";
    if (c->half_open_max < 1 || c->half_open_max > RECORDS_MAX)
        return "half_open_max: 1 .. 16777215";
    if (c->time_wait_max < 1 || c->time_wait_max > RECORDS_MAX)
        return "time_wait_max: 1 .. 16777215";
    if (c->listeners_max < 1 || c->listeners_max > 65535)
        return "listeners_max: 1 .. 65535";
    if (c->chunks_max < 2 || c->chunks_max > RECORDS_MAX)
        return "chunks_max: 2 .. 16777215";
    if (c->chunk_bytes < CHUNK_MIN_BYTES || c->chunk_bytes > CHUNK_MAX_BYTES ||
        c->chunk_bytes % 8 != 0)
        return "chunk_bytes: 128 .. 65528, a multiple of 8";
    if (c->flights_max < 1 || c->flights_max > RECORDS_MAX)
        return "flights_max: 1 .. 16777215";
    if (c->ranges_max < 1 || c->ranges_max > RECORDS_MAX)
        return "ranges_max: 1 .. 16777215";
    if (c->ranges_per_connection < 1 || c->ranges_per_connection > 1024)
        return "ranges_per_connection: 1 .. 1024";
    if (c->settings_max < 1 || c->settings_max > RECORDS_MAX)
        return "settings_max: 1 .. 16777215";
    if (c->replies_max < 1 || c->replies_max > 65535)
        return "replies_max: 1 .. 65535";
    if (c->fragments_max > 255)
        return "fragments_max: 0 .. 255";
    if (c->datagram_bytes_max < 576 || c->datagram_bytes_max > 65535)
        return "datagram_bytes_max: 576 .. 65535";
    if (c->fast_open_cache_max < 1 || c->fast_open_cache_max > 65535)
        return "fast_open_cache_max: 1 .. 65535";
    if (c->saved_syns_max > 255)
        return "saved_syns_max: 0 .. 255";
    return NULL;
}

static bool memory_schedule_right(const tern_schedule *p)
{
    for (uint32_t i = 0; i < TERN_SCHEDULE_WAITS; i++)
        if (p->waits_ms[i] > WAIT_MAX_MS)
            return false;
    if (p->max_ms > WAIT_MAX_MS || p->first_ms < 1 || p->first_ms > p->max_ms ||
        p->min_ms > p->max_ms || p->slop_ms > WAIT_MAX_MS)
        return false;
    if (p->retries_max > UINT8_MAX || p->give_up_ms > WHEEL_AHEAD_MAX_MS)
        return false;
    if (p->retries_as_time)
        return p->retries_max > 0 && p->min_ms > 0 && p->give_up_ms == 0;
    return p->retries_max > 0 || p->give_up_ms > 0;
}

#define SCHEDULE_LIMITS                                                                            \
    ": first_ms 1 .. max_ms; min_ms 0 .. max_ms; max_ms, waits_ms, slop_ms at most 3600000; "      \
    "retries_max 0 .. 255; give_up_ms 0 .. 1056964608; one of these two not 0; "                   \
    "retries_as_time with retries_max and min_ms, without give_up_ms"

static const char *memory_schedules_wrong(const tern_config *c)
{
    if (!memory_schedule_right(&c->syn_schedule))
        return "syn_schedule" SCHEDULE_LIMITS;
    if (!memory_schedule_right(&c->syn_ack_schedule))
        return "syn_ack_schedule" SCHEDULE_LIMITS;
    if (!memory_schedule_right(&c->data_schedule) || c->data_schedule.min_ms < 1)
        return "data_schedule" SCHEDULE_LIMITS "; min_ms not 0";
    if (!memory_schedule_right(&c->orphan_schedule))
        return "orphan_schedule" SCHEDULE_LIMITS;
    if (!memory_schedule_right(&c->persist_schedule))
        return "persist_schedule" SCHEDULE_LIMITS;
    return NULL;
}

static bool memory_rate_wrong(uint32_t rate_per_s, uint32_t burst)
{
    enum { RATE_MAX = 1000000 };

    return rate_per_s < 1 || rate_per_s > RATE_MAX || burst < 1 || burst > RATE_MAX;
}

static const char *memory_icmp_wrong(const tern_config *c)
{
    if (memory_rate_wrong(c->reset_rate_per_s, c->reset_burst))
        return "reset_rate_per_s, reset_burst: 1 .. 1000000";
    if (memory_rate_wrong(c->icmp_rate_per_s, c->icmp_burst))
        return "icmp_rate_per_s, icmp_burst: 1 .. 1000000";
    if (c->icmp_aborts >> TERN_ICMP_REASONS != 0)
        return "icmp_aborts: bits of tern_icmp";
    if (c->path_mtu_discovery > TERN_PATH_MTU_OFF)
        return "path_mtu_discovery: no such way";
    if (c->path_mtu_cache_max < 1 || c->path_mtu_cache_max > RECORDS_MAX)
        return "path_mtu_cache_max: 1 .. 16777215";
    if (c->path_mtu_expire_ms < 1000 || c->path_mtu_expire_ms > WHEEL_AHEAD_MAX_MS)
        return "path_mtu_expire_ms: 1000 .. 1056964608";
    if (c->path_mtu_min_bytes < 128 || c->path_mtu_min_bytes > TERN_MTU_MIN_BYTES)
        return "path_mtu_min_bytes: 128 .. 576";
    if (c->black_hole_retries < 1 || c->black_hole_retries > 100)
        return "black_hole_retries: 1 .. 100";
    for (unsigned reason = 0; reason < TERN_ICMP_REASONS; reason++)
        if (c->icmp_errors[reason] >= TERN_OK)
            return "icmp_errors: each a tern_err";
    return NULL;
}

const char *memory_behaviour_wrong(const tern_config *c)
{
    if (c->send_buffer_bytes < 1 || c->send_buffer_bytes > RECV_BUFFER_MAX)
        return "send_buffer_bytes: 1 .. 1073741824";
    if (c->send_buffer_max_bytes > RECV_BUFFER_MAX)
        return "send_buffer_max_bytes: 0 .. 1073741824";
    if (c->recv_buffer_bytes < 1 || c->recv_buffer_bytes > RECV_BUFFER_MAX)
        return "recv_buffer_bytes: 1 .. 1073741824";
    if (c->time_wait_reuse > TERN_REUSE_ALWAYS)
        return "time_wait_reuse: no such policy";
    if (c->syn_cookies > TERN_COOKIES_NEVER)
        return "syn_cookies: no such policy";
    if (tern_congestion_list(c->congestion) == NULL)
        return "congestion: no such algorithm";
    if (c->fin_wait_2_ms < 1 || c->fin_wait_2_ms > WHEEL_AHEAD_MAX_MS)
        return "fin_wait_2_ms: 1 .. 1056964608";
    if (c->rto_spread_min_ms > WAIT_MAX_MS)
        return "rto_spread_min_ms: at most 3600000";
    if (c->fragment_ms < 1 || c->fragment_ms > WHEEL_AHEAD_MAX_MS)
        return "fragment_ms: 1 .. 1056964608";
    if (c->hold_ms < 1 || c->hold_ms > WHEEL_AHEAD_MAX_MS)
        return "hold_ms: 1 .. 1056964608";
    if (c->user_timeout_advertise_ms > WHEEL_AHEAD_MAX_MS)
        return "user_timeout_advertise_ms: at most 1056964608";
    if (c->user_timeout_least_ms < 1 || c->user_timeout_least_ms > c->user_timeout_most_ms ||
        c->user_timeout_most_ms > WHEEL_AHEAD_MAX_MS)
        return "user_timeout_least_ms: 1 .. user_timeout_most_ms, which is at most 1056964608";
    if (c->keep_idle_ms < 1 || c->keep_idle_ms > WHEEL_AHEAD_MAX_MS || c->keep_interval_ms < 1 ||
        c->keep_interval_ms > WHEEL_AHEAD_MAX_MS || c->keep_count < 1 || c->keep_count > 255)
        return "keep_idle_ms, keep_interval_ms: 1 .. 1056964608; keep_count: 1 .. 255";
    if (c->syn_window < 1 || c->syn_window > UINT16_MAX)
        return "syn_window: 1 .. 65535";
    if (c->wscale_buffer_bytes > RECV_BUFFER_MAX)
        return "wscale_buffer_bytes: at most 1073741824";
    if (c->syn_option_order > TERN_OPTIONS_SCALE_SACK_TS || c->option_pad > TERN_PAD_EOL ||
        c->ack_every > TERN_ACK_OVER_ONE || c->window_update_rule > TERN_WINDOW_QUARTER ||
        c->accept_window > TERN_ACCEPT_BUFFER || c->time_wait_syn > TERN_TIME_WAIT_SYN_BEYOND ||
        c->blackhole > TERN_BLACKHOLE_ALL || c->fast_open_api > TERN_FAST_OPEN_SENDTO ||
        c->syn_mss_of_path > TERN_SYN_MSS_PATH_IPV6)
        return "syn_option_order, option_pad, ack_every, window_update_rule, accept_window, "
               "time_wait_syn, blackhole, fast_open_api, syn_mss_of_path: no such choice";
    if (c->syn_plain_from > UINT8_MAX)
        return "syn_plain_from: 0 .. 255";
    if (c->syn_sent_bad_ack_resend_ms > WAIT_MAX_MS)
        return "syn_sent_bad_ack_resend_ms: at most 3600000";
    if (c->error_close_wait_rst >= TERN_OK || c->error_syn_received_rst >= TERN_OK)
        return "error_close_wait_rst, error_syn_received_rst: each a tern_err";
    if (c->delayed_ack_ms >= 500)
        return "delayed_ack_ms: below 500 (RFC 9293 MUST-40)";
    if (c->time_wait_ms < 1 || c->time_wait_ms > TIME_WAIT_MAX_MS)
        return "time_wait_ms: 1 .. 1800000";
    if (c->fast_open_cookieless > 3)
        return "fast_open_cookieless: 0 .. 3";
    if (c->cork_ms > 60000)
        return "cork_ms: 0 .. 60000";
    if (c->fast_open_patience > 100)
        return "fast_open_patience: 0 .. 100";
    if (c->slow_start_segments > 100)
        return "slow_start_segments: 0 .. 100";
    if (c->initial_window_segments < 1 || c->initial_window_segments > 100)
        return "initial_window_segments: 1 .. 100";
    if (c->ttl < 1)
        return "ttl: 1 .. 255";
    if ((c->tos & 3) != 0)
        return "tos: the two ECN bits are 0";
    if (c->ephemeral_port_first < 1 || c->ephemeral_port_last < c->ephemeral_port_first)
        return "ephemeral_port_first: 1 .. ephemeral_port_last";
    const char *why = memory_schedules_wrong(c);
    return why != NULL ? why : memory_icmp_wrong(c);
}

static const char *memory_addresses_wrong(const tern_config *c)
{
    for (uint32_t i = 0; i < c->address_count; i++) {
        const tern_address *a = &c->addresses[i];
        if (!ports_unicast(a))
            return "addresses: one is unspecified, multicast or broadcast";
        if (!tern_address_is_ipv4(a) && c->mtu_bytes < 1280)
            return "mtu_bytes: IPv6 asks for 1280 (RFC 8200 5)";
        if (!tern_address_is_ipv4(a) && c->datagram_bytes_max < 1500)
            return "datagram_bytes_max: IPv6 asks for 1500 (RFC 8200 5)";
    }
    return NULL;
}

static const char *memory_config_wrong(const tern_config *c)
{
    if (c->struct_bytes != sizeof *c)
        return "struct_bytes: begin with tern_config_init()";
    const char *why = memory_limits_wrong(c);
    if (why == NULL)
        why = memory_behaviour_wrong(c);
    return why != NULL ? why : memory_addresses_wrong(c);
}

/* Puts a pool behind what is laid out already; returns the end. */
static uint64_t memory_pool(struct pool *p, uint64_t at, uint32_t count, size_t stride_bytes)
{
    *p = (struct pool){.at = at, .stride_bytes = (uint32_t)stride_bytes, .count = count};
    return (at + (uint64_t)count * stride_bytes + 15) & ~UINT64_C(15);
}

/* Fills in where everything lies; s->engine.config is set. */
static void memory_lay_out(tern_stack *s)
{
    const tern_config *c = &s->engine.config;
    uint64_t at = (sizeof *s + 63) & ~UINT64_C(63);

    s->bucket_count = c->connections_max + c->half_open_max + c->time_wait_max;
    s->buckets_at = at;
    at += (uint64_t)s->bucket_count * sizeof(uint32_t);
    s->listener_buckets_at = at;
    at += (uint64_t)c->listeners_max * sizeof(uint32_t);
    s->path_mtu_buckets_at = at;
    at += (uint64_t)c->path_mtu_cache_max * sizeof(uint32_t);
    s->engine.fast_open_buckets_at = at;
    at = (at + (uint64_t)c->fast_open_cache_max * sizeof(uint32_t) + 63) & ~UINT64_C(63);
    at = memory_pool(&s->connections, at, c->connections_max, TCB_BYTES);
    at = memory_pool(&s->half_open, at, c->half_open_max, sizeof(struct half_open));
    at = memory_pool(&s->time_wait, at, c->time_wait_max, sizeof(struct time_wait));
    at = memory_pool(&s->listeners, at, c->listeners_max, sizeof(struct listener));
    at = memory_pool(&s->replies, at, c->replies_max, sizeof(struct reply));
    at = memory_pool(&s->path_mtus, at, c->path_mtu_cache_max, sizeof(struct path_mtu));
    at = memory_pool(&s->datagrams, at, c->fragments_max, sizeof(struct datagram));
    at = memory_pool(&s->saved_syns, at, c->saved_syns_max, sizeof(struct saved_syn));
    at = memory_pool(&s->engine.flights, at, c->flights_max, sizeof(struct flight));
    at = memory_pool(&s->engine.ranges, at, c->ranges_max, sizeof(struct range));
    at = memory_pool(&s->engine.settings, at, c->settings_max, sizeof(struct settings));
    at = memory_pool(&s->engine.fast_opens, at, c->fast_open_cache_max,
                     sizeof(struct fast_open_entry));
    at = memory_pool(&s->engine.chunks, at, c->chunks_max, c->chunk_bytes);
    s->datagram_at = at;
    at += c->fragments_max > 0 ? (c->datagram_bytes_max + 15) & ~UINT32_C(15) : 0;
    s->arena_bytes = at;
}

size_t tern_size(const tern_config *config, const char **why)
{
    const char *wrong = memory_config_wrong(config);

    if (why != NULL)
        *why = wrong;
    if (wrong != NULL)
        return 0;
    tern_stack s;
    s.engine.config = *config;
    memory_lay_out(&s);
    return s.arena_bytes <= SIZE_MAX ? (size_t)s.arena_bytes : 0;
}

tern_stack *tern_init(void *mem, size_t mem_bytes, const tern_config *config)
{
    size_t bytes = tern_size(config, NULL);

    if (bytes == 0 || mem_bytes < bytes)
        return NULL;
    memset(mem, 0, bytes);
    tern_stack *s = mem;
    s->engine.config = *config;
    s->engine.key = siphash_key_read(config->key);
    memory_lay_out(s);
    return s;
}

void tern_footprint_get(tern_footprint *footprint)
{
    size_t bucket = sizeof(uint32_t);

    *footprint = (tern_footprint){
        .connection = TCB_BYTES + bucket,
        .half_open = sizeof(struct half_open) + bucket,
        .time_wait = sizeof(struct time_wait) + bucket,
        .flight = sizeof(struct flight),
        .range = sizeof(struct range),
        .listener = sizeof(struct listener) + bucket,
        .reply = sizeof(struct reply),
        .datagram = sizeof(struct datagram),
        .path_mtu = sizeof(struct path_mtu) + bucket,
        .fast_open = sizeof(struct fast_open_entry) + bucket,
    };
}

void tern_usage_get(const tern_stack *s, tern_usage *usage)
{
    *usage = (tern_usage){
        .fast_opens = s->engine.fast_opens.used,
        .saved_syns = s->saved_syns.used,
        .connections = s->connections.used,
        .half_open = s->half_open.used,
        .time_wait = s->time_wait.used,
        .listeners = s->listeners.used,
        .chunks = s->engine.chunks.used,
        .flights = s->engine.flights.used,
        .ranges = s->engine.ranges.used,
        .settings = s->engine.settings.used,
        .replies = s->replies.used,
        .fragments = s->datagrams.used,
        .path_mtus = s->path_mtus.used,
    };
}
