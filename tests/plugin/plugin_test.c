/* plugin_test.c - a small packetdrill of our own drives libtern_packetdrill.so: what Google's does
 * with it, without Google's source. */
#define _GNU_SOURCE
#include "tests/plugin/plugin_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#define FLAGS "profile=linux,mtu=1500,local=192.168.0.1"

/* Times that the script counts may be off by the looks at the clock in between. */
enum { LOOKS_US = 100 };

static plugin_fixture f;

static ssize_t make_accept(plugin_fixture *p, int fd)
{
    return p->ifc.accept(p->ifc.userdata, fd, NULL, NULL);
}

static ssize_t make_connect(plugin_fixture *p, int fd)
{
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(PEER_PORT)};

    peer.sin_addr.s_addr = htonl(0xc0000201);
    return p->ifc.connect(p->ifc.userdata, fd, (struct sockaddr *)&peer, sizeof peer);
}

static ssize_t make_read(plugin_fixture *p, int fd)
{
    char data[2000];

    return p->ifc.read(p->ifc.userdata, fd, data, sizeof data);
}

static ssize_t make_poll(plugin_fixture *p, int fd)
{
    struct pollfd asked = {.fd = fd, .events = POLLIN};

    return p->ifc.poll(p->ifc.userdata, &asked, 1, 100);
}

TEST(every_slot_is_filled)
{
    void *slots[sizeof f.ifc / sizeof(void *)];

    plugin_begin(&f, NULL);
    memcpy(slots, &f.ifc, sizeof slots);
    for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++)
        CHECK(slots[i] != NULL);
    plugin_end(&f);
}

TEST(wrong_flags_end_the_program_with_a_line)
{
    char said[512] = "";
    int ends[2], status;

    CHECK_EQ(pipe(ends), 0);
    (void)fflush(NULL);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        (void)dup2(ends[1], STDERR_FILENO);
        plugin_begin(&f, "profile=linux,colour=red");
        _exit(0);
    }
    (void)close(ends[1]);
    ssize_t bytes = read(ends[0], said, sizeof said - 1);
    (void)close(ends[0]);
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK(WIFEXITED(status));
    CHECK_EQ(WEXITSTATUS(status), 1);
    CHECK(bytes > 0);
    CHECK(strstr(said, "--so_flags: 'colour': expected") != NULL);
}

TEST(the_clock_ticks_with_each_look)
{
    plugin_begin(&f, FLAGS);
    int64_t first_us = plugin_now_us(&f), second_us = plugin_now_us(&f);
    CHECK(second_us > first_us);
    CHECK_EQ(f.ifc.usleep(f.ifc.userdata, 250000), 0);
    CHECK(plugin_now_us(&f) - second_us >= 250000);
    CHECK(plugin_now_us(&f) - second_us <= 250000 + LOOKS_US);
    plugin_end(&f);
}

TEST(a_blocking_accept_returns_at_the_instant_of_the_ack)
{
    plugin_call call = {.fixture = &f, .make = make_accept};
    datagram_view v;

    plugin_begin(&f, FLAGS);
    call.fd = plugin_listener(&f);
    plugin_call_begin(&call);
    plugin_send(&f, 0, 0, SYN, 0);
    CHECK(plugin_receive(&f, &v, NULL));
    CHECK_EQ(v.flags, SYN | ACK);
    CHECK_EQ(v.ack, 1);
    int64_t answered_us = plugin_now_us(&f);
    (void)f.ifc.usleep(f.ifc.userdata, 10000);
    plugin_send(&f, 1, v.seq + 1, ACK, 0);
    (void)f.ifc.usleep(f.ifc.userdata, 50000);
    plugin_call_end(&call);
    CHECK(call.result >= 0);
    CHECK(call.returned_us - answered_us >= 10000);
    CHECK(call.returned_us - answered_us <= 10000 + LOOKS_US);
    CHECK_EQ(f.ifc.close(f.ifc.userdata, (int)call.result), 0);
    plugin_end(&f);
}

static atomic_bool noted;

