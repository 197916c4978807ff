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

TEST(words_in_two_languages)
{
    static const char text[] = "title one # two\n"
                               "ko 하나\n"
                               "at 1s server say A ghost. [RFC 9293 3.5]\n"
                               "ko 유령\n"
                               "at 2s client say [none]\n";
    char words[64];
    scenario s = parsed(text);
    CHECK_STR(scenario_say(&s.title, words, sizeof words), "one");
    CHECK_STR(scenario_span_text(&s.title.ko, words, sizeof words), "하나");
    CHECK_STR(scenario_span_text(&s.title.ko, words, 5), "하"); /* no half letter */
    CHECK_EQ(s.steps[0].deed, DEED_SAY);
    CHECK_STR(scenario_say(&s.steps[0].words, words, sizeof words), "A ghost.");
    CHECK_STR(scenario_span_text(&s.steps[0].source, words, sizeof words), "RFC 9293 3.5");
    CHECK_STR(scenario_span_text(&s.steps[0].words.ko, words, sizeof words), "유령");
    CHECK_STR(scenario_say(&s.steps[1].words, words, sizeof words), "[none]");
}

TEST(settings_are_those_of_the_configuration)
{
    scenario s = parsed("client set mtu 1400\nset time_wait 60s\nserver set timestamps off\n"
                        "server set cookies never\nclient set profile linux\n"
                        "server set syn_schedule.give_up 8s\n"
                        "at 1s client option keep_idle 10s\n");
    tern_config client, server;
    tern_config_init(&client);
    tern_config_init(&server);
    CHECK_EQ(s.set_count, 7);
    for (uint32_t i = 0; i < s.set_count; i++)
        setting_apply(s.sets[i].side == SCENARIO_CLIENT ? &client : &server, &s.sets[i].value);
    CHECK_EQ(client.mtu_bytes, 1400);
    CHECK_EQ(server.mtu_bytes, 1500);
    CHECK_EQ(server.time_wait_ms, 60000);
    CHECK(!server.timestamps);
    CHECK_EQ(server.syn_cookies, TERN_COOKIES_NEVER);
    CHECK_EQ(server.syn_schedule.give_up_ms, 8000);
    CHECK_EQ(client.syn_schedule.retries_max, 10);
    CHECK_EQ(setting_option_number(&s.steps[0].setting), TERN_OPTION_KEEP_IDLE_MS);
    CHECK_EQ(s.steps[0].setting.value, 10000);
}

TEST(variants_choose_among_statements)
{
    static const char text[] = "variant two-way no third step\n"
                               "ko 2-way\n"
                               "variant cookies=off none\n"
                               "with two-way: server deviate two-way\n"
                               "with cookies=off: server set cookies never\n"
                               "without two-way: without cookies=off: lose syn:1\n"
                               "with two-way: at 2s server say Nobody.\n"
                               "ko 아무도\n"
                               "at 0 server listen\n"
                               "against two-way\n";
    scenario_chosen chosen = {.names = {"two-way"}, .count = 1};
    char why[SCENARIO_WHY_BYTES] = "", words[64];
    scenario s = parsed(text);
    CHECK_EQ(s.variant_count, 2);
    CHECK(s.variants[0].against && !s.variants[1].against);
    CHECK_STR(scenario_span_text(&s.variants[0].words.ko, words, sizeof words), "2-way");
    CHECK(!s.two_way[SCENARIO_SERVER]);
    CHECK_EQ(s.plan.count, 1);
    CHECK_EQ(s.count, 1);
    CHECK(scenario_parse(&s, text, &chosen, why));
    CHECK(s.two_way[SCENARIO_SERVER]);
    CHECK_EQ(s.plan.count, 0);
    CHECK_EQ(s.count, 2);
    CHECK_EQ(s.set_count, 0);
}

TEST(moments_and_repetition)
{
    scenario s = parsed("when client gets synack:2 +1ms client send 5 every 1s for 3 times\n"
                        "when server rule RST_CHALLENGED:2 server close\n"
                        "when server state CLOSE-WAIT expect server read != 0\n"
                        "when client sends rst client connect from 7001\n");
    CHECK_EQ(s.steps[0].moment.event, EVENT_GETS);
    CHECK_EQ(s.steps[0].moment.packet, FAULT_SYNACK);
    CHECK_EQ(s.steps[0].moment.nth, 2);
    CHECK_EQ(s.steps[0].every_us, 1000000);
    CHECK_EQ(s.steps[0].times, 3);
    CHECK_EQ(s.steps[1].moment.rule, TERN_RULE_RST_CHALLENGED);
    CHECK_EQ(s.steps[1].moment.nth, 2);
    CHECK_EQ(s.steps[2].moment.state, TERN_CLOSE_WAIT);
    CHECK_EQ(s.steps[2].deed, DEED_EXPECT);
    CHECK(!s.check_at_end[s.steps[2].index]);
    CHECK_EQ(s.steps[3].moment.event, EVENT_SENDS);
    CHECK_EQ(s.steps[3].port, 7001);
}

