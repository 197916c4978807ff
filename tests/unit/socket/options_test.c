/* options_test.c - setsockopt and getsockopt: each option's default, range, effect, and what an
 * accepted connection has of its listener. */
#define _GNU_SOURCE
#include "tests/test.h"
#include "tests/unit/socket/sockets_fixture.h"

#include <errno.h>
#include <limits.h>
#include <linux/tcp.h>

static int set_int(tern_sockets *s, int fd, int level, int name, int value)
{
    tern_sockets_option option = {level, name, &value, sizeof value};

    return tern_sockets_setsockopt(s, fd, &option);
}

static int get_int(tern_sockets *s, int fd, int level, int name)
{
    int value = -12345;
    tern_sockets_option option = {level, name, &value, sizeof value};

    CHECK_INT(tern_sockets_getsockopt(s, fd, &option), 0);
    CHECK_EQ(option.bytes, sizeof value);
    return value;
}

/* ---- Numbers ------------------------------------------------------------------------------- */

typedef struct number_case {
    int level, name;
    int begins;     /* what a new socket says */
    int value, got; /* after that was set */
    int bad;        /* what is refused with EINVAL; GOOD: nothing is */
} number_case;

enum { GOOD = INT_MIN };

static const number_case numbers[] = {
    {SOL_SOCKET, SO_REUSEADDR, 0, 7, 1, GOOD},
    {SOL_SOCKET, SO_REUSEPORT, 0, 1, 1, GOOD},
    {SOL_SOCKET, SO_KEEPALIVE, 0, 2, 1, GOOD},
    {SOL_SOCKET, SO_OOBINLINE, 0, 1, 1, GOOD},
    {SOL_SOCKET, SO_RCVLOWAT, 1, 20, 20, GOOD},
    {SOL_SOCKET, SO_RCVLOWAT, 1, 0, 1, GOOD},
    {SOL_SOCKET, SO_RCVBUF, 60000, 5000, 10000, GOOD},
    {SOL_SOCKET, SO_RCVBUF, 60000, 0, 2304, GOOD},
    {SOL_SOCKET, SO_SNDBUF, 60000, 6000, 12000, GOOD},
    {SOL_SOCKET, SO_SNDBUF, 60000, 1, 4608, GOOD},
    {IPPROTO_TCP, TCP_NODELAY, 0, 1, 1, GOOD},
    {IPPROTO_TCP, TCP_CORK, 0, 1, 1, GOOD},
    {IPPROTO_TCP, TCP_MAXSEG, 536, 1000, 1000, 87},
    {IPPROTO_TCP, TCP_MAXSEG, 536, 0, 536, 32768},
    {IPPROTO_TCP, TCP_KEEPIDLE, 7200, 60, 60, 0},
    {IPPROTO_TCP, TCP_KEEPINTVL, 75, 5, 5, 32768},
    {IPPROTO_TCP, TCP_KEEPCNT, 9, 3, 3, 128},
    {IPPROTO_TCP, TCP_USER_TIMEOUT, 0, 30000, 30000, -1},
    {IPPROTO_TCP, TCP_SYNCNT, 0, 2, 2, 0}, /* the profile gives up by time */
    {IPPROTO_TCP, TCP_LINGER2, 60, 500, 120, GOOD},
    {IPPROTO_TCP, TCP_LINGER2, 60, -7, -1, GOOD},
    {IPPROTO_TCP, TCP_LINGER2, 60, 0, 60, GOOD},
    {IPPROTO_TCP, TCP_DEFER_ACCEPT, 0, 5, 7, GOOD}, /* 1 + 2 + 4 */
    {IPPROTO_TCP, TCP_SAVE_SYN, 0, 1, 1, 2},
    {IPPROTO_TCP, TCP_WINDOW_CLAMP, 0, 100, 1152, GOOD},
    {IPPROTO_TCP, TCP_WINDOW_CLAMP, 0, 0, 0, GOOD},
    {IPPROTO_TCP, TCP_QUICKACK, 1, 0, 0, GOOD},
    {IPPROTO_TCP, TCP_NOTSENT_LOWAT, 0, 4096, 4096, GOOD},
    {IPPROTO_TCP, TCP_NOTSENT_LOWAT, 0, -1, -1, GOOD},
    {IPPROTO_TCP, TCP_INQ, 0, 1, 1, 2},
    {IPPROTO_TCP, TCP_FASTOPEN, 0, 5, 5, -1},
    {IPPROTO_TCP, TCP_FASTOPEN, 0, 100000, 4096, -1},
    {IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 0, 1, 1, 2},
    {IPPROTO_IP, IP_TTL, 64, 9, 9, 256},
    {IPPROTO_IP, IP_TTL, 64, -1, 64, 0},
    {IPPROTO_IP, IP_TOS, 0, 0x2f, 0x2c, GOOD},
    {IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_WANT, IP_PMTUDISC_DO, IP_PMTUDISC_DO, 6},
    {IPPROTO_IPV6, IPV6_V6ONLY, 0, 1, 1, GOOD},
    {IPPROTO_IPV6, IPV6_UNICAST_HOPS, 64, 255, 255, -2},
    {IPPROTO_IPV6, IPV6_TCLASS, 0, 0x13, 0x10, 256},
    {IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_WANT, IPV6_PMTUDISC_DO, IPV6_PMTUDISC_DO, -1},
};

