/* packets_fixture.h - the smallest packets that sim/ can tell apart, written octet by octet. */
#ifndef TERN_TESTS_SIM_PACKETS_FIXTURE_H
#define TERN_TESTS_SIM_PACKETS_FIXTURE_H

#include <stddef.h>
#include <stdint.h>

enum {
    FIXTURE_FIN = 0x01,
    FIXTURE_SYN = 0x02,
    FIXTURE_RST = 0x04,
    FIXTURE_ACK = 0x10,
    FIXTURE_PACKET_MAX_BYTES = 256,
};

/* An IPv4 or IPv6 packet with a TCP header of 20 octets and text_bytes of text; the octets. */
size_t packet_tcp(uint8_t packet[FIXTURE_PACKET_MAX_BYTES], int version, uint8_t flags,
                  size_t text_bytes);

#endif
