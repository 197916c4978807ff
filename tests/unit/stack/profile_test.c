/* profile_test.c - behaviour profiles, and each of their keys by name. */
#include "tern/profile.h"
#include "tests/unit/tcp_fixture.h"

#include <stdlib.h>

TEST(the_default_is_rfc9293)
{
    tern_config c, d;

    tern_config_init(&c);
    d = c;
    CHECK_EQ(tern_config_profile(&d, TERN_PROFILE_LINUX), TERN_OK);
    CHECK(memcmp(&c, &d, sizeof c) != 0);
    CHECK_EQ(tern_config_profile(&d, TERN_PROFILE_RFC9293), TERN_OK);
    CHECK(memcmp(&c, &d, sizeof c) == 0);
}

TEST(each_profile_makes_a_stack)
{
    for (unsigned p = 0; p < TERN_PROFILES; p++) {
        tern_config c = fixture_config();
        const char *why;
        CHECK_EQ(tern_config_profile(&c, (tern_profile)p), TERN_OK);
        CHECK(tern_size(&c, &why) > 0);
        CHECK(why == NULL);
        fixture_end(fixture_begin(&c));
    }
}

TEST(profiles_have_names)
{
    tern_profile p = TERN_PROFILES;

    CHECK_STR(tern_profile_name(TERN_PROFILE_FREEBSD), "freebsd");
    CHECK(tern_profile_name(TERN_PROFILES) == NULL);
    CHECK(tern_profile_find("linux", &p));
    CHECK_EQ(p, TERN_PROFILE_LINUX);
    CHECK(!tern_profile_find("linu", &p));
    CHECK(!tern_profile_find("linux2", &p));
    CHECK_EQ(p, TERN_PROFILE_LINUX);
}

TEST(what_a_profile_is_not_is_refused)
{
    tern_config c = fixture_config(), before = c;

    CHECK_EQ(tern_config_profile(&c, TERN_PROFILES), TERN_ERR_INVALID);
    CHECK_EQ(tern_config_profile(NULL, TERN_PROFILE_LINUX), TERN_ERR_INVALID);
    CHECK(memcmp(&c, &before, sizeof c) == 0);
}

/* One profile, written out key by key, makes another one of it. */
TEST(every_key_alone_says_all_that_a_profile_does)
{
    for (unsigned p = 0; p < TERN_PROFILES; p++) {
        tern_config from, to;
        tern_config_init(&from);
        tern_config_init(&to);
        CHECK_EQ(tern_config_profile(&from, (tern_profile)p), TERN_OK);
        tern_profile_key key;
        size_t keys = 0;
        for (unsigned twice = 0; twice < 2; twice++) { /* limits name each other */
            for (size_t i = 0; tern_profile_key_list(i, &key); i++, keys++) {
                char text[TERN_PROFILE_VALUE_BYTES], again[TERN_PROFILE_VALUE_BYTES];
                const char *why;
                CHECK_EQ(tern_profile_key_get(&from, key.name, text), TERN_OK);
                if (tern_profile_key_set(&to, key.name, text, &why) != TERN_OK) {
                    CHECK(twice == 0);
                    continue;
                }
                CHECK_EQ(tern_profile_key_get(&to, key.name, again), TERN_OK);
                CHECK_STR(again, text);
            }
        }
        CHECK(keys > 2 * 50);
        CHECK(memcmp(&from, &to, sizeof from) == 0);
    }
}

static void refused(const char *key, const char *value, const char *expected)
{
    tern_config c = fixture_config(), before = c;
    const char *why = NULL;

    CHECK_EQ(tern_profile_key_set(&c, key, value, &why), TERN_ERR_INVALID);
    CHECK(why != NULL && strstr(why, expected) != NULL);
    CHECK(memcmp(&c, &before, sizeof c) == 0);
    CHECK_EQ(tern_profile_key_set(&c, key, value, NULL), TERN_ERR_INVALID);
}

TEST(a_wrong_key_or_value_says_what_is_expected)
{
    refused("time_wait", "1", "no such key");
    refused("", "1", "no such key");
    refused("time_wait_ms", "", "a number");
    refused("time_wait_ms", "1s", "a number");
    refused("time_wait_ms", "-1", "a number");
    refused("time_wait_ms", "4294967296", "a number");
    refused("time_wait_ms", "99999999999999999999999", "a number");
    refused("time_wait_ms", "0", "time_wait_ms: 1 .. 1800000");
    refused("time_wait_ignores_rst", "1", "yes or no");
    refused("icmp_aborts", "65536", "a number");
    refused("icmp_aborts", "32768", "icmp_aborts");
    refused("icmp_errors.PORT_UNREACHABLE", "ECONNREFUSED", "RESET");
    refused("icmp_errors", "RESET", "no such key");
    refused("option_pad", "no", "nop,eol");
    refused("option_pad", "nop,eol", "nop,eol");
    refused("option_pad", "", "nop,eol");
    refused("ack_every", "3", "second-segment");
    refused("error_close_wait_rst", "EPIPE", "RESET");
    refused("time_wait_reuse", "sometimes", "never,safe,always");
    refused("hold_ms", "0", "hold_ms");
    refused("user_timeout_advertise_ms", "4294967295", "user_timeout_advertise_ms");
    refused("user_timeout_least_ms", "3600001", "user_timeout_least_ms");
    refused("user_timeout_most_ms", "99999", "user_timeout_least_ms");
    refused("syn_window", "0", "syn_window");
    refused("syn_schedule.waits_ms", "1000,", "waits");
    refused("syn_schedule.waits_ms", "1000,0,1000", "waits");
    refused("syn_schedule.waits_ms", "1,2,3,4,5,6,7,8,9,10,11,12,13", "waits");
    refused("syn_schedule.waits_ms", "3600001", "syn_schedule");
    refused("data_schedule.min_ms", "60001", "data_schedule");
    CHECK_EQ(tern_profile_key_set(NULL, "a", "b", NULL), TERN_ERR_INVALID);
}