#define NUMBERS (sizeof numbers / sizeof numbers[0])

TEST(each_number_has_its_default_its_range_and_keeps_what_was_set)
{
    duo f;

    for (size_t i = 0; i < NUMBERS; i++) {
        const number_case *n = &numbers[i];
        duo_begin(&f);
        tern_sockets *s = f.table[END_CLIENT];
        int fd = tern_sockets_socket(s, AF_INET6, SOCK_STREAM, 0);
        CHECK_INT(get_int(s, fd, n->level, n->name), n->begins);
        if (n->bad != GOOD)
            CHECK_INT(set_int(s, fd, n->level, n->name, n->bad), -EINVAL);
        CHECK_INT(get_int(s, fd, n->level, n->name), n->begins);
        CHECK_INT(set_int(s, fd, n->level, n->name, n->value), 0);
        CHECK_INT(get_int(s, fd, n->level, n->name), n->got);
        tern_sockets_option shortened = {n->level, n->name, &(int){1},
                                         n->level == IPPROTO_IP ? 0 : 3};
        CHECK_INT(tern_sockets_setsockopt(s, fd, &shortened), -EINVAL);
        duo_end(&f);
    }
}

/* Options whose meaning ends with the listener, or that a connection answers by itself. */
static bool is_of_the_listener(const number_case *n)
{
    return n->level == IPPROTO_TCP &&
           (n->name == TCP_FASTOPEN || n->name == TCP_FASTOPEN_CONNECT ||
            n->name == TCP_DEFER_ACCEPT || n->name == TCP_MAXSEG || n->name == TCP_WINDOW_CLAMP);
}

TEST(accepted_connection_has_the_numbers_of_its_listener)
{
    duo f;
    int accepted;

    for (size_t i = 0; i < NUMBERS; i++) {
        const number_case *n = &numbers[i];
        if (is_of_the_listener(n))
            continue;
        duo_begin(&f);
        tern_sockets *s = f.table[END_SERVER];
        int listener = tern_sockets_socket(s, AF_INET6, SOCK_STREAM, 0);
        CHECK_INT(set_int(s, listener, n->level, n->name, n->value), 0);
        (void)duo_connect(&f, AF_INET6, listener, &accepted);
        CHECK_INT(get_int(s, accepted, n->level, n->name), n->got);
        duo_end(&f);
    }
}

TEST(options_that_are_not_known_are_refused)
{
    static const int unknown[][2] = {
        {SOL_SOCKET, SO_SNDLOWAT},     {SOL_SOCKET, SO_PEEK_OFF}, {SOL_SOCKET, SO_INCOMING_CPU},
        {IPPROTO_TCP, TCP_ULP},        {IPPROTO_TCP, TCP_REPAIR}, {IPPROTO_TCP, TCP_INFO},
        {IPPROTO_TCP, 9999},           {IPPROTO_IP, IP_RECVERR},  {IPPROTO_IP, IP_MTU},
        {IPPROTO_IPV6, IPV6_RECVERR},  {IPPROTO_UDP, 1},          {SOL_SOCKET, SO_TYPE},
        {IPPROTO_TCP, TCP_MD5SIG_EXT},
    };
    duo f;

    duo_begin(&f);
    tern_sockets *s = f.table[END_CLIENT];
    int fd = tern_sockets_socket(s, AF_INET6, SOCK_STREAM, 0);
    int v4 = tern_sockets_socket(s, AF_INET, SOCK_STREAM, 0);
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        CHECK_INT(set_int(s, fd, unknown[i][0], unknown[i][1], 1), -ENOPROTOOPT);
    CHECK_INT(set_int(s, v4, IPPROTO_IPV6, IPV6_V6ONLY, 1), -ENOPROTOOPT);
    CHECK_INT(set_int(s, 99, SOL_SOCKET, SO_KEEPALIVE, 1), -EBADF);
    int epoll = tern_sockets_epoll_create(s, 0);
    CHECK_INT(set_int(s, epoll, SOL_SOCKET, SO_KEEPALIVE, 1), -ENOTSOCK);
    duo_end(&f);
}

