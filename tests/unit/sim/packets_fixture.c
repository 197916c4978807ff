/* packets_fixture.c - see packets_fixture.h. */
#include "tests/unit/sim/packets_fixture.h"

#include <string.h>

size_t packet_tcp(uint8_t packet[FIXTURE_PACKET_MAX_BYTES], int version, uint8_t flags,
                  size_t text_bytes)
{
    size_t header = version == 4 ? 20 : 40, payload = 20 + text_bytes;
    memset(packet, 0, FIXTURE_PACKET_MAX_BYTES);
    if (version == 4) {
        packet[0] = 0x45;
        packet[2] = (uint8_t)((header + payload) >> 8);
        packet[3] = (uint8_t)(header + payload);
        packet[9] = 6;
    } else {
        packet[0] = 0x60;
        packet[4] = (uint8_t)(payload >> 8);
        packet[5] = (uint8_t)payload;
        packet[6] = 6;
    }
    packet[header + 12] = 0x50;
    packet[header + 13] = flags;
    return header + payload;
}
