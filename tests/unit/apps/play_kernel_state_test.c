/* play_kernel_state_test.c - real sockets on loopback, and a table of the kernel. */
#define _GNU_SOURCE
#include "apps/tern/play_kernel_state.h"
#include "tests/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static const char table[] =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
    "   0: 01004D0A:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0\n"
    "   1: 01004D0A:0050 02004D0A:C001 06 00000000:00000000 03:00001752 00000000     0\n"
    "   2: 01004D0A:0050 02004D0A:C002 03 00000000:00000000 01:00000052 00000001     0\n"
    "   3: 01004D0A:1B58 02004D0A:0051 02 00000001:00000000 01:00000063 00000000     0\n"
    "   4: 01004D0A:1B59 02004D0A:0051 01 00000000:00000000 04:00000063 00000000     0\n";

static kernel_state found(uint16_t local_port, uint16_t remote_port)
{
    char text[sizeof table];
    memcpy(text, table, sizeof text);
    FILE *file = fmemopen(text, sizeof table - 1, "r");
    CHECK(file != NULL);
    kernel_state state = kernel_state_of_table(file, local_port, remote_port);
    (void)fclose(file);
    return state;
}

TEST(the_table)
{
    CHECK_EQ(found(80, 0).state, TERN_LISTEN);
    CHECK_EQ(found(80, 0xc001).state, TERN_TIME_WAIT);
    CHECK(!found(80, 0xc001).retransmits);
    CHECK_EQ(found(80, 0xc002).state, TERN_SYN_RECEIVED);
    CHECK(found(80, 0xc002).retransmits);
    CHECK_EQ(found(80, 0xc003).state, TERN_LISTEN); /* nobody yet */
    CHECK_EQ(found(0x1b58, 0x51).state, TERN_SYN_SENT);
    CHECK_EQ(found(0x1b59, 0x51).state, TERN_ESTABLISHED);
    CHECK(found(0x1b59, 0x51).retransmits);
    CHECK_EQ(found(81, 0).state, TERN_CLOSED);
}

static uint16_t port_of(int fd)
{
    struct sockaddr_in address;
    socklen_t bytes = sizeof address;
    CHECK_EQ(getsockname(fd, (struct sockaddr *)&address, &bytes), 0);
    return ntohs(address.sin_port);
}

/* Loopback hands segments over a moment later: waits up to a second. */
static void check_becomes(const tern_endpoint *local, const tern_endpoint *remote, tern_state want)
{
    for (unsigned i = 0; i < 100 && kernel_state_read(local, remote).state != want; i++)
        usleep(10000);
    CHECK_EQ(kernel_state_read(local, remote).state, want);
}

TEST(real_sockets)
{
    struct sockaddr_in loopback = {.sin_family = AF_INET,
                                   .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    tern_endpoint server = {tern_address_ipv4(127, 0, 0, 1), 0}, client = server, nobody = server;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int caller = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(listener >= 0 && caller >= 0);
    CHECK_EQ(bind(listener, (struct sockaddr *)&loopback, sizeof loopback), 0);
    server.port = port_of(listener);
    check_becomes(&server, &nobody, TERN_CLOSED);
    CHECK_EQ(listen(listener, 1), 0);
    check_becomes(&server, &nobody, TERN_LISTEN);

    loopback.sin_port = htons(server.port);
    CHECK_EQ(connect(caller, (struct sockaddr *)&loopback, sizeof loopback), 0);
    client.port = port_of(caller);
    int accepted = accept(listener, NULL, NULL);
    CHECK(accepted >= 0);
    check_becomes(&client, &server, TERN_ESTABLISHED);
    check_becomes(&server, &client, TERN_ESTABLISHED);

    CHECK_EQ(close(caller), 0);
    check_becomes(&client, &server, TERN_FIN_WAIT_2);
    check_becomes(&server, &client, TERN_CLOSE_WAIT);
    CHECK_EQ(close(accepted), 0);
    check_becomes(&client, &server, TERN_TIME_WAIT);
    check_becomes(&server, &client, TERN_LISTEN);
    CHECK_EQ(close(listener), 0);
    check_becomes(&server, &client, TERN_CLOSED);
}
