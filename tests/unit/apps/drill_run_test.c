/* drill_run_test.c - scripts run against a stack: every verdict, times, numbers, what is left over.
 */
#include "apps/drill/run.h"
#include "tern/profile.h"
#include "tests/test.h"
#include "tests/unit/apps/pkt_fixture.h"

#define LISTEN                                                                                     \
    "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"                                                \
    "+0 bind(3, ..., ...) = 0\n"                                                                   \
    "+0 listen(3, 1) = 0\n"
#define OPEN                                                                                       \
    LISTEN "+0 < S 0:0(0) win 65535 <mss 1000>\n"                                                  \
           "+0 > S. 0:0(0) ack 1 <...>\n"                                                          \
           "+.1 < . 1:1(0) ack 1 win 65535\n"                                                      \
           "+0 accept(3, ..., ...) = 4\n"

static drill_verdict verdict;

static void play_as(const char *text, drill_family family, bool leftovers)
{
    drill_options options = {.family = family, .leftovers = leftovers};

    tern_config_init(&options.config);
    CHECK_EQ(tern_config_profile(&options.config, TERN_PROFILE_LINUX), TERN_OK);
    options.config.details = true;
    drill_play(pkt_parsed(text), &options, &verdict);
}

static void passes_over(const char *text, drill_family last)
{
    for (drill_family family = DRILL_IPV4; family <= last; family++) {
        play_as(text, family, false);
        if (verdict.outcome != DRILL_PASS)
            test_fail(__FILE__, __LINE__, "%u: %s\n%s", verdict.place.line, verdict.text, text);
    }
}

static void passes(const char *text)
{
    passes_over(text, DRILL_MAPPED);
}

/* The verdict is this, in this line, and its text has `part` in it. */
static void ends(const char *text, drill_outcome outcome, uint32_t line, const char *part)
{
    play_as(text, DRILL_IPV4, false);
    if (verdict.outcome != outcome || strstr(verdict.text, part) == NULL)
        test_fail(__FILE__, __LINE__, "%d: %s", (int)verdict.outcome, verdict.text);
    CHECK_EQ(verdict.place.line, line);
}

TEST(a_connection_from_open_to_close)
{
    passes(OPEN "+0 < P. 1:11(10) ack 1 win 65535\n"
                "+0 > . 1:1(0) ack 11\n"
                "+0 read(4, ..., 100) = 10\n"
                "+.01 write(4, ..., 20) = 20\n"
                "+0 > P. 1:21(20) ack 11\n"
                "+.1 < . 11:11(0) ack 21 win 65535\n"
                "+0 close(4) = 0\n"
                "+0 > F. 21:21(0) ack 11\n"
                "+.1 < F. 11:11(0) ack 22 win 65535\n"
                "+0 > . 22:22(0) ack 12\n");
}

/* Behind a SYN both ends' numbers count from their ISNs; in it they are as the script has them. */
TEST(numbers_count_from_the_isns)
{
    passes(LISTEN "+0 < S 5000:5000(0) win 65535 <mss 1000,sackOK,nop,nop>\n"
                  "+0 > S. 700:700(0) ack 5001 <...>\n"
                  "+.1 < . 1:1(0) ack 1 win 65535\n"
                  "+0 accept(3, ..., ...) = 4\n"
                  "+0 < P. 11:21(10) ack 1 win 65535\n"
                  "+0 > . 1:1(0) ack 1 <nop,nop,sack 11:21>\n"
                  "+0 < . 1:11(10) win 65535\n"
                  "+0 > . 1:1(0) ack 21\n");
}

TEST(timestamps_are_the_scripts_own)
{
    passes_over(LISTEN "+0 < S 0:0(0) win 65535 <mss 1000,sackOK,TS val 7 ecr 0>\n"
                       "+0 > S. 0:0(0) ack 1 <mss 1460,sackOK,TS val 100 ecr 7>\n"
                       "+.1 < . 1:1(0) ack 1 win 65535 <nop,nop,TS val 8 ecr 100>\n"
                       "+0 accept(3, ..., ...) = 4\n"
                       "+0 write(4, ..., 10) = 10\n"
                       "+0 > P. 1:11(10) ack 1 <nop,nop,TS val 200 ecr 8>\n"
                       "+.1 < . 1:1(0) ack 11 win 65535 <nop,nop,TS val 9 ecr 200>\n"
                       "+0 %{ assert 90000 <= tcpi_rtt <= 110000 }%\n",
                DRILL_IPV4);
}

