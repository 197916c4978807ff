/* transfer_test.c - reading, writing, closing, and what poll and epoll say meanwhile. */
#define _GNU_SOURCE
#include "tests/test.h"
#include "tests/unit/socket/sockets_fixture.h"

#include <errno.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <sys/ioctl.h>

typedef struct pair {
    duo f;
    tern_sockets *client, *server;
    int c, s;
} pair;

static void pair_begin(pair *p)
{
    duo_begin(&p->f);
    p->client = p->f.table[END_CLIENT];
    p->server = p->f.table[END_SERVER];
    p->c = duo_connection(&p->f, &p->s);
}

static short pair_poll(tern_sockets *table, int fd)
{
    struct pollfd p = {fd, POLLIN | POLLOUT | POLLRDHUP, 0};
    CHECK(tern_sockets_poll(table, &p, 1, 0) >= 0);
    return p.revents;
}

TEST(read_blocks_until_something_is_there)
{
    pair p;
    char text[16] = "";
    pair_begin(&p);
    CHECK_INT(tern_sockets_write(p.client, p.c, "hello", 5), 5);
    CHECK_EQ(pair_poll(p.server, p.s), POLLOUT);
    CHECK_INT(tern_sockets_read(p.server, p.s, text, sizeof text), 5);
    CHECK_STR(text, "hello");
    struct msghdr m = {.msg_iov = &(struct iovec){text, sizeof text}, .msg_iovlen = 1};
    CHECK_INT(tern_sockets_recvmsg(p.server, p.s, &m, MSG_DONTWAIT), -EAGAIN);
    duo_end(&p.f);
}

TEST(peek_leaves_the_text_and_waitall_waits_for_all)
{
    pair p;
    char text[16] = "";
    pair_begin(&p);
    struct msghdr m = {.msg_iov = &(struct iovec){text, 8}, .msg_iovlen = 1};
    CHECK_INT(tern_sockets_write(p.client, p.c, "abcd", 4), 4);
    CHECK_INT(tern_sockets_recvmsg(p.server, p.s, &m, MSG_PEEK), 4);
    int waiting = -1;
    CHECK_INT(tern_sockets_ioctl(p.server, p.s, FIONREAD, &waiting), 0);
    CHECK_EQ(waiting, 4);
    CHECK_INT(tern_sockets_write(p.client, p.c, "efgh", 4), 4);
    CHECK_INT(tern_sockets_recvmsg(p.server, p.s, &m, MSG_WAITALL), 8);
    CHECK_STR(text, "abcdefgh");
    duo_end(&p.f);
}

TEST(write_blocks_while_the_buffer_is_full)
{
    pair p;
    static char text[90000], back[90000];
    size_t got = 0;
    pair_begin(&p);
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i % 251);
    CHECK_INT(tern_sockets_fcntl(p.client, p.c, 4 /* F_SETFL */, 04000 /* O_NONBLOCK */), 0);
    ssize_t first = tern_sockets_write(p.client, p.c, text, sizeof text);
    CHECK(first > 0 && first <= 30000);
    CHECK_INT(tern_sockets_write(p.client, p.c, text, 1), -EAGAIN);
    CHECK_EQ(pair_poll(p.client, p.c), 0);
    CHECK_INT(tern_sockets_fcntl(p.client, p.c, 4, 0), 0);
    size_t sent = (size_t)first;
    while (got < sizeof text) { /* both ends in one program: neither waits for the other */
        if (sent < sizeof text && (pair_poll(p.client, p.c) & POLLOUT) != 0) {
            size_t left = sizeof text - sent;
            sent += (size_t)tern_sockets_write(p.client, p.c, text + sent,
                                               left < 4000 ? left : 4000);
        }
        ssize_t n = tern_sockets_read(p.server, p.s, back + got, sizeof back - got);
        CHECK(n > 0);
        got += (size_t)n;
    }
    CHECK(memcmp(text, back, sizeof text) == 0);
    duo_end(&p.f);
}