/* Ten milliseconds of work. */
static void note(void)
{
    struct timespec begun, now;

    (void)clock_gettime(CLOCK_MONOTONIC, &begun);
    do
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - begun.tv_sec) * 1000000000 + now.tv_nsec - begun.tv_nsec < 10000000);
    atomic_store(&noted, true);
}

/* As packetdrill notes a descriptor that its next event needs. */
TEST(time_waits_for_what_is_done_with_a_result)
{
    plugin_call call = {.fixture = &f, .make = make_accept, .then = note};
    datagram_view v;

    atomic_store(&noted, false);
    plugin_begin(&f, FLAGS);
    call.fd = plugin_listener(&f);
    plugin_call_begin(&call);
    plugin_send(&f, 0, 0, SYN, 0);
    CHECK(plugin_receive(&f, &v, NULL));
    plugin_send(&f, 1, v.seq + 1, ACK, 0);
    CHECK_EQ(f.ifc.usleep(f.ifc.userdata, 1), 0);
    CHECK(atomic_load(&noted));
    plugin_call_end(&call);
    plugin_end(&f);
}

TEST(a_blocking_connect)
{
    plugin_call call = {.fixture = &f, .make = make_connect};
    datagram_segment answer = {.seq = 7000, .flags = SYN | ACK};
    datagram_view v;
    int64_t sent_us, begun_us;

    plugin_begin(&f, FLAGS);
    call.fd = f.ifc.socket(f.ifc.userdata, AF_INET, SOCK_STREAM, 0);
    begun_us = plugin_now_us(&f);
    plugin_call_begin(&call);
    CHECK(plugin_receive(&f, &v, &sent_us));
    CHECK_EQ(v.flags, SYN);
    CHECK_EQ(v.destination.port, PEER_PORT);
    CHECK(sent_us - begun_us <= LOOKS_US);
    (void)f.ifc.usleep(f.ifc.userdata, 30000);
    answer.ack = v.seq + 1;
    plugin_send_to(&f, v.source.port, &answer);
    CHECK(plugin_receive(&f, &v, NULL));
    CHECK_EQ(v.flags, ACK);
    CHECK_EQ(v.ack, 7001);
    plugin_call_end(&call);
    CHECK_EQ(call.result, 0);
    CHECK(call.returned_us - begun_us >= 30000);
    CHECK(call.returned_us - begun_us <= 30000 + LOOKS_US);
    plugin_end(&f);
}

TEST(a_blocking_read)
{
    plugin_call call = {.fixture = &f, .make = make_read};
    datagram_view v;
    uint32_t iss;

    plugin_begin(&f, FLAGS);
    call.fd = plugin_accepted(&f, &iss);
    plugin_call_begin(&call);
    (void)f.ifc.usleep(f.ifc.userdata, 100000);
    int64_t came_us = plugin_now_us(&f);
    plugin_send(&f, 1, iss + 1, ACK | PSH, 1000);
    CHECK(plugin_receive(&f, &v, NULL));
    CHECK_EQ(v.ack, 1001);
    plugin_call_end(&call);
    CHECK_EQ(call.result, 1000);
    CHECK(call.returned_us - came_us <= LOOKS_US);
    plugin_end(&f);
}

TEST(what_is_lost_is_sent_again_in_virtual_time)
{
    datagram_view v;
    int64_t first_us, second_us;
    uint32_t iss;

    plugin_begin(&f, FLAGS);
    int fd = plugin_accepted(&f, &iss);
    CHECK_EQ(f.ifc.write(f.ifc.userdata, fd, "tern", 4), 4);
    CHECK(plugin_receive(&f, &v, &first_us));
    CHECK_EQ(v.flags, ACK | PSH);
    CHECK_MEM(v.text, "tern", 4);
    CHECK(plugin_receive(&f, &v, &second_us));
    CHECK_EQ(v.seq, iss + 1);
    CHECK(second_us - first_us >= 200000);
    CHECK(second_us - first_us <= 1000000);
    plugin_end(&f);
}

