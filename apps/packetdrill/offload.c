/* offload.c - see offload.h. */
#include "apps/packetdrill/offload.h"

#include "apps/drill/datagram.h"

#include <string.h>

enum { TCP_BYTES = 20, TCP_FLAGS_AT = 13, TCP_CHECKSUM_AT = 16, TCP_PSH = 8, TCP_SYN_RST = 6 };

static bool offload_is_text(const subject_packet *packet, datagram_view *v)
{
    return packet != NULL && datagram_read(v, packet->octets, packet->bytes) &&
           v->kind == DATAGRAM_TCP && v->text_bytes > 0 && (v->flags & TCP_SYN_RST) == 0;
}

bool offload_is_burst(const subject_packet *first, const subject_packet *second)
{
    datagram_view a, b;

    return offload_is_text(first, &a) && offload_is_text(second, &b) &&
           first->sent_us == second->sent_us &&
           memcmp(&a.source, &b.source, sizeof a.source) == 0 &&
           memcmp(&a.destination, &b.destination, sizeof a.destination) == 0 &&
           b.seq - a.seq == (uint32_t)a.text_bytes;
}

bool offload_is_pushed(uint32_t place, bool goes_on, bool cut)
{
    return (goes_on && !cut) || place % 2 == 0;
}

void offload_push(subject_packet *packet)
{
    datagram_view v;

    if (!offload_is_text(packet, &v) || (v.flags & TCP_PSH) != 0)
        return;
    uint8_t *tcp = packet->octets + (v.options - packet->octets) - TCP_BYTES;
    uint32_t sum = (uint32_t)(tcp[TCP_CHECKSUM_AT] << 8 | tcp[TCP_CHECKSUM_AT + 1]);
    /* RFC 1624 (eqn. 3): the sum of the header grows by the bit. */
    sum = (~sum & 0xffff) + TCP_PSH;
    sum = ~(sum + (sum >> 16)) & 0xffff;
    tcp[TCP_FLAGS_AT] |= TCP_PSH;
    tcp[TCP_CHECKSUM_AT] = (uint8_t)(sum >> 8);
    tcp[TCP_CHECKSUM_AT + 1] = (uint8_t)sum;
}