TEST(several_segments_may_be_one)
{
    const char *text = OPEN "+0 write(4, ..., 3500) = 3500\n"
                            "+0 > P. 1:3501(3500) ack 1\n";

    passes(text);
    ends("--strict_segments\n" OPEN "+0 write(4, ..., 3500) = 3500\n"
         "+0 > P. 1:3501(3500) ack 1\n",
         DRILL_FAIL, 10, "P. 1:3501(3500)");
}

TEST(larger_packets_may_come_as_several)
{
    passes("--mss=1000\n" OPEN "+0 < P. 1:3001(3000) ack 1 win 65535\n"
           "+0 > . 1:1(0) ack 3001\n"
           "+0 %{ assert tcpi_rcv_mss == 1000 }%\n");
}

TEST(the_answer_to_a_ping_is_none_of_the_connections)
{
    passes_over(OPEN "+0 < icmp echo_request\n"
                     "+0 write(4, ..., 10) = 10\n"
                     "+0 > P. 1:11(10) ack 1\n"
                     "+.1 < . 1:1(0) ack 11 win 65535\n"
                     "+0 < icmp echo_request\n",
                DRILL_IPV4);
}

TEST(flags_count_more_than_a_scripts_own)
{
    const char *text = "--mss=1000\n--local_ip=fd00::1\n" OPEN
                       "+0 < P. 1:3001(3000) ack 1 win 65535\n"
                       "+0 > . 1:1(0) ack 3001\n"
                       "+0 %{ assert tcpi_rcv_mss == 700 }%\n";
    pkt_option of_ip = {.name = "local_ip", .value = "192.0.2.7"},
               flags = {.next = &of_ip, .name = "mss", .value = "700"};
    drill_options options = {.flags = &flags};

    tern_config_init(&options.config);
    options.config.details = true;
    drill_play(pkt_parsed(text), &options, &verdict);
    CHECK_EQ(verdict.outcome, DRILL_PASS);
}

TEST(an_address_of_the_other_family_is_said)
{
    ends("--local_ip=fd00::1\n" OPEN, DRILL_UNSUPPORTED, 1, "--local_ip: not an IPv4 address");
    play_as("--mss=1000\n--remote_ip=192.0.2.1\n" OPEN, DRILL_IPV6, false);
    CHECK_EQ(verdict.outcome, DRILL_UNSUPPORTED);
    CHECK_EQ(verdict.place.line, 2);
    passes_over("--local_ip=192.0.2.7\n--remote_ip=192.0.2.8\n" OPEN, DRILL_IPV4);
    play_as("--local_ip=192.0.2.7\n" OPEN, DRILL_MAPPED, false);
    CHECK_EQ(verdict.outcome, DRILL_PASS);
}

TEST(a_call_that_waits_returns_when_its_packet_has_come)
{
    passes(OPEN "+0...0.2 read(4, ..., 100) = 10\n"
                "+.2 < P. 1:11(10) ack 1 win 65535\n"
                "+0 > . 1:1(0) ack 11\n");
    ends(OPEN "+0...0.1 read(4, ..., 100) = 10\n"
              "+.2 < P. 1:11(10) ack 1 win 65535\n",
         DRILL_FAIL, 8, "expected to return at 0.200000 s, but at 0.300000 s");
}

TEST(a_call_that_waits_returns_when_its_connection_is_given_up)
{
    passes("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 4\n"
           "+0 setsockopt(4, IPPROTO_TCP, TCP_SYNCNT, [1], 4) = 0\n"
           "+0...3 connect(4, ..., ...) = -1 ETIMEDOUT (Connection timed out)\n"
           "+0 > S 0:0(0) <...>\n"
           "+1 > S 0:0(0) <...>\n"
           "+5 close(4) = 0\n");
}