TEST(nothing_will_ever_come)
{
    datagram_view v;

    plugin_begin(&f, FLAGS);
    int fd = plugin_listener(&f);
    CHECK(!plugin_receive(&f, &v, NULL));
    /* Nor to the thread that drives time: it does not hang. */
    CHECK_EQ(f.ifc.accept(f.ifc.userdata, fd, NULL, NULL), -1);
    CHECK_EQ(errno, EINTR);
    plugin_end(&f);
}

TEST(a_call_that_waits_is_ended_by_free)
{
    plugin_call call = {.fixture = &f, .make = make_read};
    uint32_t iss;

    plugin_begin(&f, FLAGS);
    call.fd = plugin_accepted(&f, &iss);
    plugin_call_begin(&call);
    f.ifc.free(f.ifc.userdata);
    plugin_call_end(&call);
    CHECK_EQ(call.result, -1);
    CHECK_EQ(call.error, EINTR);
}

/* packetdrill waits for a call in a silence of its own, for at most a second: time goes on. */
TEST(a_silent_driver_lets_time_go_on)
{
    plugin_call call = {.fixture = &f, .make = make_poll};
    uint32_t iss;

    plugin_begin(&f, FLAGS);
    call.fd = plugin_accepted(&f, &iss);
    int64_t begun_us = plugin_now_us(&f);
    plugin_call_begin(&call);
    plugin_call_end(&call);
    CHECK_EQ(call.result, 0);
    CHECK(call.returned_us - begun_us >= 100000);
    CHECK(call.returned_us - begun_us <= 100000 + LOOKS_US);
    plugin_end(&f);
}

/* The initial window: ten segments. */
TEST(a_burst_has_psh_on_each_segment)
{
    static const uint8_t data[20000];
    datagram_view v;
    uint32_t iss;

    for (int offload = 0; offload <= 1; offload++) {
        plugin_begin(&f, offload != 0 ? FLAGS : FLAGS ",offload=no");
        int fd = plugin_accepted(&f, &iss);
        CHECK_EQ(f.ifc.write(f.ifc.userdata, fd, data, sizeof data), sizeof data);
        for (uint32_t i = 0; i < 10; i++) {
            CHECK(plugin_receive(&f, &v, NULL));
            CHECK_EQ(v.seq, iss + 1 + i * 536);
            CHECK_EQ(v.flags, offload != 0 ? ACK | PSH : ACK);
        }
        plugin_end(&f);
    }
}

TEST(the_last_of_an_odd_burst_is_sent_alone)
{
    static const uint8_t data[20000];
    datagram_view v;
    uint32_t iss;

    plugin_begin(&f, FLAGS ",set initial_window_segments=3");
    int fd = plugin_accepted(&f, &iss);
    CHECK_EQ(f.ifc.write(f.ifc.userdata, fd, data, sizeof data), sizeof data);
    for (int i = 0; i < 3; i++) {
        CHECK(plugin_receive(&f, &v, NULL));
        CHECK_EQ(v.flags, i < 2 ? ACK | PSH : ACK);
    }
    plugin_end(&f);
}

/* ... where the system itself cuts what it gives, two by two. */
TEST(a_burst_that_is_cut_has_psh_on_each_second_segment)
{
    static const uint8_t data[20000];
    int (*other_system)(const char *);
    datagram_view v;
    uint32_t iss;

    plugin_begin(&f, FLAGS ",set initial_window_segments=5");
    plugin_symbol(&f, "system", &other_system, sizeof other_system);
    CHECK_EQ(other_system("ethtool -K tun0 tso off gso off"), 0);
    int fd = plugin_accepted(&f, &iss);
    CHECK_EQ(f.ifc.write(f.ifc.userdata, fd, data, sizeof data), sizeof data);
    for (int i = 0; i < 5; i++) {
        CHECK(plugin_receive(&f, &v, NULL));
        CHECK_EQ(v.flags, i % 2 == 1 ? ACK | PSH : ACK);
    }
    plugin_end(&f);
}

