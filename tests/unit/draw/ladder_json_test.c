/* ladder_json_test.c - JSON lines: each line is an object, read by Python, with its fields. */
#define _GNU_SOURCE
#include "draw/ladder_json.h"

#include <stdlib.h>

#include "draw/ladder_events.h"
#include "tests/test.h"
#include "tests/unit/draw/recording_fixture.h"

/* Gives the lines to a Python program, in which `e` is the list of the objects. */
static bool python_agrees(ladder *l, const draw_style *style, const char *statements)
{
    char program[2048];
    FILE *pipe;

    snprintf(program, sizeof program,
             "python3 -c 'import sys, json\n"
             "e = [json.loads(line) for line in sys.stdin.buffer.read().splitlines()]\n"
             "assert all(type(x) is dict for x in e)\n%s'",
             statements);
    pipe = popen(program, "w");
    if (pipe == NULL)
        return false;
    ladder_json_print(l, pipe, style);
    ladder_free(l);
    return pclose(pipe) == 0;
}

static const draw_style plain = {.width = 80};

TEST(the_first_line_tells_the_ends)
{
    CHECK(python_agrees(recording_session(), &plain,
                        "assert e[0] == {\"event\": \"ladder\","
                        " \"left\": {\"name\": \"client\", \"kind\": \"tern\","
                        " \"endpoint\": \"10.77.0.1:49152\", \"state\": \"CLOSED\"},"
                        " \"right\": {\"name\": \"server\", \"kind\": \"tern\","
                        " \"endpoint\": \"10.77.0.2:7777\", \"state\": \"LISTEN\"}}"));
}

TEST(every_event_has_its_time_and_end_and_times_do_not_go_back)
{
    CHECK(python_agrees(recording_session(), &plain,
                        "t = [x[\"time_us\"] for x in e[1:]]\n"
                        "assert t == sorted(t) and t[-1] == 240180000\n"
                        "assert {x[\"end\"] for x in e[1:]} == {\"left\", \"right\"}\n"
                        "assert {x[\"event\"] for x in e[1:]} =="
                        " {\"note\", \"state\", \"caption\", \"rule\", \"sent\", \"arrived\"}"));
}

TEST(a_segment_has_all_its_fields)
{
    CHECK(python_agrees(recording_session(), &plain,
                        "s = [x for x in e if x[\"event\"] == \"sent\"]\n"
                        "assert s[1] == {\"event\": \"sent\", \"time_us\": 20000,"
                        " \"end\": \"right\", \"packet\": 2, \"bytes\": 60,"
                        " \"source\": \"10.77.0.2:7777\", \"destination\": \"10.77.0.1:49152\","
                        " \"flags\": [\"SYN\", \"ACK\"], \"seq\": 1458477026,"
                        " \"seq_relative\": 0, \"ack\": 1915269998, \"ack_relative\": 1,"
                        " \"window\": 65535, \"window_scaled\": 65535, \"length\": 0,"
                        " \"again\": False, \"options\": {\"mss\": 1460, \"window_scale\": 5,"
                        " \"sack_permitted\": True, \"ts_value\": 1001, \"ts_echo\": 0},"
                        " \"checksum_ok\": True}, s[1]\n"
                        "assert s[2][\"window_scaled\"] == 2048 * 32\n"
                        "assert s[3][\"length\"] == 100"));
}

TEST(what_the_network_did_is_told)
{
    CHECK(python_agrees(recording_reordered(), &plain,
                        "m = [(x[\"packet\"], x[\"marks\"]) for x in e"
                        " if x[\"event\"] == \"arrived\"]\n"
                        "assert m == [(2, []), (1, [\"reordered\"]), (3, [\"delayed\"]),"
                        " (3, [\"duplicate\"]), (4, [\"corrupted\"])], m"));
    CHECK(python_agrees(recording_syn_lost(), &plain,
                        "f = [(x[\"packet\"], x[\"fate\"]) for x in e"
                        " if x[\"event\"] == \"died\"]\n"
                        "assert f == [(1, \"lost\"), (3, \"queue full\")], f"));
}

TEST(a_rule_has_its_name_and_the_packet_it_is_about)
{
    CHECK(python_agrees(recording_session(), &plain,
                        "r = [x for x in e if x[\"event\"] == \"rule\"]\n"
                        "assert [x[\"rule\"] for x in r] == [\"SYN_ACK_SENT\","
                        " \"WINDOW_SCALE_AGREED\", \"TEXT_QUEUED\", \"ACK_NEW\"]\n"
                        "assert [x[\"packet\"] for x in r] == [1, 2, 4, 5]\n"
                        "assert not any(x[\"teaches\"] for x in r)\n"
                        "assert all(x[\"source\"].startswith(\"RFC\") for x in r)"));
}

