/* pkt_print_test.c - a script printed, and parsed, and printed again is the same. */
#define _GNU_SOURCE
#include "apps/pkt/print.h"

#include "tests/test.h"
#include "tests/unit/apps/pkt_fixture.h"

#include <dirent.h>
#include <stdlib.h>

static char *copy_of(const char *text)
{
    char *copy = strdup(text);

    CHECK(copy != NULL);
    return copy;
}

/* The whole of tests/language/NAME, to be freed. */
static char *script_file(const char *name)
{
    char path[512];
    char *text = calloc(1, PKT_FILE_BYTES + 1);
    FILE *in;

    snprintf(path, sizeof path, "tests/language/%s", name);
    in = fopen(path, "r");
    CHECK(text != NULL && in != NULL);
    CHECK(fread(text, 1, PKT_FILE_BYTES, in) > 0);
    fclose(in);
    return text;
}

TEST(the_corpus_prints_what_parses_to_the_same)
{
    DIR *folder = opendir("tests/language");
    int scripts = 0;

    CHECK(folder != NULL);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (strstr(entry->d_name, ".pkt") == NULL)
            continue;
        char *text = script_file(entry->d_name);
        char *once = copy_of(pkt_printed(text));
        char *twice = copy_of(pkt_printed(once));
        CHECK_STR(twice, once);
        free(text);
        free(once);
        free(twice);
        scripts++;
    }
    closedir(folder);
    CHECK(scripts >= 5);
}

/* Prints as itself: the printer drops nothing and adds nothing. */
static void same(const char *line)
{
    char text[600];

    snprintf(text, sizeof text, "%s\n", line);
    CHECK_STR(pkt_printed(text), text);
}

TEST(packets_print_as_they_are_written)
{
    same("0 < S 0:0(0) win 65535 <mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7>");
    same("+0.01 > [ect01, ttl 64] 80 > 99 P. 1:11(10) ack 1 win 5 urg 6 <nop,nop,sack 1:2>");
    same("* > R. ...(0) [code 1, pen 2]/udp(1 > 2)");
    same("0~1.5 > . 5:6(1)! ack 1 <...>");
    same("0 < udplite 1 > 2 (100, 8)");
    same("0 < icmp unreachable frag_needed mtu 1200 id 7 [1:2(1)/udp(1 > 2)]");
    same("0 < icmp echo_request [udp (5)]");
    same("0 > gre: mpls (label 1, tc 2, [S], ttl 3): ipv6 [tos 0x10] ::1 > ::2: - 1:1(0)");
    same("0 > sctp(zero_checksum, tag=1): A[b=[1:2], c=...]; D[]");
    same("0 > S 0:0(0) <FO 00ff,FOEXP,AccECN0 ee0b 1,exp-AccECN1,md5 valid,nop>");
}

TEST(calls_print_as_they_are_written)
{
    same("0 f() = 0");
    same(
        "+1...2 f(-1, 0xff, \"a\\n\"..., \"b\" \"c\", A|B, [], [1, [2]]) = -1 EINTR (Interrupted)");
    same("0 f({msg_name(...)=..., msg_iov(1)=[{..., 5}], msg_flags=A|B}) = 0x2 (flags X|Y)");
    same("0 f(htons(5), a=b) = ...");
}

TEST(options_commands_and_code_print_as_they_are_written)
{
    same("--mtu=1500\n--non_fatal=\"a b\"\n--debug\n`init`\n0 `a`\n+0 %{ assert x }%\n`cleanup`");
}

TEST(definitions_are_put_in_and_not_printed)
{
    CHECK_STR(pkt_printed("--define=A=5\n0 f(A) = 0"), "0 f(5) = 0\n");
}
