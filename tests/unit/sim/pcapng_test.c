/* pcapng_test.c - the blocks of a capture, read back; and tshark's opinion when it is installed. */
#define _GNU_SOURCE
#include "sim/pcapng.h"
#include "tests/test.h"

#include <stdlib.h>
#include <unistd.h>

/* A whole IPv4 SYN from 10.0.0.1:1000 to 10.0.0.2:80, its checksums right. */
static const uint8_t syn[40] = {
    0x45, 0,    0, 40, 0, 0, 0x40, 0, 64, 6, 0x26, 0xce, 10,   0,    0,    1,    10,   0,    0, 2,
    0x03, 0xe8, 0, 80, 0, 0, 0,    1, 0,  0, 0,    0,    0x50, 0x02, 0xff, 0xff, 0x97, 0xa7, 0, 0};

static void write_capture(FILE *file)
{
    pcapng capture;
    pcapng_begin(&capture, file, "tern");
    CHECK_EQ(pcapng_interface(&capture, "client"), 0);
    CHECK_EQ(pcapng_interface(&capture, "server"), 1);
    pcapng_write(&capture, &(pcapng_packet){.interface = 0,
                                            .time_us = 1000,
                                            .octets = syn,
                                            .bytes = sizeof syn,
                                            .comment = "An active open: SYN."});
    pcapng_write(&capture, &(pcapng_packet){.interface = 1,
                                            .time_us = UINT64_C(0x100000001),
                                            .inbound = true,
                                            .octets = syn,
                                            .bytes = sizeof syn});
    CHECK(pcapng_ok(&capture));
}

static uint32_t word(const uint8_t *at)
{
    uint32_t v;
    memcpy(&v, at, sizeof v);
    return v;
}

TEST(blocks)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *file = open_memstream(&text, &bytes);
    CHECK(file != NULL);
    write_capture(file);
    CHECK_EQ(fclose(file), 0);

    const uint8_t *at = (const uint8_t *)text, *end = at + bytes;
    static const uint32_t types[] = {0x0a0d0d0a, 1, 1, 6, 6};
    const uint8_t *block[5];
    for (unsigned i = 0; i < 5; i++) {
        CHECK(end - at >= 12);
        uint32_t length = word(at + 4);
        CHECK_EQ(word(at), types[i]);
        CHECK(length % 4 == 0 && length <= (size_t)(end - at));
        CHECK_EQ(word(at + length - 4), length);
        block[i] = at;
        at += length;
    }
    CHECK(at == end);
    CHECK_EQ(word(block[0] + 8), 0x1a2b3c4d);
    CHECK_EQ(word(block[1] + 8), 101);         /* raw IP */
    CHECK_EQ(word(block[3] + 8), 0);           /* interface */
    CHECK_EQ(word(block[3] + 16), 1000);       /* time, low */
    CHECK_EQ(word(block[3] + 20), sizeof syn); /* captured */
    CHECK_MEM(block[3] + 28, syn, sizeof syn);
    CHECK_MEM(block[3] + 28 + sizeof syn + 4, "An active open: SYN.", 20);
    CHECK_EQ(word(block[4] + 8), 1);
    CHECK_EQ(word(block[4] + 12), 1); /* time, high */
    CHECK_EQ(word(block[4] + 16), 1);
    free(text);
}

TEST(write_errors_are_kept)
{
    FILE *full = fopen("/dev/full", "w");
    if (full == NULL) {
        printf("skip write_errors_are_kept: there is no /dev/full\n");
        return;
    }
    CHECK_EQ(setvbuf(full, NULL, _IONBF, 0), 0);
    pcapng capture;
    pcapng_begin(&capture, full, NULL);
    CHECK(!pcapng_ok(&capture));
    fclose(full);
}

TEST(tshark_reads_it)
{
    if (system("command -v tshark >/dev/null 2>&1") != 0) {
        printf("skip tshark_reads_it: tshark is not installed (apt-get install tshark)\n");
        return;
    }
    char path[] = "/tmp/tern-pcapng-XXXXXX", command[400], line[400];
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    FILE *file = fdopen(fd, "w");
    CHECK(file != NULL);
    write_capture(file);
    CHECK_EQ(fclose(file), 0);
    snprintf(command, sizeof command,
             "tshark -r %s -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE -T fields"
             " -e frame.interface_name -e frame.time_epoch -e tcp.flags.str -e ip.checksum.status"
             " -e tcp.checksum.status -e frame.comment -E separator='|' 2>/dev/null",
             path);
    FILE *tshark = popen(command, "r");
    CHECK(tshark != NULL);
    CHECK(fgets(line, sizeof line, tshark) != NULL);
    bool first = strstr(line, "client|0.001000") == line &&
                 strstr(line, "|1|1|An active open: SYN.");
    if (!first)
        printf("tshark: %s", line);
    CHECK(fgets(line, sizeof line, tshark) != NULL);
    bool second = strstr(line, "server|4294.967297") == line;
    if (!second)
        printf("tshark: %s", line);
    CHECK(fgets(line, sizeof line, tshark) == NULL);
    CHECK_EQ(pclose(tshark), 0);
    unlink(path);
    CHECK(first && second);
}
