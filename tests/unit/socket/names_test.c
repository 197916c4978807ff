/* names_test.c - who a socket is: bind rules of both families, names of both ends, disconnecting,
 * and the errors of addresses, as Linux has them. */
#define _GNU_SOURCE
#include "tests/test.h"
#include "tests/unit/socket/sockets_fixture.h"

#include <arpa/inet.h>
#include <errno.h>

static int bind_v4(tern_sockets *s, int fd, const char *address, uint16_t port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};

    CHECK(inet_pton(AF_INET, address, &at.sin_addr) == 1);
    return tern_sockets_bind(s, fd, (struct sockaddr *)&at, sizeof at);
}

static struct sockaddr_in6 v6(const char *address, uint16_t port)
{
    struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

    CHECK(inet_pton(AF_INET6, address, &at.sin6_addr) == 1);
    return at;
}

static int bind_v6(tern_sockets *s, int fd, const char *address, uint16_t port)
{
    struct sockaddr_in6 at = v6(address, port);

    return tern_sockets_bind(s, fd, (struct sockaddr *)&at, sizeof at);
}

static int connect_v6(tern_sockets *s, int fd, const char *address, uint16_t port)
{
    struct sockaddr_in6 to = v6(address, port);

    return tern_sockets_connect(s, fd, (struct sockaddr *)&to, sizeof to);
}

static int set_v6only(tern_sockets *s, int fd, int on)
{
    tern_sockets_option option = {IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on};

    return tern_sockets_setsockopt(s, fd, &option);
}

/* The name of an end in letters: "10.0.0.1", "::", with the port in *port. */
static const char *name_of(tern_sockets *s, int fd, bool peer, uint16_t *port)
{
    static char text[INET6_ADDRSTRLEN];
    struct sockaddr_storage at = {0};
    socklen_t bytes = sizeof at;
    int error = peer ? tern_sockets_getpeername(s, fd, (struct sockaddr *)&at, &bytes)
                     : tern_sockets_getsockname(s, fd, (struct sockaddr *)&at, &bytes);

    CHECK_INT(error, 0);
    if (at.ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)&at;
        *port = ntohs(v4->sin_port);
        return inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
    }
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&at;
    *port = ntohs(in6->sin6_port);
    return inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof text);
}

TEST(unbound_socket_has_no_name_and_gets_one)
{
    duo f;
    uint16_t port;

    duo_begin(&f);
    tern_sockets *s = f.table[END_CLIENT];
    (void)duo_listener(&f, AF_INET, SOCK_STREAM);
    int fd = tern_sockets_socket(s, AF_INET, SOCK_STREAM, 0);
    CHECK_STR(name_of(s, fd, false, &port), "0.0.0.0");
    CHECK_EQ(port, 0);
    CHECK_INT(bind_v4(s, fd, "0.0.0.0", 0), 0);
    CHECK_STR(name_of(s, fd, false, &port), "0.0.0.0");
    CHECK(port >= 49152);
    CHECK_INT(bind_v4(s, fd, "0.0.0.0", 0), -EINVAL); /* it has one */
    int other = tern_sockets_socket(s, AF_INET6, SOCK_STREAM, 0);
    CHECK_STR(name_of(s, other, false, &port), "::");
    CHECK_INT(tern_sockets_listen(s, other, 1), 0);
    CHECK_STR(name_of(s, other, false, &port), "::");
    CHECK(port >= 49152);
    fd = duo_client(&f, AF_INET);
    CHECK_STR(name_of(s, fd, false, &port), "10.0.0.1");
    CHECK(port >= 49152);
    CHECK_STR(name_of(s, fd, true, &port), "10.0.0.2");
    CHECK_EQ(port, FIXTURE_PORT);
    duo_end(&f);
}

TEST(name_is_cut_to_the_room_there_is)
{
    duo f;
    struct sockaddr_in at;
    socklen_t bytes = 4;

    duo_begin(&f);
    tern_sockets *s = f.table[END_CLIENT];
    int fd = tern_sockets_socket(s, AF_INET, SOCK_STREAM, 0);
    CHECK_INT(bind_v4(s, fd, "10.0.0.1", 0x1234), 0);
    memset(&at, 0xee, sizeof at);
    CHECK_INT(tern_sockets_getsockname(s, fd, (struct sockaddr *)&at, &bytes), 0);
    CHECK_EQ(bytes, sizeof at);
    CHECK_EQ(ntohs(at.sin_port), 0x1234);
    CHECK_EQ(at.sin_addr.s_addr, 0xeeeeeeee);
    duo_end(&f);
}

