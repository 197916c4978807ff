/* pkt_symbols_test.c - the numbers of symbols are those of the headers. */
#define _GNU_SOURCE
#include "apps/pkt/symbols.h"

#include "tern/sockets.h"
#include "tests/test.h"
#include "tests/unit/apps/pkt_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

static int64_t number(const char *name)
{
    int64_t n = 0;

    CHECK(pkt_symbol(name, &n));
    return n;
}

TEST(every_symbol_has_the_number_of_the_headers)
{
    int count = 0;

#define SYMBOL(name, value)                                                                        \
    CHECK((uint32_t)(value) == (uint32_t)(name));                                                  \
    CHECK_EQ(number(#name), (value));                                                              \
    count++;
#define SYMBOL_NEWER(name, value) CHECK_EQ(number(#name), (value));
#include "apps/pkt/symbols.def"
#undef SYMBOL
#undef SYMBOL_NEWER
    CHECK(count > 300);
}

/* What the headers here do not have. */
TEST(freebsd_options_have_the_numbers_of_the_sockets_and_dscps_those_of_ip_tos)
{
    CHECK_EQ(number("TCP_KEEPINIT"), SOCKETS_TCP_KEEPINIT);
    CHECK_EQ(number("TCP_NOOPT"), SOCKETS_TCP_NOOPT);
    CHECK_EQ(number("IPTOS_DSCP_CS1"), 8 << 2); /* six bits before the two of ECN */
    CHECK_EQ(number("IPTOS_DSCP_AF42"), 36 << 2);
    CHECK_EQ(number("IPTOS_DSCP_EF"), 46 << 2);
}

TEST(no_symbol_stands_there_twice)
{
    static const char *const names[] = {
#define SYMBOL(name, value)       #name,
#define SYMBOL_NEWER(name, value) #name,
#include "apps/pkt/symbols.def"
#undef SYMBOL
#undef SYMBOL_NEWER
    };
    size_t count = sizeof names / sizeof names[0];

    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++)
            CHECK(strcmp(names[i], names[j]) != 0);
}

TEST(what_is_no_symbol_has_no_number)
{
    int64_t n = 7;

    CHECK(!pkt_symbol("SO_REUSEADR", &n));
    CHECK(!pkt_symbol("", &n));
    CHECK_EQ(n, 7);
}

TEST(errors_have_names)
{
    CHECK_STR(pkt_errno_name(EAGAIN), "EAGAIN");
    CHECK_STR(pkt_errno_name(EINPROGRESS), "EINPROGRESS");
    CHECK(pkt_errno_name(0) == NULL);
    CHECK(pkt_errno_name(100000) == NULL);
}

/* The first unknown symbol of a script and its column, or "none". */
static const char *unknown(const char *text)
{
    static char told[128];
    pkt_place place = {0, 0};
    const char *name = pkt_symbol_unknown(pkt_parsed(text), &place);

    snprintf(told, sizeof told, name != NULL ? "%u:%u %s" : "none", place.line, place.column, name);
    return name != NULL ? told : "none";
}

TEST(symbols_that_are_none_are_found_at_any_depth)
{
    CHECK_STR(unknown("0 f(SOCK_STREAM|SOCK_NONBLOCK, NULL, ..., \"A\") = -1 EAGAIN (A b)"),
              "none");
    CHECK_STR(unknown("0 < . 1:1(0) win 1\n+0 f(SOL_TPC) = 0"), "2:6 SOL_TPC");
    CHECK_STR(unknown("0 f(1, {fd=3, events=POLLIN|POLLON}) = 0"), "1:29 POLLON");
    CHECK_STR(unknown("0 f([[{a(B)=[1, htons(2)]}]]) = 0"), "1:10 B");
    CHECK_STR(unknown("0 f(1) = X"), "1:10 X");
    CHECK_STR(unknown("0 f(1) = -1 EAGIAN (x)"), "1:3 EAGIAN");
    CHECK_STR(unknown("0 f({enable=1, psk=abcd}) = 0"), "none");
}
