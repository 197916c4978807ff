/* quantity.c - one reader for all three: decimal digits, then a unit from a table. */
#include "sim/quantity.h"

#include <stddef.h>
#include <string.h>

typedef struct quantity_unit {
    const char *name;
    uint64_t worth; /* of one such unit, in what the result counts; a power of ten */
} quantity_unit;

typedef struct quantity_kind {
    const quantity_unit *units;
    size_t count;
    uint64_t value_max;
} quantity_kind;

static bool quantity_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const quantity_unit *quantity_find_unit(const quantity_kind *kind, const char *name)
{
    for (size_t i = 0; i < kind->count; i++)
        if (strcmp(kind->units[i].name, name) == 0)
            return &kind->units[i];
    return NULL;
}

/* Reads "12.5unit". Every digit is checked before it counts, so nothing overflows: a value has at
 * most 9 digits in front of the point, and a fraction ends where the unit can be split no more. */
static bool quantity_read(const quantity_kind *kind, const char *text, uint64_t *result)
{
    const char *whole = text, *fraction = NULL, *at = text;
    while (quantity_is_digit(*at))
        at++;
    size_t whole_digits = (size_t)(at - whole), fraction_digits = 0;
    if (*at == '.') {
        fraction = ++at;
        while (quantity_is_digit(*at))
            at++;
        fraction_digits = (size_t)(at - fraction);
        if (fraction_digits == 0)
            return false;
    }
    if (whole_digits == 0 || whole_digits > 9)
        return false;

    uint64_t value = 0;
    for (size_t i = 0; i < whole_digits; i++)
        value = value * 10 + (uint64_t)(whole[i] - '0');
    if (*at == '\0' && value == 0 && fraction_digits == 0) {
        *result = 0;
        return true;
    }
    const quantity_unit *unit = quantity_find_unit(kind, at);
    if (unit == NULL || value > kind->value_max / unit->worth)
        return false;

    uint64_t worth = unit->worth;
    value *= worth;
    for (size_t i = 0; i < fraction_digits; i++) {
        if (worth % 10 != 0)
            return false;
        worth /= 10;
        value += worth * (uint64_t)(fraction[i] - '0');
    }
    if (value > kind->value_max)
        return false;
    *result = value;
    return true;
}

bool quantity_time_us(const char *text, uint64_t *time_us)
{
    static const quantity_unit units[] = {{"us", 1}, {"ms", 1000}, {"s", 1000000}};
    static const quantity_kind kind = {units, 3, UINT64_C(1000000000000)};
    return quantity_read(&kind, text, time_us);
}

bool quantity_share_ppm(const char *text, uint32_t *share_ppm)
{
    static const quantity_unit units[] = {{"%", 10000}};
    static const quantity_kind kind = {units, 1, 1000000};
    uint64_t value;
    if (!quantity_read(&kind, text, &value))
        return false;
    *share_ppm = (uint32_t)value;
    return true;
}

bool quantity_rate_bps(const char *text, uint64_t *bits_per_s)
{
    static const quantity_unit units[] = {
        {"bit", 1}, {"kbit", 1000}, {"Mbit", 1000000}, {"Gbit", 1000000000}};
    static const quantity_kind kind = {units, 4, UINT64_C(1000000000000)};
    uint64_t value;
    if (!quantity_read(&kind, text, &value) || value == 0)
        return false;
    *bits_per_s = value;
    return true;
}
