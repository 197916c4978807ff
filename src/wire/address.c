/* address.c - addresses <-> text: RFC 4291 2.2 read, RFC 5952 written.
 *
 * Reading is strict where laxness has been an attack: four decimal numbers without leading zeros
 * for IPv4 (others read 010 as eight), no zone, nothing before or behind. */
#include "wire/ip.h"

#include "base/bytes.h"

enum { ADDRESS_GROUPS = 8, ADDRESS_NO_GAP = ADDRESS_GROUPS + 1 };

tern_address tern_address_ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    return (tern_address){{[10] = 0xff, [11] = 0xff, [12] = a, [13] = b, [14] = c, [15] = d}};
}

bool tern_address_is_ipv4(const tern_address *address)
{
    return ip_is_v4(address);
}

/* A decimal number up to 255 without leading zeros. The text behind it, or NULL. */
static const char *address_read_decimal(const char *text, uint8_t *octet)
{
    unsigned value = 0, digits = 0;

    while (digits < 3 && text[digits] >= '0' && text[digits] <= '9')
        value = value * 10 + (unsigned)(text[digits++] - '0');
    if (digits == 0 || value > 255 || (digits > 1 && text[0] == '0'))
        return NULL;
    *octet = (uint8_t)value;
    return text + digits;
}

/* "a.b.c.d" up to the end of the text. */
static bool address_read_ipv4(const char *text, uint8_t octets[4])
{
    for (unsigned i = 0; i < 4; i++) {
        if (i > 0 && *text++ != '.')
            return false;
        text = address_read_decimal(text, &octets[i]);
        if (text == NULL)
            return false;
    }
    return *text == '\0';
}

static int address_hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* One to four hexadecimal digits. The text behind them, or NULL. */
static const char *address_read_group(const char *text, uint8_t *octets)
{
    unsigned value = 0, digits = 0;

    for (; digits < 4 && address_hex_value(text[digits]) >= 0; digits++)
        value = value << 4 | (unsigned)address_hex_value(text[digits]);
    put_be16(octets, (uint16_t)value);
    return digits == 0 ? NULL : text + digits;
}

/* Whether a group of the text is the first number of an IPv4 address: digits, then a dot. */
static bool address_ipv4_begins(const char *text)
{
    unsigned digits = 0;

    while (digits < 3 && text[digits] >= '0' && text[digits] <= '9')
        digits++;
    return digits > 0 && text[digits] == '.';
}

/* Moves the groups behind the gap to the end and fills it with zeros. */
static void address_widen_gap(uint8_t octets[16], unsigned gap, unsigned count)
{
    unsigned behind_bytes = (count - gap) * 2;

    memmove(octets + 16 - behind_bytes, octets + (size_t)gap * 2, behind_bytes);
    memset(octets + (size_t)gap * 2, 0, (size_t)(ADDRESS_GROUPS - count) * 2);
}

static bool address_read_ipv6(const char *text, uint8_t octets[16])
{
    unsigned count = 0, gap = ADDRESS_NO_GAP;

    if (text[0] == ':' && text[1] == ':') {
        gap = 0;
        text += 2;
    }
    while (*text != '\0' && count < ADDRESS_GROUPS) {
        if (count + 2 <= ADDRESS_GROUPS && address_ipv4_begins(text)) {
            if (!address_read_ipv4(text, octets + (size_t)count * 2))
                return false;
            count += 2;
            text = "";
            break;
        }
        text = address_read_group(text, octets + (size_t)count * 2);
        if (text == NULL)
            return false;
        count++;
        if (*text == '\0')
            break;
        if (*text++ != ':')
            return false;
        if (*text == ':') {
            if (gap != ADDRESS_NO_GAP)
                return false;
            gap = count;
            text++;
        } else if (*text == '\0') {
            return false;
        }
    }
    if (*text != '\0')
        return false;
    if (gap == ADDRESS_NO_GAP)
        return count == ADDRESS_GROUPS;
    if (count == ADDRESS_GROUPS)
        return false;
    address_widen_gap(octets, gap, count);
    return true;
}

bool tern_address_parse(const char *text, tern_address *address)
{
    tern_address read = tern_address_ipv4(0, 0, 0, 0);

    if (!address_read_ipv4(text, read.octets + 12) && !address_read_ipv6(text, read.octets))
        return false;
    *address = read;
    return true;
}

static char *address_write_decimal(char *text, uint8_t octet)
{
    if (octet >= 100)
        *text++ = (char)('0' + octet / 100);
    if (octet >= 10)
        *text++ = (char)('0' + octet / 10 % 10);
    *text++ = (char)('0' + octet % 10);
    return text;
}

static char *address_write_group(char *text, uint16_t group)
{
    static const char digits[] = "0123456789abcdef";
    unsigned shift = 12;

    while (shift > 0 && group >> shift == 0)
        shift -= 4;
    for (;; shift -= 4) {
        *text++ = digits[group >> shift & 0xf];
        if (shift == 0)
            return text;
    }
}

/* The longest run of at least two zero groups, the first of equals (RFC 5952 4.2): its length, or
 * 0, and where it begins. */
static unsigned address_find_gap(const tern_address *address, unsigned *begin)
{
    unsigned longest = 0, run = 0;

    *begin = 0;
    for (unsigned i = 0; i < ADDRESS_GROUPS; i++) {
        run = get_be16(address->octets + (size_t)i * 2) == 0 ? run + 1 : 0;
        if (run > longest) {
            longest = run;
            *begin = i + 1 - run;
        }
    }
    return longest >= 2 ? longest : 0;
}

static char *address_write_ipv6(char *text, const tern_address *address)
{
    unsigned begin, gap = address_find_gap(address, &begin);

    for (unsigned i = 0; i < ADDRESS_GROUPS; i++) {
        if (gap > 0 && i == begin) {
            *text++ = ':';
            i += gap - 1;
            if (i + 1 == ADDRESS_GROUPS)
                *text++ = ':';
            continue;
        }
        if (i > 0)
            *text++ = ':';
        text = address_write_group(text, get_be16(address->octets + (size_t)i * 2));
    }
    return text;
}

char *tern_address_text(const tern_address *address, char text[TERN_ADDRESS_TEXT_BYTES])
{
    char *end = text;

    if (ip_is_v4(address)) {
        for (unsigned i = 12; i < 16; i++) {
            if (i > 12)
                *end++ = '.';
            end = address_write_decimal(end, address->octets[i]);
        }
    } else {
        end = address_write_ipv6(end, address);
    }
    *end = '\0';
    return text;
}