TEST(bind_refuses_addresses_that_are_not_its_own)
{
    duo f;
    struct sockaddr_in6 in6 = v6("fd77::1", 80);

    duo_begin(&f);
    tern_sockets *s = f.table[END_CLIENT];
    int v4 = tern_sockets_socket(s, AF_INET, SOCK_STREAM, 0);
    int dual = tern_sockets_socket(s, AF_INET6, SOCK_STREAM, 0);
    CHECK_INT(bind_v4(s, v4, "10.0.0.2", 80), -EADDRNOTAVAIL);
    CHECK_INT(bind_v6(s, dual, "fd77::2", 80), -EADDRNOTAVAIL);
    CHECK_INT(tern_sockets_bind(s, v4, (struct sockaddr *)&in6, sizeof in6), -EAFNOSUPPORT);
    CHECK_INT(bind_v4(s, dual, "10.0.0.1", 80), -EAFNOSUPPORT);
    CHECK_INT(tern_sockets_bind(s, dual, (struct sockaddr *)&in6, 20), -EINVAL);
    CHECK_INT(tern_sockets_bind(s, dual, NULL, 0), -EINVAL);
    CHECK_INT(bind_v6(s, dual, "::ffff:10.0.0.1", 80), 0); /* IPv4 by an IPv6 socket */
    CHECK_INT(bind_v4(s, v4, "10.0.0.1", 80), -EADDRINUSE);
    int only = tern_sockets_socket(s, AF_INET6, SOCK_STREAM, 0);
    CHECK_INT(set_v6only(s, only, 1), 0);
    CHECK_INT(bind_v6(s, only, "::ffff:10.0.0.1", 81), -EINVAL);
    CHECK_INT(bind_v6(s, only, "fd77::1", 81), 0);
    CHECK_INT(set_v6only(s, only, 0), -EINVAL); /* too late */
    duo_end(&f);
}

/* Two sockets on port 80: may the second bind, after the first has? */
typedef struct share_case {
    int families[2];
    const char *addresses[2];
    bool only[2]; /* IPV6_V6ONLY */
    bool fits;
} share_case;

TEST(families_share_a_port_where_they_do_not_meet)
{
    static const share_case cases[] = {
        {{AF_INET, AF_INET6}, {"0.0.0.0", "::"}, {false, false}, false},
        {{AF_INET, AF_INET6}, {"0.0.0.0", "::"}, {false, true}, true},
        {{AF_INET6, AF_INET}, {"::", "0.0.0.0"}, {false, false}, false},
        {{AF_INET6, AF_INET}, {"::", "10.0.0.1"}, {true, false}, true},
        {{AF_INET6, AF_INET}, {"::", "10.0.0.1"}, {false, false}, false},
        {{AF_INET6, AF_INET}, {"fd77::1", "0.0.0.0"}, {false, false}, true},
        {{AF_INET6, AF_INET6}, {"::", "fd77::1"}, {false, false}, false},
        {{AF_INET6, AF_INET6}, {"::ffff:0.0.0.0", "fd77::1"}, {false, false}, true},
        {{AF_INET6, AF_INET6}, {"::ffff:0.0.0.0", "::"}, {false, true}, true},
        {{AF_INET6, AF_INET}, {"::ffff:0.0.0.0", "10.0.0.1"}, {false, false}, false},
        {{AF_INET6, AF_INET}, {"::ffff:10.0.0.1", "0.0.0.0"}, {false, false}, false},
    };
    duo f;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        duo_begin(&f);
        tern_sockets *s = f.table[END_CLIENT];
        for (int k = 0; k < 2; k++) {
            const share_case *c = &cases[i];
            int fd = tern_sockets_socket(s, c->families[k], SOCK_STREAM, 0);
            if (c->only[k])
                CHECK_INT(set_v6only(s, fd, 1), 0);
            int error = c->families[k] == AF_INET ? bind_v4(s, fd, c->addresses[k], 80)
                                                  : bind_v6(s, fd, c->addresses[k], 80);
            if (error != (k == 1 && !c->fits ? -EADDRINUSE : 0))
                test_fail(__FILE__, __LINE__, "case %zu, socket %d: %d", i, k, error);
            if (error == 0)
                CHECK_INT(tern_sockets_listen(s, fd, 1), 0);
        }
        duo_end(&f);
    }
}

