/* ladder_fold.c - more of the same: rows of a ladder that are told in one instead of drawn. */
#define _GNU_SOURCE
#include "draw/ladder_fold.h"

#include <string.h>

enum { FOLD_TIME_BYTES = 32 };

/* ---- What makes two steps alike ------------------------------------------------------------ */

static uint64_t fold_mix(uint64_t hash, uint64_t value)
{
    hash ^= value;
    hash *= UINT64_C(0x100000001b3); /* FNV-1a */
    return hash ^ hash >> 29;
}

/* A text without its digits: "read 1448" is like "read 100". */
static uint64_t fold_mix_text(uint64_t hash, const char *text)
{
    for (; text != NULL && *text != '\0'; text++)
        if (*text < '0' || *text > '9')
            hash = fold_mix(hash, (uint8_t)*text);
    return hash;
}

static uint64_t fold_mix_packet(uint64_t hash, const ladder_flight *f)
{
    const packet_summary *p = &f->packet;

    hash = fold_mix(hash, (uint64_t)f->from << 16 | (uint64_t)f->to << 8 | p->form);
    hash = fold_mix(hash, (uint64_t)(f->died ? 1 + f->fate : 0));
    hash = fold_mix(hash, (uint64_t)p->flags << 16 | (uint64_t)p->icmp_type << 8 | p->icmp_code);
    hash = fold_mix(hash, (uint64_t)p->bad << 8 | p->protocol);
    hash = fold_mix(hash, (uint64_t)(p->text_bytes > 0) | (uint64_t)p->again << 1 |
                              (uint64_t)(p->options.sack_count > 0) << 2 |
                              (uint64_t)p->checksum_bad << 3 | (uint64_t)(p->window == 0) << 4 |
                              (uint64_t)p->options.has_mss << 5);
    return fold_mix_text(hash, f->who);
}

static uint64_t fold_mix_event(uint64_t hash, const ladder *l, size_t number)
{
    const ladder_event *e = ladder_event_get(l, number);
    const ladder_flight *f;

    if (e == NULL)
        return hash;
    hash = fold_mix(hash, (uint64_t)e->kind << 8 | e->end);
    switch (e->kind) {
    case EVENT_SENT:
    case EVENT_ARRIVED:
    case EVENT_DIED:
        f = ladder_flight_get(l, e->flight);
        hash = fold_mix(hash, e->marks);
        return f == NULL ? hash : fold_mix_packet(hash, f);
    case EVENT_STATE:
        return fold_mix(hash, (uint64_t)e->from << 8 | e->to);
    case EVENT_CAPTION:
        return fold_mix_text(fold_mix(hash, e->rule), e->text);
    case EVENT_NOTE:
        break;
    }
    return fold_mix_text(fold_mix(hash, e->note), e->text);
}

static uint64_t fold_signature(const ladder *l, const ladder_step *step)
{
    uint64_t hash = fold_mix(UINT64_C(0xcbf29ce484222325), step->kind);

    hash = fold_mix_event(hash, l, step->event);
    if (step->kind == STEP_WHOLE || step->kind == STEP_CROSS)
        hash = fold_mix_event(hash, l, step->other);
    for (unsigned i = 0; i < 2 && step->kind == STEP_CROSS; i++)
        hash = fold_mix_event(hash, l, step->arrived[i]);
    return hash != 0 ? hash : 1;
}

static bool fold_is_known(const ladder_fold *f, uint64_t signature)
{
    for (unsigned i = 0; i < FOLD_KNOWN_MAX; i++)
        if (f->known[i] == signature)
            return true;
    return false;
}

/* Keeps the signature, if there is room. */
static void fold_know(ladder_fold *f, uint64_t signature)
{
    unsigned i = 0;

    while (i < FOLD_KNOWN_MAX && f->known[i] != 0 && f->known[i] != signature)
        i++;
    if (i < FOLD_KNOWN_MAX)
        f->known[i] = signature;
}

static bool fold_is_tedious(ladder_fold *f, uint64_t signature)
{
    unsigned seen = 0;

    for (unsigned i = 0; i < FOLD_MEMORY; i++)
        seen += f->recent[i] == signature;
    f->recent[f->recent_next] = signature;
    f->recent_next = (f->recent_next + 1) % FOLD_MEMORY;
    return seen >= FOLD_SEEN || fold_is_known(f, signature);
}

/* ---- Runs ---------------------------------------------------------------------------------- */

/* The packets that a step draws leaving, or coming from outside. */
static unsigned fold_packets(const ladder_step *step)
{
    switch (step->kind) {
    case STEP_CROSS:
        return 2;
    case STEP_WHOLE:
    case STEP_DEAD:
    case STEP_DEPART:
    case STEP_FOREIGN:
        return 1;
    case STEP_EVENT:
    case STEP_ARRIVE:
        break;
    }
    return 0;
}

static bool fold_is_kind(const fold_kind *k, const packet_summary *p, bool rightward)
{
    return k->rightward == rightward && k->like.form == p->form && k->like.flags == p->flags &&
           k->like.icmp_type == p->icmp_type && k->like.icmp_code == p->icmp_code &&
           (k->like.text_bytes > 0) == (p->text_bytes > 0);
}