TEST(shutdown_for_writing_is_the_end_for_the_peer_and_epipe_here)
{
    pair p;
    char text[8];
    pair_begin(&p);
    CHECK_INT(tern_sockets_shutdown(p.client, p.c, SHUT_WR), 0);
    CHECK_INT(tern_sockets_write(p.client, p.c, "x", 1), -EPIPE);
    CHECK_INT(tern_sockets_read(p.server, p.s, text, sizeof text), 0);
    CHECK_EQ(pair_poll(p.server, p.s), POLLIN | POLLOUT | POLLRDHUP);
    CHECK_INT(tern_sockets_write(p.server, p.s, "bye", 3), 3);
    CHECK_INT(tern_sockets_read(p.client, p.c, text, sizeof text), 3);
    CHECK_INT(tern_sockets_close(p.server, p.s), 0);
    CHECK_INT(tern_sockets_read(p.client, p.c, text, sizeof text), 0);
    CHECK_EQ(pair_poll(p.client, p.c), POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
    duo_end(&p.f);
}

TEST(recv_and_send_have_flags)
{
    pair p;
    char text[8];
    pair_begin(&p);
    CHECK_INT(tern_sockets_send(p.client, p.c, "abc", 3, 0), 3);
    CHECK_INT(tern_sockets_send(p.client, p.c, "de", 2, MSG_DONTWAIT), 2);
    CHECK_INT(tern_sockets_recv(p.server, p.s, text, 2, MSG_PEEK), 2);
    CHECK_INT(tern_sockets_recv(p.server, p.s, text, 5, MSG_WAITALL), 5);
    CHECK(memcmp(text, "abcde", 5) == 0);
    CHECK_INT(tern_sockets_recv(p.server, p.s, text, sizeof text, MSG_DONTWAIT), -EAGAIN);
    CHECK_INT(tern_sockets_recv(p.server, 99, text, sizeof text, 0), -EBADF);
    CHECK_INT(tern_sockets_send(p.client, 99, "x", 1, 0), -EBADF);
    duo_end(&p.f);
}

TEST(reset_is_told_once_then_the_end_and_epipe)
{
    pair p;
    char text[8];
    pair_begin(&p);
    struct linger abort = {1, 0};
    tern_sockets_option option = {SOL_SOCKET, SO_LINGER, &abort, sizeof abort};
    CHECK_INT(tern_sockets_setsockopt(p.server, p.s, &option), 0);
    CHECK_INT(tern_sockets_close(p.server, p.s), 0);
    CHECK_INT(tern_sockets_read(p.client, p.c, text, sizeof text), -ECONNRESET);
    CHECK_INT(tern_sockets_read(p.client, p.c, text, sizeof text), 0);
    CHECK_INT(tern_sockets_write(p.client, p.c, "x", 1), -EPIPE);
    CHECK_INT(tern_sockets_shutdown(p.client, p.c, SHUT_WR), -ENOTCONN);
    duo_end(&p.f);
}

TEST(linger_waits_for_the_acknowledgment_of_the_fin)
{
    pair p;
    pair_begin(&p);
    tern_time before_us = world_now(p.f.w);
    struct linger ten = {1, 10};
    tern_sockets_option option = {SOL_SOCKET, SO_LINGER, &ten, sizeof ten};
    CHECK_INT(tern_sockets_setsockopt(p.client, p.c, &option), 0);
    CHECK_INT(tern_sockets_close(p.client, p.c), 0);
    CHECK(world_now(p.f.w) >= before_us + 10000);
    CHECK(world_now(p.f.w) < before_us + 1000000);
    duo_end(&p.f);
}

TEST(close_with_text_that_nobody_has_read_resets)
{
    pair p;
    char text[8];
    pair_begin(&p);
    CHECK_INT(tern_sockets_write(p.client, p.c, "x", 1), 1);
    duo_pass(&p.f, 100000);
    CHECK_INT(tern_sockets_close(p.server, p.s), 0);
    CHECK_INT(tern_sockets_read(p.client, p.c, text, sizeof text), -ECONNRESET);
    duo_end(&p.f);
}

TEST(text_that_came_before_a_reset)
{
    pair p;
    char text[8];
    pair_begin(&p);
    struct linger abort = {1, 0};
    tern_sockets_option option = {SOL_SOCKET, SO_LINGER, &abort, sizeof abort};
    CHECK_INT(tern_sockets_write(p.client, p.c, "x", 1), 1);
    duo_pass(&p.f, 100000);
    CHECK_INT(tern_sockets_setsockopt(p.client, p.c, &option), 0);
    CHECK_INT(tern_sockets_close(p.client, p.c), 0);
    duo_pass(&p.f, 100000);
    CHECK_INT(tern_sockets_read(p.server, p.s, text, sizeof text), 1);
    CHECK_INT(tern_sockets_read(p.server, p.s, text, sizeof text), -ECONNRESET);
    duo_end(&p.f);
}

TEST(two_parts_are_filled_and_sent_in_order)
{
    pair p;
    char first[3] = "", second[8] = "";
    pair_begin(&p);
    struct iovec out[] = {{"abc", 3}, {"", 0}, {"defg", 4}}, in[] = {{first, 2}, {second, 7}};
    CHECK_INT(tern_sockets_writev(p.client, p.c, out, 3), 7);
    duo_pass(&p.f, 100000);
    CHECK_INT(tern_sockets_readv(p.server, p.s, in, 2), 7);
    CHECK_STR(first, "ab");
    CHECK_STR(second, "cdefg");
    CHECK_INT(tern_sockets_readv(p.server, p.s, in, -1), -EINVAL);
    CHECK_INT(tern_sockets_writev(p.client, p.c, out, 1025), -EMSGSIZE);
    CHECK_INT(tern_sockets_read(p.server, 99, first, 1), -EBADF);
    duo_end(&p.f);
}

TEST(truncated_text_is_counted_and_gone)
{
    pair p;
    char text[8] = "";
    pair_begin(&p);
    struct msghdr m = {.msg_iov = &(struct iovec){text, 3}, .msg_iovlen = 1};
    m.msg_name = text;
    m.msg_namelen = sizeof text;
    CHECK_INT(tern_sockets_write(p.client, p.c, "abcdef", 6), 6);
    CHECK_INT(tern_sockets_recvmsg(p.server, p.s, &m, MSG_TRUNC), 3);
    CHECK_EQ(text[0], 0); /* not written */
    CHECK_EQ(m.msg_namelen, 0);
    CHECK_INT(tern_sockets_read(p.server, p.s, text, sizeof text), 3);
    CHECK_STR(text, "def");
    CHECK_INT(tern_sockets_recvmsg(p.server, p.s, &m, MSG_ERRQUEUE), -EAGAIN);
    duo_end(&p.f);
}

TEST(timeouts_end_a_wait_for_text_and_for_room)
{
    pair p;
    static char text[90000];
    pair_begin(&p);
    struct timeval half = {0, 500000};
    for (int i = 0; i < 2; i++) {
        tern_sockets_option option = {SOL_SOCKET, i == 0 ? SO_RCVTIMEO : SO_SNDTIMEO, &half,
                                      sizeof half};
        CHECK_INT(tern_sockets_setsockopt(p.client, p.c, &option), 0);
        tern_time before_us = world_now(p.f.w);
        ssize_t n = i == 0 ? tern_sockets_read(p.client, p.c, text, 1)
                           : tern_sockets_write(p.client, p.c, text, sizeof text);
        CHECK(i == 0 ? n == -EAGAIN : n > 0 && n < (ssize_t)sizeof text);
        CHECK(world_now(p.f.w) - before_us >= 500000);
    }
    ssize_t more = 1;
    for (int i = 0; i < 4 && more > 0; i++) /* what the last ACKs have made room for */
        more = tern_sockets_write(p.client, p.c, text, sizeof text);
    CHECK_INT(more, -EAGAIN);
    p.f.interrupted = true;
    CHECK_INT(tern_sockets_read(p.client, p.c, text, 1), -EINTR);
    duo_end(&p.f);
}

TEST(urgent_octet_is_out_of_band_unless_it_is_wanted_in_line)
{
    pair p;
    char text[16] = "", octet = 0;
    pair_begin(&p);
    struct msghdr send = {.msg_iov = &(struct iovec){"abcX", 4}, .msg_iovlen = 1};
    struct msghdr oob = {.msg_iov = &(struct iovec){&octet, 1}, .msg_iovlen = 1};
    CHECK_INT(tern_sockets_recvmsg(p.server, p.s, &oob, MSG_OOB), -EINVAL);
    CHECK_INT(tern_sockets_sendmsg(p.client, p.c, &send, MSG_OOB), 4);
    duo_pass(&p.f, 100000);
    struct pollfd fd = {p.s, POLLPRI, 0};
    CHECK_INT(tern_sockets_poll(p.server, &fd, 1, 0), 1);
    CHECK_INT(tern_sockets_recvmsg(p.server, p.s, &oob, MSG_OOB | MSG_PEEK), 1);
    CHECK_EQ(octet, 'X');
    CHECK_INT(tern_sockets_write(p.client, p.c, "def", 3), 3);
    duo_pass(&p.f, 100000);
    CHECK_INT(tern_sockets_read(p.server, p.s, text, sizeof text), 3); /* to the mark */
    CHECK_INT(tern_sockets_read(p.server, p.s, text + 3, sizeof text - 3), 3);
    CHECK_STR(text, "abcdef");
    CHECK_INT(tern_sockets_recvmsg(p.server, p.s, &oob, MSG_OOB), 1);
    CHECK_INT(tern_sockets_recvmsg(p.server, p.s, &oob, MSG_OOB), -EINVAL);
    int on = 1;
    tern_sockets_option in_line = {SOL_SOCKET, SO_OOBINLINE, &on, sizeof on};
    CHECK_INT(tern_sockets_setsockopt(p.server, p.s, &in_line), 0);
    CHECK_INT(tern_sockets_sendmsg(p.client, p.c, &send, MSG_OOB), 4);
    duo_pass(&p.f, 100000);
    CHECK_INT(tern_sockets_read(p.server, p.s, text, sizeof text), 4);
    duo_end(&p.f);
}

TEST(peek_and_fionread_know_where_the_urgent_octet_is)
{
    pair p;
    char text[8] = "";
    int n = -1;
    pair_begin(&p);
    struct msghdr urgent = {.msg_iov = &(struct iovec){"aX", 2}, .msg_iovlen = 1};
    struct msghdr peek = {.msg_iov = &(struct iovec){text, sizeof text}, .msg_iovlen = 1};
    CHECK_INT(tern_sockets_sendmsg(p.client, p.c, &urgent, MSG_OOB), 2);
    duo_pass(&p.f, 100000);
    CHECK_INT(tern_sockets_write(p.client, p.c, "bc", 2), 2);
    duo_pass(&p.f, 100000);
    CHECK_INT(tern_sockets_ioctl(p.server, p.s, FIONREAD, &n), 0);
    CHECK_EQ(n, 1);
    CHECK_INT(tern_sockets_ioctl(p.server, p.s, SIOCATMARK, &n), 0);
    CHECK_EQ(n, 0);
    CHECK_INT(tern_sockets_recvmsg(p.server, p.s, &peek, MSG_PEEK), 1);
    CHECK_INT(tern_sockets_read(p.server, p.s, text, sizeof text), 1);
    CHECK_INT(tern_sockets_ioctl(p.server, p.s, SIOCATMARK, &n), 0);
    CHECK_EQ(n, 1);
    CHECK_INT(tern_sockets_recvmsg(p.server, p.s, &peek, MSG_PEEK), 2); /* past the octet */
    CHECK_INT(tern_sockets_read(p.server, p.s, text, sizeof text), 2);
    CHECK_STR(text, "bc");
    duo_end(&p.f);
}

TEST(epoll_level_reports_again_and_edge_once)
{
    pair p;
    char text[8];
    struct epoll_event out[4];
    pair_begin(&p);
    int level = tern_sockets_epoll_create(p.server, 0),
        edge = tern_sockets_epoll_create(p.server, 0);
    struct epoll_event in = {.events = EPOLLIN, .data.u64 = 7};
    CHECK_INT(tern_sockets_epoll_ctl(p.server, level, EPOLL_CTL_ADD, p.s, &in), 0);
    CHECK_INT(tern_sockets_epoll_ctl(p.server, level, EPOLL_CTL_ADD, p.s, &in), -EEXIST);
    in.events |= EPOLLET;
    CHECK_INT(tern_sockets_epoll_ctl(p.server, edge, EPOLL_CTL_ADD, p.s, &in), 0);
    CHECK_INT(tern_sockets_epoll_wait(p.server, level, out, 4, 0), 0);
    CHECK_INT(tern_sockets_write(p.client, p.c, "abcd", 4), 4);
    CHECK_INT(tern_sockets_epoll_wait(p.server, level, out, 4, -1), 1);
    CHECK_EQ(out[0].events, EPOLLIN);
    CHECK_EQ(out[0].data.u64, 7);
    CHECK_INT(tern_sockets_epoll_wait(p.server, level, out, 4, 0), 1);
    CHECK_INT(tern_sockets_epoll_wait(p.server, edge, out, 4, 0), 1);
    CHECK_INT(tern_sockets_epoll_wait(p.server, edge, out, 4, 0), 0);
    CHECK_INT(tern_sockets_write(p.client, p.c, "e", 1), 1);
    duo_pass(&p.f, 100000); /* Nagle: after the ACK */
    CHECK_INT(tern_sockets_epoll_wait(p.server, edge, out, 4, 0), 1);
    CHECK_INT(tern_sockets_read(p.server, p.s, text, sizeof text), 5);
    CHECK_INT(tern_sockets_epoll_wait(p.server, level, out, 4, 0), 0);
    CHECK_INT(tern_sockets_close(p.server, p.s), 0);
    CHECK_INT(tern_sockets_epoll_ctl(p.server, level, EPOLL_CTL_DEL, p.s, NULL), -EBADF);
    duo_end(&p.f);
}

TEST(tcp_info_and_queues_say_what_the_connection_is)
{
    pair p;
    pair_begin(&p);
    struct tcp_info info = {0};
    tern_sockets_option option = {IPPROTO_TCP, TCP_INFO, &info, sizeof info};
    CHECK_INT(tern_sockets_getsockopt(p.client, p.c, &option), 0);
    CHECK_EQ(info.tcpi_state, 1);
    CHECK_EQ(info.tcpi_snd_cwnd, 10);
    CHECK_EQ(info.tcpi_rtt, 10000);
    CHECK_INT(tern_sockets_write(p.client, p.c, "abc", 3), 3);
    int queued = -1;
    CHECK_INT(tern_sockets_ioctl(p.client, p.c, SIOCOUTQ, &queued), 0);
    CHECK_EQ(queued, 3);
    int buffer = 5000;
    tern_sockets_option room = {SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer};
    CHECK_INT(tern_sockets_setsockopt(p.client, p.c, &room), 0);
    CHECK_INT(tern_sockets_getsockopt(p.client, p.c, &room), 0);
    CHECK_EQ(buffer, 10000);
    duo_end(&p.f);
}