/* The first connection's SYN goes again before the second one's is there. */
TEST(a_syn_of_before_is_not_that_of_a_new_connection)
{
    passes("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 4\n"
           "+0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"
           "+0 connect(4, ..., ...) = -1 EINPROGRESS (Operation now in progress)\n"
           "+0 > S 0:0(0) <...>\n"
           "+1.5 socket(..., SOCK_STREAM, IPPROTO_TCP) = 5\n"
           "+0 fcntl(5, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"
           "+0 connect(5, ..., ...) = -1 EINPROGRESS (Operation now in progress)\n"
           "+0 > S 0:0(0) <...>\n");
}

TEST(times_are_held)
{
    passes(OPEN "+0 write(4, ..., 10) = 10\n"
                "+0 > P. 1:11(10) ack 1\n"
                "+.2~+.4 > P. 1:11(10) ack 1\n"
                "* > P. 1:11(10) ack 1\n");
    ends(OPEN "+0 write(4, ..., 10) = 10\n"
              "+.05 > P. 1:11(10) ack 1\n",
         DRILL_FAIL, 9, "the packet");
}

TEST(what_is_left_over_is_a_failure_or_allowed)
{
    const char *text = OPEN "+0 write(4, ..., 10) = 10\n";

    ends(text, DRILL_FAIL, 8, "left over");
    play_as(text, DRILL_IPV4, true);
    CHECK_EQ(verdict.outcome, DRILL_PASS);
}

TEST(what_differs_is_named)
{
    ends(LISTEN "+0 < S 0:0(0) win 65535 <mss 1000>\n"
                "+0 > S. 0:0(0) ack 2 <...>\n",
         DRILL_FAIL, 5, "ACK");
    ends(LISTEN "+0 < S 0:0(0) win 65535 <mss 1000>\n"
                "+0 > S. 0:0(0) ack 1 <mss 1461>\n",
         DRILL_FAIL, 5, "options");
    ends(OPEN "+0 read(4, ..., 10) = -1 EAGAIN (Resource temporarily unavailable)\n", DRILL_FAIL, 8,
         "read()");
    ends(OPEN "+0 %{ assert tcpi_snd_cwnd == 11 }%\n", DRILL_FAIL, 8, "tcpi_snd_cwnd is 10");
    ends(OPEN "+0 > . 1:1(0) ack 1\n", DRILL_FAIL, 8, "nothing was sent");
    CHECK(verdict.rule != TERN_RULE_NONE);
}

/* SYN,ACK in LISTEN: the RFC and Linux reset, FreeBSD says nothing. */
#define SYNACK_IN_LISTEN LISTEN "+0 < S. 0:0(0) ack 1 win 1000 <mss 1000>\n"
#define RESET            "+0 > R 1:1(0) ack 0 win 0\n"

static void play_over(const char *text, bool profile_given, const char *set)
{
    drill_options options = {
        .profile_given = profile_given, .set = &set, .sets = set != NULL ? 1 : 0};

    tern_config_init(&options.config);
    CHECK_EQ(tern_config_profile(&options.config, TERN_PROFILE_LINUX), TERN_OK);
    drill_play(pkt_parsed(text), &options, &verdict);
}

TEST(a_script_names_its_profile)
{
    passes(SYNACK_IN_LISTEN RESET);
    passes("--so_flags=profile=freebsd\n" SYNACK_IN_LISTEN);
    passes(
        "--so_flags=\"profile=freebsd,set synack_in_listen_reset=yes\"\n" SYNACK_IN_LISTEN RESET);
    passes_over("--so_flags=\"local=10.0.0.1,local=2001:db8::7,mtu=1400\"\n" LISTEN
                "+0 getsockname(3, {sa_family=AF_INET, sin_port=htons(8080), "
                "sin_addr=inet_addr(\"10.0.0.1\")}, [16]) = 0\n"
                "+0 < S 0:0(0) win 65535 <mss 1460>\n"
                "+0 > S. 0:0(0) ack 1 <mss 1360>\n",
                DRILL_IPV4);
    ends("--so_flags=profile=windows\n" LISTEN, DRILL_UNSUPPORTED, 1,
         "'windows': expected rfc9293, linux or freebsd");
}

TEST(the_command_line_comes_over_a_scripts_profile)
{
    play_over("--so_flags=profile=freebsd\n" SYNACK_IN_LISTEN, false, NULL);
    CHECK_EQ(verdict.outcome, DRILL_PASS);
    play_over("--so_flags=profile=freebsd\n" SYNACK_IN_LISTEN RESET, true, NULL);
    CHECK_EQ(verdict.outcome, DRILL_PASS);
    play_over("--so_flags=profile=freebsd\n" SYNACK_IN_LISTEN RESET, false,
              "synack_in_listen_reset=yes");
    CHECK_EQ(verdict.outcome, DRILL_PASS);
}

