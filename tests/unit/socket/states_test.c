/* states_test.c - what poll, select, epoll, recv, send, shutdown and TCP_INFO say of a socket in
 * each state, as Linux 6.1 does (net/ipv4/tcp.c: tcp_poll, tcp_recvmsg_locked, inet_shutdown). */
#define _GNU_SOURCE
#include "tests/test.h"
#include "tests/unit/socket/sockets_fixture.h"

#include <errno.h>
#include <linux/tcp.h>

/* A socket of the client's end (of the server's: LISTENING) is brought into a state. */
typedef struct stage {
    duo f;
    tern_sockets *table;
    int fd;   /* the one that is asked */
    int peer; /* the server's end of its connection */
} stage;

static void shut(tern_sockets *s, int fd, int how)
{
    CHECK_INT(tern_sockets_shutdown(s, fd, how), 0);
}

static void stage_new(stage *g)
{
    g->table = g->f.table[END_CLIENT];
    g->fd = tern_sockets_socket(g->table, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
}

static void stage_listening(stage *g)
{
    g->table = g->f.table[END_SERVER];
    g->fd = duo_listener(&g->f, AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
}

static void stage_acceptable(stage *g)
{
    stage_listening(g);
    (void)duo_client(&g->f, AF_INET);
    duo_pass(&g->f, 100000);
}

static void stage_connecting(stage *g)
{
    struct sockaddr_storage to = duo_address(AF_INET, END_SERVER, FIXTURE_PORT);

    stage_new(g);
    CHECK_INT(tern_sockets_connect(g->table, g->fd, (struct sockaddr *)&to, 16), -EINPROGRESS);
}

static void stage_refused(stage *g)
{
    stage_connecting(g);
    duo_pass(&g->f, 100000);
}

static void stage_timed_out(stage *g)
{
    stage_connecting(g);
    duo_cut(&g->f);
    duo_pass(&g->f, 600000000);
}

static void stage_established(stage *g)
{
    g->table = g->f.table[END_CLIENT];
    g->fd = duo_connection(&g->f, &g->peer);
    duo_pass(&g->f, 100000);
}

static void stage_text(stage *g)
{
    stage_established(g);
    CHECK_INT(tern_sockets_write(g->f.table[END_SERVER], g->peer, "x", 1), 1);
    duo_pass(&g->f, 100000);
}

static void stage_urgent(stage *g)
{
    struct msghdr m = {.msg_iov = &(struct iovec){"x", 1}, .msg_iovlen = 1};

    stage_established(g);
    CHECK_INT(tern_sockets_sendmsg(g->f.table[END_SERVER], g->peer, &m, MSG_OOB), 1);
    duo_pass(&g->f, 100000);
}

static void stage_full(stage *g)
{
    static char text[100000];

    stage_established(g);
    CHECK_INT(tern_sockets_fcntl(g->table, g->fd, 4 /* F_SETFL */, 04000 /* O_NONBLOCK */), 0);
    while (tern_sockets_write(g->table, g->fd, text, sizeof text) > 0)
        duo_pass(&g->f, 100000);
}

static void stage_read_shut(stage *g)
{
    stage_established(g);
    shut(g->table, g->fd, SHUT_RD);
}

static void stage_fin_wait_1(stage *g)
{
    stage_established(g);
    shut(g->table, g->fd, SHUT_WR);
}

static void stage_both_shut(stage *g)
{
    stage_established(g);
    shut(g->table, g->fd, SHUT_RDWR);
}

static void stage_fin_wait_2(stage *g)
{
    stage_fin_wait_1(g);
    duo_pass(&g->f, 1000000);
}

static void stage_closing(stage *g)
{
    stage_fin_wait_1(g);
    shut(g->f.table[END_SERVER], g->peer, SHUT_WR);
    duo_pass(&g->f, 7000); /* the peer's FIN is here, the ACK of ours is not */
}

static void stage_time_wait(stage *g)
{
    stage_fin_wait_2(g);
    shut(g->f.table[END_SERVER], g->peer, SHUT_WR);
    duo_pass(&g->f, 100000);
}

static void stage_close_wait(stage *g)
{
    stage_established(g);
    shut(g->f.table[END_SERVER], g->peer, SHUT_WR);
    duo_pass(&g->f, 100000);
}

static void stage_close_wait_text(stage *g)
{
    stage_text(g);
    shut(g->f.table[END_SERVER], g->peer, SHUT_WR);
    duo_pass(&g->f, 100000);
}

static void stage_last_ack(stage *g)
{
    stage_close_wait(g);
    shut(g->table, g->fd, SHUT_WR);
}

static void stage_ended(stage *g)
{
    stage_last_ack(g);
    duo_pass(&g->f, 100000);
}

static void stage_reset(stage *g)
{
    struct linger abort = {1, 0};
    tern_sockets_option option = {SOL_SOCKET, SO_LINGER, &abort, sizeof abort};

    stage_established(g);
    CHECK_INT(tern_sockets_setsockopt(g->f.table[END_SERVER], g->peer, &option), 0);
    CHECK_INT(tern_sockets_close(g->f.table[END_SERVER], g->peer), 0);
    duo_pass(&g->f, 100000);
}

static void stage_disconnected(stage *g)
{
    struct sockaddr none = {.sa_family = AF_UNSPEC};

    stage_established(g);
    CHECK_INT(tern_sockets_connect(g->table, g->fd, &none, sizeof none), 0);
}

typedef struct state_case {
    const char *name;
    void (*bring)(stage *g);
    unsigned poll; /* of ALL_EVENTS */
    int receives;  /* recv(MSG_DONTWAIT): octets or a negative errno */
    int sends;     /* send(MSG_DONTWAIT) of one octet */
    int shuts;     /* shutdown(SHUT_WR) */
    int state;     /* tcpi_state */
} state_case;

enum {
    ALL_EVENTS = POLLIN | POLLOUT | POLLPRI | POLLRDHUP | POLLERR | POLLHUP,
    END = POLLIN | POLLRDHUP,
    OVER = END | POLLOUT | POLLHUP,
};

static const state_case cases[] = {
    {"new", stage_new, POLLOUT | POLLHUP, -ENOTCONN, -EPIPE, -ENOTCONN, 7},
    {"listening", stage_listening, 0, -ENOTCONN, -EPIPE, 0, 10},
    {"acceptable", stage_acceptable, POLLIN, -ENOTCONN, -EPIPE, 0, 10},
    {"connecting", stage_connecting, 0, -EAGAIN, -EAGAIN, 0, 2},
    {"refused", stage_refused, OVER | POLLERR, -ECONNREFUSED, -ECONNREFUSED, -ENOTCONN, 7},
    {"timed out", stage_timed_out, OVER | POLLERR, -ETIMEDOUT, -ETIMEDOUT, -ENOTCONN, 7},
    {"established", stage_established, POLLOUT, -EAGAIN, 1, 0, 1},
    {"text", stage_text, POLLIN | POLLOUT, 1, 1, 0, 1},
    {"urgent", stage_urgent, POLLPRI | POLLOUT, -EAGAIN, 1, 0, 1},
    {"full", stage_full, 0, -EAGAIN, -EAGAIN, 0, 1},
    {"read shut", stage_read_shut, END | POLLOUT, 0, 1, 0, 1},
    {"fin-wait-1", stage_fin_wait_1, POLLOUT, -EAGAIN, -EPIPE, 0, 4},
    {"both shut", stage_both_shut, OVER, 0, -EPIPE, 0, 4},
    {"fin-wait-2", stage_fin_wait_2, POLLOUT, -EAGAIN, -EPIPE, 0, 5},
    {"closing", stage_closing, OVER, 0, -EPIPE, 0, 11},
    {"time-wait", stage_time_wait, OVER, 0, -EPIPE, -ENOTCONN, 7},
    {"close-wait", stage_close_wait, END | POLLOUT, 0, 1, 0, 8},
    {"close-wait, text", stage_close_wait_text, END | POLLOUT, 1, 1, 0, 8},
    {"last-ack", stage_last_ack, OVER, 0, -EPIPE, 0, 9},
    {"ended", stage_ended, OVER, 0, -EPIPE, -ENOTCONN, 7},
    {"reset", stage_reset, OVER | POLLERR, -ECONNRESET, -ECONNRESET, -ENOTCONN, 7},
    {"disconnected", stage_disconnected, POLLOUT | POLLHUP | POLLERR, -ECONNRESET, -ECONNRESET,
     -ENOTCONN, 7},
};

#define CASES (sizeof cases / sizeof cases[0])

#define EXPECT(case_, got, want)                                                                   \
    do {                                                                                           \
        int got_ = (int)(got), want_ = (int)(want);                                                \
        if (got_ != want_)                                                                         \
            test_fail(__FILE__, __LINE__, "%s: %s: got %d (%#x), want %d (%#x)", (case_)->name,    \
                      #got, got_, (unsigned)got_, want_, (unsigned)want_);                         \
    } while (0)

static void stage_begin(stage *g, const state_case *c)
{
    *g = (stage){.fd = -1};
    duo_begin(&g->f);
    c->bring(g);
}

static int stage_receive(stage *g)
{
    char text[8];
    struct msghdr m = {.msg_iov = &(struct iovec){text, sizeof text}, .msg_iovlen = 1};

    return (int)tern_sockets_recvmsg(g->table, g->fd, &m, MSG_DONTWAIT);
}

static int stage_send(stage *g)
{
    struct msghdr m = {.msg_iov = &(struct iovec){"x", 1}, .msg_iovlen = 1};

    return (int)tern_sockets_sendmsg(g->table, g->fd, &m, MSG_DONTWAIT);
}

TEST(poll_in_each_state)
{
    for (size_t i = 0; i < CASES; i++) {
        stage g;
        stage_begin(&g, &cases[i]);
        struct pollfd p = {g.fd, ALL_EVENTS, 0};
        EXPECT(&cases[i], tern_sockets_poll(g.table, &p, 1, 0), cases[i].poll != 0);
        EXPECT(&cases[i], p.revents, cases[i].poll);
        p.events = 0; /* errors and hang-ups are told unasked */
        (void)tern_sockets_poll(g.table, &p, 1, 0);
        EXPECT(&cases[i], p.revents, cases[i].poll & (POLLERR | POLLHUP));
        duo_end(&g.f);
    }
}

TEST(epoll_in_each_state_is_as_poll)
{
    for (size_t i = 0; i < CASES; i++) {
        stage g;
        stage_begin(&g, &cases[i]);
        struct epoll_event e = {.events = ALL_EVENTS}, got = {.events = 0};
        int set = tern_sockets_epoll_create(g.table, 0);
        EXPECT(&cases[i], tern_sockets_epoll_ctl(g.table, set, EPOLL_CTL_ADD, g.fd, &e), 0);
        EXPECT(&cases[i], tern_sockets_epoll_wait(g.table, set, &got, 1, 0), cases[i].poll != 0);
        EXPECT(&cases[i], got.events, cases[i].poll);
        duo_end(&g.f);
    }
}

TEST(select_in_each_state)
{
    for (size_t i = 0; i < CASES; i++) {
        stage g;
        fd_set sets[3], *chosen[3] = {&sets[0], &sets[1], &sets[2]};
        struct timeval at_once = {0, 0};
        unsigned poll = cases[i].poll;
        int ready[3] = {(poll & (POLLIN | POLLHUP | POLLERR)) != 0,
                        (poll & (POLLOUT | POLLERR)) != 0, (poll & POLLPRI) != 0};
        stage_begin(&g, &cases[i]);
        for (int k = 0; k < 3; k++) {
            FD_ZERO(&sets[k]);
            FD_SET(g.fd, &sets[k]);
        }
        EXPECT(&cases[i], tern_sockets_select(g.table, g.fd + 1, chosen, &at_once),
               ready[0] + ready[1] + ready[2]);
        for (int k = 0; k < 3; k++)
            EXPECT(&cases[i], FD_ISSET(g.fd, &sets[k]) != 0, ready[k]);
        duo_end(&g.f);
    }
}

TEST(receive_in_each_state)
{
    for (size_t i = 0; i < CASES; i++) {
        stage g;
        stage_begin(&g, &cases[i]);
        EXPECT(&cases[i], stage_receive(&g), cases[i].receives);
        duo_end(&g.f);
    }
}

TEST(send_in_each_state)
{
    for (size_t i = 0; i < CASES; i++) {
        stage g;
        stage_begin(&g, &cases[i]);
        EXPECT(&cases[i], stage_send(&g), cases[i].sends);
        duo_end(&g.f);
    }
}

TEST(shutdown_in_each_state)
{
    for (size_t i = 0; i < CASES; i++) {
        stage g;
        stage_begin(&g, &cases[i]);
        EXPECT(&cases[i], tern_sockets_shutdown(g.table, g.fd, SHUT_WR), cases[i].shuts);
        EXPECT(&cases[i], tern_sockets_shutdown(g.table, g.fd, 3), -EINVAL);
        duo_end(&g.f);
    }
}

TEST(tcp_info_in_each_state)
{
    for (size_t i = 0; i < CASES; i++) {
        stage g;
        struct tcp_info info = {0};
        tern_sockets_option option = {IPPROTO_TCP, TCP_INFO, &info, sizeof info};
        stage_begin(&g, &cases[i]);
        EXPECT(&cases[i], tern_sockets_getsockopt(g.table, g.fd, &option), 0);
        EXPECT(&cases[i], info.tcpi_state, cases[i].state);
        duo_end(&g.f);
    }
}

/* The error is told once, by whichever call is first; then the socket is as one that has ended. */
TEST(error_of_each_state_is_told_once)
{
    for (size_t i = 0; i < CASES; i++) {
        stage g;
        int error = -1;
        tern_sockets_option option = {SOL_SOCKET, SO_ERROR, &error, sizeof error};
        if ((cases[i].poll & POLLERR) == 0)
            continue;
        stage_begin(&g, &cases[i]);
        EXPECT(&cases[i], tern_sockets_getsockopt(g.table, g.fd, &option), 0);
        EXPECT(&cases[i], error, -cases[i].receives);
        EXPECT(&cases[i], tern_sockets_getsockopt(g.table, g.fd, &option), 0);
        EXPECT(&cases[i], error, 0);
        struct pollfd p = {g.fd, ALL_EVENTS, 0};
        EXPECT(&cases[i], tern_sockets_poll(g.table, &p, 1, 0), 1);
        EXPECT(&cases[i], p.revents, cases[i].poll & ~(unsigned)POLLERR);
        EXPECT(&cases[i], stage_send(&g), -EPIPE);
        EXPECT(&cases[i], stage_receive(&g), cases[i].bring == stage_disconnected ? -ENOTCONN : 0);
        duo_end(&g.f);
    }
}

TEST(blocked_calls_in_each_state_wait_only_where_they_must)
{
    for (size_t i = 0; i < CASES; i++) {
        stage g;
        struct timeval second = {1, 0};
        char text[8];
        tern_sockets_option option = {SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second};
        stage_begin(&g, &cases[i]);
        EXPECT(&cases[i], tern_sockets_setsockopt(g.table, g.fd, &option), 0);
        EXPECT(&cases[i], tern_sockets_fcntl(g.table, g.fd, 4, 0), 0);
        bool waits = cases[i].receives == -EAGAIN && cases[i].bring != stage_connecting;
        tern_time before_us = world_now(g.f.w);
        ssize_t got = tern_sockets_read(g.table, g.fd, text, sizeof text);
        if (cases[i].bring == stage_connecting) /* what it waits for comes: the refusal */
            EXPECT(&cases[i], got, -ECONNREFUSED);
        else
            EXPECT(&cases[i], got, cases[i].receives);
        EXPECT(&cases[i], world_now(g.f.w) - before_us >= 1000000, waits);
        duo_end(&g.f);
    }
}

TEST(accept_gives_a_connection_that_was_reset_meanwhile)
{
    duo f;
    struct linger abort = {1, 0};
    tern_sockets_option option = {SOL_SOCKET, SO_LINGER, &abort, sizeof abort};
    char octet;

    duo_begin(&f);
    tern_sockets *server = f.table[END_SERVER], *client = f.table[END_CLIENT];
    int listener = duo_listener(&f, AF_INET, SOCK_STREAM);
    int fd = duo_client(&f, AF_INET);
    CHECK_INT(tern_sockets_setsockopt(client, fd, &option), 0);
    CHECK_INT(tern_sockets_close(client, fd), 0);
    duo_pass(&f, 100000);
    struct pollfd p = {listener, POLLIN, 0};
    CHECK_INT(tern_sockets_poll(server, &p, 1, 0), 1);
    int accepted = tern_sockets_accept4(server, listener, NULL, NULL, 0);
    CHECK(accepted >= 3);
    CHECK_INT(tern_sockets_read(server, accepted, &octet, 1), -ECONNRESET);
    CHECK_INT(tern_sockets_read(server, accepted, &octet, 1), 0);
    duo_end(&f);
}

TEST(accept_without_a_free_descriptor_loses_no_connection)
{
    duo f;
    int fd, taken = 0;

    duo_begin(&f);
    tern_sockets *server = f.table[END_SERVER];
    int listener = duo_listener(&f, AF_INET, SOCK_STREAM);
    (void)duo_client(&f, AF_INET);
    while ((fd = tern_sockets_socket(server, AF_INET, SOCK_STREAM, 0)) >= 0)
        taken = fd;
    CHECK_INT(tern_sockets_accept4(server, listener, NULL, NULL, 0), -EMFILE);
    CHECK_INT(tern_sockets_close(server, taken), 0);
    CHECK_INT(tern_sockets_accept4(server, listener, NULL, NULL, 0), taken);
    duo_end(&f);
}
