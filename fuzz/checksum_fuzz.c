/* checksum_fuzz.c - the checksum of any octets, cut anywhere, is that of RFC 1071's definition.
 *
 * Input: two octets that say where to cut, then the data. */
#include "fuzz/property.h"
#include "wire/checksum.h"

static uint16_t checksum_by_definition(const uint8_t *data, size_t bytes)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < bytes; i++) {
        sum += i % 2 == 0 ? (uint32_t)data[i] << 8 : data[i];
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (bytes < 2)
        return 0;
    size_t cut = ((size_t)data[0] << 8 | data[1]) % (bytes - 1);
    data += 2;
    bytes -= 2;

    uint16_t whole = checksum_by_definition(data, bytes);
    checksum_sum head = checksum_add(0, data, cut);
    checksum_sum tail = checksum_add(0, data + cut, bytes - cut);
    PROPERTY(checksum_finish(checksum_add(0, data, bytes)) == whole);
    if (cut % 2 == 0) {
        PROPERTY(checksum_finish(head + tail) == whole);
        PROPERTY(checksum_finish(checksum_add(head, data + cut, bytes - cut)) == whole);
    } else {
        PROPERTY(checksum_finish(head + checksum_at_odd(tail)) == whole);
    }

    uint8_t *copy = malloc(bytes + 1);
    PROPERTY(copy != NULL);
    PROPERTY(checksum_finish(checksum_add_copy(0, copy + 1, data, bytes)) == whole);
    PROPERTY(memcmp(copy + 1, data, bytes) == 0);
    free(copy);
    return 0;
}