TEST(packetdrills_flags_come_over_the_scripts)
{
    pkt_option mtu = {.name = "mtu", .value = "1400"};
    drill_options options = {.flags = &mtu};

    tern_config_init(&options.config);
    CHECK_EQ(tern_config_profile(&options.config, TERN_PROFILE_LINUX), TERN_OK);
    drill_play(pkt_parsed("--mtu=1300\n" LISTEN "+0 < S 0:0(0) win 65535 <mss 1460>\n"
                          "+0 > S. 0:0(0) ack 1 <mss 1360>\n"),
               &options, &verdict);
    CHECK_STR(verdict.text, "");
    CHECK_EQ(verdict.outcome, DRILL_PASS);
}

TEST(what_tern_has_not_is_unsupported)
{
    ends("--udp_encapsulation=tcp\n" LISTEN, DRILL_UNSUPPORTED, 1, "TCP over UDP: tern has none");
    ends("`rm -rf /tmp/anything`\n" LISTEN, DRILL_UNSUPPORTED, 1, "rm");
    ends("`sysctl -q net.ipv4.tcp_no_such_thing=1`\n" LISTEN, DRILL_UNSUPPORTED, 1,
         "tcp_no_such_thing");
    ends(LISTEN "+0 < udp (10)\n", DRILL_UNSUPPORTED, 4, "UDP");
    ends(LISTEN "+0 fork() = 0\n", DRILL_UNSUPPORTED, 4, "fork");
    ends("--mtu=many\n" LISTEN, DRILL_UNSUPPORTED, 1, "mtu");
}

TEST(commands_are_looked_up_and_their_output_too)
{
    passes("`sysctl -q net.ipv4.tcp_sack=0 > /dev/null 2>&1 # a comment; rm\n"
           " ip tcp_metrics flush all || rm -f all && true`\n" LISTEN
           "+0 `grep \" 0A \" /proc/net/tcp | grep \":1F90\"`\n"
           "+0 `nstat > /dev/null`\n");
    ends(LISTEN "+0 `grep \" 0A \" /proc/net/tcp | grep \":1234\"`\n", DRILL_FAIL, 4,
         "grep :1234: finds nothing");
    ends(LISTEN "+0 `nstat`\n+0 `nstat | grep TcpExtOutOfWindowIcmps`\n", DRILL_FAIL, 5,
         "TcpExtOutOfWindowIcmps");
}

TEST(before_there_is_a_connection_a_listener_is_asked)
{
    passes(LISTEN "+0 %{ assert tcpi_state == TCP_LISTEN }%\n");
}

#define COUNT(word, state, count)                                                                  \
    "+0 `sockstat -P tcp -s " word "| grep -c " state " | grep " count "`\n"

/* A half-open connection is the stack's own, and so is one that its program has closed. */
TEST(sockstat_tells_of_every_connection)
{
    passes(OPEN COUNT("", "LISTEN", "1") COUNT("| grep packetdril ", "LISTEN", "1")
               COUNT("-p 8080 ", "ESTABLISHED", "1") COUNT("-p 80 ", "ESTABLISHED", "0")
                   COUNT("", "SYN_RCVD", "0"));
    passes_over(LISTEN "+0 < S 0:0(0) win 65535 <mss 1000>\n"
                       "+0 > S. 0:0(0) ack 1 <...>\n" COUNT("-4 ", "SYN_RCVD", "1")
                           COUNT("-6 ", "SYN_RCVD", "0")
                               COUNT("| grep packetdril ", "SYN_RCVD", "0"),
                DRILL_IPV4);
    passes(OPEN "+0 < R 1:1(0) win 65535\n" COUNT("| grep packetdril ", "CLOSED", "1"));
    ends(OPEN COUNT("", "SYN_SENT", "1"), DRILL_FAIL, 8, "sockstat | grep 1: finds nothing");
    ends(LISTEN "+0 `sockstat -j 3`\n", DRILL_UNSUPPORTED, 4, "sockstat");
    ends(LISTEN "+0 `sockstat | sed s/1/0/`\n", DRILL_UNSUPPORTED, 4, "sed");
    ends(LISTEN "+0 `sockstat | grep L.*N`\n", DRILL_UNSUPPORTED, 4, "grep");
}

