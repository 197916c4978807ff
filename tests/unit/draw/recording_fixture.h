/* recording_fixture.h - hand-made recordings for the tests of the pictures. */
#ifndef TERN_TESTS_UNIT_DRAW_RECORDING_FIXTURE_H
#define TERN_TESTS_UNIT_DRAW_RECORDING_FIXTURE_H

#include "draw/ladder.h"
#include "draw/style.h"
#include "wire/tcp_header.h"
#include "wire/tcp_options.h"

enum {
    RECORDING_CLIENT_ISN = 1915269997,
    RECORDING_SERVER_ISN = 1458477026,
    RECORDING_PACKET_BYTES = 2048,
};

/* A segment between 10.77.0.1:49152 (left) and 10.77.0.2:7777; numbers relative to the ISNs. */
typedef struct recording_segment {
    ladder_end from;
    uint16_t flags;
    uint32_t seq, ack;
    uint32_t text_bytes;
    uint16_t window; /* 0: 65535 */
    const tcp_options *options;
} recording_segment;

/* Writes the IP packet and returns its octets; packet holds RECORDING_PACKET_BYTES. */
size_t recording_packet(uint8_t *packet, const recording_segment *segment);

ladder *recording_new(tern_state left, tern_state right);
void recording_sent(ladder *l, uint64_t serial, tern_time time_us, const recording_segment *s);
void recording_state(ladder *l, ladder_end end, tern_time time_us, tern_state to);

/* Whole conversations; the caller frees them with ladder_free(). */
ladder *recording_handshake(void);
ladder *recording_session(void);
ladder *recording_simultaneous_open(void);
ladder *recording_simultaneous_close(void);
ladder *recording_syn_lost(void);
ladder *recording_refused(void);
ladder *recording_reordered(void);
/* An attacker off the path, a router's ICMP, and answers to addresses that nobody has. */
ladder *recording_outsiders(void);
/* A flood of 10,000 SYNs, and one honest client in its midst. */
ladder *recording_flood(void);

/* From 203.0.113.N:port, N from 1 to 250, to the right end's 10.77.0.2:7777, or back. */
void recording_stranger(ladder *l, uint64_t serial, tern_time time_us, unsigned number,
                        const recording_segment *s);

/* A translation that needs no catalogue: Korean for a few texts, the text itself for others. */
const char *recording_korean(const char *text);

/* What a function prints, as a string to be freed. */
char *recording_text(ladder *l, const draw_style *style);

/* Is the text that of tests/unit/draw/golden/<name>.txt? Prints it when it is not. With
 * TERN_GOLDEN=write in the environment the file is written first. */
bool recording_is_golden(const char *name, const char *text);

#endif
