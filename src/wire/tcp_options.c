/* tcp_options.c - TCP options, read in one loop and written in one order.
 *
 * Nearly every segment of a connection with timestamps carries exactly NOP NOP timestamps (RFC 7323
 * appendix A), so that form is looked for before the loop. */
#include "wire/tcp_options.h"

#include "base/bytes.h"

#include <string.h>

enum {
    TCP_OPTION_MSS_BYTES = 4,
    TCP_OPTION_WINDOW_SCALE_BYTES = 3,
    TCP_OPTION_SACK_PERMITTED_BYTES = 2,
    TCP_OPTION_TIMESTAMPS_BYTES = 10,
    TCP_OPTION_USER_TIMEOUT_BYTES = 4,
    TCP_OPTION_EXPERIMENT_BYTES = 4, /* kind, length and identifier */
    TCP_OPTIONS_BYTES_MAX = 40,
};

/* NOP NOP timestamps, as one big-endian word. */
#define TCP_OPTIONS_ALIGNED_TIMESTAMPS UINT32_C(0x0101080a)

static void tcp_options_take_timestamps(tcp_options *options, const uint8_t *option)
{
    options->has_timestamps = true;
    options->ts_value = get_be32(option + 2);
    options->ts_echo = get_be32(option + 6);
}

/* More blocks than TCP has room for are not read: they cannot have come in a real header. */
static bool tcp_options_take_sack(tcp_options *options, const uint8_t *option, size_t length)
{
    size_t count = (length - 2) / 8;

    if (count == 0 || (length - 2) % 8 != 0)
        return false;
    if (count > TCP_SACK_BLOCKS_MAX)
        count = TCP_SACK_BLOCKS_MAX;
    options->sack_count = (uint8_t)count;
    for (size_t i = 0; i < count; i++) {
        options->sack[i].left = seq_of(get_be32(option + 2 + 8 * i));
        options->sack[i].right = seq_of(get_be32(option + 6 + 8 * i));
    }
    return true;
}

/* RFC 7413 4.1.1: no cookie, or one of 4 to 16 octets, an even number of them. */
static bool tcp_options_take_fast_open(tcp_options *options, const uint8_t *cookie, size_t bytes)
{
    if (bytes % 2 != 0 || bytes > TCP_FAST_OPEN_COOKIE_MAX_BYTES ||
        (bytes != 0 && bytes < TCP_FAST_OPEN_COOKIE_MIN_BYTES))
        return false;
    options->has_fast_open = true;
    options->fast_open_bytes = (uint8_t)bytes;
    options->fast_open = cookie;
    options->fast_open_experiment = false;
    return true;
}

/* The other experiments are unknown kinds. */
static bool tcp_options_take_experiment(tcp_options *options, const uint8_t *option, size_t length)
{
    size_t head = TCP_OPTION_EXPERIMENT_BYTES;

    if (length < head || get_be16(option + 2) != TCP_EXPERIMENT_FAST_OPEN) {
        options->unknown_skipped = true;
        return true;
    }
    if (!tcp_options_take_fast_open(options, option + head, length - head))
        return false;
    options->fast_open_experiment = true;
    return true;
}

/* One option, kind and length and all, `length` octets of it there. False: its length is not that
 * of its kind. */
static bool tcp_options_take(tcp_options *options, const uint8_t *option, size_t length)
{
    switch (option[0]) {
    case TCP_OPTION_MSS:
        if (length != TCP_OPTION_MSS_BYTES)
            return false;
        options->has_mss = true;
        options->mss = get_be16(option + 2);
        return true;
    case TCP_OPTION_WINDOW_SCALE:
        if (length != TCP_OPTION_WINDOW_SCALE_BYTES)
            return false;
        options->has_window_scale = true;
        options->window_scale = option[2];
        return true;
    case TCP_OPTION_SACK_PERMITTED:
        if (length != TCP_OPTION_SACK_PERMITTED_BYTES)
            return false;
        options->has_sack_permitted = true;
        return true;
    case TCP_OPTION_SACK:
        return tcp_options_take_sack(options, option, length);
    case TCP_OPTION_TIMESTAMPS:
        if (length != TCP_OPTION_TIMESTAMPS_BYTES)
            return false;
        tcp_options_take_timestamps(options, option);
        return true;
    case TCP_OPTION_USER_TIMEOUT:
        if (length != TCP_OPTION_USER_TIMEOUT_BYTES)
            return false;
        options->has_user_timeout = true;
        options->user_timeout = get_be16(option + 2);
        return true;
    case TCP_OPTION_FAST_OPEN:
        return tcp_options_take_fast_open(options, option + 2, length - 2);
    case TCP_OPTION_EXPERIMENT:
        return tcp_options_take_experiment(options, option, length);
    default:
        options->unknown_skipped = true;
        return true;
    }
}

void tcp_options_read(tcp_options *options, const uint8_t *data, size_t bytes)
{
    tcp_options_begin(options);
    if (bytes == TCP_OPTION_TIMESTAMPS_BYTES + 2 &&
        get_be32(data) == TCP_OPTIONS_ALIGNED_TIMESTAMPS) {
        tcp_options_take_timestamps(options, data + 2);
        return;
    }

    size_t at = 0;
    while (at < bytes && data[at] != TCP_OPTION_END) {
        size_t left = bytes - at;
        if (data[at] == TCP_OPTION_NOP) {
            at++;
            continue;
        }
        if (left < 2 || data[at + 1] < 2 || data[at + 1] > left) {
            options->length_bad = true;
            return;
        }
        if (!tcp_options_take(options, data + at, data[at + 1]))
            options->length_bad = true;
        at += data[at + 1];
    }
}

