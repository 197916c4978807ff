/* sockets.c - a program that uses installed sockets: connects, does not wait, looks at the SYN. */
#include <tern/sockets.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

static tern_time now(void *context)
{
    return *(tern_time *)context;
}

static bool wait_for_nothing(void *context, tern_time until_us)
{
    (void)context;
    (void)until_us;
    return false;
}

int main(void)
{
    static uint8_t packet[1500];
    tern_time time_us = 1000000;
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(80)};
    tern_config config;
    tern_config_init(&config);
    config.addresses[config.address_count++] = (tern_address){{[10] = 0xff, 0xff, 10, 77, 0, 2}};
    server.sin_addr.s_addr = htonl(0x0a4d0001);

    size_t size = tern_size(&config, NULL);
    tern_stack *stack = tern_init(malloc(size), size, &config);
    const tern_sockets_config of_table = {.stack = stack,
                                          .stack_config = &config,
                                          .host = {&time_us, now, wait_for_nothing},
                                          .first_descriptor = 100,
                                          .descriptors_max = 4};
    tern_sockets *table = stack != NULL ? tern_sockets_new(&of_table) : NULL;
    if (table == NULL)
        return EXIT_FAILURE;
    int fd = tern_sockets_socket(table, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    int error = tern_sockets_connect(table, fd, (const struct sockaddr *)&server, sizeof server);
    size_t bytes = tern_output(stack, time_us, packet, sizeof packet);
    printf("socket %d: %s, and a SYN of %zu octets\n", fd,
           error == -EINPROGRESS ? "EINPROGRESS" : "?", bytes);
    tern_sockets_free(table);
    free(stack);
    return fd == 100 && error == -EINPROGRESS && bytes >= 40 && packet[33] == 0x02 ? EXIT_SUCCESS
                                                                                   : EXIT_FAILURE;
}
