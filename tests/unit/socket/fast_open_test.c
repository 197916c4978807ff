/* fast_open_test.c - MSG_FASTOPEN, TCP_FASTOPEN, TCP_FASTOPEN_CONNECT, TCP_FASTOPEN_KEY: what is
 * sent when, and errno as Linux has it. */
#define _GNU_SOURCE
#include "tests/test.h"
#include "tests/unit/socket/sockets_fixture.h"

#include <errno.h>
#include <linux/tcp.h>

typedef struct fast {
    duo f;
    tern_sockets *client, *server;
    int listener;
} fast;

static int set_int(tern_sockets *s, int fd, int name, int value)
{
    tern_sockets_option option = {IPPROTO_TCP, name, &value, sizeof value};

    return tern_sockets_setsockopt(s, fd, &option);
}

/* sendto() with an address. */
static ssize_t send_to(fast *x, int fd, struct iovec text, int flags)
{
    struct sockaddr_storage to = duo_address(AF_INET, END_SERVER, FIXTURE_PORT);
    struct msghdr m = {.msg_name = &to,
                       .msg_namelen = sizeof(struct sockaddr_in),
                       .msg_iov = &text,
                       .msg_iovlen = 1};

    return tern_sockets_sendmsg(x->client, fd, &m, flags);
}

static int connect_to(fast *x, int fd)
{
    struct sockaddr_storage to = duo_address(AF_INET, END_SERVER, FIXTURE_PORT);

    return tern_sockets_connect(x->client, fd, (struct sockaddr *)&to, sizeof(struct sockaddr_in));
}

static void fast_begin(fast *x)
{
    duo_begin(&x->f);
    x->client = x->f.table[END_CLIENT];
    x->server = x->f.table[END_SERVER];
    x->listener = tern_sockets_socket(x->server, AF_INET, SOCK_STREAM, 0);
    CHECK_INT(set_int(x->server, x->listener, TCP_FASTOPEN, 5), 0);
    duo_listen(&x->f, AF_INET, x->listener);
}

static int new_client(fast *x, int type)
{
    return tern_sockets_socket(x->client, AF_INET, SOCK_STREAM | type, 0);
}

/* A first connection, by which the client gets a cookie. */
static void fast_know(fast *x)
{
    int fd = new_client(x, 0);

    CHECK_INT(send_to(x, fd, (struct iovec){"first", 5}, MSG_FASTOPEN), 5);
    int accepted = tern_sockets_accept4(x->server, x->listener, NULL, NULL, 0);
    CHECK_INT(tern_sockets_close(x->client, fd), 0);
    CHECK_INT(tern_sockets_close(x->server, accepted), 0);
    duo_pass(&x->f, 1000000);
}

static struct tcp_info info_of(tern_sockets *s, int fd)
{
    struct tcp_info info = {0};
    tern_sockets_option option = {IPPROTO_TCP, TCP_INFO, &info, sizeof info};

    CHECK_INT(tern_sockets_getsockopt(s, fd, &option), 0);
    return info;
}

TEST(without_a_cookie_the_text_follows_the_handshake)
{
    fast x;
    char text[16] = "";

    fast_begin(&x);
    int fd = new_client(&x, 0);
    CHECK_INT(send_to(&x, fd, (struct iovec){"hello", 5}, MSG_FASTOPEN), 5);
    CHECK_EQ(world_now(x.f.w), 10000); /* it waited for the handshake */
    int accepted = tern_sockets_accept4(x.server, x.listener, NULL, NULL, 0);
    CHECK_INT(tern_sockets_read(x.server, accepted, text, sizeof text), 5);
    CHECK_STR(text, "hello");
    CHECK_EQ(info_of(x.client, fd).tcpi_options & TCPI_OPT_SYN_DATA, 0);
    duo_end(&x.f);
}

TEST(without_a_cookie_and_without_waiting_it_is_in_progress)
{
    fast x;

    fast_begin(&x);
    int fd = new_client(&x, SOCK_NONBLOCK);
    CHECK_INT(send_to(&x, fd, (struct iovec){"hello", 5}, MSG_FASTOPEN), -EINPROGRESS);
    CHECK_INT(send_to(&x, fd, (struct iovec){"hello", 5}, MSG_FASTOPEN), -EALREADY);
    duo_pass(&x.f, 100000);
    /* The first call after the handshake tells that it is done, and is a write like any other. */
    CHECK_INT(send_to(&x, fd, (struct iovec){"hello", 5}, MSG_FASTOPEN), 5);
    CHECK_INT(send_to(&x, fd, (struct iovec){"hello", 5}, MSG_FASTOPEN), -EISCONN);
    CHECK_INT(send_to(&x, fd, (struct iovec){"hello", 5}, 0), 5); /* the address counts no more */
    duo_end(&x.f);
}

