/* quantity_test.c - what people type, and what is refused. */
#include "sim/quantity.h"
#include "tests/test.h"

TEST(times)
{
    static const struct {
        const char *text;
        uint64_t us;
    } cases[] = {
        {"20ms", 20000}, {"1.5s", 1500000}, {"300us", 300},         {"0", 0},
        {"0ms", 0},      {"0.25ms", 250},   {"1.000001s", 1000001}, {"1000000s", 1000000000000}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t us = 99;
        CHECK(quantity_time_us(cases[i].text, &us));
        CHECK_EQ(us, cases[i].us);
    }
}

TEST(not_times)
{
    static const char *const cases[] = {
        "",      "ms", "20",  "20 ms",      "-1s",      "1.s",         ".5s",   "1e3s", "5%",
        "0.5us", "1m", "+1s", "1.0000001s", "1000001s", "9999999999s", "20msx", "0x"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t us = 99;
        if (quantity_time_us(cases[i], &us))
            test_fail(__FILE__, __LINE__, "\"%s\" was taken for a time", cases[i]);
        CHECK_EQ(us, 99);
    }
}

TEST(shares)
{
    static const struct {
        const char *text;
        uint32_t ppm;
    } cases[] = {{"5%", 50000}, {"0.1%", 1000}, {"100%", 1000000}, {"0", 0}, {"0.0001%", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t ppm = 99;
        CHECK(quantity_share_ppm(cases[i].text, &ppm));
        CHECK_EQ(ppm, cases[i].ppm);
    }
}

TEST(not_shares)
{
    static const char *const cases[] = {"5",   "101%", "100.1%", "0.00001%",
                                        "-1%", "%",    "5%%",    "5ms"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t ppm = 99;
        if (quantity_share_ppm(cases[i], &ppm))
            test_fail(__FILE__, __LINE__, "\"%s\" was taken for a share", cases[i]);
        CHECK_EQ(ppm, 99);
    }
}

TEST(rates)
{
    uint64_t rate = 0;
    CHECK(quantity_rate_bps("10Mbit", &rate));
    CHECK_EQ(rate, 10000000);
    CHECK(quantity_rate_bps("1.5kbit", &rate));
    CHECK_EQ(rate, 1500);
    CHECK(quantity_rate_bps("9600bit", &rate));
    CHECK_EQ(rate, 9600);
    CHECK(quantity_rate_bps("2Gbit", &rate));
    CHECK_EQ(rate, 2000000000);
    CHECK(!quantity_rate_bps("0", &rate));
    CHECK(!quantity_rate_bps("0Mbit", &rate));
    CHECK(!quantity_rate_bps("10M", &rate));
    CHECK(!quantity_rate_bps("0.5bit", &rate));
}