/* A file of packetdrill's own is python3's all the same. */
TEST(commands_without_a_shell)
{
    int (*other_system)(const char *);
    uint32_t iss;
    int seconds = 0;
    socklen_t bytes = sizeof seconds;

    plugin_begin(&f, FLAGS);
    plugin_symbol(&f, "system", &other_system, sizeof other_system);
    CHECK_EQ(other_system("sysctl -q net.ipv4.tcp_keepalive_time=77"), 0); /* no stack yet */
    int fd = plugin_accepted(&f, &iss);
    CHECK_EQ(f.ifc.getsockopt(f.ifc.userdata, fd, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, &bytes), 0);
    CHECK_EQ(seconds, 77);
    CHECK_EQ(other_system("sysctl -q net.ipv4.tcp_keepalive_time=78"), 0);
    fd = f.ifc.socket(f.ifc.userdata, AF_INET, SOCK_STREAM, IPPROTO_TCP);
    CHECK_EQ(f.ifc.getsockopt(f.ifc.userdata, fd, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, &bytes), 0);
    CHECK_EQ(seconds, 78);
    CHECK_EQ(other_system("exit 0"), 1 << 8);                              /* unsupported */
    CHECK_EQ(other_system("nstat | grep TcpExtOutOfWindowIcmps"), 1 << 8); /* there was none */
    CHECK_EQ(other_system("ip tcp_metrics flush all"), 0);
    CHECK_EQ(other_system("exit 3 # /tmp/code_x"), 3 << 8);
    plugin_end(&f);
    plugin_begin(&f, FLAGS ",shell=yes");
    CHECK_EQ(other_system("exit 3"), 3 << 8);
    plugin_end(&f);
}

/* What LD_PRELOAD puts before libc's functions of these names. */
TEST(getsockopt_and_close_as_the_program_calls_them)
{
    int (*other_getsockopt)(int, int, int, void *, socklen_t *);
    int (*other_close)(int);
    struct tcp_info info;
    socklen_t bytes = sizeof info;
    uint32_t iss;
    int ends[2];

    plugin_begin(&f, FLAGS);
    int fd = plugin_accepted(&f, &iss);
    plugin_symbol(&f, "getsockopt", &other_getsockopt, sizeof other_getsockopt);
    plugin_symbol(&f, "close", &other_close, sizeof other_close);
    CHECK_EQ(other_getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &bytes), 0);
    CHECK_EQ(info.tcpi_state, TCP_ESTABLISHED);
    CHECK_EQ(info.tcpi_snd_cwnd, 10);
    CHECK_EQ(other_close(fd), 0);
    CHECK_EQ(other_getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &bytes), -1);
    CHECK_EQ(errno, EBADF);
    CHECK_EQ(pipe(ends), 0);
    CHECK_EQ(other_getsockopt(ends[0], IPPROTO_TCP, TCP_INFO, &info, &bytes), -1);
    CHECK_EQ(errno, ENOTSOCK);
    CHECK_EQ(other_close(ends[0]), 0);
    CHECK_EQ(other_close(ends[1]), 0);
    CHECK_EQ(fcntl(ends[1], F_GETFD), -1);
    plugin_end(&f);
    CHECK_EQ(fcntl(fd, F_GETFD), -1); /* the numbers are given back */
}

/* A pipe is the system's; its ends pass through the same slots. */
TEST(a_pipe_is_the_systems)
{
    char got[8];
    int ends[2];

    plugin_begin(&f, FLAGS);
    CHECK_EQ(f.ifc.pipe(f.ifc.userdata, ends), 0);
    CHECK_EQ(f.ifc.write(f.ifc.userdata, ends[1], "tern", 4), 4);
    CHECK_EQ(f.ifc.read(f.ifc.userdata, ends[0], got, sizeof got), 4);
    CHECK_MEM(got, "tern", 4);
    CHECK_EQ(f.ifc.close(f.ifc.userdata, ends[0]), 0);
    CHECK_EQ(f.ifc.close(f.ifc.userdata, ends[1]), 0);
    plugin_end(&f);
}
