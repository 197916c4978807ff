/* statistics_test.c - what must be unpredictable looks like chance: ISNs, timestamp offsets, SYN
 * cookies and ephemeral ports, a million draws of each.
 *
 * Inputs are as little different as they can be, counted up one by one: the peer's port, the key,
 * the peer's ISN. Of each stream of draws, and of the exclusive or of neighbours (which is the
 * avalanche of a difference in the lowest bits of the input), are tested:
 *
 *   octets       chi-square of 256 buckets, for each 8 bits; the lowest 8 may overlap
 *   bits         ones among a million
 *   correlation  of a draw with the next, the second and the third (not of the exclusive or)
 *   repetition   equal pairs among a million, against the birthday's expectation (likewise)
 *
 * The keys are fixed, so a result never changes but with the code; each bound is what chance passes
 * but once in a million. */
#include "stack/ports.h"
#include "tcp/open/cookie.h"
#include "tcp/open/isn.h"
#include "tests/unit/tcp_fixture.h"

#include <stdlib.h>

enum {
    DRAWS = 1000000,
    CHI_LEAST = 160, /* 255 degrees of freedom, 4.9 sigma by Wilson and Hilferty */
    CHI_MOST = 382,
    ONES_OFF_MOST = 2450, /* 4.9 sigma of sqrt(DRAWS) / 2 */
    LAGS = 3,
    SAME_DRAWS = 100000,
    SAME_MOST = 22, /* by two keys: a port's 14 bits are equal 6 times, 22 but once in a million */
    RADIX_BITS = 16,
};

/* ---- Sources ---- */

struct source {
    const char *name;
    uint32_t (*draw)(tern_stack *s, uint32_t i);
    unsigned bits; /* the upper ones that count */
};

/* The i-th of a million neighbours: ports of one address after the other. */
static struct flow neighbour(uint32_t i)
{
    uint32_t host = i / 60000;

    return (struct flow){
        .remote = tern_address_ipv4(10, 1, (uint8_t)(host >> 8), (uint8_t)host),
        .remote_port = (uint16_t)(1024 + i % 60000),
        .local_port = 80,
    };
}

static void take_key(tern_stack *s, uint32_t i)
{
    uint8_t octets[TERN_KEY_BYTES] = {(uint8_t)i, (uint8_t)(i >> 8), (uint8_t)(i >> 16)};

    s->engine.key = siphash_key_read(octets);
}

static uint32_t draw_isn(tern_stack *s, uint32_t i)
{
    struct flow f = neighbour(i);
    uint32_t offset;

    return isn_select(&s->engine, &f, &offset).v;
}

static uint32_t draw_isn_of_key(tern_stack *s, uint32_t i)
{
    take_key(s, i);
    return draw_isn(s, 0);
}

static uint32_t draw_offset(tern_stack *s, uint32_t i)
{
    struct flow f = neighbour(i);

    return isn_timestamp_offset(&s->engine, &f);
}

static uint32_t draw_offset_of_key(tern_stack *s, uint32_t i)
{
    take_key(s, i);
    return draw_offset(s, 0);
}

static uint32_t cookie_of(tern_stack *s, uint32_t i, uint32_t peer_isn)
{
    struct half_open h = {.flow = neighbour(i)};
    struct segment syn = {.seq = seq_of(peer_isn), .flags = TCP_SYN, .wnd = 65535};

    cookie_make(&s->engine, &h, &syn);
    return h.iss.v;
}

static uint32_t draw_cookie(tern_stack *s, uint32_t i)
{
    return cookie_of(s, i, 1000);
}

static uint32_t draw_cookie_of_isn(tern_stack *s, uint32_t i)
{
    return cookie_of(s, 0, i);
}

static uint32_t draw_cookie_of_key(tern_stack *s, uint32_t i)
{
    take_key(s, i);
    s->engine.cookies.number = 0; /* keys are made from the stack's anew */
    return cookie_of(s, 0, 1000);
}