/* FreeBSD's way: TCP_FASTOPEN on the client, then sendto() without a flag. */
TEST(sendto_opens_where_tcp_fastopen_is_set)
{
    fast x;
    char text[16] = "";

    fast_begin(&x);
    int fd = new_client(&x, 0);
    CHECK_INT(set_int(x.client, fd, TCP_FASTOPEN, 1), 0);
    CHECK_INT(send_to(&x, fd, (struct iovec){"hello", 5}, 0), -EPIPE); /* not on Linux */
    duo_set(&x.f, END_CLIENT, "fast_open_api", "sendto");
    for (unsigned known = 0; known < 2; known++) {
        fd = new_client(&x, 0);
        CHECK_INT(send_to(&x, fd, (struct iovec){"hello", 5}, 0), -EPIPE); /* nobody asked for it */
        CHECK_INT(set_int(x.client, fd, TCP_FASTOPEN, 1), 0);
        tern_time before_us = world_now(x.f.w);
        CHECK_INT(send_to(&x, fd, (struct iovec){"hello", 5}, 0), 5);
        CHECK_EQ(world_now(x.f.w), before_us); /* nobody waits for the handshake */
        int accepted = tern_sockets_accept4(x.server, x.listener, NULL, NULL, 0);
        CHECK_INT(tern_sockets_read(x.server, accepted, text, sizeof text), 5);
        CHECK_STR(text, "hello");
        duo_pass(&x.f, 100000);
        CHECK_EQ((info_of(x.client, fd).tcpi_options & TCPI_OPT_SYN_DATA) != 0, known);
        CHECK_INT(tern_sockets_close(x.client, fd), 0);
        CHECK_INT(tern_sockets_close(x.server, accepted), 0);
        duo_pass(&x.f, 1000000);
    }
    duo_end(&x.f);
}

TEST(sendto_hands_over_all_that_the_buffer_takes)
{
    static char text[4000];
    fast x;

    fast_begin(&x);
    fast_know(&x);
    duo_set(&x.f, END_CLIENT, "fast_open_api", "sendto");
    int fd = new_client(&x, SOCK_NONBLOCK);
    CHECK_INT(set_int(x.client, fd, TCP_FASTOPEN, 1), 0);
    CHECK_INT(send_to(&x, fd, (struct iovec){text, sizeof text}, 0), 4000);
    duo_pass(&x.f, 100000);
    int accepted = tern_sockets_accept4(x.server, x.listener, NULL, NULL, 0);
    CHECK_INT(tern_sockets_read(x.server, accepted, text, sizeof text), 4000);
    CHECK(info_of(x.client, fd).tcpi_options & TCPI_OPT_SYN_DATA);
    duo_end(&x.f);
}

TEST(with_a_cookie_the_text_is_in_the_syn)
{
    fast x;
    char text[16] = "";

    fast_begin(&x);
    fast_know(&x);
    int fd = new_client(&x, SOCK_NONBLOCK);
    tern_time before_us = world_now(x.f.w);
    CHECK_INT(send_to(&x, fd, (struct iovec){"hello", 5}, MSG_FASTOPEN), 5);
    int accepted = tern_sockets_accept4(x.server, x.listener, NULL, NULL, 0);
    CHECK_EQ(world_now(x.f.w) - before_us, 5000); /* half a round trip */
    CHECK_INT(tern_sockets_read(x.server, accepted, text, sizeof text), 5);
    CHECK_STR(text, "hello");
    CHECK_INT(tern_sockets_write(x.server, accepted, "yes", 3),
              3); /* before the handshake is done */
    duo_pass(&x.f, 100000);
    CHECK_INT(tern_sockets_read(x.client, fd, text, sizeof text), 3);
    CHECK_EQ(info_of(x.client, fd).tcpi_options & TCPI_OPT_SYN_DATA, TCPI_OPT_SYN_DATA);
    duo_end(&x.f);
}

TEST(with_a_cookie_the_syn_takes_what_fits_and_blocking_sends_the_rest)
{
    fast x;
    static char text[9000], got[9000];
    size_t all = 0;

    fast_begin(&x);
    fast_know(&x);
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i % 249);
    int fd = new_client(&x, SOCK_NONBLOCK);
    ssize_t taken = send_to(&x, fd, (struct iovec){text, sizeof text}, MSG_FASTOPEN);
    CHECK(taken > 1000 && taken < 1460);
    int whole = new_client(&x, 0);
    CHECK_INT(send_to(&x, whole, (struct iovec){text, sizeof text}, MSG_FASTOPEN), sizeof text);
    int accepted = tern_sockets_accept4(x.server, x.listener, NULL, NULL, 0);
    CHECK_INT(tern_sockets_close(x.server, accepted), 0);
    accepted = tern_sockets_accept4(x.server, x.listener, NULL, NULL, 0);
    while (all < sizeof got) {
        ssize_t n = tern_sockets_read(x.server, accepted, got + all, sizeof got - all);
        CHECK(n > 0);
        all += (size_t)n;
    }
    CHECK(memcmp(text, got, sizeof text) == 0);
    duo_end(&x.f);
}

