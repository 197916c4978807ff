/* open_test.c - socket, bind, listen, accept, connect: values and errors as Linux has them. */
#define _GNU_SOURCE
#include "tests/test.h"
#include "tests/unit/socket/sockets_fixture.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>

static int connect_to(duo *f, int fd, int family, uint16_t port)
{
    struct sockaddr_storage to = duo_address(family, END_SERVER, port);
    return tern_sockets_connect(f->table[END_CLIENT], fd, (struct sockaddr *)&to,
                                duo_address_bytes(family));
}

TEST(socket_refuses_what_is_no_tcp_socket)
{
    duo f;
    duo_begin(&f);
    CHECK_INT(tern_sockets_socket(f.table[0], AF_UNIX, SOCK_STREAM, 0), -EAFNOSUPPORT);
    CHECK_INT(tern_sockets_socket(f.table[0], AF_INET, SOCK_DGRAM, 0), -ESOCKTNOSUPPORT);
    CHECK_INT(tern_sockets_socket(f.table[0], AF_INET, SOCK_STREAM, IPPROTO_UDP), -EPROTONOSUPPORT);
    for (int i = 0; i < 16; i++)
        CHECK_INT(tern_sockets_socket(f.table[0], AF_INET, SOCK_STREAM, 0), 3 + i);
    CHECK_INT(tern_sockets_socket(f.table[0], AF_INET, SOCK_STREAM, 0), -EMFILE);
    CHECK_INT(tern_sockets_close(f.table[0], 7), 0);
    CHECK_INT(tern_sockets_close(f.table[0], 7), -EBADF);
    CHECK_INT(tern_sockets_socket(f.table[0], AF_INET6, SOCK_STREAM, IPPROTO_TCP), 7);
    duo_end(&f);
}

static void connect_blocking(int family)
{
    duo f;
    struct sockaddr_storage peer, own;
    socklen_t bytes = sizeof peer;
    duo_begin(&f);
    tern_sockets *client = f.table[END_CLIENT], *server = f.table[END_SERVER];
    int listener = duo_listener(&f, family, SOCK_STREAM);
    int fd = tern_sockets_socket(client, family, SOCK_STREAM, 0);
    CHECK_INT(tern_sockets_getpeername(client, fd, (struct sockaddr *)&peer, &bytes), -ENOTCONN);
    CHECK_INT(connect_to(&f, fd, family, FIXTURE_PORT), 0);
    CHECK_EQ(world_now(f.w), 10000); /* one round trip */
    CHECK_INT(connect_to(&f, fd, family, FIXTURE_PORT), -EISCONN);
    bytes = sizeof peer;
    int accepted = tern_sockets_accept4(server, listener, (struct sockaddr *)&peer, &bytes, 0);
    CHECK_INT(accepted, 4);
    CHECK_EQ(bytes, duo_address_bytes(family));
    bytes = sizeof own;
    CHECK_INT(tern_sockets_getsockname(client, fd, (struct sockaddr *)&own, &bytes), 0);
    CHECK(memcmp(&own, &peer, bytes) == 0);
    bytes = sizeof own;
    CHECK_INT(tern_sockets_getpeername(server, accepted, (struct sockaddr *)&own, &bytes), 0);
    CHECK(memcmp(&own, &peer, bytes) == 0);
    duo_end(&f);
}

TEST(connect_and_accept_block_until_the_handshake_is_done_ipv4)
{
    connect_blocking(AF_INET);
}

TEST(connect_and_accept_block_until_the_handshake_is_done_ipv6)
{
    connect_blocking(AF_INET6);
}

TEST(connect_to_a_closed_port_is_refused_and_the_socket_is_new_again)
{
    duo f;
    duo_begin(&f);
    int fd = tern_sockets_socket(f.table[END_CLIENT], AF_INET, SOCK_STREAM, 0);
    CHECK_INT(connect_to(&f, fd, AF_INET, 81), -ECONNREFUSED);
    (void)duo_listener(&f, AF_INET, SOCK_STREAM);
    CHECK_INT(connect_to(&f, fd, AF_INET, FIXTURE_PORT), 0);
    duo_end(&f);
}