TEST(tcpdrop_aborts_by_state)
{
    static const char way[] = OPEN "+0 shutdown(4, SHUT_WR) = 0\n"
                                   "+0 > F. 1:1(0) ack 1\n"
                                   "+.1 < F. 1:1(0) ack 2 win 65535\n"
                                   "+0 > . 2:2(0) ack 2\n" COUNT("", "TIME_WAIT", "1");
    char text[2000];

    (void)snprintf(text, sizeof text, "%s%s%s", way, "+0 `tcpdrop -s TIME_WAIT`\n",
                   COUNT("", "TIME_WAIT", "0") COUNT("", "LISTEN", "1") "+0 close(4) = 0\n");
    passes(text);
    (void)snprintf(text, sizeof text, "%s%s", way, "+0 close(4) = 0\n+0 `tcpdrop -s TIME_WAIT`\n");
    ends(text, DRILL_UNSUPPORTED, 14, "tcpdrop");
    ends(OPEN "+0 `tcpdrop 10.0.0.1 80`\n", DRILL_UNSUPPORTED, 8, "tcpdrop");
    passes(OPEN "+0 `setkey -F`\n");
}

/* What a system with ECN would do otherwise is unsupported, and nothing else. */
TEST(ecn_is_missed_where_it_would_be_seen)
{
#define ECN(value) "`sysctl -w net.inet.tcp.ecn.enable=" value "`\n"
#define CONNECT                                                                                    \
    "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"                                                \
    "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"                                                \
    "+0 connect(3, ..., ...) = -1 EINPROGRESS (...)\n"
#define ASKED LISTEN "+0 < SEW 0:0(0) win 65535 <mss 1000>\n+0 > S. 0:0(0) ack 1 <...>\n"
    passes(ECN("2") OPEN);
    passes(ECN("1") OPEN);
    passes(ECN("0") ASKED);
    ends(ECN("2") ASKED, DRILL_UNSUPPORTED, 6, "ECN: tern has none");
    ends(ECN("1") CONNECT "+0 > S 0:0(0) <...>\n", DRILL_UNSUPPORTED, 5, "ECN");
    passes("`sysctl -w net.ipv4.tcp_ecn=1; sysctl -w net.ipv4.tcp_ecn=0`\n" CONNECT
           "+0 > S 0:0(0) <...>\n");
    ends(CONNECT "+0 > SEW 0:0(0) <...>\n", DRILL_UNSUPPORTED, 4, "ECN");
    ends(OPEN "+0 write(4, ..., 1) = 1\n+0 > [ect0] P. 1:2(1) ack 1\n", DRILL_UNSUPPORTED, 9,
         "ECN");
    ends("`sysctl net.ipv4.tcp_ecn=3`\n" LISTEN, DRILL_UNSUPPORTED, 1, "0 .. 2, not 3");
#undef ECN
#undef CONNECT
#undef ASKED
}

TEST(a_setting_may_change_on_the_way)
{
    passes_over(LISTEN "+0 `sysctl -q net.ipv4.tcp_timestamps=0`\n"
                       "+0 < S 0:0(0) win 65535 <mss 1000,sackOK,TS val 7 ecr 0>\n"
                       "+0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,sackOK>\n",
                DRILL_IPV4);
}

/* What it waits for never comes: a hundred hours of virtual time, and an end. */
/* What apps/pkt/code.h cannot read: of all code before it, each with the values of its moment. */
#define PYTHON                                                                                     \
    OPEN "+0 %{ before = tcpi_bytes_received }%\n"                                                 \
         "+0 < P. 1:11(10) ack 1 win 65535\n"                                                      \
         "+0 > . 1:1(0) ack 11\n"                                                                  \
         "+0 %{\n"                                                                                 \
         "    both = [before, tcpi_bytes_received]\n"

static void play_with_python(const char *text, const char *python)
{
    drill_options options = {.python = python, .leftovers = true};

    tern_config_init(&options.config);
    CHECK_EQ(tern_config_profile(&options.config, TERN_PROFILE_LINUX), TERN_OK);
    options.config.details = true;
    drill_play(pkt_parsed(text), &options, &verdict);
}

