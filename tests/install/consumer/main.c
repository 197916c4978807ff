/* main.c - a program that uses an installed tern: makes a stack, opens, and looks at the SYN. */
#include <tern/status.h>
#include <tern/tern.h>

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    static uint8_t packet[1500];
    const tern_endpoint server = {{{[10] = 0xff, 0xff, 10, 77, 0, 1}}, 80};
    tern_handle connection;
    tern_config config;
    tern_config_init(&config);
    config.addresses[config.address_count++] = (tern_address){{[10] = 0xff, 0xff, 10, 77, 0, 2}};

    size_t size = tern_size(&config, NULL);
    tern_stack *stack = tern_init(malloc(size), size, &config);
    if (stack == NULL || tern_connect(stack, 0, NULL, &server, &connection) != TERN_OK)
        return EXIT_FAILURE;
    size_t bytes = tern_output(stack, 0, packet, sizeof packet);
    printf("tern %s sent a SYN of %zu octets\n", TERN_VERSION_STRING, bytes);
    free(stack);
    return bytes >= 40 && packet[33] == 0x02 ? EXIT_SUCCESS : EXIT_FAILURE;
}
