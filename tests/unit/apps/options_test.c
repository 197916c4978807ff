/* options_test.c - the network options: what they set, and what they refuse. */
#define _GNU_SOURCE
#include "apps/tern/options.h"
#include "tests/test.h"

#include <fcntl.h>
#include <unistd.h>

static bool take(network_options *n, int option, const char *value)
{
    /* The message is for a person; here only the verdict counts. */
    int saved = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);
    dup2(null, STDERR_FILENO);
    bool taken = network_options_take(n, "test", option, value);
    dup2(saved, STDERR_FILENO);
    close(null);
    close(saved);
    return taken;
}

static network_options fresh(void)
{
    network_options n;

    network_options_init(&n);
    return n;
}

TEST(defaults_fit_together)
{
    network_options n = fresh();
    char text[TERN_ADDRESS_TEXT_BYTES];

    CHECK(network_options_check(&n, "test"));
    CHECK_STR(tern_address_text(&n.address[0], text), "10.77.0.2");
    CHECK_STR(tern_address_text(&n.address[1], text), "fd77::2");
    CHECK_STR(tern_address_text(&n.device.ipv4.address, text), "10.77.0.1");
    CHECK_STR(tern_address_text(&n.device.ipv6.address, text), "fd77::1");
    CHECK(!n.impaired);
}

TEST(addr_and_peer_of_one_family_leave_the_other)
{
    network_options n = fresh();
    char text[TERN_ADDRESS_TEXT_BYTES];

    CHECK(take(&n, OPTION_ADDR, "192.0.2.9"));
    CHECK(take(&n, OPTION_PEER, "192.0.2.1/28"));
    CHECK(network_options_check(&n, "test"));
    CHECK_EQ(n.device.ipv4.prefix_bits, 28);
    CHECK_STR(tern_address_text(&n.address[0], text), "192.0.2.9");
    CHECK_STR(tern_address_text(&n.address[1], text), "fd77::2");
}

TEST(both_families_in_one_list)
{
    network_options n = fresh();

    CHECK(take(&n, OPTION_ADDR, "fd01::9,192.0.2.9"));
    CHECK(take(&n, OPTION_PEER, "192.0.2.1/24,fd01::1/120"));
    CHECK(network_options_check(&n, "test"));
    CHECK_EQ(n.device.ipv6.prefix_bits, 120);
}

TEST(addresses_that_are_refused)
{
    static const char *const addr[] = {"",           "10.77.0",      "10.77.0.2,",
                                       ",10.77.0.2", "10.77.0.2/24", "fd77::g"};
    static const char *const peer[] = {"",
                                       "10.77.0.1",
                                       "10.77.0.1/0",
                                       "10.77.0.1/32",
                                       "fd77::1/128",
                                       "10.77.0.1/x",
                                       "10.77.0.1/24x"};
    network_options n = fresh();

    CHECK(take(&n, OPTION_ADDR, "10.77.0.3"));
    for (size_t i = 0; i < sizeof addr / sizeof addr[0]; i++)
        CHECK(i == 2 || !take(&n, OPTION_ADDR, addr[i]));
    for (size_t i = 0; i < sizeof peer / sizeof peer[0]; i++)
        CHECK(!take(&n, OPTION_PEER, peer[i]));
}

TEST(two_subnets_do_not_meet)
{
    network_options n = fresh();
    int saved = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);

    CHECK(take(&n, OPTION_ADDR, "10.78.0.2"));
    dup2(null, STDERR_FILENO);
    bool other_subnet = network_options_check(&n, "test");
    CHECK(take(&n, OPTION_ADDR, "10.77.0.1"));
    bool same_address = network_options_check(&n, "test");
    dup2(saved, STDERR_FILENO);
    close(null);
    close(saved);
    CHECK(!other_subnet);
    CHECK(!same_address);
}

TEST(impairments)
{
    network_options n = fresh();

    CHECK(take(&n, OPTION_SEED, "7"));
    CHECK(!n.impaired);
    CHECK(take(&n, OPTION_LOSS, "1%"));
    CHECK(take(&n, OPTION_DELAY, "30ms"));
    CHECK(take(&n, OPTION_REORDER, "0.5%"));
    CHECK(take(&n, OPTION_DUPLICATE, "2%"));
    CHECK(n.impaired);
    CHECK_EQ(n.link.odds.loss_ppm, 10000);
    CHECK_EQ(n.link.odds.reorder_ppm, 5000);
    CHECK_EQ(n.link.odds.duplicate_ppm, 20000);
    CHECK_EQ(n.link.delay_us, 30000);
    CHECK_EQ(n.link.seed, 7);
    CHECK(!take(&n, OPTION_LOSS, "101%"));
    CHECK(!take(&n, OPTION_LOSS, "1"));
    CHECK(!take(&n, OPTION_DELAY, "30"));
    CHECK(!take(&n, OPTION_SEED, "x"));
}

TEST(device_names_and_mtu)
{
    network_options n = fresh();

    CHECK(take(&n, OPTION_TUN, "t0"));
    CHECK_STR(n.device.name, "t0");
    CHECK(!take(&n, OPTION_TUN, ""));
    CHECK(!take(&n, OPTION_TUN, "a/b"));
    CHECK(!take(&n, OPTION_TUN, "tern%d"));
    CHECK(!take(&n, OPTION_TUN, "sixteen_letters_"));
    CHECK(take(&n, OPTION_MTU, "9000"));
    CHECK(!take(&n, OPTION_MTU, "575"));
    CHECK(!take(&n, OPTION_MTU, "65536"));
}

TEST(a_small_mtu_has_no_ipv6)
{
    network_options n = fresh();

    CHECK(take(&n, OPTION_MTU, "1279"));
    CHECK(network_options_check(&n, "test"));
    CHECK_EQ(n.device.ipv6.prefix_bits, 0);
}

TEST(numbers_and_seconds)
{
    uint64_t number;

    CHECK(options_number("65535", 1, 65535, &number) && number == 65535);
    CHECK(!options_number("65536", 1, 65535, &number));
    CHECK(!options_number("0", 1, 65535, &number));
    CHECK(!options_number("", 0, 9, &number));
    CHECK(!options_number("1x", 0, 9, &number));
    CHECK(!options_number("9999999999999999999", 0, UINT64_MAX, &number));
    CHECK(options_seconds("30", &number) && number == 30000000);
    CHECK(options_seconds("0.5", &number) && number == 500000);
    CHECK(options_seconds("200ms", &number) && number == 200000);
    CHECK(!options_seconds("0", &number));
    CHECK(!options_seconds("", &number));
    CHECK(!options_seconds("86401", &number));
}
