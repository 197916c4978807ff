/* pkt_code_test.c - assertions between %{ and }%: values as Python has them, or "needs python3". */
#include "apps/pkt/code.h"

#include "tests/test.h"

#include <inttypes.h>

enum { VARIABLES = 8 };

/* tcpi_snd_cwnd is 10, tcpi_rtt 7000, big the greatest number; others as the code sets them. */
typedef struct variables {
    char names[VARIABLES][PKT_CODE_NAME_BYTES];
    int64_t values[VARIABLES];
    int count, reads;
    char printed[256];
} variables;

static bool variable_get(void *context, const char *name, int64_t *value)
{
    variables *v = context;

    v->reads++;
    for (int i = 0; i < v->count; i++) {
        *value = v->values[i];
        if (strcmp(v->names[i], name) == 0)
            return true;
    }
    return false;
}

static bool variable_set(void *context, const char *name, int64_t value)
{
    variables *v = context;
    int i = 0;

    while (i < v->count && strcmp(v->names[i], name) != 0)
        i++;
    if (i == VARIABLES)
        return false;
    snprintf(v->names[i], sizeof v->names[i], "%s", name);
    v->values[i] = value;
    v->count += i == v->count ? 1 : 0;
    return true;
}

static void variable_print(void *context, const char *text)
{
    variables *v = context;
    size_t bytes = strlen(v->printed);

    snprintf(v->printed + bytes, sizeof v->printed - bytes, "%s", text);
}

static variables vars;

static pkt_code_outcome run(const char *text)
{
    pkt_code_names names = {variable_get, variable_set, variable_print, &vars};
    pkt_code *code = pkt_code_parse(text);
    pkt_code_outcome outcome;

    CHECK(code != NULL);
    vars = (variables){.count = 0};
    variable_set(&vars, "tcpi_snd_cwnd", 10);
    variable_set(&vars, "tcpi_rtt", 7000);
    variable_set(&vars, "big", INT64_MAX);
    outcome = pkt_code_run(code, &names);
    pkt_code_free(code);
    return outcome;
}

static pkt_code_status status(const char *text)
{
    return run(text).status;
}

/* The value of an expression, which has one. */
static int64_t value(const char *expression)
{
    char text[256];
    int64_t x = 0;

    snprintf(text, sizeof text, "x = %s", expression);
    if (status(text) != PKT_CODE_HOLDS || !variable_get(&vars, "x", &x))
        test_fail(__FILE__, __LINE__, "%s has no value", expression);
    return x;
}

TEST(an_assertion_holds_or_not)
{
    CHECK_EQ(status("assert tcpi_snd_cwnd == 10"), PKT_CODE_HOLDS);
    CHECK_EQ(status("assert tcpi_snd_cwnd == 11"), PKT_CODE_FALSE);
    CHECK_EQ(status("assert (tcpi_snd_cwnd), 'why'"), PKT_CODE_HOLDS);
    CHECK_EQ(status("assert tcpi_snd_cwnd == 10; assert 1 == 2"), PKT_CODE_FALSE);
    CHECK_EQ(status("assert tcpi_snd_cwnd == 10\n\nassert 1 # yes\n"), PKT_CODE_HOLDS);
}

TEST(a_failure_tells_where_and_what_it_saw)
{
    static const char text[] = "\nassert 1\nassert tcpi_snd_cwnd < 5 and tcpi_rtt == tcpi_snd_cwnd "
                               ", 'cwnd=%d' % tcpi_snd_cwnd\n";
    pkt_code_outcome o = run(text);
    char condition[64];

    CHECK_EQ(o.status, PKT_CODE_FALSE);
    CHECK_EQ(o.line, 3);
    snprintf(condition, sizeof condition, "%.*s", (int)o.bytes, o.at);
    CHECK_STR(condition, "tcpi_snd_cwnd < 5 and tcpi_rtt == tcpi_snd_cwnd");
    CHECK_STR(o.values, "tcpi_snd_cwnd is 10, tcpi_rtt is 7000");
}

