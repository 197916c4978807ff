/* columns.c - how wide a text is on a terminal, and where it may be broken.
 *
 * wcwidth() would need the locale of the reader to be the encoding of the text; the captions are
 * UTF-8 whatever the locale is, so the few ranges that matter are here. */
#include "draw/columns.h"

#include <stdbool.h>
#include <string.h>

typedef struct columns_range {
    uint32_t first, last;
} columns_range;

/* Unicode East Asian Width W and F, joined where nothing but unassigned lies between. */
static const columns_range columns_wide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x23e9, 0x23ec},   {0x2e80, 0x303e},
    {0x3041, 0x33ff},   {0x3400, 0x4dbf},   {0x4e00, 0x9fff},   {0xa000, 0xa4cf},
    {0xa960, 0xa97f},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
    {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff},
    {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};

/* Marks that sit on the character before them, and the vowels and finals of conjoining Hangul. */
static const columns_range columns_none[] = {
    {0x0000, 0x001f}, {0x007f, 0x009f}, {0x0300, 0x036f}, {0x1160, 0x11ff}, {0x200b, 0x200f},
    {0x20d0, 0x20ff}, {0xd7b0, 0xd7ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff},
};

static bool columns_in(uint32_t c, const columns_range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}

unsigned columns_of_character(uint32_t character)
{
    if (columns_in(character, columns_none, sizeof columns_none / sizeof columns_none[0]))
        return 0;
    if (columns_in(character, columns_wide, sizeof columns_wide / sizeof columns_wide[0]))
        return 2;
    return 1;
}

size_t columns_decode(const char *text, size_t bytes, uint32_t *character)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *u = (const unsigned char *)text;
    size_t length = u[0] < 0x80         ? 1
                    : u[0] >> 5 == 0x6  ? 2
                    : u[0] >> 4 == 0xe  ? 3
                    : u[0] >> 3 == 0x1e ? 4
                                        : 0;
    uint32_t c = length == 1 ? u[0] : u[0] & (0xffu >> (length + 1));

    *character = 0xfffd;
    if (length == 0 || length > bytes)
        return 1;
    for (size_t i = 1; i < length; i++) {
        if ((u[i] & 0xc0) != 0x80)
            return 1;
        c = c << 6 | (u[i] & 0x3f);
    }
    if (c < least[length] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 1;
    *character = c;
    return length;
}

unsigned columns_of(const char *text, size_t bytes)
{
    unsigned columns = 0;
    uint32_t character;

    for (size_t at = 0; at < bytes;) {
        at += columns_decode(text + at, bytes - at, &character);
        columns += columns_of_character(character);
    }
    return columns;
}

unsigned columns_text(const char *text)
{
    return columns_of(text, strlen(text));
}

size_t columns_wrap(const char *text, unsigned columns, size_t *next)
{
    size_t bytes = strlen(text), at = 0, blank = 0, joint = 0;
    unsigned used = 0;
    uint32_t character;

    while (at < bytes) {
        size_t length = columns_decode(text + at, bytes - at, &character);
        used += columns_of_character(character);
        if (character == ' ')
            blank = at;
        else if (used > columns && at > 0)
            break;
        at += length;
        if (character == '/' || character == '-' || character == ',')
            joint = at;
    }
    if (at < bytes)
        at = blank > 0 ? blank : joint > 0 ? joint : at;
    *next = at;
    while (text[*next] == ' ')
        (*next)++;
    while (at > 0 && text[at - 1] == ' ')
        at--;
    return at;
}
