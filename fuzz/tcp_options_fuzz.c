/* tcp_options_fuzz.c - any octets as TCP options: reading stays inside, does not depend on where
 * the options stand, and what is written reads the same. */
#include "fuzz/property.h"
#include "wire/tcp_options.h"

enum { OPTIONS_MAX_BYTES = 40 };

static bool blocks_are_same(const tcp_options *a, const tcp_options *b, uint8_t count)
{
    for (uint8_t i = 0; i < count; i++)
        if (!seq_eq(a->sack[i].left, b->sack[i].left) ||
            !seq_eq(a->sack[i].right, b->sack[i].right))
            return false;
    return true;
}

/* All but the SACK blocks. */
static bool options_are_same(const tcp_options *a, const tcp_options *b)
{
    return a->has_mss == b->has_mss && a->mss == b->mss &&
           a->has_window_scale == b->has_window_scale && a->window_scale == b->window_scale &&
           a->has_sack_permitted == b->has_sack_permitted &&
           a->has_user_timeout == b->has_user_timeout && a->user_timeout == b->user_timeout &&
           a->has_timestamps == b->has_timestamps && a->ts_value == b->ts_value &&
           a->ts_echo == b->ts_echo && a->has_fast_open == b->has_fast_open &&
           a->fast_open_bytes == b->fast_open_bytes &&
           (a->fast_open_bytes == 0 || memcmp(a->fast_open, b->fast_open, a->fast_open_bytes) == 0);
}

/* A NOP in front takes the short way for aligned timestamps out: the loop must agree with it. */
static void check_with_nop(const tcp_options *options, const uint8_t *data, size_t bytes)
{
    uint8_t *longer = malloc(bytes + 1);
    tcp_options again;

    PROPERTY(longer != NULL);
    longer[0] = TCP_OPTION_NOP;
    if (bytes > 0)
        memcpy(longer + 1, data, bytes);
    tcp_options_read(&again, longer, bytes + 1);
    PROPERTY(options_are_same(options, &again) && again.sack_count == options->sack_count);
    PROPERTY(blocks_are_same(options, &again, again.sack_count));
    PROPERTY(again.length_bad == options->length_bad);
    PROPERTY(again.unknown_skipped == options->unknown_skipped);
    free(longer);
}

static void check_written(const tcp_options *options)
{
    uint8_t first[OPTIONS_MAX_BYTES], second[OPTIONS_MAX_BYTES];
    tcp_options again;
    size_t bytes = tcp_options_write(first, options);

    PROPERTY(bytes <= OPTIONS_MAX_BYTES && bytes % 4 == 0);
    tcp_options_read(&again, first, bytes);
    PROPERTY(!again.length_bad && !again.unknown_skipped);
    tcp_options kept = *options;
    if (bytes + 4 > OPTIONS_MAX_BYTES && !again.has_user_timeout) { /* there was no room for it */
        kept.has_user_timeout = false;
        kept.user_timeout = 0;
    }
    PROPERTY(options_are_same(&kept, &again) && again.sack_count <= options->sack_count);
    PROPERTY(blocks_are_same(options, &again, again.sack_count));
    size_t one_more = again.sack_count > 0 ? 8 : 12;
    PROPERTY(again.sack_count == options->sack_count || bytes + one_more > OPTIONS_MAX_BYTES);
    PROPERTY(tcp_options_write(second, &again) == bytes && memcmp(first, second, bytes) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    tcp_options options;

    tcp_options_read(&options, data, bytes);
    PROPERTY(options.sack_count <= TCP_SACK_BLOCKS_MAX);
    PROPERTY(options.has_mss || options.mss == 0);
    PROPERTY(options.has_window_scale || options.window_scale == 0);
    PROPERTY(options.has_timestamps || (options.ts_value == 0 && options.ts_echo == 0));
    check_with_nop(&options, data, bytes);
    check_written(&options);
    return 0;
}