TEST(operators_bind_as_in_python)
{
    CHECK_EQ(value("1 + 2 * 3"), 7);
    CHECK_EQ(value("(1 + 2) * 3"), 9);
    CHECK_EQ(value("1 | 2 ^ 3 & 6"), 1);
    CHECK_EQ(value("1 | 6 & 3 == 3"), 1);
    CHECK_EQ(value("1 << 2 + 1"), 8);
    CHECK_EQ(value("-2 - -3"), 1);
    CHECK_EQ(value("~0 & 0xff"), 255);
    CHECK_EQ(value("not 1 == 2"), 1);
    CHECK_EQ(value("not 0 and 0"), 0);
    CHECK_EQ(value("0 and 1 or 5"), 5);
    CHECK_EQ(value("10 - 4 - 3"), 3);
    CHECK_EQ(value("100 / 5 / 2"), 10);
    CHECK_EQ(value("+-+5"), (uint64_t)-5);
    CHECK_EQ(value("((((7))))"), 7);
    CHECK_EQ(value("True + True + False"), 2);
}

TEST(division_rounds_down)
{
    CHECK(value("-7 // 2") == -4 && value("7 // -2") == -4 && value("7 // 2") == 3);
    CHECK(value("-7 % 3") == 2 && value("7 % -3") == -2 && value("-6 % 3") == 0);
    CHECK(value("-8 >> 1") == -4 && value("-1 >> 100") == -1 && value("1 >> 100") == 0);
}

TEST(comparisons_chain)
{
    CHECK_EQ(value("5000 <= tcpi_rtt <= 20000"), 1);
    CHECK_EQ(value("1 < 3 < 2"), 0);
    CHECK_EQ(value("3 < 2 < 5 or 9"), 9);
    CHECK_EQ(value("1 < 2 < 3 < 4 == 4 != 5"), 1);
    CHECK_EQ(value("1 < 2 + 5 > 3 and 8"), 8);
    CHECK_EQ(value("(1 < 3) < 2"), 1);
}

TEST(and_and_or_do_not_look_farther_than_they_must)
{
    CHECK_EQ(value("0 and nobody"), 0);
    CHECK_EQ(value("4 or 1 / 0"), 4);
    CHECK_EQ(value("2 < 1 < nobody"), 0);
    CHECK_EQ(status("assert 1 and nobody"), PKT_CODE_UNKNOWN_NAME);
}

TEST(names_have_values_or_are_told)
{
    pkt_code_outcome o = run("assert 1\nassert tcpi_snd_cwdn == 10");

    CHECK_EQ(o.status, PKT_CODE_UNKNOWN_NAME);
    CHECK_STR(o.name, "tcpi_snd_cwdn");
    CHECK_EQ(o.line, 2);
    CHECK_EQ(value("TCP_CLOSE_WAIT"), 8);
    CHECK_EQ(value("TCPI_CLOSE_WAIT"), 8);
    CHECK_EQ(value("TCP_CA_Recovery"), 3);
    CHECK_EQ(value("TCPI_OPT_SYN_DATA | TCPI_OPT_TIMESTAMPS"), 33);
}

TEST(names_can_be_set)
{
    CHECK_EQ(status("cwnd = 4; cwnd += 6\nassert cwnd == tcpi_snd_cwnd"), PKT_CODE_HOLDS);
    CHECK_EQ(status("x = 5; x *= 2 + 1; x -= 1; assert x == 14"), PKT_CODE_HOLDS);
    CHECK_EQ(status("TCP_CLOSE = 99; assert TCP_CLOSE == 99"), PKT_CODE_HOLDS);
    CHECK_EQ(status("x += 1"), PKT_CODE_UNKNOWN_NAME);
}

TEST(print_prints)
{
    CHECK_EQ(status("print(tcpi_snd_cwnd); print(\"cwnd\", 'is', tcpi_snd_cwnd + 1)\nprint()"),
             PKT_CODE_HOLDS);
    CHECK_STR(vars.printed, "10\ncwnd is 11\n\n");
}

TEST(errors_of_python_are_errors)
{
    CHECK_EQ(status("assert 1 // 0"), PKT_CODE_WRONG);
    CHECK_EQ(status("assert 1 % (tcpi_snd_cwnd - 10)"), PKT_CODE_WRONG);
    CHECK_EQ(status("assert 1 << -1"), PKT_CODE_WRONG);
}

