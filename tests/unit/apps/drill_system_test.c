/* drill_system_test.c - sysctls of Linux and FreeBSD as settings of a stack and its sockets. */
#include "apps/drill/system.h"
#include "tern/profile.h"
#include "tests/test.h"

static tern_config config;
static system_fast_open fast_open;
static const char *why;

static void begin(void)
{
    tern_config_init(&config);
    (void)tern_config_profile(&config, TERN_PROFILE_LINUX);
    fast_open = (system_fast_open){.bits = TERN_SOCKETS_FAST_OPEN_CLIENT};
    why = NULL;
}

static system_outcome set(const char *name, const char *value)
{
    return system_sysctl(&config, &fast_open, name, value, &why);
}

static void key_is(const char *key, const char *value)
{
    char text[TERN_PROFILE_VALUE_BYTES];

    CHECK_EQ(tern_profile_key_get(&config, key, text), TERN_OK);
    CHECK_STR(text, value);
}

TEST(numbers_flags_and_seconds)
{
    begin();
    CHECK_EQ(set("net.ipv4.tcp_sack", "0"), SYSTEM_SET);
    key_is("sack", "no");
    CHECK_EQ(set("tcp_timestamps", "2"), SYSTEM_SET);
    key_is("timestamps", "yes");
    CHECK_EQ(set("tcp_fin_timeout", "30"), SYSTEM_SET);
    key_is("fin_wait_2_ms", "30000");
    CHECK_EQ(set("net.inet.tcp.delacktime", "40"), SYSTEM_SET);
    key_is("delayed_ack_ms", "40");
    CHECK_EQ(set("tcp_notsent_lowat", "4000"), SYSTEM_SET);
    key_is("unsent_low_bytes", "4000");
    CHECK_EQ(set("tcp_notsent_lowat", "4294967295"), SYSTEM_SET);
    key_is("unsent_low_bytes", "0");
    CHECK_EQ(set("tcp_sack", "x"), SYSTEM_REFUSED);
    CHECK_STR(why, "a number");
}

TEST(three_numbers_are_least_default_most)
{
    begin();
    CHECK_EQ(set("tcp_rmem", "4096\t540000\t15728640"), SYSTEM_SET);
    key_is("recv_buffer_bytes", "540000");
    key_is("wscale_buffer_bytes", "15728640");
    CHECK_EQ(set("tcp_wmem", "4096 262144 4194304"), SYSTEM_SET);
    key_is("send_buffer_bytes", "131072"); /* counted twice in units */
    key_is("send_buffer_max_bytes", "2097152");
    config.send_units = false;
    CHECK_EQ(set("tcp_wmem", "4096 262144 4194304"), SYSTEM_SET);
    key_is("send_buffer_bytes", "262144");
    CHECK_EQ(set("tcp_wmem", "4096"), SYSTEM_REFUSED);
    CHECK_STR(why, "three numbers");
}

TEST(retries_as_linux_counts_them)
{
    begin();
    CHECK_EQ(set("tcp_syn_retries", "5"), SYSTEM_SET);
    key_is("syn_schedule.retries_max", "9"); /* and the four linear ones */
    CHECK_EQ(set("tcp_orphan_retries", "0"), SYSTEM_SET);
    key_is("orphan_schedule.retries_max", "8");
    CHECK_EQ(set("tcp_orphan_retries", "3"), SYSTEM_SET);
    key_is("orphan_schedule.retries_max", "3");
}

TEST(freebsds_by_their_names)
{
    begin();
    CHECK_EQ(set("net.inet.tcp.rfc1323", "3"), SYSTEM_SET);
    key_is("timestamps", "yes");
    key_is("window_scale", "no");
    CHECK_EQ(set("net.inet.tcp.rfc1323", "1"), SYSTEM_SET);
    key_is("window_scale", "yes");
    CHECK_EQ(set("net.inet.tcp.rfc1323", "4"), SYSTEM_REFUSED);
    CHECK_STR(why, "0 .. 3");
    CHECK_EQ(set("kern.ipc.maxsockbuf", "4294967295"), SYSTEM_SET);
    key_is("wscale_buffer_bytes", "1073741824"); /* no window is larger */
    CHECK_EQ(set("net.inet.tcp.drop_synfin", "0"), SYSTEM_SET);
    key_is("syn_fin_accepted", "yes");
    CHECK_EQ(set("net.inet.tcp.drop_synfin", "1"), SYSTEM_SET);
    key_is("syn_fin_accepted", "no");
    key_is("syn_fin_dropped", "yes");
    CHECK_EQ(set("net.inet.tcp.blackhole", "2"), SYSTEM_SET);
    key_is("blackhole", "all");
    CHECK_EQ(set("net.inet.tcp.blackhole", "3"), SYSTEM_REFUSED);
    CHECK_STR(why, "0 .. 2");
    CHECK_EQ(set("net.inet.tcp.rexmit_drop_options", "1"), SYSTEM_SET);
    key_is("syn_plain_from", "3");
    CHECK_EQ(set("net.inet.tcp.rexmit_initial", "3000"), SYSTEM_SET);
    key_is("syn_schedule.waits_ms", "3000");
    key_is("data_schedule.first_ms", "3000");
    CHECK_EQ(set("net.inet.tcp.rexmit_slop", "4294967296"), SYSTEM_REFUSED);
    key_is("syn_schedule.slop_ms", "0");
    CHECK_EQ(set("net.inet.tcp.rexmit_slop", "100"), SYSTEM_SET);
    key_is("persist_schedule.slop_ms", "100");
    CHECK_EQ(set("net.inet.tcp.keepinit", "15000"), SYSTEM_SET);
    key_is("syn_schedule.give_up_ms", "15000");
    CHECK_EQ(set("net.inet.tcp.icmp_may_rst", "0"), SYSTEM_SET);
    key_is("icmp_aborts", "0");
    CHECK_EQ(set("net.inet.tcp.icmp_may_rst", "1"), SYSTEM_SET);
    key_is("icmp_aborts", "16636");
    CHECK_EQ(set("net.inet.tcp.fastopen.client_enable", "0"), SYSTEM_SET);
    CHECK_EQ(fast_open.bits, 0);
    CHECK_EQ(set("net.inet.tcp.fastopen.client_enable", "1"), SYSTEM_SET);
    CHECK_EQ(fast_open.bits, TERN_SOCKETS_FAST_OPEN_CLIENT);
    CHECK_EQ(set("net.inet.tcp.fastopen.client_enable", "x"), SYSTEM_REFUSED);
}

