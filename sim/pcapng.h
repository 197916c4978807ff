/* pcapng.h - writes captures (draft-ietf-opsawg-pcapng) to a FILE, with a comment on each packet.
 *
 * One section, one interface for each host (raw IP, times in microseconds). The capture opens in
 * Wireshark with the comments as "Packet comments". Write errors are kept: see pcapng_ok(). */
#ifndef TERN_SIM_PCAPNG_H
#define TERN_SIM_PCAPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef struct pcapng {
    FILE *file; /* the caller's, also to close */
    uint32_t interfaces;
    bool failed;
} pcapng;

/* Writes the section header; `application` is its shb_userappl, NULL for none. */
void pcapng_begin(pcapng *capture, FILE *file, const char *application);

/* Adds an interface and returns its number, from 0. All before the first packet. */
uint32_t pcapng_interface(pcapng *capture, const char *name);

typedef struct pcapng_packet {
    uint32_t interface;
    uint64_t time_us; /* since 1970; a simulation begins at 0 */
    bool inbound;     /* as the interface sees it */
    const void *octets;
    uint32_t bytes;
    const char *comment; /* UTF-8, at most 65,535 octets are written; NULL: none */
} pcapng_packet;

void pcapng_write(pcapng *capture, const pcapng_packet *packet);

/* Everything so far was written. */
bool pcapng_ok(const pcapng *capture);

#endif
