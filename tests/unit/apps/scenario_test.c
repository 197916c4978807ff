/* scenario_test.c - scenarios are read as they are written, and bad ones say what and where. */
#include "apps/tern/scenario.h"
#include "tests/test.h"

static scenario parsed(const char *text)
{
    scenario s;
    char why[SCENARIO_WHY_BYTES] = "";
    if (!scenario_parse(&s, text, NULL, why))
        test_fail(__FILE__, __LINE__, "%s", why);
    return s;
}

TEST(statements)
{
    scenario s = parsed("# a comment\n"
                        "\n"
                        "at 0 server listen\r\n"
                        "  at  1.5ms\tclient connect   # and another\n"
                        "when client connected client send 100\n"
                        "when server read 100 +20ms server send 1073741824\n"
                        "when client closed:3 +1s server restart\n"
                        "port client 7000\n"
                        "lose syn:2\n"
                        "delay server>data 1s");
    CHECK_EQ(s.count, 5);
    CHECK_EQ(s.ports[SCENARIO_CLIENT], 7000);
    CHECK_EQ(s.ports[SCENARIO_SERVER], 80);
    CHECK_EQ(s.plan.count, 2);
    CHECK_EQ(s.plan.rules[0].nth, 2);

    CHECK_EQ(s.steps[0].moment.event, EVENT_TIME);
    CHECK_EQ(s.steps[0].side, SCENARIO_SERVER);
    CHECK_EQ(s.steps[0].call, CALL_LISTEN);
    CHECK_EQ(s.steps[1].after_us, 1500);
    CHECK_EQ(s.steps[1].call, CALL_CONNECT);
    CHECK_EQ(s.steps[2].moment.event, EVENT_CONNECTED);
    CHECK_EQ(s.steps[2].moment.where, SCENARIO_CLIENT);
    CHECK_EQ(s.steps[2].moment.nth, 1);
    CHECK_EQ(s.steps[2].octets, 100);
    CHECK_EQ(s.steps[2].after_us, 0);
    CHECK_EQ(s.steps[3].moment.event, EVENT_READ);
    CHECK_EQ(s.steps[3].moment.read_bytes, 100);
    CHECK_EQ(s.steps[3].after_us, 20000);
    CHECK_EQ(s.steps[3].octets, 1073741824);
    CHECK_EQ(s.steps[4].moment.event, EVENT_CLOSED);
    CHECK_EQ(s.steps[4].moment.nth, 3);
    CHECK_EQ(s.steps[4].call, CALL_RESTART);
}

TEST(every_call_and_event)
{
    scenario s = parsed("when client accepted client shutdown\n"
                        "when client ended client shutdown reading\n"
                        "at 1s server close\nat 1s server abort\nat 1s server crash\n");
    CHECK_EQ(s.steps[0].moment.event, EVENT_ACCEPTED);
    CHECK_EQ(s.steps[0].call, CALL_SHUTDOWN);
    CHECK_EQ(s.steps[1].moment.event, EVENT_ENDED);
    CHECK_EQ(s.steps[1].call, CALL_SHUTDOWN_READING);
    CHECK_EQ(s.steps[2].call, CALL_CLOSE);
    CHECK_EQ(s.steps[3].call, CALL_ABORT);
    CHECK_EQ(s.steps[4].call, CALL_CRASH);
    CHECK_STR(scenario_call_name(CALL_STOP_READING), "stop-reading");
    CHECK_STR(scenario_side_name(SCENARIO_SERVER), "server");
}

TEST(bad_scenarios_say_what_and_where)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"", "nobody does anything"},
        {"# nothing\n", "nobody does anything"},
        {"at 0 server listen\nplay", "line 2: `play` stands where a statement (at, when"},
        {"at", "line 1: the line ends where a time such as 20ms should be"},
        {"at 20 client connect", "line 1: `20` stands where a time such as 20ms should be"},
        {"at 1s", "the line ends where client, server, attacker"},
        {"at 1s peer connect", "`peer` stands where client, server, attacker"},
        {"at 1s client dance", "`dance` stands where a call (listen, connect, send"},
        {"at 1s client", "the line ends where a call (listen"},
        {"at 1s client send", "the line ends where a number of octets"},
        {"at 1s client send 0", "`0` stands where a number of octets"},
        {"at 1s client send 1073741825", "`1073741825` stands where a number of octets"},
        {"at 1s client close now", "`now` stands where the end of the line should be"},
        {"when server client close", "`client` stands where an event (connected"},
        {"when server read client close", "`client` stands where a number of octets"},
        {"when server read:2 100 client close", "`read` stands where an event"},
        {"when server ended:0 client close", "`ended:0` stands where a name with a number"},
        {"when server ended:x client close", "`ended:x` stands where a name with a number"},
        {"when server ended +1 client close", "`+1` stands where + and a time"},
        {"when server ended", "the line ends where client, server, attacker"},
        {"port client", "the line ends where a port"},
        {"port client 65536", "`65536` stands where a port"},
        {"port client 80 90", "`90` stands where the end of the line"},
        {"\n\nlose sin", "line 3: `lose sin`, column 6: expected"},
        {"at 1s client aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         "stands where a call"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        scenario s;
        char why[SCENARIO_WHY_BYTES] = "";
        if (scenario_parse(&s, cases[i].text, NULL, why))
            test_fail(__FILE__, __LINE__, "taken: %s", cases[i].text);
        if (strstr(why, cases[i].why) == NULL)
            test_fail(__FILE__, __LINE__, "%s: %s", cases[i].text, why);
    }
}

TEST(bounds)
{
    static char text[SCENARIO_STEPS_MAX * 32 + 500];
    char why[SCENARIO_WHY_BYTES] = "";
    scenario s;
    size_t at = 0;
    for (unsigned i = 0; i < SCENARIO_STEPS_MAX; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "at 1s client close\n");
    CHECK(scenario_parse(&s, text, NULL, why));
    CHECK_EQ(s.count, SCENARIO_STEPS_MAX);
    (void)snprintf(text + at, sizeof text - at, "at 1s client close\n");
    CHECK(!scenario_parse(&s, text, NULL, why));
    CHECK(strstr(why, "line 97: one statement too many") != NULL);
    memset(text, 'x', 450);
    text[450] = '\0';
    CHECK(!scenario_parse(&s, text, NULL, why));
    CHECK(strstr(why, "line 1: longer than 399 octets") != NULL);
}

TEST(those_that_are_built_in)
{
    static const char *const promised[] = {
        "handshake",          "close",      "session",     "loss", "simultaneous-open",
        "simultaneous-close", "half-close", "closed-port", "abort"};
    const scenario_entry *entry;
    size_t count = 0;
    for (; (entry = scenario_list(count)) != NULL; count++) {
        (void)parsed(entry->text);
        CHECK(scenario_find(entry->name) == entry);
        CHECK(strchr(entry->name, ' ') == NULL);
    }
    CHECK(count >= sizeof promised / sizeof promised[0]);
    for (size_t i = 0; i < sizeof promised / sizeof promised[0]; i++)
        if (scenario_find(promised[i]) == NULL)
            test_fail(__FILE__, __LINE__, "there is no scenario %s", promised[i]);
    CHECK(scenario_find("none") == NULL);
    CHECK_STR(scenario_list(0)->name, "session");
}