TEST(listener_begins_anew_beside_a_connection_of_the_last_one)
{
    duo f;
    int on = 1, accepted;
    tern_sockets_option reuse = {SOL_SOCKET, SO_REUSEADDR, &on, sizeof on};

    duo_begin(&f);
    tern_sockets *s = f.table[END_SERVER];
    int listener = tern_sockets_socket(s, AF_INET, SOCK_STREAM, 0);
    CHECK_INT(tern_sockets_setsockopt(s, listener, &reuse), 0);
    (void)duo_connect(&f, AF_INET, listener, &accepted);
    CHECK_INT(tern_sockets_close(s, listener), 0);
    listener = tern_sockets_socket(s, AF_INET, SOCK_STREAM, 0);
    CHECK_INT(bind_v4(s, listener, "10.0.0.2", FIXTURE_PORT), -EADDRINUSE);
    CHECK_INT(tern_sockets_setsockopt(s, listener, &reuse), 0);
    CHECK_INT(bind_v4(s, listener, "10.0.0.2", FIXTURE_PORT), 0);
    CHECK_INT(tern_sockets_listen(s, listener, 1), 0);
    int second = tern_sockets_socket(s, AF_INET, SOCK_STREAM, 0);
    CHECK_INT(tern_sockets_setsockopt(s, second, &reuse), 0);
    CHECK_INT(bind_v4(s, second, "10.0.0.2", FIXTURE_PORT), -EADDRINUSE); /* it listens */
    duo_end(&f);
}

TEST(ipv6_listener_of_any_address_takes_ipv4_too)
{
    duo f;
    struct sockaddr_in6 from;
    socklen_t bytes = sizeof from;
    char text[INET6_ADDRSTRLEN];
    uint16_t port;

    duo_begin(&f);
    tern_sockets *s = f.table[END_SERVER];
    int listener = tern_sockets_socket(s, AF_INET6, SOCK_STREAM, 0);
    CHECK_INT(bind_v6(s, listener, "::", FIXTURE_PORT), 0);
    CHECK_INT(tern_sockets_listen(s, listener, 4), 0);
    (void)duo_client(&f, AF_INET);
    int fd = tern_sockets_accept4(s, listener, (struct sockaddr *)&from, &bytes, 0);
    CHECK_STR(inet_ntop(AF_INET6, &from.sin6_addr, text, sizeof text), "::ffff:10.0.0.1");
    CHECK_STR(name_of(s, fd, false, &port), "::ffff:10.0.0.2");
    (void)duo_client(&f, AF_INET6);
    fd = tern_sockets_accept4(s, listener, NULL, NULL, 0);
    CHECK_STR(name_of(s, fd, true, &port), "fd77::1");
    duo_end(&f);
}

TEST(ipv4_mapped_any_listens_for_ipv4_alone)
{
    duo f;
    struct sockaddr_storage to;

    duo_begin(&f);
    tern_sockets *s = f.table[END_SERVER], *client = f.table[END_CLIENT];
    int listener = tern_sockets_socket(s, AF_INET6, SOCK_STREAM, 0);
    CHECK_INT(bind_v6(s, listener, "::ffff:0.0.0.0", FIXTURE_PORT), 0);
    CHECK_INT(tern_sockets_listen(s, listener, 4), 0);
    (void)duo_client(&f, AF_INET);
    int fd = tern_sockets_socket(client, AF_INET6, SOCK_STREAM, 0);
    to = duo_address(AF_INET6, END_SERVER, FIXTURE_PORT);
    CHECK_INT(tern_sockets_connect(client, fd, (struct sockaddr *)&to, sizeof(struct sockaddr_in6)),
              -ECONNREFUSED);
    CHECK_INT(bind_v6(client, fd, "::ffff:0.0.0.0", 5000), 0);
    CHECK_INT(connect_v6(client, fd, "::ffff:10.0.0.2", FIXTURE_PORT), 0);
    duo_end(&f);
}

TEST(connect_where_there_is_no_way)
{
    duo f;

    duo_begin(&f);
    tern_sockets *s = f.table[END_CLIENT];
    int fd = tern_sockets_socket(s, AF_INET6, SOCK_STREAM, 0);
    CHECK_INT(set_v6only(s, fd, 1), 0);
    CHECK_INT(connect_v6(s, fd, "::ffff:10.0.0.2", 80), -ENETUNREACH);
    int v4 = tern_sockets_socket(s, AF_INET6, SOCK_STREAM, 0);
    CHECK_INT(bind_v6(s, v4, "fd77::1", 5000), 0);
    CHECK_INT(connect_v6(s, v4, "::ffff:10.0.0.2", 80), -ENETUNREACH);
    int none = tern_sockets_socket(s, AF_INET6, SOCK_STREAM, 0);
    CHECK_INT(connect_v6(s, none, "::", 80), -ECONNREFUSED);
    CHECK_INT(connect_v6(s, none, "ff02::1", 80), -ENETUNREACH);
    duo_end(&f);
}