TEST(connect_without_waiting_is_in_progress_then_writable)
{
    duo f;
    duo_begin(&f);
    tern_sockets *client = f.table[END_CLIENT];
    (void)duo_listener(&f, AF_INET, SOCK_STREAM);
    int fd = tern_sockets_socket(client, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CHECK_INT(connect_to(&f, fd, AF_INET, FIXTURE_PORT), -EINPROGRESS);
    CHECK_INT(connect_to(&f, fd, AF_INET, FIXTURE_PORT), -EALREADY);
    struct pollfd p = {fd, POLLOUT, 0};
    CHECK_INT(tern_sockets_poll(client, &p, 1, 5), 0);
    CHECK_INT(tern_sockets_poll(client, &p, 1, -1), 1);
    CHECK_EQ(p.revents, POLLOUT);
    int error = -1;
    tern_sockets_option option = {SOL_SOCKET, SO_ERROR, &error, sizeof error};
    CHECK_INT(tern_sockets_getsockopt(client, fd, &option), 0);
    CHECK_EQ(error, 0);
    CHECK_INT(connect_to(&f, fd, AF_INET, FIXTURE_PORT), 0); /* as Linux tells it, once */
    CHECK_INT(connect_to(&f, fd, AF_INET, FIXTURE_PORT), -EISCONN);
    duo_end(&f);
}

TEST(connect_refused_without_waiting_is_told_by_so_error_once)
{
    duo f;
    duo_begin(&f);
    tern_sockets *client = f.table[END_CLIENT];
    int fd = tern_sockets_socket(client, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CHECK_INT(connect_to(&f, fd, AF_INET, 81), -EINPROGRESS);
    struct pollfd p = {fd, POLLIN | POLLOUT, 0};
    CHECK_INT(tern_sockets_poll(client, &p, 1, -1), 1);
    CHECK_EQ(p.revents, POLLIN | POLLOUT | POLLERR | POLLHUP);
    int error = -1;
    tern_sockets_option option = {SOL_SOCKET, SO_ERROR, &error, sizeof error};
    CHECK_INT(tern_sockets_getsockopt(client, fd, &option), 0);
    CHECK_EQ(error, ECONNREFUSED);
    CHECK_INT(tern_sockets_getsockopt(client, fd, &option), 0);
    CHECK_EQ(error, 0);
    duo_end(&f);
}

static uint16_t own_port(tern_sockets *s, int fd, struct in_addr *address)
{
    struct sockaddr_in own;
    socklen_t bytes = sizeof own;

    CHECK_INT(tern_sockets_getsockname(s, fd, (struct sockaddr *)&own, &bytes), 0);
    *address = own.sin_addr;
    return ntohs(own.sin_port);
}

TEST(bind_without_a_port_leaves_it_to_connect)
{
    duo f;
    duo_begin(&f);
    tern_sockets *s = f.table[END_CLIENT];
    struct sockaddr_storage at = duo_address(AF_INET, END_CLIENT, 0);
    struct in_addr wanted = ((struct sockaddr_in *)&at)->sin_addr, got;
    int on = 1;
    tern_sockets_option later = {IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on};

    (void)duo_listener(&f, AF_INET, SOCK_STREAM);
    int fd = tern_sockets_socket(s, AF_INET, SOCK_STREAM, 0);
    CHECK_INT(tern_sockets_setsockopt(s, fd, &later), 0);
    CHECK_INT(tern_sockets_bind(s, fd, (struct sockaddr *)&at, sizeof(struct sockaddr_in)), 0);
    CHECK_EQ(own_port(s, fd, &got), 0);
    CHECK_EQ(got.s_addr, wanted.s_addr);
    CHECK_INT(connect_to(&f, fd, AF_INET, FIXTURE_PORT), 0);
    CHECK(own_port(s, fd, &got) >= 1024);
    CHECK_EQ(got.s_addr, wanted.s_addr);

    int listener = tern_sockets_socket(s, AF_INET, SOCK_STREAM, 0); /* needs one now */
    CHECK_INT(tern_sockets_setsockopt(s, listener, &later), 0);
    CHECK_INT(tern_sockets_bind(s, listener, (struct sockaddr *)&at, sizeof(struct sockaddr_in)),
              0);
    CHECK_INT(tern_sockets_listen(s, listener, 1), 0);
    CHECK(own_port(s, listener, &got) >= 1024);
    CHECK_EQ(got.s_addr, wanted.s_addr);
    duo_end(&f);
}

TEST(bind_knows_the_ports_that_are_taken)
{
    duo f;
    duo_begin(&f);
    tern_sockets *s = f.table[END_SERVER];
    struct sockaddr_storage at = duo_address(AF_INET, END_SERVER, FIXTURE_PORT);
    struct sockaddr_storage foreign = duo_address(AF_INET, END_CLIENT, FIXTURE_PORT);
    const struct sockaddr *to = (const struct sockaddr *)&at;
    socklen_t bytes = sizeof(struct sockaddr_in);
    int on = 1;
    tern_sockets_option reuse = {SOL_SOCKET, SO_REUSEADDR, &on, sizeof on};
    int first = duo_listener(&f, AF_INET, SOCK_STREAM);
    int second = tern_sockets_socket(s, AF_INET, SOCK_STREAM, 0);
    CHECK_INT(tern_sockets_bind(s, second, (struct sockaddr *)&foreign, bytes), -EADDRNOTAVAIL);
    CHECK_INT(tern_sockets_bind(s, second, to, 7), -EINVAL);
    CHECK_INT(tern_sockets_bind(s, second, to, bytes), -EADDRINUSE);
    CHECK_INT(tern_sockets_setsockopt(s, first, &reuse), 0);
    CHECK_INT(tern_sockets_setsockopt(s, second, &reuse), 0);
    CHECK_INT(tern_sockets_bind(s, second, to, bytes), -EADDRINUSE); /* the first listens */
    CHECK_INT(tern_sockets_close(s, first), 0);
    CHECK_INT(tern_sockets_bind(s, second, to, bytes), 0);
    CHECK_INT(tern_sockets_bind(s, second, to, bytes), -EINVAL);
    CHECK_INT(tern_sockets_listen(s, second, 1), 0);
    duo_end(&f);
}

TEST(accept_waits_for_as_long_as_so_rcvtimeo_says)
{
    duo f;
    duo_begin(&f);
    tern_sockets *s = f.table[END_SERVER];
    int fd = duo_listener(&f, AF_INET, SOCK_STREAM);
    struct timeval half = {0, 500000};
    tern_sockets_option option = {SOL_SOCKET, SO_RCVTIMEO, &half, sizeof half};
    CHECK_INT(tern_sockets_setsockopt(s, fd, &option), 0);
    CHECK_INT(tern_sockets_accept4(s, fd, NULL, NULL, 0), -EAGAIN);
    CHECK_EQ(world_now(f.w), 500000);
    f.interrupted = true;
    CHECK_INT(tern_sockets_accept4(s, fd, NULL, NULL, 0), -EINTR);
    duo_end(&f);
}

TEST(listener_shut_down_for_reading_listens_no_more)
{
    duo f;
    duo_begin(&f);
    int listener = duo_listener(&f, AF_INET, SOCK_STREAM);
    int fd = tern_sockets_socket(f.table[END_CLIENT], AF_INET, SOCK_STREAM, 0);
    CHECK_INT(tern_sockets_shutdown(f.table[END_SERVER], listener, SHUT_RDWR), 0);
    CHECK_INT(connect_to(&f, fd, AF_INET, FIXTURE_PORT), -ECONNREFUSED);
    CHECK_INT(tern_sockets_accept4(f.table[END_SERVER], listener, NULL, NULL, 0), -EINVAL);
    CHECK_INT(tern_sockets_listen(f.table[END_SERVER], listener, 1), 0);
    CHECK_INT(connect_to(&f, fd, AF_INET, FIXTURE_PORT), 0);
    duo_end(&f);
}
