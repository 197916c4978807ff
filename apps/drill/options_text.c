/* options_text.c - see options_text.h. */
#include "apps/drill/options_text.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

typedef struct options_line {
    char *text;
    size_t used;
} options_line;

__attribute__((format(printf, 2, 3))) static void options_say(options_line *l, const char *format,
                                                              ...)
{
    va_list values;

    va_start(values, format);
    int n = vsnprintf(l->text + l->used, OPTIONS_TEXT_BYTES - l->used, format, values);
    va_end(values);
    if (n > 0)
        l->used += (size_t)n < OPTIONS_TEXT_BYTES - l->used ? (size_t)n
                                                            : OPTIONS_TEXT_BYTES - l->used - 1;
}

static uint32_t options_number(const uint8_t *at, size_t bytes)
{
    uint32_t number = 0;

    for (size_t i = 0; i < bytes; i++)
        number = number << 8 | at[i];
    return number;
}

static void options_say_octets(options_line *l, const char *name, const uint8_t *at, size_t bytes)
{
    options_say(l, "%s", name);
    for (size_t i = 0; i < bytes; i++)
        options_say(l, "%s%02x", i == 0 && *name != '\0' ? " " : "", at[i]);
}

static void options_say_sack(options_line *l, const uint8_t *at, size_t bytes)
{
    options_say(l, "sack");
    for (size_t i = 2; i < bytes; i += 8)
        options_say(l, " %u:%u", options_number(at + i, 4), options_number(at + i + 4, 4));
}

/* One with a length, all of which is there. */
static void options_say_one(options_line *l, const uint8_t *at, size_t bytes)
{
    enum { MSS = 2, SCALE, SACK_OK, SACK, TIMESTAMP = 8, FAST_OPEN = 34, EXPERIMENT = 254 };

    if (at[0] == MSS && bytes == 4)
        options_say(l, "mss %u", options_number(at + 2, 2));
    else if (at[0] == SCALE && bytes == 3)
        options_say(l, "wscale %u", at[2]);
    else if (at[0] == SACK_OK && bytes == 2)
        options_say(l, "sackOK");
    else if (at[0] == SACK && bytes > 2 && bytes % 8 == 2)
        options_say_sack(l, at, bytes);
    else if (at[0] == TIMESTAMP && bytes == 10)
        options_say(l, "TS val %u ecr %u", options_number(at + 2, 4), options_number(at + 6, 4));
    else if (at[0] == FAST_OPEN)
        options_say_octets(l, "FO", at + 2, bytes - 2);
    else if (at[0] == EXPERIMENT && bytes >= 4 && options_number(at + 2, 2) == 0xf989)
        options_say_octets(l, "FOEXP", at + 4, bytes - 4);
    else
        options_say_octets(l, "", at, bytes);
}

void options_text(const uint8_t *octets, size_t bytes, char text[OPTIONS_TEXT_BYTES])
{
    options_line l = {text, 0};

    options_say(&l, "%s", bytes == 0 ? "none" : "");
    for (size_t at = 0; at < bytes;) {
        size_t length = octets[at] < 2 || at + 1 >= bytes ? 1 : octets[at + 1];
        bool whole = octets[at] < 2 || (length >= 2 && length <= bytes - at);
        if (at > 0)
            options_say(&l, ",");
        if (!whole) {
            options_say_octets(&l, "", octets + at, bytes - at);
            return;
        }
        if (octets[at] < 2)
            options_say(&l, "%s", octets[at] == 0 ? "eol" : "nop");
        else
            options_say_one(&l, octets + at, length);
        at += length;
    }
}