static void fold_count(fold_sum *sum, const ladder_flight *flight)
{
    const packet_summary *p = &flight->packet;
    bool rightward = flight->from == LADDER_LEFT || flight->to == LADDER_RIGHT;
    unsigned i = 0;

    sum->packets++;
    while (i < sum->kinds && !fold_is_kind(&sum->kind[i], p, rightward))
        i++;
    if (i == FOLD_KINDS_MAX)
        return;
    if (i == sum->kinds)
        sum->kind[sum->kinds++] = (fold_kind){
            .like = *p, .rightward = rightward, .least_bytes = p->text_bytes};
    fold_kind *k = &sum->kind[i];
    k->count++;
    k->least_bytes = p->text_bytes < k->least_bytes ? p->text_bytes : k->least_bytes;
    k->most_bytes = p->text_bytes > k->most_bytes ? p->text_bytes : k->most_bytes;
}

static void fold_add(ladder_fold *f, const ladder *l, const fold_step *step)
{
    size_t part[2] = {step->step.event, step->step.other};

    for (unsigned i = 0; i < 2; i++) {
        const ladder_event *e = ladder_event_get(l, part[i]);
        const ladder_flight *flight = NULL;
        if ((i == 1 && step->step.kind != STEP_WHOLE && step->step.kind != STEP_CROSS) || e == NULL)
            break;
        if (f->sum.packets == 0 && i == 0 && f->sum.first_us == 0)
            f->sum.first_us = e->time_us;
        f->sum.last_us = e->time_us > f->sum.last_us ? e->time_us : f->sum.last_us;
        if (i < fold_packets(&step->step))
            flight = ladder_flight_get(l, e->flight);
        if (flight != NULL)
            fold_count(&f->sum, flight);
    }
    fold_know(f, step->signature);
    f->sink.skip(f->sink.context, step);
}

static void fold_show_held(ladder_fold *f)
{
    for (unsigned i = 0; i < f->held_count; i++)
        f->sink.show(f->sink.context, &f->held[i]);
    f->held_count = 0;
}

void fold_settle(ladder_fold *f, bool over)
{
    fold_show_held(f);
    if (!over)
        return;
    if (f->folding)
        f->sink.tell(f->sink.context, &f->sum);
    f->folding = false;
    f->run = 0;
    f->sum = (fold_sum){.packets = 0};
}

void fold_take(ladder_fold *f, const ladder *l, fold_step step)
{
    step.signature = fold_signature(l, &step.step);
    if (!fold_is_tedious(f, step.signature)) {
        fold_settle(f, true);
        f->sink.show(f->sink.context, &step);
        return;
    }
    f->run_known = (f->run_known || f->run == 0) && fold_is_known(f, step.signature);
    f->run += fold_packets(&step.step);
    if (f->folding) {
        fold_add(f, l, &step);
        return;
    }
    if (f->held_count == FOLD_HELD_MAX)
        fold_show_held(f);
    f->held[f->held_count++] = step;
    if (f->run < (f->run_known ? FOLD_LEAST_KNOWN : FOLD_LEAST))
        return;
    f->folding = true;
    for (unsigned i = 0; i < f->held_count; i++)
        fold_add(f, l, &f->held[i]);
    f->held_count = 0;
}

/* ---- Words --------------------------------------------------------------------------------- */

static char *fold_time_text(tern_time time_us, char text[FOLD_TIME_BYTES])
{
    snprintf(text, FOLD_TIME_BYTES, "%llu.%03u", (unsigned long long)(time_us / 1000000),
             (unsigned)(time_us % 1000000 / 1000));
    return text;
}

char *fold_text(const fold_sum *sum, const draw_style *style, char text[FOLD_TEXT_BYTES])
{
    char from[FOLD_TIME_BYTES], to[FOLD_TIME_BYTES];

    snprintf(text, FOLD_TEXT_BYTES,
             draw_text(style, N_("%llu packets more like these, %s .. %s s")),
             (unsigned long long)sum->packets, fold_time_text(sum->first_us, from),
             fold_time_text(sum->last_us, to));
    return text;
}

char *fold_kinds_text(const fold_sum *sum, const char *leftward, const char *rightward,
                      char text[FOLD_TEXT_BYTES])
{
    size_t at = 0;

    text[0] = '\0';
    for (unsigned i = 0; i < sum->kinds && at < FOLD_TEXT_BYTES; i++) {
        const fold_kind *k = &sum->kind[i];
        packet_summary like = k->like;
        char label[PACKET_LABEL_BYTES], bytes[48] = "";
        like.text_bytes = 0;
        if (k->most_bytes > k->least_bytes)
            snprintf(bytes, sizeof bytes, " LEN %u..%u", k->least_bytes, k->most_bytes);
        else if (k->most_bytes > 0)
            snprintf(bytes, sizeof bytes, " LEN %u", k->most_bytes);
        at += (size_t)snprintf(text + at, FOLD_TEXT_BYTES - at, "%s%llu %s%s %s", i > 0 ? "; " : "",
                               (unsigned long long)k->count, packet_label(&like, label), bytes,
                               k->rightward ? rightward : leftward);
    }
    return text;
}
