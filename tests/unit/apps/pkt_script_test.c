/* pkt_script_test.c - options, definitions, conditions, times, commands and code of a script. */
#include "apps/pkt/script.h"

#include "tests/test.h"
#include "tests/unit/apps/pkt_fixture.h"

static pkt_time time_of(const char *text)
{
    char line[128];

    snprintf(line, sizeof line, "%s > . 1:1(0)", text);
    return pkt_first(line)->time;
}

TEST(a_time_is_absolute_relative_any_or_a_range)
{
    CHECK_EQ(time_of("1").kind, PKT_TIME_ABSOLUTE);
    CHECK_EQ(time_of("+1").kind, PKT_TIME_RELATIVE);
    CHECK_EQ(time_of("*").kind, PKT_TIME_ANY);
    CHECK_EQ(time_of("1~2").kind, PKT_TIME_ABSOLUTE_RANGE);
    CHECK_EQ(time_of("+1~+2").kind, PKT_TIME_RELATIVE_RANGE);
    CHECK_EQ(time_of("+1~+2").end_us, 2000000);
}

TEST(a_time_is_exact_to_the_microsecond)
{
    CHECK_EQ(time_of("0.1").at_us, 100000);
    CHECK_EQ(time_of("+.000001").at_us, 1);
    CHECK_EQ(time_of("1.0000019").at_us, 1000001);
    CHECK_EQ(time_of("999999999.999999").at_us, 999999999999999);
    CHECK_STR(pkt_refused("1000000000 > . 1:1(0)"),
              "1:1: expected a time of at most 999999999 seconds, found '1000000000'");
}

TEST(only_outbound_packets_come_at_any_time)
{
    CHECK_STR(pkt_refused("* < . 1:1(0) win 1"),
              "1:1: only an outbound packet may come at any time or in a range");
    CHECK_STR(pkt_refused("0~1 close(3) = 0"),
              "1:1: only an outbound packet may come at any time or in a range");
    CHECK_STR(pkt_refused("2~1 > . 1:1(0)"), "1:1: this range of times ends before it begins");
}

TEST(a_call_may_block)
{
    const pkt_event *e = pkt_first("+0...0.25 accept(3, ..., ...) = 4");

    CHECK_EQ(e->time.kind, PKT_TIME_RELATIVE);
    CHECK(e->call->blocks);
    CHECK_EQ(e->call->end_us, 250000);
    CHECK(!pkt_first("0 accept(3, ..., ...) = 4")->call->blocks);
}

TEST(each_event_knows_its_place)
{
    const pkt_script *s = pkt_parsed("// comment\n  0 close(3) = 0\n/* a\n b */ +1 > . 1:1(0)\n");
    const pkt_event *second = s->events->next;

    CHECK_EQ(s->event_count, 2);
    CHECK_EQ(s->events->place.line, 2);
    CHECK_EQ(s->events->place.column, 3);
    CHECK_EQ(s->events->call->place.column, 5);
    CHECK_EQ(second->place.line, 4);
    CHECK_EQ(second->place.column, 7);
    CHECK_EQ(second->packet->place.column, 10);
}

TEST(options_come_first)
{
    const pkt_script *s = pkt_parsed("--ip_version=ipv4\n--local_ip=fd00::1 --mtu=1500\n"
                                     "--strict_segments --non_fatal=\"a,b\"\n0 close(3) = 0");

    CHECK_STR(s->options->name, "ip_version");
    CHECK_STR(s->options->value, "ipv4");
    CHECK_STR(s->options->next->value, "fd00::1");
    CHECK_STR(s->options->next->next->value, "1500");
    CHECK(s->options->next->next->next->value == NULL);
    CHECK_STR(s->options->next->next->next->next->value, "a,b");
}

TEST(an_option_that_nobody_has_is_refused)
{
    CHECK_STR(pkt_refused("--ip_verison=ipv4\n0 close(3) = 0"),
              "1:1: packetdrill has no such option");
    CHECK_STR(pkt_refused("--mtu\n0 close(3) = 0"), "2:1: expected =, found '0'");
    CHECK_STR(pkt_refused("--mtu=(\n0 close(3) = 0"),
              "1:7: expected the value of the option, found '('");
    CHECK_STR(pkt_refused("--define=A 0 close(3) = 0"), "1:12: expected =, found '0'");
}

TEST(a_definition_is_put_in_for_its_name)
{
    const pkt_script *s = pkt_parsed("--define=PORT=80\n--define=S=\"text\"\n--define=X=0x1f\n"
                                     "0 f(PORT, S, X, PORTS) = 0");
    const pkt_expr *a = s->events->call->arguments;

    CHECK_EQ(a->kind, PKT_INTEGER);
    CHECK_EQ(a->integer, 80);
    CHECK_EQ(a->next->kind, PKT_STRING);
    CHECK_STR(a->next->text, "text");
    CHECK(a->next->next->hex);
    CHECK_EQ(a->next->next->integer, 31);
    CHECK_STR(a->next->next->next->text, "PORTS");
    CHECK_STR(pkt_refused("--define=A=b0\n0 f(A) = A A\n"), "3:1: expected (, found the end");
}