/* One says yes or no to what another says how. */
TEST(two_sysctls_of_one_key)
{
    begin();
    CHECK_EQ(set("net.inet.tcp.syncookies", "0"), SYSTEM_SET);
    key_is("syn_cookies", "never");
    CHECK_EQ(set("net.inet.tcp.syncookies_only", "0"), SYSTEM_SET);
    key_is("syn_cookies", "never");
    CHECK_EQ(set("net.inet.tcp.syncookies_only", "1"), SYSTEM_SET);
    CHECK_EQ(set("net.inet.tcp.syncookies", "1"), SYSTEM_SET);
    key_is("syn_cookies", "always");
    CHECK_EQ(set("net.inet.tcp.syncookies_only", "0"), SYSTEM_SET);
    key_is("syn_cookies", "pressure");
    CHECK_EQ(set("net.ipv4.tcp_syncookies", "2"), SYSTEM_SET);
    key_is("syn_cookies", "always");
    CHECK_EQ(set("net.inet.tcp.pmtud_blackhole_detection", "0"), SYSTEM_SET);
    key_is("path_mtu_discovery", "icmp");
    CHECK_EQ(set("net.inet.tcp.path_mtu_discovery", "0"), SYSTEM_SET);
    CHECK_EQ(set("net.inet.tcp.pmtud_blackhole_detection", "1"), SYSTEM_SET);
    key_is("path_mtu_discovery", "off");
    CHECK_EQ(set("net.inet.tcp.path_mtu_discovery", "1"), SYSTEM_SET);
    CHECK_EQ(set("net.inet.tcp.pmtud_blackhole_detection", "1"), SYSTEM_SET);
    key_is("path_mtu_discovery", "probing");
    CHECK_EQ(set("net.inet.tcp.pmtud_blackhole_detection", "2"), SYSTEM_REFUSED);
    CHECK_STR(why, "0 or 1");
}

TEST(what_tern_has_not)
{
    begin();
    CHECK_EQ(set("tcp_frto", "7"), SYSTEM_SET);
    CHECK_EQ(set("tcp_fack", "1"), SYSTEM_REFUSED);
    CHECK_STR(why, "0");
    CHECK_EQ(set("tcp_of_tomorrow", "1"), SYSTEM_UNKNOWN);
    CHECK_EQ(set("tcp_fastopen_cookies", "0"), SYSTEM_FORGET);
    CHECK_EQ(set("net.inet.tcp.hostcache.purgenow", "1"), SYSTEM_FORGET);
}

TEST(fast_open_is_the_sockets_affair)
{
    static const uint8_t key[] = {0xa1, 0xa1, 0xa1, 0xa1, 0x44, 0x33, 0x22, 0x11};

    begin();
    CHECK_EQ(set("tcp_fastopen", "0x70403"), SYSTEM_SET);
    CHECK_EQ(fast_open.bits, 0x70403);
    CHECK_EQ(set("tcp_fastopen", "0x202"), SYSTEM_SET); /* a server without cookies */
    key_is("fast_open_cookieless", "2");
    CHECK_EQ(set("tcp_fastopen", "5"), SYSTEM_SET);
    key_is("fast_open_cookieless", "1");
    CHECK_EQ(set("tcp_fastopen", "on"), SYSTEM_REFUSED);
    CHECK_EQ(fast_open.bits, 5);
    CHECK_EQ(set("tcp_fastopen_key", "a1a1a1a1-11223344-c3c3c3c3-d4d4d4d4"), SYSTEM_SET);
    CHECK(fast_open.keys_new);
    CHECK_EQ(fast_open.key_bytes, TERN_KEY_BYTES);
    CHECK_MEM(fast_open.keys, key, sizeof key);
    CHECK_EQ(set("tcp_fastopen_key", "1-2-3-4,5-6-7-8"), SYSTEM_SET);
    CHECK_EQ(fast_open.key_bytes, 2 * TERN_KEY_BYTES);
    CHECK_EQ(set("tcp_fastopen_key", "secret"), SYSTEM_REFUSED);
}

TEST(the_names_that_a_namespace_is_asked_for)
{
    const char *name;
    size_t count = 0;

    for (; (name = system_linux_sysctl(count)) != NULL; count++) {
        CHECK(strncmp(name, "tcp_", 4) == 0);
        CHECK(strcmp(name, "tcp_frto") != 0); /* nobody needs to know */
    }
    CHECK(count > 10);
}
