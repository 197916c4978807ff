/* cookie.c - SYN cookies (RFC 4987 3.6). */
#include "tcp/open/cookie.h"

#include "base/bytes.h"
#include "tcp/open/isn.h"
#include "tcp/open/syn.h"

enum {
    COOKIE_KEY_BIT = 0x80,
    COOKIE_SACK_BIT = 0x01,
    COOKIE_TS_SACK_BIT = 0x10, /* in the timestamp, above the shift */
    COOKIE_TS_NO_SCALE = 0x0f,
    COOKIE_TS_MASK = 0x3f,
    COOKIE_ROTATE_MS = 60000,
    COOKIE_USE = 0x434f4f4b, /* keeps the derived keys apart from other uses of the key */
};

/* What links and tunnels of today make of 1500, and the defaults. */
static const uint16_t mss_steps[8] = {216, 536, 1220, 1300, 1360, 1400, 1440, 1460};
/* 0: no window scale; n: a shift of scale_steps[n]. */
static const uint8_t scale_steps[8] = {0, 0, 1, 2, 4, 6, 7, 8};

/* The keys that are not given from outside are derived from the stack's, a new one a minute. */
static void cookie_rotate(struct engine *e)
{
    struct cookie_keys *k = &e->cookies;

    if (k->given || (k->number != 0 && e->now_ms - k->since_ms < COOKIE_ROTATE_MS))
        return;
    /* After a long pause the last key is too old as well. */
    unsigned steps = k->number == 0 || e->now_ms - k->since_ms >= 2 * COOKIE_ROTATE_MS ? 2 : 1;
    for (unsigned i = 0; i < steps; i++) {
        uint64_t words[3] = {COOKIE_USE, ++k->number, 0};
        struct siphash_key *key = &k->key[k->number & 1];
        key->k0 = siphash_2_4_words(e->key, words, 3);
        words[2] = 1;
        key->k1 = siphash_2_4_words(e->key, words, 3);
    }
    k->since_ms = e->now_ms;
}

/* The upper 24 bits. Of the addresses themselves, not of our index: another host may verify. */
static uint32_t cookie_proof(const struct engine *e, const struct half_open *h, uint32_t low)
{
    const uint8_t *local = e->config.addresses[h->flow.local].octets;
    const uint8_t *remote = h->flow.remote.octets;
    uint64_t ports = (uint64_t)h->flow.remote_port << 16 | h->flow.local_port;
    uint64_t numbers = (uint64_t)h->irs.v << 32 | low;
    siphash_key key = e->cookies.key[(low & COOKIE_KEY_BIT) != 0];
    uint64_t hash;

    /* The two differ in length, and the length is part of what is hashed. */
    if (engine_is_ipv4(e, &h->flow)) {
        uint64_t addresses = get_le64(remote + 8) >> 32 | get_le64(local + 8) >> 32 << 32;
        uint64_t words[3] = {addresses, ports, numbers};
        hash = siphash_2_4_words(key, words, 3);
    } else {
        uint64_t words[6] = {
            get_le64(remote), get_le64(remote + 8), get_le64(local), get_le64(local + 8), ports,
            numbers};
        hash = siphash_2_4_words(key, words, 6);
    }
    return (uint32_t)hash & 0xffffff00;
}

/* The highest step that is not above the value. */
static uint32_t cookie_step_of_mss(uint16_t mss)
{
    uint32_t step = 7;

    while (step > 0 && mss_steps[step] > mss)
        step--;
    return step;
}

static uint32_t cookie_step_of_scale(const struct half_open *h)
{
    uint32_t step = 7;

    if ((h->flow.flags & HALF_OPEN_SCALED) == 0)
        return 0;
    while (step > 1 && scale_steps[step] > h->snd_scale)
        step--;
    return step;
}

void cookie_make(struct engine *e, struct half_open *h, const struct segment *s)
{
    cookie_rotate(e);
    syn_read(e, h, s);
    uint32_t low = (e->cookies.number & 1) != 0 ? COOKIE_KEY_BIT : 0;
    low |= cookie_step_of_mss(h->peer_mss) << 4 | cookie_step_of_scale(h) << 1;
    low |= (h->flow.flags & HALF_OPEN_SACK) != 0 ? COOKIE_SACK_BIT : 0;
    h->iss = seq_of(cookie_proof(e, h, low) | low);
    e->cookies.sent_ms = e->now_ms;
    e->cookies.sent = true;
    RULE_HIT(e, &h->flow, COOKIE_SENT);
}

uint32_t cookie_timestamp(const struct engine *e, const struct half_open *h)
{
    uint32_t now = engine_timestamp(e, isn_timestamp_offset(e, &h->flow));
    uint32_t low = (h->flow.flags & HALF_OPEN_SCALED) != 0 ? h->snd_scale : COOKIE_TS_NO_SCALE;

    low |= (h->flow.flags & HALF_OPEN_SACK) != 0 ? COOKIE_TS_SACK_BIT : 0;
    /* Never ahead of the clock, or the connection's next timestamp would look older. */
    uint32_t value = (now & ~(uint32_t)COOKIE_TS_MASK) | low;
    return value > now ? value - (COOKIE_TS_MASK + 1) : value;
}

/* What the low bits of the cookie, or of our timestamp that came back, say. */
static void cookie_read(const struct engine *e, struct half_open *h, const tcp_options *o)
{
    uint32_t low = h->iss.v;
    uint32_t scale = low >> 1 & 7;
    uint8_t agreed = 0;

    h->peer_mss = mss_steps[low >> 4 & 7];
    h->snd_scale = scale_steps[scale] & 15u;
    agreed |= scale != 0 ? HALF_OPEN_SCALED : 0;
    agreed |= (low & COOKIE_SACK_BIT) != 0 ? HALF_OPEN_SACK : 0;
    if (e->config.timestamps && o->has_timestamps) {
        agreed = HALF_OPEN_TS;
        h->ts_recent = o->ts_value;
        if ((o->ts_echo & COOKIE_TS_NO_SCALE) != COOKIE_TS_NO_SCALE) {
            agreed |= HALF_OPEN_SCALED;
            h->snd_scale = o->ts_echo & 15u;
        }
        agreed |= (o->ts_echo & COOKIE_TS_SACK_BIT) != 0 ? HALF_OPEN_SACK : 0;
    }
    h->flow.flags = agreed | HALF_OPEN_SENT | HALF_OPEN_AGAIN;
}

bool cookie_check(struct engine *e, struct half_open *h, const struct segment *s)
{
    const struct cookie_keys *k = &e->cookies;
    bool expected = k->given || (k->sent && e->now_ms - k->sent_ms < 2 * COOKIE_ROTATE_MS);

    if (e->config.syn_cookies == TERN_COOKIES_NEVER || !expected ||
        segment_has(s, TCP_SYN | TCP_RST))
        return false;
    cookie_rotate(e);
    h->iss = seq_of(s->ack.v - 1);
    h->irs = seq_of(s->seq.v - 1);
    uint32_t low = h->iss.v & 0xff;
    if (cookie_proof(e, h, low) != (h->iss.v & 0xffffff00)) {
        RULE_HIT(e, &h->flow, COOKIE_BAD);
        return false;
    }
    cookie_read(e, h, &s->options);
    h->flow.spare = (uint16_t)s->wnd;
    h->born_ms = e->now_ms;
    RULE_HIT(e, &h->flow, COOKIE_ACCEPTED);
    return true;
}