TEST(fastopen_connect_waits_for_the_first_write)
{
    fast x;
    char text[16] = "";

    fast_begin(&x);
    fast_know(&x);
    int fd = new_client(&x, SOCK_NONBLOCK);
    CHECK_INT(set_int(x.client, fd, TCP_FASTOPEN_CONNECT, 1), 0);
    CHECK_INT(connect_to(&x, fd), 0);
    CHECK_INT(connect_to(&x, fd), -EISCONN);
    struct pollfd p = {fd, POLLIN | POLLOUT, 0};
    CHECK_INT(tern_sockets_poll(x.client, &p, 1, 0), 1);
    CHECK_EQ(p.revents, POLLOUT);
    CHECK_INT(tern_sockets_read(x.client, fd, text, sizeof text), -EAGAIN);
    CHECK_EQ(info_of(x.client, fd).tcpi_state, 2); /* SYN-SENT, says Linux */
    duo_pass(&x.f, 100000);
    CHECK_EQ(info_of(x.client, fd).tcpi_segs_out, 0);
    CHECK_INT(tern_sockets_write(x.client, fd, "hello", 5), 5);
    int accepted = tern_sockets_accept4(x.server, x.listener, NULL, NULL, 0);
    CHECK_INT(tern_sockets_read(x.server, accepted, text, sizeof text), 5);
    duo_pass(&x.f, 100000);
    CHECK_EQ(info_of(x.client, fd).tcpi_options & TCPI_OPT_SYN_DATA, TCPI_OPT_SYN_DATA);
    CHECK_INT(set_int(x.client, fd, TCP_FASTOPEN_CONNECT, 1), -EINVAL);
    duo_end(&x.f);
}

TEST(fastopen_connect_without_a_cookie_connects_at_once)
{
    fast x;

    fast_begin(&x);
    int fd = new_client(&x, SOCK_NONBLOCK);
    CHECK_INT(set_int(x.client, fd, TCP_FASTOPEN_CONNECT, 1), 0);
    CHECK_INT(connect_to(&x, fd), -EINPROGRESS);
    duo_pass(&x.f, 100000);
    fd = new_client(&x, SOCK_NONBLOCK);
    CHECK_INT(set_int(x.client, fd, TCP_FASTOPEN_CONNECT, 1), 0);
    CHECK_INT(connect_to(&x, fd), 0); /* the first has brought one */
    CHECK_INT(tern_sockets_shutdown(x.client, fd, SHUT_RDWR), 0);
    CHECK_INT(tern_sockets_write(x.client, fd, "x", 1), -ECONNRESET);
    duo_end(&x.f);
}

TEST(fast_open_is_refused_to_whom_it_is_not_for)
{
    fast x;
    struct sockaddr_storage to = duo_address(AF_INET6, END_SERVER, FIXTURE_PORT);
    struct iovec text = {"x", 1};
    struct msghdr m = {.msg_iov = &text, .msg_iovlen = 1};

    fast_begin(&x);
    int fd = new_client(&x, 0);
    CHECK_INT(tern_sockets_sendmsg(x.client, fd, &m, MSG_FASTOPEN), -EINVAL); /* no address */
    m.msg_name = &to;
    m.msg_namelen = sizeof(struct sockaddr_in6);
    CHECK_INT(tern_sockets_sendmsg(x.client, fd, &m, MSG_FASTOPEN), -EAFNOSUPPORT);
    to.ss_family = AF_UNSPEC;
    CHECK_INT(tern_sockets_sendmsg(x.client, fd, &m, MSG_FASTOPEN), -EOPNOTSUPP);
    tern_sockets_set_fast_open(x.client, TERN_SOCKETS_FAST_OPEN_SERVER);
    CHECK_INT(send_to(&x, fd, text, MSG_FASTOPEN), -EOPNOTSUPP);
    CHECK_INT(set_int(x.client, fd, TCP_FASTOPEN_CONNECT, 1), -EOPNOTSUPP);
    CHECK_INT(connect_to(&x, fd), 0);
    CHECK_INT(set_int(x.client, fd, TCP_FASTOPEN, 3), -EINVAL); /* it is no listener */
    duo_end(&x.f);
}

/* A first connection, then whether the second's text came with its SYN. */
static bool is_fast(fast *x)
{
    fast_know(x);
    int fd = new_client(x, 0);
    CHECK_INT(send_to(x, fd, (struct iovec){"hello", 5}, MSG_FASTOPEN), 5);
    duo_pass(&x->f, 100000);
    return (info_of(x->client, fd).tcpi_options & TCPI_OPT_SYN_DATA) != 0;
}

