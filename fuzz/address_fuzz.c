/* address_fuzz.c - any octets as the text of an address, and as an address.
 *
 * What is read agrees with inet_pton() of the C library; what is written reads the same, by both,
 * and is what inet_ntop() writes, but where that mixes the notations (::1.2.3.4). */
#define _GNU_SOURCE
#include "fuzz/property.h"
#include "tern/tern.h"

#include <arpa/inet.h>

static bool parse_by_libc(const char *text, tern_address *address)
{
    uint8_t v4[4];

    if (inet_pton(AF_INET, text, v4) == 1) {
        *address = tern_address_ipv4(v4[0], v4[1], v4[2], v4[3]);
        return true;
    }
    return inet_pton(AF_INET6, text, address->octets) == 1;
}

static void check_written(const tern_address *address)
{
    char text[TERN_ADDRESS_TEXT_BYTES], second[TERN_ADDRESS_TEXT_BYTES];
    tern_address again, by_libc;

    memset(text, '?', sizeof text);
    PROPERTY(tern_address_text(address, text) == text);
    PROPERTY(memchr(text, '\0', sizeof text) != NULL);
    PROPERTY(tern_address_parse(text, &again));
    PROPERTY(memcmp(&again, address, sizeof again) == 0);
    PROPERTY(parse_by_libc(text, &by_libc) && memcmp(&by_libc, address, sizeof again) == 0);
    PROPERTY(strcmp(tern_address_text(&again, second), text) == 0);
    PROPERTY(tern_address_is_ipv4(address) == (strchr(text, '.') != NULL));
    PROPERTY(inet_ntop(AF_INET6, address->octets, second, sizeof second) != NULL);
    PROPERTY(strchr(second, '.') != NULL || strcmp(text, second) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char *text = malloc(bytes + 1);
    tern_address address, before, by_libc;

    PROPERTY(text != NULL);
    if (bytes > 0)
        memcpy(text, data, bytes);
    text[bytes] = '\0';
    memset(&address, 0x5a, sizeof address);
    before = address;
    bool read = tern_address_parse(text, &address);
    PROPERTY(read == parse_by_libc(text, &by_libc));
    PROPERTY(memcmp(&address, read ? &by_libc : &before, sizeof address) == 0);
    if (read)
        check_written(&address);
    free(text);

    if (bytes >= sizeof address.octets) {
        memcpy(address.octets, data, sizeof address.octets);
        check_written(&address);
    }
    return 0;
}
