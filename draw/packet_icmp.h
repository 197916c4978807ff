/* packet_icmp.h - an ICMP message as a reader wants it: its name, and what it is about. */
#ifndef TERN_DRAW_PACKET_ICMP_H
#define TERN_DRAW_PACKET_ICMP_H

#include "draw/packet_text.h"
#include "wire/icmp.h"

/* What the message says; the numbers of the segment it quotes are related by `flows`. */
void packet_icmp_read(packet_summary *packet, const packet_flows *flows, const icmp_message *icmp);

/* "fragmentation needed", by RFC 792, 1191, 4443; NULL for a type and code without a name here. */
const char *packet_icmp_name(const packet_summary *packet);

#endif