TEST(one_pair_of_names_is_one_connection)
{
    duo f;
    int on = 1, accepted;
    tern_sockets_option reuse = {SOL_SOCKET, SO_REUSEADDR, &on, sizeof on};
    struct sockaddr_storage to = duo_address(AF_INET, END_SERVER, FIXTURE_PORT);

    duo_begin(&f);
    tern_sockets *s = f.table[END_CLIENT];
    int listener = tern_sockets_socket(f.table[END_SERVER], AF_INET, SOCK_STREAM, 0);
    duo_listen(&f, AF_INET, listener);
    for (int i = 0; i < 2; i++) {
        int fd = tern_sockets_socket(s, AF_INET, SOCK_STREAM, 0);
        CHECK_INT(tern_sockets_setsockopt(s, fd, &reuse), 0);
        CHECK_INT(bind_v4(s, fd, "10.0.0.1", 5000), 0);
        CHECK_INT(tern_sockets_connect(s, fd, (struct sockaddr *)&to, 16),
                  i == 0 ? 0 : -EADDRNOTAVAIL);
    }
    accepted = tern_sockets_accept4(f.table[END_SERVER], listener, NULL, NULL, 0);
    CHECK(accepted >= 3);
    duo_end(&f);
}

/* ---- Disconnecting ------------------------------------------------------------------------- */

TEST(disconnect_makes_a_socket_new_but_for_the_name_it_was_given)
{
    duo f;
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    struct sockaddr_storage to = duo_address(AF_INET, END_SERVER, FIXTURE_PORT);
    uint16_t port;
    int error = -1;
    tern_sockets_option option = {SOL_SOCKET, SO_ERROR, &error, sizeof error};

    duo_begin(&f);
    tern_sockets *s = f.table[END_CLIENT];
    (void)duo_listener(&f, AF_INET, SOCK_STREAM);
    int named = tern_sockets_socket(s, AF_INET, SOCK_STREAM, 0);
    int unnamed = tern_sockets_socket(s, AF_INET, SOCK_STREAM, 0);
    CHECK_INT(bind_v4(s, named, "0.0.0.0", 5000), 0);
    CHECK_INT(tern_sockets_connect(s, named, &none, 1), -EINVAL);
    CHECK_INT(tern_sockets_connect(s, named, &none, sizeof none), 0); /* of nothing */
    for (int i = 0; i < 2; i++) {
        int fd = i == 0 ? named : unnamed;
        CHECK_INT(tern_sockets_connect(s, fd, (struct sockaddr *)&to, 16), 0);
        CHECK_STR(name_of(s, fd, false, &port), "10.0.0.1");
        CHECK_INT(tern_sockets_connect(s, fd, &none, sizeof none), 0);
        CHECK_STR(name_of(s, fd, false, &port), "0.0.0.0");
        CHECK_EQ(port, i == 0 ? 5000 : 0);
        struct sockaddr_storage peer;
        socklen_t bytes = sizeof peer;
        CHECK_INT(tern_sockets_getpeername(s, fd, (struct sockaddr *)&peer, &bytes), -ENOTCONN);
        duo_pass(&f, 100000);
        CHECK_INT(tern_sockets_connect(s, fd, (struct sockaddr *)&to, 16), 0);
        CHECK_INT(tern_sockets_getsockopt(s, fd, &option), 0);
        CHECK_EQ(error, 0); /* a new attempt has no error yet */
    }
    duo_end(&f);
}

TEST(disconnect_of_a_listener_ends_its_listening)
{
    duo f;
    struct sockaddr none = {.sa_family = AF_UNSPEC};

    duo_begin(&f);
    tern_sockets *s = f.table[END_SERVER];
    int listener = duo_listener(&f, AF_INET, SOCK_STREAM);
    CHECK_INT(tern_sockets_connect(s, listener, (struct sockaddr *)&none, 1), -EINVAL);
    CHECK_INT(tern_sockets_connect(s, listener, &none, sizeof none), 0);
    CHECK_INT(tern_sockets_accept4(s, listener, NULL, NULL, 0), -EINVAL);
    CHECK_INT(tern_sockets_listen(s, listener, 2), 0);
    (void)duo_client(&f, AF_INET);
    duo_end(&f);
}