TEST(a_listener_takes_part_when_it_says_so_or_all_do)
{
    fast x;

    fast_begin(&x);
    CHECK_INT(set_int(x.server, x.listener, TCP_FASTOPEN, 0), 0); /* also of one that listens */
    CHECK(!is_fast(&x));
    duo_end(&x.f);

    fast_begin(&x);
    CHECK_INT(tern_sockets_close(x.server, x.listener), 0);
    tern_sockets_set_fast_open(x.server, TERN_SOCKETS_FAST_OPEN_SERVER |
                                             TERN_SOCKETS_FAST_OPEN_EVERY_LISTENER);
    x.listener = duo_listener(&x.f, AF_INET, SOCK_STREAM);
    CHECK(is_fast(&x));
    duo_end(&x.f);

    fast_begin(&x);
    CHECK_INT(tern_sockets_close(x.server, x.listener), 0);
    tern_sockets_set_fast_open(x.server, TERN_SOCKETS_FAST_OPEN_CLIENT);
    x.listener = tern_sockets_socket(x.server, AF_INET, SOCK_STREAM, 0);
    CHECK_INT(set_int(x.server, x.listener, TCP_FASTOPEN, 5), 0);
    duo_listen(&x.f, AF_INET, x.listener);
    CHECK(!is_fast(&x));
    duo_end(&x.f);
}

TEST(fastopen_key_is_one_or_two_of_16_octets)
{
    fast x;
    uint8_t keys[32], got[40];

    fast_begin(&x);
    for (unsigned i = 0; i < sizeof keys; i++)
        keys[i] = (uint8_t)(i * 7);
    tern_sockets_option set = {IPPROTO_TCP, TCP_FASTOPEN_KEY, keys, 15};
    CHECK_INT(tern_sockets_setsockopt(x.server, x.listener, &set), -EINVAL);
    fast_know(&x);
    set.bytes = 32; /* new keys: the client's cookie is good no more */
    CHECK_INT(tern_sockets_setsockopt(x.server, x.listener, &set), 0);
    tern_sockets_option get = {IPPROTO_TCP, TCP_FASTOPEN_KEY, got, sizeof got};
    CHECK_INT(tern_sockets_getsockopt(x.server, x.listener, &get), 0);
    CHECK_EQ(get.bytes, 32);
    CHECK(memcmp(got, keys, 32) == 0);
    int fd = new_client(&x, 0);
    CHECK_INT(send_to(&x, fd, (struct iovec){"hello", 5}, MSG_FASTOPEN), 5);
    duo_pass(&x.f, 1000000);
    CHECK_EQ(info_of(x.client, fd).tcpi_options & TCPI_OPT_SYN_DATA, 0);
    uint8_t rotated[32];
    memcpy(rotated, keys + 16, 16); /* the first of before stays good as the second */
    memcpy(rotated + 16, keys, 16);
    set = (tern_sockets_option){IPPROTO_TCP, TCP_FASTOPEN_KEY, rotated, 32};
    CHECK_INT(tern_sockets_setsockopt(x.server, x.listener, &set), 0);
    fd = new_client(&x, 0);
    CHECK_INT(send_to(&x, fd, (struct iovec){"hello", 5}, MSG_FASTOPEN), 5);
    duo_pass(&x.f, 1000000);
    CHECK_EQ(info_of(x.client, fd).tcpi_options & TCPI_OPT_SYN_DATA, TCPI_OPT_SYN_DATA);
    duo_end(&x.f);
}

TEST(fastopen_key_of_one_socket_is_not_that_of_all)
{
    fast x;
    uint8_t all[16] = "all sockets", own[16] = "one socket", got[32];
    tern_sockets_option get = {IPPROTO_TCP, TCP_FASTOPEN_KEY, got, sizeof got};

    fast_begin(&x);
    CHECK(!tern_sockets_set_fast_open_keys(x.server, all, 15));
    CHECK(tern_sockets_set_fast_open_keys(x.server, all, 16));
    int fd = tern_sockets_socket(x.server, AF_INET, SOCK_STREAM, 0);
    tern_sockets_option set = {IPPROTO_TCP, TCP_FASTOPEN_KEY, own, 16};
    CHECK_INT(tern_sockets_setsockopt(x.server, fd, &set), 0);
    CHECK_INT(tern_sockets_getsockopt(x.server, fd, &get), 0);
    CHECK(get.bytes == 16 && memcmp(got, own, 16) == 0);
    get.bytes = sizeof got;
    CHECK_INT(tern_sockets_getsockopt(x.server, x.listener, &get), 0);
    CHECK(get.bytes == 16 && memcmp(got, all, 16) == 0);
    duo_end(&x.f);
}