TEST(what_needs_python_has_python)
{
    play_with_python(PYTHON "    assert both == [0, 10] and tcpi_state == TCP_ESTABLISHED\n"
                            "}%\n"
                            "+0 %{ assert both[1] / 4 == 2.5 }%\n",
                     "python3");
    CHECK_STR(verdict.text, "");
    CHECK_EQ(verdict.outcome, DRILL_PASS);
    play_with_python(PYTHON "    assert both == [0, 9], 'ten came'\n}%\n", "python3");
    CHECK_STR(verdict.text, "python3: AssertionError: ten came");
    CHECK_EQ(verdict.outcome, DRILL_FAIL);
    CHECK_EQ(verdict.place.line, 13);
    play_with_python(PYTHON "    assert never == []\n}%\n", "python3");
    CHECK_STR(verdict.text, "python3: NameError: name 'never' is not defined");
    play_with_python(PYTHON "    import os; os._exit(3)\n}%\n", "python3");
    CHECK_STR(verdict.text, "python3 ended with status 3");
}

TEST(without_python_what_needs_it_is_unsupported)
{
    static const char *const none[] = {NULL, "/nonexistent/python3"};

    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        play_with_python(PYTHON "}%\n", none[i]);
        CHECK_EQ(verdict.outcome, DRILL_UNSUPPORTED);
        CHECK_STR(verdict.text, "python3 would be needed: both = [before, tcpi_bytes_received]");
        CHECK_EQ(verdict.place.line, 12);
    }
}

/* The stack tells of it when its timer has run, and sends nothing any more. */
TEST(a_connect_that_waits_returns_when_it_is_given_up)
{
    passes_over("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
                "+0 setsockopt(3, IPPROTO_TCP, TCP_KEEPINIT, [2], 4) = 0\n"
                "+0...2.0 connect(3, ..., ...) = -1 ETIMEDOUT (Operation timed out)\n"
                "+0 > S 0:0(0) <...>\n"
                "+1 > S 0:0(0) <...>\n"
                "3 close(3) = 0\n",
                DRILL_MAPPED);
}

TEST(a_script_for_a_stack_that_cannot_be_is_unsupported)
{
    ends("--mtu=72\n0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n", DRILL_UNSUPPORTED, 1,
         "no stack of this configuration: mtu_bytes");
}

/* FreeBSD's sockets connect so. */
TEST(a_sendto_with_an_address_may_connect)
{
    static const char text[] = "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
                               "+0 setsockopt(3, IPPROTO_TCP, TCP_FASTOPEN, [1], 4) = 0\n"
                               "+0 sendto(3, ..., 100, 0, ..., ...) = 100\n"
                               "+0 > S 0:0(0) <mss 1460,sackOK,TS val 0 ecr 0,nop,wscale 7,FO,nop,"
                               "nop>\n"
                               "+0 < S. 0:0(0) ack 1 win 65535 <mss 1460>\n"
                               "+0 > P. 1:101(100) ack 1\n";
    drill_options options = {.family = DRILL_IPV4};

    tern_config_init(&options.config);
    CHECK_EQ(tern_config_profile(&options.config, TERN_PROFILE_LINUX), TERN_OK);
    options.config.fast_open_api = TERN_FAST_OPEN_SENDTO;
    drill_play(pkt_parsed(text), &options, &verdict);
    CHECK_STR(verdict.text, "");
    CHECK_EQ(verdict.outcome, DRILL_PASS);
}

TEST(a_call_that_waits_for_ever_ends)
{
    play_as(OPEN "+0...1 read(4, ..., 10) = 10\n", DRILL_IPV4, false);
    CHECK(verdict.outcome == DRILL_FAIL || verdict.outcome == DRILL_ERROR);
}

TEST(the_same_script_has_the_same_verdict)
{
    const char *text = OPEN "+0 write(4, ..., 10) = 10\n";
    drill_verdict first;

    play_as(text, DRILL_IPV4, false);
    first = verdict;
    play_as(text, DRILL_IPV4, false);
    CHECK_STR(first.text, verdict.text);
    CHECK_EQ(first.at_us, verdict.at_us);
}