TEST(the_wire_and_who_is_on_it)
{
    scenario s = parsed("link rate 10Mbit\nlink loss 1%\n"
                        "box client strip sack\n"
                        "at 1s box server firewall reset port 80 flag syn after 1000\n"
                        "at 2s attacker flood 1000 syn/s for 2s\n"
                        "at 3s attacker send data 5 times guess window every 1ms to client\n");
    CHECK(s.link.given[LINK_RATE] && s.link.given[LINK_LOSS] && !s.link.given[LINK_DELAY]);
    CHECK_EQ(s.link.value[LINK_RATE], 10000000);
    CHECK_EQ(s.link.value[LINK_LOSS], 10000);
    CHECK_EQ(s.boxes[0].config.kind, MIDDLEBOX_STRIPPER);
    CHECK_EQ(s.boxes[0].config.strip_count, 2); /* SACK-permitted and SACK */
    CHECK_EQ(s.boxes[1].config.port, 80);
    CHECK_EQ(s.boxes[1].config.flags, 2);
    CHECK_EQ(s.boxes[1].config.after_bytes, 1000);
    CHECK(s.boxes[1].config.resets);
    CHECK(s.attacks[0].flood);
    CHECK_EQ(s.attacks[0].count, 2000);
    CHECK_EQ(s.attacks[0].every_us, 1000);
    CHECK(s.attacks[1].data);
    CHECK_EQ(s.attacks[1].to, SCENARIO_CLIENT);
    CHECK_EQ(s.attacks[1].guess, GUESS_WINDOW);
}

TEST(measures)
{
    scenario s = parsed("at 0 server listen\n"
                        "expect client states SYN-SENT CLOSED\n"
                        "expect server counter COOKIE_SENT >= 1000\n"
                        "expect client time syn:2 since client syn 1s\n"
                        "expect client most cwnd < 20000\n"
                        "figure server memory octets\n");
    CHECK_EQ(s.check_count, 4);
    CHECK_EQ(s.checks[0].measure.kind, MEASURE_STATES);
    CHECK_EQ(s.checks[1].measure.rule, TERN_RULE_COOKIE_SENT);
    CHECK_EQ(s.checks[1].relation, RELATION_AT_LEAST);
    CHECK_EQ(s.checks[1].number, 1000);
    CHECK_EQ(s.checks[2].measure.instant.nth, 2);
    CHECK(s.checks[2].measure.has_since);
    CHECK_EQ(s.checks[2].number, 1000000);
    CHECK_EQ(s.checks[3].relation, RELATION_LESS);
    CHECK_EQ(s.figure_count, 1);
}

TEST(mistakes_in_the_newer_statements)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"client close", "line 1: `close` stands where set or deviate (a call needs at or when"},
        {"client set mtu", "set `mtu `: expected a number"},
        {"set timestamps maybe", "set `timestamps maybe`: expected yes or no"},
        {"set colour red", "set `colour red`: expected a key"},
        {"set profile bsd", "expected rfc9293, linux or freebsd"},
        {"at 1s client option speed 3", "option `speed 3`: expected one of: nodelay"},
        {"ko 하나", "there is none"},
        {"with none: at 0 server listen", "`none` stands where a variant that stands above"},
        {"with none at 0 server listen", "`none` stands where a variant and a colon"},
        {"variant Two x", "`Two` stands where a name of small letters"},
        {"variant a x\nvariant a y", "line 2: there is a variant a already"},
        {"variant a x\nwith a: lose sin", "line 2: `lose sin`"},
        {"link speed 3", "`speed` stands where delay, jitter"},
        {"link rate 3", "`3` stands where a rate such as 10Mbit"},
        {"box client paint", "`paint` stands where strip, clamp"},
        {"box client strip", "the line ends where an option (mss"},
        {"at 1s attacker flood 10 syn/s for 0.001s", "a flood is 1 to 100000 SYNs"},
        {"at 1s attacker send rst 3 times guess well", "`well` stands where random, window"},
        {"expect client mood good", "`mood` stands where a measure"},
        {"expect client now speed 3", "`speed` stands where a field"},
        {"expect client state < CLOSED", "what is not a number can only be = or !="},
        {"expect client time connected 3", "`3` stands where a time such as 20ms"},
        {"expect client counter NONE 3", "`NONE` stands where the name of a rule"},
        {"figure client memory", "the line ends where a sentence"},
        {"plot all", "`all` stands where cwnd, sequence or window"},
        {"when client gets sin client close", "`sin` stands where a packet"},
        {"when client state OPEN client close", "`OPEN` stands where a state"},
        {"at 1s client send 5 every 1s for 3", "the line ends where `times`"},
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