TEST(what_is_beyond_needs_python)
{
    static const char *const beyond[] = {
        "if tcpi_rtt > 5: print(1)",
        "import sys",
        "assert",
        "assert (1, 2)",
        "assert 1 == 1.5",
        "assert 2 ** 3 == 8",
        "assert max(1, 2)",
        "assert 'a' == 'b'",
        "assert 1 in x",
        "assert 1 == not 0",
        "assert 007",
        "assert x[0]",
        "assert x.y",
        "x = y = 1",
        "x == 1",
        "assert 1 +",
        "assert (1",
        "assert 1)",
        "assert 1 2",
        "assert 1, 'a",
        "assert 1,",
        "print 5",
        "print('a%d' % 5)",
        "print('a\\n')",
        "x = 5; y",
        "assert 1 if 2 else 3",
        "assert 99999999999999999999",
        "x = lambda: 5",
        "print = 5",
        "assert 1\n  assert 2",
    };

    for (size_t i = 0; i < sizeof beyond / sizeof beyond[0]; i++)
        if (status(beyond[i]) != PKT_CODE_NEEDS_PYTHON)
            test_fail(__FILE__, __LINE__, "read all the same: %s", beyond[i]);
    CHECK_EQ(status("assert 7 / 2 > 3"), PKT_CODE_NEEDS_PYTHON);
    CHECK_EQ(status("assert big + 1 > big"), PKT_CODE_NEEDS_PYTHON);
    CHECK_EQ(status("assert big * 2 << 1"), PKT_CODE_NEEDS_PYTHON);
    CHECK_EQ(status("assert 1 << 63"), PKT_CODE_NEEDS_PYTHON);
    CHECK_EQ(status("assert -(-big - 1)"), PKT_CODE_NEEDS_PYTHON);
}

TEST(nothing_runs_of_what_needs_python)
{
    pkt_code_outcome o = run("cwnd = 5\nprint(cwnd)\nfor i in x:\n  pass");

    CHECK_EQ(o.status, PKT_CODE_NEEDS_PYTHON);
    CHECK_EQ(o.line, 3);
    CHECK_EQ(o.bytes, strlen("for i in x:"));
    CHECK_EQ(vars.count, 3);
    CHECK_STR(vars.printed, "");
}

TEST(a_message_is_not_read)
{
    CHECK_EQ(status("assert 1, 'a: %d; (b' % (tcpi_rtt,\n nobody)\nassert 1, nobody"),
             PKT_CODE_HOLDS);
    CHECK_EQ(status("assert 0, \"it's\"; assert 1"), PKT_CODE_FALSE);
}

TEST(lines_go_on_inside_parentheses)
{
    CHECK_EQ(status("assert (1 <\n   2 and\n tcpi_rtt)\nassert 0"), PKT_CODE_FALSE);
    CHECK_EQ(run("assert (1 <\n   2 and\n tcpi_rtt)\nassert 0").line, 4);
}

TEST(lines_go_on_behind_a_backslash)
{
    CHECK_EQ(run("assert 1, 2; \\\n   assert 1 \\\n + 2 == 3;\\\n\nassert 0").line, 5);
    CHECK_EQ(status("assert 1 \\ + 1"), PKT_CODE_NEEDS_PYTHON);
    CHECK_EQ(status("assert 0 and nobody"), PKT_CODE_FALSE);
    CHECK_STR(run("assert 0 and nobody").name, "");
}

TEST(code_has_a_limit)
{
    static char text[64 << 10];
    size_t bytes = 0;

    for (int i = 0; i < 1000; i++)
        bytes += (size_t)snprintf(text + bytes, sizeof text - bytes, "assert 1\n");
    CHECK_EQ(status(text), PKT_CODE_NEEDS_PYTHON);
    memset(text, '(', sizeof text - 1);
    memcpy(text, "assert ", 7);
    CHECK_EQ(status(text), PKT_CODE_NEEDS_PYTHON);
    CHECK_EQ(status(""), PKT_CODE_HOLDS);
}