TEST(options_that_say_what_the_socket_is)
{
    duo f;

    duo_begin(&f);
    tern_sockets *s = f.table[END_SERVER];
    int fd = duo_listener(&f, AF_INET, SOCK_STREAM);
    int other = tern_sockets_socket(s, AF_INET6, SOCK_STREAM, 0);
    CHECK_INT(get_int(s, fd, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
    CHECK_INT(get_int(s, fd, SOL_SOCKET, SO_PROTOCOL), IPPROTO_TCP);
    CHECK_INT(get_int(s, fd, SOL_SOCKET, SO_DOMAIN), AF_INET);
    CHECK_INT(get_int(s, other, SOL_SOCKET, SO_DOMAIN), AF_INET6);
    CHECK_INT(get_int(s, fd, SOL_SOCKET, SO_ACCEPTCONN), 1);
    CHECK_INT(get_int(s, other, SOL_SOCKET, SO_ACCEPTCONN), 0);
    CHECK_INT(get_int(s, fd, SOL_SOCKET, SO_SNDLOWAT), 1);
    CHECK_INT(get_int(s, fd, SOL_SOCKET, SO_ERROR), 0);
    uint8_t octet = 0;
    tern_sockets_option shortened = {SOL_SOCKET, SO_TYPE, &octet, 1};
    CHECK_INT(tern_sockets_getsockopt(s, fd, &shortened), 0);
    CHECK_EQ(shortened.bytes, 1);
    CHECK_EQ(octet, SOCK_STREAM);
    tern_sockets_option device = {SOL_SOCKET, SO_BINDTODEVICE, (char[]){"eth0"}, 5};
    CHECK_INT(tern_sockets_setsockopt(s, other, &device), -ENODEV);
    device.bytes = 0;
    CHECK_INT(tern_sockets_setsockopt(s, other, &device), 0);
    duo_end(&f);
}

TEST(option_of_one_octet_is_good_for_ip)
{
    duo f;

    duo_begin(&f);
    tern_sockets *s = f.table[END_CLIENT];
    int fd = tern_sockets_socket(s, AF_INET, SOCK_STREAM, 0);
    tern_sockets_option octet = {IPPROTO_IP, IP_TTL, &(uint8_t){200}, 1};
    CHECK_INT(tern_sockets_setsockopt(s, fd, &octet), 0);
    CHECK_INT(get_int(s, fd, IPPROTO_IP, IP_TTL), 200);
    duo_end(&f);
}

/* ---- Times, linger, names ------------------------------------------------------------------ */

TEST(timeouts_are_kept_to_the_microsecond)
{
    duo f;
    struct timeval got = {0}, set = {3, 141592}, odd = {0, 1000000}, past = {-1, 0};

    duo_begin(&f);
    tern_sockets *s = f.table[END_CLIENT];
    int fd = tern_sockets_socket(s, AF_INET, SOCK_STREAM, 0);
    tern_sockets_option option = {SOL_SOCKET, SO_RCVTIMEO, &set, sizeof set};
    CHECK_INT(tern_sockets_setsockopt(s, fd, &option), 0);
    option.value = &got;
    CHECK_INT(tern_sockets_getsockopt(s, fd, &option), 0);
    CHECK(got.tv_sec == 3 && got.tv_usec == 141592);
    option = (tern_sockets_option){SOL_SOCKET, SO_SNDTIMEO, &odd, sizeof odd};
    CHECK_INT(tern_sockets_setsockopt(s, fd, &option), -EDOM);
    option.bytes = 8;
    CHECK_INT(tern_sockets_setsockopt(s, fd, &option), -EINVAL);
    option = (tern_sockets_option){SOL_SOCKET, SO_SNDTIMEO, &past, sizeof past};
    CHECK_INT(tern_sockets_setsockopt(s, fd, &option), 0);
    option.value = &got;
    CHECK_INT(tern_sockets_getsockopt(s, fd, &option), 0);
    CHECK(got.tv_sec == 0 && got.tv_usec <= 1);
    duo_end(&f);
}

TEST(linger_is_kept_in_seconds)
{
    duo f;
    struct linger got = {-1, -1}, set = {1, 7};

    duo_begin(&f);
    tern_sockets *s = f.table[END_CLIENT];
    int fd = tern_sockets_socket(s, AF_INET, SOCK_STREAM, 0);
    tern_sockets_option option = {SOL_SOCKET, SO_LINGER, &got, sizeof got};
    CHECK_INT(tern_sockets_getsockopt(s, fd, &option), 0);
    CHECK_INT(got.l_onoff, 0);
    option.value = &set;
    CHECK_INT(tern_sockets_setsockopt(s, fd, &option), 0);
    option.value = &got;
    CHECK_INT(tern_sockets_getsockopt(s, fd, &option), 0);
    CHECK(got.l_onoff == 1 && got.l_linger == 7);
    duo_end(&f);
}

TEST(congestion_is_set_by_name)
{
    duo f;
    char name[16] = "";

    duo_begin(&f);
    tern_sockets *s = f.table[END_CLIENT];
    int fd = tern_sockets_socket(s, AF_INET, SOCK_STREAM, 0);
    tern_sockets_option option = {IPPROTO_TCP, TCP_CONGESTION, name, sizeof name};
    CHECK_INT(tern_sockets_getsockopt(s, fd, &option), 0);
    CHECK_STR(name, "reno");
    option = (tern_sockets_option){IPPROTO_TCP, TCP_CONGESTION, (char[]){"none-such"}, 9};
    CHECK_INT(tern_sockets_setsockopt(s, fd, &option), -ENOENT);
    option = (tern_sockets_option){IPPROTO_TCP, TCP_CONGESTION, (char[]){"reno"}, 4};
    CHECK_INT(tern_sockets_setsockopt(s, fd, &option), 0);
    duo_end(&f);
}

TEST(mtu_is_that_of_the_path_of_a_connection)
{
    duo f;
    int accepted, value = 0;

    duo_begin(&f);
    tern_sockets *s = f.table[END_CLIENT];
    int fd = tern_sockets_socket(s, AF_INET, SOCK_STREAM, 0);
    tern_sockets_option option = {IPPROTO_IP, IP_MTU, &value, sizeof value};
    CHECK_INT(tern_sockets_getsockopt(s, fd, &option), -ENOTCONN);
    fd = duo_connection(&f, &accepted);
    CHECK_INT(get_int(s, fd, IPPROTO_IP, IP_MTU), 1500);
    CHECK_INT(set_int(s, fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE), -EINVAL);
    CHECK_INT(get_int(s, fd, IPPROTO_IP, IP_MTU_DISCOVER), IP_PMTUDISC_WANT);
    CHECK_INT(set_int(s, fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT), 0);
    CHECK_INT(get_int(s, fd, IPPROTO_IP, IP_MTU_DISCOVER), IP_PMTUDISC_DONT);
    duo_end(&f);
}

/* ---- Effects ------------------------------------------------------------------------------- */

TEST(maxseg_and_window_clamp_of_a_listener_are_in_its_syn_ack)
{
    duo f;
    int accepted;
    struct tcp_info info = {0};

    duo_begin(&f);
    tern_sockets *server = f.table[END_SERVER], *client = f.table[END_CLIENT];
    int listener = tern_sockets_socket(server, AF_INET, SOCK_STREAM, 0);
    CHECK_INT(set_int(server, listener, IPPROTO_TCP, TCP_MAXSEG, 500), 0);
    CHECK_INT(set_int(server, listener, SOL_SOCKET, SO_RCVBUF, 9000), 0);
    CHECK_INT(set_int(server, listener, IPPROTO_TCP, TCP_WINDOW_CLAMP, 4000), 0);
    int fd = duo_connect(&f, AF_INET, listener, &accepted);
    tern_sockets_option option = {IPPROTO_TCP, TCP_INFO, &info, sizeof info};
    CHECK_INT(tern_sockets_getsockopt(client, fd, &option), 0);
    CHECK_EQ(info.tcpi_snd_mss, 500 - (info.tcpi_options & TCPI_OPT_TIMESTAMPS ? 12 : 0));
    CHECK_EQ(info.tcpi_snd_wnd, 4000);
    CHECK_INT(get_int(client, fd, IPPROTO_TCP, TCP_MAXSEG), (int)info.tcpi_snd_mss);
    CHECK_INT(set_int(server, accepted, IPPROTO_TCP, TCP_WINDOW_CLAMP, 0), -EINVAL);
    CHECK_INT(get_int(server, accepted, IPPROTO_TCP, TCP_WINDOW_CLAMP), 4000);
    CHECK_INT(get_int(server, accepted, SOL_SOCKET, SO_RCVBUF), 18000);
    duo_end(&f);
}

/* What FreeBSD says of the 9000 octets that a listener was given. */
TEST(a_receive_buffer_reads_as_doubled_or_as_rounded)
{
    duo f;
    int accepted;

    duo_begin(&f);
    tern_sockets *server = f.table[END_SERVER];
    int listener = tern_sockets_socket(server, AF_INET, SOCK_STREAM, 0);
    CHECK_INT(set_int(server, listener, SOL_SOCKET, SO_RCVBUF, 9000), 0);
    CHECK_INT(get_int(server, listener, SOL_SOCKET, SO_RCVBUF), 18000);
    duo_set(&f, END_SERVER, "recv_buffer_doubling", "no");
    duo_set(&f, END_SERVER, "recv_buffer_round_to_mss", "yes");
    CHECK_INT(get_int(server, listener, SOL_SOCKET, SO_RCVBUF), 9000);
    (void)duo_connect(&f, AF_INET, listener, &accepted);
    CHECK_INT(get_int(server, accepted, SOL_SOCKET, SO_RCVBUF), 10220); /* 7 of 1460 */
    CHECK_INT(get_int(server, accepted, SOL_SOCKET, SO_SNDBUF), 30000);
    duo_end(&f);
}

TEST(defer_accept_waits_for_the_first_data)
{
    duo f;

    duo_begin(&f);
    tern_sockets *server = f.table[END_SERVER], *client = f.table[END_CLIENT];
    int listener = tern_sockets_socket(server, AF_INET, SOCK_STREAM, 0);
    CHECK_INT(set_int(server, listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, 10), 0);
    duo_listen(&f, AF_INET, listener);
    int fd = duo_client(&f, AF_INET);
    duo_pass(&f, 100000);
    CHECK_INT(tern_sockets_fcntl(server, listener, 4 /* F_SETFL */, 04000 /* O_NONBLOCK */), 0);
    CHECK_INT(tern_sockets_accept4(server, listener, NULL, NULL, 0), -EAGAIN);
    CHECK_INT(tern_sockets_write(client, fd, "x", 1), 1);
    duo_pass(&f, 100000);
    CHECK(tern_sockets_accept4(server, listener, NULL, NULL, 0) >= 3);
    duo_end(&f);
}

TEST(saved_syn_is_given_once)
{
    duo f;
    int accepted;
    uint8_t headers[200];

    duo_begin(&f);
    tern_sockets *server = f.table[END_SERVER], *client = f.table[END_CLIENT];
    int listener = tern_sockets_socket(server, AF_INET, SOCK_STREAM, 0);
    tern_sockets_option option = {IPPROTO_TCP, TCP_SAVED_SYN, headers, sizeof headers};
    CHECK_INT(set_int(server, listener, IPPROTO_TCP, TCP_SAVE_SYN, 1), 0);
    int fd = duo_connect(&f, AF_INET, listener, &accepted);
    CHECK_INT(tern_sockets_getsockopt(client, fd, &option), 0);
    CHECK_EQ(option.bytes, 0);
    option.bytes = 20;
    CHECK_INT(tern_sockets_getsockopt(server, accepted, &option), -EINVAL);
    CHECK(option.bytes >= 44 && option.bytes <= 80); /* so many it takes */
    socklen_t bytes = option.bytes;
    option.bytes = sizeof headers;
    CHECK_INT(tern_sockets_getsockopt(server, accepted, &option), 0);
    CHECK_EQ(option.bytes, bytes);
    CHECK_EQ(headers[0], 0x45);
    CHECK_EQ(headers[20 + 13], 0x02); /* SYN */
    CHECK_INT(tern_sockets_getsockopt(server, accepted, &option), 0);
    CHECK_EQ(option.bytes, 0);
    duo_end(&f);
}

TEST(syncnt_bounds_the_attempts_of_connect)
{
    duo f;
    struct sockaddr_storage nowhere = duo_address(AF_INET, END_SERVER, 80);

    duo_begin(&f);
    tern_sockets *client = f.table[END_CLIENT];
    duo_cut(&f);
    int fd = tern_sockets_socket(client, AF_INET, SOCK_STREAM, 0);
    CHECK_INT(set_int(client, fd, IPPROTO_TCP, TCP_SYNCNT, 1), 0);
    CHECK_INT(tern_sockets_connect(client, fd, (struct sockaddr *)&nowhere, 16), -ETIMEDOUT);
    CHECK_EQ(world_now(f.w), 3000000); /* 1 s, and 2 s after the second */
    duo_end(&f);
}

TEST(keepinit_bounds_the_time_of_connect)
{
    duo f;
    struct sockaddr_storage nowhere = duo_address(AF_INET, END_SERVER, 80);

    duo_begin(&f);
    tern_sockets *client = f.table[END_CLIENT];
    duo_cut(&f);
    duo_set(&f, END_CLIENT, "syn_schedule.give_up_ms", "75000");
    int fd = tern_sockets_socket(client, AF_INET, SOCK_STREAM, 0);
    CHECK_INT(get_int(client, fd, IPPROTO_TCP, SOCKETS_TCP_KEEPINIT), 75);
    CHECK_INT(set_int(client, fd, IPPROTO_TCP, SOCKETS_TCP_KEEPINIT, 5), 0);
    CHECK_INT(get_int(client, fd, IPPROTO_TCP, SOCKETS_TCP_KEEPINIT), 5);
    CHECK_INT(set_int(client, fd, IPPROTO_TCP, SOCKETS_TCP_KEEPINIT, 0), -EINVAL);
    CHECK_INT(tern_sockets_connect(client, fd, (struct sockaddr *)&nowhere, 16), -ETIMEDOUT);
    CHECK_EQ(world_now(f.w), 5000000);
    duo_end(&f);
}

TEST(noopt_makes_a_syn_without_options)
{
    duo f;
    struct tcp_info info;

    duo_begin(&f);
    tern_sockets *client = f.table[END_CLIENT], *server = f.table[END_SERVER];
    int listener = duo_listener(&f, AF_INET, SOCK_STREAM);
    int fd = tern_sockets_socket(client, AF_INET, SOCK_STREAM, 0);
    struct sockaddr_storage address = duo_address(AF_INET, END_SERVER, FIXTURE_PORT);
    CHECK_INT(set_int(client, fd, IPPROTO_TCP, SOCKETS_TCP_NOOPT, 1), 0);
    CHECK_INT(tern_sockets_connect(client, fd, (struct sockaddr *)&address, 16), 0);
    int accepted = tern_sockets_accept4(server, listener, NULL, NULL, 0);
    tern_sockets_option option = {IPPROTO_TCP, TCP_INFO, &info, sizeof info};
    CHECK_INT(tern_sockets_getsockopt(server, accepted, &option), 0);
    CHECK_EQ(info.tcpi_options, 0);
    CHECK_EQ(info.tcpi_snd_mss, 536);
    CHECK_INT(set_int(client, fd, IPPROTO_TCP, SOCKETS_TCP_NOOPT, 0), -EINVAL); /* it has gone */
    duo_end(&f);
}

TEST(keepalive_finds_a_peer_that_is_gone)
{
    duo f;
    int accepted;
    char octet;

    duo_begin(&f);
    tern_sockets *client = f.table[END_CLIENT];
    int fd = duo_connection(&f, &accepted);
    CHECK_INT(set_int(client, fd, SOL_SOCKET, SO_KEEPALIVE, 1), 0);
    CHECK_INT(set_int(client, fd, IPPROTO_TCP, TCP_KEEPIDLE, 10), 0);
    CHECK_INT(set_int(client, fd, IPPROTO_TCP, TCP_KEEPINTVL, 2), 0);
    CHECK_INT(set_int(client, fd, IPPROTO_TCP, TCP_KEEPCNT, 3), 0);
    tern_time before_us = world_now(f.w);
    duo_cut(&f);
    CHECK_INT(tern_sockets_read(client, fd, &octet, 1), -ETIMEDOUT);
    CHECK(world_now(f.w) - before_us >= 15000000 && world_now(f.w) - before_us <= 17000000);
    duo_end(&f);
}

TEST(user_timeout_ends_what_is_not_acknowledged)
{
    duo f;
    int accepted;
    char octet;

    duo_begin(&f);
    tern_sockets *client = f.table[END_CLIENT];
    int fd = duo_connection(&f, &accepted);
    CHECK_INT(set_int(client, fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 5000), 0);
    duo_cut(&f);
    tern_time before_us = world_now(f.w);
    CHECK_INT(tern_sockets_write(client, fd, "x", 1), 1);
    CHECK_INT(tern_sockets_read(client, fd, &octet, 1), -ETIMEDOUT);
    CHECK(world_now(f.w) - before_us >= 5000000 && world_now(f.w) - before_us < 10000000);
    duo_end(&f);
}

TEST(reuseport_lets_several_listen_and_each_gets_some)
{
    enum { CLIENTS = 7 };
    duo f;
    int listeners[2], got = 0;

    duo_begin(&f);
    tern_sockets *server = f.table[END_SERVER];
    for (int i = 0; i < 2; i++) {
        listeners[i] = tern_sockets_socket(server, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        CHECK_INT(set_int(server, listeners[i], SOL_SOCKET, SO_REUSEPORT, 1), 0);
        duo_listen(&f, AF_INET, listeners[i]);
    }
    for (int i = 0; i < CLIENTS; i++)
        (void)duo_client(&f, AF_INET);
    duo_pass(&f, 100000);
    for (int i = 0; i < 2; i++) {
        int before = got;
        while (tern_sockets_accept4(server, listeners[i], NULL, NULL, 0) >= 0)
            got++;
        CHECK(got > before);
    }
    CHECK_EQ(got, CLIENTS);
    int third = tern_sockets_socket(server, AF_INET, SOCK_STREAM, 0);
    struct sockaddr_storage at = duo_address(AF_INET, END_SERVER, FIXTURE_PORT);
    CHECK_INT(tern_sockets_bind(server, third, (struct sockaddr *)&at, 16), -EADDRINUSE);
    duo_end(&f);
}

TEST(rcvlowat_holds_readers_back)
{
    duo f;
    int accepted;
    char text[8];

    duo_begin(&f);
    tern_sockets *client = f.table[END_CLIENT], *server = f.table[END_SERVER];
    int fd = duo_connection(&f, &accepted);
    CHECK_INT(set_int(server, accepted, SOL_SOCKET, SO_RCVLOWAT, 4), 0);
    CHECK_INT(tern_sockets_write(client, fd, "ab", 2), 2);
    duo_pass(&f, 100000);
    struct pollfd p = {accepted, POLLIN, 0};
    CHECK_INT(tern_sockets_poll(server, &p, 1, 0), 0);
    CHECK_INT(tern_sockets_write(client, fd, "cd", 2), 2);
    CHECK_INT(tern_sockets_poll(server, &p, 1, -1), 1);
    CHECK_INT(tern_sockets_read(server, accepted, text, sizeof text), 4);
    duo_end(&f);
}

TEST(notsent_lowat_makes_unwritable_what_has_much_to_send)
{
    duo f;
    int accepted;
    static char text[30000];

    duo_begin(&f);
    tern_sockets *client = f.table[END_CLIENT], *server = f.table[END_SERVER];
    int fd = duo_connection(&f, &accepted);
    CHECK_INT(set_int(client, fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, 1000), 0);
    CHECK_INT(tern_sockets_write(client, fd, text, 18000), 18000); /* below two thirds */
    struct pollfd p = {fd, POLLOUT, 0};
    CHECK_INT(tern_sockets_poll(client, &p, 1, 0), 0);
    CHECK_INT(tern_sockets_poll(client, &p, 1, -1), 1);
    CHECK(tern_sockets_read(server, accepted, text, sizeof text) > 0);
    duo_end(&f);
}

TEST(cork_and_msg_more_wait_for_a_full_segment)
{
    duo f;
    int accepted;
    char text[8];

    duo_begin(&f);
    tern_sockets *client = f.table[END_CLIENT], *server = f.table[END_SERVER];
    int fd = duo_connection(&f, &accepted);
    struct msghdr m = {.msg_iov = &(struct iovec){"ab", 2}, .msg_iovlen = 1};
    struct msghdr in = {.msg_iov = &(struct iovec){text, 8}, .msg_iovlen = 1};
    CHECK_INT(tern_sockets_sendmsg(client, fd, &m, MSG_MORE), 2);
    duo_pass(&f, 50000);
    CHECK_INT(tern_sockets_recvmsg(server, accepted, &in, MSG_DONTWAIT), -EAGAIN);
    CHECK_INT(tern_sockets_write(client, fd, "cd", 2), 2);
    CHECK_INT(tern_sockets_recvmsg(server, accepted, &in, 0), 4);
    CHECK_INT(set_int(client, fd, IPPROTO_TCP, TCP_CORK, 1), 0);
    CHECK_INT(tern_sockets_write(client, fd, "ef", 2), 2);
    duo_pass(&f, 50000);
    CHECK_INT(tern_sockets_recvmsg(server, accepted, &in, MSG_DONTWAIT), -EAGAIN);
    CHECK_INT(set_int(client, fd, IPPROTO_TCP, TCP_CORK, 0), 0);
    CHECK_INT(tern_sockets_recvmsg(server, accepted, &in, 0), 2);
    CHECK_INT(set_int(client, fd, IPPROTO_TCP, TCP_CORK, 1), 0);
    CHECK_INT(tern_sockets_write(client, fd, "gh", 2), 2);
    CHECK_INT(set_int(client, fd, IPPROTO_TCP, TCP_NODELAY, 1), 0); /* once */
    CHECK_INT(tern_sockets_recvmsg(server, accepted, &in, 0), 2);
    CHECK_INT(tern_sockets_write(client, fd, "ij", 2), 2);
    duo_pass(&f, 50000);
    CHECK_INT(tern_sockets_recvmsg(server, accepted, &in, MSG_DONTWAIT), -EAGAIN);
    duo_end(&f);
}

TEST(quickack_acknowledges_at_once)
{
    duo f;
    int accepted, queued = -1;

    duo_begin(&f);
    tern_sockets *client = f.table[END_CLIENT], *server = f.table[END_SERVER];
    int fd = duo_connection(&f, &accepted);
    CHECK_INT(set_int(server, accepted, IPPROTO_TCP, TCP_QUICKACK, 1), 0);
    CHECK_INT(tern_sockets_write(client, fd, "x", 1), 1);
    duo_pass(&f, 10000);
    CHECK_INT(tern_sockets_ioctl(client, fd, 0x5411 /* SIOCOUTQ */, &queued), 0);
    CHECK_EQ(queued, 0);
    CHECK_INT(set_int(server, accepted, IPPROTO_TCP, TCP_QUICKACK, 0), 0);
    CHECK_INT(tern_sockets_write(client, fd, "x", 1), 1);
    duo_pass(&f, 10000);
    CHECK_INT(tern_sockets_ioctl(client, fd, 0x5411, &queued), 0);
    CHECK_EQ(queued, 1); /* its ACK is delayed */
    duo_end(&f);
}

TEST(inq_tells_what_is_left_to_read)
{
    duo f;
    int accepted, left = -1;
    char text[4], control[CMSG_SPACE(sizeof left)];

    duo_begin(&f);
    tern_sockets *client = f.table[END_CLIENT], *server = f.table[END_SERVER];
    int fd = duo_connection(&f, &accepted);
    CHECK_INT(set_int(server, accepted, IPPROTO_TCP, TCP_INQ, 1), 0);
    CHECK_INT(tern_sockets_write(client, fd, "abcdef", 6), 6);
    struct msghdr m = {.msg_iov = &(struct iovec){text, 4},
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = sizeof control};
    CHECK_INT(tern_sockets_recvmsg(server, accepted, &m, 0), 4);
    const struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    CHECK(c != NULL && c->cmsg_level == IPPROTO_TCP && c->cmsg_type == TCP_CM_INQ);
    memcpy(&left, CMSG_DATA(c), sizeof left);
    CHECK_INT(left, 2);
    m.msg_controllen = 4;
    CHECK_INT(tern_sockets_recvmsg(server, accepted, &m, 0), 2);
    CHECK((m.msg_flags & MSG_CTRUNC) != 0);
    duo_end(&f);
}
