/* info_test.c - TCP_INFO: what each field says after things that have happened. */
#define _GNU_SOURCE
#include "tests/test.h"
#include "tests/unit/socket/sockets_fixture.h"

#include <linux/tcp.h>

enum { STAMPS_BYTES = 12 };

static struct tcp_info info_of(tern_sockets *s, int fd)
{
    struct tcp_info info;
    tern_sockets_option option = {IPPROTO_TCP, TCP_INFO, &info, sizeof info};

    memset(&info, 0xee, sizeof info);
    CHECK_INT(tern_sockets_getsockopt(s, fd, &option), 0);
    CHECK_EQ(option.bytes, sizeof info);
    return info;
}

TEST(info_of_a_new_socket_is_what_a_connection_would_begin_with)
{
    duo f;

    duo_begin(&f);
    tern_sockets *s = f.table[END_CLIENT];
    struct tcp_info i = info_of(s, tern_sockets_socket(s, AF_INET, SOCK_STREAM, 0));
    CHECK_EQ(i.tcpi_rto, 1000000);
    CHECK_EQ(i.tcpi_snd_mss, 536);
    CHECK_EQ(i.tcpi_snd_cwnd, 10);
    CHECK_EQ(i.tcpi_snd_ssthresh, INT32_MAX);
    CHECK_EQ(i.tcpi_reordering, 3);
    CHECK_EQ(i.tcpi_total_retrans + i.tcpi_segs_out, 0);
    duo_end(&f);
}

TEST(info_of_a_listener_is_its_queue)
{
    duo f;

    duo_begin(&f);
    int listener = duo_listener(&f, AF_INET, SOCK_STREAM);
    for (int n = 0; n < 3; n++)
        (void)duo_client(&f, AF_INET);
    duo_pass(&f, 100000);
    struct tcp_info i = info_of(f.table[END_SERVER], listener);
    CHECK_EQ(i.tcpi_unacked, 3);
    CHECK_EQ(i.tcpi_sacked, 7); /* backlog */
    duo_end(&f);
}

TEST(info_is_cut_to_the_room_there_is)
{
    duo f;
    uint8_t some[9];

    memset(some, 0xee, sizeof some);
    duo_begin(&f);
    tern_sockets *s = f.table[END_CLIENT];
    int fd = tern_sockets_socket(s, AF_INET, SOCK_STREAM, 0);
    tern_sockets_option option = {IPPROTO_TCP, TCP_INFO, some, 8};
    CHECK_INT(tern_sockets_getsockopt(s, fd, &option), 0);
    CHECK_EQ(option.bytes, 8);
    CHECK_EQ(some[0], 7);
    CHECK_EQ(some[8], 0xee);
    duo_end(&f);
}

TEST(info_counts_what_was_sent_and_received)
{
    duo f;
    int accepted;
    static char text[10000];

    duo_begin(&f);
    tern_sockets *client = f.table[END_CLIENT], *server = f.table[END_SERVER];
    int fd = duo_connection(&f, &accepted);
    struct tcp_info before = info_of(client, fd);
    uint32_t stamps = (before.tcpi_options & TCPI_OPT_TIMESTAMPS) != 0 ? STAMPS_BYTES : 0;
    CHECK_EQ(before.tcpi_pmtu, 1500);
    CHECK_EQ(before.tcpi_snd_mss, 1460 - stamps);
    CHECK_EQ(before.tcpi_advmss, 1460 - stamps);
    CHECK_EQ(before.tcpi_delivered, 1); /* the SYN */
    CHECK_EQ(before.tcpi_snd_wnd, 30000);
    CHECK_EQ(before.tcpi_rcv_space, 30000);
    CHECK_INT(tern_sockets_write(client, fd, text, sizeof text), sizeof text);
    struct tcp_info i = info_of(client, fd);
    CHECK_EQ(i.tcpi_unacked, 0); /* nothing has gone out yet: the host sends */
    CHECK_EQ(i.tcpi_notsent_bytes, sizeof text);
    duo_pass(&f, 6000);
    i = info_of(client, fd);
    CHECK_EQ(i.tcpi_unacked, 6); /* segments; Nagle holds back the seventh */
    CHECK_EQ(i.tcpi_notsent_bytes, sizeof text - 6 * i.tcpi_snd_mss);
    duo_pass(&f, 1000000);
    i = info_of(client, fd);
    CHECK_EQ(i.tcpi_unacked, 0);
    CHECK_EQ(i.tcpi_bytes_acked, sizeof text);
    CHECK_EQ(i.tcpi_delivered, 8);
    CHECK(i.tcpi_rtt >= 10000 && i.tcpi_rtt < 50000); /* an ACK was delayed */
    CHECK_EQ(i.tcpi_ca_state, TCP_CA_Open);
    CHECK_EQ(i.tcpi_lost + i.tcpi_retrans + i.tcpi_retransmits + i.tcpi_probes, 0);
    i = info_of(server, accepted);
    CHECK_EQ(i.tcpi_bytes_received, sizeof text);
    CHECK_EQ(i.tcpi_segs_in, 8); /* the ACK of its SYN, and seven */
    CHECK_EQ(i.tcpi_pacing_rate, UINT64_MAX);
    duo_end(&f);
}

TEST(info_of_what_is_lost)
{
    duo f;
    int accepted;
    static char text[10000];

    duo_begin(&f);
    tern_sockets *client = f.table[END_CLIENT];
    int fd = duo_connection(&f, &accepted);
    duo_cut(&f);
    CHECK_INT(tern_sockets_write(client, fd, text, sizeof text), sizeof text);
    duo_pass(&f, 4000000); /* timeouts after 1 s, and 2 s more */
    struct tcp_info i = info_of(client, fd);
    CHECK_EQ(i.tcpi_ca_state, TCP_CA_Loss);
    CHECK_EQ(i.tcpi_retransmits, 2);
    CHECK_EQ(i.tcpi_backoff, 2);
    CHECK_EQ(i.tcpi_total_retrans, 2);
    CHECK_EQ(i.tcpi_snd_cwnd, 1);
    CHECK_EQ(i.tcpi_unacked, 6);
    CHECK_EQ(i.tcpi_lost, 6);
    CHECK_EQ(i.tcpi_retrans, 1);
    CHECK_EQ(i.tcpi_rto, 4000000);
    duo_end(&f);
}

TEST(info_of_a_closed_window_counts_probes)
{
    duo f;
    int accepted;
    static char text[60000];

    duo_begin(&f);
    tern_sockets *client = f.table[END_CLIENT];
    int fd = duo_connection(&f, &accepted);
    CHECK_INT(tern_sockets_fcntl(client, fd, 4 /* F_SETFL */, 04000 /* O_NONBLOCK */), 0);
    while (tern_sockets_write(client, fd, text, sizeof text) > 0)
        duo_pass(&f, 1000000);
    duo_cut(&f);
    duo_pass(&f, 4000000);
    struct tcp_info i = info_of(client, fd);
    CHECK_EQ(i.tcpi_snd_wnd, 0);
    CHECK(i.tcpi_probes > 0);
    CHECK(i.tcpi_notsent_bytes > 0);
    duo_end(&f);
}