static uint32_t draw_port(tern_stack *s, uint32_t i)
{
    struct flow f = neighbour(i);

    f.local_port = 0;
    if (!ports_choose(s, &f))
        test_fail(__FILE__, __LINE__, "no port");
    return (uint32_t)(f.local_port - s->engine.config.ephemeral_port_first) << (32 - 14);
}

static uint32_t draw_port_of_key(tern_stack *s, uint32_t i)
{
    take_key(s, i);
    memset(s->engine.ephemeral, 0, sizeof s->engine.ephemeral);
    return draw_port(s, 0);
}

static const struct source sources[] = {
    {"isn, peer's port counts up", draw_isn, 32},
    {"isn, key counts up", draw_isn_of_key, 32},
    {"timestamp offset, peer's port", draw_offset, 32},
    {"timestamp offset, key", draw_offset_of_key, 32},
    {"cookie, peer's port", draw_cookie, 24},
    {"cookie, peer's isn", draw_cookie_of_isn, 24},
    {"cookie, key", draw_cookie_of_key, 24},
    {"ephemeral port, peer's port", draw_port, 14},
    {"ephemeral port, key", draw_port_of_key, 14},
};

enum { SOURCES = sizeof sources / sizeof sources[0] };

static void draw_all(const struct source *source, uint8_t key, uint32_t count, uint32_t *draws)
{
    tern_config config = fixture_config();

    memset(config.key, key, sizeof config.key);
    config.ephemeral_port_first = 49152; /* 14 bits */
    config.ephemeral_port_last = 65535;
    fixture *x = fixture_begin(&config);
    for (uint32_t i = 0; i < count; i++)
        draws[i] = source->draw(x->stack, i);
    fixture_end(x);
}

/* ---- Statistics ---- */

static double chi_square(const uint32_t *buckets, uint32_t count, double expected)
{
    double sum = 0;

    for (uint32_t i = 0; i < count; i++) {
        double off = buckets[i] - expected;
        sum += off * off / expected;
    }
    return sum;
}

static void check_octets_and_bits(const struct source *source, const uint32_t *draws,
                                  const char *of)
{
    double worst = 0;

    for (unsigned window = 0; window * 8 < source->bits; window++) {
        unsigned top = window * 8 + 8 <= source->bits ? window * 8 : source->bits - 8;
        uint32_t buckets[256] = {0};
        for (uint32_t i = 0; i < DRAWS; i++)
            buckets[draws[i] >> (24 - top) & 0xff]++;
        double chi = chi_square(buckets, 256, DRAWS / 256.0);
        if (chi < CHI_LEAST || chi > CHI_MOST)
            test_fail(__FILE__, __LINE__, "%s, %s: chi-square %.1f from bit %u", source->name, of,
                      chi, top);
        worst = chi > worst ? chi : worst;
        for (unsigned bit = 0; bit < 8; bit++) {
            int64_t ones = 0;
            for (uint32_t octet = 0; octet < 256; octet++)
                ones += (octet >> bit & 1) != 0 ? buckets[octet] : 0;
            if (llabs(ones - DRAWS / 2) > ONES_OFF_MOST)
                test_fail(__FILE__, __LINE__, "%s, %s: %lld ones at bit %u", source->name, of,
                          (long long)ones, top + 7 - bit);
        }
    }
    printf("  %-30s %-10s chi-square at most %.1f\n", source->name, of, worst);
}

/* Pearson's r of a stream and itself `lag` later, for values even over 0 .. 2^32 - 1. */
static double correlation(const uint32_t *draws, uint32_t lag)
{
    double sum = 0;

    for (uint32_t i = 0; i + lag < DRAWS; i++)
        sum += (draws[i] / 4294967296.0 - 0.5) * (draws[i + lag] / 4294967296.0 - 0.5);
    return sum / (DRAWS - lag) * 12;
}

