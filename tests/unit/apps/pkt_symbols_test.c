/* pkt_symbols_test.c - the numbers of symbols are those of the headers. */
#define _GNU_SOURCE
#include "apps/pkt/symbols.h"

#include "tests/test.h"

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
