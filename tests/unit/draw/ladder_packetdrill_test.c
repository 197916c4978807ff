/* ladder_packetdrill_test.c - recordings as packetdrill scripts, and what cannot be said. */
#define _GNU_SOURCE
#include "draw/ladder_packetdrill.h"

#include <stdlib.h>

#include "tests/test.h"
#include "tests/unit/draw/recording_fixture.h"

static char *written(ladder *l, ladder_end side)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);

    ladder_packetdrill_print(l, side, "a test", out);
    fclose(out);
    ladder_free(l);
    return text;
}

static void check_golden(const char *name, ladder *l, ladder_end side)
{
    char *text = written(l, side);
    bool same = recording_is_golden(name, text);

    free(text);
    CHECK(same);
}

TEST(a_session_from_either_end)
{
    ladder *l = recording_session();

    check_golden("packetdrill-session-client", l, LADDER_LEFT);
    l = recording_session();
    check_golden("packetdrill-session-server", l, LADDER_RIGHT);
}

TEST(a_packet_that_is_lost_is_expected_and_not_injected)
{
    char *text = written(recording_syn_lost(), LADDER_LEFT);

    CHECK(strstr(text, "+0        > S 0:0(0)\n+1        > S 0:0(0)\n") != NULL);
    CHECK(strstr(text, "S.") == NULL);
    CHECK(strstr(text, "// the program is told: connection aborted") != NULL);
    free(text);
}

TEST(who_speaks_in_the_name_of_the_peer_is_injected_and_strangers_are_not)
{
    char *text = written(recording_outsiders(), LADDER_RIGHT);

    CHECK(strstr(text, "+0.015    < R 5000:5000(0) win 65535\n") != NULL);
    CHECK(strstr(text, "+0        > . 1:1(0) ack 1\n") != NULL);
    CHECK(strstr(text, "// not injected: SYN\n") != NULL);
    CHECK(strstr(text, "// not expected: SYN,ACK\n") != NULL);
    CHECK(strstr(text, "< icmp unreachable frag_needed mtu 1400 [1:1(0)]\n") != NULL);
    free(text);
    text = written(recording_outsiders(), LADDER_LEFT);
    CHECK(strstr(text, "// not injected: RST\n") != NULL); /* it arrives damaged */
    free(text);
}

/* What one segment with these options is written as. */
static char *option_line(const tcp_options *options)
{
    ladder *l = recording_new(TERN_ESTABLISHED, TERN_ESTABLISHED);

    recording_sent(l, 1, 0, &(recording_segment){LADDER_LEFT, TCP_SYN, 0, 0, 0, 0, NULL});
    recording_sent(l, 2, 0, &(recording_segment){LADDER_RIGHT, TCP_SYN, 0, 0, 0, 0, NULL});
    recording_sent(l, 3, 0, &(recording_segment){LADDER_LEFT, TCP_ACK, 1, 1, 0, 0, options});
    return written(l, LADDER_LEFT);
}

TEST(options_stand_as_on_the_wire_and_sack_is_relative)
{
    tcp_options options = {.has_timestamps = true,
                           .ts_value = 3,
                           .ts_echo = 4,
                           .sack_count = 2,
                           .sack = {{{RECORDING_SERVER_ISN + 5}, {RECORDING_SERVER_ISN + 6}},
                                    {{RECORDING_SERVER_ISN + 8}, {RECORDING_SERVER_ISN + 9}}}};
    char *text = option_line(&options);

    CHECK(strstr(text, "> . 1:1(0) ack 1 <nop,nop,TS val 3 ecr 4,nop,nop,sack 5:6 8:9>\n") != NULL);
    free(text);
}

TEST(a_text_cannot_leave_its_comment)
{
    ladder *l = recording_new(TERN_CLOSED, TERN_CLOSED);
    char *text;

    ladder_note(l, LADDER_LEFT, 0, LADDER_CALL, "something\n+0 close(3) = 0");
    ladder_note(l, LADDER_LEFT, 0, LADDER_CALL, "close");
    text = written(l, LADDER_LEFT);
    CHECK(strstr(text, "\n+0") == NULL);
    CHECK(strstr(text, "// the program calls: close\n") != NULL); /* on no connection */
    free(text);
}

TEST(any_recording_can_be_written)
{
    uint32_t random = 7;

    for (unsigned seed = 0; seed < 200; seed++) {
        ladder *l = recording_new(TERN_CLOSED, TERN_STATES);
        for (unsigned i = 1; i < 40; i++) {
            uint8_t octets[80];
            for (unsigned k = 0; k < sizeof octets; k++)
                octets[k] = (uint8_t)((random = random * 1664525 + 1013904223) >> 24);
            octets[0] = i % 2 == 0 ? 0x45 : 0x60;
            ladder_sent(l, &(ladder_packet){.serial = i,
                                            .from = (ladder_end)(i % 3),
                                            .octets = octets,
                                            .bytes = sizeof octets,
                                            .to = (ladder_end)(random % 3)});
            ladder_arrived(l, i, i, random >> 28);
        }
        free(written(l, seed % 2 == 0 ? LADDER_LEFT : LADDER_RIGHT));
    }
}