static void check_correlation(const struct source *source, const uint32_t *draws)
{
    for (uint32_t lag = 1; lag <= LAGS; lag++) {
        double r = correlation(draws, lag);
        if (r < -0.0049 || r > 0.0049) /* 4.9 / sqrt(DRAWS) */
            test_fail(__FILE__, __LINE__, "%s: correlation %.5f at lag %u", source->name, r, lag);
    }
}

/* Sorts by 16 bits, from `shift` on, and keeps the order of equals. */
static void sort_by(const uint32_t *from, uint32_t *to, unsigned shift)
{
    static uint32_t place[1 << RADIX_BITS];
    uint32_t sum = 0;

    memset(place, 0, sizeof place);
    for (uint32_t i = 0; i < DRAWS; i++)
        place[from[i] >> shift & 0xffff]++;
    for (uint32_t i = 0; i < 1 << RADIX_BITS; i++) {
        uint32_t count = place[i];
        place[i] = sum;
        sum += count;
    }
    for (uint32_t i = 0; i < DRAWS; i++)
        to[place[from[i] >> shift & 0xffff]++] = from[i];
}

/* Equal pairs, against n (n - 1) / 2 / 2^bits; `draws` is sorted by this. */
static void check_repetition(const struct source *source, uint32_t *draws, uint32_t *room)
{
    double expected = (double)DRAWS * (DRAWS - 1) / 2 / (double)(UINT64_C(1) << source->bits);
    uint32_t run = 0;
    double pairs = 0;

    sort_by(draws, room, 0);
    sort_by(room, draws, RADIX_BITS);
    for (uint32_t i = 1; i < DRAWS; i++) {
        run = draws[i] >> (32 - source->bits) == draws[i - 1] >> (32 - source->bits) ? run + 1 : 0;
        pairs += run;
    }
    double off = pairs - expected;
    printf("  %-30s %.0f equal pairs, %.0f expected\n", source->name, pairs, expected);
    CHECK(off * off <= 36 * expected); /* six sigma: a Poisson distribution leans to the right */
}

/* ---- Cases ---- */

TEST(draws_look_like_chance)
{
    uint32_t *draws = malloc(DRAWS * sizeof *draws);
    uint32_t *other = malloc(DRAWS * sizeof *other);

    CHECK(draws != NULL && other != NULL);
    for (unsigned n = 0; n < SOURCES; n++) {
        draw_all(&sources[n], 1, DRAWS, draws);
        check_octets_and_bits(&sources[n], draws, "draws");
        check_correlation(&sources[n], draws);
        for (uint32_t i = 0; i + 1 < DRAWS; i++)
            other[i] = draws[i] ^ draws[i + 1];
        other[DRAWS - 1] = draws[DRAWS - 1] ^ draws[0];
        check_octets_and_bits(&sources[n], other, "neighbours");
        if (sources[n].bits >= 24)
            check_repetition(&sources[n], draws, other);
    }
    free(draws);
    free(other);
}

TEST(the_same_key_gives_the_same_draws_and_another_key_others)
{
    uint32_t *draws = malloc(3 * SAME_DRAWS * sizeof *draws);

    CHECK(draws != NULL);
    for (unsigned n = 0; n < SOURCES; n++) {
        if (strstr(sources[n].name, "key") != NULL) /* these make their own */
            continue;
        uint32_t equal = 0;
        draw_all(&sources[n], 1, SAME_DRAWS, draws);
        draw_all(&sources[n], 1, SAME_DRAWS, draws + SAME_DRAWS);
        draw_all(&sources[n], 2, SAME_DRAWS, draws + 2 * SAME_DRAWS);
        CHECK_MEM(draws, draws + SAME_DRAWS, SAME_DRAWS * sizeof *draws);
        for (uint32_t i = 0; i < SAME_DRAWS; i++)
            equal += draws[i] == draws[2 * SAME_DRAWS + i];
        CHECK(equal <= SAME_MOST);
    }
    free(draws);
}
