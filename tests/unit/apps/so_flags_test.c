/* so_flags_test.c - what --so_flags says, and what is wrong with it. */
#include "apps/drill/so_flags.h"
#include "tests/test.h"
#include "tern/profile.h"

static so_flags f;
static char error[SO_FLAGS_ERROR_BYTES];

static void key_is(const char *key, const char *value)
{
    char text[TERN_PROFILE_VALUE_BYTES];

    CHECK_EQ(tern_profile_key_get(&f.config, key, text), TERN_OK);
    CHECK_STR(text, value);
}

static void refused(const char *text, const char *why)
{
    CHECK(!so_flags_parse(&f, text, error));
    CHECK_STR(error, why);
}

TEST(nothing_is_the_linux_profile_at_packetdrills_addresses)
{
    CHECK(so_flags_parse(&f, NULL, error));
    key_is("data_schedule.min_ms", "200");
    CHECK_EQ(f.config.address_count, 2);
    CHECK(f.offload && f.pushes);
    CHECK(!f.sysctls);
    CHECK(f.config.details);
    CHECK(so_flags_parse(&f, "", error));
}

TEST(each_part_counts)
{
    tern_address local;

    CHECK(so_flags_parse(&f,
                         "mtu=1400,local=10.0.0.1,local=2001:db8::1,profile=freebsd,offload=no,"
                         "sysctl=yes,set time_wait_ms=1000",
                         error));
    CHECK_EQ(f.config.mtu_bytes, 1400);
    CHECK_EQ(f.config.address_count, 2);
    CHECK(tern_address_parse("10.0.0.1", &local));
    CHECK_MEM(&f.config.addresses[0], &local, sizeof local);
    key_is("data_schedule.min_ms", "30");
    key_is("time_wait_ms", "1000");
    CHECK(!f.offload && !f.pushes && f.shell);
    CHECK(f.sysctls);
}

TEST(psh_of_a_device_that_cuts_is_of_the_linux_profile)
{
    CHECK(so_flags_parse(&f, "profile=rfc9293", error));
    CHECK(f.offload && !f.pushes);
    CHECK(so_flags_parse(&f, "offload=yes,profile=freebsd", error));
    CHECK(f.offload && f.pushes);
}

TEST(commands_reach_a_shell_only_when_it_is_said)
{
    CHECK(so_flags_parse(&f, "profile=linux", error));
    CHECK(!f.shell);
    CHECK(so_flags_parse(&f, "sysctl=no", error));
    CHECK(!f.shell);
    CHECK(so_flags_parse(&f, "shell=yes", error));
    CHECK(f.shell && !f.sysctls);
    CHECK(so_flags_parse(&f, "sysctl=yes", error));
    CHECK(f.shell && f.sysctls);
}

TEST(a_key_is_set_after_the_profile_wherever_it_stands)
{
    CHECK(so_flags_parse(&f, "set time_wait_ms=1000,profile=linux", error));
    key_is("time_wait_ms", "1000");
}

TEST(a_value_may_have_commas)
{
    CHECK(so_flags_parse(&f, "set syn_schedule.waits_ms=100,200,300,mtu=1280", error));
    key_is("syn_schedule.waits_ms", "100,200,300");
    CHECK_EQ(f.config.mtu_bytes, 1280);
}

TEST(what_is_wrong_is_named)
{
    refused("mtu", "--so_flags: 'mtu': expected NAME=VALUE");
    refused("mtu=big", "--so_flags: 'big': expected octets of an IP packet");
    refused("local=here", "--so_flags: 'here': expected an address, at most 8 of them");
    refused("profile=windows", "--so_flags: 'windows': expected rfc9293, linux or freebsd");
    refused("sysctl=perhaps", "--so_flags: 'perhaps': expected yes or no");
    refused("set time_wait_ms=soon", "--so_flags: 'set time_wait_ms': expected a number");
    CHECK(!so_flags_parse(&f, "colour=red", error));
    CHECK(strstr(error, "'colour': expected profile, mtu") != NULL);
    CHECK(!so_flags_parse(&f, "mtu=10", error)); /* no stack can be made of it */
    CHECK(strncmp(error, "--so_flags: ", 12) == 0);
}