TEST(strings_are_escaped_and_what_is_not_utf8_is_replaced)
{
    ladder *l = recording_new(TERN_CLOSED, TERN_STATES);

    ladder_note(l, LADDER_LEFT, 0, LADDER_ERROR, "\"\\\n\t\x01\x7f연결\xff/\xed\xa0\x80");
    CHECK(python_agrees(l, &plain,
                        "assert e[1][\"text\"] == \"\\\"\\\\\\n\\t\\x01\\x7f\\uc5f0\\uacb0\\ufffd/"
                        "\\ufffd\\ufffd\\ufffd\", e[1][\"text\"]\n"
                        "assert e[1][\"kind\"] == \"error\"\n"
                        "assert e[0][\"right\"][\"state\"] == \"unknown\""));
}

TEST(a_packet_that_cannot_be_read_is_told_by_its_rule)
{
    ladder *l = recording_new(TERN_CLOSED, TERN_CLOSED);
    ladder_packet junk = {.serial = 1, .time_us = 5, .octets = "\x45garbage", .bytes = 8};

    ladder_sent(l, &junk);
    CHECK(python_agrees(l, &plain,
                        "assert e[1] == {\"event\": \"sent\", \"time_us\": 5, \"end\": \"left\","
                        " \"packet\": 1, \"bytes\": 8, \"bad\": \"PACKET_TOO_SHORT\"}, e[1]"));
}

TEST(who_is_outside_and_what_an_icmp_message_says_is_told)
{
    CHECK(python_agrees(
        recording_outsiders(), &plain,
        "s = {x[\"packet\"]: x for x in e if x[\"event\"] == \"sent\"}\n"
        "assert \"who\" not in s[1] and \"to\" not in s[1]\n"
        "assert (s[10][\"end\"], s[10][\"to\"], s[10][\"who\"]) =="
        " (\"outside\", \"right\", \"attacker\") and s[10][\"seq_relative\"] == 5000\n"
        "assert (s[14][\"end\"], s[14][\"to\"], s[14][\"who\"]) =="
        " (\"right\", \"outside\", \"203.0.113.8\")\n"
        "assert s[17][\"icmp\"] == \"fragmentation needed\" and s[17][\"mtu\"] == 1400\n"
        "assert s[17][\"quoted_source\"] == \"10.77.0.2:7777\"\n"
        "assert s[17][\"quoted_seq_relative\"] == 1\n"
        "d = [x for x in e if x[\"event\"] == \"died\"]\n"
        "assert [(x[\"packet\"], x[\"end\"]) for x in d] =="
        " [(15, \"right\"), (16, \"right\")]"));
}

TEST(a_full_recording_says_how_much_it_left_out)
{
    ladder *l = recording_new(TERN_ESTABLISHED, TERN_ESTABLISHED);

    for (unsigned i = 0; i < LADDER_EVENTS_MAX + 7; i++)
        ladder_rule(l, LADDER_LEFT, i, TERN_RULE_ACK_NEW);
    CHECK_EQ(ladder_left_out(l), 7);
    CHECK(!ladder_is_cut(l));
    ladder_forget(l, LADDER_EVENTS_MAX - 1);
    CHECK(python_agrees(l, &plain, "assert e[-1] == {\"event\": \"full\", \"left_out\": 7}"));
}

TEST(a_forged_syn_is_seen_beside_the_true_isn_and_moves_nothing)
{
    ladder *l = recording_handshake();
    uint8_t octets[RECORDING_PACKET_BYTES];
    recording_segment forged = {LADDER_LEFT, TCP_SYN, 777, 0, 0, 0, NULL};
    recording_segment data = {LADDER_LEFT, TCP_ACK, 1, 1, 10, 0, NULL};
    ladder_packet packet = {.serial = 90,
                            .from = LADDER_OUTSIDE,
                            .time_us = 70000,
                            .octets = octets,
                            .bytes = recording_packet(octets, &forged),
                            .to = LADDER_RIGHT,
                            .who = "attacker"};

    ladder_sent(l, &packet);
    recording_sent(l, 91, 80000, &data);
    CHECK(python_agrees(l, &plain,
                        "s = {x[\"packet\"]: x for x in e if x[\"event\"] == \"sent\"}\n"
                        "assert s[90][\"seq_relative\"] == 777\n"
                        "assert s[91][\"seq_relative\"] == 1 and not s[91][\"again\"]"));
}
