/* pcapng.c - the three blocks of a capture: section header, interface description, enhanced packet.
 *
 * Written in the byte order of the machine, as the format allows: its magic says which. A block is
 * type, length, body, options, length again; everything is padded to 32 bits. */
#include "sim/pcapng.h"

#include <string.h>

enum {
    PCAPNG_SECTION = 0x0a0d0d0a,
    PCAPNG_MAGIC = 0x1a2b3c4d,
    PCAPNG_INTERFACE = 1,
    PCAPNG_PACKET = 6,
    PCAPNG_LINKTYPE_RAW = 101,
    PCAPNG_OPTION_END = 0,
    PCAPNG_OPTION_COMMENT = 1,
    PCAPNG_OPTION_APPLICATION = 4, /* in a section header */
    PCAPNG_OPTION_NAME = 2,        /* in an interface */
    PCAPNG_OPTION_RESOLUTION = 9,
    PCAPNG_OPTION_FLAGS = 2, /* in a packet: its direction */
    PCAPNG_FLAG_INBOUND = 1,
    PCAPNG_FLAG_OUTBOUND = 2,
    PCAPNG_MICROSECONDS = 6,
    PCAPNG_OPTION_MAX_BYTES = 65535,
};

static void pcapng_put(pcapng *capture, const void *octets, size_t bytes)
{
    static const uint8_t zero[3] = {0, 0, 0};
    if (bytes > 0 && fwrite(octets, 1, bytes, capture->file) != bytes)
        capture->failed = true;
    size_t padding = (4 - bytes % 4) % 4;
    if (padding > 0 && fwrite(zero, 1, padding, capture->file) != padding)
        capture->failed = true;
}

static void pcapng_put32(pcapng *capture, uint32_t value)
{
    pcapng_put(capture, &value, sizeof value);
}

static void pcapng_put16x2(pcapng *capture, uint16_t a, uint16_t b)
{
    uint16_t pair[2] = {a, b};
    pcapng_put(capture, pair, sizeof pair);
}

static uint32_t pcapng_padded(size_t bytes)
{
    return (uint32_t)((bytes + 3) / 4 * 4);
}

/* Octets of an option with a text; 0 for NULL. */
static uint32_t pcapng_text_bytes(const char *text)
{
    if (text == NULL)
        return 0;
    size_t bytes = strlen(text);
    return 4 + pcapng_padded(bytes < PCAPNG_OPTION_MAX_BYTES ? bytes : PCAPNG_OPTION_MAX_BYTES);
}

static void pcapng_put_text(pcapng *capture, uint16_t code, const char *text)
{
    if (text == NULL)
        return;
    size_t bytes = strlen(text);
    if (bytes > PCAPNG_OPTION_MAX_BYTES)
        bytes = PCAPNG_OPTION_MAX_BYTES;
    pcapng_put16x2(capture, code, (uint16_t)bytes);
    pcapng_put(capture, text, bytes);
}

void pcapng_begin(pcapng *capture, FILE *file, const char *application)
{
    *capture = (pcapng){.file = file};
    uint32_t bytes = 12 + 16 + pcapng_text_bytes(application) + 4;
    pcapng_put32(capture, PCAPNG_SECTION);
    pcapng_put32(capture, bytes);
    pcapng_put32(capture, PCAPNG_MAGIC);
    pcapng_put16x2(capture, 1, 0);
    pcapng_put32(capture, UINT32_MAX); /* the section's length: not given */
    pcapng_put32(capture, UINT32_MAX);
    pcapng_put_text(capture, PCAPNG_OPTION_APPLICATION, application);
    pcapng_put16x2(capture, PCAPNG_OPTION_END, 0);
    pcapng_put32(capture, bytes);
}

uint32_t pcapng_interface(pcapng *capture, const char *name)
{
    uint8_t resolution = PCAPNG_MICROSECONDS;
    uint32_t bytes = 12 + 8 + pcapng_text_bytes(name) + 8 + 4;
    pcapng_put32(capture, PCAPNG_INTERFACE);
    pcapng_put32(capture, bytes);
    pcapng_put16x2(capture, PCAPNG_LINKTYPE_RAW, 0);
    pcapng_put32(capture, 0); /* no limit on the octets captured */
    pcapng_put_text(capture, PCAPNG_OPTION_NAME, name);
    pcapng_put16x2(capture, PCAPNG_OPTION_RESOLUTION, 1);
    pcapng_put(capture, &resolution, 1);
    pcapng_put16x2(capture, PCAPNG_OPTION_END, 0);
    pcapng_put32(capture, bytes);
    return capture->interfaces++;
}

void pcapng_write(pcapng *capture, const pcapng_packet *packet)
{
    uint32_t bytes = 12 + 20 + pcapng_padded(packet->bytes) + pcapng_text_bytes(packet->comment) +
                     8 + 4;
    pcapng_put32(capture, PCAPNG_PACKET);
    pcapng_put32(capture, bytes);
    pcapng_put32(capture, packet->interface);
    pcapng_put32(capture, (uint32_t)(packet->time_us >> 32));
    pcapng_put32(capture, (uint32_t)packet->time_us);
    pcapng_put32(capture, packet->bytes); /* captured */
    pcapng_put32(capture, packet->bytes); /* on the wire */
    pcapng_put(capture, packet->octets, packet->bytes);
    pcapng_put_text(capture, PCAPNG_OPTION_COMMENT, packet->comment);
    pcapng_put16x2(capture, PCAPNG_OPTION_FLAGS, 4);
    pcapng_put32(capture, packet->inbound ? PCAPNG_FLAG_INBOUND : PCAPNG_FLAG_OUTBOUND);
    pcapng_put16x2(capture, PCAPNG_OPTION_END, 0);
    pcapng_put32(capture, bytes);
}

bool pcapng_ok(const pcapng *capture)
{
    return !capture->failed && ferror(capture->file) == 0;
}
