/* segment_fixture.h - a TCP segment over IPv4 or IPv6 as octets, made by hand: for what no stack
 * would send. */
#ifndef TERN_TESTS_SIM_SEGMENT_FIXTURE_H
#define TERN_TESTS_SIM_SEGMENT_FIXTURE_H

#include "wire/tcp_header.h"
#include "wire/tcp_options.h"

/* Writes the packet, checksums included, and returns its octets. tcp: ports, numbers, flags, window
 * and text; options may be NULL. packet has room for 120 octets and the text. */
size_t segment_write(uint8_t *packet, const tern_address *from, const tern_address *to,
                     const tcp_header *tcp, const tcp_options *options);

#endif