TEST(words_and_names_are_values)
{
    tern_config c = fixture_config();
    char text[TERN_PROFILE_VALUE_BYTES];

    CHECK_EQ(tern_profile_key_set(&c, "ack_every", "over-one", NULL), TERN_OK);
    CHECK_EQ(c.ack_every, TERN_ACK_OVER_ONE);
    CHECK_EQ(tern_profile_key_get(&c, "ack_every", text), TERN_OK);
    CHECK_STR(text, "over-one");
    CHECK_EQ(tern_profile_key_set(&c, "time_wait_reuse", "safe", NULL), TERN_OK);
    CHECK_EQ(c.time_wait_reuse, TERN_REUSE_SAFE);
    CHECK_EQ(tern_profile_key_set(&c, "hold_ms", "1500", NULL), TERN_OK);
    CHECK_EQ(c.hold_ms, 1500);
    CHECK_EQ(tern_profile_key_set(&c, "user_timeout_advertise_ms", "30000", NULL), TERN_OK);
    CHECK_EQ(c.user_timeout_advertise_ms, 30000);
    CHECK_EQ(tern_profile_key_set(&c, "error_close_wait_rst", "ABORTED", NULL), TERN_OK);
    CHECK_EQ(tern_profile_key_get(&c, "error_close_wait_rst", text), TERN_OK);
    CHECK_STR(text, "ABORTED");
}

TEST(a_schedule_of_ones_own)
{
    tern_config c = fixture_config();
    char text[TERN_PROFILE_VALUE_BYTES];

    CHECK_EQ(tern_profile_key_set(&c, "syn_schedule.waits_ms", "100,200,4000000000", NULL),
             TERN_ERR_INVALID);
    CHECK_EQ(tern_profile_key_set(&c, "syn_schedule.waits_ms", "100,200", NULL), TERN_OK);
    CHECK_EQ(tern_profile_key_get(&c, "syn_schedule.waits_ms", text), TERN_OK);
    CHECK_STR(text, "100,200");
    CHECK_EQ(tern_profile_key_get(&c, "nothing", text), TERN_ERR_INVALID);
    fixture *x = fixture_begin(&c);
    x_connect(x);
    x_expect(x, .flags = TCP_SYN);
    x_expect_after(x, 100, .flags = TCP_SYN);
    x_expect_after(x, 200, .flags = TCP_SYN);
    x_expect_after(x, 4000, .flags = TCP_SYN);
}

/* ---- A stack that runs ---- */

TEST(a_running_stack_takes_other_values_for_what_comes)
{
    tern_config c = fixture_config();
    fixture *x = fixture_begin(&c);

    x_establish(x, WAY_PASSIVE | WAY_OPTIONS);
    CHECK_EQ(tern_profile_key_set(&c, "timestamps", "no", NULL), TERN_OK);
    CHECK_EQ(tern_profile_key_set(&c, "delayed_ack_ms", "10", NULL), TERN_OK);
    c.chunks_max = 2; /* no key: it stays */
    CHECK_EQ(tern_profile_change(x->stack, x->now_us, &c), TERN_OK);
    x_inject(x, .flags = TCP_ACK, .seq = 1, .ack = 1, .bytes = 10);
    x_expect_after(x, 10, .flags = TCP_ACK, .seq = 1, .ack = 11, .ts = true);
    CHECK_EQ(tern_shutdown(x->stack, x->now_us, x->c, TERN_SHUTDOWN_WRITE), TERN_OK);
    x_run(x, 0);
    x->peer.remote.port++;
    x->peer.ts_on = false;
    x_inject(x, .flags = TCP_SYN, .mss = 1460, .ts = true, .ts_value = 1);
    uint8_t packet[1500];
    tcp_options options;
    size_t bytes = x_output(x, packet);
    tcp_options_read(&options, packet + 40, bytes - 40);
    CHECK(options.has_mss && !options.has_timestamps);
}

TEST(a_running_stack_refuses_values_that_no_stack_has)
{
    tern_config c = fixture_config();
    fixture *x = fixture_begin(&c);

    CHECK_EQ(tern_profile_change(x->stack, x->now_us, NULL), TERN_ERR_INVALID);
    c.delayed_ack_ms = 500;
    CHECK_EQ(tern_profile_change(x->stack, x->now_us, &c), TERN_ERR_INVALID);
}