TEST(a_definition_of_the_caller_must_be_one_token)
{
    pkt_define good = {"A", "`sysctl`"}, bad = {"A", "1 2"};
    pkt_source source = {"test.pkt", "0 A", 3, &bad, 1};
    pkt_error error;
    const pkt_script *s = pkt_parsed_with("0 A", &good, 1);

    CHECK_EQ(s->events->kind, PKT_EVENT_COMMAND);
    CHECK_STR(s->events->text, "sysctl");
    CHECK(pkt_parse(&source, &error) == NULL);
    CHECK_STR(error.what,
              "what this name is defined as is not one number, word, string or command");
    CHECK_EQ(error.place.column, 3);
    CHECK_STR(pkt_refused("--define=A=1.2.3.4\n--define=B=A\n0 f(B, A) = 0"),
              "3:5: expected a value: a number, a symbol, a \"string\", [a list], {a structure} or "
              "..., found '1.2.3.4'");
}

TEST(ifdef_keeps_or_drops_lines)
{
    pkt_define linux_only = {"Linux", NULL};
    static const char text[] = "0 f() = 1\n#ifdef Linux\n+0 f(Linux) = 2\n#endif\n"
                               "#ifdef FreeBSD\n+0 what is this? '\"\n#endif\n+0 f() = 3\n";
    const pkt_script *s = pkt_parsed_with(text, &linux_only, 1);

    CHECK_EQ(s->event_count, 3);
    CHECK_STR(s->events->next->call->arguments->text, "Linux");
    CHECK_EQ(pkt_parsed(text)->event_count, 2);
    CHECK_EQ(pkt_parsed(text)->events->next->call->result->integer, 3);
}

TEST(a_condition_that_does_not_fit_is_refused)
{
    CHECK_STR(pkt_refused("0 f() = 1\n#ifdef A\n+0 f() = 1\n"),
              "4:1: an #ifdef is open at the end of the script");
    CHECK_STR(pkt_refused("0 f() = 1\n#endif\n"), "2:1: there is no #ifdef for this #endif");
    CHECK_STR(pkt_refused("--define=A=1\n#ifdef A\n#ifdef A\n#endif\n"),
              "3:1: an #ifdef inside another one: the language has none");
    CHECK_STR(pkt_refused("#ifdef 1\n"), "1:8: #ifdef must be followed by a name");
    CHECK_STR(pkt_refused("0 f() = 1\n# remark\n"), "2:1: '#' begins only #ifdef and #endif");
}

TEST(commands_without_a_time_stand_at_both_ends)
{
    const pkt_script *s = pkt_parsed("`first\nsecond`\n0 `in between`\n`echo \\`last\\``\n");

    CHECK_STR(s->init.text, "first\nsecond");
    CHECK_STR(s->events->text, "in between");
    CHECK_STR(s->cleanup.text, "echo \\`last\\`");
    CHECK_EQ(s->cleanup.place.line, 4);
    CHECK_STR(pkt_refused("0 `a`\n`b`\n0 `c`\n"), "3:1: expected the time of the next event, "
                                                  "found '0'");
}

TEST(code_is_kept_as_it_stands)
{
    const pkt_event *e = pkt_first("0 %{  a = {1: 2}\nassert b }%");

    CHECK_EQ(e->kind, PKT_EVENT_CODE);
    CHECK_STR(e->text, "a = {1: 2}\nassert b");
}

TEST(what_does_not_end_is_refused_where_it_begins)
{
    CHECK_STR(pkt_refused("0 `abc"), "1:3: this command never ends: a backquote is missing");
    CHECK_STR(pkt_refused("0 %{ a }"), "1:3: this code never ends: its closing brace is missing");
    CHECK_STR(pkt_refused("0 f(\"abc) = 0"), "1:5: this string never ends");
    CHECK_STR(pkt_refused("0 f() = 0\n/* abc"), "2:1: this comment never ends");
}

TEST(what_is_no_event_is_refused)
{
    CHECK_STR(pkt_refused(""), "1:1: expected an event: a time, then what happens, found the end");
    CHECK_STR(pkt_refused("// nothing"),
              "1:11: expected an event: a time, then what happens, found the end");
    CHECK_STR(pkt_refused("0 [ect0]"), "1:3: expected a packet ('<' or '>'), a system call, a "
                                       "`command` or %{ code }%, found '['");
    CHECK_STR(pkt_refused("0 close(3) = 0 0"),
              "1:17: expected a packet ('<' or '>'), a system call, a `command` or %{ code }%, "
              "found the end");
    CHECK_STR(pkt_refused("0 \x80"), "1:3: this octet has no place in a script");
    CHECK_STR(pkt_refused("-1 close(3) = 0"), "1:1: expected a time in seconds, found '-1'");
}

TEST(a_file_has_a_limit)
{
    static char text[PKT_FILE_BYTES + 2];

    memset(text, ' ', sizeof text - 1);
    memcpy(text, "0 f() = 0", 9);
    CHECK_STR(pkt_refused(text), "1:1: a script has at most 1 MiB");
    text[PKT_FILE_BYTES] = '\0';
    CHECK_EQ(pkt_parsed(text)->event_count, 1);
}

TEST(events_have_a_limit)
{
    static const char event[] = "0 f()=0\n";
    enum { EVENT_BYTES = sizeof event - 1 };
    static char text[(PKT_STATEMENTS_MAX + 1) * EVENT_BYTES + 1];

    for (int i = 0; i <= PKT_STATEMENTS_MAX; i++)
        memcpy(text + i * EVENT_BYTES, event, EVENT_BYTES);
    CHECK_STR(pkt_refused(text), "50001:1: more than 50000 events in one script");
    text[PKT_STATEMENTS_MAX * EVENT_BYTES] = '\0';
    CHECK_EQ(pkt_parsed(text)->event_count, PKT_STATEMENTS_MAX);
}