static size_t tcp_options_put(uint8_t *data, uint8_t kind, size_t length)
{
    data[0] = kind;
    data[1] = (uint8_t)length;
    return length;
}

static size_t tcp_options_pad(uint8_t *data, size_t bytes)
{
    memset(data, TCP_OPTION_NOP, bytes);
    return bytes;
}

static size_t tcp_options_put_timestamps(uint8_t *data, const tcp_options *options)
{
    put_be32(data + 2, options->ts_value);
    put_be32(data + 6, options->ts_echo);
    return tcp_options_put(data, TCP_OPTION_TIMESTAMPS, TCP_OPTION_TIMESTAMPS_BYTES);
}

/* A NOP and three octets: one word. */
static size_t tcp_options_put_scale(uint8_t *data, const tcp_options *options)
{
    size_t at = tcp_options_pad(data, 1);

    data[at + 2] = options->window_scale;
    return at + tcp_options_put(data + at, TCP_OPTION_WINDOW_SCALE, TCP_OPTION_WINDOW_SCALE_BYTES);
}

static size_t tcp_options_put_fast_open(uint8_t *data, const tcp_options *options)
{
    size_t head = options->fast_open_experiment ? TCP_OPTION_EXPERIMENT_BYTES : 2;

    if (options->fast_open_bytes > 0)
        memcpy(data + head, options->fast_open, options->fast_open_bytes);
    if (!options->fast_open_experiment)
        return tcp_options_put(data, TCP_OPTION_FAST_OPEN, head + options->fast_open_bytes);
    put_be16(data + 2, TCP_EXPERIMENT_FAST_OPEN);
    return tcp_options_put(data, TCP_OPTION_EXPERIMENT, head + options->fast_open_bytes);
}

/* Where its four octets, and what pads them, still fit. */
static size_t tcp_options_put_user_timeout(uint8_t *data, size_t at, const tcp_options *o)
{
    if (!o->has_user_timeout || at + TCP_OPTION_USER_TIMEOUT_BYTES > TCP_OPTIONS_BYTES_MAX)
        return 0;
    put_be16(data + at + 2, o->user_timeout);
    return tcp_options_put(data + at, TCP_OPTION_USER_TIMEOUT, TCP_OPTION_USER_TIMEOUT_BYTES);
}

/* SACK-permitted and timestamps fill three words together. */
static size_t tcp_options_write_syn(uint8_t *data, const tcp_options *o)
{
    size_t at = 0;

    if (o->has_mss) {
        at += tcp_options_put(data, TCP_OPTION_MSS, TCP_OPTION_MSS_BYTES);
        put_be16(data + 2, o->mss);
    }
    if (o->has_window_scale && o->scale_first)
        at += tcp_options_put_scale(data + at, o);
    if (o->has_sack_permitted) {
        if (!o->pad_behind && !o->has_timestamps)
            at += tcp_options_pad(data + at, 2);
        at += tcp_options_put(data + at, TCP_OPTION_SACK_PERMITTED,
                              TCP_OPTION_SACK_PERMITTED_BYTES);
    }
    if (o->has_timestamps) {
        if (at % 4 == 0)
            at += tcp_options_pad(data + at, 2);
        at += tcp_options_put_timestamps(data + at, o);
    }
    if (o->has_window_scale && !o->scale_first)
        at += tcp_options_put_scale(data + at, o);
    if (o->has_fast_open)
        at += tcp_options_put_fast_open(data + at, o);
    at += tcp_options_put_user_timeout(data, at, o);
    while (at % 4 != 0)
        data[at++] = o->has_fast_open && !o->pad_behind ? TCP_OPTION_NOP : TCP_OPTION_END;
    return at;
}

/* As many blocks as fit into the room there is. */
static size_t tcp_options_put_sack(uint8_t *data, const tcp_options *options, size_t room_bytes)
{
    size_t count = options->sack_count, at;

    while (count > 0 && 4 + 8 * count > room_bytes)
        count--;
    if (count == 0)
        return 0;
    at = tcp_options_pad(data, 2);
    at += tcp_options_put(data + at, TCP_OPTION_SACK, 2 + 8 * count) - 8 * count;
    for (size_t i = 0; i < count; i++, at += 8) {
        put_be32(data + at, options->sack[i].left.v);
        put_be32(data + at + 4, options->sack[i].right.v);
    }
    return at;
}

size_t tcp_options_write(uint8_t *data, const tcp_options *options)
{
    bool syn = options->has_mss || options->has_window_scale || options->has_sack_permitted ||
               options->has_fast_open;
    size_t at = 0;

    if (syn) {
        at = tcp_options_write_syn(data, options);
    } else if (options->has_timestamps) {
        at = tcp_options_pad(data, 2);
        at += tcp_options_put_timestamps(data + at, options);
    }
    if (!syn)
        at += tcp_options_put_user_timeout(data, at, options);
    if (options->sack_count > 0)
        at += tcp_options_put_sack(data + at, options, TCP_OPTIONS_BYTES_MAX - at);
    return at;
}
