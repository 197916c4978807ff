/* unescape.c - the octets that a string's text stands for, by C's escapes. */
#include "apps/pkt/script.h"

#include <string.h>

static int unescape_digit(char c, int base)
{
    static const char digits[] = "0123456789abcdef";
    char lower = c >= 'A' && c <= 'F' ? (char)(c + ('a' - 'A')) : c;
    const char *digit = lower != '\0' ? strchr(digits, lower) : NULL;

    return digit != NULL && digit - digits < base ? (int)(digit - digits) : -1;
}

/* Up to `most` digits, at least one being there. *text ends behind them. */
static unsigned unescape_number(const char **text, int base, int most)
{
    unsigned sum = 0;

    for (int i = 0; i < most && unescape_digit(**text, base) >= 0; i++)
        sum = sum * (unsigned)base + (unsigned)unescape_digit(*(*text)++, base);
    return sum;
}

/* The octet behind a backslash, which *text is past. */
static char unescape_one(const char **text)
{
    static const char letters[] = "abfnrtv", octets[] = "\a\b\f\n\r\t\v";
    const char *letter = strchr(letters, **text);

    if (unescape_digit(**text, 8) >= 0)
        return (char)unescape_number(text, 8, 3);
    if (**text == 'x' && unescape_digit((*text)[1], 16) >= 0) {
        (*text)++;
        return (char)unescape_number(text, 16, 2);
    }
    char octet = *(*text)++;
    return letter != NULL ? octets[letter - letters] : octet;
}

size_t pkt_unescape(const char *text, char *out, size_t cap_bytes)
{
    size_t bytes = 0;

    while (*text != '\0') {
        char octet = *text++;
        if (octet == '\\' && *text != '\0')
            octet = unescape_one(&text);
        if (bytes < cap_bytes)
            out[bytes] = octet;
        bytes++;
    }
    return bytes;
}
