/* checksum.h - the Internet checksum (RFC 1071) over pieces, and with a copy in the same pass. */
#ifndef TERN_WIRE_CHECKSUM_H
#define TERN_WIRE_CHECKSUM_H

#include "tern/tern.h"

/* A running ones-complement sum. Opaque: its bits depend on the byte order of the machine, and only
 * the functions below give it a meaning. Start with 0; two sums may be added with +. Pieces may be
 * added in any order as long as each begins at an even offset of the whole; an odd last octet
 * counts as the first octet of its word. No overflow below 2^28 pieces. */
typedef uint64_t checksum_sum;

/* sum plus the octets of data. */
checksum_sum checksum_add(checksum_sum sum, const void *data, size_t bytes);

/* The same, copying data to `to` in one pass. The two do not overlap. */
checksum_sum checksum_add_copy(checksum_sum sum, void *to, const void *data, size_t bytes);

/* The sum of a piece that begins at an odd offset of the whole: octets swapped (RFC 1071 2B). */
checksum_sum checksum_at_odd(checksum_sum piece);

/* The sum of values that stand as big-endian 16-bit words at even offsets: sum them with +, below
 * 2^32. What has just been written octet by octet is slow to read back in larger pieces; a header
 * is summed from its fields. */
checksum_sum checksum_words(uint32_t words);

/* The TCP or ICMPv6 pseudo-header (RFC 9293 3.1, RFC 8200 8.1); both addresses of one family. */
checksum_sum checksum_pseudo(const tern_address *source, const tern_address *destination,
                             uint8_t protocol, uint32_t upper_bytes);

/* Folds to the 16 bits that go into a header. Over data with its checksum in place: 0 if right. */
uint16_t checksum_finish(checksum_sum sum);

#endif
