/* profile.c - behaviour profiles: the rows of profiles.def, put into a configuration, and each key
 * by its name. */
#include "tern/profile.h"

#include "stack/memory.h"
#include "stack/stack.h"

#include <string.h>

enum profile_kind { PROFILE_NUMBER, PROFILE_YES_NO, PROFILE_WORDS, PROFILE_ERROR, PROFILE_WAITS };

struct profile_row {
    const char *name, *source;
    const char *words; /* with commas between; their places are the values */
    enum profile_kind kind;
    size_t at, bytes; /* in a tern_config */
    uint32_t value[TERN_PROFILES];
    uint32_t waits_ms[TERN_PROFILES][TERN_SCHEDULE_WAITS];
};

#define FIELD_BYTES(field) sizeof(((const tern_config *)0)->field)
#define ROW(field, kind, words, source, ...)                                                       \
    {#field, source, words, kind, offsetof(tern_config, field), FIELD_BYTES(field), __VA_ARGS__},
#define NUMBER(field, rfc9293, linux, freebsd, source)                                             \
    ROW(field, PROFILE_NUMBER, NULL, source, {rfc9293, linux, freebsd}, {{0}})
#define YES_NO(field, rfc9293, linux, freebsd, source)                                             \
    ROW(field, PROFILE_YES_NO, NULL, source, {rfc9293, linux, freebsd}, {{0}})
#define WORDS(field, rfc9293, linux, freebsd, words, source)                                       \
    ROW(field, PROFILE_WORDS, words, source, {rfc9293, linux, freebsd}, {{0}})
#define ICMP(reason, rfc9293, linux, freebsd, source)                                              \
    {"icmp_errors." #reason,                                                                       \
     source,                                                                                       \
     NULL,                                                                                         \
     PROFILE_ERROR,                                                                                \
     offsetof(tern_config, icmp_errors[TERN_ICMP_##reason]),                                       \
     sizeof(int8_t),                                                                               \
     {CODE(rfc9293), CODE(linux), CODE(freebsd)},                                                  \
     {{0}}},
#define CODE(name) (uint32_t) TERN_ERR_##name
#define ERROR(field, rfc9293, linux, freebsd, source)                                              \
    ROW(field, PROFILE_ERROR, NULL, source, {CODE(rfc9293), CODE(linux), CODE(freebsd)}, {{0}})
#define BARE(...) __VA_ARGS__
#define WAITS(field, rfc9293, linux, freebsd, source)                                              \
    ROW(field, PROFILE_WAITS, NULL, source, {0}, {{BARE rfc9293}, {BARE linux}, {BARE freebsd}})
static const struct profile_row profile_rows[] = {
#include "stack/profiles.def"
};
#undef NUMBER
#undef YES_NO
#undef WORDS
#undef ERROR
#undef ICMP
#undef CODE
#undef WAITS
#undef BARE
#undef ROW
#undef FIELD_BYTES

enum { PROFILE_ROWS = sizeof profile_rows / sizeof profile_rows[0] };

static const char *const profile_names[TERN_PROFILES] = {"rfc9293", "linux", "freebsd"};

/* ---- Profiles ---- */

const char *tern_profile_name(tern_profile profile)
{
    return (size_t)profile < TERN_PROFILES ? profile_names[profile] : NULL;
}

static bool profile_same(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

bool tern_profile_find(const char *name, tern_profile *profile)
{
    for (unsigned i = 0; i < TERN_PROFILES; i++) {
        if (!profile_same(name, profile_names[i]))
            continue;
        *profile = (tern_profile)i;
        return true;
    }
    return false;
}

/* What a row holds: one value, or waits. */
union profile_value {
    uint32_t number;
    uint32_t waits_ms[TERN_SCHEDULE_WAITS];
};

/* A number of the field's own size. */
static void profile_put(tern_config *c, const struct profile_row *row, const union profile_value *v)
{
    uint8_t *field = (uint8_t *)c + row->at;
    uint16_t half = (uint16_t)v->number;
    uint8_t octet = (uint8_t)v->number;
    bool yes = v->number != 0;

    if (row->kind == PROFILE_WAITS)
        memcpy(field, v->waits_ms, sizeof v->waits_ms);
    else if (row->kind == PROFILE_YES_NO)
        memcpy(field, &yes, sizeof yes);
    else if (row->bytes == sizeof octet)
        memcpy(field, &octet, sizeof octet);
    else if (row->bytes == sizeof half)
        memcpy(field, &half, sizeof half);
    else
        memcpy(field, &v->number, sizeof v->number);
}

/* The same way back. */
static uint32_t profile_field(const tern_config *c, const struct profile_row *row)
{
    const uint8_t *field = (const uint8_t *)c + row->at;
    uint32_t number = 0;
    uint16_t half;
    bool yes;

    if (row->kind == PROFILE_YES_NO) {
        memcpy(&yes, field, sizeof yes);
        return yes;
    }
    if (row->bytes == sizeof(uint8_t))
        return row->kind == PROFILE_ERROR ? (uint32_t)(int8_t)*field : *field;
    if (row->bytes == sizeof half) {
        memcpy(&half, field, sizeof half);
        return half;
    }
    memcpy(&number, field, sizeof number);
    return number;
}

tern_err tern_config_profile(tern_config *config, tern_profile profile)
{
    if (config == NULL || (size_t)profile >= TERN_PROFILES)
        return TERN_ERR_INVALID;
    for (size_t i = 0; i < PROFILE_ROWS; i++) {
        const struct profile_row *row = &profile_rows[i];
        union profile_value v = {.number = row->value[profile]};
        if (row->kind == PROFILE_WAITS)
            memcpy(v.waits_ms, row->waits_ms[profile], sizeof v.waits_ms);
        profile_put(config, row, &v);
    }
    return TERN_OK;
}

tern_err tern_profile_change(tern_stack *s, tern_time now_us, const tern_config *config)
{
    tern_config changed = s->engine.config;

    if (config == NULL)
        return TERN_ERR_INVALID;
    for (size_t i = 0; i < PROFILE_ROWS; i++) {
        const struct profile_row *row = &profile_rows[i];
        memcpy((uint8_t *)&changed + row->at, (const uint8_t *)config + row->at, row->bytes);
    }
    if (memory_behaviour_wrong(&changed) != NULL)
        return TERN_ERR_INVALID;
    stack_set_time(s, now_us);
    s->engine.config = changed;
    return TERN_OK;
}

/* ---- Text ---- */

/* A decimal number of 32 bits; *end behind it. */
static bool profile_number(const char *text, uint32_t *number, const char **end)
{
    uint64_t n = 0;

    *end = text;
    while (**end >= '0' && **end <= '9' && n <= UINT32_MAX) {
        n = 10 * n + (uint64_t)(**end - '0');
        (*end)++;
    }
    *number = (uint32_t)n;
    return *end != text && n <= UINT32_MAX;
}

static bool profile_waits(const char *text, union profile_value *v)
{
    for (uint32_t i = 0; i < TERN_SCHEDULE_WAITS; i++) {
        const char *end;
        if (!profile_number(text, &v->waits_ms[i], &end))
            return false;
        if (*end == '\0')
            return true;
        if (*end != ',' || v->waits_ms[i] == 0)
            return false;
        text = end + 1;
    }
    return false;
}

/* The place of a word among those of a row. */
static bool profile_word(const char *words, const char *text, uint32_t *place)
{
    *place = 0;
    for (const char *at = words; *at != '\0'; at++) { /* to the end of a constant */
        const char *t = text;
        while (*t != '\0' && *t != ',' && *at == *t) {
            at++;
            t++;
        }
        if (*t == '\0' && (*at == ',' || *at == '\0'))
            return true;
        while (*at != ',' && *at != '\0')
            at++;
        if (*at == '\0')
            return false;
        (*place)++;
    }
    return false;
}

static bool profile_error(const char *text, uint32_t *number)
{
#define ERROR(name, value, sentence)                                                               \
    if (profile_same(text, #name)) {                                                               \
        *number = (uint32_t)TERN_ERR_##name;                                                       \
        return true;                                                                               \
    }
#include "tern/errors.def"
#undef ERROR
    return false;
}

static bool profile_read(const struct profile_row *row, const char *text, union profile_value *v)
{
    const char *end;

    *v = (union profile_value){.waits_ms = {0}};
    switch (row->kind) {
    case PROFILE_WAITS:
        return profile_waits(text, v);
    case PROFILE_YES_NO:
        v->number = profile_same(text, "yes");
        return v->number != 0 || profile_same(text, "no");
    case PROFILE_WORDS:
        return profile_word(row->words, text, &v->number);
    case PROFILE_ERROR:
        return profile_error(text, &v->number);
    case PROFILE_NUMBER:
        break;
    }
    bool fits = profile_number(text, &v->number, &end) && *end == '\0';
    return fits && (row->bytes == sizeof v->number || v->number >> 8 * row->bytes == 0);
}

/* Up to the next comma or the end, with a NUL behind. */
static void profile_write_text(char *to, const char *text)
{
    while (*text != ',' && *text != '\0')
        *to++ = *text++;
    *to = '\0';
}

static const char *profile_word_at(const char *words, uint32_t place)
{
    for (; place > 0 && *words != '\0'; words++)
        place -= *words == ',';
    return words;
}

static char *profile_write_number(char *to, uint32_t number)
{
    char digits[10];
    unsigned n = 0;

    do {
        digits[n++] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    while (n > 0)
        *to++ = digits[--n];
    return to;
}

static void profile_write_waits(const tern_config *c, const struct profile_row *row, char *to)
{
    uint32_t waits_ms[TERN_SCHEDULE_WAITS];

    memcpy(waits_ms, (const uint8_t *)c + row->at, sizeof waits_ms);
    to = profile_write_number(to, waits_ms[0]);
    for (uint32_t i = 1; i < TERN_SCHEDULE_WAITS && waits_ms[i] != 0; i++) {
        *to++ = ',';
        to = profile_write_number(to, waits_ms[i]);
    }
    *to = '\0';
}

static void profile_write(const tern_config *c, const struct profile_row *row, char *to)
{
    uint32_t number = profile_field(c, row);

    switch (row->kind) {
    case PROFILE_WAITS:
        profile_write_waits(c, row, to);
        break;
    case PROFILE_YES_NO:
        profile_write_text(to, number != 0 ? "yes" : "no");
        break;
    case PROFILE_WORDS:
        profile_write_text(to, profile_word_at(row->words, number));
        break;
    case PROFILE_ERROR:
        profile_write_text(to, tern_err_name((tern_err)(int32_t)number));
        break;
    case PROFILE_NUMBER:
        *profile_write_number(to, number) = '\0';
        break;
    }
}

_Static_assert(TERN_SCHEDULE_WAITS * 11 < TERN_PROFILE_VALUE_BYTES, "a value's text has room");

/* ---- Keys ---- */

static const char *const profile_expected[] = {
    [PROFILE_NUMBER] = "a number",
    [PROFILE_YES_NO] = "yes or no",
    [PROFILE_ERROR] = "a name of errors.def: RESET",
    [PROFILE_WAITS] = "up to 12 waits in ms with commas between, or 0",
};

static const char *profile_takes(const struct profile_row *row)
{
    return row->words != NULL ? row->words : profile_expected[row->kind];
}

static const struct profile_row *profile_row_of(const char *key)
{
    for (size_t i = 0; i < PROFILE_ROWS; i++)
        if (profile_same(key, profile_rows[i].name))
            return &profile_rows[i];
    return NULL;
}

static const char *profile_set(tern_config *config, const char *key, const char *value)
{
    const struct profile_row *row = profile_row_of(key);
    union profile_value v;

    if (row == NULL)
        return "no such key";
    if (!profile_read(row, value, &v))
        return profile_takes(row);
    tern_config changed = *config;
    profile_put(&changed, row, &v);
    const char *wrong = memory_behaviour_wrong(&changed);
    if (wrong == NULL)
        *config = changed;
    return wrong;
}

tern_err tern_profile_key_set(tern_config *config, const char *key, const char *value,
                              const char **why)
{
    const char *wrong = config == NULL || key == NULL || value == NULL
                            ? "NULL"
                            : profile_set(config, key, value);

    if (why != NULL)
        *why = wrong;
    return wrong == NULL ? TERN_OK : TERN_ERR_INVALID;
}

tern_err tern_profile_key_get(const tern_config *config, const char *key,
                              char text[TERN_PROFILE_VALUE_BYTES])
{
    const struct profile_row *row = config != NULL && key != NULL ? profile_row_of(key) : NULL;

    if (row == NULL || text == NULL)
        return TERN_ERR_INVALID;
    profile_write(config, row, text);
    return TERN_OK;
}

bool tern_profile_key_list(size_t index, tern_profile_key *key)
{
    if (index >= PROFILE_ROWS)
        return false;
    const struct profile_row *row = &profile_rows[index];
    *key = (tern_profile_key){row->name, profile_takes(row), row->source};
    return true;
}
